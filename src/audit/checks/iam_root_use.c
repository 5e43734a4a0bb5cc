/* Source: CIS AWS Foundations 7.0, 2.7. IAM User Guide, "Get credential reports": password_last_used and the keys'
 * last_used_date; "N/A" and "no_information" mean never. */
#include "audit/activity.h"
#include "audit/history.h"
#include "audit/users.h"

#define CREATED "configuration.user_creation_time"
#define SETTLING_US (INT64_C(2) * 86400 * 1000000) /* sign-ins that making an account takes */

static const char *const uses[] = {"configuration.password_last_used", "configuration.access_key_1_last_used_date",
                                   "configuration.access_key_2_last_used_date"};

/* The words for "never"; what else is no time ("not_supported", nothing at all) says nothing. */
static bool says_never(struct nz_audit *a, const struct nz_item_view *row, const char *path)
{
    const struct nz_str text = nz_audit_text(a, nz_item_get(row, path));
    return nz_str_eq(text, NZ_STR("N/A")) || nz_str_eq(text, NZ_STR("no_information"));
}

/* The newest of the three, whatever the others say. False: never used. *unsaid: of one of them nothing is known. */
static bool newest_use(struct nz_audit *a, const struct nz_item_view *row, nz_time *out, bool *unsaid)
{
    bool used = false;
    *unsaid = false;
    for (size_t i = 0; i < sizeof uses / sizeof uses[0]; i++) {
        nz_time t;
        if (nz_credential_time(row, uses[i], &t) && (!used || t.us > out->us)) {
            *out = t;
            used = true;
        }
        *unsaid |= !nz_credential_time(row, uses[i], &t) && !says_never(a, row, uses[i]);
    }
    return used;
}

static bool is_when_made(const struct nz_item_view *row, nz_time used)
{
    nz_time created;
    return nz_credential_time(row, CREATED, &created) && used.us - created.us < SETTLING_US;
}

/* So the report says. */
static bool used_lately(struct nz_audit *a, const struct nz_item_view *row)
{
    nz_time used = {0};
    bool unsaid;
    return newest_use(a, row, &used, &unsaid) && !is_when_made(row, used) &&
           nz_audit_days_since(a, used) < a->settings->root_use_days;
}

/* Events were asked for, and not all of root's were read. */
static bool is_unread(const struct nz_audit *a)
{
    return a->history && (a->history->root.is_cut || nz_history_is_unread(&a->history->root));
}

static struct nz_finding *judge(struct nz_audit *a, const struct nz_item_view *row)
{
    const struct nz_subject account = nz_audit_account(a);
    const unsigned long long wanted = a->settings->root_use_days;
    nz_time used = {0};
    bool unsaid;
    const bool was_used = newest_use(a, row, &used, &unsaid);
    const bool when_made = was_used && is_when_made(row, used);
    const unsigned long long days = was_used ? nz_audit_days_since(a, used) : 0;
    if (used_lately(a, row))
        return nz_audit_fail(a, account, N_("the root user was used %llu days ago; %llu days without are wanted"), days,
                             wanted);
    if (unsaid)
        return nz_audit_unknown(a, account, N_("the credential report does not say when the root user was last used"));
    if (!was_used)
        return nz_audit_pass(a, account, N_("the root user has never been used, as far as AWS remembers"));
    if (when_made)
        return nz_audit_pass(a, account, N_("the root user was used only when the account was made"));
    return nz_audit_pass(a, account, N_("the root user has not been used for %llu days"), days);
}

/* Root's own calls in the events, not longer ago than is wanted, nor when the account was made. */
static bool called_lately(const struct nz_audit *a, const struct nz_item_view *row)
{
    const struct nz_root_activity *root = a->activity ? &a->activity->root : NULL;
    return root && root->newest_count && nz_audit_days_since(a, root->newest[0].at) < a->settings->root_use_days &&
           (root->by_key || !row || !is_when_made(row, root->newest[0].at));
}

static struct nz_finding *judge_calls(struct nz_audit *a)
{
    const struct nz_subject account = nz_audit_account(a);
    const struct nz_root_activity *root = &a->activity->root;
    const unsigned long long calls = root->calls, days = nz_audit_days_since(a, root->newest[0].at);
    if (a->history && a->history->root.is_cut)
        return nz_audit_fail(a, account,
                             N_("the root user acted (calls of the newest %llu events: %llu, days: %u); the last time "
                                "%llu days ago"),
                             (unsigned long long)a->history->root.events, calls, root->days_count, days);
    if (root->by_key)
        return nz_audit_fail(a, account,
                             N_("the root user acted, also with an access key (calls in the events: %llu, days: %u); "
                                "the last time %llu days ago"),
                             calls, root->days_count, days);
    return nz_audit_fail(a, account,
                         N_("the root user acted (calls in the events: %llu, days: %u); the last time %llu days ago"),
                         calls, root->days_count, days);
}

/* What the report cannot clear: the events that were asked for and not read. */
static struct nz_finding *judge_unread(struct nz_audit *a)
{
    const struct nz_history_part *root = &a->history->root;
    const struct nz_subject account = nz_audit_account(a);
    if (nz_history_is_unread(root))
        return nz_audit_say_unread(a, account, &root->unread, "cloudtrail:LookupEvents");
    struct nz_finding *f = nz_audit_unknown(
        a, account,
        N_("no call of the root user among the newest %llu events under its name; older ones were not read"),
        (unsigned long long)root->events);
    nz_audit_advise(a, f, N_("Give the account's trail with --trail PATH."));
    return f;
}

static void show_calls(struct nz_audit *a, struct nz_finding *f)
{
    for (uint32_t i = 0; a->activity && i < a->activity->root.newest_count; i++) {
        const struct nz_root_call *call = &a->activity->root.newest[i];
        struct nz_buf text;
        nz_buf_init(&text, 0);
        nz_time_append(&text, call->at);
        nz_buf_printf(&text, " %.*s %.*s", NZ_STR_ARG(call->event_name), NZ_STR_ARG(call->address));
        nz_audit_evidence(a, f, NZ_STR("events"), call->access_key.n ? "call with an access key" : "call",
                          nz_buf_view(&text));
        nz_buf_release(&text);
    }
}

static void run(struct nz_audit *a)
{
    const struct nz_subject account = nz_audit_account(a);
    const struct nz_item_view *row = nz_credential_root(a, 0);
    struct nz_finding *f = called_lately(a, row)                  ? judge_calls(a)
                           : !row                                 ? NULL
                           : is_unread(a) && !used_lately(a, row) ? judge_unread(a)
                                                                  : judge(a, row);
    if (!f && nz_audit_need(a, account, "Nezuban::IAM::CredentialReportRow", NZ_REGION_GLOBAL))
        f = nz_audit_unknown(a, account, N_("the credential report has no row of the root user"));
    if (!f)
        return;
    for (size_t i = 0; row && i < sizeof uses / sizeof uses[0]; i++)
        nz_audit_show(a, f, row, uses[i]);
    if (row) {
        nz_audit_show(a, f, row, CREATED);
        nz_credential_show_time(a, f);
    }
    show_calls(a, f);
}

const struct nz_check nz_check_iam_root_use = {
    .about = {.id = "iam-root-use",
              .part = NZ_PART_ROOT,
              .severity = NZ_SEVERITY_HIGH,
              .title = N_("The root user is not used day to day"),
              .remedy = N_("Do daily work as an IAM user or through IAM Identity Center. Few tasks need the root user: "
                           "changing its address and password, closing the account, a locked-out policy.")},
    .run = run,
};
