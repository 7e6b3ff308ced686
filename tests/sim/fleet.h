/* A fleet of devices and their relay in one process, in virtual time, from one seed.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_TESTS_SIM_FLEET_H
#define KITH_TESTS_SIM_FLEET_H

#include "phone.h"
#include "relays.h"

enum { FLEET_DEVICES_MAX = 30, FLEET_NAMES_MAX = 512 };

typedef struct fleet_device {
    test_phone phone;
    bool is_member; /* was admitted */
    bool is_revoked;
    bool was_member; /* when the backup was made */
    bool was_sealed; /* then: all that it had made was in segments */
    bool is_behind;  /* it was restored and has not met the relay since */
    bool has_given;  /* cards of it may hold what the relay has not */
} fleet_device;

typedef struct fleet {
    test_random random;
    test_relay relay;
    test_disk *relay_backup;
    fleet_device *devices;
    size_t device_count;
    unsigned name_count;            /* every record has a name of its own */
    size_t makers[FLEET_NAMES_MAX]; /* devices, by the number in the name */
} fleet;

/** Makes a relay and devices; the first has founded the space, the others are of nobody. */
void fleet_begin(fleet *f, uint64_t seed);
void fleet_end(fleet *f);

/** Something happens to somebody. */
void fleet_step(fleet *f);

/** The network is whole and everybody syncs until nobody has news; then all members must be equal,
 *  and nothing that anybody had may be missing or doubled. */
void fleet_heal(fleet *f);

#endif
