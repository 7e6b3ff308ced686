/* A disk that fails: a file system in memory, under a SQLite VFS that a replica uses through
 * kith_env.storage. It can refuse an operation, run full, or lose its power.
 *
 * What the model promises follows what SQLite asks of a disk ("Atomic Commit In SQLite" §2, "How
 * SQLite Is Tested" §3.3) and nothing more:
 *
 *   - Written bytes are in a cache until xSync of their file returns. When the power goes, the file
 *     holds what was synced and any selection of the writes and truncations since, in any order.
 *   - A write reaches the disk by sectors of 512 bytes. One that was under way when the power went
 *     may be torn: some of its sectors are written, others are not or hold garbage. Bytes beside a
 *     write stay as they are: POWERSAFE_OVERWRITE is claimed, as SQLite's own VFS for Unix claims
 *     it. (Without, a write-ahead log that was recovered is not safe from the next power cut: its
 *     next frame goes into the sector where the last one ends, and SQLite pads commits only.)
 *   - A file may have grown before its new bytes came: a hole holds zeros or garbage. SAFE_APPEND,
 *     SEQUENTIAL and ATOMIC are not claimed.
 *   - Making and deleting a file is in the cache too, apart from its content, until the folder is
 *     synced: by xDelete with its flag, and by the first xSync of a journal or write-ahead log that
 *     was made just before, as SQLite's own VFS for Unix does it.
 *   - What was synced stays. Disks that lie about that, bits that rot and files that move are
 *     outside of what SQLite can guard against.
 *
 * An operation is a call that changes the disk: making, writing, truncating, syncing and deleting a
 * file, and growing shared memory, which is a file to SQLite. They are counted, so that the n-th
 * can fail. The one at which the power goes is in the cache like those before it; all later calls
 * fail.
 *
 * Several connections of one process share files, locks and shared memory as processes would. The
 * clock stands still: waiting for a lock takes no time. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_TESTS_DISK_H
#define KITH_TESTS_DISK_H

#include "harness.h"

typedef struct test_disk test_disk;

typedef enum disk_fault {
    DISK_IO_ERROR, /* the operation fails */
    DISK_FULL,     /* for want of room; half of a write may have fitted */
    DISK_POWER_CUT /* it and all that follow fail, until disk_restart() */
} disk_fault;

/** Makes an empty disk; what it does when the power goes follows from the seed. */
test_disk *disk_new(uint64_t seed);

/** Makes a disk with the same files: a backup. All of the disk's files must be closed. */
test_disk *disk_copy(test_disk *disk, uint64_t seed);

/** Takes the disk away. All of its files must be closed. */
void disk_free(test_disk *disk);

/** For kith_env.storage. Lives as long as the disk. */
const char *disk_name(const test_disk *disk);

/** Makes the n-th operation from now fail, counted from 1, or with `stays` all from the n-th on. */
void disk_fail(test_disk *disk, disk_fault fault, uint64_t nth, bool stays);

/** Makes the n-th read from now fail with an I/O error. */
void disk_fail_read(test_disk *disk, uint64_t nth);

/** No further fault. Whether one struck since it was asked for. */
bool disk_mend(test_disk *disk);

/** How many operations there were, with those that failed. */
uint64_t disk_operations(const test_disk *disk);

/** Turns the power on: the disk holds what survived. All of its files must be closed. */
void disk_restart(test_disk *disk);

#endif
