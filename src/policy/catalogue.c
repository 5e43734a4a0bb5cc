#include "policy/catalogue_table.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define READ_BYTES ((size_t)64 << 10)

static int compare_bytes(unsigned char a, unsigned char b)
{
    return (int)nz_ascii_lower(a) - (int)nz_ascii_lower(b);
}

int nz_catalogue_compare(struct nz_str a, struct nz_str b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    for (size_t i = 0; i < n; i++) {
        int order = compare_bytes((unsigned char)a.p[i], (unsigned char)b.p[i]);
        if (order)
            return order;
    }
    return (a.n > b.n) - (a.n < b.n);
}

/* --- opening --- */

static enum nz_err new_catalogue(struct nz_catalogue **out, struct nz_diag *diag)
{
    struct nz_catalogue *c = calloc(1, sizeof *c);
    *out = c;
    if (!c)
        return nz_diag_set(diag, NZ_E_NOMEM, "%s", "");
    nz_arena_init(&c->arena, 0);
    nz_buf_init(&c->file, NZ_CATALOGUE_BYTES_MAX + READ_BYTES);
    return NZ_OK;
}

static enum nz_err read_or_free(struct nz_str text, struct nz_catalogue **out, struct nz_diag *diag)
{
    enum nz_err err = text.n > NZ_CATALOGUE_BYTES_MAX ? nz_diag_set(diag, NZ_E_CATALOGUE_LIMIT, "more than 4 MiB")
                                                      : nz_catalogue_read(*out, text, diag);
    if (err != NZ_OK) {
        nz_catalogue_free(*out);
        *out = NULL;
    }
    return err;
}

enum nz_err nz_catalogue_open_text(struct nz_str text, struct nz_catalogue **out, struct nz_diag *diag)
{
    enum nz_err err = new_catalogue(out, diag);
    return err == NZ_OK ? read_or_free(text, out, diag) : err;
}

static struct nz_str builtin_text(void)
{
    return nz_str_of(nz_catalogue_text, nz_catalogue_text_bytes);
}

enum nz_err nz_catalogue_open(struct nz_catalogue **out, struct nz_diag *diag)
{
    return nz_catalogue_open_text(builtin_text(), out, diag);
}

/* One byte past the bound is read, if there is one, for the bound to be seen. */
static enum nz_err read_file(FILE *file, struct nz_buf *out, struct nz_diag *diag)
{
    while (out->n <= NZ_CATALOGUE_BYTES_MAX) {
        char *to = nz_buf_reserve(out, READ_BYTES);
        if (!to)
            return nz_diag_set(diag, NZ_E_NOMEM, "%s", "");
        size_t got = fread(to, 1, READ_BYTES, file);
        out->n += got;
        if (got == 0)
            return ferror(file) ? nz_diag_set(diag, NZ_E_IO, "%s", strerror(errno)) : NZ_OK;
    }
    return NZ_OK;
}

enum nz_err nz_catalogue_open_file(const char *path, struct nz_catalogue **out, struct nz_diag *diag)
{
    if (diag)
        diag->file = nz_str_from_c(path);
    enum nz_err err = new_catalogue(out, diag);
    if (err != NZ_OK)
        return err;
    FILE *file = fopen(path, "rbe");
    err = file ? read_file(file, &(*out)->file, diag) : nz_diag_set(diag, NZ_E_IO, "%s", strerror(errno));
    if (file)
        fclose(file);
    if (err == NZ_OK)
        return read_or_free(nz_buf_view(&(*out)->file), out, diag);
    nz_catalogue_free(*out);
    *out = NULL;
    return err;
}

void nz_catalogue_free(struct nz_catalogue *c)
{
    if (!c)
        return;
    nz_arena_release(&c->arena);
    nz_buf_release(&c->file);
    free(c);
}

struct nz_catalogue_head nz_catalogue_builtin_head(void)
{
    struct nz_catalogue_head head;
    /* what was built in has been read by a test; a head that cannot be read is an empty one */
    if (nz_catalogue_read_head(builtin_text(), &head, NULL) != NZ_OK)
        head = (struct nz_catalogue_head){.services = 0};
    return head;
}

const struct nz_catalogue_head *nz_catalogue_head(const struct nz_catalogue *c)
{
    return &c->head;
}

/* --- looking up --- */

/* Rows are sorted by their name, which is the first member of each kind of row. */
static uint32_t find_row(const void *rows, size_t row_bytes, struct nz_catalogue_range range, struct nz_str name)
{
    uint32_t low = range.first, high = range.first + range.count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const struct nz_str *here = (const void *)((const char *)rows + row_bytes * middle);
        int order = nz_catalogue_compare(*here, name);
        if (order == 0)
            return middle;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NZ_CATALOGUE_NONE;
}

uint32_t nz_catalogue_find_service(const struct nz_catalogue *c, struct nz_str prefix)
{
    struct nz_catalogue_range all = {0, c->head.services};
    return find_row(c->services, sizeof *c->services, all, prefix);
}

uint32_t nz_catalogue_find_action(const struct nz_catalogue *c, uint32_t service, struct nz_str name)
{
    return find_row(c->actions, sizeof *c->actions, c->services[service].actions, name);
}

uint32_t nz_catalogue_find_resource(const struct nz_catalogue *c, uint32_t service, struct nz_str name)
{
    return find_row(c->resources, sizeof *c->resources, c->services[service].resources, name);
}

uint32_t nz_catalogue_find(const struct nz_catalogue *c, struct nz_str text)
{
    size_t colon = nz_str_find(text, NZ_STR(":"));
    if (colon == SIZE_MAX)
        return NZ_CATALOGUE_NONE;
    uint32_t service = nz_catalogue_find_service(c, nz_str_head(text, colon));
    if (service == NZ_CATALOGUE_NONE)
        return NZ_CATALOGUE_NONE;
    return nz_catalogue_find_action(c, service, nz_str_skip(text, colon + 1));
}

const struct nz_catalogue_service *nz_catalogue_service(const struct nz_catalogue *c, uint32_t service)
{
    return &c->services[service];
}

const struct nz_catalogue_action *nz_catalogue_action(const struct nz_catalogue *c, uint32_t action)
{
    return &c->actions[action];
}

bool nz_catalogue_reads(const struct nz_catalogue *c, uint32_t action)
{
    enum nz_access_level level = nz_catalogue_action(c, action)->level;
    return level == NZ_ACCESS_LIST || level == NZ_ACCESS_READ;
}

const struct nz_catalogue_resource *nz_catalogue_resource(const struct nz_catalogue *c, uint32_t resource)
{
    return &c->resources[resource];
}

const struct nz_catalogue_need *nz_catalogue_need(const struct nz_catalogue *c, struct nz_catalogue_range needs,
                                                  uint32_t place)
{
    return &c->needs[needs.first + place];
}

const struct nz_catalogue_key *nz_catalogue_key(const struct nz_catalogue *c, struct nz_catalogue_range keys,
                                                uint32_t place)
{
    return &c->keys[c->key_refs[keys.first + place]];
}

struct nz_str nz_catalogue_arn(const struct nz_catalogue *c, struct nz_catalogue_range arns, uint32_t place)
{
    return c->arns[arns.first + place];
}

/* --- walking --- */

/* Only the last star is ever gone back to, so the time is at most the product of both lengths. */
static bool fits(struct nz_str pattern, struct nz_str lower)
{
    size_t p = 0, t = 0, star = SIZE_MAX, resume = 0;
    while (t < lower.n) {
        char ch = p < pattern.n ? (char)nz_ascii_lower((unsigned char)pattern.p[p]) : '\0';
        if (p < pattern.n && ch == '*') {
            star = p++;
            resume = t;
        } else if (p < pattern.n && (ch == '?' || ch == lower.p[t])) {
            p++;
            t++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            t = ++resume;
        } else {
            return false;
        }
    }
    while (p < pattern.n && pattern.p[p] == '*')
        p++;
    return p == pattern.n;
}

struct nz_catalogue_walk nz_catalogue_walk_begin(struct nz_str pattern)
{
    size_t colon = nz_str_find(pattern, NZ_STR(":"));
    if (colon == SIZE_MAX)
        return (struct nz_catalogue_walk){.service = pattern, .name = pattern};
    return (struct nz_catalogue_walk){.service = nz_str_head(pattern, colon), .name = nz_str_skip(pattern, colon + 1)};
}

static void walk_range(const struct nz_catalogue *c, struct nz_catalogue_walk *walk)
{
    walk->begun = true;
    if (walk->service.p == walk->name.p) { /* there was no colon */
        walk->end = nz_str_eq(walk->name, NZ_STR("*")) ? c->head.actions : 0;
        return;
    }
    uint32_t service = nz_catalogue_find_service(c, walk->service);
    if (service == NZ_CATALOGUE_NONE)
        return;
    walk->next = c->services[service].actions.first;
    walk->end = walk->next + c->services[service].actions.count;
}

bool nz_catalogue_walk_next(const struct nz_catalogue *c, struct nz_catalogue_walk *walk, uint32_t *action)
{
    if (!walk->begun)
        walk_range(c, walk);
    while (walk->next < walk->end) {
        *action = walk->next++;
        if (fits(walk->name, c->actions[*action].lower))
            return true;
    }
    return false;
}
