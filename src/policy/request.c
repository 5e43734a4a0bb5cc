#include "policy/request.h"

static bool is_account_id(struct nz_str text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9')
            return false;
    }
    return text.n == 12;
}

/* "cloudtrail.amazonaws.com": letters, digits, "-" and at least one dot. */
static bool is_service_principal(struct nz_str text)
{
    bool dot = false;
    if (nz_str_starts_with(text, NZ_STR("arn:")))
        return false;
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = nz_ascii_lower((unsigned char)text.p[i]);
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-' && c != '_' && c != '.')
            return false;
        dot |= c == '.';
    }
    return dot;
}

static bool read_caller(struct nz_policy_scratch *s, struct nz_str text)
{
    s->caller = nz_principal_of(text);
    if (nz_str_eq(text, NZ_STR("*")))
        s->caller.kind = NZ_PRINCIPAL_ANYBODY;
    else if (is_service_principal(text))
        s->caller.kind = NZ_PRINCIPAL_SERVICE;
    return s->caller.kind != NZ_PRINCIPAL_NEVER && (s->caller.kind != NZ_PRINCIPAL_ACCOUNT || s->caller.partition.n);
}

void nz_scratch_set_action(struct nz_policy_scratch *s, struct nz_str action)
{
    for (size_t i = 0; i < action.n; i++)
        s->action_bytes[i] = (char)nz_ascii_lower((unsigned char)action.p[i]);
    s->action = nz_str_of(s->action_bytes, action.n);
    const char *colon = memchr(s->action_bytes, ':', action.n);
    s->service = nz_str_head(s->action, colon ? (size_t)(colon - s->action_bytes) : action.n);
    s->name = colon ? nz_str_skip(s->action, s->service.n + 1) : (struct nz_str){0};
    s->service_bit = nz_service_bit(s->service);
}

static bool context_is_bounded(const struct nz_policy_request *request)
{
    for (uint32_t i = 0; i < request->context_count; i++) {
        for (uint32_t k = 0; k < request->context[i].count; k++) {
            if (request->context[i].values[k].n > NZ_REQUEST_TEXT_BYTES_MAX)
                return false;
        }
    }
    return true;
}

enum nz_err nz_request_read(struct nz_policy_scratch *s, const struct nz_policy_request *request, struct nz_diag *diag)
{
    s->request = request;
    if (request->action.n == 0 || request->action.n > NZ_REQUEST_ACTION_BYTES_MAX)
        return nz_diag_set(diag, NZ_E_REQUEST, "the action is empty or longer than %u bytes",
                           NZ_REQUEST_ACTION_BYTES_MAX);
    if (request->resource.n > NZ_REQUEST_TEXT_BYTES_MAX || request->principal.n > NZ_REQUEST_TEXT_BYTES_MAX ||
        !context_is_bounded(request))
        return nz_diag_set(diag, NZ_E_REQUEST, "a text is longer than %u bytes", NZ_REQUEST_TEXT_BYTES_MAX);
    if (!read_caller(s, request->principal))
        return nz_diag_set(diag, NZ_E_REQUEST, "the principal is no ARN that can ask, no service and not *");
    s->resource_is_arn = nz_arn_split(request->resource, s->fields) && nz_str_eq(s->fields[0], NZ_STR("arn"));
    if (!s->resource_is_arn && !nz_str_eq(request->resource, NZ_STR("*")))
        return nz_diag_set(diag, NZ_E_REQUEST, "the resource is neither an ARN nor *");
    if (request->resource_account.n && !is_account_id(request->resource_account))
        return nz_diag_set(diag, NZ_E_REQUEST, "the resource's account has not 12 digits");
    nz_scratch_set_action(s, request->action);
    return NZ_OK;
}

/* An ARN may go without an account (a bucket's), or have "aws" there (a managed policy's). */
bool nz_request_is_within_account(const struct nz_policy_scratch *s)
{
    struct nz_str account = s->request->resource_account;
    if (account.n == 0 && s->resource_is_arn && is_account_id(s->fields[4]))
        account = s->fields[4];
    return account.n == 0 || nz_str_eq(account, s->caller.account);
}
