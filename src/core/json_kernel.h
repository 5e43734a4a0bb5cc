/* What a kernel of the JSON index is (private to core). A kernel is one file that defines `classify` for 64 bytes and
 * includes json_kernel_loop.h; the machine's abilities are asked once, in json_index.c. */
#ifndef NZ_CORE_JSON_KERNEL_H
#define NZ_CORE_JSON_KERNEL_H

#include "core/json_index.h"

/* Carried from one block of 64 bytes to the next. */
struct nz_json_scan {
    const char *bytes;     /* the byte at offset `from` */
    size_t from;           /* offset of the first block */
    size_t end;            /* offset past all bytes: UTF-8 sequences are followed past a block */
    uint64_t escaped;      /* bit 0: the next block's first byte is escaped */
    uint64_t in_string;    /* all ones: the next block starts inside a string */
    uint64_t after_scalar; /* bit 0: the byte before the next block belongs to an unquoted scalar */
    size_t utf8_at;        /* UTF-8 is checked up to here */
};

struct nz_json_kernel {
    const char *name;
    bool (*usable)(void);
    /* Indexes `blocks` x 64 readable bytes. ix has room for 64 tokens a block and 64 more. */
    bool (*run)(struct nz_json_index *ix, struct nz_json_scan *scan, size_t blocks);
};

extern const struct nz_json_kernel nz_json_kernel_plain;
#if defined(__x86_64__)
extern const struct nz_json_kernel nz_json_kernel_avx2, nz_json_kernel_avx512;
#elif defined(__aarch64__)
extern const struct nz_json_kernel nz_json_kernel_neon;
#endif

/* Rare work, out of the loops: false when memory is out. */
bool nz_json_index_add_escapes(struct nz_json_index *ix, uint64_t mask, size_t base);
bool nz_json_index_add_faults(struct nz_json_index *ix, uint64_t mask, size_t base, enum nz_err code);
bool nz_json_index_check_utf8(struct nz_json_index *ix, struct nz_json_scan *scan, size_t base);

#endif
