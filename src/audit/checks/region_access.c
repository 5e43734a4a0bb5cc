/* Which regions were judged at all. A closed region is told here once; the other regional checks say nothing of it.
 * Source: the design's table of judgements. */
#include "audit/regional.h"

/* The line that says what refused; both calls that were tried have one. */
static const struct nz_unread *refusal_of(const struct nz_audit *a, struct nz_str region)
{
    const struct nz_unread *why =
        nz_snapshot_unread(a->snapshot, NZ_STR("cloudtrail"), NZ_STR("DescribeTrails"), region, NZ_STR(""));
    return why ? why
               : nz_snapshot_unread(a->snapshot, NZ_STR("guardduty"), NZ_STR("ListDetectors"), region, NZ_STR(""));
}

/* "… with an explicit deny in a service control policy: arn:aws:organizations::…:policy/o-…/service_control_policy/p-…";
 * older messages end before the colon. Empty: not named. */
static struct nz_str policy_named(struct nz_str message)
{
    size_t at = nz_str_find(message, NZ_STR("arn:"));
    while (at != SIZE_MAX) {
        message = nz_str_skip(message, at);
        size_t n = 0;
        while (n < message.n && message.p[n] != ' ' && message.p[n] != ',' && message.p[n] != '"')
            n++;
        const struct nz_str arn = nz_str_head(message, n);
        if (nz_str_find(arn, NZ_STR(":organizations:")) != SIZE_MAX)
            return arn;
        message = nz_str_skip(message, n);
        at = nz_str_find(message, NZ_STR("arn:"));
    }
    return NZ_STR("");
}

static struct nz_finding *say_closed(struct nz_audit *a, struct nz_subject on)
{
    const struct nz_unread *why = refusal_of(a, on.region);
    const struct nz_str policy = why ? policy_named(why->message) : NZ_STR("");
    struct nz_finding *f =
        policy.n
            ? nz_audit_unknown(a, on,
                               N_("the service control policy (SCP) %.*s closes this region to whoever runs nezuban"),
                               NZ_STR_ARG(policy))
            : nz_audit_unknown(a, on, N_("a service control policy (SCP) closes this region to whoever runs nezuban"));
    if (why) {
        nz_audit_evidence(a, f, NZ_STR("cloudtrail:DescribeTrails"), "error", why->error);
        nz_audit_evidence(a, f, NZ_STR("cloudtrail:DescribeTrails"), "message", why->message);
    }
    nz_audit_advise(a, f,
                    N_("If the policy closes the region to everybody, nothing needs to be done. Else exempt the role "
                       "that runs nezuban from it."));
    return f;
}

static struct nz_finding *say_access(struct nz_audit *a, struct nz_subject on)
{
    struct nz_finding *f;
    switch (nz_snapshot_region_access(a->snapshot, on.region)) {
    case NZ_REGION_OPEN:
        break;
    case NZ_REGION_CLOSED_BY_SCP:
        return say_closed(a, on);
    case NZ_REGION_NOT_OPTED_IN:
        return nz_audit_not_applicable(a, on, N_("the account has not opted in to this region"));
    case NZ_REGION_NOT_ASKED:
        f = nz_audit_not_applicable(a, on, N_("the region was left out when the account was read"));
        nz_audit_advise(a, f, N_("To judge it too, read the account without --region."));
        return f;
    }
    return nz_audit_pass(a, on, N_("the region is open and was read"));
}

static void judge(struct nz_audit *a, struct nz_str region)
{
    static const char *const fields[] = {"configuration.OptInStatus", "configuration.Access"};
    struct nz_finding *f = say_access(a, nz_audit_region(a, region));
    const struct nz_items items = nz_snapshot_items_in(a->snapshot, NZ_STR("Nezuban::EC2::Region"), region);
    const struct nz_item_view *view = items.n ? nz_audit_open(a, 0, &items.p[0]) : NULL;
    for (size_t i = 0; view && i < sizeof fields / sizeof fields[0]; i++)
        nz_audit_show(a, f, view, fields[i]);
}

static void run(struct nz_audit *a)
{
    for (size_t i = 0; i < a->snapshot->regions_count; i++)
        judge(a, a->snapshot->regions[i]);
    /* of what is not nezuban's own nobody knows which regions there are besides */
    if (a->snapshot->regions_count == 0 || a->snapshot->header.version == 0)
        nz_audit_say_no_regions(a);
}

const struct nz_check nz_check_region_access = {
    .about = {.id = "region-access",
              .part = NZ_PART_SERVICES,
              .severity = NZ_SEVERITY_INFORMATIONAL,
              .title = N_("Every region of the account can be looked at"),
              .remedy = N_("Open the region to the role that runs nezuban.")},
    .run = run,
};
