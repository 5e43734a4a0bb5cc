/* AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN; left alone when a profile is asked for on the command line. */
#include "aws/provider.h"

enum nz_err nz_aws_provider_environment(struct nz_aws_search *search, struct nz_str profile,
                                        struct nz_aws_credentials *out)
{
    (void)profile;
    const struct nz_aws_settings *s = search->settings;
    struct nz_str id = nz_aws_settings_env(s, "AWS_ACCESS_KEY_ID"),
                  key = nz_aws_settings_env(s, "AWS_SECRET_ACCESS_KEY");
    struct nz_str token = nz_aws_settings_env(s, "AWS_SESSION_TOKEN");
    if (s->profile_is_flag && search->profiles_count <= 1)
        return nz_aws_provider_skip(search, "environment: not looked at, because --profile is given");
    if (!id.n && !key.n)
        return nz_aws_provider_skip(search, "environment: AWS_ACCESS_KEY_ID is not set");
    if (!id.n || !key.n)
        return nz_aws_provider_fail(search, "%s is set, but %s is not",
                                    id.n ? "AWS_ACCESS_KEY_ID" : "AWS_SECRET_ACCESS_KEY",
                                    id.n ? "AWS_SECRET_ACCESS_KEY" : "AWS_ACCESS_KEY_ID");
    enum nz_err err = nz_secret_set(&out->access_key_id, id);
    if (!err)
        err = nz_secret_set(&out->secret_key, key);
    return err ? err : nz_secret_set(&out->session_token, token);
}
