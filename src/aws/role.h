/* The keys of a role, taken with the keys that a client has: a role of another account of an organization.
 *
 *     struct nz_aws_role role = {.client = client, .lock = &lock, .arn = …};
 *     err = nz_aws_session_as(session, nz_aws_role_use(&role), &other, diag);
 *
 * AssumeRole goes by the client, so it is paced and tried again as any call. The client is used under the lock: roles of one
 * client may be used by as many threads as there are roles. Keys are fetched when they are asked for, and again a quarter of
 * their life before they end.
 * Source: STS API Reference, AssumeRole. */
#ifndef NZ_AWS_ROLE_H
#define NZ_AWS_ROLE_H

#include "aws/client.h"

#include <pthread.h>

struct nz_aws_role {
    struct nz_aws_client *client;    /* with the caller's own keys; borrowed */
    pthread_mutex_t *lock;           /* of the client; borrowed */
    struct nz_str arn, session_name; /* borrowed */

    /* its own */
    struct nz_aws_credentials keys;
    int64_t life_us;
    /* Why AWS did not give it: texts that live as long as this. err NZ_OK: it did, or was not asked. */
    struct nz_aws_role_refusal {
        enum nz_err err;
        char code[64], message[512];
    } refusal;
};

/* Lives as long as role. Its get says what AWS said: NZ_E_AWS_DENIED and the like; NZ_E_STOPPED. */
struct nz_aws_credentials_source nz_aws_role_use(struct nz_aws_role *role);
void nz_aws_role_release(struct nz_aws_role *role); /* harmless twice */

#endif
