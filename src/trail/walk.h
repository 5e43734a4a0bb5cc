/* The files under some paths, in byte order of their whole path, found as they are asked for: memory holds the names of
 * the directories being read, not those of the whole tree.
 *
 * A path named twice, or once itself and once by its folder, comes once. "-" is standard input and sorts by its own
 * byte. A directory reached again through a symbolic link from inside itself is a loop: named, skipped. What cannot be
 * opened is named, the rest goes on. Hidden files (a leading dot) inside folders are skipped without a word; a path
 * given by the user never is. One thread at a time. */
#ifndef NZ_TRAIL_WALK_H
#define NZ_TRAIL_WALK_H

#include "core/diag.h"

#define NZ_WALK_DEPTH_MAX 64u

struct nz_walk;

/* Called in order, between files. diag->file is the path. */
typedef void nz_walk_problem_fn(void *self, const struct nz_diag *diag);

NZ_MUST_USE enum nz_err nz_walk_new(const char *const *paths, size_t count, nz_walk_problem_fn *problem, void *self,
                                    struct nz_walk **out);
void nz_walk_free(struct nz_walk *w);

/* The next file: *path is NULL at the end, else a NUL-terminated path borrowed until the next call; *size_bytes its
 * size on disk (0 for what is no regular file). */
NZ_MUST_USE enum nz_err nz_walk_next(struct nz_walk *w, const char **path, uint64_t *size_bytes);

#endif
