/* and, or, not and parentheses around atoms that the caller reads: the conditions of rules, the extended conditions of
 * correlations, and expressions on the command line are one grammar. Private to sigma.
 *
 *   or := and ("or" and)*    and := not ("and" not)*    not := "not" not | "(" or ")" | ATOM
 *
 * The words are taken in any case. Source: Sigma specification 2.1.0, "condition". */
#ifndef NZ_SIGMA_BOOLEAN_H
#define NZ_SIGMA_BOOLEAN_H

#include "sigma/rule.h"

struct nz_boolean;

/* Reads one atom: text.p[at] is neither white space nor a parenthesis; moves `at` behind it. */
typedef enum nz_err nz_boolean_atom_fn(void *self, struct nz_boolean *b, const void **out);
/* Joins: kind is AND, OR (two or more kids) or NOT (one). kids dies with the call. */
typedef enum nz_err nz_boolean_join_fn(void *self, enum nz_node_kind kind, const void *const *kids, size_t count,
                                       const void **out);

struct nz_boolean {
    struct nz_str text;
    size_t at;
    nz_boolean_atom_fn *atom;
    nz_boolean_join_fn *join;
    void *self;
    struct nz_arena *scratch;
    struct nz_diag *diag;
    unsigned depth; /* 0 at the start */
};

/* The whole text. On an error diag->offset is the offset in it. Errors: NZ_E_RULE_CONDITION, NZ_E_RULE_OLD (a '|'),
 * NZ_E_RULE_LIMIT, NZ_E_NOMEM, and what the callbacks return. */
NZ_MUST_USE enum nz_err nz_boolean_parse(struct nz_boolean *b, const void **out);

/* The word at `at`, up to white space, a parenthesis or the end; `at` stays. */
struct nz_str nz_boolean_word(const struct nz_boolean *b, size_t at);
size_t nz_boolean_skip_space(const struct nz_boolean *b, size_t at);

/* For "%.*s" in messages: at most 64 bytes of a word. */
#define NZ_WORD_ARG(s) (int)((s).n < 64 ? (s).n : 64), (s).n ? (s).p : ""

#endif
