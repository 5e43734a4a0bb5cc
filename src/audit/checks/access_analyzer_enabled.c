/* Only analyzers of access from outside count; those of unused or internal access look for something else.
 * Source: CIS AWS Foundations 2.18; Security Hub IAM.28; Access Analyzer API Reference, AnalyzerSummary. */
#include "audit/regional.h"

#define ANALYZER_TYPE "AWS::AccessAnalyzer::Analyzer"
#define STATUS "configuration.status"

struct found {
    const struct nz_item *active, *creating, *broken;
};

static void sort_in(struct nz_audit *a, struct found *found, const struct nz_item *item)
{
    const struct nz_item_view *view = nz_audit_open(a, 0, item);
    const struct nz_str type = view ? nz_audit_field(a, view, "configuration.type") : NZ_STR("");
    if (!nz_str_eq(type, NZ_STR("ACCOUNT")) && !nz_str_eq(type, NZ_STR("ORGANIZATION")))
        return;
    const struct nz_str status = nz_audit_field(a, view, STATUS);
    if (nz_str_eq(status, NZ_STR("ACTIVE")))
        found->active = item;
    else if (nz_str_eq(status, NZ_STR("CREATING")))
        found->creating = item;
    else
        found->broken = item;
}

static void show(struct nz_audit *a, struct nz_finding *f, const struct nz_item *item)
{
    const struct nz_item_view *view = nz_audit_open(a, 0, item);
    if (view) {
        nz_audit_show(a, f, view, "configuration.type");
        nz_audit_show(a, f, view, STATUS);
    }
}

static void judge(struct nz_audit *a, struct nz_str region)
{
    const struct nz_subject on = nz_audit_region(a, region);
    const struct nz_items analyzers = nz_snapshot_items_in(a->snapshot, NZ_STR(ANALYZER_TYPE), region);
    struct found found = {0};
    for (size_t i = 0; i < analyzers.n; i++)
        sort_in(a, &found, &analyzers.p[i]);
    if (found.active) {
        show(a, nz_audit_pass(a, nz_audit_subject(a, found.active), N_("an analyzer looks for access from outside")),
             found.active);
        return;
    }
    if (!nz_audit_need(a, on, ANALYZER_TYPE, region))
        return;
    if (found.creating) {
        show(a, nz_audit_partial(a, nz_audit_subject(a, found.creating), N_("the analyzer is being made")),
             found.creating);
    } else if (found.broken) {
        show(a, nz_audit_fail(a, nz_audit_subject(a, found.broken), N_("the analyzer is disabled or failed")),
             found.broken);
    } else {
        struct nz_finding *f = analyzers.n ? nz_audit_fail(a, on,
                                                           N_("no analyzer looks for access from outside: those "
                                                              "that exist look for something else"))
                                           : nz_audit_fail(a, on, N_("there is no analyzer"));
        if (!analyzers.n)
            nz_audit_evidence(a, f, NZ_STR("access-analyzer:ListAnalyzers"), "analyzers", NZ_STR("[]"));
        for (size_t i = 0; i < analyzers.n; i++)
            show(a, f, &analyzers.p[i]);
    }
}

static void run(struct nz_audit *a)
{
    nz_audit_each_region(a, judge);
}

const struct nz_check nz_check_access_analyzer_enabled = {
    .about = {.id = "access-analyzer-enabled",
              .part = NZ_PART_SERVICES,
              .severity = NZ_SEVERITY_INFORMATIONAL,
              .title = N_("Access Analyzer looks for access from outside"),
              .remedy =
                  N_("Create an analyzer of the type ACCOUNT in the region (access-analyzer:CreateAnalyzer); it is "
                     "free.")},
    .run = run,
};
