/* The catalogue from within. Private to policy: catalogue_read.c fills it, catalogue.c answers from it. */
#ifndef NZ_POLICY_CATALOGUE_TABLE_H
#define NZ_POLICY_CATALOGUE_TABLE_H

#include "core/arena.h"
#include "core/buf.h"
#include "policy/catalogue.h"

/* Ranges of keys point into key_refs, which point into keys. Sorted by lower case: services; within one, actions and
 * resources. */
struct nz_catalogue {
    struct nz_arena arena;
    struct nz_buf file; /* the text, when it was read from a file */
    struct nz_catalogue_head head;
    struct nz_catalogue_service *services;
    struct nz_catalogue_action *actions;
    struct nz_catalogue_resource *resources;
    struct nz_catalogue_need *needs;
    struct nz_catalogue_key *keys;
    uint32_t *key_refs;
    struct nz_str *arns;
};

/* The built-in table; made at build time by data/embed.py. */
extern const char nz_catalogue_text[];
extern const size_t nz_catalogue_text_bytes;

/* <0, 0, >0 as strcmp, ASCII letters as lower case. */
int nz_catalogue_compare(struct nz_str a, struct nz_str b);

/* Fills an empty catalogue. What was allocated is the arena's, also after an error. */
NZ_MUST_USE enum nz_err nz_catalogue_read(struct nz_catalogue *c, struct nz_str text, struct nz_diag *diag);
/* The four lines at the top alone; *head borrows from text. */
NZ_MUST_USE enum nz_err nz_catalogue_read_head(struct nz_str text, struct nz_catalogue_head *head,
                                               struct nz_diag *diag);

#endif
