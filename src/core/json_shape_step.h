/* The steps of shapes, shared by json_shape.c and the kernels that go along them. Private to core. */
#ifndef NZ_CORE_JSON_SHAPE_STEP_H
#define NZ_CORE_JSON_SHAPE_STEP_H

#include "core/json_shape.h"

#define SHAPE_STEP_BYTES 32u /* what is longer takes several steps */

enum shape_follows {
    SHAPE_TEXT,   /* a string's contents; its quotes belong to the steps */
    SHAPE_NUMBER, /* one without an exponent */
    SHAPE_MORE,   /* another step */
    SHAPE_END,    /* nothing: the object is over */
};

struct shape_step {
    char bytes[SHAPE_STEP_BYTES]; /* n of them, then zeros */
    uint32_t next;                /* the step behind what follows that fitted last; 0: none */
    uint32_t choice;              /* other steps that may stand here, in a ring */
    uint32_t shape;               /* SHAPE_END: its number */
    uint32_t mask;                /* one bit for each of the n */
    uint32_t text_bytes;          /* SHAPE_TEXT: of the last one */
    uint32_t before;              /* the step it stands behind */
    uint8_t n, follows;
    uint8_t common; /* bytes that all steps behind it begin with */
    uint8_t unused[5];
};

_Static_assert(sizeof(struct shape_step) == 64, "a step is a line of the cache");

/* Which of many steps behind one may fit, by the eight bytes where they differ: a guess, and of two that meet here the last. */
#define SHAPE_HINTS 8192u
#define SHAPE_TRIES 256u /* steps are compared where the guess is wrong, before nothing fits */

static inline uint32_t *shape_hint(uint32_t *hints, uint32_t before, const char *differ)
{
    uint64_t word;
    memcpy(&word, differ, sizeof word);
    return &hints[(word ^ (uint64_t)before << 32) * 0x9e3779b97f4a7c15u >> 51];
}

/* Where the values of an object stand: marks[0] is the object itself, then two a value, its first byte and the one behind it. */
#define SHAPE_MARKS_MAX (2 * NZ_JSON_SHAPE_VALUES_MAX + 1)

static inline bool shape_starts_number(char c)
{
    return c == '-' || (unsigned char)(c - '0') < 10;
}

/* The end of a number without an exponent (RFC 8259, section 6), or NULL: also for one that reaches `end`. *p is readable;
 * no other byte at or behind `end` is read. */
const char *nz_json_number_end(const char *p, const char *end);

#endif
