/* The search for keys, and keeping them fresh.
 *
 * Providers are asked in the order of providers.list; the first that has any settings decides, and what is wrong with those is
 * an error, not a reason to look further: an audit must not silently run as somebody else.
 * Keys that expire are replaced 15 minutes before (kept if that fails, and not tried again within a minute) and must be
 * replaced 10 minutes before; those of a short life after half and three quarters of it.
 * Source: AWS SDKs and Tools Reference Guide, "Credential provider chain". */
#ifndef NZ_AWS_CHAIN_H
#define NZ_AWS_CHAIN_H

#include "aws/provider.h"

struct nz_aws_chain {
    struct nz_aws_search search; /* what the caller filled in, without looked_at, profiles, arena and diag */
    struct nz_aws_credentials current;
    const char *provider; /* "role"; NULL: none yet */
    nz_time searched;     /* last; whether it found any or not */
    int64_t life_us;      /* of current, when it was found */
    struct nz_buf looked_at;
    struct nz_arena arena;
};

/* Texts in search are borrowed. */
void nz_aws_chain_init(struct nz_aws_chain *chain, const struct nz_aws_search *search);
void nz_aws_chain_release(struct nz_aws_chain *chain); /* harmless twice */

/* Lives as long as chain. NZ_E_AWS_CREDENTIALS: nobody has keys (chain->looked_at is the list, a line each), or what is set is
 * of no use (diag). */
struct nz_aws_credentials_source nz_aws_chain_use(struct nz_aws_chain *chain);

#endif
