#include "access/prover.h"

static bool is_open(const struct nz_access_document *trust)
{
    return !trust->policy || trust->trusts_anybody;
}

/* Whom the trust policy names: false when it is nobody of the account. */
static bool named_find(const struct nz_account *a, struct nz_str arn, uint32_t *principal)
{
    return nz_account_find_arn(a, arn, principal) || nz_account_find_session_role(a, arn, principal);
}

/* Counts, or (fill) writes, which roles name each principal. */
static void named_walk(const struct nz_account *a, uint32_t *first, uint32_t *fill)
{
    for (uint32_t role = 0; role < a->principals_count; role++) {
        const struct nz_access_document *trust = a->principals[role].trust.document;
        if (a->principals[role].kind != NZ_ACCESS_ROLE || is_open(trust))
            continue;
        for (uint32_t i = 0; i < trust->named_count; i++) {
            uint32_t who;
            if (!named_find(a, trust->named[i], &who))
                continue;
            if (fill)
                fill[first[who]] = role;
            first[who]++;
        }
    }
}

static bool named_make(const struct nz_account *a, struct nz_arena *keep, struct nz_role_lists *out)
{
    size_t count = a->principals_count + (size_t)2;
    uint32_t *next = NZ_ARENA_ARRAY(keep, uint32_t, count), *first = NZ_ARENA_ARRAY(keep, uint32_t, count);
    if (!next || !first)
        return false;
    named_walk(a, next, NULL);
    uint32_t all = 0;
    for (uint32_t i = 0; i <= a->principals_count; i++) {
        uint32_t own = next[i];
        first[i] = next[i] = all;
        all += own;
    }
    uint32_t *named = NZ_ARENA_ARRAY(keep, uint32_t, all + (size_t)1);
    if (!named)
        return false;
    named_walk(a, next, named);
    out->named = named;
    out->named_first = first;
    return true;
}

enum nz_err nz_role_lists_make(const struct nz_account *a, struct nz_arena *keep, struct nz_role_lists *out)
{
    uint32_t *open = NZ_ARENA_ARRAY(keep, uint32_t, a->principals_count + (size_t)1);
    uint32_t *account = NZ_ARENA_ARRAY(keep, uint32_t, a->principals_count + (size_t)1);
    *out = (struct nz_role_lists){.open = open, .account = account};
    if (!open || !account)
        return NZ_E_NOMEM;
    for (uint32_t i = 0; i < a->principals_count; i++) {
        const struct nz_access_document *trust = a->principals[i].trust.document;
        if (a->principals[i].kind != NZ_ACCESS_ROLE)
            continue;
        if (is_open(trust))
            open[out->open_count++] = i;
        else if (trust->trusts_account)
            account[out->account_count++] = i;
    }
    return named_make(a, keep, out) ? NZ_OK : NZ_E_NOMEM;
}

/* Named ones that also leave it to the account have been there where that was granted. */
static bool is_in_account(const struct nz_role_lists *lists, uint32_t role)
{
    uint32_t from = 0, to = lists->account_count;
    while (from < to) {
        uint32_t middle = from + (to - from) / 2;
        if (lists->account[middle] < role)
            from = middle + 1;
        else
            to = middle;
    }
    return from < lists->account_count && lists->account[from] == role;
}

bool nz_role_walk_next(const struct nz_role_lists *lists, struct nz_role_walk *walk)
{
    const uint32_t *named = lists->named + lists->named_first[walk->principal];
    uint32_t named_count = lists->named_first[walk->principal + 1] - lists->named_first[walk->principal];
    for (; walk->list < 3; walk->list++, walk->at = 0) {
        const uint32_t *list = walk->list == 0 ? lists->open : walk->list == 1 ? lists->account : named;
        uint32_t count = walk->list == 0   ? lists->open_count
                         : walk->list == 1 ? (walk->granted ? lists->account_count : 0)
                                           : named_count;
        while (walk->at < count) {
            walk->role = list[walk->at++];
            bool again = walk->list == 2 && ((walk->at > 1 && list[walk->at - 2] == walk->role) ||
                                             (walk->granted && is_in_account(lists, walk->role)));
            if (walk->role != walk->principal && !again)
                return true;
        }
    }
    return false;
}
