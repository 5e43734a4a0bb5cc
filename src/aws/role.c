#include "aws/role.h"

#include "aws/provider.h"

#include <stdio.h>

struct taking {
    struct nz_aws_role *role;
    struct nz_aws_credentials keys;
    enum nz_err err;
    struct nz_diag diag;
};

static void refusal_set(struct nz_aws_role *role, const struct nz_aws_error *error)
{
    role->refusal.err = error->err;
    snprintf(role->refusal.code, sizeof role->refusal.code, "%.*s", NZ_STR_ARG(nz_str_head(error->code, 63)));
    snprintf(role->refusal.message, sizeof role->refusal.message, "%.*s", NZ_STR_ARG(nz_str_head(error->message, 511)));
}

static enum nz_err on_answer(void *self, const struct nz_aws_answer *answer)
{
    struct taking *t = self;
    if (answer->error) {
        refusal_set(t->role, answer->error);
        t->err = answer->error->err;
        (void)nz_diag_set(&t->diag, t->err, "AssumeRole: %.*s%s%.*s", NZ_STR_ARG(nz_str_head(answer->error->code, 60)),
                          answer->error->code.n ? ": " : "", NZ_STR_ARG(nz_str_head(answer->error->message, 150)));
        return NZ_OK;
    }
    struct nz_aws_search search = {.diag = &t->diag};
    t->err = nz_aws_sts_credentials_read(&search, answer->root, &t->keys);
    if (t->keys.expires.us) /* as this machine's clock has it */
        t->keys.expires.us -= nz_aws_client_stats(t->role->client).clock_off_us;
    return t->err == NZ_E_NOMEM ? t->err : NZ_OK;
}

static enum nz_err parameters_build(const struct nz_aws_role *role, struct nz_buf *out)
{
    nz_aws_json_member(out, "RoleArn", role->arn);
    nz_aws_json_member(out, "RoleSessionName", role->session_name);
    nz_buf_append_char(out, '}');
    return nz_buf_status(out);
}

static enum nz_err ask(struct taking *t)
{
    struct nz_buf parameters;
    nz_buf_init(&parameters, 0);
    enum nz_err err = parameters_build(t->role, &parameters);
    const struct nz_aws_call call = {
        .operation = NZ_AWS_STS_AssumeRole, .parameters = nz_buf_view(&parameters), .on_answer = on_answer, .self = t};
    pthread_mutex_lock(t->role->lock);
    if (err == NZ_OK)
        err = nz_aws_client_submit(t->role->client, &call, &t->diag);
    if (err == NZ_OK)
        err = nz_aws_client_run(t->role->client, &t->diag);
    pthread_mutex_unlock(t->role->lock);
    nz_buf_release(&parameters);
    return err == NZ_OK ? t->err : err;
}

static enum nz_err take(struct nz_aws_role *role, nz_time now, struct nz_diag *diag)
{
    struct taking t = {.role = role, .diag = NZ_DIAG_INIT};
    role->refusal = (struct nz_aws_role_refusal){0};
    enum nz_err err = ask(&t);
    if (err == NZ_OK && t.keys.expires.us && t.keys.expires.us <= now.us)
        err = nz_diag_set(&t.diag, NZ_E_AWS_CREDENTIALS, "those of the role have expired already");
    if (err == NZ_OK) {
        nz_aws_credentials_release(&role->keys);
        role->keys = t.keys;
        role->life_us = role->keys.expires.us - now.us;
        return NZ_OK;
    }
    nz_aws_credentials_release(&t.keys);
    if (diag)
        *diag = t.diag;
    return err;
}

static enum nz_err role_get(void *self, nz_time now, bool is_refused, struct nz_aws_keys *out, struct nz_diag *diag)
{
    struct nz_aws_role *role = self;
    const int64_t left_us = role->keys.expires.us ? role->keys.expires.us - now.us : INT64_MAX;
    enum nz_err err = NZ_OK;
    if (!role->keys.secret_key.n || is_refused || left_us <= role->life_us / 4)
        err = take(role, now, diag);
    *out = nz_aws_credentials_keys(&role->keys);
    return err;
}

struct nz_aws_credentials_source nz_aws_role_use(struct nz_aws_role *role)
{
    static const struct nz_aws_credentials_ops ops = {role_get};
    return (struct nz_aws_credentials_source){&ops, role};
}

void nz_aws_role_release(struct nz_aws_role *role)
{
    nz_aws_credentials_release(&role->keys);
}
