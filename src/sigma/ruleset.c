#include "sigma/index.h"
#include "sigma/set.h"

#include <stdlib.h>

/* What a whole set may take: a bound against a folder full of anything. */
#define SET_BYTES_MAX ((size_t)1 << 30)
#define DOCUMENTS_MAX 1000000u

/* --- memory --- */

static enum nz_err copy_placeholders(struct nz_ruleset *rs, const struct nz_ruleset_opts *opts)
{
    struct nz_placeholder *list = NZ_ARENA_ARRAY(&rs->keep, struct nz_placeholder, opts->placeholders_count);
    if (!list)
        return NZ_E_NOMEM;
    for (size_t i = 0; i < opts->placeholders_count; i++) {
        const struct nz_placeholder *from = &opts->placeholders[i];
        struct nz_str *values = NZ_ARENA_ARRAY(&rs->keep, struct nz_str, from->count);
        list[i] = (struct nz_placeholder){nz_arena_str(&rs->keep, from->name), values, from->count};
        if (!values || !list[i].name.p)
            return NZ_E_NOMEM;
        for (size_t k = 0; k < from->count; k++) {
            values[k] = nz_arena_str(&rs->keep, from->values[k]);
            if (!values[k].p)
                return NZ_E_NOMEM;
        }
    }
    rs->placeholders = list;
    rs->placeholders_count = opts->placeholders_count;
    return NZ_OK;
}

enum nz_err nz_ruleset_new(const struct nz_ruleset_opts *opts, nz_rule_problem_fn *problem, void *self,
                           struct nz_ruleset **out)
{
    *out = NULL;
    struct nz_ruleset *rs = calloc(1, sizeof *rs);
    if (!rs)
        return NZ_E_NOMEM;
    nz_arena_init(&rs->keep, SET_BYTES_MAX);
    rs->min_level = opts->min_level;
    rs->problem = problem;
    rs->problem_self = self;
    enum nz_err err = copy_placeholders(rs, opts);
    if (!err && opts->only.p) {
        rs->only = nz_arena_str(&rs->keep, opts->only);
        err = rs->only.p ? NZ_OK : NZ_E_NOMEM;
    }
    if (err) {
        nz_ruleset_free(rs);
        return err;
    }
    *out = rs;
    return NZ_OK;
}

void nz_ruleset_free(struct nz_ruleset *rs)
{
    if (!rs)
        return;
    for (struct nz_set_regex *r = rs->regexes; r; r = r->next)
        nz_regex_free(r->regex);
    nz_index_free(rs->index);
    free(rs->fields);
    free(rs->field_table);
    free(rs->loaded);
    free(rs->filters);
    nz_arena_release(&rs->keep);
    free(rs);
}

/* One place more in an array of items; false when memory is out. */
static bool grow(void **items, size_t count, size_t *room, size_t item_bytes)
{
    if (count < *room)
        return true;
    size_t wanted = *room ? *room * 2 : 64;
    void *grown = realloc(*items, wanted * item_bytes);
    if (!grown)
        return false;
    *items = grown;
    *room = wanted;
    return true;
}

enum nz_err nz_set_regex(struct nz_ruleset *rs, struct nz_str pattern, unsigned flags, const struct nz_regex **out,
                         struct nz_diag *diag)
{
    struct nz_set_regex *entry = NZ_ARENA_NEW(&rs->keep, struct nz_set_regex);
    if (!entry)
        return NZ_E_NOMEM;
    enum nz_err err = nz_regex_compile(pattern, flags, &entry->regex, diag);
    if (err)
        return err;
    entry->next = rs->regexes;
    rs->regexes = entry;
    *out = entry->regex;
    return NZ_OK;
}

const struct nz_placeholder *nz_set_placeholder(const struct nz_ruleset *rs, struct nz_str name)
{
    for (size_t i = 0; i < rs->placeholders_count; i++) {
        if (nz_str_eq(rs->placeholders[i].name, name))
            return &rs->placeholders[i];
    }
    return NULL;
}

void nz_set_report(struct nz_ruleset *rs, bool warning, struct nz_str file, const struct nz_diag *diag)
{
    rs->refused += !warning;
    if (rs->problem)
        rs->problem(rs->problem_self, warning, file, diag);
}

/* --- fields --- */

static size_t field_place(const struct nz_ruleset *rs, struct nz_str path)
{
    size_t at = nz_str_hash(path) & (rs->field_table_places - 1);
    while (rs->field_table[at] && !nz_str_eq(rs->fields[rs->field_table[at] - 1].path, path))
        at = (at + 1) & (rs->field_table_places - 1);
    return at;
}

static enum nz_err field_table_grow(struct nz_ruleset *rs)
{
    size_t places = rs->field_table_places ? rs->field_table_places * 2 : 256;
    uint32_t *table = calloc(places, sizeof *table);
    if (!table)
        return NZ_E_NOMEM;
    free(rs->field_table);
    rs->field_table = table;
    rs->field_table_places = places;
    for (size_t i = 0; i < rs->fields_count; i++)
        table[field_place(rs, rs->fields[i].path)] = (uint32_t)i + 1;
    return NZ_OK;
}

enum nz_err nz_set_field(struct nz_ruleset *rs, struct nz_str path, uint32_t *out)
{
    if (rs->fields_count * 2 >= rs->field_table_places && field_table_grow(rs) != NZ_OK)
        return NZ_E_NOMEM;
    size_t at = field_place(rs, path);
    if (rs->field_table[at]) {
        *out = rs->field_table[at] - 1;
        return NZ_OK;
    }
    struct nz_str own = nz_arena_str(&rs->keep, path);
    if (!own.p || !grow((void **)&rs->fields, rs->fields_count, &rs->fields_room, sizeof *rs->fields))
        return NZ_E_NOMEM;
    size_t dot = nz_str_find(own, NZ_STR("."));
    struct nz_str top = nz_str_head(own, dot);
    rs->fields[rs->fields_count] = (struct nz_field){own, nz_event_field_find(top), top.n};
    *out = (uint32_t)rs->fields_count++;
    rs->field_table[at] = *out + 1;
    return NZ_OK;
}

/* --- documents --- */

enum nz_err nz_set_add_rule(struct nz_ruleset *rs, struct nz_loaded *rule)
{
    if (!grow((void **)&rs->loaded, rs->loaded_count, &rs->loaded_room, sizeof(struct nz_loaded *)))
        return NZ_E_NOMEM;
    rs->loaded[rs->loaded_count++] = rule;
    return NZ_OK;
}

static enum nz_err keep_rule(struct nz_ruleset *rs, struct nz_rule_parser *p, const struct nz_yaml *document)
{
    struct nz_loaded *rule = NULL;
    enum nz_err err = nz_rule_parse(p, document, &rule);
    return err ? err : nz_set_add_rule(rs, rule);
}

static enum nz_err keep_filter(struct nz_ruleset *rs, struct nz_rule_parser *p, const struct nz_yaml *document)
{
    struct nz_filter *filter = NULL;
    enum nz_err err = nz_filter_parse(p, document, &filter);
    if (err)
        return err;
    if (!grow((void **)&rs->filters, rs->filters_count, &rs->filters_room, sizeof(struct nz_filter *)))
        return NZ_E_NOMEM;
    rs->filters[rs->filters_count++] = filter;
    return NZ_OK;
}

/* Sigma before 2.0 shared parts between the documents of a file by `action: global`, `repeat` and `reset`. */
static bool is_old_action(const struct nz_yaml *node)
{
    return node && node->kind == NZ_YAML_SCALAR &&
           (nz_str_eq(node->text, NZ_STR("global")) || nz_str_eq(node->text, NZ_STR("repeat")) ||
            nz_str_eq(node->text, NZ_STR("reset")));
}

static enum nz_err parse_document(struct nz_ruleset *rs, struct nz_rule_parser *p, const struct nz_yaml *document)
{
    if (document->kind != NZ_YAML_MAPPING)
        return nz_rule_error(p, document, NZ_E_RULE_SYNTAX, "a rule must be a map");
    const struct nz_yaml *action = nz_yaml_get(document, "action");
    if (is_old_action(action))
        return nz_rule_error(p, action, NZ_E_RULE_OLD, "'action': write each rule as a document of its own");
    if (rs->loaded_count + rs->filters_count >= DOCUMENTS_MAX)
        return nz_rule_error(p, document, NZ_E_RULE_LIMIT, "more than %u rules", DOCUMENTS_MAX);
    return nz_yaml_get(document, "filter") ? keep_filter(rs, p, document) : keep_rule(rs, p, document);
}

static enum nz_err add_document(struct nz_ruleset *rs, struct nz_rule_parser *p, const struct nz_yaml *document)
{
    struct nz_diag diag = NZ_DIAG_INIT;
    if (nz_yaml_is_null(document))
        return NZ_OK; /* what stands after a last `---` */
    p->diag = &diag;
    p->items = p->tests = 0;
    enum nz_err err = parse_document(rs, p, document);
    if (err == NZ_OK || err == NZ_E_NOMEM)
        return err;
    diag.file = p->path;
    nz_set_report(rs, false, p->path, &diag);
    return NZ_OK;
}

/* The first "---" on a line after `line`: its offset, and its own line. SIZE_MAX: none. YAML 1.2.2, section 9.1.2: it
 * begins a document, whatever it stands in. */
static size_t next_document(struct nz_str text, uint32_t line, uint32_t *marker_line)
{
    size_t at = 0;
    for (uint32_t here = 1; at < text.n; here++) {
        const char *end = memchr(text.p + at, '\n', text.n - at);
        struct nz_str rest = nz_str_skip(text, at);
        *marker_line = here;
        if (here > line && nz_str_starts_with(rest, NZ_STR("---")) && (rest.n == 3 || strchr(" \t\r\n", rest.p[3])))
            return at;
        at = end ? (size_t)(end - text.p) + 1 : text.n;
    }
    return SIZE_MAX;
}

/* So that what follows keeps its lines and columns. */
static void blank(char *text, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (text[i] != '\n')
            text[i] = ' ';
    }
}

struct resume {
    size_t at;                       /* where to go on, or SIZE_MAX */
    uint32_t line;                   /* of the "---" there */
    uint32_t told_line, told_column; /* the fault told last: a second look at its document meets it again */
};

/* One parse: the documents before a fault, if there is one. The fault may have been noticed documents further on, so
 * reading goes on at the first "---" behind the last good document: that of the broken one, or behind it. */
static enum nz_err add_until_fault(struct nz_ruleset *rs, struct nz_rule_parser *p, struct nz_str text,
                                   struct resume *resume)
{
    struct nz_diag diag = NZ_DIAG_INIT;
    const struct nz_yaml *documents = NULL;
    size_t count = 0;
    enum nz_err err = nz_yaml_parse(p->scratch, text, &documents, &count, &diag);
    resume->at = SIZE_MAX;
    if (err == NZ_E_NOMEM)
        return err;
    for (size_t i = 0; i < count; i++) {
        enum nz_err bad = add_document(rs, p, &documents[i]);
        if (bad)
            return bad;
        resume->line = documents[i].line > resume->line ? documents[i].line : resume->line;
    }
    if (!err)
        return NZ_OK;
    if (diag.line != resume->told_line || diag.column != resume->told_column || diag.line == 0) {
        diag.file = p->path;
        nz_set_report(rs, false, p->path, &diag);
    }
    resume->told_line = diag.line;
    resume->told_column = diag.column;
    if (diag.line)
        resume->at = next_document(text, resume->line, &resume->line);
    return NZ_OK;
}

static enum nz_err add_documents(struct nz_ruleset *rs, struct nz_rule_parser *p, struct nz_str text)
{
    struct resume resume = {0};
    enum nz_err err = add_until_fault(rs, p, text, &resume);
    if (err || resume.at == SIZE_MAX)
        return err;
    struct nz_str copy = nz_arena_str(p->scratch, text);
    char *bytes = (char *)(uintptr_t)copy.p;
    /* each goes through the file again, so their number is bounded; a broken document may be looked at twice */
    for (unsigned looks = 1; bytes && !err && resume.at != SIZE_MAX; looks++) {
        if (looks == 2 * NZ_RULE_FILE_FAULTS_MAX) {
            struct nz_diag diag = NZ_DIAG_INIT;
            nz_diag_set(&diag, NZ_E_RULE_LIMIT,
                        "more than %u documents that are no YAML: the rest of the file is left out",
                        NZ_RULE_FILE_FAULTS_MAX - 1);
            diag.file = p->path;
            nz_set_report(rs, false, p->path, &diag);
            break;
        }
        blank(bytes, resume.at);
        err = add_until_fault(rs, p, copy, &resume);
    }
    return bytes ? err : NZ_E_NOMEM;
}

enum nz_err nz_ruleset_add(struct nz_ruleset *rs, struct nz_str path, struct nz_str text)
{
    struct nz_arena scratch;
    nz_arena_init(&scratch, SET_BYTES_MAX);
    struct nz_rule_parser p = {.rs = rs, .keep = &rs->keep, .scratch = &scratch, .source = text};
    p.path = nz_arena_str(&rs->keep, path);
    enum nz_err err = p.path.p ? add_documents(rs, &p, text) : NZ_E_NOMEM;
    nz_arena_release(&scratch);
    return err;
}

/* --- compiling --- */

static int by_key(const void *a, const void *b)
{
    const struct nz_rule *x = &(*(struct nz_loaded *const *)a)->rule, *y = &(*(struct nz_loaded *const *)b)->rule;
    int order = nz_str_cmp(x->key, y->key);
    if (order == 0)
        order = nz_str_cmp(x->path, y->path);
    return order ? order : (x->line > y->line) - (x->line < y->line);
}

/* An id is the key when there is one, so equal ids are neighbours. */
static void warn_duplicates(struct nz_ruleset *rs)
{
    for (size_t i = 1; i < rs->loaded_count; i++) {
        const struct nz_rule *a = &rs->loaded[i - 1]->rule, *b = &rs->loaded[i]->rule;
        if (!a->id.p || !b->id.p || !nz_str_eq(a->id, b->id))
            continue;
        struct nz_diag diag = NZ_DIAG_INIT;
        nz_diag_at(&diag, NZ_E_RULE_DUPLICATE, b->line, rs->loaded[i]->column, "%.*s, also in %.*s:%u",
                   (int)(b->id.n < 64 ? b->id.n : 64), b->id.p, (int)(a->path.n < 128 ? a->path.n : 128), a->path.p,
                   a->line);
        diag.file = b->path;
        nz_set_report(rs, true, b->path, &diag);
    }
}

enum nz_err nz_ruleset_compile(struct nz_ruleset *rs)
{
    if (rs->loaded_count)
        qsort(rs->loaded, rs->loaded_count, sizeof(struct nz_loaded *), by_key);
    warn_duplicates(rs);
    enum nz_err err = nz_set_apply_filters(rs);
    if (!err)
        err = nz_set_resolve(rs);
    if (!err)
        err = nz_index_new(rs, &rs->index);
    rs->compiled = err == NZ_OK;
    return err;
}

size_t nz_ruleset_count(const struct nz_ruleset *rs)
{
    return rs->loaded_count;
}

const struct nz_rule *nz_ruleset_rule(const struct nz_ruleset *rs, size_t index)
{
    return &rs->loaded[index]->rule;
}

size_t nz_ruleset_refused(const struct nz_ruleset *rs)
{
    return rs->refused;
}
