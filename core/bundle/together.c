/* Replicas of one device that write or take in a bundle together.
 * SPDX-License-Identifier: Apache-2.0 */
#include "bundle/bundle.h"
#include "engine/carry.h"

kith_status kith_bundle_failed(kith_replica *first, const kith_replica *failed, kith_status status)
{
    if (status != KITH_OK && failed != first && failed->cx.error.status == status) {
        first->cx.error = failed->cx.error;
    }
    return status;
}

kith_status kith_bundle_adopt(kith_replica *const *replicas, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < count; k++) {
            kith_status status = kith_engine_adopt_carried(replicas[i], replicas[k]);
            if (status != KITH_OK) {
                status = kith_bundle_failed(replicas[0], replicas[k], status);
                return kith_bundle_failed(replicas[0], replicas[i], status);
            }
        }
    }
    return KITH_OK;
}
