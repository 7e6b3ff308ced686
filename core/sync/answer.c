/* Acting on an answer. SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "engine/clock_records.h"
#include "engine/membership.h"
#include "log/segments.h"
#include "sync/sync.h"

static kith_status refuse(kith_sync *sync)
{
    return kith_fail(&sync->replica->cx, KITH_E_DAMAGED, "the relay's answer makes no sense");
}

/* Writes the facts about the space in a transaction of their own. */
static kith_status save(kith_sync *sync)
{
    const kith_sync_facts *facts = &sync->facts;
    kith_space *space = &sync->replica->space;
    KITH_TRY(kith_engine_begin(sync->replica));
    memcpy(space->relay_epoch, facts->relay_epoch, sizeof space->relay_epoch);
    space->cursor = facts->cursor;
    space->accepted = facts->accepted;
    space->accepted_entries = facts->accepted_entries;
    space->synced_ms = facts->synced_ms;
    if (!facts->is_joining) {
        space->is_joining = false;
        kith_wipe(space->secret, sizeof space->secret);
    }
    if (facts->has_founded) {
        space->token[0] = '\0';
    }
    return kith_engine_end(sync->replica, kith_engine_save_space(sync->replica));
}

/* The relay has less than it had: everything is told anew. */
static void plan_survey(kith_sync *sync)
{
    if (!sync->request.is_survey) {
        sync->plan.is_survey = true;
        sync->plan.is_wanted = true;
    }
}

static kith_status take_relay(kith_sync *sync, kith_slice payload)
{
    kith_relay_frame relay;
    static const uint8_t unknown[KITH_RELAY_EPOCH_BYTES];
    const uint8_t *known = sync->facts.relay_epoch;
    KITH_ENSURE(!sync->has_relay && kith_frame_read_relay(payload, &relay), refuse(sync));
    KITH_ENSURE(relay.protocol == KITH_PROTOCOL,
                kith_fail(&sync->replica->cx, KITH_E_NEWER, "the relay speaks a newer protocol"));
    sync->has_relay = true;
    sync->relay_time_ms = relay.time_ms;
    bool is_known = memcmp(known, unknown, sizeof unknown) != 0;
    /* A failure that came before anything was looked up does not say it. */
    bool is_said = memcmp(relay.relay_epoch, unknown, sizeof unknown) != 0;
    bool differs = memcmp(known, relay.relay_epoch, sizeof unknown) != 0;
    if (is_known && is_said && differs) {
        plan_survey(sync);
    }
    memcpy(sync->relay_epoch, relay.relay_epoch, sizeof sync->relay_epoch);
    return KITH_OK;
}

static kith_status take_space(kith_sync *sync, kith_slice payload)
{
    kith_sync_facts *facts = &sync->facts;
    KITH_ENSURE(sync->has_relay && kith_frame_read_space(payload, &sync->space) &&
                    kith_space_id_equal(sync->space.space, sync->replica->space.id),
                refuse(sync));
    sync->progress.last_position = sync->space.position;
    uint32_t there = sync->space.charter_count;
    if (there < facts->accepted_entries || sync->space.position < facts->cursor) {
        facts->accepted_entries = there < facts->accepted_entries ? there : facts->accepted_entries;
        plan_survey(sync);
    }
    return KITH_OK;
}

static kith_status append_entry(kith_sync *sync, kith_slice entry)
{
    KITH_TRY(kith_engine_begin(sync->replica));
    kith_status status = kith_engine_take_entry(sync->replica, entry);
    kith_status ended = kith_engine_end(sync->replica, status);
    return status != KITH_OK ? status : ended;
}

/* Another was first: what we had added is taken back. An admission is made anew by itself; what a
 * person did they must look at and do again. */
static kith_status drop_own_entries(kith_sync *sync)
{
    kith_replica *replica = sync->replica;
    sync->has_conflict = !sync->facts.is_joining;
    KITH_TRY(kith_engine_begin(replica));
    return kith_engine_end(replica,
                           kith_engine_drop_entries(replica, sync->facts.accepted_entries));
}

static kith_status take_entry(kith_sync *sync, kith_slice entry)
{
    kith_charter *charter = NULL;
    kith_status status = append_entry(sync, entry);
    if (status == KITH_E_FORKED || status == KITH_E_GAP || status == KITH_E_EXISTS) {
        KITH_TRY(kith_engine_charter(sync->replica, &charter));
        bool has_own = charter->entry_count > sync->facts.accepted_entries;
        if (status == KITH_E_EXISTS) {
            return KITH_OK;
        }
        KITH_ENSURE(status == KITH_E_FORKED && has_own, status);
        KITH_TRY(drop_own_entries(sync));
        status = append_entry(sync, entry);
    }
    KITH_TRY(status);
    KITH_TRY(kith_engine_charter(sync->replica, &charter));
    sync->facts.accepted_entries = charter->entry_count;
    return KITH_OK;
}

static bool is_own(const kith_sync *sync, kith_author_id author)
{
    const kith_directory *directory = &sync->replica->directory;
    return memcmp(&directory->authors[directory->own].id, &author, sizeof author) == 0;
}

/* How far the relay is with our author. What it has beyond ours, or otherwise than we do, comes
 * back to us as segments. */
static kith_status note_own_head(kith_sync *sync, const kith_accepted_frame *head)
{
    kith_chain chain;
    kith_replica *replica = sync->replica;
    uint32_t own = replica->directory.own;
    sync->has_own_head = true;
    sync->own_head = *head;
    if (head->number > replica->directory.chains[own].segment) {
        return KITH_OK;
    }
    KITH_TRY(kith_log_chain_at(&replica->log, own, head->number, &chain));
    if (memcmp(chain.header, head->header, sizeof chain.header) == 0) {
        sync->facts.accepted = head->number;
    }
    return KITH_OK;
}

static kith_status take_accepted(kith_sync *sync, kith_slice payload)
{
    kith_accepted_frame head;
    KITH_ENSURE(kith_frame_read_accepted(payload, &head), refuse(sync));
    if (!is_own(sync, head.author)) {
        return KITH_OK;
    }
    if (head.number < sync->facts.accepted) {
        plan_survey(sync);
    }
    return note_own_head(sync, &head);
}

/* The first failure says most. Nothing that a relay says is the end of a sync, which is told by
 * KITH_E_NOT_FOUND; a busy relay is as good as none, a busy database is another thing. */
static void note_failure(kith_sync *sync, kith_status status, kith_slice text)
{
    if (sync->failure != KITH_OK) {
        return;
    }
    sync->failure = status == KITH_E_NOT_FOUND ? KITH_E_DENIED
                    : status == KITH_E_BUSY    ? KITH_E_NETWORK
                                               : status;
    (void)snprintf(sync->failure_text, sizeof sync->failure_text, "%.*s",
                   KITH_SLICE_ARGUMENTS(kith_slice_head(text, sizeof sync->failure_text - 1)));
}

static kith_status take_refused(kith_sync *sync, kith_slice payload)
{
    kith_refused_frame refused;
    static const kith_author_id nobody;
    KITH_ENSURE(kith_frame_read_refused(payload, &refused), refuse(sync));
    bool is_entry = memcmp(&refused.author, &nobody, sizeof nobody) == 0;
    if (is_entry && refused.status == KITH_E_DENIED && !sync->plan.is_survey) {
        note_failure(sync, refused.status, refused.text);
        /* A founding that was refused can be asked for again, with a token. */
        return sync->facts.accepted_entries > 0 ? drop_own_entries(sync) : KITH_OK;
    }
    if (is_entry || sync->plan.is_survey) {
        return KITH_OK; /* the charter that the answer holds shows why; or the relay has lost it */
    }
    switch (refused.status) {
    case KITH_E_GAP:
        plan_survey(sync);
        return KITH_OK;
    case KITH_E_FORKED:
        /* Of our author, the other segment comes, and shows that this device was restored. */
        sync->plan.is_wanted = sync->plan.is_wanted || is_own(sync, refused.author);
        sync->has_fork = sync->has_fork || !is_own(sync, refused.author);
        return KITH_OK;
    case KITH_E_PULL:
        sync->plan.is_wanted = true;
        return KITH_OK;
    default:
        note_failure(sync, refused.status, refused.text);
        return KITH_OK;
    }
}

static kith_status take_staged(kith_sync *sync, kith_slice payload)
{
    KITH_ENSURE(kith_frame_read_staged(payload, &sync->staged), refuse(sync));
    sync->has_staged = is_own(sync, sync->staged.author);
    return KITH_OK;
}

static kith_status take_heads(kith_sync *sync, kith_slice payload)
{
    kith_slice heads;
    kith_reader reader;
    KITH_ENSURE(kith_frame_read_heads(payload, &heads), refuse(sync));
    size_t count = kith_heads_begin(heads, &reader);
    kith_free(&sync->replica->cx, sync->relay_heads);
    sync->relay_head_count = 0;
    sync->relay_heads = kith_allocate_array(&sync->replica->cx, count, sizeof *sync->relay_heads);
    KITH_ENSURE(sync->relay_heads != NULL, KITH_E_MEMORY);
    for (size_t i = 0; i < count; i++) {
        sync->relay_heads[i] = kith_heads_next(&reader);
    }
    sync->relay_head_count = count;
    sync->plan.is_refill = sync->request.is_survey;
    return KITH_OK;
}

static kith_status take_segment(kith_sync *sync, uint64_t position, kith_slice bytes)
{
    kith_taken taken;
    KITH_TRY(kith_engine_take_segment(sync->replica, bytes, sync->request.is_survey ? 0 : position,
                                      &taken));
    sync->progress.received_changes += taken.change_count;
    sync->progress.set_aside_count += taken.aside != 0;
    sync->progress.position = position;
    if (!sync->request.is_survey && position > sync->facts.cursor) {
        sync->facts.cursor = position;
    }
    if (taken.lacks_own) {
        plan_survey(sync);
    }
    if (taken.is_own_newer) {
        /* What this device has written since goes out under its new name. */
        sync->plan.is_wanted = true;
        sync->facts.accepted = 0;
        sync->has_own_head = false;
        sync->has_staged = false;
    } else if (sync->has_own_head) {
        KITH_TRY(note_own_head(sync, &sync->own_head)); /* one of ours may have come back */
    }
    return KITH_OK;
}

static kith_status take_given(kith_sync *sync, kith_slice payload)
{
    kith_given_frame given;
    KITH_ENSURE(kith_frame_read_given(payload, &given), refuse(sync));
    kith_buf_clear(&sync->partial);
    return take_segment(sync, given.position, given.bytes);
}

static kith_status take_given_rest(kith_sync *sync, kith_slice payload)
{
    kith_given_frame given;
    KITH_ENSURE(kith_frame_read_given_rest(payload, &given) && given.offset == sync->partial.length,
                refuse(sync));
    kith_buf_append_slice(&sync->partial, given.bytes);
    KITH_TRY(kith_buf_status(&sync->partial));
    kith_status status = take_segment(sync, given.position, kith_buf_slice(&sync->partial));
    kith_buf_clear(&sync->partial);
    return status;
}

static kith_status take_end(kith_sync *sync, kith_slice payload)
{
    uint64_t cursor = 0;
    kith_taken taken;
    KITH_ENSURE(kith_frame_read_end(payload, &cursor) && cursor <= sync->space.position,
                refuse(sync));
    sync->has_end = true;
    sync->facts.cursor = cursor;
    if (!sync->plan.is_survey) {
        /* Until a survey has ended, the old epoch stands for what is not level yet. */
        memcpy(sync->facts.relay_epoch, sync->relay_epoch, sizeof sync->relay_epoch);
    }
    KITH_TRY(save(sync));
    KITH_TRY(kith_engine_retry_aside(sync->replica, &taken));
    sync->progress.received_changes += taken.change_count;
    return KITH_OK;
}

static kith_status take_failure(kith_sync *sync, kith_slice payload)
{
    kith_status status = KITH_OK;
    kith_slice text;
    KITH_ENSURE(kith_frame_read_failure(payload, &status, &text) && status != KITH_OK,
                refuse(sync));
    note_failure(sync, status, text);
    return KITH_OK;
}

kith_status kith_sync_take_frame(kith_sync *sync, const kith_frame *frame)
{
    KITH_ENSURE(!sync->has_end, refuse(sync));
    switch (frame->type) {
    case KITH_FRAME_RELAY:
        return take_relay(sync, frame->payload);
    case KITH_FRAME_SPACE:
        return take_space(sync, frame->payload);
    case KITH_FRAME_GIVEN_ENTRY:
        return take_entry(sync, frame->payload);
    case KITH_FRAME_ACCEPTED:
        return take_accepted(sync, frame->payload);
    case KITH_FRAME_REFUSED:
        return take_refused(sync, frame->payload);
    case KITH_FRAME_STAGED:
        return take_staged(sync, frame->payload);
    case KITH_FRAME_HEADS:
        return take_heads(sync, frame->payload);
    case KITH_FRAME_GIVEN_SEGMENT:
        return take_given(sync, frame->payload);
    case KITH_FRAME_GIVEN_REST:
        return take_given_rest(sync, frame->payload);
    case KITH_FRAME_END:
        return take_end(sync, frame->payload);
    case KITH_FRAME_FAILURE:
        return take_failure(sync, frame->payload);
    default:
        return refuse(sync);
    }
}

kith_status kith_sync_keep_partial(kith_sync *sync)
{
    kith_frame frame;
    kith_given_frame given;
    uint64_t length = 0;
    if (!kith_frame_stream_partial(&sync->in, &frame, &length)) {
        return KITH_OK;
    }
    if (frame.type == KITH_FRAME_GIVEN_SEGMENT && kith_frame_read_given(frame.payload, &given)) {
        kith_buf_clear(&sync->partial);
    } else if (frame.type != KITH_FRAME_GIVEN_REST ||
               !kith_frame_read_given_rest(frame.payload, &given) ||
               given.offset != sync->partial.length) {
        return KITH_OK;
    }
    kith_buf_append_slice(&sync->partial, given.bytes);
    return kith_buf_status(&sync->partial);
}

/* What the answer says of our charter: entries of ours that it has are accepted. */
static kith_status conclude_charter(kith_sync *sync)
{
    kith_replica *replica = sync->replica;
    kith_charter *charter = NULL;
    const kith_member *member = NULL;
    KITH_TRY(kith_engine_charter(replica, &charter));
    bool is_level = charter->entry_count == sync->space.charter_count &&
                    memcmp(charter->head, sync->space.charter_head, KITH_HASH_BYTES) == 0;
    if (!is_level) {
        return KITH_OK;
    }
    sync->facts.accepted_entries = charter->entry_count;
    sync->facts.has_founded = true;
    KITH_TRY(kith_engine_membership(replica, &member));
    if (sync->facts.is_joining && member != NULL) {
        sync->facts.is_joining = false;
        sync->was_admitted = true;
    } else if (sync->facts.is_joining) {
        KITH_TRY(kith_engine_admit(replica));
        sync->plan.is_wanted = true;
    }
    return KITH_OK;
}

/* True if there are own changes that the relay lacks. */
static bool has_unsent(const kith_sync *sync)
{
    const kith_directory *directory = &sync->replica->directory;
    const kith_chain *own = &directory->chains[directory->own];
    return directory->authors[directory->own].head > own->last ||
           own->segment > sync->facts.accepted;
}

static kith_status report_failure(kith_sync *sync)
{
    kith_context *cx = &sync->replica->cx;
    const char *text = sync->failure_text[0] == '\0' ? "it gives no reason" : sync->failure_text;
    return kith_fail(cx, sync->failure, "the relay refused: %s", text);
}

static kith_status end_well(kith_sync *sync)
{
    kith_replica *replica = sync->replica;
    const kith_env *env = &replica->cx.env;
    sync->facts.synced_ms = env->wall_ms(env->user);
    KITH_TRY(save(sync));
    KITH_ENSURE(!sync->has_conflict,
                kith_fail(&replica->cx, KITH_E_BUSY, "another admin changed the membership first"));
    bool is_clock_right =
        sync->relay_time_ms >= KITH_CLOCK_FLOOR_MS && sync->relay_time_ms <= KITH_TIME_MS_MAX;
    KITH_TRY(is_clock_right ? kith_engine_learn_time(replica, sync->relay_time_ms) : KITH_OK);
    KITH_ENSURE(!sync->has_fork,
                kith_fail(&replica->cx, KITH_E_FORKED,
                          "the relay has another history of one device than this replica"));
    return KITH_OK;
}

kith_status kith_sync_conclude(kith_sync *sync)
{
    KITH_ENSURE(sync->failure == KITH_OK || sync->failure == KITH_E_TIME, report_failure(sync));
    bool was_pull_only = sync->request.is_probe || sync->request.is_survey;
    KITH_TRY(conclude_charter(sync));
    KITH_ENSURE((sync->space.flags & KITH_SPACE_REVOKED) == 0,
                kith_fail(&sync->replica->cx, KITH_E_DENIED,
                          "this device was taken out of the space; what it has not sent stays "
                          "here for a supervisor to judge"));
    KITH_TRY(save(sync));
    if (was_pull_only || sync->was_admitted) {
        /* A probe has only asked how to go on. */
        sync->plan.is_wanted = sync->plan.is_wanted || sync->plan.is_refill ||
                               sync->request.is_probe || has_unsent(sync);
        sync->was_admitted = false;
    }
    return sync->plan.is_wanted ? KITH_OK : end_well(sync);
}
