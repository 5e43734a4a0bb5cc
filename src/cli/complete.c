/* Completion scripts. Command names, option names and choices are words of ours without characters that a shell would
 * read as its own; help texts are quoted. They are written in the language of the run that makes them. */
#include "cli/help.h"
#include "cli/i18n.h"

#define TEXT(out, literal) nz_buf_append((out), NZ_STR(literal))

/* Within single quotes, where only the quote itself needs help. */
static void quoted_append(struct nz_buf *out, const char *text)
{
    nz_buf_append_char(out, '\'');
    for (const char *c = text; *c; c++) {
        if (*c == '\'')
            TEXT(out, "'\\''");
        else
            nz_buf_append_char(out, *c);
    }
    nz_buf_append_char(out, '\'');
}

/* Calls row(out, command, opt) for the command's options, then everybody's; command NULL: only those. */
static void each_option(struct nz_buf *out, const struct nz_command *command,
                        void (*row)(struct nz_buf *, const struct nz_command *, const struct nz_opt *))
{
    for (size_t i = 0; command && i < command->options_count; i++) {
        struct nz_opt opt = nz_opt_whole(&command->options[i]);
        row(out, command, &opt);
    }
    for (size_t i = 0; i < nz_common_options_count; i++) {
        struct nz_opt opt = nz_opt_whole(&nz_common_options[i]);
        row(out, command, &opt);
    }
}

static void choices_append(struct nz_buf *out, const struct nz_opt *opt)
{
    for (size_t i = 0; opt->choices && opt->choices[i]; i++)
        nz_buf_printf(out, "%s%s", i ? " " : "", opt->choices[i]);
}

/* First words, each once, the groups among them. */
static void first_words(struct nz_buf *out, const char *before, const char *after)
{
    for (size_t i = 0; nz_commands[i]; i++) {
        const char *name = nz_commands[i]->name;
        size_t n = strcspn(name, " ");
        bool seen = nz_commands[i]->hidden;
        for (size_t k = 0; k < i && !seen; k++)
            seen = strcspn(nz_commands[k]->name, " ") == n && memcmp(nz_commands[k]->name, name, n) == 0;
        if (!seen)
            nz_buf_printf(out, "%s%.*s%s", before, (int)n, name, after);
    }
}

/* --- bash --- */

static void bash_word(struct nz_buf *out, const struct nz_command *command, const struct nz_opt *opt)
{
    (void)command;
    nz_buf_printf(out, " --%s", opt->name);
}

/* One case of the word before the one that is completed. */
static void bash_value(struct nz_buf *out, const struct nz_command *command, const struct nz_opt *opt)
{
    if (opt->kind == NZ_OPT_FLAG)
        return;
    nz_buf_printf(out, "    '%s --%s'", command ? command->name : "", opt->name);
    if (opt->letter)
        nz_buf_printf(out, " | '%s -%c'", command ? command->name : "", opt->letter);
    TEXT(out, ")\n        ");
    if (opt->kind == NZ_OPT_ENUM) {
        TEXT(out, "COMPREPLY=($(compgen -W '");
        choices_append(out, opt);
        TEXT(out, "' -- \"$cur\"))");
    } else if (opt->complete == NZ_COMPLETE_DIR) {
        TEXT(out, "COMPREPLY=($(compgen -d -- \"$cur\"))");
    } else if (opt->complete == NZ_COMPLETE_FILE) {
        TEXT(out, "COMPREPLY=($(compgen -f -- \"$cur\"))");
    } else {
        TEXT(out, "COMPREPLY=()");
    }
    TEXT(out, "\n        return ;;\n");
}

static void bash_words_of(struct nz_buf *out, const char *group)
{
    size_t n = strlen(group);
    for (size_t i = 0; nz_commands[i]; i++) {
        if (!nz_commands[i]->hidden && strncmp(nz_commands[i]->name, group, n) == 0 && nz_commands[i]->name[n] == ' ')
            nz_buf_printf(out, " %s", nz_commands[i]->name + n + 1);
    }
}

/* What may follow a command: its options after a dash, else paths. */
static void bash_command(struct nz_buf *out, const struct nz_command *command)
{
    nz_buf_printf(out, "    '%s')\n        words='", command->name);
    each_option(out, command, bash_word);
    TEXT(out, "'\n");
    if (command->complete == NZ_COMPLETE_NONE)
        TEXT(out, "        paths=no\n");
    TEXT(out, "        ;;\n");
}

static void bash_groups(struct nz_buf *out)
{
    for (size_t i = 0; nz_commands[i]; i++) {
        const char *name = nz_commands[i]->name, *space = strchr(name, ' ');
        bool seen = !space || nz_commands[i]->hidden;
        for (size_t k = 0; k < i && !seen; k++)
            seen = strncmp(nz_commands[k]->name, name, (size_t)(space - name) + 1) == 0;
        if (seen)
            continue;
        struct nz_buf group;
        nz_buf_init(&group, 0);
        nz_buf_printf(&group, "%.*s%c", (int)(space - name), name, '\0');
        if (!group.failed) {
            nz_buf_printf(out, "    %s)\n        words='", group.p);
            bash_words_of(out, group.p);
            TEXT(out, "'\n        paths=no ;;\n");
        }
        nz_buf_release(&group);
    }
}

void nz_complete_bash(struct nz_buf *out)
{
    TEXT(out, "# bash completion for nezuban; made by: nezuban help --format bash\n"
              "_nezuban()\n{\n"
              "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} command= words= paths=yes i\n"
              "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
              "        case \"$command ${COMP_WORDS[i]}\" in\n"
              "        ' --config' | ' --lang' | ' --jobs' | ' -j' | ' --color') ((i++)) ;;\n");
    for (size_t i = 0; nz_commands[i]; i++) {
        const char *space = strchr(nz_commands[i]->name, ' ');
        if (space)
            nz_buf_printf(out, "        ' %.*s' | '%s') command=${command:+$command }${COMP_WORDS[i]} ;;\n",
                          (int)(space - nz_commands[i]->name), nz_commands[i]->name, nz_commands[i]->name);
        else
            nz_buf_printf(out, "        ' %s') command=%s ;;\n", nz_commands[i]->name, nz_commands[i]->name);
    }
    TEXT(out, "        esac\n    done\n    case \"$command $prev\" in\n");
    each_option(out, NULL, bash_value);
    for (size_t i = 0; nz_commands[i]; i++)
        each_option(out, nz_commands[i], bash_value);
    TEXT(out, "    esac\n    case $command in\n    '')\n        words='");
    first_words(out, " ", "");
    each_option(out, NULL, bash_word);
    TEXT(out, "'\n        paths=no ;;\n");
    bash_groups(out);
    for (size_t i = 0; nz_commands[i]; i++)
        bash_command(out, nz_commands[i]);
    TEXT(out, "    esac\n"
              "    if [[ $cur == -* || $paths == no ]]; then\n"
              "        COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
              "    else\n"
              "        COMPREPLY=($(compgen -f -- \"$cur\"))\n"
              "    fi\n}\ncomplete -o filenames -F _nezuban nezuban\n");
}

/* --- zsh --- */

/* In a spec of _arguments brackets and colons are its own. */
static void zsh_text(struct nz_buf *out, const char *text)
{
    for (const char *c = text; *c; c++) {
        if (*c == '\'')
            TEXT(out, "'\\''");
        else if (strchr("[]:\\", *c))
            nz_buf_printf(out, "\\%c", *c);
        else
            nz_buf_append_char(out, *c);
    }
}

static void zsh_spec(struct nz_buf *out, const char *dashed, const struct nz_opt *opt)
{
    nz_buf_printf(out, " \\\n            '%s%s%s[", opt->kind == NZ_OPT_LIST ? "*" : "", dashed,
                  opt->kind == NZ_OPT_FLAG ? ""
                  : dashed[1] == '-'       ? "="
                                           : "+");
    zsh_text(out, _(opt->help));
    TEXT(out, "]");
    if (opt->kind != NZ_OPT_FLAG) {
        nz_buf_printf(out, ":%s:", opt->metavar);
        if (opt->kind == NZ_OPT_ENUM) {
            TEXT(out, "(");
            choices_append(out, opt);
            TEXT(out, ")");
        } else if (opt->complete != NZ_COMPLETE_NONE) {
            nz_buf_append(out, opt->complete == NZ_COMPLETE_DIR ? NZ_STR("_files -/") : NZ_STR("_files"));
        }
    }
    TEXT(out, "'");
}

static void zsh_option(struct nz_buf *out, const struct nz_command *command, const struct nz_opt *opt)
{
    (void)command;
    struct nz_buf dashed;
    nz_buf_init(&dashed, 0);
    nz_buf_printf(&dashed, "--%s%c", opt->name, '\0');
    if (!dashed.failed)
        zsh_spec(out, dashed.p, opt);
    nz_buf_release(&dashed);
    if (opt->letter)
        zsh_spec(out, (const char[]){'-', opt->letter, '\0'}, opt);
}

void nz_complete_zsh(struct nz_buf *out)
{
    TEXT(out, "#compdef nezuban\n# made by: nezuban help --format zsh\n"
              "_nezuban()\n{\n"
              "    local -a commands\n    local command=$words[2]\n    commands=(\n");
    for (size_t i = 0; nz_commands[i]; i++) {
        if (nz_commands[i]->hidden)
            continue;
        TEXT(out, "        '");
        zsh_text(out, nz_commands[i]->name);
        TEXT(out, ":");
        zsh_text(out, _(nz_commands[i]->summary));
        TEXT(out, "'\n");
    }
    TEXT(out, "    )\n"
              "    if ((CURRENT == 2)); then\n"
              "        compadd -- ${(u)${commands%%:*}%% *}\n        return\n    fi\n"
              "    if ((CURRENT == 3)) && [[ -n ${(M)commands:#$command *} ]]; then\n"
              "        compadd -- ${${${(M)commands:#$command *}#$command }%%:*}\n        return\n    fi\n"
              "    [[ -n ${(M)commands:#$command *} ]] && command=\"$command $words[3]\"\n"
              "    case $command in\n");
    for (size_t i = 0; nz_commands[i]; i++) {
        nz_buf_printf(out, "    '%s')\n        _arguments -s", nz_commands[i]->name);
        each_option(out, nz_commands[i], zsh_option);
        nz_buf_append(out, nz_commands[i]->complete == NZ_COMPLETE_NONE ? NZ_STR(" \\\n            '*: :'")
                                                                        : NZ_STR(" \\\n            '*: :_files'"));
        TEXT(out, " ;;\n");
    }
    TEXT(out, "    esac\n}\n_nezuban \"$@\"\n");
}

/* --- fish --- */

static void fish_condition(struct nz_buf *out, const struct nz_command *command)
{
    const char *space = strchr(command->name, ' ');
    if (space)
        nz_buf_printf(out, " -n '__fish_seen_subcommand_from %.*s; and __fish_seen_subcommand_from %s'",
                      (int)(space - command->name), command->name, space + 1);
    else
        nz_buf_printf(out, " -n '__fish_seen_subcommand_from %s'", command->name);
}

static void fish_row(struct nz_buf *out, const struct nz_command *command, const struct nz_opt *opt)
{
    TEXT(out, "complete -c nezuban");
    if (command)
        fish_condition(out, command);
    nz_buf_printf(out, " -l %s", opt->name);
    if (opt->letter)
        nz_buf_printf(out, " -s %c", opt->letter);
    if (opt->kind == NZ_OPT_ENUM) {
        TEXT(out, " -x -a '");
        choices_append(out, opt);
        TEXT(out, "'");
    } else if (opt->kind != NZ_OPT_FLAG) {
        nz_buf_append(out, opt->complete == NZ_COMPLETE_DIR    ? NZ_STR(" -x -a '(__fish_complete_directories)'")
                           : opt->complete == NZ_COMPLETE_FILE ? NZ_STR(" -r -F")
                                                               : NZ_STR(" -x"));
    }
    TEXT(out, " -d ");
    quoted_append(out, _(opt->help));
    TEXT(out, "\n");
}

void nz_complete_fish(struct nz_buf *out)
{
    TEXT(out, "# fish completion for nezuban; made by: nezuban help --format fish\n"
              "complete -c nezuban -n __fish_use_subcommand -f\n");
    for (size_t i = 0; nz_commands[i]; i++) {
        const struct nz_command *command = nz_commands[i];
        const char *space = strchr(command->name, ' ');
        if (space) {
            nz_buf_printf(out, "complete -c nezuban -n __fish_use_subcommand -f -a %.*s\n",
                          (int)(space - command->name), command->name);
            nz_buf_printf(out, "complete -c nezuban -n '__fish_seen_subcommand_from %.*s' -f -a %s -d ",
                          (int)(space - command->name), command->name, space + 1);
        } else {
            nz_buf_printf(out, "complete -c nezuban -n __fish_use_subcommand -f -a %s -d ", command->name);
        }
        quoted_append(out, _(command->summary));
        TEXT(out, "\n");
        if (command->complete == NZ_COMPLETE_NONE) {
            TEXT(out, "complete -c nezuban");
            fish_condition(out, command);
            TEXT(out, " -f\n");
        }
        for (size_t k = 0; k < command->options_count; k++) {
            struct nz_opt opt = nz_opt_whole(&command->options[k]);
            fish_row(out, command, &opt);
        }
    }
    each_option(out, NULL, fish_row);
}
