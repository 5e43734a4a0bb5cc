/* What the compiled policy does not tell: where its statements stand, and whom who-can need not ask about. */
#include "access/account_build.h"

static struct nz_json_iter items_of(struct nz_json *v, bool *single)
{
    *single = nz_json_kind(*v) != NZ_JSON_ARRAY;
    return nz_json_iter(*v);
}

/* Walks "one or many". */
static bool item_next(struct nz_json whole, bool *single, struct nz_json_iter *it, struct nz_json *item)
{
    if (*single) {
        *single = false;
        it->done = true;
        *item = whole;
        return !nz_json_is_absent(whole);
    }
    if (it->done || !nz_json_next(it))
        return false;
    *item = it->value;
    return true;
}

/* What stands before the first wildcard decides: more often yes than the pattern itself, never less. */
static bool pattern_may_be_assume(struct nz_str pattern)
{
    static const char action[] = "sts:assumerole";
    for (size_t i = 0; i < pattern.n; i++) {
        if (pattern.p[i] == '*' || pattern.p[i] == '?')
            return true;
        if (i >= sizeof action - 1 || nz_ascii_lower((unsigned char)pattern.p[i]) != (unsigned char)action[i])
            return false;
    }
    return pattern.n == sizeof action - 1;
}

static bool may_assume(struct nz_account_build *b, struct nz_json statement)
{
    struct nz_json actions = nz_json_get(statement, NZ_STR("Action")), item;
    bool single;
    if (!nz_json_is_absent(nz_json_get(statement, NZ_STR("NotAction"))))
        return true;
    for (struct nz_json_iter it = items_of(&actions, &single); item_next(actions, &single, &it, &item);) {
        nz_buf_clear(&b->scratch);
        if (nz_json_kind(item) == NZ_JSON_STRING && pattern_may_be_assume(nz_json_string(item, &b->scratch)))
            return true;
    }
    return false;
}

static enum nz_err name_add(struct nz_account_build *b, struct nz_access_document *document, struct nz_json item,
                            struct nz_buf *named)
{
    struct nz_str text;
    if (nz_json_kind(item) != NZ_JSON_STRING)
        return NZ_OK;
    nz_buf_clear(&b->scratch);
    text = nz_json_string(item, &b->scratch);
    if (nz_str_eq(text, NZ_STR("*"))) {
        document->trusts_anybody = true;
        return NZ_OK;
    }
    if (!nz_str_starts_with(text, NZ_STR("arn:")) || nz_str_ends_with(text, NZ_STR(":root"))) {
        document->trusts_account = true;
        return NZ_OK;
    }
    text = nz_arena_str(&b->account->arena, text);
    nz_buf_append(named, nz_row_bytes(&text, sizeof text));
    return text.p ? nz_buf_status(named) : NZ_E_NOMEM;
}

static enum nz_err trust_read(struct nz_account_build *b, struct nz_access_document *document, struct nz_json statement,
                              struct nz_buf *named)
{
    struct nz_json who = nz_json_get(statement, NZ_STR("Principal")), item;
    enum nz_err err = NZ_OK;
    bool single;
    document->trusts_anybody |= nz_json_kind(who) == NZ_JSON_STRING || nz_json_is_absent(who);
    if (nz_json_kind(who) != NZ_JSON_OBJECT)
        return NZ_OK;
    struct nz_json aws = nz_json_get(who, NZ_STR("AWS"));
    for (struct nz_json_iter it = items_of(&aws, &single); err == NZ_OK && item_next(aws, &single, &it, &item);)
        err = name_add(b, document, item, named);
    return err;
}

static enum nz_err statements_read(struct nz_account_build *b, struct nz_access_document *document,
                                   enum nz_policy_kind kind, struct nz_json list, struct nz_buf *named)
{
    struct nz_json statement;
    enum nz_err err = NZ_OK;
    bool single;
    uint32_t *places = NZ_ARENA_ARRAY(&b->account->arena, uint32_t, nz_policy_statements(document->policy) + 1);
    if (!places)
        return NZ_E_NOMEM;
    for (struct nz_json_iter it = items_of(&list, &single);
         err == NZ_OK && item_next(list, &single, &it, &statement);) {
        if (document->statements_count == nz_policy_statements(document->policy))
            break;
        places[document->statements_count++] = statement.tokens[statement.at];
        nz_buf_clear(&b->scratch);
        if (nz_str_eq(nz_json_text(nz_json_get(statement, NZ_STR("Effect")), &b->scratch), NZ_STR("Deny")))
            continue;
        document->may_assume |= may_assume(b, statement);
        if (kind == NZ_POLICY_TRUST)
            err = trust_read(b, document, statement, named);
    }
    document->statements = places;
    return err;
}

enum nz_err nz_document_outline(struct nz_account_build *b, struct nz_access_document *document,
                                enum nz_policy_kind kind)
{
    struct nz_str text = document->text;
    struct nz_json root;
    struct nz_buf named;
    if (nz_str_starts_with(text, NZ_STR("\xef\xbb\xbf")))
        text = nz_str_skip(text, 3);
    nz_buf_init(&named, 0);
    enum nz_err err = nz_json_parse(&b->outlines, text, &root, NULL);
    if (err == NZ_OK)
        err = statements_read(b, document, kind, nz_json_get(root, NZ_STR("Statement")), &named);
    else if (err != NZ_E_NOMEM)
        err = NZ_E_BUG; /* the compiler has just read it */
    size_t count = named.n / sizeof(struct nz_str);
    struct nz_str *names = err == NZ_OK && count ? NZ_ARENA_ARRAY(&b->account->arena, struct nz_str, count) : NULL;
    if (names) {
        memcpy(names, named.p, named.n);
        document->named = names;
        document->named_count = (uint32_t)count;
    } else if (err == NZ_OK && count) {
        err = NZ_E_NOMEM;
    }
    nz_buf_release(&named);
    return err;
}
