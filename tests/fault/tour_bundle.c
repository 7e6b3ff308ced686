/* Bundles: A writes one, B takes it in, as a stranger and as one who joins.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include <kith/bundle.h>

#include "tour.h"

enum { BUNDLE_BYTES_MAX = 1024 * 1024, PIECE = 1000 };

/* The file: what was written last. */
static uint8_t file[BUNDLE_BYTES_MAX];
static size_t file_length;
static size_t file_position;

static kith_status write_file(void *user, kith_slice bytes)
{
    (void)user;
    assert_true(bytes.length <= sizeof file - file_length);
    memcpy(file + file_length, bytes.data, bytes.length);
    file_length += bytes.length;
    return KITH_OK;
}

static kith_status read_file(void *user, uint8_t *buffer, size_t capacity, size_t *length_out)
{
    (void)user;
    size_t left = file_length - file_position;
    size_t piece = capacity < PIECE ? capacity : PIECE;
    *length_out = left < piece ? left : piece;
    memcpy(buffer, file + file_position, *length_out);
    file_position += *length_out;
    return KITH_OK;
}

static kith_status note_progress(void *user, uint64_t done, uint64_t total)
{
    (void)user;
    assert_true(done <= total);
    return KITH_OK;
}

static kith_status write_bundle(kith_replica *replica, kith_slice key)
{
    kith_bundle_written written = {.struct_size = sizeof written};
    kith_bundle_export_options options = KITH_BUNDLE_EXPORT_OPTIONS_INIT;
    options.write = write_file;
    options.progress = note_progress;
    options.key = key;
    file_length = 0;
    return kith_bundle_export(&replica, 1, &options, &written);
}

static kith_status take_bundle(kith_replica *replica, kith_bundle_taken *taken)
{
    kith_bundle_import_options options = KITH_BUNDLE_IMPORT_OPTIONS_INIT;
    options.read = read_file;
    options.progress = note_progress;
    options.total_bytes = file_length;
    file_position = 0;
    *taken = (kith_bundle_taken){.struct_size = sizeof *taken};
    return kith_bundle_import(&replica, 1, &options, taken);
}

kith_status tour_write_bundle(tour *t)
{
    return write_bundle(t->a, (kith_slice){NULL, 0});
}

static kith_status note_key(void *user, const kith_space_device *device)
{
    char *key = user;
    (void)snprintf(key, KITH_DEVICE_KEY_SIZE, "%s", device->key);
    return KITH_OK;
}

/* Nobody is known to have anything, but what the own device has is asked for. */
kith_status tour_write_bundle_for(tour *t)
{
    char key[KITH_DEVICE_KEY_SIZE] = "";
    KITH_TRY(kith_space_list_devices(t->a, note_key, key));
    return write_bundle(t->a, kith_slice_of(key));
}

kith_status tour_carry(tour *t)
{
    kith_bundle_taken taken;
    kith_bundle_carried carried = {.struct_size = sizeof carried};
    t->detail = kith_replica_error(t->b);
    KITH_TRY(take_bundle(t->b, &taken));
    assert_int_equal(taken.own_count, 0);
    KITH_TRY(kith_bundle_read_carried(t->b, &carried));
    assert_int_equal(carried.space_count, 1);
    return KITH_OK;
}

kith_status tour_hand_on(tour *t)
{
    t->detail = kith_replica_error(t->b);
    return write_bundle(t->b, (kith_slice){NULL, 0});
}

/* A carried it for B: by now nobody carries anything. */
kith_status tour_adopt(tour *t)
{
    kith_replica *replicas[] = {t->a, t->b};
    return kith_bundle_adopt_carried(replicas, 2);
}

kith_status tour_take_bundle(tour *t)
{
    kith_bundle_taken taken;
    t->detail = kith_replica_error(t->b);
    KITH_TRY(take_bundle(t->b, &taken));
    assert_int_equal(taken.own_count, 1);
    assert_int_equal(taken.waiting_count, 0);
    return KITH_OK;
}

kith_status tour_forget_carried(tour *t)
{
    return kith_bundle_forget_carried(t->a);
}
