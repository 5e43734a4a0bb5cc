/* The scan: one order whatever the number of workers, each record once, updates, bounds, and early ends. */
#include "trail/scan.h"
#include "trail/seen.h"
#include "trail/tally.h"

#include "support/faults.h"
#include "support/files.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[64];

static void file_write(const char *name, const char *text)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

#define RECORD(id, more) "{\"eventVersion\":\"1.08\",\"eventTime\":\"2024-05-0" more ",\"eventID\":\"" id "\"}"
#define DAY(n) n "T00:00:00Z\",\"eventName\":\"N\""

static int make_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/nz-scan-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    file_write("a.json", "{\"Records\":[" RECORD("one", DAY("1")) "," RECORD("two", DAY("2")) "]}");
    file_write("b.json", "{\"Records\":[" RECORD("two", DAY("2")) ",7," RECORD("three", DAY("3")) "]}");
    file_write("c.json", "no log at all");
    file_write(
        "d.json",
        RECORD("four", DAY("4") ",\"addendum\":{\"reason\":\"UPDATED_DATA\",\"originalEventID\":\"one\"}") "\n" RECORD(
            "five", DAY("5") ",\"addendum\":{\"reason\":\"UPDATED_DATA\",\"originalEventID\":\"six\"}"));
    file_write("e.json", "[" RECORD("six", DAY("6")) "," RECORD(
                             "seven", DAY("7")) ",{\"eventName\":\"without id\"},{\"eventName\":\"without id\"}]");
    /* an update under the eventID of the record it takes the place of, by name and without */
    file_write("f.json",
               RECORD("same", DAY("1")) "\n" RECORD(
                   "same",
                   DAY("2") ",\"addendum\":{\"reason\":\"UPDATED_DATA\","
                            "\"originalEventID\":\"same\"}") "\n" RECORD("same", DAY("2") ",\"addendum\":{\"reason\":"
                                                                                          "\"UPDATED_DATA\"}"));
    char name[32], text[4096];
    for (int i = 0; i < 60; i++) { /* enough files that workers overtake one another */
        size_t n = 0;
        for (int r = 0; r < 12; r++)
            n += (size_t)snprintf(text + n, sizeof text - n, RECORD("many-%d", DAY("8")) "\n", i * 5 + r);
        snprintf(name, sizeof name, "many-%02d.json", i);
        file_write(name, text);
    }
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

struct sink {
    struct nz_buf out;
    atomic_uint workers_open;
    bool stop_at_problem;
    unsigned accept_most; /* 0: all */
    unsigned accepted;
    unsigned dawdles;    /* 0: never */
    atomic_bool on_disk; /* a file without a name was seen */
};

static enum nz_err worker_open(void *self, void **worker)
{
    struct sink *s = self;
    s->workers_open++;
    *worker = s;
    return NZ_OK;
}

static void worker_close(void *self, void *worker)
{
    assert_ptr_equal(self, worker);
    ((struct sink *)self)->workers_open--;
}

/* Some records take their time, so that workers overtake one another in ever new ways. */
static void dawdle(const struct sink *s, struct nz_str record)
{
    if (s->dawdles && nz_str_hash(record) % 16 == s->dawdles % 16)
        nanosleep(&(struct timespec){.tv_nsec = 200000}, NULL);
}

static enum nz_err on_record(void *worker, const struct nz_event *ev, struct nz_buf *payload)
{
    dawdle(worker, nz_json_source(nz_event_root(ev)));
    nz_buf_append(payload, nz_json_source(nz_event_root(ev)));
    return NZ_OK;
}

static enum nz_err on_accept(void *self, const struct nz_scan_record *record, struct nz_str payload)
{
    struct sink *s = self;
    size_t at = nz_str_find(payload, NZ_STR("eventID\":\""));
    struct nz_str id = at == SIZE_MAX ? NZ_STR("-") : nz_str_skip(payload, at + 10);
    id.n = at == SIZE_MAX ? 1 : (size_t)((char *)memchr(id.p, '"', id.n) - id.p);
    nz_buf_printf(&s->out, "%.*s %llu %.*s%s\n", NZ_STR_ARG(nz_str_skip(record->file, strlen(folder) + 1)),
                  (unsigned long long)record->record, NZ_STR_ARG(id), record->updates_seen ? " updates" : "");
    s->accepted++;
    return s->accept_most && s->accepted == s->accept_most ? NZ_E_STOPPED : nz_buf_status(&s->out);
}

static enum nz_err on_problem(void *self, const struct nz_diag *diag)
{
    struct sink *s = self;
    nz_buf_printf(&s->out, "! %.*s %s\n", NZ_STR_ARG(nz_str_skip(diag->file, strlen(folder) + 1)),
                  nz_err_name(diag->code));
    return s->stop_at_problem ? NZ_E_STOPPED : nz_buf_status(&s->out);
}

static const struct nz_scan_ops ops = {
    .worker_open = worker_open,
    .worker_close = worker_close,
    .record = on_record,
    .accept = on_accept,
    .problem = on_problem,
};

static enum nz_err scan_with(struct sink *s, struct nz_scan_opts opts, struct nz_scan_stats *stats)
{
    const char *paths[] = {folder};
    opts.paths = paths;
    opts.paths_count = 1;
    struct nz_scan *scan;
    nz_buf_init(&s->out, 0);
    s->accepted = 0;
    enum nz_err err = nz_scan_new(&opts, &ops, s, &scan);
    if (err == NZ_OK) {
        err = nz_scan_run(scan);
        if (stats)
            *stats = *nz_scan_stats(scan);
        nz_scan_free(scan);
    }
    assert_int_equal(s->workers_open, 0);
    return err;
}

static void order_does_not_depend_on_workers(void **state)
{
    (void)state;
    struct sink alone = {0}, s = {0};
    struct nz_scan_stats stats;
    assert_int_equal(scan_with(&alone, (struct nz_scan_opts){.workers = 1}, &stats), NZ_OK);
    static const char head[] =
        "a.json 0 one\na.json 1 two\n! b.json NZ_E_RECORD_NOT_OBJECT\nb.json 2 three\n"
        "! c.json NZ_E_NOT_A_LOG\nd.json 0 four updates\nd.json 1 five\ne.json 1 seven\ne.json 2 -\n"
        "e.json 3 -\nf.json 0 same\nf.json 1 same updates\nmany-00.json 0 many-0\n";
    if (!nz_str_starts_with(nz_buf_view(&alone.out), nz_str_from_c(head)))
        fail_msg("%.*s", NZ_STR_ARG(nz_str_head(nz_buf_view(&alone.out), sizeof head)));
    assert_int_equal(stats.files, 66);
    assert_int_equal(stats.records, 4 + 2 + 4 + 3 + 60 * 12);
    assert_int_equal(stats.duplicates, 1 + 1 + 59 * 7);
    assert_int_equal(stats.replaced, 3);
    assert_int_equal(stats.problems, 2);
    for (unsigned workers = 2; workers <= 9; workers++) {
        s.dawdles = workers;
        assert_int_equal(scan_with(&s, (struct nz_scan_opts){.workers = workers}, NULL), NZ_OK);
        assert_true(nz_str_eq(nz_buf_view(&s.out), nz_buf_view(&alone.out)));
        nz_buf_release(&s.out);
    }
    nz_buf_release(&alone.out);
}

static void duplicates_may_be_kept(void **state)
{
    (void)state;
    struct sink s = {0};
    struct nz_scan_stats stats;
    assert_int_equal(scan_with(&s, (struct nz_scan_opts){.workers = 2, .keep_duplicates = true}, &stats), NZ_OK);
    assert_int_equal(stats.duplicates, 0);
    assert_int_equal(s.accepted, 4 + 2 + 3 + 3 + 60 * 12);
    nz_buf_release(&s.out);
}

static void times_cut_the_records(void **state)
{
    (void)state;
    struct sink s = {0};
    struct nz_scan_opts opts = {.workers = 3, .has_since = true, .has_until = true};
    struct nz_scan_stats stats;
    assert_true(nz_time_parse(NZ_STR("2024-05-02"), &opts.since));
    assert_true(nz_time_parse(NZ_STR("2024-05-05"), &opts.until));
    assert_int_equal(scan_with(&s, opts, &stats), NZ_OK);
    /* two, three, four, same as it was updated, and the two records that have no time */
    assert_int_equal(s.accepted, 6);
    nz_buf_release(&s.out);
}

static void strict_stops_at_the_first_problem(void **state)
{
    (void)state;
    for (unsigned workers = 1; workers <= 8; workers++) {
        struct sink s = {.stop_at_problem = true};
        assert_int_equal(scan_with(&s, (struct nz_scan_opts){.workers = workers}, NULL), NZ_E_STOPPED);
        assert_true(
            nz_str_eq(nz_buf_view(&s.out), NZ_STR("a.json 0 one\na.json 1 two\n! b.json NZ_E_RECORD_NOT_OBJECT\n")));
        nz_buf_release(&s.out);
    }
}

static void accept_may_stop_anywhere(void **state)
{
    (void)state;
    for (unsigned most = 1; most < 40; most++) {
        struct sink s = {.accept_most = most};
        assert_int_equal(scan_with(&s, (struct nz_scan_opts){.workers = 1 + most % 4}, NULL), NZ_E_STOPPED);
        assert_int_equal(s.accepted, most);
        nz_buf_release(&s.out);
    }
}

static void each_allocation_may_fail(void **state)
{
    (void)state;
    long before = nz_live_allocations();
    for (unsigned nth = 0;; nth += nth < 60 ? 1 : 7) {
        struct sink s = {0};
        nz_fault_arm(nth);
        enum nz_err err = scan_with(&s, (struct nz_scan_opts){.workers = 1}, NULL);
        nz_fault_disarm();
        nz_buf_release(&s.out);
        if (nz_live_allocations() != before)
            fail_msg("allocation %u failed: %ld blocks lost", nth, nz_live_allocations() - before);
        if (!nz_fault_fired())
            break;
        assert_int_not_equal(err, NZ_OK);
    }
}

/* --- a worker that is far ahead --- */

#define PAD_BYTES 4096u
#define AHEAD_RECORDS 3000u /* of 4 KB: past the queue of a worker */

static char ahead_folder[64];
static char pad[PAD_BYTES];

static enum nz_err on_padded_record(void *worker, const struct nz_event *ev, struct nz_buf *payload)
{
    struct sink *s = worker;
    const struct nz_str record = nz_json_source(nz_event_root(ev));
    /* the first file's worker waits until the other one has written to disk, or has had time to */
    for (unsigned i = 0; nz_str_find(record, NZ_STR("\"first\"")) != SIZE_MAX && i < s->dawdles; i++) {
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
        if (nz_test_unnamed_bytes(ahead_folder) > 1 << 20) {
            s->on_disk = true;
            break;
        }
    }
    nz_buf_append(payload, record);
    nz_buf_append(payload, nz_str_of(pad, sizeof pad));
    return NZ_OK;
}

static enum nz_err on_padded_accept(void *self, const struct nz_scan_record *record, struct nz_str payload)
{
    assert_memory_equal(payload.p + payload.n - sizeof pad, pad, sizeof pad);
    return on_accept(self, record, nz_str_head(payload, payload.n - sizeof pad));
}

static enum nz_err scan_ahead(struct sink *s, unsigned workers)
{
    static const struct nz_scan_ops padded = {
        .worker_open = worker_open,
        .worker_close = worker_close,
        .record = on_padded_record,
        .accept = on_padded_accept,
        .problem = on_problem,
    };
    char logs[80];
    snprintf(logs, sizeof logs, "%s/logs", ahead_folder);
    const char *paths[] = {logs};
    struct nz_scan *scan;
    nz_buf_init(&s->out, 0);
    s->accepted = 0;
    assert_int_equal(
        nz_scan_new(&(struct nz_scan_opts){.workers = workers, .paths = paths, .paths_count = 1}, &padded, s, &scan),
        NZ_OK);
    enum nz_err err = nz_scan_run(scan);
    nz_scan_free(scan);
    assert_int_equal(nz_test_unnamed_bytes(ahead_folder), 0);
    return err;
}

/* The first file has few records, of which the first takes long; the others have many. */
static void make_ahead(void)
{
    char path[160];
    strcpy(ahead_folder, "/tmp/nz-ahead-XXXXXX");
    assert_non_null(mkdtemp(ahead_folder));
    snprintf(path, sizeof path, "%s/logs", ahead_folder);
    assert_int_equal(mkdir(path, 0700), 0);
    for (unsigned file = 0; file < 3; file++) {
        snprintf(path, sizeof path, "%s/logs/%u.json", ahead_folder, file);
        FILE *f = fopen(path, "wb");
        assert_non_null(f);
        for (unsigned i = 0; i < (file ? AHEAD_RECORDS : 2); i++)
            fprintf(f, "{\"eventVersion\":\"1.08\",\"eventName\":\"%s\",\"eventID\":\"%u-%u\"}\n",
                    file + i ? "other" : "first", file, i);
        fclose(f);
    }
    for (unsigned i = 0; i < PAD_BYTES; i++)
        pad[i] = (char)i;
}

static void what_is_ahead_waits_on_disk(void **state)
{
    (void)state;
    struct sink alone = {0}, s = {.dawdles = 5000};
    struct rlimit before, small = {.rlim_cur = 300000};
    make_ahead();
    assert_int_equal(setenv("TMPDIR", ahead_folder, 1), 0);
    assert_int_equal(scan_ahead(&alone, 1), NZ_OK);
    assert_int_equal(alone.accepted, 2 + 2 * AHEAD_RECORDS);
    for (unsigned workers = 2; workers <= 4; workers++) {
        s.on_disk = false;
        assert_int_equal(scan_ahead(&s, workers), NZ_OK);
        assert_true(s.on_disk);
        assert_true(nz_str_eq(nz_buf_view(&s.out), nz_buf_view(&alone.out)));
        nz_buf_release(&s.out);
    }
    s.accept_most = 1000; /* an early end, while chunks wait there */
    assert_int_equal(scan_ahead(&s, 3), NZ_E_STOPPED);
    assert_int_equal(s.accepted, 1000);
    nz_buf_release(&s.out);

    /* a disk that is full after a few chunks, and no folder at all: it waits, and loses nothing */
    s = (struct sink){.dawdles = 50};
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small.rlim_max = before.rlim_max;
    signal(SIGXFSZ, SIG_IGN); /* then write says EFBIG, as it says ENOSPC on a full disk */
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    assert_int_equal(scan_ahead(&s, 3), NZ_OK);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, SIG_DFL);
    assert_true(nz_str_eq(nz_buf_view(&s.out), nz_buf_view(&alone.out)));
    nz_buf_release(&s.out);
    assert_int_equal(setenv("TMPDIR", "/nonexistent/nezuban", 1), 0);
    assert_int_equal(scan_ahead(&s, 3), NZ_OK);
    assert_true(nz_str_eq(nz_buf_view(&s.out), nz_buf_view(&alone.out)));
    nz_buf_release(&s.out);
    unsetenv("TMPDIR");
    nz_buf_release(&alone.out);
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", ahead_folder);
    assert_int_equal(system(command), 0);
}

static uint64_t fold(uint64_t a, uint64_t b)
{
    __extension__ unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Two texts that meet in all bits of the hash without a key: a second word that undoes whatever the first one did. */
static void ids_do_not_collide_on_purpose(void **state)
{
    (void)state;
    uint64_t texts[2][2] = {{0x3131313131313131u, 0}, {0x3232323232323232u, 0}};
    struct nz_str a = nz_str_of((const char *)texts[0], 16), b = nz_str_of((const char *)texts[1], 16);
    for (size_t i = 0; i < 2; i++)
        texts[i][1] = fold(0x9e3779b97f4a7c15u ^ 16 ^ texts[i][0], 0xd6e8feb86659fd93u);
    assert_true(nz_str_hash(a) == nz_str_hash(b));
    struct nz_hash_key key = nz_hash_key_new(), other = nz_hash_key_new();
    assert_false(nz_seen_id(&key, a) == nz_seen_id(&key, b));
    assert_true(nz_seen_id(&key, a) == nz_seen_id(&key, a));
    assert_false(nz_seen_id(&key, a) == nz_seen_id(&other, a));
}

static void seen_forgets_only_past_its_bound(void **state)
{
    (void)state;
    struct nz_seen seen = {0};
    bool there;
    for (uint64_t i = 1; i <= NZ_SEEN_IDS + 1000; i++) {
        assert_int_equal(nz_seen_add(&seen, i * 0x9e3779b97f4a7c15u, &there), NZ_OK);
        assert_false(there);
    }
    for (uint64_t i = 1; i <= NZ_SEEN_IDS + 1000; i += 97)
        assert_true(nz_seen_has(&seen, i * 0x9e3779b97f4a7c15u));
    for (uint64_t i = NZ_SEEN_IDS + 1001; i <= 2 * NZ_SEEN_IDS + 1; i++)
        assert_int_equal(nz_seen_add(&seen, i * 0x9e3779b97f4a7c15u, &there), NZ_OK);
    assert_false(nz_seen_has(&seen, 0x9e3779b97f4a7c15u)); /* the first generation is gone */
    assert_true(nz_seen_has(&seen, (NZ_SEEN_IDS + 1001) * 0x9e3779b97f4a7c15u));
    nz_seen_release(&seen);
    nz_seen_release(&seen);
}

static void tally_counts_and_is_bounded(void **state)
{
    (void)state;
    struct nz_tally t;
    char name[32];
    nz_tally_init(&t);
    for (size_t i = 0; i < NZ_TALLY_NAMES_MAX + 10; i++) {
        snprintf(name, sizeof name, "n%zu", i);
        assert_int_equal(nz_tally_add(&t, nz_str_from_c(name), NULL), NZ_OK);
    }
    const nz_time later = {.us = 20}, earlier = {.us = 10};
    assert_int_equal(nz_tally_add(&t, NZ_STR("n7"), &later), NZ_OK);
    assert_int_equal(nz_tally_add(&t, NZ_STR("n7"), &earlier), NZ_OK);
    nz_tally_sort(&t);
    assert_int_equal(t.count, NZ_TALLY_NAMES_MAX);
    assert_int_equal(t.others, 10);
    assert_true(nz_str_eq(t.rows[0].name, NZ_STR("n7")));
    assert_int_equal(t.rows[0].count, 3);
    assert_int_equal(t.rows[0].first.us, 10);
    assert_int_equal(t.rows[0].last.us, 20);
    nz_tally_release(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order_does_not_depend_on_workers),
        cmocka_unit_test(duplicates_may_be_kept),
        cmocka_unit_test(times_cut_the_records),
        cmocka_unit_test(strict_stops_at_the_first_problem),
        cmocka_unit_test(accept_may_stop_anywhere),
        cmocka_unit_test(each_allocation_may_fail),
        cmocka_unit_test(what_is_ahead_waits_on_disk),
        cmocka_unit_test(ids_do_not_collide_on_purpose),
        cmocka_unit_test(seen_forgets_only_past_its_bound),
        cmocka_unit_test(tally_counts_and_is_bounded),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
