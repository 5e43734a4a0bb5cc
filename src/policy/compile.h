/* Reading one document; private to policy. compile.c has the document and its statements, compile_parts.c the elements,
 * compile_condition.c the conditions. */
#ifndef NZ_POLICY_COMPILE_H
#define NZ_POLICY_COMPILE_H

#include "core/json.h"
#include "policy/model.h"

struct nz_compile {
    struct nz_policy *policy;
    struct nz_str text; /* decoded; places are counted in it */
    struct nz_buf scratch;
    struct nz_diag *diag;
};

/* Sets the diag to the place `at` points to in c->text and returns code. */
enum nz_err nz_compile_fail(struct nz_compile *c, enum nz_err code, const char *at, const char *format, ...)
    NZ_PRINTF(4, 5);
/* Where the value begins in c->text. */
const char *nz_compile_place(struct nz_json v);

/* "one or many": an array's elements, or the value itself. */
struct nz_items {
    struct nz_json_iter it;
    struct nz_json single;
};
size_t nz_items_count(struct nz_json v);
struct nz_items nz_items_of(struct nz_json v);
bool nz_items_next(struct nz_items *items, struct nz_json *out);

/* The decoded text of a string (scalars: also of numbers and booleans), at most NZ_POLICY_TEXT_BYTES_MAX. It dies with the
 * next call. */
NZ_MUST_USE enum nz_err nz_compile_text(struct nz_compile *c, struct nz_json v, bool scalars, const char *what,
                                        struct nz_str *out);

NZ_MUST_USE enum nz_err nz_compile_actions(struct nz_compile *c, struct nz_json v, struct nz_statement *st);
NZ_MUST_USE enum nz_err nz_compile_resources(struct nz_compile *c, struct nz_json v, struct nz_statement *st);
NZ_MUST_USE enum nz_err nz_compile_principals(struct nz_compile *c, struct nz_json v, struct nz_statement *st);
NZ_MUST_USE enum nz_err nz_compile_conditions(struct nz_compile *c, struct nz_json v, struct nz_statement *st);

/* A pattern with six fields, or "*", or neither. */
NZ_MUST_USE enum nz_err nz_compile_arn(struct nz_compile *c, struct nz_str text, bool in_condition, struct nz_arn *out);

#endif
