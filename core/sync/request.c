/* Making a request. SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "sync/sync.h"

/* So much of a body is made before its first byte goes out: most are shorter, and their length is
 * known then. */
enum { AHEAD_BYTES = 256 * 1024 };

/* An entry of the charter being looked for or written. */
typedef struct entry_visit {
    kith_sync *sync;
    uint8_t *hash;
} entry_visit;

static kith_status hash_first(void *user, uint32_t number, kith_slice entry)
{
    entry_visit *visit = user;
    (void)number;
    kith_entry_hash(entry, visit->hash);
    return KITH_E_STOPPED;
}

/* The hash of the last entry that the relay is known to have. */
static kith_status accepted_hash(kith_sync *sync, uint8_t hash[KITH_HASH_BYTES])
{
    kith_replica *replica = sync->replica;
    uint32_t count = sync->facts.accepted_entries;
    entry_visit visit = {sync, hash};
    memset(hash, 0, KITH_HASH_BYTES);
    if (count == 0) {
        return KITH_OK;
    }
    kith_status status =
        kith_entry_scan(replica->store, KITH_SPACE_ORDINAL, count - 1, hash_first, &visit);
    return status == KITH_E_STOPPED ? KITH_OK : status;
}

static kith_status write_heads(kith_sync *sync, kith_buf *out)
{
    const kith_directory *directory = &sync->replica->directory;
    size_t count = 0;
    kith_segment_head *heads =
        kith_allocate_array(&sync->replica->cx, directory->author_count, sizeof *heads);
    KITH_ENSURE(heads != NULL, KITH_E_MEMORY);
    for (size_t i = 1; i < directory->author_count; i++) {
        /* Of our own, what we have beyond may not be what the relay has under those numbers. */
        uint64_t number = i == directory->own ? sync->facts.accepted : directory->chains[i].segment;
        if (number > 0) {
            heads[count++] = (kith_segment_head){directory->authors[i].id, number};
        }
    }
    kith_heads_write(out, heads, count);
    kith_free(&sync->replica->cx, heads);
    return kith_buf_status(out);
}

static void ask_for_rest(const kith_sync *sync, kith_ask *ask)
{
    if (sync->partial.length < KITH_HEADER_BYTES) {
        return;
    }
    ask->flags |= KITH_ASK_PARTIAL;
    ask->partial_offset = sync->partial.length;
    kith_header_hash(kith_slice_head(kith_buf_slice(&sync->partial), KITH_HEADER_BYTES),
                     ask->partial_header);
}

static kith_status write_ask(kith_sync *sync)
{
    kith_replica *replica = sync->replica;
    kith_buf heads;
    kith_buf incarnation;
    kith_ask ask = {.space = replica->space.id,
                    .cursor = sync->request.is_survey ? 0 : sync->facts.cursor,
                    .charter_count = sync->facts.accepted_entries,
                    .own_head = sync->facts.accepted,
                    .flags = sync->request.is_probe ? KITH_ASK_PROBES : 0};
    kith_status status = KITH_OK;
    kith_buf_init(&heads, &replica->cx, KITH_FRAME_BYTES_MAX / 2);
    kith_buf_init(&incarnation, &replica->cx, KITH_INCARNATION_BYTES);
    memcpy(ask.relay_epoch, sync->facts.relay_epoch, sizeof ask.relay_epoch);
    KITH_TRY_OUT(accepted_hash(sync, ask.charter_head));
    KITH_TRY_OUT(kith_meta_get_bytes(replica->store, "incarnation", &incarnation));
    if (incarnation.length == sizeof ask.incarnation) {
        memcpy(ask.incarnation, incarnation.data, sizeof ask.incarnation);
    }
    if (sync->request.is_survey) {
        ask.flags |= KITH_ASK_HEADS | KITH_ASK_WANTS_HEADS;
        KITH_TRY_OUT(write_heads(sync, &heads));
        ask.heads = kith_buf_slice(&heads);
    }
    ask_for_rest(sync, &ask);
    kith_frame_write_ask(&sync->out, &ask);
    status = kith_buf_status(&sync->out);
out:
    kith_buf_deinit(&heads);
    kith_buf_deinit(&incarnation);
    return status;
}

static kith_status write_entry(void *user, uint32_t number, kith_slice entry)
{
    kith_sync *sync = user;
    const kith_space *space = &sync->replica->space;
    if (number == 1 && space->token[0] != '\0') {
        kith_frame_write(&sync->out, KITH_FRAME_TOKEN, kith_slice_of(space->token));
    }
    kith_frame_write(&sync->out, KITH_FRAME_ENTRY, entry);
    return kith_buf_status(&sync->out);
}

/* Entries that the relay is not known to have. */
static kith_status write_entries(kith_sync *sync)
{
    return kith_entry_scan(sync->replica->store, KITH_SPACE_ORDINAL, sync->facts.accepted_entries,
                           write_entry, sync);
}

/* True if this device may push segments now: a new one receives what is there first. */
static kith_status may_push(kith_sync *sync, bool *may_out)
{
    kith_replica *replica = sync->replica;
    const kith_member *member = NULL;
    *may_out = false;
    if (sync->facts.is_joining || sync->request.is_probe || sync->request.is_survey) {
        return KITH_OK;
    }
    KITH_TRY(kith_engine_membership(replica, &member));
    *may_out = member != NULL && member->revoked == 0 && member->role >= KITH_ROLE_WORKER;
    return KITH_OK;
}

static kith_status begin_push(kith_sync *sync)
{
    kith_replica *replica = sync->replica;
    uint64_t bytes = 0;
    bool may = false;
    sync->step = KITH_STEP_DONE;
    KITH_TRY(may_push(sync, &may));
    if (!may) {
        return KITH_OK;
    }
    KITH_TRY(kith_engine_seal(replica));
    sync->step = sync->has_staged ? KITH_STEP_REST : KITH_STEP_OWN;
    sync->next_own = sync->facts.accepted + 1;
    sync->next_author = 1;
    sync->next_number = 0;
    KITH_TRY(
        kith_segment_bytes(replica->store, replica->directory.own, sync->facts.accepted, &bytes));
    sync->progress.to_send_bytes = sync->progress.sent_bytes + bytes;
    return KITH_OK;
}

/* Makes sync->segment a segment of the log; empty if there is none of that number. */
static kith_status read_segment(kith_sync *sync, uint32_t author, uint64_t number)
{
    kith_segment segment;
    kith_buf_clear(&sync->segment);
    if (number > sync->replica->directory.chains[author].segment) {
        return KITH_OK;
    }
    return kith_segment_get(sync->replica->store, author, number, &sync->segment, &segment);
}

/* Goes on with a segment of which the relay has the start. */
static kith_status write_rest(kith_sync *sync)
{
    uint8_t hash[KITH_HASH_BYTES];
    const kith_staged_frame *staged = &sync->staged;
    sync->step = KITH_STEP_OWN;
    sync->has_staged = false;
    KITH_TRY(read_segment(sync, sync->replica->directory.own, sync->next_own));
    kith_slice bytes = kith_buf_slice(&sync->segment);
    kith_header_hash(kith_slice_head(bytes, KITH_HEADER_BYTES), hash);
    bool fits = staged->number == sync->next_own && staged->offset < bytes.length &&
                memcmp(hash, staged->header, sizeof hash) == 0;
    if (!fits) {
        return KITH_OK; /* the whole segment follows */
    }
    kith_rest_frame rest = {.offset = staged->offset,
                            .bytes = kith_slice_skip(bytes, (size_t)staged->offset)};
    memcpy(rest.header, hash, sizeof rest.header);
    kith_frame_write_rest(&sync->out, &rest);
    sync->next_own++;
    return kith_buf_status(&sync->out);
}

static kith_status write_segment(kith_sync *sync)
{
    kith_frame_write(&sync->out, KITH_FRAME_SEGMENT, kith_buf_slice(&sync->segment));
    return kith_buf_status(&sync->out);
}

static kith_status write_own(kith_sync *sync)
{
    KITH_TRY(read_segment(sync, sync->replica->directory.own, sync->next_own));
    if (sync->segment.length == 0) {
        sync->step = sync->request.is_refill ? KITH_STEP_OTHERS : KITH_STEP_DONE;
        return KITH_OK;
    }
    sync->next_own++;
    return write_segment(sync);
}

/* How far the relay said to be with an author. */
static uint64_t relay_head(const kith_sync *sync, uint32_t author)
{
    const kith_author_id *id = &sync->replica->directory.authors[author].id;
    for (size_t i = 0; i < sync->relay_head_count; i++) {
        if (memcmp(&sync->relay_heads[i].author, id, sizeof *id) == 0) {
            return sync->relay_heads[i].number;
        }
    }
    return 0;
}

static kith_status write_others(kith_sync *sync)
{
    const kith_directory *directory = &sync->replica->directory;
    while (sync->next_author < directory->author_count) {
        uint32_t author = sync->next_author;
        if (sync->next_number == 0) {
            sync->next_number = relay_head(sync, author) + 1;
        }
        kith_buf_clear(&sync->segment);
        if (author != directory->own) {
            KITH_TRY(read_segment(sync, author, sync->next_number));
        }
        if (sync->segment.length > 0) {
            sync->next_number++;
            return write_segment(sync);
        }
        sync->next_author++;
        sync->next_number = 0;
    }
    sync->step = KITH_STEP_DONE;
    return KITH_OK;
}

kith_status kith_sync_fill(kith_sync *sync)
{
    while (sync->step != KITH_STEP_DONE && sync->out.length < AHEAD_BYTES) {
        kith_status status = sync->step == KITH_STEP_REST  ? write_rest(sync)
                             : sync->step == KITH_STEP_OWN ? write_own(sync)
                                                           : write_others(sync);
        KITH_TRY(status);
    }
    return KITH_OK;
}

static kith_status sign_request(kith_sync *sync)
{
    kith_replica *replica = sync->replica;
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
    const char *relay = sync->replica->space.relay;
    size_t length = strlen(relay);
    while (length > 0 && relay[length - 1] == '/') {
        length--;
    }
    (void)snprintf(sync->url, sizeof sync->url, "%.*s/v1/sync", (int)length, relay);
}

kith_status kith_sync_make_request(kith_sync *sync)
{
    sync->request = sync->plan;
    sync->plan = (kith_sync_plan){0};
    kith_buf_clear(&sync->out);
    sync->out_taken = 0;
    name_address(sync);
    KITH_TRY(sign_request(sync));
    /* Sealing comes first: it may give the author its first segment. */
    KITH_TRY(begin_push(sync));
    KITH_TRY(write_ask(sync));
    if (!sync->request.is_probe) {
        KITH_TRY(write_entries(sync));
    }
    return kith_sync_fill(sync);
}
