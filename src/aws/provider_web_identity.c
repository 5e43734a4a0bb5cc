/* A role by a token of an identity provider, as in EKS: AWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE, or the same in a profile.
 * The token is read anew each time.
 * Source: AWS SDKs and Tools Reference Guide, "Assume role with web identity". */
#include "aws/provider.h"

#define TOKEN_BYTES_MAX 20000u /* STS API Reference, AssumeRoleWithWebIdentity */

struct identity {
    struct nz_str role, token_file, session_name;
};

static struct identity identity_find(const struct nz_aws_search *search, struct nz_str profile)
{
    const struct nz_aws_settings *s = search->settings;
    struct identity found = {nz_aws_settings_get(s, profile, "role_arn"),
                             nz_aws_settings_get(s, profile, "web_identity_token_file"),
                             nz_aws_settings_get(s, profile, "role_session_name")};
    if (found.token_file.n || search->profiles_count > 1 || s->profile_is_flag)
        return found;
    return (struct identity){nz_aws_settings_env(s, "AWS_ROLE_ARN"),
                             nz_aws_settings_env(s, "AWS_WEB_IDENTITY_TOKEN_FILE"),
                             nz_aws_settings_env(s, "AWS_ROLE_SESSION_NAME")};
}

static enum nz_err exchange(struct nz_aws_search *search, const struct identity *identity, struct nz_str token,
                            struct nz_aws_credentials *out)
{
    struct nz_buf parameters;
    nz_buf_init_wiped(&parameters, 0);
    nz_aws_json_member(&parameters, "RoleArn", identity->role);
    nz_aws_json_member(&parameters, "RoleSessionName",
                       identity->session_name.n ? identity->session_name : NZ_STR("nezuban"));
    nz_aws_json_member(&parameters, "WebIdentityToken", token);
    nz_buf_append_char(&parameters, '}');
    enum nz_err err = parameters.failed ? NZ_E_NOMEM
                                        : nz_aws_sts_credentials(search, NZ_AWS_STS_AssumeRoleWithWebIdentity,
                                                                 nz_buf_view(&parameters), NULL, out);
    nz_buf_release(&parameters);
    return err;
}

enum nz_err nz_aws_provider_web_identity(struct nz_aws_search *search, struct nz_str profile,
                                         struct nz_aws_credentials *out)
{
    const struct identity identity = identity_find(search, profile);
    if (!identity.token_file.n)
        return nz_aws_provider_skip(
            search, "web identity: neither AWS_WEB_IDENTITY_TOKEN_FILE nor web_identity_token_file is set");
    if (!identity.role.n)
        return nz_aws_provider_fail(search, "a web identity token is set, but no role (AWS_ROLE_ARN or role_arn)");
    struct nz_buf token;
    nz_buf_init_wiped(&token, 0);
    struct nz_str path = nz_aws_path_expand(search->settings, identity.token_file, search->arena);
    enum nz_err err = path.p ? nz_aws_file_read(path, TOKEN_BYTES_MAX, &token, search->diag) : NZ_E_NOMEM;
    if (err == NZ_E_NOT_FOUND)
        err = nz_aws_provider_fail(search, "the web identity token file %s does not exist", path.p);
    if (!err)
        err = exchange(search, &identity, nz_str_trim(nz_buf_view(&token)), out);
    nz_buf_release(&token);
    return err;
}
