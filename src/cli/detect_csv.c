/* `detect --format csv`: RFC 4180, one row a finding. */
#include "cli/detect_render.h"

#include <stdlib.h>

struct state {
    struct nz_buf line, scratch;
};

static enum nz_err begin(struct nz_cli *cli, const struct nz_detect_wishes *wishes, void **out)
{
    (void)wishes;
    struct state *s = calloc(1, sizeof *s);
    *out = s;
    if (!s)
        return NZ_E_NOMEM;
    nz_buf_init(&s->line, 0);
    nz_buf_init(&s->scratch, 0);
    if (cli->lang == NZ_LANG_JA) /* a Japanese spreadsheet takes a file without a byte order mark for Shift_JIS */
        nz_buf_append(&s->line, NZ_STR("\xef\xbb\xbf"));
    nz_detection_append_csv_titles(&s->line);
    if (!s->line.failed)
        nz_output_write(&cli->out, nz_buf_view(&s->line));
    return nz_buf_status(&s->line);
}

static enum nz_err finding(struct nz_cli *cli, void *state, const struct nz_detection *finding, enum nz_level level)
{
    struct state *s = state;
    (void)level;
    nz_buf_clear(&s->line);
    nz_detection_append_csv(&s->line, finding, &s->scratch);
    if (s->line.failed)
        return NZ_E_NOMEM;
    nz_output_write(&cli->out, nz_buf_view(&s->line));
    return cli->out.err;
}

static enum nz_err end(struct nz_cli *cli, void *state, const struct nz_detect_summary *summary)
{
    struct state *s = state;
    (void)cli;
    (void)summary;
    if (s) {
        nz_buf_release(&s->line);
        nz_buf_release(&s->scratch);
    }
    free(s);
    return NZ_OK;
}

const struct nz_detect_render nz_detect_csv = {.begin = begin, .finding = finding, .end = end};
