#include "aws/endpoint.h"

/* --- partitions --- */

struct region_form {
    const char *prefixes; /* of its regions, blanks between them; a name and a number follow */
    struct nz_aws_partition partition;
};

/* Longer prefixes first: "us-gov-west-1" begins like "us-west-1". */
static const struct region_form forms[] = {
    {"us-gov-", {"aws-us-gov", "amazonaws.com", "api.aws", "us-gov-west-1"}},
    {"us-iso-", {"aws-iso", "c2s.ic.gov", "api.aws.ic.gov", "us-iso-east-1"}},
    {"us-isob-", {"aws-iso-b", "sc2s.sgov.gov", "api.aws.scloud", "us-isob-east-1"}},
    {"eu-isoe-", {"aws-iso-e", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk", "eu-isoe-west-1"}},
    {"us-isof-", {"aws-iso-f", "csp.hci.ic.gov", "api.aws.hci.ic.gov", "us-isof-south-1"}},
    {"eusc-de-", {"aws-eusc", "amazonaws.eu", "api.amazonwebservices.eu", "eusc-de-east-1"}},
    {"cn-", {"aws-cn", "amazonaws.com.cn", "api.amazonwebservices.com.cn", "cn-northwest-1"}},
    {"us- eu- ap- sa- ca- me- af- il- mx-", {"aws", "amazonaws.com", "api.aws", "us-east-1"}},
};
#define FORMS_COUNT (sizeof forms / sizeof *forms)

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* "west-1" */
static bool name_and_number(struct nz_str rest)
{
    size_t hyphen = nz_str_find(rest, NZ_STR("-"));
    if (hyphen == SIZE_MAX || hyphen == 0 || hyphen + 1 == rest.n)
        return false;
    for (size_t i = hyphen + 1; i < rest.n; i++) {
        if (!is_digit(rest.p[i]))
            return false;
    }
    return true;
}

static bool form_fits(const struct region_form *form, struct nz_str region)
{
    struct nz_str rest = nz_str_from_c(form->prefixes);
    while (rest.n) {
        struct nz_str prefix = nz_str_take(&rest, NZ_STR(" "));
        if (nz_str_starts_with(region, prefix) && name_and_number(nz_str_skip(region, prefix.n)))
            return true;
    }
    return false;
}

const struct nz_aws_partition *nz_aws_partition_of(struct nz_str region)
{
    for (size_t i = 0; i < FORMS_COUNT; i++) {
        if (form_fits(&forms[i], region))
            return &forms[i].partition;
    }
    return NULL;
}

const struct nz_aws_partition *nz_aws_partition_named(struct nz_str name)
{
    for (size_t i = 0; i < FORMS_COUNT; i++) {
        if (nz_str_eq(name, nz_str_from_c(forms[i].partition.name)))
            return &forms[i].partition;
    }
    return NULL;
}

bool nz_aws_region_is_sound(struct nz_str region)
{
    for (size_t i = 0; i < region.n; i++) {
        const char c = region.p[i];
        if (!((c >= 'a' && c <= 'z') || is_digit(c) || c == '-'))
            return false;
    }
    return region.n > 0 && region.n <= 63 && region.p[0] != '-' && region.p[region.n - 1] != '-';
}

/* --- AWS's hosts --- */

enum { ANY = 2 };

static const struct exception {
    enum nz_aws_service service;
    const char *partition;
    int fips, dual_stack;
    const char *host, *signing_region;
} exceptions[] = {
#define NZ_AWS_ENDPOINT(service, ...) {NZ_AWS_##service, __VA_ARGS__},
#include "aws/endpoints.list"
#undef NZ_AWS_ENDPOINT
};

static const struct exception *exception_find(const struct nz_aws_endpoints *chosen, enum nz_aws_service service,
                                              const struct nz_aws_partition *partition)
{
    for (size_t i = 0; i < sizeof exceptions / sizeof *exceptions; i++) {
        const struct exception *e = &exceptions[i];
        if (e->service == service && (*e->partition == '*' || strcmp(e->partition, partition->name) == 0) &&
            (e->fips == ANY || e->fips == chosen->fips) &&
            (e->dual_stack == ANY || e->dual_stack == chosen->dual_stack))
            return e;
    }
    return NULL;
}

struct words {
    const char *fips, *suffix, *plain;
    struct nz_str region, prefix;
};

static struct nz_str word_of(const struct words *words, struct nz_str name)
{
    if (nz_str_eq(name, NZ_STR("fips")))
        return nz_str_from_c(words->fips);
    if (nz_str_eq(name, NZ_STR("suffix")))
        return nz_str_from_c(words->suffix);
    if (nz_str_eq(name, NZ_STR("plain")))
        return nz_str_from_c(words->plain);
    return nz_str_eq(name, NZ_STR("region")) ? words->region : words->prefix;
}

static void pattern_fill(struct nz_buf *out, const char *pattern, const struct words *words)
{
    struct nz_str rest = nz_str_from_c(pattern);
    while (rest.n) {
        size_t brace = nz_str_find(rest, NZ_STR("{"));
        nz_buf_append(out, nz_str_head(rest, brace));
        if (brace == SIZE_MAX)
            return;
        rest = nz_str_skip(rest, brace + 1);
        size_t end = nz_str_find(rest, NZ_STR("}"));
        nz_buf_append(out, word_of(words, nz_str_head(rest, end)));
        rest = nz_str_skip(rest, end + 1);
    }
}

/* One of the words between blanks. */
static bool is_word(const char *words, struct nz_str word)
{
    struct nz_str rest = nz_str_from_c(words);
    while (rest.n) {
        if (nz_str_eq(nz_str_take(&rest, NZ_STR(" ")), word))
            return true;
    }
    return false;
}

bool nz_aws_is_absent(enum nz_aws_service service, struct nz_str region)
{
    static const struct {
        enum nz_aws_service service;
        const char *partitions, *regions;
    } absences[] = {
#define NZ_AWS_ABSENT(service, ...) {NZ_AWS_##service, __VA_ARGS__},
#include "aws/absent.list"
#undef NZ_AWS_ABSENT
    };
    const struct nz_aws_partition *partition = nz_aws_partition_of(region);
    for (size_t i = 0; partition && i < sizeof absences / sizeof *absences; i++) {
        if (absences[i].service == service &&
            (is_word(absences[i].regions, region) || is_word(absences[i].partitions, nz_str_from_c(partition->name))))
            return true;
    }
    return false;
}

/* AWS_STS_REGIONAL_ENDPOINTS=legacy. Source: as endpoints.list. */
static bool is_global_sts(const struct nz_aws_endpoints *chosen, enum nz_aws_service service, struct nz_str region)
{
    static const char regions[] = "ap-northeast-1 ap-south-1 ap-southeast-1 ap-southeast-2 ca-central-1 eu-central-1 "
                                  "eu-north-1 eu-west-1 eu-west-2 eu-west-3 sa-east-1 us-east-1 us-east-2 us-west-1 "
                                  "us-west-2";
    return service == NZ_AWS_STS && chosen->sts_global && !chosen->fips && !chosen->dual_stack &&
           is_word(regions, region);
}

static enum nz_err aws_host(const struct nz_aws_endpoints *chosen, enum nz_aws_service service, struct nz_str region,
                            struct nz_arena *keep, struct nz_aws_endpoint *out, struct nz_diag *diag)
{
    const struct nz_aws_service_info *info = &nz_aws_services[service];
    const struct nz_aws_partition *partition = nz_aws_partition_of(region);
    if (!partition)
        return nz_diag_set(diag, NZ_E_AWS_REGION, "AWS has no region of this form: %.*s", NZ_STR_ARG(region));
    if (is_global_sts(chosen, service, region)) {
        *out = (struct nz_aws_endpoint){
            .scheme = NZ_STR("https"), .host = NZ_STR("sts.amazonaws.com"), .signing_region = NZ_STR("us-east-1")};
        return NZ_OK;
    }
    const struct exception *e = exception_find(chosen, service, partition);
    if (e && !*e->host)
        return nz_diag_set(diag, NZ_E_AWS_ENDPOINT, "%s has no FIPS endpoint in %.*s", info->signing_name,
                           NZ_STR_ARG(region));
    if (info->scope == NZ_AWS_GLOBAL)
        region = nz_str_from_c(partition->global_region);
    const struct words words = {.fips = chosen->fips ? "-fips" : "",
                                .suffix = chosen->dual_stack ? partition->dual_stack_suffix : partition->suffix,
                                .plain = partition->suffix,
                                .region = region,
                                .prefix = nz_str_from_c(info->host_prefix)};
    struct nz_buf host;
    nz_buf_init(&host, 0);
    pattern_fill(&host, e ? e->host : "{prefix}{fips}.{region}.{suffix}", &words);
    out->scheme = NZ_STR("https");
    out->host = host.failed ? (struct nz_str){0} : nz_arena_str(keep, nz_buf_view(&host));
    nz_buf_release(&host);
    out->signing_region = nz_arena_str(keep, e && *e->signing_region ? nz_str_from_c(e->signing_region) : region);
    return out->host.p && out->signing_region.p ? NZ_OK : NZ_E_NOMEM;
}

/* --- URLs of the user --- */

static bool host_is_sound(struct nz_str host)
{
    for (size_t i = 0; i < host.n; i++) {
        const unsigned char c = nz_ascii_lower((unsigned char)host.p[i]);
        if (!((c >= 'a' && c <= 'z') || is_digit((char)c) || strchr("-._:[]%", c)) || !c)
            return false;
    }
    return host.n > 0 && host.n <= 255;
}

static bool path_is_sound(struct nz_str path)
{
    for (size_t i = 0; i < path.n; i++) {
        if (path.p[i] <= ' ' || path.p[i] == '?' || path.p[i] == '#' || path.p[i] == 0x7f)
            return false;
    }
    return path.n <= 1024;
}

enum nz_err nz_aws_url_parse(struct nz_str url, struct nz_aws_endpoint *out, struct nz_diag *diag)
{
    static const struct nz_str schemes[] = {{"https", 5}, {"http", 4}}, ports[] = {{":443", 4}, {":80", 3}};
    struct nz_str rest = nz_str_trim(url);
    for (size_t i = 0; i < 2; i++) {
        struct nz_str after = nz_str_skip(rest, schemes[i].n);
        if (!nz_str_eq_nocase(nz_str_head(rest, schemes[i].n), schemes[i]) || !nz_str_starts_with(after, NZ_STR("://")))
            continue;
        after = nz_str_skip(after, 3);
        struct nz_str host = nz_str_head(after, nz_str_find(after, NZ_STR("/")));
        struct nz_str path = nz_str_skip(after, host.n);
        while (path.n && path.p[path.n - 1] == '/')
            path.n--;
        if (nz_str_ends_with(host, ports[i]))
            host.n -= ports[i].n;
        if (!host_is_sound(host) || !path_is_sound(path))
            break;
        *out = (struct nz_aws_endpoint){.scheme = schemes[i], .host = host, .path = path, .is_users = true};
        return NZ_OK;
    }
    return nz_diag_set(diag, NZ_E_AWS_ENDPOINT, "not a URL of the form https://host:port: %.*s",
                       (int)(url.n < 200 ? url.n : 200), url.n ? url.p : "");
}

enum nz_err nz_aws_endpoint_find(const struct nz_aws_endpoints *chosen, enum nz_aws_service service,
                                 struct nz_str region, struct nz_arena *keep, struct nz_aws_endpoint *out,
                                 struct nz_diag *diag)
{
    *out = (struct nz_aws_endpoint){0};
    if (!region.n && nz_aws_services[service].scope == NZ_AWS_GLOBAL)
        region = NZ_STR("us-east-1"); /* where no region tells of another partition */
    if (!region.n)
        return nz_diag_set(diag, NZ_E_AWS_REGION, "none is given: use --region, AWS_REGION or a profile's region");
    if (!nz_aws_region_is_sound(region))
        return nz_diag_set(diag, NZ_E_AWS_REGION, "not a region's name: %.*s", (int)(region.n < 64 ? region.n : 64),
                           region.p);
    struct nz_str url = chosen->urls[service].n ? chosen->urls[service] : chosen->url;
    if (!url.n)
        return aws_host(chosen, service, region, keep, out, diag);
    enum nz_err err = nz_aws_url_parse(url, out, diag);
    if (err)
        return err;
    /* signed as if it were the real service: a global one for its own region, where the region's partition is known */
    const struct nz_aws_partition *partition = nz_aws_partition_of(region);
    struct nz_aws_endpoint real;
    if (nz_aws_services[service].scope == NZ_AWS_REGIONAL || !partition) {
        out->signing_region = nz_arena_str(keep, region);
        return out->signing_region.p ? NZ_OK : NZ_E_NOMEM;
    }
    err = aws_host(chosen, service, region, keep, &real, diag);
    out->signing_region = real.signing_region;
    return err;
}
