/* Expected keys were made with Python's hashlib and the package cryptography, not with libsodium:
 *   secret(n) = blake2b(b"", digest_size=32, key=seed, salt=n as 8 bytes, least first,
 *                       person=b"kithdev1")          # libsodium's crypto_kdf, documented so
 *   sign      = Ed25519PrivateKey(secret(1)).public_key()
 *   box       = X25519PrivateKey(sha512(secret(2))[:32]).public_key()
 *   author    = blake2b(sign + incarnation, digest_size=32, person=b"kith author")[:10]
 *   signature = Ed25519PrivateKey(secret(1)).sign(
 *                   blake2b(b"abc", digest_size=32, person=b"kith test"))
 * SPDX-License-Identifier: Apache-2.0 */
#include "crypto/keys.h"

#include <stdio.h>

#include "crypto/hash.h"
#include "harness.h"

static int ready_crypto(void **state)
{
    (void)state;
    assert_ok(kith_crypto_init(test_context()));
    return 0;
}

/* Bytes 0, 1, 2 … */
static void count_up(uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        bytes[i] = (uint8_t)i;
    }
}

static void assert_bytes(const uint8_t *bytes, size_t length, const char *expected)
{
    char text[2 * KITH_SIGNATURE_BYTES + 1];
    assert_true(length <= KITH_SIGNATURE_BYTES);
    for (size_t i = 0; i < length; i++) {
        (void)snprintf(text + 2 * i, 3, "%02x", bytes[i]);
    }
    assert_string_equal(text, expected);
}

static void test_device_keys_derive__gives_the_keys_of_a_seed(void **state)
{
    (void)state;
    uint8_t seed[KITH_SEED_BYTES];
    kith_device_keys keys;
    count_up(seed, sizeof seed);
    kith_device_keys_derive(seed, &keys);
    assert_bytes(keys.sign, sizeof keys.sign,
                 "ea0c4fb7427a431e9e5cb339bb04c20c68ad461864d33720a580fee8b1a9a518");
    assert_bytes(keys.box, sizeof keys.box,
                 "bd25cb6ef4b18af19d313efb9966dd07b73642a85bdf63c3f9f416478403736b");
}

static void test_device_keys_derive__gives_other_keys_to_every_seed(void **state)
{
    (void)state;
    uint8_t seed[KITH_SEED_BYTES] = {0};
    kith_device_keys first;
    kith_device_keys_derive(seed, &first);
    assert_bytes(first.sign, sizeof first.sign,
                 "939c31b2dd45799d3d97a17b6d63769477e97624d0d32a785ec9642346263d08");
    for (size_t i = 0; i < sizeof seed; i++) {
        kith_device_keys keys;
        seed[i] = 1;
        kith_device_keys_derive(seed, &keys);
        assert_memory_not_equal(keys.sign, first.sign, sizeof keys.sign);
        assert_memory_not_equal(keys.box, first.box, sizeof keys.box);
        seed[i] = 0;
    }
}

static void test_author_derive__follows_the_specification(void **state)
{
    (void)state;
    uint8_t seed[KITH_SEED_BYTES];
    uint8_t incarnation[KITH_INCARNATION_BYTES];
    kith_device_keys keys;
    count_up(seed, sizeof seed);
    count_up(incarnation, sizeof incarnation);
    kith_device_keys_derive(seed, &keys);
    kith_author_id author = kith_author_derive(keys.sign, incarnation);
    assert_bytes(author.bytes, sizeof author.bytes, "9ee1b179161ea962416b");
}

/* A restored backup is the same device in another incarnation. */
static void test_author_derive__gives_another_author_to_every_incarnation(void **state)
{
    (void)state;
    uint8_t seed[KITH_SEED_BYTES] = {0};
    uint8_t incarnation[KITH_INCARNATION_BYTES] = {0};
    kith_device_keys keys;
    kith_device_keys_derive(seed, &keys);
    kith_author_id first = kith_author_derive(keys.sign, incarnation);
    for (size_t i = 0; i < sizeof incarnation; i++) {
        incarnation[i] = 1;
        kith_author_id author = kith_author_derive(keys.sign, incarnation);
        assert_memory_not_equal(author.bytes, first.bytes, sizeof author.bytes);
        incarnation[i] = 0;
    }
}

static const char purpose[] = "kith test";

/* Signs "abc" with the device whose seed counts up, and gives its keys. */
static kith_device_keys sign_abc(uint8_t signature[KITH_SIGNATURE_BYTES])
{
    uint8_t seed[KITH_SEED_BYTES];
    kith_device_keys keys;
    count_up(seed, sizeof seed);
    kith_device_keys_derive(seed, &keys);
    kith_device_sign(seed, purpose, KITH_SLICE("abc"), signature);
    return keys;
}

static void test_device_sign__is_ed25519_over_the_hash(void **state)
{
    (void)state;
    uint8_t signature[KITH_SIGNATURE_BYTES];
    (void)sign_abc(signature);
    assert_bytes(signature, sizeof signature,
                 "3dc893d75d0b682e44daffa7f53e4c8c3f9904426ee16d6fea68bc1e40cc2089"
                 "8a6c6024267e9ac5c40ffecadd39cdc8e0a3a05429189fdc44bf9a3d0ea55a09");
}

static void test_signature_is_good__of_this_message_key_and_purpose_only(void **state)
{
    (void)state;
    uint8_t signature[KITH_SIGNATURE_BYTES];
    kith_device_keys keys = sign_abc(signature);
    assert_true(kith_signature_is_good(keys.sign, purpose, KITH_SLICE("abc"), signature));
    assert_false(kith_signature_is_good(keys.sign, purpose, KITH_SLICE("abd"), signature));
    assert_false(kith_signature_is_good(keys.sign, purpose, KITH_SLICE("ab"), signature));
    assert_false(kith_signature_is_good(keys.sign, "kith other", KITH_SLICE("abc"), signature));
    assert_false(kith_signature_is_good(keys.box, purpose, KITH_SLICE("abc"), signature));
}

static void test_signature_is_good__is_false_after_any_flipped_bit(void **state)
{
    (void)state;
    uint8_t signature[KITH_SIGNATURE_BYTES];
    kith_device_keys keys = sign_abc(signature);
    for (size_t bit = 0; bit < 8 * sizeof signature; bit++) {
        signature[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_false(kith_signature_is_good(keys.sign, purpose, KITH_SLICE("abc"), signature));
        signature[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}

static void test_wipe__leaves_nothing_of_a_secret(void **state)
{
    (void)state;
    uint8_t secret[40];
    count_up(secret, sizeof secret);
    kith_wipe(secret + 4, KITH_SEED_BYTES);
    for (size_t i = 0; i < sizeof secret; i++) {
        bool is_inside = i >= 4 && i < 4 + KITH_SEED_BYTES;
        assert_int_equal(secret[i], is_inside ? 0 : i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_device_keys_derive__gives_the_keys_of_a_seed),
        cmocka_unit_test(test_device_keys_derive__gives_other_keys_to_every_seed),
        cmocka_unit_test(test_author_derive__follows_the_specification),
        cmocka_unit_test(test_author_derive__gives_another_author_to_every_incarnation),
        cmocka_unit_test(test_device_sign__is_ed25519_over_the_hash),
        cmocka_unit_test(test_signature_is_good__of_this_message_key_and_purpose_only),
        cmocka_unit_test(test_signature_is_good__is_false_after_any_flipped_bit),
        cmocka_unit_test(test_wipe__leaves_nothing_of_a_secret),
    };
    return cmocka_run_group_tests_name("crypto/keys", tests, ready_crypto, NULL);
}
