/* The mark: how far others have seen what this device wrote, kept where a backup of the replica
 * does not reach (kith_mark in kith/replica.h). A replica that was put back from a backup has less
 * than its mark says, and knows it before it gives anything away. The mark only spares forks, so
 * one that cannot be read or kept stops nothing. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_ENGINE_MARK_H
#define KITH_ENGINE_MARK_H

#include "engine/replica.h"

/** Notes that others may have all own segments from now on, before they can. */
void kith_engine_mark_shown(kith_replica *replica);

/** Notes that others have own segments up to a number, whatever is here. */
void kith_engine_mark_seen(kith_replica *replica, uint64_t number);

/** True if others have seen own segments that are not here. */
bool kith_engine_is_behind(const kith_replica *replica);

#endif
