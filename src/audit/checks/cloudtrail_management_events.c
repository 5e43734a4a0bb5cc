/* Whether each trail selects all management events. A trail made for data events alone is well where another one has the
 * management events of all regions that it is for. Source: CIS AWS Foundations 4.1; Security Hub CloudTrail.1; docs as in audit/selection.h. */
#include "audit/trails.h"

#define SELECTORS "supplementaryConfiguration.GetEventSelectors"

static bool is_all(const struct nz_trail *t)
{
    return t->has_selection && t->selection.reading == NZ_SELECTED_ALL && t->selection.writing == NZ_SELECTED_ALL;
}

static const struct nz_trail *other_with_all(struct nz_trails trails, const struct nz_trail *t)
{
    for (size_t i = 0; i < trails.n; i++) {
        const struct nz_trail *other = &trails.p[i];
        const bool as_far = other->is_multi_region || (!t->is_multi_region && nz_str_eq(other->home, t->home));
        if (as_far && is_all(other) && other->cover == NZ_COVER_FULL)
            return other;
    }
    return NULL;
}

static struct nz_finding *say_excluded(struct nz_audit *a, struct nz_subject on, const struct nz_item_view *view)
{
    struct nz_buf names;
    nz_buf_init(&names, 0);
    nz_selection_append_excluded(nz_item_get(view, SELECTORS), &names);
    struct nz_finding *f = nz_audit_partial(a, on, N_("management events of these services are left out: %.*s"),
                                            NZ_STR_ARG(nz_buf_view(&names)));
    nz_buf_release(&names);
    return f;
}

static struct nz_finding *say_selected(struct nz_audit *a, struct nz_subject on, const struct nz_trail *t,
                                       const struct nz_item_view *view, const struct nz_trail *other)
{
    const struct nz_selection s = t->selection;
    if (is_all(t))
        return nz_audit_pass(a, on, N_("all management events are selected"));
    if (s.reading == NZ_SELECTED_NONE && s.writing == NZ_SELECTED_NONE && other)
        return nz_audit_not_applicable(a, on, N_("this trail is for other events; '%.*s' has all management events"),
                                       NZ_STR_ARG(other->name));
    if (s.reading == NZ_SELECTED_NONE && s.writing == NZ_SELECTED_NONE)
        return nz_audit_fail(a, on, N_("no management events are selected"));
    if (s.reading == NZ_SELECTED_NONE)
        return nz_audit_fail(a, on, N_("only writing management events are selected"));
    if (s.writing == NZ_SELECTED_NONE)
        return nz_audit_fail(a, on, N_("only reading management events are selected"));
    if (s.reading == NZ_SELECTED_NARROWED || s.writing == NZ_SELECTED_NARROWED)
        return nz_audit_partial(a, on, N_("a further condition lets only some management events through"));
    return say_excluded(a, on, view);
}

static void judge(struct nz_audit *a, const struct nz_trail *t, const struct nz_trail *other)
{
    const struct nz_item_view *view = nz_audit_open(a, 0, t->item);
    const struct nz_subject on = nz_audit_subject(a, t->item);
    struct nz_json answer;
    if (!view || (!t->has_selection && !nz_audit_need_answer(a, on, view, "GetEventSelectors", &answer)))
        return;
    struct nz_finding *f = say_selected(a, on, t, view, other);
    if (nz_json_is_absent(nz_item_get(view, SELECTORS))) {
        nz_audit_show(a, f, view, "configuration.HasCustomEventSelectors");
        return;
    }
    const bool advanced = !nz_json_is_absent(nz_item_get(view, SELECTORS ".AdvancedEventSelectors"));
    nz_audit_show(a, f, view, advanced ? SELECTORS ".AdvancedEventSelectors" : SELECTORS ".EventSelectors");
}

static void run(struct nz_audit *a)
{
    struct nz_trails trails;
    if (!nz_trails_need(a, &trails))
        return;
    for (size_t i = 0; i < trails.n; i++)
        judge(a, &trails.p[i], other_with_all(trails, &trails.p[i]));
}

const struct nz_check nz_check_cloudtrail_management_events = {
    .about = {.id = "cloudtrail-management-events",
              .part = NZ_PART_SERVICES,
              .severity = NZ_SEVERITY_HIGH,
              .title = N_("Trails select all management events"),
              .remedy =
                  N_("Select reading and writing management events without exceptions, in the trail's home region "
                     "(cloudtrail:PutEventSelectors). The call replaces all selectors, so give those for data "
                     "events again.")},
    .run = run,
};
