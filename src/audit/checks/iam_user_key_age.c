/* Source: CIS AWS Foundations 7.0, 2.12. */
#include "audit/users.h"

/* The oldest active key; -1: none is active. Its age is UINT64_MAX when the report does not say. *unsaid: nor whether one is
 * active. */
static int oldest_key(struct nz_audit *a, const struct nz_item_view *row, uint64_t *days, bool *unsaid)
{
    int oldest = -1;
    *unsaid = false;
    for (int i = 0; i < 2; i++) {
        nz_time made;
        const enum nz_said active = nz_credential_says(row, nz_credential_keys[i].active);
        *unsaid |= active == NZ_SAID_NOTHING;
        if (active != NZ_SAID_YES)
            continue;
        const uint64_t age = nz_credential_time(row, nz_credential_keys[i].last_rotated, &made)
                                 ? nz_audit_days_since(a, made)
                                 : UINT64_MAX;
        if (oldest < 0 || age > *days) {
            oldest = i;
            *days = age;
        }
    }
    return oldest;
}

static void judge(struct nz_audit *a, const struct nz_audit_user *user, const struct nz_item_view *row)
{
    const struct nz_subject on = nz_user_subject(user);
    const unsigned long long most = a->settings->key_age_days;
    uint64_t days = 0;
    bool unsaid;
    const int key = oldest_key(a, row, &days, &unsaid);
    struct nz_finding *f;
    if (unsaid && (key < 0 || days <= most))
        f = nz_audit_unknown(a, on, N_("the credential report does not say which access keys are active"));
    else if (key < 0)
        f = nz_audit_not_applicable(a, on, N_("the user has no active access key"));
    else if (days == UINT64_MAX)
        f = nz_audit_unknown(a, on, N_("the credential report does not say how old an active access key is"));
    else if (days > most)
        f = nz_audit_fail(a, on, N_("access key %d is %llu days old; %llu at most are wanted"), key + 1,
                          (unsigned long long)days, most);
    else
        f = nz_audit_pass(a, on, N_("the oldest active access key is %llu days old"), (unsigned long long)days);
    for (int i = 0; i < 2; i++) {
        nz_audit_show(a, f, row, nz_credential_keys[i].active);
        nz_audit_show(a, f, row, nz_credential_keys[i].last_rotated);
    }
    nz_credential_show_time(a, f);
}

static void run(struct nz_audit *a)
{
    nz_audit_each_user(a, NZ_USER_ROW, judge);
}

const struct nz_check nz_check_iam_user_key_age = {
    .about = {.id = "iam-user-key-age",
              .part = NZ_PART_USERS,
              .severity = NZ_SEVERITY_MEDIUM,
              .title = N_("Access keys are younger than 90 days"),
              .remedy =
                  N_("Make a second key, move what uses the old one over to it, deactivate the old one, and delete it "
                     "when nothing broke. Better: use a role, whose credentials rotate by themselves.")},
    .run = run,
};
