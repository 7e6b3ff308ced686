/* What was lost and put back: phones from backups, relays from backups, relays that are gone
 * (proto/spec/sync.md §4). SPDX-License-Identifier: Apache-2.0 */
#include "phone.h"
#include "relays.h"

/* An office, and a worker whose phone has bad luck. */
typedef struct scene {
    test_relay relay;
    test_disk *relay_backup;
    test_phone office;
    test_phone asha;
} scene;

static scene the_scene;

static int make_scene(void **state)
{
    scene *s = &the_scene;
    *s = (scene){.relay_backup = NULL};
    relay_init(&s->relay);
    phone_init(&s->office, 1);
    phone_init(&s->asha, 2);
    relay_found(&s->relay, &s->office.device);
    relay_admit(&s->relay, &s->office.device, &s->asha.device, KITH_MAY_WRITE);
    *state = s;
    return 0;
}

static int free_scene(void **state)
{
    scene *s = *state;
    phone_close(&s->office);
    phone_close(&s->asha);
    relay_close(&s->relay);
    if (s->relay_backup != NULL) {
        disk_free(s->relay_backup);
    }
    return 0;
}

static void lose_relay(scene *s)
{
    relay_close(&s->relay);
    relay_init(&s->relay);
}

/* Makes a record, and sends it. */
static kith_id add_and_sync(scene *s, test_phone *p, const char *name)
{
    kith_id id = device_add_place(&p->device, name);
    must_sync(&s->relay, &p->device);
    return id;
}

/* What a sync of Asha's says of what was lost: the phone's own, or the relay's. */
static void assert_tells(scene *s, bool was_restored, bool had_relay_lost)
{
    test_link link = {.cuts = 0};
    must(&s->asha.device, relay_sync(&s->relay, &s->asha.device, &link));
    assert_int_equal(link.progress.was_restored, was_restored);
    assert_int_equal(link.progress.had_relay_lost, had_relay_lost);
}

/* Both have the same, among it these places and no other. */
static void assert_level(scene *s, const char *titles)
{
    for (int i = 0; i < 2; i++) {
        must_sync(&s->relay, &s->office.device);
        must_sync(&s->relay, &s->asha.device);
    }
    device_assert_same(&s->office.device, &s->asha.device);
    assert_string_equal(device_places(&s->asha.device), titles);
}

static void test_a_restored_phone__goes_on_without_losing_or_doubling(void **state)
{
    scene *s = *state;
    (void)add_and_sync(s, &s->asha, "Adung");
    phone_back_up(&s->asha);
    (void)add_and_sync(s, &s->asha, "Bishing");
    phone_restore(&s->asha);
    (void)device_add_place(&s->asha.device, "Chug");
    assert_tells(s, true, false);
    assert_tells(s, false, false);
    assert_level(s, "Adung; Bishing; Chug");
}

static void test_a_phone_restored_twice_from_one_backup__does_not_double_its_work(void **state)
{
    scene *s = *state;
    (void)device_add_place(&s->asha.device, "Adung"); /* not sent: it moves to the new author */
    phone_back_up(&s->asha);
    (void)add_and_sync(s, &s->asha, "Bishing");
    phone_restore(&s->asha);
    (void)add_and_sync(s, &s->asha, "Chug");
    phone_restore(&s->asha);
    (void)add_and_sync(s, &s->asha, "Dirang");
    assert_level(s, "Adung; Bishing; Chug; Dirang");
}

static void test_a_phone_cloned_to_two__keeps_what_both_record(void **state)
{
    scene *s = *state;
    test_phone clone;
    (void)add_and_sync(s, &s->asha, "Adung");
    phone_clone(&s->asha, &clone);
    for (int i = 0; i < 2; i++) {
        (void)add_and_sync(s, &s->asha, i == 0 ? "Bishing" : "Chug");
        (void)add_and_sync(s, &clone, i == 0 ? "Dirang" : "Etalin");
    }
    assert_level(s, "Adung; Bishing; Chug; Dirang; Etalin");
    phone_close(&clone);
}

static void test_a_relay_restored_from_a_backup__is_made_whole_by_its_devices(void **state)
{
    scene *s = *state;
    (void)add_and_sync(s, &s->asha, "Adung");
    s->relay_backup = relay_back_up(&s->relay);
    (void)add_and_sync(s, &s->asha, "Bishing");
    (void)add_and_sync(s, &s->office, "Chug");
    relay_restore(&s->relay, s->relay_backup);
    assert_tells(s, false, true);
    assert_tells(s, false, false);
    assert_level(s, "Adung; Bishing; Chug");
}

static void test_an_empty_relay__is_filled_by_one_device_for_all(void **state)
{
    scene *s = *state;
    phone_back_up(&s->asha);
    (void)add_and_sync(s, &s->asha, "Adung");
    (void)add_and_sync(s, &s->office, "Bishing");
    lose_relay(s);
    must_sync(&s->relay, &s->office.device);
    phone_restore(&s->asha); /* only the office has it now */
    assert_level(s, "Adung; Bishing");
}

/* The new relay has other positions: what the phone lacks of its own does not stand behind its
 * cursor, and the first own segment that comes is not where its history parts from the relay's. */
static void test_a_phone_restored_after_its_relay_was_lost__gets_back_all_of_its_own(void **state)
{
    scene *s = *state;
    (void)add_and_sync(s, &s->asha, "Adung");
    (void)add_and_sync(s, &s->asha, "Bishing");
    phone_back_up(&s->asha);
    (void)add_and_sync(s, &s->asha, "Chug");
    (void)add_and_sync(s, &s->asha, "Dirang");
    (void)add_and_sync(s, &s->office, "Etalin");
    lose_relay(s);
    must_sync(&s->relay, &s->asha.device); /* from which all its own come first */
    phone_restore(&s->asha);
    (void)add_and_sync(s, &s->asha, "Ferma");
    assert_level(s, "Adung; Bishing; Chug; Dirang; Etalin; Ferma");
}

#define recovery_test(function) cmocka_unit_test_setup_teardown(function, make_scene, free_scene)

int main(void)
{
    const struct CMUnitTest tests[] = {
        recovery_test(test_a_restored_phone__goes_on_without_losing_or_doubling),
        recovery_test(test_a_phone_restored_twice_from_one_backup__does_not_double_its_work),
        recovery_test(test_a_phone_cloned_to_two__keeps_what_both_record),
        recovery_test(test_a_relay_restored_from_a_backup__is_made_whole_by_its_devices),
        recovery_test(test_an_empty_relay__is_filled_by_one_device_for_all),
        recovery_test(test_a_phone_restored_after_its_relay_was_lost__gets_back_all_of_its_own),
    };
    return cmocka_run_group_tests_name("sync/recovery", tests, NULL, NULL);
}
