#include "core/library.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <isa-l.h>
#include <libdeflate.h>
#include <openssl/crypto.h>
#include <pcre2.h>
#include <yaml.h>

void nz_library_versions(struct nz_buf *out)
{
    char pcre[64] = ""; /* documented to need at most 24 bytes */
    pcre2_config(PCRE2_CONFIG_VERSION, pcre);
    nz_buf_printf(out, "isa-l %d.%d.%d\n", ISAL_MAJOR_VERSION, ISAL_MINOR_VERSION, ISAL_PATCH_VERSION);
    nz_buf_printf(out, "libdeflate %s\n", LIBDEFLATE_VERSION_STRING);
    nz_buf_printf(out, "libyaml %s\n", yaml_get_version_string());
    nz_buf_printf(out, "openssl %s\n", OpenSSL_version(OPENSSL_VERSION_STRING));
    nz_buf_printf(out, "pcre2 %s\n", pcre);
}
