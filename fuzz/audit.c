/* targets: nz_audit_run with all its checks, nz_report_write_json   seeds: fuzz/corpus/audit
 * Whatever the snapshot: the audit runs, each finding stands once and says why and what to do, and the report is JSON. */
#include "audit/audit.h"
#include "inventory/snapshot_read.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static enum nz_err memory_read(void *self, char *out, size_t room, size_t *written, struct nz_diag *diag)
{
    struct nz_str *rest = self;
    (void)diag;
    *written = room < rest->n ? room : rest->n;
    if (*written)
        memcpy(out, rest->p, *written);
    *rest = nz_str_skip(*rest, *written);
    return NZ_OK;
}

static void memory_problem(void *self, const struct nz_diag *diag)
{
    (void)self;
    (void)diag;
}

static struct nz_snapshot *snapshot_of(struct nz_str text)
{
    const struct nz_snapshot_source source = {memory_read, memory_problem, &text};
    struct nz_snapshot_builder *b;
    struct nz_snapshot *s = NULL;
    struct nz_diag diag = NZ_DIAG_INIT;
    if (nz_snapshot_builder_new(&b) != NZ_OK)
        abort();
    if (nz_snapshot_read(b, &source, &diag) == NZ_OK && nz_snapshot_finish(b, &s, NULL) != NZ_OK)
        abort();
    nz_snapshot_builder_free(b);
    return s;
}

static void on_text(void *self, struct nz_str text)
{
    nz_buf_append(self, text);
}

static void look_at(const struct nz_report *report)
{
    for (size_t i = 0; i < report->findings_count; i++) {
        const struct nz_finding *f = report->findings[i];
        if (f->status == NZ_STATUS_PASS ? f->remediation.n : !f->reason.n || !f->remediation.n)
            abort();
    }
    struct nz_buf out;
    struct nz_json_doc doc;
    struct nz_json root;
    struct nz_diag diag = NZ_DIAG_INIT;
    nz_buf_init(&out, 0);
    nz_json_doc_init(&doc);
    if (nz_report_write_json(report, on_text, &out) != NZ_OK || out.failed ||
        nz_json_parse(&doc, nz_buf_view(&out), &root, &diag) != NZ_OK)
        abort();
    nz_json_doc_release(&doc);
    nz_buf_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    static const struct nz_audit_settings settings = {.password_length = 14,
                                                      .password_age_days = 90,
                                                      .password_reuse = 24,
                                                      .root_use_days = 90,
                                                      .unused_days = 45,
                                                      .key_age_days = 90};
    struct nz_snapshot *snapshot = snapshot_of(nz_str_of((const char *)p, n));
    const struct nz_audit_input input = {.snapshot = snapshot, .settings = &settings};
    struct nz_diag diag = NZ_DIAG_INIT;
    struct nz_audit *a = NULL;
    if (!snapshot)
        return 0;
    if (nz_audit_run(&input, &a, &diag) != NZ_OK)
        abort();
    look_at(nz_audit_report(a));
    nz_audit_free(a);
    nz_snapshot_free(snapshot);
    return 0;
}
