#include "policy/model.h"

static bool is_account_id(struct nz_str text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9')
            return false;
    }
    return text.n == 12;
}

static bool take(struct nz_str *text, struct nz_str head)
{
    if (!nz_str_starts_with(*text, head) || text->n == head.n)
        return false;
    *text = nz_str_skip(*text, head.n);
    return true;
}

/* arn:P:sts::ACCOUNT:assumed-role/R/S, arn:P:sts::ACCOUNT:federated-user/N */
static void read_sts(struct nz_principal *p, struct nz_str rest)
{
    if (take(&rest, NZ_STR("assumed-role/"))) {
        const char *slash = memchr(rest.p, '/', rest.n);
        if (!slash || slash == rest.p || slash + 1 == rest.p + rest.n)
            return;
        p->role = nz_str_head(rest, (size_t)(slash - rest.p));
        p->kind = NZ_PRINCIPAL_SESSION;
    } else if (take(&rest, NZ_STR("federated-user/"))) {
        p->kind = NZ_PRINCIPAL_FEDERATED_USER;
    }
}

static void read_iam(struct nz_principal *p, struct nz_str rest)
{
    if (nz_str_eq(rest, NZ_STR("root"))) {
        p->kind = NZ_PRINCIPAL_ACCOUNT;
    } else if (take(&rest, NZ_STR("user/"))) {
        p->kind = NZ_PRINCIPAL_USER;
    } else if (take(&rest, NZ_STR("role/"))) {
        p->role = nz_str_after_last(rest, '/'); /* "path is dropped in the session ARN" */
        p->kind = NZ_PRINCIPAL_ROLE;
    }
}

struct nz_principal nz_principal_of(struct nz_str text)
{
    struct nz_principal p = {.kind = NZ_PRINCIPAL_NEVER, .text = text};
    struct nz_str fields[6];
    if (is_account_id(text)) {
        p.kind = NZ_PRINCIPAL_ACCOUNT;
        p.account = text;
        return p;
    }
    if (!nz_arn_split(text, fields) || !nz_str_eq(fields[0], NZ_STR("arn")) || fields[3].n || !is_account_id(fields[4]))
        return p;
    p.partition = fields[1];
    p.account = fields[4];
    p.resource = fields[5];
    if (nz_str_eq(fields[2], NZ_STR("iam")))
        read_iam(&p, fields[5]);
    else if (nz_str_eq(fields[2], NZ_STR("sts")))
        read_sts(&p, fields[5]);
    return p;
}
