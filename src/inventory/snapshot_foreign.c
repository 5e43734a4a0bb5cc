/* Texts that are not ours: what AWS Config delivers, and what the AWS CLI prints of an account's IAM. Read whole. */
#include "inventory/resource_type.h"
#include "inventory/snapshot_reading.h"

/* Calls in a run had better not mean more than a few thousand: types times regions. More are not taken for listed. */
#define CALLS_MAX 4096u

/* Lines are counted once, as offsets only grow. */
static uint32_t line_at(struct nz_snapshot_reading *r, size_t offset)
{
    if (offset < r->line_offset) {
        r->line_offset = 0;
        r->line = 1;
    }
    for (; r->line_offset < offset && r->line_offset < r->bytes.n; r->line_offset++)
        r->line += r->bytes.p[r->line_offset] == '\n';
    return r->line;
}

static size_t offset_of(const struct nz_snapshot_reading *r, struct nz_json v)
{
    return (size_t)(v.bytes - r->bytes.p) + v.tokens[v.at];
}

/* --- AWS Config --- */

struct config_file {
    struct nz_snapshot_reading *r;
    struct nz_str account, newest; /* of its items; into the text */
    struct nz_str region;          /* of the last item */
    struct nz_buf calls;           /* struct type_seen */
    size_t line_offset;            /* lines are counted up to here */
    uint32_t line;
};

struct type_seen {
    const struct nz_resource_type *type;
    struct nz_str region; /* into the text: JSON source, without escapes as regions have none */
};

static enum nz_err type_saw(struct config_file *f, struct nz_json item)
{
    struct nz_json type = nz_item_member(item, NZ_STR("resourceType"));
    struct nz_json region = nz_item_member(item, NZ_STR("awsRegion"));
    if (nz_json_kind(type) != NZ_JSON_STRING || nz_json_kind(region) != NZ_JSON_STRING)
        return NZ_OK;
    struct type_seen seen = {nz_resource_type(nz_json_string_raw(type)), nz_json_string_raw(region)};
    const struct type_seen *all = (const void *)f->calls.p;
    if (!seen.type || f->calls.n / sizeof *all >= CALLS_MAX)
        return NZ_OK;
    if (!seen.type->regional && !nz_str_eq(seen.region, NZ_REGION_GLOBAL))
        return NZ_OK; /* a call for the whole account, and this is one region */
    for (size_t i = f->calls.n / sizeof *all; i-- > 0;) {
        if (all[i].type == seen.type && nz_str_eq(all[i].region, seen.region))
            return NZ_OK;
    }
    nz_buf_append(&f->calls, nz_str_of((const char *)&seen, sizeof seen));
    return nz_buf_status(&f->calls);
}

/* True when all types that one call lists occur in that region: then all that it would have given are there. */
static bool call_is_whole(const struct config_file *f, const struct type_seen *one)
{
    const struct type_seen *all = (const void *)f->calls.p;
    size_t wanted = nz_resource_types_of(one->type), seen = 0;
    for (size_t i = 0; i < f->calls.n / sizeof *all; i++) {
        if (nz_str_eq(all[i].type->service, one->type->service) &&
            nz_str_eq(all[i].type->operation, one->type->operation) && nz_str_eq(all[i].region, one->region))
            seen++;
    }
    return seen == wanted;
}

static enum nz_err calls_add(struct config_file *f)
{
    const struct type_seen *all = (const void *)f->calls.p;
    enum nz_err err = NZ_OK;
    for (size_t i = 0; i < f->calls.n / sizeof *all && err == NZ_OK; i++) {
        if (!call_is_whole(f, &all[i]))
            continue;
        err = nz_snapshot_add_collected(
            f->r->builder, &(struct nz_collected){.service = all[i].type->service,
                                                  .operation = all[i].type->operation,
                                                  .region = all[i].type->regional ? all[i].region : NZ_REGION_GLOBAL});
    }
    return err;
}

/* Where Config delivers from, it records: these are the regions that the snapshot has something of. */
static enum nz_err region_saw(struct config_file *f, struct nz_json item)
{
    struct nz_json v = nz_item_member(item, NZ_STR("awsRegion"));
    struct nz_str region = nz_json_kind(v) == NZ_JSON_STRING ? nz_json_string_raw(v) : NZ_REGION_GLOBAL;
    if (nz_str_eq(region, f->region) || nz_str_eq(region, NZ_REGION_GLOBAL))
        return NZ_OK;
    f->region = region;
    return nz_snapshot_builder_has_region(f->r->builder, region) ? NZ_OK
                                                                 : nz_snapshot_add_region(f->r->builder, region);
}

/* Account and newest time of what was read: Config's files have no header of their own. */
static enum nz_err header_saw(struct config_file *f, struct nz_json item)
{
    struct nz_json account = nz_json_get(item, NZ_STR("awsAccountId"));
    struct nz_json time = nz_json_get(item, NZ_STR("configurationItemCaptureTime"));
    if (!f->account.n && nz_json_kind(account) == NZ_JSON_STRING)
        f->account = nz_json_string_raw(account);
    if (nz_json_kind(time) == NZ_JSON_STRING && nz_str_cmp(nz_json_string_raw(time), f->newest) > 0)
        f->newest = nz_json_string_raw(time);
    enum nz_err err = region_saw(f, item);
    return err == NZ_OK ? type_saw(f, item) : err;
}

/* Of several files, one a region, the newest time counts. */
static enum nz_err header_set(struct config_file *f)
{
    const struct nz_snapshot_header before = nz_snapshot_builder_header(f->r->builder);
    struct nz_str newest = nz_str_cmp(before.captured_at, f->newest) > 0 ? before.captured_at : f->newest;
    if (before.account.n && f->account.n && !nz_str_eq(before.account, f->account))
        nz_snapshot_problem(f->r, NZ_E_SNAPSHOT_ACCOUNTS, 0, 0, "%.*s, %.*s",
                            NZ_STR_ARG(nz_str_head(before.account, 60)), NZ_STR_ARG(nz_str_head(f->account, 60)));
    return nz_snapshot_set_header(
        f->r->builder,
        &(struct nz_snapshot_header){.account = before.account.n ? before.account : f->account, .captured_at = newest});
}

static enum nz_err config_item_read(struct config_file *f, struct nz_json item)
{
    struct nz_snapshot_reading *r = f->r;
    const char *fault = NULL;
    uint32_t line = line_at(r, offset_of(r, item));
    if (nz_json_kind(item) != NZ_JSON_OBJECT) {
        nz_snapshot_problem(r, NZ_E_SNAPSHOT_LINE, line, 0, "an item is no object");
        return NZ_OK;
    }
    enum nz_err err = nz_snapshot_texts_begin(r, item);
    if (err == NZ_OK)
        err = nz_snapshot_item_read(r, item, true, &fault);
    if (err == NZ_OK && fault)
        nz_snapshot_problem(r, NZ_E_SNAPSHOT_LINE, line, 0, "%s", fault);
    return err == NZ_OK ? header_saw(f, item) : err;
}

static enum nz_err config_read(struct nz_snapshot_reading *r, struct nz_json items)
{
    struct config_file f = {.r = r};
    enum nz_err err = NZ_OK;
    nz_buf_init(&f.calls, 0);
    for (struct nz_json_iter it = nz_json_iter(items); err == NZ_OK && nz_json_next(&it);)
        err = config_item_read(&f, it.value);
    if (err == NZ_OK)
        err = calls_add(&f);
    if (err == NZ_OK)
        err = header_set(&f);
    nz_buf_release(&f.calls);
    return err;
}

/* --- aws iam get-account-authorization-details --- */

static enum nz_err iam_page_read(struct nz_snapshot_reading *r, struct nz_json page, struct nz_collected *all,
                                 bool *more)
{
    uint64_t bad = 0;
    r->iam.line = line_at(r, offset_of(r, page));
    enum nz_err err = nz_iam_details_add(&r->iam, r->builder, page, (struct nz_str){"", 0}, &all->items, &bad);
    *more = nz_json_kind(nz_json_get(page, NZ_STR("IsTruncated"))) == NZ_JSON_TRUE;
    if (err == NZ_OK && bad)
        nz_snapshot_problem(r, NZ_E_SNAPSHOT_LINE, r->iam.line, 0, "%llu entries without an ARN",
                            (unsigned long long)bad);
    return err;
}

static enum nz_err iam_end(struct nz_snapshot_reading *r, struct nz_collected *all, bool more)
{
    if (!more)
        return nz_snapshot_add_collected(r->builder, all);
    return nz_snapshot_add_unread(r->builder,
                                  &(struct nz_unread){.service = all->service,
                                                      .operation = all->operation,
                                                      .region = all->region,
                                                      .error = NZ_STR("Stopped"),
                                                      .action = NZ_STR("iam:GetAccountAuthorizationDetails"),
                                                      .message = NZ_STR("the last page says that there are more")});
}

/* --- which it is --- */

struct foreign {
    struct nz_snapshot_reading *r;
    struct nz_collected iam;
    bool iam_page, iam_more, config;
};

static enum nz_err object_read(struct foreign *f, struct nz_json v)
{
    struct nz_json items = nz_json_get(v, NZ_STR("configurationItems"));
    if (nz_json_kind(items) == NZ_JSON_ARRAY) {
        f->config = true;
        return config_read(f->r, items);
    }
    if (nz_json_kind(v) == NZ_JSON_OBJECT && nz_iam_details_is_page(v)) {
        f->iam_page = true;
        return iam_page_read(f->r, v, &f->iam, &f->iam_more);
    }
    if (f->config || f->iam_page) /* else nothing is, which is said at the end */
        nz_snapshot_problem(f->r, NZ_E_SNAPSHOT_SHAPE, line_at(f->r, offset_of(f->r, v)), 0,
                            "neither a snapshot of nezuban or AWS Config nor an account's authorization details");
    return NZ_OK;
}

static enum nz_err value_read(struct foreign *f, struct nz_str text)
{
    struct nz_json root;
    struct nz_diag diag = NZ_DIAG_INIT;
    size_t from = (size_t)(text.p - f->r->bytes.p);
    enum nz_err err = nz_json_parse(&f->r->doc, text, &root, &diag);
    if (err == NZ_E_NOMEM)
        return err;
    if (err != NZ_OK) {
        size_t offset = diag.offset < text.n ? from + (size_t)diag.offset : f->r->bytes.n;
        nz_snapshot_problem(f->r, err, line_at(f->r, offset), 0, "%s", diag.text);
        return NZ_OK;
    }
    if (nz_json_kind(root) != NZ_JSON_ARRAY)
        return object_read(f, root);
    for (struct nz_json_iter it = nz_json_iter(root); err == NZ_OK && nz_json_next(&it);)
        err = object_read(f, it.value);
    return err;
}

enum nz_err nz_snapshot_foreign_read(struct nz_snapshot_reading *r, struct nz_diag *diag)
{
    struct foreign f = {.r = r,
                        .iam = {.service = NZ_STR("iam"),
                                .operation = NZ_STR("GetAccountAuthorizationDetails"),
                                .region = NZ_REGION_GLOBAL}};
    struct nz_str rest = nz_str_trim(nz_buf_view(&r->bytes));
    enum nz_err err = NZ_OK;
    r->line = 1;
    if (nz_str_starts_with(rest, NZ_STR("\xef\xbb\xbf")))
        rest = nz_str_trim(nz_str_skip(rest, 3));
    while (err == NZ_OK && rest.n) {
        size_t bytes = nz_json_first_bytes(rest);
        err = value_read(&f, nz_str_head(rest, bytes));
        rest = nz_str_trim(nz_str_skip(rest, bytes));
    }
    if (err == NZ_OK && f.iam_page)
        err = iam_end(r, &f.iam, f.iam_more);
    if (err == NZ_OK && !f.iam_page && !f.config)
        return nz_diag_set(diag, NZ_E_SNAPSHOT_SHAPE,
                           "neither a snapshot of nezuban or AWS Config nor an account's authorization details");
    return err;
}
