#include "inventory/organization.h"

#include <stdlib.h>

struct reading {
    struct nz_arena *keep;
    struct nz_diag *diag;
    struct nz_organization *out;
    struct nz_str caller;
    struct nz_buf members; /* struct nz_member */
    struct nz_buf texts;
};

bool nz_member_is_active(const struct nz_member *member)
{
    return nz_str_eq(member->state, NZ_STR("ACTIVE"));
}

struct nz_str nz_member_role(const struct nz_organization *o, const struct nz_member *member, struct nz_str role,
                             struct nz_arena *keep)
{
    struct nz_buf arn;
    nz_buf_init(&arn, 0);
    nz_buf_printf(&arn, "arn:%.*s:iam::%.*s:role/%.*s", NZ_STR_ARG(o->partition), NZ_STR_ARG(member->account),
                  NZ_STR_ARG(role));
    const struct nz_str kept = arn.failed ? (struct nz_str){0} : nz_arena_str(keep, nz_buf_view(&arn));
    nz_buf_release(&arn);
    return kept;
}

static enum nz_err text_of(struct reading *r, struct nz_json object, const char *name, struct nz_str *out)
{
    const struct nz_json v = nz_json_get(object, nz_str_from_c(name));
    nz_buf_clear(&r->texts);
    const struct nz_str text = nz_json_kind(v) == NZ_JSON_STRING ? nz_json_string(v, &r->texts) : NZ_STR("");
    *out = r->texts.failed ? (struct nz_str){0} : nz_arena_str(r->keep, text);
    return out->p ? NZ_OK : NZ_E_NOMEM;
}

static enum nz_err refused(struct reading *r, const struct nz_aws_answer *answer)
{
    const struct nz_aws_error *e = answer->error;
    if (e->err == NZ_E_STOPPED)
        return NZ_OK;
    return nz_diag_set(
        r->diag, e->err, "%s: %.*s%s%.*s",
        nz_aws_operations[answer->call->operation].action[0] ? nz_aws_operations[answer->call->operation].action
                                                             : nz_aws_operations[answer->call->operation].name,
        NZ_STR_ARG(nz_str_head(e->code, 60)), e->code.n ? ": " : "", NZ_STR_ARG(nz_str_head(e->message, 150)));
}

static enum nz_err on_identity(void *self, const struct nz_aws_answer *answer)
{
    struct reading *r = self;
    return answer->error ? refused(r, answer) : text_of(r, answer->root, "Account", &r->caller);
}

/* "arn:aws:organizations::MANAGEMENT:account/o-exampleorgid/111122223333" */
static void arn_read(struct reading *r, struct nz_str arn)
{
    const size_t slash = nz_str_find(arn, NZ_STR(":account/"));
    struct nz_str rest = nz_str_skip(arn, sizeof "arn:" - 1);
    if (!nz_str_starts_with(arn, NZ_STR("arn:")) || slash == SIZE_MAX || r->out->id.n)
        return;
    r->out->partition = nz_str_head(rest, nz_str_find(rest, NZ_STR(":")));
    rest = nz_str_skip(arn, slash + sizeof ":account/" - 1);
    r->out->id = nz_str_head(rest, nz_str_find(rest, NZ_STR("/")));
}

static enum nz_err member_add(struct reading *r, struct nz_json account)
{
    struct nz_member m = {0};
    struct nz_str arn, status;
    enum nz_err err = text_of(r, account, "Id", &m.account);
    if (err == NZ_OK)
        err = text_of(r, account, "Name", &m.name);
    if (err == NZ_OK)
        err = text_of(r, account, "Arn", &arn);
    if (err == NZ_OK)
        err = text_of(r, account, "State", &m.state);
    if (err == NZ_OK)
        err = text_of(r, account, "Status", &status); /* older than State, and tells less */
    if (err != NZ_OK)
        return err;
    if (!m.state.n)
        m.state = status;
    m.is_caller = nz_str_eq(m.account, r->caller);
    arn_read(r, arn);
    if (r->members.n / sizeof m >= NZ_ORGANIZATION_ACCOUNTS_MAX)
        return nz_diag_set(r->diag, NZ_E_LIMIT, "more than %u accounts", NZ_ORGANIZATION_ACCOUNTS_MAX);
    nz_buf_append(&r->members, nz_str_of((const char *)&m, sizeof m));
    return nz_buf_status(&r->members);
}

static enum nz_err on_accounts(void *self, const struct nz_aws_answer *answer)
{
    struct reading *r = self;
    enum nz_err err = NZ_OK;
    if (answer->error)
        return refused(r, answer);
    struct nz_json_iter it = nz_json_iter(nz_json_get(answer->root, NZ_STR("Accounts")));
    while (err == NZ_OK && nz_json_next(&it))
        err = member_add(r, it.value);
    return err;
}

static enum nz_err ask(struct nz_aws_client *client, struct reading *r, enum nz_aws_operation operation,
                       enum nz_err (*on_answer)(void *self, const struct nz_aws_answer *answer))
{
    const struct nz_aws_call call = {.operation = operation, .on_answer = on_answer, .self = r};
    enum nz_err err = nz_aws_client_submit(client, &call, r->diag);
    return err == NZ_OK ? nz_aws_client_run(client, r->diag) : err;
}

static int members_order(const void *a, const void *b)
{
    return nz_str_cmp(((const struct nz_member *)a)->account, ((const struct nz_member *)b)->account);
}

static enum nz_err members_keep(struct reading *r)
{
    struct nz_organization *o = r->out;
    o->count = r->members.n / sizeof *o->members;
    o->members = NZ_ARENA_ARRAY(r->keep, struct nz_member, o->count + 1);
    if (!o->members)
        return NZ_E_NOMEM;
    if (o->count) {
        memcpy(o->members, r->members.p, r->members.n);
        qsort(o->members, o->count, sizeof *o->members, members_order);
    }
    return NZ_OK;
}

enum nz_err nz_organization_read(struct nz_aws_client *client, struct nz_arena *keep, struct nz_organization *out,
                                 struct nz_diag *diag)
{
    struct reading r = {.keep = keep, .diag = diag, .out = out};
    *out = (struct nz_organization){.id = NZ_STR(""), .partition = NZ_STR("aws")};
    nz_buf_init(&r.members, 0);
    nz_buf_init(&r.texts, 0);
    enum nz_err err = ask(client, &r, NZ_AWS_STS_GetCallerIdentity, on_identity);
    if (err == NZ_OK)
        err = ask(client, &r, NZ_AWS_ORGANIZATIONS_ListAccounts, on_accounts);
    if (err == NZ_OK)
        err = members_keep(&r);
    nz_buf_release(&r.members);
    nz_buf_release(&r.texts);
    return err;
}
