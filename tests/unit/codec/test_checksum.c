/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/checksum.h"

#include "harness.h"

static const char digits[] = "123456789";

/* The check value that catalogues of checksums give for CRC-32. */
static void test_checksum__is_crc_32(void **state)
{
    (void)state;
    assert_int_equal(kith_checksum(0, kith_slice_of(digits)), 0xcbf43926);
}

static void test_checksum__goes_on_from_the_bytes_before(void **state)
{
    (void)state;
    kith_slice whole = kith_slice_of(digits);
    for (size_t cut = 0; cut <= whole.length; cut++) {
        uint32_t head = kith_checksum(0, kith_slice_head(whole, cut));
        assert_int_equal(kith_checksum(head, kith_slice_skip(whole, cut)), 0xcbf43926);
    }
}

static void test_checksum__leaves_what_was_before_if_there_is_nothing(void **state)
{
    (void)state;
    assert_int_equal(kith_checksum(0, (kith_slice){NULL, 0}), 0);
    assert_int_equal(kith_checksum(0xcbf43926, (kith_slice){NULL, 0}), 0xcbf43926);
    assert_int_equal(kith_checksum(0xcbf43926, KITH_SLICE("")), 0xcbf43926);
}

static void test_checksum__changes_with_every_bit(void **state)
{
    (void)state;
    uint8_t bytes[64] = {0};
    uint32_t before = kith_checksum(0, kith_slice_make(bytes, sizeof bytes));
    for (size_t bit = 0; bit < 8 * sizeof bytes; bit++) {
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_not_equal(kith_checksum(0, kith_slice_make(bytes, sizeof bytes)), before);
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_checksum__is_crc_32),
        cmocka_unit_test(test_checksum__goes_on_from_the_bytes_before),
        cmocka_unit_test(test_checksum__leaves_what_was_before_if_there_is_nothing),
        cmocka_unit_test(test_checksum__changes_with_every_bit),
    };
    return cmocka_run_group_tests_name("codec/checksum", tests, NULL, NULL);
}
