#include "cli/policy_place.h"

struct nz_str nz_policy_effect(const struct nz_policy_reason *reason)
{
    return reason->denies ? NZ_STR("Deny") : NZ_STR("Allow");
}

struct walk {
    const struct nz_account *account;
    const struct nz_access_principal *principal;
    const struct nz_access_answer *answer;
    nz_policy_place_fn visit;
    void *self;
};

static void visit_reason(const struct walk *w, const struct nz_policy_reason *reason, bool depends)
{
    const struct nz_access_document *document = nz_access_reason_document(w->answer, reason);
    if (!document)
        return;
    struct nz_access_grants it = {0};
    struct nz_policy_place place = {
        .reason = reason, .depends = depends, .sid = nz_policy_sid(document->policy, reason->statement)};
    bool identity = reason->layer == NZ_LAYER_IDENTITY;
    place.grant = reason->layer == NZ_LAYER_RESOURCE ? &w->answer->trust->trust : &w->principal->boundary;
    while (!identity || nz_access_grants_next(w->principal, &it)) {
        if (identity && it.grant->document != document)
            continue;
        if (identity)
            place.grant = it.grant;
        place.group = it.group;
        if (!nz_access_statement_place(w->account, place.grant, reason->statement, &place.line, &place.column))
            place.line = place.column = 0;
        w->visit(w->self, &place);
        if (!identity)
            break;
    }
}

static void visit_decided(const struct walk *w)
{
    for (size_t i = 0; i < w->answer->decision.decided_by_count; i++)
        visit_reason(w, &w->answer->decision.decided_by[i], false);
}

static void visit_depending(const struct walk *w)
{
    for (size_t i = 0; i < w->answer->decision.may_decide_count; i++)
        visit_reason(w, &w->answer->decision.may_decide[i], true);
}

void nz_policy_each_place(const struct nz_account *account, const struct nz_access_principal *principal,
                          const struct nz_access_answer *answer, nz_policy_place_fn visit, void *self)
{
    const struct walk w = {account, principal, answer, visit, self};
    visit_decided(&w);
    visit_depending(&w);
}

static void place_json(void *self, const struct nz_policy_place *place)
{
    struct nz_buf *out = self;
    struct nz_str none = {0};
    nz_buf_printf(out, "%s{\"layer\":\"%s\"", out->p[out->n - 1] == '[' ? "" : ",",
                  nz_layer_name(place->reason->layer));
    nz_question_append_text(out, "effect", nz_policy_effect(place->reason));
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
    const struct walk w = {account, principal, answer, place_json, out};
    nz_buf_append(out, NZ_STR(",\"decided_by\":["));
    if (!out->failed)
        visit_decided(&w);
    nz_buf_append(out, NZ_STR("],\"may_decide\":["));
    if (!out->failed)
        visit_depending(&w);
    nz_buf_append_char(out, ']');
}
