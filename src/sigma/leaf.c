#include "sigma/match.h"

#include "sigma/path.h"

#include <stdlib.h>

static void out_of_memory(struct nz_matcher *m)
{
    m->err = NZ_E_NOMEM;
}

static bool add_leaf(void *self, struct nz_json value)
{
    struct nz_matcher *m = self;
    if (m->leaves_count == m->leaves_room) {
        size_t room = m->leaves_room * 2;
        struct nz_leaf *grown = realloc(m->leaves, room * sizeof *grown);
        if (!grown) {
            out_of_memory(m);
            return false;
        }
        m->leaves = grown;
        m->leaves_room = room;
    }
    struct nz_leaf *leaf = &m->leaves[m->leaves_count++];
    leaf->value = value;
    leaf->kind = nz_json_kind(value);
    leaf->has_text = leaf->has_folded = false;
    return true;
}

/* --- keywords: every scalar of the event --- */

/* Recursion goes one level of JSON down each time: at most NZ_JSON_DEPTH_MAX. */
static bool add_scalars(struct nz_matcher *m, struct nz_json v) /* NOLINT(misc-no-recursion) */
{
    enum nz_json_kind kind = nz_json_kind(v);
    if (kind != NZ_JSON_OBJECT && kind != NZ_JSON_ARRAY)
        return add_leaf(m, v);
    struct nz_json_iter it = nz_json_iter(v);
    while (nz_json_next(&it)) {
        if (!add_scalars(m, it.value))
            return false;
    }
    return true;
}

/* --- fields --- */

/* A record of CloudTrail has no dots in its own keys, and then a path's first part is a member whose place is known
 * already. An escape in a key may be a dot. */
static bool has_dotted_keys(struct nz_matcher *m)
{
    if (m->dotted_generation == m->generation)
        return m->dotted;
    m->dotted_generation = m->generation;
    m->dotted = false;
    if (!nz_event_has_others(m->event))
        return false;
    struct nz_json_iter it = nz_json_iter(nz_event_root(m->event));
    while (!m->dotted && nz_json_next(&it))
        m->dotted = it.key.n && (memchr(it.key.p, '.', it.key.n) || memchr(it.key.p, '\\', it.key.n));
    return m->dotted;
}

/* A member of the record itself. */
static bool read_member(struct nz_matcher *m, enum nz_event_field slot)
{
    const struct nz_json v = nz_event_get(m->event, slot);
    const enum nz_json_kind kind = nz_json_kind(v);
    if (kind == NZ_JSON_ARRAY)
        return nz_path_walk_from(v, NZ_STR(""), &m->scratch, add_leaf, m);
    if (kind != NZ_JSON_ABSENT)
        add_leaf(m, v);
    return kind != NZ_JSON_ABSENT;
}

/* What lies inside one. */
static bool read_inside(struct nz_matcher *m, const struct nz_field *field)
{
    const struct nz_str rest = nz_str_skip(field->path, field->slot_bytes + 1);
    struct nz_event_members members;
    if (rest.n == 0)
        return false; /* "a." names nothing */
    if (nz_event_members(m->event, field->slot, &members))
        return nz_path_walk_members(m->event, &members, rest, &m->scratch, add_leaf, m);
    return nz_path_walk_from(nz_event_get(m->event, field->slot), rest, &m->scratch, add_leaf, m);
}

static bool read_field(struct nz_matcher *m, const struct nz_field *field)
{
    bool whole = field->slot_bytes == field->path.n;
    if (field->slot == NZ_FIELD_NONE && !nz_event_has_others(m->event))
        return false;
    if (field->slot == NZ_FIELD_NONE || (!whole && has_dotted_keys(m)))
        return nz_path_walk(m->event, field->path, &m->scratch, add_leaf, m);
    return whole ? read_member(m, field->slot) : read_inside(m, field);
}

const struct nz_field_leaves *nz_match_leaves(struct nz_matcher *m, uint32_t field)
{
    bool keywords = field == NZ_FIELD_KEYWORDS;
    struct nz_field_leaves *f = &m->fields[keywords ? m->rs->fields_count : field];
    if (f->generation == m->generation)
        return f;
    nz_buf_clear(&m->scratch);
    f->generation = m->generation;
    f->first = (uint32_t)m->leaves_count;
    f->exists = keywords ? add_scalars(m, nz_event_root(m->event)) : read_field(m, &m->rs->fields[field]);
    f->count = (uint32_t)m->leaves_count - f->first;
    if (m->scratch.failed)
        out_of_memory(m);
    return f;
}

/* --- texts --- */

static struct nz_str keep_text(struct nz_matcher *m, struct nz_str text)
{
    struct nz_str kept = nz_arena_str(&m->texts, text);
    if (!kept.p || m->scratch.failed)
        out_of_memory(m);
    return kept.p ? kept : NZ_STR("");
}

struct nz_str nz_leaf_text(struct nz_matcher *m, struct nz_leaf *leaf)
{
    if (!leaf->has_text) {
        nz_buf_clear(&m->scratch);
        leaf->text = nz_json_text(leaf->value, &m->scratch);
        if (m->scratch.n || m->scratch.failed)
            leaf->text = keep_text(m, leaf->text);
        leaf->has_text = true;
    }
    return leaf->text;
}

struct nz_str nz_match_fold(struct nz_matcher *m, struct nz_str text)
{
    char *p = nz_arena_alloc(&m->texts, text.n);
    if (!p) {
        out_of_memory(m);
        return NZ_STR("");
    }
    for (size_t i = 0; i < text.n; i++)
        p[i] = (char)nz_ascii_lower((unsigned char)text.p[i]);
    return nz_str_of(p, text.n);
}

struct nz_str nz_leaf_folded(struct nz_matcher *m, struct nz_leaf *leaf)
{
    if (!leaf->has_folded) {
        leaf->folded = nz_match_fold(m, nz_leaf_text(m, leaf));
        leaf->has_folded = true;
    }
    return leaf->folded;
}
