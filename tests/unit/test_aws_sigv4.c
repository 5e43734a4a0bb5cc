/* aws: each stage of Signature Version 4 against AWS's test suite where it is at hand, and against the examples of AWS's
 * documentation, whose requests and signatures stand here; and whole requests against libcurl's own signer. */
#include "aws/curl.h"
#include "aws/sigv4.h"
#include "core/json.h"
#include "support/faults.h"
#include "support/files.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* --- examples of the documentation --- */

static nz_time at(const char *text)
{
    nz_time t;
    assert_true(nz_time_parse(nz_str_from_c(text), &t));
    return t;
}

static void same(struct nz_str text, const char *expected)
{
    if (text.n != strlen(expected) || memcmp(text.p, expected, text.n) != 0)
        fail_msg("got\n%.*s\ninstead of\n%s", NZ_STR_ARG(text), expected);
}

static void authorization_is(const struct nz_sigv4_request *request, const struct nz_sigv4_scope *scope,
                             const char *key, const char *expected)
{
    struct nz_secret secret = {0};
    struct nz_buf out;
    nz_buf_init(&out, 0);
    assert_int_equal(nz_secret_set(&secret, NZ_STR("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")), NZ_OK);
    if (strstr(key, "IAM"))
        assert_int_equal(nz_secret_set(&secret, NZ_STR("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")), NZ_OK);
    const char *id = strstr(key, "IAM") ? "AKIDEXAMPLE" : "AKIAIOSFODNN7EXAMPLE";
    assert_int_equal(nz_sigv4_authorization(request, scope, nz_str_from_c(id), &secret, &out), NZ_OK);
    same(nz_buf_view(&out), expected);
    nz_secret_release(&secret);
    nz_buf_release(&out);
}

/* AWS General Reference, "Examples of the complete Signature Version 4 signing process". */
static void iam_list_users(void **state)
{
    (void)state;
    const struct nz_sigv4_header headers[] = {
        {NZ_STR("X-Amz-Date"), NZ_STR("20150830T123600Z")},
        {NZ_STR("Host"), NZ_STR("iam.amazonaws.com")},
        {NZ_STR("content-type"), NZ_STR(" application/x-www-form-urlencoded;   charset=utf-8 ")},
    };
    struct nz_sigv4_request request = {.method = NZ_STR("GET"),
                                       .path = NZ_STR("/"),
                                       .query = NZ_STR("Version=2010-05-08&Action=ListUsers"),
                                       .headers = headers,
                                       .headers_count = 3};
    assert_int_equal(nz_hash_of(NZ_STR(""), &request.body_hash), NZ_OK);
    const struct nz_sigv4_scope scope = {at("2015-08-30T12:36:00Z"), NZ_STR("us-east-1"), NZ_STR("iam")};
    authorization_is(&request, &scope, "IAM",
                     "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, "
                     "SignedHeaders=content-type;host;x-amz-date, "
                     "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
}

/* S3 API Reference, "Signature Calculations for the Authorization Header", examples. */
static void s3_examples(void **state)
{
    (void)state;
#define EMPTY_HASH "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    const struct nz_sigv4_header headers[] = {
        {NZ_STR("host"), NZ_STR("examplebucket.s3.amazonaws.com")},
        {NZ_STR("x-amz-content-sha256"), NZ_STR(EMPTY_HASH)},
        {NZ_STR("x-amz-date"), NZ_STR("20130524T000000Z")},
        {NZ_STR("range"), NZ_STR("bytes=0-9")},
    };
    struct nz_sigv4_request request = {.method = NZ_STR("GET"),
                                       .path = NZ_STR("/test.txt"),
                                       .headers = headers,
                                       .headers_count = 4,
                                       .path_is_canonical = true};
    assert_int_equal(nz_hash_of(NZ_STR(""), &request.body_hash), NZ_OK);
    const struct nz_sigv4_scope scope = {at("2013-05-24T00:00:00Z"), NZ_STR("us-east-1"), NZ_STR("s3")};
#define S3_HEAD "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
    authorization_is(&request, &scope, "S3",
                     S3_HEAD "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, "
                             "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
    request.path = NZ_STR("");
    request.query = NZ_STR("lifecycle");
    request.headers_count = 3;
    authorization_is(&request, &scope, "S3",
                     S3_HEAD "SignedHeaders=host;x-amz-content-sha256;x-amz-date, "
                             "Signature=fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
}

static const char *canonical_of(const struct nz_sigv4_request *request)
{
    static char text[4096];
    struct nz_buf out;
    nz_buf_init(&out, 0);
    assert_int_equal(nz_sigv4_canonical_request(request, &out), NZ_OK);
    snprintf(text, sizeof text, "%.*s", (int)out.n, out.p);
    nz_buf_release(&out);
    return text;
}

/* A path that was encoded when it was sent is encoded again, but not for S3. */
static void paths(void **state)
{
    (void)state;
    static const struct {
        const char *path, *signed_as;
        bool s3;
    } rows[] = {
        {"", "/", false},
        {"/detector/a%2Fb", "/detector/a%252Fb", false},
        {"/bucket/a%2Fb//c", "/bucket/a%2Fb//c", true},
        {"/a/./b//../c/..", "/a/", false},
        {"/..", "/", false},
        {"/a/.b/..c", "/a/.b/..c", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct nz_sigv4_request request = {
            .method = NZ_STR("GET"), .path = nz_str_from_c(rows[i].path), .path_is_canonical = rows[i].s3};
        char expected[256];
        snprintf(expected, sizeof expected, "GET\n%s\n\n", rows[i].signed_as);
        same(nz_str_head(nz_str_from_c(canonical_of(&request)), strlen(expected)), expected);
    }
}

static void queries_are_sorted_as_encoded(void **state)
{
    (void)state;
    struct nz_sigv4_request request = {.method = NZ_STR("GET"),
                                       .query = NZ_STR("b=2&a=%7e&B=%2f&a=1&&c&%61%5B=x+y&d=%zz")};
    static const char expected[] = "GET\n/\nB=%2F&a=1&a=~&a%5B=x%2By&b=2&c=&d=%25zz\n";
    same(nz_str_head(nz_str_from_c(canonical_of(&request)), sizeof expected - 1), expected);
}

static void bounds(void **state)
{
    (void)state;
    static struct nz_sigv4_header headers[NZ_SIGV4_HEADERS_MAX + 1];
    struct nz_sigv4_request request = {.method = NZ_STR("GET"), .headers = headers, .headers_count = 33};
    struct nz_buf out, query;
    nz_buf_init(&out, 0);
    nz_buf_init(&query, 0);
    assert_int_equal(nz_sigv4_canonical_request(&request, &out), NZ_E_LIMIT);
    for (unsigned i = 0; i <= NZ_SIGV4_QUERY_MAX; i++)
        nz_buf_printf(&query, "&a%u", i);
    request.headers_count = 0;
    request.query = nz_buf_view(&query);
    assert_int_equal(nz_sigv4_canonical_request(&request, &out), NZ_E_LIMIT);
    nz_buf_release(&out);
    nz_buf_release(&query);
}

static void each_allocation_fails(void **state)
{
    (void)state;
    const struct nz_sigv4_header headers[] = {{NZ_STR("Host"), NZ_STR("a")}};
    const struct nz_sigv4_request request = {
        .method = NZ_STR("GET"), .query = NZ_STR("a=b"), .headers = headers, .headers_count = 1};
    const struct nz_sigv4_scope scope = {{0}, NZ_STR("r"), NZ_STR("s")};
    struct nz_secret secret = {0};
    assert_int_equal(nz_secret_set(&secret, NZ_STR("key")), NZ_OK);
    long before = nz_live_allocations();
    for (unsigned nth = 0;; nth++) {
        struct nz_buf out;
        nz_buf_init(&out, 0);
        nz_fault_arm(nth);
        enum nz_err err = nz_sigv4_authorization(&request, &scope, NZ_STR("id"), &secret, &out);
        bool fired = nz_fault_fired();
        nz_fault_disarm();
        nz_buf_release(&out);
        assert_int_equal(nz_live_allocations(), before);
        if (!fired)
            break;
        assert_int_equal(err, NZ_E_NOMEM);
    }
    nz_secret_release(&secret);
}

/* --- AWS's suite: a folder a case --- */

static char suite_folder[2048];

static struct nz_str case_file(const char *name, const char *file)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s/%s", suite_folder, name, file);
    return nz_test_read(path);
}

struct suite_case {
    struct nz_str file; /* request.txt */
    struct nz_str method, path, query, body;
    struct nz_sigv4_header headers[NZ_SIGV4_HEADERS_MAX];
    size_t headers_count;
};

static struct nz_str cut(struct nz_str *text, const char *at_what)
{
    struct nz_str what = nz_str_from_c(at_what);
    size_t end = nz_str_find(*text, what);
    struct nz_str head = nz_str_head(*text, end);
    *text = end == SIZE_MAX ? (struct nz_str){0} : nz_str_skip(*text, end + what.n);
    return head;
}

static void header_add(struct suite_case *c, struct nz_str name, struct nz_str value)
{
    assert_true(c->headers_count < NZ_SIGV4_HEADERS_MAX);
    c->headers[c->headers_count++] = (struct nz_sigv4_header){name, value};
}

static void case_read(struct suite_case *c, const char *name)
{
    *c = (struct suite_case){.file = case_file(name, "request.txt")};
    struct nz_str rest = c->file;
    struct nz_str line = cut(&rest, "\n");
    c->method = cut(&line, " ");
    size_t protocol = nz_str_find(line, NZ_STR(" HTTP/1.1"));
    c->query = nz_str_head(line, protocol);
    c->path = cut(&c->query, "?");
    while (rest.n && rest.p[0] != '\n') {
        line = cut(&rest, "\n");
        while (rest.n && rest.p[0] == ' ') { /* the value goes on */
            struct nz_str more = cut(&rest, "\n");
            line.n = (size_t)(more.p + more.n - line.p);
        }
        struct nz_str header = cut(&line, ":");
        header_add(c, header, line);
    }
    c->body = nz_str_skip(rest, 1);
}

struct suite_context {
    struct nz_json_doc doc;
    struct nz_json root;
    struct nz_str file;
};

static struct nz_str text_at(struct nz_json object, const char *name)
{
    struct nz_json v = nz_json_get(object, nz_str_from_c(name));
    return nz_json_kind(v) == NZ_JSON_STRING ? nz_json_string_raw(v) : (struct nz_str){0};
}

static bool true_at(struct nz_json object, const char *name)
{
    return nz_json_kind(nz_json_get(object, nz_str_from_c(name))) == NZ_JSON_TRUE;
}

/* query_form: the signature's parts stand in the query, as in a presigned URL, else in headers. */
static void parameters_add(struct suite_case *c, struct nz_buf *query, const char *id, struct nz_str token)
{
    nz_buf_append(query, c->query);
    nz_buf_printf(query, "%sX-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=", c->query.n ? "&" : "");
    nz_buf_printf(query, "%s%%2F20150830%%2Fus-east-1%%2Fservice%%2Faws4_request&X-Amz-Date=20150830T123600Z", id);
    nz_buf_append(query, NZ_STR("&X-Amz-Expires=3600&X-Amz-SignedHeaders="));
    struct nz_sigv4_request request = {.headers = c->headers, .headers_count = c->headers_count};
    struct nz_buf names;
    nz_buf_init(&names, 0);
    nz_sigv4_signed_headers_append(&names, &request);
    nz_uri_encode(query, nz_buf_view(&names), 0);
    nz_buf_release(&names);
    if (token.n) {
        nz_buf_append(query, NZ_STR("&X-Amz-Security-Token="));
        nz_uri_encode(query, token, 0);
    }
    c->query = nz_buf_view(query);
}

static void stages_are(const char *name, const char *form, const struct nz_sigv4_request *request,
                       const struct nz_sigv4_scope *scope, struct nz_str key)
{
    static const char *const stages[] = {"canonical-request.txt", "string-to-sign.txt", "signature.txt"};
    struct nz_buf out[3];
    struct nz_secret secret = {0};
    struct nz_sha256 signature;
    for (size_t i = 0; i < 3; i++)
        nz_buf_init(&out[i], 0);
    assert_int_equal(nz_secret_set(&secret, key), NZ_OK);
    assert_int_equal(nz_sigv4_canonical_request(request, &out[0]), NZ_OK);
    assert_int_equal(nz_sigv4_string_to_sign(nz_buf_view(&out[0]), scope, &out[1]), NZ_OK);
    assert_int_equal(nz_sigv4_signature(&secret, scope, nz_buf_view(&out[1]), &signature), NZ_OK);
    nz_hex_append(&out[2], nz_sha256_str(&signature));
    for (size_t i = 0; i < 3; i++) {
        char file[64];
        snprintf(file, sizeof file, "%s-%s", form, stages[i]);
        struct nz_str expected = case_file(name, file);
        if (!nz_str_eq(nz_str_trim(nz_buf_view(&out[i])), nz_str_trim(expected)))
            fail_msg("%s, %s: got\n%.*s\ninstead of\n%.*s", name, file, (int)out[i].n, out[i].p, NZ_STR_ARG(expected));
        free((void *)(uintptr_t)expected.p);
        nz_buf_release(&out[i]);
    }
    nz_secret_release(&secret);
}

static void case_runs(const char *name, bool in_headers)
{
    struct suite_case c;
    struct suite_context x = {.file = case_file(name, "context.json")};
    struct nz_buf query, hash, path;
    nz_json_doc_init(&x.doc);
    nz_buf_init(&query, 0);
    nz_buf_init(&hash, 0);
    nz_buf_init(&path, 0);
    assert_int_equal(nz_json_parse(&x.doc, x.file, &x.root, NULL), NZ_OK);
    case_read(&c, name);
    struct nz_json who = nz_json_get(x.root, NZ_STR("credentials"));
    struct nz_str token = true_at(x.root, "omit_session_token") ? (struct nz_str){0} : text_at(who, "token");
    char id[64];
    snprintf(id, sizeof id, "%.*s", NZ_STR_ARG(text_at(who, "access_key_id")));
    struct nz_sigv4_request request = {.method = c.method, .path = c.path};
    assert_int_equal(nz_hash_of(c.body, &request.body_hash), NZ_OK);
    nz_hex_append(&hash, nz_sha256_str(&request.body_hash));
    if (in_headers) {
        header_add(&c, NZ_STR("X-Amz-Date"), NZ_STR("20150830T123600Z"));
        if (true_at(x.root, "sign_body"))
            header_add(&c, NZ_STR("X-Amz-Content-Sha256"), nz_buf_view(&hash));
        if (token.n)
            header_add(&c, NZ_STR("X-Amz-Security-Token"), token);
    } else {
        parameters_add(&c, &query, id, token);
    }
    if (!true_at(x.root, "normalize")) {
        nz_uri_encode(&path, c.path, '/');
        request.path = nz_buf_view(&path);
        request.path_is_canonical = true;
    }
    request.query = c.query;
    request.headers = c.headers;
    request.headers_count = c.headers_count;
    const struct nz_sigv4_scope scope = {at("2015-08-30T12:36:00Z"), text_at(x.root, "region"),
                                         text_at(x.root, "service")};
    stages_are(name, in_headers ? "header" : "query", &request, &scope, text_at(who, "secret_access_key"));
    nz_json_doc_release(&x.doc);
    nz_buf_release(&query);
    nz_buf_release(&hash);
    nz_buf_release(&path);
    free((void *)(uintptr_t)c.file.p);
    free((void *)(uintptr_t)x.file.p);
}

static void the_suite(void **state)
{
    (void)state;
    const char *folder = nz_test_shared("data/sigv4/v4");
    if (!folder)
        skip();
    snprintf(suite_folder, sizeof suite_folder, "%s", folder);
    DIR *dir = opendir(suite_folder);
    assert_non_null(dir);
    unsigned count = 0;
    for (struct dirent *entry; (entry = readdir(dir));) {
        if (entry->d_name[0] == '.')
            continue;
        case_runs(entry->d_name, true);
        case_runs(entry->d_name, false);
        count++;
    }
    closedir(dir);
    assert_int_equal(count, 38);
}

/* --- libcurl's signer --- */

/* Takes one request on `listener` and hands its text on; ends the process. */
static void serve_once(int listener, int to)
{
    static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    char text[8192];
    size_t n = 0;
    int peer = accept(listener, NULL, NULL);
    while (n < sizeof text - 1 && !memmem(text, n, "\r\n\r\n", 4)) {
        ssize_t got = read(peer, text + n, sizeof text - 1 - n);
        if (got <= 0)
            break;
        n += (size_t)got;
    }
    bool ok = write(peer, answer, sizeof answer - 1) > 0 && write(to, text, n) == (ssize_t)n;
    _exit(ok ? 0 : 1);
}

/* The request that libcurl sends to url, as text, in a static buffer. */
static struct nz_str curl_sends(const struct nz_curl *curl, int listener, const char *url, const char *body)
{
    static char text[8192];
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t pid = fork();
    if (pid == 0)
        serve_once(listener, ends[1]);
    close(ends[1]);
    CURL *easy = curl->easy_init();
    assert_non_null(easy);
    struct curl_slist *headers = curl->slist_append(NULL, "Content-Type: application/x-amz-json-1.1");
    assert_int_equal(curl->easy_setopt(easy, CURLOPT_URL, url), CURLE_OK);
    assert_int_equal(curl->easy_setopt(easy, CURLOPT_PROXY, ""), CURLE_OK);
    assert_int_equal(curl->easy_setopt(easy, CURLOPT_HTTPHEADER, headers), CURLE_OK);
    if (body)
        assert_int_equal(curl->easy_setopt(easy, CURLOPT_POSTFIELDS, body), CURLE_OK);
    assert_int_equal(curl->easy_setopt(easy, CURLOPT_AWS_SIGV4, "aws:amz:eu-west-1:guardduty"), CURLE_OK);
    assert_int_equal(curl->easy_setopt(easy, CURLOPT_USERPWD, "AKIDEXAMPLE:wJalrXUtnFEMI/K7MDENG"), CURLE_OK);
    assert_int_equal(curl->easy_perform(easy), CURLE_OK);
    curl->easy_cleanup(easy);
    curl->slist_free_all(headers);
    ssize_t n = read(ends[0], text, sizeof text);
    close(ends[0]);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    return nz_str_of(text, n > 0 ? (size_t)n : 0);
}

static bool is_signed(struct nz_str authorization, struct nz_str name)
{
    struct nz_str rest = nz_str_skip(authorization, nz_str_find(authorization, NZ_STR("SignedHeaders=")) + 14);
    rest = nz_str_head(rest, nz_str_find(rest, NZ_STR(",")));
    while (rest.n) {
        if (nz_str_eq_nocase(cut(&rest, ";"), name))
            return true;
    }
    return false;
}

/* Signs what libcurl signed, for the same time, and compares. */
static void signed_alike(struct nz_str sent, const char *body)
{
    struct nz_str authorization = {0}, date = NZ_STR(""), line = cut(&sent, "\r\n");
    struct nz_sigv4_header all[NZ_SIGV4_HEADERS_MAX], used[NZ_SIGV4_HEADERS_MAX];
    size_t count = 0;
    struct nz_sigv4_request request = {.method = cut(&line, " "), .headers = used};
    request.query = cut(&line, " ");
    request.path = cut(&request.query, "?");
    for (struct nz_str h = cut(&sent, "\r\n"); h.n; h = cut(&sent, "\r\n")) {
        assert_true(count < NZ_SIGV4_HEADERS_MAX);
        all[count].name = cut(&h, ":");
        all[count].value = nz_str_trim(h);
        if (nz_str_eq_nocase(all[count].name, NZ_STR("Authorization")))
            authorization = all[count].value;
        if (nz_str_eq_nocase(all[count].name, NZ_STR("X-Amz-Date")))
            date = all[count].value;
        count++;
    }
    assert_int_equal(date.n, 16);
    for (size_t i = 0; i < count; i++) {
        if (is_signed(authorization, all[i].name))
            used[request.headers_count++] = all[i];
    }
    char iso[32], expected[1024];
    snprintf(iso, sizeof iso, "%.4s-%.2s-%.2sT%.2s:%.2s:%.2sZ", date.p, date.p + 4, date.p + 6, date.p + 9, date.p + 11,
             date.p + 13);
    snprintf(expected, sizeof expected, "%.*s", NZ_STR_ARG(authorization));
    assert_int_equal(nz_hash_of(nz_str_from_c(body), &request.body_hash), NZ_OK);
    struct nz_secret key = {0};
    struct nz_buf out;
    nz_buf_init(&out, 0);
    assert_int_equal(nz_secret_set(&key, NZ_STR("wJalrXUtnFEMI/K7MDENG")), NZ_OK);
    const struct nz_sigv4_scope scope = {at(iso), NZ_STR("eu-west-1"), NZ_STR("guardduty")};
    assert_int_equal(nz_sigv4_authorization(&request, &scope, NZ_STR("AKIDEXAMPLE"), &key, &out), NZ_OK);
    same(nz_buf_view(&out), expected);
    nz_secret_release(&key);
    nz_buf_release(&out);
}

static void as_libcurl_signs(void **state)
{
    (void)state;
    struct nz_curl curl;
    struct nz_diag diag = NZ_DIAG_INIT;
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof here;
    if (nz_curl_open(&curl, &diag) != NZ_OK)
        fail_msg("%s", diag.text);
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(listener, (const struct sockaddr *)&here, sizeof here), 0);
    assert_int_equal(listen(listener, 4), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&here, &length), 0);
    static const char *const paths[] = {"/", "/detector/12abc", "/detector?maxResults=50&nextToken=a%2Fb"};
    for (size_t i = 0; i < 6; i++) {
        const char *body = i % 2 ? "{\"a\":\"b\"}" : NULL;
        char url[256];
        snprintf(url, sizeof url, "http://127.0.0.1:%u%s", ntohs(here.sin_port), paths[i / 2]);
        signed_alike(curl_sends(&curl, listener, url, body), body ? body : "");
    }
    close(listener);
    nz_curl_close(&curl);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(iam_list_users), cmocka_unit_test(s3_examples),
        cmocka_unit_test(paths),          cmocka_unit_test(queries_are_sorted_as_encoded),
        cmocka_unit_test(bounds),         cmocka_unit_test(each_allocation_fails),
        cmocka_unit_test(the_suite),      cmocka_unit_test(as_libcurl_signs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
