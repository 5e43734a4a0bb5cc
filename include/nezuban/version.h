/* Which libnezuban a program runs with. */
#ifndef NEZUBAN_VERSION_H
#define NEZUBAN_VERSION_H

#include "nezuban/api.h"

#ifdef __cplusplus
extern "C" {
#endif

/* "0.1.0": major, minor, patch. Static storage, any thread. */
NZ_API const char *nz_version(void);

#ifdef __cplusplus
}
#endif

#endif
