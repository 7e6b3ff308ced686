/* How keys come to those who may have them, and to nobody else. SPDX-License-Identifier: Apache-2.0
 */
#include "space/keys.h"

#include "base/writer.h"
#include "charters.h"
#include "crypto/aead.h"
#include "space/invite.h"

static charters_space space;

static int begin(void **state)
{
    (void)state;
    charters_begin(&space, test_context());
    return 0;
}

static int end(void **state)
{
    (void)state;
    charters_end(&space);
    return 0;
}

static void play(uint32_t last)
{
    assert_ok(charters_play(&space, last));
}

/* Whoever holds the seed opens the charter's last entry; it must hold the key of that epoch. */
static void assert_opens(const uint8_t seed[KITH_SEED_BYTES], uint32_t expected)
{
    uint32_t epoch = 0;
    uint8_t key[KITH_KEY_BYTES];
    kith_slice entry = charters_entry(&space, space.charter.entry_count);
    assert_ok(kith_epoch_key_open(&space.charter, entry, seed, &epoch, key));
    assert_int_equal(epoch, expected);
    assert_memory_equal(key, space.keys[expected], sizeof key);
}

static void assert_opens_nothing(kith_slice entry, const uint8_t seed[KITH_SEED_BYTES],
                                 kith_status expected)
{
    static const uint8_t zeros[KITH_KEY_BYTES];
    uint32_t epoch = 99;
    uint8_t key[KITH_KEY_BYTES];
    memset(key, 0xaa, sizeof key);
    assert_status(kith_epoch_key_open(&space.charter, entry, seed, &epoch, key), expected);
    assert_int_equal(epoch, 0);
    assert_memory_equal(key, zeros, sizeof key);
}

static void assert_device_opens(charters_device device, uint32_t epoch)
{
    uint8_t seed[KITH_SEED_BYTES];
    charters_seed(device, seed);
    assert_opens(seed, epoch);
}

static void assert_device_opens_nothing(charters_device device)
{
    uint8_t seed[KITH_SEED_BYTES];
    charters_seed(device, seed);
    assert_opens_nothing(charters_entry(&space, space.charter.entry_count), seed, KITH_E_NOT_FOUND);
}

static void assert_invite_opens(uint32_t invite, uint32_t epoch)
{
    uint8_t seed[KITH_SEED_BYTES];
    kith_invite_seed(space.secrets[invite], seed);
    assert_opens(seed, epoch);
}

static void assert_key_before(uint32_t epoch, const uint8_t key[KITH_KEY_BYTES],
                              kith_status expected)
{
    static const uint8_t zeros[KITH_KEY_BYTES];
    uint8_t before[KITH_KEY_BYTES];
    memset(before, 0xaa, sizeof before);
    assert_status(kith_epoch_key_before(&space.charter, epoch, key, before), expected);
    assert_memory_equal(before, expected == KITH_OK ? space.keys[epoch - 1] : zeros, sizeof before);
}

/* Two join by one invite, one of them is revoked, another joins by an invite that was open then. */
static void test_keys__come_to_members_and_open_invites(void **state)
{
    (void)state;
    play(2);
    assert_invite_opens(2, 1);
    play(5);
    assert_invite_opens(5, 1);
    play(7); /* Chitra is revoked */
    assert_device_opens(ASHA, 2);
    assert_device_opens(BEN, 2);
    assert_invite_opens(5, 2);
    assert_device_opens_nothing(CHITRA);
    assert_device_opens_nothing(DEVI);
    assert_key_before(2, space.keys[2], KITH_OK);
    play(9); /* Devi has joined by the invite, then the key was rotated */
    assert_device_opens(DEVI, 3);
    assert_device_opens(BEN, 3);
    assert_invite_opens(5, 3);
    assert_device_opens_nothing(CHITRA);
    assert_key_before(3, space.keys[3], KITH_OK);
}

static void test_keys__of_all_epochs_differ(void **state)
{
    (void)state;
    play(9);
    assert_memory_not_equal(space.keys[1], space.keys[2], KITH_KEY_BYTES);
    assert_memory_not_equal(space.keys[2], space.keys[3], KITH_KEY_BYTES);
}

static void test_epoch_key_is_good__of_its_epoch_only(void **state)
{
    (void)state;
    play(9);
    for (uint32_t epoch = 0; epoch < 5; epoch++) {
        for (uint32_t of = 1; of <= 3; of++) {
            assert_int_equal(kith_epoch_key_is_good(&space.charter, epoch, space.keys[of]),
                             epoch == of);
        }
    }
    space.keys[3][31] ^= 1;
    assert_false(kith_epoch_key_is_good(&space.charter, 3, space.keys[3]));
}

static void test_epoch_key_open__finds_nothing_in_other_entries(void **state)
{
    (void)state;
    uint8_t seed[KITH_SEED_BYTES];
    play(CHARTERS_STORY_ENTRIES);
    charters_seed(ASHA, seed);
    for (uint32_t number = 1; number <= CHARTERS_STORY_ENTRIES; number++) {
        bool has_her_key = number == 7 || number == 9;
        kith_slice entry = charters_entry(&space, number);
        if (!has_her_key) {
            assert_opens_nothing(entry, seed, KITH_E_NOT_FOUND);
        }
        assert_opens_nothing(kith_slice_head(entry, 100), seed, KITH_E_NOT_FOUND);
    }
}

static void append_rotation(const uint8_t commitment[KITH_HASH_BYTES], uint32_t epoch,
                            const uint8_t key[KITH_KEY_BYTES])
{
    uint8_t old_key[KITH_OLD_KEY_BYTES] = {0};
    uint8_t plain[4 + KITH_KEY_BYTES] = {0, 0, 0, (uint8_t)epoch};
    kith_buf body;
    kith_buf entry;
    size_t count = kith_rekey_count(&space.charter, NULL);
    memcpy(plain + 4, key, KITH_KEY_BYTES);
    kith_buf_init(&body, test_context(), 10000);
    kith_buf_init(&entry, test_context(), 10000);
    kith_buf_append(&body, commitment, KITH_HASH_BYTES);
    kith_buf_append(&body, old_key, sizeof old_key);
    kith_write_varint(&body, count);
    for (size_t i = 0; i < count; i++) {
        uint8_t *sealed = kith_buf_extend(&body, KITH_SEALED_KEY_BYTES);
        assert_non_null(sealed);
        assert_ok(kith_box_seal(test_context(), kith_rekey_box(&space.charter, NULL, i),
                                kith_slice_make(plain, sizeof plain), sealed));
    }
    charters_draft draft = charters_next(&space, KITH_ENTRY_ROTATE, ASHA, kith_buf_slice(&body));
    charters_sign(&draft, &entry);
    kith_buf_append_slice(&space.bytes, kith_buf_slice(&entry));
    space.ends[draft.number] = space.bytes.length;
    assert_ok(kith_charter_apply(&space.charter, kith_buf_slice(&entry)));
    kith_buf_deinit(&entry);
    kith_buf_deinit(&body);
}

static void assert_rotation_gives(const uint8_t commitment[KITH_HASH_BYTES], uint32_t epoch,
                                  const uint8_t key[KITH_KEY_BYTES], kith_status expected)
{
    uint8_t seed[KITH_SEED_BYTES];
    uint8_t opened[KITH_KEY_BYTES];
    uint32_t opened_epoch = 0;
    charters_seed(ASHA, seed);
    append_rotation(commitment, epoch, key);
    kith_slice entry = charters_entry(&space, space.charter.entry_count);
    if (expected != KITH_OK) {
        assert_opens_nothing(entry, seed, expected);
        return;
    }
    assert_ok(kith_epoch_key_open(&space.charter, entry, seed, &opened_epoch, opened));
    assert_int_equal(opened_epoch, epoch);
    assert_memory_equal(opened, key, sizeof opened);
}

/* An admin's program could seal anything: who is given a key holds it against the charter. */
static void test_epoch_key_open__takes_only_what_the_charter_commits_to(void **state)
{
    (void)state;
    const uint8_t key[KITH_KEY_BYTES] = {1, 2, 3};
    uint8_t commitment[KITH_HASH_BYTES];
    play(3);
    kith_hash("kith commitment", kith_slice_make(key, sizeof key), commitment);
    assert_rotation_gives(commitment, 2, key, KITH_OK);
    assert_rotation_gives(commitment, 3, space.keys[1], KITH_E_DAMAGED);
    assert_rotation_gives(commitment, 1, space.keys[1], KITH_E_DAMAGED); /* good, but stale */
    assert_rotation_gives(commitment, 6, key, KITH_E_DAMAGED);           /* no such epoch yet */
    assert_rotation_gives(commitment, 0, key, KITH_E_DAMAGED);
    commitment[0] ^= 1;
    assert_rotation_gives(commitment, 7, key, KITH_E_DAMAGED);
}

static void test_epoch_key_before__needs_the_key_of_its_epoch(void **state)
{
    (void)state;
    play(9);
    assert_key_before(3, space.keys[3], KITH_OK);
    assert_key_before(3, space.keys[2], KITH_E_DAMAGED);
    assert_key_before(2, space.keys[3], KITH_E_DAMAGED);
    assert_key_before(1, space.keys[1], KITH_E_DAMAGED);
    assert_key_before(0, space.keys[1], KITH_E_DAMAGED);
    assert_key_before(4, space.keys[3], KITH_E_DAMAGED);
}

static void test_epoch_key_before__may_take_the_place_of_the_key(void **state)
{
    (void)state;
    uint8_t key[KITH_KEY_BYTES];
    play(9);
    memcpy(key, space.keys[3], sizeof key);
    assert_ok(kith_epoch_key_before(&space.charter, 3, key, key));
    assert_ok(kith_epoch_key_before(&space.charter, 2, key, key));
    assert_memory_equal(key, space.keys[1], sizeof key);
}

static void test_epoch_key_before__follows_only_a_link_that_holds(void **state)
{
    (void)state;
    play(7);
    for (size_t i = 0; i < KITH_OLD_KEY_BYTES; i++) {
        space.charter.epochs[1].old_key[i] ^= 1;
        assert_key_before(2, space.keys[2], KITH_E_DAMAGED);
        space.charter.epochs[1].old_key[i] ^= 1;
    }
    /* Where it leads must be what the charter says. */
    space.charter.epochs[0].commitment[0] ^= 1;
    assert_key_before(2, space.keys[2], KITH_E_DAMAGED);
    space.charter.epochs[0].commitment[0] ^= 1;
    assert_key_before(2, space.keys[2], KITH_OK);
}

static void assert_name(const uint8_t key[KITH_KEY_BYTES], const char *expected)
{
    kith_buf name;
    kith_buf_init(&name, test_context(), 1000);
    kith_buf_append_text(&name, "before ");
    kith_status status = kith_space_name_open(&space.charter, key, &name);
    assert_status(status, expected == NULL ? KITH_E_DAMAGED : KITH_OK);
    assert_slice(kith_slice_head(kith_buf_slice(&name), 7), "before ");
    assert_slice(kith_slice_skip(kith_buf_slice(&name), 7), expected == NULL ? "" : expected);
    kith_buf_deinit(&name);
}

static void test_space_name_open__needs_epoch_key_1(void **state)
{
    (void)state;
    play(9);
    assert_name(space.keys[1], "Office at Nongriat, নংগ্রিয়াট");
    assert_name(space.keys[2], NULL);
}

static void test_space_name_open__may_be_empty(void **state)
{
    (void)state;
    assert_name(space.keys[1], NULL); /* there is no charter yet */
    assert_ok(charters_found(&space, ASHA, KITH_SLICE("")));
    assert_name(space.keys[1], "");
}

static void test_space_name_open__never_passes_its_buffer(void **state)
{
    (void)state;
    kith_buf name;
    play(1);
    kith_buf_init(&name, test_context(), 10);
    assert_status(kith_space_name_open(&space.charter, space.keys[1], &name), KITH_E_LIMIT);
    assert_int_equal(name.length, 0);
    kith_buf_deinit(&name);
}

/* Founds the space with any bytes for a name, as a hostile program would. */
static void found_by_hand(const uint8_t key[KITH_KEY_BYTES], kith_slice name)
{
    enum { AROUND = KITH_AEAD_NONCE_BYTES + KITH_AEAD_TAG_BYTES };
    const uint8_t nonce[KITH_AEAD_NONCE_BYTES] = {1};
    const kith_device_keys asha = charters_keys(ASHA);
    uint8_t hash[KITH_HASH_BYTES];
    kith_buf body;
    kith_buf entry;
    kith_buf_init(&body, test_context(), 1000);
    kith_buf_init(&entry, test_context(), 1000);
    kith_buf_append(&body, asha.box, sizeof asha.box);
    kith_hash("kith commitment", kith_slice_make(key, KITH_KEY_BYTES), hash);
    kith_buf_append(&body, hash, sizeof hash);
    kith_write_varint(&body, AROUND + name.length);
    kith_buf_append(&body, nonce, sizeof nonce);
    kith_hash("kith space name", kith_slice_make(key, KITH_KEY_BYTES), hash);
    uint8_t *sealed = kith_buf_extend(&body, name.length + KITH_AEAD_TAG_BYTES);
    assert_non_null(sealed);
    kith_aead_seal(hash, nonce, (kith_slice){NULL, 0}, name, sealed);
    charters_draft draft = charters_next(&space, KITH_ENTRY_FOUND, ASHA, kith_buf_slice(&body));
    charters_sign(&draft, &entry);
    assert_ok(kith_charter_apply(&space.charter, kith_buf_slice(&entry)));
    kith_buf_deinit(&entry);
    kith_buf_deinit(&body);
}

static void test_space_name_open__gives_only_utf8(void **state)
{
    (void)state;
    const uint8_t key[KITH_KEY_BYTES] = {7};
    found_by_hand(key, KITH_SLICE("Nongriat\xff"));
    assert_name(key, NULL);
    charters_end(&space);
    charters_begin(&space, test_context());
    found_by_hand(key, KITH_SLICE("Nongriat"));
    assert_name(key, "Nongriat");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_keys__come_to_members_and_open_invites),
        TEST(test_keys__of_all_epochs_differ),
        TEST(test_epoch_key_is_good__of_its_epoch_only),
        TEST(test_epoch_key_open__finds_nothing_in_other_entries),
        TEST(test_epoch_key_open__takes_only_what_the_charter_commits_to),
        TEST(test_epoch_key_before__needs_the_key_of_its_epoch),
        TEST(test_epoch_key_before__may_take_the_place_of_the_key),
        TEST(test_epoch_key_before__follows_only_a_link_that_holds),
        TEST(test_space_name_open__needs_epoch_key_1),
        TEST(test_space_name_open__may_be_empty),
        TEST(test_space_name_open__never_passes_its_buffer),
        TEST(test_space_name_open__gives_only_utf8),
    };
    return cmocka_run_group_tests_name("space/keys", tests, NULL, NULL);
}
