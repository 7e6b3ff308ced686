/* A relay inside a test, and devices that sync with it: everything of both but sockets, in virtual
 * time, over a link that can be cut at any byte. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_TESTS_RELAYS_H
#define KITH_TESTS_RELAYS_H

#include <kith/sync.h>

#include "device.h"
#include "disk.h"
#include "server/api/session.h"

typedef struct test_relay {
    kith_env env; /* points to the relay, which stays where it is */
    kithd_relay *relay;
    char folder[320];
    test_disk *disk; /* of the database; the marker stands in the folder */
    int64_t wall_ms;
    test_random random;
} test_relay;

/** Makes a relay that takes any space, in a fresh folder. */
void relay_init(test_relay *relay);
void relay_close(test_relay *relay);

/** Closes and opens it again, as after a restart. */
void relay_reopen(test_relay *relay);

/** What the relay has, to be put back later; disk_free() it. */
test_disk *relay_back_up(test_relay *relay);

/** Puts a backup in the place of what the relay has. It stays the caller's. */
void relay_restore(test_relay *relay, test_disk *backup);

/** A link between a device and a relay. */
typedef struct test_link {
    size_t cut_up;   /* the request breaks after so many bytes of its body; 0: never */
    size_t cut_down; /* the same for the answer */
    size_t cuts;     /* how many requests are cut so; the rest go through */
    size_t piece;    /* bytes that arrive at a time; 0: many */
    size_t up_bytes; /* counted */
    size_t down_bytes;
    size_t requests;
    kith_sync_progress progress; /* of the last sync over it, at its end */
} test_link;

/** A link as the hills have it: often slow, often cut. */
test_link link_draw(test_random *random);

/** Syncs. Broken requests are repeated; returns what the sync came to. `link` may be NULL. */
kith_status relay_sync(test_relay *relay, test_device *device, test_link *link);

/** Syncs replicas of one device together. */
kith_status relay_sync_all(test_relay *relay, test_device *const *devices, size_t count,
                           test_link *link);

/** Syncs one, which must go well. */
#define must_sync(relay, device) must((device), relay_sync((relay), (device), NULL))

/** Founds a space on a device, at the relay. */
void relay_found(test_relay *relay, test_device *device);

/** Has a device join the space of another as a role, by an invite with one use. */
void relay_admit(test_relay *relay, test_device *admin, test_device *device, uint32_t role);

#endif
