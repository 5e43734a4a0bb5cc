/* Who is asking, which regions there are and which of them may be asked, and the rounds over them. */
#include "inventory/collect_run.h"
#include "inventory/snapshot_line.h"

#include <stdlib.h>

/* --- who --- */

static enum nz_err kept(struct nz_collect *c, struct nz_json v, struct nz_str *out)
{
    nz_buf_clear(&c->texts);
    struct nz_str text = nz_json_kind(v) == NZ_JSON_STRING ? nz_json_string(v, &c->texts) : (struct nz_str){"", 0};
    *out = c->texts.failed ? (struct nz_str){0} : nz_arena_str(&c->arena, text);
    return out->p ? NZ_OK : NZ_E_NOMEM;
}

/* "arn:aws-cn:iam::…": the second field. */
static struct nz_str partition_of(struct nz_str arn)
{
    struct nz_str rest = nz_str_skip(arn, sizeof "arn:" - 1);
    const char *colon = rest.n ? memchr(rest.p, ':', rest.n) : NULL;
    return colon && nz_str_starts_with(arn, NZ_STR("arn:")) ? nz_str_head(rest, (size_t)(colon - rest.p))
                                                            : NZ_STR("aws");
}

static enum nz_err identity_set(struct nz_collect *c, struct nz_json root)
{
    enum nz_err err = kept(c, nz_json_get(root, NZ_STR("Account")), &c->header.account);
    if (err == NZ_OK)
        err = kept(c, nz_json_get(root, NZ_STR("Arn")), &c->header.caller_arn);
    if (err == NZ_OK)
        err = kept(c, nz_json_get(root, NZ_STR("UserId")), &c->header.caller_id);
    if (err != NZ_OK)
        return err;
    c->header.partition = partition_of(c->header.caller_arn);
    nz_buf_clear(&c->texts);
    nz_buf_printf(&c->texts, "arn:%.*s:iam::%.*s:root", NZ_STR_ARG(c->header.partition), NZ_STR_ARG(c->header.account));
    c->root = c->texts.failed ? (struct nz_str){0} : nz_arena_str(&c->arena, nz_buf_view(&c->texts));
    c->identified = c->header.account.n > 0;
    return c->root.p ? NZ_OK : NZ_E_NOMEM;
}

static enum nz_err on_identity(void *self, const struct nz_aws_answer *answer)
{
    struct nz_collect *c = self;
    const struct nz_aws_error *e = answer->error;
    if (e) {
        return nz_diag_set(c->diag, e->err, "GetCallerIdentity: %.*s%s%.*s", NZ_STR_ARG(nz_str_head(e->code, 60)),
                           e->code.n ? ": " : "", NZ_STR_ARG(nz_str_head(e->message, 150)));
    }
    enum nz_err err = identity_set(c, answer->root);
    if (err == NZ_OK && !c->identified)
        return nz_diag_set(c->diag, NZ_E_AWS_ANSWER, "GetCallerIdentity: no account in the answer");
    return err;
}

static enum nz_err identify(struct nz_collect *c)
{
    const struct nz_aws_call call = {.operation = NZ_AWS_STS_GetCallerIdentity, .on_answer = on_identity, .self = c};
    enum nz_err err = nz_aws_client_submit(c->in->client, &call, c->diag);
    if (err == NZ_OK)
        err = nz_aws_client_run(c->in->client, c->diag);
    if (err != NZ_OK || !c->in->resumed || nz_str_eq(c->in->resumed->header.account, c->header.account))
        return err;
    return nz_diag_set(c->diag, NZ_E_SNAPSHOT_ACCOUNTS, "%.*s, %.*s",
                       NZ_STR_ARG(nz_str_head(c->in->resumed->header.account, 60)),
                       NZ_STR_ARG(nz_str_head(c->header.account, 60)));
}

/* --- which regions --- */

struct nz_collect_region *nz_collect_region_of(struct nz_collect *c, struct nz_str name)
{
    for (size_t i = 0; i < c->regions_count; i++) {
        if (nz_str_eq(c->regions[i].name, name))
            return &c->regions[i];
    }
    return NULL;
}

bool nz_collect_is_open(const struct nz_collect *c, struct nz_str region)
{
    for (size_t i = 0; i < c->regions_count; i++) {
        if (nz_str_eq(c->regions[i].name, region))
            return c->regions[i].access == NZ_REGION_OPEN;
    }
    return false;
}

/* Sign-in events of the global kind go where the partition's global services are. */
struct nz_str nz_collect_sign_in_region(const struct nz_collect *c)
{
    const struct nz_aws_partition *partition = nz_aws_partition_named(c->header.partition);
    return partition ? nz_str_from_c(partition->global_region) : c->in->caller_region;
}

static bool is_wanted(const struct nz_collect *c, struct nz_str region)
{
    for (size_t i = 0; i < c->in->regions_count; i++) {
        if (nz_str_eq(c->in->regions[i], region))
            return true;
    }
    return c->in->regions_count == 0;
}

static enum nz_err regions_reserve(struct nz_collect *c, size_t count)
{
    c->regions = NZ_ARENA_ARRAY(&c->arena, struct nz_collect_region, count ? count : 1);
    c->regions_count = 0;
    return c->regions ? NZ_OK : NZ_E_NOMEM;
}

static enum nz_err regions_page(struct nz_collect *c, const struct nz_ask *ask, struct nz_json root)
{
    struct nz_json list = nz_json_get(root, NZ_STR("regionInfo"));
    size_t count = 0;
    (void)ask;
    for (struct nz_json_iter it = nz_json_iter(list); nz_json_next(&it);)
        count++;
    enum nz_err err = regions_reserve(c, count);
    for (struct nz_json_iter it = nz_json_iter(list); err == NZ_OK && nz_json_next(&it);) {
        struct nz_collect_region *r = &c->regions[c->regions_count++];
        err = kept(c, nz_json_get(it.value, NZ_STR("regionName")), &r->name);
        if (err == NZ_OK)
            err = kept(c, nz_json_get(it.value, NZ_STR("regionEndpoint")), &r->endpoint);
        if (err == NZ_OK)
            err = kept(c, nz_json_get(it.value, NZ_STR("optInStatus")), &r->opt_in);
        if (nz_str_eq(r->opt_in, NZ_STR("not-opted-in")))
            r->access = NZ_REGION_NOT_OPTED_IN;
        else if (!is_wanted(c, r->name))
            r->access = NZ_REGION_NOT_ASKED;
    }
    return err;
}

/* Who may not ask for the regions may still read them: those that were named, else those of every account. */
static enum nz_err regions_end(struct nz_collect *c, const struct nz_ask *ask, enum nz_ask_end end, bool by_scp)
{
    (void)by_scp;
    if (end == NZ_ASK_ANSWERED)
        return nz_collect_collected(c, ask->operation, c->in->caller_region, c->regions_count);
    const struct nz_str *names = c->in->regions;
    size_t count = c->in->regions_count;
    if (!count)
        names = nz_collect_default_regions(c, &count);
    enum nz_err err = regions_reserve(c, count);
    for (size_t i = 0; i < count && err == NZ_OK; i++)
        c->regions[c->regions_count++] = (struct nz_collect_region){.name = names[i]};
    return err;
}

static int region_order(const void *a, const void *b)
{
    return nz_str_cmp(((const struct nz_collect_region *)a)->name, ((const struct nz_collect_region *)b)->name);
}

static enum nz_err regions_ask(struct nz_collect *c)
{
    enum nz_err err = nz_collect_ask(c, &(struct nz_ask){.operation = NZ_AWS_EC2_DescribeRegions,
                                                         .region = c->in->caller_region,
                                                         .parameters = "{\"AllRegions\":true}",
                                                         .page = regions_page,
                                                         .end = regions_end});
    if (err == NZ_OK)
        err = nz_aws_client_run(c->in->client, c->diag);
    if (err == NZ_OK && c->regions_count)
        qsort(c->regions, c->regions_count, sizeof *c->regions, region_order);
    return err;
}

static enum nz_err header_write(struct nz_collect *c)
{
    struct nz_buf names, answers;
    enum nz_err err = nz_snapshot_set_header(c->builder, &c->header);
    nz_buf_init(&names, 0);
    nz_buf_init(&answers, 0);
    if (c->lines.p)
        nz_buf_append(&answers, nz_buf_view(&c->lines)); /* of the calls so far: the header comes before them */
    nz_buf_clear(&c->lines);
    for (size_t i = 0; i < c->regions_count && err == NZ_OK; i++) {
        nz_buf_append(&names, nz_str_of((const char *)&c->regions[i].name, sizeof c->regions[i].name));
        err = nz_snapshot_add_region(c->builder, c->regions[i].name);
    }
    if (err == NZ_OK && (names.failed || answers.failed))
        err = NZ_E_NOMEM;
    if (err == NZ_OK) {
        nz_snapshot_append_header(&c->lines, &c->header, (const void *)names.p, c->regions_count);
        nz_buf_append(&c->lines, answers.p ? nz_buf_view(&answers) : NZ_STR(""));
    }
    nz_buf_release(&names);
    nz_buf_release(&answers);
    return err == NZ_OK ? nz_collect_flush(c) : err;
}

enum nz_err nz_collect_begin(struct nz_collect *c)
{
    c->header.tool = c->in->tool;
    c->header.caller_region = c->in->caller_region;
    c->header.captured_at = nz_collect_now(c);
    c->header.version = NZ_SNAPSHOT_VERSION;
    if (!c->header.captured_at.p)
        return NZ_E_NOMEM;
    if (c->in->resumed && c->in->resumed->header.captured_at.n)
        c->header.captured_at = c->in->resumed->header.captured_at;
    c->holding = true;
    enum nz_err err = identify(c);
    if (err == NZ_OK && !c->in->resumed) /* AWS has said by now if the clock is off */
        c->header.captured_at = nz_collect_now(c);
    if (err == NZ_OK)
        err = regions_ask(c);
    c->holding = false;
    return err == NZ_OK ? header_write(c) : err;
}

/* --- which may be asked --- */

static const char *access_word(enum nz_region_access access)
{
    switch (access) {
    case NZ_REGION_OPEN:
        return "open";
    case NZ_REGION_NOT_OPTED_IN:
        return "not-opted-in";
    case NZ_REGION_CLOSED_BY_SCP:
        return "closed-by-scp";
    case NZ_REGION_NOT_ASKED:
        return "not-asked";
    }
    return "open";
}

static enum nz_err region_add(struct nz_collect *c, const struct nz_collect_region *r)
{
    const struct {
        const char *name;
        struct nz_str text;
    } members[] = {
        {"Endpoint", r->endpoint}, {"OptInStatus", r->opt_in}, {"Access", nz_str_from_c(access_word(r->access))}};
    nz_buf_clear(&c->json);
    nz_buf_append(&c->json, NZ_STR("{\"RegionName\":"));
    nz_json_append_string(&c->json, r->name);
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        if (!members[i].text.n)
            continue;
        nz_buf_printf(&c->json, ",\"%s\":", members[i].name);
        nz_json_append_string(&c->json, members[i].text);
    }
    nz_buf_append_char(&c->json, '}');
    struct nz_item item = {.type = NZ_STR("Nezuban::EC2::Region"),
                           .region = r->name,
                           .id = r->name,
                           .name = r->name,
                           .arn = NZ_STR(""),
                           .configuration = nz_buf_view(&c->json)};
    return c->json.failed ? NZ_E_NOMEM : nz_collect_add(c, &item);
}

static enum nz_err region_start(struct nz_collect *c, struct nz_collect_region *r, unsigned round, bool probes)
{
    enum nz_err err = NZ_OK;
    for (size_t i = 0; nz_collectors[i] && err == NZ_OK; i++) {
        const struct nz_collector *k = nz_collectors[i];
        if (k->round == round && k->region && k->probe == probes)
            err = k->region(c, r->name);
    }
    return err;
}

enum nz_err nz_collect_probed(struct nz_collect *c, struct nz_str region, bool denied_by_scp)
{
    struct nz_collect_region *r = nz_collect_region_of(c, region);
    if (!r || r->asked)
        return NZ_OK;
    r->probes_denied += denied_by_scp;
    if (--r->probes_open)
        return NZ_OK;
    r->asked = true;
    size_t probes = 0;
    for (size_t i = 0; nz_collectors[i]; i++)
        probes += nz_collectors[i]->probe;
    if (r->probes_denied == probes)
        r->access = NZ_REGION_CLOSED_BY_SCP;
    enum nz_err err = region_add(c, r);
    return err == NZ_OK && r->access == NZ_REGION_OPEN ? region_start(c, r, 1, false) : err;
}

static enum nz_err probe(struct nz_collect *c, struct nz_collect_region *r)
{
    if (r->access != NZ_REGION_OPEN)
        return region_add(c, r);
    /* all at once before the first is asked: an answer of a run before comes at once */
    for (size_t i = 0; nz_collectors[i]; i++)
        r->probes_open += nz_collectors[i]->probe;
    return region_start(c, r, 1, true);
}

/* --- rounds --- */

static enum nz_err round_start(struct nz_collect *c, unsigned round)
{
    enum nz_err err = NZ_OK;
    for (size_t i = 0; nz_collectors[i] && err == NZ_OK; i++) {
        if (nz_collectors[i]->round == round && nz_collectors[i]->account)
            err = nz_collectors[i]->account(c);
    }
    for (size_t i = 0; i < c->regions_count && err == NZ_OK; i++) {
        struct nz_collect_region *r = &c->regions[i];
        if (round == 1)
            err = probe(c, r);
        else if (r->access == NZ_REGION_OPEN)
            err = region_start(c, r, round, false);
    }
    return err;
}

enum nz_err nz_collect_rounds(struct nz_collect *c)
{
    enum nz_err err = NZ_OK;
    for (unsigned round = 1; round <= NZ_COLLECT_ROUNDS && err == NZ_OK; round++) {
        err = round_start(c, round);
        if (err == NZ_OK)
            err = nz_aws_client_run(c->in->client, c->diag);
    }
    return err;
}
