/* SPDX-License-Identifier: Apache-2.0 */
#include "outside.h"

#include <stdlib.h>

static int64_t wall_ms(void *user)
{
    const outside *o = user;
    return OUTSIDE_START_MS + (int64_t)o->step * OUTSIDE_STEP_MS;
}

static int64_t monotonic_ms(void *user)
{
    const outside *o = user;
    return (int64_t)o->step * OUTSIDE_STEP_MS;
}

static kith_status fill_random(void *user, uint8_t *out, size_t length)
{
    outside *o = user;
    test_random random = test_random_of(o->seed ^ (o->step << 32) ^ (++o->drawn << 16));
    for (size_t i = 0; i < length; i++) {
        out[i] = (uint8_t)(test_next(&random) >> 56);
    }
    return KITH_OK;
}

static void *reallocate(void *user, void *pointer, size_t size)
{
    outside *o = user;
    if (size == 0) {
        o->pieces_out -= pointer != NULL ? 1 : 0;
        free(pointer);
        return NULL;
    }
    o->allocation_count++;
    bool is_due = o->failing_allocation != 0 && o->allocation_count >= o->failing_allocation;
    if (is_due && (o->stays || o->allocation_count == o->failing_allocation)) {
        o->has_failed = true;
        return NULL;
    }
    void *piece = realloc(pointer, size);
    assert_non_null(piece);
    o->pieces_out += pointer == NULL ? 1 : 0;
    return piece;
}

void outside_init(outside *o, const char *storage, uint64_t seed)
{
    *o = (outside){.seed = seed};
    o->env = (kith_env)KITH_ENV_INIT;
    o->env.user = o;
    o->env.wall_ms = wall_ms;
    o->env.monotonic_ms = monotonic_ms;
    o->env.random = fill_random;
    o->env.reallocate = reallocate;
    o->env.storage = storage;
}

void outside_begin_step(outside *o, uint64_t step)
{
    o->step = step;
    o->drawn = 0;
}

void outside_fail_allocation(outside *o, size_t nth, bool stays)
{
    o->failing_allocation = o->allocation_count + nth;
    o->stays = stays;
    o->has_failed = false;
}

bool outside_mend(outside *o)
{
    bool has_failed = o->has_failed;
    o->failing_allocation = 0;
    o->has_failed = false;
    return has_failed;
}
