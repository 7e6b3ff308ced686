/* Rows of the fold: records, links, origins, full text. SPDX-License-Identifier: Apache-2.0 */
#include "base/limits.h"
#include "store/statement.h"

/* Reads a row of id, kind, marks, changed, state, checksum. */
static kith_status read_row(const kith_stmt *stmt, kith_row *row_out)
{
    *row_out = (kith_row){.id = kith_row_dot(kith_stmt_integer(stmt, 0)),
                          .kind = (uint32_t)kith_stmt_integer(stmt, 1),
                          .marks = (uint32_t)kith_stmt_integer(stmt, 2),
                          .changed_ms = kith_stmt_integer(stmt, 3),
                          .state = kith_stmt_bytes(stmt, 4)};
    return kith_stmt_check_row(stmt);
}

kith_status kith_row_get(kith_store *store, kith_dot id, kith_row *row_out, kith_buf *state)
{
    bool found = false;
    *row_out = (kith_row){.id = id};
    size_t before = state->length;
    kith_stmt stmt = kith_stmt_begin(store, KITH_SQL_RECORD_GET);
    kith_stmt_bind_integer(&stmt, kith_row_id(id));
    kith_status status = kith_stmt_step(&stmt, &found);
    if (found) {
        status = read_row(&stmt, row_out);
        kith_buf_append_slice(state, row_out->state);
    }
    if (status == KITH_OK) {
        status = kith_buf_status(state);
    }
    kith_stmt_end(&stmt);
    KITH_TRY(status);
    row_out->state = kith_slice_skip(kith_buf_slice(state), before);
    return found ? KITH_OK : kith_fail(store->cx, KITH_E_NOT_FOUND, "there is no such record");
}

kith_status kith_row_put(kith_store *store, const kith_row *row, bool is_new)
{
    kith_stmt stmt =
        kith_stmt_begin(store, is_new ? KITH_SQL_RECORD_INSERT : KITH_SQL_RECORD_UPDATE);
    kith_stmt_bind_integer(&stmt, kith_row_id(row->id));
    kith_stmt_bind_integer(&stmt, row->kind);
    kith_stmt_bind_integer(&stmt, row->marks);
    kith_stmt_bind_integer(&stmt, row->changed_ms);
    kith_stmt_bind_bytes(&stmt, row->state);
    kith_stmt_bind_checksum(&stmt, row->state);
    return kith_stmt_run(&stmt);
}

/* Visits the rows of a statement that gives what read_row() reads. */
static kith_status scan_rows(kith_stmt *stmt, kith_row_visitor visit, void *user)
{
    bool found = false;
    kith_status status = kith_stmt_step(stmt, &found);
    while (status == KITH_OK && found) {
        kith_row row;
        status = read_row(stmt, &row);
        if (status == KITH_OK) {
            status = visit(user, &row);
        }
        if (status == KITH_OK) {
            status = kith_stmt_step(stmt, &found);
        }
    }
    kith_stmt_end(stmt);
    return status == KITH_E_STOPPED ? KITH_OK : status;
}

kith_status kith_row_scan_kind(kith_store *store, uint32_t kind, kith_row_visitor visit, void *user)
{
    kith_stmt stmt = kith_stmt_begin(store, KITH_SQL_RECORD_SCAN_KIND);
    kith_stmt_bind_integer(&stmt, kind);
    return scan_rows(&stmt, visit, user);
}

kith_status kith_row_scan(kith_store *store, kith_row_visitor visit, void *user)
{
    kith_stmt stmt = kith_stmt_begin(store, KITH_SQL_RECORD_SCAN);
    return scan_rows(&stmt, visit, user);
}

kith_status kith_row_last(kith_store *store, uint32_t author, uint64_t *number_out)
{
    bool row = false;
    kith_stmt stmt = kith_stmt_begin(store, KITH_SQL_RECORD_LAST);
    kith_stmt_bind_integer(&stmt, kith_row_id((kith_dot){author, 0}));
    kith_stmt_bind_integer(&stmt, kith_row_id((kith_dot){author, KITH_NUMBER_MAX}));
    kith_status status = kith_stmt_step(&stmt, &row);
    *number_out = row ? kith_row_dot(kith_stmt_integer(&stmt, 0)).number : 0; /* of NULL it is 0 */
    kith_stmt_end(&stmt);
    return status;
}

kith_status kith_row_scan_author(kith_store *store, uint32_t author, kith_row_visitor visit,
                                 void *user)
{
    kith_stmt stmt = kith_stmt_begin(store, KITH_SQL_RECORD_SCAN_AUTHOR);
    kith_stmt_bind_integer(&stmt, kith_row_id((kith_dot){author, 0}));
    kith_stmt_bind_integer(&stmt, kith_row_id((kith_dot){author, KITH_NUMBER_MAX}));
    return scan_rows(&stmt, visit, user);
}

kith_status kith_row_scan_marked(kith_store *store, kith_row_visitor visit, void *user)
{
    kith_stmt stmt = kith_stmt_begin(store, KITH_SQL_RECORD_SCAN_MARKED);
    return scan_rows(&stmt, visit, user);
}

kith_status kith_row_figures(kith_store *store, uint64_t *count_out, uint64_t *removed_out,
                             uint64_t *attention_out)
{
    bool found = false;
    kith_stmt stmt = kith_stmt_begin(store, KITH_SQL_RECORD_FIGURES);
    kith_status status = kith_stmt_step(&stmt, &found);
    *count_out = found ? (uint64_t)kith_stmt_integer(&stmt, 0) : 0;
    *removed_out = found ? (uint64_t)kith_stmt_integer(&stmt, 1) : 0;
    *attention_out = found ? (uint64_t)kith_stmt_integer(&stmt, 2) : 0;
    kith_stmt_end(&stmt);
    return status;
}

static kith_status run_link(kith_store *store, kith_sql sql, const kith_link *link)
{
    kith_stmt stmt = kith_stmt_begin(store, sql);
    kith_stmt_bind_integer(&stmt, kith_row_id(link->target));
    kith_stmt_bind_integer(&stmt, kith_row_id(link->source));
    kith_stmt_bind_integer(&stmt, link->field);
    return kith_stmt_run(&stmt);
}

kith_status kith_link_put(kith_store *store, const kith_link *link)
{
    return run_link(store, KITH_SQL_LINK_PUT, link);
}

kith_status kith_link_remove(kith_store *store, const kith_link *link)
{
    return run_link(store, KITH_SQL_LINK_REMOVE, link);
}

kith_status kith_link_scan(kith_store *store, kith_dot target, kith_link_visitor visit, void *user)
{
    bool found = false;
    kith_stmt stmt = kith_stmt_begin(store, KITH_SQL_LINK_SCAN);
    kith_stmt_bind_integer(&stmt, kith_row_id(target));
    kith_status status = kith_stmt_step(&stmt, &found);
    while (status == KITH_OK && found) {
        kith_link link = {.target = kith_row_dot(kith_stmt_integer(&stmt, 0)),
                          .source = kith_row_dot(kith_stmt_integer(&stmt, 1)),
                          .field = (uint32_t)kith_stmt_integer(&stmt, 2)};
        status = visit(user, &link);
        if (status == KITH_OK) {
            status = kith_stmt_step(&stmt, &found);
        }
    }
    kith_stmt_end(&stmt);
    return status;
}

static kith_status run_origin(kith_store *store, kith_sql sql, int64_t hash, kith_dot id)
{
    kith_stmt stmt = kith_stmt_begin(store, sql);
    kith_stmt_bind_integer(&stmt, hash);
    kith_stmt_bind_integer(&stmt, kith_row_id(id));
    return kith_stmt_run(&stmt);
}

kith_status kith_origin_put(kith_store *store, int64_t hash, kith_dot id)
{
    return run_origin(store, KITH_SQL_ORIGIN_PUT, hash, id);
}

kith_status kith_origin_remove(kith_store *store, int64_t hash, kith_dot id)
{
    return run_origin(store, KITH_SQL_ORIGIN_REMOVE, hash, id);
}

kith_status kith_origin_scan(kith_store *store, int64_t hash, kith_origin_visitor visit, void *user)
{
    bool found = false;
    kith_stmt stmt = kith_stmt_begin(store, KITH_SQL_ORIGIN_SCAN);
    kith_stmt_bind_integer(&stmt, hash);
    kith_status status = kith_stmt_step(&stmt, &found);
    while (status == KITH_OK && found) {
        status = visit(user, kith_row_dot(kith_stmt_integer(&stmt, 0)));
        if (status == KITH_OK) {
            status = kith_stmt_step(&stmt, &found);
        }
    }
    kith_stmt_end(&stmt);
    return status;
}

kith_status kith_origin_exists(kith_store *store, bool *exists_out)
{
    int64_t exists = 0;
    kith_status status = kith_stmt_read_number(store, KITH_SQL_ORIGIN_EXISTS, &exists);
    *exists_out = exists != 0;
    return status;
}

static kith_status run_search(kith_store *store, kith_sql sql, kith_dot id, kith_slice words)
{
    kith_stmt stmt = kith_stmt_begin(store, sql);
    kith_stmt_bind_integer(&stmt, kith_row_id(id));
    kith_stmt_bind_text(&stmt, words);
    return kith_stmt_run(&stmt);
}

kith_status kith_search_put(kith_store *store, kith_dot id, kith_slice words)
{
    return run_search(store, KITH_SQL_SEARCH_PUT, id, words);
}

kith_status kith_search_remove(kith_store *store, kith_dot id, kith_slice words)
{
    return run_search(store, KITH_SQL_SEARCH_REMOVE, id, words);
}

kith_status kith_search_match(kith_store *store, const char *expression, size_t limit,
                              kith_dot *ids_out, size_t *count_out)
{
    bool found = false;
    size_t count = 0;
    kith_stmt stmt = kith_stmt_begin(store, KITH_SQL_SEARCH_MATCH);
    kith_stmt_bind_text(&stmt, kith_slice_of(expression));
    kith_stmt_bind_integer(&stmt, (int64_t)limit);
    kith_status status = kith_stmt_step(&stmt, &found);
    while (status == KITH_OK && found && count < limit) {
        ids_out[count++] = kith_row_dot(kith_stmt_integer(&stmt, 0));
        status = kith_stmt_step(&stmt, &found);
    }
    kith_stmt_end(&stmt);
    *count_out = status == KITH_OK ? count : 0;
    return status;
}

kith_status kith_store_clear_fold(kith_store *store)
{
    static const kith_sql clears[] = {KITH_SQL_RECORD_CLEAR, KITH_SQL_LINK_CLEAR,
                                      KITH_SQL_ORIGIN_CLEAR, KITH_SQL_SEARCH_CLEAR};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(clears); i++) {
        kith_stmt stmt = kith_stmt_begin(store, clears[i]);
        KITH_TRY(kith_stmt_run(&stmt));
    }
    return KITH_OK;
}
