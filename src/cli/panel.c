#include "cli/panel.h"

#include "cli/detect_words.h"
#include "cli/i18n.h"
#include "findings/html_page.h"

/* "Findings over time, by level: 2026-06-01 00:00 – 2026-06-26 12:00; critical 1; high 27" */
static void append_said(struct nz_buf *out, const struct nz_html_columns *chart)
{
    nz_buf_append(out, chart->label);
    nz_buf_append(out, NZ_STR(": "));
    nz_detect_append_range(out, chart->from, (nz_time){chart->from.us + chart->bucket_us * (int64_t)chart->buckets});
    for (size_t i = 0; i < chart->series_count; i++) {
        uint64_t sum = 0;
        for (size_t k = 0; k < chart->buckets; k++)
            sum += chart->series[i].counts[k];
        nz_buf_printf(out, "; %s %llu", chart->series[i].name, (unsigned long long)sum);
    }
}

void nz_panel_append_times(struct nz_buf *out, const struct nz_html_columns *chart)
{
    struct nz_html_columns said = *chart;
    struct nz_buf label;
    nz_buf_init(&label, 0);
    append_said(&label, chart);
    said.label = nz_buf_view(&label);
    NZ_HTML(out, "<section class=\"panel\"><h2>$ <span class=\"soft small\">UTC</span></h2>\n",
            nz_str_from_c(_("When")));
    nz_html_append_columns(out, &said);
    nz_buf_append(out, NZ_STR("</section>\n"));
    out->failed = out->failed || label.failed;
    nz_buf_release(&label);
}

void nz_panel_append_outcomes(struct nz_buf *out, const struct nz_time_bars *refused,
                              const struct nz_time_bars *allowed)
{
    const struct nz_time_bars *bars[] = {refused, allowed};
    const struct nz_time_axis axis = nz_time_axis_of(bars, 2, 24, NZ_TIME_BARS);
    uint64_t counts[2][NZ_TIME_BARS];
    if (!axis.buckets)
        return;
    for (size_t i = 0; i < 2; i++)
        nz_time_bars_read(bars[i], &axis, counts[i]);
    const struct nz_html_series series[] = {{"high", _("refused"), counts[0]}, {"accent", _("allowed"), counts[1]}};
    const struct nz_html_columns chart = {.label = nz_str_from_c(_("Records over time")),
                                          .series = series,
                                          .series_count = 2,
                                          .buckets = axis.buckets,
                                          .from = axis.from,
                                          .bucket_us = axis.bucket_us};
    nz_panel_append_times(out, &chart);
}

void nz_panel_begin_ranking(struct nz_buf *out, const char *title, size_t count)
{
    NZ_HTML(out, "<section class=\"panel\"><h2>$ <span class=\"soft small\">", nz_str_from_c(title));
    nz_html_append_count(out, count);
    nz_buf_append(out, NZ_STR("</span></h2><ol class=\"ranks\">\n"));
}

void nz_panel_end_ranking(struct nz_buf *out)
{
    nz_buf_append(out, NZ_STR("</ol></section>\n"));
}

void nz_panel_end_tools(struct nz_buf *out)
{
    nz_buf_append(out, NZ_STR("<output data-shown=\"$ / $\"></output>\n</div>\n"));
    NZ_HTML(out, "<p class=\"soft\" data-none hidden>$</p>\n",
            nz_str_from_c(_("Nothing fits this choice. \"Show all\" takes it back.")));
}

void nz_panel_begin_select(struct nz_buf *out, const char *filter, const char *title)
{
    NZ_HTML(out, "<select data-filter=\"$\" aria-label=\"$\"><option value=\"\">$</option>", nz_str_from_c(filter),
            nz_str_from_c(title), nz_str_from_c(title));
}
