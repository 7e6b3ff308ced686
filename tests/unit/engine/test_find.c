/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "device.h"

static kith_status find_in(test_device *device, const char *words, const char *kind, uint32_t limit,
                           kith_list **list_out)
{
    return kith_find_records(device->replica, kith_slice_of(words), kith_slice_of(kind), limit,
                             NULL, list_out);
}

/* The titles found. */
static const char *find(test_device *device, const char *words)
{
    kith_list *list = NULL;
    must(device, find_in(device, words, "", 0, &list));
    return device_titles(list);
}

#define assert_found(device, words, titles) assert_string_equal(find((device), (words)), (titles))

static void test_find__takes_any_case_and_accents(void **state)
{
    test_device *asha = *state;
    (void)device_add_place(asha, "Nongriat Ñúr");
    assert_found(asha, "NONGRIAT", "Nongriat Ñúr");
    assert_found(asha, "  nur, ", "Nongriat Ñúr");
}

static void test_find__takes_names_in_another_script(void **state)
{
    test_device *asha = *state;
    (void)device_add_person(asha, "Rina Lyngdoh");
    device_wait(asha, 1000);
    (void)device_add_person(asha, "রীনা দাস");
    assert_found(asha, "রিনা", "রীনা দাস; Rina Lyngdoh");
    assert_found(asha, "reena das", "রীনা দাস");
}

static void test_find__takes_other_spellings_of_a_name(void **state)
{
    test_device *asha = *state;
    (void)device_add_person(asha, "Rina Lyngdoh");
    assert_found(asha, "lingdo", "Rina Lyngdoh");
    assert_found(asha, "reena lingdoh", "Rina Lyngdoh");
}

static void test_find__takes_the_beginning_of_a_word(void **state)
{
    test_device *asha = *state;
    (void)device_add_place(asha, "Mawlynnong");
    assert_found(asha, "mawl", "Mawlynnong");
    assert_found(asha, "lynnong", "");
    assert_found(asha, "ma", "");
}

static void test_find__wants_every_word(void **state)
{
    test_device *asha = *state;
    (void)device_add(asha, "place", "name=Nongriat", "type=village", "remarks=double bridge");
    (void)device_add(asha, "place", "name=Shella", "type=village", "remarks=one bridge");
    assert_found(asha, "nongriat bridge", "Nongriat");
    assert_found(asha, "nongriat ferry", "");
}

/* Each question has what came before it written to the index. */
static void test_find__knows_a_word_as_long_as_it_stands_anywhere_in_the_record(void **state)
{
    test_device *asha = *state;
    kith_id id = device_add_person(asha, "Ibanri");
    device_set(asha, id, "remarks=Ibanri went to Delhi");
    assert_found(asha, "delhi", "Ibanri");
    device_set(asha, id, "remarks=went to Shillong");
    assert_found(asha, "ibanri shillong", "Ibanri");
    assert_found(asha, "delhi", "");
    device_set(asha, id, "remarks=Ibanri, Ibanri");
    assert_found(asha, "shillong", "");
    device_set(asha, id, "full_name=Rilang");
    assert_found(asha, "ibanri", "Rilang");
    device_set(asha, id, "remarks=");
    assert_found(asha, "ibanri", "");
    assert_found(asha, "rilang", "Rilang");
    device_remove(asha, id);
    assert_found(asha, "rilang", "");
    device_keep(asha, id);
    assert_found(asha, "rilang", "Rilang");
    assert_int_equal(device_check(asha, true).rebuilt_differs, 0);
    assert_found(asha, "rilang", "Rilang");
    assert_found(asha, "ibanri", "");
}

static void test_find__puts_the_better_answer_first(void **state)
{
    test_device *asha = *state;
    /* Each found in its own way, the best one made first and the worst one last. */
    (void)device_add_place(asha, "Rina");
    (void)device_add(asha, "place", "name=Shella", "type=village", "remarks=home of rina");
    (void)device_add_place(asha, "Rinaland");
    (void)device_add_place(asha, "Reena");
    assert_found(asha, "rina", "Rina; Rinaland; Shella; Reena");
}

static void test_find__puts_the_last_changed_first_among_equals(void **state)
{
    test_device *asha = *state;
    (void)device_add(asha, "place", "name=Nongriat", "type=village", "lgd_code=1");
    kith_id place = device_add(asha, "place", "name=Nongriat", "type=town", "lgd_code=2");
    device_wait(asha, 1000);
    (void)device_add(asha, "place", "name=Nongriat", "type=hamlet", "lgd_code=3");
    device_wait(asha, 1000);
    device_set(asha, place, "households=7");
    kith_list *list = NULL;
    must(asha, find_in(asha, "nongriat", "", 0, &list));
    assert_int_equal(kith_list_count(list), 3);
    assert_true(kith_id_equal(kith_list_row_at(list, 0)->id, place));
    kith_list_free(list);
}

static void test_find__takes_phone_numbers_as_people_write_them(void **state)
{
    test_device *asha = *state;
    kith_id person = device_add_person(asha, "Asha");
    device_set(asha, person, "phone=+91 98630 12345");
    assert_found(asha, "9863012345", "Asha");
    assert_found(asha, "+91 98630-12345", "Asha");
    assert_found(asha, "98630 12345", "Asha");
    assert_found(asha, "9863012346", "");
}

static void test_find__keeps_to_a_kind(void **state)
{
    test_device *asha = *state;
    kith_list *list = NULL;
    (void)device_add_person(asha, "Shella");
    (void)device_add_place(asha, "Shella Bholaganj");
    must(asha, find_in(asha, "shella", "place", 0, &list));
    assert_string_equal(device_titles(list), "Shella Bholaganj");
    must(asha, find_in(asha, "shella", "visit", 0, &list));
    assert_string_equal(device_titles(list), "");
    assert_answer(asha, find_in(asha, "shella", "palace", 0, &list), KITH_E_NOT_FOUND);
    assert_null(list);
}

static void test_find__gives_as_many_as_asked_for(void **state)
{
    test_device *asha = *state;
    static const uint32_t limits[] = {1, 7, 0, 30, 5000};
    static const size_t counts[] = {1, 7, 20, 30, 45};
    must(asha, kith_batch_begin(asha->replica));
    for (size_t i = 0; i < 45; i++) {
        (void)device_add_place(asha, "Nongriat");
    }
    must(asha, kith_batch_end(asha->replica));
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(limits); i++) {
        kith_list *list = NULL;
        must(asha, find_in(asha, "nongriat", "", limits[i], &list));
        assert_int_equal(kith_list_count(list), counts[i]);
        kith_list_free(list);
    }
}

static void test_find__finds_both_values_of_a_conflict(void **state)
{
    test_device *devices = *state;
    kith_id place = device_add_place(&devices[0], "Nongriat");
    device_exchange(&devices[0], &devices[1]);
    device_set(&devices[0], place, "name=Shella");
    device_wait(&devices[1], 1000);
    device_set(&devices[1], place, "name=Mawlynnong");
    device_exchange(&devices[0], &devices[1]);
    assert_found(&devices[0], "shella", "Mawlynnong");
    assert_found(&devices[0], "mawlynnong", "Mawlynnong");
    assert_found(&devices[0], "nongriat", "");
}

static void test_find__leaves_records_of_programs_out(void **state)
{
    test_device *asha = *state;
    must(asha, kith_schema_add(asha->replica, kith_slice_of("boats"),
                               kith_slice_of("{\"kinds\":{\"boat\":{\"label\":\"Jingshai\","
                                             "\"fields\":[]}}}")));
    assert_found(asha, "jingshai", "");
    assert_found(asha, "boats", "");
}

static void test_find__takes_words_of_the_query_language_for_words(void **state)
{
    test_device *asha = *state;
    static const char *const questions[] = {
        "AND",       "nongriat AND",   "NOT nongriat",   "nongriat*\"",
        "(nongriat", "words:nongriat", "NEAR(nongriat)", "'; DROP TABLE record; --",
        "nongriat^2"};
    (void)device_add_place(asha, "Nongriat");
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(questions); i++) {
        kith_list *list = NULL;
        must(asha, find_in(asha, questions[i], "", 0, &list));
        kith_list_free(list);
    }
    (void)device_add(asha, "place", "name=Shella", "type=village", "remarks=not near and or");
    assert_found(asha, "NOT NEAR AND OR", "Shella");
}

static void test_find__needs_a_word(void **state)
{
    test_device *asha = *state;
    static const char *const questions[] = {"", "  ", "\"", "-- !", "\xff\xfe"};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(questions); i++) {
        kith_list *list = NULL;
        assert_answer(asha, find_in(asha, questions[i], "", 0, &list), KITH_E_ARGUMENT);
        assert_null(list);
    }
}

static void test_find__looks_for_sixteen_words_of_many(void **state)
{
    test_device *asha = *state;
    (void)device_add(asha, "place", "name=Nongriat", "type=village",
                     "remarks=a1 a2 a3 a4 a5 a6 a7 a8 a9 b1 b2 b3 b4 b5 b6");
    assert_found(asha, "nongriat a1 a2 a3 a4 a5 a6 a7 a8 a9 b1 b2 b3 b4 b5 b6 ferry boat",
                 "Nongriat");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        device_test(test_find__takes_any_case_and_accents),
        device_test(test_find__takes_names_in_another_script),
        device_test(test_find__takes_other_spellings_of_a_name),
        device_test(test_find__takes_the_beginning_of_a_word),
        device_test(test_find__wants_every_word),
        device_test(test_find__knows_a_word_as_long_as_it_stands_anywhere_in_the_record),
        device_test(test_find__puts_the_better_answer_first),
        device_test(test_find__puts_the_last_changed_first_among_equals),
        device_test(test_find__takes_phone_numbers_as_people_write_them),
        device_test(test_find__keeps_to_a_kind),
        device_test(test_find__gives_as_many_as_asked_for),
        devices_test(test_find__finds_both_values_of_a_conflict),
        device_test(test_find__leaves_records_of_programs_out),
        device_test(test_find__takes_words_of_the_query_language_for_words),
        device_test(test_find__needs_a_word),
        device_test(test_find__looks_for_sixteen_words_of_many),
    };
    return cmocka_run_group_tests_name("engine/find", tests, NULL, NULL);
}
