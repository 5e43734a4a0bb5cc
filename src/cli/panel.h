/* Panels that the pages about logs share (detect, trail stats, trail timeline). All append to `out`; charts and rows:
 * findings/html_chart.h. */
#ifndef NZ_CLI_PANEL_H
#define NZ_CLI_PANEL_H

#include "findings/html_chart.h"
#include "findings/time_bars.h"

/* A chart under the heading "When". */
void nz_panel_append_times(struct nz_buf *out, const struct nz_html_columns *chart);

/* That of all records, refused ones at the bottom; nothing when none of them has a time. */
void nz_panel_append_outcomes(struct nz_buf *out, const struct nz_time_bars *refused,
                              const struct nz_time_bars *allowed);

/* A ranking: the title, how many there are, and after it rows (nz_html_append_rank) up to its end. */
void nz_panel_begin_ranking(struct nz_buf *out, const char *title, size_t count);
void nz_panel_end_ranking(struct nz_buf *out);

/* A list to choose from for the page's filter (findings/html/page.js); title: the choice of all. <option>s and </select> follow. */
void nz_panel_begin_select(struct nz_buf *out, const char *filter, const char *title);

/* After the lists: how many are shown, the end of the tools, and what stands there when nothing fits the choice. */
void nz_panel_end_tools(struct nz_buf *out);

#endif
