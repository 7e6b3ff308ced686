/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include <string.h>

enum { INPUTS_A_REPLICA = 500 };

kith_replica *fuzz_replica(void)
{
    static kith_replica *replica;
    static unsigned uses;
    if (replica == NULL || ++uses % INPUTS_A_REPLICA == 0) {
        kith_open_options options = KITH_OPEN_OPTIONS_INIT;
        options.create = 1;
        kith_replica_close(replica);
        FUZZ_ENSURE(kith_replica_open(":memory:", &options, &replica, NULL) == KITH_OK);
    }
    return replica;
}

kith_status fuzz_read(void *user, uint8_t *buffer, size_t capacity, size_t *length_out)
{
    fuzz_stream *stream = user;
    /* Small pieces, so that lines and cells are cut everywhere. */
    size_t length = stream->left < 7 ? stream->left : 7;
    length = length < capacity ? length : capacity;
    if (length > 0) {
        memcpy(buffer, stream->data, length);
    }
    stream->data += length;
    stream->left -= length;
    *length_out = length;
    return KITH_OK;
}
