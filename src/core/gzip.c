/* gzip in steps (RFC 1952 around RFC 1951).
 *
 *   START -> HEADER -> BODY -> TRAILER -> BETWEEN -> HEADER ...
 *                                            |-----> PADDING (zeros to the end)
 *
 * Each step takes what it can from the input and says what it waits for, so the input may be cut at any byte. Header
 * and trailer are read here and only the deflate body goes through ISA-L: then the places of errors are exact, and one
 * member's end never depends on how much of the next one ISA-L has already taken into its bit buffer. */
#include "core/gzip.h"

#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>
#include <libdeflate.h>
#include <stdlib.h>

/* Above this libdeflate gains nothing over ISA-L (design, figures for igzip); below it ISA-L loses time on tables. */
#define WHOLE_MEMBER_BYTES_MAX ((size_t)256 * 1024)
/* ISA-L counts in 32 bits. */
#define PIECE_BYTES_MAX ((size_t)1 << 30)

#define HEADER_BYTES 10 /* ID1 ID2 CM FLG MTIME(4) XFL OS */
#define TRAILER_BYTES 8 /* CRC32(4) ISIZE(4) */
#define MEMBER_BYTES_MIN (HEADER_BYTES + 2 + TRAILER_BYTES)

/* RFC 1952, section 2.3.1. */
enum { FLAG_HCRC = 0x02, FLAG_EXTRA = 0x04, FLAG_NAME = 0x08, FLAG_COMMENT = 0x10, FLAGS_RESERVED = 0xe0 };

enum phase { START, HEADER, BODY, TRAILER, BETWEEN, PADDING, FAILED };

/* The parts of a header in the order they stand in it. */
enum part { PART_FIXED, PART_EXTRA_BYTES, PART_EXTRA, PART_NAME, PART_COMMENT, PART_HCRC, PART_DONE };

enum step { GO_ON, WANT_INPUT, WANT_ROOM, STOP };

struct nz_gzip {
    enum phase phase;
    enum part part;
    uint8_t piece[HEADER_BYTES]; /* the fixed-size field being gathered */
    size_t piece_bytes;
    uint8_t flags;
    uint32_t extra_bytes; /* of FEXTRA still to skip */
    uint32_t header_crc, body_crc, body_bytes;
    uint64_t at; /* offset in the compressed input */
    struct nz_diag fault;
    struct libdeflate_decompressor *whole;
    /* ISA-L's assembly copies a match before it refuses a distance that reaches back past the first byte. Only the start
     * of a member can hold one, and that is decoded inside `inflate`: what it then reads is this, and never foreign. */
    uint8_t before[ISAL_DEF_HIST_SIZE + ISAL_DEF_MAX_MATCH];
    struct inflate_state inflate;
};

/* One call's view of input and output. */
struct flow {
    struct nz_str *in;
    bool at_end;
    char *out;
    size_t room, written;
};

enum nz_err nz_gzip_new(struct nz_gzip **out)
{
    *out = NULL;
    struct nz_gzip *z = malloc(sizeof *z);
    if (!z)
        return NZ_E_NOMEM;
    z->whole = libdeflate_alloc_decompressor();
    if (!z->whole) {
        free(z);
        return NZ_E_NOMEM;
    }
    isal_inflate_init(&z->inflate);
    nz_gzip_reset(z);
    *out = z;
    return NZ_OK;
}

void nz_gzip_free(struct nz_gzip *z)
{
    if (!z)
        return;
    libdeflate_free_decompressor(z->whole);
    free(z);
}

void nz_gzip_reset(struct nz_gzip *z)
{
    z->phase = START;
    z->piece_bytes = 0;
    z->at = 0;
    z->fault = (struct nz_diag)NZ_DIAG_INIT;
}

bool nz_gzip_is(struct nz_str bytes)
{
    return nz_str_starts_with(bytes, nz_str_of("\x1f\x8b\x08", 3));
}

static void take(struct nz_gzip *z, struct flow *f, size_t bytes)
{
    *f->in = nz_str_skip(*f->in, bytes);
    z->at += bytes;
}

static uint32_t le32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static enum step failed(struct nz_gzip *z)
{
    z->phase = FAILED;
    return STOP;
}

static enum step truncated(struct nz_gzip *z, const char *where)
{
    nz_diag_offset(&z->fault, NZ_E_GZIP_TRUNCATED, z->at, "in %s", where);
    return failed(z);
}

/* Gathers a field of a fixed size, however the input is cut. GO_ON when it is whole in z->piece. */
static enum step gather(struct nz_gzip *z, struct flow *f, size_t bytes, const char *where)
{
    while (z->piece_bytes < bytes) {
        if (f->in->n == 0)
            return f->at_end ? truncated(z, where) : WANT_INPUT;
        z->piece[z->piece_bytes++] = (uint8_t)f->in->p[0];
        take(z, f, 1);
    }
    z->piece_bytes = 0;
    return GO_ON;
}

static void header_crc_add(struct nz_gzip *z, const void *p, size_t n)
{
    z->header_crc = crc32_gzip_refl(z->header_crc, p, n);
}

static enum step header_fixed(struct nz_gzip *z, struct flow *f)
{
    enum step step = gather(z, f, HEADER_BYTES, "the header");
    if (step != GO_ON)
        return step;
    z->flags = z->piece[3];
    /* RFC 1952, section 2.3.1.2: "must give an error indication if any reserved bit is non-zero" */
    if (z->piece[2] != 8 || (z->flags & FLAGS_RESERVED)) {
        nz_diag_offset(&z->fault, NZ_E_GZIP_DATA, z->at - HEADER_BYTES, "header with method %u, flags 0x%02x",
                       (unsigned)z->piece[2], (unsigned)z->flags);
        return failed(z);
    }
    z->header_crc = 0;
    header_crc_add(z, z->piece, HEADER_BYTES);
    z->part = PART_EXTRA_BYTES;
    return GO_ON;
}

static enum step header_extra_bytes(struct nz_gzip *z, struct flow *f)
{
    z->extra_bytes = 0;
    if (z->flags & FLAG_EXTRA) {
        enum step step = gather(z, f, 2, "the header");
        if (step != GO_ON)
            return step;
        header_crc_add(z, z->piece, 2);
        z->extra_bytes = (uint32_t)z->piece[0] | (uint32_t)z->piece[1] << 8;
    }
    z->part = PART_EXTRA;
    return GO_ON;
}

static enum step header_extra(struct nz_gzip *z, struct flow *f)
{
    size_t n = z->extra_bytes < f->in->n ? z->extra_bytes : f->in->n;
    header_crc_add(z, f->in->p, n);
    take(z, f, n);
    z->extra_bytes -= (uint32_t)n;
    if (z->extra_bytes)
        return f->at_end ? truncated(z, "the header") : WANT_INPUT;
    z->part = PART_NAME;
    return GO_ON;
}

/* A text that ends with a NUL, when its flag is set. */
static enum step header_text(struct nz_gzip *z, struct flow *f, unsigned flag, enum part next)
{
    if (z->flags & flag) {
        const char *nul = f->in->n ? memchr(f->in->p, 0, f->in->n) : NULL;
        size_t n = nul ? (size_t)(nul - f->in->p) + 1 : f->in->n;
        header_crc_add(z, f->in->p, n);
        take(z, f, n);
        if (!nul)
            return f->at_end ? truncated(z, "the header") : WANT_INPUT;
    }
    z->part = next;
    return GO_ON;
}

static enum step header_hcrc(struct nz_gzip *z, struct flow *f)
{
    if (z->flags & FLAG_HCRC) {
        enum step step = gather(z, f, 2, "the header");
        if (step != GO_ON)
            return step;
        /* "the two least significant bytes of the CRC32 for all bytes of the gzip header up to and not including the
         * CRC16" (section 2.3.1) */
        uint32_t stored = (uint32_t)z->piece[0] | (uint32_t)z->piece[1] << 8;
        if (stored != (z->header_crc & 0xffffu)) {
            nz_diag_offset(&z->fault, NZ_E_GZIP_CHECKSUM, z->at - 2, "header CRC-16 is %04x, stored is %04x",
                           (unsigned)(z->header_crc & 0xffffu), (unsigned)stored);
            return failed(z);
        }
    }
    z->part = PART_DONE;
    return GO_ON;
}

static enum step read_header(struct nz_gzip *z, struct flow *f)
{
    enum step step = GO_ON;
    while (step == GO_ON) {
        switch (z->part) {
        case PART_FIXED:
            step = header_fixed(z, f);
            break;
        case PART_EXTRA_BYTES:
            step = header_extra_bytes(z, f);
            break;
        case PART_EXTRA:
            step = header_extra(z, f);
            break;
        case PART_NAME:
            step = header_text(z, f, FLAG_NAME, PART_COMMENT);
            break;
        case PART_COMMENT:
            step = header_text(z, f, FLAG_COMMENT, PART_HCRC);
            break;
        case PART_HCRC:
            step = header_hcrc(z, f);
            break;
        case PART_DONE:
            isal_inflate_reset(&z->inflate);
            z->body_crc = 0;
            z->body_bytes = 0;
            z->phase = BODY;
            return GO_ON;
        }
    }
    return step;
}

/* ISA-L took whole bytes of the trailer into its bit buffer. They are at most eight, so they all belong to it. */
static void body_end(struct nz_gzip *z)
{
    int32_t bits = z->inflate.read_in_length;
    uint64_t rest = z->inflate.read_in >> (bits > 0 ? bits % 8 : 0);
    for (z->piece_bytes = 0; bits >= 8 && z->piece_bytes < TRAILER_BYTES; bits -= 8, rest >>= 8)
        z->piece[z->piece_bytes++] = (uint8_t)rest;
    z->phase = TRAILER;
}

/* Takes back the match that ISA-L copied although its distance or its code is wrong. Its length is not told, so as much
 * as a match can be goes: rather a few good bytes too few than one that is not the file's. */
static void body_drop_match(struct nz_gzip *z, struct flow *f, size_t gave)
{
    struct inflate_state *s = &z->inflate;
    int32_t left = s->tmp_out_valid - s->tmp_out_processed;
    int32_t in_buffer = left < ISAL_DEF_MAX_MATCH ? left : ISAL_DEF_MAX_MATCH;
    s->tmp_out_valid -= in_buffer;
    size_t in_out = (size_t)(ISAL_DEF_MAX_MATCH - in_buffer);
    f->written -= in_out < gave ? in_out : gave;
}

/* What was decoded before the damage and found no room yet: it stands in ISA-L's own buffer. */
static void body_rescue(struct nz_gzip *z, struct flow *f)
{
    struct inflate_state *s = &z->inflate;
    size_t left = s->tmp_out_valid > s->tmp_out_processed ? (size_t)(s->tmp_out_valid - s->tmp_out_processed) : 0;
    size_t room = f->room - f->written;
    size_t n = left < room ? left : room;
    if (n == 0)
        return;
    memcpy(f->out + f->written, s->tmp_out_buffer + s->tmp_out_processed, n);
    s->tmp_out_processed += (int32_t)n;
    f->written += n;
}

static enum step body_damaged(struct nz_gzip *z, int code)
{
    const char *what = code == ISAL_INVALID_BLOCK      ? "not a deflate block"
                       : code == ISAL_INVALID_LOOKBACK ? "distance too far back"
                                                       : "not a deflate code";
    uint64_t ahead = z->inflate.read_in_length > 0 ? (uint64_t)z->inflate.read_in_length / 8 : 0;
    nz_diag_offset(&z->fault, NZ_E_GZIP_DATA, ahead < z->at ? z->at - ahead : 0, "%s", what);
    return failed(z);
}

static enum step inflate_body(struct nz_gzip *z, struct flow *f)
{
    struct inflate_state *s = &z->inflate;
    size_t room = f->room - f->written;
    if (room == 0)
        return WANT_ROOM;
    size_t in_bytes = f->in->n < PIECE_BYTES_MAX ? f->in->n : PIECE_BYTES_MAX;
    size_t out_bytes = room < PIECE_BYTES_MAX ? room : PIECE_BYTES_MAX;
    char *out = f->out + f->written;
    s->next_in = (uint8_t *)(uintptr_t)f->in->p; /* ISA-L only reads there, its field is not const */
    s->avail_in = (uint32_t)in_bytes;
    s->next_out = (uint8_t *)out;
    s->avail_out = (uint32_t)out_bytes;
    int code = isal_inflate(s);
    size_t took = in_bytes - s->avail_in, gave = out_bytes - s->avail_out;
    take(z, f, took);
    f->written += gave;
    if (code == ISAL_INVALID_LOOKBACK || code == ISAL_INVALID_SYMBOL)
        body_drop_match(z, f, gave);
    if (code < 0)
        return body_damaged(z, code);
    z->body_crc = crc32_gzip_refl(z->body_crc, (const unsigned char *)out, gave);
    z->body_bytes += (uint32_t)gave; /* "modulo 2^32" (section 2.3.1) */
    if (s->block_state == ISAL_BLOCK_FINISH) {
        body_end(z);
        return GO_ON;
    }
    if (took || gave)
        return GO_ON;
    if (f->in->n == 0)
        return f->at_end ? truncated(z, "the compressed data") : WANT_INPUT;
    return body_damaged(z, ISAL_INVALID_BLOCK); /* neither input nor output moves: never wait for it */
}

static enum step read_trailer(struct nz_gzip *z, struct flow *f)
{
    enum step step = gather(z, f, TRAILER_BYTES, "the checksum");
    if (step != GO_ON)
        return step;
    uint32_t crc = le32(z->piece), bytes = le32(z->piece + 4);
    if (crc != z->body_crc)
        nz_diag_offset(&z->fault, NZ_E_GZIP_CHECKSUM, z->at - TRAILER_BYTES, "CRC-32 is %08x, stored is %08x",
                       (unsigned)z->body_crc, (unsigned)crc);
    else if (bytes != z->body_bytes)
        nz_diag_offset(&z->fault, NZ_E_GZIP_CHECKSUM, z->at - 4, "length is %u, stored is %u", (unsigned)z->body_bytes,
                       (unsigned)bytes);
    else {
        z->phase = BETWEEN;
        return GO_ON;
    }
    return failed(z);
}

/* A member that lies whole in the input and whose stored length fits the room: libdeflate does it in one go. On any
 * doubt (the length lies, it belongs to a later member, damage) nothing has happened, and ISA-L judges. */
static bool whole_member(struct nz_gzip *z, struct flow *f)
{
    const uint8_t *p = (const uint8_t *)f->in->p;
    size_t n = f->in->n, room = f->room - f->written;
    /* libdeflate skips the header's own checksum, so such a member is not for it */
    if (!f->at_end || n < MEMBER_BYTES_MIN || n > WHOLE_MEMBER_BYTES_MAX || (p[3] & FLAG_HCRC))
        return false;
    size_t bytes = le32(p + n - 4), took = 0, gave = 0;
    if (bytes > room || bytes > WHOLE_MEMBER_BYTES_MAX)
        return false;
    if (libdeflate_gzip_decompress_ex(z->whole, p, n, f->out + f->written, bytes, &took, &gave) != LIBDEFLATE_SUCCESS)
        return false;
    take(z, f, took);
    f->written += gave;
    z->phase = BETWEEN;
    return true;
}

/* Where a member may begin: z->piece_bytes of its three first bytes have been seen and are right. */
static enum step find_member(struct nz_gzip *z, struct flow *f)
{
    static const uint8_t magic[3] = {0x1f, 0x8b, 8};
    bool first = z->phase == START;
    if (z->piece_bytes == 0 && f->in->n == 0 && !first)
        return WANT_INPUT;
    if (z->piece_bytes == 0 && nz_gzip_is(*f->in) && whole_member(z, f))
        return GO_ON;
    while (z->piece_bytes < sizeof magic) {
        if (f->in->n == 0 && !f->at_end)
            return WANT_INPUT;
        if (f->in->n == 0 && first)
            return truncated(z, "the header");
        if (!first && z->piece_bytes == 0 && f->in->p[0] == 0) {
            z->phase = PADDING;
            return GO_ON;
        }
        if (f->in->n == 0 || (uint8_t)f->in->p[0] != magic[z->piece_bytes]) {
            nz_diag_offset(&z->fault, first ? NZ_E_GZIP_DATA : NZ_E_GZIP_TRAILING, z->at - z->piece_bytes, "%s",
                           first ? "not a gzip header" : "");
            return failed(z);
        }
        z->piece[z->piece_bytes] = magic[z->piece_bytes];
        z->piece_bytes++;
        take(z, f, 1);
    }
    z->phase = HEADER;
    z->part = PART_FIXED;
    return GO_ON;
}

static enum step skip_padding(struct nz_gzip *z, struct flow *f)
{
    size_t n = 0;
    while (n < f->in->n && f->in->p[n] == 0)
        n++;
    take(z, f, n);
    if (f->in->n == 0)
        return WANT_INPUT;
    nz_diag_offset(&z->fault, NZ_E_GZIP_TRAILING, z->at, "after zero padding");
    return failed(z);
}

static enum step step_once(struct nz_gzip *z, struct flow *f)
{
    switch (z->phase) {
    case START:
    case BETWEEN:
        return find_member(z, f);
    case HEADER:
        return read_header(z, f);
    case BODY:
        return inflate_body(z, f);
    case TRAILER:
        return read_trailer(z, f);
    case PADDING:
        return skip_padding(z, f);
    case FAILED:
        break;
    }
    return STOP;
}

enum nz_err nz_gzip_inflate(struct nz_gzip *z, struct nz_str *in, bool at_end, char *out, size_t out_room_bytes,
                            size_t *written, struct nz_diag *diag)
{
    struct flow f = {.in = in, .at_end = at_end, .out = out, .room = out_room_bytes};
    enum step step = GO_ON;
    while (step == GO_ON)
        step = step_once(z, &f);
    if (step == STOP && z->fault.code == NZ_E_GZIP_DATA)
        body_rescue(z, &f);
    *written = f.written;
    /* the fault waits until what stood before it has been handed out */
    if (step != STOP || f.written)
        return NZ_OK;
    if (diag) {
        struct nz_str file = diag->file;
        *diag = z->fault;
        diag->file = file;
    }
    return z->fault.code;
}
