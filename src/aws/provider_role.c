/* A profile with role_arn: keys of its source, exchanged for those of the role.
 *
 *     [profile audit]                           [profile work]
 *     role_arn = arn:aws:iam::1:role/Audit      aws_access_key_id = …
 *     source_profile = work
 *
 * Source: AWS SDKs and Tools Reference Guide, "Assume role credential provider". */
#include "aws/provider.h"

static const char *const sources[] = {"Environment", "Ec2InstanceMetadata", "EcsContainer"};

static enum nz_err credential_source(struct nz_aws_search *search, struct nz_str profile, struct nz_str source,
                                     struct nz_aws_credentials *out)
{
    if (nz_str_eq(source, nz_str_from_c(sources[0])))
        return nz_aws_provider_environment(search, profile, out);
    if (nz_str_eq(source, nz_str_from_c(sources[1])))
        return nz_aws_provider_instance(search, profile, out);
    if (nz_str_eq(source, nz_str_from_c(sources[2])))
        return nz_aws_provider_container(search, profile, out);
    return nz_aws_provider_fail(search,
                                "profile %.*s: credential_source is Environment, Ec2InstanceMetadata or EcsContainer",
                                NZ_STR_ARG(profile));
}

/* "a takes its keys from b, which takes its keys from a" */
static enum nz_err loop_fail(struct nz_aws_search *search, struct nz_str profile)
{
    struct nz_buf text;
    nz_buf_init(&text, 0);
    for (size_t i = 0; i < search->profiles_count; i++) {
        nz_buf_append(&text, search->profiles[i]);
        nz_buf_append(&text, NZ_STR(" -> "));
    }
    nz_buf_append(&text, profile);
    enum nz_err err = text.failed
                          ? NZ_E_NOMEM
                          : nz_aws_provider_fail(search, "profiles take their keys from one another in a circle: %.*s",
                                                 NZ_STR_ARG(nz_buf_view(&text)));
    nz_buf_release(&text);
    return err;
}

/* A profile may name itself as its source when it holds keys. */
static enum nz_err source_profile(struct nz_aws_search *search, struct nz_str profile, struct nz_str source,
                                  struct nz_aws_credentials *out)
{
    if (nz_str_eq(profile, source)) {
        enum nz_err err = nz_aws_provider_shared_keys(search, source, out);
        if (err == NZ_E_NOT_FOUND)
            err = nz_aws_provider_config_keys(search, source, out);
        return err == NZ_E_NOT_FOUND ? loop_fail(search, source) : err;
    }
    if (!nz_aws_settings_has_profile(search->settings, source))
        return nz_aws_provider_fail(search, "profile %.*s: there is no profile %.*s, its source_profile",
                                    NZ_STR_ARG(profile), NZ_STR_ARG(source));
    for (size_t i = 0; i < search->profiles_count; i++) {
        if (nz_str_eq(search->profiles[i], source))
            return loop_fail(search, source);
    }
    enum nz_err err = nz_aws_profile_credentials(search, source, out);
    return err == NZ_E_NOT_FOUND
               ? nz_aws_provider_fail(search, "profile %.*s: its source_profile %.*s has no credentials",
                                      NZ_STR_ARG(profile), NZ_STR_ARG(source))
               : err;
}

static enum nz_err source_get(struct nz_aws_search *search, struct nz_str profile, struct nz_aws_credentials *out)
{
    struct nz_str from = nz_aws_settings_get(search->settings, profile, "source_profile");
    struct nz_str kind = nz_aws_settings_get(search->settings, profile, "credential_source");
    if (from.n && kind.n)
        return nz_aws_provider_fail(search, "profile %.*s has both source_profile and credential_source",
                                    NZ_STR_ARG(profile));
    if (!from.n && !kind.n)
        return nz_aws_provider_fail(search, "profile %.*s has role_arn without source_profile or credential_source",
                                    NZ_STR_ARG(profile));
    if (from.n)
        return source_profile(search, profile, from, out);
    enum nz_err err = credential_source(search, profile, kind, out);
    return err == NZ_E_NOT_FOUND ? nz_aws_provider_fail(search, "profile %.*s: credential_source %.*s gives nothing",
                                                        NZ_STR_ARG(profile), NZ_STR_ARG(kind))
                                 : err;
}

static enum nz_err mfa_add(struct nz_aws_search *search, struct nz_str profile, struct nz_buf *parameters)
{
    struct nz_str serial = nz_aws_settings_get(search->settings, profile, "mfa_serial");
    struct nz_secret code = {0};
    if (!serial.n)
        return NZ_OK;
    if (!search->ask.code)
        return nz_aws_provider_fail(search, "profile %.*s wants an MFA code, and there is no terminal to ask for it",
                                    NZ_STR_ARG(profile));
    enum nz_err err = search->ask.code(search->ask.self, serial, &code, search->diag);
    if (!err) {
        nz_aws_json_member(parameters, "SerialNumber", serial);
        nz_aws_json_member(parameters, "TokenCode", nz_secret_view(&code));
    }
    nz_secret_release(&code);
    return err;
}

static enum nz_err duration_add(struct nz_aws_search *search, struct nz_str profile, struct nz_buf *parameters)
{
    uint64_t seconds;
    struct nz_str text = nz_aws_settings_get(search->settings, profile, "duration_seconds");
    if (!text.n)
        return NZ_OK;
    if (!nz_str_to_u64(text, &seconds) || seconds < 900 || seconds > 43200)
        return nz_aws_provider_fail(search, "profile %.*s: duration_seconds is a number from 900 to 43200",
                                    NZ_STR_ARG(profile));
    nz_buf_append(parameters, NZ_STR(",\"DurationSeconds\":"));
    nz_buf_append_u64(parameters, seconds);
    return NZ_OK;
}

static enum nz_err role_assume(struct nz_aws_search *search, struct nz_str profile, struct nz_str role,
                               const struct nz_aws_credentials *source, struct nz_aws_credentials *out)
{
    const struct nz_aws_settings *s = search->settings;
    struct nz_str name = nz_aws_settings_get(s, profile, "role_session_name");
    struct nz_buf parameters;
    nz_buf_init_wiped(&parameters, 0);
    nz_aws_json_member(&parameters, "RoleArn", role);
    nz_aws_json_member(&parameters, "RoleSessionName", name.n ? name : NZ_STR("nezuban"));
    nz_aws_json_member(&parameters, "ExternalId", nz_aws_settings_get(s, profile, "external_id"));
    enum nz_err err = mfa_add(search, profile, &parameters);
    if (!err)
        err = duration_add(search, profile, &parameters);
    nz_buf_append_char(&parameters, '}');
    const struct nz_aws_keys keys = nz_aws_credentials_keys(source);
    if (!err)
        err = parameters.failed
                  ? NZ_E_NOMEM
                  : nz_aws_sts_credentials(search, NZ_AWS_STS_AssumeRole, nz_buf_view(&parameters), &keys, out);
    nz_buf_release(&parameters);
    return err;
}

enum nz_err nz_aws_provider_role(struct nz_aws_search *search, struct nz_str profile, struct nz_aws_credentials *out)
{
    struct nz_str role = nz_aws_settings_get(search->settings, profile, "role_arn");
    if (!role.n)
        return nz_aws_provider_skip(search, "role: no role_arn in profile %.*s", NZ_STR_ARG(profile));
    if (nz_aws_settings_get(search->settings, profile, "web_identity_token_file").n)
        return nz_aws_provider_skip(search, "role: profile %.*s takes its role by web identity", NZ_STR_ARG(profile));
    struct nz_aws_credentials source = {0};
    enum nz_err err = source_get(search, profile, &source);
    if (!err)
        err = role_assume(search, profile, role, &source, out);
    nz_aws_credentials_release(&source);
    return err;
}
