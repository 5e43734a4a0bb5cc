/* The record reader: every shape, every fault, cut at every byte, and each allocation failing. A case is a folder
 * tests/cases/reader/<case>/ with `input` and `expect`: one line a record ("0 ID"), one a problem ("! CODE @offset #record"). */
#include "events/reader.h"

#include "support/faults.h"
#include "support/files.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

struct feed {
    struct nz_str input;
    size_t at, step_bytes; /* 0: as much as there is room for */
    struct nz_buf out;
};

static enum nz_err feed_read(void *self, char *out, size_t room, size_t *written, struct nz_diag *diag)
{
    struct feed *f = self;
    (void)diag;
    size_t n = f->input.n - f->at;
    if (f->step_bytes && n > f->step_bytes)
        n = f->step_bytes;
    if (n > room)
        n = room;
    memcpy(out, f->input.p + f->at, n);
    f->at += n;
    *written = n;
    return NZ_OK;
}

static enum nz_err feed_event(void *self, const struct nz_event *ev, uint64_t record)
{
    struct feed *f = self;
    struct nz_buf scratch;
    struct nz_event_summary s;
    nz_buf_init(&scratch, 0);
    nz_event_summarize(ev, &scratch, &s);
    enum nz_err err = nz_buf_status(&scratch);
    nz_buf_printf(&f->out, "%llu %.*s\n", (unsigned long long)record, NZ_STR_ARG(s.event_id));
    nz_buf_release(&scratch);
    return err != NZ_OK ? err : nz_buf_status(&f->out);
}

static enum nz_err feed_problem(void *self, const struct nz_diag *diag)
{
    struct feed *f = self;
    nz_buf_printf(&f->out, "! %s @%lld #%llu\n", nz_err_name(diag->code), (long long)diag->offset,
                  (unsigned long long)diag->record);
    return nz_buf_status(&f->out);
}

static const struct nz_event_reader_ops ops = {feed_read, feed_event, feed_problem};

static enum nz_err run(struct feed *f, size_t window_bytes)
{
    struct nz_event_reader *r;
    struct nz_event_reader_stats stats;
    f->at = 0;
    nz_buf_init(&f->out, 0);
    enum nz_err err = nz_event_reader_new(window_bytes, &r);
    if (err == NZ_OK)
        err = nz_event_reader_run(r, &ops, f, &stats);
    nz_event_reader_free(r);
    return err;
}

static void expect_output(struct feed *f, size_t window_bytes, struct nz_str expect, const char *name)
{
    assert_int_equal(run(f, window_bytes), NZ_OK);
    if (!nz_str_eq(nz_buf_view(&f->out), expect))
        fail_msg("%s, window %zu, step %zu:\n%.*s", name, window_bytes, f->step_bytes,
                 NZ_STR_ARG(nz_buf_view(&f->out)));
    nz_buf_release(&f->out);
}

static size_t for_each_case(void (*visit)(const char *name, struct nz_str input, struct nz_str expect))
{
    const char *folder = nz_test_source("tests/cases/reader");
    assert_non_null(folder);
    char root[2048], path[4096];
    snprintf(root, sizeof root, "%s", folder);
    DIR *dir = opendir(root);
    size_t count = 0;
    for (struct dirent *e; (e = readdir(dir));) {
        if (e->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s/input", root, e->d_name);
        struct nz_str input = nz_test_read(path);
        snprintf(path, sizeof path, "%s/%s/expect", root, e->d_name);
        struct nz_str expect = nz_test_read(path);
        visit(e->d_name, input, expect);
        free((void *)(uintptr_t)input.p);
        free((void *)(uintptr_t)expect.p);
        count++;
    }
    closedir(dir);
    return count;
}

static void visit_cuts(const char *name, struct nz_str input, struct nz_str expect)
{
    static const size_t windows[] = {0, 64, 100, 257}, steps[] = {0, 1, 7};
    for (size_t w = 0; w < sizeof windows / sizeof windows[0]; w++) {
        for (size_t s = 0; s < sizeof steps / sizeof steps[0]; s++) {
            struct feed f = {.input = input, .step_bytes = steps[s]};
            expect_output(&f, windows[w], expect, name);
        }
    }
}

static void cases_hold_for_every_window(void **state)
{
    (void)state;
    assert_in_range(for_each_case(visit_cuts), 20, 1000);
}

/* The first read ends at each byte of the input in turn. */
static void visit_every_byte(const char *name, struct nz_str input, struct nz_str expect)
{
    for (size_t window = 64; window <= input.n && window < 700; window++) {
        struct feed f = {.input = input};
        expect_output(&f, window, expect, name);
    }
}

static void input_cut_at_every_byte(void **state)
{
    (void)state;
    for_each_case(visit_every_byte);
}

static void visit_faults(const char *name, struct nz_str input, struct nz_str expect)
{
    (void)name;
    (void)expect;
    long before = nz_live_allocations();
    for (unsigned nth = 0;; nth++) {
        struct feed f = {.input = input};
        nz_fault_arm(nth);
        enum nz_err err = run(&f, 64);
        nz_fault_disarm();
        nz_buf_release(&f.out);
        assert_int_equal(nz_live_allocations(), before);
        if (!nz_fault_fired()) {
            assert_int_equal(err, NZ_OK);
            break;
        }
        if (err != NZ_E_NOMEM)
            fail_msg("%s: allocation %u failed and the run said %s", name, nth, nz_err_name(err));
    }
}

static void each_allocation_may_fail(void **state)
{
    (void)state;
    for_each_case(visit_faults);
}

static void a_record_past_the_limit_is_named(void **state)
{
    (void)state;
    struct nz_buf text;
    nz_buf_init(&text, 0);
    nz_buf_append(&text, NZ_STR("{\"Records\":[{\"eventID\":\"a\",\"x\":\""));
    char *fill = nz_buf_reserve(&text, NZ_RECORD_BYTES_MAX + 10);
    memset(fill, 'x', NZ_RECORD_BYTES_MAX + 10);
    text.n += NZ_RECORD_BYTES_MAX + 10;
    nz_buf_append(&text,
                  NZ_STR("\"},{\"eventVersion\":\"1\",\"eventTime\":\"t\",\"eventName\":\"n\",\"eventID\":\"b\"}]}"));
    struct feed f = {.input = nz_buf_view(&text)};
    expect_output(&f, 0, NZ_STR("! NZ_E_RECORD_SIZE @12 #0\n1 b\n"), "large");
    nz_buf_release(&text);
}

static enum nz_err stop_at_problem(void *self, const struct nz_diag *diag)
{
    (void)self;
    (void)diag;
    return NZ_E_STOPPED;
}

static void a_callback_stops_the_run(void **state)
{
    (void)state;
    static const struct nz_event_reader_ops stopping = {feed_read, feed_event, stop_at_problem};
    struct feed f = {.input = NZ_STR("[{\"eventID\":\"a\"},7,{\"eventID\":\"b\"}]")};
    struct nz_event_reader *r;
    struct nz_event_reader_stats stats;
    nz_buf_init(&f.out, 0);
    assert_int_equal(nz_event_reader_new(0, &r), NZ_OK);
    assert_int_equal(nz_event_reader_run(r, &stopping, &f, &stats), NZ_E_STOPPED);
    assert_int_equal(stats.records, 1);
    nz_event_reader_free(r);
    nz_buf_release(&f.out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cases_hold_for_every_window), cmocka_unit_test(input_cut_at_every_byte),
        cmocka_unit_test(each_allocation_may_fail),    cmocka_unit_test(a_record_past_the_limit_is_named),
        cmocka_unit_test(a_callback_stops_the_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
