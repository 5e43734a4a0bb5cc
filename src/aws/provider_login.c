/* `aws login` keeps its keys in a form of its own; the AWS CLI hands them on. */
#include "aws/provider.h"

enum nz_err nz_aws_provider_login(struct nz_aws_search *search, struct nz_str profile, struct nz_aws_credentials *out)
{
    (void)out;
    if (!nz_aws_settings_get(search->settings, profile, "login_session").n)
        return nz_aws_provider_skip(search, "aws login: no login_session in profile %.*s", NZ_STR_ARG(profile));
    return nz_aws_provider_fail(
        search,
        "profile %.*s signs in with \"aws login\": let the AWS CLI hand its keys on, with a profile "
        "that has credential_process = aws configure export-credentials --profile %.*s --format process",
        NZ_STR_ARG(profile), NZ_STR_ARG(profile));
}
