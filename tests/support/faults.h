/* Allocation faults for tests, by link-time wrapping (--wrap). Only the code linked into the test program is wrapped:
 * what shared libraries allocate inside themselves is not seen.
 *
 *     for (unsigned nth = 0; ; nth++) {
 *         nz_fault_arm(nth);
 *         enum nz_err err = thing_under_test();
 *         if (!nz_fault_fired()) break;          // it ran through without needing that many allocations
 *         assert_int_equal(err, NZ_E_NOMEM);
 *         assert_int_equal(nz_live_allocations(), before);
 *     } */
#ifndef NZ_TESTS_FAULTS_H
#define NZ_TESTS_FAULTS_H

#include <stdbool.h>

/* The nth allocation from now (0: the very next) fails, once. */
void nz_fault_arm(unsigned nth);
void nz_fault_disarm(void);
bool nz_fault_fired(void);

/* Blocks allocated and not yet freed. */
long nz_live_allocations(void);

#endif
