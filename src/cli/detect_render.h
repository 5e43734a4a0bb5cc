/* The formats of `detect`. A format is one file detect_<name>.c with a const struct nz_detect_render nz_detect_<name>, and one
 * line in detect_formats.list. */
#ifndef NZ_CLI_DETECT_RENDER_H
#define NZ_CLI_DETECT_RENDER_H

#include "cli/cli.h"
#include "detect/detector.h"
#include "trail/scan.h"

/* What stands at the end, beside the findings. */
struct nz_detect_summary {
    const struct nz_scan_stats *scan;
    uint64_t findings, records_hit, ungrouped, rules, rules_refused;
    uint64_t hidden; /* findings that an exception keeps back */
};

/* What the user asked of the table. */
struct nz_detect_wishes {
    bool explain;
};

struct nz_detect_render {
    enum nz_detector_form form; /* what findings have of their records */
    uint32_t records_per_rule;  /* so many findings of each rule come with their record */
    /* state: of begin's making, freed by end, which is called once, also after an error. wishes live until then. */
    enum nz_err (*begin)(struct nz_cli *cli, const struct nz_detect_wishes *wishes, void **state);
    enum nz_err (*finding)(struct nz_cli *cli, void *state, const struct nz_detection *finding, enum nz_level level);
    /* As in struct nz_detector_sink; NULL: each comes as a finding. */
    void (*again)(void *state, uint32_t pair, const nz_time *time);
    enum nz_err (*end)(struct nz_cli *cli, void *state, const struct nz_detect_summary *summary);
};

#define NZ_DETECT_FORMAT(name, what) extern const struct nz_detect_render nz_detect_##name;
#include "cli/detect_formats.list"
#undef NZ_DETECT_FORMAT

#endif
