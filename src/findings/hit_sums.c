#include "findings/hit_sums.h"
#include "core/array.h"

#include <stdlib.h>

#define HASH_STEP 0x9e3779b97f4a7c15ull /* 2^64 / golden ratio: spreads what is close together */

void nz_hit_sums_init(struct nz_hit_sums *sums)
{
    *sums = (struct nz_hit_sums){0};
    nz_arena_init(&sums->keep, 0);
}

void nz_hit_names_release(struct nz_hit_names *names)
{
    free(names->rows);
    free(names->slots);
    *names = (struct nz_hit_names){0};
}

void nz_hit_sums_release(struct nz_hit_sums *sums)
{
    nz_arena_release(&sums->keep);
    free(sums->by_rule);
    nz_mark_set_release(&sums->marks);
    free(sums->pairs);
    nz_hit_names_release(&sums->actors);
    nz_hit_names_release(&sums->sources);
    nz_hit_names_release(&sums->regions);
    *sums = (struct nz_hit_sums){0};
}

/* --- names --- */

static uint64_t hash_of(const struct nz_hit_names *names, struct nz_str name)
{
    return nz_hash_key_hash(&names->key, name) | 1; /* never 0 */
}

static size_t slot_of(const struct nz_hit_names *names, uint64_t hash, struct nz_str name)
{
    const struct nz_str head = nz_str_head(name, NZ_HIT_NAME_BYTES_MAX);
    size_t at = (size_t)hash & (names->slots_room - 1);
    for (uint32_t row; (row = names->slots[at]); at = (at + 1) & (names->slots_room - 1)) {
        if (names->rows[row - 1].hash == hash && nz_str_eq(names->rows[row - 1].name, head))
            break;
    }
    return at;
}

static enum nz_err names_grow(struct nz_hit_names *names)
{
    const size_t room = names->room ? names->room * 2 : 64;
    uint32_t *slots = calloc(room * 2, sizeof *slots);
    struct nz_hit_name *rows = slots ? realloc(names->rows, room * sizeof *rows) : NULL;
    if (!rows) {
        free(slots);
        return NZ_E_NOMEM;
    }
    free(names->slots);
    if (!names->room)
        names->key = nz_hash_key_new();
    names->rows = rows;
    names->room = room;
    names->slots = slots;
    names->slots_room = room * 2;
    for (size_t i = 0; i < names->count; i++)
        slots[slot_of(names, rows[i].hash, rows[i].name)] = (uint32_t)i + 1;
    return NZ_OK;
}

#define ROW_NONE UINT32_MAX         /* there is no name */
#define ROW_OTHERS (UINT32_MAX - 1) /* there are NZ_HIT_NAMES_MAX others */

/* The row of a name, made where it is new, and its hash; 0: there is no name. */
static enum nz_err names_row(struct nz_hit_names *names, struct nz_arena *keep, struct nz_str name, uint32_t *out,
                             uint64_t *hash_out)
{
    *out = ROW_NONE;
    *hash_out = 0;
    if (!name.p)
        return NZ_OK;
    if (names->count == names->room && names->count < NZ_HIT_NAMES_MAX) {
        enum nz_err err = names_grow(names);
        if (err != NZ_OK)
            return err;
    }
    const uint64_t hash = *hash_out = hash_of(names, name);
    const size_t slot = slot_of(names, hash, name);
    if (!names->slots[slot]) {
        *out = ROW_OTHERS;
        if (names->count == NZ_HIT_NAMES_MAX)
            return NZ_OK;
        const struct nz_str copy = nz_arena_str(keep, nz_str_head(name, NZ_HIT_NAME_BYTES_MAX));
        if (!copy.p)
            return NZ_E_NOMEM;
        names->rows[names->count] = (struct nz_hit_name){.name = copy, .hash = hash, .number = (uint32_t)names->count};
        names->slots[slot] = (uint32_t)++names->count;
    }
    *out = names->slots[slot] - 1;
    return NZ_OK;
}

static void names_count(struct nz_hit_names *names, uint32_t row, unsigned series, uint64_t count)
{
    if (row < ROW_OTHERS)
        names->rows[row].counts[series] += count;
    else if (row == ROW_OTHERS)
        names->others += count;
}

enum nz_err nz_hit_names_add(struct nz_hit_names *names, struct nz_arena *keep, struct nz_str name, unsigned series)
{
    uint32_t row;
    uint64_t hash;
    enum nz_err err = names_row(names, keep, name, &row, &hash);
    if (err == NZ_OK)
        names_count(names, row, series, 1);
    return err;
}

struct nz_hit_name *nz_hit_names_find(const struct nz_hit_names *names, struct nz_str name)
{
    if (!names->count || !name.p)
        return NULL;
    const uint32_t row = names->slots[slot_of(names, hash_of(names, name), name)];
    return row ? &names->rows[row - 1] : NULL;
}

uint64_t nz_hit_name_total(const struct nz_hit_name *row)
{
    uint64_t total = 0;
    for (size_t i = 0; i < NZ_HIT_LEVELS; i++)
        total += row->counts[i];
    return total;
}

static int compare_names(const void *a, const void *b)
{
    const struct nz_hit_name *x = *(const struct nz_hit_name *const *)a, *y = *(const struct nz_hit_name *const *)b;
    const uint64_t m = nz_hit_name_total(x), n = nz_hit_name_total(y);
    if (m != n)
        return m < n ? 1 : -1;
    return nz_str_cmp(x->name, y->name);
}

const struct nz_hit_name **nz_hit_names_sorted(const struct nz_hit_names *names, struct nz_arena *keep)
{
    const struct nz_hit_name **sorted = NZ_ARENA_ARRAY(keep, const struct nz_hit_name *, names->count + 1);
    for (size_t i = 0; sorted && i < names->count; i++)
        sorted[i] = &names->rows[i];
    if (sorted)
        qsort(sorted, names->count, sizeof *sorted, compare_names);
    return sorted;
}

/* --- groups --- */

/* The slot of a rule, by the address of its title: findings of one rule show the same view. */
static struct nz_hit_group **rule_slot(const struct nz_hit_sums *sums, const char *title)
{
    size_t at = (size_t)(((uintptr_t)title * HASH_STEP) >> 20) & (sums->by_rule_room - 1);
    while (sums->by_rule[at] && sums->by_rule[at]->title.p != title)
        at = (at + 1) & (sums->by_rule_room - 1);
    return &sums->by_rule[at];
}

static enum nz_err rules_grow(struct nz_hit_sums *sums)
{
    const size_t room = sums->by_rule_room ? sums->by_rule_room * 2 : 256;
    struct nz_hit_group **slots = calloc(room, sizeof *slots);
    if (!slots)
        return NZ_E_NOMEM;
    free(sums->by_rule);
    sums->by_rule = slots;
    sums->by_rule_room = room;
    for (struct nz_hit_group *g = sums->groups; g; g = g->next)
        *rule_slot(sums, g->title.p) = g;
    return NZ_OK;
}

static struct nz_hit_group *group_of(struct nz_hit_sums *sums, const struct nz_detection *d, unsigned level)
{
    if (sums->groups_count * 2 >= sums->by_rule_room && rules_grow(sums) != NZ_OK)
        return NULL;
    struct nz_hit_group **slot = rule_slot(sums, d->title.p);
    if (*slot)
        return *slot;
    struct nz_hit_group *g = NZ_ARENA_NEW(&sums->keep, struct nz_hit_group);
    if (!g)
        return NULL;
    g->rule_id = d->rule_id;
    g->title = d->title;
    g->level_name = d->level;
    g->tags = d->tags;
    g->tags_count = d->tags_count;
    g->guide = d->guide;
    g->level = level;
    g->correlation = nz_str_eq(d->kind, NZ_STR("correlation"));
    g->number = (uint32_t)sums->groups_count++;
    g->next = sums->groups;
    sums->groups = g;
    *slot = g;
    return g;
}

/* Counts a name of the group once. Names are told apart by a hash of 64 bits: of a hundred, no two will share one. */
static enum nz_err some_add(struct nz_hit_sums *sums, const struct nz_hit_group *g, struct nz_hit_some *some,
                            struct nz_str name, uint64_t hash)
{
    if (!name.p)
        return NZ_OK;
    const uint64_t salt = (uint64_t)g->number * 2 + (some == &g->sources);
    const uint64_t mark = (hash + salt) * HASH_STEP;
    if (some->count == NZ_HIT_GROUP_NAMES_MAX) {
        some->more = some->more || !nz_mark_set_has(&sums->marks, mark);
        return NZ_OK;
    }
    bool added;
    enum nz_err err = nz_mark_set_add(&sums->marks, mark, &added);
    if (err != NZ_OK || !added)
        return err;
    if (some->count < NZ_HIT_GROUP_NAMES_KEPT) {
        some->names[some->count] = nz_arena_str(&sums->keep, nz_str_head(name, NZ_HIT_NAME_BYTES_MAX));
        if (!some->names[some->count].p)
            return NZ_E_NOMEM;
    }
    some->count++;
    return NZ_OK;
}

static inline void time_add(struct nz_hit_group *g, nz_time first, nz_time last)
{
    g->first = g->has_time && g->first.us < first.us ? g->first : first;
    g->last = g->has_time && g->last.us > last.us ? g->last : last;
    g->has_time = true;
    nz_time_bars_add(&g->bars, last); /* of a correlation: when it became true */
}

static void times_add(struct nz_hit_group *g, const struct nz_detection *d)
{
    nz_time first = d->time, last;
    if (!d->has_time && !nz_time_parse(g->correlation ? d->first_time : d->event_time, &first))
        return;
    if (!g->correlation || !nz_time_parse(d->last_time, &last))
        last = first;
    time_add(g, first, last);
}

/* userIdentity.arn is told from userIdentity.type: a kind of user is nobody. */
static void who_of_group(const struct nz_detection *d, struct nz_hit_who *who)
{
    for (size_t i = 0; i < d->group_count; i++) {
        const struct nz_str name = d->group_names[i];
        if (nz_str_eq(name, NZ_STR("sourceIPAddress")))
            who->source = d->group_values[i];
        else if (nz_str_eq(name, NZ_STR("awsRegion")))
            who->region = d->group_values[i];
        else if (nz_str_starts_with(name, NZ_STR("userIdentity.")) && !nz_str_eq(name, NZ_STR("userIdentity.type")) &&
                 !nz_str_eq(name, NZ_STR("userIdentity.accountId")) && !who->actor.p)
            who->actor = d->group_values[i];
    }
}

struct nz_hit_who nz_hit_who_of(const struct nz_detection *d)
{
    struct nz_hit_who who = {d->actor, d->source_ip, d->region};
    if (d->group_count)
        who_of_group(d, &who);
    return who;
}

/* Finds where a finding of g is counted, and what of it is counted once. */
static enum nz_err look_up(struct nz_hit_sums *sums, struct nz_hit_group *g, const struct nz_detection *d,
                           struct nz_hit_pair *out)
{
    const struct nz_hit_who who = nz_hit_who_of(d);
    uint64_t actor_hash, source_hash, region_hash;
    enum nz_err err = names_row(&sums->actors, &sums->keep, who.actor, &out->actor, &actor_hash);
    if (err == NZ_OK)
        err = names_row(&sums->sources, &sums->keep, who.source, &out->source, &source_hash);
    if (err == NZ_OK)
        err = names_row(&sums->regions, &sums->keep, who.region, &out->region, &region_hash);
    if (err == NZ_OK)
        err = some_add(sums, g, &g->actors, who.actor, actor_hash);
    if (err == NZ_OK)
        err = some_add(sums, g, &g->sources, who.source, source_hash);
    if (err == NZ_OK)
        out->group = g;
    return err;
}

/* The place of a number; NULL: out of memory. */
static struct nz_hit_pair *pair_of(struct nz_hit_sums *sums, uint32_t number)
{
    struct nz_hit_pair *grown = nz_array_grow(sums->pairs, &sums->pairs_count, number, sizeof *grown);
    if (!grown)
        return NULL;
    sums->pairs = grown;
    return &grown[number];
}

/* What stands in the sums for `count` findings of a pair, their times apart. */
static void count_findings(struct nz_hit_sums *sums, const struct nz_hit_pair *p, uint64_t count)
{
    struct nz_hit_group *g = p->group;
    g->count += count;
    sums->total += count;
    sums->levels[g->level] += count;
    names_count(&sums->actors, p->actor, g->level, count);
    names_count(&sums->sources, p->source, g->level, count);
    names_count(&sums->regions, p->region, g->level, count);
}

enum nz_err nz_hit_sums_add(struct nz_hit_sums *sums, const struct nz_detection *d, unsigned level,
                            struct nz_hit_group **group)
{
    struct nz_hit_group *g = group_of(sums, d, level < NZ_HIT_LEVELS ? level : NZ_HIT_LEVELS - 1);
    struct nz_hit_pair one = {.group = NULL}, *pair = d->pair ? pair_of(sums, d->pair) : &one;
    if (group)
        *group = g;
    if (!g || !pair)
        return NZ_E_NOMEM;
    enum nz_err err = pair->group ? NZ_OK : look_up(sums, g, d, pair);
    if (err != NZ_OK)
        return err;
    count_findings(sums, pair, 1);
    times_add(g, d);
    return NZ_OK;
}

void nz_hit_sums_again(struct nz_hit_sums *sums, uint32_t pair, const nz_time *time)
{
    struct nz_hit_pair *p = &sums->pairs[pair];
    p->again++;
    if (time)
        time_add(p->group, *time, *time);
}

/* Brings all sums up to date. */
static void settle(struct nz_hit_sums *sums)
{
    for (size_t i = 0; i < sums->pairs_count; i++) {
        if (sums->pairs[i].again)
            count_findings(sums, &sums->pairs[i], sums->pairs[i].again);
        sums->pairs[i].again = 0;
    }
    memset(sums->bars, 0, sizeof sums->bars);
    for (const struct nz_hit_group *g = sums->groups; g; g = g->next)
        nz_time_bars_merge(&sums->bars[g->level], &g->bars);
}

static int compare_groups(const void *a, const void *b)
{
    const struct nz_hit_group *x = *(struct nz_hit_group *const *)a, *y = *(struct nz_hit_group *const *)b;
    if (x->level != y->level)
        return x->level < y->level ? 1 : -1;
    if (x->count != y->count)
        return x->count < y->count ? 1 : -1;
    const int order = nz_str_cmp(x->rule_id, y->rule_id);
    return order ? order : (x->number > y->number) - (x->number < y->number);
}

struct nz_hit_group **nz_hit_sums_groups(struct nz_hit_sums *sums)
{
    struct nz_hit_group **sorted = NZ_ARENA_ARRAY(&sums->keep, struct nz_hit_group *, sums->groups_count + 1);
    size_t n = 0;
    settle(sums);
    for (struct nz_hit_group *g = sums->groups; g && sorted; g = g->next)
        sorted[n++] = g;
    if (sorted)
        qsort(sorted, n, sizeof *sorted, compare_groups);
    return sorted;
}
