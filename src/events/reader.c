#include "events/reader.h"
#include "events/reader_state.h"

#include <stdlib.h>

enum nz_err nz_event_reader_new(size_t window_bytes, struct nz_event_reader **out)
{
    struct nz_event_reader *r = calloc(1, sizeof *r);
    *out = r;
    if (!r)
        return NZ_E_NOMEM;
    if (window_bytes < NZ_WINDOW_LEAST_BYTES)
        window_bytes = window_bytes ? NZ_WINDOW_LEAST_BYTES : NZ_WINDOW_FIRST_BYTES;
    r->room_bytes = window_bytes;
    r->window = malloc(r->room_bytes + NZ_JSON_SKIM_PAST_BYTES);
    nz_buf_init(&r->inner, NZ_RECORD_BYTES_MAX);
    if (!r->window || !nz_json_keys_init(&r->keys, nz_event_field_names(), NZ_FIELD_COUNT) ||
        nz_json_shapes_new(NULL, NZ_FIELD_COUNT + 1, &r->shapes) != NZ_OK) {
        nz_event_reader_free(r);
        *out = NULL;
        return NZ_E_NOMEM;
    }
    return NZ_OK;
}

void nz_event_reader_free(struct nz_event_reader *r)
{
    if (!r)
        return;
    nz_json_index_release(&r->index);
    nz_json_index_release(&r->inner_index);
    nz_json_index_release(&r->probe);
    nz_json_index_release(&r->members);
    nz_json_shapes_free(r->shapes);
    nz_buf_release(&r->inner);
    free(r->window);
    free(r);
}

enum nz_err nz_event_reader_tell(struct nz_event_reader *r, struct nz_diag *diag)
{
    if (diag->offset != UINT64_MAX)
        diag->offset += r->base;
    diag->record = r->record;
    r->told = true;
    return r->ops->problem(r->self, diag);
}

/* --- the window --- */

/* Reads until the window is full or `least` bytes more are there. A pipe may bring a little now and the rest in an hour:
 * what is whole is not kept waiting for a full window. */
static enum nz_err read_more(struct nz_event_reader *r, size_t least)
{
    size_t enough = r->n + least < r->room_bytes ? r->n + least : r->room_bytes;
    while (!r->ended && r->n < enough) {
        struct nz_diag diag = NZ_DIAG_INIT;
        size_t written = 0;
        enum nz_err err = r->ops->read(r->self, r->window + r->n, r->room_bytes - r->n, &written, &diag);
        r->n += written;
        r->stats.bytes += written;
        if (err == NZ_E_NOMEM)
            return err;
        if (err != NZ_OK) {
            r->ended = r->read_failed = r->told = true;
            diag.record = r->record;
            return r->ops->problem(r->self, &diag);
        }
        r->ended = written == 0;
    }
    return NZ_OK;
}

enum nz_err nz_event_reader_refill(struct nz_event_reader *r, size_t keep, bool *grew)
{
    size_t kept = r->n - keep;
    *grew = false;
    if (r->ended && keep == 0)
        return NZ_OK;
    if (kept == r->room_bytes) {
        if (r->room_bytes >= NZ_RECORD_BYTES_MAX)
            return NZ_OK;
        char *larger = realloc(r->window, r->room_bytes * 2 + NZ_JSON_SKIM_PAST_BYTES);
        if (!larger)
            return NZ_E_NOMEM;
        r->window = larger;
        r->room_bytes *= 2;
    }
    memmove(r->window, r->window + keep, kept);
    r->n = kept;
    r->base += keep;
    /* half as much again as is kept, so that a record that comes byte by byte is not indexed anew for each of them */
    enum nz_err err = read_more(r, kept / 2 + 1);
    if (err == NZ_OK)
        err = nz_json_index_begin(&r->index, NULL, r->window, r->n);
    r->token = 0;
    *grew = r->n > kept;
    return err;
}

enum nz_err nz_event_reader_index_step(struct nz_event_reader *r)
{
    return nz_json_index_more(&r->index, NZ_INDEX_STEP_BYTES);
}

enum nz_err nz_event_reader_index_all(struct nz_event_reader *r)
{
    return r->index.complete ? NZ_OK : nz_json_index_more(&r->index, r->n);
}

/* Nothing will follow what is indexed. */
static bool sees_end(const struct nz_event_reader *r)
{
    return r->ended && r->index.complete;
}

/* --- the frame around records --- */

static struct nz_str raw_key(const struct nz_event_reader *r, size_t token)
{
    return nz_json_string_raw((struct nz_json){r->window, r->index.tokens, r->index.kinds, (uint32_t)token});
}

static bool wrapper_shape(struct nz_str key, enum shape *shape)
{
    static const struct {
        struct nz_str key;
        enum shape shape;
    } wrappers[] = {{{"Records", 7}, SHAPE_RECORDS},
                    {{"Events", 6}, SHAPE_EVENTS},
                    {{"logEvents", 9}, SHAPE_LOGS},
                    {{"events", 6}, SHAPE_LOGS}};
    for (size_t i = 0; i < sizeof wrappers / sizeof wrappers[0]; i++) {
        if (nz_str_eq(wrappers[i].key, key)) {
            *shape = wrappers[i].shape;
            return true;
        }
    }
    return false;
}

static char byte_at(const struct nz_event_reader *r, size_t token)
{
    return token < r->index.count ? (char)r->index.kinds[token] : '\0';
}

/* The array whose '[' stands at `token` holds the records. */
static void enter(struct nz_event_reader *r, size_t token, enum shape shape)
{
    r->token = token + 1;
    r->place = FIRST;
    r->shape = shape;
}

/* A wrapper whose first member is the array: CloudTrail's own files. Seen without a walk, for they are long. */
static bool enter_first_member(struct nz_event_reader *r)
{
    enum shape shape;
    size_t t = r->token;
    if (byte_at(r, t + 1) != '"' || byte_at(r, t + 2) != ':' || byte_at(r, t + 3) != '[' ||
        !wrapper_shape(raw_key(r, t + 1), &shape))
        return false;
    enter(r, t + 3, shape);
    return true;
}

/* The walk saw a wrapper's array among the members, complete or not. */
static bool enter_slot(struct nz_event_reader *r, const uint32_t *slots)
{
    static const struct {
        enum nz_event_field field;
        enum shape shape;
    } wrappers[] = {{NZ_FIELD_WRAPPED_RECORDS, SHAPE_RECORDS},
                    {NZ_FIELD_WRAPPED_EVENTS, SHAPE_EVENTS},
                    {NZ_FIELD_WRAPPED_LOG_EVENTS, SHAPE_LOGS},
                    {NZ_FIELD_WRAPPED_FILTERED_EVENTS, SHAPE_LOGS}};
    for (size_t i = 0; i < sizeof wrappers / sizeof wrappers[0]; i++) {
        uint32_t token = slots[wrappers[i].field];
        if (token != UINT32_MAX && byte_at(r, token) == '[') {
            enter(r, token, wrappers[i].shape);
            return true;
        }
    }
    return false;
}

/* The value at r->token is not whole in what is indexed. */
static enum nz_err cut(struct nz_event_reader *r)
{
    if (!r->index.complete)
        return nz_event_reader_index_step(r);
    bool grew, was_ended = r->ended;
    size_t from = r->index.tokens[r->token];
    enum nz_err err = nz_event_reader_refill(r, from, &grew);
    if (err != NZ_OK || grew || r->ended != was_ended)
        return err; /* look again */
    struct nz_diag diag = NZ_DIAG_INIT;
    if (!r->ended)
        nz_diag_offset(&diag, NZ_E_RECORD_SIZE, r->index.tokens[r->token], "2 MiB");
    else
        nz_diag_offset(&diag, NZ_E_JSON_END, r->n, "%s", "");
    if (!r->ended || !r->read_failed) /* a stream that was cut says so once */
        err = nz_event_reader_tell(r, &diag);
    r->record++;
    return err != NZ_OK ? err : nz_event_reader_recover(r);
}

static enum nz_err wrong(struct nz_event_reader *r, struct nz_diag *diag)
{
    if (r->place == BETWEEN && !r->told && r->stats.records == 0 && byte_at(r, r->token) != '{') {
        diag->code = NZ_E_NOT_A_LOG;
        strcpy(diag->text, "it begins with neither '{' nor '['");
    }
    enum nz_err err = nz_event_reader_tell(r, diag);
    r->record++;
    return err != NZ_OK ? err : nz_event_reader_recover(r);
}

static void after_element(struct nz_event_reader *r, size_t token)
{
    r->token = token;
    r->place = r->shape == SHAPE_TOP ? BETWEEN : NEXT;
}

/* The value at r->token, which should be a record or hold one. */
static enum nz_err element(struct nz_event_reader *r)
{
    struct nz_diag diag; /* set by whoever finds something wrong: clearing it for every record would cost */
    struct nz_event ev;
    size_t first = r->token, token = first;
    memset(ev.slots, 0xff, sizeof ev.slots);
    enum nz_json_walked walked = nz_json_walk(&r->index, r->window, sees_end(r), &token, &r->keys, ev.slots, &diag);
    if (r->shape == SHAPE_TOP && enter_slot(r, ev.slots))
        return NZ_OK;
    switch (walked) {
    case NZ_JSON_CUT:
        return cut(r);
    case NZ_JSON_WRONG:
        return wrong(r, &diag);
    case NZ_JSON_WHOLE:
        break;
    }
    after_element(r, token);
    if (r->window[r->index.tokens[first]] == '{')
        return nz_event_reader_object(r, first, token, &ev);
    nz_diag_offset(&diag, NZ_E_RECORD_NOT_OBJECT, r->index.tokens[first], "%s", "");
    enum nz_err err = nz_event_reader_tell(r, &diag);
    r->record++;
    return err;
}

static enum nz_err top_level(struct nz_event_reader *r)
{
    r->shape = SHAPE_TOP;
    char c = byte_at(r, r->token);
    if (c == '[') {
        enter(r, r->token, SHAPE_BARE);
        return NZ_OK;
    }
    if (c == '{') {
        if (r->token + 3 >= r->index.count && !sees_end(r))
            return cut(r);
        return enter_first_member(r) ? NZ_OK : element(r);
    }
    struct nz_diag diag = NZ_DIAG_INIT;
    nz_diag_offset(&diag, NZ_E_JSON_SYNTAX, r->index.tokens[r->token], "text between records");
    return wrong(r, &diag);
}

static enum nz_err expected(struct nz_event_reader *r, const char *what)
{
    struct nz_diag diag = NZ_DIAG_INIT;
    nz_diag_offset(&diag, NZ_E_JSON_SYNTAX, r->index.tokens[r->token], "expected %s", what);
    return wrong(r, &diag);
}

/* ',' or ']' after an element. */
static enum nz_err next_element(struct nz_event_reader *r)
{
    char c = byte_at(r, r->token);
    if (c == ',') {
        r->token++;
        r->place = ELEMENT;
    } else if (c == ']') {
        r->token++;
        r->place = r->shape == SHAPE_BARE ? BETWEEN : REST;
    } else {
        return expected(r, "',' or ']'");
    }
    return NZ_OK;
}

/* A wrapper's members after its array: passed over, unless there is one more array of records. */
static enum nz_err rest_member(struct nz_event_reader *r)
{
    size_t t = r->token;
    enum shape shape;
    if (byte_at(r, t) == '}') {
        r->token++;
        r->place = BETWEEN;
        return NZ_OK;
    }
    if (byte_at(r, t) != ',')
        return expected(r, "',' or '}'");
    if (t + 3 >= r->index.count)
        return cut(r);
    if (byte_at(r, t + 1) != '"' || byte_at(r, t + 2) != ':')
        return expected(r, "a member");
    if (byte_at(r, t + 3) == '[' && wrapper_shape(raw_key(r, t + 1), &shape)) {
        enter(r, t + 3, shape);
        return NZ_OK;
    }
    struct nz_diag diag = NZ_DIAG_INIT;
    size_t token = t + 3;
    switch (nz_json_walk(&r->index, r->window, sees_end(r), &token, NULL, NULL, &diag)) {
    case NZ_JSON_CUT:
        return cut(r);
    case NZ_JSON_WRONG:
        return wrong(r, &diag);
    case NZ_JSON_WHOLE:
        r->token = token;
    }
    return NZ_OK;
}

static enum nz_err step(struct nz_event_reader *r)
{
    switch (r->place) {
    case BETWEEN:
        return top_level(r);
    case FIRST:
        if (byte_at(r, r->token) == ']')
            return next_element(r);
        return element(r);
    case ELEMENT:
        return element(r);
    case NEXT:
        return next_element(r);
    case REST:
        return rest_member(r);
    }
    return NZ_E_BUG;
}

/* The stream is over: was anything left open? */
static enum nz_err finish(struct nz_event_reader *r)
{
    struct nz_diag diag = NZ_DIAG_INIT;
    if (r->read_failed)
        return NZ_OK;
    if (r->stats.bytes == 0)
        nz_diag_set(&diag, NZ_E_EMPTY, "%s", "");
    else if (r->place != BETWEEN)
        nz_diag_offset(&diag, NZ_E_JSON_END, r->n, "the array of records is not closed");
    else
        return NZ_OK;
    return nz_event_reader_tell(r, &diag);
}

static enum nz_err begin(struct nz_event_reader *r)
{
    bool grew;
    enum nz_err err = nz_event_reader_refill(r, 0, &grew);
    while (err == NZ_OK && r->n < 3 && !r->ended)
        err = nz_event_reader_refill(r, 0, &grew);
    if (err == NZ_OK && r->n >= 3 && memcmp(r->window, "\xef\xbb\xbf", 3) == 0)
        err = nz_event_reader_refill(r, 3, &grew); /* a byte order mark: no part of the text (RFC 8259, section 8.1) */
    return err;
}

enum nz_err nz_event_reader_run(struct nz_event_reader *r, const struct nz_event_reader_ops *ops, void *self,
                                struct nz_event_reader_stats *stats)
{
    r->ops = ops;
    r->self = self;
    r->stats = (struct nz_event_reader_stats){0};
    r->n = r->token = 0;
    r->base = r->record = 0;
    r->ended = r->read_failed = r->told = false;
    r->place = BETWEEN;
    r->shape = SHAPE_TOP;
    enum nz_err err = begin(r);
    while (err == NZ_OK) {
        if (nz_event_reader_may_skim(r) && (err = nz_event_reader_skim(r)) != NZ_OK)
            break;
        if (r->token < r->index.count) {
            err = step(r);
            continue;
        }
        if (sees_end(r))
            break;
        bool grew;
        err = r->index.complete ? nz_event_reader_refill(r, r->n, &grew) : nz_event_reader_index_step(r);
    }
    if (err == NZ_OK)
        err = finish(r);
    *stats = r->stats;
    return err;
}
