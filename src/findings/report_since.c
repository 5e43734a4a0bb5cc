#include "findings/report_since.h"

static bool is_well(enum nz_status status)
{
    return status == NZ_STATUS_PASS || status == NZ_STATUS_NOT_APPLICABLE;
}

/* Within one check. Both reports have this order. */
static int compare_subjects(const struct nz_finding *a, const struct nz_finding *b)
{
    const int order = nz_str_cmp(a->region, b->region);
    return order ? order : nz_str_cmp(a->resource, b->resource);
}

/* One check's findings, of those that start at `from`. */
struct stretch {
    const struct nz_finding *const *list;
    size_t count;
};

static struct stretch stretch_at(const struct nz_report *r, size_t from)
{
    size_t to = from;
    while (to < r->findings_count && r->findings[to]->check == r->findings[from]->check)
        to++;
    return (struct stretch){r->findings + from, to - from};
}

static struct stretch stretch_of(const struct nz_report *r, const struct nz_check_about *check)
{
    for (size_t from = 0; from < r->findings_count;) {
        const struct stretch s = stretch_at(r, from);
        if (s.list[0]->check == check)
            return s;
        from += s.count;
    }
    return (struct stretch){0};
}

/* A finding that is not there any more: what it was about is gone. */
static const struct nz_finding *gone(struct nz_report_since *out, const struct nz_finding *was,
                                     nz_translate_fn translate)
{
    static const char reason[] = N_("gone since the older snapshot"), advice[] = N_("Nothing needs to be done.");
    struct nz_finding *f = NZ_ARENA_NEW(&out->keep, struct nz_finding);
    if (!f)
        return NULL;
    *f = *was;
    f->status = NZ_STATUS_NOT_APPLICABLE;
    f->reason = nz_str_from_c(translate ? translate(reason) : reason);
    f->remediation = nz_str_from_c(translate ? translate(advice) : advice);
    return f;
}

/* The finding to show for a subject, or NULL. */
static const struct nz_finding *difference(struct nz_report_since *out, const struct nz_finding *was,
                                           const struct nz_finding *is, nz_translate_fn translate, bool *failed)
{
    const bool was_well = !was || is_well(was->status);
    if (is)
        return (is_well(is->status) ? !was_well : !was || was->status != is->status) ? is : NULL;
    if (was_well)
        return NULL;
    const struct nz_finding *f = gone(out, was, translate);
    *failed = *failed || !f;
    return f;
}

static bool check_compare(struct nz_report_since *out, struct stretch was, struct stretch is, nz_translate_fn translate,
                          const struct nz_finding **list)
{
    size_t w = 0, i = 0;
    bool failed = false;
    while (w < was.count || i < is.count) {
        const int order = w == was.count ? 1 : i == is.count ? -1 : compare_subjects(was.list[w], is.list[i]);
        const struct nz_finding *older = order <= 0 ? was.list[w++] : NULL, *newer = order >= 0 ? is.list[i++] : NULL;
        const struct nz_finding *f = difference(out, older, newer, translate, &failed);
        if (f)
            list[out->report.findings_count++] = f;
    }
    return !failed;
}

enum nz_err nz_report_since(const struct nz_report *older, const struct nz_report *newer, nz_translate_fn translate,
                            struct nz_report_since *out)
{
    nz_arena_init(&out->keep, 0);
    out->report = *newer;
    out->report.findings_count = 0;
    const struct nz_finding **list =
        NZ_ARENA_ARRAY(&out->keep, const struct nz_finding *, older->findings_count + newer->findings_count + 1);
    if (!list)
        return NZ_E_NOMEM;
    out->report.findings = list;
    bool ok = true;
    for (size_t from = 0; from < newer->findings_count && ok;) {
        const struct stretch is = stretch_at(newer, from);
        ok = check_compare(out, stretch_of(older, is.list[0]->check), is, translate, list);
        from += is.count;
    }
    for (size_t from = 0; from < older->findings_count && ok;) { /* checks that have nothing to say any more */
        const struct stretch was = stretch_at(older, from);
        if (stretch_of(newer, was.list[0]->check).count == 0)
            ok = check_compare(out, was, (struct stretch){0}, translate, list);
        from += was.count;
    }
    return ok ? NZ_OK : NZ_E_NOMEM;
}

void nz_report_since_release(struct nz_report_since *since)
{
    nz_arena_release(&since->keep);
    *since = (struct nz_report_since){0};
}
