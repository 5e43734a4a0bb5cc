#include "sigma/match.h"

#include <stdlib.h>

#define LEAVES_FIRST 64u

static enum nz_err fill(struct nz_matcher *m)
{
    m->fields = calloc(m->rs->fields_count + 1, sizeof *m->fields);
    m->hits = calloc(m->rs->loaded_count + 1, sizeof *m->hits);
    m->leaves = calloc(LEAVES_FIRST, sizeof *m->leaves);
    m->leaves_room = LEAVES_FIRST;
    m->memos = calloc(NZ_MATCH_MEMOS, sizeof *m->memos);
    if (!m->fields || !m->hits || !m->leaves || !m->memos)
        return NZ_E_NOMEM;
    return nz_regex_scratch_new(&m->regex);
}

enum nz_err nz_matcher_new(const struct nz_ruleset *rs, struct nz_matcher **out)
{
    *out = NULL;
    struct nz_matcher *m = calloc(1, sizeof *m);
    if (!m)
        return NZ_E_NOMEM;
    m->rs = rs;
    nz_arena_init(&m->texts, 0);
    nz_buf_init(&m->scratch, 0);
    enum nz_err err = fill(m);
    if (err)
        nz_matcher_free(m);
    else
        *out = m;
    return err;
}

void nz_matcher_free(struct nz_matcher *m)
{
    if (!m)
        return;
    nz_regex_scratch_free(m->regex);
    nz_buf_release(&m->scratch);
    nz_arena_release(&m->texts);
    free(m->leaves);
    free(m->memos);
    free(m->hits);
    free(m->fields);
    free(m);
}

uint64_t nz_matcher_regex_limits(const struct nz_matcher *m)
{
    return m->limits;
}

/* The text of eventSource or eventName. False when it is there and no text: then the index cannot say. */
static bool key_text(struct nz_matcher *m, enum nz_event_field field, struct nz_str *out)
{
    struct nz_json v = nz_event_get(m->event, field);
    *out = nz_str_of(NULL, 0);
    if (nz_json_is_absent(v))
        return true;
    if (nz_json_kind(v) != NZ_JSON_STRING)
        return false;
    struct nz_str raw = nz_json_string_raw(v);
    if (raw.n && memchr(raw.p, '\\', raw.n))
        return false; /* rare enough to ask every rule */
    *out = raw.n ? raw : NZ_STR("");
    return true;
}

static void find_rules(struct nz_matcher *m, struct nz_index_span spans[NZ_INDEX_SPANS])
{
    struct nz_str source, name;
    if (key_text(m, NZ_FIELD_EVENT_SOURCE, &source) && key_text(m, NZ_FIELD_EVENT_NAME, &name))
        nz_index_find(m->rs->index, source, name, spans);
    else
        spans[0] = nz_index_all(m->rs->index);
}

/* find_rules, remembered. Only texts without an escape are kept, so what is equal has none. */
static void find_rules_again(struct nz_matcher *m, struct nz_index_span spans[NZ_INDEX_SPANS])
{
    struct nz_json source = nz_event_get(m->event, NZ_FIELD_EVENT_SOURCE);
    struct nz_json name = nz_event_get(m->event, NZ_FIELD_EVENT_NAME);
    if (nz_json_kind(source) != NZ_JSON_STRING || nz_json_kind(name) != NZ_JSON_STRING) {
        find_rules(m, spans);
        return;
    }
    struct nz_str s = nz_json_string_raw(source), n = nz_json_string_raw(name);
    struct nz_match_memo *memo = &m->memos[(nz_str_hash(n) + s.n) % NZ_MATCH_MEMOS];
    if (s.n && memo->source_bytes == s.n && memo->name_bytes == n.n && memcmp(memo->text, s.p, s.n) == 0 &&
        memcmp(memo->text + s.n, n.p, n.n) == 0) {
        memcpy(spans, memo->spans, sizeof memo->spans);
        return;
    }
    find_rules(m, spans);
    if (s.n + n.n > sizeof memo->text || memchr(s.p, '\\', s.n) || memchr(n.p, '\\', n.n))
        return;
    memo->source_bytes = (uint32_t)s.n;
    memo->name_bytes = (uint32_t)n.n;
    memcpy(memo->text, s.p, s.n);
    memcpy(memo->text + s.n, n.p, n.n);
    memcpy(memo->spans, spans, sizeof memo->spans);
}

static void try_rule(struct nz_matcher *m, uint32_t rule)
{
    if (nz_match_node(m, m->rs->loaded[rule]->root))
        m->hits[m->hits_count++] = rule;
}

/* The spans are ascending and have no rule in common: always the smallest head next. */
static void try_merged(struct nz_matcher *m, struct nz_index_span spans[NZ_INDEX_SPANS])
{
    for (;;) {
        struct nz_index_span *least = NULL;
        for (size_t i = 0; i < NZ_INDEX_SPANS; i++) {
            if (spans[i].count && (!least || spans[i].rules[0] < least->rules[0]))
                least = &spans[i];
        }
        if (!least)
            return;
        try_rule(m, *least->rules++);
        least->count--;
    }
}

enum nz_err nz_matcher_run(struct nz_matcher *m, const struct nz_event *ev, const uint32_t **hits, size_t *count)
{
    struct nz_index_span spans[NZ_INDEX_SPANS] = {{0}};
    m->event = ev;
    m->generation++;
    m->leaves_count = 0;
    m->hits_count = 0;
    m->err = NZ_OK;
    nz_arena_reset(&m->texts);
    find_rules_again(m, spans);
    try_merged(m, spans);
    *hits = m->hits;
    *count = m->hits_count;
    return m->err;
}
