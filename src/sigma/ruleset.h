/* Sigma rules (specification 2.1.0), parsed and compiled together.
 *
 * How matching stays cheap: every rule that needs a literal eventName or eventSource is filed under it in one hash
 * table, so a record meets only the rules that can match it; each field is read at most once an event.
 * What is refused is refused with a place: unknown modifiers, unresolved placeholders, the old `| count()` syntax.
 * The other rules go on. The reading of the specification is written down in docs/sigma.md.
 * Threads: a compiled set is read-only; each thread has its own nz_matcher. */
#ifndef NZ_SIGMA_RULESET_H
#define NZ_SIGMA_RULESET_H

#include "core/arena.h"
#include "core/diag.h"
#include "events/event.h"

enum nz_level { NZ_LEVEL_INFORMATIONAL, NZ_LEVEL_LOW, NZ_LEVEL_MEDIUM, NZ_LEVEL_HIGH, NZ_LEVEL_CRITICAL };
const char *nz_level_name(enum nz_level level);
bool nz_level_parse(struct nz_str name, enum nz_level *out);

enum nz_rule_kind { NZ_RULE_DETECTION, NZ_RULE_CORRELATION };

struct nz_rule_texts {
    const struct nz_str *items;
    size_t count;
};

/* What the world may know of a loaded rule. All views live in the ruleset; absent texts have .p == NULL. */
struct nz_rule {
    enum nz_rule_kind kind;
    struct nz_str key; /* id, else name, else path: `rule_id` of the output */
    struct nz_str id, name, title, status, description, author;
    struct nz_rule_texts references, falsepositives;
    /* our own keys: what to do when the rule fires, and the same texts in Japanese */
    struct nz_rule_texts next_steps, next_steps_ja, falsepositives_ja;
    struct nz_str title_ja, description_ja;
    enum nz_level level; /* a rule without one is informational */
    const struct nz_str *tags;
    size_t tags_count;
    struct nz_str path;
    uint32_t line;
    bool silent; /* base rule of a correlation without `generate`: gives no finding of its own */
    bool runs;   /* false: logsource is not CloudTrail's, or below the asked-for level and not needed */
};

/* expand: values of %name%. NULL values when the configuration has none. */
struct nz_placeholder {
    struct nz_str name;
    const struct nz_str *values;
    size_t count;
};

struct nz_ruleset_opts {
    enum nz_level min_level;
    /* .p NULL: all. Else the one rule that is tried, by id, name, title or file: it runs and gives findings whatever its
     * level, also when correlations read it; others run only where it reads them. A file means what its rules give by
     * themselves. */
    struct nz_str only;
    const struct nz_placeholder *placeholders;
    size_t placeholders_count;
};

/* Called for every refused document (severity error) and every warning. path and diag die when it returns. */
typedef void nz_rule_problem_fn(void *self, bool warning, struct nz_str path, const struct nz_diag *diag);

struct nz_ruleset;

NZ_MUST_USE enum nz_err nz_ruleset_new(const struct nz_ruleset_opts *opts, nz_rule_problem_fn *problem, void *self,
                                       struct nz_ruleset **out);
void nz_ruleset_free(struct nz_ruleset *rs); /* NULL is fine */

#define NZ_RULE_FILE_FAULTS_MAX 100u /* documents of one file that are no YAML, before the rest is left out */

/* Reads all documents of one file: rules, correlations, filters. Refused ones go to `problem` and count in
 * nz_ruleset_refused; the return value is an error only for memory. Text is copied where needed. */
NZ_MUST_USE enum nz_err nz_ruleset_add(struct nz_ruleset *rs, struct nz_str path, struct nz_str text);

/* Resolves filters and correlations, builds the index, sorts rules by key. Afterwards the set does not change. */
NZ_MUST_USE enum nz_err nz_ruleset_compile(struct nz_ruleset *rs);

size_t nz_ruleset_count(const struct nz_ruleset *rs);
const struct nz_rule *nz_ruleset_rule(const struct nz_ruleset *rs, size_t index);
size_t nz_ruleset_refused(const struct nz_ruleset *rs); /* documents not loaded */

/* --- matching: one nz_matcher a thread --- */
struct nz_matcher;
NZ_MUST_USE enum nz_err nz_matcher_new(const struct nz_ruleset *rs, struct nz_matcher **out);
void nz_matcher_free(struct nz_matcher *m);

/* Indices of the detection rules (silent ones too) that match, ascending, which is the order of rule keys. The list
 * dies at the next call. Errors: memory only; a regular expression that ran away counts as no match and is counted. */
NZ_MUST_USE enum nz_err nz_matcher_run(struct nz_matcher *m, const struct nz_event *ev, const uint32_t **hits,
                                       size_t *count);
uint64_t nz_matcher_regex_limits(const struct nz_matcher *m); /* matches given up so far */

/* --- one condition written on a command line (trail grep) ---
 *   eventName=CreateUser and not (userIdentity.type=Root or sourceIPAddress|cidr=10.0.0.0/8)
 * Atoms are FIELD[|MODIFIER…]=VALUE or a bare keyword; VALUE may be quoted. The set then has one rule, ready to match. */
NZ_MUST_USE enum nz_err nz_ruleset_from_expression(struct nz_str expression, struct nz_ruleset **out,
                                                   struct nz_diag *diag);

#endif
