#include "support/faults.h"

#include <stdatomic.h>
#include <stddef.h>

void *__real_malloc(size_t);
void *__real_calloc(size_t, size_t);
void *__real_realloc(void *, size_t);
void __real_free(void *);
void *__wrap_malloc(size_t);
void *__wrap_calloc(size_t, size_t);
void *__wrap_realloc(void *, size_t);
void __wrap_free(void *);

static atomic_long countdown = -1;
static atomic_bool fired;
static atomic_long live;

void nz_fault_arm(unsigned nth)
{
    fired = false;
    countdown = (long)nth;
}

void nz_fault_disarm(void)
{
    countdown = -1;
}

bool nz_fault_fired(void)
{
    return fired;
}

long nz_live_allocations(void)
{
    return live;
}

static bool fails_now(void)
{
    if (countdown < 0)
        return false;
    if (atomic_fetch_sub(&countdown, 1) != 0)
        return false;
    fired = true;
    return true;
}

static void *counted(void *p)
{
    if (p)
        live++;
    return p;
}

void *__wrap_malloc(size_t n)
{
    return fails_now() ? NULL : counted(__real_malloc(n));
}

void *__wrap_calloc(size_t n, size_t size)
{
    return fails_now() ? NULL : counted(__real_calloc(n, size));
}

void *__wrap_realloc(void *p, size_t n)
{
    if (fails_now())
        return NULL;
    return p ? __real_realloc(p, n) : counted(__real_malloc(n));
}

void __wrap_free(void *p)
{
    if (p)
        live--;
    __real_free(p);
}
