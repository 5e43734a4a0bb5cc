/* The modifiers behind a field name: `requestParameters|contains|all`. Private to sigma.
 *
 * modifiers.list holds one line a modifier: identifier, name, group, the groups that may stand before it, and the
 * groups one of which must. What the list does not allow is refused with the place of the modifier at fault.
 * Source: Sigma specification 2.1.0, appendix "modifiers"; pySigma 1.5 where that is silent. */
#ifndef NZ_SIGMA_MODIFIERS_H
#define NZ_SIGMA_MODIFIERS_H

#include "core/diag.h"

enum nz_modifier {
#define NZ_MODIFIER(id, name, group, after, needs) NZ_MODIFIER_##id,
#include "sigma/modifiers.list"
#undef NZ_MODIFIER
    NZ_MODIFIER_COUNT,
};

enum nz_modifier_group {
    NZ_GROUP_PATTERN,
    NZ_GROUP_ALL,
    NZ_GROUP_NEQ,
    NZ_GROUP_CASED,
    NZ_GROUP_EXISTS,
    NZ_GROUP_RE,
    NZ_GROUP_REFLAG,
    NZ_GROUP_CIDR,
    NZ_GROUP_FIELDREF,
    NZ_GROUP_BASE64,
    NZ_GROUP_UTF16,
    NZ_GROUP_WINDASH,
    NZ_GROUP_EXPAND,
    NZ_GROUP_COMPARE,
    NZ_GROUP_TIME,
    NZ_GROUP_COUNT,
};

#define NZ_MODIFIERS_MAX 16u /* in one key */

/* A key taken apart. Views point into the key. */
struct nz_modifiers {
    struct nz_str field; /* empty: keywords */
    enum nz_modifier list[NZ_MODIFIERS_MAX];
    size_t offsets[NZ_MODIFIERS_MAX]; /* of each name in the key */
    size_t count;
    uint32_t groups; /* bit (1 << enum nz_modifier_group) of each group present */
};

const char *nz_modifier_name(enum nz_modifier m);
enum nz_modifier_group nz_modifier_group(enum nz_modifier m);

static inline bool nz_modifiers_have(const struct nz_modifiers *m, enum nz_modifier_group group)
{
    return m->groups >> group & 1;
}

/* Takes the key apart and checks that its modifiers go together. On an error diag->offset is the offset in the key. */
NZ_MUST_USE enum nz_err nz_modifiers_parse(struct nz_str key, struct nz_modifiers *out, struct nz_diag *diag);

#endif
