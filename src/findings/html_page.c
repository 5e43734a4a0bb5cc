#include "findings/html_page.h"

#include "core/text.h"
#include "findings/html_assets.h"

#include <stdio.h>

/* A lamp in the night: the one picture, drawn here because nothing may be loaded. */
static const char brand[] = "<div class=\"brand\"><svg viewBox=\"0 0 24 24\" aria-hidden=\"true\">"
                            "<path d=\"M20.5 14.6A8.6 8.6 0 0 1 9.4 3.5a8.6 8.6 0 1 0 11.1 11.1z\"/>"
                            "<circle cx=\"17\" cy=\"7\" r=\"2.2\"/></svg>nezuban</div>\n";

void nz_html_append(struct nz_buf *out, const char *markup, const struct nz_str *texts, size_t count)
{
    size_t next = 0;
    for (const char *dollar; (dollar = strchr(markup, '$')) && next < count; markup = dollar + 1) {
        nz_buf_append(out, nz_str_of(markup, (size_t)(dollar - markup)));
        nz_text_append_html(out, texts[next++]);
    }
    nz_buf_append(out, nz_str_from_c(markup));
}

void nz_html_append_count(struct nz_buf *out, uint64_t value)
{
    char digits[24];
    int n = snprintf(digits, sizeof digits, "%llu", (unsigned long long)value);
    for (int i = 0; i < n; i++) {
        if (i && (n - i) % 3 == 0)
            nz_buf_append_char(out, ',');
        nz_buf_append_char(out, digits[i]);
    }
}

void nz_html_append_link(struct nz_buf *out, struct nz_str address)
{
    if (nz_str_starts_with(address, NZ_STR("https://")))
        NZ_HTML(out, "<a href=\"$\" target=\"_blank\" rel=\"noreferrer noopener\">$</a>", address, address);
    else
        nz_text_append_html(out, address);
}

/* Content Security Policy Level 3, section 3.3: a <meta> governs what comes after it, so it stands before the style. */
void nz_html_page_begin(struct nz_buf *out, const struct nz_html_page *page)
{
    nz_buf_printf(out,
                  "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n"
                  "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src '%s'; "
                  "script-src '%s'; base-uri 'none'; form-action 'none'\">\n",
                  page->japanese ? "ja" : "en", nz_html_style_hash, nz_html_script_hash);
    nz_buf_append(out, NZ_STR("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                              "<meta name=\"referrer\" content=\"no-referrer\">\n"
                              "<meta name=\"generator\" content=\"nezuban " NZ_VERSION "\">\n"));
    NZ_HTML(out, "<title>$</title>\n<style>", page->title);
    nz_buf_append(out, nz_str_from_c(nz_html_style));
    nz_buf_append(out, NZ_STR("</style>\n</head>\n<body>\n<div class=\"head\">\n"));
    nz_buf_append(out, nz_str_from_c(brand));
    NZ_HTML(out, "<h1>$</h1>\n", page->title);
    if (page->lead.n)
        NZ_HTML(out, "<p class=\"lead\">$</p>\n", page->lead);
    nz_buf_append(out, NZ_STR("</div>\n<main>\n"));
}

void nz_html_page_end(struct nz_buf *out, struct nz_str footer)
{
    NZ_HTML(out, "</main>\n<div class=\"foot\">$</div>\n<script>", footer);
    nz_buf_append(out, nz_str_from_c(nz_html_script));
    nz_buf_append(out, NZ_STR("</script>\n</body>\n</html>\n"));
}
