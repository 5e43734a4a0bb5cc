/* targets: nz_policy_decide   seeds: fuzz/corpus/policy_request
 * The input is parts, each ended by a line end: principal, action, resource, identity policy, resource policy, then context
 * as KEY=VALUE. Asking twice gives one answer; and what is sure while no key is known stays so when all are. */
#include "policy/decide.h"

#include <stdlib.h>

#define KEYS_MAX 16u

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static struct nz_str take_line(struct nz_str *text)
{
    const char *end = text->n ? memchr(text->p, '\n', text->n) : NULL;
    struct nz_str line = nz_str_head(*text, end ? (size_t)(end - text->p) : text->n);
    *text = nz_str_skip(*text, line.n + 1);
    return line;
}

static struct nz_policy *compile(struct nz_str text, enum nz_policy_kind kind)
{
    struct nz_policy *policy = NULL;
    return text.n && nz_policy_compile(text, kind, &policy, NULL) == NZ_OK ? policy : NULL;
}

static void check(const struct nz_policy_set *set, struct nz_policy_request *request)
{
    struct nz_policy_scratch *scratch;
    struct nz_policy_answer first, again, unknown;
    if (nz_policy_scratch_new(&scratch) != NZ_OK)
        return;
    if (nz_policy_decide(set, request, scratch, &first, NULL) == NZ_OK) {
        if (first.decision == NZ_DECISION_ALLOWED_IF || first.free_keys_count)
            abort(); /* everything is known */
        if (nz_policy_decide(set, request, scratch, &again, NULL) != NZ_OK || again.decision != first.decision ||
            again.decided_by_count != first.decided_by_count || again.blocked_by != first.blocked_by)
            abort();
        request->context_count = 0;
        request->rest_unknown = true;
        if (nz_policy_decide(set, request, scratch, &unknown, NULL) != NZ_OK)
            abort();
        bool allowed = first.decision == NZ_DECISION_ALLOWED;
        if (unknown.decision == NZ_DECISION_ALLOWED_IF ? unknown.free_keys_count == 0
                                                       : allowed != (unknown.decision == NZ_DECISION_ALLOWED))
            abort();
    }
    nz_policy_scratch_free(scratch);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    struct nz_str text = nz_str_of((const char *)p, n);
    struct nz_policy_request request = {
        .principal = take_line(&text), .action = take_line(&text), .resource = take_line(&text)};
    struct nz_policy *identity = compile(take_line(&text), NZ_POLICY_IDENTITY);
    struct nz_policy *resource = compile(take_line(&text), NZ_POLICY_RESOURCE);
    const struct nz_policy *identities[] = {identity}, *resources[] = {resource};
    const struct nz_policy_set set = {.identity = {identities, identity != NULL, true},
                                      .resource = {resources, resource != NULL, resource != NULL}};
    struct nz_policy_key keys[KEYS_MAX];
    struct nz_str values[KEYS_MAX];
    uint32_t count = 0;
    while (text.n && count < KEYS_MAX) {
        struct nz_str line = take_line(&text);
        size_t equals = nz_str_find(line, NZ_STR("="));
        if (equals == SIZE_MAX)
            continue;
        values[count] = nz_str_skip(line, equals + 1);
        keys[count] = (struct nz_policy_key){.name = nz_str_head(line, equals), .values = &values[count], .count = 1};
        count++;
    }
    request.context = keys;
    request.context_count = count;
    check(&set, &request);
    nz_policy_free(identity);
    nz_policy_free(resource);
    return 0;
}
