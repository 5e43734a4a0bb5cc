#include "audit/networks.h"

#include "core/json.h"

#include <stdlib.h>

/* A list that covers more than such a network says nothing about where somebody is. */
#define V4_PREFIX_MIN 4u
#define V6_PREFIX_MIN 8u

static int compare_networks(const void *a, const void *b)
{
    const struct nz_cidr *x = a, *y = b;
    const int order = nz_ip_cmp(&x->base, &y->base);
    return order ? order : (int)x->prefix_bits - (int)y->prefix_bits;
}

/* Of a sorted list the networks of one family: whether they are too much together. Counted in /32 and in /64. */
static bool covers_too_much(const struct nz_cidr *list, size_t count, bool v4)
{
    const unsigned unit_bits = v4 ? 32 : 64;
    const uint64_t most = UINT64_C(1) << (unit_bits - (v4 ? V4_PREFIX_MIN : V6_PREFIX_MIN));
    const struct nz_cidr *outer = NULL;
    uint64_t units = 0;
    for (size_t i = 0; i < count; i++) {
        if (list[i].base.v4 != v4 || (outer && nz_cidr_contains(outer, &list[i].base)))
            continue;
        outer = &list[i];
        if (list[i].prefix_bits == 0)
            return true;
        if (list[i].prefix_bits <= unit_bits)
            units += UINT64_C(1) << (unit_bits - list[i].prefix_bits);
        if (units > most)
            return true;
    }
    return false;
}

static void network_add(struct nz_json v, struct nz_buf *list)
{
    struct nz_cidr net;
    if (nz_json_kind(v) == NZ_JSON_STRING && nz_cidr_parse(nz_json_string_raw(v), &net))
        nz_buf_append(list, nz_str_of((const char *)&net, sizeof net));
}

/* The value of one key, a list or a single one. Two halves of the Internet are the Internet. */
static void list_read(struct nz_json value, struct nz_buf *scratch, struct nz_buf *networks)
{
    nz_buf_clear(scratch);
    network_add(value, scratch);
    for (struct nz_json_iter v = nz_json_iter(value); nz_json_next(&v);)
        network_add(v.value, scratch);
    struct nz_cidr *list = (struct nz_cidr *)(void *)scratch->p;
    const size_t count = scratch->n / sizeof *list;
    if (count)
        qsort(list, count, sizeof *list, compare_networks);
    const bool too_much[2] = {covers_too_much(list, count, false), covers_too_much(list, count, true)};
    for (size_t i = 0; i < count; i++) {
        if (!too_much[list[i].base.v4])
            nz_buf_append(networks, nz_str_of((const char *)&list[i], sizeof list[i]));
    }
    if (scratch->failed)
        networks->failed = true;
}

/* "IpAddress" and "NotIpAddress", as every operator in any case, with "IfExists" and behind "ForAnyValue:" too. */
static bool compares_addresses(struct nz_str operator)
{
    const size_t colon = nz_str_find(operator, NZ_STR(":"));
    const struct nz_str suffix = NZ_STR("IfExists");
    if (colon != SIZE_MAX)
        operator= nz_str_skip(operator, colon + 1);
    if (operator.n> suffix.n && nz_str_eq_nocase(nz_str_skip(operator, operator.n - suffix.n), suffix))
        operator= nz_str_head(operator, operator.n - suffix.n);
    return nz_str_eq_nocase(operator, NZ_STR("IpAddress")) || nz_str_eq_nocase(operator, NZ_STR("NotIpAddress"));
}

/* {"NotIpAddress":{"aws:SourceIp":["192.0.2.0/24"]}} */
static void condition_read(struct nz_json condition, struct nz_buf *scratch, struct nz_buf *networks)
{
    for (struct nz_json_iter op = nz_json_iter(condition); nz_json_next(&op);) {
        if (!compares_addresses(op.key))
            continue;
        for (struct nz_json_iter key = nz_json_iter(op.value); nz_json_next(&key);) {
            if (nz_str_eq_nocase(key.key, NZ_STR("aws:SourceIp")))
                list_read(key.value, scratch, networks);
        }
    }
}

static enum nz_err document_read(struct nz_json_doc *doc, struct nz_str text, struct nz_buf *scratch,
                                 struct nz_buf *networks)
{
    struct nz_json root;
    const enum nz_err err = nz_json_parse(doc, text, &root, NULL);
    if (err != NZ_OK)
        return err == NZ_E_NOMEM ? err : NZ_OK;
    const struct nz_json statements = nz_json_get(root, NZ_STR("Statement"));
    if (nz_json_kind(statements) == NZ_JSON_OBJECT)
        condition_read(nz_json_get(statements, NZ_STR("Condition")), scratch, networks);
    for (struct nz_json_iter it = nz_json_iter(statements); nz_json_next(&it);) {
        if (nz_json_kind(it.value) == NZ_JSON_OBJECT)
            condition_read(nz_json_get(it.value, NZ_STR("Condition")), scratch, networks);
    }
    return NZ_OK;
}

enum nz_err nz_networks_named(struct nz_arena *keep, const struct nz_account *account, struct nz_network_list *out)
{
    struct nz_json_doc doc;
    struct nz_buf networks, scratch;
    enum nz_err err = NZ_OK;
    nz_json_doc_init(&doc);
    nz_buf_init(&networks, 0);
    nz_buf_init(&scratch, 0);
    for (uint32_t i = 0; i < account->documents_count && err == NZ_OK; i++) {
        if (account->documents[i]->policy && nz_str_find(account->documents[i]->text, NZ_STR("Condition")) != SIZE_MAX)
            err = document_read(&doc, account->documents[i]->text, &scratch, &networks);
    }
    if (err == NZ_OK)
        err = nz_buf_status(&networks);
    if (err == NZ_OK && networks.n) {
        out->list = (const struct nz_cidr *)(const void *)nz_arena_str(keep, nz_buf_view(&networks)).p;
        out->count = networks.n / sizeof(struct nz_cidr);
        err = out->list ? NZ_OK : NZ_E_NOMEM;
    }
    nz_json_doc_release(&doc);
    nz_buf_release(&networks);
    nz_buf_release(&scratch);
    return err;
}
