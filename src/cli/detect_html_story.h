/* Private to `detect --format html`: what each actor did, in the order of time, as far as rules saw it.
 *
 *     user/legacy-batch   from 203.0.113.77 · 2026-06-24 17:27 – 17:37 UTC · 12
 *       17:27  high      CloudTrail trail no longer records management events
 *       17:28  critical  Several security services switched off by one actor
 *
 * A finding is counted and forgotten. Bounded: of pairs of an actor with a rule, or with an address, as hit_sums bounds names. */
#ifndef NZ_CLI_DETECT_HTML_STORY_H
#define NZ_CLI_DETECT_HTML_STORY_H

#include "findings/hit_sums.h"

struct nz_story_span {
    bool has_time;
    nz_time first, last;
};

struct nz_story {
    struct nz_hit_names rules, sources; /* a name is two numbers: of the actor, and of the rule or the address */
    struct nz_story_span *spans;        /* of rules, by number */
    size_t spans_room;
    struct nz_hit_names accounts;
};

/* A zeroed struct is empty. keep: names live there. */
void nz_story_release(struct nz_story *story); /* harmless twice */

/* After nz_hit_sums_add of the same finding. NZ_E_NOMEM. */
NZ_MUST_USE enum nz_err nz_story_add(struct nz_story *story, struct nz_hit_sums *sums, const struct nz_detection *d,
                                     const struct nz_hit_group *group);

/* The worst actors, if any did more than what is low. Appended. */
void nz_story_append(struct nz_buf *out, const struct nz_story *story, struct nz_hit_sums *sums,
                     struct nz_hit_group *const *groups);

/* "account 111122223333", "accounts 111122223333, 222233334444 +3"; nothing when no finding names one. */
void nz_story_append_accounts(struct nz_buf *out, const struct nz_story *story, struct nz_arena *keep);

/* The rows by how many critical findings they have, then high ones, and so on. In keep; NULL: out of memory. */
const struct nz_hit_name **nz_story_sorted(const struct nz_hit_names *names, struct nz_arena *keep);

#endif
