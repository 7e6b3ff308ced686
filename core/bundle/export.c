/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/bundle.h"
#include "engine/carry.h"
#include "engine/devices.h"
#include "engine/handed.h"
#include "engine/mark.h"
#include "engine/restore.h"
#include "log/segments.h"

/* A bundle being written. What the log has is noted at its beginning: what another process adds
 * meanwhile is for the next one. */
typedef struct writing {
    kith_replica *const *replicas;
    size_t count;
    kith_replica *replica; /* at hand */
    const kith_bundle_export_options *options;
    kith_bundle_written *written;
    kith_hasher hasher;
    kith_buf out;
    kith_buf bytes; /* a segment or entry on its way */
    kith_arena arena;
    uint64_t total_bytes; /* about */
    bool is_for_device;
    uint8_t key[KITH_KEY_BYTES]; /* of the device that it is for */
    /* Of the space at hand: */
    kith_space_id space;
    uint32_t entry_count;
    uint32_t author_count;
    kith_held_head *heads; /* by author ordinal */
    uint64_t *covered;     /* by author ordinal: the device has its segments up to here */
} writing;

/* Hands on what stands in w->out. */
static kith_status flush(writing *w)
{
    const kith_bundle_export_options *options = w->options;
    KITH_TRY(kith_buf_status(&w->out));
    kith_slice bytes = kith_buf_slice(&w->out);
    kith_hash_add(&w->hasher, bytes);
    KITH_TRY(options->write(options->user, bytes));
    w->written->byte_count += bytes.length;
    kith_buf_clear(&w->out);
    if (options->progress == NULL) {
        return KITH_OK;
    }
    uint64_t done = w->written->byte_count;
    bool goes_on = options->progress(options->user, done,
                                     done < w->total_bytes ? w->total_bytes : done) == KITH_OK;
    return goes_on ? KITH_OK : kith_fail(&w->replica->cx, KITH_E_STOPPED, "it was stopped");
}

static kith_status begin_part(writing *w, kith_space_id space)
{
    w->written->space_count++;
    kith_frame_write_carry(&w->out, space);
    return flush(w);
}

static kith_status write_segment(writing *w, kith_slice bytes)
{
    w->written->segment_count++;
    kith_frame_write(&w->out, KITH_FRAME_SEGMENT, bytes);
    return flush(w);
}

/* Writes entries of a space up to a number, or as many as there are. */
static kith_status write_entries(writing *w, uint32_t ordinal, uint32_t last)
{
    uint32_t number = 0;
    kith_status status = KITH_OK;
    while (status == KITH_OK && number < last) {
        kith_buf_clear(&w->bytes);
        status = kith_entry_next(w->replica->store, ordinal, number, &number, &w->bytes);
        if (status == KITH_OK) {
            w->written->entry_count++;
            kith_frame_write(&w->out, KITH_FRAME_ENTRY, kith_buf_slice(&w->bytes));
            status = flush(w);
        }
    }
    return status == KITH_E_NOT_FOUND ? KITH_OK : status;
}

static kith_status write_holds(writing *w)
{
    uint8_t seed[KITH_SEED_BYTES];
    size_t count = 0;
    kith_held_head *heads = kith_arena_array(&w->arena, w->author_count, sizeof *heads);
    KITH_ENSURE(heads != NULL, KITH_E_MEMORY);
    for (uint32_t i = 1; i < w->author_count; i++) {
        if (w->heads[i].number > 0) {
            heads[count++] = w->heads[i];
        }
    }
    KITH_TRY(kith_engine_seed(w->replica, seed));
    kith_frame_write_holds(&w->out, w->space, seed, heads, count);
    kith_wipe(seed, sizeof seed);
    return flush(w);
}

/* An author's segments that the device does not have. Another process may take some away, when it
 * finds that this device was restored: then the rest is no longer what it was. */
static kith_status write_author(writing *w, uint32_t author)
{
    uint64_t last = w->heads[author].number;
    uint64_t covered = w->covered[author] < last ? w->covered[author] : last;
    w->written->left_out_count += covered;
    for (uint64_t number = covered + 1; number <= last; number++) {
        kith_segment segment;
        kith_buf_clear(&w->bytes);
        kith_status status =
            kith_segment_get(w->replica->store, author, number, &w->bytes, &segment);
        if (status == KITH_E_NOT_FOUND) {
            return KITH_OK;
        }
        KITH_TRY(status);
        KITH_TRY(write_segment(w, segment.bytes));
    }
    return KITH_OK;
}

/* Segments that wait for others are handed on too: their time may come elsewhere first. */
static kith_status write_waiting(writing *w)
{
    kith_waiting waiting = {.id = 0};
    kith_status status = KITH_OK;
    while (status == KITH_OK) {
        kith_buf_clear(&w->bytes);
        status = kith_waiting_next(w->replica->store, waiting.id, &w->bytes, &waiting);
        bool waits = waiting.reason == KITH_ASIDE_GAP || waiting.reason == KITH_ASIDE_KEY ||
                     waiting.reason == KITH_ASIDE_NEWER;
        if (status == KITH_OK && waits) {
            status = write_segment(w, waiting.bytes);
        }
    }
    return status == KITH_E_NOT_FOUND ? KITH_OK : status;
}

static kith_status write_own(writing *w)
{
    if (w->entry_count == 0) {
        return KITH_OK;
    }
    KITH_TRY(begin_part(w, w->space));
    KITH_TRY(write_entries(w, KITH_SPACE_ORDINAL, w->entry_count));
    KITH_TRY(write_holds(w));
    for (uint32_t author = 1; author < w->author_count; author++) {
        KITH_TRY(write_author(w, author));
    }
    return write_waiting(w);
}

static kith_status write_carried(writing *w, uint32_t ordinal)
{
    kith_carried carried = {.space = ordinal, .author = INT64_MIN};
    kith_status status = KITH_OK;
    while (status == KITH_OK) {
        kith_buf_clear(&w->bytes);
        status = kith_carried_next(w->replica->store, &carried, &w->bytes);
        if (status == KITH_OK) {
            w->written->carried_count++;
            status = write_segment(w, carried.bytes);
        } else if (status == KITH_E_DAMAGED) {
            status = KITH_OK; /* one row of many; whoever wrote it has it still */
        }
    }
    return status == KITH_E_NOT_FOUND ? KITH_OK : status;
}

static kith_status write_others(writing *w)
{
    uint32_t ordinal = 0;
    kith_space_id space;
    kith_store *store = w->replica->store;
    kith_status status = kith_carried_space_next(store, 0, &ordinal, &space);
    while (status == KITH_OK) {
        KITH_TRY(begin_part(w, space));
        KITH_TRY(write_entries(w, ordinal, KITH_ENTRIES_MAX));
        KITH_TRY(write_carried(w, ordinal));
        status = kith_carried_space_next(store, ordinal, &ordinal, &space);
    }
    return status == KITH_E_NOT_FOUND ? KITH_OK : status;
}

static kith_status write_sum(writing *w)
{
    kith_hasher copy = w->hasher;
    kith_sum_frame sum = {.part_count = w->written->space_count,
                          .entry_count = w->written->entry_count,
                          .segment_count = w->written->segment_count};
    kith_hash_end(&copy, sum.hash);
    kith_frame_write_sum(&w->out, &sum);
    return flush(w);
}

/* The device that the bundle is for may be in some of the spaces only. */
static kith_status find_device(writing *w)
{
    const kith_member *member = NULL;
    for (size_t i = 0; i < w->count; i++) {
        w->replica = w->replicas[i];
        if (!w->replica->space.exists) {
            continue;
        }
        kith_status status = kith_engine_find_member(w->replica, w->options->key, &member);
        if (status == KITH_OK) {
            memcpy(w->key, member->sign, sizeof w->key);
            return KITH_OK;
        }
        KITH_ENSURE(status == KITH_E_NOT_FOUND, status);
    }
    return kith_fail(&w->replica->cx, KITH_E_NOT_FOUND,
                     "no device of this one's spaces has that key");
}

/* How far the device's word about an author can be relied on: it must have had the same history. */
static kith_status trust(writing *w, const kith_held_head *head)
{
    kith_chain chain;
    kith_replica *replica = w->replica;
    uint32_t author = kith_directory_find_author(&replica->directory, head->author);
    if (author == 0 || author >= w->author_count) {
        return KITH_OK;
    }
    if (head->number <= w->heads[author].number) {
        KITH_TRY(kith_log_chain_at(&replica->log, author, head->number, &chain));
        bool is_same = memcmp(chain.header, head->header, sizeof chain.header) == 0;
        w->covered[author] = is_same ? head->number : 0;
        return KITH_OK;
    }
    w->covered[author] = head->number;
    return KITH_OK;
}

/* Finds what the device that the bundle is for has. */
static kith_status read_holding(writing *w)
{
    kith_buf heads;
    kith_reader reader;
    kith_buf_init(&heads, &w->replica->cx, KITH_FRAME_BYTES_MAX);
    kith_status status =
        kith_holding_get(w->replica->store, kith_slice_make(w->key, sizeof w->key), &heads);
    bool is_known = status == KITH_OK && kith_holds_are_sound(kith_buf_slice(&heads));
    w->written->is_device_known = w->written->is_device_known != 0 || is_known;
    size_t count = is_known ? kith_holds_begin(kith_buf_slice(&heads), &reader) : 0;
    for (size_t i = 0; status == KITH_OK && i < count; i++) {
        kith_held_head head = kith_holds_next(&reader);
        status = trust(w, &head);
    }
    kith_buf_deinit(&heads);
    return status == KITH_E_NOT_FOUND ? KITH_OK : status;
}

/* Notes what there is of the own space. In a read. */
static kith_status gather(writing *w)
{
    kith_replica *replica = w->replica;
    const kith_directory *directory = &replica->directory;
    w->entry_count = 0;
    if (!replica->space.exists) {
        return KITH_OK;
    }
    KITH_TRY(kith_engine_firm_entries(replica, &w->entry_count, NULL));
    w->space = replica->space.id;
    w->author_count = (uint32_t)directory->author_count;
    w->heads = kith_arena_array(&w->arena, w->author_count, sizeof *w->heads);
    w->covered = kith_arena_array(&w->arena, w->author_count, sizeof *w->covered);
    KITH_ENSURE(w->heads != NULL && w->covered != NULL, KITH_E_MEMORY);
    for (uint32_t i = 0; i < w->author_count; i++) {
        w->covered[i] = 0;
        w->heads[i] = (kith_held_head){directory->authors[i].id, directory->chains[i].segment, {0}};
        memcpy(w->heads[i].header, directory->chains[i].header, sizeof w->heads[i].header);
    }
    return w->is_for_device ? read_holding(w) : KITH_OK;
}

/* How much there is in a replica, for those who watch. */
static kith_status count_bytes(writing *w)
{
    uint32_t space_count = 0;
    uint64_t segment_count = 0;
    uint64_t bytes = 0;
    kith_replica *replica = w->replica;
    KITH_TRY(kith_carried_figures(replica->store, &space_count, &segment_count, &bytes));
    w->total_bytes += bytes;
    for (uint32_t i = 1; i < replica->directory.author_count; i++) {
        KITH_TRY(kith_segment_bytes(replica->store, i, 0, &bytes));
        w->total_bytes += bytes;
    }
    return KITH_OK;
}

/* Own changes become segments, if this device may write already and still. One that was put back
 * from a backup would use numbers under which others have something else, which may come back yet;
 * if nobody has that any more, it goes on as a new author. */
static kith_status seal(writing *w)
{
    kith_replica *replica = w->replica;
    const kith_space *space = &replica->space;
    kith_taken taken;
    if (!space->exists || (space->is_joining && space->relay[0] != '\0')) {
        return KITH_OK;
    }
    /* An import may have been broken off: own segments come before what is sealed now. */
    KITH_TRY(kith_engine_retry_aside(replica, &taken));
    if (w->options->goes_on != 0 && kith_engine_is_behind(replica)) {
        KITH_TRY(kith_engine_renew(replica));
    }
    if (kith_engine_is_behind(replica)) {
        w->written->held_count += kith_directory_unsealed(&replica->directory);
        return KITH_OK;
    }
    kith_status status = kith_engine_seal(replica);
    return status == KITH_E_DENIED ? KITH_OK : status;
}

/* Notes that others may have the own segments from now on, before they can. */
static kith_status note_given(kith_replica *replica)
{
    kith_space *space = &replica->space;
    KITH_TRY(kith_engine_refresh(replica));
    uint64_t last = replica->directory.chains[replica->directory.own].segment;
    if (!space->exists || last <= space->given) {
        return KITH_OK;
    }
    KITH_TRY(kith_engine_begin(replica));
    space->given = last;
    return kith_engine_end(replica, kith_engine_save_space(replica));
}

/* What is done in a replica before anything is written. */
static kith_status prepare(writing *w)
{
    KITH_TRY(seal(w));
    KITH_TRY(note_given(w->replica));
    kith_engine_mark_shown(w->replica);
    KITH_TRY(kith_engine_begin_read(w->replica));
    return kith_engine_end_read(w->replica, count_bytes(w));
}

static kith_status write_space(writing *w)
{
    kith_arena_reset(&w->arena);
    KITH_TRY(kith_engine_begin_read(w->replica));
    KITH_TRY(kith_engine_end_read(w->replica, gather(w)));
    return write_own(w);
}

/* Runs a part of the work in each replica. */
static kith_status in_each(writing *w, kith_status (*work)(writing *w))
{
    for (size_t i = 0; i < w->count; i++) {
        w->replica = w->replicas[i];
        KITH_TRY(work(w));
    }
    return KITH_OK;
}

static kith_status write_all(writing *w)
{
    if (w->options->key.length > 0) {
        w->is_for_device = true;
        KITH_TRY(find_device(w));
    }
    KITH_TRY(in_each(w, prepare));
    kith_bundle_write_magic(&w->out);
    KITH_TRY(flush(w));
    KITH_TRY(in_each(w, write_space));
    KITH_TRY(in_each(w, write_others));
    KITH_ENSURE(w->written->space_count > 0,
                kith_fail(&w->replica->cx, KITH_E_STATE,
                          "there is nothing to carry: no space, nor anything of another"));
    return write_sum(w);
}

kith_status kith_bundle_write(kith_replica *const *replicas, size_t count,
                              const kith_bundle_export_options *options,
                              kith_bundle_written *written)
{
    kith_context *cx = &replicas[0]->cx;
    writing w = {.replicas = replicas,
                 .count = count,
                 .replica = replicas[0],
                 .options = options,
                 .written = written};
    KITH_TRY(kith_bundle_adopt(replicas, count));
    kith_hash_begin(&w.hasher, kith_bundle_purpose);
    kith_buf_init(&w.out, cx, 2 * KITH_FRAME_BYTES_MAX);
    kith_buf_init(&w.bytes, cx, KITH_FRAME_BYTES_MAX);
    kith_arena_init(&w.arena, cx);
    kith_status status = write_all(&w);
    kith_arena_deinit(&w.arena);
    kith_buf_deinit(&w.out);
    kith_buf_deinit(&w.bytes);
    return kith_bundle_failed(replicas[0], w.replica, status);
}
