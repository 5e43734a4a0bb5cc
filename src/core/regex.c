/* PCRE2 behind one door. The expression comes from a rule, the text from a log: both are bounded.
 *
 * What bounds the time: PCRE2's match limit (pcre2api, "The match context") counts the backtracking of one starting
 * position, and a search begins at each. So a text that is more than short is searched in pieces of 64 positions, each
 * with a small limit first and a larger one only where that was reached, and what the pieces may have cost at most is
 * added up. An expression that knows where a search began (\G) or that steers it ((*COMMIT) and its like) would mean
 * something else in pieces: it is searched whole, with the limit of each position alone. */
#include "core/regex.h"

#include <stdlib.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#define PATTERN_BYTES_MAX ((size_t)64 << 10)
#define COMPILED_BYTES_MAX ((size_t)256 << 10)
#define HEAP_KIB_MAX (16u << 10) /* the interpreter's backtracking points */
#define DEPTH_MAX 250000u        /* ... and how many of them */
#define SHORT_TEXT_BYTES ((size_t)4 << 10)
#define PIECE_BYTES ((size_t)64)
#define PIECE_STEPS 1000u /* for each position, to begin with */
#define PIECE_STEPS_FACTOR 32u
#define JIT_STACK_BYTES ((size_t)32 << 10)
#define JIT_STACK_BYTES_MAX ((size_t)4 << 20)

struct nz_regex {
    pcre2_code *code;
    bool in_pieces; /* a search may be split */
};

struct nz_regex_scratch {
    pcre2_match_context *context;
    pcre2_match_data *match;
    pcre2_jit_stack *stack; /* NULL when PCRE2 was built without its JIT */
};

/* Named here, so that a test's failing malloc reaches into PCRE2 too. */
static void *allocate(size_t bytes, void *unused)
{
    (void)unused;
    return malloc(bytes);
}

static void release(void *p, void *unused)
{
    (void)unused;
    free(p);
}

static uint32_t options_of(unsigned flags)
{
    uint32_t options = PCRE2_UTF | PCRE2_USE_OFFSET_LIMIT;
    if (flags & NZ_REGEX_NOCASE)
        options |= PCRE2_CASELESS;
    if (flags & NZ_REGEX_ANCHORED)
        options |= PCRE2_ANCHORED | PCRE2_ENDANCHORED;
    /* pcre2api: PCRE2_LITERAL allows none of those below */
    if (flags & NZ_REGEX_LITERAL)
        return options | PCRE2_LITERAL;
    /* \C matches one byte and would leave the middle of a character behind */
    options |= PCRE2_NEVER_BACKSLASH_C;
    if (flags & NZ_REGEX_MULTILINE)
        options |= PCRE2_MULTILINE;
    if (flags & NZ_REGEX_DOTALL)
        options |= PCRE2_DOTALL;
    return options;
}

static enum nz_err compile_error(int code, size_t offset, struct nz_diag *diag)
{
    if (code == PCRE2_ERROR_HEAP_FAILED)
        return nz_diag_set(diag, NZ_E_NOMEM, "%s", "");
    char reason[200] = "";
    /* a reason that does not fit is cut, and says so by a negative number that nobody needs */
    (void)pcre2_get_error_message(code, (PCRE2_UCHAR *)reason, sizeof reason);
    return nz_diag_offset(diag, NZ_E_REGEX, offset, "%s", reason);
}

static pcre2_code *compile_copy(struct nz_str pattern, uint32_t options, int *code, size_t *offset,
                                pcre2_compile_context *context)
{
    /* PCRE2 (10.42 at least) looks past the end for the digits of an unfinished "(*LIMIT_MATCH=5": a NUL stops it */
    char *copy = malloc(pattern.n + 1);
    if (!copy)
        return NULL;
    if (pattern.n)
        memcpy(copy, pattern.p, pattern.n);
    copy[pattern.n] = '\0';
    /* as PCRE2 is usually built, but not always: "." and "$" must not differ from machine to machine */
    (void)pcre2_set_newline(context, PCRE2_NEWLINE_LF);
    pcre2_code *compiled = pcre2_compile((PCRE2_SPTR)copy, pattern.n, options, code, offset, context);
    free(copy);
    if (*offset > pattern.n)
        *offset = pattern.n;
    return compiled;
}

static enum nz_err code_compile(struct nz_str pattern, unsigned flags, pcre2_code **out, struct nz_diag *diag)
{
    pcre2_general_context *general = pcre2_general_context_create(allocate, release, NULL);
    pcre2_compile_context *context = general ? pcre2_compile_context_create(general) : NULL;
    int code = PCRE2_ERROR_HEAP_FAILED;
    size_t offset = 0;
    *out = context ? compile_copy(pattern, options_of(flags), &code, &offset, context) : NULL;
    pcre2_compile_context_free(context);
    pcre2_general_context_free(general);
    return *out ? NZ_OK : compile_error(code, offset, diag);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* True when the expression may call itself or a group: (?R) (?1) (?+1) (?-1) (?&name) (?P>name) \g<name> \g'name'. The
 * JIT does not count calls as steps (10.42: "(?R)" before some bars ran for minutes), the interpreter does. */
static bool may_call(struct nz_str pattern)
{
    for (size_t i = 0; i + 3 < pattern.n; i++) {
        const char *p = pattern.p + i;
        if (p[0] == '(' && p[1] == '?' &&
            (p[2] == 'R' || p[2] == '&' || is_digit(p[2]) || (p[2] == 'P' && p[3] == '>') ||
             ((p[2] == '+' || p[2] == '-') && is_digit(p[3]))))
            return true;
        if (p[0] == '\\' && p[1] == 'g' && (p[2] == '<' || p[2] == '\''))
            return true;
    }
    return false;
}

enum nz_err nz_regex_compile(struct nz_str pattern, unsigned flags, struct nz_regex **out, struct nz_diag *diag)
{
    *out = NULL;
    if (pattern.n > PATTERN_BYTES_MAX)
        return nz_diag_offset(diag, NZ_E_REGEX, PATTERN_BYTES_MAX, "more than 64 KiB");
    struct nz_regex *re = malloc(sizeof *re);
    if (!re)
        return nz_diag_set(diag, NZ_E_NOMEM, "%s", "");
    enum nz_err err = code_compile(pattern, flags, &re->code, diag);
    if (err) {
        free(re);
        return err;
    }
    size_t compiled_bytes = 0;
    (void)pcre2_pattern_info(re->code, PCRE2_INFO_SIZE, &compiled_bytes);
    if (compiled_bytes > COMPILED_BYTES_MAX) {
        nz_regex_free(re);
        return nz_diag_offset(diag, NZ_E_REGEX, 0, "more than 256 KiB when compiled");
    }
    /* Where there is no JIT, or the machine forbids memory to be executable, PCRE2 interprets: the same verdicts. */
    if (!may_call(pattern))
        (void)pcre2_jit_compile(re->code, PCRE2_JIT_COMPLETE);
    re->in_pieces = !(flags & (NZ_REGEX_LITERAL | NZ_REGEX_ANCHORED)) &&
                    nz_str_find(pattern, NZ_STR("\\G")) == SIZE_MAX && nz_str_find(pattern, NZ_STR("(*")) == SIZE_MAX;
    *out = re;
    return NZ_OK;
}

void nz_regex_free(struct nz_regex *re)
{
    if (!re)
        return;
    pcre2_code_free(re->code);
    free(re);
}

static bool scratch_fill(struct nz_regex_scratch *s)
{
    uint32_t jit = 0;
    pcre2_general_context *general = pcre2_general_context_create(allocate, release, NULL);
    if (!general)
        return false;
    (void)pcre2_config(PCRE2_CONFIG_JIT, &jit);
    s->context = pcre2_match_context_create(general);
    s->match = pcre2_match_data_create(1, general);
    if (jit)
        s->stack = pcre2_jit_stack_create(JIT_STACK_BYTES, JIT_STACK_BYTES_MAX, general);
    pcre2_general_context_free(general);
    if (!s->context || !s->match || (jit && !s->stack))
        return false;
    (void)pcre2_set_depth_limit(s->context, DEPTH_MAX);
    (void)pcre2_set_heap_limit(s->context, HEAP_KIB_MAX);
    if (s->stack)
        pcre2_jit_stack_assign(s->context, NULL, s->stack);
    return true;
}

enum nz_err nz_regex_scratch_new(struct nz_regex_scratch **out)
{
    *out = NULL;
    struct nz_regex_scratch *s = calloc(1, sizeof *s);
    if (!s)
        return NZ_E_NOMEM;
    if (!scratch_fill(s)) {
        nz_regex_scratch_free(s);
        return NZ_E_NOMEM;
    }
    *out = s;
    return NZ_OK;
}

void nz_regex_scratch_free(struct nz_regex_scratch *s)
{
    if (!s)
        return;
    pcre2_jit_stack_free(s->stack);
    pcre2_match_data_free(s->match);
    pcre2_match_context_free(s->context);
    free(s);
}

/* Tries the positions from `start` to `last`, each with so many steps. */
static int search(const struct nz_regex *re, struct nz_regex_scratch *scratch, struct nz_str text, size_t start,
                  size_t last, uint32_t steps)
{
    (void)pcre2_set_match_limit(scratch->context, steps);
    (void)pcre2_set_offset_limit(scratch->context, last);
    return pcre2_match(re->code, (PCRE2_SPTR)(text.n ? text.p : ""), text.n, start, PCRE2_NO_UTF_CHECK, scratch->match,
                       scratch->context);
}

static int search_in_pieces(const struct nz_regex *re, struct nz_regex_scratch *scratch, struct nz_str text)
{
    uint64_t total = 0;
    uint32_t steps = PIECE_STEPS;
    size_t start = 0;
    while (start <= text.n) {
        total += PIECE_BYTES * steps;
        if (total > NZ_REGEX_TOTAL_STEPS_MAX)
            return PCRE2_ERROR_MATCHLIMIT;
        int code = search(re, scratch, text, start, start + PIECE_BYTES - 1, steps);
        if (code == PCRE2_ERROR_MATCHLIMIT && steps < NZ_REGEX_STEPS_MAX) {
            steps = steps < NZ_REGEX_STEPS_MAX / PIECE_STEPS_FACTOR ? steps * PIECE_STEPS_FACTOR : NZ_REGEX_STEPS_MAX;
            continue;
        }
        if (code != PCRE2_ERROR_NOMATCH)
            return code;
        steps = PIECE_STEPS;
        start += PIECE_BYTES;
        while (start < text.n && ((unsigned char)text.p[start] & 0xc0) == 0x80)
            start++; /* a search begins where a character does */
    }
    return PCRE2_ERROR_NOMATCH;
}

enum nz_err nz_regex_match(const struct nz_regex *re, struct nz_regex_scratch *scratch, struct nz_str text, bool *hit)
{
    *hit = false;
    if (text.n > NZ_REGEX_TEXT_BYTES_MAX)
        return NZ_E_REGEX_LIMIT;
    /* PCRE2_NO_UTF_CHECK is undefined behaviour on bad text (pcre2unicode), so it is earned here, at less cost */
    if (nz_utf8_valid_bytes(text) != text.n)
        return NZ_OK;
    int code = re->in_pieces && text.n > SHORT_TEXT_BYTES ? search_in_pieces(re, scratch, text)
                                                          : search(re, scratch, text, 0, text.n, NZ_REGEX_STEPS_MAX);
    *hit = code >= 0;
    if (code >= 0 || code == PCRE2_ERROR_NOMATCH)
        return NZ_OK;
    /* what else pcre2_match can say with our options is a limit: steps, depth, heap, recursion without an end */
    return code == PCRE2_ERROR_NOMEMORY ? NZ_E_NOMEM : NZ_E_REGEX_LIMIT;
}
