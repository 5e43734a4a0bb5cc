/* Going along the steps of shapes: the part that all kernels share. The including file defines, before:
 *     static inline uint32_t shape_same(const char *p, const char *q);  of 32 bytes: one bit for each that is equal
 *     static inline uint32_t shape_stops(const char *p);                one for each that may end a text: a quote, a
 *                                                                       backslash, a control character, one not ASCII
 *     KERNEL_SHAPE                                                      name of the function */
#include "core/json_shape_step.h"

/* A text with escapes, or characters that are not ASCII. p: the first of them. Returns its closing quote, or NULL. */
static __attribute__((noinline)) const char *shape_special_end(const char *text, const char *p, const char *end)
{
    bool high = false;
    while (p < end && *p != '"') {
        unsigned char byte = (unsigned char)*p;
        if (byte < 0x20 || (byte == '\\' && !nz_json_index_escape_is_plain(p + 1)))
            return NULL;
        high |= byte > 0x7f;
        p += byte == '\\' ? 2 : 1;
        while (p < end && !shape_stops(p))
            p += 32;
        if (p < end)
            p += __builtin_ctz(shape_stops(p));
    }
    if (p >= end || (high && nz_utf8_valid_bytes(nz_str_of(text, (size_t)(p - text))) != (size_t)(p - text)))
        return NULL;
    return p;
}

/* Its closing quote, or NULL. */
static inline const char *shape_text_end(const char *p, const char *end)
{
    const char *text = p;
    uint32_t stops;
    while (__builtin_expect((stops = shape_stops(p)) == 0, 0)) {
        p += 32;
        if (p >= end)
            return NULL;
    }
    p += __builtin_ctz(stops);
    return __builtin_expect(*p == '"', 1) ? p : shape_special_end(text, p, end);
}

static inline bool shape_fits(const struct shape_step *step, const char *p)
{
    return (~shape_same(p, step->bytes) & step->mask) == 0 &&
           (step->follows != SHAPE_NUMBER || shape_starts_number(p[step->n]));
}

/* Most texts are as long as the one that stood there in the object before. When this one is, where it ends is taken from
 * there, so that the processor, which guesses the branch, need not wait for the search before it goes on. Without the empty
 * asm the compiler sees that both are equal there, and takes the one that is waited for. */
static inline const char *shape_text_step(struct shape_step *step, const char *p, const char *end)
{
    const char *found = shape_text_end(p, end);
    if (!found)
        return NULL;
    const uint32_t bytes = (uint32_t)(found - p), guessed = step->text_bytes;
    uint32_t same = guessed;
    __asm__("" : "+r"(same));
    if (__builtin_expect(bytes == guessed, 1))
        return p + same;
    step->text_bytes = bytes;
    return found;
}

/* Not the step that fitted last: another one behind the same step, or NULL. */
static __attribute__((noinline)) struct shape_step *shape_other(struct shape_step *steps, uint32_t *hints,
                                                                struct shape_step *before, const char *p)
{
    const uint32_t number = (uint32_t)(before - steps), first = before->next;
    uint32_t *hint = shape_hint(hints, number, p + before->common), at = *hint;
    if (steps[at].before != number || !shape_fits(&steps[at], p)) {
        uint32_t left = SHAPE_TRIES;
        at = steps[first].choice;
        while (at != first && !shape_fits(&steps[at], p))
            at = --left ? steps[at].choice : first;
        if (at == first)
            return NULL;
        *hint = at;
    }
    before->next = at;
    return &steps[at];
}

/* The path that fits the object at bytes[from]: its last step, with the marks of the values on the way. `end`: behind
 * all bytes. A value that reaches it is none: so of what stands behind at most 96 bytes are read.
 * NULL: there is none. The first mark is then where what fits nowhere begins, or UINT32_MAX: what fitted had a wrong value. */
static const struct shape_step *KERNEL_SHAPE(struct shape_step *steps, uint32_t *hints, const char *bytes,
                                             uint32_t from, const char *end, uint32_t *marks)
{
    uint32_t *const misfit = marks;
    struct shape_step *before = steps;
    const char *p = bytes + from;
    *marks++ = from;
    while (p < end) {
        struct shape_step *step = &steps[before->next];
        if (__builtin_expect(!shape_fits(step, p), 0) && !(step = shape_other(steps, hints, before, p))) {
            *misfit = marks[-1];
            return NULL;
        }
        before = step;
        p += step->n;
        if (__builtin_expect(step->follows == SHAPE_TEXT, 1)) {
            *marks++ = (uint32_t)(p - bytes);
            p = shape_text_step(step, p, end);
        } else if (step->follows == SHAPE_NUMBER) {
            *marks++ = (uint32_t)(p - bytes);
            p = nz_json_number_end(p, end);
        } else if (step->follows == SHAPE_MORE) {
            continue;
        } else if (p <= end) {
            return step;
        } else {
            break;
        }
        if (!p)
            break;
        *marks++ = (uint32_t)(p - bytes);
    }
    *misfit = UINT32_MAX;
    return NULL;
}
