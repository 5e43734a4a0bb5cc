#include "inventory/config_answers.h"

#include "inventory/item.h"

static struct nz_json member(struct nz_json object, const char *name)
{
    return nz_item_member(object, nz_str_from_c(name));
}

static bool is_text(struct nz_json v)
{
    return nz_json_kind(v) == NZ_JSON_STRING;
}

/* `"Name":value`, as it stands. */
static void value_append(struct nz_buf *out, const char *name, struct nz_json v)
{
    nz_buf_printf(out, "\"%s\":", name);
    nz_json_append_compact(v, out);
}

static void answer_begin(struct nz_buf *out, const char *operation)
{
    nz_buf_printf(out, ",\"%s\":", operation);
}

/* --- AWS::S3::Bucket --- */

/* {"policyText":null} or the document as a text */
static void policy_append(struct nz_json v, struct nz_buf *out)
{
    const struct nz_json text = member(v, "policyText");
    if (nz_json_kind(text) != NZ_JSON_NULL && !is_text(text))
        return;
    answer_begin(out, "GetBucketPolicy");
    if (!is_text(text)) {
        nz_buf_append(out, NZ_STR("null"));
        return;
    }
    nz_buf_append_char(out, '{');
    value_append(out, "Policy", text);
    nz_buf_append_char(out, '}');
}

static void block_append(struct nz_json v, struct nz_buf *out)
{
    answer_begin(out, "GetPublicAccessBlock");
    nz_buf_append_char(out, '{');
    value_append(out, "PublicAccessBlockConfiguration", v);
    nz_buf_append_char(out, '}');
}

/* {"status":"Off","isMfaDeleteEnabled":null}: what was never on has no status in the API */
static void versioning_append(struct nz_json v, struct nz_buf *out)
{
    const struct nz_json status = member(v, "status"), mfa = member(v, "isMfaDeleteEnabled");
    if (!is_text(status))
        return;
    const bool is_off = nz_str_eq(nz_json_string_raw(status), NZ_STR("Off"));
    answer_begin(out, "GetBucketVersioning");
    nz_buf_append_char(out, '{');
    if (!is_off)
        value_append(out, "Status", status);
    if (!is_off && (nz_json_kind(mfa) == NZ_JSON_TRUE || nz_json_kind(mfa) == NZ_JSON_FALSE))
        nz_buf_printf(out, ",\"MFADelete\":\"%s\"", nz_json_kind(mfa) == NZ_JSON_TRUE ? "Enabled" : "Disabled");
    nz_buf_append_char(out, '}');
}

/* {"destinationBucketName":null,"logFilePrefix":null} */
static void logging_append(struct nz_json v, struct nz_buf *out)
{
    const struct nz_json bucket = member(v, "destinationBucketName"), prefix = member(v, "logFilePrefix");
    if (nz_json_kind(bucket) != NZ_JSON_NULL && !is_text(bucket))
        return;
    answer_begin(out, "GetBucketLogging");
    nz_buf_append_char(out, '{');
    if (is_text(bucket)) {
        nz_buf_append(out, NZ_STR("\"LoggingEnabled\":{"));
        value_append(out, "TargetBucket", bucket);
        if (is_text(prefix)) {
            nz_buf_append_char(out, ',');
            value_append(out, "TargetPrefix", prefix);
        }
        nz_buf_append_char(out, '}');
    }
    nz_buf_append_char(out, '}');
}

/* Groups are names, everybody else has an id. */
static bool grantee_append(struct nz_json v, struct nz_buf *out)
{
    static const struct {
        struct nz_str name;
        const char *uri;
    } groups[] = {{{"AllUsers", 8}, "http://acs.amazonaws.com/groups/global/AllUsers"},
                  {{"AuthenticatedUsers", 18}, "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"},
                  {{"LogDelivery", 11}, "http://acs.amazonaws.com/groups/s3/LogDelivery"}};
    const struct nz_json id = member(v, "id");
    for (size_t i = 0; is_text(v) && i < sizeof groups / sizeof groups[0]; i++) {
        if (nz_str_eq(nz_json_string_raw(v), groups[i].name)) {
            nz_buf_printf(out, "{\"Type\":\"Group\",\"URI\":\"%s\"}", groups[i].uri);
            return true;
        }
    }
    if (!is_text(id))
        return false;
    nz_buf_append(out, NZ_STR("{\"Type\":\"CanonicalUser\","));
    value_append(out, "ID", id);
    nz_buf_append_char(out, '}');
    return true;
}

/* {"grantSet":null,"grantList":[{"grantee":{"id":"…"},"permission":"FullControl"}]}: of one grantee that is not known, none is */
static void acl_append(struct nz_json v, struct nz_buf *out)
{
    const struct nz_json grants = member(v, "grantList");
    const size_t from = out->n;
    if (nz_json_kind(grants) != NZ_JSON_ARRAY)
        return;
    answer_begin(out, "GetBucketAcl");
    nz_buf_append(out, NZ_STR("{\"Grants\":["));
    bool first = true;
    for (struct nz_json_iter it = nz_json_iter(grants); nz_json_next(&it); first = false) {
        const struct nz_json permission = member(it.value, "permission");
        nz_buf_append(out, first ? NZ_STR("{\"Grantee\":") : NZ_STR(",{\"Grantee\":"));
        if (!grantee_append(member(it.value, "grantee"), out) || !is_text(permission)) {
            out->n = from;
            return;
        }
        nz_buf_append_char(out, ',');
        value_append(out, "Permission", permission);
        nz_buf_append_char(out, '}');
    }
    nz_buf_append(out, NZ_STR("]}"));
}

static void bucket_append(struct nz_json supplementary, struct nz_buf *out)
{
    static const struct {
        const char *member;
        void (*append)(struct nz_json v, struct nz_buf *out);
    } answers[] = {{"BucketPolicy", policy_append},
                   {"PublicAccessBlockConfiguration", block_append},
                   {"BucketVersioningConfiguration", versioning_append},
                   {"BucketLoggingConfiguration", logging_append},
                   {"AccessControlList", acl_append}};
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        const struct nz_json v = nz_json_get(supplementary, nz_str_from_c(answers[i].member));
        if (nz_json_kind(v) == NZ_JSON_OBJECT)
            answers[i].append(v, out);
    }
}

/* --- AWS::GuardDuty::Detector --- */

static void detector_append(struct nz_json configuration, struct nz_buf *out)
{
    static const char *const same[] = {"FindingPublishingFrequency", "Features", "DataSources"};
    const enum nz_json_kind enable = nz_json_kind(member(configuration, "Enable"));
    if (enable != NZ_JSON_TRUE && enable != NZ_JSON_FALSE)
        return;
    answer_begin(out, "GetDetector");
    nz_buf_printf(out, "{\"Status\":\"%s\"", enable == NZ_JSON_TRUE ? "ENABLED" : "DISABLED");
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
        const struct nz_json v = member(configuration, same[i]);
        if (nz_json_is_absent(v) || nz_json_kind(v) == NZ_JSON_NULL)
            continue;
        nz_buf_append_char(out, ',');
        value_append(out, same[i], v);
    }
    nz_buf_append_char(out, '}');
}

void nz_config_answers_append(struct nz_str type, struct nz_json configuration, struct nz_json supplementary,
                              struct nz_buf *out)
{
    if (nz_str_eq(type, NZ_STR("AWS::S3::Bucket")))
        bucket_append(supplementary, out);
    else if (nz_str_eq(type, NZ_STR("AWS::GuardDuty::Detector")))
        detector_append(configuration, out);
}
