/* The AWS configuration and credentials files: sections of keys, in AWS's own dialect of INI.
 *
 *     [profile work]            # a comment; also after white space behind a value
 *     region = eu-west-1
 *     s3 =
 *       addressing_style = path  indented below an empty value: nested
 *
 * A section that stands twice is one section; a key that stands twice has its last value. Bounds: NZ_AWS_INI_*.
 * Source: AWS SDKs and Tools Reference Guide, "Shared config and credentials files". */
#ifndef NZ_AWS_INI_H
#define NZ_AWS_INI_H

#include "core/arena.h"
#include "core/diag.h"

#define NZ_AWS_INI_BYTES_MAX ((size_t)1 << 20)
#define NZ_AWS_INI_ENTRIES_MAX 20000u

struct nz_aws_ini_entry {
    struct nz_str kind,
        name;            /* of its section: [profile work] is "profile" and "work", [default] is "" and "default" */
    struct nz_str outer; /* the key that it is nested below; empty: none */
    struct nz_str key, value; /* key empty: the section itself */
    uint32_t line;
};

struct nz_aws_ini {
    const struct nz_aws_ini_entry *entries;
    size_t count;
};

/* The entries live in keep and point into text. NZ_E_AWS_CONFIG with the line; NZ_E_NOMEM. */
NZ_MUST_USE enum nz_err nz_aws_ini_parse(struct nz_str text, struct nz_arena *keep, struct nz_aws_ini *out,
                                         struct nz_diag *diag);

/* Value of a key (in any case, as AWS's own are), .p NULL when there is none; *line (may be NULL) is where it stands. */
struct nz_str nz_aws_ini_get(const struct nz_aws_ini *ini, struct nz_str kind, struct nz_str name, struct nz_str outer,
                             struct nz_str key, uint32_t *line);
bool nz_aws_ini_has(const struct nz_aws_ini *ini, struct nz_str kind, struct nz_str name);

#endif
