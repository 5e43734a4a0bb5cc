/* The rules that come with nezuban: the files of rules/, built into the program so that it needs no folder to find. */
#ifndef NZ_DETECT_BUILTIN_H
#define NZ_DETECT_BUILTIN_H

#include "core/str.h"

struct nz_builtin_rule {
    struct nz_str path; /* "rules/root_use.yml" */
    struct nz_str text;
};

extern const struct nz_builtin_rule nz_builtin_rules[];
extern const size_t nz_builtin_rules_count;

#endif
