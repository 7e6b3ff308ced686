/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>

#include "base/writer.h"
#include "bundle/bundle.h"
#include "engine/carry.h"
#include "engine/handed.h"

enum { PIECE_BYTES = 64 * 1024 };

/* Whose the part at hand is. */
typedef enum part_kind {
    PART_NONE, /* no `carry` has come */
    PART_OWN,
    PART_OTHERS
} part_kind;

/* A bundle being read. A problem with what it holds is noted and reading goes on; what stops it is
 * a failure of this device, or a file of which no further frame can be made out. */
typedef struct reading {
    kith_replica *const *replicas;
    size_t count;
    kith_replica *replica; /* whose the part at hand is; the first one's, if it is of others */
    bool has_part[KITH_SYNC_SPACES_MAX]; /* of that replica */
    const kith_bundle_import_options *options;
    kith_bundle_taken *taken;
    kith_frame_stream in;
    kith_hasher hasher;
    uint8_t magic[KITH_BUNDLE_MAGIC_BYTES];
    size_t magic_length;
    uint64_t offset; /* of the frame at hand */
    part_kind part;
    bool has_ended_charter; /* an entry of the part could not be taken, so none behind it can */
    kith_carrying carrying; /* of a part of others */
    kith_sum_frame sum;     /* counted */
    bool has_sum;
    bool is_over;     /* nothing further is read */
    kith_error first; /* problem; KITH_OK for none */
} reading;

/* Notes what is wrong with the bundle, as the handle's detail has it. The first says most. */
static void note_problem(reading *r)
{
    if (r->first.status == KITH_OK) {
        r->first = r->replica->cx.error;
    }
}

static void note_damage(reading *r)
{
    if (r->taken->is_damaged == 0) {
        r->taken->is_damaged = 1;
        r->taken->damaged_at = r->offset;
    }
    (void)kith_fail(&r->replica->cx, KITH_E_DAMAGED,
                    "the bundle is damaged at byte %" PRIu64 "; what stands whole in it was taken",
                    r->offset);
    note_problem(r);
}

/* The frames cannot be told apart any more. */
static void give_up(reading *r)
{
    note_damage(r);
    r->is_over = true;
}

/* Finds the replica of a space. */
static kith_status find_replica(reading *r, kith_space_id space)
{
    r->part = PART_OTHERS;
    for (size_t i = 0; i < r->count; i++) {
        kith_replica *replica = r->replica = r->replicas[i];
        KITH_TRY(kith_engine_refresh(replica));
        if (replica->space.exists && kith_space_id_equal(space, replica->space.id)) {
            r->part = PART_OWN;
            r->has_part[i] = true;
            r->taken->own_count++;
            return KITH_OK;
        }
    }
    r->replica = r->replicas[0];
    return KITH_OK;
}

static kith_status take_carry(reading *r, kith_slice payload)
{
    kith_space_id space;
    kith_carry_end(&r->carrying);
    r->has_ended_charter = false;
    r->sum.part_count++;
    r->taken->space_count++;
    if (!kith_frame_read_carry(payload, &space)) {
        give_up(r);
        return KITH_OK;
    }
    KITH_TRY(find_replica(r, space));
    return r->part == PART_OWN ? KITH_OK : kith_carry_begin(r->replica, space, &r->carrying);
}

/* A charter that has gaps or breaks its rules is damaged, whoever did it. */
static void judge_entry(reading *r, kith_status problem)
{
    if (problem == KITH_OK) {
        return;
    }
    r->has_ended_charter = true;
    if (problem == KITH_E_DAMAGED || problem == KITH_E_GAP || problem == KITH_E_DENIED) {
        note_damage(r);
    } else {
        note_problem(r);
    }
}

static kith_status take_entry(reading *r, kith_slice entry)
{
    bool is_new = false;
    kith_status problem = KITH_OK;
    r->sum.entry_count++;
    if (r->has_ended_charter) {
        return KITH_OK;
    }
    if (r->part == PART_OWN) {
        KITH_TRY(kith_engine_take_handed_entry(r->replica, entry, &is_new, &problem));
        r->taken->entry_count += is_new;
    } else {
        KITH_TRY(kith_carry_entry(&r->carrying, entry, &is_new, &problem));
        r->taken->carried_count += is_new;
    }
    judge_entry(r, problem);
    return KITH_OK;
}

/* Only of the own space is there a use in knowing. */
static kith_status take_holds(reading *r, kith_slice payload)
{
    kith_holds_frame holds;
    if (r->part != PART_OWN) {
        return KITH_OK;
    }
    if (!kith_frame_read_holds(payload, r->replica->space.id, &holds)) {
        note_damage(r);
        return KITH_OK;
    }
    return kith_engine_note_holding(r->replica, &holds);
}

/* Segments were taken that had just come, or that had waited. */
static void note_taken(reading *r, const kith_taken *taken)
{
    r->taken->change_count += taken->change_count;
    if (taken->is_own_newer) {
        r->taken->was_restored = 1;
    }
}

static kith_status take_own_segment(reading *r, kith_slice bytes)
{
    kith_taken taken;
    KITH_TRY(kith_engine_take_handed(r->replica, bytes, &taken));
    note_taken(r, &taken);
    r->taken->new_count += taken.is_new;
    r->taken->refused_count += taken.is_refused;
    if (taken.is_refused && taken.aside == KITH_ASIDE_DAMAGED) {
        note_damage(r);
    }
    return KITH_OK;
}

static kith_status take_others_segment(reading *r, kith_slice bytes)
{
    bool is_new = false;
    kith_status problem = KITH_OK;
    KITH_TRY(kith_carry_segment(&r->carrying, bytes, &is_new, &problem));
    r->taken->carried_count += is_new;
    r->taken->refused_count += problem != KITH_OK;
    if (problem == KITH_E_DAMAGED) {
        note_damage(r);
    } else if (problem == KITH_E_LIMIT) {
        note_problem(r);
    }
    return KITH_OK;
}

static kith_status take_segment(reading *r, kith_slice bytes)
{
    r->sum.segment_count++;
    r->taken->segment_count++;
    return r->part == PART_OWN ? take_own_segment(r, bytes) : take_others_segment(r, bytes);
}

/* All that a bundle says of itself as a whole. */
static void take_sum(reading *r, kith_slice payload)
{
    kith_sum_frame told;
    kith_hash_end(&r->hasher, r->sum.hash);
    bool is_whole = kith_frame_read_sum(payload, &told) && told.part_count == r->sum.part_count &&
                    told.entry_count == r->sum.entry_count &&
                    told.segment_count == r->sum.segment_count &&
                    memcmp(told.hash, r->sum.hash, sizeof told.hash) == 0;
    if (!is_whole) {
        note_damage(r);
    }
    r->has_sum = true;
}

static kith_status take_frame(reading *r, const kith_frame *frame)
{
    if (r->part == PART_NONE && frame->type != KITH_FRAME_CARRY && frame->type != KITH_FRAME_SUM) {
        give_up(r);
        return KITH_OK;
    }
    switch (frame->type) {
    case KITH_FRAME_CARRY:
        return take_carry(r, frame->payload);
    case KITH_FRAME_ENTRY:
        return take_entry(r, frame->payload);
    case KITH_FRAME_HOLDS:
        return take_holds(r, frame->payload);
    case KITH_FRAME_SEGMENT:
        return take_segment(r, frame->payload);
    case KITH_FRAME_SUM:
        take_sum(r, frame->payload);
        return KITH_OK;
    default:
        give_up(r);
        return KITH_OK;
    }
}

/* Counts a frame into the hash, as it stood in the file: its length has one form only. */
static kith_status pass_frame(reading *r, const kith_frame *frame, uint64_t *length_out)
{
    kith_buf head;
    kith_buf_init(&head, &r->replica->cx, 16);
    kith_write_u8(&head, frame->type);
    kith_write_varint(&head, frame->payload.length);
    kith_status status = kith_buf_status(&head);
    if (status == KITH_OK && frame->type != KITH_FRAME_SUM) {
        kith_hash_add(&r->hasher, kith_buf_slice(&head));
        kith_hash_add(&r->hasher, frame->payload);
    }
    *length_out = head.length + frame->payload.length;
    kith_buf_deinit(&head);
    return status;
}

static kith_status take_frames(reading *r)
{
    while (!r->is_over) {
        kith_frame frame;
        uint64_t length = 0;
        kith_status status = kith_frame_stream_next(&r->in, &frame);
        if (status == KITH_E_NOT_FOUND) {
            return KITH_OK;
        }
        if (status != KITH_OK || r->has_sum) {
            give_up(r); /* no frame, or one behind the last */
            return KITH_OK;
        }
        KITH_TRY(pass_frame(r, &frame, &length));
        KITH_TRY(take_frame(r, &frame));
        r->offset += length;
    }
    return KITH_OK;
}

/* Takes the first bytes off a piece, which say what the file is. */
static kith_status take_magic(reading *r, kith_slice *piece)
{
    kith_slice head = kith_slice_head(*piece, sizeof r->magic - r->magic_length);
    if (head.length == 0) {
        return KITH_OK;
    }
    memcpy(r->magic + r->magic_length, head.data, head.length);
    r->magic_length += head.length;
    *piece = kith_slice_skip(*piece, head.length);
    if (r->magic_length < sizeof r->magic) {
        return KITH_OK;
    }
    r->offset = sizeof r->magic;
    kith_hash_add(&r->hasher, kith_slice_make(r->magic, sizeof r->magic));
    return kith_bundle_read_magic(&r->replica->cx, r->magic);
}

static kith_status take_piece(reading *r, kith_slice piece)
{
    KITH_TRY(take_magic(r, &piece));
    if (piece.length == 0 || r->is_over) {
        return KITH_OK;
    }
    KITH_TRY(kith_frame_stream_put(&r->in, piece));
    return take_frames(r);
}

static kith_status read_all(reading *r, uint8_t *piece)
{
    size_t length = 1;
    uint64_t done = 0;
    const kith_bundle_import_options *options = r->options;
    while (length > 0 && !r->is_over) {
        KITH_TRY(options->read(options->user, piece, PIECE_BYTES, &length));
        KITH_TRY(take_piece(r, kith_slice_make(piece, length)));
        done += length;
        bool goes_on = options->progress == NULL ||
                       options->progress(options->user, done, options->total_bytes) == KITH_OK;
        KITH_ENSURE(goes_on, kith_fail(&r->replica->cx, KITH_E_STOPPED, "it was stopped"));
    }
    KITH_ENSURE(r->magic_length == sizeof r->magic,
                kith_fail(&r->replica->cx, KITH_E_SYNTAX, "this is no bundle"));
    bool has_rest = !kith_frame_stream_is_empty(&r->in);
    if (!r->is_over && (!r->has_sum || has_rest)) {
        note_damage(r);
    }
    return KITH_OK;
}

/* What is done in a replica when all has come, also of a file that is damaged. */
static kith_status finish_in(reading *r, bool has_part)
{
    kith_taken taken;
    uint64_t waiting_count = 0;
    if (has_part) {
        kith_status status = kith_engine_end_handed(r->replica, &taken);
        note_taken(r, &taken);
        KITH_ENSURE(status == KITH_OK || status == KITH_E_DENIED, status);
        if (status == KITH_E_DENIED) {
            note_problem(r);
        }
    }
    KITH_TRY(kith_waiting_count(r->replica->store, &waiting_count));
    r->taken->waiting_count += waiting_count;
    return KITH_OK;
}

static kith_status finish(reading *r)
{
    for (size_t i = 0; i < r->count; i++) {
        r->replica = r->replicas[i];
        KITH_TRY(finish_in(r, r->has_part[i]));
    }
    if (r->first.status != KITH_OK) {
        r->replica->cx.error = r->first;
    }
    return r->first.status;
}

kith_status kith_bundle_read(kith_replica *const *replicas, size_t count,
                             const kith_bundle_import_options *options, kith_bundle_taken *taken)
{
    kith_context *cx = &replicas[0]->cx;
    reading r = {.replicas = replicas,
                 .count = count,
                 .replica = replicas[0],
                 .options = options,
                 .taken = taken};
    KITH_TRY(kith_bundle_adopt(replicas, count));
    uint8_t *piece = kith_allocate(cx, PIECE_BYTES);
    KITH_ENSURE(piece != NULL, KITH_E_MEMORY);
    kith_hash_begin(&r.hasher, kith_bundle_purpose);
    kith_frame_stream_init(&r.in, cx);
    kith_status status = read_all(&r, piece);
    if (status == KITH_OK) {
        status = finish(&r);
    }
    kith_carry_end(&r.carrying);
    kith_frame_stream_deinit(&r.in);
    kith_free(cx, piece);
    return kith_bundle_failed(replicas[0], r.replica, status);
}
