/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/check.h"

#include "base/limits.h"
#include "crypto/hash.h"

/* Commits between two calls of the progress function. */
enum { PROGRESS_STEP = 500 };

/* Records held in memory while folding anew. */
enum { SPILL_RECORDS = 8000 };

typedef struct log_check {
    kith_replica *replica;
    kith_fold *fold; /* into which the log is folded; NULL only to read it */
    kith_progress_function progress;
    void *user;
    bool is_stopped;
    uint64_t done;
    uint64_t total;
    uint64_t next; /* number that must come next of the author being read */
    size_t commits;
} log_check;

static kith_status check_commit(void *user, const kith_commit *commit, kith_arena *arena)
{
    (void)arena;
    log_check *check = user;
    kith_context *cx = &check->replica->cx;
    KITH_ENSURE(commit->first.number == check->next,
                kith_fail(cx, KITH_E_DAMAGED, "the log of an author has a gap at change %llu",
                          (unsigned long long)check->next));
    check->next += commit->change_count;
    check->done += commit->change_count;
    for (size_t i = 0; check->fold != NULL && i < commit->change_count; i++) {
        KITH_TRY(kith_fold_apply(check->fold, &commit->changes[i]));
    }
    if (check->fold != NULL && check->fold->pending.count >= SPILL_RECORDS) {
        KITH_TRY(kith_fold_write(check->fold));
        kith_fold_clear(check->fold);
    }
    if (check->progress != NULL && ++check->commits % PROGRESS_STEP == 0) {
        check->is_stopped = check->progress(check->user, check->done, check->total) != KITH_OK;
    }
    /* Scans take this status as their end, not as a failure. */
    return check->is_stopped ? KITH_E_STOPPED : KITH_OK;
}

/* Reads, and folds if asked to, every author's log from its first change to its head. */
static kith_status read_log(log_check *check)
{
    kith_replica *replica = check->replica;
    const kith_directory *directory = &replica->directory;
    check->done = 0;
    check->total = 0;
    for (size_t i = 1; i < directory->author_count; i++) {
        check->total += directory->authors[i].head;
    }
    for (uint32_t i = 1; i < directory->author_count; i++) {
        check->next = 1;
        KITH_TRY(kith_log_scan(&replica->log, i, 0, check_commit, check));
        /* What was read so far must not be taken for the whole. */
        KITH_ENSURE(!check->is_stopped,
                    kith_fail(&replica->cx, KITH_E_STOPPED, "the check was stopped"));
        KITH_ENSURE(check->next == directory->authors[i].head + 1,
                    kith_fail(&replica->cx, KITH_E_DAMAGED, "the log of an author ends early"));
    }
    return KITH_OK;
}

/* Hashes records in the order that all replicas share. */
typedef struct state_hash {
    kith_replica *replica;
    kith_hasher hasher;
    kith_arena arena;
    kith_buf canonical;
    uint64_t record_count;
} state_hash;

static kith_status hash_row(void *user, const kith_row *row)
{
    state_hash *hash = user;
    kith_replica *replica = hash->replica;
    kith_known known = kith_directory_known(&replica->directory);
    kith_state record;
    kith_arena_reset(&hash->arena);
    kith_buf_clear(&hash->canonical);
    KITH_TRY(kith_fold_unpack(&replica->directory, row, &hash->arena, &record));
    kith_state_write_canonical(&record, &known, replica->directory.names, &hash->canonical);
    KITH_TRY(kith_buf_status(&hash->canonical));
    kith_hash_add(&hash->hasher, kith_buf_slice(&hash->canonical));
    hash->record_count++;
    return KITH_OK;
}

static kith_status hash_state(kith_replica *replica, kith_check_report *report)
{
    const kith_directory *directory = &replica->directory;
    state_hash hash = {.replica = replica};
    kith_status status = KITH_OK;
    kith_arena_init(&hash.arena, &replica->cx);
    kith_buf_init(&hash.canonical, &replica->cx, KITH_RECORD_BYTES_MAX * 2);
    kith_hash_begin(&hash.hasher, "kith state");
    for (size_t i = 0; status == KITH_OK && i + 1 < directory->author_count; i++) {
        status =
            kith_row_scan_author(replica->store, directory->authors_sorted[i], hash_row, &hash);
    }
    kith_hash_end(&hash.hasher, report->state_hash);
    report->record_count = hash.record_count;
    kith_buf_deinit(&hash.canonical);
    kith_arena_deinit(&hash.arena);
    return status;
}

/* Folds the whole log into an empty store: for each author from its first change on, which is not
 * the order in which changes came here, and has to come to the same. The store is in a
 * transaction. */
static kith_status fold_anew(log_check *check, kith_store *store)
{
    kith_replica *replica = check->replica;
    kith_directory directory;
    kith_fold fold;
    KITH_TRY(kith_directory_init(&directory, &replica->cx));
    kith_fold_init(&fold, &replica->cx, store, &directory);
    kith_status status = kith_directory_load(&directory, replica->store);
    for (size_t i = 0; status == KITH_OK && i < directory.author_count; i++) {
        directory.authors[i].head = 0; /* the fold moves them on */
    }
    check->fold = &fold;
    if (status == KITH_OK) {
        status = read_log(check);
    }
    if (status == KITH_OK) {
        status = kith_fold_write(&fold);
    }
    check->fold = NULL;
    kith_fold_deinit(&fold);
    kith_directory_deinit(&directory);
    return status;
}

/* Folds beside the state and compares. */
static kith_status compare_anew(log_check *check, bool *equal_out)
{
    kith_store *beside = NULL;
    *equal_out = false;
    KITH_TRY(
        kith_store_open(&check->replica->cx, KITH_STORE_TEMPORARY, KITH_STORE_CREATE, &beside));
    kith_status status = fold_anew(check, beside);
    if (status == KITH_OK) {
        status = kith_txn_commit(beside);
    }
    if (status == KITH_OK) {
        status = kith_store_compare_fold(check->replica->store, beside, equal_out);
    }
    kith_store_close(beside);
    return status;
}

static kith_status refold(log_check *check)
{
    kith_replica *replica = check->replica;
    KITH_TRY(kith_store_clear_fold(replica->store));
    KITH_TRY(fold_anew(check, replica->store));
    /* All rows of the tail are in it. */
    return kith_log_set_folded(&replica->log);
}

kith_status kith_engine_refold(kith_replica *replica)
{
    log_check check = {.replica = replica};
    kith_fold_clear(&replica->fold);
    return refold(&check);
}

/* Puts a new fold in the place of the one that is wrong. */
static kith_status replace_fold(log_check *check)
{
    kith_replica *replica = check->replica;
    KITH_TRY(kith_engine_begin(replica));
    kith_status status = kith_engine_end(replica, refold(check));
    replica->is_stale = true;
    return status;
}

/* Everything that is read must be of one moment: another process may write meanwhile. */
static kith_status read_all(log_check *check, bool rebuild, bool *equal_out,
                            kith_check_report *report)
{
    kith_replica *replica = check->replica;
    *equal_out = true;
    KITH_TRY(kith_store_check(replica->store));
    KITH_TRY(rebuild ? compare_anew(check, equal_out) : read_log(check));
    report->change_count = check->done;
    return *equal_out ? hash_state(replica, report) : KITH_OK;
}

kith_status kith_engine_check(kith_replica *replica, bool rebuild, kith_progress_function progress,
                              void *user, kith_check_report *report)
{
    log_check check = {.replica = replica, .progress = progress, .user = user};
    bool equal = true;
    KITH_ENSURE(!replica->is_in_batch, kith_fail(&replica->cx, KITH_E_STATE, "a batch is open"));
    KITH_TRY(kith_engine_begin_scan(replica));
    KITH_TRY(kith_engine_end_read(replica, read_all(&check, rebuild, &equal, report)));
    report->rebuilt_differs = !equal;
    if (equal) {
        return KITH_OK;
    }
    kith_note(&replica->cx, KITH_LOG_WARNING, "the state was not what the log says");
    KITH_TRY(replace_fold(&check));
    KITH_TRY(kith_engine_begin_scan(replica));
    return kith_engine_end_read(replica, hash_state(replica, report));
}
