/* What a replica begins with: an author and the record of its device.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_ENGINE_OPEN_H
#define KITH_ENGINE_OPEN_H

#include "crypto/keys.h"
#include "engine/replica.h"

/** A random incarnation. KITH_E_IO without random bytes. */
KITH_MUST_USE kith_status kith_engine_draw_incarnation(kith_replica *replica,
                                                       uint8_t incarnation[KITH_INCARNATION_BYTES]);

/** Begins an incarnation of the device: from now on it writes as that author. In a transaction;
 *  nothing may be unwritten. */
KITH_MUST_USE kith_status
kith_engine_make_author(kith_replica *replica, const uint8_t incarnation[KITH_INCARNATION_BYTES]);

/** Makes the commit of an author's first change, the record of its device; it has no numbers and no
 *  time yet. What it consists of stands where the caller says. */
KITH_MUST_USE kith_status kith_engine_device_commit(kith_replica *replica, const char *name,
                                                    kith_op *op, kith_change *change,
                                                    kith_commit *commit);

/** Appends that commit. */
KITH_MUST_USE kith_status kith_engine_append_device(kith_replica *replica, const char *name);

#endif
