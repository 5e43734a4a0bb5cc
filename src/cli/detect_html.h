/* Private to `detect --format html`: its parts, from top to bottom. All append to a buffer. */
#ifndef NZ_CLI_DETECT_HTML_H
#define NZ_CLI_DETECT_HTML_H

#include "cli/detect_html_story.h"
#include "cli/detect_render.h"

/* Who, from where and where, as numbers of rows of the sums, by which the page filters. UINT32_MAX: none. */
struct nz_detect_html_keys {
    uint32_t actor, source, region;
};

/* One finding, closed: a line, and behind it the particulars and the record. */
void nz_detect_html_append_item(struct nz_buf *out, const struct nz_detection *d, const struct nz_hit_group *group,
                                struct nz_detect_html_keys keys);

/* Everything above the findings: how bad, who did what, when, which rules, from where. Rows of the sums that are marked are in the
 * list below and can be chosen. */
void nz_detect_html_append_overview(struct nz_buf *out, struct nz_hit_sums *sums, const struct nz_story *story,
                                    struct nz_hit_group *const *groups, const struct nz_detect_summary *summary);
void nz_detect_html_append_tools(struct nz_buf *out, struct nz_hit_sums *sums, struct nz_hit_group *const *groups);

/* A rule: what it means, when it is harmless, what to do; then its items; then the end, which says if only `listed` of all
 * its findings are there. */
void nz_detect_html_append_group(struct nz_buf *out, const struct nz_hit_group *group, const struct nz_time_axis *axis);
void nz_detect_html_append_group_end(struct nz_buf *out, const struct nz_hit_group *group, uint64_t listed);

/* One range for all rules. */
struct nz_time_axis nz_detect_html_axis(const struct nz_hit_sums *sums);

#endif
