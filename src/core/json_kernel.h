/* What a kernel of the JSON index is (private to core). A kernel is one file that defines `classify` for 64 bytes and
 * includes json_kernel_loop.h; the machine's abilities are asked once, in json_index.c. */
#ifndef NZ_CORE_JSON_KERNEL_H
#define NZ_CORE_JSON_KERNEL_H

#include "core/json_shape_step.h"

struct nz_json_kernel {
    const char *name;
    bool (*usable)(void);
    /* Indexes `blocks` x 64 readable bytes. ix has room for 64 tokens a block and 64 more. */
    bool (*run)(struct nz_json_index *ix, struct nz_json_scan *scan, size_t blocks);
    /* nz_json_skim but for what stands in scalars and whether characters beyond ASCII are UTF-8. */
    enum nz_json_skimmed (*skim)(struct nz_json_skim *s, const char *bytes, size_t n);
    const struct shape_step *(*shape)(struct shape_step *steps, uint32_t *hints, const char *bytes, uint32_t from,
                                      const char *end, uint32_t *marks); /* core/json_shape_loop.h */
    size_t (*names)(const char *bytes, size_t n, uint32_t *names);       /* nz_json_names */
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
bool nz_json_index_escape_is_plain(const char *p); /* p: behind the backslash, 5 bytes readable; no surrogate either */
bool nz_json_index_check_utf8(struct nz_json_index *ix, struct nz_json_scan *scan, size_t base);

#endif
