/* Small SVG charts for HTML reports: no library, no script, readable on paper. Shapes stretch with the page; words stand
 * beside them as HTML, so that they are as large on a phone as elsewhere. Colours are classes: the levels and verdicts of
 * html/page.css ("high", "fail"), and "accent". All append to `out`. */
#ifndef NZ_FINDINGS_HTML_CHART_H
#define NZ_FINDINGS_HTML_CHART_H

#include "core/buf.h"
#include "core/time.h"

struct nz_html_series {
    const char *tone;       /* class */
    const char *name;       /* in the page's language */
    const uint64_t *counts; /* one a bucket */
};

/* Columns over time, the series stacked, the first at the bottom. */
struct nz_html_columns {
    struct nz_str label; /* what is drawn, for those who cannot see it */
    const struct nz_html_series *series;
    size_t series_count;
    size_t buckets; /* at least 1 */
    nz_time from;   /* start of the first bucket */
    int64_t bucket_us;
};
void nz_html_append_columns(struct nz_buf *out, const struct nz_html_columns *chart);

/* The same for one series without words, as high as a line of text: what stands in a table or beside a heading. */
void nz_html_append_spark(struct nz_buf *out, const char *tone, const uint64_t *counts, size_t buckets);

/* One row of a ranking: a name, a bar of up to parts_count colours, a number. Rows stand in <ol class="ranks">. */
struct nz_html_rank {
    struct nz_str name;
    const uint64_t *parts; /* their sum is the number */
    const char *const *tones;
    size_t parts_count;
    uint64_t longest;   /* the number whose bar is as long as the row */
    struct nz_str note; /* in small print; may be empty */
    struct nz_str set;  /* "actor=3": a click chooses this in the page's filters; empty: not to be clicked */
};
void nz_html_append_rank(struct nz_buf *out, const struct nz_html_rank *rank);

#endif
