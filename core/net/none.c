/* Built without libcurl: a host brings its own transport. SPDX-License-Identifier: Apache-2.0 */
#include <kith/sync.h>

#include "engine/replica.h"

static kith_status without(kith_replica *replica)
{
    return kith_fail(&replica->cx, KITH_E_STATE, "this library was built without a transport");
}

kith_status kith_sync_run(kith_replica *replica, const kith_sync_options *options,
                          kith_sync_progress *progress_out)
{
    (void)options;
    if (progress_out != NULL) {
        *progress_out = (kith_sync_progress){.struct_size = sizeof *progress_out};
    }
    return without(replica);
}

kith_status kith_sync_wait(kith_replica *replica, uint32_t seconds, kith_sync_function progress,
                           void *user, uint32_t *is_new_out)
{
    (void)seconds;
    (void)progress;
    (void)user;
    *is_new_out = 0;
    return without(replica);
}
