#include "audit/trails.h"

#include "audit/regional.h"
#include "audit/state.h"

#define STATUS "supplementaryConfiguration.GetTrailStatus"
#define SELECTORS "supplementaryConfiguration.GetEventSelectors"

static enum nz_cover cover_of(const struct nz_trail *t)
{
    const struct nz_selection s = t->selection;
    const enum nz_selected least = s.reading < s.writing ? s.reading : s.writing;
    if ((t->has_status && (!t->is_logging || t->is_failing)) || (t->has_selection && least == NZ_SELECTED_NONE))
        return NZ_COVER_NONE;
    if (!t->has_status || !t->has_selection)
        return NZ_COVER_UNKNOWN;
    return least == NZ_SELECTED_NARROWED ? NZ_COVER_PART : NZ_COVER_FULL;
}

/* The selectors were often denied to a member account; that a trail has none of its own, DescribeTrails tells as well. */
static void selection_read(struct nz_trail *t, const struct nz_item_view *view)
{
    const struct nz_json answer = nz_item_get(view, SELECTORS);
    const bool by_default = nz_json_kind(nz_item_get(view, "configuration.HasCustomEventSelectors")) == NZ_JSON_FALSE;
    t->has_selection = !nz_json_is_absent(answer) || by_default;
    if (t->has_selection)
        t->selection = nz_selection_read(answer);
}

static void trail_read(struct nz_audit *a, struct nz_trail *t, const struct nz_item *item)
{
    const struct nz_item_view *view = nz_audit_open(a, 1, item);
    *t = (struct nz_trail){.item = item, .name = item->name, .home = item->region};
    if (!view)
        return;
    /* arn:PARTITION:cloudtrail:REGION:ACCOUNT:trail/NAME */
    struct nz_str owner = item->arn;
    for (int colons = 0; colons < 4; colons++)
        owner = nz_str_skip(owner, nz_str_find(owner, NZ_STR(":")) + 1);
    t->is_foreign = owner.n && !nz_str_starts_with(owner, a->snapshot->header.account);
    t->is_multi_region = nz_audit_is_true(nz_item_get(view, "configuration.IsMultiRegionTrail"));
    t->has_status = !nz_json_is_absent(nz_item_get(view, STATUS ".IsLogging"));
    t->is_logging = nz_audit_is_true(nz_item_get(view, STATUS ".IsLogging"));
    t->is_failing = nz_audit_field(a, view, STATUS ".LatestDeliveryError").n != 0;
    selection_read(t, view);
    t->cover = cover_of(t);
}

struct nz_trails nz_trails_read(struct nz_audit *a)
{
    const struct nz_items items = nz_snapshot_items(a->snapshot, NZ_STR(NZ_TRAIL_TYPE));
    struct nz_trail *trails = NZ_ARENA_ARRAY(a->keep, struct nz_trail, items.n);
    if (!trails) {
        if (items.n)
            nz_audit_fault(a, NZ_E_NOMEM);
        return (struct nz_trails){0};
    }
    for (size_t i = 0; i < items.n; i++)
        trail_read(a, &trails[i], &items.p[i]);
    return (struct nz_trails){trails, items.n};
}

/* The first region whose trails could not be listed. */
static bool unread_region(const struct nz_audit *a, size_t *at, struct nz_str *region)
{
    while (nz_audit_next_region(a, at, region)) {
        if (nz_audit_is_unread(a, NZ_TRAIL_TYPE, *region))
            return true;
    }
    return false;
}

bool nz_trails_need(struct nz_audit *a, struct nz_trails *trails)
{
    const struct nz_subject account = nz_audit_account(a);
    size_t at = 0;
    struct nz_str region;
    *trails = nz_trails_read(a);
    if (trails->n == 0) {
        if (a->snapshot->regions_count == 0)
            nz_audit_say_no_regions(a);
        else if (unread_region(a, &at, &region))
            nz_audit_need(a, account, NZ_TRAIL_TYPE, region);
        else
            nz_audit_evidence(a, nz_audit_fail(a, account, N_("there is no trail")),
                              NZ_STR("cloudtrail:DescribeTrails"), "trailList", NZ_STR("[]"));
        return false;
    }
    while (unread_region(a, &at, &region))
        nz_audit_need(a, nz_audit_region(a, region), NZ_TRAIL_TYPE, region);
    return true;
}

bool nz_trail_is_for(const struct nz_trail *trail, struct nz_str region)
{
    return trail->is_multi_region || nz_str_eq(trail->home, region);
}

void nz_trail_show_cover(struct nz_audit *a, struct nz_finding *f, const struct nz_trail *trail)
{
    const struct nz_item_view *view = nz_audit_open(a, 1, trail->item);
    if (!view)
        return;
    nz_audit_show(a, f, view, "configuration.IsMultiRegionTrail");
    if (trail->has_status)
        nz_audit_show(a, f, view, STATUS ".IsLogging");
    if (trail->is_failing)
        nz_audit_show(a, f, view, STATUS ".LatestDeliveryError");
    const struct nz_selection s = trail->selection;
    if (trail->has_selection && (s.reading != NZ_SELECTED_ALL || s.writing != NZ_SELECTED_ALL)) {
        const bool classic = nz_json_is_absent(nz_item_get(view, SELECTORS ".AdvancedEventSelectors"));
        nz_audit_show(a, f, view, classic ? SELECTORS ".EventSelectors" : SELECTORS ".AdvancedEventSelectors");
    }
}

struct nz_finding *nz_trail_say_unread(struct nz_audit *a, struct nz_subject on, const struct nz_trail *trail)
{
    const struct nz_str operation = trail->has_status ? NZ_STR("GetEventSelectors") : NZ_STR("GetTrailStatus");
    return nz_audit_say_unread(a, on, nz_snapshot_unread_of(a->snapshot, trail->item, operation),
                               trail->has_status ? "cloudtrail:GetEventSelectors" : "cloudtrail:GetTrailStatus");
}

struct nz_finding *nz_trail_say_uncovered(struct nz_audit *a, struct nz_subject on, const struct nz_trail *trail)
{
    const struct nz_str name = trail->name;
    if (trail->has_status && !trail->is_logging)
        return nz_audit_fail(a, on, N_("the trail '%.*s' is not logging"), NZ_STR_ARG(name));
    if (trail->is_failing)
        return nz_audit_fail(a, on, N_("the trail '%.*s' cannot deliver to its bucket"), NZ_STR_ARG(name));
    return nz_audit_fail(a, on, N_("the trail '%.*s' does not select both reading and writing management events"),
                         NZ_STR_ARG(name));
}
