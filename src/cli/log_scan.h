/* Reading logs for a command: the scan of trail, told to the person in front of it. */
#ifndef NZ_CLI_LOG_SCAN_H
#define NZ_CLI_LOG_SCAN_H

#include "cli/command.h"
#include "trail/scan.h"

/* The options that every command on logs has; put NZ_LOG_OPTIONS(struct, member) into its table. */
struct nz_log_opts {
    struct nz_opt_time since, until;
    bool strict, no_dedupe;
};

#define NZ_LOG_OPTIONS(type, member)                                                                                   \
    {.name = "since",                                                                                                  \
     .kind = NZ_OPT_TIME,                                                                                              \
     .at = offsetof(type, member.since),                                                                               \
     .metavar = "TIME",                                                                                                \
     .help = N_("leave out records before TIME (2024-05-01, 2024-05-01T09:00:00Z, or an age such as 7d)")},            \
        {.name = "until",                                                                                              \
         .kind = NZ_OPT_TIME,                                                                                          \
         .at = offsetof(type, member.until),                                                                           \
         .metavar = "TIME",                                                                                            \
         .help = N_("leave out records at TIME and after it")},                                                        \
        {.name = "no-dedupe",                                                                                          \
         .kind = NZ_OPT_FLAG,                                                                                          \
         .at = offsetof(type, member.no_dedupe),                                                                       \
         .help = N_("count a record again when its eventID came before")},                                             \
    {                                                                                                                  \
        .name = "strict", .kind = NZ_OPT_FLAG, .at = offsetof(type, member.strict),                                    \
        .help = N_("stop at the first thing that cannot be read")                                                      \
    }

struct nz_log_scan;

/* What a command does with each record; see trail/scan.h. All get `self`. diag: when accept fails, what is known of it, if anything. */
struct nz_log_ops {
    enum nz_err (*worker_open)(void *self, void **worker);
    void (*worker_close)(void *self, void *worker);
    enum nz_err (*record)(void *worker, const struct nz_event *ev, struct nz_buf *payload);
    enum nz_err (*accept)(void *self, const struct nz_scan_record *record, struct nz_str payload, struct nz_diag *diag);
};

/* Opens what the results go to (-o FILE, else standard output) after a look at how it fits the logs and the times: what is
 * wrong is reported, and nothing has been touched then. */
NZ_MUST_USE enum nz_err nz_log_output(struct nz_cli *cli, const struct nz_args *args, const struct nz_log_opts *opts,
                                      const char *path);

NZ_MUST_USE enum nz_err nz_log_scan_new(struct nz_cli *cli, const struct nz_args *args, const struct nz_log_opts *opts,
                                        const struct nz_log_ops *ops, void *self, struct nz_log_scan **out);
void nz_log_scan_free(struct nz_log_scan *scan); /* NULL is fine */

/* Reads everything, with progress; problems are reported as they come, in order. NZ_OK also when the user stopped it or
 * --strict ended it (the outcome knows), so that what was found is written. Other errors are reported. */
NZ_MUST_USE enum nz_err nz_log_scan_run(struct nz_log_scan *scan);

const struct nz_scan_stats *nz_log_scan_stats(const struct nz_log_scan *scan);
bool nz_log_scan_is_replaced(const struct nz_log_scan *scan, uint64_t id);

/* One line on standard error that says what was read and what was skipped; nothing with --quiet. */
void nz_log_scan_summarize(const struct nz_log_scan *scan);

#endif
