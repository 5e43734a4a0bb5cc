/* Source: AWS Config API Reference, ConfigRule (ConfigRuleState). */
#include "audit/recorder.h"
#include "audit/regional.h"

#define RULE_TYPE "AWS::Config::ConfigRule"
#define STATE "configuration.ConfigRuleState"

static const struct nz_item *active_rule(struct nz_audit *a, struct nz_items rules, unsigned long long *count)
{
    const struct nz_item *first = NULL;
    for (size_t i = 0; i < rules.n; i++) {
        const struct nz_item_view *view = nz_audit_open(a, 0, &rules.p[i]);
        if (!view || !nz_str_eq_nocase(nz_audit_field(a, view, STATE), NZ_STR("ACTIVE")))
            continue;
        first = first ? first : &rules.p[i];
        ++*count;
    }
    return first;
}

/* Rules are not asked for where there is no recorder, without which there can be none. */
static bool has_none(struct nz_audit *a, struct nz_subject on)
{
    bool none;
    if (nz_snapshot_listing(a->snapshot, NZ_STR(RULE_TYPE), on.region, NULL) != NZ_NOT_ASKED)
        return nz_audit_need(a, on, RULE_TYPE, on.region);
    if (nz_recorder_need(a, on, &none))
        nz_audit_need(a, on, RULE_TYPE, on.region);
    return none;
}

static void judge(struct nz_audit *a, struct nz_str region)
{
    const struct nz_subject on = nz_audit_region(a, region);
    const struct nz_items rules = nz_snapshot_items_in(a->snapshot, NZ_STR(RULE_TYPE), region);
    unsigned long long count = 0;
    const struct nz_item *rule = active_rule(a, rules, &count);
    const struct nz_item_view *view = rule ? nz_audit_open(a, 0, rule) : NULL;
    if (view) {
        nz_audit_show(a, nz_audit_pass(a, on, N_("%llu rules are active"), count), view, STATE);
        return;
    }
    if (rule || !has_none(a, on))
        return;
    struct nz_finding *f = nz_audit_fail(a, on, N_("no rule is active"));
    if (!rules.n)
        nz_audit_evidence(a, f, NZ_STR("config:DescribeConfigRules"), "ConfigRules", NZ_STR("[]"));
    for (size_t i = 0; i < rules.n; i++) {
        view = nz_audit_open(a, 0, &rules.p[i]);
        if (view)
            nz_audit_show(a, f, view, STATE);
    }
}

static void run(struct nz_audit *a)
{
    nz_audit_each_region(a, judge);
}

const struct nz_check nz_check_config_rules = {
    .about = {.id = "config-rules",
              .part = NZ_PART_SERVICES,
              .severity = NZ_SEVERITY_INFORMATIONAL,
              .title = N_("AWS Config has rules"),
              .remedy = N_("Add rules of AWS's (config:PutConfigRule), such as ROOT_ACCOUNT_MFA_ENABLED, "
                           "IAM_USER_MFA_ENABLED and S3_BUCKET_PUBLIC_READ_PROHIBITED.")},
    .run = run,
};
