/* The account that the user's AWS keys belong to, read as collect and audit do. */
#ifndef NZ_CLI_ACCOUNT_READ_H
#define NZ_CLI_ACCOUNT_READ_H

#include "aws/session.h"
#include "cli/command.h"
#include "inventory/snapshot.h"

struct nz_account_opts {
    const char *profile, *endpoint_url;
    struct nz_opt_list regions;
};

/* Rows of the option table, in a struct that has a nz_account_opts as `member`. */
#define NZ_ACCOUNT_OPTIONS(type, member)                                                                               \
    {.name = "profile",                                                                                                \
     .letter = 'p',                                                                                                    \
     .kind = NZ_OPT_TEXT,                                                                                              \
     .at = offsetof(type, member.profile),                                                                             \
     .metavar = "PROFILE",                                                                                             \
     .help = N_("a profile of AWS's configuration files; without it the keys are looked for as AWS's own tools do")},  \
        {.name = "endpoint-url",                                                                                       \
         .kind = NZ_OPT_TEXT,                                                                                          \
         .at = offsetof(type, member.endpoint_url),                                                                    \
         .metavar = "URL",                                                                                             \
         .help = N_("ask this address instead of AWS's own, for every service")},                                      \
    {                                                                                                                  \
        .name = "region", .kind = NZ_OPT_LIST, .at = offsetof(type, member.regions), .metavar = "REGION",              \
        .help = N_("ask this region alone; may be repeated; without it all regions that are enabled")                  \
    }

/* What a command wants of the reading besides its snapshot. */
struct nz_account_keep {
    /* For --resume; may be NULL. */
    enum nz_err (*lines)(void *self, struct nz_str lines, uint64_t answered);
    /* Asks more of the account that was read; may be NULL. Runs before the progress line ends. */
    enum nz_err (*then)(void *self, struct nz_aws_client *client, const struct nz_snapshot *snapshot,
                        struct nz_diag *diag);
    void *self;
    const struct nz_snapshot *resumed; /* NULL: from the beginning */
};

/* Opens a session with the user's keys, lets `use` work with it, and closes it. What fails is reported, unless `use` has done so
 * (NZ_E_USAGE, NZ_E_WRITE). On a terminal it asks for the MFA code of a role that wants one. */
NZ_MUST_USE enum nz_err
nz_cli_session_use(struct nz_cli *cli, const struct nz_account_opts *opts,
                   enum nz_err (*use)(void *self, struct nz_aws_session *session, struct nz_diag *diag), void *self);

/* --region as a list in cli's arena; one that is no name is wrong use. */
NZ_MUST_USE enum nz_err nz_cli_regions(struct nz_cli *cli, const struct nz_account_opts *opts,
                                       const struct nz_str **regions);

/* For nz_collect: waits, in pieces between which the user may stop it. */
NZ_MUST_USE enum nz_err nz_cli_collect_wait(void *self, unsigned ms);

/* keep may be NULL. Shows progress and, on a terminal, asks for the MFA code of a role that wants one. What fails is reported;
 * NZ_E_STOPPED when the user stopped it. The caller frees *out. */
NZ_MUST_USE enum nz_err nz_cli_account_read(struct nz_cli *cli, const struct nz_account_opts *opts,
                                            const struct nz_account_keep *keep, struct nz_snapshot **out);

#endif
