/* The inside of a ruleset: what its files share. Private to sigma. */
#ifndef NZ_SIGMA_SET_H
#define NZ_SIGMA_SET_H

#include "sigma/rule.h"

/* A field that some rule reads. The same path in two rules is one field, so that it is read once an event. */
struct nz_field {
    struct nz_str path;
    enum nz_event_field slot; /* of the part before the first dot; NZ_FIELD_NONE when CloudTrail has no such member */
    size_t slot_bytes;        /* length of that part */
};

struct nz_set_regex {
    struct nz_regex *regex;
    struct nz_set_regex *next;
};

struct nz_index;

struct nz_ruleset {
    struct nz_arena keep;
    enum nz_level min_level;
    struct nz_str only;                        /* in keep; .p NULL: all */
    const struct nz_placeholder *placeholders; /* in keep */
    size_t placeholders_count;
    nz_rule_problem_fn *problem;
    void *problem_self;

    struct nz_field *fields;
    size_t fields_count, fields_room;
    uint32_t *field_table; /* open addressing over fields: number + 1, 0: none; a power of two of places */
    size_t field_table_places;
    struct nz_set_regex *regexes;

    struct nz_loaded **loaded; /* sorted by key once compiled; then the position is the rule's index */
    size_t loaded_count, loaded_room;
    struct nz_filter **filters;
    size_t filters_count, filters_room;
    const struct nz_correlation **correlations; /* those that run, the read before the reading */
    size_t correlations_count;
    size_t refused;
    struct nz_index *index;
    bool compiled;
};

/* Number of the field of this path. */
NZ_MUST_USE enum nz_err nz_set_field(struct nz_ruleset *rs, struct nz_str path, uint32_t *out);

/* Compiles a regular expression that the set will free. */
NZ_MUST_USE enum nz_err nz_set_regex(struct nz_ruleset *rs, struct nz_str pattern, unsigned flags,
                                     const struct nz_regex **out, struct nz_diag *diag);

const struct nz_placeholder *nz_set_placeholder(const struct nz_ruleset *rs, struct nz_str name);

/* Refusal (counts) or warning. file is the rule file's path. */
void nz_set_report(struct nz_ruleset *rs, bool warning, struct nz_str file, const struct nz_diag *diag);

NZ_MUST_USE enum nz_err nz_set_add_rule(struct nz_ruleset *rs, struct nz_loaded *rule);

/* filter.c: the conditions of filters onto the rules they name. Wants the rules sorted. */
NZ_MUST_USE enum nz_err nz_set_apply_filters(struct nz_ruleset *rs);

/* resolve.c: references of correlations, refusing those that name what is not there or read each other in a circle;
 * then who is silent and who runs. Wants the rules sorted; gives them their final places. */
NZ_MUST_USE enum nz_err nz_set_resolve(struct nz_ruleset *rs);

/* The rule that a name means to somebody in file `from`: by id, else name, else title; of several the one in the same
 * file, else the first by key. NULL: none. */
struct nz_loaded *nz_set_find(const struct nz_ruleset *rs, struct nz_str reference, struct nz_str from);

/* True when rules of this log source are meant for CloudTrail records. */
bool nz_logsource_is_cloudtrail(const struct nz_logsource *source);

#endif
