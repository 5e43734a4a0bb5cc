/* What one page says of another's: attached policies and groups are looked up when all pages are read. */
#include "access/account_build.h"

/* One document for all who miss the same thing. */
static enum nz_err missing_of(struct nz_account_build *b, uint8_t tag, const char *what, struct nz_str name,
                              struct nz_access_document **out)
{
    struct nz_account *a = b->account;
    uint32_t id;
    if (nz_access_map_get(&a->names, tag, name, &id)) {
        *out = ((struct nz_access_document **)(void *)a->rows[NZ_ROWS_DOCUMENTS].p)[id];
        return NZ_OK;
    }
    enum nz_err err = nz_document_unknown(b, NZ_E_ACCOUNT_PART, SIZE_MAX, what, name, out);
    return err == NZ_OK ? nz_access_map_add(&a->names, tag, name, (*out)->id) : err;
}

static enum nz_err grant_join(struct nz_account_build *b, enum nz_policy_kind kind, struct nz_access_grant *grant)
{
    uint32_t at;
    if (grant->document || !grant->arn.n)
        return NZ_OK;
    if (!nz_access_map_get(&b->account->names, NZ_TAG_MANAGED, grant->arn, &at))
        return missing_of(b, NZ_TAG_MISSING_MANAGED, "attached, but not in the list of policies", grant->arn,
                          &grant->document);
    const struct nz_access_grant *managed = &b->account->managed[at];
    grant->offset = managed->offset;
    grant->name = managed->name;
    return nz_document_as(b, managed->document, kind, managed->offset, &grant->document);
}

static enum nz_err grants_join(struct nz_account_build *b, struct nz_access_grant *grants, uint32_t count)
{
    enum nz_err err = NZ_OK;
    for (uint32_t i = 0; i < count && err == NZ_OK; i++)
        err = grant_join(b, NZ_POLICY_IDENTITY, &grants[i]);
    return err;
}

static enum nz_err groups_join(struct nz_account_build *b, struct nz_access_principal *p)
{
    enum nz_err err = NZ_OK;
    for (uint32_t i = 0; i < p->groups_count && err == NZ_OK; i++) {
        struct nz_access_membership *in = &p->groups[i];
        uint32_t at;
        if (in->missing)
            continue;
        if (nz_access_map_get(&b->account->names, NZ_TAG_GROUP, in->name, &at))
            in->group = &b->account->groups[at];
        else
            err = missing_of(b, NZ_TAG_MISSING_GROUP, "member of it, but it is not in the list of groups", in->name,
                             &in->missing);
    }
    return err;
}

enum nz_err nz_account_join(struct nz_account_build *b)
{
    struct nz_account *a = b->account;
    enum nz_err err = NZ_OK;
    for (uint32_t i = 0; i < a->groups_count && err == NZ_OK; i++)
        err = grants_join(b, a->groups[i].grants, a->groups[i].grants_count);
    for (uint32_t i = 0; i < a->principals_count && err == NZ_OK; i++) {
        struct nz_access_principal *p = &a->principals[i];
        err = grants_join(b, p->grants, p->grants_count);
        if (err == NZ_OK)
            err = groups_join(b, p);
        if (err == NZ_OK && p->has_boundary)
            err = grant_join(b, NZ_POLICY_BOUNDARY, &p->boundary);
    }
    return err;
}
