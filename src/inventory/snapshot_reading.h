/* One file being read. Private to inventory. */
#ifndef NZ_INVENTORY_SNAPSHOT_READING_H
#define NZ_INVENTORY_SNAPSHOT_READING_H

#include "inventory/iam_details.h"
#include "inventory/snapshot_read.h"

struct nz_snapshot_reading {
    struct nz_snapshot_builder *builder;
    const struct nz_snapshot_source *source;
    struct nz_json_doc doc, inner; /* inner: JSON that stands as a text within the other */
    struct nz_iam_details iam;
    struct nz_buf bytes;                               /* read and not yet used */
    struct nz_buf texts, configuration, supplementary; /* decoded parts of one item */
    struct nz_item_view view;                          /* of one that is not ours */
    struct nz_buf answers;                             /* what of it the API's answers would say */
    uint32_t line;
    size_t line_offset; /* of a text that is not ours: lines are counted up to here */
    uint64_t problems;
};

/* Tells a problem and counts the damage. line, column 0: not known. */
void nz_snapshot_problem(struct nz_snapshot_reading *r, enum nz_err code, uint32_t line, uint32_t column,
                         const char *format, ...) NZ_PRINTF(5, 6);

/* Adds what has the members of an item, ours or Config's. *fault says what is wrong with it (static storage), NULL when it
 * was added. foreign: a configuration of IAM's is brought into the API's form. After nz_snapshot_texts_begin. */
NZ_MUST_USE enum nz_err nz_snapshot_item_read(struct nz_snapshot_reading *r, struct nz_json object, bool foreign,
                                              const char **fault);

/* Room for the decoded texts of `object`: r->texts does not move while they are gathered. */
NZ_MUST_USE enum nz_err nz_snapshot_texts_begin(struct nz_snapshot_reading *r, struct nz_json object);

/* A whole text that is not ours: r->bytes. */
NZ_MUST_USE enum nz_err nz_snapshot_foreign_read(struct nz_snapshot_reading *r, struct nz_diag *diag);

#endif
