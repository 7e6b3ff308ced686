/* SPDX-License-Identifier: Apache-2.0 */
#include "log/log.h"

#include "base/limits.h"
#include "codec/deflate.h"
#include "log/segments.h"

/* A block of this size deflates to some 50 KB: nearly as well as a larger one would, while reading
 * one change of it back takes under two milliseconds. */
enum { PACK_BYTES = 192 * 1024 };

/* The tail is packed at this size or number of rows: it is read whole at each start, which takes
 * some four milliseconds then. */
enum { TAIL_BYTES = 768 * 1024, TAIL_ROWS = 4000 };

/* Unwritten commits of this size go into a pack at once instead of through the tail. */
enum { DIRECT_PACK_BYTES = 32 * 1024 };

static const char meta_folded[] = "folded";

void kith_log_init(kith_log *log, kith_context *cx, kith_store *store, kith_directory *directory,
                   const kith_keyring *keys)
{
    *log = (kith_log){.cx = cx, .store = store, .directory = directory, .keys = keys};
    kith_block_writer_init(&log->unwritten, cx, 0);
    kith_buf_init(&log->bytes, cx, KITH_BLOCK_BYTES_MAX * 2);
    kith_buf_init(&log->last_block, cx, KITH_SEGMENT_SEALED_MAX);
}

void kith_log_deinit(kith_log *log)
{
    kith_block_writer_deinit(&log->unwritten);
    if (log->cx != NULL) {
        kith_buf_deinit(&log->bytes);
        kith_buf_deinit(&log->last_block);
    }
    *log = (kith_log){0};
}

kith_status kith_log_open_block(kith_log *log, kith_slice bytes, kith_arena *arena,
                                kith_block *block)
{
    kith_directory *directory = log->directory;
    KITH_TRY(kith_block_open(log->cx, bytes, arena, block));
    KITH_TRY(kith_directory_author(directory, block->author, &block->author_ordinal));
    for (size_t i = 0; i < block->author_count; i++) {
        KITH_TRY(kith_directory_author(directory, kith_block_author(block, i),
                                       &block->author_ordinals[i]));
    }
    for (size_t i = 0; i < block->name_count; i++) {
        KITH_TRY(kith_directory_name(directory, block->names[i], &block->name_ordinals[i]));
    }
    return KITH_OK;
}

kith_status kith_log_visit_block(kith_log *log, kith_slice bytes, kith_commit_visitor visit,
                                 void *user)
{
    kith_arena tables;
    kith_arena arena;
    kith_block block;
    kith_commit commit;
    kith_arena_init(&tables, log->cx);
    kith_arena_init(&arena, log->cx);
    kith_status status = kith_log_open_block(log, bytes, &tables, &block);
    while (status == KITH_OK) {
        kith_arena_reset(&arena);
        status = kith_block_next(&block, &arena, &commit);
        if (status == KITH_OK) {
            status = visit(user, &commit, &arena);
        }
    }
    kith_arena_deinit(&arena);
    kith_arena_deinit(&tables);
    return status == KITH_E_NOT_FOUND ? KITH_OK : status;
}

/* What a scan of rows needs to hand commits on. */
typedef struct row_scan {
    kith_log *log;
    kith_commit_visitor visit;
    void *user;
    uint64_t after;
} row_scan;

static kith_status filter_commit(void *user, const kith_commit *commit, kith_arena *arena)
{
    row_scan *scan = user;
    if (commit->first.number + commit->change_count - 1 <= scan->after) {
        return KITH_OK;
    }
    return scan->visit(scan->user, commit, arena);
}

static kith_status visit_pack(void *user, const kith_pack *pack)
{
    row_scan *scan = user;
    kith_log *log = scan->log;
    kith_buf block;
    kith_buf_init(&block, log->cx, KITH_BLOCK_BYTES_MAX);
    kith_status status = kith_inflate(log->cx, pack->bytes, KITH_BLOCK_BYTES_MAX, &block);
    if (status == KITH_OK) {
        status = kith_log_visit_block(log, kith_buf_slice(&block), filter_commit, scan);
    }
    kith_buf_deinit(&block);
    return status;
}

static kith_status visit_tail(void *user, int64_t position, kith_slice block)
{
    (void)position;
    row_scan *scan = user;
    return kith_log_visit_block(scan->log, block, filter_commit, scan);
}

static kith_status visit_segment(void *user, const kith_segment *segment)
{
    row_scan *scan = user;
    return kith_log_visit_segment(scan->log, segment->bytes, filter_commit, scan);
}

static kith_status without_stop(kith_status status)
{
    return status == KITH_E_STOPPED ? KITH_OK : status;
}

kith_status kith_log_scan(kith_log *log, uint32_t author, uint64_t after, kith_commit_visitor visit,
                          void *user)
{
    row_scan scan = {.log = log, .visit = visit, .user = user, .after = after};
    uint64_t in_segments = log->directory->chains[author].last;
    kith_status status = kith_segment_scan(log->store, author, after, visit_segment, &scan);
    /* A pack may begin with what a segment holds since. */
    scan.after = after > in_segments ? after : in_segments;
    if (status == KITH_OK) {
        status = kith_pack_scan(log->store, author, scan.after, visit_pack, &scan);
    }
    if (status == KITH_OK && author == log->directory->own) {
        status = kith_tail_scan(log->store, 0, visit_tail, &scan);
    }
    return without_stop(status);
}

kith_status kith_log_scan_unfolded(kith_log *log, kith_commit_visitor visit, void *user)
{
    row_scan scan = {.log = log, .visit = visit, .user = user};
    return without_stop(kith_tail_scan(log->store, log->folded, visit_tail, &scan));
}

/* Where the tail stands, and the number of the last change in it. */
typedef struct tail_state {
    kith_log *log;
    uint64_t last;
} tail_state;

static kith_status note_commit(void *user, const kith_commit *commit, kith_arena *arena)
{
    (void)arena;
    tail_state *state = user;
    uint64_t last = commit->first.number + commit->change_count - 1;
    KITH_ENSURE(commit->first.author == state->log->directory->own,
                kith_fail(state->log->cx, KITH_E_DAMAGED, "the log's tail is of another author"));
    KITH_ENSURE(commit->first.number == state->last + 1,
                kith_fail(state->log->cx, KITH_E_DAMAGED, "the log's tail has a gap"));
    state->last = last;
    return KITH_OK;
}

static kith_status note_row(void *user, int64_t position, kith_slice block)
{
    tail_state *state = user;
    kith_log *log = state->log;
    KITH_TRY(kith_log_visit_block(log, block, note_commit, state));
    log->position = position;
    log->tail_bytes += block.length;
    log->tail_rows++;
    if (position <= log->folded) {
        log->directory->authors[log->directory->own].head = state->last;
    }
    return KITH_OK;
}

kith_status kith_log_load(kith_log *log)
{
    kith_directory *directory = log->directory;
    kith_block_writer_clear(&log->unwritten);
    log->unwritten.author = directory->own;
    log->last_author = 0; /* its pack may have been taken back, and its numbers used again */
    KITH_TRY(kith_meta_get(log->store, meta_folded, &log->folded));
    log->position = log->folded;
    log->tail_bytes = 0;
    log->tail_rows = 0;
    log->has_packed = false;
    tail_state state = {.log = log, .last = directory->authors[directory->own].head};
    return kith_tail_scan(log->store, 0, note_row, &state);
}

/* Deflates a finished block and stores it; the author's head moves with it. */
static kith_status put_pack(kith_log *log, uint32_t author, uint64_t first, uint64_t last,
                            kith_slice block)
{
    kith_buf deflated;
    kith_buf_init(&deflated, log->cx, KITH_BLOCK_BYTES_MAX * 2);
    kith_status status = kith_deflate(log->cx, block, &deflated);
    if (status == KITH_OK) {
        kith_pack pack = {author, first, last, kith_buf_slice(&deflated)};
        status = kith_pack_put(log->store, &pack);
    }
    kith_buf_deinit(&deflated);
    KITH_TRY(status);
    return kith_author_set_head(log->store, author, last);
}

/* Makes log->bytes the block that a writer gathered. */
static kith_status finish_block(kith_log *log, const kith_block_writer *writer)
{
    kith_buf_clear(&log->bytes);
    return kith_block_writer_finish(writer, log->directory->authors, log->directory->names,
                                    &log->bytes);
}

/* Stores what a writer gathered as a pack and empties it. */
static kith_status pack_writer(kith_log *log, kith_block_writer *writer)
{
    if (writer->commit_count == 0) {
        return KITH_OK;
    }
    KITH_TRY(finish_block(log, writer));
    KITH_TRY(put_pack(log, writer->author, writer->first, writer->next - 1,
                      kith_buf_slice(&log->bytes)));
    kith_block_writer_clear(writer);
    return KITH_OK;
}

/* Our author must be stored before a pack can set its head. */
static kith_status pack_unwritten(kith_log *log)
{
    log->has_packed = true;
    KITH_TRY(kith_log_pack_tail(log));
    KITH_TRY(kith_directory_save(log->directory, log->store));
    return pack_writer(log, &log->unwritten);
}

kith_status kith_log_append(kith_log *log, const kith_commit *commit)
{
    return kith_block_writer_add(&log->unwritten, commit);
}

kith_status kith_log_spill(kith_log *log)
{
    bool is_full = kith_block_writer_bytes(&log->unwritten) >= PACK_BYTES;
    return is_full ? pack_unwritten(log) : KITH_OK;
}

bool kith_log_is_packing(const kith_log *log)
{
    return log->has_packed || kith_block_writer_bytes(&log->unwritten) >= DIRECT_PACK_BYTES;
}

kith_status kith_log_write(kith_log *log)
{
    KITH_TRY(kith_directory_save(log->directory, log->store));
    if (log->unwritten.commit_count == 0) {
        return KITH_OK;
    }
    if (kith_block_writer_bytes(&log->unwritten) >= DIRECT_PACK_BYTES) {
        return pack_unwritten(log);
    }
    KITH_TRY(finish_block(log, &log->unwritten));
    KITH_TRY(kith_tail_append(log->store, log->position + 1, kith_buf_slice(&log->bytes)));
    log->position++;
    log->tail_bytes += log->bytes.length;
    log->tail_rows++;
    kith_block_writer_clear(&log->unwritten);
    return KITH_OK;
}

bool kith_log_is_tail_full(const kith_log *log)
{
    return log->tail_bytes >= TAIL_BYTES || log->tail_rows >= TAIL_ROWS;
}

/* Gathers the tail's commits into one writer, packing it whenever it is full. */
typedef struct tail_packer {
    kith_log *log;
    kith_block_writer writer;
} tail_packer;

static kith_status repack_commit(void *user, const kith_commit *commit, kith_arena *arena)
{
    (void)arena;
    tail_packer *packer = user;
    if (kith_block_writer_bytes(&packer->writer) >= PACK_BYTES) {
        KITH_TRY(pack_writer(packer->log, &packer->writer));
    }
    return kith_block_writer_add(&packer->writer, commit);
}

static kith_status repack_row(void *user, int64_t position, kith_slice block)
{
    (void)position;
    tail_packer *packer = user;
    return kith_log_visit_block(packer->log, block, repack_commit, packer);
}

static kith_status clear_tail(kith_log *log)
{
    KITH_TRY(kith_tail_clear(log->store));
    log->tail_bytes = 0;
    log->tail_rows = 0;
    return KITH_OK;
}

kith_status kith_log_pack_tail(kith_log *log)
{
    if (log->tail_rows == 0) {
        return KITH_OK;
    }
    tail_packer packer = {.log = log};
    kith_block_writer_init(&packer.writer, log->cx, log->directory->own);
    kith_status status = kith_tail_scan(log->store, 0, repack_row, &packer);
    if (status == KITH_OK) {
        status = pack_writer(log, &packer.writer);
    }
    kith_block_writer_deinit(&packer.writer);
    KITH_TRY(status);
    return clear_tail(log);
}

kith_status kith_log_drop_packs(kith_log *log, uint32_t author)
{
    log->last_author = 0;
    KITH_TRY(kith_pack_remove(log->store, author, KITH_NUMBER_MAX));
    return author == log->directory->own ? clear_tail(log) : KITH_OK;
}

kith_status kith_log_set_folded(kith_log *log)
{
    KITH_TRY(kith_meta_set(log->store, meta_folded, log->position));
    log->folded = log->position;
    log->has_packed = false;
    return KITH_OK;
}

/* Looks for the row of the tail that holds a change. */
typedef struct row_search {
    kith_log *log;
    uint64_t number;
    bool found;
} row_search;

static kith_status find_in_row(void *user, int64_t position, kith_slice bytes)
{
    (void)position;
    row_search *search = user;
    kith_arena arena;
    kith_block block;
    kith_commit commit;
    kith_arena_init(&arena, search->log->cx);
    kith_status status = kith_log_open_block(search->log, bytes, &arena, &block);
    while (status == KITH_OK && !search->found) {
        status = kith_block_next(&block, &arena, &commit);
        search->found = status == KITH_OK && commit.first.number <= search->number &&
                        search->number < commit.first.number + commit.change_count;
    }
    kith_arena_deinit(&arena);
    if (search->found) {
        kith_buf_append_slice(&search->log->last_block, bytes);
        KITH_TRY(kith_buf_status(&search->log->last_block));
        return KITH_E_STOPPED;
    }
    return status == KITH_E_NOT_FOUND ? KITH_OK : status;
}

/* Says which changes log->last_block holds. */
static void note_last(kith_log *log, uint32_t author, uint64_t first, uint64_t last, bool is_body)
{
    log->last_author = author;
    log->last_from = first;
    log->last_to = last;
    log->last_is_body = is_body;
}

static kith_status find_in_packs(kith_log *log, kith_dot change)
{
    kith_buf bytes;
    kith_pack pack = {0};
    kith_buf_init(&bytes, log->cx, KITH_BLOCK_BYTES_MAX * 2);
    kith_status status = kith_pack_find(log->store, change, &bytes, &pack);
    if (status == KITH_OK) {
        status = kith_inflate(log->cx, pack.bytes, KITH_BLOCK_BYTES_MAX, &log->last_block);
    }
    if (status == KITH_OK) {
        note_last(log, change.author, pack.first, pack.last, false);
    }
    kith_buf_deinit(&bytes);
    return status;
}

static kith_status find_in_segments(kith_log *log, kith_dot change)
{
    kith_buf bytes;
    kith_segment segment = {0};
    kith_buf_init(&bytes, log->cx, KITH_HEADER_BYTES + KITH_SEGMENT_SEALED_MAX);
    kith_status status = kith_segment_find(log->store, change, &bytes, &segment);
    if (status == KITH_OK) {
        status = kith_log_unseal(log, segment.bytes, &log->last_block);
        status = status == KITH_E_NOT_FOUND ? KITH_E_DAMAGED : status; /* its key */
    }
    if (status == KITH_OK) {
        note_last(log, change.author, segment.first, segment.last, true);
    }
    kith_buf_deinit(&bytes);
    return status;
}

/* Makes log->last_block the plain block that holds the change. */
static kith_status find_block(kith_log *log, kith_dot change)
{
    if (log->last_author == change.author && log->last_from <= change.number &&
        change.number <= log->last_to) {
        return KITH_OK;
    }
    log->last_author = 0;
    log->last_is_body = false;
    kith_buf_clear(&log->last_block);
    kith_status status = find_in_packs(log, change);
    if (status == KITH_E_NOT_FOUND) {
        status = find_in_segments(log, change);
    }
    if (status != KITH_E_NOT_FOUND || change.author != log->directory->own) {
        return status;
    }
    row_search search = {.log = log, .number = change.number};
    KITH_TRY(without_stop(kith_tail_scan(log->store, 0, find_in_row, &search)));
    return search.found ? KITH_OK
                        : kith_fail(log->cx, KITH_E_NOT_FOUND, "the log does not hold the change");
}

static bool holds(const kith_commit *commit, kith_dot change)
{
    return change.number < commit->first.number + commit->change_count;
}

static kith_status read_from_block(kith_log *log, kith_slice bytes, kith_dot change,
                                   kith_arena *arena, kith_commit *commit_out)
{
    kith_block block;
    KITH_TRY(kith_log_open_block(log, bytes, arena, &block));
    do {
        KITH_TRY(kith_block_next(&block, arena, commit_out));
    } while (!holds(commit_out, change));
    return KITH_OK;
}

static kith_status read_from_body(kith_log *log, kith_slice bytes, kith_dot change,
                                  kith_arena *arena, kith_commit *commit_out)
{
    kith_body body;
    KITH_TRY(kith_log_open_body(log, bytes, change.author, arena, &body));
    do {
        KITH_TRY(kith_body_next(&body, arena, commit_out));
    } while (!holds(commit_out, change));
    return KITH_OK;
}

kith_status kith_log_read(kith_log *log, kith_dot change, kith_arena *arena,
                          kith_commit *commit_out)
{
    kith_slice copy;
    *commit_out = (kith_commit){0};
    KITH_TRY(find_block(log, change));
    KITH_TRY(kith_arena_copy(arena, kith_buf_slice(&log->last_block), &copy));
    return log->last_is_body ? read_from_body(log, copy, change, arena, commit_out)
                             : read_from_block(log, copy, change, arena, commit_out);
}

kith_status kith_log_store_block(kith_log *log, uint32_t author, uint64_t first, uint64_t last,
                                 kith_slice bytes)
{
    KITH_TRY(kith_directory_save(log->directory, log->store));
    return put_pack(log, author, first, last, bytes);
}
