/* Decimal numbers compared exactly, whatever their length: 1e2 equals 100, and 9007199254740993 is not
 * 9007199254740992. Private to sigma. */
#ifndef NZ_SIGMA_NUMBER_H
#define NZ_SIGMA_NUMBER_H

#include "core/str.h"

/* value = sign 0.DIGITS x 10^exponent; the digits are two views into the text that was parsed, without zeros at either
 * end. Zero has no digits. */
struct nz_number {
    struct nz_str head, tail; /* before and after the point */
    int64_t exponent;
    bool negative;
};

/* [+-] digits [. digits] [e [+-] digits], at most NZ_NUMBER_BYTES_MAX bytes; false on anything else. Views into text. */
#define NZ_NUMBER_BYTES_MAX 1024u
bool nz_number_parse(struct nz_str text, struct nz_number *out);

/* The nearest double, to within its last bit; overflows to infinity. Does not look at the locale. */
double nz_number_to_double(const struct nz_number *a);

int nz_number_cmp(const struct nz_number *a, const struct nz_number *b); /* <0, 0, >0 */

#endif
