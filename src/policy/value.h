/* Values of conditions: texts read as what the operator compares. Private to policy. */
#ifndef NZ_POLICY_VALUE_H
#define NZ_POLICY_VALUE_H

#include "core/buf.h"
#include "core/time.h"

/* A decimal number as AWS writes them: sign, digits, point, digits. Up to 19 digits before the point and 18 behind it. */
struct nz_decimal {
    bool negative;            /* never of zero */
    uint64_t whole, fraction; /* fraction in units of 1e-18 */
};
bool nz_decimal_parse(struct nz_str text, struct nz_decimal *out);
int nz_decimal_cmp(const struct nz_decimal *a, const struct nz_decimal *b);

/* ISO 8601 with a zone ("2026-04-01T00:00:00Z", without seconds, with an offset, a date alone) or seconds since 1970. */
bool nz_policy_time_parse(struct nz_str text, nz_time *out);

/* "true" or "false" in any case. */
bool nz_policy_bool_parse(struct nz_str text, bool *out);

#endif
