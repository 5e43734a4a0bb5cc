#include "cli/log_scan.h"

#include "cli/i18n.h"
#include "trail/walk.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>

struct nz_log_scan {
    struct nz_cli *cli;
    const struct nz_args *args;
    bool strict;
    const struct nz_log_ops *ops;
    void *self;
    struct nz_scan_ops scan_ops;
    struct nz_scan *scan;
    struct nz_diag diag;             /* of what accept could not do */
    uint64_t files_told, bytes_told; /* to the progress bar */
    pthread_t counter;               /* walks ahead, so that the bar knows the whole */
    bool counting;
    atomic_bool counter_stop;
};

static enum nz_err on_worker_open(void *self, void **worker)
{
    struct nz_log_scan *s = self;
    return s->ops->worker_open(s->self, worker);
}

static void on_worker_close(void *self, void *worker)
{
    struct nz_log_scan *s = self;
    s->ops->worker_close(s->self, worker);
}

static enum nz_err on_accept(void *self, const struct nz_scan_record *record, struct nz_str payload)
{
    struct nz_log_scan *s = self;
    return s->ops->accept(s->self, record, payload, &s->diag);
}

static enum nz_err on_problem(void *self, const struct nz_diag *diag)
{
    struct nz_log_scan *s = self;
    nz_cli_report(s->cli, diag);
    return s->strict ? NZ_E_STOPPED : NZ_OK;
}

static void on_progress(void *self, const struct nz_scan_stats *stats)
{
    struct nz_log_scan *s = self;
    nz_progress_add(&s->cli->progress, stats->files - s->files_told, stats->disk_bytes - s->bytes_told, 0);
    s->files_told = stats->files;
    s->bytes_told = stats->disk_bytes;
}

static bool on_stop(void *self)
{
    (void)self;
    return nz_cli_stop_requested();
}

/* Results that take the place of a log would destroy it. */
static bool is_same_file(const char *a, const char *b)
{
    struct stat x, y;
    return stat(a, &x) == 0 && stat(b, &y) == 0 && S_ISREG(x.st_mode) && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

enum nz_err nz_log_output(struct nz_cli *cli, const struct nz_args *args, const struct nz_log_opts *opts,
                          const char *path)
{
    if (opts->since.set && opts->until.set && opts->since.at.us >= opts->until.at.us)
        return nz_cli_usage(cli, "%s", _("--until must be later than --since"));
    for (size_t i = 0; path && i < args->paths_count; i++) {
        if (is_same_file(path, args->paths[i]))
            return nz_cli_usage(cli, _("'%s' is read: the results cannot take its place"), args->paths[i]);
    }
    return nz_cli_output(cli, path);
}

enum nz_err nz_log_scan_new(struct nz_cli *cli, const struct nz_args *args, const struct nz_log_opts *opts,
                            const struct nz_log_ops *ops, void *self, struct nz_log_scan **out)
{
    struct nz_log_scan *s = calloc(1, sizeof *s);
    *out = NULL;
    if (!s)
        return nz_cli_report_err(cli, NZ_E_NOMEM);
    *s = (struct nz_log_scan){
        .cli = cli, .args = args, .strict = opts->strict, .ops = ops, .self = self, .diag = NZ_DIAG_INIT};
    const struct nz_scan_opts scan_opts = {
        .paths = args->paths,
        .paths_count = args->paths_count,
        .workers = cli->jobs,
        .keep_duplicates = opts->no_dedupe,
        .has_since = opts->since.set,
        .has_until = opts->until.set,
        .since = opts->since.at,
        .until = opts->until.at,
    };
    s->scan_ops = (struct nz_scan_ops){
        .worker_open = on_worker_open,
        .worker_close = on_worker_close,
        .record = ops->record,
        .accept = on_accept,
        .problem = on_problem,
        .progress = on_progress,
        .stop = on_stop,
    };
    enum nz_err err = nz_scan_new(&scan_opts, &s->scan_ops, s, &s->scan);
    if (err != NZ_OK) {
        free(s);
        return nz_cli_report_err(cli, err);
    }
    *out = s;
    return NZ_OK;
}

void nz_log_scan_free(struct nz_log_scan *s)
{
    if (!s)
        return;
    nz_scan_free(s->scan);
    free(s);
}

/* --- the whole, for the progress bar --- */

static void ignore_problem(void *self, const struct nz_diag *diag)
{
    (void)self;
    (void)diag; /* the scan itself meets it again and tells */
}

static void *count_ahead(void *arg)
{
    struct nz_log_scan *s = arg;
    struct nz_walk *walk;
    uint64_t files = 0, bytes = 0, size_bytes;
    const char *path;
    if (nz_walk_new(s->args->paths, s->args->paths_count, ignore_problem, NULL, &walk) != NZ_OK)
        return NULL;
    while (!atomic_load(&s->counter_stop) && nz_walk_next(walk, &path, &size_bytes) == NZ_OK && path) {
        files++;
        bytes += size_bytes;
    }
    if (!atomic_load(&s->counter_stop))
        nz_progress_expect(&s->cli->progress, files, bytes);
    nz_walk_free(walk);
    return NULL;
}

static void counter_start(struct nz_log_scan *s)
{
    /* without a total the bar only knows less: no error */
    s->counting = s->cli->progress.enabled && pthread_create(&s->counter, NULL, count_ahead, s) == 0;
}

static void counter_end(struct nz_log_scan *s)
{
    if (!s->counting)
        return;
    atomic_store(&s->counter_stop, true);
    pthread_join(s->counter, NULL);
    s->counting = false;
}

enum nz_err nz_log_scan_run(struct nz_log_scan *s)
{
    nz_progress_begin(&s->cli->progress);
    counter_start(s);
    enum nz_err err = nz_scan_run(s->scan);
    counter_end(s);
    nz_progress_end(&s->cli->progress);
    if (err == NZ_OK)
        return NZ_OK;
    if (err == NZ_E_STOPPED) {
        nz_outcome_add(&s->cli->outcome, err, nz_cli_stop_requested());
        return NZ_OK;
    }
    return s->diag.code == err ? nz_cli_report(s->cli, &s->diag) : nz_cli_report_err(s->cli, err);
}

const struct nz_scan_stats *nz_log_scan_stats(const struct nz_log_scan *s)
{
    return nz_scan_stats(s->scan);
}

bool nz_log_scan_is_replaced(const struct nz_log_scan *s, uint64_t id)
{
    return nz_scan_is_replaced(s->scan, id);
}

void nz_log_scan_summarize(const struct nz_log_scan *s)
{
    if (s->cli->quiet)
        return;
    const struct nz_scan_stats *stats = nz_scan_stats(s->scan);
    struct nz_buf line;
    nz_buf_init(&line, 0);
    nz_buf_printf(&line, _("files: %llu, %.1f MB; records: %llu"), (unsigned long long)stats->files,
                  (double)stats->bytes / 1e6, (unsigned long long)stats->records);
    if (stats->duplicates)
        nz_buf_printf(&line, _("; duplicates: %llu"), (unsigned long long)stats->duplicates);
    if (stats->replaced)
        nz_buf_printf(&line, _("; replaced by an update: %llu"), (unsigned long long)stats->replaced);
    if (stats->outside)
        nz_buf_printf(&line, _("; outside the times asked for: %llu"), (unsigned long long)stats->outside);
    if (stats->digests)
        nz_buf_printf(&line, _("; digest files passed over: %llu"), (unsigned long long)stats->digests);
    nz_buf_printf(&line, _("; skipped: %llu"), (unsigned long long)stats->problems);
    if (!line.failed)
        nz_problem_line(&s->cli->problems, nz_buf_view(&line));
    nz_buf_release(&line);
}
