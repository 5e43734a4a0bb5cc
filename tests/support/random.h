/* Numbers and changes that look like chance and are the same in every run. */
#ifndef NZ_TESTS_RANDOM_H
#define NZ_TESTS_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* The next of a row (xorshift64). *seed: not 0; it goes on from there. */
uint64_t nz_random_next(uint64_t *seed);

/* One byte of a JSON object changed, taken out or put in, most of them such as have a meaning in JSON; not the first byte. bytes has
 * room for one more than *n. */
void nz_random_change_json(char *bytes, size_t *n, uint64_t *seed);

#endif
