#include "cli/snapshot_file.h"

#include "cli/snapshot_folder.h"
#include "inventory/snapshot_read.h"
#include "trail/source.h"

struct file {
    struct nz_cli *cli;
    struct nz_source *source; /* NULL: rest */
    struct nz_str path, rest; /* rest: of a file that has been read */
    bool is_part, is_folder;
};

static bool on_stop(void *self)
{
    (void)self;
    return nz_cli_stop_requested();
}

static enum nz_err on_read(void *self, char *out, size_t room_bytes, size_t *written, struct nz_diag *diag)
{
    struct file *f = self;
    if (f->source)
        return nz_source_read(f->source, out, room_bytes, written, diag);
    *written = f->rest.n < room_bytes ? f->rest.n : room_bytes;
    memcpy(out, f->rest.p, *written);
    f->rest = nz_str_skip(f->rest, *written);
    return NZ_OK;
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
    if (err != NZ_OK || !twice.count ||
        f->is_folder) /* global things stand in the file of each region that records them */
        return err;
    struct nz_diag diag = NZ_DIAG_INIT;
    (void)nz_diag_at(&diag, NZ_E_SNAPSHOT_TWICE, twice.line, 0, "%llu", (unsigned long long)twice.count);
    on_problem(f, &diag);
    return NZ_OK;
}

static enum nz_err read_file(struct file *f, const char *path, struct nz_snapshot_builder *b, struct nz_diag *diag)
{
    const struct nz_snapshot_source source = {on_read, on_problem, f};
    f->path = nz_str_from_c(path);
    if (f->rest.p)
        return nz_snapshot_read(b, &source, diag);
    enum nz_err err = nz_source_new(&f->source);
    if (err == NZ_OK) {
        nz_source_stop_when(f->source, on_stop, NULL);
        err = nz_source_open(f->source, path, diag);
    }
    if (err == NZ_OK)
        err = nz_snapshot_read(b, &source, diag);
    nz_source_free(f->source);
    return err;
}

/* Of a folder the other files are read all the same, and nothing that is missing is known to be absent. */
static enum nz_err read_one(struct file *f, const char *path, struct nz_snapshot_builder *b, struct nz_diag *diag)
{
    enum nz_err err = read_file(f, path, b, diag);
    if (err == NZ_OK || !f->is_folder || err == NZ_E_NOMEM || err == NZ_E_STOPPED || err == NZ_E_SNAPSHOT_LIMIT)
        return err;
    diag->code = err;
    on_problem(f, diag);
    nz_snapshot_add_damage(b);
    *diag = (struct nz_diag)NZ_DIAG_INIT;
    return NZ_OK;
}

static enum nz_err read_files(struct file *f, const char *path, struct nz_snapshot **out, struct nz_diag *diag)
{
    struct nz_snapshot_builder *b = NULL;
    const char **paths = &path;
    size_t count = 1;
    enum nz_err err = f->is_folder ? nz_cli_snapshot_folder(f->cli, path, &paths, &count, diag) : NZ_OK;
    if (err == NZ_OK)
        err = nz_snapshot_builder_new(&b);
    for (size_t i = 0; i < count && err == NZ_OK; i++)
        err = read_one(f, paths[i], b, diag);
    if (err == NZ_OK)
        err = finish(f, b, out);
    nz_snapshot_builder_free(b);
    return err;
}

static enum nz_err open_file(struct file *f, const char *path, struct nz_snapshot **out)
{
    struct nz_diag diag = NZ_DIAG_INIT;
    f->path = nz_str_from_c(path);
    f->is_folder = !f->rest.p && nz_cli_is_folder(path);
    *out = NULL;
    enum nz_err err = read_files(f, path, out, &diag);
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

enum nz_err nz_cli_snapshot_of_text(struct nz_cli *cli, const char *path, struct nz_str text, struct nz_snapshot **out)
{
    return open_file(&(struct file){.cli = cli, .rest = text}, path, out);
}

void nz_cli_snapshots_check(struct nz_cli *cli, const struct nz_snapshot *first, const struct nz_snapshot *second)
{
    const struct nz_str one = first->header.account, other = second->header.account;
    struct nz_diag diag = NZ_DIAG_INIT;
    if (nz_str_eq(one, other))
        return;
    (void)nz_diag_set(&diag, NZ_E_SNAPSHOT_ACCOUNTS, "%.*s, %.*s", NZ_STR_ARG(nz_str_head(one, 60)),
                      NZ_STR_ARG(nz_str_head(other, 60)));
    nz_cli_warn(cli, &diag);
}
