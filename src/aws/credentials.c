#include "aws/credentials.h"

void nz_aws_credentials_release(struct nz_aws_credentials *credentials)
{
    nz_secret_release(&credentials->access_key_id);
    nz_secret_release(&credentials->secret_key);
    nz_secret_release(&credentials->session_token);
    credentials->expires = (nz_time){0};
}

static enum nz_err fixed_get(void *self, nz_time now, bool is_refused, struct nz_aws_keys *out, struct nz_diag *diag)
{
    (void)now, (void)is_refused, (void)diag;
    *out = nz_aws_credentials_keys(self);
    return NZ_OK;
}

struct nz_aws_credentials_source nz_aws_credentials_fixed(struct nz_aws_credentials *credentials)
{
    static const struct nz_aws_credentials_ops ops = {fixed_get};
    return (struct nz_aws_credentials_source){&ops, credentials};
}
