/* Checking a replica, and folding its log anew. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_ENGINE_CHECK_H
#define KITH_ENGINE_CHECK_H

#include "engine/replica.h"

/** See kith_replica_check(). */
KITH_MUST_USE kith_status kith_engine_check(kith_replica *replica, bool rebuild,
                                            kith_progress_function progress, void *user,
                                            kith_check_report *report);

/** Folds the log anew in the place of the state. In a transaction; all that is in memory must be
 *  read anew after it. */
KITH_MUST_USE kith_status kith_engine_refold(kith_replica *replica);

#endif
