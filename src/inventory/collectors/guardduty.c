/* Detectors; where one is not enabled, whether an administrator's account governs it. Source: GuardDuty API Reference. */
#include "inventory/collect_run.h"

static enum nz_err detector_then(struct nz_collect *c, struct nz_found *f, struct nz_json root);

static const struct nz_join detector = {
    .operation = NZ_AWS_GUARDDUTY_GetDetector, .form = NZ_FORM_CAPITALS, .then = detector_then};
static const struct nz_join administrator = {.operation = NZ_AWS_GUARDDUTY_GetAdministratorAccount,
                                             .form = NZ_FORM_CAPITALS};

static enum nz_err detector_then(struct nz_collect *c, struct nz_found *f, struct nz_json root)
{
    struct nz_json state = nz_json_get(root, NZ_STR("status"));
    if (nz_json_kind(state) == NZ_JSON_STRING && nz_str_eq(nz_json_string_raw(state), NZ_STR("ENABLED")))
        return NZ_OK;
    const char *parameters = nz_collect_parameters(c, "DetectorId", f->item.id);
    return parameters ? nz_collect_join(c, f, &administrator, f->item.region, parameters) : NZ_E_NOMEM;
}

/* ids come as texts: each becomes an object before the list takes it */
static enum nz_err detector_found(struct nz_collect *c, struct nz_found *f, struct nz_json id, bool *take)
{
    (void)take;
    f->item.id = nz_json_kind(id) == NZ_JSON_STRING ? nz_arena_str(&c->arena, nz_json_string_raw(id)) : NZ_STR("");
    if (!f->item.id.p)
        return NZ_E_NOMEM;
    nz_buf_clear(&c->texts);
    nz_buf_printf(&c->texts, "arn:%.*s:guardduty:%.*s:%.*s:detector/%.*s", NZ_STR_ARG(c->header.partition),
                  NZ_STR_ARG(f->item.region), NZ_STR_ARG(c->header.account), NZ_STR_ARG(f->item.id));
    f->item.arn = c->texts.failed ? (struct nz_str){0} : nz_arena_str(&c->arena, nz_buf_view(&c->texts));
    const char *parameters = nz_collect_parameters(c, "DetectorId", f->item.id);
    if (!f->item.arn.p || !parameters)
        return NZ_E_NOMEM;
    f->item.configuration = nz_str_from_c(parameters); /* {"DetectorId":"…"} is the item too */
    return nz_collect_join(c, f, &detector, f->item.region, parameters);
}

static const struct nz_list detectors = {
    .operation = NZ_AWS_GUARDDUTY_ListDetectors,
    .type = "AWS::GuardDuty::Detector",
    .path = "detectorIds",
    .texts = true,
    .found = detector_found,
    .probe = true,
};

static enum nz_err in_region(struct nz_collect *c, struct nz_str region)
{
    return nz_collect_list(c, &detectors, region, NULL);
}

const struct nz_collector nz_collector_guardduty = {.round = 1, .probe = true, .region = in_region};
