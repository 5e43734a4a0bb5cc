/* All that is needed to talk to AWS, opened in one go: settings, keys, network, client.
 *
 *     const struct nz_aws_session_options options = {.flags = {.profile = …}, .environment = …, .clock = …};
 *     err = nz_aws_session_open(&options, &session, diag);
 *     nz_aws_client_submit(nz_aws_session_client(session), …)
 *
 * Nothing is sent to AWS before the first run: keys are looked for then. Where no region is set, EC2's metadata service is asked
 * for this machine's (one second at most where there is none). */
#ifndef NZ_AWS_SESSION_H
#define NZ_AWS_SESSION_H

#include "aws/chain.h"
#include "aws/client.h"

struct nz_aws_session;

/* Borrowed for the session's life. */
struct nz_aws_session_options {
    struct nz_aws_flags flags;
    struct nz_aws_environment environment;
    struct nz_clock clock;
    const struct nz_log *log;
    struct nz_aws_ask ask;
    uint32_t attempt_ms, call_ms;
    uint64_t run_ms;
    bool (*is_stopped)(void *self);
    void *stopped_self;
};

/* NZ_E_AWS_CONFIG, NZ_E_AWS_PROFILE, NZ_E_AWS_REGION, NZ_E_AWS_NETWORK (no libcurl), NZ_E_IO, NZ_E_NOMEM. */
NZ_MUST_USE enum nz_err nz_aws_session_open(const struct nz_aws_session_options *options, struct nz_aws_session **out,
                                            struct nz_diag *diag);
void nz_aws_session_close(struct nz_aws_session *session); /* NULL is fine */

struct nz_aws_client *nz_aws_session_client(struct nz_aws_session *session);
const struct nz_aws_settings *nz_aws_session_settings(const struct nz_aws_session *session);

/* After NZ_E_AWS_CREDENTIALS: a line for each place that was looked at and had nothing. Lives until keys are looked for again. */
struct nz_str nz_aws_session_looked_at(const struct nz_aws_session *session);
/* Where the keys came from: "environment", "role"; empty before. */
struct nz_str nz_aws_session_provider(const struct nz_aws_session *session);

/* The same settings with other keys, such as those of a role in another account (aws/role.h): may be used by a thread of its
 * own. clock_off_us: what is known of this machine's clock (nz_aws_stats). Close it before `from`. NZ_E_AWS_NETWORK, NZ_E_NOMEM. */
NZ_MUST_USE enum nz_err nz_aws_session_as(const struct nz_aws_session *from,
                                          struct nz_aws_credentials_source credentials, int64_t clock_off_us,
                                          struct nz_aws_session **out, struct nz_diag *diag);

#endif
