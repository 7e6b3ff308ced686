/* Expected hashes were made with Python's hashlib, an implementation of its own:
 *   hashlib.blake2b(data, digest_size=32, person=b"kith author").hexdigest()
 * which pads `person` with zeros to 16 bytes, as proto/spec/model.md §1 asks.
 * SPDX-License-Identifier: Apache-2.0 */
#include "crypto/hash.h"

#include <stdio.h>

#include "harness.h"

static int ready_crypto(void **state)
{
    (void)state;
    assert_ok(kith_crypto_init(test_context()));
    return 0;
}

static void assert_hash(const uint8_t hash[KITH_HASH_BYTES], const char *expected)
{
    char text[2 * KITH_HASH_BYTES + 1];
    for (size_t i = 0; i < KITH_HASH_BYTES; i++) {
        (void)snprintf(text + 2 * i, 3, "%02x", hash[i]);
    }
    assert_string_equal(text, expected);
}

static void assert_hash_of(const char *purpose, kith_slice bytes, const char *expected)
{
    kith_hasher hasher;
    uint8_t hash[KITH_HASH_BYTES];
    kith_hash_begin(&hasher, purpose);
    kith_hash_add(&hasher, bytes);
    kith_hash_end(&hasher, hash);
    assert_hash(hash, expected);
}

/* Without a purpose it is BLAKE2b-256 as everybody has it. */
static void test_hash__is_blake2b(void **state)
{
    (void)state;
    uint8_t bytes[256];
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (uint8_t)i;
    }
    assert_hash_of("", KITH_SLICE("abc"),
                   "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
    assert_hash_of("", (kith_slice){NULL, 0},
                   "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8");
    assert_hash_of("", kith_slice_make(bytes, sizeof bytes),
                   "39a7eb9fedc19aabc83425c6755dd90e6f9d0c804964a1f4aaeea3b9fb599835");
}

static void test_hash__differs_by_purpose(void **state)
{
    (void)state;
    assert_hash_of("kith author", KITH_SLICE("abc"),
                   "07ac39b2fe4f25134cc8b2a5d348d364dc0620eed91658e257a93b518fdbab12");
    assert_hash_of("sixteen letters!", KITH_SLICE("abc"),
                   "677d2e87204621c5dad4148bc436fca792574f9b4b2878a0e7aae22b9ee5e09d");
}

static void test_hash_add__takes_bytes_in_pieces_of_any_length(void **state)
{
    (void)state;
    uint8_t bytes[300];
    uint8_t whole[KITH_HASH_BYTES];
    kith_hasher hasher;
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (uint8_t)(i * 31);
    }
    kith_hash_begin(&hasher, "pieces");
    kith_hash_add(&hasher, kith_slice_make(bytes, sizeof bytes));
    kith_hash_end(&hasher, whole);
    for (size_t cut = 0; cut <= sizeof bytes; cut++) {
        uint8_t hash[KITH_HASH_BYTES];
        kith_hash_begin(&hasher, "pieces");
        kith_hash_add(&hasher, kith_slice_make(bytes, cut));
        kith_hash_add(&hasher, (kith_slice){NULL, 0});
        kith_hash_add(&hasher, kith_slice_make(bytes + cut, sizeof bytes - cut));
        kith_hash_end(&hasher, hash);
        assert_memory_equal(hash, whole, sizeof hash);
    }
}

static void test_hash__of_bytes_together_is_that_of_bytes_added(void **state)
{
    (void)state;
    uint8_t hash[KITH_HASH_BYTES];
    kith_hash("kith author", KITH_SLICE("abc"), hash);
    assert_hash(hash, "07ac39b2fe4f25134cc8b2a5d348d364dc0620eed91658e257a93b518fdbab12");
}

static void test_crypto_init__may_be_called_again(void **state)
{
    (void)state;
    assert_ok(kith_crypto_init(test_context()));
    assert_ok(kith_crypto_init(test_context()));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hash__is_blake2b),
        cmocka_unit_test(test_hash__differs_by_purpose),
        cmocka_unit_test(test_hash_add__takes_bytes_in_pieces_of_any_length),
        cmocka_unit_test(test_hash__of_bytes_together_is_that_of_bytes_added),
        cmocka_unit_test(test_crypto_init__may_be_called_again),
    };
    return cmocka_run_group_tests_name("crypto/hash", tests, ready_crypto, NULL);
}
