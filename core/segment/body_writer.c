/* Commits to a body. SPDX-License-Identifier: Apache-2.0 */
#include "base/limits.h"
#include "segment/body.h"
#include "segment/predict.h"
#include "segment/shape.h"
#include "segment/values.h"

enum { LAYOUT = 1 };

/* The values of one field and type. */
typedef struct field_values {
    uint32_t field; /* name's index */
    kith_value_list list;
} field_values;

typedef struct body_builder {
    kith_context *cx;
    const kith_body_source *source;
    kith_arena arena;
    kith_predictor predictor;
    kith_author_table authors;
    uint32_t *names; /* ordinals by index */
    size_t name_count;
    size_t name_capacity;
    kith_slice *shapes; /* the bytes of each */
    size_t shape_count;
    size_t shape_capacity;
    kith_buf shape; /* of the change at hand */
    field_values *fields;
    size_t field_count;
    size_t field_capacity;
    uint64_t *creations; /* numbers of changes that create a record */
    size_t creation_count;
    size_t creation_capacity;
    kith_dot *table; /* records from before the segment, or of others */
    size_t table_count;
    size_t table_capacity;
    kith_numbers sizes;
    kith_numbers undoes;
    kith_numbers steps;
    kith_numbers stamps;
    kith_numbers aheads;
    kith_numbers shape_indexes;
    kith_numbers records;
    kith_numbers replaced;
    kith_numbers removals;
    kith_numbers dot_authors;
    kith_numbers dot_numbers;
} body_builder;

static kith_status name_index(body_builder *b, uint32_t ordinal, uint32_t *index_out)
{
    for (size_t i = 0; i < b->name_count; i++) {
        if (b->names[i] == ordinal) {
            *index_out = (uint32_t)i;
            return KITH_OK;
        }
    }
    uint32_t *names =
        kith_arena_grow(&b->arena, b->names, b->name_count, &b->name_capacity, sizeof *names);
    KITH_ENSURE(names != NULL, KITH_E_MEMORY);
    names[b->name_count] = ordinal;
    b->names = names;
    *index_out = (uint32_t)b->name_count++;
    return KITH_OK;
}

static kith_status author_index(body_builder *b, uint32_t ordinal, size_t *index_out)
{
    return kith_author_table_index(&b->authors, b->source->authors[ordinal].id, index_out);
}

/* A dot as two numbers: of the own author how far back from the change it stands in. */
static kith_status add_dot(body_builder *b, kith_dot dot, uint64_t number)
{
    size_t author = 0;
    KITH_TRY(author_index(b, dot.author, &author));
    int64_t stored = author == 0 ? (int64_t)(number - dot.number) : (int64_t)dot.number;
    KITH_TRY(kith_numbers_add(&b->dot_authors, &b->arena, (int64_t)author));
    return kith_numbers_add(&b->dot_numbers, &b->arena, stored);
}

static kith_status add_dots(body_builder *b, const kith_dot *dots, size_t count, uint64_t number)
{
    for (size_t i = 0; i < count; i++) {
        KITH_TRY(add_dot(b, dots[i], number));
    }
    return KITH_OK;
}

static kith_status list_of(body_builder *b, uint32_t field, uint8_t type,
                           kith_value_list **list_out)
{
    for (size_t i = 0; i < b->field_count; i++) {
        if (b->fields[i].field == field && b->fields[i].list.type == type) {
            *list_out = &b->fields[i].list;
            return KITH_OK;
        }
    }
    field_values *fields =
        kith_arena_grow(&b->arena, b->fields, b->field_count, &b->field_capacity, sizeof *fields);
    KITH_ENSURE(fields != NULL, KITH_E_MEMORY);
    fields[b->field_count] = (field_values){.field = field, .list = {.type = type}};
    b->fields = fields;
    *list_out = &fields[b->field_count++].list;
    return KITH_OK;
}

/* 0 if it replaces what is foreseen, else one more than how many dots follow. */
static kith_status add_replaced(body_builder *b, const kith_change *change, const kith_op *op)
{
    uint64_t foreseen = kith_predict(&b->predictor, change->record, op, change->id.number);
    kith_dot expected = {change->id.author, foreseen};
    bool none = foreseen == 0 && op->replaces_count == 0;
    bool just_that =
        foreseen != 0 && op->replaces_count == 1 && kith_dot_equal(op->replaces[0], expected);
    if (none || just_that) {
        return kith_numbers_add(&b->replaced, &b->arena, 0);
    }
    KITH_TRY(kith_numbers_add(&b->replaced, &b->arena, (int64_t)op->replaces_count + 1));
    return add_dots(b, op->replaces, op->replaces_count, change->id.number);
}

static kith_status add_op(body_builder *b, const kith_change *change, const kith_op *op)
{
    uint32_t field = 0;
    KITH_TRY(name_index(b, op->field, &field));
    kith_write_varint(&b->shape, (uint64_t)field << 2 | op->action);
    if (op->action != KITH_ACTION_CLEAR) {
        kith_value_list *list = NULL;
        kith_write_varint(&b->shape, op->value.type);
        KITH_TRY(list_of(b, field, op->value.type, &list));
        KITH_TRY(kith_value_list_add(list, &b->arena, op->value, change->id.number));
    }
    return add_replaced(b, change, op);
}

/* Notes which shape the change at hand has. */
static kith_status end_shape(body_builder *b)
{
    KITH_TRY(kith_buf_status(&b->shape));
    kith_slice bytes = kith_buf_slice(&b->shape);
    size_t index = 0;
    while (index < b->shape_count && !kith_slice_equal(b->shapes[index], bytes)) {
        index++;
    }
    if (index == b->shape_count) {
        kith_slice *shapes = kith_arena_grow(&b->arena, b->shapes, b->shape_count,
                                             &b->shape_capacity, sizeof *shapes);
        KITH_ENSURE(shapes != NULL, KITH_E_MEMORY);
        KITH_TRY(kith_arena_copy(&b->arena, bytes, &shapes[b->shape_count++]));
        b->shapes = shapes;
    }
    return kith_numbers_add(&b->shape_indexes, &b->arena, (int64_t)index);
}

/* Where a record made in the segment stands among those, or creation_count if it was not. */
static size_t creation_index(const body_builder *b, kith_dot record)
{
    size_t low = 0;
    size_t high = record.author == b->source->author ? b->creation_count : 0;
    size_t end = high;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (b->creations[middle] < record.number) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < end && b->creations[low] == record.number ? low : b->creation_count;
}

static kith_status table_index(body_builder *b, kith_dot record, size_t *index_out)
{
    for (size_t i = 0; i < b->table_count; i++) {
        if (kith_dot_equal(b->table[i], record)) {
            *index_out = i;
            return KITH_OK;
        }
    }
    kith_dot *table =
        kith_arena_grow(&b->arena, b->table, b->table_count, &b->table_capacity, sizeof *table);
    KITH_ENSURE(table != NULL, KITH_E_MEMORY);
    table[b->table_count] = record;
    b->table = table;
    *index_out = b->table_count++;
    return KITH_OK;
}

/* Even: how many records were made since, in this segment. Odd: of the table. */
static kith_status add_record(body_builder *b, kith_dot record)
{
    size_t index = creation_index(b, record);
    if (index < b->creation_count) {
        size_t back = b->creation_count - 1 - index;
        return kith_numbers_add(&b->records, &b->arena, (int64_t)(back * 2));
    }
    KITH_TRY(table_index(b, record, &index));
    return kith_numbers_add(&b->records, &b->arena, (int64_t)(index * 2 + 1));
}

static kith_status add_creation(body_builder *b, uint64_t number)
{
    uint64_t *creations = kith_arena_grow(&b->arena, b->creations, b->creation_count,
                                          &b->creation_capacity, sizeof *creations);
    KITH_ENSURE(creations != NULL, KITH_E_MEMORY);
    creations[b->creation_count++] = number;
    b->creations = creations;
    return KITH_OK;
}

/* What a removal or keep replaces, and what a removal has seen. */
static kith_status add_removal(body_builder *b, const kith_change *change)
{
    KITH_TRY(kith_numbers_add(&b->removals, &b->arena, (int64_t)change->replaces_count));
    KITH_TRY(add_dots(b, change->replaces, change->replaces_count, change->id.number));
    if (change->deed == KITH_DEED_REMOVE) {
        KITH_TRY(kith_numbers_add(&b->removals, &b->arena, (int64_t)change->seen_count));
        KITH_TRY(add_dots(b, change->seen, change->seen_count, change->id.number));
    }
    return KITH_OK;
}

static kith_status add_change(body_builder *b, const kith_change *change)
{
    uint32_t kind = 0;
    kith_buf_clear(&b->shape);
    if (change->deed == KITH_DEED_CREATE) {
        KITH_TRY(name_index(b, change->kind, &kind));
        KITH_TRY(add_creation(b, change->id.number));
    } else {
        KITH_TRY(add_record(b, change->record));
    }
    kith_write_varint(&b->shape, (uint64_t)kind << 2 | change->deed);
    if (kith_deed_has_ops(change->deed)) {
        kith_write_varint(&b->shape, change->op_count);
        for (size_t i = 0; i < change->op_count; i++) {
            KITH_TRY(add_op(b, change, &change->ops[i]));
        }
    } else {
        KITH_TRY(add_removal(b, change));
    }
    return end_shape(b);
}

static kith_status add_commit(body_builder *b, const kith_commit *commit, const kith_commit *before)
{
    kith_arena *arena = &b->arena;
    uint64_t undoes = commit->undoes == 0 ? 0 : commit->first.number - commit->undoes;
    int64_t stamp = (int64_t)((uint64_t)commit->stamp.counter << 2 | commit->stamp.trust);
    KITH_TRY(kith_numbers_add(&b->sizes, arena, (int64_t)commit->change_count));
    KITH_TRY(kith_numbers_add(&b->undoes, arena, (int64_t)undoes));
    KITH_TRY(kith_numbers_add(&b->stamps, arena, stamp));
    KITH_TRY(kith_numbers_add(&b->aheads, arena, commit->ahead_ms));
    if (before != NULL) {
        KITH_TRY(kith_numbers_add(&b->steps, arena, commit->stamp.ms - before->stamp.ms));
    }
    for (size_t i = 0; i < commit->change_count; i++) {
        KITH_TRY(add_change(b, &commit->changes[i]));
    }
    return KITH_OK;
}

static kith_status write_table(body_builder *b, kith_buf *out)
{
    kith_numbers authors = {0};
    kith_numbers numbers = {0};
    uint64_t first = b->source->commits[0].first.number;
    for (size_t i = 0; i < b->table_count; i++) {
        size_t author = 0;
        KITH_TRY(author_index(b, b->table[i].author, &author));
        uint64_t number = author == 0 ? first - b->table[i].number : b->table[i].number;
        KITH_TRY(kith_numbers_add(&authors, &b->arena, (int64_t)author));
        KITH_TRY(kith_numbers_add(&numbers, &b->arena, (int64_t)number));
    }
    kith_write_varint(out, b->table_count);
    KITH_TRY(kith_numbers_write(b->cx, &authors, out));
    return kith_numbers_write(b->cx, &numbers, out);
}

static kith_status write_columns(body_builder *b, kith_buf *out)
{
    const kith_numbers *before_table[] = {&b->sizes,  &b->undoes,        &b->steps,  &b->stamps,
                                          &b->aheads, &b->shape_indexes, &b->records};
    const kith_numbers *behind_table[] = {&b->replaced, &b->removals, &b->dot_authors,
                                          &b->dot_numbers};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(before_table); i++) {
        KITH_TRY(kith_numbers_write(b->cx, before_table[i], out));
    }
    KITH_TRY(write_table(b, out));
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(behind_table); i++) {
        KITH_TRY(kith_numbers_write(b->cx, behind_table[i], out));
    }
    for (size_t i = 0; i < b->field_count; i++) {
        KITH_TRY(kith_values_write(b->cx, &b->arena, &b->fields[i].list, &b->authors, out));
    }
    return kith_buf_status(out);
}

static kith_status write_joined(body_builder *b, const kith_buf *joined, size_t count,
                                kith_stream_kind kind, kith_buf *out)
{
    KITH_TRY(kith_buf_status(joined));
    kith_write_varint(out, count);
    return kith_bytes_write(b->cx, kith_buf_slice(joined), kind, out);
}

static kith_status write_names(body_builder *b, kith_buf *joined, kith_buf *out)
{
    kith_buf_clear(joined);
    for (size_t i = 0; i < b->name_count; i++) {
        kith_buf_append_slice(joined, b->source->names[b->names[i]]);
        kith_write_u8(joined, 0);
    }
    return write_joined(b, joined, b->name_count, KITH_STREAM_TEXT, out);
}

static kith_status write_shapes(body_builder *b, kith_buf *joined, kith_buf *out)
{
    kith_buf_clear(joined);
    for (size_t i = 0; i < b->shape_count; i++) {
        kith_buf_append_slice(joined, b->shapes[i]);
    }
    return write_joined(b, joined, b->shape_count, KITH_STREAM_BYTES, out);
}

static void write_head(const body_builder *b, kith_buf *out)
{
    const kith_body_source *source = b->source;
    kith_write_u8(out, LAYOUT);
    kith_write_varint(out, source->head_count);
    for (size_t i = 0; i < source->head_count; i++) {
        kith_buf_append(out, source->heads[i].author.bytes, KITH_AUTHOR_BYTES);
        kith_write_varint(out, source->heads[i].segment);
    }
    kith_write_varint(out, source->commits[0].first.number);
    kith_write_zigzag(out, source->commits[0].stamp.ms);
    kith_write_varint(out, source->commit_count);
    kith_write_varint(out, b->authors.count - 1);
    for (size_t i = 1; i < b->authors.count; i++) {
        kith_buf_append(out, b->authors.ids[i].bytes, KITH_AUTHOR_BYTES);
    }
}

static kith_status init_predictor(body_builder *b)
{
    size_t op_count = 0;
    size_t element_count = 0;
    for (size_t i = 0; i < b->source->commit_count; i++) {
        const kith_commit *commit = &b->source->commits[i];
        for (size_t k = 0; k < commit->change_count; k++) {
            const kith_change *change = &commit->changes[k];
            op_count += change->op_count;
            for (size_t j = 0; j < change->op_count; j++) {
                element_count += kith_action_is_of_element(change->ops[j].action);
            }
        }
    }
    return kith_predictor_init(&b->predictor, &b->arena, op_count, element_count);
}

/* The tables stand in front, but values may still add authors to them: columns come first. */
static kith_status build(body_builder *b, kith_buf *columns, kith_buf *joined, kith_buf *out)
{
    const kith_body_source *source = b->source;
    KITH_TRY(kith_author_table_init(&b->authors, &b->arena, source->authors[source->author].id));
    KITH_TRY(init_predictor(b));
    for (size_t i = 0; i < source->commit_count; i++) {
        KITH_TRY(add_commit(b, &source->commits[i], i == 0 ? NULL : &source->commits[i - 1]));
    }
    KITH_TRY(write_columns(b, columns));
    write_head(b, out);
    KITH_TRY(write_names(b, joined, out));
    KITH_TRY(write_shapes(b, joined, out));
    kith_buf_append_slice(out, kith_buf_slice(columns));
    return kith_buf_status(out);
}

kith_status kith_body_write(kith_context *cx, const kith_body_source *source, kith_buf *out)
{
    kith_buf columns;
    kith_buf joined;
    body_builder b = {.cx = cx, .source = source};
    size_t before = out->length;
    KITH_ASSERT(source->commit_count > 0);
    kith_arena_init(&b.arena, cx);
    kith_buf_init(&b.shape, cx, KITH_SEGMENT_INFLATED_MAX);
    kith_buf_init(&columns, cx, KITH_SEGMENT_INFLATED_MAX);
    kith_buf_init(&joined, cx, KITH_SEGMENT_INFLATED_MAX);
    kith_status status = build(&b, &columns, &joined, out);
    if (status != KITH_OK) {
        out->length = before;
    }
    kith_buf_deinit(&joined);
    kith_buf_deinit(&columns);
    kith_buf_deinit(&b.shape);
    kith_arena_deinit(&b.arena);
    return status;
}
