/* From a value as written to the tests it stands for:
 *
 *   "*-enc ${x}*"  --read-->  FF "-enc ${x}" FF  --modifiers-->  one or more texts  --nz_test_make-->  tests
 *
 * Private to sigma. */
#ifndef NZ_SIGMA_VALUE_H
#define NZ_SIGMA_VALUE_H

#include "sigma/modifiers.h"
#include "sigma/rule.h"

#define NZ_TEXTS_BYTES_MAX ((size_t)4 << 20) /* all alternatives of one value together */

/* The alternatives of one value while modifiers are applied; lives in `scratch`. */
struct nz_texts {
    struct nz_arena *scratch;
    struct nz_str *list;
    size_t count, room, bytes;
    bool binary; /* UTF-16 inside: the wildcard bytes are only bytes */
};

NZ_MUST_USE enum nz_err nz_texts_add(struct nz_texts *t, struct nz_str text, struct nz_diag *diag);

/* The escapes of the specification resolved; wildcards become NZ_WILD_ANY and NZ_WILD_ONE. Lives in scratch; .p NULL
 * when memory is out. */
struct nz_str nz_text_read(struct nz_arena *scratch, struct nz_str written);

/* One step of the groups PATTERN, BASE64, UTF16, WINDASH: replaces *t. */
NZ_MUST_USE enum nz_err nz_texts_transform(struct nz_texts *t, enum nz_modifier step, struct nz_diag *diag);

/* expand: %name% becomes each of its values; several placeholders give all combinations. is_regex: the values are
 * quoted. On an error diag->offset is the offset in `written`. */
NZ_MUST_USE enum nz_err nz_texts_expand(struct nz_texts *t, const struct nz_ruleset *rs, struct nz_str written,
                                        bool is_regex, struct nz_diag *diag);

/* The test of one text (as nz_text_read gives it, not binary). */
NZ_MUST_USE enum nz_err nz_test_make(struct nz_rule_parser *p, struct nz_str text, bool cased, struct nz_test *out);

/* The value with all its tests. */
NZ_MUST_USE enum nz_err nz_value_make(struct nz_rule_parser *p, const struct nz_modifiers *m,
                                      const struct nz_yaml *node, struct nz_value *out);

#endif
