/* One CloudTrail record as a view into the bytes read: no copy, no tree.
 *
 * The members that CloudTrail puts at a record's top level are found while the record is walked, one slot each
 * (events/fields.list); everything else is looked up in the index when somebody asks.
 * An event is borrowed: it lives until the callback that received it returns.
 * Source: CloudTrail User Guide, "CloudTrail record contents" (eventVersion 1.11). */
#ifndef NZ_EVENTS_EVENT_H
#define NZ_EVENTS_EVENT_H

#include "core/json.h"
#include "core/time.h"

enum nz_event_field {
#define NZ_FIELD(id, name) NZ_FIELD_##id,
#include "events/fields.list"
#undef NZ_FIELD
    NZ_FIELD_COUNT,
    NZ_FIELD_NONE = NZ_FIELD_COUNT, /* not one of them */
};

struct nz_event_reader;

struct nz_event {
    struct nz_json values;              /* what the slots point into; the record's object itself is nz_event_root's */
    uint32_t slots[NZ_FIELD_COUNT + 1]; /* token of the value, UINT32_MAX when absent; the last: NZ_FIELD_NONE */
    /* The reader that skimmed the record (core/json_skim.h) and makes tokens for what somebody asks for; NULL: all of them
     * are there. */
    struct nz_event_reader *skimmed_by;
};

/* A value of a skimmed record that is a container; token UINT32_MAX: the whole record. */
struct nz_json nz_event_open(const struct nz_event *ev, uint32_t token);

/* The members of an object that a skimmed record has at its top level, found without tokens: so reading one of them costs little.
 * Borrowed, as the event is. */
struct nz_event_members {
    struct nz_event_inner *inner;
    const char *bytes;     /* of the object, its '{' first */
    const uint32_t *names; /* of each the opening quote's offset; names have no escapes */
    size_t count;
};

/* False: the field is no object, or not of the ordinary kind; nz_event_get reads it. */
bool nz_event_members(const struct nz_event *ev, enum nz_event_field field, struct nz_event_members *out);
struct nz_json nz_event_member_value(const struct nz_event *ev, const struct nz_event_members *members, size_t i);

/* The member of a top-level object: of equal names the last one. Absent when there is none, or no object. name: not empty. */
struct nz_json nz_event_member(const struct nz_event *ev, enum nz_event_field field, struct nz_str name);

/* The record's object. */
static inline struct nz_json nz_event_root(const struct nz_event *ev)
{
    return ev->skimmed_by ? nz_event_open(ev, UINT32_MAX) : ev->values;
}

/* The value, or absent. */
static inline struct nz_json nz_event_get(const struct nz_event *ev, enum nz_event_field field)
{
    uint32_t at = ev->slots[field];
    if (at == UINT32_MAX)
        return (struct nz_json){0};
    if (ev->skimmed_by && (ev->values.kinds[at] | 0x20) == '{') /* or '[' */
        return nz_event_open(ev, at);
    return (struct nz_json){ev->values.bytes, ev->values.tokens, ev->values.kinds, at};
}

/* The member's source bytes as they stand, for which no tokens are made; .p NULL when absent. */
static inline struct nz_str nz_event_source(const struct nz_event *ev, enum nz_event_field field)
{
    const uint32_t at = ev->slots[field];
    if (at == UINT32_MAX)
        return (struct nz_str){0};
    if (!ev->skimmed_by)
        return nz_json_source(nz_event_get(ev, field));
    /* no white space in what was skimmed: the value ends where the next token begins */
    return nz_str_of(ev->values.bytes + ev->values.tokens[at], ev->values.tokens[at + 1] - ev->values.tokens[at]);
}

/* Has the record a member that CloudTrail is not known to write? */
static inline bool nz_event_has_others(const struct nz_event *ev)
{
    return ev->slots[NZ_FIELD_NONE] != UINT32_MAX;
}

/* By the name CloudTrail writes ("eventName"), exactly; NZ_FIELD_NONE when it is no top-level member we know. */
enum nz_event_field nz_event_field_find(struct nz_str name);
struct nz_str nz_event_field_name(enum nz_event_field field);
const struct nz_str *nz_event_field_names(void); /* NZ_FIELD_COUNT of them */

/* Makes an event of any parsed object: what tests, `trail grep` and single records use. */
void nz_event_from_json(struct nz_json object, struct nz_event *ev);

/* eventTime as Unix microseconds; false when absent or not a time. */
bool nz_event_time(const struct nz_event *ev, nz_time *out);

/* What every output names of an event, decoded. Views live as long as the event and scratch. A member the record lacks
 * has .p == NULL. scratch is cleared first. actor: userIdentity's arn, else invokedBy, principalId, type. account:
 * recipientAccountId, else userIdentity.accountId. */
struct nz_event_summary {
    struct nz_str event_id, event_time, event_name, event_source, actor, source_ip, region, account, error_code,
        user_agent;
};
void nz_event_summarize(const struct nz_event *ev, struct nz_buf *scratch, struct nz_event_summary *out);
/* Only event_id, event_time and event_name are set. */
void nz_event_summarize_what(const struct nz_event *ev, struct nz_buf *scratch, struct nz_event_summary *out);
/* Only event_time, actor, source_ip and region are set. */
void nz_event_summarize_who(const struct nz_event *ev, struct nz_buf *scratch, struct nz_event_summary *out);

#endif
