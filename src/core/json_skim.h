/* The quick look at one object: the whole grammar checked with bit masks, and where its own members stand. No token is
 * made for what lies inside its values, and there is most of a record.
 *
 *   bytes    {"a":{"b":[1,2]},"c":true}
 *   keys      ^              ^             the opening quotes of the object's own names
 *
 * An object is skimmed only when nothing in it is out of the ordinary: no white space between its tokens, at most 63 levels,
 * NZ_JSON_SKIM_BYTES_MAX bytes and NZ_JSON_SKIM_MEMBERS_MAX members, no number with an exponent, no escaped surrogate.
 * Everything else, whatever is wrong above all, is left to the walk along the tokens (core/json_walk.h), which
 * can say what is wrong and where. So an object that was skimmed is one that the walk takes too, and with the same members.
 *
 * How the masks check a grammar that needs a stack: within 64 bytes only brackets change what a comma means, so they are
 * visited one by one and give a mask of the bytes that stand in an object. All else is a rule about neighbours: what may
 * stand after a comma, a colon, a value's end. Which strings are names follows from what stands before them; an addition
 * carries a bit from a name's opening quote to its closing one, where a colon must follow.
 * After: Jiang and Zhao, "JSONSki: Streaming Semi-structured Data with Bit-Parallel Fast-Forwarding", ASPLOS 2022. */
#ifndef NZ_CORE_JSON_SKIM_H
#define NZ_CORE_JSON_SKIM_H

#include "core/json_index.h"

#define NZ_JSON_SKIM_BYTES_MAX ((size_t)64 << 10)
#define NZ_JSON_SKIM_MEMBERS_MAX 128u
#define NZ_JSON_SKIM_SCALARS_MAX 256u /* numbers, true, false, null */
#define NZ_JSON_SKIM_PAST_BYTES 128u  /* readable, of any value, behind the bytes */

enum nz_json_skimmed {
    NZ_JSON_SKIM_WHOLE, /* a well-formed object */
    NZ_JSON_SKIM_CUT,   /* the bytes end before the object does */
    NZ_JSON_SKIM_LEFT,  /* for the walk to judge */
};

/* One a thread; nothing to release. */
struct nz_json_skim {
    uint32_t end;                                 /* offset behind the object */
    size_t members;                               /* of the object itself */
    uint32_t keys[NZ_JSON_SKIM_MEMBERS_MAX + 65]; /* members + 1: offset of each opening quote; the last one is `end` */

    /* the kernel's, for what is looked at afterwards */
    size_t scalars_count;
    uint32_t scalars[NZ_JSON_SKIM_SCALARS_MAX + 65];
    bool has_high; /* a character that is not ASCII, perhaps just behind the object */
};

/* bytes[0] is '{'; NZ_JSON_SKIM_PAST_BYTES behind the n bytes may be read. kernel NULL: the best one. */
enum nz_json_skimmed nz_json_skim(struct nz_json_skim *s, const struct nz_json_kernel *kernel, const char *bytes,
                                  size_t n);

/* The same offsets for an object inside one that was skimmed, at a third of the cost because nothing is checked again:
 * bytes[0] is its '{', bytes[n - 1] its '}'. names has room for NZ_JSON_NAMES_ROOM. Returns how many there are, n behind
 * them; SIZE_MAX when they are more than NZ_JSON_NAMES_MAX, or an escape or a character that is not ASCII is near. */
#define NZ_JSON_NAMES_MAX 64u
#define NZ_JSON_NAMES_ROOM (NZ_JSON_NAMES_MAX + 67)
size_t nz_json_names(const struct nz_json_kernel *kernel, const char *bytes, size_t n, uint32_t *names);

#endif
