/* What is different in a report: findings whose status is another than in an older report of the same account, by check,
 * resource and region. New: it fails, is partial or unknown, and was otherwise. Solved: it was so, and passes, does not
 * apply any more, or what it was about is gone. */
#ifndef NZ_FINDINGS_REPORT_SINCE_H
#define NZ_FINDINGS_REPORT_SINCE_H

#include "findings/finding.h"

struct nz_report_since {
    struct nz_report report; /* the newer one with only those findings; points into both */
    struct nz_arena keep;
};

/* NZ_E_NOMEM. Release in either case. */
NZ_MUST_USE enum nz_err nz_report_since(const struct nz_report *older, const struct nz_report *newer,
                                        nz_translate_fn translate, struct nz_report_since *out);
void nz_report_since_release(struct nz_report_since *since); /* harmless twice, also zeroed */

#endif
