/* libcurl, loaded when it is first needed: linked in, it and the thirty libraries that it brings along would more than double
 * the time that every command takes to start (nezuban --version: 2.6 ms without, 7.0 ms with it). */
#ifndef NZ_AWS_CURL_H
#define NZ_AWS_CURL_H

#include "core/diag.h"

#include <curl/curl.h>

#ifdef curl_easy_setopt /* gcc's type checks are macros of the same names */
#undef curl_easy_setopt
#undef curl_easy_getinfo
#undef curl_multi_setopt
#endif

struct nz_curl {
    void *library;
#define NZ_CURL(name) __typeof__(curl_##name) *name;
#include "aws/curl.list"
#undef NZ_CURL
};

/* Loads and starts it. NZ_E_AWS_NETWORK: it is not installed, or is not what was expected. */
NZ_MUST_USE enum nz_err nz_curl_open(struct nz_curl *curl, struct nz_diag *diag);
void nz_curl_close(struct nz_curl *curl); /* harmless twice */

#endif
