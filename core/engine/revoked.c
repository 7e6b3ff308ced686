/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/revoked.h"

#include "engine/check.h"
#include "engine/devices.h"
#include "engine/share.h"
#include "log/segments.h"

/* The last segment of an author that counts: all of them, unless its device was revoked. */
static uint64_t last_that_counts(const kith_charter *charter, const kith_segment_header *header)
{
    const kith_member *member = kith_charter_find(charter, header->sign);
    for (size_t i = 0; member != NULL && i < member->last_segment_count; i++) {
        const kith_last_segment *last = &member->last_segments[i];
        if (memcmp(last->incarnation, header->incarnation, sizeof last->incarnation) == 0) {
            return last->number;
        }
    }
    return member == NULL || member->revoked == 0 ? header->number : 0;
}

static kith_status set_aside(kith_replica *replica, uint32_t author, uint64_t number)
{
    kith_buf bytes;
    kith_segment segment;
    const kith_author_id *id = &replica->directory.authors[author].id;
    kith_buf_init(&bytes, &replica->cx, KITH_HEADER_BYTES + KITH_SEGMENT_SEALED_MAX);
    kith_status status = kith_segment_get(replica->store, author, number, &bytes, &segment);
    if (status == KITH_OK) {
        kith_waiting waiting = {
            .author = (int64_t)kith_slice_hash(kith_slice_make(id->bytes, sizeof id->bytes)),
            .number = number,
            .reason = KITH_ASIDE_DENIED,
            .bytes = segment.bytes};
        status = kith_waiting_put(replica->store, KITH_SPACE_ORDINAL, &waiting);
    }
    kith_buf_deinit(&bytes);
    return status;
}

static kith_status cut(kith_replica *replica, uint32_t author, uint64_t kept)
{
    kith_chain chain;
    kith_directory *directory = &replica->directory;
    KITH_TRY(kith_log_chain_at(&replica->log, author, kept, &chain));
    for (uint64_t number = kept + 1; number <= directory->chains[author].segment; number++) {
        KITH_TRY(set_aside(replica, author, number));
    }
    KITH_TRY(kith_segment_remove(replica->store, author, kept));
    KITH_TRY(kith_directory_set_chain(directory, replica->store, author, &chain));
    KITH_TRY(kith_author_set_head(replica->store, author, chain.last));
    directory->authors[author].head = chain.last;
    return KITH_OK;
}

kith_status kith_engine_cut_revoked(kith_replica *replica)
{
    kith_charter *charter = NULL;
    bool has_cut = false;
    const kith_directory *directory = &replica->directory;
    KITH_TRY(kith_engine_charter(replica, &charter));
    KITH_TRY(kith_engine_write_out(replica));
    for (uint32_t author = 1; author < directory->author_count; author++) {
        kith_segment_header header;
        /* Of a revoked device's own, a person decides. */
        if (author == directory->own || directory->chains[author].segment == 0) {
            continue;
        }
        KITH_TRY(kith_engine_last_header(replica, author, &header));
        uint64_t kept = last_that_counts(charter, &header);
        if (kept < header.number) {
            KITH_TRY(cut(replica, author, kept));
            has_cut = true;
        }
    }
    if (!has_cut) {
        return KITH_OK;
    }
    replica->log.last_author = 0;
    replica->fold.touched_schema = true;
    return kith_engine_refold(replica);
}
