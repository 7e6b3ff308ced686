/* Figures about a replica. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_ENGINE_FIGURES_H
#define KITH_ENGINE_FIGURES_H

#include "engine/replica.h"

/** See kith_replica_read_status(). */
KITH_MUST_USE kith_status kith_engine_figures(kith_replica *replica,
                                              kith_replica_status *status_out);

#endif
