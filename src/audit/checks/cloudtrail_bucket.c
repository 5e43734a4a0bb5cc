/* The buckets that trails deliver to: there, closed, hard to empty.
 * Source: the design's table of judgements; CIS AWS Foundations 4.4; Security Hub CloudTrail.6 and CloudTrail.7; S3 User
 * Guide, "Blocking public access" (the account's settings and the bucket's hold together). */
#include "audit/bucket.h"
#include "audit/regional.h"
#include "audit/trails.h"

#define BUCKET_TYPE "AWS::S3::Bucket"
#define ACCOUNT_BLOCK_TYPE "AWS::S3::AccountPublicAccessBlock"
#define SUPPLEMENT "supplementaryConfiguration."
#define BLOCK SUPPLEMENT "GetPublicAccessBlock"
#define BLOCK_FIELDS BLOCK ".PublicAccessBlockConfiguration."
#define VERSIONING SUPPLEMENT "GetBucketVersioning"
#define LOGGING SUPPLEMENT "GetBucketLogging"
#define ACL SUPPLEMENT "GetBucketAcl"
#define POLICY SUPPLEMENT "GetBucketPolicy"

enum { BLOCK_ACLS, IGNORE_ACLS, BLOCK_POLICY, RESTRICT, BLOCKS };
static const char *const block_names[BLOCKS] = {"BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy",
                                                "RestrictPublicBuckets"};

struct bucket {
    enum nz_known by_policy, by_acl, blocks[BLOCKS], is_versioned, is_logged;
};

static enum nz_known known(bool yes)
{
    return yes ? NZ_KNOWN_YES : NZ_KNOWN_NO;
}

static void blocks_read(struct nz_audit *a, const struct nz_item_view *view, enum nz_known blocks[BLOCKS])
{
    const struct nz_json own = nz_item_get(view, BLOCK);
    const struct nz_items account = nz_snapshot_items(a->snapshot, NZ_STR(ACCOUNT_BLOCK_TYPE));
    const bool account_known =
        account.n || nz_snapshot_listing(a->snapshot, NZ_STR(ACCOUNT_BLOCK_TYPE), NZ_REGION_GLOBAL, NULL) == NZ_LISTED;
    const struct nz_item_view *all = account.n ? nz_audit_open(a, 2, &account.p[0]) : NULL;
    const struct nz_json configuration = nz_item_get(view, BLOCK ".PublicAccessBlockConfiguration");
    for (int i = 0; i < BLOCKS; i++) {
        const struct nz_str name = nz_str_from_c(block_names[i]);
        if (nz_audit_is_true(nz_item_member(configuration, name)) ||
            (all && nz_audit_is_true(nz_item_member(all->configuration, name))))
            blocks[i] = NZ_KNOWN_YES;
        else
            blocks[i] = nz_json_is_absent(own) || !account_known ? NZ_KNOWN_NOT : NZ_KNOWN_NO;
    }
}

/* What a block cuts off is not public, whatever the policy or ACL says. */
static enum nz_known cut(enum nz_known is_public, enum nz_known is_blocked)
{
    if (is_public == NZ_KNOWN_NO || is_blocked == NZ_KNOWN_YES)
        return NZ_KNOWN_NO;
    return is_public == NZ_KNOWN_YES && is_blocked == NZ_KNOWN_NO ? NZ_KNOWN_YES : NZ_KNOWN_NOT;
}

static enum nz_known policy_is_public(struct nz_audit *a, const struct nz_item_view *view)
{
    const struct nz_json answer = nz_item_get(view, POLICY);
    if (nz_json_kind(answer) == NZ_JSON_NULL)
        return NZ_KNOWN_NO; /* there is none */
    struct nz_buf scratch;
    nz_buf_init(&scratch, 0);
    const struct nz_str text = nz_item_document(nz_item_get(view, POLICY ".Policy"), &scratch);
    const enum nz_known is_public = nz_bucket_policy_is_public(a, text);
    nz_buf_release(&scratch);
    return is_public;
}

static void bucket_read(struct nz_audit *a, const struct nz_item_view *view, struct bucket *b)
{
    const struct nz_json acl = nz_item_get(view, ACL), versioning = nz_item_get(view, VERSIONING),
                         logging = nz_item_get(view, LOGGING);
    blocks_read(a, view, b->blocks);
    b->by_policy = cut(policy_is_public(a, view), b->blocks[RESTRICT]);
    b->by_acl = nz_json_is_absent(acl) ? NZ_KNOWN_NOT : known(nz_bucket_acl_is_public(acl));
    b->by_acl = cut(b->by_acl, b->blocks[IGNORE_ACLS]);
    b->is_versioned = nz_json_is_absent(versioning)
                          ? NZ_KNOWN_NOT
                          : known(nz_str_eq(nz_audit_field(a, view, VERSIONING ".Status"), NZ_STR("Enabled")));
    b->is_logged = nz_json_is_absent(logging)
                       ? NZ_KNOWN_NOT
                       : known(nz_audit_field(a, view, LOGGING ".LoggingEnabled.TargetBucket").n != 0);
}

/* The first answer that is missing, in the order in which they decide. */
static void say_unread(struct nz_audit *a, struct nz_subject on, const struct nz_item_view *view)
{
    static const char *const operations[] = {"GetBucketPolicy", "GetBucketAcl", "GetPublicAccessBlock",
                                             "GetBucketVersioning", "GetBucketLogging"};
    struct nz_json answer;
    for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++) {
        if (!nz_audit_need_answer(a, on, view, operations[i], &answer))
            return;
    }
    if (nz_audit_need(a, on, ACCOUNT_BLOCK_TYPE, NZ_REGION_GLOBAL)) {
        struct nz_finding *f = nz_audit_unknown(a, on, N_("the bucket's policy is no policy that can be read"));
        nz_audit_show(a, f, view, POLICY ".Policy");
    }
}

static struct nz_finding *say_gaps(struct nz_audit *a, struct nz_subject on, const struct bucket *b)
{
    enum nz_known blocked = NZ_KNOWN_YES;
    for (int i = 0; i < BLOCKS; i++)
        blocked = b->blocks[i] == NZ_KNOWN_NO ? NZ_KNOWN_NO : blocked;
    if (blocked == NZ_KNOWN_NO)
        return nz_audit_partial(a, on, N_("the bucket is not public, but Block Public Access is not complete"));
    if (b->is_versioned == NZ_KNOWN_NO)
        return nz_audit_partial(a, on,
                                N_("the bucket has no versioning: who may write to it may remove what it holds"));
    if (b->is_logged == NZ_KNOWN_NO)
        return nz_audit_partial(a, on, N_("nothing records who reads the bucket: it has no access logging"));
    for (int i = 0; i < BLOCKS; i++)
        blocked = b->blocks[i] == NZ_KNOWN_NOT ? NZ_KNOWN_NOT : blocked;
    if (blocked == NZ_KNOWN_NOT || b->is_versioned == NZ_KNOWN_NOT || b->is_logged == NZ_KNOWN_NOT)
        return NULL;
    return nz_audit_pass(a, on, N_("the bucket is private, keeps versions, and records who reads it"));
}

/* NULL: it is unknown. */
static struct nz_finding *say_bucket(struct nz_audit *a, struct nz_subject on, const struct bucket *b)
{
    if (b->by_policy == NZ_KNOWN_YES)
        return nz_audit_fail(a, on, N_("the bucket's policy lets everybody in"));
    if (b->by_acl == NZ_KNOWN_YES)
        return nz_audit_fail(a, on, N_("the bucket's ACL lets everybody in"));
    if (b->by_policy == NZ_KNOWN_NOT || b->by_acl == NZ_KNOWN_NOT)
        return NULL;
    return say_gaps(a, on, b);
}

static void show(struct nz_audit *a, struct nz_finding *f, const struct nz_item_view *view)
{
    static const char *const fields[] = {POLICY ".Policy",
                                         ACL ".Grants",
                                         BLOCK ".PublicAccessBlockConfiguration",
                                         VERSIONING ".Status",
                                         VERSIONING ".MFADelete",
                                         LOGGING ".LoggingEnabled",
                                         SUPPLEMENT "GetObjectLockConfiguration",
                                         SUPPLEMENT "GetBucketLifecycleConfiguration"};
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        if (!nz_json_is_absent(nz_item_get(view, fields[i])))
            nz_audit_show(a, f, view, fields[i]);
    }
    const struct nz_items account = nz_snapshot_items(a->snapshot, NZ_STR(ACCOUNT_BLOCK_TYPE));
    const struct nz_item_view *all = account.n ? nz_audit_open(a, 2, &account.p[0]) : NULL;
    for (int i = 0; all && i < BLOCKS; i++)
        nz_audit_evidence(a, f, NZ_STR("s3:GetAccountPublicAccessBlock"), block_names[i],
                          nz_audit_is_true(nz_item_member(all->configuration, nz_str_from_c(block_names[i])))
                              ? NZ_STR("true")
                              : NZ_STR("false"));
}

static void judge_item(struct nz_audit *a, const struct nz_item *item)
{
    const struct nz_item_view *view = nz_audit_open(a, 0, item);
    const struct nz_subject on = nz_audit_subject(a, item);
    struct bucket b;
    if (!view)
        return;
    if (nz_str_eq(item->status, NZ_STR("ResourceDeleted"))) {
        struct nz_finding *f = nz_audit_fail(a, on, N_("the trail's bucket does not exist"));
        nz_audit_evidence(a, f, item->arn, "configurationItemStatus", item->status);
        return;
    }
    if (nz_json_kind(nz_item_get(view, "configuration.OwnedByAccount")) == NZ_JSON_FALSE) {
        struct nz_finding *f = nz_audit_not_applicable(a, on, N_("the bucket belongs to another account"));
        nz_audit_show(a, f, view, "configuration.OwnedByAccount");
        return;
    }
    bucket_read(a, view, &b);
    struct nz_finding *f = say_bucket(a, on, &b);
    if (f)
        show(a, f, view);
    else
        say_unread(a, on, view);
}

static const struct nz_item *find_bucket(const struct nz_audit *a, struct nz_str name)
{
    const struct nz_items buckets = nz_snapshot_items(a->snapshot, NZ_STR(BUCKET_TYPE));
    for (size_t i = 0; i < buckets.n; i++) {
        if (nz_str_eq(buckets.p[i].id, name))
            return &buckets.p[i];
    }
    return NULL;
}

/* A bucket without an item: nothing of it was read. */
static void say_no_item(struct nz_audit *a, const struct nz_trail *t, struct nz_str bucket)
{
    struct nz_buf arn;
    nz_buf_init(&arn, 0);
    nz_buf_printf(&arn, "arn:%.*s:s3:::%.*s", NZ_STR_ARG(a->snapshot->header.partition), NZ_STR_ARG(bucket));
    const struct nz_subject on = {nz_buf_view(&arn), t->home};
    if (t->is_foreign)
        nz_audit_show(a, nz_audit_not_applicable(a, on, N_("the bucket belongs to another account")),
                      nz_audit_open(a, 0, t->item), "configuration.TrailARN");
    else
        nz_audit_say_unread(
            a, on, nz_snapshot_unread(a->snapshot, NZ_STR("s3"), NZ_STR("ListBuckets"), NZ_REGION_GLOBAL, NZ_STR("")),
            "s3:GetBucketPolicy");
    nz_buf_release(&arn);
}

static void run(struct nz_audit *a)
{
    struct nz_trails trails;
    if (!nz_trails_need(a, &trails))
        return;
    struct nz_str *names = NZ_ARENA_ARRAY(a->keep, struct nz_str, trails.n);
    for (size_t i = 0; names && i < trails.n; i++) {
        const struct nz_item_view *view = nz_audit_open(a, 0, trails.p[i].item);
        names[i] = view ? nz_arena_str(a->keep, nz_audit_field(a, view, "configuration.S3BucketName")) : NZ_STR("");
        size_t before = 0;
        while (before < i && !nz_str_eq(names[before], names[i]))
            before++;
        if (before < i)
            continue; /* several trails may share one */
        const struct nz_item *item = find_bucket(a, names[i]);
        if (!names[i].n)
            nz_audit_unknown(a, nz_audit_subject(a, trails.p[i].item),
                             N_("the trail does not say which bucket it delivers to"));
        else if (item)
            judge_item(a, item);
        else
            say_no_item(a, &trails.p[i], names[i]);
    }
}

const struct nz_check nz_check_cloudtrail_bucket = {
    .about = {.id = "cloudtrail-bucket",
              .part = NZ_PART_SERVICES,
              .severity = NZ_SEVERITY_HIGH,
              .title = N_("The trail's bucket is private and keeps what it has"),
              .remedy =
                  N_("Turn on all four settings of Block Public Access, versioning, and access logging to another "
                     "bucket; let the policy give CloudTrail alone the right to write. When the bucket is gone, "
                     "make it again or give the trail another.")},
    .run = run,
};
