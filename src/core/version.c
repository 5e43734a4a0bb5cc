#include "nezuban/version.h"

const char *nz_version(void)
{
    return NZ_VERSION;
}
