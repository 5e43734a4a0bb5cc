#include "cli/option.h"

#include "cli/i18n.h"
#include "core/text.h"

#include <inttypes.h>
#include <stdlib.h>

static const char *const lang_choices[] = {"auto", "en", "ja", NULL};
static const char *const color_choices[] = {"auto", "always", "never", NULL};
static const char *const level_choices[] = {"informational", "low", "medium", "high", "critical", NULL};

static const struct nz_opt keys[] = {
    [NZ_KEY_NONE] = {0},
#define NZ_KEY(id, ...) [NZ_KEY_##id] = {.key = NZ_KEY_##id, __VA_ARGS__},
#include "cli/keys.list"
#undef NZ_KEY
};

const struct nz_opt *nz_key_row(enum nz_key key)
{
    return &keys[key];
}

struct nz_opt nz_opt_whole(const struct nz_opt *row)
{
    struct nz_opt whole = *row;
    if (row->key == NZ_KEY_NONE)
        return whole;
    const struct nz_opt *key = &keys[row->key];
    whole.kind = key->kind == NZ_OPT_MAP ? NZ_OPT_LIST : key->kind; /* --expand NAME=VALUE, again and again */
    whole.metavar = key->metavar;
    whole.def = key->def;
    whole.choices = key->choices;
    whole.choice_texts = key->choice_texts;
    whole.min = key->min;
    whole.max = key->max;
    whole.complete = key->complete;
    if (!whole.help)
        whole.help = key->help;
    return whole;
}

int nz_choice_find(const char *const *choices, const char *text)
{
    for (int i = 0; choices[i]; i++) {
        if (strcmp(choices[i], text) == 0)
            return i;
    }
    return -1;
}

enum nz_err nz_opt_list_add(struct nz_arena *keep, struct nz_opt_list *list, const char *item)
{
    /* room doubles; the old array stays in the arena, which a command line does not make large */
    if ((list->count & (list->count - 1)) == 0) {
        const char **items = NZ_ARENA_ARRAY(keep, const char *, list->count ? list->count * 2 : 1);
        if (!items)
            return NZ_E_NOMEM;
        for (size_t i = 0; i < list->count; i++)
            items[i] = list->items[i];
        list->items = items;
    }
    const char **items = (const char **)(uintptr_t)list->items; /* ours: made above */
    items[list->count++] = item;
    return NZ_OK;
}

static enum nz_err parse_enum(const struct nz_opt *row, const char *text, int *slot, struct nz_diag *diag)
{
    int place = nz_choice_find(row->choices, text);
    if (place >= 0) {
        *slot = place;
        return NZ_OK;
    }
    struct nz_buf all;
    nz_buf_init(&all, 0);
    size_t count = 0;
    for (; row->choices[count]; count++)
        nz_buf_printf(&all, "%s%s", count ? ", " : "", row->choices[count]);
    const char *near = nz_text_nearest(nz_str_from_c(text), row->choices, count);
    if (near)
        nz_diag_set(diag, NZ_E_USAGE, _("'%s' is none of %.*s; did you mean '%s'?"), text,
                    NZ_STR_ARG(nz_buf_view(&all)), near);
    else
        nz_diag_set(diag, NZ_E_USAGE, _("'%s' is none of %.*s"), text, NZ_STR_ARG(nz_buf_view(&all)));
    nz_buf_release(&all);
    return NZ_E_USAGE;
}

static enum nz_err parse_number(const struct nz_opt *row, const char *text, uint64_t *slot, struct nz_diag *diag)
{
    struct nz_str digits = nz_str_from_c(text);
    unsigned shift = 0;
    if (row->kind == NZ_OPT_SIZE && digits.n) {
        const char *unit = memchr("KMG", digits.p[digits.n - 1], 3);
        if (unit) {
            shift = *unit == 'K' ? 10 : *unit == 'M' ? 20 : 30;
            digits.n--;
        }
    }
    uint64_t value, max = row->max ? row->max : UINT64_MAX;
    if (!nz_str_to_u64(digits, &value) || value > UINT64_MAX >> shift) {
        if (row->kind == NZ_OPT_SIZE)
            return nz_diag_set(diag, NZ_E_USAGE, _("'%s' is not a size such as 4096, 64K, 16M or 2G"), text);
        return nz_diag_set(diag, NZ_E_USAGE, _("'%s' is not a number"), text);
    }
    value <<= shift;
    if (value < row->min || value > max)
        return nz_diag_set(diag, NZ_E_USAGE, _("'%s' is not between %" PRIu64 " and %" PRIu64), text, row->min, max);
    *slot = value;
    return NZ_OK;
}

static enum nz_err parse_time(const char *text, struct nz_opt_time *slot, struct nz_diag *diag)
{
    int64_t age_us;
    if (nz_time_parse(nz_str_from_c(text), &slot->at)) {
        slot->set = true;
        return NZ_OK;
    }
    if (nz_duration_parse(nz_str_from_c(text), &age_us)) {
        slot->at.us = nz_clock_system.now(NULL).us - age_us;
        slot->set = true;
        return NZ_OK;
    }
    return nz_diag_set(diag, NZ_E_USAGE, _("'%s' is not a time such as 2023-07-10T12:00:00Z, 2023-07-10 or 7d"), text);
}

static enum nz_err parse_flag(const char *text, bool *slot, struct nz_diag *diag)
{
    static const char *const yes[] = {"true", "1", "yes", "on", NULL}, *const no[] = {"false", "0", "no",
                                                                                      "off",   "",  NULL};
    *slot = nz_choice_find(yes, text) >= 0;
    if (*slot || nz_choice_find(no, text) >= 0)
        return NZ_OK;
    return nz_diag_set(diag, NZ_E_USAGE, _("'%s' is neither true nor false"), text);
}

enum nz_err nz_opt_parse(const struct nz_opt *row, const char *text, void *slot, struct nz_diag *diag)
{
    switch (row->kind) {
    case NZ_OPT_FLAG:
        return parse_flag(text, slot, diag);
    case NZ_OPT_UINT:
    case NZ_OPT_SIZE:
        return parse_number(row, text, slot, diag);
    case NZ_OPT_ENUM:
        return parse_enum(row, text, slot, diag);
    case NZ_OPT_TIME:
        return parse_time(text, slot, diag);
    case NZ_OPT_TEXT:
        *(const char **)slot = text;
        return NZ_OK;
    case NZ_OPT_LIST:
    case NZ_OPT_MAP:
        break;
    }
    return nz_diag_set(diag, NZ_E_BUG, "a list is not one value");
}
