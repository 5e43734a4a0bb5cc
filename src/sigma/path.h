/* Dotted paths into a record: "userIdentity.sessionContext.attributes.mfaAuthenticated". Private to sigma.
 *
 * A path walks objects. At every object the longest key that is the whole rest of the path, or its beginning up to a
 * dot, wins: {"a.b":1,"a":{"b":2}} gives 1 for a.b. At an array, and at an array inside an array, it goes on with each
 * element. What it arrives at are leaves: scalars (null too) and objects, never arrays.
 *
 *   path a.b   {"a":[{"b":1},{"c":2},{"b":[3,[4]]}]}   leaves 1 3 4
 *
 * Specification 2.1.0 leaves structured fields to the tool; this reading is written down in docs/sigma.md. */
#ifndef NZ_SIGMA_PATH_H
#define NZ_SIGMA_PATH_H

#include "events/event.h"

#define NZ_PATH_BYTES_MAX 1024u
#define NZ_PATH_PARTS_MAX 64u /* dots + 1: bounds the walk's recursion together with the JSON depth */

/* Called for each leaf in source order; false stops the walk. */
typedef bool nz_path_visit_fn(void *self, struct nz_json leaf);

/* Walks; true when the path exists at all: also when it ends at null or at an empty array. scratch is used to decode
 * keys that are written with escapes; it is appended to and cut back. */
bool nz_path_walk(const struct nz_event *ev, struct nz_str path, struct nz_buf *scratch, nz_path_visit_fn *visit,
                  void *self);

/* The same from a value on; an empty path arrives at the value itself. */
bool nz_path_walk_from(struct nz_json from, struct nz_str path, struct nz_buf *scratch, nz_path_visit_fn *visit,
                       void *self);

/* The same from a record's top-level object on, read without tokens (events/event.h); path is not empty. */
bool nz_path_walk_members(const struct nz_event *ev, const struct nz_event_members *members, struct nz_str path,
                          struct nz_buf *scratch, nz_path_visit_fn *visit, void *self);

/* The first leaf that is not null, or absent: what group-by reads. */
struct nz_json nz_path_first(const struct nz_event *ev, struct nz_str path, struct nz_buf *scratch);

#endif
