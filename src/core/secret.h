/* A key, password or token: a type of its own, so that none goes anywhere by accident.
 *
 * It is copied in, looked at by whoever signs or sends it, and overwritten when it is changed or released. Nothing prints
 * one, and no message, error or snapshot may hold one. What a library keeps of it meanwhile is that library's. */
#ifndef NZ_CORE_SECRET_H
#define NZ_CORE_SECRET_H

#include "core/err.h"
#include "core/str.h"

struct nz_secret {
    char *p; /* its own; a NUL stands behind the last byte; NULL: none */
    size_t n;
};

/* Copies text; what was there is overwritten. On NZ_E_NOMEM it is as it was. */
NZ_MUST_USE enum nz_err nz_secret_set(struct nz_secret *secret, struct nz_str text);
/* Overwrites and frees; harmless twice and on a zeroed one. */
void nz_secret_release(struct nz_secret *secret);

/* Borrowed: dies with the secret. Only for signing and sending. */
static inline struct nz_str nz_secret_view(const struct nz_secret *secret)
{
    return (struct nz_str){secret->p, secret->n};
}

#endif
