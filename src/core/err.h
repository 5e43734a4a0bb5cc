/* One list of errors for the whole project: a stable number, a class and a sentence each.
 *
 * Numbers are never reused; each module has a hundred. The class decides the exit status (a table in cli does that)
 * and whether a retry makes sense. The sentence is lower case without a full stop and is translated by cli; what is
 * particular to one case (a name, a number) goes into nz_diag.text and stays as it is. */
#ifndef NZ_CORE_ERR_H
#define NZ_CORE_ERR_H

#define NZ_MUST_USE __attribute__((warn_unused_result))
#define NZ_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

/* Marks a text for translation; the translation itself happens in cli. */
#ifndef N_
#define N_(text) text
#endif

enum nz_err_class {
    NZ_CLASS_OK,
    NZ_CLASS_USAGE,  /* the command line or the configuration is wrong */
    NZ_CLASS_INPUT,  /* a log, rule or snapshot is wrong; the rest can go on */
    NZ_CLASS_LIMIT,  /* a stated bound was reached */
    NZ_CLASS_SYSTEM, /* the machine said no: file, memory, disk */
    NZ_CLASS_STOP,   /* asked to stop: SIGINT, closed pipe, --strict */
    NZ_CLASS_BUG,    /* ours */
};

#define NZ_ERROR_LIST(X)                                                                                               \
    /* core 1-99 */                                                                                                    \
    X(NZ_OK, 0, NZ_CLASS_OK, N_("no error"))                                                                           \
    X(NZ_E_NOMEM, 1, NZ_CLASS_SYSTEM, N_("out of memory"))                                                             \
    X(NZ_E_LIMIT, 2, NZ_CLASS_LIMIT, N_("a limit was reached"))                                                        \
    X(NZ_E_IO, 3, NZ_CLASS_SYSTEM, N_("cannot read"))                                                                  \
    X(NZ_E_WRITE, 4, NZ_CLASS_SYSTEM, N_("cannot write"))                                                              \
    X(NZ_E_PIPE, 5, NZ_CLASS_STOP, N_("the reader of our output went away"))                                           \
    X(NZ_E_STOPPED, 6, NZ_CLASS_STOP, N_("stopped"))                                                                   \
    X(NZ_E_BUG, 7, NZ_CLASS_BUG, N_("a bug in nezuban"))                                                               \
    X(NZ_E_THREAD, 8, NZ_CLASS_SYSTEM, N_("cannot start a thread"))                                                    \
    X(NZ_E_USAGE, 9, NZ_CLASS_USAGE, N_("wrong use"))                                                                  \
    X(NZ_E_NOT_FOUND, 10, NZ_CLASS_INPUT, N_("not found"))                                                             \
    X(NZ_E_JSON_SYNTAX, 20, NZ_CLASS_INPUT, N_("not valid JSON"))                                                      \
    X(NZ_E_JSON_DEPTH, 21, NZ_CLASS_LIMIT, N_("JSON is nested too deeply"))                                            \
    X(NZ_E_JSON_UTF8, 22, NZ_CLASS_INPUT, N_("bytes are not UTF-8"))                                                   \
    X(NZ_E_JSON_ESCAPE, 23, NZ_CLASS_INPUT, N_("wrong escape in a JSON string"))                                       \
    X(NZ_E_JSON_SURROGATE, 24, NZ_CLASS_INPUT, N_("lone surrogate in a JSON string"))                                  \
    X(NZ_E_JSON_CONTROL, 25, NZ_CLASS_INPUT, N_("control character in a JSON string"))                                 \
    X(NZ_E_JSON_NUMBER, 26, NZ_CLASS_INPUT, N_("not a JSON number"))                                                   \
    X(NZ_E_JSON_END, 27, NZ_CLASS_INPUT, N_("JSON ends too early"))                                                    \
    X(NZ_E_JSON_SIZE, 28, NZ_CLASS_LIMIT, N_("JSON text is too long"))                                                 \
    X(NZ_E_YAML_SYNTAX, 30, NZ_CLASS_INPUT, N_("not valid YAML"))                                                      \
    X(NZ_E_YAML_DUPLICATE, 31, NZ_CLASS_INPUT, N_("a key stands twice"))                                               \
    X(NZ_E_YAML_LIMIT, 32, NZ_CLASS_LIMIT, N_("YAML is too large or nested too deeply"))                               \
    X(NZ_E_GZIP_TRUNCATED, 40, NZ_CLASS_INPUT, N_("gzip data ends too early"))                                         \
    X(NZ_E_GZIP_CHECKSUM, 41, NZ_CLASS_INPUT, N_("gzip checksum does not match"))                                      \
    X(NZ_E_GZIP_DATA, 42, NZ_CLASS_INPUT, N_("gzip data is damaged"))                                                  \
    X(NZ_E_GZIP_TRAILING, 43, NZ_CLASS_INPUT, N_("data after the end of the gzip stream"))                             \
    X(NZ_E_REGEX, 50, NZ_CLASS_INPUT, N_("not a valid regular expression"))                                            \
    X(NZ_E_REGEX_LIMIT, 51, NZ_CLASS_LIMIT, N_("a match took too many steps"))                                         \
    X(NZ_E_TIME, 52, NZ_CLASS_INPUT, N_("not a time"))                                                                 \
    X(NZ_E_CIDR, 53, NZ_CLASS_INPUT, N_("not an IP network"))                                                          \
    /* events and trail 100-199 */                                                                                     \
    X(NZ_E_NOT_A_LOG, 100, NZ_CLASS_INPUT, N_("not a CloudTrail log"))                                                 \
    X(NZ_E_RECORD_NOT_OBJECT, 101, NZ_CLASS_INPUT, N_("record is not an object"))                                      \
    X(NZ_E_RECORD_SIZE, 102, NZ_CLASS_LIMIT, N_("record is larger than the limit"))                                    \
    X(NZ_E_DIR_LOOP, 103, NZ_CLASS_INPUT, N_("directory loop"))                                                        \
    X(NZ_E_DIR_DEPTH, 104, NZ_CLASS_LIMIT, N_("directories are nested too deeply"))                                    \
    X(NZ_E_FILE_KIND, 105, NZ_CLASS_INPUT, N_("neither a file nor a directory"))                                       \
    X(NZ_E_EMPTY, 106, NZ_CLASS_INPUT, N_("file is empty"))                                                            \
    /* sigma 200-299 */                                                                                                \
    X(NZ_E_RULE_SYNTAX, 200, NZ_CLASS_INPUT, N_("rule is not valid"))                                                  \
    X(NZ_E_RULE_MISSING, 201, NZ_CLASS_INPUT, N_("rule lacks a required part"))                                        \
    X(NZ_E_RULE_MODIFIER, 202, NZ_CLASS_INPUT, N_("modifier is unknown or does not fit here"))                         \
    X(NZ_E_RULE_VALUE, 203, NZ_CLASS_INPUT, N_("value does not fit"))                                                  \
    X(NZ_E_RULE_CONDITION, 204, NZ_CLASS_INPUT, N_("condition is not valid"))                                          \
    X(NZ_E_RULE_OLD, 205, NZ_CLASS_INPUT, N_("syntax from before Sigma 2.0"))                                          \
    X(NZ_E_RULE_PLACEHOLDER, 206, NZ_CLASS_INPUT, N_("placeholder has no value"))                                      \
    X(NZ_E_RULE_REFERENCE, 207, NZ_CLASS_INPUT, N_("no such rule is loaded"))                                          \
    X(NZ_E_RULE_CYCLE, 208, NZ_CLASS_INPUT, N_("correlations read each other in a circle"))                            \
    X(NZ_E_RULE_LIMIT, 209, NZ_CLASS_LIMIT, N_("rule is too large"))                                                   \
    X(NZ_E_RULE_DUPLICATE, 210, NZ_CLASS_INPUT, N_("two rules have the same id"))                                      \
    X(NZ_E_RULE_CORRELATION, 211, NZ_CLASS_INPUT, N_("correlation is not valid"))                                      \
    X(NZ_E_RULE_FILTER, 212, NZ_CLASS_INPUT, N_("filter has no effect"))                                               \
    X(NZ_E_RULE_WINDOW, 213, NZ_CLASS_LIMIT, N_("events left a full correlation window early; alerts may be missing")) \
    X(NZ_E_RULE_NONE, 214, NZ_CLASS_INPUT, N_("none of the loaded rules is for CloudTrail at this level"))             \
    X(NZ_E_LINT_FIELD, 220, NZ_CLASS_INPUT, N_("CloudTrail has no such field"))                                        \
    X(NZ_E_LINT_NEVER, 221, NZ_CLASS_INPUT, N_("can never be true"))                                                   \
    X(NZ_E_LINT_UNUSED, 222, NZ_CLASS_INPUT, N_("the condition does not ask for this selection"))                      \
    /* policy 300-399 */                                                                                               \
    X(NZ_E_POLICY_SYNTAX, 300, NZ_CLASS_INPUT, N_("policy is not valid"))                                              \
    X(NZ_E_POLICY_ELEMENT, 301, NZ_CLASS_INPUT, N_("policies have no such element"))                                   \
    X(NZ_E_POLICY_OPERATOR, 302, NZ_CLASS_INPUT, N_("policies have no such condition operator"))                       \
    X(NZ_E_POLICY_DUPLICATE, 303, NZ_CLASS_INPUT, N_("a key stands twice"))                                            \
    X(NZ_E_POLICY_LIMIT, 304, NZ_CLASS_LIMIT, N_("policy is too large"))                                               \
    X(NZ_E_REQUEST, 305, NZ_CLASS_INPUT, N_("request is not valid"))                                                   \
    X(NZ_E_ACTION, 306, NZ_CLASS_INPUT, N_("this action is not in the catalogue of AWS's actions"))                    \
    X(NZ_E_CATALOGUE, 350, NZ_CLASS_INPUT, N_("action catalogue is not valid"))                                        \
    X(NZ_E_CATALOGUE_VERSION, 351, NZ_CLASS_INPUT, N_("action catalogue has a format that this nezuban cannot read"))  \
    X(NZ_E_CATALOGUE_CHECKSUM, 352, NZ_CLASS_INPUT, N_("action catalogue is damaged"))                                 \
    X(NZ_E_CATALOGUE_LIMIT, 353, NZ_CLASS_LIMIT, N_("action catalogue is too large"))                                  \
    /* access 400-499 */                                                                                               \
    X(NZ_E_ACCOUNT_SHAPE, 400, NZ_CLASS_INPUT, N_("not an account's authorization details"))                           \
    X(NZ_E_ACCOUNT_ENTRY, 401, NZ_CLASS_INPUT, N_("a part of the account cannot be read"))                             \
    X(NZ_E_ACCOUNT_DUPLICATE, 402, NZ_CLASS_INPUT, N_("two entries of the account have one name"))                     \
    X(NZ_E_ACCOUNT_MIXED, 403, NZ_CLASS_INPUT, N_("entries of two accounts"))                                          \
    X(NZ_E_ACCOUNT_PART, 404, NZ_CLASS_INPUT, N_("a part of the account is missing"))                                  \
    X(NZ_E_ACCOUNT_LIMIT, 405, NZ_CLASS_LIMIT, N_("the account is too large"))                                         \
    X(NZ_E_ACCOUNT_PRINCIPAL, 406, NZ_CLASS_INPUT, N_("the account has no such user or role"))                         \
    /* aws 500-599 */                                                                                                  \
    X(NZ_E_AWS_DENIED, 500, NZ_CLASS_INPUT, N_("AWS denies it"))                                                       \
    X(NZ_E_AWS_THROTTLED, 501, NZ_CLASS_INPUT, N_("AWS says to call less often"))                                      \
    X(NZ_E_AWS_REFUSED, 502, NZ_CLASS_INPUT, N_("AWS answers with an error"))                                          \
    X(NZ_E_AWS_CREDENTIALS_REFUSED, 503, NZ_CLASS_USAGE, N_("AWS does not accept the credentials"))                    \
    X(NZ_E_AWS_ANSWER, 504, NZ_CLASS_INPUT, N_("this is no answer of AWS"))                                            \
    X(NZ_E_AWS_ANSWER_SIZE, 505, NZ_CLASS_LIMIT, N_("an answer of AWS is too large"))                                  \
    X(NZ_E_AWS_REDIRECT, 506, NZ_CLASS_INPUT, N_("sent to another address, which is not followed"))                    \
    X(NZ_E_AWS_NETWORK, 507, NZ_CLASS_SYSTEM, N_("cannot talk to the server"))                                         \
    X(NZ_E_AWS_TLS, 508, NZ_CLASS_SYSTEM, N_("the server cannot be trusted"))                                          \
    X(NZ_E_AWS_TIMEOUT, 509, NZ_CLASS_SYSTEM, N_("no answer in time"))                                                 \
    X(NZ_E_AWS_PAGES, 510, NZ_CLASS_LIMIT, N_("an answer of AWS has no end"))                                          \
    X(NZ_E_AWS_ENDPOINT, 511, NZ_CLASS_USAGE, N_("AWS does not offer this address"))                                   \
    X(NZ_E_AWS_REGION, 512, NZ_CLASS_USAGE, N_("no usable AWS region"))                                                \
    X(NZ_E_AWS_CREDENTIALS, 513, NZ_CLASS_USAGE, N_("no usable AWS credentials"))                                      \
    X(NZ_E_AWS_CONFIG, 514, NZ_CLASS_USAGE, N_("AWS configuration file is not valid"))                                 \
    X(NZ_E_AWS_PROFILE, 515, NZ_CLASS_USAGE, N_("AWS profile cannot be used"))                                         \
    /* inventory 600-699 */                                                                                            \
    X(NZ_E_SNAPSHOT_SHAPE, 600, NZ_CLASS_INPUT, N_("not a snapshot"))                                                  \
    X(NZ_E_SNAPSHOT_LINE, 601, NZ_CLASS_INPUT, N_("a line of the snapshot cannot be read"))                            \
    X(NZ_E_SNAPSHOT_CUT, 602, NZ_CLASS_INPUT, N_("the snapshot is not whole"))                                         \
    X(NZ_E_SNAPSHOT_VERSION, 603, NZ_CLASS_INPUT, N_("the snapshot was written by a newer nezuban"))                   \
    X(NZ_E_SNAPSHOT_LIMIT, 604, NZ_CLASS_LIMIT, N_("the snapshot is too large"))                                       \
    X(NZ_E_SNAPSHOT_TWICE, 605, NZ_CLASS_INPUT, N_("the snapshot has one thing twice"))                                \
    X(NZ_E_SNAPSHOT_ACCOUNTS, 606, NZ_CLASS_INPUT, N_("the snapshots are of two accounts"))                            \
    /* audit 700-799 */                                                                                                \
    X(NZ_E_AUDIT_LIMIT, 700, NZ_CLASS_LIMIT, N_("too many findings"))                                                  \
    /* findings 800-899 */                                                                                             \
    X(NZ_E_EXCEPTION, 800, NZ_CLASS_INPUT, N_("an exception is not valid"))                                            \
    X(NZ_E_EXCEPTION_LIMIT, 801, NZ_CLASS_LIMIT, N_("too many exceptions"))                                            \
    X(NZ_E_EXCEPTION_EXPIRED, 802, NZ_CLASS_INPUT, N_("an exception has expired and hides nothing"))                   \
    X(NZ_E_EXCEPTION_RULE, 803, NZ_CLASS_INPUT, N_("an exception names no rule that is loaded"))                       \
    /* cli 900-999 */                                                                                                  \
    X(NZ_E_CONFIG_KEY, 900, NZ_CLASS_USAGE, N_("unknown configuration key"))                                           \
    X(NZ_E_CONFIG_VALUE, 901, NZ_CLASS_USAGE, N_("wrong value in the configuration"))

#define NZ_ERR_MEMBER(name, number, class_, text) name = number,
enum nz_err { NZ_ERROR_LIST(NZ_ERR_MEMBER) };
#undef NZ_ERR_MEMBER

/* Never NULL; an unknown number gives the texts of NZ_E_BUG. Static storage. */
const char *nz_err_name(enum nz_err err);
const char *nz_err_text(enum nz_err err);
enum nz_err_class nz_err_class(enum nz_err err);

#endif
