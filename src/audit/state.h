/* The audit's own; private to audit, not for checks. */
#ifndef NZ_AUDIT_STATE_H
#define NZ_AUDIT_STATE_H

#include "audit/proof_maker.h"

struct nz_audit_state {
    const struct nz_audit_input *input;
    struct nz_arena arena;
    struct nz_buf *lists;    /* by check: const struct nz_finding *, in the order in which they were said */
    struct nz_buf *findings; /* of the check that runs */
    uint64_t said;           /* findings of all checks */
    struct nz_buf shown, hidden;
    struct nz_buf scratch;
    const struct nz_check *check; /* the one that runs */
    struct nz_subject account;
    struct nz_item_view views[NZ_AUDIT_SLOTS];
    struct nz_audit_users users;
    bool users_made;
    struct nz_audit_access access;
    struct nz_proof_maker maker;
    struct nz_finding nowhere; /* when memory is out */
    struct nz_report report;
    enum nz_err err; /* sticky */
    struct nz_diag diag;
};

/* Sticks; the first counts. */
void nz_audit_fault(struct nz_audit *a, enum nz_err err);
/* When a finding has all its evidence: how many pieces were left out becomes the last. */
void nz_audit_evidence_close(struct nz_audit *a, struct nz_finding *f);

#endif
