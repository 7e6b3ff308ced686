/* Rows, and the lists that one index gives; test_list_kind.c has lists by kind and field.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/list.h"

#include <stdio.h>

#include "device.h"

static kith_list *list_references(test_device *device, kith_id id)
{
    kith_list *list = NULL;
    must(device, kith_list_references(device->replica, id, NULL, &list));
    return list;
}

static kith_list *list_conflicts(test_device *device)
{
    kith_list *list = NULL;
    must(device, kith_list_conflicts(device->replica, NULL, &list));
    return list;
}

/* A visit to a place, both made on one device. */
static kith_id add_visit(test_device *device, kith_id place)
{
    char assignment[64] = "place=";
    kith_id_format(place, assignment + strlen(assignment));
    return device_add(device, "visit", assignment, "purpose=mapping", "result=done");
}

static void test_list_references__names_the_field_that_points(void **state)
{
    test_device *asha = *state;
    kith_id place = device_add_place(asha, "Nongriat");
    kith_id visit = add_visit(asha, place);
    kith_list *list = list_references(asha, place);
    assert_int_equal(kith_list_count(list), 1);
    const kith_list_row *row = kith_list_row_at(list, 0);
    assert_true(kith_id_equal(row->id, visit));
    assert_string_equal(row->kind, "visit");
    assert_string_equal(row->field, "place");
    assert_string_equal(row->title, "Nongriat, 2026-11-24");
    kith_list_free(list);
}

static void test_list_references__has_a_row_for_each_field(void **state)
{
    test_device *asha = *state;
    kith_id place = device_add_place(asha, "Nongriat");
    (void)device_add(asha, "case", "type=missing_child", "reported_on=2026-11-20",
                     "stage=reporting", "status=open", "priority=high", "place=2",
                     "last_seen_place=2");
    kith_list *list = list_references(asha, place);
    assert_int_equal(kith_list_count(list), 2);
    const char *first = kith_list_row_at(list, 0)->field;
    const char *second = kith_list_row_at(list, 1)->field;
    assert_string_not_equal(first, second);
    assert_non_null(strstr(first, "place"));
    assert_non_null(strstr(second, "place"));
    kith_list_free(list);
}

static void test_list_references__to_nothing_are_none(void **state)
{
    test_device *devices = *state;
    kith_id nothing = {{0}};
    kith_id elsewhere = device_add_place(&devices[1], "Nongriat");
    (void)device_add_place(&devices[0], "Shella");
    assert_string_equal(device_titles(list_references(&devices[0], nothing)), "");
    assert_string_equal(device_titles(list_references(&devices[0], elsewhere)), "");
}

static void test_list_references__come_before_what_they_point_to(void **state)
{
    test_device *devices = *state;
    kith_id place = device_add_place(&devices[0], "Nongriat");
    device_exchange(&devices[0], &devices[1]);
    (void)add_visit(&devices[1], place);
    device_exchange(&devices[1], &devices[2]);
    kith_list *list = list_references(&devices[2], place);
    assert_int_equal(kith_list_count(list), 1);
    kith_list_free(list);
}

static void test_list_conflicts__has_what_needs_a_decision(void **state)
{
    test_device *devices = *state;
    kith_id place = device_add_place(&devices[0], "Nongriat");
    kith_id revived = device_add_place(&devices[0], "Shella");
    kith_id removed = device_add_place(&devices[0], "Mawlynnong");
    (void)device_add_place(&devices[0], "Pynursla");
    device_exchange(&devices[0], &devices[1]);
    device_set(&devices[0], place, "households=1");
    device_set(&devices[1], place, "households=2");
    device_remove(&devices[0], revived);
    device_set(&devices[1], revived, "households=2");
    device_remove(&devices[0], removed);
    device_exchange(&devices[0], &devices[1]);
    for (size_t i = 0; i < 2; i++) {
        kith_list *list = list_conflicts(&devices[i]);
        assert_int_equal(kith_list_count(list), 2);
        for (size_t j = 0; j < 2; j++) {
            const kith_list_row *row = kith_list_row_at(list, j);
            bool is_place = kith_id_equal(row->id, place);
            assert_true(is_place || kith_id_equal(row->id, revived));
            assert_int_equal(row->in_conflict, is_place);
            assert_int_equal(row->is_revived, !is_place);
            assert_int_equal(row->is_removed, 0);
        }
        kith_list_free(list);
    }
}

static void test_list_conflicts__is_empty_once_all_is_settled(void **state)
{
    test_device *devices = *state;
    kith_id place = device_add_place(&devices[0], "Nongriat");
    kith_id revived = device_add_place(&devices[0], "Shella");
    device_exchange(&devices[0], &devices[1]);
    device_set(&devices[0], place, "households=1");
    device_set(&devices[1], place, "households=2");
    device_remove(&devices[0], revived);
    device_set(&devices[1], revived, "households=2");
    device_exchange(&devices[0], &devices[1]);
    device_settle(&devices[1], place, "households", "2");
    device_keep(&devices[1], revived);
    device_exchange(&devices[0], &devices[1]);
    assert_string_equal(device_titles(list_conflicts(&devices[0])), "");
    assert_string_equal(device_titles(list_conflicts(&devices[1])), "");
}

static void test_list_row__says_when_a_record_was_changed(void **state)
{
    test_device *asha = *state;
    kith_id place = device_add_place(asha, "Nongriat");
    kith_id visit = add_visit(asha, place);
    device_wait(asha, DEVICE_DAY_MS);
    device_set(asha, visit, "news_missing=1");
    kith_list *list = list_references(asha, place);
    const kith_list_row *row = kith_list_row_at(list, 0);
    assert_true(row->changed_ms == DEVICE_START_MS + DEVICE_DAY_MS);
    assert_int_equal(row->changed_trust, KITH_TIME_CLAIMED);
    kith_list_free(list);
}

static void test_list_row_at__has_none_past_the_end(void **state)
{
    test_device *asha = *state;
    kith_list *list = list_conflicts(asha);
    assert_int_equal(kith_list_count(list), 0);
    assert_null(kith_list_row_at(list, 0));
    kith_list_free(list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        device_test(test_list_references__names_the_field_that_points),
        device_test(test_list_references__has_a_row_for_each_field),
        devices_test(test_list_references__to_nothing_are_none),
        devices_test(test_list_references__come_before_what_they_point_to),
        devices_test(test_list_conflicts__has_what_needs_a_decision),
        devices_test(test_list_conflicts__is_empty_once_all_is_settled),
        device_test(test_list_row__says_when_a_record_was_changed),
        device_test(test_list_row_at__has_none_past_the_end),
    };
    return cmocka_run_group_tests_name("engine/list", tests, NULL, NULL);
}
