#include "cli/policy_place.h"

void nz_policy_each_place(const struct nz_account *account, const struct nz_access_principal *principal,
                          const struct nz_access_answer *answer, nz_policy_place_fn visit, void *self)
{
    for (size_t i = 0; i < answer->decision.decided_by_count; i++) {
        const struct nz_policy_reason *reason = &answer->decision.decided_by[i];
        const struct nz_access_document *document = nz_access_reason_document(answer, reason);
        if (!document)
            continue;
        struct nz_access_grants it = {0};
        struct nz_policy_place place = {.reason = reason, .sid = nz_policy_sid(document->policy, reason->statement)};
        bool identity = reason->layer == NZ_LAYER_IDENTITY;
        place.grant = reason->layer == NZ_LAYER_RESOURCE ? &answer->trust->trust : &principal->boundary;
        while (!identity || nz_access_grants_next(principal, &it)) {
            if (identity && it.grant->document != document)
                continue;
            if (identity)
                place.grant = it.grant;
            place.group = it.group;
            if (!nz_access_statement_place(account, place.grant, reason->statement, &place.line, &place.column))
                place.line = place.column = 0;
            visit(self, &place);
            if (!identity)
                break;
        }
    }
}

static void place_json(void *self, const struct nz_policy_place *place)
{
    struct nz_buf *out = self;
    struct nz_str none = {0};
    nz_buf_printf(out, "%s{\"layer\":\"%s\"", out->p[out->n - 1] == '[' ? "" : ",",
                  nz_layer_name(place->reason->layer));
    nz_question_append_text(out, "policy", place->grant->name);
    nz_question_append_text(out, "arn", place->grant->arn.n ? place->grant->arn : none);
    nz_question_append_text(out, "group", place->group ? place->group->name : none);
    nz_buf_printf(out, ",\"statement\":%u", place->reason->statement);
    nz_question_append_text(out, "sid", place->sid);
    if (place->line)
        nz_buf_printf(out, ",\"line\":%u,\"column\":%u}", place->line, place->column);
    else
        nz_buf_append(out, NZ_STR(",\"line\":null,\"column\":null}"));
}

void nz_policy_places_json(const struct nz_account *account, const struct nz_access_principal *principal,
                           const struct nz_access_answer *answer, struct nz_buf *out)
{
    nz_buf_append(out, NZ_STR(",\"decided_by\":["));
    if (!out->failed)
        nz_policy_each_place(account, principal, answer, place_json, out);
    nz_buf_append_char(out, ']');
}
