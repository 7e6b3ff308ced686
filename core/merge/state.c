/* SPDX-License-Identifier: Apache-2.0 */
#include "merge/state.h"

void kith_state_init(kith_state *record, kith_arena *arena, kith_dot id)
{
    *record = (kith_state){.arena = arena, .id = id};
}

/* Where the dot stands or would stand. */
static size_t dots_place(const kith_dots *dots, kith_dot dot)
{
    size_t low = 0;
    size_t high = dots->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (kith_dot_compare(dots->items[middle], dot) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static kith_status dots_add(kith_arena *arena, kith_dots *dots, kith_dot dot)
{
    size_t place = dots_place(dots, dot);
    if (place < dots->count && kith_dot_equal(dots->items[place], dot)) {
        return KITH_OK;
    }
    kith_dot *items =
        kith_arena_grow(arena, dots->items, dots->count, &dots->capacity, sizeof *items);
    KITH_ENSURE(items != NULL, KITH_E_MEMORY);
    memmove(items + place + 1, items + place, (dots->count - place) * sizeof *items);
    items[place] = dot;
    dots->items = items;
    dots->count++;
    return KITH_OK;
}

/* Takes a dot out; false if it was not there. */
static bool dots_take(kith_dots *dots, kith_dot dot)
{
    size_t place = dots->count == 0 ? 0 : dots_place(dots, dot);
    if (place == dots->count || !kith_dot_equal(dots->items[place], dot)) {
        return false;
    }
    dots->count--;
    memmove(dots->items + place, dots->items + place + 1,
            (dots->count - place) * sizeof *dots->items);
    return true;
}

static int cell_compare(const kith_cell *cell, uint32_t field, kith_value element)
{
    return cell->field != field ? (cell->field > field) - (cell->field < field)
                                : kith_value_compare(cell->element, element);
}

static size_t cell_place(const kith_state *record, uint32_t field, kith_value element)
{
    size_t low = 0;
    size_t high = record->cell_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (cell_compare(&record->cells[middle], field, element) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static kith_status find_or_add_cell(kith_state *record, uint32_t field, kith_value element,
                                    kith_cell **cell_out)
{
    size_t place = cell_place(record, field, element);
    if (place < record->cell_count && cell_compare(&record->cells[place], field, element) == 0) {
        *cell_out = &record->cells[place];
        return KITH_OK;
    }
    kith_cell *cells = kith_arena_grow(record->arena, record->cells, record->cell_count,
                                       &record->cell_capacity, sizeof *cells);
    KITH_ENSURE(cells != NULL, KITH_E_MEMORY);
    memmove(cells + place + 1, cells + place, (record->cell_count - place) * sizeof *cells);
    cells[place] = (kith_cell){.field = field, .element = element};
    record->cells = cells;
    record->cell_count++;
    *cell_out = &cells[place];
    return KITH_OK;
}

static kith_status add_head(kith_state *record, kith_cell *cell, kith_head head)
{
    kith_head *heads = kith_arena_grow(record->arena, cell->heads, cell->head_count,
                                       &cell->head_capacity, sizeof *heads);
    KITH_ENSURE(heads != NULL, KITH_E_MEMORY);
    size_t place = cell->head_count;
    while (place > 0 && kith_dot_compare(heads[place - 1].id, head.id) > 0) {
        heads[place] = heads[place - 1];
        place--;
    }
    heads[place] = head;
    cell->heads = heads;
    cell->head_count++;
    return KITH_OK;
}

static bool take_head(kith_cell *cell, kith_dot id)
{
    for (size_t i = 0; i < cell->head_count; i++) {
        if (kith_dot_equal(cell->heads[i].id, id)) {
            cell->head_count--;
            memmove(cell->heads + i, cell->heads + i + 1,
                    (cell->head_count - i) * sizeof *cell->heads);
            return true;
        }
    }
    return false;
}

static kith_status apply_op(kith_state *record, const kith_change *change, const kith_op *op,
                            const kith_known *known)
{
    kith_value none = {0};
    kith_cell *cell = NULL;
    KITH_TRY(find_or_add_cell(record, op->field,
                              kith_action_is_of_element(op->action) ? op->value : none, &cell));
    for (size_t i = 0; i < op->replaces_count; i++) {
        kith_dot replaced = op->replaces[i];
        if (!take_head(cell, replaced) && !kith_known_has(known, replaced)) {
            KITH_TRY(dots_add(record->arena, &cell->missing, replaced));
        }
    }
    bool was_replaced = dots_take(&cell->missing, change->id);
    if (op->action != KITH_ACTION_REMOVE && !was_replaced) {
        kith_value value = op->action == KITH_ACTION_SET ? op->value : none;
        KITH_TRY(add_head(record, cell, (kith_head){change->id, change->stamp, value}));
    }
    if (cell->head_count == 0 && cell->missing.count == 0) {
        size_t place = (size_t)(cell - record->cells);
        record->cell_count--;
        memmove(cell, cell + 1, (record->cell_count - place) * sizeof *cell);
    }
    return KITH_OK;
}

static bool take_removal(kith_state *record, kith_dot id)
{
    for (size_t i = 0; i < record->removal_count; i++) {
        if (kith_dot_equal(record->removals[i].id, id)) {
            record->removal_count--;
            memmove(record->removals + i, record->removals + i + 1,
                    (record->removal_count - i) * sizeof *record->removals);
            return true;
        }
    }
    return false;
}

static kith_status add_removal(kith_state *record, const kith_change *change)
{
    kith_removal removal = {.id = change->id, .stamp = change->stamp};
    for (size_t i = 0; i < change->seen_count; i++) {
        KITH_TRY(dots_add(record->arena, &removal.seen, change->seen[i]));
    }
    kith_removal *removals = kith_arena_grow(record->arena, record->removals, record->removal_count,
                                             &record->removal_capacity, sizeof *removals);
    KITH_ENSURE(removals != NULL, KITH_E_MEMORY);
    size_t place = record->removal_count;
    while (place > 0 && kith_dot_compare(removals[place - 1].id, removal.id) > 0) {
        removals[place] = removals[place - 1];
        place--;
    }
    removals[place] = removal;
    record->removals = removals;
    record->removal_count++;
    return KITH_OK;
}

static kith_status apply_removal(kith_state *record, const kith_change *change,
                                 const kith_known *known)
{
    for (size_t i = 0; i < change->replaces_count; i++) {
        kith_dot replaced = change->replaces[i];
        if (!take_removal(record, replaced) && !kith_known_has(known, replaced)) {
            KITH_TRY(dots_add(record->arena, &record->missing_removals, replaced));
        }
    }
    bool was_replaced = dots_take(&record->missing_removals, change->id);
    if (change->deed == KITH_DEED_REMOVE && !was_replaced) {
        KITH_TRY(add_removal(record, change));
    }
    return KITH_OK;
}

kith_status kith_state_apply(kith_state *record, const kith_change *change, const kith_known *known)
{
    KITH_ASSERT(kith_dot_equal(change->record, record->id));
    KITH_TRY(dots_add(record->arena, &record->changes, change->id));
    int later = record->changes.count == 1 ? 1 : kith_stamp_compare(change->stamp, record->changed);
    if (later > 0 ||
        (later == 0 && kith_known_compare(known, change->id, record->changed_by) > 0)) {
        record->changed = change->stamp;
        record->changed_by = change->id;
    }
    if (change->deed == KITH_DEED_CREATE) {
        record->kind = change->kind;
        record->created = change->stamp;
    }
    for (size_t i = 0; i < change->op_count; i++) {
        KITH_TRY(apply_op(record, change, &change->ops[i], known));
    }
    if (change->deed == KITH_DEED_REMOVE || change->deed == KITH_DEED_KEEP) {
        KITH_TRY(apply_removal(record, change, known));
    }
    return KITH_OK;
}

const kith_cell *kith_state_find(const kith_state *record, uint32_t field)
{
    size_t place = cell_place(record, field, (kith_value){0});
    bool found = place < record->cell_count && record->cells[place].field == field;
    return found ? &record->cells[place] : NULL;
}

const kith_cell *kith_state_find_element(const kith_state *record, uint32_t field,
                                         kith_value element)
{
    size_t place = cell_place(record, field, element);
    bool found =
        place < record->cell_count && cell_compare(&record->cells[place], field, element) == 0;
    return found ? &record->cells[place] : NULL;
}

const kith_head *kith_cell_winner(const kith_cell *cell, const kith_known *known)
{
    const kith_head *winner = NULL;
    kith_stamp winner_stamp = {0};
    for (size_t i = 0; i < cell->head_count; i++) {
        const kith_head *head = &cell->heads[i];
        kith_stamp stamp = kith_known_stamp(known, head->id, head->stamp);
        int order = winner == NULL ? 1 : kith_stamp_compare(stamp, winner_stamp);
        if (order > 0 || (order == 0 && kith_known_compare(known, head->id, winner->id) > 0)) {
            winner = head;
            winner_stamp = stamp;
        }
    }
    return winner;
}

bool kith_cell_in_conflict(const kith_cell *cell)
{
    for (size_t i = 1; i < cell->head_count; i++) {
        if (!kith_value_equal(cell->heads[i].value, cell->heads[0].value)) {
            return true;
        }
    }
    return false;
}

bool kith_state_in_conflict(const kith_state *record)
{
    for (size_t i = 0; i < record->cell_count; i++) {
        if (kith_cell_in_conflict(&record->cells[i])) {
            return true;
        }
    }
    return false;
}

static bool removal_saw(const kith_removal *removal, kith_dot change)
{
    size_t place = dots_place(&removal->seen, change);
    bool saw = place < removal->seen.count && removal->seen.items[place].author == change.author;
    return saw || kith_dot_equal(removal->id, change);
}

static bool was_seen_by_a_removal(const kith_state *record, kith_dot change)
{
    for (size_t i = 0; i < record->removal_count; i++) {
        if (removal_saw(&record->removals[i], change)) {
            return true;
        }
    }
    return false;
}

/* Removals that count, and whether some change was not seen by any of them. A removal that sees an
 * author's change has seen the earlier ones too, so each author's last one decides. */
static bool has_unseen_change(const kith_state *record)
{
    const kith_dots *changes = &record->changes;
    for (size_t i = 0; i < changes->count; i++) {
        bool last =
            i + 1 == changes->count || changes->items[i + 1].author != changes->items[i].author;
        if (last && !was_seen_by_a_removal(record, changes->items[i])) {
            return true;
        }
    }
    return false;
}

bool kith_state_is_removed(const kith_state *record)
{
    return record->removal_count > 0 && !has_unseen_change(record);
}

bool kith_state_is_revived(const kith_state *record)
{
    return record->removal_count > 0 && has_unseen_change(record);
}

size_t kith_state_frontier(const kith_state *record, kith_dot *dots_out)
{
    const kith_dots *changes = &record->changes;
    size_t count = 0;
    for (size_t i = 0; i < changes->count; i++) {
        bool last =
            i + 1 == changes->count || changes->items[i + 1].author != changes->items[i].author;
        if (last) {
            dots_out[count++] = changes->items[i];
        }
    }
    return count;
}
