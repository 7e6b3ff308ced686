/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/space.h"

#include "base/writer.h"
#include "crypto/hash.h"
#include "engine/revoked.h"
#include "space/keys.h"

static const char meta_space[] = "space";
static const char meta_seed[] = "device_seed";

/* Version 1 did not know what goes by hand, version 2 not what a relay had once. */
enum { FACTS_VERSION = 3, FACTS_BYTES_MAX = 2048, HAS_PIN = 1, IS_JOINING = 2, FLAGS_MAX = 3 };

kith_status kith_engine_seed(kith_replica *replica, uint8_t seed[KITH_SEED_BYTES])
{
    kith_buf bytes;
    kith_buf_init(&bytes, &replica->cx, KITH_SEED_BYTES);
    kith_status status = kith_meta_get_bytes(replica->store, meta_seed, &bytes);
    if (status == KITH_OK && bytes.length != KITH_SEED_BYTES) {
        status = kith_fail(&replica->cx, KITH_E_DAMAGED, "the device's seed is damaged");
    }
    if (status == KITH_OK) {
        memcpy(seed, bytes.data, KITH_SEED_BYTES);
    }
    if (bytes.length > 0) {
        kith_wipe(bytes.data, bytes.length);
    }
    kith_buf_deinit(&bytes);
    return status;
}

kith_status kith_engine_sign_key(kith_replica *replica, uint8_t sign[KITH_KEY_BYTES])
{
    uint8_t seed[KITH_SEED_BYTES];
    if (!replica->has_device_keys) {
        KITH_TRY(kith_engine_seed(replica, seed));
        kith_device_keys_derive(seed, &replica->device_keys);
        kith_wipe(seed, sizeof seed);
        replica->has_device_keys = true;
    }
    memcpy(sign, replica->device_keys.sign, KITH_KEY_BYTES);
    return KITH_OK;
}

static void write_facts(const kith_space *space, kith_buf *out)
{
    kith_write_u8(out, FACTS_VERSION);
    kith_buf_append(out, space->id.bytes, sizeof space->id.bytes);
    kith_write_u8(out,
                  (uint8_t)((space->has_pin ? HAS_PIN : 0) | (space->is_joining ? IS_JOINING : 0)));
    kith_write_slice(out, kith_slice_of(space->name));
    kith_write_slice(out, kith_slice_of(space->relay));
    kith_write_slice(out, kith_slice_of(space->token));
    kith_buf_append(out, space->pin, sizeof space->pin);
    kith_write_varint(out, space->invite);
    kith_buf_append(out, space->secret, sizeof space->secret);
    kith_buf_append(out, space->relay_epoch, sizeof space->relay_epoch);
    kith_write_varint(out, space->cursor);
    kith_write_varint(out, space->accepted);
    kith_write_varint(out, space->accepted_entries);
    kith_write_zigzag(out, space->synced_ms);
    kith_write_varint(out, space->given);
    kith_write_varint(out, space->unoffered);
    kith_write_varint(out, space->firm_entries);
}

static void read_text(kith_reader *reader, char *out, size_t size)
{
    kith_slice text = kith_read_slice(reader);
    if (text.length >= size) {
        kith_reader_spoil(reader);
        return;
    }
    memcpy(out, text.data == NULL ? (const uint8_t *)"" : text.data, text.length);
    out[text.length] = '\0';
}

static bool read_facts(kith_slice bytes, kith_space *space)
{
    kith_reader reader = kith_reader_of(bytes);
    uint8_t version = kith_read_u8(&reader);
    kith_read_into(&reader, space->id.bytes, sizeof space->id.bytes);
    uint8_t flags = kith_read_u8(&reader);
    space->has_pin = (flags & HAS_PIN) != 0;
    space->is_joining = (flags & IS_JOINING) != 0;
    read_text(&reader, space->name, sizeof space->name);
    read_text(&reader, space->relay, sizeof space->relay);
    read_text(&reader, space->token, sizeof space->token);
    kith_read_into(&reader, space->pin, sizeof space->pin);
    space->invite = (uint32_t)kith_read_varint_max(&reader, KITH_ENTRIES_MAX);
    kith_read_into(&reader, space->secret, sizeof space->secret);
    kith_read_into(&reader, space->relay_epoch, sizeof space->relay_epoch);
    space->cursor = kith_read_varint_max(&reader, INT64_MAX);
    space->accepted = kith_read_varint_max(&reader, KITH_NUMBER_MAX);
    space->accepted_entries = (uint32_t)kith_read_varint_max(&reader, KITH_ENTRIES_MAX);
    space->synced_ms = kith_read_zigzag(&reader);
    if (version >= 2) {
        space->given = kith_read_varint_max(&reader, KITH_NUMBER_MAX);
        space->unoffered = kith_read_varint(&reader);
    }
    space->firm_entries = version >= 3 ? (uint32_t)kith_read_varint_max(&reader, KITH_ENTRIES_MAX)
                                       : space->accepted_entries;
    return kith_reader_finished(&reader) && version >= 1 && version <= FACTS_VERSION &&
           flags <= FLAGS_MAX;
}

static kith_status load_key(void *user, uint32_t epoch, kith_slice bytes)
{
    kith_replica *replica = user;
    kith_epoch_key key = {.space = replica->space.id, .epoch = epoch};
    KITH_ENSURE(bytes.length == sizeof key.key,
                kith_fail(&replica->cx, KITH_E_DAMAGED, "a stored epoch key is damaged"));
    memcpy(key.key, bytes.data, sizeof key.key);
    kith_status status = kith_keyring_add(&replica->keys, &key);
    kith_wipe(&key, sizeof key);
    return status;
}

static void forget_space(kith_replica *replica)
{
    kith_charter_deinit(&replica->space.charter);
    kith_wipe(&replica->space, sizeof replica->space);
    kith_keyring_clear(&replica->keys);
}

kith_status kith_engine_load_space(kith_replica *replica)
{
    kith_buf bytes;
    forget_space(replica);
    kith_buf_init(&bytes, &replica->cx, FACTS_BYTES_MAX);
    kith_status status = kith_meta_get_bytes(replica->store, meta_space, &bytes);
    if (status == KITH_OK && !read_facts(kith_buf_slice(&bytes), &replica->space)) {
        status = kith_fail(&replica->cx, KITH_E_DAMAGED, "the facts about the space are damaged");
    }
    kith_buf_deinit(&bytes);
    if (status == KITH_E_NOT_FOUND) {
        return KITH_OK;
    }
    KITH_TRY(status);
    replica->space.exists = true;
    return kith_epoch_scan(replica->store, KITH_SPACE_ORDINAL, load_key, replica);
}

kith_status kith_engine_save_space(kith_replica *replica)
{
    kith_buf bytes;
    replica->is_touched = true;
    kith_buf_init(&bytes, &replica->cx, FACTS_BYTES_MAX);
    write_facts(&replica->space, &bytes);
    kith_status status = kith_buf_status(&bytes);
    if (status == KITH_OK) {
        status = kith_meta_set_bytes(replica->store, meta_space, kith_buf_slice(&bytes));
    }
    if (bytes.length > 0) {
        kith_wipe(bytes.data, bytes.length);
    }
    kith_buf_deinit(&bytes);
    return status;
}

static kith_status load_entry(void *user, uint32_t number, kith_slice entry)
{
    (void)number;
    return kith_charter_apply(user, entry);
}

kith_status kith_engine_charter(kith_replica *replica, kith_charter **charter_out)
{
    kith_space *space = &replica->space;
    *charter_out = &space->charter;
    KITH_ENSURE(space->exists, kith_fail(&replica->cx, KITH_E_STATE,
                                         "this replica has no space; found one or join one"));
    if (space->has_charter) {
        return KITH_OK;
    }
    kith_charter_init(&space->charter, &replica->cx, &space->id);
    kith_status status =
        kith_entry_scan(replica->store, KITH_SPACE_ORDINAL, 0, load_entry, &space->charter);
    if (status != KITH_OK) {
        kith_charter_deinit(&space->charter);
        return status;
    }
    space->has_charter = true;
    return KITH_OK;
}

static kith_status put_key(kith_replica *replica, uint32_t epoch, const uint8_t key[KITH_KEY_BYTES])
{
    kith_epoch_key added = {.space = replica->space.id, .epoch = epoch};
    memcpy(added.key, key, sizeof added.key);
    kith_status status = kith_epoch_put(replica->store, KITH_SPACE_ORDINAL, epoch,
                                        kith_slice_make(key, KITH_KEY_BYTES));
    if (status == KITH_OK) {
        status = kith_keyring_add(&replica->keys, &added);
    }
    kith_wipe(&added, sizeof added);
    return status;
}

/* Epoch key 1 opens the space's name. */
static kith_status take_name(kith_replica *replica, const uint8_t key[KITH_KEY_BYTES])
{
    kith_space *space = &replica->space;
    kith_buf name;
    kith_buf_init(&name, &replica->cx, KITH_SPACE_NAME_BYTES_MAX);
    kith_status status = kith_space_name_open(&space->charter, key, &name);
    if (status == KITH_OK) {
        memcpy(space->name, name.length == 0 ? (const uint8_t *)"" : name.data, name.length);
        space->name[name.length] = '\0';
        status = kith_engine_save_space(replica);
    }
    kith_buf_deinit(&name);
    return status;
}

kith_status kith_engine_take_key(kith_replica *replica, uint32_t epoch,
                                 const uint8_t key[KITH_KEY_BYTES])
{
    uint8_t current[KITH_KEY_BYTES];
    kith_status status = KITH_OK;
    replica->is_touched = true;
    memcpy(current, key, sizeof current);
    while (status == KITH_OK &&
           kith_keyring_find(&replica->keys, replica->space.id, epoch) == NULL) {
        status = put_key(replica, epoch, current);
        if (status == KITH_OK && epoch == 1) {
            status = take_name(replica, current);
            break;
        }
        if (status == KITH_OK) {
            status = kith_epoch_key_before(&replica->space.charter, epoch, current, current);
            epoch--;
        }
    }
    kith_wipe(current, sizeof current);
    return status;
}

/* The key that an entry seals to the holder of a seed. KITH_E_NOT_FOUND if none is. */
static kith_status open_key_with(kith_replica *replica, kith_slice entry,
                                 const uint8_t seed[KITH_SEED_BYTES])
{
    uint8_t key[KITH_KEY_BYTES];
    uint32_t epoch = 0;
    kith_status status = kith_epoch_key_open(&replica->space.charter, entry, seed, &epoch, key);
    if (status == KITH_OK) {
        status = kith_engine_take_key(replica, epoch, key);
    }
    kith_wipe(key, sizeof key);
    return status;
}

/* The key that an entry seals to this device, or to the invite by which it joins: one that does not
 * know yet that it was admitted may be given keys as a member. */
static kith_status open_key(kith_replica *replica, kith_slice entry)
{
    uint8_t seed[KITH_SEED_BYTES];
    kith_status status = KITH_E_NOT_FOUND;
    if (replica->space.is_joining) {
        kith_invite_seed(replica->space.secret, seed);
        status = open_key_with(replica, entry, seed);
    }
    if (status == KITH_E_NOT_FOUND) {
        status = kith_engine_seed(replica, seed);
        status = status == KITH_OK ? open_key_with(replica, entry, seed) : status;
    }
    kith_wipe(seed, sizeof seed);
    return status == KITH_E_NOT_FOUND ? KITH_OK : status;
}

kith_status kith_engine_take_entry(kith_replica *replica, kith_slice entry)
{
    kith_charter *charter = NULL;
    kith_entry_head head = {0};
    KITH_TRY(kith_engine_charter(replica, &charter));
    KITH_TRY(kith_charter_apply(charter, entry));
    replica->is_touched = true;
    KITH_TRY(kith_entry_put(replica->store, KITH_SPACE_ORDINAL, charter->entry_count, entry));
    (void)kith_entry_read_head(entry, &head);
    bool has_keys = head.kind == KITH_ENTRY_INVITE || head.kind == KITH_ENTRY_REVOKE ||
                    head.kind == KITH_ENTRY_ROTATE;
    KITH_TRY(has_keys ? open_key(replica, entry) : KITH_OK);
    return head.kind == KITH_ENTRY_REVOKE ? kith_engine_cut_revoked(replica) : KITH_OK;
}

/* Keys of epochs that the charter does not have any more: another will begin under the same number,
 * with another key. */
static kith_status drop_keys(kith_replica *replica)
{
    kith_charter *charter = NULL;
    KITH_TRY(kith_engine_charter(replica, &charter));
    KITH_TRY(kith_epoch_clear(replica->store, KITH_SPACE_ORDINAL, (uint32_t)charter->epoch_count));
    kith_keyring_clear(&replica->keys);
    return kith_epoch_scan(replica->store, KITH_SPACE_ORDINAL, load_key, replica);
}

kith_status kith_engine_drop_entries(kith_replica *replica, uint32_t above)
{
    kith_charter *charter = NULL;
    KITH_TRY(kith_engine_charter(replica, &charter));
    uint32_t count = charter->entry_count;
    replica->is_touched = true;
    for (uint32_t number = above + 1; number <= count; number++) {
        KITH_TRY(kith_entry_remove(replica->store, KITH_SPACE_ORDINAL, number));
    }
    kith_charter_deinit(charter);
    replica->space.has_charter = false;
    return drop_keys(replica);
}

/* Entries that no relay is known to have had: where the first that this device made stands, and
 * how many epochs begin from there on. */
typedef struct unaccepted {
    uint8_t sign[KITH_KEY_BYTES];
    uint32_t first_own; /* 0 while there is none */
    uint32_t epoch_count;
} unaccepted;

static kith_status look_for_own(void *user, uint32_t number, kith_slice entry)
{
    unaccepted *u = user;
    kith_entry_head head;
    if (!kith_entry_read_head(entry, &head)) {
        return KITH_OK;
    }
    bool is_own = memcmp(head.issuer, u->sign, sizeof u->sign) == 0;
    u->first_own = is_own && u->first_own == 0 ? number : u->first_own;
    bool begins_epoch = head.kind == KITH_ENTRY_REVOKE || head.kind == KITH_ENTRY_ROTATE;
    u->epoch_count += u->first_own != 0 && begins_epoch;
    return KITH_OK;
}

kith_status kith_engine_firm_entries(kith_replica *replica, uint32_t *count_out,
                                     uint32_t *epoch_out)
{
    unaccepted u = {.first_own = 0};
    kith_charter *charter = NULL;
    *count_out = 0;
    KITH_TRY(kith_engine_charter(replica, &charter));
    const kith_space *space = &replica->space;
    if (space->relay[0] != '\0' && space->firm_entries < charter->entry_count) {
        KITH_TRY(kith_engine_sign_key(replica, u.sign));
        KITH_TRY(kith_entry_scan(replica->store, KITH_SPACE_ORDINAL, space->firm_entries,
                                 look_for_own, &u));
    }
    *count_out = u.first_own == 0 ? charter->entry_count : u.first_own - 1;
    if (epoch_out != NULL) {
        *epoch_out = (uint32_t)charter->epoch_count - u.epoch_count;
    }
    return KITH_OK;
}

kith_status kith_engine_membership(kith_replica *replica, const kith_member **member_out)
{
    kith_charter *charter = NULL;
    uint8_t sign[KITH_KEY_BYTES];
    *member_out = NULL;
    KITH_TRY(kith_engine_charter(replica, &charter));
    KITH_TRY(kith_engine_sign_key(replica, sign));
    *member_out = kith_charter_find(charter, sign);
    return KITH_OK;
}
