/* Rows of the log: facts, names, authors, tail and packs. SPDX-License-Identifier: Apache-2.0 */
#include "store/statement.h"

kith_status kith_meta_get(kith_store *store, const char *name, int64_t *value_out)
{
    bool row = false;
    *value_out = 0;
    kith_stmt stmt = kith_stmt_begin(store, KITH_SQL_META_GET);
    kith_stmt_bind_text(&stmt, kith_slice_of(name));
    kith_status status = kith_stmt_step(&stmt, &row);
    if (row) {
        *value_out = kith_stmt_integer(&stmt, 0);
    }
    kith_stmt_end(&stmt);
    KITH_TRY(status);
    return row ? KITH_OK : kith_fail(store->cx, KITH_E_NOT_FOUND, "no %s is stored", name);
}

kith_status kith_meta_set(kith_store *store, const char *name, int64_t value)
{
    kith_stmt stmt = kith_stmt_begin(store, KITH_SQL_META_SET);
    kith_stmt_bind_text(&stmt, kith_slice_of(name));
    kith_stmt_bind_integer(&stmt, value);
    return kith_stmt_run(&stmt);
}

kith_status kith_meta_get_bytes(kith_store *store, const char *name, kith_buf *out)
{
    bool row = false;
    kith_stmt stmt = kith_stmt_begin(store, KITH_SQL_META_GET);
    kith_stmt_bind_text(&stmt, kith_slice_of(name));
    kith_status status = kith_stmt_step(&stmt, &row);
    if (row) {
        kith_buf_append_slice(out, kith_stmt_bytes(&stmt, 0));
        status = kith_buf_status(out);
    }
    kith_stmt_end(&stmt);
    KITH_TRY(status);
    return row ? KITH_OK : kith_fail(store->cx, KITH_E_NOT_FOUND, "no %s is stored", name);
}

kith_status kith_meta_set_bytes(kith_store *store, const char *name, kith_slice bytes)
{
    kith_stmt stmt = kith_stmt_begin(store, KITH_SQL_META_SET);
    kith_stmt_bind_text(&stmt, kith_slice_of(name));
    kith_stmt_bind_bytes(&stmt, bytes);
    return kith_stmt_run(&stmt);
}

kith_status kith_name_scan(kith_store *store, kith_name_visitor visit, void *user)
{
    bool row = false;
    kith_stmt stmt = kith_stmt_begin(store, KITH_SQL_NAME_SCAN);
    kith_status status = kith_stmt_step(&stmt, &row);
    while (status == KITH_OK && row) {
        status = visit(user, (uint32_t)kith_stmt_integer(&stmt, 0), kith_stmt_bytes(&stmt, 1));
        if (status == KITH_OK) {
            status = kith_stmt_step(&stmt, &row);
        }
    }
    kith_stmt_end(&stmt);
    return status;
}

kith_status kith_name_put(kith_store *store, uint32_t ordinal, kith_slice text)
{
    kith_stmt stmt = kith_stmt_begin(store, KITH_SQL_NAME_PUT);
    kith_stmt_bind_integer(&stmt, ordinal);
    kith_stmt_bind_text(&stmt, text);
    return kith_stmt_run(&stmt);
}

static kith_status visit_author(kith_stmt *stmt, kith_author_visitor visit, void *user)
{
    kith_slice id = kith_stmt_bytes(stmt, 1);
    kith_author author = {.space = (uint32_t)kith_stmt_integer(stmt, 2),
                          .head = (uint64_t)kith_stmt_integer(stmt, 3)};
    KITH_ENSURE(id.length == sizeof author.id.bytes,
                kith_fail(stmt->store->cx, KITH_E_DAMAGED, "an author's id is damaged"));
    memcpy(author.id.bytes, id.data, id.length);
    return visit(user, (uint32_t)kith_stmt_integer(stmt, 0), &author,
                 kith_stmt_integer(stmt, 4) != 0);
}

kith_status kith_author_scan(kith_store *store, kith_author_visitor visit, void *user)
{
    bool row = false;
    kith_stmt stmt = kith_stmt_begin(store, KITH_SQL_AUTHOR_SCAN);
    kith_status status = kith_stmt_step(&stmt, &row);
    while (status == KITH_OK && row) {
        status = visit_author(&stmt, visit, user);
        if (status == KITH_OK) {
            status = kith_stmt_step(&stmt, &row);
        }
    }
    kith_stmt_end(&stmt);
    return status;
}

kith_status kith_author_put(kith_store *store, uint32_t ordinal, const kith_author *author)
{
    kith_stmt stmt = kith_stmt_begin(store, KITH_SQL_AUTHOR_PUT);
    kith_stmt_bind_integer(&stmt, ordinal);
    kith_stmt_bind_bytes(&stmt, kith_slice_make(author->id.bytes, sizeof author->id.bytes));
    kith_stmt_bind_integer(&stmt, author->space);
    kith_stmt_bind_integer(&stmt, (int64_t)author->head);
    return kith_stmt_run(&stmt);
}

kith_status kith_author_set_head(kith_store *store, uint32_t ordinal, uint64_t head)
{
    kith_stmt stmt = kith_stmt_begin(store, KITH_SQL_AUTHOR_SET_HEAD);
    kith_stmt_bind_integer(&stmt, (int64_t)head);
    kith_stmt_bind_integer(&stmt, ordinal);
    return kith_stmt_run(&stmt);
}

kith_status kith_author_set_own(kith_store *store, uint32_t ordinal)
{
    kith_stmt stmt = kith_stmt_begin(store, KITH_SQL_AUTHOR_SET_OWN);
    kith_stmt_bind_integer(&stmt, ordinal);
    return kith_stmt_run(&stmt);
}

kith_status kith_tail_append(kith_store *store, int64_t position, kith_slice block)
{
    kith_stmt stmt = kith_stmt_begin(store, KITH_SQL_TAIL_APPEND);
    kith_stmt_bind_integer(&stmt, position);
    kith_stmt_bind_bytes(&stmt, block);
    kith_stmt_bind_checksum(&stmt, block);
    return kith_stmt_run(&stmt);
}

kith_status kith_tail_scan(kith_store *store, int64_t after, kith_tail_visitor visit, void *user)
{
    bool row = false;
    kith_stmt stmt = kith_stmt_begin(store, KITH_SQL_TAIL_SCAN);
    kith_stmt_bind_integer(&stmt, after);
    kith_status status = kith_stmt_step(&stmt, &row);
    while (status == KITH_OK && row) {
        status = kith_stmt_check_row(&stmt);
        if (status == KITH_OK) {
            status = visit(user, kith_stmt_integer(&stmt, 0), kith_stmt_bytes(&stmt, 1));
        }
        if (status == KITH_OK) {
            status = kith_stmt_step(&stmt, &row);
        }
    }
    kith_stmt_end(&stmt);
    return status;
}

kith_status kith_tail_clear(kith_store *store)
{
    kith_stmt stmt = kith_stmt_begin(store, KITH_SQL_TAIL_CLEAR);
    return kith_stmt_run(&stmt);
}

kith_status kith_pack_put(kith_store *store, const kith_pack *pack)
{
    kith_stmt stmt = kith_stmt_begin(store, KITH_SQL_PACK_PUT);
    kith_stmt_bind_integer(&stmt, pack->author);
    kith_stmt_bind_integer(&stmt, (int64_t)pack->first);
    kith_stmt_bind_integer(&stmt, (int64_t)pack->last);
    kith_stmt_bind_bytes(&stmt, pack->bytes);
    kith_stmt_bind_checksum(&stmt, pack->bytes);
    return kith_stmt_run(&stmt);
}

/* Reads a row of author, first, last, bytes, checksum. */
static kith_status read_pack(const kith_stmt *stmt, kith_pack *pack_out)
{
    *pack_out = (kith_pack){.author = (uint32_t)kith_stmt_integer(stmt, 0),
                            .first = (uint64_t)kith_stmt_integer(stmt, 1),
                            .last = (uint64_t)kith_stmt_integer(stmt, 2),
                            .bytes = kith_stmt_bytes(stmt, 3)};
    return kith_stmt_check_row(stmt);
}

kith_status kith_pack_scan(kith_store *store, uint32_t author, uint64_t after,
                           kith_pack_visitor visit, void *user)
{
    bool row = false;
    kith_stmt stmt = kith_stmt_begin(store, KITH_SQL_PACK_SCAN);
    kith_stmt_bind_integer(&stmt, author);
    kith_stmt_bind_integer(&stmt, (int64_t)after);
    kith_status status = kith_stmt_step(&stmt, &row);
    while (status == KITH_OK && row) {
        kith_pack pack;
        status = read_pack(&stmt, &pack);
        if (status == KITH_OK) {
            status = visit(user, &pack);
        }
        if (status == KITH_OK) {
            status = kith_stmt_step(&stmt, &row);
        }
    }
    kith_stmt_end(&stmt);
    return status;
}

kith_status kith_pack_find(kith_store *store, kith_dot change, kith_buf *bytes, kith_pack *pack_out)
{
    bool row = false;
    *pack_out = (kith_pack){.author = change.author};
    kith_stmt stmt = kith_stmt_begin(store, KITH_SQL_PACK_FIND);
    kith_stmt_bind_integer(&stmt, change.author);
    kith_stmt_bind_integer(&stmt, (int64_t)change.number);
    kith_status status = kith_stmt_step(&stmt, &row);
    if (row) {
        status = read_pack(&stmt, pack_out);
        kith_buf_append_slice(bytes, pack_out->bytes);
    }
    if (status == KITH_OK) {
        status = kith_buf_status(bytes);
    }
    kith_stmt_end(&stmt);
    KITH_TRY(status);
    KITH_ENSURE(row && pack_out->last >= change.number,
                kith_fail(store->cx, KITH_E_NOT_FOUND, "no pack holds the change"));
    pack_out->bytes = kith_buf_slice(bytes);
    return KITH_OK;
}

kith_status kith_pack_remove(kith_store *store, uint32_t author, uint64_t last)
{
    kith_stmt stmt = kith_stmt_begin(store, KITH_SQL_PACK_REMOVE);
    kith_stmt_bind_integer(&stmt, author);
    kith_stmt_bind_integer(&stmt, (int64_t)last);
    return kith_stmt_run(&stmt);
}
