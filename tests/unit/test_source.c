/* One log source: files, pipes, gzip and text, told apart by their first bytes. */
#include "trail/source.h"

#include "support/faults.h"
#include "support/files.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[64];

static int make_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/nz-source-XXXXXX");
    return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int drop_folder(void **state)
{
    (void)state;
    static const char *const names[] = {"text", "big", "empty", "gz", "pipe"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        unlink(names[i]);
    return rmdir(folder);
}

static void put(const char *name, const char *p, size_t n)
{
    FILE *f = fopen(name, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(p, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

static struct nz_str gzip_case(const char *name, const char *part)
{
    char relative[200];
    snprintf(relative, sizeof relative, "tests/cases/gzip/%s/%s", name, part);
    const char *path = nz_test_source(relative);
    assert_non_null(path);
    return nz_test_read(path);
}

static void free_str(struct nz_str s)
{
    free((char *)(uintptr_t)s.p);
}

static struct nz_source *new_source(void)
{
    struct nz_source *s;
    assert_int_equal(nz_source_new(&s), NZ_OK);
    return s;
}

/* Reads to the end with `room` bytes a call and compares. */
static void expect_content(struct nz_source *s, const char *path, size_t room, struct nz_str content, enum nz_err end)
{
    struct nz_diag diag = NZ_DIAG_INIT;
    assert_int_equal(nz_source_open(s, path, &diag), NZ_OK);
    char *out = malloc(room);
    assert_non_null(out);
    size_t at = 0, written = 1;
    enum nz_err err = NZ_OK;
    while ((err = nz_source_read(s, out, room, &written, &diag)) == NZ_OK && written) {
        assert_true(written <= room && at + written <= content.n);
        assert_memory_equal(out, content.p + at, written);
        at += written;
    }
    assert_int_equal(written, 0);
    assert_int_equal(err, end);
    assert_int_equal(at, content.n);
    assert_int_equal(nz_source_read(s, out, room, &written, &diag), NZ_OK); /* stays at its end */
    assert_int_equal(written, 0);
    free(out);
    nz_source_close(s);
}

static void text_passes_as_it_is(void **state)
{
    (void)state;
    size_t n = 300007; /* more than the buffer, not a multiple of anything */
    char *big = malloc(n);
    assert_non_null(big);
    for (size_t i = 0; i < n; i++)
        big[i] = (char)(i * 7 + i / 251);
    big[0] = 'x';
    put("big", big, n);
    put("text", "{}", 2);
    put("empty", "", 0);
    struct nz_source *s = new_source();
    static const size_t rooms[] = {1, 3, 1000, 131072, 400000};
    for (size_t i = 0; i < sizeof rooms / sizeof rooms[0]; i++) {
        expect_content(s, "text", rooms[i], NZ_STR("{}"), NZ_OK);
        expect_content(s, "empty", rooms[i], NZ_STR(""), NZ_OK);
        if (rooms[i] > 3)
            expect_content(s, "big", rooms[i], nz_str_of(big, n), NZ_OK);
    }
    assert_int_equal(nz_source_disk_bytes(s), n);
    nz_source_free(s);
    free(big);
}

static void gzip_is_found_by_content(void **state)
{
    (void)state;
    static const char *const names[] = {"two-members", "larger-than-the-history", "large-then-small", "empty-member"};
    struct nz_source *s = new_source();
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct nz_str in = gzip_case(names[i], "in.gz"), content = gzip_case(names[i], "content");
        put("gz", in.p, in.n);
        expect_content(s, "gz", 70000, content, NZ_OK);
        expect_content(s, "gz", 1000, content, NZ_OK);
        assert_int_equal(nz_source_disk_bytes(s), in.n);
        free_str(in);
        free_str(content);
    }
    nz_source_free(s);
}

static void faults_of_gzip_have_a_place(void **state)
{
    (void)state;
    struct nz_str in = gzip_case("fixed-codes", "in.gz"), content = gzip_case("fixed-codes", "content");
    struct nz_source *s = new_source();
    put("gz", in.p, in.n - 1);
    expect_content(s, "gz", 1000, content, NZ_E_GZIP_TRUNCATED);
    struct nz_diag diag = NZ_DIAG_INIT;
    char out[1000];
    size_t written;
    assert_int_equal(nz_source_open(s, "gz", &diag), NZ_OK);
    assert_int_equal(nz_source_read(s, out, sizeof out, &written, &diag), NZ_OK);
    assert_int_equal(nz_source_read(s, out, sizeof out, &written, &diag), NZ_E_GZIP_TRUNCATED);
    assert_int_equal(diag.offset, in.n - 1);
    nz_source_free(s); /* closes */
    free_str(in);
    free_str(content);
}

struct writer {
    const char *path;
    struct nz_str bytes;
};

static void *write_slowly(void *arg)
{
    const struct writer *w = arg;
    int fd = open(w->path, O_WRONLY);
    for (size_t i = 0; i < w->bytes.n; i++)
        if (write(fd, w->bytes.p + i, 1) != 1)
            break;
    close(fd);
    return NULL;
}

static void a_pipe_may_bring_bytes_one_by_one(void **state)
{
    (void)state;
    assert_int_equal(mkfifo("pipe", 0600), 0);
    struct nz_str gz = gzip_case("two-members", "in.gz"), content = gzip_case("two-members", "content");
    struct writer writers[] = {{"pipe", gz}, {"pipe", NZ_STR("[]\n")}, {"pipe", NZ_STR("")}};
    const struct nz_str contents[] = {content, NZ_STR("[]\n"), NZ_STR("")};
    struct nz_source *s = new_source();
    for (size_t i = 0; i < 3; i++) {
        pthread_t thread;
        assert_int_equal(pthread_create(&thread, NULL, write_slowly, &writers[i]), 0);
        expect_content(s, "pipe", 4096, contents[i], NZ_OK);
        pthread_join(thread, NULL);
    }
    nz_source_free(s);
    free_str(gz);
    free_str(content);
}

static void standard_input_is_read_and_left_open(void **state)
{
    (void)state;
    put("text", "{\"a\":1}", 7);
    int saved = dup(STDIN_FILENO), fd = open("text", O_RDONLY);
    assert_true(fd >= 0 && dup2(fd, STDIN_FILENO) == STDIN_FILENO);
    close(fd);
    struct nz_source *s = new_source();
    expect_content(s, "-", 100, NZ_STR("{\"a\":1}"), NZ_OK);
    nz_source_free(s);
    assert_true(fcntl(STDIN_FILENO, F_GETFD) >= 0);
    if (saved >= 0) {
        dup2(saved, STDIN_FILENO);
        close(saved);
    }
}

static void what_cannot_be_read_is_refused(void **state)
{
    (void)state;
    struct nz_source *s = new_source();
    struct nz_diag diag = NZ_DIAG_INIT;
    char out[8];
    size_t written;
    put("text", "{}", 2);
    expect_content(s, "text", 8, NZ_STR("{}"), NZ_OK);
    assert_int_equal(nz_source_open(s, ".", &diag), NZ_E_FILE_KIND);
    assert_string_equal(diag.text, "a directory");
    assert_int_equal(nz_source_open(s, "/dev/null", &diag), NZ_E_FILE_KIND);
    assert_int_equal(nz_source_open(s, "absent", &diag), NZ_E_IO);
    assert_string_equal(diag.text, "No such file or directory");
    assert_int_equal(nz_source_disk_bytes(s), 0); /* not those of the file before */
    assert_int_equal(nz_source_read(s, out, sizeof out, &written, &diag), NZ_OK);
    assert_int_equal(written, 0);
    nz_source_close(s);
    nz_source_free(s);
}

static void on_alarm(int number)
{
    (void)number;
}

static bool stop_at_third_look(void *self)
{
    return ++*(unsigned *)self == 3;
}

/* Without this, SIGINT could not end a wait for a FIFO that nobody writes: in a worker, where no signal arrives. */
static void a_stop_ends_a_wait(void **state)
{
    (void)state;
    struct nz_source *s = new_source();
    struct nz_diag diag = NZ_DIAG_INIT;
    char out[8];
    size_t written;
    unsigned looks = 0;
    nz_source_stop_when(s, stop_at_third_look, &looks);
    assert_int_equal(nz_source_open(s, "pipe", &diag), NZ_OK);
    assert_int_equal(nz_source_read(s, out, sizeof out, &written, &diag), NZ_E_STOPPED);
    assert_int_equal(looks, 3);
    nz_source_free(s);
}

static void a_signal_ends_a_wait(void **state)
{
    (void)state;
    struct sigaction action = {.sa_handler = on_alarm}, old; /* no SA_RESTART */
    sigaction(SIGALRM, &action, &old);
    struct nz_source *s = new_source();
    struct nz_diag diag = NZ_DIAG_INIT;
    char out[8];
    size_t written;
    assert_int_equal(nz_source_open(s, "pipe", &diag), NZ_OK);
    alarm(1);
    assert_int_equal(nz_source_read(s, out, sizeof out, &written, &diag), NZ_E_STOPPED);
    alarm(0);
    sigaction(SIGALRM, &old, NULL);
    nz_source_free(s);
}

static void memory_that_runs_out_is_an_error(void **state)
{
    (void)state;
    long before = nz_live_allocations();
    for (unsigned nth = 0;; nth++) {
        struct nz_source *s = NULL;
        nz_fault_arm(nth);
        enum nz_err err = nz_source_new(&s);
        nz_fault_disarm();
        if (!nz_fault_fired()) {
            nz_source_free(s);
            assert_true(nth >= 2);
            break;
        }
        assert_int_equal(err, NZ_E_NOMEM);
        assert_null(s);
        assert_int_equal(nz_live_allocations(), before);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_passes_as_it_is),
        cmocka_unit_test(gzip_is_found_by_content),
        cmocka_unit_test(faults_of_gzip_have_a_place),
        cmocka_unit_test(a_pipe_may_bring_bytes_one_by_one),
        cmocka_unit_test(standard_input_is_read_and_left_open),
        cmocka_unit_test(what_cannot_be_read_is_refused),
        cmocka_unit_test(a_signal_ends_a_wait),
        cmocka_unit_test(a_stop_ends_a_wait),
        cmocka_unit_test(memory_that_runs_out_is_an_error),
    };
    return cmocka_run_group_tests(tests, make_folder, drop_folder);
}
