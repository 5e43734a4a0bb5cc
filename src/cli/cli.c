#include "cli/cli.h"

#include "cli/command.h"
#include "cli/i18n.h"

#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

/* The one thing that the signal handler writes. Not sig_atomic_t, which is for one thread: workers read it too. A lock-free
 * atomic may be written in a handler (C17, 7.14.1.1, paragraph 5). */
static atomic_bool stop_requested;
_Static_assert(ATOMIC_BOOL_LOCK_FREE == 2, "atomic_bool is always lock-free");

static void on_signal(int number)
{
    (void)number;
    stop_requested = true;
}

bool nz_cli_stop_requested(void)
{
    return stop_requested;
}

void nz_cli_catch_signals(void)
{
    /* RESETHAND: the second one kills, should the first not be heard. No RESTART: a read that waits on a terminal or a
     * pipe comes back with EINTR, and its loop sees the request. */
    struct sigaction stop = {.sa_handler = on_signal, .sa_flags = SA_RESETHAND};
    sigemptyset(&stop.sa_mask);
    sigaction(SIGINT, &stop, NULL);
    sigaction(SIGTERM, &stop, NULL);
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigaction(SIGPIPE, &ignore, NULL); /* a closed pipe is EPIPE, and an exit status */
}

enum nz_err nz_cli_output(struct nz_cli *cli, const char *path)
{
    if (!path || strcmp(path, "-") == 0)
        return NZ_OK;
    struct nz_diag diag = NZ_DIAG_INIT;
    enum nz_err err = nz_output_close(&cli->out, &diag);
    if (err == NZ_OK)
        err = nz_output_open(&cli->out, path, &diag);
    diag.file = nz_str_from_c(path);
    if (err != NZ_OK)
        return nz_cli_report(cli, &diag);
    cli->out_path = path;
    cli->out_term = nz_term_of(cli->out.fd, NZ_COLOR_NEVER);
    return NZ_OK;
}

enum nz_err nz_cli_report(struct nz_cli *cli, const struct nz_diag *diag)
{
    nz_outcome_add(&cli->outcome, diag->code, nz_cli_stop_requested());
    if (diag->code != NZ_E_PIPE && diag->code != NZ_E_STOPPED && diag->code != NZ_OK)
        nz_problem_error(&cli->problems, diag);
    return diag->code;
}

void nz_cli_warn(struct nz_cli *cli, const struct nz_diag *diag)
{
    nz_problem_warning(&cli->problems, diag);
}

enum nz_err nz_cli_report_err(struct nz_cli *cli, enum nz_err err)
{
    struct nz_diag diag = NZ_DIAG_INIT;
    nz_diag_set(&diag, err, "%s", "");
    return nz_cli_report(cli, &diag);
}

enum nz_err nz_cli_usage(struct nz_cli *cli, const char *format, ...)
{
    struct nz_buf line;
    nz_buf_init(&line, 0);
    nz_buf_append(&line, NZ_STR("nezuban: "));
    va_list args;
    va_start(args, format);
    char *text = NULL;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral" /* our callers' formats are checked by the attribute */
    if (vasprintf(&text, format, args) >= 0)
        nz_buf_append(&line, nz_str_from_c(text));
#pragma GCC diagnostic pop
    va_end(args);
    free(text);
    nz_problem_line(&cli->problems, nz_buf_view(&line));
    nz_buf_clear(&line);
    const char *name = cli->command ? cli->command->name : "";
    nz_buf_printf(&line, _("try 'nezuban %s%s--help'"), name, *name ? " " : "");
    nz_problem_line(&cli->problems, nz_buf_view(&line));
    nz_buf_release(&line);
    nz_outcome_add(&cli->outcome, NZ_E_USAGE, false);
    return NZ_E_USAGE;
}

/* --expand NAME=VALUE items of one name, gathered; false on lack of memory. */
static bool gather(struct nz_cli *cli, const struct nz_opt_list *given, struct nz_str name, struct nz_placeholder *to)
{
    struct nz_str *values = NZ_ARENA_ARRAY(&cli->arena, struct nz_str, given->count);
    if (!values)
        return false;
    size_t count = 0;
    for (size_t i = 0; i < given->count; i++) {
        struct nz_str item = nz_str_from_c(given->items[i]);
        if (item.n > name.n && nz_str_starts_with(item, name) && item.p[name.n] == '=')
            values[count++] = nz_str_skip(item, name.n + 1);
    }
    *to = (struct nz_placeholder){name, values, count};
    return true;
}

static bool has_placeholder(const struct nz_placeholder *list, size_t count, struct nz_str name)
{
    for (size_t i = 0; i < count; i++) {
        if (nz_str_eq(list[i].name, name))
            return true;
    }
    return false;
}

enum nz_err nz_cli_placeholders(struct nz_cli *cli, const struct nz_opt_list *given, const struct nz_placeholder **out,
                                size_t *count)
{
    size_t room = given->count + cli->config.entries_count;
    struct nz_placeholder *list = NZ_ARENA_ARRAY(&cli->arena, struct nz_placeholder, room ? room : 1);
    if (!list)
        return nz_cli_report_err(cli, NZ_E_NOMEM);
    *out = list;
    *count = 0;
    for (size_t i = 0; i < given->count; i++) {
        const char *equals = strchr(given->items[i], '=');
        if (!equals || equals == given->items[i])
            return nz_cli_usage(cli, "--expand: %s: NAME=VALUE", given->items[i]);
        struct nz_str name = nz_str_of(given->items[i], (size_t)(equals - given->items[i]));
        if (has_placeholder(list, *count, name))
            continue;
        if (!gather(cli, given, name, &list[*count]))
            return nz_cli_report_err(cli, NZ_E_NOMEM);
        ++*count;
    }
    for (size_t i = 0; i < cli->config.entries_count; i++) {
        const struct nz_config_entry *entry = &cli->config.entries[i];
        if (entry->key == NZ_KEY_EXPAND && !has_placeholder(list, *count, entry->name))
            list[(*count)++] = (struct nz_placeholder){entry->name, entry->values, entry->count};
    }
    return NZ_OK;
}
