/* `trail timeline --format html`: days on a page: what was called, from where, with which key, what was refused, and what had
 * not been seen before. Rows are told twice, in order of time: once to be summed, once to be written. */
#ifndef NZ_CLI_TIMELINE_HTML_H
#define NZ_CLI_TIMELINE_HTML_H

#include "cli/cli.h"

struct nz_timeline_row {
    bool has_time;
    nz_time at;
    /* .p == NULL: the record lacks it. key: the access key that signed. */
    struct nz_str event, service, actor, source, region, error, user_agent, key;
};

struct nz_timeline_html;

NZ_MUST_USE enum nz_err nz_timeline_html_new(struct nz_cli *cli, struct nz_timeline_html **out);
void nz_timeline_html_free(struct nz_timeline_html *page); /* NULL is fine */

/* First all rows to sum. what: what was asked for ("--actor alice"), for the title's line. */
NZ_MUST_USE enum nz_err nz_timeline_html_sum(struct nz_timeline_html *page, const struct nz_timeline_row *row);
NZ_MUST_USE enum nz_err nz_timeline_html_begin(struct nz_timeline_html *page, struct nz_str what);
/* Then all of them again. */
NZ_MUST_USE enum nz_err nz_timeline_html_add(struct nz_timeline_html *page, const struct nz_timeline_row *row);
NZ_MUST_USE enum nz_err nz_timeline_html_end(struct nz_timeline_html *page);

#endif
