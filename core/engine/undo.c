/* Taking back this device's last commit: one more commit, that writes the values from before.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/edit.h"

/* Commits looked through for one that is not taken back yet. */
enum { LOOK_BACK_MAX = 10000 };

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
        } else {
            return KITH_OK;
        }
        number = first - 1;
    }
    return kith_fail(&replica->cx, KITH_E_NOT_FOUND, "there is nothing to take back");
}

/* The value that a write gave a field. */
static kith_status written_value(kith_edit *edit, kith_dot dot, kith_slice field,
                                 kith_value *value_out)
{
    kith_replica *replica = edit->replica;
    kith_commit commit;
    *value_out = (kith_value){0};
    KITH_TRY(kith_log_read(&replica->log, dot, &edit->arena, &commit));
    const kith_change *change = &commit.changes[dot.number - commit.first.number];
    for (size_t i = 0; i < change->op_count; i++) {
        if (kith_slice_equal(replica->directory.names[change->ops[i].field], field) &&
            change->ops[i].action == KITH_ACTION_SET) {
            *value_out = change->ops[i].value;
        }
    }
    return KITH_OK;
}

static kith_status note_overwritten(kith_edit *edit, uint32_t record, kith_slice field)
{
    return kith_edit_note(edit, record, field, "was changed again since",
                          "`kith log ID` shows by whom");
}

/* Of several values that one write replaced, the last named stands for them: a conflict that was
 * settled is not opened again. */
static kith_status undo_register(kith_edit *edit, uint32_t record, const kith_state *state,
                                 const kith_change *change, const kith_op *op)
{
    kith_slice field = edit->replica->directory.names[op->field];
    const kith_cell *cell = kith_state_find(state, op->field);
    bool stands =
        cell != NULL && cell->head_count == 1 && kith_dot_equal(cell->heads[0].id, change->id);
    if (!stands) {
        return note_overwritten(edit, record, field);
    }
    kith_draft_op draft = {.field = field, .action = KITH_DRAFT_SET};
    draft.values = kith_arena_allocate(&edit->arena, sizeof *draft.values);
    KITH_ENSURE(draft.values != NULL, KITH_E_MEMORY);
    if (op->replaces_count > 0) {
        KITH_TRY(written_value(edit, op->replaces[op->replaces_count - 1], field, draft.values));
        draft.value_count = draft.values[0].type != KITH_TYPE_NONE;
    }
    return kith_draft_add_op(edit, record, &draft);
}

static kith_status undo_element(kith_edit *edit, uint32_t record, const kith_op *op)
{
    kith_draft_op draft = {.field = edit->replica->directory.names[op->field],
                           .action =
                               op->action == KITH_ACTION_ADD ? KITH_DRAFT_TAKE : KITH_DRAFT_ADD,
                           .value_count = 1};
    draft.values = kith_arena_allocate(&edit->arena, sizeof *draft.values);
    KITH_ENSURE(draft.values != NULL, KITH_E_MEMORY);
    draft.values[0] = op->value;
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
        return kith_draft_deed(edit, record, KITH_DEED_KEEP);
    case KITH_DEED_KEEP:
        return kith_draft_deed(edit, record, KITH_DEED_REMOVE);
    default:
        break;
    }
    for (size_t i = 0; i < change->op_count; i++) {
        const kith_op *op = &change->ops[i];
        bool is_element = op->action == KITH_ACTION_ADD || op->action == KITH_ACTION_REMOVE;
        KITH_TRY(is_element ? undo_element(edit, record, op)
                            : undo_register(edit, record, &state, change, op));
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
    kith_arena_init(&arena, &replica->cx);
    kith_status status = find_commit(edit, &arena, &commit);
    for (size_t i = commit.change_count; status == KITH_OK && i > 0; i--) {
        status = undo_change(edit, &commit.changes[i - 1]);
    }
    edit->undoes = status == KITH_OK ? commit.first.number : 0;
    if (status == KITH_OK) {
        /* Values are borrowed from the commit until this returns. */
        status = kith_engine_edit_commit(edit);
    }
    kith_arena_deinit(&arena);
    return status;
}
