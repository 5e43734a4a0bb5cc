/* What people get wrong in policies that restrict by source IP or by MFA, seen in one statement. What only an account shows (who
 * has the policy, what else grants) is access/mistakes.h.
 * Source: IAM User Guide, "AWS: Denies access to AWS based on the source IP", "AWS: Allows MFA-authenticated IAM users to manage
 * their own credentials", "AWS global condition context keys"; Access Analyzer's policy checks. */
#ifndef NZ_POLICY_MISTAKES_H
#define NZ_POLICY_MISTAKES_H

#include "policy/networks.h"
#include "policy/policy.h"

enum nz_mistake_question { NZ_MISTAKE_OF_SOURCE_IP, NZ_MISTAKE_OF_MFA };

enum nz_mistake {
#define NZ_MISTAKE(name, id, question, what, fix) NZ_MISTAKE_##name,
#include "policy/mistakes.list"
#undef NZ_MISTAKE
    NZ_MISTAKES
};

struct nz_mistake_text {
    const char *id;
    enum nz_mistake_question question;
    const char *what, *fix; /* N_() */
};
const struct nz_mistake_text *nz_mistake_text(enum nz_mistake mistake);

/* The mistakes of one statement as bits 1 << nz_mistake; ALLOW_ONLY and ALLOW_BOOL say that it is such an Allow, whether it
 * harms depends on what else there is. */
uint64_t nz_policy_mistakes(const struct nz_policy *policy, uint32_t statement, enum nz_mistake_question question);

/* Does it deny by address (NotIpAddress on aws:SourceIp), or who is without MFA, however well? */
bool nz_policy_restricts(const struct nz_policy *policy, uint32_t statement, enum nz_mistake_question question);
/* Does the statement list, for aws:SourceIp, a network that holds one of these? */
bool nz_policy_lists_any(const struct nz_policy *policy, uint32_t statement, struct nz_network_list nets);
/* Do two such denies list the same networks? */
bool nz_policy_same_networks(const struct nz_policy *a, uint32_t statement_a, const struct nz_policy *b,
                             uint32_t statement_b);
/* Is there an Allow? */
bool nz_policy_allows_something(const struct nz_policy *policy);

#endif
