/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/clock_records.h"

#include <stdio.h>

#include "device.h"

/* How wrong a phone is that starts at 1 January 1970. */
#define RESET_MS (-DEVICE_START_MS)

static void learn_time(test_device *device, int64_t true_ms)
{
    must(device, kith_replica_learn_time(device->replica, true_ms));
}

static kith_written created(test_device *device, kith_id id)
{
    kith_record *record = NULL;
    must(device, kith_record_get(device->replica, id, NULL, &record));
    kith_written written = *kith_record_created(record);
    kith_record_free(record);
    return written;
}

static void assert_created(test_device *device, kith_id id, int64_t unix_ms, int32_t trust)
{
    kith_written written = created(device, id);
    assert_true(written.unix_ms == unix_ms);
    assert_int_equal(written.trust, trust);
}

/* A device whose clock was set by a fault before its replica was made, and again on the way. */
static void init_with_fault(test_device *device, int64_t fault_ms)
{
    device_init(device);
    device_set_clock(device, DEVICE_START_MS + fault_ms);
}

/* The only record of kind clock on a device. */
static kith_id find_correction(test_device *device)
{
    kith_list *list = NULL;
    kith_list_options options = KITH_LIST_OPTIONS_INIT;
    options.kind = kith_slice_of("clock");
    must(device, kith_list_records(device->replica, &options, &list));
    assert_int_equal(kith_list_count(list), 1);
    kith_id id = kith_list_row_at(list, 0)->id;
    kith_list_free(list);
    return id;
}

static void test_learn_time__corrects_earlier_changes(void **state)
{
    (void)state;
    test_device asha;
    init_with_fault(&asha, RESET_MS);
    kith_id place = device_add_place(&asha, "Nongriat");
    assert_created(&asha, place, 0, KITH_TIME_UNKNOWN);
    device_wait(&asha, DEVICE_DAY_MS);
    learn_time(&asha, DEVICE_START_MS + DEVICE_DAY_MS);
    assert_created(&asha, place, DEVICE_START_MS, KITH_TIME_CONFIRMED);
    device_close(&asha);
}

static void test_learn_time__corrects_them_on_every_device(void **state)
{
    (void)state;
    test_device asha;
    test_device bina;
    init_with_fault(&asha, RESET_MS);
    device_init(&bina);
    kith_id place = device_add_place(&asha, "Nongriat");
    device_exchange(&asha, &bina);
    assert_created(&bina, place, 0, KITH_TIME_UNKNOWN);
    learn_time(&asha, DEVICE_START_MS);
    device_exchange(&asha, &bina);
    assert_created(&bina, place, DEVICE_START_MS, KITH_TIME_CONFIRMED);
    device_close(&asha);
    device_close(&bina);
}

static void test_learn_time__corrects_changes_from_before_the_clock_was_set_right(void **state)
{
    (void)state;
    test_device asha;
    init_with_fault(&asha, RESET_MS);
    kith_id place = device_add_place(&asha, "Nongriat");
    /* The network sets the clock; only then does the device talk to its relay. */
    device_wait(&asha, DEVICE_DAY_MS);
    device_set_clock(&asha, DEVICE_START_MS + DEVICE_DAY_MS);
    learn_time(&asha, DEVICE_START_MS + DEVICE_DAY_MS);
    assert_created(&asha, place, DEVICE_START_MS, KITH_TIME_CONFIRMED);
    device_close(&asha);
}

static void test_learn_time__corrects_each_run_by_its_own_fault(void **state)
{
    (void)state;
    static const int64_t faults[] = {RESET_MS, 50 * DEVICE_YEAR_MS, -3 * DEVICE_DAY_MS, RESET_MS};
    kith_id places[KITH_ARRAY_LENGTH(faults)];
    test_device asha;
    device_init(&asha);
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(faults); i++) {
        int64_t true_ms = DEVICE_START_MS + (int64_t)i * DEVICE_DAY_MS;
        device_wait(&asha, DEVICE_DAY_MS);
        device_set_clock(&asha, true_ms + faults[i]);
        places[i] = device_add_place(&asha, "Nongriat");
    }
    learn_time(&asha, DEVICE_START_MS + 3 * DEVICE_DAY_MS);
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(faults); i++) {
        int64_t true_ms = DEVICE_START_MS + (int64_t)i * DEVICE_DAY_MS;
        assert_created(&asha, places[i], true_ms, KITH_TIME_CONFIRMED);
    }
    device_close(&asha);
}

static void test_learn_time__outlives_a_restart(void **state)
{
    (void)state;
    char path[400];
    test_device asha;
    (void)snprintf(path, sizeof path, "%s/k.db", test_folder());
    device_init_at(&asha, path);
    device_set_clock(&asha, 0);
    kith_id place = device_add_place(&asha, "Nongriat");
    device_reopen(&asha);
    learn_time(&asha, DEVICE_START_MS);
    device_reopen(&asha);
    assert_created(&asha, place, DEVICE_START_MS, KITH_TIME_CONFIRMED);
    device_close(&asha);
}

static void test_learn_time__remembers_runs_that_a_crash_followed(void **state)
{
    (void)state;
    enum { RUNS = KITH_CLOCK_RUNS_MAX + 3, REMEMBERED = KITH_CLOCK_RUNS_MAX - 1 };
    static const int64_t true_ms = DEVICE_START_MS - 40 * DEVICE_DAY_MS;
    char path[400];
    kith_id places[RUNS];
    test_device asha;
    test_device after;
    (void)snprintf(path, sizeof path, "%s/k.db", test_folder());
    device_init_at(&asha, path);
    for (int64_t i = 0; i < RUNS; i++) {
        device_set_clock(&asha, DEVICE_START_MS - (i + 1) * DEVICE_DAY_MS);
        places[i] = device_add_place(&asha, "Nongriat");
    }
    /* Another handle sees what the first one, never closed, left in the file. No time has passed,
     * whatever the clock was set to. */
    device_open(&after, path);
    device_set_clock(&after, true_ms);
    learn_time(&after, true_ms);
    for (size_t i = RUNS - REMEMBERED; i < RUNS; i++) {
        assert_created(&after, places[i], true_ms, KITH_TIME_CONFIRMED);
    }
    device_close(&after);
    device_close(&asha);
}

static void test_learn_time__confirms_a_clock_that_was_right(void **state)
{
    (void)state;
    test_device asha;
    device_init(&asha);
    kith_id before = device_add_place(&asha, "Nongriat");
    uint64_t change_count = device_status(&asha).change_count;
    learn_time(&asha, asha.wall_ms + 1000);
    assert_int_equal(device_status(&asha).change_count, change_count);
    kith_id after = device_add_place(&asha, "Mawlynnong");
    assert_created(&asha, before, DEVICE_START_MS, KITH_TIME_CLAIMED);
    assert_created(&asha, after, DEVICE_START_MS, KITH_TIME_CONFIRMED);
    device_close(&asha);
}

static void test_learn_time__writes_nothing_new_when_nothing_was_changed(void **state)
{
    (void)state;
    test_device asha;
    init_with_fault(&asha, RESET_MS);
    (void)device_add_place(&asha, "Nongriat");
    learn_time(&asha, DEVICE_START_MS);
    uint64_t change_count = device_status(&asha).change_count;
    for (size_t i = 0; i < 3; i++) {
        device_wait(&asha, DEVICE_DAY_MS);
        learn_time(&asha, asha.wall_ms + DEVICE_START_MS);
    }
    assert_int_equal(device_status(&asha).change_count, change_count);
    device_close(&asha);
}

static void test_learn_time__corrects_its_own_record_too(void **state)
{
    (void)state;
    test_device asha;
    init_with_fault(&asha, RESET_MS);
    (void)device_add_place(&asha, "Nongriat");
    learn_time(&asha, DEVICE_START_MS);
    assert_created(&asha, find_correction(&asha), DEVICE_START_MS, KITH_TIME_CONFIRMED);
    device_close(&asha);
}

static void test_learn_time__corrects_what_a_wrong_clock_goes_on_with(void **state)
{
    (void)state;
    test_device asha;
    init_with_fault(&asha, RESET_MS);
    learn_time(&asha, DEVICE_START_MS);
    device_wait(&asha, DEVICE_DAY_MS);
    kith_id place = device_add_place(&asha, "Nongriat");
    learn_time(&asha, DEVICE_START_MS + DEVICE_DAY_MS);
    assert_created(&asha, place, DEVICE_START_MS + DEVICE_DAY_MS, KITH_TIME_CONFIRMED);
    device_close(&asha);
}

static void test_learn_time__refuses_times_that_cannot_be_right(void **state)
{
    (void)state;
    static const int64_t times[] = {0, KITH_CLOCK_FLOOR_MS - 1, INT64_MAX, INT64_MIN};
    test_device asha;
    device_init(&asha);
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(times); i++) {
        assert_answer(&asha, kith_replica_learn_time(asha.replica, times[i]), KITH_E_ARGUMENT);
    }
    device_close(&asha);
}

static void test_corrections__decide_which_of_two_values_is_shown(void **state)
{
    (void)state;
    test_device asha;
    test_device bina;
    device_init(&asha);
    device_init(&bina);
    kith_id place = device_add_place(&asha, "Nongriat");
    device_exchange(&asha, &bina);
    device_set(&bina, place, "households=11");
    /* Later, on a phone that had been reset. */
    device_wait(&asha, DEVICE_DAY_MS);
    device_set_clock(&asha, 0);
    device_set(&asha, place, "households=12");
    device_exchange(&asha, &bina);
    assert_field(&bina, place, "households", "11");
    learn_time(&asha, DEVICE_START_MS + DEVICE_DAY_MS);
    device_exchange(&asha, &bina);
    assert_field(&asha, place, "households", "12");
    assert_field(&bina, place, "households", "12");
    device_close(&asha);
    device_close(&bina);
}

static void test_corrections__are_not_taken_from_another_device(void **state)
{
    (void)state;
    test_device asha;
    test_device bina;
    init_with_fault(&asha, RESET_MS);
    device_init(&bina);
    kith_id place = device_add_place(&asha, "Nongriat");
    learn_time(&asha, DEVICE_START_MS);
    device_exchange(&asha, &bina);
    device_set(&bina, find_correction(&bina), "offset_ms=1000");
    device_exchange(&asha, &bina);
    /* Asha's own word is gone, but Bina's does not take its place. */
    assert_created(&asha, place, 0, KITH_TIME_UNKNOWN);
    assert_created(&bina, place, 0, KITH_TIME_UNKNOWN);
    device_close(&asha);
    device_close(&bina);
}

static void test_corrections__are_for_their_own_device_only(void **state)
{
    (void)state;
    test_device asha;
    test_device bina;
    init_with_fault(&asha, RESET_MS);
    device_init(&bina);
    kith_id place = device_add_place(&asha, "Nongriat");
    kith_id other = device_add_place(&bina, "Mawlynnong");
    learn_time(&asha, DEVICE_START_MS + DEVICE_DAY_MS);
    device_exchange(&asha, &bina);
    assert_created(&bina, place, DEVICE_START_MS + DEVICE_DAY_MS, KITH_TIME_CONFIRMED);
    assert_created(&bina, other, DEVICE_START_MS, KITH_TIME_CLAIMED);
    device_close(&asha);
    device_close(&bina);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_learn_time__corrects_earlier_changes),
        cmocka_unit_test(test_learn_time__corrects_them_on_every_device),
        cmocka_unit_test(test_learn_time__corrects_changes_from_before_the_clock_was_set_right),
        cmocka_unit_test(test_learn_time__corrects_each_run_by_its_own_fault),
        cmocka_unit_test(test_learn_time__outlives_a_restart),
        cmocka_unit_test(test_learn_time__remembers_runs_that_a_crash_followed),
        cmocka_unit_test(test_learn_time__confirms_a_clock_that_was_right),
        cmocka_unit_test(test_learn_time__writes_nothing_new_when_nothing_was_changed),
        cmocka_unit_test(test_learn_time__corrects_its_own_record_too),
        cmocka_unit_test(test_learn_time__corrects_what_a_wrong_clock_goes_on_with),
        cmocka_unit_test(test_learn_time__refuses_times_that_cannot_be_right),
        cmocka_unit_test(test_corrections__decide_which_of_two_values_is_shown),
        cmocka_unit_test(test_corrections__are_not_taken_from_another_device),
        cmocka_unit_test(test_corrections__are_for_their_own_device_only),
    };
    return cmocka_run_group_tests_name("engine/clock_records", tests, NULL, NULL);
}
