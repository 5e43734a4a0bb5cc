/* An item: the configuration of one resource at one time, in the shape of an AWS Config configuration item.
 * docs/formats/snapshot.md says which types there are and what their configurations hold. */
#ifndef NZ_INVENTORY_ITEM_H
#define NZ_INVENTORY_ITEM_H

#include "core/json.h"

/* Texts are decoded. They live as long as the snapshot; none has a NULL for .p. */
struct nz_item {
    struct nz_str type, region, arn, id, name; /* "AWS::IAM::User", "global" or "us-east-1", … */
    struct nz_str account, capture_time, status;
    struct nz_str configuration, supplementary; /* the JSON text of an object each, checked */
    uint32_t line;                              /* of the snapshot's file, from 1; 0: not from a file */
};

/* An item's JSON opened for looking into it. One a thread; opened again and again, it keeps its memory. */
struct nz_item_view {
    const struct nz_item *item;
    struct nz_json configuration, supplementary;
    struct nz_json_doc docs[2];
};

void nz_item_view_init(struct nz_item_view *view);
void nz_item_view_release(struct nz_item_view *view); /* harmless twice */

/* What was opened before is gone. NZ_E_NOMEM. */
NZ_MUST_USE enum nz_err nz_item_open(struct nz_item_view *view, const struct nz_item *item);

/* The value at a path of member names with dots between: "configuration.SummaryMap.AccountMFAEnabled",
 * "supplementaryConfiguration.GetTrailStatus.IsLogging"; the same text names the field in a finding's evidence.
 * Names are compared as nz_item_member does. Absent when a part of the path is; a member that is null is NZ_JSON_NULL. */
struct nz_json nz_item_get(const struct nz_item_view *view, const char *path);

/* A member by its name in AWS's API, its first letter in either case ("userName" for "UserName"), as AWS Config writes
 * its items. The exact name wins. */
struct nz_json nz_item_member(struct nz_json object, struct nz_str name);

/* A policy document in any of its forms (an object, a JSON text, a percent-encoded text) as JSON text: an object's source
 * as it stands; else decoded to the end of scratch, where it dies with the next append. Not checked to be JSON. Empty when
 * v is absent or of another kind. */
struct nz_str nz_item_document(struct nz_json v, struct nz_buf *scratch);

#endif
