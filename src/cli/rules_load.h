/* Sigma rules from files, folders or the program itself, for every command that needs them. */
#ifndef NZ_CLI_RULES_LOAD_H
#define NZ_CLI_RULES_LOAD_H

#include "cli/cli.h"

#define NZ_RULES_BUILTIN "builtin" /* among the folders: the rules that come with nezuban */

/* Loads every *.yml and *.yaml under the folders (a file named itself, whatever its name), in order of their paths, or
 * the built-in rules when there are none, and compiles them. Refused rules are reported and count for the exit status;
 * the others go on. On an error (reported) *out is NULL. */
NZ_MUST_USE enum nz_err nz_rules_load(struct nz_cli *cli, const struct nz_opt_list *folders, enum nz_level min_level,
                                      const struct nz_opt_list *expand, struct nz_ruleset **out);

/* The same, but what is wrong with rules goes to problem(self, …) and does not count by itself. */
NZ_MUST_USE enum nz_err nz_rules_load_with(struct nz_cli *cli, const struct nz_opt_list *folders,
                                           enum nz_level min_level, const struct nz_opt_list *expand,
                                           nz_rule_problem_fn *problem, void *self, struct nz_ruleset **out);

/* One rule that is tried: a file, or the id, name or title of one of those that nz_rules_load would load; with what it reads.
 * A file is loaded alone, and with the others only when it reads rules that are not in it. NZ_E_NOT_FOUND (reported) when it
 * names none. */
NZ_MUST_USE enum nz_err nz_rules_load_tried(struct nz_cli *cli, const struct nz_opt_list *folders, const char *rule,
                                            const struct nz_opt_list *expand, struct nz_ruleset **out);

/* The name of a loaded rule that was most likely meant, in the arena of cli, or NULL. */
const char *nz_rules_nearest(struct nz_cli *cli, const struct nz_ruleset *rules, struct nz_str name);

#endif
