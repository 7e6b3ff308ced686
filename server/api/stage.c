/* SPDX-License-Identifier: Apache-2.0 */
#include "server/api/stage.h"

#include "base/limits.h"
#include "segment/header.h"

/* What is kept of a space of the starts of segments: a thousand of the usual size. */
enum { STAGED_BYTES = 64 * 1024 * 1024 };

/* True if a start is of a segment that the device may make in the space. */
static bool may_stage(kithd_session *session, const kithd_asked *asked, kith_slice start,
                      kith_segment_header *header)
{
    kith_charter *charter = NULL;
    const uint64_t *joined = NULL;
    bool is_one = start.length >= KITH_HEADER_BYTES &&
                  start.length < KITH_HEADER_BYTES + KITH_SEGMENT_SEALED_MAX &&
                  kith_header_read(&session->cx, kith_slice_head(start, KITH_HEADER_BYTES),
                                   header) == KITH_OK &&
                  memcmp(header->sign, session->key, KITH_KEY_BYTES) == 0 &&
                  kith_space_id_equal(header->space, asked->ask.space);
    if (!is_one || kithd_charter_hold(session->relay, session->store, asked->ask.space, &charter,
                                      &joined) != KITH_OK) {
        return false;
    }
    bool may = kith_charter_may(charter, session->key, KITH_ROLE_WORKER);
    kithd_charter_release(session->relay);
    return may;
}

void kithd_stage_start(kithd_session *session, const kithd_asked *asked, kith_slice start)
{
    kith_segment_header header;
    kithd_author author;
    const kith_env *env = &session->cx.env;
    if (!may_stage(session, asked, start, &header) || kithd_txn_begin(session->store) != KITH_OK) {
        return;
    }
    kith_author_id id = kith_header_author(&header);
    bool is_next = kithd_author_get(session->store, header.space, id, &author) == KITH_OK &&
                   header.number == author.number + 1;
    if (is_next && kithd_staged_put(session->store, header.space, id, header.number,
                                    env->wall_ms(env->user), start, STAGED_BYTES) == KITH_OK) {
        (void)!kithd_txn_commit(session->store);
    }
    kithd_txn_rollback(session->store);
}

kith_status kithd_stage_join(kithd_session *session, const kithd_asked *asked,
                             const kith_rest_frame *rest, uint64_t *number_out)
{
    uint8_t hash[KITH_HASH_BYTES];
    kith_buf *joined = &session->staged;
    kith_buf_clear(joined);
    KITH_TRY(kithd_staged_get(session->store, asked->ask.space, kithd_own_author(session, asked),
                              number_out, joined));
    kith_header_hash(kith_slice_head(kith_buf_slice(joined), KITH_HEADER_BYTES), hash);
    KITH_ENSURE(rest->offset <= joined->length && memcmp(hash, rest->header, sizeof hash) == 0,
                KITH_E_NOT_FOUND);
    joined->length = (size_t)rest->offset;
    kith_buf_append_slice(joined, rest->bytes);
    return kith_buf_status(joined);
}

kith_status kithd_stage_forget(kithd_session *session, const kithd_asked *asked)
{
    kith_status status = kithd_txn_begin(session->store);
    if (status == KITH_OK) {
        status =
            kithd_staged_remove(session->store, asked->ask.space, kithd_own_author(session, asked));
    }
    if (status == KITH_OK) {
        status = kithd_txn_commit(session->store);
    }
    kithd_txn_rollback(session->store);
    return status;
}
