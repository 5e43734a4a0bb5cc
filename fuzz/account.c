/* targets: nz_account_read, nz_account_find, nz_access_statement_place   seeds: fuzz/corpus/account
 * Whatever was read: each principal is found by its ARN, each policy is there or says why not, each place is in the text. */
#include "access/account.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static void look_at_grant(const struct nz_account *a, const struct nz_access_grant *grant)
{
    uint32_t line, column, count;
    if (!grant->document || !grant->document->policy == !grant->document->problem)
        abort();
    count = grant->document->policy ? nz_policy_statements(grant->document->policy) : 0;
    for (uint32_t i = 0; i <= count; i++) {
        if (nz_access_statement_place(a, grant, i, &line, &column) &&
            (line == 0 || column == 0 || line > a->text.n + 1))
            abort();
    }
}

static void look_at(const struct nz_account *a, uint32_t at)
{
    const struct nz_access_principal *who = &a->principals[at];
    uint32_t found;
    if (nz_account_find(a, who->arn, &found, NULL) != NZ_OK || found != at)
        abort();
    for (uint32_t i = 0; i < who->grants_count; i++)
        look_at_grant(a, &who->grants[i]);
    for (uint32_t i = 0; i < who->groups_count; i++) {
        if (!who->groups[i].group == !who->groups[i].missing)
            abort();
    }
    if (who->has_boundary)
        look_at_grant(a, &who->boundary);
    if (who->kind == NZ_ACCESS_ROLE)
        look_at_grant(a, &who->trust);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    struct nz_account *account;
    struct nz_diag diag = NZ_DIAG_INIT;
    enum nz_err err = nz_account_read(nz_str_of((const char *)p, n), &account, &diag);
    if (err != NZ_OK && (account || diag.code != err))
        abort();
    if (err != NZ_OK)
        return 0;
    for (uint32_t i = 0; i < account->principals_count; i++)
        look_at(account, i);
    for (uint32_t i = 0; i < account->groups_count; i++) {
        for (uint32_t k = 0; k < account->groups[i].grants_count; k++)
            look_at_grant(account, &account->groups[i].grants[k]);
    }
    nz_account_free(account);
    return 0;
}
