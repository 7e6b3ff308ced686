/* The devices of a space as people know them, and the space's figures.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_ENGINE_DEVICES_H
#define KITH_ENGINE_DEVICES_H

#include "engine/space.h"
#include "segment/header.h"

/** Reads the header of the last segment of an author, which names its device. KITH_E_NOT_FOUND if
 *  it has none. */
KITH_MUST_USE kith_status kith_engine_last_header(kith_replica *replica, uint32_t author,
                                                  kith_segment_header *header_out);

/** The device that has a signing key, given in hexadecimal, also one that was taken out.
 *  KITH_E_NOT_FOUND. Borrowed until the charter changes. */
KITH_MUST_USE kith_status kith_engine_find_member(kith_replica *replica, kith_slice key,
                                                  const kith_member **member_out);

/** The devices of the space in the order of their admission, in the arena. */
KITH_MUST_USE kith_status kith_engine_list_devices(kith_replica *replica, kith_arena *arena,
                                                   kith_space_device **devices_out,
                                                   size_t *count_out);

/** As kith_space_read_status(). */
KITH_MUST_USE kith_status kith_engine_space_status(kith_replica *replica,
                                                   kith_space_status *status_out);

#endif
