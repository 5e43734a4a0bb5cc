/* `detect --format ndjson` (one object a line: the contract) and `json` (one document: the same objects, and a summary). */
#include "cli/detect_render.h"

#include <stdlib.h>

struct state {
    struct nz_detection_writer writer;
    struct nz_buf line;
    uint64_t count;
};

static enum nz_err begin(struct nz_cli *cli, const struct nz_detect_wishes *wishes, void **out)
{
    (void)wishes;
    (void)cli;
    struct state *s = calloc(1, sizeof *s);
    *out = s;
    if (!s)
        return NZ_E_NOMEM;
    nz_detection_writer_init(&s->writer);
    nz_buf_init(&s->line, 0);
    return NZ_OK;
}

static void state_free(struct state *s)
{
    if (!s)
        return;
    nz_detection_writer_release(&s->writer);
    nz_buf_release(&s->line);
    free(s);
}

static enum nz_err write_object(struct nz_cli *cli, struct state *s, const struct nz_detection *finding,
                                const char *before, const char *after)
{
    nz_buf_clear(&s->line);
    nz_buf_append(&s->line, nz_str_from_c(before));
    const enum nz_err err = nz_detection_writer_append(&s->writer, &s->line, finding);
    nz_buf_append(&s->line, nz_str_from_c(after));
    if (err != NZ_OK || s->line.failed)
        return NZ_E_NOMEM;
    nz_output_write(&cli->out, nz_buf_view(&s->line));
    s->count++;
    return cli->out.err; /* nobody listens any more: no use going on */
}

static enum nz_err ndjson_finding(struct nz_cli *cli, void *state, const struct nz_detection *finding,
                                  enum nz_level level)
{
    (void)level;
    return write_object(cli, state, finding, "", "\n");
}

static enum nz_err ndjson_end(struct nz_cli *cli, void *state, const struct nz_detect_summary *summary)
{
    (void)cli;
    (void)summary;
    state_free(state);
    return NZ_OK;
}

const struct nz_detect_render nz_detect_ndjson = {
    .form = NZ_DETECTOR_JSON, .begin = begin, .finding = ndjson_finding, .end = ndjson_end};

static enum nz_err json_begin(struct nz_cli *cli, const struct nz_detect_wishes *wishes, void **state)
{
    nz_output_write(&cli->out, NZ_STR("{\"findings\":["));
    return begin(cli, wishes, state);
}

static enum nz_err json_finding(struct nz_cli *cli, void *state, const struct nz_detection *finding,
                                enum nz_level level)
{
    (void)level;
    struct state *s = state;
    return write_object(cli, s, finding, s->count ? ",\n" : "\n", "");
}

static enum nz_err json_end(struct nz_cli *cli, void *state, const struct nz_detect_summary *summary)
{
    const struct nz_scan_stats *scan = summary->scan;
    const struct {
        const char *name;
        uint64_t value;
    } rows[] = {
        {"files", scan->files},
        {"bytes", scan->bytes},
        {"records", scan->records},
        {"duplicates", scan->duplicates},
        {"replaced", scan->replaced},
        {"outside", scan->outside},
        {"skipped", scan->problems},
        {"rules", summary->rules},
        {"rules_refused", summary->rules_refused},
        {"findings", summary->findings},
        {"records_with_findings", summary->records_hit},
        {"not_correlated", summary->ungrouped},
        {"hidden", summary->hidden},
    };
    nz_output_printf(&cli->out, "%s],\n\"summary\":{", ((struct state *)state)->count ? "\n" : "");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        nz_output_printf(&cli->out, "%s\"%s\":%llu", i ? "," : "", rows[i].name, (unsigned long long)rows[i].value);
    nz_output_printf(&cli->out, "}}\n");
    state_free(state);
    return NZ_OK;
}

const struct nz_detect_render nz_detect_json = {
    .form = NZ_DETECTOR_JSON, .begin = json_begin, .finding = json_finding, .end = json_end};
