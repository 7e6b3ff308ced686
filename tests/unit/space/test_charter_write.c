/* What making entries promises: what would not hold is not made, and leaves nothing behind.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/limits.h"
#include "charters.h"
#include "heap.h"

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

/* What making an entry that fails must have left: nothing in the buffer, nothing of a secret. */
static void assert_not_made(kith_status actual, kith_status expected, const uint8_t *secret,
                            size_t secret_bytes)
{
    assert_status(actual, expected);
    assert_int_equal(space.bytes.length, space.ends[space.charter.entry_count]);
    for (size_t i = 0; i < secret_bytes; i++) {
        assert_int_equal(secret[i], 0);
    }
}

static kith_status invite_with(kith_role role, int64_t expires_ms, uint32_t uses,
                               const uint8_t *key, uint8_t secret[KITH_INVITE_SECRET_BYTES])
{
    uint8_t seed[KITH_SEED_BYTES];
    charters_seed(ASHA, seed);
    memset(secret, 0xaa, KITH_INVITE_SECRET_BYTES);
    return kith_charter_write_invite(&space.charter, seed, key, role, expires_ms, uses,
                                     &space.bytes, secret);
}

static void test_invite_entry__is_not_made_of_numbers_that_do_not_fit(void **state)
{
    (void)state;
    static const struct {
        int role;
        int64_t expires_ms;
        uint32_t uses;
        kith_status status;
    } cases[] = {
        {KITH_ROLE_WORKER, 0, 0, KITH_E_DAMAGED},
        {KITH_ROLE_WORKER, 0, 65536, KITH_E_DENIED},
        {KITH_ROLE_WORKER, 0, 65537, KITH_E_DENIED},
        {KITH_ROLE_WORKER, -1, 1, KITH_E_DENIED},
        {KITH_ROLE_WORKER, KITH_EXPIRES_NEVER + 1, 1, KITH_E_DENIED},
        {0, 0, 1, KITH_E_DAMAGED},
        {KITH_ROLE_ADMIN + 1, 0, 1, KITH_E_DAMAGED},
        {256 + KITH_ROLE_ADMIN, 0, 1, KITH_E_DENIED},
    };
    uint8_t secret[KITH_INVITE_SECRET_BYTES];
    play(1);
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(cases); i++) {
        kith_status status = invite_with((kith_role)cases[i].role, cases[i].expires_ms,
                                         cases[i].uses, space.keys[1], secret);
        assert_not_made(status, cases[i].status, secret, sizeof secret);
    }
    assert_ok(invite_with(KITH_ROLE_ADMIN, KITH_EXPIRES_NEVER, 65535, space.keys[1], secret));
    assert_ok(invite_with(KITH_ROLE_READER, 0, 1, space.keys[1], secret));
}

/* Passed on, a wrong key would cut everybody off from what was sealed before. */
static void test_entries__are_not_made_with_another_key_than_the_current_one(void **state)
{
    (void)state;
    uint8_t seed[KITH_SEED_BYTES];
    uint8_t secret[KITH_INVITE_SECRET_BYTES];
    uint8_t key[KITH_KEY_BYTES];
    kith_device_keys ben = charters_keys(BEN);
    kith_revocation revocation = {.device = ben.sign};
    charters_seed(ASHA, seed);
    play(8);
    const uint8_t *old = space.keys[1];
    assert_not_made(invite_with(KITH_ROLE_WORKER, 0, 1, old, secret), KITH_E_DENIED, secret,
                    sizeof secret);
    memset(key, 0xaa, sizeof key);
    assert_not_made(kith_charter_write_rotate(&space.charter, seed, old, &space.bytes, key),
                    KITH_E_DENIED, key, sizeof key);
    memset(key, 0xaa, sizeof key);
    assert_not_made(
        kith_charter_write_revoke(&space.charter, seed, old, &revocation, &space.bytes, key),
        KITH_E_DENIED, key, sizeof key);
}

static void test_entries__are_not_made_against_the_rules(void **state)
{
    (void)state;
    uint8_t seed[KITH_SEED_BYTES];
    uint8_t key[KITH_KEY_BYTES];
    const kith_last_segment too_far = {.number = UINT64_C(1) << 48};
    kith_device_keys ben = charters_keys(BEN);
    kith_revocation revocation = {
        .device = ben.sign, .last_segments = &too_far, .last_segment_count = 1};
    play(3);
    charters_seed(BEN, seed);
    memset(key, 0xaa, sizeof key);
    assert_not_made(
        kith_charter_write_rotate(&space.charter, seed, space.keys[1], &space.bytes, key),
        KITH_E_DENIED, key, sizeof key);
    assert_not_made(kith_charter_write_withdraw(&space.charter, seed, 2, &space.bytes),
                    KITH_E_DENIED, NULL, 0);
    assert_not_made(
        kith_charter_write_appoint(&space.charter, seed, ben.sign, KITH_ROLE_ADMIN, &space.bytes),
        KITH_E_DENIED, NULL, 0);
    charters_seed(ASHA, seed);
    assert_not_made(kith_charter_write_appoint(&space.charter, seed, ben.sign,
                                               (kith_role)(256 + KITH_ROLE_ADMIN), &space.bytes),
                    KITH_E_DENIED, NULL, 0);
    memset(key, 0xaa, sizeof key);
    assert_not_made(kith_charter_write_revoke(&space.charter, seed, space.keys[1], &revocation,
                                              &space.bytes, key),
                    KITH_E_DENIED, key, sizeof key);
    assert_not_made(
        kith_charter_write_admit(&space.charter, seed, 2, space.secrets[2], &space.bytes),
        KITH_E_DENIED, NULL, 0);
}

static void test_founding_entry__has_a_name_within_the_limit(void **state)
{
    (void)state;
    static uint8_t name[KITH_SPACE_NAME_BYTES_MAX + 1];
    uint8_t seed[KITH_SEED_BYTES];
    uint8_t key[KITH_KEY_BYTES];
    kith_slice long_name = kith_slice_make(name, sizeof name);
    memset(name, 'n', sizeof name);
    charters_seed(ASHA, seed);
    memset(key, 0xaa, sizeof key);
    assert_not_made(kith_charter_write_found(space.cx, seed, long_name, &space.bytes, key),
                    KITH_E_LIMIT, key, sizeof key);
    assert_not_made(
        kith_charter_write_found(space.cx, seed, KITH_SLICE("N\xff"), &space.bytes, key),
        KITH_E_DENIED, key, sizeof key);
    assert_ok(charters_found(&space, ASHA, kith_slice_head(long_name, sizeof name - 1)));
}

/* Gives so many random bytes, then none any more. */
static kith_status scarce_chance(void *user, uint8_t *bytes, size_t length)
{
    size_t *left = user;
    if (length > *left) {
        return KITH_E_IO;
    }
    *left -= length;
    memset(bytes, 0x55, length);
    return KITH_OK;
}

static void test_entries__are_not_made_without_random_bytes(void **state)
{
    (void)state;
    enum { ROTATION_DRAWS = 32 + 24 + 4 * 32 };
    uint8_t seed[KITH_SEED_BYTES];
    size_t left = SIZE_MAX;
    kith_context cx;
    kith_env env = KITH_ENV_INIT;
    env.user = &left;
    env.random = scarce_chance;
    assert_ok(kith_context_init(&cx, &env));
    charters_end(&space);
    charters_begin(&space, &cx);
    play(5);
    charters_seed(ASHA, seed);
    for (size_t given = 0; given < ROTATION_DRAWS; given += 8) {
        uint8_t key[KITH_KEY_BYTES];
        uint8_t secret[KITH_INVITE_SECRET_BYTES];
        left = given;
        memset(key, 0xaa, sizeof key);
        assert_not_made(
            kith_charter_write_rotate(&space.charter, seed, space.keys[1], &space.bytes, key),
            KITH_E_IO, key, sizeof key);
        left = given % 48;
        assert_not_made(invite_with(KITH_ROLE_WORKER, 0, 1, space.keys[1], secret), KITH_E_IO,
                        secret, sizeof secret);
    }
    left = ROTATION_DRAWS;
    assert_ok(charters_rotate(&space, ASHA));
    charters_end(&space);
    charters_begin(&space, test_context());
}

static void test_founding_entry__is_not_made_without_random_bytes(void **state)
{
    (void)state;
    enum { DRAWS = 32 + 24 };
    uint8_t seed[KITH_SEED_BYTES];
    uint8_t key[KITH_KEY_BYTES];
    uint8_t drawn[KITH_KEY_BYTES];
    size_t left = 0;
    kith_context cx;
    kith_env env = KITH_ENV_INIT;
    env.user = &left;
    env.random = scarce_chance;
    assert_ok(kith_context_init(&cx, &env));
    charters_seed(ASHA, seed);
    for (size_t given = 0; given < DRAWS; given += 8) {
        left = given;
        memset(key, 0xaa, sizeof key);
        kith_status status =
            kith_charter_write_found(&cx, seed, KITH_SLICE("N"), &space.bytes, key);
        assert_not_made(status, KITH_E_IO, key, sizeof key);
    }
    left = DRAWS;
    assert_ok(kith_charter_write_found(&cx, seed, KITH_SLICE("N"), &space.bytes, key));
    memset(drawn, 0x55, sizeof drawn);
    assert_memory_equal(key, drawn, sizeof key);
}

static void test_entries__are_not_made_past_their_buffer(void **state)
{
    (void)state;
    uint8_t seed[KITH_SEED_BYTES];
    uint8_t key[KITH_KEY_BYTES];
    kith_buf small;
    play(5);
    charters_seed(ASHA, seed);
    kith_buf_init(&small, test_context(), 590);
    kith_buf_append_text(&small, "before");
    memset(key, 0xaa, sizeof key);
    assert_status(kith_charter_write_rotate(&space.charter, seed, space.keys[1], &small, key),
                  KITH_E_LIMIT);
    assert_slice(kith_buf_slice(&small), "before");
    assert_int_equal(key[0], 0);
    kith_buf_deinit(&small);
}

static kith_status play_story(kith_context *cx, void *user)
{
    charters_space again;
    (void)user;
    charters_begin(&again, cx);
    kith_status status = charters_play(&again, CHARTERS_STORY_ENTRIES);
    charters_end(&again);
    return status;
}

static void test_charter__reports_lack_of_memory(void **state)
{
    (void)state;
    heap_fail_each_allocation(play_story, NULL);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_invite_entry__is_not_made_of_numbers_that_do_not_fit),
        TEST(test_entries__are_not_made_with_another_key_than_the_current_one),
        TEST(test_entries__are_not_made_against_the_rules),
        TEST(test_founding_entry__has_a_name_within_the_limit),
        TEST(test_entries__are_not_made_without_random_bytes),
        TEST(test_founding_entry__is_not_made_without_random_bytes),
        TEST(test_entries__are_not_made_past_their_buffer),
        TEST(test_charter__reports_lack_of_memory),
    };
    return cmocka_run_group_tests_name("space/charter_write", tests, NULL, NULL);
}
