/* Reading commits back, those of others, and databases that are not as they were left.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/limits.h"
#include "heap.h"
#include "logbook.h"

static logbook b;

static int begin(void **state)
{
    (void)state;
    logbook_init(&b);
    return 0;
}

static int end(void **state)
{
    (void)state;
    logbook_deinit(&b);
    return 0;
}

/* Reading one commit back. */

static void test_log_read__finds_a_change_in_tail_and_packs(void **state)
{
    (void)state;
    logbook_write(&b, 1, 1, 10);
    logbook_write(&b, 2, 3, 10);
    logbook_pack(&b);
    logbook_write(&b, 5, 2, 10);
    kith_commit packed = logbook_commit(&b, US, 2, 3, 10);
    kith_commit in_tail = logbook_commit(&b, US, 5, 2, 10);
    for (uint64_t number = 2; number <= 4; number++) {
        logbook_assert_reads(&b, US, number, &packed);
    }
    logbook_assert_reads(&b, US, 6, &in_tail);
    logbook_assert_reads(&b, US, 5, &in_tail);
    logbook_assert_reads(&b, US, 2, &packed);
    logbook_pack(&b);
    logbook_assert_reads(&b, US, 6, &in_tail);
}

static void test_log_read__finds_nothing_that_is_not_there(void **state)
{
    (void)state;
    logbook_write(&b, 1, 1, 10);
    logbook_assert_not_found(&b, US, 2);
    logbook_assert_not_found(&b, US, 0);
    logbook_assert_not_found(&b, BEN, 1);
    logbook_pack(&b);
    logbook_assert_not_found(&b, US, 2);
    logbook_assert_not_found(&b, US, 0);
}

/* A pack that was read in a transaction goes with it; its numbers are given out again. */
static void test_log_load__forgets_a_pack_that_was_taken_back(void **state)
{
    (void)state;
    kith_commit lost = logbook_commit(&b, US, 1, 1, 50000);
    kith_commit kept = logbook_commit(&b, US, 1, 1, 40000);
    logbook_begin(&b);
    assert_ok(kith_log_append(&b.log, &lost));
    assert_ok(kith_log_write(&b.log));
    logbook_assert_reads(&b, US, 1, &lost);
    kith_txn_rollback(b.store);
    assert_ok(kith_log_load(&b.log));
    logbook_assert_not_found(&b, US, 1);
    logbook_begin(&b);
    assert_ok(kith_log_append(&b.log, &kept));
    assert_ok(kith_log_write(&b.log));
    logbook_end(&b);
    logbook_assert_reads(&b, US, 1, &kept);
}

/* Other authors. */

static void store_block(const kith_commit *commits, size_t count)
{
    kith_buf block;
    const kith_commit *last = &commits[count - 1];
    kith_buf_init(&block, test_context(), KITH_BLOCK_BYTES_MAX);
    blocks_write(commits, count, &block);
    logbook_begin(&b);
    assert_ok(kith_log_store_block(&b.log, commits[0].first.author, commits[0].first.number,
                                   last->first.number + last->change_count - 1,
                                   kith_buf_slice(&block)));
    logbook_end(&b);
    kith_buf_deinit(&block);
}

static void test_log_store_block__keeps_what_others_wrote(void **state)
{
    (void)state;
    kith_commit first[] = {logbook_commit(&b, BEN, 1, 2, 10), logbook_commit(&b, BEN, 3, 1, 10)};
    kith_commit second[] = {logbook_commit(&b, BEN, 4, 1, 10)};
    logbook_write(&b, 1, 1, 10);
    store_block(first, 2);
    store_block(second, 1);
    assert_string_equal(logbook_scan(&b, BEN, 0), "1 3 4");
    assert_string_equal(logbook_scan(&b, BEN, 3), "4");
    assert_string_equal(logbook_scan(&b, US, 0), "1");
    logbook_assert_reads(&b, BEN, 2, &first[0]);
    logbook_assert_reads(&b, BEN, 4, &second[0]);
    logbook_assert_not_found(&b, BEN, 5);
    assert_ok(logbook_reopen(&b));
    assert_int_equal(b.directory.authors[BEN].head, 4);
    assert_string_equal(logbook_scan(&b, BEN, 0), "1 3 4");
}

static void test_log_visit_block__gives_ordinals_to_what_it_brings(void **state)
{
    (void)state;
    static const char block[] = "\x01"
                                "0123456789"
                                "\x07\x01" /* a stranger's change 7 */
                                "\x01"
                                "another333"
                                "\x02\x06person\x05"
                                "other"
                                "\x01\x00\x00\x01\x00\x01\x09\x11x\x01\x01\x02";
    collection c = {.count = 0};
    kith_slice bytes = kith_slice_make(block, sizeof block - 1);
    uint32_t authors = (uint32_t)b.directory.author_count;
    assert_ok(kith_log_visit_block(&b.log, bytes, collect, &c));
    assert_string_equal(c.text, "7");
    assert_int_equal(b.directory.author_count, authors + 2);
    assert_memory_equal(b.directory.authors[authors + 1].id.bytes, "another333", KITH_AUTHOR_BYTES);
    assert_int_equal(kith_directory_find_name(&b.directory, KITH_SLICE("other")), BLOCKS_NAMES);
}

static void test_log_visit_block__refuses_what_is_no_block(void **state)
{
    (void)state;
    collection c = {.count = 0};
    assert_status(kith_log_visit_block(&b.log, KITH_SLICE("\x01?"), collect, &c), KITH_E_DAMAGED);
    assert_status(kith_log_visit_block(&b.log, KITH_SLICE("\x02?"), collect, &c), KITH_E_NEWER);
    assert_int_equal(c.count, 0);
}

/* A database that is not as it was left. */

static void put_row(int64_t position, const kith_commit *commit)
{
    kith_buf block;
    kith_buf_init(&block, test_context(), KITH_BLOCK_BYTES_MAX);
    blocks_write(commit, 1, &block);
    logbook_begin(&b);
    assert_ok(kith_tail_append(b.store, position, kith_buf_slice(&block)));
    logbook_end(&b);
    kith_buf_deinit(&block);
}

static void test_log_load__refuses_a_tail_with_a_gap(void **state)
{
    (void)state;
    kith_commit third = logbook_commit(&b, US, 3, 1, 10);
    logbook_write(&b, 1, 1, 10);
    put_row(2, &third);
    assert_status(logbook_reopen(&b), KITH_E_DAMAGED);
}

static void test_log_load__refuses_a_tail_that_does_not_follow_the_packs(void **state)
{
    (void)state;
    kith_commit again = logbook_commit(&b, US, 1, 1, 10);
    logbook_write(&b, 1, 1, 10);
    logbook_pack(&b);
    put_row(2, &again);
    assert_status(logbook_reopen(&b), KITH_E_DAMAGED);
}

static void test_log_load__refuses_a_row_of_somebody_else(void **state)
{
    (void)state;
    kith_commit of_ben = logbook_commit(&b, BEN, 2, 1, 10);
    logbook_write(&b, 1, 1, 10);
    put_row(2, &of_ben);
    assert_status(logbook_reopen(&b), KITH_E_DAMAGED);
}

static void test_log_load__refuses_rows_that_are_no_blocks(void **state)
{
    (void)state;
    logbook_begin(&b);
    assert_ok(kith_tail_append(b.store, 1, KITH_SLICE("\x01?")));
    logbook_end(&b);
    assert_status(logbook_reopen(&b), KITH_E_DAMAGED);
    logbook_begin(&b);
    assert_ok(kith_tail_clear(b.store));
    assert_ok(kith_tail_append(b.store, 1, KITH_SLICE("\x02?")));
    logbook_end(&b);
    assert_status(logbook_reopen(&b), KITH_E_NEWER);
}

static void test_log__refuses_packs_that_are_damaged(void **state)
{
    (void)state;
    kith_commit commit;
    collection c = {.count = 0};
    kith_pack pack = {BEN, 1, 1, KITH_SLICE("no zlib stream")};
    logbook_begin(&b);
    assert_ok(kith_pack_put(b.store, &pack));
    logbook_end(&b);
    assert_status(kith_log_scan(&b.log, BEN, 0, collect, &c), KITH_E_DAMAGED);
    assert_status(kith_log_read(&b.log, (kith_dot){BEN, 1}, &b.arena, &commit), KITH_E_DAMAGED);
}

static kith_status use_log(kith_log *of, kith_arena *memory, const kith_commit *next)
{
    kith_commit commit;
    collection c = {.count = 0};
    KITH_TRY(kith_log_load(of));
    KITH_TRY(kith_log_scan(of, US, 0, collect, &c));
    KITH_TRY(kith_log_read(of, (kith_dot){US, 2}, memory, &commit));
    KITH_TRY(kith_log_read(of, (kith_dot){US, 1}, memory, &commit));
    KITH_TRY(kith_log_append(of, next));
    KITH_TRY(kith_log_write(of));
    return kith_log_pack_tail(of);
}

static kith_status use_with_little_memory(kith_context *cx, void *user)
{
    kith_store *own_store = NULL;
    kith_directory own_directory;
    kith_log own_log;
    kith_arena memory;
    kith_arena_init(&memory, cx);
    KITH_TRY(kith_store_open(cx, b.path, KITH_STORE_OPEN, &own_store));
    kith_status status = kith_directory_init(&own_directory, cx);
    kith_log_init(&own_log, cx, own_store, &own_directory, NULL);
    if (status == KITH_OK) {
        status = kith_directory_load(&own_directory, own_store);
    }
    if (status == KITH_OK) {
        assert_ok(kith_txn_begin(own_store, KITH_TXN_DURABLE));
        status = use_log(&own_log, &memory, user);
    }
    kith_log_deinit(&own_log);
    kith_directory_deinit(&own_directory);
    kith_store_close(own_store); /* takes it all back */
    kith_arena_deinit(&memory);
    return status;
}

static void test_log__reports_lack_of_memory(void **state)
{
    (void)state;
    kith_commit next = logbook_commit(&b, US, 3, 1, 100);
    logbook_write(&b, 1, 1, 10);
    logbook_pack(&b);
    logbook_write(&b, 2, 1, 10);
    heap_fail_each_allocation(use_with_little_memory, &next);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_log_read__finds_a_change_in_tail_and_packs),
        TEST(test_log_read__finds_nothing_that_is_not_there),
        TEST(test_log_load__forgets_a_pack_that_was_taken_back),
        TEST(test_log_store_block__keeps_what_others_wrote),
        TEST(test_log_visit_block__gives_ordinals_to_what_it_brings),
        TEST(test_log_visit_block__refuses_what_is_no_block),
        TEST(test_log_load__refuses_a_tail_with_a_gap),
        TEST(test_log_load__refuses_a_tail_that_does_not_follow_the_packs),
        TEST(test_log_load__refuses_a_row_of_somebody_else),
        TEST(test_log_load__refuses_rows_that_are_no_blocks),
        TEST(test_log__refuses_packs_that_are_damaged),
        TEST(test_log__reports_lack_of_memory),
    };
    return cmocka_run_group_tests_name("log/log, reading", tests, NULL, NULL);
}
