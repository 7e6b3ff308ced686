/* Several spaces of one device in one request. SPDX-License-Identifier: Apache-2.0 */
#include "relays.h"

enum { SPACE_COUNT = 2 };

/* An office that has two spaces, and a worker who is in both. */
typedef struct scene {
    test_relay relay;
    test_device office[SPACE_COUNT];
    test_device asha[SPACE_COUNT];
    test_device *of_office[SPACE_COUNT];
    test_device *of_asha[SPACE_COUNT];
} scene;

static scene the_scene;

static void found(scene *s, size_t index, const char *name)
{
    kith_relay address = {sizeof address, "http://relay.test", NULL};
    must(&s->office[index],
         kith_space_found(s->office[index].replica, kith_slice_of(name), &address, NULL));
    must_sync(&s->relay, &s->office[index]);
    relay_admit(&s->relay, &s->office[index], &s->asha[index], KITH_MAY_WRITE);
    must_sync(&s->relay, &s->office[index]);
    s->of_office[index] = &s->office[index];
    s->of_asha[index] = &s->asha[index];
}

static int make_scene(void **state)
{
    scene *s = &the_scene;
    relay_init(&s->relay);
    device_init(&s->office[0]);
    device_init_beside(&s->office[1], &s->office[0]);
    device_init(&s->asha[0]);
    device_init_beside(&s->asha[1], &s->asha[0]);
    found(s, 0, "Field");
    found(s, 1, "Casework");
    *state = s;
    return 0;
}

static int free_scene(void **state)
{
    scene *s = *state;
    for (size_t i = 0; i < SPACE_COUNT; i++) {
        device_close(&s->office[i]);
        device_close(&s->asha[i]);
    }
    relay_close(&s->relay);
    return 0;
}

static kith_status sync_office(scene *s, test_link *link)
{
    return relay_sync_all(&s->relay, s->of_office, SPACE_COUNT, link);
}

static kith_status sync_asha(scene *s, test_link *link)
{
    return relay_sync_all(&s->relay, s->of_asha, SPACE_COUNT, link);
}

static bool has(test_device *device, kith_id id)
{
    kith_record *record = NULL;
    kith_status status = kith_record_get(device->replica, id, NULL, &record);
    kith_record_free(record);
    return status == KITH_OK;
}

static void test_sync__takes_one_request_for_all_spaces(void **state)
{
    scene *s = *state;
    test_link link = {.cuts = 0};
    kith_id village = device_add_place(&s->asha[0], "Nongriat");
    kith_id person = device_add_person(&s->asha[1], "Rilang");
    must(&s->asha[0], sync_asha(s, &link));
    assert_int_equal(link.requests, 1);
    link.requests = 0;
    must(&s->office[0], sync_office(s, &link));
    assert_int_equal(link.requests, 1);
    assert_true(has(&s->office[0], village) && !has(&s->office[0], person));
    assert_true(has(&s->office[1], person) && !has(&s->office[1], village));
}

static void test_a_space_that_cannot_sync__does_not_stop_the_others(void **state)
{
    scene *s = *state;
    test_link link = {.cuts = 0};
    must(&s->office[0], device_revoke(&s->office[0], &s->asha[0]));
    must(&s->office[0], sync_office(s, NULL));
    (void)device_add_place(&s->asha[0], "Nongriat");
    kith_id person = device_add_person(&s->asha[1], "Rilang");
    assert_answer(&s->asha[0], sync_asha(s, &link), KITH_E_DENIED);
    assert_int_equal(link.progress.failed_count, 1);
    assert_int_equal(link.progress.first_failed, 0);
    must(&s->office[0], sync_office(s, NULL));
    assert_true(has(&s->office[1], person));
}

static void test_a_sync_of_two_spaces__goes_on_where_it_was_cut(void **state)
{
    enum { CUT_STEP = 97 };
    scene *s = *state;
    /* Until the cut lies behind all that there is to send, one way and the other. */
    for (size_t cut = 1; cut < 4000; cut += CUT_STEP) {
        test_link up = {.cut_up = cut, .cuts = 1, .piece = 1000};
        test_link down = {.cut_down = cut, .cuts = 1, .piece = 1000};
        kith_id village = device_add_place(&s->asha[0], "Nongriat");
        kith_id person = device_add_person(&s->asha[1], "Rilang");
        must(&s->asha[0], sync_asha(s, &up));
        must(&s->office[0], sync_office(s, &down));
        assert_true(has(&s->office[0], village) && has(&s->office[1], person));
    }
    for (size_t i = 0; i < SPACE_COUNT; i++) {
        must(&s->asha[0], sync_asha(s, NULL));
        must(&s->office[0], sync_office(s, NULL));
        device_assert_same(&s->office[i], &s->asha[i]);
    }
}

static void test_replicas_that_do_not_belong_together__are_refused(void **state)
{
    scene *s = *state;
    kith_sync *sync = NULL;
    kith_replica *of_two_devices[] = {s->office[0].replica, s->asha[1].replica};
    kith_replica *of_one_space[] = {s->office[0].replica, s->office[0].replica};
    assert_answer(&s->office[0], kith_sync_begin(of_two_devices, 2, &sync), KITH_E_ARGUMENT);
    assert_null(sync);
    assert_answer(&s->office[0], kith_sync_begin(of_one_space, 2, &sync), KITH_E_ARGUMENT);
    kith_relay other = {sizeof other, "http://other.test", NULL};
    must(&s->office[1], kith_space_set_relay(s->office[1].replica, &other, NULL));
    assert_answer(&s->office[0], sync_office(s, NULL), KITH_E_ARGUMENT);
    must_sync(&s->relay, &s->office[0]); /* and nothing is left begun */
}

#define spaces_test(function) cmocka_unit_test_setup_teardown(function, make_scene, free_scene)

int main(void)
{
    const struct CMUnitTest tests[] = {
        spaces_test(test_sync__takes_one_request_for_all_spaces),
        spaces_test(test_a_space_that_cannot_sync__does_not_stop_the_others),
        spaces_test(test_a_sync_of_two_spaces__goes_on_where_it_was_cut),
        spaces_test(test_replicas_that_do_not_belong_together__are_refused),
    };
    return cmocka_run_group_tests_name("sync/spaces", tests, NULL, NULL);
}
