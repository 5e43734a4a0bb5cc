/* access: an account's authorization details as they are read, its policy sets, and questions to them. Answers are in
 * tests/cases/access. */
#include "access/who_can.h"
#include "support/faults.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define ALLOW                                                                                                          \
    "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"*\"}]}"
#define ALLOW_ENCODED                                                                                                  \
    "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22"    \
    "s3%3A%2A%22%2C%22Resource%22%3A%22%2A%22%7D%5D%7D"
#define TRUST                                                                                                          \
    "{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":[\"arn:aws:iam::111122223333:user/alice\"]},"        \
    "\"Action\":\"sts:AssumeRole\"}]}"
#define ARN(what) "\"arn:aws:iam::111122223333:" what "\""
#define USER(name, more) "{\"UserName\":\"" name "\",\"Arn\":" ARN("user/" name) more "}"
#define USERS(list) "{\"UserDetailList\":[" list "]}"
#define GROUP(name, policies)                                                                                          \
    "{\"GroupName\":\"" name "\",\"Arn\":" ARN("group/" name) ",\"GroupPolicyList\":[" policies "]}"
#define INLINE(document) ",\"UserPolicyList\":[{\"PolicyName\":\"own\",\"PolicyDocument\":" document "}]"

static struct nz_account *read_good(const char *text)
{
    struct nz_account *account;
    struct nz_diag diag = NZ_DIAG_INIT;
    enum nz_err err = nz_account_read(nz_str_from_c(text), &account, &diag);
    if (err != NZ_OK)
        fail_msg("%u:%u %s: %s", diag.line, diag.column, nz_err_text(err), diag.text);
    return account;
}

static const struct nz_access_principal *named(const struct nz_account *account, const char *who)
{
    uint32_t at;
    assert_int_equal(nz_account_find(account, nz_str_from_c(who), &at, NULL), NZ_OK);
    return &account->principals[at];
}

static void is(struct nz_str text, const char *expected)
{
    assert_int_equal(text.n, strlen(expected));
    assert_memory_equal(text.p, expected, text.n);
}

/* clang-format off */
/* Groups and managed policies come on a later page than those who use them. */
static const char two_pages[] =
    "{\"UserDetailList\":[{\"UserName\":\"alice\",\"UserId\":\"AIDA1\",\"Arn\":" ARN("user/alice") ","
    "\"GroupList\":[\"ops\"],\"Tags\":[{\"Key\":\"t\\u0065am\",\"Value\":\"a\"}],"
    "\"PermissionsBoundary\":{\"PermissionsBoundaryArn\":" ARN("policy/p") "}" INLINE(ALLOW) "}],"
    "\"IsTruncated\":true,\"Marker\":\"m\"}\n"
    "{\"UserDetailList\":[],"
    "\"GroupDetailList\":[{\"GroupName\":\"ops\",\"Arn\":" ARN("group/ops") ","
    "\"AttachedManagedPolicies\":[{\"PolicyName\":\"p\",\"PolicyArn\":" ARN("policy/p") "}]}],"
    "\"RoleDetailList\":[{\"RoleName\":\"r\",\"Arn\":" ARN("role/x/r") ",\"AssumeRolePolicyDocument\":" TRUST "}],"
    "\"Policies\":[{\"PolicyName\":\"p\",\"Arn\":" ARN("policy/p") ",\"PolicyVersionList\":["
    "{\"Document\":{\"Statement\":[]},\"VersionId\":\"v2\",\"IsDefaultVersion\":false},"
    "{\"Document\":\"" ALLOW_ENCODED "\",\"VersionId\":\"v1\",\"IsDefaultVersion\":true}]}],\"IsTruncated\":false}";

/* What each has is the same text, or none, or cannot be read. */
static const char shared[] =
    "{\"UserDetailList\":["
    USER("own", INLINE(ALLOW)) ","
    USER("grouped", ",\"GroupList\":[\"g\"]") ","
    USER("twice", ",\"GroupList\":[\"g\",\"h\"]" INLINE(ALLOW)) ","
    USER("none", "") ","
    USER("lost", ",\"GroupList\":[\"x\"]") ","
    USER("bounded", ",\"PermissionsBoundary\":{\"PermissionsBoundaryArn\":\"arn:aws:iam::aws:policy/x\"}" INLINE(ALLOW))
    "],\"GroupDetailList\":["
    GROUP("g", "{\"PolicyName\":\"p\",\"PolicyDocument\":" ALLOW "}") ","
    GROUP("h", "{\"PolicyName\":\"p\",\"PolicyDocument\":" ALLOW "}") "]}";
/* clang-format on */

static void pages_are_joined(void **state)
{
    (void)state;
    struct nz_account *a = read_good(two_pages);
    assert_int_equal(a->principals_count, 2);
    assert_int_equal(a->users_count, 1);
    assert_int_equal(a->unread_count, 0);
    is(a->id, "111122223333");
    is(a->partition, "aws");
    const struct nz_access_principal *alice = named(a, "alice"), *role = named(a, "arn:aws:iam::111122223333:role/x/r");
    is(alice->id, "AIDA1");
    is(alice->tags[0].key, "team");
    assert_true(alice->tags_known);
    is(alice->grants[0].name, "own");
    assert_non_null(alice->grants[0].document->policy);
    assert_ptr_equal(alice->groups[0].group, &a->groups[0]);
    const struct nz_access_grant *attached = &a->groups[0].grants[0];
    assert_int_equal(nz_policy_statements(attached->document->policy), 1); /* the default version, not the first */
    assert_true(alice->has_boundary);
    assert_non_null(alice->boundary.document->policy);
    assert_ptr_not_equal(alice->boundary.document, attached->document); /* compiled as a boundary */
    assert_true(role->kind == NZ_ACCESS_ROLE && role->trust.document->may_assume);
    assert_false(role->trust.document->trusts_account);
    assert_int_equal(role->trust.document->named_count, 1);
    is(role->trust.document->named[0], "arn:aws:iam::111122223333:user/alice");
    nz_account_free(a);
}

static void a_text_is_compiled_once(void **state)
{
    (void)state;
    struct nz_account *a = read_good(USERS(USER("a", INLINE(ALLOW)) "," USER("b", INLINE(ALLOW)) "," USER(
        "c", INLINE("\"" ALLOW_ENCODED "\"")) "," USER("d", INLINE("\"" ALLOW_ENCODED "\""))));
    assert_ptr_equal(a->principals[0].grants[0].document, a->principals[1].grants[0].document);
    assert_ptr_equal(a->principals[2].grants[0].document, a->principals[3].grants[0].document);
    assert_int_equal(a->documents_count, 2);
    nz_account_free(a);
}

static void statements_have_their_place(void **state)
{
    (void)state;
    struct nz_account *a = read_good("{\"UserDetailList\": [\n" USER(
        "a", ",\n \"UserPolicyList\": [{\"PolicyName\": \"p\", \"PolicyDocument\": {\n"
             "  \"Statement\": [{\"Effect\": \"Deny\", \"Action\": \"*\", \"Resource\": \"*\"},\n"
             "    {\"Effect\": \"Allow\", \"Action\": \"*\", \"Resource\": \"*\"}]}}]") "\n]}");
    uint32_t line, column;
    assert_true(nz_access_statement_place(a, &a->principals[0].grants[0], 0, &line, &column));
    assert_int_equal(line, 4);
    assert_int_equal(column, 17);
    assert_true(nz_access_statement_place(a, &a->principals[0].grants[0], 1, &line, &column));
    assert_int_equal(line, 5);
    assert_int_equal(column, 5);
    nz_account_free(a);
}

/* What cannot be read stays, and says why and where. */
static void unreadable_parts_stay(void **state)
{
    (void)state;
    static const struct {
        const char *user; /* members behind the ARN */
        enum nz_err code;
        const char *text;
    } cases[] = {
        {INLINE("{\"Statement\":[{\"Effect\":\"Perhaps\",\"Action\":\"*\",\"Resource\":\"*\"}]}"), NZ_E_POLICY_SYNTAX,
         ""},
        {INLINE("\"%7B%2\""), NZ_E_POLICY_SYNTAX, ""},
        {INLINE("7"), NZ_E_ACCOUNT_ENTRY, "neither an object nor a text"},
        {",\"UserPolicyList\":[{\"PolicyName\":\"p\"}]", NZ_E_ACCOUNT_ENTRY, "no policy document"},
        {",\"UserPolicyList\":[7]", NZ_E_ACCOUNT_ENTRY, "UserPolicyList"},
        {",\"UserPolicyList\":{}", NZ_E_ACCOUNT_ENTRY, "no list"},
        {",\"AttachedManagedPolicies\":[{\"PolicyName\":\"p\"}]", NZ_E_ACCOUNT_ENTRY, "AttachedManagedPolicies"},
        {",\"AttachedManagedPolicies\":[{\"PolicyArn\":\"arn:aws:iam::aws:policy/x\"}]", NZ_E_ACCOUNT_PART,
         "arn:aws:iam::aws:policy/x"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[1024];
        snprintf(text, sizeof text, "{\"UserDetailList\":[{\"UserName\":\"a\",\"Arn\":" ARN("user/a") "%s}]}",
                 cases[i].user);
        struct nz_account *a = read_good(text);
        const struct nz_access_principal *p = named(a, "a");
        assert_int_equal(p->grants_count, 1);
        const struct nz_access_document *document = p->grants[0].document;
        assert_null(document->policy);
        assert_int_equal(document->problem->code, cases[i].code);
        if (!strstr(document->problem->text, cases[i].text))
            fail_msg("%s: %s", cases[i].user, document->problem->text);
        nz_account_free(a);
    }
}

static void memberships_and_boundaries_stay(void **state)
{
    (void)state;
    struct nz_account *a = read_good(USERS(USER("a", ",\"GroupList\":[\"gone\"],\"PermissionsBoundary\":{}") "," USER(
        "b", ",\"GroupList\":7,\"Tags\":[7]") "," USER("c", ",\"GroupList\":[\"gone\"]")));
    const struct nz_access_principal *p = a->principals;
    assert_null(p[0].groups[0].group);
    assert_int_equal(p[0].groups[0].missing->problem->code, NZ_E_ACCOUNT_PART);
    assert_ptr_equal(p[0].groups[0].missing, p[2].groups[0].missing);
    assert_true(p[0].has_boundary && !p[0].boundary.document->policy);
    assert_int_equal(p[1].groups[0].missing->problem->code, NZ_E_ACCOUNT_ENTRY);
    assert_false(p[1].tags_known);
    nz_account_free(a);
}

static void what_has_no_name_is_listed(void **state)
{
    (void)state;
    struct nz_account *a = read_good("{\"UserDetailList\":[7,{\"UserName\":\"x\"}],\"RoleDetailList\":[{}],"
                                     "\"Policies\":[{\"Arn\":\"p\",\"PolicyName\":\"p\"}],\"IsTruncated\":true}");
    assert_int_equal(a->principals_count, 0);
    assert_int_equal(a->unread_count, 5);
    assert_int_equal(a->unread[0].line, 1);
    assert_int_equal(a->unread[0].column, 20);
    assert_int_equal(a->unread[4].code, NZ_E_ACCOUNT_PART);
    nz_account_free(a);
}

static void what_is_no_account_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum nz_err code;
        uint32_t line, column;
    } cases[] = {
        {"", NZ_E_ACCOUNT_SHAPE, 1, 1},
        {" \n ", NZ_E_ACCOUNT_SHAPE, 1, 1},
        {"{}", NZ_E_ACCOUNT_SHAPE, 1, 1},
        {"7", NZ_E_ACCOUNT_SHAPE, 1, 1},
        {"[7]", NZ_E_ACCOUNT_SHAPE, 1, 2},
        {"{\"UserDetailList\":7}", NZ_E_ACCOUNT_SHAPE, 1, 19},
        {USERS("") "\n" USERS("") "\n {}", NZ_E_ACCOUNT_SHAPE, 3, 2},
        {USERS(USER("a", "") "," USER("a", "")), NZ_E_ACCOUNT_DUPLICATE, 1, 78},
        {USERS(USER("a", "") ",{\"UserName\":\"b\",\"Arn\":\"arn:aws:iam::444455556666:user/b\"}"), NZ_E_ACCOUNT_MIXED,
         1, 78},
        {"{\"UserDetailList\":[}", NZ_E_JSON_SYNTAX, 1, 20},
        {"{\"UserDetailList\":[", NZ_E_JSON_END, 0, 0},
        {USERS("") "\n" USERS("") "}", NZ_E_ACCOUNT_SHAPE, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct nz_account *a;
        struct nz_diag diag = NZ_DIAG_INIT;
        enum nz_err err = nz_account_read(nz_str_from_c(cases[i].text), &a, &diag);
        assert_null(a);
        if (cases[i].line == 0) {
            assert_int_not_equal(err, NZ_OK);
            continue;
        }
        if (err != cases[i].code || diag.line != cases[i].line || diag.column != cases[i].column)
            fail_msg("%s: %s at %u:%u (%s)", cases[i].text, nz_err_name(err), diag.line, diag.column, diag.text);
    }
}

static void names_are_found(void **state)
{
    (void)state;
    struct nz_account *a = read_good("[{\"UserDetailList\":[" USER(
        "both", "") "]},{\"RoleDetailList\":[{\"RoleName\":\"both\",\"Arn\":" ARN("role/both") "}]}]");
    struct nz_diag diag = NZ_DIAG_INIT;
    uint32_t at = 7;
    assert_int_equal(nz_account_find(a, NZ_STR("both"), &at, &diag), NZ_E_ACCOUNT_PRINCIPAL);
    assert_non_null(strstr(diag.text, "give the ARN"));
    assert_int_equal(nz_account_find(a, NZ_STR("nobody"), &at, &diag), NZ_E_ACCOUNT_PRINCIPAL);
    assert_int_equal(nz_account_find(a, NZ_STR("arn:aws:iam::111122223333:role/both"), &at, &diag), NZ_OK);
    assert_int_equal(at, 1);
    assert_null(a->principals[1].trust.document->policy); /* without a trust policy: unknown, not "nobody" */
    nz_account_free(a);
}

/* A place far into a text of one line, and of many. */
static void places_are_counted(void **state)
{
    (void)state;
    size_t n = 100000;
    char *text = malloc(n + sizeof USERS(""));
    assert_non_null(text);
    for (size_t lines = 0; lines < 2; lines++) {
        memset(text, ' ', n);
        if (lines)
            text[n / 2] = '\n';
        memcpy(text + n, USERS(""), sizeof USERS(""));
        struct nz_account *a = read_good(text);
        uint32_t line, column;
        nz_account_place(a, n, &line, &column);
        assert_int_equal(line, 1 + lines);
        assert_int_equal(column, lines ? n / 2 : n + 1);
        nz_account_free(a);
    }
    free(text);
}

static void memory_runs_out(void **state)
{
    (void)state;
    unsigned nth = 0;
    for (;; nth++) {
        long before = nz_live_allocations();
        struct nz_account *a;
        nz_fault_arm(nth);
        enum nz_err err = nz_account_read(nz_str_from_c(two_pages), &a, NULL);
        bool fired = nz_fault_fired();
        nz_fault_disarm();
        if (!fired) {
            assert_int_equal(err, NZ_OK);
            nz_account_free(a);
            break;
        }
        assert_int_equal(err, NZ_E_NOMEM);
        assert_int_equal(nz_live_allocations(), before);
    }
    assert_true(nth > 20);
}

static struct nz_access_sets *sets_of(const struct nz_account *account)
{
    struct nz_access_sets *sets;
    assert_int_equal(nz_access_sets_build(account, &sets), NZ_OK);
    return sets;
}

/* The same texts are one set, however they come. */
static void sets_are_shared(void **state)
{
    (void)state;
    struct nz_account *a = read_good(shared);
    struct nz_access_sets *sets = sets_of(a);
    assert_ptr_equal(sets->of[0], sets->of[1]);
    assert_ptr_equal(sets->of[0], sets->of[2]);
    assert_int_equal(sets->of[2]->identity.count, 1);
    assert_int_equal(sets->count, 4);
    assert_int_equal(sets->of[3]->identity.count, 0);
    assert_true(sets->of[3]->identity.present);
    assert_int_equal(sets->of[4]->unread->problem->code, NZ_E_ACCOUNT_PART);
    assert_true(sets->of[5]->boundary_unread && !sets->of[5]->boundary.present);
    nz_access_sets_free(sets);
    nz_account_free(a);
}

static enum nz_err ask_all(const struct nz_account *a, struct nz_who_can **who)
{
    const struct nz_access_question question = {.action = NZ_STR("s3:GetObject"), .resource = NZ_STR("*")};
    struct nz_access_sets *sets;
    *who = NULL;
    enum nz_err err = nz_access_sets_build(a, &sets);
    if (err == NZ_OK)
        err = nz_access_who_can(sets, &question, who, NULL);
    nz_access_sets_free(sets);
    return err;
}

static void memory_runs_out_of_a_question(void **state)
{
    (void)state;
    struct nz_account *a = read_good(two_pages);
    for (unsigned nth = 0;; nth++) {
        long before = nz_live_allocations();
        struct nz_who_can *who;
        nz_fault_arm(nth);
        enum nz_err err = ask_all(a, &who);
        bool fired = nz_fault_fired();
        nz_fault_disarm();
        if (!fired) {
            assert_int_equal(err, NZ_OK);
            assert_int_equal(who->allowed, 1); /* alice; the role's policies allow nothing */
            nz_who_can_free(who);
            assert_true(nth > 10);
            break;
        }
        assert_int_equal(err, NZ_E_NOMEM);
        assert_int_equal(nz_live_allocations(), before);
    }
    nz_account_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_are_joined),
        cmocka_unit_test(a_text_is_compiled_once),
        cmocka_unit_test(statements_have_their_place),
        cmocka_unit_test(unreadable_parts_stay),
        cmocka_unit_test(memberships_and_boundaries_stay),
        cmocka_unit_test(what_has_no_name_is_listed),
        cmocka_unit_test(what_is_no_account_is_refused),
        cmocka_unit_test(names_are_found),
        cmocka_unit_test(places_are_counted),
        cmocka_unit_test(memory_runs_out),
        cmocka_unit_test(sets_are_shared),
        cmocka_unit_test(memory_runs_out_of_a_question),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
