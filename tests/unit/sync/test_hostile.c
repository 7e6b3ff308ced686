/* Relays and members that mean no good, as a device meets them (proto/spec/threats.md): what they
 * change is refused, what they hold back is missed, and of two histories the second is noticed.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/share.h"
#include "phone.h"
#include "relays.h"

/* An office and two workers. Asha's phone can be copied: then two phones write under one name. */
typedef struct scene {
    test_relay relay;
    test_relay other;  /* another, or what the first shows to others */
    test_disk *backup; /* of the relay */
    test_device office;
    test_phone asha;
    test_phone twin;
    test_device banri;
} scene;

static scene the_scene;

static int make_scene(void **state)
{
    scene *s = &the_scene;
    *s = (scene){.backup = NULL};
    relay_init(&s->relay);
    relay_init(&s->other);
    device_init(&s->office);
    phone_init(&s->asha, 2);
    device_init(&s->banri);
    relay_found(&s->relay, &s->office);
    relay_admit(&s->relay, &s->office, &s->asha.device, KITH_MAY_WRITE);
    relay_admit(&s->relay, &s->office, &s->banri, KITH_MAY_ADMINISTER);
    must_sync(&s->relay, &s->office);
    must_sync(&s->relay, &s->asha.device);
    must_sync(&s->relay, &s->banri);
    *state = s;
    return 0;
}

static int free_scene(void **state)
{
    scene *s = *state;
    device_close(&s->office);
    phone_close(&s->asha);
    phone_close(&s->twin);
    device_close(&s->banri);
    if (s->backup != NULL) {
        disk_free(s->backup);
    }
    relay_close(&s->relay);
    relay_close(&s->other);
    return 0;
}

/* Makes a second phone with all that Asha's has, and a relay with all that the relay has: who talks
 * to one and who talks to the other hear of different histories from now on. */
static void part_the_world(scene *s)
{
    phone_clone(&s->asha, &s->twin);
    s->backup = relay_back_up(&s->relay);
    memcpy(s->other.folder, s->relay.folder, sizeof s->other.folder); /* the database is named so */
    relay_restore(&s->other, s->backup);
}

/* The last segment at a relay, into `out`. */
static void last_segment(test_relay *relay, const test_device *of, kith_buf *out)
{
    kithd_store *store = NULL;
    kithd_segment segment = {.position = 0};
    kith_space_id space = of->replica->space.id;
    kith_context *cx = test_context();
    assert_ok(kithd_relay_borrow(relay->relay, cx, &store));
    kith_status status = KITH_OK;
    while (status == KITH_OK) {
        status = kithd_segment_next(store, space, segment.position, &segment);
        if (status == KITH_OK) {
            kith_buf_clear(out);
            kith_buf_append_slice(out, segment.bytes);
        } else {
            assert_int_equal(status, KITH_E_NOT_FOUND);
        }
    }
    kithd_relay_return(relay->relay, store);
}

/* Has a device send a new place, of which the segment is the last of the relay's. */
static kith_id send_place(test_relay *relay, test_device *device, const char *name, kith_buf *out)
{
    kith_id id = device_add_place(device, name);
    must_sync(relay, device);
    kith_buf_init(out, test_context(), KITH_HEADER_BYTES + KITH_SEGMENT_SEALED_MAX);
    last_segment(relay, device, out);
    return id;
}

/* Gives a segment to a device; why it was set aside. */
static uint32_t give(test_device *device, kith_slice bytes)
{
    kith_taken taken;
    must(device, kith_engine_take_segment(device->replica, bytes, 0, &taken));
    return taken.aside;
}

static bool has(test_device *device, kith_id id)
{
    return device_json(device, id)[0] != '\0';
}

static void test_device__takes_nothing_that_was_changed(void **state)
{
    scene *s = *state;
    kith_buf segment;
    kith_id id = send_place(&s->relay, &s->asha.device, "Nongriat", &segment);
    for (size_t at = 0; at < segment.length; at += 7) {
        segment.data[at] ^= 1;
        assert_int_not_equal(give(&s->office, kith_buf_slice(&segment)), 0);
        segment.data[at] ^= 1;
        assert_false(has(&s->office, id));
    }
    assert_int_not_equal(give(&s->office, kith_slice_head(kith_buf_slice(&segment), 300)), 0);
    assert_int_equal(give(&s->office, kith_buf_slice(&segment)), 0);
    assert_true(has(&s->office, id));
    kith_buf_deinit(&segment);
}

static void test_device__waits_for_what_is_held_back(void **state)
{
    scene *s = *state;
    kith_taken taken;
    kith_buf segments[3];
    kith_id ids[3];
    for (size_t i = 0; i < 3; i++) {
        ids[i] = send_place(&s->relay, &s->asha.device, "Nongriat", &segments[i]);
    }
    assert_int_equal(give(&s->office, kith_buf_slice(&segments[2])), KITH_ASIDE_GAP);
    assert_int_equal(give(&s->office, kith_buf_slice(&segments[1])), KITH_ASIDE_GAP);
    assert_false(has(&s->office, ids[2]));
    assert_int_equal(device_space(&s->office).waiting_count, 2);
    assert_int_equal(give(&s->office, kith_buf_slice(&segments[0])), 0);
    must(&s->office, kith_engine_retry_aside(s->office.replica, &taken));
    assert_int_equal(device_space(&s->office).waiting_count, 0);
    for (size_t i = 0; i < 3; i++) {
        assert_true(has(&s->office, ids[i]));
        assert_int_equal(give(&s->office, kith_buf_slice(&segments[i])), 0); /* again: no harm */
        kith_buf_deinit(&segments[i]);
    }
}

static void test_device__keeps_nothing_of_another_space(void **state)
{
    scene *s = *state;
    kith_buf segment;
    test_device stranger;
    device_init(&stranger);
    relay_found(&s->other, &stranger);
    (void)send_place(&s->other, &stranger, "Elsewhere", &segment);
    assert_int_equal(give(&s->office, kith_buf_slice(&segment)), KITH_ASIDE_DENIED);
    assert_int_equal(device_space(&s->office).waiting_count, 0);
    kith_buf_deinit(&segment);
    device_close(&stranger);
}

static void test_device__keeps_both_where_an_author_forked(void **state)
{
    scene *s = *state;
    kith_buf first;
    kith_buf second;
    part_the_world(s);
    kith_id shown = send_place(&s->relay, &s->asha.device, "Shown to the office", &first);
    (void)send_place(&s->other, &s->twin.device, "Shown to Banri", &second);
    assert_int_equal(give(&s->office, kith_buf_slice(&first)), 0);
    assert_int_equal(give(&s->office, kith_buf_slice(&second)), KITH_ASIDE_FORKED);
    assert_string_equal(device_text(&s->office, shown, "name"), "Shown to the office");
    assert_int_equal(device_space(&s->office).waiting_count, 1); /* evidence */
    kith_buf_deinit(&first);
    kith_buf_deinit(&second);
}

/* The second history never reaches the office itself, only what somebody wrote who had seen it. */
static void test_device__notices_that_another_was_shown_another_history(void **state)
{
    scene *s = *state;
    kith_buf first;
    kith_buf second;
    kith_buf reply;
    part_the_world(s);
    (void)send_place(&s->relay, &s->asha.device, "Shown to the office", &first);
    (void)send_place(&s->other, &s->twin.device, "Shown to Banri", &second);
    must_sync(&s->relay, &s->office);
    assert_int_equal(give(&s->banri, kith_buf_slice(&second)), 0);
    kith_id id = send_place(&s->other, &s->banri, "Banri's", &reply);
    assert_int_equal(give(&s->office, kith_buf_slice(&reply)), KITH_ASIDE_CONTRADICTS);
    assert_true(has(&s->office, id)); /* an honest member's work is not lost for it */
    assert_int_equal(device_space(&s->office).waiting_count, 1);
    kith_buf_deinit(&first);
    kith_buf_deinit(&second);
    kith_buf_deinit(&reply);
}

/* What the office writes after it took Asha's phone out is sealed with a key that this never gets.
 */
static void test_device__that_was_taken_out_reads_nothing_more(void **state)
{
    scene *s = *state;
    kith_buf segment;
    must_sync(&s->relay, &s->office);
    must(&s->office, device_revoke(&s->office, &s->asha.device));
    must_sync(&s->relay, &s->office);
    kith_id id = send_place(&s->relay, &s->office, "Secret", &segment);
    assert_int_equal(give(&s->asha.device, kith_buf_slice(&segment)), KITH_ASIDE_KEY);
    assert_false(has(&s->asha.device, id));
    assert_status(relay_sync(&s->relay, &s->asha.device, NULL), KITH_E_DENIED);
    assert_false(has(&s->asha.device, id));
    kith_buf_deinit(&segment);
}

/* Two admins' entries under one number, one shown to each half of the members: what follows on the
 * other is not taken. */
static void test_device__stops_where_the_charter_forked(void **state)
{
    scene *s = *state;
    part_the_world(s);
    must(&s->office, kith_space_rotate(s->office.replica));
    must_sync(&s->relay, &s->office);
    must_sync(&s->relay, &s->asha.device);
    for (int i = 0; i < 2; i++) {
        must(&s->banri, kith_space_rotate(s->banri.replica));
        must_sync(&s->other, &s->banri);
    }
    kith_id id = device_add_place(&s->banri, "Under the other key");
    must_sync(&s->other, &s->banri);
    assert_status(relay_sync(&s->other, &s->asha.device, NULL), KITH_E_FORKED);
    assert_false(has(&s->asha.device, id));
}

/* The same with as many entries on both sides: it is their hashes that differ. */
static void test_device__notices_another_charter_of_the_same_length(void **state)
{
    scene *s = *state;
    part_the_world(s);
    must(&s->office, kith_space_rotate(s->office.replica));
    must_sync(&s->relay, &s->office);
    must_sync(&s->relay, &s->asha.device);
    must(&s->banri, kith_space_rotate(s->banri.replica));
    must_sync(&s->other, &s->banri);
    assert_status(relay_sync(&s->other, &s->asha.device, NULL), KITH_E_FORKED);
    must_sync(&s->relay, &s->asha.device); /* it has lost nothing */
}

/* The office takes Banri out, which a relay accepts. Then it shows an older charter, and another
 * entry in the revocation's place, which Banri made: the revocation stays. */
static void test_relay__cannot_take_back_what_it_had_accepted(void **state)
{
    scene *s = *state;
    part_the_world(s);
    uint32_t members = device_space(&s->office).member_count;
    must(&s->office, device_revoke(&s->office, &s->banri));
    must_sync(&s->relay, &s->office);
    s->office.replica->space.accepted_entries--; /* as after an answer that showed fewer */
    must(&s->banri, kith_space_rotate(s->banri.replica));
    must_sync(&s->other, &s->banri);
    assert_status(relay_sync(&s->other, &s->office, NULL), KITH_E_FORKED);
    assert_int_equal(device_space(&s->office).member_count, members - 1);
    must_sync(&s->relay, &s->asha.device);
    assert_status(relay_sync(&s->other, &s->asha.device, NULL), KITH_E_FORKED);
    assert_int_equal(device_space(&s->asha.device).member_count, members - 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_scene, free_scene)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_device__takes_nothing_that_was_changed),
        TEST(test_device__waits_for_what_is_held_back),
        TEST(test_device__keeps_nothing_of_another_space),
        TEST(test_device__keeps_both_where_an_author_forked),
        TEST(test_device__notices_that_another_was_shown_another_history),
        TEST(test_device__that_was_taken_out_reads_nothing_more),
        TEST(test_device__stops_where_the_charter_forked),
        TEST(test_device__notices_another_charter_of_the_same_length),
        TEST(test_relay__cannot_take_back_what_it_had_accepted),
    };
    return cmocka_run_group_tests_name("sync/hostile", tests, NULL, NULL);
}
