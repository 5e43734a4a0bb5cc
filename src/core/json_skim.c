#include "core/json_skim.h"
#include "core/json.h"
#include "core/json_kernel.h"
#include "core/json_shape_step.h"

static bool is_digit(char c)
{
    return (unsigned char)(c - '0') < 10;
}

static const char *past_digits(const char *p, const char *end)
{
    while (p < end && is_digit(*p))
        p++;
    return p;
}

static bool ends_value(char c)
{
    return c == ',' || c == '}' || c == ']';
}

const char *nz_json_number_end(const char *p, const char *end)
{
    const char *from = p;
    p += *p == '-';
    if (p >= end || !is_digit(*p))
        return NULL;
    p = *p == '0' ? p + 1 : past_digits(p, end);
    if (p < end && *p == '.') {
        if (p + 1 >= end || !is_digit(p[1]))
            return NULL;
        p = past_digits(p + 1, end);
    }
    return p < end && p - from <= (ptrdiff_t)NZ_JSON_NUMBER_BYTES_MAX ? p : NULL;
}

static bool scalar_ok(const char *p, const char *end)
{
    if (memcmp(p, "true", 4) == 0 || memcmp(p, "null", 4) == 0)
        return ends_value(p[4]);
    if (memcmp(p, "fals", 4) == 0)
        return p[4] == 'e' && ends_value(p[5]);
    p = nz_json_number_end(p, end);
    return p && ends_value(*p);
}

size_t nz_json_names(const struct nz_json_kernel *kernel, const char *bytes, size_t n, uint32_t *names)
{
    if (!kernel)
        nz_json_kernels(&kernel, 1);
    return kernel->names(bytes, n, names);
}

enum nz_json_skimmed nz_json_skim(struct nz_json_skim *s, const struct nz_json_kernel *kernel, const char *bytes,
                                  size_t n)
{
    if (!kernel)
        nz_json_kernels(&kernel, 1);
    enum nz_json_skimmed skimmed = kernel->skim(s, bytes, n);
    if (skimmed != NZ_JSON_SKIM_WHOLE)
        return skimmed;
    for (size_t i = 0; i < s->scalars_count; i++) {
        if (!scalar_ok(bytes + s->scalars[i], bytes + s->end))
            return NZ_JSON_SKIM_LEFT;
    }
    if (s->has_high && nz_utf8_valid_bytes(nz_str_of(bytes, s->end)) != s->end)
        return NZ_JSON_SKIM_LEFT;
    s->keys[s->members] = s->end;
    return NZ_JSON_SKIM_WHOLE;
}
