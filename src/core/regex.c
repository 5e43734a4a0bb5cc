/* PCRE2 behind one door. The expression comes from a rule, the text from a log: both are bounded.
 *
 * What bounds the time: NZ_REGEX_STEPS_MAX counts the backtracking of one starting position, in PCRE2's sense of a
 * match limit (pcre2api, "The match context"); a search tries every position of at most NZ_REGEX_TEXT_BYTES_MAX. */
#include "core/regex.h"

#include <stdlib.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#define PATTERN_BYTES_MAX ((size_t)64 << 10)
#define COMPILED_BYTES_MAX ((size_t)256 << 10)
#define HEAP_KIB_MAX (16u << 10) /* the interpreter's backtracking points */
#define DEPTH_MAX 250000u        /* ... and how many of them */
#define JIT_STACK_BYTES ((size_t)32 << 10)
#define JIT_STACK_BYTES_MAX ((size_t)1 << 20)

struct nz_regex {
    pcre2_code *code;
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
    uint32_t options = PCRE2_UTF;
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

static enum nz_err code_compile(struct nz_str pattern, unsigned flags, pcre2_code **out, struct nz_diag *diag)
{
    pcre2_general_context *general = pcre2_general_context_create(allocate, release, NULL);
    pcre2_compile_context *context = general ? pcre2_compile_context_create(general) : NULL;
    int code = PCRE2_ERROR_HEAP_FAILED;
    size_t offset = 0;
    *out = NULL;
    if (context)
        *out = pcre2_compile((PCRE2_SPTR)(pattern.n ? pattern.p : ""), pattern.n, options_of(flags), &code, &offset,
                             context);
    pcre2_compile_context_free(context);
    pcre2_general_context_free(general);
    return *out ? NZ_OK : compile_error(code, offset, diag);
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
    (void)pcre2_jit_compile(re->code, PCRE2_JIT_COMPLETE);
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
    (void)pcre2_set_match_limit(s->context, NZ_REGEX_STEPS_MAX);
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

enum nz_err nz_regex_match(const struct nz_regex *re, struct nz_regex_scratch *scratch, struct nz_str text, bool *hit)
{
    *hit = false;
    if (text.n > NZ_REGEX_TEXT_BYTES_MAX)
        return NZ_E_REGEX_LIMIT;
    /* PCRE2_NO_UTF_CHECK is undefined behaviour on bad text (pcre2unicode), so it is earned here, at less cost */
    if (nz_utf8_valid_bytes(text) != text.n)
        return NZ_OK;
    PCRE2_SPTR subject = (PCRE2_SPTR)(text.n ? text.p : "");
    uint32_t options = PCRE2_NO_UTF_CHECK;
    int code = pcre2_match(re->code, subject, text.n, 0, options, scratch->match, scratch->context);
    /* the interpreter keeps its backtracking points on the heap and has more room for them */
    if (code == PCRE2_ERROR_JIT_STACKLIMIT)
        code = pcre2_match(re->code, subject, text.n, 0, options | PCRE2_NO_JIT, scratch->match, scratch->context);
    *hit = code >= 0;
    if (code >= 0 || code == PCRE2_ERROR_NOMATCH)
        return NZ_OK;
    /* what else pcre2_match can say with our options is a limit: steps, depth, heap, recursion without an end */
    return code == PCRE2_ERROR_NOMEMORY ? NZ_E_NOMEM : NZ_E_REGEX_LIMIT;
}
