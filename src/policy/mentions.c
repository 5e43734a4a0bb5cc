#include "policy/mentions.h"

#include "policy/candidates.h"

#include <stdio.h>

/* --- statements of a set --- */

static bool list_each(const struct nz_policy_list *list, nz_statement_fn visit, void *self)
{
    for (uint32_t p = 0; p < list->count; p++) {
        for (uint32_t i = 0; i < list->policies[p]->count; i++) {
            if (!visit(self, &list->policies[p]->statements[i]))
                return false;
        }
    }
    return true;
}

void nz_policy_set_each(const struct nz_policy_set *set, nz_statement_fn visit, void *self)
{
    const struct nz_policy_list *lists[] = {&set->resource, &set->identity, &set->boundary, &set->session,
                                            &set->endpoint};
    bool on = true;
    for (size_t i = 0; i < sizeof lists / sizeof lists[0] && on; i++)
        on = list_each(lists[i], visit, self);
    for (uint32_t i = 0; i < set->scp.count && on; i++)
        on = list_each(&set->scp.levels[i], visit, self);
    for (uint32_t i = 0; i < set->rcp.count && on; i++)
        on = list_each(&set->rcp.levels[i], visit, self);
}

/* --- variables --- */

static bool pattern_has(const struct nz_pattern *p, struct nz_str key)
{
    for (uint32_t i = 0; i < p->parts_count; i++) {
        if (p->parts[i].variable && nz_str_eq(p->parts[i].text, key))
            return true;
    }
    return false;
}

bool nz_arn_has_variable(const struct nz_arn *arn, struct nz_str key)
{
    bool has = pattern_has(&arn->whole, key);
    for (int i = 0; i < 6 && arn->kind == NZ_ARN_FIELDS && !has; i++)
        has = pattern_has(&arn->fields[i], key);
    return has;
}

static bool is_textual(const struct nz_condition *c)
{
    return c->spec.op == NZ_OP_STRING_EQUALS || c->spec.op == NZ_OP_STRING_EQUALS_IGNORE_CASE ||
           c->spec.op == NZ_OP_STRING_LIKE || c->spec.op == NZ_OP_BOOL;
}

bool nz_condition_has_variable(const struct nz_condition *c, struct nz_str key)
{
    for (uint32_t i = 0; i < c->count; i++) {
        if (is_textual(c) ? pattern_has(&c->values[i].text, key)
                          : c->spec.op == NZ_OP_ARN && nz_arn_has_variable(c->values[i].arn, key))
            return true;
    }
    return false;
}

struct variable {
    struct nz_str key;
    bool found;
};

static bool variable_visit(void *self, const struct nz_statement *st)
{
    struct variable *v = self;
    for (uint32_t i = 0; i < st->resources_count && !v->found; i++)
        v->found = nz_arn_has_variable(&st->resources[i], v->key);
    for (uint32_t i = 0; i < st->conditions_count && !v->found; i++)
        v->found = nz_condition_has_variable(&st->conditions[i], v->key);
    return !v->found;
}

bool nz_policy_set_has_variable(const struct nz_policy_set *set, struct nz_str key)
{
    struct variable v = {.key = key};
    nz_policy_set_each(set, variable_visit, &v);
    return v.found;
}

/* --- keys --- */

struct mention {
    const struct nz_str *keys;
    size_t count;
    bool prefix, found;
};

static bool is_mentioned(const struct mention *m, struct nz_str key)
{
    bool found = false;
    for (size_t i = 0; i < m->count && !found; i++)
        found = m->prefix ? nz_str_starts_with(key, m->keys[i]) : nz_str_eq(key, m->keys[i]);
    return found;
}

static bool parts_mention(const struct mention *m, const struct nz_pattern *p)
{
    for (uint32_t i = 0; i < p->parts_count; i++) {
        if (p->parts[i].variable && is_mentioned(m, p->parts[i].text))
            return true;
    }
    return false;
}

static bool arn_mentions(const struct mention *m, const struct nz_arn *arn)
{
    bool found = parts_mention(m, &arn->whole);
    for (int i = 0; i < 6 && arn->kind == NZ_ARN_FIELDS && !found; i++)
        found = parts_mention(m, &arn->fields[i]);
    return found;
}

static bool condition_mentions(const struct mention *m, const struct nz_condition *c)
{
    bool found = is_mentioned(m, c->key);
    for (uint32_t i = 0; i < c->count && !found; i++) {
        if (is_textual(c))
            found = parts_mention(m, &c->values[i].text);
        else if (c->spec.op == NZ_OP_ARN)
            found = arn_mentions(m, c->values[i].arn);
    }
    return found;
}

static bool mention_visit(void *self, const struct nz_statement *st)
{
    struct mention *m = self;
    for (uint32_t i = 0; i < st->conditions_count && !m->found; i++)
        m->found = condition_mentions(m, &st->conditions[i]);
    for (uint32_t i = 0; i < st->resources_count && !m->found; i++)
        m->found = arn_mentions(m, &st->resources[i]);
    return !m->found;
}

bool nz_statement_mentions(const struct nz_statement *st, const struct nz_str *keys, size_t count)
{
    struct mention m = {.keys = keys, .count = count};
    mention_visit(&m, st);
    return m.found;
}

bool nz_policy_set_mentions(const struct nz_policy_set *set, const struct nz_str *keys, size_t count)
{
    struct mention m = {.keys = keys, .count = count};
    nz_policy_set_each(set, mention_visit, &m);
    return m.found;
}

bool nz_policy_set_mentions_prefix(const struct nz_policy_set *set, struct nz_str prefix)
{
    struct mention m = {.keys = &prefix, .count = 1, .prefix = true};
    nz_policy_set_each(set, mention_visit, &m);
    return m.found;
}

bool nz_policy_allows_action(struct nz_policy_scratch *scratch, const struct nz_policy *policy, struct nz_str action)
{
    bool allows = false;
    nz_scratch_set_action(scratch, action);
    for (uint32_t i = 0; i < policy->count && !allows; i++)
        allows = policy->statements[i].allow && nz_statement_has_action(scratch, &policy->statements[i]);
    return allows;
}

bool nz_policy_statement_any_resource(const struct nz_policy *policy, uint32_t statement)
{
    const struct nz_statement *st = &policy->statements[statement];
    bool any = st->resources_count == 0;
    for (uint32_t i = 0; i < st->resources_count && !any; i++)
        any = st->resources[i].kind == NZ_ARN_ANY;
    return any && !st->not_resource;
}

/* --- atoms --- */

static bool is_time(struct nz_str key)
{
    return nz_str_eq(key, NZ_STR("aws:currenttime")) || nz_str_eq(key, NZ_STR("aws:epochtime"));
}

struct atoms_visit {
    struct nz_str key;
    struct nz_atoms *out;
};

static bool atoms_visit(void *self, const struct nz_statement *st)
{
    struct atoms_visit *v = self;
    struct nz_atoms *out = v->out;
    for (uint32_t i = 0; i < st->conditions_count; i++) {
        const struct nz_condition *c = &st->conditions[i];
        if (!nz_str_eq(c->key, v->key) && !(is_time(c->key) && is_time(v->key)))
            continue;
        if (out->count == NZ_ATOMS_MAX) {
            out->complete = false;
            return false;
        }
        out->list[out->count++] = c;
        out->quantified |= c->spec.quantifier != NZ_QUANT_NONE;
        /* "some value is": of an allow that asks for any, of a deny that asks for all and must not hold */
        out->one_of_many += st->allow ? c->spec.quantifier == NZ_QUANT_ANY : c->spec.quantifier == NZ_QUANT_ALL;
    }
    return true;
}

void nz_atoms_find(const struct nz_policy_set *set, struct nz_str key, struct nz_atoms *out)
{
    struct atoms_visit visit = {.key = key, .out = out};
    out->count = 0;
    out->quantified = false;
    out->one_of_many = 0;
    out->complete = true;
    nz_policy_set_each(set, atoms_visit, &visit);
}

uint64_t nz_atoms_verdict(struct nz_policy_scratch *s, const struct nz_atoms *atoms, struct nz_str value)
{
    uint64_t verdict = 1;
    for (uint32_t i = 0; i < atoms->count; i++) {
        if (atoms->list[i]->spec.op == NZ_OP_NULL)
            continue;
        enum nz_tri one = nz_condition_test(s, atoms->list[i], false, value);
        if (one == NZ_FREE)
            return 0;
        verdict = (verdict ^ (one == NZ_YES ? 2 * i + 3 : 0)) * 0x9e3779b97f4a7c15u;
    }
    return verdict ? verdict : 1;
}

/* --- addresses --- */

#define ADDRESSES_MAX 256u

struct addresses {
    struct nz_policy_scratch *s;
    struct nz_atoms atoms;
    enum nz_network_kind kind;
    struct nz_network_list allowed;
    bool inside;
    struct nz_arena *keep;
    struct nz_str list[ADDRESSES_MAX];
    uint64_t seen[ADDRESSES_MAX];
    uint32_t count;
    struct nz_buf nets, text;
    bool full; /* there may be more than were found */
    bool failed;
};

static void address_add(struct addresses *a, const struct nz_ip *ip)
{
    if (!nz_network_has(a->kind, ip) || nz_network_list_has(a->allowed, ip) != a->inside)
        return;
    a->failed |= a->text.failed;
    nz_buf_clear(&a->text);
    nz_ip_append(&a->text, ip);
    uint64_t verdict = nz_atoms_verdict(a->s, &a->atoms, nz_buf_view(&a->text));
    for (uint32_t i = 0; i < a->count; i++) {
        if (verdict && a->seen[i] == verdict)
            return;
    }
    if (a->count == ADDRESSES_MAX) {
        a->full = true;
        return;
    }
    a->seen[a->count] = verdict;
    a->list[a->count] = nz_arena_str(a->keep, nz_buf_view(&a->text));
    a->failed |= !a->list[a->count].p || a->text.failed;
    a->count++;
}

/* "203.0.113.*" of a text condition, which should have been an IP condition, as the network that it is. */
static bool text_network(struct nz_str coded, struct nz_cidr *out)
{
    char text[24];
    unsigned dots = 0;
    for (size_t i = 0; i < coded.n; i++)
        dots += coded.p[i] == '.';
    if (coded.n == 0 || coded.n > 12 || coded.p[coded.n - 1] != '.' || dots == 0 || dots > 3)
        return false;
    size_t n = coded.n - 1;
    memcpy(text, coded.p, n);
    for (unsigned i = dots; i < 4; i++, n += 2)
        memcpy(text + n, ".0", 2);
    n += (size_t)snprintf(text + n, sizeof text - n, "/%u", 8 * dots);
    return nz_cidr_parse(nz_str_of(text, n), out);
}

/* Texts are compared as texts: one address, or all that begin with whole numbers, and nothing else is understood. */
static void text_atom(struct addresses *a, const struct nz_pattern *p)
{
    struct nz_cidr net;
    bool known = p->shape == NZ_PATTERN_EXACT    ? nz_cidr_parse(p->coded, &net)
                 : p->shape == NZ_PATTERN_PREFIX ? text_network(p->coded, &net)
                                                 : false;
    if (known)
        nz_buf_append(&a->nets, nz_str_of((const char *)&net, sizeof net));
    else if (p->shape != NZ_PATTERN_EXACT && p->shape != NZ_PATTERN_ANY)
        a->full = true;
}

static void atom_addresses(struct addresses *a, const struct nz_condition *c)
{
    for (uint32_t i = 0; i < c->count; i++) {
        const struct nz_value *v = &c->values[i];
        if (c->spec.op == NZ_OP_IP && v->valid)
            nz_buf_append(&a->nets, nz_str_of((const char *)&v->net, sizeof v->net));
        if (c->spec.op == NZ_OP_STRING_EQUALS || c->spec.op == NZ_OP_STRING_LIKE ||
            c->spec.op == NZ_OP_STRING_EQUALS_IGNORE_CASE)
            text_atom(a, &v->text);
    }
}

static enum nz_err addresses_find(struct addresses *a)
{
    static const char *const usual[] = {"198.51.100.77", "203.0.113.77", "8.8.8.8", "2001:db8::77", "2600:1f00::77"};
    const struct nz_ip *ips;
    size_t count;
    struct nz_ip ip;
    for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++) {
        if (nz_ip_parse(nz_str_from_c(usual[i]), &ip))
            address_add(a, &ip);
    }
    for (uint32_t i = 0; i < a->atoms.count; i++)
        atom_addresses(a, a->atoms.list[i]);
    struct nz_network_list cuts = {(const void *)a->nets.p, a->nets.n / sizeof(struct nz_cidr)};
    enum nz_err err = nz_network_addresses(a->kind, cuts, a->allowed, a->inside, a->keep, &ips, &count);
    for (size_t i = 0; i < count && err == NZ_OK; i++)
        address_add(a, &ips[i]);
    return a->failed || a->nets.failed ? NZ_E_NOMEM : err;
}

enum nz_err nz_policy_set_addresses(struct nz_policy_scratch *scratch, const struct nz_policy_set *set,
                                    enum nz_network_kind kind, struct nz_network_list allowed, bool inside,
                                    struct nz_arena *keep, struct nz_addresses *out)
{
    static const struct nz_policy_request nothing = {.rest_unknown = true};
    struct addresses a = {.s = scratch, .kind = kind, .allowed = allowed, .inside = inside, .keep = keep};
    *out = (struct nz_addresses){0};
    scratch->request = &nothing;
    scratch->failed = false;
    nz_atoms_find(set, NZ_STR("aws:sourceip"), &a.atoms);
    a.full =
        nz_policy_set_has_variable(set, NZ_STR("aws:sourceip")); /* then it is compared with what is not known here */
    nz_buf_init(&a.nets, 0);
    nz_buf_init(&a.text, 0);
    enum nz_err err = addresses_find(&a);
    if (scratch->failed)
        err = NZ_E_NOMEM;
    nz_buf_release(&a.nets);
    nz_buf_release(&a.text);
    struct nz_str kept = nz_arena_str(keep, nz_str_of((const char *)a.list, a.count * sizeof a.list[0]));
    if (!kept.p)
        return NZ_E_NOMEM;
    *out =
        (struct nz_addresses){.list = (const void *)kept.p, .count = a.count, .complete = a.atoms.complete && !a.full};
    return err;
}
