/* The resources of an action that the policies of a set tell apart: ARNs to ask about, so that what holds for them holds for
 * every resource that the action can be about.
 *
 *     s3:GetObject, Allow *, Deny on arn:aws:s3:::secret-*      arn:aws:s3:::example/example, arn:aws:s3:::secret-x/x
 *
 * The catalogue says which ARNs an action's resources have; an action without resource types is asked about "*", one that the
 * catalogue does not have about any ARN of its service.
 * Threads: a finder is one thread's; catalogue and policies are shared. */
#ifndef NZ_POLICY_TARGETS_H
#define NZ_POLICY_TARGETS_H

#include "core/arena.h"
#include "policy/catalogue.h"
#include "policy/decide.h"

struct nz_arn;

#define NZ_TARGETS_MAX 1024u /* resources of one type, and patterns about one action */

/* Keeps the forms of ARNs and what patterns have in common with them, which question after question asks for. */
struct nz_target_finder;

/* For the account parameter: resources of any account. */
#define NZ_TARGET_ANY NZ_STR("\xfe\xff")

/* catalogue is borrowed; partition and account ("aws", "111122223333") are those of the resources. NZ_E_NOMEM. */
NZ_MUST_USE enum nz_err nz_target_finder_new(const struct nz_catalogue *catalogue, struct nz_str partition,
                                             struct nz_str account, struct nz_target_finder **out);
void nz_target_finder_free(struct nz_target_finder *finder); /* NULL is fine */

struct nz_target_pattern {
    const struct nz_arn *arn;
    bool grants; /* an Allow's Resource, of whichever layer */
};

/* The resources that statements about one action name: gathered once, asked of each resource type. They live in keep. */
struct nz_target_patterns {
    const struct nz_target_pattern *list;
    uint32_t count;
    bool cross;    /* some are no Allow's of an identity policy: combinations of patterns matter */
    bool complete; /* false: there are more */
};
/* action: at most NZ_REQUEST_ACTION_BYTES_MAX. NZ_E_NOMEM. */
NZ_MUST_USE enum nz_err nz_target_patterns_find(const struct nz_policy_set *set, struct nz_str action,
                                                struct nz_policy_scratch *scratch, struct nz_arena *keep,
                                                struct nz_target_patterns *out);

/* One number an action. Actions about the same resource types may still differ in which of AWS's own they can be about, since
 * those that write change none, and IAM and KMS refuse some; and where no statement names a resource all that matters of the
 * types is whether their ARNs have a region and an account. Those of one kind do not differ. They live in keep. NZ_E_NOMEM. */
#define NZ_TARGET_MAY_BE_NONE 64u /* the bit of actions that may name no resource, and then are about "*" */
NZ_MUST_USE enum nz_err nz_target_kinds_make(const struct nz_catalogue *catalogue, struct nz_arena *keep,
                                             const uint8_t **out);

struct nz_target_question {
    const struct nz_target_patterns *patterns;
    uint32_t action; /* of the catalogue, or NZ_CATALOGUE_NONE: then text alone */
    struct nz_str text;
    uint32_t resource;                       /* resource type of the catalogue, or NZ_CATALOGUE_NONE: no type, "*" */
    const struct nz_policy_request *request; /* its context fills the variables of resources */
    bool each_form;           /* one of each form of the type's ARNs, also where no pattern tells them apart */
    bool granted_by_patterns; /* what fits no pattern that grants is not allowed: it need not be found */
};

/* One that is as usual as can be: "arn:aws:s3:::example". It lives as long as the finder, or in keep. NZ_E_NOMEM. */
NZ_MUST_USE enum nz_err nz_target_usual(struct nz_target_finder *finder, const struct nz_target_question *q,
                                        struct nz_arena *keep, struct nz_str *out);

struct nz_targets {
    const struct nz_str *list;
    uint32_t count;
    bool complete; /* false: a bound was reached, or a variable is not known */
};
/* All others. They live in keep, and at most until the next question. NZ_E_NOMEM. */
NZ_MUST_USE enum nz_err nz_targets_find(struct nz_target_finder *finder, const struct nz_target_question *q,
                                        struct nz_policy_scratch *scratch, struct nz_arena *keep,
                                        struct nz_targets *out);

#endif
