#include "cli/audit_activity.h"

#include "cli/log_scan.h"

#include <stdlib.h>

struct worker {
    struct nz_str account;
    struct nz_buf scratch;
    struct nz_activity_window window;
};

static enum nz_err worker_open(void *self, void **worker)
{
    const struct nz_activity *activity = self;
    struct worker *w = calloc(1, sizeof *w);
    *worker = w;
    if (!w)
        return NZ_E_NOMEM;
    w->account = activity->account;
    nz_buf_init(&w->scratch, 0);
    return NZ_OK;
}

/* When all threads are done. */
static void worker_close(void *self, void *worker)
{
    struct worker *w = worker;
    nz_activity_window_merge(self, &w->window);
    nz_buf_release(&w->scratch);
    free(w);
}

static enum nz_err on_record(void *worker, const struct nz_event *ev, struct nz_buf *payload)
{
    struct worker *w = worker;
    if (!nz_activity_is_of(ev, w->account))
        return NZ_OK;
    nz_activity_window_add(&w->window, ev);
    return nz_activity_look(ev, &w->scratch, payload);
}

static enum nz_err on_accept(void *self, const struct nz_scan_record *record, struct nz_str payload,
                             struct nz_diag *diag)
{
    (void)diag;
    (void)record;
    return nz_activity_take(self, payload);
}

enum nz_err nz_audit_activity_read(struct nz_cli *cli, const struct nz_opt_list *paths, struct nz_activity *out)
{
    static const struct nz_log_ops ops = {worker_open, worker_close, on_record, on_accept};
    const struct nz_args args = {.paths = paths->items, .paths_count = paths->count};
    const struct nz_log_opts opts = {.strict = false};
    struct nz_log_scan *scan = NULL;
    enum nz_err err = nz_log_scan_new(cli, &args, &opts, &ops, out, &scan);
    if (err == NZ_OK)
        err = nz_log_scan_run(scan);
    if (scan)
        nz_log_scan_summarize(scan);
    nz_log_scan_free(scan);
    return err;
}
