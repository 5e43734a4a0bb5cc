/* The second half of the JSON reader: the grammar of RFC 8259 checked along the tokens, and the members that the
 * caller wants found on the way. One pass, no tree, no recursion. */
#ifndef NZ_CORE_JSON_WALK_H
#define NZ_CORE_JSON_WALK_H

#include "core/json.h"
#include "core/json_index.h"
#include "core/json_skim.h"

#define NZ_JSON_KEYS_MAX 128u
#define NZ_JSON_KEY_BYTES_MAX 32u

/* A set of member names with a number each, for looking up an object's own members. One a thread: it remembers which name
 * came after which, because records of one kind have their members in one order. */
struct nz_json_keys {
    const struct nz_str *names; /* borrowed; name i has number i */
    size_t count;
    struct nz_json_key {
        uint64_t words[NZ_JSON_KEY_BYTES_MAX / 8]; /* the name, zeros behind it */
        uint64_t masks[NZ_JSON_KEY_BYTES_MAX / 8]; /* ones where it has bytes */
        size_t n;
    } padded[NZ_JSON_KEYS_MAX];
    uint8_t table[1024];                   /* number + 1, 0: none; open addressing */
    uint8_t follows[NZ_JSON_KEYS_MAX + 1]; /* by number + 1 of the name before: the number that came next last time */
    size_t last;                           /* number + 1 of the name found last */
};

/* False when there are more than NZ_JSON_KEYS_MAX names, or one is longer than NZ_JSON_KEY_BYTES_MAX. */
bool nz_json_keys_init(struct nz_json_keys *keys, const struct nz_str *names, size_t count);

/* Number of the name, or -1. `raw` is what stands between the quotes; readable_end: bytes up to there may be read. */
int nz_json_keys_find(struct nz_json_keys *keys, struct nz_str raw, const char *readable_end);

enum nz_json_walked {
    NZ_JSON_WHOLE, /* the value is complete and well-formed; *token is the one after it */
    NZ_JSON_CUT,   /* the bytes end before the value does; *token is where it began */
    NZ_JSON_WRONG, /* diag says what is wrong and where; *token is where it began */
};

/* One value of any kind that starts at *token. Slots (may be NULL, with keys NULL) are set for the members of the value
 * itself when it is an object: slots[number] = token of the member's value; the last of equal names wins; the slot behind
 * them all, slots[keys->count], is for the last member whose name is not in keys. Slots of names that do not occur are
 * left alone.
 * A scalar at the very end of the bytes is CUT unless whole_text: more digits might follow. */
enum nz_json_walked nz_json_walk(const struct nz_json_index *ix, const char *bytes, bool whole_text, size_t *token,
                                 struct nz_json_keys *keys, uint32_t *slots, struct nz_diag *diag);

/* The same for an object that was skimmed and begins at bytes[from]: the slots, and in ix two tokens a member, its value and
 * the ',' or '}' behind it. A string or a scalar can be read by them; what is in a container has no tokens yet
 * (nz_json_index_append). False, and nothing is set that counts: a name has an escape. */
bool nz_json_walk_skimmed(const struct nz_json_skim *skim, const char *bytes, uint32_t from, struct nz_json_keys *keys,
                          uint32_t *slots, struct nz_json_index *ix);

/* What the grammar does not see: faults and escapes of the bytes in [from, to). NZ_OK, or the error with diag->offset. */
NZ_MUST_USE enum nz_err nz_json_check_range(const struct nz_json_index *ix, const char *bytes, uint32_t from,
                                            uint32_t to, struct nz_diag *diag);

/* The token after the container that opens at `token`, by brackets alone, or SIZE_MAX: for stepping over a broken
 * value whose strings are sound. */
size_t nz_json_skip_brackets(const struct nz_json_index *ix, size_t token);

#endif
