/* `detect --format sarif`: SARIF 2.1.0, for viewers and code scanning. Results are written as they come; the rules they
 * refer to by number, and whether all was read, stand behind them.
 * Source: OASIS, SARIF Version 2.1.0 Plus Errata 01. */
#include "cli/detect_render.h"
#include "cli/detect_words.h"
#include "core/json.h"
#include "findings/hit_sums.h"

#include <stdlib.h>

struct state {
    struct nz_hit_sums rules; /* for its table of rules: which number each has */
    struct nz_buf line, text;
    struct nz_hash *hash;
};

static void state_free(struct state *s)
{
    nz_hit_sums_release(&s->rules);
    nz_buf_release(&s->line);
    nz_buf_release(&s->text);
    nz_hash_free(s->hash);
    free(s);
}

static enum nz_err begin(struct nz_cli *cli, const struct nz_detect_wishes *wishes, void **out)
{
    (void)wishes;
    struct state *s = calloc(1, sizeof *s);
    *out = s;
    if (!s)
        return NZ_E_NOMEM;
    nz_hit_sums_init(&s->rules);
    nz_buf_init(&s->line, 0);
    nz_buf_init(&s->text, 0);
    const enum nz_err err = nz_hash_new(&s->hash);
    if (err != NZ_OK) {
        state_free(s);
        *out = NULL;
        return err;
    }
    nz_output_write(&cli->out,
                    NZ_STR("{\"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\",\"version\":\"2.1.0\","
                           "\"runs\":[{\"results\":["));
    return NZ_OK;
}

/* --- texts --- */

static void append_member(struct nz_buf *out, const char *name, struct nz_str text)
{
    nz_buf_printf(out, "\"%s\":", name);
    nz_json_append_string(out, text);
}

/* A message is plain text in which [x](y) is a link (section 3.11.6) and {0} an argument (3.11.5); values have neither. */
static void escape_message(struct nz_buf *out, struct nz_str text)
{
    for (size_t i = 0; i < text.n; i++) {
        const char c = text.p[i];
        if (c == '[' || c == ']' || c == '\\')
            nz_buf_append_char(out, '\\');
        else if (c == '{' || c == '}')
            nz_buf_append_char(out, c);
        nz_buf_append_char(out, c);
    }
}

/* RFC 3986: all bytes but the unreserved ones and the slash. "-" and other relative paths are relative references. */
static void escape_uri(struct nz_buf *out, struct nz_str path)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/";
    if (nz_str_starts_with(path, NZ_STR("/")))
        nz_buf_append(out, NZ_STR("file://"));
    for (size_t i = 0; i < path.n; i++) {
        if (path.p[i] && strchr(plain, path.p[i]))
            nz_buf_append_char(out, path.p[i]);
        else
            nz_buf_printf(out, "%%%02X", (unsigned char)path.p[i]);
    }
}

static const char *level_of(unsigned level)
{
    return level >= NZ_LEVEL_HIGH ? "error" : level == NZ_LEVEL_MEDIUM ? "warning" : "note";
}

/* --- results --- */

static void append_message(struct state *s, const struct nz_detection *d)
{
    const struct nz_hit_who who = nz_hit_who_of(d);
    const struct nz_str parts[] = {who.actor, d->event_name, who.source, who.region,
                                   d->event_time.p ? d->event_time : d->last_time};
    nz_buf_clear(&s->text);
    escape_message(&s->text, d->title);
    for (size_t i = 0, shown = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (!parts[i].n)
            continue;
        nz_buf_append(&s->text, shown++ ? NZ_STR(", ") : NZ_STR(": "));
        escape_message(&s->text, parts[i]);
    }
    nz_buf_append(&s->line, NZ_STR(",\"message\":{"));
    append_member(&s->line, "text", nz_buf_view(&s->text));
    nz_buf_append_char(&s->line, '}');
}

/* GitHub refuses a whole file for one result without a location, its artifact's address or its first line, and what a correlation
 * found stands in several files. Source: GitHub Docs, "SARIF support for code scanning"; rules GH1001 and GH1003 of Sarif.Multitool. */
static void append_location(struct state *s, const struct nz_detection *d)
{
    nz_buf_clear(&s->text);
    escape_uri(&s->text, d->file.n ? d->file : NZ_STR("CloudTrail"));
    nz_buf_append(&s->line, NZ_STR(",\"locations\":[{\"physicalLocation\":{\"artifactLocation\":{"));
    append_member(&s->line, "uri", nz_buf_view(&s->text));
    nz_buf_append(&s->line, NZ_STR("},\"region\":{\"startLine\":1}}}]"));
}

static enum nz_err finding(struct nz_cli *cli, void *state, const struct nz_detection *d, enum nz_level level)
{
    struct state *s = state;
    struct nz_hit_group *rule;
    char fingerprint[NZ_DETECTION_FINGERPRINT_CHARS + 1];
    const bool first = s->rules.total == 0;
    enum nz_err err = nz_hit_sums_add(&s->rules, d, (unsigned)level, &rule);
    if (err == NZ_OK)
        err = nz_detection_fingerprint(d, s->hash, fingerprint);
    if (err != NZ_OK)
        return err;
    nz_buf_clear(&s->line);
    nz_buf_append(&s->line, first ? NZ_STR("\n{") : NZ_STR(",\n{"));
    append_member(&s->line, "ruleId", d->rule_id);
    nz_buf_printf(&s->line, ",\"ruleIndex\":%u,\"level\":\"%s\"", rule->number, level_of((unsigned)level));
    append_message(s, d);
    append_location(s, d);
    nz_buf_printf(&s->line, /* the second name is the one that GitHub tells results apart by */
                  ",\"partialFingerprints\":{\"nezuban/"
                  "v1\":\"%s\",\"primaryLocationLineHash\":\"%s\"},\"properties\":{\"finding\":",
                  fingerprint, fingerprint);
    nz_detection_append_json(&s->line, d);
    nz_buf_append(&s->line, NZ_STR("}}"));
    if (s->line.failed || s->text.failed)
        return NZ_E_NOMEM;
    nz_output_write(&cli->out, nz_buf_view(&s->line));
    return cli->out.err;
}

/* --- the tool --- */

/* An address that may stand where the schema wants a URI. */
static bool is_https(struct nz_str address)
{
    for (size_t i = 0; i < address.n; i++) {
        const unsigned char c = (unsigned char)address.p[i];
        if (c <= 0x20 || c >= 0x7f || strchr("\"<>\\^`{|}", c))
            return false;
    }
    return nz_str_starts_with(address, NZ_STR("https://"));
}

static void append_help(struct state *s, const struct nz_hit_group *rule)
{
    struct nz_str steps[NZ_DETECT_STEPS_MAX];
    const size_t count = nz_detect_next_steps(rule, steps);
    nz_buf_clear(&s->text);
    for (size_t i = 0; i < count; i++) {
        nz_buf_append(&s->text, i ? NZ_STR("\n- ") : NZ_STR("- "));
        escape_message(&s->text, steps[i]);
    }
    nz_buf_append(&s->line, NZ_STR(",\"help\":{"));
    append_member(&s->line, "text", nz_buf_view(&s->text));
    nz_buf_append_char(&s->line, '}');
    for (size_t i = 0; i < rule->guide.references.count; i++) {
        const struct nz_str address = rule->guide.references.items[i];
        if (!is_https(address))
            continue;
        nz_buf_append_char(&s->line, ',');
        append_member(&s->line, "helpUri", address);
        return;
    }
}

/* security-severity is GitHub's: a number of 0 to 10 by which it names the result critical, high, medium or low. */
static void append_rule(struct state *s, const struct nz_hit_group *rule)
{
    static const char *const severities[NZ_HIT_LEVELS] = {"0.0", "2.0", "5.5", "8.0", "9.5"};
    nz_buf_append(&s->line, rule->number ? NZ_STR(",\n{") : NZ_STR("\n{"));
    append_member(&s->line, "id", rule->rule_id);
    nz_buf_clear(&s->text);
    escape_message(&s->text, rule->title);
    nz_buf_append(&s->line, NZ_STR(",\"shortDescription\":{"));
    append_member(&s->line, "text", nz_buf_view(&s->text));
    nz_buf_clear(&s->text);
    escape_message(&s->text, rule->guide.description.n ? rule->guide.description : rule->title);
    nz_buf_append(&s->line, NZ_STR("},\"fullDescription\":{"));
    append_member(&s->line, "text", nz_buf_view(&s->text));
    nz_buf_append_char(&s->line, '}');
    append_help(s, rule);
    nz_buf_printf(
        &s->line,
        ",\"defaultConfiguration\":{\"level\":\"%s\"},\"properties\":{\"security-severity\":\"%s\",\"tags\":[",
        level_of(rule->level), severities[rule->level]);
    for (size_t i = 0; i < rule->tags_count; i++) {
        bool before = false; /* the list is a set in SARIF */
        for (size_t k = 0; k < i && !before; k++)
            before = nz_str_eq(rule->tags[k], rule->tags[i]);
        if (before)
            continue;
        nz_buf_append(&s->line, i ? NZ_STR(",") : NZ_STR(""));
        nz_json_append_string(&s->line, rule->tags[i]);
    }
    nz_buf_append(&s->line, NZ_STR("]}}"));
}

static enum nz_err write_tool(struct nz_cli *cli, struct state *s, const struct nz_detect_summary *summary)
{
    struct nz_hit_group **rules = nz_hit_sums_groups(&s->rules);
    struct nz_hit_group **numbered = NZ_ARENA_ARRAY(&s->rules.keep, struct nz_hit_group *, s->rules.groups_count + 1);
    if (!rules || !numbered)
        return NZ_E_NOMEM;
    for (size_t i = 0; i < s->rules.groups_count; i++)
        numbered[rules[i]->number] = rules[i];
    nz_output_write(&cli->out,
                    NZ_STR("],\n\"columnKind\":\"utf16CodeUnits\",\"tool\":{\"driver\":{\"name\":\"nezuban\","
                           "\"version\":\"" NZ_VERSION "\",\"rules\":["));
    for (size_t i = 0; i < s->rules.groups_count; i++) {
        nz_buf_clear(&s->line);
        append_rule(s, numbered[i]);
        if (s->line.failed || s->text.failed)
            return NZ_E_NOMEM;
        nz_output_write(&cli->out, nz_buf_view(&s->line));
    }
    nz_output_printf(&cli->out, "]}},\n\"invocations\":[{\"executionSuccessful\":%s}]}]}\n",
                     summary->scan->problems || summary->rules_refused ? "false" : "true");
    return NZ_OK;
}

static enum nz_err end(struct nz_cli *cli, void *state, const struct nz_detect_summary *summary)
{
    const enum nz_err err = write_tool(cli, state, summary);
    state_free(state);
    return err != NZ_OK ? nz_cli_report_err(cli, err) : NZ_OK;
}

const struct nz_detect_render nz_detect_sarif = {.begin = begin, .finding = finding, .end = end};
