#include "detect/payload.h"

#define TEXTS 9u

static void put_texts(const struct nz_event *ev, struct nz_buf *scratch, struct nz_buf *out)
{
    struct nz_event_summary s;
    nz_event_summarize(ev, scratch, &s);
    const struct nz_str texts[TEXTS] = {s.event_id, s.event_time, s.event_name, s.actor,     s.source_ip,
                                        s.region,   s.account,    s.error_code, s.user_agent};
    for (size_t i = 0; i < TEXTS; i++)
        nz_buf_append_sized(out, texts[i]);
}

static void put_what(const struct nz_event_summary *s, struct nz_buf *out)
{
    const struct nz_detection texts = {
        .event_id = s->event_id, .event_time = s->event_time, .event_name = s->event_name};
    nz_detection_append_what_json(out, &texts);
}

static void put_who(const struct nz_event_summary *s, struct nz_buf *out)
{
    const struct nz_detection texts = {
        .actor = s->actor,
        .source_ip = s->source_ip,
        .region = s->region,
        .account = s->account,
        .error_code = s->error_code,
        .user_agent = s->user_agent,
    };
    nz_detection_append_who_json(out, &texts);
}

static void put_json(const struct nz_event *ev, struct nz_member_memo *memo, struct nz_buf *scratch, struct nz_buf *out)
{
    /* what the texts from actor to user_agent are made of */
    const struct nz_str members[NZ_PAYLOAD_MEMBERS] = {
        nz_event_source(ev, NZ_FIELD_USER_IDENTITY), nz_event_source(ev, NZ_FIELD_SOURCE_IP_ADDRESS),
        nz_event_source(ev, NZ_FIELD_AWS_REGION),    nz_event_source(ev, NZ_FIELD_RECIPIENT_ACCOUNT_ID),
        nz_event_source(ev, NZ_FIELD_ACCOUNT_ID),    nz_event_source(ev, NZ_FIELD_ERROR_CODE),
        nz_event_source(ev, NZ_FIELD_USER_AGENT),
    };
    struct nz_member_memo_place *place;
    struct nz_event_summary s;
    const struct nz_str who = nz_member_memo_find(memo, members, &place);
    if (who.p) {
        nz_event_summarize_what(ev, scratch, &s);
        put_what(&s, out);
        nz_buf_append(out, who);
        return;
    }
    nz_event_summarize(ev, scratch, &s);
    put_what(&s, out);
    const size_t from = out->n;
    put_who(&s, out);
    if (!out->failed && !scratch->failed)
        nz_member_memo_keep(memo, place, members, nz_str_of(out->p + from, out->n - from));
}

void nz_payload_put(enum nz_detector_form form, const struct nz_event *ev, struct nz_member_memo *memo,
                    struct nz_buf *scratch, struct nz_buf *out)
{
    const size_t begin = nz_sized_begin(out);
    if (form == NZ_DETECTOR_JSON)
        put_json(ev, memo, scratch, out);
    else
        put_texts(ev, scratch, out);
    nz_sized_end(out, begin);
    out->failed = out->failed || scratch->failed;
}

void nz_payload_read(enum nz_detector_form form, struct nz_str part, struct nz_detection *out)
{
    struct nz_str *const texts[TEXTS] = {&out->event_id, &out->event_time, &out->event_name,
                                         &out->actor,    &out->source_ip,  &out->region,
                                         &out->account,  &out->error_code, &out->user_agent};
    if (form == NZ_DETECTOR_JSON) {
        out->event_json = part;
        return;
    }
    for (size_t i = 0; i < TEXTS; i++)
        *texts[i] = nz_sized_take(&part);
}
