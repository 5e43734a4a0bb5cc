/* ListGraphs names the graphs that the account administers; of one that it only belongs to, it says nothing.
 * Source: Detective API Reference, ListGraphs. */
#include "audit/regional.h"

#define GRAPH_TYPE "AWS::Detective::Graph"

static void judge(struct nz_audit *a, struct nz_str region)
{
    const struct nz_subject on = nz_audit_region(a, region);
    const struct nz_items graphs = nz_snapshot_items_in(a->snapshot, NZ_STR(GRAPH_TYPE), region);
    const struct nz_item_view *view = graphs.n ? nz_audit_open(a, 0, &graphs.p[0]) : NULL;
    if (view)
        nz_audit_show(a, nz_audit_pass(a, nz_audit_subject(a, view->item), N_("the account has a behavior graph")),
                      view, "configuration.CreatedTime");
    if (!graphs.n && nz_audit_need(a, on, GRAPH_TYPE, region))
        nz_audit_evidence(a,
                          nz_audit_fail(a, on,
                                        N_("the account has no behavior graph of its own; whether it belongs to "
                                           "another account's cannot be seen from here")),
                          NZ_STR("detective:ListGraphs"), "GraphList", NZ_STR("[]"));
}

static void run(struct nz_audit *a)
{
    nz_audit_each_region(a, judge);
}

const struct nz_check nz_check_detective_enabled = {
    .about = {.id = "detective-enabled",
              .part = NZ_PART_SERVICES,
              .severity = NZ_SEVERITY_INFORMATIONAL,
              .title = N_("Detective is on"),
              .remedy =
                  N_("Enable Detective in the region (detective:CreateGraph); GuardDuty should have been on for 48 "
                     "hours. It is paid by the GB of logs.")},
    .run = run,
};
