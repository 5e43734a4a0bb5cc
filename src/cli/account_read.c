#include "cli/account_read.h"

#include "cli/i18n.h"
#include "core/text.h"
#include "inventory/collect.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#define RUN_MS ((uint64_t)60 * 60 * 1000) /* of one round of calls */
#define WAIT_PIECE_MS 100
#define CODE_BYTES_MAX 64

struct reading {
    struct nz_cli *cli;
    const struct nz_account_opts *opts;
    const struct nz_account_keep *keep;
    struct nz_snapshot **out;
    uint64_t answered;
};

/* --- what the session asks for --- */

static const char *environment_get(void *self, const char *name)
{
    (void)self;
    return getenv(name);
}

static bool is_stopped(void *self)
{
    (void)self;
    return nz_cli_stop_requested();
}

static void on_log(void *self, enum nz_log_level level, struct nz_str text)
{
    struct nz_cli *cli = self;
    (void)level;
    nz_problem_line(&cli->problems, text);
}

/* One line from the terminal, not shown. Its length, or -1. */
static ssize_t line_hidden(int fd, char *to, size_t room)
{
    struct termios shown, hidden;
    bool is_set = tcgetattr(fd, &shown) == 0;
    if (is_set) {
        hidden = shown;
        hidden.c_lflag &= ~(tcflag_t)ECHO;
        (void)tcsetattr(fd, TCSAFLUSH, &hidden);
    }
    ssize_t n = read(fd, to, room);
    if (is_set)
        (void)tcsetattr(fd, TCSAFLUSH, &shown);
    return n;
}

static enum nz_err ask_code(void *self, struct nz_str serial, struct nz_secret *out, struct nz_diag *diag)
{
    struct nz_cli *cli = self;
    char code[CODE_BYTES_MAX];
    struct nz_buf prompt;
    int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return nz_diag_set(diag, NZ_E_AWS_CREDENTIALS, "an MFA code is needed, and there is no terminal to ask on");
    nz_buf_init(&prompt, 0);
    nz_buf_append(&prompt, nz_str_from_c(_("MFA code of ")));
    nz_text_append_terminal(&prompt, serial);
    nz_buf_append(&prompt, NZ_STR(": "));
    nz_progress_lock(&cli->progress);
    bool asked = !prompt.failed && write(fd, prompt.p, prompt.n) == (ssize_t)prompt.n;
    ssize_t n = asked ? line_hidden(fd, code, sizeof code) : -1;
    (void)!write(fd, "\n", 1);
    nz_progress_unlock(&cli->progress);
    nz_buf_release(&prompt);
    close(fd);
    struct nz_str text = nz_str_trim(nz_str_of(code, n > 0 ? (size_t)n : 0));
    enum nz_err err = text.n ? nz_secret_set(out, text) : NZ_E_AWS_CREDENTIALS;
    explicit_bzero(code, sizeof code);
    return err == NZ_E_AWS_CREDENTIALS ? nz_diag_set(diag, err, "no MFA code was given") : err;
}

/* --- what collecting asks for --- */

static void on_progress(void *self, const struct nz_collect_progress *p)
{
    struct reading *r = self;
    nz_progress_expect(&r->cli->progress, p->asked, 0);
    nz_progress_add(&r->cli->progress, p->answered - r->answered, 0, 0);
    r->answered = p->answered;
}

static enum nz_err on_keep(void *self, struct nz_str lines)
{
    struct reading *r = self;
    return r->keep && r->keep->lines ? r->keep->lines(r->keep->self, lines, r->answered) : NZ_OK;
}

enum nz_err nz_cli_collect_wait(void *self, unsigned ms)
{
    (void)self;
    for (unsigned waited = 0; waited < ms; waited += WAIT_PIECE_MS) {
        if (nz_cli_stop_requested())
            return NZ_E_STOPPED;
        (void)poll(NULL, 0, WAIT_PIECE_MS);
    }
    return NZ_OK;
}

enum nz_err nz_cli_regions(struct nz_cli *cli, const struct nz_account_opts *opts, const struct nz_str **regions)
{
    const struct nz_opt_list *given = &opts->regions;
    struct nz_str *list = NZ_ARENA_ARRAY(&cli->arena, struct nz_str, given->count + 1);
    for (size_t i = 0; list && i < given->count; i++) {
        list[i] = nz_str_from_c(given->items[i]);
        if (!nz_aws_region_is_sound(list[i]))
            return nz_cli_usage(cli, _("--region: '%s' is no name of a region"), given->items[i]);
    }
    *regions = list;
    return list ? NZ_OK : nz_cli_report_err(cli, NZ_E_NOMEM);
}

/* After "no usable credentials": where they were looked for, a line each. */
static void looked_at_print(struct nz_cli *cli, const struct nz_aws_session *session)
{
    struct nz_str rest = session ? nz_aws_session_looked_at(session) : (struct nz_str){0};
    while (rest.n) {
        const char *end = memchr(rest.p, '\n', rest.n);
        struct nz_str line = nz_str_head(rest, end ? (size_t)(end - rest.p) : rest.n);
        struct nz_buf text;
        nz_buf_init(&text, 0);
        nz_buf_append(&text, NZ_STR("  "));
        nz_buf_append(&text, line);
        nz_problem_line(&cli->problems, nz_buf_view(&text));
        nz_buf_release(&text);
        rest = nz_str_skip(rest, line.n + 1);
    }
}

static enum nz_err collect(void *self, struct nz_aws_session *session, struct nz_diag *diag)
{
    struct reading *r = self;
    const struct nz_collect_ops ops = {on_progress, on_keep, nz_cli_collect_wait, r};
    const struct nz_str *regions;
    enum nz_err err = nz_cli_regions(r->cli, r->opts, &regions);
    if (err != NZ_OK)
        return err;
    const struct nz_collect_input in = {
        .client = nz_aws_session_client(session),
        .regions = regions,
        .regions_count = r->opts->regions.count,
        .caller_region = nz_aws_session_settings(session)->region,
        .tool = NZ_STR("nezuban " NZ_VERSION),
        .clock = &nz_clock_system,
        .resumed = r->keep ? r->keep->resumed : NULL,
    };
    r->cli->progress.calls = true;
    nz_progress_begin(&r->cli->progress);
    err = nz_collect(&in, &ops, r->out, diag);
    if (err == NZ_OK && r->keep && r->keep->then)
        err = r->keep->then(r->keep->self, in.client, *r->out, diag);
    nz_progress_end(&r->cli->progress);
    r->cli->progress.calls = false;
    return err;
}

enum nz_err nz_cli_session_use(struct nz_cli *cli, const struct nz_account_opts *opts,
                               enum nz_err (*use)(void *self, struct nz_aws_session *session, struct nz_diag *diag),
                               void *self)
{
    static const struct nz_log_ops log_ops = {on_log};
    const struct nz_log log = {.ops = &log_ops, .self = cli, .most = NZ_LOG_WARN};
    struct nz_diag diag = NZ_DIAG_INIT;
    struct nz_aws_session *session = NULL;
    const struct nz_aws_session_options options = {
        .flags = {.profile = nz_str_from_c(opts->profile),
                  .region = opts->regions.count ? nz_str_from_c(opts->regions.items[0]) : (struct nz_str){0},
                  .endpoint_url = nz_str_from_c(opts->endpoint_url)},
        .environment = {.get = environment_get},
        .clock = {&nz_clock_system, NULL},
        .log = &log,
        .ask = {.code = ask_code, .self = cli},
        .run_ms = RUN_MS,
        .is_stopped = is_stopped,
    };
    enum nz_err err = nz_aws_session_open(&options, &session, &diag);
    if (err == NZ_OK)
        err = use(self, session, &diag);
    if (err != NZ_OK && err != NZ_E_USAGE && err != NZ_E_WRITE) { /* these have been reported */
        diag.code = err;
        nz_cli_report(cli, &diag);
        if (err == NZ_E_AWS_CREDENTIALS)
            looked_at_print(cli, session);
    }
    nz_aws_session_close(session);
    return err;
}

enum nz_err nz_cli_account_read(struct nz_cli *cli, const struct nz_account_opts *opts,
                                const struct nz_account_keep *keep, struct nz_snapshot **out)
{
    struct reading r = {.cli = cli, .opts = opts, .keep = keep, .out = out};
    *out = NULL;
    return nz_cli_session_use(cli, opts, collect, &r);
}
