/* SPDX-License-Identifier: Apache-2.0 */
#include "disk_files.h"

#include <stdlib.h>

/* How the changes that were in the cache fare, as a whole. Extremes are frequent on real disks, and
 * would be rare if each change were decided alone. */
typedef enum power_cut {
    CUT_LOSES_ALL,
    CUT_LOSES_NOTHING,
    CUT_KEEPS_BEGINNING,     /* in order up to some change, which may be torn */
    CUT_KEEPS_SOME,          /* each for itself: lost, torn or whole; in order */
    CUT_KEEPS_SOME_SHUFFLED, /* the same in any order */
    CUT_COUNT
} power_cut;

static void *grow(void *items, size_t count, size_t *capacity, size_t item_size)
{
    if (count < *capacity) {
        return items;
    }
    *capacity = *capacity == 0 ? 16 : *capacity * 2;
    void *grown = realloc(items, *capacity * item_size);
    assert_non_null(grown);
    return grown;
}

/* Room for so many bytes, new ones zero. */
static void set_length(disk_bytes *bytes, size_t length)
{
    if (length > bytes->capacity) {
        bytes->capacity = length < 4096 ? 4096 : length * 2;
        bytes->data = realloc(bytes->data, bytes->capacity);
        assert_non_null(bytes->data);
    }
    if (length > bytes->length) {
        memset(bytes->data + bytes->length, 0, length - bytes->length);
    }
    bytes->length = length;
}

static void put(disk_bytes *bytes, size_t offset, const uint8_t *data, size_t length)
{
    if (offset + length > bytes->length) {
        set_length(bytes, offset + length);
    }
    if (length > 0) {
        memcpy(bytes->data + offset, data, length);
    }
}

static void copy(disk_bytes *to, const disk_bytes *from)
{
    to->length = 0;
    put(to, 0, from->data, from->length);
}

static void free_changes(disk_file *file)
{
    for (size_t i = 0; i < file->change_count; i++) {
        free(file->changes[i].bytes.data);
    }
    file->change_count = 0;
}

static disk_change *add_change(disk_file *file)
{
    file->changes =
        grow(file->changes, file->change_count, &file->change_capacity, sizeof *file->changes);
    disk_change *change = &file->changes[file->change_count++];
    *change = (disk_change){.is_truncation = false};
    return change;
}

void disk_write(disk_file *file, size_t offset, const void *data, size_t length)
{
    disk_change *change = add_change(file);
    change->offset = offset;
    put(&change->bytes, 0, data, length);
    put(&file->now, offset, data, length);
}

void disk_truncate(disk_file *file, size_t length)
{
    disk_change *change = add_change(file);
    change->is_truncation = true;
    change->offset = length;
    set_length(&file->now, length);
}

static void apply(disk_bytes *content, const disk_change *change)
{
    if (change->is_truncation) {
        set_length(content, change->offset);
    } else {
        put(content, change->offset, change->bytes.data, change->bytes.length);
    }
}

void disk_sync(disk_file *file)
{
    for (size_t i = 0; i < file->change_count; i++) {
        apply(&file->synced, &file->changes[i]);
    }
    free_changes(file);
}

static disk_entry *find_entry(disk_files *files, const char *name)
{
    for (size_t i = 0; i < files->entry_count; i++) {
        if (strcmp(files->entries[i].name, name) == 0) {
            return &files->entries[i];
        }
    }
    return NULL;
}

disk_file *disk_find(disk_files *files, const char *name)
{
    disk_entry *entry = find_entry(files, name);
    return entry == NULL ? NULL : entry->now;
}

static void set_entry(disk_entry *entry, disk_file *file)
{
    entry->since =
        grow(entry->since, entry->since_count, &entry->since_capacity, sizeof(disk_file *));
    entry->since[entry->since_count++] = file;
    entry->now = file;
}

static disk_entry *add_entry(disk_files *files, const char *name)
{
    assert_true(files->entry_count < DISK_NAMES_MAX && strlen(name) < DISK_NAME_BYTES);
    disk_entry *entry = &files->entries[files->entry_count++];
    *entry = (disk_entry){.now = NULL};
    memcpy(entry->name, name, strlen(name) + 1);
    return entry;
}

disk_file *disk_make(disk_files *files, const char *name)
{
    disk_file *file = calloc(1, sizeof *file);
    assert_non_null(file);
    file->next = files->first;
    files->first = file;
    if (name != NULL) {
        disk_entry *entry = find_entry(files, name);
        set_entry(entry == NULL ? add_entry(files, name) : entry, file);
    }
    return file;
}

void disk_remove(disk_files *files, const char *name)
{
    set_entry(find_entry(files, name), NULL);
}

void disk_sync_folder(disk_files *files)
{
    for (size_t i = 0; i < files->entry_count; i++) {
        files->entries[i].synced = files->entries[i].now;
        files->entries[i].since_count = 0;
    }
}

static bool is_named(const disk_files *files, const disk_file *file)
{
    for (size_t i = 0; i < files->entry_count; i++) {
        const disk_entry *entry = &files->entries[i];
        bool named = entry->now == file || entry->synced == file;
        for (size_t j = 0; j < entry->since_count; j++) {
            named = named || entry->since[j] == file;
        }
        if (named) {
            return true;
        }
    }
    return false;
}

static void free_file(disk_file *file)
{
    free_changes(file);
    free(file->changes);
    free(file->now.data);
    free(file->synced.data);
    free(file->locks);
    free(file);
}

void disk_sweep(disk_files *files)
{
    for (disk_file **place = &files->first; *place != NULL;) {
        disk_file *file = *place;
        if (file->open_count == 0 && !is_named(files, file)) {
            *place = file->next;
            free_file(file);
        } else {
            place = &file->next;
        }
    }
}

void disk_forget(disk_files *files)
{
    for (size_t i = 0; i < files->entry_count; i++) {
        free(files->entries[i].since);
    }
    files->entry_count = 0;
    disk_sweep(files);
}

static bool chance(disk_files *files, uint64_t of)
{
    return test_below(&files->random, of) == 0;
}

static void put_garbage(disk_files *files, disk_bytes *content, size_t start, size_t end)
{
    for (size_t i = start; i < end && i < content->length; i++) {
        content->data[i] = (uint8_t)(test_next(&files->random) >> 56);
    }
}

/* The file was made longer for a write whose bytes did not come. */
static void grow_hollow(disk_files *files, disk_bytes *content, size_t length)
{
    size_t before = content->length;
    if (length > before) {
        set_length(content, length);
        if (chance(files, 2)) {
            put_garbage(files, content, before, length);
        }
    }
}

/* Some sectors of a write: each is written, or not, or was under way. */
static void apply_torn(disk_files *files, disk_bytes *content, const disk_change *change)
{
    size_t end = change->offset + change->bytes.length;
    grow_hollow(files, content, end);
    for (size_t at = change->offset; at < end;) {
        size_t sector_end = (at / DISK_SECTOR_BYTES + 1) * DISK_SECTOR_BYTES;
        size_t stop = sector_end < end ? sector_end : end;
        if (chance(files, 2)) {
            put(content, at, change->bytes.data + (at - change->offset), stop - at);
        } else if (chance(files, 8)) {
            put_garbage(files, content, at, stop);
        }
        at = stop;
    }
}

static void apply_perhaps(disk_files *files, disk_bytes *content, const disk_change *change)
{
    uint64_t fate = test_below(&files->random, 3);
    if (fate == 0) {
        apply(content, change);
    } else if (fate == 1 && !change->is_truncation) {
        apply_torn(files, content, change);
    } else if (!change->is_truncation && chance(files, 2)) {
        grow_hollow(files, content, change->offset + change->bytes.length);
    }
}

static void shuffle(disk_files *files, disk_file *file)
{
    for (size_t i = file->change_count; i > 1; i--) {
        size_t other = test_below(&files->random, i);
        disk_change change = file->changes[i - 1];
        file->changes[i - 1] = file->changes[other];
        file->changes[other] = change;
    }
}

/* How many changes of a file, in order, surely reached the disk, and how many after them may have.
 */
typedef struct survival {
    size_t sure;
    size_t possible;
} survival;

static survival draw_survival(disk_files *files, power_cut cut, size_t count)
{
    survival drawn = {0, 0};
    switch (cut) {
    case CUT_LOSES_ALL:
        break;
    case CUT_LOSES_NOTHING:
        drawn.sure = count;
        break;
    case CUT_KEEPS_BEGINNING:
        drawn.sure = test_below(&files->random, count + 1);
        drawn.possible = drawn.sure < count ? 1 : 0;
        break;
    default:
        drawn.possible = count;
    }
    return drawn;
}

/* Leaves what of a file reached the disk. */
static void settle(disk_files *files, disk_file *file, power_cut cut)
{
    survival drawn = draw_survival(files, cut, file->change_count);
    if (cut == CUT_KEEPS_SOME_SHUFFLED) {
        shuffle(files, file);
    }
    for (size_t i = 0; i < drawn.sure; i++) {
        apply(&file->synced, &file->changes[i]);
    }
    for (size_t i = drawn.sure; i < drawn.sure + drawn.possible; i++) {
        apply_perhaps(files, &file->synced, &file->changes[i]);
    }
    free_changes(file);
    copy(&file->now, &file->synced);
}

/* A name's changes reach the disk in their order, each name's for itself. */
static void settle_entry(disk_files *files, disk_entry *entry, power_cut cut)
{
    size_t kept = cut == CUT_LOSES_ALL       ? 0
                  : cut == CUT_LOSES_NOTHING ? entry->since_count
                                             : test_below(&files->random, entry->since_count + 1);
    entry->now = kept == 0 ? entry->synced : entry->since[kept - 1];
}

void disk_lose_power(disk_files *files)
{
    power_cut cut = (power_cut)test_below(&files->random, CUT_COUNT);
    for (disk_file *file = files->first; file != NULL; file = file->next) {
        settle(files, file, cut);
    }
    for (size_t i = 0; i < files->entry_count; i++) {
        settle_entry(files, &files->entries[i], cut);
    }
    disk_sync_folder(files);
    disk_sweep(files);
}
