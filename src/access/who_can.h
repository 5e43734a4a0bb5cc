/* Who may do that, directly or through roles: the roles' trust as a graph, walked backwards from who may.
 *
 *     alice ──assume──▶ deploy ──assume──▶ admin ──▶ s3:DeleteBucket       alice: next deploy, depth 2
 *
 * sts:AssumeRole must be allowed by the one side's identity policies and the role's trust, as for any request. The walk
 * is breadth-first, so a chain is as short as it can be, each pair is asked once, and circles end by themselves.
 * A chain that certainly holds comes before a shorter one that depends on free keys. */
#ifndef NZ_ACCESS_WHO_CAN_H
#define NZ_ACCESS_WHO_CAN_H

#include "access/can.h"

#define NZ_WHO_CAN_ASKED_MAX 100000000u /* decisions of one question */
#define NZ_WHO_DIRECTLY UINT32_MAX

struct nz_who {
    enum nz_access_verdict verdict;
    uint32_t next;             /* the role that it assumes, or NZ_WHO_DIRECTLY */
    uint32_t depth;            /* roles on the way */
    const struct nz_str *keys; /* ALLOWED_IF: free keys of the whole chain, each once */
    uint32_t keys_count;
    const struct nz_access_document *unread; /* UNKNOWN: why */
};

struct nz_who_can {
    struct nz_who *rows;                   /* one a principal of the account */
    uint32_t allowed, allowed_if, unknown; /* rows of each verdict */
    const uint32_t *unread_roles;          /* roles that may, with a trust policy that could not be read: who may assume
                                                them is not known */
    uint32_t unread_roles_count;
    uint64_t asked; /* decisions taken */
    struct nz_arena arena;
    struct nz_buf roles;
};

/* NZ_E_ACCOUNT_LIMIT; else as nz_access_can. */
NZ_MUST_USE enum nz_err nz_access_who_can(const struct nz_access_sets *sets, const struct nz_access_question *question,
                                          struct nz_who_can **out, struct nz_diag *diag);
void nz_who_can_free(struct nz_who_can *who); /* NULL is fine */

#endif
