/* Two admins who change the membership without sight of each other: the relay takes one change, and
 * whoever made the other goes on with that one's. SPDX-License-Identifier: Apache-2.0 */
#include "bundles.h"
#include "relays.h"

typedef struct scene {
    test_relay relay;
    test_device office;
    test_device branch;
    test_device asha;
} scene;

static scene the_scene;

static int make_scene(void **state)
{
    scene *s = &the_scene;
    relay_init(&s->relay);
    device_init(&s->office);
    device_init(&s->branch);
    device_init(&s->asha);
    relay_found(&s->relay, &s->office);
    relay_admit(&s->relay, &s->office, &s->branch, KITH_MAY_ADMINISTER);
    relay_admit(&s->relay, &s->office, &s->asha, KITH_MAY_WRITE);
    must_sync(&s->relay, &s->office);
    must_sync(&s->relay, &s->branch);
    *state = s;
    return 0;
}

static int free_scene(void **state)
{
    scene *s = *state;
    device_close(&s->office);
    device_close(&s->branch);
    device_close(&s->asha);
    relay_close(&s->relay);
    return 0;
}

static void assert_level(test_device *a, test_device *b)
{
    kith_space_status space = {.struct_size = sizeof space};
    kith_check_report first = device_check(a, true);
    kith_check_report second = device_check(b, true);
    assert_memory_equal(first.state_hash, second.state_hash, sizeof first.state_hash);
    must(b, kith_space_read_status(b->replica, &space));
    assert_int_equal(space.waiting_count, 0);
}

/* Both give the space a new key; the office's reaches the relay first. */
static void rotate_both(scene *s)
{
    must(&s->office, kith_space_rotate(s->office.replica));
    must(&s->branch, kith_space_rotate(s->branch.replica));
    must_sync(&s->relay, &s->office);
}

static void test_second_key__locks_nobody_out_of_what_was_written_under_it(void **state)
{
    scene *s = *state;
    rotate_both(s);
    (void)device_add_place(&s->branch, "Adung");
    assert_answer(&s->branch, relay_sync(&s->relay, &s->branch, NULL), KITH_E_BUSY);
    must_sync(&s->relay, &s->branch);
    must_sync(&s->relay, &s->office);
    must_sync(&s->relay, &s->asha);
    assert_level(&s->branch, &s->office);
    assert_level(&s->branch, &s->asha);
}

static void test_second_key__gives_way_to_the_first(void **state)
{
    scene *s = *state;
    rotate_both(s);
    assert_answer(&s->branch, relay_sync(&s->relay, &s->branch, NULL), KITH_E_BUSY);
    (void)device_add_place(&s->branch, "Adung");
    (void)device_add_place(&s->office, "Bishing");
    must_sync(&s->relay, &s->office);
    must_sync(&s->relay, &s->branch);
    must_sync(&s->relay, &s->office);
    assert_level(&s->office, &s->branch);
    assert_level(&s->branch, &s->office);
}

static void test_key_that_no_relay_has_taken__seals_no_bundle(void **state)
{
    scene *s = *state;
    rotate_both(s);
    (void)device_add_place(&s->branch, "Adung");
    (void)bundle_hand(&s->branch, &s->asha);
    must_sync(&s->relay, &s->asha);
    must_sync(&s->relay, &s->office);
    assert_answer(&s->branch, relay_sync(&s->relay, &s->branch, NULL), KITH_E_BUSY);
    must_sync(&s->relay, &s->branch);
    assert_level(&s->office, &s->asha);
    assert_level(&s->office, &s->branch);
}

#define scene_test(function) cmocka_unit_test_setup_teardown(function, make_scene, free_scene)

int main(void)
{
    const struct CMUnitTest tests[] = {
        scene_test(test_second_key__locks_nobody_out_of_what_was_written_under_it),
        scene_test(test_second_key__gives_way_to_the_first),
        scene_test(test_key_that_no_relay_has_taken__seals_no_bundle)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
