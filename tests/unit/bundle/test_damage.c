/* Bundles that are cut off, damaged or made by somebody hostile: what stands whole is taken, the
 * rest is told, and nothing that proves nothing is kept. SPDX-License-Identifier: Apache-2.0 */
#include "base/limits.h"
#include "bundles.h"
#include "engine/replica.h"
#include "engine/share.h"
#include "wire/bundle.h"

enum { PIECE = 512, PLACES = 3, FORGED = 20 };

/* An office that writes the bundle, and a member that reads it. */
typedef struct scene {
    test_device office;
    test_device asha;
    kith_buf bundle;
    kith_buf changed;
} scene;

static scene the_scene;

/* Segments of their own for the places, so that some stand before a damage and some behind. */
static void record(scene *s)
{
    static const char *const names[PLACES] = {"Adung", "Bishing", "Chug"};
    kith_buf unused;
    bundle_init(&unused);
    for (size_t i = 0; i < PLACES; i++) {
        (void)device_add_place(&s->office, names[i]);
        must(&s->office, bundle_write(&s->office, "", &unused, NULL));
    }
    kith_buf_deinit(&unused);
}

static int make_scene(void **state)
{
    char text[KITH_INVITE_SIZE];
    scene *s = &the_scene;
    device_init(&s->office);
    device_init(&s->asha);
    must(&s->office, kith_space_found(s->office.replica, KITH_SLICE("Hills"), NULL, NULL));
    must(&s->office, kith_space_invite(s->office.replica, KITH_MAY_WRITE, 0, 1, text));
    must(&s->asha, kith_space_join(s->asha.replica, kith_slice_of(text)));
    (void)bundle_hand(&s->office, &s->asha);
    (void)bundle_hand(&s->asha, &s->office);
    (void)bundle_hand(&s->office, &s->asha);
    record(s);
    bundle_init(&s->bundle);
    bundle_init(&s->changed);
    must(&s->office, bundle_write(&s->office, "", &s->bundle, NULL));
    *state = s;
    return 0;
}

static int free_scene(void **state)
{
    scene *s = *state;
    device_close(&s->office);
    device_close(&s->asha);
    kith_buf_deinit(&s->bundle);
    kith_buf_deinit(&s->changed);
    return 0;
}

static void assert_whole_is_taken(scene *s)
{
    kith_bundle_taken taken;
    must(&s->asha, bundle_read(&s->asha, kith_buf_slice(&s->bundle), PIECE, &taken));
    device_assert_level(&s->office, &s->asha);
}

/* A frame of a bundle, and where it begins. */
typedef struct found_frame {
    uint8_t type;
    size_t offset;
    kith_slice payload;
} found_frame;

/* The n-th frame of a type, counted from 1. */
static found_frame find_frame(const kith_buf *bundle, uint8_t type, unsigned nth)
{
    kith_reader reader =
        kith_reader_of(kith_slice_skip(kith_buf_slice(bundle), KITH_BUNDLE_MAGIC_BYTES));
    while (kith_reader_left(&reader) > 0) {
        found_frame frame = {.offset = (size_t)(reader.at - bundle->data)};
        frame.type = kith_read_u8(&reader);
        frame.payload = kith_read_slice(&reader);
        nth -= frame.type == type;
        if (frame.type == type && nth == 0) {
            return frame;
        }
    }
    fail_msg("the bundle has no such frame");
    return (found_frame){0};
}

static void copy_bundle(scene *s, size_t length)
{
    kith_buf_clear(&s->changed);
    kith_buf_append(&s->changed, s->bundle.data, length);
}

static void test_import__takes_what_stands_before_the_end_of_a_cut_off_file(void **state)
{
    scene *s = *state;
    kith_bundle_taken taken;
    found_frame last = find_frame(&s->bundle, KITH_FRAME_SEGMENT, 4);
    copy_bundle(s, last.offset + 100);
    assert_answer(&s->asha, bundle_read(&s->asha, kith_buf_slice(&s->changed), PIECE, &taken),
                  KITH_E_DAMAGED);
    assert_int_equal(taken.damaged_at, last.offset);
    assert_true(taken.new_count >= 2);
    assert_whole_is_taken(s);
}

static void test_import__tells_any_cut(void **state)
{
    scene *s = *state;
    for (size_t length = 0; length < s->bundle.length; length += 1 + length / 50) {
        kith_bundle_taken taken;
        copy_bundle(s, length);
        kith_status status =
            bundle_read(&s->asha, kith_buf_slice(&s->changed), 1 + length % 77, &taken);
        assert_int_equal(status, length < KITH_BUNDLE_MAGIC_BYTES ? KITH_E_SYNTAX : KITH_E_DAMAGED);
    }
    assert_whole_is_taken(s);
}

static void test_import__tells_any_changed_byte_and_keeps_nothing_of_it(void **state)
{
    scene *s = *state;
    for (size_t at = KITH_BUNDLE_MAGIC_BYTES; at < s->bundle.length; at += 5) {
        kith_bundle_taken taken;
        copy_bundle(s, s->bundle.length);
        s->changed.data[at] ^= (uint8_t)(1 << at % 8);
        kith_status status = bundle_read(&s->asha, kith_buf_slice(&s->changed), PIECE, &taken);
        if (status == KITH_OK) {
            fail_msg("byte %zu was not missed", at);
        }
    }
    assert_whole_is_taken(s);
}

static void test_import__goes_on_behind_a_damaged_segment(void **state)
{
    scene *s = *state;
    kith_bundle_taken taken;
    found_frame second = find_frame(&s->bundle, KITH_FRAME_SEGMENT, 2);
    copy_bundle(s, s->bundle.length);
    s->changed.data[second.offset + 3 + KITH_HEADER_BYTES + 5] ^= 1;
    assert_answer(&s->asha, bundle_read(&s->asha, kith_buf_slice(&s->changed), PIECE, &taken),
                  KITH_E_DAMAGED);
    assert_int_equal(taken.damaged_at, second.offset);
    assert_int_equal(taken.refused_count, 1);
    assert_true(device_space(&s->asha).waiting_count > 0); /* those behind it wait for it */
    assert_whole_is_taken(s);
}

static void test_import__refuses_other_files(void **state)
{
    scene *s = *state;
    static const char *const files[] = {"", "KITHBDL", "{\"kind\": \"place\"}\n", "KITHBDL0.......",
                                        "PK\003\004................................"};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(files); i++) {
        assert_answer(&s->asha, bundle_read(&s->asha, kith_slice_of(files[i]), 3, NULL),
                      KITH_E_SYNTAX);
    }
    assert_answer(&s->asha, bundle_read(&s->asha, kith_slice_of("KITHBDL2........"), 3, NULL),
                  KITH_E_NEWER);
}

static void test_import__refuses_what_follows_the_end(void **state)
{
    scene *s = *state;
    kith_bundle_taken taken;
    copy_bundle(s, s->bundle.length);
    kith_frame_write_carry(&s->changed, (kith_space_id){{1}});
    assert_answer(&s->asha, bundle_read(&s->asha, kith_buf_slice(&s->changed), PIECE, &taken),
                  KITH_E_DAMAGED);
    assert_int_equal(taken.damaged_at, s->bundle.length);
    assert_whole_is_taken(s);
}

/* Makes a bundle of frames given one by one. */
static void begin_bundle(scene *s, kith_space_id space)
{
    kith_buf_clear(&s->changed);
    kith_bundle_write_magic(&s->changed);
    kith_frame_write_carry(&s->changed, space);
}

/* A segment in the name of the space, by a device that nobody admitted. */
static void write_strange_segment(scene *s, unsigned number)
{
    uint8_t seed[KITH_SEED_BYTES] = {9};
    uint8_t bytes[KITH_HEADER_BYTES];
    static const uint8_t body[40];
    kith_device_keys keys;
    kith_buf segment;
    kith_segment_header header = {
        .space = s->office.replica->space.id, .number = number, .epoch = 1};
    kith_device_keys_derive(seed, &keys);
    memcpy(header.sign, keys.sign, sizeof header.sign);
    kith_body_hash(kith_slice_make(body, sizeof body), header.body);
    kith_header_sign(&header, seed, bytes);
    kith_buf_init(&segment, test_context(), 1024);
    kith_buf_append(&segment, bytes, sizeof bytes);
    kith_buf_append(&segment, body, sizeof body);
    kith_frame_write(&s->changed, KITH_FRAME_SEGMENT, kith_buf_slice(&segment));
    kith_buf_deinit(&segment);
}

/* None of the segments is kept, and none stands in the way of true ones. */
static void assert_forged_are_refused(scene *s)
{
    kith_bundle_taken taken;
    assert_answer(&s->asha, bundle_read(&s->asha, kith_buf_slice(&s->changed), PIECE, &taken),
                  KITH_E_DAMAGED); /* as it has no end */
    assert_int_equal(taken.refused_count, FORGED);
    assert_int_equal(device_space(&s->asha).waiting_count, 0);
    assert_whole_is_taken(s);
}

static void test_import__keeps_nothing_of_a_strangers_segments(void **state)
{
    scene *s = *state;
    begin_bundle(s, s->office.replica->space.id);
    for (unsigned number = 1; number <= FORGED; number++) {
        write_strange_segment(s, number);
    }
    assert_forged_are_refused(s);
}

/* Anybody can take true headers from a bundle that they found and put other bodies behind them. */
static void test_import__keeps_no_other_body_behind_a_true_header(void **state)
{
    scene *s = *state;
    found_frame true_one = find_frame(&s->bundle, KITH_FRAME_SEGMENT, 4);
    begin_bundle(s, s->office.replica->space.id);
    for (size_t i = 0; i < FORGED; i++) {
        kith_frame_write(&s->changed, KITH_FRAME_SEGMENT, true_one.payload);
        s->changed.data[s->changed.length - 1 - i] ^= 1;
    }
    assert_forged_are_refused(s);
}

/* Somebody else's word about what asha has is not asha's. */
static void test_import__takes_nobodys_word_about_another_device(void **state)
{
    scene *s = *state;
    uint8_t seed[KITH_SEED_BYTES] = {9};
    kith_bundle_written written;
    kith_held_head lie = {.number = 100};
    kith_space_id space = s->office.replica->space.id;
    (void)bundle_hand(&s->office, &s->asha);
    (void)bundle_hand(&s->asha, &s->office);
    lie.author = kith_id_author(device_status(&s->office).device);
    begin_bundle(s, space);
    kith_frame_write_holds(&s->changed, space, seed, &lie, 1);
    (void)!bundle_read(&s->office, kith_buf_slice(&s->changed), PIECE, NULL);
    (void)device_add_place(&s->office, "Dirang");
    must(&s->office, bundle_write(&s->office, device_key(&s->asha), &s->bundle, &written));
    assert_int_equal(written.segment_count, 1);
    assert_whole_is_taken(s);
}

/* A device that lies about itself gets less, and only in a bundle made for it. */
static void test_export__trusts_no_head_of_another_history(void **state)
{
    scene *s = *state;
    kith_buf heads;
    kith_bundle_written written;
    uint8_t sign[KITH_KEY_BYTES];
    (void)bundle_hand(&s->office, &s->asha);
    (void)bundle_hand(&s->asha, &s->office);
    must(&s->asha, kith_engine_sign_key(s->asha.replica, sign));
    kith_buf_init(&heads, test_context(), 100);
    kith_buf_append(&heads, (const uint8_t[]){1}, 1);
    kith_id office = device_status(&s->office).device;
    kith_buf_append(&heads, office.bytes, KITH_AUTHOR_BYTES);
    kith_buf_append(&heads, (const uint8_t[1 + KITH_HASH_BYTES]){2}, 1 + KITH_HASH_BYTES);
    must(&s->office, kith_holding_put(s->office.replica->store, kith_slice_make(sign, sizeof sign),
                                      kith_buf_slice(&heads)));
    must(&s->office, bundle_write(&s->office, device_key(&s->asha), &s->changed, &written));
    assert_int_equal(written.left_out_count, 0);
    kith_buf_deinit(&heads);
}

static void test_carrying__refuses_what_the_charter_does_not_count(void **state)
{
    scene *s = *state;
    test_device stranger;
    kith_bundle_taken taken;
    device_init(&stranger);
    begin_bundle(s, s->office.replica->space.id);
    write_strange_segment(s, 1);
    (void)!bundle_read(&stranger, kith_buf_slice(&s->changed), PIECE, &taken);
    assert_int_equal(taken.carried_count, 0);
    assert_int_equal(taken.refused_count, 1);
    must(&stranger, bundle_read(&stranger, kith_buf_slice(&s->bundle), PIECE, &taken));
    assert_int_equal(taken.refused_count, 0);
    device_close(&stranger);
}

static void test_carrying__refuses_what_it_has_no_room_for_and_keeps_the_rest(void **state)
{
    scene *s = *state;
    test_device stranger;
    kith_bundle_taken taken;
    kith_bundle_carried carried = {.struct_size = sizeof carried};
    device_init(&stranger);
    for (size_t i = 0; i < KITH_CARRIED_SPACES_MAX; i++) {
        test_device founder;
        device_init(&founder);
        must(&founder, kith_space_found(founder.replica, KITH_SLICE("Far"), NULL, NULL));
        (void)bundle_hand(&founder, &stranger);
        device_close(&founder);
    }
    assert_answer(&stranger, bundle_read(&stranger, kith_buf_slice(&s->bundle), PIECE, &taken),
                  KITH_E_LIMIT);
    assert_int_equal(taken.carried_count, 0);
    must(&stranger, kith_bundle_read_carried(stranger.replica, &carried));
    assert_int_equal(carried.space_count, KITH_CARRIED_SPACES_MAX);
    assert_int_equal(carried.segment_count, KITH_CARRIED_SPACES_MAX);
    must(&stranger, kith_bundle_forget_carried(stranger.replica));
    must(&stranger, bundle_read(&stranger, kith_buf_slice(&s->bundle), PIECE, &taken));
    device_close(&stranger);
}

static void test_import__reports_another_membership(void **state)
{
    scene *s = *state;
    kith_bundle_taken taken;
    char text[KITH_INVITE_SIZE];
    must(&s->office, kith_space_rotate(s->office.replica));
    (void)bundle_hand(&s->office, &s->asha);
    /* The office's phone is put back to before the rotation, and the office does something else. */
    must(&s->office, kith_engine_begin(s->office.replica));
    must(&s->office,
         kith_engine_end(s->office.replica, kith_engine_drop_entries(s->office.replica, 3)));
    must(&s->office, kith_space_invite(s->office.replica, KITH_MAY_READ, 0, 1, text));
    must(&s->office, bundle_write(&s->office, "", &s->changed, NULL));
    assert_answer(&s->asha, bundle_read(&s->asha, kith_buf_slice(&s->changed), PIECE, &taken),
                  KITH_E_FORKED);
}

#define scene_test(function) cmocka_unit_test_setup_teardown(function, make_scene, free_scene)

int main(void)
{
    const struct CMUnitTest tests[] = {
        scene_test(test_import__takes_what_stands_before_the_end_of_a_cut_off_file),
        scene_test(test_import__tells_any_cut),
        scene_test(test_import__tells_any_changed_byte_and_keeps_nothing_of_it),
        scene_test(test_import__goes_on_behind_a_damaged_segment),
        scene_test(test_import__refuses_other_files),
        scene_test(test_import__refuses_what_follows_the_end),
        scene_test(test_import__keeps_nothing_of_a_strangers_segments),
        scene_test(test_import__keeps_no_other_body_behind_a_true_header),
        scene_test(test_import__takes_nobodys_word_about_another_device),
        scene_test(test_export__trusts_no_head_of_another_history),
        scene_test(test_carrying__refuses_what_the_charter_does_not_count),
        scene_test(test_carrying__refuses_what_it_has_no_room_for_and_keeps_the_rest),
        scene_test(test_import__reports_another_membership)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
