#include "inventory/credential_report.h"

#include "core/json.h"

struct fields {
    size_t from[NZ_REPORT_COLUMNS_MAX + 1]; /* in texts; the last is the end */
    size_t count;
    bool overflow;
    struct nz_buf texts;
};

static struct nz_str field(const struct fields *f, size_t i)
{
    return nz_str_of(f->texts.p ? f->texts.p + f->from[i] : "", f->from[i + 1] - f->from[i]);
}

/* RFC 4180, section 2.7: "a double-quote appearing inside a field must be escaped by preceding it with another double
 * quote". Takes the field off *rest, up to its comma or line end. */
static void field_read(struct nz_str *rest, struct nz_buf *out)
{
    bool quoted = rest->n && rest->p[0] == '"';
    size_t i = quoted;
    for (; i < rest->n; i++) {
        char c = rest->p[i];
        if (quoted && c == '"' && i + 1 < rest->n && rest->p[i + 1] == '"')
            i++;
        else if (quoted && c == '"')
            quoted = false;
        else if (!quoted && (c == ',' || c == '\n' || c == '\r'))
            break;
        if (c != '"' || quoted)
            nz_buf_append_char(out, c);
    }
    *rest = nz_str_skip(*rest, i);
}

/* One line off the front. */
static void line_read(struct nz_str *rest, struct fields *f)
{
    f->count = 0;
    f->overflow = false;
    nz_buf_clear(&f->texts);
    f->from[0] = 0;
    for (;;) {
        field_read(rest, &f->texts);
        if (f->count < NZ_REPORT_COLUMNS_MAX)
            f->from[++f->count] = f->texts.n;
        else
            f->overflow = true;
        if (!rest->n || rest->p[0] != ',')
            break;
        *rest = nz_str_skip(*rest, 1);
    }
    while (rest->n && (rest->p[0] == '\r' || rest->p[0] == '\n'))
        *rest = nz_str_skip(*rest, 1);
}

static size_t column_of(const struct fields *head, const char *name)
{
    for (size_t i = 0; i < head->count; i++) {
        if (nz_str_eq(field(head, i), nz_str_from_c(name)))
            return i;
    }
    return SIZE_MAX;
}

static void row_append(const struct fields *head, const struct fields *line, struct nz_buf *out)
{
    for (size_t i = 0; i < head->count; i++) {
        nz_buf_append_char(out, i ? ',' : '{');
        nz_json_append_string(out, field(head, i));
        nz_buf_append_char(out, ':');
        nz_json_append_string(out, field(line, i));
    }
    nz_buf_append_char(out, '}');
}

struct reading {
    struct fields head, line;
    struct nz_buf json;
    size_t user, arn; /* columns */
};

static enum nz_err rows_read(struct reading *r, struct nz_str rest, nz_report_row_fn *row, void *self, uint64_t *bad)
{
    enum nz_err err = NZ_OK;
    while (err == NZ_OK && rest.n) {
        line_read(&rest, &r->line);
        if (r->line.texts.failed)
            return NZ_E_NOMEM;
        if (r->line.overflow || r->line.count != r->head.count || !field(&r->line, r->user).n ||
            !field(&r->line, r->arn).n) {
            ++*bad;
            continue;
        }
        nz_buf_clear(&r->json);
        row_append(&r->head, &r->line, &r->json);
        const struct nz_report_row one = {
            .user = field(&r->line, r->user), .arn = field(&r->line, r->arn), .json = nz_buf_view(&r->json)};
        err = r->json.failed ? NZ_E_NOMEM : row(self, &one);
    }
    return err;
}

enum nz_err nz_credential_report_read(struct nz_str csv, nz_report_row_fn *row, void *self, uint64_t *bad)
{
    struct reading r = {0};
    nz_buf_init(&r.head.texts, 0);
    nz_buf_init(&r.line.texts, 0);
    nz_buf_init(&r.json, 0);
    *bad = 0;
    line_read(&csv, &r.head);
    r.user = column_of(&r.head, "user");
    r.arn = column_of(&r.head, "arn");
    enum nz_err err = r.head.texts.failed                                          ? NZ_E_NOMEM
                      : r.head.overflow || r.user == SIZE_MAX || r.arn == SIZE_MAX ? NZ_E_AWS_ANSWER
                                                                                   : NZ_OK;
    if (err == NZ_OK)
        err = rows_read(&r, csv, row, self, bad);
    nz_buf_release(&r.head.texts);
    nz_buf_release(&r.line.texts);
    nz_buf_release(&r.json);
    return err;
}
