/* SPDX-License-Identifier: Apache-2.0 */
#include "log/directory.h"

#include <stdio.h>

#include "base/limits.h"
#include "heap.h"

static kith_directory directory;
static kith_store *store;

/* A new store comes in a transaction, which stays open for the test. */
static int begin(void **state)
{
    (void)state;
    char path[320];
    (void)snprintf(path, sizeof path, "%s/kith.db", test_folder());
    assert_ok(kith_store_open(test_context(), path, KITH_STORE_CREATE, &store));
    assert_ok(kith_directory_init(&directory, test_context()));
    return 0;
}

static int end(void **state)
{
    (void)state;
    kith_directory_deinit(&directory);
    kith_store_close(store);
    return 0;
}

static kith_author_id author_id(uint8_t first)
{
    return (kith_author_id){{first, 1, 2, 3, 4, 5, 6, 7, 8, 9}};
}

static uint32_t name(const char *text)
{
    uint32_t ordinal = 0;
    assert_ok(kith_directory_name(&directory, kith_slice_of(text), &ordinal));
    return ordinal;
}

static uint32_t author(uint8_t first)
{
    uint32_t ordinal = 0;
    assert_ok(kith_directory_author(&directory, author_id(first), &ordinal));
    return ordinal;
}

static void set_own(void)
{
    assert_ok(kith_directory_set_own(&directory, store, author_id(0xf0)));
}

static void test_directory__knows_nobody_and_nothing_at_first(void **state)
{
    (void)state;
    assert_int_equal(directory.name_count, 1);
    assert_int_equal(directory.author_count, 1);
    assert_int_equal(directory.own, 0);
    assert_int_equal(kith_directory_find_name(&directory, KITH_SLICE("person")), 0);
    assert_int_equal(kith_directory_find_name(&directory, KITH_SLICE("")), 0);
    assert_int_equal(kith_directory_find_author(&directory, (kith_author_id){{0}}), 0);
}

static void test_directory_name__counts_names_as_it_meets_them(void **state)
{
    (void)state;
    assert_int_equal(name("person"), 1);
    assert_int_equal(name("name"), 2);
    assert_int_equal(name("person"), 1);
    assert_int_equal(name("names"), 3);
    assert_int_equal(name("nam"), 4);
    assert_int_equal(name("নাম"), 5);
    assert_int_equal(kith_directory_find_name(&directory, KITH_SLICE("name")), 2);
    assert_int_equal(kith_directory_find_name(&directory, KITH_SLICE("Name")), 0);
    assert_slice(directory.names[3], "names");
}

static void test_directory_author__counts_authors_as_it_meets_them(void **state)
{
    (void)state;
    assert_int_equal(author(0xf0), 1);
    assert_int_equal(author(0x0f), 2);
    assert_int_equal(author(0xf0), 1);
    assert_int_equal(author(0x7f), 3);
    assert_int_equal(kith_directory_find_author(&directory, author_id(0x0f)), 2);
    assert_int_equal(kith_directory_find_author(&directory, author_id(0x0e)), 0);
    assert_int_equal(directory.authors[3].head, 0);
}

static void test_directory_name__keeps_a_copy(void **state)
{
    (void)state;
    char text[] = "person";
    assert_int_equal(name(text), 1);
    text[0] = 'x';
    assert_slice(directory.names[1], "person");
    assert_int_equal(kith_directory_find_name(&directory, KITH_SLICE("person")), 1);
}

static void test_directory__finds_each_of_many(void **state)
{
    (void)state;
    enum { COUNT = 255 };
    char text[16];
    for (uint32_t i = 1; i <= COUNT; i++) {
        uint32_t mixed = i * 101 % 256; /* each once, in no order */
        (void)snprintf(text, sizeof text, "n%u", mixed);
        assert_int_equal(name(text), i);
        assert_int_equal(author((uint8_t)mixed), i);
    }
    for (uint32_t i = 1; i <= COUNT; i++) {
        uint32_t mixed = i * 101 % 256;
        (void)snprintf(text, sizeof text, "n%u", mixed);
        assert_int_equal(kith_directory_find_name(&directory, kith_slice_of(text)), i);
        assert_int_equal(kith_directory_find_author(&directory, author_id((uint8_t)mixed)), i);
    }
}

static void test_directory_name__refuses_more_names_than_a_replica_learns(void **state)
{
    (void)state;
    char text[16];
    for (uint32_t i = 1; i <= KITH_NAMES_MAX; i++) {
        (void)snprintf(text, sizeof text, "n%05u", i);
        assert_int_equal(name(text), i);
    }
    uint32_t ordinal = 1;
    assert_status(kith_directory_name(&directory, KITH_SLICE("more"), &ordinal), KITH_E_LIMIT);
    assert_int_equal(ordinal, 0);
    assert_int_equal(name("n00001"), 1);
}

static void test_directory_known__is_the_view_for_merging(void **state)
{
    (void)state;
    uint32_t ordinal = author(0xf0);
    directory.authors[ordinal].head = 7;
    kith_known known = kith_directory_known(&directory);
    assert_true(kith_known_has(&known, (kith_dot){ordinal, 7}));
    assert_false(kith_known_has(&known, (kith_dot){ordinal, 8}));
    assert_false(kith_known_has(&known, (kith_dot){ordinal + 1, 1}));
}

static void test_directory_load__gives_what_was_saved(void **state)
{
    (void)state;
    kith_directory other;
    (void)name("person");
    (void)name("name");
    set_own();
    uint32_t ben = author(0x0f);
    directory.authors[ben].head = KITH_NUMBER_MAX;
    directory.authors[ben].space = 3;
    assert_ok(kith_directory_save(&directory, store));
    assert_ok(kith_directory_init(&other, test_context()));
    assert_ok(kith_directory_load(&other, store));
    assert_int_equal(other.name_count, 3);
    assert_slice(other.names[1], "person");
    assert_int_equal(kith_directory_find_name(&other, KITH_SLICE("name")), 2);
    assert_int_equal(other.author_count, 3);
    assert_int_equal(other.own, directory.own);
    assert_int_equal(kith_directory_find_author(&other, author_id(0x0f)), ben);
    assert_int_equal(other.authors[ben].head, KITH_NUMBER_MAX);
    assert_int_equal(other.authors[ben].space, 3);
    kith_directory_deinit(&other);
}

static void test_directory_save__writes_only_what_is_new(void **state)
{
    (void)state;
    (void)name("person");
    set_own();
    assert_ok(kith_directory_save(&directory, store));
    (void)name("name");
    assert_ok(kith_directory_save(&directory, store));
    assert_ok(kith_directory_load(&directory, store));
    assert_int_equal(directory.name_count, 3);
    (void)name("note");
    assert_ok(kith_directory_save(&directory, store));
    assert_ok(kith_directory_load(&directory, store));
    assert_slice(directory.names[3], "note");
}

static void test_directory_load__forgets_what_was_taken_back(void **state)
{
    (void)state;
    (void)name("person");
    set_own();
    assert_ok(kith_txn_commit(store));
    assert_ok(kith_txn_begin(store, KITH_TXN_DURABLE));
    (void)name("lost");
    (void)author(0x0f);
    assert_ok(kith_directory_save(&directory, store));
    kith_txn_rollback(store);
    assert_ok(kith_directory_load(&directory, store));
    assert_int_equal(kith_directory_find_name(&directory, KITH_SLICE("lost")), 0);
    assert_int_equal(kith_directory_find_author(&directory, author_id(0x0f)), 0);
    assert_int_equal(kith_directory_find_name(&directory, KITH_SLICE("person")), 1);
    assert_ok(kith_txn_begin(store, KITH_TXN_DURABLE));
    assert_int_equal(name("note"), 2);
    assert_ok(kith_directory_save(&directory, store));
}

static void test_directory_load__forgets_corrections(void **state)
{
    (void)state;
    set_own();
    directory.corrections = kith_grow(test_context(), NULL, 0, &directory.correction_capacity,
                                      sizeof *directory.corrections);
    assert_non_null(directory.corrections);
    directory.correction_count = 1;
    assert_ok(kith_directory_load(&directory, store));
    assert_int_equal(directory.correction_count, 0);
}

static void put_own_author(uint32_t ordinal)
{
    kith_author own = {.id = author_id(0xf0)};
    assert_ok(kith_author_put(store, ordinal, &own));
    assert_ok(kith_author_set_own(store, ordinal));
}

static void test_directory_load__refuses_names_with_a_gap(void **state)
{
    (void)state;
    put_own_author(1);
    assert_ok(kith_name_put(store, 1, KITH_SLICE("person")));
    assert_ok(kith_directory_load(&directory, store));
    assert_ok(kith_name_put(store, 3, KITH_SLICE("name")));
    assert_status(kith_directory_load(&directory, store), KITH_E_DAMAGED);
}

static void test_directory_load__refuses_authors_with_a_gap(void **state)
{
    (void)state;
    put_own_author(2);
    assert_status(kith_directory_load(&directory, store), KITH_E_DAMAGED);
}

static void test_directory_load__refuses_a_database_without_an_author_of_its_own(void **state)
{
    (void)state;
    kith_author ben = {.id = author_id(0x0f)};
    assert_ok(kith_author_put(store, 1, &ben));
    assert_status(kith_directory_load(&directory, store), KITH_E_DAMAGED);
}

static kith_status meet(kith_directory *of)
{
    char text[16];
    uint32_t ordinal = 0;
    for (uint32_t i = 0; i < 20; i++) {
        (void)snprintf(text, sizeof text, "n%u", i);
        KITH_TRY(kith_directory_name(of, kith_slice_of(text), &ordinal));
        KITH_TRY(kith_directory_author(of, author_id((uint8_t)i), &ordinal));
    }
    return KITH_OK;
}

static kith_status meet_with_little_memory(kith_context *cx, void *user)
{
    (void)user;
    kith_directory scarce;
    KITH_TRY(kith_directory_init(&scarce, cx));
    kith_status status = meet(&scarce);
    kith_directory_deinit(&scarce);
    return status;
}

static void test_directory__reports_lack_of_memory(void **state)
{
    (void)state;
    heap_fail_each_allocation(meet_with_little_memory, NULL);
}

static void test_directory_deinit__takes_a_zeroed_directory(void **state)
{
    (void)state;
    kith_directory zeroed = {0};
    kith_directory_deinit(&zeroed);
    assert_null(zeroed.names);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_directory__knows_nobody_and_nothing_at_first),
        TEST(test_directory_name__counts_names_as_it_meets_them),
        TEST(test_directory_author__counts_authors_as_it_meets_them),
        TEST(test_directory_name__keeps_a_copy),
        TEST(test_directory__finds_each_of_many),
        TEST(test_directory_name__refuses_more_names_than_a_replica_learns),
        TEST(test_directory_known__is_the_view_for_merging),
        TEST(test_directory_load__gives_what_was_saved),
        TEST(test_directory_save__writes_only_what_is_new),
        TEST(test_directory_load__forgets_what_was_taken_back),
        TEST(test_directory_load__forgets_corrections),
        TEST(test_directory_load__refuses_names_with_a_gap),
        TEST(test_directory_load__refuses_authors_with_a_gap),
        TEST(test_directory_load__refuses_a_database_without_an_author_of_its_own),
        TEST(test_directory__reports_lack_of_memory),
        TEST(test_directory_deinit__takes_a_zeroed_directory),
    };
    return cmocka_run_group_tests_name("log/directory", tests, NULL, NULL);
}
