/* Bodies: written and read back; what a damaged one does is in test_body_damage.c.
 * SPDX-License-Identifier: Apache-2.0 */
#include "segment/body.h"

#include "base/limits.h"
#include "heap.h"
#include "samples.h"
#include "segments.h"

enum { US = 1, BEN = 2, CHITRA = 3 }; /* authors */
enum { PERSON = 1, NAME = 2, NOTE = 3, ALIASES = 4, NAME_IN_BENGALI = 5 };

#define TEXT(literal)                       \
    {                                       \
        KITH_TYPE_TEXT, KITH_SLICE(literal) \
    }

static kith_arena arena;
static kith_buf bytes;

static int begin(void **state)
{
    (void)state;
    kith_arena_init(&arena, test_context());
    kith_buf_init(&bytes, test_context(), 2 * KITH_SEGMENT_INFLATED_MAX);
    return 0;
}

static int end(void **state)
{
    (void)state;
    kith_arena_deinit(&arena);
    kith_buf_deinit(&bytes);
    return 0;
}

static void assert_reads_back(const kith_commit *commits, size_t count)
{
    kith_buf_clear(&bytes);
    segments_write(commits, count, &bytes);
    segments_assert(kith_buf_slice(&bytes), commits, count);
}

static void test_body__gives_back_every_deed_and_action(void **state)
{
    (void)state;
    samples_every_deed(assert_reads_back);
}

static void test_body__gives_back_changes_that_say_nothing(void **state)
{
    (void)state;
    samples_empty_changes(assert_reads_back);
}

static void test_body__gives_back_changes_that_only_clear(void **state)
{
    (void)state;
    const kith_op op = {NAME, KITH_ACTION_CLEAR, {0}, NULL, 0};
    kith_change change = {.deed = KITH_DEED_CREATE, .kind = PERSON, .ops = &op, .op_count = 1};
    kith_commit commit = blocks_commit(1, &change, 1);
    assert_reads_back(&commit, 1);
}

/* Values by how they look in bytes, each of a type. */
static void test_body__gives_back_values_of_every_type(void **state)
{
    (void)state;
    static const kith_value values[] = {
        {KITH_TYPE_TEXT, BYTES("রানী")},
        {KITH_TYPE_INT, BYTES("\x05")},
        {KITH_TYPE_INT, BYTES("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01")},
        {KITH_TYPE_INT, BYTES("\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01")},
        {KITH_TYPE_DECIMAL, BYTES("\xfa\x01\x01")}, /* 12.5 */
        {KITH_TYPE_DECIMAL, BYTES("\x00\x00")},
        {KITH_TYPE_BOOL, BYTES("\x00")},
        {KITH_TYPE_BOOL, BYTES("\x01")},
        {KITH_TYPE_DATE, BYTES("\x00\xa0\x99\x02")}, /* a day */
        {KITH_TYPE_DATE, BYTES("\x06\x4e")},
        {KITH_TYPE_DATE, BYTES("\x2a\x4e\x52")},
        {KITH_TYPE_CODE, BYTES("missing_child")},
        {KITH_TYPE_REF, BYTES("\1\1\1\1\1\1\1\1\1\1\0\0\0\0\0\1")},
        {KITH_TYPE_REF, BYTES("\1\1\1\1\1\1\1\1\1\1\0\x7f\0\0\0\1")},
        {KITH_TYPE_REF, BYTES("\2\2\2\2\2\2\2\2\2\2\0\0\0\0\1\1")},
        {KITH_TYPE_REF, BYTES("\7\7\7\7\7\7\7\7\7\7\0\0\0\0\1\1")},
        {KITH_TYPE_GEO, BYTES("\xf0\x9e\xb8\x02\xa3\xdf\xe1\x08")},
        {KITH_TYPE_PHONE, BYTES("+919863012345")},
        {KITH_TYPE_PHONE, BYTES("000")},
        {KITH_TYPE_PHONE, BYTES("+999999999999999")},
        {KITH_TYPE_BLOB, BYTES("0123456789abcdef0123456789abcdef")},
        {15, BYTES("")},
        {127, BYTES("\x00\xff")},
    };
    kith_op ops[KITH_ARRAY_LENGTH(values)];
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(values); i++) {
        if (!kith_value_is_canonical(values[i])) {
            fail_msg("value %zu is none", i);
        }
        ops[i] = (kith_op){ALIASES, KITH_ACTION_ADD, values[i], NULL, 0};
    }
    kith_change change = {
        .deed = KITH_DEED_CREATE, .kind = PERSON, .ops = ops, .op_count = KITH_ARRAY_LENGTH(ops)};
    kith_commit commit = blocks_commit(1, &change, 1);
    assert_reads_back(&commit, 1);
}

static void test_body__gives_back_clocks_that_jump(void **state)
{
    (void)state;
    samples_jumping_clocks(assert_reads_back);
}

/* Nobody should do that, but a log may hold it. */
static void test_body__gives_back_edits_of_what_is_no_record(void **state)
{
    (void)state;
    kith_change changes[] = {{.deed = KITH_DEED_CREATE, .kind = PERSON},
                             {.deed = KITH_DEED_EDIT, .record = {US, 7}},
                             {.deed = KITH_DEED_KEEP, .record = {US, 8}},
                             {.deed = KITH_DEED_REMOVE, .record = {US, 9}}};
    kith_commit commit = blocks_commit(7, changes, KITH_ARRAY_LENGTH(changes));
    assert_reads_back(&commit, 1);
}

static void test_body__gives_back_logical_clocks_that_were_ahead(void **state)
{
    (void)state;
    samples_clocks_ahead(assert_reads_back);
}

static void test_body__gives_back_which_commit_was_undone(void **state)
{
    (void)state;
    samples_undoing(assert_reads_back);
}

static void test_body__takes_numbers_up_to_the_limit(void **state)
{
    (void)state;
    samples_last_numbers(assert_reads_back);
}

/* A record made in the segment, one from before it and one of another author, each written to
 * again and again: what is foreseen and what is not. */
static void test_body__gives_back_what_writes_replace(void **state)
{
    (void)state;
    static const kith_dot records[] = {{US, 5}, {US, 2}, {BEN, 9}};
    static kith_dot replaced[40];
    static kith_op ops[40];
    static kith_change changes[41];
    kith_commit commits[41];
    changes[0] = (kith_change){.deed = KITH_DEED_CREATE, .kind = PERSON};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(ops); i++) {
        bool is_set = i % 5 != 4;
        replaced[i] = i % 7 == 3 ? (kith_dot){BEN, i + 1} : (kith_dot){US, i < 3 ? 1 : i + 3};
        ops[i] = (kith_op){i % 2 == 0 ? NAME : ALIASES,
                           i % 2 == 0 ? (is_set ? KITH_ACTION_SET : KITH_ACTION_CLEAR)
                                      : (is_set ? KITH_ACTION_ADD : KITH_ACTION_REMOVE),
                           TEXT("x"), &replaced[i], i % 3 == 2 ? 0 : 1};
        ops[i].value = ops[i].action == KITH_ACTION_CLEAR ? (kith_value){0} : ops[i].value;
        changes[i + 1] = (kith_change){
            .deed = KITH_DEED_EDIT, .record = records[i % 3], .ops = &ops[i], .op_count = 1};
    }
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(commits); i++) {
        commits[i] = blocks_commit(5 + i, &changes[i], 1);
    }
    assert_reads_back(commits, KITH_ARRAY_LENGTH(commits));
}

static void test_body__costs_little_for_a_field_that_is_edited_often(void **state)
{
    (void)state;
    enum { EDITS = 500 };
    kith_dot *replaced = kith_arena_array(&arena, EDITS, sizeof *replaced);
    kith_op *ops = kith_arena_array(&arena, EDITS, sizeof *ops);
    kith_change *changes = kith_arena_array(&arena, EDITS, sizeof *changes);
    kith_commit *commits = kith_arena_array(&arena, EDITS, sizeof *commits);
    assert_true(replaced != NULL && ops != NULL && changes != NULL && commits != NULL);
    for (size_t i = 0; i < EDITS; i++) {
        replaced[i] = (kith_dot){US, i};
        ops[i] = (kith_op){NAME, KITH_ACTION_SET, TEXT("Rani"), &replaced[i], i > 0};
        changes[i] = (kith_change){.deed = i > 0 ? KITH_DEED_EDIT : KITH_DEED_CREATE,
                                   .kind = i > 0 ? 0 : PERSON,
                                   .record = {US, 1},
                                   .ops = &ops[i],
                                   .op_count = 1};
        commits[i] = blocks_commit(i + 1, &changes[i], 1);
    }
    assert_reads_back(commits, EDITS);
    assert_true(bytes.length < 200);
}

static void test_body__takes_as_much_as_a_commit_may_hold(void **state)
{
    (void)state;
    enum { DOTS = 4 };
    size_t op_count = KITH_COMMIT_BYTES_MAX / 16;
    test_random random = test_random_of(test_seed());
    kith_change *changes = kith_arena_array(&arena, KITH_COMMIT_CHANGES_MAX, sizeof *changes);
    kith_op *ops = kith_arena_array(&arena, op_count, sizeof *ops);
    kith_dot *dots = kith_arena_array(&arena, op_count * DOTS, sizeof *dots);
    assert_true(changes != NULL && ops != NULL && dots != NULL);
    for (size_t i = 0; i < op_count * DOTS; i++) {
        dots[i] = (kith_dot){BEN, 1 + test_below(&random, i % 97 == 0 ? KITH_NUMBER_MAX : 100)};
    }
    for (size_t i = 0; i < op_count; i++) {
        assert_ok(kith_value_of_integer((int64_t)i, &arena, &ops[i].value));
        ops[i].field = ALIASES;
        ops[i].action = KITH_ACTION_ADD;
        ops[i].replaces = &dots[i * DOTS];
        ops[i].replaces_count = DOTS;
    }
    size_t each = op_count / KITH_COMMIT_CHANGES_MAX;
    for (size_t i = 0; i < KITH_COMMIT_CHANGES_MAX; i++) {
        changes[i] = (kith_change){.kind = PERSON, .ops = &ops[i * each], .op_count = each};
    }
    kith_commit commit = blocks_commit(1, changes, KITH_COMMIT_CHANGES_MAX);
    blocks_write(&commit, 1, &bytes);
    assert_true(bytes.length > KITH_COMMIT_BYTES_MAX * 8 / 10);
    assert_reads_back(&commit, 1);
    assert_true(bytes.length < KITH_COMMIT_BYTES_MAX);
}

/* Bytes that nothing makes smaller, as many as a commit may hold. */
static void test_body__of_noise_is_no_longer_than_a_segment_may_be(void **state)
{
    (void)state;
    enum { VALUES = 7 };
    kith_op ops[VALUES];
    test_random random = test_random_of(test_seed());
    for (size_t i = 0; i < VALUES; i++) {
        uint8_t *noise = kith_arena_array(&arena, KITH_VALUE_BYTES_MAX, 1);
        assert_non_null(noise);
        for (size_t j = 0; j < KITH_VALUE_BYTES_MAX; j++) {
            noise[j] = (uint8_t)test_next(&random);
        }
        ops[i] = (kith_op){
            ALIASES, KITH_ACTION_ADD, {99, kith_slice_make(noise, KITH_VALUE_BYTES_MAX)}, NULL, 0};
    }
    kith_change change = {.kind = PERSON, .ops = ops, .op_count = VALUES};
    kith_commit commit = blocks_commit(1, &change, 1);
    assert_reads_back(&commit, 1);
    assert_true(bytes.length < KITH_SEGMENT_SEALED_MAX / 8 * 7);
}

static void test_body__tells_what_its_author_had_seen(void **state)
{
    (void)state;
    const kith_seen_head heads[] = {{blocks_authors[CHITRA].id, 7},
                                    {blocks_authors[BEN].id, KITH_NUMBER_MAX}};
    kith_change change = {.kind = PERSON};
    kith_commit commit = blocks_commit(77, &change, 1);
    kith_body_source source = segments_source(&commit, 1);
    kith_body body;
    source.heads = heads;
    source.head_count = 2;
    assert_ok(kith_body_write(test_context(), &source, &bytes));
    assert_ok(segments_open(kith_buf_slice(&bytes), &arena, &body));
    assert_int_equal(body.first, 77);
    assert_int_equal(body.head_count, 2);
    assert_memory_equal(body.heads[0].author.bytes, blocks_authors[CHITRA].id.bytes, 10);
    assert_int_equal(body.heads[0].segment, 7);
    assert_memory_equal(body.heads[1].author.bytes, blocks_authors[BEN].id.bytes, 10);
    assert_true(body.heads[1].segment == KITH_NUMBER_MAX);
}

static void test_body__is_appended_to_what_is_there(void **state)
{
    (void)state;
    kith_change change = {.kind = PERSON};
    kith_commit commit = blocks_commit(1, &change, 1);
    kith_buf_append_text(&bytes, "before");
    segments_write(&commit, 1, &bytes);
    assert_slice(kith_slice_head(kith_buf_slice(&bytes), 6), "before");
    segments_assert(kith_slice_skip(kith_buf_slice(&bytes), 6), &commit, 1);
}

static void test_body__that_does_not_fit_leaves_what_is_there(void **state)
{
    (void)state;
    kith_change change = {.kind = PERSON};
    kith_commit commit = blocks_commit(1, &change, 1);
    kith_body_source source = segments_source(&commit, 1);
    kith_buf small;
    kith_buf_init(&small, test_context(), 10);
    kith_buf_append_text(&small, "before");
    assert_status(kith_body_write(test_context(), &source, &small), KITH_E_LIMIT);
    assert_slice(kith_buf_slice(&small), "before");
    kith_buf_deinit(&small);
}

static kith_status write_and_read(kith_context *cx, void *user)
{
    const kith_body_source *source = user;
    kith_arena kept;
    kith_buf written;
    kith_body body;
    kith_commit commit;
    kith_arena_init(&kept, cx);
    kith_buf_init(&written, cx, 10000);
    kith_status status = kith_body_write(cx, source, &written);
    if (status == KITH_OK) {
        status = segments_open(kith_buf_slice(&written), &kept, &body);
    }
    while (status == KITH_OK) {
        status = kith_body_next(&body, &kept, &commit);
    }
    kith_buf_deinit(&written);
    kith_arena_deinit(&kept);
    return status == KITH_E_NOT_FOUND ? KITH_OK : status;
}

static void test_body__reports_lack_of_memory(void **state)
{
    (void)state;
    const kith_dot seen[] = {{BEN, 4}, {US, 1}};
    const kith_op ops[] = {
        {NAME, KITH_ACTION_SET, TEXT("Rani"), seen, 2},
        {NOTE, KITH_ACTION_SET, {99, KITH_SLICE("?")}, NULL, 0},
        {ALIASES, KITH_ACTION_ADD, {KITH_TYPE_INT, KITH_SLICE("\x02")}, seen, 1}};
    kith_change changes[] = {{.kind = PERSON, .ops = ops, .op_count = 3},
                             {.deed = KITH_DEED_REMOVE, .record = {BEN, 9}, .seen = seen}};
    changes[1].seen_count = 2;
    kith_commit commit = blocks_commit(5, changes, 2);
    kith_body_source source = segments_source(&commit, 1);
    heap_fail_each_allocation(write_and_read, &source);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_body__gives_back_every_deed_and_action),
        TEST(test_body__gives_back_changes_that_say_nothing),
        TEST(test_body__gives_back_changes_that_only_clear),
        TEST(test_body__gives_back_values_of_every_type),
        TEST(test_body__gives_back_clocks_that_jump),
        TEST(test_body__gives_back_logical_clocks_that_were_ahead),
        TEST(test_body__gives_back_edits_of_what_is_no_record),
        TEST(test_body__gives_back_which_commit_was_undone),
        TEST(test_body__takes_numbers_up_to_the_limit),
        TEST(test_body__gives_back_what_writes_replace),
        TEST(test_body__costs_little_for_a_field_that_is_edited_often),
        TEST(test_body__takes_as_much_as_a_commit_may_hold),
        TEST(test_body__of_noise_is_no_longer_than_a_segment_may_be),
        TEST(test_body__tells_what_its_author_had_seen),
        TEST(test_body__is_appended_to_what_is_there),
        TEST(test_body__that_does_not_fit_leaves_what_is_there),
        TEST(test_body__reports_lack_of_memory),
    };
    return cmocka_run_group_tests_name("segment/body", tests, NULL, NULL);
}
