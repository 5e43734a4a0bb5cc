#include "policy/candidates.h"
#include "policy/cells.h"
#include "policy/mentions.h"

/* What the texts of regions look like: "us-gov-west-1". */
#define FORM "\xfb\xfb-\xfe\xff-\xfc"

/* One of these stands for all that policies do not tell from it, since a reader knows them. */
static const char *const usual[] = {
    "us-east-1",      "us-east-2",      "us-west-1",      "us-west-2",      "eu-west-1",      "eu-west-2",
    "eu-west-3",      "eu-central-1",   "eu-central-2",   "eu-north-1",     "eu-south-1",     "eu-south-2",
    "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-southeast-1", "ap-southeast-2", "ap-southeast-3",
    "ap-southeast-4", "ap-south-1",     "ap-south-2",     "ap-east-1",      "ca-central-1",   "ca-west-1",
    "sa-east-1",      "me-south-1",     "me-central-1",   "il-central-1",   "af-south-1",     "mx-central-1",
};

struct gather {
    struct nz_arena *keep;
    struct nz_cell_patterns patterns; /* the first is the form */
    struct nz_str *list;
    uint64_t *fits;
    uint32_t list_count;
    bool wild; /* some pattern has wildcards */
    bool complete;
};

/* Regions are written small, whatever a policy writes that compares without regard to case. */
static void make_small(struct nz_buf *text)
{
    for (size_t i = 0; i < text->n; i++)
        text->p[i] = (char)nz_ascii_lower((unsigned char)text->p[i]);
}

static void pattern_add(struct gather *g, const struct nz_pattern *p, bool any_case)
{
    struct nz_buf text;
    if (p->shape == NZ_PATTERN_ANY || (p->shape == NZ_PATTERN_EXACT && p->coded.n == 0))
        return; /* all fit, or no region */
    if (p->shape == NZ_PATTERN_VARIABLE) {
        g->complete = false;
        return;
    }
    g->wild |= p->shape != NZ_PATTERN_EXACT;
    nz_buf_init(&text, 0);
    nz_pattern_append_coded(p, &text);
    if (any_case)
        make_small(&text);
    nz_cell_patterns_add(&g->patterns, nz_buf_view(&text), false, g->keep);
    g->patterns.failed |= text.failed;
    nz_buf_release(&text);
}

static bool visit(void *self, const struct nz_statement *st)
{
    struct gather *g = self;
    for (uint32_t i = 0; i < st->resources_count; i++) {
        if (st->resources[i].kind == NZ_ARN_FIELDS)
            pattern_add(g, &st->resources[i].fields[3], false);
    }
    for (uint32_t i = 0; i < st->conditions_count; i++) {
        const struct nz_condition *c = &st->conditions[i];
        bool textual = c->spec.op == NZ_OP_STRING_EQUALS || c->spec.op == NZ_OP_STRING_EQUALS_IGNORE_CASE ||
                       c->spec.op == NZ_OP_STRING_LIKE;
        if (!nz_str_eq(c->key, NZ_STR("aws:requestedregion")) || c->spec.op == NZ_OP_NULL)
            continue;
        g->complete &= textual;
        for (uint32_t k = 0; k < c->count && textual; k++)
            pattern_add(g, &c->values[k].text, c->spec.op == NZ_OP_STRING_EQUALS_IGNORE_CASE);
    }
    return true;
}

static uint64_t fits_of(const struct gather *g, struct nz_str region)
{
    uint64_t fits = 1;
    for (uint32_t i = 1; i < g->patterns.count; i++) {
        struct nz_pattern p = nz_pattern_of(g->patterns.list[i].coded);
        fits |= (uint64_t)nz_pattern_match(&p, region) << i;
    }
    return fits;
}

static void region_add(struct gather *g, struct nz_str region, uint64_t fits)
{
    for (uint32_t i = 0; i < g->list_count; i++) {
        if (g->fits[i] == fits)
            return;
    }
    g->list[g->list_count] = region;
    g->fits[g->list_count++] = fits;
}

enum nz_err nz_policy_set_regions(const struct nz_policy_set *set, struct nz_arena *keep, struct nz_policy_values *out)
{
    struct gather g = {.keep = keep};
    const uint32_t usual_count = sizeof usual / sizeof usual[0];
    struct nz_cells cells = {.complete = true};
    nz_cell_patterns_add(&g.patterns, NZ_STR(FORM), false, keep);
    g.complete = !nz_policy_set_has_variable(set, NZ_STR("aws:requestedregion"));
    nz_policy_set_each(set, visit, &g);
    enum nz_err err = g.patterns.failed ? NZ_E_NOMEM
                      : g.wild          ? nz_cells_find(g.patterns.list, g.patterns.count, 1, keep, &cells)
                                        : NZ_OK;
    if (err != NZ_OK)
        return err;
    g.list = NZ_ARENA_ARRAY(keep, struct nz_str, cells.count + g.patterns.count + usual_count);
    g.fits = NZ_ARENA_ARRAY(keep, uint64_t, cells.count + g.patterns.count + usual_count);
    if (!g.list || !g.fits)
        return NZ_E_NOMEM;
    for (uint32_t i = 0; i < usual_count; i++)
        region_add(&g, nz_str_from_c(usual[i]), fits_of(&g, nz_str_from_c(usual[i])));
    for (uint32_t i = 1; i < g.patterns.count && !g.wild; i++) /* each is a region of its own, or none */
        region_add(&g, g.patterns.list[i].coded, (uint64_t)1 | (uint64_t)1 << i);
    for (uint32_t i = 0; i < cells.count; i++)
        region_add(&g, cells.list[i].text, cells.list[i].fits);
    *out = (struct nz_policy_values){
        .list = g.list, .count = g.list_count, .complete = g.complete && !g.patterns.incomplete && cells.complete};
    return NZ_OK;
}
