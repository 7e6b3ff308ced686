/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/share.h"

#include "engine/mark.h"
#include "engine/restore.h"
#include "log/segments.h"

/* A segment under way through the checks. */
typedef struct arrival {
    kith_replica *replica;
    kith_slice bytes;
    kith_segment_header header;
    kith_status read; /* what reading the header came to */
    uint32_t author;
    uint32_t aside;  /* why it cannot be used; 0 while nothing speaks against it */
    bool is_ours;    /* this device's key signed it */
    bool is_here;    /* the log has it already */
    bool is_handed;  /* it came by hand: no relay has looked at it */
    bool is_foreign; /* nothing shows that a member made it: it is not worth the room */
} arrival;

/* The header's signature is checked here, and only here: that is most of the work. */
static arrival arrival_of(kith_replica *replica, kith_slice bytes)
{
    arrival a = {.replica = replica, .bytes = bytes};
    a.read = kith_header_read(&replica->cx, kith_slice_head(bytes, KITH_HEADER_BYTES), &a.header);
    return a;
}

static kith_status put_aside(kith_replica *replica, const arrival *a)
{
    if (a->is_foreign) {
        return KITH_OK;
    }
    kith_author_id id = kith_header_author(&a->header);
    kith_waiting waiting = {
        .author = (int64_t)kith_slice_hash(kith_slice_make(id.bytes, sizeof id.bytes)),
        .number = a->header.number,
        .reason = a->aside,
        .bytes = a->bytes};
    return kith_waiting_put(replica->store, KITH_SPACE_ORDINAL, &waiting);
}

/* The hash of the header that the log has under a number of an author. */
static kith_status stored_hash(kith_replica *replica, uint32_t author, uint64_t number,
                               uint8_t hash[KITH_HASH_BYTES])
{
    const kith_chain *chain = &replica->directory.chains[author];
    kith_buf bytes;
    kith_segment segment;
    if (number == 0) {
        memset(hash, 0, KITH_HASH_BYTES);
        return KITH_OK;
    }
    if (number == chain->segment) {
        memcpy(hash, chain->header, KITH_HASH_BYTES);
        return KITH_OK;
    }
    kith_buf_init(&bytes, &replica->cx, KITH_HEADER_BYTES + KITH_SEGMENT_SEALED_MAX);
    kith_status status = kith_segment_get(replica->store, author, number, &bytes, &segment);
    if (status == KITH_OK) {
        kith_header_hash(kith_slice_head(segment.bytes, KITH_HEADER_BYTES), hash);
    }
    kith_buf_deinit(&bytes);
    return status;
}

static bool is_own(const arrival *a)
{
    return a->author != 0 && a->author == a->replica->directory.own;
}

/* Another segment than ours of our own author. It tells where the two histories part only if it is
 * the first that differs; else the ones before it must come first. */
static kith_status judge_own(arrival *a)
{
    uint8_t before[KITH_HASH_BYTES];
    KITH_TRY(stored_hash(a->replica, a->author, a->header.number - 1, before));
    bool is_first = memcmp(a->header.previous, before, sizeof before) == 0;
    a->aside = is_first ? KITH_ASIDE_FORKED : KITH_ASIDE_GAP;
    return KITH_OK;
}

/* Holds a header against the chain of its author. */
static kith_status judge_place(arrival *a)
{
    uint8_t hash[KITH_HASH_BYTES];
    uint8_t stored[KITH_HASH_BYTES];
    const kith_chain *chain = &a->replica->directory.chains[a->author];
    if (a->header.number > chain->segment + 1) {
        a->aside = KITH_ASIDE_GAP;
        return KITH_OK;
    }
    if (a->header.number == chain->segment + 1) {
        bool follows = memcmp(a->header.previous, chain->header, KITH_HASH_BYTES) == 0;
        a->aside = follows ? 0 : KITH_ASIDE_FORKED;
        return KITH_OK;
    }
    kith_header_hash(kith_slice_head(a->bytes, KITH_HEADER_BYTES), hash);
    KITH_TRY(stored_hash(a->replica, a->author, a->header.number, stored));
    a->is_here = memcmp(hash, stored, sizeof hash) == 0;
    a->aside = a->is_here ? 0 : KITH_ASIDE_FORKED;
    return KITH_OK;
}

/* True if a segment that came by hand shows no member's work. What it fails by is `aside`. */
static bool is_strange(arrival *a, const kith_charter *charter)
{
    uint8_t body[KITH_HASH_BYTES];
    kith_slice sealed = kith_slice_skip(a->bytes, KITH_HEADER_BYTES);
    kith_body_hash(sealed, body);
    bool is_whole =
        sealed.length <= KITH_SEGMENT_SEALED_MAX && memcmp(body, a->header.body, sizeof body) == 0;
    bool is_known = kith_charter_find(charter, a->header.sign) != NULL;
    a->aside = !is_whole ? KITH_ASIDE_DAMAGED : is_known ? 0 : KITH_ASIDE_DENIED;
    return a->aside != 0;
}

static uint32_t reason_of(kith_status status)
{
    return status == KITH_E_NEWER       ? KITH_ASIDE_NEWER
           : status == KITH_E_NOT_FOUND ? KITH_ASIDE_KEY
                                        : KITH_ASIDE_DAMAGED;
}

/* What can be said of a segment before its body is opened. */
static kith_status judge(arrival *a)
{
    kith_replica *replica = a->replica;
    kith_charter *charter = NULL;
    uint8_t hash[KITH_HASH_BYTES];
    KITH_TRY(kith_engine_charter(replica, &charter));
    a->aside = 0;
    a->is_here = false;
    if (a->read != KITH_OK || !kith_space_id_equal(a->header.space, replica->space.id)) {
        a->aside = a->read == KITH_OK ? KITH_ASIDE_DENIED : reason_of(a->read);
        a->is_foreign = a->read != KITH_E_NEWER || a->is_handed;
        return KITH_OK;
    }
    if (a->is_handed && is_strange(a, charter)) {
        a->is_foreign = true;
        return KITH_OK;
    }
    kith_header_hash(kith_slice_head(a->bytes, KITH_HEADER_BYTES), hash);
    if (!kith_charter_counts(charter, a->header.sign, a->header.incarnation, a->header.number,
                             hash)) {
        a->aside = KITH_ASIDE_DENIED;
        return KITH_OK;
    }
    KITH_TRY(
        kith_directory_author(&replica->directory, kith_header_author(&a->header), &a->author));
    KITH_TRY(judge_place(a));
    return a->aside == KITH_ASIDE_FORKED && is_own(a) ? judge_own(a) : KITH_OK;
}

/* A segment's commits being applied. */
typedef struct application {
    kith_replica *replica;
    uint64_t last; /* number of the last change applied */
} application;

static kith_status take_commit(void *user, const kith_commit *commit, kith_arena *arena)
{
    (void)arena;
    application *applied = user;
    kith_replica *replica = applied->replica;
    const kith_env *env = &replica->cx.env;
    applied->last = commit->first.number + commit->change_count - 1;
    uint64_t head = replica->directory.authors[commit->first.author].head;
    if (applied->last <= head) {
        return KITH_OK; /* from the time before this device was restored */
    }
    KITH_ENSURE(commit->first.number == head + 1,
                kith_fail(&replica->cx, KITH_E_DAMAGED, "changes are missing before these"));
    kith_clock_observe(&replica->clock, commit->stamp.ms + commit->ahead_ms,
                       env->wall_ms(env->user));
    return kith_engine_apply(replica, commit);
}

/* Holds what its author says to have seen against what is here. */
static kith_status judge_seen(arrival *a, const kith_seen_head *heads, size_t count,
                              const uint8_t before[KITH_HASH_BYTES])
{
    uint8_t seen[KITH_HASH_BYTES];
    memcpy(seen, before, sizeof seen);
    kith_status status = kith_log_move_seen(&a->replica->log, heads, count, seen);
    if (status == KITH_E_NOT_FOUND) {
        a->aside = KITH_ASIDE_UNPROVEN;
        return KITH_OK;
    }
    KITH_TRY(status);
    bool agrees = memcmp(seen, a->header.seen, sizeof seen) == 0;
    a->aside = agrees ? 0 : KITH_ASIDE_CONTRADICTS;
    return KITH_OK;
}

static kith_status apply_opened(arrival *a, kith_open_segment *opened, uint64_t *count_out)
{
    kith_replica *replica = a->replica;
    const kith_chain *chain = &replica->directory.chains[a->author];
    uint64_t before = replica->directory.authors[a->author].head;
    application applied = {.replica = replica, .last = chain->last};
    KITH_ENSURE(opened->body.first == chain->last + 1,
                kith_fail(&replica->cx, KITH_E_DAMAGED, "a segment does not follow its chain"));
    KITH_TRY(judge_seen(a, opened->body.heads, opened->body.head_count, chain->seen));
    replica->is_touched = true;
    KITH_TRY(kith_log_visit_commits(&replica->log, opened, take_commit, &applied));
    kith_segment segment = {.author = a->author,
                            .number = a->header.number,
                            .first = opened->body.first,
                            .last = applied.last,
                            .bytes = a->bytes};
    *count_out = replica->directory.authors[a->author].head - before;
    return kith_log_store_segment(&replica->log, &segment, &a->header);
}

/* True for what is wrong with a segment and not with this device. */
static bool is_its_fault(kith_status status)
{
    return status == KITH_E_NOT_FOUND || status == KITH_E_DAMAGED || status == KITH_E_NEWER ||
           status == KITH_E_LIMIT;
}

/* Applies a segment that is its author's next. What makes it unusable is `*unusable_out`; the
 * transaction must be taken back then. */
static kith_status apply(arrival *a, uint64_t *count_out, uint32_t *unusable_out)
{
    kith_arena arena;
    kith_open_segment opened;
    *unusable_out = 0;
    kith_arena_init(&arena, &a->replica->cx);
    kith_status status =
        kith_log_open_segment(&a->replica->log, &a->header,
                              kith_slice_skip(a->bytes, KITH_HEADER_BYTES), &arena, &opened);
    if (status == KITH_OK) {
        status = apply_opened(a, &opened, count_out);
    }
    kith_arena_deinit(&arena);
    *unusable_out = is_its_fault(status) ? reason_of(status) : 0;
    KITH_TRY(status);
    /* Segments count as folded. */
    return kith_engine_write_out(a->replica);
}

static kith_status move_cursor(kith_replica *replica, uint64_t position)
{
    if (position <= replica->space.cursor) {
        return KITH_OK;
    }
    replica->space.cursor = position;
    return kith_engine_save_space(replica);
}

/* What came by hand is offered to the relay, which may not have it. */
static kith_status note_handed(const arrival *a)
{
    if (!a->is_handed || a->is_here || a->is_foreign) {
        return KITH_OK;
    }
    a->replica->space.unoffered++;
    return kith_engine_save_space(a->replica);
}

/* Everything of one transaction but its end. */
static kith_status take_inside(arrival *a, uint64_t position, kith_taken *taken,
                               uint32_t *unusable_out)
{
    *unusable_out = 0;
    KITH_TRY(judge(a));
    if (a->aside == 0 && !a->is_here) {
        KITH_TRY(apply(a, &taken->change_count, unusable_out));
    }
    if (a->aside != 0) {
        KITH_TRY(put_aside(a->replica, a));
    }
    KITH_TRY(note_handed(a));
    return move_cursor(a->replica, position);
}

static kith_status set_aside(arrival *a, uint64_t position)
{
    KITH_TRY(kith_engine_begin(a->replica));
    kith_status status = put_aside(a->replica, a);
    if (status == KITH_OK) {
        status = note_handed(a);
    }
    if (status == KITH_OK) {
        status = move_cursor(a->replica, position);
    }
    return kith_engine_end(a->replica, status);
}

/* True if a segment shows that this device's own log went on without it: it was restored from a
 * backup, or is one of two. A relay's word on that is final. By hand a segment may come long after
 * this device has shown others what it has under that number itself: that stays, and the other is
 * evidence. */
static bool shows_restored(const arrival *a)
{
    const kith_space *space = &a->replica->space;
    uint64_t shown = space->accepted > space->given ? space->accepted : space->given;
    bool is_settled = a->is_handed && a->header.number <= shown;
    return is_own(a) && !a->is_here && a->aside != KITH_ASIDE_GAP && !is_settled;
}

static kith_status notice_own(arrival *a, bool *is_restored_out)
{
    uint8_t own[KITH_KEY_BYTES];
    *is_restored_out = false;
    KITH_TRY(kith_engine_sign_key(a->replica, own));
    a->is_ours = memcmp(a->header.sign, own, sizeof own) == 0;
    if (!a->is_ours) {
        return KITH_OK;
    }
    KITH_TRY(kith_engine_begin_read(a->replica));
    kith_status status = kith_engine_end_read(a->replica, judge(a));
    *is_restored_out = status == KITH_OK && shows_restored(a);
    return status;
}

/* What comes first of an author that this device may have become before it was restored. */
static bool may_resume(const arrival *a)
{
    const kith_directory *directory = &a->replica->directory;
    return a->is_ours && a->author != 0 && !is_own(a) &&
           directory->chains[a->author].segment == 0 && kith_directory_unsealed(directory) > 0;
}

/* Makes room for a segment of this device's own that it does not have. */
static kith_status make_room(arrival *a, kith_taken *taken)
{
    bool shows_other = false;
    bool is_resumed = false;
    bool is_renewed = false;
    KITH_TRY(notice_own(a, &shows_other));
    if (may_resume(a)) {
        KITH_TRY(kith_engine_resume(a->replica, kith_header_author(&a->header), &is_resumed));
        KITH_TRY(notice_own(a, &shows_other));
    }
    kith_status status = KITH_OK;
    if (shows_other) {
        status = kith_engine_reconcile(a->replica, &a->header,
                                       kith_slice_skip(a->bytes, KITH_HEADER_BYTES), &is_renewed);
    }
    taken->is_own_newer = taken->is_own_newer || is_resumed || is_renewed;
    return is_its_fault(status) ? KITH_OK : status;
}

static bool is_applied(uint32_t aside)
{
    return aside == 0 || aside == KITH_ASIDE_UNPROVEN || aside == KITH_ASIDE_CONTRADICTS;
}

static kith_status take(arrival *a, uint64_t position, kith_taken *taken)
{
    uint32_t unusable = 0;
    *taken = (kith_taken){0};
    KITH_TRY(make_room(a, taken));
    KITH_TRY(kith_engine_begin(a->replica));
    kith_status status = kith_engine_end(a->replica, take_inside(a, position, taken, &unusable));
    if (unusable != 0) {
        taken->change_count = 0;
        a->aside = unusable;
        status = set_aside(a, position);
    }
    taken->is_new = status == KITH_OK && !a->is_here && is_applied(a->aside);
    taken->aside = a->aside;
    taken->lacks_own = is_own(a) && a->aside == KITH_ASIDE_GAP;
    taken->is_refused = a->is_foreign;
    if (taken->lacks_own) {
        kith_engine_mark_seen(a->replica, a->header.number);
    }
    return status;
}

kith_status kith_engine_take_segment(kith_replica *replica, kith_slice bytes, uint64_t position,
                                     kith_taken *taken_out)
{
    arrival a = arrival_of(replica, bytes);
    return take(&a, position, taken_out);
}

kith_status kith_engine_take_handed(kith_replica *replica, kith_slice bytes, kith_taken *taken_out)
{
    arrival a = arrival_of(replica, bytes);
    a.is_handed = true;
    return take(&a, 0, taken_out);
}

/* What its author had seen before a segment that is in the log. */
static kith_status seen_before(arrival *a, uint8_t seen[KITH_HASH_BYTES])
{
    kith_buf bytes;
    kith_segment segment;
    kith_segment_header header;
    memset(seen, 0, KITH_HASH_BYTES);
    if (a->header.number == 1) {
        return KITH_OK;
    }
    kith_buf_init(&bytes, &a->replica->cx, KITH_HEADER_BYTES + KITH_SEGMENT_SEALED_MAX);
    kith_status status =
        kith_segment_get(a->replica->store, a->author, a->header.number - 1, &bytes, &segment);
    if (status == KITH_OK) {
        status = kith_header_read(&a->replica->cx,
                                  kith_slice_head(segment.bytes, KITH_HEADER_BYTES), &header);
    }
    if (status == KITH_OK) {
        memcpy(seen, header.seen, KITH_HASH_BYTES);
    }
    kith_buf_deinit(&bytes);
    return status;
}

/* Looks again at what an applied segment's author says to have seen. */
static kith_status prove(arrival *a)
{
    kith_arena arena;
    kith_open_segment opened;
    uint8_t seen[KITH_HASH_BYTES];
    KITH_TRY(seen_before(a, seen));
    kith_arena_init(&arena, &a->replica->cx);
    kith_status status =
        kith_log_open_segment(&a->replica->log, &a->header,
                              kith_slice_skip(a->bytes, KITH_HEADER_BYTES), &arena, &opened);
    if (status == KITH_OK) {
        status = judge_seen(a, opened.body.heads, opened.body.head_count, seen);
    }
    kith_arena_deinit(&arena);
    return status;
}

/* Tries one that was set aside; `*changed_out` if it stands otherwise now. */
static kith_status retry_inside(arrival *a, const kith_waiting *waiting, kith_taken *taken,
                                bool *changed_out)
{
    uint32_t unusable = 0;
    uint64_t count = 0;
    KITH_TRY(judge(a));
    bool is_doubted =
        waiting->reason == KITH_ASIDE_UNPROVEN || waiting->reason == KITH_ASIDE_CONTRADICTS;
    if (a->is_here && is_doubted) {
        /* It may have been our own history that was wrong: a device that was restored. */
        KITH_TRY(prove(a));
    } else if (a->aside == 0 && !a->is_here) {
        kith_status status = apply(a, &count, &unusable);
        KITH_ENSURE(unusable == 0, KITH_E_STOPPED);
        KITH_TRY(status);
    }
    taken->change_count += count;
    *changed_out = a->aside != waiting->reason;
    if (!*changed_out) {
        return KITH_OK;
    }
    return a->aside == 0 ? kith_waiting_remove(a->replica->store, waiting->id)
                         : kith_waiting_set_reason(a->replica->store, waiting->id, a->aside);
}

static kith_status retry_one(kith_replica *replica, const kith_waiting *waiting, kith_taken *taken,
                             bool *changed_out)
{
    arrival a = arrival_of(replica, waiting->bytes);
    a.is_handed = true; /* what a relay said of it then, it may not say now */
    *changed_out = false;
    if (waiting->reason == KITH_ASIDE_FORKED) {
        return KITH_OK; /* evidence */
    }
    KITH_TRY(make_room(&a, taken));
    KITH_TRY(kith_engine_begin(replica));
    kith_status status = kith_engine_end(replica, retry_inside(&a, waiting, taken, changed_out));
    if (status == KITH_E_STOPPED) {
        *changed_out = false;
        return KITH_OK;
    }
    return status;
}

/* One pass over all that was set aside. */
static kith_status retry_all(kith_replica *replica, kith_taken *taken, bool *changed_out)
{
    int64_t after = 0;
    kith_status status = KITH_OK;
    kith_buf bytes;
    *changed_out = false;
    kith_buf_init(&bytes, &replica->cx, KITH_HEADER_BYTES + KITH_SEGMENT_SEALED_MAX);
    while (status == KITH_OK) {
        kith_waiting waiting;
        bool changed = false;
        kith_buf_clear(&bytes);
        status = kith_waiting_next(replica->store, after, &bytes, &waiting);
        if (status == KITH_OK) {
            after = waiting.id;
            status = retry_one(replica, &waiting, taken, &changed);
        }
        *changed_out = *changed_out || changed;
    }
    kith_buf_deinit(&bytes);
    return status == KITH_E_NOT_FOUND ? KITH_OK : status;
}

kith_status kith_engine_retry_aside(kith_replica *replica, kith_taken *taken_out)
{
    uint64_t count = 0;
    bool changed = true;
    *taken_out = (kith_taken){0};
    KITH_TRY(kith_waiting_count(replica->store, &count));
    /* Each pass that changes something may free what waits for it. */
    while (changed && count > 0) {
        KITH_TRY(retry_all(replica, taken_out, &changed));
        KITH_TRY(kith_waiting_count(replica->store, &count));
    }
    return KITH_OK;
}

static kith_status seal_inside(kith_replica *replica, const uint8_t seed[KITH_SEED_BYTES])
{
    kith_charter *charter = NULL;
    kith_device_keys keys;
    kith_buf incarnation;
    uint32_t entry_count = 0;
    kith_sealing sealing = {.space = replica->space.id, .seed = seed};
    KITH_TRY(kith_engine_charter(replica, &charter));
    kith_device_keys_derive(seed, &keys);
    KITH_ENSURE(kith_charter_may(charter, keys.sign, KITH_ROLE_WORKER),
                kith_fail(&replica->cx, KITH_E_DENIED, "this device may not write in the space"));
    KITH_TRY(kith_engine_firm_entries(replica, &entry_count, &sealing.epoch));
    sealing.epoch_key = kith_keyring_find(&replica->keys, sealing.space, sealing.epoch);
    KITH_ENSURE(sealing.epoch_key != NULL,
                kith_fail(&replica->cx, KITH_E_DENIED, "the space's key is not here"));
    memcpy(sealing.sign, keys.sign, sizeof sealing.sign);
    kith_buf_init(&incarnation, &replica->cx, KITH_INCARNATION_BYTES);
    kith_status status = kith_meta_get_bytes(replica->store, "incarnation", &incarnation);
    if (status == KITH_OK && incarnation.length == KITH_INCARNATION_BYTES) {
        memcpy(sealing.incarnation, incarnation.data, KITH_INCARNATION_BYTES);
    } else if (status == KITH_OK) {
        status = kith_fail(&replica->cx, KITH_E_DAMAGED, "the stored incarnation is damaged");
    }
    kith_buf_deinit(&incarnation);
    KITH_TRY(status);
    KITH_TRY(kith_engine_write_out(replica));
    return kith_log_seal(&replica->log, &sealing);
}

kith_status kith_engine_seal(kith_replica *replica)
{
    uint8_t seed[KITH_SEED_BYTES];
    KITH_TRY(kith_engine_refresh(replica));
    if (kith_directory_unsealed(&replica->directory) == 0) {
        return KITH_OK;
    }
    KITH_TRY(kith_engine_begin(replica));
    kith_status status = kith_engine_seed(replica, seed);
    if (status == KITH_OK) {
        status = seal_inside(replica, seed);
    }
    kith_wipe(seed, sizeof seed);
    return kith_engine_end(replica, status);
}
