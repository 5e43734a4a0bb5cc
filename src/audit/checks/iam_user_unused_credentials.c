/* Source: CIS AWS Foundations 7.0, 2.11: a password or key that was never used counts from the day it was set. */
#include "audit/users.h"

#define PASSWORD "configuration.password_enabled"
#define PASSWORD_USED "configuration.password_last_used"
#define PASSWORD_CHANGED "configuration.password_last_changed"
#define CREATED "configuration.user_creation_time"
#define NOT_SAID UINT64_MAX

/* What is enabled, and how long it has not been used. */
struct credentials {
    unsigned enabled; /* bit 0: password; 1 and 2: keys */
    uint64_t days[3]; /* NOT_SAID: the report does not say */
    uint64_t longest; /* of those that are enabled */
    unsigned which;   /* the one not used for so long */
    bool unsaid;      /* whether one of them is enabled */
};

static uint64_t days_unused(struct nz_audit *a, const struct nz_item_view *row, const char *used, const char *set)
{
    nz_time t;
    if (nz_credential_time(row, used, &t) || nz_credential_time(row, set, &t) || nz_credential_time(row, CREATED, &t))
        return nz_audit_days_since(a, t);
    return NOT_SAID;
}

static void look(struct nz_audit *a, const struct nz_item_view *row, struct credentials *c)
{
    const enum nz_said password = nz_credential_says(row, PASSWORD);
    c->unsaid = password == NZ_SAID_NOTHING;
    if (password == NZ_SAID_YES) {
        c->enabled = 1;
        c->days[0] = days_unused(a, row, PASSWORD_USED, PASSWORD_CHANGED);
    }
    for (unsigned i = 0; i < 2; i++) {
        const struct nz_credential_key *key = &nz_credential_keys[i];
        const enum nz_said active = nz_credential_says(row, key->active);
        c->unsaid |= active == NZ_SAID_NOTHING;
        if (active == NZ_SAID_YES) {
            c->enabled |= 2u << i;
            c->days[i + 1] = days_unused(a, row, key->last_used, key->last_rotated);
        }
    }
    for (unsigned i = 0; i < 3; i++) {
        if (c->enabled & 1u << i && c->days[i] >= c->longest) {
            c->longest = c->days[i];
            c->which = i;
        }
    }
}

static void show(struct nz_audit *a, struct nz_finding *f, const struct nz_item_view *row, unsigned enabled)
{
    nz_audit_show(a, f, row, PASSWORD);
    if (enabled & 1) {
        nz_audit_show(a, f, row, PASSWORD_USED);
        nz_audit_show(a, f, row, PASSWORD_CHANGED);
    }
    for (unsigned i = 0; i < 2; i++) {
        nz_audit_show(a, f, row, nz_credential_keys[i].active);
        if (enabled & 2u << i) {
            nz_audit_show(a, f, row, nz_credential_keys[i].last_used);
            nz_audit_show(a, f, row, nz_credential_keys[i].last_rotated);
        }
    }
}

static void judge(struct nz_audit *a, const struct nz_audit_user *user, const struct nz_item_view *row)
{
    const struct nz_subject on = nz_user_subject(user);
    const unsigned long long most = a->settings->unused_days;
    struct credentials c = {0};
    struct nz_finding *f;
    look(a, row, &c);
    const unsigned long long days = c.longest;
    const bool too_long = c.enabled && c.longest != NOT_SAID && days > most;
    if (c.unsaid && !too_long)
        f = nz_audit_unknown(a, on, N_("the credential report does not say which credentials are enabled"));
    else if (!c.enabled)
        f = nz_audit_not_applicable(a, on, N_("the user has neither a password nor an active access key"));
    else if (c.longest == NOT_SAID)
        f = nz_audit_unknown(a, on, N_("the credential report does not say when a credential was set or used"));
    else if (days <= most)
        f = nz_audit_pass(a, on, N_("what is enabled was used, or set, within %llu days"), most);
    else if (c.which == 0)
        f = nz_audit_fail(a, on, N_("the password has not been used for %llu days; %llu at most are wanted"), days,
                          most);
    else
        f = nz_audit_fail(a, on, N_("access key %u has not been used for %llu days; %llu at most are wanted"), c.which,
                          days, most);
    show(a, f, row, c.enabled);
    nz_credential_show_time(a, f);
}

static void run(struct nz_audit *a)
{
    nz_audit_each_user(a, NZ_USER_ROW, judge);
}

const struct nz_check nz_check_iam_user_unused_credentials = {
    .about = {.id = "iam-user-unused-credentials",
              .part = NZ_PART_USERS,
              .severity = NZ_SEVERITY_MEDIUM,
              .title = N_("Credentials that nobody uses are disabled"),
              .remedy = N_("Deactivate the access key, or delete the login profile. Delete the user when nobody misses "
                           "it.")},
    .run = run,
};
