#include "core/json_index.h"
#include "core/json_kernel.h"

#include <stdlib.h>

void nz_json_index_release(struct nz_json_index *ix)
{
    free(ix->tokens);
    free(ix->kinds);
    free(ix->escapes);
    free(ix->faults);
    *ix = (struct nz_json_index){0};
}

static const struct nz_json_kernel *const kernels[] = {
#if defined(__x86_64__)
    &nz_json_kernel_avx512,
    &nz_json_kernel_avx2,
#elif defined(__aarch64__)
    &nz_json_kernel_neon,
#endif
    &nz_json_kernel_plain,
};

size_t nz_json_kernels(const struct nz_json_kernel **out, size_t room)
{
    size_t count = 0;
    for (size_t i = 0; i < sizeof kernels / sizeof kernels[0] && count < room; i++) {
        if (kernels[i]->usable())
            out[count++] = kernels[i];
    }
    return count;
}

const char *nz_json_kernel_name(const struct nz_json_kernel *kernel)
{
    return kernel->name;
}

/* At least `need` elements of `size` bytes. */
static bool make_room(void **p, size_t *room, size_t need, size_t size)
{
    if (need <= *room)
        return true;
    size_t wanted = *room ? *room : 256;
    while (wanted < need)
        wanted *= 2;
    void *grown = realloc(*p, wanted * size);
    if (!grown)
        return false;
    *p = grown;
    *room = wanted;
    return true;
}

bool nz_json_index_add_escapes(struct nz_json_index *ix, uint64_t mask, size_t base)
{
    if (ix->sound)
        return true;
    void *p = ix->escapes;
    bool ok = make_room(&p, &ix->escapes_room, ix->escapes_count + 64, sizeof *ix->escapes);
    ix->escapes = p;
    for (; ok && mask; mask &= mask - 1)
        ix->escapes[ix->escapes_count++] = (uint32_t)base + (uint32_t)__builtin_ctzll(mask);
    return ok;
}

static bool fault_add(struct nz_json_index *ix, uint32_t offset, enum nz_err code)
{
    void *p = ix->faults;
    bool ok = make_room(&p, &ix->faults_room, ix->faults_count + 1, sizeof *ix->faults);
    ix->faults = p;
    if (!ok)
        return false;
    /* UTF-8 is followed past its block, so a control character of the next block may come later but stand earlier */
    size_t at = ix->faults_count++;
    while (at > 0 && ix->faults[at - 1].offset > offset) {
        ix->faults[at] = ix->faults[at - 1];
        at--;
    }
    ix->faults[at] = (struct nz_json_fault){offset, code};
    return true;
}

bool nz_json_index_add_faults(struct nz_json_index *ix, uint64_t mask, size_t base, enum nz_err code)
{
    bool ok = true;
    for (; ok && mask && !ix->sound; mask &= mask - 1)
        ok = fault_add(ix, (uint32_t)base + (uint32_t)__builtin_ctzll(mask), code);
    return ok;
}

/* Checks the bytes of the block at base, and the sequence that leaves it to its end. Everything before the block that
 * is not yet checked was ASCII. */
bool nz_json_index_check_utf8(struct nz_json_index *ix, struct nz_json_scan *scan, size_t base)
{
    size_t at = scan->utf8_at > base ? scan->utf8_at : base;
    size_t end = base + 64 < scan->end ? base + 64 : scan->end;
    bool ok = true;
    while (ok && at < end && !ix->sound) {
        /* four bytes past the block are enough to finish a sequence that begins in it */
        size_t look = end + 4 < scan->end ? end + 4 : scan->end;
        at += nz_utf8_valid_bytes(nz_str_of(scan->bytes + (at - scan->from), look - at));
        if (at >= end)
            break;
        ok = fault_add(ix, (uint32_t)at, NZ_E_JSON_UTF8);
        at++;
    }
    scan->utf8_at = at < end ? end : at;
    return ok;
}

static bool tokens_room(struct nz_json_index *ix, size_t need)
{
    if (need <= ix->room)
        return true;
    size_t room = ix->room; /* the same for both, and raised only when both are there */
    void *kinds = ix->kinds, *tokens = ix->tokens;
    bool ok = make_room(&kinds, &room, need, sizeof *ix->kinds);
    ix->kinds = kinds;
    room = ix->room;
    ok = ok && make_room(&tokens, &room, need, sizeof *ix->tokens);
    ix->tokens = tokens;
    if (ok)
        ix->room = room;
    return ok;
}

enum nz_err nz_json_index_begin(struct nz_json_index *ix, const struct nz_json_kernel *kernel, const char *bytes,
                                size_t n)
{
    return nz_json_index_begin_at(ix, kernel, bytes, n, 0);
}

enum nz_err nz_json_index_begin_at(struct nz_json_index *ix, const struct nz_json_kernel *kernel, const char *bytes,
                                   size_t n, size_t from)
{
    if (n > UINT32_MAX / 2)
        return NZ_E_JSON_SIZE;
    if (!kernel)
        nz_json_kernels(&kernel, 1);
    /* worst case a token a byte; pages that stay untouched cost nothing. 64 for what kernels write past their count */
    if (!tokens_room(ix, (n / 64 + 1) * 64 + 65))
        return NZ_E_NOMEM;
    ix->count = ix->escapes_count = ix->faults_count = 0;
    ix->scan = (struct nz_json_scan){.kernel = kernel, .bytes = bytes + from, .from = from, .end = n};
    ix->in_string = ix->sound = false;
    ix->complete = n == from;
    ix->tokens[0] = (uint32_t)from;
    memset(ix->kinds, 0, 8);
    return NZ_OK;
}

enum nz_err nz_json_index_more(struct nz_json_index *ix, size_t step_bytes)
{
    struct nz_json_scan *scan = &ix->scan;
    size_t left = scan->end - scan->from, blocks = (step_bytes < left ? step_bytes : left) / 64;
    bool ok = scan->kernel->run(ix, scan, blocks);
    scan->from += blocks * 64;
    scan->bytes += blocks * 64;
    left = scan->end - scan->from;
    if (ok && left > 0 && left < 64) {
        char rest[64]; /* the last bytes, padded with white space, so that nothing past the end is read */
        memset(rest, ' ', sizeof rest);
        memcpy(rest, scan->bytes, left);
        scan->bytes = rest;
        ok = scan->kernel->run(ix, scan, 1);
        scan->bytes = NULL;
        scan->from = scan->end;
    }
    if (!ok)
        return NZ_E_NOMEM;
    ix->complete = scan->from == scan->end;
    ix->in_string = scan->in_string != 0;
    ix->tokens[ix->count] = (uint32_t)scan->from;
    memset(ix->kinds + ix->count, 0, 8);
    return NZ_OK;
}

enum nz_err nz_json_index_build(struct nz_json_index *ix, const struct nz_json_kernel *kernel, const char *bytes,
                                size_t n)
{
    enum nz_err err = nz_json_index_begin(ix, kernel, bytes, n);
    return err != NZ_OK || n == 0 ? err : nz_json_index_more(ix, n);
}

enum nz_err nz_json_index_room(struct nz_json_index *ix, size_t tokens)
{
    return tokens_room(ix, tokens) ? NZ_OK : NZ_E_NOMEM;
}

uint32_t nz_json_index_append(struct nz_json_index *ix, const char *bytes, uint32_t from, uint32_t to)
{
    uint32_t first = (uint32_t)ix->count;
    const struct nz_json_kernel *kernel = ix->scan.kernel;
    if (!kernel)
        nz_json_kernels(&kernel, 1);
    ix->scan = (struct nz_json_scan){.kernel = kernel, .bytes = bytes + from, .from = from, .end = to};
    ix->sound = true;
    if (nz_json_index_more(ix, to - from) != NZ_OK)
        return UINT32_MAX; /* cannot be: there is room, and nothing else is noted */
    ix->count++;           /* the end stays behind the last token */
    return first;
}

uint32_t nz_json_index_append_value(struct nz_json_index *ix, const char *bytes, uint32_t from, uint32_t to)
{
    if ((bytes[from] | 0x20) == '{') /* or '[' */
        return nz_json_index_append(ix, bytes, from, to);
    uint32_t first = (uint32_t)ix->count;
    ix->tokens[first] = from;
    ix->kinds[first] = (uint8_t)bytes[from];
    ix->tokens[first + 1] = to;
    ix->kinds[first + 1] = 0;
    ix->count += 2;
    return first;
}

const struct nz_json_fault *nz_json_index_fault(const struct nz_json_index *ix, uint32_t from, uint32_t to)
{
    size_t low = 0, high = ix->faults_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (ix->faults[middle].offset < from)
            low = middle + 1;
        else
            high = middle;
    }
    return low < ix->faults_count && ix->faults[low].offset < to ? &ix->faults[low] : NULL;
}

static int hex_digit(char c)
{
    unsigned digit = (unsigned)(unsigned char)c - '0', letter = ((unsigned)(unsigned char)c | 0x20) - 'a';
    return digit < 10 ? (int)digit : letter < 6 ? (int)letter + 10 : -1;
}

/* The four hex digits after an escaped 'u' at `at`, or -1. `end`: bytes that may be looked at. */
static int code_unit(const char *bytes, uint32_t at, uint32_t end)
{
    int unit = 0;
    if (end - at < 5)
        return -1;
    for (uint32_t i = at + 1; i < at + 5; i++) {
        int digit = hex_digit(bytes[i]);
        if (digit < 0)
            return -1;
        unit = unit * 16 + digit;
    }
    return unit;
}

bool nz_json_index_escape_is_plain(const char *p)
{
    static const char simple[256] = {
        ['"'] = 1, ['\\'] = 1, ['/'] = 1, ['b'] = 1, ['f'] = 1, ['n'] = 1, ['r'] = 1, ['t'] = 1};
    if (simple[(uint8_t)*p])
        return true;
    int unit = *p == 'u' ? code_unit(p, 0, 5) : -1;
    return unit >= 0 && (unit < 0xd800 || unit > 0xdfff);
}

bool nz_json_index_escapes_ok(const struct nz_json_index *ix, const char *bytes, uint32_t from, uint32_t to,
                              struct nz_json_fault *wrong)
{
    size_t low = 0, high = ix->escapes_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (ix->escapes[middle] < from)
            low = middle + 1;
        else
            high = middle;
    }
    uint32_t low_half_at = UINT32_MAX; /* where the second half of a surrogate pair must be escaped */
    for (; low < ix->escapes_count && ix->escapes[low] < to; low++) {
        uint32_t at = ix->escapes[low];
        *wrong = (struct nz_json_fault){at - 1, NZ_E_JSON_ESCAPE};
        if (bytes[at] != 'u') {
            if (!bytes[at] || !strchr("\"\\/bfnrt", bytes[at]))
                return false;
            continue;
        }
        int unit = code_unit(bytes, at, to);
        if (unit < 0)
            return false;
        wrong->code = NZ_E_JSON_SURROGATE;
        if (unit >= 0xdc00 && unit <= 0xdfff) {
            if (at != low_half_at)
                return false;
        } else if (unit >= 0xd800 && unit <= 0xdbff) {
            /* RFC 8259, section 7: a character beyond the BMP is two escapes, one directly after the other */
            low_half_at = at + 6;
            if (low + 1 >= ix->escapes_count || ix->escapes[low + 1] != low_half_at || low_half_at >= to ||
                bytes[low_half_at] != 'u' || code_unit(bytes, low_half_at, to) < 0xdc00 ||
                code_unit(bytes, low_half_at, to) > 0xdfff)
                return false;
        }
    }
    return true;
}
