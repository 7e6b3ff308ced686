/* SPDX-License-Identifier: Apache-2.0 */
#include "heap.h"

#include <stdlib.h>

typedef struct heap {
    size_t allocation_count;
    size_t failing_allocation; /* by that count, from 1 */
    size_t pieces_out;
} heap;

static void *reallocate(void *user, void *pointer, size_t size)
{
    heap *h = user;
    if (size == 0) {
        h->pieces_out -= pointer != NULL ? 1 : 0;
        free(pointer);
        return NULL;
    }
    if (++h->allocation_count == h->failing_allocation) {
        return NULL;
    }
    void *piece = realloc(pointer, size);
    assert_non_null(piece);
    h->pieces_out += pointer == NULL ? 1 : 0;
    return piece;
}

void heap_fail_each_allocation(heap_user use, void *user)
{
    bool did_fail = true;
    for (size_t failing = 1; did_fail; failing++) {
        heap h = {.failing_allocation = failing};
        kith_context cx;
        kith_env env = KITH_ENV_INIT;
        env.user = &h;
        env.reallocate = reallocate;
        assert_ok(kith_context_init(&cx, &env));
        kith_status status = use(&cx, user);
        did_fail = h.allocation_count >= failing;
        kith_status expected = did_fail ? KITH_E_MEMORY : KITH_OK;
        if (status != expected) {
            fail_msg("with allocation %zu failing: %s (%s)", failing, kith_status_name(status),
                     cx.error.message);
        }
        assert_int_equal(h.pieces_out, 0);
    }
}
