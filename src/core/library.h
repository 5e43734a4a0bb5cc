/* The versions of the libraries underneath, for --version and for reports of bugs. */
#ifndef NZ_CORE_LIBRARY_H
#define NZ_CORE_LIBRARY_H

#include "core/buf.h"

/* One "name version" a line. The version that runs where the library tells it, else the one compiled against. Appended. */
void nz_library_versions(struct nz_buf *out);

#endif
