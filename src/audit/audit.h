/* An audit: all checks over one snapshot, and the report of it.
 *
 *     snapshot + settings + exceptions ──▶ nz_audit_run ──▶ nz_report ──▶ table, json, html
 *
 * The same input gives the same report, byte for byte: ages are counted from the snapshot's capture time, findings are in
 * the order of checks.list, region, resource. One thread. What a check sees of this is in audit/check.h. */
#ifndef NZ_AUDIT_AUDIT_H
#define NZ_AUDIT_AUDIT_H

#include "audit/settings.h"
#include "findings/exceptions.h"
#include "findings/finding.h"
#include "inventory/snapshot.h"

struct nz_activity; /* audit/activity.h */
struct nz_history;  /* audit/history.h */

/* All borrowed; must outlive the audit. */
struct nz_audit_input {
    const struct nz_snapshot *snapshot;
    const struct nz_audit_settings *settings;
    const struct nz_exceptions *exceptions; /* NULL: no file was given */
    struct nz_str exceptions_path;
    const struct nz_activity *activity; /* what events say of root and users; NULL: none were looked at */
    const struct nz_history *history;   /* how much of them AWS answered; NULL: AWS was not asked */
    const struct nz_str *sets;          /* names of sets and patterns of ids (audit/check_sets.h) that are judged; */
    size_t sets_count;                  /* 0: all checks */
    nz_translate_fn translate;          /* NULL: English */
    unsigned jobs;                      /* threads of proofs; 0: one */
    bool (*stop)(void *self); /* asked now and then, with NULL; true ends the run with NZ_E_STOPPED; may be NULL */
};

struct nz_audit;

/* NZ_E_NOMEM, NZ_E_AUDIT_LIMIT, NZ_E_STOPPED. */
NZ_MUST_USE enum nz_err nz_audit_run(const struct nz_audit_input *input, struct nz_audit **out, struct nz_diag *diag);
void nz_audit_free(struct nz_audit *a); /* NULL is fine */

/* Lives as long as the audit. */
const struct nz_report *nz_audit_report(const struct nz_audit *a);

#endif
