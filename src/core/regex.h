/* Regular expressions (PCRE2, compiled by its JIT where the machine has one). Compile once, share between threads;
 * each thread brings its own nz_regex_scratch. Steps are bounded, for each position where a search may begin and, unless
 * the expression holds \G or a verb such as (*COMMIT), for all of them: what runs away gives NZ_E_REGEX_LIMIT, not a
 * hang. Steps and stack are PCRE2's, so where the limit lies depends on its version and on whether it has a JIT. */
#ifndef NZ_CORE_REGEX_H
#define NZ_CORE_REGEX_H

#include "core/diag.h"

#define NZ_REGEX_STEPS_MAX 1000000u                  /* for each position where a search begins */
#define NZ_REGEX_TOTAL_STEPS_MAX ((uint64_t)1 << 31) /* for all of them, counted at most */
#define NZ_REGEX_TEXT_BYTES_MAX ((size_t)1 << 20)    /* a longer text gives NZ_E_REGEX_LIMIT */

struct nz_regex;
struct nz_regex_scratch;

enum nz_regex_flags {
    NZ_REGEX_NOCASE = 1u << 0,
    NZ_REGEX_MULTILINE = 1u << 1,
    NZ_REGEX_DOTALL = 1u << 2,
    NZ_REGEX_LITERAL = 1u << 3,  /* the pattern is plain text: for Unicode case folding */
    NZ_REGEX_ANCHORED = 1u << 4, /* must match the whole text */
};

/* UTF-8, at most 64 KiB. \C is refused; \d, \w, \s mean ASCII, case folding is Unicode's, a line
 * ends at LF. On NZ_E_REGEX diag->offset is the offset in the pattern and the text PCRE2's reason. */
NZ_MUST_USE enum nz_err nz_regex_compile(struct nz_str pattern, unsigned flags, struct nz_regex **out,
                                         struct nz_diag *diag);
void nz_regex_free(struct nz_regex *re); /* NULL is fine */

NZ_MUST_USE enum nz_err nz_regex_scratch_new(struct nz_regex_scratch **out);
void nz_regex_scratch_free(struct nz_regex_scratch *s);

/* Unanchored search. A text that is not UTF-8 matches nothing. NZ_OK with *hit, or NZ_E_REGEX_LIMIT or NZ_E_NOMEM with
 * *hit false. */
NZ_MUST_USE enum nz_err nz_regex_match(const struct nz_regex *re, struct nz_regex_scratch *scratch, struct nz_str text,
                                       bool *hit);

#endif
