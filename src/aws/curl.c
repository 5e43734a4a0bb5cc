#include "aws/curl.h"

#include <dlfcn.h>

#define CURL_LIBRARY "libcurl.so.4"

static enum nz_err symbols_find(struct nz_curl *curl, struct nz_diag *diag)
{
#define NZ_CURL(name)                                                                                                  \
    *(void **)&curl->name = dlsym(curl->library, "curl_" #name);                                                       \
    if (!curl->name)                                                                                                   \
        return nz_diag_set(diag, NZ_E_AWS_NETWORK, CURL_LIBRARY " has no curl_" #name);
#include "aws/curl.list"
#undef NZ_CURL
    return NZ_OK;
}

enum nz_err nz_curl_open(struct nz_curl *curl, struct nz_diag *diag)
{
    *curl = (struct nz_curl){.library = dlopen(CURL_LIBRARY, RTLD_NOW | RTLD_LOCAL)};
    if (!curl->library)
        return nz_diag_set(diag, NZ_E_AWS_NETWORK, "libcurl is needed: %s", dlerror());
    enum nz_err err = symbols_find(curl, diag);
    if (!err && curl->global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        err = nz_diag_set(diag, NZ_E_AWS_NETWORK, "libcurl does not start");
    if (err) {
        dlclose(curl->library);
        *curl = (struct nz_curl){0};
    }
    return err;
}

void nz_curl_close(struct nz_curl *curl)
{
    /* the library stays in memory: it registered what runs at the process's end */
    if (curl->library)
        curl->global_cleanup();
    *curl = (struct nz_curl){0};
}
