/* `detect --dry-run RULE`: how often a rule would have hit, by day, instead of what it found. */
#ifndef NZ_CLI_DETECT_DRY_RUN_H
#define NZ_CLI_DETECT_DRY_RUN_H

#include "cli/detect_render.h"

struct nz_dry_run;

/* rules: compiled, borrowed. Those that give findings are counted, and told also when they never hit. NZ_E_NOMEM. */
NZ_MUST_USE enum nz_err nz_dry_run_new(const struct nz_ruleset *rules, struct nz_dry_run **out);
void nz_dry_run_free(struct nz_dry_run *run); /* NULL is fine */

/* The day is that of the event, in UTC; of a correlation that of its first event. */
NZ_MUST_USE enum nz_err nz_dry_run_add(struct nz_dry_run *run, const struct nz_detection *finding);

/* A table with a bar a day, or one JSON document:
 * {"rules":[{"rule_id","title","level","hits","days":[{"day","hits"}]}],"summary":{"files","records","hidden"}}
 * A day without a hit between two that have some is told as 0; hits without a time have the day null. Text of rules and
 * logs is escaped for its medium. */
NZ_MUST_USE enum nz_err nz_dry_run_print_table(const struct nz_dry_run *run, struct nz_cli *cli,
                                               const struct nz_detect_summary *summary);
NZ_MUST_USE enum nz_err nz_dry_run_print_json(const struct nz_dry_run *run, struct nz_cli *cli,
                                              const struct nz_detect_summary *summary);

#endif
