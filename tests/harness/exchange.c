/* SPDX-License-Identifier: Apache-2.0 */
#include "exchange.h"

#include "base/limits.h"

/* Blocks of this size cross at a time. */
enum { BLOCK_BYTES = 128 * 1024 };

typedef struct acceptance {
    kith_replica *replica;
    uint32_t author;
    uint64_t first;
} acceptance;

static kith_status accept_commit(void *user, const kith_commit *commit, kith_arena *arena)
{
    (void)arena;
    acceptance *a = user;
    kith_replica *replica = a->replica;
    const kith_env *env = &replica->cx.env;
    uint64_t head = replica->directory.authors[commit->first.author].head;
    KITH_ENSURE(commit->first.author != replica->directory.own,
                kith_fail(&replica->cx, KITH_E_STATE, "these changes are this device's own"));
    KITH_ENSURE(commit->first.number == head + 1,
                kith_fail(&replica->cx, KITH_E_DAMAGED, "changes are missing before these"));
    if (a->author == 0) {
        a->author = commit->first.author;
        a->first = commit->first.number;
    }
    kith_clock_observe(&replica->clock, commit->stamp.ms + commit->ahead_ms,
                       env->wall_ms(env->user));
    return kith_engine_apply(replica, commit);
}

static kith_status accept_inside(kith_replica *replica, kith_slice block)
{
    acceptance a = {.replica = replica};
    replica->is_touched = true; /* a commit may be applied before a fault is found */
    KITH_TRY(kith_log_visit_block(&replica->log, block, accept_commit, &a));
    uint64_t last = replica->directory.authors[a.author].head;
    KITH_TRY(kith_log_store_block(&replica->log, a.author, a.first, last, block));
    /* Packs count as folded. */
    return kith_engine_write_out(replica);
}

kith_status exchange_accept(kith_replica *replica, kith_slice block)
{
    KITH_TRY(kith_engine_begin(replica));
    return kith_engine_end(replica, accept_inside(replica, block));
}

/* Gathers an author's commits into blocks and hands each over when it is full. */
typedef struct sending {
    kith_replica *from;
    kith_replica *to;
    kith_block_writer writer;
    kith_buf block;
    uint64_t sent;
} sending;

static kith_status hand_over(sending *s)
{
    if (s->writer.commit_count == 0) {
        return KITH_OK;
    }
    const kith_directory *directory = &s->from->directory;
    kith_buf_clear(&s->block);
    KITH_TRY(kith_block_writer_finish(&s->writer, directory->authors, directory->names, &s->block));
    kith_status status = exchange_accept(s->to, kith_buf_slice(&s->block));
    if (status != KITH_OK) {
        s->from->cx.error = s->to->cx.error;
        return status;
    }
    s->sent += s->writer.next - s->writer.first;
    kith_block_writer_clear(&s->writer);
    return KITH_OK;
}

static kith_status gather(void *user, const kith_commit *commit, kith_arena *arena)
{
    (void)arena;
    sending *s = user;
    if (kith_block_writer_bytes(&s->writer) >= BLOCK_BYTES) {
        KITH_TRY(hand_over(s));
    }
    return kith_block_writer_add(&s->writer, commit);
}

static kith_status send_author(sending *s, uint32_t author)
{
    uint32_t there =
        kith_directory_find_author(&s->to->directory, s->from->directory.authors[author].id);
    uint64_t head = there == 0 ? 0 : s->to->directory.authors[there].head;
    if (head >= s->from->directory.authors[author].head) {
        return KITH_OK;
    }
    kith_block_writer_init(&s->writer, &s->from->cx, author);
    kith_status status = kith_log_scan(&s->from->log, author, head, gather, s);
    if (status == KITH_OK) {
        status = hand_over(s);
    }
    kith_block_writer_deinit(&s->writer);
    return status;
}

static kith_status send_all(kith_replica *from, kith_replica *to, uint64_t *sent_out)
{
    sending s = {.from = from, .to = to};
    *sent_out = 0;
    KITH_TRY(kith_engine_refresh(from));
    kith_status status = kith_engine_refresh(to);
    if (status != KITH_OK) {
        from->cx.error = to->cx.error;
        return status;
    }
    kith_buf_init(&s.block, &from->cx, KITH_BLOCK_BYTES_MAX);
    for (uint32_t author = 1; status == KITH_OK && author < from->directory.author_count;
         author++) {
        status = send_author(&s, author);
    }
    kith_buf_deinit(&s.block);
    *sent_out = s.sent;
    return status;
}

kith_status exchange_changes(kith_replica *replica, kith_replica *other, uint64_t *received_out,
                             uint64_t *sent_out)
{
    uint64_t received = 0;
    uint64_t sent = 0;
    kith_status status = send_all(other, replica, &received);
    if (status != KITH_OK) {
        replica->cx.error = other->cx.error;
    } else {
        status = send_all(replica, other, &sent);
    }
    if (received_out != NULL) {
        *received_out = received;
    }
    if (sent_out != NULL) {
        *sent_out = sent;
    }
    kith_engine_tell(replica);
    kith_engine_tell(other);
    return status;
}
