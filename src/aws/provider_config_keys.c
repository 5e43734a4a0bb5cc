/* Keys in ~/.aws/config. */
#include "aws/provider.h"

enum nz_err nz_aws_provider_config_keys(struct nz_aws_search *search, struct nz_str profile,
                                        struct nz_aws_credentials *out)
{
    const struct nz_aws_ini *config = &search->settings->config;
    const bool plain = nz_str_eq(profile, NZ_STR("default")) && !nz_aws_ini_has(config, NZ_STR("profile"), profile);
    return nz_aws_static_keys(search, config, plain ? NZ_STR("") : NZ_STR("profile"), profile,
                              search->settings->config_path.p, out);
}
