/* libyaml's events turned into a tree.
 *
 *   events    MAP-START  a  SEQ-START  1  2  SEQ-END  MAP-END
 *   pending   a | a 1 | a 1 2 | a [1 2] | {a: [1 2]}       a stack of finished nodes; a collection's end takes its
 *   open      {  |  { [ ...                                children off it and puts the collection on
 *
 * An alias copies the node that it names, not what is below it, so a document takes memory as it is written. What it
 * would be with every alias written out is counted in `weight`, and that count is bounded: consumers walk the tree,
 * aliases and all. */
#include "core/yaml.h"

#include <stdlib.h>
#include <yaml.h>

#define SOURCE_BYTES_MAX ((size_t)4 << 20)
#define NODES_MAX 200000u
#define DEPTH_MAX 64u
/* both are searched from end to end, by us and by libyaml */
#define ANCHORS_MAX 1024u
#define TAG_DIRECTIVES_MAX 64u

struct pending {
    struct nz_yaml node;
    uint32_t weight; /* nodes in it, itself included, aliases written out */
    uint32_t height; /* levels in it, 1 for a scalar */
};

struct anchor {
    struct nz_str name; /* in keep */
    struct pending value;
    bool complete; /* false while its collection is still open: an alias to it would be a cycle */
};

struct open_collection {
    struct nz_yaml node;
    size_t first_child; /* index in pending */
    size_t anchor;      /* index in anchors, SIZE_MAX: none */
};

struct builder {
    struct nz_arena *keep;
    struct nz_diag *diag;
    struct pending *pending;
    size_t pending_count, pending_room;
    struct nz_yaml *documents;
    size_t documents_count, documents_room;
    struct anchor *anchors; /* of the document being read */
    size_t anchors_count, anchors_room;
    struct open_collection open[DEPTH_MAX];
    size_t open_count;
    uint32_t weight; /* of all documents so far */
};

/* The items, with room for one more, or NULL (then they are as they were). */
static void *with_room(void *items, size_t count, size_t *room, size_t item_bytes)
{
    if (count < *room)
        return items;
    /* cannot overflow: NODES_MAX bounds every list */
    size_t wanted = *room ? *room * 2 : 16;
    void *grown = realloc(items, wanted * item_bytes);
    if (grown)
        *room = wanted;
    return grown;
}

static uint32_t line_of(yaml_mark_t mark)
{
    return (uint32_t)mark.line + 1;
}

static uint32_t column_of(yaml_mark_t mark)
{
    return (uint32_t)mark.column + 1;
}

static enum nz_err at_mark(struct builder *b, enum nz_err err, yaml_mark_t mark, const char *text)
{
    return nz_diag_at(b->diag, err, line_of(mark), column_of(mark), "%s", text);
}

/* --- nodes --- */

static enum nz_err node_push(struct builder *b, struct pending item, yaml_mark_t mark)
{
    if (item.height + b->open_count > DEPTH_MAX)
        return at_mark(b, NZ_E_YAML_LIMIT, mark, "more than 64 levels");
    struct pending *list = with_room(b->pending, b->pending_count, &b->pending_room, sizeof *list);
    if (!list)
        return NZ_E_NOMEM;
    b->pending = list;
    b->pending[b->pending_count++] = item;
    return NZ_OK;
}

/* Counted where nodes are written, not where collections end, so that the limit is met as early as possible. */
static enum nz_err weight_add(struct builder *b, uint32_t weight, yaml_mark_t mark)
{
    if (weight > NODES_MAX - b->weight)
        return at_mark(b, NZ_E_YAML_LIMIT, mark, "more than 200000 nodes, aliases written out");
    b->weight += weight;
    return NZ_OK;
}

/* index is SIZE_MAX when there is no anchor. A name that stands again names the later node (YAML 1.2.2, 3.2.2.2). */
static enum nz_err anchor_add(struct builder *b, const yaml_char_t *name, yaml_mark_t mark, size_t *index)
{
    *index = SIZE_MAX;
    if (!name)
        return NZ_OK;
    if (b->anchors_count >= ANCHORS_MAX)
        return at_mark(b, NZ_E_YAML_LIMIT, mark, "more than 1024 anchors in a document");
    struct anchor *list = with_room(b->anchors, b->anchors_count, &b->anchors_room, sizeof *list);
    if (!list)
        return NZ_E_NOMEM;
    b->anchors = list;
    struct nz_str copy = nz_arena_str(b->keep, nz_str_from_c((const char *)name));
    if (!copy.p)
        return NZ_E_NOMEM;
    *index = b->anchors_count;
    b->anchors[b->anchors_count++] = (struct anchor){.name = copy};
    return NZ_OK;
}

static void anchor_complete(struct builder *b, size_t index, struct pending value)
{
    if (index == SIZE_MAX)
        return;
    b->anchors[index].value = value;
    b->anchors[index].complete = true;
}

static enum nz_err on_alias(struct builder *b, const yaml_event_t *event)
{
    struct nz_str name = nz_str_from_c((const char *)event->data.alias.anchor);
    const struct anchor *found = NULL;
    for (size_t i = b->anchors_count; i-- > 0 && !found;) {
        if (nz_str_eq(b->anchors[i].name, name))
            found = &b->anchors[i];
    }
    if (!found)
        return at_mark(b, NZ_E_YAML_SYNTAX, event->start_mark, "alias without an anchor before it");
    if (!found->complete)
        return at_mark(b, NZ_E_YAML_LIMIT, event->start_mark, "alias inside the node that it names");
    enum nz_err err = weight_add(b, found->value.weight, event->start_mark);
    if (err)
        return err;
    struct pending item = found->value;
    item.node.line = line_of(event->start_mark);
    item.node.column = column_of(event->start_mark);
    return node_push(b, item, event->start_mark);
}

/* Text by style, or by an explicit tag: "!" is the non-specific tag that says so (YAML 1.2.2, 6.9.1). */
static bool is_text(const yaml_event_t *event)
{
    const char *tag = (const char *)event->data.scalar.tag;
    return event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE ||
           (tag && (strcmp(tag, "!") == 0 || strcmp(tag, YAML_STR_TAG) == 0));
}

static enum nz_err on_scalar(struct builder *b, const yaml_event_t *event)
{
    struct pending item = {.node = {.kind = NZ_YAML_SCALAR,
                                    .line = line_of(event->start_mark),
                                    .column = column_of(event->start_mark),
                                    .quoted = is_text(event)},
                           .weight = 1,
                           .height = 1};
    enum nz_err err = weight_add(b, 1, event->start_mark);
    if (err)
        return err;
    item.node.text =
        nz_arena_str(b->keep, nz_str_of((const char *)event->data.scalar.value, event->data.scalar.length));
    if (!item.node.text.p)
        return NZ_E_NOMEM;
    size_t anchor;
    err = anchor_add(b, event->data.scalar.anchor, event->start_mark, &anchor);
    if (err)
        return err;
    anchor_complete(b, anchor, item);
    return node_push(b, item, event->start_mark);
}

static enum nz_err on_open(struct builder *b, const yaml_event_t *event, enum nz_yaml_kind kind,
                           const yaml_char_t *anchor)
{
    if (b->open_count >= DEPTH_MAX)
        return at_mark(b, NZ_E_YAML_LIMIT, event->start_mark, "more than 64 levels");
    enum nz_err err = weight_add(b, 1, event->start_mark);
    if (err)
        return err;
    struct open_collection *open = &b->open[b->open_count];
    *open = (struct open_collection){
        .node = {.kind = kind, .line = line_of(event->start_mark), .column = column_of(event->start_mark)},
        .first_child = b->pending_count,
    };
    err = anchor_add(b, anchor, event->start_mark, &open->anchor);
    if (err)
        return err;
    b->open_count++;
    return NZ_OK;
}

/* --- duplicate keys --- */

static int key_order(const void *a, const void *b)
{
    const struct nz_yaml *const *x = a, *const *y = b;
    int order = nz_str_cmp((*x)->text, (*y)->text);
    /* keys lie in one array, in order of writing */
    return order ? order : (*x > *y) - (*x < *y);
}

/* YAML 1.2.2, section 3.2.1.3: keys of a mapping are unique. Compared as the text that nz_yaml_get looks for, so 1 and
 * "1" are the same key; keys that are collections are not compared. */
static enum nz_err duplicate_check(struct builder *b, const struct nz_yaml *mapping)
{
    const struct nz_yaml **keys = malloc((mapping->count + 1) * sizeof *keys), *first = NULL;
    size_t n = 0;
    if (!keys)
        return NZ_E_NOMEM;
    for (size_t i = 0; i < mapping->count; i++) {
        if (mapping->items[2 * i].kind == NZ_YAML_SCALAR)
            keys[n++] = &mapping->items[2 * i];
    }
    qsort(keys, n, sizeof *keys, key_order);
    for (size_t i = 1; i < n; i++) {
        if (nz_str_eq(keys[i - 1]->text, keys[i]->text) && (!first || keys[i] < first))
            first = keys[i];
    }
    free(keys);
    if (!first)
        return NZ_OK;
    return nz_diag_at(b->diag, NZ_E_YAML_DUPLICATE, first->line, first->column, "'%.*s'",
                      NZ_STR_ARG(nz_str_head(first->text, 100)));
}

static enum nz_err on_close(struct builder *b, const yaml_event_t *event)
{
    struct open_collection *open = &b->open[--b->open_count];
    size_t children = b->pending_count - open->first_child;
    const struct pending *from = children ? b->pending + open->first_child : NULL;
    struct nz_yaml *items = NZ_ARENA_ARRAY(b->keep, struct nz_yaml, children);
    if (!items)
        return NZ_E_NOMEM;
    struct pending item = {.node = open->node, .weight = 1};
    for (size_t i = 0; i < children; i++) {
        items[i] = from[i].node;
        item.weight += from[i].weight;
        if (from[i].height > item.height)
            item.height = from[i].height;
    }
    item.height++;
    item.node.items = items;
    item.node.count = item.node.kind == NZ_YAML_MAPPING ? children / 2 : children;
    b->pending_count = open->first_child;
    if (item.node.kind == NZ_YAML_MAPPING) {
        enum nz_err err = duplicate_check(b, &item.node);
        if (err)
            return err;
    }
    anchor_complete(b, open->anchor, item);
    return node_push(b, item, event->start_mark);
}

/* --- documents --- */

static enum nz_err on_document_end(struct builder *b)
{
    struct nz_yaml *list = with_room(b->documents, b->documents_count, &b->documents_room, sizeof *list);
    if (!list)
        return NZ_E_NOMEM;
    b->documents = list;
    b->documents[b->documents_count++] = b->pending[0].node;
    b->pending_count = 0;
    b->anchors_count = 0; /* section 3.2.2.2: an anchor holds for its document */
    return NZ_OK;
}

static enum nz_err on_event(struct builder *b, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_STREAM_END_EVENT:
    case YAML_DOCUMENT_START_EVENT:
        return NZ_OK;
    case YAML_DOCUMENT_END_EVENT:
        return on_document_end(b);
    case YAML_ALIAS_EVENT:
        return on_alias(b, event);
    case YAML_SCALAR_EVENT:
        return on_scalar(b, event);
    case YAML_SEQUENCE_START_EVENT:
        return on_open(b, event, NZ_YAML_SEQUENCE, event->data.sequence_start.anchor);
    case YAML_MAPPING_START_EVENT:
        return on_open(b, event, NZ_YAML_MAPPING, event->data.mapping_start.anchor);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        return on_close(b, event);
    }
    return NZ_E_BUG;
}

/* The reader of libyaml knows the byte at fault but no line. */
static yaml_mark_t mark_of_offset(struct nz_str source, size_t offset)
{
    yaml_mark_t mark = {0};
    struct nz_str before = nz_str_head(source, offset);
    for (size_t i = 0; i < before.n; i++) {
        unsigned char c = (unsigned char)before.p[i];
        if (c == '\n') {
            mark.line++;
            mark.column = 0;
        } else if ((c & 0xc0) != 0x80) {
            mark.column++; /* columns count characters */
        }
    }
    return mark;
}

static enum nz_err parser_error(struct builder *b, const yaml_parser_t *parser, struct nz_str source)
{
    const char *problem = parser->problem ? parser->problem : "";
    if (parser->error == YAML_MEMORY_ERROR)
        return NZ_E_NOMEM;
    if (parser->error == YAML_READER_ERROR)
        return at_mark(b, NZ_E_YAML_SYNTAX, mark_of_offset(source, parser->problem_offset), problem);
    yaml_mark_t mark = parser->problem_mark;
    if (!parser->context)
        return at_mark(b, NZ_E_YAML_SYNTAX, mark, problem);
    return nz_diag_at(b->diag, NZ_E_YAML_SYNTAX, line_of(mark), column_of(mark), "%s, %s (line %u)", problem,
                      parser->context, line_of(parser->context_mark));
}

static enum nz_err events_read(struct builder *b, yaml_parser_t *parser, struct nz_str source)
{
    bool at_end = false;
    while (!at_end) {
        yaml_event_t event;
        if (!yaml_parser_parse(parser, &event))
            return parser_error(b, parser, source);
        at_end = event.type == YAML_STREAM_END_EVENT || event.type == YAML_NO_EVENT;
        enum nz_err err = on_event(b, &event);
        yaml_event_delete(&event);
        if (err)
            return err;
    }
    return NZ_OK;
}

/* libyaml compares each %TAG directive with all before it: a file of them alone would take quadratic time. Lines of a
 * text that look like one are counted too, which does no harm at 64. */
static bool has_many_tag_directives(struct nz_str source)
{
    static const struct nz_str directive = {"%TAG", 4};
    size_t found = 0;
    while (found <= TAG_DIRECTIVES_MAX) {
        size_t at = nz_str_find(source, directive);
        if (at == SIZE_MAX)
            return false;
        found++;
        source = nz_str_skip(source, at + directive.n);
    }
    return true;
}

enum nz_err nz_yaml_parse(struct nz_arena *keep, struct nz_str source, const struct nz_yaml **out, size_t *count,
                          struct nz_diag *diag)
{
    *out = NULL;
    *count = 0;
    if (source.n > SOURCE_BYTES_MAX)
        return nz_diag_set(diag, NZ_E_YAML_LIMIT, "more than 4 MiB");
    if (has_many_tag_directives(source))
        return nz_diag_set(diag, NZ_E_YAML_LIMIT, "more than 64 %%TAG directives");
    struct builder *b = calloc(1, sizeof *b);
    yaml_parser_t parser;
    if (!b || !yaml_parser_initialize(&parser)) {
        free(b);
        return nz_diag_set(diag, NZ_E_NOMEM, "%s", "");
    }
    b->keep = keep;
    b->diag = diag;
    yaml_parser_set_input_string(&parser, (const unsigned char *)(source.n ? source.p : ""), source.n);
    enum nz_err err = events_read(b, &parser, source);
    yaml_parser_delete(&parser);

    struct nz_yaml *documents = NZ_ARENA_ARRAY(keep, struct nz_yaml, b->documents_count);
    if (documents) {
        if (b->documents_count)
            memcpy(documents, b->documents, b->documents_count * sizeof *documents);
        *out = documents;
        *count = b->documents_count;
    } else {
        err = NZ_E_NOMEM;
    }
    free(b->pending);
    free(b->documents);
    free(b->anchors);
    free(b);
    return err == NZ_E_NOMEM ? nz_diag_set(diag, err, "%s", "") : err;
}

/* --- what a scalar means --- */

static bool is_one_of(struct nz_str text, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (nz_str_eq(text, nz_str_from_c(words[i])))
            return true;
    }
    return false;
}
#define IS_ONE_OF(text, words) is_one_of((text), (words), sizeof(words) / sizeof *(words))

static size_t digits_at(struct nz_str s, size_t at)
{
    size_t n = 0;
    while (at + n < s.n && s.p[at + n] >= '0' && s.p[at + n] <= '9')
        n++;
    return n;
}

/* [-+]? [0-9]+ | 0o [0-7]+ | 0x [0-9a-fA-F]+ */
static bool is_int(struct nz_str s)
{
    size_t at = s.n && (s.p[0] == '-' || s.p[0] == '+');
    if (s.n > at && digits_at(s, at) == s.n - at)
        return true;
    if (s.n < 3 || s.p[0] != '0' || (s.p[1] != 'o' && s.p[1] != 'x'))
        return false;
    for (size_t i = 2; i < s.n; i++) {
        unsigned char c = nz_ascii_lower((unsigned char)s.p[i]);
        bool digit = c >= '0' && c <= (s.p[1] == 'o' ? '7' : '9');
        if (!digit && !(s.p[1] == 'x' && c >= 'a' && c <= 'f'))
            return false;
    }
    return true;
}

/* [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?, or infinity, or not a number */
static bool is_float(struct nz_str s)
{
    static const char *const infinite[] = {".inf", ".Inf", ".INF"}, *const nan[] = {".nan", ".NaN", ".NAN"};
    if (IS_ONE_OF(s, nan))
        return true;
    size_t at = s.n && (s.p[0] == '-' || s.p[0] == '+');
    if (IS_ONE_OF(nz_str_skip(s, at), infinite))
        return true;
    size_t whole = digits_at(s, at), part = 0;
    at += whole;
    if (at < s.n && s.p[at] == '.') {
        at++;
        part = digits_at(s, at);
        at += part;
    }
    if (whole + part == 0)
        return false;
    if (at < s.n && (s.p[at] == 'e' || s.p[at] == 'E')) {
        at++;
        if (at < s.n && (s.p[at] == '-' || s.p[at] == '+'))
            at++;
        size_t exponent = digits_at(s, at);
        if (exponent == 0)
            return false;
        at += exponent;
    }
    return at == s.n;
}

static const char *const nulls[] = {"", "~", "null", "Null", "NULL"};
static const char *const trues[] = {"true", "True", "TRUE"};
static const char *const falses[] = {"false", "False", "FALSE"};

enum nz_yaml_type nz_yaml_type(const struct nz_yaml *scalar)
{
    if (scalar->kind != NZ_YAML_SCALAR || scalar->quoted)
        return NZ_YAML_TEXT;
    if (IS_ONE_OF(scalar->text, nulls))
        return NZ_YAML_NULL;
    if (IS_ONE_OF(scalar->text, trues) || IS_ONE_OF(scalar->text, falses))
        return NZ_YAML_BOOL;
    if (is_int(scalar->text))
        return NZ_YAML_INT;
    return is_float(scalar->text) ? NZ_YAML_FLOAT : NZ_YAML_TEXT;
}

bool nz_yaml_is_null(const struct nz_yaml *node)
{
    return !node || (node->kind == NZ_YAML_SCALAR && nz_yaml_type(node) == NZ_YAML_NULL);
}

bool nz_yaml_bool(const struct nz_yaml *node, bool *out)
{
    if (!node || node->kind != NZ_YAML_SCALAR || nz_yaml_type(node) != NZ_YAML_BOOL)
        return false;
    *out = IS_ONE_OF(node->text, trues);
    return true;
}

const struct nz_yaml *nz_yaml_get(const struct nz_yaml *node, const char *key)
{
    if (!node || node->kind != NZ_YAML_MAPPING)
        return NULL;
    struct nz_str wanted = nz_str_from_c(key);
    for (size_t i = 0; i < node->count; i++) {
        const struct nz_yaml *name = &node->items[2 * i];
        if (name->kind == NZ_YAML_SCALAR && nz_str_eq(name->text, wanted))
            return &node->items[2 * i + 1];
    }
    return NULL;
}
