/* Files for tests. */
#ifndef NZ_TESTS_FILES_H
#define NZ_TESTS_FILES_H

#include "core/str.h"

/* Whole file, NUL after it; aborts the test program when it cannot be read. Free with free(). */
struct nz_str nz_test_read(const char *path);

/* $NZ_SHARED/relative or $NZ_SOURCE/relative in a static buffer (one call at a time); NULL when it does not exist. */
const char *nz_test_shared(const char *relative);
const char *nz_test_source(const char *relative);

/* Bytes of the files without a name that this process has open in a folder. */
uint64_t nz_test_unnamed_bytes(const char *folder);

#endif
