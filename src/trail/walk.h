/* The files under some paths, in byte order of their whole path, found as they are asked for: memory holds the names of
 * the directories being read, not those of the whole tree.
 *
 * A path named twice, or once itself and once by its folder, comes once. "-" is standard input and sorts by its own
 * byte. A directory reached again through a symbolic link from inside itself is a loop: named, skipped. What cannot be
 * opened is named, the rest goes on; so is what is no regular file inside a folder (a pipe there would stop the walk; a
 * FIFO given by the user is handed out). Hidden files (a leading dot) inside folders are skipped without a word; a path
 * given by the user never is. One thread at a time. */
#ifndef NZ_TRAIL_WALK_H
#define NZ_TRAIL_WALK_H

#include "core/diag.h"

#define NZ_WALK_DEPTH_MAX 64u

struct nz_walk;

/* Called in order, between files, from nz_walk_next. diag->file is the path, borrowed for the call. Codes: NZ_E_IO,
 * NZ_E_DIR_LOOP, NZ_E_DIR_DEPTH (also for more than 8 symbolic links to folders on one path), NZ_E_FILE_KIND. */
typedef void nz_walk_problem_fn(void *self, const struct nz_diag *diag);

/* Looks at the paths themselves at once, below them only when asked. The paths are copied; problem may be NULL. */
NZ_MUST_USE enum nz_err nz_walk_new(const char *const *paths, size_t count, nz_walk_problem_fn *problem, void *self,
                                    struct nz_walk **out);
void nz_walk_free(struct nz_walk *w);

/* The next file: *path is NULL at the end, else a NUL-terminated path, its slashes single, borrowed until the next call;
 * *size_bytes its size on disk (0 for what is no regular file). NZ_E_NOMEM ends the walk. */
NZ_MUST_USE enum nz_err nz_walk_next(struct nz_walk *w, const char **path, uint64_t *size_bytes);

#endif
