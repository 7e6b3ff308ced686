/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/fold.h"

#include <stdlib.h>

#include "base/limits.h"

void kith_fold_init(kith_fold *fold, kith_context *cx, kith_store *store, kith_directory *directory)
{
    *fold = (kith_fold){.cx = cx, .store = store, .directory = directory};
    kith_pending_init(&fold->pending, cx);
    kith_arena_init(&fold->arena, cx);
    kith_buf_init(&fold->packed, cx, KITH_RECORD_BYTES_MAX);
    kith_buf_init(&fold->stored_state, cx, KITH_RECORD_BYTES_MAX);
    kith_index_init(&fold->before, cx);
    kith_index_init(&fold->after, cx);
}

void kith_fold_clear(kith_fold *fold)
{
    kith_pending_clear(&fold->pending);
    fold->stored = (kith_row){0};
}

void kith_fold_deinit(kith_fold *fold)
{
    if (fold->cx == NULL) {
        return;
    }
    kith_pending_deinit(&fold->pending);
    kith_free(fold->cx, fold->origins);
    kith_arena_deinit(&fold->arena);
    kith_buf_deinit(&fold->packed);
    kith_buf_deinit(&fold->stored_state);
    kith_index_deinit(&fold->before);
    kith_index_deinit(&fold->after);
    *fold = (kith_fold){0};
}

uint32_t kith_fold_marks(const kith_state *record)
{
    return (kith_state_is_removed(record) ? KITH_MARK_REMOVED : 0u) |
           (kith_state_in_conflict(record) ? KITH_MARK_CONFLICT : 0u) |
           (kith_state_is_revived(record) ? KITH_MARK_REVIVED : 0u) |
           (record->kind == 0 ? KITH_MARK_WAITING : 0u);
}

static bool are_known(const kith_dots *dots, const kith_directory *directory)
{
    for (size_t i = 0; i < dots->count; i++) {
        if (dots->items[i].author == 0 || dots->items[i].author >= directory->author_count) {
            return false;
        }
    }
    return true;
}

/* True if all ordinals of a state are in the directory. Heads and removals are among the changes.
 */
static bool is_known(const kith_state *record, const kith_directory *directory)
{
    bool known =
        are_known(&record->changes, directory) && are_known(&record->missing_removals, directory);
    for (size_t i = 0; known && i < record->cell_count; i++) {
        const kith_cell *cell = &record->cells[i];
        known = cell->field != 0 && cell->field < directory->name_count &&
                are_known(&cell->missing, directory);
    }
    for (size_t i = 0; known && i < record->removal_count; i++) {
        known = are_known(&record->removals[i].seen, directory);
    }
    return known;
}

/* Rows carry checksums, so this is not an accident: somebody wrote the file by hand. */
static kith_status check_ordinals(kith_context *cx, bool are_known)
{
    KITH_ENSURE(are_known, kith_fail(cx, KITH_E_DAMAGED,
                                     "a stored record names what the replica does not have"));
    return KITH_OK;
}

kith_status kith_fold_check_row(const kith_directory *directory, const kith_row *row)
{
    bool known = row->id.author != 0 && row->id.author < directory->author_count &&
                 row->kind < directory->name_count;
    return check_ordinals(directory->cx, known);
}

kith_status kith_fold_unpack(const kith_directory *directory, const kith_row *row,
                             kith_arena *arena, kith_state *record_out)
{
    kith_state record;
    kith_state_init(record_out, arena, row->id);
    KITH_TRY(kith_fold_check_row(directory, row));
    KITH_TRY(kith_state_unpack(row->state, arena, row->id, row->kind, &record));
    KITH_TRY(check_ordinals(directory->cx, is_known(&record, directory)));
    *record_out = record;
    return KITH_OK;
}

/* Makes fold->stored the database's row of a record. */
static kith_status read_stored(kith_fold *fold, kith_dot id)
{
    if (kith_dot_equal(fold->stored.id, id)) {
        return KITH_OK;
    }
    kith_row row;
    fold->stored = (kith_row){0};
    kith_buf_clear(&fold->stored_state);
    KITH_TRY(kith_row_get(fold->store, id, &row, &fold->stored_state));
    KITH_TRY(kith_fold_check_row(fold->directory, &row));
    fold->stored = row;
    return KITH_OK;
}

/* The row of a record as it stands, written or not; its state lives until the next read or apply.
 */
static kith_status find_row(kith_fold *fold, kith_dot id, kith_row *row_out)
{
    const kith_pending *pending = kith_pending_find(&fold->pending, id);
    *row_out = (kith_row){.id = id};
    if (pending == NULL) {
        KITH_TRY(read_stored(fold, id));
        *row_out = fold->stored;
        return KITH_OK;
    }
    row_out->kind = pending->kind;
    row_out->marks = pending->marks;
    row_out->state = kith_slice_make(pending->state, pending->state_bytes);
    return KITH_OK;
}

kith_status kith_fold_peek(kith_fold *fold, kith_dot id, uint32_t *kind_out, uint32_t *marks_out)
{
    kith_row row;
    kith_status status = find_row(fold, id, &row);
    *kind_out = row.kind;
    *marks_out = row.marks;
    return status;
}

kith_status kith_fold_read(kith_fold *fold, kith_dot id, kith_arena *arena, kith_state *record_out,
                           uint32_t *marks_out)
{
    kith_row row;
    kith_state_init(record_out, arena, id);
    KITH_TRY(find_row(fold, id, &row));
    KITH_TRY(kith_arena_copy(arena, row.state, &row.state));
    if (marks_out != NULL) {
        *marks_out = row.marks;
    }
    return kith_fold_unpack(fold->directory, &row, arena, record_out);
}

/* Puts a record's new state among the pending ones. */
static kith_status keep(kith_fold *fold, const kith_state *record, bool is_new)
{
    kith_pending *pending = NULL;
    kith_buf_clear(&fold->packed);
    kith_state_pack(record, &fold->packed);
    KITH_TRY(kith_buf_status(&fold->packed));
    KITH_TRY(kith_pending_put(&fold->pending, record->id, kith_buf_slice(&fold->packed), &pending));
    pending->is_new = pending->is_new || is_new;
    pending->kind = record->kind;
    pending->marks = kith_fold_marks(record);
    pending->changed_ms = record->changed.ms;
    return KITH_OK;
}

static bool concerns_programs(const kith_fold *fold, const kith_state *record)
{
    kith_slice kind = fold->directory->names[record->kind];
    return record->kind != 0 && (kith_slice_equal(kind, KITH_SLICE("schema")) ||
                                 kith_slice_equal(kind, KITH_SLICE("clock")));
}

kith_status kith_fold_look_ahead(kith_fold *fold)
{
    uint64_t last = 0;
    const kith_directory *directory = fold->directory;
    KITH_TRY(kith_row_last(fold->store, directory->own, &last));
    fold->is_foreshadowed = last > directory->authors[directory->own].head;
    return KITH_OK;
}

/* True if a change is about a record of the own author's that this has not made yet. */
static bool foreshadows(const kith_directory *directory, const kith_change *change)
{
    return change->record.author == directory->own && change->id.author != directory->own &&
           change->record.number > directory->authors[directory->own].head;
}

kith_status kith_fold_apply(kith_fold *fold, const kith_change *change)
{
    const kith_directory *directory = fold->directory;
    kith_author *author = &fold->directory->authors[change->id.author];
    KITH_ENSURE(change->id.number == author->head + 1,
                kith_fail(fold->cx, KITH_E_DAMAGED, "a change is not its author's next one"));
    kith_state record;
    kith_status status = KITH_E_NOT_FOUND;
    kith_arena_reset(&fold->arena);
    fold->is_foreshadowed = fold->is_foreshadowed || foreshadows(directory, change);
    /* Nobody can have written to a record before its own author created it here, unless that was
     * here before. */
    bool is_fresh = change->deed == KITH_DEED_CREATE && change->id.author == directory->own &&
                    !fold->is_foreshadowed;
    if (!is_fresh) {
        status = kith_fold_read(fold, change->record, &fold->arena, &record, NULL);
    }
    bool is_new = status == KITH_E_NOT_FOUND;
    if (is_new) {
        kith_state_init(&record, &fold->arena, change->record);
        status = KITH_OK;
    }
    KITH_TRY(status);
    kith_known known = kith_directory_known(fold->directory);
    KITH_TRY(kith_state_apply(&record, change, &known));
    KITH_TRY(keep(fold, &record, is_new));
    fold->touched_schema = fold->touched_schema || concerns_programs(fold, &record);
    author->head = change->id.number;
    return KITH_OK;
}

static bool has_link(const kith_index *index, const kith_link *link)
{
    for (size_t i = 0; i < index->link_count; i++) {
        if (kith_dot_equal(index->links[i].target, link->target) &&
            index->links[i].field == link->field) {
            return true;
        }
    }
    return false;
}

static bool has_origin(const kith_index *index, int64_t hash)
{
    for (size_t i = 0; i < index->origin_count; i++) {
        if (index->origins[i] == hash) {
            return true;
        }
    }
    return false;
}

static kith_status write_words(kith_fold *fold, kith_dot id)
{
    kith_slice before = kith_buf_slice(&fold->before.words);
    kith_slice after = kith_buf_slice(&fold->after.words);
    if (kith_slice_equal(before, after)) {
        return KITH_OK;
    }
    if (before.length > 0) {
        KITH_TRY(kith_search_remove(fold->store, id, before));
    }
    return after.length > 0 ? kith_search_put(fold->store, id, after) : KITH_OK;
}

static kith_status gather_origin(kith_fold *fold, int64_t hash, kith_dot id)
{
    kith_origin *origins = kith_grow(fold->cx, fold->origins, fold->origin_count,
                                     &fold->origin_capacity, sizeof *origins);
    KITH_ENSURE(origins != NULL, KITH_E_MEMORY);
    origins[fold->origin_count++] = (kith_origin){hash, id};
    fold->origins = origins;
    return KITH_OK;
}

static int compare_origins(const void *a, const void *b)
{
    int64_t first = ((const kith_origin *)a)->hash;
    int64_t second = ((const kith_origin *)b)->hash;
    return (first > second) - (first < second);
}

/* Hashes fall anywhere in the table: in order, neighbours share a page that is in the cache. */
static kith_status write_origins(kith_fold *fold)
{
    if (fold->origin_count > 1) {
        qsort(fold->origins, fold->origin_count, sizeof *fold->origins, compare_origins);
    }
    for (size_t i = 0; i < fold->origin_count; i++) {
        KITH_TRY(kith_origin_put(fold->store, fold->origins[i].hash, fold->origins[i].id));
    }
    return KITH_OK;
}

/* Writes the difference between the record's index entries before and after. */
static kith_status write_index(kith_fold *fold, kith_dot id)
{
    const kith_index *before = &fold->before;
    const kith_index *after = &fold->after;
    for (size_t i = 0; i < before->link_count; i++) {
        if (!has_link(after, &before->links[i])) {
            KITH_TRY(kith_link_remove(fold->store, &before->links[i]));
        }
    }
    for (size_t i = 0; i < after->link_count; i++) {
        if (!has_link(before, &after->links[i])) {
            KITH_TRY(kith_link_put(fold->store, &after->links[i]));
        }
    }
    for (size_t i = 0; i < before->origin_count; i++) {
        if (!has_origin(after, before->origins[i])) {
            KITH_TRY(kith_origin_remove(fold->store, before->origins[i], id));
        }
    }
    for (size_t i = 0; i < after->origin_count; i++) {
        if (!has_origin(before, after->origins[i])) {
            KITH_TRY(gather_origin(fold, after->origins[i], id));
        }
    }
    return write_words(fold, id);
}

/* The index entries that the database has for a record. */
static kith_status build_before(kith_fold *fold, const kith_pending *pending)
{
    kith_state record;
    kith_state_init(&record, &fold->arena, pending->id);
    if (!pending->is_new) {
        KITH_TRY(read_stored(fold, pending->id));
        KITH_TRY(kith_fold_unpack(fold->directory, &fold->stored, &fold->arena, &record));
    }
    return kith_index_build(&fold->before, &record, fold->directory);
}

static kith_status write_pending(kith_fold *fold, const kith_pending *pending)
{
    kith_state record;
    kith_slice state = kith_slice_make(pending->state, pending->state_bytes);
    kith_arena_reset(&fold->arena);
    KITH_TRY(build_before(fold, pending));
    KITH_TRY(kith_state_unpack(state, &fold->arena, pending->id, pending->kind, &record));
    KITH_TRY(kith_index_build(&fold->after, &record, fold->directory));
    KITH_TRY(write_index(fold, pending->id));
    kith_row row = {.id = pending->id,
                    .kind = pending->kind,
                    .marks = pending->marks,
                    .changed_ms = pending->changed_ms,
                    .state = state};
    fold->stored = (kith_row){0};
    return kith_row_put(fold->store, &row, pending->is_new);
}

kith_status kith_fold_write(kith_fold *fold)
{
    fold->origin_count = 0;
    kith_pending_sort(&fold->pending);
    for (size_t i = 0; i < fold->pending.count; i++) {
        KITH_TRY(write_pending(fold, &fold->pending.items[i]));
    }
    KITH_TRY(write_origins(fold));
    return kith_directory_save(fold->directory, fold->store);
}
