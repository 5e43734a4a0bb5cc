/* A compiled policy from within. Private to policy; everything lives in the policy's arena. */
#ifndef NZ_POLICY_MODEL_H
#define NZ_POLICY_MODEL_H

#include "core/ip.h"
#include "policy/pattern.h"
#include "policy/policy.h"
#include "policy/value.h"

/* --- actions: lower case --- */

enum nz_action_kind { NZ_ACTION_NEVER, NZ_ACTION_ALL, NZ_ACTION_SERVICE };
struct nz_action {
    enum nz_action_kind kind;
    struct nz_str service;  /* before the colon */
    struct nz_pattern name; /* behind it */
};

/* The bit that stands for a service's name in a statement's mask: who has it not, need not be compared. */
static inline uint64_t nz_service_bit(struct nz_str lower)
{
    return (uint64_t)1 << (nz_str_hash(lower) >> 58);
}

/* --- resources and ARNs in conditions --- */

enum nz_arn_kind {
    NZ_ARN_NEVER,  /* neither "*" nor six fields */
    NZ_ARN_ANY,    /* "*" */
    NZ_ARN_FIELDS, /* each field by itself */
    NZ_ARN_WHOLE,  /* a condition with variables: its fields are known when they are filled in */
};
struct nz_arn {
    enum nz_arn_kind kind;
    struct nz_pattern fields[6];
    struct nz_pattern whole; /* NZ_ARN_WHOLE; and of a resource, for requests about "*" */
};

/* --- principals --- */

enum nz_principal_kind {
    NZ_PRINCIPAL_NEVER, /* a text that names nobody who can ask: an id, an ARN with a wildcard, a web identity */
    NZ_PRINCIPAL_ANYBODY,
    NZ_PRINCIPAL_ACCOUNT, /* id or root ARN; as a caller: root */
    NZ_PRINCIPAL_USER,
    NZ_PRINCIPAL_ROLE,
    NZ_PRINCIPAL_SESSION, /* assumed-role/R/S */
    NZ_PRINCIPAL_FEDERATED_USER,
    NZ_PRINCIPAL_SERVICE,
};
struct nz_principal {
    enum nz_principal_kind kind;
    struct nz_str text;               /* as written */
    struct nz_str partition, account; /* partition empty: any */
    struct nz_str role;               /* ROLE, SESSION: its name without path */
    struct nz_str resource;           /* an ARN's last field */
};

/* Reads an account id or an ARN; NZ_PRINCIPAL_NEVER for what is neither. Borrows text. */
struct nz_principal nz_principal_of(struct nz_str text);

/* --- conditions --- */

enum nz_operator {
    NZ_OP_STRING_EQUALS,
    NZ_OP_STRING_EQUALS_IGNORE_CASE,
    NZ_OP_STRING_LIKE,
    NZ_OP_NUMERIC,
    NZ_OP_DATE,
    NZ_OP_BOOL,
    NZ_OP_BINARY,
    NZ_OP_IP,
    NZ_OP_ARN,
    NZ_OP_NULL,
};
enum nz_compare { NZ_CMP_EQ, NZ_CMP_NE, NZ_CMP_LT, NZ_CMP_LE, NZ_CMP_GT, NZ_CMP_GE };
enum nz_quantifier { NZ_QUANT_NONE, NZ_QUANT_ANY, NZ_QUANT_ALL };

struct nz_operator_spec {
    enum nz_operator op;
    enum nz_compare compare; /* NE: the negated form */
    enum nz_quantifier quantifier;
    bool if_exists;
};
/* "ForAllValues:StringLikeIfExists", in any case. */
bool nz_operator_parse(struct nz_str name, struct nz_operator_spec *out);

struct nz_value {
    bool valid;     /* false: the text is none of what the operator compares */
    bool host_bits; /* NZ_OP_IP: the text has bits behind the prefix, which net has not */
    union {
        struct nz_pattern text; /* String*, Bool, Binary (decoded, exact) */
        struct nz_decimal number;
        nz_time time;
        struct nz_cidr net;
        bool truth; /* Null, Bool without variables */
    };
    const struct nz_arn *arn;
};

struct nz_condition {
    struct nz_operator_spec spec;
    struct nz_str key; /* lower case */
    uint64_t key_hash; /* nz_str_hash_nocase */
    const struct nz_value *values;
    uint32_t count;
};

/* --- statements --- */

enum nz_named { NZ_NAMED_NOBODY, NZ_NAMED_THESE, NZ_NAMED_OTHERS };

struct nz_statement {
    bool allow, not_action, not_resource;
    enum nz_named named; /* NOBODY: no Principal; OTHERS: NotPrincipal */
    uint64_t services;   /* union of nz_service_bit; all ones with "*" or NotAction */
    const struct nz_action *actions;
    const struct nz_arn *resources;
    const struct nz_principal *principals;
    const struct nz_condition *conditions;
    uint32_t actions_count, resources_count, principals_count, conditions_count;
    struct nz_str sid; /* .p NULL: none */
};

struct nz_policy {
    struct nz_arena arena;
    enum nz_policy_kind kind;
    bool variables; /* Version 2012-10-17 */
    const struct nz_statement *statements;
    uint32_t count;
};

#endif
