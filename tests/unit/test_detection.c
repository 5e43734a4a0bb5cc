/* detection: the NDJSON object, byte for byte as the contract has it, and read back by the project's JSON reader. */
#include "findings/detection.h"

#include "core/json.h"
#include "support/faults.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define S(literal)                                                                                                     \
    {                                                                                                                  \
        literal, sizeof(literal) - 1                                                                                   \
    }

static const struct nz_str tags[] = {S("attack.persistence"), S("attack.t1136")};

static struct nz_detection of_event(void)
{
    return (struct nz_detection){
        .kind = S("sigma"),
        .rule_id = S("r-1"),
        .title = S("Somebody \"made\" a user"),
        .level = S("high"),
        .tags = tags,
        .tags_count = 2,
        .event_id = S("e-1"),
        .event_time = S("2023-07-10T12:27:45Z"),
        .event_name = S("CreateUser"),
        .actor = S("arn:aws:iam::123456789012:user/x\n\x1b[31m"),
        .source_ip = S("10.0.0.1"),
        .region = S("us-east-1"),
        .account = S("123456789012"),
        .user_agent = S(""),
        .file = S("logs/\xff.json.gz"),
        .record = 0,
    };
}

static void assert_text(struct nz_buf *b, const char *want)
{
    nz_buf_append_char(b, '\0');
    assert_false(b->failed);
    assert_string_equal(b->p, want);
    nz_buf_release(b);
}

static void an_event_has_every_key_in_order(void **state)
{
    (void)state;
    struct nz_detection d = of_event();
    struct nz_buf b;
    nz_buf_init(&b, 0);
    nz_detection_append_json(&b, &d);
    assert_text(&b, "{\"kind\":\"sigma\",\"rule_id\":\"r-1\",\"title\":\"Somebody \\\"made\\\" a user\","
                    "\"level\":\"high\",\"event_id\":\"e-1\",\"event_time\":\"2023-07-10T12:27:45Z\","
                    "\"event_name\":\"CreateUser\",\"actor\":\"arn:aws:iam::123456789012:user/x\\n\\u001b[31m\","
                    "\"source_ip\":\"10.0.0.1\",\"region\":\"us-east-1\",\"account\":\"123456789012\","
                    "\"error_code\":null,\"user_agent\":\"\",\"tags\":[\"attack.persistence\",\"attack.t1136\"],"
                    "\"file\":\"logs/\xef\xbf\xbd.json.gz\",\"record\":0}");
}

/* The value in the column of this name; rows here have no quoted line ends. */
static void assert_cell(struct nz_str titles, struct nz_str row, const char *name, const char *want)
{
    size_t at = 0;
    for (struct nz_str left = titles; !nz_str_starts_with(left, nz_str_from_c(name)); at++) {
        size_t comma = nz_str_find(left, NZ_STR(","));
        assert_true(comma != SIZE_MAX);
        left = nz_str_skip(left, comma + 1);
    }
    for (; at > 0; at--) {
        bool quoted = row.n && row.p[0] == '"';
        size_t end = nz_str_find(row, quoted ? NZ_STR("\",") : NZ_STR(","));
        assert_true(end != SIZE_MAX);
        row = nz_str_skip(row, end + (quoted ? 2 : 1));
    }
    assert_true(nz_str_starts_with(row, nz_str_from_c(want)));
    row = nz_str_skip(row, strlen(want));
    assert_true(nz_str_starts_with(row, NZ_STR(",")) || nz_str_starts_with(row, NZ_STR("\r\n")));
}

static void a_row_of_csv_has_a_cell_for_each_title(void **state)
{
    (void)state;
    static const struct nz_str names[] = {S("userIdentity.arn"), S("sourceIPAddress")},
                               values[] = {S("=cmd"), {NULL, 0}};
    static const struct nz_str events[] = {S("e-1"), S("e-2")};
    struct nz_detection d = of_event();
    struct nz_buf titles, row, scratch;
    nz_buf_init(&titles, 0);
    nz_buf_init(&row, 0);
    nz_buf_init(&scratch, 0);
    d.user_agent = NZ_STR("=HYPERLINK(\"http://a/\")");
    nz_detection_append_csv_titles(&titles);
    nz_detection_append_csv(&row, &d, &scratch);
    struct nz_str t = nz_buf_view(&titles), r = nz_buf_view(&row);
    assert_cell(t, r, "level", "high");
    assert_cell(t, r, "title", "\"Somebody \"\"made\"\" a user\"");
    assert_cell(t, r, "actor", "\"arn:aws:iam::123456789012:user/x\n\\x1b[31m\"");
    assert_cell(t, r, "user_agent", "\"'=HYPERLINK(\"\"http://a/\"\")\"");
    assert_cell(t, r, "count", "");
    assert_cell(t, r, "tags", "attack.persistence attack.t1136");
    assert_cell(t, r, "file", "logs/\xef\xbf\xbd.json.gz");
    assert_cell(t, r, "record", "0");

    d = (struct nz_detection){.kind = S("correlation"), .record = UINT64_MAX, .count = 7};
    d.group_names = names;
    d.group_values = values;
    d.group_count = 2;
    d.event_ids = events;
    d.event_ids_count = 2;
    nz_buf_clear(&row);
    nz_detection_append_csv(&row, &d, &scratch);
    r = nz_buf_view(&row);
    assert_cell(t, r, "count", "7");
    assert_cell(t, r, "group", "userIdentity.arn==cmd sourceIPAddress=");
    assert_cell(t, r, "events", "e-1 e-2");
    assert_cell(t, r, "record", "");
    nz_buf_release(&titles);
    nz_buf_release(&row);
    nz_buf_release(&scratch);
}

static void a_correlation_adds_its_own(void **state)
{
    (void)state;
    static const struct nz_str names[] = {S("userIdentity.arn"), S("sourceIPAddress")}, values[] = {S("a"), {NULL, 0}};
    static const struct nz_str events[] = {S("e-1"), S("e-2")};
    struct nz_detection d = {
        .kind = S("correlation"),
        .rule_id = S("c"),
        .title = S("t"),
        .level = S("low"),
        .record = UINT64_MAX,
        .group_names = names,
        .group_values = values,
        .group_count = 2,
        .event_ids = events,
        .event_ids_count = 2,
        .count = 18446744073709551615u,
        .first_time = S("2023-07-10T12:00:00Z"),
        .last_time = S("2023-07-10T12:05:00Z"),
    };
    struct nz_buf b;
    nz_buf_init(&b, 0);
    nz_detection_append_json(&b, &d);
    assert_text(&b, "{\"kind\":\"correlation\",\"rule_id\":\"c\",\"title\":\"t\",\"level\":\"low\",\"event_id\":null,"
                    "\"event_time\":null,\"event_name\":null,\"actor\":null,\"source_ip\":null,\"region\":null,"
                    "\"account\":null,\"error_code\":null,\"user_agent\":null,\"tags\":[],\"file\":null,"
                    "\"record\":null,\"group\":{\"userIdentity.arn\":\"a\",\"sourceIPAddress\":null},"
                    "\"events\":[\"e-1\",\"e-2\"],\"count\":18446744073709551615,"
                    "\"first_time\":\"2023-07-10T12:00:00Z\",\"last_time\":\"2023-07-10T12:05:00Z\"}");
}

static void a_correlation_without_group_has_an_empty_object(void **state)
{
    (void)state;
    struct nz_detection d = {.kind = S("correlation"), .record = UINT64_MAX};
    struct nz_buf b;
    nz_buf_init(&b, 0);
    nz_detection_append_json(&b, &d);
    assert_int_not_equal(nz_str_find(nz_buf_view(&b), NZ_STR("\"group\":{},\"events\":[],\"count\":0")), SIZE_MAX);
    nz_buf_release(&b);
}

/* Every byte there is, in every text: the object stays one valid line. */
static void any_bytes_stay_one_valid_line(void **state)
{
    (void)state;
    char all[256];
    for (size_t i = 0; i < sizeof all; i++)
        all[i] = (char)i;
    struct nz_detection d = of_event();
    d.actor = d.title = d.file = d.rule_id = nz_str_of(all, sizeof all);
    struct nz_buf b;
    nz_buf_init(&b, 0);
    nz_detection_append_json(&b, &d);
    assert_null(memchr(b.p, '\n', b.n));
    struct nz_json_doc doc;
    struct nz_json root;
    nz_json_doc_init(&doc);
    assert_int_equal(nz_json_parse(&doc, nz_buf_view(&b), &root, NULL), NZ_OK);
    assert_int_equal(nz_json_kind(nz_json_get(root, NZ_STR("record"))), NZ_JSON_NUMBER);
    nz_json_doc_release(&doc);
    nz_buf_release(&b);
}

/* The writer gives what the plain function gives, whatever it remembers of the findings before. */
static void expect_written(struct nz_detection_writer *w, const struct nz_detection *d)
{
    struct nz_buf plain, written, event;
    nz_buf_init(&plain, 0);
    nz_buf_init(&written, 0);
    nz_buf_init(&event, 0);
    nz_detection_append_json(&plain, d);
    assert_int_equal(nz_detection_writer_append(w, &written, d), NZ_OK);
    assert_true(nz_str_eq(nz_buf_view(&plain), nz_buf_view(&written)));

    struct nz_detection rendered = {.kind = d->kind,
                                    .rule_id = d->rule_id,
                                    .title = d->title,
                                    .level = d->level,
                                    .tags = d->tags,
                                    .tags_count = d->tags_count,
                                    .file = d->file,
                                    .record = d->record,
                                    .rule_number = d->rule_number};
    nz_detection_append_event_json(&event, d);
    rendered.event_json = nz_buf_view(&event);
    nz_buf_clear(&written);
    assert_int_equal(nz_detection_writer_append(w, &written, &rendered), NZ_OK);
    assert_true(nz_str_eq(nz_buf_view(&plain), nz_buf_view(&written)));
    nz_buf_release(&plain);
    nz_buf_release(&written);
    nz_buf_release(&event);
}

static void a_writer_gives_the_same_bytes(void **state)
{
    (void)state;
    static const struct nz_str files[] = {S("a"), S("a"), S(""), S("a\""), S("b")};
    struct nz_detection_writer w;
    nz_detection_writer_init(&w);
    for (uint32_t i = 0; i < 20; i++) {
        struct nz_detection d = of_event();
        d.rule_number = (i * 7) % 5 * 100;
        d.tags_count = d.rule_number / 200;
        d.title = files[d.rule_number / 100];
        d.file = files[i % 5];
        d.record = i;
        d.error_code = i % 2 ? NZ_STR("\xe3\x81\x82\x01\"") : nz_str_of(NULL, 0);
        expect_written(&w, &d);
    }
    struct nz_detection d = of_event();
    d.file = nz_str_of(NULL, 0);
    struct nz_buf out;
    nz_buf_init(&out, 0);
    assert_int_equal(nz_detection_writer_append(&w, &out, &d), NZ_OK);
    assert_true(nz_str_find(nz_buf_view(&out), NZ_STR("\"file\":null")) != SIZE_MAX);
    nz_buf_release(&out);
    nz_detection_writer_release(&w);
}

static void a_writer_tells_when_memory_runs_out(void **state)
{
    (void)state;
    const struct nz_detection d = of_event();
    long before = nz_live_allocations();
    bool fired = true;
    for (unsigned nth = 0; fired; nth++) {
        struct nz_detection_writer w;
        struct nz_buf b;
        nz_buf_init(&b, 0);
        nz_detection_writer_init(&w);
        nz_fault_arm(nth);
        enum nz_err err = nz_detection_writer_append(&w, &b, &d);
        nz_fault_disarm();
        fired = nz_fault_fired();
        assert_int_equal(err, fired ? NZ_E_NOMEM : NZ_OK);
        nz_detection_writer_release(&w);
        nz_buf_release(&b);
        assert_int_equal(nz_live_allocations(), before);
    }
}

static void a_failed_allocation_sticks(void **state)
{
    (void)state;
    struct nz_detection d = of_event();
    long before = nz_live_allocations();
    for (unsigned nth = 0;; nth++) {
        struct nz_buf b;
        nz_buf_init(&b, 0);
        nz_fault_arm(nth);
        nz_detection_append_json(&b, &d);
        nz_fault_disarm();
        bool fired = nz_fault_fired();
        assert_int_equal(nz_buf_status(&b), fired ? NZ_E_NOMEM : NZ_OK);
        nz_buf_release(&b);
        assert_int_equal(nz_live_allocations(), before);
        if (!fired)
            break;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_of_csv_has_a_cell_for_each_title),
        cmocka_unit_test(an_event_has_every_key_in_order),
        cmocka_unit_test(a_correlation_adds_its_own),
        cmocka_unit_test(a_correlation_without_group_has_an_empty_object),
        cmocka_unit_test(any_bytes_stay_one_valid_line),
        cmocka_unit_test(a_failed_allocation_sticks),
        cmocka_unit_test(a_writer_gives_the_same_bytes),
        cmocka_unit_test(a_writer_tells_when_memory_runs_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
