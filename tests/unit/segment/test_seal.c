/* Headers and seals. Expected bytes were made with Python's hashlib and the package cryptography:
 * nothing here is checked against itself alone. SPDX-License-Identifier: Apache-2.0 */
#include "segment/seal.h"

#include "base/limits.h"
#include "heap.h"
#include "segments.h"

static uint8_t epoch_key[KITH_AEAD_KEY_BYTES];
static uint8_t seed[KITH_SEED_BYTES];
static kith_segment_header header;
static kith_buf segment;

static int begin(void **state)
{
    (void)state;
    assert_ok(kith_crypto_init(test_context()));
    segments_header(seed, epoch_key, &header);
    kith_buf_init(&segment, test_context(), 2 * KITH_SEGMENT_SEALED_MAX);
    return 0;
}

static int end(void **state)
{
    (void)state;
    kith_buf_deinit(&segment);
    return 0;
}

static void seal(kith_slice body)
{
    kith_buf_clear(&segment);
    assert_ok(kith_segment_seal(test_context(), epoch_key, seed, &header, body, &segment));
}

static kith_slice header_bytes(void)
{
    return kith_slice_head(kith_buf_slice(&segment), KITH_HEADER_BYTES);
}

static kith_slice sealed_bytes(void)
{
    return kith_slice_skip(kith_buf_slice(&segment), KITH_HEADER_BYTES);
}

/* Opens the segment as whoever received it; the body goes to `body`. */
static kith_status open_segment(kith_buf *body)
{
    kith_segment_header received;
    KITH_TRY(kith_header_read(test_context(), header_bytes(), &received));
    return kith_segment_open(test_context(), epoch_key, &received, sealed_bytes(), body);
}

static void assert_opens(kith_slice expected)
{
    kith_buf body;
    kith_buf_init(&body, test_context(), KITH_SEGMENT_SEALED_MAX);
    kith_buf_append_text(&body, "before");
    assert_ok(open_segment(&body));
    assert_slice(kith_slice_head(kith_buf_slice(&body), 6), "before");
    assert_true(kith_slice_equal(kith_slice_skip(kith_buf_slice(&body), 6), expected));
    kith_buf_deinit(&body);
}

static void assert_does_not_open(void)
{
    kith_buf body;
    kith_buf_init(&body, test_context(), KITH_SEGMENT_SEALED_MAX);
    assert_status(open_segment(&body), KITH_E_DAMAGED);
    assert_int_equal(body.length, 0);
    kith_buf_deinit(&body);
}

static void test_segment__opens_to_what_was_sealed(void **state)
{
    (void)state;
    static uint8_t body[KITH_SEGMENT_SEALED_MAX / 2];
    static const size_t lengths[] = {0, 1, 2, 3, 4, 100, 1000, 65535, sizeof body};
    test_random random = test_random_of(test_seed());
    for (size_t i = 0; i < sizeof body; i++) {
        body[i] = (uint8_t)test_next(&random);
    }
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(lengths); i++) {
        seal(kith_slice_make(body, lengths[i]));
        assert_opens(kith_slice_make(body, lengths[i]));
    }
}

static void test_segment__never_seals_twice_alike(void **state)
{
    (void)state;
    uint8_t first[100];
    seal(KITH_SLICE("body"));
    assert_true(sealed_bytes().length <= sizeof first);
    memcpy(first, sealed_bytes().data, sealed_bytes().length);
    seal(KITH_SLICE("body"));
    assert_memory_not_equal(first, sealed_bytes().data, KITH_AEAD_NONCE_BYTES);
    assert_memory_not_equal(first + KITH_AEAD_NONCE_BYTES,
                            sealed_bytes().data + KITH_AEAD_NONCE_BYTES,
                            sealed_bytes().length - KITH_AEAD_NONCE_BYTES);
}

static void test_segment__does_not_open_after_any_damage(void **state)
{
    (void)state;
    seal(KITH_SLICE("Rani Das left on 3 March"));
    for (size_t bit = 0; bit < segment.length * 8; bit++) {
        segment.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        kith_buf body;
        kith_buf_init(&body, test_context(), 1000);
        kith_status status = open_segment(&body);
        bool is_version = bit / 8 == 0;
        assert_true(status == KITH_E_DAMAGED || (is_version && status == KITH_E_NEWER));
        assert_int_equal(body.length, 0);
        kith_buf_deinit(&body);
        segment.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    assert_opens(KITH_SLICE("Rani Das left on 3 March"));
}

static void test_segment__does_not_open_cut_or_lengthened(void **state)
{
    (void)state;
    seal(KITH_SLICE("Rani Das left on 3 March"));
    size_t length = segment.length;
    for (segment.length = KITH_HEADER_BYTES; segment.length < length; segment.length++) {
        assert_does_not_open();
    }
    kith_buf_append(&segment, &(uint8_t){0}, 1);
    assert_does_not_open();
}

static void test_segment__does_not_open_with_another_epochs_key(void **state)
{
    (void)state;
    seal(KITH_SLICE("body"));
    epoch_key[31] ^= 1;
    assert_does_not_open();
}

/* Signed and named anew, the body still belongs to the header that it was sealed under. */
static void test_segment__body_does_not_open_under_another_header(void **state)
{
    (void)state;
    kith_buf body;
    kith_buf_init(&body, test_context(), 1000);
    seal(KITH_SLICE("body"));
    for (size_t i = 0; i < 4; i++) {
        kith_segment_header other = header;
        other.number += i == 0;
        other.epoch += i == 1;
        other.previous[0] ^= i == 2;
        other.space.bytes[0] ^= i == 3;
        kith_header_sign(&other, seed, segment.data);
        assert_status(open_segment(&body), KITH_E_DAMAGED);
    }
    kith_header_sign(&header, seed, segment.data);
    assert_ok(open_segment(&body));
    kith_buf_deinit(&body);
}

static void test_segment__has_a_longest_body(void **state)
{
    (void)state;
    static uint8_t body[KITH_SEGMENT_SEALED_MAX];
    size_t longest =
        KITH_SEGMENT_SEALED_MAX / 64 * 63 - 4; /* Padmé allows that, and nothing between */
    seal(kith_slice_make(body, longest));
    assert_true(segment.length <= KITH_HEADER_BYTES + KITH_SEGMENT_SEALED_MAX);
    assert_opens(kith_slice_make(body, longest));
    kith_buf_clear(&segment);
    kith_buf_append_text(&segment, "before");
    assert_status(kith_segment_seal(test_context(), epoch_key, seed, &header,
                                    kith_slice_make(body, longest + 1), &segment),
                  KITH_E_LIMIT);
    assert_slice(kith_buf_slice(&segment), "before");
}

/* PoPETs 2019, section 4: at most 12 %. */
static void test_padme__adds_little_and_hides_the_rest(void **state)
{
    (void)state;
    static const size_t expected[][2] = {{0, 0},       {1, 1},         {2, 2},        {3, 3},
                                         {8, 8},       {9, 10},        {17, 18},      {129, 144},
                                         {1000, 1024}, {65536, 65536}, {65537, 67584}};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(expected); i++) {
        assert_int_equal(kith_padme(expected[i][0]), expected[i][1]);
    }
    size_t before = 0;
    for (size_t length = 1; length < 200000; length++) {
        size_t padded = kith_padme(length);
        assert_true(padded >= length && padded >= before && padded - length <= length / 8);
        assert_int_equal(kith_padme(padded), padded);
        before = padded;
    }
}

static void test_header__reads_what_was_signed(void **state)
{
    (void)state;
    kith_segment_header read;
    seal(KITH_SLICE("body"));
    assert_ok(kith_header_read(test_context(), header_bytes(), &read));
    assert_memory_equal(read.space.bytes, header.space.bytes, sizeof header.space.bytes);
    assert_memory_equal(read.sign, header.sign, sizeof header.sign);
    assert_memory_equal(read.incarnation, header.incarnation, sizeof header.incarnation);
    assert_memory_equal(read.previous, header.previous, sizeof header.previous);
    assert_memory_equal(read.seen, header.seen, sizeof header.seen);
    assert_memory_equal(read.body, header.body, sizeof header.body);
    assert_true(read.number == 258 && read.epoch == 3);
    kith_author_id author = kith_author_derive(header.sign, header.incarnation);
    kith_author_id named = kith_header_author(&read);
    assert_memory_equal(named.bytes, author.bytes, sizeof author.bytes);
}

static void assert_header(kith_slice bytes, kith_status expected)
{
    kith_segment_header read;
    assert_status(kith_header_read(test_context(), bytes, &read), expected);
}

static void test_header__is_refused_where_it_is_none(void **state)
{
    (void)state;
    seal(KITH_SLICE("body"));
    for (size_t length = 0; length < KITH_HEADER_BYTES; length++) {
        assert_header(kith_slice_head(header_bytes(), length), KITH_E_DAMAGED);
    }
    assert_header(kith_slice_head(kith_buf_slice(&segment), KITH_HEADER_BYTES + 1), KITH_E_DAMAGED);
    segment.data[0] = 2;
    assert_header(header_bytes(), KITH_E_NEWER);
    assert_header(kith_slice_head(header_bytes(), 1), KITH_E_NEWER);
    segment.data[0] = 0;
    assert_header(header_bytes(), KITH_E_DAMAGED);
}

/* Signed by the right device, and still nothing that it would write. */
static void test_header__needs_numbers_within_the_limits(void **state)
{
    (void)state;
    uint8_t bytes[KITH_HEADER_BYTES];
    static const struct {
        uint64_t number;
        uint32_t epoch;
        kith_status status;
    } cases[] = {{0, 1, KITH_E_DAMAGED},
                 {1, 0, KITH_E_DAMAGED},
                 {KITH_NUMBER_MAX + 1, 1, KITH_E_DAMAGED},
                 {KITH_NUMBER_MAX, UINT32_MAX, KITH_OK},
                 {1, 1, KITH_OK}};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(cases); i++) {
        header.number = cases[i].number;
        header.epoch = cases[i].epoch;
        kith_header_sign(&header, seed, bytes);
        assert_header(kith_slice_make(bytes, sizeof bytes), cases[i].status);
    }
}

static void test_header__is_not_taken_from_another_device(void **state)
{
    (void)state;
    uint8_t bytes[KITH_HEADER_BYTES];
    uint8_t other_seed[KITH_SEED_BYTES] = {1};
    kith_header_sign(&header, other_seed, bytes);
    assert_header(kith_slice_make(bytes, sizeof bytes), KITH_E_DAMAGED);
}

static kith_status no_chance(void *user, uint8_t *bytes, size_t length)
{
    (void)user;
    (void)bytes;
    (void)length;
    return KITH_E_IO;
}

static void test_segment__is_not_sealed_without_random_bytes(void **state)
{
    (void)state;
    kith_context cx;
    kith_env env = KITH_ENV_INIT;
    env.random = no_chance;
    assert_ok(kith_context_init(&cx, &env));
    assert_int_equal(kith_segment_seal(&cx, epoch_key, seed, &header, KITH_SLICE("body"), &segment),
                     KITH_E_IO);
    assert_int_equal(segment.length, 0);
}

static kith_status seal_and_open(kith_context *cx, void *user)
{
    (void)user;
    kith_buf sealed;
    kith_buf body;
    kith_buf_init(&sealed, cx, 1000);
    kith_buf_init(&body, cx, 1000);
    kith_status status =
        kith_segment_seal(cx, epoch_key, seed, &header, KITH_SLICE("body"), &sealed);
    if (status == KITH_OK) {
        kith_slice bytes = kith_slice_skip(kith_buf_slice(&sealed), KITH_HEADER_BYTES);
        status = kith_segment_open(cx, epoch_key, &header, bytes, &body);
    }
    kith_buf_deinit(&body);
    kith_buf_deinit(&sealed);
    return status;
}

static void test_segment__reports_lack_of_memory(void **state)
{
    (void)state;
    heap_fail_each_allocation(seal_and_open, NULL);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_segment__opens_to_what_was_sealed),
        TEST(test_segment__never_seals_twice_alike),
        TEST(test_segment__does_not_open_after_any_damage),
        TEST(test_segment__does_not_open_cut_or_lengthened),
        TEST(test_segment__does_not_open_with_another_epochs_key),
        TEST(test_segment__body_does_not_open_under_another_header),
        TEST(test_segment__has_a_longest_body),
        TEST(test_segment__is_not_sealed_without_random_bytes),
        TEST(test_segment__reports_lack_of_memory),
        TEST(test_padme__adds_little_and_hides_the_rest),
        TEST(test_header__reads_what_was_signed),
        TEST(test_header__is_refused_where_it_is_none),
        TEST(test_header__needs_numbers_within_the_limits),
        TEST(test_header__is_not_taken_from_another_device),
    };
    return cmocka_run_group_tests_name("segment/seal", tests, NULL, NULL);
}
