#include "cli/command.h"
#include "cli/i18n.h"
#include "cli/line_pipe.h"
#include "cli/policy_case.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum format { FORMAT_NDJSON };
static const char *const format_choices[] = {"ndjson", NULL};

struct opts {
    int format;
    const char *output;
};

static const struct nz_opt options[] = {
    {.name = "format",
     .letter = 'f',
     .kind = NZ_OPT_ENUM,
     .at = offsetof(struct opts, format),
     .metavar = "FORMAT",
     .def = "ndjson",
     .choices = format_choices,
     .help = N_("ndjson: one case a line in, one verdict a line out")},
    NZ_OPTION_OUTPUT(struct opts, output),
};

static enum nz_err on_worker_open(void *self, void **worker)
{
    struct nz_policy_cases *cases;
    enum nz_err err = nz_policy_cases_new(self, &cases);
    *worker = cases;
    return err;
}

static void on_worker_close(void *self, void *worker)
{
    (void)self;
    nz_policy_cases_free(worker);
}

static enum nz_err on_line(void *worker, const struct nz_line *line, struct nz_buf *out)
{
    return nz_policy_case_answer(worker, line->text, line->number, line->too_long, out);
}

static const struct nz_line_ops ops = {on_worker_open, on_worker_close, on_line};

static enum nz_err run(struct nz_cli *cli, const struct nz_args *args)
{
    const struct opts *o = args->options;
    const char *path = args->paths_count ? args->paths[0] : "-";
    bool standard = strcmp(path, "-") == 0;
    atomic_bool bad = false;
    enum nz_err err = nz_cli_output(cli, o->output);
    if (err != NZ_OK)
        return err;
    int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        struct nz_diag diag = NZ_DIAG_INIT;
        nz_diag_set(&diag, NZ_E_IO, "%s", strerror(errno));
        diag.file = nz_str_from_c(path);
        return nz_cli_report(cli, &diag);
    }
    err = nz_line_pipe_run(cli, fd, nz_str_from_c(path), &ops, &bad);
    if (!standard)
        close(fd);
    cli->outcome.bad = cli->outcome.bad || bad;
    return err;
}

static const struct nz_example examples[] = {
    {"nezuban policy eval cases.ndjson", N_("decide each request of a file")},
    {"generate-cases | nezuban policy eval | jq -r 'select(.decision == \"allowed\").id'",
     N_("which of many requests are allowed")},
    {0},
};

static const struct nz_exit_text statuses[] = {
    {NZ_EXIT_OK, N_("every line was decided, whatever the decisions")},
    {NZ_EXIT_BAD, N_("wrong use, or a line or a policy in it could not be understood")},
    {NZ_EXIT_STOPPED, N_("stopped by SIGINT; what was found is written")},
    {0},
};

const struct nz_command nz_command_policy_eval = {
    .name = "policy eval",
    .summary = N_("decide requests as AWS does, each with its reason"),
    .arguments = "[FILE]",
    .description =
        N_("Reads one case a line: a request and the policies that apply to it, of every kind. Writes one verdict a "
           "line, in the same order: allowed, explicitly-denied or implicitly-denied, with the statements that decided "
           "and the layers where an allow was missing.\n\n"
           "A line that cannot be understood gets an error with its place, and the next line goes on. Nothing is "
           "looked up and nothing is derived: a context key is there when the request has it, the time among them."),
    NZ_OPTIONS(struct opts, options),
    .examples = examples,
    .statuses = statuses,
    .arguments_max = 1,
    .complete = NZ_COMPLETE_FILE,
    .run = run,
};
