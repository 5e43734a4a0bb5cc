/* The only door to gettext. Tables mark their texts with N_() (core/err.h); whoever prints them asks _(). */
#ifndef NZ_CLI_I18N_H
#define NZ_CLI_I18N_H

#include "core/err.h"

#include <libintl.h>

#define _(text) gettext(text)

enum nz_lang { NZ_LANG_AUTO, NZ_LANG_EN, NZ_LANG_JA };

/* Makes _() speak this language. AUTO asks LC_ALL, LC_MESSAGES and LANG, in that order, as POSIX has it: Japanese when
 * the first that is not empty starts with "ja", else English. Returns which of the two it is. The catalogue is looked for where it is installed and, for
 * a program run from its build folder, in po/ beside it. May be called again; not while other threads run. */
enum nz_lang nz_lang_use(enum nz_lang lang);

#endif
