#include "cli/exceptions_load.h"

#include "trail/source.h"

#define FILE_BYTES_MAX ((size_t)4 << 20) /* what YAML may have (core/yaml.h) */

struct load {
    struct nz_cli *cli;
    struct nz_str path;
};

static void on_problem(void *self, const struct nz_diag *diag)
{
    const struct load *load = self;
    struct nz_diag named = *diag;
    named.file = load->path;
    nz_cli_report(load->cli, &named);
}

static enum nz_err text_read(struct nz_source *source, struct nz_buf *text, struct nz_diag *diag)
{
    for (;;) {
        size_t written;
        char *to = nz_buf_reserve(text, 1u << 16);
        if (!to)
            return nz_diag_set(diag, NZ_E_YAML_LIMIT, "%s", "");
        const enum nz_err err = nz_source_read(source, to, 1u << 16, &written, diag);
        if (err != NZ_OK || written == 0)
            return err;
        text->n += written;
    }
}

enum nz_err nz_exceptions_load(struct nz_cli *cli, const char *path, struct nz_exceptions *out)
{
    struct load load = {cli, nz_str_from_c(path)};
    struct nz_source *source = NULL;
    struct nz_diag diag = NZ_DIAG_INIT;
    struct nz_buf text;
    nz_buf_init(&text, FILE_BYTES_MAX + (1u << 16));
    enum nz_err err = nz_source_new(&source);
    if (err == NZ_OK)
        err = nz_source_open(source, path, &diag);
    if (err == NZ_OK)
        err = text_read(source, &text, &diag);
    if (err != NZ_OK) {
        diag.code = err;
        on_problem(&load, &diag);
    } else {
        err = nz_exceptions_read(&cli->arena, nz_buf_view(&text), on_problem, &load, out);
        if (err == NZ_E_NOMEM)
            nz_cli_report_err(cli, err);
    }
    nz_source_free(source);
    nz_buf_release(&text);
    return err;
}
