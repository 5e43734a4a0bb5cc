/* Messages of the program about itself. Where they go is passed in: cli has a sink for stderr, tests one that counts.
 *
 * A message is a plain text that may hold bytes of a log (a file name, a key): whoever shows it to a terminal escapes
 * it there (core/text.h). A sink that several threads write to does its own locking. */
#ifndef NZ_CORE_LOG_H
#define NZ_CORE_LOG_H

#include "core/err.h"
#include "core/str.h"

enum nz_log_level { NZ_LOG_ERROR, NZ_LOG_WARN, NZ_LOG_INFO, NZ_LOG_DEBUG };

struct nz_log_ops {
    /* text is borrowed for the call: one message, valid UTF-8 as far as its parts were, no line break at its end */
    void (*write)(void *self, enum nz_log_level level, struct nz_str text);
};

/* Borrowed by everyone who logs; the caller keeps it. Zeroed: nothing is written. */
struct nz_log {
    const struct nz_log_ops *ops;
    void *self;
    enum nz_log_level most; /* what is beyond it is not even formatted */
};

/* log may be NULL. A message over 1,023 bytes is cut between characters and ends with an ellipsis. Allocates nothing,
 * keeps errno. */
void nz_log_write(const struct nz_log *log, enum nz_log_level level, const char *format, ...) NZ_PRINTF(3, 4);

/* True when a message of that level would be written: for messages that cost something to make. */
bool nz_log_is_on(const struct nz_log *log, enum nz_log_level level);

/* "error", "warn", "info", "debug": words of the configuration and of output. */
const char *nz_log_level_name(enum nz_log_level level);
bool nz_log_level_parse(struct nz_str name, enum nz_log_level *out);

#endif
