/* detector: what a finding brings along for a report: the rule's own words, and the records of the first findings. */
#include "detect/detector.h"

#include "detect/whos.h"
#include "support/detecting.h"
#include "support/faults.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static const char rule_text[] = "title: A user made\n"
                                "title_ja: ユーザー\n"
                                "id: 11111111-1111-4111-8111-111111111111\n"
                                "description: Somebody made a user.\n"
                                "description_ja: 作られた\n"
                                "references: [https://a.example/, '', [x], {y: z}, https://b.example/]\n"
                                "falsepositives: A new colleague\n"
                                "next_steps:\n"
                                "    - Ask who did it\n"
                                "next_steps_ja:\n"
                                "    - 聞く\n"
                                "    - 消す\n"
                                "logsource: {product: aws, service: cloudtrail}\n"
                                "detection: {selection: {eventName: CreateUser}, condition: selection}\n"
                                "level: high\n";

struct seen {
    size_t findings, with_record;
    struct nz_detection_guide guide; /* of the last */
    size_t longest;                  /* record text */
};

static enum nz_err on_finding(void *self, const struct nz_detection *d, enum nz_level level)
{
    struct seen *seen = self;
    assert_int_equal(level, NZ_LEVEL_HIGH);
    seen->findings++;
    seen->guide = d->guide;
    if (d->record_text.p) {
        seen->with_record++;
        assert_true(nz_str_starts_with(d->record_text, NZ_STR("{\"eventName\":\"CreateUser\",\"eventID\":\"e")));
        seen->longest = d->record_text.n > seen->longest ? d->record_text.n : seen->longest;
    }
    return NZ_OK;
}

static const struct nz_detector_sink sink = {.finding = on_finding};

/* Texts of events, each with a file of its own or that of the one before. */
static enum nz_err feed_events(struct nz_detector *d, const char *const *events, const char *const *files, size_t count)
{
    struct nz_detector_worker *w = NULL;
    struct nz_diag diag = NZ_DIAG_INIT;
    struct nz_buf payload;
    struct nz_json_doc doc;
    nz_buf_init(&payload, 0);
    nz_json_doc_init(&doc);
    enum nz_err err = nz_detector_worker_new(d, &w);
    for (size_t i = 0; i < count && !err; i++) {
        struct nz_json root;
        struct nz_event ev;
        nz_buf_clear(&payload);
        if ((err = nz_json_parse(&doc, nz_str_from_c(events[i]), &root, &diag)))
            break;
        nz_event_from_json(root, &ev);
        err = nz_detector_run(w, &ev, &payload);
        if (!err)
            err = nz_detector_take(d, nz_str_from_c(files[i]), i, i + 1, nz_buf_view(&payload), &diag);
    }
    nz_detector_worker_free(w);
    nz_json_doc_release(&doc);
    nz_buf_release(&payload);
    return err;
}

static enum nz_err feed(struct nz_detector *d, struct nz_detector_worker *w, unsigned count, const char *more)
{
    struct nz_buf text, payload;
    struct nz_json_doc doc;
    enum nz_err err = NZ_OK;
    nz_buf_init(&text, 0);
    nz_buf_init(&payload, 0);
    nz_json_doc_init(&doc);
    for (unsigned i = 0; i < count && !err; i++) {
        struct nz_diag diag = NZ_DIAG_INIT;
        struct nz_json root;
        struct nz_event ev;
        nz_buf_clear(&text);
        nz_buf_clear(&payload);
        nz_buf_printf(&text, "{ \"eventName\" : \"CreateUser\", \"eventID\": \"e%u\", \"x\": \"%s\" }", i, more);
        if (!(err = nz_buf_status(&text)) && !(err = nz_json_parse(&doc, nz_buf_view(&text), &root, &diag))) {
            nz_event_from_json(root, &ev);
            err = nz_detector_run(w, &ev, &payload);
        }
        if (!err)
            err = nz_detector_take(d, NZ_STR("f"), i, i + 1, nz_buf_view(&payload), &diag);
    }
    nz_json_doc_release(&doc);
    nz_buf_release(&text);
    nz_buf_release(&payload);
    return err;
}

/* per_rule 0: nothing is kept. */
static enum nz_err detect(const struct nz_ruleset *rs, bool japanese, uint32_t per_rule, unsigned count,
                          const char *more, struct seen *seen)
{
    struct nz_detector *d;
    struct nz_detector_worker *w = NULL;
    struct nz_diag diag = NZ_DIAG_INIT;
    enum nz_err err = nz_detector_new(rs, 1 << 16, japanese, &d);
    if (!err && per_rule)
        err = nz_detector_keep_records(d, per_rule);
    if (!err)
        err = nz_detector_worker_new(d, &w);
    if (!err)
        err = feed(d, w, count, more);
    if (!err)
        err = nz_detector_finish(d, &sink, seen, &diag);
    nz_detector_worker_free(w);
    nz_detector_free(d);
    return err;
}

static struct nz_ruleset *rules(void)
{
    const struct nz_str text = nz_str_from_c(rule_text), path = NZ_STR("r.yml");
    return nz_test_rules(&text, &path, 1);
}

static void assert_list(struct nz_text_list list, const char *first, const char *second)
{
    assert_int_equal(list.count, second ? 2 : 1);
    assert_true(nz_str_eq(list.items[0], nz_str_from_c(first)));
    assert_true(!second || nz_str_eq(list.items[1], nz_str_from_c(second)));
}

static void a_finding_has_the_rules_own_words(void **state)
{
    (void)state;
    struct nz_ruleset *rs = rules();
    struct seen seen = {0};
    assert_int_equal(detect(rs, false, 0, 1, "", &seen), NZ_OK);
    assert_int_equal(seen.findings, 1);
    assert_true(nz_str_eq(seen.guide.description, NZ_STR("Somebody made a user.")));
    assert_list(seen.guide.falsepositives, "A new colleague", NULL);
    assert_list(seen.guide.next_steps, "Ask who did it", NULL);
    assert_list(seen.guide.references, "https://a.example/", "https://b.example/");

    assert_int_equal(detect(rs, true, 0, 1, "", &seen), NZ_OK);
    assert_true(nz_str_eq(seen.guide.description, NZ_STR("作られた")));
    assert_list(seen.guide.falsepositives, "A new colleague", NULL); /* English where there is no Japanese */
    assert_list(seen.guide.next_steps, "聞く", "消す");
    nz_ruleset_free(rs);
}

static void records_are_kept_for_the_first_findings_alone(void **state)
{
    (void)state;
    struct nz_ruleset *rs = rules();
    struct seen none = {0}, some = {0};
    assert_int_equal(detect(rs, false, 0, 10, "", &none), NZ_OK);
    assert_int_equal(none.findings, 10);
    assert_int_equal(none.with_record, 0);
    assert_int_equal(detect(rs, false, 3, 10, "", &some), NZ_OK);
    assert_int_equal(some.findings, 10);
    assert_int_equal(some.with_record, 3);
    nz_ruleset_free(rs);
}

static void a_long_record_is_cut(void **state)
{
    (void)state;
    struct nz_ruleset *rs = rules();
    struct seen seen = {0};
    char *more = malloc(100001);
    assert_non_null(more);
    memset(more, 'x', 100000);
    more[100000] = '\0';
    assert_int_equal(detect(rs, false, 3, 1, more, &seen), NZ_OK);
    assert_int_equal(seen.longest, NZ_KEPT_RECORD_BYTES_MAX);
    free(more);
    nz_ruleset_free(rs);
}

/* Hides every second one. */
static bool on_hidden(void *self, const struct nz_detection *d)
{
    (void)self;
    return (d->event_id.p[d->event_id.n - 1] - '0') % 2 == 1;
}

static void what_is_hidden_is_counted_apart(void **state)
{
    (void)state;
    static const struct nz_detector_sink hiding = {.finding = on_finding, .is_hidden = on_hidden};
    struct nz_ruleset *rs = rules();
    struct nz_detector *d;
    struct nz_detector_worker *w;
    struct nz_diag diag = NZ_DIAG_INIT;
    struct seen seen = {0};
    assert_int_equal(nz_detector_new(rs, 1 << 16, false, &d), NZ_OK);
    assert_int_equal(nz_detector_worker_new(d, &w), NZ_OK);
    assert_int_equal(feed(d, w, 5, ""), NZ_OK);
    assert_int_equal(nz_detector_finish(d, &hiding, &seen, &diag), NZ_OK);
    assert_int_equal(seen.findings, 3);
    assert_int_equal(nz_detector_stats(d)->findings, 3);
    assert_int_equal(nz_detector_stats(d)->hidden, 2);
    assert_int_equal(nz_detector_stats(d)->records_hit, 3);
    nz_detector_worker_free(w);
    nz_detector_free(d);
    nz_ruleset_free(rs);
}

/* --- forms: the same findings, with less of their records --- */

static const char *const events[] = {
    "{\"eventName\":\"CreateUser\",\"eventID\":\"e0\",\"eventTime\":\"2026-06-24T17:00:00Z\",\"awsRegion\":\"r\","
    "\"userIdentity\":{\"type\":\"x\",\"arn\":\"arn:a\"},\"sourceIPAddress\":\"10.0.0.1\",\"userAgent\":"
    "\"\\u0041\\n\"}",
    "{\"eventName\":\"CreateUser\",\"eventID\":\"e1\",\"eventTime\":\"2026-06-24T17:00:01Z\",\"awsRegion\":\"r\","
    "\"userIdentity\":{\"arn\":\"arn:a\"},\"sourceIPAddress\":\"10.0.0.1\",\"errorCode\":null}",
    "{\"eventName\":\"CreateUser\",\"userIdentity\":{\"accountId\":1,\"arn\":null,\"type\":\"Root\"}}",
};
static const char *const files[] = {"f", "f", "g"};
#define EVENTS 3u

struct forms {
    struct nz_buf lines; /* rendered */
    uint32_t whos[EVENTS];
    size_t count;
};

static enum nz_err render(void *self, const struct nz_detection *d, enum nz_level level)
{
    struct forms *f = self;
    (void)level;
    nz_detection_append_json(&f->lines, d);
    f->whos[f->count++] = d->who;
    return nz_buf_status(&f->lines);
}

static enum nz_err detect_as(const struct nz_ruleset *rs, enum nz_detector_form form, struct forms *f)
{
    static const struct nz_detector_sink rendering = {.finding = render};
    struct nz_detector *d;
    struct nz_diag diag = NZ_DIAG_INIT;
    nz_buf_clear(&f->lines);
    f->count = 0;
    enum nz_err err = nz_detector_new(rs, 1 << 16, false, &d);
    if (!err) {
        nz_detector_set_form(d, form);
        err = feed_events(d, events, files, EVENTS);
    }
    if (!err)
        err = nz_detector_finish(d, &rendering, f, &diag);
    nz_detector_free(d);
    return err;
}

static void rendered_in_the_worker_is_the_same(void **state)
{
    (void)state;
    struct nz_ruleset *rs = rules();
    struct forms texts = {.count = 0}, json = {.count = 0}, sums = {.count = 0};
    assert_int_equal(detect_as(rs, NZ_DETECTOR_TEXTS, &texts), NZ_OK);
    assert_int_equal(detect_as(rs, NZ_DETECTOR_JSON, &json), NZ_OK);
    assert_int_equal(detect_as(rs, NZ_DETECTOR_SUMS, &sums), NZ_OK);
    assert_true(nz_str_eq(nz_buf_view(&texts.lines), nz_buf_view(&json.lines)));
    assert_true(nz_str_find(nz_buf_view(&json.lines), NZ_STR("\"user_agent\":\"A\\n\"")) != SIZE_MAX);
    assert_true(nz_str_find(nz_buf_view(&json.lines), NZ_STR("\"file\":\"g\",\"record\":2")) != SIZE_MAX);
    assert_int_equal(sums.count, EVENTS);
    assert_int_not_equal(sums.whos[0], 0);
    assert_int_equal(sums.whos[0], sums.whos[1]);
    assert_int_not_equal(sums.whos[0], sums.whos[2]);
    assert_true(nz_str_find(nz_buf_view(&sums.lines),
                            NZ_STR("\"event_time\":\"2026-06-24T17:00:01Z\",\"event_name\":null,"
                                   "\"actor\":\"arn:a\",\"source_ip\":\"10.0.0.1\",\"region\":\"r\"")) != SIZE_MAX);
    assert_true(nz_str_find(nz_buf_view(&sums.lines), NZ_STR("\"actor\":\"Root\",\"source_ip\":null")) != SIZE_MAX);
    nz_buf_release(&texts.lines);
    nz_buf_release(&json.lines);
    nz_buf_release(&sums.lines);
    nz_ruleset_free(rs);
}

static void whos_are_numbered_up_to_a_bound(void **state)
{
    (void)state;
    struct nz_whos whos;
    uint32_t number, some = 0;
    char text[32];
    nz_whos_init(&whos);
    for (uint32_t i = 0; i < NZ_WHOS_MAX + 100; i++) {
        const struct nz_str who = nz_str_of(text, (size_t)snprintf(text, sizeof text, "who %u", i));
        assert_int_equal(nz_whos_number(&whos, who, &number), NZ_OK);
        assert_true(number <= NZ_WHOS_MAX && (i >= NZ_WHOS_MAX || number == 0 || number > some));
        assert_true(number == 0 || nz_str_eq(nz_whos_text(&whos, number), who));
        some = number ? number : some;
    }
    assert_int_equal(whos.count, NZ_WHOS_MAX);
    assert_int_equal(nz_whos_number(&whos, NZ_STR("who 0"), &number), NZ_OK);
    assert_int_equal(number, 1);
    nz_whos_release(&whos);

    const size_t large_bytes = NZ_WHOS_BYTES_MAX / 2 + 1;
    char *large = calloc(large_bytes, 1);
    assert_non_null(large);
    assert_int_equal(nz_whos_number(&whos, nz_str_of(large, large_bytes), &number), NZ_OK);
    assert_int_equal(number, 1);
    large[0] = 1;
    assert_int_equal(nz_whos_number(&whos, nz_str_of(large, large_bytes), &number), NZ_OK);
    assert_int_equal(number, 0);
    free(large);
    nz_whos_release(&whos);
}

static void memory_that_runs_out_is_an_error(void **state)
{
    (void)state;
    struct nz_ruleset *rs = rules();
    long before = nz_live_allocations();
    for (unsigned nth = 0; nth < 1000; nth++) {
        struct seen seen = {0};
        nz_fault_arm(nth);
        struct forms forms = {.count = 0};
        enum nz_err err = detect(rs, false, 2, 3, "y", &seen);
        if (!err)
            err = detect_as(rs, NZ_DETECTOR_JSON, &forms);
        if (!err)
            err = detect_as(rs, NZ_DETECTOR_SUMS, &forms);
        nz_buf_release(&forms.lines);
        bool fired = nz_fault_fired();
        nz_fault_disarm();
        assert_int_equal(err, fired ? NZ_E_NOMEM : NZ_OK);
        assert_int_equal(nz_live_allocations(), before);
        if (!fired) {
            nz_ruleset_free(rs);
            return;
        }
    }
    fail_msg("no end of allocations");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_finding_has_the_rules_own_words),
        cmocka_unit_test(records_are_kept_for_the_first_findings_alone),
        cmocka_unit_test(a_long_record_is_cut),
        cmocka_unit_test(what_is_hidden_is_counted_apart),
        cmocka_unit_test(rendered_in_the_worker_is_the_same),
        cmocka_unit_test(whos_are_numbered_up_to_a_bound),
        cmocka_unit_test(memory_that_runs_out_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
