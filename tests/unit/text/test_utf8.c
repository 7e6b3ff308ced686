/* Data: tests/data/strings (flenniken/utf8tests; a sample of Unicode's NormalizationTest).
 * SPDX-License-Identifier: Apache-2.0 */
#include "text/utf8.h"

#include <stdlib.h>

#include "harness.h"

/* Cuts the text up to the byte off the front, and the byte itself. */
static kith_slice take_until(kith_slice *text, char byte)
{
    kith_slice part = kith_slice_head(*text, kith_slice_find(*text, byte));
    *text = kith_slice_skip(*text, part.length + 1);
    return part;
}

static size_t encode(uint32_t code_point, uint8_t bytes[4])
{
    if (code_point < 0x80) {
        bytes[0] = (uint8_t)code_point;
        return 1;
    }
    size_t length = code_point < 0x800 ? 2 : code_point < 0x10000 ? 3 : 4;
    for (size_t i = length - 1; i > 0; i--) {
        bytes[i] = (uint8_t)(0x80 | (code_point & 0x3f));
        code_point >>= 6;
    }
    bytes[0] = (uint8_t)(0xf0u << (4 - length) | code_point);
    return length;
}

/* "0995 09BC" as UTF-8; at most 64 bytes. */
static kith_slice decode_points(kith_slice points, uint8_t bytes[64])
{
    size_t length = 0;
    while (points.length > 0) {
        char hex[8] = "";
        kith_slice point = take_until(&points, ' ');
        assert_true(point.length < sizeof hex && length + 4 <= 64);
        memcpy(hex, point.data, point.length);
        length += encode((uint32_t)strtoul(hex, NULL, 16), bytes + length);
    }
    return kith_slice_make(bytes, length);
}

static void test_utf8_valid_bytes__agrees_with_utf8tests(void **state)
{
    (void)state;
    size_t length = 0;
    size_t count = 0;
    uint8_t *data = test_read_file("strings/utf8tests.bin", &length);
    kith_slice rest = kith_slice_make(data, length);
    while (rest.length > 0) {
        kith_slice line = take_until(&rest, '\n');
        kith_slice number = take_until(&line, ':');
        bool valid = kith_slice_is(take_until(&line, ':'), "valid");
        if ((kith_utf8_valid_bytes(line) == line.length) != valid) {
            fail_msg("case %.*s", KITH_SLICE_ARGUMENTS(number));
        }
        count++;
    }
    assert_true(count > 200);
    free(data);
}

static void test_utf8_valid_bytes__takes_every_code_point_but_surrogates(void **state)
{
    (void)state;
    for (uint32_t point = 0; point < 0x110000; point++) {
        uint8_t bytes[4];
        size_t length = encode(point, bytes);
        size_t expected = point >= 0xd800 && point <= 0xdfff ? 0 : length;
        assert_int_equal(kith_utf8_valid_bytes(kith_slice_make(bytes, length)), expected);
    }
}

static void test_utf8_valid_bytes__finds_the_bad_byte_wherever_it_stands(void **state)
{
    (void)state;
    char text[40];
    for (size_t place = 0; place < sizeof text; place++) {
        memset(text, 'a', sizeof text);
        text[place] = (char)0xff;
        assert_int_equal(kith_utf8_valid_bytes(kith_slice_make(text, sizeof text)), place);
    }
}

static void test_utf8_valid_bytes__stops_before_a_character_cut_off(void **state)
{
    (void)state;
    kith_slice text = kith_slice_of("aৰ𝒜");
    assert_int_equal(text.length, 8);
    static const size_t valid[] = {0, 1, 1, 1, 4, 4, 4, 4, 8};
    for (size_t i = 0; i <= text.length; i++) {
        assert_int_equal(kith_utf8_valid_bytes(kith_slice_head(text, i)), valid[i]);
    }
}

static void assert_normal_form(kith_arena *arena, kith_slice source, kith_slice expected,
                               kith_slice line)
{
    kith_slice normal;
    assert_ok(kith_utf8_normalise(arena, source, &normal));
    if (!kith_slice_equal(normal, expected)) {
        fail_msg("%.*s gives \"%.*s\"", KITH_SLICE_ARGUMENTS(line), KITH_SLICE_ARGUMENTS(normal));
    }
}

static void test_utf8_normalise__agrees_with_unicodes_table(void **state)
{
    (void)state;
    size_t length = 0;
    size_t count = 0;
    uint8_t *data = test_read_file("strings/normalization-sample.txt", &length);
    kith_slice rest = kith_slice_make(data, length);
    kith_arena arena;
    kith_arena_init(&arena, test_context());
    while (rest.length > 0) {
        kith_slice line = take_until(&rest, '\n');
        if (line.length == 0 || line.data[0] == '#') {
            continue;
        }
        kith_slice columns = line;
        uint8_t bytes[3][64];
        kith_slice source = decode_points(take_until(&columns, ';'), bytes[0]);
        kith_slice composed = decode_points(take_until(&columns, ';'), bytes[1]);
        kith_slice decomposed = decode_points(columns, bytes[2]);
        assert_normal_form(&arena, source, composed, line);
        assert_normal_form(&arena, composed, composed, line);
        assert_normal_form(&arena, decomposed, composed, line);
        kith_arena_reset(&arena);
        count++;
    }
    assert_true(count > 1000);
    kith_arena_deinit(&arena);
    free(data);
}

static void test_utf8_normalise__makes_two_keyboards_agree(void **state)
{
    (void)state;
    kith_arena arena;
    kith_slice one;
    kith_slice other;
    kith_arena_init(&arena, test_context());
    assert_ok(kith_utf8_normalise(&arena, kith_slice_of("\u09a1\u09bc"), &one)); /* ড + ় */
    assert_ok(kith_utf8_normalise(&arena, kith_slice_of("\u09dc"), &other));     /* ড় */
    assert_true(kith_slice_equal(one, other));
    assert_ok(kith_utf8_normalise(&arena, kith_slice_of("\u09c7\u09be"), &one)); /* ে + া */
    assert_slice(one, "\u09cb");                                                 /* ো */
    kith_arena_deinit(&arena);
}

static void test_utf8_normalise__copies_what_is_normal(void **state)
{
    (void)state;
    kith_arena arena;
    kith_slice normal;
    kith_arena_init(&arena, test_context());
    kith_slice ascii = KITH_SLICE("plain text\nof two lines");
    assert_ok(kith_utf8_normalise(&arena, ascii, &normal));
    assert_true(kith_slice_equal(normal, ascii));
    assert_ptr_not_equal(normal.data, ascii.data);
    assert_ok(kith_utf8_normalise(&arena, (kith_slice){NULL, 0}, &normal));
    assert_int_equal(normal.length, 0);
    kith_arena_deinit(&arena);
}

static void test_utf8_normalise__has_room_for_the_longest_expansion(void **state)
{
    (void)state;
    enum { COUNT = 1000 };
    /* U+0390 decomposes to three characters; U+FB2C grows from three bytes to six in NFC. */
    uint8_t text[COUNT * 3];
    kith_arena arena;
    kith_slice normal;
    kith_arena_init(&arena, test_context());
    for (size_t i = 0; i < COUNT; i++) {
        (void)encode(0xfb2c, text + i * 3);
    }
    assert_ok(kith_utf8_normalise(&arena, kith_slice_make(text, sizeof text), &normal));
    assert_int_equal(normal.length, COUNT * 6);
    for (size_t i = 0; i < COUNT; i++) {
        (void)encode(0x390, text + i * 2);
    }
    assert_ok(kith_utf8_normalise(&arena, kith_slice_make(text, COUNT * 2), &normal));
    assert_true(kith_slice_equal(normal, kith_slice_make(text, COUNT * 2)));
    kith_arena_deinit(&arena);
}

static void test_utf8_normalise__refuses_what_is_not_well_formed(void **state)
{
    (void)state;
    kith_arena arena;
    kith_slice normal = KITH_SLICE("before");
    kith_arena_init(&arena, test_context());
    assert_status(kith_utf8_normalise(&arena, KITH_SLICE("a\xc2"), &normal), KITH_E_SYNTAX);
    assert_null(normal.data);
    kith_arena_deinit(&arena);
}

static void test_utf8_lower__makes_small_letters_of_every_script(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {{"", ""},
                                           {"Nongp\u00dc 7-B", "nongp\u00fc 7-b"},
                                           {"ΑΣ", "ασ"},
                                           {"ÅÉØ", "åéø"},
                                           {"উমস্নিং", "উমস্নিং"},
                                           {"a\u0308", "a\u0308"},
                                           {"Ⱥ", "ⱥ"} /* its small letter is longer */};
    kith_arena arena;
    kith_arena_init(&arena, test_context());
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(pairs); i++) {
        kith_slice lower;
        assert_ok(kith_utf8_lower(&arena, kith_slice_of(pairs[i][0]), &lower));
        assert_slice(lower, pairs[i][1]);
    }
    kith_arena_deinit(&arena);
}

static void test_utf8_lower__refuses_what_is_not_well_formed(void **state)
{
    (void)state;
    kith_arena arena;
    kith_arena_init(&arena, test_context());
    kith_slice lower = KITH_SLICE("before");
    assert_status(kith_utf8_lower(&arena, KITH_SLICE("a\xff"), &lower), KITH_E_SYNTAX);
    assert_int_equal(lower.length, 0);
    kith_arena_deinit(&arena);
}

static void test_utf8_has_control__finds_exactly_the_controls(void **state)
{
    (void)state;
    for (uint32_t point = 0; point < 0x3000; point++) {
        uint8_t text[8] = {'a'};
        size_t length = 1 + encode(point, text + 1);
        text[length++] = 'b';
        bool is_control = point < 0x20 || (point >= 0x7f && point < 0xa0);
        bool expected = is_control && point != '\n' && point != '\t';
        if (kith_utf8_has_control(kith_slice_make(text, length)) != expected) {
            fail_msg("U+%04X", point);
        }
    }
}

static void test_utf8_has_control__finds_it_wherever_it_stands(void **state)
{
    (void)state;
    static const char *const controls[] = {"\x01", "\x1f", "\x7f", "\r", "\xc2\x80", "\xc2\x9f"};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(controls); i++) {
        for (size_t place = 0; place < 30; place++) {
            char text[40] = "";
            memset(text, place % 2 == 0 ? '~' : ' ', 30);
            memcpy(text + place, controls[i], strlen(controls[i]));
            assert_true(kith_utf8_has_control(kith_slice_of(text)));
            memset(text + place, '\n', strlen(controls[i]));
            assert_false(kith_utf8_has_control(kith_slice_of(text)));
        }
    }
}

static void test_utf8_has_control__is_false_of_nothing(void **state)
{
    (void)state;
    assert_false(kith_utf8_has_control((kith_slice){NULL, 0}));
}

static void test_utf8_cut__ends_between_characters(void **state)
{
    (void)state;
    kith_slice text = kith_slice_of("aé日b");
    static const char *const cuts[] = {"", "a", "aé", "aé", "aé日", "aé日b", "aé日b"};
    for (size_t columns = 0; columns < KITH_ARRAY_LENGTH(cuts); columns++) {
        assert_slice(kith_utf8_cut(text, columns), cuts[columns]);
    }
}

static void test_utf8_cut__keeps_marks_with_their_letter(void **state)
{
    (void)state;
    assert_slice(kith_utf8_cut(kith_slice_of("e\u0301e"), 1), "e\u0301");
    assert_slice(kith_utf8_cut(kith_slice_of("ক\u09cdষ"), 1), "ক\u09cd");
}

/* A piece of text and its columns. */
typedef struct piece {
    const char *text;
    size_t columns;
} piece;

static void test_utf8_cut__is_the_longest_part_that_fits(void **state)
{
    (void)state;
    static const piece pieces[] = {{"a", 1},      {"é", 1}, {"日", 2},   {"\u0301", 0}, {"ৰ", 1},
                                   {"\u09cd", 0}, {"📷", 2}, {"\xff", 1}, {" ", 1}};
    test_random random = test_random_of(test_seed());
    for (size_t round = 0; round < 1000; round++) {
        char text[256] = "";
        size_t columns = (size_t)test_below(&random, 40);
        size_t used = 0;
        size_t expected = 0;
        for (uint64_t i = test_below(&random, 40); i > 0; i--) {
            const piece *next = &pieces[test_below(&random, KITH_ARRAY_LENGTH(pieces))];
            strcat(text, next->text);
            used += next->columns;
            expected = used <= columns ? strlen(text) : expected;
        }
        kith_slice whole = kith_slice_of(text);
        kith_slice part = kith_utf8_cut(whole, columns);
        assert_ptr_equal(part.data, whole.data);
        assert_int_equal(part.length, expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_utf8_valid_bytes__agrees_with_utf8tests),
        cmocka_unit_test(test_utf8_valid_bytes__takes_every_code_point_but_surrogates),
        cmocka_unit_test(test_utf8_valid_bytes__finds_the_bad_byte_wherever_it_stands),
        cmocka_unit_test(test_utf8_valid_bytes__stops_before_a_character_cut_off),
        cmocka_unit_test(test_utf8_normalise__agrees_with_unicodes_table),
        cmocka_unit_test(test_utf8_normalise__makes_two_keyboards_agree),
        cmocka_unit_test(test_utf8_normalise__copies_what_is_normal),
        cmocka_unit_test(test_utf8_normalise__has_room_for_the_longest_expansion),
        cmocka_unit_test(test_utf8_normalise__refuses_what_is_not_well_formed),
        cmocka_unit_test(test_utf8_lower__makes_small_letters_of_every_script),
        cmocka_unit_test(test_utf8_lower__refuses_what_is_not_well_formed),
        cmocka_unit_test(test_utf8_has_control__finds_exactly_the_controls),
        cmocka_unit_test(test_utf8_has_control__finds_it_wherever_it_stands),
        cmocka_unit_test(test_utf8_has_control__is_false_of_nothing),
        cmocka_unit_test(test_utf8_cut__ends_between_characters),
        cmocka_unit_test(test_utf8_cut__keeps_marks_with_their_letter),
        cmocka_unit_test(test_utf8_cut__is_the_longest_part_that_fits),
    };
    return cmocka_run_group_tests_name("text/utf8", tests, NULL, NULL);
}
