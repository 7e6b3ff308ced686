/* Rows of segments and of the chains they form. SPDX-License-Identifier: Apache-2.0 */
#include "store/statement.h"

kith_status kith_segment_put(kith_store *store, const kith_segment *segment)
{
    kith_stmt stmt = kith_stmt_begin(store, KITH_SQL_SEGMENT_PUT);
    kith_stmt_bind_integer(&stmt, segment->author);
    kith_stmt_bind_integer(&stmt, (int64_t)segment->number);
    kith_stmt_bind_integer(&stmt, (int64_t)segment->first);
    kith_stmt_bind_integer(&stmt, (int64_t)segment->last);
    kith_stmt_bind_bytes(&stmt, segment->bytes);
    kith_stmt_bind_checksum(&stmt, segment->bytes);
    return kith_stmt_run(&stmt);
}

kith_status kith_segment_remove(kith_store *store, uint32_t author, uint64_t above)
{
    kith_stmt stmt = kith_stmt_begin(store, KITH_SQL_SEGMENT_REMOVE);
    kith_stmt_bind_integer(&stmt, author);
    kith_stmt_bind_integer(&stmt, (int64_t)above);
    return kith_stmt_run(&stmt);
}

/* Reads a row of author, number, first, last, bytes, checksum. */
static kith_status read_segment(const kith_stmt *stmt, kith_segment *segment_out)
{
    *segment_out = (kith_segment){.author = (uint32_t)kith_stmt_integer(stmt, 0),
                                  .number = (uint64_t)kith_stmt_integer(stmt, 1),
                                  .first = (uint64_t)kith_stmt_integer(stmt, 2),
                                  .last = (uint64_t)kith_stmt_integer(stmt, 3),
                                  .bytes = kith_stmt_bytes(stmt, 4)};
    return kith_stmt_check_row(stmt);
}

kith_status kith_segment_scan(kith_store *store, uint32_t author, uint64_t after,
                              kith_segment_visitor visit, void *user)
{
    bool row = false;
    kith_stmt stmt = kith_stmt_begin(store, KITH_SQL_SEGMENT_SCAN);
    kith_stmt_bind_integer(&stmt, author);
    kith_stmt_bind_integer(&stmt, (int64_t)after);
    kith_status status = kith_stmt_step(&stmt, &row);
    while (status == KITH_OK && row) {
        kith_segment segment;
        status = read_segment(&stmt, &segment);
        if (status == KITH_OK) {
            status = visit(user, &segment);
        }
        if (status == KITH_OK) {
            status = kith_stmt_step(&stmt, &row);
        }
    }
    kith_stmt_end(&stmt);
    return status;
}

/* Reads the one row of a statement whose parameters are bound, and ends it. */
static kith_status read_one(kith_stmt *stmt, kith_buf *bytes, kith_segment *segment_out)
{
    bool row = false;
    size_t before = bytes->length;
    kith_context *cx = stmt->store->cx;
    *segment_out = (kith_segment){0};
    kith_status status = kith_stmt_step(stmt, &row);
    if (row) {
        status = read_segment(stmt, segment_out);
        kith_buf_append_slice(bytes, segment_out->bytes);
    }
    if (status == KITH_OK) {
        status = kith_buf_status(bytes);
    }
    kith_stmt_end(stmt);
    KITH_TRY(status);
    segment_out->bytes = kith_slice_skip(kith_buf_slice(bytes), before);
    return row ? KITH_OK : kith_fail(cx, KITH_E_NOT_FOUND, "there is no such segment");
}

kith_status kith_segment_find(kith_store *store, kith_dot change, kith_buf *bytes,
                              kith_segment *segment_out)
{
    kith_stmt stmt = kith_stmt_begin(store, KITH_SQL_SEGMENT_FIND);
    kith_stmt_bind_integer(&stmt, change.author);
    kith_stmt_bind_integer(&stmt, (int64_t)change.number);
    KITH_TRY(read_one(&stmt, bytes, segment_out));
    KITH_ENSURE(segment_out->last >= change.number,
                kith_fail(store->cx, KITH_E_NOT_FOUND, "no segment holds the change"));
    return KITH_OK;
}

kith_status kith_segment_get(kith_store *store, uint32_t author, uint64_t number, kith_buf *bytes,
                             kith_segment *segment_out)
{
    kith_stmt stmt = kith_stmt_begin(store, KITH_SQL_SEGMENT_GET);
    kith_stmt_bind_integer(&stmt, author);
    kith_stmt_bind_integer(&stmt, (int64_t)number);
    return read_one(&stmt, bytes, segment_out);
}

kith_status kith_segment_bytes(kith_store *store, uint32_t author, uint64_t above,
                               uint64_t *bytes_out)
{
    bool row = false;
    *bytes_out = 0;
    kith_stmt stmt = kith_stmt_begin(store, KITH_SQL_SEGMENT_BYTES);
    kith_stmt_bind_integer(&stmt, author);
    kith_stmt_bind_integer(&stmt, (int64_t)above);
    kith_status status = kith_stmt_step(&stmt, &row);
    *bytes_out = row ? (uint64_t)kith_stmt_integer(&stmt, 0) : 0;
    kith_stmt_end(&stmt);
    return status;
}

static kith_status visit_chain(const kith_stmt *stmt, kith_chain_visitor visit, void *user)
{
    kith_slice header = kith_stmt_bytes(stmt, 4);
    kith_slice seen = kith_stmt_bytes(stmt, 5);
    kith_chain chain = {.segment = (uint64_t)kith_stmt_integer(stmt, 1),
                        .last = (uint64_t)kith_stmt_integer(stmt, 2),
                        .told = (uint64_t)kith_stmt_integer(stmt, 3)};
    KITH_ENSURE(header.length == sizeof chain.header && seen.length == sizeof chain.seen,
                kith_fail(stmt->store->cx, KITH_E_DAMAGED, "the table of chains is damaged"));
    memcpy(chain.header, header.data, sizeof chain.header);
    memcpy(chain.seen, seen.data, sizeof chain.seen);
    return visit(user, (uint32_t)kith_stmt_integer(stmt, 0), &chain);
}

kith_status kith_chain_scan(kith_store *store, kith_chain_visitor visit, void *user)
{
    bool row = false;
    kith_stmt stmt = kith_stmt_begin(store, KITH_SQL_CHAIN_SCAN);
    kith_status status = kith_stmt_step(&stmt, &row);
    while (status == KITH_OK && row) {
        status = visit_chain(&stmt, visit, user);
        if (status == KITH_OK) {
            status = kith_stmt_step(&stmt, &row);
        }
    }
    kith_stmt_end(&stmt);
    return status;
}

kith_status kith_chain_put(kith_store *store, uint32_t author, const kith_chain *chain)
{
    kith_stmt stmt = kith_stmt_begin(store, KITH_SQL_CHAIN_PUT);
    kith_stmt_bind_integer(&stmt, author);
    kith_stmt_bind_integer(&stmt, (int64_t)chain->segment);
    kith_stmt_bind_integer(&stmt, (int64_t)chain->last);
    kith_stmt_bind_integer(&stmt, (int64_t)chain->told);
    kith_stmt_bind_bytes(&stmt, kith_slice_make(chain->header, sizeof chain->header));
    kith_stmt_bind_bytes(&stmt, kith_slice_make(chain->seen, sizeof chain->seen));
    return kith_stmt_run(&stmt);
}
