/* One table type for everything a user may set: options of a command, options of all commands, configuration keys.
 * Parsing, --help, man pages, completion and the message about an unknown one are made from these rows alone. */
#ifndef NZ_CLI_OPTION_H
#define NZ_CLI_OPTION_H

#include "core/arena.h"
#include "core/diag.h"
#include "core/time.h"

enum nz_opt_kind {
    NZ_OPT_FLAG, /* bool; no value on the command line, true|false in a file */
    NZ_OPT_UINT, /* uint64_t, min to max */
    NZ_OPT_SIZE, /* uint64_t, bytes: 4096, 64K, 16M, 2G (powers of 1024); min to max */
    NZ_OPT_ENUM, /* int, the place in choices */
    NZ_OPT_TIME, /* struct nz_opt_time: 2023-07-10, 2023-07-10T12:00:00Z, or an age such as 7d */
    NZ_OPT_TEXT, /* const char *, NULL when not given */
    NZ_OPT_LIST, /* struct nz_opt_list; the option may be repeated, a list in a file, commas in the environment */
    NZ_OPT_MAP,  /* configuration only: names of the user's choice, each with a list (expand.<name>) */
};

struct nz_opt_time {
    bool set;
    nz_time at;
};

struct nz_opt_list {
    const char *const *items;
    size_t count;
};

enum nz_opt_complete { NZ_COMPLETE_NONE, NZ_COMPLETE_FILE, NZ_COMPLETE_DIR };

/* The configuration keys: NZ_KEY_NONE, then one a line of keys.list. */
enum nz_key {
    NZ_KEY_NONE,
#define NZ_KEY(id, ...) NZ_KEY_##id,
#include "cli/keys.list"
#undef NZ_KEY
    NZ_KEY_COUNT,
};

struct nz_opt {
    const char *name; /* "min-level" (option) or "detect.min_level" (key) */
    char letter;      /* 0: none */
    enum nz_opt_kind kind;
    size_t at; /* options: offsetof the value in the command's options struct */
    enum nz_key
        key; /* the configuration key that gives the value when the flag does not; kind, choices, bounds, default,
                         metavar and, unless set here, help are then the key's */
    const char *metavar;             /* "FILE"; not translated */
    const char *def;                 /* default, written as a user would; NULL: false, 0, the first choice, not set */
    const char *help;                /* N_(), lower case, no full stop */
    const char *const *choices;      /* NZ_OPT_ENUM: ends with NULL */
    const char *const *choice_texts; /* N_(), what each choice is, for --help; NULL: their names say it */
    uint64_t min, max;               /* NZ_OPT_UINT, NZ_OPT_SIZE; max 0: no bound */
    enum nz_opt_complete complete;
};

/* A row with what it takes from its key filled in. */
struct nz_opt nz_opt_whole(const struct nz_opt *row);
/* Row of a key; key must not be NZ_KEY_NONE. Static storage. */
const struct nz_opt *nz_key_row(enum nz_key key);

/* Reads one value into slot (the type that kind names; for a list: one item more, see below). text must live as long as
 * slot. On an error diag->text says, in the user's language, what would have been right. */
NZ_MUST_USE enum nz_err nz_opt_parse(const struct nz_opt *row, const char *text, void *slot, struct nz_diag *diag);

/* Appends to a list that was built by this function or is empty. NZ_E_NOMEM. */
NZ_MUST_USE enum nz_err nz_opt_list_add(struct nz_arena *keep, struct nz_opt_list *list, const char *item);

/* Place of text in choices, or -1. */
int nz_choice_find(const char *const *choices, const char *text);

#endif
