#include "sigma/path.h"

/* Arrays and parts together: what recursion costs is bounded by the record's nesting. */
struct walk {
    struct nz_buf *scratch;
    nz_path_visit_fn *visit;
    void *self;
    bool exists, stopped;
};

/* Bytes of the rest of the path that a key stands for: all of it, or up to a dot. 0: the key is none of them. */
static size_t key_covers(struct nz_str key, struct nz_str path)
{
    if (!nz_str_starts_with(path, key) || key.n == 0)
        return 0;
    return key.n == path.n || (path.p[key.n] == '.' && key.n + 1 < path.n) ? key.n : 0;
}

static size_t raw_key_covers(struct nz_str raw, struct nz_str path, struct nz_buf *scratch)
{
    /* most keys begin otherwise, and an escape that could hide it would begin them */
    if (raw.n == 0 || (raw.p[0] != path.p[0] && raw.p[0] != '\\'))
        return 0;
    if (!memchr(raw.p, '\\', raw.n))
        return key_covers(raw, path);
    size_t from = scratch->n;
    nz_json_unescape(raw, scratch);
    size_t covers = scratch->failed ? 0 : key_covers(nz_str_of(scratch->p + from, scratch->n - from), path);
    scratch->n = from;
    return covers;
}

/* The member whose key covers most of the path; of equal keys the last one (core/json.h). */
static struct nz_json best_member(struct nz_json object, struct nz_str path, struct nz_buf *scratch, size_t *covers)
{
    struct nz_json best = {0};
    *covers = 0;
    struct nz_json_iter it = nz_json_iter(object);
    while (nz_json_next(&it)) {
        size_t n = raw_key_covers(it.key, path, scratch);
        if (n && n >= *covers) {
            *covers = n;
            best = it.value;
        }
    }
    return best;
}

static void arrive(struct walk *w, struct nz_json v)
{
    w->exists = true;
    if (!w->visit(w->self, v))
        w->stopped = true;
}

/* Recursion goes one level of JSON down each time: at most NZ_JSON_DEPTH_MAX. */
static void step(struct walk *w, struct nz_json v, struct nz_str path) /* NOLINT(misc-no-recursion) */
{
    enum nz_json_kind kind = nz_json_kind(v);
    if (kind == NZ_JSON_ARRAY) {
        w->exists |= path.n == 0;
        struct nz_json_iter it = nz_json_iter(v);
        while (!w->stopped && nz_json_next(&it))
            step(w, it.value, path);
        return;
    }
    if (path.n == 0) {
        arrive(w, v);
        return;
    }
    if (kind != NZ_JSON_OBJECT)
        return;
    size_t covers;
    struct nz_json member = best_member(v, path, w->scratch, &covers);
    if (covers)
        step(w, member, nz_str_skip(path, covers == path.n ? covers : covers + 1));
}

bool nz_path_walk(const struct nz_event *ev, struct nz_str path, struct nz_buf *scratch, nz_path_visit_fn *visit,
                  void *self)
{
    struct walk w = {.scratch = scratch, .visit = visit, .self = self};
    /* a record is an object; a path without a byte names nothing */
    if (path.n)
        step(&w, nz_event_root(ev), path);
    return w.exists;
}

bool nz_path_walk_from(struct nz_json from, struct nz_str path, struct nz_buf *scratch, nz_path_visit_fn *visit,
                       void *self)
{
    struct walk w = {.scratch = scratch, .visit = visit, .self = self};
    if (!nz_json_is_absent(from))
        step(&w, from, path);
    return w.exists;
}

/* As best_member; these names have no escapes. */
bool nz_path_walk_members(const struct nz_event *ev, const struct nz_event_members *members, struct nz_str path,
                          struct nz_buf *scratch, nz_path_visit_fn *visit, void *self)
{
    struct walk w = {.scratch = scratch, .visit = visit, .self = self};
    size_t covers = 0, best = 0;
    for (size_t i = 0; i < members->count; i++) {
        const char *p = members->bytes + members->names[i] + 1;
        if (*p != path.p[0])
            continue; /* most of them */
        const char *end = memchr(p, '"', members->names[i + 1] - members->names[i]);
        size_t n = key_covers(nz_str_of(p, (size_t)(end - p)), path);
        if (n && n >= covers) {
            covers = n;
            best = i;
        }
    }
    if (covers)
        step(&w, nz_event_member_value(ev, members, best), nz_str_skip(path, covers == path.n ? covers : covers + 1));
    return w.exists;
}

static bool keep_first(void *self, struct nz_json leaf)
{
    struct nz_json *first = self;
    if (nz_json_kind(leaf) == NZ_JSON_NULL)
        return true;
    *first = leaf;
    return false;
}

struct nz_json nz_path_first(const struct nz_event *ev, struct nz_str path, struct nz_buf *scratch)
{
    struct nz_json first = {0};
    nz_path_walk(ev, path, scratch, keep_first, &first);
    return first;
}
