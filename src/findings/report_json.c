#include "core/json.h"
#include "findings/exceptions.h"
#include "findings/finding.h"

/* {"name":"text" or ,"name":"text" */
static void member_append(struct nz_buf *out, const char *name, struct nz_str text)
{
    nz_buf_append(out, out->n && out->p[out->n - 1] != '{' ? NZ_STR(",\"") : NZ_STR("\""));
    nz_buf_append(out, nz_str_from_c(name));
    nz_buf_append(out, NZ_STR("\":"));
    nz_json_append_string(out, text);
}

static void time_append(struct nz_buf *out, const char *name, nz_time t)
{
    nz_buf_printf(out, ",\"%s\":\"", name);
    nz_time_append(out, t);
    nz_buf_append_char(out, '"');
}

/* What names a finding, and what it says. */
static void subject_append(struct nz_buf *out, const struct nz_finding *f)
{
    member_append(out, "check", nz_str_from_c(f->check->id));
    member_append(out, "status", nz_str_from_c(nz_status_name(f->status)));
    member_append(out, "severity", nz_str_from_c(nz_severity_name(f->severity)));
    member_append(out, "resource", f->resource);
    member_append(out, "region", f->region);
}

static void finding_append(struct nz_buf *out, const struct nz_finding *f)
{
    nz_buf_append_char(out, '{');
    subject_append(out, f);
    member_append(out, "reason", f->reason);
    nz_buf_append(out, NZ_STR(",\"evidence\":["));
    for (uint32_t i = 0; i < f->evidence_count; i++) {
        nz_buf_append(out, i ? NZ_STR(",{") : NZ_STR("{"));
        member_append(out, "item", f->evidence[i].item);
        member_append(out, "field", f->evidence[i].field);
        member_append(out, "value", f->evidence[i].value);
        nz_buf_append_char(out, '}');
    }
    nz_buf_append_char(out, ']');
    member_append(out, "remediation", f->remediation);
    nz_buf_append_char(out, '}');
}

static void unread_append(struct nz_buf *out, const struct nz_unread_part *u)
{
    nz_buf_append_char(out, '{');
    member_append(out, "service", u->service);
    member_append(out, "operation", u->operation);
    member_append(out, "region", u->region);
    member_append(out, "resource", u->resource);
    member_append(out, "error", u->error);
    member_append(out, "action", u->action);
    member_append(out, "message", u->message);
    nz_buf_append_char(out, '}');
}

static void hidden_append(struct nz_buf *out, const struct nz_hidden *h)
{
    nz_buf_append_char(out, '{');
    subject_append(out, h->finding);
    member_append(out, "owner", h->by->owner);
    member_append(out, "exception_reason", h->by->reason);
    time_append(out, "expires", h->by->expires);
    nz_buf_append_char(out, '}');
}

#define PIECE_BYTES ((size_t)1 << 16)

struct writer {
    struct nz_buf out;
    void (*write)(void *self, struct nz_str text);
    void *self;
};

static void flush(struct writer *w, size_t keep_bytes)
{
    if (w->out.n < keep_bytes || w->out.failed)
        return;
    w->write(w->self, nz_buf_view(&w->out));
    nz_buf_clear(&w->out);
}

/* Between two entries of a list. */
static void entry_begin(struct writer *w, size_t i)
{
    flush(w, PIECE_BYTES);
    nz_buf_append(&w->out, i ? NZ_STR(",\n") : NZ_STR("\n"));
}

static void lists_write(struct writer *w, const struct nz_report *r)
{
    nz_buf_append(&w->out, NZ_STR(",\"findings\":["));
    for (size_t i = 0; i < r->findings_count; i++) {
        entry_begin(w, i);
        finding_append(&w->out, r->findings[i]);
    }
    nz_buf_append(&w->out, NZ_STR("],\"unread\":["));
    for (size_t i = 0; i < r->unread_count; i++) {
        entry_begin(w, i);
        unread_append(&w->out, &r->unread[i]);
    }
    nz_buf_append_char(&w->out, ']');
    if (r->sets_count) {
        nz_buf_append(&w->out, NZ_STR(",\"sets\":["));
        for (size_t i = 0; i < r->sets_count; i++) {
            nz_buf_append(&w->out, i ? NZ_STR(",") : NZ_STR(""));
            nz_json_append_string(&w->out, r->sets[i]);
        }
        nz_buf_append_char(&w->out, ']');
    }
    if (!r->has_exceptions)
        return;
    nz_buf_append(&w->out, NZ_STR(",\"hidden\":["));
    for (size_t i = 0; i < r->hidden_count; i++) {
        entry_begin(w, i);
        hidden_append(&w->out, &r->hidden[i]);
    }
    nz_buf_append_char(&w->out, ']');
}

enum nz_err nz_report_write_json(const struct nz_report *report, void (*write)(void *self, struct nz_str text),
                                 void *self)
{
    struct writer w = {.write = write, .self = self};
    nz_buf_init(&w.out, 0);
    nz_buf_append_char(&w.out, '{');
    member_append(&w.out, "account", report->account);
    time_append(&w.out, "generated_at", report->generated_at);
    lists_write(&w, report);
    nz_buf_append(&w.out, NZ_STR("}\n"));
    flush(&w, 0);
    const enum nz_err err = nz_buf_status(&w.out);
    nz_buf_release(&w.out);
    return err;
}
