/* Records that travel in files: from phone to phone without a relay, through the hands of
 * strangers, and on to the relay by whoever has a network. SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "bundles.h"
#include "relays.h"

typedef struct scene {
    test_relay relay;
    test_device office;
    test_device asha;
    test_device banri;
} scene;

static scene the_scene;

static int make_scene(void **state)
{
    scene *s = &the_scene;
    relay_init(&s->relay);
    device_init(&s->office);
    device_init(&s->asha);
    device_init(&s->banri);
    *state = s;
    return 0;
}

static int free_scene(void **state)
{
    scene *s = *state;
    device_close(&s->office);
    device_close(&s->asha);
    device_close(&s->banri);
    relay_close(&s->relay);
    return 0;
}

/* A space at the relay with all three in it. */
static void make_members(scene *s)
{
    relay_found(&s->relay, &s->office);
    relay_admit(&s->relay, &s->office, &s->asha, KITH_MAY_WRITE);
    relay_admit(&s->relay, &s->office, &s->banri, KITH_MAY_WRITE);
    must_sync(&s->relay, &s->office);
    must_sync(&s->relay, &s->asha);
}

/* A space that no relay knows. */
static void found_alone(test_device *device)
{
    must(device, kith_space_found(device->replica, KITH_SLICE("Hills"), NULL, NULL));
}

static void invite(test_device *admin, test_device *device)
{
    char text[KITH_INVITE_SIZE];
    must(admin, kith_space_invite(admin->replica, KITH_MAY_WRITE, 0, 1, text));
    must(device, kith_space_join(device->replica, kith_slice_of(text)));
}

static uint64_t carried_segments(test_device *device)
{
    kith_bundle_carried carried = {.struct_size = sizeof carried};
    must(device, kith_bundle_read_carried(device->replica, &carried));
    return carried.segment_count;
}

static void test_bundle__brings_two_phones_level_without_a_relay(void **state)
{
    scene *s = *state;
    make_members(s);
    (void)device_add_place(&s->asha, "Adung");
    (void)device_add_place(&s->banri, "Bishing");
    kith_bundle_taken taken = bundle_hand(&s->asha, &s->banri);
    assert_int_equal(taken.own_count, 1);
    assert_true(taken.change_count > 0);
    (void)bundle_hand(&s->banri, &s->asha);
    assert_string_equal(device_places(&s->asha), "Adung; Bishing");
    device_assert_level(&s->asha, &s->banri);
}

static void test_bundle__adds_nothing_the_second_time(void **state)
{
    scene *s = *state;
    make_members(s);
    (void)device_add_place(&s->asha, "Adung");
    (void)bundle_hand(&s->asha, &s->banri);
    kith_bundle_taken taken = bundle_hand(&s->asha, &s->banri);
    assert_int_equal(taken.new_count, 0);
    assert_int_equal(taken.change_count, 0);
    assert_int_equal(taken.entry_count, 0);
    assert_string_equal(device_places(&s->banri), "Adung");
}

static void test_bundle__hands_a_colleagues_work_to_the_relay(void **state)
{
    scene *s = *state;
    make_members(s);
    (void)device_add_place(&s->asha, "Adung");
    (void)bundle_hand(&s->asha, &s->banri);
    must_sync(&s->relay, &s->banri);
    must_sync(&s->relay, &s->office);
    assert_string_equal(device_places(&s->office), "Adung");
    must_sync(&s->relay, &s->asha); /* which has nothing left to send */
    assert_int_equal(device_space(&s->asha).unsent_count, 0);
    device_assert_level(&s->asha, &s->office);
}

static void test_sync__offers_what_came_by_hand_once(void **state)
{
    scene *s = *state;
    test_link link = {.cuts = 0};
    make_members(s);
    (void)device_add_place(&s->asha, "Adung");
    (void)bundle_hand(&s->asha, &s->banri);
    must_sync(&s->relay, &s->banri);
    must(&s->banri, relay_sync(&s->relay, &s->banri, &link));
    assert_int_equal(link.requests, 1);
}

static void test_sync__does_not_fetch_again_what_came_by_hand(void **state)
{
    scene *s = *state;
    char name[32];
    test_link by_hand = {.cuts = 0};
    test_link by_relay = {.cuts = 0};
    make_members(s);
    for (int i = 0; i < 400; i++) {
        (void)snprintf(name, sizeof name, "Village %d", i * 7919);
        (void)device_add_place(&s->asha, name);
    }
    must_sync(&s->relay, &s->asha);
    (void)bundle_hand(&s->asha, &s->banri);
    must(&s->banri, relay_sync(&s->relay, &s->banri, &by_hand));
    must(&s->office, relay_sync(&s->relay, &s->office, &by_relay));
    assert_in_range(by_hand.down_bytes, 1, by_relay.down_bytes / 4);
}

static void test_joining__reads_from_a_bundle_before_the_relay_admits_it(void **state)
{
    scene *s = *state;
    relay_found(&s->relay, &s->office);
    (void)device_add_place(&s->office, "Adung");
    must_sync(&s->relay, &s->office);
    invite(&s->office, &s->asha);
    must_sync(&s->relay, &s->office); /* the invite holds when the relay has it */
    (void)bundle_hand(&s->office, &s->asha);
    assert_string_equal(device_places(&s->asha), "Adung");
    assert_int_equal(device_space(&s->asha).is_joining, 1);
    (void)device_add_place(&s->asha, "Bishing");
    must_sync(&s->relay, &s->asha);
    assert_int_equal(device_space(&s->asha).is_joining, 0);
    must_sync(&s->relay, &s->office);
    assert_string_equal(device_places(&s->office), "Adung; Bishing");
    device_assert_level(&s->office, &s->asha);
}

static void test_joining__works_without_any_relay(void **state)
{
    scene *s = *state;
    found_alone(&s->office);
    (void)device_add_place(&s->office, "Adung");
    invite(&s->office, &s->asha);
    (void)bundle_hand(&s->office, &s->asha);
    (void)device_add_place(&s->asha, "Bishing");
    (void)bundle_hand(&s->asha, &s->office);
    assert_string_equal(device_places(&s->office), "Adung; Bishing");
    (void)bundle_hand(&s->office, &s->asha);
    assert_int_equal(device_space(&s->asha).is_joining, 0);
    assert_int_equal(device_space(&s->asha).role, KITH_MAY_WRITE);
    device_assert_level(&s->office, &s->asha);
}

/* Both append their admission as the same entry: one comes later, and joins anew behind the other.
 */
static void test_joining__of_two_at_once_without_a_relay_admits_both(void **state)
{
    scene *s = *state;
    kith_buf bytes;
    kith_bundle_taken taken;
    found_alone(&s->office);
    invite(&s->office, &s->asha);
    invite(&s->office, &s->banri);
    (void)bundle_hand(&s->office, &s->asha);
    (void)bundle_hand(&s->office, &s->banri);
    (void)device_add_place(&s->asha, "Adung");
    (void)device_add_place(&s->banri, "Bishing");
    (void)bundle_hand(&s->asha, &s->office);
    bundle_init(&bytes);
    must(&s->banri, bundle_write(&s->banri, "", &bytes, NULL));
    assert_answer(&s->office, bundle_read(&s->office, kith_buf_slice(&bytes), 999, &taken),
                  KITH_E_BUSY);
    kith_buf_deinit(&bytes);
    (void)bundle_hand(&s->office, &s->banri);
    (void)bundle_hand(&s->banri, &s->office);
    (void)bundle_hand(&s->office, &s->banri);
    (void)bundle_hand(&s->office, &s->asha);
    assert_string_equal(device_places(&s->office), "Adung; Bishing");
    assert_int_equal(device_space(&s->banri).is_joining, 0);
    assert_int_equal(device_space(&s->office).member_count, 3);
    device_assert_level(&s->office, &s->asha);
    device_assert_level(&s->office, &s->banri);
}

static void test_space_without_relay__gets_one_later(void **state)
{
    scene *s = *state;
    kith_relay address = {sizeof address, "http://relay.test", NULL};
    found_alone(&s->office);
    invite(&s->office, &s->asha);
    (void)bundle_hand(&s->office, &s->asha);
    (void)device_add_place(&s->asha, "Adung");
    (void)bundle_hand(&s->asha, &s->office);
    (void)bundle_hand(&s->office, &s->asha);
    must(&s->office, kith_space_set_relay(s->office.replica, &address, NULL));
    must(&s->asha, kith_space_set_relay(s->asha.replica, &address, NULL));
    must_sync(&s->relay, &s->office);
    (void)device_add_place(&s->asha, "Bishing");
    must_sync(&s->relay, &s->asha);
    must_sync(&s->relay, &s->office);
    assert_string_equal(device_places(&s->office), "Adung; Bishing");
    device_assert_level(&s->office, &s->asha);
}

static void test_stranger__carries_unread_and_hands_on(void **state)
{
    scene *s = *state;
    test_device stranger;
    device_init(&stranger);
    make_members(s);
    (void)device_add_place(&s->asha, "Adung");
    kith_bundle_taken taken = bundle_hand(&s->asha, &stranger);
    assert_int_equal(taken.own_count, 0);
    assert_true(taken.carried_count > 0);
    assert_int_equal(device_status(&stranger).change_count, 1); /* its own device's record */
    taken = bundle_hand(&stranger, &s->banri);
    assert_int_equal(taken.own_count, 1);
    assert_string_equal(device_places(&s->banri), "Adung");
    device_assert_level(&s->asha, &s->banri);
    device_close(&stranger);
}

static void test_stranger__of_another_space_carries_for_both(void **state)
{
    scene *s = *state;
    test_device other;
    test_device colleague;
    device_init(&other);
    device_init(&colleague);
    make_members(s);
    found_alone(&other);
    invite(&other, &colleague);
    (void)device_add_place(&other, "Ours");
    (void)device_add_place(&s->asha, "Adung");
    (void)bundle_hand(&s->asha, &other);
    (void)bundle_hand(&other, &colleague); /* both spaces in one file */
    assert_string_equal(device_places(&colleague), "Ours");
    (void)bundle_hand(&colleague, &s->banri);
    assert_string_equal(device_places(&s->banri), "Adung");
    must(&other, kith_bundle_forget_carried(other.replica));
    assert_int_equal(carried_segments(&other), 0);
    device_close(&other);
    device_close(&colleague);
}

static void test_stranger__that_joins_reads_what_it_carried(void **state)
{
    scene *s = *state;
    found_alone(&s->office);
    (void)device_add_place(&s->office, "Adung");
    (void)bundle_hand(&s->office, &s->asha);
    assert_true(carried_segments(&s->asha) > 0);
    invite(&s->office, &s->asha);
    assert_int_equal(carried_segments(&s->asha), 0);
    (void)bundle_hand(&s->office, &s->asha);
    assert_string_equal(device_places(&s->asha), "Adung");
    assert_int_equal(device_space(&s->asha).waiting_count, 0);
}

static void test_bundle_for_a_device__leaves_out_what_it_said_to_have(void **state)
{
    scene *s = *state;
    kith_buf bytes;
    kith_bundle_written written;
    kith_bundle_taken taken;
    make_members(s);
    (void)device_add_place(&s->office, "Adung");
    bundle_init(&bytes);
    must(&s->office, bundle_write(&s->office, device_key(&s->banri), &bytes, &written));
    assert_int_equal(written.is_device_known, 0);
    assert_int_equal(written.left_out_count, 0);
    must(&s->banri, bundle_read(&s->banri, kith_buf_slice(&bytes), 100, &taken));
    (void)bundle_hand(&s->banri, &s->office);
    (void)device_add_place(&s->office, "Bishing");
    must(&s->office, bundle_write(&s->office, device_key(&s->banri), &bytes, &written));
    assert_int_equal(written.is_device_known, 1);
    assert_int_equal(written.segment_count, 1);
    must(&s->banri, bundle_read(&s->banri, kith_buf_slice(&bytes), 100, &taken));
    assert_string_equal(device_places(&s->banri), "Adung; Bishing");
    device_assert_level(&s->office, &s->banri);
    kith_buf_deinit(&bytes);
}

static void test_bundle_for_a_device__needs_one_of_the_space(void **state)
{
    scene *s = *state;
    kith_buf bytes;
    make_members(s);
    bundle_init(&bytes);
    assert_answer(&s->office, bundle_write(&s->office, "c0ffee", &bytes, NULL), KITH_E_NOT_FOUND);
    kith_buf_deinit(&bytes);
}

static void test_bundle__is_not_made_of_nothing(void **state)
{
    scene *s = *state;
    kith_buf bytes;
    bundle_init(&bytes);
    assert_answer(&s->asha, bundle_write(&s->asha, "", &bytes, NULL), KITH_E_STATE);
    kith_buf_deinit(&bytes);
}

static void test_revoked_device__is_cut_by_a_bundle(void **state)
{
    scene *s = *state;
    make_members(s);
    (void)device_add_place(&s->asha, "Adung");
    must_sync(&s->relay, &s->asha);
    must_sync(&s->relay, &s->office);
    must(&s->office, device_revoke(&s->office, &s->asha));
    must_sync(&s->relay, &s->office);
    (void)device_add_place(&s->asha, "Late");
    (void)bundle_hand(&s->asha, &s->banri); /* which has not heard of it */
    assert_string_equal(device_places(&s->banri), "Adung; Late");
    (void)device_add_place(&s->office, "Bishing");
    (void)bundle_hand(&s->office, &s->banri);
    assert_string_equal(device_places(&s->banri), "Adung; Bishing");
    must_sync(&s->relay, &s->banri);
    assert_string_equal(device_places(&s->office), "Adung; Bishing");
}

#define scene_test(function) cmocka_unit_test_setup_teardown(function, make_scene, free_scene)

int main(void)
{
    const struct CMUnitTest tests[] = {
        scene_test(test_bundle__brings_two_phones_level_without_a_relay),
        scene_test(test_bundle__adds_nothing_the_second_time),
        scene_test(test_bundle__hands_a_colleagues_work_to_the_relay),
        scene_test(test_sync__offers_what_came_by_hand_once),
        scene_test(test_sync__does_not_fetch_again_what_came_by_hand),
        scene_test(test_joining__reads_from_a_bundle_before_the_relay_admits_it),
        scene_test(test_joining__works_without_any_relay),
        scene_test(test_joining__of_two_at_once_without_a_relay_admits_both),
        scene_test(test_space_without_relay__gets_one_later),
        scene_test(test_stranger__carries_unread_and_hands_on),
        scene_test(test_stranger__of_another_space_carries_for_both),
        scene_test(test_stranger__that_joins_reads_what_it_carried),
        scene_test(test_bundle_for_a_device__leaves_out_what_it_said_to_have),
        scene_test(test_bundle_for_a_device__needs_one_of_the_space),
        scene_test(test_bundle__is_not_made_of_nothing),
        scene_test(test_revoked_device__is_cut_by_a_bundle)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
