/* The changes of one record, or the latest of all. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_ENGINE_HISTORY_H
#define KITH_ENGINE_HISTORY_H

#include <kith/history.h>

#include "engine/replica.h"

/** See kith_history_get(); `id` of author 0 stands for all records. */
KITH_MUST_USE kith_status kith_engine_history(kith_replica *replica, kith_dot id, size_t limit,
                                              kith_history **history_out);
void kith_engine_history_free(kith_history *history);

#endif
