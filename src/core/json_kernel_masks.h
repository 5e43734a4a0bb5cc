/* Included by every kernel: one bit a byte, bit 0 the first. */
#ifndef NZ_CORE_JSON_KERNEL_MASKS_H
#define NZ_CORE_JSON_KERNEL_MASKS_H

#include <stdbool.h>
#include <stdint.h>

struct masks {
    uint64_t backslash, quote;
    uint64_t op;      /* { } [ ] : , */
    uint64_t space;   /* space, tab, line feed, carriage return: RFC 8259, section 2 */
    uint64_t control; /* below U+0020 */
    uint64_t high;    /* not ASCII */
};

/* For the skim (core/json_skim.h). */
struct skim_masks {
    uint64_t quote, comma, colon;
    uint64_t bracket; /* { } [ ] and perhaps Y y _ and DEL, which are no tokens: whoever visits them looks */
    bool special;     /* there is a backslash, a control character or one that is not ASCII */
};

#endif
