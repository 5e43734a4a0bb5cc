/* Names with wildcards, as people write them in a configuration: * any bytes, ? one byte; the whole text must fit. */
#ifndef NZ_CORE_WILDCARD_H
#define NZ_CORE_WILDCARD_H

#include "core/str.h"

/* Time: at most the product of the lengths. */
bool nz_wildcard_matches(struct nz_str pattern, struct nz_str text);
bool nz_wildcard_matches_nocase(struct nz_str pattern, struct nz_str text); /* ASCII letters in either case */

#endif
