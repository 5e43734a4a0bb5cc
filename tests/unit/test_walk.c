/* The walk: byte order of whole paths, every path once, loops and unreadable folders named in their place. */
#include "trail/walk.h"

#include "core/buf.h"
#include "support/faults.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define MAX_PATHS 8

static char folder[64];

static int make_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/nz-walk-XXXXXX");
    return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int drop_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st;
    (void)type;
    (void)at;
    return remove(path);
}

static int drop_folder(void **state)
{
    (void)state;
    return nftw(folder, drop_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* "a/b/" makes a directory, "a/b" a file of as many bytes as its name, "a/b>target" a symbolic link, "a|" a FIFO. */
static void make(const char *what)
{
    char path[512];
    snprintf(path, sizeof path, "%s", what);
    size_t n = strlen(path);
    char *target = strchr(path, '>');
    if (target) {
        *target++ = '\0';
        assert_int_equal(symlink(target, path), 0);
    } else if (path[n - 1] == '/') {
        assert_int_equal(mkdir(path, 0700), 0);
    } else if (path[n - 1] == '|') {
        path[n - 1] = '\0';
        assert_int_equal(mkfifo(path, 0600), 0);
    } else {
        FILE *f = fopen(path, "wb");
        assert_non_null(f);
        fputs(path, f);
        fclose(f);
    }
}

static void make_all(const char *const *what)
{
    for (; *what; what++)
        make(*what);
}

static void on_problem(void *self, const struct nz_diag *diag)
{
    nz_buf_printf(self, "! %.*s %s %s\n", (int)diag->file.n, diag->file.p, nz_err_name(diag->code), diag->text);
}

/* One line a path, with its size after it when asked; problems in their place. */
static enum nz_err list(const char *const *paths, size_t count, bool sizes, struct nz_buf *out)
{
    struct nz_walk *w = NULL;
    enum nz_err err = nz_walk_new(paths, count, on_problem, out, &w);
    const char *path = NULL;
    uint64_t size = 0;
    while (err == NZ_OK && (err = nz_walk_next(w, &path, &size)) == NZ_OK && path) {
        if (sizes)
            nz_buf_printf(out, "%s %llu\n", path, (unsigned long long)size);
        else
            nz_buf_printf(out, "%s\n", path);
    }
    nz_walk_free(w);
    return err;
}

static void expect_list(const char *const *paths, bool sizes, const char *expected)
{
    size_t count = 0;
    while (count < MAX_PATHS && paths[count])
        count++;
    struct nz_buf out;
    nz_buf_init(&out, 0);
    assert_int_equal(list(paths, count, sizes, &out), NZ_OK);
    nz_buf_append_char(&out, '\0');
    assert_false(out.failed);
    assert_string_equal(out.p, expected);
    nz_buf_release(&out);
}

#define EXPECT(expected, ...) expect_list((const char *const[MAX_PATHS + 1]){__VA_ARGS__}, false, expected)

static void order_is_that_of_whole_paths(void **state)
{
    (void)state;
    make_all((const char *const[]){"o/", "o/a/", "o/a/x", "o/a.json", "o/a-b", "o/a0", "o/a/b/", "o/a/b/c", "o/B",
                                   "o/\xff\x01", "o/a b\n", "o/.hidden", "o/.dir/", "o/.dir/y", "o/empty/", NULL});
    /* '-' 2d, '.' 2e, '/' 2f, '0' 30 */
    EXPECT("o/B\no/a b\n\no/a-b\no/a.json\no/a/b/c\no/a/x\no/a0\no/\xff\x01\n", "o");
    EXPECT("o/B\no/a b\n\no/a-b\no/a.json\no/a/b/c\no/a/x\no/a0\no/\xff\x01\n", "o///");
    expect_list((const char *const[]){"o/a", NULL}, true, "o/a/b/c 7\no/a/x 5\n");
}

static void roots_are_merged_and_named_once(void **state)
{
    (void)state;
    make_all((const char *const[]){"r/", "r/a/", "r/a/1", "r/a/3", "r/a/s/", "r/a/s/2", "r/a.json", "r/z", "r/.h/",
                                   "r/.h/v", NULL});
    EXPECT("r/a.json\nr/a/1\nr/a/3\nr/a/s/2\n", "r/a", "r/a.json");
    EXPECT("r/a.json\nr/a/1\nr/a/3\nr/a/s/2\nr/z\n", "r/a/s", "r", "r/a/3", "r//a/", "r/a", "r/z", "r");
    /* what the walk of r leaves out is there when it is named, in its place */
    EXPECT("r/.h/v\nr/a.json\nr/a/1\nr/a/3\nr/a/s/2\nr/z\n", "r", "r/.h");
    EXPECT("-\nr/z\n", "r/z", "-", "-");
    EXPECT("! r/absent NZ_E_IO No such file or directory\nr/z\n", "r/z", "r/absent", "r/absent");
}

static void a_slash_alone_is_a_root(void **state)
{
    (void)state;
    struct nz_walk *w;
    const char *path;
    uint64_t size;
    assert_int_equal(nz_walk_new((const char *const[]){"//"}, 1, NULL, NULL, &w), NZ_OK);
    assert_int_equal(nz_walk_next(w, &path, &size), NZ_OK);
    assert_true(path && path[0] == '/' && path[1] != '/');
    nz_walk_free(w); /* in the middle of a walk */
}

static void loops_are_named_and_links_followed(void **state)
{
    (void)state;
    make_all((const char *const[]){"l/", "l/d/", "l/d/f", "l/d/up>..", "l/d/self>.", "l/e>d", "l/to-file>d/f",
                                   "l/dangling>nowhere", "l/zz", NULL});
    EXPECT("l/d/f\n"
           "! l/d/self NZ_E_DIR_LOOP the same as 'l/d'\n"
           "! l/d/up NZ_E_DIR_LOOP the same as 'l'\n"
           "! l/dangling NZ_E_IO No such file or directory\n"
           "l/e/f\n"
           "! l/e/self NZ_E_DIR_LOOP the same as 'l/e'\n"
           "! l/e/up NZ_E_DIR_LOOP the same as 'l'\n"
           "l/to-file\nl/zz\n",
           "l");
}

/* Each folder holds two links to the next: 2^20 paths, and no directory is its own ancestor. */
static void links_do_not_multiply(void **state)
{
    (void)state;
    make("m/");
    for (int i = 0; i < 20; i++) {
        char what[64];
        snprintf(what, sizeof what, "m/%d/", i);
        make(what);
        snprintf(what, sizeof what, "m/%d/a>../%d", i, i + 1);
        make(what);
        snprintf(what, sizeof what, "m/%d/b>../%d", i, i + 1);
        make(what);
    }
    make_all((const char *const[]){"m/20/", "m/20/f", NULL});
    struct nz_buf out;
    nz_buf_init(&out, 0);
    assert_int_equal(list((const char *const[]){"m/0"}, 1, false, &out), NZ_OK);
    assert_non_null(memmem(out.p, out.n, "NZ_E_DIR_DEPTH too many symbolic links", 38));
    assert_in_range(out.n, 100, 100000);
    nz_buf_release(&out);
}

static void depth_is_bounded(void **state)
{
    (void)state;
    char path[512] = "deep/";
    make(path);
    for (unsigned i = 0; i < NZ_WALK_DEPTH_MAX; i++) {
        make(strcat(path, "d/"));
        if (i == NZ_WALK_DEPTH_MAX - 2) { /* the root is a level too */
            char file[600];
            snprintf(file, sizeof file, "%slast", path);
            make(file);
        }
    }
    struct nz_buf out;
    nz_buf_init(&out, 0);
    assert_int_equal(list((const char *const[]){"deep"}, 1, false, &out), NZ_OK);
    nz_buf_append_char(&out, '\0');
    assert_non_null(strstr(out.p, "d/last\n"));
    assert_non_null(strstr(out.p, "d/d NZ_E_DIR_DEPTH"));
    nz_buf_release(&out);
}

static void what_is_no_file_is_named(void **state)
{
    (void)state;
    make_all((const char *const[]){"k/", "k/a", "k/fifo|", "k/z", NULL});
    EXPECT("k/a\n! k/fifo NZ_E_FILE_KIND a pipe\nk/z\n", "k");
    EXPECT("k/fifo\n", "k/fifo"); /* the user wants it */
    EXPECT("! /dev/null NZ_E_FILE_KIND a device\n", "/dev/null");
}

static void an_unreadable_folder_is_named(void **state)
{
    (void)state;
    if (geteuid() == 0) {
        print_message("skipped: root may read everything (tests/cli/bad_input.py tries it as another user)\n");
        skip();
    }
    make_all((const char *const[]){"u/", "u/no/", "u/no/f", "u/yes/", "u/yes/f", NULL});
    assert_int_equal(chmod("u/no", 0), 0);
    EXPECT("! u/no NZ_E_IO Permission denied\nu/yes/f\n", "u");
    chmod("u/no", 0700);
}

static void large_folders_are_sorted(void **state)
{
    (void)state;
    make("n/");
    for (int i = 0; i < 3000; i++) { /* more than one getdents64 */
        char what[64];
        snprintf(what, sizeof what, "n/a-rather-long-name-%04d", (i * 7) % 3000);
        make(what);
    }
    struct nz_buf out;
    nz_buf_init(&out, 0);
    assert_int_equal(list((const char *const[]){"n"}, 1, false, &out), NZ_OK);
    size_t line = strlen("n/a-rather-long-name-0000\n");
    assert_int_equal(out.n, 3000 * line);
    for (size_t i = 1; i < 3000; i++)
        assert_true(memcmp(out.p + (i - 1) * line, out.p + i * line, line) < 0);
    nz_buf_release(&out);
}

static void memory_that_runs_out_ends_the_walk(void **state)
{
    (void)state;
    make_all((const char *const[]){"f/", "f/a/", "f/a/1", "f/b/", "f/b/2", "f/c", NULL});
    const char *const paths[] = {"f", "f/b", "f/c"};
    long before = nz_live_allocations();
    for (unsigned nth = 0;; nth++) {
        struct nz_walk *w = NULL;
        const char *path = NULL;
        uint64_t size = 0;
        nz_fault_arm(nth);
        enum nz_err err = nz_walk_new(paths, 3, NULL, NULL, &w);
        do
            err = err == NZ_OK ? nz_walk_next(w, &path, &size) : err;
        while (err == NZ_OK && path);
        nz_fault_disarm();
        assert_int_equal(err, nz_fault_fired() ? NZ_E_NOMEM : NZ_OK);
        for (int again = 0; w && again < 3; again++) /* harmless after the error */
            (void)!nz_walk_next(w, &path, &size);
        nz_walk_free(w);
        assert_int_equal(nz_live_allocations(), before);
        if (!nz_fault_fired())
            break;
        assert_in_range(nth, 0, 100);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order_is_that_of_whole_paths), cmocka_unit_test(roots_are_merged_and_named_once),
        cmocka_unit_test(a_slash_alone_is_a_root),      cmocka_unit_test(loops_are_named_and_links_followed),
        cmocka_unit_test(links_do_not_multiply),        cmocka_unit_test(depth_is_bounded),
        cmocka_unit_test(what_is_no_file_is_named),     cmocka_unit_test(an_unreadable_folder_is_named),
        cmocka_unit_test(large_folders_are_sorted),     cmocka_unit_test(memory_that_runs_out_ends_the_walk),
    };
    return cmocka_run_group_tests(tests, make_folder, drop_folder);
}
