/* targets: nz_matcher_run, nz_ruleset_from_expression   seeds: fuzz/corpus/sigma_match
 * The input is a rule file, a NUL byte, and an event; or, after a first byte '!', an expression, a NUL byte, an event.
 * What the index finds must be what asking every rule finds. */
#include "sigma/index.h"
#include "sigma/match.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static bool load(struct nz_str rule, struct nz_ruleset **out)
{
    struct nz_ruleset_opts opts = {0};
    *out = NULL;
    if (rule.n && rule.p[0] == '!')
        return nz_ruleset_from_expression(nz_str_skip(rule, 1), out, NULL) == NZ_OK;
    if (nz_ruleset_new(&opts, NULL, NULL, out) != NZ_OK)
        return false;
    return nz_ruleset_add(*out, NZ_STR("a.yml"), rule) == NZ_OK && nz_ruleset_compile(*out) == NZ_OK;
}

static void check(const struct nz_ruleset *rs, struct nz_matcher *m, const struct nz_event *ev)
{
    const uint32_t *hits;
    size_t count;
    if (nz_matcher_run(m, ev, &hits, &count) != NZ_OK)
        return;
    struct nz_index_span all = nz_index_all(rs->index);
    for (size_t i = 0, k = 0; i < all.count; i++) {
        bool found = k < count && hits[k] == all.rules[i];
        if (found != nz_match_node(m, rs->loaded[all.rules[i]]->root))
            abort();
        k += found;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    const uint8_t *nul = n ? memchr(p, 0, n) : NULL;
    struct nz_ruleset *rs;
    struct nz_matcher *m = NULL;
    struct nz_json_doc doc;
    struct nz_json root;
    struct nz_event ev;
    if (!nul)
        return 0;
    struct nz_str rule = nz_str_of((const char *)p, (size_t)(nul - p));
    struct nz_str event = nz_str_of((const char *)nul + 1, n - rule.n - 1);
    nz_json_doc_init(&doc);
    if (load(rule, &rs) && nz_matcher_new(rs, &m) == NZ_OK && nz_json_parse(&doc, event, &root, NULL) == NZ_OK &&
        nz_json_kind(root) == NZ_JSON_OBJECT) {
        nz_event_from_json(root, &ev);
        check(rs, m, &ev);
        check(rs, m, &ev); /* now from the memo */
    }
    nz_matcher_free(m);
    nz_ruleset_free(rs);
    nz_json_doc_release(&doc);
    return 0;
}
