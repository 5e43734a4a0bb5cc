/* cli/detect_html_story: who did what, the worst actor first, in the order of time. */
#include "cli/detect_html_story.h"

#include "findings/html_page.h"
#include "support/faults.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

/* What stands in one place for all findings of a rule, as in rules that were read. */
static const char rule_names[4][16] = {"Key made", "Trail stopped", "List read", "Many denied"};

struct told {
    struct nz_hit_sums sums;
    struct nz_story story;
};

static enum nz_err tell(struct told *t, unsigned rule, unsigned level, const char *actor, const char *source,
                        const char *time)
{
    struct nz_hit_group *group;
    const struct nz_detection d = {.kind = NZ_STR("sigma"),
                                   .rule_id = nz_str_from_c(rule_names[rule]),
                                   .title = nz_str_from_c(rule_names[rule]),
                                   .actor = nz_str_from_c(actor),
                                   .source_ip = nz_str_from_c(source),
                                   .account = NZ_STR("111122223333"),
                                   .event_time = nz_str_from_c(time)};
    enum nz_err err = nz_hit_sums_add(&t->sums, &d, level, &group);
    return err == NZ_OK ? nz_story_add(&t->story, &t->sums, &d, group) : err;
}

static enum nz_err tell_all(struct told *t)
{
    enum nz_err err = NZ_OK;
    for (unsigned i = 0; i < 5 && err == NZ_OK; i++)
        err = tell(t, 2, 1, "arn:aws:iam::111122223333:user/auditor", "198.51.100.1", "2026-06-01T09:00:00Z");
    if (err == NZ_OK)
        err = tell(t, 1, 4, "arn:aws:iam::111122223333:user/<b>", "203.0.113.2", "2026-06-24T17:28:00Z");
    if (err == NZ_OK)
        err = tell(t, 0, 2, "arn:aws:iam::111122223333:user/<b>", "203.0.113.1", "2026-06-24T17:27:00Z");
    if (err == NZ_OK)
        err = tell(t, 0, 2, "arn:aws:iam::111122223333:user/<b>", "203.0.113.1", "no time");
    return err;
}

static enum nz_err append(struct told *t, struct nz_buf *out)
{
    struct nz_hit_group **groups = nz_hit_sums_groups(&t->sums);
    if (!groups)
        return NZ_E_NOMEM;
    nz_story_append(out, &t->story, &t->sums, groups);
    nz_story_append_accounts(out, &t->story, &t->sums.keep);
    nz_buf_append_char(out, '\0');
    return nz_buf_status(out);
}

static void begin(struct told *t, struct nz_buf *out)
{
    memset(t, 0, sizeof *t);
    nz_hit_sums_init(&t->sums);
    nz_buf_init(out, 0);
}

static void end(struct told *t, struct nz_buf *out)
{
    nz_buf_release(out);
    nz_story_release(&t->story);
    nz_story_release(&t->story);
    nz_hit_sums_release(&t->sums);
}

static void the_worst_actor_is_told_in_order_of_time(void **state)
{
    (void)state;
    struct told t;
    struct nz_buf out;
    begin(&t, &out);
    assert_int_equal(tell_all(&t), NZ_OK);
    assert_int_equal(append(&t, &out), NZ_OK);
    const char *const in_order[] = {
        "user/&lt;b&gt;",   "203.0.113.2, 203.0.113.1 · 2026-06-24 17:27 – 17:28 UTC",
        "2026-06-24 17:27", "medium",
        "Key made",         "× 2",
        "2026-06-24 17:28", "critical",
        "Trail stopped",
    };
    const char *at = out.p;
    for (size_t i = 0; i < sizeof in_order / sizeof in_order[0]; i++) {
        at = strstr(at, in_order[i]);
        assert_non_null(at);
    }
    assert_null(strstr(out.p, "auditor")); /* nothing but what is low: no story */
    assert_non_null(strstr(out.p, "account 111122223333"));
    end(&t, &out);
}

static void what_is_low_is_no_story(void **state)
{
    (void)state;
    struct told t;
    struct nz_buf out;
    begin(&t, &out);
    assert_int_equal(tell(&t, 2, 1, "auditor", "198.51.100.1", "2026-06-01T09:00:00Z"), NZ_OK);
    assert_int_equal(append(&t, &out), NZ_OK);
    assert_string_equal(out.p, "account 111122223333");
    end(&t, &out);
}

static void names_are_ranked_by_their_worst(void **state)
{
    (void)state;
    struct told t;
    struct nz_buf out;
    begin(&t, &out);
    assert_int_equal(tell_all(&t), NZ_OK);
    const struct nz_hit_name **sorted = nz_story_sorted(&t.sums.actors, &t.sums.keep);
    assert_non_null(sorted);
    assert_true(nz_str_ends_with(sorted[0]->name, NZ_STR("<b>"))); /* three findings, the auditor has five */
    end(&t, &out);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    const long before = nz_live_allocations();
    for (unsigned nth = 0;; nth++) {
        struct told t;
        struct nz_buf out;
        begin(&t, &out);
        nz_fault_arm(nth);
        enum nz_err err = tell_all(&t);
        if (err == NZ_OK)
            err = append(&t, &out);
        const bool fired = nz_fault_fired();
        nz_fault_disarm();
        assert_int_equal(err, fired ? NZ_E_NOMEM : NZ_OK);
        end(&t, &out);
        assert_int_equal(nz_live_allocations(), before);
        if (!fired) {
            assert_true(nth > 10);
            break;
        }
        assert_true(nth < 1000);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_worst_actor_is_told_in_order_of_time),
        cmocka_unit_test(what_is_low_is_no_story),
        cmocka_unit_test(names_are_ranked_by_their_worst),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
