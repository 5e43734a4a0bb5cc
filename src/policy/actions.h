/* Which actions of the catalogue the statements of policies are about, and which actions a set of policies cannot tell apart.
 *
 *     Allow s3:*     Deny s3:Put*        class 1: s3:PutObject, s3:PutBucketAcl …   class 2: s3:GetObject, s3:ListBucket …
 *
 * All actions of a class stand in the same statements, so that what is decided of one holds for all, as far as the resource
 * types allow. Services that no statement names by itself are one class together.
 * Threads: an index is read-only once all policies are in it, and may be shared. */
#ifndef NZ_POLICY_ACTIONS_H
#define NZ_POLICY_ACTIONS_H

#include "core/arena.h"
#include "policy/catalogue.h"
#include "policy/decide.h"

struct nz_action_index;

/* catalogue is borrowed. NZ_E_NOMEM. */
NZ_MUST_USE enum nz_err nz_action_index_new(const struct nz_catalogue *catalogue, struct nz_action_index **out);
void nz_action_index_free(struct nz_action_index *index); /* NULL is fine */
/* A policy, borrowed, that sets of later questions may have; again is harmless. NZ_E_NOMEM. */
NZ_MUST_USE enum nz_err nz_action_index_add(struct nz_action_index *index, const struct nz_policy *policy);
const struct nz_catalogue *nz_action_index_catalogue(const struct nz_action_index *index);

/* A set of actions as a bitmap over the catalogue's numbers. Zeroed is empty; the bits live in the arena. NZ_E_NOMEM. */
struct nz_action_bits {
    uint64_t *bits;
};
NZ_MUST_USE enum nz_err nz_action_bits_new(const struct nz_catalogue *catalogue, struct nz_arena *keep,
                                           struct nz_action_bits *out);
/* Adds what fits the pattern ("sts:GetCallerIdentity", "iam:List*"). Returns how many. */
uint32_t nz_action_bits_add(const struct nz_catalogue *catalogue, struct nz_action_bits set, struct nz_str pattern);
static inline bool nz_action_bits_have(struct nz_action_bits set, uint32_t action)
{
    return set.bits[action / 64] >> (action % 64) & 1;
}

struct nz_action_class {
    const uint32_t *actions;  /* NULL: all of the services in `services`, or `text` */
    const uint64_t *services; /* bitmap over the catalogue's services */
    struct nz_str text;       /* an action that the catalogue does not have, "newservice:Do"; else empty */
    uint32_t count;           /* of actions; 1 with text */
    bool any_resource;        /* no statement about it asks for a resource */
    bool asks_for_place;      /* some asks for aws:ResourceAccount or aws:RequestedRegion */
    bool denied_somewhere;    /* some Deny is about it */
    bool allowed_anywhere;    /* some Allow of an identity policy is about it on every resource */
    bool allowed_elsewhere;   /* some is about it on all but what its NotResource names */
};

/* Walks a class's actions: from zeroed, false at the end. Not for one with text. */
struct nz_action_walk {
    uint32_t at, service, action;
};
bool nz_action_class_next(const struct nz_catalogue *catalogue, const struct nz_action_class *c,
                          struct nz_action_walk *walk);

struct nz_action_classes {
    const struct nz_action_class *list;
    uint32_t count;
    uint32_t actions; /* in all of them */
};

/* The classes of actions that some Allow of the set's identity policies is about, but for those of `except`. Policies of the
 * set that the index does not have are taken as about nothing. everything: as if a policy allowed all actions, for a set of which
 * one could not be read. They live in keep. NZ_E_NOMEM. */
NZ_MUST_USE enum nz_err nz_action_classes_make(const struct nz_action_index *index, const struct nz_policy_set *set,
                                               struct nz_action_bits except, bool everything, struct nz_arena *keep,
                                               struct nz_action_classes *out);

#endif
