/* Expected boxes were made without our code, for the device whose seed is 0, 1, 2 …:
 *   box       = X25519 of sha512(secret(2))[:32], with secret(2) as in test_keys.c
 *   ephemeral = X25519 of sha512(bytes a0, a1 …)[:32]     # libsodium's crypto_box_seed_keypair
 *   nonce     = hashlib.blake2b(ephemeral + box, digest_size=24)
 *   sealed    = ephemeral + libsodium's crypto_box_easy(plain, nonce, box, ephemeral's secret)
 * and another one by libsodium's crypto_box_seal(). kith_box_open() is crypto_box_seal_open().
 * SPDX-License-Identifier: Apache-2.0 */
#include "crypto/box.h"

#include "crypto/hash.h"
#include "harness.h"

enum { PLAIN_BYTES = 20, SEALED_BYTES = PLAIN_BYTES + KITH_BOX_OVERHEAD_BYTES };

static const char plain_text[] = "the key of the epoch";
static const char ours[] = "\x0e\xbf\x98\x0a\x86\x0d\xe5\x1c\xa2\xe0\x80\x6f\x41\xf5\x27\x66"
                           "\x24\xee\x1a\xe4\xce\x23\x9f\xcb\x72\xd1\xb0\x28\xdb\x7e\x39\x1e"
                           "\x7e\x07\x39\xec\x88\x3a\x86\x31\xd6\xd1\x50\xc3\x2d\x73\x0e\x6a"
                           "\xc0\xe3\x4d\x0d\x2c\xac\x12\x53\x6b\x76\x23\x4b\xb2\x5f\x47\xd9"
                           "\x20\x34\x23\x58";
static const char libsodiums[] = "\xc7\x7a\x9c\xe3\x9f\x64\x6c\x63\xb9\x9b\x36\x3c\x88\xc7\x3d\x62"
                                 "\xe8\xf9\xe5\xfb\x8c\x6b\xcb\x08\xc7\xcf\x09\x2b\xba\x60\xe7\x22"
                                 "\xd8\x05\x6e\xc3\x43\xf6\xed\x18\xfb\x16\xa7\xcf\x81\x04\x0b\x80"
                                 "\x61\xb0\xb8\xb8\x09\x37\x9e\x91\xbb\x92\x12\xd9\x8c\x93\x78\xec"
                                 "\x26\x34\x7b\x5a";

static uint8_t seed[KITH_SEED_BYTES];
static kith_device_keys keys;

static int begin(void **state)
{
    (void)state;
    assert_ok(kith_crypto_init(test_context()));
    for (size_t i = 0; i < sizeof seed; i++) {
        seed[i] = (uint8_t)i;
    }
    kith_device_keys_derive(seed, &keys);
    return 0;
}

static kith_status known_chance(void *user, uint8_t *bytes, size_t length)
{
    (void)user;
    for (size_t i = 0; i < length; i++) {
        bytes[i] = (uint8_t)(0xa0 + i);
    }
    return KITH_OK;
}

static kith_status no_chance(void *user, uint8_t *bytes, size_t length)
{
    (void)user;
    (void)bytes;
    (void)length;
    return KITH_E_IO;
}

static kith_context context_with(kith_status (*random)(void *, uint8_t *, size_t))
{
    kith_context cx;
    kith_env env = KITH_ENV_INIT;
    env.random = random;
    assert_ok(kith_context_init(&cx, &env));
    return cx;
}

/* Opens a box with the device's seed; fails the test unless nothing comes out if it does not. */
static bool opens(kith_slice sealed)
{
    static const uint8_t zeros[PLAIN_BYTES];
    uint8_t plain[PLAIN_BYTES];
    size_t length = sealed.length - KITH_BOX_OVERHEAD_BYTES;
    memset(plain, 0xaa, sizeof plain);
    assert_in_range(length, 0, PLAIN_BYTES);
    bool is_open = kith_box_open(seed, sealed, plain);
    assert_memory_equal(plain, is_open ? (const void *)plain_text : zeros, length);
    return is_open;
}

static void seal(uint8_t sealed[SEALED_BYTES])
{
    assert_ok(kith_box_seal(test_context(), keys.box, kith_slice_of(plain_text), sealed));
}

static void test_box_seal__is_libsodiums_from_the_environments_chance(void **state)
{
    (void)state;
    uint8_t sealed[SEALED_BYTES];
    kith_context cx = context_with(known_chance);
    assert_ok(kith_box_seal(&cx, keys.box, kith_slice_of(plain_text), sealed));
    assert_memory_equal(sealed, ours, sizeof sealed);
}

static void test_box_open__opens_what_libsodium_sealed(void **state)
{
    (void)state;
    assert_true(opens(kith_slice_make(libsodiums, SEALED_BYTES)));
    assert_true(opens(kith_slice_make(ours, SEALED_BYTES)));
}

static void test_box_open__opens_what_was_sealed_to_its_device(void **state)
{
    (void)state;
    uint8_t sealed[SEALED_BYTES];
    seal(sealed);
    assert_true(opens(kith_slice_make(sealed, sizeof sealed)));
}

static void test_box_open__opens_a_box_of_nothing(void **state)
{
    (void)state;
    uint8_t sealed[KITH_BOX_OVERHEAD_BYTES];
    assert_ok(kith_box_seal(test_context(), keys.box, KITH_SLICE(""), sealed));
    assert_true(opens(kith_slice_make(sealed, sizeof sealed)));
}

static void test_box_seal__never_seals_twice_alike(void **state)
{
    (void)state;
    uint8_t first[SEALED_BYTES];
    uint8_t second[SEALED_BYTES];
    seal(first);
    seal(second);
    assert_memory_not_equal(first, second, 32);
    assert_memory_not_equal(first + 32, second + 32, sizeof first - 32);
}

static void test_box_open__does_not_open_what_is_anothers(void **state)
{
    (void)state;
    uint8_t sealed[SEALED_BYTES];
    seal(sealed);
    seed[0] ^= 1;
    assert_false(opens(kith_slice_make(sealed, sizeof sealed)));
}

static void test_box_open__does_not_open_after_any_damage(void **state)
{
    (void)state;
    uint8_t sealed[SEALED_BYTES];
    memcpy(sealed, ours, sizeof sealed);
    for (size_t bit = 0; bit < 8 * sizeof sealed; bit++) {
        sealed[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_false(opens(kith_slice_make(sealed, sizeof sealed)));
        sealed[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}

static void test_box_open__does_not_open_cut_short(void **state)
{
    (void)state;
    uint8_t plain[PLAIN_BYTES];
    for (size_t length = 0; length < SEALED_BYTES; length++) {
        assert_false(kith_box_open(seed, kith_slice_make(ours, length), plain));
    }
}

/* X25519 gives the same secret to everybody who meets a key of small order. */
static void test_box_seal__tells_nothing_to_a_key_that_anybody_could_open(void **state)
{
    (void)state;
    static const uint8_t zeros[SEALED_BYTES];
    static const uint8_t small_order[KITH_KEY_BYTES] = {1};
    uint8_t sealed[SEALED_BYTES];
    memset(sealed, 0xaa, sizeof sealed);
    assert_ok(kith_box_seal(test_context(), small_order, kith_slice_of(plain_text), sealed));
    assert_memory_equal(sealed, zeros, sizeof sealed);
    assert_false(opens(kith_slice_make(sealed, sizeof sealed)));
}

static void test_box_seal__needs_random_bytes(void **state)
{
    (void)state;
    uint8_t sealed[SEALED_BYTES];
    kith_context cx = context_with(no_chance);
    assert_int_equal(kith_box_seal(&cx, keys.box, kith_slice_of(plain_text), sealed), KITH_E_IO);
}

#define TEST(function) cmocka_unit_test_setup(function, begin)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_box_seal__is_libsodiums_from_the_environments_chance),
        TEST(test_box_open__opens_what_libsodium_sealed),
        TEST(test_box_open__opens_what_was_sealed_to_its_device),
        TEST(test_box_open__opens_a_box_of_nothing),
        TEST(test_box_seal__never_seals_twice_alike),
        TEST(test_box_open__does_not_open_what_is_anothers),
        TEST(test_box_open__does_not_open_after_any_damage),
        TEST(test_box_open__does_not_open_cut_short),
        TEST(test_box_seal__tells_nothing_to_a_key_that_anybody_could_open),
        TEST(test_box_seal__needs_random_bytes),
    };
    return cmocka_run_group_tests_name("crypto/box", tests, NULL, NULL);
}
