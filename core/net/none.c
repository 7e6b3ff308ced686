/* Built without libcurl: a host brings its own transport. SPDX-License-Identifier: Apache-2.0 */
#include <kith/sync.h>

#include "engine/replica.h"

static kith_status without(kith_replica *const *replicas, size_t count)
{
    KITH_ENSURE(count > 0, KITH_E_ARGUMENT);
    return kith_fail(&replicas[0]->cx, KITH_E_STATE, "this library was built without a transport");
}

kith_status kith_sync_run(kith_replica *const *replicas, size_t count,
                          const kith_sync_options *options, kith_sync_progress *progress_out)
{
    (void)options;
    if (progress_out != NULL) {
        *progress_out = (kith_sync_progress){.struct_size = sizeof *progress_out};
    }
    return without(replicas, count);
}

kith_status kith_sync_wait(kith_replica *const *replicas, size_t count, uint32_t seconds,
                           kith_sync_function progress, void *user, uint32_t *is_new_out)
{
    (void)seconds;
    (void)progress;
    (void)user;
    *is_new_out = 0;
    return without(replicas, count);
}
