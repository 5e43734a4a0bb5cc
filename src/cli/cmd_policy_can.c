#include "cli/i18n.h"
#include "cli/policy_place.h"
#include "cli/table.h"
#include "core/text.h"

struct opts {
    struct nz_question_opts question;
    bool why;
};

static const struct nz_opt options[] = {
    NZ_QUESTION_OPTIONS(struct opts, question),
    {.name = "why",
     .letter = 'w',
     .kind = NZ_OPT_FLAG,
     .at = offsetof(struct opts, why),
     .help =
         N_("show the statements that decided, or may where the answer is allowed-if, with their policy and place")},
};

/* One question and its answer. */
struct asked {
    struct nz_cli *cli;
    const struct nz_policy_question *q;
    const struct nz_access_principal *principal;
    const struct nz_access_answer *answer;
};

static const char *decision_name(const struct nz_access_answer *answer)
{
    return answer->verdict == NZ_ACCESS_UNKNOWN ? "unknown" : nz_decision_name(answer->decision.decision);
}

/* --- json --- */

static enum nz_err print_json(const struct asked *a)
{
    const struct nz_policy_answer *decision = &a->answer->decision;
    struct nz_str blocked[NZ_LAYER_COUNT];
    size_t count = 0;
    struct nz_buf out;
    nz_buf_init(&out, 0);
    for (unsigned layer = 0; layer < NZ_LAYER_COUNT; layer++) {
        if (decision->blocked_by & 1u << layer)
            blocked[count++] = nz_str_from_c(nz_layer_name((enum nz_layer)layer));
    }
    nz_buf_printf(&out, "{\"decision\":\"%s\"", decision_name(a->answer));
    nz_question_append_text(&out, "principal", a->principal->arn);
    nz_question_append_text(&out, "action", a->q->ask.action);
    nz_question_append_text(&out, "resource", a->q->ask.resource);
    nz_question_append_texts(&out, "free_keys", decision->free_keys, decision->free_keys_count);
    nz_policy_places_json(a->q->account, a->principal, a->answer, &out);
    nz_question_append_texts(&out, "blocked_by", blocked, count);
    nz_buf_append(&out, NZ_STR(",\"unread\":["));
    if (a->answer->unread)
        nz_question_append_problem(&out, a->q, a->answer->unread->problem);
    nz_buf_append(&out, NZ_STR("]}\n"));
    nz_output_write(&a->cli->out, nz_buf_view(&out));
    enum nz_err err = nz_buf_status(&out);
    nz_buf_release(&out);
    return err;
}

/* --- table --- */

static void place_row(void *self, const struct nz_policy_place *place)
{
    struct nz_buf number, where;
    nz_buf_init(&number, 0);
    nz_buf_init(&where, 0);
    nz_buf_append_u64(&number, place->reason->statement);
    if (place->line)
        nz_buf_printf(&where, "%u:%u", place->line, place->column);
    const struct nz_str cells[] = {nz_policy_effect(place->reason),
                                   nz_str_from_c(nz_layer_name(place->reason->layer)),
                                   place->grant->arn.n ? place->grant->arn : place->grant->name,
                                   place->group ? place->group->name : NZ_STR("-"),
                                   nz_buf_view(&number),
                                   place->sid.p ? place->sid : NZ_STR("-"),
                                   where.n ? nz_buf_view(&where) : NZ_STR("-")};
    nz_table_add(self, cells, NULL);
    nz_buf_release(&number);
    nz_buf_release(&where);
}

static void line_append(struct nz_buf *out, const char *title, const struct nz_str *texts, size_t count)
{
    if (!count)
        return;
    nz_buf_printf(out, "%s:", title);
    for (size_t i = 0; i < count; i++) {
        nz_buf_append(out, nz_str_from_c(i ? ", " : " "));
        nz_buf_append(out, texts[i]);
    }
    nz_buf_append_char(out, '\n');
}

static enum nz_err print_table(const struct asked *a, bool why)
{
    const struct nz_policy_answer *decision = &a->answer->decision;
    const struct nz_table_column columns[] = {{.title = _("EFFECT"), .whole = true},
                                              {.title = _("LAYER"), .whole = true},
                                              {.title = _("POLICY")},
                                              {.title = _("GROUP")},
                                              {.title = _("STATEMENT"), .right = true},
                                              {.title = _("SID")},
                                              {.title = _("PLACE"), .whole = true}};
    struct nz_str blocked[NZ_LAYER_COUNT];
    size_t count = 0;
    struct nz_table table;
    struct nz_buf out, safe;
    nz_buf_init(&out, 0);
    nz_buf_init(&safe, 0);
    for (unsigned layer = 0; layer < NZ_LAYER_COUNT; layer++) {
        if (decision->blocked_by & 1u << layer)
            blocked[count++] = nz_str_from_c(nz_layer_name((enum nz_layer)layer));
    }
    nz_buf_printf(&out, "%s\n", nz_question_word(decision_name(a->answer)));
    if (a->answer->verdict != NZ_ACCESS_UNKNOWN) {
        line_append(&out, _("depends on"), decision->free_keys, decision->free_keys_count);
        line_append(&out, _("no allow in"), blocked, count);
    }
    nz_text_append_lines(&safe, nz_buf_view(&out)); /* keys stand in policies, which an attacker may have written */
    nz_output_write(&a->cli->out, nz_buf_view(&safe));
    enum nz_err err = out.failed ? NZ_E_NOMEM : nz_buf_status(&safe);
    nz_buf_release(&out);
    nz_buf_release(&safe);
    if (err != NZ_OK || !why || decision->decided_by_count + decision->may_decide_count == 0)
        return err;
    nz_table_init(&table, &a->cli->arena, columns, sizeof columns / sizeof columns[0]);
    nz_policy_each_place(a->q->account, a->principal, a->answer, place_row, &table);
    return nz_table_print(&table, &a->cli->out, &a->cli->out_term);
}

/* --- the command --- */

static void outcome_set(const struct asked *a)
{
    switch (a->answer->verdict) {
    case NZ_ACCESS_ALLOWED:
    case NZ_ACCESS_ALLOWED_IF:
        return;
    case NZ_ACCESS_DENIED:
        a->cli->outcome.findings = true;
        return;
    case NZ_ACCESS_UNKNOWN:
        break;
    }
    struct nz_diag diag = nz_policy_question_problem(a->q, a->answer->unread->problem);
    nz_cli_report(a->cli, &diag);
}

static enum nz_err ask(struct nz_cli *cli, const struct nz_policy_question *q, const char *who, const struct opts *o)
{
    struct nz_diag diag = NZ_DIAG_INIT;
    struct nz_access_asker *asker = NULL;
    struct nz_access_answer answer;
    struct asked a = {.cli = cli, .q = q, .answer = &answer};
    uint32_t principal;
    for (uint32_t i = 0; i < q->account->unread_count; i++) {
        diag = nz_policy_question_problem(q, &q->account->unread[i]);
        nz_cli_warn(cli, &diag); /* what else the account has does not change this answer */
    }
    diag = (struct nz_diag)NZ_DIAG_INIT;
    enum nz_err err = nz_account_find(q->account, nz_str_from_c(who), &principal, &diag);
    diag.file = q->path;
    if (err == NZ_OK)
        err = nz_access_asker_new(q->sets, &asker);
    if (err == NZ_OK) {
        diag.file = (struct nz_str){0};
        err = nz_access_can(asker, principal, (struct nz_str){0}, &q->ask, &answer, &diag);
    }
    if (err == NZ_OK) {
        a.principal = &q->account->principals[principal];
        err = o->question.format == NZ_QUESTION_JSON ? print_json(&a) : print_table(&a, o->why);
        outcome_set(&a);
    }
    nz_access_asker_free(asker);
    if (err == NZ_OK)
        return NZ_OK;
    diag.code = err;
    return nz_cli_report(cli, &diag);
}

static enum nz_err run(struct nz_cli *cli, const struct nz_args *args)
{
    const struct opts *o = args->options;
    struct nz_policy_question q;
    enum nz_err err =
        nz_policy_question_open(cli, &o->question, args->paths[1], args->paths_count > 2 ? args->paths[2] : NULL, &q);
    if (err == NZ_OK)
        err = ask(cli, &q, args->paths[0], o);
    nz_policy_question_release(&q);
    return err;
}

static const struct nz_example examples[] = {
    {"nezuban policy can alice s3:GetObject arn:aws:s3:::reports/q1.csv --account account.json",
     N_("may she read it?")},
    {"nezuban policy can deploy iam:PassRole arn:aws:iam::111122223333:role/admin -a account.json --why",
     N_("and which statements say so")},
    {"nezuban policy can bob ec2:StopInstances -a account.json -c aws:MultiFactorAuthPresent=false", N_("without MFA")},
    {0},
};

static const struct nz_exit_text statuses[] = {
    {NZ_EXIT_OK, N_("allowed, or allowed under some condition")},
    {NZ_EXIT_FINDINGS, N_("denied")},
    {NZ_EXIT_BAD, N_("wrong use or input, or what decides could not be read")},
    {0},
};

const struct nz_command nz_command_policy_can = {
    .name = "policy can",
    .summary = N_("say whether a user or role may do something"),
    .arguments = "PRINCIPAL ACTION [RESOURCE]",
    .description = N_(
        "Decides one request by the policies of one account: those of the user or role, of its groups, its boundary, "
        "and "
        "the trust policy where a role of the account is assumed. PRINCIPAL is an ARN or the name of a user or role. "
        "Without RESOURCE the request is about *, which only a policy for all resources allows.\n\n"
        "Condition keys that neither the account nor --context gives are unknown: then the answer may be allowed-if, "
        "with the keys on which it depends. Policies that could not be read make it unknown, never allowed or denied, "
        "where they could change it.\n\n"
        "The account's details hold no resource policies but roles' trust, no service control policies and no session "
        "policies: the answer is as if there were none."),
    NZ_OPTIONS(struct opts, options),
    .examples = examples,
    .statuses = statuses,
    .arguments_min = 2,
    .arguments_max = 3,
    .run = run,
};
