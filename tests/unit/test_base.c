/* str, buf, arena, array, mark_set, err, diag: the ground everything stands on. */
#include "core/arena.h"
#include "core/array.h"
#include "core/buf.h"
#include "core/diag.h"
#include "core/mark_set.h"

#include "support/faults.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static void str_compares_without_case(void **state)
{
    (void)state;
    assert_true(nz_str_eq_nocase(NZ_STR("ConsoleLogin"), NZ_STR("consoleLOGIN")));
    assert_false(nz_str_eq_nocase(NZ_STR("[a"), NZ_STR("{a"))); /* differ in bit 5 and are no letters */
    assert_int_equal(nz_str_hash_nocase(NZ_STR("ConsoleLogin@[Z")), nz_str_hash_nocase(NZ_STR("consolelogin@[z")));
    assert_int_not_equal(nz_str_hash_nocase(NZ_STR("[")), nz_str_hash_nocase(NZ_STR("{")));
    assert_int_not_equal(nz_str_hash_nocase(NZ_STR("@")), nz_str_hash_nocase(NZ_STR("`")));
}

static void utf8_stops_at_the_first_bad_byte(void **state)
{
    (void)state;
    static const struct {
        struct nz_str text;
        size_t valid;
    } cases[] = {
        {{"plain", 5}, 5},
        {{"\xe5\xaf\x9d\xe3\x81\x9a", 6}, 6},
        {{"a\xc0\x80", 3}, 1},         /* overlong NUL */
        {{"ab\xed\xa0\x80", 5}, 2},    /* surrogate */
        {{"\xf4\x8f\xbf\xbf", 4}, 4},  /* U+10FFFF */
        {{"\xf4\x90\x80\x80", 4}, 0},  /* past it */
        {{"12345678\xe3\x81", 10}, 8}, /* cut */
        {{"12345678901\xff", 12}, 11},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(nz_utf8_valid_bytes(cases[i].text), cases[i].valid);
}

static void str_is_taken_apart(void **state)
{
    (void)state;
    static const char *const parts[] = {"a", "", "bc", "d"};
    struct nz_str rest = NZ_STR("a  bc d ");
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        assert_true(nz_str_eq(nz_str_take(&rest, NZ_STR(" ")), nz_str_from_c(parts[i])));
    assert_int_equal(rest.n, 0); /* behind the last mark is nothing more to walk */
    assert_int_equal(nz_str_take(&rest, NZ_STR(" ")).n, 0);
    assert_true(nz_str_eq(nz_str_after_last(NZ_STR("user/path/name"), '/'), NZ_STR("name")));
    assert_true(nz_str_eq(nz_str_after_last(NZ_STR("name"), '/'), NZ_STR("name")));
    assert_int_equal(nz_str_after_last(NZ_STR("path/"), '/').n, 0);
    assert_int_equal(nz_str_after_last(nz_str_of(NULL, 0), '/').n, 0);
}

static void u64_refuses_overflow(void **state)
{
    (void)state;
    uint64_t v = 0;
    assert_true(nz_str_to_u64(NZ_STR("18446744073709551615"), &v));
    assert_true(v == UINT64_MAX);
    assert_false(nz_str_to_u64(NZ_STR("18446744073709551616"), &v));
    assert_false(nz_str_to_u64(NZ_STR(""), &v));
    assert_false(nz_str_to_u64(NZ_STR("1a"), &v));
}

static void buf_fault_sticks(void **state)
{
    (void)state;
    struct nz_buf b;
    nz_buf_init(&b, 4);
    nz_buf_append(&b, NZ_STR("abcd"));
    assert_false(b.failed);
    nz_buf_append_char(&b, 'e');
    assert_true(b.failed);
    assert_true(nz_str_eq(nz_buf_view(&b), NZ_STR("abcd")));
    nz_buf_append(&b, NZ_STR("")); /* nothing to do, still failed */
    assert_int_equal(nz_buf_status(&b), NZ_E_NOMEM);
    nz_buf_clear(&b);
    nz_buf_printf(&b, "%d", 1234);
    assert_false(b.failed);
    nz_buf_release(&b);
    nz_buf_release(&b);
}

static void sized_texts_come_back(void **state)
{
    (void)state;
    struct nz_buf b;
    nz_buf_init(&b, 0);
    nz_buf_append_sized(&b, NZ_STR("abc"));
    nz_buf_append_sized(&b, nz_str_of(NULL, 0));
    nz_buf_append_sized(&b, NZ_STR(""));
    struct nz_str in = nz_buf_view(&b);
    assert_true(nz_str_eq(nz_sized_take(&in), NZ_STR("abc")));
    assert_null(nz_sized_take(&in).p);
    struct nz_str empty = nz_sized_take(&in);
    assert_non_null(empty.p);
    assert_int_equal(empty.n, 0);
    assert_int_equal(in.n, 0);
    nz_buf_release(&b);
}

static void arena_writes_texts(void **state)
{
    (void)state;
    struct nz_arena a;
    nz_arena_init(&a, 5000);
    struct nz_str text = nz_arena_printf(&a, "%s-%d", "role", 7);
    assert_string_equal(text.p, "role-7");
    assert_int_equal(text.n, 6);
    assert_null(nz_arena_printf(&a, "%9000d", 7).p);
    nz_arena_release(&a);
}

static void arena_keeps_its_limit(void **state)
{
    (void)state;
    struct nz_arena a;
    nz_arena_init(&a, 10000);
    size_t got = 0;
    while (nz_arena_alloc(&a, 100))
        got++;
    assert_in_range(got, 30, 100);
    assert_true(a.used_bytes <= 10000);
    assert_null(nz_arena_array(&a, SIZE_MAX / 2, 3));
    nz_arena_release(&a);
    nz_arena_release(&a);
    assert_int_equal(a.used_bytes, 0);
}

static void arena_survives_each_failed_allocation(void **state)
{
    (void)state;
    long before = nz_live_allocations();
    for (unsigned nth = 0;; nth++) {
        struct nz_arena a;
        nz_arena_init(&a, 0);
        nz_fault_arm(nth);
        bool all = true;
        for (int i = 0; i < 100; i++)
            all = nz_arena_alloc(&a, 1000) && all;
        nz_fault_disarm();
        bool fired = nz_fault_fired();
        assert_int_equal(all, !fired);
        nz_arena_release(&a);
        assert_int_equal(nz_live_allocations(), before);
        if (!fired)
            break;
    }
}

static void mark_set_keeps_each_once(void **state)
{
    (void)state;
    struct nz_mark_set set = {0};
    bool added;
    assert_false(nz_mark_set_has(&set, 7));
    for (int round = 0; round < 2; round++) {
        for (uint64_t i = 1; i <= 600; i++) { /* grows; the low bits of all are the same */
            assert_int_equal(nz_mark_set_has(&set, i << 32), round);
            assert_int_equal(nz_mark_set_add(&set, i << 32, &added), NZ_OK);
            assert_int_equal(added, round == 0);
        }
    }
    assert_int_equal(set.count, 600);
    assert_int_equal(nz_mark_set_add(&set, 0, &added), NZ_OK); /* 0 marks a free slot */
    assert_true(added && nz_mark_set_has(&set, 0) && nz_mark_set_has(&set, 1));
    nz_mark_set_release(&set);
    nz_mark_set_release(&set);
    assert_false(nz_mark_set_has(&set, 7));
}

static void mark_set_survives_each_failed_allocation(void **state)
{
    (void)state;
    long before = nz_live_allocations();
    for (unsigned nth = 0;; nth++) {
        struct nz_mark_set set = {0};
        enum nz_err err = NZ_OK;
        size_t done = 0;
        nz_fault_arm(nth);
        for (bool added; done < 3000 && err == NZ_OK; done += added)
            err = nz_mark_set_add(&set, (done + 1) * 0x9e3779b97f4a7c15u, &added);
        nz_fault_disarm();
        bool fired = nz_fault_fired();
        assert_int_equal(err, fired ? NZ_E_NOMEM : NZ_OK);
        assert_int_equal(set.count, done);
        for (size_t i = 0; i < done; i++)
            assert_true(nz_mark_set_has(&set, (i + 1) * 0x9e3779b97f4a7c15u));
        nz_mark_set_release(&set);
        assert_int_equal(nz_live_allocations(), before);
        if (!fired)
            break;
    }
}

static void array_grows_with_zeros(void **state)
{
    (void)state;
    uint64_t *array = NULL;
    size_t room = 0;
    for (size_t number = 0; number < 100; number += 1 + number / 3) {
        uint64_t *grown = nz_array_grow(array, &room, number, sizeof *grown);
        assert_non_null(grown);
        array = grown;
        assert_true(number < room);
        assert_int_equal(array[number], 0);
        array[number] = number + 1;
    }
    assert_ptr_equal(nz_array_grow(array, &room, 0, sizeof *array), array);
    const size_t before = room;
    assert_null(nz_array_grow(array, &room, SIZE_MAX, sizeof *array));
    assert_null(nz_array_grow(array, &room, SIZE_MAX / sizeof *array, sizeof *array));
    nz_fault_arm(0);
    assert_null(nz_array_grow(array, &room, room, sizeof *array));
    nz_fault_disarm();
    assert_int_equal(room, before);
    assert_int_equal(array[0], 1);
    free(array);
}

static void errors_have_names_and_sentences(void **state)
{
    (void)state;
    assert_string_equal(nz_err_name(NZ_E_NOMEM), "NZ_E_NOMEM");
    assert_int_equal(nz_err_class((enum nz_err)9999), NZ_CLASS_BUG);
    struct nz_diag d = NZ_DIAG_INIT;
    assert_int_equal(nz_diag_at(&d, NZ_E_RULE_SYNTAX, 3, 7, "'%s'", "x"), NZ_E_RULE_SYNTAX);
    assert_int_equal(d.line, 3);
    assert_string_equal(d.text, "'x'");
    assert_int_equal(nz_diag_set(NULL, NZ_E_IO, "x"), NZ_E_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(str_compares_without_case),
        cmocka_unit_test(utf8_stops_at_the_first_bad_byte),
        cmocka_unit_test(str_is_taken_apart),
        cmocka_unit_test(u64_refuses_overflow),
        cmocka_unit_test(buf_fault_sticks),
        cmocka_unit_test(sized_texts_come_back),
        cmocka_unit_test(arena_writes_texts),
        cmocka_unit_test(arena_keeps_its_limit),
        cmocka_unit_test(arena_survives_each_failed_allocation),
        cmocka_unit_test(mark_set_keeps_each_once),
        cmocka_unit_test(mark_set_survives_each_failed_allocation),
        cmocka_unit_test(array_grows_with_zeros),
        cmocka_unit_test(errors_have_names_and_sentences),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
