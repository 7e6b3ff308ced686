/* SPDX-License-Identifier: Apache-2.0 */
#include "blocks.h"

const kith_author blocks_authors[BLOCKS_AUTHORS] = {
    {.head = 0},
    {.id = {{1, 1, 1, 1, 1, 1, 1, 1, 1, 1}}},
    {.id = {{2, 2, 2, 2, 2, 2, 2, 2, 2, 2}}},
    {.id = {{3, 3, 3, 3, 3, 3, 3, 3, 3, 3}}},
};

const kith_slice blocks_names[BLOCKS_NAMES] = {
    {NULL, 0},
    {(const uint8_t *)"person", 6},
    {(const uint8_t *)"name", 4},
    {(const uint8_t *)"note", 4},
    {(const uint8_t *)"aliases", 7},
    {(const uint8_t *)"নাম", 9},
};

kith_commit blocks_commit(uint64_t first, kith_change *changes, size_t count)
{
    kith_commit commit = {.first = {1, first},
                          .stamp = {INT64_C(1795507200000), 0, KITH_TRUST_CLAIMED},
                          .changes = changes,
                          .change_count = count};
    for (size_t i = 0; i < count; i++) {
        changes[i].id = (kith_dot){1, first + i};
        changes[i].stamp = commit.stamp;
        if (changes[i].deed == KITH_DEED_CREATE) {
            changes[i].record = changes[i].id;
        }
    }
    return commit;
}

void blocks_write(const kith_commit *commits, size_t count, kith_buf *out)
{
    kith_block_writer writer;
    kith_block_writer_init(&writer, test_context(), commits[0].first.author);
    for (size_t i = 0; i < count; i++) {
        assert_ok(kith_block_writer_add(&writer, &commits[i]));
    }
    assert_ok(kith_block_writer_finish(&writer, blocks_authors, blocks_names, out));
    kith_block_writer_deinit(&writer);
}

uint32_t blocks_author_ordinal(kith_author_id id, size_t index)
{
    for (uint32_t i = 1; i < BLOCKS_AUTHORS; i++) {
        if (memcmp(blocks_authors[i].id.bytes, id.bytes, sizeof id.bytes) == 0) {
            return i;
        }
    }
    return BLOCKS_AUTHORS + (uint32_t)index;
}

uint32_t blocks_name_ordinal(kith_slice name, size_t index)
{
    for (uint32_t i = 1; i < BLOCKS_NAMES; i++) {
        if (kith_slice_equal(blocks_names[i], name)) {
            return i;
        }
    }
    return BLOCKS_NAMES + (uint32_t)index;
}

kith_status blocks_open(kith_slice bytes, kith_arena *arena, kith_block *block_out)
{
    KITH_TRY(kith_block_open(arena->cx, bytes, arena, block_out));
    block_out->author_ordinal = blocks_author_ordinal(block_out->author, block_out->author_count);
    for (size_t i = 0; i < block_out->author_count; i++) {
        block_out->author_ordinals[i] = blocks_author_ordinal(kith_block_author(block_out, i), i);
    }
    for (size_t i = 0; i < block_out->name_count; i++) {
        block_out->name_ordinals[i] = blocks_name_ordinal(block_out->names[i], i);
    }
    return KITH_OK;
}

kith_status blocks_read(kith_slice bytes)
{
    kith_arena arena;
    kith_block block;
    kith_commit commit;
    kith_arena_init(&arena, test_context());
    kith_status status = blocks_open(bytes, &arena, &block);
    while (status == KITH_OK) {
        status = kith_block_next(&block, &arena, &commit);
    }
    kith_arena_deinit(&arena);
    return status == KITH_E_NOT_FOUND ? KITH_OK : status;
}

void blocks_assert(kith_slice bytes, const kith_commit *commits, size_t count)
{
    kith_arena arena;
    kith_block block;
    kith_commit commit;
    kith_arena_init(&arena, test_context());
    assert_ok(blocks_open(bytes, &arena, &block));
    assert_int_equal(block.author_ordinal, commits[0].first.author);
    assert_int_equal(block.first, commits[0].first.number);
    assert_int_equal(block.commit_count, count);
    for (size_t i = 0; i < count; i++) {
        assert_ok(kith_block_next(&block, &arena, &commit));
        assert_same_commit(&commit, &commits[i]);
    }
    assert_status(kith_block_next(&block, &arena, &commit), KITH_E_NOT_FOUND);
    kith_arena_deinit(&arena);
}

static void assert_same_dot(kith_dot dot, kith_dot expected)
{
    assert_int_equal(dot.author, expected.author);
    assert_int_equal(dot.number, expected.number);
}

static void assert_same_dots(const kith_dot *dots, size_t count, const kith_dot *expected,
                             size_t expected_count)
{
    assert_int_equal(count, expected_count);
    for (size_t i = 0; i < count; i++) {
        assert_same_dot(dots[i], expected[i]);
    }
}

static void assert_same_stamp(kith_stamp stamp, kith_stamp expected)
{
    assert_true(stamp.ms == expected.ms);
    assert_int_equal(stamp.counter, expected.counter);
    assert_int_equal(stamp.trust, expected.trust);
}

static void assert_same_op(const kith_op *op, const kith_op *expected)
{
    assert_int_equal(op->field, expected->field);
    assert_int_equal(op->action, expected->action);
    assert_true(kith_value_equal(op->value, expected->value));
    assert_same_dots(op->replaces, op->replaces_count, expected->replaces,
                     expected->replaces_count);
}

static void assert_same_change(const kith_change *change, const kith_change *expected)
{
    assert_same_dot(change->id, expected->id);
    assert_same_stamp(change->stamp, expected->stamp);
    assert_same_dot(change->record, expected->record);
    assert_int_equal(change->deed, expected->deed);
    assert_int_equal(change->kind, expected->kind);
    assert_int_equal(change->op_count, expected->op_count);
    for (size_t i = 0; i < change->op_count; i++) {
        assert_same_op(&change->ops[i], &expected->ops[i]);
    }
    assert_same_dots(change->replaces, change->replaces_count, expected->replaces,
                     expected->replaces_count);
    assert_same_dots(change->seen, change->seen_count, expected->seen, expected->seen_count);
}

void assert_same_commit(const kith_commit *commit, const kith_commit *expected)
{
    assert_same_dot(commit->first, expected->first);
    assert_same_stamp(commit->stamp, expected->stamp);
    assert_true(commit->ahead_ms == expected->ahead_ms);
    assert_int_equal(commit->undoes, expected->undoes);
    assert_int_equal(commit->change_count, expected->change_count);
    for (size_t i = 0; i < commit->change_count; i++) {
        assert_same_change(&commit->changes[i], &expected->changes[i]);
    }
}
