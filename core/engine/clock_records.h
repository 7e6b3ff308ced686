/* Corrections of clocks: records of kind "clock" that devices write about themselves, so that
 * corrected times are the same on all replicas. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_ENGINE_CLOCK_RECORDS_H
#define KITH_ENGINE_CLOCK_RECORDS_H

#include "engine/replica.h"

/** Reads all corrections into the directory. */
KITH_MUST_USE kith_status kith_engine_load_corrections(kith_replica *replica);

/** Writes corrections for what a trusted time shows to have been wrong; see
 *  kith_replica_learn_time(). */
KITH_MUST_USE kith_status kith_engine_learn_time(kith_replica *replica, int64_t true_ms);

#endif
