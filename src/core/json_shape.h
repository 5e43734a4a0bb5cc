/* Objects of a shape that was seen before, read without masks. Records of one kind have the same names in the same order, and
 * differ in the texts and numbers between them:
 *
 *   {"eventVersion":"1.08","userIdentity":{"type":"Root","arn":"arn:aws:iam::1:root"},"port":22}
 *    ================    ==========================    =========                   ============  ==   what a shape keeps
 *
 * What stands between two values is a step. Steps form a tree: behind one stand those that followed it in the objects learned. The
 * one that fitted last is tried first, then the one that fitted such bytes where they differ. To read an object is to compare one
 * step, look for the end of one value, and so on.
 *
 * Only objects that were skimmed (core/json_skim.h) are learned, and JSON stays JSON when a text takes another text's place and
 * a number another number's. So an object that fits a path of the tree to its end is sound, with the members that the skim
 * would find, and whatever is wrong with it fits nowhere. Texts are checked as the skim checks them, and the skim's bounds hold.
 *
 * Cost: 9 ns for 64 bytes of a trail's record, tokens included, where the skim and the look for its names take 21 (Zen 3); 14, 17
 * and 22 of 26 ns where 30, 100 and 300 kinds of records with members of their own come in no order. */
#ifndef NZ_CORE_JSON_SHAPE_H
#define NZ_CORE_JSON_SHAPE_H

#include "core/json_skim.h"

/* What is kept at most; then nothing is learned, until so many objects fitted nowhere that all is learned anew. */
#define NZ_JSON_SHAPE_STEPS_MAX 32768u             /* 64 bytes each */
#define NZ_JSON_SHAPE_VALUES_MAX 500u              /* texts and numbers of one object */
#define NZ_JSON_SHAPE_CHOICES_MAX 2048u            /* steps behind one step */
#define NZ_JSON_SHAPES_BYTES_MAX ((size_t)4 << 20) /* of the shapes, beside their steps */

/* One a thread; the caller owns it. */
struct nz_json_shapes;

/* slots_count: of the slots that are read and learned. kernel NULL: the best one. NZ_E_NOMEM. */
NZ_MUST_USE enum nz_err nz_json_shapes_new(const struct nz_json_kernel *kernel, size_t slots_count,
                                           struct nz_json_shapes **out);
void nz_json_shapes_free(struct nz_json_shapes *shapes); /* NULL is harmless */

/* bytes[from] is '{'; NZ_JSON_SKIM_PAST_BYTES behind the n bytes may be read. True: the object has a known shape; *end is the
 * offset behind it, slots and tokens are as nz_json_walk_skimmed would have set them (all slots are set; the kind of a number
 * is some number's first byte). False: skim it. */
bool nz_json_shapes_read(struct nz_json_shapes *shapes, const char *bytes, uint32_t from, size_t n, uint32_t *slots,
                         struct nz_json_index *ix, uint32_t *end);

/* The names of the object that is the value at `token` of the object read last, as nz_json_names gives them, and also where
 * a value has an escape or a character that is not ASCII. SIZE_MAX: the shape does not know them. */
size_t nz_json_shapes_names(const struct nz_json_shapes *shapes, uint32_t token, uint32_t *names);

/* Learns the shape of bytes[from, to): the object for which nz_json_shapes_read said false just now, and which was then
 * skimmed, with these slots and tokens. It is kept when what fits nowhere in it was so in an object before; not when it is
 * too large, or too varied to be worth it. */
void nz_json_shapes_learn(struct nz_json_shapes *shapes, const char *bytes, uint32_t from, uint32_t to,
                          const uint32_t *slots, const struct nz_json_index *ix);

#endif
