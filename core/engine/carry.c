/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/carry.h"

#include "engine/handed.h"
#include "segment/header.h"

static kith_status load_entry(void *user, uint32_t number, kith_slice entry)
{
    (void)number;
    return kith_charter_apply(user, entry);
}

static kith_status load(kith_carrying *carrying)
{
    uint64_t segment_count = 0;
    kith_store *store = carrying->replica->store;
    KITH_TRY(kith_carried_figures(store, &carrying->space_count, &segment_count, &carrying->bytes));
    KITH_TRY(kith_carried_space_find(store, carrying->space, &carrying->ordinal));
    if (carrying->ordinal == 0) {
        return KITH_OK;
    }
    return kith_entry_scan(store, carrying->ordinal, 0, load_entry, &carrying->charter);
}

kith_status kith_carry_begin(kith_replica *replica, kith_space_id space,
                             kith_carrying *carrying_out)
{
    *carrying_out = (kith_carrying){.replica = replica, .space = space};
    kith_charter_init(&carrying_out->charter, &replica->cx, &space);
    KITH_TRY(kith_engine_begin_read(replica));
    return kith_engine_end_read(replica, load(carrying_out));
}

void kith_carry_end(kith_carrying *carrying)
{
    if (carrying->replica != NULL) {
        kith_charter_deinit(&carrying->charter);
    }
    *carrying = (kith_carrying){.replica = NULL};
}

static kith_status judge_room(const kith_carrying *carrying, size_t length)
{
    bool has_place = carrying->ordinal != 0 || carrying->space_count < KITH_CARRIED_SPACES_MAX;
    KITH_ENSURE(has_place && carrying->bytes + length <= KITH_CARRIED_BYTES_MAX,
                kith_fail(&carrying->replica->cx, KITH_E_LIMIT,
                          "this device carries as much for other spaces as it may"));
    return KITH_OK;
}

/* Gives the space its place. In a transaction; another process may have given it one. */
static kith_status find_place(kith_carrying *carrying)
{
    kith_store *store = carrying->replica->store;
    KITH_TRY(kith_carried_space_find(store, carrying->space, &carrying->ordinal));
    if (carrying->ordinal != 0) {
        return KITH_OK;
    }
    carrying->space_count++;
    return kith_carried_space_put(store, carrying->space, &carrying->ordinal);
}

static kith_status put_entry(kith_carrying *carrying, uint32_t number, kith_slice entry)
{
    uint32_t found = 0;
    kith_store *store = carrying->replica->store;
    KITH_TRY(find_place(carrying));
    kith_status status = kith_entry_next(store, carrying->ordinal, number - 1, &found, NULL);
    if (status == KITH_OK && found == number) {
        return KITH_OK;
    }
    KITH_ENSURE(status == KITH_OK || status == KITH_E_NOT_FOUND, status);
    carrying->bytes += entry.length;
    return kith_entry_put(store, carrying->ordinal, number, entry);
}

kith_status kith_carry_entry(kith_carrying *carrying, kith_slice entry, bool *is_new_out,
                             kith_status *problem_out)
{
    kith_replica *replica = carrying->replica;
    *is_new_out = false;
    *problem_out = kith_charter_judge(&carrying->charter, entry);
    if (*problem_out == KITH_E_EXISTS) {
        *problem_out = KITH_OK;
        return KITH_OK;
    }
    if (*problem_out == KITH_OK) {
        *problem_out = judge_room(carrying, entry.length);
    }
    if (*problem_out != KITH_OK) {
        return KITH_OK;
    }
    KITH_TRY(kith_engine_begin(replica));
    KITH_TRY(
        kith_engine_end(replica, put_entry(carrying, carrying->charter.entry_count + 1, entry)));
    *is_new_out = true;
    return kith_charter_apply(&carrying->charter, entry);
}

/* The first eight bytes of something random as a number. */
static int64_t front_of(const uint8_t *bytes)
{
    uint64_t number = 0;
    for (size_t i = 0; i < 8; i++) {
        number = number << 8 | bytes[i];
    }
    return (int64_t)number;
}

/* What can be said of a segment without keys; fills in where it belongs. */
static kith_status judge(const kith_carrying *carrying, kith_carried *carried)
{
    uint8_t hash[KITH_HASH_BYTES];
    kith_segment_header header;
    kith_context *cx = &carrying->replica->cx;
    kith_slice head = kith_slice_head(carried->bytes, KITH_HEADER_BYTES);
    kith_slice body = kith_slice_skip(carried->bytes, KITH_HEADER_BYTES);
    KITH_TRY(kith_header_read(cx, head, &header));
    kith_body_hash(body, hash);
    KITH_ENSURE(body.length > 0 && body.length <= KITH_SEGMENT_SEALED_MAX &&
                    memcmp(hash, header.body, sizeof hash) == 0,
                kith_fail(cx, KITH_E_DAMAGED, "a segment's body was changed"));
    kith_header_hash(head, hash);
    KITH_ENSURE(kith_space_id_equal(header.space, carrying->space) &&
                    kith_charter_counts(&carrying->charter, header.sign, header.incarnation,
                                        header.number, hash),
                kith_fail(cx, KITH_E_DENIED, "the space's charter does not count a segment"));
    kith_author_id author = kith_header_author(&header);
    carried->author = front_of(author.bytes);
    carried->number = header.number;
    carried->header = front_of(hash);
    return KITH_OK;
}

static kith_status put_segment(kith_carrying *carrying, kith_carried *carried, bool *is_new,
                               kith_status *problem)
{
    bool exists = false;
    kith_store *store = carrying->replica->store;
    carried->space = carrying->ordinal;
    KITH_TRY(kith_carried_exists(store, carried, &exists));
    if (exists) {
        return KITH_OK;
    }
    *problem = judge_room(carrying, carried->bytes.length);
    if (*problem != KITH_OK) {
        return KITH_OK;
    }
    KITH_TRY(find_place(carrying));
    carried->space = carrying->ordinal;
    carrying->bytes += carried->bytes.length;
    *is_new = true;
    return kith_carried_put(store, carried);
}

kith_status kith_carry_segment(kith_carrying *carrying, kith_slice bytes, bool *is_new_out,
                               kith_status *problem_out)
{
    kith_carried carried = {.bytes = bytes};
    *is_new_out = false;
    *problem_out = judge(carrying, &carried);
    if (*problem_out != KITH_OK) {
        return KITH_OK;
    }
    KITH_TRY(kith_engine_begin(carrying->replica));
    return kith_engine_end(carrying->replica,
                           put_segment(carrying, &carried, is_new_out, problem_out));
}

/* An entry is copied, so that it is taken with no read open. The first that cannot be taken is the
 * last that is looked at. */
static kith_status adopt_entries(kith_replica *replica, kith_replica *carrier, uint32_t ordinal)
{
    kith_buf entry;
    uint32_t number = 0;
    kith_status status = KITH_OK;
    kith_status problem = KITH_OK;
    kith_buf_init(&entry, &carrier->cx, KITH_ENTRY_BYTES_MAX);
    while (status == KITH_OK && problem == KITH_OK) {
        bool is_new = false;
        kith_buf_clear(&entry);
        status = kith_entry_next(carrier->store, ordinal, number, &number, &entry);
        if (status == KITH_OK) {
            status =
                kith_engine_take_handed_entry(replica, kith_buf_slice(&entry), &is_new, &problem);
        }
    }
    kith_buf_deinit(&entry);
    return status == KITH_E_NOT_FOUND ? KITH_OK : status;
}

static kith_status adopt_segments(kith_replica *replica, kith_replica *carrier, uint32_t ordinal)
{
    kith_buf bytes;
    kith_taken taken;
    kith_carried carried = {.space = ordinal, .author = INT64_MIN};
    kith_status status = KITH_OK;
    kith_buf_init(&bytes, &carrier->cx, KITH_HEADER_BYTES + KITH_SEGMENT_SEALED_MAX);
    while (status == KITH_OK) {
        kith_buf_clear(&bytes);
        status = kith_carried_next(carrier->store, &carried, &bytes);
        if (status == KITH_OK) {
            status = kith_engine_take_handed(replica, carried.bytes, &taken);
        } else if (status == KITH_E_DAMAGED) {
            status = KITH_OK; /* one row of many; whoever wrote it has it still */
        }
    }
    kith_buf_deinit(&bytes);
    return status == KITH_E_NOT_FOUND ? KITH_OK : status;
}

kith_status kith_engine_adopt_carried(kith_replica *replica, kith_replica *carrier)
{
    uint32_t ordinal = 0;
    kith_taken taken;
    if (!replica->space.exists) {
        return KITH_OK;
    }
    KITH_TRY(kith_carried_space_find(carrier->store, replica->space.id, &ordinal));
    if (ordinal == 0) {
        return KITH_OK;
    }
    KITH_TRY(adopt_entries(replica, carrier, ordinal));
    KITH_TRY(adopt_segments(replica, carrier, ordinal));
    KITH_TRY(kith_engine_begin(carrier));
    KITH_TRY(kith_engine_end(carrier, kith_carried_space_remove(carrier->store, ordinal)));
    kith_status status = kith_engine_end_handed(replica, &taken);
    /* That the invite admits nobody any more is said when the device joins. */
    return status == KITH_E_DENIED ? KITH_OK : status;
}

static kith_status forget_all(kith_replica *replica)
{
    uint32_t ordinal = 0;
    kith_space_id id;
    kith_status status = kith_carried_space_next(replica->store, 0, &ordinal, &id);
    while (status == KITH_OK) {
        KITH_TRY(kith_carried_space_remove(replica->store, ordinal));
        status = kith_carried_space_next(replica->store, ordinal, &ordinal, &id);
    }
    return status == KITH_E_NOT_FOUND ? KITH_OK : status;
}

kith_status kith_carry_forget(kith_replica *replica)
{
    KITH_ENSURE(!replica->is_in_batch, kith_fail(&replica->cx, KITH_E_STATE, "a batch is open"));
    KITH_TRY(kith_engine_begin(replica));
    return kith_engine_end(replica, forget_all(replica));
}
