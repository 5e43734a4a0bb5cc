/* core/ip: addresses and networks. */
#include "core/ip.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static void addresses_are_taken_or_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *hex; /* the 16 bytes; NULL: refused */
        bool v4;
    } cases[] = {
        {"1.2.3.4", "00000000000000000000ffff01020304", true},
        {"0.0.0.0", "00000000000000000000ffff00000000", true},
        {"255.255.255.255", "00000000000000000000ffffffffffff", true},
        {"::", "00000000000000000000000000000000", false},
        {"::1", "00000000000000000000000000000001", false},
        {"2001:DB8::8:800:200C:417A", "20010db80000000000080800200c417a", false},
        {"1:2:3:4:5:6:7:8", "00010002000300040005000600070008", false},
        {"1::", "00010000000000000000000000000000", false},
        {"::ffff:1.2.3.4", "00000000000000000000ffff01020304", false},
        {"ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255", "ffffffffffffffffffffffffffffffff", false},
        {"", NULL, false},
        {"1.2.3", NULL, false},
        {"1.2.3.4.5", NULL, false},
        {"1.2.3.256", NULL, false},
        {"01.2.3.4", NULL, false}, /* octal for some: RFC 6943, section 3.1.1 */
        {"1.2.3.04", NULL, false},
        {"1.2.3.00", NULL, false},
        {"0x1.2.3.4", NULL, false},
        {"16909060", NULL, false},
        {"1.2.3.4 ", NULL, false},
        {" 1.2.3.4", NULL, false},
        {"1.2.3.4:80", NULL, false},
        {"1..3.4", NULL, false},
        {"-1.2.3.4", NULL, false},
        {"fe80::1%eth0", NULL, false}, /* a zone */
        {"[::1]", NULL, false},
        {":", NULL, false},
        {":::", NULL, false},
        {"1::2::3", NULL, false},
        {"1:2:3:4:5:6:7", NULL, false},
        {"1:2:3:4:5:6:7:8:9", NULL, false},
        {"1:2:3:4::5:6:7:8", NULL, false}, /* section 2.2: "::" stands for one or more groups */
        {"12345::", NULL, false},
        {"g::", NULL, false},
        {"::1.2.3", NULL, false},
        {"::ffff:01.2.3.4", NULL, false},
        {"AWS Internal", NULL, false},
        {"cloudtrail.amazonaws.com", NULL, false},
        {"ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.2550", NULL, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct nz_ip ip = {.v4 = !cases[i].v4};
        bool ok = nz_ip_parse(nz_str_from_c(cases[i].text), &ip);
        if (ok != (cases[i].hex != NULL))
            fail_msg("'%s' was %s", cases[i].text, ok ? "taken" : "refused");
        if (!ok)
            continue;
        char hex[33];
        for (int at = 0; at < 16; at++)
            snprintf(hex + 2 * at, 3, "%02x", ip.bytes[at]);
        assert_string_equal(hex, cases[i].hex);
        assert_int_equal(ip.v4, cases[i].v4);
    }
    struct nz_ip ip;
    assert_false(nz_ip_parse(nz_str_of("1.2.3.4\0x", 9), &ip));
    assert_false(nz_ip_parse(nz_str_of(NULL, 0), &ip));
    assert_true(nz_ip_parse(nz_str_of("1.2.3.45", 7), &ip)); /* a view: the 5 is not part of it */
    assert_int_equal(ip.bytes[15], 4);
}

static void networks_are_taken_or_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int prefix_bits; /* -1: refused */
    } cases[] = {
        {"10.0.0.0/8", 8},
        {"10.0.0.0/0", 0},
        {"10.0.0.0/32", 32},
        {"10.1.2.3", 32},
        {"2001:db8::/32", 32},
        {"::/0", 0},
        {"::1/128", 128},
        {"::1", 128},
        {"10.0.0.0/33", -1},
        {"::/129", -1},
        {"10.0.0.0/", -1},
        {"10.0.0.0/-1", -1},
        {"10.0.0.0/+8", -1},
        {"10.0.0.0/08", -1},
        {"10.0.0.0/8 ", -1},
        {"10.0.0.0/8/8", -1},
        {"10.0.0.0/255.0.0.0", -1},
        {"10.0.0/8", -1},
        {"/8", -1},
        {"", -1},
        {"10.0.0.0/99999999999999999999", -1},
        {"fe80::%1/64", -1},
        {"10.0.0.0/256", -1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct nz_cidr net;
        bool ok = nz_cidr_parse(nz_str_from_c(cases[i].text), &net);
        if (ok != (cases[i].prefix_bits >= 0))
            fail_msg("'%s' was %s", cases[i].text, ok ? "taken" : "refused");
        if (ok)
            assert_int_equal(net.prefix_bits, cases[i].prefix_bits);
    }
}

static void networks_contain_their_addresses(void **state)
{
    (void)state;
    static const struct {
        const char *net, *ip;
        bool inside;
    } cases[] = {
        {"10.0.0.0/8", "10.255.255.255", true},
        {"10.0.0.0/8", "11.0.0.0", false},
        {"10.9.9.9/8", "10.0.0.1", true}, /* host bits are cleared */
        {"192.168.4.0/22", "192.168.7.255", true},
        {"192.168.4.0/22", "192.168.8.0", false},
        {"0.0.0.0/0", "203.0.113.9", true},
        {"0.0.0.0/0", "::1", false}, /* families never mix */
        {"::/0", "1.2.3.4", false},
        {"::/0", "::ffff:1.2.3.4", true},
        {"::ffff:0:0/96", "1.2.3.4", false},
        {"1.2.3.4", "::ffff:1.2.3.4", false},
        {"1.2.3.4", "1.2.3.4", true},
        {"1.2.3.4/31", "1.2.3.5", true},
        {"1.2.3.4/31", "1.2.3.6", false},
        {"2001:db8::/33", "2001:db8:7fff::1", true},
        {"2001:db8::/33", "2001:db8:8000::1", false},
        {"::1/128", "::1", true},
        {"::1/128", "::2", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct nz_cidr net;
        struct nz_ip ip;
        assert_true(nz_cidr_parse(nz_str_from_c(cases[i].net), &net));
        assert_true(nz_ip_parse(nz_str_from_c(cases[i].ip), &ip));
        if (nz_cidr_contains(&net, &ip) != cases[i].inside)
            fail_msg("%s in %s is not %d", cases[i].ip, cases[i].net, cases[i].inside);
    }
}

/* Against the definition: bit by bit, for every prefix length. */
static void every_prefix_length_is_right(void **state)
{
    (void)state;
    struct nz_ip base;
    assert_true(nz_ip_parse(NZ_STR("a5a5:5a5a:ffff:0:1234:8000:1:fffe"), &base));
    for (unsigned bits = 0; bits <= 128; bits++) {
        char text[64];
        snprintf(text, sizeof text, "a5a5:5a5a:ffff:0:1234:8000:1:fffe/%u", bits);
        struct nz_cidr net;
        assert_true(nz_cidr_parse(nz_str_from_c(text), &net));
        for (unsigned flip = 0; flip < 128; flip++) {
            struct nz_ip ip = base;
            ip.bytes[flip / 8] ^= (uint8_t)(0x80u >> (flip % 8));
            assert_int_equal(nz_cidr_contains(&net, &ip), flip >= bits);
            assert_true(flip < bits || (net.base.bytes[flip / 8] & (0x80u >> (flip % 8))) == 0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_taken_or_refused),
        cmocka_unit_test(networks_are_taken_or_refused),
        cmocka_unit_test(networks_contain_their_addresses),
        cmocka_unit_test(every_prefix_length_is_right),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
