#include "aws/chain.h"

#define ADVISORY_US ((int64_t)15 * 60 * 1000000)
#define MANDATORY_US ((int64_t)10 * 60 * 1000000)

static const struct nz_aws_provider providers[] = {
#define NZ_AWS_PROVIDER(name, of_profile) {#name, of_profile, nz_aws_provider_##name},
#include "aws/providers.list"
#undef NZ_AWS_PROVIDER
};
#define PROVIDERS_COUNT (sizeof providers / sizeof *providers)

static enum nz_err providers_ask(struct nz_aws_search *search, struct nz_str profile, bool of_profile_only,
                                 struct nz_aws_credentials *out, const char **provider)
{
    for (size_t i = 0; i < PROVIDERS_COUNT; i++) {
        if (of_profile_only && !providers[i].of_profile)
            continue;
        enum nz_err err = providers[i].get(search, profile, out);
        if (err == NZ_E_NOT_FOUND)
            continue;
        *provider = providers[i].name;
        return err;
    }
    return NZ_E_NOT_FOUND;
}

enum nz_err nz_aws_profile_credentials(struct nz_aws_search *search, struct nz_str profile,
                                       struct nz_aws_credentials *out)
{
    const char *provider;
    if (search->profiles_count >= NZ_AWS_PROFILES_MAX)
        return nz_aws_provider_fail(search, "more than %u profiles take their keys from one another",
                                    NZ_AWS_PROFILES_MAX);
    search->profiles[search->profiles_count++] = profile;
    enum nz_err err = providers_ask(search, profile, true, out, &provider);
    search->profiles_count--;
    return err;
}

static enum nz_err search_run(struct nz_aws_chain *chain, struct nz_aws_credentials *out, struct nz_diag *diag)
{
    struct nz_aws_search search = chain->search;
    search.looked_at = &chain->looked_at;
    search.arena = &chain->arena;
    search.diag = diag;
    search.profiles[0] = search.settings->profile;
    search.profiles_count = 1;
    nz_buf_clear(&chain->looked_at);
    nz_arena_reset(&chain->arena);
    enum nz_err err = providers_ask(&search, search.settings->profile, false, out, &chain->provider);
    if (err == NZ_E_NOT_FOUND)
        err =
            nz_diag_set(diag, NZ_E_AWS_CREDENTIALS, "none of %zu places that were looked at has any", PROVIDERS_COUNT);
    return err;
}

/* What is there stays when the search fails. */
static enum nz_err refresh(struct nz_aws_chain *chain, struct nz_diag *diag)
{
    struct nz_aws_credentials found = {0};
    enum nz_err err = search_run(chain, &found, diag);
    if (err) {
        nz_aws_credentials_release(&found);
        return err;
    }
    nz_aws_credentials_release(&chain->current);
    chain->current = found;
    return NZ_OK;
}

static enum nz_err chain_get(void *self, nz_time now, bool is_refused, struct nz_aws_keys *out, struct nz_diag *diag)
{
    struct nz_aws_chain *chain = self;
    const struct nz_aws_credentials *c = &chain->current;
    const int64_t left_us = c->expires.us ? c->expires.us - now.us : INT64_MAX;
    const bool must = !c->secret_key.n || is_refused || left_us <= MANDATORY_US;
    enum nz_err err = NZ_OK;
    if (must)
        err = refresh(chain, diag);
    else if (left_us <= ADVISORY_US)
        (void)(refresh(chain, NULL) == NZ_OK); /* those that are there are good for some minutes */
    *out = nz_aws_credentials_keys(&chain->current);
    return err;
}

void nz_aws_chain_init(struct nz_aws_chain *chain, const struct nz_aws_search *search)
{
    *chain = (struct nz_aws_chain){.search = *search};
    nz_buf_init(&chain->looked_at, 0);
    nz_arena_init(&chain->arena, 0);
}

void nz_aws_chain_release(struct nz_aws_chain *chain)
{
    nz_aws_credentials_release(&chain->current);
    nz_buf_release(&chain->looked_at);
    nz_arena_release(&chain->arena);
}

struct nz_aws_credentials_source nz_aws_chain_use(struct nz_aws_chain *chain)
{
    static const struct nz_aws_credentials_ops ops = {chain_get};
    return (struct nz_aws_credentials_source){&ops, chain};
}
