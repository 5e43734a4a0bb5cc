/* A provider of keys: one file provider_<name>.c, one line in providers.list.
 *
 * It says NZ_E_NOT_FOUND when nothing is set for it, and why with nz_aws_provider_skip: a person without keys wants to
 * know what was looked at. Settings that are there but of no use are an error, which ends the search. */
#ifndef NZ_AWS_PROVIDER_H
#define NZ_AWS_PROVIDER_H

#include "aws/credentials.h"
#include "aws/http.h"
#include "aws/settings.h"
#include "core/json.h"

#define NZ_AWS_PROFILES_MAX 16u                    /* that take their keys from one another */
#define NZ_AWS_SECRET_BYTES_MAX ((size_t)64 << 10) /* of an answer, a file or a program's output that holds keys */

/* Asks the person at the terminal for the code of an MFA device. NZ_E_AWS_CREDENTIALS: there is nobody to ask. */
struct nz_aws_ask {
    enum nz_err (*code)(void *self, struct nz_str serial, struct nz_secret *out, struct nz_diag *diag);
    void *self;
};

struct nz_aws_search {
    const struct nz_aws_settings *settings;
    struct nz_http http;
    struct nz_clock clock;
    const struct nz_log *log;
    struct nz_aws_ask ask;                       /* code NULL: nobody can be asked */
    struct nz_buf *looked_at;                    /* a line for each provider that had nothing */
    struct nz_str profiles[NZ_AWS_PROFILES_MAX]; /* that were gone through, each the source of the one before */
    size_t profiles_count;
    struct nz_arena *arena; /* of this search */
    struct nz_diag *diag;
};

struct nz_aws_provider {
    const char *name;
    bool of_profile; /* its settings stand in a profile */
    enum nz_err (*get)(struct nz_aws_search *search, struct nz_str profile, struct nz_aws_credentials *out);
};

#define NZ_AWS_PROVIDER(name, of_profile)                                                                              \
    enum nz_err nz_aws_provider_##name(struct nz_aws_search *search, struct nz_str profile,                            \
                                       struct nz_aws_credentials *out);
#include "aws/providers.list"
#undef NZ_AWS_PROVIDER

/* NZ_E_NOT_FOUND, with the reason kept. */
enum nz_err nz_aws_provider_skip(struct nz_aws_search *search, const char *format, ...) NZ_PRINTF(2, 3);
/* NZ_E_AWS_CREDENTIALS with the reason: what is set is of no use. Never with a secret in it. */
enum nz_err nz_aws_provider_fail(struct nz_aws_search *search, const char *format, ...) NZ_PRINTF(2, 3);

/* The keys of a profile alone: what source_profile names. NZ_E_NOT_FOUND: it has none. */
NZ_MUST_USE enum nz_err nz_aws_profile_credentials(struct nz_aws_search *search, struct nz_str profile,
                                                   struct nz_aws_credentials *out);

/* Keys that stand in a profile, of one of the two files. */
NZ_MUST_USE enum nz_err nz_aws_static_keys(struct nz_aws_search *search, const struct nz_aws_ini *ini,
                                           struct nz_str kind, struct nz_str profile, const char *file,
                                           struct nz_aws_credentials *out);

/* The names that keys have in a JSON object: they differ from one source to the next. */
struct nz_aws_key_names {
    const char *access_key_id, *secret_key, *session_token, *expires;
    bool expires_is_ms; /* since 1970; else a date */
};
/* NZ_E_AWS_CREDENTIALS: a key is missing. */
NZ_MUST_USE enum nz_err nz_aws_credentials_from_json(struct nz_aws_search *search, struct nz_json object,
                                                     const struct nz_aws_key_names *names,
                                                     struct nz_aws_credentials *out);

/* Where the answer says what time it is, its expiry is brought to this machine's clock, which may be off. */
void nz_aws_expires_localize(const struct nz_aws_search *search, const struct nz_http_response *response,
                             struct nz_aws_credentials *out);

/* One request to where keys are given out; tried again up to attempts times. An answer that is no 200 comes back too. */
NZ_MUST_USE enum nz_err nz_aws_provider_fetch(struct nz_aws_search *search, const struct nz_http_request *request,
                                              unsigned attempts, struct nz_http_response *response);

/* STS's AssumeRole (with keys) or AssumeRoleWithWebIdentity (without): parameters as JSON. In sts.c. */
NZ_MUST_USE enum nz_err nz_aws_sts_credentials(struct nz_aws_search *search, enum nz_aws_operation operation,
                                               struct nz_str parameters, const struct nz_aws_keys *keys,
                                               struct nz_aws_credentials *out);
/* The keys in an answer of either. */
NZ_MUST_USE enum nz_err nz_aws_sts_credentials_read(struct nz_aws_search *search, struct nz_json answer,
                                                    struct nz_aws_credentials *out);

/* The region that this machine is in, by EC2's metadata service; into search->arena, empty when it is no such machine. */
NZ_MUST_USE enum nz_err nz_aws_instance_region(struct nz_aws_search *search, struct nz_str *out);

/* A member of a JSON object that is being written, when value is not empty; appended. */
void nz_aws_json_member(struct nz_buf *out, const char *name, struct nz_str value);

#endif
