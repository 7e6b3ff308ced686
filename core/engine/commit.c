/* Drafts to a commit: what each write replaces is read off the records as they stand.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/limits.h"
#include "engine/edit.h"

typedef struct change_builder {
    kith_edit *edit;
    uint32_t record;   /* which draft */
    kith_state *state; /* as it stands; NULL for a new record */
    kith_state read;   /* what state points to */
    uint64_t number;   /* that its change will have, if it writes anything */
    kith_op *ops;
    size_t op_count;
    size_t op_capacity;
} change_builder;

static kith_status add_op(change_builder *b, const kith_op *op)
{
    kith_op *ops =
        kith_arena_grow(&b->edit->arena, b->ops, b->op_count, &b->op_capacity, sizeof *ops);
    KITH_ENSURE(ops != NULL, KITH_E_MEMORY);
    ops[b->op_count++] = *op;
    b->ops = ops;
    return KITH_OK;
}

/* An earlier operation of this change on the same field and element, which the new one overrides.
 */
static kith_op *find_op(change_builder *b, uint32_t field, kith_value element)
{
    for (size_t i = 0; i < b->op_count; i++) {
        kith_op *op = &b->ops[i];
        bool same = kith_action_is_of_element(op->action) ? kith_value_equal(op->value, element)
                                                          : element.type == KITH_TYPE_NONE;
        if (op->field == field && same) {
            return op;
        }
    }
    return NULL;
}

static void drop_op(change_builder *b, kith_op *op)
{
    size_t place = (size_t)(op - b->ops);
    b->op_count--;
    memmove(op, op + 1, (b->op_count - place) * sizeof *op);
}

/* Fills in what an operation replaces: all heads of the cell that it saw. */
static kith_status see_heads(change_builder *b, const kith_cell *cell, kith_op *op)
{
    size_t count = cell == NULL ? 0 : cell->head_count;
    kith_dot *dots = kith_arena_array(&b->edit->arena, count, sizeof *dots);
    KITH_ENSURE(dots != NULL, KITH_E_MEMORY);
    KITH_ENSURE(count <= KITH_PREDECESSORS_MAX,
                kith_fail(&b->edit->replica->cx, KITH_E_LIMIT, "too many concurrent values"));
    for (size_t i = 0; i < count; i++) {
        dots[i] = cell->heads[i].id;
    }
    op->replaces = dots;
    op->replaces_count = count;
    return KITH_OK;
}

static kith_status note_no_conflict(change_builder *b, uint32_t field)
{
    return kith_edit_note(b->edit, b->record, b->edit->replica->directory.names[field],
                          "is in no conflict; `kith set` changes it", "");
}

/* One value into a field, or none. Left out if the field holds just that and nobody disagrees. */
static kith_status set_register(change_builder *b, uint32_t field, kith_value value, bool settles)
{
    const kith_value none = {0};
    const kith_cell *cell =
        b->state == NULL ? NULL : kith_state_find_element(b->state, field, none);
    kith_op *earlier = find_op(b, field, none);
    if (earlier != NULL) {
        drop_op(b, earlier);
    }
    bool is_empty = cell == NULL || cell->head_count == 0;
    if (settles && (is_empty || !kith_cell_in_conflict(cell))) {
        return note_no_conflict(b, field);
    }
    if (is_empty && value.type == KITH_TYPE_NONE) {
        return KITH_OK;
    }
    /* What takes a commit back is written in any case: that it was taken back must be known. */
    bool is_undo = b->edit->undoes != 0;
    if (!is_empty && !is_undo && !kith_cell_in_conflict(cell) &&
        kith_value_equal(cell->heads[0].value, value)) {
        return KITH_OK;
    }
    kith_op op = {.field = field,
                  .action = value.type == KITH_TYPE_NONE ? KITH_ACTION_CLEAR : KITH_ACTION_SET,
                  .value = value};
    KITH_TRY(see_heads(b, cell, &op));
    return add_op(b, &op);
}

/* A value into a set or out of it. Left out if that is so already. */
static kith_status set_element(change_builder *b, uint32_t field, kith_value value, bool present)
{
    const kith_cell *cell =
        b->state == NULL ? NULL : kith_state_find_element(b->state, field, value);
    kith_op *earlier = find_op(b, field, value);
    if (earlier != NULL) {
        drop_op(b, earlier);
    }
    bool is_present = cell != NULL && cell->head_count > 0;
    if (is_present == present) {
        return KITH_OK;
    }
    kith_op op = {
        .field = field, .action = present ? KITH_ACTION_ADD : KITH_ACTION_REMOVE, .value = value};
    KITH_TRY(see_heads(b, cell, &op));
    return add_op(b, &op);
}

static bool has_value(const kith_draft_op *op, kith_value value)
{
    for (size_t i = 0; i < op->value_count; i++) {
        if (kith_value_equal(op->values[i], value)) {
            return true;
        }
    }
    return false;
}

/* The whole set: what is not named goes. */
static kith_status replace_set(change_builder *b, uint32_t field, const kith_draft_op *draft)
{
    for (size_t i = 0; b->state != NULL && i < b->state->cell_count; i++) {
        const kith_cell *cell = &b->state->cells[i];
        bool is_element = cell->field == field && cell->element.type != KITH_TYPE_NONE;
        if (is_element && !has_value(draft, cell->element)) {
            KITH_TRY(set_element(b, field, cell->element, false));
        }
    }
    for (size_t i = 0; i < b->op_count; i++) {
        kith_op *op = &b->ops[i];
        if (op->field == field && op->action == KITH_ACTION_ADD && !has_value(draft, op->value)) {
            drop_op(b, op);
            i--;
        }
    }
    return KITH_OK;
}

static kith_status build_op(change_builder *b, const kith_draft_op *draft)
{
    uint32_t field = 0;
    KITH_TRY(kith_directory_name(&b->edit->replica->directory, draft->field, &field));
    if (draft->action == KITH_DRAFT_SET) {
        kith_value value = draft->value_count > 0 ? draft->values[0] : (kith_value){0};
        return set_register(b, field, value, draft->settles);
    }
    if (draft->settles) {
        return note_no_conflict(b, field); /* a set never is */
    }
    if (draft->action == KITH_DRAFT_REPLACE) {
        KITH_TRY(replace_set(b, field, draft));
    }
    for (size_t i = 0; i < draft->value_count; i++) {
        KITH_TRY(set_element(b, field, draft->values[i], draft->action != KITH_DRAFT_TAKE));
    }
    return KITH_OK;
}

/* True if the change takes the last value out of a set. */
static bool is_left_empty(change_builder *b, uint32_t field)
{
    for (size_t i = 0; b->state != NULL && i < b->state->cell_count; i++) {
        const kith_cell *cell = &b->state->cells[i];
        bool holds = cell->field == field && cell->head_count > 0;
        if (holds && find_op(b, field, cell->element) == NULL) {
            return false;
        }
    }
    for (size_t i = 0; i < b->op_count; i++) {
        if (b->ops[i].field == field && b->ops[i].action == KITH_ACTION_ADD) {
            return false;
        }
    }
    return true;
}

/* A required set keeps a value; that a field with one value does was seen to before. */
static kith_status check_required_sets(change_builder *b)
{
    const kith_kind *kind = kith_draft_kind(b->edit, b->record);
    const kith_directory *directory = &b->edit->replica->directory;
    for (size_t i = 0; kind != NULL && i < b->op_count; i++) {
        const kith_op *op = &b->ops[i];
        const kith_field *field = kith_kind_find_field(kind, directory->names[op->field]);
        bool is_required = field != NULL && (field->flags & KITH_FIELD_REQUIRED) != 0;
        if (is_required && op->action == KITH_ACTION_REMOVE && is_left_empty(b, op->field)) {
            KITH_TRY(kith_edit_note_required(b->edit, b->record, field));
        }
    }
    return KITH_OK;
}

/* REMOVE and KEEP: the removals that count now are replaced; a removal says what it has seen. */
static kith_status build_removal(change_builder *b, kith_change *change)
{
    const kith_state *state = b->state;
    kith_arena *arena = &b->edit->arena;
    kith_dot *replaces = kith_arena_array(arena, state->removal_count, sizeof *replaces);
    kith_dot *seen = kith_arena_array(arena, state->changes.count, sizeof *seen);
    KITH_ENSURE(replaces != NULL && seen != NULL, KITH_E_MEMORY);
    for (size_t i = 0; i < state->removal_count; i++) {
        replaces[i] = state->removals[i].id;
    }
    change->replaces = replaces;
    change->replaces_count = state->removal_count;
    if (change->deed == KITH_DEED_REMOVE) {
        change->seen = seen;
        change->seen_count = kith_state_frontier(state, seen);
    }
    return KITH_OK;
}

/* What a draft comes to. `*writes_out` is false if it changes nothing. */
static kith_status build_change(change_builder *b, kith_change *change, bool *writes_out)
{
    const kith_draft *draft = &b->edit->drafts[b->record];
    kith_replica *replica = b->edit->replica;
    uint32_t marks = 0;
    *writes_out = false;
    change->deed = (uint8_t)draft->deed;
    change->record = draft->id;
    if (draft->is_new) {
        KITH_TRY(kith_directory_name(&replica->directory, draft->kind, &change->kind));
    } else {
        KITH_TRY(kith_engine_read(replica, draft->id, &b->edit->arena, &b->read, &marks));
        b->state = &b->read;
    }
    bool removed = (marks & KITH_MARK_REMOVED) != 0;
    bool revived = (marks & KITH_MARK_REVIVED) != 0;
    if (draft->deed == KITH_DEED_REMOVE || draft->deed == KITH_DEED_KEEP) {
        if (draft->op_count > 0) {
            return kith_edit_note(b->edit, b->record, (kith_slice){NULL, 0},
                                  "is changed in the edit that removes it or brings it back",
                                  "two edits");
        }
        *writes_out = draft->deed == KITH_DEED_REMOVE ? !removed : removed || revived;
        return build_removal(b, change);
    }
    if (removed) {
        return kith_edit_note(b->edit, b->record, (kith_slice){NULL, 0}, "was removed",
                              "`kith settle ID` to bring it back first");
    }
    for (size_t i = 0; i < draft->op_count; i++) {
        KITH_TRY(build_op(b, &draft->ops[i]));
    }
    KITH_TRY(check_required_sets(b));
    KITH_ENSURE(b->op_count <= KITH_CHANGE_OPS_MAX,
                kith_fail(&replica->cx, KITH_E_LIMIT, "more than %zu values in one change",
                          KITH_CHANGE_OPS_MAX));
    change->ops = b->ops;
    change->op_count = b->op_count;
    *writes_out = draft->is_new || b->op_count > 0;
    return KITH_OK;
}

/* "@n" stands as an id without author (edit_value.c): now that it is known which drafts write
 * something, it gets the number that draft n will have. The drafts keep theirs, since this commit
 * may fail and the next try find other numbers. Drafts of new records always write something. */
static kith_status resolve_draft_refs(const change_builder *b, const change_builder *builders)
{
    static const kith_author_id nobody = {{0}};
    const kith_directory *directory = &b->edit->replica->directory;
    kith_author_id own = directory->authors[directory->own].id;
    for (size_t i = 0; i < b->op_count; i++) {
        kith_value *value = &b->ops[i].value;
        kith_id id = value->type == KITH_TYPE_REF ? kith_value_id(*value) : (kith_id){{0}};
        kith_author_id author = kith_id_author(id);
        uint64_t draft = kith_id_number(id);
        if (draft > 0 && memcmp(author.bytes, nobody.bytes, sizeof nobody.bytes) == 0) {
            id = kith_id_make(own, builders[draft - 1].number);
            KITH_TRY(kith_value_of_id(id, &b->edit->arena, value));
        }
    }
    return KITH_OK;
}

static kith_status build_commit(kith_edit *edit, kith_commit *commit)
{
    kith_replica *replica = edit->replica;
    uint64_t first = replica->directory.authors[replica->directory.own].head + 1;
    kith_change *changes = kith_arena_array(&edit->arena, edit->draft_count, sizeof *changes);
    change_builder *builders = kith_arena_array(&edit->arena, edit->draft_count, sizeof *builders);
    KITH_ENSURE(changes != NULL && builders != NULL, KITH_E_MEMORY);
    commit->changes = changes;
    commit->undoes = edit->undoes;
    for (size_t i = 0; i < edit->draft_count; i++) {
        change_builder *b = &builders[i];
        bool writes = false;
        *b = (change_builder){.edit = edit, .record = (uint32_t)i};
        b->number = first + commit->change_count;
        KITH_TRY(build_change(b, &changes[commit->change_count], &writes));
        commit->change_count += writes;
    }
    for (size_t i = 0; i < edit->draft_count; i++) {
        KITH_TRY(resolve_draft_refs(&builders[i], builders));
    }
    return edit->problem_count == 0 ? KITH_OK : KITH_E_REFUSED;
}

static kith_status commit_inside(kith_edit *edit)
{
    kith_commit commit = {0};
    KITH_TRY(build_commit(edit, &commit));
    if (commit.change_count == 0) {
        return KITH_OK;
    }
    KITH_TRY(kith_engine_append(edit->replica, &commit));
    size_t next = 0;
    for (size_t i = 0; i < edit->draft_count; i++) {
        /* Changes stand in the order of the drafts they come from; only a new one names its own. */
        if (edit->drafts[i].is_new) {
            while (commit.changes[next].deed != KITH_DEED_CREATE) {
                next++;
            }
            edit->drafts[i].id = commit.changes[next++].id;
        }
    }
    edit->has_changed = true;
    return KITH_OK;
}

static kith_status refuse(kith_edit *edit)
{
    const kith_problem *first = &edit->problems[0];
    return kith_fail(&edit->replica->cx, KITH_E_REFUSED, "%s%s%s", first->field,
                     first->field[0] == '\0' ? "the record " : " ", first->message);
}

kith_status kith_engine_edit_commit(kith_edit *edit)
{
    kith_replica *replica = edit->replica;
    /* A second commit would make the new records once more. */
    KITH_ENSURE(!edit->has_changed, kith_fail(&replica->cx, KITH_E_STATE,
                                              "the edit was committed already; reset it first"));
    for (size_t i = 0; i < edit->draft_count; i++) {
        if (edit->drafts[i].deed == KITH_DEED_CREATE || edit->drafts[i].deed == KITH_DEED_EDIT) {
            KITH_TRY(kith_draft_complete(edit, (uint32_t)i));
        }
    }
    KITH_ENSURE(edit->problem_count == 0, refuse(edit));
    KITH_TRY(kith_engine_begin(replica));
    kith_status status = kith_engine_end(replica, commit_inside(edit));
    edit->has_changed = edit->has_changed && status == KITH_OK;
    return status == KITH_E_REFUSED ? refuse(edit) : status;
}
