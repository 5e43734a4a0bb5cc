#include "audit/history.h"

#include <stdlib.h>

static int compare_arn(const void *arn, const void *part)
{
    return nz_str_cmp(*(const struct nz_str *)arn, ((const struct nz_history_part *)part)->arn);
}

const struct nz_history_part *nz_history_of(const struct nz_history *history, struct nz_str arn)
{
    return history->users_count
               ? bsearch(&arn, history->users, history->users_count, sizeof *history->users, compare_arn)
               : NULL;
}
