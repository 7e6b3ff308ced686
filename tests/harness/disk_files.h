/* The files of a disk that fails (disk.h), and their content now and after the power went.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_TESTS_DISK_FILES_H
#define KITH_TESTS_DISK_FILES_H

#include "disk.h"

enum { DISK_SECTOR_BYTES = 512, DISK_NAMES_MAX = 32, DISK_NAME_BYTES = 96 };

typedef struct disk_bytes {
    uint8_t *data;
    size_t length;
    size_t capacity;
} disk_bytes;

/* A write or truncation that is not synced. */
typedef struct disk_change {
    bool is_truncation;
    size_t offset; /* or the new length */
    disk_bytes bytes;
} disk_change;

typedef struct disk_file {
    struct disk_file *next; /* of all files of the disk */
    disk_bytes now;
    disk_bytes synced;
    disk_change *changes; /* since the last sync, in order */
    size_t change_count;
    size_t change_capacity;
    size_t open_count;
    struct disk_locks *locks; /* of the connections; disk_vfs.c */
} disk_file;

/* Which file a name stands for: now, surely after a power cut, and in between. */
typedef struct disk_entry {
    char name[DISK_NAME_BYTES];
    disk_file *now; /* NULL: none */
    disk_file *synced;
    disk_file **since; /* what it stood for after each change since the folder was synced */
    size_t since_count;
    size_t since_capacity;
} disk_entry;

/* What is to fail. */
typedef struct disk_plan {
    disk_fault fault;
    uint64_t nth; /* by the disk's count; 0 for none */
    bool stays;
    bool has_struck;
} disk_plan;

typedef struct disk_files {
    disk_file *first;
    disk_entry entries[DISK_NAMES_MAX];
    size_t entry_count;
    test_random random;
} disk_files;

/** The file of a name, or NULL. */
disk_file *disk_find(disk_files *files, const char *name);

/** Makes an empty file, in the place of one that had the name. Without a name it is nobody else's
 *  and gone when it is closed. */
disk_file *disk_make(disk_files *files, const char *name);

/** Takes the name away; the file stays while it is open. */
void disk_remove(disk_files *files, const char *name);

void disk_write(disk_file *file, size_t offset, const void *data, size_t length);
void disk_truncate(disk_file *file, size_t length);
void disk_sync(disk_file *file);

/** All names are as they are for good. */
void disk_sync_folder(disk_files *files);

/** Frees files that no name stands for, nor did when the folder was synced, and nobody has open. */
void disk_sweep(disk_files *files);

/** The power went: leaves what survives. */
void disk_lose_power(disk_files *files);

/** Forgets all files. */
void disk_forget(disk_files *files);

#endif
