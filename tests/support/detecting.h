/* Rules on records, without files, threads and output: for tests of rules and correlations. */
#ifndef NZ_TESTS_DETECTING_H
#define NZ_TESTS_DETECTING_H

#include "sigma/correlate.h"

/* Prints every problem, then aborts the test program when there was an error. */
struct nz_ruleset *nz_test_rules(const struct nz_str *texts, const struct nz_str *paths, size_t count);

struct nz_test_detecting {
    size_t memory_bytes;
    /* Called for each finding of a detection rule that is not silent; may be NULL. */
    void (*finding)(void *self, const struct nz_rule *rule);
    nz_correlation_fn *alert;
    void *self;
    uint64_t skipped; /* set */
};

/* jsonl: one record a line; memory out is an error, anything else that goes wrong aborts. */
enum nz_err nz_test_detect(struct nz_test_detecting *d, const struct nz_ruleset *rs, struct nz_str jsonl);

#endif
