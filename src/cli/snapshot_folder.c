#include "cli/snapshot_folder.h"

#include "trail/walk.h"

#include <stdlib.h>
#include <sys/stat.h>

/* One file, its name in parts. */
struct delivered {
    struct nz_str path, account, region, time;
};

bool nz_cli_is_folder(const char *path)
{
    struct stat st;
    return strcmp(path, "-") != 0 && stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* The text before the next mark, which is taken off with it. False: there is none. */
static bool part_take(struct nz_str *rest, struct nz_str mark, struct nz_str *out)
{
    const size_t at = nz_str_find(*rest, mark);
    if (at == SIZE_MAX || at == 0)
        return false;
    *out = nz_str_head(*rest, at);
    *rest = nz_str_skip(*rest, at + mark.n);
    return true;
}

static bool name_read(struct nz_str path, struct delivered *out)
{
    struct nz_str name = nz_str_after_last(path, '/');
    out->path = path;
    return part_take(&name, NZ_STR("_Config_"), &out->account) &&
           part_take(&name, NZ_STR("_ConfigSnapshot_"), &out->region) && part_take(&name, NZ_STR("_"), &out->time) &&
           (nz_str_ends_with(name, NZ_STR(".json.gz")) || nz_str_ends_with(name, NZ_STR(".json")));
}

static void on_problem(void *self, const struct nz_diag *diag)
{
    nz_cli_report(self, diag);
}

/* Takes the place of an older one of the same region, or comes behind the others. */
static enum nz_err file_add(struct nz_cli *cli, struct nz_buf *all, struct nz_str path)
{
    struct delivered one;
    struct delivered *files = (void *)all->p;
    if (!name_read(path, &one))
        return NZ_OK;
    const struct nz_str kept = nz_arena_str(&cli->arena, path);
    if (!kept.p)
        return NZ_E_NOMEM;
    (void)name_read(kept, &one);
    for (size_t i = 0; i < all->n / sizeof *files; i++) {
        if (!nz_str_eq(files[i].account, one.account) || !nz_str_eq(files[i].region, one.region))
            continue;
        if (nz_str_cmp(one.time, files[i].time) > 0)
            files[i] = one;
        return NZ_OK;
    }
    nz_buf_append(all, nz_str_of((const char *)&one, sizeof one));
    return nz_buf_status(all);
}

static enum nz_err files_find(struct nz_cli *cli, const char *folder, struct nz_buf *all)
{
    struct nz_walk *walk;
    const char *path;
    uint64_t size_bytes;
    enum nz_err err = nz_walk_new(&folder, 1, on_problem, cli, &walk);
    while (err == NZ_OK) {
        err = nz_cli_stop_requested() ? NZ_E_STOPPED : nz_walk_next(walk, &path, &size_bytes);
        if (err != NZ_OK || !path)
            break;
        err = file_add(cli, all, nz_str_from_c(path));
    }
    nz_walk_free(walk);
    return err;
}

/* Newest first: what stands in two files counts as in the newer one. */
static int files_order(const void *a, const void *b)
{
    const struct delivered *x = a, *y = b;
    const int by_time = nz_str_cmp(y->time, x->time);
    return by_time ? by_time : nz_str_cmp(x->region, y->region);
}

static enum nz_err accounts_check(const struct delivered *files, size_t count, struct nz_diag *diag)
{
    if (!count)
        return nz_diag_set(diag, NZ_E_SNAPSHOT_SHAPE,
                           "nothing below it is named as AWS Config names its snapshots, "
                           "ACCOUNT_Config_REGION_ConfigSnapshot_TIME_ID.json.gz");
    for (size_t i = 1; i < count; i++) {
        if (!nz_str_eq(files[0].account, files[i].account))
            return nz_diag_set(diag, NZ_E_SNAPSHOT_ACCOUNTS, "%.*s, %.*s; name the folder of one",
                               NZ_STR_ARG(nz_str_head(files[0].account, 60)),
                               NZ_STR_ARG(nz_str_head(files[i].account, 60)));
    }
    return NZ_OK;
}

enum nz_err nz_cli_snapshot_folder(struct nz_cli *cli, const char *folder, const char ***paths, size_t *count,
                                   struct nz_diag *diag)
{
    struct nz_buf all;
    nz_buf_init(&all, 0);
    enum nz_err err = files_find(cli, folder, &all);
    struct delivered *files = (void *)all.p;
    *count = all.n / sizeof *files;
    if (err == NZ_OK)
        err = accounts_check(files, *count, diag);
    if (err == NZ_OK) {
        qsort(files, *count, sizeof *files, files_order);
        *paths = NZ_ARENA_ARRAY(&cli->arena, const char *, *count);
        for (size_t i = 0; *paths && i < *count; i++)
            (*paths)[i] = files[i].path.p;
        err = *paths ? NZ_OK : NZ_E_NOMEM;
    }
    nz_buf_release(&all);
    return err;
}
