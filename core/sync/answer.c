/* Acting on an answer. SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "engine/clock_records.h"
#include "engine/mark.h"
#include "engine/membership.h"
#include "engine/restore.h"
#include "log/segments.h"
#include "sync/sync.h"

static kith_status refuse(kith_sync_part *part)
{
    return kith_fail(&part->replica->cx, KITH_E_DAMAGED, "the relay's answer makes no sense");
}

/* Writes the facts about the space in a transaction of their own. */
static kith_status save(kith_sync_part *part)
{
    const kith_sync_facts *facts = &part->facts;
    kith_space *space = &part->replica->space;
    KITH_TRY(kith_engine_begin(part->replica));
    memcpy(space->relay_epoch, facts->relay_epoch, sizeof space->relay_epoch);
    space->cursor = facts->cursor;
    space->accepted = facts->accepted;
    space->accepted_entries = facts->accepted_entries;
    if (space->firm_entries < facts->accepted_entries) {
        space->firm_entries = facts->accepted_entries;
    }
    space->synced_ms = facts->synced_ms;
    if (!facts->is_joining) {
        space->is_joining = false;
        kith_wipe(space->secret, sizeof space->secret);
    }
    if (facts->has_founded) {
        space->token[0] = '\0';
    }
    if (facts->has_offered && space->unoffered == facts->unoffered) {
        space->unoffered = 0; /* nothing was added to it since */
    }
    return kith_engine_end(part->replica, kith_engine_save_space(part->replica));
}

/* What is here and what is there is told anew, in full. */
static void plan_survey(kith_sync_part *part)
{
    if (!part->request.is_survey) {
        part->plan.is_survey = true;
        part->plan.is_wanted = true;
    }
}

/* The relay has less than it had. */
static void note_loss(kith_sync_part *part)
{
    part->sync->progress.had_relay_lost = 1;
    plan_survey(part);
}

/* A space that knew another relay epoch is told anew. A failure that came before anything was
 * looked up does not say the epoch. */
static void compare_epoch(kith_sync_part *part, const uint8_t epoch[KITH_RELAY_EPOCH_BYTES])
{
    static const uint8_t unknown[KITH_RELAY_EPOCH_BYTES];
    const uint8_t *known = part->facts.relay_epoch;
    bool is_known = memcmp(known, unknown, sizeof unknown) != 0;
    bool is_said = memcmp(epoch, unknown, sizeof unknown) != 0;
    if (is_known && is_said && memcmp(known, epoch, sizeof unknown) != 0) {
        note_loss(part);
    }
}

static kith_status refuse_all(const kith_sync *sync)
{
    return kith_fail(sync->cx, KITH_E_DAMAGED, "the relay's answer makes no sense");
}

static kith_status take_relay(kith_sync *sync, kith_slice payload)
{
    kith_relay_frame relay;
    KITH_ENSURE(!sync->has_relay && kith_frame_read_relay(payload, &relay), refuse_all(sync));
    KITH_ENSURE(relay.protocol == KITH_PROTOCOL,
                kith_fail(sync->cx, KITH_E_NEWER, "the relay speaks a newer protocol"));
    sync->has_relay = true;
    sync->progress.relay_time_ms = relay.time_ms;
    memcpy(sync->relay_epoch, relay.relay_epoch, sizeof sync->relay_epoch);
    for (size_t i = 0; i < sync->part_count; i++) {
        if (sync->parts[i].request.is_wanted) {
            compare_epoch(&sync->parts[i], relay.relay_epoch);
        }
    }
    return KITH_OK;
}

static void note_space(kith_sync_part *part, const kith_space_frame *space)
{
    kith_sync_facts *facts = &part->facts;
    part->space = *space;
    part->sync->progress.last_position = space->position;
    if (space->charter_count < facts->accepted_entries || space->position < facts->cursor) {
        facts->accepted_entries = space->charter_count < facts->accepted_entries
                                      ? space->charter_count
                                      : facts->accepted_entries;
        note_loss(part);
    }
}

/* From here on the answer is about one space, until the next such frame. */
static kith_status take_space(kith_sync *sync, kith_slice payload)
{
    kith_space_frame space;
    bool is_whole = sync->told == NULL || sync->told->has_end || sync->told->status != KITH_OK;
    KITH_ENSURE(sync->has_relay && is_whole && kith_frame_read_space(payload, &space),
                refuse_all(sync));
    for (size_t i = 0; i < sync->part_count; i++) {
        kith_sync_part *part = &sync->parts[i];
        bool is_it = part->request.is_wanted && !part->has_end && part != sync->told &&
                     kith_space_id_equal(part->replica->space.id, space.space);
        if (is_it) {
            sync->told = part;
            note_space(part, &space);
            return KITH_OK;
        }
    }
    return refuse_all(sync);
}

static kith_status append_entry(kith_sync_part *part, kith_slice entry)
{
    KITH_TRY(kith_engine_begin(part->replica));
    kith_status status = kith_engine_take_entry(part->replica, entry);
    kith_status ended = kith_engine_end(part->replica, status);
    return status != KITH_OK ? status : ended;
}

/* Another was first: what we had added is taken back. An admission is made anew by itself; what a
 * person did they must look at and do again. */
static kith_status drop_own_entries(kith_sync_part *part, uint32_t firm)
{
    kith_replica *replica = part->replica;
    part->has_conflict = !part->facts.is_joining;
    KITH_TRY(kith_engine_begin(replica));
    return kith_engine_end(replica, kith_engine_drop_entries(replica, firm));
}

/* The relay has another entry under a number: it may, in the place of one that only we have. */
static kith_status take_second_entry(kith_sync_part *part, kith_slice entry)
{
    uint32_t firm = 0;
    kith_entry_head head;
    KITH_TRY(kith_engine_firm_entries(part->replica, &firm, NULL));
    KITH_ENSURE(kith_entry_read_head(entry, &head) && head.number > firm, KITH_E_FORKED);
    KITH_TRY(drop_own_entries(part, firm));
    return append_entry(part, entry);
}

static kith_status take_entry(kith_sync_part *part, kith_slice entry)
{
    kith_charter *charter = NULL;
    kith_status status = append_entry(part, entry);
    if (status == KITH_E_EXISTS) {
        return KITH_OK;
    }
    KITH_TRY(status == KITH_E_FORKED ? take_second_entry(part, entry) : status);
    KITH_TRY(kith_engine_charter(part->replica, &charter));
    part->facts.accepted_entries = charter->entry_count;
    return KITH_OK;
}

/* What has come must lead to what the relay says that it has: else it shows us another charter than
 * the one here, or keeps some of it back. */
static kith_status compare_charter(kith_sync_part *part)
{
    kith_charter *charter = NULL;
    const kith_space_frame *space = &part->space;
    if (space->charter_count == 0) {
        return KITH_OK;
    }
    KITH_TRY(kith_engine_charter(part->replica, &charter));
    KITH_ENSURE(space->charter_count <= charter->entry_count, refuse(part));
    KITH_ENSURE(memcmp(charter->hashes[space->charter_count - 1], space->charter_head,
                       KITH_HASH_BYTES) == 0,
                kith_fail(&part->replica->cx, KITH_E_FORKED,
                          "the relay has another membership of the space than this device"));
    return KITH_OK;
}

static bool is_own(const kith_sync_part *part, kith_author_id author)
{
    const kith_directory *directory = &part->replica->directory;
    return memcmp(&directory->authors[directory->own].id, &author, sizeof author) == 0;
}

/* How far the relay is with our author. What it has beyond ours, or otherwise than we do, comes
 * back to us as segments. */
static kith_status note_own_head(kith_sync_part *part, const kith_accepted_frame *head)
{
    kith_chain chain;
    kith_replica *replica = part->replica;
    uint32_t own = replica->directory.own;
    part->has_own_head = true;
    part->own_head = *head;
    if (head->number > replica->directory.chains[own].segment) {
        return KITH_OK;
    }
    KITH_TRY(kith_log_chain_at(&replica->log, own, head->number, &chain));
    if (memcmp(chain.header, head->header, sizeof chain.header) == 0) {
        part->facts.accepted = head->number;
    }
    return KITH_OK;
}

static kith_status take_accepted(kith_sync_part *part, kith_slice payload)
{
    kith_accepted_frame head;
    KITH_ENSURE(kith_frame_read_accepted(payload, &head), refuse(part));
    if (!is_own(part, head.author)) {
        return KITH_OK;
    }
    if (head.number < part->facts.accepted) {
        note_loss(part);
    }
    return note_own_head(part, &head);
}

/* Nothing that a relay says is the end of a sync, which is told by KITH_E_NOT_FOUND; a busy relay
 * is as good as none, a busy database is another thing. */
static kith_status failure_of(kith_status said)
{
    return said == KITH_E_NOT_FOUND ? KITH_E_DENIED : said == KITH_E_BUSY ? KITH_E_NETWORK : said;
}

static void copy_text(kith_slice text, char out[KITH_SYNC_TEXT_SIZE])
{
    (void)snprintf(out, KITH_SYNC_TEXT_SIZE, "%.*s",
                   KITH_SLICE_ARGUMENTS(kith_slice_head(text, KITH_SYNC_TEXT_SIZE - 1)));
}

/* The first failure says most. */
static void note_failure(kith_sync_part *part, kith_status status, kith_slice text)
{
    if (part->failure == KITH_OK) {
        part->failure = failure_of(status);
        copy_text(text, part->failure_text);
    }
}

static kith_status take_refused(kith_sync_part *part, kith_slice payload)
{
    uint32_t firm = 0;
    kith_refused_frame refused;
    static const kith_author_id nobody;
    KITH_ENSURE(kith_frame_read_refused(payload, &refused), refuse(part));
    bool is_entry = memcmp(&refused.author, &nobody, sizeof nobody) == 0;
    if (is_entry && refused.status == KITH_E_DENIED && !part->plan.is_survey) {
        note_failure(part, refused.status, refused.text);
        KITH_TRY(kith_engine_firm_entries(part->replica, &firm, NULL));
        /* A founding that was refused can be asked for again, with a token. */
        return firm > 0 ? drop_own_entries(part, firm) : KITH_OK;
    }
    if (is_entry || part->plan.is_survey) {
        return KITH_OK; /* the charter that the answer holds shows why; or the relay has lost it */
    }
    switch (refused.status) {
    case KITH_E_GAP:
        plan_survey(part);
        return KITH_OK;
    case KITH_E_FORKED:
        /* Of our author, the other segment comes, and shows that this device was restored. */
        part->plan.is_wanted = part->plan.is_wanted || is_own(part, refused.author);
        part->has_fork = part->has_fork || !is_own(part, refused.author);
        return KITH_OK;
    case KITH_E_PULL:
        part->plan.is_wanted = true;
        return KITH_OK;
    case KITH_E_DENIED:
    case KITH_E_HELD:
        /* What we brought of another that was taken out meanwhile is not our failure. */
        if (is_own(part, refused.author)) {
            note_failure(part, refused.status, refused.text);
        }
        return KITH_OK;
    default:
        note_failure(part, refused.status, refused.text);
        return KITH_OK;
    }
}

static kith_status take_staged(kith_sync_part *part, kith_slice payload)
{
    KITH_ENSURE(kith_frame_read_staged(payload, &part->staged), refuse(part));
    part->has_staged = is_own(part, part->staged.author);
    return KITH_OK;
}

static kith_status take_heads(kith_sync_part *part, kith_slice payload)
{
    kith_slice heads;
    kith_reader reader;
    KITH_ENSURE(kith_frame_read_heads(payload, &heads), refuse(part));
    size_t count = kith_heads_begin(heads, &reader);
    kith_free(&part->replica->cx, part->relay_heads);
    part->relay_head_count = 0;
    part->relay_heads = kith_allocate_array(&part->replica->cx, count, sizeof *part->relay_heads);
    KITH_ENSURE(part->relay_heads != NULL, KITH_E_MEMORY);
    for (size_t i = 0; i < count; i++) {
        part->relay_heads[i] = kith_heads_next(&reader);
    }
    part->relay_head_count = count;
    part->plan.is_refill = part->request.is_survey;
    return KITH_OK;
}

/* What this device has written since goes out under its new name. */
static void follow_new_author(kith_sync_part *part)
{
    part->sync->progress.was_restored = 1;
    part->plan.is_wanted = true;
    part->facts.accepted = 0;
    part->has_own_head = false;
    part->has_staged = false;
}

/* Segments were taken that had just come, or that had waited. */
static kith_status note_taken(kith_sync_part *part, const kith_taken *taken)
{
    part->sync->progress.received_changes += taken->change_count;
    if (taken->is_own_newer) {
        follow_new_author(part);
    } else if (part->has_own_head) {
        return note_own_head(part, &part->own_head); /* one of ours may have come back */
    }
    return KITH_OK;
}

static kith_status take_segment(kith_sync_part *part, uint64_t position, kith_slice bytes)
{
    kith_taken taken;
    KITH_TRY(kith_engine_take_segment(part->replica, bytes, part->request.is_survey ? 0 : position,
                                      &taken));
    part->sync->progress.set_aside_count += taken.aside != 0;
    part->sync->progress.position = position;
    if (!part->request.is_survey && position > part->facts.cursor) {
        part->facts.cursor = position;
    }
    if (taken.lacks_own) {
        plan_survey(part);
    }
    return note_taken(part, &taken);
}

static kith_status take_given(kith_sync_part *part, kith_slice payload)
{
    kith_given_frame given;
    KITH_ENSURE(kith_frame_read_given(payload, &given), refuse(part));
    kith_buf_clear(&part->partial);
    return take_segment(part, given.position, given.bytes);
}

static kith_status take_given_rest(kith_sync_part *part, kith_slice payload)
{
    kith_given_frame given;
    KITH_ENSURE(kith_frame_read_given_rest(payload, &given) && given.offset == part->partial.length,
                refuse(part));
    kith_buf_append_slice(&part->partial, given.bytes);
    KITH_TRY(kith_buf_status(&part->partial));
    kith_status status = take_segment(part, given.position, kith_buf_slice(&part->partial));
    kith_buf_clear(&part->partial);
    return status;
}

static kith_status take_end(kith_sync_part *part, kith_slice payload)
{
    uint64_t cursor = 0;
    kith_taken taken;
    KITH_ENSURE(kith_frame_read_end(payload, &cursor) && cursor <= part->space.position,
                refuse(part));
    KITH_TRY(compare_charter(part));
    part->has_end = true;
    part->facts.cursor = cursor;
    if (!part->plan.is_survey) {
        /* Until a survey has ended, the old epoch stands for what is not level yet. */
        memcpy(part->facts.relay_epoch, part->sync->relay_epoch, sizeof part->facts.relay_epoch);
    }
    KITH_TRY(save(part));
    KITH_TRY(kith_engine_retry_aside(part->replica, &taken));
    return note_taken(part, &taken);
}

static kith_status take_failure(kith_sync *sync, kith_slice payload)
{
    kith_slice text;
    KITH_ENSURE(kith_frame_read_failure(payload, &sync->failure, &text) && sync->failure != KITH_OK,
                refuse_all(sync));
    sync->failure = failure_of(sync->failure);
    copy_text(text, sync->failure_text);
    return KITH_OK;
}

static kith_status act(kith_sync_part *part, const kith_frame *frame)
{
    KITH_ENSURE(!part->has_end, refuse(part));
    switch (frame->type) {
    case KITH_FRAME_GIVEN_ENTRY:
        return take_entry(part, frame->payload);
    case KITH_FRAME_ACCEPTED:
        return take_accepted(part, frame->payload);
    case KITH_FRAME_REFUSED:
        return take_refused(part, frame->payload);
    case KITH_FRAME_STAGED:
        return take_staged(part, frame->payload);
    case KITH_FRAME_HEADS:
        return take_heads(part, frame->payload);
    case KITH_FRAME_GIVEN_SEGMENT:
        return take_given(part, frame->payload);
    case KITH_FRAME_GIVEN_REST:
        return take_given_rest(part, frame->payload);
    case KITH_FRAME_END:
        return take_end(part, frame->payload);
    default:
        return refuse(part);
    }
}

kith_status kith_sync_take_frame(kith_sync *sync, const kith_frame *frame)
{
    kith_sync_part *part = sync->told;
    switch (frame->type) {
    case KITH_FRAME_RELAY:
        return take_relay(sync, frame->payload);
    case KITH_FRAME_SPACE:
        return take_space(sync, frame->payload);
    case KITH_FRAME_FAILURE:
        return take_failure(sync, frame->payload);
    default:
        KITH_ENSURE(part != NULL, refuse_all(sync));
    }
    if (part->status == KITH_OK) {
        kith_status status = act(part, frame);
        if (status != KITH_OK) {
            kith_sync_fail_part(part, status);
        }
    }
    return KITH_OK;
}

kith_status kith_sync_keep_partial(kith_sync *sync)
{
    kith_frame frame;
    kith_given_frame given;
    uint64_t length = 0;
    kith_sync_part *part = sync->told;
    if (part == NULL || !kith_frame_stream_partial(&sync->in, &frame, &length)) {
        return KITH_OK;
    }
    if (frame.type == KITH_FRAME_GIVEN_SEGMENT && kith_frame_read_given(frame.payload, &given)) {
        kith_buf_clear(&part->partial);
    } else if (frame.type != KITH_FRAME_GIVEN_REST ||
               !kith_frame_read_given_rest(frame.payload, &given) ||
               given.offset != part->partial.length) {
        return KITH_OK;
    }
    kith_buf_append_slice(&part->partial, given.bytes);
    return kith_buf_status(&part->partial);
}

/* What the answer says of our charter: entries of ours that it has are accepted. */
static kith_status conclude_charter(kith_sync_part *part)
{
    kith_replica *replica = part->replica;
    kith_charter *charter = NULL;
    const kith_member *member = NULL;
    KITH_TRY(kith_engine_charter(replica, &charter));
    bool is_level = charter->entry_count == part->space.charter_count &&
                    memcmp(charter->head, part->space.charter_head, KITH_HASH_BYTES) == 0;
    if (!is_level) {
        return KITH_OK;
    }
    part->facts.accepted_entries = charter->entry_count;
    part->facts.has_founded = true;
    KITH_TRY(kith_engine_membership(replica, &member));
    if (part->facts.is_joining && member != NULL) {
        part->facts.is_joining = false;
        part->was_admitted = true;
    } else if (part->facts.is_joining) {
        KITH_TRY(kith_engine_admit(replica));
        part->plan.is_wanted = true;
        /* What came by hand before is not to come again. */
        part->plan.is_survey = part->request.is_survey;
    }
    return KITH_OK;
}

/* True if there are own changes that the relay lacks. */
static bool has_unsent(const kith_sync_part *part)
{
    const kith_directory *directory = &part->replica->directory;
    return kith_directory_unsealed(directory) > 0 ||
           directory->chains[directory->own].segment > part->facts.accepted;
}

static kith_status report_failure(kith_sync_part *part)
{
    kith_context *cx = &part->replica->cx;
    const char *text = part->failure_text[0] == '\0' ? "it gives no reason" : part->failure_text;
    return kith_fail(cx, part->failure, "the relay refused: %s", text);
}

static kith_status end_well(kith_sync_part *part)
{
    kith_replica *replica = part->replica;
    const kith_env *env = &replica->cx.env;
    part->facts.synced_ms = env->wall_ms(env->user);
    KITH_TRY(save(part));
    KITH_ENSURE(!part->has_conflict,
                kith_fail(&replica->cx, KITH_E_BUSY, "another admin changed the membership first"));
    bool is_clock_right = part->sync->progress.relay_time_ms >= KITH_CLOCK_FLOOR_MS &&
                          part->sync->progress.relay_time_ms <= KITH_TIME_MS_MAX;
    KITH_TRY(is_clock_right ? kith_engine_learn_time(replica, part->sync->progress.relay_time_ms)
                            : KITH_OK);
    KITH_ENSURE(!part->has_fork,
                kith_fail(&replica->cx, KITH_E_FORKED,
                          "the relay has another history of one device than this replica"));
    return KITH_OK;
}

/* The relay has given what it has of this device's author, and others have seen more. They may
 * bring it yet, so that no number of it is used again. */
static kith_status begin_anew(kith_sync_part *part)
{
    KITH_TRY(kith_engine_renew(part->replica));
    follow_new_author(part);
    part->facts.unoffered = part->replica->space.unoffered;
    part->facts.has_offered = false;
    part->plan.is_survey = part->facts.unoffered > 0;
    return KITH_OK;
}

kith_status kith_sync_conclude(kith_sync_part *part)
{
    KITH_ENSURE(part->has_end, refuse(part));
    KITH_ENSURE(part->failure == KITH_OK, report_failure(part));
    bool was_pull_only = part->request.is_probe || part->request.is_survey;
    KITH_TRY(conclude_charter(part));
    KITH_ENSURE((part->space.flags & KITH_SPACE_REVOKED) == 0,
                kith_fail(&part->replica->cx, KITH_E_DENIED,
                          "this device was taken out of the space; what it has not sent stays "
                          "here for a supervisor to judge"));
    part->facts.has_offered =
        part->facts.has_offered || (part->request.is_refill && !part->request.is_probe);
    KITH_TRY(save(part));
    if (part->is_held && !part->plan.is_wanted && kith_engine_is_behind(part->replica)) {
        KITH_TRY(begin_anew(part));
    }
    if (was_pull_only || part->was_admitted || part->is_held) {
        /* A probe has only asked how to go on with what it stands for. */
        part->plan.is_refill =
            part->plan.is_refill || (part->request.is_probe && part->request.is_refill);
        part->plan.is_wanted = part->plan.is_wanted || part->plan.is_refill ||
                               part->request.is_probe || has_unsent(part);
        part->was_admitted = false;
    }
    return part->plan.is_wanted ? KITH_OK : end_well(part);
}
