#include "cli/snapshot_load.h"

#include "inventory/snapshot_read.h"
#include "trail/source.h"

struct load {
    struct nz_cli *cli;
    const char *path;
    struct nz_source *source;
};

static bool on_stop(void *self)
{
    (void)self;
    return nz_cli_stop_requested();
}

static enum nz_err on_read(void *self, char *out, size_t room_bytes, size_t *written, struct nz_diag *diag)
{
    return nz_source_read(((struct load *)self)->source, out, room_bytes, written, diag);
}

static void on_problem(void *self, const struct nz_diag *diag)
{
    const struct load *load = self;
    struct nz_diag named = *diag;
    named.file = nz_str_from_c(load->path);
    nz_cli_report(load->cli, &named);
}

static enum nz_err read_file(struct load *load, struct nz_snapshot_builder *b, struct nz_diag *diag)
{
    const struct nz_snapshot_source source = {on_read, on_problem, load};
    enum nz_err err = nz_source_new(&load->source);
    if (err != NZ_OK)
        return nz_diag_set(diag, err, "%s", "");
    nz_source_stop_when(load->source, on_stop, NULL);
    err = nz_source_open(load->source, load->path, diag);
    if (err == NZ_OK)
        err = nz_snapshot_read(b, &source, diag);
    nz_source_free(load->source);
    return err;
}

static void tell_twice(struct load *load, const struct nz_snapshot_twice *twice)
{
    struct nz_diag diag = NZ_DIAG_INIT;
    nz_diag_at(&diag, NZ_E_SNAPSHOT_TWICE, twice->line, 0, "%llu", (unsigned long long)twice->count);
    on_problem(load, &diag);
}

enum nz_err nz_snapshot_load(struct nz_cli *cli, const char *path, struct nz_snapshot **out)
{
    struct load load = {.cli = cli, .path = path};
    struct nz_snapshot_builder *b = NULL;
    struct nz_snapshot_twice twice = {0};
    struct nz_diag diag = NZ_DIAG_INIT;
    *out = NULL;
    enum nz_err err = nz_snapshot_builder_new(&b);
    if (err == NZ_OK)
        err = read_file(&load, b, &diag);
    if (err == NZ_OK)
        err = nz_snapshot_finish(b, out, &twice);
    nz_snapshot_builder_free(b);
    if (err == NZ_OK && twice.count)
        tell_twice(&load, &twice);
    if (err == NZ_OK)
        return NZ_OK;
    diag.code = err;
    diag.file = nz_str_from_c(path);
    return nz_cli_report(cli, &diag);
}
