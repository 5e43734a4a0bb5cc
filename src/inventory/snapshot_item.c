/* One item out of JSON: ours, or AWS Config's with its other names for two of the members. */
#include "inventory/config_answers.h"
#include "inventory/snapshot_reading.h"

enum member {
    M_ACCOUNT,
    M_REGION,
    M_TYPE,
    M_ID,
    M_NAME,
    M_ARN,
    M_CAPTURE_TIME,
    M_STATUS,
    M_CONFIGURATION,
    M_SUPPLEMENTARY,
    M_COUNT
};

/* AWS Config API Reference, ConfigurationItem; the second name is that of the files it delivers. */
static const struct {
    const char *name, *other;
} members[M_COUNT] = {
    [M_ACCOUNT] = {"accountId", "awsAccountId"},
    [M_REGION] = {"awsRegion", "awsRegion"},
    [M_TYPE] = {"resourceType", "resourceType"},
    [M_ID] = {"resourceId", "resourceId"},
    [M_NAME] = {"resourceName", "resourceName"},
    [M_ARN] = {"ARN", "arn"},
    [M_CAPTURE_TIME] = {"configurationItemCaptureTime", "configurationItemCaptureTime"},
    [M_STATUS] = {"configurationItemStatus", "configurationItemStatus"},
    [M_CONFIGURATION] = {"configuration", "configuration"},
    [M_SUPPLEMENTARY] = {"supplementaryConfiguration", "supplementaryConfiguration"},
};

static void members_of(struct nz_json object, struct nz_json out[M_COUNT])
{
    memset(out, 0, M_COUNT * sizeof *out);
    for (struct nz_json_iter it = nz_json_iter(object); nz_json_next(&it);) {
        for (size_t i = 0; i < M_COUNT; i++) {
            if (nz_json_key_is(it.key, nz_str_from_c(members[i].name)) ||
                nz_json_key_is(it.key, nz_str_from_c(members[i].other)))
                out[i] = it.value;
        }
    }
}

/* The JSON of an object that may stand as a text. *out is absent when it is neither; r->inner holds it then. */
static enum nz_err object_of(struct nz_snapshot_reading *r, struct nz_json v, struct nz_json *out)
{
    *out = (struct nz_json){0};
    if (nz_json_kind(v) == NZ_JSON_OBJECT)
        *out = v;
    if (nz_json_kind(v) != NZ_JSON_STRING)
        return NZ_OK;
    struct nz_str text = nz_json_string(v, &r->texts);
    if (r->texts.failed)
        return NZ_E_NOMEM;
    struct nz_json root;
    enum nz_err err = nz_json_parse(&r->inner, text, &root, NULL);
    if (err == NZ_OK && nz_json_kind(root) == NZ_JSON_OBJECT)
        *out = root;
    return err == NZ_E_NOMEM ? err : NZ_OK;
}

static bool is_iam(struct nz_str type)
{
    return nz_str_starts_with(type, NZ_STR("AWS::IAM::"));
}

static enum nz_err configuration_read(struct nz_snapshot_reading *r, struct nz_json v, struct nz_str type, bool foreign,
                                      const char **fault)
{
    struct nz_json object;
    nz_buf_clear(&r->configuration);
    if (nz_json_is_absent(v) || nz_json_kind(v) == NZ_JSON_NULL) { /* Config: of a deleted resource */
        nz_buf_append(&r->configuration, NZ_STR("{}"));
        return nz_buf_status(&r->configuration);
    }
    enum nz_err err = object_of(r, v, &object);
    if (err != NZ_OK)
        return err;
    if (nz_json_is_absent(object)) {
        *fault = "configuration is no object";
        return NZ_OK;
    }
    if (foreign && is_iam(type))
        return nz_iam_details_append(&r->iam, object, &r->configuration);
    nz_json_append_compact(object, &r->configuration);
    return nz_buf_status(&r->configuration);
}

/* Config writes most of these members as the JSON text of an object. */
static enum nz_err supplementary_read(struct nz_snapshot_reading *r, struct nz_json v, const char **fault)
{
    enum nz_err err = NZ_OK;
    char before = '{';
    nz_buf_clear(&r->supplementary);
    if (!nz_json_is_absent(v) && nz_json_kind(v) != NZ_JSON_NULL && nz_json_kind(v) != NZ_JSON_OBJECT)
        *fault = "supplementaryConfiguration is no object";
    for (struct nz_json_iter it = nz_json_iter(v); err == NZ_OK && it.in_object && nz_json_next(&it);) {
        struct nz_json object;
        err = object_of(r, it.value, &object);
        nz_buf_append_char(&r->supplementary, before);
        nz_buf_append_char(&r->supplementary, '"');
        nz_buf_append(&r->supplementary, it.key);
        nz_buf_append(&r->supplementary, NZ_STR("\":"));
        nz_json_append_compact(nz_json_is_absent(object) ? it.value : object, &r->supplementary);
        before = ',';
    }
    if (before == '{')
        nz_buf_append_char(&r->supplementary, '{');
    nz_buf_append_char(&r->supplementary, '}');
    return err == NZ_OK ? nz_buf_status(&r->supplementary) : err;
}

/* Puts the API's answers behind Config's own members. */
static enum nz_err answers_add(struct nz_snapshot_reading *r, struct nz_item *item)
{
    enum nz_err err = nz_item_open(&r->view, item);
    nz_buf_clear(&r->answers);
    if (err == NZ_OK)
        nz_config_answers_append(item->type, r->view.configuration, r->view.supplementary, &r->answers);
    if (err != NZ_OK || r->answers.failed)
        return NZ_E_NOMEM;
    if (!r->answers.n)
        return NZ_OK;
    const bool is_first = r->supplementary.n == sizeof "{}" - 1;
    r->supplementary.n--; /* its } */
    nz_buf_append(&r->supplementary, nz_str_skip(nz_buf_view(&r->answers), is_first));
    nz_buf_append_char(&r->supplementary, '}');
    item->supplementary = nz_buf_view(&r->supplementary);
    return nz_buf_status(&r->supplementary);
}

static struct nz_str text_of(struct nz_snapshot_reading *r, struct nz_json v)
{
    return nz_json_kind(v) == NZ_JSON_STRING ? nz_json_string(v, &r->texts) : (struct nz_str){"", 0};
}

enum nz_err nz_snapshot_item_read(struct nz_snapshot_reading *r, struct nz_json object, bool foreign,
                                  const char **fault)
{
    struct nz_json m[M_COUNT];
    members_of(object, m);
    struct nz_item item = {
        .type = text_of(r, m[M_TYPE]),
        .region = text_of(r, m[M_REGION]),
        .arn = text_of(r, m[M_ARN]),
        .id = text_of(r, m[M_ID]),
        .name = text_of(r, m[M_NAME]),
        .account = text_of(r, m[M_ACCOUNT]),
        .capture_time = text_of(r, m[M_CAPTURE_TIME]),
        .status = text_of(r, m[M_STATUS]),
        .line = r->line,
    };
    if (!item.type.n || !item.region.n)
        *fault = "an item without a resourceType or an awsRegion";
    if (!item.arn.n && !item.id.n)
        *fault = "an item without an ARN and a resourceId";
    if (*fault)
        return NZ_OK;
    enum nz_err err = configuration_read(r, m[M_CONFIGURATION], item.type, foreign, fault);
    if (err == NZ_OK && !*fault)
        err = supplementary_read(r, m[M_SUPPLEMENTARY], fault);
    if (err != NZ_OK || *fault)
        return err;
    item.configuration = nz_buf_view(&r->configuration);
    item.supplementary = nz_buf_view(&r->supplementary);
    if (foreign)
        err = answers_add(r, &item);
    return err != NZ_OK ? err : nz_snapshot_add_item(r->builder, &item);
}
