#include "cli/page.h"
#include "core/text.h"

/* Bytes of the character at the start of text (which is ours, so valid UTF-8). */
static size_t character_bytes(struct nz_str text)
{
    size_t n = 1;
    while (n < text.n && ((unsigned char)text.p[n] & 0xc0) == 0x80)
        n++;
    return n;
}

/* JIS X 4051: closing brackets, full stops, commas, small kana and the long vowel mark do not start a line. */
static bool may_not_start(struct nz_str character)
{
    static const char *const list[] = {"、", "。", "，", "．", "」", "』", "）", "】", "・", "：", "；", "？", "！",
                                       "ー", "々", "ぁ", "ぃ", "ぅ", "ぇ", "ぉ", "っ", "ゃ", "ゅ", "ょ", "ァ", "ィ",
                                       "ゥ", "ェ", "ォ", "ッ", "ャ", "ュ", "ョ", ")",  ",",  ".",  ";",  ":"};
    for (size_t i = 0; i < sizeof list / sizeof list[0]; i++) {
        if (nz_str_eq(character, nz_str_from_c(list[i])))
            return true;
    }
    return false;
}

static bool may_not_end(struct nz_str character)
{
    return nz_str_eq(character, NZ_STR("「")) || nz_str_eq(character, NZ_STR("（")) ||
           nz_str_eq(character, NZ_STR("『"));
}

/* Bytes that stay together: a run of narrow characters without a space, or one wide character with what may not be
 * parted from it. */
static size_t piece_bytes(struct nz_str text)
{
    size_t n = 0;
    while (n < text.n && text.p[n] != ' ') {
        size_t step = character_bytes(nz_str_skip(text, n));
        struct nz_str here = nz_str_of(text.p + n, step), next = nz_str_skip(text, n + step);
        n += step;
        if (next.n == 0 || next.p[0] == ' ')
            break;
        struct nz_str after = nz_str_head(next, character_bytes(next));
        bool wide = nz_text_width(here) == 2 || nz_text_width(after) == 2;
        if (wide && !may_not_start(after) && !may_not_end(here))
            break;
    }
    return n;
}

void nz_wrap_append(struct nz_buf *out, struct nz_str text, unsigned column, unsigned indent, unsigned columns)
{
    bool at_start = true, space = false;
    while (text.n) {
        if (text.p[0] == ' ') {
            space = true;
            text = nz_str_skip(text, 1);
            continue;
        }
        struct nz_str piece = nz_str_head(text, piece_bytes(text));
        text = nz_str_skip(text, piece.n);
        unsigned width = (unsigned)nz_text_width(piece);
        if (!at_start && column + space + width > columns) {
            nz_buf_printf(out, "\n%*s", (int)indent, "");
            column = indent;
        } else if (space && !at_start) {
            nz_buf_append_char(out, ' ');
            column++;
        }
        nz_buf_append(out, piece);
        column += width;
        at_start = space = false;
    }
}
