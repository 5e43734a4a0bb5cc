#include "cli/policy_proof.h"

#include "cli/i18n.h"
#include "cli/table.h"
#include "core/text.h"

const char *const nz_proof_assumed[] = {
    N_("policies of resources, VPC endpoints and the organization, which the input does not hold, neither allow nor "
       "deny"),
    N_("the policies of the account's KMS keys, and the trust policies of other accounts' roles, let the account in"),
    NULL,
};

/* --- the corrected policy --- */

static void networks_append(const struct nz_policy_proof *p, const char *between, struct nz_buf *out)
{
    for (size_t i = 0; i < p->asked->allowed.count; i++) {
        const struct nz_cidr *net = &p->asked->allowed.list[i];
        if (i)
            nz_buf_append(out, nz_str_from_c(between));
        nz_ip_append(out, &net->base);
        nz_buf_printf(out, "/%u", net->prefix_bits);
    }
}

void nz_policy_proof_corrected(const struct nz_policy_proof *p, struct nz_buf *out)
{
    nz_buf_append(out, NZ_STR("{\"Version\":\"2012-10-17\",\"Statement\":[{"));
    if (p->asked->kind == NZ_PROVE_SOURCE_IP) {
        nz_buf_append(out,
                      NZ_STR("\"Sid\":\"DenyFromElsewhere\",\"Effect\":\"Deny\",\"Action\":\"*\",\"Resource\":\"*\","
                             "\"Condition\":{\"NotIpAddress\":{\"aws:SourceIp\":["));
        nz_buf_append_char(out, '"');
        networks_append(p, "\",\"", out);
        nz_buf_append_char(out, '"');
        nz_buf_append(out, NZ_STR("]},\"Bool\":{\"aws:ViaAWSService\":\"false\"}}}]}"));
        return;
    }
    nz_buf_append(out, NZ_STR("\"Sid\":\"DenyWithoutMFA\",\"Effect\":\"Deny\",\"NotAction\":["));
    bool first = true;
    for (const struct nz_str *action = nz_prove_exempt(NZ_PROVE_MFA); action->n; action++) {
        if (nz_str_eq(*action, NZ_STR("sts:GetCallerIdentity")))
            continue; /* always allowed */
        nz_buf_printf(out, "%s\"%.*s\"", first ? "" : ",", NZ_STR_ARG(*action));
        first = false;
    }
    nz_buf_append(out, NZ_STR("],\"Resource\":\"*\","
                              "\"Condition\":{\"BoolIfExists\":{\"aws:MultiFactorAuthPresent\":\"false\"}}}]}"));
}

struct nz_proof_place nz_policy_proof_place(const struct nz_policy_proof *p, uint32_t user,
                                            const struct nz_policy_reason *reason)
{
    const struct nz_access_principal *who = &p->q->account->principals[user];
    const struct nz_access_set *set = p->q->sets->of[user];
    struct nz_access_grants it = {0};
    if (reason->layer == NZ_LAYER_BOUNDARY)
        return (struct nz_proof_place){&who->boundary, NULL};
    if (reason->layer != NZ_LAYER_IDENTITY || reason->policy >= set->identity.count)
        return (struct nz_proof_place){NULL, NULL};
    while (nz_access_grants_next(who, &it)) {
        if (it.grant->document == set->documents[reason->policy])
            return (struct nz_proof_place){it.grant, it.group};
    }
    return (struct nz_proof_place){NULL, NULL};
}

/* --- table --- */

/* Lines with names in them, which an attacker may have chosen. */
static void lines_print(const struct nz_policy_proof *p, struct nz_str text)
{
    struct nz_buf safe;
    nz_buf_init(&safe, 0);
    nz_text_append_lines(&safe, text);
    nz_output_write(&p->cli->out, nz_buf_view(&safe));
    nz_buf_release(&safe);
}

static const char *status_word(enum nz_proof_status status)
{
    static const char *const words[] = {N_("pass"), N_("partial"), N_("fail"), N_("unknown")};
    return _(words[status]);
}

static void open_append(const struct nz_proof *proof, struct nz_buf *out)
{
    if (proof->status == NZ_PROOF_UNKNOWN)
        nz_buf_append_char(out, '-');
    else
        nz_buf_printf(out, "%u/%u", proof->actions_open, proof->actions);
}

static void from_append(const struct nz_proof *proof, struct nz_buf *out)
{
    for (unsigned i = 0; i < NZ_WORLD_SERVICE; i++) {
        if (proof->networks[i].open)
            nz_buf_printf(out, "%s%s", out->n ? " " : "", nz_world_network_name((enum nz_world_network)i));
    }
    if (out->n == 0)
        nz_buf_append_char(out, '-');
}

static void chain_append(const struct nz_policy_proof *p, const struct nz_proof *proof, struct nz_buf *out)
{
    for (uint32_t i = 0; i < proof->chain_count; i++) {
        nz_buf_append(out, nz_str_from_c(i ? " > " : ""));
        nz_buf_append(out, p->q->account->principals[proof->chain[i]].name);
    }
    if (proof->chain_count == 0)
        nz_buf_append(out, proof->federation ? NZ_STR("sts:GetFederationToken") : NZ_STR("-"));
}

static const enum nz_proof_status worst_first[] = {NZ_PROOF_FAIL, NZ_PROOF_PARTIAL, NZ_PROOF_UNKNOWN, NZ_PROOF_PASS};

static void row_add(const struct nz_policy_proof *p, uint32_t user, struct nz_table *table, struct nz_buf cells[3])
{
    const struct nz_proof *proof = p->proofs->of[user];
    struct nz_str example = proof->examples_count ? proof->examples[0] : NZ_STR("-");
    for (int i = 0; i < 3; i++)
        nz_buf_clear(&cells[i]);
    open_append(proof, &cells[0]);
    from_append(proof, &cells[1]);
    chain_append(p, proof, &cells[2]);
    const struct nz_str row[] = {nz_str_from_c(status_word(proof->status)),
                                 p->q->account->principals[user].name,
                                 nz_buf_view(&cells[0]),
                                 nz_buf_view(&cells[1]),
                                 example,
                                 nz_buf_view(&cells[2])};
    nz_table_add(table, row, NULL);
}

static enum nz_err print_users(const struct nz_policy_proof *p)
{
    const struct nz_table_column columns[] = {{.title = _("ANSWER"), .whole = true},
                                              {.title = _("USER")},
                                              {.title = _("OPEN ACTIONS"), .right = true},
                                              {.title = _("FROM")},
                                              {.title = _("FOR INSTANCE")},
                                              {.title = _("SESSIONS THAT LEAD OUT")}};
    struct nz_buf cells[3];
    struct nz_table table;
    for (int i = 0; i < 3; i++)
        nz_buf_init(&cells[i], 0);
    nz_table_init(&table, &p->cli->arena, columns, sizeof columns / sizeof columns[0]);
    for (size_t s = 0; s < sizeof worst_first / sizeof worst_first[0]; s++) {
        for (uint32_t i = 0; i < p->q->account->principals_count; i++) {
            if (p->proofs->of[i] && p->proofs->of[i]->status == worst_first[s])
                row_add(p, i, &table, cells);
        }
    }
    bool failed = false;
    for (int i = 0; i < 3; i++) {
        failed |= cells[i].failed;
        nz_buf_release(&cells[i]);
    }
    if (failed)
        return NZ_E_NOMEM;
    if (table.first)
        return nz_table_print(&table, &p->cli->out, &p->cli->out_term);
    nz_output_printf(&p->cli->out, "%s\n", _("no users"));
    return NZ_OK;
}

/* --- mistakes, each told once with how many users have it --- */

struct told {
    const struct nz_access_grant *grant;
    const struct nz_access_document *document;
    enum nz_mistake mistake;
    uint32_t statement, users;
};

static void tell(struct nz_buf *all, const struct nz_access_mistake *m)
{
    const struct nz_access_document *document = m->grant ? m->grant->document : NULL;
    struct told *list = (void *)all->p;
    for (size_t i = 0; i < all->n / sizeof *list; i++) {
        if (list[i].mistake == m->mistake && list[i].document == document && list[i].statement == m->statement) {
            list[i].users++;
            return;
        }
    }
    struct told one = {m->grant, document, m->mistake, m->statement, 1};
    nz_buf_append(all, nz_str_of((const char *)&one, sizeof one));
}

static enum nz_err mistakes_gather(const struct nz_policy_proof *p, struct nz_buf *all)
{
    struct nz_access_mistakes found;
    struct nz_arena work;
    enum nz_err err = NZ_OK;
    nz_arena_init(&work, 0);
    for (uint32_t i = 0; i <= p->q->account->principals_count && err == NZ_OK; i++) {
        bool account = i == p->q->account->principals_count;
        if (!account && !p->proofs->of[i])
            continue;
        nz_arena_reset(&work);
        err = account ? nz_access_mistakes_of_account(p->q->sets, p->asked->kind, &work, &found)
                      : nz_access_mistakes_of_user(p->q->sets, p->proofs, p->restrictions, i, &work, &found);
        for (uint32_t k = 0; err == NZ_OK && k < found.count; k++)
            tell(all, &found.list[k]);
    }
    nz_arena_release(&work);
    return err == NZ_OK ? nz_buf_status(all) : err;
}

static void place_print(const struct nz_policy_proof *p, const struct told *t, struct nz_buf *out)
{
    uint32_t line, column;
    if (!t->grant)
        return;
    struct nz_str policy = nz_question_shown(p->cli, t->grant->name);
    nz_buf_printf(out, _("  in policy %.*s"), NZ_STR_ARG(policy));
    if (t->statement != UINT32_MAX)
        nz_buf_printf(out, _(", statement %u"), t->statement);
    if (t->statement != UINT32_MAX && nz_access_statement_place(p->q->account, t->grant, t->statement, &line, &column))
        nz_buf_printf(out, " (%u:%u)", line, column);
    nz_buf_append_char(out, '\n');
}

static enum nz_err print_mistakes(const struct nz_policy_proof *p)
{
    struct nz_buf all, out;
    nz_buf_init(&all, 0);
    nz_buf_init(&out, 0);
    enum nz_err err = mistakes_gather(p, &all);
    const struct told *list = (const void *)all.p;
    for (size_t i = 0; err == NZ_OK && i < all.n / sizeof *list; i++) {
        const struct nz_mistake_text *text = nz_mistake_text(list[i].mistake);
        nz_buf_printf(&out, "\n%s: %s\n", text->id, _(text->what));
        place_print(p, &list[i], &out);
        nz_buf_printf(&out, ngettext("  %u user; ", "  %u users; ", list[i].users), list[i].users);
        nz_buf_printf(&out, "%s\n", _(text->fix));
    }
    lines_print(p, nz_buf_view(&out));
    err = err == NZ_OK ? nz_buf_status(&out) : err;
    nz_buf_release(&all);
    nz_buf_release(&out);
    return err;
}

/* --- why --- */

static void witness_append(const struct nz_policy_proof *p, const struct nz_witness *w, struct nz_buf *out)
{
    struct nz_str principal = nz_question_shown(p->cli, w->principal), action = nz_question_shown(p->cli, w->action);
    struct nz_str resource = nz_question_shown(p->cli, w->resource);
    nz_buf_printf(out, _("  gets through: %.*s does %.*s on %.*s\n"), NZ_STR_ARG(principal), NZ_STR_ARG(action),
                  NZ_STR_ARG(resource));
    for (uint32_t i = 0; i < w->context_count; i++) {
        nz_buf_append(out, NZ_STR("    "));
        nz_buf_append(out, w->context[i].name);
        nz_buf_append(out, NZ_STR(" ="));
        for (uint32_t k = 0; k < w->context[i].count; k++) {
            nz_buf_append(out, nz_str_from_c(k ? ", " : " "));
            nz_buf_append(out, w->context[i].values[k]);
        }
        nz_buf_append_char(out, '\n');
    }
    if (w->by_account)
        nz_buf_printf(out, "    %s\n", _("(if the resource's own policy lets the account in)"));
    if (w->trust != NZ_PROOF_NO_ROLE)
        nz_buf_printf(out, "    %s\n", _("(the role's trust policy lets it in)"));
}

static void denies_append(const struct nz_policy_proof *p, uint32_t user, struct nz_buf *out)
{
    const struct nz_proof *proof = p->proofs->of[user];
    for (uint32_t i = 0; i < proof->denies_count; i++) {
        struct nz_proof_place at = nz_policy_proof_place(p, user, &proof->denies[i]);
        uint32_t line, column;
        if (!at.grant)
            continue;
        struct nz_str policy = nz_question_shown(p->cli, at.grant->name);
        nz_buf_printf(out, _("  denied by %.*s, statement %u"), NZ_STR_ARG(policy), proof->denies[i].statement);
        if (nz_access_statement_place(p->q->account, at.grant, proof->denies[i].statement, &line, &column))
            nz_buf_printf(out, " (%u:%u)", line, column);
        nz_buf_append_char(out, '\n');
    }
    if (proof->closed_by_lack)
        nz_buf_printf(out, "  %s\n", _("closed since nothing allows it; a resource's own policy could"));
}

static void unknown_append(const struct nz_proof *proof, struct nz_buf *out)
{
    if (proof->unread)
        nz_buf_printf(out, "  %s: %s\n", _(nz_err_text(proof->unread->problem->code)), proof->unread->problem->text);
    else
        nz_buf_printf(out, "  %s\n", _("a bound was reached, here or for sessions of sts:GetFederationToken"));
}

static enum nz_err print_why(const struct nz_policy_proof *p)
{
    struct nz_buf out;
    nz_buf_init(&out, 0);
    for (uint32_t i = 0; i < p->q->account->principals_count; i++) {
        const struct nz_proof *proof = p->proofs->of[i];
        if (!proof)
            continue;
        nz_buf_append_char(&out, '\n');
        nz_buf_append(&out, p->q->account->principals[i].name);
        nz_buf_printf(&out, ": %s\n", status_word(proof->status));
        if (proof->status == NZ_PROOF_UNKNOWN)
            unknown_append(proof, &out);
        if (proof->witness)
            witness_append(p, proof->witness, &out);
        if (proof->escape)
            witness_append(p, proof->escape, &out);
        if (proof->federation)
            witness_append(p, proof->federation, &out);
        denies_append(p, i, &out);
        lines_print(p, nz_buf_view(&out));
        if (out.failed)
            break;
        nz_buf_clear(&out);
    }
    enum nz_err err = nz_buf_status(&out);
    nz_buf_release(&out);
    return err;
}

/* --- together --- */

static enum nz_err print_tail(const struct nz_policy_proof *p)
{
    const uint32_t *n = p->proofs->counts;
    struct nz_buf out;
    nz_buf_init(&out, 0);
    nz_buf_printf(&out, "\n");
    if (n[NZ_PROOF_FAIL] + n[NZ_PROOF_PARTIAL]) {
        nz_buf_printf(&out, "%s\n  ", _("A policy that holds, for a group that every user is in:"));
        nz_policy_proof_corrected(p, &out);
        nz_buf_append(&out, NZ_STR("\n\n"));
    }
    if (p->asked->allowed.count) { /* as they were understood: without host bits */
        nz_buf_printf(&out, "%s ", _("Allowed networks:"));
        networks_append(p, ", ", &out);
        nz_buf_append_char(&out, '\n');
    }
    nz_buf_printf(&out, _("%u pass, %u partial, %u fail, %u unknown\n"), n[NZ_PROOF_PASS], n[NZ_PROOF_PARTIAL],
                  n[NZ_PROOF_FAIL], n[NZ_PROOF_UNKNOWN]);
    for (size_t i = 0; nz_proof_assumed[i]; i++)
        nz_buf_printf(&out, _("Taken for granted: %s.\n"), _(nz_proof_assumed[i]));
    nz_output_write(&p->cli->out, nz_buf_view(&out));
    enum nz_err err = nz_buf_status(&out);
    nz_buf_release(&out);
    return err;
}

enum nz_err nz_policy_proof_table(const struct nz_policy_proof *p)
{
    enum nz_err err = print_users(p);
    if (err == NZ_OK && p->why)
        err = print_why(p);
    if (err == NZ_OK)
        err = print_mistakes(p);
    return err == NZ_OK ? print_tail(p) : err;
}
