/* Which policies hold for whom: those of a user or role, its groups' and its boundary, shared by all who have the same.
 *
 *     alice ─┐
 *     bob   ─┴▶ set { identity: p1 p2 · boundary: b }      the order of names and groups does not matter, the texts do
 *
 * Threads: sets that are built are read-only. */
#ifndef NZ_ACCESS_SETS_H
#define NZ_ACCESS_SETS_H

#include "access/account.h"
#include "policy/decide.h"

#define NZ_ACCESS_SET_GRANTS_MAX 10000u /* policies of one user or role, counted as often as they reach it */

struct nz_access_set {
    uint32_t id;
    struct nz_policy_list identity, boundary;           /* what could be read */
    const struct nz_access_document *const *documents;  /* of identity.policies, one each */
    const struct nz_access_document *boundary_document; /* NULL: no boundary */
    const struct nz_access_document *unread;            /* the first identity policy that could not be read, or NULL */
    bool boundary_unread;                               /* then boundary is not present */
    bool may_assume;                                    /* some policy may allow sts:AssumeRole */
};

struct nz_access_sets {
    const struct nz_account *account; /* borrowed; must outlive the sets */
    const struct nz_access_set **of;  /* one a principal */
    uint32_t count;                   /* different ones */
    struct nz_arena arena;
};

/* NZ_E_NOMEM. */
NZ_MUST_USE enum nz_err nz_access_sets_build(const struct nz_account *account, struct nz_access_sets **out);
void nz_access_sets_free(struct nz_access_sets *sets); /* NULL is fine */

/* The policies that reach a principal, with the group through which they do. */
struct nz_access_grants {
    const struct nz_access_grant *grant;
    const struct nz_access_group *group; /* NULL: its own */
    uint32_t at, in;                     /* the walk's own */
};
/* Walks them from a zeroed struct: its own, then each group's. False at the end. Groups that are missing have none. */
bool nz_access_grants_next(const struct nz_access_principal *principal, struct nz_access_grants *it);

#endif
