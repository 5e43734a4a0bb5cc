#include "cli/i18n.h"
#include "cli/log_scan.h"
#include "core/spool.h"
#include "core/text.h"

#include <stdlib.h>

#define SPOOL_BYTES ((size_t)16 << 20)

struct opts {
    const char *output;
    bool count;
    struct nz_log_opts log;
};

static const struct nz_opt options[] = {
    NZ_LOG_OPTIONS(struct opts, log),
    {.name = "count",
     .letter = 'c',
     .kind = NZ_OPT_FLAG,
     .at = offsetof(struct opts, count),
     .help = N_("print only how many records match")},
    NZ_OPTION_OUTPUT(struct opts, output),
};

struct grep {
    struct nz_cli *cli;
    const struct nz_ruleset *rules;
    struct nz_spool
        *spool; /* matching records: a later one may replace an earlier one, so they are printed at the end */
    struct nz_buf entry;
    struct nz_log_scan *scan;
};

static enum nz_err worker_open(void *self, void **worker)
{
    struct nz_matcher *m;
    enum nz_err err = nz_matcher_new(((struct grep *)self)->rules, &m);
    *worker = m;
    return err;
}

static void worker_close(void *self, void *worker)
{
    (void)self;
    nz_matcher_free(worker);
}

static enum nz_err on_record(void *worker, const struct nz_event *ev, struct nz_buf *payload)
{
    const uint32_t *hits;
    size_t count;
    enum nz_err err = nz_matcher_run(worker, ev, &hits, &count);
    if (err == NZ_OK && count)
        nz_json_append_compact(nz_event_root(ev), payload); /* one record a line, whatever it looked like in the file */
    return err;
}

static enum nz_err on_accept(void *self, const struct nz_scan_record *record, struct nz_str payload,
                             struct nz_diag *diag)
{
    struct grep *g = self;
    nz_buf_clear(&g->entry);
    nz_buf_append(&g->entry, nz_str_of((const char *)&record->id, sizeof record->id));
    nz_buf_append(&g->entry, payload);
    nz_progress_add(&g->cli->progress, 0, 0, 1);
    return g->entry.failed ? NZ_E_NOMEM : nz_spool_add(g->spool, 0, nz_buf_view(&g->entry), diag);
}

static const struct nz_log_ops log_ops = {worker_open, worker_close, on_record, on_accept};

static enum nz_err print_matches(struct grep *g, bool only_count)
{
    struct nz_diag diag = NZ_DIAG_INIT;
    uint64_t count = 0;
    bool more = true;
    enum nz_err err = nz_spool_rewind(g->spool, &diag);
    while (err == NZ_OK && g->cli->out.err == NZ_OK) {
        int64_t key;
        struct nz_str entry;
        uint64_t id;
        err = nz_spool_next(g->spool, &more, &key, &entry, &diag);
        if (err != NZ_OK || !more)
            break;
        memcpy(&id, entry.p, sizeof id);
        if (nz_log_scan_is_replaced(g->scan, id))
            continue;
        count++;
        if (only_count)
            continue;
        nz_buf_clear(&g->entry);
        nz_text_append_json(&g->entry, nz_str_skip(entry, sizeof id));
        nz_buf_append_char(&g->entry, '\n');
        nz_output_write(&g->cli->out, nz_buf_view(&g->entry));
        err = nz_buf_status(&g->entry);
    }
    if (only_count && err == NZ_OK)
        nz_output_printf(&g->cli->out, "%llu\n", (unsigned long long)count);
    g->cli->outcome.findings = count == 0; /* as grep: 1 when nothing matches */
    return err == NZ_OK ? NZ_OK : nz_cli_report(g->cli, &diag);
}

static enum nz_err search(struct nz_cli *cli, const struct nz_args *paths, const struct opts *o,
                          const struct nz_ruleset *rules)
{
    struct grep g = {.cli = cli, .rules = rules};
    nz_buf_init(&g.entry, 0);
    enum nz_err err = nz_spool_new(SPOOL_BYTES, &g.spool);
    if (err != NZ_OK)
        return nz_cli_report_err(cli, err);
    err = nz_log_scan_new(cli, paths, &o->log, &log_ops, &g, &g.scan);
    if (err == NZ_OK)
        err = nz_log_scan_run(g.scan);
    if (err == NZ_OK)
        err = print_matches(&g, o->count);
    if (g.scan)
        nz_log_scan_summarize(g.scan);
    nz_log_scan_free(g.scan);
    nz_spool_free(g.spool);
    nz_buf_release(&g.entry);
    return err;
}

static enum nz_err run(struct nz_cli *cli, const struct nz_args *args)
{
    const struct opts *o = args->options;
    struct nz_diag diag = NZ_DIAG_INIT;
    struct nz_ruleset *rules;
    enum nz_err err = nz_ruleset_from_expression(nz_str_from_c(args->paths[0]), &rules, &diag);
    if (err != NZ_OK) {
        diag.file = NZ_STR("EXPR");
        return nz_cli_report(cli, &diag);
    }
    const struct nz_args paths = {.options = o, .paths = args->paths + 1, .paths_count = args->paths_count - 1};
    err = nz_log_output(cli, &paths, &o->log, o->output);
    if (err == NZ_OK)
        err = search(cli, &paths, o, rules);
    nz_ruleset_free(rules);
    return err;
}

static const struct nz_example examples[] = {
    {"nezuban trail grep eventName=CreateUser logs/", N_("records of one API call")},
    {"nezuban trail grep 'userIdentity.type=Root and not eventName=ConsoleLogin' logs/",
     N_("what root did, sign-ins apart")},
    {"nezuban trail grep 'sourceIPAddress|cidr=203.0.113.0/24 and errorCode|exists=true' logs/ | jq .errorCode",
     N_("what failed from a network")},
    {0},
};

static const struct nz_exit_text statuses[] = {
    {0, N_("records matched")},
    {1, N_("none did")},
    {2, N_("wrong use, or a part of the logs had to be skipped")},
    {130, N_("stopped by SIGINT; what was found is written")},
    {0, NULL},
};

const struct nz_command nz_command_trail_grep = {
    .name = "trail grep",
    .summary = N_("print the records that fit a condition"),
    .arguments = "EXPR PATH...",
    .description =
        N_("EXPR is a Sigma condition: FIELD[|MODIFIER...]=VALUE or a bare keyword, joined by and, or, not and "
           "parentheses. Records come out as they were, one a line, in the order of the files."),
    .examples = examples,
    .statuses = statuses,
    .arguments_min = 2,
    .arguments_max = SIZE_MAX,
    .complete = NZ_COMPLETE_FILE,
    .run = run,
    NZ_OPTIONS(struct opts, options),
};
