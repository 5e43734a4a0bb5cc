#include "inventory/iam_details.h"

static const struct {
    const char *list, *type, *id, *name;
} lists[] = {
    {"UserDetailList", "AWS::IAM::User", "UserId", "UserName"},
    {"GroupDetailList", "AWS::IAM::Group", "GroupId", "GroupName"},
    {"RoleDetailList", "AWS::IAM::Role", "RoleId", "RoleName"},
    {"Policies", "AWS::IAM::Policy", "PolicyId", "PolicyName"},
};
#define LISTS_COUNT (sizeof lists / sizeof lists[0])

void nz_iam_details_init(struct nz_iam_details *d)
{
    *d = (struct nz_iam_details){0};
    nz_json_doc_init(&d->document);
    nz_buf_init(&d->decoded, 0);
    nz_buf_init(&d->texts, 0);
    nz_buf_init(&d->configuration, 0);
}

void nz_iam_details_release(struct nz_iam_details *d)
{
    nz_json_doc_release(&d->document);
    nz_buf_release(&d->decoded);
    nz_buf_release(&d->texts);
    nz_buf_release(&d->configuration);
}

/* --- JSON --- */

static bool is_document(struct nz_str key)
{
    static const struct nz_str names[] = {
        {"PolicyDocument", 14},           {"policyDocument", 14}, {"AssumeRolePolicyDocument", 24},
        {"assumeRolePolicyDocument", 24}, {"Document", 8},        {"document", 8},
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (nz_str_eq(key, names[i]))
            return true;
    }
    return false;
}

static enum nz_err append_document(struct nz_iam_details *d, struct nz_json v, struct nz_buf *out)
{
    struct nz_json root = {0};
    enum nz_err err = NZ_E_JSON_SYNTAX;
    if (nz_json_kind(v) == NZ_JSON_STRING) {
        nz_buf_clear(&d->decoded);
        struct nz_str text = nz_item_document(v, &d->decoded);
        err = d->decoded.failed ? NZ_E_NOMEM : nz_json_parse(&d->document, text, &root, NULL);
    }
    if (err == NZ_E_NOMEM)
        return err;
    nz_json_append_compact(err == NZ_OK && nz_json_kind(root) == NZ_JSON_OBJECT ? root : v, out);
    return nz_buf_status(out);
}

static void append_key(struct nz_str key, struct nz_buf *out)
{
    nz_buf_append_char(out, '"');
    if (key.n && key.p[0] >= 'a' && key.p[0] <= 'z') {
        nz_buf_append_char(out, (char)(key.p[0] - 'a' + 'A'));
        key = nz_str_skip(key, 1);
    }
    nz_buf_append(out, key);
    nz_buf_append(out, NZ_STR("\":"));
}

enum nz_err nz_iam_details_append(struct nz_iam_details *d, struct nz_json v, struct nz_buf *out)
{
    enum nz_json_kind kind = nz_json_kind(v);
    enum nz_err err = NZ_OK;
    bool first = true;
    if (kind != NZ_JSON_OBJECT && kind != NZ_JSON_ARRAY) {
        nz_json_append_compact(v, out);
        return nz_buf_status(out);
    }
    nz_buf_append_char(out, kind == NZ_JSON_OBJECT ? '{' : '[');
    for (struct nz_json_iter it = nz_json_iter(v); err == NZ_OK && nz_json_next(&it);) {
        if (!first)
            nz_buf_append_char(out, ',');
        first = false;
        if (it.in_object)
            append_key(it.key, out);
        err = it.in_object && is_document(it.key) ? append_document(d, it.value, out)
                                                  : nz_iam_details_append(d, it.value, out);
    }
    nz_buf_append_char(out, kind == NZ_JSON_OBJECT ? '}' : ']');
    return err == NZ_OK ? nz_buf_status(out) : err;
}

/* --- pages --- */

bool nz_iam_details_is_page(struct nz_json page)
{
    for (size_t i = 0; i < LISTS_COUNT; i++) {
        if (nz_json_kind(nz_json_get(page, nz_str_from_c(lists[i].list))) == NZ_JSON_ARRAY)
            return true;
    }
    return false;
}

static struct nz_str text_of(struct nz_iam_details *d, struct nz_json object, const char *name)
{
    struct nz_json v = nz_json_get(object, nz_str_from_c(name));
    return nz_json_kind(v) == NZ_JSON_STRING ? nz_json_string(v, &d->texts) : (struct nz_str){"", 0};
}

/* "arn:aws:iam::111122223333:user/a": the field between the fourth and the fifth colon; empty for AWS's own policies. */
static struct nz_str account_of(struct nz_str arn)
{
    for (int colons = 0; colons < 4 && arn.n; colons++) {
        const char *colon = memchr(arn.p, ':', arn.n);
        arn = nz_str_skip(arn, colon ? (size_t)(colon - arn.p) + 1 : arn.n);
    }
    const char *end = arn.n ? memchr(arn.p, ':', arn.n) : NULL;
    return end ? nz_str_head(arn, (size_t)(end - arn.p)) : (struct nz_str){"", 0};
}

static bool is_zero(struct nz_json v)
{
    return nz_json_kind(v) == NZ_JSON_NUMBER && nz_str_eq(nz_json_source(v), NZ_STR("0"));
}

/* AWS has more than a thousand policies of its own; those that nothing here uses say nothing about the account. */
static bool is_idle(struct nz_str account, struct nz_json entry)
{
    return nz_str_eq(account, NZ_STR("aws")) && is_zero(nz_json_get(entry, NZ_STR("AttachmentCount"))) &&
           is_zero(nz_json_get(entry, NZ_STR("PermissionsBoundaryUsageCount")));
}

static enum nz_err entry_add(struct nz_iam_details *d, struct nz_snapshot_builder *b, struct nz_json entry, size_t list,
                             struct nz_str capture_time, bool *good)
{
    nz_buf_clear(&d->texts);
    nz_buf_reserve(&d->texts, nz_json_source(entry).n); /* views into it must not move */
    struct nz_item item = {
        .type = nz_str_from_c(lists[list].type),
        .region = NZ_REGION_GLOBAL,
        .arn = text_of(d, entry, "Arn"),
        .id = text_of(d, entry, lists[list].id),
        .name = text_of(d, entry, lists[list].name),
        .capture_time = capture_time,
        .status = NZ_STR("OK"),
        .line = d->line,
    };
    *good = item.arn.n > 0;
    if (d->texts.failed)
        return NZ_E_NOMEM;
    if (!*good)
        return NZ_OK;
    item.account = account_of(item.arn);
    if (is_idle(item.account, entry))
        return NZ_OK;
    nz_buf_clear(&d->configuration);
    enum nz_err err = nz_iam_details_append(d, entry, &d->configuration);
    item.configuration = nz_buf_view(&d->configuration);
    return err == NZ_OK ? nz_snapshot_add_item(b, &item) : err;
}

enum nz_err nz_iam_details_add(struct nz_iam_details *d, struct nz_snapshot_builder *b, struct nz_json page,
                               struct nz_str capture_time, uint64_t *added, uint64_t *bad)
{
    enum nz_err err = NZ_OK;
    for (size_t i = 0; i < LISTS_COUNT && err == NZ_OK; i++) {
        struct nz_json list = nz_json_get(page, nz_str_from_c(lists[i].list));
        for (struct nz_json_iter it = nz_json_iter(list); err == NZ_OK && nz_json_next(&it);) {
            bool good = false;
            err = entry_add(d, b, it.value, i, capture_time, &good);
            *added += good;
            *bad += !good;
        }
    }
    return err;
}
