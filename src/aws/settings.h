/* What a person has set for AWS: flags, environment and the two files, brought into one.
 *
 *   flag  >  environment  >  profile in the credentials file  >  profile in the configuration file  >  AWS's own
 *
 * Source: AWS SDKs and Tools Reference Guide, "Settings reference". docs/aws-client.md says which are read. */
#ifndef NZ_AWS_SETTINGS_H
#define NZ_AWS_SETTINGS_H

#include "aws/endpoint.h"
#include "aws/ini.h"
#include "core/buf.h"
#include "core/log.h"

/* The environment, passed in: get gives NULL for what is not set. */
struct nz_aws_environment {
    const char *(*get)(void *self, const char *name);
    void *self;
};

struct nz_aws_flags { /* of the command line; empty: not given */
    struct nz_str profile, region, endpoint_url;
};

struct nz_aws_settings {
    struct nz_aws_environment environment;
    struct nz_str profile;
    bool profile_is_flag; /* then the environment's keys are left alone */
    struct nz_str region; /* empty: none is set */
    struct nz_aws_endpoints endpoints;
    struct nz_str ca_bundle, https_proxy, http_proxy, no_proxy;
    unsigned attempts_max;
    struct nz_str config_path, credentials_path;

    /* its own */
    struct nz_arena arena;
    struct nz_buf config_text, credentials_text; /* wiped */
    struct nz_aws_ini config, credentials;
};

/* The caller releases *out, also after an error. log gets warnings: a credentials file that others may read.
 * NZ_E_AWS_CONFIG (a file, its path and line in the text; or a value), NZ_E_AWS_PROFILE: there is no such profile; NZ_E_IO,
 * NZ_E_NOMEM. */
NZ_MUST_USE enum nz_err nz_aws_settings_load(const struct nz_aws_flags *flags,
                                             const struct nz_aws_environment *environment, const struct nz_log *log,
                                             struct nz_aws_settings *out, struct nz_diag *diag);
void nz_aws_settings_release(struct nz_aws_settings *settings); /* harmless twice */

/* A variable of the environment; empty ones count as not set (.p NULL). */
struct nz_str nz_aws_settings_env(const struct nz_aws_settings *settings, const char *name);

/* A key of a profile: the credentials file's, else the configuration's; .p NULL when neither has it. */
struct nz_str nz_aws_settings_get(const struct nz_aws_settings *settings, struct nz_str profile, const char *key);
bool nz_aws_settings_has_profile(const struct nz_aws_settings *settings, struct nz_str profile);

/* A file of at most bytes_max into text. NZ_E_NOT_FOUND: it does not exist; NZ_E_IO, NZ_E_LIMIT, NZ_E_NOMEM; path is NUL
 * terminated. */
NZ_MUST_USE enum nz_err nz_aws_file_read(struct nz_str path, size_t bytes_max, struct nz_buf *text,
                                         struct nz_diag *diag);
/* With the home directory for a leading ~/ ; NUL terminated, in keep. .p NULL: no memory. */
struct nz_str nz_aws_path_expand(const struct nz_aws_settings *settings, struct nz_str path, struct nz_arena *keep);

#endif
