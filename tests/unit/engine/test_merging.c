/* What comes of changes that others made, and of two made without sight of each other.
 * SPDX-License-Identifier: Apache-2.0 */
#include "exchange.h"

#include <stdio.h>

#include "base/limits.h"
#include "device.h"

/* All that an author wrote after a number, as the device has it, in one block. */
typedef struct author_block {
    kith_block_writer writer;
    kith_buf bytes;
} author_block;

static kith_status gather(void *user, const kith_commit *commit, kith_arena *arena)
{
    (void)arena;
    author_block *block = user;
    return kith_block_writer_add(&block->writer, commit);
}

static void take_block(test_device *device, uint64_t after, author_block *block)
{
    kith_replica *replica = device->replica;
    const kith_directory *directory = &replica->directory;
    kith_block_writer_init(&block->writer, &replica->cx, directory->own);
    kith_buf_init(&block->bytes, &replica->cx, KITH_BLOCK_BYTES_MAX);
    must(device, kith_log_scan(&replica->log, directory->own, after, gather, block));
    must(device, kith_block_writer_finish(&block->writer, directory->authors, directory->names,
                                          &block->bytes));
}

static void free_block(author_block *block)
{
    kith_block_writer_deinit(&block->writer);
    kith_buf_deinit(&block->bytes);
}

/* Gives one device's own changes after a number to another, and nobody else's. */
static kith_status give_own(test_device *from, test_device *to, uint64_t after)
{
    author_block block;
    take_block(from, after, &block);
    kith_status status = exchange_accept(to->replica, kith_buf_slice(&block.bytes));
    free_block(&block);
    return status;
}

static void assert_same_json(test_device *a, test_device *b, kith_id id)
{
    char json[4096];
    (void)snprintf(json, sizeof json, "%s", device_json(a, id));
    assert_string_equal(device_json(b, id), json);
    assert_true(json[0] != '\0');
}

static void test_merging__brings_both_to_the_same(void **state)
{
    test_device *devices = *state;
    uint64_t received = 0;
    uint64_t sent = 0;
    kith_id first = device_add_place(&devices[0], "Nongriat");
    kith_id second = device_add_person(&devices[1], "Bina");
    device_set(&devices[1], second, "build=slim");
    must(&devices[0], exchange_changes(devices[0].replica, devices[1].replica, &received, &sent));
    assert_int_equal(received, 3);
    assert_int_equal(sent, 2);
    assert_same_json(&devices[0], &devices[1], first);
    assert_same_json(&devices[0], &devices[1], second);
    device_assert_same(&devices[0], &devices[1]);
}

static void test_merging__moves_nothing_twice(void **state)
{
    test_device *devices = *state;
    uint64_t received = 7;
    uint64_t sent = 7;
    (void)device_add_place(&devices[0], "Nongriat");
    device_exchange(&devices[0], &devices[1]);
    must(&devices[1], exchange_changes(devices[1].replica, devices[0].replica, &received, &sent));
    assert_int_equal(received, 0);
    assert_int_equal(sent, 0);
}

static void test_merging__passes_on_what_came_from_others(void **state)
{
    test_device *devices = *state;
    kith_id place = device_add_place(&devices[0], "Nongriat");
    device_exchange(&devices[0], &devices[1]);
    device_set(&devices[1], place, "households=7");
    device_exchange(&devices[1], &devices[2]);
    assert_field(&devices[2], place, "households", "7");
    device_assert_same(&devices[1], &devices[2]);
}

static void test_merging__keeps_values_written_without_sight_of_each_other(void **state)
{
    test_device *devices = *state;
    kith_id place = device_add_place(&devices[0], "Nongriat");
    device_exchange(&devices[0], &devices[1]);
    device_set(&devices[0], place, "households=1");
    device_wait(&devices[1], DEVICE_MINUTE_MS);
    device_set(&devices[1], place, "households=2");
    device_exchange(&devices[0], &devices[1]);
    for (size_t i = 0; i < 2; i++) {
        assert_field(&devices[i], place, "households", "2");
        assert_string_equal(device_rivals(&devices[i], place, "households"), "2; 1");
    }
    assert_same_json(&devices[0], &devices[1], place);
}

static void test_merging__takes_equal_values_for_agreement(void **state)
{
    test_device *devices = *state;
    kith_id place = device_add_place(&devices[0], "Nongriat");
    device_exchange(&devices[0], &devices[1]);
    device_set(&devices[0], place, "households=1");
    device_set(&devices[1], place, "households=1");
    device_exchange(&devices[0], &devices[1]);
    assert_string_equal(device_rivals(&devices[0], place, "households"), "");
    assert_int_equal(device_status(&devices[0]).attention_count, 0);
}

static void test_merging__lets_a_write_that_has_seen_another_win(void **state)
{
    test_device *devices = *state;
    kith_id place = device_add_place(&devices[0], "Nongriat");
    device_set_clock(&devices[1], DEVICE_START_MS + 50 * DEVICE_YEAR_MS);
    device_exchange(&devices[0], &devices[1]);
    device_set(&devices[1], place, "households=1");
    device_exchange(&devices[0], &devices[1]);
    device_set_clock(&devices[0], 0);
    device_set(&devices[0], place, "households=2");
    device_exchange(&devices[0], &devices[1]);
    assert_field(&devices[1], place, "households", "2");
    assert_string_equal(device_rivals(&devices[1], place, "households"), "");
}

static void test_merging__keeps_what_was_added_beside_a_set_taken_apart(void **state)
{
    test_device *devices = *state;
    kith_id person = device_add_person(&devices[0], "Asha");
    device_exchange(&devices[0], &devices[1]);
    device_set(&devices[0], person, "roles=missing");
    device_set(&devices[1], person, "roles+=victim");
    device_exchange(&devices[0], &devices[1]);
    assert_field(&devices[0], person, "roles", "missing; victim");
    assert_same_json(&devices[0], &devices[1], person);
}

static void test_merging__revives_a_record_that_was_changed_elsewhere(void **state)
{
    test_device *devices = *state;
    kith_id place = device_add_place(&devices[0], "Nongriat");
    device_exchange(&devices[0], &devices[1]);
    device_remove(&devices[0], place);
    device_set(&devices[1], place, "households=7");
    device_exchange(&devices[0], &devices[1]);
    for (size_t i = 0; i < 2; i++) {
        assert_false(device_is_removed(&devices[i], place));
        assert_true(device_is_revived(&devices[i], place));
        assert_field(&devices[i], place, "households", "7");
    }
}

static void test_merging__passes_on_what_only_a_newer_version_knows(void **state)
{
    test_device *devices = *state;
    const kith_value value = {99, KITH_SLICE("\x01\xfe")};
    const kith_value text = kith_value_of_text(KITH_TYPE_TEXT, kith_slice_of("hidden"));
    kith_id drone = device_add_newer(&devices[0], "drone", "range", value);
    kith_id place = device_add_newer(&devices[0], "place", "altitude", text);
    device_exchange(&devices[0], &devices[1]);
    device_set(&devices[1], place, "name=Nongriat", "type=village");
    device_exchange(&devices[1], &devices[2]);
    assert_field(&devices[2], drone, "range", "type-99:01fe");
    assert_field(&devices[2], place, "altitude", "hidden");
    device_exchange(&devices[0], &devices[2]);
    device_assert_same(&devices[0], &devices[2]);
}

static void test_merging__moves_more_than_one_block(void **state)
{
    test_device *devices = *state;
    enum { EDITS = 40, PLACES_IN_EDIT = 100 };
    uint64_t sent = 0;
    kith_edit *edit = device_edit(&devices[0]);
    for (size_t i = 0; i < EDITS; i++) {
        kith_edit_reset(edit);
        for (size_t j = 0; j < PLACES_IN_EDIT; j++) {
            char remark[128];
            (void)snprintf(remark, sizeof remark,
                           "remarks=%zu houses by the river, %zu on the hill", i * 37, j * 101);
            (void)edit_create(&devices[0], edit, "place", "name=Nongriat", "type=village", remark);
        }
        must(&devices[0], kith_edit_commit(edit));
    }
    kith_edit_free(edit);
    must(&devices[0], exchange_changes(devices[0].replica, devices[1].replica, NULL, &sent));
    assert_int_equal(sent, 1 + EDITS * PLACES_IN_EDIT);
    device_assert_same(&devices[0], &devices[1]);
}

static void test_merging__keeps_a_record_waiting_for_its_beginning(void **state)
{
    test_device *devices = *state;
    kith_list *list = NULL;
    kith_id place = device_add_place(&devices[0], "Nongriat");
    device_exchange(&devices[0], &devices[1]);
    device_set(&devices[1], place, "households=7");
    must(&devices[2], give_own(&devices[1], &devices[2], 0));
    assert_field(&devices[2], place, "households", "7");
    assert_non_null(strstr(device_json(&devices[2], place), "\"created\":null"));
    must(&devices[2], kith_list_conflicts(devices[2].replica, NULL, &list));
    assert_int_equal(kith_list_count(list), 0);
    kith_list_free(list);
    /* Two devices are here, the place is not. */
    assert_int_equal(device_status(&devices[2]).record_count, 2);
    must(&devices[2], give_own(&devices[0], &devices[2], 0));
    assert_int_equal(device_status(&devices[2]).record_count, 4);
    assert_same_json(&devices[1], &devices[2], place);
}

static void test_accept__refuses_a_block_with_changes_missing_before_it(void **state)
{
    test_device *devices = *state;
    kith_id place = device_add_place(&devices[0], "Nongriat");
    assert_answer(&devices[1], give_own(&devices[0], &devices[1], 1), KITH_E_DAMAGED);
    assert_string_equal(device_json(&devices[1], place), "");
    must(&devices[1], give_own(&devices[0], &devices[1], 0));
    assert_same_json(&devices[0], &devices[1], place);
}

static void test_accept__refuses_a_block_that_is_here(void **state)
{
    test_device *devices = *state;
    must(&devices[1], give_own(&devices[0], &devices[1], 0));
    assert_answer(&devices[1], give_own(&devices[0], &devices[1], 0), KITH_E_DAMAGED);
    assert_int_equal(device_check(&devices[1], true).change_count, 2);
}

static void test_accept__refuses_changes_under_its_own_name(void **state)
{
    test_device *devices = *state;
    assert_answer(&devices[0], give_own(&devices[0], &devices[0], 0), KITH_E_STATE);
    assert_int_equal(device_check(&devices[0], true).change_count, 1);
}

static void test_accept__keeps_nothing_of_a_block_that_breaks_off(void **state)
{
    test_device *devices = *state;
    author_block block;
    for (size_t i = 0; i < 5; i++) {
        (void)device_add_place(&devices[0], "Nongriat");
    }
    take_block(&devices[0], 0, &block);
    kith_slice whole = kith_buf_slice(&block.bytes);
    for (size_t i = 0; i < whole.length; i++) {
        assert_answer(&devices[1], exchange_accept(devices[1].replica, kith_slice_head(whole, i)),
                      KITH_E_DAMAGED);
    }
    assert_int_equal(device_check(&devices[1], true).change_count, 1);
    must(&devices[1], exchange_accept(devices[1].replica, whole));
    assert_int_equal(device_check(&devices[1], true).change_count, 7);
    free_block(&block);
}

static void test_merging__goes_on_after_a_restart(void **state)
{
    test_device *devices = *state;
    char path[400];
    test_device asha;
    (void)snprintf(path, sizeof path, "%s/k.db", test_folder());
    device_init_at(&asha, path);
    kith_id place = device_add_place(&asha, "Nongriat");
    device_exchange(&asha, &devices[0]);
    device_set(&devices[0], place, "households=7");
    device_exchange(&asha, &devices[0]);
    device_reopen(&asha);
    assert_field(&asha, place, "households", "7");
    device_set(&asha, place, "households=8");
    device_exchange(&asha, &devices[0]);
    assert_field(&devices[0], place, "households", "8");
    device_assert_same(&asha, &devices[0]);
    device_close(&asha);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        devices_test(test_merging__brings_both_to_the_same),
        devices_test(test_merging__moves_nothing_twice),
        devices_test(test_merging__passes_on_what_came_from_others),
        devices_test(test_merging__keeps_values_written_without_sight_of_each_other),
        devices_test(test_merging__takes_equal_values_for_agreement),
        devices_test(test_merging__lets_a_write_that_has_seen_another_win),
        devices_test(test_merging__keeps_what_was_added_beside_a_set_taken_apart),
        devices_test(test_merging__revives_a_record_that_was_changed_elsewhere),
        devices_test(test_merging__passes_on_what_only_a_newer_version_knows),
        devices_test(test_merging__moves_more_than_one_block),
        devices_test(test_merging__keeps_a_record_waiting_for_its_beginning),
        devices_test(test_accept__refuses_a_block_with_changes_missing_before_it),
        devices_test(test_accept__refuses_a_block_that_is_here),
        devices_test(test_accept__refuses_changes_under_its_own_name),
        devices_test(test_accept__keeps_nothing_of_a_block_that_breaks_off),
        devices_test(test_merging__goes_on_after_a_restart),
    };
    return cmocka_run_group_tests_name("engine/merging", tests, NULL, NULL);
}
