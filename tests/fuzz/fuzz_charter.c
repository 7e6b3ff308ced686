/* A charter as a relay sends it: entries, each a slice (proto/spec/encoding.md §1). Signatures
 * would keep the input from everything behind them, so an entry that is not taken is tried once
 * more, put into its place and signed: by one of five devices, or by the one invite that all have.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/limits.h"
#include "base/reader.h"
#include "fuzz.h"
#include "space/keys.h"

enum {
    DEVICES = 5,
    ENTRIES_MAX = 64, /* of one input */
    HEAD_BYTES = 86,
    SPACE = 2,
    NUMBER = 18,
    PREVIOUS = 22,
    ISSUER = 54,
    INVITE_KEY = 9, /* in bodies */
    ADMIT_BYTES = 100,
    ADMIT_BOX = 4,
    ADMIT_SIGNATURE = 36
};

static const uint8_t invite_seed[KITH_SEED_BYTES] = {1};

/* As tests/harness/charters.c has them, from whose story the corpus is. */
static void device_seed(uint8_t issuer, uint8_t seed[KITH_SEED_BYTES])
{
    memset(seed, 'a' + issuer % DEVICES, KITH_SEED_BYTES);
}

static void repair_body(const kith_charter *charter, const kith_device_keys *keys, uint8_t kind,
                        uint8_t *body, size_t length)
{
    kith_device_keys invite_keys;
    if (kind == KITH_ENTRY_INVITE && length >= INVITE_KEY + KITH_KEY_BYTES) {
        kith_device_keys_derive(invite_seed, &invite_keys);
        memcpy(body + INVITE_KEY, invite_keys.sign, KITH_KEY_BYTES);
    }
    if (kind == KITH_ENTRY_ADMIT && length == ADMIT_BYTES) {
        memcpy(body + ADMIT_BOX, keys->box, KITH_KEY_BYTES);
        kith_admission_sign(charter, invite_seed, keys, body + ADMIT_SIGNATURE);
    }
    /* Whoever is revoked or appointed is one of the five. */
    if ((kind == KITH_ENTRY_REVOKE || kind == KITH_ENTRY_APPOINT) && length >= KITH_KEY_BYTES) {
        uint8_t seed[KITH_SEED_BYTES];
        kith_device_keys target;
        device_seed(body[0], seed);
        kith_device_keys_derive(seed, &target);
        memcpy(body, target.sign, KITH_KEY_BYTES);
    }
}

static void repair(const kith_charter *charter, uint8_t *entry, size_t length)
{
    uint8_t seed[KITH_SEED_BYTES];
    kith_device_keys keys;
    uint32_t number = charter->entry_count + 1;
    device_seed(entry[ISSUER], seed);
    kith_device_keys_derive(seed, &keys);
    memcpy(entry + SPACE, charter->space.bytes, KITH_SPACE_ID_BYTES);
    for (size_t i = 0; i < 4; i++) {
        entry[NUMBER + i] = (uint8_t)(number >> (24 - 8 * i));
    }
    memcpy(entry + PREVIOUS, charter->head, KITH_HASH_BYTES);
    memcpy(entry + ISSUER, keys.sign, KITH_KEY_BYTES);
    repair_body(charter, &keys, entry[1], entry + HEAD_BYTES, length - KITH_ENTRY_FIXED_BYTES);
    kith_device_sign(seed, "kith charter", kith_slice_make(entry, length - KITH_SIGNATURE_BYTES),
                     entry + length - KITH_SIGNATURE_BYTES);
}

/* What holds of every charter that has an entry. */
static void check_charter(const kith_charter *charter)
{
    size_t admins = 0;
    size_t members = 0;
    for (size_t i = 0; i < charter->member_count; i++) {
        const kith_member *member = &charter->members[i];
        FUZZ_ENSURE(member->role >= KITH_ROLE_READER && member->role <= KITH_ROLE_ADMIN);
        FUZZ_ENSURE(kith_charter_find(charter, member->sign) == member);
        FUZZ_ENSURE(member->last_segment_count == 0 || member->revoked != 0);
        members += member->revoked == 0;
        admins += member->revoked == 0 && member->role == KITH_ROLE_ADMIN;
    }
    size_t keys = kith_rekey_count(charter, NULL);
    FUZZ_ENSURE(admins > 0 && keys >= members && keys <= KITH_MEMBERS_MAX);
    FUZZ_ENSURE(kith_rekey_box(charter, NULL, keys) == NULL);
    FUZZ_ENSURE(kith_rekey_box(charter, NULL, keys - 1) != NULL);
    FUZZ_ENSURE(charter->epoch_count > 0 && charter->epoch_count <= charter->entry_count);
}

/* Asks everything that can be asked of an entry that was taken. */
static void open_keys(const kith_charter *charter, kith_slice entry)
{
    uint8_t seed[KITH_SEED_BYTES];
    uint8_t key[KITH_KEY_BYTES];
    uint32_t epoch = 0;
    kith_buf name;
    device_seed(0, seed);
    kith_status status = kith_epoch_key_open(charter, entry, seed, &epoch, key);
    FUZZ_ENSURE(status == KITH_OK || status == KITH_E_NOT_FOUND || status == KITH_E_DAMAGED);
    FUZZ_ENSURE(status != KITH_OK || kith_epoch_key_is_good(charter, epoch, key));
    status = kith_epoch_key_before(charter, (uint32_t)charter->epoch_count, key, key);
    FUZZ_ENSURE(status == KITH_OK || status == KITH_E_DAMAGED);
    kith_buf_init(&name, charter->cx, KITH_SPACE_NAME_BYTES_MAX);
    status = kith_space_name_open(charter, key, &name);
    FUZZ_ENSURE(status == KITH_OK || status == KITH_E_DAMAGED);
    kith_buf_deinit(&name);
}

static bool apply(kith_charter *charter, kith_slice entry)
{
    uint32_t count = charter->entry_count;
    kith_status judged = kith_charter_judge(charter, entry);
    kith_status status = kith_charter_apply(charter, entry);
    FUZZ_ENSURE(status == judged);
    FUZZ_ENSURE(status == KITH_OK || status == KITH_E_DAMAGED || status == KITH_E_GAP ||
                status == KITH_E_FORKED || status == KITH_E_EXISTS || status == KITH_E_DENIED ||
                status == KITH_E_NEWER);
    FUZZ_ENSURE(charter->entry_count == count + (status == KITH_OK));
    if (charter->entry_count > 0) {
        check_charter(charter);
    }
    if (status == KITH_OK) {
        open_keys(charter, entry);
        FUZZ_ENSURE(kith_charter_judge(charter, entry) == KITH_E_EXISTS);
    }
    return status == KITH_OK;
}

/* Tries an entry, and once more when it was put right, in memory that ends where it ends. */
static void take(kith_charter *charter, kith_slice entry)
{
    kith_rekey rekey;
    (void)kith_entry_read_rekey(entry, &rekey);
    (void)kith_entry_invited_key(entry);
    if (apply(charter, entry) || entry.length < KITH_ENTRY_FIXED_BYTES) {
        return;
    }
    uint8_t *copy = malloc(entry.length);
    FUZZ_ENSURE(copy != NULL);
    memcpy(copy, entry.data, entry.length);
    repair(charter, copy, entry.length);
    (void)apply(charter, kith_slice_make(copy, entry.length));
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static kith_context cx;
    kith_charter charter;
    kith_reader reader = kith_reader_of(kith_slice_make(data, size));
    FUZZ_ENSURE(kith_context_init(&cx, NULL) == KITH_OK && kith_crypto_init(&cx) == KITH_OK);
    kith_charter_init(&charter, &cx, NULL);
    for (size_t i = 0; i < ENTRIES_MAX && kith_reader_left(&reader) > 0; i++) {
        take(&charter, kith_read_slice(&reader));
    }
    kith_charter_deinit(&charter);
    return 0;
}
