#include "core/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#define MESSAGE_BYTES_MAX ((size_t)1023)

static const char *const names[] = {
    [NZ_LOG_ERROR] = "error",
    [NZ_LOG_WARN] = "warn",
    [NZ_LOG_INFO] = "info",
    [NZ_LOG_DEBUG] = "debug",
};

bool nz_log_is_on(const struct nz_log *log, enum nz_log_level level)
{
    return log && log->ops && level <= log->most;
}

/* Cuts off the beginning of a character that did not fit; bytes that were bad before stay. */
static size_t without_half_character(const char *text, size_t n)
{
    for (size_t back = 1; back <= 3 && back <= n; back++) {
        unsigned char c = (unsigned char)text[n - back];
        if ((c & 0xc0) == 0x80)
            continue;
        size_t whole = c < 0xc0 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
        return whole > back ? n - back : n;
    }
    return n;
}

void nz_log_write(const struct nz_log *log, enum nz_log_level level, const char *format, ...)
{
    static const char ellipsis[] = "\xe2\x80\xa6";
    char text[MESSAGE_BYTES_MAX + 1];
    if (!nz_log_is_on(log, level))
        return;
    int kept_errno = errno;
    va_list args;
    va_start(args, format);
    int need = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    size_t n = need < 0 ? 0 : (size_t)need;
    if (n > MESSAGE_BYTES_MAX) {
        n = without_half_character(text, MESSAGE_BYTES_MAX - (sizeof ellipsis - 1));
        memcpy(text + n, ellipsis, sizeof ellipsis - 1);
        n += sizeof ellipsis - 1;
    }
    log->ops->write(log->self, level, nz_str_of(text, n));
    errno = kept_errno;
}

const char *nz_log_level_name(enum nz_log_level level)
{
    return names[level];
}

bool nz_log_level_parse(struct nz_str name, enum nz_log_level *out)
{
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (nz_str_eq(name, nz_str_from_c(names[i]))) {
            *out = (enum nz_log_level)i;
            return true;
        }
    }
    return false;
}
