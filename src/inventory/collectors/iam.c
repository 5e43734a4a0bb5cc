/* Users, groups, roles and policies in one paged call; no call for each user. Source: IAM API Reference. */
#include "inventory/collector.h"
#include "inventory/iam_details.h"

static const struct nz_list summary = {
    .operation = NZ_AWS_IAM_GetAccountSummary,
    .type = "Nezuban::IAM::AccountSummary",
};

/* "NoSuchEntity": the account has AWS's default policy. */
static const struct nz_list password_policy = {
    .operation = NZ_AWS_IAM_GetAccountPasswordPolicy,
    .type = "Nezuban::IAM::PasswordPolicy",
    .path = "PasswordPolicy",
    .none = "NoSuchEntity",
};

static enum nz_err name_from_serial(struct nz_collect *c, struct nz_found *f, struct nz_json thing, bool *take)
{
    (void)c, (void)thing, (void)take;
    f->item.name = nz_str_after_last(f->item.id, '/');
    return NZ_OK;
}

static const struct nz_list mfa_devices = {
    .operation = NZ_AWS_IAM_ListVirtualMFADevices,
    .type = "AWS::IAM::VirtualMFADevice",
    .path = "VirtualMFADevices",
    .id = "SerialNumber",
    .arn = "SerialNumber",
    .left_out = "Base32StringSeed|QRCodePNG", /* never listed by AWS; secrets all the same */
    .found = name_from_serial,
};

static const struct nz_list service_credentials = {
    .operation = NZ_AWS_IAM_ListServiceSpecificCredentials,
    .type = "Nezuban::IAM::ServiceSpecificCredential",
    .path = "ServiceSpecificCredentials",
    .id = "ServiceSpecificCredentialId",
    .name = "UserName",
};

static enum nz_err root_arn(struct nz_collect *c, struct nz_found *f, struct nz_json thing, bool *take)
{
    (void)thing, (void)take;
    f->item.arn = nz_collect_root(c);
    return NZ_OK;
}

static const struct nz_list organizations_features = {
    .operation = NZ_AWS_IAM_ListOrganizationsFeatures,
    .type = "Nezuban::IAM::OrganizationsFeatures",
    .id = "OrganizationId",
    .found = root_arn,
};

static enum nz_err alias_found(struct nz_collect *c, struct nz_found *f, struct nz_json alias, bool *take)
{
    (void)take;
    f->item.id = f->item.name = nz_arena_str(nz_collect_arena(c), nz_json_string_raw(alias)); /* a-z, 0-9 and - */
    const char *configuration = nz_collect_parameters(c, "AccountAlias", f->item.id);
    f->item.configuration = nz_str_from_c(configuration);
    return configuration && f->item.id.p ? NZ_OK : NZ_E_NOMEM;
}

static const struct nz_list aliases = {
    .operation = NZ_AWS_IAM_ListAccountAliases,
    .type = "Nezuban::IAM::AccountAlias",
    .path = "AccountAliases",
    .texts = true,
    .found = alias_found,
};

/* --- users, groups, roles and policies --- */

struct details {
    struct nz_iam_details reading;
    uint64_t count, bad;
};

static void details_release(void *self)
{
    nz_iam_details_release(&((struct details *)self)->reading);
}

static enum nz_err details_page(struct nz_collect *c, const struct nz_ask *ask, struct nz_json root)
{
    struct details *d = ask->self;
    struct nz_snapshot_builder *b = nz_collect_builder(c);
    const uint64_t from = nz_snapshot_counts(b).items;
    enum nz_err err = nz_iam_details_add(&d->reading, b, root, nz_collect_now(c), &d->count, &d->bad);
    return err == NZ_OK ? nz_collect_keep_from(c, from) : err;
}

static enum nz_err details_end(struct nz_collect *c, const struct nz_ask *ask, enum nz_ask_end end, bool by_scp)
{
    struct details *d = ask->self;
    enum nz_err err = NZ_OK;
    (void)by_scp;
    details_release(d);
    if (end == NZ_ASK_UNREAD)
        return NZ_OK;
    if (d->bad) {
        const struct nz_aws_error error = {.err = NZ_E_AWS_ANSWER,
                                           .message = NZ_STR("entries without an ARN in the answer")};
        err = nz_collect_unread(c, ask, &error);
    } else {
        err = nz_collect_collected(c, ask->operation, ask->region, d->count);
    }
    return err;
}

static enum nz_err details_ask(struct nz_collect *c)
{
    uint64_t items;
    bool reused;
    enum nz_err err = nz_collect_reuse(c, NZ_AWS_IAM_GetAccountAuthorizationDetails, NZ_STR(""), &reused, &items);
    if (err != NZ_OK || reused)
        return err;
    struct details *d = NZ_ARENA_NEW(nz_collect_arena(c), struct details);
    if (!d)
        return NZ_E_NOMEM;
    nz_iam_details_init(&d->reading);
    err = nz_collect_at_end(c, details_release, d);
    if (err != NZ_OK)
        return err;
    return nz_collect_ask(
        c, &(struct nz_ask){
               .operation = NZ_AWS_IAM_GetAccountAuthorizationDetails,
               .parameters = "{\"Filter\":[\"User\",\"Role\",\"Group\",\"LocalManagedPolicy\",\"AWSManagedPolicy\"]}",
               .page = details_page,
               .end = details_end,
               .self = d});
}

static enum nz_err account(struct nz_collect *c)
{
    const struct nz_str global = NZ_STR("");
    enum nz_err err = details_ask(c);
    if (err == NZ_OK)
        err = nz_collect_list(c, &summary, global, NULL);
    if (err == NZ_OK)
        err = nz_collect_list(c, &password_policy, global, NULL);
    if (err == NZ_OK)
        err = nz_collect_list(c, &mfa_devices, global, "{\"AssignmentStatus\":\"Assigned\"}");
    if (err == NZ_OK)
        err = nz_collect_list(c, &service_credentials, global, "{\"AllUsers\":true}");
    if (err == NZ_OK)
        err = nz_collect_list(c, &organizations_features, global, NULL);
    return err == NZ_OK ? nz_collect_list(c, &aliases, global, NULL) : err;
}

const struct nz_collector nz_collector_iam = {.round = 1, .account = account};
