/* No API states it: signs in the events, with a score (audit/activity.h), and never a proof. */
#include "audit/activity.h"
#include "audit/history.h"
#include "audit/users.h"

#define SCORE_FAIL 5u /* two signs, one of them strong */
#define SCORE_PARTIAL 1u

static void show_meeting(struct nz_audit *a, struct nz_finding *f, const char *field,
                         const struct nz_activity_meeting *meeting)
{
    for (size_t i = 0; i < 2; i++)
        nz_audit_evidence(a, f, NZ_STR("events"), field, meeting->addresses[i]);
}

static void show(struct nz_audit *a, struct nz_finding *f, const struct nz_user_activity *user,
                 const struct nz_signs *signs)
{
    const struct nz_str events = NZ_STR("events");
    for (unsigned i = 0; i < NZ_SIGN_COUNT; i++) {
        if (signs->found & 1u << i)
            nz_audit_evidence(a, f, events, "sign", nz_str_from_c(nz_audit_translate(a, nz_sign_text(i))));
    }
    if (signs->found & 1u << NZ_SIGN_SESSIONS)
        show_meeting(a, f, "sourceIPAddress of sessions", &user->session_meetings);
    if (signs->found & 1u << NZ_SIGN_KEY)
        show_meeting(a, f, "sourceIPAddress of a key", &user->key_meetings);
    for (uint32_t i = 0; user && signs->found & 1u << NZ_SIGN_NAMES && i < user->session_names_count; i++)
        nz_audit_evidence(a, f, events, "roleSessionName", user->session_names[i]);
}

/* Signs were found. part: how much of the user's events AWS gave; NULL: they came from logs. */
static struct nz_finding *say_signs(struct nz_audit *a, const struct nz_audit_user *user, unsigned score,
                                    const struct nz_history_part *part)
{
    const struct nz_subject on = nz_user_subject(user);
    const enum nz_status status = score >= SCORE_FAIL ? NZ_STATUS_FAIL : NZ_STATUS_PARTIAL;
    const bool is_strong = status == NZ_STATUS_FAIL;
    const unsigned days = nz_activity_days(a->activity);
    if (part && part->is_cut)
        return nz_audit_say(a, status, on,
                            is_strong ? N_("strong signs of several people (score %u) in the newest %llu events")
                                      : N_("signs of several people (score %u) in the newest %llu events"),
                            score, (unsigned long long)part->events);
    return nz_audit_say(a, status, on,
                        is_strong ? N_("strong signs of several people (score %u) in %u days")
                                  : N_("signs of several people (score %u) in %u days"),
                        score, days);
}

/* What was found is no sign, or a weak one: not all of the event history was read. NULL: it was. */
static struct nz_finding *say_unread(struct nz_audit *a, const struct nz_audit_user *user,
                                     const struct nz_history_part *part, unsigned score)
{
    const struct nz_subject on = nz_user_subject(user);
    struct nz_finding *f = NULL;
    if (part && nz_history_is_unread(part))
        return nz_audit_say_unread(a, on, &part->unread, "cloudtrail:LookupEvents");
    if (!part)
        f = nz_audit_unknown(a, on, N_("the events of this user were not looked at"));
    else if (part->is_cut && score < SCORE_PARTIAL)
        f = nz_audit_unknown(a, on, N_("no sign of several people in the newest %llu events; older ones were not read"),
                             (unsigned long long)part->events);
    if (f)
        nz_audit_advise(a, f, N_("Give the account's trail with --trail PATH."));
    else if (a->history->regions_left_out && score < SCORE_PARTIAL)
        f = nz_audit_unknown(a, on,
                             N_("no sign of several people in the regions that were asked; the others were not"));
    return f;
}

static void judge_signs(struct nz_audit *a, const struct nz_audit_user *user)
{
    const struct nz_subject on = nz_user_subject(user);
    const struct nz_user_activity *activity = nz_activity_of(a->activity, user->arn);
    const struct nz_history_part *part = a->history ? nz_history_of(a->history, user->arn) : NULL;
    const struct nz_signs signs = nz_activity_signs(activity, user->name);
    struct nz_finding *f = NULL;
    if (!activity && a->activity->users_left_out)
        f = nz_audit_unknown(a, on, N_("the events name too many users; this one was left out"));
    else if (a->history && signs.score < SCORE_FAIL)
        f = say_unread(a, user, part, signs.score);
    if (!f && signs.score >= SCORE_PARTIAL)
        f = say_signs(a, user, signs.score, part);
    if (!f)
        f = nz_audit_pass(a, on, N_("no sign of several people in %u days"), nz_activity_days(a->activity));
    show(a, f, activity, &signs);
}

static void judge(struct nz_audit *a, const struct nz_audit_user *user, const struct nz_item_view *view)
{
    (void)view;
    if (a->history || (a->activity && a->activity->events)) {
        judge_signs(a, user);
        return;
    }
    const struct nz_subject on = nz_user_subject(user);
    struct nz_finding *f = a->activity ? nz_audit_unknown(a, on, N_("the logs hold no event of this account"))
                                       : nz_audit_unknown(a, on, N_("no events were looked at"));
    nz_audit_advise(a, f, N_("Give the account's trail with --trail PATH, or ask AWS with --events."));
}

static void run(struct nz_audit *a)
{
    nz_audit_each_user(a, NZ_USER_ANY, judge);
}

const struct nz_check nz_check_iam_user_shared = {
    .about = {.id = "iam-user-shared",
              .part = NZ_PART_USERS,
              .severity = NZ_SEVERITY_MEDIUM,
              .title = N_("Each IAM user belongs to one person"),
              .remedy =
                  N_("Ask who uses it. Give each person a user of their own, then delete the shared one's password and "
                     "deactivate its keys.")},
    .run = run,
};
