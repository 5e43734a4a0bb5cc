/* The finding of `detect` as an OCSF event. Attributes stand in the order of the class's groups; what is not known is left
 * out, as OCSF wants it. */
#include "findings/detection.h"
#include "findings/hit_sums.h"

#include "core/ip.h"
#include "core/json.h"
#include "core/time.h"

#define OCSF_VERSION "1.8.0"

static void key(struct nz_buf *out, const char *name)
{
    const char last = out->n ? out->p[out->n - 1] : '{';
    if (last != '{' && last != '[')
        nz_buf_append_char(out, ',');
    nz_json_append_string(out, nz_str_from_c(name));
    nz_buf_append_char(out, ':');
}

static void open(struct nz_buf *out, const char *name, char bracket)
{
    key(out, name);
    nz_buf_append_char(out, bracket);
}

/* An element of a list. */
static void open_element(struct nz_buf *out)
{
    nz_buf_append(out, out->n && out->p[out->n - 1] != '[' ? NZ_STR(",{") : NZ_STR("{"));
}

static void text(struct nz_buf *out, const char *name, struct nz_str value)
{
    if (!value.n)
        return;
    key(out, name);
    nz_json_append_string(out, value);
}

static void word(struct nz_buf *out, const char *name, const char *value)
{
    text(out, name, nz_str_from_c(value));
}

static void number(struct nz_buf *out, const char *name, uint64_t value)
{
    key(out, name);
    nz_buf_append_u64(out, value);
}

/* timestamp_t: milliseconds since 1970; false when the text is no time. */
static bool time_of(struct nz_buf *out, const char *name, struct nz_str value)
{
    nz_time time;
    if (!nz_time_parse(value, &time))
        return false;
    key(out, name);
    nz_buf_printf(out, "%lld", (long long)(time.us / 1000 - (time.us % 1000 < 0)));
    return true;
}

static bool is_correlation(const struct nz_detection *d)
{
    return nz_str_eq(d->kind, NZ_STR("correlation"));
}

/* --- the parts --- */

static void append_head(struct nz_buf *out, const struct nz_detection *d, unsigned level)
{
    static const char *const severities[] = {"Informational", "Low", "Medium", "High", "Critical"};
    const struct nz_str when = is_correlation(d) ? d->last_time : d->event_time;
    number(out, "category_uid", 2);
    word(out, "category_name", "Findings");
    number(out, "class_uid", 2004);
    word(out, "class_name", "Detection Finding");
    number(out, "activity_id", 1);
    word(out, "activity_name", "Create");
    number(out, "type_uid", 200401);
    word(out, "type_name", "Detection Finding: Create");
    number(out, "severity_id", level < 5 ? level + 1 : 0);
    word(out, "severity", level < 5 ? severities[level] : "Unknown");
    number(out, "status_id", 1);
    word(out, "status", "New");
    key(out, "is_alert");
    nz_buf_append(out, level >= 2 ? NZ_STR("true") : NZ_STR("false"));
    if (!time_of(out, "time", when))
        number(out, "time", 0); /* required; original_time has what stood there */
    if (is_correlation(d)) {
        time_of(out, "start_time", d->first_time);
        time_of(out, "end_time", d->last_time);
        number(out, "count", d->count);
    }
    text(out, "message", d->title);
}

static void append_metadata(struct nz_buf *out, const struct nz_detection *d, const char *fingerprint)
{
    open(out, "metadata", '{');
    word(out, "version", OCSF_VERSION);
    nz_buf_append(out, NZ_STR(",\"profiles\":[\"cloud\"],\"product\":{\"name\":\"nezuban\",\"vendor_name\":\"nezuban\","
                              "\"version\":\"" NZ_VERSION "\"}"));
    word(out, "uid", fingerprint);
    word(out, "log_name", "AWS CloudTrail");
    text(out, "original_event_uid", d->event_id);
    text(out, "original_time", d->event_time);
    nz_buf_append_char(out, '}');
}

static void append_cloud(struct nz_buf *out, const struct nz_detection *d)
{
    open(out, "cloud", '{');
    word(out, "provider", "AWS");
    text(out, "region", nz_hit_who_of(d).region);
    if (d->account.n) {
        open(out, "account", '{');
        text(out, "uid", d->account);
        word(out, "type", "AWS Account");
        number(out, "type_id", 10);
        nz_buf_append_char(out, '}');
    }
    nz_buf_append_char(out, '}');
}

/* "attack.t1098.001": its technique and sub-technique by their ids. */
static bool append_technique(struct nz_buf *out, struct nz_str tag)
{
    uint64_t ignored;
    const struct nz_str id = nz_str_skip(tag, 8);
    if (!nz_str_starts_with(tag, NZ_STR("attack.t")) || id.n < 4 || !nz_str_to_u64(nz_str_head(id, 4), &ignored))
        return false;
    open_element(out);
    nz_buf_printf(out, "\"technique\":{\"uid\":\"T%.4s\"}", id.p);
    if (id.n == 8 && id.p[4] == '.' && nz_str_to_u64(nz_str_skip(id, 5), &ignored))
        nz_buf_printf(out, ",\"sub_technique\":{\"uid\":\"T%.8s\"}", id.p);
    nz_buf_append_char(out, '}');
    return true;
}

static bool is_words(struct nz_str text)
{
    for (size_t i = 0; i < text.n; i++) {
        if ((text.p[i] < 'a' || text.p[i] > 'z') && text.p[i] != '-' && text.p[i] != '_')
            return false;
    }
    return text.n > 0 && text.n <= 40;
}

/* "attack.defense-evasion": "Defense Evasion". */
static void append_tactic(struct nz_buf *out, struct nz_str tag)
{
    struct nz_str name = nz_str_skip(tag, 7);
    bool start = true;
    if (!nz_str_starts_with(tag, NZ_STR("attack.")) || !is_words(name))
        return;
    open_element(out);
    nz_buf_append(out, NZ_STR("\"tactic\":{\"name\":\""));
    for (; name.n; name = nz_str_skip(name, 1)) {
        const char c = name.p[0];
        if (c == '-' || c == '_')
            nz_buf_append_char(out, ' ');
        else
            nz_buf_append_char(out, start ? (char)(c - 'a' + 'A') : c);
        start = c == '-' || c == '_';
    }
    nz_buf_append(out, NZ_STR("\"}}"));
}

static void append_finding_info(struct nz_buf *out, const struct nz_detection *d, const char *fingerprint)
{
    open(out, "finding_info", '{');
    word(out, "uid", fingerprint);
    text(out, "title", d->title);
    text(out, "desc", d->guide.description);
    nz_buf_append(out, NZ_STR(",\"types\":["));
    nz_json_append_string(out, d->kind);
    nz_buf_append(out, NZ_STR("],\"data_sources\":[\"AWS CloudTrail\"],\"analytic\":{\"type_id\":1,\"type\":\"Rule\""));
    text(out, "uid", d->rule_id);
    text(out, "name", d->title);
    nz_buf_append_char(out, '}');
    open(out, "attacks", '[');
    for (size_t i = 0; i < d->tags_count; i++) {
        if (!append_technique(out, d->tags[i]))
            append_tactic(out, d->tags[i]);
    }
    nz_buf_append_char(out, ']');
    time_of(out, "first_seen_time", is_correlation(d) ? d->first_time : d->event_time);
    time_of(out, "last_seen_time", is_correlation(d) ? d->last_time : d->event_time);
    if (d->event_ids_count) {
        open(out, "related_events", '[');
        for (size_t i = 0; i < d->event_ids_count; i++) {
            open_element(out);
            key(out, "uid");
            nz_json_append_string(out, d->event_ids[i]);
            nz_buf_append_char(out, '}');
        }
        nz_buf_append_char(out, ']');
    }
    nz_buf_append_char(out, '}');
}

/* sourceIPAddress is an address, or the name of the service that called. */
static void append_endpoint(struct nz_buf *out, struct nz_str source)
{
    struct nz_ip ignored;
    if (!source.n)
        return;
    open(out, "src_endpoint", '{');
    text(out, nz_ip_parse(source, &ignored) ? "ip" : "svc_name", source);
    nz_buf_append_char(out, '}');
}

static void append_api(struct nz_buf *out, const struct nz_detection *d)
{
    if (!d->event_name.n)
        return;
    open(out, "api", '{');
    text(out, "operation", d->event_name);
    if (d->error_code.n) {
        open(out, "response", '{');
        text(out, "error", d->error_code);
        nz_buf_append_char(out, '}');
    }
    nz_buf_append_char(out, '}');
}

/* Only with what it must have at least one of: actor, api or endpoint. */
static void append_evidence(struct nz_buf *out, const struct nz_detection *d)
{
    const struct nz_hit_who who = nz_hit_who_of(d); /* of a correlation: what it is grouped by */
    if (!who.actor.n && !d->event_name.n && !who.source.n)
        return;
    nz_buf_append(out, NZ_STR(",\"evidences\":[{"));
    if (who.actor.n) {
        open(out, "actor", '{');
        open(out, "user", '{');
        text(out, "uid", who.actor);
        nz_buf_append(out, NZ_STR("}}"));
    }
    append_api(out, d);
    append_endpoint(out, who.source);
    if (d->user_agent.n) {
        open(out, "http_request", '{');
        text(out, "user_agent", d->user_agent);
        nz_buf_append_char(out, '}');
    }
    nz_buf_append(out, NZ_STR("}]"));
}

static void append_observables(struct nz_buf *out, const struct nz_detection *d)
{
    struct nz_ip ignored;
    const struct nz_str source = nz_hit_who_of(d).source;
    if (!nz_ip_parse(source, &ignored))
        return;
    nz_buf_append(
        out,
        NZ_STR(",\"observables\":[{\"name\":\"evidences[].src_endpoint.ip\",\"type\":\"IP Address\",\"type_id\":2"));
    text(out, "value", source);
    nz_buf_append(out, NZ_STR("}]"));
}

static void append_unmapped(struct nz_buf *out, const struct nz_detection *d)
{
    open(out, "unmapped", '{');
    text(out, "file", d->file);
    if (d->record != UINT64_MAX)
        number(out, "record", d->record);
    if (d->group_count) {
        open(out, "group", '{');
        for (size_t i = 0; i < d->group_count; i++) {
            if (i)
                nz_buf_append_char(out, ',');
            nz_json_append_string(out, d->group_names[i]);
            nz_buf_append_char(out, ':');
            nz_json_append_string(out, d->group_values[i]);
        }
        nz_buf_append_char(out, '}');
    }
    nz_buf_append_char(out, '}');
}

void nz_detection_append_ocsf(struct nz_buf *out, const struct nz_detection *d, unsigned level, const char *fingerprint)
{
    nz_buf_append_char(out, '{');
    append_head(out, d, level);
    append_metadata(out, d, fingerprint);
    append_cloud(out, d);
    append_finding_info(out, d, fingerprint);
    append_evidence(out, d);
    append_observables(out, d);
    append_unmapped(out, d);
    nz_buf_append_char(out, '}');
}
