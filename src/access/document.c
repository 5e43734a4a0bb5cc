#include "access/account_build.h"

#include <stdlib.h>

static enum nz_err document_add(struct nz_account_build *b, struct nz_access_document **out)
{
    struct nz_account *a = b->account;
    struct nz_buf *rows = &a->rows[NZ_ROWS_DOCUMENTS];
    if (a->documents_count >= NZ_ACCOUNT_DOCUMENTS_MAX)
        return nz_build_fail(b, NZ_E_ACCOUNT_LIMIT, SIZE_MAX, "more than %u different policy documents",
                             NZ_ACCOUNT_DOCUMENTS_MAX);
    struct nz_access_document *document = NZ_ARENA_NEW(&a->arena, struct nz_access_document);
    if (!document)
        return NZ_E_NOMEM;
    document->id = a->documents_count;
    nz_buf_append(rows, nz_row_bytes(&document, sizeof document));
    if (rows->failed)
        return NZ_E_NOMEM;
    a->documents_count++;
    *out = document;
    return NZ_OK;
}

/* diag's place is within the document; one that stands in the account's text as an object begins at offset there. */
static enum nz_err problem_set(struct nz_account_build *b, struct nz_access_document *document,
                               const struct nz_diag *diag, size_t offset)
{
    struct nz_diag *problem = NZ_ARENA_NEW(&b->account->arena, struct nz_diag);
    if (!problem)
        return NZ_E_NOMEM;
    *problem = *diag;
    document->problem = problem;
    if (offset == SIZE_MAX)
        return NZ_OK;
    uint32_t line, column;
    nz_account_place(b->account, offset, &line, &column);
    if (!document->places || diag->line == 0) { /* percent-encoded: the place of the whole */
        problem->line = line;
        problem->column = column;
    } else {
        problem->column = diag->line == 1 ? column + diag->column - 1 : diag->column;
        problem->line = line + diag->line - 1;
    }
    return NZ_OK;
}

enum nz_err nz_document_unknown(struct nz_account_build *b, enum nz_err code, size_t offset, const char *what,
                                struct nz_str name, struct nz_access_document **out)
{
    struct nz_diag diag = NZ_DIAG_INIT;
    enum nz_err err = document_add(b, out);
    if (err != NZ_OK)
        return err;
    nz_diag_set(&diag, code, "%s%s%.*s", what, name.n ? ": " : "", NZ_STR_ARG(nz_str_head(name, 150)));
    return problem_set(b, *out, &diag, offset);
}

static enum nz_err compile(struct nz_account_build *b, struct nz_access_document *document, enum nz_policy_kind kind,
                           size_t offset)
{
    struct nz_account *a = b->account;
    struct nz_diag diag = NZ_DIAG_INIT;
    enum nz_err err = nz_policy_compile(document->text, kind, &document->policy, &diag);
    if (err == NZ_E_NOMEM)
        return err;
    if (err != NZ_OK)
        return problem_set(b, document, &diag, offset);
    a->policy_bytes += nz_policy_bytes(document->policy);
    if (a->policy_bytes > NZ_ACCOUNT_POLICY_BYTES_MAX)
        return nz_build_fail(b, NZ_E_ACCOUNT_LIMIT, offset, "compiled policies of more than %zu MiB",
                             NZ_ACCOUNT_POLICY_BYTES_MAX >> 20);
    return nz_document_outline(b, document, kind);
}

static enum nz_err document_intern(struct nz_account_build *b, struct nz_str text, bool places,
                                   enum nz_policy_kind kind, size_t offset, struct nz_access_document **out)
{
    struct nz_account *a = b->account;
    uint8_t tag = (uint8_t)(NZ_TAG_DOCUMENT + (unsigned)kind * 2 + places);
    uint32_t id;
    if (nz_access_map_get(&a->names, tag, text, &id)) {
        *out = ((struct nz_access_document **)(void *)a->rows[NZ_ROWS_DOCUMENTS].p)[id];
        return NZ_OK;
    }
    enum nz_err err = document_add(b, out);
    if (err != NZ_OK)
        return err;
    (*out)->text = text;
    (*out)->places = places;
    err = compile(b, *out, kind, offset);
    return err == NZ_OK ? nz_access_map_add(&a->names, tag, text, (*out)->id) : err;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    unsigned char lower = nz_ascii_lower((unsigned char)c);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* "Policies returned by this operation are URL-encoded compliant with RFC 3986." What is encoded wrongly stays as it
 * is: then the compiler says so. */
static enum nz_err percent_decode(struct nz_account_build *b, struct nz_str *text)
{
    if (!text->n || !memchr(text->p, '%', text->n) || memchr(text->p, '"', text->n))
        return NZ_OK;
    char *to = nz_arena_alloc(&b->account->arena, text->n);
    size_t n = 0;
    if (!to)
        return NZ_E_NOMEM;
    for (size_t i = 0; i < text->n; i++) {
        if (text->p[i] != '%') {
            to[n++] = text->p[i];
            continue;
        }
        int high = text->n - i > 2 ? hex_digit(text->p[i + 1]) : -1;
        int low = high < 0 ? -1 : hex_digit(text->p[i + 2]);
        if (low < 0)
            return NZ_OK;
        to[n++] = (char)(high << 4 | low);
        i += 2;
    }
    *text = nz_str_of(to, n);
    return NZ_OK;
}

enum nz_err nz_document_of(struct nz_account_build *b, struct nz_json v, enum nz_policy_kind kind,
                           struct nz_access_document **out)
{
    struct nz_str text;
    if (nz_json_is_absent(v))
        return nz_document_unknown(b, NZ_E_ACCOUNT_ENTRY, SIZE_MAX, "there is no policy document", NZ_STR(""), out);
    size_t offset = nz_build_offset(b, v);
    if (nz_json_kind(v) == NZ_JSON_OBJECT)
        return document_intern(b, nz_str_trim(nz_json_source(v)), true, kind, offset, out);
    if (nz_json_kind(v) != NZ_JSON_STRING)
        return nz_document_unknown(b, NZ_E_ACCOUNT_ENTRY, offset, "the policy document is neither an object nor a text",
                                   NZ_STR(""), out);
    enum nz_err err = nz_build_text(b, v, &text);
    if (err == NZ_OK)
        err = percent_decode(b, &text);
    return err == NZ_OK ? document_intern(b, text, false, kind, offset, out) : err;
}

enum nz_err nz_document_as(struct nz_account_build *b, struct nz_access_document *document, enum nz_policy_kind kind,
                           size_t offset, struct nz_access_document **out)
{
    *out = document;
    return document->text.p ? document_intern(b, document->text, document->places, kind, offset, out) : NZ_OK;
}
