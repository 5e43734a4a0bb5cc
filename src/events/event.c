#include "events/event.h"

static const struct nz_str names[] = {
#define NZ_FIELD(id, name) {name, sizeof(name) - 1},
#include "events/fields.list"
#undef NZ_FIELD
};

enum nz_event_field nz_event_field_find(struct nz_str name)
{
    for (size_t i = 0; i < NZ_FIELD_COUNT; i++) {
        if (nz_str_eq(names[i], name))
            return (enum nz_event_field)i;
    }
    return NZ_FIELD_NONE;
}

struct nz_str nz_event_field_name(enum nz_event_field field)
{
    return names[field];
}

const struct nz_str *nz_event_field_names(void)
{
    return names;
}

void nz_event_from_json(struct nz_json object, struct nz_event *ev)
{
    ev->values = object;
    ev->skimmed_by = NULL;
    memset(ev->slots, 0xff, sizeof ev->slots);
    struct nz_json_iter it = nz_json_iter(object);
    while (it.in_object && nz_json_next(&it)) {
        size_t i = 0;
        while (i < NZ_FIELD_COUNT && !nz_json_key_is(it.key, names[i]))
            i++;
        ev->slots[i] = it.value.at;
    }
}

struct nz_json nz_event_member(const struct nz_event *ev, enum nz_event_field field, struct nz_str name)
{
    struct nz_event_members members;
    if (!nz_event_members(ev, field, &members))
        return nz_json_get(nz_event_get(ev, field), name);
    for (size_t i = members.count; i-- > 0;) {
        const char *p = members.bytes + members.names[i] + 1;
        size_t room = members.names[i + 1] - members.names[i];
        if (*p == *name.p && room > name.n + 2 && memcmp(p, name.p, name.n) == 0 && p[name.n] == '"')
            return nz_event_member_value(ev, &members, i);
    }
    return (struct nz_json){0};
}

bool nz_event_time(const struct nz_event *ev, nz_time *out)
{
    struct nz_json v = nz_event_get(ev, NZ_FIELD_EVENT_TIME);
    if (nz_json_kind(v) != NZ_JSON_STRING)
        return false;
    /* an escape in a time is no time that CloudTrail writes */
    return nz_time_parse(nz_json_string_raw(v), out);
}

/* The text of a value, or .p NULL when the record lacks it: absent, or null. */
static struct nz_str text_or_null(struct nz_json v, struct nz_buf *scratch)
{
    enum nz_json_kind kind = nz_json_kind(v);
    if (kind == NZ_JSON_ABSENT || kind == NZ_JSON_NULL)
        return nz_str_of(NULL, 0);
    return nz_json_text(v, scratch);
}

/* What needs no decoding: a string without an escape, or nothing at all. */
static bool plain_text(struct nz_json v, struct nz_str *out)
{
    *out = nz_str_of(NULL, 0);
    if (nz_json_is_absent(v))
        return true;
    if (v.kinds[v.at] != '"')
        return false;
    *out = nz_json_string_raw(v);
    return !memchr(out->p, '\\', out->n);
}

static struct nz_json actor_of(const struct nz_event *ev)
{
    static const struct nz_str members[] = {{"arn", 3}, {"invokedBy", 9}, {"principalId", 11}, {"type", 4}};
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        struct nz_json v = nz_event_member(ev, NZ_FIELD_USER_IDENTITY, members[i]);
        if (nz_json_kind(v) > NZ_JSON_NULL)
            return v;
    }
    return (struct nz_json){0};
}

static struct nz_json account_of(const struct nz_event *ev)
{
    struct nz_json v = nz_event_get(ev, NZ_FIELD_RECIPIENT_ACCOUNT_ID);
    if (nz_json_kind(v) <= NZ_JSON_NULL)
        v = nz_event_member(ev, NZ_FIELD_USER_IDENTITY, NZ_STR("accountId"));
    if (nz_json_kind(v) <= NZ_JSON_NULL)
        v = nz_event_get(ev, NZ_FIELD_ACCOUNT_ID); /* aggregated records */
    return v;
}

struct part {
    struct nz_json value;
    struct nz_str *to;
};

/* Decoding never grows a text: room first for all sources that are not texts as they stand, so that no append moves an earlier
 * view. */
static void read_parts(const struct part *parts, size_t count, struct nz_buf *scratch)
{
    size_t room = 0;
    for (size_t i = 0; i < count; i++)
        room += plain_text(parts[i].value, parts[i].to) ? 0 : nz_json_source(parts[i].value).n;
    nz_buf_clear(scratch);
    if (room == 0)
        return;
    nz_buf_reserve(scratch, room);
    for (size_t i = 0; i < count; i++) {
        if (!plain_text(parts[i].value, parts[i].to))
            *parts[i].to = text_or_null(parts[i].value, scratch);
    }
}

static struct nz_json id_of(const struct nz_event *ev)
{
    struct nz_json id = nz_event_get(ev, NZ_FIELD_EVENT_ID);
    if (nz_json_kind(id) <= NZ_JSON_NULL)
        id = nz_event_get(ev, NZ_FIELD_AGGREGATED_EVENT_ID);
    return id;
}

void nz_event_summarize(const struct nz_event *ev, struct nz_buf *scratch, struct nz_event_summary *out)
{
    const struct part parts[] = {
        {id_of(ev), &out->event_id},
        {nz_event_get(ev, NZ_FIELD_EVENT_TIME), &out->event_time},
        {nz_event_get(ev, NZ_FIELD_EVENT_NAME), &out->event_name},
        {nz_event_get(ev, NZ_FIELD_EVENT_SOURCE), &out->event_source},
        {actor_of(ev), &out->actor},
        {nz_event_get(ev, NZ_FIELD_SOURCE_IP_ADDRESS), &out->source_ip},
        {nz_event_get(ev, NZ_FIELD_AWS_REGION), &out->region},
        {account_of(ev), &out->account},
        {nz_event_get(ev, NZ_FIELD_ERROR_CODE), &out->error_code},
        {nz_event_get(ev, NZ_FIELD_USER_AGENT), &out->user_agent},
    };
    read_parts(parts, sizeof parts / sizeof parts[0], scratch);
}

void nz_event_summarize_what(const struct nz_event *ev, struct nz_buf *scratch, struct nz_event_summary *out)
{
    const struct part parts[] = {
        {id_of(ev), &out->event_id},
        {nz_event_get(ev, NZ_FIELD_EVENT_TIME), &out->event_time},
        {nz_event_get(ev, NZ_FIELD_EVENT_NAME), &out->event_name},
    };
    read_parts(parts, sizeof parts / sizeof parts[0], scratch);
}

void nz_event_summarize_who(const struct nz_event *ev, struct nz_buf *scratch, struct nz_event_summary *out)
{
    const struct part parts[] = {
        {nz_event_get(ev, NZ_FIELD_EVENT_TIME), &out->event_time},
        {actor_of(ev), &out->actor},
        {nz_event_get(ev, NZ_FIELD_SOURCE_IP_ADDRESS), &out->source_ip},
        {nz_event_get(ev, NZ_FIELD_AWS_REGION), &out->region},
    };
    read_parts(parts, sizeof parts / sizeof parts[0], scratch);
}
