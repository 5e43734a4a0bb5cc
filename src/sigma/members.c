#include "sigma/members.h"

#include "core/text.h"

static const struct {
    struct nz_str path;
    enum nz_member_kind kind;
} members[] = {
#define NZ_MEMBER(path, kind) {{path, sizeof(path) - 1}, NZ_MEMBER_##kind},
#include "sigma/members.list"
#undef NZ_MEMBER
};
#define MEMBERS_COUNT (sizeof members / sizeof members[0])

/* `inner` is below `outer`: "a.b" below "a". */
static bool is_below(struct nz_str inner, struct nz_str outer)
{
    return inner.n > outer.n && inner.p[outer.n] == '.' && nz_str_starts_with(inner, outer);
}

/* Not members of files that wrap records, which events/fields.list has for their own sake. */
static bool is_top_level(const struct nz_field *field)
{
    static const enum nz_event_field wraps[] = {NZ_FIELD_WRAPPED_RECORDS,    NZ_FIELD_WRAPPED_EVENTS,
                                                NZ_FIELD_WRAPPED_LOG_EVENTS, NZ_FIELD_WRAPPED_FILTERED_EVENTS,
                                                NZ_FIELD_WRAPPED_DETAIL,     NZ_FIELD_NONE};
    for (size_t i = 0; i < sizeof wraps / sizeof wraps[0]; i++) {
        if (field->slot == wraps[i])
            return false;
    }
    return true;
}

enum nz_member_kind nz_member_kind(const struct nz_field *field)
{
    if (!is_top_level(field))
        return NZ_MEMBER_NONE;
    for (size_t i = 0; i < MEMBERS_COUNT; i++) {
        if (nz_str_eq(members[i].path, field->path) || is_below(members[i].path, field->path))
            return members[i].kind;
        if (members[i].kind == NZ_MEMBER_OPEN && is_below(field->path, members[i].path))
            return NZ_MEMBER_OPEN;
    }
    return field->slot_bytes == field->path.n ? NZ_MEMBER_LEAF : NZ_MEMBER_NONE;
}

struct nz_str nz_member_hint(struct nz_str path)
{
    for (size_t i = 0; i < MEMBERS_COUNT; i++) {
        if (nz_str_eq_nocase(members[i].path, path))
            return members[i].path;
    }
    for (size_t i = 0; i < NZ_FIELD_COUNT; i++) {
        struct nz_str name = nz_event_field_names()[i];
        if (nz_str_eq_nocase(name, path) && !nz_str_eq(name, path))
            return name;
    }
    return nz_str_of(NULL, 0);
}

const char *nz_member_near(struct nz_str path)
{
    const char *names[MEMBERS_COUNT + NZ_FIELD_COUNT];
    size_t count = 0;
    for (size_t i = 0; i < MEMBERS_COUNT; i++)
        names[count++] = members[i].path.p;
    for (size_t i = 0; i < NZ_FIELD_COUNT; i++) {
        if (is_top_level(&(struct nz_field){.slot = (enum nz_event_field)i}))
            names[count++] = nz_event_field_names()[i].p;
    }
    return nz_text_nearest(path, names, count);
}
