/* The style and the script of HTML reports: src/findings/html/page.css and page.js, built in by html/embed.py. */
#ifndef NZ_FINDINGS_HTML_ASSETS_H
#define NZ_FINDINGS_HTML_ASSETS_H

extern const char nz_html_style[], nz_html_script[];
/* "sha256-…", as a Content-Security-Policy has it. */
extern const char nz_html_style_hash[], nz_html_script_hash[];

#endif
