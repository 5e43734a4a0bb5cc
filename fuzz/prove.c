/* targets: nz_access_prove, nz_access_mistakes_of_user   seeds: fuzz/corpus/prove
 * Of whatever account: each user has an answer, one who passes has no request that gets through, one who fails has. */
#include "access/mistakes.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static struct nz_catalogue *catalogue; /* reading it takes longer than a proof */

static void look_at(const struct nz_access_sets *sets, const struct nz_proofs *proofs, enum nz_prove_kind kind)
{
    struct nz_access_restrictions restrictions;
    struct nz_access_mistakes mistakes;
    struct nz_arena keep;
    nz_arena_init(&keep, 0);
    if (nz_access_restrictions_find(sets, kind, &keep, &restrictions) != NZ_OK)
        abort();
    for (uint32_t i = 0; i < sets->account->principals_count; i++) {
        const struct nz_proof *proof = proofs->of[i];
        if (!proof != (sets->account->principals[i].kind != NZ_ACCESS_USER))
            abort();
        if (!proof)
            continue;
        bool through = proof->witness || proof->escape;
        if ((proof->status == NZ_PROOF_PASS && through) || (proof->status == NZ_PROOF_FAIL && !proof->witness) ||
            (proof->status == NZ_PROOF_PARTIAL && !through))
            abort();
        if (proof->actions_open > proof->actions)
            abort();
        if (nz_access_mistakes_of_user(sets, proofs, &restrictions, i, &keep, &mistakes) != NZ_OK)
            abort();
    }
    nz_arena_release(&keep);
}

static void prove(const struct nz_access_sets *sets, enum nz_prove_kind kind)
{
    struct nz_cidr net;
    struct nz_proofs *proofs;
    struct nz_diag diag = NZ_DIAG_INIT;
    struct nz_prove_question question = {.kind = kind, .allowed = {&net, 1}};
    if (!nz_cidr_parse(NZ_STR("203.0.113.0/24"), &net))
        abort();
    enum nz_err err = nz_access_prove(sets, catalogue, &question, &proofs, &diag);
    if (err == NZ_E_REQUEST || err == NZ_E_POLICY_LIMIT) /* names too long to ask with */
        return;
    if (err != NZ_OK)
        abort();
    look_at(sets, proofs, kind);
    nz_proofs_free(proofs);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    struct nz_account *account;
    struct nz_access_sets *sets;
    struct nz_diag diag = NZ_DIAG_INIT;
    if (!catalogue && nz_catalogue_open(&catalogue, &diag) != NZ_OK)
        abort();
    if (n > 4096 || nz_account_read(nz_str_of((const char *)p, n), &account, &diag) != NZ_OK)
        return 0;
    if (nz_access_sets_build(account, &sets) != NZ_OK)
        abort();
    prove(sets, NZ_PROVE_SOURCE_IP);
    prove(sets, NZ_PROVE_MFA);
    nz_access_sets_free(sets);
    nz_account_free(account);
    return 0;
}
