/* What a rule becomes: a tree of and/or/not over items, an item being one line of a selection. Private to sigma.
 *
 *   selection:                        ITEM eventName in {"createuser"}   ──┐
 *     eventName: CreateUser                                                AND ──┐
 *     errorCode: null                 ITEM errorCode null              ──┘       AND      rule->root
 *   filter:                                                                NOT ──┘
 *     userAgent|contains: [aws, x]    ITEM userAgent contains "aws" or "x" ──┘
 *   condition: selection and not filter
 *
 * All of it lives in the ruleset's arena (regular expressions are freed by nz_ruleset_free) and is read-only once
 * compiled. Texts are folded to lower case (ASCII) at compile time unless the test is `cased`. */
#ifndef NZ_SIGMA_RULE_H
#define NZ_SIGMA_RULE_H

#include "core/ip.h"
#include "core/regex.h"
#include "core/yaml.h"
#include "sigma/correlation.h"
#include "sigma/number.h"
#include "sigma/ruleset.h"

/* --- limits: a rule file is a person's work; what is larger is a mistake or an attack --- */
#define NZ_RULE_TITLE_CHARS_MAX 256u       /* specification, "title" */
#define NZ_RULE_VALUES_MAX 10000u          /* listed values of one item */
#define NZ_RULE_ALTERNATIVES_MAX 4096u     /* texts that one listed value becomes: windash, base64offset, expand */
#define NZ_RULE_ITEMS_MAX 10000u           /* of one rule */
#define NZ_RULE_TESTS_MAX 100000u          /* of one rule, alternatives counted */
#define NZ_RULE_VALUE_BYTES_MAX 65536u     /* one text, modifiers applied */
#define NZ_RULE_CONDITION_BYTES_MAX 16384u /* one condition */
#define NZ_RULE_CONDITION_DEPTH_MAX 64u    /* parentheses and `not` */
#define NZ_RULE_NODES_MAX 100000u          /* links between nodes of one condition */

/* --- tests: what one text of a value asks of a leaf --- */

enum nz_test_kind {
    NZ_TEST_ANY, /* the pattern "*": any text */
    NZ_TEST_EXACT,
    NZ_TEST_PREFIX,
    NZ_TEST_SUFFIX,
    NZ_TEST_CONTAINS,
    NZ_TEST_GLOB, /* wildcards inside */
    NZ_TEST_REGEX,
    NZ_TEST_CIDR,
    NZ_TEST_NUMBER,  /* a number in the rule: equal as text, or as numbers */
    NZ_TEST_COMPARE, /* lt lte gt gte */
    NZ_TEST_TIME,    /* minute hour day week month year */
    NZ_TEST_FIELDREF,
    NZ_TEST_NULL,
    NZ_TEST_EXISTS,
};

enum nz_compare { NZ_COMPARE_EQ, NZ_COMPARE_LT, NZ_COMPARE_LTE, NZ_COMPARE_GT, NZ_COMPARE_GTE };
enum nz_time_part {
    NZ_TIME_PART_MINUTE,
    NZ_TIME_PART_HOUR,
    NZ_TIME_PART_DAY,
    NZ_TIME_PART_WEEK,
    NZ_TIME_PART_MONTH,
    NZ_TIME_PART_YEAR,
};

/* Between the parts any run may stand; NZ_WILD_ONE inside a part is one code point. */
struct nz_glob {
    const struct nz_str *parts;
    size_t count;
    bool open_start, open_end; /* the pattern begins (ends) with * */
};
/* In a text of Sigma these bytes, which UTF-8 never holds, stand for the wildcards. */
#define NZ_WILD_ANY '\xff'
#define NZ_WILD_ONE '\xfe'

struct nz_test {
    enum nz_test_kind kind;
    bool cased;
    enum nz_compare compare;      /* COMPARE, TIME */
    enum nz_time_part time_part;  /* TIME */
    enum nz_test_kind relation;   /* FIELDREF: EXACT, PREFIX, SUFFIX, CONTAINS */
    bool exists;                  /* EXISTS: the wanted answer */
    uint32_t field;               /* FIELDREF: the other field */
    struct nz_str text;           /* EXACT to CONTAINS, NUMBER: folded unless cased */
    const struct nz_glob *glob;   /* GLOB */
    const struct nz_regex *regex; /* REGEX */
    struct nz_cidr net;           /* CIDR */
    struct nz_number number;      /* NUMBER, COMPARE, TIME */
};

/* One listed value: true when a leaf satisfies one of its tests. */
struct nz_value {
    const struct nz_test *tests;
    size_t tests_count;
    struct nz_str text; /* as written, for the linter */
    uint32_t line, column;
};

#define NZ_FIELD_KEYWORDS UINT32_MAX /* every scalar of the event */

struct nz_item {
    uint32_t field; /* number in the ruleset, or NZ_FIELD_KEYWORDS */
    bool all;       /* every value must be satisfied, else one */
    bool negate;    /* neq */
    const struct nz_value *values;
    size_t values_count;
    uint32_t line, column;
};

enum nz_node_kind { NZ_NODE_AND, NZ_NODE_OR, NZ_NODE_NOT, NZ_NODE_ITEM };

struct nz_node {
    enum nz_node_kind kind;
    uint32_t line, column;
    const struct nz_item *item; /* ITEM */
    const struct nz_node *const *kids;
    size_t kids_count; /* NOT: one; AND of none is true, OR of none is false */
};

/* --- documents --- */

struct nz_selection {
    struct nz_str name;
    const struct nz_node *node;
    uint32_t line, column;
};

struct nz_selections {
    const struct nz_selection *list;
    size_t count;
};

struct nz_logsource {
    struct nz_str category, product, service; /* .p NULL: any */
};

/* A name as written in a correlation or a filter. */
struct nz_reference {
    struct nz_str text;
    uint32_t line, column;
};

/* A correlation before its references are resolved. */
struct nz_correlation_draft {
    struct nz_correlation made; /* all but rules, and the paths of the fields */
    const struct nz_reference *rules;
    size_t rules_count;
    const struct nz_correlation_alias {
        struct nz_str name;
        struct nz_reference rule;
        struct nz_str path;
    } * aliases;
    size_t aliases_count;
};

enum nz_loaded_state { NZ_LOADED_FRESH, NZ_LOADED_VISITING, NZ_LOADED_DONE, NZ_LOADED_REFUSED };

struct nz_loaded {
    struct nz_rule rule; /* what the world sees */
    uint32_t column;
    struct nz_logsource logsource;
    const struct nz_node *root; /* detection: filters included once compiled */
    struct nz_selections selections;
    struct nz_correlation_draft *draft;
    struct nz_loaded **targets;         /* correlation: the rules it reads, draft->rules_count of them */
    struct nz_correlation *correlation; /* correlation, once compiled */
    enum nz_loaded_state state;
    enum nz_err refusal;
    uint32_t index;                        /* in the set, once compiled */
    bool read_with_generate, read_without; /* by correlations */
    bool needed;                           /* by a correlation that runs */
};

struct nz_filter {
    struct nz_str path, title;
    uint32_t line, column;
    struct nz_logsource logsource;
    bool any; /* `rules: any` */
    const struct nz_reference *rules;
    size_t rules_count;
    const struct nz_node *root;
};

/* --- parsing: one document at a time --- */

struct nz_rule_parser {
    struct nz_ruleset *rs; /* fields and regular expressions are registered there */
    struct nz_arena *keep, *scratch;
    struct nz_str path, source;
    struct nz_diag *diag;
    size_t items, tests; /* made so far */
};

/* Error at a node, at an offset inside a scalar's value, or as diag->offset says (counted in the scalar's value). */
enum nz_err nz_rule_error(struct nz_rule_parser *p, const struct nz_yaml *node, enum nz_err err, const char *format,
                          ...) NZ_PRINTF(4, 5);
enum nz_err nz_rule_error_in(struct nz_rule_parser *p, const struct nz_yaml *scalar, size_t offset, enum nz_err err,
                             const char *format, ...) NZ_PRINTF(5, 6);
enum nz_err nz_rule_error_placed(struct nz_rule_parser *p, const struct nz_yaml *scalar, enum nz_err err);

/* Line and column of the byte `offset` of a scalar's value in the file; the scalar's own place when the value's
 * writing (escapes, anchors) does not let it be found. */
void nz_place_find(struct nz_str source, const struct nz_yaml *scalar, size_t offset, uint32_t *line, uint32_t *column);

/* Copies into keep. NULL .p only when memory is out. */
NZ_MUST_USE enum nz_err nz_rule_text(struct nz_rule_parser *p, struct nz_str text, struct nz_str *out);
/* A required or optional scalar of a map; absent and null leave *out as it is (required: error). */
NZ_MUST_USE enum nz_err nz_rule_member(struct nz_rule_parser *p, const struct nz_yaml *map, const char *key,
                                       bool required, struct nz_str *out);
/* A list of texts, or one text as a list of one; absent and null give none. Null inside is an error. */
NZ_MUST_USE enum nz_err nz_rule_references(struct nz_rule_parser *p, const struct nz_yaml *node,
                                           const struct nz_reference **out, size_t *count);
NZ_MUST_USE enum nz_err nz_rule_logsource(struct nz_rule_parser *p, const struct nz_yaml *document,
                                          struct nz_logsource *out);

/* parse_detection.c: every member of `map` but the reserved ones becomes a selection. */
NZ_MUST_USE enum nz_err nz_detection_parse(struct nz_rule_parser *p, const struct nz_yaml *map, bool is_filter,
                                           struct nz_selections *out);
/* One `field|modifiers: value`. key is a scalar. */
NZ_MUST_USE enum nz_err nz_item_parse(struct nz_rule_parser *p, const struct nz_yaml *key, const struct nz_yaml *value,
                                      const struct nz_node **out);

/* condition.c: a text or a list of texts (alternatives). */
NZ_MUST_USE enum nz_err nz_condition_parse(struct nz_rule_parser *p, const struct nz_yaml *condition,
                                           const struct nz_selections *selections, const struct nz_node **out);

/* parse_rule.c, parse_correlation.c, filter.c: the whole document. */
NZ_MUST_USE enum nz_err nz_rule_parse(struct nz_rule_parser *p, const struct nz_yaml *document, struct nz_loaded **out);
NZ_MUST_USE enum nz_err nz_correlation_parse(struct nz_rule_parser *p, const struct nz_yaml *document,
                                             struct nz_correlation_draft **out);
NZ_MUST_USE enum nz_err nz_filter_parse(struct nz_rule_parser *p, const struct nz_yaml *document,
                                        struct nz_filter **out);

/* Nodes. NULL when memory is out. kids is copied. */
const struct nz_node *nz_node_item(struct nz_arena *keep, const struct nz_item *item);
const struct nz_node *nz_node_group(struct nz_arena *keep, enum nz_node_kind kind, const struct nz_node *const *kids,
                                    size_t count);

#endif
