#include "cli/audit_settings.h"

/* The key's value, which was checked when the configuration was read. */
static uint32_t number_of(const struct nz_cli *cli, enum nz_key key)
{
    const struct nz_config_value *value = &cli->config.values[key];
    const struct nz_opt *row = nz_key_row(key);
    uint64_t number = 0;
    if (nz_opt_parse(row, value->origin == NZ_FROM_DEFAULT ? row->def : value->texts[0], &number, NULL) != NZ_OK)
        return 0;
    return (uint32_t)number;
}

static enum nz_err list_of(struct nz_cli *cli, enum nz_key key, const char *otherwise, const struct nz_str **out,
                           size_t *count)
{
    const struct nz_config_value *value = &cli->config.values[key];
    const bool given = value->origin != NZ_FROM_DEFAULT;
    const size_t n = given ? value->count : otherwise ? 1 : 0;
    struct nz_str *list = NZ_ARENA_ARRAY(&cli->arena, struct nz_str, n + 1);
    if (!list)
        return nz_cli_report_err(cli, NZ_E_NOMEM);
    for (size_t i = 0; i < n; i++)
        list[i] = nz_str_from_c(given ? value->texts[i] : otherwise);
    *out = list;
    *count = n;
    return NZ_OK;
}

static enum nz_err networks_of(struct nz_cli *cli, struct nz_audit_settings *out)
{
    const struct nz_config_value *value = &cli->config.values[NZ_KEY_AUDIT_ALLOWED_NETWORKS];
    const size_t n = value->origin == NZ_FROM_DEFAULT ? 0 : value->count;
    struct nz_cidr *list = NZ_ARENA_ARRAY(&cli->arena, struct nz_cidr, n + 1);
    if (!list)
        return nz_cli_report_err(cli, NZ_E_NOMEM);
    for (size_t i = 0; i < n; i++) {
        struct nz_diag diag = NZ_DIAG_INIT;
        if (nz_cidr_parse(nz_str_from_c(value->texts[i]), &list[i]))
            continue;
        nz_diag_set(&diag, NZ_E_CIDR, "audit.allowed_networks: '%s'", value->texts[i]);
        return nz_cli_report(cli, &diag);
    }
    out->allowed_networks = list;
    out->allowed_networks_count = n;
    return NZ_OK;
}

enum nz_err nz_audit_settings_read(struct nz_cli *cli, struct nz_audit_settings *out)
{
    *out = (struct nz_audit_settings){
        .password_length = number_of(cli, NZ_KEY_AUDIT_PASSWORD_LENGTH),
        .password_age_days = number_of(cli, NZ_KEY_AUDIT_PASSWORD_AGE_DAYS),
        .password_reuse = number_of(cli, NZ_KEY_AUDIT_PASSWORD_REUSE),
        .root_use_days = number_of(cli, NZ_KEY_AUDIT_ROOT_USE_DAYS),
        .unused_days = number_of(cli, NZ_KEY_AUDIT_UNUSED_DAYS),
        .key_age_days = number_of(cli, NZ_KEY_AUDIT_KEY_AGE_DAYS),
    };
    enum nz_err err = list_of(cli, NZ_KEY_AUDIT_ADMIN_GROUPS, "*admin*", &out->admins, &out->admins_count);
    if (err == NZ_OK)
        err = networks_of(cli, out);
    if (err == NZ_OK)
        err = list_of(cli, NZ_KEY_AUDIT_SOURCE_IP_EXEMPT, NULL, &out->source_ip_exempt, &out->source_ip_exempt_count);
    if (err == NZ_OK)
        err = list_of(cli, NZ_KEY_AUDIT_MFA_EXEMPT, NULL, &out->mfa_exempt, &out->mfa_exempt_count);
    return err;
}
