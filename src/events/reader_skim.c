/* Records read by the skim (core/json_skim.h): no index of the window, tokens only for what somebody asks for. Whatever is
 * out of the ordinary ends it, and the rest of the window is read along its tokens (reader.c). */
#include "events/reader_state.h"

/* Of the members, those of inner objects, and three copies of all that is in the record: it may be opened itself, each member
 * besides, and each member of an inner object. */
#define TOKENS_MAX (3 * NZ_JSON_SKIM_BYTES_MAX + 16 * (NZ_JSON_SKIM_MEMBERS_MAX + NZ_INNERS_MAX * NZ_JSON_NAMES_MAX))

bool nz_event_reader_may_skim(const struct nz_event_reader *r)
{
    return r->index.count == 0 && !r->index.complete && r->place != REST &&
           (r->place == BETWEEN || r->shape == SHAPE_BARE || r->shape == SHAPE_RECORDS);
}

struct nz_json nz_event_open(const struct nz_event *ev, uint32_t token)
{
    struct nz_event_reader *r = ev->skimmed_by;
    bool whole = token == UINT32_MAX;
    uint32_t *opened = &r->opened[whole ? NZ_JSON_SKIM_MEMBERS_MAX : token / 2];
    if (!*opened)
        *opened = 1 + nz_json_index_append(&r->members, r->window, whole ? r->skimmed_from : r->members.tokens[token],
                                           whole ? r->skimmed_to : r->members.tokens[token + 1]);
    return (struct nz_json){r->window, r->members.tokens, r->members.kinds, *opened - 1};
}

/* --- members of inner objects --- */

static struct nz_event_inner *inner_of(struct nz_event_reader *r, uint32_t token)
{
    for (size_t i = 0; i < r->inners_count; i++) {
        if (r->inners[i].token == token)
            return &r->inners[i];
    }
    if (r->inners_count == NZ_INNERS_MAX)
        return NULL;
    struct nz_event_inner *inner = &r->inners[r->inners_count++];
    uint32_t from = r->members.tokens[token], to = r->members.tokens[token + 1];
    inner->token = token;
    inner->count = nz_json_shapes_names(r->shapes, token, inner->names);
    if (inner->count == SIZE_MAX)
        inner->count = nz_json_names(r->kernel, r->window + from, to - from, inner->names);
    if (inner->count != SIZE_MAX)
        memset(inner->values, 0, inner->count * sizeof *inner->values);
    return inner;
}

bool nz_event_members(const struct nz_event *ev, enum nz_event_field field, struct nz_event_members *out)
{
    uint32_t token = ev->slots[field];
    if (!ev->skimmed_by || token == UINT32_MAX || ev->values.kinds[token] != '{')
        return false;
    struct nz_event_reader *r = ev->skimmed_by;
    struct nz_event_inner *inner = inner_of(r, token);
    if (!inner || inner->count == SIZE_MAX)
        return false;
    *out = (struct nz_event_members){inner, r->window + r->members.tokens[token], inner->names, inner->count};
    return true;
}

/* The value begins behind the name's closing quote and the colon, and ends before what stands before the next name. */
struct nz_json nz_event_member_value(const struct nz_event *ev, const struct nz_event_members *members, size_t i)
{
    struct nz_event_reader *r = ev->skimmed_by;
    struct nz_json_index *ix = &r->members;
    uint32_t *value = &members->inner->values[i];
    if (!*value) {
        uint32_t object = (uint32_t)(members->bytes - r->window), at = object + members->names[i] + 1;
        while (r->window[at] != '"') /* it is there: the object is sound */
            at++;
        *value = 1 + nz_json_index_append_value(ix, r->window, at + 2, object + members->names[i + 1] - 1);
    }
    return (struct nz_json){r->window, ix->tokens, ix->kinds, *value - 1};
}

/* An object at top level may be a wrapper of records, and one of a bare array too. */
static bool may_wrap(const uint32_t *slots)
{
    return (slots[NZ_FIELD_WRAPPED_RECORDS] & slots[NZ_FIELD_WRAPPED_EVENTS] & slots[NZ_FIELD_WRAPPED_LOG_EVENTS] &
            slots[NZ_FIELD_WRAPPED_FILTERED_EVENTS]) != UINT32_MAX;
}

static enum nz_json_skimmed skim_record(struct nz_event_reader *r, size_t at, struct nz_event *ev)
{
    const uint32_t from = (uint32_t)at;
    uint32_t end;
    if (!nz_json_shapes_read(r->shapes, r->window, from, r->n, ev->slots, &r->members, &end)) {
        enum nz_json_skimmed skimmed = nz_json_skim(&r->skim, r->kernel, r->window + at, r->n - at);
        if (skimmed != NZ_JSON_SKIM_WHOLE)
            return skimmed;
        memset(ev->slots, 0xff, sizeof ev->slots);
        if (!nz_json_walk_skimmed(&r->skim, r->window, from, &r->keys, ev->slots, &r->members))
            return NZ_JSON_SKIM_LEFT;
        end = from + r->skim.end;
        nz_json_shapes_learn(r->shapes, r->window, from, end, ev->slots, &r->members);
    }
    if (r->shape != SHAPE_RECORDS && (!nz_event_reader_is_record(ev->slots) || may_wrap(ev->slots)))
        return NZ_JSON_SKIM_LEFT;
    ev->values = (struct nz_json){r->window, r->members.tokens, r->members.kinds, 0};
    ev->skimmed_by = r;
    r->skimmed_from = (uint32_t)at;
    r->skimmed_to = end;
    r->inners_count = 0;
    memset(r->opened, 0, r->members.count / 2 * sizeof *r->opened);
    r->opened[NZ_JSON_SKIM_MEMBERS_MAX] = 0;
    return NZ_JSON_SKIM_WHOLE;
}

static size_t past_space(const struct nz_event_reader *r, size_t at)
{
    while (at < r->n &&
           (r->window[at] == '\n' || r->window[at] == ' ' || r->window[at] == '\r' || r->window[at] == '\t'))
        at++;
    return at;
}

/* What stands before a record: a comma, or the head of CloudTrail's own files. False: neither a record nor these. */
static bool skim_frame(struct nz_event_reader *r, size_t *at)
{
    static const struct nz_str head = {"{\"Records\":[", 12};
    if (r->place == BETWEEN) {
        r->shape = SHAPE_TOP;
        if (nz_str_starts_with(nz_str_of(r->window + *at, r->n - *at), head)) {
            r->place = FIRST;
            r->shape = SHAPE_RECORDS;
            *at = past_space(r, *at + head.n);
        }
    } else if (r->place == NEXT && *at < r->n && r->window[*at] == ',') {
        r->place = ELEMENT;
        *at = past_space(r, *at + 1);
    }
    return r->place != NEXT && *at < r->n && r->window[*at] == '{';
}

enum nz_err nz_event_reader_skim(struct nz_event_reader *r)
{
    enum nz_err err = nz_json_index_room(&r->members, TOKENS_MAX);
    size_t at = r->index.scan.from;
    bool grew = true;
    if (!r->kernel)
        nz_json_kernels(&r->kernel, 1);
    while (err == NZ_OK && grew) {
        struct nz_event ev;
        at = past_space(r, at);
        if (!skim_frame(r, &at))
            break;
        enum nz_json_skimmed skimmed = skim_record(r, at, &ev);
        if (skimmed == NZ_JSON_SKIM_WHOLE) {
            at = r->skimmed_to;
            r->place = r->shape == SHAPE_TOP ? BETWEEN : NEXT;
            err = nz_event_reader_give(r, &ev);
        } else if (skimmed == NZ_JSON_SKIM_CUT && !r->ended) {
            err = nz_event_reader_refill(r, at, &grew);
            at = 0;
        } else {
            break;
        }
    }
    return err != NZ_OK ? err : nz_json_index_begin_at(&r->index, NULL, r->window, r->n, at);
}
