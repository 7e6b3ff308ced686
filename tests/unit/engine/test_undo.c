/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "device.h"

static void undo(test_device *device)
{
    kith_edit *edit = device_edit(device);
    must(device, kith_edit_undo(edit));
    assert_int_equal(kith_edit_has_changed(edit), 1);
    kith_edit_free(edit);
}

static void assert_nothing_to_undo(test_device *device)
{
    kith_edit *edit = device_edit(device);
    assert_answer(device, kith_edit_undo(edit), KITH_E_NOT_FOUND);
    kith_edit_free(edit);
}

/* Undo must be refused because of the field, and leave everything as it is. */
static void assert_undo_refused(test_device *device, const char *field)
{
    uint64_t change_count = device_status(device).change_count;
    kith_edit *edit = device_edit(device);
    assert_answer(device, kith_edit_undo(edit), KITH_E_REFUSED);
    assert_problem(edit, 0, field, "changed again", "");
    assert_int_equal(kith_edit_has_changed(edit), 0);
    kith_edit_free(edit);
    assert_int_equal(device_status(device).change_count, change_count);
}

static void test_undo__brings_a_value_back(void **state)
{
    test_device *asha = *state;
    kith_id place = device_add_place(asha, "Nongriat");
    device_set(asha, place, "name=Shella");
    undo(asha);
    assert_field(asha, place, "name", "Nongriat");
}

static void test_undo__empties_a_field_that_was_empty(void **state)
{
    test_device *asha = *state;
    kith_id place = device_add_place(asha, "Nongriat");
    device_set(asha, place, "households=7");
    undo(asha);
    assert_field(asha, place, "households", "");
}

static void test_undo__brings_a_cleared_value_back(void **state)
{
    test_device *asha = *state;
    kith_id place = device_add(asha, "place", "name=Nongriat", "type=village", "households=7");
    device_set(asha, place, "households=");
    undo(asha);
    assert_field(asha, place, "households", "7");
}

static void test_undo__takes_back_what_was_done_to_a_set(void **state)
{
    test_device *asha = *state;
    kith_id person = device_add_person(asha, "Asha");
    device_set(asha, person, "roles+=missing;victim", "roles-=migrant");
    assert_field(asha, person, "roles", "missing; victim");
    undo(asha);
    assert_field(asha, person, "roles", "migrant");
}

static void test_undo__removes_a_new_record(void **state)
{
    test_device *asha = *state;
    kith_id place = device_add_place(asha, "Nongriat");
    undo(asha);
    assert_true(device_is_removed(asha, place));
}

static void test_undo__brings_a_removed_record_back(void **state)
{
    test_device *asha = *state;
    kith_id place = device_add_place(asha, "Nongriat");
    device_remove(asha, place);
    undo(asha);
    assert_false(device_is_removed(asha, place));
    assert_field(asha, place, "name", "Nongriat");
}

static void test_undo__removes_a_record_that_was_brought_back(void **state)
{
    test_device *asha = *state;
    kith_id place = device_add_place(asha, "Nongriat");
    device_remove(asha, place);
    device_keep(asha, place);
    undo(asha);
    assert_true(device_is_removed(asha, place));
}

static void test_undo__takes_an_edit_of_several_records_back_whole(void **state)
{
    test_device *asha = *state;
    kith_id old = device_add_place(asha, "Nongriat");
    kith_edit *edit = device_edit(asha);
    (void)edit_create(asha, edit, "place", "name=Shella", "type=village");
    edit_assign(asha, edit, edit_open(asha, edit, old), "name=Nongtraw");
    (void)edit_create(asha, edit, "place", "name=Mawlynnong", "type=village");
    must(asha, kith_edit_commit(edit));
    undo(asha);
    assert_true(device_is_removed(asha, kith_edit_record_id(edit, 0)));
    assert_field(asha, old, "name", "Nongriat");
    assert_true(device_is_removed(asha, kith_edit_record_id(edit, 2)));
    kith_edit_free(edit);
}

static void test_undo__tells_which_records_changed(void **state)
{
    test_device *asha = *state;
    kith_id place = device_add_place(asha, "Nongriat");
    device_set(asha, place, "name=Shella");
    kith_edit *edit = device_edit(asha);
    must(asha, kith_edit_undo(edit));
    assert_int_equal(kith_edit_record_count(edit), 1);
    assert_true(kith_id_equal(kith_edit_record_id(edit, 0), place));
    kith_edit_free(edit);
}

static void test_undo__goes_back_through_the_edits_of_one_field(void **state)
{
    test_device *asha = *state;
    kith_id place = device_add_place(asha, "Nongriat");
    device_set(asha, place, "households=1");
    device_set(asha, place, "households=2");
    device_set(asha, place, "households=");
    device_set(asha, place, "households=3");
    static const char *const before[] = {"", "2", "1", ""};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(before); i++) {
        undo(asha);
        assert_field(asha, place, "households", before[i]);
    }
    undo(asha);
    assert_true(device_is_removed(asha, place));
    assert_nothing_to_undo(asha);
}

static void test_undo__goes_back_through_the_edits_of_one_value_of_a_set(void **state)
{
    test_device *asha = *state;
    kith_id person = device_add_person(asha, "Asha");
    device_set(asha, person, "roles+=victim");
    device_set(asha, person, "roles-=victim");
    device_set(asha, person, "roles+=victim");
    static const char *const before[] = {"migrant", "migrant; victim", "migrant"};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(before); i++) {
        undo(asha);
        assert_field(asha, person, "roles", before[i]);
    }
}

static void test_undo__goes_back_through_removals(void **state)
{
    test_device *asha = *state;
    kith_id place = device_add_place(asha, "Nongriat");
    device_remove(asha, place);
    device_keep(asha, place);
    device_remove(asha, place);
    static const bool before[] = {false, true, false, true};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(before); i++) {
        undo(asha);
        assert_int_equal(device_is_removed(asha, place), before[i]);
    }
    assert_nothing_to_undo(asha);
}

static void test_undo__takes_back_what_was_edited_between_undos(void **state)
{
    test_device *asha = *state;
    kith_id place = device_add_place(asha, "Nongriat");
    device_set(asha, place, "households=1");
    device_set(asha, place, "households=2");
    undo(asha);
    device_set(asha, place, "households=3");
    device_set(asha, place, "households=4");
    static const char *const before[] = {"3", "1", ""};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(before); i++) {
        undo(asha);
        assert_field(asha, place, "households", before[i]);
    }
}

static void test_undo__outlives_a_restart(void **state)
{
    (void)state;
    char path[400];
    test_device asha;
    (void)snprintf(path, sizeof path, "%s/k.db", test_folder());
    device_init_at(&asha, path);
    kith_id place = device_add_place(&asha, "Nongriat");
    device_set(&asha, place, "households=1");
    device_set(&asha, place, "households=2");
    undo(&asha);
    device_reopen(&asha);
    undo(&asha);
    assert_field(&asha, place, "households", "");
    device_close(&asha);
}

static void test_undo__leaves_the_edits_of_other_devices_alone(void **state)
{
    test_device *devices = *state;
    kith_id place = device_add_place(&devices[0], "Nongriat");
    device_exchange(&devices[0], &devices[1]);
    device_set(&devices[1], place, "households=2");
    kith_id other = device_add_place(&devices[0], "Shella");
    device_exchange(&devices[0], &devices[1]);
    undo(&devices[0]);
    assert_true(device_is_removed(&devices[0], other));
    assert_field(&devices[0], place, "households", "2");
}

static void test_undo__leaves_corrections_of_the_clock_alone(void **state)
{
    test_device *asha = *state;
    device_set_clock(asha, 0);
    kith_id place = device_add_place(asha, "Nongriat");
    must(asha, kith_replica_learn_time(asha->replica, DEVICE_START_MS));
    uint64_t removed_count = device_status(asha).removed_count;
    undo(asha);
    assert_true(device_is_removed(asha, place));
    assert_int_equal(device_status(asha).removed_count, removed_count + 1);
}

static void test_undo__leaves_the_device_itself_alone(void **state)
{
    test_device *asha = *state;
    assert_nothing_to_undo(asha);
    assert_false(device_is_removed(asha, device_status(asha).device));
}

static void test_undo__is_refused_when_somebody_wrote_over_it(void **state)
{
    test_device *devices = *state;
    kith_id place = device_add_place(&devices[0], "Nongriat");
    device_set(&devices[0], place, "households=1");
    device_exchange(&devices[0], &devices[1]);
    device_set(&devices[1], place, "households=2");
    device_exchange(&devices[0], &devices[1]);
    assert_undo_refused(&devices[0], "households");
    assert_field(&devices[0], place, "households", "2");
}

static void test_undo__is_refused_when_somebody_wrote_beside_it(void **state)
{
    test_device *devices = *state;
    kith_id place = device_add_place(&devices[0], "Nongriat");
    device_exchange(&devices[0], &devices[1]);
    device_set(&devices[0], place, "households=1");
    device_set(&devices[1], place, "households=2");
    device_exchange(&devices[0], &devices[1]);
    assert_undo_refused(&devices[0], "households");
}

static void test_undo__is_refused_when_somebody_took_the_added_value_out(void **state)
{
    test_device *devices = *state;
    kith_id person = device_add_person(&devices[0], "Asha");
    device_set(&devices[0], person, "roles+=victim");
    device_exchange(&devices[0], &devices[1]);
    device_set(&devices[1], person, "roles-=victim");
    device_exchange(&devices[0], &devices[1]);
    assert_undo_refused(&devices[0], "roles");
}

static void test_undo__is_refused_when_somebody_added_the_same_value(void **state)
{
    test_device *devices = *state;
    kith_id person = device_add_person(&devices[0], "Asha");
    device_exchange(&devices[0], &devices[1]);
    device_set(&devices[0], person, "roles+=victim");
    device_set(&devices[1], person, "roles+=victim");
    device_exchange(&devices[0], &devices[1]);
    assert_undo_refused(&devices[0], "roles");
    assert_field(&devices[0], person, "roles", "migrant; victim");
}

static void test_undo__is_refused_when_somebody_put_the_value_back(void **state)
{
    test_device *devices = *state;
    kith_id person = device_add_person(&devices[0], "Asha");
    device_set(&devices[0], person, "roles+=victim");
    device_set(&devices[0], person, "roles-=migrant");
    device_exchange(&devices[0], &devices[1]);
    device_set(&devices[1], person, "roles+=migrant");
    device_exchange(&devices[0], &devices[1]);
    assert_undo_refused(&devices[0], "roles");
}

static void test_undo__is_refused_when_somebody_changed_the_new_record(void **state)
{
    test_device *devices = *state;
    kith_id place = device_add_place(&devices[0], "Nongriat");
    device_exchange(&devices[0], &devices[1]);
    device_set(&devices[1], place, "households=2");
    device_exchange(&devices[0], &devices[1]);
    assert_undo_refused(&devices[0], "");
    assert_false(device_is_removed(&devices[0], place));
}

static void test_undo__is_refused_when_somebody_brought_the_record_back(void **state)
{
    test_device *devices = *state;
    kith_id place = device_add_place(&devices[0], "Nongriat");
    device_remove(&devices[0], place);
    device_exchange(&devices[0], &devices[1]);
    device_keep(&devices[1], place);
    device_exchange(&devices[0], &devices[1]);
    assert_undo_refused(&devices[0], "");
}

static void test_undo__is_refused_when_somebody_removed_the_record_too(void **state)
{
    test_device *devices = *state;
    kith_id place = device_add_place(&devices[0], "Nongriat");
    device_exchange(&devices[0], &devices[1]);
    device_remove(&devices[0], place);
    device_remove(&devices[1], place);
    device_exchange(&devices[0], &devices[1]);
    assert_undo_refused(&devices[0], "");
    assert_true(device_is_removed(&devices[0], place));
}

/* Two values without sight of each other, then a decision on the first device. */
static kith_id settle_households(test_device *devices, const char *text)
{
    kith_id place = device_add_place(&devices[0], "Nongriat");
    device_exchange(&devices[0], &devices[1]);
    device_set(&devices[0], place, "households=1");
    device_wait(&devices[1], DEVICE_MINUTE_MS);
    device_set(&devices[1], place, "households=2");
    device_exchange(&devices[0], &devices[1]);
    device_settle(&devices[0], place, "households", text);
    return place;
}

static void test_undo__of_a_settled_conflict_shows_what_was_shown(void **state)
{
    test_device *devices = *state;
    kith_id place = settle_households(devices, "1");
    undo(&devices[0]);
    assert_field(&devices[0], place, "households", "2");
    assert_string_equal(device_rivals(&devices[0], place, "households"), "");
    device_exchange(&devices[0], &devices[1]);
    assert_field(&devices[1], place, "households", "2");
}

static void test_undo__of_a_conflict_settled_as_shown_is_remembered(void **state)
{
    test_device *devices = *state;
    kith_id place = settle_households(devices, "2");
    undo(&devices[0]);
    assert_field(&devices[0], place, "households", "2");
    /* The next one would take back the "1" that is not there any more. */
    assert_undo_refused(&devices[0], "households");
}

static void test_undo__needs_an_empty_edit_and_no_batch(void **state)
{
    test_device *asha = *state;
    kith_edit *edit = device_edit(asha);
    (void)edit_create(asha, edit, "place", "name=Nongriat", "type=village");
    assert_answer(asha, kith_edit_undo(edit), KITH_E_STATE);
    kith_edit_reset(edit);
    must(asha, kith_batch_begin(asha->replica));
    assert_answer(asha, kith_edit_undo(edit), KITH_E_STATE);
    must(asha, kith_batch_end(asha->replica));
    kith_edit_free(edit);
}

static void test_undo__is_told_from_an_edit_in_the_history(void **state)
{
    test_device *asha = *state;
    kith_history *history = NULL;
    kith_id place = device_add_place(asha, "Nongriat");
    device_set(asha, place, "households=7");
    undo(asha);
    must(asha, kith_history_get(asha->replica, place, 0, &history));
    assert_int_equal(kith_history_count(history), 3);
    assert_int_equal(kith_history_entry_at(history, 0)->takes_back, 1);
    assert_int_equal(kith_history_entry_at(history, 1)->takes_back, 0);
    kith_history_free(history);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        device_test(test_undo__brings_a_value_back),
        device_test(test_undo__empties_a_field_that_was_empty),
        device_test(test_undo__brings_a_cleared_value_back),
        device_test(test_undo__takes_back_what_was_done_to_a_set),
        device_test(test_undo__removes_a_new_record),
        device_test(test_undo__brings_a_removed_record_back),
        device_test(test_undo__removes_a_record_that_was_brought_back),
        device_test(test_undo__takes_an_edit_of_several_records_back_whole),
        device_test(test_undo__tells_which_records_changed),
        device_test(test_undo__goes_back_through_the_edits_of_one_field),
        device_test(test_undo__goes_back_through_the_edits_of_one_value_of_a_set),
        device_test(test_undo__goes_back_through_removals),
        device_test(test_undo__takes_back_what_was_edited_between_undos),
        cmocka_unit_test(test_undo__outlives_a_restart),
        devices_test(test_undo__leaves_the_edits_of_other_devices_alone),
        device_test(test_undo__leaves_corrections_of_the_clock_alone),
        device_test(test_undo__leaves_the_device_itself_alone),
        devices_test(test_undo__is_refused_when_somebody_wrote_over_it),
        devices_test(test_undo__is_refused_when_somebody_wrote_beside_it),
        devices_test(test_undo__is_refused_when_somebody_took_the_added_value_out),
        devices_test(test_undo__is_refused_when_somebody_added_the_same_value),
        devices_test(test_undo__is_refused_when_somebody_put_the_value_back),
        devices_test(test_undo__is_refused_when_somebody_changed_the_new_record),
        devices_test(test_undo__is_refused_when_somebody_brought_the_record_back),
        devices_test(test_undo__is_refused_when_somebody_removed_the_record_too),
        devices_test(test_undo__of_a_settled_conflict_shows_what_was_shown),
        devices_test(test_undo__of_a_conflict_settled_as_shown_is_remembered),
        device_test(test_undo__needs_an_empty_edit_and_no_batch),
        device_test(test_undo__is_told_from_an_edit_in_the_history),
    };
    return cmocka_run_group_tests_name("engine/undo", tests, NULL, NULL);
}
