#include "audit/recorder.h"

#include "audit/regional.h"

/* "Service-linked recorders": made by AWS services, named AWSConfigurationRecorderFor…, scope INTERNAL or a principal. */
static bool is_of_a_service(struct nz_audit *a, const struct nz_item_view *view)
{
    return nz_str_starts_with(view->item->name, NZ_STR("AWSConfigurationRecorderFor")) ||
           nz_str_eq_nocase(nz_audit_field(a, view, "configuration.recordingScope"), NZ_STR("INTERNAL")) ||
           nz_audit_field(a, view, "configuration.servicePrincipal").n;
}

static const struct nz_item_view *find(struct nz_audit *a, struct nz_str region)
{
    const struct nz_items items = nz_snapshot_items_in(a->snapshot, NZ_STR(NZ_RECORDER_TYPE), region);
    for (size_t i = 0; i < items.n; i++) {
        const struct nz_item_view *view = nz_audit_open(a, 0, &items.p[i]);
        if (view && !is_of_a_service(a, view))
            return view;
    }
    return NULL;
}

const struct nz_item_view *nz_recorder_get(struct nz_audit *a, struct nz_str region, bool *known)
{
    const struct nz_item_view *view = find(a, region);
    *known = view || !nz_audit_is_unread(a, NZ_RECORDER_TYPE, region);
    return view;
}

const struct nz_item_view *nz_recorder_need(struct nz_audit *a, struct nz_subject on, bool *none)
{
    const struct nz_item_view *view = find(a, on.region);
    *none = !view && nz_audit_need(a, on, NZ_RECORDER_TYPE, on.region);
    return view;
}

const struct nz_item_view *nz_channel_need(struct nz_audit *a, struct nz_subject on, bool *none)
{
    const struct nz_items channels = nz_snapshot_items_in(a->snapshot, NZ_STR(NZ_CHANNEL_TYPE), on.region);
    const struct nz_unread *why;
    *none = false;
    if (channels.n)
        return nz_audit_open(a, 0, &channels.p[0]);
    const enum nz_listing listing = nz_snapshot_listing(a->snapshot, NZ_STR(NZ_CHANNEL_TYPE), on.region, &why);
    /* not asked where there is no recorder: then there is none of these either, or nothing is known */
    if (listing == NZ_NOT_ASKED) {
        if (nz_recorder_need(a, on, none))
            nz_audit_need(a, on, NZ_CHANNEL_TYPE, on.region);
    } else {
        *none = nz_audit_need(a, on, NZ_CHANNEL_TYPE, on.region);
    }
    return NULL;
}

bool nz_recorder_status_is(struct nz_audit *a, const struct nz_item_view *view, const char *path, const char *status)
{
    return nz_str_eq_nocase(nz_audit_field(a, view, path), nz_str_from_c(status));
}
