/* What the checks on the root user have in common: the account summary's numbers. */
#ifndef NZ_AUDIT_ROOT_H
#define NZ_AUDIT_ROOT_H

#include "audit/users.h"

#define NZ_SUMMARY "configuration.SummaryMap."
#define NZ_SUMMARY_MFA NZ_SUMMARY "AccountMFAEnabled"
#define NZ_SUMMARY_PASSWORD NZ_SUMMARY "AccountPasswordPresent"
#define NZ_SUMMARY_KEYS NZ_SUMMARY "AccountAccessKeysPresent"
#define NZ_SUMMARY_CERTIFICATES NZ_SUMMARY "AccountSigningCertificatesPresent"

#define NZ_SUMMARY_NOT_SAID UINT64_MAX

/* The summary, opened in slot 0. NULL: not read, and the account has its finding. */
const struct nz_item_view *nz_root_summary(struct nz_audit *a);
/* A number of it; NZ_SUMMARY_NOT_SAID when it is not there: AWS leaves none out, so then nothing is known. */
uint64_t nz_root_number(const struct nz_item_view *summary, const char *path);

/* True, and said, where root cannot sign in to the console at all (AWS GovCloud (US)). */
bool nz_root_has_no_console(struct nz_audit *a);
/* True when root has neither a password nor access keys: then there is nothing that MFA would protect. */
bool nz_root_has_no_credentials(const struct nz_item_view *summary);

#endif
