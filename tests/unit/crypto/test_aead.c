/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/aead.h"

#include "crypto/hash.h"
#include "harness.h"

enum { PLAIN_BYTES = 114, SEALED_BYTES = PLAIN_BYTES + KITH_AEAD_TAG_BYTES };

/* The example of draft-irtf-cfrg-xchacha-03, A.3.1. */
static const char plain_text[] = "Ladies and Gentlemen of the class of '99: If I could offer you "
                                 "only one tip for the future, sunscreen would be it.";
static const char associated_bytes[] = "\x50\x51\x52\x53\xc0\xc1\xc2\xc3\xc4\xc5\xc6\xc7";
static const char sealed_bytes[] =
    "\xbd\x6d\x17\x9d\x3e\x83\xd4\x3b\x95\x76\x57\x94\x93\xc0\xe9\x39"
    "\x57\x2a\x17\x00\x25\x2b\xfa\xcc\xbe\xd2\x90\x2c\x21\x39\x6c\xbb"
    "\x73\x1c\x7f\x1b\x0b\x4a\xa6\x44\x0b\xf3\xa8\x2f\x4e\xda\x7e\x39"
    "\xae\x64\xc6\x70\x8c\x54\xc2\x16\xcb\x96\xb7\x2e\x12\x13\xb4\x52"
    "\x2f\x8c\x9b\xa4\x0d\xb5\xd9\x45\xb1\x1b\x69\xb9\x82\xc1\xbb\x9e"
    "\x3f\x3f\xac\x2b\xc3\x69\x48\x8f\x76\xb2\x38\x35\x65\xd3\xff\xf9"
    "\x21\xf9\x66\x4c\x97\x63\x7d\xa9\x76\x88\x12\xf6\x15\xc6\x8b\x13"
    "\xb5\x2e"
    "\xc0\x87\x59\x24\xc1\xc7\x98\x79\x47\xde\xaf\xd8\x78\x0a\xcf\x49";

static uint8_t key[KITH_AEAD_KEY_BYTES];
static uint8_t nonce[KITH_AEAD_NONCE_BYTES];
static uint8_t sealed[SEALED_BYTES];

static kith_slice associated(void)
{
    return kith_slice_make(associated_bytes, sizeof associated_bytes - 1);
}

static int seal_example(void **state)
{
    (void)state;
    assert_ok(kith_crypto_init(test_context()));
    for (size_t i = 0; i < sizeof key; i++) {
        key[i] = (uint8_t)(0x80 + i);
    }
    for (size_t i = 0; i < sizeof nonce; i++) {
        nonce[i] = (uint8_t)(0x40 + i);
    }
    kith_aead_seal(key, nonce, associated(), kith_slice_of(plain_text), sealed);
    return 0;
}

/* Opens the example as it stands now; fails the test unless nothing comes out if it does not. */
static bool opens(kith_slice with)
{
    static const uint8_t zeros[PLAIN_BYTES];
    uint8_t plain[PLAIN_BYTES];
    memset(plain, 0xaa, sizeof plain);
    bool is_open = kith_aead_open(key, nonce, with, kith_slice_make(sealed, SEALED_BYTES), plain);
    assert_memory_equal(plain, is_open ? (const void *)plain_text : zeros, PLAIN_BYTES);
    return is_open;
}

static void test_aead_seal__is_xchacha20_poly1305(void **state)
{
    (void)state;
    assert_int_equal(sizeof sealed_bytes - 1, SEALED_BYTES);
    assert_memory_equal(sealed, sealed_bytes, SEALED_BYTES);
}

static void test_aead_open__gives_what_was_sealed(void **state)
{
    (void)state;
    assert_true(opens(associated()));
}

static void test_aead_open__refuses_every_flipped_bit(void **state)
{
    (void)state;
    for (size_t bit = 0; bit < 8 * SEALED_BYTES; bit++) {
        sealed[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_false(opens(associated()));
        sealed[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}

static void test_aead_open__refuses_another_key_nonce_or_associated_bytes(void **state)
{
    (void)state;
    key[31] ^= 1;
    assert_false(opens(associated()));
    key[31] ^= 1;
    nonce[23] ^= 1;
    assert_false(opens(associated()));
    nonce[23] ^= 1;
    assert_false(opens(kith_slice_head(associated(), 11)));
    assert_false(opens((kith_slice){NULL, 0}));
}

static void test_aead_open__refuses_what_is_cut(void **state)
{
    (void)state;
    uint8_t plain[PLAIN_BYTES];
    for (size_t length = 0; length < SEALED_BYTES; length++) {
        kith_slice cut = kith_slice_make(sealed, length);
        assert_false(kith_aead_open(key, nonce, associated(), cut, plain));
    }
}

static void test_aead_seal__works_in_place_and_on_nothing(void **state)
{
    (void)state;
    uint8_t bytes[SEALED_BYTES];
    memcpy(bytes, plain_text, PLAIN_BYTES);
    kith_aead_seal(key, nonce, associated(), kith_slice_make(bytes, PLAIN_BYTES), bytes);
    assert_memory_equal(bytes, sealed_bytes, SEALED_BYTES);
    kith_aead_seal(key, nonce, (kith_slice){NULL, 0}, (kith_slice){NULL, 0}, bytes);
    kith_slice tag = kith_slice_make(bytes, KITH_AEAD_TAG_BYTES);
    assert_true(kith_aead_open(key, nonce, (kith_slice){NULL, 0}, tag, bytes));
}

#define TEST(name) cmocka_unit_test_setup(name, seal_example)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_aead_seal__is_xchacha20_poly1305),
        TEST(test_aead_open__gives_what_was_sealed),
        TEST(test_aead_open__refuses_every_flipped_bit),
        TEST(test_aead_open__refuses_another_key_nonce_or_associated_bytes),
        TEST(test_aead_open__refuses_what_is_cut),
        TEST(test_aead_seal__works_in_place_and_on_nothing),
    };
    return cmocka_run_group_tests_name("crypto/aead", tests, NULL, NULL);
}
