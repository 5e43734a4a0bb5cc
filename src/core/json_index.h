/* The first half of the JSON reader: where tokens start.
 *
 * 64 bytes at a time become bit masks (SIMD), the masks become one mask of token starts, the mask becomes offsets:
 *
 *   bytes      {"a":"b\"c", "d":12}
 *   tokens     ^^  ^^     ^ ^  ^^ ^     { } [ ] : , the opening quote of a string, the first byte of any other scalar
 *   escapes            ^                the byte after each backslash that escapes something
 *
 * Strings are over when the next token begins: only white space can stand between a closing quote and the next token.
 * What no token shows is noted beside them, so that whoever walks the tokens can ask for its own range: control
 * characters inside strings and bytes that are not UTF-8 (faults), escapes to be checked (escapes).
 *
 * Four kernels (AVX-512, AVX2, NEON, plain C) give the same index; the machine's best is chosen at run time.
 * After: Langdale and Lemire, "Parsing Gigabytes of JSON per Second", VLDB 2019. */
#ifndef NZ_CORE_JSON_INDEX_H
#define NZ_CORE_JSON_INDEX_H

#include "core/diag.h"

struct nz_json_fault {
    uint32_t offset;
    enum nz_err code; /* NZ_E_JSON_CONTROL, NZ_E_JSON_UTF8 */
};

struct nz_json_index {
    uint32_t *tokens; /* count of them, ascending; tokens[count] is the number of bytes indexed */
    uint8_t *kinds;   /* the byte at each token, side by side; eight zeros behind the last */
    size_t count, room;
    uint32_t *escapes;
    size_t escapes_count, escapes_room;
    struct nz_json_fault *faults; /* ascending by offset */
    size_t faults_count, faults_room;
    bool in_string; /* the bytes end inside a string */
};

/* Zeroed is empty. The caller owns it. */
void nz_json_index_release(struct nz_json_index *ix); /* harmless twice */

struct nz_json_kernel;

/* Indexes bytes, which start outside a string; at most UINT32_MAX / 2 of them. Reads nothing past n.
 * kernel NULL: the best one. Errors: NZ_E_NOMEM, NZ_E_JSON_SIZE. */
NZ_MUST_USE enum nz_err nz_json_index_build(struct nz_json_index *ix, const struct nz_json_kernel *kernel,
                                            const char *bytes, size_t n);

/* The kernels this machine can run, best first; for tests and benchmarks. */
size_t nz_json_kernels(const struct nz_json_kernel **out, size_t room);
const char *nz_json_kernel_name(const struct nz_json_kernel *kernel);

/* First fault at or after `from` and before `to`, or NULL. */
const struct nz_json_fault *nz_json_index_fault(const struct nz_json_index *ix, uint32_t from, uint32_t to);

/* Checks the escapes in [from, to): RFC 8259, section 7. False with the offset and reason of the first wrong one. */
bool nz_json_index_escapes_ok(const struct nz_json_index *ix, const char *bytes, uint32_t from, uint32_t to,
                              struct nz_json_fault *wrong);

#endif
