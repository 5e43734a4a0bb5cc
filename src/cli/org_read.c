#include "cli/org_read.h"

#include "aws/role.h"
#include "inventory/collect.h"

#include <pthread.h>
#include <stdio.h>

struct slot {
    struct nz_org_account account;
    enum nz_err err; /* NZ_E_NOMEM, NZ_E_STOPPED; the rest is the account's own */
    bool is_done;
};

struct org {
    struct nz_cli *cli;
    const struct nz_account_opts *opts;
    const struct nz_org_ops *ops;
    struct nz_str role;
    struct nz_aws_session *session;
    struct nz_organization organization;
    const struct nz_str *regions;
    struct slot *slots;
    pthread_mutex_t client_lock; /* of the session's client, by which roles are taken */
    pthread_mutex_t lock;        /* of what follows */
    pthread_cond_t changed;
    size_t next, shown; /* the next to be read; how many had their turn */
    bool is_ending;
    uint64_t asked;
    int64_t clock_off_us;
};

/* --- one account --- */

struct counting {
    struct org *o;
    uint64_t asked, answered;
};

static void on_progress(void *self, const struct nz_collect_progress *p)
{
    struct counting *c = self;
    pthread_mutex_lock(&c->o->lock);
    c->o->asked += p->asked - c->asked;
    nz_progress_expect(&c->o->cli->progress, c->o->asked, 0);
    pthread_mutex_unlock(&c->o->lock);
    nz_progress_add(&c->o->cli->progress, p->answered - c->answered, 0, 0);
    c->asked = p->asked;
    c->answered = p->answered;
}

static void unread_set(struct nz_org_account *a, const char *error, struct nz_str message, const char *action)
{
    snprintf(a->error, sizeof a->error, "%s", error);
    snprintf(a->message, sizeof a->message, "%.*s", NZ_STR_ARG(nz_str_head(message, sizeof a->message - 1)));
    a->action = action;
}

static enum nz_err collect(struct org *o, struct nz_aws_session *session, struct slot *s, struct nz_diag *diag)
{
    struct counting counting = {.o = o};
    const struct nz_collect_ops ops = {.progress = on_progress, .wait = nz_cli_collect_wait, .self = &counting};
    const struct nz_collect_input in = {
        .client = nz_aws_session_client(session),
        .regions = o->regions,
        .regions_count = o->opts->regions.count,
        .caller_region = nz_aws_session_settings(session)->region,
        .tool = NZ_STR("nezuban " NZ_VERSION),
        .clock = &nz_clock_system,
    };
    enum nz_err err = nz_collect(&in, &ops, &s->account.snapshot, diag);
    if (err == NZ_OK && !nz_str_eq(s->account.snapshot->header.account, s->account.member->account)) {
        nz_snapshot_free(s->account.snapshot);
        s->account.snapshot = NULL;
        return nz_diag_set(diag, NZ_E_AWS_ANSWER, "the role's keys are of another account");
    }
    return err;
}

static void outcome_take(struct slot *s, enum nz_err err, const struct nz_diag *diag,
                         const struct nz_aws_role_refusal *refusal)
{
    if (err == NZ_E_NOMEM || err == NZ_E_STOPPED)
        s->err = err;
    if (err == NZ_OK)
        return;
    if (refusal && refusal->err)
        unread_set(&s->account, refusal->code[0] ? refusal->code : nz_unread_word(refusal->err),
                   nz_str_from_c(refusal->message), "sts:AssumeRole");
    else
        unread_set(&s->account, nz_unread_word(err), nz_str_from_c(diag->text[0] ? diag->text : nz_err_text(err)), "");
}

static void by_role(struct org *o, struct slot *s)
{
    struct nz_arena arena;
    struct nz_diag diag = NZ_DIAG_INIT;
    struct nz_aws_session *session = NULL;
    nz_arena_init(&arena, 0);
    struct nz_aws_role role = {.client = nz_aws_session_client(o->session),
                               .lock = &o->client_lock,
                               .arn = nz_member_role(&o->organization, s->account.member, o->role, &arena),
                               .session_name = NZ_STR("nezuban")};
    enum nz_err err = role.arn.p ? NZ_OK : NZ_E_NOMEM;
    if (err == NZ_OK)
        err = nz_aws_session_as(o->session, nz_aws_role_use(&role), o->clock_off_us, &session, &diag);
    if (err == NZ_OK)
        err = collect(o, session, s, &diag);
    outcome_take(s, err, &diag, &role.refusal);
    nz_aws_session_close(session);
    nz_aws_role_release(&role);
    nz_arena_release(&arena);
}

/* With the keys at hand: before the others, who take their roles by the same client. */
static void by_itself(struct org *o, struct slot *s)
{
    struct nz_diag diag = NZ_DIAG_INIT;
    outcome_take(s, collect(o, o->session, s, &diag), &diag, NULL);
    s->is_done = true;
}

/* --- all of them --- */

/* The next that nobody reads; SIZE_MAX: none is left. Waits while too many wait for their turn. */
static size_t next_take(struct org *o)
{
    size_t at = SIZE_MAX;
    pthread_mutex_lock(&o->lock);
    while (!o->is_ending && o->next < o->organization.count && o->next >= o->shown + NZ_ORG_AHEAD_MAX)
        pthread_cond_wait(&o->changed, &o->lock);
    if (!o->is_ending && o->next < o->organization.count)
        at = o->next++;
    pthread_mutex_unlock(&o->lock);
    return at;
}

static void *worker(void *self)
{
    struct org *o = self;
    for (size_t at; (at = next_take(o)) != SIZE_MAX;) {
        struct slot *s = &o->slots[at];
        if (!s->is_done && !s->account.is_inactive) {
            if (nz_cli_stop_requested())
                outcome_take(s, NZ_E_STOPPED, &(struct nz_diag)NZ_DIAG_INIT, NULL);
            else
                by_role(o, s);
        }
        pthread_mutex_lock(&o->lock);
        s->is_done = true;
        pthread_cond_broadcast(&o->changed);
        pthread_mutex_unlock(&o->lock);
    }
    return NULL;
}

static enum nz_err turn_take(struct org *o, size_t at)
{
    struct slot *s = &o->slots[at];
    pthread_mutex_lock(&o->lock);
    while (!s->is_done)
        pthread_cond_wait(&o->changed, &o->lock);
    pthread_mutex_unlock(&o->lock);
    enum nz_err err = s->err == NZ_E_NOMEM ? s->err : o->ops->account(o->ops->self, &s->account);
    nz_snapshot_free(s->account.snapshot);
    s->account.snapshot = NULL;
    pthread_mutex_lock(&o->lock);
    o->shown = at + 1;
    pthread_cond_broadcast(&o->changed);
    pthread_mutex_unlock(&o->lock);
    return err;
}

static enum nz_err accounts_show(struct org *o)
{
    pthread_t threads[NZ_ORG_READERS_MAX];
    unsigned started = 0;
    bool is_stopped = false;
    enum nz_err err = NZ_OK;
    while (started < NZ_ORG_READERS_MAX && started < o->organization.count &&
           pthread_create(&threads[started], NULL, worker, o) == 0)
        started++;
    if (!started && o->organization.count)
        err = NZ_E_NOMEM;
    for (size_t i = 0; i < o->organization.count && err == NZ_OK; i++) {
        err = turn_take(o, i);
        is_stopped = is_stopped || o->slots[i].err == NZ_E_STOPPED;
    }
    pthread_mutex_lock(&o->lock);
    o->is_ending = true;
    pthread_cond_broadcast(&o->changed);
    pthread_mutex_unlock(&o->lock);
    while (started)
        pthread_join(threads[--started], NULL);
    for (size_t i = 0; i < o->organization.count; i++)
        nz_snapshot_free(o->slots[i].account.snapshot);
    return err == NZ_OK && is_stopped ? NZ_E_STOPPED : err;
}

static enum nz_err slots_make(struct org *o)
{
    o->slots = NZ_ARENA_ARRAY(&o->cli->arena, struct slot, o->organization.count + 1);
    for (size_t i = 0; o->slots && i < o->organization.count; i++) {
        struct nz_org_account *a = &o->slots[i].account;
        *a = (struct nz_org_account){.member = &o->organization.members[i], .action = ""};
        a->is_inactive = !nz_member_is_active(a->member);
    }
    return o->slots ? NZ_OK : NZ_E_NOMEM;
}

static enum nz_err organization_use(void *self, struct nz_aws_session *session, struct nz_diag *diag)
{
    struct org *o = self;
    o->session = session;
    enum nz_err err = nz_cli_regions(o->cli, o->opts, &o->regions);
    if (err == NZ_OK)
        err = nz_organization_read(nz_aws_session_client(session), &o->cli->arena, &o->organization, diag);
    if (err == NZ_OK)
        err = slots_make(o);
    if (err == NZ_OK)
        err = o->ops->begin(o->ops->self, &o->organization);
    if (err != NZ_OK)
        return err;
    o->cli->progress.calls = true;
    nz_progress_begin(&o->cli->progress);
    for (size_t i = 0; i < o->organization.count; i++) {
        if (o->slots[i].account.member->is_caller && !o->slots[i].account.is_inactive)
            by_itself(o, &o->slots[i]);
    }
    o->clock_off_us = nz_aws_client_stats(nz_aws_session_client(session)).clock_off_us;
    err = accounts_show(o);
    nz_progress_end(&o->cli->progress);
    o->cli->progress.calls = false;
    return err;
}

enum nz_err nz_cli_org_read(struct nz_cli *cli, const struct nz_account_opts *opts, const char *role,
                            const struct nz_org_ops *ops)
{
    struct org o = {.cli = cli, .opts = opts, .ops = ops, .role = nz_str_from_c(role)};
    pthread_mutex_init(&o.client_lock, NULL);
    pthread_mutex_init(&o.lock, NULL);
    pthread_cond_init(&o.changed, NULL);
    enum nz_err err = nz_cli_session_use(cli, opts, organization_use, &o);
    pthread_cond_destroy(&o.changed);
    pthread_mutex_destroy(&o.lock);
    pthread_mutex_destroy(&o.client_lock);
    return err;
}
