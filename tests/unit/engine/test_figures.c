/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/figures.h"

#include "device.h"

static void test_figures__of_a_new_replica_are_those_of_its_device(void **state)
{
    test_device *asha = *state;
    kith_replica_status figures = device_status(asha);
    assert_int_equal(figures.author_count, 1);
    assert_int_equal(figures.change_count, 1);
    assert_int_equal(figures.own_count, 1);
    assert_int_equal(figures.record_count, 1);
    assert_int_equal(figures.removed_count, 0);
    assert_int_equal(figures.attention_count, 0);
    assert_true(figures.file_bytes > 0);
    assert_field(asha, figures.device, "name", "phone");
}

static void test_figures__count_changes_by_their_maker(void **state)
{
    test_device *devices = *state;
    kith_id place = device_add_place(&devices[0], "Nongriat");
    device_exchange(&devices[0], &devices[1]);
    device_set(&devices[1], place, "households=7");
    device_set(&devices[1], place, "households=8");
    device_exchange(&devices[0], &devices[1]);
    kith_replica_status figures = device_status(&devices[0]);
    assert_int_equal(figures.author_count, 2);
    assert_int_equal(figures.own_count, 2);
    assert_int_equal(figures.change_count, 5);
    assert_int_equal(figures.record_count, 3);
}

static void test_figures__count_removed_records_apart(void **state)
{
    test_device *asha = *state;
    kith_id place = device_add_place(asha, "Nongriat");
    (void)device_add_place(asha, "Shella");
    device_remove(asha, place);
    kith_replica_status figures = device_status(asha);
    assert_int_equal(figures.record_count, 2);
    assert_int_equal(figures.removed_count, 1);
    device_keep(asha, place);
    assert_int_equal(device_status(asha).removed_count, 0);
}

static void test_figures__count_what_needs_a_decision(void **state)
{
    test_device *devices = *state;
    kith_id settled = device_add_place(&devices[0], "Nongriat");
    kith_id revived = device_add_place(&devices[0], "Shella");
    device_exchange(&devices[0], &devices[1]);
    device_set(&devices[0], settled, "households=1", "population=1");
    device_set(&devices[1], settled, "households=2", "population=2");
    device_remove(&devices[0], revived);
    device_set(&devices[1], revived, "households=2");
    device_exchange(&devices[0], &devices[1]);
    assert_int_equal(device_status(&devices[0]).attention_count, 2);
    assert_int_equal(device_status(&devices[1]).attention_count, 2);
    device_settle(&devices[0], settled, "households", "3");
    assert_int_equal(device_status(&devices[0]).attention_count, 2);
    device_settle(&devices[0], settled, "population", "3");
    assert_int_equal(device_status(&devices[0]).attention_count, 1);
    device_keep(&devices[0], revived);
    assert_int_equal(device_status(&devices[0]).attention_count, 0);
}

static void test_figures__need_to_know_what_the_caller_has_room_for(void **state)
{
    test_device *asha = *state;
    kith_replica_status figures = {.struct_size = sizeof figures - 1};
    assert_answer(asha, kith_replica_read_status(asha->replica, &figures), KITH_E_ARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        device_test(test_figures__of_a_new_replica_are_those_of_its_device),
        devices_test(test_figures__count_changes_by_their_maker),
        device_test(test_figures__count_removed_records_apart),
        devices_test(test_figures__count_what_needs_a_decision),
        device_test(test_figures__need_to_know_what_the_caller_has_room_for),
    };
    return cmocka_run_group_tests_name("engine/figures", tests, NULL, NULL);
}
