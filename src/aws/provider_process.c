/* credential_process: a program that prints keys. It is run without a shell, its words split as a shell would; what it says on
 * standard error goes to the person.
 * Source: AWS SDKs and Tools Reference Guide, "Process credential provider". */
#include "aws/provider.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORDS_MAX 64u
#define WAIT_MS 60000
#define END_PIECE_MS 10

/* --- words --- */

struct words {
    char *list[WORDS_MAX + 1]; /* ends with NULL */
    size_t count;
};

/* One word, its quotes and backslashes taken away as in POSIX sh, section 2.2. False: a quote that is not closed. */
static bool word_take(struct nz_str *rest, char *to)
{
    char quote = 0;
    size_t i = 0, n = 0;
    for (; i < rest->n && (quote || (rest->p[i] != ' ' && rest->p[i] != '\t')); i++) {
        const char c = rest->p[i];
        if (quote ? c == quote : (c == '"' || c == '\''))
            quote = quote ? 0 : c;
        else if (c == '\\' && quote != '\'' && i + 1 < rest->n)
            to[n++] = rest->p[++i];
        else
            to[n++] = c;
    }
    to[n] = 0;
    *rest = nz_str_trim(nz_str_skip(*rest, i));
    return !quote;
}

static enum nz_err words_split(struct nz_aws_search *search, struct nz_str command, struct words *out)
{
    *out = (struct words){0};
    for (struct nz_str rest = nz_str_trim(command); rest.n;) {
        if (out->count >= WORDS_MAX)
            return nz_aws_provider_fail(search, "credential_process has more than %u words", WORDS_MAX);
        char *word = nz_arena_alloc(search->arena, rest.n + 1);
        if (!word)
            return NZ_E_NOMEM;
        if (!word_take(&rest, word))
            return nz_aws_provider_fail(search, "credential_process has a quote that is not closed");
        out->list[out->count++] = word;
    }
    return out->count ? NZ_OK : nz_aws_provider_fail(search, "credential_process is empty");
}

/* --- the program --- */

static int left_ms(const struct nz_aws_search *search, nz_mono from)
{
    uint64_t gone = (nz_clock_mono(search->clock).ns - from.ns) / 1000000;
    return gone < WAIT_MS ? WAIT_MS - (int)gone : 0;
}

static enum nz_err too_long(struct nz_aws_search *search)
{
    return nz_aws_provider_fail(search, "credential_process did not end within %d s", WAIT_MS / 1000);
}

static enum nz_err output_read(struct nz_aws_search *search, int fd, nz_mono from, struct nz_buf *out)
{
    for (;;) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        int ready = poll(&p, 1, left_ms(search, from));
        if (ready < 0 && errno == EINTR)
            continue;
        if (ready <= 0)
            return too_long(search);
        char *to = nz_buf_reserve(out, 4096);
        if (!to)
            return NZ_E_NOMEM;
        ssize_t n = read(fd, to, 4096);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return NZ_OK;
        out->n += (size_t)n;
        if (out->n > NZ_AWS_SECRET_BYTES_MAX)
            return nz_aws_provider_fail(search, "credential_process prints more than 64 KiB");
    }
}

/* One may close its output and go on. */
static enum nz_err program_wait(struct nz_aws_search *search, pid_t pid, nz_mono from, int *status)
{
    for (;;) {
        const pid_t ended = waitpid(pid, status, WNOHANG);
        if (ended == pid || (ended < 0 && errno != EINTR))
            return NZ_OK;
        if (!left_ms(search, from)) {
            kill(pid, SIGKILL);
            (void)waitpid(pid, status, 0);
            return too_long(search);
        }
        (void)poll(NULL, 0, END_PIECE_MS);
    }
}

static enum nz_err program_end(struct nz_aws_search *search, pid_t pid, nz_mono from, enum nz_err err)
{
    int status = 0;
    if (err)
        kill(pid, SIGKILL);
    const enum nz_err waited = program_wait(search, pid, from, &status);
    err = err ? err : waited;
    if (!err && !(WIFEXITED(status) && WEXITSTATUS(status) == 0))
        return nz_aws_provider_fail(search, "credential_process ended with status %d",
                                    WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    return err;
}

static enum nz_err program_start(struct nz_aws_search *search, const struct words *words, int write_end, pid_t *pid)
{
    posix_spawn_file_actions_t actions;
    const char *name = words->list[0];
    if (!name || posix_spawn_file_actions_init(&actions))
        return NZ_E_NOMEM;
    int failed = posix_spawn_file_actions_adddup2(&actions, write_end, STDOUT_FILENO);
    if (!failed)
        failed = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (!failed)
        failed = posix_spawnp(pid, name, &actions, NULL, words->list, environ);
    posix_spawn_file_actions_destroy(&actions);
    return failed ? nz_aws_provider_fail(search, "credential_process %s: %s", name, strerror(failed)) : NZ_OK;
}

static enum nz_err program_run(struct nz_aws_search *search, const struct words *words, struct nz_buf *out)
{
    int ends[2];
    pid_t pid = -1;
    const nz_mono from = nz_clock_mono(search->clock);
    if (pipe2(ends, O_CLOEXEC) != 0)
        return nz_diag_set(search->diag, NZ_E_IO, "%s", strerror(errno));
    enum nz_err err = program_start(search, words, ends[1], &pid);
    close(ends[1]);
    if (!err)
        err = program_end(search, pid, from, output_read(search, ends[0], from, out));
    close(ends[0]);
    return err;
}

/* --- what it printed --- */

static enum nz_err output_parse(struct nz_aws_search *search, struct nz_str text, struct nz_aws_credentials *out)
{
    static const struct nz_aws_key_names names = {"AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration",
                                                  false};
    struct nz_json_doc doc;
    struct nz_json root;
    nz_json_doc_init(&doc);
    enum nz_err err = nz_json_parse(&doc, text, &root, NULL);
    if (err && err != NZ_E_NOMEM)
        err = nz_aws_provider_fail(search, "credential_process prints no JSON");
    struct nz_json version = err ? (struct nz_json){0} : nz_json_get(root, NZ_STR("Version"));
    if (!err && (nz_json_is_absent(version) || !nz_str_eq(nz_json_source(version), NZ_STR("1"))))
        err = nz_aws_provider_fail(search, "credential_process prints a Version other than 1");
    if (!err)
        err = nz_aws_credentials_from_json(search, root, &names, out);
    nz_json_doc_release(&doc);
    return err;
}

enum nz_err nz_aws_provider_process(struct nz_aws_search *search, struct nz_str profile, struct nz_aws_credentials *out)
{
    struct nz_str command = nz_aws_settings_get(search->settings, profile, "credential_process");
    if (!command.n)
        return nz_aws_provider_skip(search, "process: no credential_process in profile %.*s", NZ_STR_ARG(profile));
    struct words words;
    struct nz_buf printed;
    nz_buf_init_wiped(&printed, 0);
    enum nz_err err = words_split(search, command, &words);
    if (!err)
        err = program_run(search, &words, &printed);
    if (!err)
        err = output_parse(search, nz_buf_view(&printed), out);
    nz_buf_release(&printed);
    return err;
}
