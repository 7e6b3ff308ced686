/* Batches: many edits, one durable step. SPDX-License-Identifier: Apache-2.0 */
#include "engine/batch.h"

kith_status kith_engine_batch_begin(kith_replica *replica)
{
    KITH_ENSURE(!replica->is_in_batch,
                kith_fail(&replica->cx, KITH_E_STATE, "a batch is open already"));
    /* What is pending goes in now: afterwards the tail is folded, and the batch may pack it. */
    KITH_TRY(kith_engine_refresh(replica));
    KITH_TRY(kith_engine_flush(replica));
    KITH_TRY(kith_engine_begin(replica));
    replica->is_in_batch = true;
    replica->batch_failure = KITH_OK;
    return KITH_OK;
}

void kith_engine_batch_cancel(kith_replica *replica)
{
    if (replica->is_in_batch) {
        kith_error error = replica->cx.error;
        replica->is_in_batch = false;
        replica->is_stale = true;
        kith_txn_rollback(replica->store);
        replica->cx.error = error;
    }
}

kith_status kith_engine_batch_end(kith_replica *replica)
{
    KITH_ENSURE(replica->is_in_batch, kith_fail(&replica->cx, KITH_E_STATE, "no batch is open"));
    kith_status status = kith_engine_batch_status(replica);
    if (status == KITH_OK) {
        status = kith_engine_write_out(replica);
    }
    if (status == KITH_OK) {
        status = kith_txn_commit(replica->store);
    }
    if (status != KITH_OK) {
        kith_engine_batch_cancel(replica);
        return status;
    }
    replica->is_in_batch = false;
    replica->is_stale = kith_engine_reload_meaning(replica) != KITH_OK || replica->is_stale;
    return KITH_OK;
}
