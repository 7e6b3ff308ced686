/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/restore.h"

#include "base/limits.h"
#include "crypto/keys.h"
#include "engine/check.h"
#include "engine/open.h"
#include "engine/space.h"
#include "log/segments.h"

/* The device's record is a new author's change 1: what follows it stands one further. */
enum { NUMBERS_BEFORE = 1, BLOCK_BYTES = 256 * 1024 };

/* A run of own commits, as a block. */
typedef struct kept_block {
    uint64_t first;
    uint64_t last;
    kith_slice bytes;
} kept_block;

typedef struct renewal {
    kith_replica *replica;
    /* What calls for it, or neither: a segment of the own author that is not here, or an author
     * that this device may have become before. */
    const kith_segment_header *header;
    kith_slice sealed;
    const kith_author_id *sought;
    uint8_t sign[KITH_KEY_BYTES]; /* the device's key */
    uint32_t old;
    uint32_t fresh;   /* the new author; 0 if there is to be none */
    uint64_t kept;    /* segments that both have */
    uint64_t matched; /* the old author's changes up to here stay its own */
    bool parts;       /* it ends there, and a new author goes on */
    kith_body *body;  /* of the segment that arrived, while it is compared */
    kith_arena arena;
    kith_block_writer writer;
    kept_block *blocks; /* own commits behind the kept segments; a block is matched or not */
    size_t block_count;
    size_t block_capacity;
    kith_slice device_name;
} renewal;

static kith_dot moved_dot(const renewal *r, kith_dot dot)
{
    bool moves = r->fresh != 0 && dot.author == r->old && dot.number > r->matched;
    return moves ? (kith_dot){r->fresh, dot.number - r->matched + NUMBERS_BEFORE} : dot;
}

static kith_status moved_dots(const renewal *r, kith_arena *arena, const kith_dot *dots,
                              size_t count, const kith_dot **dots_out)
{
    kith_dot *moved = kith_arena_array(arena, count, sizeof *moved);
    KITH_ENSURE(moved != NULL, KITH_E_MEMORY);
    for (size_t i = 0; i < count; i++) {
        moved[i] = moved_dot(r, dots[i]);
    }
    *dots_out = moved;
    return KITH_OK;
}

static kith_status moved_value(const renewal *r, kith_arena *arena, kith_value *value)
{
    if (value->type != KITH_TYPE_REF) {
        return KITH_OK;
    }
    const kith_replica *replica = r->replica;
    kith_dot dot = kith_engine_dot(replica, kith_value_id(*value));
    kith_dot moved = moved_dot(r, dot);
    if (kith_dot_equal(dot, moved)) {
        return KITH_OK;
    }
    return kith_value_of_id(kith_engine_id(replica, moved), arena, value);
}

static kith_status moved_ops(const renewal *r, kith_arena *arena, kith_change *change)
{
    kith_op *ops = kith_arena_array(arena, change->op_count, sizeof *ops);
    KITH_ENSURE(ops != NULL, KITH_E_MEMORY);
    for (size_t i = 0; i < change->op_count; i++) {
        ops[i] = change->ops[i];
        KITH_TRY(moved_value(r, arena, &ops[i].value));
        KITH_TRY(moved_dots(r, arena, ops[i].replaces, ops[i].replaces_count, &ops[i].replaces));
    }
    change->ops = ops;
    return KITH_OK;
}

/* Gives a commit to the new author: its numbers, and whatever it says of others that move. */
static kith_status move_commit(const renewal *r, kith_arena *arena, kith_commit *commit)
{
    commit->first = moved_dot(r, commit->first);
    if (commit->undoes > 0) {
        /* What stays the old author's cannot be named as undone by the new one. */
        kith_dot undone = moved_dot(r, (kith_dot){r->old, commit->undoes});
        commit->undoes = undone.author == r->fresh ? undone.number : 0;
    }
    for (size_t i = 0; i < commit->change_count; i++) {
        kith_change *change = &commit->changes[i];
        change->id = moved_dot(r, change->id);
        change->record = moved_dot(r, change->record);
        KITH_TRY(moved_ops(r, arena, change));
        KITH_TRY(moved_dots(r, arena, change->replaces, change->replaces_count, &change->replaces));
        KITH_TRY(moved_dots(r, arena, change->seen, change->seen_count, &change->seen));
    }
    return KITH_OK;
}

static kith_status finish_block(renewal *r)
{
    kith_buf bytes;
    const kith_directory *directory = &r->replica->directory;
    if (r->writer.commit_count == 0) {
        return KITH_OK;
    }
    kept_block *blocks =
        kith_arena_grow(&r->arena, r->blocks, r->block_count, &r->block_capacity, sizeof *blocks);
    KITH_ENSURE(blocks != NULL, KITH_E_MEMORY);
    r->blocks = blocks;
    kept_block *block = &blocks[r->block_count];
    *block = (kept_block){.first = r->writer.first, .last = r->writer.next - 1};
    kith_buf_init(&bytes, &r->replica->cx, KITH_BLOCK_BYTES_MAX);
    kith_status status =
        kith_block_writer_finish(&r->writer, directory->authors, directory->names, &bytes);
    if (status == KITH_OK) {
        status = kith_arena_copy(&r->arena, kith_buf_slice(&bytes), &block->bytes);
    }
    kith_buf_deinit(&bytes);
    KITH_TRY(status);
    r->block_count++;
    kith_block_writer_clear(&r->writer);
    return KITH_OK;
}

static kith_status gather(void *user, const kith_commit *commit, kith_arena *arena)
{
    (void)arena;
    renewal *r = user;
    bool is_first_moving = commit->first.number == r->matched + 1;
    if (is_first_moving || kith_block_writer_bytes(&r->writer) >= BLOCK_BYTES) {
        KITH_TRY(finish_block(r));
    }
    return kith_block_writer_add(&r->writer, commit);
}

/* A commit alone in a block: equal bytes are equal commits. */
static kith_status write_alone(renewal *r, const kith_commit *commit, kith_buf *out)
{
    kith_block_writer writer;
    const kith_directory *directory = &r->replica->directory;
    kith_block_writer_init(&writer, &r->replica->cx, r->old);
    kith_buf_clear(out);
    kith_status status = kith_block_writer_add(&writer, commit);
    if (status == KITH_OK) {
        status = kith_block_writer_finish(&writer, directory->authors, directory->names, out);
    }
    kith_block_writer_deinit(&writer);
    return status;
}

static kith_status are_same(renewal *r, const kith_commit *a, const kith_commit *b, bool *same_out)
{
    kith_buf first;
    kith_buf second;
    *same_out = false;
    kith_buf_init(&first, &r->replica->cx, KITH_BLOCK_BYTES_MAX);
    kith_buf_init(&second, &r->replica->cx, KITH_BLOCK_BYTES_MAX);
    kith_status status = write_alone(r, a, &first);
    if (status == KITH_OK) {
        status = write_alone(r, b, &second);
    }
    if (status == KITH_OK) {
        *same_out = kith_slice_equal(kith_buf_slice(&first), kith_buf_slice(&second));
    }
    kith_buf_deinit(&first);
    kith_buf_deinit(&second);
    return status;
}

/* Holds the next own commit against the next of the segment; stops where the two part. */
static kith_status compare(void *user, const kith_commit *commit, kith_arena *arena)
{
    renewal *r = user;
    kith_commit other;
    bool same = false;
    kith_status status = kith_body_next(r->body, arena, &other);
    if (status == KITH_E_NOT_FOUND) {
        r->body = NULL; /* all of it was matched */
        return KITH_E_STOPPED;
    }
    KITH_TRY(status);
    KITH_TRY(are_same(r, commit, &other, &same));
    if (!same) {
        r->parts = true;
        return KITH_E_STOPPED;
    }
    r->matched = commit->first.number + commit->change_count - 1;
    return KITH_OK;
}

/* Finds where the device's log and the segment part: where the segment says something else, or goes
 * on beyond what is here. */
static kith_status match(renewal *r, uint64_t from)
{
    kith_arena arena;
    kith_open_segment opened;
    kith_commit other;
    kith_arena_init(&arena, &r->replica->cx);
    kith_status status =
        kith_log_open_segment(&r->replica->log, r->header, r->sealed, &arena, &opened);
    if (status == KITH_OK && opened.body.first != from + 1) {
        status = kith_fail(&r->replica->cx, KITH_E_DAMAGED, "a segment does not follow its chain");
    }
    if (status == KITH_OK) {
        r->matched = from;
        r->body = &opened.body;
        status = kith_log_scan(&r->replica->log, r->old, from, compare, r);
    }
    if (status == KITH_OK && r->body != NULL && !r->parts) {
        /* Our log has ended; does the segment go on? */
        status = kith_body_next(r->body, &arena, &other);
        r->parts = status == KITH_OK;
        status = status == KITH_E_NOT_FOUND ? KITH_OK : status;
    }
    r->body = NULL;
    kith_arena_deinit(&arena);
    return status;
}

/* The name that the device has: the new author's record of it has the same. */
static kith_status read_device_name(renewal *r)
{
    kith_replica *replica = r->replica;
    kith_known known = kith_directory_known(&replica->directory);
    kith_state state;
    uint32_t field = kith_directory_find_name(&replica->directory, KITH_SLICE("name"));
    r->device_name = KITH_SLICE("device");
    kith_status status = kith_engine_read(replica, (kith_dot){r->old, 1}, &r->arena, &state, NULL);
    if (status == KITH_E_NOT_FOUND) {
        return KITH_OK;
    }
    KITH_TRY(status);
    const kith_cell *cell = field == 0 ? NULL : kith_state_find(&state, field);
    const kith_head *head = cell == NULL ? NULL : kith_cell_winner(cell, &known);
    bool is_named = head != NULL && head->value.type == KITH_TYPE_TEXT;
    /* The copy ends with a NUL. */
    return is_named ? kith_arena_copy(&r->arena, head->value.bytes, &r->device_name) : KITH_OK;
}

/* Takes away all behind the kept segments, which is in memory by now, and puts back, as packs, what
 * stays the old author's. */
static kith_status cut_old(renewal *r, const kith_chain *kept)
{
    kith_replica *replica = r->replica;
    kith_log *log = &replica->log;
    uint64_t head = kept->last;
    KITH_TRY(kith_segment_remove(replica->store, r->old, kept->segment));
    KITH_TRY(kith_log_drop_packs(log, r->old));
    KITH_TRY(kith_directory_set_chain(&replica->directory, replica->store, r->old, kept));
    KITH_TRY(kith_author_set_head(replica->store, r->old, head));
    for (size_t i = 0; i < r->block_count; i++) {
        const kept_block *block = &r->blocks[i];
        if (!r->parts || block->last <= r->matched) {
            KITH_TRY(kith_log_store_block(log, r->old, block->first, block->last, block->bytes));
            head = block->last;
        }
    }
    replica->directory.authors[r->old].head = head;
    return KITH_OK;
}

static kith_status append_block(renewal *r, kith_slice bytes, kith_arena *arena)
{
    kith_log *log = &r->replica->log;
    kith_block block;
    kith_commit commit;
    KITH_TRY(kith_log_open_block(log, bytes, arena, &block));
    for (;;) {
        kith_status status = kith_block_next(&block, arena, &commit);
        if (status != KITH_OK) {
            return status == KITH_E_NOT_FOUND ? KITH_OK : status;
        }
        KITH_TRY(move_commit(r, arena, &commit));
        KITH_TRY(kith_log_append(log, &commit));
        r->replica->directory.authors[r->fresh].head += commit.change_count;
        KITH_TRY(kith_log_spill(log));
    }
}

static kith_status append_moved(renewal *r)
{
    kith_arena arena;
    kith_status status = KITH_OK;
    kith_arena_init(&arena, &r->replica->cx);
    for (size_t i = 0; i < r->block_count && status == KITH_OK; i++) {
        if (r->blocks[i].first > r->matched) {
            kith_arena_reset(&arena);
            status = append_block(r, r->blocks[i].bytes, &arena);
        }
    }
    kith_arena_deinit(&arena);
    return status;
}

/* The first block that moves; NULL if none does. */
static const kept_block *first_moving(const renewal *r)
{
    for (size_t i = 0; i < r->block_count; i++) {
        if (r->blocks[i].first > r->matched) {
            return &r->blocks[i];
        }
    }
    return NULL;
}

/* A backup may be put back twice. What moves then has moved before, and must become the same
 * changes of the same author again: so its incarnation follows from what moves first. */
static kith_status derive(renewal *r, const kith_commit *first,
                          uint8_t incarnation[KITH_INCARNATION_BYTES], kith_author_id *author_out)
{
    uint8_t hash[KITH_HASH_BYTES];
    kith_buf alone;
    kith_hasher hasher;
    const kith_author_id *old = &r->replica->directory.authors[r->old].id;
    kith_buf_init(&alone, &r->replica->cx, KITH_BLOCK_BYTES_MAX);
    kith_status status = write_alone(r, first, &alone);
    kith_hash_begin(&hasher, "kith renewal");
    kith_hash_add(&hasher, kith_slice_make(old->bytes, sizeof old->bytes));
    kith_hash_add(&hasher, kith_buf_slice(&alone));
    kith_hash_end(&hasher, hash);
    kith_buf_deinit(&alone);
    memcpy(incarnation, hash, KITH_INCARNATION_BYTES);
    *author_out = kith_author_derive(r->sign, incarnation);
    return status;
}

/* The incarnation that goes on from a commit. One of which segments were taken as another's cannot
 * be begun again; that others have written about its records is no hindrance. */
static kith_status choose_incarnation(renewal *r, const kith_commit *first,
                                      uint8_t incarnation[KITH_INCARNATION_BYTES])
{
    kith_author_id author;
    const kith_directory *directory = &r->replica->directory;
    KITH_TRY(derive(r, first, incarnation, &author));
    uint32_t ordinal = kith_directory_find_author(directory, author);
    bool is_here = ordinal != 0 && directory->chains[ordinal].segment > 0;
    return is_here ? kith_engine_draw_incarnation(r->replica, incarnation) : KITH_OK;
}

/* Stops at the commit from which the sought author goes on. */
static kith_status seek(void *user, const kith_commit *commit, kith_arena *arena)
{
    (void)arena;
    renewal *r = user;
    uint8_t incarnation[KITH_INCARNATION_BYTES];
    kith_author_id author;
    KITH_TRY(derive(r, commit, incarnation, &author));
    if (memcmp(&author, r->sought, sizeof author) != 0) {
        return KITH_OK;
    }
    r->matched = commit->first.number - 1;
    r->parts = true;
    return KITH_E_STOPPED;
}

/* Begins the author that goes on from a commit: at the time of that, with the device's record. */
static kith_status begin_moved(renewal *r, const kept_block *block, kith_arena *arena)
{
    kith_replica *replica = r->replica;
    uint8_t incarnation[KITH_INCARNATION_BYTES];
    kith_block opened;
    kith_commit first;
    kith_commit device;
    kith_change change;
    kith_op op;
    KITH_TRY(kith_log_open_block(&replica->log, block->bytes, arena, &opened));
    KITH_TRY(kith_block_next(&opened, arena, &first));
    KITH_TRY(choose_incarnation(r, &first, incarnation));
    KITH_TRY(kith_engine_make_author(replica, incarnation));
    r->fresh = replica->directory.own;
    KITH_TRY(kith_engine_device_commit(replica, (const char *)r->device_name.data, &op, &change,
                                       &device));
    device.first = change.id = change.record = (kith_dot){r->fresh, 1};
    device.stamp = change.stamp = first.stamp;
    device.ahead_ms = first.ahead_ms;
    KITH_TRY(kith_log_append(&replica->log, &device));
    replica->directory.authors[r->fresh].head = 1;
    return KITH_OK;
}

static kith_status begin_empty(renewal *r)
{
    kith_replica *replica = r->replica;
    uint8_t incarnation[KITH_INCARNATION_BYTES];
    KITH_TRY(kith_engine_draw_incarnation(replica, incarnation));
    KITH_TRY(kith_engine_make_author(replica, incarnation));
    r->fresh = replica->directory.own;
    kith_clock_settle(&replica->clock, 1, false);
    KITH_TRY(kith_engine_append_device(replica, (const char *)r->device_name.data));
    return kith_engine_write_out(replica);
}

static kith_status begin_author(renewal *r)
{
    kith_replica *replica = r->replica;
    kith_arena arena;
    const kept_block *block = first_moving(r);
    if (replica->space.accepted < r->kept) {
        replica->space.unoffered++; /* the relay may lack some of one who is another now */
    }
    replica->space.accepted = 0;
    replica->space.given = 0;
    KITH_TRY(kith_engine_save_space(replica));
    if (block == NULL) {
        return begin_empty(r);
    }
    kith_arena_init(&arena, &replica->cx);
    kith_status status = begin_moved(r, block, &arena);
    kith_arena_deinit(&arena);
    KITH_TRY(status);
    KITH_TRY(append_moved(r));
    KITH_TRY(kith_log_write(&replica->log));
    kith_clock_settle(&replica->clock, 1, false);
    KITH_TRY(kith_engine_save_clock(replica));
    return kith_engine_refold(replica);
}

/* Finds where the log parts. */
static kith_status find_parting(renewal *r, const kith_chain *kept)
{
    r->matched = kept->last;
    if (r->header != NULL) {
        return match(r, kept->last);
    }
    r->parts = r->sought == NULL;
    return r->parts ? KITH_OK : kith_log_scan(&r->replica->log, r->old, kept->last, seek, r);
}

static kith_status part(renewal *r)
{
    kith_replica *replica = r->replica;
    kith_chain kept;
    replica->is_touched = true;
    KITH_TRY(kith_engine_write_out(replica));
    KITH_TRY(kith_engine_sign_key(replica, r->sign));
    KITH_TRY(kith_log_chain_at(&replica->log, r->old, r->kept, &kept));
    KITH_TRY(find_parting(r, &kept));
    if (!r->parts && r->header == NULL) {
        return KITH_OK;
    }
    KITH_TRY(read_device_name(r));
    KITH_TRY(kith_log_scan(&replica->log, r->old, kept.last, gather, r));
    KITH_TRY(finish_block(r));
    KITH_TRY(cut_old(r, &kept));
    return r->parts ? begin_author(r) : KITH_OK;
}

static kith_status run(renewal *r)
{
    kith_replica *replica = r->replica;
    KITH_ENSURE(!replica->is_in_batch, kith_fail(&replica->cx, KITH_E_STATE, "a batch is open"));
    KITH_TRY(kith_engine_begin(replica));
    r->old = replica->directory.own;
    r->kept = replica->directory.chains[r->old].segment;
    if (r->header != NULL && r->header->number <= r->kept) {
        r->kept = r->header->number - 1;
    }
    kith_arena_init(&r->arena, &replica->cx);
    kith_block_writer_init(&r->writer, &replica->cx, r->old);
    kith_status status = kith_engine_end(replica, part(r));
    kith_block_writer_deinit(&r->writer);
    kith_arena_deinit(&r->arena);
    replica->is_stale = true; /* almost everything stands otherwise now */
    KITH_TRY(status);
    if (r->parts) {
        kith_note(&replica->cx, KITH_LOG_WARNING, "this device goes on as a new author");
    }
    return kith_engine_refresh(replica);
}

kith_status kith_engine_reconcile(kith_replica *replica, const kith_segment_header *header,
                                  kith_slice sealed, bool *renewed_out)
{
    renewal r = {.replica = replica, .header = header, .sealed = sealed};
    kith_status status = run(&r);
    *renewed_out = status == KITH_OK && r.parts;
    return status;
}

kith_status kith_engine_resume(kith_replica *replica, kith_author_id author, bool *resumed_out)
{
    renewal r = {.replica = replica, .sought = &author};
    kith_status status = run(&r);
    *resumed_out = status == KITH_OK && r.parts;
    return status;
}

kith_status kith_engine_renew(kith_replica *replica)
{
    renewal r = {.replica = replica};
    return run(&r);
}
