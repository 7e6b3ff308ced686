/* SPDX-License-Identifier: Apache-2.0 */
#include "segment/tables.h"

static kith_status add(kith_author_table *table, kith_author_id id)
{
    kith_author_id *ids =
        kith_arena_grow(table->arena, table->ids, table->count, &table->capacity, sizeof *ids);
    KITH_ENSURE(ids != NULL, KITH_E_MEMORY);
    ids[table->count++] = id;
    table->ids = ids;
    return KITH_OK;
}

kith_status kith_author_table_init(kith_author_table *table, kith_arena *arena, kith_author_id own)
{
    *table = (kith_author_table){.arena = arena};
    return add(table, own);
}

kith_status kith_author_table_index(kith_author_table *table, kith_author_id id, size_t *index_out)
{
    /* The authors of a district are some dozens. */
    for (size_t i = 0; i < table->count; i++) {
        if (memcmp(table->ids[i].bytes, id.bytes, sizeof id.bytes) == 0) {
            *index_out = i;
            return KITH_OK;
        }
    }
    *index_out = table->count;
    return add(table, id);
}
