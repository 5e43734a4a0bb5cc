/* The configuration: a YAML file below the environment below the command line. keys.list says what there is. */
#ifndef NZ_CLI_CONFIG_H
#define NZ_CLI_CONFIG_H

#include "cli/option.h"

/* Where a value came from. */
enum nz_config_origin { NZ_FROM_DEFAULT, NZ_FROM_FILE, NZ_FROM_ENVIRONMENT };

struct nz_config_value {
    enum nz_config_origin origin; /* NZ_FROM_DEFAULT: nothing below */
    const char *const *texts;     /* one for a scalar, any number for a list */
    size_t count;
};

/* One name under a map key. */
struct nz_config_entry {
    enum nz_key key;
    enum nz_config_origin origin;
    struct nz_str name;
    struct nz_str *values;
    size_t count;
};

struct nz_config {
    struct nz_arena *keep;
    struct nz_config_value values[NZ_KEY_COUNT];
    struct nz_config_entry *entries;
    size_t entries_count, entries_room;
};

/* Called for what is wrong; the first argument is self. warning: the run goes on. The diag dies when it returns. */
typedef void nz_config_problem_fn(void *self, bool warning, const struct nz_diag *diag);

/* Reads path, or when it is NULL $NEZUBAN_CONFIG, or else $XDG_CONFIG_HOME/nezuban/config.yaml (~/.config when unset),
 * which need not be there; then the environment. Every value is checked, asked for or not. All problems are told;
 * returns the first error. The result lives in keep. */
NZ_MUST_USE enum nz_err nz_config_load(struct nz_config *config, struct nz_arena *keep, const char *path,
                                       nz_config_problem_fn *problem, void *self);

/* "NEZUBAN_DETECT_MIN_LEVEL" for "detect.min_level". Appended. */
void nz_config_append_env_name(struct nz_buf *out, const char *key_name);

#endif
