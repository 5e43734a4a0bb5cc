#include "detect/payload.h"

#define TEXTS 9u

/* A part is one sized text (core/buf.h): of sized texts, or of JSON. */
static size_t begin(struct nz_buf *out)
{
    size_t place = out->n;
    nz_buf_append_sized(out, NZ_STR(""));
    return place;
}

static void end(struct nz_buf *out, size_t place)
{
    if (out->failed)
        return;
    uint32_t bytes = (uint32_t)(out->n - place - sizeof bytes);
    memcpy(out->p + place, &bytes, sizeof bytes);
}

static void put_texts(const struct nz_event *ev, struct nz_buf *scratch, struct nz_buf *out)
{
    struct nz_event_summary s;
    nz_event_summarize(ev, scratch, &s);
    const struct nz_str texts[TEXTS] = {s.event_id, s.event_time, s.event_name, s.actor,     s.source_ip,
                                        s.region,   s.account,    s.error_code, s.user_agent};
    for (size_t i = 0; i < TEXTS; i++)
        nz_buf_append_sized(out, texts[i]);
}

static void put_json(const struct nz_event *ev, struct nz_buf *scratch, struct nz_buf *out)
{
    struct nz_event_summary s;
    nz_event_summarize(ev, scratch, &s);
    const struct nz_detection texts = {
        .event_id = s.event_id,
        .event_time = s.event_time,
        .event_name = s.event_name,
        .actor = s.actor,
        .source_ip = s.source_ip,
        .region = s.region,
        .account = s.account,
        .error_code = s.error_code,
        .user_agent = s.user_agent,
    };
    nz_detection_append_event_json(out, &texts);
}

static void put_sums(const struct nz_event *ev, struct nz_buf *scratch, struct nz_buf *out)
{
    struct nz_event_summary s;
    nz_event_summarize_who(ev, scratch, &s);
    nz_buf_append_sized(out, s.event_time);
    nz_buf_append_sized(out, s.actor);
    nz_buf_append_sized(out, s.source_ip);
    nz_buf_append_sized(out, s.region);
}

void nz_payload_put(enum nz_detector_form form, const struct nz_event *ev, struct nz_buf *scratch, struct nz_buf *out)
{
    size_t place = begin(out);
    switch (form) {
    case NZ_DETECTOR_TEXTS:
        put_texts(ev, scratch, out);
        break;
    case NZ_DETECTOR_JSON:
        put_json(ev, scratch, out);
        break;
    case NZ_DETECTOR_SUMS:
        put_sums(ev, scratch, out);
        break;
    }
    end(out, place);
    out->failed = out->failed || scratch->failed;
}

struct nz_str nz_payload_take(struct nz_str *in)
{
    return nz_sized_take(in);
}

struct nz_str nz_payload_time(struct nz_str part)
{
    return nz_sized_take(&part);
}

struct nz_str nz_payload_who(struct nz_str part)
{
    nz_sized_take(&part);
    return part;
}

void nz_payload_read_sums(struct nz_str time, struct nz_str who, struct nz_detection *out)
{
    out->event_time = time;
    out->actor = nz_sized_take(&who);
    out->source_ip = nz_sized_take(&who);
    out->region = nz_sized_take(&who);
}

void nz_payload_read(enum nz_detector_form form, struct nz_str part, struct nz_detection *out)
{
    struct nz_str *const texts[TEXTS] = {&out->event_id, &out->event_time, &out->event_name,
                                         &out->actor,    &out->source_ip,  &out->region,
                                         &out->account,  &out->error_code, &out->user_agent};
    if (form == NZ_DETECTOR_JSON)
        out->event_json = part;
    for (size_t i = 0; i < TEXTS && form == NZ_DETECTOR_TEXTS; i++)
        *texts[i] = nz_sized_take(&part);
}
