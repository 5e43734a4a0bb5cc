/* ECS and EKS: an address that the container's environment names gives out keys.
 * Source: AWS SDKs and Tools Reference Guide, "Container credential provider". */
#include "aws/provider.h"

#define FETCH_MS 2000u
#define ATTEMPTS 3u
#define TOKEN_BYTES_MAX 16384u

/* Plain HTTP only to this machine and to ECS's and EKS's own addresses; HTTPS to any. */
static bool is_allowed(const struct nz_aws_endpoint *url)
{
    static const char *const hosts[] = {"169.254.170.2", "169.254.170.23", "[fd00:ec2::23]", "localhost", "[::1]"};
    if (nz_str_eq(url->scheme, NZ_STR("https")))
        return true;
    struct nz_str host = url->host;
    if (host.n && host.p[host.n - 1] != ']') { /* without its port */
        for (size_t i = host.n; i-- > 0;) {
            if (host.p[i] == ':') {
                host = nz_str_head(host, i);
                break;
            }
        }
    }
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        if (nz_str_eq_nocase(host, nz_str_from_c(hosts[i])))
            return true;
    }
    uint64_t part = 0;
    unsigned parts = 0;
    for (struct nz_str rest = host; nz_str_starts_with(host, NZ_STR("127.")) && parts < 5; parts++) {
        size_t dot = nz_str_find(rest, NZ_STR("."));
        if (!nz_str_to_u64(nz_str_head(rest, dot), &part) || part > 255)
            return false;
        if (dot == SIZE_MAX)
            return parts == 3;
        rest = nz_str_skip(rest, dot + 1);
    }
    return false;
}

static enum nz_err url_find(struct nz_aws_search *search, struct nz_buf *url)
{
    struct nz_str relative = nz_aws_settings_env(search->settings, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    struct nz_str full = nz_aws_settings_env(search->settings, "AWS_CONTAINER_CREDENTIALS_FULL_URI");
    struct nz_aws_endpoint parsed;
    if (!relative.n && !full.n)
        return nz_aws_provider_skip(search,
                                    "container: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and _FULL_URI are not set");
    if (relative.n) {
        if (relative.p[0] != '/')
            return nz_aws_provider_fail(search, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI does not begin with /");
        nz_buf_append(url, NZ_STR("http://169.254.170.2"));
        nz_buf_append(url, relative);
        return nz_buf_status(url);
    }
    /* the query is no part of what is judged */
    if (nz_aws_url_parse(nz_str_head(full, nz_str_find(full, NZ_STR("?"))), &parsed, NULL))
        return nz_aws_provider_fail(search, "AWS_CONTAINER_CREDENTIALS_FULL_URI is no URL");
    if (!is_allowed(&parsed))
        return nz_aws_provider_fail(search,
                                    "AWS_CONTAINER_CREDENTIALS_FULL_URI: %.*s is not a host to which keys may be "
                                    "asked for over http",
                                    NZ_STR_ARG(parsed.host));
    nz_buf_append(url, full);
    return nz_buf_status(url);
}

/* The file wins, and is read each time: it changes. */
static enum nz_err token_find(struct nz_aws_search *search, struct nz_buf *token)
{
    struct nz_str file = nz_aws_settings_env(search->settings, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
    if (file.n) {
        struct nz_str path = nz_arena_str(search->arena, file);
        enum nz_err err = path.p ? nz_aws_file_read(path, TOKEN_BYTES_MAX, token, search->diag) : NZ_E_NOMEM;
        if (err)
            return err == NZ_E_NOT_FOUND ? nz_aws_provider_fail(search, "%s does not exist", path.p) : err;
        while (token->n && (token->p[token->n - 1] == '\n' || token->p[token->n - 1] == '\r'))
            token->n--; /* how files end */
    } else {
        nz_buf_append(token, nz_aws_settings_env(search->settings, "AWS_CONTAINER_AUTHORIZATION_TOKEN"));
    }
    if (token->n && (memchr(token->p, '\r', token->n) || memchr(token->p, '\n', token->n)))
        return nz_aws_provider_fail(search, "the container's authorization token holds a line break");
    return nz_buf_status(token);
}

static enum nz_err keys_parse(struct nz_aws_search *search, const struct nz_http_response *response,
                              struct nz_aws_credentials *out)
{
    static const struct nz_aws_key_names names = {"AccessKeyId", "SecretAccessKey", "Token", "Expiration", false};
    struct nz_json_doc doc;
    struct nz_json root;
    if (response->err)
        return nz_aws_provider_fail(search, "the container's credentials endpoint: %s", response->problem);
    if (response->status != 200)
        return nz_aws_provider_fail(search, "the container's credentials endpoint answers with status %d",
                                    response->status);
    nz_json_doc_init(&doc);
    enum nz_err err = nz_json_parse(&doc, response->body, &root, NULL);
    if (err && err != NZ_E_NOMEM)
        err =
            nz_aws_provider_fail(search, "the container's credentials endpoint answers with something that is no JSON");
    if (!err)
        err = nz_aws_credentials_from_json(search, root, &names, out);
    if (!err)
        nz_aws_expires_localize(search, response, out);
    nz_json_doc_release(&doc);
    return err;
}

enum nz_err nz_aws_provider_container(struct nz_aws_search *search, struct nz_str profile,
                                      struct nz_aws_credentials *out)
{
    (void)profile;
    struct nz_buf url, token;
    struct nz_http_response response;
    nz_buf_init(&url, 0);
    nz_buf_init_wiped(&token, 0);
    enum nz_err err = url_find(search, &url);
    if (!err)
        err = token_find(search, &token);
    const struct nz_sigv4_header headers[] = {{NZ_STR("Authorization"), nz_buf_view(&token)}};
    const struct nz_http_request request = {.method = NZ_STR("GET"),
                                            .url = nz_buf_view(&url),
                                            .headers = headers,
                                            .headers_count = token.n > 0,
                                            .connect_ms = FETCH_MS,
                                            .total_ms = FETCH_MS,
                                            .body_bytes_max = NZ_AWS_SECRET_BYTES_MAX,
                                            .is_secret = true,
                                            .is_metadata = true};
    if (!err)
        err = nz_aws_provider_fetch(search, &request, ATTEMPTS, &response);
    if (!err)
        err = keys_parse(search, &response, out);
    nz_buf_release(&url);
    nz_buf_release(&token);
    return err;
}
