/* A phone that was put back from a backup, with a card that it gave away before: what it writes
 * then must not go out under numbers that the card has used. SPDX-License-Identifier: Apache-2.0 */
#include "bundles.h"
#include "phone.h"
#include "relays.h"

/* An office and two workers. Asha's phone was backed up, then gave a card with Adung to Banri. */
typedef struct scene {
    test_relay relay;
    test_device office;
    test_phone asha;
    test_device banri;
    kith_buf card;
    kith_id adung;
} scene;

static scene the_scene;

static int make_scene(void **state)
{
    scene *s = &the_scene;
    relay_init(&s->relay);
    device_init(&s->office);
    phone_init(&s->asha, 2);
    device_init(&s->banri);
    bundle_init(&s->card);
    relay_found(&s->relay, &s->office);
    relay_admit(&s->relay, &s->office, &s->asha.device, KITH_MAY_WRITE);
    relay_admit(&s->relay, &s->office, &s->banri, KITH_MAY_WRITE);
    must_sync(&s->relay, &s->office);
    must_sync(&s->relay, &s->asha.device);
    phone_back_up(&s->asha);
    s->adung = device_add_place(&s->asha.device, "Adung");
    must(&s->asha.device, bundle_write(&s->asha.device, "", &s->card, NULL));
    *state = s;
    return 0;
}

static int free_scene(void **state)
{
    scene *s = *state;
    kith_buf_deinit(&s->card);
    device_close(&s->office);
    phone_close(&s->asha);
    device_close(&s->banri);
    relay_close(&s->relay);
    return 0;
}

static void take_card(scene *s, test_device *device)
{
    must(device, bundle_read(device, kith_buf_slice(&s->card), 4096, NULL));
}

/* How many of Asha's changes a bundle of hers leaves out, which goes to Banri. */
static uint64_t hand_new_card(scene *s)
{
    kith_bundle_written written = {.struct_size = sizeof written};
    must(&s->asha.device, bundle_write(&s->asha.device, "", &s->card, &written));
    take_card(s, &s->banri);
    return written.held_count;
}

static void assert_places(test_device *device, const char *titles)
{
    assert_string_equal(device_places(device), titles);
    assert_int_equal(device_space(device).waiting_count, 0);
}

static void assert_all_have(scene *s, const char *titles)
{
    test_device *const devices[] = {&s->asha.device, &s->banri, &s->office};
    for (size_t i = 0; i < 2 * KITH_ARRAY_LENGTH(devices); i++) {
        must_sync(&s->relay, devices[i % KITH_ARRAY_LENGTH(devices)]);
    }
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(devices); i++) {
        assert_places(devices[i], titles);
    }
}

static void test_restored_phone__gives_nothing_new_away_until_its_card_has_come_back(void **state)
{
    scene *s = *state;
    take_card(s, &s->banri);
    phone_restore(&s->asha);
    assert_int_equal(device_space(&s->asha.device).is_behind, 1);
    (void)device_add_place(&s->asha.device, "Bishing");
    assert_int_equal(hand_new_card(s), 1);
    assert_places(&s->banri, "Adung");
    (void)bundle_hand(&s->banri, &s->asha.device);
    assert_int_equal(device_space(&s->asha.device).is_behind, 0);
    assert_places(&s->asha.device, "Adung; Bishing");
    assert_int_equal(hand_new_card(s), 0);
    assert_places(&s->banri, "Adung; Bishing");
    assert_all_have(s, "Adung; Bishing");
}

static void test_restored_phone__learns_the_same_from_a_relay(void **state)
{
    scene *s = *state;
    take_card(s, &s->banri);
    must_sync(&s->relay, &s->banri);
    phone_restore(&s->asha);
    (void)device_add_place(&s->asha.device, "Bishing");
    must_sync(&s->relay, &s->asha.device);
    assert_int_equal(device_space(&s->asha.device).is_behind, 0);
    assert_all_have(s, "Adung; Bishing");
}

/* The card may be lost for good. */
static void test_restored_phone__goes_on_when_the_relay_knows_of_nothing(void **state)
{
    scene *s = *state;
    phone_restore(&s->asha);
    (void)device_add_place(&s->asha.device, "Bishing");
    must_sync(&s->relay, &s->asha.device);
    assert_int_equal(device_space(&s->asha.device).is_behind, 0);
    assert_int_equal(hand_new_card(s), 0);
    assert_all_have(s, "Bishing");
}

/* Or not: Banri, who has it, syncs later. */
static void test_restored_phone__uses_no_number_again_that_the_relay_does_not_know(void **state)
{
    scene *s = *state;
    take_card(s, &s->banri);
    phone_restore(&s->asha);
    must_sync(&s->relay, &s->asha.device);
    (void)device_add_place(&s->asha.device, "Bishing");
    must_sync(&s->relay, &s->asha.device);
    (void)device_add_place(&s->asha.device, "Chug");
    assert_all_have(s, "Adung; Bishing; Chug");
    device_assert_same(&s->asha.device, &s->office);
}

/* Adung was in a card that nobody took, and in the backup: the relay has never had it. */
static void test_restored_phone__sends_what_it_had_sealed_as_the_old_author(void **state)
{
    scene *s = *state;
    phone_back_up(&s->asha);
    (void)device_add_place(&s->asha.device, "Bishing");
    must(&s->asha.device, bundle_write(&s->asha.device, "", &s->card, NULL));
    phone_restore(&s->asha);
    assert_int_equal(device_space(&s->asha.device).is_behind, 1);
    assert_all_have(s, "Adung");
    device_assert_same(&s->asha.device, &s->office);
}

/* Where no relay can tell, a person does; here, one who is wrong. */
static void test_restored_phone__goes_on_when_nobody_has_its_card(void **state)
{
    scene *s = *state;
    kith_bundle_export_options options = KITH_BUNDLE_EXPORT_OPTIONS_INIT;
    take_card(s, &s->banri);
    phone_restore(&s->asha);
    (void)device_add_place(&s->asha.device, "Bishing");
    options.goes_on = 1;
    must(&s->asha.device, bundle_write_with(&s->asha.device, options, &s->card, NULL));
    assert_int_equal(device_space(&s->asha.device).is_behind, 0);
    take_card(s, &s->banri);
    assert_places(&s->banri, "Adung; Bishing");
    (void)bundle_hand(&s->banri, &s->asha.device);
    assert_places(&s->asha.device, "Adung; Bishing");
    assert_all_have(s, "Adung; Bishing");
}

/* Bishing is in the backup that is put back, and was sent by a new author. */
static void test_phone_restored_twice__goes_on_as_the_same_new_author(void **state)
{
    scene *s = *state;
    phone_restore(&s->asha);
    (void)device_add_place(&s->asha.device, "Bishing");
    phone_back_up(&s->asha);
    must_sync(&s->relay, &s->asha.device);
    phone_restore(&s->asha);
    (void)device_add_place(&s->asha.device, "Chug");
    assert_all_have(s, "Bishing; Chug");
    device_assert_same(&s->asha.device, &s->office);
}

/* Banri, who takes Asha for having it, gives it what it wrote about Adung, but not Adung. What Asha
 * makes next has Adung's number, until Adung comes. */
static void test_restored_phone__meets_what_others_wrote_about_its_own_first(void **state)
{
    scene *s = *state;
    take_card(s, &s->banri);
    device_set(&s->banri, s->adung, "remarks=seen");
    phone_restore(&s->asha);
    must(&s->banri, bundle_write(&s->banri, device_key(&s->asha.device), &s->card, NULL));
    take_card(s, &s->asha.device);
    assert_string_equal(device_places(&s->asha.device), "");
    (void)device_add_place(&s->asha.device, "Bishing");
    assert_string_equal(device_places(&s->asha.device), "Bishing");
    device_reopen(&s->asha.device);
    (void)device_add_place(&s->asha.device, "Chug");
    assert_string_equal(device_places(&s->asha.device), "Bishing; Chug");
    (void)bundle_hand(&s->banri, &s->asha.device);
    assert_all_have(s, "Adung; Bishing; Chug");
    assert_string_equal(device_text(&s->asha.device, s->adung, "remarks"), "seen");
    device_assert_same(&s->asha.device, &s->office);
}

/* A card for Banri has only what Banri lacks. */
static void write_card_for_banri(scene *s)
{
    (void)bundle_hand(&s->banri, &s->asha.device);
    must(&s->asha.device, bundle_write(&s->asha.device, device_key(&s->banri), &s->card, NULL));
}

/* Bishing is in the backup and on a card; Chug is on a later card only, and Dirang, made after the
 * backup was put back, has its number. The mark was lost; the later card tells as much. */
static void test_restored_phone__gets_its_later_segments_before_the_earlier_ones(void **state)
{
    scene *s = *state;
    take_card(s, &s->banri);
    (void)device_add_place(&s->asha.device, "Bishing");
    phone_back_up(&s->asha);
    (void)hand_new_card(s);
    (void)device_add_place(&s->asha.device, "Chug");
    write_card_for_banri(s);
    phone_restore(&s->asha);
    s->asha.device.mark_count = 0;
    (void)device_add_place(&s->asha.device, "Dirang");
    assert_int_equal(device_space(&s->asha.device).is_behind, 0);
    take_card(s, &s->asha.device);
    assert_int_equal(device_space(&s->asha.device).is_behind, 1);
    (void)bundle_hand(&s->banri, &s->asha.device);
    assert_places(&s->asha.device, "Adung; Bishing; Chug; Dirang");
    assert_all_have(s, "Adung; Bishing; Chug; Dirang");
}

/* Bishing went to a new author when Adung came. Put back to before that, the phone meets the new
 * author first. */
static void test_phone_restored_twice__meets_its_new_author_before_the_rest_of_the_old(void **state)
{
    scene *s = *state;
    take_card(s, &s->banri);
    phone_restore(&s->asha);
    (void)device_add_place(&s->asha.device, "Bishing");
    phone_back_up(&s->asha);
    write_card_for_banri(s);
    assert_places(&s->asha.device, "Adung; Bishing");
    phone_restore(&s->asha);
    s->asha.device.mark_count = 0;
    (void)device_add_place(&s->asha.device, "Chug");
    take_card(s, &s->asha.device);
    assert_int_equal(hand_new_card(s), 0);
    (void)bundle_hand(&s->banri, &s->asha.device);
    assert_places(&s->asha.device, "Adung; Bishing; Chug");
    assert_all_have(s, "Adung; Bishing; Chug");
    device_assert_same(&s->asha.device, &s->office);
}

static void test_mark__that_cannot_be_kept_stops_nothing(void **state)
{
    scene *s = *state;
    s->asha.device.has_no_marks = true;
    take_card(s, &s->banri);
    (void)device_add_place(&s->asha.device, "Bishing");
    assert_int_equal(device_space(&s->asha.device).is_behind, 0);
    assert_int_equal(hand_new_card(s), 0);
    assert_all_have(s, "Adung; Bishing");
}

#define scene_test(function) cmocka_unit_test_setup_teardown(function, make_scene, free_scene)

int main(void)
{
    const struct CMUnitTest tests[] = {
        scene_test(test_restored_phone__gives_nothing_new_away_until_its_card_has_come_back),
        scene_test(test_restored_phone__learns_the_same_from_a_relay),
        scene_test(test_restored_phone__goes_on_when_the_relay_knows_of_nothing),
        scene_test(test_restored_phone__uses_no_number_again_that_the_relay_does_not_know),
        scene_test(test_restored_phone__sends_what_it_had_sealed_as_the_old_author),
        scene_test(test_restored_phone__goes_on_when_nobody_has_its_card),
        scene_test(test_phone_restored_twice__goes_on_as_the_same_new_author),
        scene_test(test_restored_phone__meets_what_others_wrote_about_its_own_first),
        scene_test(test_restored_phone__gets_its_later_segments_before_the_earlier_ones),
        scene_test(test_phone_restored_twice__meets_its_new_author_before_the_rest_of_the_old),
        scene_test(test_mark__that_cannot_be_kept_stops_nothing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
