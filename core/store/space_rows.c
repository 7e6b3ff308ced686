/* Rows of spaces: charters, keys, and segments that were set aside.
 * SPDX-License-Identifier: Apache-2.0 */
#include "store/statement.h"

static int64_t numbered_id(uint32_t space, uint32_t number)
{
    return (int64_t)((uint64_t)space << 32 | number);
}

/* Visits the rows of id, bytes, checksum of a space whose number is above `after`. */
static kith_status scan_numbered(kith_store *store, kith_sql sql, int64_t after, int64_t last,
                                 kith_numbered_visitor visit, void *user)
{
    bool row = false;
    kith_stmt stmt = kith_stmt_begin(store, sql);
    kith_stmt_bind_integer(&stmt, after + 1);
    kith_stmt_bind_integer(&stmt, last);
    kith_status status = kith_stmt_step(&stmt, &row);
    while (status == KITH_OK && row) {
        status = kith_stmt_check_row(&stmt);
        if (status == KITH_OK) {
            status = visit(user, (uint32_t)kith_stmt_integer(&stmt, 0), kith_stmt_bytes(&stmt, 1));
        }
        if (status == KITH_OK) {
            status = kith_stmt_step(&stmt, &row);
        }
    }
    kith_stmt_end(&stmt);
    return status;
}

static kith_status put_numbered(kith_store *store, kith_sql sql, int64_t id, kith_slice bytes)
{
    kith_stmt stmt = kith_stmt_begin(store, sql);
    kith_stmt_bind_integer(&stmt, id);
    kith_stmt_bind_bytes(&stmt, bytes);
    kith_stmt_bind_checksum(&stmt, bytes);
    return kith_stmt_run(&stmt);
}

kith_status kith_entry_scan(kith_store *store, uint32_t space, uint32_t after,
                            kith_numbered_visitor visit, void *user)
{
    return scan_numbered(store, KITH_SQL_ENTRY_SCAN, numbered_id(space, after),
                         numbered_id(space, UINT32_MAX), visit, user);
}

typedef struct next_entry {
    uint32_t number;
    kith_buf *bytes;
} next_entry;

static kith_status copy_first(void *user, uint32_t number, kith_slice entry)
{
    next_entry *next = user;
    next->number = number;
    if (next->bytes != NULL) {
        kith_buf_append_slice(next->bytes, entry);
        KITH_TRY(kith_buf_status(next->bytes));
    }
    return KITH_E_STOPPED;
}

kith_status kith_entry_next(kith_store *store, uint32_t space, uint32_t after, uint32_t *number_out,
                            kith_buf *bytes)
{
    next_entry next = {.bytes = bytes};
    kith_status status = kith_entry_scan(store, space, after, copy_first, &next);
    *number_out = next.number;
    return status == KITH_E_STOPPED ? KITH_OK : status == KITH_OK ? KITH_E_NOT_FOUND : status;
}

kith_status kith_entry_put(kith_store *store, uint32_t space, uint32_t number, kith_slice bytes)
{
    return put_numbered(store, KITH_SQL_ENTRY_PUT, numbered_id(space, number), bytes);
}

kith_status kith_entry_remove(kith_store *store, uint32_t space, uint32_t number)
{
    kith_stmt stmt = kith_stmt_begin(store, KITH_SQL_ENTRY_REMOVE);
    kith_stmt_bind_integer(&stmt, numbered_id(space, number));
    return kith_stmt_run(&stmt);
}

kith_status kith_epoch_scan(kith_store *store, uint32_t space, kith_numbered_visitor visit,
                            void *user)
{
    return scan_numbered(store, KITH_SQL_EPOCH_SCAN, numbered_id(space, 0),
                         numbered_id(space, UINT32_MAX), visit, user);
}

kith_status kith_epoch_put(kith_store *store, uint32_t space, uint32_t number, kith_slice key)
{
    return put_numbered(store, KITH_SQL_EPOCH_PUT, numbered_id(space, number), key);
}

kith_status kith_epoch_clear(kith_store *store, uint32_t space, uint32_t above)
{
    kith_stmt stmt = kith_stmt_begin(store, KITH_SQL_EPOCH_CLEAR);
    kith_stmt_bind_integer(&stmt, numbered_id(space, above) + 1);
    kith_stmt_bind_integer(&stmt, numbered_id(space, UINT32_MAX));
    return kith_stmt_run(&stmt);
}

static kith_status is_waiting(kith_store *store, const kith_waiting *waiting, bool *found_out)
{
    bool row = false;
    *found_out = false;
    kith_stmt stmt = kith_stmt_begin(store, KITH_SQL_WAITING_EXISTS);
    kith_stmt_bind_integer(&stmt, waiting->author);
    kith_stmt_bind_integer(&stmt, (int64_t)waiting->number);
    kith_stmt_bind_bytes(&stmt, waiting->bytes);
    kith_status status = kith_stmt_step(&stmt, &row);
    *found_out = row && kith_stmt_integer(&stmt, 0) != 0;
    kith_stmt_end(&stmt);
    return status;
}

kith_status kith_waiting_put(kith_store *store, uint32_t space, const kith_waiting *waiting)
{
    bool found = false;
    KITH_TRY(is_waiting(store, waiting, &found));
    if (found) {
        return KITH_OK;
    }
    kith_stmt stmt = kith_stmt_begin(store, KITH_SQL_WAITING_PUT);
    kith_stmt_bind_integer(&stmt, space);
    kith_stmt_bind_integer(&stmt, waiting->author);
    kith_stmt_bind_integer(&stmt, (int64_t)waiting->number);
    kith_stmt_bind_integer(&stmt, waiting->reason);
    kith_stmt_bind_bytes(&stmt, waiting->bytes);
    return kith_stmt_run(&stmt);
}

kith_status kith_waiting_next(kith_store *store, int64_t after, kith_buf *bytes,
                              kith_waiting *waiting_out)
{
    bool row = false;
    size_t before = bytes->length;
    *waiting_out = (kith_waiting){0};
    kith_stmt stmt = kith_stmt_begin(store, KITH_SQL_WAITING_NEXT);
    kith_stmt_bind_integer(&stmt, after);
    kith_status status = kith_stmt_step(&stmt, &row);
    if (row) {
        *waiting_out = (kith_waiting){.id = kith_stmt_integer(&stmt, 0),
                                      .author = kith_stmt_integer(&stmt, 1),
                                      .number = (uint64_t)kith_stmt_integer(&stmt, 2),
                                      .reason = (uint32_t)kith_stmt_integer(&stmt, 3)};
        kith_buf_append_slice(bytes, kith_stmt_bytes(&stmt, 4));
    }
    if (status == KITH_OK) {
        status = kith_buf_status(bytes);
    }
    kith_stmt_end(&stmt);
    KITH_TRY(status);
    waiting_out->bytes = kith_slice_skip(kith_buf_slice(bytes), before);
    return row ? KITH_OK : KITH_E_NOT_FOUND;
}

kith_status kith_waiting_remove(kith_store *store, int64_t id)
{
    kith_stmt stmt = kith_stmt_begin(store, KITH_SQL_WAITING_REMOVE);
    kith_stmt_bind_integer(&stmt, id);
    return kith_stmt_run(&stmt);
}

kith_status kith_waiting_set_reason(kith_store *store, int64_t id, uint32_t reason)
{
    kith_stmt stmt = kith_stmt_begin(store, KITH_SQL_WAITING_SET_REASON);
    kith_stmt_bind_integer(&stmt, id);
    kith_stmt_bind_integer(&stmt, reason);
    return kith_stmt_run(&stmt);
}

kith_status kith_waiting_count(kith_store *store, uint64_t *count_out)
{
    int64_t count = 0;
    kith_status status = kith_stmt_read_number(store, KITH_SQL_WAITING_COUNT, &count);
    *count_out = (uint64_t)count;
    return status;
}
