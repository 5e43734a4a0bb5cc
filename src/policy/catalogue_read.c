#include "policy/catalogue_table.h"

#include "core/hash.h"

/* A table that is read line by line. A line refers only to lines before it, so one pass suffices; a pass ahead of it
 * counts the lines, because what is allocated must not depend on what the head claims.
 * The first fault sticks: from then on there are no more fields, texts are empty and numbers 0. */
struct reading {
    struct nz_catalogue *c;
    struct nz_diag *diag;
    enum nz_err err;
    struct nz_str text, line; /* line: without its LF */
    size_t at;                /* behind the line */
    uint32_t number;
    struct nz_str rest; /* fields of the line that were not taken yet */
    bool more;
    /* rows filled so far */
    uint32_t services, actions, resources, keys, key_refs, needs, arns, groups;
    /* of the service that is being read */
    char stage; /* the last line's letter */
    uint32_t keys_first, groups_first;
    struct nz_catalogue_range *group_rows;
    char *lower; /* where the next name in lower case goes */
};

static void fault_as(struct reading *r, enum nz_err code, const char *place, const char *what)
{
    if (r->err != NZ_OK)
        return;
    uint32_t column = place ? (uint32_t)(place - r->line.p) + 1 : 1;
    r->err = nz_diag_at(r->diag, code, r->number, column, "%s", what);
    r->more = false;
}

/* place: within the current line. */
static void fault(struct reading *r, const char *place, const char *what)
{
    fault_as(r, NZ_E_CATALOGUE, place, what);
}

static void next_line(struct reading *r)
{
    if (r->err != NZ_OK)
        return;
    struct nz_str left = nz_str_skip(r->text, r->at);
    const char *end = left.n ? memchr(left.p, '\n', left.n) : NULL;
    r->number++;
    r->line = nz_str_head(left, end ? (size_t)(end - left.p) : left.n);
    r->at += r->line.n + 1;
    r->rest = r->line;
    r->more = true;
    if (!end)
        fault(r, left.p, "the table ends too early");
}

/* Every field of the format has a text, so an empty one is a fault. */
static struct nz_str next_field(struct reading *r)
{
    if (!r->more) {
        fault(r, r->line.n ? r->line.p + r->line.n : r->line.p, "a field is missing");
        return NZ_STR("");
    }
    const char *tab = r->rest.n ? memchr(r->rest.p, '\t', r->rest.n) : NULL;
    struct nz_str field = nz_str_head(r->rest, tab ? (size_t)(tab - r->rest.p) : r->rest.n);
    r->more = tab;
    r->rest = nz_str_skip(r->rest, field.n + 1);
    if (field.n == 0)
        fault(r, field.p, "an empty field");
    if (field.n > NZ_CATALOGUE_NAME_BYTES_MAX)
        fault_as(r, NZ_E_CATALOGUE_LIMIT, field.p, "a field of more than 512 bytes");
    return r->err == NZ_OK ? field : NZ_STR("");
}

static void no_more_fields(struct reading *r)
{
    if (r->more)
        fault(r, r->rest.p, "one field too many");
}

/* Names are printed, so they hold nothing that a terminal would obey. */
static struct nz_str next_name(struct reading *r, char lowest)
{
    struct nz_str name = next_field(r);
    for (size_t i = 0; i < name.n; i++) {
        if (name.p[i] < lowest || name.p[i] > '~')
            fault(r, name.p + i, "a character that no name has");
    }
    return name;
}

/* Letters, digits and hyphens: what an action's text form has. */
static struct nz_str next_word(struct reading *r, bool upper)
{
    struct nz_str word = next_field(r);
    for (size_t i = 0; i < word.n; i++) {
        char ch = word.p[i];
        bool letter = (ch >= 'a' && ch <= 'z') || (upper && ch >= 'A' && ch <= 'Z');
        if (!letter && !(ch >= '0' && ch <= '9') && ch != '-')
            fault(r, word.p + i, "a character that no service and no action has");
    }
    return word;
}

static void expect_word(struct reading *r, struct nz_str word)
{
    struct nz_str field = next_field(r);
    if (!nz_str_eq(field, word))
        fault(r, field.p, "another word is expected here");
}

/* Decimal digits from *at on, which moves behind them. */
static uint32_t number_within(struct reading *r, struct nz_str field, size_t *at)
{
    size_t from = *at;
    uint32_t value = 0;
    while (*at < field.n && *at - from < 8 && field.p[*at] >= '0' && field.p[*at] <= '9')
        value = value * 10 + (uint32_t)(field.p[(*at)++] - '0');
    if (r->err == NZ_OK && *at == from)
        fault(r, field.p + *at, "a number is missing");
    return value;
}

static void expect_end(struct reading *r, struct nz_str field, size_t at)
{
    if (at < field.n)
        fault(r, field.p + at, "not a number of at most eight digits");
}

static uint32_t next_number(struct reading *r)
{
    struct nz_str field = next_field(r);
    size_t at = 0;
    uint32_t value = number_within(r, field, &at);
    expect_end(r, field, at);
    return value;
}

/* --- the head --- */

static bool is_date(struct nz_str text)
{
    static const char form[] = "dddd-dd-dd";
    if (text.n != sizeof form - 1)
        return false;
    for (size_t i = 0; i < text.n; i++) {
        bool digit = text.p[i] >= '0' && text.p[i] <= '9';
        if (form[i] == 'd' ? !digit : text.p[i] != form[i])
            return false;
    }
    return true;
}

static void read_format(struct reading *r)
{
    next_line(r);
    if (r->err == NZ_OK && !nz_str_starts_with(r->line, NZ_STR("nezuban-catalogue\t")))
        fault(r, r->line.p, "this is no action catalogue");
    expect_word(r, NZ_STR("nezuban-catalogue"));
    struct nz_str version = next_name(r, '!');
    if (!nz_str_eq(version, NZ_STR("1")))
        fault_as(r, NZ_E_CATALOGUE_VERSION, version.p, "its format is not 1");
    no_more_fields(r);
}

static void read_head(struct reading *r, struct nz_catalogue_head *head)
{
    read_format(r);
    next_line(r);
    expect_word(r, NZ_STR("package"));
    head->package = next_name(r, '!');
    head->version = next_name(r, '!');
    no_more_fields(r);
    next_line(r);
    expect_word(r, NZ_STR("date"));
    head->date = next_field(r);
    if (!is_date(head->date))
        fault(r, head->date.p, "not a date");
    no_more_fields(r);
    next_line(r);
    expect_word(r, NZ_STR("counts"));
    head->services = next_number(r);
    head->actions = next_number(r);
    head->resources = next_number(r);
    head->keys = next_number(r);
    no_more_fields(r);
}

enum nz_err nz_catalogue_read_head(struct nz_str text, struct nz_catalogue_head *head, struct nz_diag *diag)
{
    struct reading r = {.diag = diag, .text = text};
    read_head(&r, head);
    return r.err;
}

/* --- room for the rows --- */

struct sizes {
    size_t services, actions, resources, keys, key_refs, needs, arns, groups, name_bytes;
};

static size_t tabs_of(struct nz_str line)
{
    size_t count = 0;
    for (size_t i = 0; i < line.n; i++)
        count += line.p[i] == '\t';
    return count;
}

static size_t second_field_bytes(struct nz_str line)
{
    struct nz_str name = nz_str_skip(line, 2);
    const char *tab = name.n ? memchr(name.p, '\t', name.n) : NULL;
    return tab ? (size_t)(tab - name.p) : name.n;
}

/* How many rows the lines fill. A line with too few fields is none here: it ends the reading. */
static struct sizes count(struct nz_str text)
{
    struct sizes s = {.services = 0};
    while (text.n) {
        const char *end = memchr(text.p, '\n', text.n);
        struct nz_str line = nz_str_head(text, end ? (size_t)(end - text.p) : text.n);
        char letter = line.n ? line.p[0] : '\0';
        size_t tabs = tabs_of(line);
        bool service = letter == 's' && tabs >= 1, key = letter == 'k' && tabs >= 2, group = letter == 'g' && tabs >= 1;
        bool resource = letter == 'r' && tabs >= 3, action = letter == 'a' && tabs >= 2;
        s.services += service;
        s.keys += key;
        s.groups += group;
        s.key_refs += group ? tabs : 0;
        s.resources += resource;
        s.arns += resource ? tabs - 2 : 0;
        s.actions += action;
        s.needs += action ? tabs - 2 : 0;
        s.name_bytes += action ? second_field_bytes(line) : 0;
        text = nz_str_skip(text, line.n + 1);
    }
    return s;
}

/* One more of each, for the row of a line that turns out to be the last to be read. */
static void make_room(struct reading *r)
{
    if (r->err != NZ_OK)
        return;
    struct nz_catalogue *c = r->c;
    struct nz_arena *a = &c->arena;
    struct sizes s = count(nz_str_skip(r->text, r->at));
    c->services = NZ_ARENA_ARRAY(a, struct nz_catalogue_service, s.services + 1);
    c->actions = NZ_ARENA_ARRAY(a, struct nz_catalogue_action, s.actions + 1);
    c->resources = NZ_ARENA_ARRAY(a, struct nz_catalogue_resource, s.resources + 1);
    c->needs = NZ_ARENA_ARRAY(a, struct nz_catalogue_need, s.needs + 1);
    c->keys = NZ_ARENA_ARRAY(a, struct nz_catalogue_key, s.keys + 1);
    c->key_refs = NZ_ARENA_ARRAY(a, uint32_t, s.key_refs + 1);
    c->arns = NZ_ARENA_ARRAY(a, struct nz_str, s.arns + 1);
    r->group_rows = NZ_ARENA_ARRAY(a, struct nz_catalogue_range, s.groups + 1);
    r->lower = nz_arena_alloc(a, s.name_bytes + 1);
    if (!c->services || !c->actions || !c->resources || !c->needs || !c->keys || !c->key_refs || !c->arns ||
        !r->group_rows || !r->lower)
        r->err = nz_diag_set(r->diag, NZ_E_NOMEM, "%s", "");
}

/* --- the lines of a service --- */

static void in_order(struct reading *r, const struct nz_str *before, struct nz_str name)
{
    if (r->err == NZ_OK && before && nz_catalogue_compare(*before, name) >= 0)
        fault(r, name.p, "names are not in order");
}

static void read_service(struct reading *r)
{
    struct nz_catalogue_service *s = &r->c->services[r->services];
    s->prefix = next_word(r, false);
    in_order(r, r->services ? &s[-1].prefix : NULL, s->prefix);
    s->rcp = r->more;
    if (s->rcp)
        expect_word(r, NZ_STR("rcp"));
    s->actions.first = r->actions;
    s->resources.first = r->resources;
    r->keys_first = r->keys;
    r->groups_first = r->groups;
    r->services++;
}

static bool key_type_of(struct nz_str text, struct nz_catalogue_key *key)
{
    static const struct {
        struct nz_str name;
        enum nz_key_type type;
    } types[] = {
        {{"String", 6}, NZ_KEY_TYPE_STRING},   {{"ARN", 3}, NZ_KEY_TYPE_ARN},   {{"Bool", 4}, NZ_KEY_TYPE_BOOL},
        {{"Numeric", 7}, NZ_KEY_TYPE_NUMERIC}, {{"Date", 4}, NZ_KEY_TYPE_DATE}, {{"IPAddress", 9}, NZ_KEY_TYPE_IP},
    };
    key->multivalued = nz_str_starts_with(text, NZ_STR("ArrayOf"));
    text = nz_str_skip(text, key->multivalued ? NZ_STR("ArrayOf").n : 0);
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        key->type = types[i].type;
        if (nz_str_eq(types[i].name, text))
            return true;
    }
    return false;
}

static void read_key(struct reading *r)
{
    struct nz_catalogue_key *key = &r->c->keys[r->keys];
    key->name = next_name(r, '!');
    in_order(r, r->keys > r->keys_first ? &key[-1].name : NULL, key->name);
    struct nz_str type = next_field(r);
    if (!key_type_of(type, key))
        fault(r, type.p, "no such type of a condition key");
    r->keys++;
}

static void read_group(struct reading *r)
{
    struct nz_catalogue_range *group = &r->group_rows[r->groups++];
    *group = (struct nz_catalogue_range){r->key_refs, 0};
    do {
        const char *place = r->rest.p;
        uint32_t key = next_number(r);
        if (key >= r->keys - r->keys_first)
            fault(r, place, "the service has no such condition key");
        if (r->err != NZ_OK)
            return;
        r->c->key_refs[r->key_refs++] = r->keys_first + key;
        group->count++;
    } while (r->more);
}

/* Group 0 is the empty one and has no line. */
static struct nz_catalogue_range group_of(struct reading *r, const char *place, uint32_t number)
{
    if (number > r->groups - r->groups_first)
        fault(r, place, "the service has no such group of condition keys");
    if (number == 0 || r->err != NZ_OK)
        return (struct nz_catalogue_range){0, 0};
    return r->group_rows[r->groups_first + number - 1];
}

/* What stands behind a letter or a mark: a group's number, or nothing for group 0. */
static struct nz_catalogue_range group_at_end(struct reading *r, struct nz_str field, size_t at)
{
    if (r->err != NZ_OK || at == field.n)
        return (struct nz_catalogue_range){0, 0};
    const char *place = field.p + at;
    uint32_t group = number_within(r, field, &at);
    expect_end(r, field, at);
    return group_of(r, place, group);
}

static void read_arn(struct reading *r)
{
    struct nz_str arn = next_name(r, ' ');
    size_t colons = 0;
    for (size_t i = 0; i < arn.n; i++)
        colons += arn.p[i] == ':';
    if (!nz_str_starts_with(arn, NZ_STR("arn:")) || colons < 5)
        fault(r, arn.p, "not an ARN");
    if (r->err == NZ_OK)
        r->c->arns[r->arns++] = arn;
}

static void read_resource(struct reading *r)
{
    struct nz_catalogue_service *s = &r->c->services[r->services - 1];
    struct nz_catalogue_resource *row = &r->c->resources[r->resources];
    const char *place = r->rest.p;
    row->keys = group_of(r, place, next_number(r));
    row->name = next_name(r, ' ');
    in_order(r, s->resources.count ? &row[-1].name : NULL, row->name);
    row->arns.first = r->arns;
    do
        read_arn(r);
    while (r->more);
    row->arns.count = r->arns - row->arns.first;
    r->resources++;
    s->resources.count++;
}

/* "3!5": resource type 3 of the service is required, and group 5 are the keys; "3?": it is not, and there are none. */
static void read_need(struct reading *r, struct nz_catalogue_action *row)
{
    const struct nz_catalogue_service *s = &r->c->services[r->services - 1];
    struct nz_catalogue_need *need = &r->c->needs[r->needs];
    struct nz_str field = next_field(r);
    size_t at = 0;
    uint32_t resource = number_within(r, field, &at);
    if (resource >= s->resources.count)
        fault(r, field.p, "the service has no such resource type");
    need->resource = s->resources.first + resource;
    if (row->needs.count && need[-1].resource >= need->resource)
        fault(r, field.p, "resource types are not in order");
    char mark = at < field.n ? field.p[at] : '\0';
    if (r->err == NZ_OK && mark != '!' && mark != '?')
        fault(r, field.p + at, "neither '!' nor '?'");
    need->required = mark == '!';
    need->keys = group_at_end(r, field, at + 1);
    r->needs++;
    row->needs.count++;
}

static void read_level(struct reading *r, struct nz_catalogue_action *row)
{
    static const char letters[] = "LRWTP"; /* in the order of enum nz_access_level */
    struct nz_str field = next_field(r);
    const char *letter = field.n ? memchr(letters, field.p[0], sizeof letters - 1) : NULL;
    if (!letter) {
        fault(r, field.p, "no such access level");
        return;
    }
    row->level = (enum nz_access_level)(letter - letters);
    row->keys = group_at_end(r, field, 1);
}

static void read_action(struct reading *r)
{
    struct nz_catalogue_service *s = &r->c->services[r->services - 1];
    struct nz_catalogue_action *row = &r->c->actions[r->actions];
    row->service = r->services - 1;
    row->needs.first = r->needs;
    row->name = next_word(r, true);
    in_order(r, s->actions.count ? &row[-1].name : NULL, row->name);
    row->lower = nz_str_of(r->lower, row->name.n);
    for (size_t i = 0; i < row->name.n; i++)
        *r->lower++ = (char)nz_ascii_lower((unsigned char)row->name.p[i]);
    read_level(r, row);
    while (r->more)
        read_need(r, row);
    r->actions++;
    s->actions.count++;
}

/* --- the whole --- */

/* Within a service the letters come in this order, so that numbers refer to what stands before. */
static void read_letter(struct reading *r, struct nz_str letter)
{
    static const struct {
        char letter;
        void (*read)(struct reading *r);
    } kinds[] = {{'s', read_service}, {'k', read_key}, {'g', read_group}, {'r', read_resource}, {'a', read_action}};
    const size_t kinds_count = sizeof kinds / sizeof kinds[0];
    size_t kind = 0, stage = 0;
    while (kind < kinds_count && !(letter.n == 1 && letter.p[0] == kinds[kind].letter))
        kind++;
    while (r->services && kinds[stage].letter != r->stage)
        stage++;
    if (kind == kinds_count) {
        fault(r, letter.p, "no such line");
    } else if (kind && (r->services == 0 || stage > kind)) {
        fault(r, letter.p, "this line stands in the wrong place");
    } else {
        r->stage = kinds[kind].letter;
        kinds[kind].read(r);
    }
}

static void check_counts(struct reading *r)
{
    const struct nz_catalogue_head *h = &r->c->head;
    if (h->services != r->services || h->actions != r->actions || h->resources != r->resources || h->keys != r->keys)
        fault(r, r->line.p, "the table does not have what its head counts");
}

/* The last line: the SHA-256 of all before it, `covered` bytes. */
static void check_sum(struct reading *r, size_t covered)
{
    struct nz_sha256 told, found;
    struct nz_str field = next_field(r);
    if (!nz_hex_parse(field, told.bytes, sizeof told.bytes))
        fault(r, field.p, "not a SHA-256");
    no_more_fields(r);
    if (r->at != r->text.n)
        fault(r, r->line.p, "something stands behind this line, which must be the last");
    if (r->err != NZ_OK)
        return;
    enum nz_err err = nz_hash_of(nz_str_head(r->text, covered), &found);
    if (err != NZ_OK)
        r->err = nz_diag_set(r->diag, err, "%s", "");
    else if (memcmp(told.bytes, found.bytes, sizeof told.bytes) != 0)
        fault_as(r, NZ_E_CATALOGUE_CHECKSUM, field.p, "its text has another SHA-256");
}

enum nz_err nz_catalogue_read(struct nz_catalogue *c, struct nz_str text, struct nz_diag *diag)
{
    struct reading r = {.c = c, .diag = diag, .text = text};
    bool last = false;
    read_head(&r, &c->head);
    make_room(&r);
    while (r.err == NZ_OK && !last) {
        size_t begin = r.at;
        next_line(&r);
        struct nz_str letter = next_field(&r);
        last = nz_str_eq(letter, NZ_STR("sha256"));
        if (last) {
            check_counts(&r);
            check_sum(&r, begin);
        } else if (r.err == NZ_OK) {
            read_letter(&r, letter);
            no_more_fields(&r);
        }
    }
    return r.err;
}
