/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include <cjson/cJSON.h>

#include "imports.h"

static size_t count_lines(const char *text)
{
    size_t count = 0;
    for (; *text != '\0'; text++) {
        count += *text == '\n';
    }
    return count;
}

/* The cell of a column of the first row below the header; none may hold commas or quotes. */
static const char *cell_of(const char *csv, const char *column)
{
    static char cell[256];
    const char *row = strstr(csv, "\r\n") + 2;
    size_t place = 0;
    for (const char *name = csv; strncmp(name, column, strlen(column)) != 0; place++) {
        name = strchr(name, ',') + 1;
        assert_true(name < row);
    }
    for (; place > 0; place--) {
        row = strchr(row, ',') + 1;
    }
    (void)snprintf(cell, sizeof cell, "%.*s", (int)strcspn(row, ",\r"), row);
    return cell;
}

static void test_export_jsonl__writes_records_with_their_id_as_key(void **state)
{
    test_device *asha = *state;
    char id[KITH_ID_TEXT_SIZE];
    kith_id_format(device_add_place(asha, "Nongriat \"by\" the river"), id);
    const char *text = export_jsonl(asha, "");
    assert_int_equal(count_lines(text), 1);
    cJSON *json = cJSON_Parse(text);
    assert_non_null(json);
    assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(json, "key")), id);
    assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(json, "id")), id);
    assert_string_equal(
        cJSON_GetStringValue(cJSON_GetObjectItem(cJSON_GetObjectItem(json, "fields"), "name")),
        "Nongriat \"by\" the river");
    cJSON_Delete(json);
}

static void test_export_jsonl__keeps_to_a_kind(void **state)
{
    test_device *asha = *state;
    (void)device_add_place(asha, "Nongriat");
    (void)device_add_person(asha, "Asha");
    assert_int_equal(count_lines(export_jsonl(asha, "")), 2);
    assert_int_equal(count_lines(export_jsonl(asha, "place")), 1);
    assert_int_equal(count_lines(export_jsonl(asha, "case")), 0);
    assert_non_null(strstr(export_jsonl(asha, "device"), "\"phone\""));
}

static void test_export_jsonl__leaves_out_what_was_removed(void **state)
{
    test_device *asha = *state;
    kith_id place = device_add_place(asha, "Nongriat");
    device_remove(asha, place);
    assert_string_equal(export_jsonl(asha, ""), "");
    device_keep(asha, place);
    assert_int_equal(count_lines(export_jsonl(asha, "")), 1);
}

static void test_export_jsonl__writes_kinds_that_only_a_newer_version_knows(void **state)
{
    test_device *asha = *state;
    (void)device_add_newer(asha, "drone", "range", (kith_value){99, KITH_SLICE("\x01")});
    const char *text = export_jsonl(asha, "");
    assert_non_null(strstr(text, "\"drone\""));
    assert_non_null(strstr(text, "type-99:01"));
}

static void test_export_csv__has_a_column_for_every_field(void **state)
{
    test_device *asha = *state;
    char id[KITH_ID_TEXT_SIZE];
    kith_id person = device_add_person(asha, "Asha");
    kith_id_format(person, id);
    device_set(asha, person, "roles=migrant;missing", "birth=~2009");
    const kith_schema *schema = kith_replica_schema(asha->replica);
    const kith_kind *kind = kith_schema_find_kind(schema, kith_slice_of("person"));
    const char *csv = export_csv(asha, "person");
    size_t column_count = 1;
    for (const char *c = csv; *c != '\r'; c++) {
        column_count += *c == ',';
    }
    assert_int_equal(column_count, kind->field_count + 3);
    assert_string_equal(cell_of(csv, "id"), id);
    assert_string_equal(cell_of(csv, "full_name"), "Asha");
    assert_string_equal(cell_of(csv, "birth"), "~2009");
    assert_string_equal(cell_of(csv, "created"), "2026-11-24T08:00:00Z");
    assert_non_null(strstr(csv, "\"migrant; missing\""));
}

static void test_export_csv__quotes_what_needs_it(void **state)
{
    test_device *asha = *state;
    (void)device_add(asha, "place", "name=Nongriat, \"by\"\nthe river", "type=village");
    assert_non_null(strstr(export_csv(asha, "place"), ",\"Nongriat, \"\"by\"\"\nthe river\","));
}

static void test_export_csv__has_no_time_that_is_not_known(void **state)
{
    test_device *asha = *state;
    device_set_clock(asha, 0);
    (void)device_add_place(asha, "Nongriat");
    assert_string_equal(cell_of(export_csv(asha, "place"), "created"), "");
}

/* What was exported can be imported again by a mapping of the same columns. */
static void test_export_csv__can_be_read_back(void **state)
{
    test_device *devices = *state;
    static const char mapping[] = "{\"source\":\"s\",\"records\":[{\"kind\":\"place\",\"key\":"
                                  "\"{id}\",\"fields\":{\"name\":\"{name}\",\"type\":\"{type}\","
                                  "\"livelihoods\":\"{livelihoods}\",\"lat_lon\":\"{lat_lon}\"}}]}";
    (void)device_add(&devices[0], "place", "name=Nongriat, \"by\"\nthe river", "type=village",
                     "livelihoods=forest;jhum", "lat_lon=25.25,91.67");
    test_import import = import_csv(&devices[1], mapping, export_csv(&devices[0], "place"));
    assert_report(&import, 1, 1, 0, 0);
    assert_string_equal(field_of(&devices[1], 2, "name"), "Nongriat, \"by\"\nthe river");
    assert_string_equal(field_of(&devices[1], 2, "livelihoods"), "forest; jhum");
    assert_string_equal(field_of(&devices[1], 2, "lat_lon"), "25.25000,91.67000");
}

/* Exports that must fail. */
typedef struct failing {
    size_t write_count;
    kith_status write_answer;
    kith_status progress_answer;
} failing;

static kith_status write_failing(void *user, kith_slice bytes)
{
    failing *f = user;
    assert_true(bytes.length > 0);
    return ++f->write_count == 2 ? f->write_answer : KITH_OK;
}

static kith_status tell_failing(void *user, uint64_t done, uint64_t total)
{
    assert_true(done <= total);
    return ((failing *)user)->progress_answer;
}

static void test_export__answers_what_writing_answered(void **state)
{
    test_device *asha = *state;
    kith_export_options options = KITH_EXPORT_OPTIONS_INIT;
    failing f = {.write_answer = KITH_E_FULL};
    uint64_t count = 7;
    (void)device_add_place(asha, "Nongriat");
    (void)device_add_place(asha, "Shella");
    options.write = write_failing;
    options.user = &f;
    assert_int_equal(kith_export_jsonl(asha->replica, &options, &count), KITH_E_FULL);
    assert_int_equal(count, 1);
    f = (failing){.write_answer = KITH_E_FULL};
    options.kind = kith_slice_of("place");
    assert_int_equal(kith_export_csv(asha->replica, &options, &count), KITH_E_FULL);
    assert_int_equal(count, 0);
}

static void test_export__stops_when_told(void **state)
{
    test_device *asha = *state;
    kith_export_options options = KITH_EXPORT_OPTIONS_INIT;
    failing f = {.progress_answer = KITH_E_IO};
    uint64_t count = 7;
    (void)device_add_place(asha, "Nongriat");
    options.write = write_failing;
    options.progress = tell_failing;
    options.user = &f;
    assert_answer(asha, kith_export_jsonl(asha->replica, &options, &count), KITH_E_STOPPED);
    assert_int_equal(count, 0);
    assert_int_equal(f.write_count, 0);
}

static void test_export__has_no_kind_that_nobody_knows(void **state)
{
    test_device *asha = *state;
    static const char *const kinds[] = {"palace", "name"};
    kith_export_options options = KITH_EXPORT_OPTIONS_INIT;
    failing f = {.write_count = 0};
    uint64_t count = 7;
    options.write = write_failing;
    options.user = &f;
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(kinds); i++) {
        options.kind = kith_slice_of(kinds[i]);
        assert_answer(asha, kith_export_jsonl(asha->replica, &options, &count), KITH_E_NOT_FOUND);
        assert_answer(asha, kith_export_csv(asha->replica, &options, &count), KITH_E_NOT_FOUND);
        assert_int_equal(count, 0);
    }
    options.kind = kith_slice_of("");
    assert_answer(asha, kith_export_csv(asha->replica, &options, &count), KITH_E_NOT_FOUND);
    assert_int_equal(f.write_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        device_test(test_export_jsonl__writes_records_with_their_id_as_key),
        device_test(test_export_jsonl__keeps_to_a_kind),
        device_test(test_export_jsonl__leaves_out_what_was_removed),
        device_test(test_export_jsonl__writes_kinds_that_only_a_newer_version_knows),
        device_test(test_export_csv__has_a_column_for_every_field),
        device_test(test_export_csv__quotes_what_needs_it),
        device_test(test_export_csv__has_no_time_that_is_not_known),
        devices_test(test_export_csv__can_be_read_back),
        device_test(test_export__answers_what_writing_answered),
        device_test(test_export__stops_when_told),
        device_test(test_export__has_no_kind_that_nobody_knows),
    };
    return cmocka_run_group_tests_name("transfer/export", tests, NULL, NULL);
}
