/* An answer, as a hostile relay may give it to a device: the device takes it or says what is wrong,
 * and its own records stay. SPDX-License-Identifier: Apache-2.0 */
#include <kith/sync.h>

#include "fuzz.h"

static kith_replica *replica;

static void make_replica(void)
{
    kith_open_options options = KITH_OPEN_OPTIONS_INIT;
    kith_relay relay = {sizeof relay, "http://relay.test", NULL};
    options.create = 1;
    FUZZ_ENSURE(kith_replica_open(":memory:", &options, &replica, NULL) == KITH_OK);
    FUZZ_ENSURE(kith_space_found(replica, kith_slice_of("Field"), &relay, NULL) == KITH_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    kith_sync *sync = NULL;
    const char *url = NULL;
    const char *header = NULL;
    uint8_t bytes[4096];
    size_t length = 1;
    kith_replica_status figures = {.struct_size = sizeof figures};
    if (replica == NULL) {
        make_replica();
    }
    FUZZ_ENSURE(kith_sync_begin(&replica, 1, &sync) == KITH_OK);
    FUZZ_ENSURE(kith_sync_next_request(sync, &url, &header) == KITH_OK);
    while (length > 0) {
        FUZZ_ENSURE(kith_sync_read_request(sync, bytes, sizeof bytes, &length) == KITH_OK);
    }
    kith_status status = kith_sync_put_answer(sync, (kith_slice){data, size});
    if (status == KITH_OK) {
        (void)!kith_sync_end_answer(sync, size % 3 == 0 ? 0 : 200);
    }
    kith_sync_end(sync);
    FUZZ_ENSURE(kith_replica_read_status(replica, &figures) == KITH_OK);
    FUZZ_ENSURE(figures.record_count >= 1);
    return 0;
}
