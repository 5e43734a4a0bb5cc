/* Counts over time as a line of block characters: ▁▂▇█. One character a bucket, a space where there is nothing. */
#ifndef NZ_CLI_SPARK_H
#define NZ_CLI_SPARK_H

#include "findings/time_bars.h"

void nz_spark_append(struct nz_buf *out, const struct nz_time_bars *bars, const struct nz_time_axis *axis);

/* What the axis is: "2026-06-04 00:00 - 2026-06-25 00:00 (column = 12 h)", in the user's language. */
void nz_spark_append_range(struct nz_buf *out, const struct nz_time_axis *axis);

#endif
