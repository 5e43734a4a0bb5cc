#include "aws/chain.h"

#define ADVISORY_US ((int64_t)15 * 60 * 1000000)
#define MANDATORY_US ((int64_t)10 * 60 * 1000000)
#define AGAIN_US ((int64_t)60 * 1000000) /* between searches while there are keys that serve */

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
        return nz_diag_set(diag, NZ_E_AWS_CREDENTIALS, "none of %zu places that were looked at has any",
                           PROVIDERS_COUNT);
    nz_buf_clear(&chain->looked_at); /* what ended the search is the answer, not what was passed over before */
    return err;
}

/* What is there stays when the search fails. */
static enum nz_err refresh(struct nz_aws_chain *chain, nz_time now, struct nz_diag *diag)
{
    struct nz_aws_credentials found = {0};
    enum nz_err err = search_run(chain, &found, diag);
    chain->searched = now;
    if (!err && found.expires.us && found.expires.us <= now.us)
        err = nz_diag_set(diag, NZ_E_AWS_CREDENTIALS, "those of %s have expired already", chain->provider);
    if (err) {
        nz_aws_credentials_release(&found);
        return err;
    }
    nz_aws_credentials_release(&chain->current);
    chain->current = found;
    chain->life_us = found.expires.us - now.us;
    return NZ_OK;
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static enum nz_err chain_get(void *self, nz_time now, bool is_refused, struct nz_aws_keys *out, struct nz_diag *diag)
{
    struct nz_aws_chain *chain = self;
    const struct nz_aws_credentials *c = &chain->current;
    const int64_t left_us = c->expires.us ? c->expires.us - now.us : INT64_MAX;
    const bool must = !c->secret_key.n || is_refused || left_us <= least(MANDATORY_US, chain->life_us / 4);
    enum nz_err err = NZ_OK;
    if (must)
        err = refresh(chain, now, diag);
    else if (left_us <= least(ADVISORY_US, chain->life_us / 2) && now.us - chain->searched.us >= AGAIN_US)
        (void)(refresh(chain, now, NULL) == NZ_OK); /* those that are there are good for some minutes */
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
