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

struct nz_json_kernel;

/* Where the indexing stands; the indexer's own. */
struct nz_json_scan {
    const struct nz_json_kernel *kernel;
    const char *bytes;     /* the byte at offset `from` */
    size_t from;           /* offset of the first block */
    size_t end;            /* offset past all bytes: UTF-8 sequences are followed past a block */
    uint64_t escaped;      /* bit 0: the next block's first byte is escaped */
    uint64_t in_string;    /* all ones: the next block starts inside a string */
    uint64_t after_scalar; /* bit 0: the byte before the next block belongs to an unquoted scalar */
    size_t utf8_at;        /* UTF-8 is checked up to here */
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
    bool complete;  /* all bytes are indexed */
    bool sound;     /* the bytes have been judged: escapes and faults are not noted */
    struct nz_json_scan scan;
};

/* Zeroed is empty. The caller owns it. */
void nz_json_index_release(struct nz_json_index *ix); /* harmless twice */

/* Indexes bytes, which start outside a string, at most UINT32_MAX / 2 of them. Reads nothing past n.
 * kernel NULL: the best one. Errors: NZ_E_NOMEM, NZ_E_JSON_SIZE. */
NZ_MUST_USE enum nz_err nz_json_index_build(struct nz_json_index *ix, const struct nz_json_kernel *kernel,
                                            const char *bytes, size_t n);

/* The same in steps: begin, then more until ix->complete. Whoever walks in steps too finds the bytes and the tokens of a
 * step in the first-level cache. The bytes are borrowed until then. */
NZ_MUST_USE enum nz_err nz_json_index_begin(struct nz_json_index *ix, const struct nz_json_kernel *kernel,
                                            const char *bytes, size_t n);
/* As begin, but from an offset on. */
NZ_MUST_USE enum nz_err nz_json_index_begin_at(struct nz_json_index *ix, const struct nz_json_kernel *kernel,
                                               const char *bytes, size_t n, size_t from);
NZ_MUST_USE enum nz_err nz_json_index_more(struct nz_json_index *ix, size_t step_bytes);

/* For a caller who knows that bytes[from, to) are sound: makes room, once, for all that appending will bring, and appends
 * their tokens behind those that are there (tokens[count] is `to` then). Returns the first one's number. */
NZ_MUST_USE enum nz_err nz_json_index_room(struct nz_json_index *ix, size_t tokens);
uint32_t nz_json_index_append(struct nz_json_index *ix, const char *bytes, uint32_t from, uint32_t to);

/* The same for one value; a string or a scalar, which need no look inside, cost next to nothing. */
uint32_t nz_json_index_append_value(struct nz_json_index *ix, const char *bytes, uint32_t from, uint32_t to);

/* The kernels this machine can run, best first; for tests and benchmarks. */
size_t nz_json_kernels(const struct nz_json_kernel **out, size_t room);
const char *nz_json_kernel_name(const struct nz_json_kernel *kernel);

/* First fault at or after `from` and before `to`, or NULL. */
const struct nz_json_fault *nz_json_index_fault(const struct nz_json_index *ix, uint32_t from, uint32_t to);

/* Checks the escapes in [from, to): RFC 8259, section 7. False with the offset and reason of the first wrong one. */
bool nz_json_index_escapes_ok(const struct nz_json_index *ix, const char *bytes, uint32_t from, uint32_t to,
                              struct nz_json_fault *wrong);

#endif
