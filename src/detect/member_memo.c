#include "detect/member_memo.h"

#include <stdlib.h>

enum nz_err nz_member_memo_init(struct nz_member_memo *memo, size_t members)
{
    memo->members = members;
    memo->places = calloc(NZ_MEMBER_MEMOS_MAX, sizeof *memo->places);
    return memo->places ? NZ_OK : NZ_E_NOMEM;
}

void nz_member_memo_release(struct nz_member_memo *memo)
{
    free(memo->places);
    memo->places = NULL;
}

static uint64_t word_at(struct nz_str s, size_t at)
{
    uint64_t word;
    memcpy(&word, s.p + at, sizeof word);
    return word;
}

/* Of a few bytes of each member: two that meet cost time and nothing else. */
static struct nz_member_memo_place *place_of(const struct nz_member_memo *memo, const struct nz_str *members)
{
    const uint64_t step = 0x9e3779b97f4a7c15ull; /* 2^64 / golden ratio */
    uint64_t hash = 0;
    for (size_t i = 0; i < memo->members; i++) {
        const struct nz_str s = members[i];
        hash = (hash ^ s.n) * step;
        if (s.n >= 8)
            hash = (hash ^ word_at(s, 0)) * step ^ word_at(s, s.n - 8);
        if (s.n >= 64) /* userIdentity: names in it, a key, the session's beginning */
            hash = ((hash * step ^ word_at(s, s.n / 4)) * step ^ word_at(s, s.n / 2)) * step ^ word_at(s, s.n - 24);
    }
    return &memo->places[(hash * step >> 32) % NZ_MEMBER_MEMOS_MAX];
}

struct nz_str nz_member_memo_find(const struct nz_member_memo *memo, const struct nz_str *members,
                                  struct nz_member_memo_place **place)
{
    struct nz_member_memo_place *p = *place = place_of(memo, members);
    uint32_t from = 0;
    bool holds = p->ends[memo->members] != 0;
    for (size_t i = 0; i < memo->members && holds; i++) {
        holds = nz_str_eq(nz_str_of(p->bytes + from, p->ends[i] - from), members[i]);
        from = p->ends[i];
    }
    return holds ? nz_str_of(p->bytes + from, p->ends[memo->members] - from) : (struct nz_str){0};
}

void nz_member_memo_keep(const struct nz_member_memo *memo, struct nz_member_memo_place *place,
                         const struct nz_str *members, struct nz_str value)
{
    size_t bytes = value.n, n = 0;
    for (size_t i = 0; i < memo->members; i++)
        bytes += members[i].n;
    if (bytes > sizeof place->bytes)
        return;
    for (size_t i = 0; i <= memo->members; i++) {
        const struct nz_str s = i < memo->members ? members[i] : value;
        if (s.n)
            memcpy(place->bytes + n, s.p, s.n);
        n += s.n;
        place->ends[i] = (uint32_t)n;
    }
}
