/* How a check says what it found. */
#include "audit/state.h"

#include <stdarg.h>
#include <stdio.h>

#define VALUE_BYTES_MAX 512u

const char *nz_audit_translate(const struct nz_audit *a, const char *text)
{
    nz_translate_fn translate = a->state->input->translate;
    return translate ? translate(text) : text;
}

void nz_audit_fault(struct nz_audit *a, enum nz_err err)
{
    if (a->state->err != NZ_OK)
        return;
    a->state->err = err;
    nz_diag_set(&a->state->diag, err, "%s", "");
}

static struct nz_str keep(struct nz_audit *a, struct nz_str text)
{
    struct nz_str kept = nz_arena_str(a->keep, text);
    if (!kept.p)
        nz_audit_fault(a, NZ_E_NOMEM);
    return kept;
}

struct nz_subject nz_audit_account(const struct nz_audit *a)
{
    return a->state->account;
}

struct nz_subject nz_audit_region(struct nz_audit *a, struct nz_str region)
{
    struct nz_buf *scratch = &a->state->scratch;
    nz_buf_clear(scratch);
    nz_buf_printf(scratch, "region/%.*s", NZ_STR_ARG(region));
    if (scratch->failed)
        nz_audit_fault(a, NZ_E_NOMEM);
    return (struct nz_subject){.resource = keep(a, nz_buf_view(scratch)), .region = region};
}

struct nz_subject nz_audit_subject(struct nz_audit *a, const struct nz_item *item)
{
    return item->arn.n ? (struct nz_subject){item->arn, item->region} : nz_audit_region(a, item->region);
}

/* The text of a format that was marked with N_(): the compiler checked the original against the arguments, msgfmt the
 * translation against the original. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static struct nz_str format_text(struct nz_audit *a, const char *format, va_list args)
{
    const char *translated = nz_audit_translate(a, format);
    struct nz_buf *scratch = &a->state->scratch;
    va_list again;
    va_copy(again, args);
    const int bytes = vsnprintf(NULL, 0, translated, args);
    nz_buf_clear(scratch);
    char *to = nz_buf_reserve(scratch, (size_t)(bytes > 0 ? bytes : 0) + 1);
    if (to && bytes > 0) {
        vsnprintf(to, (size_t)bytes + 1, translated, again);
        scratch->n = (size_t)bytes;
    }
    va_end(again);
    if (!to)
        nz_audit_fault(a, NZ_E_NOMEM);
    return keep(a, nz_buf_view(scratch));
}
#pragma GCC diagnostic pop

static const char *remedy_of(const struct nz_check_about *check, enum nz_status status)
{
    switch (status) {
    case NZ_STATUS_PASS:
        return NULL;
    case NZ_STATUS_UNKNOWN:
        return N_("Make it readable, then run the audit again.");
    case NZ_STATUS_NOT_APPLICABLE:
        return N_("Nothing needs to be done.");
    case NZ_STATUS_FAIL:
    case NZ_STATUS_PARTIAL:
        break;
    }
    return check->remedy;
}

struct nz_finding *nz_audit_say(struct nz_audit *a, enum nz_status status, struct nz_subject on, const char *format,
                                ...)
{
    struct nz_audit_state *s = a->state;
    struct nz_finding *f = NZ_ARENA_NEW(a->keep, struct nz_finding);
    if (++s->said > NZ_FINDINGS_MAX)
        nz_audit_fault(a, NZ_E_AUDIT_LIMIT);
    nz_buf_append(s->findings, nz_str_of((const char *)&f, sizeof f));
    if (!f || s->findings->failed) {
        nz_audit_fault(a, NZ_E_NOMEM);
        s->nowhere = (struct nz_finding){0};
        return &s->nowhere;
    }
    va_list args;
    va_start(args, format);
    f->reason = format_text(a, format, args);
    va_end(args);
    f->check = &s->check->about;
    f->status = status;
    f->severity = s->check->about.severity;
    f->resource = keep(a, on.resource);
    f->region = keep(a, on.region);
    const char *remedy = remedy_of(f->check, status);
    f->remediation = nz_str_from_c(remedy ? nz_audit_translate(a, remedy) : "");
    return f;
}

void nz_audit_advise(struct nz_audit *a, struct nz_finding *f, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    f->remediation = format_text(a, format, args);
    va_end(args);
}

/* --- evidence --- */

/* Cut between characters. */
static struct nz_str value_cut(struct nz_str value)
{
    if (value.n <= VALUE_BYTES_MAX)
        return value;
    size_t n = VALUE_BYTES_MAX;
    while (n && ((unsigned char)value.p[n] & 0xc0u) == 0x80)
        n--;
    return nz_str_head(value, n);
}

static struct nz_str value_keep(struct nz_audit *a, struct nz_str value)
{
    const struct nz_str cut = value_cut(value);
    if (cut.n == value.n)
        return keep(a, value);
    struct nz_buf text;
    nz_buf_init(&text, 0);
    nz_buf_append(&text, cut);
    nz_buf_append(&text, NZ_STR("…"));
    const struct nz_str kept = keep(a, nz_buf_view(&text));
    if (text.failed)
        nz_audit_fault(a, NZ_E_NOMEM);
    nz_buf_release(&text);
    return kept;
}

/* Room grows by four, as most findings have one to four. */
static struct nz_evidence *evidence_add(struct nz_audit *a, struct nz_finding *f)
{
    if (f->evidence_count % 4 == 0) {
        struct nz_evidence *more = NZ_ARENA_ARRAY(a->keep, struct nz_evidence, f->evidence_count + 4u);
        if (!more) {
            nz_audit_fault(a, NZ_E_NOMEM);
            return NULL;
        }
        if (f->evidence_count)
            memcpy(more, f->evidence, f->evidence_count * sizeof *more);
        f->evidence = more;
    }
    return &f->evidence[f->evidence_count++];
}

void nz_audit_evidence(struct nz_audit *a, struct nz_finding *f, struct nz_str item, const char *field,
                       struct nz_str value)
{
    if (f == &a->state->nowhere)
        return;
    if (f->evidence_count == NZ_EVIDENCE_MAX) {
        f->evidence_left_out++;
        return;
    }
    struct nz_evidence *e = evidence_add(a, f);
    if (e)
        *e = (struct nz_evidence){keep(a, item), keep(a, nz_str_from_c(field)), value_keep(a, value)};
}

void nz_audit_show(struct nz_audit *a, struct nz_finding *f, const struct nz_item_view *view, const char *path)
{
    const struct nz_item *item = view->item;
    const struct nz_json v = nz_item_get(view, path);
    struct nz_buf text;
    nz_buf_init(&text, 0);
    const struct nz_str value = nz_json_is_absent(v) ? NZ_STR("absent") : nz_json_text(v, &text);
    nz_audit_evidence(a, f, item->arn.n ? item->arn : item->id, path, value);
    if (text.failed)
        nz_audit_fault(a, NZ_E_NOMEM);
    nz_buf_release(&text);
}

void nz_audit_evidence_close(struct nz_audit *a, struct nz_finding *f)
{
    struct nz_buf count;
    if (!f->evidence_left_out)
        return;
    nz_buf_init(&count, 0);
    nz_buf_append_u64(&count, f->evidence_left_out);
    if (count.failed)
        nz_audit_fault(a, NZ_E_NOMEM);
    struct nz_evidence *e = evidence_add(a, f);
    if (e)
        *e = (struct nz_evidence){NZ_STR(""), NZ_STR("more"), keep(a, nz_buf_view(&count))};
    nz_buf_release(&count);
}
