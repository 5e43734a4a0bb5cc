/* What a check needs of the snapshot and may not get. */
#include "audit/state.h"

#include <stdio.h>

#define CALL_BYTES 128u

static const struct {
    const char *type, *call; /* "iam:GetAccountSummary" */
} listings[] = {
#define X(type, service, operation, region) {type, service ":" operation},
#include "inventory/types.list"
#undef X
};

static const char *call_of(const char *type)
{
    for (size_t i = 0; i < sizeof listings / sizeof listings[0]; i++) {
        if (strcmp(listings[i].type, type) == 0)
            return listings[i].call;
    }
    return type;
}

/* "iam:" of the call that lists a type; empty for what none lists. */
static struct nz_str service_of(struct nz_str type)
{
    for (size_t i = 0; i < sizeof listings / sizeof listings[0]; i++) {
        const struct nz_str call = nz_str_from_c(listings[i].call);
        if (nz_str_eq(type, nz_str_from_c(listings[i].type)))
            return nz_str_head(call, nz_str_find(call, NZ_STR(":")) + 1);
    }
    return NZ_STR("");
}

bool nz_audit_next_region(const struct nz_audit *a, size_t *at, struct nz_str *region)
{
    const struct nz_snapshot *s = a->snapshot;
    while (*at < s->regions_count) {
        *region = s->regions[(*at)++];
        if (nz_snapshot_region_access(s, *region) == NZ_REGION_OPEN)
            return true;
    }
    return false;
}

const struct nz_item_view *nz_audit_open(struct nz_audit *a, unsigned slot, const struct nz_item *item)
{
    struct nz_item_view *view = &a->state->views[slot];
    const enum nz_err err = nz_item_open(view, item);
    if (err == NZ_OK)
        return view;
    nz_audit_fault(a, err);
    return NULL;
}

/* What a right to call would mend. */
static bool is_denial(struct nz_str error)
{
    static const char *const names[] = {"AccessDenied",       "UnauthorizedOperation", "Unauthorized",
                                        "AuthorizationError", "NotAuthorized",         "Forbidden"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (nz_aws_code_is(error, nz_str_from_c(names[i])))
            return true;
    }
    return false;
}

/* A file of which a part could not be used: then nothing that it lacks is known to be absent. */
static struct nz_finding *say_damaged(struct nz_audit *a, struct nz_subject on, const struct nz_unread *why,
                                      const char *what)
{
    struct nz_finding *f = nz_audit_unknown(
        a, on, N_("a part of the snapshot cannot be read; the answer of %s may have stood there"), what);
    nz_audit_advise(a, f, N_("Collect the account anew, or audit it directly."));
    nz_audit_evidence(a, f, NZ_STR("snapshot"), "error", why->error);
    return f;
}

/* AWS's message names who was refused what; it is the best that can be said. */
struct nz_finding *nz_audit_say_unread(struct nz_audit *a, struct nz_subject on, const struct nz_unread *why,
                                       const char *what)
{
    if (!why) {
        struct nz_finding *f = nz_audit_unknown(a, on, N_("%s was not read"), what);
        nz_audit_advise(a, f, N_("Collect the account with 'nezuban collect', or audit it directly."));
        return f;
    }
    if (!why->service.n)
        return say_damaged(a, on, why, what);
    struct nz_buf call;
    nz_buf_init(&call, 0);
    nz_buf_printf(&call, "%.*s:%.*s", NZ_STR_ARG(why->service), NZ_STR_ARG(why->operation));
    nz_buf_append_char(&call, '\0');
    const char *name = call.failed ? what : call.p;
    if (call.failed)
        nz_audit_fault(a, NZ_E_NOMEM);
    struct nz_finding *f;
    if (nz_str_eq(why->error, NZ_STR("NoEndpoint"))) {
        f = nz_audit_not_applicable(a, on, N_("AWS does not offer this service here (%s has no endpoint)"), name);
    } else {
        f = nz_audit_unknown(a, on, N_("%s was not answered: %.*s"), name, NZ_STR_ARG(why->error));
        if (why->action.n && is_denial(why->error))
            nz_audit_advise(a, f, N_("Allow %.*s to whoever runs nezuban, then run the audit again."),
                            NZ_STR_ARG(why->action));
    }
    nz_audit_evidence(a, f, nz_str_from_c(name), "error", why->error);
    nz_audit_evidence(a, f, nz_str_from_c(name), "message", why->message);
    nz_buf_release(&call);
    return f;
}

bool nz_audit_need(struct nz_audit *a, struct nz_subject on, const char *type, struct nz_str region)
{
    const struct nz_unread *why;
    if (nz_snapshot_listing(a->snapshot, nz_str_from_c(type), region, &why) == NZ_LISTED)
        return true;
    nz_audit_say_unread(a, on, why, call_of(type));
    return false;
}

const struct nz_item_view *nz_audit_need_one(struct nz_audit *a, struct nz_subject on, const char *type,
                                             struct nz_str region, bool *none)
{
    const struct nz_items items = nz_snapshot_items_in(a->snapshot, nz_str_from_c(type), region);
    if (none)
        *none = false;
    if (items.n) /* there is one at most, so nothing more could come */
        return nz_audit_open(a, 0, &items.p[0]);
    if (!nz_audit_need(a, on, type, region))
        return NULL;
    if (none)
        *none = true;
    else
        nz_audit_unknown(a, on, N_("the answer of %s is empty"), call_of(type));
    return NULL;
}

bool nz_audit_need_answer(struct nz_audit *a, struct nz_subject on, const struct nz_item_view *view,
                          const char *operation, struct nz_json *answer)
{
    const struct nz_str name = nz_str_from_c(operation);
    *answer = nz_item_member(view->supplementary, name);
    const enum nz_json_kind kind = nz_json_kind(*answer);
    if (kind == NZ_JSON_OBJECT || kind == NZ_JSON_NULL)
        return true;
    char call[CALL_BYTES];
    snprintf(call, sizeof call, "%.*s%s", NZ_STR_ARG(service_of(view->item->type)), operation);
    nz_audit_say_unread(a, on, nz_snapshot_unread_of(a->snapshot, view->item, name), call);
    return false;
}

/* --- values --- */

bool nz_audit_is_true(struct nz_json v)
{
    return nz_json_kind(v) == NZ_JSON_TRUE ||
           (nz_json_kind(v) == NZ_JSON_STRING && nz_str_eq_nocase(nz_json_string_raw(v), NZ_STR("true")));
}

/* What stands there of a number or of a text that needs no decoding. */
static struct nz_str plain(struct nz_json v)
{
    switch (nz_json_kind(v)) {
    case NZ_JSON_NUMBER:
        return nz_json_source(v);
    case NZ_JSON_STRING:
        return nz_json_string_raw(v);
    case NZ_JSON_ABSENT:
    case NZ_JSON_NULL:
    case NZ_JSON_FALSE:
    case NZ_JSON_TRUE:
    case NZ_JSON_ARRAY:
    case NZ_JSON_OBJECT:
        break;
    }
    return (struct nz_str){0};
}

uint64_t nz_audit_number(struct nz_json v, uint64_t otherwise)
{
    uint64_t value;
    return nz_str_to_u64(plain(v), &value) ? value : otherwise;
}

struct nz_str nz_audit_text(struct nz_audit *a, struct nz_json v)
{
    if (nz_json_kind(v) != NZ_JSON_STRING)
        return NZ_STR("");
    struct nz_buf *scratch = &a->state->scratch;
    nz_buf_clear(scratch);
    const struct nz_str text = nz_json_string(v, scratch);
    if (!scratch->n && !scratch->failed)
        return text;
    const struct nz_str kept = nz_arena_str(a->keep, text);
    if (!kept.p)
        nz_audit_fault(a, NZ_E_NOMEM);
    return kept;
}

bool nz_audit_time(struct nz_json v, nz_time *out)
{
    const struct nz_str text = plain(v);
    uint64_t seconds;
    if (nz_json_kind(v) != NZ_JSON_NUMBER)
        return nz_time_parse(text, out);
    if (!nz_str_to_u64(nz_str_head(text, nz_str_find(text, NZ_STR("."))), &seconds) || seconds >= UINT64_C(1) << 40)
        return false;
    out->us = (int64_t)seconds * 1000000;
    return true;
}

uint64_t nz_audit_days_since(const struct nz_audit *a, nz_time then)
{
    return then.us < a->now.us ? (uint64_t)(a->now.us - then.us) / (UINT64_C(86400) * 1000000) : 0;
}
