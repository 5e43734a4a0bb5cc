/* Gathers what becomes a snapshot. Texts are copied. One thread at a time.
 * Errors: NZ_E_NOMEM; NZ_E_SNAPSHOT_LIMIT when a bound below is reached. */
#ifndef NZ_INVENTORY_SNAPSHOT_BUILDER_H
#define NZ_INVENTORY_SNAPSHOT_BUILDER_H

#include "core/diag.h"
#include "inventory/snapshot.h"

#define NZ_SNAPSHOT_ITEMS_MAX 2000000u
#define NZ_SNAPSHOT_LINES_MAX 1000000u          /* collected and unread, each */
#define NZ_SNAPSHOT_BYTES_MAX ((size_t)2 << 30) /* what its texts take together */
#define NZ_SNAPSHOT_MESSAGE_BYTES_MAX 1000u     /* of an unread line; longer ones are cut */

struct nz_snapshot_builder;

NZ_MUST_USE enum nz_err nz_snapshot_builder_new(struct nz_snapshot_builder **out);
void nz_snapshot_builder_free(struct nz_snapshot_builder *b); /* NULL is fine */

/* The last one counts. `captured` is made from captured_at; when that is no time, it is 0. */
NZ_MUST_USE enum nz_err nz_snapshot_set_header(struct nz_snapshot_builder *b, const struct nz_snapshot_header *header);
NZ_MUST_USE enum nz_err nz_snapshot_add_region(struct nz_snapshot_builder *b, struct nz_str name);

/* configuration and supplementary must be checked JSON objects; an empty supplementary becomes {}. */
NZ_MUST_USE enum nz_err nz_snapshot_add_item(struct nz_snapshot_builder *b, const struct nz_item *item);
NZ_MUST_USE enum nz_err nz_snapshot_add_collected(struct nz_snapshot_builder *b, const struct nz_collected *collected);
NZ_MUST_USE enum nz_err nz_snapshot_add_unread(struct nz_snapshot_builder *b, const struct nz_unread *unread);
void nz_snapshot_add_damage(struct nz_snapshot_builder *b);

/* As set last; zeroed before. Lives until the next one is set. */
struct nz_snapshot_header nz_snapshot_builder_header(const struct nz_snapshot_builder *b);
bool nz_snapshot_builder_has_region(const struct nz_snapshot_builder *b, struct nz_str name);

/* What was added so far. */
struct nz_snapshot_counts {
    uint64_t items, collected, unread;
};
struct nz_snapshot_counts nz_snapshot_counts(const struct nz_snapshot_builder *b);
/* Item i of those, in the order of adding; its texts live as long as the builder or the snapshot that it makes. */
struct nz_item nz_snapshot_builder_item(const struct nz_snapshot_builder *b, uint64_t i);

/* Sorts. An item that stands twice (type, region, ARN and id alike) counts once, the first one; twice->line and
 * twice->count say where the second of the first such pair stands and how many there are (twice may be NULL).
 * The builder is empty afterwards and may be freed or filled again. */
struct nz_snapshot_twice {
    uint32_t line;
    uint64_t count;
};
NZ_MUST_USE enum nz_err nz_snapshot_finish(struct nz_snapshot_builder *b, struct nz_snapshot **out,
                                           struct nz_snapshot_twice *twice);

#endif
