/* Which rules can match an event, by its eventSource and eventName. Private to sigma.
 *
 *   rule needs               filed under
 *   eventSource, eventName   every pair of its literals
 *   eventName alone          every name
 *   eventSource alone        every source
 *   neither                  the list that every event meets
 *
 * A literal is needed when the condition cannot be true without it: AND takes what a part needs, OR the union when each
 * part needs one, NOT nothing. Keys are hashes of folded text; the rule's own tests decide afterwards. */
#ifndef NZ_SIGMA_INDEX_H
#define NZ_SIGMA_INDEX_H

#include "sigma/set.h"

struct nz_index;

/* Rules of the set that run. Everything is read-only afterwards. */
NZ_MUST_USE enum nz_err nz_index_new(const struct nz_ruleset *rs, struct nz_index **out);
void nz_index_free(struct nz_index *ix); /* NULL is fine */

/* Ascending lists of rule indices, no rule in two of them. */
struct nz_index_span {
    const uint32_t *rules;
    size_t count;
};
#define NZ_INDEX_SPANS 4

/* Takes the smallest rule off the spans; false: there is none left. */
bool nz_index_spans_take(struct nz_index_span spans[NZ_INDEX_SPANS], uint32_t *rule);

/* .p NULL: the event lacks it. */
void nz_index_find(const struct nz_index *ix, struct nz_str source, struct nz_str name,
                   struct nz_index_span out[NZ_INDEX_SPANS]);

/* All rules that run: for an event whose eventSource or eventName is not a text. */
struct nz_index_span nz_index_all(const struct nz_index *ix);

#endif
