/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/batch.h"

#include <stdio.h>

#include "device.h"

/* Two handles of one file. */
typedef struct pair {
    test_device first;
    test_device second;
} pair;

static int open_pair(void **state)
{
    static pair p;
    char path[400];
    (void)snprintf(path, sizeof path, "%s/k.db", test_folder());
    device_init_at(&p.first, path);
    device_open(&p.second, path);
    *state = &p;
    return 0;
}

static int close_pair(void **state)
{
    pair *p = *state;
    device_close(&p->second);
    device_close(&p->first);
    return 0;
}

static void begin(test_device *device)
{
    must(device, kith_batch_begin(device->replica));
}

static void end(test_device *device)
{
    must(device, kith_batch_end(device->replica));
}

static void test_batch__is_seen_from_outside_at_its_end(void **state)
{
    pair *p = *state;
    begin(&p->first);
    kith_id place = device_add_place(&p->first, "Nongriat");
    device_set(&p->first, place, "households=7");
    assert_field(&p->first, place, "households", "7");
    assert_string_equal(device_json(&p->second, place), "");
    end(&p->first);
    assert_field(&p->second, place, "households", "7");
}

static void test_batch_cancel__keeps_nothing(void **state)
{
    pair *p = *state;
    kith_id old = device_add_place(&p->first, "Nongriat");
    begin(&p->first);
    kith_id new_place = device_add_place(&p->first, "Shella");
    device_set(&p->first, old, "households=7");
    kith_batch_cancel(p->first.replica);
    assert_string_equal(device_json(&p->first, new_place), "");
    assert_field(&p->first, old, "households", "");
    assert_int_equal(device_check(&p->first, true).change_count, 2);
    assert_int_equal(device_check(&p->second, true).change_count, 2);
}

static void test_batch__is_lost_when_it_is_not_ended(void **state)
{
    pair *p = *state;
    begin(&p->first);
    kith_id place = device_add_place(&p->first, "Nongriat");
    device_close(&p->first);
    assert_string_equal(device_json(&p->second, place), "");
    device_open(&p->first, p->second.path);
}

static void test_batch__goes_on_after_an_edit_that_was_refused(void **state)
{
    test_device *asha = *state;
    begin(asha);
    kith_id before = device_add_place(asha, "Nongriat");
    kith_edit *edit = device_edit(asha);
    (void)edit_create(asha, edit, "place", "name=Shella");
    assert_answer(asha, kith_edit_commit(edit), KITH_E_REFUSED);
    kith_edit_free(edit);
    kith_id after = device_add_place(asha, "Mawlynnong");
    end(asha);
    assert_field(asha, before, "name", "Nongriat");
    assert_field(asha, after, "name", "Mawlynnong");
    assert_int_equal(device_check(asha, true).rebuilt_differs, 0);
}

static void test_batch__is_not_nested(void **state)
{
    test_device *asha = *state;
    begin(asha);
    kith_id place = device_add_place(asha, "Nongriat");
    assert_answer(asha, kith_batch_begin(asha->replica), KITH_E_STATE);
    end(asha);
    assert_field(asha, place, "name", "Nongriat");
}

static void test_batch__has_no_end_without_a_beginning(void **state)
{
    test_device *asha = *state;
    assert_answer(asha, kith_batch_end(asha->replica), KITH_E_STATE);
    kith_batch_cancel(asha->replica);
    begin(asha);
    kith_batch_cancel(asha->replica);
    assert_answer(asha, kith_batch_end(asha->replica), KITH_E_STATE);
}

static void test_batch__answers_queries_from_within(void **state)
{
    test_device *asha = *state;
    kith_list *list = NULL;
    begin(asha);
    (void)device_add_place(asha, "Nongriat");
    must(asha, kith_find_records(asha->replica, kith_slice_of("nongriat"), kith_slice_of(""), 0,
                                 NULL, &list));
    assert_string_equal(device_titles(list), "Nongriat");
    (void)device_add_place(asha, "Shella");
    end(asha);
    assert_int_equal(device_check(asha, true).rebuilt_differs, 0);
}

static void test_batch__keeps_work_that_needs_a_whole_replica_out(void **state)
{
    test_device *devices = *state;
    kith_check_report report = {.struct_size = sizeof report};
    kith_replica *replica = devices[0].replica;
    begin(&devices[0]);
    assert_answer(&devices[0], kith_replica_check(replica, 0, NULL, NULL, &report), KITH_E_STATE);
    end(&devices[0]);
    device_exchange(&devices[0], &devices[1]);
}

/* More than is held in memory: the fold is written on the way, and blocks are packed. */
static void test_batch__may_be_as_long_as_it_likes(void **state)
{
    test_device *asha = *state;
    enum { EDITS = 100, PLACES_IN_EDIT = 90 };
    kith_id last = {{0}};
    kith_edit *edit = device_edit(asha);
    begin(asha);
    for (size_t i = 0; i < EDITS; i++) {
        kith_edit_reset(edit);
        for (size_t j = 0; j < PLACES_IN_EDIT; j++) {
            (void)edit_create(asha, edit, "place", "name=Nongriat", "type=village");
        }
        must(asha, kith_edit_commit(edit));
        last = kith_edit_record_id(edit, PLACES_IN_EDIT - 1);
        device_set(asha, kith_edit_record_id(edit, 0), "households=7");
    }
    end(asha);
    kith_edit_free(edit);
    assert_field(asha, last, "name", "Nongriat");
    kith_check_report report = device_check(asha, true);
    assert_int_equal(report.rebuilt_differs, 0);
    assert_int_equal(report.change_count, 1 + EDITS * (PLACES_IN_EDIT + 1));
    assert_int_equal(report.record_count, 1 + EDITS * PLACES_IN_EDIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_batch__is_seen_from_outside_at_its_end, open_pair,
                                        close_pair),
        cmocka_unit_test_setup_teardown(test_batch_cancel__keeps_nothing, open_pair, close_pair),
        cmocka_unit_test_setup_teardown(test_batch__is_lost_when_it_is_not_ended, open_pair,
                                        close_pair),
        device_test(test_batch__goes_on_after_an_edit_that_was_refused),
        device_test(test_batch__is_not_nested),
        device_test(test_batch__has_no_end_without_a_beginning),
        device_test(test_batch__answers_queries_from_within),
        devices_test(test_batch__keeps_work_that_needs_a_whole_replica_out),
        device_test(test_batch__may_be_as_long_as_it_likes),
    };
    return cmocka_run_group_tests_name("engine/batch", tests, NULL, NULL);
}
