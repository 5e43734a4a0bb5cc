/* The exceptions file: findings that somebody answers for, until a day.
 *
 *     - check: iam-user-source-ip                       # or rule: RULE-ID; * and ? are wildcards
 *       resource: arn:aws:iam::111122223333:user/ci-*   # audit: the finding's; left out: any
 *       region: global                                  # audit: left out: any
 *       owner: hanako@example.jp
 *       reason: the build servers have no fixed address
 *       expires: 2027-03-31                             # the last day (UTC); or a time
 *
 *     - rule: root_used                                 # detect: by the rule's id or name
 *       actor: arn:aws:iam::111122223333:root           # left out: any
 *       ...
 *
 * owner, reason and expires are required: an exception that nobody answers for, or that never ends, is an error with its
 * place. An expired one hides nothing and is a finding by itself. An exception hides what was found (fail, partial, a
 * detection), never an unknown: what could not be read is always told. Patterns match whole texts, byte by byte.
 * Limits: those of core/yaml.h, and NZ_EXCEPTIONS_MAX. */
#ifndef NZ_FINDINGS_EXCEPTIONS_H
#define NZ_FINDINGS_EXCEPTIONS_H

#include "core/arena.h"
#include "core/diag.h"
#include "core/time.h"

#define NZ_EXCEPTIONS_MAX 10000u

struct nz_exception {
    struct nz_str check, rule;     /* exactly one has text */
    struct nz_str resource, actor; /* .p NULL: any */
    struct nz_str region;          /* .p NULL: any */
    struct nz_str owner, reason;
    nz_time expires; /* it holds before this moment */
    uint32_t line, column;
};

struct nz_exceptions {
    const struct nz_exception *list; /* in the file's order */
    size_t count;
};

/* Called for each entry that is wrong; the others are read. The diag dies when it returns. */
typedef void nz_exceptions_problem_fn(void *self, const struct nz_diag *diag);

/* Reads a file's text. All lives in keep; text may go. Returns the first error: NZ_E_EXCEPTION, NZ_E_EXCEPTION_LIMIT,
 * NZ_E_YAML_*, NZ_E_NOMEM. */
NZ_MUST_USE enum nz_err nz_exceptions_read(struct nz_arena *keep, struct nz_str text, nz_exceptions_problem_fn *problem,
                                           void *self, struct nz_exceptions *out);

/* The first exception that hides this at that moment, or NULL. */
const struct nz_exception *nz_exception_for_check(const struct nz_exceptions *exceptions, struct nz_str check,
                                                  struct nz_str resource, struct nz_str region, nz_time now);
/* id, name: of a rule; either may be empty. actor, region: .p NULL when the event has none, which only "any" matches. */
const struct nz_exception *nz_exception_for_rule(const struct nz_exceptions *exceptions, struct nz_str id,
                                                 struct nz_str name, struct nz_str actor, struct nz_str region,
                                                 nz_time now);

/* Is it about this rule, whoever the actor? */
bool nz_exception_names_rule(const struct nz_exception *e, struct nz_str id, struct nz_str name);

static inline bool nz_exception_is_expired(const struct nz_exception *e, nz_time now)
{
    return now.us >= e->expires.us;
}

#endif
