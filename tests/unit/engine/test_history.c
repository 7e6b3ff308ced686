/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/history.h"

#include <stdio.h>

#include "device.h"

static const kith_id all;

static kith_history *read_history(test_device *device, kith_id id, uint32_t limit)
{
    kith_history *history = NULL;
    must(device, kith_history_get(device->replica, id, limit, &history));
    return history;
}

/* What an entry did to a field. */
static const kith_history_op *find_op(const kith_history_entry *entry, const char *field)
{
    for (uint32_t i = 0; i < entry->op_count; i++) {
        if (strcmp(entry->ops[i].field, field) == 0) {
            return &entry->ops[i];
        }
    }
    fail_msg("nothing was done to %s", field);
    return NULL;
}

static void test_history__has_the_last_change_of_a_record_first(void **state)
{
    test_device *asha = *state;
    kith_id place = device_add_place(asha, "Nongriat");
    (void)device_add_place(asha, "Shella");
    device_wait(asha, 1000);
    device_set(asha, place, "households=7");
    device_wait(asha, 1000);
    device_remove(asha, place);
    device_wait(asha, 1000);
    device_keep(asha, place);
    kith_history *history = read_history(asha, place, 0);
    static const int32_t deeds[] = {KITH_DID_KEEP, KITH_DID_REMOVE, KITH_DID_EDIT, KITH_DID_CREATE};
    assert_int_equal(kith_history_count(history), KITH_ARRAY_LENGTH(deeds));
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(deeds); i++) {
        const kith_history_entry *entry = kith_history_entry_at(history, i);
        assert_int_equal(entry->did, deeds[i]);
        assert_true(kith_id_equal(entry->record, place));
        assert_string_equal(entry->kind, "place");
        assert_int_equal(entry->takes_back, 0);
    }
    assert_true(kith_id_equal(kith_history_entry_at(history, 3)->id, place));
    assert_null(kith_history_entry_at(history, 4));
    kith_history_free(history);
}

static void test_history__says_what_was_done_to_each_field(void **state)
{
    test_device *asha = *state;
    kith_id person = device_add_person(asha, "Asha");
    device_set(asha, person, "birth=~2009", "build=slim");
    device_wait(asha, 1000);
    device_set(asha, person, "birth=2009-03-14", "build=", "roles+=missing", "roles-=migrant");
    kith_history *history = read_history(asha, person, 1);
    const kith_history_entry *entry = kith_history_entry_at(history, 0);
    assert_int_equal(entry->op_count, 4);
    assert_int_equal(find_op(entry, "birth")->did, KITH_FIELD_WAS_SET);
    assert_string_equal(find_op(entry, "birth")->text, "2009-03-14");
    assert_int_equal(find_op(entry, "build")->did, KITH_FIELD_WAS_CLEARED);
    assert_string_equal(find_op(entry, "build")->text, "");
    for (uint32_t i = 0; i < entry->op_count; i++) {
        const kith_history_op *op = &entry->ops[i];
        if (strcmp(op->field, "roles") == 0) {
            bool was_added = op->did == KITH_VALUE_ADDED;
            assert_true(was_added || op->did == KITH_VALUE_TAKEN);
            assert_string_equal(op->text, was_added ? "missing" : "migrant");
        }
    }
    kith_history_free(history);
}

static void test_history__names_who_wrote(void **state)
{
    test_device *devices = *state;
    char author[KITH_ID_TEXT_SIZE];
    kith_id place = device_add_place(&devices[0], "Nongriat");
    device_exchange(&devices[0], &devices[1]);
    device_set(&devices[1], device_status(&devices[1]).device, "name=Bina's phone");
    device_wait(&devices[1], 1000);
    device_set(&devices[1], place, "households=7");
    device_exchange(&devices[0], &devices[1]);
    kith_history *history = read_history(&devices[0], place, 0);
    const kith_written *written = &kith_history_entry_at(history, 0)->written;
    kith_id_format(device_status(&devices[1]).device, author);
    assert_memory_equal(written->author, author, 16);
    assert_string_equal(written->device_name, "Bina's phone");
    assert_true(written->unix_ms == DEVICE_START_MS + 1000);
    assert_string_equal(kith_history_entry_at(history, 1)->written.device_name, "phone");
    kith_history_free(history);
}

static void test_history__goes_by_corrected_time(void **state)
{
    test_device *devices = *state;
    kith_id place = device_add_place(&devices[0], "Nongriat");
    device_exchange(&devices[0], &devices[1]);
    device_wait(&devices[1], 1000);
    device_set(&devices[1], place, "households=1");
    device_wait(&devices[0], DEVICE_DAY_MS);
    device_set_clock(&devices[0], 0);
    device_set(&devices[0], place, "population=2");
    device_exchange(&devices[0], &devices[1]);
    kith_history *history = read_history(&devices[1], place, 1);
    assert_string_equal(kith_history_entry_at(history, 0)->ops[0].field, "households");
    kith_history_free(history);
    must(&devices[0], kith_replica_learn_time(devices[0].replica, DEVICE_START_MS + DEVICE_DAY_MS));
    device_exchange(&devices[0], &devices[1]);
    history = read_history(&devices[1], place, 1);
    assert_string_equal(kith_history_entry_at(history, 0)->ops[0].field, "population");
    assert_int_equal(kith_history_entry_at(history, 0)->written.trust, KITH_TIME_CONFIRMED);
    kith_history_free(history);
}

static void test_history__of_all_has_the_latest_of_every_device(void **state)
{
    test_device *devices = *state;
    kith_id last = {{0}};
    for (size_t i = 0; i < 3; i++) {
        for (size_t j = 0; j < 40; j++) {
            device_wait(&devices[i], 1000 + (int64_t)i);
            last = device_add_place(&devices[i], "Nongriat");
        }
        device_exchange(&devices[0], &devices[i == 0 ? 1 : i]);
    }
    kith_history *history = read_history(&devices[0], all, 0);
    assert_int_equal(kith_history_count(history), 50);
    assert_true(kith_id_equal(kith_history_entry_at(history, 0)->record, last));
    int64_t before_ms = INT64_MAX;
    for (size_t i = 0; i < 50; i++) {
        int64_t unix_ms = kith_history_entry_at(history, i)->written.unix_ms;
        assert_true(unix_ms <= before_ms);
        before_ms = unix_ms;
    }
    /* Fifty of the hundred and twenty-three were made in the last third of the time. */
    assert_true(before_ms >= DEVICE_START_MS + 23 * 1000);
    kith_history_free(history);
    history = read_history(&devices[0], all, 1000);
    assert_int_equal(kith_history_count(history), 3 + 3 * 40);
    kith_history_free(history);
}

static void test_history__tells_the_changes_of_one_moment_in_order(void **state)
{
    test_device *asha = *state;
    kith_id place = device_add_place(asha, "Nongriat");
    for (int i = 1; i <= 20; i++) {
        char assignment[32];
        (void)snprintf(assignment, sizeof assignment, "households=%d", i);
        device_set(asha, place, assignment);
    }
    kith_history *history = read_history(asha, place, 0);
    for (size_t i = 0; i < 20; i++) {
        char expected[16];
        (void)snprintf(expected, sizeof expected, "%zu", 20 - i);
        assert_string_equal(kith_history_entry_at(history, i)->ops[0].text, expected);
    }
    kith_history_free(history);
}

static void test_history__shows_what_only_a_newer_version_knows(void **state)
{
    test_device *asha = *state;
    kith_id id = device_add_newer(asha, "drone", "range", (kith_value){99, KITH_SLICE("\x01")});
    kith_history *history = read_history(asha, id, 0);
    const kith_history_entry *entry = kith_history_entry_at(history, 0);
    assert_string_equal(entry->kind, "drone");
    assert_string_equal(entry->ops[0].field, "range");
    assert_string_equal(entry->ops[0].text, "type-99:01");
    kith_history_free(history);
}

static void test_history__has_nothing_of_a_record_that_is_not_here(void **state)
{
    test_device *devices = *state;
    kith_history *history = NULL;
    kith_id elsewhere = device_add_place(&devices[1], "Nongriat");
    kith_id missing = device_add_place(&devices[0], "Shella");
    missing.bytes[15] = 99;
    assert_answer(&devices[0], kith_history_get(devices[0].replica, elsewhere, 0, &history),
                  KITH_E_NOT_FOUND);
    assert_null(history);
    assert_answer(&devices[0], kith_history_get(devices[0].replica, missing, 0, &history),
                  KITH_E_NOT_FOUND);
    assert_null(history);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        device_test(test_history__has_the_last_change_of_a_record_first),
        device_test(test_history__says_what_was_done_to_each_field),
        devices_test(test_history__names_who_wrote),
        devices_test(test_history__goes_by_corrected_time),
        devices_test(test_history__of_all_has_the_latest_of_every_device),
        device_test(test_history__tells_the_changes_of_one_moment_in_order),
        device_test(test_history__shows_what_only_a_newer_version_knows),
        devices_test(test_history__has_nothing_of_a_record_that_is_not_here),
    };
    return cmocka_run_group_tests_name("engine/history", tests, NULL, NULL);
}
