/* Making a request. SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "engine/mark.h"
#include "sync/sync.h"

/* So much of a body is made before its first byte goes out: most are shorter, and their length is
 * known then. */
enum { AHEAD_BYTES = 256 * 1024 };

/* The hash of the last entry that the relay is known to have; zeros for none. */
static kith_status accepted_hash(kith_sync_part *part, uint8_t hash[KITH_HASH_BYTES])
{
    kith_charter *charter = NULL;
    uint32_t count = part->facts.accepted_entries;
    KITH_TRY(kith_engine_charter(part->replica, &charter));
    memset(hash, 0, KITH_HASH_BYTES);
    if (count > 0 && count <= charter->entry_count) {
        memcpy(hash, charter->hashes[count - 1], KITH_HASH_BYTES);
    }
    return KITH_OK;
}

static kith_status write_heads(kith_sync_part *part, kith_buf *out)
{
    kith_context *cx = &part->replica->cx;
    const kith_directory *directory = &part->replica->directory;
    size_t count = 0;
    kith_segment_head *heads = kith_allocate_array(cx, directory->author_count, sizeof *heads);
    KITH_ENSURE(heads != NULL, KITH_E_MEMORY);
    for (size_t i = 1; i < directory->author_count; i++) {
        /* Of our own, what we have beyond may not be what the relay has under those numbers. */
        uint64_t number = i == directory->own ? part->facts.accepted : directory->chains[i].segment;
        if (number > 0) {
            heads[count++] = (kith_segment_head){directory->authors[i].id, number};
        }
    }
    kith_heads_write(out, heads, count);
    kith_free(cx, heads);
    return kith_buf_status(out);
}

static void ask_for_rest(const kith_sync_part *part, kith_ask *ask)
{
    if (part->partial.length < KITH_HEADER_BYTES) {
        return;
    }
    ask->flags |= KITH_ASK_PARTIAL;
    ask->partial_offset = part->partial.length;
    kith_header_hash(kith_slice_head(kith_buf_slice(&part->partial), KITH_HEADER_BYTES),
                     ask->partial_header);
}

static kith_status write_ask(kith_sync_part *part)
{
    kith_replica *replica = part->replica;
    kith_buf *out = &part->sync->out;
    kith_buf heads;
    kith_buf incarnation;
    kith_ask ask = {.space = replica->space.id,
                    .cursor = part->request.is_survey ? 0 : part->facts.cursor,
                    .charter_count = part->facts.accepted_entries,
                    .own_head = part->facts.accepted,
                    .flags = part->request.is_probe ? KITH_ASK_PROBES : 0};
    kith_status status = KITH_OK;
    kith_buf_init(&heads, &replica->cx, KITH_FRAME_BYTES_MAX / 2);
    kith_buf_init(&incarnation, &replica->cx, KITH_INCARNATION_BYTES);
    memcpy(ask.relay_epoch, part->facts.relay_epoch, sizeof ask.relay_epoch);
    KITH_TRY_OUT(accepted_hash(part, ask.charter_head));
    KITH_TRY_OUT(kith_meta_get_bytes(replica->store, "incarnation", &incarnation));
    if (incarnation.length == sizeof ask.incarnation) {
        memcpy(ask.incarnation, incarnation.data, sizeof ask.incarnation);
    }
    if (part->request.is_survey) {
        ask.flags |= KITH_ASK_HEADS | KITH_ASK_WANTS_HEADS;
        KITH_TRY_OUT(write_heads(part, &heads));
        ask.heads = kith_buf_slice(&heads);
    }
    ask_for_rest(part, &ask);
    kith_frame_write_ask(out, &ask);
    status = kith_buf_status(out);
out:
    kith_buf_deinit(&heads);
    kith_buf_deinit(&incarnation);
    return status;
}

static kith_status write_entry(void *user, uint32_t number, kith_slice entry)
{
    kith_sync_part *part = user;
    kith_buf *out = &part->sync->out;
    const kith_space *space = &part->replica->space;
    if (number == 1 && space->token[0] != '\0') {
        kith_frame_write(out, KITH_FRAME_TOKEN, kith_slice_of(space->token));
    }
    kith_frame_write(out, KITH_FRAME_ENTRY, entry);
    return kith_buf_status(out);
}

/* Entries that the relay is not known to have. */
static kith_status write_entries(kith_sync_part *part)
{
    return kith_entry_scan(part->replica->store, KITH_SPACE_ORDINAL, part->facts.accepted_entries,
                           write_entry, part);
}

/* What this device may do here by now: nothing before it has received what is there. */
static kith_status role_now(kith_sync_part *part, uint32_t *role_out)
{
    const kith_member *member = NULL;
    *role_out = 0;
    if (part->facts.is_joining || part->request.is_probe || part->request.is_survey) {
        return KITH_OK;
    }
    KITH_TRY(kith_engine_membership(part->replica, &member));
    *role_out = member != NULL && member->revoked == 0 ? member->role : 0;
    return KITH_OK;
}

static kith_status begin_push(kith_sync_part *part)
{
    kith_replica *replica = part->replica;
    uint64_t bytes = 0;
    uint32_t role = 0;
    part->step = KITH_STEP_DONE;
    KITH_TRY(role_now(part, &role));
    part->next_author = 1;
    part->next_number = 0;
    part->is_held = role >= KITH_ROLE_WORKER && kith_engine_is_behind(replica);
    if (role < KITH_ROLE_WORKER || part->is_held) {
        /* It still brings what others wrote. */
        bool brings = role >= KITH_ROLE_READER && part->request.is_refill;
        part->step = brings ? KITH_STEP_OTHERS : KITH_STEP_DONE;
        return KITH_OK;
    }
    KITH_TRY(kith_engine_seal(replica));
    kith_engine_mark_shown(replica);
    part->step = part->has_staged ? KITH_STEP_REST : KITH_STEP_OWN;
    part->next_own = part->facts.accepted + 1;
    KITH_TRY(
        kith_segment_bytes(replica->store, replica->directory.own, part->facts.accepted, &bytes));
    part->sync->progress.to_send_bytes += bytes;
    return KITH_OK;
}

/* Makes sync->segment a segment of the log; empty if there is none of that number. */
static kith_status read_segment(kith_sync_part *part, uint32_t author, uint64_t number)
{
    kith_buf *bytes = &part->sync->segment;
    kith_segment segment;
    kith_buf_clear(bytes);
    if (number > part->replica->directory.chains[author].segment) {
        return KITH_OK;
    }
    return kith_segment_get(part->replica->store, author, number, bytes, &segment);
}

/* Goes on with a segment of which the relay has the start. */
static kith_status write_rest(kith_sync_part *part)
{
    kith_sync *sync = part->sync;
    uint8_t hash[KITH_HASH_BYTES];
    const kith_staged_frame *staged = &part->staged;
    part->step = KITH_STEP_OWN;
    part->has_staged = false;
    KITH_TRY(read_segment(part, part->replica->directory.own, part->next_own));
    kith_slice bytes = kith_buf_slice(&sync->segment);
    kith_header_hash(kith_slice_head(bytes, KITH_HEADER_BYTES), hash);
    bool fits = staged->number == part->next_own && staged->offset < bytes.length &&
                memcmp(hash, staged->header, sizeof hash) == 0;
    if (!fits) {
        return KITH_OK; /* the whole segment follows */
    }
    kith_rest_frame rest = {.offset = staged->offset,
                            .bytes = kith_slice_skip(bytes, (size_t)staged->offset)};
    memcpy(rest.header, hash, sizeof rest.header);
    kith_frame_write_rest(&sync->out, &rest);
    part->next_own++;
    return kith_buf_status(&sync->out);
}

static kith_status write_segment(kith_sync *sync)
{
    kith_frame_write(&sync->out, KITH_FRAME_SEGMENT, kith_buf_slice(&sync->segment));
    return kith_buf_status(&sync->out);
}

static kith_status write_own(kith_sync_part *part)
{
    KITH_TRY(read_segment(part, part->replica->directory.own, part->next_own));
    if (part->sync->segment.length == 0) {
        part->step = part->request.is_refill ? KITH_STEP_OTHERS : KITH_STEP_DONE;
        return KITH_OK;
    }
    part->next_own++;
    return write_segment(part->sync);
}

/* How far the relay said to be with an author. */
static uint64_t relay_head(const kith_sync_part *part, uint32_t author)
{
    const kith_author_id *id = &part->replica->directory.authors[author].id;
    for (size_t i = 0; i < part->relay_head_count; i++) {
        if (memcmp(&part->relay_heads[i].author, id, sizeof *id) == 0) {
            return part->relay_heads[i].number;
        }
    }
    return 0;
}

static kith_status write_others(kith_sync_part *part)
{
    const kith_directory *directory = &part->replica->directory;
    while (part->next_author < directory->author_count) {
        uint32_t author = part->next_author;
        if (part->next_number == 0) {
            part->next_number = relay_head(part, author) + 1;
        }
        kith_buf_clear(&part->sync->segment);
        if (author != directory->own) {
            KITH_TRY(read_segment(part, author, part->next_number));
        }
        if (part->sync->segment.length > 0) {
            part->next_number++;
            return write_segment(part->sync);
        }
        part->next_author++;
        part->next_number = 0;
    }
    part->step = KITH_STEP_DONE;
    return KITH_OK;
}

/* Everything of a space but its segments. Sealing comes first: it may give the author its first. */
static kith_status begin_part(kith_sync_part *part)
{
    KITH_TRY(begin_push(part));
    KITH_TRY(write_ask(part));
    return part->request.is_probe ? KITH_OK : write_entries(part);
}

/* Goes on to the next space that has a part in the request. One that cannot even ask has none. */
static void begin_next_part(kith_sync *sync)
{
    kith_sync_part *part = &sync->parts[sync->written];
    size_t before = sync->out.length;
    part->step = KITH_STEP_DONE;
    if (!part->request.is_wanted) {
        sync->written++;
        return;
    }
    kith_status status = begin_part(part);
    if (status != KITH_OK) {
        sync->out.length = before;
        part->request = (kith_sync_plan){0};
        kith_sync_fail_part(part, status);
        sync->written++;
        return;
    }
    part->is_begun = true;
}

kith_status kith_sync_fill(kith_sync *sync)
{
    while (sync->written < sync->part_count && sync->out.length < AHEAD_BYTES) {
        kith_sync_part *part = &sync->parts[sync->written];
        if (!part->is_begun) {
            begin_next_part(sync);
            continue;
        }
        kith_status status = part->step == KITH_STEP_REST     ? write_rest(part)
                             : part->step == KITH_STEP_OWN    ? write_own(part)
                             : part->step == KITH_STEP_OTHERS ? write_others(part)
                                                              : KITH_OK;
        KITH_TRY(status);
        sync->written += part->step == KITH_STEP_DONE;
    }
    return KITH_OK;
}

static kith_status sign_request(kith_sync *sync)
{
    kith_replica *replica = sync->parts[0].replica;
    const kith_env *env = &replica->cx.env;
    uint8_t seed[KITH_SEED_BYTES];
    char value[KITH_AUTHORIZATION_SIZE];
    KITH_TRY(kith_engine_seed(replica, seed));
    kith_status status = kith_request_sign(&replica->cx, seed, "POST", "/v1/sync",
                                           env->wall_ms(env->user) + sync->clock_offset_ms, value);
    kith_wipe(seed, sizeof seed);
    KITH_TRY(status);
    (void)snprintf(sync->header, sizeof sync->header, "Authorization: %s", value);
    return KITH_OK;
}

static void name_address(kith_sync *sync)
{
    const char *relay = sync->parts[0].replica->space.relay;
    size_t length = strlen(relay);
    while (length > 0 && relay[length - 1] == '/') {
        length--;
    }
    (void)snprintf(sync->url, sizeof sync->url, "%.*s/v1/sync", (int)length, relay);
}

kith_status kith_sync_make_request(kith_sync *sync)
{
    for (size_t i = 0; i < sync->part_count; i++) {
        kith_sync_part *part = &sync->parts[i];
        part->request = part->plan;
        part->plan = (kith_sync_plan){0};
        part->is_begun = false;
    }
    kith_buf_clear(&sync->out);
    sync->out_taken = 0;
    sync->written = 0;
    sync->progress.to_send_bytes = sync->progress.sent_bytes;
    name_address(sync);
    KITH_TRY(sign_request(sync));
    return kith_sync_fill(sync);
}
