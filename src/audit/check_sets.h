/* Sets of checks, by which an audit is narrowed: those of check_sets.list, and what a check's id says by itself.
 *
 *     "cis"               a set's name: the checks that have a number in that benchmark
 *     "iam-password-*"    checks by their ids
 *
 * region-access is judged with any check of the services, as they say nothing of a closed region and leave it to it; and
 * exception-expired always. */
#ifndef NZ_AUDIT_CHECK_SETS_H
#define NZ_AUDIT_CHECK_SETS_H

#include "audit/check.h"

struct nz_check_set {
    const char *name;
    const char *what;   /* N_() */
    const char *checks; /* patterns of ids, a space between them */
};

/* In the order of check_sets.list; ends with a name of NULL. */
extern const struct nz_check_set nz_check_sets[];

/* A set's name, or a pattern that fits some check. */
bool nz_check_set_is_known(struct nz_str name);
/* Whether one of the names takes in the check; without names all are. */
bool nz_check_sets_take(const struct nz_str *names, size_t count, const struct nz_check *check);
/* How many checks the set names. */
size_t nz_check_set_count(const struct nz_check_set *set);

#endif
