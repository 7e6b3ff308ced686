/* What fuzz targets share. A target is LLVMFuzzerTestOneInput in a file of its own; under libFuzzer
 * it is driven by that, elsewhere by driver.c, which runs it over files as a plain test.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_TESTS_FUZZ_H
#define KITH_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <kith/replica.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A check that stays in every build: a target that finds a broken promise must stop. */
#define FUZZ_ENSURE(condition) \
    do {                       \
        if (!(condition)) {    \
            abort();           \
        }                      \
    } while (0)

/** A replica in memory, used for many inputs and made anew now and then, so that it stays small. */
kith_replica *fuzz_replica(void);

/** A stream over bytes for imports. */
typedef struct fuzz_stream {
    const uint8_t *data;
    size_t left;
} fuzz_stream;

kith_status fuzz_read(void *user, uint8_t *buffer, size_t capacity, size_t *length_out);

#endif
