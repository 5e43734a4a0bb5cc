#include "sigma/number.h"

#include <math.h>

/* Keeps sums of exponents far from overflow; no number of NZ_NUMBER_BYTES_MAX bytes is told apart beyond it. */
#define EXPONENT_MAX ((int64_t)1 << 40)

static size_t digits(struct nz_str s)
{
    size_t n = 0;
    while (n < s.n && (unsigned char)(s.p[n] - '0') < 10)
        n++;
    return n;
}

static bool parse_exponent(struct nz_str s, int64_t *out)
{
    bool negative = s.n && s.p[0] == '-';
    if (s.n && (s.p[0] == '-' || s.p[0] == '+'))
        s = nz_str_skip(s, 1);
    if (s.n == 0 || digits(s) != s.n)
        return false;
    int64_t value = 0;
    for (size_t i = 0; i < s.n; i++) {
        value = value * 10 + (s.p[i] - '0');
        if (value > EXPONENT_MAX)
            value = EXPONENT_MAX;
    }
    *out = negative ? -value : value;
    return true;
}

static struct nz_str without_zeros_before(struct nz_str s, int64_t *exponent)
{
    while (s.n && s.p[0] == '0') {
        s = nz_str_skip(s, 1);
        --*exponent;
    }
    return s;
}

static struct nz_str without_zeros_after(struct nz_str s)
{
    while (s.n && s.p[s.n - 1] == '0')
        s.n--;
    return s;
}

bool nz_number_parse(struct nz_str text, struct nz_number *out)
{
    *out = (struct nz_number){0};
    if (text.n > NZ_NUMBER_BYTES_MAX)
        return false;
    out->negative = text.n && text.p[0] == '-';
    if (text.n && (text.p[0] == '-' || text.p[0] == '+'))
        text = nz_str_skip(text, 1);
    out->head = nz_str_head(text, digits(text));
    text = nz_str_skip(text, out->head.n);
    bool point = text.n && text.p[0] == '.';
    if (point) {
        text = nz_str_skip(text, 1);
        out->tail = nz_str_head(text, digits(text));
        text = nz_str_skip(text, out->tail.n);
    }
    if (out->head.n + out->tail.n == 0)
        return false;
    if (text.n && ((text.p[0] | 0x20) != 'e' || !parse_exponent(nz_str_skip(text, 1), &out->exponent)))
        return false;

    out->exponent += (int64_t)out->head.n;
    out->head = without_zeros_before(out->head, &out->exponent);
    if (out->head.n == 0)
        out->tail = without_zeros_before(out->tail, &out->exponent);
    out->tail = without_zeros_after(out->tail);
    if (out->tail.n == 0)
        out->head = without_zeros_after(out->head);
    if (out->head.n + out->tail.n == 0)
        *out = (struct nz_number){0}; /* -0 is 0 */
    return true;
}

/* Digit number i, 0 after the last. */
static char digit(const struct nz_number *a, size_t i)
{
    if (i < a->head.n)
        return a->head.p[i];
    i -= a->head.n;
    return i < a->tail.n ? a->tail.p[i] : '0';
}

static int cmp_magnitude(const struct nz_number *a, const struct nz_number *b)
{
    size_t a_digits = a->head.n + a->tail.n, b_digits = b->head.n + b->tail.n;
    if (a_digits == 0 || b_digits == 0)
        return (a_digits > 0) - (b_digits > 0);
    if (a->exponent != b->exponent)
        return a->exponent < b->exponent ? -1 : 1;
    for (size_t i = 0; i < a_digits || i < b_digits; i++) {
        if (digit(a, i) != digit(b, i))
            return digit(a, i) < digit(b, i) ? -1 : 1;
    }
    return 0;
}

int nz_number_cmp(const struct nz_number *a, const struct nz_number *b)
{
    if (a->negative != b->negative)
        return a->negative ? -1 : 1;
    int order = cmp_magnitude(a, b);
    return a->negative ? -order : order;
}

double nz_number_to_double(const struct nz_number *a)
{
    const size_t digits_max = 18; /* what 64 bits hold; a double has 17 */
    size_t count = a->head.n + a->tail.n, taken = count < digits_max ? count : digits_max;
    uint64_t digits_value = 0;
    for (size_t i = 0; i < taken; i++)
        digits_value = digits_value * 10 + (uint64_t)(digit(a, i) - '0');
    int64_t exponent = a->exponent - (int64_t)taken;
    if (exponent > 1000)
        exponent = 1000;
    if (exponent < -1000)
        exponent = -1000;
    double value = (double)digits_value;
    /* powers of ten up to 10^22 are exact in a double, their inverses are not */
    value = exponent < 0 ? value / pow(10, (double)-exponent) : value * pow(10, (double)exponent);
    return a->negative ? -value : value;
}
