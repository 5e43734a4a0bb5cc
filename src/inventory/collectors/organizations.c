/* The organization, and the service and resource control policies on the way from its root to this account. The management
 * account, for which neither kind holds, is not asked for them.
 * Source: Organizations API Reference: DescribeOrganization, ListParents, ListPoliciesForTarget, DescribePolicy. */
#include "inventory/collect_run.h"

/* "You can nest OUs up to five levels deep": with the root and the account seven; a few more are no harm. */
#define LEVELS_MAX 12u
#define KINDS 2u

static const char *const kinds[KINDS] = {"SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"};

struct level {
    struct nz_str id, type;
    struct nz_buf policies[KINDS]; /* texts of JSON, with a comma before each */
};

struct path {
    struct level levels[LEVELS_MAX]; /* the account first */
    unsigned count;
    unsigned open; /* calls that are not answered */
    uint64_t policies;
    bool broken;                   /* one was not answered: the path is not known */
    struct nz_collect_name *known; /* ids of policies that are items */
};

struct step {
    struct path *path;
    unsigned level, kind;
};

static struct step *step_new(struct nz_collect *c, struct path *p, unsigned level, unsigned kind)
{
    struct step *s = NZ_ARENA_NEW(&c->arena, struct step);
    if (s)
        *s = (struct step){p, level, kind};
    return s;
}

static enum nz_err kept(struct nz_collect *c, struct nz_json object, const char *name, struct nz_str *out)
{
    struct nz_json v = nz_json_get(object, nz_str_from_c(name));
    *out = nz_arena_str(&c->arena, nz_json_kind(v) == NZ_JSON_STRING ? nz_json_string_raw(v) : NZ_STR(""));
    return out->p ? NZ_OK : NZ_E_NOMEM;
}

/* --- the path when all of it is known --- */

static void level_append(const struct level *l, struct nz_buf *out)
{
    static const char *const names[KINDS] = {"ServiceControlPolicies", "ResourceControlPolicies"};
    nz_buf_append(out, NZ_STR("{\"TargetId\":"));
    nz_json_append_string(out, l->id);
    nz_buf_append(out, NZ_STR(",\"TargetType\":"));
    nz_json_append_string(out, l->type);
    for (unsigned kind = 0; kind < KINDS; kind++) {
        nz_buf_printf(out, ",\"%s\":[", names[kind]);
        nz_buf_append(out, nz_str_skip(nz_buf_view(&l->policies[kind]), 1));
        nz_buf_append_char(out, ']');
    }
    nz_buf_append_char(out, '}');
}

static void path_release(void *self)
{
    struct path *p = self;
    for (unsigned i = 0; i < p->count; i++) {
        for (unsigned kind = 0; kind < KINDS; kind++)
            nz_buf_release(&p->levels[i].policies[kind]);
    }
}

static enum nz_err path_add(struct nz_collect *c, struct path *p)
{
    nz_buf_clear(&c->json);
    nz_buf_append(&c->json, NZ_STR("{\"Levels\":["));
    for (unsigned i = p->count; i-- > 0;) {
        level_append(&p->levels[i], &c->json);
        nz_buf_append(&c->json, i ? NZ_STR(",") : NZ_STR("]}"));
    }
    struct nz_item item = {.type = NZ_STR("Nezuban::Organizations::PolicyPath"),
                           .region = NZ_REGION_GLOBAL,
                           .id = c->header.account,
                           .name = NZ_STR(""),
                           .arn = c->root,
                           .configuration = nz_buf_view(&c->json)};
    enum nz_err err = c->json.failed ? NZ_E_NOMEM : nz_collect_add(c, &item);
    return err == NZ_OK
               ? nz_collect_collected(c, NZ_AWS_ORGANIZATIONS_ListPoliciesForTarget, NZ_STR(""), p->policies + 1)
               : err;
}

static enum nz_err path_close(struct nz_collect *c, struct path *p)
{
    if (--p->open)
        return NZ_OK;
    enum nz_err err = p->broken ? NZ_OK : path_add(c, p);
    path_release(p);
    return err;
}

/* --- policies --- */

/* Content is a text of JSON. */
static enum nz_err content_shape(struct nz_collect *c, struct nz_json policy, struct nz_buf *out)
{
    struct nz_json content = nz_json_get(policy, NZ_STR("Content"));
    struct nz_json_doc doc;
    struct nz_json root;
    nz_json_doc_init(&doc);
    nz_buf_clear(&c->texts);
    struct nz_str text = nz_item_document(content, &c->texts);
    enum nz_err err = c->texts.failed ? NZ_E_NOMEM : nz_json_parse(&doc, text, &root, NULL);
    nz_buf_append(out, NZ_STR("{\"Content\":"));
    nz_json_append_compact(err == NZ_OK ? root : content, out);
    nz_buf_append_char(out, '}');
    nz_json_doc_release(&doc);
    return err == NZ_E_NOMEM ? err : nz_buf_status(out);
}

static const struct nz_join policy_content = {
    .operation = NZ_AWS_ORGANIZATIONS_DescribePolicy, .path = "Policy", .shape = content_shape};

static enum nz_err policy_add(struct nz_collect *c, struct path *p, struct nz_json summary, struct nz_str id)
{
    struct nz_item item = {.type = NZ_STR("AWS::Organizations::Policy"), .region = NZ_REGION_GLOBAL, .id = id};
    struct nz_found *f;
    for (const struct nz_collect_name *n = p->known; n; n = n->next) {
        if (nz_str_eq(n->name, id))
            return NZ_OK;
    }
    const char *parameters = nz_collect_parameters(c, "PolicyId", id);
    if (!parameters || !nz_collect_name_add(c, &p->known, id))
        return NZ_E_NOMEM;
    p->policies++;
    nz_buf_clear(&c->json);
    nz_collect_append(summary, 0, "Description", NULL, &c->json);
    item.configuration = nz_buf_view(&c->json);
    enum nz_err err = c->json.failed ? NZ_E_NOMEM : kept(c, summary, "Arn", &item.arn);
    if (err == NZ_OK)
        err = kept(c, summary, "Name", &item.name);
    if (err == NZ_OK)
        err = nz_collect_find(c, &item, &f);
    if (err == NZ_OK)
        err = nz_collect_join(c, f, &policy_content, NZ_STR(""), parameters);
    return err == NZ_OK ? nz_collect_release(c, f) : err;
}

static enum nz_err policies_page(struct nz_collect *c, const struct nz_ask *ask, struct nz_json root)
{
    struct step *s = ask->self;
    struct nz_buf *ids = &s->path->levels[s->level].policies[s->kind];
    struct nz_json list = nz_json_get(root, NZ_STR("Policies"));
    enum nz_err err = NZ_OK;
    for (struct nz_json_iter it = nz_json_iter(list); err == NZ_OK && nz_json_next(&it);) {
        struct nz_str id;
        err = kept(c, it.value, "Id", &id);
        if (err != NZ_OK)
            break;
        nz_buf_append_char(ids, ',');
        nz_json_append_string(ids, id);
        err = ids->failed ? NZ_E_NOMEM : policy_add(c, s->path, it.value, id);
    }
    return err;
}

/* "PolicyTypeNotEnabledException": no policy of this kind holds anywhere in the organization. */
static enum nz_err step_end(struct nz_collect *c, const struct nz_ask *ask, enum nz_ask_end end, bool by_scp)
{
    struct step *s = ask->self;
    (void)by_scp;
    s->path->broken |= end == NZ_ASK_UNREAD;
    return path_close(c, s->path);
}

static enum nz_err policies_ask(struct nz_collect *c, struct path *p)
{
    enum nz_err err = NZ_OK;
    for (unsigned i = 0; i < p->count * KINDS && err == NZ_OK; i++) {
        struct step *s = step_new(c, p, i / KINDS, i % KINDS);
        struct nz_buf json;
        nz_buf_init(&json, 0);
        nz_buf_append(&json, NZ_STR("{\"TargetId\":"));
        nz_json_append_string(&json, p->levels[i / KINDS].id);
        nz_buf_printf(&json, ",\"Filter\":\"%s\"}", kinds[i % KINDS]);
        struct nz_str parameters = json.failed ? (struct nz_str){0} : nz_arena_str(&c->arena, nz_buf_view(&json));
        nz_buf_release(&json);
        if (!s || !parameters.p)
            return NZ_E_NOMEM;
        p->open++;
        err = nz_collect_ask(c, &(struct nz_ask){.operation = NZ_AWS_ORGANIZATIONS_ListPoliciesForTarget,
                                                 .parameters = parameters.p,
                                                 .none = "PolicyTypeNotEnabledException",
                                                 .page = policies_page,
                                                 .end = step_end,
                                                 .self = s});
    }
    return err;
}

/* --- parents --- */

static enum nz_err level_add(struct path *p, struct nz_str id, struct nz_str type)
{
    if (p->count == LEVELS_MAX) {
        p->broken = true;
        return NZ_OK;
    }
    struct level *l = &p->levels[p->count++];
    l->id = id;
    l->type = type;
    for (unsigned kind = 0; kind < KINDS; kind++)
        nz_buf_init(&l->policies[kind], 0);
    return NZ_OK;
}

static enum nz_err parent_page(struct nz_collect *c, const struct nz_ask *ask, struct nz_json root)
{
    struct step *s = ask->self;
    struct nz_json list = nz_json_get(root, NZ_STR("Parents"));
    struct nz_json_iter it = nz_json_iter(list);
    struct nz_str id, type;
    if (!nz_json_next(&it)) /* an account has exactly one parent */
        return NZ_OK;
    enum nz_err err = kept(c, it.value, "Id", &id);
    if (err == NZ_OK)
        err = kept(c, it.value, "Type", &type);
    return err == NZ_OK ? level_add(s->path, id, type) : err;
}

static enum nz_err parents_ask(struct nz_collect *c, struct path *p);

static enum nz_err parent_end(struct nz_collect *c, const struct nz_ask *ask, enum nz_ask_end end, bool by_scp)
{
    struct step *s = ask->self;
    struct path *p = s->path;
    enum nz_err err = NZ_OK;
    (void)by_scp;
    p->broken |= end != NZ_ASK_ANSWERED || p->count == s->level + 1; /* no parent came */
    if (!p->broken && nz_str_eq(p->levels[p->count - 1].type, NZ_STR("ROOT")))
        err = policies_ask(c, p);
    else if (!p->broken)
        err = parents_ask(c, p);
    return err == NZ_OK ? path_close(c, p) : err;
}

static enum nz_err parents_ask(struct nz_collect *c, struct path *p)
{
    struct step *s = step_new(c, p, p->count - 1, 0);
    const char *parameters = nz_collect_parameters(c, "ChildId", p->levels[p->count - 1].id);
    if (!s || !parameters)
        return NZ_E_NOMEM;
    p->open++;
    return nz_collect_ask(c, &(struct nz_ask){.operation = NZ_AWS_ORGANIZATIONS_ListParents,
                                              .parameters = parameters,
                                              .page = parent_page,
                                              .end = parent_end,
                                              .self = s});
}

/* --- the organization --- */

static enum nz_err organization_look(struct nz_collect *c, const struct nz_item_view *view)
{
    struct nz_json management = nz_item_get(view, "configuration.MasterAccountId");
    bool reused = false;
    uint64_t items;
    if (nz_json_kind(management) == NZ_JSON_STRING && nz_str_eq(nz_json_string_raw(management), c->header.account))
        return NZ_OK;
    enum nz_err err = nz_collect_reuse(c, NZ_AWS_ORGANIZATIONS_ListPoliciesForTarget, NZ_STR(""), &reused, &items);
    struct path *p = NZ_ARENA_NEW(&c->arena, struct path);
    if (err != NZ_OK || reused || !p)
        return err == NZ_OK && !reused ? NZ_E_NOMEM : err;
    err = nz_collect_at_end(c, path_release, p);
    if (err == NZ_OK)
        err = level_add(p, c->header.account, NZ_STR("ACCOUNT"));
    return err == NZ_OK ? parents_ask(c, p) : err;
}

static enum nz_err organization_then(struct nz_collect *c, struct nz_str region, uint64_t count)
{
    (void)region;
    return count == NZ_COUNT_UNKNOWN
               ? NZ_OK
               : nz_collect_each(c, NZ_STR("AWS::Organizations::Organization"), organization_look);
}

static const struct nz_list organization = {
    .operation = NZ_AWS_ORGANIZATIONS_DescribeOrganization,
    .type = "AWS::Organizations::Organization",
    .path = "Organization",
    .id = "Id",
    .arn = "Arn",
    .left_out = "MasterAccountEmail|AvailablePolicyTypes", /* an address; and what is deprecated */
    .then = organization_then,
};

static enum nz_err account(struct nz_collect *c)
{
    return nz_collect_list(c, &organization, NZ_STR(""), NULL);
}

const struct nz_collector nz_collector_organizations = {.round = 1, .account = account};
