#include "findings/html_chart.h"

#include "findings/html_page.h"

#define HEIGHT 1000u /* of a chart's own coordinates */

static uint64_t highest_of(const struct nz_html_series *series, size_t series_count, size_t buckets)
{
    uint64_t highest = 0;
    for (size_t i = 0; i < buckets; i++) {
        uint64_t sum = 0;
        for (size_t k = 0; k < series_count; k++)
            sum += series[k].counts[i];
        highest = sum > highest ? sum : highest;
    }
    return highest;
}

/* count of highest as a part of `whole`; what is there at all is seen: at least 1. */
static unsigned part_of(uint64_t count, uint64_t highest, unsigned whole)
{
    if (count == 0 || highest == 0)
        return 0;
    unsigned part = (unsigned)((double)count / (double)highest * whole + 0.5);
    return part ? part : 1;
}

static void append_column(struct nz_buf *out, const struct nz_html_series *series, size_t series_count, size_t bucket,
                          uint64_t highest)
{
    unsigned used = 0;
    for (size_t k = 0; k < series_count; k++) {
        unsigned high = part_of(series[k].counts[bucket], highest, HEIGHT);
        if (!high)
            continue;
        used += high;
        nz_buf_printf(out, "<rect class=\"%s\" x=\"%zu.05\" y=\"%d\" width=\".9\" height=\"%u\"/>", series[k].tone,
                      bucket, (int)HEIGHT - (int)used, high);
    }
}

static void append_time(struct nz_buf *out, nz_time t)
{
    nz_buf_append(out, NZ_STR("<span>"));
    nz_time_append_minute(out, t);
    nz_buf_append(out, NZ_STR("</span>"));
}

static void append_legend(struct nz_buf *out, const struct nz_html_columns *chart)
{
    nz_buf_append(out, NZ_STR("<ul class=\"legend\">"));
    for (size_t k = chart->series_count; k-- > 0;) { /* as they lie: what is at the top is named first */
        nz_buf_printf(out, "<li class=\"%s\">", chart->series[k].tone);
        NZ_HTML(out, "$</li>", nz_str_from_c(chart->series[k].name));
    }
    nz_buf_append(out, NZ_STR("</ul>"));
}

void nz_html_append_columns(struct nz_buf *out, const struct nz_html_columns *chart)
{
    uint64_t highest = highest_of(chart->series, chart->series_count, chart->buckets);
    nz_buf_append(out, NZ_STR("<figure class=\"chart\"><div class=\"top\">"));
    nz_html_append_count(out, highest);
    NZ_HTML(out, "</div><svg role=\"img\" aria-label=\"$\" preserveAspectRatio=\"none\" ", chart->label);
    nz_buf_printf(out, "viewBox=\"0 0 %zu %u\">", chart->buckets, HEIGHT);
    for (size_t i = 0; i < chart->buckets; i++)
        append_column(out, chart->series, chart->series_count, i, highest);
    nz_buf_append(out, NZ_STR("</svg><div class=\"axis\">"));
    append_time(out, chart->from);
    append_time(out, (nz_time){chart->from.us + chart->bucket_us * (int64_t)chart->buckets});
    nz_buf_append(out, NZ_STR("</div>"));
    if (chart->series_count > 1)
        append_legend(out, chart);
    nz_buf_append(out, NZ_STR("</figure>\n"));
}

void nz_html_append_spark(struct nz_buf *out, const char *tone, const uint64_t *counts, size_t buckets)
{
    const struct nz_html_series series = {tone, "", counts};
    uint64_t highest = highest_of(&series, 1, buckets);
    nz_buf_printf(out, "<svg class=\"spark\" aria-hidden=\"true\" preserveAspectRatio=\"none\" viewBox=\"0 0 %zu %u\">",
                  buckets, HEIGHT);
    for (size_t i = 0; i < buckets; i++) {
        /* a column of one in a thousand is too low to be seen in a line's height */
        unsigned high = part_of(counts[i], highest, HEIGHT - 120) + (counts[i] ? 120 : 0);
        if (high)
            nz_buf_printf(out, "<rect class=\"%s\" x=\"%zu\" y=\"%u\" width=\".9\" height=\"%u\"/>", tone, i,
                          HEIGHT - high, high);
    }
    nz_buf_append(out, NZ_STR("</svg>"));
}

void nz_html_append_rank(struct nz_buf *out, const struct nz_html_rank *rank)
{
    uint64_t sum = 0;
    unsigned at = 0;
    for (size_t i = 0; i < rank->parts_count; i++)
        sum += rank->parts[i];
    if (rank->set.n)
        NZ_HTML(out, "<li><button type=\"button\" class=\"rank\" data-set=\"$\">", rank->set);
    else
        nz_buf_append(out, NZ_STR("<li><div class=\"rank\">"));
    NZ_HTML(out, "<span class=\"name\">$</span><span class=\"num\">", rank->name);
    nz_html_append_count(out, sum);
    nz_buf_printf(out, "</span><svg aria-hidden=\"true\" preserveAspectRatio=\"none\" viewBox=\"0 0 %u 1\">", HEIGHT);
    for (size_t i = 0; i < rank->parts_count; i++) {
        unsigned wide = part_of(rank->parts[i], rank->longest, HEIGHT);
        if (wide)
            nz_buf_printf(out, "<rect class=\"%s\" x=\"%u\" width=\"%u\" height=\"1\"/>", rank->tones[i], at, wide);
        at += wide;
    }
    nz_buf_append(out, NZ_STR("</svg>"));
    if (rank->note.n)
        NZ_HTML(out, "<span class=\"soft note\">$</span>", rank->note);
    nz_buf_append(out, rank->set.n ? NZ_STR("</button></li>\n") : NZ_STR("</div></li>\n"));
}
