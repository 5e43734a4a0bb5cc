#include "aws/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- files --- */

static enum nz_err file_drain(int fd, struct nz_str path, size_t bytes_max, struct nz_buf *text, struct nz_diag *diag)
{
    for (;;) {
        char *to = nz_buf_reserve(text, 16384);
        if (!to)
            return NZ_E_NOMEM;
        ssize_t n = read(fd, to, 16384);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return nz_diag_set(diag, NZ_E_IO, "%s: %s", path.p, strerror(errno));
        if (n == 0)
            return NZ_OK;
        text->n += (size_t)n;
        if (text->n > bytes_max)
            return nz_diag_set(diag, NZ_E_LIMIT, "%s has more than %zu bytes", path.p, bytes_max);
    }
}

enum nz_err nz_aws_file_read(struct nz_str path, size_t bytes_max, struct nz_buf *text, struct nz_diag *diag)
{
    struct stat st;
    int fd = open(path.p, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return nz_diag_set(diag, errno == ENOENT || errno == ENOTDIR ? NZ_E_NOT_FOUND : NZ_E_IO, "%s: %s", path.p,
                           strerror(errno));
    enum nz_err err = NZ_OK;
    if (fstat(fd, &st) != 0 || S_ISDIR(st.st_mode))
        err = nz_diag_set(diag, NZ_E_IO, "%s is no file", path.p);
    if (!err)
        err = file_drain(fd, path, bytes_max, text, diag);
    close(fd);
    return err;
}

struct nz_str nz_aws_path_expand(const struct nz_aws_settings *settings, struct nz_str path, struct nz_arena *keep)
{
    struct nz_str home = nz_aws_settings_env(settings, "HOME");
    if (!nz_str_starts_with(path, NZ_STR("~/")) || !home.n)
        return nz_arena_str(keep, path);
    struct nz_buf whole;
    nz_buf_init(&whole, 0);
    nz_buf_append(&whole, home);
    nz_buf_append(&whole, nz_str_skip(path, 1));
    struct nz_str kept = whole.failed ? (struct nz_str){0} : nz_arena_str(keep, nz_buf_view(&whole));
    nz_buf_release(&whole);
    return kept;
}

/* --- looking up --- */

struct nz_str nz_aws_settings_env(const struct nz_aws_settings *settings, const char *name)
{
    const char *value = settings->environment.get(settings->environment.self, name);
    return value && *value ? nz_str_from_c(value) : (struct nz_str){0};
}

/* [profile default] and [default] are the same; the former wins. */
static struct nz_str config_get(const struct nz_aws_settings *settings, struct nz_str profile, struct nz_str outer,
                                struct nz_str key)
{
    struct nz_str found = nz_aws_ini_get(&settings->config, NZ_STR("profile"), profile, outer, key, NULL);
    if (!found.p && nz_str_eq(profile, NZ_STR("default")))
        found = nz_aws_ini_get(&settings->config, NZ_STR(""), profile, outer, key, NULL);
    return found;
}

struct nz_str nz_aws_settings_get(const struct nz_aws_settings *settings, struct nz_str profile, const char *key)
{
    struct nz_str found =
        nz_aws_ini_get(&settings->credentials, NZ_STR(""), profile, NZ_STR(""), nz_str_from_c(key), NULL);
    return found.p ? found : config_get(settings, profile, NZ_STR(""), nz_str_from_c(key));
}

bool nz_aws_settings_has_profile(const struct nz_aws_settings *settings, struct nz_str profile)
{
    return nz_aws_ini_has(&settings->credentials, NZ_STR(""), profile) ||
           nz_aws_ini_has(&settings->config, NZ_STR("profile"), profile) ||
           (nz_str_eq(profile, NZ_STR("default")) && nz_aws_ini_has(&settings->config, NZ_STR(""), profile));
}

/* The environment's, else the profile's. */
static struct nz_str setting(const struct nz_aws_settings *s, const char *variable, const char *key)
{
    struct nz_str found = nz_aws_settings_env(s, variable);
    return found.n ? found : nz_aws_settings_get(s, s->profile, key);
}

static bool is_true(struct nz_str text)
{
    return nz_str_eq_nocase(text, NZ_STR("true")) || nz_str_eq(text, NZ_STR("1"));
}

static enum nz_err flag_read(const struct nz_aws_settings *s, const char *variable, const char *key, bool *out,
                             struct nz_diag *diag)
{
    struct nz_str text = setting(s, variable, key);
    *out = is_true(text);
    if (text.n && !*out && !nz_str_eq_nocase(text, NZ_STR("false")) && !nz_str_eq(text, NZ_STR("0")))
        return nz_diag_set(diag, NZ_E_AWS_CONFIG, "%s (%s) is true or false, not %.*s", variable, key,
                           (int)(text.n < 64 ? text.n : 64), text.p);
    return NZ_OK;
}

/* --- endpoints --- */

static bool ignores_urls(const struct nz_aws_settings *s)
{
    return is_true(setting(s, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls"));
}

/* A [services] section that the profile names, its key the service's in lower case. */
static struct nz_str services_url(const struct nz_aws_settings *s, const char *service)
{
    struct nz_str section = nz_aws_settings_get(s, s->profile, "services");
    if (!section.n)
        return (struct nz_str){0};
    return nz_aws_ini_get(&s->config, NZ_STR("services"), section, nz_str_from_c(service), NZ_STR("endpoint_url"),
                          NULL);
}

/* In one source the service's own beats that for all; a source beats those after it. */
static void urls_read(struct nz_aws_settings *s, const struct nz_aws_flags *flags)
{
    s->endpoints.url = flags->endpoint_url;
    if (flags->endpoint_url.n || ignores_urls(s))
        return;
    const struct nz_str all = nz_aws_settings_env(s, "AWS_ENDPOINT_URL");
    const struct nz_str profile_all = nz_aws_settings_get(s, s->profile, "endpoint_url");
    s->endpoints.url = all.n ? all : profile_all;
    for (unsigned i = 0; i < NZ_AWS_SERVICE_COUNT; i++) {
        char variable[96];
        snprintf(variable, sizeof variable, "AWS_ENDPOINT_URL_%s", nz_aws_services[i].setting);
        s->endpoints.urls[i] = nz_aws_settings_env(s, variable);
        if (!s->endpoints.urls[i].n && !all.n)
            s->endpoints.urls[i] = services_url(s, nz_aws_services[i].setting);
    }
}

static enum nz_err sts_read(struct nz_aws_settings *s, struct nz_diag *diag)
{
    struct nz_str text = setting(s, "AWS_STS_REGIONAL_ENDPOINTS", "sts_regional_endpoints");
    s->endpoints.sts_global = nz_str_eq_nocase(text, NZ_STR("legacy"));
    if (text.n && !s->endpoints.sts_global && !nz_str_eq_nocase(text, NZ_STR("regional")))
        return nz_diag_set(diag, NZ_E_AWS_CONFIG,
                           "AWS_STS_REGIONAL_ENDPOINTS (sts_regional_endpoints) is regional or legacy, not %.*s",
                           (int)(text.n < 64 ? text.n : 64), text.p);
    return NZ_OK;
}

static enum nz_err endpoints_read(struct nz_aws_settings *s, const struct nz_aws_flags *flags, struct nz_diag *diag)
{
    enum nz_err err = flag_read(s, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint", &s->endpoints.fips, diag);
    if (!err)
        err = flag_read(s, "AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint", &s->endpoints.dual_stack, diag);
    if (!err)
        err = sts_read(s, diag);
    urls_read(s, flags);
    s->endpoints.s3_host_style =
        nz_str_eq(config_get(s, s->profile, NZ_STR("s3"), NZ_STR("addressing_style")), NZ_STR("virtual"));
    return err;
}

/* --- loading --- */

static enum nz_err path_read(struct nz_aws_settings *s, const char *variable, const char *otherwise, struct nz_str *out)
{
    struct nz_str path = nz_aws_settings_env(s, variable);
    *out = nz_aws_path_expand(s, path.n ? path : nz_str_from_c(otherwise), &s->arena);
    return out->p ? NZ_OK : NZ_E_NOMEM;
}

static enum nz_err file_load(struct nz_aws_settings *s, struct nz_str path, struct nz_buf *text, struct nz_aws_ini *ini,
                             struct nz_diag *diag)
{
    enum nz_err err = nz_aws_file_read(path, NZ_AWS_INI_BYTES_MAX, text, diag);
    if (err == NZ_E_NOT_FOUND)
        return NZ_OK; /* as if it were empty */
    if (!err)
        err = nz_aws_ini_parse(nz_buf_view(text), &s->arena, ini, diag);
    if (err == NZ_E_AWS_CONFIG && diag) { /* the path dies with the settings, so it stands in the text */
        char reason[sizeof diag->text];
        snprintf(reason, sizeof reason, "%s", diag->text);
        const uint32_t line = diag->line;
        *diag = (struct nz_diag)NZ_DIAG_INIT;
        nz_diag_set(diag, err, "%.*s:%u: %.100s", NZ_STR_ARG(nz_str_head(path, 120)), line, reason);
    }
    return err;
}

static void warn_readable(struct nz_str path, const struct nz_log *log)
{
    struct stat st;
    if (stat(path.p, &st) == 0 && (st.st_mode & (S_IRGRP | S_IROTH)))
        nz_log_write(log, NZ_LOG_WARN, "%s holds keys and may be read by others: chmod 600", path.p);
}

static enum nz_err profile_choose(struct nz_aws_settings *s, const struct nz_aws_flags *flags, struct nz_diag *diag)
{
    struct nz_str named = flags->profile.n ? flags->profile : nz_aws_settings_env(s, "AWS_PROFILE");
    if (!named.n)
        named = nz_aws_settings_env(s, "AWS_DEFAULT_PROFILE");
    s->profile_is_flag = flags->profile.n > 0;
    s->profile = nz_arena_str(&s->arena, named.n ? named : NZ_STR("default"));
    if (!s->profile.p)
        return NZ_E_NOMEM;
    if (named.n && !nz_aws_settings_has_profile(s, named))
        return nz_diag_set(diag, NZ_E_AWS_PROFILE, "there is no profile %.*s in %.*s or %.*s",
                           (int)(named.n < 64 ? named.n : 64), named.p, NZ_STR_ARG(s->config_path),
                           NZ_STR_ARG(s->credentials_path));
    return NZ_OK;
}

static enum nz_err region_choose(struct nz_aws_settings *s, const struct nz_aws_flags *flags, struct nz_diag *diag)
{
    s->region = flags->region;
    if (!s->region.n)
        s->region = nz_aws_settings_env(s, "AWS_REGION");
    if (!s->region.n)
        s->region = setting(s, "AWS_DEFAULT_REGION", "region");
    if (s->region.n && !nz_aws_region_is_sound(s->region))
        return nz_diag_set(diag, NZ_E_AWS_REGION, "not a region's name: %.*s",
                           (int)(s->region.n < 64 ? s->region.n : 64), s->region.p);
    return NZ_OK;
}

/* Each mode has its own number of attempts. Ours is always the standard one otherwise: what "adaptive" adds, the pace that
 * gives way to throttling, every service and region has here. */
static enum nz_err retry_mode_read(const struct nz_aws_settings *s, uint64_t *attempts, struct nz_diag *diag)
{
    static const struct {
        struct nz_str name;
        uint64_t attempts;
    } modes[] = {{{"standard", 8}, 3}, {{"adaptive", 8}, 3}, {{"legacy", 6}, 5}};
    struct nz_str text = setting(s, "AWS_RETRY_MODE", "retry_mode");
    *attempts = 0;
    for (size_t i = 0; text.n && i < sizeof modes / sizeof *modes; i++) {
        if (nz_str_eq_nocase(text, modes[i].name))
            *attempts = modes[i].attempts;
    }
    if (text.n && !*attempts)
        return nz_diag_set(diag, NZ_E_AWS_CONFIG,
                           "AWS_RETRY_MODE (retry_mode) is standard, adaptive or legacy, not %.*s",
                           (int)(text.n < 64 ? text.n : 64), text.p);
    return NZ_OK;
}

static enum nz_err attempts_read(struct nz_aws_settings *s, struct nz_diag *diag)
{
    uint64_t attempts = 0;
    struct nz_str text = setting(s, "AWS_MAX_ATTEMPTS", "max_attempts");
    enum nz_err err = retry_mode_read(s, &attempts, diag);
    if (err)
        return err;
    if (text.n && (!nz_str_to_u64(text, &attempts) || attempts < 1 || attempts > 100))
        return nz_diag_set(diag, NZ_E_AWS_CONFIG, "AWS_MAX_ATTEMPTS (max_attempts) is a number from 1 to 100, not %.*s",
                           (int)(text.n < 64 ? text.n : 64), text.p);
    s->attempts_max = (unsigned)attempts;
    return NZ_OK;
}

static struct nz_str either_case(const struct nz_aws_settings *s, const char *lower, const char *upper)
{
    struct nz_str found = nz_aws_settings_env(s, lower);
    return found.n ? found : nz_aws_settings_env(s, upper);
}

static enum nz_err network_read(struct nz_aws_settings *s)
{
    struct nz_str all = either_case(s, "all_proxy", "ALL_PROXY"), bundle = setting(s, "AWS_CA_BUNDLE", "ca_bundle");
    s->https_proxy = either_case(s, "https_proxy", "HTTPS_PROXY");
    s->http_proxy = either_case(s, "http_proxy", "HTTP_PROXY");
    s->no_proxy = either_case(s, "no_proxy", "NO_PROXY");
    if (!s->https_proxy.n)
        s->https_proxy = all;
    if (!s->http_proxy.n)
        s->http_proxy = all;
    s->ca_bundle = nz_aws_path_expand(s, bundle, &s->arena);
    return s->ca_bundle.p ? NZ_OK : NZ_E_NOMEM;
}

static enum nz_err files_load(struct nz_aws_settings *s, const struct nz_log *log, struct nz_diag *diag)
{
    enum nz_err err = path_read(s, "AWS_CONFIG_FILE", "~/.aws/config", &s->config_path);
    if (!err)
        err = path_read(s, "AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials", &s->credentials_path);
    if (!err)
        err = file_load(s, s->config_path, &s->config_text, &s->config, diag);
    if (!err)
        err = file_load(s, s->credentials_path, &s->credentials_text, &s->credentials, diag);
    if (!err && s->credentials.count)
        warn_readable(s->credentials_path, log);
    return err;
}

enum nz_err nz_aws_settings_load(const struct nz_aws_flags *flags, const struct nz_aws_environment *environment,
                                 const struct nz_log *log, struct nz_aws_settings *out, struct nz_diag *diag)
{
    *out = (struct nz_aws_settings){.environment = *environment};
    nz_arena_init(&out->arena, 0);
    nz_buf_init_wiped(&out->config_text, 0);
    nz_buf_init_wiped(&out->credentials_text, 0);
    enum nz_err err = files_load(out, log, diag);
    if (!err)
        err = profile_choose(out, flags, diag);
    if (!err)
        err = region_choose(out, flags, diag);
    if (!err)
        err = endpoints_read(out, flags, diag);
    if (!err)
        err = attempts_read(out, diag);
    return err ? err : network_read(out);
}

void nz_aws_settings_release(struct nz_aws_settings *settings)
{
    nz_buf_release(&settings->config_text);
    nz_buf_release(&settings->credentials_text);
    nz_arena_release(&settings->arena);
    settings->config = settings->credentials = (struct nz_aws_ini){0};
}
