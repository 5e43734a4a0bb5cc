#include "cli/detect_words.h"

#include "cli/i18n.h"

const char *nz_detect_level_text(unsigned level)
{
    static const char *const texts[] = {N_("informational"), N_("low"), N_("medium"), N_("high"), N_("critical")};
    return _(texts[level < NZ_HIT_LEVELS ? level : NZ_HIT_LEVELS - 1]);
}

struct nz_str nz_detect_short_name(struct nz_str name)
{
    if (!nz_str_starts_with(name, NZ_STR("arn:")))
        return name;
    size_t colons = 0, at = 0;
    while (at < name.n && colons < 5)
        colons += name.p[at++] == ':';
    return at < name.n ? nz_str_skip(name, at) : name;
}

void nz_detect_append_some(struct nz_buf *out, const struct nz_hit_some *some)
{
    if (some->count)
        nz_buf_append(out, nz_detect_short_name(some->names[0]));
    if (some->count > 1)
        nz_buf_printf(out, " +%zu%s", some->count - 1, some->more ? "+" : "");
}

/* --- what to do --- */

/* In the order of an answer to an incident: first what stops it. Tactics are those of MITRE ATT&CK for cloud, old names and
 * new. */
static const struct {
    const char *tactic;
    const char *step;
} tactics[] = {
    {"impact",
     N_("Stop what runs or destroys, and cancel deletions that are only scheduled while their waiting time lasts. Look "
        "at all regions, and at the bill.")},
    {"defense-evasion",
     N_("Switch the service on again now, and take the time in between as unwatched: look for it in other "
        "logs, such as VPC Flow Logs and S3 access logs.")},
    {"credential-access",
     N_("Change the passwords, keys and secrets that were read or could have been, also those of other "
        "identities.")},
    {"exfiltration",
     N_("Find out which data was read, copied or shared, take the sharing back, and tell those who have to be "
        "told.")},
    {"initial-access",
     N_("End the access: change the password or deactivate the access key, and revoke the sessions of the "
        "role.")},
    {"privilege-escalation", N_("Take the new rights away, and look at what was done with them since.")},
    {"persistence",
     N_("Find what was made to come back with (user, key, role, function) and disable it; keep it for the "
        "investigation instead of deleting it.")},
    {"lateral-movement", N_("List the roles and machines that were reached from here, and end those sessions too.")},
    {"execution", N_("Look at what was run and where, and cut the machine or function off from the network.")},
    {"discovery",
     N_("Find out which access key or session looked around, from where, and which of its later calls were "
        "allowed.")},
};

static const struct {
    const char *tactic, *same_as;
} other_names[] = {
    {"defense-impairment", "defense-evasion"}, {"stealth", "defense-evasion"},       {"collection", "exfiltration"},
    {"reconnaissance", "discovery"},           {"command-and-control", "execution"}, {"resource-development", "impact"},
};

static const char *const first_step =
    N_("Ask the one behind the actor whether it was meant, by a way that an intruder cannot read.");

/* "attack.defense-evasion", "attack.defense_evasion" → "defense-evasion"; false for techniques and other tags. */
static bool tag_is(struct nz_str tag, const char *tactic)
{
    const size_t n = strlen(tactic);
    if (!nz_str_starts_with(tag, NZ_STR("attack.")) || tag.n != n + 7)
        return false;
    for (size_t i = 0; i < n; i++) {
        const char c = tag.p[7 + i] == '_' ? '-' : tag.p[7 + i];
        if (c != tactic[i])
            return false;
    }
    return true;
}

static bool has_tactic(const struct nz_hit_group *group, const char *tactic)
{
    for (size_t i = 0; i < group->tags_count; i++) {
        if (tag_is(group->tags[i], tactic))
            return true;
        for (size_t k = 0; k < sizeof other_names / sizeof other_names[0]; k++) {
            if (strcmp(other_names[k].same_as, tactic) == 0 && tag_is(group->tags[i], other_names[k].tactic))
                return true;
        }
    }
    return false;
}

size_t nz_detect_next_steps(const struct nz_hit_group *group, struct nz_str steps[NZ_DETECT_STEPS_MAX])
{
    size_t n = 0;
    for (size_t i = 0; i < group->guide.next_steps.count && n < NZ_DETECT_STEPS_MAX; i++)
        steps[n++] = group->guide.next_steps.items[i];
    if (n)
        return n;
    steps[n++] = nz_str_from_c(_(first_step));
    for (size_t i = 0; i < sizeof tactics / sizeof tactics[0] && n < NZ_DETECT_STEPS_MAX; i++) {
        if (has_tactic(group, tactics[i].tactic))
            steps[n++] = nz_str_from_c(_(tactics[i].step));
    }
    return n;
}

void nz_detect_append_timeline_command(struct nz_buf *out, struct nz_str actor)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:/_.@=+,-";
    bool safe = actor.n > 0 && actor.p[0] != '-';
    for (size_t i = 0; i < actor.n && safe; i++)
        safe = actor.p[i] && strchr(plain, actor.p[i]);
    nz_buf_append(out, NZ_STR("nezuban trail timeline --actor "));
    nz_buf_append(out, safe ? actor : NZ_STR("NAME"));
    nz_buf_append(out, NZ_STR(" PATH"));
}

void nz_detect_append_time(struct nz_buf *out, const struct nz_hit_group *group, nz_time time)
{
    if (group->has_time)
        nz_time_append(out, time);
}

void nz_detect_append_counts(struct nz_buf *out, size_t rules_fired, const struct nz_detect_summary *summary)
{
    /* worded without a noun that would have to agree with its number */
    nz_buf_printf(out, _("findings: %llu; rules that fired: %zu of %llu; records with a finding: %llu of %llu"),
                  (unsigned long long)summary->findings, rules_fired, (unsigned long long)summary->rules,
                  (unsigned long long)summary->records_hit,
                  (unsigned long long)(summary->scan->records - summary->scan->duplicates - summary->scan->replaced));
}

void nz_detect_append_range(struct nz_buf *out, nz_time first, nz_time last)
{
    const struct nz_civil a = nz_time_civil(first), b = nz_time_civil(last);
    const bool same_day = a.year == b.year && a.month == b.month && a.day == b.day;
    nz_time_append_minute(out, first);
    if (same_day && a.hour == b.hour && a.minute == b.minute)
        return;
    nz_buf_append(out, NZ_STR(" – "));
    if (same_day)
        nz_buf_printf(out, "%02d:%02d", b.hour, b.minute);
    else
        nz_time_append_minute(out, last);
}
