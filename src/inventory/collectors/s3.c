/* The buckets that this account's trails deliver to, and the account's Block Public Access.
 * Source: S3 API Reference. HeadBucket tells a bucket that is gone (404) from one that is another account's (403). */
#include "inventory/collect_run.h"

/* --- what is asked of a bucket --- */

/* XML's elements have other names than the API's members, and a payload's root has none at all. */
static const struct nz_join answers[] = {
    {.operation = NZ_AWS_S3_GetBucketPolicy, .none = "NoSuchBucketPolicy", .wrap = "Policy"},
    {.operation = NZ_AWS_S3_GetBucketAcl, .renamed = "AccessControlList=Grants"},
    {.operation = NZ_AWS_S3_GetPublicAccessBlock,
     .none = "NoSuchPublicAccessBlockConfiguration",
     .wrap = "PublicAccessBlockConfiguration"},
    {.operation = NZ_AWS_S3_GetBucketVersioning, .renamed = "MfaDelete=MFADelete"},
    {.operation = NZ_AWS_S3_GetBucketLogging},
    {.operation = NZ_AWS_S3_GetObjectLockConfiguration,
     .none = "ObjectLockConfigurationNotFoundError",
     .wrap = "ObjectLockConfiguration"},
    {.operation = NZ_AWS_S3_GetBucketLifecycleConfiguration,
     .none = "NoSuchLifecycleConfiguration",
     .renamed = "Rule=Rules"},
    {.operation = NZ_AWS_S3_GetBucketEncryption,
     .none = "ServerSideEncryptionConfigurationNotFoundError",
     .wrap = "ServerSideEncryptionConfiguration",
     .renamed = "Rule=Rules"},
};

enum owned { OWNED_UNKNOWN, OWNED, OWNED_BY_OTHERS };

struct bucket {
    struct nz_str name;
    struct nz_str region; /* where it is; until that is known, where the trail is at home */
    bool region_known;
    enum owned owned;
};

static const char *bucket_parameters(struct nz_collect *c, const struct bucket *b, bool owner)
{
    struct nz_buf json;
    nz_buf_init(&json, 0);
    nz_buf_append(&json, NZ_STR("{\"Bucket\":"));
    nz_json_append_string(&json, b->name);
    if (owner) {
        nz_buf_append(&json, NZ_STR(",\"ExpectedBucketOwner\":"));
        nz_json_append_string(&json, c->header.account);
    }
    nz_buf_append_char(&json, '}');
    struct nz_str kept = json.failed ? (struct nz_str){0} : nz_arena_str(&c->arena, nz_buf_view(&json));
    nz_buf_release(&json);
    return kept.p;
}

static enum nz_err bucket_add(struct nz_collect *c, const struct bucket *b, bool missing)
{
    struct nz_buf json, arn;
    struct nz_found *f = NULL;
    nz_buf_init(&json, 0);
    nz_buf_init(&arn, 0);
    nz_buf_printf(&arn, "arn:%.*s:s3:::%.*s", NZ_STR_ARG(c->header.partition), NZ_STR_ARG(b->name));
    nz_buf_append(&json, NZ_STR("{\"Name\":"));
    nz_json_append_string(&json, b->name);
    if (b->region_known) {
        nz_buf_append(&json, NZ_STR(",\"BucketRegion\":"));
        nz_json_append_string(&json, b->region);
    }
    if (b->owned != OWNED_UNKNOWN)
        nz_buf_printf(&json, ",\"OwnedByAccount\":%s", b->owned == OWNED ? "true" : "false");
    nz_buf_append_char(&json, '}');
    const struct nz_item item = {.type = NZ_STR("AWS::S3::Bucket"),
                                 .region = b->region,
                                 .arn = nz_buf_view(&arn),
                                 .id = b->name,
                                 .name = b->name,
                                 .status = missing ? NZ_STR("ResourceDeleted") : NZ_STR("OK"),
                                 .configuration = missing ? NZ_STR("{}") : nz_buf_view(&json)};
    enum nz_err err = json.failed || arn.failed ? NZ_E_NOMEM : nz_collect_find(c, &item, &f);
    nz_buf_release(&json);
    nz_buf_release(&arn);
    bool ask = !missing && b->owned != OWNED_BY_OTHERS;
    const char *parameters = ask ? bucket_parameters(c, b, true) : "";
    if (err == NZ_OK && !parameters)
        err = NZ_E_NOMEM;
    for (size_t i = 0; ask && i < sizeof answers / sizeof answers[0] && err == NZ_OK; i++)
        err = nz_collect_join(c, f, &answers[i], f->item.region, parameters);
    return err == NZ_OK ? nz_collect_release(c, f) : err;
}

/* --- where it is, and whose --- */

static enum nz_err head_end(struct nz_collect *c, const struct nz_ask *ask, enum nz_ask_end end, bool by_scp)
{
    struct bucket *b = ask->self;
    enum nz_err err = NZ_OK;
    (void)by_scp;
    if (c->error && c->error->http_status == 404)
        return bucket_add(c, b, true);
    if (c->bucket_region.n) {
        b->region = nz_arena_str(&c->arena, c->bucket_region);
        b->region_known = true;
    }
    if (!b->region.p)
        return NZ_E_NOMEM;
    if (end == NZ_ASK_UNREAD && !b->region_known && c->error->http_status != 403)
        err = nz_collect_unread(c, ask, c->error);
    return err == NZ_OK ? bucket_add(c, b, false) : err;
}

static enum nz_err bucket_ask(struct nz_collect *c, struct bucket *b)
{
    if (b->owned == OWNED && b->region_known)
        return bucket_add(c, b, false);
    const char *parameters = bucket_parameters(c, b, false);
    return !parameters ? NZ_E_NOMEM
                       : nz_collect_ask(c, &(struct nz_ask){.operation = NZ_AWS_S3_HeadBucket,
                                                            .region = b->region,
                                                            .parameters = parameters,
                                                            .resource = b->name,
                                                            .silent = true,
                                                            .end = head_end,
                                                            .self = b});
}

/* --- which buckets --- */

static struct bucket *bucket_of(struct nz_collect *c, struct nz_str name)
{
    for (struct nz_collect_name *n = c->buckets; n; n = n->next) {
        if (nz_str_eq(n->name, name))
            return n->self;
    }
    return NULL;
}

static enum nz_err trail_look(struct nz_collect *c, const struct nz_item_view *view)
{
    struct nz_json name = nz_item_get(view, "configuration.S3BucketName");
    bool ours = nz_str_eq(nz_arn_field(view->item->arn, 4), c->header.account);
    if (!ours || nz_json_kind(name) != NZ_JSON_STRING || bucket_of(c, nz_json_string_raw(name)))
        return NZ_OK;
    struct bucket *b = NZ_ARENA_NEW(&c->arena, struct bucket);
    if (!b || !nz_collect_name_add(c, &c->buckets, nz_json_string_raw(name)))
        return NZ_E_NOMEM;
    *b = (struct bucket){.name = c->buckets->name, .region = nz_arena_str(&c->arena, view->item->region)};
    c->buckets->self = b;
    return b->region.p ? NZ_OK : NZ_E_NOMEM;
}

static enum nz_err buckets_page(struct nz_collect *c, const struct nz_ask *ask, struct nz_json root)
{
    struct nz_json list = nz_json_get(root, NZ_STR("Buckets"));
    (void)ask;
    for (struct nz_json_iter it = nz_json_iter(list); nz_json_next(&it);) {
        struct nz_json name = nz_json_get(it.value, NZ_STR("Name"));
        struct nz_json region = nz_json_get(it.value, NZ_STR("BucketRegion"));
        struct bucket *b = nz_json_kind(name) == NZ_JSON_STRING ? bucket_of(c, nz_json_string_raw(name)) : NULL;
        if (!b)
            continue;
        b->owned = OWNED;
        if (nz_json_kind(region) == NZ_JSON_STRING && nz_json_string_raw(region).n) {
            b->region = nz_arena_str(&c->arena, nz_json_string_raw(region));
            b->region_known = true;
        }
        if (!b->region.p)
            return NZ_E_NOMEM;
    }
    return NZ_OK;
}

static enum nz_err buckets_end(struct nz_collect *c, const struct nz_ask *ask, enum nz_ask_end end, bool by_scp)
{
    uint64_t count = 0;
    enum nz_err err = NZ_OK;
    (void)by_scp;
    for (struct nz_collect_name *n = c->buckets; n && err == NZ_OK; n = n->next, count++) {
        struct bucket *b = n->self;
        if (end == NZ_ASK_ANSWERED && b->owned == OWNED_UNKNOWN)
            b->owned = OWNED_BY_OTHERS;
        err = bucket_ask(c, b);
    }
    return err == NZ_OK && end != NZ_ASK_UNREAD ? nz_collect_collected(c, ask->operation, NZ_STR(""), count) : err;
}

static enum nz_err account(struct nz_collect *c)
{
    enum nz_err err = nz_collect_each(c, NZ_STR("AWS::CloudTrail::Trail"), trail_look);
    if (err != NZ_OK || !c->buckets)
        return err;
    return nz_collect_ask(c, &(struct nz_ask){.operation = NZ_AWS_S3_ListBuckets,
                                              .region = c->in->caller_region,
                                              .place = NZ_REGION_GLOBAL,
                                              .page = buckets_page,
                                              .end = buckets_end});
}

const struct nz_collector nz_collector_s3 = {.round = 2, .account = account};

/* --- the account --- */

static const struct nz_list public_access_block = {
    .operation = NZ_AWS_S3_CONTROL_GetPublicAccessBlock,
    .type = "AWS::S3::AccountPublicAccessBlock",
    .none = "NoSuchPublicAccessBlockConfiguration",
    .global = true,
};

static enum nz_err account_block(struct nz_collect *c)
{
    const char *parameters = nz_collect_parameters(c, "AccountId", c->header.account);
    return parameters ? nz_collect_list(c, &public_access_block, c->in->caller_region, parameters) : NZ_E_NOMEM;
}

const struct nz_collector nz_collector_s3_account = {.round = 1, .account = account_block};
