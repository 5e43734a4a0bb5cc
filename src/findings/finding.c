#include "findings/finding.h"

#include "core/hash.h"

const char *nz_status_name(enum nz_status status)
{
    static const char *const names[NZ_STATUS_COUNT] = {N_("pass"), N_("fail"), N_("partial"), N_("unknown"),
                                                       N_("not-applicable")};
    return names[status];
}

const char *nz_severity_name(enum nz_severity severity)
{
    static const char *const names[NZ_SEVERITY_COUNT] = {N_("informational"), N_("low"), N_("medium"), N_("high"),
                                                         N_("critical")};
    return names[severity];
}

const char *nz_part_title(enum nz_part part)
{
    static const char *const titles[NZ_PART_COUNT] = {N_("Root user"), N_("IAM users"), N_("Security services")};
    return titles[part];
}

bool nz_finding_counts(const struct nz_finding *finding, enum nz_severity fail_on)
{
    return (finding->status == NZ_STATUS_FAIL || finding->status == NZ_STATUS_PARTIAL) && finding->severity >= fail_on;
}

enum nz_err nz_finding_fingerprint(struct nz_str account, const struct nz_finding *finding,
                                   char out[NZ_FINGERPRINT_CHARS + 1])
{
    struct nz_sha256 digest;
    struct nz_buf text, hex;
    nz_buf_init(&text, 0);
    nz_buf_init(&hex, 0);
    /* sized, so that no two findings have the same bytes */
    nz_buf_append_sized(&text, account);
    nz_buf_append_sized(&text, nz_str_from_c(finding->check->id));
    nz_buf_append_sized(&text, finding->resource);
    nz_buf_append_sized(&text, finding->region);
    enum nz_err err = nz_buf_status(&text);
    if (err == NZ_OK)
        err = nz_hash_of(nz_buf_view(&text), &digest);
    if (err == NZ_OK) {
        nz_hex_append(&hex, nz_str_of((const char *)digest.bytes, NZ_FINGERPRINT_CHARS / 2));
        err = nz_buf_status(&hex);
    }
    if (err == NZ_OK) {
        memcpy(out, hex.p, NZ_FINGERPRINT_CHARS);
        out[NZ_FINGERPRINT_CHARS] = '\0';
    }
    nz_buf_release(&text);
    nz_buf_release(&hex);
    return err;
}
