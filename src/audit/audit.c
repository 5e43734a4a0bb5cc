#include "audit/check_sets.h"
#include "audit/state.h"

#include <stdlib.h>

#define NZ_CHECK(name) extern const struct nz_check nz_check_##name;
#include "audit/checks.list"
#undef NZ_CHECK

const struct nz_check *const nz_checks[] = {
#define NZ_CHECK(name) &nz_check_##name,
#include "audit/checks.list"
#undef NZ_CHECK
    NULL,
};
#define CHECKS_COUNT (sizeof nz_checks / sizeof nz_checks[0] - 1)

const struct nz_check *nz_check_find(struct nz_str id)
{
    for (size_t i = 0; nz_checks[i]; i++) {
        if (nz_str_eq(id, nz_str_from_c(nz_checks[i]->about.id)))
            return nz_checks[i];
    }
    return NULL;
}

static int compare_findings(const void *a, const void *b)
{
    const struct nz_finding *x = *(struct nz_finding *const *)a, *y = *(struct nz_finding *const *)b;
    int order = nz_str_cmp(x->region, y->region);
    return order ? order : nz_str_cmp(x->resource, y->resource);
}

/* What an exception answers for is taken out, and told apart. */
static void sort_out(struct nz_audit *a, const struct nz_finding *f)
{
    struct nz_audit_state *s = a->state;
    const struct nz_exception *by = NULL;
    if (s->input->exceptions && (f->status == NZ_STATUS_FAIL || f->status == NZ_STATUS_PARTIAL))
        by = nz_exception_for_check(s->input->exceptions, nz_str_from_c(f->check->id), f->resource, f->region, a->now);
    const struct nz_hidden hidden = {by, f};
    if (by)
        nz_buf_append(&s->hidden, nz_str_of((const char *)&hidden, sizeof hidden));
    else
        nz_buf_append(&s->shown, nz_str_of((const char *)&f, sizeof(const struct nz_finding *)));
}

static bool is_wanted(const struct nz_audit *a, size_t check)
{
    const struct nz_audit_input *input = a->state->input;
    return nz_check_sets_take(input->sets, input->sets_count, nz_checks[check]);
}

/* Those that wait, or those that do not. */
static void run_checks(struct nz_audit *a, bool waiting)
{
    struct nz_audit_state *s = a->state;
    for (size_t i = 0; i < CHECKS_COUNT && s->err == NZ_OK; i++) {
        if (nz_checks[i]->waits != waiting || !is_wanted(a, i))
            continue;
        s->check = nz_checks[i];
        s->findings = &s->lists[i];
        nz_checks[i]->run(a);
    }
}

static bool any_waits(const struct nz_audit *a)
{
    for (size_t i = 0; i < CHECKS_COUNT; i++) {
        if (nz_checks[i]->waits && is_wanted(a, i))
            return true;
    }
    return false;
}

static void findings_take(struct nz_audit *a, const struct nz_buf *findings)
{
    struct nz_audit_state *s = a->state;
    const size_t size = sizeof(struct nz_finding *);
    struct nz_finding **list = (struct nz_finding **)(void *)findings->p;
    const size_t count = findings->n / size;
    if (count)
        qsort(list, count, size, compare_findings);
    for (size_t i = 0; i < count; i++) {
        nz_audit_evidence_close(a, list[i]);
        sort_out(a, list[i]);
    }
    if (s->shown.failed || s->hidden.failed)
        nz_audit_fault(a, NZ_E_NOMEM);
}

static void unread_take(struct nz_audit *a)
{
    struct nz_audit_state *s = a->state;
    const size_t count = a->snapshot->unread_count;
    struct nz_unread_part *parts = NZ_ARENA_ARRAY(&s->arena, struct nz_unread_part, count + 1);
    if (!parts) {
        nz_audit_fault(a, NZ_E_NOMEM);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        const struct nz_unread *u = &a->snapshot->unread[i];
        parts[i] = (struct nz_unread_part){.service = u->service,
                                           .operation = u->operation,
                                           .region = u->region,
                                           .resource = u->resource,
                                           .error = u->error,
                                           .action = u->action,
                                           .message = u->message};
    }
    s->report.unread = parts;
    s->report.unread_count = count;
}

static void report_make(struct nz_audit *a)
{
    struct nz_audit_state *s = a->state;
    unread_take(a);
    s->report.account = a->snapshot->header.account;
    s->report.generated_at = a->now;
    s->report.sets = s->input->sets;
    s->report.sets_count = s->input->sets_count;
    s->report.findings = (const struct nz_finding *const *)(const void *)s->shown.p;
    s->report.findings_count = s->shown.n / sizeof *s->report.findings;
    s->report.hidden = (const struct nz_hidden *)(const void *)s->hidden.p;
    s->report.hidden_count = s->hidden.n / sizeof *s->report.hidden;
    s->report.has_exceptions = s->input->exceptions != NULL;
}

static void account_name(struct nz_audit *a)
{
    struct nz_audit_state *s = a->state;
    nz_snapshot_append_root(a->snapshot, &s->scratch);
    s->account.region = NZ_REGION_GLOBAL;
    s->account.resource = nz_arena_str(&s->arena, nz_buf_view(&s->scratch));
    if (s->scratch.failed || !s->account.resource.p)
        nz_audit_fault(a, NZ_E_NOMEM);
}

static struct nz_audit *audit_new(const struct nz_audit_input *input)
{
    struct nz_audit *a = calloc(1, sizeof *a);
    struct nz_audit_state *s = calloc(1, sizeof *s);
    struct nz_buf *lists = calloc(CHECKS_COUNT, sizeof *lists);
    if (!a || !s || !lists) {
        free(a);
        free(s);
        free(lists);
        return NULL;
    }
    *a = (struct nz_audit){.snapshot = input->snapshot,
                           .settings = input->settings,
                           .activity = input->activity,
                           .history = input->history,
                           .exceptions = input->exceptions,
                           .exceptions_path = input->exceptions_path,
                           .now = input->snapshot->header.captured,
                           .keep = &s->arena,
                           .state = s};
    s->input = input;
    s->lists = lists;
    for (size_t i = 0; i < CHECKS_COUNT; i++)
        nz_buf_init(&lists[i], 0);
    s->diag = (struct nz_diag)NZ_DIAG_INIT;
    nz_arena_init(&s->arena, 0);
    for (unsigned i = 0; i < NZ_AUDIT_SLOTS; i++)
        nz_item_view_init(&s->views[i]);
    return a;
}

enum nz_err nz_audit_run(const struct nz_audit_input *input, struct nz_audit **out, struct nz_diag *diag)
{
    struct nz_audit *a = audit_new(input);
    *out = NULL;
    if (!a)
        return nz_diag_set(diag, NZ_E_NOMEM, "%s", "");
    account_name(a);
    if (any_waits(a))
        nz_proof_maker_begin(a);
    run_checks(a, false);
    run_checks(a, true);
    for (size_t i = 0; i < CHECKS_COUNT && a->state->err == NZ_OK; i++)
        findings_take(a, &a->state->lists[i]);
    report_make(a);
    const enum nz_err err = a->state->err;
    if (err == NZ_OK) {
        *out = a;
        return NZ_OK;
    }
    if (diag)
        *diag = a->state->diag;
    nz_audit_free(a);
    return err;
}

void nz_audit_free(struct nz_audit *a)
{
    if (!a)
        return;
    struct nz_audit_state *s = a->state;
    for (unsigned i = 0; i < NZ_AUDIT_SLOTS; i++)
        nz_item_view_release(&s->views[i]);
    nz_proof_maker_end(&s->maker);
    nz_audit_access_release(&s->access);
    for (size_t i = 0; i < CHECKS_COUNT; i++)
        nz_buf_release(&s->lists[i]);
    free(s->lists);
    nz_buf_release(&s->shown);
    nz_buf_release(&s->hidden);
    nz_buf_release(&s->scratch);
    nz_arena_release(&s->arena);
    free(s);
    free(a);
}

const struct nz_report *nz_audit_report(const struct nz_audit *a)
{
    return &a->state->report;
}
