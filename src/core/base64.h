/* Base64 as texts from AWS carry it. */
#ifndef NZ_CORE_BASE64_H
#define NZ_CORE_BASE64_H

#include "core/buf.h"

/* Base64 with padding (RFC 4648, section 4), decoded to the end of out. False when it is none; look at out->failed. */
bool nz_base64_decode(struct nz_str text, struct nz_buf *out);

#endif
