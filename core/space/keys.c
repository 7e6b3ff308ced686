/* SPDX-License-Identifier: Apache-2.0 */
#include "space/keys.h"

#include "crypto/aead.h"
#include "text/utf8.h"

static kith_status damaged(const kith_charter *charter, const char *what)
{
    return kith_fail(charter->cx, KITH_E_DAMAGED, "%s", what);
}

bool kith_epoch_key_is_good(const kith_charter *charter, uint32_t epoch,
                            const uint8_t key[KITH_KEY_BYTES])
{
    uint8_t commitment[KITH_HASH_BYTES];
    if (epoch == 0 || epoch > charter->epoch_count) {
        return false;
    }
    kith_hash("kith commitment", kith_slice_make(key, KITH_KEY_BYTES), commitment);
    return memcmp(commitment, charter->epochs[epoch - 1].commitment, sizeof commitment) == 0;
}

/* What in an entry is sealed to a box; NULL if nothing is. */
static const uint8_t *find_sealed(const kith_charter *charter, kith_slice entry,
                                  const uint8_t box[KITH_KEY_BYTES])
{
    kith_rekey rekey;
    if (!kith_entry_read_rekey(entry, &rekey)) {
        return kith_entry_invited_key(entry);
    }
    for (size_t i = 0; i < rekey.count; i++) {
        const uint8_t *recipient = kith_rekey_box(charter, NULL, i);
        if (recipient != NULL && memcmp(recipient, box, KITH_KEY_BYTES) == 0) {
            return rekey.keys + i * KITH_SEALED_KEY_BYTES;
        }
    }
    return NULL;
}

kith_status kith_epoch_key_open(const kith_charter *charter, kith_slice entry,
                                const uint8_t seed[KITH_SEED_BYTES], uint32_t *epoch_out,
                                uint8_t key_out[KITH_KEY_BYTES])
{
    uint8_t plain[4 + KITH_KEY_BYTES];
    kith_device_keys keys;
    *epoch_out = 0;
    memset(key_out, 0, KITH_KEY_BYTES);
    kith_device_keys_derive(seed, &keys);
    const uint8_t *sealed = find_sealed(charter, entry, keys.box);
    bool is_open = sealed != NULL &&
                   kith_box_open(seed, kith_slice_make(sealed, KITH_SEALED_KEY_BYTES), plain);
    KITH_ENSURE(is_open, kith_fail(charter->cx, KITH_E_NOT_FOUND,
                                   "nothing in the entry is sealed to this device"));
    uint32_t epoch = 0;
    for (size_t i = 0; i < 4; i++) {
        epoch = epoch << 8 | plain[i];
    }
    /* A key of an earlier epoch is a good one, and not what is given here. */
    bool is_good =
        epoch == charter->epoch_count && kith_epoch_key_is_good(charter, epoch, plain + 4);
    if (is_good) {
        *epoch_out = epoch;
        memcpy(key_out, plain + 4, KITH_KEY_BYTES);
    }
    kith_wipe(plain, sizeof plain);
    return is_good ? KITH_OK : damaged(charter, "a key is not the one its charter commits to");
}

/* Opens what an epoch's key seals of the one before; false if that is not what was committed to. */
static bool open_old_key(const kith_charter *charter, uint32_t epoch,
                         const uint8_t key[KITH_KEY_BYTES], uint8_t plain[KITH_KEY_BYTES])
{
    uint8_t derived[KITH_AEAD_KEY_BYTES];
    const uint8_t associated[4] = {(uint8_t)(epoch >> 24), (uint8_t)(epoch >> 16),
                                   (uint8_t)(epoch >> 8), (uint8_t)epoch};
    if (epoch <= 1 || epoch > charter->epoch_count) {
        return false;
    }
    const uint8_t *old_key = charter->epochs[epoch - 1].old_key;
    kith_hash("kith old key", kith_slice_make(key, KITH_KEY_BYTES), derived);
    bool is_open = kith_aead_open(derived, old_key, kith_slice_make(associated, sizeof associated),
                                  kith_slice_make(old_key + KITH_AEAD_NONCE_BYTES,
                                                  KITH_OLD_KEY_BYTES - KITH_AEAD_NONCE_BYTES),
                                  plain);
    kith_wipe(derived, sizeof derived);
    return is_open && kith_epoch_key_is_good(charter, epoch - 1, plain);
}

kith_status kith_epoch_key_before(const kith_charter *charter, uint32_t epoch,
                                  const uint8_t key[KITH_KEY_BYTES],
                                  uint8_t key_out[KITH_KEY_BYTES])
{
    uint8_t plain[KITH_KEY_BYTES];
    bool is_good = open_old_key(charter, epoch, key, plain);
    memset(key_out, 0, KITH_KEY_BYTES);
    if (is_good) {
        memcpy(key_out, plain, KITH_KEY_BYTES);
    }
    kith_wipe(plain, sizeof plain);
    return is_good ? KITH_OK : damaged(charter, "a charter's link to the key before is broken");
}

kith_status kith_space_name_open(const kith_charter *charter, const uint8_t key[KITH_KEY_BYTES],
                                 kith_buf *out)
{
    enum { AROUND = KITH_AEAD_NONCE_BYTES + KITH_AEAD_TAG_BYTES };
    uint8_t derived[KITH_AEAD_KEY_BYTES];
    kith_slice sealed = charter->sealed_name;
    kith_slice nothing = {NULL, 0};
    size_t start = out->length;
    KITH_ENSURE(sealed.length >= AROUND, damaged(charter, "the charter has no name of its space"));
    uint8_t *name = kith_buf_extend(out, sealed.length - AROUND);
    KITH_TRY(kith_buf_status(out));
    kith_hash("kith space name", kith_slice_make(key, KITH_KEY_BYTES), derived);
    bool is_open = kith_aead_open(derived, sealed.data, nothing,
                                  kith_slice_skip(sealed, KITH_AEAD_NONCE_BYTES), name);
    kith_wipe(derived, sizeof derived);
    kith_slice opened = kith_slice_skip(kith_buf_slice(out), start);
    bool is_name = is_open && kith_utf8_valid_bytes(opened) == opened.length;
    if (!is_name) {
        out->length = start;
    }
    KITH_ENSURE(is_open, damaged(charter, "the space's name is sealed with another key"));
    KITH_ENSURE(is_name, damaged(charter, "the space's name is not UTF-8"));
    return KITH_OK;
}
