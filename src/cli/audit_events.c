#include "cli/audit_events.h"

#include "aws/endpoint.h"

#define DAY_US (INT64_C(86400) * 1000000)
#define NS_PER_SECOND UINT64_C(1000000000)
#define IDS_MAX 4096u /* of root's sign-ins, which two questions find */

struct reading {
    const struct nz_audit_events *how;
    const struct nz_snapshot *snapshot;
    struct nz_activity *activity;
    struct nz_history *history;
    struct nz_diag *diag;
    struct nz_json_doc doc;
    struct nz_buf text, scratch, payload;
    nz_mono end;
    bool is_late;          /* the time was over before the answers were */
    uint64_t asked;        /* and before, by who read the account */
    bool *refused;         /* by region: root's events were not to be had */
    uint64_t ids[IDS_MAX]; /* hashes */
    size_t ids_count;
};

/* One question: the events of `part` in a region. */
struct question {
    struct reading *r;
    struct nz_history_part *part;
    size_t region; /* of the snapshot */
    bool is_more;  /* besides the question that finds all of them */
    const char *key;
    struct nz_str value;
};

/* --- events --- */

static bool is_root(const struct reading *r, const struct nz_history_part *part)
{
    return part == &r->history->root;
}

/* True when another question had it: root's sign-ins are found by their name and by root's. */
static bool is_known(struct reading *r, const struct nz_event *ev)
{
    const struct nz_json id = nz_event_get(ev, NZ_FIELD_EVENT_ID);
    if (nz_json_kind(id) != NZ_JSON_STRING)
        return false;
    const uint64_t hash = nz_str_hash(nz_json_string_raw(id));
    for (size_t i = 0; i < r->ids_count; i++) {
        if (r->ids[i] == hash)
            return true;
    }
    if (r->ids_count < IDS_MAX)
        r->ids[r->ids_count++] = hash;
    return false;
}

static bool is_text(struct nz_json v, struct nz_str text)
{
    return nz_json_kind(v) == NZ_JSON_STRING && nz_str_eq(nz_json_string_raw(v), text);
}

/* A user may be called root, so the name that was asked for does not tell. */
static bool is_wanted(struct reading *r, const struct question *q, const struct nz_event *ev)
{
    const struct nz_json type = nz_json_get(nz_event_get(ev, NZ_FIELD_USER_IDENTITY), NZ_STR("type"));
    if (!is_root(r, q->part))
        return is_text(type, NZ_STR("IAMUser"));
    if (!is_text(type, NZ_STR("Root")))
        return false;
    return !is_text(nz_event_get(ev, NZ_FIELD_EVENT_NAME), NZ_STR("ConsoleLogin")) || !is_known(r, ev);
}

/* NZ_E_AWS_ANSWER: it is no record. */
static enum nz_err event_take(struct reading *r, const struct question *q, struct nz_json entry)
{
    const struct nz_json record = nz_json_get(entry, NZ_STR("CloudTrailEvent"));
    struct nz_json root;
    struct nz_event ev;
    if (nz_json_kind(record) != NZ_JSON_STRING)
        return NZ_E_AWS_ANSWER;
    nz_buf_clear(&r->text);
    nz_buf_clear(&r->payload);
    const struct nz_str text = nz_json_string(record, &r->text);
    enum nz_err err = r->text.failed ? NZ_E_NOMEM : nz_json_parse(&r->doc, text, &root, NULL);
    if (err != NZ_OK)
        return err == NZ_E_NOMEM ? err : NZ_E_AWS_ANSWER;
    if (nz_json_kind(root) != NZ_JSON_OBJECT)
        return NZ_E_AWS_ANSWER;
    nz_event_from_json(root, &ev);
    if (!is_wanted(r, q, &ev))
        return NZ_OK;
    err = nz_activity_look(&ev, &r->scratch, &r->payload);
    if (err == NZ_OK && r->payload.n)
        err = nz_activity_take(r->activity, nz_buf_view(&r->payload));
    return err;
}

/* --- answers --- */

/* The first counts. */
static enum nz_err unread_set(struct reading *r, const struct question *q, const struct nz_aws_error *error)
{
    struct nz_arena *arena = &r->activity->arena;
    const struct nz_str word = error->code.n ? error->code : nz_str_from_c(nz_unread_word(error->err));
    const struct nz_str message = error->message.n ? error->message : nz_str_from_c(nz_err_text(error->err));
    r->refused[q->region] |= is_root(r, q->part);
    if (nz_history_is_unread(q->part))
        return NZ_OK;
    const struct nz_unread unread = {
        .service = NZ_STR("cloudtrail"),
        .operation = NZ_STR("LookupEvents"),
        .region = r->snapshot->regions[q->region],
        .resource = q->part->arn,
        .error = nz_arena_str(arena, word),
        .action = error->err == NZ_E_AWS_DENIED ? NZ_STR("cloudtrail:LookupEvents") : NZ_STR(""),
        .message = nz_arena_str(arena, message),
    };
    if (!unread.error.p || !unread.message.p)
        return NZ_E_NOMEM;
    q->part->unread = unread;
    return NZ_OK;
}

static enum nz_err page_take(struct reading *r, const struct question *q, const struct nz_aws_answer *answer)
{
    const struct nz_aws_error broken = {.err = NZ_E_AWS_ANSWER};
    enum nz_err err = NZ_OK;
    for (struct nz_json_iter it = nz_json_iter(nz_json_get(answer->root, NZ_STR("Events")));
         err == NZ_OK && nz_json_next(&it);) {
        q->part->events += !q->is_more;
        err = event_take(r, q, it.value);
        if (err == NZ_E_AWS_ANSWER)
            err = unread_set(r, q, &broken);
    }
    const struct nz_json more = nz_json_get(answer->root, NZ_STR("NextToken"));
    if (answer->last && !q->is_more && nz_json_kind(more) == NZ_JSON_STRING && nz_json_string_raw(more).n)
        q->part->is_cut = true;
    return err;
}

static enum nz_err on_answer(void *self, const struct nz_aws_answer *answer)
{
    const struct question *q = self;
    struct reading *r = q->r;
    const enum nz_err err = answer->error ? unread_set(r, q, answer->error) : page_take(r, q, answer);
    if (answer->last)
        nz_progress_add(r->how->progress, 1, 0, 0);
    if (err != NZ_OK || r->is_late || nz_clock_mono(r->how->clock).ns < r->end.ns)
        return err;
    r->is_late = true;
    return NZ_E_AWS_TIMEOUT; /* what was not asked is answered with an error, and is told as not read */
}

/* --- questions --- */

static enum nz_err ask(struct reading *r, const struct question *question)
{
    struct question *q = NZ_ARENA_NEW(&r->activity->arena, struct question);
    if (!q)
        return NZ_E_NOMEM;
    *q = *question;
    nz_buf_clear(&r->text);
    nz_buf_printf(&r->text, "{\"LookupAttributes\":[{\"AttributeKey\":\"%s\",\"AttributeValue\":", q->key);
    nz_json_append_string(&r->text, q->value);
    nz_buf_append(&r->text, NZ_STR("}]}"));
    if (r->text.failed)
        return NZ_E_NOMEM;
    const struct nz_aws_call call = {.operation = NZ_AWS_CLOUDTRAIL_LookupEvents,
                                     .region = r->snapshot->regions[q->region],
                                     .parameters = nz_buf_view(&r->text),
                                     .pages_max = NZ_HISTORY_PAGES_MAX,
                                     .on_answer = on_answer,
                                     .self = q};
    r->asked++;
    return nz_aws_client_submit(r->how->client, &call, r->diag);
}

static enum nz_err run(struct reading *r)
{
    nz_progress_expect(r->how->progress, r->asked, 0);
    const enum nz_err err = nz_aws_client_run(r->how->client, r->diag);
    if (r->how->is_stopped())
        return NZ_E_STOPPED;
    return err == NZ_E_AWS_TIMEOUT && r->is_late ? NZ_OK : err;
}

static bool is_open(const struct reading *r, size_t region)
{
    return nz_snapshot_region_access(r->snapshot, r->snapshot->regions[region]) == NZ_REGION_OPEN;
}

/* Sign-ins through the global page are recorded where the partition's global services are, under the account's alias when it
 * has one; root's other calls where they were made. */
static enum nz_err root_ask(struct reading *r)
{
    const struct nz_aws_partition *partition = nz_aws_partition_named(r->snapshot->header.partition);
    enum nz_err err = NZ_OK;
    for (size_t i = 0; i < r->snapshot->regions_count && err == NZ_OK; i++) {
        const struct nz_str region = r->snapshot->regions[i];
        struct question q = {r, &r->history->root, i, false, "Username", NZ_STR("root")};
        if (!is_open(r, i)) {
            r->history->regions_left_out |= nz_snapshot_region_access(r->snapshot, region) == NZ_REGION_NOT_ASKED;
            continue;
        }
        err = ask(r, &q);
        if (err != NZ_OK || !partition || !nz_str_eq(region, nz_str_from_c(partition->global_region)))
            continue;
        q = (struct question){r, q.part, i, true, "EventName", NZ_STR("ConsoleLogin")};
        err = ask(r, &q);
    }
    return err == NZ_OK ? run(r) : err;
}

/* Those of the details; without them, those of the credential report, whose first row is root. Both are sorted by ARN. */
static enum nz_err users_make(struct reading *r)
{
    struct nz_items items = nz_snapshot_items(r->snapshot, NZ_STR("AWS::IAM::User"));
    struct nz_history *h = r->history;
    if (!items.n)
        items = nz_snapshot_items(r->snapshot, NZ_STR("Nezuban::IAM::CredentialReportRow"));
    h->users = NZ_ARENA_ARRAY(&r->activity->arena, struct nz_history_part, NZ_HISTORY_USERS_MAX);
    if (!h->users)
        return NZ_E_NOMEM;
    for (size_t i = 0; i < items.n && h->users_count < NZ_HISTORY_USERS_MAX; i++) {
        if (nz_str_find(items.p[i].arn, NZ_STR(":user/")) != SIZE_MAX)
            h->users[h->users_count++] = (struct nz_history_part){.arn = items.p[i].arn};
    }
    return NZ_OK;
}

/* Not asked where root's events were refused: the answer would be the same, at two calls a second. */
static enum nz_err user_ask(struct reading *r, struct nz_history_part *part)
{
    enum nz_err err = NZ_OK;
    for (size_t i = 0; i < r->snapshot->regions_count && err == NZ_OK; i++) {
        const struct question q = {r, part, i, false, "Username", nz_str_after_last(part->arn, '/')};
        if (r->refused[i])
            part->unread = r->history->root.unread;
        else if (is_open(r, i))
            err = ask(r, &q);
    }
    return err;
}

static enum nz_err users_ask(struct reading *r)
{
    struct nz_history *h = r->history;
    if (r->is_late)
        return NZ_OK;
    enum nz_err err = users_make(r);
    for (size_t i = 0; i < h->users_count && err == NZ_OK; i++)
        err = user_ask(r, &h->users[i]);
    return err == NZ_OK ? run(r) : err;
}

/* What was asked for is known from 90 days ago until now, be there events or none. */
static void window_set(struct nz_activity *activity, const struct nz_history *history, nz_time now)
{
    activity->last = now;
    activity->first.us = activity->last.us - (NZ_HISTORY_DAYS - 1) * DAY_US;
    activity->events = history->root.events + 1; /* a window without events would have no days */
    for (size_t i = 0; i < history->users_count; i++)
        activity->events += history->users[i].events;
}

enum nz_err nz_audit_events_read(const struct nz_audit_events *how, struct nz_activity *activity,
                                 struct nz_history *history, struct nz_diag *diag)
{
    struct reading *r = NZ_ARENA_NEW(&activity->arena, struct reading);
    if (!r)
        return NZ_E_NOMEM;
    *r = (struct reading){how, how->snapshot, activity, history, diag, .asked = how->progress->files};
    r->refused = NZ_ARENA_ARRAY(&activity->arena, bool, how->snapshot->regions_count + 1);
    if (!r->refused)
        return NZ_E_NOMEM;
    r->end.ns = nz_clock_mono(how->clock).ns + NZ_HISTORY_SECONDS_MAX * NS_PER_SECOND;
    nz_json_doc_init(&r->doc);
    nz_buf_init(&r->text, 0);
    nz_buf_init(&r->scratch, 0);
    nz_buf_init(&r->payload, 0);
    *history = (struct nz_history){0};
    enum nz_err err = root_ask(r);
    if (err == NZ_OK)
        err = users_ask(r);
    window_set(activity, history, nz_clock_now(how->clock));
    nz_buf_release(&r->payload);
    nz_buf_release(&r->scratch);
    nz_buf_release(&r->text);
    nz_json_doc_release(&r->doc);
    return err;
}
