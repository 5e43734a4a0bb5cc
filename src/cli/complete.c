#include "cli/help.h"

void nz_complete_bash(struct nz_buf *out)
{
    (void)out;
}
void nz_complete_zsh(struct nz_buf *out)
{
    (void)out;
}
void nz_complete_fish(struct nz_buf *out)
{
    (void)out;
}
