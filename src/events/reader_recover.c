/* Going on after a fault.
 *
 * Two ways. If the strings of the broken value are sound (a missing colon, a wrong literal, too many levels), its
 * brackets still match and the value's end is known. If a string is broken, every quote after it is taken for its
 * opposite and brackets mean nothing. Nobody can tell the two apart for sure, so both are tried: places where an object
 * begins are looked at in order, and the first that is a whole record wins; matching brackets say where to stop looking.
 * A record's text inside a string cannot be mistaken for one: its quotes stand escaped there. */
#include "events/reader_state.h"

#define PROBE_BYTES ((size_t)4 << 10)

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Could an element begin at window[at]? '{', then a quote; before it ',', '[', '}' or a new line. */
static bool may_begin(const struct nz_event_reader *r, size_t at)
{
    size_t next = at + 1, before = at;
    while (next < r->n && is_space(r->window[next]))
        next++;
    if (next < r->n && r->window[next] != '"')
        return false;
    while (before > 0 && is_space(r->window[before - 1])) {
        before--;
        if (r->window[before] == '\n')
            return true;
    }
    return before == 0 || strchr(",[}", r->window[before - 1]) != NULL;
}

/* Members that a record has and the objects inside it have not, or not three of them. */
static bool is_whole_record(const uint32_t *slots)
{
    static const enum nz_event_field marks[] = {NZ_FIELD_EVENT_VERSION, NZ_FIELD_EVENT_TIME, NZ_FIELD_EVENT_SOURCE,
                                                NZ_FIELD_EVENT_NAME,    NZ_FIELD_EVENT_ID,   NZ_FIELD_AWS_REGION,
                                                NZ_FIELD_USER_IDENTITY};
    unsigned found = 0;
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
        found += slots[marks[i]] != UINT32_MAX;
    return found >= 3;
}

enum probed { PROBE_RECORD, PROBE_NOTHING, PROBE_CUT };

/* Is there a whole record at window[at]? Only as much is indexed as it takes. */
static enum nz_err probe(struct nz_event_reader *r, size_t at, enum probed *out)
{
    *out = PROBE_NOTHING;
    for (size_t length = PROBE_BYTES;; length *= 2) {
        uint32_t slots[NZ_FIELD_COUNT + 1];
        struct nz_diag diag;
        size_t token = 0;
        if (length > r->n - at)
            length = r->n - at;
        enum nz_err err = nz_json_index_build(&r->probe, NULL, r->window + at, length);
        if (err != NZ_OK)
            return err;
        memset(slots, 0xff, sizeof slots);
        enum nz_json_walked walked = nz_json_walk(&r->probe, r->window + at, false, &token, &r->keys, slots, &diag);
        if (walked == NZ_JSON_WHOLE && (is_whole_record(slots) || r->shape == SHAPE_EVENTS || r->shape == SHAPE_LOGS))
            *out = PROBE_RECORD;
        if (walked != NZ_JSON_CUT)
            return NZ_OK;
        if (length == r->n - at) {
            *out = PROBE_CUT;
            return NZ_OK;
        }
    }
}

/* Looks for a record in window[from, to). *found, or SIZE_MAX; *open: one begins here and goes on past the window. */
static enum nz_err search(struct nz_event_reader *r, size_t from, size_t to, size_t *found, size_t *open)
{
    *found = *open = SIZE_MAX;
    for (size_t at = from; at < to; at++) {
        const char *brace = memchr(r->window + at, '{', to - at);
        if (!brace)
            return NZ_OK;
        at = (size_t)(brace - r->window);
        if (!may_begin(r, at))
            continue;
        enum probed probed;
        enum nz_err err = probe(r, at, &probed);
        if (err != NZ_OK)
            return err;
        if (probed == PROBE_RECORD) {
            *found = at;
            return NZ_OK;
        }
        if (probed == PROBE_CUT && *open == SIZE_MAX)
            *open = at;
    }
    return NZ_OK;
}

/* The token after the broken value by its brackets, if what follows fits the frame. */
static size_t end_by_brackets(const struct nz_event_reader *r)
{
    char c = r->window[r->index.tokens[r->token]];
    if (c != '{' && c != '[')
        return SIZE_MAX;
    size_t end = nz_json_skip_brackets(&r->index, r->token);
    if (end == SIZE_MAX || r->shape == SHAPE_TOP)
        return end;
    if (end >= r->index.count)
        return SIZE_MAX;
    c = r->window[r->index.tokens[end]];
    return c == ',' || c == ']' ? end : SIZE_MAX;
}

static enum nz_err go_on_at(struct nz_event_reader *r, size_t byte)
{
    bool grew;
    r->place = r->shape == SHAPE_TOP ? BETWEEN : ELEMENT;
    if (byte == 0) {
        r->token = 0;
        return NZ_OK;
    }
    /* the window is indexed anew from there: the old index may have taken strings for their opposite */
    return nz_event_reader_refill(r, byte, &grew);
}

/* The value's end is known by its brackets: a record before it wins, else reading goes on behind it. *done false: a place
 * before the end may begin a record that the window does not hold whole. */
static enum nz_err recover_within(struct nz_event_reader *r, size_t end, bool may_grow, bool *done)
{
    size_t from = (size_t)r->index.tokens[r->token] + 1, found, open;
    enum nz_err err = search(r, from, r->index.tokens[end], &found, &open);
    *done = err != NZ_OK || found != SIZE_MAX || open == SIZE_MAX || !may_grow;
    if (err != NZ_OK || !*done)
        return err;
    if (found != SIZE_MAX)
        return go_on_at(r, found);
    r->token = end;
    r->place = r->shape == SHAPE_TOP ? BETWEEN : NEXT;
    return NZ_OK;
}

/* Nothing but places to look at, to the end of the stream if need be. */
static enum nz_err recover_anywhere(struct nz_event_reader *r)
{
    size_t from = (size_t)r->index.tokens[r->token] + 1;
    for (;;) {
        size_t found, open;
        enum nz_err err = search(r, from, r->n, &found, &open);
        if (err != NZ_OK || found != SIZE_MAX)
            return err != NZ_OK ? err : go_on_at(r, found);
        /* keep what may be the start of a record, or the last bytes, where a start may be cut */
        size_t keep = open != SIZE_MAX ? open : r->n > from + 64 ? r->n - 64 : from < r->n ? from : r->n;
        bool grew;
        err = nz_event_reader_refill(r, keep, &grew);
        if (err != NZ_OK)
            return err;
        from = 0;
        if (!grew && r->ended) {
            err = nz_event_reader_index_all(r);
            r->token = r->index.count;
            r->place = BETWEEN;
            return err;
        }
        if (!grew)
            from = 1; /* a start that does not end within the limit */
    }
}

enum nz_err nz_event_reader_recover(struct nz_event_reader *r)
{
    bool grew = true;
    enum nz_err err = nz_event_reader_index_all(r);
    while (grew && err == NZ_OK) {
        size_t end = end_by_brackets(r);
        if (end != SIZE_MAX) {
            bool done;
            err = recover_within(r, end, true, &done);
            if (done)
                return err;
        }
        /* as much in view as the limit allows, so that the answer does not depend on the window */
        err = nz_event_reader_refill(r, r->index.tokens[r->token], &grew);
        if (err == NZ_OK)
            err = nz_event_reader_index_all(r);
    }
    if (err != NZ_OK)
        return err;
    size_t end = end_by_brackets(r);
    bool done;
    return end != SIZE_MAX ? recover_within(r, end, false, &done) : recover_anywhere(r);
}
