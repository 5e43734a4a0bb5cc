/* Texts of a policy that are compared with texts of a request. Private to policy.
 *
 * A pattern is compiled to bytes in which two that UTF-8 never has stand for the wildcards:
 *
 *   policy   logs-?_${aws:username}_${*}*
 *   parts    "logs-" ONE "_"   variable aws:username   "_*" MANY
 *
 * so what a variable or an escape (${*} ${?} ${$}) puts in is never taken for a wildcard.
 * Source: IAM User Guide, "IAM policy elements: Variables and tags". */
#ifndef NZ_POLICY_PATTERN_H
#define NZ_POLICY_PATTERN_H

#include "core/arena.h"
#include "core/buf.h"
#include "policy/arn.h"

/* Longer ones, which only variables can make, match nothing: AWS's longest ARN has 2,048 bytes. */
#define NZ_PATTERN_BYTES_MAX 4096u

#define NZ_PATTERN_MANY '\xff' /* any characters, none among them */
#define NZ_PATTERN_ONE '\xfe'  /* one character, of any number of bytes */

enum nz_pattern_shape {
    NZ_PATTERN_EXACT,
    NZ_PATTERN_ANY,    /* MANY alone */
    NZ_PATTERN_PREFIX, /* bytes, then one MANY */
    NZ_PATTERN_GLOB,
    NZ_PATTERN_VARIABLE, /* has parts; coded is empty */
};

struct nz_pattern_part {
    struct nz_str text; /* coded bytes, or a variable's key in lower case */
    bool variable, has_default;
    struct nz_str fallback; /* its default, taken literally */
};

struct nz_pattern {
    struct nz_str coded; /* PREFIX: without the MANY */
    enum nz_pattern_shape shape;
    uint32_t parts_count;
    const struct nz_pattern_part *parts;
};

/* wildcards: * and ? are such, else themselves. variables: ${...} is one (Version 2012-10-17), else text.
 * Everything lands in keep. False: no memory. */
bool nz_pattern_compile(struct nz_arena *keep, struct nz_str text, bool wildcards, bool variables,
                        struct nz_pattern *out);

/* As nz_pattern_compile for bytes that are coded already. Borrows them. */
struct nz_pattern nz_pattern_of(struct nz_str coded);

/* The pattern's bytes with its wildcards. Not for NZ_PATTERN_VARIABLE. */
void nz_pattern_append_coded(const struct nz_pattern *p, struct nz_buf *out);

/* Not for NZ_PATTERN_VARIABLE. */
bool nz_pattern_match_glob(struct nz_str coded, struct nz_str text);
static inline bool nz_pattern_match(const struct nz_pattern *p, struct nz_str text)
{
    switch (p->shape) {
    case NZ_PATTERN_EXACT:
        return nz_str_eq(p->coded, text);
    case NZ_PATTERN_ANY:
        return true;
    case NZ_PATTERN_PREFIX:
        return nz_str_starts_with(text, p->coded);
    case NZ_PATTERN_GLOB:
        return nz_pattern_match_glob(p->coded, text);
    case NZ_PATTERN_VARIABLE:
        break;
    }
    return false;
}

#endif
