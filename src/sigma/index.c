#include "sigma/index.h"

#include <stdlib.h>

#define LITERALS_MAX 4096u /* of one rule; a rule with more is filed under less */

/* --- what a condition needs --- */

struct literals {
    bool known;
    const struct nz_str *list;
    size_t count;
};

static bool item_reads(const struct nz_ruleset *rs, const struct nz_item *item, enum nz_event_field slot)
{
    if (item->field == NZ_FIELD_KEYWORDS || item->negate)
        return false;
    const struct nz_field *field = &rs->fields[item->field];
    return field->slot == slot && field->slot_bytes == field->path.n;
}

static enum nz_err of_item(const struct nz_ruleset *rs, struct nz_arena *scratch, const struct nz_item *item,
                           enum nz_event_field slot, struct literals *out)
{
    *out = (struct literals){0};
    if (!item_reads(rs, item, slot))
        return NZ_OK;
    /* of values that must all hold, one is enough to know */
    size_t values = item->all ? 1 : item->values_count, count = 0;
    for (size_t i = 0; i < values; i++)
        count += item->values[i].tests_count;
    if (count > LITERALS_MAX)
        return NZ_OK;
    struct nz_str *list = NZ_ARENA_ARRAY(scratch, struct nz_str, count);
    if (!list)
        return NZ_E_NOMEM;
    for (size_t i = 0, n = 0; i < values; i++) {
        for (size_t k = 0; k < item->values[i].tests_count; k++) {
            const struct nz_test *test = &item->values[i].tests[k];
            if (test->kind != NZ_TEST_EXACT && test->kind != NZ_TEST_NUMBER)
                return NZ_OK;
            list[n++] = test->text;
        }
    }
    *out = (struct literals){true, list, count};
    return NZ_OK;
}

static enum nz_err join(struct nz_arena *scratch, struct literals *sum, struct literals more)
{
    if (!more.known || sum->count + more.count > LITERALS_MAX) {
        sum->known = false;
        return NZ_OK;
    }
    struct nz_str *list = NZ_ARENA_ARRAY(scratch, struct nz_str, sum->count + more.count);
    if (!list)
        return NZ_E_NOMEM;
    if (sum->count)
        memcpy(list, sum->list, sum->count * sizeof *list);
    if (more.count)
        memcpy(list + sum->count, more.list, more.count * sizeof *list);
    sum->list = list;
    sum->count += more.count;
    return NZ_OK;
}

/* The depth of a condition is bounded when it is parsed. */
static enum nz_err needed(const struct nz_ruleset *rs, struct nz_arena *scratch, const struct nz_node *node,
                          enum nz_event_field slot, struct literals *out) /* NOLINT(misc-no-recursion) */
{
    enum nz_err err = NZ_OK;
    *out = (struct literals){.known = node->kind == NZ_NODE_OR};
    if (node->kind == NZ_NODE_ITEM)
        return of_item(rs, scratch, node->item, slot, out);
    if (node->kind == NZ_NODE_NOT)
        return NZ_OK;
    for (size_t i = 0; !err && i < node->kids_count; i++) {
        struct literals kid;
        err = needed(rs, scratch, node->kids[i], slot, &kid);
        if (err)
            return err;
        if (node->kind == NZ_NODE_OR)
            err = join(scratch, out, kid);
        else if (kid.known && (!out->known || kid.count < out->count))
            *out = kid;
        if (node->kind == NZ_NODE_OR && !out->known)
            return err;
    }
    return err;
}

/* --- the table --- */

struct entry {
    uint64_t key;
    uint32_t rule;
};

struct slot {
    uint64_t key; /* 0: empty */
    uint32_t first, count;
};

struct nz_index {
    struct slot *slots;
    size_t places; /* a power of two */
    uint32_t *rules;
    uint32_t *unfiled, *all;
    size_t unfiled_count, all_count;
};

struct builder {
    const struct nz_ruleset *rs;
    struct nz_arena scratch; /* of one rule */
    struct entry *entries;
    size_t count, room;
    struct nz_index *ix;
};

static uint64_t mixed(uint64_t h)
{
    h ^= h >> 32;
    h *= 0x9e3779b97f4a7c15u;
    h ^= h >> 29;
    return h ? h : 1;
}

/* Keys of the three kinds never meet but by accident, which costs a test and no verdict. */
static uint64_t pair_key(uint64_t source, uint64_t name)
{
    return mixed(source * 0xd6e8feb86659fd93u + name);
}

static uint64_t name_key(uint64_t name)
{
    return mixed(name ^ 0x6e616d65u);
}

static uint64_t source_key(uint64_t source)
{
    return mixed(source ^ 0x737263u);
}

static enum nz_err entry_add(struct builder *b, uint64_t key, uint32_t rule)
{
    if (b->count == b->room) {
        size_t room = b->room ? b->room * 2 : 1024;
        struct entry *entries = realloc(b->entries, room * sizeof *entries);
        if (!entries)
            return NZ_E_NOMEM;
        b->entries = entries;
        b->room = room;
    }
    b->entries[b->count++] = (struct entry){key, rule};
    return NZ_OK;
}

static enum nz_err file_pairs(struct builder *b, uint32_t rule, struct literals sources, struct literals names)
{
    enum nz_err err = NZ_OK;
    for (size_t i = 0; !err && i < names.count; i++) {
        uint64_t name = nz_str_hash_nocase(names.list[i]);
        for (size_t k = 0; !err && k < sources.count; k++)
            err = entry_add(b, pair_key(nz_str_hash_nocase(sources.list[k]), name), rule);
    }
    return err;
}

static enum nz_err file_one(struct builder *b, uint32_t rule, struct literals words, bool are_names)
{
    enum nz_err err = NZ_OK;
    for (size_t i = 0; !err && i < words.count; i++) {
        uint64_t hash = nz_str_hash_nocase(words.list[i]);
        err = entry_add(b, are_names ? name_key(hash) : source_key(hash), rule);
    }
    return err;
}

static enum nz_err file_rule(struct builder *b, uint32_t rule)
{
    const struct nz_node *root = b->rs->loaded[rule]->root;
    struct literals sources, names;
    nz_arena_reset(&b->scratch);
    enum nz_err err = needed(b->rs, &b->scratch, root, NZ_FIELD_EVENT_SOURCE, &sources);
    if (!err)
        err = needed(b->rs, &b->scratch, root, NZ_FIELD_EVENT_NAME, &names);
    if (err)
        return err;
    b->ix->all[b->ix->all_count++] = rule;
    if (names.known && sources.known && names.count * sources.count <= LITERALS_MAX)
        return file_pairs(b, rule, sources, names);
    if (names.known)
        return file_one(b, rule, names, true);
    if (sources.known)
        return file_one(b, rule, sources, false);
    b->ix->unfiled[b->ix->unfiled_count++] = rule;
    return NZ_OK;
}

static int by_key_and_rule(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return (x->rule > y->rule) - (x->rule < y->rule);
}

static struct slot *place_of(const struct nz_index *ix, uint64_t key)
{
    size_t at = key & (ix->places - 1);
    while (ix->slots[at].key && ix->slots[at].key != key)
        at = (at + 1) & (ix->places - 1);
    return &ix->slots[at];
}

static enum nz_err fill_table(struct builder *b)
{
    struct nz_index *ix = b->ix;
    size_t n = 0;
    if (b->count)
        qsort(b->entries, b->count, sizeof *b->entries, by_key_and_rule);
    for (ix->places = 64; ix->places < 2 * b->count;)
        ix->places *= 2;
    ix->slots = calloc(ix->places, sizeof *ix->slots);
    ix->rules = calloc(b->count + 1, sizeof *ix->rules);
    if (!ix->slots || !ix->rules)
        return NZ_E_NOMEM;
    for (size_t i = 0; i < b->count; i++) {
        const struct entry *e = &b->entries[i];
        if (i > 0 && e->key == e[-1].key && e->rule == e[-1].rule)
            continue;
        struct slot *slot = place_of(ix, e->key);
        if (!slot->key)
            *slot = (struct slot){.key = e->key, .first = (uint32_t)n};
        slot->count++;
        ix->rules[n++] = e->rule;
    }
    return NZ_OK;
}

static enum nz_err build(struct builder *b)
{
    size_t count = b->rs->loaded_count;
    b->ix->unfiled = calloc(count + 1, sizeof *b->ix->unfiled);
    b->ix->all = calloc(count + 1, sizeof *b->ix->all);
    if (!b->ix->unfiled || !b->ix->all)
        return NZ_E_NOMEM;
    for (size_t i = 0; i < count; i++) {
        const struct nz_loaded *rule = b->rs->loaded[i];
        enum nz_err err = rule->rule.runs && rule->root ? file_rule(b, (uint32_t)i) : NZ_OK;
        if (err)
            return err;
    }
    return fill_table(b);
}

enum nz_err nz_index_new(const struct nz_ruleset *rs, struct nz_index **out)
{
    struct builder b = {.rs = rs, .ix = calloc(1, sizeof *b.ix)};
    *out = NULL;
    if (!b.ix)
        return NZ_E_NOMEM;
    nz_arena_init(&b.scratch, 0);
    enum nz_err err = build(&b);
    nz_arena_release(&b.scratch);
    free(b.entries);
    if (err)
        nz_index_free(b.ix);
    else
        *out = b.ix;
    return err;
}

void nz_index_free(struct nz_index *ix)
{
    if (!ix)
        return;
    free(ix->slots);
    free(ix->rules);
    free(ix->unfiled);
    free(ix->all);
    free(ix);
}

static struct nz_index_span span_of(const struct nz_index *ix, uint64_t key)
{
    const struct slot *slot = place_of(ix, key);
    return (struct nz_index_span){ix->rules + slot->first, slot->count};
}

void nz_index_find(const struct nz_index *ix, struct nz_str source, struct nz_str name,
                   struct nz_index_span out[NZ_INDEX_SPANS])
{
    uint64_t source_hash = source.p ? nz_str_hash_nocase(source) : 0, name_hash = name.p ? nz_str_hash_nocase(name) : 0;
    out[0] = (struct nz_index_span){ix->unfiled, ix->unfiled_count};
    out[1] = name.p ? span_of(ix, name_key(name_hash)) : (struct nz_index_span){0};
    out[2] = source.p ? span_of(ix, source_key(source_hash)) : (struct nz_index_span){0};
    out[3] = source.p && name.p ? span_of(ix, pair_key(source_hash, name_hash)) : (struct nz_index_span){0};
}

struct nz_index_span nz_index_all(const struct nz_index *ix)
{
    return (struct nz_index_span){ix->all, ix->all_count};
}

bool nz_index_spans_take(struct nz_index_span spans[NZ_INDEX_SPANS], uint32_t *rule)
{
    struct nz_index_span *least = NULL;
    for (size_t i = 0; i < NZ_INDEX_SPANS; i++) {
        if (spans[i].count && (!least || spans[i].rules[0] < least->rules[0]))
            least = &spans[i];
    }
    if (!least)
        return false;
    *rule = *least->rules++;
    least->count--;
    return true;
}
