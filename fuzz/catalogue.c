/* targets: nz_catalogue_open_text and all lookups   seeds: fuzz/corpus/catalogue
 * The input is read as it is, and once more with the last line that fits it: a fuzzer does not guess a SHA-256. What is
 * taken must hang together. */
#include "policy/catalogue.h"
#include "core/hash.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void visit_keys(const struct nz_catalogue *c, struct nz_catalogue_range keys)
{
    for (uint32_t i = 0; i < keys.count; i++)
        must(nz_catalogue_key(c, keys, i)->name.n > 0);
}

static void visit_action(const struct nz_catalogue *c, uint32_t number)
{
    const struct nz_catalogue_action *action = nz_catalogue_action(c, number);
    const struct nz_catalogue_service *service = nz_catalogue_service(c, action->service);
    must(nz_catalogue_find_service(c, service->prefix) == action->service);
    must(nz_catalogue_find_action(c, action->service, action->name) == number);
    must(nz_str_eq_nocase(action->name, action->lower));
    visit_keys(c, action->keys);
    for (uint32_t i = 0; i < action->needs.count; i++) {
        const struct nz_catalogue_need *need = nz_catalogue_need(c, action->needs, i);
        must(need->resource - service->resources.first < service->resources.count);
        visit_keys(c, need->keys);
    }
}

static void visit(const struct nz_catalogue *c)
{
    const struct nz_catalogue_head *head = nz_catalogue_head(c);
    struct nz_catalogue_walk walk = nz_catalogue_walk_begin(NZ_STR("*"));
    uint32_t action, count = 0;
    for (; nz_catalogue_walk_next(c, &walk, &action); count++)
        visit_action(c, action);
    must(count == head->actions);
    for (uint32_t i = 0; i < head->resources; i++) {
        const struct nz_catalogue_resource *resource = nz_catalogue_resource(c, i);
        visit_keys(c, resource->keys);
        must(resource->arns.count > 0);
        for (uint32_t k = 0; k < resource->arns.count; k++)
            must(nz_str_starts_with(nz_catalogue_arn(c, resource->arns, k), NZ_STR("arn:")));
    }
}

static void try_text(struct nz_str text)
{
    struct nz_catalogue *c;
    struct nz_diag diag = NZ_DIAG_INIT;
    if (nz_catalogue_open_text(text, &c, &diag) == NZ_OK)
        visit(c);
    nz_catalogue_free(c);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    struct nz_str body = nz_str_of((const char *)p, n);
    struct nz_sha256 sum;
    struct nz_buf text;
    try_text(body);
    nz_buf_init(&text, 0);
    must(nz_hash_of(body, &sum) == NZ_OK);
    nz_buf_append(&text, body);
    nz_buf_append(&text, NZ_STR("sha256\t"));
    nz_hex_append(&text, nz_str_of((const char *)sum.bytes, sizeof sum.bytes));
    nz_buf_append_char(&text, '\n');
    must(!text.failed);
    try_text(nz_buf_view(&text));
    nz_buf_release(&text);
    return 0;
}
