#include "policy/targets.h"

#include "policy/aws_owned.h"
#include "policy/candidates.h"
#include "policy/cells.h"

#include <stdlib.h>

#define MEMO_ENTRIES_MAX 32768u /* then it is begun anew */

/* An ARN of the catalogue as a pattern: "arn:aws:s3:::" and any text. */
struct form {
    struct nz_str coded;
    struct nz_str fields[6]; /* of coded */
    struct nz_str usual;     /* a text that fits it and looks as a reader expects */
    bool reads_only;         /* actions that write are not about such resources */
};

/* Of one resource type; made when it is first asked for. */
struct type_forms {
    struct form *forms; /* the first has the text that is usual for the type */
    uint32_t count;
};

/* What a form and a pattern have in common. */
struct memo_entry {
    uint64_t key; /* 0: free */
    struct nz_str text;
    bool complete;
};

struct nz_target_finder {
    const struct nz_catalogue *catalogue;
    struct nz_str partition, account;
    struct nz_arena arena; /* forms */
    struct type_forms *types;
    struct nz_arena common;
    struct memo_entry *memo; /* 2 * MEMO_ENTRIES_MAX */
    uint32_t memo_count;
    struct gather *gather; /* too large to be made anew for each question */
};

/* What is being found. */
struct gather {
    struct nz_target_finder *f;
    const struct nz_target_question *q;
    struct nz_policy_scratch *s;
    struct nz_arena *keep;
    const struct form *form;
    struct nz_cell_pattern patterns[NZ_TARGETS_MAX + 1]; /* the first is the form */
    bool grants[NZ_TARGETS_MAX + 1];                     /* some Allow has the pattern */
    uint32_t count;
    struct nz_str list[NZ_TARGETS_MAX];
    uint32_t list_count;
    struct nz_buf text;
    bool complete, failed;
};

enum nz_err nz_target_finder_new(const struct nz_catalogue *catalogue, struct nz_str partition, struct nz_str account,
                                 struct nz_target_finder **out)
{
    struct nz_target_finder *f = calloc(1, sizeof *f);
    *out = NULL;
    if (!f)
        return NZ_E_NOMEM;
    f->catalogue = catalogue;
    f->partition = partition;
    f->account = account;
    nz_arena_init(&f->arena, 0);
    nz_arena_init(&f->common, 0);
    f->types = NZ_ARENA_ARRAY(&f->arena, struct type_forms, nz_catalogue_head(catalogue)->resources + (size_t)1);
    f->memo = calloc(2 * (size_t)MEMO_ENTRIES_MAX, sizeof *f->memo);
    f->gather = calloc(1, sizeof *f->gather);
    if (!f->types || !f->memo || !f->gather) {
        nz_target_finder_free(f);
        return NZ_E_NOMEM;
    }
    *out = f;
    return NZ_OK;
}

void nz_target_finder_free(struct nz_target_finder *f)
{
    if (!f)
        return;
    nz_arena_release(&f->arena);
    nz_arena_release(&f->common);
    free(f->memo);
    free(f->gather);
    free(f);
}

/* --- an ARN of the catalogue: "arn:${Partition}:s3:::${BucketName}" --- */

/* usual: placeholders become texts; else each becomes one character and any more. */
static void template_append(const struct nz_target_finder *f, struct nz_str account, struct nz_str arn, bool usual,
                            struct nz_buf *out)
{
    while (arn.n) {
        size_t close = nz_str_find(arn, NZ_STR("}"));
        if (!nz_str_starts_with(arn, NZ_STR("${")) || close == SIZE_MAX) {
            nz_buf_append_char(out, arn.p[0] == '*' && !usual ? NZ_PATTERN_MANY : arn.p[0]);
            arn = nz_str_skip(arn, 1);
            continue;
        }
        struct nz_str name = nz_str_of(arn.p + 2, close - 2);
        if (nz_str_eq(name, NZ_STR("Partition"))) {
            nz_buf_append(out, f->partition);
        } else if (nz_str_eq(name, NZ_STR("Account"))) {
            nz_buf_append(out, usual && nz_str_eq(account, NZ_TARGET_ANY) ? NZ_STR("999999999999") : account);
        } else if (usual) {
            nz_buf_append(out, nz_str_eq(name, NZ_STR("Region")) ? NZ_STR("us-east-1") : NZ_STR("example"));
        } else {
            nz_buf_append_char(out, NZ_PATTERN_ONE);
            nz_buf_append_char(out, NZ_PATTERN_MANY);
        }
        arn = nz_str_skip(arn, close + 1);
    }
}

static bool form_set(struct form *form, struct nz_arena *keep, struct nz_str coded, struct nz_str usual)
{
    form->coded = nz_arena_str(keep, coded);
    form->usual = nz_arena_str(keep, usual);
    if (!form->coded.p || !form->usual.p)
        return false;
    if (!nz_arn_split(form->coded, form->fields))
        form->fields[0] = NZ_STR("\n"); /* meets no pattern */
    return true;
}

static bool form_add(struct nz_target_finder *f, struct nz_str account, struct nz_str arn, struct type_forms *type)
{
    struct nz_buf coded, usual;
    nz_buf_init(&coded, 0);
    nz_buf_init(&usual, 0);
    template_append(f, account, arn, false, &coded);
    template_append(f, account, arn, true, &usual);
    bool made = !coded.failed && !usual.failed &&
                form_set(&type->forms[type->count++], &f->arena, nz_buf_view(&coded), nz_buf_view(&usual));
    nz_buf_release(&coded);
    nz_buf_release(&usual);
    return made;
}

static enum nz_err type_make(struct nz_target_finder *f, uint32_t resource, struct type_forms *type)
{
    struct nz_catalogue_range arns = nz_catalogue_resource(f->catalogue, resource)->arns;
    type->forms = NZ_ARENA_ARRAY(&f->arena, struct form, 2 * (size_t)arns.count);
    bool made = type->forms != NULL;
    for (uint32_t i = 0; i < arns.count && made; i++) {
        struct nz_str arn = nz_catalogue_arn(f->catalogue, arns, i);
        const struct nz_aws_owned *owned = nz_aws_owned_find(arn);
        made = form_add(f, f->account, arn, type);
        if (!made || !owned)
            continue;
        made = form_add(f, owned->account, arn, type);
        type->forms[type->count - 1].reads_only = owned->reads_only;
    }
    if (made)
        return NZ_OK;
    type->count = 0; /* to be made again */
    return NZ_E_NOMEM;
}

static struct nz_str service_of(struct nz_str action)
{
    size_t colon = nz_str_find(action, NZ_STR(":"));
    return nz_str_head(action, colon == SIZE_MAX ? 0 : colon);
}

/* Of an action that the catalogue does not have: any ARN of its service. */
static enum nz_err unlisted_make(const struct nz_target_finder *f, struct nz_str action, struct nz_arena *keep,
                                 struct type_forms *type)
{
    struct nz_str service = service_of(action);
    struct form *form = NZ_ARENA_NEW(keep, struct form);
    struct nz_buf coded, usual;
    nz_buf_init(&coded, 0);
    nz_buf_init(&usual, 0);
    nz_buf_printf(&usual, "arn:%.*s:%.*s:us-east-1:%.*s:example", NZ_STR_ARG(f->partition), NZ_STR_ARG(service),
                  NZ_STR_ARG(f->account));
    nz_buf_printf(&coded, "arn:%.*s:%.*s:%c:%.*s:%c", NZ_STR_ARG(f->partition), NZ_STR_ARG(service), NZ_PATTERN_MANY,
                  NZ_STR_ARG(f->account), NZ_PATTERN_MANY);
    bool made =
        form && !coded.failed && !usual.failed && form_set(form, keep, nz_buf_view(&coded), nz_buf_view(&usual));
    nz_buf_release(&coded);
    nz_buf_release(&usual);
    type->forms = form;
    type->count = 1;
    return made ? NZ_OK : NZ_E_NOMEM;
}

static enum nz_err type_of(struct nz_target_finder *f, const struct nz_target_question *q, struct nz_arena *keep,
                           struct type_forms *out)
{
    enum nz_err err = NZ_OK;
    if (q->action == NZ_CATALOGUE_NONE)
        return unlisted_make(f, q->text, keep, out);
    if (f->types[q->resource].count == 0)
        err = type_make(f, q->resource, &f->types[q->resource]);
    *out = f->types[q->resource];
    return err;
}

enum nz_err nz_target_usual(struct nz_target_finder *f, const struct nz_target_question *q, struct nz_arena *keep,
                            struct nz_str *out)
{
    struct type_forms type;
    *out = NZ_STR("*");
    if (q->action != NZ_CATALOGUE_NONE && q->resource == NZ_CATALOGUE_NONE)
        return NZ_OK;
    enum nz_err err = type_of(f, q, keep, &type);
    if (err == NZ_OK)
        *out = type.forms[0].usual;
    return err;
}

/* --- the patterns that statements about the action have --- */

struct naming {
    struct nz_policy_scratch *s;
    struct nz_buf list; /* struct nz_target_pattern */
    struct nz_target_patterns *out;
};

static bool statement_visit(void *self, const struct nz_statement *st)
{
    struct naming *n = self;
    if (!(st->services & n->s->service_bit) || !nz_statement_has_action(n->s, st))
        return true;
    for (uint32_t i = 0; i < st->resources_count; i++) {
        if (st->resources[i].kind != NZ_ARN_FIELDS)
            continue;
        bool grants = st->allow && !st->not_resource;
        n->out->cross |= !grants;
        struct nz_target_pattern pattern = {&st->resources[i], grants};
        if (n->out->count == NZ_TARGETS_MAX) {
            n->out->complete = false;
            continue;
        }
        n->out->count++;
        nz_buf_append(&n->list, nz_str_of((const char *)&pattern, sizeof pattern));
    }
    return true;
}

enum nz_err nz_target_patterns_find(const struct nz_policy_set *set, struct nz_str action,
                                    struct nz_policy_scratch *scratch, struct nz_arena *keep,
                                    struct nz_target_patterns *out)
{
    struct naming n = {.s = scratch, .out = out};
    *out = (struct nz_target_patterns){.cross = set->boundary.present || set->session.present || set->scp.count > 0,
                                       .complete = true};
    nz_buf_init(&n.list, 0);
    nz_scratch_set_action(scratch, action);
    nz_policy_set_each(set, statement_visit, &n);
    struct nz_str kept = nz_arena_str(keep, nz_buf_view(&n.list));
    bool failed = n.list.failed || !kept.p;
    nz_buf_release(&n.list);
    out->list = (const void *)kept.p;
    return failed ? NZ_E_NOMEM : NZ_OK;
}

/* --- those that a resource type meets --- */

static bool is_wild(char byte)
{
    return byte == NZ_PATTERN_MANY || byte == NZ_PATTERN_ONE;
}

/* Texts without a common beginning, or end, have no text in common: most patterns are about another resource. a may be a
 * pattern that goes on with any text. */
static bool may_meet(struct nz_str a, bool a_goes_on, struct nz_str b)
{
    size_t i = 0;
    for (; i < a.n && i < b.n && !is_wild(a.p[i]) && !is_wild(b.p[i]); i++) {
        if (a.p[i] != b.p[i])
            return false;
    }
    if (i == b.n && i < a.n && !is_wild(a.p[i]))
        return false; /* b is at its end */
    if (a_goes_on)
        return true;
    if (i == a.n && i < b.n && b.p[i] != NZ_PATTERN_MANY)
        return false;
    for (i = 0; i < a.n && i < b.n; i++) {
        char x = a.p[a.n - 1 - i], y = b.p[b.n - 1 - i];
        if (is_wild(x) || is_wild(y))
            return true;
        if (x != y)
            return false;
    }
    return true;
}

static bool field_may_meet(const struct nz_pattern *p, struct nz_str field)
{
    return p->shape == NZ_PATTERN_VARIABLE || p->shape == NZ_PATTERN_ANY ||
           may_meet(p->coded, p->shape == NZ_PATTERN_PREFIX, field);
}

static bool form_may_meet(const struct form *form, const struct nz_arn *arn)
{
    static const int telling_first[6] = {2, 5, 3, 4, 0, 1};
    for (int i = 0; i < 6; i++) {
        if (!field_may_meet(&arn->fields[telling_first[i]], form->fields[telling_first[i]]))
            return false;
    }
    return true;
}

static void pattern_add(struct gather *g, struct nz_str coded, bool grants)
{
    for (uint32_t i = 1; i < g->count; i++) {
        if (nz_str_eq(g->patterns[i].coded, coded)) {
            g->grants[i] |= grants;
            return;
        }
    }
    struct nz_str kept = nz_arena_str(g->keep, coded);
    g->failed |= !kept.p;
    g->grants[g->count] = grants;
    g->patterns[g->count++] = (struct nz_cell_pattern){.coded = kept, .arn = true};
}

static bool field_append(struct gather *g, const struct nz_pattern *p)
{
    struct nz_str coded = p->coded;
    enum nz_tri known = NZ_YES;
    if (p->shape == NZ_PATTERN_VARIABLE)
        known = nz_pattern_fill(g->s, p, false, &coded);
    if (known == NZ_FREE)
        g->complete = false;
    if (known != NZ_YES)
        return false;
    nz_buf_append(&g->text, coded);
    if (p->shape == NZ_PATTERN_PREFIX)
        nz_buf_append_char(&g->text, NZ_PATTERN_MANY);
    return true;
}

static void resource_add(struct gather *g, const struct nz_target_pattern *pattern)
{
    const struct nz_arn *arn = pattern->arn;
    if (!form_may_meet(g->form, arn))
        return;
    g->failed |= g->text.failed;
    nz_buf_clear(&g->text);
    for (int i = 0; i < 6; i++) {
        if (i)
            nz_buf_append_char(&g->text, ':');
        if (!field_append(g, &arn->fields[i]))
            return;
    }
    pattern_add(g, nz_buf_view(&g->text), pattern->grants);
}

/* --- texts that fit --- */

static void target_add(struct gather *g, struct nz_str text)
{
    if (g->list_count == NZ_TARGETS_MAX)
        g->complete = false;
    else
        g->list[g->list_count++] = text;
}

static struct memo_entry *memo_slot(struct nz_target_finder *f, uint64_t key)
{
    size_t slot = key & (2 * MEMO_ENTRIES_MAX - 1);
    while (f->memo[slot].key && f->memo[slot].key != key)
        slot = (slot + 1) & (2 * MEMO_ENTRIES_MAX - 1);
    return &f->memo[slot];
}

static void memo_make_room(struct nz_target_finder *f)
{
    if (f->memo_count < MEMO_ENTRIES_MAX - NZ_TARGETS_MAX)
        return;
    memset(f->memo, 0, 2 * (size_t)MEMO_ENTRIES_MAX * sizeof *f->memo);
    nz_arena_reset(&f->common);
    f->memo_count = 0;
}

/* A text that fits the form and one pattern; .p NULL: there is none. */
static enum nz_err common_find(struct gather *g, uint32_t pattern, struct nz_str *out)
{
    uint64_t key = (nz_str_hash(g->form->coded) * 31 + nz_str_hash(g->patterns[pattern].coded)) | 1;
    struct memo_entry *entry = memo_slot(g->f, key);
    if (!entry->key) {
        struct nz_cell_pattern both[2] = {g->patterns[0], g->patterns[pattern]};
        struct nz_cells cells;
        enum nz_err err = nz_cells_find(both, 2, 3, &g->f->common, &cells);
        if (err != NZ_OK)
            return err;
        *entry = (struct memo_entry){.key = key, .complete = cells.complete};
        if (cells.count)
            entry->text = cells.list[0].text;
        g->f->memo_count++;
    }
    g->complete &= entry->complete;
    *out = entry->text;
    return NZ_OK;
}

/* Where each pattern allows by itself, one text of each will do. */
static enum nz_err one_by_one(struct gather *g)
{
    for (uint32_t i = 1; i < g->count; i++) {
        struct nz_str text;
        enum nz_err err = common_find(g, i, &text);
        if (err != NZ_OK)
            return err;
        if (text.p)
            target_add(g, text);
    }
    return NZ_OK;
}

/* One text of each cell of these patterns, the form and what else is required among them. */
static enum nz_err cells_add(struct gather *g, const struct nz_cell_pattern *patterns, uint32_t count,
                             uint64_t required)
{
    struct nz_cells cells;
    enum nz_err err = nz_cells_find(patterns, count, required, g->keep, &cells);
    if (err != NZ_OK)
        return err;
    g->complete &= cells.complete;
    for (uint32_t i = 0; i < cells.count; i++)
        target_add(g, cells.list[i].text);
    return NZ_OK;
}

/* Patterns too many to be told apart at once: those that meet one Allow's are few, and without another Allow only what
 * fits one of them can be open. */
static enum nz_err grant_by_grant(struct gather *g)
{
    enum nz_err err = NZ_OK;
    for (uint32_t i = 1; i < g->count && err == NZ_OK; i++) {
        struct nz_cell_pattern some[NZ_CELLS_PATTERNS_MAX] = {g->patterns[0], g->patterns[i]};
        uint32_t count = 2;
        for (uint32_t k = 1; k < g->count && g->grants[i]; k++) {
            if (k == i || !may_meet(g->patterns[i].coded, false, g->patterns[k].coded))
                continue;
            if (count < NZ_CELLS_PATTERNS_MAX)
                some[count++] = g->patterns[k];
            else
                g->complete = false;
        }
        if (g->grants[i])
            err = cells_add(g, some, count, 3);
    }
    return err;
}

static enum nz_err form_targets(struct gather *g, const struct form *form, bool first)
{
    g->form = form;
    g->count = 1;
    g->patterns[0] = (struct nz_cell_pattern){.coded = form->coded, .arn = true};
    for (uint32_t i = 0; i < g->q->patterns->count; i++)
        resource_add(g, &g->q->patterns->list[i]);
    if (g->failed || g->text.failed)
        return NZ_E_NOMEM;
    if (g->count == 1) { /* the usual one stands for all */
        if (!first && (g->q->patterns->cross || g->q->each_form))
            target_add(g, form->usual);
        return NZ_OK;
    }
    if (!g->q->patterns->cross)
        return one_by_one(g);
    if (g->count <= NZ_CELLS_PATTERNS_MAX)
        return cells_add(g, g->patterns, g->count, 1);
    if (g->q->granted_by_patterns)
        return grant_by_grant(g);
    g->complete = false;
    return one_by_one(g);
}

static bool is_asked(const struct gather *g, const struct form *form)
{
    if (!form->reads_only || g->q->action == NZ_CATALOGUE_NONE)
        return true;
    return nz_catalogue_reads(g->f->catalogue, g->q->action);
}

/* --- together --- */

static enum nz_err gather(struct gather *g, struct nz_targets *out)
{
    struct type_forms type;
    enum nz_err err = type_of(g->f, g->q, g->keep, &type);
    for (uint32_t i = 0; err == NZ_OK && i < type.count; i++) {
        if (is_asked(g, &type.forms[i]))
            err = form_targets(g, &type.forms[i], i == 0);
    }
    if (err == NZ_OK && g->q->action == NZ_CATALOGUE_NONE)
        target_add(g, NZ_STR("*"));
    if (err != NZ_OK || g->list_count == 0)
        return err;
    struct nz_str kept = nz_arena_str(g->keep, nz_str_of((const char *)g->list, g->list_count * sizeof g->list[0]));
    out->list = (const void *)kept.p;
    out->count = g->list_count;
    return kept.p ? NZ_OK : NZ_E_NOMEM;
}

enum nz_err nz_targets_find(struct nz_target_finder *finder, const struct nz_target_question *q,
                            struct nz_policy_scratch *scratch, struct nz_arena *keep, struct nz_targets *out)
{
    struct gather *g = finder->gather;
    *out = (struct nz_targets){.complete = true};
    if (q->action != NZ_CATALOGUE_NONE && q->resource == NZ_CATALOGUE_NONE)
        return NZ_OK;
    g->f = finder;
    g->q = q;
    g->s = scratch;
    g->keep = keep;
    g->list_count = 0;
    g->complete = q->patterns->complete;
    g->failed = false;
    memo_make_room(finder);
    scratch->request = q->request; /* variables are filled in from its context */
    scratch->failed = false;
    nz_buf_init(&g->text, 0);
    enum nz_err err = gather(g, out);
    if (scratch->failed)
        err = NZ_E_NOMEM;
    out->complete = g->complete;
    nz_buf_release(&g->text);
    return err;
}
