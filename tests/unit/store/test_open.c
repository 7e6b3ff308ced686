/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stores.h"

static void assert_not_opened(const char *path, kith_store_mode mode, kith_status expected)
{
    kith_store *store = (kith_store *)test_context();
    assert_status(kith_store_open(test_context(), path, mode, &store), expected);
    assert_null(store);
    assert_int_equal(test_context()->error.status, expected);
}

static void write_file(const char *path, const char *content)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(content, 1, strlen(content), file), strlen(content));
    assert_int_equal(fclose(file), 0);
}

/* Runs SQL on a database that is not open here. */
static void run_sql(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void test_store_open__finds_no_database_where_there_is_no_file(void **state)
{
    (void)state;
    const char *path = store_path();
    assert_not_opened(path, KITH_STORE_OPEN, KITH_E_NOT_FOUND);
    assert_int_not_equal(access(path, F_OK), 0);
}

static void test_store_open__finds_no_database_in_an_empty_file(void **state)
{
    (void)state;
    const char *path = store_path();
    write_file(path, "");
    assert_not_opened(path, KITH_STORE_OPEN, KITH_E_NOT_FOUND);
}

static void test_store_open__makes_one_in_an_empty_file(void **state)
{
    (void)state;
    const char *path = store_path();
    write_file(path, "");
    kith_store_close(store_create(path));
    kith_store_close(store_open(path));
}

static void test_store_open__makes_none_where_there_is_one(void **state)
{
    (void)state;
    const char *path = store_path();
    kith_store_close(store_create(path));
    assert_not_opened(path, KITH_STORE_CREATE, KITH_E_EXISTS);
    kith_store_close(store_open(path));
}

static void test_store_open__can_be_interrupted_while_making_one(void **state)
{
    (void)state;
    const char *path = store_path();
    for (size_t i = 0; i < 2; i++) {
        kith_store *store = NULL;
        assert_ok(kith_store_open(test_context(), path, KITH_STORE_CREATE, &store));
        store_ok(store, kith_meta_set(store, "folded", 7));
        kith_store_close(store);
        assert_not_opened(path, KITH_STORE_OPEN, KITH_E_NOT_FOUND);
    }
    kith_store *store = store_create(path);
    int64_t value = 1;
    assert_store(store, kith_meta_get(store, "folded", &value), KITH_E_NOT_FOUND);
    assert_int_equal(value, 0);
    kith_store_close(store);
}

static void test_store_open__leaves_the_database_of_another_program_alone(void **state)
{
    (void)state;
    static const char *const makings[] = {
        "CREATE TABLE meta(name, value)",
        "CREATE TABLE record(id); PRAGMA application_id = 1; PRAGMA user_version = 1",
        "PRAGMA user_version = 1", "PRAGMA application_id = 7"};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(makings); i++) {
        const char *path = store_path();
        run_sql(path, makings[i]);
        assert_not_opened(path, KITH_STORE_OPEN, KITH_E_DAMAGED);
        assert_not_opened(path, KITH_STORE_CREATE, KITH_E_EXISTS);
    }
}

static void test_store_open__leaves_what_is_no_database_alone(void **state)
{
    (void)state;
    static const char content[] = "dear diary, this is no database but it is longer than a header: "
                                  "sixty-four bytes and then as many again, and a few on top of it";
    char back[sizeof content] = "";
    const char *path = store_path();
    write_file(path, content);
    assert_not_opened(path, KITH_STORE_OPEN, KITH_E_DAMAGED);
    assert_not_opened(path, KITH_STORE_CREATE, KITH_E_DAMAGED);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fread(back, 1, sizeof back, file), sizeof content - 1);
    (void)fclose(file);
    assert_string_equal(back, content);
}

static void test_store_open__leaves_a_folder_alone(void **state)
{
    (void)state;
    const char *path = test_folder();
    kith_store *store = NULL;
    assert_int_not_equal(kith_store_open(test_context(), path, KITH_STORE_OPEN, &store), KITH_OK);
    assert_null(store);
    assert_int_not_equal(kith_store_open(test_context(), path, KITH_STORE_CREATE, &store), KITH_OK);
    assert_null(store);
}

static void test_store_open__refuses_what_a_newer_version_wrote(void **state)
{
    (void)state;
    static const char *const versions[] = {"PRAGMA user_version = 1000000",
                                           "PRAGMA user_version = -1"};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(versions); i++) {
        const char *path = store_path();
        kith_store_close(store_create(path));
        run_sql(path, versions[i]);
        assert_not_opened(path, KITH_STORE_OPEN, KITH_E_NEWER);
        assert_not_opened(path, KITH_STORE_CREATE, KITH_E_EXISTS);
    }
}

static void test_store_open__sets_what_builds_of_sqlite_differ_in(void **state)
{
    (void)state;
    static const struct {
        const char *sql;
        int64_t value;
    } settings[] = {{"PRAGMA synchronous", 2},    {"PRAGMA temp_store", 2},
                    {"PRAGMA secure_delete", 2},  {"PRAGMA cell_size_check", 1},
                    {"PRAGMA trusted_schema", 0}, {"PRAGMA mmap_size", 0},
                    {"PRAGMA cache_size", -512}};
    const char *path = store_path();
    kith_store_close(store_create(path));
    kith_store *store = store_open(path);
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(settings); i++) {
        if (store_number(store, settings[i].sql) != settings[i].value) {
            fail_msg("%s", settings[i].sql);
        }
    }
    assert_int_equal(store_number(store, "SELECT journal_mode = 'wal' FROM pragma_journal_mode"),
                     1);
    kith_store_close(store);
}

static void test_store_open__gives_a_temporary_store_of_its_own(void **state)
{
    (void)state;
    kith_store *first = store_create(KITH_STORE_TEMPORARY);
    kith_store *second = store_create(KITH_STORE_TEMPORARY);
    int64_t value = 0;
    store_ok(first, kith_meta_set(first, "folded", 7));
    assert_store(second, kith_meta_get(second, "folded", &value), KITH_E_NOT_FOUND);
    kith_store_close(first);
    kith_store_close(second);
}

static void test_store_close__takes_back_what_was_not_committed(void **state)
{
    (void)state;
    int64_t value = 0;
    const char *path = store_path();
    kith_store *store = store_create(path);
    store_ok(store, kith_txn_begin(store, KITH_TXN_DURABLE));
    store_ok(store, kith_meta_set(store, "folded", 7));
    kith_store_close(store);
    store = store_open(path);
    assert_store(store, kith_meta_get(store, "folded", &value), KITH_E_NOT_FOUND);
    kith_store_close(store);
    kith_store_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_store_open__finds_no_database_where_there_is_no_file),
        cmocka_unit_test(test_store_open__finds_no_database_in_an_empty_file),
        cmocka_unit_test(test_store_open__makes_one_in_an_empty_file),
        cmocka_unit_test(test_store_open__makes_none_where_there_is_one),
        cmocka_unit_test(test_store_open__can_be_interrupted_while_making_one),
        cmocka_unit_test(test_store_open__leaves_the_database_of_another_program_alone),
        cmocka_unit_test(test_store_open__leaves_what_is_no_database_alone),
        cmocka_unit_test(test_store_open__leaves_a_folder_alone),
        cmocka_unit_test(test_store_open__refuses_what_a_newer_version_wrote),
        cmocka_unit_test(test_store_open__sets_what_builds_of_sqlite_differ_in),
        cmocka_unit_test(test_store_open__gives_a_temporary_store_of_its_own),
        cmocka_unit_test(test_store_close__takes_back_what_was_not_committed),
    };
    return cmocka_run_group_tests_name("store/open", tests, NULL, NULL);
}
