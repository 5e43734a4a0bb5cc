/* A check: one file in checks/, one line in checks.list, one page in docs/checks/ and docs/ja/checks/, three cases in
 * tests/cases/audit/.
 *
 *     // checks/iam_root_mfa.c; checks.list: NZ_CHECK(iam_root_mfa)
 *     static void run(struct nz_audit *a)
 *     {
 *         const struct nz_item_view *summary = nz_audit_need_one(a, nz_audit_account(a), SUMMARY, NZ_REGION_GLOBAL);
 *         if (!summary)
 *             return;                             // it has its finding: unknown, with the action that was missing
 *         ...
 *         f = nz_audit_fail(a, nz_audit_account(a), N_("the root user has a password and no MFA device"));
 *         nz_audit_show(a, f, summary, "configuration.SummaryMap.AccountMFAEnabled");
 *     }
 *     const struct nz_check nz_check_iam_root_mfa = {
 *         .about = {.id = "iam-root-mfa", .part = NZ_PART_ROOT, .severity = NZ_SEVERITY_CRITICAL,
 *                   .title = N_("the root user has MFA"), .remedy = N_("Sign in as root and …")},
 *         .run = run,
 *     };
 *
 * The rules: one finding for each (resource, region) of a check; what could not be read is unknown, never a pass and never
 * left out; a finding shows the fields that decided it. A check for regions walks them with nz_audit_next_region.
 * Errors of memory stick in the audit, so a check need not look for them. Texts given to a finding are copied. */
#ifndef NZ_AUDIT_CHECK_H
#define NZ_AUDIT_CHECK_H

#include "audit/audit.h"

struct nz_audit {
    const struct nz_snapshot *snapshot;
    const struct nz_audit_settings *settings;
    const struct nz_activity *activity;     /* NULL: no events were looked at */
    const struct nz_history *history;       /* NULL: they are none of AWS's event history */
    const struct nz_exceptions *exceptions; /* NULL: no file was given */
    struct nz_str exceptions_path;
    nz_time now;                  /* the clock of all ages: when the snapshot was taken */
    struct nz_arena *keep;        /* what a check makes for its findings may live here */
    struct nz_audit_state *state; /* audit/state.h: not for checks */
};

struct nz_check {
    struct nz_check_about about;
    void (*run)(struct nz_audit *a);
    bool waits; /* for the proofs, which are made while the other checks run */
};

/* In the order of checks.list; ends with NULL. */
extern const struct nz_check *const nz_checks[];
/* By its id, or NULL. */
const struct nz_check *nz_check_find(struct nz_str id);

/* --- findings --- */

/* What a finding is about. Views: they are copied when a finding is made of them. */
struct nz_subject {
    struct nz_str resource, region;
};

/* The account as a whole: root's ARN, "global". */
struct nz_subject nz_audit_account(const struct nz_audit *a);
/* A region where AWS has no ARN: "region/REGION". */
struct nz_subject nz_audit_region(struct nz_audit *a, struct nz_str region);
/* An item: its ARN (when it has none, its region as above), and its region. */
struct nz_subject nz_audit_subject(struct nz_audit *a, const struct nz_item *item);

/* Adds a finding of the check that runs, in the user's language. format: N_(), lower case, no full stop, as for printf
 * (a struct nz_str goes in as "%.*s", NZ_STR_ARG): why it is so. Severity and remediation are the check's; an unknown and a
 * not-applicable one have a remediation of their own. Never NULL: when memory is out, the result goes nowhere. */
struct nz_finding *nz_audit_say(struct nz_audit *a, enum nz_status status, struct nz_subject on, const char *format,
                                ...) NZ_PRINTF(4, 5);
#define nz_audit_pass(a, on, ...) nz_audit_say((a), NZ_STATUS_PASS, (on), __VA_ARGS__)
#define nz_audit_fail(a, on, ...) nz_audit_say((a), NZ_STATUS_FAIL, (on), __VA_ARGS__)
#define nz_audit_partial(a, on, ...) nz_audit_say((a), NZ_STATUS_PARTIAL, (on), __VA_ARGS__)
#define nz_audit_unknown(a, on, ...) nz_audit_say((a), NZ_STATUS_UNKNOWN, (on), __VA_ARGS__)
#define nz_audit_not_applicable(a, on, ...) nz_audit_say((a), NZ_STATUS_NOT_APPLICABLE, (on), __VA_ARGS__)

/* Other advice than the check's. format: N_(), sentences. Severity is simply set: f->severity = NZ_SEVERITY_LOW. */
void nz_audit_advise(struct nz_audit *a, struct nz_finding *f, const char *format, ...) NZ_PRINTF(3, 4);

/* A piece of evidence. show: the field of an opened item by its path, as nz_item_get reads it; "absent" when it is not
 * there. Long values are cut, and so are lists of them (NZ_EVIDENCE_MAX). */
void nz_audit_show(struct nz_audit *a, struct nz_finding *f, const struct nz_item_view *view, const char *path);
void nz_audit_evidence(struct nz_audit *a, struct nz_finding *f, struct nz_str item, const char *field,
                       struct nz_str value);

/* A text marked with N_() in the user's language: for words within evidence. */
const char *nz_audit_translate(const struct nz_audit *a, const char *text);

/* --- what the snapshot holds --- */

/* Walks the regions that can be judged, from an index of 0; false at the end. A region that is closed by an SCP, not opted
 * in or not asked is told once, by the check region-access. */
bool nz_audit_next_region(const struct nz_audit *a, size_t *at, struct nz_str *region);

/* Opens an item for looking into it (nz_item_get). The view is good until the same slot is opened again; slots are for
 * checks that look into two items at once. NULL when memory is out. */
#define NZ_AUDIT_SLOTS 4u
const struct nz_item_view *nz_audit_open(struct nz_audit *a, unsigned slot, const struct nz_item *item);

/* True when all things of a type are known for this region: those among the items, and no others. Else the subject has its
 * finding: unknown with what kept them from being read, or not-applicable where AWS does not offer the service. */
bool nz_audit_need(struct nz_audit *a, struct nz_subject on, const char *type, struct nz_str region);
/* The same, and the one item of that type, opened in slot 0. NULL: it could not be read (the subject has its finding), or
 * there is none: then *none is true, and nothing was said. none may be NULL when there is always one: then it is unknown. */
const struct nz_item_view *nz_audit_need_one(struct nz_audit *a, struct nz_subject on, const char *type,
                                             struct nz_str region, bool *none);
/* The answer of an operation about an opened item, a member of supplementaryConfiguration ("GetTrailStatus"). True:
 * *answer is an object, or NZ_JSON_NULL when AWS has none. False: it could not be read, and the subject is unknown. */
bool nz_audit_need_answer(struct nz_audit *a, struct nz_subject on, const struct nz_item_view *view,
                          const char *operation, struct nz_json *answer);
/* The subject's finding for a call that was not answered. why NULL: nobody asked; then `what` ("iam:GetAccountSummary")
 * names the call. */
struct nz_finding *nz_audit_say_unread(struct nz_audit *a, struct nz_subject on, const struct nz_unread *why,
                                       const char *what);

/* --- values --- */

/* true or "true" in any case; false for all else, the absent among it. */
bool nz_audit_is_true(struct nz_json v);
/* A number without sign or fraction, also as a text; otherwise when it is none or absent. */
uint64_t nz_audit_number(struct nz_json v, uint64_t otherwise);
/* A string's text, in a->keep when it has escapes; empty for all else. */
struct nz_str nz_audit_text(struct nz_audit *a, struct nz_json v);
/* A time of AWS's (RFC 3339, or a number of seconds); false when it is none. */
bool nz_audit_time(struct nz_json v, nz_time *out);
/* Whole days from then to now; 0 for the future. */
uint64_t nz_audit_days_since(const struct nz_audit *a, nz_time then);

#endif
