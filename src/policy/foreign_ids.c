#include "policy/foreign_ids.h"

#include "core/buf.h"
#include "policy/candidates.h"
#include "policy/cells.h"

#define KEY_BYTES_MAX 32u /* ours */

struct gather {
    const struct nz_foreign_form *form;
    struct nz_arena *keep;
    struct nz_cell_patterns patterns; /* the first is the form */
    struct nz_buf own; /* struct nz_str: ids that are written out, or of ARNs the account and the last part */
    struct nz_buf text;
    bool complete, failed;
};

static void own_add(struct gather *g, struct nz_str id)
{
    if (id.n)
        nz_buf_append(&g->own, nz_str_of((const char *)&id, sizeof id));
}

static bool is_own(const struct gather *g, struct nz_str id)
{
    const struct nz_str *own = (const void *)g->own.p;
    for (size_t i = 0; i < g->own.n / sizeof *own; i++) {
        if (nz_str_find(id, own[i]) != SIZE_MAX)
            return true;
    }
    return false;
}

static void text_begin(struct gather *g)
{
    g->failed |= g->text.failed;
    nz_buf_clear(&g->text);
}

/* Of a path: the organization that stands before its first "/", unless that has a wildcard. */
static size_t owner_bytes(struct nz_str coded)
{
    for (size_t i = 0; i < coded.n && coded.p[i] != NZ_PATTERN_MANY && coded.p[i] != NZ_PATTERN_ONE; i++) {
        if (coded.p[i] == '/')
            return nz_str_starts_with(coded, NZ_STR("o-")) ? i + 1 : 0;
    }
    return 0;
}

static void text_value_add(struct gather *g, const struct nz_pattern *p)
{
    if (p->shape == NZ_PATTERN_ANY)
        return; /* all fit */
    if (p->shape == NZ_PATTERN_EXACT && !g->form->chosen) {
        own_add(g, p->coded);
        return;
    }
    struct nz_str owner = nz_str_head(p->coded, p->shape == NZ_PATTERN_VARIABLE ? 0 : owner_bytes(p->coded));
    if (owner.n) { /* "o-a1b2c3d4e5/r-ab12/" and more: all below it is the organization's */
        own_add(g, owner);
        return;
    }
    text_begin(g);
    nz_pattern_append_coded(p, &g->text);
    if (p->shape == NZ_PATTERN_VARIABLE)
        g->complete = false;
    else
        nz_cell_patterns_add(&g->patterns, nz_buf_view(&g->text), false, g->keep);
}

static void arn_value_add(struct gather *g, const struct nz_arn *arn)
{
    bool known = true;
    if (arn->kind != NZ_ARN_FIELDS)
        return; /* all fit, or none */
    const struct nz_pattern *account = &arn->fields[4], *id = &arn->fields[5];
    if (id->shape == NZ_PATTERN_EXACT && !g->form->chosen)
        own_add(g, id->coded);
    if (account->shape == NZ_PATTERN_EXACT && !g->form->chosen)
        own_add(g, account->coded);
    if (!g->form->chosen && (id->shape == NZ_PATTERN_EXACT || account->shape == NZ_PATTERN_EXACT))
        return; /* no foreign one fits */
    text_begin(g);
    for (int i = 0; i < 6 && known; i++) {
        if (i)
            nz_buf_append_char(&g->text, ':');
        nz_pattern_append_coded(&arn->fields[i], &g->text);
        known = arn->fields[i].shape != NZ_PATTERN_VARIABLE;
    }
    if (known)
        nz_cell_patterns_add(&g->patterns, nz_buf_view(&g->text), true, g->keep);
    else
        g->complete = false;
}

static void condition_add(struct gather *g, const struct nz_condition *c)
{
    for (uint32_t i = 0; i < c->count; i++) {
        if (c->spec.op == NZ_OP_ARN)
            arn_value_add(g, c->values[i].arn);
        else if (c->spec.op == NZ_OP_STRING_EQUALS || c->spec.op == NZ_OP_STRING_EQUALS_IGNORE_CASE ||
                 c->spec.op == NZ_OP_STRING_LIKE)
            text_value_add(g, &c->values[i].text);
        else if (c->spec.op != NZ_OP_NULL)
            g->complete = false; /* a number: what of an id it compares is not looked at */
        if (c->spec.op == NZ_OP_STRING_EQUALS_IGNORE_CASE && g->form->chosen)
            g->complete = false; /* other spellings are not tried */
    }
}

/* Without a pattern all ids that are not written out are alike. */
static enum nz_err usual_only(struct gather *g, struct nz_foreign_ids *out)
{
    struct nz_str *one = NZ_ARENA_NEW(g->keep, struct nz_str);
    if (!one)
        return NZ_E_NOMEM;
    *one = g->form->usual;
    *out = (struct nz_foreign_ids){.list = one, .count = 1, .complete = g->complete && !is_own(g, *one)};
    return NZ_OK;
}

static enum nz_err ids_find(struct gather *g, struct nz_foreign_ids *out)
{
    struct nz_cells cells;
    if (g->patterns.count == 1)
        return usual_only(g, out);
    enum nz_err err = nz_cells_find(g->patterns.list, g->patterns.count, 1, g->keep, &cells);
    if (err != NZ_OK)
        return err;
    struct nz_str *list = NZ_ARENA_ARRAY(g->keep, struct nz_str, cells.count + (size_t)1);
    if (!list)
        return NZ_E_NOMEM;
    *out = (struct nz_foreign_ids){.list = list, .complete = g->complete && !g->patterns.incomplete && cells.complete};
    for (uint32_t i = 0; i < cells.count; i++) {
        if (is_own(g, cells.list[i].text)) /* it does not stand for its neighbours */
            out->complete = false;
        else
            list[out->count++] = cells.list[i].text;
    }
    if (out->count == 0) { /* the automaton was too large */
        list[out->count++] = g->form->usual;
        out->complete = false;
    }
    return NZ_OK;
}

static struct nz_str key_lower(struct nz_str key, char lower[KEY_BYTES_MAX])
{
    size_t n = key.n < KEY_BYTES_MAX ? key.n : KEY_BYTES_MAX;
    for (size_t i = 0; i < n; i++)
        lower[i] = (char)nz_ascii_lower((unsigned char)key.p[i]);
    return nz_str_of(lower, n);
}

enum nz_err nz_policy_set_foreign_ids(const struct nz_policy_set *set, const struct nz_foreign_form *form,
                                      struct nz_arena *keep, struct nz_foreign_ids *out)
{
    struct gather g = {.form = form, .keep = keep, .complete = true};
    struct nz_atoms atoms;
    char lower[KEY_BYTES_MAX];
    *out = (struct nz_foreign_ids){0};
    struct nz_str key = key_lower(form->key, lower);
    nz_atoms_find(set, key, &atoms);
    g.complete = atoms.complete && !nz_policy_set_has_variable(set, key);
    nz_buf_init(&g.own, 0);
    nz_buf_init(&g.text, 0);
    nz_cell_patterns_add(&g.patterns, form->coded, nz_str_starts_with(form->coded, NZ_STR("arn:")), keep);
    for (uint32_t i = 0; i < atoms.count; i++)
        condition_add(&g, atoms.list[i]);
    enum nz_err err = ids_find(&g, out);
    bool failed = g.failed || g.patterns.failed || g.own.failed || g.text.failed;
    nz_buf_release(&g.own);
    nz_buf_release(&g.text);
    return failed ? NZ_E_NOMEM : err;
}
