/* Who may do what in the account, for the checks that ask: its authorization details compiled, once, when first asked for. */
#ifndef NZ_AUDIT_ACCESS_VIEW_H
#define NZ_AUDIT_ACCESS_VIEW_H

#include "access/can.h"
#include "audit/users.h"

struct nz_audit_access {
    bool made;
    struct nz_buf text; /* what the account points into */
    struct nz_account *account;
    struct nz_access_sets *sets;
    struct nz_access_asker *asker;
    struct nz_diag problem; /* why there is no account */
    bool all_admins, all_admins_known;
};

/* NULL: the details could not be used; `say` gives a subject the reason. */
const struct nz_audit_access *nz_audit_access(struct nz_audit *a);
void nz_audit_say_no_access(struct nz_audit *a, struct nz_subject on);

/* Asks for a user; a question that cannot be decided is unknown. The answer lives until the next question. */
enum nz_access_verdict nz_audit_can(struct nz_audit *a, uint32_t principal, const struct nz_access_question *question,
                                    struct nz_access_answer *answer);

/* The group that makes a user an administrator (audit.admin_groups), or an empty text. */
struct nz_str nz_audit_admin_group(const struct nz_audit *a, const struct nz_access_principal *principal);
/* True when every user of the account is an administrator by a group. Only after nz_audit_access gave something. */
bool nz_audit_all_are_admins(struct nz_audit *a);

void nz_audit_access_release(struct nz_audit_access *access);

#endif
