/* The accounts of an organization, read as collect does, several side by side, each with a role of its own.
 *
 * The account of whoever asks is read with the keys at hand, every other with the role of the given name in it. They come in the
 * order of their numbers, whatever was read first; no more than NZ_ORG_AHEAD_MAX snapshots wait for their turn. */
#ifndef NZ_CLI_ORG_READ_H
#define NZ_CLI_ORG_READ_H

#include "cli/account_read.h"
#include "inventory/organization.h"

#define NZ_ORG_READERS_MAX 4u
#define NZ_ORG_AHEAD_MAX 8u

/* What came of one account. Texts live until `account` returns. */
struct nz_org_account {
    const struct nz_member *member;
    struct nz_snapshot *snapshot; /* NULL: it was not read */
    bool is_inactive;             /* suspended, being closed: there is nothing to read */
    char error[64], message[512]; /* why it was not read: AWS's code, or a word of docs/formats/snapshot.md */
    const char *action;           /* the IAM action that was missing, or "" */
};

struct nz_org_ops {
    enum nz_err (*begin)(void *self, const struct nz_organization *o);
    enum nz_err (*account)(void *self, const struct nz_org_account *account); /* each, in order */
    void *self;
};

/* role: a name, "OrganizationAccountAccessRole", with its path where it has one. What fails as a whole is reported: that nobody may
 * list the accounts, what ops returned. NZ_E_STOPPED: the accounts that were not read by then came all the same, as such. */
NZ_MUST_USE enum nz_err nz_cli_org_read(struct nz_cli *cli, const struct nz_account_opts *opts, const char *role,
                                        const struct nz_org_ops *ops);

#endif
