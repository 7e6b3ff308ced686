/* Expected letters were made with Python's base64.urlsafe_b64encode().
 * SPDX-License-Identifier: Apache-2.0 */
#include "crypto/base64.h"

#include "crypto/hash.h"
#include "harness.h"

/* Texts of the first bytes of f8, f9, fa … */
static const char *const texts[] = {"",       "-A",      "-Pk",      "-Pn6",
                                    "-Pn6-w", "-Pn6-_w", "-Pn6-_z9", "-Pn6-_z9_g"};

static int ready_crypto(void **state)
{
    (void)state;
    assert_ok(kith_crypto_init(test_context()));
    return 0;
}

static void test_base64_write__is_url_safe_without_padding(void **state)
{
    (void)state;
    static const uint8_t bytes[] = {0xf8, 0xf9, 0xfa, 0xfb, 0xfc, 0xfd, 0xfe, 0xff};
    for (size_t length = 0; length < KITH_ARRAY_LENGTH(texts); length++) {
        char text[KITH_BASE64_SIZE(sizeof bytes)];
        memset(text, '!', sizeof text);
        kith_base64_write(kith_slice_make(bytes, length), text, KITH_BASE64_SIZE(length));
        assert_string_equal(text, texts[length]);
        assert_int_equal(strlen(text) + 1, KITH_BASE64_SIZE(length));
    }
}

static void test_base64_read__reads_what_was_written(void **state)
{
    (void)state;
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(texts); i++) {
        uint8_t bytes[8] = {0};
        size_t length = 99;
        assert_true(kith_base64_read(kith_slice_of(texts[i]), bytes, i, &length));
        assert_int_equal(length, i);
        for (size_t j = 0; j < length; j++) {
            assert_int_equal(bytes[j], 0xf8 + j);
        }
    }
}

static void assert_refused(kith_slice text, size_t capacity)
{
    uint8_t bytes[8];
    size_t length = 99;
    if (kith_base64_read(text, bytes, capacity, &length)) {
        fail_msg("\"%.*s\" was read", KITH_SLICE_ARGUMENTS(text));
    }
    assert_int_equal(length, 0);
}

static void test_base64_read__refuses_what_is_not_just_letters(void **state)
{
    (void)state;
    static const kith_slice wrong[] = {
        BYTES("-Pn6+w"), BYTES("-Pn6/w"), BYTES("-Pk="),     BYTES("-A=="),
        BYTES("-P k"),   BYTES("-Pn6\n"), BYTES(" -Pn6"),    BYTES("-Pn6-w."),
        BYTES("="),      BYTES("-Pn6\0"), BYTES("-Pn\0006"), BYTES("\xc3\xa9Pn6"),
    };
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(wrong); i++) {
        assert_refused(wrong[i], 8);
    }
}

static void test_base64_read__knows_sixty_four_letters(void **state)
{
    (void)state;
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for (size_t place = 0; place < 4; place++) {
        for (int byte = 0; byte < 256; byte++) {
            uint8_t text[] = {'A', 'A', 'A', 'A'};
            uint8_t bytes[3];
            size_t length = 0;
            bool is_letter = memchr(letters, byte, sizeof letters - 1) != NULL;
            text[place] = (uint8_t)byte;
            bool is_read =
                kith_base64_read(kith_slice_make(text, sizeof text), bytes, sizeof bytes, &length);
            assert_int_equal(is_read, is_letter);
            assert_int_equal(length, is_letter ? 3 : 0);
        }
    }
}

/* Bytes have one text: no bits may hide behind the last of them. */
static void test_base64_read__refuses_a_second_text_of_the_same_bytes(void **state)
{
    (void)state;
    static const kith_slice wrong[] = {BYTES("-B"),  BYTES("-P"), BYTES("-Pl"),
                                       BYTES("-Pm"), BYTES("-"),  BYTES("-Pn6-")};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(wrong); i++) {
        assert_refused(wrong[i], 8);
    }
}

static void test_base64_read__never_passes_its_room(void **state)
{
    (void)state;
    for (size_t i = 1; i < KITH_ARRAY_LENGTH(texts); i++) {
        assert_refused(kith_slice_of(texts[i]), i - 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_base64_write__is_url_safe_without_padding),
        cmocka_unit_test(test_base64_read__reads_what_was_written),
        cmocka_unit_test(test_base64_read__refuses_what_is_not_just_letters),
        cmocka_unit_test(test_base64_read__knows_sixty_four_letters),
        cmocka_unit_test(test_base64_read__refuses_a_second_text_of_the_same_bytes),
        cmocka_unit_test(test_base64_read__never_passes_its_room),
    };
    return cmocka_run_group_tests_name("crypto/base64", tests, ready_crypto, NULL);
}
