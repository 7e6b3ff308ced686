/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/check.h"

#include <stdio.h>

#include "device.h"

/* A device with a file that is closed while it is spoiled, a place in it and a person who lives
 * there. */
typedef struct bench {
    test_device device;
    kith_id place;
    kith_id person;
} bench;

static int open_bench(void **state)
{
    static bench b;
    char path[400];
    char home[64] = "home_place=";
    (void)snprintf(path, sizeof path, "%s/k.db", test_folder());
    device_init_at(&b.device, path);
    b.place = device_add(&b.device, "place", "name=Nongriat", "type=village", "source_key=n-1");
    b.person = device_add_person(&b.device, "Asha");
    kith_id_format(b.place, home + strlen(home));
    device_set(&b.device, b.person, home);
    *state = &b;
    return 0;
}

static int close_bench(void **state)
{
    device_close(&((bench *)*state)->device);
    return 0;
}

/* Closing writes what is pending; then the file is changed and opened again. */
static void spoil(bench *b, const char *sql)
{
    device_close(&b->device);
    spoil_file(b->device.path, sql);
    device_reopen(&b->device);
}

static kith_status check(bench *b, bool rebuild, kith_check_report *report)
{
    *report = (kith_check_report){.struct_size = sizeof *report};
    return kith_replica_check(b->device.replica, rebuild, NULL, NULL, report);
}

static void assert_whole(bench *b)
{
    kith_list *list = NULL;
    assert_int_equal(device_check(&b->device, true).rebuilt_differs, 0);
    assert_field(&b->device, b->place, "name", "Nongriat");
    must(&b->device, kith_list_references(b->device.replica, b->place, NULL, &list));
    assert_string_equal(device_titles(list), "Asha, Nongriat");
    must(&b->device, kith_find_records(b->device.replica, kith_slice_of("nongriat"),
                                       kith_slice_of("place"), 0, NULL, &list));
    assert_string_equal(device_titles(list), "Nongriat");
}

static void test_check__counts_what_is_sound(void **state)
{
    bench *b = *state;
    kith_check_report report = device_check(&b->device, false);
    assert_int_equal(report.change_count, 4);
    assert_int_equal(report.record_count, 3);
    assert_int_equal(report.rebuilt_differs, 0);
    assert_whole(b);
}

static void test_check__hashes_the_state(void **state)
{
    bench *b = *state;
    test_device other;
    device_init(&other);
    kith_check_report before = device_check(&b->device, false);
    device_exchange(&b->device, &other);
    kith_check_report after = device_check(&b->device, false);
    kith_check_report there = device_check(&other, false);
    assert_memory_equal(after.state_hash, there.state_hash, sizeof after.state_hash);
    assert_memory_not_equal(after.state_hash, before.state_hash, sizeof after.state_hash);
    device_close(&other);
}

static void test_check__puts_a_state_right_that_is_not_what_the_log_says(void **state)
{
    static const char *const faults[] = {
        "UPDATE record SET marks = 2",
        "UPDATE record SET state = x'00' WHERE id = (SELECT max(id) FROM record)",
        "UPDATE record SET kind = kind + 1, checksum = checksum + 1",
        "DELETE FROM record WHERE id = (SELECT max(id) FROM record)",
        "DELETE FROM record",
        "INSERT INTO record SELECT id + 100, kind, marks, changed, state, checksum FROM record",
        "DELETE FROM link",
        "INSERT INTO link SELECT target, source + 1, field FROM link",
        "DELETE FROM origin",
        "UPDATE origin SET hash = hash + 1",
        "INSERT INTO search(search) VALUES('delete-all')",
        "INSERT INTO search(rowid, words) VALUES(9, 'somewhere')",
    };
    bench *b = *state;
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(faults); i++) {
        spoil(b, faults[i]);
        if (device_check(&b->device, true).rebuilt_differs != 1) {
            fail_msg("%s", faults[i]);
        }
        assert_whole(b);
    }
}

static void test_check__reports_a_row_that_was_changed(void **state)
{
    bench *b = *state;
    kith_check_report report;
    spoil(b, "UPDATE record SET state = x'00' WHERE id = (SELECT max(id) FROM record)");
    assert_answer(&b->device, check(b, false, &report), KITH_E_DAMAGED);
}

static void test_check__reports_a_log_that_is_damaged(void **state)
{
    static const char *const faults[] = {
        "UPDATE tail SET block = zeroblob(length(block)) WHERE position = 2",
        "UPDATE tail SET checksum = checksum + 1 WHERE position = 2",
        "DELETE FROM tail WHERE position = 2",
    };
    bench *b = *state;
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(faults); i++) {
        kith_check_report report;
        device_close(&b->device);
        spoil_file(b->device.path, "CREATE TABLE spare AS SELECT * FROM tail");
        device_reopen(&b->device);
        spoil_file(b->device.path, faults[i]);
        assert_answer(&b->device, check(b, false, &report), KITH_E_DAMAGED);
        assert_answer(&b->device, check(b, true, &report), KITH_E_DAMAGED);
        device_close(&b->device);
        spoil_file(b->device.path, "DELETE FROM tail; INSERT INTO tail SELECT * FROM spare;"
                                   "DROP TABLE spare");
        device_reopen(&b->device);
        assert_whole(b);
    }
}

static void test_check__reports_a_log_that_ends_early(void **state)
{
    bench *b = *state;
    test_device other;
    kith_check_report report;
    device_init(&other);
    device_exchange(&b->device, &other);
    device_close(&other);
    spoil_file(b->device.path, "DELETE FROM pack");
    assert_answer(&b->device, check(b, false, &report), KITH_E_DAMAGED);
    assert_answer(&b->device, check(b, true, &report), KITH_E_DAMAGED);
}

/* Stops at the call with that number; 0 for never. */
typedef struct stopper {
    size_t call_count;
    size_t last_call;
    uint64_t done;
} stopper;

static kith_status stop(void *user, uint64_t done, uint64_t total)
{
    stopper *s = user;
    assert_true(done > s->done && done <= total);
    s->done = done;
    return ++s->call_count == s->last_call ? KITH_E_IO : KITH_OK;
}

static void test_check__tells_progress_and_stops_when_told(void **state)
{
    test_device *asha = *state;
    kith_check_report report = {.struct_size = sizeof report};
    stopper going = {.last_call = 0};
    stopper stopping = {.last_call = 1};
    must(asha, kith_batch_begin(asha->replica));
    for (size_t i = 0; i < 1100; i++) {
        (void)device_add_place(asha, "Nongriat");
    }
    must(asha, kith_batch_end(asha->replica));
    must(asha, kith_replica_check(asha->replica, 1, stop, &going, &report));
    assert_true(going.call_count >= 2);
    for (uint32_t rebuild = 0; rebuild < 2; rebuild++) {
        stopping = (stopper){.last_call = 1};
        kith_status status = kith_replica_check(asha->replica, rebuild, stop, &stopping, &report);
        assert_int_equal(status, KITH_E_STOPPED);
        assert_int_equal(stopping.call_count, 1);
    }
    assert_int_equal(device_check(asha, true).rebuilt_differs, 0);
}

static void test_check__gives_the_same_hash_before_and_after_a_restart(void **state)
{
    bench *b = *state;
    kith_check_report before = device_check(&b->device, false);
    device_reopen(&b->device);
    kith_check_report after = device_check(&b->device, true);
    assert_memory_equal(before.state_hash, after.state_hash, sizeof before.state_hash);
}

#define bench_test(function) cmocka_unit_test_setup_teardown(function, open_bench, close_bench)

int main(void)
{
    const struct CMUnitTest tests[] = {
        bench_test(test_check__counts_what_is_sound),
        bench_test(test_check__hashes_the_state),
        bench_test(test_check__puts_a_state_right_that_is_not_what_the_log_says),
        bench_test(test_check__reports_a_row_that_was_changed),
        bench_test(test_check__reports_a_log_that_is_damaged),
        bench_test(test_check__reports_a_log_that_ends_early),
        device_test(test_check__tells_progress_and_stops_when_told),
        bench_test(test_check__gives_the_same_hash_before_and_after_a_restart),
    };
    return cmocka_run_group_tests_name("engine/check", tests, NULL, NULL);
}
