#include "access/account_build.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define BLOCK_BYTES ((size_t)1 << 14)

/* --- places --- */

/* Goes over bytes from a place: the place behind them. */
static struct nz_account_block place_after(struct nz_account_block from, struct nz_str text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '\n') {
            from.line++;
            from.column = 1;
        } else if (((unsigned char)text.p[i] & 0xc0u) != 0x80) { /* a character's first byte */
            from.column++;
        }
    }
    return from;
}

/* The text may be one line of a gigabyte with an error in each of its entries. */
static enum nz_err blocks_count(struct nz_account *a)
{
    size_t blocks = a->text.n / BLOCK_BYTES + 1;
    a->blocks = NZ_ARENA_ARRAY(&a->arena, struct nz_account_block, blocks);
    if (!a->blocks)
        return NZ_E_NOMEM;
    a->blocks[0] = (struct nz_account_block){1, 1};
    for (size_t i = 1; i < blocks; i++)
        a->blocks[i] = place_after(a->blocks[i - 1], nz_str_of(a->text.p + (i - 1) * BLOCK_BYTES, BLOCK_BYTES));
    return NZ_OK;
}

void nz_account_place(const struct nz_account *account, size_t offset, uint32_t *line, uint32_t *column)
{
    if (offset > account->text.n)
        offset = account->text.n;
    size_t block = offset / BLOCK_BYTES, within = offset % BLOCK_BYTES;
    struct nz_account_block at = account->blocks[block];
    if (within)
        at = place_after(at, nz_str_of(account->text.p + block * BLOCK_BYTES, within));
    *line = at.line;
    *column = at.column;
}

bool nz_access_statement_place(const struct nz_account *account, const struct nz_access_grant *grant,
                               uint32_t statement, uint32_t *line, uint32_t *column)
{
    const struct nz_access_document *document = grant->document;
    if (grant->offset == SIZE_MAX || account->without_places)
        return false;
    size_t within = document->places && statement < document->statements_count ? document->statements[statement] : 0;
    nz_account_place(account, grant->offset + within, line, column);
    return true;
}

static enum nz_err fail_at(const struct nz_account *a, struct nz_diag *diag, enum nz_err code, size_t offset,
                           const char *text)
{
    uint32_t line = 0, column = 0;
    if (offset != SIZE_MAX)
        nz_account_place(a, offset, &line, &column);
    return nz_diag_at(diag, code, line, column, "%s", text);
}

enum nz_err nz_build_fail(struct nz_account_build *b, enum nz_err code, size_t offset, const char *format, ...)
{
    char text[sizeof b->diag->text];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return fail_at(b->account, b->diag, code, offset, text);
}

enum nz_err nz_build_unread(struct nz_account_build *b, enum nz_err code, size_t offset, const char *format, ...)
{
    struct nz_buf *rows = &b->account->rows[NZ_ROWS_UNREAD];
    struct nz_diag diag = NZ_DIAG_INIT;
    char text[sizeof diag.text];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    fail_at(b->account, &diag, code, offset, text);
    nz_buf_append(rows, nz_row_bytes(&diag, sizeof diag));
    b->account->unread_count++;
    return nz_buf_status(rows);
}

/* --- values --- */

size_t nz_build_offset(const struct nz_account_build *b, struct nz_json v)
{
    return (size_t)(v.bytes - b->account->text.p) + v.tokens[v.at];
}

enum nz_err nz_build_text(struct nz_account_build *b, struct nz_json v, struct nz_str *out)
{
    *out = (struct nz_str){0};
    if (nz_json_kind(v) != NZ_JSON_STRING)
        return NZ_OK;
    nz_buf_clear(&b->scratch);
    struct nz_str text = nz_json_string(v, &b->scratch);
    if (b->scratch.failed)
        return NZ_E_NOMEM;
    if (text.p != b->scratch.p) {
        *out = text;
        return NZ_OK;
    }
    *out = nz_arena_str(&b->account->arena, text);
    return out->p ? NZ_OK : NZ_E_NOMEM;
}

/* --- pages --- */

/* "IsTruncated: A flag that indicates whether there are more items to return." */
static enum nz_err page_of(struct nz_account_build *b, struct nz_json page, bool *more)
{
    if (nz_json_kind(page) != NZ_JSON_OBJECT)
        return nz_build_fail(b, NZ_E_ACCOUNT_SHAPE, nz_build_offset(b, page), "a page is no object");
    *more = nz_json_kind(nz_json_get(page, NZ_STR("IsTruncated"))) == NZ_JSON_TRUE;
    return nz_page_read(b, page);
}

static enum nz_err value_read(struct nz_account_build *b, struct nz_str text, struct nz_json_doc *doc, bool *more)
{
    struct nz_json root;
    struct nz_diag diag = NZ_DIAG_INIT;
    enum nz_err err = nz_json_parse(doc, text, &root, &diag);
    if (err == NZ_E_NOMEM)
        return err;
    if (err != NZ_OK)
        return nz_build_fail(
            b, err, (size_t)(text.p - b->account->text.p) + (diag.offset < text.n ? (size_t)diag.offset : text.n), "%s",
            diag.text);
    if (nz_json_kind(root) != NZ_JSON_ARRAY)
        return page_of(b, root, more);
    bool some = false;
    for (struct nz_json_iter it = nz_json_iter(root); err == NZ_OK && nz_json_next(&it); some = true)
        err = page_of(b, it.value, more);
    if (err == NZ_OK && !some) /* an account without users is a page with empty lists */
        return nz_build_fail(b, NZ_E_ACCOUNT_SHAPE, nz_build_offset(b, root), "a list without a page");
    return err;
}

static enum nz_err pages_read(struct nz_account_build *b)
{
    struct nz_str rest = nz_str_trim(b->account->text);
    struct nz_json_doc doc;
    enum nz_err err = NZ_OK;
    bool more = false;
    if (nz_str_starts_with(rest, NZ_STR("\xef\xbb\xbf")))
        rest = nz_str_trim(nz_str_skip(rest, 3));
    if (!rest.n)
        return nz_build_fail(b, NZ_E_ACCOUNT_SHAPE, 0, "there is nothing in it");
    nz_json_doc_init(&doc);
    while (rest.n && err == NZ_OK) {
        size_t bytes = nz_json_first_bytes(rest);
        err = value_read(b, nz_str_head(rest, bytes), &doc, &more);
        rest = nz_str_trim(nz_str_skip(rest, bytes));
    }
    nz_json_doc_release(&doc);
    if (err == NZ_OK && more)
        err = nz_build_unread(b, NZ_E_ACCOUNT_PART, SIZE_MAX, "the last page says that there are more");
    return err;
}

/* The arrays are where they stay. */
static void rows_publish(struct nz_account *a)
{
    a->principals = (void *)a->rows[NZ_ROWS_PRINCIPALS].p;
    a->groups = (void *)a->rows[NZ_ROWS_GROUPS].p;
    a->managed = (void *)a->rows[NZ_ROWS_MANAGED].p;
    a->documents = (void *)a->rows[NZ_ROWS_DOCUMENTS].p;
    a->unread = (const void *)a->rows[NZ_ROWS_UNREAD].p;
}

static enum nz_err build(struct nz_account_build *b)
{
    if (b->account->text.n > NZ_ACCOUNT_BYTES_MAX)
        return nz_build_fail(b, NZ_E_ACCOUNT_LIMIT, SIZE_MAX, "%zu bytes, at most %zu", b->account->text.n,
                             NZ_ACCOUNT_BYTES_MAX);
    enum nz_err err = blocks_count(b->account);
    if (err == NZ_OK)
        err = pages_read(b);
    rows_publish(b->account);
    if (err == NZ_OK)
        err = nz_account_join(b);
    rows_publish(b->account);
    return err;
}

enum nz_err nz_account_read(struct nz_str text, struct nz_account **out, struct nz_diag *diag)
{
    struct nz_diag ignored = NZ_DIAG_INIT;
    struct nz_account_build b = {.account = calloc(1, sizeof *b.account), .diag = diag ? diag : &ignored};
    *out = NULL;
    if (!b.account)
        return nz_diag_set(diag, NZ_E_NOMEM, "%s", "");
    b.account->text = text;
    nz_arena_init(&b.account->arena, 0);
    for (size_t i = 0; i < sizeof b.account->rows / sizeof b.account->rows[0]; i++)
        nz_buf_init(&b.account->rows[i], 0);
    nz_buf_init(&b.scratch, 0);
    nz_json_doc_init(&b.outlines);
    enum nz_err err = build(&b);
    nz_json_doc_release(&b.outlines);
    nz_buf_release(&b.scratch);
    if (err == NZ_OK) {
        *out = b.account;
        return NZ_OK;
    }
    nz_account_free(b.account);
    return err == NZ_E_NOMEM ? nz_diag_set(diag, err, "%s", "") : err;
}

void nz_account_free(struct nz_account *account)
{
    if (!account)
        return;
    account->documents = (void *)account->rows[NZ_ROWS_DOCUMENTS].p;
    for (uint32_t i = 0; i < account->documents_count; i++)
        nz_policy_free(account->documents[i]->policy);
    for (size_t i = 0; i < sizeof account->rows / sizeof account->rows[0]; i++)
        nz_buf_release(&account->rows[i]);
    nz_access_map_release(&account->names);
    nz_arena_release(&account->arena);
    free(account);
}

/* --- asking --- */

bool nz_account_find_arn(const struct nz_account *account, struct nz_str arn, uint32_t *principal)
{
    return nz_access_map_get(&account->names, NZ_TAG_ARN, arn, principal);
}

bool nz_account_find_session_role(const struct nz_account *account, struct nz_str arn, uint32_t *role)
{
    size_t at = nz_str_find(arn, NZ_STR(":assumed-role/"));
    if (at == SIZE_MAX)
        return false;
    struct nz_str name = nz_str_skip(arn, at + strlen(":assumed-role/"));
    size_t slash = nz_str_find(name, NZ_STR("/"));
    return slash != SIZE_MAX && nz_access_map_get(&account->names, NZ_TAG_ROLE, nz_str_head(name, slash), role);
}

enum nz_err nz_account_find(const struct nz_account *account, struct nz_str who, uint32_t *principal,
                            struct nz_diag *diag)
{
    uint32_t user, role;
    if (nz_account_find_arn(account, who, principal))
        return NZ_OK;
    bool is_user = nz_access_map_get(&account->names, NZ_TAG_USER, who, &user);
    bool is_role = nz_access_map_get(&account->names, NZ_TAG_ROLE, who, &role);
    if (is_user && is_role)
        return nz_diag_set(diag, NZ_E_ACCOUNT_PRINCIPAL, "%.*s is a user and a role: give the ARN",
                           NZ_STR_ARG(nz_str_head(who, 150)));
    if (!is_user && !is_role)
        return nz_diag_set(diag, NZ_E_ACCOUNT_PRINCIPAL, "%.*s", NZ_STR_ARG(nz_str_head(who, 200)));
    *principal = is_user ? user : role;
    return NZ_OK;
}
