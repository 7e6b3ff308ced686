/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/fold.h"

#include "base/limits.h"
#include "device.h"
#include "engine/replica.h"

static size_t pending_count(const test_device *device)
{
    return device->replica->fold.pending.count;
}

/* Writes what is pending. */
static void flush(test_device *device)
{
    must(device, kith_engine_flush(device->replica));
    assert_int_equal(pending_count(device), 0);
}

static uint32_t marks_of(test_device *device, kith_id id)
{
    uint32_t marks = 0;
    kith_dot dot = kith_engine_dot(device->replica, id);
    must(device, kith_engine_peek(device->replica, dot, NULL, &marks));
    return marks;
}

/* How many records answer to a word, and how many point to a record. */
static size_t count_found(test_device *device, const char *word)
{
    kith_list *list = NULL;
    must(device, kith_find_records(device->replica, kith_slice_of(word), kith_slice_of(""), 0, NULL,
                                   &list));
    size_t count = kith_list_count(list);
    kith_list_free(list);
    return count;
}

static size_t count_references(test_device *device, kith_id id)
{
    kith_list *list = NULL;
    must(device, kith_list_references(device->replica, id, NULL, &list));
    size_t count = kith_list_count(list);
    kith_list_free(list);
    return count;
}

static void set_parent(test_device *device, kith_id place, const char *id_text)
{
    char assignment[64] = "parent=";
    (void)strncat(assignment, id_text, KITH_ID_TEXT_SIZE);
    device_set(device, place, assignment);
}

static void test_fold__shows_a_record_alike_before_and_after_it_is_written(void **state)
{
    test_device *asha = *state;
    char before[4096];
    kith_id person = device_add_person(asha, "Asha");
    device_set(asha, person, "roles+=missing", "birth=~2009", "phone=9863012345");
    assert_true(pending_count(asha) > 0);
    (void)strncpy(before, device_json(asha, person), sizeof before - 1);
    before[sizeof before - 1] = '\0';
    flush(asha);
    assert_string_equal(device_json(asha, person), before);
}

static void test_fold__goes_on_from_what_was_written(void **state)
{
    test_device *asha = *state;
    kith_id place = device_add_place(asha, "Nongriat");
    flush(asha);
    device_set(asha, place, "households=7");
    assert_int_equal(pending_count(asha), 1);
    assert_field(asha, place, "name", "Nongriat");
    assert_field(asha, place, "households", "7");
    flush(asha);
    assert_field(asha, place, "households", "7");
}

static void test_fold_write__loses_nothing_when_it_is_rolled_back(void **state)
{
    test_device *asha = *state;
    kith_replica *replica = asha->replica;
    kith_id place = device_add_place(asha, "Nongriat");
    must(asha, kith_txn_begin(replica->store, KITH_TXN_DERIVED));
    must(asha, kith_fold_write(&replica->fold));
    kith_txn_rollback(replica->store);
    assert_true(pending_count(asha) > 0);
    assert_field(asha, place, "name", "Nongriat");
    flush(asha);
    assert_field(asha, place, "name", "Nongriat");
    assert_int_equal(device_check(asha, true).rebuilt_differs, 0);
}

static void test_fold_read__finds_no_record_that_is_not_here(void **state)
{
    test_device *asha = *state;
    kith_replica *replica = asha->replica;
    kith_arena arena;
    kith_state record;
    uint32_t kind = 7;
    uint32_t marks = 7;
    kith_dot nowhere = {replica->directory.own, 99};
    kith_arena_init(&arena, &replica->cx);
    assert_answer(asha, kith_fold_read(&replica->fold, nowhere, &arena, &record, NULL),
                  KITH_E_NOT_FOUND);
    assert_answer(asha, kith_fold_peek(&replica->fold, nowhere, &kind, &marks), KITH_E_NOT_FOUND);
    assert_int_equal(kind, 0);
    assert_int_equal(marks, 0);
    kith_arena_deinit(&arena);
}

static void test_fold_apply__takes_an_authors_changes_in_order_only(void **state)
{
    test_device *asha = *state;
    kith_fold *fold = &asha->replica->fold;
    uint32_t own = asha->replica->directory.own;
    static const uint64_t numbers[] = {0, 1, 3};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(numbers); i++) {
        kith_dot id = {own, numbers[i]};
        kith_change change = {.id = id, .record = id, .deed = KITH_DEED_CREATE, .kind = 1};
        assert_answer(asha, kith_fold_apply(fold, &change), KITH_E_DAMAGED);
    }
}

static void test_fold_marks__say_what_lists_need_to_know(void **state)
{
    test_device *devices = *state;
    kith_id place = device_add_place(&devices[0], "Nongriat");
    kith_id other = device_add_place(&devices[0], "Shella");
    device_exchange(&devices[0], &devices[1]);
    assert_int_equal(marks_of(&devices[0], place), 0);
    device_set(&devices[0], place, "households=1");
    device_set(&devices[1], place, "households=2");
    device_remove(&devices[0], other);
    assert_int_equal(marks_of(&devices[0], other), KITH_MARK_REMOVED);
    device_set(&devices[1], other, "households=2");
    device_exchange(&devices[0], &devices[1]);
    assert_int_equal(marks_of(&devices[0], place), KITH_MARK_CONFLICT);
    assert_int_equal(marks_of(&devices[0], other), KITH_MARK_REVIVED);
}

static void test_fold_write__keeps_the_search_index_to_what_records_say(void **state)
{
    test_device *asha = *state;
    kith_id place = device_add_place(asha, "Nongriat");
    assert_int_equal(count_found(asha, "nongriat"), 1);
    device_set(asha, place, "name=Shella");
    assert_int_equal(count_found(asha, "nongriat"), 0);
    assert_int_equal(count_found(asha, "shella"), 1);
    device_remove(asha, place);
    assert_int_equal(count_found(asha, "shella"), 0);
    device_keep(asha, place);
    assert_int_equal(count_found(asha, "shella"), 1);
    assert_int_equal(device_check(asha, true).rebuilt_differs, 0);
}

static void test_fold_write__keeps_links_to_what_records_say(void **state)
{
    test_device *asha = *state;
    kith_id block = device_add_place(asha, "Pynursla");
    kith_id other = device_add_place(asha, "Shella");
    kith_id place = device_add_place(asha, "Nongriat");
    set_parent(asha, place, "2");
    assert_int_equal(count_references(asha, block), 1);
    set_parent(asha, place, "3");
    assert_int_equal(count_references(asha, block), 0);
    assert_int_equal(count_references(asha, other), 1);
    device_remove(asha, place);
    assert_int_equal(count_references(asha, other), 0);
    device_keep(asha, place);
    assert_int_equal(count_references(asha, other), 1);
    set_parent(asha, place, "");
    assert_int_equal(count_references(asha, other), 0);
    assert_int_equal(device_check(asha, true).rebuilt_differs, 0);
}

static void test_fold_write__links_all_values_of_a_conflict(void **state)
{
    test_device *devices = *state;
    char first[KITH_ID_TEXT_SIZE];
    char second[KITH_ID_TEXT_SIZE];
    kith_id block = device_add_place(&devices[0], "Pynursla");
    kith_id other = device_add_place(&devices[0], "Shella");
    kith_id place = device_add_place(&devices[0], "Nongriat");
    kith_id_format(block, first);
    kith_id_format(other, second);
    device_exchange(&devices[0], &devices[1]);
    set_parent(&devices[0], place, first);
    set_parent(&devices[1], place, second);
    device_exchange(&devices[0], &devices[1]);
    assert_int_equal(count_references(&devices[0], block), 1);
    assert_int_equal(count_references(&devices[0], other), 1);
    device_settle(&devices[0], place, "parent", second);
    assert_int_equal(count_references(&devices[0], block), 0);
    assert_int_equal(device_check(&devices[0], true).rebuilt_differs, 0);
}

/* Puts a record's row back with another state, as only a crafted file has it: checksums fit. */
static void craft(test_device *device, kith_id id, void (*spoil)(kith_row *row, kith_state *state))
{
    kith_replica *replica = device->replica;
    kith_arena arena;
    kith_state state;
    kith_row row;
    kith_buf stored;
    kith_buf packed;
    flush(device);
    kith_arena_init(&arena, &replica->cx);
    kith_buf_init(&stored, &replica->cx, KITH_RECORD_BYTES_MAX);
    kith_buf_init(&packed, &replica->cx, KITH_RECORD_BYTES_MAX);
    must(device, kith_row_get(replica->store, kith_engine_dot(replica, id), &row, &stored));
    must(device, kith_state_unpack(row.state, &arena, row.id, row.kind, &state));
    spoil(&row, &state);
    kith_state_pack(&state, &packed);
    row.state = kith_buf_slice(&packed);
    must(device, kith_txn_begin(replica->store, KITH_TXN_DERIVED));
    must(device, kith_row_put(replica->store, &row, false));
    must(device, kith_txn_commit(replica->store));
    kith_buf_deinit(&packed);
    kith_buf_deinit(&stored);
    kith_arena_deinit(&arena);
}

static void spoil_kind(kith_row *row, kith_state *state)
{
    (void)state;
    row->kind = 1000000;
}

static void spoil_field(kith_row *row, kith_state *state)
{
    (void)row;
    state->cells[state->cell_count - 1].field = 1000000;
}

static void spoil_author(kith_row *row, kith_state *state)
{
    (void)row;
    kith_dot edit = state->changes.items[state->changes.count - 1];
    state->changed_by.author = state->changes.items[state->changes.count - 1].author = 1000000;
    for (size_t i = 0; i < state->cell_count; i++) {
        kith_dot *id = &state->cells[i].heads[0].id;
        id->author = kith_dot_equal(*id, edit) ? 1000000 : id->author;
    }
}

static void test_fold_unpack__refuses_ordinals_that_the_directory_does_not_have(void **state)
{
    static void (*const spoilers[])(kith_row *, kith_state *) = {spoil_kind, spoil_field,
                                                                 spoil_author};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(spoilers); i++) {
        test_device *asha = *state;
        kith_check_report report = {.struct_size = sizeof report};
        kith_record *record = NULL;
        kith_id place = device_add_place(asha, "Nongriat");
        device_set(asha, place, "households=7");
        craft(asha, place, spoilers[i]);
        assert_answer(asha, kith_record_get(asha->replica, place, NULL, &record), KITH_E_DAMAGED);
        assert_null(record);
        assert_answer(asha, kith_replica_check(asha->replica, 0, NULL, NULL, &report),
                      KITH_E_DAMAGED);
        assert_int_equal(device_check(asha, true).rebuilt_differs, 1);
        assert_field(asha, place, "households", "7");
    }
}

static void test_fold__refuses_a_reference_by_a_field_that_is_not_in_the_directory(void **state)
{
    test_device *asha = *state;
    kith_replica *replica = asha->replica;
    kith_list *list = NULL;
    kith_id place = device_add_place(asha, "Nongriat");
    kith_dot dot = kith_engine_dot(replica, place);
    kith_link link = {.target = dot, .source = dot, .field = 1000000};
    flush(asha);
    must(asha, kith_txn_begin(replica->store, KITH_TXN_DERIVED));
    must(asha, kith_link_put(replica->store, &link));
    must(asha, kith_txn_commit(replica->store));
    assert_answer(asha, kith_list_references(replica, place, NULL, &list), KITH_E_DAMAGED);
    assert_null(list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        device_test(test_fold__shows_a_record_alike_before_and_after_it_is_written),
        device_test(test_fold__goes_on_from_what_was_written),
        device_test(test_fold_write__loses_nothing_when_it_is_rolled_back),
        device_test(test_fold_read__finds_no_record_that_is_not_here),
        device_test(test_fold_apply__takes_an_authors_changes_in_order_only),
        devices_test(test_fold_marks__say_what_lists_need_to_know),
        device_test(test_fold_write__keeps_the_search_index_to_what_records_say),
        device_test(test_fold_write__keeps_links_to_what_records_say),
        devices_test(test_fold_write__links_all_values_of_a_conflict),
        device_test(test_fold_unpack__refuses_ordinals_that_the_directory_does_not_have),
        device_test(test_fold__refuses_a_reference_by_a_field_that_is_not_in_the_directory),
    };
    return cmocka_run_group_tests_name("engine/fold", tests, NULL, NULL);
}
