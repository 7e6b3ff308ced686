/* SPDX-License-Identifier: Apache-2.0 */
#include "relays.h"

/* An office and two workers in one space. */
typedef struct scene {
    test_relay relay;
    test_device *office;
    test_device *asha;
    test_device *banri;
} scene;

static scene the_scene;

static scene *set_the_scene(test_device *devices)
{
    scene *s = &the_scene;
    relay_init(&s->relay);
    s->office = &devices[0];
    s->asha = &devices[1];
    s->banri = &devices[2];
    relay_found(&s->relay, s->office);
    relay_admit(&s->relay, s->office, s->asha, KITH_MAY_WRITE);
    relay_admit(&s->relay, s->office, s->banri, KITH_MAY_WRITE);
    return s;
}

static void test_sync__brings_what_was_recorded_offline_to_the_office(void **state)
{
    scene *s = set_the_scene(*state);
    kith_id place = device_add_place(s->asha, "Nongriat");
    must_sync(&s->relay, s->asha);
    must_sync(&s->relay, s->office);
    assert_field(s->office, place, "name", "Nongriat");
    must_sync(&s->relay, s->banri);
    must_sync(&s->relay, s->asha);
    must_sync(&s->relay, s->office);
    device_assert_same(s->office, s->asha);
    device_assert_same(s->office, s->banri);
    relay_close(&s->relay);
}

static void test_sync__makes_a_member_of_who_joins(void **state)
{
    scene *s = set_the_scene(*state);
    kith_space_status asha = device_space(s->asha);
    assert_int_equal(asha.role, KITH_MAY_WRITE);
    assert_int_equal(asha.is_joining, 0);
    assert_string_equal(asha.name, "Field");
    assert_int_equal(asha.unsent_count, 0);
    must_sync(&s->relay, s->office);
    assert_int_equal(device_space(s->office).member_count, 3);
    relay_close(&s->relay);
}

static void test_sync__does_not_bring_back_what_it_sent(void **state)
{
    enum { NOTE_BYTES = 8000, ANSWER_BYTES_MAX = 400 };
    char remarks[NOTE_BYTES + 16] = "remarks=";
    scene *s = set_the_scene(*state);
    test_link link = {.cuts = 0};
    must_sync(&s->relay, s->office);
    kith_id place = device_add_place(s->office, "Nongriat");
    for (size_t i = strlen(remarks); i < NOTE_BYTES; i++) {
        remarks[i] = (char)('a' + test_below(&s->relay.random, 26));
    }
    device_set(s->office, place, remarks);
    must(s->office, relay_sync(&s->relay, s->office, &link));
    assert_in_range(link.up_bytes, NOTE_BYTES / 2, NOTE_BYTES * 2);
    assert_in_range(link.down_bytes, 1, ANSWER_BYTES_MAX);
    relay_close(&s->relay);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        devices_test(test_sync__brings_what_was_recorded_offline_to_the_office),
        devices_test(test_sync__makes_a_member_of_who_joins),
        devices_test(test_sync__does_not_bring_back_what_it_sent),
    };
    return cmocka_run_group_tests_name("sync/sync", tests, NULL, NULL);
}
