/* Bytes that are no block, or not quite: proto/spec/encoding.md §3.
 * SPDX-License-Identifier: Apache-2.0 */

#include "base/limits.h"
#include "blocks.h"

#define US_ID "\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01"
#define BEN_ID "\x02\x02\x02\x02\x02\x02\x02\x02\x02\x02"

/* The head of a block whose only commit begins with change 5, and its tables: author 1 is Ben, name
 * 0 is person, name 1 is name. */
#define TABLES "\x01" BEN_ID "\x02\x06person\x04name"
#define HEAD "\x01" US_ID "\x05\x01" TABLES

static kith_buf bytes;

static int begin(void **state)
{
    (void)state;
    kith_buf_init(&bytes, test_context(), 2 * KITH_BLOCK_BYTES_MAX);
    return 0;
}

static int end(void **state)
{
    (void)state;
    kith_buf_deinit(&bytes);
    return 0;
}

static void assert_answers(kith_slice block, kith_status expected, const char *what)
{
    kith_status status = test_read_tightly(block, blocks_read);
    if (status != expected) {
        fail_msg("%s: %s", what, kith_status_name(status));
    }
}

/* A block, or a commit, and what is wrong with it. */
typedef struct example {
    const char *what;
    kith_slice bytes;
} example;

static void assert_commits(const example *examples, size_t count, kith_status expected)
{
    for (size_t i = 0; i < count; i++) {
        kith_buf_clear(&bytes);
        kith_buf_append_slice(&bytes, KITH_SLICE(HEAD));
        kith_buf_append_slice(&bytes, examples[i].bytes);
        assert_answers(kith_buf_slice(&bytes), expected, examples[i].what);
    }
}

#define ASSERT_COMMITS(examples, expected) \
    assert_commits((examples), KITH_ARRAY_LENGTH(examples), (expected))

/* The commits that those refused below differ from. */
static void test_block_next__takes_what_is_right(void **state)
{
    (void)state;
    static const example commits[] = {
        {"create", BYTES("\x01\x00\x00\x01\x00\x00")},
        {"create, set name", BYTES("\x01\x00\x00\x01\x00\x01\x08\x11x")},
        {"create, clear name", BYTES("\x01\x00\x00\x01\x00\x01\x0a")},
        {"create, add to name, twice", BYTES("\x01\x00\x00\x01\x00\x02\x0c\x11x\x0c\x11y")},
        {"create, set and add to name", BYTES("\x01\x00\x00\x01\x00\x02\x08\x11x\x0c\x11x")},
        {"create, replacing Ben's 1", BYTES("\x01\x00\x00\x01\x00\x01\x09\x11x\x01\x01\x01")},
        {"create, replacing our 1", BYTES("\x01\x00\x00\x01\x00\x01\x09\x11x\x01\x00\x04")},
        {"edit", BYTES("\x01\x00\x00\x01\x01\x00\x04\x00")},
        {"remove", BYTES("\x01\x00\x00\x01\x02\x00\x04\x00\x00")},
        {"keep", BYTES("\x01\x00\x00\x01\x03\x00\x04\x00")},
        {"undoes", BYTES("\x01\x04\x00\x01\x00\x00")},
        {"ahead", BYTES("\x01\x00\x00\x05\x01\x00\x00")},
        {"latest time", BYTES("\x01\x00\xfe\xef\xfe\xa1\xfa\x9d\x73\x01\x00\x00")},
    };
    ASSERT_COMMITS(commits, KITH_OK);
}

static void test_block_next__refuses_commits_that_are_malformed(void **state)
{
    (void)state;
    static const example commits[] = {
        {"no changes", BYTES("\x00\x00\x00\x01\x00\x00")},
        {"more changes than bytes", BYTES("\x7f\x00\x00\x01\x00\x00")},
        {"undoes what was never made", BYTES("\x01\x05\x00\x01\x00\x00")},
        {"a time past the limit", BYTES("\x01\x00\x80\xf0\xfe\xa1\xfa\x9d\x73\x01\x00\x00")},
        {"a time before the limit", BYTES("\x01\x00\xff\xef\xfe\xa1\xfa\x9d\x73\x01\x00\x00")},
        {"a time past 64 bits",
         BYTES("\x01\x00\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01\x01\x00\x00")},
        {"trust 3", BYTES("\x01\x00\x00\x03\x00\x00")},
        {"a counter past 32 bits", BYTES("\x01\x00\x00\x81\x80\x80\x80\x80\x01\x00\x00")},
        {"ahead by nothing", BYTES("\x01\x00\x00\x05\x00\x00\x00")},
        {"bytes left over", BYTES("\x01\x00\x00\x01\x00\x00\x00")},
        {"a commit left over", BYTES("\x01\x00\x00\x01\x00\x00\x01\x00\x00\x01\x00\x00")},
        {"a number in a longer form", BYTES("\x81\x00\x00\x00\x01\x00\x00")},
    };
    ASSERT_COMMITS(commits, KITH_E_DAMAGED);
}

static void test_block_next__refuses_changes_that_are_malformed(void **state)
{
    (void)state;
    static const example commits[] = {
        {"a kind that is not in the table", BYTES("\x01\x00\x00\x01\x08\x00")},
        {"a kind where none is given", BYTES("\x01\x00\x00\x01\x05\x00\x04\x00")},
        {"an edit of itself", BYTES("\x01\x00\x00\x01\x01\x00\x00\x00")},
        {"an edit of our change 0", BYTES("\x01\x00\x00\x01\x01\x00\x05\x00")},
        {"an edit of Ben's change 0", BYTES("\x01\x00\x00\x01\x01\x01\x00\x00")},
        {"an edit of an author that is not in the table",
         BYTES("\x01\x00\x00\x01\x01\x02\x01\x00")},
        {"an edit of a change past the limit",
         BYTES("\x01\x00\x00\x01\x01\x01\x80\x80\x80\x80\x80\x20\x00")},
        {"more operations than bytes", BYTES("\x01\x00\x00\x01\x00\x7f\x08\x11x")},
        {"a field that is not in the table", BYTES("\x01\x00\x00\x01\x00\x01\x10\x11x")},
        {"a set of nothing", BYTES("\x01\x00\x00\x01\x00\x01\x08\x00")},
        {"an addition of nothing", BYTES("\x01\x00\x00\x01\x00\x01\x0c\x00")},
        {"a value that is not canonical", BYTES("\x01\x00\x00\x01\x00\x01\x08\x14\x02")},
        {"a write of the same change replaced",
         BYTES("\x01\x00\x00\x01\x00\x01\x09\x11x\x01\x00\x00")},
        {"more dots than bytes", BYTES("\x01\x00\x00\x01\x00\x01\x09\x11x\x7f\x00\x01")},
    };
    ASSERT_COMMITS(commits, KITH_E_DAMAGED);
}

static void test_block_next__refuses_changes_that_write_one_place_twice(void **state)
{
    (void)state;
    static const example commits[] = {
        {"set, set", BYTES("\x01\x00\x00\x01\x00\x02\x08\x11x\x08\x11y")},
        {"set, clear", BYTES("\x01\x00\x00\x01\x00\x02\x08\x11x\x0a")},
        {"the same, with another field between",
         BYTES("\x01\x00\x00\x01\x00\x03\x08\x11x\x00\x11x\x0a")},
        {"add, add", BYTES("\x01\x00\x00\x01\x00\x02\x0c\x11x\x0c\x11x")},
        {"add, remove", BYTES("\x01\x00\x00\x01\x00\x02\x0c\x11x\x0e\x11x")},
    };
    ASSERT_COMMITS(commits, KITH_E_DAMAGED);
}

/* Two entries of the table may spell one name. */
static void test_block_next__tells_places_apart_by_their_names(void **state)
{
    (void)state;
    kith_slice block = KITH_SLICE("\x01" US_ID "\x05\x01\x00"
                                  "\x03\x06person\x04name\x04name"
                                  "\x01\x00\x00\x01\x00\x02\x08\x11x\x10\x11y");
    assert_answers(block, KITH_E_DAMAGED, "one field under two numbers");
}

static void test_block_next__counts_numbers_up_to_the_limit(void **state)
{
    (void)state;
#define LAST "\xff\xff\xff\xff\xff\x1f" /* 2^40 - 1 */
    assert_answers(KITH_SLICE("\x01" US_ID LAST "\x01" TABLES "\x01\x00\x00\x01\x00\x00"), KITH_OK,
                   "the last change");
    assert_answers(KITH_SLICE("\x01" US_ID LAST "\x01" TABLES "\x02\x00\x00\x01\x00\x00\x00\x00"),
                   KITH_E_DAMAGED, "one more in its commit");
    assert_answers(KITH_SLICE("\x01" US_ID LAST "\x02" TABLES
                              "\x01\x00\x00\x01\x00\x00\x01\x00\x00\x01\x00\x00"),
                   KITH_E_DAMAGED, "one more in another commit");
}

static void test_block_open__refuses_heads_that_are_malformed(void **state)
{
    (void)state;
#define COMMIT "\x01\x00\x00\x01\x00\x00"
    static const example blocks[] = {
        {"nothing", {NULL, 0}},
        {"version 0", BYTES("\x00" US_ID "\x05\x01" TABLES COMMIT)},
        {"a version alone", BYTES("\x01")},
        {"change 0", BYTES("\x01" US_ID "\x00\x01" TABLES COMMIT)},
        {"a number past the limit",
         BYTES("\x01" US_ID "\x80\x80\x80\x80\x80\x20\x01" TABLES COMMIT)},
        {"no commits", BYTES("\x01" US_ID "\x05\x00" TABLES)},
        {"fewer commits than said", BYTES("\x01" US_ID "\x05\x02" TABLES COMMIT)},
        {"more commits than bytes", BYTES("\x01" US_ID "\x05\x7f" TABLES COMMIT)},
        {"more authors than bytes", BYTES("\x01" US_ID "\x05\x01\x7f" BEN_ID)},
        {"its author among the others",
         BYTES("\x01" US_ID "\x05\x01\x02" BEN_ID US_ID "\x01\x06person" COMMIT)},
        {"more names than bytes", BYTES("\x01" US_ID "\x05\x01\x00\x7f\x06person" COMMIT)},
        {"a name of no bytes", BYTES("\x01" US_ID "\x05\x01\x00\x02\x00\x06person" COMMIT)},
        {"a name of 65 bytes",
         BYTES("\x01" US_ID "\x05\x01\x00\x01\x41"
               "a2345678901234567890123456789012345678901234567890123456789012345" COMMIT)},
        {"a name that is no UTF-8", BYTES("\x01" US_ID "\x05\x01\x00\x01\x02\xff\xff" COMMIT)},
        {"a name that holds an escape", BYTES("\x01" US_ID "\x05\x01\x00\x01\x02\x1b[" COMMIT)},
        {"a name longer than the block", BYTES("\x01" US_ID "\x05\x01\x00\x01\x7fperson" COMMIT)},
    };
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(blocks); i++) {
        assert_answers(blocks[i].bytes, KITH_E_DAMAGED, blocks[i].what);
    }
}

static void test_block_open__tells_later_versions_from_damage(void **state)
{
    (void)state;
    assert_answers(KITH_SLICE("\x02"), KITH_E_NEWER, "version 2, of which nothing else is known");
    assert_answers(KITH_SLICE("\xff" US_ID "\x05\x01"), KITH_E_NEWER, "version 255");
}

static void test_block_open__refuses_blocks_past_the_limit(void **state)
{
    (void)state;
    kith_buf_append_slice(&bytes, KITH_SLICE(HEAD COMMIT));
    uint8_t *rest = kith_buf_extend(&bytes, KITH_BLOCK_BYTES_MAX + 1 - bytes.length);
    assert_non_null(rest);
    memset(rest, 0, KITH_BLOCK_BYTES_MAX + 1 - sizeof(HEAD COMMIT) + 1);
    kith_arena arena;
    kith_block block;
    kith_arena_init(&arena, test_context());
    assert_status(blocks_open(kith_buf_slice(&bytes), &arena, &block), KITH_E_DAMAGED);
    bytes.length--;
    assert_ok(blocks_open(kith_buf_slice(&bytes), &arena, &block));
    kith_arena_deinit(&arena);
}

/* So many of a few bytes. */
static void append_times(const char *text, size_t length, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        kith_buf_append(&bytes, text, length);
    }
}

static void test_block_next__refuses_more_changes_than_a_commit_may_have(void **state)
{
    (void)state;
    for (size_t count = KITH_COMMIT_CHANGES_MAX; count <= KITH_COMMIT_CHANGES_MAX + 1; count++) {
        kith_buf_clear(&bytes);
        kith_buf_append_slice(&bytes, KITH_SLICE(HEAD));
        kith_write_varint(&bytes, count);
        kith_buf_append_slice(&bytes, KITH_SLICE("\x00\x00\x01"));
        append_times("\x00\x00", 2, count);
        assert_answers(kith_buf_slice(&bytes),
                       count > KITH_COMMIT_CHANGES_MAX ? KITH_E_DAMAGED : KITH_OK, "changes");
    }
}

static void test_block_next__refuses_more_operations_than_a_change_may_have(void **state)
{
    (void)state;
    for (size_t count = KITH_CHANGE_OPS_MAX; count <= KITH_CHANGE_OPS_MAX + 1; count++) {
        kith_buf_clear(&bytes);
        kith_buf_append_slice(&bytes, KITH_SLICE(HEAD "\x01\x00\x00\x01\x00"));
        kith_write_varint(&bytes, count);
        for (size_t i = 0; i < count; i++) { /* additions of codes that differ */
            kith_buf_format(&bytes, "\x0c\x46%04zu", i);
        }
        assert_answers(kith_buf_slice(&bytes),
                       count > KITH_CHANGE_OPS_MAX ? KITH_E_DAMAGED : KITH_OK, "operations");
    }
}

static void test_block_next__refuses_more_dots_than_a_write_may_replace(void **state)
{
    (void)state;
    for (size_t count = KITH_PREDECESSORS_MAX; count <= KITH_PREDECESSORS_MAX + 1; count++) {
        kith_buf_clear(&bytes);
        kith_buf_append_slice(&bytes, KITH_SLICE(HEAD "\x01\x00\x00\x01\x03\x00\x04"));
        kith_write_varint(&bytes, count);
        append_times("\x01\x01", 2, count);
        assert_answers(kith_buf_slice(&bytes),
                       count > KITH_PREDECESSORS_MAX ? KITH_E_DAMAGED : KITH_OK, "dots");
    }
}

/* A block with something of everything. */
static void write_varied_block(void)
{
    const kith_dot seen[] = {{1, 3}, {2, 400}, {3, 1}};
    const kith_op ops[] = {
        {2, KITH_ACTION_SET, {KITH_TYPE_TEXT, KITH_SLICE("Rina")}, seen, 3},
        {3, KITH_ACTION_CLEAR, {0}, seen, 1},
        {4, KITH_ACTION_ADD, {KITH_TYPE_DATE, KITH_SLICE("\x19\xa8\x07\xb2\x07")}, NULL, 0},
        {4, KITH_ACTION_REMOVE, {99, KITH_SLICE("??")}, seen + 1, 2}};
    kith_change changes[] = {
        {.id = {1, 12}, .record = {1, 12}, .kind = 1, .ops = ops, .op_count = 1},
        {.id = {1, 13}, .record = {1, 3}, .deed = KITH_DEED_EDIT, .ops = ops, .op_count = 4},
        {.id = {1, 14},
         .record = {2, 7},
         .deed = KITH_DEED_REMOVE,
         .replaces = seen,
         .replaces_count = 2,
         .seen = seen,
         .seen_count = 3},
        {.id = {1, 15},
         .record = {3, 9},
         .deed = KITH_DEED_KEEP,
         .replaces = seen + 1,
         .replaces_count = 1}};
    const kith_commit commits[] = {{.first = {1, 12},
                                    .stamp = {INT64_C(1795507200000), 7, 1},
                                    .changes = changes,
                                    .change_count = 3},
                                   {.first = {1, 15},
                                    .stamp = {5, 0, 0},
                                    .ahead_ms = 900,
                                    .undoes = 12,
                                    .changes = changes + 3,
                                    .change_count = 1}};
    blocks_write(commits, KITH_ARRAY_LENGTH(commits), &bytes);
}

static void test_block__refuses_every_cut(void **state)
{
    (void)state;
    write_varied_block();
    assert_answers(kith_buf_slice(&bytes), KITH_OK, "the whole");
    for (size_t length = 0; length < bytes.length; length++) {
        assert_answers(kith_slice_make(bytes.data, length), KITH_E_DAMAGED, "a cut");
    }
}

static void test_block__reads_or_refuses_every_flipped_byte(void **state)
{
    (void)state;
    write_varied_block();
    for (size_t i = 0; i < bytes.length; i++) {
        uint8_t right = bytes.data[i];
        for (unsigned flip = 1; flip <= UINT8_MAX; flip++) {
            bytes.data[i] = (uint8_t)(right ^ flip);
            kith_status status = blocks_read(kith_buf_slice(&bytes));
            bool is_later = i == 0 && bytes.data[i] > 1;
            if (is_later ? status != KITH_E_NEWER : status != KITH_OK && status != KITH_E_DAMAGED) {
                fail_msg("byte %zu as %02x: %s", i, bytes.data[i], kith_status_name(status));
            }
        }
        bytes.data[i] = right;
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_block_next__takes_what_is_right),
        TEST(test_block_next__refuses_commits_that_are_malformed),
        TEST(test_block_next__refuses_changes_that_are_malformed),
        TEST(test_block_next__refuses_changes_that_write_one_place_twice),
        TEST(test_block_next__tells_places_apart_by_their_names),
        TEST(test_block_next__counts_numbers_up_to_the_limit),
        TEST(test_block_open__refuses_heads_that_are_malformed),
        TEST(test_block_open__tells_later_versions_from_damage),
        TEST(test_block_open__refuses_blocks_past_the_limit),
        TEST(test_block_next__refuses_more_changes_than_a_commit_may_have),
        TEST(test_block_next__refuses_more_operations_than_a_change_may_have),
        TEST(test_block_next__refuses_more_dots_than_a_write_may_replace),
        TEST(test_block__refuses_every_cut),
        TEST(test_block__reads_or_refuses_every_flipped_byte),
    };
    return cmocka_run_group_tests_name("log/block, damage", tests, NULL, NULL);
}
