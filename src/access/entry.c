/* The entries of a page: users, groups, roles and managed policies. */
#include "access/account_build.h"

/* The values of these members, absent where there is none; other members are passed over. */
static void members_of(struct nz_json object, const struct nz_str *names, size_t count, struct nz_json *out)
{
    memset(out, 0, count * sizeof *out);
    for (struct nz_json_iter it = nz_json_iter(object); nz_json_next(&it);) {
        for (size_t i = 0; i < count; i++) {
            if (nz_json_key_is(it.key, names[i]))
                out[i] = it.value;
        }
    }
}

static enum nz_err texts_of(struct nz_account_build *b, struct nz_json first, struct nz_json second, struct nz_str *one,
                            struct nz_str *two)
{
    enum nz_err err = nz_build_text(b, first, one);
    return err == NZ_OK ? nz_build_text(b, second, two) : err;
}

/* --- the lists of an entry --- */

/* Rows of one list, gathered and then kept in the arena. */
struct gather {
    struct nz_account_build *b;
    struct nz_buf rows;
    uint32_t count;
};

static enum nz_err gather_add(struct gather *g, const void *row, size_t bytes)
{
    nz_buf_append(&g->rows, nz_row_bytes(row, bytes));
    g->count++;
    return nz_buf_status(&g->rows);
}

static enum nz_err gather_keep(struct gather *g, enum nz_err err, void *out, uint32_t *count)
{
    void *rows = err == NZ_OK && g->count ? nz_arena_alloc(&g->b->account->arena, g->rows.n) : NULL;
    if (rows)
        memcpy(rows, g->rows.p, g->rows.n);
    else if (err == NZ_OK && g->count)
        err = NZ_E_NOMEM;
    memcpy(out, &rows, sizeof rows);
    *count = err == NZ_OK ? g->count : 0;
    nz_buf_release(&g->rows);
    return err;
}

static enum nz_err grant_unknown(struct gather *g, struct nz_json at, const char *what, struct nz_str list)
{
    size_t offset = nz_build_offset(g->b, at);
    struct nz_access_grant grant = {.name = list, .offset = offset};
    enum nz_err err = nz_document_unknown(g->b, NZ_E_ACCOUNT_ENTRY, offset, what, list, &grant.document);
    return err == NZ_OK ? gather_add(g, &grant, sizeof grant) : err;
}

/* A list that is cut short by what cannot be read ends in a policy that is unknown. */
enum list_item { LIST_GOOD, LIST_BAD };
typedef enum nz_err (*item_fn)(struct gather *g, struct nz_json item, enum list_item *state);

static enum nz_err grants_read(struct gather *g, struct nz_json list, struct nz_str name, item_fn item)
{
    enum nz_json_kind kind = nz_json_kind(list);
    enum nz_err err = NZ_OK;
    if (kind == NZ_JSON_ABSENT || kind == NZ_JSON_NULL)
        return NZ_OK;
    if (kind != NZ_JSON_ARRAY)
        return grant_unknown(g, list, "this is no list", name);
    for (struct nz_json_iter it = nz_json_iter(list); err == NZ_OK && nz_json_next(&it);) {
        enum list_item state = LIST_GOOD;
        if (g->count >= NZ_ACCOUNT_GRANTS_MAX)
            return grant_unknown(g, it.value, "there are too many", name);
        err = item(g, it.value, &state);
        if (err == NZ_OK && state == LIST_BAD)
            return grant_unknown(g, it.value, "an item of the list cannot be read", name);
    }
    return err;
}

static enum nz_err inline_item(struct gather *g, struct nz_json item, enum list_item *state)
{
    static const struct nz_str names[] = {{"PolicyName", 10}, {"PolicyDocument", 14}};
    struct nz_json member[2];
    struct nz_access_grant grant = {.offset = SIZE_MAX};
    members_of(item, names, 2, member);
    enum nz_err err = nz_build_text(g->b, member[0], &grant.name);
    if (err != NZ_OK)
        return err;
    if (!grant.name.p) {
        *state = LIST_BAD;
        return NZ_OK;
    }
    if (!nz_json_is_absent(member[1]))
        grant.offset = nz_build_offset(g->b, member[1]);
    err = nz_document_of(g->b, member[1], NZ_POLICY_IDENTITY, &grant.document);
    return err == NZ_OK ? gather_add(g, &grant, sizeof grant) : err;
}

/* The documents come when all pages are read. */
static enum nz_err attached_item(struct gather *g, struct nz_json item, enum list_item *state)
{
    static const struct nz_str names[] = {{"PolicyName", 10}, {"PolicyArn", 9}};
    struct nz_json member[2];
    struct nz_access_grant grant = {.offset = SIZE_MAX};
    members_of(item, names, 2, member);
    enum nz_err err = texts_of(g->b, member[0], member[1], &grant.name, &grant.arn);
    if (err != NZ_OK)
        return err;
    if (grant.arn.n)
        return gather_add(g, &grant, sizeof grant);
    *state = LIST_BAD;
    return NZ_OK;
}

static enum nz_err entry_grants(struct nz_account_build *b, struct nz_json own, struct nz_str own_name,
                                struct nz_json attached, struct nz_access_grant **out, uint32_t *count)
{
    struct gather g = {.b = b};
    nz_buf_init(&g.rows, 0);
    enum nz_err err = grants_read(&g, own, own_name, inline_item);
    if (err == NZ_OK)
        err = grants_read(&g, attached, NZ_STR("AttachedManagedPolicies"), attached_item);
    return gather_keep(&g, err, out, count);
}

static enum nz_err tags_read(struct nz_account_build *b, struct nz_json list, struct nz_access_principal *p)
{
    static const struct nz_str names[] = {{"Key", 3}, {"Value", 5}};
    struct gather g = {.b = b};
    enum nz_err err = NZ_OK;
    enum nz_json_kind kind = nz_json_kind(list);
    nz_buf_init(&g.rows, 0);
    p->tags_known = kind == NZ_JSON_ABSENT || kind == NZ_JSON_NULL || kind == NZ_JSON_ARRAY;
    for (struct nz_json_iter it = nz_json_iter(list); kind == NZ_JSON_ARRAY && err == NZ_OK && nz_json_next(&it);) {
        struct nz_json member[2];
        struct nz_access_tag tag;
        members_of(it.value, names, 2, member);
        err = texts_of(b, member[0], member[1], &tag.key, &tag.value);
        if (err == NZ_OK && tag.key.p && tag.value.p && g.count < NZ_ACCOUNT_GRANTS_MAX)
            err = gather_add(&g, &tag, sizeof tag);
        else
            p->tags_known = false;
    }
    return gather_keep(&g, err, &p->tags, &p->tags_count);
}

static enum nz_err groups_read(struct nz_account_build *b, struct nz_json list, struct nz_access_principal *p)
{
    struct gather g = {.b = b};
    enum nz_err err = NZ_OK;
    enum nz_json_kind kind = nz_json_kind(list);
    bool bad = !(kind == NZ_JSON_ABSENT || kind == NZ_JSON_NULL || kind == NZ_JSON_ARRAY);
    nz_buf_init(&g.rows, 0);
    for (struct nz_json_iter it = nz_json_iter(list); !bad && err == NZ_OK && nz_json_next(&it);) {
        struct nz_access_membership in = {0};
        err = nz_build_text(b, it.value, &in.name);
        bad = !in.name.p || g.count >= NZ_ACCOUNT_GRANTS_MAX;
        if (err == NZ_OK && !bad)
            err = gather_add(&g, &in, sizeof in);
    }
    if (err == NZ_OK && bad) {
        struct nz_access_membership in = {.name = NZ_STR("GroupList")};
        err = nz_document_unknown(b, NZ_E_ACCOUNT_ENTRY, nz_build_offset(b, list), "this is no list of groups' names",
                                  in.name, &in.missing);
        if (err == NZ_OK)
            err = gather_add(&g, &in, sizeof in);
    }
    return gather_keep(&g, err, &p->groups, &p->groups_count);
}

static enum nz_err boundary_read(struct nz_account_build *b, struct nz_json v, struct nz_access_principal *p)
{
    static const struct nz_str name = {"PermissionsBoundaryArn", 22};
    struct nz_json arn;
    if (nz_json_is_absent(v) || nz_json_kind(v) == NZ_JSON_NULL)
        return NZ_OK;
    members_of(v, &name, 1, &arn);
    p->has_boundary = true;
    p->boundary = (struct nz_access_grant){.name = NZ_STR("PermissionsBoundary"), .offset = nz_build_offset(b, v)};
    enum nz_err err = nz_build_text(b, arn, &p->boundary.arn);
    if (err != NZ_OK || p->boundary.arn.n)
        return err;
    return nz_document_unknown(b, NZ_E_ACCOUNT_ENTRY, p->boundary.offset, "the boundary has no ARN", NZ_STR(""),
                               &p->boundary.document);
}

/* --- entries --- */

/* "arn:aws:iam::111122223333:user/x": all of one account and partition. */
static enum nz_err account_check(struct nz_account_build *b, struct nz_str arn, size_t offset)
{
    struct nz_account *a = b->account;
    struct nz_str field[5], rest = arn;
    for (size_t i = 0; i < 5; i++) {
        const char *colon = rest.n ? memchr(rest.p, ':', rest.n) : NULL;
        field[i] = nz_str_head(rest, colon ? (size_t)(colon - rest.p) : rest.n);
        rest = nz_str_skip(rest, field[i].n + 1);
    }
    if (a->id.n == 0) {
        a->partition = field[1];
        a->id = field[4];
    }
    if (nz_str_eq(field[4], a->id) && nz_str_eq(field[1], a->partition))
        return NZ_OK;
    return nz_build_fail(b, NZ_E_ACCOUNT_MIXED, offset, "%.*s", NZ_STR_ARG(nz_str_head(arn, 200)));
}

static bool is_iam_arn(struct nz_str arn)
{
    size_t colons = 0;
    for (size_t i = 0; i < arn.n; i++)
        colons += arn.p[i] == ':';
    return nz_str_starts_with(arn, NZ_STR("arn:")) && colons >= 5;
}

/* Its ARN and name, of which every entry must have both; .p NULL: it was put down as unread. */
static enum nz_err identity_read(struct nz_account_build *b, struct nz_json entry, const struct nz_json *member,
                                 struct nz_str list, struct nz_str *arn, struct nz_str *name)
{
    size_t offset = nz_build_offset(b, entry);
    enum nz_err err = texts_of(b, member[0], member[1], arn, name);
    if (err != NZ_OK)
        return err;
    if (arn->p && name->n && is_iam_arn(*arn))
        return NZ_OK;
    *arn = (struct nz_str){0};
    return nz_build_unread(b, NZ_E_ACCOUNT_ENTRY, offset, "an entry of %s without an ARN and a name", list.p);
}

static enum nz_err name_add(struct nz_account_build *b, uint8_t tag, struct nz_str name, uint32_t at, size_t offset)
{
    uint32_t before;
    if (nz_access_map_get(&b->account->names, tag, name, &before))
        return nz_build_fail(b, NZ_E_ACCOUNT_DUPLICATE, offset, "%.*s", NZ_STR_ARG(nz_str_head(name, 200)));
    return nz_access_map_add(&b->account->names, tag, name, at);
}

static enum nz_err principal_add(struct nz_account_build *b, const struct nz_access_principal *p)
{
    struct nz_account *a = b->account;
    struct nz_buf *rows = &a->rows[NZ_ROWS_PRINCIPALS];
    enum nz_err err = account_check(b, p->arn, p->offset);
    if (err == NZ_OK)
        err = name_add(b, NZ_TAG_ARN, p->arn, a->principals_count, p->offset);
    if (err == NZ_OK)
        err =
            name_add(b, p->kind == NZ_ACCESS_USER ? NZ_TAG_USER : NZ_TAG_ROLE, p->name, a->principals_count, p->offset);
    if (err != NZ_OK)
        return err;
    nz_buf_append(rows, nz_row_bytes(p, sizeof *p));
    a->principals_count++;
    a->users_count += p->kind == NZ_ACCESS_USER;
    return nz_buf_status(rows);
}

static enum nz_err user_read(struct nz_account_build *b, struct nz_json entry)
{
    enum { ARN, NAME, ID, POLICIES, ATTACHED, GROUPS, BOUNDARY, TAGS, COUNT };
    static const struct nz_str names[COUNT] = {{"Arn", 3},
                                               {"UserName", 8},
                                               {"UserId", 6},
                                               {"UserPolicyList", 14},
                                               {"AttachedManagedPolicies", 23},
                                               {"GroupList", 9},
                                               {"PermissionsBoundary", 19},
                                               {"Tags", 4}};
    struct nz_json m[COUNT];
    struct nz_access_principal p = {.kind = NZ_ACCESS_USER, .offset = nz_build_offset(b, entry)};
    members_of(entry, names, COUNT, m);
    enum nz_err err = identity_read(b, entry, m, NZ_STR("UserDetailList"), &p.arn, &p.name);
    if (err != NZ_OK || !p.arn.p)
        return err;
    err = nz_build_text(b, m[ID], &p.id);
    if (err == NZ_OK)
        err = entry_grants(b, m[POLICIES], names[POLICIES], m[ATTACHED], &p.grants, &p.grants_count);
    if (err == NZ_OK)
        err = groups_read(b, m[GROUPS], &p);
    if (err == NZ_OK)
        err = boundary_read(b, m[BOUNDARY], &p);
    if (err == NZ_OK)
        err = tags_read(b, m[TAGS], &p);
    return err == NZ_OK ? principal_add(b, &p) : err;
}

static enum nz_err role_read(struct nz_account_build *b, struct nz_json entry)
{
    enum { ARN, NAME, ID, POLICIES, ATTACHED, TRUST, BOUNDARY, TAGS, COUNT };
    static const struct nz_str names[COUNT] = {{"Arn", 3},
                                               {"RoleName", 8},
                                               {"RoleId", 6},
                                               {"RolePolicyList", 14},
                                               {"AttachedManagedPolicies", 23},
                                               {"AssumeRolePolicyDocument", 24},
                                               {"PermissionsBoundary", 19},
                                               {"Tags", 4}};
    struct nz_json m[COUNT];
    struct nz_access_principal p = {.kind = NZ_ACCESS_ROLE, .offset = nz_build_offset(b, entry)};
    members_of(entry, names, COUNT, m);
    enum nz_err err = identity_read(b, entry, m, NZ_STR("RoleDetailList"), &p.arn, &p.name);
    if (err != NZ_OK || !p.arn.p)
        return err;
    p.trust = (struct nz_access_grant){.name = names[TRUST], .offset = SIZE_MAX};
    if (!nz_json_is_absent(m[TRUST]))
        p.trust.offset = nz_build_offset(b, m[TRUST]);
    err = nz_document_of(b, m[TRUST], NZ_POLICY_TRUST, &p.trust.document);
    if (err == NZ_OK)
        err = nz_build_text(b, m[ID], &p.id);
    if (err == NZ_OK)
        err = entry_grants(b, m[POLICIES], names[POLICIES], m[ATTACHED], &p.grants, &p.grants_count);
    if (err == NZ_OK)
        err = boundary_read(b, m[BOUNDARY], &p);
    if (err == NZ_OK)
        err = tags_read(b, m[TAGS], &p);
    return err == NZ_OK ? principal_add(b, &p) : err;
}

static enum nz_err group_read(struct nz_account_build *b, struct nz_json entry)
{
    enum { ARN, NAME, POLICIES, ATTACHED, COUNT };
    static const struct nz_str names[COUNT] = {
        {"Arn", 3}, {"GroupName", 9}, {"GroupPolicyList", 15}, {"AttachedManagedPolicies", 23}};
    struct nz_json m[COUNT];
    struct nz_access_group group = {0};
    struct nz_buf *rows = &b->account->rows[NZ_ROWS_GROUPS];
    size_t offset = nz_build_offset(b, entry);
    members_of(entry, names, COUNT, m);
    enum nz_err err = identity_read(b, entry, m, NZ_STR("GroupDetailList"), &group.arn, &group.name);
    if (err != NZ_OK || !group.arn.p)
        return err;
    err = account_check(b, group.arn, offset);
    if (err == NZ_OK)
        err = name_add(b, NZ_TAG_GROUP, group.name, b->account->groups_count, offset);
    if (err == NZ_OK)
        err = entry_grants(b, m[POLICIES], names[POLICIES], m[ATTACHED], &group.grants, &group.grants_count);
    if (err != NZ_OK)
        return err;
    nz_buf_append(rows, nz_row_bytes(&group, sizeof group));
    b->account->groups_count++;
    return nz_buf_status(rows);
}

/* The version that is in force. */
static struct nz_json default_version(struct nz_json versions)
{
    static const struct nz_str names[] = {{"IsDefaultVersion", 16}, {"Document", 8}};
    struct nz_json m[2];
    for (struct nz_json_iter it = nz_json_iter(versions); nz_json_next(&it);) {
        members_of(it.value, names, 2, m);
        if (nz_json_kind(m[0]) == NZ_JSON_TRUE)
            return m[1];
    }
    return (struct nz_json){0};
}

static enum nz_err managed_read(struct nz_account_build *b, struct nz_json entry)
{
    enum { ARN, NAME, VERSIONS, COUNT };
    static const struct nz_str names[COUNT] = {{"Arn", 3}, {"PolicyName", 10}, {"PolicyVersionList", 17}};
    struct nz_json m[COUNT];
    struct nz_access_grant managed = {0};
    struct nz_buf *rows = &b->account->rows[NZ_ROWS_MANAGED];
    size_t offset = nz_build_offset(b, entry);
    members_of(entry, names, COUNT, m);
    enum nz_err err = identity_read(b, entry, m, NZ_STR("Policies"), &managed.arn, &managed.name);
    if (err != NZ_OK || !managed.arn.p)
        return err;
    struct nz_json document = default_version(m[VERSIONS]);
    managed.offset = nz_build_offset(b, nz_json_is_absent(document) ? entry : document);
    if (nz_json_is_absent(document))
        err = nz_document_unknown(b, NZ_E_ACCOUNT_ENTRY, offset, "no version of it is the default", managed.arn,
                                  &managed.document);
    else
        err = nz_document_of(b, document, NZ_POLICY_IDENTITY, &managed.document);
    if (err == NZ_OK)
        err = name_add(b, NZ_TAG_MANAGED, managed.arn, b->account->managed_count, offset);
    if (err != NZ_OK)
        return err;
    nz_buf_append(rows, nz_row_bytes(&managed, sizeof managed));
    b->account->managed_count++;
    return nz_buf_status(rows);
}

enum nz_err nz_page_read(struct nz_account_build *b, struct nz_json page)
{
    enum { COUNT = 4 };
    static const struct nz_str names[COUNT] = {
        {"UserDetailList", 14}, {"GroupDetailList", 15}, {"RoleDetailList", 14}, {"Policies", 8}};
    static enum nz_err (*const read[COUNT])(struct nz_account_build *, struct nz_json) = {user_read, group_read,
                                                                                          role_read, managed_read};
    struct nz_json list[COUNT];
    bool some = false;
    members_of(page, names, COUNT, list);
    for (size_t i = 0; i < COUNT; i++) {
        enum nz_json_kind kind = nz_json_kind(list[i]);
        if (kind != NZ_JSON_ARRAY && kind != NZ_JSON_ABSENT)
            return nz_build_fail(b, NZ_E_ACCOUNT_SHAPE, nz_build_offset(b, list[i]), "%s is no list", names[i].p);
        some |= kind == NZ_JSON_ARRAY;
        for (struct nz_json_iter it = nz_json_iter(list[i]); nz_json_next(&it);) {
            if (++b->entries > NZ_ACCOUNT_ENTRIES_MAX)
                return nz_build_fail(b, NZ_E_ACCOUNT_LIMIT, nz_build_offset(b, it.value), "more than %u entries",
                                     NZ_ACCOUNT_ENTRIES_MAX);
            enum nz_err err = read[i](b, it.value);
            if (err != NZ_OK)
                return err;
        }
    }
    if (some)
        return NZ_OK;
    return nz_build_fail(b, NZ_E_ACCOUNT_SHAPE, nz_build_offset(b, page),
                         "no UserDetailList, GroupDetailList, RoleDetailList or Policies");
}
