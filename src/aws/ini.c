#include "aws/ini.h"

struct reader {
    struct nz_arena *keep;
    struct nz_diag *diag;
    struct nz_aws_ini_entry *entries;
    size_t count, room;
    struct nz_str kind, name; /* of the section that is open */
    bool in_section;
    size_t last; /* the entry that an indented line belongs to; SIZE_MAX: none */
    uint32_t line;
};

static enum nz_err wrong(struct reader *r, const char *what)
{
    return nz_diag_at(r->diag, NZ_E_AWS_CONFIG, r->line, 0, "%s", what);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* " #" and " ;" begin a comment; a # within a word does not. */
static struct nz_str without_comment(struct nz_str text)
{
    for (size_t i = 0; i < text.n; i++) {
        if ((text.p[i] == '#' || text.p[i] == ';') && (i == 0 || is_blank(text.p[i - 1])))
            return nz_str_head(text, i);
    }
    return text;
}

static enum nz_err entry_add(struct reader *r, struct nz_aws_ini_entry entry)
{
    if (r->count >= NZ_AWS_INI_ENTRIES_MAX)
        return wrong(r, "too many keys");
    if (r->count == r->room) {
        size_t room = r->room ? r->room * 2 : 32;
        struct nz_aws_ini_entry *grown = NZ_ARENA_ARRAY(r->keep, struct nz_aws_ini_entry, room);
        if (!grown)
            return NZ_E_NOMEM;
        if (r->count)
            memcpy(grown, r->entries, r->count * sizeof *grown);
        r->entries = grown;
        r->room = room;
    }
    entry.kind = r->kind;
    entry.name = r->name;
    entry.line = r->line;
    r->entries[r->count++] = entry;
    return NZ_OK;
}

static struct nz_str unquoted(struct nz_str text)
{
    if (text.n >= 2 && (text.p[0] == '"' || text.p[0] == '\'') && text.p[text.n - 1] == text.p[0])
        return nz_str_of(text.p + 1, text.n - 2);
    return text;
}

/* "[profile work]", "[default]" */
static enum nz_err section_read(struct reader *r, struct nz_str line)
{
    size_t end = nz_str_find(line, NZ_STR("]"));
    if (end == SIZE_MAX)
        return wrong(r, "a section's name has no ]");
    if (nz_str_trim(without_comment(nz_str_skip(line, end + 1))).n)
        return wrong(r, "something stands behind a section's name");
    struct nz_str inner = nz_str_trim(nz_str_of(line.p + 1, end - 1));
    if (!inner.n)
        return wrong(r, "a section has no name");
    size_t blank = 0;
    while (blank < inner.n && !is_blank(inner.p[blank]))
        blank++;
    const bool has_kind = blank < inner.n && inner.p[0] != '"' && inner.p[0] != '\'';
    r->kind = has_kind ? nz_str_head(inner, blank) : NZ_STR("");
    r->name = unquoted(nz_str_trim(nz_str_skip(inner, has_kind ? blank : 0)));
    r->in_section = true;
    r->last = SIZE_MAX;
    return entry_add(r, (struct nz_aws_ini_entry){0});
}

static enum nz_err pair_split(struct reader *r, struct nz_str line, struct nz_aws_ini_entry *out)
{
    size_t equals = nz_str_find(line, NZ_STR("="));
    if (equals == SIZE_MAX)
        return wrong(r, "neither a section nor \"key = value\"");
    out->key = nz_str_trim(nz_str_head(line, equals));
    out->value = nz_str_trim(without_comment(nz_str_skip(line, equals + 1)));
    return out->key.n ? NZ_OK : wrong(r, "a value has no key");
}

static enum nz_err pair_read(struct reader *r, struct nz_str line)
{
    struct nz_aws_ini_entry entry = {0};
    if (!r->in_section)
        return wrong(r, "a key stands before the first section");
    enum nz_err err = pair_split(r, line, &entry);
    r->last = r->count;
    return err ? err : entry_add(r, entry);
}

/* Below an empty value a nested pair, else more of the value. */
static enum nz_err indented_read(struct reader *r, struct nz_str line)
{
    struct nz_aws_ini_entry nested = {0};
    if (r->last == SIZE_MAX)
        return wrong(r, "a line that begins with white space belongs to no key");
    struct nz_aws_ini_entry *outer = &r->entries[r->last];
    if (outer->value.n == 0) {
        nested.outer = outer->key;
        enum nz_err err = pair_split(r, line, &nested);
        return err ? err : entry_add(r, nested);
    }
    struct nz_str more = nz_str_trim(without_comment(line));
    char *joined = nz_arena_alloc(r->keep, outer->value.n + 1 + more.n);
    if (!joined)
        return NZ_E_NOMEM;
    memcpy(joined, outer->value.p, outer->value.n);
    joined[outer->value.n] = '\n';
    memcpy(joined + outer->value.n + 1, more.p, more.n);
    outer->value = nz_str_of(joined, outer->value.n + 1 + more.n);
    return NZ_OK;
}

static enum nz_err line_read(struct reader *r, struct nz_str line)
{
    struct nz_str text = nz_str_trim(line);
    if (!text.n || text.p[0] == '#' || text.p[0] == ';')
        return NZ_OK;
    if (memchr(text.p, 0, text.n))
        return wrong(r, "a NUL byte");
    if (is_blank(line.p[0]))
        return indented_read(r, text);
    return line.p[0] == '[' ? section_read(r, text) : pair_read(r, text);
}

enum nz_err nz_aws_ini_parse(struct nz_str text, struct nz_arena *keep, struct nz_aws_ini *out, struct nz_diag *diag)
{
    struct reader r = {.keep = keep, .diag = diag, .last = SIZE_MAX};
    *out = (struct nz_aws_ini){0};
    if (text.n > NZ_AWS_INI_BYTES_MAX)
        return nz_diag_set(diag, NZ_E_AWS_CONFIG, "larger than 1 MiB");
    if (nz_str_starts_with(text, NZ_STR("\xef\xbb\xbf")))
        text = nz_str_skip(text, 3);
    while (text.n) {
        struct nz_str line = nz_str_take(&text, NZ_STR("\n"));
        r.line++;
        enum nz_err err = line_read(&r, line);
        if (err)
            return err;
    }
    *out = (struct nz_aws_ini){r.entries, r.count};
    return NZ_OK;
}

static bool is_in(const struct nz_aws_ini_entry *e, struct nz_str kind, struct nz_str name)
{
    return nz_str_eq(e->kind, kind) && nz_str_eq(e->name, name);
}

struct nz_str nz_aws_ini_get(const struct nz_aws_ini *ini, struct nz_str kind, struct nz_str name, struct nz_str outer,
                             struct nz_str key, uint32_t *line)
{
    for (size_t i = ini->count; i-- > 0;) {
        const struct nz_aws_ini_entry *e = &ini->entries[i];
        if (!is_in(e, kind, name) || !nz_str_eq_nocase(e->outer, outer) || !nz_str_eq_nocase(e->key, key))
            continue;
        if (line)
            *line = e->line;
        return e->value;
    }
    return (struct nz_str){0};
}

bool nz_aws_ini_has(const struct nz_aws_ini *ini, struct nz_str kind, struct nz_str name)
{
    for (size_t i = 0; i < ini->count; i++) {
        if (is_in(&ini->entries[i], kind, name))
            return true;
    }
    return false;
}
