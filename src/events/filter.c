#include "events/filter.h"

#include "core/ip.h"

static bool text_fits(struct nz_str wanted, struct nz_str text)
{
    if (wanted.n && wanted.p[wanted.n - 1] == '*')
        return text.n >= wanted.n - 1 &&
               nz_str_eq_nocase(nz_str_head(wanted, wanted.n - 1), nz_str_head(text, wanted.n - 1));
    return nz_str_eq_nocase(wanted, text);
}

/* What stands after the last '/' or ':': alice of arn:aws:iam::1:user/alice, the session of AROA…:session. */
static struct nz_str last_part(struct nz_str text)
{
    size_t at = text.n;
    while (at > 0 && text.p[at - 1] != '/' && text.p[at - 1] != ':')
        at--;
    return nz_str_skip(text, at);
}

static bool value_fits(struct nz_json v, struct nz_str wanted, bool parts, struct nz_buf *scratch)
{
    if (nz_json_kind(v) != NZ_JSON_STRING)
        return false;
    nz_buf_clear(scratch);
    struct nz_str text = nz_json_string(v, scratch);
    return text_fits(wanted, text) || (parts && text_fits(wanted, last_part(text)));
}

static bool actor_fits(const struct nz_event *ev, struct nz_str wanted, struct nz_buf *scratch)
{
    struct nz_json identity = nz_event_get(ev, NZ_FIELD_USER_IDENTITY);
    struct nz_json issuer = nz_json_get(nz_json_get(identity, NZ_STR("sessionContext")), NZ_STR("sessionIssuer"));
    const struct nz_json values[] = {
        nz_json_get(identity, NZ_STR("arn")),         nz_json_get(identity, NZ_STR("userName")),
        nz_json_get(identity, NZ_STR("principalId")), nz_json_get(identity, NZ_STR("invokedBy")),
        nz_json_get(issuer, NZ_STR("arn")),           nz_json_get(issuer, NZ_STR("userName")),
    };
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        if (value_fits(values[i], wanted, true, scratch))
            return true;
    }
    /* root has a name that everybody knows */
    return nz_str_eq_nocase(wanted, NZ_STR("root")) &&
           value_fits(nz_json_get(identity, NZ_STR("type")), wanted, false, scratch);
}

static bool ip_fits(const struct nz_event *ev, struct nz_str wanted, struct nz_buf *scratch)
{
    struct nz_json v = nz_event_get(ev, NZ_FIELD_SOURCE_IP_ADDRESS);
    struct nz_cidr net;
    struct nz_ip ip;
    if (nz_json_kind(v) == NZ_JSON_STRING && nz_cidr_parse(wanted, &net) && nz_ip_parse(nz_json_string_raw(v), &ip))
        return nz_cidr_contains(&net, &ip);
    return value_fits(v, wanted, false, scratch);
}

static bool key_fits(const struct nz_event *ev, struct nz_str wanted, struct nz_buf *scratch)
{
    const struct nz_str name = NZ_STR("accessKeyId");
    struct nz_json response = nz_event_get(ev, NZ_FIELD_RESPONSE_ELEMENTS);
    const struct nz_json values[] = {
        nz_event_member(ev, NZ_FIELD_USER_IDENTITY, name),
        nz_json_get(nz_json_get(response, NZ_STR("accessKey")), name),   /* CreateAccessKey */
        nz_json_get(nz_json_get(response, NZ_STR("credentials")), name), /* AssumeRole and its like */
        nz_event_member(ev, NZ_FIELD_REQUEST_PARAMETERS, name),          /* UpdateAccessKey, DeleteAccessKey */
    };
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        if (value_fits(values[i], wanted, false, scratch))
            return true;
    }
    return false;
}

static bool name_fits(const struct nz_event *ev, struct nz_str wanted, struct nz_buf *scratch)
{
    return value_fits(nz_event_get(ev, NZ_FIELD_EVENT_NAME), wanted, false, scratch);
}

static bool any_fits(bool (*fits)(const struct nz_event *, struct nz_str, struct nz_buf *), const struct nz_event *ev,
                     const char *const *texts, size_t count, struct nz_buf *scratch)
{
    for (size_t i = 0; i < count; i++) {
        if (fits(ev, nz_str_from_c(texts[i]), scratch))
            return true;
    }
    return count == 0;
}

bool nz_event_filter_fits(const struct nz_event_filter *f, const struct nz_event *ev, struct nz_buf *scratch)
{
    return any_fits(name_fits, ev, f->events, f->events_count, scratch) &&
           any_fits(ip_fits, ev, f->ips, f->ips_count, scratch) &&
           any_fits(key_fits, ev, f->keys, f->keys_count, scratch) &&
           any_fits(actor_fits, ev, f->actors, f->actors_count, scratch);
}
