/* Help, made from the tables: what --help prints, the man pages, shell completion. */
#ifndef NZ_CLI_HELP_H
#define NZ_CLI_HELP_H

#include "cli/command.h"
#include "cli/page.h"

/* What --help prints, on cli->out: of a command, of a group ("trail"), or of the whole program when both are NULL. */
void nz_help_for(struct nz_cli *cli, const struct nz_command *command, const char *group);
/* On standard error, when no command was named: the commands and how to ask for more. */
void nz_help_short(struct nz_cli *cli, const char *group);

/* A page of text for cli->out, as wide as that is; *out is started. */
struct nz_page nz_help_page(struct nz_cli *cli, struct nz_buf *out);

/* The pages. */
void nz_help_program(struct nz_page *page);
void nz_help_group(struct nz_page *page, const char *group);
void nz_help_command(struct nz_page *page, const struct nz_command *command);
void nz_help_config(struct nz_page *page);

/* Scripts for shell completion. Appended. */
void nz_complete_bash(struct nz_buf *out);
void nz_complete_zsh(struct nz_buf *out);
void nz_complete_fish(struct nz_buf *out);

#endif
