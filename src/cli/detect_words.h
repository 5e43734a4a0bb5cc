/* Words that the formats of `detect` for people share. */
#ifndef NZ_CLI_DETECT_WORDS_H
#define NZ_CLI_DETECT_WORDS_H

#include "cli/detect_render.h"
#include "findings/hit_sums.h"

/* "high" in the user's language. level: as nz_level, below NZ_HIT_LEVELS. */
const char *nz_detect_level_text(unsigned level);

/* arn:aws:iam::111122223333:user/alice is read by its last part, "user/alice"; what is no ARN stays whole. */
struct nz_str nz_detect_short_name(struct nz_str name);

/* "user/alice", "user/alice +3", "user/alice +99+". */
void nz_detect_append_some(struct nz_buf *out, const struct nz_hit_some *some);

/* What to do about findings of this rule, the first thing first: the rule's own steps, else those for its ATT&CK tactics.
 * Translated; at most NZ_DETECT_STEPS_MAX are given back, as views that live as long as the rules and the program. */
#define NZ_DETECT_STEPS_MAX 12u
size_t nz_detect_next_steps(const struct nz_hit_group *group, struct nz_str steps[NZ_DETECT_STEPS_MAX]);

/* The command that shows what the actor did besides, to be copied into a shell: its name is in it only if there is nothing
 * in the name that a shell would read. */
void nz_detect_append_timeline_command(struct nz_buf *out, struct nz_str actor);

/* The group's first and last time, "2026-06-24T17:27:55Z"; nothing when it has none. */
void nz_detect_append_time(struct nz_buf *out, const struct nz_hit_group *group, nz_time time);

/* "findings: 84; rules that fired: 27 of 194; …": how many of what was looked at. */
void nz_detect_append_counts(struct nz_buf *out, size_t rules_fired, const struct nz_detect_summary *summary);

/* "2026-06-24 17:27 – 17:28", "2026-06-24 23:50 – 2026-06-25 00:10", "2026-06-24 17:27": in UTC, for people. */
void nz_detect_append_range(struct nz_buf *out, nz_time first, nz_time last);

#endif
