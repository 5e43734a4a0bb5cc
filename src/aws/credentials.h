/* Keys, and where they come from: an ops table, one provider a file (aws/provider_*.c), a chain of them (aws/chain.h). */
#ifndef NZ_AWS_CREDENTIALS_H
#define NZ_AWS_CREDENTIALS_H

#include "aws/wire.h"

struct nz_aws_credentials {
    struct nz_secret access_key_id; /* no secret, but of the same life */
    struct nz_secret secret_key, session_token;
    nz_time expires; /* us 0: never */
};
void nz_aws_credentials_release(struct nz_aws_credentials *credentials); /* harmless twice */

static inline struct nz_aws_keys nz_aws_credentials_keys(const struct nz_aws_credentials *c)
{
    return (struct nz_aws_keys){nz_secret_view(&c->access_key_id), &c->secret_key, &c->session_token};
}

struct nz_aws_credentials_ops {
    /* Keys that are good now; they live until the next call. is_refused: AWS said that those given last have expired.
     * NZ_E_AWS_CREDENTIALS and the like, with what was looked at in diag. */
    enum nz_err (*get)(void *self, nz_time now, bool is_refused, struct nz_aws_keys *out, struct nz_diag *diag);
};

struct nz_aws_credentials_source {
    const struct nz_aws_credentials_ops *ops;
    void *self;
};

/* Keys that never change; borrowed. */
struct nz_aws_credentials_source nz_aws_credentials_fixed(struct nz_aws_credentials *credentials);

#endif
