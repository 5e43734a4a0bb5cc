/* The filters of CloudWatch Logs on JSON: conditions joined with && and ||, in parentheses. Anything that is not understood is
 * "maybe", so that no filter is taken for more than it is. */
#include "audit/event_pattern.h"

#define DEPTH_MAX 32u
#define PATH_BYTES_MAX 256u

struct parse {
    struct nz_str rest;
    const struct nz_event *event;
    unsigned depth;
    bool is_bad;
};

static void space_skip(struct parse *p)
{
    while (p->rest.n && strchr(" \t\r\n", p->rest.p[0]))
        p->rest = nz_str_skip(p->rest, 1);
}

static bool take(struct parse *p, const char *word)
{
    const struct nz_str w = nz_str_from_c(word);
    space_skip(p);
    if (!nz_str_eq_nocase(nz_str_head(p->rest, w.n), w))
        return false;
    p->rest = nz_str_skip(p->rest, w.n);
    return true;
}

/* Up to one of these characters or white space. */
static struct nz_str take_until(struct parse *p, const char *ends)
{
    size_t n = 0;
    space_skip(p);
    while (n < p->rest.n && p->rest.p[n] && !strchr(ends, p->rest.p[n]) && !strchr(" \t\r\n", p->rest.p[n]))
        n++;
    const struct nz_str word = nz_str_head(p->rest, n);
    p->rest = nz_str_skip(p->rest, n);
    return word;
}

/* "text" in quotes, or a bare word. */
static struct nz_str take_value(struct parse *p)
{
    space_skip(p);
    if (!p->rest.n || p->rest.p[0] != '"')
        return take_until(p, "()&|{}");
    struct nz_str value = nz_str_skip(p->rest, 1);
    size_t n = 0;
    while (n < value.n && value.p[n] != '"')
        n++;
    p->is_bad |= n == value.n;
    p->rest = nz_str_skip(value, n + 1);
    return nz_str_head(value, n);
}

/* The field of a selector, "$.userIdentity.type"; NULL: open. */
static const struct nz_event_field *field_of(struct parse *p, struct nz_str selector)
{
    char path[PATH_BYTES_MAX] = "detail.";
    const size_t head = sizeof "detail." - 1;
    if (!nz_str_starts_with(selector, NZ_STR("$.")) || head + selector.n - 2 > sizeof path)
        return NULL;
    memcpy(path + head, selector.p + 2, selector.n - 2);
    return nz_event_field(p->event, nz_str_of(path, head + selector.n - 2));
}

static enum nz_match compare(const struct nz_event_field *field, struct nz_str value, bool equal)
{
    const bool is_regex = value.n && value.p[0] == '%';
    if (field && field->knowledge == NZ_EVENT_ABSENT && equal)
        return NZ_MATCH_NO;
    if (!field || field->knowledge != NZ_EVENT_VALUE || is_regex)
        return NZ_MATCH_MAYBE;
    return nz_event_glob(value, nz_str_from_c(field->value)) == equal ? NZ_MATCH_YES : NZ_MATCH_NO;
}

static enum nz_match existence(const struct nz_event_field *field, bool wanted)
{
    if (!field)
        return NZ_MATCH_MAYBE;
    return (field->knowledge != NZ_EVENT_ABSENT) == wanted ? NZ_MATCH_YES : NZ_MATCH_NO;
}

static enum nz_match condition_match(struct parse *p)
{
    const struct nz_str selector = take_until(p, "=!<>()&|{}");
    const struct nz_event_field *field = field_of(p, selector);
    p->is_bad |= !selector.n;
    if (take(p, "NOT")) {
        p->is_bad |= !take(p, "EXISTS");
        return existence(field, false);
    }
    if (take(p, "EXISTS"))
        return existence(field, true);
    if (take(p, "IS")) {
        take_until(p, "()&|{}"); /* NULL, TRUE, FALSE: none of the known fields is one */
        return field ? NZ_MATCH_NO : NZ_MATCH_MAYBE;
    }
    if (take(p, "!="))
        return compare(field, take_value(p), false);
    if (take(p, "="))
        return compare(field, take_value(p), true);
    p->is_bad |= !(take(p, "<=") || take(p, ">=") || take(p, "<") || take(p, ">")) || !take_value(p).n;
    return NZ_MATCH_MAYBE;
}

static enum nz_match or_match(struct parse *p);

static enum nz_match part_match(struct parse *p)
{
    if (!take(p, "("))
        return condition_match(p);
    p->is_bad |= ++p->depth > DEPTH_MAX;
    if (p->is_bad)
        return NZ_MATCH_MAYBE;
    const enum nz_match inner = or_match(p);
    p->is_bad |= !take(p, ")");
    p->depth--;
    return inner;
}

static enum nz_match and_match(struct parse *p)
{
    enum nz_match all = part_match(p);
    while (!p->is_bad && take(p, "&&")) {
        const enum nz_match one = part_match(p);
        all = one < all ? one : all;
    }
    return all;
}

static enum nz_match or_match(struct parse *p)
{
    enum nz_match best = and_match(p);
    while (!p->is_bad && take(p, "||")) {
        const enum nz_match one = and_match(p);
        best = one > best ? one : best;
    }
    return best;
}

enum nz_match nz_metric_filter_match(struct nz_str pattern, const struct nz_event *event)
{
    struct parse p = {.rest = nz_str_trim(pattern), .event = event};
    if (!p.rest.n)
        return NZ_MATCH_YES;
    if (!take(&p, "{"))
        return NZ_MATCH_MAYBE;
    const enum nz_match match = or_match(&p);
    p.is_bad |= !take(&p, "}");
    space_skip(&p);
    return p.is_bad || p.rest.n ? NZ_MATCH_MAYBE : match;
}
