#include "audit/proofs.h"

#include "audit/password.h"
#include "audit/state.h"

/* Keys that say who asks. Users with the same policies share a proof, so they may be of another. */
static bool is_about_who(struct nz_str key)
{
    return nz_str_starts_with(key, NZ_STR("aws:Principal")) || nz_str_eq(key, NZ_STR("aws:username")) ||
           nz_str_eq(key, NZ_STR("aws:userid"));
}

static void show_witness(struct nz_audit *a, struct nz_finding *f, struct nz_str who, const struct nz_witness *w)
{
    nz_audit_evidence(a, f, who, "action", w->action);
    nz_audit_evidence(a, f, who, "resource", w->resource);
    for (uint32_t i = 0; i < w->context_count; i++) {
        const struct nz_policy_key *key = &w->context[i];
        struct nz_buf pair;
        if (is_about_who(key->name))
            continue;
        nz_buf_init(&pair, 0);
        nz_buf_printf(&pair, "%.*s=%.*s", NZ_STR_ARG(key->name), NZ_STR_ARG(key->count ? key->values[0] : NZ_STR("")));
        nz_audit_evidence(a, f, who, "context", nz_buf_view(&pair));
        nz_buf_release(&pair);
    }
}

/* The policy of a deny by its name, as it is attached. */
static struct nz_str policy_name(const struct nz_access_principal *principal, const struct nz_proof *proof,
                                 const struct nz_policy_reason *reason)
{
    const struct nz_access_document *document =
        reason->layer == NZ_LAYER_BOUNDARY ? proof->set->boundary_document : proof->set->documents[reason->policy];
    struct nz_access_grants it = {0};
    while (nz_access_grants_next(principal, &it)) {
        if (it.grant->document == document)
            return it.grant->arn.n ? it.grant->arn : it.grant->name;
    }
    return principal->boundary.arn;
}

static void show_denies(struct nz_audit *a, struct nz_finding *f, const struct nz_access_principal *principal,
                        const struct nz_proof *proof)
{
    for (uint32_t i = 0; i < proof->denies_count; i++) {
        struct nz_buf text;
        nz_buf_init(&text, 0);
        nz_buf_printf(&text, "%.*s #%u", NZ_STR_ARG(policy_name(principal, proof, &proof->denies[i])),
                      proof->denies[i].statement);
        nz_audit_evidence(a, f, principal->arn, "deny", nz_buf_view(&text));
        nz_buf_release(&text);
    }
}

static void show_chain(struct nz_audit *a, struct nz_finding *f, const struct nz_account *account,
                       const struct nz_proof *proof)
{
    for (uint32_t i = 0; i < proof->chain_count; i++)
        nz_audit_evidence(a, f, NZ_STR("sts:AssumeRole"), "role", account->principals[proof->chain[i]].arn);
    if (proof->escape && proof->chain_count)
        show_witness(a, f, account->principals[proof->chain[proof->chain_count - 1]].arn, proof->escape);
    if (proof->federation)
        show_witness(a, f, NZ_STR("sts:GetFederationToken"), proof->federation);
}

static void show_networks(struct nz_audit *a, struct nz_finding *f, const struct nz_proof *proof)
{
    for (unsigned i = 0; i < NZ_WORLD_NETWORKS; i++) {
        const char *name = nz_world_network_name((enum nz_world_network)i);
        if (proof->networks[i].open)
            nz_audit_evidence(a, f, NZ_STR("network"), name,
                              proof->networks[i].closed ? NZ_STR("partly open") : NZ_STR("open"));
    }
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral" /* the words were marked where they stand */
#pragma GCC diagnostic ignored "-Wformat-security"
static struct nz_finding *say(struct nz_audit *a, struct nz_subject on, const struct nz_proof_words *words,
                              const struct nz_proof *proof)
{
    const struct nz_str example = proof->examples_count ? proof->examples[0] : NZ_STR("");
    switch (proof->status) {
    case NZ_PROOF_PASS:
        return proof->actions
                   ? nz_audit_pass(a, on, words->pass)
                   : nz_audit_pass(a, on, N_("the user's policies allow nothing that would have to be closed"));
    case NZ_PROOF_PARTIAL:
        if (proof->chain_count && !proof->actions_open)
            return nz_audit_partial(a, on, N_("the user is closed, but a role that it can assume is not"));
        return nz_audit_partial(a, on, words->partial, proof->actions_open, proof->actions, NZ_STR_ARG(example));
    case NZ_PROOF_FAIL:
        return nz_audit_fail(a, on, words->fail, NZ_STR_ARG(example));
    case NZ_PROOF_UNKNOWN:
        break;
    }
    return proof->unread ? nz_audit_unknown(a, on, N_("a policy that could decide cannot be read"))
                         : nz_audit_unknown(a, on, N_("the proof reached a bound"));
}
#pragma GCC diagnostic pop

/* What no deny closes is closed as long as no policy of a resource lets the user in: those are not read. */
static void show_assumed(struct nz_audit *a, struct nz_finding *f, const struct nz_proof *proof)
{
    if (proof->status == NZ_PROOF_PASS && (proof->closed_by_lack || !proof->actions))
        nz_audit_evidence(
            a, f, NZ_STR("taken for granted"), "policies of resources",
            nz_str_from_c(nz_audit_translate(a, N_("none lets the user in where its own policies do not"))));
}

static void judge(struct nz_audit *a, const struct nz_audit_user *user, const struct nz_proof_words *words)
{
    const struct nz_subject on = nz_user_subject(user);
    const struct nz_audit_access *access = nz_audit_access(a);
    uint32_t at;
    if (!access || !nz_account_find_arn(access->account, user->arn, &at)) {
        nz_audit_say_no_access(a, on);
        return;
    }
    const struct nz_audit_proof *made = nz_proof_maker_get(a, access, words->kind);
    const struct nz_proof *proof = made->problem.code == NZ_OK && made->proofs ? made->proofs->of[at] : NULL;
    if (!proof) {
        nz_audit_unknown(a, on, N_("nothing could be proved: %s"),
                         made->problem.text[0] ? made->problem.text : nz_err_name(made->problem.code));
        return;
    }
    if (made->with_password && made->with_password->of[at] && made->with_password->of[at]->status != NZ_PROOF_PASS) {
        nz_audit_need(a, on, NZ_PASSWORD_POLICY_TYPE, NZ_REGION_GLOBAL); /* it decides */
        return;
    }
    struct nz_finding *f = say(a, on, words, proof);
    if (proof->witness)
        show_witness(a, f, user->arn, proof->witness);
    show_networks(a, f, proof);
    show_chain(a, f, access->account, proof);
    show_denies(a, f, &access->account->principals[at], proof);
    show_assumed(a, f, proof);
}

void nz_audit_judge_proofs(struct nz_audit *a, const struct nz_proof_words *words)
{
    const struct nz_audit_users *users = nz_audit_users(a);
    nz_audit_say_users_missing(a);
    for (size_t i = 0; i < users->count; i++) {
        if (users->list[i].details)
            judge(a, &users->list[i], words);
        else
            nz_audit_need(a, nz_user_subject(&users->list[i]), "AWS::IAM::User", NZ_REGION_GLOBAL);
    }
}
