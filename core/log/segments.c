/* SPDX-License-Identifier: Apache-2.0 */
#include "log/segments.h"

#include "base/limits.h"
#include "base/writer.h"

kith_status kith_log_open_body(kith_log *log, kith_slice plain, uint32_t author, kith_arena *arena,
                               kith_body *body_out)
{
    kith_directory *directory = log->directory;
    KITH_TRY(kith_body_open(log->cx, plain, directory->authors[author].id, arena, body_out));
    for (size_t i = 0; i < body_out->authors.count; i++) {
        KITH_TRY(kith_directory_author(directory, body_out->authors.ids[i],
                                       &body_out->author_ordinals[i]));
    }
    for (size_t i = 0; i < body_out->name_count; i++) {
        KITH_TRY(kith_directory_name(directory, body_out->names[i], &body_out->name_ordinals[i]));
    }
    return KITH_OK;
}

static kith_status unseal(kith_log *log, const kith_segment_header *header, kith_slice sealed,
                          kith_buf *body)
{
    const uint8_t *key = kith_keyring_find(log->keys, header->space, header->epoch);
    KITH_ENSURE(key != NULL, kith_fail(log->cx, KITH_E_NOT_FOUND, "the key of epoch %u is not here",
                                       header->epoch));
    return kith_segment_open(log->cx, key, header, sealed, body);
}

kith_status kith_log_unseal(kith_log *log, kith_slice bytes, kith_buf *body)
{
    kith_segment_header header;
    KITH_TRY(kith_header_read(log->cx, kith_slice_head(bytes, KITH_HEADER_BYTES), &header));
    return unseal(log, &header, kith_slice_skip(bytes, KITH_HEADER_BYTES), body);
}

kith_status kith_log_open_segment(kith_log *log, const kith_segment_header *header,
                                  kith_slice sealed, kith_arena *arena,
                                  kith_open_segment *segment_out)
{
    kith_buf plain;
    kith_slice copy;
    *segment_out = (kith_open_segment){.header = *header};
    kith_buf_init(&plain, log->cx, KITH_SEGMENT_SEALED_MAX);
    kith_status status = unseal(log, header, sealed, &plain);
    if (status == KITH_OK) {
        status = kith_arena_copy(arena, kith_buf_slice(&plain), &copy);
    }
    kith_buf_deinit(&plain);
    KITH_TRY(status);
    KITH_TRY(
        kith_directory_author(log->directory, kith_header_author(header), &segment_out->author));
    return kith_log_open_body(log, copy, segment_out->author, arena, &segment_out->body);
}

kith_status kith_log_visit_commits(kith_log *log, kith_open_segment *segment,
                                   kith_commit_visitor visit, void *user)
{
    kith_arena arena;
    kith_commit commit;
    kith_status status = KITH_OK;
    kith_arena_init(&arena, log->cx);
    while (status == KITH_OK) {
        kith_arena_reset(&arena);
        status = kith_body_next(&segment->body, &arena, &commit);
        if (status == KITH_OK) {
            status = visit(user, &commit, &arena);
        }
    }
    kith_arena_deinit(&arena);
    return status == KITH_E_NOT_FOUND ? KITH_OK : status;
}

kith_status kith_log_visit_segment(kith_log *log, kith_slice bytes, kith_commit_visitor visit,
                                   void *user)
{
    kith_arena arena;
    kith_segment_header header;
    kith_open_segment segment;
    KITH_TRY(kith_header_read(log->cx, kith_slice_head(bytes, KITH_HEADER_BYTES), &header));
    kith_arena_init(&arena, log->cx);
    kith_status status = kith_log_open_segment(
        log, &header, kith_slice_skip(bytes, KITH_HEADER_BYTES), &arena, &segment);
    if (status == KITH_OK) {
        status = kith_log_visit_commits(log, &segment, visit, user);
    } else if (status == KITH_E_NOT_FOUND) {
        /* A scan must not take a lacking key for its end. */
        status = kith_fail(log->cx, KITH_E_DAMAGED, "a stored segment's key is not here");
    }
    kith_arena_deinit(&arena);
    return status;
}

/* The hash of the header of a segment that is here. */
static kith_status header_hash(kith_log *log, const kith_seen_head *head,
                               uint8_t hash[KITH_HASH_BYTES])
{
    uint32_t author = kith_directory_find_author(log->directory, head->author);
    const kith_chain *chain = &log->directory->chains[author];
    KITH_ENSURE(author != 0 && chain->segment >= head->segment && head->segment > 0,
                kith_fail(log->cx, KITH_E_NOT_FOUND, "a segment that another has seen is missing"));
    if (chain->segment == head->segment) {
        memcpy(hash, chain->header, KITH_HASH_BYTES);
        return KITH_OK;
    }
    kith_buf bytes;
    kith_segment segment;
    kith_buf_init(&bytes, log->cx, KITH_HEADER_BYTES + KITH_SEGMENT_SEALED_MAX);
    kith_status status = kith_segment_get(log->store, author, head->segment, &bytes, &segment);
    if (status == KITH_OK) {
        kith_header_hash(kith_slice_head(segment.bytes, KITH_HEADER_BYTES), hash);
    }
    kith_buf_deinit(&bytes);
    return status;
}

kith_status kith_log_move_seen(kith_log *log, const kith_seen_head *heads, size_t count,
                               uint8_t seen[KITH_HASH_BYTES])
{
    kith_hasher hasher;
    if (count == 0) {
        return KITH_OK;
    }
    kith_hash_begin(&hasher, "kith seen");
    kith_hash_add(&hasher, kith_slice_make(seen, KITH_HASH_BYTES));
    for (size_t i = 0; i < count; i++) {
        uint8_t hash[KITH_HASH_BYTES];
        uint8_t number[6];
        KITH_TRY(header_hash(log, &heads[i], hash));
        for (size_t j = 0; j < sizeof number; j++) {
            number[j] = (uint8_t)(heads[i].segment >> (8 * (sizeof number - 1 - j)));
        }
        kith_hash_add(&hasher, kith_slice_make(heads[i].author.bytes, KITH_AUTHOR_BYTES));
        kith_hash_add(&hasher, kith_slice_make(number, sizeof number));
        kith_hash_add(&hasher, kith_slice_make(hash, sizeof hash));
    }
    kith_hash_end(&hasher, seen);
    return KITH_OK;
}

/* Moves an author's chain to a segment that is stored in this transaction. */
static kith_status move_chain(kith_log *log, const kith_segment *segment,
                              const kith_segment_header *header)
{
    kith_chain chain = log->directory->chains[segment->author];
    chain.segment = segment->number;
    chain.last = segment->last;
    kith_header_hash(kith_slice_head(segment->bytes, KITH_HEADER_BYTES), chain.header);
    memcpy(chain.seen, header->seen, sizeof chain.seen);
    return kith_directory_set_chain(log->directory, log->store, segment->author, &chain);
}

kith_status kith_log_store_segment(kith_log *log, const kith_segment *segment,
                                   const kith_segment_header *header)
{
    const kith_author *author = &log->directory->authors[segment->author];
    uint64_t head = author->head > segment->last ? author->head : segment->last;
    KITH_TRY(move_chain(log, segment, header));
    KITH_TRY(kith_segment_put(log->store, segment));
    KITH_TRY(kith_pack_remove(log->store, segment->author, segment->last));
    return kith_author_set_head(log->store, segment->author, head);
}

kith_status kith_log_chain_at(kith_log *log, uint32_t author, uint64_t number,
                              kith_chain *chain_out)
{
    const kith_chain *chain = &log->directory->chains[author];
    kith_buf bytes;
    kith_segment segment;
    kith_segment_header header;
    *chain_out = number >= chain->segment ? *chain : (kith_chain){.segment = 0};
    if (number >= chain->segment || number == 0) {
        return KITH_OK;
    }
    kith_buf_init(&bytes, log->cx, KITH_HEADER_BYTES + KITH_SEGMENT_SEALED_MAX);
    kith_status status = kith_segment_get(log->store, author, number, &bytes, &segment);
    kith_slice head = kith_slice_head(segment.bytes, KITH_HEADER_BYTES);
    if (status == KITH_OK) {
        status = kith_header_read(log->cx, head, &header);
    }
    if (status == KITH_OK) {
        /* What was told of later segments was told of what counted then. */
        *chain_out = (kith_chain){.segment = number,
                                  .last = segment.last,
                                  .told = chain->told < number ? chain->told : number};
        kith_header_hash(head, chain_out->header);
        memcpy(chain_out->seen, header.seen, sizeof chain_out->seen);
    }
    kith_buf_deinit(&bytes);
    return status;
}

/* Commits are gathered as a block first, from which they can be read together. */
enum { RUN_BYTES = 448 * 1024 };

typedef struct sealer {
    kith_log *log;
    const kith_sealing *sealing;
    kith_block_writer writer;
    kith_seen_head *heads; /* that moved; told in the first segment */
    size_t head_count;
    kith_arena arena; /* of one run */
    kith_buf bytes;
} sealer;

/* The header of our next segment; its body's hash is filled in when that is sealed. */
static kith_status next_header(sealer *s, kith_segment_header *header_out)
{
    const kith_chain *chain = &s->log->directory->chains[s->log->directory->own];
    *header_out = (kith_segment_header){
        .space = s->sealing->space, .number = chain->segment + 1, .epoch = s->sealing->epoch};
    memcpy(header_out->sign, s->sealing->sign, sizeof header_out->sign);
    memcpy(header_out->incarnation, s->sealing->incarnation, sizeof header_out->incarnation);
    memcpy(header_out->previous, chain->header, sizeof header_out->previous);
    memcpy(header_out->seen, chain->seen, sizeof header_out->seen);
    return kith_log_move_seen(s->log, s->heads, s->head_count, header_out->seen);
}

/* Makes s->bytes the segment of a run of commits. */
static kith_status seal_run(sealer *s, const kith_commit *commits, size_t count,
                            kith_segment_header *header_out)
{
    const kith_directory *directory = s->log->directory;
    kith_body_source source = {.authors = directory->authors,
                               .names = directory->names,
                               .author = directory->own,
                               .commits = commits,
                               .commit_count = count,
                               .heads = s->heads,
                               .head_count = s->head_count};
    kith_buf body;
    KITH_TRY(next_header(s, header_out));
    kith_buf_init(&body, s->log->cx, KITH_SEGMENT_SEALED_MAX);
    kith_status status = kith_body_write(s->log->cx, &source, &body);
    kith_buf_clear(&s->bytes);
    if (status == KITH_OK) {
        status = kith_segment_seal(s->log->cx, s->sealing->epoch_key, s->sealing->seed, header_out,
                                   kith_buf_slice(&body), &s->bytes);
    }
    kith_buf_deinit(&body);
    return status;
}

static kith_status note_told(sealer *s)
{
    kith_directory *directory = s->log->directory;
    for (size_t i = 0; i < s->head_count; i++) {
        uint32_t author = kith_directory_find_author(directory, s->heads[i].author);
        kith_chain chain = directory->chains[author];
        chain.told = s->heads[i].segment;
        KITH_TRY(kith_directory_set_chain(directory, s->log->store, author, &chain));
    }
    s->head_count = 0;
    return KITH_OK;
}

static kith_status put_run(sealer *s, const kith_commit *commits, size_t count,
                           const kith_segment_header *header)
{
    const kith_commit *last = &commits[count - 1];
    kith_segment segment = {.author = s->log->directory->own,
                            .number = header->number,
                            .first = commits[0].first.number,
                            .last = last->first.number + last->change_count - 1,
                            .bytes = kith_buf_slice(&s->bytes)};
    KITH_TRY(note_told(s));
    return kith_log_store_segment(s->log, &segment, header);
}

/* Seals commits as few segments of the size aimed at. */
static kith_status seal_commits(sealer *s, const kith_commit *commits, size_t count)
{
    size_t done = 0;
    size_t step = count;
    while (done < count) {
        kith_segment_header header;
        size_t run = step < count - done ? step : count - done;
        kith_status status = seal_run(s, commits + done, run, &header);
        bool too_large = status == KITH_E_LIMIT ||
                         (status == KITH_OK && s->bytes.length > KITH_SEGMENT_SEALED_AIM);
        if (too_large && run > 1) {
            /* Twice the text deflates to a little less than twice the bytes: aim lower. */
            size_t fitting = status == KITH_OK
                                 ? run * (KITH_SEGMENT_SEALED_AIM / 16 * 15) / s->bytes.length
                                 : run / 2;
            step = fitting < 1 ? 1 : fitting < run ? fitting : run - 1;
            continue;
        }
        KITH_TRY(status);
        KITH_TRY(put_run(s, commits + done, run, &header));
        done += run;
    }
    return KITH_OK;
}

static kith_status read_commits(sealer *s, kith_slice block, kith_commit **commits_out,
                                size_t *count_out)
{
    size_t capacity = 0;
    kith_block opened;
    *commits_out = NULL;
    *count_out = 0;
    KITH_TRY(kith_log_open_block(s->log, block, &s->arena, &opened));
    for (;;) {
        kith_commit *commits =
            kith_arena_grow(&s->arena, *commits_out, *count_out, &capacity, sizeof *commits);
        KITH_ENSURE(commits != NULL, KITH_E_MEMORY);
        *commits_out = commits;
        kith_status status = kith_block_next(&opened, &s->arena, &commits[*count_out]);
        if (status != KITH_OK) {
            return status == KITH_E_NOT_FOUND ? KITH_OK : status;
        }
        (*count_out)++;
    }
}

/* Seals what was gathered. */
static kith_status seal_gathered(sealer *s)
{
    const kith_directory *directory = s->log->directory;
    kith_buf block;
    kith_commit *commits = NULL;
    size_t count = 0;
    if (s->writer.commit_count == 0) {
        return KITH_OK;
    }
    kith_arena_reset(&s->arena);
    kith_buf_init(&block, s->log->cx, KITH_BLOCK_BYTES_MAX);
    kith_status status =
        kith_block_writer_finish(&s->writer, directory->authors, directory->names, &block);
    if (status == KITH_OK) {
        status = read_commits(s, kith_buf_slice(&block), &commits, &count);
    }
    if (status == KITH_OK) {
        status = seal_commits(s, commits, count);
    }
    kith_buf_deinit(&block);
    kith_block_writer_clear(&s->writer);
    return status;
}

static kith_status gather_commit(void *user, const kith_commit *commit, kith_arena *arena)
{
    (void)arena;
    sealer *s = user;
    if (kith_block_writer_bytes(&s->writer) >= RUN_BYTES) {
        KITH_TRY(seal_gathered(s));
    }
    return kith_block_writer_add(&s->writer, commit);
}

/* The heads of others that moved since our last segment. */
static kith_status gather_heads(sealer *s)
{
    const kith_directory *directory = s->log->directory;
    s->heads = kith_allocate_array(s->log->cx, directory->author_count, sizeof *s->heads);
    KITH_ENSURE(s->heads != NULL, KITH_E_MEMORY);
    for (size_t i = 1; i < directory->author_count; i++) {
        const kith_chain *chain = &directory->chains[i];
        if (i != directory->own && chain->segment > chain->told) {
            s->heads[s->head_count++] = (kith_seen_head){directory->authors[i].id, chain->segment};
        }
    }
    return KITH_OK;
}

kith_status kith_log_seal(kith_log *log, const kith_sealing *sealing)
{
    uint32_t own = log->directory->own;
    sealer s = {.log = log, .sealing = sealing};
    kith_status status = KITH_OK;
    KITH_ASSERT(log->unwritten.commit_count == 0);
    kith_block_writer_init(&s.writer, log->cx, own);
    kith_arena_init(&s.arena, log->cx);
    kith_buf_init(&s.bytes, log->cx, KITH_HEADER_BYTES + KITH_SEGMENT_SEALED_MAX);
    KITH_TRY_OUT(gather_heads(&s));
    KITH_TRY_OUT(kith_log_scan(log, own, log->directory->chains[own].last, gather_commit, &s));
    KITH_TRY_OUT(seal_gathered(&s));
    KITH_TRY_OUT(kith_log_drop_packs(log, own));
out:
    kith_free(log->cx, s.heads);
    kith_buf_deinit(&s.bytes);
    kith_arena_deinit(&s.arena);
    kith_block_writer_deinit(&s.writer);
    return status;
}
