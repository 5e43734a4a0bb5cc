/* The credential report: one CSV for all users. AWS makes a new one at most every four hours and gives out the last one until
 * then. One that has to be made is asked for at once and fetched when everything else is done.
 * Source: IAM API Reference, GetCredentialReport, GenerateCredentialReport; IAM User Guide, "Generate credential reports". */
#include "inventory/credential_report.h"

#include "core/base64.h"
#include "inventory/collect_run.h"

#define NOT_THERE_YET                                                                                                  \
    "ReportNotPresent|ReportExpired|ReportInProgress|CredentialReportNotPresentException|"                             \
    "CredentialReportExpiredException|CredentialReportNotReadyException"

static enum nz_err on_row(void *self, const struct nz_report_row *row)
{
    struct nz_collect *c = self;
    struct nz_item item = {.type = NZ_STR("Nezuban::IAM::CredentialReportRow"),
                           .region = NZ_REGION_GLOBAL,
                           .id = row->user,
                           .name = row->user,
                           .arn = row->arn,
                           .configuration = row->json};
    c->report_rows++;
    return nz_collect_add(c, &item);
}

static enum nz_err head_add(struct nz_collect *c, struct nz_json root)
{
    nz_buf_clear(&c->json);
    nz_collect_append(root, 0, "Content", NULL, &c->json);
    struct nz_item item = {.type = NZ_STR("Nezuban::IAM::CredentialReport"),
                           .region = NZ_REGION_GLOBAL,
                           .id = c->header.account,
                           .name = NZ_STR(""),
                           .arn = c->root,
                           .configuration = nz_buf_view(&c->json)};
    return c->json.failed ? NZ_E_NOMEM : nz_collect_add(c, &item);
}

static enum nz_err report_page(struct nz_collect *c, const struct nz_ask *ask, struct nz_json root)
{
    struct nz_json content = nz_json_get(root, NZ_STR("Content"));
    struct nz_buf csv;
    uint64_t bad = 0;
    enum nz_err err = NZ_E_AWS_ANSWER;
    (void)ask;
    nz_buf_init(&csv, 0);
    nz_buf_clear(&c->texts);
    c->report_rows = 0;
    if (nz_json_kind(content) == NZ_JSON_STRING && nz_base64_decode(nz_json_string(content, &c->texts), &csv))
        err =
            csv.failed || c->texts.failed ? NZ_E_NOMEM : nz_credential_report_read(nz_buf_view(&csv), on_row, c, &bad);
    nz_buf_release(&csv);
    c->report_bad = err == NZ_E_AWS_ANSWER || bad > 0;
    if (err == NZ_OK || err == NZ_E_AWS_ANSWER)
        err = head_add(c, root);
    return err;
}

static enum nz_err generate_end(struct nz_collect *c, const struct nz_ask *ask, enum nz_ask_end end, bool by_scp)
{
    (void)ask, (void)by_scp;
    c->report = end == NZ_ASK_UNREAD ? NZ_REPORT_REFUSED : NZ_REPORT_WANTED;
    return NZ_OK;
}

/* "LimitExceeded": another one was asked for just before, by somebody else perhaps. */
static enum nz_err generate_ask(struct nz_collect *c)
{
    return nz_collect_ask(c, &(struct nz_ask){.operation = NZ_AWS_IAM_GenerateCredentialReport,
                                              .none = "LimitExceeded",
                                              .end = generate_end});
}

static enum nz_err report_end(struct nz_collect *c, const struct nz_ask *ask, enum nz_ask_end end, bool by_scp)
{
    (void)by_scp;
    if (end == NZ_ASK_NONE)
        return c->report == NZ_REPORT_FIRST ? generate_ask(c) : NZ_OK;
    c->report = NZ_REPORT_DONE;
    if (end == NZ_ASK_UNREAD)
        return NZ_OK;
    if (!c->report_bad)
        return nz_collect_collected(c, ask->operation, ask->region, c->report_rows + 1);
    const struct nz_aws_error error = {.err = NZ_E_AWS_ANSWER,
                                       .message = NZ_STR("the report has rows that cannot be read")};
    return nz_collect_unread(c, ask, &error);
}

static enum nz_err report_ask(struct nz_collect *c, const char *none)
{
    return nz_collect_ask(
        c, &(struct nz_ask){
               .operation = NZ_AWS_IAM_GetCredentialReport, .none = none, .page = report_page, .end = report_end});
}

static enum nz_err account(struct nz_collect *c)
{
    bool reused;
    uint64_t items;
    enum nz_err err = nz_collect_reuse(c, NZ_AWS_IAM_GetCredentialReport, NZ_STR(""), &reused, &items);
    c->report = reused ? NZ_REPORT_DONE : NZ_REPORT_FIRST;
    return err == NZ_OK && !reused ? report_ask(c, NOT_THERE_YET) : err;
}

/* The last try writes down why there is none. */
static enum nz_err fetch(struct nz_collect *c)
{
    enum nz_err err = NZ_OK;
    unsigned tries = c->report == NZ_REPORT_WANTED ? NZ_COLLECT_REPORT_WAITS_MAX : c->report == NZ_REPORT_REFUSED;
    for (unsigned i = 0; i < tries && err == NZ_OK && c->report != NZ_REPORT_DONE; i++) {
        if (i)
            err = c->ops->wait ? c->ops->wait(c->ops->self, NZ_COLLECT_REPORT_WAIT_MS) : NZ_OK;
        if (err == NZ_OK)
            err = report_ask(c, i + 1 < tries ? NOT_THERE_YET : NULL);
        if (err == NZ_OK)
            err = nz_aws_client_run(c->in->client, c->diag);
    }
    return err;
}

const struct nz_collector nz_collector_credential_report = {.round = 1, .account = account};
const struct nz_collector nz_collector_credential_report_made = {.round = 4, .account = fetch};
