/* One case of `policy eval`: a line with a request and its policies, answered with a line. The format is a contract. */
#ifndef NZ_CLI_POLICY_CASE_H
#define NZ_CLI_POLICY_CASE_H

#include "core/buf.h"
#include "core/diag.h"

#include <stdatomic.h>

/* Compiled policies that a worker keeps, and how much memory they may take, before it forgets them all. */
#define NZ_POLICY_CACHE_ENTRIES_MAX 4096u
#define NZ_POLICY_CACHE_BYTES_MAX ((size_t)16 << 20)

struct nz_policy_cases; /* one a thread */

/* *bad is set when a line is refused. */
NZ_MUST_USE enum nz_err nz_policy_cases_new(atomic_bool *bad, struct nz_policy_cases **out);
void nz_policy_cases_free(struct nz_policy_cases *w); /* NULL is fine */

/* Appends the answer and a line end; a refused line is an answer too. A line of white space gets none. too_long: the line was
 * not kept. NZ_E_NOMEM. */
NZ_MUST_USE enum nz_err nz_policy_case_answer(struct nz_policy_cases *w, struct nz_str line, uint64_t number,
                                              bool too_long, struct nz_buf *out);

#endif
