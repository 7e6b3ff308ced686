/* Rows of what is carried by hand: other spaces' segments, and what other devices hold.
 * SPDX-License-Identifier: Apache-2.0 */
#include "store/statement.h"

/* Entries of carried spaces, whose ordinals begin at 2. */
static const int64_t first_carried_entry = (int64_t)2 << 32;

kith_status kith_carried_space_find(kith_store *store, kith_space_id id, uint32_t *ordinal_out)
{
    bool row = false;
    kith_stmt stmt = kith_stmt_begin(store, KITH_SQL_CARRIED_SPACE_FIND);
    kith_stmt_bind_bytes(&stmt, kith_slice_make(id.bytes, sizeof id.bytes));
    kith_status status = kith_stmt_step(&stmt, &row);
    *ordinal_out = row ? (uint32_t)kith_stmt_integer(&stmt, 0) : 0;
    kith_stmt_end(&stmt);
    return status;
}

kith_status kith_carried_space_put(kith_store *store, kith_space_id id, uint32_t *ordinal_out)
{
    *ordinal_out = 0;
    kith_stmt stmt = kith_stmt_begin(store, KITH_SQL_CARRIED_SPACE_PUT);
    kith_stmt_bind_bytes(&stmt, kith_slice_make(id.bytes, sizeof id.bytes));
    KITH_TRY(kith_stmt_run(&stmt));
    return kith_carried_space_find(store, id, ordinal_out);
}

kith_status kith_carried_space_next(kith_store *store, uint32_t after, uint32_t *ordinal_out,
                                    kith_space_id *id_out)
{
    bool row = false;
    bool is_sound = true;
    *ordinal_out = 0;
    kith_stmt stmt = kith_stmt_begin(store, KITH_SQL_CARRIED_SPACE_NEXT);
    kith_stmt_bind_integer(&stmt, after);
    kith_status status = kith_stmt_step(&stmt, &row);
    if (row) {
        kith_slice id = kith_stmt_bytes(&stmt, 1);
        is_sound = id.length == sizeof id_out->bytes;
        *ordinal_out = (uint32_t)kith_stmt_integer(&stmt, 0);
        if (is_sound) {
            memcpy(id_out->bytes, id.data, sizeof id_out->bytes);
        }
    }
    kith_stmt_end(&stmt);
    KITH_TRY(status);
    KITH_ENSURE(is_sound,
                kith_fail(store->cx, KITH_E_DAMAGED, "the table of carried spaces is damaged"));
    return row ? KITH_OK : KITH_E_NOT_FOUND;
}

/* Runs a statement over one number, or over those of a space's entries. */
static kith_status run_over(kith_store *store, kith_sql sql, int64_t first, const int64_t *last)
{
    kith_stmt stmt = kith_stmt_begin(store, sql);
    kith_stmt_bind_integer(&stmt, first);
    if (last != NULL) {
        kith_stmt_bind_integer(&stmt, *last);
    }
    return kith_stmt_run(&stmt);
}

kith_status kith_carried_space_remove(kith_store *store, uint32_t ordinal)
{
    int64_t first = (int64_t)((uint64_t)ordinal << 32);
    int64_t last = first + UINT32_MAX;
    KITH_TRY(run_over(store, KITH_SQL_CARRIED_CLEAR, ordinal, NULL));
    KITH_TRY(run_over(store, KITH_SQL_ENTRY_CLEAR, first, &last));
    return run_over(store, KITH_SQL_CARRIED_SPACE_REMOVE, ordinal, NULL);
}

static void bind_key(kith_stmt *stmt, const kith_carried *carried)
{
    kith_stmt_bind_integer(stmt, carried->space);
    kith_stmt_bind_integer(stmt, carried->author);
    kith_stmt_bind_integer(stmt, (int64_t)carried->number);
    kith_stmt_bind_integer(stmt, carried->header);
}

kith_status kith_carried_exists(kith_store *store, const kith_carried *carried, bool *exists_out)
{
    bool row = false;
    kith_stmt stmt = kith_stmt_begin(store, KITH_SQL_CARRIED_EXISTS);
    bind_key(&stmt, carried);
    kith_status status = kith_stmt_step(&stmt, &row);
    *exists_out = row && kith_stmt_integer(&stmt, 0) != 0;
    kith_stmt_end(&stmt);
    return status;
}

kith_status kith_carried_put(kith_store *store, const kith_carried *carried)
{
    kith_stmt stmt = kith_stmt_begin(store, KITH_SQL_CARRIED_PUT);
    bind_key(&stmt, carried);
    kith_stmt_bind_bytes(&stmt, carried->bytes);
    kith_stmt_bind_checksum(&stmt, carried->bytes);
    return kith_stmt_run(&stmt);
}

kith_status kith_carried_next(kith_store *store, kith_carried *carried, kith_buf *bytes)
{
    bool row = false;
    size_t before = bytes->length;
    kith_stmt stmt = kith_stmt_begin(store, KITH_SQL_CARRIED_NEXT);
    bind_key(&stmt, carried);
    kith_status status = kith_stmt_step(&stmt, &row);
    if (row) {
        status = kith_stmt_check_row(&stmt);
        carried->author = kith_stmt_integer(&stmt, 1);
        carried->number = (uint64_t)kith_stmt_integer(&stmt, 2);
        carried->header = kith_stmt_integer(&stmt, 3);
        kith_buf_append_slice(bytes, kith_stmt_bytes(&stmt, 4));
    }
    if (status == KITH_OK) {
        status = kith_buf_status(bytes);
    }
    kith_stmt_end(&stmt);
    KITH_TRY(status);
    carried->bytes = kith_slice_skip(kith_buf_slice(bytes), before);
    return row ? KITH_OK : KITH_E_NOT_FOUND;
}

/* How many bytes the charters of carried spaces have. */
static kith_status count_entry_bytes(kith_store *store, uint64_t *bytes_out)
{
    bool row = false;
    kith_stmt stmt = kith_stmt_begin(store, KITH_SQL_ENTRY_BYTES);
    kith_stmt_bind_integer(&stmt, first_carried_entry);
    kith_stmt_bind_integer(&stmt, INT64_MAX);
    kith_status status = kith_stmt_step(&stmt, &row);
    *bytes_out = row ? (uint64_t)kith_stmt_integer(&stmt, 0) : 0;
    kith_stmt_end(&stmt);
    return status;
}

kith_status kith_carried_figures(kith_store *store, uint32_t *space_count_out,
                                 uint64_t *segment_count_out, uint64_t *bytes_out)
{
    int64_t spaces = 0;
    int64_t segments = 0;
    int64_t bytes = 0;
    uint64_t entry_bytes = 0;
    *space_count_out = 0;
    *segment_count_out = *bytes_out = 0;
    KITH_TRY(kith_stmt_read_number(store, KITH_SQL_CARRIED_SPACE_COUNT, &spaces));
    KITH_TRY(kith_stmt_read_number(store, KITH_SQL_CARRIED_COUNT, &segments));
    KITH_TRY(kith_stmt_read_number(store, KITH_SQL_CARRIED_BYTES, &bytes));
    KITH_TRY(count_entry_bytes(store, &entry_bytes));
    *space_count_out = (uint32_t)spaces;
    *segment_count_out = (uint64_t)segments;
    *bytes_out = (uint64_t)bytes + entry_bytes;
    return KITH_OK;
}

kith_status kith_holding_get(kith_store *store, kith_slice device, kith_buf *heads)
{
    bool row = false;
    kith_stmt stmt = kith_stmt_begin(store, KITH_SQL_HOLDING_GET);
    kith_stmt_bind_bytes(&stmt, device);
    kith_status status = kith_stmt_step(&stmt, &row);
    if (row) {
        kith_buf_append_slice(heads, kith_stmt_bytes(&stmt, 0));
        status = kith_buf_status(heads);
    }
    kith_stmt_end(&stmt);
    KITH_TRY(status);
    return row ? KITH_OK : KITH_E_NOT_FOUND;
}

kith_status kith_holding_put(kith_store *store, kith_slice device, kith_slice heads)
{
    kith_stmt stmt = kith_stmt_begin(store, KITH_SQL_HOLDING_PUT);
    kith_stmt_bind_bytes(&stmt, device);
    kith_stmt_bind_bytes(&stmt, heads);
    return kith_stmt_run(&stmt);
}
