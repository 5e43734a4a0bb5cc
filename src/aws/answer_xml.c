/* Elements become JSON as they come. What an element is shows only later, so its brackets are written late:
 *
 *   <A>            nothing is known of A
 *   <A><B>         A is an object: {"B":
 *   <A></A>        A was text: ""
 *
 * Elements of one name that stand several times (NZ_XML_FLAT) share an array, which is open until another name comes. */
#include "aws/answer_xml.h"

#include "core/json.h"

#include <expat.h>
#include <stdlib.h>

enum xml_kind {
    NZ_XML_UNKNOWN,
    NZ_XML_TEXT,
    NZ_XML_BOOLEAN,
    NZ_XML_NUMBER,
    NZ_XML_OBJECT,
    NZ_XML_LIST,
    NZ_XML_FLAT,
    NZ_XML_NUMBERS,
    NZ_XML_ENTRY, /* <entry> of such a list */
    NZ_XML_KEY,
};

static const struct member {
    enum nz_aws_service service;
    struct nz_str path;
    enum xml_kind kind;
} members[] = {
#define NZ_AWS_MEMBER(service, path, kind) {NZ_AWS_##service, {path, sizeof path - 1}, kind},
#include "aws/members.list"
#undef NZ_AWS_MEMBER
};

struct span {
    size_t at, n; /* in names */
};

struct element {
    struct span name; /* of a list's item: the list's */
    enum xml_kind kind;
    bool open;         /* its bracket is written; of an entry: its key */
    bool has_value;    /* of an entry */
    struct span array; /* the name of the NZ_XML_FLAT members that are being written; n 0: none */
};

struct writer {
    enum nz_aws_service service;
    struct nz_buf *out;
    struct nz_buf *names; /* of the stack, one behind the other; taken off with it */
    struct nz_diag *diag;
    XML_Parser parser;
    struct nz_buf text; /* of the innermost element, while it has no elements */
    struct element stack[NZ_AWS_XML_DEPTH_MAX];
    size_t depth;
    enum nz_err err;
};

static void stop(struct writer *w, enum nz_err err, const char *what)
{
    if (w->err)
        return;
    w->err = nz_diag_at(w->diag, err, (uint32_t)XML_GetCurrentLineNumber(w->parser),
                        (uint32_t)XML_GetCurrentColumnNumber(w->parser) + 1, "%s", what);
    XML_StopParser(w->parser, XML_FALSE);
}

/* --- kinds --- */

/* "Name" or "Parent/Name". */
static bool path_is(struct nz_str path, struct nz_str parent, struct nz_str name)
{
    if (path.n == name.n)
        return memcmp(path.p, name.p, name.n) == 0;
    return path.n == parent.n + 1 + name.n && path.p[parent.n] == '/' && nz_str_starts_with(path, parent) &&
           nz_str_ends_with(path, name);
}

/* A row with a parent stands before the one without. */
static enum xml_kind kind_of(enum nz_aws_service service, struct nz_str parent, struct nz_str name)
{
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        if (members[i].service == service && path_is(members[i].path, parent, name))
            return members[i].kind;
    }
    return NZ_XML_UNKNOWN;
}

static struct nz_str span_view(const struct writer *w, struct span span)
{
    return nz_str_of(w->names->p + span.at, span.n);
}

static enum xml_kind entry_part(struct nz_str name)
{
    return nz_str_eq(name, NZ_STR("key")) ? NZ_XML_KEY : NZ_XML_NUMBER;
}

/* --- writing --- */

static void array_close(struct writer *w, struct element *e)
{
    if (e->array.n)
        nz_buf_append_char(w->out, ']');
    e->array.n = 0;
}

static void key_write(struct writer *w, struct nz_str name)
{
    nz_json_append_string(w->out, name);
    nz_buf_append_char(w->out, ':');
}

/* The parent's bracket, comma and the member's name: what stands before a value. again: it goes into the open array. */
static void value_begin(struct writer *w, struct element *parent, const struct element *child, bool again)
{
    if (parent->kind == NZ_XML_ENTRY)
        return;
    const bool first = !parent->open, in_list = parent->kind == NZ_XML_LIST;
    if (first)
        nz_buf_append_char(w->out, in_list ? '[' : '{');
    parent->open = true;
    if (again) {
        nz_buf_append_char(w->out, ',');
        return;
    }
    array_close(w, parent);
    if (!first)
        nz_buf_append_char(w->out, ',');
    if (in_list || child->kind == NZ_XML_ENTRY)
        return;
    key_write(w, span_view(w, child->name));
    if (child->kind == NZ_XML_FLAT) {
        nz_buf_append_char(w->out, '[');
        parent->array = child->name;
    }
}

static size_t digits_skip(struct nz_str text, size_t at)
{
    while (at < text.n && text.p[at] >= '0' && text.p[at] <= '9')
        at++;
    return at;
}

/* RFC 8259, section 6. */
static bool number_is(struct nz_str text)
{
    size_t from = text.n && text.p[0] == '-', at = digits_skip(text, from);
    if (at == from || (text.p[from] == '0' && at > from + 1))
        return false;
    if (at < text.n && text.p[at] == '.') {
        from = at + 1;
        at = digits_skip(text, from);
        if (at == from)
            return false;
    }
    if (at < text.n && (text.p[at] == 'e' || text.p[at] == 'E')) {
        from = at + 1;
        from += from < text.n && (text.p[from] == '+' || text.p[from] == '-');
        at = digits_skip(text, from);
        if (at == from)
            return false;
    }
    return at == text.n && text.n <= NZ_JSON_NUMBER_BYTES_MAX;
}

/* An element that held no elements. What is not what the table says stays text. */
static void leaf_write(struct writer *w, enum xml_kind kind)
{
    struct nz_str text = nz_buf_view(&w->text), trimmed = nz_str_trim(text);
    if (kind == NZ_XML_LIST && trimmed.n == 0) {
        nz_buf_append(w->out, NZ_STR("[]"));
    } else if ((kind == NZ_XML_NUMBERS || kind == NZ_XML_OBJECT) && trimmed.n == 0) {
        nz_buf_append(w->out, NZ_STR("{}"));
    } else if (kind == NZ_XML_BOOLEAN && nz_str_eq_nocase(trimmed, NZ_STR("true"))) {
        nz_buf_append(w->out, NZ_STR("true"));
    } else if (kind == NZ_XML_BOOLEAN && nz_str_eq_nocase(trimmed, NZ_STR("false"))) {
        nz_buf_append(w->out, NZ_STR("false"));
    } else if (kind == NZ_XML_NUMBER && number_is(trimmed)) {
        nz_buf_append(w->out, trimmed);
    } else {
        nz_json_append_string(w->out, text);
    }
}

/* --- expat's events --- */

static enum xml_kind child_kind(struct writer *w, struct element *parent, struct nz_str name)
{
    if (parent->kind == NZ_XML_NUMBERS)
        return NZ_XML_ENTRY;
    if (parent->kind == NZ_XML_ENTRY)
        return entry_part(name);
    if (parent->kind == NZ_XML_UNKNOWN && !parent->open && w->depth > 1 &&
        (nz_str_eq(name, NZ_STR("member")) || nz_str_eq(name, NZ_STR("item"))))
        parent->kind = NZ_XML_LIST;
    if (parent->kind == NZ_XML_LIST)
        return NZ_XML_UNKNOWN;
    return kind_of(w->service, span_view(w, parent->name), name);
}

/* <entry> holds <key> and <value>, once each, in this order; a key is text. NULL: as it should be. */
static const char *entry_fault(struct element *parent, enum xml_kind child)
{
    if (parent->kind == NZ_XML_KEY)
        return "a key of an entry is no text";
    if (parent->kind != NZ_XML_ENTRY || child == NZ_XML_KEY)
        return NULL;
    if (!parent->open)
        return "an entry has no key before its value";
    if (parent->has_value)
        return "an entry has two values";
    parent->has_value = true;
    return NULL;
}

static void on_start(void *self, const XML_Char *name_c, const XML_Char **attributes)
{
    (void)attributes;
    struct writer *w = self;
    struct nz_str name = nz_str_from_c(name_c);
    if (w->depth >= NZ_AWS_XML_DEPTH_MAX) {
        stop(w, NZ_E_AWS_ANSWER, "XML is nested too deeply");
        return;
    }
    struct element *parent = w->depth ? &w->stack[w->depth - 1] : NULL;
    struct element child = {.kind = parent ? child_kind(w, parent, name) : NZ_XML_UNKNOWN,
                            .name = {w->names->n, name.n}};
    /* the name of the element before stands where this one's will */
    const bool again = parent && parent->array.n && nz_str_eq(name, span_view(w, parent->array));
    if (parent && parent->kind == NZ_XML_LIST)
        child.name = parent->name;
    else
        nz_buf_append(w->names, name);
    if (w->names->failed) {
        stop(w, NZ_E_NOMEM, "");
        return;
    }
    const char *fault = parent ? entry_fault(parent, child.kind) : NULL;
    if (fault) {
        stop(w, NZ_E_AWS_ANSWER, fault);
        return;
    }
    if (parent)
        value_begin(w, parent, &child, again);
    nz_buf_clear(&w->text);
    w->stack[w->depth++] = child;
    if (w->out->failed)
        stop(w, NZ_E_NOMEM, "");
}

static void key_end(struct writer *w, struct element *entry)
{
    if (entry->open) {
        stop(w, NZ_E_AWS_ANSWER, "an entry has two keys");
        return;
    }
    key_write(w, nz_buf_view(&w->text));
    entry->open = true;
}

static void on_end(void *self, const XML_Char *name_c)
{
    (void)name_c;
    struct writer *w = self;
    struct element *e = &w->stack[w->depth - 1], *parent = w->depth > 1 ? e - 1 : NULL;
    if (e->kind == NZ_XML_KEY) {
        key_end(w, parent);
    } else if (e->kind == NZ_XML_ENTRY) {
        if (!e->has_value)
            stop(w, NZ_E_AWS_ANSWER, "an entry has no value");
    } else if (e->open) {
        array_close(w, e);
        nz_buf_append_char(w->out, e->kind == NZ_XML_LIST ? ']' : '}');
    } else if (!parent && nz_str_trim(nz_buf_view(&w->text)).n == 0) {
        nz_buf_append(w->out, NZ_STR("{}"));
    } else {
        leaf_write(w, e->kind);
    }
    nz_buf_clear(&w->text);
    w->depth--;
    if (parent) /* the root's name is kept */
        w->names->n = parent->name.at + parent->name.n;
    if (w->out->failed)
        stop(w, NZ_E_NOMEM, "");
}

static void on_text(void *self, const XML_Char *text, int n)
{
    struct writer *w = self;
    if (w->depth && !w->stack[w->depth - 1].open)
        nz_buf_append(&w->text, nz_str_of(text, (size_t)n));
    if (w->text.failed)
        stop(w, NZ_E_NOMEM, "");
}

static void on_doctype(void *self, const XML_Char *name, const XML_Char *system, const XML_Char *public, int internal)
{
    (void)name, (void)system, (void)public, (void)internal;
    stop(self, NZ_E_AWS_ANSWER, "a document type declaration, which AWS never sends");
}

static enum nz_err parse(struct writer *w, struct nz_str xml)
{
    XML_SetUserData(w->parser, w);
    XML_SetElementHandler(w->parser, on_start, on_end);
    XML_SetCharacterDataHandler(w->parser, on_text);
    XML_SetStartDoctypeDeclHandler(w->parser, on_doctype);
    if (xml.n > INT32_MAX)
        return nz_diag_set(w->diag, NZ_E_AWS_ANSWER_SIZE, "%zu bytes of XML", xml.n);
    enum XML_Status status = XML_Parse(w->parser, xml.n ? xml.p : "", (int)xml.n, 1);
    if (w->err)
        return w->err;
    if (status == XML_STATUS_OK)
        return NZ_OK;
    enum XML_Error error = XML_GetErrorCode(w->parser);
    if (error == XML_ERROR_NO_MEMORY)
        return NZ_E_NOMEM;
    stop(w, NZ_E_AWS_ANSWER, XML_ErrorString(error));
    return w->err;
}

enum nz_err nz_aws_xml_to_json(enum nz_aws_service service, struct nz_str xml, struct nz_buf *out, struct nz_buf *names,
                               struct nz_str *root, struct nz_diag *diag)
{
    /* the allocator by name, so that tests can make it fail */
    static const XML_Memory_Handling_Suite memory = {malloc, realloc, free};
    struct writer w = {.service = service, .out = out, .names = names, .diag = diag};
    *root = (struct nz_str){0};
    nz_buf_clear(names);
    w.parser = XML_ParserCreate_MM(NULL, &memory, NULL);
    if (!w.parser)
        return NZ_E_NOMEM;
    nz_buf_init_wiped(&w.text, 0); /* it may be a key that was just issued */
    enum nz_err err = parse(&w, xml);
    if (!err)
        *root = nz_buf_view(names);
    XML_ParserFree(w.parser);
    nz_buf_release(&w.text);
    return err;
}
