/* What events say of the root user and of who is behind an IAM user: evidence with a score, never a proof.
 *
 *     worker:   nz_activity_look   event ─▶ a few bytes, of root's and users' own calls only
 *     one:      nz_activity_take   sums them up, user by user (bounds below)
 *     checks:   nz_activity_signs  what speaks for several people behind one user, each with a weight
 *
 * Logs may hold several accounts' events, as an organization's trail does: those of others are passed over.
 * Not counted: what AWS services do for somebody (invokedBy, AwsServiceEvent, a service's name as the address), requests
 * through VPC endpoints, failed sign-ins, sessions of sts:AssumeRoot (sessionContext.assumedRoot).
 * Sources: CloudTrail User Guide, "userIdentity element" and "AWS Management Console sign-in events"; IAM User Guide, "Track
 * privileged tasks in AWS CloudTrail"; CIS AWS Foundations 7.0, 5.3 for what root's own use is.
 * Threads: look has no state; the rest is one thread's. */
#ifndef NZ_AUDIT_ACTIVITY_H
#define NZ_AUDIT_ACTIVITY_H

#include "core/arena.h"
#include "events/event.h"

#define NZ_ACTIVITY_USERS_MAX 100000u /* past it the users are told as unknown */
#define NZ_ACTIVITY_PLACES_MAX 64u    /* of one user; the longest unused goes */
#define NZ_ACTIVITY_NAMES_MAX 32u     /* role session names, sign-ins by device: of one user */
#define NZ_ACTIVITY_WITNESSES_MAX 5u  /* root's newest calls */
#define NZ_ACTIVITY_DAYS_MAX 400u     /* on which root was used */

enum nz_agent {
    NZ_AGENT_UNKNOWN,
    NZ_AGENT_WINDOWS,
    NZ_AGENT_MACOS,
    NZ_AGENT_LINUX,
    NZ_AGENT_CHROMEOS,
    NZ_AGENT_MOBILE
};
/* The operating system that a userAgent names; NZ_AGENT_UNKNOWN for those of AWS's own. */
enum nz_agent nz_agent_of(struct nz_str user_agent);

/* Where a console session or a long-term key is used: from which network (/24, /48), with what. */
struct nz_activity_place {
    int64_t id;            /* of a session: when it began; of a key: its hash */
    nz_time last;          /* seen there */
    uint64_t network;      /* hash of it; 0: not known */
    struct nz_str address; /* the first */
    enum nz_agent agent;
};

/* How often two places were used at one time: within minutes, from two networks, with two computers. */
struct nz_activity_meeting {
    uint32_t count;
    struct nz_str addresses[2]; /* of the first time */
};

struct nz_activity_sign_in {
    nz_time at;
    uint64_t device; /* hash of MFAIdentifier; 0: none */
};

struct nz_user_activity {
    struct nz_str arn;
    struct nz_activity_place sessions[NZ_ACTIVITY_PLACES_MAX], keys[NZ_ACTIVITY_PLACES_MAX];
    struct nz_activity_meeting session_meetings, key_meetings;
    struct nz_activity_sign_in sign_ins[NZ_ACTIVITY_NAMES_MAX];
    struct nz_str
        session_names[NZ_ACTIVITY_NAMES_MAX]; /* under which it assumed roles, those that look like people's */
    uint32_t sessions_count, keys_count, sign_ins_count, session_names_count;
    uint32_t hours; /* bit h: seen in the console in hour h of some day, UTC */
    uint32_t days;  /* on which it was seen in the console, counted as they come */
    int64_t last_day;
};

struct nz_root_call {
    nz_time at;
    struct nz_str event_name, address, access_key;
};

struct nz_root_activity {
    uint64_t calls;
    int32_t days[NZ_ACTIVITY_DAYS_MAX]; /* since 1970, each once */
    uint32_t days_count;
    struct nz_root_call newest[NZ_ACTIVITY_WITNESSES_MAX]; /* newest first */
    uint32_t newest_count;
    bool by_key; /* signed with a long-term access key */
};

struct nz_activity {
    struct nz_arena arena;
    struct nz_str account; /* whose events count; for the caller to set, borrowed; empty: everybody's */
    nz_time first, last;   /* of all events looked at */
    uint64_t events;
    struct nz_root_activity root;
    struct nz_user_activity **users; /* a hash table by ARN; NULL: free */
    uint32_t users_count, users_room;
    bool users_left_out; /* NZ_ACTIVITY_USERS_MAX was reached */
};

void nz_activity_init(struct nz_activity *activity);
void nz_activity_release(struct nz_activity *activity); /* harmless twice */

/* Whether the event stands in the log of this account; an empty one takes all. */
bool nz_activity_is_of(const struct nz_event *ev, struct nz_str account);
/* What of an event matters; nothing is appended when none of it does. scratch: of the worker. */
NZ_MUST_USE enum nz_err nz_activity_look(const struct nz_event *ev, struct nz_buf *scratch, struct nz_buf *payload);
/* One of look's payloads. NZ_E_NOMEM. */
NZ_MUST_USE enum nz_err nz_activity_take(struct nz_activity *activity, struct nz_str payload);
/* How many events there were, and from when to when: of a worker's. */
struct nz_activity_window {
    nz_time first, last;
    uint64_t events;
};
void nz_activity_window_add(struct nz_activity_window *window, const struct nz_event *ev);
void nz_activity_window_merge(struct nz_activity *activity, const struct nz_activity_window *window);

/* NULL: no event of that user. */
const struct nz_user_activity *nz_activity_of(const struct nz_activity *activity, struct nz_str arn);
/* Days (UTC) from the first event to the last; 0: there are none. */
uint32_t nz_activity_days(const struct nz_activity *activity);

enum nz_sign {
    NZ_SIGN_SESSIONS, /* console sessions at one time, from several networks, with several operating systems */
    NZ_SIGN_NAMES,    /* roles assumed under the names of several people */
    NZ_SIGN_KEY,      /* one access key at one time from several networks with several operating systems */
    NZ_SIGN_DEVICES,  /* sign-ins with several MFA devices by turns */
    NZ_SIGN_HOURS,    /* in the console around the clock */
    NZ_SIGN_NAME,     /* a name that says so: "shared", "team" */
    NZ_SIGN_COUNT,
};

struct nz_signs {
    uint32_t found; /* bit 1 << nz_sign */
    uint32_t score; /* sum of the weights */
};
/* user NULL: no event; the name alone speaks. */
struct nz_signs nz_activity_signs(const struct nz_user_activity *user, struct nz_str name);
const char *nz_sign_text(enum nz_sign sign); /* N_() */

#endif
