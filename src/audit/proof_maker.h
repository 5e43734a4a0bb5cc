/* Proofs that users can do nothing from outside, or without MFA (access/prove.h): made once for all users, and with more than
 * one thread beside the other checks, as they take most of an audit's time.
 *
 *     begin ──▶ thread: source-ip, MFA ──┐
 *       └─ the checks that do not wait ──┴─▶ get ─▶ the checks that do
 *
 * Which networks are inside is configured (audit.allowed_networks). Where nothing is, they are those that the policies
 * themselves name (audit/networks.h): then the question is whether the restriction holds that the account claims to have. */
#ifndef NZ_AUDIT_PROOF_MAKER_H
#define NZ_AUDIT_PROOF_MAKER_H

#include "access/prove.h"
#include "audit/access_view.h"

#include <pthread.h>
#include <stdatomic.h>

struct nz_audit_proof {
    bool made;
    struct nz_proofs *proofs;
    struct nz_proofs
        *with_password; /* of those who pass, were they let to change their passwords; NULL: that is known */
    struct nz_network_list allowed; /* source-ip */
    struct nz_diag problem;         /* why there are none */
};

/* Made by one thread at a time: the maker's own until it is joined, then the audit's. */
struct nz_proof_maker {
    const struct nz_audit_settings *settings;
    const struct nz_audit_access *access;
    bool (*stop)(void *self);
    unsigned jobs;
    enum nz_said may_change_password; /* what the account's password policy says */
    struct nz_arena keep;
    struct nz_audit_proof proofs[2]; /* by nz_prove_kind */
    pthread_t thread;
    bool is_ready, is_running;
    atomic_bool leave; /* nobody waits any more */
};

/* Starts making both, where the audit may use several threads. What goes wrong is told by get. */
void nz_proof_maker_begin(struct nz_audit *a);
/* Waits for it, or makes it now. Never NULL; lives as long as the audit. */
const struct nz_audit_proof *nz_proof_maker_get(struct nz_audit *a, const struct nz_audit_access *access,
                                                enum nz_prove_kind kind);
/* Stops what still runs. Harmless when nothing was begun. */
void nz_proof_maker_end(struct nz_proof_maker *m);

#endif
