/* What speaks for several people behind one user. Weights: 3 strong, 2 medium, 1 weak. */
#include "audit/activity.h"

#include <stdlib.h>

#define MEETINGS 2u /* once may be a remote desktop */
#define DAYS_AROUND_THE_CLOCK 14u
#define REST_HOURS 6u
#define TURNS 3u

static const struct {
    uint32_t weight;
    const char *text;
} signs[NZ_SIGN_COUNT] = {
    [NZ_SIGN_SESSIONS] = {3, N_("console sessions at one time from several networks and operating systems")},
    [NZ_SIGN_NAMES] = {3, N_("roles assumed under the names of several people")},
    [NZ_SIGN_KEY] = {2, N_("one access key at one time from several networks and operating systems")},
    [NZ_SIGN_DEVICES] = {2, N_("sign-ins with several MFA devices by turns")},
    [NZ_SIGN_HOURS] = {1, N_("in the console around the clock")},
    [NZ_SIGN_NAME] = {1, N_("a name that stands for several people")},
};

const char *nz_sign_text(enum nz_sign sign)
{
    return signs[sign].text;
}

static bool holds(struct nz_str text, const char *part)
{
    return nz_str_find(text, nz_str_from_c(part)) != SIZE_MAX;
}

enum nz_agent nz_agent_of(struct nz_str user_agent)
{
    static const struct {
        const char *part;
        enum nz_agent agent;
    } rows[] = {
        /* AWS's own come first, then what stands within others: Android's names Linux, ChromeOS's X11 */
        {"amazonaws.com", NZ_AGENT_UNKNOWN}, {"AWS Internal", NZ_AGENT_UNKNOWN}, {"Console/", NZ_AGENT_UNKNOWN},
        {"iPhone", NZ_AGENT_MOBILE},         {"iPad", NZ_AGENT_MOBILE},          {"Android", NZ_AGENT_MOBILE},
        {"CrOS", NZ_AGENT_CHROMEOS},         {"Windows", NZ_AGENT_WINDOWS},      {"os/windows", NZ_AGENT_WINDOWS},
        {"Macintosh", NZ_AGENT_MACOS},       {"os/macos", NZ_AGENT_MACOS},       {"Darwin", NZ_AGENT_MACOS},
        {"Linux", NZ_AGENT_LINUX},           {"os/linux", NZ_AGENT_LINUX},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (holds(user_agent, rows[i].part))
            return rows[i].agent;
    }
    return NZ_AGENT_UNKNOWN;
}

static int compare_sign_ins(const void *a, const void *b)
{
    const struct nz_activity_sign_in *x = a, *y = b;
    return x->at.us < y->at.us ? -1 : x->at.us > y->at.us;
}

/* Up to eight devices are one person's right; that they take turns is what speaks for several. */
static bool devices_take_turns(const struct nz_user_activity *user)
{
    struct nz_activity_sign_in sorted[NZ_ACTIVITY_NAMES_MAX];
    uint32_t turns = 0;
    if (user->sign_ins_count < TURNS + 1)
        return false;
    memcpy(sorted, user->sign_ins, user->sign_ins_count * sizeof sorted[0]);
    qsort(sorted, user->sign_ins_count, sizeof sorted[0], compare_sign_ins);
    for (uint32_t i = 1; i < user->sign_ins_count; i++)
        turns += sorted[i].device != sorted[i - 1].device;
    return turns >= TURNS;
}

/* No six hours of the day without it, for two weeks or more. */
static bool is_around_the_clock(const struct nz_user_activity *user)
{
    uint32_t rest = 0, longest = 0;
    for (uint32_t hour = 0; hour < 48; hour++) {
        rest = user->hours & 1u << hour % 24 ? 0 : rest + 1;
        longest = rest > longest ? rest : longest;
    }
    return user->days >= DAYS_AROUND_THE_CLOCK && longest < REST_HOURS;
}

static bool is_a_word(struct nz_str name, const char *word)
{
    const struct nz_str w = nz_str_from_c(word);
    for (size_t i = 0; i + w.n <= name.n; i++) {
        const bool starts = i == 0 || strchr("-_.", name.p[i - 1]);
        const bool ends = i + w.n == name.n || strchr("-_.0123456789", name.p[i + w.n]);
        if (starts && ends && nz_str_eq_nocase(nz_str_head(nz_str_skip(name, i), w.n), w))
            return true;
    }
    return false;
}

static bool names_several(struct nz_str name)
{
    static const char *const words[] = {"shared", "share",  "common",  "team",  "group", "staff", "everyone",
                                        "all",    "office", "company", "dev",   "devs",  "ops",   "test",
                                        "admin",  "admins", "user",    "users", "guest", "public"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (is_a_word(name, words[i]))
            return true;
    }
    return false;
}

struct nz_signs nz_activity_signs(const struct nz_user_activity *user, struct nz_str name)
{
    struct nz_signs out = {0};
    if (user && user->session_meetings.count >= MEETINGS)
        out.found |= 1u << NZ_SIGN_SESSIONS;
    if (user && user->session_names_count >= 2)
        out.found |= 1u << NZ_SIGN_NAMES;
    if (user && user->key_meetings.count >= MEETINGS)
        out.found |= 1u << NZ_SIGN_KEY;
    if (user && devices_take_turns(user))
        out.found |= 1u << NZ_SIGN_DEVICES;
    if (user && is_around_the_clock(user))
        out.found |= 1u << NZ_SIGN_HOURS;
    if (names_several(name))
        out.found |= 1u << NZ_SIGN_NAME;
    for (unsigned i = 0; i < NZ_SIGN_COUNT; i++)
        out.score += out.found & 1u << i ? signs[i].weight : 0;
    return out;
}
