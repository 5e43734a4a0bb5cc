#include "events/reader_state.h"

static bool has(const uint32_t *slots, enum nz_event_field field)
{
    return slots[field] != UINT32_MAX;
}

bool nz_event_reader_is_record(const uint32_t *slots)
{
    static const enum nz_event_field marks[] = {
        NZ_FIELD_EVENT_VERSION, NZ_FIELD_EVENT_TIME,     NZ_FIELD_EVENT_SOURCE,
        NZ_FIELD_EVENT_NAME,    NZ_FIELD_EVENT_ID,       NZ_FIELD_AGGREGATED_EVENT_ID,
        NZ_FIELD_EVENT_TYPE,    NZ_FIELD_EVENT_CATEGORY, NZ_FIELD_USER_IDENTITY,
    };
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        if (has(slots, marks[i]))
            return true;
    }
    return false;
}

enum nz_err nz_event_reader_give(struct nz_event_reader *r, const struct nz_event *ev)
{
    r->stats.records++;
    return r->ops->event(r->self, ev, r->record++);
}

static enum nz_err refuse(struct nz_event_reader *r, enum nz_err code, size_t offset, const char *why)
{
    struct nz_diag diag = NZ_DIAG_INIT;
    nz_diag_offset(&diag, code, offset, "%s", why);
    enum nz_err err = nz_event_reader_tell(r, &diag);
    r->record++;
    return err;
}

/* A record that stands as text in a string: decoded, it is a text of its own. */
static enum nz_err give_inner(struct nz_event_reader *r, struct nz_json string, size_t offset)
{
    struct nz_diag diag = NZ_DIAG_INIT;
    nz_buf_clear(&r->inner);
    nz_json_unescape(nz_json_string_raw(string), &r->inner);
    if (r->inner.failed)
        return NZ_E_NOMEM;
    struct nz_str text = nz_buf_view(&r->inner);
    enum nz_err err = nz_json_index_build(&r->inner_index, NULL, text.n ? text.p : "", text.n);
    if (err != NZ_OK)
        return err;

    struct nz_event ev = {.values = {text.p, r->inner_index.tokens, r->inner_index.kinds, 0}};
    memset(ev.slots, 0xff, sizeof ev.slots);
    size_t token = 0;
    enum nz_json_walked walked = nz_json_walk(&r->inner_index, text.p, true, &token, &r->keys, ev.slots, &diag);
    if (walked == NZ_JSON_CUT)
        return refuse(r, NZ_E_JSON_END, offset, "in the record's text");
    if (walked == NZ_JSON_WRONG)
        return refuse(r, diag.code, offset, "in the record's text");
    err = nz_json_check_range(&r->inner_index, text.p, 0, (uint32_t)text.n, &diag);
    if (err != NZ_OK)
        return refuse(r, err, offset, "in the record's text");
    if (token != r->inner_index.count)
        return refuse(r, NZ_E_JSON_SYNTAX, offset, "in the record's text: text after the value");
    if (nz_json_kind(ev.values) != NZ_JSON_OBJECT)
        return refuse(r, NZ_E_RECORD_NOT_OBJECT, offset, "");
    if (!nz_event_reader_is_record(ev.slots))
        return refuse(r, NZ_E_NOT_A_LOG, offset, "the text of a log event has no member of a CloudTrail record");
    return nz_event_reader_give(r, &ev);
}

/* EventBridge: the record is the object `detail`. */
static enum nz_err give_detail(struct nz_event_reader *r, struct nz_json detail)
{
    struct nz_event ev = {.values = detail};
    memset(ev.slots, 0xff, sizeof ev.slots);
    size_t token = detail.at;
    struct nz_diag diag;
    /* walked once already as a part of its wrapper: this cannot fail, it only fills the slots */
    if (nz_json_walk(&r->index, r->window, true, &token, &r->keys, ev.slots, &diag) != NZ_JSON_WHOLE)
        return NZ_E_BUG;
    return nz_event_reader_give(r, &ev);
}

/* A top-level object or an element of a bare array that is no record itself. */
static enum nz_err unwrap(struct nz_event_reader *r, const struct nz_event *ev, size_t offset)
{
    struct nz_json detail = nz_event_get(ev, NZ_FIELD_WRAPPED_DETAIL);
    if (nz_json_kind(detail) == NZ_JSON_OBJECT)
        return give_detail(r, detail);
    struct nz_json text = nz_json_get(ev->values, NZ_STR("CloudTrailEvent"));
    if (nz_json_kind(text) == NZ_JSON_STRING)
        return give_inner(r, text, offset);
    if (!nz_json_is_absent(nz_json_get(ev->values, NZ_STR("digestS3Bucket")))) {
        r->stats.digests++;
        return NZ_OK;
    }
    /* CONTROL_MESSAGE of a subscription: sent to try the destination, holds no record */
    if (nz_str_eq(nz_json_source(nz_json_get(ev->values, NZ_STR("messageType"))), NZ_STR("\"CONTROL_MESSAGE\"")))
        return NZ_OK;
    return refuse(r, NZ_E_NOT_A_LOG, offset, "an object without any member of a CloudTrail record");
}

/* What CloudWatch Logs sends to try a destination: a CONTROL_MESSAGE with one log event, whose text is this sentence and
 * no record (CloudWatch Logs User Guide, subscription filters). The type of the message may stand behind its events. */
static bool is_control_text(struct nz_json text)
{
    return nz_json_kind(text) == NZ_JSON_STRING &&
           nz_str_starts_with(nz_json_string_raw(text), NZ_STR("CWL CONTROL MESSAGE:"));
}

enum nz_err nz_event_reader_object(struct nz_event_reader *r, size_t first_token, size_t end_token, struct nz_event *ev)
{
    uint32_t from = r->index.tokens[first_token], to = r->index.tokens[end_token - 1] + 1;
    if (r->index.faults_count | r->index.escapes_count) {
        struct nz_diag diag = NZ_DIAG_INIT;
        enum nz_err err = nz_json_check_range(&r->index, r->window, from, to, &diag);
        if (err != NZ_OK) {
            err = nz_event_reader_tell(r, &diag);
            r->record++;
            return err;
        }
    }
    ev->values = (struct nz_json){r->window, r->index.tokens, r->index.kinds, (uint32_t)first_token};
    ev->skimmed_by = NULL;
    if (r->shape == SHAPE_RECORDS)
        return nz_event_reader_give(r, ev);
    if (r->shape == SHAPE_EVENTS || r->shape == SHAPE_LOGS) {
        struct nz_str name = r->shape == SHAPE_EVENTS ? NZ_STR("CloudTrailEvent") : NZ_STR("message");
        struct nz_json text = nz_json_get(ev->values, name);
        if (r->shape == SHAPE_LOGS && is_control_text(text))
            return NZ_OK;
        if (nz_json_kind(text) == NZ_JSON_STRING)
            return give_inner(r, text, from);
    }
    return nz_event_reader_is_record(ev->slots) ? nz_event_reader_give(r, ev) : unwrap(r, ev, from);
}
