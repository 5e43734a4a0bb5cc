/* What a rule's author would want to know although the rule is valid: fields that CloudTrail does not have, and
 * selections or whole rules that can never be true, and selections that the condition leaves out. Only rules whose log source is
 * CloudTrail's are looked at.
 *
 *   NZ_E_LINT_FIELD   the place of the field
 *   NZ_E_LINT_NEVER   the place of the item that contradicts, or of the rule when it is the whole condition
 *   NZ_E_LINT_UNUSED  the place of the selection
 *
 * Errors and two documents with one id are reported by nz_ruleset_add and nz_ruleset_compile. What is said is certain:
 * values that CloudTrail writes once a record are told apart from lists; what is not known is not reported. */
#ifndef NZ_SIGMA_LINT_H
#define NZ_SIGMA_LINT_H

#include "sigma/ruleset.h"

/* Wants a compiled set. Every report is a warning, in order of rule keys. *count: how many. Errors: memory only. */
NZ_MUST_USE enum nz_err nz_ruleset_lint(const struct nz_ruleset *rs, nz_rule_problem_fn *report, void *self,
                                        size_t *count);

#endif
