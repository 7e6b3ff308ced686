/* What a revocation leaves of a device's segments. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_ENGINE_REVOKED_H
#define KITH_ENGINE_REVOKED_H

#include "engine/space.h"

/** Takes out of the log what does not count of devices that have been revoked, sets it aside for a
 *  supervisor, and folds the log anew: whoever received it before the revocation must come to the
 *  same state as whoever did after. In a transaction; the charter has the revocation. */
KITH_MUST_USE kith_status kith_engine_cut_revoked(kith_replica *replica);

#endif
