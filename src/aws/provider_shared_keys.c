/* Keys in ~/.aws/credentials. */
#include "aws/provider.h"

enum nz_err nz_aws_provider_shared_keys(struct nz_aws_search *search, struct nz_str profile,
                                        struct nz_aws_credentials *out)
{
    return nz_aws_static_keys(search, &search->settings->credentials, NZ_STR(""), profile,
                              search->settings->credentials_path.p, out);
}
