#include "cli/audit_render.h"

static void on_text(void *self, struct nz_str text)
{
    nz_output_write(self, text);
}

static enum nz_err print(struct nz_cli *cli, const struct nz_audit_view *view)
{
    return nz_report_write_json(view->report, on_text, &cli->out);
}

const struct nz_audit_render nz_audit_json = {print};
