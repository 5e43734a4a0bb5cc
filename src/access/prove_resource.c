#include "access/prover.h"

#include "policy/arn.h"

/* What a request's resource makes known of its context: whose it is, and to which region the request goes. A request is
 * made in the region of its resource; that region is asked about once for each region that the policies tell apart. */

/* Of these actions AWS does not tell the resource's account. Source: IAM User Guide, "AWS global condition context keys",
 * aws:ResourceAccount, Availability. */
static const struct nz_str untold[] = {
    {"auditmanager:updateassessmentframeworkshare", 43},
    {"detective:acceptinvitation", 26},
    {"ds:acceptshareddirectory", 24},
    {"ec2:accepttransitgatewaypeeringattachment", 41},
    {"ec2:acceptvpcendpointconnections", 32},
    {"ec2:acceptvpcpeeringconnection", 30},
    {"ec2:copysnapshot", 16},
    {"ec2:createtransitgatewaypeeringattachment", 41},
    {"ec2:createvpcendpoint", 21},
    {"ec2:createvpcpeeringconnection", 30},
    {"ec2:deletetransitgatewaypeeringattachment", 41},
    {"ec2:deletevpcpeeringconnection", 30},
    {"ec2:rejecttransitgatewaypeeringattachment", 41},
    {"ec2:rejectvpcendpointconnections", 32},
    {"ec2:rejectvpcpeeringconnection", 30},
    {"es:acceptinboundconnection", 26},
    {"guardduty:acceptadministratorinvitation", 39},
    {"macie2:acceptinvitation", 23},
    {"route53:associatevpcwithhostedzone", 34},
    {"route53:createvpcassociationauthorization", 41},
    {"route53:deletevpcassociationauthorization", 41},
    {"route53:disassociatevpcfromhostedzone", 37},
    {"route53:listhostedzonesbyvpc", 28},
    {"securityhub:acceptadministratorinvitation", 41},
};

static bool tells_no_account(struct nz_str action)
{
    for (size_t i = 0; i < sizeof untold / sizeof untold[0]; i++) {
        if (nz_str_eq_nocase(action, untold[i]))
            return true;
    }
    return nz_str_starts_with(action, NZ_STR("ebs:")) || nz_str_starts_with(action, NZ_STR("events:"));
}

/* "Global services, such as IAM, have a single endpoint", in us-east-1: that is the region of each request to them.
 * Source: IAM User Guide, "AWS global condition context keys", aws:RequestedRegion. */
static bool is_global(struct nz_str service)
{
    return nz_str_eq(service, NZ_STR("iam")) || nz_str_eq(service, NZ_STR("organizations")) ||
           nz_str_eq(service, NZ_STR("cloudfront")) || nz_str_eq(service, NZ_STR("route53"));
}

static struct nz_str service_of(struct nz_str action)
{
    size_t colon = nz_str_find(action, NZ_STR(":"));
    return nz_str_head(action, colon == SIZE_MAX ? 0 : colon);
}

/* Copies are asked for in the region to which they go. */
static bool is_called_from_elsewhere(struct nz_str lower)
{
    return nz_str_find(lower, NZ_STR("copy")) != SIZE_MAX || nz_str_find(lower, NZ_STR("replica")) != SIZE_MAX;
}

enum nz_err nz_placing_kinds_make(const struct nz_catalogue *catalogue, struct nz_arena *keep, const uint8_t **out)
{
    enum { GLOBAL = 1, UNTOLD = 2, ELSEWHERE = 4 };
    const struct nz_catalogue_head *head = nz_catalogue_head(catalogue);
    uint8_t *kinds = NZ_ARENA_ARRAY(keep, uint8_t, head->actions + (size_t)1);
    *out = kinds;
    for (uint32_t s = 0; s < head->services && kinds; s++) {
        const struct nz_catalogue_service *service = nz_catalogue_service(catalogue, s);
        bool silent = nz_str_eq(service->prefix, NZ_STR("ebs")) || nz_str_eq(service->prefix, NZ_STR("events"));
        unsigned of_service = (is_global(service->prefix) ? GLOBAL : 0) | (silent ? UNTOLD : 0);
        for (uint32_t i = service->actions.first; i < service->actions.first + service->actions.count; i++) {
            bool elsewhere = is_called_from_elsewhere(nz_catalogue_action(catalogue, i)->lower);
            kinds[i] = (uint8_t)(of_service | (elsewhere ? ELSEWHERE : 0));
        }
    }
    for (size_t i = 0; i < sizeof untold / sizeof untold[0] && kinds; i++) {
        uint32_t action = nz_catalogue_find(catalogue, untold[i]);
        if (action != NZ_CATALOGUE_NONE)
            kinds[action] |= UNTOLD;
    }
    return kinds ? NZ_OK : NZ_E_NOMEM;
}

enum nz_err nz_subject_places_note(struct nz_prover *p, struct nz_subject *subject)
{
    static const struct nz_str account = {"aws:resourceaccount", 19}, region = {"aws:requestedregion", 19};
    subject->asks_for_account = nz_policy_set_mentions(&subject->policies, &account, 1);
    subject->asks_for_region = nz_policy_set_mentions(&subject->policies, &region, 1);
    if (!subject->asks_for_region)
        return NZ_OK;
    return nz_policy_set_regions(&subject->policies, &p->work, &subject->regions);
}

/* The same resource in another region. */
static bool moved(struct nz_arena *keep, const struct nz_str fields[6], struct nz_str region, struct nz_str *out)
{
    struct nz_buf text;
    nz_buf_init(&text, 0);
    for (int i = 0; i < 6; i++) {
        nz_buf_append(&text, i == 3 ? region : fields[i]);
        if (i < 5)
            nz_buf_append_char(&text, ':');
    }
    *out = nz_arena_str(keep, nz_buf_view(&text));
    bool made = !text.failed && out->p;
    nz_buf_release(&text);
    return made;
}

struct making {
    struct nz_prover *p;
    const struct nz_cell_question *q;
    struct nz_str fields[6]; /* of the resource, empty unless it is an ARN */
};

static enum nz_err placing_append(struct nz_prover *p, const struct nz_placing *placing)
{
    nz_buf_append(&p->placings, nz_str_of((const char *)placing, sizeof *placing));
    return nz_buf_status(&p->placings);
}

static enum nz_err placing_add(struct making *m, struct nz_str resource, struct nz_str region)
{
    struct nz_placing placing = {.resource = resource, .region = region};
    if (m->q->subject->asks_for_account && !tells_no_account(m->q->action) &&
        nz_str_eq(m->fields[4], m->p->shared->account->id))
        placing.account = m->fields[4];
    return placing_append(m->p, &placing);
}

/* One for each region that the policies tell apart, the resource's own first. */
static enum nz_err regions_add(struct making *m)
{
    const struct nz_policy_values *regions = &m->q->subject->regions;
    enum nz_err err = placing_add(m, m->q->resource, m->fields[3]);
    for (uint32_t i = 0; i < regions->count && err == NZ_OK; i++) {
        struct nz_str resource;
        if (nz_str_eq(regions->list[i], m->fields[3]))
            continue;
        if (!moved(&m->p->work, m->fields, regions->list[i], &resource))
            return NZ_E_NOMEM;
        err = placing_add(m, resource, regions->list[i]);
    }
    return err;
}

static bool copies(struct nz_str action)
{
    char lower[NZ_REQUEST_ACTION_BYTES_MAX];
    size_t n = action.n < sizeof lower ? action.n : sizeof lower;
    for (size_t i = 0; i < n; i++)
        lower[i] = (char)nz_ascii_lower((unsigned char)action.p[i]);
    return is_called_from_elsewhere(nz_str_of(lower, n));
}

/* *complete: no region is missing. */
static enum nz_err placings_find(struct nz_prover *p, const struct nz_cell_question *q, bool *complete)
{
    const struct nz_subject *subject = q->subject;
    struct making m = {.p = p, .q = q};
    if (!nz_arn_split(q->resource, m.fields))
        memset(m.fields, 0, sizeof m.fields);
    bool by_region = subject->asks_for_region && m.fields[3].n > 0 && !copies(q->action);
    bool global = subject->asks_for_region && is_global(service_of(q->action)) &&
                  nz_str_eq(p->shared->account->partition, NZ_STR("aws"));
    *complete = !by_region || subject->regions.complete;
    return by_region ? regions_add(&m)
                     : placing_add(&m, q->resource, global ? NZ_STR("us-east-1") : (struct nz_str){0});
}

enum nz_err nz_placings_make(struct nz_prover *p, const struct nz_cell_question *q, struct nz_placings *out)
{
    const struct nz_subject *subject = q->subject;
    nz_buf_clear(&p->placings);
    out->complete = true;
    enum nz_err err = q->placed && (subject->asks_for_account || subject->asks_for_region)
                          ? placings_find(p, q, &out->complete)
                          : placing_append(p, &(struct nz_placing){.resource = q->resource});
    out->list = (const void *)p->placings.p;
    out->count = (uint32_t)(p->placings.n / sizeof(struct nz_placing));
    return err;
}
