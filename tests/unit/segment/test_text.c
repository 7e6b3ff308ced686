/* Columns of texts against proto/spec/segment.md §5. SPDX-License-Identifier: Apache-2.0 */
#include "segment/text.h"

#include "base/limits.h"
#include "base/writer.h"
#include "heap.h"

enum { PLAIN = 0, DISTINCT = 1, WORDS = 2 };

static kith_arena arena;
static kith_buf out;

static int begin(void **state)
{
    (void)state;
    kith_arena_init(&arena, test_context());
    kith_buf_init(&out, test_context(), 2 * KITH_SEGMENT_INFLATED_MAX);
    return 0;
}

static int end(void **state)
{
    (void)state;
    kith_arena_deinit(&arena);
    kith_buf_deinit(&out);
    return 0;
}

static kith_status read_texts(kith_slice bytes, size_t count, kith_slice **texts_out)
{
    kith_column_reader columns = {.cx = test_context(),
                                  .arena = &arena,
                                  .reader = kith_reader_of(bytes),
                                  .room = KITH_SEGMENT_INFLATED_MAX};
    kith_status status = kith_text_column_read(&columns, count, texts_out);
    return status == KITH_OK && !kith_reader_finished(&columns.reader) ? KITH_E_DAMAGED : status;
}

static void assert_reads_back(const kith_slice *texts, size_t count)
{
    kith_slice *read = NULL;
    kith_buf_clear(&out);
    assert_ok(kith_text_column_write(test_context(), texts, count, &out));
    assert_ok(read_texts(kith_buf_slice(&out), count, &read));
    for (size_t i = 0; i < count; i++) {
        assert_true(kith_slice_equal(read[i], texts[i]));
    }
}

static void test_texts__of_none_take_no_bytes(void **state)
{
    (void)state;
    assert_reads_back(NULL, 0);
    assert_int_equal(out.length, 0);
}

static void test_texts__come_back_plain(void **state)
{
    (void)state;
    const kith_slice texts[] = {KITH_SLICE("Rani Das"), KITH_SLICE("রানী দাস"), KITH_SLICE("")};
    assert_reads_back(texts, 3);
    assert_int_equal(out.data[0], PLAIN);
}

static void test_texts__that_repeat_are_spelled_once(void **state)
{
    (void)state;
    kith_slice texts[600];
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(texts); i++) {
        texts[i] = i * i % 7 < 3 ? KITH_SLICE("Kokrajhar") : KITH_SLICE("Dhubri");
    }
    assert_reads_back(texts, KITH_ARRAY_LENGTH(texts));
    assert_int_equal(out.data[0], DISTINCT);
    assert_true(out.length < 200);
}

/* Sentences of some words in every order: what notes are made of. */
static kith_slice sentence(test_random *random)
{
    static const char *const words[] = {
        "mother", "says",   "she",   "left",  "with", "the",    "agent",   "for",     "Delhi",
        "phone",  "off",    "since", "March", "12",   "father", "was",     "told",    "salary",
        "9000",   "rupees", "a",     "month", "no",   "news",   "village", "headman", "informed"};
    static const char *const gaps[] = {" ", " ", " ", " ", ", ", ". ", "-", "  ", "'s ", "/"};
    kith_buf text;
    kith_slice kept;
    kith_buf_init(&text, test_context(), 1000);
    for (size_t i = 0, count = 5 + test_below(random, 20); i < count; i++) {
        kith_buf_append_text(&text, words[test_below(random, KITH_ARRAY_LENGTH(words))]);
        kith_buf_append_text(&text, gaps[test_below(random, KITH_ARRAY_LENGTH(gaps))]);
    }
    assert_ok(kith_arena_copy(&arena, kith_buf_slice(&text), &kept));
    kith_buf_deinit(&text);
    return kept;
}

static void test_texts__of_words_come_back(void **state)
{
    (void)state;
    kith_slice texts[300];
    test_random random = test_random_of(test_seed());
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(texts); i++) {
        texts[i] = sentence(&random);
    }
    assert_reads_back(texts, KITH_ARRAY_LENGTH(texts));
    assert_int_equal(out.data[0], WORDS);
}

/* Every way in which tokens can touch, and bytes of other scripts, a thousand times. */
static void test_texts__come_back_whatever_stands_between_words(void **state)
{
    (void)state;
    static const char *const parts[] = {"a", "b1", "12", " ", "  ", "'", "\n", "ৰ", "é", ".", "-"};
    kith_slice texts[100];
    test_random random = test_random_of(test_seed());
    for (size_t round = 0; round < 10; round++) {
        for (size_t i = 0; i < KITH_ARRAY_LENGTH(texts); i++) {
            kith_buf text;
            kith_buf_init(&text, test_context(), 1000);
            for (size_t j = 0, count = test_below(&random, 12); j < count; j++) {
                kith_buf_append_text(&text, parts[test_below(&random, KITH_ARRAY_LENGTH(parts))]);
            }
            assert_ok(kith_arena_copy(&arena, kith_buf_slice(&text), &texts[i]));
            kith_buf_deinit(&text);
        }
        assert_reads_back(texts, KITH_ARRAY_LENGTH(texts));
    }
}

/* More words than have a byte of their own. */
static void test_texts__may_have_thousands_of_words(void **state)
{
    (void)state;
    enum { COUNT = 4000 };
    kith_slice *texts = kith_arena_array(&arena, COUNT, sizeof *texts);
    test_random random = test_random_of(test_seed());
    assert_non_null(texts);
    for (size_t i = 0; i < COUNT; i++) {
        kith_buf text;
        kith_buf_init(&text, test_context(), 1000);
        for (size_t j = 0; j < 6; j++) {
            uint64_t word = test_below(&random, 3000);
            char letters[] = {(char)('a' + word % 26),
                              (char)('a' + word / 26 % 26),
                              (char)('a' + word / 676),
                              'x',
                              ' ',
                              '\0'};
            kith_buf_append_text(&text, letters);
        }
        assert_ok(kith_arena_copy(&arena, kith_buf_slice(&text), &texts[i]));
        kith_buf_deinit(&text);
    }
    assert_reads_back(texts, COUNT);
    assert_int_equal(out.data[0], WORDS);
}

static void assert_reads(kith_slice bytes, size_t count, kith_status expected, const char *joined)
{
    kith_slice *texts = NULL;
    kith_buf text;
    kith_status status = read_texts(bytes, count, &texts);
    assert_status(status, expected);
    kith_buf_init(&text, test_context(), 1000);
    for (size_t i = 0; status == KITH_OK && i < count; i++) {
        kith_buf_append_slice(&text, texts[i]);
        kith_buf_append_text(&text, "|");
    }
    assert_string_equal(test_text(&text), joined);
    kith_buf_deinit(&text);
}

static void test_texts__follow_the_specification(void **state)
{
    (void)state;
    assert_reads(KITH_SLICE("\x00\x04\x00"
                            "a\0b\0"),
                 2, KITH_OK, "a|b|");
    assert_reads(KITH_SLICE("\x01\x02\x04\x00"
                            "a\0b\0"
                            "\x00\x01\x00\x00\x01\x00"),
                 3, KITH_OK, "a|b|a|");
    /* two common words and a rare one; glue between the last two */
    assert_reads(
        KITH_SLICE("\x02\x02\x01\x0c\x00"
                   "left\0she\0er\0"
                   "\x10\x00\x03\x02\xff\x00\x03\xff\x04\xff\x00\x00\x03\x00\x03\x01\x02\x00"
                   "\x00\x00\x06\x00.\0-\0x\0"),
        5, KITH_OK, "she left.|she-er x||she|sheleft|");
}

static void test_texts__are_refused_where_they_are_none(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        kith_slice bytes;
    } wrong[] = {
        {"nothing", BYTES("")},
        {"another coding", BYTES("\x03\x04\x00"
                                 "a\0b\0")},
        {"one text of two", BYTES("\x00\x02\x00"
                                  "a\0")},
        {"three texts of two", BYTES("\x00\x06\x00"
                                     "a\0b\0c\0")},
        {"no end", BYTES("\x00\x03\x00"
                         "a\0b")},
        {"none that are distinct", BYTES("\x01\x00\x00\x00\x00\x00")},
        {"as many as there are", BYTES("\x01\x02\x04\x00"
                                       "a\0b\0"
                                       "\x00\x00")},
        {"a text past the last", BYTES("\x01\x01\x02\x00"
                                       "a\0"
                                       "\x02\x00")},
        {"a negative one", BYTES("\x01\x01\x02\x00"
                                 "a\0"
                                 "\x01\x00")},
        {"too many common words", BYTES("\x02\xfe\x01\x00\x00\x00\x00\x00\x00\x00")},
        {"a word past the last", BYTES("\x02\x00\x00\x00\x00\x03\x00\x02\x00\x00\x00\x00\x00\x00")},
        {"an empty word", BYTES("\x02\x01\x00\x01\x00\x00\x03\x00\x02\x00\x00\x00\x00\x00")},
        {"no word of its own", BYTES("\x02\x00\x00\x00\x00\x03\x00\xff\x00\x00\x00\x00\x00")},
        {"a word that is left over",
         BYTES("\x02\x00\x00\x00\x00\x02\x00\x00\x00\x00\x02\x00x\x00")},
        {"a token behind the last text",
         BYTES("\x02\x01\x00\x02\x00x\x00\x03\x00\x00\x00\x02\x00\x00\x00")},
    };
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(wrong); i++) {
        kith_slice *texts = NULL;
        if (read_texts(wrong[i].bytes, 2, &texts) != KITH_E_DAMAGED) {
            fail_msg("%s was taken", wrong[i].what);
        }
    }
}

/* A long text that stands once must not stand for thousands of them. */
static void test_texts__count_what_they_stand_for(void **state)
{
    (void)state;
    enum { LENGTH = 60000, FITTING = KITH_SEGMENT_INFLATED_MAX / LENGTH - 1 };
    kith_slice *read = NULL;
    uint8_t *text = kith_arena_array(&arena, LENGTH, 1);
    assert_non_null(text);
    memset(text, 'x', LENGTH - 1);
    kith_write_u8(&out, DISTINCT);
    kith_write_varint(&out, 1);
    assert_ok(
        kith_bytes_write(test_context(), kith_slice_make(text, LENGTH), KITH_STREAM_TEXT, &out));
    kith_buf_append(&out, "\0\0", 2);
    assert_ok(read_texts(kith_buf_slice(&out), FITTING, &read));
    assert_status(read_texts(kith_buf_slice(&out), FITTING + 1, &read), KITH_E_DAMAGED);
}

static kith_status write_and_read(kith_context *cx, void *user)
{
    kith_arena kept;
    kith_buf bytes;
    kith_slice *texts = NULL;
    kith_arena_init(&kept, cx);
    kith_buf_init(&bytes, cx, 100000);
    kith_status status = kith_text_column_write(cx, user, 40, &bytes);
    kith_column_reader columns = {.cx = cx,
                                  .arena = &kept,
                                  .reader = kith_reader_of(kith_buf_slice(&bytes)),
                                  .room = KITH_SEGMENT_INFLATED_MAX};
    if (status == KITH_OK) {
        status = kith_text_column_read(&columns, 40, &texts);
    }
    kith_buf_deinit(&bytes);
    kith_arena_deinit(&kept);
    return status;
}

static void test_texts__report_lack_of_memory(void **state)
{
    (void)state;
    kith_slice texts[40];
    test_random random = test_random_of(1);
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(texts); i++) {
        texts[i] = i < 30 ? sentence(&random) : texts[i - 30];
    }
    heap_fail_each_allocation(write_and_read, texts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_texts__of_none_take_no_bytes, begin, end),
        cmocka_unit_test_setup_teardown(test_texts__come_back_plain, begin, end),
        cmocka_unit_test_setup_teardown(test_texts__that_repeat_are_spelled_once, begin, end),
        cmocka_unit_test_setup_teardown(test_texts__of_words_come_back, begin, end),
        cmocka_unit_test_setup_teardown(test_texts__come_back_whatever_stands_between_words, begin,
                                        end),
        cmocka_unit_test_setup_teardown(test_texts__may_have_thousands_of_words, begin, end),
        cmocka_unit_test_setup_teardown(test_texts__follow_the_specification, begin, end),
        cmocka_unit_test_setup_teardown(test_texts__are_refused_where_they_are_none, begin, end),
        cmocka_unit_test_setup_teardown(test_texts__count_what_they_stand_for, begin, end),
        cmocka_unit_test_setup_teardown(test_texts__report_lack_of_memory, begin, end),
    };
    return cmocka_run_group_tests_name("segment/text", tests, NULL, NULL);
}
