#include "inventory/diff_fields.h"

#include <stdlib.h>

/* --- what changes by itself --- */

/* Fields that say when something was last used, tried or delivered; a star stands for any text. */
static const struct {
    const char *type, *field;
} activities[] = {
    {"AWS::IAM::Role", "configuration.RoleLastUsed*"},
    {"Nezuban::IAM::CredentialReport", "configuration.GeneratedTime"},
    {"Nezuban::IAM::CredentialReportRow", "configuration.password_last_used"},
    {"Nezuban::IAM::CredentialReportRow", "configuration.access_key_*_last_used_*"},
    {"Nezuban::CloudTrail::EventHistory", "configuration.Events*"},
    {"AWS::CloudTrail::Trail", "supplementaryConfiguration.GetTrailStatus.Latest*Time"},
    {"AWS::CloudTrail::Trail", "supplementaryConfiguration.GetTrailStatus.Latest*Attempt*"},
    {"AWS::CloudTrail::Trail", "supplementaryConfiguration.GetTrailStatus.Latest*Succeeded"},
    {"AWS::Config::ConfigurationRecorder", "supplementaryConfiguration.*.lastStatusChangeTime"},
    {"AWS::Config::DeliveryChannel", "supplementaryConfiguration.*Time"},
    {"AWS::Config::ConfigRule", "configuration.*Time"},
    {"AWS::AccessAnalyzer::Analyzer", "configuration.lastResourceAnalyzed*"},
    {"AWS::CloudWatch::Alarm", "configuration.State*Timestamp"},
    {"AWS::CloudWatch::Alarm", "configuration.StateReason*"},
};

/* The usual walk with one place to return to; patterns and fields are short. */
static bool matches(const char *pattern, struct nz_str text)
{
    const char *star = NULL;
    size_t at = 0, star_at = 0;
    while (at < text.n) {
        if (*pattern == '*') {
            star = pattern++;
            star_at = at;
        } else if (*pattern == text.p[at]) {
            pattern++;
            at++;
        } else if (star) {
            pattern = star + 1;
            at = ++star_at;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return *pattern == '\0';
}

static bool is_activity(struct nz_str type, struct nz_str field)
{
    for (size_t i = 0; i < sizeof activities / sizeof activities[0]; i++) {
        if (nz_str_eq(type, nz_str_from_c(activities[i].type)) && matches(activities[i].field, field))
            return true;
    }
    return false;
}

/* --- rows --- */

void nz_field_diff_init(struct nz_field_diff *d, bool activity)
{
    *d = (struct nz_field_diff){.activity = activity};
    nz_arena_init(&d->texts, 0);
    nz_buf_init(&d->rows, 0);
    nz_buf_init(&d->path, 0);
}

void nz_field_diff_release(struct nz_field_diff *d)
{
    nz_arena_release(&d->texts);
    nz_buf_release(&d->rows);
    nz_buf_release(&d->path);
}

/* .p NULL for what is absent, or when memory is out, which `failed` says. */
static struct nz_str kept(struct nz_field_diff *d, struct nz_json v, bool *failed)
{
    if (nz_json_is_absent(v))
        return (struct nz_str){0};
    struct nz_str text = nz_arena_str(&d->texts, nz_json_source(v)); /* items are compact */
    *failed |= !text.p;
    return text;
}

static enum nz_err row_add(struct nz_field_diff *d, struct nz_json before, struct nz_json after)
{
    bool failed = d->path.failed;
    if (!failed && !d->activity && is_activity(d->type, nz_buf_view(&d->path)))
        return NZ_OK;
    struct nz_field_change row = {.before = kept(d, before, &failed), .after = kept(d, after, &failed)};
    row.field = nz_arena_str(&d->texts, nz_buf_view(&d->path));
    if (failed || !row.field.p)
        return NZ_E_NOMEM;
    nz_buf_append(&d->rows, nz_str_of((const char *)&row, sizeof row));
    return nz_buf_status(&d->rows);
}

static enum nz_err value_diff(struct nz_field_diff *d, struct nz_json before, struct nz_json after);

/* One step down under `name`, and back. */
static enum nz_err below(struct nz_field_diff *d, struct nz_str head, struct nz_str name, struct nz_str tail,
                         const struct nz_json pair[2])
{
    size_t from = d->path.n;
    nz_buf_append(&d->path, head);
    nz_buf_append(&d->path, name);
    nz_buf_append(&d->path, tail);
    enum nz_err err = nz_buf_status(&d->path);
    if (err == NZ_OK)
        err = value_diff(d, pair[0], pair[1]);
    d->path.n = from;
    return err;
}

/* --- objects --- */

static enum nz_err object_diff(struct nz_field_diff *d, struct nz_json before, struct nz_json after)
{
    enum nz_err err = NZ_OK;
    for (struct nz_json_iter it = nz_json_iter(before); err == NZ_OK && nz_json_next(&it);)
        err = below(d, NZ_STR("."), it.key, NZ_STR(""),
                    (const struct nz_json[]){it.value, nz_item_member(after, it.key)});
    for (struct nz_json_iter it = nz_json_iter(after); err == NZ_OK && nz_json_next(&it);) {
        if (nz_json_is_absent(nz_item_member(before, it.key)))
            err = below(d, NZ_STR("."), it.key, NZ_STR(""), (const struct nz_json[]){{0}, it.value});
    }
    return err;
}

/* --- lists --- */

struct element {
    struct nz_json value;
    struct nz_str key; /* what it is known by */
};

struct list {
    struct element *elements;
    size_t count;
};

static int element_order(const void *a, const void *b)
{
    return nz_str_cmp(((const struct element *)a)->key, ((const struct element *)b)->key);
}

static enum nz_err list_of(struct nz_json v, struct list *out)
{
    size_t count = 0;
    *out = (struct list){0};
    for (struct nz_json_iter it = nz_json_iter(v); nz_json_next(&it);)
        count++;
    out->elements = count ? calloc(count, sizeof *out->elements) : NULL;
    if (count && !out->elements)
        return NZ_E_NOMEM;
    for (struct nz_json_iter it = nz_json_iter(v); nz_json_next(&it);)
        out->elements[out->count++].value = it.value;
    return NZ_OK;
}

/* Members that name an element within its list, in AWS's APIs; the first that all elements have, each another. */
static const char *const names[] = {"Key", "Sid", "Id", "PolicyName", "PolicyArn", "VersionId",   "DetectorId",
                                    "Arn", "ARN", "ID", "Name",       "TargetId",  "ServiceName", "metricName"};

static bool list_key(struct list *l, const char *name)
{
    for (size_t i = 0; i < l->count; i++) {
        struct nz_json key = nz_json_kind(l->elements[i].value) == NZ_JSON_OBJECT
                                 ? nz_item_member(l->elements[i].value, nz_str_from_c(name))
                                 : (struct nz_json){0};
        if (nz_json_kind(key) != NZ_JSON_STRING)
            return false;
        l->elements[i].key = nz_json_string_raw(key);
    }
    if (l->count)
        qsort(l->elements, l->count, sizeof *l->elements, element_order);
    for (size_t i = 1; i < l->count; i++) {
        if (nz_str_eq(l->elements[i - 1].key, l->elements[i].key))
            return false;
    }
    return true;
}

/* Without names an element is known by its text: equal ones go together, the others were added or removed. */
static bool lists_key(struct list *before, struct list *after)
{
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (list_key(before, names[i]) && list_key(after, names[i]))
            return true;
    }
    struct list *both[] = {before, after};
    for (size_t k = 0; k < 2; k++) {
        for (size_t i = 0; i < both[k]->count; i++)
            both[k]->elements[i].key = nz_json_source(both[k]->elements[i].value);
        if (both[k]->count)
            qsort(both[k]->elements, both[k]->count, sizeof *both[k]->elements, element_order);
    }
    return false;
}

static enum nz_err lists_merge(struct nz_field_diff *d, const struct list *before, const struct list *after, bool named)
{
    size_t b = 0, a = 0;
    enum nz_err err = NZ_OK;
    while (err == NZ_OK && (b < before->count || a < after->count)) {
        int order = b == before->count  ? 1
                    : a == after->count ? -1
                                        : nz_str_cmp(before->elements[b].key, after->elements[a].key);
        struct nz_json pair[2] = {order <= 0 ? before->elements[b].value : (struct nz_json){0},
                                  order >= 0 ? after->elements[a].value : (struct nz_json){0}};
        struct nz_str key = order <= 0 ? before->elements[b].key : after->elements[a].key;
        if (named || order != 0)
            err = below(d, NZ_STR("["), named ? key : NZ_STR(""), NZ_STR("]"), pair);
        b += order <= 0;
        a += order >= 0;
    }
    return err;
}

static enum nz_err list_diff(struct nz_field_diff *d, struct nz_json before, struct nz_json after)
{
    struct list lists[2] = {0};
    enum nz_err err = list_of(before, &lists[0]);
    if (err == NZ_OK)
        err = list_of(after, &lists[1]);
    if (err == NZ_OK) {
        bool named = lists_key(&lists[0], &lists[1]);
        err = lists_merge(d, &lists[0], &lists[1], named);
    }
    free(lists[0].elements);
    free(lists[1].elements);
    return err;
}

static enum nz_err value_diff(struct nz_field_diff *d, struct nz_json before, struct nz_json after)
{
    enum nz_json_kind kind = nz_json_kind(before);
    if (nz_str_eq(nz_json_source(before), nz_json_source(after)))
        return NZ_OK;
    if (kind == NZ_JSON_OBJECT && nz_json_kind(after) == NZ_JSON_OBJECT)
        return object_diff(d, before, after);
    if (kind == NZ_JSON_ARRAY && nz_json_kind(after) == NZ_JSON_ARRAY)
        return list_diff(d, before, after);
    return row_add(d, before, after);
}

enum nz_err nz_field_diff_add(struct nz_field_diff *d, const char *name, struct nz_json before, struct nz_json after)
{
    nz_buf_clear(&d->path);
    nz_buf_append(&d->path, nz_str_from_c(name));
    return d->path.failed ? NZ_E_NOMEM : value_diff(d, before, after);
}
