/* A body to commits. Every number of it is hostile until checked here.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/limits.h"
#include "segment/body.h"
#include "segment/predict.h"
#include "segment/shape.h"
#include "segment/text.h"
#include "segment/values.h"

enum { LAYOUT = 1 };

static kith_status damaged(const kith_body *body, const char *what)
{
    return kith_fail(body->cx, KITH_E_DAMAGED, "a segment is damaged: %s", what);
}

/* What is only needed while a body is opened. */
typedef struct body_opening {
    kith_body *body;
    kith_column_reader columns;
    uint32_t *list_fields; /* field of each list of values */
    size_t list_capacity;
    size_t op_count;
    size_t element_count;   /* of them, that are about an element */
    size_t reference_count; /* changes that name a record */
    size_t removal_count;   /* numbers of dots that removals and keeps announce */
} body_opening;

static kith_status read_head(body_opening *o)
{
    kith_body *body = o->body;
    kith_reader *reader = &o->columns.reader;
    uint8_t layout = kith_read_u8(reader);
    KITH_ENSURE(layout <= LAYOUT || reader->failed,
                kith_fail(body->cx, KITH_E_NEWER, "a segment has the layout %d", layout));
    body->head_count = kith_read_count(reader, KITH_AUTHOR_BYTES + 1);
    body->heads = kith_arena_array(body->arena, body->head_count, sizeof *body->heads);
    KITH_ENSURE(body->heads != NULL, KITH_E_MEMORY);
    for (size_t i = 0; i < body->head_count && !reader->failed; i++) {
        kith_slice id = kith_read_bytes(reader, KITH_AUTHOR_BYTES);
        body->heads[i].segment = kith_read_varint_max(reader, KITH_NUMBER_MAX);
        if (id.length == KITH_AUTHOR_BYTES) {
            memcpy(body->heads[i].author.bytes, id.data, KITH_AUTHOR_BYTES);
        }
    }
    body->first = kith_read_varint_max(reader, KITH_NUMBER_MAX);
    body->last_ms = kith_read_zigzag(reader);
    uint64_t commit_count = kith_read_varint(reader);
    KITH_ENSURE(!reader->failed && layout == LAYOUT && body->first > 0 && commit_count > 0,
                damaged(body, "its head"));
    body->next = body->first;
    KITH_TRY(kith_column_take(&o->columns, commit_count));
    body->commit_count = (size_t)commit_count;
    return KITH_OK;
}

static kith_status read_authors(body_opening *o, kith_author_id own)
{
    kith_body *body = o->body;
    kith_reader *reader = &o->columns.reader;
    size_t count = kith_read_count(reader, KITH_AUTHOR_BYTES);
    KITH_TRY(kith_author_table_init(&body->authors, body->arena, own));
    for (size_t i = 0; i < count; i++) {
        kith_author_id id;
        size_t index = 0;
        memcpy(id.bytes, kith_read_bytes(reader, KITH_AUTHOR_BYTES).data, KITH_AUTHOR_BYTES);
        KITH_TRY(kith_author_table_index(&body->authors, id, &index));
        KITH_ENSURE(index == i + 1, damaged(body, "an author stands twice"));
    }
    body->author_ordinals =
        kith_arena_array(body->arena, body->authors.count, sizeof *body->author_ordinals);
    KITH_ENSURE(body->author_ordinals != NULL, KITH_E_MEMORY);
    KITH_ENSURE(!reader->failed, damaged(body, "its authors"));
    return KITH_OK;
}

static kith_status read_names(body_opening *o)
{
    kith_body *body = o->body;
    kith_slice joined;
    uint64_t count = kith_read_varint_max(&o->columns.reader, KITH_NAMES_MAX);
    KITH_TRY(kith_column_take(&o->columns, count));
    KITH_TRY(kith_bytes_read(&o->columns, KITH_STREAM_TEXT, &joined));
    body->name_count = (size_t)count;
    body->names = kith_arena_array(body->arena, body->name_count, sizeof *body->names);
    body->name_ordinals =
        kith_arena_array(body->arena, body->name_count, sizeof *body->name_ordinals);
    KITH_ENSURE(body->names != NULL && body->name_ordinals != NULL, KITH_E_MEMORY);
    KITH_ENSURE(kith_text_cut(joined, body->names, body->name_count), damaged(body, "its names"));
    for (size_t i = 0; i < body->name_count; i++) {
        kith_value name = {KITH_TYPE_CODE, body->names[i]};
        KITH_ENSURE(kith_value_is_canonical(name), damaged(body, "a name"));
    }
    return KITH_OK;
}

/* The list that a field's values of a type stand in: lists stand in the order in which shapes first
 * name them. */
static kith_status find_list(body_opening *o, kith_shape_op *op)
{
    kith_body *body = o->body;
    for (size_t i = 0; i < body->list_count; i++) {
        if (o->list_fields[i] == op->field && body->lists[i].type == op->type) {
            op->list = i;
            return KITH_OK;
        }
    }
    size_t capacity = o->list_capacity;
    kith_value_list *lists = kith_arena_grow(body->arena, body->lists, body->list_count,
                                             &o->list_capacity, sizeof *lists);
    uint32_t *fields =
        kith_arena_grow(body->arena, o->list_fields, body->list_count, &capacity, sizeof *fields);
    KITH_ENSURE(lists != NULL && fields != NULL, KITH_E_MEMORY);
    body->lists = lists;
    o->list_fields = fields;
    lists[body->list_count] = (kith_value_list){.type = op->type};
    fields[body->list_count] = op->field;
    op->list = body->list_count++;
    return KITH_OK;
}

static kith_status read_shape_op(body_opening *o, kith_reader *reader, kith_shape_op *op)
{
    uint64_t head = kith_read_varint(reader);
    op->action = (uint8_t)(head & 3);
    op->field = (uint32_t)(head >> 2);
    KITH_ENSURE(head >> 2 < o->body->name_count, damaged(o->body, "a field"));
    if (op->action == KITH_ACTION_CLEAR) {
        return KITH_OK;
    }
    op->type = (uint8_t)kith_read_varint_max(reader, KITH_TYPE_MAX);
    KITH_ENSURE(op->type != KITH_TYPE_NONE, damaged(o->body, "a type"));
    return find_list(o, op);
}

static kith_status read_shape(body_opening *o, kith_reader *reader, kith_body_shape *shape)
{
    uint64_t head = kith_read_varint(reader);
    shape->deed = (uint8_t)(head & 3);
    shape->kind = (uint32_t)(head >> 2);
    bool creates = shape->deed == KITH_DEED_CREATE;
    KITH_ENSURE(creates ? head >> 2 < o->body->name_count : head >> 2 == 0,
                damaged(o->body, "a kind"));
    if (!kith_deed_has_ops(shape->deed)) {
        return KITH_OK;
    }
    shape->op_count = kith_read_count(reader, 1);
    KITH_ENSURE(shape->op_count <= KITH_CHANGE_OPS_MAX, damaged(o->body, "too many operations"));
    KITH_TRY(kith_column_take(&o->columns, shape->op_count));
    shape->ops = kith_arena_array(o->body->arena, shape->op_count, sizeof *shape->ops);
    KITH_ENSURE(shape->ops != NULL, KITH_E_MEMORY);
    for (size_t i = 0; i < shape->op_count; i++) {
        KITH_TRY(read_shape_op(o, reader, &shape->ops[i]));
    }
    return KITH_OK;
}

static kith_status read_shapes(body_opening *o)
{
    kith_body *body = o->body;
    kith_slice joined;
    uint64_t count = kith_read_varint(&o->columns.reader);
    KITH_TRY(kith_column_take(&o->columns, count));
    KITH_TRY(kith_bytes_read(&o->columns, KITH_STREAM_BYTES, &joined));
    body->shape_count = (size_t)count;
    body->shapes = kith_arena_array(body->arena, body->shape_count, sizeof *body->shapes);
    KITH_ENSURE(body->shapes != NULL, KITH_E_MEMORY);
    kith_reader reader = kith_reader_of(joined);
    for (size_t i = 0; i < body->shape_count; i++) {
        KITH_TRY(read_shape(o, &reader, &body->shapes[i]));
    }
    KITH_ENSURE(kith_reader_finished(&reader), damaged(body, "its shapes"));
    return KITH_OK;
}

static kith_status read_column(body_opening *o, size_t count, kith_number_cursor *cursor)
{
    cursor->next = 0;
    return kith_numbers_read(&o->columns, count, &cursor->numbers);
}

/* How many changes there are. */
static kith_status add_up_sizes(body_opening *o)
{
    kith_body *body = o->body;
    for (size_t i = 0; i < body->commit_count; i++) {
        int64_t size = body->sizes.numbers.items[i];
        KITH_ENSURE(size > 0 && (uint64_t)size <= KITH_COMMIT_CHANGES_MAX,
                    damaged(body, "the size of a commit"));
        KITH_TRY(kith_column_take(&o->columns, (uint64_t)size));
        body->change_count += (size_t)size;
    }
    KITH_ENSURE(body->change_count - 1 <= KITH_NUMBER_MAX - body->first,
                damaged(body, "its numbers"));
    return KITH_OK;
}

/* How many records, operations and values there are. */
static kith_status add_up_shapes(body_opening *o)
{
    kith_body *body = o->body;
    size_t creations = 0;
    for (size_t i = 0; i < body->change_count; i++) {
        uint64_t index = (uint64_t)body->shape_indexes.numbers.items[i];
        KITH_ENSURE(index < body->shape_count, damaged(body, "a shape"));
        const kith_body_shape *shape = &body->shapes[index];
        KITH_TRY(kith_column_take(&o->columns, shape->op_count));
        o->op_count += shape->op_count;
        o->reference_count += shape->deed != KITH_DEED_CREATE;
        creations += shape->deed == KITH_DEED_CREATE;
        o->removal_count += shape->deed == KITH_DEED_REMOVE ? 2 : shape->deed == KITH_DEED_KEEP;
        for (size_t j = 0; j < shape->op_count; j++) {
            uint8_t action = shape->ops[j].action;
            o->element_count += kith_action_is_of_element(action);
            if (action != KITH_ACTION_CLEAR) {
                body->lists[shape->ops[j].list].count++;
            }
        }
    }
    body->creations = kith_arena_array(body->arena, creations, sizeof *body->creations);
    return body->creations == NULL ? KITH_E_MEMORY : KITH_OK;
}

/* How many dots there are: what operations announce, one less than the number, and removals. */
static kith_status add_up_dots(body_opening *o, size_t *count_out)
{
    const kith_body *body = o->body;
    uint64_t total = 0;
    for (size_t i = 0; i < o->op_count; i++) {
        int64_t announced = body->replaced.numbers.items[i];
        KITH_ENSURE(announced >= 0 && (uint64_t)announced <= KITH_PREDECESSORS_MAX + 1,
                    damaged(body, "too many predecessors"));
        total += announced > 0 ? (uint64_t)announced - 1 : 0;
    }
    for (size_t i = 0; i < o->removal_count; i++) {
        int64_t announced = body->removals.numbers.items[i];
        KITH_ENSURE(announced >= 0 && (uint64_t)announced <= KITH_PREDECESSORS_MAX,
                    damaged(body, "too many predecessors"));
        total += (uint64_t)announced;
    }
    KITH_ENSURE(total <= o->columns.room, damaged(body, "too many predecessors"));
    *count_out = (size_t)total;
    return KITH_OK;
}

static kith_status read_table(body_opening *o)
{
    uint64_t count = kith_read_varint(&o->columns.reader);
    KITH_ENSURE(count <= o->reference_count, damaged(o->body, "its table of records"));
    KITH_TRY(read_column(o, (size_t)count, &o->body->table_authors));
    return read_column(o, (size_t)count, &o->body->table_numbers);
}

/* The numbers of the changes that wrote the values: references are distances from them. */
static kith_status number_values(body_opening *o)
{
    kith_body *body = o->body;
    for (size_t i = 0; i < body->list_count; i++) {
        kith_value_list *list = &body->lists[i];
        list->values = kith_arena_array(body->arena, list->count, sizeof *list->values);
        list->numbers = kith_arena_array(body->arena, list->count, sizeof *list->numbers);
        KITH_ENSURE(list->values != NULL && list->numbers != NULL, KITH_E_MEMORY);
        list->count = 0;
    }
    for (size_t i = 0; i < body->change_count; i++) {
        const kith_body_shape *shape = &body->shapes[body->shape_indexes.numbers.items[i]];
        for (size_t j = 0; j < shape->op_count; j++) {
            if (shape->ops[j].action != KITH_ACTION_CLEAR) {
                kith_value_list *list = &body->lists[shape->ops[j].list];
                list->numbers[list->count++] = body->first + i;
            }
        }
    }
    return KITH_OK;
}

static kith_status read_values(body_opening *o)
{
    kith_body *body = o->body;
    KITH_TRY(number_values(o));
    body->list_cursors = kith_arena_array(body->arena, body->list_count, sizeof(size_t));
    KITH_ENSURE(body->list_cursors != NULL, KITH_E_MEMORY);
    for (size_t i = 0; i < body->list_count; i++) {
        KITH_TRY(kith_values_read(&o->columns, &body->authors, &body->lists[i]));
    }
    KITH_ENSURE(kith_reader_finished(&o->columns.reader), damaged(body, "its end"));
    return KITH_OK;
}

static kith_status read_columns(body_opening *o)
{
    kith_body *body = o->body;
    size_t dot_count = 0;
    KITH_TRY(read_column(o, body->commit_count, &body->sizes));
    KITH_TRY(add_up_sizes(o));
    KITH_TRY(read_column(o, body->commit_count, &body->undoes));
    KITH_TRY(read_column(o, body->commit_count - 1, &body->steps));
    KITH_TRY(read_column(o, body->commit_count, &body->stamps));
    KITH_TRY(read_column(o, body->commit_count, &body->aheads));
    KITH_TRY(read_column(o, body->change_count, &body->shape_indexes));
    KITH_TRY(add_up_shapes(o));
    KITH_TRY(read_column(o, o->reference_count, &body->records));
    KITH_TRY(read_table(o));
    KITH_TRY(read_column(o, o->op_count, &body->replaced));
    KITH_TRY(read_column(o, o->removal_count, &body->removals));
    KITH_TRY(add_up_dots(o, &dot_count));
    KITH_TRY(read_column(o, dot_count, &body->dot_authors));
    KITH_TRY(read_column(o, dot_count, &body->dot_numbers));
    return read_values(o);
}

kith_status kith_body_open(kith_context *cx, kith_slice bytes, kith_author_id author,
                           kith_arena *arena, kith_body *body_out)
{
    kith_body body = {.cx = cx, .arena = arena};
    body_opening o = {.body = &body};
    *body_out = (kith_body){0};
    o.columns = (kith_column_reader){.cx = cx,
                                     .arena = arena,
                                     .reader = kith_reader_of(bytes),
                                     .room = KITH_SEGMENT_INFLATED_MAX};
    KITH_TRY(read_head(&o));
    KITH_TRY(read_authors(&o, author));
    KITH_TRY(read_names(&o));
    KITH_TRY(read_shapes(&o));
    KITH_TRY(read_columns(&o));
    body.predictor = kith_arena_allocate(arena, sizeof *body.predictor);
    KITH_ENSURE(body.predictor != NULL, KITH_E_MEMORY);
    KITH_TRY(kith_predictor_init(body.predictor, arena, o.op_count, o.element_count));
    *body_out = body;
    return KITH_OK;
}

static int64_t take(kith_number_cursor *cursor)
{
    return cursor->numbers.items[cursor->next++];
}

/* A dot from an author's index and a number; of the own author a distance back from `number`. */
static kith_status make_dot(const kith_body *body, int64_t author, int64_t stored, uint64_t number,
                            kith_dot *dot_out)
{
    KITH_ENSURE(author >= 0 && (uint64_t)author < body->authors.count && stored > 0,
                damaged(body, "a change's name"));
    uint64_t value = (uint64_t)stored;
    KITH_ENSURE(author == 0 ? value < number : value <= KITH_NUMBER_MAX,
                damaged(body, "a change's number"));
    *dot_out = (kith_dot){body->author_ordinals[author], author == 0 ? number - value : value};
    return KITH_OK;
}

static kith_status take_dots(kith_body *body, kith_arena *arena, size_t count, uint64_t number,
                             const kith_dot **dots_out, size_t *count_out)
{
    kith_dot *dots = kith_arena_array(arena, count, sizeof *dots);
    KITH_ENSURE(dots != NULL, KITH_E_MEMORY);
    for (size_t i = 0; i < count; i++) {
        int64_t author = take(&body->dot_authors);
        KITH_TRY(make_dot(body, author, take(&body->dot_numbers), number, &dots[i]));
    }
    *dots_out = dots;
    *count_out = count;
    return KITH_OK;
}

/* A row of the table; what it is counted back from may lie before it. */
static kith_status table_dot(const kith_body *body, size_t row, kith_dot *dot_out)
{
    uint64_t author = (uint64_t)body->table_authors.numbers.items[row];
    uint64_t stored = (uint64_t)body->table_numbers.numbers.items[row];
    uint64_t number = author == 0 ? body->first - stored : stored;
    KITH_ENSURE(author < body->authors.count && number > 0 && number <= KITH_NUMBER_MAX,
                damaged(body, "its table of records"));
    *dot_out = (kith_dot){body->author_ordinals[author], number};
    return KITH_OK;
}

static kith_status take_record(kith_body *body, kith_change *change)
{
    int64_t stored = take(&body->records);
    KITH_ENSURE(stored >= 0, damaged(body, "a record"));
    size_t index = (size_t)(stored / 2);
    if (stored % 2 == 0) {
        KITH_ENSURE(index < body->creation_count, damaged(body, "a record"));
        uint64_t number = body->creations[body->creation_count - 1 - index];
        change->record = (kith_dot){change->id.author, number};
        return KITH_OK;
    }
    KITH_ENSURE(index < body->table_authors.numbers.count, damaged(body, "a record"));
    KITH_TRY(table_dot(body, index, &change->record));
    bool is_later =
        change->record.author == change->id.author && change->record.number >= change->id.number;
    return is_later ? damaged(body, "a record") : KITH_OK;
}

static kith_status take_replaced(kith_body *body, kith_arena *arena, const kith_change *change,
                                 kith_op *op)
{
    int64_t announced = take(&body->replaced);
    uint64_t foreseen = kith_predict(body->predictor, change->record, op, change->id.number);
    if (announced > 0) {
        return take_dots(body, arena, (size_t)announced - 1, change->id.number, &op->replaces,
                         &op->replaces_count);
    }
    if (foreseen != 0) {
        kith_dot *dot = kith_arena_allocate(arena, sizeof *dot);
        KITH_ENSURE(dot != NULL, KITH_E_MEMORY);
        *dot = (kith_dot){change->id.author, foreseen};
        op->replaces = dot;
        op->replaces_count = 1;
    }
    return KITH_OK;
}

static kith_status take_ops(kith_body *body, kith_arena *arena, const kith_body_shape *shape,
                            kith_change *change)
{
    kith_op *ops = kith_arena_array(arena, shape->op_count, sizeof *ops);
    KITH_ENSURE(ops != NULL, KITH_E_MEMORY);
    for (size_t i = 0; i < shape->op_count; i++) {
        const kith_shape_op *op = &shape->ops[i];
        ops[i] = (kith_op){.field = body->name_ordinals[op->field], .action = op->action};
        if (op->action != KITH_ACTION_CLEAR) {
            ops[i].value = body->lists[op->list].values[body->list_cursors[op->list]++];
        }
        KITH_TRY(take_replaced(body, arena, change, &ops[i]));
    }
    change->ops = ops;
    change->op_count = shape->op_count;
    return kith_change_check(body->cx, arena, change);
}

static kith_status take_change(kith_body *body, kith_arena *arena, kith_change *change)
{
    const kith_body_shape *shape = &body->shapes[take(&body->shape_indexes)];
    change->deed = shape->deed;
    if (shape->deed == KITH_DEED_CREATE) {
        change->kind = body->name_ordinals[shape->kind];
        change->record = change->id;
        body->creations[body->creation_count++] = change->id.number;
    } else {
        KITH_TRY(take_record(body, change));
    }
    if (kith_deed_has_ops(shape->deed)) {
        return take_ops(body, arena, shape, change);
    }
    KITH_TRY(take_dots(body, arena, (size_t)take(&body->removals), change->id.number,
                       &change->replaces, &change->replaces_count));
    if (shape->deed == KITH_DEED_REMOVE) {
        KITH_TRY(take_dots(body, arena, (size_t)take(&body->removals), change->id.number,
                           &change->seen, &change->seen_count));
    }
    return KITH_OK;
}

static kith_status take_commit_head(kith_body *body, kith_commit *commit)
{
    int64_t undoes = take(&body->undoes);
    int64_t stamp = take(&body->stamps);
    uint64_t ms = (uint64_t)body->last_ms;
    if (body->commits_read > 0) {
        ms += (uint64_t)take(&body->steps); /* unsigned: a damaged step may lead anywhere */
    }
    commit->first = (kith_dot){body->author_ordinals[0], body->next};
    commit->change_count = (size_t)take(&body->sizes);
    commit->ahead_ms = take(&body->aheads);
    KITH_ENSURE(undoes >= 0 && (uint64_t)undoes < body->next && stamp >= 0 &&
                    (uint64_t)stamp <= ((uint64_t)UINT32_MAX << 2 | 3),
                damaged(body, "a commit's head"));
    commit->undoes = undoes == 0 ? 0 : body->next - (uint64_t)undoes;
    commit->stamp = (kith_stamp){(int64_t)ms, (uint32_t)(stamp >> 2), (uint8_t)(stamp & 3)};
    KITH_ENSURE(commit->stamp.trust <= KITH_TRUST_CONFIRMED && commit->ahead_ms >= 0 &&
                    commit->ahead_ms <= 2 * KITH_TIME_MS_MAX &&
                    commit->stamp.ms >= -KITH_TIME_MS_MAX && commit->stamp.ms <= KITH_TIME_MS_MAX,
                damaged(body, "a commit's time"));
    return KITH_OK;
}

kith_status kith_body_next(kith_body *body, kith_arena *arena, kith_commit *commit_out)
{
    *commit_out = (kith_commit){0};
    if (body->commits_read == body->commit_count) {
        return KITH_E_NOT_FOUND;
    }
    kith_commit commit = {0};
    KITH_TRY(take_commit_head(body, &commit));
    commit.changes = kith_arena_array(arena, commit.change_count, sizeof *commit.changes);
    KITH_ENSURE(commit.changes != NULL, KITH_E_MEMORY);
    for (size_t i = 0; i < commit.change_count; i++) {
        kith_change *change = &commit.changes[i];
        change->id = (kith_dot){body->author_ordinals[0], body->next + i};
        change->stamp = commit.stamp;
        KITH_TRY(take_change(body, arena, change));
    }
    body->next += commit.change_count;
    body->last_ms = commit.stamp.ms;
    body->commits_read++;
    *commit_out = commit;
    return KITH_OK;
}
