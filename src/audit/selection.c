#include "audit/selection.h"

#include "inventory/item.h"

static struct nz_json member(struct nz_json object, const char *name)
{
    return nz_item_member(object, nz_str_from_c(name));
}

static bool text_is(struct nz_json v, const char *text)
{
    return nz_json_kind(v) == NZ_JSON_STRING && nz_str_eq_nocase(nz_json_string_raw(v), nz_str_from_c(text));
}

static bool list_has(struct nz_json list, const char *text)
{
    struct nz_json_iter it = nz_json_iter(list);
    while (nz_json_next(&it)) {
        if (text_is(it.value, text))
            return true;
    }
    return false;
}

static bool list_is_empty(struct nz_json list)
{
    struct nz_json_iter it = nz_json_iter(list);
    return !nz_json_next(&it);
}

static struct nz_selection best_of(struct nz_selection a, struct nz_selection b)
{
    return (struct nz_selection){
        .reading = a.reading > b.reading ? a.reading : b.reading,
        .writing = a.writing > b.writing ? a.writing : b.writing,
    };
}

/* ReadWriteType and IncludeManagementEvents have the defaults All and true. */
static struct nz_selection classic_read(struct nz_json selector)
{
    struct nz_selection s = {NZ_SELECTED_NONE, NZ_SELECTED_NONE};
    if (nz_json_kind(member(selector, "IncludeManagementEvents")) == NZ_JSON_FALSE)
        return s;
    const struct nz_json type = member(selector, "ReadWriteType");
    const bool excludes = !list_is_empty(member(selector, "ExcludeManagementEventSources"));
    const enum nz_selected level = excludes ? NZ_SELECTED_EXCLUDED : NZ_SELECTED_ALL;
    if (!text_is(type, "WriteOnly"))
        s.reading = level;
    if (!text_is(type, "ReadOnly"))
        s.writing = level;
    return s;
}

/* One field of an advanced selector takes away from what its selector gives so far. */
static void field_apply(struct nz_json field, struct nz_selection *s, bool *is_management)
{
    static const char *const operators[] = {"NotEquals", "NotStartsWith", "NotEndsWith",
                                            "Equals",    "StartsWith",    "EndsWith"};
    const struct nz_json name = member(field, "Field"), equals = member(field, "Equals");
    unsigned used = 0;
    for (unsigned i = 0; i < 6; i++)
        used |= list_is_empty(member(field, operators[i])) ? 0 : 1u << i;
    enum nz_selected most = NZ_SELECTED_NARROWED;
    if (text_is(name, "eventCategory")) {
        *is_management = list_has(equals, "Management");
        return;
    }
    if (text_is(name, "readOnly") && used == 1u << 3) {
        if (!list_has(equals, "true"))
            s->reading = NZ_SELECTED_NONE;
        if (!list_has(equals, "false"))
            s->writing = NZ_SELECTED_NONE;
        return;
    }
    if (text_is(name, "eventSource") && used && used < 1u << 3) /* negated operators alone */
        most = NZ_SELECTED_EXCLUDED;
    if (s->reading > most)
        s->reading = most;
    if (s->writing > most)
        s->writing = most;
}

static struct nz_selection advanced_read(struct nz_json selector)
{
    struct nz_selection s = {NZ_SELECTED_ALL, NZ_SELECTED_ALL};
    bool is_management = false;
    struct nz_json_iter it = nz_json_iter(member(selector, "FieldSelectors"));
    while (nz_json_next(&it))
        field_apply(it.value, &s, &is_management);
    return is_management ? s : (struct nz_selection){NZ_SELECTED_NONE, NZ_SELECTED_NONE};
}

struct nz_selection nz_selection_read(struct nz_json answer)
{
    const struct nz_json classic = member(answer, "EventSelectors"),
                         advanced = member(answer, "AdvancedEventSelectors");
    struct nz_selection s = {NZ_SELECTED_NONE, NZ_SELECTED_NONE};
    if (list_is_empty(classic) && list_is_empty(advanced))
        return (struct nz_selection){NZ_SELECTED_ALL, NZ_SELECTED_ALL};
    struct nz_json_iter it = nz_json_iter(classic);
    while (nz_json_next(&it))
        s = best_of(s, classic_read(it.value));
    it = nz_json_iter(advanced);
    while (nz_json_next(&it))
        s = best_of(s, advanced_read(it.value));
    return s;
}

static void texts_append(struct nz_json list, struct nz_buf *out)
{
    struct nz_json_iter it = nz_json_iter(list);
    while (nz_json_next(&it)) {
        if (nz_json_kind(it.value) != NZ_JSON_STRING)
            continue;
        nz_buf_append(out, out->n ? NZ_STR(", ") : NZ_STR(""));
        nz_json_unescape(nz_json_string_raw(it.value), out);
    }
}

void nz_selection_append_excluded(struct nz_json answer, struct nz_buf *out)
{
    struct nz_json_iter it = nz_json_iter(member(answer, "EventSelectors"));
    while (nz_json_next(&it))
        texts_append(member(it.value, "ExcludeManagementEventSources"), out);
    it = nz_json_iter(member(answer, "AdvancedEventSelectors"));
    while (nz_json_next(&it)) {
        struct nz_json_iter fields = nz_json_iter(member(it.value, "FieldSelectors"));
        while (nz_json_next(&fields)) {
            if (!text_is(member(fields.value, "Field"), "eventSource"))
                continue;
            texts_append(member(fields.value, "NotEquals"), out);
            texts_append(member(fields.value, "NotStartsWith"), out);
            texts_append(member(fields.value, "NotEndsWith"), out);
        }
    }
}
