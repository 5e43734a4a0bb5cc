/* YAML documents (libyaml) as a small tree with places, for rules and the configuration: files of a person's size.
 *
 * Scalars keep their text; what they mean (core schema of YAML 1.2: null, true, 12) is asked when needed, so that
 * "No" stays the text "No". Quoted scalars are always text. Anchors are followed, merge keys (<<) are not a thing of
 * YAML 1.2 and stay ordinary keys. A key that stands twice is an error, as YAML 1.2.2 section 3.2.1.3 says.
 * Keys are compared as texts (1 and "1" are the same key); keys that are collections are not compared.
 * Limits: a file 4 MiB, 64 levels, 200,000 nodes counted after aliases (an alias bomb ends there), 1,024 anchors a
 * document, 64 %TAG directives, each an error; so is an alias inside the node that it names.
 * Errors: NZ_E_YAML_SYNTAX, NZ_E_YAML_DUPLICATE, NZ_E_YAML_LIMIT, NZ_E_NOMEM; line and column in diag. */
#ifndef NZ_CORE_YAML_H
#define NZ_CORE_YAML_H

#include "core/arena.h"
#include "core/diag.h"

enum nz_yaml_kind { NZ_YAML_SCALAR, NZ_YAML_SEQUENCE, NZ_YAML_MAPPING };

enum nz_yaml_type { NZ_YAML_NULL, NZ_YAML_BOOL, NZ_YAML_INT, NZ_YAML_FLOAT, NZ_YAML_TEXT };

struct nz_yaml {
    enum nz_yaml_kind kind;
    uint32_t line, column;       /* from 1, in characters; of an alias its own place */
    struct nz_str text;          /* scalar: its value, NUL after it */
    bool quoted;                 /* scalar: written with quotes or as a block, so always text */
    size_t count;                /* sequence: items; mapping: pairs */
    const struct nz_yaml *items; /* sequence: count; mapping: 2 x count, key then value */
};

/* All documents of a file, in order; UTF-8 (or UTF-16 with a byte order mark). An empty document is a null scalar.
 * keep: the tree lives there. On an error *out holds the documents before it. */
NZ_MUST_USE enum nz_err nz_yaml_parse(struct nz_arena *keep, struct nz_str source, const struct nz_yaml **out,
                                      size_t *count, struct nz_diag *diag);

/* Core schema, YAML 1.2.2 section 10.3.2. */
enum nz_yaml_type nz_yaml_type(const struct nz_yaml *scalar);
bool nz_yaml_is_null(const struct nz_yaml *node); /* also for a NULL pointer */
bool nz_yaml_bool(const struct nz_yaml *node, bool *out);

/* Value of a key (text compare), or NULL when node is no mapping or has none. */
const struct nz_yaml *nz_yaml_get(const struct nz_yaml *node, const char *key);

#endif
