/* Texts from logs on their way out: escaped for where they go, measured in columns, and guessed at.
 *
 * A log holds what an attacker wrote into it. Whoever prints a value sends it through one of these first; bytes that
 * are not UTF-8 become U+FFFD in each, one for each byte. All append to `out`, whose fault sticks. */
#ifndef NZ_CORE_TEXT_H
#define NZ_CORE_TEXT_H

#include "core/buf.h"

/* For a terminal, in one line: control characters (C0, DEL, C1: ESC among them), line separators, the characters
 * that change the direction of what follows (Unicode's Bidi_Control) and those that are not seen, by which two names differ
 * that look the same (Default_Ignorable_Code_Point, noncharacters), are written out, "\x1b" or "\u202e". Joiners and variation
 * selectors stay where they shape what is no ASCII. A backslash stays as it is: the result is for reading, not for reading back.
 * Source: Unicode Standard Annexes 9 and 44; "Trojan Source" (Boucher and Anderson, 2021). */
void nz_text_append_terminal(struct nz_buf *out, struct nz_str text);

/* The same for several lines: line feeds stay; a last line without one gets one. */
void nz_text_append_lines(struct nz_buf *out, struct nz_str text);

/* A JSON text to be looked at: what a terminal would not get is written \u202e, so that its values are the same. json: without
 * white space outside of strings. */
void nz_text_append_json(struct nz_buf *out, struct nz_str json);

/* One cell of CSV (RFC 4180, section 2), in quotes where it needs them, also where a spreadsheet that parts cells by ; or
 * TAB would need them. A cell that a spreadsheet would take for a formula (beginning with = + - @, their full-width forms,
 * TAB, CR or LF) gets an apostrophe in front; so "-5" becomes a text. So does what would begin a cell for a program that parts
 * them elsewhere, behind a , ; TAB or line end within: with the list separator ; a quote behind a , is nothing to Excel.
 * What a terminal would not get is written out, but for TAB, CR and LF. A cell that Excel could not hold (32,767 characters) is
 * cut, with an ellipsis: the rest would begin cells of rows of its own. Source: OWASP, CSV Injection; Excel specifications and limits. */
void nz_text_append_csv(struct nz_buf *out, struct nz_str text);

/* For HTML, as text or within an attribute's quotes of either kind: & < > " ' as references; what a terminal would not
 * get, a reader of a page does not get either, but TAB, CR and LF stay. */
void nz_text_append_html(struct nz_buf *out, struct nz_str text);

/* Columns on a terminal: East Asian wide and full-width characters and emoji 2, combining and format characters 0,
 * the rest 1, bytes that are not UTF-8 1, control characters 0. By character: an emoji joined of several counts each.
 * East Asian "ambiguous" characters count 1. The same in every locale. Tables: Unicode 14, from
 * scripts/width_tables.py. */
size_t nz_text_width(struct nz_str text);

/* The candidate that a person who typed `word` most likely meant, or NULL: at most two insertions, deletions,
 * replacements or swaps of neighbours (Damerau-Levenshtein, each place touched once) away, letters in any case, and
 * less than half of the longer word; the nearest, the first of equals. Words over 64 bytes are not looked at.
 * The returned pointer is one of candidates. */
const char *nz_text_nearest(struct nz_str word, const char *const *candidates, size_t count);

#endif
