/* targets: nz_ruleset_add, nz_ruleset_compile, nz_ruleset_lint   seeds: fuzz/corpus/sigma_rule
 * A rule file of any bytes is loaded or refused, with a place inside the file. */
#include "sigma/lint.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static void on_problem(void *self, bool warning, struct nz_str path, const struct nz_diag *diag)
{
    (void)self;
    (void)warning;
    if (path.n == 0 || diag->code == NZ_OK || diag->line == 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    const struct nz_str admins[] = {{"alice", 5}, {"b*b", 3}};
    const struct nz_placeholder placeholder = {{"admins", 6}, admins, 2};
    struct nz_ruleset_opts opts = {.placeholders = &placeholder, .placeholders_count = 1};
    struct nz_ruleset *rs;
    size_t count;
    if (nz_ruleset_new(&opts, on_problem, NULL, &rs) != NZ_OK)
        return 0;
    if (nz_ruleset_add(rs, NZ_STR("a.yml"), nz_str_of((const char *)p, n)) == NZ_OK &&
        nz_ruleset_compile(rs) == NZ_OK && nz_ruleset_lint(rs, on_problem, NULL, &count) != NZ_OK)
        abort();
    nz_ruleset_free(rs);
    return 0;
}
