/* Bodies that are damaged: proto/spec/segment.md §3. SPDX-License-Identifier: Apache-2.0 */

#include "base/limits.h"
#include "segments.h"

static kith_buf bytes;

static int begin(void **state)
{
    (void)state;
    kith_buf_init(&bytes, test_context(), 2 * KITH_SEGMENT_INFLATED_MAX);
    return 0;
}

static int end(void **state)
{
    (void)state;
    kith_buf_deinit(&bytes);
    return 0;
}

/* Of everything that a body can hold something. */
static void write_varied(void)
{
    enum { US = 1, BEN = 2, CHITRA = 3, PERSON = 1, NAME = 2, NOTE = 3, ALIASES = 4 };
    static const kith_dot seen[] = {{US, 2}, {BEN, 400}, {CHITRA, 1}};
    static const kith_value name = {KITH_TYPE_TEXT, BYTES("Rani")};
    static const kith_value number = {KITH_TYPE_INT, BYTES("\x05")};
    static const kith_value date = {KITH_TYPE_DATE, BYTES("\x06\x4e")};
    static const kith_value phone = {KITH_TYPE_PHONE, BYTES("+919863012345")};
    static const kith_value code = {KITH_TYPE_CODE, BYTES("missing_child")};
    static const kith_value ref = {KITH_TYPE_REF, BYTES("\2\2\2\2\2\2\2\2\2\2\0\0\0\0\1\1")};
    static const kith_value newer = {99, BYTES("\x00\xff")};
    const kith_op created[] = {
        {NAME, KITH_ACTION_SET, name, NULL, 0},    {NOTE, KITH_ACTION_SET, number, NULL, 0},
        {ALIASES, KITH_ACTION_ADD, date, NULL, 0}, {ALIASES, KITH_ACTION_ADD, phone, NULL, 0},
        {ALIASES, KITH_ACTION_ADD, code, NULL, 0}, {ALIASES, KITH_ACTION_ADD, ref, NULL, 0},
        {ALIASES, KITH_ACTION_ADD, newer, NULL, 0}};
    const kith_op edited[] = {{NAME, KITH_ACTION_SET, name, seen, 3},
                              {NOTE, KITH_ACTION_CLEAR, {0}, seen, 1},
                              {ALIASES, KITH_ACTION_REMOVE, phone, seen + 1, 2}};
    kith_change first[] = {
        {.deed = KITH_DEED_CREATE, .kind = PERSON, .ops = created, .op_count = 7},
        {.deed = KITH_DEED_EDIT, .record = {US, 3}, .ops = edited, .op_count = 3}};
    kith_change second[] = {{.deed = KITH_DEED_REMOVE,
                             .record = {BEN, 7},
                             .replaces = seen,
                             .replaces_count = 2,
                             .seen = seen,
                             .seen_count = 3},
                            {.deed = KITH_DEED_KEEP, .record = {CHITRA, 9}, .replaces = seen}};
    second[1].replaces_count = 1;
    kith_commit commits[] = {blocks_commit(12, first, 2), blocks_commit(14, second, 2)};
    commits[1].undoes = 12;
    commits[1].stamp.ms += 1000;
    for (size_t i = 0; i < 2; i++) {
        second[i].stamp = commits[1].stamp;
    }
    segments_write(commits, 2, &bytes);
    segments_assert(kith_buf_slice(&bytes), commits, 2);
}

static void test_body__does_not_read_when_cut(void **state)
{
    (void)state;
    write_varied();
    for (size_t length = 0; length < bytes.length; length++) {
        assert_status(
            test_read_tightly(kith_slice_head(kith_buf_slice(&bytes), length), segments_read),
            KITH_E_DAMAGED);
    }
    kith_buf_append(&bytes, &(uint8_t){0}, 1);
    assert_status(test_read_tightly(kith_buf_slice(&bytes), segments_read), KITH_E_DAMAGED);
}

static void test_body__reads_or_is_refused_whatever_byte_is_changed(void **state)
{
    (void)state;
    write_varied();
    for (size_t i = 0; i < bytes.length; i++) {
        uint8_t before = bytes.data[i];
        for (unsigned byte = 0; byte < 256; byte++) {
            bytes.data[i] = (uint8_t)byte;
            kith_status status = test_read_tightly(kith_buf_slice(&bytes), segments_read);
            assert_true(status == KITH_OK || status == KITH_E_DAMAGED ||
                        (status == KITH_E_NEWER && i == 0));
        }
        bytes.data[i] = before;
    }
}

static void test_body__of_another_layout_is_told_apart(void **state)
{
    (void)state;
    write_varied();
    bytes.data[0] = 2;
    assert_status(test_read_tightly(kith_buf_slice(&bytes), segments_read), KITH_E_NEWER);
    bytes.data[0] = 0;
    assert_status(test_read_tightly(kith_buf_slice(&bytes), segments_read), KITH_E_DAMAGED);
}

/* A body as a list of its parts in bytes, one of which a test replaces. It creates a person with a
 * name and edits the name: HEAD to ENDING stand in the order of the specification. */
enum {
    HEADS,
    FIRST,
    TIME,
    COMMITS,
    AUTHORS,
    NAMES,
    SHAPES,
    SIZES,
    UNDOES,
    STEPS,
    STAMPS,
    AHEADS,
    SHAPE_OF,
    RECORDS,
    TABLE,
    REPLACED,
    REMOVALS,
    DOTS,
    VALUES,
    ENDING,
    PARTS
};

static const kith_slice sound[PARTS] = {
    [HEADS] = BYTES("\x00"),
    [FIRST] = BYTES("\x05"),
    [TIME] = BYTES("\x02"),
    [COMMITS] = BYTES("\x02"),
    [AUTHORS] = BYTES("\x00"),
    [NAMES] = BYTES("\x02\x0c\x00person\0name\0"),
    [SHAPES] = BYTES("\x02\x08\x00\x00\x01\x04\x01\x01\x01\x04\x01"),
    [SIZES] = BYTES("\x02\x00"),
    [UNDOES] = BYTES("\x00\x00"),
    [STEPS] = BYTES("\x06\x00"),
    [STAMPS] = BYTES("\x02\x00"),
    [AHEADS] = BYTES("\x00\x00"),
    [SHAPE_OF] = BYTES("\x00\x01\x00\x00\x01"),
    [RECORDS] = BYTES("\x00\x00"),
    [TABLE] = BYTES("\x00"),
    [REPLACED] = BYTES("\x00\x00"),
    [REMOVALS] = BYTES(""),
    [DOTS] = BYTES(""),
    [VALUES] = BYTES("\x00\x04\x00"
                     "a\0b\0"),
    [ENDING] = BYTES(""),
};

static kith_status read_with(size_t part, kith_slice other)
{
    kith_buf_clear(&bytes);
    kith_buf_append(&bytes, &(uint8_t){1}, 1);
    for (size_t i = 0; i < PARTS; i++) {
        kith_buf_append_slice(&bytes, i == part ? other : sound[i]);
    }
    return test_read_tightly(kith_buf_slice(&bytes), segments_read);
}

static void test_body__by_hand_reads_as_the_specification_says(void **state)
{
    (void)state;
    const kith_dot seen = {1, 5};
    const kith_op ops[] = {{2, KITH_ACTION_SET, {KITH_TYPE_TEXT, KITH_SLICE("a")}, NULL, 0},
                           {2, KITH_ACTION_SET, {KITH_TYPE_TEXT, KITH_SLICE("b")}, &seen, 1}};
    kith_change changes[] = {
        {.deed = KITH_DEED_CREATE, .kind = 1, .ops = &ops[0], .op_count = 1},
        {.deed = KITH_DEED_EDIT, .record = {1, 5}, .ops = &ops[1], .op_count = 1}};
    kith_commit commits[] = {blocks_commit(5, &changes[0], 1), blocks_commit(6, &changes[1], 1)};
    for (size_t i = 0; i < 2; i++) {
        commits[i].stamp = (kith_stamp){i == 0 ? 1 : 4, 0, KITH_TRUST_CLAIMED};
        changes[i].stamp = commits[i].stamp;
    }
    assert_ok(read_with(PARTS, (kith_slice){NULL, 0}));
    segments_assert(kith_buf_slice(&bytes), commits, 2);
}

static const struct {
    const char *what;
    size_t part;
    kith_slice bytes;
} wrong[] = {
    {"more heads than bytes", HEADS, BYTES("\x7f")},
    {"change 0", FIRST, BYTES("\x00")},
    {"a change past the last", FIRST, BYTES("\xff\xff\xff\xff\xff\x1f")},
    {"a time past the limit", TIME, BYTES("\x80\xf0\xfe\xa1\xfa\x9d\x73")},
    {"no commits", COMMITS, BYTES("\x00")},
    {"more commits than a body can hold", COMMITS, BYTES("\xff\xff\xff\x7f")},
    {"the own author named again", AUTHORS, BYTES("\x01\1\1\1\1\1\1\1\1\1\1")},
    {"an author named twice", AUTHORS, BYTES("\x02\2\2\2\2\2\2\2\2\2\2\2\2\2\2\2\2\2\2\2\2")},
    {"a name less", NAMES, BYTES("\x01\x07\x00person\0")},
    {"an empty name", NAMES, BYTES("\x02\x08\x00person\0\0")},
    {"a name that is no UTF-8", NAMES, BYTES("\x02\x09\x00person\0\xff\0")},
    {"a kind past the last", SHAPES, BYTES("\x02\x08\x00\x08\x01\x04\x01\x01\x01\x04\x01")},
    {"an edit with a kind", SHAPES, BYTES("\x02\x08\x00\x00\x01\x04\x01\x05\x01\x04\x01")},
    {"a field past the last", SHAPES, BYTES("\x02\x08\x00\x00\x01\x08\x01\x01\x01\x04\x01")},
    {"a value of no type", SHAPES, BYTES("\x02\x08\x00\x00\x01\x04\x00\x01\x01\x04\x01")},
    {"a type past the last", SHAPES, BYTES("\x02\x09\x00\x00\x01\x04\x80\x01\x01\x01\x04\x01")},
    {"a shape left over", SHAPES, BYTES("\x02\x0a\x00\x00\x01\x04\x01\x01\x01\x04\x01\x01\x00")},
    {"no shapes", SHAPES, BYTES("\x00\x00\x00")},
    {"a field written twice", SHAPES, BYTES("\x02\x0a\x00\x00\x02\x04\x01\x06\x01\x01\x04\x01")},
    {"a commit of no changes", SIZES, BYTES("\x00\x00")},
    {"a commit of too many", SIZES, BYTES("\x82\x10\x00")},
    {"less than no changes", SIZES, BYTES("\x01\x00")},
    {"undoes what comes later", UNDOES, BYTES("\x01\x00")},
    {"undoes what never was", UNDOES, BYTES("\x0a\x00")},
    {"a step out of time", STEPS, BYTES("\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01\x00")},
    {"trust 3", STAMPS, BYTES("\x06\x00")},
    {"a counter past 32 bits", STAMPS, BYTES("\x82\x80\x80\x80\x80\x01\x00")},
    {"behind instead of ahead", AHEADS, BYTES("\x01\x00")},
    {"a shape past the last", SHAPE_OF, BYTES("\x00\x01\x00\x00\x02")},
    {"a shape before the first", SHAPE_OF, BYTES("\x01\x01\x00\x00\x01")},
    {"a record that was not made", RECORDS, BYTES("\x04\x00")},
    {"a record before the first", RECORDS, BYTES("\x01\x00")},
    {"a row that the table lacks", RECORDS, BYTES("\x02\x00")},
    {"a table of more than is named", TABLE, BYTES("\x02\x00\x00\x02\x00")},
    {"predecessors that do not follow", REPLACED, BYTES("\x04\x00")},
    {"less than no predecessors", REPLACED, BYTES("\x01\x00")},
    {"too many predecessors", REPLACED, BYTES("\x84\x40\x00")},
    {"an empty text", VALUES,
     BYTES("\x00\x03\x00"
           "a\0\0")},
    {"a text that is no UTF-8", VALUES,
     BYTES("\x00\x04\x00"
           "a\0\xff\0")},
    {"a value less", VALUES,
     BYTES("\x00\x02\x00"
           "a\0")},
    {"a byte left over", ENDING, BYTES("\x00")},
};

static void test_body__is_refused_where_one_part_is_wrong(void **state)
{
    (void)state;
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(wrong); i++) {
        kith_status status = read_with(wrong[i].part, wrong[i].bytes);
        if (status != KITH_E_DAMAGED) {
            fail_msg("%s: %s", wrong[i].what, kith_status_name(status));
        }
    }
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_body__does_not_read_when_cut),
        TEST(test_body__reads_or_is_refused_whatever_byte_is_changed),
        TEST(test_body__of_another_layout_is_told_apart),
        TEST(test_body__by_hand_reads_as_the_specification_says),
        TEST(test_body__is_refused_where_one_part_is_wrong),
    };
    return cmocka_run_group_tests_name("segment/body_damage", tests, NULL, NULL);
}
