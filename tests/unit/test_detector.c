/* detector: what a finding brings along for a report: the rule's own words, and the records of the first findings. */
#include "detect/detector.h"

#include "detect/interner.h"
#include "detect/member_memo.h"
#include "findings/hit_sums.h"
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
    uint32_t pairs[EVENTS];
    size_t count;
};

static enum nz_err render(void *self, const struct nz_detection *d, enum nz_level level)
{
    struct forms *f = self;
    (void)level;
    nz_detection_append_json(&f->lines, d);
    if (d->has_time)
        nz_time_append(&f->lines, d->time);
    f->pairs[f->count++] = d->pair;
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
    assert_int_not_equal(sums.pairs[0], 0);
    assert_int_equal(sums.pairs[0], sums.pairs[1]);
    assert_int_not_equal(sums.pairs[0], sums.pairs[2]);
    assert_true(nz_str_find(nz_buf_view(&sums.lines),
                            NZ_STR("\"actor\":\"arn:a\",\"source_ip\":\"10.0.0.1\",\"region\":\"r\"")) != SIZE_MAX);
    assert_true(nz_str_find(nz_buf_view(&sums.lines), NZ_STR("}2026-06-24T17:00:01Z{")) != SIZE_MAX);
    assert_true(nz_str_find(nz_buf_view(&sums.lines), NZ_STR("\"actor\":\"Root\",\"source_ip\":null")) != SIZE_MAX);
    nz_buf_release(&texts.lines);
    nz_buf_release(&json.lines);
    nz_buf_release(&sums.lines);
    nz_ruleset_free(rs);
}

/* --- sums: the same, whether each finding comes by itself or most as more of one that came --- */

static enum nz_err sum(void *self, const struct nz_detection *d, enum nz_level level)
{
    return nz_hit_sums_add(self, d, (unsigned)level, NULL);
}

static void sum_again(void *self, uint32_t pair, const nz_time *time)
{
    nz_hit_sums_again(self, pair, time);
}

/* Every seventh record was replaced later. */
static bool was_replaced(void *self, uint64_t id)
{
    (void)self;
    return id % 7 == 0;
}

static bool is_of_actor_3(void *self, const struct nz_detection *d)
{
    (void)self;
    return nz_str_eq(d->actor, NZ_STR("actor 3"));
}

/* Event i of `actors` different ones; some have no time, some an odd one. */
static void event_text(struct nz_buf *out, unsigned i, unsigned actors)
{
    nz_buf_clear(out);
    nz_buf_printf(out, "{\"eventName\":\"%s\",\"eventID\":\"e%u\",", i % 5 ? "CreateUser" : "DeleteUser", i);
    if (i % 11)
        nz_buf_printf(out, "\"eventTime\":\"2026-%02u-%02uT17:00:00%s\",", i % 12 + 1, i % 28 + 1,
                      i % 13 ? "Z" : "\\u005a");
    nz_buf_printf(out, "\"userIdentity\":{\"arn\":\"actor %u\"},\"sourceIPAddress\":\"10.0.0.%u\"", i * 7 % actors,
                  i % 9);
    nz_buf_printf(out, i % 3 ? ",\"awsRegion\":\"r%u\"}" : "}", i % 4);
}

/* Two workers take turns. */
static enum nz_err feed_many(struct nz_detector *d, unsigned count, unsigned actors)
{
    struct nz_detector_worker *workers[2] = {NULL, NULL};
    struct nz_diag diag = NZ_DIAG_INIT;
    struct nz_buf text, payload;
    struct nz_json_doc doc;
    struct nz_json root;
    struct nz_event ev;
    nz_buf_init(&text, 0);
    nz_buf_init(&payload, 0);
    nz_json_doc_init(&doc);
    enum nz_err err = nz_detector_worker_new(d, &workers[0]);
    if (!err)
        err = nz_detector_worker_new(d, &workers[1]);
    for (unsigned i = 0; i < count && !err; i++) {
        event_text(&text, i, actors);
        nz_buf_clear(&payload);
        err = nz_buf_status(&text);
        if (!err)
            err = nz_json_parse(&doc, nz_buf_view(&text), &root, &diag);
        if (err)
            break;
        nz_event_from_json(root, &ev);
        err = nz_detector_run(workers[i % 2], &ev, &payload);
        if (!err && payload.n)
            err = nz_detector_take(d, NZ_STR("f"), i, i + 1, nz_buf_view(&payload), &diag);
    }
    nz_detector_worker_free(workers[0]);
    nz_detector_worker_free(workers[1]);
    nz_json_doc_release(&doc);
    nz_buf_release(&text);
    nz_buf_release(&payload);
    return err;
}

static void append_sums(struct nz_buf *out, struct nz_hit_sums *sums)
{
    struct nz_hit_group **groups = nz_hit_sums_groups(sums);
    const struct nz_hit_names *const kinds[] = {&sums->actors, &sums->sources, &sums->regions};
    assert_non_null(groups);
    for (size_t i = 0; i < sums->groups_count; i++) {
        const struct nz_hit_group *g = groups[i];
        nz_buf_printf(out, "%.*s %llu %d %lld %lld %zu %d %zu\n", NZ_STR_ARG(g->title), (unsigned long long)g->count,
                      g->has_time, (long long)g->first.us, (long long)g->last.us, g->actors.count, g->actors.more,
                      g->sources.count);
        for (size_t k = 0; k < g->actors.count && k < NZ_HIT_GROUP_NAMES_KEPT; k++)
            nz_buf_printf(out, "  %.*s", NZ_STR_ARG(g->actors.names[k]));
        for (size_t k = 0; k < NZ_TIME_BARS; k++)
            nz_buf_printf(out, " %llu", (unsigned long long)g->bars.counts[k]);
    }
    for (size_t kind = 0; kind < 3; kind++) {
        nz_buf_printf(out, "\n%llu others\n", (unsigned long long)kinds[kind]->others);
        for (size_t i = 0; i < kinds[kind]->count; i++)
            nz_buf_printf(out, "%.*s %llu ", NZ_STR_ARG(kinds[kind]->rows[i].name),
                          (unsigned long long)nz_hit_name_total(&kinds[kind]->rows[i]));
    }
    for (size_t level = 0; level < NZ_HIT_LEVELS; level++) {
        nz_buf_printf(out, "\n%llu", (unsigned long long)sums->levels[level]);
        for (size_t k = 0; k < NZ_TIME_BARS; k++)
            nz_buf_printf(out, " %llu", (unsigned long long)sums->bars[level].counts[k]);
    }
    nz_buf_printf(out, "\n%llu\n", (unsigned long long)sums->total);
    assert_false(out->failed);
}

/* As text: the sums, and what was counted. */
static enum nz_err sums_of(const struct nz_ruleset *rs, enum nz_detector_form form, const struct nz_detector_sink *how,
                           unsigned count, unsigned actors, struct nz_buf *out)
{
    struct nz_detector *d = NULL;
    struct nz_diag diag = NZ_DIAG_INIT;
    struct nz_hit_sums sums;
    nz_hit_sums_init(&sums);
    enum nz_err err = nz_detector_new(rs, 1 << 16, false, &d);
    if (!err) {
        nz_detector_set_form(d, form);
        err = feed_many(d, count, actors);
    }
    if (!err)
        err = nz_detector_finish(d, how, &sums, &diag);
    if (!err && out) {
        const struct nz_detector_stats *stats = nz_detector_stats(d);
        append_sums(out, &sums);
        nz_buf_printf(out, "%llu %llu %llu\n", (unsigned long long)stats->findings, (unsigned long long)stats->hidden,
                      (unsigned long long)stats->records_hit);
    }
    nz_hit_sums_release(&sums);
    nz_detector_free(d);
    return err;
}

static struct nz_ruleset *three_rules(void)
{
    static const char users[] = "title: Any user\nlogsource: {product: aws, service: cloudtrail}\nlevel: low\n"
                                "detection: {s: {eventName|endswith: User}, condition: s}\n";
    static const char deleted[] = "title: Gone\nlogsource: {product: aws, service: cloudtrail}\nlevel: low\n"
                                  "detection: {s: {eventName: DeleteUser, awsRegion: null}, condition: s}\n";
    const struct nz_str texts[] = {nz_str_from_c(rule_text), nz_str_from_c(users), nz_str_from_c(deleted)};
    const struct nz_str paths[] = {NZ_STR("r.yml"), NZ_STR("users.yml"), NZ_STR("gone.yml")};
    return nz_test_rules(texts, paths, 3);
}

static void sums_are_the_same_however_findings_come(void **state)
{
    (void)state;
    static const struct {
        unsigned count, actors; /* the last: more than have numbers, in a worker and in all */
    } cases[] = {{1, 1}, {2000, 5}, {3000, 700}, {75000, 70000}};
    static const struct nz_detector_sink each = {
        .finding = sum, .is_replaced = was_replaced, .is_hidden = is_of_actor_3};
    static const struct nz_detector_sink again = {
        .finding = sum, .again = sum_again, .is_replaced = was_replaced, .is_hidden = is_of_actor_3};
    struct nz_ruleset *rs = three_rules();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct nz_buf texts, one, more;
        nz_buf_init(&texts, 0);
        nz_buf_init(&one, 0);
        nz_buf_init(&more, 0);
        const unsigned count = cases[i].count, actors = cases[i].actors;
        assert_int_equal(sums_of(rs, NZ_DETECTOR_TEXTS, &each, count, actors, &texts), NZ_OK);
        assert_int_equal(sums_of(rs, NZ_DETECTOR_SUMS, &each, count, actors, &one), NZ_OK);
        assert_int_equal(sums_of(rs, NZ_DETECTOR_SUMS, &again, count, actors, &more), NZ_OK);
        assert_true(nz_str_eq(nz_buf_view(&texts), nz_buf_view(&one)));
        assert_true(nz_str_eq(nz_buf_view(&texts), nz_buf_view(&more)));
        nz_buf_release(&texts);
        nz_buf_release(&one);
        nz_buf_release(&more);
    }
    nz_ruleset_free(rs);
}

static enum nz_err render_line(void *self, const struct nz_detection *d, enum nz_level level)
{
    (void)level;
    nz_detection_append_json(self, d);
    return nz_buf_status(self);
}

static enum nz_err lines_of(const struct nz_ruleset *rs, enum nz_detector_form form, unsigned actors,
                            struct nz_buf *out)
{
    static const struct nz_detector_sink lines = {.finding = render_line};
    struct nz_detector *d = NULL;
    struct nz_diag diag = NZ_DIAG_INIT;
    enum nz_err err = nz_detector_new(rs, 1 << 16, false, &d);
    if (!err) {
        nz_detector_set_form(d, form);
        err = feed_many(d, 2000, actors);
    }
    if (!err)
        err = nz_detector_finish(d, &lines, out, &diag);
    nz_detector_free(d);
    return err;
}

/* What the worker rendered for an actor is taken again, and for no other one. */
static void members_that_come_again_are_rendered_alike(void **state)
{
    (void)state;
    struct nz_ruleset *rs = three_rules();
    for (unsigned actors = 1; actors < 2000; actors *= 7) {
        struct nz_buf texts, json;
        nz_buf_init(&texts, 0);
        nz_buf_init(&json, 0);
        assert_int_equal(lines_of(rs, NZ_DETECTOR_TEXTS, actors, &texts), NZ_OK);
        assert_int_equal(lines_of(rs, NZ_DETECTOR_JSON, actors, &json), NZ_OK);
        assert_true(texts.n > 100000 && nz_str_eq(nz_buf_view(&texts), nz_buf_view(&json)));
        nz_buf_release(&texts);
        nz_buf_release(&json);
    }
    nz_ruleset_free(rs);
}

static void what_is_known_of_members_is_bounded(void **state)
{
    (void)state;
    struct nz_member_memo memo;
    struct nz_member_memo_place *place, *other;
    char large[NZ_MEMBER_MEMO_BYTES_MAX];
    memset(large, 'x', sizeof large);
    assert_int_equal(nz_member_memo_init(&memo, 2), NZ_OK);
    struct nz_str members[] = {NZ_STR("a"), NZ_STR("bc")};
    assert_null(nz_member_memo_find(&memo, members, &place).p);
    nz_member_memo_keep(&memo, place, members, NZ_STR("value"));
    assert_true(nz_str_eq(nz_member_memo_find(&memo, members, &other), NZ_STR("value")));
    assert_ptr_equal(place, other);
    members[0] = NZ_STR("ab"); /* the same bytes, cut elsewhere */
    members[1] = NZ_STR("c");
    assert_null(nz_member_memo_find(&memo, members, &other).p);
    members[0] = nz_str_of(large, sizeof large - 6);
    members[1] = (struct nz_str){0};
    assert_null(nz_member_memo_find(&memo, members, &place).p);
    nz_member_memo_keep(&memo, place, members, NZ_STR("value67"));
    assert_null(nz_member_memo_find(&memo, members, &place).p);
    nz_member_memo_keep(&memo, place, members, NZ_STR("value6"));
    assert_true(nz_str_eq(nz_member_memo_find(&memo, members, &place), NZ_STR("value6")));
    nz_member_memo_release(&memo);
}

static void sums_that_run_out_of_memory_are_an_error(void **state)
{
    (void)state;
    static const struct nz_detector_sink again = {.finding = sum, .again = sum_again};
    struct nz_ruleset *rs = three_rules();
    const long before = nz_live_allocations();
    bool fired = true;
    for (unsigned nth = 0; nth < 1000 && fired; nth++) {
        nz_fault_arm(nth);
        enum nz_err err = sums_of(rs, NZ_DETECTOR_SUMS, &again, 300, 90, NULL);
        fired = nz_fault_fired();
        nz_fault_disarm();
        assert_int_equal(err, fired ? NZ_E_NOMEM : NZ_OK);
        assert_int_equal(nz_live_allocations(), before);
    }
    assert_false(fired);
    nz_ruleset_free(rs);
}

static void bytes_are_kept_once_up_to_a_bound(void **state)
{
    (void)state;
    struct nz_interner in;
    struct nz_interned *kept, *first = NULL;
    char text[32];
    nz_interner_init(&in, 1000, 1 << 20);
    for (uint32_t i = 0; i < 1100; i++) {
        const struct nz_str bytes = nz_str_of(text, (size_t)snprintf(text, sizeof text, "who %u", i));
        assert_int_equal(nz_interner_find(&in, bytes, &kept), NZ_OK);
        assert_true(!kept || (kept->number <= 1000 && nz_str_eq(nz_interned_bytes(kept), bytes)));
        first = first ? first : kept;
    }
    assert_int_equal(in.count, 1000);
    assert_int_equal(nz_interner_find(&in, NZ_STR("who 0"), &kept), NZ_OK);
    assert_ptr_equal(kept, first); /* it has not moved */
    assert_int_equal(kept->number, 1);
    nz_interner_release(&in);

    char large[600] = "";
    nz_interner_init(&in, 1000, 1000);
    assert_int_equal(nz_interner_find(&in, nz_str_of(large, sizeof large), &kept), NZ_OK);
    assert_int_equal(kept->number, 1);
    large[0] = 1;
    assert_int_equal(nz_interner_find(&in, nz_str_of(large, sizeof large), &kept), NZ_OK);
    assert_null(kept);
    nz_interner_release(&in);
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
        cmocka_unit_test(sums_are_the_same_however_findings_come),
        cmocka_unit_test(members_that_come_again_are_rendered_alike),
        cmocka_unit_test(what_is_known_of_members_is_bounded),
        cmocka_unit_test(sums_that_run_out_of_memory_are_an_error),
        cmocka_unit_test(bytes_are_kept_once_up_to_a_bound),
        cmocka_unit_test(memory_that_runs_out_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
