/* Which texts a list of patterns tells apart: one text for each combination of patterns that some text fits.
 *
 *     a*   *b      ""  fits neither      "a"  the first      "b"  the second      "ab"  both
 *
 * The patterns are read side by side, character by character, as the states of one automaton; every character that no
 * pattern has is as good as any other, so one stands for all of them and the search ends. The texts are as short as can be.
 * A text chosen from each cell is thus as good as all texts: what holds for the cells holds for everything.
 * Source: Hopcroft and Ullman, "Introduction to Automata Theory", the product of automata. */
#ifndef NZ_POLICY_CELLS_H
#define NZ_POLICY_CELLS_H

#include "core/arena.h"
#include "core/err.h"

#define NZ_CELLS_PATTERNS_MAX 32u
#define NZ_CELLS_TOKENS_MAX 1024u /* characters and wildcards of all patterns together */
#define NZ_CELLS_STATES_MAX 4096u
#define NZ_CELLS_MAX 128u

/* Bytes of coded, beside those of nz_pattern, for what a text has a known form of; no text of UTF-8 has them. */
#define NZ_CELLS_HEX '\xfd'   /* one of 0-9 a-f */
#define NZ_CELLS_DIGIT '\xfc' /* one of 0-9 */
#define NZ_CELLS_ALNUM '\xfb' /* one of 0-9 a-z */

struct nz_cell_pattern {
    struct nz_str coded; /* as in nz_pattern: NZ_PATTERN_MANY, NZ_PATTERN_ONE */
    bool arn;            /* wildcards of the first five fields stop at ":" */
};

/* Patterns that are gathered one by one, each once. */
struct nz_cell_patterns {
    struct nz_cell_pattern list[NZ_CELLS_PATTERNS_MAX];
    uint32_t count;
    bool incomplete; /* there were more */
    bool failed;     /* no memory */
};
void nz_cell_patterns_add(struct nz_cell_patterns *patterns, struct nz_str coded, bool arn, struct nz_arena *keep);

struct nz_cell {
    struct nz_str text;
    uint64_t fits; /* bit i: pattern i */
};

struct nz_cells {
    const struct nz_cell *list;
    uint32_t count;
    bool complete; /* false: a bound was reached, there may be more */
};

/* required: the bits of the patterns that every cell must fit. The cells live in keep. NZ_E_NOMEM. */
NZ_MUST_USE enum nz_err nz_cells_find(const struct nz_cell_pattern *patterns, uint32_t count, uint64_t required,
                                      struct nz_arena *keep, struct nz_cells *out);

#endif
