/* Who reads what of whom, worked out once; and the reading itself, in the worker threads. */
#include "sigma/correlator.h"
#include "sigma/path.h"

/* The list with room for one more; it doubles whenever it is full. NULL when memory is out. */
static void *grown(struct nz_correlator *c, void *list, uint32_t count, size_t bytes)
{
    if (count & (count - 1))
        return list;
    void *more = nz_arena_array(&c->keep, count ? 2 * (size_t)count : 1, bytes);
    if (more && count)
        memcpy(more, list, count * bytes);
    return more;
}

/* The column for a path, new if no other reading has it. */
static enum nz_err column_for(struct nz_correlator *c, struct nz_correlator_source *s, struct nz_str path, bool all,
                              uint32_t *out)
{
    *out = NZ_COLUMN_NONE;
    if (!path.p)
        return NZ_OK;
    for (uint32_t i = 0; i < s->columns_count; i++) {
        if (s->columns[i].all == all && nz_str_eq(s->columns[i].path, path)) {
            *out = i;
            return NZ_OK;
        }
    }
    s->columns = grown(c, s->columns, s->columns_count, sizeof *s->columns);
    if (!s->columns)
        return NZ_E_NOMEM;
    s->columns[s->columns_count] = (struct nz_correlator_column){path, all};
    *out = s->columns_count++;
    return NZ_OK;
}

static enum nz_err columns_for(struct nz_correlator *c, struct nz_correlator_source *s,
                               const struct nz_correlation_field *fields, size_t count, uint32_t input, bool all,
                               uint32_t **out)
{
    *out = NZ_ARENA_ARRAY(&c->keep, uint32_t, count);
    if (!*out)
        return NZ_E_NOMEM;
    for (size_t i = 0; i < count; i++) {
        enum nz_err err = column_for(c, s, fields[i].paths[input], all, &(*out)[i]);
        if (err)
            return err;
    }
    return NZ_OK;
}

static struct nz_correlator_source *source_of(struct nz_correlator *c, uint32_t rule)
{
    if (!c->sources[rule])
        c->sources[rule] = NZ_ARENA_NEW(&c->keep, struct nz_correlator_source);
    return c->sources[rule];
}

static enum nz_err reading_add(struct nz_correlator *c, uint32_t index, uint32_t input)
{
    const struct nz_correlation *cn = c->correlations[index];
    struct nz_correlator_source *s = source_of(c, cn->rules[input]);
    if (!s)
        return NZ_E_NOMEM;
    s->readings = grown(c, s->readings, s->readings_count, sizeof *s->readings);
    if (!s->readings)
        return NZ_E_NOMEM;
    struct nz_correlator_reading *r = &s->readings[s->readings_count++];
    *r = (struct nz_correlator_reading){.correlation = index, .input = input};
    enum nz_err err = columns_for(c, s, cn->group_by, cn->group_by_count, input, false, &r->group_by);
    /* a tuple is made of one value each; a single field may have several values in one event */
    return err ? err : columns_for(c, s, cn->fields, cn->fields_count, input, cn->fields_count == 1, &r->fields);
}

enum nz_err nz_correlator_sources_make(struct nz_correlator *c)
{
    for (uint32_t i = 0; i < c->correlations_count; i++) {
        for (uint32_t input = 0; input < c->correlations[i]->rules_count; input++) {
            enum nz_err err = reading_add(c, i, input);
            if (err)
                return err;
        }
    }
    uint32_t most = 0;
    for (size_t i = 0; i < nz_ruleset_count(c->rs); i++) {
        if (c->sources[i] && c->sources[i]->columns_count > most)
            most = c->sources[i]->columns_count;
    }
    c->columns = NZ_ARENA_ARRAY(&c->keep, struct nz_str, most);
    return c->columns ? NZ_OK : NZ_E_NOMEM;
}

bool nz_correlator_wants(const struct nz_correlator *c, uint32_t rule_index)
{
    return c->sources[rule_index] != NULL;
}

bool nz_correlator_level_reads(const struct nz_correlator *c, const struct nz_correlator_source *s, size_t level)
{
    for (uint32_t i = 0; i < s->readings_count; i++) {
        if (c->level_of[s->readings[i].correlation] == level)
            return true;
    }
    return false;
}

/* --- extraction --- */

struct leaves {
    struct nz_buf *scratch, *out;
    uint32_t count;
};

static bool put_leaf(void *self, struct nz_json leaf)
{
    struct leaves *l = self;
    if (nz_json_kind(leaf) == NZ_JSON_NULL)
        return true;
    size_t from = l->scratch->n;
    struct nz_str text = nz_json_text(leaf, l->scratch);
    nz_hit_put_text(l->out, text);
    l->scratch->n = from;
    l->count++;
    return !l->out->failed && !l->scratch->failed;
}

static void put_column(const struct nz_correlator_column *column, const struct nz_event *ev, struct nz_buf *scratch,
                       struct nz_buf *out)
{
    struct leaves l = {.scratch = scratch, .out = out};
    size_t count_at = out->n;
    nz_hit_put_u32(out, 0);
    if (column->all) {
        nz_path_walk(ev, column->path, scratch, put_leaf, &l);
    } else {
        struct nz_json first = nz_path_first(ev, column->path, scratch);
        if (!nz_json_is_absent(first))
            put_leaf(&l, first);
    }
    if (!out->failed)
        memcpy(out->p + count_at, &l.count, sizeof l.count);
}

static void put_id(const struct nz_event *ev, struct nz_buf *scratch, struct nz_buf *out)
{
    struct nz_json id = nz_event_get(ev, NZ_FIELD_EVENT_ID);
    if (nz_json_kind(id) <= NZ_JSON_NULL)
        id = nz_event_get(ev, NZ_FIELD_AGGREGATED_EVENT_ID);
    struct nz_str text = nz_json_kind(id) > NZ_JSON_NULL ? nz_json_text(id, scratch) : nz_str_of("", 0);
    bool has = text.n > 0 && text.n <= NZ_HIT_ID_BYTES_MAX;
    nz_hit_put_u32(out, has);
    if (has)
        nz_hit_put_text(out, text);
}

enum nz_err nz_correlator_extract(const struct nz_correlator *c, uint32_t rule_index, const struct nz_event *ev,
                                  struct nz_buf *scratch, struct nz_buf *out)
{
    const struct nz_correlator_source *s = c->sources[rule_index];
    struct nz_hit_header h = {.rule = rule_index};
    nz_time at = {0};
    if (!nz_event_time(ev, &at))
        h.flags = NZ_HIT_NO_TIME;
    h.at_us = at.us;
    h.start_us = at.us;
    size_t from = out->n;
    nz_hit_put_header(out, &h);
    nz_buf_clear(scratch);
    put_id(ev, scratch, out);
    size_t columns_from = out->n;
    for (uint32_t i = 0; i < s->columns_count && h.flags == 0; i++) {
        put_column(&s->columns[i], ev, scratch, out);
        if (out->n - columns_from > NZ_HIT_BYTES_MAX)
            h.flags = NZ_HIT_TOO_LARGE;
    }
    if (out->failed || scratch->failed) {
        out->n = from;
        return NZ_E_NOMEM;
    }
    if (h.flags) {
        out->n = columns_from;
        memcpy(out->p + from, &h, sizeof h);
    }
    return NZ_OK;
}
