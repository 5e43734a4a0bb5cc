#include "inventory/snapshot_reading.h"

#include "inventory/snapshot_line.h"

#include <stdarg.h>
#include <stdio.h>

#define PIECE_BYTES ((size_t)128 * 1024)

void nz_snapshot_problem(struct nz_snapshot_reading *r, enum nz_err code, uint32_t line, uint32_t column,
                         const char *format, ...)
{
    struct nz_diag diag = NZ_DIAG_INIT;
    char text[sizeof diag.text];
    va_list args;
    nz_snapshot_add_damage(r->builder);
    if (++r->problems > NZ_SNAPSHOT_PROBLEMS_MAX)
        return;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    (void)nz_diag_at(&diag, code, line, column, "%s", text);
    r->source->problem(r->source->self, &diag);
}

static void problems_rest(struct nz_snapshot_reading *r)
{
    struct nz_diag diag = NZ_DIAG_INIT;
    if (r->problems <= NZ_SNAPSHOT_PROBLEMS_MAX)
        return;
    (void)nz_diag_set(&diag, NZ_E_SNAPSHOT_LINE, "%llu more of them",
                      (unsigned long long)(r->problems - NZ_SNAPSHOT_PROBLEMS_MAX));
    r->source->problem(r->source->self, &diag);
}

enum nz_err nz_snapshot_texts_begin(struct nz_snapshot_reading *r, struct nz_json object)
{
    nz_buf_clear(&r->texts);
    nz_buf_reserve(&r->texts, nz_json_source(object).n); /* decoding never grows */
    return nz_buf_status(&r->texts);
}

/* --- bytes --- */

/* Appends one piece; *more false at the end. A fault of the file on the way is a problem, not an error: what was read stays. */
static enum nz_err piece_read(struct nz_snapshot_reading *r, bool *more, struct nz_diag *diag)
{
    struct nz_diag fault = NZ_DIAG_INIT;
    size_t written = 0;
    char *to = nz_buf_reserve(&r->bytes, PIECE_BYTES);
    *more = false;
    if (!to)
        return r->bytes.max_bytes && r->bytes.n + PIECE_BYTES > r->bytes.max_bytes
                   ? nz_diag_set(diag, NZ_E_SNAPSHOT_LIMIT, "more than %zu bytes", r->bytes.max_bytes)
                   : NZ_E_NOMEM;
    enum nz_err err = r->source->read(r->source->self, to, PIECE_BYTES, &written, &fault);
    if (err != NZ_OK) {
        bool nothing = r->bytes.n == 0 && r->line == 0;
        if (nothing || err == NZ_E_NOMEM || err == NZ_E_STOPPED) {
            if (diag)
                *diag = fault;
            return err;
        }
        nz_snapshot_problem(r, err, 0, 0, "behind line %u%s%s", r->line, fault.text[0] ? ": " : "", fault.text);
        return NZ_OK;
    }
    r->bytes.n += written;
    *more = written > 0;
    return NZ_OK;
}

/* --- lines --- */

struct ours {
    struct nz_snapshot_reading *r;
    struct nz_snapshot_counts counts; /* lines that could be read */
    bool header, end;
    bool damaged; /* since the last line that was good: the end's counts cannot be right */
};

static struct nz_str text_of(struct nz_snapshot_reading *r, struct nz_json object, const char *name)
{
    struct nz_json v = nz_json_get(object, nz_str_from_c(name));
    return nz_json_kind(v) == NZ_JSON_STRING ? nz_json_string(v, &r->texts) : (struct nz_str){"", 0};
}

static uint64_t number_of(struct nz_json object, const char *name)
{
    struct nz_json v = nz_json_get(object, nz_str_from_c(name));
    uint64_t number = 0;
    return nz_json_kind(v) == NZ_JSON_NUMBER && nz_str_to_u64(nz_json_source(v), &number) ? number : 0;
}

static enum nz_err header_read(struct ours *o, struct nz_json object)
{
    struct nz_snapshot_reading *r = o->r;
    struct nz_json caller = nz_json_get(object, NZ_STR("caller"));
    uint64_t version = number_of(object, "version");
    if (version > NZ_SNAPSHOT_VERSION || version == 0)
        nz_snapshot_problem(r, NZ_E_SNAPSHOT_VERSION, r->line, 0, "format %llu, this nezuban reads format %u",
                            (unsigned long long)version, NZ_SNAPSHOT_VERSION);
    struct nz_snapshot_header h = {
        .tool = text_of(r, object, "tool"),
        .account = text_of(r, object, "accountId"),
        .partition = text_of(r, object, "partition"),
        .captured_at = text_of(r, object, "capturedAt"),
        .caller_arn = text_of(r, caller, "Arn"),
        .caller_id = text_of(r, caller, "UserId"),
        .caller_region = text_of(r, object, "callerRegion"),
        .version = (uint32_t)(version <= UINT32_MAX ? version : UINT32_MAX),
    };
    o->header = true;
    enum nz_err err = nz_snapshot_set_header(r->builder, &h);
    struct nz_json regions = nz_json_get(object, NZ_STR("regions"));
    for (struct nz_json_iter it = nz_json_iter(regions); err == NZ_OK && !it.in_object && nz_json_next(&it);) {
        if (nz_json_kind(it.value) == NZ_JSON_STRING)
            err = nz_snapshot_add_region(r->builder, nz_json_string(it.value, &r->texts));
    }
    return err;
}

static enum nz_err collected_read(struct ours *o, struct nz_json object)
{
    struct nz_snapshot_reading *r = o->r;
    o->counts.collected++;
    return nz_snapshot_add_collected(r->builder, &(struct nz_collected){.service = text_of(r, object, "service"),
                                                                        .operation = text_of(r, object, "operation"),
                                                                        .region = text_of(r, object, "region"),
                                                                        .items = number_of(object, "items")});
}

static enum nz_err unread_read(struct ours *o, struct nz_json object)
{
    struct nz_snapshot_reading *r = o->r;
    o->counts.unread++;
    return nz_snapshot_add_unread(r->builder, &(struct nz_unread){.service = text_of(r, object, "service"),
                                                                  .operation = text_of(r, object, "operation"),
                                                                  .region = text_of(r, object, "region"),
                                                                  .resource = text_of(r, object, "resource"),
                                                                  .error = text_of(r, object, "error"),
                                                                  .action = text_of(r, object, "action"),
                                                                  .message = text_of(r, object, "message")});
}

static void end_read(struct ours *o, struct nz_json object)
{
    struct nz_snapshot_counts says = {number_of(object, "items"), number_of(object, "collected"),
                                      number_of(object, "unread")};
    o->end = true;
    if (!o->damaged && memcmp(&says, &o->counts, sizeof says) != 0)
        nz_snapshot_problem(o->r, NZ_E_SNAPSHOT_CUT, o->r->line, 0,
                            "%llu items, %llu collected and %llu unread of %llu, %llu and %llu",
                            (unsigned long long)o->counts.items, (unsigned long long)o->counts.collected,
                            (unsigned long long)o->counts.unread, (unsigned long long)says.items,
                            (unsigned long long)says.collected, (unsigned long long)says.unread);
}

static enum nz_err item_read(struct ours *o, struct nz_json object, const char **fault)
{
    enum nz_err err = nz_snapshot_item_read(o->r, object, false, fault);
    o->counts.items += err == NZ_OK && !*fault;
    return err;
}

static enum nz_err object_read(struct ours *o, struct nz_json object, const char **fault)
{
    struct nz_str kind = text_of(o->r, object, "kind");
    bool is_header = nz_str_eq(kind, NZ_STR("snapshot"));
    if (!is_header && !o->header) {
        o->header = true; /* told once */
        nz_snapshot_problem(o->r, NZ_E_SNAPSHOT_LINE, o->r->line, 0, "there is no header before this line");
    }
    if (o->end)
        *fault = "a line behind the end";
    else if (is_header && o->header)
        *fault = "a second header";
    else if (is_header)
        return header_read(o, object);
    else if (nz_str_eq(kind, NZ_STR("item")))
        return item_read(o, object, fault);
    else if (nz_str_eq(kind, NZ_STR("collected")))
        return collected_read(o, object);
    else if (nz_str_eq(kind, NZ_STR("unread")))
        return unread_read(o, object);
    else if (nz_str_eq(kind, NZ_STR("end")))
        end_read(o, object);
    else
        *fault = "no such kind of line";
    return NZ_OK;
}

static void line_bad(struct ours *o, uint32_t column, const char *what, const char *more)
{
    o->damaged = true;
    nz_snapshot_problem(o->r, NZ_E_SNAPSHOT_LINE, o->r->line, column, "%s%s%s", what, *more ? ": " : "", more);
}

static enum nz_err line_read(struct ours *o, struct nz_str line)
{
    struct nz_snapshot_reading *r = o->r;
    struct nz_diag diag = NZ_DIAG_INIT;
    struct nz_json root;
    const char *fault = NULL;
    enum nz_err err = nz_json_parse(&r->doc, line, &root, &diag);
    if (err == NZ_E_NOMEM)
        return err;
    if (err != NZ_OK) {
        line_bad(o, diag.offset < line.n ? (uint32_t)diag.offset + 1 : 0, nz_err_text(err), diag.text);
        return NZ_OK;
    }
    if (nz_json_kind(root) != NZ_JSON_OBJECT)
        fault = "not an object";
    else if ((err = nz_snapshot_texts_begin(r, root)) == NZ_OK)
        err = object_read(o, root, &fault);
    if (err == NZ_OK && fault)
        line_bad(o, 0, fault, "");
    return err;
}

/* Uses up the whole lines of r->bytes; *skipping: in the middle of one that is too long. */
static enum nz_err lines_read(struct ours *o, bool at_end, bool *skipping)
{
    struct nz_snapshot_reading *r = o->r;
    struct nz_str rest = nz_buf_view(&r->bytes);
    enum nz_err err = NZ_OK;
    while (err == NZ_OK && rest.n) {
        const char *end = memchr(rest.p, '\n', rest.n);
        if (!end && !at_end)
            break;
        struct nz_str line = nz_str_head(rest, end ? (size_t)(end - rest.p) : rest.n);
        rest = nz_str_skip(rest, line.n + 1);
        r->line += !*skipping;
        if (!*skipping)
            err = line_read(o, line);
        *skipping = false;
    }
    if (err == NZ_OK && rest.n > NZ_SNAPSHOT_LINE_BYTES_MAX) {
        if (!*skipping) {
            r->line++;
            line_bad(o, 0, "longer than the limit", "");
        }
        *skipping = true;
        rest.n = 0;
    }
    if (rest.n)
        memmove(r->bytes.p, rest.p, rest.n);
    r->bytes.n = rest.n;
    return err;
}

static enum nz_err ours_read(struct nz_snapshot_reading *r, struct nz_diag *diag)
{
    struct ours o = {.r = r};
    bool more = true, skipping = false;
    enum nz_err err = NZ_OK;
    while (err == NZ_OK && more) {
        err = lines_read(&o, false, &skipping);
        if (err == NZ_OK)
            err = piece_read(r, &more, diag);
    }
    if (err == NZ_OK)
        err = lines_read(&o, true, &skipping);
    if (err == NZ_OK && !o.end)
        nz_snapshot_problem(r, NZ_E_SNAPSHOT_CUT, r->line, 0, "there is no end line");
    return err;
}

/* --- which it is --- */

static const struct nz_str ours_begins = {"{\"kind\":", 8};

static enum nz_err first_bytes_read(struct nz_snapshot_reading *r, bool *more, struct nz_diag *diag)
{
    enum nz_err err = NZ_OK;
    *more = true;
    while (err == NZ_OK && *more && r->bytes.n < ours_begins.n)
        err = piece_read(r, more, diag);
    return err;
}

static enum nz_err read_all(struct nz_snapshot_reading *r, struct nz_diag *diag)
{
    bool more;
    enum nz_err err = first_bytes_read(r, &more, diag);
    if (err != NZ_OK)
        return err;
    if (nz_str_starts_with(nz_buf_view(&r->bytes), ours_begins))
        return ours_read(r, diag);
    r->bytes.max_bytes = NZ_SNAPSHOT_FOREIGN_BYTES_MAX;
    while (err == NZ_OK && more)
        err = piece_read(r, &more, diag);
    return err == NZ_OK ? nz_snapshot_foreign_read(r, diag) : err;
}

enum nz_err nz_snapshot_read(struct nz_snapshot_builder *b, const struct nz_snapshot_source *source,
                             struct nz_diag *diag)
{
    struct nz_snapshot_reading r = {.builder = b, .source = source};
    nz_json_doc_init(&r.doc);
    nz_json_doc_init(&r.inner);
    nz_iam_details_init(&r.iam);
    nz_buf_init(&r.bytes, 0);
    nz_buf_init(&r.texts, 0);
    nz_buf_init(&r.configuration, 0);
    nz_buf_init(&r.supplementary, 0);
    nz_item_view_init(&r.view);
    nz_buf_init(&r.answers, 0);
    enum nz_err err = read_all(&r, diag);
    problems_rest(&r);
    nz_json_doc_release(&r.doc);
    nz_json_doc_release(&r.inner);
    nz_iam_details_release(&r.iam);
    nz_buf_release(&r.bytes);
    nz_buf_release(&r.texts);
    nz_buf_release(&r.configuration);
    nz_buf_release(&r.supplementary);
    nz_item_view_release(&r.view);
    nz_buf_release(&r.answers);
    if (err == NZ_E_NOMEM || (err == NZ_E_SNAPSHOT_LIMIT && diag && diag->code != err))
        return nz_diag_set(diag, err, "%s", "");
    return err;
}
