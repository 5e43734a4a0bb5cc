#include "cli/config.h"

#include "cli/i18n.h"
#include "core/text.h"
#include "core/yaml.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define FILE_BYTES_MAX ((size_t)4 << 20) /* what core/yaml.h reads */

struct loader {
    struct nz_config *config;
    nz_config_problem_fn *problem;
    void *self;
    enum nz_err first;
    struct nz_str file; /* empty while the environment is read */
};

static void tell(struct loader *l, struct nz_diag *diag)
{
    diag->file = l->file;
    l->problem(l->self, false, diag);
    if (l->first == NZ_OK)
        l->first = diag->code;
}

static void tell_memory(struct loader *l)
{
    struct nz_diag diag = NZ_DIAG_INIT;
    nz_diag_set(&diag, NZ_E_NOMEM, "%s", "");
    tell(l, &diag);
}

static bool is_map_name(struct nz_str name, const struct nz_opt *row)
{
    struct nz_str head = nz_str_from_c(row->name);
    return row->kind == NZ_OPT_MAP && name.n > head.n + 1 && nz_str_starts_with(name, head) && name.p[head.n] == '.';
}

static enum nz_key key_find(struct nz_str name)
{
    for (int key = NZ_KEY_NONE + 1; key < NZ_KEY_COUNT; key++) {
        const struct nz_opt *row = nz_key_row((enum nz_key)key);
        if (nz_str_eq(name, nz_str_from_c(row->name)) || is_map_name(name, row))
            return (enum nz_key)key;
    }
    return NZ_KEY_NONE;
}

/* True for "detect" when there is "detect.rules". */
static bool is_group(struct nz_str name)
{
    for (int key = NZ_KEY_NONE + 1; key < NZ_KEY_COUNT; key++) {
        struct nz_str full = nz_str_from_c(nz_key_row((enum nz_key)key)->name);
        if (full.n > name.n && nz_str_starts_with(full, name) && full.p[name.n] == '.')
            return true;
    }
    return false;
}

static void tell_unknown(struct loader *l, struct nz_str name, uint32_t line, uint32_t column)
{
    const char *names[NZ_KEY_COUNT];
    size_t count = 0;
    for (int key = NZ_KEY_NONE + 1; key < NZ_KEY_COUNT; key++)
        names[count++] = nz_key_row((enum nz_key)key)->name;
    const char *near = nz_text_nearest(name, names, count);
    struct nz_diag diag = NZ_DIAG_INIT;
    if (near)
        nz_diag_at(&diag, NZ_E_CONFIG_KEY, line, column, _("'%.*s'; did you mean '%s'?"), NZ_STR_ARG(name), near);
    else
        nz_diag_at(&diag, NZ_E_CONFIG_KEY, line, column, "'%.*s'", NZ_STR_ARG(name));
    tell(l, &diag);
}

/* Reads one text as the key's type, only to see whether it can be. */
static bool value_is_good(struct loader *l, const struct nz_opt *row, const char *text, const char *shown,
                          uint32_t line, uint32_t column)
{
    if (row->kind == NZ_OPT_LIST || row->kind == NZ_OPT_MAP)
        return true;
    union {
        bool flag;
        int place;
        uint64_t number;
        struct nz_opt_time time;
        const char *text;
    } slot;
    struct nz_diag why = NZ_DIAG_INIT, diag = NZ_DIAG_INIT;
    if (nz_opt_parse(row, text, &slot, &why) == NZ_OK)
        return true;
    nz_diag_at(&diag, NZ_E_CONFIG_VALUE, line, column, "%s: %s", shown, why.text);
    tell(l, &diag);
    return false;
}

static struct nz_config_entry *entry_at(struct nz_config *config, enum nz_key key, struct nz_str name)
{
    for (size_t i = 0; i < config->entries_count; i++) {
        if (config->entries[i].key == key && nz_str_eq(config->entries[i].name, name))
            return &config->entries[i];
    }
    if (config->entries_count == config->entries_room) {
        size_t room = config->entries_room ? config->entries_room * 2 : 8;
        struct nz_config_entry *grown = NZ_ARENA_ARRAY(config->keep, struct nz_config_entry, room);
        if (!grown)
            return NULL;
        if (config->entries_count)
            memcpy(grown, config->entries, config->entries_count * sizeof *grown);
        config->entries = grown;
        config->entries_room = room;
    }
    struct nz_config_entry *entry = &config->entries[config->entries_count++];
    *entry = (struct nz_config_entry){.key = key, .name = name};
    return entry;
}

/* Puts values where they belong; texts live in the arena. False on lack of memory. */
static bool store(struct nz_config *config, enum nz_key key, struct nz_str name, enum nz_config_origin origin,
                  const char *const *texts, size_t count)
{
    const struct nz_opt *row = nz_key_row(key);
    if (row->kind != NZ_OPT_MAP) {
        config->values[key] = (struct nz_config_value){origin, texts, count};
        return true;
    }
    name = nz_str_skip(name, strlen(row->name) + 1);
    struct nz_config_entry *entry = entry_at(config, key, name);
    struct nz_str *values = NZ_ARENA_ARRAY(config->keep, struct nz_str, count ? count : 1);
    if (!entry || !values)
        return false;
    for (size_t i = 0; i < count; i++)
        values[i] = nz_str_from_c(texts[i]);
    *entry = (struct nz_config_entry){key, origin, entry->name, values, count};
    return true;
}

/* --- the file --- */

/* One value or a sequence of them, none of them a collection. */
static void take_value(struct loader *l, enum nz_key key, struct nz_str name, const struct nz_yaml *node)
{
    const struct nz_opt *row = nz_key_row(key);
    bool many = row->kind == NZ_OPT_LIST || row->kind == NZ_OPT_MAP;
    const struct nz_yaml *items = node;
    size_t count = 1;
    if (node->kind == NZ_YAML_SEQUENCE && many) {
        items = node->items;
        count = node->count;
    }
    const char **texts = NZ_ARENA_ARRAY(l->config->keep, const char *, count ? count : 1);
    if (!texts) {
        tell_memory(l);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        if (items[i].kind != NZ_YAML_SCALAR || nz_yaml_is_null(&items[i])) {
            struct nz_diag diag = NZ_DIAG_INIT;
            nz_diag_at(&diag, NZ_E_CONFIG_VALUE, items[i].line, items[i].column,
                       many ? _("%.*s: a text or a list of texts is needed") : _("%.*s: one value is needed"),
                       NZ_STR_ARG(name));
            tell(l, &diag);
            return;
        }
        texts[i] = items[i].text.p;
        if (!value_is_good(l, row, texts[i], row->name, items[i].line, items[i].column))
            return;
    }
    if (!store(l->config, key, name, NZ_FROM_FILE, texts, count))
        tell_memory(l);
}

/* `detect: {min_level: high}` and `detect.min_level: high` say the same. Three levels are the deepest there is. */
static void take_mapping(struct loader *l, struct nz_str prefix, const struct nz_yaml *node, unsigned depth)
{
    for (size_t i = 0; i < node->count; i++) {
        const struct nz_yaml *name = &node->items[2 * i], *value = &node->items[2 * i + 1];
        struct nz_buf full;
        nz_buf_init(&full, 0);
        nz_buf_printf(&full, "%.*s%s%.*s", NZ_STR_ARG(prefix), prefix.n ? "." : "", NZ_STR_ARG(name->text));
        struct nz_str path = nz_arena_str(l->config->keep, nz_buf_view(&full));
        nz_buf_release(&full);
        if (!path.p) {
            tell_memory(l);
            return;
        }
        enum nz_key key = name->kind == NZ_YAML_SCALAR ? key_find(path) : NZ_KEY_NONE;
        bool map = key != NZ_KEY_NONE && nz_key_row(key)->kind == NZ_OPT_MAP && !is_map_name(path, nz_key_row(key));
        if (key != NZ_KEY_NONE && !map)
            take_value(l, key, path, value);
        else if ((map || is_group(path)) && value->kind == NZ_YAML_MAPPING && depth < 2)
            take_mapping(l, path, value, depth + 1);
        else if ((map || is_group(path)) && nz_yaml_is_null(value))
            continue; /* a heading with everything below it commented out */
        else
            tell_unknown(l, path, name->line, name->column);
    }
}

/* Reads all of the file into text. */
static enum nz_err read_file(const char *path, struct nz_buf *text, struct nz_diag *diag)
{
    FILE *f = fopen(path, "rbe");
    if (!f)
        return nz_diag_set(diag, errno == ENOENT ? NZ_E_NOT_FOUND : NZ_E_IO, "%s", strerror(errno));
    enum nz_err err = NZ_OK;
    for (;;) {
        char *to = nz_buf_reserve(text, 65536);
        if (!to) {
            err = nz_diag_set(diag, NZ_E_NOMEM, "%s", "");
            break;
        }
        size_t n = fread(to, 1, 65536, f);
        text->n += n;
        if (n == 0)
            break;
        if (text->n > FILE_BYTES_MAX) {
            err = nz_diag_set(diag, NZ_E_YAML_LIMIT, "%s", "");
            break;
        }
    }
    if (err == NZ_OK && ferror(f))
        err = nz_diag_set(diag, NZ_E_IO, "%s", strerror(errno));
    fclose(f);
    return err;
}

static void load_file(struct loader *l, const char *path, bool must_exist)
{
    struct nz_buf text;
    nz_buf_init(&text, 0);
    l->file = nz_str_from_c(path);
    struct nz_diag diag = NZ_DIAG_INIT;
    const struct nz_yaml *documents = NULL;
    size_t count = 0;
    enum nz_err err = read_file(path, &text, &diag);
    if (err == NZ_OK)
        err = nz_yaml_parse(l->config->keep, nz_buf_view(&text), &documents, &count, &diag);
    if (err == NZ_E_NOT_FOUND && !must_exist)
        err = NZ_OK;
    if (err != NZ_OK) {
        tell(l, &diag);
    } else if (count && documents[0].kind == NZ_YAML_MAPPING) {
        take_mapping(l, NZ_STR(""), &documents[0], 0);
    } else if (count && !nz_yaml_is_null(&documents[0])) {
        nz_diag_at(&diag, NZ_E_CONFIG_VALUE, documents[0].line, documents[0].column, "%s",
                   _("a configuration is a mapping of keys to values"));
        tell(l, &diag);
    }
    nz_buf_release(&text);
    l->file = (struct nz_str){0};
}

static void load_default_file(struct loader *l)
{
    const char *named = getenv("NEZUBAN_CONFIG");
    if (named && *named) {
        load_file(l, named, true);
        return;
    }
    /* XDG Base Directory Specification: "If $XDG_CONFIG_HOME is either not set or empty, a default equal to
     * $HOME/.config should be used", and relative paths are to be ignored. */
    const char *xdg = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    struct nz_buf path;
    nz_buf_init(&path, 0);
    if (xdg && xdg[0] == '/')
        nz_buf_printf(&path, "%s/nezuban/config.yaml%c", xdg, '\0');
    else if (home && *home)
        nz_buf_printf(&path, "%s/.config/nezuban/config.yaml%c", home, '\0');
    if (path.failed)
        tell_memory(l);
    else if (path.n)
        load_file(l, path.p, false);
    nz_buf_release(&path);
}

/* --- the environment --- */

void nz_config_append_env_name(struct nz_buf *out, const char *key_name)
{
    nz_buf_append(out, NZ_STR("NEZUBAN_"));
    for (const char *c = key_name; *c; c++)
        nz_buf_append_char(out, *c >= 'a' && *c <= 'z' ? (char)(*c - 'a' + 'A') : *c == '.' ? '_' : *c);
}

/* Parts between commas, in the arena. NULL on lack of memory. */
static const char *const *split_commas(struct nz_arena *keep, const char *text, size_t *count)
{
    size_t parts = 1;
    for (const char *c = text; *c; c++)
        parts += *c == ',';
    const char **out = NZ_ARENA_ARRAY(keep, const char *, parts);
    struct nz_str copy = nz_arena_str(keep, nz_str_from_c(text));
    if (!out || !copy.p)
        return NULL;
    *count = 0;
    char *at = (char *)(uintptr_t)copy.p, *part; /* the arena's bytes, ours to cut */
    while ((part = strsep(&at, ","))) {
        if (*part)
            out[(*count)++] = part;
    }
    return out;
}

static void take_variable(struct loader *l, enum nz_key key, struct nz_str name, const char *variable, const char *text)
{
    const struct nz_opt *row = nz_key_row(key);
    const char *const *texts;
    size_t count = 1;
    if (row->kind == NZ_OPT_LIST || row->kind == NZ_OPT_MAP) {
        texts = split_commas(l->config->keep, text, &count);
    } else {
        const char **one = NZ_ARENA_NEW(l->config->keep, const char *);
        if (one)
            *one = text;
        texts = one;
    }
    if (!texts)
        tell_memory(l);
    else if (value_is_good(l, row, text, variable, 0, 0) &&
             !store(l->config, key, name, NZ_FROM_ENVIRONMENT, texts, count))
        tell_memory(l);
}

/* NEZUBAN_EXPAND_admins=alice,bob: the rest of the variable's name is the placeholder's, as it is written. */
static void load_map_variables(struct loader *l, enum nz_key key, struct nz_str prefix)
{
    for (char **e = environ; e && *e; e++) {
        const char *equals = strchr(*e, '=');
        struct nz_str variable = nz_str_of(*e, equals ? (size_t)(equals - *e) : 0);
        if (!equals || variable.n <= prefix.n + 1 || !nz_str_starts_with(variable, prefix) ||
            variable.p[prefix.n] != '_')
            continue;
        struct nz_buf full;
        nz_buf_init(&full, 0);
        nz_buf_printf(&full, "%s.%.*s", nz_key_row(key)->name, NZ_STR_ARG(nz_str_skip(variable, prefix.n + 1)));
        struct nz_str name = nz_arena_str(l->config->keep, nz_buf_view(&full));
        nz_buf_release(&full);
        if (name.p)
            take_variable(l, key, name, *e, equals + 1);
        else
            tell_memory(l);
    }
}

static void load_environment(struct loader *l)
{
    for (int key = NZ_KEY_NONE + 1; key < NZ_KEY_COUNT; key++) {
        const struct nz_opt *row = nz_key_row((enum nz_key)key);
        struct nz_buf name;
        nz_buf_init(&name, 0);
        nz_config_append_env_name(&name, row->name);
        struct nz_str variable = nz_arena_str(l->config->keep, nz_buf_view(&name));
        nz_buf_release(&name);
        if (!variable.p) {
            tell_memory(l);
            return;
        }
        const char *text = getenv(variable.p);
        if (row->kind == NZ_OPT_MAP)
            load_map_variables(l, (enum nz_key)key, variable);
        else if (text && *text)
            take_variable(l, (enum nz_key)key, nz_str_from_c(row->name), variable.p, text);
    }
}

/* A variable that looks like a slip of the pen is worth a word; others with our prefix may be somebody else's (a service
 * named nezuban makes Kubernetes set NEZUBAN_PORT and more). */
static void warn_of_near_misses(struct loader *l)
{
    const char *names[NZ_KEY_COUNT];
    size_t count = 0;
    for (int key = NZ_KEY_NONE + 1; key < NZ_KEY_COUNT; key++) {
        struct nz_buf name;
        nz_buf_init(&name, 0);
        nz_config_append_env_name(&name, nz_key_row((enum nz_key)key)->name);
        struct nz_str kept = nz_arena_str(l->config->keep, nz_buf_view(&name));
        nz_buf_release(&name);
        if (kept.p)
            names[count++] = kept.p;
    }
    for (char **e = environ; e && *e; e++) {
        const char *equals = strchr(*e, '=');
        struct nz_str variable = nz_str_of(*e, equals ? (size_t)(equals - *e) : 0);
        if (!nz_str_starts_with(variable, NZ_STR("NEZUBAN_")) ||
            nz_str_starts_with(variable, NZ_STR("NEZUBAN_EXPAND_")) || nz_str_eq(variable, NZ_STR("NEZUBAN_CONFIG")))
            continue;
        const char *near = nz_text_nearest(variable, names, count);
        if (!near || nz_str_eq(variable, nz_str_from_c(near)))
            continue;
        struct nz_diag diag = NZ_DIAG_INIT;
        nz_diag_set(&diag, NZ_E_CONFIG_KEY, _("'%.*s'; did you mean '%s'?"), NZ_STR_ARG(variable), near);
        l->problem(l->self, true, &diag);
    }
}

enum nz_err nz_config_load(struct nz_config *config, struct nz_arena *keep, const char *path,
                           nz_config_problem_fn *problem, void *self)
{
    *config = (struct nz_config){.keep = keep};
    struct loader l = {.config = config, .problem = problem, .self = self};
    if (path)
        load_file(&l, path, true);
    else
        load_default_file(&l);
    load_environment(&l);
    warn_of_near_misses(&l);
    return l.first;
}
