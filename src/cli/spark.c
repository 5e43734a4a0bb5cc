#include "cli/spark.h"

#include "cli/i18n.h"

#include <inttypes.h>

void nz_spark_append(struct nz_buf *out, const struct nz_time_bars *bars, const struct nz_time_axis *axis)
{
    static const char *const blocks[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    uint64_t counts[NZ_TIME_BARS], highest = 1;
    nz_time_bars_read(bars, axis, counts);
    for (size_t i = 0; i < axis->buckets; i++)
        highest = counts[i] > highest ? counts[i] : highest;
    for (size_t i = 0; i < axis->buckets; i++) {
        const unsigned high = (unsigned)((double)counts[i] / (double)highest * 8.0 + 0.5);
        nz_buf_append(out, nz_str_from_c(blocks[counts[i] && !high ? 1 : high]));
    }
}

static void append_moment(struct nz_buf *out, nz_time time, bool seconds)
{
    nz_time_append_minute(out, time);
    if (seconds)
        nz_buf_printf(out, ":%02d", nz_time_civil(time).second);
}

void nz_spark_append_range(struct nz_buf *out, const struct nz_time_axis *axis)
{
    const int64_t seconds = axis->bucket_us / 1000000;
    append_moment(out, axis->from, seconds < 60);
    nz_buf_append(out, NZ_STR(" - "));
    append_moment(out, (nz_time){axis->from.us + axis->bucket_us * (int64_t)axis->buckets}, seconds < 60);
    if (seconds < 60)
        nz_buf_printf(out, _(" (column = %" PRId64 " s)"), seconds);
    else if (seconds < 3600)
        nz_buf_printf(out, _(" (column = %" PRId64 " min)"), seconds / 60);
    else if (seconds < 86400)
        nz_buf_printf(out, _(" (column = %" PRId64 " h)"), seconds / 3600);
    else
        nz_buf_printf(out, _(" (column = %" PRId64 " d)"), seconds / 86400);
}
