/* What each recorder records, and whether IAM's resources are recorded, which one region alone should do.
 * Source: CIS AWS Foundations 4.3; Security Hub Config.1; AWS Config Developer Guide, "Selecting which resources AWS Config
 * records: globally recorded resources". */
#include "audit/recorder.h"
#include "audit/regional.h"

#define GROUP "configuration.recordingGroup."

static const char *const iam_types[] = {"AWS::IAM::User", "AWS::IAM::Group", "AWS::IAM::Role", "AWS::IAM::Policy"};
#define IAM_TYPES (sizeof iam_types / sizeof iam_types[0])

enum strategy { ALL_TYPES, ALL_BUT_SOME, SOME_TYPES };

static size_t list_length(struct nz_json list)
{
    size_t n = 0;
    for (struct nz_json_iter it = nz_json_iter(list); nz_json_next(&it);)
        n++;
    return n;
}

/* useOnly says it; a recorder that is older than it has allSupported and resourceTypes alone. */
static enum strategy strategy_of(struct nz_audit *a, const struct nz_item_view *view)
{
    const struct nz_str only = nz_audit_field(a, view, GROUP "recordingStrategy.useOnly");
    if (nz_str_eq(only, NZ_STR("EXCLUSION_BY_RESOURCE_TYPES")))
        return list_length(nz_item_get(view, GROUP "exclusionByResourceTypes.resourceTypes")) ? ALL_BUT_SOME
                                                                                              : ALL_TYPES;
    if (nz_str_eq(only, NZ_STR("INCLUSION_BY_RESOURCE_TYPES")))
        return SOME_TYPES;
    return nz_str_eq(only, NZ_STR("ALL_SUPPORTED_RESOURCE_TYPES")) ||
                   nz_audit_is_true(nz_item_get(view, GROUP "allSupported"))
               ? ALL_TYPES
               : SOME_TYPES;
}

static void show_group(struct nz_audit *a, struct nz_finding *f, const struct nz_item_view *view)
{
    static const char *const fields[] = {GROUP "allSupported",
                                         GROUP "recordingStrategy.useOnly",
                                         GROUP "includeGlobalResourceTypes",
                                         GROUP "exclusionByResourceTypes.resourceTypes",
                                         GROUP "resourceTypes",
                                         "configuration.recordingMode.recordingFrequency"};
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        const struct nz_json v = nz_item_get(view, fields[i]);
        if (!nz_json_is_absent(v) && (nz_json_kind(v) != NZ_JSON_ARRAY || list_length(v)))
            nz_audit_show(a, f, view, fields[i]);
    }
}

/* What it is set to record; whether it runs at all, config-recorder says. */
static struct nz_finding *say_strategy(struct nz_audit *a, struct nz_subject on, const struct nz_item_view *view)
{
    if (nz_json_kind(nz_item_get(view, "configuration.recordingGroup")) != NZ_JSON_OBJECT)
        return nz_audit_unknown(a, on, N_("the recorder does not say which resource types it records"));
    const unsigned long long excluded = list_length(nz_item_get(view, GROUP "exclusionByResourceTypes.resourceTypes"));
    const unsigned long long included = list_length(nz_item_get(view, GROUP "resourceTypes"));
    switch (strategy_of(a, view)) {
    case ALL_TYPES:
        break;
    case ALL_BUT_SOME:
        return nz_audit_partial(a, on, N_("all resource types but %llu are selected"), excluded);
    case SOME_TYPES:
        return nz_audit_partial(a, on, N_("only %llu resource types are selected"), included);
    }
    return nz_audit_pass(a, on, N_("all resource types are selected"));
}

static void judge(struct nz_audit *a, struct nz_str region)
{
    const struct nz_subject here = nz_audit_region(a, region);
    bool none;
    const struct nz_item_view *view = nz_recorder_need(a, here, &none);
    if (none)
        nz_audit_evidence(a, nz_audit_fail(a, here, N_("nothing is recorded: there is no recorder")),
                          NZ_STR("config:DescribeConfigurationRecorders"), "ConfigurationRecorders", NZ_STR("[]"));
    if (view)
        show_group(a, say_strategy(a, nz_audit_subject(a, view->item), view), view);
}

static size_t iam_types_in(struct nz_json list)
{
    size_t n = 0;
    for (struct nz_json_iter it = nz_json_iter(list); nz_json_next(&it);) {
        for (size_t i = 0; i < IAM_TYPES; i++)
            n += nz_json_kind(it.value) == NZ_JSON_STRING &&
                 nz_str_eq(nz_json_string_raw(it.value), nz_str_from_c(iam_types[i]));
    }
    return n;
}

/* How many of IAM's four types this recorder records. */
static size_t iam_recorded(struct nz_audit *a, const struct nz_item_view *view)
{
    const struct nz_str only = nz_audit_field(a, view, GROUP "recordingStrategy.useOnly");
    if (nz_str_eq(only, NZ_STR("EXCLUSION_BY_RESOURCE_TYPES"))) {
        const size_t out = iam_types_in(nz_item_get(view, GROUP "exclusionByResourceTypes.resourceTypes"));
        return out < IAM_TYPES ? IAM_TYPES - out : 0;
    }
    if (strategy_of(a, view) == ALL_TYPES)
        return nz_audit_is_true(nz_item_get(view, GROUP "includeGlobalResourceTypes")) ? IAM_TYPES : 0;
    const size_t in = iam_types_in(nz_item_get(view, GROUP "resourceTypes"));
    return in < IAM_TYPES ? in : IAM_TYPES;
}

struct iam {
    size_t regions, most; /* regions that record any of the types; the most that one of them records */
    struct nz_str unread; /* a region whose recorder could not be read */
    const char *missing;  /* what of it, when it is not the recorder itself */
    const struct nz_item *item;
    const struct nz_item *items[NZ_EVIDENCE_MAX];
};

static void iam_add(struct nz_audit *a, struct iam *iam, struct nz_str region)
{
    bool known;
    const struct nz_item_view *view = nz_recorder_get(a, region, &known);
    if (!known && !iam->unread.n)
        iam->unread = region;
    const size_t types = view ? iam_recorded(a, view) : 0;
    if (!types)
        return;
    const struct nz_json status = nz_item_get(view, "supplementaryConfiguration.DescribeConfigurationRecorderStatus");
    if (nz_json_is_absent(status)) {
        iam->item = view->item;
        return;
    }
    if (!nz_audit_is_true(nz_item_member(status, NZ_STR("recording"))))
        return;
    if (iam->regions < NZ_EVIDENCE_MAX)
        iam->items[iam->regions] = view->item;
    iam->regions++;
    iam->most = types > iam->most ? types : iam->most;
}

static struct nz_finding *say_iam(struct nz_audit *a, const struct iam *iam)
{
    const struct nz_subject account = nz_audit_account(a);
    if (iam->regions == 0)
        return nz_audit_fail(a, account, N_("no region records IAM's users, groups, roles and policies"));
    if (iam->most < IAM_TYPES)
        return nz_audit_partial(a, account, N_("only %llu of IAM's four resource types are recorded"),
                                (unsigned long long)iam->most);
    if (iam->regions > 1)
        return nz_audit_partial(a, account,
                                N_("%llu regions record IAM's resources: each change is recorded and paid so often"),
                                (unsigned long long)iam->regions);
    return nz_audit_pass(a, account, N_("one region records IAM's resources"));
}

static void judge_iam(struct nz_audit *a)
{
    struct iam iam = {0};
    size_t at = 0;
    struct nz_str region;
    while (nz_audit_next_region(a, &at, &region))
        iam_add(a, &iam, region);
    /* another region could make it better or worse, unless it is already one too many */
    if (iam.regions < 2 && iam.unread.n && !nz_audit_need(a, nz_audit_account(a), NZ_RECORDER_TYPE, iam.unread))
        return;
    if (iam.regions < 2 && iam.item) {
        nz_audit_say_unread(a, nz_audit_account(a),
                            nz_snapshot_unread_of(a->snapshot, iam.item, NZ_STR("DescribeConfigurationRecorderStatus")),
                            "config:DescribeConfigurationRecorderStatus");
        return;
    }
    struct nz_finding *f = say_iam(a, &iam);
    if (!iam.regions)
        nz_audit_evidence(a, f, NZ_STR("config:DescribeConfigurationRecorders"), "includeGlobalResourceTypes",
                          NZ_STR("false"));
    for (size_t i = 0; i < iam.regions && i < NZ_EVIDENCE_MAX; i++) {
        const struct nz_item_view *view = nz_audit_open(a, 0, iam.items[i]);
        if (view)
            nz_audit_show(a, f, view, "configuration.recordingGroup");
    }
}

static void run(struct nz_audit *a)
{
    nz_audit_each_region(a, judge);
    if (a->snapshot->regions_count)
        judge_iam(a);
}

const struct nz_check nz_check_config_recorder_scope = {
    .about = {.id = "config-recorder-scope",
              .part = NZ_PART_SERVICES,
              .severity = NZ_SEVERITY_LOW,
              .title = N_("AWS Config records all resource types, IAM's once"),
              .remedy = N_("Let each recorder record all supported types (config:PutConfigurationRecorder with "
                           "allSupported), and exactly one of them the global ones (includeGlobalResourceTypes), in a "
                           "region that had AWS Config before February 2022.")},
    .run = run,
};
