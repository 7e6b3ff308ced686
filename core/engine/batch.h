/* Batches: many edits, one durable step. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_ENGINE_BATCH_H
#define KITH_ENGINE_BATCH_H

#include "engine/replica.h"

/** See kith_batch_begin(), kith_batch_end() and kith_batch_cancel(). */
KITH_MUST_USE kith_status kith_engine_batch_begin(kith_replica *replica);
KITH_MUST_USE kith_status kith_engine_batch_end(kith_replica *replica);
void kith_engine_batch_cancel(kith_replica *replica);

#endif
