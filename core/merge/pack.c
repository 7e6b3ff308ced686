/* The packed state of a record: what a replica stores, a few bytes beside the values themselves.
 *
 *   flags     varint: which of the optional parts follow
 *   created   stamp, against EPOCH_MS                                     if CREATED
 *   changes   authors, for each: ordinal, count, first number, steps      if CHANGED
 *   changed   index into changes, stamp against created                   if CHANGED
 *   cells     count, for each: field << 3 | is element << 2 | shape, then
 *             PLAIN    written by the creating change: the value or element
 *             SINGLE   one head: index into changes, stamp, the value or element
 *             GENERAL  the element, if one; heads (index, stamp, the value, if no element);
 *                      missing (ordinal, number)
 *   removals  removals (index, stamp, seen dots); missing removals        if REMOVED
 *
 * A stamp is the milliseconds against its base as zigzag, then counter << 2 | trust. Without
 * CHANGED the creating change is the only one. Local to a replica: ordinals stand for authors and
 * names, so the bytes never travel.
 *
 * A state has one packed form: everything stands in the order that state.h gives, by which merging
 * searches, and in the shortest shape. Reading insists on it, so that what it takes for a state
 * packs to the same bytes.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/limits.h"
#include "merge/state.h"

/* 1 January 2020: keeps the first stamp short; any constant would do. */
static const int64_t EPOCH_MS = INT64_C(1577836800000);

enum { FLAG_CREATED = 1, FLAG_CHANGED = 2, FLAG_REMOVED = 4, FLAGS_ALL = 7 };
enum { SHAPE_PLAIN = 0, SHAPE_SINGLE = 1, SHAPE_GENERAL = 2, SHAPE_ELEMENT = 4, SHAPE_BITS = 3 };

static void spoil_unless(kith_reader *reader, bool condition)
{
    if (!condition) {
        kith_reader_spoil(reader);
    }
}

static void write_stamp(kith_buf *out, kith_stamp stamp, int64_t base_ms)
{
    kith_write_zigzag(out, stamp.ms - base_ms);
    kith_write_varint(out, (uint64_t)stamp.counter << 2 | stamp.trust);
}

static kith_stamp read_stamp(kith_reader *reader, int64_t base_ms)
{
    kith_stamp stamp = {0};
    uint64_t ms = (uint64_t)kith_read_zigzag(reader) + (uint64_t)base_ms;
    uint64_t tail = kith_read_varint_max(reader, (uint64_t)UINT32_MAX << 2 | 3);
    stamp.ms = (int64_t)ms;
    stamp.counter = (uint32_t)(tail >> 2);
    stamp.trust = (uint8_t)(tail & 3);
    spoil_unless(reader, stamp.trust <= KITH_TRUST_CONFIRMED && stamp.ms >= -KITH_TIME_MS_MAX &&
                             stamp.ms <= KITH_TIME_MS_MAX);
    return stamp;
}

static void write_dots(kith_buf *out, const kith_dots *dots)
{
    kith_write_varint(out, dots->count);
    for (size_t i = 0; i < dots->count; i++) {
        kith_write_varint(out, dots->items[i].author);
        kith_write_varint(out, dots->items[i].number);
    }
}

static kith_status read_dots(kith_reader *reader, kith_arena *arena, kith_dots *dots_out)
{
    size_t count = kith_read_count(reader, 2);
    *dots_out = (kith_dots){.count = count, .capacity = count};
    if (count == 0) {
        return KITH_OK;
    }
    dots_out->items = kith_arena_array(arena, count, sizeof *dots_out->items);
    KITH_ENSURE(dots_out->items != NULL, KITH_E_MEMORY);
    for (size_t i = 0; i < count && !reader->failed; i++) {
        kith_dot *dot = &dots_out->items[i];
        dot->author = (uint32_t)kith_read_varint_max(reader, UINT32_MAX);
        dot->number = kith_read_varint_max(reader, KITH_NUMBER_MAX);
        spoil_unless(reader, i == 0 || kith_dot_compare(dot[-1], *dot) < 0);
    }
    return KITH_OK;
}

/* The changes by author, so that an author's ordinal stands once. */
static void write_changes(kith_buf *out, const kith_dots *changes)
{
    size_t author_count = 0;
    for (size_t i = 0; i < changes->count; i++) {
        author_count += i == 0 || changes->items[i].author != changes->items[i - 1].author;
    }
    kith_write_varint(out, author_count);
    for (size_t i = 0; i < changes->count;) {
        size_t end = i + 1;
        while (end < changes->count && changes->items[end].author == changes->items[i].author) {
            end++;
        }
        kith_write_varint(out, changes->items[i].author);
        kith_write_varint(out, end - i);
        kith_write_varint(out, changes->items[i].number);
        for (i++; i < end; i++) {
            kith_write_varint(out, changes->items[i].number - changes->items[i - 1].number);
        }
    }
}

static kith_status read_changes(kith_reader *reader, kith_state *record)
{
    kith_dots *changes = &record->changes;
    uint32_t last_author = 0;
    size_t author_count = kith_read_count(reader, 3);
    for (size_t i = 0; i < author_count && !reader->failed; i++) {
        uint32_t author = (uint32_t)kith_read_varint_max(reader, UINT32_MAX);
        size_t count = kith_read_count(reader, 1);
        uint64_t number = 0;
        spoil_unless(reader, author > last_author && count > 0);
        last_author = author;
        for (size_t j = 0; j < count && !reader->failed; j++) {
            kith_dot *items = kith_arena_grow(record->arena, changes->items, changes->count,
                                              &changes->capacity, sizeof *items);
            KITH_ENSURE(items != NULL, KITH_E_MEMORY);
            uint64_t step = kith_read_varint_max(reader, KITH_NUMBER_MAX - number);
            spoil_unless(reader, step > 0);
            number += step;
            items[changes->count++] = (kith_dot){author, number};
            changes->items = items;
        }
    }
    return KITH_OK;
}

static size_t change_index(const kith_state *record, kith_dot dot)
{
    size_t low = 0;
    size_t high = record->changes.count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (kith_dot_compare(record->changes.items[middle], dot) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    KITH_ASSERT(low < record->changes.count && kith_dot_equal(record->changes.items[low], dot));
    return low;
}

static kith_dot read_change_index(kith_reader *reader, const kith_state *record)
{
    uint64_t index = kith_read_varint(reader);
    if (index >= record->changes.count) {
        kith_reader_spoil(reader);
        return (kith_dot){0};
    }
    return record->changes.items[index];
}

/* The shortest shape that holds the cell. */
static unsigned shape_of(const kith_state *record, const kith_cell *cell)
{
    if (cell->head_count != 1 || cell->missing.count > 0) {
        return SHAPE_GENERAL;
    }
    return kith_dot_equal(cell->heads[0].id, record->id) ? SHAPE_PLAIN : SHAPE_SINGLE;
}

static void write_cell(kith_buf *out, const kith_state *record, const kith_cell *cell)
{
    bool is_element = cell->element.type != KITH_TYPE_NONE;
    unsigned shape = shape_of(record, cell);
    unsigned element_bit = is_element ? SHAPE_ELEMENT : 0;
    kith_write_varint(out, (uint64_t)cell->field << SHAPE_BITS | element_bit | shape);
    if (is_element) {
        kith_value_write(out, cell->element);
    }
    if (shape == SHAPE_GENERAL) {
        kith_write_varint(out, cell->head_count);
    }
    for (size_t i = 0; i < cell->head_count; i++) {
        const kith_head *head = &cell->heads[i];
        if (shape != SHAPE_PLAIN) {
            kith_write_varint(out, change_index(record, head->id));
            write_stamp(out, head->stamp, record->created.ms);
        }
        if (!is_element) {
            kith_value_write(out, head->value);
        }
    }
    if (shape == SHAPE_GENERAL) {
        write_dots(out, &cell->missing);
    }
}

static kith_status read_cell(kith_reader *reader, kith_state *record, kith_cell *cell)
{
    uint64_t head = kith_read_varint_max(reader, (uint64_t)UINT32_MAX << SHAPE_BITS | 7);
    unsigned shape = (unsigned)(head & 3);
    bool is_element = (head & SHAPE_ELEMENT) != 0;
    cell->field = (uint32_t)(head >> SHAPE_BITS);
    if (is_element) {
        cell->element = kith_value_read(reader);
        spoil_unless(reader, cell->element.type != KITH_TYPE_NONE);
    }
    /* Without a creating change none of its writes can stand. */
    spoil_unless(reader, shape != SHAPE_PLAIN || record->kind != 0);
    size_t count = shape == SHAPE_GENERAL ? kith_read_count(reader, 2) : 1;
    cell->heads = kith_arena_array(record->arena, count, sizeof *cell->heads);
    KITH_ENSURE(cell->heads != NULL, KITH_E_MEMORY);
    cell->head_count = cell->head_capacity = count;
    for (size_t i = 0; i < count && !reader->failed; i++) {
        cell->heads[i].id = record->id;
        cell->heads[i].stamp = record->created;
        if (shape != SHAPE_PLAIN) {
            cell->heads[i].id = read_change_index(reader, record);
            cell->heads[i].stamp = read_stamp(reader, record->created.ms);
        }
        spoil_unless(reader,
                     i == 0 || kith_dot_compare(cell->heads[i - 1].id, cell->heads[i].id) < 0);
        if (!is_element) {
            cell->heads[i].value = kith_value_read(reader);
        }
    }
    if (shape == SHAPE_GENERAL) {
        KITH_TRY(read_dots(reader, record->arena, &cell->missing));
    }
    bool is_empty = cell->head_count == 0 && cell->missing.count == 0;
    spoil_unless(reader, !is_empty && shape == shape_of(record, cell));
    return KITH_OK;
}

static bool stands_before(const kith_cell *cell, const kith_cell *next)
{
    return cell->field != next->field ? cell->field < next->field
                                      : kith_value_compare(cell->element, next->element) < 0;
}

static void write_removals(kith_buf *out, const kith_state *record)
{
    kith_write_varint(out, record->removal_count);
    for (size_t i = 0; i < record->removal_count; i++) {
        const kith_removal *removal = &record->removals[i];
        kith_write_varint(out, change_index(record, removal->id));
        write_stamp(out, removal->stamp, record->created.ms);
        write_dots(out, &removal->seen);
    }
    write_dots(out, &record->missing_removals);
}

static kith_status read_removals(kith_reader *reader, kith_state *record)
{
    size_t count = kith_read_count(reader, 4);
    record->removals = kith_arena_array(record->arena, count, sizeof *record->removals);
    KITH_ENSURE(record->removals != NULL, KITH_E_MEMORY);
    record->removal_count = record->removal_capacity = count;
    for (size_t i = 0; i < count && !reader->failed; i++) {
        kith_removal *removal = &record->removals[i];
        removal->id = read_change_index(reader, record);
        removal->stamp = read_stamp(reader, record->created.ms);
        spoil_unless(reader, i == 0 || kith_dot_compare(removal[-1].id, removal->id) < 0);
        KITH_TRY(read_dots(reader, record->arena, &removal->seen));
    }
    return read_dots(reader, record->arena, &record->missing_removals);
}

static unsigned flags_of(const kith_state *record)
{
    bool created = record->kind != 0;
    bool only_created = created && record->changes.count == 1;
    bool removed = record->removal_count > 0 || record->missing_removals.count > 0;
    return (created ? FLAG_CREATED : 0u) | (only_created ? 0u : FLAG_CHANGED) |
           (removed ? FLAG_REMOVED : 0u);
}

void kith_state_pack(const kith_state *record, kith_buf *out)
{
    unsigned flags = flags_of(record);
    kith_write_varint(out, flags);
    if ((flags & FLAG_CREATED) != 0) {
        write_stamp(out, record->created, EPOCH_MS);
    }
    if ((flags & FLAG_CHANGED) != 0) {
        write_changes(out, &record->changes);
        kith_write_varint(out, change_index(record, record->changed_by));
        write_stamp(out, record->changed, record->created.ms);
    }
    kith_write_varint(out, record->cell_count);
    for (size_t i = 0; i < record->cell_count; i++) {
        write_cell(out, record, &record->cells[i]);
    }
    if ((flags & FLAG_REMOVED) != 0) {
        write_removals(out, record);
    }
}

static kith_status read_changed(kith_reader *reader, kith_state *record, bool changed)
{
    if (changed) {
        KITH_TRY(read_changes(reader, record));
        record->changed_by = read_change_index(reader, record);
        record->changed = read_stamp(reader, record->created.ms);
        return KITH_OK;
    }
    record->changes.items = kith_arena_array(record->arena, 1, sizeof *record->changes.items);
    KITH_ENSURE(record->changes.items != NULL, KITH_E_MEMORY);
    record->changes.items[0] = record->id;
    record->changes.count = record->changes.capacity = 1;
    record->changed_by = record->id;
    record->changed = record->created;
    return KITH_OK;
}

kith_status kith_state_unpack(kith_slice packed, kith_arena *arena, kith_dot id, uint32_t kind,
                              kith_state *record_out)
{
    kith_state record;
    kith_state_init(&record, arena, id);
    kith_state_init(record_out, arena, id);
    kith_reader reader = kith_reader_of(packed);
    uint64_t flags = kith_read_varint_max(&reader, FLAGS_ALL);
    record.kind = kind;
    if ((flags & FLAG_CREATED) != 0) {
        record.created = read_stamp(&reader, EPOCH_MS);
    }
    KITH_TRY(read_changed(&reader, &record, (flags & FLAG_CHANGED) != 0));
    size_t cell_count = kith_read_count(&reader, 2);
    /* Room for one more, because most records are unpacked to be changed. */
    record.cells = kith_arena_array(arena, cell_count + 1, sizeof *record.cells);
    KITH_ENSURE(record.cells != NULL, KITH_E_MEMORY);
    record.cell_count = cell_count;
    record.cell_capacity = cell_count + 1;
    for (size_t i = 0; i < cell_count && !reader.failed; i++) {
        KITH_TRY(read_cell(&reader, &record, &record.cells[i]));
        spoil_unless(&reader, i == 0 || stands_before(&record.cells[i - 1], &record.cells[i]));
    }
    if ((flags & FLAG_REMOVED) != 0) {
        KITH_TRY(read_removals(&reader, &record));
    }
    KITH_ENSURE(kith_reader_finished(&reader) && flags == flags_of(&record),
                kith_fail(arena->cx, KITH_E_DAMAGED, "a record's stored state is damaged"));
    *record_out = record;
    return KITH_OK;
}
