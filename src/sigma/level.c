#include "sigma/ruleset.h"

static const char *const names[] = {"informational", "low", "medium", "high", "critical"};

const char *nz_level_name(enum nz_level level)
{
    return names[level];
}

bool nz_level_parse(struct nz_str name, enum nz_level *out)
{
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (nz_str_eq_nocase(name, nz_str_from_c(names[i]))) {
            *out = (enum nz_level)i;
            return true;
        }
    }
    return false;
}
