#include "access/prover.h"

#include "policy/foreign_ids.h"
#include "policy/pattern.h"

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
    *out = principal->kind == NZ_ACCESS_USER
               ? principal->arn
               : nz_arena_printf(&p->work, "arn:%.*s:sts::%.*s:assumed-role/%.*s/session", NZ_STR_ARG(a->partition),
                                 NZ_STR_ARG(a->id), NZ_STR_ARG(principal->name));
    return out->p ? NZ_OK : NZ_E_NOMEM;
}

/* "The session tag passed in the request takes precedence" over the role's own, if its trust policy allows sts:TagSession: then
 * the caller chooses, and nothing is known of any. Source: IAM User Guide, "Pass session tags in AWS STS". */
static enum nz_err tags_settle(struct nz_prover *p, const struct nz_access_principal *who, struct nz_subject *subject)
{
    struct nz_access_context *context = &subject->context;
    uint32_t count = 0;
    subject->tags_known = who->tags_known;
    if (subject->is_user)
        return NZ_OK;
    const struct nz_policy *trust = who->trust.document->policy;
    if (trust && !nz_policy_allows_action(p->scratch, trust, NZ_STR("sts:TagSession")))
        return NZ_OK;
    struct nz_policy_key *keys = NZ_ARENA_ARRAY(&p->work, struct nz_policy_key, context->count + (size_t)1);
    if (!keys)
        return NZ_E_NOMEM;
    subject->tags_known = false;
    for (uint32_t i = 0; i < context->count; i++) {
        if (!nz_str_starts_with(context->keys[i].name, NZ_STR("aws:PrincipalTag/")))
            keys[count++] = context->keys[i];
    }
    *context = (struct nz_access_context){keys, count};
    return NZ_OK;
}

const struct nz_str *nz_subject_absent_prefixes(const struct nz_subject *subject)
{
    return nz_access_absent_prefixes(subject->is_user, subject->tags_known);
}

/* A key of which the caller chooses the end: beginning, and whatever else. */
static enum nz_err chosen_add(struct nz_prover *p, const struct nz_policy_set *policies, const char *key,
                              struct nz_str beginning, struct nz_key_choice *out)
{
    struct nz_foreign_form form = {.key = nz_str_from_c(key), .chosen = true};
    struct nz_foreign_ids ids;
    form.usual = nz_arena_printf(&p->work, "%.*ssession", NZ_STR_ARG(beginning));
    form.coded = nz_arena_printf(&p->work, "%.*s%c%c", NZ_STR_ARG(beginning), NZ_PATTERN_ONE, NZ_PATTERN_MANY);
    bool failed = !form.usual.p || !form.coded.p;
    enum nz_err err = failed ? NZ_E_NOMEM : nz_policy_set_foreign_ids(policies, &form, &p->work, &ids);
    if (err == NZ_OK)
        *out =
            (struct nz_key_choice){.key = form.key, .values = ids.list, .count = ids.count, .complete = ids.complete};
    return err;
}

/* "aws:userid": of a role's session "AROAEXAMPLE:session", whose end the caller chooses. */
static enum nz_err role_choices(struct nz_prover *p, const struct nz_access_principal *who, struct nz_subject *subject)
{
    static const struct nz_str userid = {"aws:userid", 10};
    if (!who->id.n || !nz_policy_set_mentions(&subject->policies, &userid, 1))
        return NZ_OK;
    struct nz_key_choice *list = NZ_ARENA_NEW(&p->work, struct nz_key_choice);
    struct nz_str beginning = nz_arena_printf(&p->work, "%.*s:", NZ_STR_ARG(who->id));
    subject->choices = (struct nz_key_choices){list, 1};
    return list && beginning.p ? chosen_add(p, &subject->policies, "aws:userid", beginning, list) : NZ_E_NOMEM;
}

enum nz_err nz_subject_make(struct nz_prover *p, uint32_t principal, struct nz_subject *out)
{
    const struct nz_account *a = p->shared->account;
    const struct nz_access_principal *who = &a->principals[principal];
    const struct nz_access_set *set = p->shared->sets->of[principal];
    const struct nz_policy **resource = NZ_ARENA_NEW(&p->work, const struct nz_policy *);
    *out = (struct nz_subject){
        .principal = principal, .is_user = who->kind == NZ_ACCESS_USER, .set = set, .everything = set->unread != NULL};
    if (!resource)
        return NZ_E_NOMEM;
    *resource = p->shared->lets_account_in;
    out->policies.identity = set->identity;
    out->policies.boundary = set->boundary;
    out->policies.resource = (struct nz_policy_list){.policies = resource, .count = 1, .present = true};
    enum nz_err err = arn_of(p, who, &out->arn);
    if (err == NZ_OK)
        err = nz_access_context_make(a, who, &p->work, &out->context);
    if (err == NZ_OK)
        err = tags_settle(p, who, out);
    if (err == NZ_OK && out->everything)
        err = list_with(p, &set->identity, p->shared->allows_all, &out->policies.identity);
    else if (err == NZ_OK && out->is_user && p->shared->question->users_may_change_password)
        err = list_with(p, &set->identity, p->shared->own_password, &out->policies.identity);
    if (err == NZ_OK && !out->is_user)
        err = role_choices(p, who, out);
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

static bool lets_tag(struct nz_prover *p, const struct nz_subject *user)
{
    bool lets = user->everything;
    for (uint32_t i = 0; i < user->policies.identity.count && !lets; i++)
        lets = nz_policy_allows_action(p->scratch, user->policies.identity.policies[i], NZ_STR("sts:TagSession"));
    return lets;
}

static enum nz_err federated_choices(struct nz_prover *p, struct nz_subject *session)
{
    const struct nz_account *a = p->shared->account;
    struct nz_key_choice *list = NZ_ARENA_ARRAY(&p->work, struct nz_key_choice, 2);
    struct nz_str arn =
        nz_arena_printf(&p->work, "arn:%.*s:sts::%.*s:federated-user/", NZ_STR_ARG(a->partition), NZ_STR_ARG(a->id));
    struct nz_str userid = nz_arena_printf(&p->work, "%.*s:", NZ_STR_ARG(a->id));
    if (!list || !arn.p || !userid.p)
        return NZ_E_NOMEM;
    enum nz_err err = chosen_add(p, &session->policies, "aws:PrincipalArn", arn, &list[0]);
    if (err == NZ_OK)
        err = chosen_add(p, &session->policies, "aws:userid", userid, &list[1]);
    session->choices = (struct nz_key_choices){list, 2};
    return err;
}

enum nz_err nz_subject_federate(struct nz_prover *p, const struct nz_subject *user, struct nz_subject *out)
{
    const struct nz_account *a = p->shared->account;
    const struct nz_policy **session = NZ_ARENA_NEW(&p->work, const struct nz_policy *);
    *out = *user;
    out->federated = true;
    out->arn = nz_arena_printf(&p->work, "arn:%.*s:sts::%.*s:federated-user/session", NZ_STR_ARG(a->partition),
                               NZ_STR_ARG(a->id));
    if (!out->arn.p || !session)
        return NZ_E_NOMEM;
    *session = p->shared->allows_all;
    out->policies.session = (struct nz_policy_list){.policies = session, .count = 1, .present = true};
    out->tags_known = user->tags_known && a->principals[user->principal].tags_count == 0 && !lets_tag(p, user);
    enum nz_err err = federated_context(p, &out->context);
    return err == NZ_OK ? federated_choices(p, out) : err;
}

/* Inside is where the restriction lets him work: in the allowed networks, or with MFA from anywhere. */
enum nz_err nz_subject_worlds(struct nz_prover *p, const struct nz_subject *subject, enum nz_side side, bool trusts,
                              struct nz_worlds *out)
{
    const struct nz_prove_question *question = p->shared->question;
    bool session = !subject->is_user || subject->federated;
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
