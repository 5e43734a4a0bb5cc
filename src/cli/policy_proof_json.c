#include "cli/policy_proof.h"

#include "cli/i18n.h"
#include "core/json.h"

static void text_append(struct nz_buf *out, const char *key, struct nz_str text)
{
    nz_question_append_text(out, key, text);
}

static const struct nz_str none = {NULL, 0};

/* --- a statement and its place --- */

static void place_append(struct nz_buf *out, const struct nz_policy_proof *p, const struct nz_access_grant *grant,
                         const struct nz_access_group *group, uint32_t statement)
{
    uint32_t line = 0, column = 0;
    bool whole = statement == UINT32_MAX;
    text_append(out, "policy", grant ? grant->name : none);
    text_append(out, "arn", grant && grant->arn.n ? grant->arn : none);
    text_append(out, "group", group ? group->name : none);
    if (!grant || whole) {
        nz_buf_append(out, NZ_STR(",\"statement\":null,\"sid\":null,\"line\":null,\"column\":null"));
        return;
    }
    nz_buf_printf(out, ",\"statement\":%u", statement);
    text_append(out, "sid", nz_policy_sid(grant->document->policy, statement));
    if (nz_access_statement_place(p->q->account, grant, statement, &line, &column))
        nz_buf_printf(out, ",\"line\":%u,\"column\":%u", line, column);
    else
        nz_buf_append(out, NZ_STR(",\"line\":null,\"column\":null"));
}

static void denies_append(struct nz_buf *out, const struct nz_policy_proof *p, uint32_t user)
{
    const struct nz_proof *proof = p->proofs->of[user];
    nz_buf_append(out, NZ_STR(",\"denies\":["));
    for (uint32_t i = 0; i < proof->denies_count; i++) {
        struct nz_proof_place at = nz_policy_proof_place(p, user, &proof->denies[i]);
        nz_buf_printf(out, "%s{\"layer\":\"%s\"", i ? "," : "", nz_layer_name(proof->denies[i].layer));
        place_append(out, p, at.grant, at.group, proof->denies[i].statement);
        nz_buf_append_char(out, '}');
    }
    nz_buf_append_char(out, ']');
}

/* --- a witness: a case of policy eval --- */

static void context_append(struct nz_buf *out, const struct nz_witness *w)
{
    nz_buf_append(out, NZ_STR(",\"context\":{"));
    for (uint32_t i = 0; i < w->context_count; i++) {
        if (i)
            nz_buf_append_char(out, ',');
        nz_json_append_string(out, w->context[i].name);
        nz_buf_append(out, NZ_STR(":["));
        for (uint32_t k = 0; k < w->context[i].count; k++) {
            if (k)
                nz_buf_append_char(out, ',');
            nz_json_append_string(out, w->context[i].values[k]);
        }
        nz_buf_append_char(out, ']');
    }
    nz_buf_append_char(out, '}');
}

static void witness_append(struct nz_buf *out, const struct nz_policy_proof *p, const char *key,
                           const struct nz_witness *w)
{
    nz_buf_printf(out, ",\"%s\":", key);
    if (!w) {
        nz_buf_append(out, NZ_STR("null"));
        return;
    }
    nz_buf_append(out, NZ_STR("{\"principal\":"));
    nz_json_append_string(out, w->principal);
    text_append(out, "action", w->action);
    text_append(out, "resource", w->resource);
    context_append(out, w);
    nz_buf_printf(out, ",\"network\":\"%s\"", nz_world_network_name(w->network));
    nz_buf_printf(out, ",\"resource_policy_lets_account_in\":%s", w->by_account ? "true" : "false");
    text_append(out, "trust_policy_of", w->trust != NZ_PROOF_NO_ROLE ? p->q->account->principals[w->trust].arn : none);
    nz_buf_append_char(out, '}');
}

static void escape_append(struct nz_buf *out, const struct nz_policy_proof *p, const struct nz_proof *proof)
{
    nz_buf_append(out, NZ_STR(",\"role_escape\":"));
    if (!proof->chain_count) {
        nz_buf_append(out, NZ_STR("null"));
        return;
    }
    nz_buf_append(out, NZ_STR("{\"roles\":["));
    for (uint32_t i = 0; i < proof->chain_count; i++) {
        if (i)
            nz_buf_append_char(out, ',');
        nz_json_append_string(out, p->q->account->principals[proof->chain[i]].arn);
    }
    nz_buf_append_char(out, ']');
    witness_append(out, p, "witness", proof->escape);
    nz_buf_append_char(out, '}');
}

/* --- mistakes --- */

static void mistakes_append(struct nz_buf *out, const struct nz_policy_proof *p, const struct nz_access_mistakes *all)
{
    nz_buf_append(out, NZ_STR(",\"mistakes\":["));
    for (uint32_t i = 0; i < all->count; i++) {
        const struct nz_access_mistake *m = &all->list[i];
        const struct nz_mistake_text *text = nz_mistake_text(m->mistake);
        nz_buf_printf(out, "%s{\"mistake\":\"%s\"", i ? "," : "", text->id);
        place_append(out, p, m->grant, m->group, m->statement);
        text_append(out, "what", nz_str_from_c(_(text->what)));
        text_append(out, "fix", nz_str_from_c(_(text->fix)));
        nz_buf_append_char(out, '}');
    }
    nz_buf_append_char(out, ']');
}

/* --- a user --- */

static const char *network_word(const struct nz_proof_network *n)
{
    if (!n->asked)
        return "null";
    return n->open && n->closed ? "\"partly open\"" : n->open ? "\"open\"" : n->closed ? "\"closed\"" : "null";
}

static void networks_append(struct nz_buf *out, const struct nz_proof *proof)
{
    nz_buf_append(out, NZ_STR(",\"networks\":{"));
    for (unsigned i = 0; i < NZ_WORLD_SERVICE; i++) {
        nz_buf_printf(out, "%s\"%s\":%s", i ? "," : "", nz_world_network_name((enum nz_world_network)i),
                      network_word(&proof->networks[i]));
    }
    nz_buf_append_char(out, '}');
    const char *service = proof->service_asked ? (proof->service_open ? "\"open\"" : "\"closed\"") : "null";
    nz_buf_printf(out, ",\"via_aws_service\":%s", service);
}

static enum nz_err user_append(struct nz_buf *out, const struct nz_policy_proof *p, uint32_t user,
                               struct nz_arena *work)
{
    const struct nz_proof *proof = p->proofs->of[user];
    struct nz_access_mistakes mistakes;
    enum nz_err err = nz_access_mistakes_of_user(p->q->sets, p->proofs, p->restrictions, user, work, &mistakes);
    if (err != NZ_OK)
        return err;
    nz_buf_append(out, NZ_STR("{\"user\":"));
    nz_json_append_string(out, p->q->account->principals[user].arn);
    nz_buf_printf(out, ",\"status\":\"%s\",\"actions\":%u,\"actions_open\":%u", nz_proof_status_name(proof->status),
                  proof->actions, proof->actions_open);
    nz_question_append_texts(out, "examples", proof->examples, proof->examples_count);
    networks_append(out, proof);
    denies_append(out, p, user);
    witness_append(out, p, "witness", proof->witness);
    escape_append(out, p, proof);
    witness_append(out, p, "federation_escape", proof->federation);
    mistakes_append(out, p, &mistakes);
    nz_buf_append(out, NZ_STR(",\"unread\":"));
    if (proof->unread)
        nz_question_append_problem(out, p->q, proof->unread->problem);
    else
        nz_buf_append(out, NZ_STR("null"));
    nz_buf_append_char(out, '}');
    return nz_buf_status(out);
}

static enum nz_err users_append(struct nz_buf *out, const struct nz_policy_proof *p)
{
    struct nz_arena work;
    enum nz_err err = NZ_OK;
    bool first = true;
    nz_arena_init(&work, 0);
    nz_buf_append(out, NZ_STR(",\"users\":[\n"));
    for (uint32_t i = 0; i < p->q->account->principals_count && err == NZ_OK; i++) {
        if (!p->proofs->of[i])
            continue;
        if (!first)
            nz_buf_append(out, NZ_STR(",\n"));
        first = false;
        err = user_append(out, p, i, &work);
        nz_output_write(&p->cli->out, nz_buf_view(out)); /* a user at a time: an account may have many */
        nz_buf_clear(out);
        nz_arena_reset(&work);
    }
    nz_buf_append_char(out, ']');
    nz_arena_release(&work);
    return err;
}

static void head_append(struct nz_buf *out, const struct nz_policy_proof *p)
{
    nz_buf_printf(out, "{\"question\":\"%s\",\"account\":", nz_prove_kind_name(p->asked->kind));
    nz_json_append_string(out, p->q->account->id);
    nz_buf_append(out, NZ_STR(",\"allow\":["));
    for (size_t i = 0; i < p->asked->allowed.count; i++) {
        nz_buf_append(out, i ? NZ_STR(",\"") : NZ_STR("\""));
        nz_ip_append(out, &p->asked->allowed.list[i].base);
        nz_buf_printf(out, "/%u\"", p->asked->allowed.list[i].prefix_bits);
    }
    nz_buf_append(out, NZ_STR("],\"assumed\":["));
    for (size_t i = 0; nz_proof_assumed[i]; i++) {
        if (i)
            nz_buf_append_char(out, ',');
        nz_json_append_string(out, nz_str_from_c(_(nz_proof_assumed[i])));
    }
    nz_buf_append_char(out, ']');
}

static enum nz_err tail_append(struct nz_buf *out, const struct nz_policy_proof *p)
{
    struct nz_access_mistakes mistakes;
    struct nz_arena work;
    nz_arena_init(&work, 0);
    enum nz_err err = nz_access_mistakes_of_account(p->q->sets, p->asked->kind, &work, &mistakes);
    if (err == NZ_OK)
        mistakes_append(out, p, &mistakes);
    nz_arena_release(&work);
    nz_buf_append(out, NZ_STR(",\"corrected_policy\":"));
    nz_policy_proof_corrected(p, out);
    nz_buf_append(out, NZ_STR(",\"unread\":["));
    for (uint32_t i = 0; i < p->q->account->unread_count; i++) {
        if (i)
            nz_buf_append_char(out, ',');
        nz_question_append_problem(out, p->q, &p->q->account->unread[i]);
    }
    nz_buf_append(out, NZ_STR("]}\n"));
    return err;
}

enum nz_err nz_policy_proof_json(const struct nz_policy_proof *p)
{
    struct nz_buf out;
    nz_buf_init(&out, 0);
    head_append(&out, p);
    enum nz_err err = users_append(&out, p);
    if (err == NZ_OK)
        err = tail_append(&out, p);
    nz_output_write(&p->cli->out, nz_buf_view(&out));
    err = err == NZ_OK ? nz_buf_status(&out) : err;
    nz_buf_release(&out);
    return err;
}
