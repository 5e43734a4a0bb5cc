#include "cli/exception_file.h"

#include "cli/rules_load.h"
#include "cli/text_file.h"

#define DAY_US (INT64_C(86400) * 1000000)

struct reading {
    struct nz_cli *cli;
    const char *path;
};

static void on_problem(void *self, const struct nz_diag *diag)
{
    const struct reading *r = self;
    struct nz_diag named = *diag;
    named.file = nz_str_from_c(r->path);
    nz_cli_report(r->cli, &named);
}

static enum nz_err read_file(struct nz_cli *cli, struct nz_exception_file *file)
{
    struct reading r = {cli, file->path};
    struct nz_diag diag = NZ_DIAG_INIT;
    struct nz_buf text;
    nz_buf_init(&text, NZ_TEXT_FILE_BYTES_MAX);
    enum nz_err err = nz_text_file_read(file->path, &text, &diag);
    if (err != NZ_OK)
        on_problem(&r, &diag);
    else if (nz_exceptions_read(&file->keep, nz_buf_view(&text), on_problem, &r, &file->exceptions) == NZ_E_NOMEM)
        err = nz_cli_report_err(cli, NZ_E_NOMEM);
    nz_buf_release(&text);
    return err;
}

void nz_exception_append_end(struct nz_buf *out, const struct nz_exception *exception)
{
    nz_time end = exception->expires;
    if (end.us % DAY_US == 0)
        end.us -= DAY_US; /* a day alone is the last on which it holds */
    size_t begin = out->n;
    nz_time_append(out, end);
    if (end.us % DAY_US == 0 && !out->failed)
        out->n = begin + sizeof "2027-03-31" - 1;
}

static void warn(struct nz_cli *cli, const struct nz_exception_file *file, const struct nz_exception *e,
                 enum nz_err code, struct nz_str text)
{
    struct nz_diag diag = NZ_DIAG_INIT;
    nz_diag_at(&diag, code, e->line, e->column, "%.*s", NZ_STR_ARG(text));
    diag.file = nz_str_from_c(file->path);
    nz_cli_warn(cli, &diag);
}

static bool names_a_rule(const struct nz_exception *e, const struct nz_ruleset *rules)
{
    for (size_t i = 0; i < nz_ruleset_count(rules); i++) {
        const struct nz_rule *rule = nz_ruleset_rule(rules, i);
        if (nz_exception_names_rule(e, rule->key, rule->name))
            return true;
    }
    return false;
}

/* What no longer works as it was meant to. */
static void look_over(struct nz_cli *cli, const struct nz_exception_file *file, const struct nz_ruleset *rules)
{
    struct nz_buf text;
    nz_buf_init(&text, 0);
    for (size_t i = 0; i < file->exceptions.count; i++) {
        const struct nz_exception *e = &file->exceptions.list[i];
        if (!e->rule.p)
            continue;
        nz_buf_clear(&text);
        nz_buf_append(&text, e->rule);
        if (nz_exception_is_expired(e, file->now)) {
            nz_buf_append(&text, NZ_STR(", "));
            nz_exception_append_end(&text, e);
            nz_buf_append(&text, NZ_STR(", "));
            nz_buf_append(&text, e->owner);
            warn(cli, file, e, NZ_E_EXCEPTION_EXPIRED, nz_buf_view(&text));
        } else if (rules && !names_a_rule(e, rules)) {
            const char *near = nz_rules_nearest(cli, rules, e->rule);
            if (near)
                nz_buf_printf(&text, _("; did you mean '%s'?"), near);
            warn(cli, file, e, NZ_E_EXCEPTION_RULE, nz_buf_view(&text));
        }
    }
    nz_buf_release(&text);
}

enum nz_err nz_exception_file_open(struct nz_cli *cli, const char *path, const struct nz_ruleset *rules,
                                   struct nz_exception_file *out)
{
    *out = (struct nz_exception_file){.path = path};
    nz_arena_init(&out->keep, 0);
    if (!path)
        return NZ_OK;
    out->now = nz_clock_system.now(NULL);
    enum nz_err err = read_file(cli, out);
    if (err != NZ_OK)
        return err;
    out->hidden = NZ_ARENA_ARRAY(&out->keep, uint64_t, out->exceptions.count + 1);
    if (!out->hidden)
        return nz_cli_report_err(cli, NZ_E_NOMEM);
    look_over(cli, out, rules);
    return NZ_OK;
}

void nz_exception_file_close(struct nz_exception_file *file)
{
    nz_arena_release(&file->keep);
}

static struct nz_str group_value(const struct nz_detection *finding, struct nz_str name)
{
    for (size_t i = 0; i < finding->group_count; i++) {
        if (nz_str_eq(finding->group_names[i], name))
            return finding->group_values[i];
    }
    return (struct nz_str){0};
}

bool nz_exception_file_hides(struct nz_exception_file *file, const struct nz_detection *finding)
{
    if (file->exceptions.count == 0)
        return false;
    struct nz_str actor = finding->actor.p ? finding->actor : group_value(finding, NZ_STR("userIdentity.arn"));
    struct nz_str region = finding->region.p ? finding->region : group_value(finding, NZ_STR("awsRegion"));
    const struct nz_exception *e =
        nz_exception_for_rule(&file->exceptions, finding->rule_id, finding->rule_name, actor, region, file->now);
    if (!e)
        return false;
    file->hidden[e - file->exceptions.list]++;
    return true;
}

void nz_exception_file_summarize(const struct nz_exception_file *file, struct nz_cli *cli)
{
    struct nz_buf line, end;
    nz_buf_init(&line, 0);
    nz_buf_init(&end, 0);
    for (size_t i = 0; i < file->exceptions.count; i++) {
        const struct nz_exception *e = &file->exceptions.list[i];
        if (file->hidden[i] == 0)
            continue;
        nz_buf_clear(&line);
        nz_buf_clear(&end);
        nz_exception_append_end(&end, e);
        nz_buf_printf(&line, _("hidden by the exception in %s, line %u (%.*s): %llu; until %.*s, %.*s: %.*s"),
                      file->path, e->line, NZ_STR_ARG(e->rule), (unsigned long long)file->hidden[i],
                      NZ_STR_ARG(nz_buf_view(&end)), NZ_STR_ARG(e->owner), NZ_STR_ARG(e->reason));
        nz_problem_line(&cli->problems, nz_buf_view(&line));
    }
    nz_buf_release(&end);
    nz_buf_release(&line);
}
