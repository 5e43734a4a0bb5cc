/* Evaluation of one event. What a rule asks is looked up once: the leaves of a field, their texts, the texts in lower
 * case. A generation number says which of these belong to the event at hand, so that nothing is cleared between
 * events, and memory is kept from one event to the next. Private to sigma. */
#ifndef NZ_SIGMA_MATCH_H
#define NZ_SIGMA_MATCH_H

#include "sigma/index.h"
#include "sigma/set.h"

struct nz_leaf {
    struct nz_json value;
    enum nz_json_kind kind; /* never absent, never an array */
    bool has_text, has_folded;
    struct nz_str text, folded; /* filled when first asked for: nz_leaf_text, nz_leaf_folded */
};

struct nz_field_leaves {
    uint64_t generation;
    uint32_t first, count; /* in nz_matcher.leaves */
    bool exists;
};

/* What is left to ask of an event with this eventSource and eventName: those two decide most of most rules. A trail has few
 * such pairs, so the last ones are kept. */
#define NZ_MATCH_MEMOS 128u
#define NZ_MATCH_MEMO_BYTES 80u /* both texts together */
#define NZ_MATCH_MEMO_STEPS 16u
struct nz_match_step {
    const struct nz_node *node; /* NULL: nothing is left to ask */
    uint32_t rule;
    bool last; /* of this rule, which matches when all its steps hold */
    /* most ask for one member of the record, which few records have: what they say when it is lacking; NZ_FIELD_NONE: no such */
    bool lacking;
    enum nz_event_field member;
};
struct nz_match_memo {
    uint32_t source_bytes, name_bytes; /* 0: the place is free */
    uint32_t steps_count;              /* NZ_MATCH_MEMO_STEPS + 1: too many to keep, spans are the rules to ask */
    char text[NZ_MATCH_MEMO_BYTES];
    struct nz_match_step steps[NZ_MATCH_MEMO_STEPS]; /* rules ascending */
    struct nz_index_span spans[NZ_INDEX_SPANS];
};

#define NZ_MATCH_PAIRS_MAX 1000000u /* of leaves that one `fieldref` compares */

struct nz_matcher {
    const struct nz_ruleset *rs;
    const struct nz_event *event;
    uint64_t generation;
    uint64_t dotted_generation;     /* for which `dotted` is known */
    bool dotted;                    /* the record itself has a key with a dot in it */
    struct nz_field_leaves *fields; /* one a field of the set, and the last one for keywords */
    struct nz_leaf *leaves;
    size_t leaves_count, leaves_room;
    struct nz_match_memo *memos; /* NZ_MATCH_MEMOS of them */
    struct nz_arena texts;       /* of this event: decoded and folded texts */
    struct nz_buf scratch;
    struct nz_regex_scratch *regex;
    uint32_t *hits;
    size_t hits_count;
    uint64_t limits; /* matches given up */
    enum nz_err err; /* sticky: memory ran out during this event */
};

/* leaf.c. The span stays valid for the event; the array of leaves may move when another field is read. */
const struct nz_field_leaves *nz_match_leaves(struct nz_matcher *m, uint32_t field);
struct nz_str nz_leaf_text(struct nz_matcher *m, struct nz_leaf *leaf);   /* strings decoded, objects compact */
struct nz_str nz_leaf_folded(struct nz_matcher *m, struct nz_leaf *leaf); /* the same in lower case (ASCII) */
struct nz_str nz_match_fold(struct nz_matcher *m, struct nz_str text);    /* a copy in lower case, for this event */

/* match_*.c: one test against one leaf that is not null. */
bool nz_match_text(struct nz_matcher *m, const struct nz_test *test, struct nz_leaf *leaf);
bool nz_match_number(struct nz_matcher *m, const struct nz_test *test, struct nz_leaf *leaf);
bool nz_match_time(struct nz_matcher *m, const struct nz_test *test, struct nz_leaf *leaf);
bool nz_match_cidr(struct nz_matcher *m, const struct nz_test *test, struct nz_leaf *leaf);
/* ... and a field against another one. */
bool nz_match_fieldref(struct nz_matcher *m, const struct nz_test *test, uint32_t field);

bool nz_compare_holds(enum nz_compare compare, int order);

/* match.c */
bool nz_match_node(struct nz_matcher *m, const struct nz_node *node);
/* The one member of the record that the node asks for, and whether the node holds when a record lacks it; else NZ_FIELD_NONE. */
enum nz_event_field nz_match_member(const struct nz_matcher *m, const struct nz_node *node, bool *lacking);

/* match_memo.c: the memo of the event's pair, or NULL, and then spans are the rules to ask. */
const struct nz_match_memo *nz_match_memo_find(struct nz_matcher *m, struct nz_index_span spans[NZ_INDEX_SPANS]);

#endif
