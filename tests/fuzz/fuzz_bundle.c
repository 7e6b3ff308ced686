/* A bundle, as anybody may hand it over: it is taken or said to be wrong; what the replica has
 * itself stays, and nothing is kept that proves nothing. One replica has a space of its own, so
 * that parts of that and of others are met. SPDX-License-Identifier: Apache-2.0 */
#include <kith/bundle.h>

#include "fuzz.h"

enum { INPUTS_A_REPLICA = 500 };

static kith_replica *replica;

/* Every replica has the same keys and so the same space: what the corpus holds of it is its own. */
static kith_status fill_alike(void *user, uint8_t *out, size_t length)
{
    unsigned *state = user;
    for (size_t i = 0; i < length; i++) {
        *state = *state * 1103515245u + 12345u;
        out[i] = (uint8_t)(*state >> 16);
    }
    return KITH_OK;
}

static int64_t stand_still(void *user)
{
    (void)user;
    return INT64_C(1795507200000);
}

static void make_replica(void)
{
    static unsigned state;
    kith_open_options options = KITH_OPEN_OPTIONS_INIT;
    kith_env env = kith_env_default();
    state = 1;
    env.user = &state;
    env.random = fill_alike;
    env.wall_ms = stand_still;
    options.create = 1;
    options.env = &env;
    kith_replica_close(replica);
    FUZZ_ENSURE(kith_replica_open(":memory:", &options, &replica, NULL) == KITH_OK);
    FUZZ_ENSURE(kith_space_found(replica, kith_slice_of("Field"), NULL, NULL) == KITH_OK);
}

static kith_status count_bytes(void *user, kith_slice bytes)
{
    *(uint64_t *)user += bytes.length;
    return KITH_OK;
}

/* What was taken goes out again. */
static void hand_on(void)
{
    uint64_t length = 0;
    kith_bundle_export_options options = KITH_BUNDLE_EXPORT_OPTIONS_INIT;
    options.write = count_bytes;
    options.user = &length;
    FUZZ_ENSURE(kith_bundle_export(&replica, 1, &options, NULL) == KITH_OK);
    FUZZ_ENSURE(length > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static unsigned uses;
    fuzz_stream stream = {data, size};
    kith_bundle_import_options options = KITH_BUNDLE_IMPORT_OPTIONS_INIT;
    kith_bundle_taken taken = {.struct_size = sizeof taken};
    kith_replica_status figures = {.struct_size = sizeof figures};
    if (uses++ % INPUTS_A_REPLICA == 0) {
        make_replica();
    }
    options.read = fuzz_read;
    options.user = &stream;
    kith_status status = kith_bundle_import(&replica, 1, &options, &taken);
    FUZZ_ENSURE(status == KITH_OK || status == KITH_E_SYNTAX || status == KITH_E_NEWER ||
                status == KITH_E_DAMAGED || status == KITH_E_FORKED || status == KITH_E_BUSY ||
                status == KITH_E_LIMIT);
    FUZZ_ENSURE(kith_replica_read_status(replica, &figures) == KITH_OK);
    FUZZ_ENSURE(figures.record_count >= 1);
    if (status == KITH_OK) {
        hand_on();
    }
    return 0;
}
