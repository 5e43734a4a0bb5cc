/* What an audit holds the account to: thresholds and names of the configuration, with the defaults of the sources. */
#ifndef NZ_AUDIT_SETTINGS_H
#define NZ_AUDIT_SETTINGS_H

#include "core/ip.h"

struct nz_audit_settings {
    uint32_t password_length;    /* CIS AWS Foundations 2.8: 14 */
    uint32_t password_age_days;  /* 90; 0: expiry is not wanted (NIST SP 800-63B) */
    uint32_t password_reuse;     /* CIS 2.9: 24 */
    uint32_t root_use_days;      /* root must not have been used for so long: 90 */
    uint32_t unused_days;        /* CIS 2.11: 45 */
    uint32_t key_age_days;       /* CIS 2.12: 90 */
    const struct nz_str *admins; /* groups whose members are administrators: patterns, letters in any case */
    size_t admins_count;
    const struct nz_cidr *allowed_networks; /* from which users may come; none: those that policies name */
    size_t allowed_networks_count;
    const struct nz_str *source_ip_exempt, *mfa_exempt; /* actions that need not be closed, besides the fixed ones */
    size_t source_ip_exempt_count, mfa_exempt_count;
};

#endif
