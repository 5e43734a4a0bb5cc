#include "inventory/snapshot_line.h"

static void append_member(struct nz_buf *out, const char *name, struct nz_str text)
{
    nz_buf_append_char(out, ',');
    nz_json_append_string(out, nz_str_from_c(name));
    nz_buf_append_char(out, ':');
    nz_json_append_string(out, text);
}

static void append_number(struct nz_buf *out, const char *name, uint64_t value)
{
    nz_buf_append_char(out, ',');
    nz_json_append_string(out, nz_str_from_c(name));
    nz_buf_append_char(out, ':');
    nz_buf_append_u64(out, value);
}

void nz_snapshot_append_header(struct nz_buf *out, const struct nz_snapshot_header *header,
                               const struct nz_str *regions, size_t regions_count)
{
    nz_buf_append(out, NZ_STR("{\"kind\":\"snapshot\",\"format\":\"nezuban-snapshot\""));
    append_number(out, "version", header->version ? header->version : NZ_SNAPSHOT_VERSION);
    append_member(out, "tool", header->tool);
    append_member(out, "accountId", header->account);
    append_member(out, "partition", header->partition);
    append_member(out, "capturedAt", header->captured_at);
    nz_buf_append(out, NZ_STR(",\"caller\":{\"Arn\":"));
    nz_json_append_string(out, header->caller_arn);
    append_member(out, "UserId", header->caller_id);
    nz_buf_append_char(out, '}');
    append_member(out, "callerRegion", header->caller_region);
    nz_buf_append(out, NZ_STR(",\"regions\":["));
    for (size_t i = 0; i < regions_count; i++) {
        if (i)
            nz_buf_append_char(out, ',');
        nz_json_append_string(out, regions[i]);
    }
    nz_buf_append(out, NZ_STR("]}\n"));
}

void nz_snapshot_append_collected(struct nz_buf *out, const struct nz_collected *collected)
{
    nz_buf_append(out, NZ_STR("{\"kind\":\"collected\""));
    append_member(out, "service", collected->service);
    append_member(out, "operation", collected->operation);
    append_member(out, "region", collected->region);
    append_number(out, "items", collected->items);
    nz_buf_append(out, NZ_STR("}\n"));
}

void nz_snapshot_append_unread(struct nz_buf *out, const struct nz_unread *unread)
{
    nz_buf_append(out, NZ_STR("{\"kind\":\"unread\""));
    append_member(out, "service", unread->service);
    append_member(out, "operation", unread->operation);
    append_member(out, "region", unread->region);
    append_member(out, "resource", unread->resource);
    append_member(out, "error", unread->error);
    append_member(out, "action", unread->action);
    append_member(out, "message", unread->message);
    nz_buf_append(out, NZ_STR("}\n"));
}

void nz_snapshot_append_item(struct nz_buf *out, const struct nz_item *item)
{
    nz_buf_append(out, NZ_STR("{\"kind\":\"item\""));
    append_member(out, "accountId", item->account);
    append_member(out, "awsRegion", item->region);
    append_member(out, "resourceType", item->type);
    append_member(out, "resourceId", item->id);
    append_member(out, "resourceName", item->name);
    append_member(out, "ARN", item->arn);
    append_member(out, "configurationItemCaptureTime", item->capture_time);
    append_member(out, "configurationItemStatus", item->status);
    nz_buf_append(out, NZ_STR(",\"configuration\":"));
    nz_buf_append(out, item->configuration);
    nz_buf_append(out, NZ_STR(",\"supplementaryConfiguration\":"));
    nz_buf_append(out, item->supplementary);
    nz_buf_append(out, NZ_STR("}\n"));
}

void nz_snapshot_append_end(struct nz_buf *out, const struct nz_snapshot_counts *counts)
{
    nz_buf_append(out, NZ_STR("{\"kind\":\"end\""));
    append_number(out, "items", counts->items);
    append_number(out, "collected", counts->collected);
    append_number(out, "unread", counts->unread);
    nz_buf_append(out, NZ_STR("}\n"));
}
