/* An exception hides nothing after its day; that it still stands in the file is a finding, so that somebody renews it or takes
 * it out. Without a file of exceptions there is nothing to say. */
#include "audit/check.h"

static struct nz_subject subject_of(struct nz_audit *a, const struct nz_exception *e)
{
    struct nz_buf name;
    nz_buf_init(&name, 0);
    nz_buf_printf(&name, "exception/%.*s/%.*s", NZ_STR_ARG(e->check),
                  NZ_STR_ARG(e->resource.p ? e->resource : NZ_STR("*")));
    if (e->region.p)
        nz_buf_printf(&name, "/%.*s", NZ_STR_ARG(e->region));
    const struct nz_subject on = {.resource = nz_arena_str(a->keep, nz_buf_view(&name)), .region = NZ_REGION_GLOBAL};
    nz_buf_release(&name);
    return on;
}

/* The same thing twice would be one finding twice. */
static bool stands_before(const struct nz_exceptions *x, size_t at)
{
    for (size_t i = 0; i < at; i++) {
        if (!x->list[i].check.p) /* of a rule */
            continue;
        if (nz_str_eq(x->list[i].check, x->list[at].check) && nz_str_eq(x->list[i].resource, x->list[at].resource) &&
            nz_str_eq(x->list[i].region, x->list[at].region))
            return true;
    }
    return false;
}

static void judge(struct nz_audit *a, const struct nz_exception *e)
{
    const struct nz_subject on = subject_of(a, e);
    struct nz_buf until;
    nz_buf_init(&until, 0);
    nz_time_append(&until, e->expires);
    const struct nz_str day = nz_buf_view(&until);
    struct nz_finding *f =
        nz_exception_is_expired(e, a->now)
            ? nz_audit_fail(a, on, N_("the exception ended at %.*s and hides nothing any more"), NZ_STR_ARG(day))
            : nz_audit_pass(a, on, N_("the exception holds until %.*s"), NZ_STR_ARG(day));
    nz_audit_evidence(a, f, a->exceptions_path, "owner", e->owner);
    nz_audit_evidence(a, f, a->exceptions_path, "reason", e->reason);
    nz_audit_evidence(a, f, a->exceptions_path, "expires", day);
    nz_buf_release(&until);
}

static void run(struct nz_audit *a)
{
    for (size_t i = 0; a->exceptions && i < a->exceptions->count; i++) {
        if (a->exceptions->list[i].check.p && !stands_before(a->exceptions, i))
            judge(a, &a->exceptions->list[i]);
    }
}

const struct nz_check nz_check_exception_expired = {
    .about = {.id = "exception-expired",
              .part = NZ_PART_SERVICES,
              .severity = NZ_SEVERITY_LOW,
              .title = N_("No exception has expired"),
              .remedy =
                  N_("Fix the setting and take the exception out of the file, or have its owner renew it with a new "
                     "day and reason.")},
    .run = run,
};
