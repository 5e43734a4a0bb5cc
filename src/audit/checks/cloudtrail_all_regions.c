/* Whether every region is recorded: one finding a region, and one for the account.
 * Source: CIS AWS Foundations 4.1; Security Hub CloudTrail.1 and CloudTrail.3; CloudTrail User Guide, "Understanding
 * multi-Region trails". */
#include "audit/regional.h"
#include "audit/trails.h"

/* Of the trails that are for a region (of all, without one): the best that is multi-region, and the best of the others. */
struct best {
    const struct nz_trail *multi, *single;
    const struct nz_trail *unknown_multi; /* the first that could be better than it is known to be */
    size_t trails;
};

static struct best best_for(struct nz_trails trails, const struct nz_str *region)
{
    struct best best = {0};
    for (size_t i = 0; i < trails.n; i++) {
        const struct nz_trail *t = &trails.p[i];
        if (region && !nz_trail_is_for(t, *region))
            continue;
        best.trails++;
        const struct nz_trail **slot = t->is_multi_region ? &best.multi : &best.single;
        if (!*slot || t->cover > (*slot)->cover)
            *slot = t;
        if (!best.unknown_multi && t->is_multi_region && t->cover == NZ_COVER_UNKNOWN)
            best.unknown_multi = t;
    }
    return best;
}

static bool covers(const struct nz_trail *trail, enum nz_cover least)
{
    return trail && trail->cover >= least;
}

static void show_all_for(struct nz_audit *a, struct nz_finding *f, struct nz_trails trails, struct nz_str region)
{
    for (size_t i = 0; i < trails.n; i++) {
        if (nz_trail_is_for(&trails.p[i], region))
            nz_trail_show_cover(a, f, &trails.p[i]);
    }
}

/* What is left when no trail covers the region for sure. */
static void say_uncovered(struct nz_audit *a, struct nz_subject on, struct nz_trails trails, struct best best)
{
    /* a trail of one region makes it partial at best, as a multi-region one does that records a part */
    const bool single_decides =
        !covers(best.multi, NZ_COVER_PART) && best.single && best.single->cover == NZ_COVER_UNKNOWN;
    const struct nz_trail *open = best.unknown_multi ? best.unknown_multi : single_decides ? best.single : NULL;
    struct nz_finding *f;
    if (open) {
        f = nz_trail_say_unread(a, on, open);
    } else if (covers(best.single, NZ_COVER_PART) || covers(best.multi, NZ_COVER_PART)) {
        f = covers(best.single, NZ_COVER_FULL)
                ? nz_audit_partial(a, on, N_("only a trail of this one region records it"))
                : nz_audit_partial(a, on, N_("only a part of the management events is recorded"));
    } else if (!nz_audit_need(a, on, NZ_TRAIL_TYPE, on.region)) {
        return;
    } else if (best.trails == 1) {
        f = nz_trail_say_uncovered(a, on, best.multi ? best.multi : best.single);
    } else if (best.trails) {
        f = nz_audit_fail(a, on,
                          N_("the trails of this region are stopped, fail to deliver, or select other events than "
                             "all management events"));
    } else {
        f = nz_audit_fail(a, on, N_("no trail records this region"));
        nz_audit_evidence(a, f, NZ_STR("cloudtrail:DescribeTrails"), "trailList", NZ_STR("[]"));
    }
    show_all_for(a, f, trails, on.region);
}

static void judge_region(struct nz_audit *a, struct nz_trails trails, struct nz_str region)
{
    const struct nz_subject on = nz_audit_region(a, region);
    const struct best best = best_for(trails, &region);
    if (!covers(best.multi, NZ_COVER_FULL)) {
        say_uncovered(a, on, trails, best);
        return;
    }
    struct nz_finding *f =
        nz_audit_pass(a, on, N_("the multi-region trail '%.*s' records it"), NZ_STR_ARG(best.multi->name));
    nz_trail_show_cover(a, f, best.multi);
}

/* How many of the open regions have a trail at least of their own, and whether any could not be read. */
struct count {
    size_t regions, covered;
    struct nz_str unread;
};

static struct count count_regions(struct nz_audit *a, struct nz_trails trails)
{
    struct count c = {0};
    size_t at = 0;
    struct nz_str region;
    while (nz_audit_next_region(a, &at, &region)) {
        const struct best best = best_for(trails, &region);
        c.regions++;
        c.covered += covers(best.multi, NZ_COVER_PART) || covers(best.single, NZ_COVER_PART);
        if (!c.unread.n && nz_audit_is_unread(a, NZ_TRAIL_TYPE, region))
            c.unread = region;
    }
    return c;
}

static void judge_account(struct nz_audit *a, struct nz_trails trails)
{
    const struct nz_subject account = nz_audit_account(a);
    const struct best best = best_for(trails, NULL);
    const struct count c = count_regions(a, trails);
    struct nz_finding *f;
    if (covers(best.multi, NZ_COVER_FULL)) {
        f = nz_audit_pass(a, account, N_("the multi-region trail '%.*s' records all regions"),
                          NZ_STR_ARG(best.multi->name));
        nz_trail_show_cover(a, f, best.multi);
        return;
    }
    if (best.unknown_multi) {
        nz_trail_say_unread(a, account, best.unknown_multi);
        return;
    }
    if (c.unread.n && !nz_audit_need(a, account, NZ_TRAIL_TYPE, c.unread))
        return;
    if (covers(best.multi, NZ_COVER_PART))
        f = nz_audit_partial(a, account, N_("the multi-region trail records only a part of the management events"));
    else if (c.regions && c.covered == c.regions)
        f = nz_audit_partial(a, account,
                             N_("each region has a trail of its own: a region that is enabled later is not recorded"));
    else if (best.trails == 1 && best.multi)
        f = nz_trail_say_uncovered(a, account, best.multi);
    else
        f = nz_audit_fail(a, account, N_("no multi-region trail records all management events"));
    if (trails.n == 0)
        nz_audit_evidence(a, f, NZ_STR("cloudtrail:DescribeTrails"), "trailList", NZ_STR("[]"));
    for (size_t i = 0; i < trails.n; i++)
        nz_trail_show_cover(a, f, &trails.p[i]);
}

static void run(struct nz_audit *a)
{
    const struct nz_trails trails = nz_trails_read(a);
    size_t at = 0;
    struct nz_str region;
    if (a->snapshot->regions_count == 0) {
        nz_audit_say_no_regions(a);
        return;
    }
    judge_account(a, trails);
    while (nz_audit_next_region(a, &at, &region))
        judge_region(a, trails, region);
}

const struct nz_check nz_check_cloudtrail_all_regions = {
    .about = {.id = "cloudtrail-all-regions",
              .part = NZ_PART_SERVICES,
              .severity = NZ_SEVERITY_HIGH,
              .title = N_("A trail records every region"),
              .remedy = N_("Create a multi-region trail for reading and writing management events, with its bucket's "
                           "policy first, and start its logging; or mend the one that the evidence names. A second "
                           "trail pays for its copy of the events.")},
    .run = run,
};
