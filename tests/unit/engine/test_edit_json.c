/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "device.h"

static kith_status put(kith_edit *edit, const char *json)
{
    return kith_edit_json(edit, kith_slice_of(json));
}

/* Commits what an object says; the id of its first record. */
static kith_id commit_json(test_device *device, const char *json)
{
    kith_edit *edit = device_edit(device);
    must(device, put(edit, json));
    assert_int_equal(kith_edit_problem_count(edit), 0);
    must(device, kith_edit_commit(edit));
    kith_id id = kith_edit_record_id(edit, 0);
    kith_edit_free(edit);
    return id;
}

/* Commits what an object says of a record. */
static void commit_change(test_device *device, kith_id id, const char *members)
{
    char json[512];
    char id_text[KITH_ID_TEXT_SIZE];
    kith_id_format(id, id_text);
    (void)snprintf(json, sizeof json, "{\"id\":\"%s\",%s}", id_text, members);
    (void)commit_json(device, json);
}

static void test_edit_json__makes_a_record(void **state)
{
    test_device *asha = *state;
    kith_id id =
        commit_json(asha, "{\"kind\":\"person\",\"fields\":{\"full_name\":\"Asha\",\"roles\":"
                          "[\"migrant\",\"missing\"],\"sex\":\"female\",\"age_at\":17,"
                          "\"identity_protected\":false,\"status\":\"missing\"}}");
    assert_field(asha, id, "full_name", "Asha");
    assert_field(asha, id, "roles", "migrant; missing");
    assert_field(asha, id, "age_at", "17");
    assert_field(asha, id, "identity_protected", "no");
}

static void test_edit_json__changes_a_record(void **state)
{
    test_device *asha = *state;
    kith_id id = device_add_person(asha, "Asha");
    device_set(asha, id, "build=slim", "roles=migrant;missing");
    commit_change(asha, id,
                  "\"fields\":{\"build\":null,\"marks\":\"none\"},"
                  "\"add\":{\"roles\":[\"victim\",\"survivor\"]},"
                  "\"remove\":{\"roles\":\"missing\"}");
    assert_field(asha, id, "build", "");
    assert_field(asha, id, "marks", "none");
    assert_field(asha, id, "roles", "migrant; survivor; victim");
}

static void test_edit_json__takes_short_ids(void **state)
{
    test_device *asha = *state;
    kith_id id = device_add_place(asha, "Nongriat");
    (void)commit_json(asha, "{\"id\":\"2\",\"fields\":{\"name\":\"Nongriat Nongtraw\"}}");
    assert_field(asha, id, "name", "Nongriat Nongtraw");
}

static void test_edit_json__makes_records_that_refer_to_each_other(void **state)
{
    test_device *asha = *state;
    char place[KITH_ID_TEXT_SIZE];
    kith_edit *edit = device_edit(asha);
    must(asha,
         put(edit, "{\"records\":["
                   "{\"kind\":\"visit\",\"fields\":{\"place\":\"@1\",\"purpose\":\"mapping\","
                   "\"result\":\"done\"}},"
                   "{\"kind\":\"place\",\"fields\":{\"name\":\"Nongriat\",\"type\":\"village\","
                   "\"parent\":\"@2\"}},"
                   "{\"kind\":\"place\",\"fields\":{\"name\":\"Pynursla\",\"type\":\"block\"}}"
                   "]}"));
    must(asha, kith_edit_commit(edit));
    kith_id_format(kith_edit_record_id(edit, 1), place);
    assert_field(asha, kith_edit_record_id(edit, 0), "place", place);
    kith_id_format(kith_edit_record_id(edit, 2), place);
    assert_field(asha, kith_edit_record_id(edit, 1), "parent", place);
    kith_edit_free(edit);
}

static void test_edit_json__keeps_numbers_to_the_last_digit(void **state)
{
    test_device *asha = *state;
    kith_id id = commit_json(asha, "{\"kind\":\"figure\",\"fields\":{\"measure\":\"missing\","
                                   "\"period\":2023,\"count\":9223372036854775807}}");
    assert_field(asha, id, "count", "9223372036854775807");
    commit_change(asha, id, "\"fields\":{\"count\":\"9007199254740993\"}");
    assert_field(asha, id, "count", "9007199254740993");
}

static void test_edit_json__takes_a_text_of_a_list_whole(void **state)
{
    test_device *asha = *state;
    kith_id id = device_add_person(asha, "Asha");
    commit_change(asha, id, "\"add\":{\"other_names\":[\"Asha; of Shella\",\" \",\"\"]}");
    assert_field(asha, id, "other_names", "Asha; of Shella");
}

static void test_edit_json__passes_over_a_key(void **state)
{
    test_device *asha = *state;
    kith_id id = commit_json(asha, "{\"key\":\"p-1\",\"kind\":\"place\",\"fields\":{\"name\":"
                                   "\"Nongriat\",\"type\":\"village\"}}");
    assert_field(asha, id, "source_key", "");
}

static void test_edit_json__gathers_faults_of_content(void **state)
{
    test_device *asha = *state;
    kith_edit *edit = device_edit(asha);
    must(asha, put(edit, "{\"records\":[{\"kind\":\"preson\",\"fields\":{\"full_name\":\"Asha\"}},"
                         "{\"kind\":\"place\",\"fields\":{\"name\":{\"en\":\"Nongriat\"},"
                         "\"type\":[\"village\",\"town\"],\"households\":1.5}}]}"));
    assert_answer(asha, kith_edit_commit(edit), KITH_E_REFUSED);
    assert_problem(edit, 0, "", "known kind", "");
    assert_problem(edit, 1, "name", "neither text", "");
    assert_problem(edit, 1, "type", "not a set", "village");
    assert_problem(edit, 1, "households", "whole number", "");
    assert_int_equal(kith_edit_problem_count(edit), 4);
    kith_edit_free(edit);
}

static void test_edit_json__refuses_what_is_not_of_its_form(void **state)
{
    test_device *asha = *state;
    static const char *const texts[] = {"",
                                        "place",
                                        "[]",
                                        "\"place\"",
                                        "{}",
                                        "{\"kind\":1}",
                                        "{\"kind\":null}",
                                        "{\"kind\":\"place\",\"id\":\"2\"}",
                                        "{\"kind\":\"place\",\"id\":2}",
                                        "{\"kind\":\"place\",\"id\":null}",
                                        "{\"id\":2,\"fields\":{}}",
                                        "{\"id\":\"\"}",
                                        "{\"id\":\"Nongriat\"}",
                                        "{\"kind\":\"place\",\"field\":{\"name\":\"x\"}}",
                                        "{\"kind\":\"place\",\"fields\":[]}",
                                        "{\"kind\":\"place\",\"fields\":\"name\"}",
                                        "{\"kind\":\"place\",\"add\":[]}",
                                        "{\"id\":\"2\",\"remove\":\"roles\"}",
                                        "{\"records\":[]}",
                                        "{\"records\":{}}",
                                        "{\"records\":[1]}",
                                        "{\"records\":[{\"records\":[]}]}",
                                        "{\"records\":null}",
                                        "{\"kind\":\"place\",\"records\":[{\"kind\":\"place\"}]}",
                                        "{\"kind\":\"place\"} {\"kind\":\"place\"}"};
    (void)device_add_place(asha, "Nongriat");
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(texts); i++) {
        kith_edit *edit = device_edit(asha);
        kith_status status = put(edit, texts[i]);
        if (status != KITH_E_SYNTAX) {
            print_error("%s\n", texts[i]);
        }
        assert_answer(asha, status, KITH_E_SYNTAX);
        kith_edit_free(edit);
    }
}

static void test_edit_json__finds_no_record_that_is_not_here(void **state)
{
    test_device *asha = *state;
    kith_edit *edit = device_edit(asha);
    assert_answer(asha, put(edit, "{\"id\":\"99\"}"), KITH_E_NOT_FOUND);
    kith_edit_free(edit);
}

static void test_edit_json__refuses_a_text_past_the_limit(void **state)
{
    test_device *asha = *state;
    char *text = malloc(KITH_JSON_BYTES_MAX + 2);
    assert_non_null(text);
    memset(text, ' ', KITH_JSON_BYTES_MAX + 1);
    kith_edit *edit = device_edit(asha);
    kith_slice whole = kith_slice_make(text, KITH_JSON_BYTES_MAX + 1);
    assert_answer(asha, kith_edit_json(edit, whole), KITH_E_LIMIT);
    kith_edit_free(edit);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        device_test(test_edit_json__makes_a_record),
        device_test(test_edit_json__changes_a_record),
        device_test(test_edit_json__takes_short_ids),
        device_test(test_edit_json__makes_records_that_refer_to_each_other),
        device_test(test_edit_json__keeps_numbers_to_the_last_digit),
        device_test(test_edit_json__takes_a_text_of_a_list_whole),
        device_test(test_edit_json__passes_over_a_key),
        device_test(test_edit_json__gathers_faults_of_content),
        device_test(test_edit_json__refuses_what_is_not_of_its_form),
        device_test(test_edit_json__finds_no_record_that_is_not_here),
        device_test(test_edit_json__refuses_a_text_past_the_limit),
    };
    return cmocka_run_group_tests_name("engine/edit_json", tests, NULL, NULL);
}
