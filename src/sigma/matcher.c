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

static void try_rule(struct nz_matcher *m, uint32_t rule)
{
    if (nz_match_node(m, m->rs->loaded[rule]->root))
        m->hits[m->hits_count++] = rule;
}

static void try_spans(struct nz_matcher *m, struct nz_index_span spans[NZ_INDEX_SPANS])
{
    uint32_t rule;
    while (nz_index_spans_take(spans, &rule))
        try_rule(m, rule);
}

static inline bool step_holds(struct nz_matcher *m, const struct nz_match_step *s)
{
    if (s->member != NZ_FIELD_NONE && m->event->slots[s->member] == UINT32_MAX)
        return s->lacking;
    return !s->node || nz_match_node(m, s->node);
}

static void try_steps(struct nz_matcher *m, const struct nz_match_memo *memo)
{
    for (const struct nz_match_step *s = memo->steps, *end = s + memo->steps_count; s < end; s++) {
        bool holds = step_holds(m, s);
        if (holds && s->last)
            m->hits[m->hits_count++] = s->rule;
        while (!holds && !s->last)
            s++;
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
    const struct nz_match_memo *memo = nz_match_memo_find(m, spans);
    if (memo)
        try_steps(m, memo);
    else
        try_spans(m, spans);
    *hits = m->hits;
    *count = m->hits_count;
    return m->err;
}
