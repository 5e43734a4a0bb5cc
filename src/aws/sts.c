/* STS's AssumeRole and AssumeRoleWithWebIdentity for providers of keys, tried again as any call is: after throttling and trouble of
 * AWS's servers, and once with AWS's time when the clock is off. Source: as aws/retry.h. */
#include "aws/answer.h"
#include "aws/provider.h"
#include "aws/retry.h"

#define CONNECT_MS 5000u
#define FETCH_MS 30000u
#define ATTEMPTS 3u

struct asking {
    struct nz_aws_search *search;
    enum nz_aws_operation operation;
    const struct nz_aws_keys *keys; /* NULL: unsigned */
    struct nz_aws_wire wire;
    struct nz_aws_reader reader;
    struct nz_aws_retry_quota quota; /* for its delays */
    int64_t clock_off_us;
    bool clock_corrected;
};

static struct nz_str sts_region(const struct nz_aws_search *search)
{
    /* STS's first home, where its global endpoint is too */
    return search->settings->region.n ? search->settings->region : NZ_STR("us-east-1");
}

static enum nz_err send(struct asking *a, struct nz_http_response *response)
{
    nz_time now = nz_clock_now(a->search->clock);
    now.us += a->clock_off_us;
    enum nz_err err = a->keys ? nz_aws_wire_sign(&a->wire, a->keys, now) : NZ_OK;
    struct nz_http_request request = nz_aws_wire_request(&a->wire);
    request.connect_ms = CONNECT_MS;
    request.total_ms = FETCH_MS;
    request.body_bytes_max = NZ_AWS_SECRET_BYTES_MAX;
    request.is_secret = true;
    return err ? err : nz_aws_provider_fetch(a->search, &request, 1, response);
}

/* Nothing else is on its way, so this waits; in a test there is nobody to wait for. */
static void pause_take(struct asking *a, unsigned attempts)
{
    const struct nz_http *http = &a->search->http;
    void *tag;
    struct nz_http_response nothing;
    const uint64_t ns = nz_aws_retry_delay_ns(&a->quota, attempts);
    if (http->ops->next)
        (void)http->ops->next(http->self, (uint32_t)(ns / 1000000), &tag, &nothing, NULL);
}

static bool try_again(struct asking *a, const struct nz_http_response *response, const struct nz_aws_error *error,
                      unsigned attempts)
{
    const unsigned most = a->search->settings->attempts_max ? a->search->settings->attempts_max : ATTEMPTS;
    switch (nz_aws_retry_kind(error, false)) {
    case NZ_AWS_RETRY_CLOCK:
        if (a->clock_corrected || !response->date.us)
            return false;
        a->clock_corrected = true;
        a->clock_off_us = response->date.us - nz_clock_now(a->search->clock).us;
        return true;
    case NZ_AWS_RETRY_TRANSIENT:
    case NZ_AWS_RETRY_TIMEOUT:
    case NZ_AWS_RETRY_THROTTLE:
        if (attempts >= most)
            return false;
        pause_take(a, attempts);
        return true;
    case NZ_AWS_RETRY_EXPIRED: /* the keys that it is asked with: their provider sees to them */
    case NZ_AWS_RETRY_NO:
        break;
    }
    return false;
}

/* The answer's root; what it says else is the error. */
static enum nz_err answer_get(struct asking *a, struct nz_http_response *response, struct nz_json *root)
{
    struct nz_aws_error error;
    enum nz_err err = NZ_OK;
    for (unsigned attempts = 1;; attempts++) {
        err = send(a, response);
        if (!err)
            err = nz_aws_answer_read(&a->reader, a->operation, response, root, &error);
        if (err || !error.err)
            return err;
        if (!try_again(a, response, &error, attempts))
            break;
    }
    return nz_aws_provider_fail(a->search, "%s: %.*s %.*s", nz_aws_operations[a->operation].name,
                                NZ_STR_ARG(error.code), NZ_STR_ARG(nz_str_head(error.message, 200)));
}

enum nz_err nz_aws_sts_credentials_read(struct nz_aws_search *search, struct nz_json answer,
                                        struct nz_aws_credentials *out)
{
    static const struct nz_aws_key_names names = {"AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration",
                                                  false};
    return nz_aws_credentials_from_json(search, nz_json_get(answer, NZ_STR("Credentials")), &names, out);
}

enum nz_err nz_aws_sts_credentials(struct nz_aws_search *search, enum nz_aws_operation operation,
                                   struct nz_str parameters, const struct nz_aws_keys *keys,
                                   struct nz_aws_credentials *out)
{
    struct asking a = {.search = search, .operation = operation, .keys = keys};
    struct nz_http_response response;
    struct nz_json root;
    nz_aws_reader_init(&a.reader);
    nz_aws_retry_quota_init(&a.quota, nz_clock_mono(search->clock).ns);
    enum nz_err err = nz_aws_wire_build(&a.wire, operation, sts_region(search), &search->settings->endpoints,
                                        parameters, search->diag);
    if (!err)
        err = answer_get(&a, &response, &root);
    if (!err)
        err = nz_aws_sts_credentials_read(search, root, out);
    if (!err)
        nz_aws_expires_localize(search, &response, out);
    nz_aws_reader_release(&a.reader);
    nz_aws_wire_release(&a.wire);
    return err;
}
