#include "core/base64.h"

static int sextet(char c)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c ? strchr(alphabet, c) : NULL;
    return at ? (int)(at - alphabet) : -1;
}

bool nz_base64_decode(struct nz_str text, struct nz_buf *out)
{
    if (text.n % 4)
        return false;
    for (size_t i = 0; i < text.n; i += 4) {
        const char *p = text.p + i;
        bool last = i + 4 == text.n;
        unsigned pad = last && p[3] == '=' ? (p[2] == '=' ? 2 : 1) : 0;
        unsigned bits = 0;
        for (unsigned k = 0; k < 4; k++) {
            int value = k >= 4 - pad ? 0 : sextet(p[k]);
            if (value < 0)
                return false;
            bits = bits << 6 | (unsigned)value;
        }
        for (unsigned k = 0; k < 3 - pad; k++)
            nz_buf_append_char(out, (char)(bits >> (16 - 8 * k) & 0xffu));
    }
    return true;
}
