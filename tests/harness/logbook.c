/* SPDX-License-Identifier: Apache-2.0 */
#include "logbook.h"

#include <stdio.h>

enum { PERSON = 1, NAME = 2 }; /* of blocks.h */

/* As core/engine/open.c fills a new database. */
static void make_database(logbook *b)
{
    uint32_t ordinal = 0;
    for (uint32_t i = 1; i < BLOCKS_AUTHORS; i++) {
        assert_ok(kith_directory_author(&b->directory, blocks_authors[i].id, &ordinal));
    }
    for (uint32_t i = 1; i < BLOCKS_NAMES; i++) {
        assert_ok(kith_directory_name(&b->directory, blocks_names[i], &ordinal));
    }
    assert_ok(kith_directory_set_own(&b->directory, b->store, blocks_authors[US].id));
    assert_ok(kith_meta_set(b->store, "folded", 0));
    assert_ok(kith_txn_commit(b->store));
}

void logbook_init(logbook *b)
{
    *b = (logbook){.store = NULL};
    (void)snprintf(b->path, sizeof b->path, "%s/kith.db", test_folder());
    kith_arena_init(&b->arena, test_context());
    assert_ok(kith_store_open(test_context(), b->path, KITH_STORE_CREATE, &b->store));
    assert_ok(kith_directory_init(&b->directory, test_context()));
    make_database(b);
    kith_log_init(&b->log, test_context(), b->store, &b->directory, NULL);
    assert_ok(kith_log_load(&b->log));
}

static void close_database(logbook *b)
{
    kith_log_deinit(&b->log);
    kith_directory_deinit(&b->directory);
    kith_store_close(b->store);
}

void logbook_deinit(logbook *b)
{
    close_database(b);
    kith_arena_deinit(&b->arena);
}

kith_status logbook_reopen(logbook *b)
{
    close_database(b);
    assert_ok(kith_store_open(test_context(), b->path, KITH_STORE_OPEN, &b->store));
    assert_ok(kith_directory_init(&b->directory, test_context()));
    assert_ok(kith_directory_load(&b->directory, b->store));
    kith_log_init(&b->log, test_context(), b->store, &b->directory, NULL);
    return kith_log_load(&b->log);
}

void logbook_begin(logbook *b)
{
    assert_ok(kith_txn_begin(b->store, KITH_TXN_DURABLE));
}

void logbook_end(logbook *b)
{
    assert_ok(kith_txn_commit(b->store));
}

kith_commit logbook_commit(logbook *b, uint32_t author, uint64_t first, size_t count, size_t bytes)
{
    kith_change *changes = kith_arena_array(&b->arena, count, sizeof *changes);
    kith_op *op = kith_arena_array(&b->arena, 1, sizeof *op);
    uint8_t *text = kith_arena_allocate(&b->arena, bytes);
    assert_true(changes != NULL && op != NULL && text != NULL);
    memset(text, 'a' + (int)(first % 26), bytes);
    *op = (kith_op){.field = NAME, .value = {KITH_TYPE_TEXT, kith_slice_make(text, bytes)}};
    kith_stamp stamp = {(int64_t)first * 1000, 0, KITH_TRUST_CLAIMED};
    for (size_t i = 0; i < count; i++) {
        kith_dot id = {author, first + i};
        changes[i] = (kith_change){
            .id = id, .record = id, .stamp = stamp, .kind = PERSON, .ops = op, .op_count = 1};
    }
    return (kith_commit){
        .first = {author, first}, .stamp = stamp, .changes = changes, .change_count = count};
}

void logbook_append(logbook *b, uint64_t first, size_t count, size_t bytes)
{
    kith_commit commit = logbook_commit(b, US, first, count, bytes);
    assert_ok(kith_log_append(&b->log, &commit));
}

void logbook_write(logbook *b, uint64_t first, size_t count, size_t bytes)
{
    logbook_begin(b);
    logbook_append(b, first, count, bytes);
    assert_ok(kith_log_write(&b->log));
    logbook_end(b);
}

void logbook_pack(logbook *b)
{
    logbook_begin(b);
    assert_ok(kith_log_set_folded(&b->log));
    assert_ok(kith_log_pack_tail(&b->log));
    logbook_end(b);
}

kith_status collect(void *user, const kith_commit *commit, kith_arena *arena)
{
    (void)arena;
    collection *c = user;
    size_t used = strlen(c->text);
    (void)snprintf(c->text + used, sizeof c->text - used, "%s%d", used > 0 ? " " : "",
                   (int)commit->first.number);
    return ++c->count == c->stop_after ? c->answer : KITH_OK;
}

const char *logbook_scan(logbook *b, uint32_t author, uint64_t after)
{
    static collection c;
    c = (collection){.count = 0};
    assert_ok(kith_log_scan(&b->log, author, after, collect, &c));
    return c.text;
}

const char *logbook_scan_unfolded(logbook *b)
{
    static collection c;
    c = (collection){.count = 0};
    assert_ok(kith_log_scan_unfolded(&b->log, collect, &c));
    return c.text;
}

void logbook_assert_reads(logbook *b, uint32_t author, uint64_t number, const kith_commit *expected)
{
    kith_commit commit;
    assert_ok(kith_log_read(&b->log, (kith_dot){author, number}, &b->arena, &commit));
    assert_same_commit(&commit, expected);
}

void logbook_assert_not_found(logbook *b, uint32_t author, uint64_t number)
{
    kith_commit commit;
    kith_status status = kith_log_read(&b->log, (kith_dot){author, number}, &b->arena, &commit);
    assert_status(status, KITH_E_NOT_FOUND);
    assert_int_equal(commit.change_count, 0);
}
