/* What AWS Config writes of a resource, brought under the names that the API's answers have: a bucket's policy as
 * GetBucketPolicy gives it, a detector's state as GetDetector does. Private to inventory.
 *
 * Only what says the same is brought over; anything else stays what it is, and the answer counts as not read.
 * Source: AWS Config's resource schemas ("AWS::S3::Bucket", "AWS::GuardDuty::Detector"); the API reference of each service. */
#ifndef NZ_INVENTORY_CONFIG_ANSWERS_H
#define NZ_INVENTORY_CONFIG_ANSWERS_H

#include "core/json.h"

/* Appends `,"GetBucketPolicy":…` and the like for each answer that can be told from an item's two members. */
void nz_config_answers_append(struct nz_str type, struct nz_json configuration, struct nz_json supplementary,
                              struct nz_buf *out);

#endif
