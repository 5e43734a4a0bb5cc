#include "access/prover.h"

static enum nz_err list_with(struct nz_prover *p, const struct nz_policy_list *list, const struct nz_policy *more,
                             struct nz_policy_list *out)
{
    const struct nz_policy **policies = NZ_ARENA_ARRAY(&p->work, const struct nz_policy *, list->count + (size_t)1);
    if (!policies)
        return NZ_E_NOMEM;
    for (uint32_t i = 0; i < list->count; i++)
        policies[i] = list->policies[i];
    policies[list->count] = more;
    *out = (struct nz_policy_list){.policies = policies, .count = list->count + 1, .present = true};
    return NZ_OK;
}

/* Sessions of a role have an ARN of their own, and its path is not in it. */
static enum nz_err arn_of(struct nz_prover *p, const struct nz_access_principal *principal, struct nz_str *out)
{
    const struct nz_account *a = p->shared->account;
    struct nz_buf text;
    *out = principal->arn;
    if (principal->kind == NZ_ACCESS_USER)
        return NZ_OK;
    nz_buf_init(&text, 0);
    nz_buf_printf(&text, "arn:%.*s:sts::%.*s:assumed-role/%.*s/session", NZ_STR_ARG(a->partition), NZ_STR_ARG(a->id),
                  NZ_STR_ARG(principal->name));
    *out = nz_arena_str(&p->work, nz_buf_view(&text));
    bool failed = text.failed || !out->p;
    nz_buf_release(&text);
    return failed ? NZ_E_NOMEM : NZ_OK;
}

/* "The session tag passed in the request takes precedence" over the role's own, if its trust policy allows sts:TagSession: then
 * the caller chooses, and nothing is known of any. Source: IAM User Guide, "Pass session tags in AWS STS". */
static void tags_forget(struct nz_prover *p, const struct nz_access_principal *who, struct nz_access_context *context)
{
    const struct nz_policy *trust = who->trust.document->policy;
    struct nz_policy_key *keys = NZ_ARENA_ARRAY(&p->work, struct nz_policy_key, context->count + (size_t)1);
    uint32_t count = 0;
    if (!keys || (trust && !nz_policy_allows_action(p->scratch, trust, NZ_STR("sts:tagsession"))))
        return;
    for (uint32_t i = 0; i < context->count; i++) {
        if (!nz_str_starts_with(context->keys[i].name, NZ_STR("aws:PrincipalTag/")))
            keys[count++] = context->keys[i];
    }
    *context = (struct nz_access_context){keys, count};
}

enum nz_err nz_subject_make(struct nz_prover *p, uint32_t principal, struct nz_subject *out)
{
    const struct nz_account *a = p->shared->account;
    const struct nz_access_principal *who = &a->principals[principal];
    const struct nz_access_set *set = p->shared->sets->of[principal];
    const struct nz_policy **resource = NZ_ARENA_NEW(&p->work, const struct nz_policy *);
    *out = (struct nz_subject){.principal = principal, .set = set, .everything = set->unread != NULL};
    if (!resource)
        return NZ_E_NOMEM;
    *resource = p->shared->lets_account_in;
    out->policies.identity = set->identity;
    out->policies.boundary = set->boundary;
    out->policies.resource = (struct nz_policy_list){.policies = resource, .count = 1, .present = true};
    enum nz_err err = arn_of(p, who, &out->arn);
    if (err == NZ_OK)
        err = nz_access_context_make(a, who, &p->work, &out->context);
    if (err == NZ_OK && who->kind == NZ_ACCESS_ROLE)
        tags_forget(p, who, &out->context);
    if (err == NZ_OK && out->everything)
        err = list_with(p, &set->identity, p->shared->allows_all, &out->policies.identity);
    else if (err == NZ_OK && who->kind == NZ_ACCESS_USER && p->shared->question->users_may_change_password)
        err = list_with(p, &set->identity, p->shared->own_password, &out->policies.identity);
    return err == NZ_OK ? nz_subject_places_note(p, out) : err;
}

/* "The permissions for a session are the intersection of the IAM user's identity-based policies and the session policies":
 * one that allows everything is at hand. aws:username is not there; PrincipalArn, userid and tags are the caller's choice, and
 * free. Source: IAM User Guide, "Request temporary security credentials", GetFederationToken; "AWS global condition context
 * keys". */
static enum nz_err federated_context(struct nz_prover *p, struct nz_access_context *out)
{
    const struct nz_account *account = p->shared->account;
    static const struct nz_str values[] = {{"FederatedUser", 13}, {"false", 5}};
    struct nz_policy_key keys[] = {
        {.name = NZ_STR("aws:PrincipalAccount"), .values = &account->id, .count = 1},
        {.name = NZ_STR("aws:PrincipalType"), .values = &values[0], .count = 1},
        {.name = NZ_STR("aws:PrincipalIsAWSService"), .values = &values[1], .count = 1},
        {.name = NZ_STR("aws:PrincipalServiceName")},
        {.name = NZ_STR("aws:PrincipalServiceNamesList")},
        {.name = NZ_STR("aws:username")},
    };
    struct nz_str kept = nz_arena_str(&p->work, nz_str_of((const char *)keys, sizeof keys));
    *out = (struct nz_access_context){(const void *)kept.p, sizeof keys / sizeof keys[0]};
    return kept.p ? NZ_OK : NZ_E_NOMEM;
}

enum nz_err nz_subject_federate(struct nz_prover *p, const struct nz_subject *user, struct nz_subject *out)
{
    const struct nz_account *a = p->shared->account;
    const struct nz_policy **session = NZ_ARENA_NEW(&p->work, const struct nz_policy *);
    struct nz_buf text;
    *out = *user;
    out->federated = true;
    nz_buf_init(&text, 0);
    nz_buf_printf(&text, "arn:%.*s:sts::%.*s:federated-user/session", NZ_STR_ARG(a->partition), NZ_STR_ARG(a->id));
    out->arn = nz_arena_str(&p->work, nz_buf_view(&text));
    bool failed = text.failed || !out->arn.p || !session;
    nz_buf_release(&text);
    if (failed)
        return NZ_E_NOMEM;
    *session = p->shared->allows_all;
    out->policies.session = (struct nz_policy_list){.policies = session, .count = 1, .present = true};
    return federated_context(p, &out->context);
}

/* Inside is where the restriction lets him work: in the allowed networks, or with MFA from anywhere. */
enum nz_err nz_subject_worlds(struct nz_prover *p, const struct nz_subject *subject, enum nz_side side, bool trusts,
                              struct nz_worlds *out)
{
    const struct nz_prove_question *question = p->shared->question;
    bool session = p->shared->account->principals[subject->principal].kind == NZ_ACCESS_ROLE || subject->federated;
    bool mfa = question->kind == NZ_PROVE_MFA;
    unsigned without = 1u << NZ_WORLD_ACCESS_KEY | 1u << NZ_WORLD_NO_MFA, with = 1u << NZ_WORLD_MFA;
    struct nz_policy_set policies = subject->policies;
    struct nz_world_question q = {.set = &policies, .allowed = question->allowed, .is_session = session};
    if (trusts)
        policies.resource = p->shared->trusts;
    q.inside = (side == NZ_SIDE_INSIDE || side == NZ_SIDE_TOKEN_INSIDE) && !mfa;
    q.any_endpoint = mfa; /* nothing is said of where */
    q.by_service = side == NZ_SIDE_SERVICE;
    if (side == NZ_SIDE_TOKEN_OUTSIDE || side == NZ_SIDE_TOKEN_INSIDE)
        q.credentials = 1u << NZ_WORLD_ACCESS_KEY;
    else if (side == NZ_SIDE_OUTSIDE)
        q.credentials = mfa || subject->federated ? without : without | with;
    else if (side == NZ_SIDE_INSIDE)
        q.credentials = session ? without : mfa ? with : without | with;
    else
        q.credentials = 1u << NZ_WORLD_NO_MFA;
    return nz_worlds_make(&q, p->scratch, &p->work, out);
}
