#include "audit/activity.h"

#include "core/ip.h"

#include <stdlib.h>

#define DAY_US (INT64_C(86400) * 1000000)
#define HOUR_US (INT64_C(3600) * 1000000)
#define MEETING_US (INT64_C(300) * 1000000) /* nobody goes to another computer in another network within five minutes */
#define ROOM_FIRST 64u

/* What look writes before its texts. */
struct head {
    nz_time at;
    int64_t session; /* when it began; INT64_MIN: none */
    bool root, console, sign_in;
};

void nz_activity_init(struct nz_activity *activity)
{
    *activity = (struct nz_activity){0};
    nz_arena_init(&activity->arena, 0);
}

void nz_activity_release(struct nz_activity *activity)
{
    free(activity->users);
    nz_arena_release(&activity->arena);
    *activity = (struct nz_activity){0};
}

/* --- looking at an event --- */

static struct nz_json field(const struct nz_event *ev, enum nz_event_field id)
{
    return nz_event_get(ev, id);
}

static struct nz_str raw(struct nz_json v)
{
    return nz_json_kind(v) == NZ_JSON_STRING ? nz_json_string_raw(v) : (struct nz_str){0};
}

static bool is_there(struct nz_json v)
{
    return nz_json_kind(v) == NZ_JSON_STRING && nz_json_string_raw(v).n;
}

/* Somebody else did it, or its address says nothing: through a VPC's endpoint it is a private one, which of the root user does
 * not matter. */
static bool is_foreign(const struct nz_event *ev, struct nz_json identity, bool root)
{
    struct nz_ip ip;
    const struct nz_json context = nz_json_get(identity, NZ_STR("sessionContext"));
    return is_there(nz_json_get(identity, NZ_STR("invokedBy"))) ||
           (!root && is_there(field(ev, NZ_FIELD_VPC_ENDPOINT_ID))) ||
           nz_str_eq(raw(field(ev, NZ_FIELD_EVENT_TYPE)), NZ_STR("AwsServiceEvent")) ||
           nz_str_eq(raw(nz_json_get(context, NZ_STR("assumedRoot"))), NZ_STR("true")) ||
           nz_json_kind(nz_json_get(context, NZ_STR("assumedRoot"))) == NZ_JSON_TRUE ||
           !nz_ip_parse(raw(field(ev, NZ_FIELD_SOURCE_IP_ADDRESS)), &ip);
}

static bool signed_in(const struct nz_event *ev)
{
    const struct nz_json answer = nz_json_get(field(ev, NZ_FIELD_RESPONSE_ELEMENTS), NZ_STR("ConsoleLogin"));
    return nz_str_eq(raw(answer), NZ_STR("Success"));
}

/* Under which name a role was assumed; empty when it was not. */
static struct nz_str role_session_name(const struct nz_event *ev)
{
    if (!nz_str_eq(raw(field(ev, NZ_FIELD_EVENT_NAME)), NZ_STR("AssumeRole")) ||
        is_there(field(ev, NZ_FIELD_ERROR_CODE)))
        return (struct nz_str){0};
    return raw(nz_json_get(field(ev, NZ_FIELD_REQUEST_PARAMETERS), NZ_STR("roleSessionName")));
}

static struct head head_of(const struct nz_event *ev, struct nz_json identity, nz_time at, bool root)
{
    const struct nz_json context = nz_json_get(identity, NZ_STR("sessionContext"));
    const struct nz_json created = nz_json_get(nz_json_get(context, NZ_STR("attributes")), NZ_STR("creationDate"));
    const bool login = nz_str_eq(raw(field(ev, NZ_FIELD_EVENT_NAME)), NZ_STR("ConsoleLogin"));
    nz_time began;
    struct head head;
    memset(&head, 0, sizeof head);
    head.at = at;
    head.root = root;
    head.sign_in = login;
    head.session = nz_time_parse(raw(created), &began) ? began.us : INT64_MIN;
    head.console = login || nz_str_eq(raw(field(ev, NZ_FIELD_SESSION_CREDENTIAL_FROM_CONSOLE)), NZ_STR("true"));
    return head;
}

bool nz_activity_is_of(const struct nz_event *ev, struct nz_str account)
{
    const struct nz_str recipient = raw(field(ev, NZ_FIELD_RECIPIENT_ACCOUNT_ID));
    if (!account.n || nz_str_eq(recipient, account))
        return true;
    return !recipient.n && nz_str_eq(raw(nz_json_get(field(ev, NZ_FIELD_USER_IDENTITY), NZ_STR("accountId"))), account);
}

enum nz_err nz_activity_look(const struct nz_event *ev, struct nz_buf *scratch, struct nz_buf *payload)
{
    const struct nz_json identity = field(ev, NZ_FIELD_USER_IDENTITY);
    const struct nz_str type = raw(nz_json_get(identity, NZ_STR("type")));
    const bool root = nz_str_eq(type, NZ_STR("Root"));
    const bool login = nz_str_eq(raw(field(ev, NZ_FIELD_EVENT_NAME)), NZ_STR("ConsoleLogin"));
    nz_time at;
    if ((!root && !nz_str_eq(type, NZ_STR("IAMUser"))) || !nz_event_time(ev, &at) || is_foreign(ev, identity, root) ||
        (login && !signed_in(ev)))
        return NZ_OK;
    const struct head head = head_of(ev, identity, at, root);
    struct nz_event_summary s;
    nz_event_summarize(ev, scratch, &s);
    nz_buf_append(payload, nz_str_of((const char *)&head, sizeof head));
    nz_buf_append_sized(payload, s.actor);
    nz_buf_append_sized(payload, s.event_name);
    nz_buf_append_sized(payload, s.source_ip);
    nz_buf_append_sized(payload, s.user_agent);
    nz_buf_append_sized(payload, raw(nz_json_get(identity, NZ_STR("accessKeyId"))));
    nz_buf_append_sized(payload, raw(nz_json_get(field(ev, NZ_FIELD_ADDITIONAL_EVENT_DATA), NZ_STR("MFAIdentifier"))));
    nz_buf_append_sized(payload, role_session_name(ev));
    return scratch->failed || payload->failed ? NZ_E_NOMEM : NZ_OK;
}

void nz_activity_window_add(struct nz_activity_window *window, const struct nz_event *ev)
{
    nz_time at;
    if (!nz_event_time(ev, &at))
        return;
    if (!window->events || at.us < window->first.us)
        window->first = at;
    if (!window->events || at.us > window->last.us)
        window->last = at;
    window->events++;
}

void nz_activity_window_merge(struct nz_activity *activity, const struct nz_activity_window *window)
{
    if (!window->events)
        return;
    if (!activity->events || window->first.us < activity->first.us)
        activity->first = window->first;
    if (!activity->events || window->last.us > activity->last.us)
        activity->last = window->last;
    activity->events += window->events;
}

uint32_t nz_activity_days(const struct nz_activity *activity)
{
    return activity->events ? (uint32_t)(activity->last.us / DAY_US - activity->first.us / DAY_US) + 1 : 0;
}

/* --- summing up --- */

struct taken {
    struct head head;
    struct nz_str actor, event_name, address, user_agent, key, device, session_name;
};

static struct taken payload_read(struct nz_str in)
{
    struct taken t;
    memcpy(&t.head, in.p, sizeof t.head);
    in = nz_str_skip(in, sizeof t.head);
    t.actor = nz_sized_take(&in);
    t.event_name = nz_sized_take(&in);
    t.address = nz_sized_take(&in);
    t.user_agent = nz_sized_take(&in);
    t.key = nz_sized_take(&in);
    t.device = nz_sized_take(&in);
    t.session_name = nz_sized_take(&in);
    return t;
}

/* Who shares a /24 or a /48 sits in one place, as far as an address can say. */
static uint64_t network_of(struct nz_str address)
{
    struct nz_ip ip;
    if (!nz_ip_parse(address, &ip))
        return 0;
    const struct nz_str prefix = nz_str_of((const char *)ip.bytes + (ip.v4 ? 12 : 0), ip.v4 ? 3 : 6);
    return nz_str_hash(prefix) | 1;
}

static void root_day(struct nz_root_activity *root, nz_time at)
{
    const int32_t day = (int32_t)(at.us / DAY_US);
    for (uint32_t i = 0; i < root->days_count; i++) {
        if (root->days[i] == day)
            return;
    }
    if (root->days_count < NZ_ACTIVITY_DAYS_MAX)
        root->days[root->days_count++] = day;
}

static enum nz_err root_take(struct nz_activity *activity, const struct taken *t)
{
    struct nz_root_activity *root = &activity->root;
    const bool long_term = nz_str_starts_with(t->key, NZ_STR("AKIA"));
    root->calls++;
    root->by_key = root->by_key || long_term;
    root_day(root, t->head.at);
    uint32_t at = 0;
    while (at < root->newest_count && root->newest[at].at.us >= t->head.at.us)
        at++;
    if (at == NZ_ACTIVITY_WITNESSES_MAX)
        return NZ_OK;
    const struct nz_root_call call = {.at = t->head.at,
                                      .event_name = nz_arena_str(&activity->arena, t->event_name),
                                      .address = nz_arena_str(&activity->arena, t->address),
                                      .access_key = nz_arena_str(&activity->arena, long_term ? t->key : NZ_STR(""))};
    if (root->newest_count < NZ_ACTIVITY_WITNESSES_MAX)
        root->newest_count++;
    memmove(&root->newest[at + 1], &root->newest[at], (root->newest_count - 1 - at) * sizeof call);
    root->newest[at] = call;
    return call.event_name.p && call.address.p && call.access_key.p ? NZ_OK : NZ_E_NOMEM;
}

static uint32_t slot_of(struct nz_user_activity *const *users, uint32_t room, struct nz_str arn)
{
    uint32_t at = (uint32_t)(nz_str_hash(arn) * UINT64_C(0x9e3779b97f4a7c15) >> 32) & (room - 1);
    while (users[at] && !nz_str_eq(users[at]->arn, arn))
        at = (at + 1) & (room - 1);
    return at;
}

static bool users_grow(struct nz_activity *activity)
{
    const uint32_t room = activity->users_room ? activity->users_room * 2 : ROOM_FIRST;
    struct nz_user_activity **users = calloc(room, sizeof(struct nz_user_activity *));
    if (!users)
        return false;
    for (uint32_t i = 0; i < activity->users_room; i++) {
        if (activity->users[i])
            users[slot_of(users, room, activity->users[i]->arn)] = activity->users[i];
    }
    free(activity->users);
    activity->users = users;
    activity->users_room = room;
    return true;
}

/* *out NULL: the bound was reached. */
static enum nz_err user_of(struct nz_activity *activity, struct nz_str arn, struct nz_user_activity **out)
{
    *out = NULL;
    if (activity->users_count * 2 >= activity->users_room && !users_grow(activity))
        return NZ_E_NOMEM;
    const uint32_t at = slot_of(activity->users, activity->users_room, arn);
    if (!activity->users[at] && activity->users_count >= NZ_ACTIVITY_USERS_MAX) {
        activity->users_left_out = true;
        return NZ_OK;
    }
    if (!activity->users[at]) {
        struct nz_user_activity *user = NZ_ARENA_NEW(&activity->arena, struct nz_user_activity);
        if (!user)
            return NZ_E_NOMEM;
        user->arn = nz_arena_str(&activity->arena, arn);
        user->last_day = INT64_MIN;
        if (!user->arn.p)
            return NZ_E_NOMEM;
        activity->users[at] = user;
        activity->users_count++;
    }
    *out = activity->users[at];
    return NZ_OK;
}

static bool is_computer(enum nz_agent agent)
{
    return agent != NZ_AGENT_UNKNOWN && agent != NZ_AGENT_MOBILE;
}

/* One person has a phone beside a computer; nobody sits at two. */
static bool are_two_people(const struct nz_activity_place *a, const struct nz_activity_place *b)
{
    const int64_t apart_us = a->last.us < b->last.us ? b->last.us - a->last.us : a->last.us - b->last.us;
    return apart_us <= MEETING_US && a->network && b->network && a->network != b->network && a->agent != b->agent &&
           is_computer(a->agent) && is_computer(b->agent);
}

/* The place among those known, or where a new one goes: behind them, or where the longest unused stands. */
static uint32_t place_at(const struct nz_activity_place *places, uint32_t count, const struct nz_activity_place *is)
{
    uint32_t oldest = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (places[i].id == is->id && places[i].network == is->network && places[i].agent == is->agent)
            return i;
        if (places[i].last.us < places[oldest].last.us)
            oldest = i;
    }
    return count < NZ_ACTIVITY_PLACES_MAX ? count : oldest;
}

/* Notes a call from a place, and whether the same was used elsewhere at that time: other sessions of a user, other places of
 * a key. Events of one Region come in their order; what comes from two is compared where it can be. */
static enum nz_err place_take(struct nz_activity *activity, struct nz_activity_place *places, uint32_t *count,
                              const struct nz_activity_place *is, bool same_id, struct nz_activity_meeting *meeting)
{
    const uint32_t at = place_at(places, *count, is);
    for (uint32_t i = 0; i < *count; i++) {
        if (i == at || (places[i].id == is->id) != same_id || !are_two_people(&places[i], is))
            continue;
        if (!meeting->count) {
            meeting->addresses[0] = places[i].address;
            meeting->addresses[1] = nz_arena_str(&activity->arena, is->address);
            if (!meeting->addresses[1].p)
                return NZ_E_NOMEM;
        }
        meeting->count++;
        break;
    }
    const bool known = at < *count && places[at].id == is->id && places[at].network == is->network;
    const struct nz_str address = known ? places[at].address : nz_arena_str(&activity->arena, is->address);
    places[at] = *is;
    places[at].address = address;
    *count += at == *count;
    return address.p ? NZ_OK : NZ_E_NOMEM;
}

/* Names that programs make up have digits; people's have letters alone. */
static bool looks_like_a_person(struct nz_str name)
{
    size_t letters = 0;
    const struct nz_str local = nz_str_head(name, nz_str_find(name, NZ_STR("@")));
    for (size_t i = 0; i < local.n; i++) {
        const unsigned char c = nz_ascii_lower((unsigned char)local.p[i]);
        if (c >= 'a' && c <= 'z')
            letters++;
        else if (c != '.' && c != '-' && c != '_')
            return false;
    }
    static const char *const programs[] = {"session", "cli",    "sdk",   "lambda", "terraform",
                                           "boto",    "deploy", "build", "ci"};
    for (size_t i = 0; i < sizeof programs / sizeof programs[0]; i++) {
        if (nz_str_find(local, nz_str_from_c(programs[i])) != SIZE_MAX)
            return false;
    }
    return letters >= 3;
}

static enum nz_err session_name_take(struct nz_activity *activity, struct nz_user_activity *user, struct nz_str name)
{
    if (user->session_names_count == NZ_ACTIVITY_NAMES_MAX || !looks_like_a_person(name))
        return NZ_OK;
    for (uint32_t i = 0; i < user->session_names_count; i++) {
        if (nz_str_eq_nocase(user->session_names[i], name))
            return NZ_OK;
    }
    const struct nz_str kept = nz_arena_str(&activity->arena, name);
    user->session_names[user->session_names_count++] = kept;
    return kept.p ? NZ_OK : NZ_E_NOMEM;
}

static void console_take(struct nz_user_activity *user, const struct taken *t)
{
    const int64_t day = t->head.at.us / DAY_US;
    user->hours |= 1u << (uint32_t)(t->head.at.us % DAY_US / HOUR_US);
    user->days += day != user->last_day;
    user->last_day = day;
    if (t->head.sign_in && t->device.n && user->sign_ins_count < NZ_ACTIVITY_NAMES_MAX)
        user->sign_ins[user->sign_ins_count++] =
            (struct nz_activity_sign_in){.at = t->head.at, .device = nz_str_hash(t->device) | 1};
}

enum nz_err nz_activity_take(struct nz_activity *activity, struct nz_str payload)
{
    const struct taken t = payload_read(payload);
    struct nz_user_activity *user;
    if (t.head.root)
        return root_take(activity, &t);
    enum nz_err err = user_of(activity, t.actor, &user);
    if (err != NZ_OK || !user)
        return err;
    struct nz_activity_place place = {.id = t.head.session,
                                      .last = t.head.at,
                                      .network = network_of(t.address),
                                      .address = t.address,
                                      .agent = nz_agent_of(t.user_agent)};
    if (t.head.console)
        console_take(user, &t);
    if (t.head.session != INT64_MIN) {
        err = place_take(activity, user->sessions, &user->sessions_count, &place, false, &user->session_meetings);
    } else if (nz_str_starts_with(t.key, NZ_STR("AKIA"))) {
        place.id = (int64_t)nz_str_hash(t.key);
        err = place_take(activity, user->keys, &user->keys_count, &place, true, &user->key_meetings);
    }
    return err == NZ_OK && t.session_name.n ? session_name_take(activity, user, t.session_name) : err;
}

const struct nz_user_activity *nz_activity_of(const struct nz_activity *activity, struct nz_str arn)
{
    return activity->users_room ? activity->users[slot_of(activity->users, activity->users_room, arn)] : NULL;
}
