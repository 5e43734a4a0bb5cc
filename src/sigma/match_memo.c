/* Which rules an event meets, and what eventSource and eventName leave open of them. Both stand in nearly every rule and repeat
 * from event to event, so what they decide is decided once for each pair of them. */
#include "sigma/match.h"

/* --- which rules --- */

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

/* --- what the pair decides --- */

enum verdict { NO, YES, OPEN };

/* Does the item ask for nothing but one of the two texts, and in a way that needs neither memory nor a count of steps? Then it
 * answers the same for every event of the pair. */
static bool asks_pair_only(const struct nz_matcher *m, const struct nz_item *item)
{
    if (item->field == NZ_FIELD_KEYWORDS)
        return false;
    const struct nz_field *field = &m->rs->fields[item->field];
    if ((field->slot != NZ_FIELD_EVENT_SOURCE && field->slot != NZ_FIELD_EVENT_NAME) ||
        field->slot_bytes != field->path.n)
        return false;
    for (size_t i = 0; i < item->values_count; i++) {
        for (size_t k = 0; k < item->values[i].tests_count; k++) {
            enum nz_test_kind kind = item->values[i].tests[k].kind;
            if (kind != NZ_TEST_EXACT && kind != NZ_TEST_PREFIX && kind != NZ_TEST_SUFFIX)
                return false;
        }
    }
    return true;
}

/* The depth of a condition is bounded when it is parsed. */
static enum verdict decide(struct nz_matcher *m, const struct nz_node *node) /* NOLINT(misc-no-recursion) */
{
    if (node->kind == NZ_NODE_ITEM)
        return !asks_pair_only(m, node->item) ? OPEN : nz_match_node(m, node) ? YES : NO;
    if (node->kind == NZ_NODE_NOT) {
        enum verdict kid = decide(m, node->kids[0]);
        return kid == OPEN ? OPEN : kid == YES ? NO : YES;
    }
    const enum verdict settles = node->kind == NZ_NODE_AND ? NO : YES;
    bool open = false;
    for (size_t i = 0; i < node->kids_count; i++) {
        enum verdict kid = decide(m, node->kids[i]);
        if (kid == settles)
            return settles;
        open |= kid == OPEN;
    }
    return open ? OPEN : settles == NO ? YES : NO;
}

/* False: the memo is full. node NULL: nothing is left to ask. */
static bool add_step(const struct nz_matcher *m, struct nz_match_memo *memo, uint32_t rule, const struct nz_node *node)
{
    if (memo->steps_count == NZ_MATCH_MEMO_STEPS)
        return false;
    struct nz_match_step *step = &memo->steps[memo->steps_count++];
    *step = (struct nz_match_step){.node = node, .rule = rule, .member = NZ_FIELD_NONE};
    if (node)
        step->member = nz_match_member(m, node, &step->lacking);
    return true;
}

/* Adds what is left of a condition that must hold. False: the memo is full. */
static bool add_open(struct nz_matcher *m, struct nz_match_memo *memo, uint32_t rule,
                     const struct nz_node *node) /* NOLINT(misc-no-recursion) */
{
    if (node->kind != NZ_NODE_AND)
        return add_step(m, memo, rule, node);
    for (size_t i = 0; i < node->kids_count; i++) {
        if (decide(m, node->kids[i]) == OPEN && !add_open(m, memo, rule, node->kids[i]))
            return false;
    }
    return true;
}

static bool add_rule(struct nz_matcher *m, struct nz_match_memo *memo, uint32_t rule)
{
    const struct nz_node *root = m->rs->loaded[rule]->root;
    const enum verdict verdict = decide(m, root);
    if (verdict == NO)
        return true;
    if (!(verdict == YES ? add_step(m, memo, rule, NULL) : add_open(m, memo, rule, root)))
        return false;
    memo->steps[memo->steps_count - 1].last = true;
    return true;
}

static void memo_fill(struct nz_matcher *m, struct nz_match_memo *memo, struct nz_str source, struct nz_str name,
                      const struct nz_index_span spans[NZ_INDEX_SPANS])
{
    struct nz_index_span left[NZ_INDEX_SPANS];
    uint32_t rule;
    bool fits = true;
    memcpy(left, spans, sizeof left);
    memo->source_bytes = 0;
    memo->steps_count = 0;
    while (fits && nz_index_spans_take(left, &rule))
        fits = add_rule(m, memo, rule);
    if (m->err != NZ_OK)
        return; /* what was decided may be wrong: the place stays free */
    if (!fits)
        memo->steps_count = NZ_MATCH_MEMO_STEPS + 1;
    memo->source_bytes = (uint32_t)source.n;
    memo->name_bytes = (uint32_t)name.n;
    memcpy(memo->text, source.p, source.n);
    memcpy(memo->text + source.n, name.p, name.n);
    memcpy(memo->spans, spans, sizeof memo->spans);
}

static const struct nz_match_memo *asked(const struct nz_match_memo *memo, struct nz_index_span spans[NZ_INDEX_SPANS])
{
    if (memo->steps_count <= NZ_MATCH_MEMO_STEPS)
        return memo;
    memcpy(spans, memo->spans, sizeof memo->spans);
    return NULL;
}

const struct nz_match_memo *nz_match_memo_find(struct nz_matcher *m, struct nz_index_span spans[NZ_INDEX_SPANS])
{
    struct nz_json source = nz_event_get(m->event, NZ_FIELD_EVENT_SOURCE);
    struct nz_json name = nz_event_get(m->event, NZ_FIELD_EVENT_NAME);
    if (nz_json_kind(source) != NZ_JSON_STRING || nz_json_kind(name) != NZ_JSON_STRING) {
        find_rules(m, spans);
        return NULL;
    }
    struct nz_str s = nz_json_string_raw(source), n = nz_json_string_raw(name);
    struct nz_match_memo *memo = &m->memos[(nz_str_hash(n) + s.n) % NZ_MATCH_MEMOS];
    if (s.n && memo->source_bytes == s.n && memo->name_bytes == n.n && memcmp(memo->text, s.p, s.n) == 0 &&
        memcmp(memo->text + s.n, n.p, n.n) == 0)
        return asked(memo, spans);
    find_rules(m, spans);
    /* only texts without an escape are kept, so what is equal to them has none */
    if (s.n == 0 || s.n + n.n > sizeof memo->text || memchr(s.p, '\\', s.n) || memchr(n.p, '\\', n.n))
        return NULL;
    memo_fill(m, memo, s, n, spans);
    return NULL; /* the next one of its kind gains by it */
}
