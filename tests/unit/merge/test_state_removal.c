/* Removing, keeping and reviving a record: proto/spec/model.md §3.
 * SPDX-License-Identifier: Apache-2.0 */
#include "scene.h"

typedef enum standing { THERE, REMOVED, REVIVED } standing;

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

static void assert_is(standing expected)
{
    assert_int_equal(kith_state_is_removed(&s.record), expected == REMOVED);
    assert_int_equal(kith_state_is_revived(&s.record), expected == REVIVED);
}

static void test_removal__removes_a_record_all_of_which_it_has_seen(void **state)
{
    (void)state;
    scene_create(&s);
    assert_is(THERE);
    scene_set(&s, by(BEN, 1), NAME, "Rani", NOTHING);
    scene_remove(&s, by(ASHA, 2), SEEN(by(ASHA, 1), by(BEN, 1)), NOTHING);
    assert_is(REMOVED);
}

static void test_removal__has_seen_earlier_changes_of_the_authors_it_names(void **state)
{
    (void)state;
    scene_create(&s);
    scene_set(&s, by(BEN, 3), NAME, "Rani", NOTHING);
    scene_set(&s, by(BEN, 8), NOTE, "seen in Delhi", NOTHING);
    /* Ben's change 9 went to another record; that it is named does no harm. */
    scene_remove(&s, by(CHITRA, 1), SEEN(by(ASHA, 1), by(BEN, 9)), NOTHING);
    assert_is(REMOVED);
}

static void test_removal__is_covered_by_itself(void **state)
{
    (void)state;
    scene_create(&s);
    scene_remove(&s, by(BEN, 1), SEEN(by(ASHA, 1)), NOTHING);
    assert_is(REMOVED);
}

static void test_removal__leaves_the_values_as_they_are(void **state)
{
    (void)state;
    scene_create(&s);
    scene_set(&s, by(ASHA, 2), NAME, "Rani", NOTHING);
    scene_remove(&s, by(ASHA, 3), SEEN(by(ASHA, 2)), NOTHING);
    assert_string_equal(scene_heads(&s, NAME), "Rani");
}

static void test_removal__is_undone_by_a_change_that_arrives_after_it_unseen(void **state)
{
    (void)state;
    scene_create(&s);
    scene_remove(&s, by(ASHA, 2), SEEN(by(ASHA, 1)), NOTHING);
    scene_set(&s, by(BEN, 1), NAME, "Rani", NOTHING);
    assert_is(REVIVED);
}

static void test_removal__is_undone_by_a_change_that_arrived_before_it_unseen(void **state)
{
    (void)state;
    scene_create(&s);
    scene_set(&s, by(BEN, 1), NAME, "Rani", NOTHING);
    scene_remove(&s, by(ASHA, 2), SEEN(by(ASHA, 1)), NOTHING);
    assert_is(REVIVED);
}

static void test_removal__is_undone_by_a_later_change_of_an_author_it_had_seen(void **state)
{
    (void)state;
    scene_create(&s);
    scene_set(&s, by(BEN, 1), NAME, "Rani", NOTHING);
    scene_remove(&s, by(ASHA, 2), SEEN(by(ASHA, 1), by(BEN, 1)), NOTHING);
    assert_is(REMOVED);
    scene_set(&s, by(BEN, 2), NAME, "Rani Das", SEEN(by(BEN, 1)));
    assert_is(REVIVED);
}

static void test_removal__covers_together_with_others(void **state)
{
    (void)state;
    scene_create(&s);
    scene_set(&s, by(BEN, 1), NAME, "Rani", NOTHING);
    scene_remove(&s, by(CHITRA, 1), SEEN(by(ASHA, 1)), NOTHING);
    assert_is(REVIVED);
    scene_remove(&s, by(BEN, 2), SEEN(by(ASHA, 1), by(BEN, 1)), NOTHING);
    assert_is(REMOVED);
}

static void test_removal__of_two_that_miss_a_change_each_removes(void **state)
{
    (void)state;
    scene_create(&s);
    scene_set(&s, by(BEN, 1), NAME, "Rani", NOTHING);
    scene_set(&s, by(CHITRA, 1), NOTE, "seen in Delhi", NOTHING);
    scene_remove(&s, by(BEN, 2), SEEN(by(ASHA, 1), by(BEN, 1)), NOTHING);
    scene_remove(&s, by(CHITRA, 2), SEEN(by(ASHA, 1), by(CHITRA, 1)), NOTHING);
    assert_is(REMOVED);
}

static void test_removal__counts_until_a_removal_replaces_it(void **state)
{
    (void)state;
    scene_create(&s);
    scene_remove(&s, by(ASHA, 2), SEEN(by(ASHA, 1)), NOTHING);
    scene_set(&s, by(BEN, 1), NAME, "Rani", NOTHING);
    scene_remove(&s, by(ASHA, 3), SEEN(by(ASHA, 2), by(BEN, 1)), SEEN(by(ASHA, 2)));
    assert_is(REMOVED);
    assert_int_equal(s.record.removal_count, 1);
    assert_true(kith_dot_equal(s.record.removals[0].id, by(ASHA, 3)));
}

static void test_keep__takes_a_removal_back(void **state)
{
    (void)state;
    scene_create(&s);
    scene_remove(&s, by(ASHA, 2), SEEN(by(ASHA, 1)), NOTHING);
    scene_keep(&s, by(BEN, 1), SEEN(by(ASHA, 2)));
    assert_is(THERE);
    assert_int_equal(s.record.removal_count, 0);
}

static void test_keep__ends_the_revival_of_a_record(void **state)
{
    (void)state;
    scene_create(&s);
    scene_remove(&s, by(ASHA, 2), SEEN(by(ASHA, 1)), NOTHING);
    scene_set(&s, by(BEN, 1), NAME, "Rani", NOTHING);
    scene_keep(&s, by(CHITRA, 1), SEEN(by(ASHA, 2)));
    assert_is(THERE);
}

/* It is a change that the other removal had not seen. */
static void test_keep__revives_what_a_removal_unseen_by_it_removed(void **state)
{
    (void)state;
    scene_create(&s);
    scene_remove(&s, by(ASHA, 2), SEEN(by(ASHA, 1)), NOTHING);
    scene_remove(&s, by(CHITRA, 1), SEEN(by(ASHA, 1)), NOTHING);
    scene_keep(&s, by(BEN, 1), SEEN(by(ASHA, 2)));
    assert_is(REVIVED);
    assert_int_equal(s.record.removal_count, 1);
}

static void test_keep__can_be_followed_by_a_removal(void **state)
{
    (void)state;
    scene_create(&s);
    scene_remove(&s, by(ASHA, 2), SEEN(by(ASHA, 1)), NOTHING);
    scene_keep(&s, by(BEN, 1), SEEN(by(ASHA, 2)));
    scene_remove(&s, by(ASHA, 3), SEEN(by(ASHA, 2), by(BEN, 1)), NOTHING);
    assert_is(REMOVED);
}

static void test_removal__that_a_keep_replaced_before_it_arrived_never_counts(void **state)
{
    (void)state;
    scene_create(&s);
    scene_keep(&s, by(BEN, 1), SEEN(by(ASHA, 2)));
    assert_int_equal(s.record.missing_removals.count, 1);
    scene_remove(&s, by(ASHA, 2), SEEN(by(ASHA, 1)), NOTHING);
    assert_is(THERE);
    assert_int_equal(s.record.missing_removals.count, 0);
}

static void test_removal__waits_for_the_changes_it_has_seen(void **state)
{
    (void)state;
    scene_remove(&s, by(CHITRA, 1), SEEN(by(ASHA, 1), by(BEN, 1)), NOTHING);
    scene_create(&s);
    assert_is(REMOVED);
    scene_set(&s, by(BEN, 1), NAME, "Rani", NOTHING);
    assert_is(REMOVED);
    scene_set(&s, by(BEN, 2), NAME, "Rina", SEEN(by(BEN, 1)));
    assert_is(REVIVED);
}

static void test_removal__keeps_what_it_has_seen_in_order_and_once(void **state)
{
    (void)state;
    scene_create(&s);
    scene_remove(&s, by(CHITRA, 1), SEEN(by(BEN, 4), by(ASHA, 1), by(BEN, 4)), NOTHING);
    const kith_dots *seen = &s.record.removals[0].seen;
    assert_int_equal(seen->count, 2);
    assert_true(kith_dot_equal(seen->items[0], by(ASHA, 1)));
    assert_true(kith_dot_equal(seen->items[1], by(BEN, 4)));
}

static void test_removals__stand_in_the_order_of_their_changes(void **state)
{
    (void)state;
    scene_create(&s);
    scene_remove(&s, by(CHITRA, 1), SEEN(by(ASHA, 1)), NOTHING);
    scene_remove(&s, by(ASHA, 2), SEEN(by(ASHA, 1)), NOTHING);
    scene_remove(&s, by(BEN, 1), SEEN(by(ASHA, 1)), NOTHING);
    assert_int_equal(s.record.removal_count, 3);
    assert_true(kith_dot_equal(s.record.removals[0].id, by(ASHA, 2)));
    assert_true(kith_dot_equal(s.record.removals[1].id, by(BEN, 1)));
    assert_true(kith_dot_equal(s.record.removals[2].id, by(CHITRA, 1)));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin_scene, end_scene)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_removal__removes_a_record_all_of_which_it_has_seen),
        TEST(test_removal__has_seen_earlier_changes_of_the_authors_it_names),
        TEST(test_removal__is_covered_by_itself),
        TEST(test_removal__leaves_the_values_as_they_are),
        TEST(test_removal__is_undone_by_a_change_that_arrives_after_it_unseen),
        TEST(test_removal__is_undone_by_a_change_that_arrived_before_it_unseen),
        TEST(test_removal__is_undone_by_a_later_change_of_an_author_it_had_seen),
        TEST(test_removal__covers_together_with_others),
        TEST(test_removal__of_two_that_miss_a_change_each_removes),
        TEST(test_removal__counts_until_a_removal_replaces_it),
        TEST(test_keep__takes_a_removal_back),
        TEST(test_keep__ends_the_revival_of_a_record),
        TEST(test_keep__revives_what_a_removal_unseen_by_it_removed),
        TEST(test_keep__can_be_followed_by_a_removal),
        TEST(test_removal__that_a_keep_replaced_before_it_arrived_never_counts),
        TEST(test_removal__waits_for_the_changes_it_has_seen),
        TEST(test_removal__keeps_what_it_has_seen_in_order_and_once),
        TEST(test_removals__stand_in_the_order_of_their_changes),
    };
    return cmocka_run_group_tests_name("merge/state, removal", tests, NULL, NULL);
}
