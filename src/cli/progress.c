#include "cli/progress.h"

#include "cli/i18n.h"
#include "core/text.h"

#include <inttypes.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define REDRAW_NS UINT64_C(100000000) /* ten times a second: enough to see it move, too little to cost */
#define NS_PER_S UINT64_C(1000000000)
#define CLEAR_LINE "\r\033[K"

void nz_progress_init(struct nz_progress *p, bool enabled, const struct nz_clock_ops *clock, void *clock_self)
{
    *p = (struct nz_progress){.enabled = enabled, .clock = clock, .clock_self = clock_self};
    pthread_mutex_init(&p->lock, NULL);
}

void nz_progress_release(struct nz_progress *p)
{
    pthread_mutex_destroy(&p->lock);
}

static uint64_t elapsed_ns(const struct nz_progress *p)
{
    return p->clock->mono(p->clock_self).ns - p->start.ns;
}

static void put(struct nz_str text)
{
    while (text.n) {
        ssize_t n = write(STDERR_FILENO, text.p, text.n);
        if (n <= 0)
            return;
        text = nz_str_skip(text, (size_t)n);
    }
}

static void append_bytes(struct nz_buf *out, double bytes)
{
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB"};
    size_t unit = 0;
    while (bytes >= 999.5 && unit + 1 < sizeof units / sizeof units[0]) {
        bytes /= 1000;
        unit++;
    }
    nz_buf_printf(out, unit == 0 || bytes >= 99.95 ? "%.0f %s" : "%.1f %s", bytes, units[unit]);
}

static void append_duration(struct nz_buf *out, uint64_t seconds)
{
    if (seconds >= 3600)
        nz_buf_printf(out, "%" PRIu64 ":%02" PRIu64 ":%02" PRIu64, seconds / 3600, seconds / 60 % 60, seconds % 60);
    else
        nz_buf_printf(out, "%" PRIu64 ":%02" PRIu64, seconds / 60, seconds % 60);
}

#define BAR_CELLS 20u

static void append_bar(struct nz_buf *out, uint64_t done, uint64_t total)
{
    unsigned full = (unsigned)((double)done / (double)total * BAR_CELLS);
    nz_buf_append_char(out, '[');
    for (unsigned i = 0; i < BAR_CELLS; i++)
        nz_buf_append_char(out, i < full ? '#' : '.');
    nz_buf_printf(out, "] %3u%%  ", (unsigned)((double)done / (double)total * 100));
}

/* Cuts at a character's edge, so that the line never wraps: a wrapped line cannot be cleared. */
static void cut_to_columns(struct nz_buf *out, size_t from, unsigned columns)
{
    struct nz_str line = nz_str_of(out->p + from, out->n - from);
    while (line.n && nz_text_width(line) >= columns) {
        do
            line.n--;
        while (line.n && ((unsigned char)line.p[line.n] & 0xc0) == 0x80);
    }
    out->n = from + line.n;
}

void nz_progress_append(const struct nz_progress *p, uint64_t elapsed, unsigned columns, struct nz_buf *out)
{
    uint64_t files = p->files, files_total = p->files_total, bytes = p->bytes, total = p->bytes_total;
    size_t from = out->n;
    if (p->calls) {
        nz_buf_printf(out, _("%" PRIu64 " of %" PRIu64 " calls"), files, files_total);
        return;
    }
    if (total && bytes <= total && columns >= 80)
        append_bar(out, bytes, total);
    if (files_total >= files && files_total)
        nz_buf_printf(out, _("%" PRIu64 " of %" PRIu64 " files"), files, files_total);
    else
        nz_buf_printf(out, ngettext("%" PRIu64 " file", "%" PRIu64 " files", files), files);
    nz_buf_append(out, NZ_STR("  "));
    append_bytes(out, (double)bytes);
    double seconds = (double)elapsed / (double)NS_PER_S, rate = seconds > 0 ? (double)bytes / seconds : 0;
    if (seconds >= 0.2) {
        nz_buf_append(out, NZ_STR("  "));
        append_bytes(out, rate);
        nz_buf_append(out, NZ_STR("/s"));
    }
    /* the first second's rate says little about the rest */
    if (seconds >= 1 && rate > 0 && total > bytes) {
        struct nz_buf left;
        nz_buf_init(&left, 0);
        append_duration(&left, (uint64_t)((double)(total - bytes) / rate + 0.5));
        nz_buf_append(out, NZ_STR("  "));
        nz_buf_printf(out, _("%.*s left"), NZ_STR_ARG(nz_buf_view(&left)));
        nz_buf_release(&left);
    }
    uint64_t findings = p->findings;
    nz_buf_append(out, NZ_STR("  "));
    nz_buf_printf(out, ngettext("%" PRIu64 " finding", "%" PRIu64 " findings", findings), findings);
    cut_to_columns(out, from, columns);
}

static unsigned columns_now(void)
{
    struct winsize size; /* asked each time: windows change size */
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 20 ? size.ws_col : 80;
}

/* Called with the lock held. */
static void draw(struct nz_progress *p, uint64_t now)
{
    struct nz_buf line;
    nz_buf_init(&line, 0);
    nz_buf_append(&line, NZ_STR(CLEAR_LINE));
    nz_progress_append(p, now, columns_now(), &line);
    put(nz_buf_view(&line));
    nz_buf_release(&line);
    p->visible = true;
}

/* Called with the lock held. */
static void clear(struct nz_progress *p)
{
    if (p->visible)
        put(NZ_STR(CLEAR_LINE));
    p->visible = false;
}

void nz_progress_begin(struct nz_progress *p)
{
    if (!p->enabled)
        return;
    p->start = p->clock->mono(p->clock_self);
    p->drawn_ns = 0;
}

void nz_progress_expect(struct nz_progress *p, uint64_t files, uint64_t bytes)
{
    p->files_total = files;
    p->bytes_total = bytes;
}

void nz_progress_add(struct nz_progress *p, uint64_t files, uint64_t bytes, uint64_t findings)
{
    if (!p->enabled)
        return;
    atomic_fetch_add_explicit(&p->files, files, memory_order_relaxed);
    atomic_fetch_add_explicit(&p->bytes, bytes, memory_order_relaxed);
    atomic_fetch_add_explicit(&p->findings, findings, memory_order_relaxed);
    uint64_t now = elapsed_ns(p);
    if (now - atomic_load_explicit(&p->drawn_ns, memory_order_relaxed) < REDRAW_NS)
        return;
    /* somebody else is drawing or printing a message: the next call will draw */
    if (pthread_mutex_trylock(&p->lock) != 0)
        return;
    if (now - p->drawn_ns >= REDRAW_NS && now > p->drawn_ns) {
        p->drawn_ns = now;
        draw(p, now);
    }
    pthread_mutex_unlock(&p->lock);
}

void nz_progress_end(struct nz_progress *p)
{
    pthread_mutex_lock(&p->lock);
    clear(p);
    p->enabled = false;
    pthread_mutex_unlock(&p->lock);
}

void nz_progress_lock(struct nz_progress *p)
{
    pthread_mutex_lock(&p->lock);
    clear(p);
}

void nz_progress_unlock(struct nz_progress *p)
{
    pthread_mutex_unlock(&p->lock);
}
