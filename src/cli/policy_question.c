#include "cli/policy_question.h"

#include "cli/i18n.h"
#include "cli/snapshot_file.h"
#include "cli/snapshot_folder.h"
#include "core/json.h"
#include "core/text.h"
#include "inventory/account_text.h"
#include "policy/catalogue.h"
#include "trail/source.h"

#define READ_BYTES ((size_t)1 << 20)
#define HEAD_BYTES ((size_t)4096) /* what a file is, is seen there */

const char *const nz_question_formats[] = {"table", "json", NULL};

static bool on_stop(void *self)
{
    (void)self;
    return nz_cli_stop_requested();
}

static enum nz_err read_all(struct nz_source *source, struct nz_buf *text, struct nz_diag *diag)
{
    for (;;) {
        size_t written;
        char *to = nz_buf_reserve(text, READ_BYTES);
        if (!to && text->n + READ_BYTES > NZ_ACCOUNT_BYTES_MAX)
            return nz_diag_set(diag, NZ_E_ACCOUNT_LIMIT, "more than %zu MiB", NZ_ACCOUNT_BYTES_MAX >> 20);
        if (!to)
            return nz_diag_set(diag, NZ_E_NOMEM, "%s", "");
        enum nz_err err = nz_source_read(source, to, READ_BYTES, &written, diag);
        if (err != NZ_OK || written == 0)
            return err;
        text->n += written;
    }
}

enum nz_err nz_policy_text_read(const char *path, struct nz_buf *text, struct nz_diag *diag)
{
    struct nz_source *source;
    enum nz_err err = nz_source_new(&source);
    if (err != NZ_OK)
        return nz_diag_set(diag, err, "%s", "");
    nz_source_stop_when(source, on_stop, NULL);
    err = nz_source_open(source, path, diag);
    if (err == NZ_OK)
        err = read_all(source, text, diag);
    nz_source_free(source);
    return err;
}

/* --context KEY=VALUE: a key that stands several times has several values. */
static enum nz_err context_read(struct nz_cli *cli, const struct nz_opt_list *given, struct nz_access_question *ask)
{
    struct nz_policy_key *keys = NZ_ARENA_ARRAY(&cli->arena, struct nz_policy_key, given->count + 1);
    if (!keys)
        return nz_cli_report_err(cli, NZ_E_NOMEM);
    for (size_t i = 0; i < given->count; i++) {
        const char *equals = strchr(given->items[i], '=');
        if (!equals || equals == given->items[i])
            return nz_cli_usage(cli, _("--context takes KEY=VALUE, not '%s'"), given->items[i]);
        struct nz_str name = nz_str_of(given->items[i], (size_t)(equals - given->items[i]));
        uint32_t at = 0;
        while (at < ask->context_count && !nz_str_eq_nocase(keys[at].name, name))
            at++;
        struct nz_str *values = NZ_ARENA_ARRAY(&cli->arena, struct nz_str, keys[at].count + (size_t)1);
        if (!values)
            return nz_cli_report_err(cli, NZ_E_NOMEM);
        if (keys[at].count)
            memcpy(values, keys[at].values, keys[at].count * sizeof *values);
        values[keys[at].count] = nz_str_from_c(equals + 1);
        keys[at] = (struct nz_policy_key){.name = name, .values = values, .count = keys[at].count + 1};
        ask->context_count += at == ask->context_count;
    }
    ask->context = keys;
    return NZ_OK;
}

static enum nz_err action_check(struct nz_cli *cli, const char *action)
{
    const char *colon = strchr(action, ':');
    if (!colon || colon == action || !colon[1])
        return nz_cli_usage(cli, _("ACTION is SERVICE:NAME, such as s3:GetObject, not '%s'"), action);
    return NZ_OK;
}

/* AWS has new actions every week, so what the catalogue does not have is decided all the same. */
static enum nz_err action_warn(struct nz_cli *cli, struct nz_str action)
{
    struct nz_diag diag = NZ_DIAG_INIT;
    struct nz_catalogue *catalogue;
    enum nz_err err = nz_catalogue_open(&catalogue, &diag);
    if (err != NZ_OK)
        return nz_cli_report(cli, &diag);
    if (nz_catalogue_find(catalogue, action) == NZ_CATALOGUE_NONE) {
        nz_diag_set(&diag, NZ_E_ACTION, "%.*s", NZ_STR_ARG(nz_str_head(action, 200)));
        nz_cli_warn(cli, &diag);
    }
    nz_catalogue_free(catalogue);
    return NZ_OK;
}

/* What collect wrote, or AWS Config delivered, in place of what the CLI prints. */
static bool is_snapshot(struct nz_str text)
{
    if (!text.p)
        return false;
    struct nz_str head = nz_str_head(text, text.n < HEAD_BYTES ? text.n : HEAD_BYTES);
    return head.p && (nz_str_starts_with(head, NZ_STR("{\"kind\":\"snapshot\"")) ||
                      nz_str_find(head, NZ_STR("\"configurationItems\"")) != SIZE_MAX);
}

/* The account of a snapshot takes the text's place. A folder is what AWS Config delivered, a file a region. */
static enum nz_err snapshot_convert(struct nz_cli *cli, const char *path, struct nz_policy_question *q)
{
    struct nz_snapshot *snapshot;
    enum nz_err err = nz_cli_is_folder(path) ? nz_cli_snapshot_open(cli, path, &snapshot)
                                             : nz_cli_snapshot_of_text(cli, path, nz_buf_view(&q->text), &snapshot);
    if (err != NZ_OK)
        return err;
    nz_buf_clear(&q->text);
    err = nz_snapshot_append_account(snapshot, &q->text);
    nz_snapshot_free(snapshot);
    q->from_snapshot = true;
    return err == NZ_OK ? NZ_OK : nz_cli_report_err(cli, err);
}

static enum nz_err account_read(struct nz_policy_question *q, struct nz_diag *diag)
{
    enum nz_err err = nz_account_read(nz_buf_view(&q->text), &q->account, diag);
    if (err == NZ_OK)
        q->account->without_places = q->from_snapshot;
    return err;
}

enum nz_err nz_policy_account_open(struct nz_cli *cli, const char *path, const char *output,
                                   struct nz_policy_question *q)
{
    struct nz_diag diag = NZ_DIAG_INIT;
    *q = (struct nz_policy_question){.path = nz_str_from_c(path)};
    nz_buf_init(&q->text, NZ_ACCOUNT_BYTES_MAX);
    if (!path)
        return nz_cli_usage(cli, _("--account FILE is missing"));
    enum nz_err err = nz_cli_output(cli, output);
    if (err != NZ_OK)
        return err;
    bool folder = nz_cli_is_folder(path);
    err = folder ? NZ_OK : nz_policy_text_read(path, &q->text, &diag);
    if (err == NZ_OK && (folder || is_snapshot(nz_buf_view(&q->text)))) {
        err = snapshot_convert(cli, path, q);
        if (err != NZ_OK)
            return err;
    }
    if (err == NZ_OK)
        err = account_read(q, &diag);
    if (err != NZ_OK) {
        diag.file = q->path;
        return nz_cli_report(cli, &diag);
    }
    err = nz_access_sets_build(q->account, &q->sets);
    return err == NZ_OK ? NZ_OK : nz_cli_report_err(cli, err);
}

enum nz_err nz_policy_question_open(struct nz_cli *cli, const struct nz_question_opts *o, const char *action,
                                    const char *resource, struct nz_policy_question *q)
{
    struct nz_access_question ask = {.action = nz_str_from_c(action),
                                     .resource = nz_str_from_c(resource ? resource : "*")};
    *q = (struct nz_policy_question){0};
    enum nz_err err = action_check(cli, action);
    if (err == NZ_OK)
        err = context_read(cli, &o->context, &ask);
    if (err == NZ_OK)
        err = nz_policy_account_open(cli, o->account, o->output, q);
    if (err == NZ_OK)
        err = action_warn(cli, ask.action);
    q->ask = ask;
    return err;
}

void nz_policy_question_release(struct nz_policy_question *q)
{
    nz_access_sets_free(q->sets);
    nz_account_free(q->account);
    nz_buf_release(&q->text);
}

struct nz_diag nz_policy_question_problem(const struct nz_policy_question *q, const struct nz_diag *problem)
{
    struct nz_diag named = *problem;
    named.file = q->path;
    named.offset = UINT64_MAX; /* line and column say it */
    if (q->from_snapshot)
        named.line = named.column = 0;
    return named;
}

struct nz_str nz_question_shown(struct nz_cli *cli, struct nz_str text)
{
    if (!text.n || !memchr(text.p, '\0', text.n))
        return text;
    struct nz_buf safe;
    nz_buf_init(&safe, 0);
    nz_text_append_terminal(&safe, text);
    struct nz_str kept = nz_arena_str(&cli->arena, nz_buf_view(&safe));
    nz_buf_release(&safe);
    return kept.p ? kept : text;
}

const char *nz_question_word(const char *decision)
{
    static const char *const words[] = {N_("allowed"),           N_("allowed-if"), N_("explicitly-denied"),
                                        N_("implicitly-denied"), N_("unknown"),    NULL};
    int at = nz_choice_find(words, decision);
    return at < 0 ? decision : _(words[at]);
}

void nz_question_append_text(struct nz_buf *out, const char *key, struct nz_str text)
{
    nz_buf_printf(out, ",\"%s\":", key);
    if (text.p)
        nz_json_append_string(out, text);
    else
        nz_buf_append(out, NZ_STR("null"));
}

void nz_question_append_texts(struct nz_buf *out, const char *key, const struct nz_str *texts, size_t count)
{
    nz_buf_printf(out, ",\"%s\":[", key);
    for (size_t i = 0; i < count; i++) {
        if (i)
            nz_buf_append_char(out, ',');
        nz_json_append_string(out, texts[i]);
    }
    nz_buf_append_char(out, ']');
}

void nz_question_append_problem(struct nz_buf *out, const struct nz_policy_question *q, const struct nz_diag *problem)
{
    nz_buf_printf(out, "{\"code\":\"%s\"", nz_err_name(problem->code));
    nz_question_append_text(out, "message", nz_str_from_c(nz_err_text(problem->code)));
    nz_question_append_text(out, "detail", nz_str_from_c(problem->text));
    if (problem->line && !q->from_snapshot)
        nz_buf_printf(out, ",\"line\":%u,\"column\":%u}", problem->line, problem->column);
    else
        nz_buf_append(out, NZ_STR(",\"line\":null,\"column\":null}"));
}
