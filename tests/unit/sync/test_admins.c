/* Admins: two who change the membership without sight of each other, of whose changes the relay
 * takes one; and what becomes of invites and devices that they take back.
 * SPDX-License-Identifier: Apache-2.0 */
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
    device_assert_level(&s->branch, &s->office);
    device_assert_level(&s->branch, &s->asha);
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
    device_assert_level(&s->office, &s->branch);
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
    device_assert_level(&s->office, &s->asha);
    device_assert_level(&s->office, &s->branch);
}

/* An invite of which nobody made use, and what a key of later times is sealed to. */
static void invite(scene *s, int64_t expires_ms)
{
    char text[KITH_INVITE_SIZE];
    must(&s->office, kith_space_invite(s->office.replica, KITH_MAY_WRITE, expires_ms, 1, text));
}

typedef struct invitations {
    size_t count;
    uint32_t last; /* number of the last one */
} invitations;

static kith_status count_invitation(void *user, const kith_space_invitation *invitation)
{
    invitations *found = user;
    assert_int_equal(invitation->role, KITH_MAY_WRITE);
    assert_int_equal(invitation->uses_left, 1);
    found->count++;
    found->last = invitation->entry;
    return KITH_OK;
}

static invitations list_invitations(scene *s)
{
    invitations found = {.count = 0};
    must(&s->office, kith_space_list_invitations(s->office.replica, count_invitation, &found));
    return found;
}

static void test_new_key__is_not_sealed_to_invites_that_have_expired(void **state)
{
    scene *s = *state;
    invite(s, DEVICE_START_MS + 1000);
    invite(s, DEVICE_START_MS + 1000);
    invite(s, 0);
    assert_int_equal(list_invitations(s).count, 3);
    must(&s->office, kith_space_rotate(s->office.replica));
    assert_int_equal(list_invitations(s).count, 3); /* they hold still */
    device_set_clock(&s->office, DEVICE_START_MS + 2000);
    must(&s->office, device_revoke(&s->office, &s->asha));
    assert_int_equal(list_invitations(s).count, 1);
    must_sync(&s->relay, &s->office);
    must_sync(&s->relay, &s->branch);
    device_assert_level(&s->office, &s->branch);
}

static void test_invite__that_was_withdrawn_admits_nobody(void **state)
{
    scene *s = *state;
    char text[KITH_INVITE_SIZE];
    test_device finder;
    device_init(&finder);
    must(&s->office, kith_space_invite(s->office.replica, KITH_MAY_WRITE, 0, 1, text));
    uint32_t entry = list_invitations(s).last;
    must_sync(&s->relay, &s->office);
    assert_answer(&s->asha, kith_space_withdraw(s->asha.replica, entry), KITH_E_DENIED);
    must(&s->office, kith_space_withdraw(s->office.replica, entry));
    assert_answer(&s->office, kith_space_withdraw(s->office.replica, entry + 9), KITH_E_DENIED);
    must_sync(&s->relay, &s->office);
    must(&finder, kith_space_join(finder.replica, kith_slice_of(text)));
    assert_answer(&finder, relay_sync(&s->relay, &finder, NULL), KITH_E_DENIED);
    device_close(&finder);
}

/* A phone that was lost on the way home: it joined, and that is all anybody has heard of it. */
static void test_device_that_never_sent_anything__can_be_taken_out(void **state)
{
    scene *s = *state;
    must_sync(&s->relay, &s->asha);
    must_sync(&s->relay, &s->office);
    must(&s->office, device_revoke(&s->office, &s->asha));
    must_sync(&s->relay, &s->office);
    (void)device_add_place(&s->asha, "Adung");
    assert_answer(&s->asha, relay_sync(&s->relay, &s->asha, NULL), KITH_E_DENIED);
    assert_answer(&s->office, device_revoke(&s->office, &s->asha), KITH_E_DENIED);
}

#define scene_test(function) cmocka_unit_test_setup_teardown(function, make_scene, free_scene)

int main(void)
{
    const struct CMUnitTest tests[] = {
        scene_test(test_second_key__locks_nobody_out_of_what_was_written_under_it),
        scene_test(test_second_key__gives_way_to_the_first),
        scene_test(test_key_that_no_relay_has_taken__seals_no_bundle),
        scene_test(test_new_key__is_not_sealed_to_invites_that_have_expired),
        scene_test(test_invite__that_was_withdrawn_admits_nobody),
        scene_test(test_device_that_never_sent_anything__can_be_taken_out)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
