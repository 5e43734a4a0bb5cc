/* Included by every kernel: one bit a byte, bit 0 the first. */
#ifndef NZ_CORE_JSON_KERNEL_MASKS_H
#define NZ_CORE_JSON_KERNEL_MASKS_H

#include <stdint.h>

struct masks {
    uint64_t backslash, quote;
    uint64_t op;      /* { } [ ] : , */
    uint64_t space;   /* space, tab, line feed, carriage return: RFC 8259, section 2 */
    uint64_t control; /* below U+0020 */
    uint64_t high;    /* not ASCII */
};

#endif
