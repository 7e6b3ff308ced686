/* Rows of spaces, entries, authors, segments, staged transfers and tokens.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/limits.h"
#include "segment/header.h"
#include "server/store/sqlite/connection.h"

static void bind_space(kithd_stmt *stmt, const kith_space_id *space)
{
    kithd_stmt_bind_bytes(stmt, space->bytes, sizeof space->bytes);
}

static void bind_author(kithd_stmt *stmt, const kith_author_id *author)
{
    kithd_stmt_bind_bytes(stmt, author->bytes, sizeof author->bytes);
}

static kithd_space read_space(const kithd_stmt *stmt)
{
    return (kithd_space){.position = kithd_stmt_number(stmt, 0),
                         .bytes = kithd_stmt_number(stmt, 1),
                         .quota = kithd_stmt_number(stmt, 2),
                         .entry_count = (uint32_t)kithd_stmt_number(stmt, 3)};
}

kith_status kithd_space_get(kithd_store *store, kith_space_id space, kithd_space *space_out)
{
    bool row = false;
    *space_out = (kithd_space){0};
    kithd_stmt stmt = kithd_stmt_begin(store, KITHD_SQL_SPACE_GET);
    bind_space(&stmt, &space);
    kith_status status = kithd_stmt_step(&stmt, &row);
    if (row) {
        *space_out = read_space(&stmt);
    }
    kithd_stmt_end(&stmt);
    KITH_TRY(status);
    return row ? KITH_OK : kith_fail(store->cx, KITH_E_NOT_FOUND, "there is no such space");
}

kith_status kithd_space_put(kithd_store *store, kith_space_id space, const kithd_space *row)
{
    kithd_stmt stmt = kithd_stmt_begin(store, KITHD_SQL_SPACE_PUT);
    bind_space(&stmt, &space);
    kithd_stmt_bind_number(&stmt, row->position);
    kithd_stmt_bind_number(&stmt, row->bytes);
    kithd_stmt_bind_number(&stmt, row->quota);
    kithd_stmt_bind_number(&stmt, row->entry_count);
    return kithd_stmt_run(&stmt);
}

kith_status kithd_space_scan(kithd_store *store, kithd_space_visitor visit, void *user)
{
    bool row = false;
    kithd_stmt stmt = kithd_stmt_begin(store, KITHD_SQL_SPACE_SCAN);
    kith_status status = kithd_stmt_step(&stmt, &row);
    while (status == KITH_OK && row) {
        kith_space_id space = {{0}};
        kithd_space found = read_space(&stmt);
        kith_slice id = kithd_stmt_bytes(&stmt, 4);
        memcpy(space.bytes, id.data,
               id.length < sizeof space.bytes ? id.length : sizeof space.bytes);
        status = visit(user, space, &found);
        if (status == KITH_OK) {
            status = kithd_stmt_step(&stmt, &row);
        }
    }
    kithd_stmt_end(&stmt);
    return status;
}

kith_status kithd_entry_put(kithd_store *store, kith_space_id space, uint32_t number,
                            uint64_t joined_position, kith_slice bytes)
{
    kithd_stmt stmt = kithd_stmt_begin(store, KITHD_SQL_ENTRY_PUT);
    bind_space(&stmt, &space);
    kithd_stmt_bind_number(&stmt, number);
    kithd_stmt_bind_number(&stmt, joined_position);
    kithd_stmt_bind_bytes(&stmt, bytes.data, bytes.length);
    return kithd_stmt_run(&stmt);
}

kith_status kithd_entry_scan(kithd_store *store, kith_space_id space, uint32_t after,
                             kithd_entry_visitor visit, void *user)
{
    bool row = false;
    kithd_stmt stmt = kithd_stmt_begin(store, KITHD_SQL_ENTRY_SCAN);
    bind_space(&stmt, &space);
    kithd_stmt_bind_number(&stmt, after);
    kith_status status = kithd_stmt_step(&stmt, &row);
    while (status == KITH_OK && row) {
        status = visit(user, (uint32_t)kithd_stmt_number(&stmt, 0), kithd_stmt_number(&stmt, 1),
                       kithd_stmt_bytes(&stmt, 2));
        if (status == KITH_OK) {
            status = kithd_stmt_step(&stmt, &row);
        }
    }
    kithd_stmt_end(&stmt);
    return status;
}

kith_status kithd_author_get(kithd_store *store, kith_space_id space, kith_author_id author,
                             kithd_author *author_out)
{
    bool row = false;
    *author_out = (kithd_author){0};
    kithd_stmt stmt = kithd_stmt_begin(store, KITHD_SQL_AUTHOR_GET);
    bind_space(&stmt, &space);
    bind_author(&stmt, &author);
    kith_status status = kithd_stmt_step(&stmt, &row);
    if (row) {
        kith_slice header = kithd_stmt_bytes(&stmt, 1);
        author_out->number = kithd_stmt_number(&stmt, 0);
        memcpy(author_out->header, header.data,
               header.length < KITH_HASH_BYTES ? header.length : KITH_HASH_BYTES);
    }
    kithd_stmt_end(&stmt);
    return status;
}

kith_status kithd_author_put(kithd_store *store, kith_space_id space, kith_author_id author,
                             const kithd_author *row)
{
    kithd_stmt stmt = kithd_stmt_begin(store, KITHD_SQL_AUTHOR_PUT);
    bind_space(&stmt, &space);
    bind_author(&stmt, &author);
    kithd_stmt_bind_number(&stmt, row->number);
    kithd_stmt_bind_bytes(&stmt, row->header, sizeof row->header);
    return kithd_stmt_run(&stmt);
}

static void bind_key(kithd_stmt *stmt, const uint8_t key[KITH_KEY_BYTES])
{
    kithd_stmt_bind_bytes(stmt, key, KITH_KEY_BYTES);
}

kith_status kithd_device_get(kithd_store *store, kith_space_id space,
                             const uint8_t key[KITH_KEY_BYTES], kithd_device *device_out)
{
    bool row = false;
    *device_out = (kithd_device){0};
    kithd_stmt stmt = kithd_stmt_begin(store, KITHD_SQL_DEVICE_GET);
    bind_space(&stmt, &space);
    bind_key(&stmt, key);
    kith_status status = kithd_stmt_step(&stmt, &row);
    if (row) {
        *device_out = (kithd_device){kithd_stmt_number(&stmt, 0), kithd_stmt_number(&stmt, 1)};
    }
    kithd_stmt_end(&stmt);
    return status;
}

kith_status kithd_device_put(kithd_store *store, kith_space_id space,
                             const uint8_t key[KITH_KEY_BYTES], const kithd_device *row)
{
    kithd_stmt stmt = kithd_stmt_begin(store, KITHD_SQL_DEVICE_PUT);
    bind_space(&stmt, &space);
    bind_key(&stmt, key);
    kithd_stmt_bind_number(&stmt, row->bytes);
    kithd_stmt_bind_number(&stmt, row->quota);
    return kithd_stmt_run(&stmt);
}

/* Their count stands first, so they are gathered before they are written. */
kith_status kithd_author_heads(kithd_store *store, kith_space_id space, kith_buf *out)
{
    bool row = false;
    kith_segment_head *heads = NULL;
    size_t count = 0;
    size_t capacity = 0;
    kithd_stmt stmt = kithd_stmt_begin(store, KITHD_SQL_AUTHOR_SCAN);
    bind_space(&stmt, &space);
    kith_status status = kithd_stmt_step(&stmt, &row);
    while (status == KITH_OK && row) {
        kith_segment_head *grown = kith_grow(store->cx, heads, count, &capacity, sizeof *heads);
        kith_slice author = kithd_stmt_bytes(&stmt, 0);
        if (grown == NULL || author.length != KITH_AUTHOR_BYTES) {
            status = grown == NULL ? KITH_E_MEMORY : KITH_E_DAMAGED;
            break;
        }
        heads = grown;
        memcpy(heads[count].author.bytes, author.data, KITH_AUTHOR_BYTES);
        heads[count++].number = kithd_stmt_number(&stmt, 1);
        status = kithd_stmt_step(&stmt, &row);
    }
    kithd_stmt_end(&stmt);
    if (status == KITH_OK) {
        kith_heads_write(out, heads, count);
        status = kith_buf_status(out);
    }
    kith_free(store->cx, heads);
    return status;
}

kith_status kithd_segment_put(kithd_store *store, kith_space_id space, const kithd_segment *segment)
{
    kithd_stmt stmt = kithd_stmt_begin(store, KITHD_SQL_SEGMENT_PUT);
    bind_space(&stmt, &space);
    kithd_stmt_bind_number(&stmt, segment->position);
    bind_author(&stmt, &segment->author);
    kithd_stmt_bind_number(&stmt, segment->number);
    kithd_stmt_bind_bytes(&stmt, segment->bytes.data, segment->bytes.length);
    return kithd_stmt_run(&stmt);
}

/* Reads the one row of position, author, number, bytes, and ends the statement. */
static kith_status read_segment(kithd_stmt *stmt, kithd_segment *segment_out)
{
    bool row = false;
    kithd_store *store = stmt->store;
    *segment_out = (kithd_segment){0};
    kith_buf_clear(&store->bytes);
    kith_status status = kithd_stmt_step(stmt, &row);
    if (row) {
        kith_slice author = kithd_stmt_bytes(stmt, 1);
        segment_out->position = kithd_stmt_number(stmt, 0);
        segment_out->number = kithd_stmt_number(stmt, 2);
        memcpy(segment_out->author.bytes, author.data,
               author.length < KITH_AUTHOR_BYTES ? author.length : KITH_AUTHOR_BYTES);
        kith_buf_append_slice(&store->bytes, kithd_stmt_bytes(stmt, 3));
        status = kith_buf_status(&store->bytes);
        segment_out->bytes = kith_buf_slice(&store->bytes);
    }
    kithd_stmt_end(stmt);
    KITH_TRY(status);
    return row ? KITH_OK : KITH_E_NOT_FOUND;
}

kith_status kithd_segment_next(kithd_store *store, kith_space_id space, uint64_t after,
                               kithd_segment *segment_out)
{
    kithd_stmt stmt = kithd_stmt_begin(store, KITHD_SQL_SEGMENT_NEXT);
    bind_space(&stmt, &space);
    kithd_stmt_bind_number(&stmt, after);
    return read_segment(&stmt, segment_out);
}

kith_status kithd_segment_header(kithd_store *store, kith_space_id space, kith_author_id author,
                                 uint64_t number, uint8_t header[KITH_HASH_BYTES])
{
    kithd_segment segment;
    kithd_stmt stmt = kithd_stmt_begin(store, KITHD_SQL_SEGMENT_GET);
    bind_space(&stmt, &space);
    bind_author(&stmt, &author);
    kithd_stmt_bind_number(&stmt, number);
    KITH_TRY(read_segment(&stmt, &segment));
    kith_header_hash(kith_slice_head(segment.bytes, KITH_HEADER_BYTES), header);
    return KITH_OK;
}

/* Fails if what a space has of something, but for one row of it, and `length` more are past
 * `room`. */
static kith_status ensure_room(kithd_store *store, kithd_sql sum, kith_space_id space,
                               kith_slice but_for, size_t length, uint64_t room)
{
    bool row = false;
    kithd_stmt stmt = kithd_stmt_begin(store, sum);
    bind_space(&stmt, &space);
    kithd_stmt_bind_bytes(&stmt, but_for.data, but_for.length);
    kith_status status = kithd_stmt_step(&stmt, &row);
    uint64_t bytes = row ? kithd_stmt_number(&stmt, 0) : 0;
    kithd_stmt_end(&stmt);
    KITH_TRY(status);
    return bytes + length <= room
               ? KITH_OK
               : kith_fail(store->cx, KITH_E_QUOTA, "the relay keeps no more of that");
}

kith_status kithd_staged_put(kithd_store *store, kith_space_id space, kith_author_id author,
                             uint64_t number, int64_t now_ms, kith_slice bytes, uint64_t room)
{
    kith_slice own = kith_slice_make(author.bytes, sizeof author.bytes);
    KITH_TRY(ensure_room(store, KITHD_SQL_STAGED_BYTES, space, own, bytes.length, room));
    kithd_stmt stmt = kithd_stmt_begin(store, KITHD_SQL_STAGED_PUT);
    bind_space(&stmt, &space);
    bind_author(&stmt, &author);
    kithd_stmt_bind_number(&stmt, number);
    kithd_stmt_bind_number(&stmt, (uint64_t)now_ms);
    kithd_stmt_bind_bytes(&stmt, bytes.data, bytes.length);
    kithd_stmt_bind_number(&stmt, KITH_HEADER_BYTES);
    return kithd_stmt_run(&stmt);
}

kith_status kithd_staged_get(kithd_store *store, kith_space_id space, kith_author_id author,
                             uint64_t *number_out, kith_buf *out)
{
    bool row = false;
    *number_out = 0;
    kithd_stmt stmt = kithd_stmt_begin(store, KITHD_SQL_STAGED_GET);
    bind_space(&stmt, &space);
    bind_author(&stmt, &author);
    kith_status status = kithd_stmt_step(&stmt, &row);
    if (row) {
        *number_out = kithd_stmt_number(&stmt, 0);
        kith_buf_append_slice(out, kithd_stmt_bytes(&stmt, 1));
        status = kith_buf_status(out);
    }
    kithd_stmt_end(&stmt);
    KITH_TRY(status);
    return row ? KITH_OK : KITH_E_NOT_FOUND;
}

kith_status kithd_staged_remove(kithd_store *store, kith_space_id space, kith_author_id author)
{
    kithd_stmt stmt = kithd_stmt_begin(store, KITHD_SQL_STAGED_REMOVE);
    bind_space(&stmt, &space);
    bind_author(&stmt, &author);
    return kithd_stmt_run(&stmt);
}

kith_status kithd_staged_expire(kithd_store *store, int64_t before_ms)
{
    kithd_stmt stmt = kithd_stmt_begin(store, KITHD_SQL_STAGED_EXPIRE);
    kithd_stmt_bind_number(&stmt, (uint64_t)before_ms);
    return kithd_stmt_run(&stmt);
}

kith_status kithd_held_put(kithd_store *store, kith_space_id space,
                           const uint8_t header[KITH_HASH_BYTES], kith_slice bytes, uint64_t room)
{
    kith_slice own = kith_slice_make(header, KITH_HASH_BYTES);
    KITH_TRY(ensure_room(store, KITHD_SQL_HELD_BYTES, space, own, bytes.length, room));
    kithd_stmt stmt = kithd_stmt_begin(store, KITHD_SQL_HELD_PUT);
    bind_space(&stmt, &space);
    kithd_stmt_bind_bytes(&stmt, header, KITH_HASH_BYTES);
    kithd_stmt_bind_bytes(&stmt, bytes.data, bytes.length);
    return kithd_stmt_run(&stmt);
}

kith_status kithd_held_get(kithd_store *store, kith_space_id space, const uint8_t *key,
                           kithd_held *held_out)
{
    bool row = false;
    *held_out = (kithd_held){0};
    kithd_stmt stmt =
        kithd_stmt_begin(store, key == NULL ? KITHD_SQL_HELD_OF_SPACE : KITHD_SQL_HELD_OF_DEVICE);
    bind_space(&stmt, &space);
    if (key != NULL) {
        bind_key(&stmt, key);
    }
    kith_status status = kithd_stmt_step(&stmt, &row);
    if (row) {
        *held_out = (kithd_held){kithd_stmt_number(&stmt, 0), kithd_stmt_number(&stmt, 1)};
    }
    kithd_stmt_end(&stmt);
    return status;
}

static void hash_token(kith_slice token, uint8_t hash[KITH_HASH_BYTES])
{
    kith_hash("kith token", token, hash);
}

kith_status kithd_token_put(kithd_store *store, kith_slice token)
{
    uint8_t hash[KITH_HASH_BYTES];
    hash_token(token, hash);
    kithd_stmt stmt = kithd_stmt_begin(store, KITHD_SQL_TOKEN_PUT);
    kithd_stmt_bind_bytes(&stmt, hash, sizeof hash);
    return kithd_stmt_run(&stmt);
}

kith_status kithd_token_take(kithd_store *store, kith_slice token)
{
    bool row = false;
    uint8_t hash[KITH_HASH_BYTES];
    hash_token(token, hash);
    kithd_stmt stmt = kithd_stmt_begin(store, KITHD_SQL_TOKEN_TAKE);
    kithd_stmt_bind_bytes(&stmt, hash, sizeof hash);
    kith_status status = kithd_stmt_step(&stmt, &row);
    kithd_stmt_end(&stmt);
    KITH_TRY(status);
    KITH_ENSURE(row,
                kith_fail(store->cx, KITH_E_DENIED,
                          token.length > 0
                              ? "the registration token is not one of this relay's, or was used"
                              : "it does not have the space, and founds one only with a "
                                "registration token; `kithd token` prints one"));
    return KITH_OK;
}

/* What is counted of each device is what its segments come to. */
static kith_status check_devices(kithd_store *store, kith_space_id space)
{
    bool row = false;
    kithd_stmt stmt = kithd_stmt_begin(store, KITHD_SQL_DEVICE_CHECK);
    bind_space(&stmt, &space);
    kith_status status = kithd_stmt_step(&stmt, &row);
    bool differs = row && kithd_stmt_number(&stmt, 0) > 0;
    kithd_stmt_end(&stmt);
    KITH_TRY(status);
    KITH_ENSURE(!differs, kith_fail(store->cx, KITH_E_DAMAGED,
                                    "a device's segments do not come to what is counted of them"));
    return KITH_OK;
}

/* Follows a space's segments from the first position to the last. */
static kith_status check_space(kithd_store *store, kith_space_id space, const kithd_space *row,
                               uint64_t *count)
{
    uint64_t position = 0;
    uint64_t bytes = 0;
    kith_status status = KITH_OK;
    while (status == KITH_OK) {
        kithd_segment segment;
        kith_segment_header header;
        uint8_t hash[KITH_HASH_BYTES];
        status = kithd_segment_next(store, space, position, &segment);
        if (status != KITH_OK) {
            break;
        }
        position++;
        KITH_ENSURE(segment.position == position,
                    kith_fail(store->cx, KITH_E_DAMAGED, "position %llu of a space is missing",
                              (unsigned long long)position));
        KITH_TRY(kith_header_read(store->cx, kith_slice_head(segment.bytes, KITH_HEADER_BYTES),
                                  &header));
        kith_body_hash(kith_slice_skip(segment.bytes, KITH_HEADER_BYTES), hash);
        KITH_ENSURE(memcmp(hash, header.body, sizeof hash) == 0,
                    kith_fail(store->cx, KITH_E_DAMAGED, "the body at position %llu is damaged",
                              (unsigned long long)position));
        bytes += segment.bytes.length;
        (*count)++;
    }
    KITH_ENSURE(status == KITH_E_NOT_FOUND, status);
    KITH_ENSURE(position == row->position,
                kith_fail(store->cx, KITH_E_DAMAGED, "the last segments of a space are missing"));
    KITH_ENSURE(bytes == row->bytes,
                kith_fail(store->cx, KITH_E_DAMAGED,
                          "a space's segments do not come to what is counted of them"));
    return check_devices(store, space);
}

typedef struct checking {
    kithd_store *store;
    kith_space_id *spaces;
    kithd_space *rows;
    size_t count;
    size_t space_capacity;
    size_t row_capacity;
} checking;

static kith_status note_space(void *user, kith_space_id space, const kithd_space *row)
{
    checking *check = user;
    kith_context *cx = check->store->cx;
    kith_space_id *spaces =
        kith_grow(cx, check->spaces, check->count, &check->space_capacity, sizeof *spaces);
    KITH_ENSURE(spaces != NULL, KITH_E_MEMORY);
    check->spaces = spaces;
    kithd_space *rows =
        kith_grow(cx, check->rows, check->count, &check->row_capacity, sizeof *rows);
    KITH_ENSURE(rows != NULL, KITH_E_MEMORY);
    check->rows = rows;
    spaces[check->count] = space;
    rows[check->count++] = *row;
    return KITH_OK;
}

static kith_status check_file(kithd_store *store)
{
    bool row = false;
    kithd_stmt stmt = kithd_stmt_begin(store, KITHD_SQL_QUICK_CHECK);
    kith_status status = kithd_stmt_step(&stmt, &row);
    bool is_sound = row && kith_slice_is(kithd_stmt_bytes(&stmt, 0), "ok");
    kithd_stmt_end(&stmt);
    KITH_TRY(status);
    return is_sound ? KITH_OK : kith_fail(store->cx, KITH_E_DAMAGED, "the database is damaged");
}

kith_status kithd_store_check(kithd_store *store, uint64_t *segment_count_out)
{
    checking check = {.store = store};
    *segment_count_out = 0;
    KITH_TRY(check_file(store));
    kith_status status = kithd_space_scan(store, note_space, &check);
    for (size_t i = 0; status == KITH_OK && i < check.count; i++) {
        status = check_space(store, check.spaces[i], &check.rows[i], segment_count_out);
    }
    kith_free(store->cx, check.spaces);
    kith_free(store->cx, check.rows);
    return status;
}
