#include "sigma/modifiers.h"

#define M(group) (1u << NZ_GROUP_##group)
/* The list modifiers say how values combine, so they may stand among any others. */
#define ANY_LIST (M(ALL) | M(NEQ))
/* What turns a text into another text and may be followed by a step of the same kind. */
#define TEXT_STEP (M(PATTERN) | M(CASED) | M(BASE64) | M(UTF16) | M(WINDASH) | M(EXPAND))
/* specification: `exists` stands alone */
#define ANYTHING (((1u << NZ_GROUP_COUNT) - 1) & ~M(EXISTS))

static const struct {
    const char *name;
    enum nz_modifier_group group;
    uint32_t after; /* groups that may stand before it */
    uint32_t needs; /* one of these must stand before it; 0: none */
} table[] = {
#define NZ_MODIFIER(id, name, group, after, needs) {name, NZ_GROUP_##group, after, needs},
#include "sigma/modifiers.list"
#undef NZ_MODIFIER
};

const char *nz_modifier_name(enum nz_modifier m)
{
    return table[m].name;
}

enum nz_modifier_group nz_modifier_group(enum nz_modifier m)
{
    return table[m].group;
}

static bool find(struct nz_str name, enum nz_modifier *out)
{
    for (size_t i = 0; i < NZ_MODIFIER_COUNT; i++) {
        if (nz_str_eq(name, nz_str_from_c(table[i].name))) {
            *out = (enum nz_modifier)i;
            return true;
        }
    }
    return false;
}

static enum nz_err misplaced(const struct nz_modifiers *m, enum nz_modifier next, size_t offset, struct nz_diag *diag)
{
    for (size_t i = 0; i < m->count; i++) {
        if (m->list[i] == next)
            return nz_diag_offset(diag, NZ_E_RULE_MODIFIER, offset, "'%s' stands twice", table[next].name);
        if (!(table[next].after >> table[m->list[i]].group & 1))
            return nz_diag_offset(diag, NZ_E_RULE_MODIFIER, offset, "'%s' cannot stand after '%s'", table[next].name,
                                  table[m->list[i]].name);
    }
    if (table[next].needs && !(table[next].needs & m->groups))
        return nz_diag_offset(diag, NZ_E_RULE_MODIFIER, offset, "'%s' only goes with 're'", table[next].name);
    return NZ_OK;
}

static enum nz_err add(struct nz_modifiers *m, struct nz_str name, size_t offset, struct nz_diag *diag)
{
    enum nz_modifier next;
    if (!find(name, &next))
        return nz_diag_offset(diag, NZ_E_RULE_MODIFIER, offset, "unknown modifier '%.*s'",
                              (int)(name.n < 64 ? name.n : 64), name.p);
    enum nz_err err = misplaced(m, next, offset, diag);
    if (err)
        return err;
    if (m->count == NZ_MODIFIERS_MAX)
        return nz_diag_offset(diag, NZ_E_RULE_LIMIT, offset, "more than %u modifiers", NZ_MODIFIERS_MAX);
    m->list[m->count] = next;
    m->offsets[m->count++] = offset;
    m->groups |= 1u << table[next].group;
    return NZ_OK;
}

/* What no order of two can tell: a field that is needed, a step that must still come. */
static enum nz_err check_whole(const struct nz_modifiers *m, struct nz_diag *diag)
{
    static const uint32_t need_field = M(EXISTS) | M(CIDR) | M(FIELDREF) | M(COMPARE) | M(TIME);
    for (size_t i = 0; i < m->count; i++) {
        enum nz_modifier_group group = table[m->list[i]].group;
        if (m->field.n == 0 && need_field >> group & 1)
            return nz_diag_offset(diag, NZ_E_RULE_MODIFIER, m->offsets[i], "'%s' needs a field name",
                                  table[m->list[i]].name);
        /* specification: utf16le, wide, utf16be, utf16 are "only used in combination with base64 modifiers" */
        if (group == NZ_GROUP_UTF16 && !nz_modifiers_have(m, NZ_GROUP_BASE64))
            return nz_diag_offset(diag, NZ_E_RULE_MODIFIER, m->offsets[i],
                                  "'%s' must be followed by 'base64' or "
                                  "'base64offset'",
                                  table[m->list[i]].name);
    }
    return NZ_OK;
}

enum nz_err nz_modifiers_parse(struct nz_str key, struct nz_modifiers *out, struct nz_diag *diag)
{
    *out = (struct nz_modifiers){0};
    size_t bar = nz_str_find(key, NZ_STR("|"));
    out->field = nz_str_head(key, bar);
    while (bar < key.n) {
        size_t from = bar + 1;
        struct nz_str rest = nz_str_skip(key, from);
        size_t n = nz_str_find(rest, NZ_STR("|"));
        enum nz_err err = add(out, nz_str_head(rest, n), from, diag);
        if (err)
            return err;
        bar = n == SIZE_MAX ? key.n : from + n;
    }
    return check_whole(out, diag);
}
