/* Inflating in steps, so that a file is never held whole. ISA-L's igzip; libdeflate for members that fit the output
 * window whole, where ISA-L spends its time on tables. Concatenated members are one stream (RFC 1952, section 2.2).
 * CRC-32 and length of every member are checked. */
#ifndef NZ_CORE_GZIP_H
#define NZ_CORE_GZIP_H

#include "core/buf.h"
#include "core/diag.h"

struct nz_gzip; /* large (tables): make one a thread and reset it */

NZ_MUST_USE enum nz_err nz_gzip_new(struct nz_gzip **out);
void nz_gzip_free(struct nz_gzip *z);
void nz_gzip_reset(struct nz_gzip *z); /* ready for another file */

/* True when bytes begin as RFC 1952 demands (1f 8b 08). */
bool nz_gzip_is(struct nz_str bytes);

/* Takes from *in (advancing it) and writes to out; *written says how many bytes. Call again with the same or more input
 * until *in is empty and *written is 0; at_end: no more input will follow *in.
 * Errors come in a call of their own, with *written 0, after what stood before the fault has been handed out (before a
 * wrong code up to 258 bytes are kept back):
 * NZ_E_GZIP_TRUNCATED (at_end inside a member), NZ_E_GZIP_CHECKSUM, NZ_E_GZIP_DATA, NZ_E_GZIP_TRAILING (bytes after a
 * member that are no member; zero padding is allowed). They repeat until nz_gzip_reset. diag->offset is the offset in
 * the compressed input since reset. out needs no room beyond out_room_bytes and keeps no state between calls. */
NZ_MUST_USE enum nz_err nz_gzip_inflate(struct nz_gzip *z, struct nz_str *in, bool at_end, char *out,
                                        size_t out_room_bytes, size_t *written, struct nz_diag *diag);

/* Writes bytes as one member, appended; members one after another are one stream. The same bytes always give the same
 * member: it carries no time and no name. NZ_E_NOMEM, also when out is full. */
NZ_MUST_USE enum nz_err nz_gzip_append_member(struct nz_buf *out, struct nz_str bytes);

#endif
