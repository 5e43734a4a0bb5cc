/* `detect --format ocsf`: one OCSF event a line, as a SIEM or Amazon Security Lake takes it in. */
#include "cli/detect_render.h"

#include <stdlib.h>

struct state {
    struct nz_buf line;
    struct nz_hash *hash;
};

static enum nz_err begin(struct nz_cli *cli, const struct nz_detect_wishes *wishes, void **out)
{
    (void)cli;
    (void)wishes;
    struct state *s = calloc(1, sizeof *s);
    *out = s;
    if (!s)
        return NZ_E_NOMEM;
    nz_buf_init(&s->line, 0);
    const enum nz_err err = nz_hash_new(&s->hash);
    if (err != NZ_OK) {
        free(s);
        *out = NULL;
    }
    return err;
}

static enum nz_err finding(struct nz_cli *cli, void *state, const struct nz_detection *finding, enum nz_level level)
{
    struct state *s = state;
    char fingerprint[NZ_DETECTION_FINGERPRINT_CHARS + 1];
    nz_buf_clear(&s->line);
    enum nz_err err = nz_detection_fingerprint(finding, s->hash, fingerprint);
    if (err != NZ_OK)
        return err;
    nz_detection_append_ocsf(&s->line, finding, (unsigned)level, fingerprint);
    nz_buf_append_char(&s->line, '\n');
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
    nz_buf_release(&s->line);
    nz_hash_free(s->hash);
    free(s);
    return NZ_OK;
}

const struct nz_detect_render nz_detect_ocsf = {.begin = begin, .finding = finding, .end = end};
