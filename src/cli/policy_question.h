/* What `policy can`, `policy who-can` and `policy prove` have in common: the account, its policy sets, and the question. */
#ifndef NZ_CLI_POLICY_QUESTION_H
#define NZ_CLI_POLICY_QUESTION_H

#include "access/who_can.h"
#include "cli/command.h"

struct nz_question_opts {
    const char *account, *output;
    struct nz_opt_list context;
    int format;
};

enum nz_question_format { NZ_QUESTION_TABLE, NZ_QUESTION_JSON };
extern const char *const nz_question_formats[];

/* Rows of the option table, of options of a `type` that have the member. */
#define NZ_QUESTION_OPTION_ACCOUNT(type, member)                                                                       \
    {                                                                                                                  \
        .name = "account", .letter = 'a', .kind = NZ_OPT_TEXT, .at = offsetof(type, member), .metavar = "FILE",        \
        .help = N_("the output of 'aws iam get-account-authorization-details', or a snapshot; - is standard input"),   \
        .complete = NZ_COMPLETE_FILE                                                                                   \
    }
#define NZ_QUESTION_OPTION_FORMAT(type, member)                                                                        \
    {                                                                                                                  \
        .name = "format", .letter = 'f', .kind = NZ_OPT_ENUM, .at = offsetof(type, member), .metavar = "FORMAT",       \
        .def = "table", .choices = nz_question_formats, .help = N_("a table for people, or json (one document)")       \
    }
/* All of a nz_question_opts that is a `member` of the type. */
#define NZ_QUESTION_OPTIONS(type, member)                                                                              \
    NZ_QUESTION_OPTION_ACCOUNT(type, member.account),                                                                  \
        {.name = "context",                                                                                            \
         .letter = 'c',                                                                                                \
         .kind = NZ_OPT_LIST,                                                                                          \
         .at = offsetof(type, member.context),                                                                         \
         .metavar = "KEY=VALUE",                                                                                       \
         .help = N_("a condition key of the request, such as aws:SourceIp=192.0.2.1; may be repeated")},               \
        NZ_QUESTION_OPTION_FORMAT(type, member.format), NZ_OPTION_OUTPUT(type, member.output)

struct nz_policy_question {
    struct nz_str path; /* of the account's file */
    struct nz_buf text;
    bool from_snapshot; /* the text was made of one: places in it say nothing to the reader */
    struct nz_account *account;
    struct nz_access_sets *sets;
    struct nz_access_question ask;
};

/* Reads the account and the question; resource NULL means "*". What fails is reported; of an action that the catalogue does
 * not have a warning is printed. Release in either case. */
NZ_MUST_USE enum nz_err nz_policy_question_open(struct nz_cli *cli, const struct nz_question_opts *o,
                                                const char *action, const char *resource, struct nz_policy_question *q);
/* A whole file, gzip or plain, or standard input ("-"), to the end of text. Errors as nz_source_read, NZ_E_ACCOUNT_LIMIT. */
NZ_MUST_USE enum nz_err nz_policy_text_read(const char *path, struct nz_buf *text, struct nz_diag *diag);
/* The account alone, for a question of another kind. */
NZ_MUST_USE enum nz_err nz_policy_account_open(struct nz_cli *cli, const char *path, const char *output,
                                               struct nz_policy_question *q);
void nz_policy_question_release(struct nz_policy_question *q);

/* A problem of the account's text, with its file. */
struct nz_diag nz_policy_question_problem(const struct nz_policy_question *q, const struct nz_diag *problem);

/* A text of the account that a %.*s takes whole: with a NUL in it, which would end it there, it is written out ("\x00").
 * Lives as long as the command. */
struct nz_str nz_question_shown(struct nz_cli *cli, struct nz_str text);

/* A decision's name in the user's language. */
const char *nz_question_word(const char *decision);

/* Pieces of the JSON. Each begins with a comma and its key. */
void nz_question_append_text(struct nz_buf *out, const char *key, struct nz_str text); /* .p NULL: null */
void nz_question_append_texts(struct nz_buf *out, const char *key, const struct nz_str *texts, size_t count);
/* One object: code, message, detail, line and column. */
void nz_question_append_problem(struct nz_buf *out, const struct nz_policy_question *q, const struct nz_diag *problem);

#endif
