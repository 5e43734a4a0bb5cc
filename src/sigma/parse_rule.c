/* A detection rule's document: its texts, its log source, and where its detection goes on. */
#include "sigma/rule.h"

enum nz_err nz_rule_text(struct nz_rule_parser *p, struct nz_str text, struct nz_str *out)
{
    *out = nz_arena_str(p->keep, text);
    return out->p ? NZ_OK : NZ_E_NOMEM;
}

enum nz_err nz_rule_member(struct nz_rule_parser *p, const struct nz_yaml *map, const char *key, bool required,
                           struct nz_str *out)
{
    const struct nz_yaml *node = nz_yaml_get(map, key);
    if (nz_yaml_is_null(node))
        return required ? nz_rule_error(p, node ? node : map, NZ_E_RULE_MISSING, "'%s'", key) : NZ_OK;
    if (node->kind != NZ_YAML_SCALAR)
        return nz_rule_error(p, node, NZ_E_RULE_SYNTAX, "'%s' must be a text", key);
    return nz_rule_text(p, node->text, out);
}

static enum nz_err reference_make(struct nz_rule_parser *p, const struct nz_yaml *node, struct nz_reference *out)
{
    if (node->kind != NZ_YAML_SCALAR || nz_yaml_is_null(node) || node->text.n == 0)
        return nz_rule_error(p, node, NZ_E_RULE_SYNTAX, "expected a text");
    out->line = node->line;
    out->column = node->column;
    return nz_rule_text(p, node->text, &out->text);
}

enum nz_err nz_rule_references(struct nz_rule_parser *p, const struct nz_yaml *node, const struct nz_reference **out,
                               size_t *count)
{
    *count = 0;
    *out = NULL;
    if (nz_yaml_is_null(node))
        return NZ_OK;
    const struct nz_yaml *items = node->kind == NZ_YAML_SEQUENCE ? node->items : node;
    size_t n = node->kind == NZ_YAML_SEQUENCE ? node->count : 1;
    if (n > NZ_CORRELATION_RULES_MAX)
        return nz_rule_error(p, node, NZ_E_RULE_LIMIT, "more than %u in this list", NZ_CORRELATION_RULES_MAX);
    struct nz_reference *list = NZ_ARENA_ARRAY(p->keep, struct nz_reference, n);
    if (!list)
        return NZ_E_NOMEM;
    for (size_t i = 0; i < n; i++) {
        enum nz_err err = reference_make(p, &items[i], &list[i]);
        if (err)
            return err;
    }
    *out = list;
    *count = n;
    return NZ_OK;
}

enum nz_err nz_rule_logsource(struct nz_rule_parser *p, const struct nz_yaml *document, struct nz_logsource *out)
{
    const struct nz_yaml *map = nz_yaml_get(document, "logsource");
    if (nz_yaml_is_null(map))
        return nz_rule_error(p, map ? map : document, NZ_E_RULE_MISSING, "'logsource'");
    if (map->kind != NZ_YAML_MAPPING)
        return nz_rule_error(p, map, NZ_E_RULE_SYNTAX, "'logsource' must be a map");
    enum nz_err err = nz_rule_member(p, map, "category", false, &out->category);
    if (!err)
        err = nz_rule_member(p, map, "product", false, &out->product);
    if (!err)
        err = nz_rule_member(p, map, "service", false, &out->service);
    if (err)
        return err;
    if (!out->category.p && !out->product.p && !out->service.p)
        return nz_rule_error(p, map, NZ_E_RULE_MISSING, "'logsource' needs a category, product or service");
    return NZ_OK;
}

static size_t characters(struct nz_str s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
    return n;
}

static enum nz_err parse_title(struct nz_rule_parser *p, const struct nz_yaml *document, struct nz_rule *rule)
{
    enum nz_err err = nz_rule_member(p, document, "title", true, &rule->title);
    if (err)
        return err;
    const struct nz_yaml *node = nz_yaml_get(document, "title");
    if (rule->title.n == 0)
        return nz_rule_error(p, node, NZ_E_RULE_MISSING, "'title' is empty");
    if (characters(rule->title) > NZ_RULE_TITLE_CHARS_MAX)
        return nz_rule_error(p, node, NZ_E_RULE_LIMIT, "'title' is longer than %u characters", NZ_RULE_TITLE_CHARS_MAX);
    return NZ_OK;
}

static enum nz_err parse_level(struct nz_rule_parser *p, const struct nz_yaml *document, struct nz_rule *rule)
{
    const struct nz_yaml *node = nz_yaml_get(document, "level");
    if (nz_yaml_is_null(node))
        return NZ_OK;
    if (node->kind != NZ_YAML_SCALAR || !nz_level_parse(node->text, &rule->level))
        return nz_rule_error(p, node, NZ_E_RULE_SYNTAX, "'level' must be informational, low, medium, high or critical");
    return NZ_OK;
}

static enum nz_err parse_tags(struct nz_rule_parser *p, const struct nz_yaml *document, struct nz_rule *rule)
{
    const struct nz_reference *list;
    size_t count;
    enum nz_err err = nz_rule_references(p, nz_yaml_get(document, "tags"), &list, &count);
    if (err || count == 0)
        return err;
    struct nz_str *tags = NZ_ARENA_ARRAY(p->keep, struct nz_str, count);
    if (!tags)
        return NZ_E_NOMEM;
    for (size_t i = 0; i < count; i++)
        tags[i] = list[i].text;
    rule->tags = tags;
    rule->tags_count = count;
    return NZ_OK;
}

/* A list of texts that only people read: what is no text in it is passed over, and does not cost the rule. */
static enum nz_err parse_texts(struct nz_rule_parser *p, const struct nz_yaml *node, struct nz_rule_texts *out)
{
    if (nz_yaml_is_null(node) || node->kind == NZ_YAML_MAPPING)
        return NZ_OK;
    const struct nz_yaml *items = node->kind == NZ_YAML_SEQUENCE ? node->items : node;
    size_t n = node->kind == NZ_YAML_SEQUENCE ? node->count : 1;
    struct nz_str *list = NZ_ARENA_ARRAY(p->keep, struct nz_str, n ? n : 1);
    if (!list)
        return NZ_E_NOMEM;
    out->items = list;
    for (size_t i = 0; i < n; i++) {
        if (items[i].kind != NZ_YAML_SCALAR || nz_yaml_is_null(&items[i]) || items[i].text.n == 0)
            continue;
        enum nz_err err = nz_rule_text(p, items[i].text, &list[out->count++]);
        if (err)
            return err;
    }
    return NZ_OK;
}

static enum nz_err parse_guide(struct nz_rule_parser *p, const struct nz_yaml *document, struct nz_rule *rule)
{
    const struct {
        const char *key;
        struct nz_rule_texts *to;
    } lists[] = {
        {"references", &rule->references},
        {"falsepositives", &rule->falsepositives},
        {"falsepositives_ja", &rule->falsepositives_ja},
        {"next_steps", &rule->next_steps},
        {"next_steps_ja", &rule->next_steps_ja},
    };
    enum nz_err err = NZ_OK;
    for (size_t i = 0; !err && i < sizeof lists / sizeof lists[0]; i++)
        err = parse_texts(p, nz_yaml_get(document, lists[i].key), lists[i].to);
    return err;
}

static enum nz_err parse_metadata(struct nz_rule_parser *p, const struct nz_yaml *document, struct nz_rule *rule)
{
    const struct {
        const char *key;
        struct nz_str *to;
    } texts[] = {
        {"id", &rule->id},
        {"name", &rule->name},
        {"status", &rule->status},
        {"description", &rule->description},
        {"author", &rule->author},
        {"title_ja", &rule->title_ja},
        {"description_ja", &rule->description_ja},
    };
    enum nz_err err = parse_title(p, document, rule);
    for (size_t i = 0; !err && i < sizeof texts / sizeof texts[0]; i++)
        err = nz_rule_member(p, document, texts[i].key, false, texts[i].to);
    if (!err)
        err = parse_level(p, document, rule);
    if (!err)
        err = parse_tags(p, document, rule);
    if (!err)
        err = parse_guide(p, document, rule);
    /* an empty id or name is none */
    if (rule->id.n == 0)
        rule->id.p = NULL;
    if (rule->name.n == 0)
        rule->name.p = NULL;
    rule->key = rule->id.p ? rule->id : rule->name.p ? rule->name : rule->path;
    return err;
}

static enum nz_err parse_detection(struct nz_rule_parser *p, const struct nz_yaml *document, struct nz_loaded *out)
{
    const struct nz_yaml *map = nz_yaml_get(document, "detection");
    if (nz_yaml_is_null(map))
        return nz_rule_error(p, map ? map : document, NZ_E_RULE_MISSING, "'detection'");
    if (map->kind != NZ_YAML_MAPPING)
        return nz_rule_error(p, map, NZ_E_RULE_SYNTAX, "'detection' must be a map");
    const struct nz_yaml *condition = nz_yaml_get(map, "condition");
    if (nz_yaml_is_null(condition))
        return nz_rule_error(p, condition ? condition : map, NZ_E_RULE_MISSING, "'condition'");
    enum nz_err err = nz_detection_parse(p, map, false, &out->selections);
    if (!err)
        err = nz_condition_parse(p, condition, &out->selections, &out->root);
    return err;
}

enum nz_err nz_rule_parse(struct nz_rule_parser *p, const struct nz_yaml *document, struct nz_loaded **out)
{
    struct nz_loaded *rule = NZ_ARENA_NEW(p->keep, struct nz_loaded);
    if (!rule)
        return NZ_E_NOMEM;
    rule->rule.path = p->path;
    rule->rule.line = document->line;
    rule->column = document->column;
    enum nz_err err = parse_metadata(p, document, &rule->rule);
    if (!err && nz_yaml_get(document, "correlation")) {
        rule->rule.kind = NZ_RULE_CORRELATION;
        err = nz_correlation_parse(p, document, &rule->draft);
    } else if (!err) {
        err = nz_rule_logsource(p, document, &rule->logsource);
        if (!err)
            err = parse_detection(p, document, rule);
    }
    *out = rule;
    return err;
}
