/* proto/spec/model.md §3, sentence by sentence. What holds of any history is in tests/prop.
 * SPDX-License-Identifier: Apache-2.0 */
#include "merge/state.h"

#include "heap.h"
#include "scene.h"

static scene s;

static int begin_scene(void **state)
{
    (void)state;
    scene_init(&s);
    return 0;
}

static int end_scene(void **state)
{
    (void)state;
    scene_deinit(&s);
    return 0;
}

static bool name_in_conflict(void)
{
    const kith_cell *name = kith_state_find(&s.record, NAME);
    assert_non_null(name);
    assert_int_equal(kith_state_in_conflict(&s.record), kith_cell_in_conflict(name));
    return kith_cell_in_conflict(name);
}

static void assert_winner(kith_dot expected)
{
    kith_known known = scene_known(&s);
    const kith_head *winner = kith_cell_winner(kith_state_find(&s.record, NAME), &known);
    assert_non_null(winner);
    assert_int_equal(winner->id.author, expected.author);
    assert_int_equal(winner->id.number, expected.number);
}

/* Fields with one value. */

static void test_state__holds_nothing_at_first(void **state)
{
    (void)state;
    assert_int_equal(s.record.kind, 0);
    assert_int_equal(s.record.changes.count, 0);
    assert_null(kith_state_find(&s.record, NAME));
    assert_false(kith_state_in_conflict(&s.record));
    assert_false(kith_state_is_removed(&s.record));
    assert_false(kith_state_is_revived(&s.record));
}

static void test_state__has_the_values_of_the_change_that_created_it(void **state)
{
    (void)state;
    kith_op ops[] = {{NAME, KITH_ACTION_SET, {KITH_TYPE_TEXT, KITH_SLICE("Rani")}, NULL, 0},
                     {ALIASES, KITH_ACTION_ADD, {KITH_TYPE_TEXT, KITH_SLICE("Ranu")}, NULL, 0}};
    kith_stamp now = s.now;
    scene_apply(&s, (kith_change){.id = by(ASHA, 1),
                                  .record = by(ASHA, 1),
                                  .kind = PERSON,
                                  .ops = ops,
                                  .op_count = KITH_ARRAY_LENGTH(ops)});
    assert_int_equal(s.record.kind, PERSON);
    assert_int_equal(kith_stamp_compare(s.record.created, now), 0);
    assert_string_equal(scene_heads(&s, NAME), "Rani");
    assert_string_equal(scene_elements(&s, ALIASES), "Ranu");
}

static void test_state__shows_a_write_until_one_that_has_seen_it(void **state)
{
    (void)state;
    scene_create(&s);
    scene_set(&s, by(ASHA, 2), NAME, "Rani", NOTHING);
    assert_string_equal(scene_heads(&s, NAME), "Rani");
    scene_set(&s, by(BEN, 1), NAME, "Rani Das", SEEN(by(ASHA, 2)));
    assert_string_equal(scene_heads(&s, NAME), "Rani Das");
    assert_false(name_in_conflict());
}

static void test_state__keeps_what_was_written_without_sight_of_each_other(void **state)
{
    (void)state;
    scene_create(&s);
    scene_set(&s, by(ASHA, 2), NAME, "Rani", NOTHING);
    scene_set(&s, by(CHITRA, 1), NAME, "Rina", SEEN(by(ASHA, 2)));
    scene_set(&s, by(BEN, 1), NAME, "Runi", SEEN(by(ASHA, 2)));
    assert_string_equal(scene_heads(&s, NAME), "Runi|Rina");
    assert_true(name_in_conflict());
}

static void test_state__sees_no_conflict_in_equal_values(void **state)
{
    (void)state;
    scene_create(&s);
    scene_set(&s, by(ASHA, 2), NAME, "Rani", NOTHING);
    scene_set(&s, by(BEN, 1), NAME, "Rani", NOTHING);
    assert_string_equal(scene_heads(&s, NAME), "Rani|Rani");
    assert_false(name_in_conflict());
}

static void test_state__sees_a_conflict_in_one_value_among_equals(void **state)
{
    (void)state;
    scene_create(&s);
    scene_set(&s, by(ASHA, 2), NAME, "Rani", NOTHING);
    scene_set(&s, by(BEN, 1), NAME, "Rani", NOTHING);
    scene_set(&s, by(CHITRA, 1), NAME, "Rina", NOTHING);
    assert_true(name_in_conflict());
}

static void test_state__sees_a_conflict_in_equal_bytes_of_other_types(void **state)
{
    (void)state;
    kith_op op = {NAME, KITH_ACTION_SET, {KITH_TYPE_CODE, KITH_SLICE("Rani")}, NULL, 0};
    scene_create(&s);
    scene_set(&s, by(ASHA, 2), NAME, "Rani", NOTHING);
    scene_apply(&s, (kith_change){.id = by(BEN, 1),
                                  .record = by(ASHA, 1),
                                  .deed = KITH_DEED_EDIT,
                                  .ops = &op,
                                  .op_count = 1});
    assert_true(name_in_conflict());
}

static void test_state__ends_a_conflict_by_a_write_that_has_seen_all_of_it(void **state)
{
    (void)state;
    scene_create(&s);
    scene_set(&s, by(ASHA, 2), NAME, "Rani", NOTHING);
    scene_set(&s, by(BEN, 1), NAME, "Rina", NOTHING);
    scene_set(&s, by(ASHA, 3), NAME, "Rani Das", SEEN(by(ASHA, 2), by(BEN, 1)));
    assert_string_equal(scene_heads(&s, NAME), "Rani Das");
    assert_false(name_in_conflict());
}

static void test_state__keeps_a_conflict_with_what_a_write_has_not_seen(void **state)
{
    (void)state;
    scene_create(&s);
    scene_set(&s, by(ASHA, 2), NAME, "Rani", NOTHING);
    scene_set(&s, by(BEN, 1), NAME, "Rina", NOTHING);
    scene_set(&s, by(CHITRA, 1), NAME, "Runi", SEEN(by(BEN, 1)));
    assert_string_equal(scene_heads(&s, NAME), "Rani|Runi");
    assert_true(name_in_conflict());
}

static void test_state__takes_clearing_for_a_write(void **state)
{
    (void)state;
    scene_create(&s);
    scene_set(&s, by(ASHA, 2), NAME, "Rani", NOTHING);
    scene_clear(&s, by(ASHA, 3), NAME, SEEN(by(ASHA, 2)));
    assert_string_equal(scene_heads(&s, NAME), "-");
    assert_false(name_in_conflict());
    scene_set(&s, by(BEN, 1), NAME, "Rina", SEEN(by(ASHA, 2)));
    assert_string_equal(scene_heads(&s, NAME), "-|Rina");
    assert_true(name_in_conflict());
}

static void test_state__keeps_fields_apart(void **state)
{
    (void)state;
    scene_create(&s);
    scene_set(&s, by(ASHA, 2), NOTE, "seen in Delhi", NOTHING);
    scene_set(&s, by(ASHA, 3), NAME, "Rani", NOTHING);
    scene_set(&s, by(BEN, 1), NAME, "Rina", SEEN(by(ASHA, 2))); /* names a write of NOTE */
    assert_string_equal(scene_heads(&s, NOTE), "seen in Delhi");
    assert_string_equal(scene_heads(&s, NAME), "Rani|Rina");
    assert_null(kith_state_find(&s.record, ALIASES));
}

static void test_state__lets_a_write_replace_what_it_has_seen_whatever_clocks_say(void **state)
{
    (void)state;
    scene_create(&s);
    scene_set(&s, by(ASHA, 2), NAME, "Rani", NOTHING);
    scene_set_clock(&s, 0, 0); /* Ben's phone shows 1 January 1970 */
    scene_set(&s, by(BEN, 1), NAME, "Rina", SEEN(by(ASHA, 2)));
    assert_string_equal(scene_heads(&s, NAME), "Rina");
}

/* The winner. */

static void test_winner__is_none_where_nothing_stands(void **state)
{
    (void)state;
    kith_known known = scene_known(&s);
    scene_create(&s);
    scene_take(&s, by(BEN, 1), ALIASES, "Ranu", SEEN(by(ASHA, 2)));
    assert_null(kith_cell_winner(kith_state_find(&s.record, ALIASES), &known));
}

static void test_winner__is_the_latest(void **state)
{
    (void)state;
    scene_create(&s);
    scene_set_clock(&s, 2000, 0);
    scene_set(&s, by(BEN, 1), NAME, "Rani", NOTHING);
    scene_set_clock(&s, 1999, 7);
    scene_set(&s, by(ASHA, 2), NAME, "Rina", NOTHING);
    assert_winner(by(BEN, 1));
}

static void test_winner__has_the_higher_counter_in_one_millisecond(void **state)
{
    (void)state;
    scene_create(&s);
    scene_set_clock(&s, 2000, 3);
    scene_set(&s, by(BEN, 1), NAME, "Rani", NOTHING);
    scene_set_clock(&s, 2000, 2);
    scene_set(&s, by(ASHA, 2), NAME, "Rina", NOTHING);
    assert_winner(by(BEN, 1));
}

static void test_winner__has_the_greater_author_id_at_one_time(void **state)
{
    (void)state;
    scene_create(&s);
    scene_set_clock(&s, 2000, 3);
    scene_set(&s, by(CHITRA, 1), NAME, "Rani", NOTHING);
    scene_set_clock(&s, 2000, 3);
    scene_set(&s, by(BEN, 9), NAME, "Rina", NOTHING);
    assert_winner(by(BEN, 9));
    scene_set_clock(&s, 2000, 3);
    scene_set(&s, by(ASHA, 2), NAME, "Runi", NOTHING);
    assert_winner(by(ASHA, 2));
}

static void test_winner__has_the_higher_number_of_one_author(void **state)
{
    (void)state;
    scene_create(&s);
    scene_set_clock(&s, 2000, 3);
    scene_set(&s, by(ASHA, 2), NAME, "Rani", NOTHING);
    scene_set_clock(&s, 2000, 3);
    scene_set(&s, by(ASHA, 3), NAME, "Rina", NOTHING);
    assert_winner(by(ASHA, 3));
}

static void test_winner__is_told_by_corrected_time(void **state)
{
    (void)state;
    scene_create(&s);
    scene_set_clock(&s, 5000, 0);
    scene_set(&s, by(ASHA, 2), NAME, "Rani", NOTHING);
    scene_set_clock(&s, 0, 0);
    scene_set(&s, by(BEN, 1), NAME, "Rina", NOTHING);
    assert_winner(by(ASHA, 2));
    s.corrections[0] = (kith_correction){BEN, 1, 1, 5001};
    s.correction_count = 1;
    assert_winner(by(BEN, 1));
}

/* Sets. */

static void test_set__keeps_additions_made_without_sight_of_each_other(void **state)
{
    (void)state;
    scene_create(&s);
    scene_add(&s, by(ASHA, 2), ALIASES, "Ranu", NOTHING);
    scene_add(&s, by(BEN, 1), ALIASES, "Baby", NOTHING);
    scene_add(&s, by(CHITRA, 1), ALIASES, "Ranu", NOTHING);
    assert_string_equal(scene_elements(&s, ALIASES), "Baby|Ranu");
    assert_false(kith_state_in_conflict(&s.record));
}

static void test_set__loses_an_element_whose_additions_were_all_seen(void **state)
{
    (void)state;
    scene_create(&s);
    scene_add(&s, by(ASHA, 2), ALIASES, "Ranu", NOTHING);
    scene_add(&s, by(BEN, 1), ALIASES, "Ranu", NOTHING);
    scene_add(&s, by(BEN, 2), ALIASES, "Baby", NOTHING);
    scene_take(&s, by(CHITRA, 1), ALIASES, "Ranu", SEEN(by(ASHA, 2), by(BEN, 1)));
    assert_string_equal(scene_elements(&s, ALIASES), "Baby");
}

static void test_set__keeps_an_addition_that_a_removal_had_not_seen(void **state)
{
    (void)state;
    scene_create(&s);
    scene_add(&s, by(ASHA, 2), ALIASES, "Ranu", NOTHING);
    scene_add(&s, by(BEN, 1), ALIASES, "Ranu", NOTHING);
    scene_take(&s, by(CHITRA, 1), ALIASES, "Ranu", SEEN(by(ASHA, 2)));
    assert_string_equal(scene_elements(&s, ALIASES), "Ranu");
}

static void test_set__takes_an_element_again_after_its_removal(void **state)
{
    (void)state;
    scene_create(&s);
    scene_add(&s, by(ASHA, 2), ALIASES, "Ranu", NOTHING);
    scene_take(&s, by(ASHA, 3), ALIASES, "Ranu", SEEN(by(ASHA, 2)));
    assert_string_equal(scene_elements(&s, ALIASES), "");
    scene_add(&s, by(ASHA, 4), ALIASES, "Ranu", NOTHING);
    assert_string_equal(scene_elements(&s, ALIASES), "Ranu");
}

static void test_set__leaves_no_trace_of_an_element_that_went(void **state)
{
    (void)state;
    scene_create(&s);
    scene_add(&s, by(ASHA, 2), ALIASES, "Ranu", NOTHING);
    scene_take(&s, by(ASHA, 3), ALIASES, "Ranu", SEEN(by(ASHA, 2)));
    assert_int_equal(s.record.cell_count, 0);
    assert_null(kith_state_find(&s.record, ALIASES));
}

/* A program that knows the field as one value and one that knows it as a set do not disturb each
 * other. */
static void test_set__stands_apart_from_a_single_value_of_its_name(void **state)
{
    (void)state;
    kith_value element = kith_value_of_text(KITH_TYPE_TEXT, KITH_SLICE("Ranu"));
    scene_create(&s);
    scene_set(&s, by(ASHA, 2), ALIASES, "Ranu", NOTHING);
    scene_add(&s, by(BEN, 1), ALIASES, "Ranu", NOTHING);
    assert_string_equal(scene_heads(&s, ALIASES), "Ranu");
    assert_string_equal(scene_elements(&s, ALIASES), "Ranu");
    assert_ptr_equal(kith_state_find(&s.record, ALIASES), &s.record.cells[0]);
    assert_ptr_equal(kith_state_find_element(&s.record, ALIASES, element), &s.record.cells[1]);
}

static void test_find__gives_the_first_element_of_a_set(void **state)
{
    (void)state;
    kith_value other = kith_value_of_text(KITH_TYPE_TEXT, KITH_SLICE("Mina"));
    scene_create(&s);
    scene_add(&s, by(ASHA, 2), ALIASES, "Ranu", NOTHING);
    scene_add(&s, by(ASHA, 3), ALIASES, "Baby", NOTHING);
    scene_set(&s, by(ASHA, 4), NAME, "Rani", NOTHING);
    assert_slice(kith_state_find(&s.record, ALIASES)->element.bytes, "Baby");
    assert_null(kith_state_find_element(&s.record, ALIASES, other));
}

/* Writes that arrive after what replaced them. */

static void test_missing__is_a_write_that_was_replaced_before_it_arrived(void **state)
{
    (void)state;
    scene_create(&s);
    scene_set(&s, by(BEN, 1), NAME, "Rina", SEEN(by(ASHA, 2), by(CHITRA, 4)));
    const kith_cell *name = kith_state_find(&s.record, NAME);
    assert_int_equal(name->missing.count, 2);
    assert_true(kith_dot_equal(name->missing.items[0], by(ASHA, 2)));
    assert_true(kith_dot_equal(name->missing.items[1], by(CHITRA, 4)));
}

static void test_missing__never_becomes_a_head(void **state)
{
    (void)state;
    scene_create(&s);
    scene_set(&s, by(BEN, 1), NAME, "Rina", SEEN(by(ASHA, 2)));
    scene_set(&s, by(ASHA, 2), NAME, "Rani", NOTHING);
    assert_string_equal(scene_heads(&s, NAME), "Rina");
    assert_int_equal(kith_state_find(&s.record, NAME)->missing.count, 0);
}

static void test_missing__replaces_what_it_had_seen_all_the_same(void **state)
{
    (void)state;
    scene_create(&s);
    scene_set(&s, by(CHITRA, 1), NAME, "Runi", NOTHING);
    scene_set(&s, by(BEN, 1), NAME, "Rina", SEEN(by(ASHA, 2)));
    assert_string_equal(scene_heads(&s, NAME), "Rina|Runi");
    scene_set(&s, by(ASHA, 2), NAME, "Rani", SEEN(by(CHITRA, 1)));
    assert_string_equal(scene_heads(&s, NAME), "Rina");
}

static void test_missing__stands_once_however_many_writes_name_it(void **state)
{
    (void)state;
    scene_create(&s);
    scene_set(&s, by(BEN, 1), NAME, "Rina", SEEN(by(ASHA, 2)));
    scene_set(&s, by(CHITRA, 1), NAME, "Runi", SEEN(by(ASHA, 2)));
    assert_int_equal(kith_state_find(&s.record, NAME)->missing.count, 1);
    scene_set(&s, by(ASHA, 2), NAME, "Rani", NOTHING);
    assert_string_equal(scene_heads(&s, NAME), "Rina|Runi");
}

static void test_missing__is_not_what_is_here_already(void **state)
{
    (void)state;
    scene_create(&s);
    scene_set(&s, by(ASHA, 2), NAME, "Rani", NOTHING);
    scene_set(&s, by(BEN, 1), NAME, "Rina", SEEN(by(ASHA, 2)));
    scene_set(&s, by(CHITRA, 1), NAME, "Runi", SEEN(by(ASHA, 2)));
    assert_int_equal(kith_state_find(&s.record, NAME)->missing.count, 0);
}

static void test_missing__is_an_addition_too(void **state)
{
    (void)state;
    scene_create(&s);
    scene_take(&s, by(BEN, 1), ALIASES, "Ranu", SEEN(by(ASHA, 2)));
    assert_string_equal(scene_elements(&s, ALIASES), "");
    scene_add(&s, by(ASHA, 2), ALIASES, "Ranu", NOTHING);
    assert_string_equal(scene_elements(&s, ALIASES), "");
    assert_int_equal(s.record.cell_count, 0);
}

/* The record as a whole. */

static void test_waiting__ends_with_the_change_that_creates(void **state)
{
    (void)state;
    scene_set(&s, by(BEN, 1), NAME, "Rani", NOTHING);
    scene_add(&s, by(CHITRA, 1), ALIASES, "Ranu", NOTHING);
    assert_int_equal(s.record.kind, 0);
    assert_int_equal(s.record.created.ms, 0);
    kith_stamp now = s.now;
    scene_create(&s);
    assert_int_equal(s.record.kind, PERSON);
    assert_int_equal(kith_stamp_compare(s.record.created, now), 0);
    assert_string_equal(scene_heads(&s, NAME), "Rani");
    assert_string_equal(scene_elements(&s, ALIASES), "Ranu");
}

static void test_unknown__fields_and_types_merge_like_any_other(void **state)
{
    (void)state;
    kith_dot seen[] = {by(ASHA, 2)};
    kith_op first = {4711, KITH_ACTION_SET, {99, KITH_SLICE("\x01")}, NULL, 0};
    kith_op later = {4711, KITH_ACTION_SET, {99, KITH_SLICE("\x02")}, seen, 1};
    kith_change change = {.record = by(ASHA, 1), .deed = KITH_DEED_EDIT, .op_count = 1};
    scene_create(&s);
    change.id = by(ASHA, 2);
    change.ops = &first;
    scene_apply(&s, change);
    change.id = by(BEN, 1);
    change.ops = &later;
    scene_apply(&s, change);
    assert_string_equal(scene_heads(&s, 4711), "type-99:02");
}

static void test_changed__is_the_latest_change_whatever_arrived_last(void **state)
{
    (void)state;
    scene_set_clock(&s, 1000, 0);
    scene_create(&s);
    scene_set_clock(&s, 9000, 0);
    scene_set(&s, by(BEN, 1), NAME, "Rani", NOTHING);
    scene_set_clock(&s, 8999, 5);
    scene_set(&s, by(CHITRA, 1), NAME, "Rina", NOTHING);
    assert_int_equal(s.record.changed.ms, 9000);
    assert_true(kith_dot_equal(s.record.changed_by, by(BEN, 1)));
    assert_int_equal(s.record.created.ms, 1000);
}

static void test_changed__is_by_the_greater_author_id_at_one_time(void **state)
{
    (void)state;
    scene_create(&s);
    scene_set_clock(&s, INT64_C(1800000000000), 0);
    scene_set(&s, by(BEN, 1), NAME, "Rani", NOTHING);
    scene_set_clock(&s, INT64_C(1800000000000), 0);
    scene_set(&s, by(CHITRA, 1), NAME, "Rina", NOTHING);
    assert_true(kith_dot_equal(s.record.changed_by, by(BEN, 1)));
}

static void test_frontier__is_the_last_change_of_each_author(void **state)
{
    (void)state;
    kith_dot dots[SCENE_CHANGES_MAX];
    assert_int_equal(kith_state_frontier(&s.record, dots), 0);
    scene_create(&s);
    scene_set(&s, by(CHITRA, 7), NAME, "Rani", NOTHING);
    scene_set(&s, by(ASHA, 5), NAME, "Rina", NOTHING);
    scene_set(&s, by(ASHA, 6), NAME, "Runi", NOTHING);
    assert_int_equal(kith_state_frontier(&s.record, dots), 2);
    assert_true(kith_dot_equal(dots[0], by(ASHA, 6)));
    assert_true(kith_dot_equal(dots[1], by(CHITRA, 7)));
}

static kith_status apply_with_little_memory(kith_context *cx, void *user)
{
    const scene *made = user;
    kith_author authors[SCENE_AUTHORS] = {{{{0}}, 0, 0}};
    kith_known known = {authors, SCENE_AUTHORS, NULL, 0};
    kith_status status = KITH_OK;
    kith_arena arena;
    kith_state record;
    kith_arena_init(&arena, cx);
    kith_state_init(&record, &arena, made->record.id);
    for (size_t i = 0; status == KITH_OK && i < made->change_count; i++) {
        status = kith_state_apply(&record, &made->changes[i], &known);
        authors[made->changes[i].id.author].head = made->changes[i].id.number;
    }
    if (status == KITH_OK) {
        assert_same_record(&record, &made->record);
    }
    kith_arena_deinit(&arena);
    return status;
}

static void test_state_apply__reports_lack_of_memory(void **state)
{
    (void)state;
    scene_create(&s);
    for (uint64_t number = 2; number < 22; number++) {
        scene_set(&s, by(ASHA, number), (uint32_t)number, "Rani", SEEN(by(BEN, number)));
    }
    scene_remove(&s, by(BEN, 30), SEEN(by(ASHA, 21)), SEEN(by(CHITRA, 9)));
    scene_remove(&s, by(CHITRA, 1), SEEN(by(ASHA, 21)), NOTHING);
    heap_fail_each_allocation(apply_with_little_memory, &s);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin_scene, end_scene)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_state__holds_nothing_at_first),
        TEST(test_state__has_the_values_of_the_change_that_created_it),
        TEST(test_state__shows_a_write_until_one_that_has_seen_it),
        TEST(test_state__keeps_what_was_written_without_sight_of_each_other),
        TEST(test_state__sees_no_conflict_in_equal_values),
        TEST(test_state__sees_a_conflict_in_one_value_among_equals),
        TEST(test_state__sees_a_conflict_in_equal_bytes_of_other_types),
        TEST(test_state__ends_a_conflict_by_a_write_that_has_seen_all_of_it),
        TEST(test_state__keeps_a_conflict_with_what_a_write_has_not_seen),
        TEST(test_state__takes_clearing_for_a_write),
        TEST(test_state__keeps_fields_apart),
        TEST(test_state__lets_a_write_replace_what_it_has_seen_whatever_clocks_say),
        TEST(test_winner__is_none_where_nothing_stands),
        TEST(test_winner__is_the_latest),
        TEST(test_winner__has_the_higher_counter_in_one_millisecond),
        TEST(test_winner__has_the_greater_author_id_at_one_time),
        TEST(test_winner__has_the_higher_number_of_one_author),
        TEST(test_winner__is_told_by_corrected_time),
        TEST(test_set__keeps_additions_made_without_sight_of_each_other),
        TEST(test_set__loses_an_element_whose_additions_were_all_seen),
        TEST(test_set__keeps_an_addition_that_a_removal_had_not_seen),
        TEST(test_set__takes_an_element_again_after_its_removal),
        TEST(test_set__leaves_no_trace_of_an_element_that_went),
        TEST(test_set__stands_apart_from_a_single_value_of_its_name),
        TEST(test_find__gives_the_first_element_of_a_set),
        TEST(test_missing__is_a_write_that_was_replaced_before_it_arrived),
        TEST(test_missing__never_becomes_a_head),
        TEST(test_missing__replaces_what_it_had_seen_all_the_same),
        TEST(test_missing__stands_once_however_many_writes_name_it),
        TEST(test_missing__is_not_what_is_here_already),
        TEST(test_missing__is_an_addition_too),
        TEST(test_waiting__ends_with_the_change_that_creates),
        TEST(test_unknown__fields_and_types_merge_like_any_other),
        TEST(test_changed__is_the_latest_change_whatever_arrived_last),
        TEST(test_changed__is_by_the_greater_author_id_at_one_time),
        TEST(test_frontier__is_the_last_change_of_each_author),
        TEST(test_state_apply__reports_lack_of_memory),
    };
    return cmocka_run_group_tests_name("merge/state", tests, NULL, NULL);
}
