/* SPDX-License-Identifier: Apache-2.0 */
#include "log/block.h"

#include "base/limits.h"

enum { VERSION = 1 };

void kith_block_writer_init(kith_block_writer *writer, kith_context *cx, uint32_t author)
{
    *writer = (kith_block_writer){.cx = cx, .author = author};
    kith_buf_init(&writer->commits, cx, KITH_BLOCK_BYTES_MAX);
}

void kith_block_writer_deinit(kith_block_writer *writer)
{
    if (writer->cx != NULL) {
        kith_free(writer->cx, writer->authors);
        kith_free(writer->cx, writer->used_names);
        kith_buf_deinit(&writer->commits);
    }
    *writer = (kith_block_writer){0};
}

void kith_block_writer_clear(kith_block_writer *writer)
{
    writer->commit_count = 0;
    writer->author_count = 0;
    writer->name_count = 0;
    writer->last_ms = 0;
    kith_buf_clear(&writer->commits);
}

/* The index of an ordinal in a table, added at the end if it is not there. Failure sticks to the
 * buffer. */
static uint64_t index_of(kith_block_writer *writer, uint32_t **table, size_t *count,
                         size_t *capacity, uint32_t ordinal)
{
    for (size_t i = 0; i < *count; i++) {
        if ((*table)[i] == ordinal) {
            return i;
        }
    }
    uint32_t *grown = kith_grow(writer->cx, *table, *count, capacity, sizeof **table);
    if (grown == NULL) {
        kith_buf_spoil(&writer->commits, KITH_E_MEMORY);
        return 0;
    }
    *table = grown;
    grown[*count] = ordinal;
    return (*count)++;
}

static uint64_t name_index(kith_block_writer *writer, uint32_t ordinal)
{
    return index_of(writer, &writer->used_names, &writer->name_count, &writer->name_capacity,
                    ordinal);
}

/* Numbers of one's own stand as distances: they are short, and alike in rows of alike edits. */
static void write_dot(kith_block_writer *writer, kith_dot dot, uint64_t number)
{
    if (dot.author == writer->author) {
        kith_write_varint(&writer->commits, 0);
        kith_write_varint(&writer->commits, number - dot.number);
        return;
    }
    uint64_t index = index_of(writer, &writer->authors, &writer->author_count,
                              &writer->author_capacity, dot.author);
    kith_write_varint(&writer->commits, index + 1);
    kith_write_varint(&writer->commits, dot.number);
}

static void write_dots(kith_block_writer *writer, const kith_dot *dots, size_t count,
                       uint64_t number)
{
    kith_write_varint(&writer->commits, count);
    for (size_t i = 0; i < count; i++) {
        write_dot(writer, dots[i], number);
    }
}

static void write_ops(kith_block_writer *writer, const kith_change *change)
{
    kith_write_varint(&writer->commits, change->op_count);
    for (size_t i = 0; i < change->op_count; i++) {
        const kith_op *op = &change->ops[i];
        bool replaces = op->replaces_count > 0;
        kith_write_varint(&writer->commits, name_index(writer, op->field) << 3 |
                                                (unsigned)op->action << 1 | (replaces ? 1u : 0u));
        if (op->action != KITH_ACTION_CLEAR) {
            kith_value_write(&writer->commits, op->value);
        }
        if (replaces) {
            write_dots(writer, op->replaces, op->replaces_count, change->id.number);
        }
    }
}

static void write_change(kith_block_writer *writer, const kith_change *change)
{
    if (change->deed == KITH_DEED_CREATE) {
        kith_write_varint(&writer->commits, name_index(writer, change->kind) << 2 | change->deed);
    } else {
        kith_write_varint(&writer->commits, change->deed);
        write_dot(writer, change->record, change->id.number);
    }
    if (change->deed == KITH_DEED_CREATE || change->deed == KITH_DEED_EDIT) {
        write_ops(writer, change);
        return;
    }
    write_dots(writer, change->replaces, change->replaces_count, change->id.number);
    if (change->deed == KITH_DEED_REMOVE) {
        write_dots(writer, change->seen, change->seen_count, change->id.number);
    }
}

kith_status kith_block_writer_add(kith_block_writer *writer, const kith_commit *commit)
{
    KITH_ASSERT(commit->first.author == writer->author);
    KITH_ASSERT(writer->commit_count == 0 || commit->first.number == writer->next);
    size_t before = writer->commits.length;
    size_t authors_before = writer->author_count;
    size_t names_before = writer->name_count;
    kith_write_varint(&writer->commits, commit->change_count);
    kith_write_varint(&writer->commits,
                      commit->undoes == 0 ? 0 : commit->first.number - commit->undoes);
    kith_write_zigzag(&writer->commits, commit->stamp.ms - writer->last_ms);
    bool ahead = commit->ahead_ms > 0;
    kith_write_varint(&writer->commits, (uint64_t)commit->stamp.counter << 3 | (ahead ? 4u : 0u) |
                                            commit->stamp.trust);
    if (ahead) {
        kith_write_varint(&writer->commits, (uint64_t)commit->ahead_ms);
    }
    for (size_t i = 0; i < commit->change_count; i++) {
        write_change(writer, &commit->changes[i]);
    }
    kith_status status = kith_buf_status(&writer->commits);
    if (status == KITH_OK && writer->commits.length - before > KITH_COMMIT_BYTES_MAX) {
        status = kith_fail(writer->cx, KITH_E_LIMIT, "the commit is longer than %zu bytes",
                           KITH_COMMIT_BYTES_MAX);
    }
    if (status != KITH_OK) {
        writer->commits.status = KITH_OK;
        writer->commits.length = before;
        writer->author_count = authors_before;
        writer->name_count = names_before;
        return status;
    }
    if (writer->commit_count++ == 0) {
        writer->first = commit->first.number;
    }
    writer->next = commit->first.number + commit->change_count;
    writer->last_ms = commit->stamp.ms;
    return KITH_OK;
}

size_t kith_block_writer_bytes(const kith_block_writer *writer)
{
    return writer->commits.length;
}

kith_status kith_block_writer_finish(const kith_block_writer *writer, const kith_author *authors,
                                     const kith_slice *names, kith_buf *out)
{
    KITH_ASSERT(writer->commit_count > 0);
    size_t before = out->length;
    kith_write_u8(out, VERSION);
    kith_buf_append(out, authors[writer->author].id.bytes, KITH_AUTHOR_BYTES);
    kith_write_varint(out, writer->first);
    kith_write_varint(out, writer->commit_count);
    kith_write_varint(out, writer->author_count);
    for (size_t i = 0; i < writer->author_count; i++) {
        kith_buf_append(out, authors[writer->authors[i]].id.bytes, KITH_AUTHOR_BYTES);
    }
    kith_write_varint(out, writer->name_count);
    for (size_t i = 0; i < writer->name_count; i++) {
        kith_write_slice(out, names[writer->used_names[i]]);
    }
    kith_buf_append_slice(out, kith_buf_slice(&writer->commits));
    KITH_TRY(kith_buf_status(out));
    /* Thousands of long names can make it so; it could not be read back. */
    KITH_ENSURE(out->length - before <= KITH_BLOCK_BYTES_MAX,
                kith_fail(writer->cx, KITH_E_LIMIT, "the block is longer than %zu bytes",
                          KITH_BLOCK_BYTES_MAX));
    return KITH_OK;
}

static kith_status damaged(kith_context *cx, const char *what)
{
    return kith_fail(cx, KITH_E_DAMAGED, "a block of the log is damaged: %s", what);
}

static kith_status read_tables(kith_block *block, kith_arena *arena)
{
    kith_reader *reader = &block->reader;
    block->author_count = kith_read_count(reader, KITH_AUTHOR_BYTES);
    block->author_bytes = kith_read_bytes(reader, block->author_count * KITH_AUTHOR_BYTES).data;
    for (size_t i = 0; i < block->author_count; i++) {
        /* By that name a change could speak of itself, or of later ones. */
        kith_author_id other = kith_block_author(block, i);
        KITH_ENSURE(memcmp(other.bytes, block->author.bytes, KITH_AUTHOR_BYTES) != 0,
                    damaged(block->cx, "its author stands among the others"));
    }
    block->author_ordinals =
        kith_arena_array(arena, block->author_count, sizeof *block->author_ordinals);
    block->name_count = kith_read_count(reader, 2);
    block->names = kith_arena_array(arena, block->name_count, sizeof *block->names);
    block->name_ordinals = kith_arena_array(arena, block->name_count, sizeof *block->name_ordinals);
    KITH_ENSURE(block->author_ordinals != NULL && block->names != NULL &&
                    block->name_ordinals != NULL,
                KITH_E_MEMORY);
    for (size_t i = 0; i < block->name_count; i++) {
        kith_value name = {KITH_TYPE_CODE, kith_read_slice(reader)};
        KITH_ENSURE(!reader->failed && kith_value_is_canonical(name), damaged(block->cx, "a name"));
        block->names[i] = name.bytes;
    }
    return KITH_OK;
}

kith_status kith_block_open(kith_context *cx, kith_slice bytes, kith_arena *arena,
                            kith_block *block_out)
{
    *block_out = (kith_block){0};
    kith_block block = {.cx = cx, .reader = kith_reader_of(bytes)};
    KITH_ENSURE(bytes.length <= KITH_BLOCK_BYTES_MAX, damaged(cx, "its length"));
    uint8_t version = kith_read_u8(&block.reader);
    KITH_ENSURE(block.reader.failed || version <= VERSION,
                kith_fail(cx, KITH_E_NEWER, "a block of the log has version %d", version));
    kith_slice author = kith_read_bytes(&block.reader, KITH_AUTHOR_BYTES);
    block.first = kith_read_varint_max(&block.reader, KITH_NUMBER_MAX);
    block.commit_count = kith_read_count(&block.reader, 4);
    KITH_ENSURE(!block.reader.failed && version == VERSION && block.first > 0 &&
                    block.commit_count > 0,
                damaged(cx, "its head"));
    memcpy(block.author.bytes, author.data, KITH_AUTHOR_BYTES);
    KITH_TRY(read_tables(&block, arena));
    KITH_ENSURE(!block.reader.failed, damaged(cx, "its tables"));
    block.next = block.first;
    *block_out = block;
    return KITH_OK;
}

kith_author_id kith_block_author(const kith_block *block, size_t index)
{
    kith_author_id author;
    KITH_ASSERT(index < block->author_count);
    memcpy(author.bytes, block->author_bytes + index * KITH_AUTHOR_BYTES, KITH_AUTHOR_BYTES);
    return author;
}

static kith_dot read_dot(kith_block *block, uint64_t number)
{
    kith_reader *reader = &block->reader;
    uint64_t index = kith_read_varint_max(reader, block->author_count);
    if (index == 0) {
        uint64_t distance = kith_read_varint_max(reader, number - 1);
        if (distance == 0) {
            kith_reader_spoil(reader);
        }
        return (kith_dot){block->author_ordinal, number - distance};
    }
    uint64_t other = kith_read_varint_max(reader, KITH_NUMBER_MAX);
    if (other == 0) {
        kith_reader_spoil(reader);
    }
    return (kith_dot){block->author_ordinals[index - 1], other};
}

static kith_status read_dots(kith_block *block, kith_arena *arena, uint64_t number,
                             const kith_dot **dots_out, size_t *count_out)
{
    size_t count = kith_read_count(&block->reader, 2);
    KITH_ENSURE(count <= KITH_PREDECESSORS_MAX, damaged(block->cx, "too many predecessors"));
    kith_dot *dots = kith_arena_array(arena, count, sizeof *dots);
    KITH_ENSURE(dots != NULL, KITH_E_MEMORY);
    for (size_t i = 0; i < count && !block->reader.failed; i++) {
        dots[i] = read_dot(block, number);
    }
    *dots_out = dots;
    *count_out = block->reader.failed ? 0 : count;
    return KITH_OK;
}

static uint32_t read_name(kith_block *block, uint64_t index)
{
    if (index >= block->name_count) {
        kith_reader_spoil(&block->reader);
        return 0;
    }
    return block->name_ordinals[index];
}

static kith_status read_ops(kith_block *block, kith_arena *arena, kith_change *change)
{
    size_t count = kith_read_count(&block->reader, 1);
    KITH_ENSURE(count <= KITH_CHANGE_OPS_MAX, damaged(block->cx, "too many operations"));
    kith_op *ops = kith_arena_array(arena, count, sizeof *ops);
    KITH_ENSURE(ops != NULL, KITH_E_MEMORY);
    for (size_t i = 0; i < count && !block->reader.failed; i++) {
        kith_op *op = &ops[i];
        uint64_t head = kith_read_varint(&block->reader);
        op->field = read_name(block, head >> 3);
        op->action = (uint8_t)(head >> 1 & 3);
        if (op->action != KITH_ACTION_CLEAR) {
            op->value = kith_value_read(&block->reader);
            if (op->value.type == KITH_TYPE_NONE) {
                kith_reader_spoil(&block->reader);
            }
        }
        if ((head & 1) != 0) {
            KITH_TRY(
                read_dots(block, arena, change->id.number, &op->replaces, &op->replaces_count));
        }
    }
    change->ops = ops;
    change->op_count = block->reader.failed ? 0 : count;
    return kith_change_check(block->cx, arena, change);
}

static kith_status read_change(kith_block *block, kith_arena *arena, kith_change *change)
{
    uint64_t head = kith_read_varint(&block->reader);
    change->deed = (uint8_t)(head & 3);
    if (change->deed == KITH_DEED_CREATE) {
        change->kind = read_name(block, head >> 2);
        change->record = change->id;
    } else {
        KITH_ENSURE(head >> 2 == 0, damaged(block->cx, "a deed"));
        change->record = read_dot(block, change->id.number);
    }
    if (change->deed == KITH_DEED_CREATE || change->deed == KITH_DEED_EDIT) {
        return read_ops(block, arena, change);
    }
    KITH_TRY(
        read_dots(block, arena, change->id.number, &change->replaces, &change->replaces_count));
    if (change->deed == KITH_DEED_REMOVE) {
        KITH_TRY(read_dots(block, arena, change->id.number, &change->seen, &change->seen_count));
    }
    return KITH_OK;
}

static kith_status read_commit_head(kith_block *block, kith_commit *commit)
{
    kith_reader *reader = &block->reader;
    commit->first = (kith_dot){block->author_ordinal, block->next};
    commit->change_count = kith_read_count(reader, 2);
    uint64_t undoes = kith_read_varint_max(reader, block->next - 1);
    commit->undoes = undoes == 0 ? 0 : block->next - undoes;
    /* Unsigned, because a damaged step may lead anywhere. */
    uint64_t ms = (uint64_t)block->last_ms + (uint64_t)kith_read_zigzag(reader);
    uint64_t tail = kith_read_varint_max(reader, (uint64_t)UINT32_MAX << 3 | 7);
    commit->stamp = (kith_stamp){(int64_t)ms, (uint32_t)(tail >> 3), (uint8_t)(tail & 3)};
    if ((tail & 4) != 0) {
        commit->ahead_ms = (int64_t)kith_read_varint_max(reader, 2 * (uint64_t)KITH_TIME_MS_MAX);
        if (commit->ahead_ms == 0) {
            kith_reader_spoil(reader);
        }
    }
    KITH_ENSURE(!reader->failed && commit->change_count > 0 &&
                    commit->change_count <= KITH_COMMIT_CHANGES_MAX &&
                    block->next + commit->change_count - 1 <= KITH_NUMBER_MAX &&
                    commit->stamp.trust <= KITH_TRUST_CONFIRMED &&
                    commit->stamp.ms >= -KITH_TIME_MS_MAX && commit->stamp.ms <= KITH_TIME_MS_MAX,
                damaged(block->cx, "a commit's head"));
    return KITH_OK;
}

kith_status kith_block_next(kith_block *block, kith_arena *arena, kith_commit *commit_out)
{
    *commit_out = (kith_commit){0};
    if (block->commits_read == block->commit_count) {
        KITH_ENSURE(kith_reader_finished(&block->reader), damaged(block->cx, "its end"));
        return KITH_E_NOT_FOUND;
    }
    kith_commit commit = {0};
    KITH_TRY(read_commit_head(block, &commit));
    commit.changes = kith_arena_array(arena, commit.change_count, sizeof *commit.changes);
    KITH_ENSURE(commit.changes != NULL, KITH_E_MEMORY);
    for (size_t i = 0; i < commit.change_count; i++) {
        kith_change *change = &commit.changes[i];
        change->id = (kith_dot){block->author_ordinal, block->next + i};
        change->stamp = commit.stamp;
        KITH_TRY(read_change(block, arena, change));
        KITH_ENSURE(!block->reader.failed, damaged(block->cx, "a change"));
    }
    block->next += commit.change_count;
    block->last_ms = commit.stamp.ms;
    block->commits_read++;
    *commit_out = commit;
    return KITH_OK;
}
