/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/replica.h"

#include "base/limits.h"
#include "engine/clock_records.h"
#include "engine/schema_records.h"
#include "engine/space.h"

/* The fold is written when so much of it is pending: enough that indexes are written in bulk,
 * little enough that a start after a crash takes some twenty milliseconds. */
enum { FLUSH_RECORDS = 4000, FLUSH_BYTES = 2 * 1024 * 1024 };

/* The same inside a batch, where nothing has to be read again after a crash. */
enum { SPILL_RECORDS = 8000, SPILL_BYTES = 6 * 1024 * 1024 };

/* How often a scan is begun anew because another process wrote since the fold was: the moment in
 * which it can is short. */
enum { SCAN_TRIES = 100 };

static const char meta_clock[] = "clock";

kith_dot kith_engine_dot(const kith_replica *replica, kith_id id)
{
    uint32_t author = kith_directory_find_author(&replica->directory, kith_id_author(id));
    uint64_t number = kith_id_number(id);
    bool possible = author != 0 && number > 0 && number <= KITH_NUMBER_MAX;
    return possible ? (kith_dot){author, number} : (kith_dot){0};
}

kith_id kith_engine_id(const kith_replica *replica, kith_dot dot)
{
    kith_known known = kith_directory_known(&replica->directory);
    return kith_known_id(&known, dot);
}

kith_status kith_engine_name(kith_replica *replica, const char *name, uint32_t *ordinal_out)
{
    return kith_directory_name(&replica->directory, kith_slice_of(name), ordinal_out);
}

static kith_status check_author(kith_replica *replica, kith_dot id)
{
    KITH_ENSURE(id.author != 0 && id.author < replica->directory.author_count,
                kith_fail(&replica->cx, KITH_E_NOT_FOUND, "there is no such record"));
    return KITH_OK;
}

kith_status kith_engine_read(kith_replica *replica, kith_dot id, kith_arena *arena,
                             kith_state *record_out, uint32_t *marks_out)
{
    KITH_TRY(check_author(replica, id));
    return kith_fold_read(&replica->fold, id, arena, record_out, marks_out);
}

kith_status kith_engine_peek(kith_replica *replica, kith_dot id, uint32_t *kind_out,
                             uint32_t *marks_out)
{
    uint32_t kind = 0;
    uint32_t marks = 0;
    KITH_TRY(check_author(replica, id));
    KITH_TRY(kith_fold_peek(&replica->fold, id, &kind, &marks));
    if (kind_out != NULL) {
        *kind_out = kind;
    }
    if (marks_out != NULL) {
        *marks_out = marks;
    }
    return KITH_OK;
}

kith_status kith_engine_save_clock(kith_replica *replica)
{
    kith_buf bytes;
    kith_buf_init(&bytes, &replica->cx, 1024);
    kith_clock_write(&replica->clock, &bytes);
    kith_status status = kith_buf_status(&bytes);
    if (status == KITH_OK) {
        status = kith_meta_set_bytes(replica->store, meta_clock, kith_buf_slice(&bytes));
    }
    kith_buf_deinit(&bytes);
    return status;
}

kith_status kith_engine_known(kith_replica *replica, kith_id id, kith_dot *dot_out)
{
    kith_dot dot = kith_engine_dot(replica, id);
    kith_status status = kith_engine_peek(replica, dot, NULL, NULL);
    *dot_out = status == KITH_OK ? dot : (kith_dot){0};
    return status == KITH_E_NOT_FOUND ? KITH_OK : status;
}

static kith_status load_clock(kith_replica *replica)
{
    kith_buf bytes;
    kith_buf_init(&bytes, &replica->cx, 1024);
    kith_clock clock;
    kith_status status = kith_meta_get_bytes(replica->store, meta_clock, &bytes);
    if (status == KITH_OK && !kith_clock_read(kith_buf_slice(&bytes), &clock)) {
        status = kith_fail(&replica->cx, KITH_E_DAMAGED, "the stored clock is damaged");
    }
    kith_buf_deinit(&bytes);
    KITH_TRY(status);
    /* What this process read of its clocks stays; what another one stored is newer in all else. */
    clock.monotonic_ms = replica->clock.monotonic_ms;
    clock.is_running = replica->clock.is_running;
    clock.wall_ms = clock.is_running ? replica->clock.wall_ms : clock.wall_ms;
    replica->clock = clock;
    return KITH_OK;
}

/* A commit found in the tail: our own, made after the clock was stored. */
static kith_status replay_commit(void *user, const kith_commit *commit, kith_arena *arena)
{
    (void)arena;
    kith_replica *replica = user;
    kith_clock *clock = &replica->clock;
    int64_t logical_ms = commit->stamp.ms + commit->ahead_ms;
    if (logical_ms >= clock->logical_ms) {
        clock->logical_ms = logical_ms;
        clock->counter = commit->stamp.counter;
    }
    clock->wall_ms = clock->is_running ? clock->wall_ms : commit->stamp.ms;
    return kith_engine_apply(replica, commit);
}

kith_status kith_engine_reload_meaning(kith_replica *replica)
{
    if (!replica->fold.touched_schema) {
        return KITH_OK;
    }
    KITH_TRY(kith_engine_load_schema(replica));
    return kith_engine_load_corrections(replica);
}

/* Reads everything that is kept in memory anew. */
static kith_status reload(kith_replica *replica)
{
    kith_fold_clear(&replica->fold);
    KITH_TRY(kith_directory_load(&replica->directory, replica->store));
    KITH_TRY(kith_engine_load_space(replica));
    KITH_TRY(kith_log_load(&replica->log));
    KITH_TRY(load_clock(replica));
    KITH_TRY(kith_fold_look_ahead(&replica->fold));
    KITH_TRY(kith_log_scan_unfolded(&replica->log, replay_commit, replica));
    KITH_TRY(kith_engine_load_schema(replica));
    KITH_TRY(kith_engine_load_corrections(replica));
    replica->is_stale = false;
    replica->changed_count = KITH_WATCH_IDS_MAX + 1; /* who knows what changed */
    return KITH_OK;
}

/* Notices what other processes wrote. A transaction is open. */
static kith_status refresh_inside(kith_replica *replica)
{
    bool changed = false;
    KITH_TRY(kith_store_changed(replica->store, &changed));
    replica->is_stale = replica->is_stale || changed;
    return replica->is_stale ? reload(replica) : KITH_OK;
}

kith_status kith_engine_batch_status(kith_replica *replica)
{
    KITH_ENSURE(replica->batch_failure == KITH_OK,
                kith_fail(&replica->cx, replica->batch_failure,
                          "an earlier failure took all of the batch back"));
    replica->batch_failure = kith_txn_check(replica->store);
    return replica->batch_failure;
}

kith_status kith_engine_refresh(kith_replica *replica)
{
    if (replica->is_in_batch) {
        return kith_engine_batch_status(replica);
    }
    bool changed = false;
    KITH_TRY(kith_store_changed(replica->store, &changed));
    if (!changed && !replica->is_stale) {
        return KITH_OK;
    }
    replica->is_stale = true;
    KITH_TRY(kith_txn_begin(replica->store, KITH_TXN_READ));
    kith_status status = reload(replica);
    if (status == KITH_OK) {
        return kith_txn_commit(replica->store);
    }
    kith_txn_rollback(replica->store);
    return status;
}

/* A snapshot that memory is up to date with. */
static kith_status begin_snapshot(kith_replica *replica)
{
    KITH_TRY(kith_txn_begin(replica->store, KITH_TXN_READ));
    kith_status status = refresh_inside(replica);
    if (status != KITH_OK) {
        kith_txn_rollback(replica->store);
    }
    return status;
}

kith_status kith_engine_begin_read(kith_replica *replica)
{
    if (replica->is_in_batch) {
        return kith_engine_batch_status(replica);
    }
    KITH_TRY(begin_snapshot(replica));
    while (replica->watch != NULL && replica->changed_count > 0) {
        kith_txn_rollback(replica->store);
        kith_engine_tell(replica); /* which may write */
        KITH_TRY(begin_snapshot(replica));
    }
    return KITH_OK;
}

kith_status kith_engine_begin_scan(kith_replica *replica)
{
    for (size_t tries = 0; tries < SCAN_TRIES; tries++) {
        KITH_TRY(kith_engine_begin_read(replica));
        if (replica->fold.pending.count == 0) {
            return KITH_OK;
        }
        KITH_TRY(kith_engine_end_read(replica, KITH_OK));
        KITH_TRY(kith_engine_flush(replica));
    }
    return kith_fail(&replica->cx, KITH_E_BUSY, "another process writes all the time");
}

kith_status kith_engine_end_read(kith_replica *replica, kith_status status)
{
    if (!replica->is_in_batch) {
        kith_txn_rollback(replica->store);
    }
    return status;
}

kith_status kith_engine_begin(kith_replica *replica)
{
    replica->is_touched = false;
    if (replica->is_in_batch) {
        return kith_engine_batch_status(replica);
    }
    KITH_TRY(kith_txn_begin(replica->store, KITH_TXN_DURABLE));
    kith_status status = refresh_inside(replica);
    if (status != KITH_OK) {
        kith_txn_rollback(replica->store);
    }
    return status;
}

/* Writes the fold into the open transaction and empties it. */
static kith_status write_fold(kith_replica *replica)
{
    KITH_TRY(kith_fold_write(&replica->fold));
    kith_fold_clear(&replica->fold);
    return KITH_OK;
}

kith_status kith_engine_write_out(kith_replica *replica)
{
    replica->is_touched = true;
    KITH_TRY(kith_log_write(&replica->log));
    KITH_TRY(write_fold(replica));
    if (kith_log_is_tail_full(&replica->log)) {
        KITH_TRY(kith_log_pack_tail(&replica->log));
    }
    KITH_TRY(kith_log_set_folded(&replica->log));
    KITH_TRY(kith_engine_save_clock(replica));
    return kith_store_trim(replica->store);
}

/* Takes the open transaction back, and with it what memory has of it. The detail of a failure must
 * not be lost to what cleaning up does. */
static void take_back(kith_replica *replica)
{
    kith_error error = replica->cx.error;
    kith_txn_rollback(replica->store);
    replica->is_stale = replica->is_stale || replica->is_touched;
    replica->cx.error = error;
}

kith_status kith_engine_flush(kith_replica *replica)
{
    if (replica->fold.pending.count == 0) {
        return KITH_OK;
    }
    if (replica->is_in_batch) {
        kith_status status = kith_engine_write_out(replica);
        replica->batch_failure = status;
        return status;
    }
    KITH_TRY(kith_txn_begin(replica->store, KITH_TXN_DERIVED));
    kith_status status = refresh_inside(replica);
    if (status == KITH_OK) {
        status = kith_engine_write_out(replica);
    }
    if (status == KITH_OK) {
        status = kith_txn_commit(replica->store);
    }
    if (status != KITH_OK) {
        take_back(replica);
    }
    return status;
}

/* After a commit is durable. What cannot be written now is written later: the log has it. */
static void flush_if_due(kith_replica *replica)
{
    const kith_fold *fold = &replica->fold;
    bool due = fold->pending.count >= FLUSH_RECORDS || fold->pending.state_bytes >= FLUSH_BYTES ||
               kith_log_is_tail_full(&replica->log);
    if (due && kith_engine_flush(replica) != KITH_OK) {
        kith_note(&replica->cx, KITH_LOG_WARNING, "writing the fold was put off: %s",
                  replica->cx.error.message);
    }
}

static kith_status end_in_batch(kith_replica *replica, kith_status status)
{
    const kith_fold *fold = &replica->fold;
    bool spill = fold->pending.count >= SPILL_RECORDS || fold->pending.state_bytes >= SPILL_BYTES;
    if (status == KITH_OK) {
        status = kith_txn_check(replica->store);
    }
    if (status == KITH_OK && spill) {
        status = write_fold(replica);
    }
    if (status != KITH_OK && replica->is_touched) {
        replica->batch_failure = status;
    }
    return status;
}

/* Makes the log durable, and the fold with it where the log alone would not tell that it lacks. */
static kith_status write_log(kith_replica *replica)
{
    KITH_TRY(kith_txn_check(replica->store));
    replica->is_touched = true;
    return kith_log_is_packing(&replica->log) ? kith_engine_write_out(replica)
                                              : kith_log_write(&replica->log);
}

kith_status kith_engine_end(kith_replica *replica, kith_status status)
{
    if (replica->is_in_batch) {
        return end_in_batch(replica, status);
    }
    if (status == KITH_OK) {
        status = write_log(replica);
    }
    if (status == KITH_OK) {
        status = kith_txn_commit(replica->store);
    }
    if (status != KITH_OK) {
        take_back(replica);
        return status;
    }
    flush_if_due(replica);
    /* The edit is durable: what cannot be read now must not be reported as its failure. */
    replica->is_stale = kith_engine_reload_meaning(replica) != KITH_OK || replica->is_stale;
    return KITH_OK;
}

static void note_changed(kith_replica *replica, kith_dot record)
{
    if (replica->changed_count < KITH_WATCH_IDS_MAX) {
        replica->changed[replica->changed_count] = kith_engine_id(replica, record);
    }
    replica->changed_count += replica->changed_count <= KITH_WATCH_IDS_MAX;
}

kith_status kith_engine_apply(kith_replica *replica, const kith_commit *commit)
{
    for (size_t i = 0; i < commit->change_count; i++) {
        KITH_TRY(kith_fold_apply(&replica->fold, &commit->changes[i]));
        note_changed(replica, commit->changes[i].record);
    }
    return KITH_OK;
}

static kith_stamp tick(kith_replica *replica, uint64_t number, int64_t *ahead_ms_out)
{
    const kith_env *env = &replica->cx.env;
    return kith_clock_tick(&replica->clock, env->wall_ms(env->user), env->monotonic_ms(env->user),
                           number, ahead_ms_out);
}

kith_status kith_engine_append(kith_replica *replica, kith_commit *commit)
{
    uint32_t own = replica->directory.own;
    uint64_t first = replica->directory.authors[own].head + 1;
    KITH_ENSURE(commit->change_count - 1 <= KITH_NUMBER_MAX - first,
                kith_fail(&replica->cx, KITH_E_LIMIT, "this device has used up its numbers"));
    commit->first = (kith_dot){own, first};
    commit->stamp = tick(replica, first, &commit->ahead_ms);
    for (size_t i = 0; i < commit->change_count; i++) {
        commit->changes[i].id = (kith_dot){own, first + i};
        commit->changes[i].stamp = commit->stamp;
        if (commit->changes[i].deed == KITH_DEED_CREATE) {
            commit->changes[i].record = commit->changes[i].id;
        }
    }
    KITH_TRY(kith_log_append(&replica->log, commit));
    replica->is_touched = true;
    KITH_TRY(kith_log_spill(&replica->log));
    KITH_TRY(kith_engine_apply(replica, commit));
    /* That the clock was set cannot be seen from the log. */
    const kith_clock *clock = &replica->clock;
    bool was_set = clock->runs[clock->run_count - 1].first == first;
    return was_set ? kith_engine_save_clock(replica) : KITH_OK;
}

void kith_engine_tell(kith_replica *replica)
{
    size_t count = replica->changed_count;
    kith_id ids[KITH_WATCH_IDS_MAX];
    if (count == 0 || replica->is_in_batch) {
        return;
    }
    bool too_many = count > KITH_WATCH_IDS_MAX;
    if (!too_many) {
        memcpy(ids, replica->changed, count * sizeof ids[0]);
    }
    replica->changed_count = 0; /* before the call, which may change more */
    if (replica->watch != NULL) {
        /* What the watcher does may fail; the call that it watched has a detail of its own. */
        kith_error error = replica->cx.error;
        replica->watch(replica->watch_user, ids, too_many ? 0 : count);
        replica->cx.error = error;
    }
}

kith_status kith_engine_notice(kith_replica *replica)
{
    KITH_TRY(kith_engine_refresh(replica));
    kith_engine_tell(replica);
    return KITH_OK;
}

/* Gathers ids for kith_engine_scan_ids(). */
typedef struct id_list {
    kith_replica *replica;
    kith_dot *items;
    size_t count;
    size_t capacity;
} id_list;

static kith_status add_id(id_list *list, kith_dot id)
{
    kith_dot *items =
        kith_grow(&list->replica->cx, list->items, list->count, &list->capacity, sizeof *items);
    KITH_ENSURE(items != NULL, KITH_E_MEMORY);
    items[list->count++] = id;
    list->items = items;
    return KITH_OK;
}

static kith_status add_row_id(void *user, const kith_row *row)
{
    id_list *list = user;
    KITH_TRY(kith_fold_check_row(&list->replica->directory, row));
    return add_id(list, row->id);
}

static kith_status gather_ids(id_list *list, uint32_t kind)
{
    const kith_fold *fold = &list->replica->fold;
    KITH_TRY(kith_row_scan_kind(list->replica->store, kind, add_row_id, list));
    for (size_t i = 0; i < fold->pending.count; i++) {
        if (fold->pending.items[i].kind == kind && fold->pending.items[i].is_new) {
            KITH_TRY(add_id(list, fold->pending.items[i].id));
        }
    }
    /* Few records, once a change of them: an insertion sort by the order that replicas share. */
    kith_known known = kith_directory_known(&list->replica->directory);
    for (size_t i = 1; i < list->count; i++) {
        kith_dot id = list->items[i];
        size_t place = i;
        for (; place > 0 && kith_known_compare(&known, list->items[place - 1], id) > 0; place--) {
            list->items[place] = list->items[place - 1];
        }
        list->items[place] = id;
    }
    return KITH_OK;
}

kith_status kith_engine_scan_ids(kith_replica *replica, kith_slice kind, kith_dot_visitor visit,
                                 void *user)
{
    uint32_t ordinal = kith_directory_find_name(&replica->directory, kind);
    if (ordinal == 0) {
        return KITH_OK;
    }
    id_list list = {.replica = replica};
    kith_status status = gather_ids(&list, ordinal);
    for (size_t i = 0; status == KITH_OK && i < list.count; i++) {
        status = visit(user, list.items[i]);
    }
    kith_free(&replica->cx, list.items);
    return status;
}
