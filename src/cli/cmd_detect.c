#include "cli/detect_dry_run.h"
#include "cli/detect_render.h"
#include "cli/exception_file.h"
#include "cli/i18n.h"
#include "cli/log_scan.h"
#include "cli/rules_load.h"
#include "detect/detector.h"

#define SPOOL_BYTES ((size_t)16 << 20) /* findings kept in memory before they go to a temporary file */

#define NZ_DETECT_FORMAT(name, what) #name,
static const char *const format_choices[] = {
#include "cli/detect_formats.list"
    NULL};
#undef NZ_DETECT_FORMAT
#define NZ_DETECT_FORMAT(name, what) what,
static const char *const format_texts[] = {
#include "cli/detect_formats.list"
    NULL};
#undef NZ_DETECT_FORMAT
#define NZ_DETECT_FORMAT(name, what) &nz_detect_##name,
static const struct nz_detect_render *const renders[] = {
#include "cli/detect_formats.list"
};
#undef NZ_DETECT_FORMAT
#define NZ_DETECT_FORMAT(name, what) FORMAT_##name,
enum format {
#include "cli/detect_formats.list"
};
#undef NZ_DETECT_FORMAT

struct opts {
    struct nz_opt_list rules, expand;
    int min_level, fail_on, format;
    const char *output, *exceptions, *dry_run;
    bool explain;
    struct nz_log_opts log;
};

static const struct nz_opt options[] = {
    {.name = "rules", .letter = 'r', .key = NZ_KEY_DETECT_RULES, .at = offsetof(struct opts, rules)},
    {.name = "min-level", .letter = 'm', .key = NZ_KEY_DETECT_MIN_LEVEL, .at = offsetof(struct opts, min_level)},
    NZ_LOG_OPTIONS(struct opts, log),
    {.name = "format",
     .letter = 'f',
     .kind = NZ_OPT_ENUM,
     .at = offsetof(struct opts, format),
     .metavar = "FORMAT",
     .def = "table",
     .choices = format_choices,
     .choice_texts = format_texts,
     .help = N_("form of the findings")},
    NZ_OPTION_OUTPUT(struct opts, output),
    {.name = "explain",
     .kind = NZ_OPT_FLAG,
     .at = offsetof(struct opts, explain),
     .help = N_("below the table, say of each rule what it means, when it is harmless and what to do next")},
    {.name = "fail-on", .key = NZ_KEY_DETECT_FAIL_ON, .at = offsetof(struct opts, fail_on)},
    {.name = "exceptions", .key = NZ_KEY_EXCEPTIONS, .at = offsetof(struct opts, exceptions)},
    {.name = "dry-run",
     .kind = NZ_OPT_TEXT,
     .at = offsetof(struct opts, dry_run),
     .metavar = "RULE",
     .help = N_(
         "count by day how often RULE (a file, or a rule's id or name) would have hit, instead of giving findings; as "
         "table or json"),
     .complete = NZ_COMPLETE_FILE},
    {.name = "expand", .key = NZ_KEY_EXPAND, .at = offsetof(struct opts, expand)},
};

struct detect {
    struct nz_cli *cli;
    const struct opts *opts;
    const struct nz_detect_render *render;
    struct nz_detect_wishes wishes;
    void *render_state;
    struct nz_detector *detector;
    struct nz_log_scan *scan;
    struct nz_exception_file exceptions;
    struct nz_dry_run *dry_run; /* NULL: findings are given */
};

/* --- the scan's side --- */

static enum nz_err worker_open(void *self, void **worker)
{
    struct nz_detector_worker *w;
    enum nz_err err = nz_detector_worker_new(((struct detect *)self)->detector, &w);
    *worker = w;
    return err;
}

static void worker_close(void *self, void *worker)
{
    struct detect *d = self;
    uint64_t given_up = nz_detector_worker_regex_limits(worker);
    if (given_up) {
        struct nz_diag diag = NZ_DIAG_INIT;
        nz_diag_set(&diag, NZ_E_REGEX_LIMIT, "%llu times, each taken for no match", (unsigned long long)given_up);
        nz_cli_report(d->cli, &diag);
    }
    nz_detector_worker_free(worker);
}

static enum nz_err on_record(void *worker, const struct nz_event *ev, struct nz_buf *payload)
{
    return nz_detector_run(worker, ev, payload);
}

static enum nz_err on_accept(void *self, const struct nz_scan_record *record, struct nz_str payload,
                             struct nz_diag *diag)
{
    struct detect *d = self;
    enum nz_err err = nz_detector_take(d->detector, record->file, record->record, record->id, payload, diag);
    nz_progress_add(&d->cli->progress, 0, 0, 1);
    return err;
}

static const struct nz_log_ops log_ops = {worker_open, worker_close, on_record, on_accept};

/* --- the findings' side --- */

static enum nz_err on_finding(void *self, const struct nz_detection *finding, enum nz_level level)
{
    struct detect *d = self;
    if (d->dry_run)
        return nz_dry_run_add(d->dry_run, finding);
    if ((int)level >= d->opts->fail_on)
        d->cli->outcome.findings = true;
    return d->render->finding(d->cli, d->render_state, finding, level);
}

static void on_again(void *self, uint32_t pair, const nz_time *time)
{
    const struct detect *d = self;
    d->render->again(d->render_state, pair, time);
}

static bool on_replaced(void *self, uint64_t id)
{
    return nz_log_scan_is_replaced(((struct detect *)self)->scan, id);
}

static bool on_hidden(void *self, const struct nz_detection *finding)
{
    return nz_exception_file_hides(&((struct detect *)self)->exceptions, finding);
}

static size_t rules_running(const struct nz_ruleset *rules)
{
    size_t count = 0;
    for (size_t i = 0; i < nz_ruleset_count(rules); i++)
        count += nz_ruleset_rule(rules, i)->runs;
    return count;
}

static enum nz_err print_dry_run(struct detect *d, const struct nz_detect_summary *summary)
{
    enum nz_err err = d->opts->format == FORMAT_json ? nz_dry_run_print_json(d->dry_run, d->cli, summary)
                                                     : nz_dry_run_print_table(d->dry_run, d->cli, summary);
    return err == NZ_OK ? NZ_OK : nz_cli_report_err(d->cli, err);
}

static enum nz_err give_out(struct detect *d, const struct nz_ruleset *rules)
{
    struct nz_diag diag = NZ_DIAG_INIT;
    enum nz_err err = d->dry_run ? NZ_OK : d->render->begin(d->cli, &d->wishes, &d->render_state);
    if (err != NZ_OK)
        return nz_cli_report_err(d->cli, err);
    const struct nz_detector_sink sink = {
        .finding = on_finding,
        .again = d->render->again && !d->dry_run ? on_again : NULL,
        .is_replaced = nz_log_scan_stats(d->scan)->replaced ? on_replaced : NULL,
        .is_hidden = on_hidden,
    };
    err = nz_detector_finish(d->detector, &sink, d, &diag);
    if (err != NZ_OK && err != d->cli->out.err) { /* what is wrong with the output is told when it is closed */
        diag.code = err;
        nz_cli_report(d->cli, &diag);
    }
    const struct nz_detector_stats *stats = nz_detector_stats(d->detector);
    if (stats->early) {
        diag = (struct nz_diag)NZ_DIAG_INIT;
        nz_diag_set(&diag, NZ_E_RULE_WINDOW, "%llu", (unsigned long long)stats->early);
        nz_cli_report(d->cli, &diag);
    }
    const struct nz_detect_summary summary = {
        .scan = nz_log_scan_stats(d->scan),
        .findings = stats->findings,
        .records_hit = stats->records_hit,
        .ungrouped = stats->ungrouped,
        .rules = rules_running(rules),
        .rules_refused = nz_ruleset_refused(rules),
        .hidden = stats->hidden,
    };
    enum nz_err ended = d->dry_run ? print_dry_run(d, &summary) : d->render->end(d->cli, d->render_state, &summary);
    return err != NZ_OK ? err : ended;
}

/* Exceptions look at the texts of a finding, and a dry run at its time alone. */
static enum nz_detector_form form_of(const struct detect *d)
{
    if (d->dry_run)
        return NZ_DETECTOR_SUMS;
    if (d->render->form == NZ_DETECTOR_JSON && d->exceptions.exceptions.count)
        return NZ_DETECTOR_TEXTS;
    return d->render->form;
}

static enum nz_err scan_logs(struct detect *d, const struct nz_args *args, const struct nz_ruleset *rules)
{
    enum nz_err err = nz_detector_new(rules, SPOOL_BYTES, d->cli->lang == NZ_LANG_JA, &d->detector);
    if (err == NZ_OK)
        nz_detector_set_form(d->detector, form_of(d));
    if (err == NZ_OK && d->render->records_per_rule && !d->dry_run)
        err = nz_detector_keep_records(d->detector, d->render->records_per_rule);
    if (err != NZ_OK) {
        nz_detector_free(d->detector);
        return nz_cli_report_err(d->cli, err);
    }
    err = nz_log_scan_new(d->cli, args, &d->opts->log, &log_ops, d, &d->scan);
    if (err == NZ_OK)
        err = nz_log_scan_run(d->scan);
    if (err == NZ_OK)
        err = give_out(d, rules);
    if (d->scan)
        nz_log_scan_summarize(d->scan);
    if (err == NZ_OK && !d->cli->quiet)
        nz_exception_file_summarize(&d->exceptions, d->cli);
    nz_log_scan_free(d->scan);
    nz_detector_free(d->detector);
    return err;
}

static enum nz_err load_rules(struct nz_cli *cli, const struct opts *o, struct nz_ruleset **rules)
{
    if (o->dry_run && o->format != FORMAT_table && o->format != FORMAT_json)
        return nz_cli_usage(cli, "%s", _("--dry-run gives a table or json"));
    if (o->explain && o->format != FORMAT_table)
        return nz_cli_usage(cli, "%s", _("--explain is for --format table"));
    return o->dry_run ? nz_rules_load_tried(cli, &o->rules, o->dry_run, &o->expand, rules)
                      : nz_rules_load(cli, &o->rules, (enum nz_level)o->min_level, &o->expand, rules);
}

static enum nz_err run_with(struct detect *d, const struct nz_args *args, const struct nz_ruleset *rules)
{
    const struct opts *o = d->opts;
    if (rules_running(rules) == 0) {
        struct nz_diag diag = NZ_DIAG_INIT;
        nz_diag_set(&diag, NZ_E_RULE_NONE, "%zu", nz_ruleset_count(rules));
        nz_cli_warn(d->cli, &diag);
    }
    enum nz_err err = nz_exception_file_open(d->cli, o->exceptions, o->dry_run ? NULL : rules, &d->exceptions);
    if (err == NZ_OK && o->dry_run && nz_dry_run_new(rules, &d->dry_run) != NZ_OK)
        err = nz_cli_report_err(d->cli, NZ_E_NOMEM);
    if (err == NZ_OK)
        err = nz_log_output(d->cli, args, &o->log, o->output);
    if (err == NZ_OK)
        err = scan_logs(d, args, rules);
    nz_dry_run_free(d->dry_run);
    nz_exception_file_close(&d->exceptions);
    return err;
}

static enum nz_err run(struct nz_cli *cli, const struct nz_args *args)
{
    const struct opts *o = args->options;
    struct detect d = {.cli = cli, .opts = o, .render = renders[o->format], .wishes = {.explain = o->explain}};
    struct nz_ruleset *rules = NULL;
    enum nz_err err = load_rules(cli, o, &rules);
    if (err != NZ_OK)
        return err;
    err = run_with(&d, args, rules);
    nz_ruleset_free(rules);
    return err;
}

static const struct nz_example examples[] = {
    {"nezuban detect logs/", N_("find misuse with the rules that come with nezuban")},
    {"nezuban detect --rules sigma/ --min-level medium logs/ more.json.gz",
     N_("with your own rules, leaving out the faint ones")},
    {"nezuban detect --explain logs/", N_("with what each rule means and what to do next")},
    {"aws cloudtrail lookup-events | nezuban detect -", N_("in the last 90 days, without a trail in S3")},
    {"nezuban detect --format ndjson --since 7d logs/ | jq .actor", N_("one object a line, for other programs")},
    {"nezuban detect --rules builtin --rules mine/ --exceptions exceptions.yaml logs/",
     N_("the rules that come with nezuban and your own, less what somebody answers for")},
    {"nezuban detect --dry-run mine/new.yml --since 90d logs/", N_("how often a new rule would have hit, by day")},
    {0},
};

static const struct nz_exit_text statuses[] = {
    {0, N_("nothing found at the level of --fail-on or above")},
    {1, N_("something was found there")},
    {2, N_("wrong use, or a part of the logs or a rule had to be skipped")},
    {130, N_("stopped by SIGINT; what was found is written")},
    {0, NULL},
};

const struct nz_command nz_command_detect = {
    .name = "detect",
    .summary = N_("find misuse and attacks in CloudTrail logs with Sigma rules"),
    .arguments = "PATH...",
    .description = N_("Reads CloudTrail records from files, folders (as S3 has them, or any other) and standard input "
                      "(\"-\"), gzip or not, in every "
                      "shape that AWS gives them out in, and tries Sigma rules on each.\n\n"
                      "What cannot be read is named on standard error with its place, the rest is read, and the exit "
                      "status says so."),
    .examples = examples,
    .statuses = statuses,
    .arguments_min = 1,
    .arguments_max = SIZE_MAX,
    .complete = NZ_COMPLETE_FILE,
    .run = run,
    NZ_OPTIONS(struct opts, options),
};
