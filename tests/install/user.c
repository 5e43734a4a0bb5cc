/* A small user of the installed library: what a packager or another program sees of it. */
#include <nezuban/version.h>

#include <stdio.h>

int main(void)
{
    return puts(nz_version()) < 0;
}
