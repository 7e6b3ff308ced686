/* The packed state of a record, as a damaged file may hold it: what can be read packs to the same
 * bytes. SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"
#include "merge/state.h"

static void assert_packs_to(kith_context *cx, const kith_state *state, kith_slice packed)
{
    kith_buf again;
    kith_buf_init(&again, cx, packed.length);
    kith_state_pack(state, &again);
    FUZZ_ENSURE(kith_buf_status(&again) == KITH_OK);
    FUZZ_ENSURE(kith_slice_equal(kith_buf_slice(&again), packed));
    kith_buf_deinit(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static kith_context cx;
    kith_arena arena;
    kith_state state;
    kith_dot id = {1, 7};
    FUZZ_ENSURE(kith_context_init(&cx, NULL) == KITH_OK);
    kith_arena_init(&arena, &cx);
    for (uint32_t kind = 0; kind < 2; kind++) {
        kith_status status = kith_state_unpack((kith_slice){data, size}, &arena, id, kind, &state);
        FUZZ_ENSURE(status == KITH_OK || status == KITH_E_DAMAGED);
        if (status == KITH_OK) {
            (void)kith_state_is_removed(&state);
            (void)kith_state_in_conflict(&state);
            assert_packs_to(&cx, &state, (kith_slice){data, size});
        }
    }
    kith_arena_deinit(&arena);
    return 0;
}
