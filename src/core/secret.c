#include "core/secret.h"

#include <stdlib.h>

enum nz_err nz_secret_set(struct nz_secret *secret, struct nz_str text)
{
    char *p = malloc(text.n + 1);
    if (!p)
        return NZ_E_NOMEM;
    if (text.n)
        memcpy(p, text.p, text.n);
    p[text.n] = 0;
    nz_secret_release(secret);
    *secret = (struct nz_secret){p, text.n};
    return NZ_OK;
}

void nz_secret_release(struct nz_secret *secret)
{
    if (secret->p)
        explicit_bzero(secret->p, secret->n);
    free(secret->p);
    *secret = (struct nz_secret){0};
}
