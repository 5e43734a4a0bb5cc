/* RFC 8259 leaves open what a key that stands twice means; AWS refuses such a policy, and so do we, everywhere in it and in
 * a request. */
#ifndef NZ_POLICY_JSON_KEYS_H
#define NZ_POLICY_JSON_KEYS_H

#include "core/arena.h"
#include "core/json.h"

/* Looks at the members of one object, not of those inside it; keys are compared decoded. *twice: the raw text of the
 * second of two equal keys, .p NULL when there are none; in any case (nocase), ASCII letters count as equal.
 * Needs some of scratch. NZ_E_NOMEM. */
NZ_MUST_USE enum nz_err nz_json_keys_check(struct nz_json object, bool nocase, struct nz_arena *scratch,
                                           struct nz_str *twice);

#endif
