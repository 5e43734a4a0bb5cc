/* The one JSON reader: a structural index made with SIMD, and views into the bytes. No tree, no copy.
 *
 *   bytes   {"a":[1,"x"]}
 *   index   ^^  ^^^ ^^  ^^      { " : [ 1 , " ] }   one uint32 each: where a token starts
 *
 * nz_json_parse indexes a whole buffer and checks all of RFC 8259, so that a value taken from it later cannot be
 * malformed. Reading then walks the index: nothing is looked at that nobody asks for. The streaming reader of logs
 * (events) uses the two halves by themselves: core/json_index.h and core/json_walk.h.
 *
 * Limits, each an error and never a crash: nesting NZ_JSON_DEPTH_MAX, a number NZ_JSON_NUMBER_BYTES_MAX, one text
 * NZ_JSON_TEXT_BYTES_MAX. Duplicate keys are allowed by RFC 8259, section 4; the last one wins, as in most readers.
 * Threads: a parsed document may be read by any number. */
#ifndef NZ_CORE_JSON_H
#define NZ_CORE_JSON_H

#include "core/buf.h"
#include "core/diag.h"

#define NZ_JSON_DEPTH_MAX 128u
#define NZ_JSON_NUMBER_BYTES_MAX 1024u
#define NZ_JSON_TEXT_BYTES_MAX ((size_t)1 << 30)

enum nz_json_kind {
    NZ_JSON_ABSENT, /* no such value */
    NZ_JSON_NULL,
    NZ_JSON_FALSE,
    NZ_JSON_TRUE,
    NZ_JSON_NUMBER,
    NZ_JSON_STRING,
    NZ_JSON_ARRAY,
    NZ_JSON_OBJECT,
};

/* One value: a view that lives as long as the bytes and the index it came from. A zeroed one is NZ_JSON_ABSENT. */
struct nz_json {
    const char *bytes;      /* start of the indexed bytes */
    const uint32_t *tokens; /* offsets of the tokens in bytes */
    const uint8_t *kinds;   /* the byte at each token, side by side: what walking over values looks at */
    uint32_t at;            /* this value's first token */
};

struct nz_json_index;

struct nz_json_doc {
    struct nz_json_index *index;
};

/* The caller owns *doc; it may be parsed into again and again. */
void nz_json_doc_init(struct nz_json_doc *doc);
void nz_json_doc_release(struct nz_json_doc *doc); /* harmless twice */

/* Indexes and checks `text` (one JSON value, white space around it allowed, no byte order mark). The text is borrowed
 * and must outlive *root. On an error diag has the offset of the byte at fault. */
NZ_MUST_USE enum nz_err nz_json_parse(struct nz_json_doc *doc, struct nz_str text, struct nz_json *root,
                                      struct nz_diag *diag);

/* For values one after another: bytes of the first one of text, which begins with it, to its closing bracket. Whether it is
 * good JSON, nz_json_parse says; of what is no object or array it is all of text. */
size_t nz_json_first_bytes(struct nz_str text);

static inline bool nz_json_is_absent(struct nz_json v)
{
    return v.bytes == NULL;
}

/* By the first byte; what begins otherwise is a number, for the value was checked. */
static inline enum nz_json_kind nz_json_kind(struct nz_json v)
{
    static const uint8_t kinds[256] = {['{'] = NZ_JSON_OBJECT, ['['] = NZ_JSON_ARRAY, ['"'] = NZ_JSON_STRING,
                                       ['t'] = NZ_JSON_TRUE,   ['f'] = NZ_JSON_FALSE, ['n'] = NZ_JSON_NULL};
    if (nz_json_is_absent(v))
        return NZ_JSON_ABSENT;
    const uint8_t kind = kinds[v.kinds[v.at]];
    return kind ? (enum nz_json_kind)kind : NZ_JSON_NUMBER;
}

/* Source bytes of the value, quotes and inner white space included. */
struct nz_str nz_json_source(struct nz_json v);

/* Source bytes without white space outside strings; appended. */
void nz_json_append_compact(struct nz_json v, struct nz_buf *out);

/* What stands between the quotes, still escaped. Only for NZ_JSON_STRING. */
static inline struct nz_str nz_json_string_raw(struct nz_json v)
{
    const char *p = v.bytes + v.tokens[v.at] + 1, *end = v.bytes + v.tokens[v.at + 1] - 1;
    while (*end != '"')
        end--; /* white space before the next token */
    return nz_str_of(p, (size_t)(end - p));
}

/* The decoded text of a string. Without an escape in it that is a view into the source and scratch stays untouched;
 * else it is decoded to the end of scratch and the view dies with the next append there. Never fails but for memory
 * (then empty, and scratch->failed is set). Only for NZ_JSON_STRING. */
struct nz_str nz_json_string(struct nz_json v, struct nz_buf *scratch);

/* The text of any scalar: a string decoded as above, else its source ("true", "12", "null"). Objects and arrays give
 * their compact source, in scratch. */
struct nz_str nz_json_text(struct nz_json v, struct nz_buf *scratch);

/* Decodes JSON escapes of `raw` (already checked) into out. */
void nz_json_unescape(struct nz_str raw, struct nz_buf *out);

/* Walks an object's members or an array's elements in source order. `key` is the raw text between its quotes. */
struct nz_json_iter {
    struct nz_json here;
    bool in_object, done;
    struct nz_str key;
    struct nz_json value;
};
struct nz_json_iter nz_json_iter(struct nz_json v); /* of a scalar: an empty walk */
bool nz_json_next(struct nz_json_iter *it);         /* false at the end; else it->key and it->value are set */

/* True when a raw key, decoded, is `name`. */
bool nz_json_key_is(struct nz_str raw_key, struct nz_str name);

/* Member of an object by its exact name (the last one wins); absent when v is no object or has none. */
struct nz_json nz_json_get(struct nz_json v, struct nz_str name);

/* Writes text as a JSON string with quotes; escapes what RFC 8259 demands, and besides what acts on a terminal or a
 * page that shows it (DEL, C1, U+2028/9, characters that change the direction); bytes that are
 * not UTF-8 become U+FFFD. */
void nz_json_append_string(struct nz_buf *out, struct nz_str text);

#endif
