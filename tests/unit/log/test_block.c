/* Writing blocks and reading them back; damage is in test_block_damage.c.
 * SPDX-License-Identifier: Apache-2.0 */
#include "log/block.h"

#include "base/limits.h"
#include "blocks.h"
#include "heap.h"
#include "samples.h"

enum { US = 1, BEN = 2, CHITRA = 3 }; /* authors */
enum { PERSON = 1, NAME = 2, NOTE = 3, ALIASES = 4, NAME_IN_BENGALI = 5 };

#define TEXT(literal)                       \
    {                                       \
        KITH_TYPE_TEXT, KITH_SLICE(literal) \
    }

static kith_arena arena;
static kith_buf bytes;
static kith_block_writer writer;

static int begin(void **state)
{
    (void)state;
    kith_arena_init(&arena, test_context());
    kith_buf_init(&bytes, test_context(), 2 * KITH_BLOCK_BYTES_MAX);
    kith_block_writer_init(&writer, test_context(), US);
    return 0;
}

static int end(void **state)
{
    (void)state;
    kith_arena_deinit(&arena);
    kith_buf_deinit(&bytes);
    kith_block_writer_deinit(&writer);
    return 0;
}

static kith_commit commit_at(uint64_t number, kith_change *change, kith_stamp stamp)
{
    kith_commit commit = blocks_commit(number, change, 1);
    commit.stamp = stamp;
    change->stamp = stamp;
    return commit;
}

static void assert_reads_back(const kith_commit *commits, size_t count)
{
    kith_buf_clear(&bytes);
    blocks_write(commits, count, &bytes);
    blocks_assert(kith_buf_slice(&bytes), commits, count);
}

static void test_block__gives_back_every_deed_and_action(void **state)
{
    (void)state;
    samples_every_deed(assert_reads_back);
}

static void test_block__gives_back_changes_that_say_nothing(void **state)
{
    (void)state;
    samples_empty_changes(assert_reads_back);
}

static void test_block__gives_back_values_of_every_type(void **state)
{
    (void)state;
    const kith_op ops[] = {{NAME, KITH_ACTION_SET, TEXT("রানী"), NULL, 0},
                           {NOTE, KITH_ACTION_SET, {KITH_TYPE_INT, KITH_SLICE("\x05")}, NULL, 0},
                           {ALIASES, KITH_ACTION_ADD, {99, KITH_SLICE("\x00\xff")}, NULL, 0},
                           {ALIASES, KITH_ACTION_ADD, {15, KITH_SLICE("")}, NULL, 0},
                           {NAME_IN_BENGALI, KITH_ACTION_SET, {127, KITH_SLICE("?")}, NULL, 0}};
    kith_change change = {
        .deed = KITH_DEED_CREATE, .kind = PERSON, .ops = ops, .op_count = KITH_ARRAY_LENGTH(ops)};
    kith_commit commit = blocks_commit(1, &change, 1);
    assert_reads_back(&commit, 1);
}

static void test_block__gives_back_clocks_that_jump(void **state)
{
    (void)state;
    samples_jumping_clocks(assert_reads_back);
}

static void test_block__gives_back_logical_clocks_that_were_ahead(void **state)
{
    (void)state;
    samples_clocks_ahead(assert_reads_back);
}

static void test_block__gives_back_which_commit_was_undone(void **state)
{
    (void)state;
    samples_undoing(assert_reads_back);
}

static void test_block__takes_numbers_up_to_the_limit(void **state)
{
    (void)state;
    samples_last_numbers(assert_reads_back);
}

static void test_block__takes_as_many_changes_as_a_commit_may_have(void **state)
{
    (void)state;
    kith_change *changes = kith_arena_array(&arena, KITH_COMMIT_CHANGES_MAX, sizeof *changes);
    assert_non_null(changes);
    for (size_t i = 0; i < KITH_COMMIT_CHANGES_MAX; i++) {
        changes[i].kind = PERSON;
    }
    kith_commit commit = blocks_commit(1, changes, KITH_COMMIT_CHANGES_MAX);
    assert_reads_back(&commit, 1);
}

static void test_block__takes_as_many_operations_and_dots_as_a_change_may_have(void **state)
{
    (void)state;
    kith_op *ops = kith_arena_array(&arena, KITH_CHANGE_OPS_MAX, sizeof *ops);
    kith_dot *dots = kith_arena_array(&arena, KITH_PREDECESSORS_MAX, sizeof *dots);
    assert_true(ops != NULL && dots != NULL);
    for (size_t i = 0; i < KITH_CHANGE_OPS_MAX; i++) {
        kith_value value;
        assert_ok(kith_value_of_integer((int64_t)i, &arena, &value));
        ops[i] = (kith_op){ALIASES, KITH_ACTION_ADD, value, NULL, 0};
    }
    for (size_t i = 0; i < KITH_PREDECESSORS_MAX; i++) {
        dots[i] = (kith_dot){BEN, i + 1};
    }
    ops[0].replaces = dots;
    ops[0].replaces_count = KITH_PREDECESSORS_MAX;
    kith_change change = {.kind = PERSON, .ops = ops, .op_count = KITH_CHANGE_OPS_MAX};
    kith_commit commit = blocks_commit(1, &change, 1);
    assert_reads_back(&commit, 1);
}

#define US_ID "\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01"
#define BEN_ID "\x02\x02\x02\x02\x02\x02\x02\x02\x02\x02"

static void test_block_writer__follows_the_specification(void **state)
{
    (void)state;
    const kith_dot seen[] = {{US, 6}, {BEN, 300}};
    const kith_op ops[] = {{NAME, KITH_ACTION_SET, TEXT("Rani"), NULL, 0}};
    const kith_op edits[] = {{NAME, KITH_ACTION_CLEAR, {0}, seen, 2}};
    kith_change changes[] = {
        {.deed = KITH_DEED_CREATE, .kind = PERSON, .ops = ops, .op_count = 1},
        {.deed = KITH_DEED_EDIT, .record = {US, 6}, .ops = edits, .op_count = 1},
        {.deed = KITH_DEED_REMOVE, .record = {BEN, 9}, .seen = seen, .seen_count = 1},
    };
    kith_commit commits[] = {
        commit_at(7, &changes[0], (kith_stamp){3, 1, KITH_TRUST_CONFIRMED}),
        blocks_commit(8, &changes[1], 2),
    };
    commits[1].stamp = (kith_stamp){1, 0, KITH_TRUST_NONE};
    commits[1].ahead_ms = 5;
    commits[1].undoes = 7;
    blocks_write(commits, 2, &bytes);
    kith_slice expected = KITH_SLICE("\x01" US_ID "\x07\x02"  /* from 7, two commits */
                                     "\x01" BEN_ID            /* 1: Ben */
                                     "\x02\x06person\x04name" /* 0: person, 1: name */
                                     "\x01\x00\x06\x0a"       /* one change, 3 ms, 1 and 2 */
                                     "\x00\x01\x08\x41Rani"   /* create, set name */
                                     "\x02\x01\x03\x04\x05"   /* two, undoes, -2 ms, ahead */
                                     "\x01\x00\x02"           /* edit, two changes back */
                                     "\x01\x0b\x02\x00\x02\x01\xac\x02" /* clear, two dots */
                                     "\x02\x01\x09"                     /* remove, of Ben's 9 */
                                     "\x00\x01\x00\x03"); /* replaces none, seen one */
    assert_int_equal(bytes.length, expected.length);
    assert_memory_equal(bytes.data, expected.data, expected.length);
}

static void test_block_writer__spells_each_name_and_author_once(void **state)
{
    (void)state;
    const kith_dot seen[] = {{BEN, 1}, {CHITRA, 1}, {BEN, 2}};
    const kith_op ops[] = {{NAME, KITH_ACTION_SET, TEXT("a"), seen, 3},
                           {NOTE, KITH_ACTION_SET, TEXT("b"), seen, 3}};
    kith_change changes[2] = {{.kind = PERSON, .ops = ops, .op_count = 2},
                              {.kind = PERSON, .ops = ops, .op_count = 2}};
    kith_commit commit = blocks_commit(1, changes, 2);
    kith_block block;
    blocks_write(&commit, 1, &bytes);
    assert_ok(blocks_open(kith_buf_slice(&bytes), &arena, &block));
    assert_int_equal(block.author_count, 2);
    assert_int_equal(block.name_count, 3);
}

static void test_block_writer__keeps_its_commits_when_a_block_is_made(void **state)
{
    (void)state;
    kith_change changes[] = {{.kind = PERSON}, {.kind = PERSON}};
    kith_commit commits[] = {blocks_commit(1, &changes[0], 1), blocks_commit(2, &changes[1], 1)};
    assert_int_equal(kith_block_writer_bytes(&writer), 0);
    assert_ok(kith_block_writer_add(&writer, &commits[0]));
    assert_ok(kith_block_writer_finish(&writer, blocks_authors, blocks_names, &bytes));
    blocks_assert(kith_buf_slice(&bytes), commits, 1);
    size_t before = kith_block_writer_bytes(&writer);
    assert_ok(kith_block_writer_add(&writer, &commits[1]));
    assert_true(kith_block_writer_bytes(&writer) > before);
    kith_buf_clear(&bytes);
    assert_ok(kith_block_writer_finish(&writer, blocks_authors, blocks_names, &bytes));
    blocks_assert(kith_buf_slice(&bytes), commits, 2);
}

static void test_block_writer_clear__forgets_all_commits(void **state)
{
    (void)state;
    const kith_dot seen = {BEN, 1};
    const kith_op op = {NOTE, KITH_ACTION_SET, TEXT("a"), &seen, 1};
    kith_change before = {.kind = NAME_IN_BENGALI, .ops = &op, .op_count = 1};
    kith_change change = {.kind = PERSON};
    kith_commit old = blocks_commit(1, &before, 1);
    kith_commit commit = blocks_commit(900, &change, 1);
    assert_ok(kith_block_writer_add(&writer, &old));
    kith_block_writer_clear(&writer);
    assert_int_equal(kith_block_writer_bytes(&writer), 0);
    assert_ok(kith_block_writer_add(&writer, &commit));
    assert_ok(kith_block_writer_finish(&writer, blocks_authors, blocks_names, &bytes));
    kith_buf expected;
    kith_buf_init(&expected, test_context(), KITH_BLOCK_BYTES_MAX);
    blocks_write(&commit, 1, &expected);
    assert_true(kith_slice_equal(kith_buf_slice(&bytes), kith_buf_slice(&expected)));
    kith_buf_deinit(&expected);
}

/* A commit of so many bytes at least, with names and authors of its own. */
static kith_commit long_commit(uint64_t first, size_t size)
{
    size_t count = size / KITH_VALUE_BYTES_MAX + 1;
    kith_change *changes = kith_arena_array(&arena, count, sizeof *changes);
    kith_op *ops = kith_arena_array(&arena, count, sizeof *ops);
    kith_dot *dot = kith_arena_array(&arena, 1, sizeof *dot);
    uint8_t *text = kith_arena_allocate(&arena, KITH_VALUE_BYTES_MAX);
    assert_true(changes != NULL && ops != NULL && dot != NULL && text != NULL);
    memset(text, 'x', KITH_VALUE_BYTES_MAX);
    *dot = (kith_dot){CHITRA, 1};
    for (size_t i = 0; i < count; i++) {
        size_t length = size < KITH_VALUE_BYTES_MAX ? size : KITH_VALUE_BYTES_MAX;
        size -= length;
        ops[i] = (kith_op){ALIASES, KITH_ACTION_SET, TEXT(""), dot, 1};
        ops[i].value.bytes = kith_slice_make(text, length > 0 ? length : 1);
        changes[i] = (kith_change){.kind = NAME_IN_BENGALI, .ops = &ops[i], .op_count = 1};
    }
    return blocks_commit(first, changes, count);
}

static void test_block_writer_add__takes_a_commit_of_nearly_the_limit(void **state)
{
    (void)state;
    kith_commit commit = long_commit(1, KITH_COMMIT_BYTES_MAX - 200);
    assert_reads_back(&commit, 1);
}

/* The writer goes on as if the commit had not been tried. */
static void assert_left_as_it_was(const kith_commit *commits, size_t count)
{
    kith_buf_clear(&bytes);
    assert_ok(kith_block_writer_finish(&writer, blocks_authors, blocks_names, &bytes));
    kith_buf expected;
    kith_buf_init(&expected, test_context(), KITH_BLOCK_BYTES_MAX);
    blocks_write(commits, count, &expected);
    assert_true(kith_slice_equal(kith_buf_slice(&bytes), kith_buf_slice(&expected)));
    kith_buf_deinit(&expected);
}

static void test_block_writer_add__refuses_a_commit_that_is_too_long(void **state)
{
    (void)state;
    kith_change changes[] = {{.kind = PERSON}, {.kind = PERSON}};
    kith_commit commits[] = {blocks_commit(1, &changes[0], 1), blocks_commit(2, &changes[1], 1)};
    kith_commit too_long = long_commit(2, KITH_COMMIT_BYTES_MAX);
    assert_ok(kith_block_writer_add(&writer, &commits[0]));
    assert_status(kith_block_writer_add(&writer, &too_long), KITH_E_LIMIT);
    assert_left_as_it_was(commits, 1);
    assert_ok(kith_block_writer_add(&writer, &commits[1]));
    assert_left_as_it_was(commits, 2);
}

static void test_block_writer_add__refuses_what_the_block_has_no_room_for(void **state)
{
    (void)state;
    kith_commit commits[] = {long_commit(1, 400 * 1024), {.change_count = 0}};
    commits[1] = long_commit(1 + commits[0].change_count, 400 * 1024);
    uint64_t next = commits[1].first.number + commits[1].change_count;
    kith_commit third = long_commit(next, 400 * 1024);
    assert_ok(kith_block_writer_add(&writer, &commits[0]));
    assert_ok(kith_block_writer_add(&writer, &commits[1]));
    assert_status(kith_block_writer_add(&writer, &third), KITH_E_LIMIT);
    assert_left_as_it_was(commits, 2);
}

/* Names count, too: what is longer than a block may be could not be read back. */
static void test_block_writer_finish__makes_no_block_that_is_too_long(void **state)
{
    (void)state;
    enum { FIELDS = 17000 };
    kith_slice *names = kith_arena_array(&arena, FIELDS + 1, sizeof *names);
    uint8_t *text = kith_arena_allocate(&arena, KITH_NAME_BYTES_MAX);
    kith_op *ops = kith_arena_array(&arena, FIELDS, sizeof *ops);
    kith_change changes[FIELDS / KITH_CHANGE_OPS_MAX + 1] = {{.kind = 0}};
    assert_true(names != NULL && text != NULL && ops != NULL);
    memset(text, 'n', KITH_NAME_BYTES_MAX);
    for (uint32_t i = 0; i < FIELDS; i++) {
        names[i + 1] = kith_slice_make(text, KITH_NAME_BYTES_MAX);
        ops[i] = (kith_op){i + 1, KITH_ACTION_SET, TEXT("x"), NULL, 0};
        kith_change *change = &changes[i / KITH_CHANGE_OPS_MAX];
        change->kind = 1;
        change->ops = change->op_count == 0 ? &ops[i] : change->ops;
        change->op_count++;
    }
    kith_commit commit = blocks_commit(1, changes, KITH_ARRAY_LENGTH(changes));
    assert_ok(kith_block_writer_add(&writer, &commit));
    assert_status(kith_block_writer_finish(&writer, blocks_authors, names, &bytes), KITH_E_LIMIT);
}

static void test_block_open__tells_the_head(void **state)
{
    (void)state;
    const kith_dot seen[] = {{CHITRA, 1}, {BEN, 1}};
    kith_change change = {
        .deed = KITH_DEED_KEEP, .record = {CHITRA, 5}, .replaces = seen, .replaces_count = 2};
    kith_commit commit = blocks_commit(77, &change, 1);
    kith_block block;
    blocks_write(&commit, 1, &bytes);
    assert_ok(kith_block_open(test_context(), kith_buf_slice(&bytes), &arena, &block));
    assert_memory_equal(block.author.bytes, blocks_authors[US].id.bytes, KITH_AUTHOR_BYTES);
    assert_int_equal(block.first, 77);
    assert_int_equal(block.commit_count, 1);
    assert_int_equal(block.author_count, 2);
    kith_author_id first = kith_block_author(&block, 0);
    kith_author_id second = kith_block_author(&block, 1);
    assert_memory_equal(first.bytes, blocks_authors[CHITRA].id.bytes, KITH_AUTHOR_BYTES);
    assert_memory_equal(second.bytes, blocks_authors[BEN].id.bytes, KITH_AUTHOR_BYTES);
}

static kith_commit varied_commit(void)
{
    static const kith_dot seen[] = {{CHITRA, 1}, {BEN, 1}, {US, 1}};
    static kith_op ops[20];
    static kith_change changes[2];
    for (uint32_t i = 0; i < KITH_ARRAY_LENGTH(ops); i++) {
        ops[i] = (kith_op){NAME + i % 4,
                           KITH_ACTION_ADD,
                           {99, {(const uint8_t *)"abcdefghijklmnopqrstuvwxyz", i + 1}},
                           seen,
                           3};
    }
    changes[0] = (kith_change){.kind = PERSON, .ops = ops, .op_count = KITH_ARRAY_LENGTH(ops)};
    changes[1] = (kith_change){.deed = KITH_DEED_REMOVE,
                               .record = {US, 1},
                               .replaces = seen,
                               .replaces_count = 3,
                               .seen = seen,
                               .seen_count = 3};
    return blocks_commit(5, changes, 2);
}

static kith_status write_with_little_memory(kith_context *cx, void *user)
{
    const kith_commit *commit = user;
    kith_block_writer scarce;
    kith_buf out;
    kith_buf_init(&out, cx, KITH_BLOCK_BYTES_MAX);
    kith_block_writer_init(&scarce, cx, US);
    kith_status status = kith_block_writer_add(&scarce, commit);
    assert_true(status == KITH_OK || kith_block_writer_bytes(&scarce) == 0);
    if (status == KITH_OK) {
        status = kith_block_writer_finish(&scarce, blocks_authors, blocks_names, &out);
    }
    kith_block_writer_deinit(&scarce);
    kith_buf_deinit(&out);
    return status;
}

static void test_block_writer__reports_lack_of_memory(void **state)
{
    (void)state;
    kith_commit commit = varied_commit();
    heap_fail_each_allocation(write_with_little_memory, &commit);
}

static kith_status read_with_little_memory(kith_context *cx, void *user)
{
    const kith_slice *of = user;
    kith_arena scarce;
    kith_block block;
    kith_commit commit;
    kith_arena_init(&scarce, cx);
    kith_status status = blocks_open(*of, &scarce, &block);
    if (status == KITH_OK) {
        status = kith_block_next(&block, &scarce, &commit);
    }
    kith_arena_deinit(&scarce);
    return status;
}

static void test_block_next__reports_lack_of_memory(void **state)
{
    (void)state;
    kith_commit commit = varied_commit();
    blocks_write(&commit, 1, &bytes);
    kith_slice slice = kith_buf_slice(&bytes);
    heap_fail_each_allocation(read_with_little_memory, &slice);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_block__gives_back_every_deed_and_action),
        TEST(test_block__gives_back_changes_that_say_nothing),
        TEST(test_block__gives_back_values_of_every_type),
        TEST(test_block__gives_back_clocks_that_jump),
        TEST(test_block__gives_back_logical_clocks_that_were_ahead),
        TEST(test_block__gives_back_which_commit_was_undone),
        TEST(test_block__takes_numbers_up_to_the_limit),
        TEST(test_block__takes_as_many_changes_as_a_commit_may_have),
        TEST(test_block__takes_as_many_operations_and_dots_as_a_change_may_have),
        TEST(test_block_writer__follows_the_specification),
        TEST(test_block_writer__spells_each_name_and_author_once),
        TEST(test_block_writer__keeps_its_commits_when_a_block_is_made),
        TEST(test_block_writer_clear__forgets_all_commits),
        TEST(test_block_writer_add__takes_a_commit_of_nearly_the_limit),
        TEST(test_block_writer_add__refuses_a_commit_that_is_too_long),
        TEST(test_block_writer_add__refuses_what_the_block_has_no_room_for),
        TEST(test_block_writer_finish__makes_no_block_that_is_too_long),
        TEST(test_block_open__tells_the_head),
        TEST(test_block_writer__reports_lack_of_memory),
        TEST(test_block_next__reports_lack_of_memory),
    };
    return cmocka_run_group_tests_name("log/block", tests, NULL, NULL);
}
