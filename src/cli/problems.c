#include "cli/problems.h"

#include "cli/i18n.h"
#include "cli/progress.h"
#include "core/text.h"

#include <inttypes.h>
#include <unistd.h>

static void place_append(struct nz_buf *out, const struct nz_diag *diag)
{
    if (diag->file.n) {
        /* "-" is how a user names it on the command line; alone at the start of a line nobody would see it */
        if (nz_str_eq(diag->file, NZ_STR("-")))
            nz_buf_append(out, nz_str_from_c(_("standard input")));
        else
            nz_text_append_terminal(out, diag->file);
    }
    if (diag->line) {
        nz_buf_printf(out, ":%" PRIu32, diag->line);
        if (diag->column)
            nz_buf_printf(out, ":%" PRIu32, diag->column);
    }
    if (diag->file.n || diag->line)
        nz_buf_append(out, NZ_STR(": "));
    if (diag->offset != UINT64_MAX && diag->record != UINT64_MAX)
        nz_buf_printf(out, _("offset %" PRIu64 " (record %" PRIu64 "): "), diag->offset, diag->record);
    else if (diag->offset != UINT64_MAX)
        nz_buf_printf(out, _("offset %" PRIu64 ": "), diag->offset);
    else if (diag->record != UINT64_MAX)
        nz_buf_printf(out, _("record %" PRIu64 ": "), diag->record);
}

void nz_problem_append(struct nz_buf *out, const struct nz_diag *diag)
{
    nz_problem_append_as(out, diag, NULL);
}

void nz_problem_append_as(struct nz_buf *out, const struct nz_diag *diag, const char *severity)
{
    place_append(out, diag);
    if (severity)
        nz_buf_printf(out, "%s: ", severity);
    nz_buf_append(out, nz_str_from_c(_(nz_err_text(diag->code))));
    if (diag->text[0]) {
        nz_buf_append(out, NZ_STR(": "));
        nz_text_append_terminal(out, nz_str_from_c(diag->text));
    }
}

/* One write for one line, so that lines of several processes on one terminal do not mix. What cannot be written to
 * standard error has nowhere else to go. */
void nz_problem_text(struct nz_problems *problems, struct nz_str text)
{
    nz_progress_lock(problems->progress);
    while (text.n) {
        ssize_t n = write(STDERR_FILENO, text.p, text.n);
        if (n <= 0)
            break;
        text = nz_str_skip(text, (size_t)n);
    }
    nz_progress_unlock(problems->progress);
}

static void put_line(struct nz_problems *problems, struct nz_buf *line)
{
    nz_buf_append_char(line, '\n');
    nz_problem_text(problems, nz_buf_view(line));
    nz_buf_release(line);
}

void nz_problem_error(struct nz_problems *problems, const struct nz_diag *diag)
{
    problems->errors++;
    struct nz_buf line;
    nz_buf_init(&line, 0);
    nz_buf_append(&line, nz_str_from_c(problems->color ? "nezuban: \033[31m" : "nezuban: "));
    nz_problem_append(&line, diag);
    if (problems->color)
        nz_buf_append(&line, NZ_STR("\033[0m"));
    put_line(problems, &line);
}

void nz_problem_warning(struct nz_problems *problems, const struct nz_diag *diag)
{
    problems->warnings++;
    struct nz_buf line;
    nz_buf_init(&line, 0);
    nz_buf_printf(&line, problems->color ? "nezuban: \033[33m%s\033[0m: " : "nezuban: %s: ", _("warning"));
    nz_problem_append(&line, diag);
    put_line(problems, &line);
}

void nz_problem_line(struct nz_problems *problems, struct nz_str text)
{
    struct nz_buf line;
    nz_buf_init(&line, 0);
    nz_text_append_terminal(&line, text);
    put_line(problems, &line);
}
