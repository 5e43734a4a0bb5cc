#include "policy/grant.h"

static bool has_account(const struct nz_principal *p)
{
    return p->account.n != 0;
}

static bool same_account(const struct nz_principal *named, const struct nz_principal *caller)
{
    return has_account(caller) && nz_str_eq(named->account, caller->account) &&
           (named->partition.n == 0 || nz_str_eq(named->partition, caller->partition));
}

/* "*" names a user as his ARN would, a role's session as the role's ARN, a federated user as his user's. */
static enum nz_grant grant_of_anybody(const struct nz_principal *caller)
{
    switch (caller->kind) {
    case NZ_PRINCIPAL_ROLE:
    case NZ_PRINCIPAL_SESSION:
    case NZ_PRINCIPAL_FEDERATED_USER:
    case NZ_PRINCIPAL_ACCOUNT:
        return NZ_GRANT_LIMITED;
    case NZ_PRINCIPAL_USER:
    case NZ_PRINCIPAL_SERVICE:
    case NZ_PRINCIPAL_ANYBODY:
        return NZ_GRANT_FULL;
    case NZ_PRINCIPAL_NEVER:
        break;
    }
    return NZ_GRANT_NONE;
}

static enum nz_grant grant_of(const struct nz_principal *named, const struct nz_principal *caller)
{
    switch (named->kind) {
    case NZ_PRINCIPAL_ANYBODY:
        return grant_of_anybody(caller);
    case NZ_PRINCIPAL_ACCOUNT:
        return same_account(named, caller) ? NZ_GRANT_DELEGATE : NZ_GRANT_NONE;
    case NZ_PRINCIPAL_ROLE:
        if (caller->kind == NZ_PRINCIPAL_SESSION)
            return same_account(named, caller) && nz_str_eq(named->role, caller->role) ? NZ_GRANT_LIMITED
                                                                                       : NZ_GRANT_NONE;
        return caller->kind == NZ_PRINCIPAL_ROLE && nz_str_eq(named->text, caller->text) ? NZ_GRANT_LIMITED
                                                                                         : NZ_GRANT_NONE;
    case NZ_PRINCIPAL_USER:
    case NZ_PRINCIPAL_SESSION:
    case NZ_PRINCIPAL_FEDERATED_USER:
    case NZ_PRINCIPAL_SERVICE:
        return caller->kind == named->kind && nz_str_eq(named->text, caller->text) ? NZ_GRANT_FULL : NZ_GRANT_NONE;
    case NZ_PRINCIPAL_NEVER:
        break;
    }
    return NZ_GRANT_NONE;
}

static bool is_iam_principal(const struct nz_principal *caller)
{
    return caller->kind == NZ_PRINCIPAL_USER || caller->kind == NZ_PRINCIPAL_ROLE ||
           caller->kind == NZ_PRINCIPAL_SESSION || caller->kind == NZ_PRINCIPAL_FEDERATED_USER;
}

/* "When you specify an assumed-role session, you must also specify the role and the account": somebody is left alone by a deny
 * with NotPrincipal only when everything that he is stands in the list. */
static bool is_left_alone(const struct nz_statement *st, const struct nz_principal *caller)
{
    bool self = false, role = caller->kind != NZ_PRINCIPAL_SESSION, account = !has_account(caller);
    for (uint32_t i = 0; i < st->principals_count; i++) {
        const struct nz_principal *named = &st->principals[i];
        if (named->kind == NZ_PRINCIPAL_ANYBODY)
            return true;
        if (grant_of(named, caller) == NZ_GRANT_NONE)
            continue;
        account |= named->kind == NZ_PRINCIPAL_ACCOUNT;
        role |= named->kind == NZ_PRINCIPAL_ROLE;
        self |= named->kind == caller->kind;
    }
    return self && role && account;
}

static enum nz_grant grant_of_others(const struct nz_policy_scratch *s, const struct nz_statement *st)
{
    const struct nz_principal *caller = &s->caller;
    if (!st->allow) {
        /* "will always deny any IAM principal that has a permissions boundary policy attached" */
        bool always = s->has_boundary && is_iam_principal(caller);
        return !always && is_left_alone(st, caller) ? NZ_GRANT_NONE : NZ_GRANT_FULL;
    }
    for (uint32_t i = 0; i < st->principals_count; i++) {
        if (grant_of(&st->principals[i], caller) != NZ_GRANT_NONE)
            return NZ_GRANT_NONE;
    }
    return grant_of_anybody(caller);
}

enum nz_grant nz_grant_of(const struct nz_policy_scratch *s, const struct nz_statement *st)
{
    if (st->named == NZ_NAMED_NOBODY)
        return NZ_GRANT_NONE;
    if (st->named == NZ_NAMED_OTHERS)
        return grant_of_others(s, st);
    enum nz_grant best = NZ_GRANT_NONE;
    for (uint32_t i = 0; i < st->principals_count && best != NZ_GRANT_FULL; i++) {
        enum nz_grant one = grant_of(&st->principals[i], &s->caller);
        if (one > best)
            best = one;
    }
    return best;
}
