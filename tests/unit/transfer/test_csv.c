/* How a file of CSV is cut into rows and cells; test_mapping.c has what rows come to.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include <cjson/cJSON.h>

#include "base/limits.h"
#include "imports.h"

static const char mapping[] =
    "{\"source\":\"s\",\"records\":[{\"kind\":\"place\",\"fields\":{"
    "\"name\":\"{name}\",\"type\":\"village\",\"remarks\":\"{remarks}\"}}]}";

/* Fields of a place that take any text, a column each. */
static const char *const text_fields[] = {"name", "name_local", "lgd_code", "census_code",
                                          "remarks"};

/* A mapping of a file's columns to text fields, as the first of its objects names them. */
static void make_mapping(const cJSON *object, char *text, size_t size)
{
    size_t place = 0;
    int length = snprintf(text, size,
                          "{\"source\":\"s\",\"records\":[{\"kind\":\"place\","
                          "\"fields\":{\"type\":\"village\"");
    for (const cJSON *member = object->child; member != NULL; member = member->next) {
        assert_true(place < KITH_ARRAY_LENGTH(text_fields));
        length += snprintf(text + length, size - (size_t)length, ",\"%s\":\"{%s}\"",
                           text_fields[place++], member->string);
    }
    (void)snprintf(text + length, size - (size_t)length, "}}]}");
}

/* A file of tests/data/csv comes to the objects beside it, however it is cut while it is read. */
static void assert_public_case(const char *name, size_t piece_bytes)
{
    char path[64];
    char made[512];
    size_t csv_length = 0;
    size_t json_length = 0;
    test_device asha;
    (void)snprintf(path, sizeof path, "csv/%s.csv", name);
    uint8_t *csv = test_read_file(path, &csv_length);
    (void)snprintf(path, sizeof path, "csv/%s.json", name);
    uint8_t *json = test_read_file(path, &json_length);
    cJSON *rows = cJSON_ParseWithLength((const char *)json, json_length);
    assert_non_null(rows);
    make_mapping(rows->child, made, sizeof made);
    test_import import = {.text = kith_slice_make(csv, csv_length),
                          .piece_bytes = piece_bytes,
                          .mapping = kith_slice_of(made)};
    device_init(&asha);
    must(&asha, run_csv(&asha, &import));
    assert_report(&import, (uint64_t)cJSON_GetArraySize(rows), import.report.row_count, 0, 0);
    unsigned number = 2;
    for (const cJSON *row = rows->child; row != NULL; row = row->next, number++) {
        size_t place = 0;
        for (const cJSON *member = row->child; member != NULL; member = member->next) {
            assert_string_equal(field_of(&asha, number, text_fields[place++]), member->valuestring);
        }
    }
    device_close(&asha);
    cJSON_Delete(rows);
    free(json);
    free(csv);
}

static void test_csv__takes_the_corners_of_rfc_4180(void **state)
{
    (void)state;
    static const char *const names[] = {
        "simple", "comma_in_quotes", "escaped_quotes", "newlines", "json", "empty", "utf8"};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(names); i++) {
        assert_public_case(names[i], 0);
        assert_public_case(names[i], 1);
        assert_public_case(names[i], 3);
    }
}

static void test_csv__takes_a_byte_order_mark_and_lines_as_windows_writes_them(void **state)
{
    test_device *asha = *state;
    static const size_t pieces[] = {0, 1, 2};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(pieces); i++) {
        test_import import = {.text = KITH_SLICE("\xef\xbb\xbfname,remarks\r\nA,x\r\n\r\nB,y\r\n"),
                              .piece_bytes = pieces[i],
                              .mapping = kith_slice_of(mapping)};
        must(asha, run_csv(asha, &import));
        assert_report(&import, 2, i == 0 ? 2 : 0, i == 0 ? 0 : 2, 0);
    }
    assert_string_equal(field_of(asha, 3, "remarks"), "y");
}

static void test_csv__takes_a_last_line_without_end(void **state)
{
    test_device *asha = *state;
    test_import import = import_csv(asha, mapping, "name,remarks\nA,x\nB,\"y\"");
    assert_report(&import, 2, 2, 0, 0);
    assert_string_equal(field_of(asha, 3, "remarks"), "y");
}

static void test_csv__passes_over_rows_without_text(void **state)
{
    test_device *asha = *state;
    test_import import = import_csv(asha, mapping, "\nname,remarks\n\n  \nA,x\n,\n , \n\"\",\n");
    assert_report(&import, 1, 1, 0, 0);
}

static void test_csv__makes_nothing_of_an_empty_file(void **state)
{
    test_device *asha = *state;
    test_import import = import_csv(asha, mapping, "");
    assert_report(&import, 0, 0, 0, 0);
    import = import_csv(asha, mapping, "name,remarks\n");
    assert_report(&import, 0, 0, 0, 0);
}

static void test_csv__wants_a_cell_for_each_column(void **state)
{
    test_device *asha = *state;
    test_import import = import_csv(asha, mapping, "name,remarks\nA\nB,x,y\nC,x,,\nD,x\n");
    assert_report(&import, 4, 2, 0, 2);
    assert_rejected(&import, "2 .", "has 1 cells (2");
    assert_rejected(&import, "3 .", "has 3 cells (2");
    assert_string_equal(field_of(asha, 2, "name"), "C");
    assert_string_equal(field_of(asha, 3, "name"), "D");
}

static void test_csv__rejects_a_row_with_a_stray_quotation_mark(void **state)
{
    test_device *asha = *state;
    test_import import =
        import_csv(asha, mapping, "name,remarks\nA,x\nB,\"x\"y\nC,12\" wide\nD,z\n");
    assert_report(&import, 4, 2, 0, 2);
    assert_rejected(&import, "3 .", "quotation mark");
    assert_rejected(&import, "4 .", "quotation mark");
    assert_string_equal(field_of(asha, 3, "name"), "D");
}

static void test_csv__rejects_a_quotation_mark_without_its_partner(void **state)
{
    test_device *asha = *state;
    test_import import = import_csv(asha, mapping, "name,remarks\nA,x\nB,\"y\nC,z\nD,z\n");
    assert_report(&import, 2, 1, 0, 1);
    assert_rejected(&import, "3 .", "without its partner");
    assert_string_equal(field_of(asha, 2, "name"), "A");
}

static void test_csv__counts_lines_inside_of_cells(void **state)
{
    test_device *asha = *state;
    test_import import = import_csv(asha, mapping,
                                    "name,remarks\n\"A\",\"one\ntwo\nthree\"\n"
                                    "\nB\n\"C\",\"one\ntwo\",z\nD\n");
    assert_report(&import, 4, 1, 0, 3);
    assert_rejected(&import, "6 .", "cells");
    assert_rejected(&import, "7 .", "cells");
    assert_rejected(&import, "9 .", "cells");
    assert_string_equal(field_of(asha, 2, "remarks"), "one\ntwo\nthree");
}

static void test_csv__rejects_a_row_that_is_not_utf_8(void **state)
{
    test_device *asha = *state;
    test_import import = import_csv(asha, mapping, "name,remarks\nA,\xe9t\xe9\nB,y\n");
    assert_report(&import, 2, 1, 0, 1);
    assert_rejected(&import, "2 .", "UTF-8");
    assert_string_equal(field_of(asha, 2, "name"), "B");
}

/* A text of `count` bytes between two others. */
static char *padded(const char *before, size_t count, char byte, const char *after)
{
    size_t first = strlen(before);
    char *text = malloc(first + count + strlen(after) + 1);
    assert_non_null(text);
    memcpy(text, before, first);
    memset(text + first, byte, count);
    memcpy(text + first + count, after, strlen(after) + 1);
    return text;
}

static void test_csv__rejects_a_cell_past_the_limit(void **state)
{
    test_device *asha = *state;
    char *text = padded("name,remarks\nA,", KITH_JSON_BYTES_MAX + 1, 'x', "\nB,y\n");
    test_import import = import_csv(asha, mapping, text);
    assert_report(&import, 2, 1, 0, 1);
    assert_rejected(&import, "2 .", "1 MiB");
    assert_string_equal(field_of(asha, 2, "name"), "B");
    free(text);
}

/* A lost quotation mark must not make the program take the rest of a long file for one cell. */
static void test_csv__gives_up_a_cell_that_does_not_end(void **state)
{
    test_device *asha = *state;
    char *text = padded("name,remarks\nA,\"", 3 * KITH_JSON_BYTES_MAX, '\n', "B,y\n");
    test_import import = import_csv(asha, mapping, text);
    assert_int_equal(import.report.rejected_count, 1);
    assert_rejected(&import, "2 .", "quotation mark may be missing");
    assert_int_equal(import.report.added_count, 1);
    assert_string_equal(field_of(asha, 2, "name"), "B");
    free(text);
}

static void test_csv__rejects_a_row_of_too_many_cells(void **state)
{
    test_device *asha = *state;
    char *text = padded("name,remarks\nA", 1024, ',', "\nB,y\n");
    test_import import = import_csv(asha, mapping, text);
    assert_report(&import, 2, 1, 0, 1);
    assert_rejected(&import, "2 .", "1024 cells");
    free(text);
}

static void test_csv__takes_nothing_below_a_header_it_cannot_read(void **state)
{
    test_device *asha = *state;
    test_import import = {.text = KITH_SLICE("n\xe9me,remarks\nA,x\nB,y\n"),
                          .mapping = kith_slice_of(mapping)};
    must(asha, run_csv(asha, &import));
    assert_report(&import, 1, 0, 0, 1);
    assert_rejected(&import, "1 .", "UTF-8");
}

static void test_csv__keeps_nothing_of_a_batch_that_was_stopped(void **state)
{
    test_device *asha = *state;
    test_import import = {.text = KITH_SLICE("name,remarks\nA,x\nB,y\nC,z\n"),
                          .piece_bytes = 4,
                          .mapping = kith_slice_of(mapping),
                          .stop_after = 20};
    assert_answer(asha, run_csv(asha, &import), KITH_E_STOPPED);
    assert_report(&import, 0, 0, 0, 0);
    assert_int_equal(device_status(asha).change_count, 1);
}

/* The rows of the first batch are durable, those after it are not. */
static void test_csv__makes_rows_durable_in_batches(void **state)
{
    test_device *asha = *state;
    enum { ROWS = 20010, ROW_BYTES = 8 };
    char *text = malloc((size_t)ROWS * ROW_BYTES + 16);
    assert_non_null(text);
    int length = snprintf(text, 16, "name,remarks\n");
    size_t first = (size_t)length;
    for (size_t i = 0; i < ROWS; i++) {
        (void)snprintf(text + first + i * ROW_BYTES, ROW_BYTES + 1, "%05zu,x\n", i);
    }
    test_import import = {.text = kith_slice_make(text, first + (size_t)ROWS * ROW_BYTES),
                          .piece_bytes = 80,
                          .mapping = kith_slice_of(mapping),
                          .fail_after = first + (size_t)20008 * ROW_BYTES};
    assert_int_equal(run_csv(asha, &import), KITH_E_IO);
    assert_report(&import, 20000, 20000, 0, 0);
    assert_int_equal(device_status(asha).record_count, 20001);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_csv__takes_the_corners_of_rfc_4180),
        device_test(test_csv__takes_a_byte_order_mark_and_lines_as_windows_writes_them),
        device_test(test_csv__takes_a_last_line_without_end),
        device_test(test_csv__passes_over_rows_without_text),
        device_test(test_csv__makes_nothing_of_an_empty_file),
        device_test(test_csv__wants_a_cell_for_each_column),
        device_test(test_csv__rejects_a_row_with_a_stray_quotation_mark),
        device_test(test_csv__rejects_a_quotation_mark_without_its_partner),
        device_test(test_csv__counts_lines_inside_of_cells),
        device_test(test_csv__rejects_a_row_that_is_not_utf_8),
        device_test(test_csv__rejects_a_cell_past_the_limit),
        device_test(test_csv__gives_up_a_cell_that_does_not_end),
        device_test(test_csv__rejects_a_row_of_too_many_cells),
        device_test(test_csv__takes_nothing_below_a_header_it_cannot_read),
        device_test(test_csv__keeps_nothing_of_a_batch_that_was_stopped),
        device_test(test_csv__makes_rows_durable_in_batches),
    };
    return cmocka_run_group_tests_name("transfer/csv", tests, NULL, NULL);
}
