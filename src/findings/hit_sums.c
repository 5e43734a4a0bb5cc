#include "findings/hit_sums.h"

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
    nz_mark_set_release(&sums->pairs);
    free(sums->known);
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

static void names_count(struct nz_hit_names *names, uint32_t row, unsigned series)
{
    if (row < ROW_OTHERS)
        names->rows[row].counts[series]++;
    else
        names->others += row == ROW_OTHERS;
}

enum nz_err nz_hit_names_add(struct nz_hit_names *names, struct nz_arena *keep, struct nz_str name, unsigned series)
{
    uint32_t row;
    uint64_t hash;
    enum nz_err err = names_row(names, keep, name, &row, &hash);
    if (err == NZ_OK)
        names_count(names, row, series);
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
    const uint64_t pair = (hash + salt) * HASH_STEP;
    if (some->count == NZ_HIT_GROUP_NAMES_MAX) {
        some->more = some->more || !nz_mark_set_has(&sums->pairs, pair);
        return NZ_OK;
    }
    bool added;
    enum nz_err err = nz_mark_set_add(&sums->pairs, pair, &added);
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

static void times_add(struct nz_hit_sums *sums, struct nz_hit_group *g, const struct nz_detection *d)
{
    nz_time first, last;
    const bool has_first = nz_time_parse(g->correlation ? d->first_time : d->event_time, &first);
    if (!has_first)
        return;
    if (!g->correlation || !nz_time_parse(d->last_time, &last))
        last = first;
    g->first = g->has_time && g->first.us < first.us ? g->first : first;
    g->last = g->has_time && g->last.us > last.us ? g->last : last;
    g->has_time = true;
    nz_time_bars_add(&g->bars, last); /* of a correlation: when it became true */
    nz_time_bars_add(&sums->bars[g->level], last);
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

static enum nz_err look_up(struct nz_hit_sums *sums, const struct nz_hit_who *who, struct nz_hit_known *out)
{
    uint64_t region_hash;
    enum nz_err err = names_row(&sums->actors, &sums->keep, who->actor, &out->actor, &out->actor_hash);
    if (err == NZ_OK)
        err = names_row(&sums->sources, &sums->keep, who->source, &out->source, &out->source_hash);
    if (err == NZ_OK)
        err = names_row(&sums->regions, &sums->keep, who->region, &out->region, &region_hash);
    out->set = err == NZ_OK;
    return err;
}

/* The place of a number; NULL: out of memory. */
static struct nz_hit_known *known_of(struct nz_hit_sums *sums, uint32_t who)
{
    if (who >= sums->known_count) {
        const size_t count = ((size_t)who + 1) * 2;
        struct nz_hit_known *known = realloc(sums->known, count * sizeof *known);
        if (!known)
            return NULL;
        memset(known + sums->known_count, 0, (count - sums->known_count) * sizeof *known);
        sums->known = known;
        sums->known_count = count;
    }
    return &sums->known[who];
}

enum nz_err nz_hit_sums_add(struct nz_hit_sums *sums, const struct nz_detection *d, unsigned level,
                            struct nz_hit_group **group)
{
    struct nz_hit_group *g = group_of(sums, d, level < NZ_HIT_LEVELS ? level : NZ_HIT_LEVELS - 1);
    struct nz_hit_known one = {.set = false}, *known = d->who ? known_of(sums, d->who) : &one;
    if (group)
        *group = g;
    if (!g || !known)
        return NZ_E_NOMEM;
    const struct nz_hit_who who = nz_hit_who_of(d);
    enum nz_err err = known->set ? NZ_OK : look_up(sums, &who, known);
    if (err != NZ_OK)
        return err;
    g->count++;
    sums->total++;
    sums->levels[g->level]++;
    times_add(sums, g, d);
    names_count(&sums->actors, known->actor, g->level);
    names_count(&sums->sources, known->source, g->level);
    names_count(&sums->regions, known->region, g->level);
    err = some_add(sums, g, &g->actors, who.actor, known->actor_hash);
    return err != NZ_OK ? err : some_add(sums, g, &g->sources, who.source, known->source_hash);
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
    for (struct nz_hit_group *g = sums->groups; g && sorted; g = g->next)
        sorted[n++] = g;
    if (sorted)
        qsort(sorted, n, sizeof *sorted, compare_groups);
    return sorted;
}
