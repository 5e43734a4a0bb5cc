#include "policy/candidates.h"

#include "policy/cells.h"
#include "policy/networks.h"

#define SPELLINGS_MAX 1024u       /* of one text, tried for one that no policy names */
#define LITERALS_IN_CELLS_MAX 12u /* with more, texts that are no literal are looked for among the wildcards alone */
#define SECOND_US ((int64_t)1000000)
#define SOME_TIME_US (1767225600 * SECOND_US) /* 2026-01-01 */
#define SOME_AGE_SECONDS 300u

struct gather {
    struct nz_policy_scratch *s;
    const struct nz_policy_set *set;
    struct nz_str key;
    struct nz_arena *keep;
    struct nz_atoms atoms;
    bool is_variable;
    struct nz_str texts[NZ_CANDIDATES_MAX]; /* single values */
    uint64_t seen[NZ_CANDIDATES_MAX];       /* what the atoms say of each */
    uint32_t texts_count;
    struct nz_cell_patterns patterns;
    uint32_t literals_count;
    struct nz_buf nets;              /* struct nz_cidr */
    struct nz_buf left_out;          /* struct nz_str: literals that are not among the patterns */
    struct nz_buf exact;             /* struct nz_str: literals that are compared with regard to case */
    struct nz_buf loose;             /* struct nz_str: those compared without */
    struct nz_buf text;              /* being made */
    bool has_wildcards, has_letters; /* the latter: in patterns with wildcards, which tell spellings apart */
    bool complete, fixed, failed;
};

/* --- single values --- */

/* A fault of the text before is not forgotten. */
static void text_begin(struct gather *g)
{
    g->failed |= g->text.failed;
    nz_buf_clear(&g->text);
}

/* IAM User Guide, "AWS global condition context keys": MultiFactorAuthAge is "the number of seconds since" (none is negative),
 * TokenIssueTime a date. */
static bool is_of_type(struct nz_str key, struct nz_str text)
{
    struct nz_decimal seconds;
    nz_time time;
    if (nz_str_eq(key, NZ_STR("aws:multifactorauthage")))
        return nz_decimal_parse(text, &seconds) && !seconds.negative;
    return !nz_str_eq(key, NZ_STR("aws:tokenissuetime")) || nz_policy_time_parse(text, &time);
}

/* A text of which the atoms say what they say of another need not be tried again. */
static void text_add(struct gather *g, struct nz_str text)
{
    if (!is_of_type(g->key, text))
        return;
    uint64_t verdict = g->is_variable ? 0 : nz_atoms_verdict(g->s, &g->atoms, text);
    for (uint32_t i = 0; i < g->texts_count; i++) {
        if (verdict ? g->seen[i] == verdict : nz_str_eq(g->texts[i], text))
            return;
    }
    if (g->texts_count == NZ_CANDIDATES_MAX) {
        g->complete = false;
        return;
    }
    struct nz_str kept = nz_arena_str(g->keep, text);
    g->failed |= !kept.p;
    g->seen[g->texts_count] = verdict;
    g->texts[g->texts_count++] = kept;
}

static bool is_always_there(struct nz_str key)
{
    static const struct nz_str always[] = {
        {"aws:requestedregion", 19}, {"aws:securetransport", 19},  {"aws:currenttime", 15},
        {"aws:epochtime", 13},       {"aws:principalaccount", 20}, {"aws:viaawsservice", 17},
    };
    for (size_t i = 0; i < sizeof always / sizeof always[0]; i++) {
        if (nz_str_eq(key, always[i]))
            return true;
    }
    return false;
}

/* --- texts and their wildcards --- */

static bool is_letter(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

static void wildcards_add(struct gather *g, struct nz_str coded, bool arn)
{
    g->has_wildcards = true;
    for (size_t i = 0; i < coded.n; i++)
        g->has_letters |= is_letter(coded.p[i]);
    nz_cell_patterns_add(&g->patterns, coded, arn, g->keep);
}

static void kept_add(struct gather *g, struct nz_buf *list, struct nz_str text)
{
    struct nz_str kept = nz_arena_str(g->keep, text);
    g->failed |= !kept.p;
    nz_buf_append(list, nz_str_of((const char *)&kept, sizeof kept));
}

static void coded_add(struct gather *g, struct nz_str coded, enum nz_operator op)
{
    bool arn = op == NZ_OP_ARN;
    if (coded.n && (memchr(coded.p, NZ_PATTERN_MANY, coded.n) || memchr(coded.p, NZ_PATTERN_ONE, coded.n))) {
        wildcards_add(g, coded, arn);
        return;
    }
    text_add(g, coded);
    kept_add(g, op == NZ_OP_STRING_EQUALS_IGNORE_CASE ? &g->loose : &g->exact, coded);
    if (g->literals_count++ < LITERALS_IN_CELLS_MAX && g->patterns.count < NZ_CELLS_PATTERNS_MAX / 2)
        nz_cell_patterns_add(&g->patterns, coded, arn, g->keep);
    else
        kept_add(g, &g->left_out, coded);
}

/* False: a variable has no value (then the pattern fits nothing), or none that is known. */
static bool filled_append(struct gather *g, const struct nz_pattern *p)
{
    struct nz_str coded;
    if (p->shape != NZ_PATTERN_VARIABLE) {
        nz_pattern_append_coded(p, &g->text);
        return true;
    }
    g->fixed = false;
    enum nz_tri known = nz_pattern_fill(g->s, p, false, &coded);
    if (known == NZ_FREE && !(p->parts_count == 1 && nz_str_eq(p->parts[0].text, g->key)))
        g->complete = false;
    if (known == NZ_YES)
        nz_buf_append(&g->text, coded);
    return known == NZ_YES;
}

static void value_text_add(struct gather *g, const struct nz_condition *c, const struct nz_pattern *p)
{
    text_begin(g);
    if (filled_append(g, p))
        coded_add(g, nz_buf_view(&g->text), c->spec.op);
}

static void value_arn_add(struct gather *g, const struct nz_arn *arn)
{
    bool filled = arn->kind == NZ_ARN_FIELDS || arn->kind == NZ_ARN_WHOLE;
    text_begin(g);
    if (arn->kind == NZ_ARN_WHOLE)
        filled = filled_append(g, &arn->whole);
    for (int i = 0; i < 6 && arn->kind == NZ_ARN_FIELDS && filled; i++) {
        if (i)
            nz_buf_append_char(&g->text, ':');
        filled = filled_append(g, &arn->fields[i]);
    }
    if (filled)
        coded_add(g, nz_buf_view(&g->text), NZ_OP_ARN);
}

/* --- spellings: StringEqualsIgnoreCase takes "prod" for "Prod", StringEquals does not --- */

static bool is_named(const struct gather *g, struct nz_str text)
{
    const struct nz_str *exact = (const void *)g->exact.p;
    for (size_t i = 0; i < g->exact.n / sizeof *exact; i++) {
        if (nz_str_eq(exact[i], text))
            return true;
    }
    for (uint32_t i = 0; i < g->texts_count; i++) {
        if (nz_str_eq(g->texts[i], text))
            return true;
    }
    return false;
}

/* The text in small letters, but for those whose bits are set: the first letter is the lowest bit. */
static void spell(struct gather *g, struct nz_str text, uint32_t capitals)
{
    uint32_t letter = 0;
    text_begin(g);
    for (size_t i = 0; i < text.n; i++) {
        char small = (char)nz_ascii_lower((unsigned char)text.p[i]);
        bool capital = is_letter(small) && letter < 32 && capitals >> letter & 1;
        letter += is_letter(small);
        nz_buf_append_char(&g->text, capital ? (char)(small - 'a' + 'A') : small);
    }
}

/* Those that a policy names are tried by themselves; one that none names stands for all the others. */
static void spelling_add(struct gather *g, struct nz_str text)
{
    uint32_t spellings = 1;
    for (size_t i = 0; i < text.n && spellings < SPELLINGS_MAX; i++)
        spellings <<= is_letter(text.p[i]);
    for (uint32_t capitals = 0; capitals < spellings; capitals++) {
        spell(g, text, capitals);
        if (!is_named(g, nz_buf_view(&g->text))) {
            text_add(g, nz_buf_view(&g->text));
            return;
        }
    }
    if (spellings == SPELLINGS_MAX)
        g->complete = false;
}

static void spellings_add(struct gather *g)
{
    const struct nz_str *loose = (const void *)g->loose.p;
    size_t count = g->loose.n / sizeof *loose;
    for (size_t i = 0; i < count; i++)
        spelling_add(g, loose[i]);
    if (count && g->has_letters) /* "W*" fits "Web" and not "web": no one spelling stands for all */
        g->complete = false;
}

/* --- numbers, times, networks --- */

static void decimal_add(struct gather *g, const struct nz_decimal *d)
{
    text_begin(g);
    nz_buf_printf(&g->text, "%s%llu", d->negative ? "-" : "", (unsigned long long)d->whole);
    if (d->fraction)
        nz_buf_printf(&g->text, ".%018llu", (unsigned long long)d->fraction);
    text_add(g, nz_buf_view(&g->text));
}

/* The number, and one on each side of it: whole steps for readers, then the smallest, between which no other number fits. */
static void number_add(struct gather *g, const struct nz_decimal *d)
{
    const uint64_t fraction_end = 1000000000000000000u;
    struct nz_decimal away = *d, nearer = *d;
    decimal_add(g, d);
    away.whole += away.whole != UINT64_MAX;
    decimal_add(g, &away);
    away = *d;
    if (++away.fraction == fraction_end) {
        away.fraction = 0;
        away.whole += away.whole != UINT64_MAX;
    }
    decimal_add(g, &away);
    if (d->whole == 0 && d->fraction == 0) {
        decimal_add(g, &(struct nz_decimal){.negative = true, .fraction = 1});
        return;
    }
    if (nearer.whole) {
        nearer.whole--;
        decimal_add(g, &nearer);
    }
    nearer = *d;
    if (nearer.fraction == 0) {
        nearer.fraction = fraction_end;
        nearer.whole--;
    }
    nearer.fraction--;
    decimal_add(g, &nearer);
}

/* Seconds where some condition compares numbers, else as AWS writes the key. */
static void time_add(struct gather *g, nz_time time)
{
    bool epoch = nz_str_eq(g->key, NZ_STR("aws:epochtime"));
    for (uint32_t i = 0; i < g->atoms.count; i++)
        epoch |= g->atoms.list[i]->spec.op == NZ_OP_NUMERIC;
    for (int64_t second = -1; second <= 1; second++) {
        nz_time at = {.us = time.us + second * SECOND_US};
        text_begin(g);
        if (epoch)
            nz_buf_printf(&g->text, "%lld", (long long)(at.us / SECOND_US));
        else
            nz_time_append(&g->text, at);
        text_add(g, nz_buf_view(&g->text));
    }
}

/* Texts that, unless a policy names them, are like any other; of a kind that a reader takes for what the key holds. */
static void fresh_add(struct gather *g)
{
    static const char *const regions[] = {"us-east-1", "eu-west-1", "ap-northeast-1", "sa-east-1", "nowhere-1"};
    static const char *const texts[] = {"example", "another", "something", "nothing-known"};
    bool region = nz_str_eq(g->key, NZ_STR("aws:requestedregion"));
    if (nz_str_eq(g->key, NZ_STR("aws:securetransport"))) {
        text_add(g, NZ_STR("true"));
        text_add(g, NZ_STR("false"));
        return;
    }
    if (nz_str_eq(g->key, NZ_STR("aws:currenttime")) || nz_str_eq(g->key, NZ_STR("aws:epochtime")) ||
        nz_str_eq(g->key, NZ_STR("aws:tokenissuetime"))) {
        time_add(g, (nz_time){.us = SOME_TIME_US}); /* AWS sets it: it is always a time */
        return;
    }
    if (nz_str_eq(g->key, NZ_STR("aws:multifactorauthage"))) {
        decimal_add(g, &(struct nz_decimal){.whole = SOME_AGE_SECONDS});
        return;
    }
    for (size_t i = 0; i < (region ? 5 : 4); i++)
        text_add(g, nz_str_from_c(region ? regions[i] : texts[i]));
}

static void addresses_add(struct gather *g)
{
    const struct nz_ip *list = NULL;
    size_t count = 0;
    struct nz_network_list cuts = {(const void *)g->nets.p, g->nets.n / sizeof(struct nz_cidr)};
    if (nz_network_addresses(NZ_NETWORK_ANY, cuts, (struct nz_network_list){0}, false, g->keep, &list, &count) != NZ_OK)
        g->failed = true;
    for (size_t i = 0; i < count; i++) {
        text_begin(g);
        nz_ip_append(&g->text, &list[i]);
        text_add(g, nz_buf_view(&g->text));
    }
}

/* --- an atom --- */

static void value_add(struct gather *g, const struct nz_condition *c, const struct nz_value *v)
{
    switch (c->spec.op) {
    case NZ_OP_STRING_EQUALS:
    case NZ_OP_STRING_EQUALS_IGNORE_CASE:
    case NZ_OP_STRING_LIKE:
        value_text_add(g, c, &v->text);
        break;
    case NZ_OP_ARN:
        value_arn_add(g, v->arn);
        break;
    case NZ_OP_NUMERIC:
        if (v->valid)
            number_add(g, &v->number);
        break;
    case NZ_OP_DATE:
        if (v->valid)
            time_add(g, v->time);
        break;
    case NZ_OP_IP:
        if (v->valid)
            nz_buf_append(&g->nets, nz_str_of((const char *)&v->net, sizeof v->net));
        break;
    case NZ_OP_BINARY:
        g->complete = false; /* bytes are asked for in no condition on who calls from where */
        break;
    case NZ_OP_BOOL:
        text_add(g, NZ_STR("true"));
        text_add(g, NZ_STR("false"));
        break;
    case NZ_OP_NULL:
        break;
    }
}

/* Where the key is a variable, what it is compared with matters too: the values of the other key. */
static bool compared_visit(void *self, const struct nz_statement *st)
{
    struct gather *g = self;
    for (uint32_t i = 0; i < st->conditions_count; i++) {
        const struct nz_condition *c = &st->conditions[i];
        const struct nz_policy_key *known;
        if (!nz_condition_has_variable(c, g->key))
            continue;
        g->fixed = false;
        if (nz_context_find(g->s->request, c->key, &known) != NZ_CONTEXT_KNOWN)
            continue;
        for (uint32_t k = 0; k < known->count; k++)
            text_add(g, known->values[k]);
    }
    for (uint32_t i = 0; i < st->resources_count; i++)
        g->complete &= !nz_arn_has_variable(&st->resources[i], g->key);
    return true;
}

/* --- together --- */

static void candidate_add(struct nz_candidate *list, struct nz_candidates *out, const struct nz_str *values,
                          uint32_t count)
{
    list[out->count++] = (struct nz_candidate){values, count};
}

/* Of a key that may have several values: two, or three, of the single ones. */
static bool several_add(struct gather *g, struct nz_candidate *list, struct nz_candidates *out)
{
    for (uint32_t i = 0; i < g->texts_count; i++) {
        for (uint32_t j = i + 1; j < g->texts_count; j++) {
            for (uint32_t k = j; k < g->texts_count; k++) { /* k == j: two values */
                if (out->count == 2 * NZ_CANDIDATES_MAX)
                    return false;
                struct nz_str *values = NZ_ARENA_ARRAY(g->keep, struct nz_str, 3);
                if (!values) {
                    g->failed = true;
                    return false;
                }
                values[0] = g->texts[i];
                values[1] = g->texts[j];
                values[2] = g->texts[k];
                candidate_add(list, out, values, k == j ? 2 : 3);
            }
        }
    }
    return true;
}

static enum nz_err list_make(struct gather *g, struct nz_candidates *out)
{
    struct nz_str *values = NZ_ARENA_ARRAY(g->keep, struct nz_str, g->texts_count + (size_t)1);
    struct nz_candidate *list = NZ_ARENA_ARRAY(g->keep, struct nz_candidate, 3 * NZ_CANDIDATES_MAX + 1);
    *out = (struct nz_candidates){.list = list};
    if (!values || !list)
        return NZ_E_NOMEM;
    if (!is_always_there(g->key))
        candidate_add(list, out, NULL, 0);
    for (uint32_t i = 0; i < g->texts_count; i++) {
        values[i] = g->texts[i];
        candidate_add(list, out, &values[i], 1);
    }
    if (g->atoms.quantified)
        g->complete &= several_add(g, list, out) && g->atoms.one_of_many <= 3;
    out->complete = g->complete;
    out->fixed = g->fixed;
    bool lists = g->nets.failed || g->left_out.failed || g->exact.failed || g->loose.failed;
    return g->failed || lists || g->text.failed ? NZ_E_NOMEM : NZ_OK;
}

/* A text that is a literal left out does not stand for its neighbours, nor does one that the key cannot hold. */
static bool stands_for_others(const struct gather *g, struct nz_str text)
{
    if (!is_of_type(g->key, text))
        return false;
    const struct nz_str *list = (const void *)g->left_out.p;
    for (size_t i = 0; i < g->left_out.n / sizeof *list; i++) {
        if (nz_str_eq_nocase(list[i], text))
            return false;
    }
    return true;
}

/* A tag's text may be compared as a number or a truth value too, which "TRUE" and "1.0" write otherwise: of these no other
 * spelling is tried. */
static bool is_spelled_freely(const struct gather *g)
{
    bool typed = false, textual = false;
    for (uint32_t i = 0; i < g->atoms.count; i++) {
        enum nz_operator op = g->atoms.list[i]->spec.op;
        typed |= op == NZ_OP_BOOL || op == NZ_OP_NUMERIC || op == NZ_OP_DATE || op == NZ_OP_IP;
        textual |= op == NZ_OP_STRING_EQUALS || op == NZ_OP_STRING_EQUALS_IGNORE_CASE || op == NZ_OP_STRING_LIKE;
    }
    return typed && textual && nz_str_find(g->key, NZ_STR("tag/")) != SIZE_MAX;
}

static enum nz_err gather(struct gather *g, struct nz_candidates *out)
{
    nz_atoms_find(g->set, g->key, &g->atoms);
    g->complete &= g->atoms.complete && !is_spelled_freely(g);
    fresh_add(g);
    for (uint32_t i = 0; i < g->atoms.count; i++) {
        for (uint32_t k = 0; k < g->atoms.list[i]->count; k++)
            value_add(g, g->atoms.list[i], &g->atoms.list[i]->values[k]);
    }
    if (g->is_variable)
        nz_policy_set_each(g->set, compared_visit, g);
    spellings_add(g);
    if (g->nets.n)
        addresses_add(g);
    if (g->has_wildcards) {
        struct nz_cells cells;
        enum nz_err err = nz_cells_find(g->patterns.list, g->patterns.count, 0, g->keep, &cells);
        if (err != NZ_OK)
            return err;
        for (uint32_t i = 0; i < cells.count; i++) {
            text_add(g, cells.list[i].text);
            g->complete &= stands_for_others(g, cells.list[i].text);
        }
        g->complete &= cells.complete && !g->patterns.incomplete;
    }
    return list_make(g, out);
}

enum nz_err nz_candidates_find(struct nz_policy_scratch *s, const struct nz_policy_set *set, struct nz_str key,
                               struct nz_arena *keep, struct nz_candidates *out)
{
    struct gather g = {.s = s, .set = set, .key = key, .keep = keep, .complete = true, .fixed = true};
    s->failed = false;
    g.is_variable = nz_policy_set_has_variable(set, key);
    g.fixed = !g.is_variable;
    nz_buf_init(&g.nets, 0);
    nz_buf_init(&g.left_out, 0);
    nz_buf_init(&g.exact, 0);
    nz_buf_init(&g.loose, 0);
    nz_buf_init(&g.text, 0);
    enum nz_err err = gather(&g, out);
    if (s->failed) /* in filling a variable in */
        err = NZ_E_NOMEM;
    nz_buf_release(&g.nets);
    nz_buf_release(&g.left_out);
    nz_buf_release(&g.exact);
    nz_buf_release(&g.loose);
    nz_buf_release(&g.text);
    return err;
}
