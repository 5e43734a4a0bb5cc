/* What an AWS call ended with when it did not end well, in the words that `unread` and a verdict need.
 *
 * An error of one call is an answer like others: the run goes on. Texts live as long as the answer that carries them;
 * message and code come from outside: whoever shows them escapes them.
 * Sources: AWS SDKs and Tools Reference Guide, "Retry behavior"; each protocol's error form in Smithy's specification. */
#ifndef NZ_AWS_ERROR_H
#define NZ_AWS_ERROR_H

#include "core/err.h"
#include "core/str.h"

struct nz_aws_error {
    /* NZ_E_AWS_DENIED       AWS says that the caller may not: `action` has what is missing
     * NZ_E_AWS_THROTTLED    still told to slow down after all attempts
     * NZ_E_AWS_REFUSED      any other error that AWS names: see `code`
     * NZ_E_AWS_CREDENTIALS_REFUSED  the credentials are not accepted, expired (and refreshed once in vain), or the clock is off
     * NZ_E_AWS_ANSWER       an answer that is none of AWS's: HTML, broken or cut JSON or XML
     * NZ_E_AWS_ANSWER_SIZE  larger than NZ_AWS_ANSWER_BYTES_MAX
     * NZ_E_AWS_REDIRECT     sent elsewhere; never followed
     * NZ_E_AWS_NETWORK      no connection, name not found, cut off
     * NZ_E_AWS_TLS          the server's certificate is not good
     * NZ_E_AWS_TIMEOUT      the call's or the run's deadline passed
     * NZ_E_AWS_PAGES        more than NZ_AWS_PAGES_MAX, the same page again and again, or a page that cannot be asked for
     * NZ_E_AWS_ENDPOINT     the service is not offered there in the form asked for
     * NZ_E_STOPPED          the run was stopped before it came to this call
     * NZ_E_BUG              the call was not put as its operation wants it */
    enum nz_err err;
    int http_status;          /* 0: nothing came back */
    struct nz_str code;       /* "AccessDeniedException", as AWS wrote it; empty when AWS named none */
    struct nz_str message;    /* AWS's, or what the network said */
    struct nz_str request_id; /* for AWS's support; may be empty */
    struct nz_str action; /* "iam:GetAccountSummary": on NZ_E_AWS_DENIED the missing one, else the operation's own */
    bool by_scp;          /* denied by a service control policy, so AWS says */
    unsigned attempts;
};

/* True when code is name, with or without the suffix "Exception" on either: AWS's services differ among themselves. */
bool nz_aws_code_is(struct nz_str code, struct nz_str name);

#endif
