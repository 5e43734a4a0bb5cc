#include "cli/aws_ranges.h"
#include "cli/i18n.h"
#include "cli/policy_proof.h"

struct opts {
    const char *account, *output, *catalogue, *aws_ranges;
    struct nz_opt_list allow, exempt;
    int format;
    bool why, strict, change_password;
};

static const struct nz_opt options[] = {
    NZ_QUESTION_OPTION_ACCOUNT(struct opts, account),
    {.name = "allow",
     .letter = 'n',
     .kind = NZ_OPT_LIST,
     .at = offsetof(struct opts, allow),
     .metavar = "CIDR",
     .help = N_("source-ip: a network from which users may come; more may follow, or stand behind commas")},
    {.name = "exempt",
     .letter = 'e',
     .kind = NZ_OPT_LIST,
     .at = offsetof(struct opts, exempt),
     .metavar = "ACTION",
     .help = N_("an action that may get through, such as s3:Get*")},
    {.name = "users-may-change-password",
     .kind = NZ_OPT_FLAG,
     .at = offsetof(struct opts, change_password),
     .help = N_("the account's password policy lets users change their own")},
    {.name = "why",
     .letter = 'w',
     .kind = NZ_OPT_FLAG,
     .at = offsetof(struct opts, why),
     .help = N_("show for each user the request that gets through, or the statements that deny")},
    {.name = "strict",
     .kind = NZ_OPT_FLAG,
     .at = offsetof(struct opts, strict),
     .help = N_("exit with 3 when it stays unknown for some user")},
    {.name = "catalogue",
     .kind = NZ_OPT_TEXT,
     .at = offsetof(struct opts, catalogue),
     .metavar = "FILE",
     .help = N_("a newer catalogue of AWS's actions than the one built in"),
     .complete = NZ_COMPLETE_FILE},
    {.name = "aws-ranges",
     .kind = NZ_OPT_TEXT,
     .at = offsetof(struct opts, aws_ranges),
     .metavar = "FILE",
     .help = N_("AWS's ip-ranges.json: networks of EC2, which anybody can rent, are then named in lists of your own"),
     .complete = NZ_COMPLETE_FILE},
    NZ_QUESTION_OPTION_FORMAT(struct opts, format),
    NZ_OPTION_OUTPUT(struct opts, output),
};

const char *nz_prove_kind_name(enum nz_prove_kind kind)
{
    return kind == NZ_PROVE_MFA ? "mfa" : "source-ip";
}

struct proving {
    struct nz_cli *cli;
    const struct opts *o;
    struct nz_policy_question q;
    struct nz_prove_question ask;
    struct nz_catalogue *catalogue;
    struct nz_proofs *proofs;
    struct nz_access_restrictions restrictions;
    struct nz_buf allowed, aws_networks; /* struct nz_cidr */
    bool *of;                            /* users named on the command line */
};

/* --- the question --- */

/* Networks may stand one an option, behind commas, or behind the option one after another. */
static bool networks_add(struct proving *p, struct nz_str text)
{
    while (text.n) {
        const char *comma = memchr(text.p, ',', text.n);
        struct nz_str one = nz_str_trim(nz_str_head(text, comma ? (size_t)(comma - text.p) : text.n));
        struct nz_cidr net;
        if (one.n && !nz_cidr_parse(one, &net))
            return false;
        if (one.n)
            nz_buf_append(&p->allowed, nz_str_of((const char *)&net, sizeof net));
        text = comma ? nz_str_skip(text, (size_t)(comma - text.p) + 1) : nz_str_of(NULL, 0);
    }
    return true;
}

/* No name of a user has one of these. */
static bool is_network_like(const char *text)
{
    return strncmp(text, "arn:", 4) != 0 && strpbrk(text, "/:") != NULL;
}

static enum nz_err user_add(struct proving *p, const char *name)
{
    struct nz_diag diag = NZ_DIAG_INIT;
    uint32_t at;
    size_t count = p->q.account->principals_count + (size_t)1;
    if (!p->of)
        p->of = NZ_ARENA_ARRAY(&p->cli->arena, bool, count);
    if (!p->of)
        return nz_cli_report_err(p->cli, NZ_E_NOMEM);
    if (is_network_like(name))
        return nz_cli_usage(p->cli, _("'%s' is no IP network, and no name of a user"), name);
    if (nz_account_find(p->q.account, nz_str_from_c(name), &at, &diag) != NZ_OK)
        return nz_cli_report(p->cli, &diag);
    if (p->q.account->principals[at].kind != NZ_ACCESS_USER)
        return nz_cli_usage(p->cli, _("'%s' is a role; proofs are of users"), name);
    p->of[at] = true;
    return NZ_OK;
}

static enum nz_err exempt_read(struct proving *p)
{
    struct nz_str *list = NZ_ARENA_ARRAY(&p->cli->arena, struct nz_str, p->o->exempt.count + 1);
    if (!list)
        return nz_cli_report_err(p->cli, NZ_E_NOMEM);
    for (size_t i = 0; i < p->o->exempt.count; i++) {
        struct nz_catalogue_walk walk = nz_catalogue_walk_begin(nz_str_from_c(p->o->exempt.items[i]));
        uint32_t action;
        if (!nz_catalogue_walk_next(p->catalogue, &walk, &action))
            return nz_cli_usage(p->cli, _("--exempt: AWS has no action '%s'"), p->o->exempt.items[i]);
        list[i] = nz_str_from_c(p->o->exempt.items[i]);
    }
    p->ask.exempt = list;
    p->ask.exempt_count = (uint32_t)p->o->exempt.count;
    return NZ_OK;
}

static bool on_stop(void *self)
{
    (void)self;
    return nz_cli_stop_requested();
}

static enum nz_err kind_read(struct proving *p, const char *word)
{
    if (strcmp(word, "source-ip") == 0)
        p->ask.kind = NZ_PROVE_SOURCE_IP;
    else if (strcmp(word, "mfa") == 0)
        p->ask.kind = NZ_PROVE_MFA;
    else
        return nz_cli_usage(p->cli, _("'%s' cannot be proved; source-ip and mfa can"), word);
    return NZ_OK;
}

static enum nz_err allowed_read(struct proving *p, const struct nz_args *args, size_t *users_from)
{
    for (size_t i = 0; i < p->o->allow.count; i++) {
        if (!networks_add(p, nz_str_from_c(p->o->allow.items[i])))
            return nz_cli_usage(p->cli, _("--allow: '%s' is no IP network"), p->o->allow.items[i]);
    }
    *users_from = 1;
    while (*users_from < args->paths_count && networks_add(p, nz_str_from_c(args->paths[*users_from])))
        ++*users_from;
    if (p->ask.kind == NZ_PROVE_SOURCE_IP && p->allowed.n == 0)
        return nz_cli_usage(p->cli, _("source-ip needs --allow: the networks from which users may come"));
    if (p->ask.kind == NZ_PROVE_MFA && p->allowed.n)
        return nz_cli_usage(p->cli, _("--allow belongs to source-ip"));
    p->ask.allowed = (struct nz_network_list){(const void *)p->allowed.p, p->allowed.n / sizeof(struct nz_cidr)};
    return p->allowed.failed ? nz_cli_report_err(p->cli, NZ_E_NOMEM) : NZ_OK;
}

static enum nz_err aws_ranges_read(struct proving *p)
{
    struct nz_diag diag = NZ_DIAG_INIT;
    struct nz_buf text;
    if (!p->o->aws_ranges)
        return NZ_OK;
    nz_buf_init(&text, NZ_ACCOUNT_BYTES_MAX);
    enum nz_err err = nz_policy_text_read(p->o->aws_ranges, &text, &diag);
    if (err == NZ_OK)
        err = nz_aws_ranges_read(nz_buf_view(&text), &p->aws_networks, &diag);
    nz_buf_release(&text);
    if (err == NZ_OK)
        return NZ_OK;
    diag.file = nz_str_from_c(p->o->aws_ranges);
    return nz_cli_report(p->cli, &diag);
}

static enum nz_err ask_read(struct proving *p, const struct nz_args *args)
{
    struct nz_diag diag = NZ_DIAG_INIT;
    size_t users_from = 1;
    enum nz_err err = kind_read(p, args->paths[0]);
    if (err == NZ_OK)
        err = allowed_read(p, args, &users_from);
    if (err != NZ_OK)
        return err;
    err = p->o->catalogue ? nz_catalogue_open_file(p->o->catalogue, &p->catalogue, &diag)
                          : nz_catalogue_open(&p->catalogue, &diag);
    if (err != NZ_OK)
        return nz_cli_report(p->cli, &diag);
    err = exempt_read(p);
    if (err == NZ_OK)
        err = aws_ranges_read(p);
    if (err == NZ_OK)
        err = nz_policy_account_open(p->cli, p->o->account, p->o->output, &p->q);
    for (size_t i = users_from; i < args->paths_count && err == NZ_OK; i++)
        err = user_add(p, args->paths[i]);
    p->ask.of = p->of;
    p->ask.users_may_change_password = p->o->change_password;
    p->ask.jobs = p->cli->jobs;
    p->ask.stop = on_stop;
    return err;
}

/* --- the answer --- */

static void report(const struct proving *p)
{
    const struct nz_account *a = p->q.account;
    p->cli->outcome.findings = p->proofs->counts[NZ_PROOF_FAIL] + p->proofs->counts[NZ_PROOF_PARTIAL] > 0;
    p->cli->outcome.unknown = p->o->strict && p->proofs->counts[NZ_PROOF_UNKNOWN] > 0;
    for (uint32_t i = 0; i < a->unread_count; i++) {
        struct nz_diag diag = nz_policy_question_problem(&p->q, &a->unread[i]);
        nz_cli_report(p->cli, &diag);
    }
    const struct nz_access_document *last = NULL;
    for (uint32_t i = 0; i < a->principals_count; i++) {
        const struct nz_proof *proof = p->proofs->of[i];
        if (!proof || !proof->unread || proof->unread == last)
            continue;
        struct nz_diag diag = nz_policy_question_problem(&p->q, proof->unread->problem);
        nz_cli_report(p->cli, &diag);
        last = proof->unread;
    }
}

static enum nz_err answer(struct proving *p)
{
    struct nz_diag diag = NZ_DIAG_INIT;
    enum nz_err err = nz_access_prove(p->q.sets, p->catalogue, &p->ask, &p->proofs, &diag);
    if (err == NZ_OK)
        err = nz_access_restrictions_find(p->q.sets, p->ask.kind, &p->cli->arena, &p->restrictions);
    if (err != NZ_OK) {
        diag.code = err;
        return nz_cli_report(p->cli, &diag);
    }
    p->restrictions.aws_networks =
        (struct nz_network_list){(const void *)p->aws_networks.p, p->aws_networks.n / sizeof(struct nz_cidr)};
    const struct nz_policy_proof shown = {.cli = p->cli,
                                          .q = &p->q,
                                          .asked = &p->ask,
                                          .proofs = p->proofs,
                                          .restrictions = &p->restrictions,
                                          .why = p->o->why};
    err = p->o->format == NZ_QUESTION_JSON ? nz_policy_proof_json(&shown) : nz_policy_proof_table(&shown);
    report(p);
    return err == NZ_OK ? NZ_OK : nz_cli_report_err(p->cli, err);
}

static enum nz_err run(struct nz_cli *cli, const struct nz_args *args)
{
    struct proving p = {.cli = cli, .o = args->options};
    nz_buf_init(&p.allowed, 0);
    nz_buf_init(&p.aws_networks, 0);
    enum nz_err err = ask_read(&p, args);
    if (err == NZ_OK)
        err = answer(&p);
    nz_proofs_free(p.proofs);
    nz_catalogue_free(p.catalogue);
    nz_policy_question_release(&p.q);
    nz_buf_release(&p.allowed);
    nz_buf_release(&p.aws_networks);
    return err;
}

static const struct nz_example examples[] = {
    {"nezuban policy prove source-ip --allow 203.0.113.0/24 --account account.json",
     N_("do requests of any user get through from elsewhere?")},
    {"nezuban policy prove mfa --account account.json --why alice", N_("does alice need MFA, and what says so?")},
    {"aws iam get-account-authorization-details | nezuban policy prove mfa -a - -f json",
     N_("straight from the account, for another program")},
    {0},
};

static const struct nz_exit_text statuses[] = {
    {NZ_EXIT_OK, N_("it holds for every user asked about, as far as it could be told")},
    {NZ_EXIT_FINDINGS, N_("it does not hold, or only in part, for some user")},
    {NZ_EXIT_BAD, N_("wrong use or input, or a policy could not be read")},
    {NZ_EXIT_UNKNOWN, N_("with --strict: it stayed unknown for some user")},
    {0},
};

const struct nz_command nz_command_policy_prove = {
    .name = "policy prove",
    .summary = N_("prove that source-IP restriction or MFA holds for users, or show a request that gets through"),
    .arguments = "source-ip|mfa [CIDR...] [USER...]",
    .description = N_(
        "For each user of an account (or the USERs named, by name or ARN) it is proved that no request gets through "
        "from "
        "outside the allowed networks (source-ip), or without MFA (mfa); or a request that does is shown.\n\n"
        "pass: no request gets through. partial: some actions or networks are closed. fail: none is. unknown: a policy "
        "could "
        "not be read, or a bound was reached. Mistakes in the policies are named, with the policy that would hold.\n\n"
        "Policies of resources, SCPs and other accounts' trust policies are not in the input; what is taken for "
        "granted of "
        "them stands in the answer. The root user is not restricted by any of this."),
    NZ_OPTIONS(struct opts, options),
    .examples = examples,
    .statuses = statuses,
    .arguments_min = 1,
    .arguments_max = SIZE_MAX,
    .run = run,
};
