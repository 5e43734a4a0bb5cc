#include "cli/i18n.h"

#include "core/str.h"

#include <libintl.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define DOMAIN "nezuban"

static enum nz_lang lang_of_environment(void)
{
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *value = getenv(names[i]);
        if (value && *value)
            return strncmp(value, "ja", 2) == 0 ? NZ_LANG_JA : NZ_LANG_EN;
    }
    return NZ_LANG_EN;
}

/* A program in its build folder has its catalogues in po/ beside itself. Not asked of an installed one: there a folder
 * next to the program may be anybody's. */
static bool catalogue_beside_program(char *folder, size_t room)
{
    char exe[4096];
    ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
    if (n <= 0)
        return false;
    exe[n] = '\0';
    char *slash = strrchr(exe, '/');
    if (!slash)
        return false;
    *slash = '\0';
    if (strcmp(exe, NZ_BINDIR) == 0)
        return false;
    char catalogue[4200];
    int a = snprintf(folder, room, "%s/po", exe);
    int b = snprintf(catalogue, sizeof catalogue, "%s/po/ja/LC_MESSAGES/" DOMAIN ".mo", exe);
    struct stat st;
    return a > 0 && (size_t)a < room && b > 0 && (size_t)b < sizeof catalogue && stat(catalogue, &st) == 0;
}

/* gettext gives translations only while LC_MESSAGES is some locale that exists and is not "C" (since glibc 2.39 also not
 * "C.<charset>"); which catalogue it opens is then up to LANGUAGE. A minimal system has no locale but C.UTF-8, so ask
 * for it as "C_JP.UTF-8": glibc does not find that, drops the territory, loads C.UTF-8, and keeps the name asked for.
 * Tried with glibc 2.36 and 2.41. */
static bool leave_c_locale(void)
{
    static const char *const names[] = {"ja_JP.UTF-8", "C_JP.UTF-8", "C.UTF-8", "en_US.UTF-8"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (setlocale(LC_MESSAGES, names[i]))
            return true;
    }
    return setlocale(LC_MESSAGES, "") != NULL;
}

enum nz_lang nz_lang_use(enum nz_lang lang)
{
    if (lang == NZ_LANG_AUTO)
        lang = lang_of_environment();
    if (lang == NZ_LANG_EN) {
        setlocale(LC_MESSAGES, "C"); /* the texts in the source are English */
        return NZ_LANG_EN;
    }
    setenv("LANGUAGE", "ja", 1);
    if (!leave_c_locale())
        return NZ_LANG_EN;
    char folder[4104];
    bindtextdomain(DOMAIN, catalogue_beside_program(folder, sizeof folder) ? folder : NZ_LOCALEDIR);
    /* LC_CTYPE stays "C", whose charset would turn every Japanese letter into a question mark */
    bind_textdomain_codeset(DOMAIN, "UTF-8");
    textdomain(DOMAIN);
    return NZ_LANG_JA;
}
