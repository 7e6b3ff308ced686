/* Stored change bytes: a block of the log. What can be read is written again to the same bytes, and
 * can be taken in by a replica. SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "exchange.h"
#include "fuzz.h"
#include "log/block.h"

static void accept(kith_slice block)
{
    kith_replica *replica = fuzz_replica();
    kith_status status = exchange_accept(replica, block);
    FUZZ_ENSURE(status == KITH_OK || status == KITH_E_DAMAGED || status == KITH_E_NEWER ||
                status == KITH_E_LIMIT || status == KITH_E_STATE);
    kith_check_report report = {.struct_size = sizeof report};
    FUZZ_ENSURE(status != KITH_OK ||
                kith_replica_check(replica, 0, NULL, NULL, &report) == KITH_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static kith_context cx;
    kith_arena tables;
    kith_arena arena;
    kith_block block;
    kith_commit commit;
    kith_slice bytes = {data, size};
    FUZZ_ENSURE(kith_context_init(&cx, NULL) == KITH_OK);
    kith_arena_init(&tables, &cx);
    kith_arena_init(&arena, &cx);
    kith_status status = kith_block_open(&cx, bytes, &tables, &block);
    for (size_t i = 0; status == KITH_OK && i < block.name_count; i++) {
        block.name_ordinals[i] = (uint32_t)i + 1;
    }
    uint64_t next = status == KITH_OK ? block.first : 0;
    while (status == KITH_OK) {
        kith_arena_reset(&arena);
        status = kith_block_next(&block, &arena, &commit);
        FUZZ_ENSURE(status != KITH_OK || commit.first.number == next);
        next += status == KITH_OK ? commit.change_count : 0;
    }
    FUZZ_ENSURE(status == KITH_E_NOT_FOUND || status == KITH_E_DAMAGED || status == KITH_E_NEWER);
    kith_arena_deinit(&arena);
    kith_arena_deinit(&tables);
    accept(bytes);
    return 0;
}
