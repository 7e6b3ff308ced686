/* Drafts to a commit: what is written, what it replaces, what is left out.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "base/limits.h"
#include "device.h"
#include "engine/replica.h"

/* The device's last commit, as its log has it. */
static kith_commit last_commit(test_device *device, kith_arena *arena)
{
    kith_replica *replica = device->replica;
    uint32_t own = replica->directory.own;
    kith_dot last = {own, replica->directory.authors[own].head};
    kith_commit commit;
    kith_arena_init(arena, &replica->cx);
    must(device, kith_log_read(&replica->log, last, arena, &commit));
    return commit;
}

/* The operation of a change on a field. */
static const kith_op *find_op(test_device *device, const kith_change *change, const char *field)
{
    for (size_t i = 0; i < change->op_count; i++) {
        kith_slice name = device->replica->directory.names[change->ops[i].field];
        if (kith_slice_is(name, field)) {
            return &change->ops[i];
        }
    }
    fail_msg("nothing was done to %s", field);
    return NULL;
}

/* How many writes the last commit's operation on a field replaces, all of which must be changes
 * that there are. */
static size_t replaced_count(test_device *device, const char *field)
{
    kith_arena arena;
    kith_commit commit = last_commit(device, &arena);
    kith_known known = kith_directory_known(&device->replica->directory);
    assert_int_equal(commit.change_count, 1);
    const kith_op *op = find_op(device, &commit.changes[0], field);
    size_t count = op->replaces_count;
    for (size_t i = 0; i < count; i++) {
        assert_true(kith_known_has(&known, op->replaces[i]));
        assert_false(kith_dot_equal(op->replaces[i], commit.changes[0].id));
    }
    kith_arena_deinit(&arena);
    return count;
}

static uint64_t change_count(test_device *device)
{
    return device_status(device).change_count;
}

static void test_commit__of_a_first_write_replaces_nothing(void **state)
{
    test_device *asha = *state;
    (void)device_add_place(asha, "Nongriat");
    assert_int_equal(replaced_count(asha, "name"), 0);
}

static void test_commit__replaces_the_write_that_stood_in_the_field(void **state)
{
    test_device *asha = *state;
    kith_id place = device_add_place(asha, "Nongriat");
    device_set(asha, place, "name=Nongriat Nongtraw");
    device_set(asha, place, "name=Nongriat");
    kith_arena arena;
    kith_commit commit = last_commit(asha, &arena);
    const kith_op *op = find_op(asha, &commit.changes[0], "name");
    assert_int_equal(op->replaces_count, 1);
    assert_int_equal(op->replaces[0].number, commit.first.number - 1);
    kith_arena_deinit(&arena);
}

static void test_commit__replaces_all_values_of_a_conflict(void **state)
{
    test_device *devices = *state;
    kith_id place = device_add_place(&devices[0], "Nongriat");
    device_exchange(&devices[0], &devices[1]);
    device_exchange(&devices[0], &devices[2]);
    device_set(&devices[0], place, "households=1");
    device_set(&devices[1], place, "households=2");
    device_set(&devices[2], place, "households=3");
    device_exchange(&devices[0], &devices[1]);
    device_exchange(&devices[0], &devices[2]);
    device_set(&devices[0], place, "households=4");
    assert_int_equal(replaced_count(&devices[0], "households"), 3);
    assert_string_equal(device_rivals(&devices[0], place, "households"), "");
}

static void extend_places(test_device *device, const char *name, const char *type)
{
    char definition[200];
    (void)snprintf(definition, sizeof definition,
                   "{\"kinds\":{\"place\":{\"fields\":[{\"name\":\"orbit\",\"label\":\"Orbit\","
                   "\"type\":\"%s\"}]}}}",
                   type);
    must(device, kith_schema_add(device->replica, kith_slice_of(name), kith_slice_of(definition)));
}

/* Where a field held a set before, by a definition of its own: the set's elements are no writes of
 * the field's one value, and a write that named them would merge differently in different orders.
 */
static void test_commit__of_a_value_does_not_replace_what_stands_in_a_set(void **state)
{
    test_device *asha = *state;
    extend_places(asha, "sets", "multi-text");
    kith_id definition = kith_id_make(asha->replica->directory.authors[1].id, 2);
    kith_id place = device_add_place(asha, "Nongriat");
    device_set(asha, place, "orbit+=8");
    device_remove(asha, definition);
    extend_places(asha, "values", "int");
    device_set(asha, place, "orbit=9");
    assert_int_equal(replaced_count(asha, "orbit"), 0);
    kith_edit *edit = device_edit(asha);
    must(asha, kith_edit_undo(edit));
    kith_edit_free(edit);
    assert_int_equal(replaced_count(asha, "orbit"), 1);
}

static void test_commit__takes_all_additions_of_a_value_out(void **state)
{
    test_device *devices = *state;
    kith_id person = device_add_person(&devices[0], "Asha");
    device_exchange(&devices[0], &devices[1]);
    device_set(&devices[0], person, "roles+=survivor");
    device_set(&devices[1], person, "roles+=survivor");
    device_exchange(&devices[0], &devices[1]);
    device_set(&devices[1], person, "roles-=survivor");
    assert_int_equal(replaced_count(&devices[1], "roles"), 2);
}

static void test_commit__of_a_removal_says_what_it_has_seen(void **state)
{
    test_device *devices = *state;
    kith_arena arena;
    kith_id place = device_add_place(&devices[0], "Nongriat");
    device_exchange(&devices[0], &devices[1]);
    device_set(&devices[1], place, "households=2");
    device_set(&devices[1], place, "households=3");
    device_exchange(&devices[0], &devices[1]);
    device_remove(&devices[0], place);
    kith_commit commit = last_commit(&devices[0], &arena);
    const kith_change *change = &commit.changes[0];
    assert_int_equal(change->deed, KITH_DEED_REMOVE);
    assert_int_equal(change->seen_count, 2);
    for (size_t i = 0; i < change->seen_count; i++) {
        bool is_own = change->seen[i].author == change->id.author;
        assert_int_equal(change->seen[i].number, is_own ? 2 : 3);
    }
    kith_arena_deinit(&arena);
}

static void test_commit__leaves_out_what_changes_nothing(void **state)
{
    test_device *asha = *state;
    static const char *const assignments[] = {
        "name=Nongriat",       "households=",          "remarks= ",   "livelihoods=forest",
        "livelihoods+=forest", "livelihoods-=fishing", "type=village"};
    kith_id place = device_add_place(asha, "Nongriat");
    device_set(asha, place, "livelihoods=forest");
    uint64_t count = change_count(asha);
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(assignments); i++) {
        kith_edit *edit = device_edit(asha);
        edit_assign(asha, edit, edit_open(asha, edit, place), assignments[i]);
        must(asha, kith_edit_commit(edit));
        assert_int_equal(kith_edit_has_changed(edit), 0);
        kith_edit_free(edit);
    }
    assert_int_equal(change_count(asha), count);
}

static void test_commit__writes_the_value_shown_if_others_stand_beside_it(void **state)
{
    test_device *devices = *state;
    kith_id place = device_add_place(&devices[0], "Nongriat");
    device_exchange(&devices[0], &devices[1]);
    device_set(&devices[0], place, "households=1");
    device_set(&devices[1], place, "households=2");
    device_exchange(&devices[0], &devices[1]);
    char assignment[64];
    (void)snprintf(assignment, sizeof assignment, "households=%s",
                   device_text(&devices[0], place, "households"));
    device_set(&devices[0], place, assignment);
    assert_int_equal(replaced_count(&devices[0], "households"), 2);
}

static void test_commit__takes_the_last_of_several_writes_to_a_field(void **state)
{
    test_device *asha = *state;
    kith_id place = device_add(asha, "place", "name=Nongriat", "type=village", "name=Shella",
                               "livelihoods=fishing", "livelihoods+=forest", "livelihoods-=fishing",
                               "households=7", "households=");
    assert_field(asha, place, "name", "Shella");
    assert_field(asha, place, "livelihoods", "forest");
    assert_field(asha, place, "households", "");
    uint64_t count = change_count(asha);
    device_set(asha, place, "name=Nongriat", "name=Shella", "livelihoods-=forest",
               "livelihoods+=forest");
    assert_int_equal(change_count(asha), count);
}

static void test_commit__numbers_the_changes_of_an_edit_in_a_row(void **state)
{
    test_device *asha = *state;
    kith_arena arena;
    kith_id old = device_add_place(asha, "Nongriat");
    kith_edit *edit = device_edit(asha);
    (void)edit_create(asha, edit, "place", "name=Shella", "type=village");
    edit_assign(asha, edit, edit_open(asha, edit, old), "households=7");
    (void)edit_create(asha, edit, "place", "name=Mawlynnong", "type=village");
    must(asha, kith_edit_commit(edit));
    kith_commit commit = last_commit(asha, &arena);
    assert_int_equal(commit.change_count, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(commit.changes[i].id.number, commit.first.number + i);
    }
    assert_field(asha, kith_edit_record_id(edit, 0), "name", "Shella");
    assert_true(kith_id_equal(kith_edit_record_id(edit, 1), old));
    assert_field(asha, kith_edit_record_id(edit, 2), "name", "Mawlynnong");
    kith_arena_deinit(&arena);
    kith_edit_free(edit);
}

/* Drafts that write nothing take no number: what refers past them must still arrive. */
static void test_commit__refers_to_the_right_new_record_past_edits_of_nothing(void **state)
{
    test_device *asha = *state;
    char id[KITH_ID_TEXT_SIZE];
    kith_id old = device_add_place(asha, "Nongriat");
    kith_edit *edit = device_edit(asha);
    (void)edit_create(asha, edit, "visit", "purpose=mapping", "result=done");
    edit_assign(asha, edit, edit_open(asha, edit, old), "name=Nongriat");
    (void)edit_create(asha, edit, "place", "name=Shella", "type=village");
    (void)edit_create(asha, edit, "visit", "purpose=mapping", "result=done", "place=@2");
    edit_assign(asha, edit, 0, "place=@2");
    must(asha, kith_edit_commit(edit));
    kith_id_format(kith_edit_record_id(edit, 2), id);
    assert_field(asha, kith_edit_record_id(edit, 0), "place", id);
    assert_field(asha, kith_edit_record_id(edit, 3), "place", id);
    assert_field(asha, kith_edit_record_id(edit, 2), "name", "Shella");
    kith_edit_free(edit);
}

/* A commit that fails at its n-th allocation, then another process' commit, then the commit again.
 * False once the first try gets by. */
static bool retry_commit(test_device *asha, test_device *other, size_t failing_allocation)
{
    char id[KITH_ID_TEXT_SIZE];
    kith_edit *edit = device_edit(asha);
    (void)edit_create(asha, edit, "place", "name=Shella", "type=village");
    (void)edit_create(asha, edit, "visit", "purpose=mapping", "result=done", "place=@0");
    asha->allocation_count = 0;
    asha->failing_allocation = failing_allocation;
    kith_status status = kith_edit_commit(edit);
    asha->failing_allocation = 0;
    if (status != KITH_OK) {
        assert_answer(asha, status, KITH_E_MEMORY);
        (void)device_add_place(other, "Mawlynnong");
        must(asha, kith_edit_commit(edit));
    }
    kith_id_format(kith_edit_record_id(edit, 0), id);
    assert_field(asha, kith_edit_record_id(edit, 1), "place", id);
    kith_edit_free(edit);
    return status != KITH_OK;
}

static void test_commit__can_be_tried_again(void **state)
{
    (void)state;
    char path[400];
    test_device asha;
    test_device other;
    (void)snprintf(path, sizeof path, "%s/k.db", test_folder());
    device_init_at(&asha, path);
    device_open(&other, path);
    size_t failing_allocation = 1;
    while (retry_commit(&asha, &other, failing_allocation)) {
        failing_allocation++;
    }
    assert_true(failing_allocation > 3);
    device_close(&other);
    device_close(&asha);
}

static void test_commit__writes_an_edit_once(void **state)
{
    test_device *asha = *state;
    kith_edit *edit = device_edit(asha);
    (void)edit_create(asha, edit, "place", "name=Nongriat", "type=village");
    must(asha, kith_edit_commit(edit));
    kith_id id = kith_edit_record_id(edit, 0);
    assert_answer(asha, kith_edit_commit(edit), KITH_E_STATE);
    assert_true(kith_id_equal(kith_edit_record_id(edit, 0), id));
    assert_int_equal(device_status(asha).change_count, kith_id_number(id));
    kith_edit_reset(edit);
    (void)edit_create(asha, edit, "place", "name=Mawlynnong", "type=village");
    must(asha, kith_edit_commit(edit));
    kith_edit_free(edit);
}

static void test_commit__refuses_changes_of_a_removed_record(void **state)
{
    test_device *asha = *state;
    kith_id place = device_add_place(asha, "Nongriat");
    kith_edit *edit = device_edit(asha);
    edit_assign(asha, edit, edit_open(asha, edit, place), "households=7");
    device_remove(asha, place);
    assert_refused_for(asha, edit, 0, "", "removed", "");
    kith_edit_free(edit);
    device_keep(asha, place);
    device_set(asha, place, "households=7");
    assert_field(asha, place, "households", "7");
}

static void test_commit__removes_and_keeps_once(void **state)
{
    test_device *asha = *state;
    kith_id place = device_add_place(asha, "Nongriat");
    uint64_t count = change_count(asha);
    device_keep(asha, place);
    assert_int_equal(change_count(asha), count);
    device_remove(asha, place);
    device_remove(asha, place);
    assert_int_equal(change_count(asha), count + 1);
    assert_true(device_is_removed(asha, place));
    device_keep(asha, place);
    device_keep(asha, place);
    assert_int_equal(change_count(asha), count + 2);
    assert_false(device_is_removed(asha, place));
}

static void test_commit__refuses_to_change_and_remove_at_once(void **state)
{
    test_device *asha = *state;
    kith_id place = device_add_place(asha, "Nongriat");
    kith_edit *edit = device_edit(asha);
    uint32_t record = edit_open(asha, edit, place);
    must(asha, kith_edit_remove(edit, record));
    edit_assign(asha, edit, record, "households=7");
    assert_refused_for(asha, edit, 0, "", "removes", "two edits");
    kith_edit_free(edit);
    assert_false(device_is_removed(asha, place));
}

static void test_commit__settles_conflicts_only(void **state)
{
    test_device *devices = *state;
    kith_id place = device_add_place(&devices[0], "Nongriat");
    device_exchange(&devices[0], &devices[1]);
    device_set(&devices[0], place, "households=1");
    device_set(&devices[1], place, "households=2");
    device_exchange(&devices[0], &devices[1]);
    device_settle(&devices[0], place, "households", "3");
    assert_field(&devices[0], place, "households", "3");
    static const char *const fields[] = {"households", "population", "livelihoods"};
    static const char *const texts[] = {"4", "4", "forest"};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(fields); i++) {
        kith_edit *edit = device_edit(&devices[0]);
        uint32_t record = edit_open(&devices[0], edit, place);
        must(&devices[0],
             kith_edit_settle(edit, record, kith_slice_of(fields[i]), kith_slice_of(texts[i])));
        assert_refused_for(&devices[0], edit, record, fields[i], "no conflict", "");
        kith_edit_free(edit);
    }
}

static void test_commit__settles_to_nothing(void **state)
{
    test_device *devices = *state;
    kith_id place = device_add_place(&devices[0], "Nongriat");
    device_exchange(&devices[0], &devices[1]);
    device_set(&devices[0], place, "households=1");
    device_set(&devices[1], place, "households=2");
    device_exchange(&devices[0], &devices[1]);
    device_settle(&devices[1], place, "households", "");
    device_exchange(&devices[0], &devices[1]);
    assert_field(&devices[0], place, "households", "");
    assert_string_equal(device_rivals(&devices[0], place, "households"), "");
}

/* Adds so many names, numbered from `first` on, to a draft. */
static void add_names(test_device *device, kith_edit *edit, unsigned first, unsigned count)
{
    for (unsigned i = first; i < first + count; i++) {
        char assignment[64];
        (void)snprintf(assignment, sizeof assignment, "other_names+=name %u", i);
        edit_assign(device, edit, 0, assignment);
    }
}

static void test_commit__stops_at_the_limit_of_values(void **state)
{
    test_device *asha = *state;
    uint64_t count = change_count(asha);
    kith_edit *edit = device_edit(asha);
    (void)edit_create(asha, edit, "person", "full_name=Asha", "roles=migrant", "sex=female",
                      "status=at_home", "citizenship=", "identity_protected=");
    add_names(asha, edit, 0, KITH_CHANGE_OPS_MAX - 3);
    assert_answer(asha, kith_edit_commit(edit), KITH_E_LIMIT);
    assert_int_equal(change_count(asha), count);
    kith_edit_reset(edit);
    (void)edit_create(asha, edit, "person", "full_name=Asha", "roles=migrant", "sex=female",
                      "status=at_home", "citizenship=", "identity_protected=");
    add_names(asha, edit, 0, KITH_CHANGE_OPS_MAX - 4);
    must(asha, kith_edit_commit(edit));
    assert_int_equal(change_count(asha), count + 1);
    kith_edit_free(edit);
}

static void test_commit__stops_at_the_limit_of_bytes(void **state)
{
    test_device *asha = *state;
    static char text[KITH_VALUE_BYTES_MAX];
    memset(text, 'a', sizeof text);
    uint64_t count = change_count(asha);
    kith_edit *edit = device_edit(asha);
    for (uint32_t i = 0; i < KITH_COMMIT_BYTES_MAX / KITH_VALUE_BYTES_MAX; i++) {
        (void)edit_create(asha, edit, "place", "name=Nongriat", "type=village");
        must(asha,
             kith_edit_set(edit, i, kith_slice_of("remarks"), kith_slice_make(text, sizeof text)));
    }
    assert_answer(asha, kith_edit_commit(edit), KITH_E_LIMIT);
    assert_int_equal(change_count(asha), count);
    kith_edit_free(edit);
    kith_id place = device_add_place(asha, "Shella");
    assert_field(asha, place, "name", "Shella");
    assert_int_equal(device_check(asha, true).rebuilt_differs, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        device_test(test_commit__of_a_first_write_replaces_nothing),
        device_test(test_commit__replaces_the_write_that_stood_in_the_field),
        devices_test(test_commit__replaces_all_values_of_a_conflict),
        device_test(test_commit__of_a_value_does_not_replace_what_stands_in_a_set),
        devices_test(test_commit__takes_all_additions_of_a_value_out),
        devices_test(test_commit__of_a_removal_says_what_it_has_seen),
        device_test(test_commit__leaves_out_what_changes_nothing),
        devices_test(test_commit__writes_the_value_shown_if_others_stand_beside_it),
        device_test(test_commit__takes_the_last_of_several_writes_to_a_field),
        device_test(test_commit__numbers_the_changes_of_an_edit_in_a_row),
        device_test(test_commit__refers_to_the_right_new_record_past_edits_of_nothing),
        cmocka_unit_test(test_commit__can_be_tried_again),
        device_test(test_commit__writes_an_edit_once),
        device_test(test_commit__refuses_changes_of_a_removed_record),
        device_test(test_commit__removes_and_keeps_once),
        device_test(test_commit__refuses_to_change_and_remove_at_once),
        devices_test(test_commit__settles_conflicts_only),
        devices_test(test_commit__settles_to_nothing),
        device_test(test_commit__stops_at_the_limit_of_values),
        device_test(test_commit__stops_at_the_limit_of_bytes),
    };
    return cmocka_run_group_tests_name("engine/commit", tests, NULL, NULL);
}
