/* Files of several roots in byte order of their whole paths.
 *
 *   roots a/, a-b.json and a/c/     sorted as "a-b.json" < "a/" < "a/c/"   ('-' is 2d, '/' is 2f)
 *
 * A directory's key ends with '/', among the roots and among the entries of its parent; then walking depth first gives
 * byte order of whole paths. All paths under a root begin with its key, so the ranges of two roots nest or lie apart:
 * a root is opened when its key is reached, and only nested roots are ever merged. What is wrong with a path is an item
 * like a file, so that it comes in its place, and once.
 *
 * Price: a directory's entries stand in memory while it is being read, a name and 6 bytes each, so a flat folder of a
 * million files with names of 80 bytes takes some 86 MB. Nothing else grows with the tree.
 *
 * Symbolic links are followed. They cannot loop (the ancestors are compared), but folders of links to folders of links
 * multiply: LINKS_MAX on one path bounds that. */
#include "trail/walk.h"

#include "core/buf.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINKS_MAX 8u
#define LIST_BYTES 32768

/* First byte of an entry in frame.names, before its name and a NUL. */
enum entry_kind { ENTRY_FILE = 'f', ENTRY_DIR = 'd', ENTRY_DIR_LINK = 'l' };

/* A directory being read. */
struct frame {
    int fd;
    unsigned links; /* symbolic links among the directories of the path so far */
    dev_t dev;
    ino_t ino;
    size_t path_bytes; /* of its path, '/' included */
    struct nz_buf names;
    uint32_t *order; /* offsets in names, sorted */
    size_t count, next;
};

/* A path of the caller. */
struct root {
    char *key; /* '/' at the end of a directory, single slashes only */
    int error; /* errno of stat, or 0 */
    mode_t mode;
    uint64_t size_bytes;
};

enum item_kind { ITEM_NONE, ITEM_FILE, ITEM_PROBLEM };

/* The walk under one root, standing at its next item. */
struct stream {
    struct nz_buf path; /* of the item; a directory's ends with '/'; a NUL after it */
    enum item_kind item;
    bool spent; /* the item has been handed out */
    uint64_t size_bytes;
    struct nz_diag problem;
    size_t depth;
    struct frame frames[NZ_WALK_DEPTH_MAX];
};

struct nz_walk {
    nz_walk_problem_fn *problem;
    void *self;
    struct root *roots; /* sorted by key */
    size_t roots_count, next_root;
    struct stream **streams; /* open, each inside the one before it or finished; room for all roots */
    size_t streams_count;
    char list[LIST_BYTES]; /* what getdents64 fills */
};

/* ---- one directory ---- */

static void frame_close(struct frame *f)
{
    if (f->fd >= 0)
        close(f->fd);
    nz_buf_release(&f->names);
    free(f->order);
}

static unsigned char name_end(const char *entry)
{
    return entry[0] == ENTRY_FILE ? '\0' : '/';
}

static int compare_entries(const void *a, const void *b, void *names)
{
    const char *x = (const char *)names + *(const uint32_t *)a, *y = (const char *)names + *(const uint32_t *)b;
    size_t i = 1;
    while (x[i] && x[i] == y[i])
        i++;
    unsigned char cx = x[i] ? (unsigned char)x[i] : name_end(x), cy = y[i] ? (unsigned char)y[i] : name_end(y);
    return cx < cy ? -1 : cx > cy;
}

static enum nz_err frame_sort(struct frame *f)
{
    f->order = f->count ? malloc(f->count * sizeof *f->order) : NULL;
    if (f->count && !f->order) {
        f->count = 0;
        return NZ_E_NOMEM;
    }
    uint32_t at = 0;
    for (size_t i = 0; i < f->count; i++) {
        f->order[i] = at;
        at += (uint32_t)strlen(f->names.p + at) + 1;
    }
    if (f->count > 1)
        qsort_r(f->order, f->count, sizeof *f->order, compare_entries, f->names.p);
    return NZ_OK;
}

static enum entry_kind entry_kind(int dir_fd, const char *name, unsigned char type)
{
    if (type == DT_DIR)
        return ENTRY_DIR;
    if (type != DT_LNK && type != DT_UNKNOWN)
        return ENTRY_FILE;
    struct stat st;
    if (fstatat(dir_fd, name, &st, 0) != 0 || !S_ISDIR(st.st_mode))
        return ENTRY_FILE; /* what cannot be opened is found out when its turn comes */
    if (type == DT_UNKNOWN && fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode))
        return ENTRY_DIR;
    return ENTRY_DIR_LINK;
}

/* Takes the names of one getdents64 call. */
static void frame_take(struct frame *f, const char *list, size_t list_bytes)
{
    for (size_t at = 0; at < list_bytes;) {
        const char *d = list + at, *name = d + offsetof(struct dirent64, d_name);
        unsigned short record_bytes;
        memcpy(&record_bytes, d + offsetof(struct dirent64, d_reclen), sizeof record_bytes);
        at += record_bytes;
        if (name[0] == '.') /* hidden; "." and ".." too */
            continue;
        unsigned char type = (unsigned char)d[offsetof(struct dirent64, d_type)];
        nz_buf_append_char(&f->names, (char)entry_kind(f->fd, name, type));
        nz_buf_append(&f->names, nz_str_of(name, strlen(name) + 1));
        f->count++;
    }
}

/* Takes all names. *error is errno when the directory could not be read to its end; what came before it counts. */
static enum nz_err frame_list(struct frame *f, char *list, int *error)
{
    ssize_t n;
    while ((n = getdents64(f->fd, list, LIST_BYTES)) > 0 && !f->names.failed)
        frame_take(f, list, (size_t)n);
    *error = n < 0 ? errno : 0;
    return f->names.failed ? NZ_E_NOMEM : frame_sort(f);
}

/* ---- one root ---- */

static void path_set(struct stream *s, size_t keep_bytes, const char *name, const char *end)
{
    s->path.n = keep_bytes;
    nz_buf_append(&s->path, nz_str_from_c(name));
    nz_buf_append(&s->path, nz_str_from_c(end));
    if (nz_buf_reserve(&s->path, 1))
        s->path.p[s->path.n] = '\0';
}

static enum nz_err problem_item(struct stream *s, enum nz_err code, const char *text)
{
    s->problem = (struct nz_diag)NZ_DIAG_INIT;
    nz_diag_set(&s->problem, code, "%s", text);
    s->item = ITEM_PROBLEM;
    return NZ_OK;
}

static const struct frame *same_ancestor(const struct stream *s, const struct stat *st)
{
    for (size_t i = 0; i < s->depth; i++)
        if (s->frames[i].dev == st->st_dev && s->frames[i].ino == st->st_ino)
            return &s->frames[i];
    return NULL;
}

/* Opens the directory that s->path names; name is relative to dir_fd. Leaves an item only when there is a problem. */
static enum nz_err enter(struct stream *s, char *list, int dir_fd, const char *name, unsigned links)
{
    if (s->depth == NZ_WALK_DEPTH_MAX)
        return problem_item(s, NZ_E_DIR_DEPTH, "");
    if (links > LINKS_MAX)
        return problem_item(s, NZ_E_DIR_DEPTH, "too many symbolic links on the way");
    int fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct stat st;
    if (fd < 0)
        return problem_item(s, NZ_E_IO, strerrordesc_np(errno));
    if (fstat(fd, &st) != 0) {
        int error = errno;
        close(fd);
        return problem_item(s, NZ_E_IO, strerrordesc_np(error));
    }
    const struct frame *same = same_ancestor(s, &st);
    if (same) {
        close(fd);
        (void)problem_item(s, NZ_E_DIR_LOOP, "");
        nz_diag_set(&s->problem, NZ_E_DIR_LOOP, "the same as '%.*s'", (int)same->path_bytes - 1, s->path.p);
        return NZ_OK;
    }
    struct frame *f = &s->frames[s->depth++];
    *f = (struct frame){.fd = fd, .links = links, .dev = st.st_dev, .ino = st.st_ino, .path_bytes = s->path.n};
    nz_buf_init(&f->names, UINT32_MAX);
    int error = 0;
    enum nz_err err = frame_list(f, list, &error);
    if (err == NZ_OK && error)
        return problem_item(s, NZ_E_IO, strerrordesc_np(error));
    return err;
}

static enum nz_err file_item(struct stream *s, mode_t mode, uint64_t size_bytes, bool named_by_user)
{
    /* A FIFO that somebody names is read; one that merely lies in a folder would stop the walk until a writer comes. */
    if (!S_ISREG(mode) && !(named_by_user && S_ISFIFO(mode)))
        return problem_item(s, NZ_E_FILE_KIND, S_ISFIFO(mode) ? "a pipe" : S_ISSOCK(mode) ? "a socket" : "a device");
    s->size_bytes = S_ISREG(mode) ? size_bytes : 0;
    s->item = ITEM_FILE;
    return NZ_OK;
}

/* Goes to the next item; ITEM_NONE at the end. */
static enum nz_err advance(struct stream *s, char *list)
{
    s->item = ITEM_NONE;
    s->spent = false;
    enum nz_err err = NZ_OK;
    while (s->depth && s->item == ITEM_NONE && err == NZ_OK) {
        struct frame *f = &s->frames[s->depth - 1];
        if (f->next == f->count) {
            frame_close(f);
            s->depth--;
            continue;
        }
        const char *entry = f->names.p + f->order[f->next++], *name = entry + 1;
        path_set(s, f->path_bytes, name, entry[0] == ENTRY_FILE ? "" : "/");
        struct stat st;
        if (s->path.failed)
            err = NZ_E_NOMEM;
        else if (entry[0] != ENTRY_FILE)
            err = enter(s, list, f->fd, name, f->links + (entry[0] == ENTRY_DIR_LINK));
        else if (fstatat(f->fd, name, &st, 0) != 0)
            err = problem_item(s, NZ_E_IO, strerrordesc_np(errno));
        else
            err = file_item(s, st.st_mode, (uint64_t)st.st_size, false);
    }
    return err;
}

static void stream_free(struct stream *s)
{
    while (s->depth)
        frame_close(&s->frames[--s->depth]);
    nz_buf_release(&s->path);
    free(s);
}

/* Opens the next root and stands at its first item. */
static enum nz_err stream_open(struct nz_walk *w)
{
    const struct root *root = &w->roots[w->next_root];
    struct stream *s = calloc(1, sizeof *s);
    if (!s)
        return NZ_E_NOMEM;
    nz_buf_init(&s->path, 0);
    w->streams[w->streams_count++] = s;
    w->next_root++;
    path_set(s, 0, root->key, "");
    if (s->path.failed)
        return NZ_E_NOMEM;
    if (root->error)
        return problem_item(s, NZ_E_IO, strerrordesc_np(root->error));
    if (!S_ISDIR(root->mode))
        return file_item(s, root->mode, root->size_bytes, true);
    enum nz_err err = enter(s, w->list, AT_FDCWD, root->key, 0);
    return err == NZ_OK && s->item == ITEM_NONE ? advance(s, w->list) : err;
}

/* ---- all roots ---- */

static int compare_roots(const void *a, const void *b)
{
    return strcmp(((const struct root *)a)->key, ((const struct root *)b)->key);
}

/* Single slashes; one at the end of a directory and of nothing else. */
static enum nz_err root_init(struct root *root, const char *path)
{
    bool standard_input = strcmp(path, "-") == 0;
    struct stat st = {.st_mode = S_IFIFO};
    if (!standard_input && stat(path, &st) != 0)
        root->error = errno;
    root->mode = st.st_mode;
    root->size_bytes = (uint64_t)st.st_size;
    root->key = malloc(strlen(path) + 2);
    if (!root->key)
        return NZ_E_NOMEM;
    size_t n = 0;
    for (const char *p = path; *p; p++)
        if (*p != '/' || n == 0 || root->key[n - 1] != '/')
            root->key[n++] = *p;
    bool slash = n && root->key[n - 1] == '/';
    if (!root->error && S_ISDIR(st.st_mode) && !slash)
        root->key[n++] = '/';
    root->key[n] = '\0';
    return NZ_OK;
}

/* A root named twice is walked once. */
static void roots_unique(struct nz_walk *w)
{
    size_t kept = 0;
    for (size_t i = 0; i < w->roots_count; i++) {
        if (kept && strcmp(w->roots[kept - 1].key, w->roots[i].key) == 0)
            free(w->roots[i].key);
        else
            w->roots[kept++] = w->roots[i];
    }
    w->roots_count = kept;
}

enum nz_err nz_walk_new(const char *const *paths, size_t count, nz_walk_problem_fn *problem, void *self,
                        struct nz_walk **out)
{
    *out = NULL;
    struct nz_walk *w = calloc(1, sizeof *w);
    if (!w)
        return NZ_E_NOMEM;
    w->problem = problem;
    w->self = self;
    w->roots = calloc(count ? count : 1, sizeof *w->roots);
    w->streams = calloc(count ? count : 1, sizeof(struct stream *));
    enum nz_err err = w->roots && w->streams ? NZ_OK : NZ_E_NOMEM;
    for (size_t i = 0; err == NZ_OK && i < count; i++) {
        err = root_init(&w->roots[i], paths[i]);
        w->roots_count += err == NZ_OK;
    }
    if (err != NZ_OK) {
        nz_walk_free(w);
        return err;
    }
    qsort(w->roots, w->roots_count, sizeof *w->roots, compare_roots);
    roots_unique(w);
    *out = w;
    return NZ_OK;
}

void nz_walk_free(struct nz_walk *w)
{
    if (!w)
        return;
    for (size_t i = 0; i < w->streams_count; i++)
        stream_free(w->streams[i]);
    for (size_t i = 0; i < w->roots_count; i++)
        free(w->roots[i].key);
    free(w->streams);
    free(w->roots);
    free(w);
}

/* Moves every stream past what has been handed out and drops those at their end. */
static enum nz_err streams_advance(struct nz_walk *w)
{
    size_t kept = 0;
    enum nz_err err = NZ_OK;
    for (size_t i = 0; i < w->streams_count; i++) {
        struct stream *s = w->streams[i];
        if (err == NZ_OK && s->spent)
            err = advance(s, w->list);
        if (err == NZ_OK && s->item == ITEM_NONE)
            stream_free(s);
        else
            w->streams[kept++] = s;
    }
    w->streams_count = kept;
    return err;
}

static struct stream *streams_first(const struct nz_walk *w)
{
    struct stream *first = NULL;
    for (size_t i = 0; i < w->streams_count; i++) {
        struct stream *s = w->streams[i];
        if (s->item != ITEM_NONE && (!first || strcmp(s->path.p, first->path.p) < 0))
            first = s;
    }
    return first;
}

/* The first item of all roots, the ones named twice marked as handed out; NULL at the end. */
static enum nz_err next_item(struct nz_walk *w, struct stream **out)
{
    enum nz_err err = streams_advance(w);
    struct stream *first = streams_first(w);
    while (err == NZ_OK && w->next_root < w->roots_count &&
           (!first || strcmp(w->roots[w->next_root].key, first->path.p) <= 0)) {
        err = stream_open(w);
        first = streams_first(w);
    }
    for (size_t i = 0; first && i < w->streams_count; i++)
        w->streams[i]->spent = w->streams[i]->item != ITEM_NONE && strcmp(w->streams[i]->path.p, first->path.p) == 0;
    *out = first;
    return err;
}

enum nz_err nz_walk_next(struct nz_walk *w, const char **path, uint64_t *size_bytes)
{
    *path = NULL;
    *size_bytes = 0;
    for (;;) {
        struct stream *s = NULL;
        enum nz_err err = next_item(w, &s);
        if (err != NZ_OK || !s)
            return err;
        if (s->item == ITEM_FILE) {
            *path = s->path.p;
            *size_bytes = s->size_bytes;
            return NZ_OK;
        }
        size_t n = s->path.n;
        s->problem.file = nz_str_of(s->path.p, n > 1 && s->path.p[n - 1] == '/' ? n - 1 : n);
        if (w->problem)
            w->problem(w->self, &s->problem);
    }
}
