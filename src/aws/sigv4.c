#include "aws/sigv4.h"

#include <stdlib.h>

#define ALGORITHM "AWS4-HMAC-SHA256"
#define PATH_PARTS_MAX 256u

/* --- encoding --- */

static bool is_unreserved(char c)
{
    unsigned char lower = nz_ascii_lower((unsigned char)c);
    return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
}

void nz_uri_encode(struct nz_buf *out, struct nz_str text, char keep)
{
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < text.n; i++) {
        const char c = text.p[i];
        if (is_unreserved(c) || (keep && c == keep)) {
            nz_buf_append_char(out, c);
            continue;
        }
        const char three[3] = {'%', digits[(unsigned char)c >> 4], digits[(unsigned char)c & 15]};
        nz_buf_append(out, nz_str_of(three, sizeof three));
    }
}

/* Encoded once, whether or not it was before: "a%20b" and "a b" are the same parameter. */
static void encode_again(struct nz_buf *out, struct nz_str text)
{
    for (size_t i = 0; i < text.n; i++) {
        uint8_t byte;
        if (text.p[i] == '%' && nz_hex_parse(nz_str_head(nz_str_skip(text, i + 1), 2), &byte, 1)) {
            nz_uri_encode(out, nz_str_of((const char *)&byte, 1), 0);
            i += 2;
        } else {
            nz_uri_encode(out, nz_str_of(text.p + i, 1), 0);
        }
    }
}

/* --- path --- */

/* RFC 3986, section 5.2.4, and double slashes become one. */
static enum nz_err path_without_dots(struct nz_buf *out, struct nz_str path)
{
    struct nz_str parts[PATH_PARTS_MAX];
    size_t count = 0;
    const bool is_folder = path.n == 0 || path.p[path.n - 1] == '/' || nz_str_ends_with(path, NZ_STR("/.")) ||
                           nz_str_ends_with(path, NZ_STR("/.."));
    while (path.n) {
        size_t slash = nz_str_find(path, NZ_STR("/"));
        struct nz_str part = nz_str_head(path, slash);
        path = slash == SIZE_MAX ? (struct nz_str){0} : nz_str_skip(path, slash + 1);
        if (part.n == 0 || nz_str_eq(part, NZ_STR(".")))
            continue;
        if (nz_str_eq(part, NZ_STR(".."))) {
            count -= count > 0;
            continue;
        }
        if (count >= PATH_PARTS_MAX)
            return NZ_E_LIMIT;
        parts[count++] = part;
    }
    for (size_t i = 0; i < count; i++) {
        nz_buf_append_char(out, '/');
        nz_uri_encode(out, parts[i], 0);
    }
    if (count == 0 || is_folder)
        nz_buf_append_char(out, '/');
    return NZ_OK;
}

static enum nz_err path_append(struct nz_buf *out, const struct nz_sigv4_request *request)
{
    struct nz_str path = request->path.n ? request->path : NZ_STR("/");
    if (!request->path_is_canonical)
        return path_without_dots(out, path);
    nz_buf_append(out, path);
    return NZ_OK;
}

/* --- query --- */

struct parameter {
    struct nz_str name, value; /* encoded; offsets while the buffer grows */
    size_t name_at, value_at;
};

static int parameter_order(const void *a, const void *b)
{
    const struct parameter *x = a, *y = b;
    int order = nz_str_cmp(x->name, y->name);
    return order ? order : nz_str_cmp(x->value, y->value);
}

static size_t query_split(struct nz_str query, struct nz_buf *encoded, struct parameter *list)
{
    size_t count = 0;
    while (query.n) {
        struct nz_str pair = nz_str_take(&query, NZ_STR("&"));
        if (!pair.n)
            continue;
        if (count >= NZ_SIGV4_QUERY_MAX)
            return SIZE_MAX;
        size_t equals = nz_str_find(pair, NZ_STR("="));
        struct parameter *p = &list[count++];
        p->name_at = encoded->n;
        encode_again(encoded, nz_str_head(pair, equals));
        p->name.n = encoded->n - p->name_at;
        p->value_at = encoded->n;
        if (equals != SIZE_MAX)
            encode_again(encoded, nz_str_skip(pair, equals + 1));
        p->value.n = encoded->n - p->value_at;
    }
    return count;
}

/* "sort the encoded parameter names in ascending order"; of one name by value. */
static enum nz_err query_append(struct nz_buf *out, struct nz_str query)
{
    struct parameter list[NZ_SIGV4_QUERY_MAX];
    struct nz_buf encoded;
    nz_buf_init(&encoded, 0);
    size_t count = query_split(query, &encoded, list);
    enum nz_err err = count == SIZE_MAX ? NZ_E_LIMIT : nz_buf_status(&encoded);
    for (size_t i = 0; !err && i < count; i++) {
        list[i].name.p = encoded.p + list[i].name_at;
        list[i].value.p = encoded.p + list[i].value_at;
    }
    if (!err)
        qsort(list, count, sizeof *list, parameter_order);
    for (size_t i = 0; !err && i < count; i++) {
        if (i)
            nz_buf_append_char(out, '&');
        nz_buf_append(out, list[i].name);
        nz_buf_append_char(out, '=');
        nz_buf_append(out, list[i].value);
    }
    nz_buf_release(&encoded);
    return err;
}

/* --- headers --- */

static int name_order(struct nz_str a, struct nz_str b)
{
    size_t common = a.n < b.n ? a.n : b.n;
    for (size_t i = 0; i < common; i++) {
        int order = nz_ascii_lower((unsigned char)a.p[i]) - nz_ascii_lower((unsigned char)b.p[i]);
        if (order)
            return order;
    }
    return (a.n > b.n) - (a.n < b.n);
}

/* Headers of one name stay in their order: pointers into one array, the lower came first. */
static int header_order(const void *a, const void *b)
{
    const struct nz_sigv4_header *x = *(const struct nz_sigv4_header *const *)a;
    const struct nz_sigv4_header *y = *(const struct nz_sigv4_header *const *)b;
    int order = name_order(x->name, y->name);
    return order ? order : (x > y) - (x < y);
}

static size_t headers_sort(const struct nz_sigv4_request *request, const struct nz_sigv4_header **sorted)
{
    for (size_t i = 0; i < request->headers_count; i++)
        sorted[i] = &request->headers[i];
    qsort(sorted, request->headers_count, sizeof *sorted, header_order);
    return request->headers_count;
}

static void lower_append(struct nz_buf *out, struct nz_str name)
{
    for (size_t i = 0; i < name.n; i++)
        nz_buf_append_char(out, (char)nz_ascii_lower((unsigned char)name.p[i]));
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* "remove excess white space before and after values" and "convert sequential spaces to a single space". */
static void value_append(struct nz_buf *out, struct nz_str value)
{
    value = nz_str_trim(value);
    for (size_t i = 0; i < value.n; i++) {
        if (!is_space(value.p[i]))
            nz_buf_append_char(out, value.p[i]);
        else if (!is_space(value.p[i - 1]))
            nz_buf_append_char(out, ' ');
    }
}

static void headers_append(struct nz_buf *out, const struct nz_sigv4_request *request)
{
    const struct nz_sigv4_header *sorted[NZ_SIGV4_HEADERS_MAX];
    size_t count = headers_sort(request, sorted);
    for (size_t i = 0; i < count; i++) {
        if (i && name_order(sorted[i]->name, sorted[i - 1]->name) == 0) {
            nz_buf_append_char(out, ',');
        } else {
            if (i)
                nz_buf_append_char(out, '\n');
            lower_append(out, sorted[i]->name);
            nz_buf_append_char(out, ':');
        }
        value_append(out, sorted[i]->value);
    }
    nz_buf_append(out, count ? NZ_STR("\n\n") : NZ_STR("\n"));
}

void nz_sigv4_signed_headers_append(struct nz_buf *out, const struct nz_sigv4_request *request)
{
    const struct nz_sigv4_header *sorted[NZ_SIGV4_HEADERS_MAX];
    size_t count = headers_sort(request, sorted);
    for (size_t i = 0; i < count; i++) {
        if (i && name_order(sorted[i]->name, sorted[i - 1]->name) == 0)
            continue;
        if (i)
            nz_buf_append_char(out, ';');
        lower_append(out, sorted[i]->name);
    }
}

/* --- stages --- */

enum nz_err nz_sigv4_canonical_request(const struct nz_sigv4_request *request, struct nz_buf *out)
{
    if (request->headers_count > NZ_SIGV4_HEADERS_MAX)
        return NZ_E_LIMIT;
    nz_buf_append(out, request->method);
    nz_buf_append_char(out, '\n');
    enum nz_err err = path_append(out, request);
    if (err)
        return err;
    nz_buf_append_char(out, '\n');
    err = query_append(out, request->query);
    if (err)
        return err;
    nz_buf_append_char(out, '\n');
    headers_append(out, request);
    nz_sigv4_signed_headers_append(out, request);
    nz_buf_append_char(out, '\n');
    nz_hex_append(out, nz_sha256_str(&request->body_hash));
    return nz_buf_status(out);
}

static void day_append(struct nz_buf *out, nz_time at)
{
    struct nz_civil c = nz_time_civil(at);
    nz_buf_printf(out, "%04d%02d%02d", c.year, c.month, c.day);
}

void nz_sigv4_date_append(struct nz_buf *out, nz_time at)
{
    struct nz_civil c = nz_time_civil(at);
    day_append(out, at);
    nz_buf_printf(out, "T%02d%02d%02dZ", c.hour, c.minute, c.second);
}

static void scope_append(struct nz_buf *out, const struct nz_sigv4_scope *scope)
{
    day_append(out, scope->at);
    nz_buf_append_char(out, '/');
    nz_buf_append(out, scope->region);
    nz_buf_append_char(out, '/');
    nz_buf_append(out, scope->service);
    nz_buf_append(out, NZ_STR("/aws4_request"));
}

enum nz_err nz_sigv4_string_to_sign(struct nz_str canonical_request, const struct nz_sigv4_scope *scope,
                                    struct nz_buf *out)
{
    struct nz_sha256 hash;
    enum nz_err err = nz_hash_of(canonical_request, &hash);
    if (err)
        return err;
    nz_buf_append(out, NZ_STR(ALGORITHM "\n"));
    nz_sigv4_date_append(out, scope->at);
    nz_buf_append_char(out, '\n');
    scope_append(out, scope);
    nz_buf_append_char(out, '\n');
    nz_hex_append(out, nz_sha256_str(&hash));
    return nz_buf_status(out);
}

/* HMAC(HMAC(HMAC(HMAC("AWS4" + key, date), region), service), "aws4_request") */
static enum nz_err signing_key(const struct nz_secret *secret_key, const struct nz_sigv4_scope *scope,
                               struct nz_sha256 *key)
{
    struct nz_buf first, day;
    nz_buf_init_wiped(&first, 0);
    nz_buf_init(&day, 0);
    nz_buf_append(&first, NZ_STR("AWS4"));
    nz_buf_append(&first, nz_secret_view(secret_key));
    day_append(&day, scope->at);
    enum nz_err err = first.failed || day.failed ? NZ_E_NOMEM : NZ_OK;
    if (!err)
        err = nz_hmac_of(nz_buf_view(&first), nz_buf_view(&day), key);
    if (!err)
        err = nz_hmac_of(nz_sha256_str(key), scope->region, key);
    if (!err)
        err = nz_hmac_of(nz_sha256_str(key), scope->service, key);
    if (!err)
        err = nz_hmac_of(nz_sha256_str(key), NZ_STR("aws4_request"), key);
    nz_buf_release(&first);
    nz_buf_release(&day);
    return err;
}

enum nz_err nz_sigv4_signature(const struct nz_secret *secret_key, const struct nz_sigv4_scope *scope,
                               struct nz_str string_to_sign, struct nz_sha256 *out)
{
    struct nz_sha256 key;
    enum nz_err err = signing_key(secret_key, scope, &key);
    if (!err)
        err = nz_hmac_of(nz_sha256_str(&key), string_to_sign, out);
    explicit_bzero(&key, sizeof key);
    return err;
}

enum nz_err nz_sigv4_authorization(const struct nz_sigv4_request *request, const struct nz_sigv4_scope *scope,
                                   struct nz_str access_key_id, const struct nz_secret *secret_key, struct nz_buf *out)
{
    struct nz_buf canonical, to_sign;
    struct nz_sha256 signature;
    nz_buf_init(&canonical, 0);
    nz_buf_init(&to_sign, 0);
    enum nz_err err = nz_sigv4_canonical_request(request, &canonical);
    if (!err)
        err = nz_sigv4_string_to_sign(nz_buf_view(&canonical), scope, &to_sign);
    if (!err)
        err = nz_sigv4_signature(secret_key, scope, nz_buf_view(&to_sign), &signature);
    if (!err) {
        nz_buf_append(out, NZ_STR(ALGORITHM " Credential="));
        nz_buf_append(out, access_key_id);
        nz_buf_append_char(out, '/');
        scope_append(out, scope);
        nz_buf_append(out, NZ_STR(", SignedHeaders="));
        nz_sigv4_signed_headers_append(out, request);
        nz_buf_append(out, NZ_STR(", Signature="));
        nz_hex_append(out, nz_sha256_str(&signature));
        err = nz_buf_status(out);
    }
    nz_buf_release(&canonical);
    nz_buf_release(&to_sign);
    return err;
}
