/* Finding misuse in CloudTrail logs from a program of your own.
 *
 *     struct nz_library_detector *d;
 *     char why[256];
 *     if (nz_library_detector_new(NULL, 0, &d, why, sizeof why) != 0) ...
 *     nz_library_detector_feed(d, "2024-05-01.json", text, bytes);
 *     nz_library_detector_finish(d, print, NULL);
 *     nz_library_detector_free(d);
 *
 * One thread a detector; several detectors may work side by side. */
#ifndef NEZUBAN_DETECT_H
#define NEZUBAN_DETECT_H

#include "nezuban/api.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct nz_library_detector;

/* Sigma rules as YAML text (several documents are fine), or NULL for the rules that come with nezuban. Returns 0, or an
 * error's number (nezuban's error list) with the reason in `why`. A rule that is refused does not keep the others out;
 * nz_library_detector_refused counts them and `why` names the first. */
NZ_API int nz_library_detector_new(const char *rules, size_t rules_bytes, struct nz_library_detector **out, char *why,
                                   size_t why_bytes);
NZ_API void nz_library_detector_free(struct nz_library_detector *d); /* NULL is fine */
NZ_API size_t nz_library_detector_refused(const struct nz_library_detector *d);

/* Reads a log in any shape that `nezuban detect` reads, inflated. `name` stands in the findings as their file. A record
 * that is fed twice counts twice. Returns 0 or an error's number; records that cannot be read are skipped and counted. */
NZ_API int nz_library_detector_feed(struct nz_library_detector *d, const char *name, const char *text, size_t bytes);
NZ_API uint64_t nz_library_detector_skipped(const struct nz_library_detector *d);

/* One finding as a JSON object, as `nezuban detect --format ndjson` prints it; not NUL-terminated, gone after the call. */
typedef void nz_library_finding_fn(void *self, const char *json, size_t bytes);

/* All findings of what was fed, correlations last. Once, at the end. Returns 0 or an error's number. */
NZ_API int nz_library_detector_finish(struct nz_library_detector *d, nz_library_finding_fn *finding, void *self);

#ifdef __cplusplus
}
#endif

#endif
