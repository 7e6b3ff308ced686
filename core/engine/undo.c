/* Taking back this device's last commit: one more commit, that writes the values from before.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/edit.h"

/* Commits looked through for one that is not taken back yet. */
enum { LOOK_BACK_MAX = 10000 };

/* Corrections of the clock are no edits of anybody's. */
static bool was_made_by_program(const kith_replica *replica, const kith_commit *commit)
{
    kith_slice kind = replica->directory.names[commit->changes[0].kind];
    return kith_slice_equal(kind, KITH_SLICE("clock"));
}

/* Finds the last own commit that no later one took back and that takes none back itself. */
static kith_status find_commit(kith_edit *edit, kith_arena *arena, kith_commit *commit_out)
{
    kith_replica *replica = edit->replica;
    uint32_t own = replica->directory.own;
    uint64_t number = replica->directory.authors[own].head;
    uint64_t *undone = NULL;
    size_t undone_count = 0;
    size_t undone_capacity = 0;
    /* Change 1 is the device's own record, which stays. */
    for (size_t looked = 0; number > 1 && looked < LOOK_BACK_MAX; looked++) {
        kith_arena_reset(arena);
        KITH_TRY(kith_log_read(&replica->log, (kith_dot){own, number}, arena, commit_out));
        uint64_t first = commit_out->first.number;
        if (commit_out->undoes != 0) {
            undone = kith_arena_grow(&edit->arena, undone, undone_count, &undone_capacity,
                                     sizeof *undone);
            KITH_ENSURE(undone != NULL, KITH_E_MEMORY);
            undone[undone_count++] = commit_out->undoes;
        } else if (undone_count > 0 && undone[undone_count - 1] == first) {
            undone_count--; /* taken back; what lies between was taken back before */
        } else if (!was_made_by_program(replica, commit_out)) {
            return KITH_OK;
        }
        number = first - 1;
    }
    return kith_fail(&replica->cx, KITH_E_NOT_FOUND, "there is nothing to take back");
}

static const kith_change *find_change(const kith_commit *commit, kith_dot record)
{
    for (size_t i = 0; i < commit->change_count; i++) {
        if (kith_dot_equal(commit->changes[i].record, record)) {
            return &commit->changes[i];
        }
    }
    return NULL;
}

/* What a change did to the field, or the element of a set, that another operation was about. */
static const kith_op *find_op(const kith_change *change, const kith_op *like)
{
    for (size_t i = 0; change != NULL && i < change->op_count; i++) {
        const kith_op *op = &change->ops[i];
        bool same = kith_action_is_of_element(op->action)
                        ? kith_action_is_of_element(like->action) &&
                              kith_value_equal(op->value, like->value)
                        : !kith_action_is_of_element(like->action);
        if (op->field == like->field && same) {
            return op;
        }
    }
    return NULL;
}

/* Of the writes that an operation replaced the one that was shown; 0/0 if there were none. */
static kith_status shown_before(kith_edit *edit, kith_dot record, const kith_op *op,
                                kith_head *shown_out)
{
    kith_replica *replica = edit->replica;
    kith_known known = kith_directory_known(&replica->directory);
    kith_head *heads = kith_arena_array(&edit->arena, op->replaces_count, sizeof *heads);
    KITH_ENSURE(heads != NULL, KITH_E_MEMORY);
    for (size_t i = 0; i < op->replaces_count; i++) {
        kith_commit commit;
        KITH_TRY(kith_log_read(&replica->log, op->replaces[i], &edit->arena, &commit));
        const kith_op *written = find_op(find_change(&commit, record), op);
        bool is_set = written != NULL && written->action == KITH_ACTION_SET;
        heads[i] =
            (kith_head){op->replaces[i], commit.stamp, is_set ? written->value : (kith_value){0}};
    }
    kith_cell cell = {.heads = heads, .head_count = op->replaces_count};
    const kith_head *winner = kith_cell_winner(&cell, &known);
    *shown_out = winner != NULL ? *winner : (kith_head){0};
    return KITH_OK;
}

/* A write that undo made stands for the one that it brought back, so that what was done before that
 * can be taken back as well. Numbers fall on the way. */
static kith_status find_original(kith_edit *edit, kith_dot record, const kith_op *like,
                                 kith_dot *dot)
{
    kith_replica *replica = edit->replica;
    uint32_t own = replica->directory.own;
    while (dot->author == own) {
        kith_commit commit;
        kith_head shown = {0};
        KITH_TRY(kith_log_read(&replica->log, *dot, &edit->arena, &commit));
        if (commit.undoes == 0) {
            return KITH_OK;
        }
        kith_dot undone = {own, commit.undoes};
        KITH_TRY(kith_log_read(&replica->log, undone, &edit->arena, &commit));
        const kith_op *op = find_op(find_change(&commit, record), like);
        if (op != NULL) {
            KITH_TRY(shown_before(edit, record, op, &shown));
        }
        *dot = shown.id;
    }
    return KITH_OK;
}

/* The same for removals. */
static kith_status find_original_removal(kith_edit *edit, kith_dot record, kith_dot *dot)
{
    kith_replica *replica = edit->replica;
    uint32_t own = replica->directory.own;
    while (dot->author == own) {
        kith_commit commit;
        KITH_TRY(kith_log_read(&replica->log, *dot, &edit->arena, &commit));
        if (commit.undoes == 0) {
            return KITH_OK;
        }
        kith_dot undone = {own, commit.undoes};
        KITH_TRY(kith_log_read(&replica->log, undone, &edit->arena, &commit));
        const kith_change *keep = find_change(&commit, record);
        bool has_kept = keep != NULL && keep->replaces_count > 0;
        *dot = has_kept ? keep->replaces[keep->replaces_count - 1] : (kith_dot){0};
    }
    return KITH_OK;
}

static kith_status note_overwritten(kith_edit *edit, uint32_t record, kith_slice field)
{
    return kith_edit_note(edit, record, field, "was changed again since",
                          "`kith log ID` shows by whom");
}

/* True if what an operation of the change wrote still stands, alone. */
static kith_status is_standing(kith_edit *edit, const kith_change *change, const kith_op *op,
                               const kith_cell *cell, bool *stands_out)
{
    *stands_out = false;
    if (cell == NULL || cell->head_count != 1) {
        *stands_out = op->action == KITH_ACTION_REMOVE && (cell == NULL || cell->head_count == 0);
        return KITH_OK;
    }
    kith_dot dot = cell->heads[0].id;
    KITH_TRY(find_original(edit, change->record, op, &dot));
    *stands_out = op->action != KITH_ACTION_REMOVE && kith_dot_equal(dot, change->id);
    return KITH_OK;
}

static kith_draft_action opposite(const kith_op *op)
{
    return op->action == KITH_ACTION_ADD      ? KITH_DRAFT_TAKE
           : op->action == KITH_ACTION_REMOVE ? KITH_DRAFT_ADD
                                              : KITH_DRAFT_SET;
}

/* Brings back what the operation replaced. A conflict that it settled is not opened again: the
 * value that was shown then stands for all. */
static kith_status undo_op(kith_edit *edit, uint32_t record, const kith_state *state,
                           const kith_change *change, const kith_op *op)
{
    kith_slice field = edit->replica->directory.names[op->field];
    kith_value element = kith_action_is_of_element(op->action) ? op->value : (kith_value){0};
    const kith_cell *cell = kith_state_find_element(state, op->field, element);
    bool stands = false;
    KITH_TRY(is_standing(edit, change, op, cell, &stands));
    if (!stands) {
        return note_overwritten(edit, record, field);
    }
    kith_head shown = {.value = op->value};
    if (!kith_action_is_of_element(op->action)) {
        KITH_TRY(shown_before(edit, change->record, op, &shown));
    }
    kith_draft_op draft = {.field = field, .action = opposite(op)};
    draft.values = kith_arena_allocate(&edit->arena, sizeof *draft.values);
    KITH_ENSURE(draft.values != NULL, KITH_E_MEMORY);
    draft.values[0] = shown.value;
    draft.value_count = shown.value.type != KITH_TYPE_NONE;
    return kith_draft_add_op(edit, record, &draft);
}

static kith_status undo_create(kith_edit *edit, uint32_t record, const kith_state *state)
{
    for (size_t i = 0; i < state->changes.count; i++) {
        if (state->changes.items[i].author != state->id.author) {
            return note_overwritten(edit, record, (kith_slice){NULL, 0});
        }
    }
    return kith_draft_deed(edit, record, KITH_DEED_REMOVE);
}

static kith_status undo_remove(kith_edit *edit, uint32_t record, const kith_state *state,
                               const kith_change *change)
{
    kith_dot dot = state->removal_count == 1 ? state->removals[0].id : (kith_dot){0};
    KITH_TRY(find_original_removal(edit, state->id, &dot));
    return kith_dot_equal(dot, change->id) ? kith_draft_deed(edit, record, KITH_DEED_KEEP)
                                           : note_overwritten(edit, record, (kith_slice){NULL, 0});
}

static kith_status undo_change(kith_edit *edit, const kith_change *change)
{
    kith_state state;
    uint32_t record = 0;
    KITH_TRY(kith_draft_open(edit, change->record, &record));
    KITH_TRY(kith_engine_read(edit->replica, change->record, &edit->arena, &state, NULL));
    switch (change->deed) {
    case KITH_DEED_CREATE:
        return undo_create(edit, record, &state);
    case KITH_DEED_REMOVE:
        return undo_remove(edit, record, &state, change);
    case KITH_DEED_KEEP:
        return state.removal_count == 0 ? kith_draft_deed(edit, record, KITH_DEED_REMOVE)
                                        : note_overwritten(edit, record, (kith_slice){NULL, 0});
    default:
        break;
    }
    for (size_t i = 0; i < change->op_count; i++) {
        KITH_TRY(undo_op(edit, record, &state, change, &change->ops[i]));
    }
    return KITH_OK;
}

/* Drafts what takes back the last commit that is not taken back. */
static kith_status draft_undo(kith_edit *edit, kith_arena *arena, kith_commit *commit_out)
{
    KITH_TRY(find_commit(edit, arena, commit_out));
    for (size_t i = commit_out->change_count; i > 0; i--) {
        KITH_TRY(undo_change(edit, &commit_out->changes[i - 1]));
    }
    return KITH_OK;
}

kith_status kith_engine_edit_undo(kith_edit *edit)
{
    kith_replica *replica = edit->replica;
    kith_commit commit = {0};
    kith_arena arena;
    KITH_ENSURE(edit->draft_count == 0 && !replica->is_in_batch,
                kith_fail(&replica->cx, KITH_E_STATE, "undo needs an empty edit and no batch"));
    KITH_TRY(kith_engine_begin_read(replica));
    kith_arena_init(&arena, &replica->cx);
    kith_status status = kith_engine_end_read(replica, draft_undo(edit, &arena, &commit));
    edit->undoes = status == KITH_OK ? commit.first.number : 0;
    if (status == KITH_OK) {
        /* Values are borrowed from the commit until this returns. */
        status = kith_engine_edit_commit(edit);
    }
    kith_arena_deinit(&arena);
    return status;
}
