#include "cli/account_read.h"
#include "cli/command.h"
#include "cli/i18n.h"
#include "cli/snapshot_file.h"
#include "core/gzip.h"
#include "inventory/snapshot_write.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define UNREAD_SHOWN 20u
#define PLACES_SHOWN 4u

struct opts {
    struct nz_account_opts account;
    const char *output;
    bool resume, strict;
};

static const struct nz_opt options[] = {
    {.name = "output",
     .letter = 'o',
     .kind = NZ_OPT_TEXT,
     .at = offsetof(struct opts, output),
     .metavar = "FILE",
     .help = N_("write the snapshot to FILE; - is standard output"),
     .complete = NZ_COMPLETE_FILE},
    NZ_ACCOUNT_OPTIONS(struct opts, account),
    {.name = "resume",
     .kind = NZ_OPT_FLAG,
     .at = offsetof(struct opts, resume),
     .help = N_("go on from FILE.part, which a run that broke off has left")},
    {.name = "strict",
     .kind = NZ_OPT_FLAG,
     .at = offsetof(struct opts, strict),
     .help = N_("exit with 3 when something could not be read")},
};

/* --- what is there if this run breaks off --- */

struct part {
    struct nz_cli *cli;
    struct nz_str path, temporary; /* with a NUL behind them */
    int fd;
    bool in_place; /* it has taken the place of the part before */
    struct nz_buf member;
};

static struct nz_str path_with(struct nz_cli *cli, const char *path, const char *suffix)
{
    struct nz_buf text;
    nz_buf_init(&text, 0);
    nz_buf_printf(&text, "%s%s", path, suffix);
    struct nz_str kept = text.failed ? (struct nz_str){0} : nz_arena_str(&cli->arena, nz_buf_view(&text));
    nz_buf_release(&text);
    return kept;
}

static enum nz_err part_fail(struct part *p)
{
    struct nz_diag diag = NZ_DIAG_INIT;
    (void)nz_diag_set(&diag, NZ_E_WRITE, "%s", strerrordesc_np(errno));
    diag.file = p->in_place ? p->path : p->temporary;
    return nz_cli_report(p->cli, &diag);
}

static enum nz_err part_open(struct part *p, const char *output)
{
    nz_buf_init(&p->member, 0);
    p->path = path_with(p->cli, output, ".part");
    p->temporary = path_with(p->cli, output, ".part.tmp");
    if (!p->path.p || !p->temporary.p)
        return nz_cli_report_err(p->cli, NZ_E_NOMEM);
    p->fd = open(p->temporary.p, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    return p->fd < 0 ? part_fail(p) : NZ_OK;
}

/* Only then is what the run before had in the new part too. */
static enum nz_err part_place(struct part *p)
{
    if (p->in_place)
        return NZ_OK;
    if (rename(p->temporary.p, p->path.p) != 0)
        return part_fail(p);
    p->in_place = true;
    return NZ_OK;
}

static enum nz_err part_lines(void *self, struct nz_str lines, uint64_t answered)
{
    struct part *p = self;
    nz_buf_clear(&p->member);
    if (nz_gzip_append_member(&p->member, lines) != NZ_OK)
        return NZ_E_NOMEM;
    struct nz_str rest = nz_buf_view(&p->member);
    while (rest.n) {
        ssize_t n = write(p->fd, rest.p, rest.n);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return part_fail(p);
        rest = nz_str_skip(rest, (size_t)n);
    }
    return answered >= 2 ? part_place(p) : NZ_OK; /* the first answer is that of the regions */
}

static void part_close(struct part *p, bool done)
{
    if (p->fd >= 0)
        close(p->fd);
    if (p->temporary.p && !p->in_place)
        unlink(p->temporary.p);
    if (p->path.p && done)
        unlink(p->path.p);
    nz_buf_release(&p->member);
}

/* --- the snapshot --- */

static enum nz_err on_bytes(void *self, struct nz_str bytes)
{
    struct nz_cli *cli = self;
    nz_output_write(&cli->out, bytes);
    return cli->out.err;
}

static bool is_like(const struct nz_unread *one, const struct nz_unread *other)
{
    return nz_str_eq(one->service, other->service) && nz_str_eq(one->operation, other->operation) &&
           nz_str_eq(one->error, other->error);
}

/* A line for each call and reason, with the first of the regions or things it was asked for. */
static size_t unread_append(struct nz_buf *line, const struct nz_snapshot *s, size_t from)
{
    const struct nz_unread *first = &s->unread[from];
    size_t i = from;
    nz_buf_printf(line, "  %.*s:%.*s  %.*s", NZ_STR_ARG(first->service), NZ_STR_ARG(first->operation),
                  NZ_STR_ARG(first->error));
    for (; i < s->unread_count && is_like(first, &s->unread[i]); i++) {
        const struct nz_unread *u = &s->unread[i];
        struct nz_str what = u->resource.n ? u->resource : u->region;
        if (i - from < PLACES_SHOWN)
            nz_buf_printf(line, "%s%.*s", i == from ? ": " : ", ", NZ_STR_ARG(what));
    }
    if (i - from > PLACES_SHOWN)
        nz_buf_printf(line, " (+%zu)", i - from - PLACES_SHOWN);
    return i;
}

static void unread_print(struct nz_cli *cli, const struct nz_snapshot *s)
{
    struct nz_buf line;
    size_t i = 0, shown = 0;
    nz_buf_init(&line, 0);
    for (; i < s->unread_count && shown < UNREAD_SHOWN; shown++) {
        nz_buf_clear(&line);
        i = unread_append(&line, s, i);
        nz_problem_line(&cli->problems, nz_buf_view(&line));
    }
    if (i < s->unread_count) {
        nz_buf_clear(&line);
        nz_buf_printf(&line, _("  and %lu more"), (unsigned long)(s->unread_count - i));
        nz_problem_line(&cli->problems, nz_buf_view(&line));
    }
    nz_buf_release(&line);
}

static void summarize(struct nz_cli *cli, const struct nz_snapshot *s)
{
    struct nz_buf line;
    nz_buf_init(&line, 0);
    nz_buf_printf(&line, _("account %.*s: items: %lu, not read: %lu"), NZ_STR_ARG(s->header.account),
                  (unsigned long)s->items_count, (unsigned long)s->unread_count);
    nz_problem_line(&cli->problems, nz_buf_view(&line));
    nz_buf_release(&line);
    unread_print(cli, s);
}

static enum nz_err save(struct nz_cli *cli, const char *output, const struct nz_snapshot *s)
{
    enum nz_err err = nz_cli_output(cli, output);
    if (err != NZ_OK)
        return err;
    err = nz_snapshot_write(s, on_bytes, cli);
    if (err == NZ_E_NOMEM)
        return nz_cli_report_err(cli, err);
    struct nz_diag diag = NZ_DIAG_INIT;
    err = nz_output_close(&cli->out, &diag);
    return err == NZ_OK ? NZ_OK : nz_cli_report(cli, &diag);
}

static void hint(struct nz_cli *cli, struct nz_str part)
{
    struct nz_buf line;
    nz_buf_init(&line, 0);
    nz_buf_printf(&line, _("what was read is in %.*s; --resume goes on from there"), NZ_STR_ARG(part));
    nz_problem_line(&cli->problems, nz_buf_view(&line));
    nz_buf_release(&line);
}

static enum nz_err read_and_save(struct nz_cli *cli, const struct opts *o, const struct nz_snapshot *resumed)
{
    struct part part = {.cli = cli, .fd = -1};
    const bool kept = strcmp(o->output, "-") != 0;
    const struct nz_account_keep keep = {.lines = part_lines, .self = &part, .resumed = resumed};
    struct nz_snapshot *s = NULL;
    enum nz_err err = kept ? part_open(&part, o->output) : NZ_OK;
    if (err == NZ_OK)
        err = nz_cli_account_read(cli, &o->account, kept ? &keep : NULL, &s);
    if (err == NZ_OK)
        err = save(cli, o->output, s);
    if (err == NZ_OK && !cli->quiet)
        summarize(cli, s);
    if (err == NZ_OK && o->strict && s->unread_count)
        cli->outcome.unknown = true;
    if (err != NZ_OK && part.in_place)
        hint(cli, part.path);
    part_close(&part, err == NZ_OK);
    nz_snapshot_free(s);
    return err;
}

static enum nz_err run(struct nz_cli *cli, const struct nz_args *args)
{
    const struct opts *o = args->options;
    struct nz_snapshot *resumed = NULL;
    if (!o->output)
        return nz_cli_usage(cli, _("--output FILE is missing"));
    if (o->resume && strcmp(o->output, "-") == 0)
        return nz_cli_usage(cli, _("--resume needs a FILE to go on from"));
    enum nz_err err = NZ_OK;
    if (o->resume) {
        struct nz_str path = path_with(cli, o->output, ".part");
        err = path.p ? nz_cli_snapshot_open_part(cli, path.p, &resumed) : nz_cli_report_err(cli, NZ_E_NOMEM);
    }
    if (err == NZ_OK)
        err = read_and_save(cli, o, resumed);
    nz_snapshot_free(resumed);
    return err;
}

static const struct nz_example examples[] = {
    {"nezuban collect -o account.nzs", N_("everything that audit judges, in one file")},
    {"nezuban collect -o account.nzs --profile prod --region eu-west-1", N_("with a profile's keys, one region alone")},
    {"nezuban collect -o account.nzs --resume", N_("go on where a run broke off")},
    {"nezuban audit --print-policy > policy.json", N_("the least policy that is enough to run this")},
    {0},
};

static const struct nz_exit_text statuses[] = {
    {NZ_EXIT_OK, N_("the snapshot is written; what could not be read is named in it")},
    {NZ_EXIT_BAD, N_("wrong use, no usable credentials, or the file could not be written")},
    {NZ_EXIT_UNKNOWN, N_("with --strict: something could not be read")},
    {0},
};

const struct nz_command nz_command_collect = {
    .name = "collect",
    .summary = N_("read an AWS account's settings into a snapshot"),
    .description = N_(
        "Reads what audit judges, in all regions that are enabled, and writes it to one file: a snapshot, which audit "
        "judges offline and diff compares with another. Nothing in the account is changed.\n\n"
        "Calls are made side by side and slowly enough that the account's own work is not throttled. One that is "
        "refused is written down with the permission that was missing, and the others go on. While it runs, "
        "FILE.part has what was read so far."),
    NZ_OPTIONS(struct opts, options),
    .examples = examples,
    .statuses = statuses,
    .run = run,
};
