/* Writing the log and scanning it; reading back and damage are in test_log_read.c.
 * SPDX-License-Identifier: Apache-2.0 */
#include "log/log.h"

#include "base/limits.h"
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

/* Own commits: the tail. */

static void test_log__is_empty_at_first(void **state)
{
    (void)state;
    assert_string_equal(logbook_scan(&b, US, 0), "");
    assert_string_equal(logbook_scan_unfolded(&b), "");
    logbook_assert_not_found(&b, US, 1);
    assert_false(kith_log_is_tail_full(&b.log));
}

static void test_log_write__makes_commits_durable(void **state)
{
    (void)state;
    logbook_write(&b, 1, 2, 10);
    logbook_write(&b, 3, 1, 10);
    assert_ok(logbook_reopen(&b));
    assert_string_equal(logbook_scan(&b, US, 0), "1 3");
    kith_commit first = logbook_commit(&b, US, 1, 2, 10);
    logbook_assert_reads(&b, US, 1, &first);
}

static void test_log_write__writes_all_that_was_appended_as_one_row(void **state)
{
    (void)state;
    logbook_begin(&b);
    logbook_append(&b, 1, 1, 10);
    logbook_append(&b, 2, 3, 10);
    logbook_append(&b, 5, 1, 10);
    assert_ok(kith_log_write(&b.log));
    logbook_end(&b);
    assert_int_equal(b.log.tail_rows, 1);
    assert_string_equal(logbook_scan(&b, US, 0), "1 2 5");
}

static void test_log_write__writes_nothing_if_nothing_was_appended(void **state)
{
    (void)state;
    logbook_begin(&b);
    assert_ok(kith_log_write(&b.log));
    logbook_end(&b);
    assert_int_equal(b.log.tail_rows, 0);
}

static void test_log_load__forgets_what_was_not_written(void **state)
{
    (void)state;
    logbook_begin(&b);
    logbook_append(&b, 1, 1, 10);
    kith_txn_rollback(b.store);
    assert_ok(kith_log_load(&b.log));
    logbook_write(&b, 1, 2, 20);
    assert_string_equal(logbook_scan(&b, US, 0), "1");
    kith_commit second = logbook_commit(&b, US, 1, 2, 20);
    logbook_assert_reads(&b, US, 1, &second);
}

static void test_log_load__forgets_what_was_taken_back(void **state)
{
    (void)state;
    logbook_write(&b, 1, 1, 10);
    logbook_begin(&b);
    logbook_append(&b, 2, 1, 10);
    assert_ok(kith_log_write(&b.log));
    kith_txn_rollback(b.store);
    assert_ok(kith_log_load(&b.log));
    assert_string_equal(logbook_scan(&b, US, 0), "1");
    logbook_write(&b, 2, 1, 10);
    assert_string_equal(logbook_scan(&b, US, 0), "1 2");
}

static void test_log_append__refuses_a_commit_that_is_too_long(void **state)
{
    (void)state;
    kith_commit too_long = logbook_commit(&b, US, 2, 9, KITH_VALUE_BYTES_MAX);
    logbook_begin(&b);
    logbook_append(&b, 1, 1, 10);
    assert_status(kith_log_append(&b.log, &too_long), KITH_E_LIMIT);
    logbook_append(&b, 2, 1, 10);
    assert_ok(kith_log_write(&b.log));
    logbook_end(&b);
    assert_string_equal(logbook_scan(&b, US, 0), "1 2");
}

/* What is folded. */

static void test_log_scan_unfolded__gives_what_came_after_the_fold(void **state)
{
    (void)state;
    logbook_write(&b, 1, 1, 10);
    logbook_write(&b, 2, 1, 10);
    logbook_begin(&b);
    assert_ok(kith_log_set_folded(&b.log));
    logbook_end(&b);
    assert_string_equal(logbook_scan_unfolded(&b), "");
    logbook_write(&b, 3, 1, 10);
    assert_string_equal(logbook_scan_unfolded(&b), "3");
    assert_ok(logbook_reopen(&b));
    assert_string_equal(logbook_scan_unfolded(&b), "3");
}

static void test_log_load__knows_the_last_folded_change_for_the_authors_head(void **state)
{
    (void)state;
    logbook_write(&b, 1, 4, 10);
    logbook_begin(&b);
    assert_ok(kith_log_set_folded(&b.log));
    logbook_end(&b);
    logbook_write(&b, 5, 1, 10);
    assert_ok(logbook_reopen(&b));
    assert_int_equal(b.directory.authors[US].head, 4);
}

static void test_log_load__goes_on_counting_rows_that_were_packed(void **state)
{
    (void)state;
    logbook_write(&b, 1, 1, 10);
    logbook_write(&b, 2, 1, 10);
    int64_t position = b.log.position;
    logbook_pack(&b);
    assert_ok(logbook_reopen(&b));
    assert_int_equal(b.log.position, position);
    logbook_write(&b, 3, 1, 10);
    assert_int_equal(b.log.position, position + 1);
    assert_string_equal(logbook_scan_unfolded(&b), "3");
}

/* Packs. */

static void test_log_pack_tail__keeps_every_commit(void **state)
{
    (void)state;
    logbook_write(&b, 1, 2, 10);
    logbook_write(&b, 3, 1, 10);
    logbook_pack(&b);
    assert_int_equal(b.log.tail_rows, 0);
    assert_string_equal(logbook_scan(&b, US, 0), "1 3");
    logbook_write(&b, 4, 1, 10);
    assert_string_equal(logbook_scan(&b, US, 0), "1 3 4");
    assert_ok(logbook_reopen(&b));
    assert_string_equal(logbook_scan(&b, US, 0), "1 3 4");
    assert_int_equal(b.directory.authors[US].head, 3);
}

static void test_log_pack_tail__does_nothing_without_a_tail(void **state)
{
    (void)state;
    logbook_pack(&b);
    logbook_write(&b, 1, 1, 10);
    logbook_pack(&b);
    logbook_pack(&b);
    assert_string_equal(logbook_scan(&b, US, 0), "1");
}

static void test_log_pack_tail__makes_several_packs_of_much(void **state)
{
    (void)state;
    logbook_begin(&b);
    for (uint64_t number = 1; number <= 20; number++) {
        logbook_append(&b, number, 1, 30000);
        assert_ok(kith_log_write(&b.log));
    }
    logbook_end(&b);
    assert_int_equal(b.log.tail_rows, 20);
    logbook_pack(&b);
    kith_buf bytes;
    kith_pack pack;
    kith_buf_init(&bytes, test_context(), KITH_BLOCK_BYTES_MAX);
    assert_ok(kith_pack_find(b.store, (kith_dot){US, 20}, &bytes, &pack));
    assert_true(pack.first > 1);
    kith_buf_deinit(&bytes);
    assert_string_equal(logbook_scan(&b, US, 0),
                        "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20");
}

static void test_log_is_tail_full__says_when_to_pack(void **state)
{
    (void)state;
    logbook_begin(&b);
    for (uint64_t number = 1; number < 1000 && !kith_log_is_tail_full(&b.log); number++) {
        logbook_append(&b, number, 1, 30000);
        assert_ok(kith_log_write(&b.log));
    }
    logbook_end(&b);
    assert_true(kith_log_is_tail_full(&b.log));
    assert_ok(kith_log_load(&b.log));
    assert_true(kith_log_is_tail_full(&b.log));
    logbook_pack(&b);
    assert_false(kith_log_is_tail_full(&b.log));
}

static void test_log_write__makes_a_pack_of_much_and_of_the_tail_before_it(void **state)
{
    (void)state;
    logbook_write(&b, 1, 1, 10);
    logbook_begin(&b);
    logbook_append(&b, 2, 1, 10);
    assert_false(kith_log_is_packing(&b.log));
    logbook_append(&b, 3, 2, 60000);
    assert_true(kith_log_is_packing(&b.log));
    assert_ok(kith_log_write(&b.log));
    assert_true(kith_log_is_packing(&b.log));
    assert_ok(kith_log_set_folded(&b.log));
    assert_false(kith_log_is_packing(&b.log));
    logbook_end(&b);
    assert_int_equal(b.log.tail_rows, 0);
    assert_string_equal(logbook_scan(&b, US, 0), "1 2 3");
    assert_ok(logbook_reopen(&b));
    assert_string_equal(logbook_scan(&b, US, 0), "1 2 3");
    assert_int_equal(b.directory.authors[US].head, 4);
}

static void test_log_spill__makes_packs_of_full_blocks_only(void **state)
{
    (void)state;
    logbook_begin(&b);
    logbook_append(&b, 1, 1, 10);
    assert_ok(kith_log_spill(&b.log));
    assert_false(kith_log_is_packing(&b.log));
    for (uint64_t number = 2; number <= 8; number++) {
        logbook_append(&b, number, 1, 60000);
        assert_ok(kith_log_spill(&b.log));
    }
    assert_true(kith_log_is_packing(&b.log));
    assert_ok(kith_log_write(&b.log));
    assert_ok(kith_log_set_folded(&b.log));
    logbook_end(&b);
    assert_string_equal(logbook_scan(&b, US, 0), "1 2 3 4 5 6 7 8");
}

/* Scans. */

static void test_log_scan__leaves_out_what_is_known(void **state)
{
    (void)state;
    logbook_write(&b, 1, 1, 10);
    logbook_write(&b, 2, 3, 10);
    logbook_pack(&b);
    logbook_write(&b, 5, 2, 10);
    logbook_write(&b, 7, 1, 10);
    assert_string_equal(logbook_scan(&b, US, 1), "2 5 7");
    assert_string_equal(logbook_scan(&b, US, 3),
                        "2 5 7"); /* the commit of changes 2 to 4 is whole */
    assert_string_equal(logbook_scan(&b, US, 4), "5 7");
    assert_string_equal(logbook_scan(&b, US, 6), "7");
    assert_string_equal(logbook_scan(&b, US, 7), "");
}

static void test_log_scan__stops_when_asked_to(void **state)
{
    (void)state;
    collection c = {.stop_after = 2, .answer = KITH_E_STOPPED};
    logbook_write(&b, 1, 1, 10);
    logbook_write(&b, 2, 1, 10);
    logbook_write(&b, 3, 1, 10);
    assert_ok(kith_log_scan(&b.log, US, 0, collect, &c));
    assert_string_equal(c.text, "1 2");
    logbook_pack(&b);
    c = (collection){.stop_after = 1, .answer = KITH_E_STOPPED};
    assert_ok(kith_log_scan(&b.log, US, 0, collect, &c));
    assert_string_equal(c.text, "1");
}

static void test_log_scan__hands_failures_of_the_visitor_on(void **state)
{
    (void)state;
    collection c = {.stop_after = 1, .answer = KITH_E_FULL};
    logbook_write(&b, 1, 1, 10);
    assert_int_equal(kith_log_scan(&b.log, US, 0, collect, &c), KITH_E_FULL);
    c = (collection){.stop_after = 1, .answer = KITH_E_FULL};
    assert_int_equal(kith_log_scan_unfolded(&b.log, collect, &c), KITH_E_FULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_log__is_empty_at_first),
        TEST(test_log_write__makes_commits_durable),
        TEST(test_log_write__writes_all_that_was_appended_as_one_row),
        TEST(test_log_write__writes_nothing_if_nothing_was_appended),
        TEST(test_log_load__forgets_what_was_not_written),
        TEST(test_log_load__forgets_what_was_taken_back),
        TEST(test_log_append__refuses_a_commit_that_is_too_long),
        TEST(test_log_scan_unfolded__gives_what_came_after_the_fold),
        TEST(test_log_load__knows_the_last_folded_change_for_the_authors_head),
        TEST(test_log_load__goes_on_counting_rows_that_were_packed),
        TEST(test_log_pack_tail__keeps_every_commit),
        TEST(test_log_pack_tail__does_nothing_without_a_tail),
        TEST(test_log_pack_tail__makes_several_packs_of_much),
        TEST(test_log_is_tail_full__says_when_to_pack),
        TEST(test_log_write__makes_a_pack_of_much_and_of_the_tail_before_it),
        TEST(test_log_spill__makes_packs_of_full_blocks_only),
        TEST(test_log_scan__leaves_out_what_is_known),
        TEST(test_log_scan__stops_when_asked_to),
        TEST(test_log_scan__hands_failures_of_the_visitor_on),
    };
    return cmocka_run_group_tests_name("log/log", tests, NULL, NULL);
}
