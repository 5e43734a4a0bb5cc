#include "access/prover.h"

#include "policy/arn.h"

/* What a request's resource makes known of its context: whose it is, and to which region the request goes. A request is
 * made in the region of its resource; that region is asked about once for each region that the policies tell apart. */

/* Of these actions AWS does not tell the resource's account. Source: IAM User Guide, "AWS global condition context keys",
 * aws:ResourceAccount, Availability. */
struct untold {
    struct nz_str service, name;
};
static const struct untold untold[] = {
    {{"auditmanager", 12}, {"updateassessmentframeworkshare", 30}},
    {{"detective", 9}, {"acceptinvitation", 16}},
    {{"ds", 2}, {"acceptshareddirectory", 21}},
    {{"ec2", 3}, {"accepttransitgatewaypeeringattachment", 37}},
    {{"ec2", 3}, {"acceptvpcendpointconnections", 28}},
    {{"ec2", 3}, {"acceptvpcpeeringconnection", 26}},
    {{"ec2", 3}, {"copysnapshot", 12}},
    {{"ec2", 3}, {"createtransitgatewaypeeringattachment", 37}},
    {{"ec2", 3}, {"createvpcendpoint", 17}},
    {{"ec2", 3}, {"createvpcpeeringconnection", 26}},
    {{"ec2", 3}, {"deletetransitgatewaypeeringattachment", 37}},
    {{"ec2", 3}, {"deletevpcpeeringconnection", 26}},
    {{"ec2", 3}, {"rejecttransitgatewaypeeringattachment", 37}},
    {{"ec2", 3}, {"rejectvpcendpointconnections", 28}},
    {{"ec2", 3}, {"rejectvpcpeeringconnection", 26}},
    {{"es", 2}, {"acceptinboundconnection", 23}},
    {{"guardduty", 9}, {"acceptadministratorinvitation", 29}},
    {{"macie2", 6}, {"acceptinvitation", 16}},
    {{"route53", 7}, {"associatevpcwithhostedzone", 26}},
    {{"route53", 7}, {"createvpcassociationauthorization", 33}},
    {{"route53", 7}, {"deletevpcassociationauthorization", 33}},
    {{"route53", 7}, {"disassociatevpcfromhostedzone", 29}},
    {{"route53", 7}, {"listhostedzonesbyvpc", 20}},
    {{"securityhub", 11}, {"acceptadministratorinvitation", 29}},
};

static bool tells_no_account(struct nz_str service, struct nz_str name)
{
    for (size_t i = 0; i < sizeof untold / sizeof untold[0]; i++) {
        if (nz_str_eq(service, untold[i].service) && nz_str_eq(name, untold[i].name))
            return true;
    }
    return nz_str_eq(service, NZ_STR("ebs")) || nz_str_eq(service, NZ_STR("events"));
}

/* "Global services, such as IAM, have a single endpoint", in us-east-1: that is the region of each request to them.
 * Source: IAM User Guide, "AWS global condition context keys", aws:RequestedRegion. */
static bool is_global(struct nz_str service)
{
    return nz_str_eq(service, NZ_STR("iam")) || nz_str_eq(service, NZ_STR("organizations")) ||
           nz_str_eq(service, NZ_STR("cloudfront")) || nz_str_eq(service, NZ_STR("route53"));
}

/* Copies are asked for in the region to which they go. */
static bool is_called_from_elsewhere(struct nz_str name)
{
    return nz_str_find(name, NZ_STR("copy")) != SIZE_MAX || nz_str_find(name, NZ_STR("replica")) != SIZE_MAX;
}

unsigned nz_placing_of(struct nz_str service, struct nz_str name)
{
    return (is_global(service) ? NZ_PLACING_GLOBAL : 0u) |
           (is_called_from_elsewhere(name) ? NZ_PLACING_ELSEWHERE : 0u) |
           (tells_no_account(service, name) ? NZ_PLACING_NO_ACCOUNT : 0u);
}

enum nz_err nz_placing_kinds_make(const struct nz_catalogue *catalogue, struct nz_arena *keep, const uint8_t **out)
{
    const uint32_t count = nz_catalogue_head(catalogue)->actions;
    uint8_t *kinds = NZ_ARENA_ARRAY(keep, uint8_t, count + (size_t)1);
    *out = kinds;
    for (uint32_t i = 0; i < count && kinds; i++) {
        const struct nz_catalogue_action *a = nz_catalogue_action(catalogue, i);
        kinds[i] = (uint8_t)nz_placing_of(nz_catalogue_service(catalogue, a->service)->prefix, a->lower);
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
    if (m->q->subject->asks_for_account && !(m->q->placing & NZ_PLACING_NO_ACCOUNT) &&
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

/* *complete: no region is missing. */
static enum nz_err placings_find(struct nz_prover *p, const struct nz_cell_question *q, bool *complete)
{
    const struct nz_subject *subject = q->subject;
    struct making m = {.p = p, .q = q};
    if (!nz_arn_split(q->resource, m.fields))
        memset(m.fields, 0, sizeof m.fields);
    bool by_region = subject->asks_for_region && m.fields[3].n > 0 && !(q->placing & NZ_PLACING_ELSEWHERE);
    bool global = subject->asks_for_region && q->placing & NZ_PLACING_GLOBAL &&
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
