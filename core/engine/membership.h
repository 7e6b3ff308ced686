/* Founding, joining, inviting, revoking: what changes who reads a space.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_ENGINE_MEMBERSHIP_H
#define KITH_ENGINE_MEMBERSHIP_H

#include "engine/space.h"

/* As the functions of kith/space.h of the same names. */
KITH_MUST_USE kith_status kith_engine_found(kith_replica *replica, kith_slice name,
                                            const kith_relay *relay, const char *token);
KITH_MUST_USE kith_status kith_engine_set_relay(kith_replica *replica, const kith_relay *relay,
                                                const char *token);
KITH_MUST_USE kith_status kith_engine_join(kith_replica *replica, kith_slice text);
KITH_MUST_USE kith_status kith_engine_invite(kith_replica *replica, uint32_t role,
                                             int64_t expires_ms, uint32_t uses,
                                             char text[KITH_INVITE_SIZE]);
KITH_MUST_USE kith_status kith_engine_revoke(kith_replica *replica, kith_slice key, bool wipe);
KITH_MUST_USE kith_status kith_engine_rotate(kith_replica *replica);
KITH_MUST_USE kith_status kith_engine_withdraw(kith_replica *replica, uint32_t entry);

/** Appends this device's own admission, by the invite it joins with; the charter must be complete.
 *  The device stops joining. */
KITH_MUST_USE kith_status kith_engine_admit(kith_replica *replica);

#endif
