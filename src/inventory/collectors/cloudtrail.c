/* Trails with their status and selectors, and whether the event history answers.
 * Source: CloudTrail API Reference: DescribeTrails (shadow trails), GetTrailStatus, GetEventSelectors, LookupEvents. */
#include "inventory/collect_run.h"

static const struct nz_join status = {.operation = NZ_AWS_CLOUDTRAIL_GetTrailStatus, .form = NZ_FORM_TIMES};
static const struct nz_join selectors = {.operation = NZ_AWS_CLOUDTRAIL_GetEventSelectors, .form = NZ_FORM_TIMES};

/* A trail of all regions shows in each of them: one item is enough. What a broken run had is in the builder, what is being
 * asked about is not there yet. */
static bool is_known(const struct nz_collect *c, struct nz_str arn)
{
    const uint64_t count = nz_snapshot_counts(c->builder).items;
    for (const struct nz_collect_name *t = c->trails; t; t = t->next) {
        if (nz_str_eq(t->name, arn))
            return true;
    }
    for (uint64_t i = 0; i < count; i++) {
        const struct nz_item item = nz_snapshot_builder_item(c->builder, i);
        if (nz_str_eq(item.type, NZ_STR("AWS::CloudTrail::Trail")) && nz_str_eq(item.arn, arn))
            return true;
    }
    return false;
}

static enum nz_err trail_found(struct nz_collect *c, struct nz_found *f, struct nz_json trail, bool *take)
{
    *take = !is_known(c, f->item.arn);
    if (!*take)
        return NZ_OK;
    enum nz_err err = nz_collect_name_add(c, &c->trails, f->item.arn) ? NZ_OK : NZ_E_NOMEM;
    struct nz_json home = nz_json_get(trail, NZ_STR("HomeRegion"));
    struct nz_str seen_in = f->item.region;
    if (nz_json_kind(home) == NZ_JSON_STRING && nz_json_string_raw(home).n) {
        f->item.region = nz_arena_str(&c->arena, nz_json_string_raw(home));
        if (!f->item.region.p)
            return NZ_E_NOMEM;
    }
    /* the home region answers for sure, but may be closed to who asks */
    struct nz_str ask_in = nz_collect_is_open(c, f->item.region) ? f->item.region : seen_in;
    const char *name = nz_collect_parameters(c, "Name", f->item.arn);
    const char *trail_name = nz_collect_parameters(c, "TrailName", f->item.arn);
    if (!name || !trail_name)
        return NZ_E_NOMEM;
    if (err == NZ_OK)
        err = nz_collect_join(c, f, &status, ask_in, name);
    return err == NZ_OK ? nz_collect_join(c, f, &selectors, ask_in, trail_name) : err;
}

/* --- event history --- */

/* One event shows that the history answers; what it says is no setting. */
static enum nz_err history_found(struct nz_collect *c, struct nz_found *f, struct nz_json answer, bool *take)
{
    struct nz_json events = nz_json_get(answer, NZ_STR("Events"));
    struct nz_json_iter it = nz_json_iter(events);
    (void)take;
    nz_buf_clear(&c->json);
    nz_buf_append(&c->json, NZ_STR("{\"Events\":["));
    if (nz_json_next(&it))
        nz_collect_append(it.value, NZ_FORM_TIMES, "CloudTrailEvent|Resources", NULL, &c->json);
    nz_buf_append(&c->json, NZ_STR("]}"));
    if (c->json.failed)
        return NZ_E_NOMEM;
    f->item.configuration = nz_arena_str(&c->arena, nz_buf_view(&c->json));
    f->item.id = f->item.region;
    f->item.arn = NZ_STR("");
    return f->item.configuration.p ? NZ_OK : NZ_E_NOMEM;
}

static const struct nz_list history = {
    .operation = NZ_AWS_CLOUDTRAIL_LookupEvents,
    .type = "Nezuban::CloudTrail::EventHistory",
    .pages_max = 1,
    .found = history_found,
};

static enum nz_err history_ask(struct nz_collect *c, struct nz_str region, uint64_t trails)
{
    (void)trails;
    if (!nz_str_eq(region, c->in->caller_region) && !nz_str_eq(region, nz_collect_sign_in_region(c)))
        return NZ_OK;
    struct nz_collect_region *r = nz_collect_region_of(c, region);
    return r && r->access == NZ_REGION_OPEN ? nz_collect_list(c, &history, region, "{\"MaxResults\":1}") : NZ_OK;
}

static const struct nz_list trails = {
    .operation = NZ_AWS_CLOUDTRAIL_DescribeTrails,
    .type = "AWS::CloudTrail::Trail",
    .path = "trailList",
    .id = "Name",
    .name = "Name",
    .arn = "TrailARN",
    .found = trail_found,
    .then = history_ask,
    .probe = true,
};

static enum nz_err in_region(struct nz_collect *c, struct nz_str region)
{
    return nz_collect_list(c, &trails, region, NULL);
}

const struct nz_collector nz_collector_cloudtrail = {.round = 1, .probe = true, .region = in_region};
