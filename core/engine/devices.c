/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/devices.h"

#include <stdio.h>

#include "engine/mark.h"
#include "engine/present.h"

kith_status kith_engine_last_header(kith_replica *replica, uint32_t author,
                                    kith_segment_header *header_out)
{
    kith_buf bytes;
    kith_segment segment;
    *header_out = (kith_segment_header){0};
    kith_buf_init(&bytes, &replica->cx, KITH_HEADER_BYTES + KITH_SEGMENT_SEALED_MAX);
    kith_status status = kith_segment_get(
        replica->store, author, replica->directory.chains[author].segment, &bytes, &segment);
    if (status == KITH_OK) {
        status = kith_header_read(&replica->cx, kith_slice_head(segment.bytes, KITH_HEADER_BYTES),
                                  header_out);
    }
    kith_buf_deinit(&bytes);
    return status;
}

static void write_hex(const uint8_t *bytes, size_t count, char *text)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < count; i++) {
        text[2 * i] = digits[bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 15];
    }
    text[2 * count] = '\0';
}

kith_status kith_engine_find_member(kith_replica *replica, kith_slice key,
                                    const kith_member **member_out)
{
    kith_charter *charter = NULL;
    *member_out = NULL;
    KITH_TRY(kith_engine_charter(replica, &charter));
    for (size_t i = 0; i < charter->member_count; i++) {
        char text[KITH_DEVICE_KEY_SIZE];
        write_hex(charter->members[i].sign, KITH_KEY_BYTES, text);
        if (kith_slice_equal(key, kith_slice_of(text))) {
            *member_out = &charter->members[i];
            return KITH_OK;
        }
    }
    return kith_fail(&replica->cx, KITH_E_NOT_FOUND, "no device of this space has that key");
}

typedef struct device_listing {
    kith_replica *replica;
    uint8_t own[KITH_KEY_BYTES];
    uint8_t (*signs)[KITH_KEY_BYTES]; /* by author ordinal: of its device; zeros if unknown */
    kith_arena *arena;
} device_listing;

/* Which device each author is of. */
static kith_status read_signs(device_listing *listing)
{
    kith_replica *replica = listing->replica;
    const kith_directory *directory = &replica->directory;
    listing->signs =
        kith_arena_array(listing->arena, directory->author_count, sizeof *listing->signs);
    KITH_ENSURE(listing->signs != NULL, KITH_E_MEMORY);
    for (uint32_t i = 1; i < directory->author_count; i++) {
        kith_segment_header header;
        if (i == directory->own) {
            memcpy(listing->signs[i], listing->own, KITH_KEY_BYTES);
        } else if (directory->chains[i].segment > 0) {
            KITH_TRY(kith_engine_last_header(replica, i, &header));
            memcpy(listing->signs[i], header.sign, KITH_KEY_BYTES);
        }
    }
    return KITH_OK;
}

/* The device's newest record: each of its authors made one. */
static kith_status name_device(device_listing *listing, const uint8_t sign[KITH_KEY_BYTES],
                               kith_space_device *device)
{
    kith_replica *replica = listing->replica;
    kith_state state;
    for (uint32_t i = (uint32_t)replica->directory.author_count - 1; i > 0; i--) {
        kith_dot record = {i, 1};
        if (memcmp(listing->signs[i], sign, KITH_KEY_BYTES) != 0) {
            continue;
        }
        kith_status status = kith_engine_read(replica, record, listing->arena, &state, NULL);
        if (status == KITH_E_NOT_FOUND) {
            continue;
        }
        KITH_TRY(status);
        device->record = kith_engine_id(replica, record);
        return kith_present_title(replica, &state, NULL, listing->arena, &device->name);
    }
    return KITH_OK;
}

static kith_status describe_member(device_listing *listing, const kith_member *member,
                                   kith_space_device *device_out)
{
    char key[KITH_DEVICE_KEY_SIZE];
    kith_slice copy;
    write_hex(member->sign, KITH_KEY_BYTES, key);
    KITH_TRY(kith_arena_copy(listing->arena, kith_slice_of(key), &copy));
    *device_out =
        (kith_space_device){.struct_size = sizeof *device_out,
                            .role = member->role,
                            .is_revoked = member->revoked != 0,
                            .is_own = memcmp(member->sign, listing->own, KITH_KEY_BYTES) == 0,
                            .entry = member->admitted,
                            .invite = member->invite,
                            .name = "",
                            .key = (const char *)copy.data};
    return name_device(listing, member->sign, device_out);
}

kith_status kith_engine_list_devices(kith_replica *replica, kith_arena *arena,
                                     kith_space_device **devices_out, size_t *count_out)
{
    kith_charter *charter = NULL;
    device_listing listing = {.replica = replica, .arena = arena};
    *count_out = 0;
    KITH_TRY(kith_engine_charter(replica, &charter));
    KITH_TRY(kith_engine_sign_key(replica, listing.own));
    KITH_TRY(read_signs(&listing));
    *devices_out = kith_arena_array(arena, charter->member_count, sizeof **devices_out);
    KITH_ENSURE(*devices_out != NULL, KITH_E_MEMORY);
    for (size_t i = 0; i < charter->member_count; i++) {
        KITH_TRY(describe_member(&listing, &charter->members[i], &(*devices_out)[i]));
    }
    *count_out = charter->member_count;
    return KITH_OK;
}

/* Own changes that no segment holds which the relay is known to have. */
static kith_status count_unsent(kith_replica *replica, uint64_t *count_out)
{
    uint32_t own = replica->directory.own;
    uint64_t accepted = replica->space.accepted;
    const kith_chain *chain = &replica->directory.chains[own];
    uint64_t sent = accepted == chain->segment ? chain->last : 0;
    kith_buf bytes;
    kith_segment segment;
    *count_out = 0;
    if (accepted > 0 && accepted < chain->segment) {
        kith_buf_init(&bytes, &replica->cx, KITH_HEADER_BYTES + KITH_SEGMENT_SEALED_MAX);
        kith_status status = kith_segment_get(replica->store, own, accepted, &bytes, &segment);
        sent = segment.last;
        kith_buf_deinit(&bytes);
        KITH_TRY(status);
    }
    *count_out = replica->directory.authors[own].head - sent;
    return KITH_OK;
}

kith_status kith_engine_space_status(kith_replica *replica, kith_space_status *status_out)
{
    kith_charter *charter = NULL;
    const kith_member *member = NULL;
    const kith_space *space = &replica->space;
    KITH_ENSURE(space->exists,
                kith_fail(&replica->cx, KITH_E_NOT_FOUND, "this replica has no space"));
    KITH_TRY(kith_engine_charter(replica, &charter));
    KITH_TRY(kith_engine_membership(replica, &member));
    status_out->is_joining = space->is_joining;
    status_out->is_revoked = member != NULL && member->revoked != 0;
    status_out->role =
        member != NULL && member->revoked == 0 && !space->is_joining ? member->role : 0;
    status_out->is_behind = kith_engine_is_behind(replica);
    status_out->epoch = (uint32_t)charter->epoch_count;
    for (size_t i = 0; i < charter->member_count; i++) {
        status_out->member_count += charter->members[i].revoked == 0;
    }
    status_out->synced_ms = space->synced_ms;
    write_hex(space->id.bytes, sizeof space->id.bytes, status_out->id);
    (void)snprintf(status_out->name, sizeof status_out->name, "%s", space->name);
    (void)snprintf(status_out->relay, sizeof status_out->relay, "%s", space->relay);
    KITH_TRY(kith_waiting_count(replica->store, &status_out->waiting_count));
    return count_unsent(replica, &status_out->unsent_count);
}
