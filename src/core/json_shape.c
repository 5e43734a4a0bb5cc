#include "core/json_shape.h"
#include "core/json_kernel.h"
#include "core/json_shape_step.h"

#include <stdlib.h>

/* When something found no place, all is forgotten and learned anew after so many objects that fitted nowhere, if they are more than
 * one of five; the next time after twice as many, for a log may have no two objects of a shape. */
#define FORGET_MISSES_FIRST 4096u
#define FORGET_MISSES_MAX (1u << 20)
#define PAUSE_MAX 1023u
#define MISFITS 4096u /* are remembered: what fits nowhere is learned when it comes again */
#define SHAPES_MAX 4096u

/* An offset in an object, told by the mark before it. */
struct place {
    uint16_t mark, bytes;
};

/* Members of an object that is a member's value. */
struct inner {
    uint32_t token; /* the value's */
    uint32_t count;
    struct place *names; /* and the offset behind the object */
};

struct shape {
    uint32_t tokens_count; /* two a member */
    struct place *tokens;
    uint8_t *kinds;
    uint32_t *slots;
    uint32_t inners_count;
    struct inner *inners;
};

struct nz_json_shapes {
    const struct nz_json_kernel *kernel;
    size_t slots_count;
    void *steps_block;
    struct shape_step *steps; /* in it, from a line of the cache on; steps[0] is none: behind it an object begins */
    struct shape *shapes;
    uint32_t steps_count, shapes_count;
    char *keep; /* what shapes point to: keep_n of NZ_JSON_SHAPES_BYTES_MAX bytes */
    size_t keep_n;
    bool full;                  /* no room for more */
    bool refused;               /* something found no place */
    uint32_t pause, pause_next; /* so many objects are not learned, the next time something finds no place */
    uint64_t hits, misses;      /* since all was forgotten */
    uint64_t forget_misses;
    const struct shape *read; /* of the object read last */
    uint32_t marks[SHAPE_MARKS_MAX + 1];
    uint32_t misfits[MISFITS];
    uint32_t hints[SHAPE_HINTS];
};

enum nz_err nz_json_shapes_new(const struct nz_json_kernel *kernel, size_t slots_count, struct nz_json_shapes **out)
{
    struct nz_json_shapes *s = calloc(1, sizeof *s);
    *out = NULL;
    if (!s)
        return NZ_E_NOMEM;
    if (!kernel)
        nz_json_kernels(&kernel, 1);
    s->kernel = kernel;
    s->slots_count = slots_count;
    s->steps_block =
        malloc((NZ_JSON_SHAPE_STEPS_MAX + 1) * sizeof *s->steps); /* a page costs something when it is used */
    s->shapes = calloc(SHAPES_MAX, sizeof *s->shapes);
    s->keep = malloc(NZ_JSON_SHAPES_BYTES_MAX);
    if (!s->steps_block || !s->shapes || !s->keep) {
        nz_json_shapes_free(s);
        return NZ_E_NOMEM;
    }
    s->steps = (struct shape_step *)(((uintptr_t)s->steps_block + sizeof *s->steps - 1) & ~(sizeof *s->steps - 1));
    s->steps[0] = (struct shape_step){.follows = SHAPE_MORE, .before = UINT32_MAX};
    s->steps_count = 1;
    s->forget_misses = FORGET_MISSES_FIRST;
    *out = s;
    return NZ_OK;
}

void nz_json_shapes_free(struct nz_json_shapes *s)
{
    if (!s)
        return;
    free(s->keep);
    free(s->steps_block);
    free(s->shapes);
    free(s);
}

static void forget(struct nz_json_shapes *s)
{
    s->keep_n = 0;
    s->steps[0].next = 0;
    memset(s->hints, 0, sizeof s->hints);
    s->steps_count = 1;
    s->shapes_count = 0;
    s->full = s->refused = false;
    s->pause = s->pause_next = 0;
    s->hits = s->misses = 0;
    s->forget_misses = s->forget_misses < FORGET_MISSES_MAX ? s->forget_misses * 2 : FORGET_MISSES_MAX;
}

/* --- reading --- */

bool nz_json_shapes_read(struct nz_json_shapes *s, const char *bytes, uint32_t from, size_t n, uint32_t *slots,
                         struct nz_json_index *ix, uint32_t *end)
{
    const struct shape_step *last = NULL;
    const size_t bytes_end = n - from < NZ_JSON_SKIM_BYTES_MAX ? n : from + NZ_JSON_SKIM_BYTES_MAX;
    s->read = NULL;
    s->marks[0] = from; /* of an empty tree: there nothing fits */
    if (s->steps[0].next)
        last = s->kernel->shape(s->steps, s->hints, bytes, from, bytes + bytes_end, s->marks);
    if (!last) {
        s->misses++;
        return false;
    }
    const struct shape *shape = &s->shapes[last->shape];
    const struct place *place = shape->tokens;
    const uint32_t count = shape->tokens_count, *marks = s->marks;
    for (uint32_t i = 0; i < count; i++)
        ix->tokens[i] = marks[place[i].mark] + place[i].bytes;
    memcpy(ix->kinds, shape->kinds, count);
    ix->count = count;
    memcpy(slots, shape->slots, s->slots_count * sizeof *slots);
    *end = ix->tokens[count - 1] + 1; /* behind the last value stands the bracket that closes the object */
    s->hits++;
    s->read = shape;
    return true;
}

size_t nz_json_shapes_names(const struct nz_json_shapes *s, uint32_t token, uint32_t *names)
{
    const struct shape *shape = s->read;
    for (uint32_t i = 0; shape && i < shape->inners_count; i++) {
        const struct inner *inner = &shape->inners[i];
        if (inner->token != token)
            continue;
        const uint32_t object = s->marks[shape->tokens[token].mark] + shape->tokens[token].bytes;
        for (uint32_t k = 0; k <= inner->count; k++)
            names[k] = s->marks[inner->names[k].mark] + inner->names[k].bytes - object;
        return inner->count;
    }
    return SIZE_MAX;
}

/* --- learning --- */

/* What stands between two values, and what follows it. */
struct between {
    uint32_t from, to;
    enum shape_follows follows;
};

struct learner {
    struct nz_json_shapes *s;
    const char *bytes; /* the window */
    uint32_t marks_count, betweens_count;
    uint32_t steps_count; /* that they take */
    struct between betweens[NZ_JSON_SHAPE_VALUES_MAX + 1];
};

/* The closing quote of the text that opens at `at`. */
static uint32_t text_end(const char *bytes, uint32_t at)
{
    for (at++; bytes[at] != '"'; at++)
        at += bytes[at] == '\\';
    return at;
}

/* False: too long for a place in it. */
static bool add_between(struct learner *l, uint32_t to, enum shape_follows follows)
{
    const uint32_t from = l->s->marks[l->marks_count - 1];
    l->betweens[l->betweens_count++] = (struct between){from, to, follows};
    l->steps_count += (to - from + SHAPE_STEP_BYTES - 1) / SHAPE_STEP_BYTES;
    return to - from <= UINT16_MAX;
}

static bool add_value(struct learner *l, uint32_t from, uint32_t to, enum shape_follows follows)
{
    if (l->betweens_count == NZ_JSON_SHAPE_VALUES_MAX || !add_between(l, from, follows))
        return false;
    l->s->marks[l->marks_count++] = from;
    l->s->marks[l->marks_count++] = to;
    return true;
}

/* Where the next value begins that a step ends at, or `to`. true, false and null are part of what stands between such. */
static uint32_t next_value(const char *bytes, uint32_t at, uint32_t to)
{
    for (; at < to && !shape_starts_number(bytes[at]); at++) {
        if (bytes[at] != '"')
            continue;
        const uint32_t end = text_end(bytes, at);
        if (bytes[end + 1] != ':')
            break;
        at = end;
    }
    return at;
}

/* Takes the object apart. False: too many values, or too much between two. */
static bool take_apart(struct learner *l, uint32_t from, uint32_t to)
{
    const char *b = l->bytes;
    bool room = true;
    l->s->marks[0] = from;
    l->marks_count = 1;
    for (uint32_t at = from; room && (at = next_value(b, at, to)) < to;) {
        const bool is_text = b[at] == '"';
        const uint32_t end = is_text ? text_end(b, at) : (uint32_t)(nz_json_number_end(b + at, b + to) - b);
        room = add_value(l, at + is_text, end, is_text ? SHAPE_TEXT : SHAPE_NUMBER);
        at = end + is_text;
    }
    return room && add_between(l, to, SHAPE_END);
}

/* The step behind `before` that is this one, or 0; and how many stand there. */
static uint32_t step_find(const struct nz_json_shapes *s, uint32_t before, const struct shape_step *wanted,
                          uint32_t *choices)
{
    const uint32_t first = s->steps[before].next;
    *choices = 0;
    for (uint32_t at = first; at;) {
        const struct shape_step *step = &s->steps[at];
        if (step->n == wanted->n && step->follows == wanted->follows &&
            memcmp(step->bytes, wanted->bytes, step->n) == 0)
            return at;
        ++*choices;
        at = step->choice == first ? 0 : step->choice;
    }
    return 0;
}

static uint32_t step_add(struct nz_json_shapes *s, uint32_t before, struct shape_step step)
{
    const uint32_t at = s->steps_count++, first = s->steps[before].next;
    uint8_t common = first ? s->steps[before].common : SHAPE_STEP_BYTES;
    step.choice = at;
    step.before = before;
    if (first) {
        step.choice = s->steps[first].choice;
        s->steps[first].choice = at;
        for (uint8_t i = 0; i < common; i++)
            common = s->steps[first].bytes[i] == step.bytes[i] ? common : i;
    }
    s->steps[before].common = common;
    s->steps[at] = step;
    return at;
}

/* How long a step is that begins at `at`. It also ends behind the bracket that opens an object among the members, where objects of
 * different kinds part: then what differs stands at the beginning of the next. *own: the first member that may be it. */
static uint32_t step_bytes(const struct nz_json_index *ix, uint32_t at, uint32_t to, size_t *own)
{
    while (*own < ix->count && (ix->kinds[*own] != '{' || ix->tokens[*own] < at))
        *own += 2;
    if (*own < ix->count && ix->tokens[*own] < to)
        to = ix->tokens[*own] + 1;
    return to - at < SHAPE_STEP_BYTES ? to - at : SHAPE_STEP_BYTES;
}

/* Too many choices can only be where the first new step would stand, for behind it stand new ones alone: so a path is learned
 * whole or not at all. */
static bool learn_path(struct learner *l, const struct nz_json_index *ix)
{
    struct nz_json_shapes *s = l->s;
    uint32_t before = 0;
    size_t own = 0;
    for (const struct between *b = l->betweens, *last = b + l->betweens_count; b < last; b++) {
        for (uint32_t at = b->from, n; at < b->to; at += n) {
            n = step_bytes(ix, at, b->to, &own);
            struct shape_step step = {.n = (uint8_t)n, .follows = (uint8_t)(at + n < b->to ? SHAPE_MORE : b->follows)};
            memcpy(step.bytes, l->bytes + at, n);
            step.shape = s->shapes_count;
            step.mask = UINT32_MAX >> (SHAPE_STEP_BYTES - n);
            uint32_t choices, found = step_find(s, before, &step, &choices);
            if (!found && choices >= NZ_JSON_SHAPE_CHOICES_MAX)
                return false;
            const uint32_t behind = found ? found : step_add(s, before, step);
            s->steps[before].next = behind;
            *shape_hint(s->hints, before, l->bytes + at + s->steps[before].common) = behind;
            before = behind;
        }
    }
    return true;
}

/* Not cleared. NULL: no room. */
static void *keep(struct nz_json_shapes *s, size_t size, size_t count)
{
    const size_t bytes = (size * count + 7) & ~(size_t)7;
    void *room = s->keep + s->keep_n;
    if (bytes > NZ_JSON_SHAPES_BYTES_MAX - s->keep_n)
        return NULL;
    s->keep_n += bytes;
    return room;
}

/* By the last mark that is not behind the offset. */
static struct place place_of(const struct learner *l, uint32_t offset)
{
    uint32_t low = 0, high = l->marks_count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (l->s->marks[middle] <= offset)
            low = middle;
        else
            high = middle;
    }
    return (struct place){(uint16_t)low, (uint16_t)(offset - l->s->marks[low])};
}

/* Of the own names of the object that begins at `object`: offsets of the opening quotes. SIZE_MAX: too many, or one has an escape. */
static size_t own_names(const char *bytes, uint32_t object, uint32_t offsets[NZ_JSON_NAMES_MAX])
{
    size_t count = 0;
    uint32_t depth = 0, at = object;
    do {
        const char c = bytes[at];
        if (c == '"') {
            const uint32_t from = at;
            at = text_end(bytes, at);
            if (depth == 1 && bytes[at + 1] == ':') {
                if (count == NZ_JSON_NAMES_MAX || memchr(bytes + from, '\\', at - from))
                    return SIZE_MAX;
                offsets[count++] = from;
                at += 2; /* its value, if a text, is no name */
                continue;
            }
        } else if ((c | 0x20) == '{') {
            depth++;
        } else if ((c | 0x20) == '}') {
            depth--;
        }
        at++;
    } while (depth);
    return count;
}

/* False: its names are not found, as by nz_json_names. */
static bool learn_inner(struct learner *l, struct inner *inner, const struct nz_json_index *ix, uint32_t token)
{
    uint32_t offsets[NZ_JSON_NAMES_MAX + 1];
    const size_t count = own_names(l->bytes, ix->tokens[token], offsets);
    if (count == SIZE_MAX)
        return false;
    offsets[count] = ix->tokens[token + 1];
    *inner = (struct inner){token, (uint32_t)count, keep(l->s, sizeof(struct place), count + 1)};
    for (size_t i = 0; inner->names && i <= count; i++)
        inner->names[i] = place_of(l, offsets[i]);
    return inner->names != NULL;
}

static bool shape_room(struct nz_json_shapes *s, struct shape *shape, const struct nz_json_index *ix)
{
    const uint32_t count = (uint32_t)ix->count;
    uint32_t objects = 0;
    for (uint32_t i = 0; i < count; i += 2)
        objects += ix->kinds[i] == '{';
    *shape = (struct shape){
        .tokens_count = count,
        .tokens = keep(s, sizeof(struct place), count),
        .kinds = keep(s, sizeof(uint8_t), count),
        .slots = keep(s, sizeof(uint32_t), s->slots_count),
        .inners = keep(s, sizeof(struct inner), objects + 1),
    };
    return shape->tokens && shape->kinds && shape->slots && shape->inners;
}

/* False: no room. */
static bool learn_shape(struct learner *l, struct shape *shape, const uint32_t *slots, const struct nz_json_index *ix)
{
    if (!shape_room(l->s, shape, ix))
        return false;
    memcpy(shape->slots, slots, l->s->slots_count * sizeof *slots);
    for (uint32_t i = 0; i < shape->tokens_count; i++) {
        shape->kinds[i] = i % 2 ? 0 : ix->kinds[i];
        shape->tokens[i] = place_of(l, ix->tokens[i]);
    }
    for (uint32_t i = 0; i < shape->tokens_count; i += 2)
        shape->inners_count += ix->kinds[i] == '{' && learn_inner(l, &shape->inners[shape->inners_count], ix, i);
    return true;
}

/* No place for the object: that costs more than to skim it, and may be so of the next ones too. */
static void refuse(struct nz_json_shapes *s)
{
    s->refused = true;
    s->pause = s->pause_next;
    s->pause_next = s->pause_next < PAUSE_MAX ? s->pause_next * 2 + 1 : PAUSE_MAX;
}

/* Did the same fit nowhere before, in the object that was not read last? Names that are found once, such as those made of an id, would
 * fill the tree with steps that nothing comes to again. */
static bool comes_again(struct nz_json_shapes *s, const char *bytes, uint32_t to)
{
    const uint32_t from = s->marks[0];
    if (from == UINT32_MAX)
        return false; /* the path is known */
    const uint32_t value = next_value(bytes, from + (bytes[from] == '"'), to);
    const uint64_t hash = nz_str_hash(nz_str_of(bytes + from, value - from));
    uint32_t *misfit = &s->misfits[hash % MISFITS];
    const uint32_t print = (uint32_t)(hash >> 32) | 1;
    const bool again = *misfit == print;
    *misfit = print;
    return again;
}

static bool may_learn(struct nz_json_shapes *s, const char *bytes, uint32_t to)
{
    if ((s->full || s->refused) && s->misses > s->forget_misses && s->misses > s->hits / 4)
        forget(s);
    if (s->pause) {
        s->pause--;
        return false;
    }
    return !s->full && comes_again(s, bytes, to);
}

/* False: there is no place for it. */
static bool learn(struct learner *l, uint32_t from, uint32_t to, const uint32_t *slots, const struct nz_json_index *ix)
{
    struct nz_json_shapes *s = l->s;
    const size_t kept = s->keep_n;
    if (!take_apart(l, from, to))
        return false;
    s->full = s->shapes_count == SHAPES_MAX ||
              s->steps_count + l->steps_count + ix->count / 2 > NZ_JSON_SHAPE_STEPS_MAX ||
              !learn_shape(l, &s->shapes[s->shapes_count], slots, ix);
    if (s->full || !learn_path(l, ix)) {
        s->keep_n = kept;
        return false;
    }
    s->shapes_count++;
    return true;
}

void nz_json_shapes_learn(struct nz_json_shapes *s, const char *bytes, uint32_t from, uint32_t to,
                          const uint32_t *slots, const struct nz_json_index *ix)
{
    if (ix->count == 0 || !may_learn(s, bytes, to))
        return;
    struct learner l;
    l.s = s;
    l.bytes = bytes;
    l.betweens_count = l.steps_count = 0;
    if (!learn(&l, from, to, slots, ix))
        refuse(s);
}
