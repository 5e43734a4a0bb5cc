#include "detect/sums.h"

#include <stdlib.h>

#define RECENTS 1024u

struct head {
    struct nz_interned *kind; /* NULL: the bytes follow, sized */
    int64_t time_us;
};

struct kept_head {
    int64_t time_us;
    uint32_t number; /* 0: the bytes follow, sized */
};

enum nz_err nz_sums_writer_init(struct nz_sums_writer *w)
{
    nz_interner_init(&w->whos, NZ_SUMS_WORKER_KINDS_MAX, NZ_SUMS_WORKER_BYTES_MAX);
    nz_interner_init(&w->kinds, NZ_SUMS_WORKER_KINDS_MAX, NZ_SUMS_WORKER_BYTES_MAX);
    nz_buf_init(&w->bytes, 0);
    w->recent = calloc(RECENTS, sizeof(struct nz_interned *));
    return w->recent ? nz_member_memo_init(&w->memo, 3) : NZ_E_NOMEM;
}

void nz_sums_writer_release(struct nz_sums_writer *w)
{
    nz_interner_release(&w->whos);
    nz_interner_release(&w->kinds);
    nz_buf_release(&w->bytes);
    nz_member_memo_release(&w->memo);
    free(w->recent);
    w->recent = NULL;
}

/* --- who --- */

static void put_who(const struct nz_event *ev, struct nz_buf *scratch, struct nz_buf *out)
{
    struct nz_event_summary s;
    nz_event_summarize_who(ev, scratch, &s);
    nz_buf_append_sized(out, s.actor);
    nz_buf_append_sized(out, s.source_ip);
    nz_buf_append_sized(out, s.region);
    out->failed = out->failed || scratch->failed;
}

/* *out NULL: no more are kept; put_who has put the texts into w->bytes. */
static enum nz_err who_of(struct nz_sums_writer *w, const struct nz_event *ev, struct nz_buf *scratch,
                          const struct nz_interned **out)
{
    const struct nz_str members[] = {nz_event_source(ev, NZ_FIELD_USER_IDENTITY),
                                     nz_event_source(ev, NZ_FIELD_SOURCE_IP_ADDRESS),
                                     nz_event_source(ev, NZ_FIELD_AWS_REGION)};
    struct nz_member_memo_place *place;
    const struct nz_str known = nz_member_memo_find(&w->memo, members, &place);
    if (known.p) {
        memcpy(out, known.p, sizeof *out);
        return NZ_OK;
    }
    struct nz_interned *who = NULL;
    nz_buf_clear(&w->bytes);
    put_who(ev, scratch, &w->bytes);
    enum nz_err err = nz_buf_status(&w->bytes);
    if (err == NZ_OK)
        err = nz_interner_find(&w->whos, nz_buf_view(&w->bytes), &who);
    if (who)
        nz_member_memo_keep(&w->memo, place, members, nz_str_of((const char *)&who, sizeof who));
    *out = who;
    return err;
}

/* --- kinds --- */

/* What a kind is called in its worker: who, then the rules. */
static bool is_kind(const struct nz_interned *kind, const struct nz_interned *who, const uint32_t *rules, size_t count)
{
    return kind && kind->bytes_count == sizeof who + count * sizeof *rules &&
           memcmp(kind->bytes, &who, sizeof who) == 0 &&
           (count == 0 || memcmp(kind->bytes + sizeof who, rules, sizeof *rules) == 0) &&
           (count <= 1 || memcmp(kind->bytes + sizeof who, rules, count * sizeof *rules) == 0);
}

static enum nz_err kind_of(struct nz_sums_writer *w, const struct nz_interned *who, const uint32_t *rules, size_t count,
                           struct nz_interned **out)
{
    struct nz_interned **recent = &w->recent[(who->number * 31u + (count ? rules[0] : 0)) % RECENTS];
    *out = *recent;
    if (is_kind(*recent, who, rules, count))
        return NZ_OK;
    nz_buf_clear(&w->bytes);
    nz_buf_append(&w->bytes, nz_str_of((const char *)&who, sizeof who));
    nz_buf_append(&w->bytes, nz_str_of((const char *)rules, count * sizeof *rules));
    enum nz_err err = nz_buf_status(&w->bytes);
    if (err == NZ_OK)
        err = nz_interner_find(&w->kinds, nz_buf_view(&w->bytes), out);
    if (err == NZ_OK && *out)
        *recent = *out;
    return err;
}

/* The bytes that all workers write alike: count of rules, the rules, who. */
static void put_kind(struct nz_buf *out, struct nz_str rules, struct nz_str who)
{
    const uint32_t count = (uint32_t)(rules.n / sizeof count);
    nz_buf_append(out, nz_str_of((const char *)&count, sizeof count));
    nz_buf_append(out, rules);
    nz_buf_append(out, who);
}

static void put_kind_of_worker(struct nz_buf *out, const struct nz_interned *kind)
{
    const struct nz_interned *who;
    const struct nz_str bytes = nz_interned_bytes(kind);
    memcpy(&who, bytes.p, sizeof who);
    put_kind(out, nz_str_skip(bytes, sizeof who), nz_interned_bytes(who));
}

static int64_t time_of(const struct nz_event *ev, struct nz_buf *scratch)
{
    nz_time time;
    if (nz_event_time(ev, &time))
        return time.us;
    const struct nz_json v = nz_event_get(ev, NZ_FIELD_EVENT_TIME);
    nz_buf_clear(scratch);
    return !nz_json_is_absent(v) && nz_time_parse(nz_json_text(v, scratch), &time) ? time.us : NZ_SUMS_NO_TIME;
}

enum nz_err nz_sums_write(struct nz_sums_writer *w, const struct nz_event *ev, const uint32_t *rules, size_t count,
                          struct nz_buf *scratch, struct nz_buf *out)
{
    struct head head = {.time_us = time_of(ev, scratch)};
    const struct nz_interned *who = NULL;
    enum nz_err err = nz_buf_status(scratch);
    if (err == NZ_OK)
        err = who_of(w, ev, scratch, &who);
    const struct nz_str view = nz_str_of((const char *)rules, count * sizeof *rules);
    if (err == NZ_OK && who)
        err = kind_of(w, who, rules, count, &head.kind);
    if (err != NZ_OK)
        return err;
    nz_buf_append(out, nz_str_of((const char *)&head, sizeof head));
    if (!head.kind) {
        struct nz_str texts = who ? nz_interned_bytes(who) : nz_buf_view(&w->bytes);
        const size_t place = nz_sized_begin(out);
        put_kind(out, view, texts);
        nz_sized_end(out, place);
    }
    return nz_buf_status(out);
}

/* --- kinds of all workers --- */

void nz_sums_kinds_init(struct nz_sums_kinds *kinds)
{
    nz_interner_init(&kinds->kinds, NZ_SUMS_KINDS_MAX, NZ_SUMS_BYTES_MAX);
    nz_buf_init(&kinds->bytes, 0);
}

void nz_sums_kinds_release(struct nz_sums_kinds *kinds)
{
    nz_interner_release(&kinds->kinds);
    nz_buf_release(&kinds->bytes);
}

/* A hit of a kind whose number is not known yet, or of none: its bytes, as all workers write them. */
static enum nz_err bytes_of(struct nz_sums_kinds *kinds, const struct nz_interned *kind, struct nz_str *payload,
                            struct nz_str *out)
{
    if (!kind) {
        *out = nz_sized_take(payload);
        return NZ_OK;
    }
    nz_buf_clear(&kinds->bytes);
    put_kind_of_worker(&kinds->bytes, kind);
    *out = nz_buf_view(&kinds->bytes);
    return nz_buf_status(&kinds->bytes);
}

enum nz_err nz_sums_take(struct nz_sums_kinds *kinds, struct nz_str *payload, struct nz_buf *out)
{
    struct head head;
    memcpy(&head, payload->p, sizeof head);
    *payload = nz_str_skip(*payload, sizeof head);
    struct kept_head kept = {.time_us = head.time_us, .number = head.kind ? head.kind->note : 0};
    struct nz_str bytes = {0};
    enum nz_err err = NZ_OK;
    if (kept.number == 0) {
        struct nz_interned *kind = NULL;
        err = bytes_of(kinds, head.kind, payload, &bytes);
        if (err == NZ_OK)
            err = nz_interner_find(&kinds->kinds, bytes, &kind);
        kept.number = kind ? kind->number : 0;
        if (head.kind)
            head.kind->note = kept.number;
    }
    nz_buf_append(out, nz_str_of((const char *)&kept.time_us, sizeof kept.time_us));
    nz_buf_append(out, nz_str_of((const char *)&kept.number, sizeof kept.number));
    if (kept.number == 0)
        nz_buf_append_sized(out, bytes);
    return err;
}

bool nz_sums_take_known(struct nz_str payload, uint64_t id, struct nz_buf *out)
{
    struct {
        struct head head;
        uint32_t entries;
    } hit;
    struct __attribute__((packed)) {
        uint32_t bytes;
        uint64_t id;
        int64_t time_us;
        uint32_t number, entries;
    } kept;
    if (payload.n != sizeof hit.head + sizeof hit.entries)
        return false;
    memcpy(&hit, payload.p, sizeof hit.head + sizeof hit.entries);
    if (!hit.head.kind || !hit.head.kind->note || hit.entries)
        return false;
    kept.bytes = sizeof kept - sizeof kept.bytes;
    kept.id = id;
    kept.time_us = hit.head.time_us;
    kept.number = hit.head.kind->note;
    kept.entries = 0;
    nz_buf_append(out, nz_str_of((const char *)&kept, sizeof kept));
    return true;
}

uint32_t nz_sums_rules_of(const struct nz_interned *kind)
{
    uint32_t count;
    memcpy(&count, kind->bytes, sizeof count);
    return count;
}

void nz_sums_read(const struct nz_sums_kinds *kinds, struct nz_str *in, struct nz_sums_hit *out)
{
    struct kept_head kept;
    memcpy(&kept.time_us, in->p, sizeof kept.time_us);
    memcpy(&kept.number, in->p + sizeof kept.time_us, sizeof kept.number);
    *in = nz_str_skip(*in, sizeof kept.time_us + sizeof kept.number);
    out->time_us = kept.time_us;
    out->kind = kept.number ? kinds->kinds.all[kept.number - 1] : NULL;
    struct nz_str bytes = out->kind ? nz_interned_bytes(out->kind) : nz_sized_take(in);
    memcpy(&out->rules_count, bytes.p, sizeof out->rules_count);
    bytes = nz_str_skip(bytes, sizeof out->rules_count);
    out->rules = nz_str_head(bytes, out->rules_count * sizeof(uint32_t));
    out->who = nz_str_skip(bytes, out->rules.n);
}
