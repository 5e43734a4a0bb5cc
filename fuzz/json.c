/* Targets: nz_json_parse and everything that reads its values; the kernels must agree, and a skim with the walk, and a shape
 * with the skim. Seeds: fuzz/corpus/json. */
#include "core/json_shape.h"
#include "core/json_walk.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static void read_all(struct nz_json v, struct nz_buf *scratch, unsigned depth)
{
    struct nz_json_iter it = nz_json_iter(v);
    nz_buf_clear(scratch);
    nz_json_text(v, scratch);
    nz_json_source(v);
    while (depth < 8 && nz_json_next(&it)) {
        if (it.in_object && nz_json_is_absent(nz_json_get(v, NZ_STR("a"))) && nz_json_key_is(it.key, NZ_STR("a")))
            abort();
        read_all(it.value, scratch, depth + 1);
    }
}

static void same_index(const uint8_t *p, size_t n)
{
    const struct nz_json_kernel *kernels[8];
    size_t count = nz_json_kernels(kernels, 8);
    struct nz_json_index first = {0}, other = {0};
    if (nz_json_index_build(&first, kernels[0], (const char *)p, n) != NZ_OK)
        abort();
    for (size_t i = 1; i < count; i++) {
        if (nz_json_index_build(&other, kernels[i], (const char *)p, n) != NZ_OK || other.count != first.count ||
            other.escapes_count != first.escapes_count || other.faults_count != first.faults_count ||
            memcmp(other.tokens, first.tokens, first.count * sizeof *first.tokens) != 0)
            abort();
    }
    nz_json_index_release(&first);
    nz_json_index_release(&other);
}

/* What was skimmed is an object that the walk takes, with the same members at the same places. */
static void same_members(const struct nz_json_skim *skim, const char *bytes)
{
    struct nz_json_doc doc;
    struct nz_json root;
    nz_json_doc_init(&doc);
    if (nz_json_parse(&doc, nz_str_of(bytes, skim->end), &root, NULL) != NZ_OK)
        abort();
    struct nz_json_iter it = nz_json_iter(root);
    for (size_t i = 0; i < skim->members; i++) {
        if (!nz_json_next(&it) || bytes + skim->keys[i] + 1 != it.key.p)
            abort();
    }
    if (nz_json_next(&it))
        abort();
    nz_json_doc_release(&doc);
}

static void same_skim(const uint8_t *p, size_t n)
{
    const struct nz_json_kernel *kernels[8];
    size_t count = nz_json_kernels(kernels, 8);
    struct nz_json_skim first, other;
    char *bytes = malloc(n + NZ_JSON_SKIM_PAST_BYTES);
    if (!bytes)
        abort();
    memcpy(bytes, p, n);
    memset(bytes + n, '}', NZ_JSON_SKIM_PAST_BYTES);
    bool whole = nz_json_skim(&first, kernels[0], bytes, n) == NZ_JSON_SKIM_WHOLE;
    if (whole)
        same_members(&first, bytes);
    for (size_t i = 1; i < count; i++) {
        /* of what is wrong one kernel may see less than another before the bytes end */
        if ((nz_json_skim(&other, kernels[i], bytes, n) == NZ_JSON_SKIM_WHOLE) != whole)
            abort();
        if (whole && (other.end != first.end || other.members != first.members ||
                      memcmp(other.keys, first.keys, first.members * sizeof first.keys[0]) != 0))
            abort();
    }
    free(bytes);
}

static bool same_kind(uint8_t a, uint8_t b)
{
    static const char others[] = "{[\"tfn"; /* what is none of these is a number */
    return a == b || (!strchr(others, a) && !strchr(others, b));
}

/* What was read by a shape, against the skim. */
static void same_object(const struct nz_json_shapes *shapes, const struct nz_json_kernel *kernel, const char *bytes,
                        const struct nz_json_index *read, const struct nz_json_index *skimmed)
{
    if (read->count != skimmed->count ||
        memcmp(read->tokens, skimmed->tokens, read->count * sizeof read->tokens[0]) != 0)
        abort();
    for (uint32_t i = 0; i < read->count; i += 2) {
        uint32_t by_shape[NZ_JSON_NAMES_ROOM], by_masks[NZ_JSON_NAMES_ROOM];
        const uint32_t from = read->tokens[i], to = read->tokens[i + 1];
        if (!same_kind(read->kinds[i], skimmed->kinds[i]))
            abort();
        if (read->kinds[i] != '{')
            continue;
        const size_t wanted = nz_json_names(kernel, bytes + from, to - from, by_masks);
        if (wanted != SIZE_MAX && (nz_json_shapes_names(shapes, i, by_shape) != wanted ||
                                   memcmp(by_shape, by_masks, (wanted + 1) * sizeof by_shape[0]) != 0))
            abort();
    }
}

/* Object after object, and again because shapes are learned when they come again: each is read as the skim reads it. */
static void same_shapes(const struct nz_json_kernel *kernel, const char *bytes, size_t n)
{
    static const struct nz_str names[] = {{"a", 1}, {"b", 1}};
    struct nz_json_shapes *shapes;
    struct nz_json_keys keys;
    struct nz_json_index skimmed = {0}, read = {0};
    struct nz_json_skim skim;
    if (nz_json_shapes_new(kernel, 3, &shapes) != NZ_OK || !nz_json_keys_init(&keys, names, 2) ||
        nz_json_index_room(&skimmed, 2 * NZ_JSON_SKIM_MEMBERS_MAX) != NZ_OK ||
        nz_json_index_room(&read, 2 * NZ_JSON_SKIM_MEMBERS_MAX) != NZ_OK)
        abort();
    size_t at = 0;
    for (unsigned round = 0; round < 3; at = 0, round++) {
        for (; at < n && bytes[at] == '{'; at += skim.end) {
            const uint32_t from = (uint32_t)at;
            uint32_t by_skim[3], by_shape[3], end;
            memset(by_skim, 0xff, sizeof by_skim);
            const bool known = nz_json_shapes_read(shapes, bytes, from, n, by_shape, &read, &end);
            /* a skim may leave an object for what stands behind it */
            const size_t there = known ? end - from : n - at;
            const bool whole = nz_json_skim(&skim, kernel, bytes + at, there) == NZ_JSON_SKIM_WHOLE &&
                               nz_json_walk_skimmed(&skim, bytes, from, &keys, by_skim, &skimmed);
            if (known && (!whole || end != from + skim.end || memcmp(by_shape, by_skim, sizeof by_skim) != 0))
                abort();
            if (known)
                same_object(shapes, kernel, bytes, &read, &skimmed);
            if (!whole)
                break;
            if (!known)
                nz_json_shapes_learn(shapes, bytes, from, from + skim.end, by_skim, &skimmed);
        }
    }
    nz_json_shapes_free(shapes);
    nz_json_index_release(&skimmed);
    nz_json_index_release(&read);
}

static void all_same_shapes(const uint8_t *p, size_t n)
{
    const struct nz_json_kernel *kernels[8];
    const size_t count = nz_json_kernels(kernels, 8);
    char *bytes = malloc(n + NZ_JSON_SKIM_PAST_BYTES);
    if (!bytes)
        abort();
    memcpy(bytes, p, n);
    memset(bytes + n, '"', NZ_JSON_SKIM_PAST_BYTES);
    for (size_t i = 0; i < count; i++)
        same_shapes(kernels[i], bytes, n);
    free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    struct nz_json_doc doc;
    struct nz_json root;
    struct nz_diag diag = NZ_DIAG_INIT;
    nz_json_doc_init(&doc);
    if (nz_json_parse(&doc, nz_str_of((const char *)p, n), &root, &diag) == NZ_OK) {
        struct nz_buf scratch, again;
        nz_buf_init(&scratch, 0);
        nz_buf_init(&again, 0);
        read_all(root, &scratch, 0);
        /* what is written is JSON again */
        nz_json_append_compact(root, &again);
        if (nz_json_parse(&doc, nz_buf_view(&again), &root, NULL) != NZ_OK)
            abort();
        nz_buf_release(&scratch);
        nz_buf_release(&again);
    } else if (diag.offset > n) {
        abort();
    }
    nz_json_doc_release(&doc);
    same_index(p, n);
    if (n && p[0] == '{') {
        same_skim(p, n);
        all_same_shapes(p, n);
    }
    return 0;
}
