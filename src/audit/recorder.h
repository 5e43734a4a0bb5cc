/* What the checks on AWS Config have in common.
 * Source: AWS Config API Reference, ConfigurationRecorder, RecordingGroup, DescribeConfigurationRecorderStatus. */
#ifndef NZ_AUDIT_RECORDER_H
#define NZ_AUDIT_RECORDER_H

#include "audit/check.h"

#define NZ_RECORDER_TYPE "AWS::Config::ConfigurationRecorder"
#define NZ_CHANNEL_TYPE "AWS::Config::DeliveryChannel"

/* The recorder that the account manages in a region, opened in slot 0; those that AWS services keep for themselves are none.
 * NULL: it could not be read (the subject has its finding), or there is none: then *none is true, and nothing was said. */
const struct nz_item_view *nz_recorder_need(struct nz_audit *a, struct nz_subject on, bool *none);

/* The same without a word; NULL with *known false when it could not be read. */
const struct nz_item_view *nz_recorder_get(struct nz_audit *a, struct nz_str region, bool *known);

/* The delivery channel of a region, opened in slot 0, as nz_recorder_need. *none also where there is no recorder. */
const struct nz_item_view *nz_channel_need(struct nz_audit *a, struct nz_subject on, bool *none);

/* A status as it is meant: the service writes "SUCCESS" where its model says "Success". */
bool nz_recorder_status_is(struct nz_audit *a, const struct nz_item_view *view, const char *path, const char *status);

#endif
