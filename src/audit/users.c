#include "audit/users.h"

#include "audit/state.h"

#define DETAILS "AWS::IAM::User"
#define ROW "Nezuban::IAM::CredentialReportRow"
#define REPORT "Nezuban::IAM::CredentialReport"

const struct nz_credential_key nz_credential_keys[2] = {
    {"configuration.access_key_1_active", "configuration.access_key_1_last_rotated",
     "configuration.access_key_1_last_used_date"},
    {"configuration.access_key_2_active", "configuration.access_key_2_last_rotated",
     "configuration.access_key_2_last_used_date"},
};

static bool is_complete(const struct nz_audit *a, const char *type)
{
    return nz_snapshot_listing(a->snapshot, nz_str_from_c(type), NZ_REGION_GLOBAL, NULL) == NZ_LISTED;
}

static struct nz_audit_user user_of(const struct nz_item *details, const struct nz_item *row)
{
    const struct nz_item *item = details ? details : row;
    return (struct nz_audit_user){.arn = item->arn, .name = item->name, .details = details, .row = row};
}

/* Both lists are sorted by ARN. */
static void users_join(struct nz_audit *a, struct nz_audit_users *users, struct nz_audit_user *list)
{
    const struct nz_items details = nz_snapshot_items(a->snapshot, NZ_STR(DETAILS));
    const struct nz_items rows = nz_snapshot_items(a->snapshot, NZ_STR(ROW));
    const bool all_details = is_complete(a, DETAILS);
    size_t d = 0, r = 0;
    while (d < details.n || r < rows.n) {
        const struct nz_item *detail = d < details.n ? &details.p[d] : NULL, *row = r < rows.n ? &rows.p[r] : NULL;
        const int order = !detail ? 1 : !row ? -1 : nz_str_cmp(detail->arn, row->arn);
        d += order <= 0;
        r += order >= 0;
        const bool is_root = order > 0 && nz_str_eq(row->arn, nz_audit_account(a).resource);
        if (!is_root && (order <= 0 || !all_details))
            list[users->count++] = user_of(order <= 0 ? detail : NULL, order >= 0 ? row : NULL);
    }
    users->list = list;
    users->complete = all_details || is_complete(a, ROW);
}

const struct nz_audit_users *nz_audit_users(struct nz_audit *a)
{
    struct nz_audit_state *s = a->state;
    if (s->users_made)
        return &s->users;
    s->users_made = true;
    const size_t room =
        nz_snapshot_items(a->snapshot, NZ_STR(DETAILS)).n + nz_snapshot_items(a->snapshot, NZ_STR(ROW)).n;
    struct nz_audit_user *list = NZ_ARENA_ARRAY(&s->arena, struct nz_audit_user, room + 1);
    if (list)
        users_join(a, &s->users, list);
    else
        nz_audit_fault(a, NZ_E_NOMEM);
    return &s->users;
}

/* The part was not read, though it may be there. */
static void say_without(struct nz_audit *a, const struct nz_audit_user *user, enum nz_user_part part)
{
    const struct nz_subject on = nz_user_subject(user);
    if (part == NZ_USER_DETAILS) {
        nz_audit_need(a, on, DETAILS, NZ_REGION_GLOBAL);
        return;
    }
    if (!nz_audit_need(a, on, ROW, NZ_REGION_GLOBAL))
        return;
    const struct nz_str made = nz_credential_report_time(a);
    struct nz_finding *f =
        nz_audit_unknown(a, on, N_("the user is younger than the credential report of %.*s"), NZ_STR_ARG(made));
    nz_audit_advise(a, f, N_("AWS makes a new report every four hours. Run the audit again later."));
}

void nz_audit_say_users_missing(struct nz_audit *a)
{
    const struct nz_audit_users *users = nz_audit_users(a);
    if (!users->complete)
        nz_audit_need(a, nz_audit_account(a), DETAILS, NZ_REGION_GLOBAL);
    else if (users->count == 0)
        nz_audit_not_applicable(a, nz_audit_account(a), N_("the account has no IAM users"));
}

void nz_audit_each_user(struct nz_audit *a, enum nz_user_part part, nz_user_judge_fn *judge)
{
    const struct nz_audit_users *users = nz_audit_users(a);
    nz_audit_say_users_missing(a);
    for (size_t i = 0; i < users->count; i++) {
        const struct nz_audit_user *user = &users->list[i];
        const struct nz_item *item = part == NZ_USER_DETAILS ? user->details : part == NZ_USER_ROW ? user->row : NULL;
        const struct nz_item_view *view = item ? nz_audit_open(a, 0, item) : NULL;
        if (view || part == NZ_USER_ANY)
            judge(a, user, view);
        else
            say_without(a, user, part);
    }
}

/* --- the credential report --- */

const struct nz_item_view *nz_credential_root(struct nz_audit *a, unsigned slot)
{
    const struct nz_item *row = nz_snapshot_find(a->snapshot, NZ_STR(ROW), nz_audit_account(a).resource);
    return row ? nz_audit_open(a, slot, row) : NULL;
}

enum nz_said nz_credential_says(const struct nz_item_view *row, const char *path)
{
    const struct nz_json v = nz_item_get(row, path);
    if (nz_audit_is_true(v))
        return NZ_SAID_YES;
    const bool no = nz_json_kind(v) == NZ_JSON_FALSE ||
                    (nz_json_kind(v) == NZ_JSON_STRING && nz_str_eq_nocase(nz_json_string_raw(v), NZ_STR("false")));
    return no ? NZ_SAID_NO : NZ_SAID_NOTHING;
}

bool nz_credential_time(const struct nz_item_view *row, const char *path, nz_time *out)
{
    return nz_audit_time(nz_item_get(row, path), out);
}

struct nz_str nz_credential_report_time(struct nz_audit *a)
{
    const struct nz_items reports = nz_snapshot_items(a->snapshot, NZ_STR(REPORT));
    const struct nz_item_view *view = reports.n ? nz_audit_open(a, NZ_AUDIT_SLOTS - 1, &reports.p[0]) : NULL;
    return view ? nz_audit_text(a, nz_item_get(view, "configuration.GeneratedTime")) : NZ_STR("");
}

void nz_credential_show_time(struct nz_audit *a, struct nz_finding *f)
{
    const struct nz_str made = nz_credential_report_time(a);
    if (made.n)
        nz_audit_evidence(a, f, NZ_STR("iam:GetCredentialReport"), "GeneratedTime", made);
}
