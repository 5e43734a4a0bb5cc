/* targets: nz_time_parse, nz_time_append, nz_duration_parse, nz_ip_parse, nz_cidr_parse, nz_cidr_contains
 * seeds: fuzz/corpus/time_ip. What is taken must come back the same. */
#include "core/ip.h"
#include "core/time.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static void try_time(struct nz_str text)
{
    nz_time t, again;
    if (!nz_time_parse(text, &t))
        return;
    struct nz_buf out;
    nz_buf_init(&out, 0);
    nz_time_append(&out, t);
    struct nz_civil c = nz_time_civil(t);
    if (!nz_time_parse(nz_buf_view(&out), &again) || again.us != t.us || c.year < 1 || c.year > 9999 || c.week < 1 ||
        c.week > 53)
        abort();
    nz_buf_release(&out);
}

static void try_network(struct nz_str text)
{
    struct nz_ip ip;
    struct nz_cidr net, alone;
    bool is_ip = nz_ip_parse(text, &ip);
    if (is_ip && (!nz_cidr_parse(text, &alone) || !nz_cidr_contains(&alone, &ip)))
        abort();
    if (nz_cidr_parse(text, &net) && (!nz_cidr_contains(&net, &net.base) || net.prefix_bits > 128))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    struct nz_str text = nz_str_of((const char *)p, n);
    int64_t us;
    nz_time raw = {0};
    if (nz_duration_parse(text, &us) && us < 0)
        abort();
    try_time(text);
    try_network(text);
    /* any number at all can be written */
    memcpy(&raw.us, p, n < sizeof raw.us ? n : sizeof raw.us);
    struct nz_buf out;
    nz_buf_init(&out, 0);
    nz_time_append(&out, raw);
    nz_buf_release(&out);
    return 0;
}
