#include "audit/proof_maker.h"

#include "audit/networks.h"
#include "audit/password.h"
#include "audit/state.h"
#include "policy/catalogue.h"

/* The account's password policy lets users change their own passwords, which no policy of theirs shows. */
static enum nz_said users_may_change_password(struct nz_audit *a)
{
    const struct nz_str type = NZ_STR(NZ_PASSWORD_POLICY_TYPE);
    const struct nz_items items = nz_snapshot_items_in(a->snapshot, type, NZ_REGION_GLOBAL);
    const struct nz_item_view *policy = items.n ? nz_audit_open(a, NZ_AUDIT_SLOTS - 1, &items.p[0]) : NULL;
    if (policy && nz_audit_is_true(nz_item_get(policy, "configuration.AllowUsersToChangePassword")))
        return NZ_SAID_YES;
    const bool known = policy || nz_snapshot_listing(a->snapshot, type, NZ_REGION_GLOBAL, NULL) == NZ_LISTED;
    return known ? NZ_SAID_NO : NZ_SAID_NOTHING;
}

static bool on_stop(void *self)
{
    const struct nz_proof_maker *m = self;
    return atomic_load(&m->leave) || (m->stop && m->stop(NULL));
}

/* Proves those who are closed again, as if the password policy let them change their passwords: it is not known. */
static enum nz_err prove_again(struct nz_proof_maker *m, struct nz_catalogue *catalogue,
                               struct nz_prove_question question, struct nz_audit_proof *out)
{
    const uint32_t count = m->access->account->principals_count;
    bool *closed = NZ_ARENA_ARRAY(&m->keep, bool, count + (size_t)1);
    if (!closed)
        return NZ_E_NOMEM;
    for (uint32_t i = 0; i < count; i++)
        closed[i] = out->proofs->of[i] && out->proofs->of[i]->status == NZ_PROOF_PASS;
    question.of = closed;
    question.users_may_change_password = true;
    return nz_access_prove(m->access->sets, catalogue, &question, &out->with_password, &out->problem);
}

static enum nz_err prove(struct nz_proof_maker *m, enum nz_prove_kind kind, struct nz_audit_proof *out)
{
    const struct nz_audit_settings *s = m->settings;
    const bool by_ip = kind == NZ_PROVE_SOURCE_IP;
    struct nz_catalogue *catalogue = NULL;
    enum nz_err err = NZ_OK;
    out->allowed = (struct nz_network_list){s->allowed_networks, s->allowed_networks_count};
    if (by_ip && !out->allowed.count)
        err = nz_networks_named(&m->keep, m->access->account, &out->allowed);
    if (err == NZ_OK)
        err = nz_catalogue_open(&catalogue, &out->problem);
    const struct nz_prove_question question = {
        .kind = kind,
        .allowed = by_ip ? out->allowed : (struct nz_network_list){0},
        .exempt = by_ip ? s->source_ip_exempt : s->mfa_exempt,
        .exempt_count = (uint32_t)(by_ip ? s->source_ip_exempt_count : s->mfa_exempt_count),
        .users_may_change_password = m->may_change_password == NZ_SAID_YES,
        .jobs = m->jobs,
        .stop = on_stop,
        .self = m,
    };
    if (err == NZ_OK)
        err = nz_access_prove(m->access->sets, catalogue, &question, &out->proofs, &out->problem);
    if (err == NZ_OK && m->may_change_password == NZ_SAID_NOTHING)
        err = prove_again(m, catalogue, question, out);
    nz_catalogue_free(catalogue);
    return err;
}

static void make(struct nz_proof_maker *m, enum nz_prove_kind kind)
{
    struct nz_audit_proof *proof = &m->proofs[kind];
    if (proof->made)
        return;
    proof->made = true;
    proof->problem = (struct nz_diag)NZ_DIAG_INIT;
    proof->problem.code = prove(m, kind, proof);
}

static void *work(void *self)
{
    make(self, NZ_PROVE_SOURCE_IP);
    make(self, NZ_PROVE_MFA);
    return NULL;
}

static void ready(struct nz_audit *a, const struct nz_audit_access *access)
{
    struct nz_proof_maker *m = &a->state->maker;
    if (m->is_ready)
        return;
    m->is_ready = true;
    m->settings = a->settings;
    m->access = access;
    m->stop = a->state->input->stop;
    m->jobs = a->state->input->jobs;
    m->may_change_password = users_may_change_password(a);
    nz_arena_init(&m->keep, 0);
}

void nz_proof_maker_begin(struct nz_audit *a)
{
    struct nz_proof_maker *m = &a->state->maker;
    const struct nz_audit_access *access = a->state->input->jobs > 1 ? nz_audit_access(a) : NULL;
    if (!access)
        return;
    ready(a, access);
    m->is_running = pthread_create(&m->thread, NULL, work, m) == 0; /* else they are made when they are asked for */
}

static void wait(struct nz_proof_maker *m)
{
    if (m->is_running)
        pthread_join(m->thread, NULL);
    m->is_running = false;
}

const struct nz_audit_proof *nz_proof_maker_get(struct nz_audit *a, const struct nz_audit_access *access,
                                                enum nz_prove_kind kind)
{
    struct nz_proof_maker *m = &a->state->maker;
    ready(a, access);
    wait(m);
    make(m, kind);
    const struct nz_audit_proof *proof = &m->proofs[kind];
    if (proof->problem.code == NZ_E_NOMEM || proof->problem.code == NZ_E_STOPPED)
        nz_audit_fault(a, proof->problem.code);
    return proof;
}

void nz_proof_maker_end(struct nz_proof_maker *m)
{
    atomic_store(&m->leave, true);
    wait(m);
    for (unsigned i = 0; i < 2; i++) {
        nz_proofs_free(m->proofs[i].proofs);
        nz_proofs_free(m->proofs[i].with_password);
    }
    if (m->is_ready)
        nz_arena_release(&m->keep);
}
