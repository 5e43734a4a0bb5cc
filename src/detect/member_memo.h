/* What was made of some members of a record, by the members' source bytes: a session writes hundreds of records whose userIdentity,
 * address and the like are the same to the byte, so that what comes of them need not be made again. Of bounded size; what meets
 * another in its place takes it. Private to detect. One thread. */
#ifndef NZ_DETECT_MEMBER_MEMO_H
#define NZ_DETECT_MEMBER_MEMO_H

#include "core/err.h"
#include "core/str.h"

#define NZ_MEMBER_MEMOS_MAX 128u
#define NZ_MEMBER_MEMO_BYTES_MAX 2000u /* members and value of one; longer ones are not kept */
#define NZ_MEMBER_MEMO_MEMBERS 7u

struct nz_member_memo {
    struct nz_member_memo_place {
        uint32_t ends[NZ_MEMBER_MEMO_MEMBERS + 1]; /* of each member and of the value in bytes; the last 0: free */
        char bytes[NZ_MEMBER_MEMO_BYTES_MAX];
    } * places;
    size_t members; /* as many as each call has */
};

NZ_MUST_USE enum nz_err nz_member_memo_init(struct nz_member_memo *memo, size_t members);
void nz_member_memo_release(struct nz_member_memo *memo); /* harmless twice, and on a zeroed one */

/* The value, or .p NULL; it dies with the next nz_member_memo_keep. *place: for that. A member that is not there has .n == 0. */
struct nz_str nz_member_memo_find(const struct nz_member_memo *memo, const struct nz_str *members,
                                  struct nz_member_memo_place **place);
/* value: not empty. */
void nz_member_memo_keep(const struct nz_member_memo *memo, struct nz_member_memo_place *place,
                         const struct nz_str *members, struct nz_str value);

#endif
