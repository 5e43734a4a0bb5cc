#include "cli/i18n.h"
#include "cli/policy_place.h"
#include "cli/table.h"
#include "core/json.h"
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
         N_("show for each step the statements that decided, or may where it depends, with their policy and place")},
};

struct found {
    struct nz_cli *cli;
    const struct nz_policy_question *q;
    const struct nz_who_can *who;
    struct nz_access_asker *asker; /* NULL: not asked why */
};

static bool may(const struct nz_who *row)
{
    return row->verdict == NZ_ACCESS_ALLOWED || row->verdict == NZ_ACCESS_ALLOWED_IF;
}

/* --- why: each step of a chain, decided once more --- */

typedef void (*step_fn)(void *self, uint32_t principal, const struct nz_access_question *step,
                        const struct nz_access_answer *answer);

/* Assuming one role after another, then what was asked. */
static enum nz_err each_step(const struct found *f, uint32_t principal, step_fn visit, void *self)
{
    const struct nz_access_principal *all = f->q->account->principals;
    for (uint32_t at = principal;; at = f->who->rows[at].next) {
        struct nz_access_question step = f->q->ask;
        struct nz_access_answer answer;
        uint32_t next = f->who->rows[at].next;
        if (next != NZ_WHO_DIRECTLY) {
            step.action = NZ_STR("sts:AssumeRole");
            step.resource = all[next].arn;
        }
        enum nz_err err = nz_access_can(f->asker, at, nz_str_of(NULL, 0), &step, &answer, NULL);
        if (err != NZ_OK)
            return err;
        visit(self, at, &step, &answer);
        if (next == NZ_WHO_DIRECTLY)
            return NZ_OK;
    }
}

struct telling {
    const struct found *f;
    struct nz_buf *out;
    bool first;
};

static void step_json(void *self, uint32_t principal, const struct nz_access_question *step,
                      const struct nz_access_answer *answer)
{
    struct telling *t = self;
    const struct nz_access_principal *who = &t->f->q->account->principals[principal];
    nz_buf_append(t->out, nz_str_from_c(t->first ? "{\"principal\":" : ",{\"principal\":"));
    t->first = false;
    nz_json_append_string(t->out, who->arn);
    nz_question_append_text(t->out, "action", step->action);
    nz_question_append_text(t->out, "resource", step->resource);
    nz_policy_places_json(t->f->q->account, who, answer, t->out);
    nz_buf_append_char(t->out, '}');
}

static void place_line(void *self, const struct nz_policy_place *place)
{
    const struct telling *t = self;
    struct nz_buf *out = t->out;
    struct nz_str policy = nz_question_shown(t->f->cli, place->grant->name);
    uint32_t statement = place->reason->statement;
    if (!place->depends)
        nz_buf_printf(out, _("    allowed by %.*s, statement %u"), NZ_STR_ARG(policy), statement);
    else if (place->reason->denies)
        nz_buf_printf(out, _("    may be denied by %.*s, statement %u"), NZ_STR_ARG(policy), statement);
    else
        nz_buf_printf(out, _("    may be allowed by %.*s, statement %u"), NZ_STR_ARG(policy), statement);
    if (place->line)
        nz_buf_printf(out, " (%u:%u)", place->line, place->column);
    nz_buf_append_char(out, '\n');
}

static void step_lines(void *self, uint32_t principal, const struct nz_access_question *step,
                       const struct nz_access_answer *answer)
{
    struct telling *t = self;
    const struct nz_access_principal *who = &t->f->q->account->principals[principal];
    const struct nz_str parts[] = {NZ_STR("  "), who->name,      NZ_STR(": "), step->action,
                                   NZ_STR(" "),  step->resource, NZ_STR("\n")};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        nz_buf_append(t->out, parts[i]);
    nz_policy_each_place(t->f->q->account, who, answer, place_line, t);
}

static enum nz_err print_why(const struct found *f)
{
    enum nz_err err = NZ_OK;
    struct nz_buf out, safe;
    nz_buf_init(&out, 0);
    nz_buf_init(&safe, 0);
    for (uint32_t i = 0; i < f->q->account->principals_count && err == NZ_OK; i++) {
        if (!may(&f->who->rows[i]))
            continue;
        nz_buf_clear(&out);
        nz_buf_append_char(&out, '\n');
        nz_buf_append(&out, f->q->account->principals[i].name);
        nz_buf_append_char(&out, '\n');
        err = each_step(f, i, step_lines, &(struct telling){.f = f, .out = &out});
        nz_text_append_lines(&safe, nz_buf_view(&out));
        err = err != NZ_OK ? err : nz_buf_status(&out);
    }
    nz_output_write(&f->cli->out, nz_buf_view(&safe));
    err = err != NZ_OK ? err : nz_buf_status(&safe);
    nz_buf_release(&out);
    nz_buf_release(&safe);
    return err;
}

/* --- json --- */

static enum nz_err row_json(const struct found *f, uint32_t principal, struct nz_buf *out)
{
    const struct nz_who *row = &f->who->rows[principal];
    const struct nz_access_principal *all = f->q->account->principals;
    nz_buf_printf(out, "{\"decision\":\"%s\"", nz_access_verdict_name(row->verdict));
    nz_question_append_text(out, "principal", all[principal].arn);
    nz_buf_append(out, NZ_STR(",\"chain\":["));
    for (uint32_t at = row->next; at != NZ_WHO_DIRECTLY; at = f->who->rows[at].next) {
        if (at != row->next)
            nz_buf_append_char(out, ',');
        nz_json_append_string(out, all[at].arn);
    }
    nz_buf_append_char(out, ']');
    nz_question_append_texts(out, "free_keys", row->keys, row->keys_count);
    nz_buf_append(out, NZ_STR(",\"unread\":"));
    if (row->verdict == NZ_ACCESS_UNKNOWN)
        nz_question_append_problem(out, f->q, row->unread->problem);
    else
        nz_buf_append(out, NZ_STR("null"));
    enum nz_err err = NZ_OK;
    if (f->asker && may(row)) {
        nz_buf_append(out, NZ_STR(",\"steps\":["));
        err = each_step(f, principal, step_json, &(struct telling){.f = f, .out = out, .first = true});
        nz_buf_append_char(out, ']');
    }
    nz_buf_append_char(out, '}');
    return err;
}

static void unread_json(const struct found *f, struct nz_buf *out)
{
    const struct nz_account *a = f->q->account;
    bool first = true;
    for (uint32_t i = 0; i < f->who->unread_roles_count; i++, first = false) {
        nz_buf_append(out, nz_str_from_c(first ? "" : ","));
        nz_question_append_problem(out, f->q, a->principals[f->who->unread_roles[i]].trust.document->problem);
    }
    for (uint32_t i = 0; i < a->unread_count; i++, first = false) {
        nz_buf_append(out, nz_str_from_c(first ? "" : ","));
        nz_question_append_problem(out, f->q, &a->unread[i]);
    }
}

static enum nz_err print_json(const struct found *f)
{
    bool first = true;
    enum nz_err err = NZ_OK;
    struct nz_buf out;
    nz_buf_init(&out, 0);
    nz_buf_append(&out, NZ_STR("{\"action\":"));
    nz_json_append_string(&out, f->q->ask.action);
    nz_question_append_text(&out, "resource", f->q->ask.resource);
    nz_buf_append(&out, NZ_STR(",\"principals\":["));
    for (uint32_t i = 0; i < f->q->account->principals_count && !out.failed && err == NZ_OK; i++) {
        if (f->who->rows[i].verdict == NZ_ACCESS_DENIED)
            continue;
        nz_buf_append(&out, nz_str_from_c(first ? "\n" : ",\n"));
        err = row_json(f, i, &out);
        first = false;
        nz_output_write(&f->cli->out, nz_buf_view(&out));
        nz_buf_clear(&out);
    }
    nz_buf_append(&out, nz_str_from_c(first ? "],\"unread\":[" : "\n],\"unread\":["));
    unread_json(f, &out);
    nz_buf_append(&out, NZ_STR("]}\n"));
    nz_output_write(&f->cli->out, nz_buf_view(&out));
    err = err != NZ_OK ? err : nz_buf_status(&out);
    nz_buf_release(&out);
    return err;
}

/* --- table --- */

static void chain_append(const struct found *f, const struct nz_who *row, struct nz_buf *out)
{
    const struct nz_access_principal *all = f->q->account->principals;
    if (row->next == NZ_WHO_DIRECTLY)
        nz_buf_append_char(out, '-');
    for (uint32_t at = row->next; at != NZ_WHO_DIRECTLY; at = f->who->rows[at].next) {
        if (at != row->next)
            nz_buf_append(out, NZ_STR(" > "));
        nz_buf_append(out, all[at].name);
    }
}

static void depends_append(const struct nz_who *row, struct nz_buf *out)
{
    if (row->keys_count == 0)
        nz_buf_append_char(out, '-');
    for (uint32_t i = 0; i < row->keys_count; i++) {
        if (i)
            nz_buf_append_char(out, ' ');
        nz_buf_append(out, row->keys[i]);
    }
}

static enum nz_err print_table(const struct found *f)
{
    const struct nz_table_column columns[] = {{.title = _("ANSWER"), .whole = true},
                                              {.title = _("PRINCIPAL")},
                                              {.title = _("THROUGH ROLES")},
                                              {.title = _("DEPENDS ON")}};
    struct nz_table table;
    struct nz_buf chain, depends;
    nz_buf_init(&chain, 0);
    nz_buf_init(&depends, 0);
    nz_table_init(&table, &f->cli->arena, columns, sizeof columns / sizeof columns[0]);
    for (uint32_t i = 0; i < f->q->account->principals_count; i++) {
        const struct nz_who *row = &f->who->rows[i];
        if (row->verdict == NZ_ACCESS_DENIED)
            continue;
        nz_buf_clear(&chain);
        nz_buf_clear(&depends);
        chain_append(f, row, &chain);
        depends_append(row, &depends);
        const struct nz_str cells[] = {nz_str_from_c(nz_question_word(nz_access_verdict_name(row->verdict))),
                                       f->q->account->principals[i].arn, nz_buf_view(&chain), nz_buf_view(&depends)};
        nz_table_add(&table, cells, NULL);
    }
    enum nz_err err = chain.failed || depends.failed ? NZ_E_NOMEM : NZ_OK;
    nz_buf_release(&chain);
    nz_buf_release(&depends);
    if (err == NZ_OK && table.first)
        err = nz_table_print(&table, &f->cli->out, &f->cli->out_term);
    else if (err == NZ_OK)
        nz_output_printf(&f->cli->out, "%s\n", _("nobody"));
    return err;
}

/* --- the command --- */

static void report_problem(const struct found *f, const struct nz_diag *problem)
{
    struct nz_diag diag = nz_policy_question_problem(f->q, problem);
    nz_cli_report(f->cli, &diag);
}

/* Many may lack the same policy: it is told once. NZ_E_NOMEM. */
static enum nz_err report_unknown(const struct found *f)
{
    const struct nz_account *a = f->q->account;
    bool *told = NZ_ARENA_ARRAY(&f->cli->arena, bool, a->documents_count + (size_t)1);
    if (!told)
        return NZ_E_NOMEM;
    for (uint32_t i = 0; i < a->principals_count; i++) {
        const struct nz_who *row = &f->who->rows[i];
        if (row->verdict != NZ_ACCESS_UNKNOWN)
            continue;
        uint32_t id = row->unread->id < a->documents_count ? row->unread->id : a->documents_count;
        if (!told[id])
            report_problem(f, row->unread->problem);
        told[id] = true;
    }
    return NZ_OK;
}

/* Whatever may hide somebody from the list is said, and counts. */
static enum nz_err report(const struct found *f)
{
    const struct nz_account *a = f->q->account;
    bool somebody = false;
    for (uint32_t i = 0; i < a->principals_count; i++)
        somebody |= may(&f->who->rows[i]);
    f->cli->outcome.findings = !somebody;
    for (uint32_t i = 0; i < a->unread_count; i++)
        report_problem(f, &a->unread[i]);
    for (uint32_t i = 0; i < f->who->unread_roles_count; i++)
        report_problem(f, a->principals[f->who->unread_roles[i]].trust.document->problem);
    return report_unknown(f);
}

static enum nz_err run(struct nz_cli *cli, const struct nz_args *args)
{
    const struct opts *o = args->options;
    struct nz_policy_question q;
    struct nz_diag diag = NZ_DIAG_INIT;
    struct nz_who_can *who = NULL;
    enum nz_err err =
        nz_policy_question_open(cli, &o->question, args->paths[0], args->paths_count > 1 ? args->paths[1] : NULL, &q);
    if (err != NZ_OK) {
        nz_policy_question_release(&q);
        return err;
    }
    err = nz_access_who_can(q.sets, &q.ask, &who, &diag);
    struct found f = {.cli = cli, .q = &q, .who = who};
    if (err == NZ_OK && o->why)
        err = nz_access_asker_new(q.sets, &f.asker);
    if (err == NZ_OK) {
        err = o->question.format == NZ_QUESTION_JSON ? print_json(&f) : print_table(&f);
        if (err == NZ_OK && f.asker && o->question.format != NZ_QUESTION_JSON)
            err = print_why(&f);
        enum nz_err told = report(&f);
        err = err == NZ_OK ? told : err;
    }
    nz_access_asker_free(f.asker);
    nz_who_can_free(who);
    nz_policy_question_release(&q);
    if (err == NZ_OK)
        return NZ_OK;
    diag.code = err;
    return nz_cli_report(cli, &diag);
}

static const struct nz_example examples[] = {
    {"nezuban policy who-can s3:DeleteBucket arn:aws:s3:::reports --account account.json", N_("who may delete it")},
    {"aws iam get-account-authorization-details | nezuban policy who-can iam:CreateUser -a - -f json",
     N_("straight from the account, for another program")},
    {0},
};

static const struct nz_exit_text statuses[] = {
    {NZ_EXIT_OK, N_("somebody may")},
    {NZ_EXIT_FINDINGS, N_("nobody may")},
    {NZ_EXIT_BAD, N_("wrong use or input, or something could not be read that may hide somebody")},
    {0},
};

const struct nz_command nz_command_policy_who_can = {
    .name = "policy who-can",
    .summary = N_("list who may do something, directly or through roles"),
    .arguments = "ACTION [RESOURCE]",
    .description =
        N_("Lists the users and roles of an account that may do something, and those that may assume a role that may, "
           "with the shortest chain of roles. Assuming a role must be allowed by the one side's policies and by the "
           "role's "
           "trust policy, as for any request. Without RESOURCE the request is about *.\n\n"
           "Each request is decided as by policy can. A chain that certainly holds is shown before a shorter one that "
           "depends on condition keys; callers of other accounts are not listed."),
    NZ_OPTIONS(struct opts, options),
    .examples = examples,
    .statuses = statuses,
    .arguments_min = 1,
    .arguments_max = 2,
    .run = run,
};
