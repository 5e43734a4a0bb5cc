#include "findings/report_groups.h"

#include <stdlib.h>

/* Fails and partials first, then what is not known, then what is well. */
static int rank_of(enum nz_status status)
{
    static const int ranks[NZ_STATUS_COUNT] = {
        [NZ_STATUS_FAIL] = 0, [NZ_STATUS_PARTIAL] = 0,        [NZ_STATUS_UNKNOWN] = 1,
        [NZ_STATUS_PASS] = 2, [NZ_STATUS_NOT_APPLICABLE] = 3,
    };
    return ranks[status];
}

/* Negative when a is worse. Groups of equals keep the order of checks.list: the check's own order in the report. */
static int worse(const struct nz_report_group *a, const struct nz_report_group *b)
{
    if (rank_of(a->status) != rank_of(b->status))
        return rank_of(a->status) - rank_of(b->status);
    if (a->severity != b->severity)
        return (int)b->severity - (int)a->severity;
    if (a->status != b->status)
        return (int)a->status - (int)b->status; /* fail before partial */
    return a->findings < b->findings ? -1 : a->findings > b->findings;
}

static int compare_in_parts(const void *x, const void *y)
{
    const struct nz_report_group *a = x, *b = y;
    if (a->check->part != b->check->part)
        return (int)a->check->part - (int)b->check->part;
    return worse(a, b);
}

static int compare_everywhere(const void *x, const void *y)
{
    return worse(*(const struct nz_report_group *const *)x, *(const struct nz_report_group *const *)y);
}

/* The findings of one check stand together in the report: their order here is by status. */
static size_t check_group(const struct nz_finding *const *from, size_t count, const struct nz_finding **to,
                          struct nz_report_group *groups)
{
    size_t made = 0, at = 0;
    for (unsigned status = 0; status < NZ_STATUS_COUNT; status++) {
        struct nz_report_group g = {.check = from[0]->check, .status = (enum nz_status)status, .findings = to + at};
        for (size_t i = 0; i < count; i++) {
            if (from[i]->status != g.status)
                continue;
            to[at++] = from[i];
            g.count++;
            if (from[i]->severity > g.severity)
                g.severity = from[i]->severity;
        }
        if (g.count)
            groups[made++] = g;
    }
    return made;
}

static void score(struct nz_report_groups *out, const struct nz_report_group *groups, size_t count)
{
    bool applied = false, passed = true;
    for (size_t i = 0; i < count; i++) {
        applied = applied || groups[i].status != NZ_STATUS_NOT_APPLICABLE;
        passed = passed && (groups[i].status == NZ_STATUS_PASS || groups[i].status == NZ_STATUS_NOT_APPLICABLE);
        out->findings[groups[i].status] += groups[i].count;
    }
    struct nz_report_score *s = &out->scores[groups[0].check->part];
    s->checks += applied;
    s->passed += applied && passed;
}

enum nz_err nz_report_group(struct nz_arena *keep, const struct nz_report *report, struct nz_report_groups *out)
{
    const size_t n = report->findings_count;
    const struct nz_finding **sorted = NZ_ARENA_ARRAY(keep, const struct nz_finding *, n + 1);
    size_t room = 1;
    *out = (struct nz_report_groups){0};
    for (size_t i = 0; i < n; i++)
        room += i == 0 || report->findings[i]->check != report->findings[i - 1]->check;
    struct nz_report_group *groups = NZ_ARENA_ARRAY(keep, struct nz_report_group, room * NZ_STATUS_COUNT);
    if (!sorted || !groups)
        return NZ_E_NOMEM;
    for (size_t from = 0, to; from < n; from = to) {
        to = from + 1;
        while (to < n && report->findings[to]->check == report->findings[from]->check)
            to++;
        const size_t made = check_group(&report->findings[from], to - from, sorted + from, groups + out->count);
        score(out, groups + out->count, made);
        out->count += made;
    }
    if (out->count)
        qsort(groups, out->count, sizeof *groups, compare_in_parts);
    out->list = groups;
    return NZ_OK;
}

static bool has_check(const struct nz_report_group *const *groups, size_t count, const struct nz_check_about *check)
{
    for (size_t i = 0; i < count; i++) {
        if (groups[i]->check == check)
            return true;
    }
    return false;
}

/* A check's worst group comes first: what it wants done is said once. */
size_t nz_report_first(const struct nz_report_groups *groups, const struct nz_report_group **out, size_t count)
{
    size_t found = 0;
    for (size_t i = 0; i < groups->count; i++) {
        const struct nz_report_group *g = &groups->list[i];
        if (rank_of(g->status) != 0 || has_check(out, found, g->check))
            continue;
        if (found < count) {
            out[found++] = g;
        } else if (worse(g, out[found - 1]) < 0) {
            out[found - 1] = g;
        } else {
            continue;
        }
        qsort(out, found, sizeof(*out), compare_everywhere);
    }
    return found;
}

/* What stands behind so many colons. */
static struct nz_str after_colons(struct nz_str text, size_t colons)
{
    size_t at = 0;
    while (at < text.n && colons)
        colons -= text.p[at++] == ':';
    return nz_str_skip(text, at);
}

struct nz_str nz_resource_short(struct nz_str resource)
{
    if (!nz_str_starts_with(resource, NZ_STR("arn:")))
        return resource;
    const struct nz_str last = after_colons(resource, 5);
    return last.n ? last : resource;
}

struct nz_str nz_finding_subject(const struct nz_finding *finding)
{
    const struct nz_str last = nz_resource_short(finding->resource);
    if (finding->check->part == NZ_PART_ROOT || !nz_str_eq(last, NZ_STR("root")))
        return last;
    const struct nz_str account = after_colons(finding->resource, 4);
    return nz_str_head(account, nz_str_find(account, NZ_STR(":")));
}
