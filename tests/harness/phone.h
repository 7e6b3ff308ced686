/* A device on a disk of its own, which can be backed up, put back, and copied to a second phone.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_TESTS_PHONE_H
#define KITH_TESTS_PHONE_H

#include "device.h"
#include "disk.h"

typedef struct test_phone {
    test_device device;
    test_disk *disk;
    test_disk *backup; /* NULL for none */
} test_phone;

/** Makes a phone and its replica; what it does follows from the seed. */
void phone_init(test_phone *phone, uint64_t seed);

/** Does nothing with a zeroed one. */
void phone_close(test_phone *phone);

/** Makes a backup in place of the last one. */
void phone_back_up(test_phone *phone);

/** Puts the backup in the place of all that the phone has. Its marks stay. */
void phone_restore(test_phone *phone);

/** Makes a second phone with the same keys and records, and other chances. */
void phone_clone(test_phone *phone, test_phone *clone_out);

#endif
