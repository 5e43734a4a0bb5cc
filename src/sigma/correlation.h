/* A correlation document as the window engine needs it: parsed, checked, its references resolved to rule indices.
 * Private to sigma. Everything lives in the ruleset and does not change after nz_ruleset_compile.
 * Source: Sigma correlation rules specification 2.1.0; docs/sigma.md says how we read it. */
#ifndef NZ_SIGMA_CORRELATION_H
#define NZ_SIGMA_CORRELATION_H

#include "sigma/ruleset.h"

enum nz_correlation_type {
    NZ_CORRELATION_EVENT_COUNT,
    NZ_CORRELATION_VALUE_COUNT,
    NZ_CORRELATION_TEMPORAL,
    NZ_CORRELATION_TEMPORAL_ORDERED,
    NZ_CORRELATION_VALUE_SUM,
    NZ_CORRELATION_VALUE_AVG,
    NZ_CORRELATION_VALUE_PERCENTILE,
    NZ_CORRELATION_VALUE_MEDIAN,
};

enum nz_correlation_op {
    NZ_CORRELATION_GT,
    NZ_CORRELATION_GTE,
    NZ_CORRELATION_LT,
    NZ_CORRELATION_LTE,
    NZ_CORRELATION_EQ,
    NZ_CORRELATION_NEQ,
};

struct nz_correlation_bound {
    enum nz_correlation_op op;
    double number;
};

/* A group-by entry or a value field, with the dotted path to read in an event (sigma/path.h) of each rule: the same for
 * all unless an alias says otherwise. For a rule that is itself a correlation the path is the name of one of its
 * group-by entries. An alias that leaves a rule out has paths[i].p == NULL: that rule's events lack the field. */
struct nz_correlation_field {
    struct nz_str name;
    const struct nz_str *paths; /* rules_count of them */
};

/* The extended condition of temporal types: `a and (b or not c)`. Depth at most NZ_CORRELATION_NODES_DEPTH_MAX. */
enum nz_correlation_node_kind {
    NZ_CORRELATION_NODE_RULE, /* kids unused; rule: index into nz_correlation.rules */
    NZ_CORRELATION_NODE_AND,
    NZ_CORRELATION_NODE_OR,
    NZ_CORRELATION_NODE_NOT, /* one kid */
};
#define NZ_CORRELATION_NODES_DEPTH_MAX 64u

struct nz_correlation_node {
    enum nz_correlation_node_kind kind;
    uint32_t rule;
    const struct nz_correlation_node *const *kids;
    size_t kids_count;
};

#define NZ_CORRELATION_RULES_MAX 1024u
#define NZ_CORRELATION_FIELDS_MAX 16u
/* Rules of a temporal_ordered with an extended condition, which costs 2^rules. */
#define NZ_CORRELATION_ORDERED_NAMES_MAX 10u

struct nz_correlation {
    enum nz_correlation_type type;
    uint32_t rule; /* index of its own nz_rule */
    const uint32_t
        *rules; /* indices of the rules it reads, in the listed order, none twice; detections or correlations */
    size_t rules_count;
    const struct nz_correlation_field *group_by; /* may be none: one group for all */
    size_t group_by_count;
    int64_t timespan_us; /* > 0 */
    /* All must hold; one or two, two form a range. A temporal type without a condition of its own has gte rules_count.
     * With an extended condition there are none. */
    struct nz_correlation_bound bounds[2];
    size_t bounds_count;
    /* value_count: one or more, together a tuple; sum, avg, percentile, median: exactly one; else none. */
    const struct nz_correlation_field *fields;
    size_t fields_count;
    double percentile;                          /* value_percentile: 0 to 100 */
    const struct nz_correlation_node *extended; /* NULL when there is none */
    bool generate;
};

/* The correlations that run, ordered so that a correlation comes after every correlation it reads. */
size_t nz_ruleset_correlations(const struct nz_ruleset *rs, const struct nz_correlation *const **out);

/* True when `value` satisfies all bounds. */
bool nz_correlation_bounds_hold(const struct nz_correlation *c, double value);

#endif
