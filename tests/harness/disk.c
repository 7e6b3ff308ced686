/* A SQLite VFS over the files of disk_files.h. SPDX-License-Identifier: Apache-2.0 */
#include "disk.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

#include "disk_files.h"

enum { SHARED_REGIONS_MAX = 16 };

struct test_disk {
    sqlite3_vfs vfs;
    char name[32];
    disk_files files;
    uint64_t operation_count;
    uint64_t read_count;
    disk_plan plan;
    disk_plan read_plan;
    bool is_off;
    int last_error; /* what errno was set to */
};

/* An open file of a connection. */
typedef struct disk_handle {
    sqlite3_file base;
    test_disk *disk;
    disk_file *file;
    bool is_deleted_on_close;
    bool syncs_folder; /* with the next sync: a journal that was made just now */
    char name[DISK_NAME_BYTES];
    int lock;
    bool has_shared_memory;
    unsigned shared_slots; /* locks of shared memory held, a bit each */
    unsigned exclusive_slots;
} disk_handle;

/* What the connections to one file hold. */
struct disk_locks {
    size_t reader_count;
    const disk_handle *writer; /* holds RESERVED or more */
    bool is_pending;           /* the writer waits for readers to leave, or is alone */
    uint8_t *regions[SHARED_REGIONS_MAX];
    size_t region_count;
    size_t shared_memory_users;
    size_t slot_readers[SQLITE_SHM_NLOCK];
    const disk_handle *slot_writers[SQLITE_SHM_NLOCK];
};

/* What becomes of an operation. */
typedef enum outcome {
    WORKS,
    FAILS,
    WORKS_UNSEEN /* the power goes: it is in the cache, but nobody is left to be told */
} outcome;

static bool strikes(disk_plan *plan, uint64_t count)
{
    bool does = plan->nth != 0 && (count == plan->nth || (plan->stays && count > plan->nth));
    plan->has_struck = plan->has_struck || does;
    return does;
}

static void set_error(test_disk *disk, int error)
{
    disk->last_error = error;
    errno = error;
}

static outcome next_operation(test_disk *disk)
{
    if (disk->is_off) {
        set_error(disk, EIO);
        return FAILS;
    }
    disk->operation_count++;
    if (!strikes(&disk->plan, disk->operation_count)) {
        return WORKS;
    }
    disk->is_off = disk->plan.fault == DISK_POWER_CUT;
    set_error(disk, disk->plan.fault == DISK_FULL ? ENOSPC : EIO);
    return disk->is_off ? WORKS_UNSEEN : FAILS;
}

static disk_handle *handle_of(sqlite3_file *file)
{
    return (disk_handle *)(void *)file;
}

static int do_unlock(sqlite3_file *file, int level)
{
    disk_handle *handle = handle_of(file);
    struct disk_locks *locks = handle->file->locks;
    if (handle->lock > SQLITE_LOCK_SHARED && level <= SQLITE_LOCK_SHARED) {
        locks->writer = NULL;
        locks->is_pending = false;
    }
    if (handle->lock >= SQLITE_LOCK_SHARED && level == SQLITE_LOCK_NONE) {
        locks->reader_count--;
    }
    handle->lock = level < handle->lock ? level : handle->lock;
    return SQLITE_OK;
}

static int do_lock(sqlite3_file *file, int level)
{
    disk_handle *handle = handle_of(file);
    struct disk_locks *locks = handle->file->locks;
    if (handle->lock >= level) {
        return SQLITE_OK;
    }
    if (locks->writer != NULL && locks->writer != handle &&
        (locks->is_pending || level > SQLITE_LOCK_SHARED)) {
        return SQLITE_BUSY;
    }
    if (level == SQLITE_LOCK_SHARED) {
        locks->reader_count++;
    } else {
        locks->writer = handle;
        locks->is_pending = locks->is_pending || level > SQLITE_LOCK_RESERVED;
    }
    if (level == SQLITE_LOCK_EXCLUSIVE && locks->reader_count > 1) {
        handle->lock = SQLITE_LOCK_PENDING;
        return SQLITE_BUSY;
    }
    handle->lock = level;
    return SQLITE_OK;
}

static int check_reserved_lock(sqlite3_file *file, int *is_reserved_out)
{
    *is_reserved_out = handle_of(file)->file->locks->writer != NULL;
    return SQLITE_OK;
}

static int unlock_slots(disk_handle *handle, unsigned slots)
{
    struct disk_locks *locks = handle->file->locks;
    for (unsigned i = 0; i < SQLITE_SHM_NLOCK; i++) {
        unsigned bit = 1u << i & slots;
        if ((handle->exclusive_slots & bit) != 0) {
            locks->slot_writers[i] = NULL;
        }
        locks->slot_readers[i] -= (handle->shared_slots & bit) != 0;
    }
    handle->shared_slots &= ~slots;
    handle->exclusive_slots &= ~slots;
    return SQLITE_OK;
}

static bool is_slot_free(const disk_handle *handle, unsigned slot, bool exclusive)
{
    const struct disk_locks *locks = handle->file->locks;
    bool written = locks->slot_writers[slot] != NULL && locks->slot_writers[slot] != handle;
    size_t own = (handle->shared_slots & 1u << slot) != 0;
    return !written && !(exclusive && locks->slot_readers[slot] > own);
}

static int lock_slots(sqlite3_file *file, int offset, int count, int flags)
{
    disk_handle *handle = handle_of(file);
    struct disk_locks *locks = handle->file->locks;
    bool exclusive = (flags & SQLITE_SHM_EXCLUSIVE) != 0;
    unsigned slots = ((1u << count) - 1) << offset;
    if ((flags & SQLITE_SHM_UNLOCK) != 0) {
        return unlock_slots(handle, slots);
    }
    for (unsigned i = 0; i < SQLITE_SHM_NLOCK; i++) {
        if ((slots & 1u << i) != 0 && !is_slot_free(handle, i, exclusive)) {
            return SQLITE_BUSY;
        }
    }
    for (unsigned i = 0; i < SQLITE_SHM_NLOCK; i++) {
        unsigned bit = slots & 1u << i;
        if (bit != 0 && exclusive) {
            locks->slot_writers[i] = handle;
            handle->exclusive_slots |= bit;
        } else if (bit != 0 && (handle->shared_slots & bit) == 0) {
            locks->slot_readers[i]++;
            handle->shared_slots |= bit;
        }
    }
    return SQLITE_OK;
}

static int map_shared_memory(sqlite3_file *file, int region, int region_bytes, int extend,
                             void volatile **memory_out)
{
    disk_handle *handle = handle_of(file);
    struct disk_locks *locks = handle->file->locks;
    *memory_out = NULL;
    if (!handle->has_shared_memory) {
        handle->has_shared_memory = true;
        locks->shared_memory_users++;
    }
    assert_true(region >= 0 && region < SHARED_REGIONS_MAX);
    while (locks->region_count <= (size_t)region) {
        if (extend == 0) {
            return SQLITE_OK;
        }
        if (next_operation(handle->disk) != WORKS) {
            return SQLITE_IOERR_SHMSIZE;
        }
        locks->regions[locks->region_count] = calloc(1, (size_t)region_bytes);
        assert_non_null(locks->regions[locks->region_count]);
        locks->region_count++;
    }
    *memory_out = locks->regions[region];
    return SQLITE_OK;
}

static void shared_memory_barrier(sqlite3_file *file)
{
    (void)file;
}

static int unmap_shared_memory(sqlite3_file *file, int delete_too)
{
    (void)
        delete_too; /* the last one to leave empties it in any case, as on Unix the first to come */
    disk_handle *handle = handle_of(file);
    struct disk_locks *locks = handle->file->locks;
    if (!handle->has_shared_memory) {
        return SQLITE_OK;
    }
    (void)unlock_slots(handle, ~0u);
    handle->has_shared_memory = false;
    locks->shared_memory_users--;
    while (locks->shared_memory_users == 0 && locks->region_count > 0) {
        free(locks->regions[--locks->region_count]);
    }
    return SQLITE_OK;
}

static int close_file(sqlite3_file *file)
{
    disk_handle *handle = handle_of(file);
    disk_files *files = &handle->disk->files;
    (void)unmap_shared_memory(file, 0);
    (void)do_unlock(file, SQLITE_LOCK_NONE);
    handle->file->open_count--;
    if (handle->is_deleted_on_close && handle->name[0] != '\0' && !handle->disk->is_off) {
        disk_remove(files, handle->name);
    }
    disk_sweep(files);
    return SQLITE_OK;
}

static int read_file(sqlite3_file *file, void *out, int wanted, sqlite3_int64 offset)
{
    disk_handle *handle = handle_of(file);
    test_disk *disk = handle->disk;
    const disk_bytes *content = &handle->file->now;
    size_t start = (size_t)offset;
    size_t length = (size_t)wanted;
    disk->read_count++;
    if (disk->is_off || strikes(&disk->read_plan, disk->read_count)) {
        set_error(disk, EIO);
        return SQLITE_IOERR_READ;
    }
    size_t there = start < content->length ? content->length - start : 0;
    size_t got = there < length ? there : length;
    if (got > 0) {
        memcpy(out, content->data + start, got);
    }
    memset((uint8_t *)out + got, 0, length - got);
    return got == length ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

static int write_file(sqlite3_file *file, const void *data, int length, sqlite3_int64 offset)
{
    disk_handle *handle = handle_of(file);
    outcome next = next_operation(handle->disk);
    bool is_full = next == FAILS && handle->disk->last_error == ENOSPC;
    size_t written = next != FAILS ? (size_t)length : is_full ? (size_t)length / 2 : 0;
    if (written > 0) {
        disk_write(handle->file, (size_t)offset, data, written);
    }
    return next == WORKS ? SQLITE_OK : is_full ? SQLITE_FULL : SQLITE_IOERR_WRITE;
}

static int truncate_file(sqlite3_file *file, sqlite3_int64 length)
{
    disk_handle *handle = handle_of(file);
    outcome next = next_operation(handle->disk);
    if (next != FAILS) {
        disk_truncate(handle->file, (size_t)length);
    }
    return next == WORKS ? SQLITE_OK : SQLITE_IOERR_TRUNCATE;
}

static int sync_file(sqlite3_file *file, int flags)
{
    (void)flags;
    disk_handle *handle = handle_of(file);
    if (next_operation(handle->disk) != WORKS) {
        return SQLITE_IOERR_FSYNC;
    }
    disk_sync(handle->file);
    if (handle->syncs_folder) {
        handle->syncs_folder = false;
        disk_sync_folder(&handle->disk->files);
    }
    return SQLITE_OK;
}

static int file_size(sqlite3_file *file, sqlite3_int64 *size_out)
{
    disk_handle *handle = handle_of(file);
    *size_out = (sqlite3_int64)handle->file->now.length;
    return handle->disk->is_off ? SQLITE_IOERR_FSTAT : SQLITE_OK;
}

static int file_control(sqlite3_file *file, int operation, void *argument)
{
    (void)file;
    (void)operation;
    (void)argument;
    return SQLITE_NOTFOUND;
}

static int sector_size(sqlite3_file *file)
{
    (void)file;
    return DISK_SECTOR_BYTES;
}

static int device_characteristics(sqlite3_file *file)
{
    (void)file;
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

static const sqlite3_io_methods file_methods = {
    .iVersion = 2,
    .xClose = close_file,
    .xRead = read_file,
    .xWrite = write_file,
    .xTruncate = truncate_file,
    .xSync = sync_file,
    .xFileSize = file_size,
    .xLock = do_lock,
    .xUnlock = do_unlock,
    .xCheckReservedLock = check_reserved_lock,
    .xFileControl = file_control,
    .xSectorSize = sector_size,
    .xDeviceCharacteristics = device_characteristics,
    .xShmMap = map_shared_memory,
    .xShmLock = lock_slots,
    .xShmBarrier = shared_memory_barrier,
    .xShmUnmap = unmap_shared_memory,
};

static test_disk *disk_of(sqlite3_vfs *vfs)
{
    return vfs->pAppData;
}

/* The file to open, made if it has to be; NULL with the error set. */
static disk_file *find_or_make(test_disk *disk, const char *name, int flags, bool *is_made_out)
{
    disk_file *file = name == NULL ? NULL : disk_find(&disk->files, name);
    *is_made_out = false;
    if (file == NULL && (flags & SQLITE_OPEN_CREATE) == 0) {
        set_error(disk, ENOENT);
        return NULL;
    }
    if (file == NULL) {
        outcome next = next_operation(disk);
        *is_made_out = next != FAILS;
        file = next != FAILS ? disk_make(&disk->files, name) : NULL;
        return next == WORKS ? file : NULL;
    }
    if (disk->is_off) {
        set_error(disk, EIO);
        return NULL;
    }
    return file;
}

static int open_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *opened, int flags,
                     int *flags_out)
{
    test_disk *disk = disk_of(vfs);
    disk_handle *handle = handle_of(opened);
    bool is_made = false;
    *handle = (disk_handle){.disk = disk};
    disk_file *file = find_or_make(disk, name, flags, &is_made);
    if (file == NULL) {
        return SQLITE_CANTOPEN;
    }
    if (file->locks == NULL) {
        file->locks = calloc(1, sizeof *file->locks);
        assert_non_null(file->locks);
    }
    file->open_count++;
    handle->file = file;
    (void)snprintf(handle->name, sizeof handle->name, "%s", name == NULL ? "" : name);
    handle->is_deleted_on_close = (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
    handle->syncs_folder =
        is_made &&
        (flags & (SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_WAL)) != 0;
    if (flags_out != NULL) {
        *flags_out = flags;
    }
    handle->base.pMethods = &file_methods;
    return SQLITE_OK;
}

static int delete_file(sqlite3_vfs *vfs, const char *name, int syncs_folder)
{
    test_disk *disk = disk_of(vfs);
    outcome next = next_operation(disk);
    if (next == FAILS) {
        return SQLITE_IOERR_DELETE;
    }
    if (disk_find(&disk->files, name) == NULL) {
        return SQLITE_IOERR_DELETE_NOENT;
    }
    disk_remove(&disk->files, name);
    if (next == WORKS && syncs_folder != 0) {
        disk_sync_folder(&disk->files);
    }
    disk_sweep(&disk->files);
    return next == WORKS ? SQLITE_OK : SQLITE_IOERR_DELETE;
}

/* An empty file counts as none, as in SQLite's own VFS for Unix. */
static int access_file(sqlite3_vfs *vfs, const char *name, int flags, int *is_there_out)
{
    (void)flags;
    test_disk *disk = disk_of(vfs);
    const disk_file *file = disk_find(&disk->files, name);
    *is_there_out = file != NULL && file->now.length > 0;
    return disk->is_off ? SQLITE_IOERR_ACCESS : SQLITE_OK;
}

static int full_path_name(sqlite3_vfs *vfs, const char *name, int size, char *out)
{
    (void)vfs;
    (void)snprintf(out, (size_t)size, "%s", name);
    return SQLITE_OK;
}

static int random_bytes(sqlite3_vfs *vfs, int length, char *out)
{
    for (int i = 0; i < length; i++) {
        out[i] = (char)(test_next(&disk_of(vfs)->files.random) >> 56);
    }
    return length;
}

static int sleep_us(sqlite3_vfs *vfs, int duration_us)
{
    (void)vfs;
    return duration_us;
}

/* Milliseconds since the Julian epoch; 24 November 2026. */
static int current_time(sqlite3_vfs *vfs, sqlite3_int64 *time_out)
{
    (void)vfs;
    *time_out = INT64_C(212662324800000);
    return SQLITE_OK;
}

static int get_last_error(sqlite3_vfs *vfs, int size, char *text)
{
    (void)size;
    (void)text;
    return disk_of(vfs)->last_error;
}

test_disk *disk_new(uint64_t seed)
{
    static unsigned count;
    test_disk *disk = calloc(1, sizeof *disk);
    assert_non_null(disk);
    (void)snprintf(disk->name, sizeof disk->name, "disk-%u", ++count);
    disk->files.random = test_random_of(seed);
    disk->vfs = (sqlite3_vfs){.iVersion = 2,
                              .szOsFile = (int)sizeof(disk_handle),
                              .mxPathname = DISK_NAME_BYTES - 16,
                              .zName = disk->name,
                              .pAppData = disk,
                              .xOpen = open_file,
                              .xDelete = delete_file,
                              .xAccess = access_file,
                              .xFullPathname = full_path_name,
                              .xRandomness = random_bytes,
                              .xSleep = sleep_us,
                              .xGetLastError = get_last_error,
                              .xCurrentTimeInt64 = current_time};
    assert_int_equal(sqlite3_vfs_register(&disk->vfs, 0), SQLITE_OK);
    return disk;
}

test_disk *disk_copy(test_disk *disk, uint64_t seed)
{
    test_disk *made = disk_new(seed);
    for (size_t i = 0; i < disk->files.entry_count; i++) {
        const disk_entry *entry = &disk->files.entries[i];
        if (entry->now != NULL) {
            disk_file *file = disk_make(&made->files, entry->name);
            disk_write(file, 0, entry->now->now.data, entry->now->now.length);
            disk_sync(file);
        }
    }
    disk_sync_folder(&made->files);
    return made;
}

void disk_free(test_disk *disk)
{
    (void)sqlite3_vfs_unregister(&disk->vfs);
    disk_forget(&disk->files);
    assert_null(disk->files.first);
    free(disk);
}

const char *disk_name(const test_disk *disk)
{
    return disk->name;
}

void disk_fail(test_disk *disk, disk_fault fault, uint64_t nth, bool stays)
{
    disk->plan = (disk_plan){.fault = fault, .nth = disk->operation_count + nth, .stays = stays};
}

void disk_fail_read(test_disk *disk, uint64_t nth)
{
    disk->read_plan = (disk_plan){.nth = disk->read_count + nth};
}

bool disk_mend(test_disk *disk)
{
    bool has_struck = disk->plan.has_struck || disk->read_plan.has_struck;
    disk->plan = (disk_plan){.nth = 0};
    disk->read_plan = (disk_plan){.nth = 0};
    return has_struck;
}

uint64_t disk_operations(const test_disk *disk)
{
    return disk->operation_count;
}

void disk_restart(test_disk *disk)
{
    for (const disk_file *file = disk->files.first; file != NULL; file = file->next) {
        assert_int_equal(file->open_count, 0);
    }
    (void)disk_mend(disk);
    disk->is_off = false;
    disk_lose_power(&disk->files);
}
