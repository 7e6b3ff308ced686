/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "base/limits.h"
#include "base/writer.h"
#include "heap.h"
#include "scene.h"

static scene s;
static kith_buf packed;

static int begin_scene(void **state)
{
    (void)state;
    scene_init(&s);
    kith_buf_init(&packed, test_context(), KITH_RECORD_BYTES_MAX);
    return 0;
}

static int end_scene(void **state)
{
    (void)state;
    scene_deinit(&s);
    kith_buf_deinit(&packed);
    return 0;
}

/* Records of every shape that packing knows. */

static void play_created(scene *of)
{
    kith_op ops[] = {{NAME, KITH_ACTION_SET, {KITH_TYPE_TEXT, KITH_SLICE("Rani")}, NULL, 0},
                     {NOTE, KITH_ACTION_SET, {99, KITH_SLICE("\x00?")}, NULL, 0},
                     {ALIASES, KITH_ACTION_ADD, {KITH_TYPE_TEXT, KITH_SLICE("Ranu")}, NULL, 0},
                     {ALIASES, KITH_ACTION_ADD, {99, KITH_SLICE("")}, NULL, 0}};
    scene_apply(of, (kith_change){.id = by(ASHA, 1),
                                  .record = by(ASHA, 1),
                                  .kind = PERSON,
                                  .ops = ops,
                                  .op_count = KITH_ARRAY_LENGTH(ops)});
}

static void play_empty(scene *of)
{
    scene_create(of);
}

/* Single heads of other changes, conflicts, a cleared field, elements added twice. */
static void play_edited(scene *of)
{
    play_created(of);
    scene_set(of, by(BEN, 4), NAME, "Rina", SEEN(by(ASHA, 1)));
    scene_set(of, by(CHITRA, 300), NAME, "Runi", SEEN(by(ASHA, 1)));
    scene_clear(of, by(BEN, 5), NOTE, SEEN(by(ASHA, 1)));
    scene_add(of, by(BEN, 6), ALIASES, "Ranu", NOTHING);
    scene_add(of, by(CHITRA, 301), ALIASES, "Baby", NOTHING);
}

static void play_replaced_before_arrival(scene *of)
{
    scene_create(of);
    scene_set(of, by(BEN, 4), NAME, "Rina", SEEN(by(ASHA, 2), by(CHITRA, 9)));
    scene_take(of, by(BEN, 5), ALIASES, "Ranu", SEEN(by(ASHA, 3)));
}

static void play_removed(scene *of)
{
    play_edited(of);
    scene_remove(of, by(ASHA, 7), SEEN(by(ASHA, 1), by(BEN, 6), by(CHITRA, 301)), NOTHING);
    scene_remove(of, by(BEN, 9), SEEN(by(ASHA, 1)), SEEN(by(CHITRA, 400)));
}

static void play_kept_before_removal(scene *of)
{
    scene_create(of);
    scene_keep(of, by(BEN, 1), SEEN(by(ASHA, 2)));
}

static void play_waiting(scene *of)
{
    scene_set(of, by(BEN, 4), NAME, "Rina", SEEN(by(ASHA, 1)));
    scene_add(of, by(CHITRA, 2), ALIASES, "Baby", NOTHING);
    scene_remove(of, by(CHITRA, 3), SEEN(by(BEN, 4)), NOTHING);
}

static void play_odd_clocks(scene *of)
{
    of->now = (kith_stamp){-KITH_TIME_MS_MAX, UINT32_MAX, KITH_TRUST_NONE};
    scene_create(of);
    of->now = (kith_stamp){KITH_TIME_MS_MAX, 0, KITH_TRUST_CONFIRMED};
    scene_set(of, by(BEN, KITH_NUMBER_MAX), NAME, "Rina", NOTHING);
    of->now = (kith_stamp){0, 1, KITH_TRUST_CLAIMED};
    scene_set(of, by(ASHA, KITH_NUMBER_MAX), NAME, "Rani", NOTHING);
}

typedef void (*play)(scene *of);

static const play plays[] = {play_created,
                             play_empty,
                             play_edited,
                             play_removed,
                             play_kept_before_removal,
                             play_replaced_before_arrival,
                             play_waiting,
                             play_odd_clocks};

/* Calls a check for each of these records, packed. */
static void for_each_play(void (*check)(void))
{
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(plays); i++) {
        scene_deinit(&s);
        scene_init(&s);
        plays[i](&s);
        kith_buf_clear(&packed);
        kith_state_pack(&s.record, &packed);
        assert_ok(kith_buf_status(&packed));
        check();
    }
}

static kith_status unpack(kith_slice bytes, kith_state *record_out)
{
    return kith_state_unpack(bytes, &s.arena, s.record.id, s.record.kind, record_out);
}

static void assert_damaged(kith_slice bytes)
{
    kith_state record;
    assert_status(unpack(bytes, &record), KITH_E_DAMAGED);
    assert_int_equal(record.changes.count, 0);
    assert_int_equal(record.cell_count, 0);
}

static void assert_packs_to(const kith_state *record, kith_slice expected)
{
    kith_buf again;
    kith_buf_init(&again, test_context(), KITH_RECORD_BYTES_MAX);
    kith_state_pack(record, &again);
    assert_ok(kith_buf_status(&again));
    assert_true(kith_slice_equal(kith_buf_slice(&again), expected));
    kith_buf_deinit(&again);
}

static void check_unpacked(void)
{
    kith_state record;
    assert_ok(unpack(kith_buf_slice(&packed), &record));
    assert_same_record(&record, &s.record);
    assert_packs_to(&record, kith_buf_slice(&packed));
}

static void test_state_unpack__gives_what_was_packed(void **state)
{
    (void)state;
    for_each_play(check_unpacked);
}

static void test_state_pack__follows_the_layout(void **state)
{
    (void)state;
    /* One millisecond after 1 January 2020, the year that stamps are counted from. */
    s.now = (kith_stamp){INT64_C(1577836800001), 5, KITH_TRUST_CONFIRMED};
    scene_create(&s);
    scene_set(&s, by(ASHA, 3), NAME, "Rani", NOTHING);
    kith_state_pack(&s.record, &packed);
    kith_slice expected = KITH_SLICE("\x03"                 /* created, changed */
                                     "\x02\x16"             /* 1 ms; counter 5, trust 2 */
                                     "\x01\x01\x02\x01\x02" /* of 1 author, 1: 2, from 1, then 3 */
                                     "\x01\xc0\xa9\x07\x16" /* the second, a minute later */
                                     "\x01"                 /* one cell */
                                     "\x11"                 /* field 2, single */
                                     "\x01\xc0\xa9\x07\x16"
                                     "\x41Rani");
    assert_true(kith_slice_equal(kith_buf_slice(&packed), expected));
}

static void test_state_pack__takes_few_bytes_for_what_was_created_at_once(void **state)
{
    (void)state;
    s.now = (kith_stamp){INT64_C(1577836800001), 0, KITH_TRUST_CLAIMED};
    kith_op op = {NAME, KITH_ACTION_SET, {KITH_TYPE_TEXT, KITH_SLICE("Rani")}, NULL, 0};
    scene_apply(
        &s,
        (kith_change){
            .id = by(ASHA, 1), .record = by(ASHA, 1), .kind = PERSON, .ops = &op, .op_count = 1});
    kith_state_pack(&s.record, &packed);
    kith_slice expected = KITH_SLICE("\x01"
                                     "\x02\x01"
                                     "\x01"
                                     "\x10"
                                     "\x41Rani");
    assert_true(kith_slice_equal(kith_buf_slice(&packed), expected));
}

static void test_state_unpack__gives_a_record_that_can_go_on(void **state)
{
    (void)state;
    kith_state record;
    play_removed(&s);
    kith_state_pack(&s.record, &packed);
    assert_ok(unpack(kith_buf_slice(&packed), &record));
    kith_known known = scene_known(&s);
    scene_set(&s, by(CHITRA, 500), NAME, "Rani Das", SEEN(by(BEN, 4), by(CHITRA, 300)));
    assert_ok(kith_state_apply(&record, &s.changes[s.change_count - 1], &known));
    known = scene_known(&s);
    scene_keep(&s, by(BEN, 700), SEEN(by(ASHA, 7), by(BEN, 9)));
    assert_ok(kith_state_apply(&record, &s.changes[s.change_count - 1], &known));
    assert_same_record(&record, &s.record);
}

static void check_cuts(void)
{
    for (size_t length = 0; length < packed.length; length++) {
        /* In a piece of its own, so that the sanitizer sees a read past its end. */
        uint8_t *cut = malloc(length + 1);
        assert_non_null(cut);
        memcpy(cut + 1, packed.data, length);
        assert_damaged(kith_slice_make(cut + 1, length));
        free(cut);
    }
}

static void test_state_unpack__refuses_every_cut(void **state)
{
    (void)state;
    for_each_play(check_cuts);
}

/* What reads is a record: it can be asked, and packs to the same bytes. */
static void assert_sound(const kith_state *record, kith_slice bytes)
{
    kith_dot dots[SCENE_CHANGES_MAX * 8];
    assert_true(record->changes.count <= KITH_ARRAY_LENGTH(dots));
    assert_true(kith_state_frontier(record, dots) <= record->changes.count);
    assert_false(kith_state_is_removed(record) && kith_state_is_revived(record));
    (void)kith_state_in_conflict(record);
    assert_packs_to(record, bytes);
}

static void check_flips(void)
{
    uint8_t *bytes = malloc(packed.length);
    assert_non_null(bytes);
    memcpy(bytes, packed.data, packed.length);
    for (size_t i = 0; i < packed.length; i++) {
        for (unsigned flip = 1; flip <= UINT8_MAX; flip++) {
            kith_state record;
            bytes[i] = (uint8_t)(packed.data[i] ^ flip);
            kith_slice flipped = kith_slice_make(bytes, packed.length);
            kith_status status = unpack(flipped, &record);
            if (status == KITH_OK) {
                assert_sound(&record, flipped);
            } else {
                assert_status(status, KITH_E_DAMAGED);
            }
        }
        bytes[i] = packed.data[i];
    }
    free(bytes);
}

static void test_state_unpack__reads_or_refuses_every_flipped_byte(void **state)
{
    (void)state;
    for_each_play(check_flips);
}

static void check_trailing(void)
{
    kith_write_u8(&packed, 0);
    assert_damaged(kith_buf_slice(&packed));
}

static void test_state_unpack__refuses_bytes_left_over(void **state)
{
    (void)state;
    for_each_play(check_trailing);
}

static void test_state_unpack__refuses_a_kind_that_does_not_fit(void **state)
{
    (void)state;
    kith_state record;
    play_created(&s);
    kith_state_pack(&s.record, &packed);
    kith_slice created = kith_buf_slice(&packed);
    assert_status(kith_state_unpack(created, &s.arena, by(ASHA, 1), 0, &record), KITH_E_DAMAGED);
    scene_deinit(&s);
    scene_init(&s);
    play_waiting(&s);
    kith_buf_clear(&packed);
    kith_state_pack(&s.record, &packed);
    kith_slice waiting = kith_buf_slice(&packed);
    assert_status(kith_state_unpack(waiting, &s.arena, by(ASHA, 1), PERSON, &record),
                  KITH_E_DAMAGED);
}

static void test_state_unpack__refuses_what_packing_never_writes(void **state)
{
    (void)state;
    s.record.kind = PERSON;
    const kith_slice texts[] = {
        KITH_SLICE("\x09\x02\x01\x00"),                   /* a flag that is not known */
        KITH_SLICE("\x01\x02\x03\x00"),                   /* trust 3 */
        KITH_SLICE("\x01\x02\x01\x01\x13\x41x"),          /* shape 3 */
        KITH_SLICE("\x01\x02\x01\x02\x10\x41x\x10\x41y"), /* one field twice */
        KITH_SLICE("\x01\x02\x01\x02\x18\x41x\x10\x41y"), /* fields out of order */
        KITH_SLICE("\x01\x02\x01\x02\x24\x11y\x24\x11x"), /* elements out of order */
        KITH_SLICE("\x01\x02\x01\x01\x14\x00"),           /* an element of nothing */
        KITH_SLICE("\x01\x02\x01\x01\x12\x00\x00"),       /* a cell without heads or missing */
        KITH_SLICE("\x03\x02\x01\x00\x00\x00\x01\x00"),   /* no changes */
        KITH_SLICE("\x03\x02\x01\x01\x01\x00\x00\x00\x01\x00"),         /* none of an author */
        KITH_SLICE("\x03\x02\x01\x01\x01\x02\x01\x00\x00\x00\x01\x00"), /* one change twice */
        KITH_SLICE("\x03\x02\x01\x02\x02\x01\x01\x01\x01\x01\x00\x00\x01\x00"), /* authors wrong */
        KITH_SLICE("\x03\x02\x01\x01\x01\x01\x00\x00\x00\x01\x00"),             /* change 0 */
        KITH_SLICE("\x03\x02\x01\x01\x01\x01\x01\x01\x00\x01\x00"), /* changed by the second of 1 */
    };
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(texts); i++) {
        kith_state record;
        if (unpack(texts[i], &record) != KITH_E_DAMAGED) {
            fail_msg("text %zu is taken", i);
        }
    }
}

static void test_state_unpack__refuses_what_only_a_created_record_has(void **state)
{
    (void)state;
    /* Change 7 of author 2 is there, but a value of the change that creates is, too. */
    assert_damaged(KITH_SLICE("\x02\x01\x02\x01\x07\x00\x00\x01\x01\x10\x41x"));
}

static kith_status unpack_with_little_memory(kith_context *cx, void *user)
{
    const kith_slice *bytes = user;
    kith_arena arena;
    kith_state record;
    kith_arena_init(&arena, cx);
    kith_status status = kith_state_unpack(*bytes, &arena, by(ASHA, 1), PERSON, &record);
    assert_true(status == KITH_OK || record.changes.count == 0);
    kith_arena_deinit(&arena);
    return status;
}

static void test_state_unpack__reports_lack_of_memory(void **state)
{
    (void)state;
    scene_create(&s);
    for (uint64_t number = 2; number < 30; number++) {
        scene_set(&s, by(ASHA, number), (uint32_t)number, "Rani", SEEN(by(BEN, number)));
    }
    scene_remove(&s, by(BEN, 90), SEEN(by(ASHA, 29)), SEEN(by(CHITRA, 9)));
    kith_state_pack(&s.record, &packed);
    kith_slice bytes = kith_buf_slice(&packed);
    heap_fail_each_allocation(unpack_with_little_memory, &bytes);
}

static void test_state_pack__fails_with_its_buffer(void **state)
{
    (void)state;
    kith_buf small;
    kith_buf_init(&small, test_context(), 20);
    play_edited(&s);
    kith_state_pack(&s.record, &small);
    assert_status(kith_buf_status(&small), KITH_E_LIMIT);
    kith_buf_deinit(&small);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin_scene, end_scene)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_state_unpack__gives_what_was_packed),
        TEST(test_state_pack__follows_the_layout),
        TEST(test_state_pack__takes_few_bytes_for_what_was_created_at_once),
        TEST(test_state_unpack__gives_a_record_that_can_go_on),
        TEST(test_state_unpack__refuses_every_cut),
        TEST(test_state_unpack__reads_or_refuses_every_flipped_byte),
        TEST(test_state_unpack__refuses_bytes_left_over),
        TEST(test_state_unpack__refuses_a_kind_that_does_not_fit),
        TEST(test_state_unpack__refuses_what_packing_never_writes),
        TEST(test_state_unpack__refuses_what_only_a_created_record_has),
        TEST(test_state_unpack__reports_lack_of_memory),
        TEST(test_state_pack__fails_with_its_buffer),
    };
    return cmocka_run_group_tests_name("merge/pack", tests, NULL, NULL);
}
