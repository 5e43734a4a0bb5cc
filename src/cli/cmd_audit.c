#include "audit/audit.h"
#include "aws/operation.h"
#include "cli/account_read.h"
#include "cli/audit_activity.h"
#include "cli/audit_events.h"
#include "cli/audit_org.h"
#include "cli/audit_render.h"
#include "cli/audit_sets.h"
#include "cli/audit_settings.h"
#include "cli/command.h"
#include "cli/exception_file.h"
#include "cli/snapshot_file.h"
#include "findings/report_since.h"

#define NZ_AUDIT_FORMAT(name, what) #name,
static const char *const format_choices[] = {
#include "cli/audit_formats.list"
    NULL};
#undef NZ_AUDIT_FORMAT
#define NZ_AUDIT_FORMAT(name, what) what,
static const char *const format_texts[] = {
#include "cli/audit_formats.list"
    NULL};
#undef NZ_AUDIT_FORMAT
#define NZ_AUDIT_FORMAT(name, what) &nz_audit_##name,
static const struct nz_audit_render *const renders[] = {
#include "cli/audit_formats.list"
};
#undef NZ_AUDIT_FORMAT

struct opts {
    const char *snapshot, *org, *since, *exceptions, *output;
    struct nz_account_opts account;
    struct nz_opt_list trail, set;
    int fail_on, format;
    bool events, strict, print_policy;
};

static const struct nz_opt options[] = {
    {.name = "snapshot",
     .letter = 's',
     .kind = NZ_OPT_TEXT,
     .at = offsetof(struct opts, snapshot),
     .metavar = "FILE",
     .help =
         N_("judge this snapshot: nezuban's, AWS Config's or a folder of them, one a region, or the output of 'aws iam "
            "get-account-authorization-details'; - is standard input"),
     .complete = NZ_COMPLETE_FILE},
    NZ_ACCOUNT_OPTIONS(struct opts, account),
    {.name = "org",
     .kind = NZ_OPT_TEXT,
     .at = offsetof(struct opts, org),
     .metavar = "ROLE",
     .help = N_("judge every account of the organization, each with the role of this name in it; with the keys of its "
                "management account or a delegated administrator")},
    {.name = "trail",
     .kind = NZ_OPT_LIST,
     .at = offsetof(struct opts, trail),
     .metavar = "PATH",
     .help =
         N_("look in these CloudTrail logs for use of the root user and for users that several people share; may be "
            "repeated"),
     .complete = NZ_COMPLETE_FILE},
    {.name = "events",
     .kind = NZ_OPT_FLAG,
     .at = offsetof(struct opts, events),
     .help = N_(
         "ask CloudTrail's event history of the last 90 days for the same, region by region, at two calls a second")},
    {.name = "set",
     .kind = NZ_OPT_LIST,
     .at = offsetof(struct opts, set),
     .metavar = "SET",
     .help = N_("judge the checks of this set alone, or those whose id fits; 'list' names the sets; may be repeated")},
    {.name = "since",
     .kind = NZ_OPT_TEXT,
     .at = offsetof(struct opts, since),
     .metavar = "SNAPSHOT",
     .help = N_("show only what is new or solved since this older snapshot"),
     .complete = NZ_COMPLETE_FILE},
    {.name = "exceptions", .key = NZ_KEY_EXCEPTIONS, .at = offsetof(struct opts, exceptions)},
    {.name = "format",
     .letter = 'f',
     .kind = NZ_OPT_ENUM,
     .at = offsetof(struct opts, format),
     .metavar = "FORMAT",
     .def = "table",
     .choices = format_choices,
     .choice_texts = format_texts,
     .help = N_("form of the report")},
    NZ_OPTION_OUTPUT(struct opts, output),
    {.name = "fail-on", .key = NZ_KEY_AUDIT_FAIL_ON, .at = offsetof(struct opts, fail_on)},
    {.name = "strict",
     .kind = NZ_OPT_FLAG,
     .at = offsetof(struct opts, strict),
     .help = N_("exit with 3 when something stayed unknown")},
    {.name = "print-policy",
     .kind = NZ_OPT_FLAG,
     .at = offsetof(struct opts, print_policy),
     .help = N_("print the least IAM policy that whoever reads the account needs, and nothing else")},
};

/* What a run holds; all that is not NULL is released at its end. */
struct run {
    struct nz_cli *cli;
    const struct opts *opts;
    struct nz_audit_input input;
    struct nz_audit_settings settings;
    struct nz_exception_file exceptions;
    struct nz_activity activity;
    struct nz_history history; /* of --events */
    struct nz_snapshot *snapshot, *older;
    struct nz_audit *audit, *before;
    struct nz_report_since since;
};

static bool on_stop(void *self)
{
    (void)self;
    return nz_cli_stop_requested();
}

static const char *translate(const char *text)
{
    return _(text);
}

static enum nz_err judge(struct run *r, const struct nz_snapshot *snapshot, struct nz_audit **out)
{
    struct nz_diag diag = NZ_DIAG_INIT;
    r->input.snapshot = snapshot;
    if (nz_audit_run(&r->input, out, &diag) == NZ_OK)
        return NZ_OK;
    return nz_cli_report(r->cli, &diag);
}

/* The report of the snapshot, or what is different in it. */
static enum nz_err compare(struct run *r, const struct nz_report **report)
{
    *report = nz_audit_report(r->audit);
    if (!r->opts->since)
        return NZ_OK;
    enum nz_err err = nz_cli_snapshot_open(r->cli, r->opts->since, &r->older);
    const struct nz_audit_input now = r->input;
    if (err == NZ_OK)
        nz_cli_snapshots_check(r->cli, r->older, r->snapshot);
    if (err == NZ_OK)
        err = judge(r, r->older, &r->before);
    r->input = now;
    if (err != NZ_OK)
        return err;
    err = nz_report_since(nz_audit_report(r->before), *report, r->input.translate, &r->since);
    *report = &r->since.report;
    return err == NZ_OK ? NZ_OK : nz_cli_report_err(r->cli, err);
}

static void outcome_set(struct run *r, const struct nz_report *report)
{
    for (size_t i = 0; i < report->findings_count; i++) {
        const struct nz_finding *f = report->findings[i];
        if (nz_finding_counts(f, (enum nz_severity)r->opts->fail_on))
            r->cli->outcome.findings = true;
        if (r->opts->strict && f->status == NZ_STATUS_UNKNOWN)
            r->cli->outcome.unknown = true;
    }
}

static enum nz_err events_read(void *self, struct nz_aws_client *client, const struct nz_snapshot *snapshot,
                               struct nz_diag *diag)
{
    struct run *r = self;
    const struct nz_audit_events how = {.client = client,
                                        .snapshot = snapshot,
                                        .clock = {&nz_clock_system, NULL},
                                        .progress = &r->cli->progress,
                                        .is_stopped = nz_cli_stop_requested};
    return nz_audit_events_read(&how, &r->activity, &r->history, diag);
}

static enum nz_err account_read(struct run *r)
{
    const struct nz_account_keep keep = {.then = events_read, .self = r};
    return nz_cli_account_read(r->cli, &r->opts->account, r->opts->events ? &keep : NULL, &r->snapshot);
}

static enum nz_err opts_check(struct nz_cli *cli, const struct opts *o)
{
    if (o->snapshot && (o->account.profile || o->account.regions.count))
        return nz_cli_usage(cli, _("a snapshot is judged without --profile and --region"));
    if (o->org && (o->snapshot || o->since || o->events || o->trail.count))
        return nz_cli_usage(
            cli, _("--org reads the accounts as they are, without --snapshot, --since, --trail and --events"));
    if (o->snapshot && o->events)
        return nz_cli_usage(cli,
                            _("--events asks AWS, and a snapshot is judged without asking; give logs with --trail"));
    if (o->events && o->trail.count)
        return nz_cli_usage(cli, _("--events and --trail would count the same events twice; give one of them"));
    return NZ_OK;
}

static enum nz_err prepare(struct run *r)
{
    const struct opts *o = r->opts;
    enum nz_err err = opts_check(r->cli, o);
    struct nz_audit_input sets = {0};
    if (err == NZ_OK)
        err = nz_audit_sets_read(r->cli, &o->set, &sets);
    if (err == NZ_OK)
        err = nz_audit_settings_read(r->cli, &r->settings);
    if (err == NZ_OK)
        err = nz_exception_file_open(r->cli, o->exceptions, NULL, &r->exceptions);
    if (err == NZ_OK && !o->org)
        err = o->snapshot ? nz_cli_snapshot_open(r->cli, o->snapshot, &r->snapshot) : account_read(r);
    if (err == NZ_OK && o->trail.count) {
        r->activity.account = r->snapshot->header.account;
        err = nz_audit_activity_read(r->cli, &o->trail, &r->activity);
    }
    if (err != NZ_OK)
        return err;
    /* programs read English, whatever the locale; who asks for a language gets it */
    const bool english = renders[o->format] == &nz_audit_json && !r->cli->lang_asked;
    r->input = (struct nz_audit_input){.settings = &r->settings,
                                       .exceptions = o->exceptions ? &r->exceptions.exceptions : NULL,
                                       .activity = o->trail.count || o->events ? &r->activity : NULL,
                                       .history = o->events ? &r->history : NULL,
                                       .exceptions_path = nz_str_from_c(o->exceptions),
                                       .sets = sets.sets,
                                       .sets_count = sets.sets_count,
                                       .translate = english ? NULL : translate,
                                       .jobs = r->cli->jobs,
                                       .stop = on_stop};
    return NZ_OK;
}

static enum nz_err report(struct run *r)
{
    struct nz_audit_view view = {.since = r->opts->since};
    enum nz_err err = judge(r, r->snapshot, &r->audit);
    if (err == NZ_OK)
        err = compare(r, &view.report);
    if (err == NZ_OK)
        err = nz_cli_output(r->cli, r->opts->output);
    if (err != NZ_OK)
        return err;
    outcome_set(r, view.report);
    err = renders[r->opts->format]->print(r->cli, &view);
    return err == NZ_OK ? NZ_OK : nz_cli_report_err(r->cli, err);
}

/* --- audit --org --- */

static enum nz_err org_judge(void *self, const struct nz_snapshot *snapshot, const struct nz_report **report)
{
    struct run *r = self;
    enum nz_err err = judge(r, snapshot, &r->audit);
    if (err != NZ_OK)
        return err;
    *report = nz_audit_report(r->audit);
    outcome_set(r, *report);
    return NZ_OK;
}

static void org_release(void *self)
{
    struct run *r = self;
    nz_audit_free(r->audit);
    r->audit = NULL;
}

static enum nz_err organization(struct run *r)
{
    const struct opts *o = r->opts;
    const struct nz_audit_org_judge judging = {org_judge, org_release, r};
    return nz_audit_org(r->cli, &o->account, o->org, o->output, o->strict, renders[o->format], &judging);
}

static enum nz_err print_policy(struct nz_cli *cli, const struct opts *o)
{
    struct nz_buf policy;
    nz_buf_init(&policy, 0);
    nz_aws_policy_append(&policy, NZ_AWS_USE_AUDIT | (o->events ? NZ_AWS_USE_EVENTS : 0u) |
                                      (o->org ? NZ_AWS_USE_ORGANIZATION | NZ_AWS_USE_CREDENTIALS : 0u));
    enum nz_err err = nz_buf_status(&policy);
    if (err != NZ_OK)
        nz_cli_report_err(cli, err);
    else
        err = nz_cli_output(cli, o->output);
    if (err == NZ_OK)
        nz_output_write(&cli->out, nz_buf_view(&policy));
    nz_buf_release(&policy);
    return err;
}

static enum nz_err run(struct nz_cli *cli, const struct nz_args *args)
{
    const struct opts *o = args->options;
    if (nz_audit_sets_asked(&o->set))
        return nz_audit_sets_print(cli);
    if (o->print_policy)
        return print_policy(cli, o);
    struct run r = {.cli = cli, .opts = o};
    nz_activity_init(&r.activity);
    enum nz_err err = prepare(&r);
    if (err == NZ_OK)
        err = o->org ? organization(&r) : report(&r);
    nz_report_since_release(&r.since);
    nz_audit_free(r.before);
    nz_audit_free(r.audit);
    nz_activity_release(&r.activity);
    nz_exception_file_close(&r.exceptions);
    nz_snapshot_free(r.older);
    nz_snapshot_free(r.snapshot);
    return err;
}

static const struct nz_example examples[] = {
    {"nezuban audit", N_("what is wrong in the account of your AWS keys, and what to do first")},
    {"nezuban audit --profile prod --region eu-west-1", N_("with a profile's keys, one region alone")},
    {"nezuban audit --snapshot account.nzs", N_("the same offline, from what collect has read")},
    {"nezuban audit -s account.nzs --format html -o report.html", N_("a page to hand on")},
    {"nezuban audit -s account.nzs --trail logs/",
     N_("with what CloudTrail says of the root user and of shared users")},
    {"nezuban audit --org OrganizationAccountAccessRole --format html -o report.html",
     N_("every account of the organization on one page")},
    {"nezuban audit --events", N_("the same from AWS itself, of the last 90 days")},
    {"nezuban audit --set cis --set 'iam-password-*'", N_("the checks of one benchmark, and some by their ids")},
    {"nezuban audit -s today.nzs --since last-week.nzs", N_("what is new, and what was solved")},
    {"nezuban audit -s account.nzs --format json --strict | jq '.findings[] | select(.status == \"fail\")'",
     N_("for other programs; 3 when something stayed unknown")},
    {0},
};

static const struct nz_exit_text statuses[] = {
    {NZ_EXIT_OK, N_("no setting fails at the severity of --fail-on or above")},
    {NZ_EXIT_FINDINGS, N_("one does")},
    {NZ_EXIT_BAD, N_("wrong use, or a part of the input could not be read")},
    {NZ_EXIT_UNKNOWN, N_("with --strict: something stayed unknown")},
    {0, NULL},
};

const struct nz_command nz_command_audit = {
    .name = "audit",
    .summary = N_("judge an account's settings: root user, IAM users, security services"),
    .description =
        N_("Reads the account as collect does, or takes a snapshot, and judges each setting as pass, fail, partial, "
           "unknown or not applicable, and shows what decided it. What could not be read is unknown, with the IAM "
           "action that was missing, and never a pass. Ages are counted from the time at which the snapshot was taken, "
           "so the same snapshot always gives the same report.\n\n"
           "'nezuban explain CHECK' says what a check judges, why, and how to fix what it finds."),
    .examples = examples,
    .statuses = statuses,
    .run = run,
    NZ_OPTIONS(struct opts, options),
};
