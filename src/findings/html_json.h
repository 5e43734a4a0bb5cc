/* A JSON text for reading in a page: on several lines, indented, escaped. */
#ifndef NZ_FINDINGS_HTML_JSON_H
#define NZ_FINDINGS_HTML_JSON_H

#include "core/buf.h"

/* compact: JSON without white space between its tokens, as nz_json_append_compact writes it; may be cut anywhere, what is
 * there is shown. Appends a <pre>. */
void nz_html_append_json(struct nz_buf *out, struct nz_str compact, bool is_cut);

#endif
