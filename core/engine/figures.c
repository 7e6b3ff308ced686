/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/figures.h"

kith_status kith_engine_figures(kith_replica *replica, kith_replica_status *status_out)
{
    const kith_directory *directory = &replica->directory;
    kith_replica_status figures = {.struct_size = sizeof figures};
    for (size_t i = 1; i < directory->author_count; i++) {
        figures.author_count += directory->authors[i].head > 0;
        figures.change_count += directory->authors[i].head;
    }
    figures.own_count = directory->authors[directory->own].head;
    figures.device = kith_engine_id(replica, (kith_dot){directory->own, 1});
    KITH_TRY(kith_row_figures(replica->store, &figures.record_count, &figures.removed_count,
                              &figures.attention_count));
    KITH_TRY(kith_store_size(replica->store, &figures.file_bytes));
    *status_out = figures;
    return KITH_OK;
}
