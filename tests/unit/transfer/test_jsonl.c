/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "imports.h"

#define PLACE(key, name)                                                   \
    "{\"key\":\"" key "\",\"kind\":\"place\",\"fields\":{\"name\":\"" name \
    "\",\"type\":\"village\"}}\n"

static void assert_id_of(test_device *device, unsigned number, const char *field, unsigned target)
{
    char text[16];
    char id_text[KITH_ID_TEXT_SIZE];
    kith_id id;
    (void)snprintf(text, sizeof text, "%u", target);
    must(device, kith_id_resolve(device->replica, kith_slice_of(text), &id));
    kith_id_format(id, id_text);
    assert_string_equal(field_of(device, number, field), id_text);
}

static void test_import_jsonl__makes_a_record_of_each_line(void **state)
{
    test_device *asha = *state;
    test_import import = import_jsonl(asha, PLACE("n", "Nongriat") PLACE("s", "Shella"));
    assert_report(&import, 2, 2, 0, 0);
    assert_string_equal(import.rejects, "");
    assert_string_equal(field_of(asha, 2, "name"), "Nongriat");
    assert_string_equal(field_of(asha, 3, "source_key"), "s");
}

static void test_import_jsonl__takes_lines_however_they_end(void **state)
{
    test_device *asha = *state;
    test_import import = import_jsonl(
        asha,
        "\xef\xbb\xbf{\"kind\":\"place\",\"fields\":{\"name\":\"A\",\"type\":\"village\"}}\r\n"
        "\r\n   \n"
        "{\"kind\":\"place\",\"fields\":{\"name\":\"B\",\"type\":\"village\"}}");
    assert_report(&import, 2, 2, 0, 0);
    assert_string_equal(field_of(asha, 3, "name"), "B");
}

static void test_import_jsonl__takes_lines_wherever_reading_cuts_them(void **state)
{
    test_device *asha = *state;
    static const char text[] = "\xef\xbb\xbf" PLACE("n", "নংৰিয়াট") PLACE("s", "Shella");
    test_import import = {.text = kith_slice_of(text), .piece_bytes = 1};
    must(asha, run_jsonl(asha, &import));
    assert_report(&import, 2, 2, 0, 0);
    assert_string_equal(field_of(asha, 2, "name"), "নংৰিয়াট");
    assert_int_equal(import.bytes_told, import.text.length);
}

static void test_import_jsonl__adds_nothing_twice(void **state)
{
    test_device *asha = *state;
    static const char text[] = PLACE("n", "Nongriat") "{\"kind\":\"place\",\"fields\":{\"name\":"
                                                      "\"Shella\",\"type\":\"village\"}}\n";
    (void)import_jsonl(asha, text);
    uint64_t change_count = device_status(asha).change_count;
    test_import again = import_jsonl(asha, text);
    assert_report(&again, 2, 0, 2, 0);
    assert_int_equal(device_status(asha).change_count, change_count);
}

static void test_import_jsonl__adds_rows_alike_as_often_as_they_stand_there(void **state)
{
    test_device *asha = *state;
    static const char line[] =
        "{\"kind\":\"place\",\"fields\":{\"name\":\"A\",\"type\":\"village\"}}";
    char text[512];
    (void)snprintf(text, sizeof text, "%s\n%s\n%s\n", line, line, line);
    test_import import = import_jsonl(asha, text);
    assert_report(&import, 3, 3, 0, 0);
    import = import_jsonl(asha, text);
    assert_report(&import, 3, 0, 3, 0);
    (void)snprintf(text, sizeof text, "%s\n%s\n%s\n%s\n", line, line, line, line);
    import = import_jsonl(asha, text);
    assert_report(&import, 4, 1, 3, 0);
}

static void test_import_jsonl__rejects_a_key_with_other_content(void **state)
{
    test_device *asha = *state;
    test_import import = import_jsonl(asha, PLACE("n", "Nongriat") PLACE("n", "Shella"));
    assert_report(&import, 2, 1, 0, 1);
    assert_rejected(&import, "2 place.", "key");
    assert_string_equal(field_of(asha, 2, "name"), "Nongriat");
}

static void test_import_jsonl__leaves_a_record_alone_that_is_here(void **state)
{
    test_device *asha = *state;
    kith_id id;
    (void)import_jsonl(asha, PLACE("n", "Nongriat"));
    must(asha, kith_id_resolve(asha->replica, kith_slice_of("2"), &id));
    device_set(asha, id, "name=Nongriat Nongtraw");
    test_import import = import_jsonl(asha, PLACE("n", "Nongriat"));
    assert_report(&import, 1, 0, 1, 0);
    assert_field(asha, id, "name", "Nongriat Nongtraw");
    device_remove(asha, id);
    import = import_jsonl(asha, PLACE("n", "Nongriat"));
    assert_report(&import, 1, 0, 1, 0);
    assert_true(device_is_removed(asha, id));
}

static void test_import_jsonl__refers_to_rows_up_and_down_the_file(void **state)
{
    test_device *asha = *state;
    test_import import = import_jsonl(
        asha, PLACE("block", "Pynursla") "{\"key\":\"a\",\"kind\":\"place\",\"fields\":{\"name\":"
                                         "\"A\",\"type\":\"village\","
                                         "\"parent\":\"block\",\"district\":\"b\"}}\n"
                                         "{\"key\":\"b\",\"kind\":\"place\",\"fields\":{\"name\":"
                                         "\"B\",\"type\":\"village\","
                                         "\"parent\":\"a\",\"district\":\"b\"}}\n");
    assert_report(&import, 3, 3, 0, 0);
    assert_int_equal(import.report.left_out_count, 0);
    assert_id_of(asha, 3, "parent", 2);
    assert_id_of(asha, 3, "district", 4);
    assert_id_of(asha, 4, "parent", 3);
    assert_id_of(asha, 4, "district", 4);
}

static void test_import_jsonl__refers_to_rows_imported_before_and_to_ids(void **state)
{
    test_device *asha = *state;
    char id[KITH_ID_TEXT_SIZE];
    char text[512];
    kith_id_format(device_add_place(asha, "Pynursla"), id);
    (void)import_jsonl(asha, PLACE("a", "A"));
    (void)snprintf(text, sizeof text,
                   "{\"kind\":\"place\",\"fields\":{\"name\":\"B\",\"type\":\"village\",\"parent\":"
                   "\"a\",\"district\":\"%s\"}}\n",
                   id);
    test_import import = import_jsonl(asha, text);
    assert_report(&import, 1, 1, 0, 0);
    assert_id_of(asha, 4, "parent", 3);
    assert_id_of(asha, 4, "district", 2);
}

/* "2" is the key of a row, though a record of this device has that number. */
static void test_import_jsonl__takes_short_ids_for_keys(void **state)
{
    test_device *asha = *state;
    (void)device_add_place(asha, "Pynursla");
    test_import import =
        import_jsonl(asha, PLACE("2", "A") "{\"kind\":\"place\",\"fields\":{\"name\":\"B\","
                                           "\"type\":\"village\",\"parent\":\"2\""
                                           "}}\n");
    assert_report(&import, 2, 2, 0, 0);
    assert_id_of(asha, 4, "parent", 3);
}

static void test_import_jsonl__refers_from_sets_up_and_down_the_file(void **state)
{
    test_device *asha = *state;
    test_import import = import_jsonl(
        asha, "{\"key\":\"p\",\"kind\":\"person\",\"fields\":{\"full_name\":\"P\",\"roles\":"
              "\"recruiter\","
              "\"sex\":\"male\",\"status\":\"unknown\"}}\n"
              "{\"key\":\"v\",\"kind\":\"place\",\"fields\":{\"name\":\"V\",\"type\":\"village\","
              "\"known_recruiters\":[\"p\",\"q\",\"r\"]}}\n"
              "{\"key\":\"q\",\"kind\":\"person\",\"fields\":{\"full_name\":\"Q\",\"roles\":"
              "\"recruiter\","
              "\"sex\":\"male\",\"status\":\"unknown\"}}\n"
              "{\"key\":\"r\",\"kind\":\"person\",\"fields\":{\"full_name\":\"R\",\"roles\":"
              "\"recruiter\","
              "\"sex\":\"male\",\"status\":\"unknown\"}}\n");
    assert_report(&import, 4, 4, 0, 0);
    const char *found = field_of(asha, 3, "known_recruiters");
    size_t count = 1;
    for (; *found != '\0'; found++) {
        count += *found == ';';
    }
    assert_int_equal(count, 3);
}

static void test_import_jsonl__leaves_out_references_to_nothing(void **state)
{
    test_device *asha = *state;
    test_import import = import_jsonl(
        asha, "\n{\"kind\":\"place\",\"fields\":{\"name\":\"B\",\"type\":\"village\",\"parent\":"
              "\"nowhere\"}}\n");
    assert_report(&import, 1, 1, 0, 0);
    assert_int_equal(import.report.left_out_count, 1);
    assert_rejected(&import, "2 place.parent", "names no record");
    assert_string_equal(field_of(asha, 2, "name"), "B");
    assert_string_equal(field_of(asha, 2, "parent"), "");
}

static void test_import_jsonl__leaves_out_references_to_another_kind(void **state)
{
    test_device *asha = *state;
    test_import import = import_jsonl(
        asha,
        "{\"kind\":\"place\",\"fields\":{\"name\":\"B\",\"type\":\"village\",\"parent\":\"p\"}}\n"
        "{\"key\":\"p\",\"kind\":\"person\",\"fields\":{\"full_name\":\"P\",\"roles\":\"migrant\","
        "\"sex\":\"male\",\"status\":\"unknown\"}}\n");
    assert_report(&import, 2, 2, 0, 0);
    assert_int_equal(import.report.left_out_count, 1);
    assert_rejected(&import, "1 place.parent", "another kind");
}

static void test_import_jsonl__lists_every_fault_with_its_line_and_goes_on(void **state)
{
    test_device *asha = *state;
    test_import import = import_jsonl(
        asha, "{\"kind\":\"place\",\"fields\":{\"name\":\"A\",\"type\":\"palace\",\"nam\":\"x\"}}\n"
              "\n"
              "not json\n"
              "[1]\n"
              "{\"fields\":{}}\n"
              "{\"kind\":\"palace\",\"fields\":{}}\n"
              "{\"kind\":\"place\",\"fields\":[]}\n" PLACE("s", "Shella"));
    assert_report(&import, 7, 1, 0, 6);
    assert_rejected(&import, "1 place.type", "not in the list");
    assert_rejected(&import, "1 place.nam", "no field");
    assert_rejected(&import, "3 .", "");
    assert_rejected(&import, "4 .", "");
    assert_rejected(&import, "5 .", "kind");
    assert_rejected(&import, "6 palace.", "known kind");
    assert_rejected(&import, "7 .", "object");
    assert_string_equal(field_of(asha, 2, "name"), "Shella");
}

static void test_import_jsonl__skips_a_line_past_the_limit(void **state)
{
    test_device *asha = *state;
    static const char end[] = PLACE("s", "Shella");
    size_t length = KITH_JSON_BYTES_MAX + 1;
    char *text = malloc(length + sizeof end + 1);
    assert_non_null(text);
    memset(text, 'x', length);
    text[length] = '\n';
    memcpy(text + length + 1, end, sizeof end);
    test_import import = import_jsonl(asha, text);
    assert_report(&import, 2, 1, 0, 1);
    assert_rejected(&import, "1 .", "1 MiB");
    free(text);
}

static void test_import_jsonl__keeps_nothing_of_a_batch_that_was_stopped(void **state)
{
    test_device *asha = *state;
    uint64_t change_count = device_status(asha).change_count;
    test_import import = {.text = KITH_SLICE(PLACE("n", "Nongriat") PLACE("s", "Shella")),
                          .piece_bytes = 16,
                          .stop_after = 120};
    assert_answer(asha, run_jsonl(asha, &import), KITH_E_STOPPED);
    assert_report(&import, 0, 0, 0, 0);
    assert_int_equal(device_status(asha).change_count, change_count);
    import.stop_after = 0;
    must(asha, run_jsonl(asha, &import));
    assert_report(&import, 2, 2, 0, 0);
}

static void test_import_jsonl__answers_what_reading_answered(void **state)
{
    test_device *asha = *state;
    test_import import = {.text = KITH_SLICE(PLACE("n", "Nongriat") PLACE("s", "Shella")),
                          .piece_bytes = 16,
                          .fail_after = 120};
    assert_int_equal(run_jsonl(asha, &import), KITH_E_IO);
    assert_report(&import, 0, 0, 0, 0);
    assert_int_equal(device_status(asha).record_count, 1);
    (void)device_add_place(asha, "Mawlynnong");
}

static void test_import_jsonl__of_an_export_that_comes_home_adds_nothing(void **state)
{
    test_device *asha = *state;
    kith_id place = device_add_place(asha, "Nongriat");
    (void)device_add_person(asha, "Asha");
    device_set(asha, place, "name=Shella");
    test_import import = import_jsonl(asha, export_jsonl(asha, ""));
    assert_report(&import, 2, 0, 2, 0);
}

static void test_import_jsonl__of_an_export_keeps_references(void **state)
{
    test_device *devices = *state;
    kith_id place = device_add_place(&devices[0], "Nongriat");
    kith_id person = device_add_person(&devices[0], "Asha");
    char home[64] = "home_place=";
    kith_id_format(place, home + strlen(home));
    device_set(&devices[0], person, home);
    char *text = strdup(export_jsonl(&devices[0], ""));
    test_import import = import_jsonl(&devices[1], text);
    assert_report(&import, 2, 2, 0, 0);
    assert_int_equal(import.report.left_out_count, 0);
    for (unsigned number = 2; number <= 3; number++) {
        if (strcmp(field_of(&devices[1], number, "full_name"), "Asha") == 0) {
            char id[KITH_ID_TEXT_SIZE];
            (void)snprintf(id, sizeof id, "%s", field_of(&devices[1], number, "home_place"));
            kith_id target;
            must(&devices[1], kith_id_resolve(devices[1].replica, kith_slice_of(id), &target));
            assert_field(&devices[1], target, "name", "Nongriat");
        }
    }
    import = import_jsonl(&devices[1], text);
    assert_report(&import, 2, 0, 2, 0);
    free(text);
}

static void test_import_jsonl__knows_a_record_by_any_of_its_keys(void **state)
{
    test_device *devices = *state;
    (void)import_jsonl(&devices[0], PLACE("census-7", "Nongriat"));
    (void)import_jsonl(&devices[1], PLACE("census-7", "Nongriat"));
    test_import import = import_jsonl(&devices[1], export_jsonl(&devices[0], "place"));
    assert_report(&import, 1, 0, 1, 0);
    assert_int_equal(device_status(&devices[1]).record_count, 2);
}

static void count_told(void *user, const kith_id *ids, size_t count)
{
    (void)ids;
    *(size_t *)user += count;
}

static void test_import_jsonl__tells_the_watcher(void **state)
{
    test_device *asha = *state;
    size_t told_count = 0;
    kith_replica_watch(asha->replica, count_told, &told_count);
    (void)import_jsonl(asha, PLACE("n", "Nongriat") PLACE("s", "Shella"));
    assert_int_equal(told_count, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        device_test(test_import_jsonl__makes_a_record_of_each_line),
        device_test(test_import_jsonl__takes_lines_however_they_end),
        device_test(test_import_jsonl__takes_lines_wherever_reading_cuts_them),
        device_test(test_import_jsonl__adds_nothing_twice),
        device_test(test_import_jsonl__adds_rows_alike_as_often_as_they_stand_there),
        device_test(test_import_jsonl__rejects_a_key_with_other_content),
        device_test(test_import_jsonl__leaves_a_record_alone_that_is_here),
        device_test(test_import_jsonl__refers_to_rows_up_and_down_the_file),
        device_test(test_import_jsonl__refers_to_rows_imported_before_and_to_ids),
        device_test(test_import_jsonl__takes_short_ids_for_keys),
        device_test(test_import_jsonl__refers_from_sets_up_and_down_the_file),
        device_test(test_import_jsonl__leaves_out_references_to_nothing),
        device_test(test_import_jsonl__leaves_out_references_to_another_kind),
        device_test(test_import_jsonl__lists_every_fault_with_its_line_and_goes_on),
        device_test(test_import_jsonl__skips_a_line_past_the_limit),
        device_test(test_import_jsonl__keeps_nothing_of_a_batch_that_was_stopped),
        device_test(test_import_jsonl__answers_what_reading_answered),
        device_test(test_import_jsonl__of_an_export_that_comes_home_adds_nothing),
        devices_test(test_import_jsonl__of_an_export_keeps_references),
        devices_test(test_import_jsonl__knows_a_record_by_any_of_its_keys),
        device_test(test_import_jsonl__tells_the_watcher),
    };
    return cmocka_run_group_tests_name("transfer/jsonl", tests, NULL, NULL);
}
