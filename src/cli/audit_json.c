#include "cli/audit_render.h"

#include "core/buf.h"

static enum nz_err print(struct nz_cli *cli, const struct nz_audit_view *view)
{
    struct nz_buf out;
    nz_buf_init(&out, 0);
    nz_report_append_json(&out, view->report);
    const enum nz_err err = nz_buf_status(&out);
    if (err == NZ_OK)
        nz_output_write(&cli->out, nz_buf_view(&out));
    nz_buf_release(&out);
    return err;
}

const struct nz_audit_render nz_audit_json = {print};
