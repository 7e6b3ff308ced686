/* SPDX-License-Identifier: Apache-2.0 */
#include "value/value.h"

#include <stdio.h>

#include "base/id.h"
#include "base/limits.h"
#include "harness.h"
#include "heap.h"

/* A value in all its forms: as typed, as shown, as stored (proto/spec/encoding.md §2). */
typedef struct example {
    uint8_t type;
    const char *typed;
    const char *shown;
    kith_slice bytes;
} example;

/* A slice in a static table, where a compound literal may not stand. */
#define INT_MIN_BYTES "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"
#define INT_MAX_BYTES "\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01"
#define REF_BYTES "\x3d\x07\x3b\xa7\xa2\xe3\x49\xaf\xb1\x11\x00\x00\x00\x00\x00\x25"

/* SHA-256 of no bytes (FIPS 180-4). */
#define BLOB_TEXT "sha256-e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define BLOB_BYTES                                                     \
    "\xe3\xb0\xc4\x42\x98\xfc\x1c\x14\x9a\xfb\xf4\xc8\x99\x6f\xb9\x24" \
    "\x27\xae\x41\xe4\x64\x9b\x93\x4c\xa4\x95\x99\x1b\x78\x52\xb8\x55"

static const example examples[] = {
    {KITH_TYPE_TEXT, "Asha", "Asha", BYTES("Asha")},
    {KITH_TYPE_TEXT, " two\n\tlines \n", "two\n\tlines", BYTES("two\n\tlines")},
    {KITH_TYPE_TEXT, "আশা", "আশা", BYTES("আশা")},
    {KITH_TYPE_INT, "0", "0", BYTES("\x00")},
    {KITH_TYPE_INT, "-3", "-3", BYTES("\x05")},
    {KITH_TYPE_INT, "+12", "12", BYTES("\x18")},
    /* Past 2^53 a double would have lost the last digit. */
    {KITH_TYPE_INT, "9007199254740993", "9007199254740993",
     BYTES("\x82\x80\x80\x80\x80\x80\x80\x20")},
    {KITH_TYPE_INT, "9223372036854775807", "9223372036854775807", BYTES(INT_MAX_BYTES)},
    {KITH_TYPE_INT, "-9223372036854775808", "-9223372036854775808", BYTES(INT_MIN_BYTES)},
    {KITH_TYPE_DECIMAL, "12.50", "12.5", BYTES("\xfa\x01\x01")},
    {KITH_TYPE_DECIMAL, "-7", "-7", BYTES("\x0d\x00")},
    {KITH_TYPE_BOOL, "yes", "yes", BYTES("\x01")},
    {KITH_TYPE_BOOL, "no", "no", BYTES("\x00")},
    {KITH_TYPE_DATE, "2009-03-14", "2009-03-14", BYTES("\x00\xda\xdf\x01")},
    {KITH_TYPE_DATE, "~2009", "~2009", BYTES("\x06\x4e")},
    {KITH_TYPE_DATE, "2009-01..2009-06", "2009-01..2009-06", BYTES("\x19\xa8\x07\xb2\x07")},
    {KITH_TYPE_CODE, "female", "female", BYTES("female")},
    {KITH_TYPE_REF, "7M3KQ9X2WD4TZC8H-37", "7m3kq9x2wd4tzc8h-37", BYTES(REF_BYTES)},
    {KITH_TYPE_GEO, "25.5788, 91.8933", "25.57880,91.89330",
     BYTES("\xf0\x9e\xb8\x02\xa4\xdf\xe1\x08")},
    {KITH_TYPE_GEO, "-0.00001,-180", "-0.00001,-180.00000", BYTES("\x01\xff\xa1\x95\x11")},
    {KITH_TYPE_PHONE, "+91 (98630) 12-34.5", "+919863012345", BYTES("+919863012345")},
    {KITH_TYPE_PHONE, "112", "112", BYTES("112")},
    {KITH_TYPE_BLOB, BLOB_TEXT, BLOB_TEXT, BYTES(BLOB_BYTES)}};

static kith_arena arena;

static int open_arena(void **state)
{
    (void)state;
    kith_arena_init(&arena, test_context());
    return 0;
}

static int close_arena(void **state)
{
    (void)state;
    kith_arena_deinit(&arena);
    return 0;
}

static kith_value parse(int32_t type, kith_slice text)
{
    kith_value value;
    const char *why = "before";
    kith_status status = kith_value_parse(type, text, &arena, &value, &why);
    if (status != KITH_OK) {
        fail_msg("\"%.*s\": %s %s", KITH_SLICE_ARGUMENTS(text), kith_status_name(status), why);
    }
    assert_null(why);
    return value;
}

static void assert_refused(int32_t type, kith_slice text, const char *expected)
{
    kith_value value = {KITH_TYPE_TEXT, BYTES("before")};
    const char *why = NULL;
    kith_status status = kith_value_parse(type, text, &arena, &value, &why);
    if (status != KITH_E_REFUSED || why == NULL || strcmp(why, expected) != 0) {
        fail_msg("\"%.*s\": %s, \"%s\"", KITH_SLICE_ARGUMENTS(text), kith_status_name(status),
                 why == NULL ? "" : why);
    }
    assert_int_equal(value.type, KITH_TYPE_NONE);
    assert_null(value.bytes.data);
    assert_int_equal(value.bytes.length, 0);
}

static void assert_all_refused(int32_t type, const char *const *texts, size_t count,
                               const char *expected)
{
    for (size_t i = 0; i < count; i++) {
        assert_refused(type, kith_slice_of(texts[i]), expected);
    }
}

#define ASSERT_ALL_REFUSED(type, texts, expected) \
    assert_all_refused((type), (texts), KITH_ARRAY_LENGTH(texts), (expected))

/* So many of a letter, or of any other text. */
static kith_slice repeat(const char *text, size_t count)
{
    size_t length = strlen(text);
    uint8_t *bytes = kith_arena_array(&arena, count, length);
    assert_non_null(bytes);
    for (size_t i = 0; i < count; i++) {
        memcpy(bytes + i * length, text, length);
    }
    return kith_slice_make(bytes, count * length);
}

static void test_value_parse__gives_the_bytes_of_the_specification(void **state)
{
    (void)state;
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(examples); i++) {
        kith_value value = parse(examples[i].type, kith_slice_of(examples[i].typed));
        assert_int_equal(value.type, examples[i].type);
        if (!kith_slice_equal(value.bytes, examples[i].bytes)) {
            fail_msg("\"%s\" has other bytes", examples[i].typed);
        }
        assert_true(kith_value_is_canonical(value));
    }
}

static void test_value_format__gives_the_text_form(void **state)
{
    (void)state;
    kith_buf text;
    kith_buf_init(&text, test_context(), 1024);
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(examples); i++) {
        kith_buf_clear(&text);
        kith_value_format((kith_value){examples[i].type, examples[i].bytes}, &text);
        assert_slice(kith_buf_slice(&text), examples[i].shown);
    }
    kith_buf_deinit(&text);
}

static void test_value_parse__takes_all_words_for_yes_and_no(void **state)
{
    (void)state;
    static const char *const yes[] = {"yes", "true", "1", "y", " yes "};
    static const char *const no[] = {"no", "false", "0", "n"};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(yes); i++) {
        assert_true(kith_value_is_yes(parse(KITH_TYPE_BOOL, kith_slice_of(yes[i]))));
    }
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(no); i++) {
        assert_false(kith_value_is_yes(parse(KITH_TYPE_BOOL, kith_slice_of(no[i]))));
    }
}

static void test_value_parse__refuses_what_is_empty(void **state)
{
    (void)state;
    static const char *const blanks[] = {"", " ", "\r\n", "\t \n"};
    for (int32_t type = KITH_TYPE_TEXT; type <= KITH_TYPE_BLOB; type++) {
        ASSERT_ALL_REFUSED(type, blanks, "is empty");
    }
}

static void test_value_parse__refuses_control_characters_in_text(void **state)
{
    (void)state;
    static const kith_slice texts[] = {BYTES("bell\a."), BYTES("\x1b[31mred"), BYTES("del\x7f."),
                                       BYTES("next line\xc2\x85."), BYTES("no\0thing")};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(texts); i++) {
        assert_refused(KITH_TYPE_TEXT, texts[i], "holds a control character");
        assert_refused(KITH_TYPE_CODE, texts[i], "holds a control character");
    }
}

static void test_value_parse__refuses_what_is_no_utf8(void **state)
{
    (void)state;
    static const char *const texts[] = {"\xff", "cut \xe0\xa6", "overlong \xc0\xaf",
                                        "surrogate \xed\xa0\x80"};
    ASSERT_ALL_REFUSED(KITH_TYPE_TEXT, texts, "is not UTF-8");
    ASSERT_ALL_REFUSED(KITH_TYPE_CODE, texts, "is not UTF-8");
}

static void test_value_parse__drops_carriage_returns(void **state)
{
    (void)state;
    kith_value value = parse(KITH_TYPE_TEXT, KITH_SLICE("\r\none\r\ntwo\rthree\r\n"));
    assert_slice(value.bytes, "one\ntwothree");
}

static void test_value_parse__makes_one_form_of_letters_typed_two_ways(void **state)
{
    (void)state;
    kith_value composed = parse(KITH_TYPE_TEXT, KITH_SLICE("Jos\xc3\xa9"));
    kith_value decomposed = parse(KITH_TYPE_TEXT, KITH_SLICE("Jose\xcc\x81"));
    assert_true(kith_value_equal(composed, decomposed));
    assert_slice(decomposed.bytes, "Jos\xc3\xa9");
}

static void test_value_parse__takes_text_up_to_the_limit(void **state)
{
    (void)state;
    kith_value value = parse(KITH_TYPE_TEXT, repeat("x", KITH_VALUE_BYTES_MAX));
    assert_int_equal(value.bytes.length, KITH_VALUE_BYTES_MAX);
    assert_true(kith_value_is_canonical(value));
    assert_refused(KITH_TYPE_TEXT, repeat("x", KITH_VALUE_BYTES_MAX + 1),
                   "is longer than 65536 bytes; attach it as a file");
}

static void test_value_parse__measures_text_after_normalising(void **state)
{
    (void)state;
    /* U+0958 becomes two letters in Normalisation Form C: three bytes become six. */
    assert_refused(KITH_TYPE_TEXT, repeat("\xe0\xa5\x98", 11000),
                   "is longer than 65536 bytes; attach it as a file");
    assert_refused(KITH_TYPE_CODE, repeat("\xe0\xa5\x98", 11), "is not a code");
}

static void test_value_parse__takes_codes_up_to_the_limit(void **state)
{
    (void)state;
    kith_value code = parse(KITH_TYPE_CODE, repeat("c", KITH_NAME_BYTES_MAX));
    assert_true(kith_value_is_canonical(code));
    assert_refused(KITH_TYPE_CODE, repeat("c", KITH_NAME_BYTES_MAX + 1), "is not a code");
}

static void test_value_parse__gives_the_reason_of_each_type(void **state)
{
    (void)state;
    assert_refused(KITH_TYPE_INT, KITH_SLICE("1.5"), "is not a whole number");
    assert_refused(KITH_TYPE_INT, KITH_SLICE("9223372036854775808"), "is too large");
    assert_refused(KITH_TYPE_DECIMAL, KITH_SLICE("1e3"), "is not a decimal number");
    assert_refused(KITH_TYPE_DECIMAL, KITH_SLICE("0.1234567890123456789"), "has too many digits");
    assert_refused(KITH_TYPE_BOOL, KITH_SLICE("maybe"), "is neither yes nor no");
    assert_refused(KITH_TYPE_BOOL, KITH_SLICE("YES"), "is neither yes nor no");
    assert_refused(KITH_TYPE_DATE, KITH_SLICE("14.3.2009"), "is not a date");
    assert_refused(KITH_TYPE_DATE, KITH_SLICE("2009-02-30"), "is not in the calendar");
    assert_refused(KITH_TYPE_GEO, KITH_SLICE("Shillong"), "is not a place");
    assert_refused(KITH_TYPE_GEO, KITH_SLICE("91.9,25.6"), "lies outside the world");
}

static void test_value_parse__refuses_what_is_no_whole_id(void **state)
{
    (void)state;
    static const char *const texts[] = {"37", "7m3k-37", "Asha", "7m3kq9x2wd4tzc8h-0"};
    ASSERT_ALL_REFUSED(KITH_TYPE_REF, texts, "is not an id");
}

static void test_value_parse__refuses_what_is_no_phone_number(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "none",      "98630/12345", "91+98630", "++91986", "ask at the church in the village",
        "৯৮৬৩০১২৩৪৫"};
    static const char *const short_ones[] = {"1", "12", "+12", "()"};
    static const char *const long_ones[] = {"1234567890123456", "+1234567890123456",
                                            "12345678901234567890"};
    ASSERT_ALL_REFUSED(KITH_TYPE_PHONE, texts, "is not a phone number");
    ASSERT_ALL_REFUSED(KITH_TYPE_PHONE, short_ones, "has too few digits");
    ASSERT_ALL_REFUSED(KITH_TYPE_PHONE, long_ones, "has too many digits");
}

static void test_value_parse__takes_the_shortest_and_longest_phone_numbers(void **state)
{
    (void)state;
    assert_slice(parse(KITH_TYPE_PHONE, KITH_SLICE("108")).bytes, "108");
    assert_slice(parse(KITH_TYPE_PHONE, KITH_SLICE("123456789012345")).bytes, "123456789012345");
    assert_slice(parse(KITH_TYPE_PHONE, KITH_SLICE("+123456789012345")).bytes, "+123456789012345");
}

static void test_value_parse__refuses_what_names_no_file(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "sha256-",
        "sha256-e3b0c4",
        "sha1-e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "sha256-E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855",
        "sha256-g3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        BLOB_TEXT "00"};
    ASSERT_ALL_REFUSED(KITH_TYPE_BLOB, texts, "is not the name of a file's content");
}

static void test_value_parse__refuses_types_that_it_does_not_know(void **state)
{
    (void)state;
    static const int32_t types[] = {KITH_TYPE_NONE, KITH_TYPE_BLOB + 1, 99, KITH_TYPE_MAX};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(types); i++) {
        assert_refused(types[i], KITH_SLICE("1,2"), "is of a type that is not known");
    }
}

static kith_status parse_with_little_memory(kith_context *cx, void *user)
{
    const example *e = user;
    kith_value value;
    const char *why = NULL;
    kith_arena scarce;
    kith_arena_init(&scarce, cx);
    kith_status status = kith_value_parse(e->type, kith_slice_of(e->typed), &scarce, &value, &why);
    assert_int_equal(value.type, status == KITH_OK ? e->type : KITH_TYPE_NONE);
    assert_null(why);
    kith_arena_deinit(&scarce);
    return status;
}

static void test_value_parse__reports_lack_of_memory(void **state)
{
    (void)state;
    /* Long enough that the arena needs more than its first piece, twice. */
    kith_slice text;
    assert_ok(kith_arena_copy(&arena, repeat("\r\xc3\xa9", 4000), &text));
    example long_text = {.type = KITH_TYPE_TEXT, .typed = (const char *)text.data};
    heap_fail_each_allocation(parse_with_little_memory, &long_text);
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(examples); i++) {
        example one = examples[i];
        heap_fail_each_allocation(parse_with_little_memory, &one);
    }
}

static void test_value_is_canonical__is_false_of_every_other_form(void **state)
{
    (void)state;
    static const kith_value values[] = {
        {KITH_TYPE_NONE, BYTES("x")},
        {KITH_TYPE_TEXT, BYTES("")},
        {KITH_TYPE_TEXT, BYTES("\xff")},
        {KITH_TYPE_TEXT, BYTES("a\r\n")},
        {KITH_TYPE_INT, BYTES("")},
        {KITH_TYPE_INT, BYTES("\x85\x00")}, /* 5 in two bytes */
        {KITH_TYPE_INT, BYTES("\x05\x05")},
        {KITH_TYPE_INT, BYTES("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02")},
        {KITH_TYPE_DECIMAL, BYTES("\x14\x01")}, /* 1.0 */
        {KITH_TYPE_DECIMAL, BYTES("\x00\x01")},
        {KITH_TYPE_DECIMAL, BYTES("\x02\x13")},
        {KITH_TYPE_DECIMAL, BYTES(INT_MIN_BYTES "\x00")},
        {KITH_TYPE_BOOL, BYTES("")},
        {KITH_TYPE_BOOL, BYTES("\x02")},
        {KITH_TYPE_BOOL, BYTES("\x01\x01")},
        {KITH_TYPE_DATE, BYTES("\x03\x00")},
        {KITH_TYPE_DATE, BYTES("\x40\x00")},
        {KITH_TYPE_DATE, BYTES("\x0a\x02\x00")}, /* ends before it begins */
        {KITH_TYPE_CODE, BYTES("")},
        {KITH_TYPE_CODE, BYTES("a\a")},
        {KITH_TYPE_REF, BYTES("short")},
        {KITH_TYPE_REF, BYTES("0123456789\x00\x00\x00\x00\x00\x00")},
        {KITH_TYPE_REF, BYTES("0123456789\x01\x00\x00\x00\x00\x00")},
        {KITH_TYPE_GEO, BYTES("\x00")},
        {KITH_TYPE_GEO, BYTES("\x82\xd1\xca\x08\x00")}, /* 90.00001 north */
        {KITH_TYPE_PHONE, BYTES("12")},
        {KITH_TYPE_PHONE, BYTES("1234567890123456")},
        {KITH_TYPE_PHONE, BYTES("98630 12345")},
        {KITH_TYPE_BLOB, BYTES("0123456789012345678901234567890")},
        {KITH_TYPE_BLOB, BYTES("012345678901234567890123456789012")}};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(values); i++) {
        if (kith_value_is_canonical(values[i])) {
            fail_msg("value %zu of type %d is taken", i, values[i].type);
        }
    }
    assert_false(kith_value_is_canonical(
        (kith_value){KITH_TYPE_TEXT, repeat("x", KITH_VALUE_BYTES_MAX + 1)}));
    assert_false(kith_value_is_canonical(
        (kith_value){KITH_TYPE_CODE, repeat("x", KITH_NAME_BYTES_MAX + 1)}));
}

static void test_value_is_canonical__is_true_of_unknown_types(void **state)
{
    (void)state;
    static const uint8_t types[] = {KITH_TYPE_BLOB + 1, 15, 99, KITH_TYPE_MAX};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(types); i++) {
        assert_true(kith_value_is_canonical((kith_value){types[i], BYTES("\xff\x00")}));
        assert_true(kith_value_is_canonical((kith_value){types[i], BYTES("")}));
        assert_true(
            kith_value_is_canonical((kith_value){types[i], repeat("x", KITH_VALUE_BYTES_MAX)}));
        assert_false(
            kith_value_is_canonical((kith_value){types[i], repeat("x", KITH_VALUE_BYTES_MAX + 1)}));
    }
}

/* Other programs may store text in another form than C; it is theirs to settle. */
static void test_value_is_canonical__leaves_the_form_of_text_to_writers(void **state)
{
    (void)state;
    assert_true(kith_value_is_canonical((kith_value){KITH_TYPE_TEXT, BYTES("e\xcc\x81")}));
}

static void assert_read_back(kith_value value)
{
    kith_buf bytes;
    kith_buf_init(&bytes, test_context(), KITH_VALUE_BYTES_MAX + 16);
    kith_value_write(&bytes, value);
    assert_ok(kith_buf_status(&bytes));
    kith_reader reader = kith_reader_of(kith_buf_slice(&bytes));
    assert_true(kith_value_equal(kith_value_read(&reader), value));
    assert_true(kith_reader_finished(&reader));
    kith_buf_deinit(&bytes);
}

static void test_value_read__gives_what_was_written(void **state)
{
    (void)state;
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(examples); i++) {
        assert_read_back((kith_value){examples[i].type, examples[i].bytes});
    }
    assert_read_back((kith_value){0});
    assert_read_back((kith_value){KITH_TYPE_TEXT, repeat("x", KITH_VALUE_BYTES_MAX)});
}

static void test_value_read__gives_unknown_types_untouched(void **state)
{
    (void)state;
    for (unsigned type = KITH_TYPE_BLOB + 1; type <= KITH_TYPE_MAX; type++) {
        assert_read_back((kith_value){(uint8_t)type, BYTES("\x00\xff?")});
        assert_read_back((kith_value){(uint8_t)type, BYTES("")});
    }
}

static void test_value_write__follows_the_specification(void **state)
{
    (void)state;
    kith_buf bytes;
    kith_buf_init(&bytes, test_context(), 64);
    kith_value_write(&bytes, (kith_value){0});
    kith_value_write(&bytes, (kith_value){KITH_TYPE_TEXT, BYTES("ab")});
    kith_value_write(&bytes, (kith_value){14, BYTES("c")});
    kith_value_write(&bytes, (kith_value){15, BYTES("d")});
    kith_value_write(&bytes, (kith_value){99, BYTES("")});
    /* length << 4 | type; 15 announces the type behind it */
    kith_slice expected = KITH_SLICE("\x00"
                                     "\x21"
                                     "ab"
                                     "\x1e"
                                     "c"
                                     "\x1f\x0f"
                                     "d"
                                     "\x0f\x63");
    assert_true(kith_slice_equal(kith_buf_slice(&bytes), expected));
    kith_buf_deinit(&bytes);
}

static void test_value_read__refuses_what_is_no_value(void **state)
{
    (void)state;
    static const kith_slice texts[] = {BYTES(""),
                                       BYTES("\x21x"),         /* two bytes announced, one there */
                                       BYTES("\x10"),          /* none with a byte */
                                       BYTES("\x01"),          /* a text of no bytes */
                                       BYTES("\x24\x01\x01"),  /* a bool of two bytes */
                                       BYTES("\x0f"),          /* type announced, not there */
                                       BYTES("\x1f\x01x"),     /* a small type the long way */
                                       BYTES("\x1f\x0ex"),     /* the same, the last of them */
                                       BYTES("\x1f\x80\x01x"), /* a type above 127 */
                                       BYTES("\xff\xff\xff\xff"), /* a head that does not end */
                                       BYTES("\xa1\x80\x00xx")};  /* 0x21 in three bytes */
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(texts); i++) {
        kith_reader reader = kith_reader_of(texts[i]);
        kith_value value = kith_value_read(&reader);
        if (!reader.failed) {
            fail_msg("text %zu is taken", i);
        }
        assert_int_equal(value.type, KITH_TYPE_NONE);
        assert_int_equal(value.bytes.length, 0);
    }
}

static void test_value_read__refuses_values_past_the_limit(void **state)
{
    (void)state;
    kith_buf bytes;
    kith_buf_init(&bytes, test_context(), KITH_VALUE_BYTES_MAX + 16);
    kith_value_write(&bytes, (kith_value){99, repeat("x", KITH_VALUE_BYTES_MAX + 1)});
    assert_ok(kith_buf_status(&bytes));
    kith_reader reader = kith_reader_of(kith_buf_slice(&bytes));
    (void)kith_value_read(&reader);
    assert_true(reader.failed);
    kith_buf_deinit(&bytes);
}

static void test_value_format__shows_unknown_types_in_hexadecimal(void **state)
{
    (void)state;
    kith_buf text;
    kith_buf_init(&text, test_context(), 64);
    kith_value_format((kith_value){99, BYTES("\x00\xfa")}, &text);
    assert_slice(kith_buf_slice(&text), "type-99:00fa");
    kith_buf_clear(&text);
    kith_value_format((kith_value){0}, &text);
    assert_slice(kith_buf_slice(&text), "");
    kith_buf_deinit(&text);
}

static void test_value_compare__orders_by_type_then_bytes(void **state)
{
    (void)state;
    static const kith_value in_order[] = {
        {KITH_TYPE_NONE, BYTES("")},  {KITH_TYPE_TEXT, BYTES("a")}, {KITH_TYPE_TEXT, BYTES("ab")},
        {KITH_TYPE_TEXT, BYTES("b")}, {KITH_TYPE_CODE, BYTES("a")}, {99, BYTES("")}};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(in_order); i++) {
        for (size_t j = 0; j < KITH_ARRAY_LENGTH(in_order); j++) {
            int order = kith_value_compare(in_order[i], in_order[j]);
            assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
            assert_int_equal(kith_value_equal(in_order[i], in_order[j]), i == j);
        }
    }
}

static void test_value_of_id__makes_a_reference(void **state)
{
    (void)state;
    kith_id id;
    kith_value value;
    assert_ok(kith_id_parse(KITH_SLICE("7m3kq9x2wd4tzc8h-37"), &id));
    assert_ok(kith_value_of_id(id, &arena, &value));
    assert_true(kith_value_equal(value, (kith_value){KITH_TYPE_REF, BYTES(REF_BYTES)}));
    assert_true(kith_id_equal(kith_value_id(value), id));
}

static void test_value_of_integer__makes_every_number(void **state)
{
    (void)state;
    static const int64_t numbers[] = {
        0, -1, 63, 64, INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN, (INT64_C(1) << 53) + 1};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(numbers); i++) {
        kith_value value;
        assert_ok(kith_value_of_integer(numbers[i], &arena, &value));
        assert_int_equal(value.type, KITH_TYPE_INT);
        assert_true(kith_value_is_canonical(value));
        assert_true(kith_value_integer(value) == numbers[i]);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_arena, close_arena)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_value_parse__gives_the_bytes_of_the_specification),
        TEST(test_value_format__gives_the_text_form),
        TEST(test_value_parse__takes_all_words_for_yes_and_no),
        TEST(test_value_parse__refuses_what_is_empty),
        TEST(test_value_parse__refuses_control_characters_in_text),
        TEST(test_value_parse__refuses_what_is_no_utf8),
        TEST(test_value_parse__drops_carriage_returns),
        TEST(test_value_parse__makes_one_form_of_letters_typed_two_ways),
        TEST(test_value_parse__takes_text_up_to_the_limit),
        TEST(test_value_parse__measures_text_after_normalising),
        TEST(test_value_parse__takes_codes_up_to_the_limit),
        TEST(test_value_parse__gives_the_reason_of_each_type),
        TEST(test_value_parse__refuses_what_is_no_whole_id),
        TEST(test_value_parse__refuses_what_is_no_phone_number),
        TEST(test_value_parse__takes_the_shortest_and_longest_phone_numbers),
        TEST(test_value_parse__refuses_what_names_no_file),
        TEST(test_value_parse__refuses_types_that_it_does_not_know),
        TEST(test_value_parse__reports_lack_of_memory),
        TEST(test_value_is_canonical__is_false_of_every_other_form),
        TEST(test_value_is_canonical__is_true_of_unknown_types),
        TEST(test_value_is_canonical__leaves_the_form_of_text_to_writers),
        TEST(test_value_read__gives_what_was_written),
        TEST(test_value_read__gives_unknown_types_untouched),
        TEST(test_value_write__follows_the_specification),
        TEST(test_value_read__refuses_what_is_no_value),
        TEST(test_value_read__refuses_values_past_the_limit),
        TEST(test_value_format__shows_unknown_types_in_hexadecimal),
        TEST(test_value_compare__orders_by_type_then_bytes),
        TEST(test_value_of_id__makes_a_reference),
        TEST(test_value_of_integer__makes_every_number),
    };
    return cmocka_run_group_tests_name("value/value", tests, NULL, NULL);
}
