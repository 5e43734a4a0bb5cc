#include "cli/snapshot_file.h"

#include "inventory/snapshot_read.h"
#include "trail/source.h"

struct file {
    struct nz_cli *cli;
    struct nz_source *source;
    struct nz_str path;
    bool is_part;
};

static bool on_stop(void *self)
{
    (void)self;
    return nz_cli_stop_requested();
}

static enum nz_err on_read(void *self, char *out, size_t room_bytes, size_t *written, struct nz_diag *diag)
{
    return nz_source_read(((struct file *)self)->source, out, room_bytes, written, diag);
}

static void on_problem(void *self, const struct nz_diag *diag)
{
    struct file *f = self;
    struct nz_diag named = *diag;
    if (f->is_part)
        return;
    named.file = f->path;
    nz_cli_report(f->cli, &named);
}

static enum nz_err finish(struct file *f, struct nz_snapshot_builder *b, struct nz_snapshot **out)
{
    struct nz_snapshot_twice twice;
    enum nz_err err = nz_snapshot_finish(b, out, &twice);
    if (err != NZ_OK || !twice.count)
        return err;
    struct nz_diag diag = NZ_DIAG_INIT;
    (void)nz_diag_at(&diag, NZ_E_SNAPSHOT_TWICE, twice.line, 0, "%llu", (unsigned long long)twice.count);
    on_problem(f, &diag);
    return NZ_OK;
}

static enum nz_err read_file(struct file *f, const char *path, struct nz_snapshot **out, struct nz_diag *diag)
{
    struct nz_snapshot_builder *b = NULL;
    const struct nz_snapshot_source source = {on_read, on_problem, f};
    enum nz_err err = nz_source_new(&f->source);
    if (err == NZ_OK) {
        nz_source_stop_when(f->source, on_stop, NULL);
        err = nz_source_open(f->source, path, diag);
    }
    if (err == NZ_OK)
        err = nz_snapshot_builder_new(&b);
    if (err == NZ_OK)
        err = nz_snapshot_read(b, &source, diag);
    if (err == NZ_OK)
        err = finish(f, b, out);
    nz_snapshot_builder_free(b);
    nz_source_free(f->source);
    return err;
}

static enum nz_err open_file(struct file *f, const char *path, struct nz_snapshot **out)
{
    struct nz_diag diag = NZ_DIAG_INIT;
    f->path = nz_str_from_c(path);
    *out = NULL;
    enum nz_err err = read_file(f, path, out, &diag);
    if (err == NZ_OK)
        return NZ_OK;
    diag.code = err;
    diag.file = f->path;
    return nz_cli_report(f->cli, &diag);
}

enum nz_err nz_cli_snapshot_open(struct nz_cli *cli, const char *path, struct nz_snapshot **out)
{
    return open_file(&(struct file){.cli = cli}, path, out);
}

enum nz_err nz_cli_snapshot_open_part(struct nz_cli *cli, const char *path, struct nz_snapshot **out)
{
    return open_file(&(struct file){.cli = cli, .is_part = true}, path, out);
}
