/* SPDX-License-Identifier: Apache-2.0 */
#include "base/limits.h"
#include "scene.h"

static scene s;
static kith_buf first;
static kith_buf second;

static int begin_scene(void **state)
{
    (void)state;
    scene_init(&s);
    kith_buf_init(&first, test_context(), KITH_RECORD_BYTES_MAX);
    kith_buf_init(&second, test_context(), KITH_RECORD_BYTES_MAX);
    return 0;
}

static int end_scene(void **state)
{
    (void)state;
    scene_deinit(&s);
    kith_buf_deinit(&first);
    kith_buf_deinit(&second);
    return 0;
}

static void write(const scene *of, kith_buf *out)
{
    kith_known known = scene_known(of);
    kith_buf_clear(out);
    kith_state_write_canonical(&of->record, &known, scene_names, out);
    assert_ok(kith_buf_status(out));
}

static bool are_equal(void)
{
    return kith_slice_equal(kith_buf_slice(&first), kith_buf_slice(&second));
}

/* Something of everything. */
static void play(scene *of)
{
    scene_create(of);
    scene_set(of, by(ASHA, 2), NAME, "Rani", NOTHING);
    scene_set(of, by(CHITRA, 1), NAME, "Rina", NOTHING);
    scene_set(of, by(BEN, 1), NAME, "Runi", NOTHING);
    scene_set(of, by(BEN, 2), NOTE, "seen in Delhi", SEEN(by(CHITRA, 5), by(ASHA, 9)));
    scene_add(of, by(CHITRA, 2), ALIASES, "Ranu", NOTHING);
    scene_add(of, by(BEN, 3), ALIASES, "Baby", NOTHING);
    scene_remove(of, by(CHITRA, 3), SEEN(by(CHITRA, 2), by(ASHA, 2)), SEEN(by(BEN, 9)));
    scene_remove(of, by(ASHA, 3), SEEN(by(ASHA, 2), by(BEN, 1)), NOTHING);
}

/* Another replica, which met authors and names in another order. */

static const uint32_t author_there[SCENE_AUTHORS] = {0, 3, 1, 2};
static const uint32_t name_there[SCENE_NAMES] = {0, 3, 4, 1, 2};

static kith_dot dot_there(kith_dot dot)
{
    return (kith_dot){author_there[dot.author], dot.number};
}

static const kith_dot *dots_there(const kith_dot *dots, size_t count)
{
    kith_dot *there = kith_arena_array(&s.arena, count, sizeof *there);
    assert_non_null(there);
    for (size_t i = 0; i < count; i++) {
        there[i] = dot_there(dots[i]);
    }
    return there;
}

static kith_change change_there(kith_change change)
{
    kith_op *ops = kith_arena_array(&s.arena, change.op_count, sizeof *ops);
    assert_non_null(ops);
    for (size_t i = 0; i < change.op_count; i++) {
        ops[i] = change.ops[i];
        ops[i].field = name_there[ops[i].field];
        ops[i].replaces = dots_there(ops[i].replaces, ops[i].replaces_count);
    }
    change.id = dot_there(change.id);
    change.record = dot_there(change.record);
    change.kind = name_there[change.kind];
    change.ops = ops;
    change.replaces = dots_there(change.replaces, change.replaces_count);
    change.seen = dots_there(change.seen, change.seen_count);
    return change;
}

static void write_there(const scene *of, kith_buf *out)
{
    kith_author authors[SCENE_AUTHORS] = {{{{0}}, 0, 0}};
    kith_slice names[SCENE_NAMES] = {{NULL, 0}};
    kith_known known = {authors, SCENE_AUTHORS, NULL, 0};
    kith_state record;
    for (size_t i = 1; i < SCENE_AUTHORS; i++) {
        authors[author_there[i]].id = of->authors[i].id;
    }
    for (size_t i = 1; i < SCENE_NAMES; i++) {
        names[name_there[i]] = scene_names[i];
    }
    kith_state_init(&record, &s.arena, dot_there(of->record.id));
    for (size_t i = 0; i < of->change_count; i++) {
        kith_change change = change_there(of->changes[i]);
        assert_ok(kith_state_apply(&record, &change, &known));
        authors[change.id.author].head = change.id.number;
    }
    kith_buf_clear(out);
    kith_state_write_canonical(&record, &known, names, out);
    assert_ok(kith_buf_status(out));
}

static void test_canonical__is_the_same_whatever_the_ordinals(void **state)
{
    (void)state;
    play(&s);
    write(&s, &first);
    write_there(&s, &second);
    assert_true(are_equal());
}

/* Plays the changes of a scene onto another, those of one author first. */
static void replay(const scene *from, scene *to, const uint32_t authors[3])
{
    for (size_t i = 0; i < 3; i++) {
        for (size_t j = 0; j < from->change_count; j++) {
            if (from->changes[j].id.author == authors[i]) {
                to->now = from->changes[j].stamp;
                scene_apply(to, from->changes[j]);
            }
        }
    }
}

static void test_canonical__is_the_same_whatever_arrived_first(void **state)
{
    (void)state;
    static const uint32_t orders[][3] = {{ASHA, BEN, CHITRA}, {ASHA, CHITRA, BEN},
                                         {BEN, ASHA, CHITRA}, {BEN, CHITRA, ASHA},
                                         {CHITRA, ASHA, BEN}, {CHITRA, BEN, ASHA}};
    play(&s);
    write(&s, &first);
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(orders); i++) {
        scene other;
        scene_init(&other);
        replay(&s, &other, orders[i]);
        write(&other, &second);
        assert_true(are_equal());
        scene_deinit(&other);
    }
}

static void test_canonical__is_the_same_after_packing(void **state)
{
    (void)state;
    kith_buf packed;
    play(&s);
    write(&s, &first);
    kith_buf_init(&packed, test_context(), KITH_RECORD_BYTES_MAX);
    kith_state_pack(&s.record, &packed);
    assert_ok(kith_state_unpack(kith_buf_slice(&packed), &s.arena, s.record.id, s.record.kind,
                                &s.record));
    write(&s, &second);
    assert_true(are_equal());
    kith_buf_deinit(&packed);
}

/* Ben's first change is said to be replaced in NAME, but writes NOTE: whether it arrived before or
 * after that was said makes no difference to what stands anywhere. */
static void test_canonical__passes_over_writes_named_in_the_wrong_place(void **state)
{
    (void)state;
    scene other;
    scene_create(&s);
    scene_set(&s, by(ASHA, 2), NAME, "Rani", SEEN(by(BEN, 1)));
    scene_set(&s, by(BEN, 1), NOTE, "seen in Delhi", NOTHING);
    write(&s, &first);
    scene_init(&other);
    replay(&s, &other, (const uint32_t[]){BEN, ASHA, CHITRA});
    write(&other, &second);
    assert_true(are_equal());
    scene_deinit(&other);
}

static void test_canonical__follows_the_layout(void **state)
{
    (void)state;
    scene_set_clock(&s, 1, 0);
    scene_create(&s);
    scene_set_clock(&s, 2, 1);
    scene_set(&s, by(BEN, 3), NAME, "Rani", SEEN(by(CHITRA, 1)));
    write(&s, &first);
#define ASHA_ID "\xef\x00\x00\x00\x00\x00\x00\x00\x00\x00"
#define BEN_ID "\xee\x00\x00\x00\x00\x00\x00\x00\x00\x00"
#define CHITRA_ID "\xed\x00\x00\x00\x00\x00\x00\x00\x00\x00"
    kith_slice expected =
        KITH_SLICE(ASHA_ID "\x00\x00\x00\x00\x00\x01" /* the record */
                           "\x06person"
                           "\x02\x01" /* created */
                           "\x04\x05" /* changed: 2 ms; counter 1, trust 1 */
                           "\x02" BEN_ID "\x00\x00\x00\x00\x00\x03" /* by author id */
                   ASHA_ID "\x00\x00\x00\x00\x00\x01"
                           "\x04name"
                           "\x00" /* no element */
                           "\x01" BEN_ID "\x00\x00\x00\x00\x00\x03"
                           "\x04\x05"
                           "\x41Rani"
                           "\x01" CHITRA_ID "\x00\x00\x00\x00\x00\x01" /* missing */
                           "\x00\x00");                                /* removals, those missing */
    assert_true(kith_slice_equal(kith_buf_slice(&first), expected));
}

static void test_canonical__names_no_kind_of_a_waiting_record(void **state)
{
    (void)state;
    scene_set(&s, by(BEN, 3), NAME, "Rani", NOTHING);
    write(&s, &first);
    assert_true(first.length > sizeof(kith_id));
    assert_int_equal(first.data[sizeof(kith_id)], 0);
}

/* Each makes one thing different. */

static void alter_value(scene *of)
{
    of->record.cells[0].heads[0].value.bytes = KITH_SLICE("Rano");
}

static void alter_type(scene *of)
{
    of->record.cells[0].heads[0].value.type = KITH_TYPE_CODE;
}

static void alter_ms(scene *of)
{
    of->record.cells[0].heads[0].stamp.ms++;
}

static void alter_counter(scene *of)
{
    of->record.cells[0].heads[0].stamp.counter++;
}

static void alter_trust(scene *of)
{
    of->record.cells[0].heads[0].stamp.trust++;
}

static void alter_writer(scene *of)
{
    of->record.cells[0].heads[0].id.number++;
}

static void alter_heads(scene *of)
{
    of->record.cells[0].head_count--;
}

static void alter_element(scene *of)
{
    of->record.cells[of->record.cell_count - 1].element.type = KITH_TYPE_CODE;
}

static void alter_missing(scene *of)
{
    of->record.cells[1].missing.items[1].number++;
}

static void alter_kind(scene *of)
{
    of->record.kind = NOTE;
}

static void alter_created(scene *of)
{
    of->record.created.ms--;
}

static void alter_changed(scene *of)
{
    of->record.changed.counter++;
}

static void alter_changes(scene *of)
{
    of->record.changes.count--;
}

static void alter_removal(scene *of)
{
    of->record.removals[1].id.number++;
}

static void alter_seen(scene *of)
{
    of->record.removals[0].seen.count--;
}

static void alter_removals(scene *of)
{
    of->record.removal_count--;
}

static void alter_missing_removals(scene *of)
{
    of->record.missing_removals.count--;
}

static void test_canonical__tells_any_difference(void **state)
{
    (void)state;
    static void (*const alterations[])(scene * of) = {
        alter_value,           alter_type,    alter_ms,      alter_counter,
        alter_trust,           alter_writer,  alter_heads,   alter_element,
        alter_missing,         alter_kind,    alter_created, alter_changed,
        alter_changes,         alter_removal, alter_seen,    alter_removals,
        alter_missing_removals};
    play(&s);
    write(&s, &first);
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(alterations); i++) {
        scene other;
        scene_init(&other);
        play(&other);
        alterations[i](&other);
        write(&other, &second);
        if (are_equal()) {
            fail_msg("alteration %zu is not seen", i);
        }
        scene_deinit(&other);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin_scene, end_scene)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_canonical__is_the_same_whatever_the_ordinals),
        TEST(test_canonical__is_the_same_whatever_arrived_first),
        TEST(test_canonical__is_the_same_after_packing),
        TEST(test_canonical__passes_over_writes_named_in_the_wrong_place),
        TEST(test_canonical__follows_the_layout),
        TEST(test_canonical__names_no_kind_of_a_waiting_record),
        TEST(test_canonical__tells_any_difference),
    };
    return cmocka_run_group_tests_name("merge/canonical", tests, NULL, NULL);
}
