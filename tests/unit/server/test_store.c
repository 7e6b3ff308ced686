/* What the relay keeps. SPDX-License-Identifier: Apache-2.0 */
#include "server/store/store.h"

#include <sqlite3.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "harness.h"
#include "heap.h"
#include "segment/header.h"

static const kith_space_id field = {"the field space"};
static const kith_space_id other = {"the other space"};
static const kith_author_id asha = {"author one"};
static const kith_author_id ben = {"author two"};

static char folder[400];
static kithd_store *store;
static uint64_t put_bytes; /* what the segments come to that were put */

static void make_folder(void)
{
    static unsigned count;
    (void)snprintf(folder, sizeof folder, "%s/relay-%u", test_folder(), ++count);
    assert_int_equal(mkdir(folder, 0700), 0);
}

static int begin(void **state)
{
    (void)state;
    assert_ok(kith_crypto_init(test_context()));
    make_folder();
    put_bytes = 0;
    assert_ok(kithd_store_open(test_context(), folder, true, &store));
    return 0;
}

static int end(void **state)
{
    (void)state;
    kithd_store_close(store);
    return 0;
}

static void reopen(void)
{
    kithd_store_close(store);
    assert_ok(kithd_store_open(test_context(), folder, false, &store));
}

static void path_of(const char *name, char path[500])
{
    (void)snprintf(path, 500, "%s/%s", folder, name);
}

static const uint8_t *ashas_key(void)
{
    static kith_device_keys keys;
    static const uint8_t seed[KITH_SEED_BYTES] = {7};
    kith_device_keys_derive(seed, &keys);
    return keys.sign;
}

/* Puts a segment that the device with seed 7 … made, with whatever body. */
static void put_segment(uint64_t position, uint64_t number, kith_slice body)
{
    static uint8_t bytes[4096];
    static const uint8_t seed[KITH_SEED_BYTES] = {7};
    kith_segment_header header = {.space = field, .number = number, .epoch = 1};
    memcpy(header.sign, ashas_key(), sizeof header.sign);
    kith_body_hash(body, header.body);
    kith_header_sign(&header, seed, bytes);
    memcpy(bytes + KITH_HEADER_BYTES, body.data, body.length);
    kithd_segment segment = {position, asha, number,
                             kith_slice_make(bytes, KITH_HEADER_BYTES + body.length)};
    assert_ok(kithd_segment_put(store, field, &segment));
    put_bytes += segment.bytes.length;
}

/* Puts what is counted of the segments so far, in the space up to a position and of their device.
 */
static void put_counts(uint64_t position)
{
    kithd_space space = {.position = position, .bytes = put_bytes, .entry_count = 1};
    kithd_device device = {.bytes = put_bytes};
    assert_ok(kithd_space_put(store, field, &space));
    assert_ok(kithd_device_put(store, field, ashas_key(), &device));
}

static void put_space(kith_space_id space, uint64_t position)
{
    kithd_space row = {.position = position, .bytes = 10, .quota = 20, .entry_count = 3};
    assert_ok(kithd_space_put(store, space, &row));
}

static void test_store_open__makes_a_database_only_where_none_is(void **state)
{
    (void)state;
    kithd_store *second = NULL;
    assert_status(kithd_store_open(test_context(), folder, true, &second), KITH_E_EXISTS);
    assert_null(second);
    make_folder();
    assert_status(kithd_store_open(test_context(), folder, false, &second), KITH_E_NOT_FOUND);
    assert_null(second);
}

static void test_store_open__refuses_what_is_no_relays_database(void **state)
{
    (void)state;
    char path[500];
    kithd_store *second = NULL;
    make_folder();
    path_of("relay.db", path);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    (void)fputs("these are words, and more words than a page has nothing of", file);
    assert_int_equal(fclose(file), 0);
    assert_status(kithd_store_open(test_context(), folder, false, &second), KITH_E_DAMAGED);
    assert_null(second);
}

static void read_epoch(uint8_t epoch[KITH_RELAY_EPOCH_BYTES])
{
    assert_ok(kithd_store_epoch(store, epoch));
}

static bool keeps_epoch(const uint8_t before[KITH_RELAY_EPOCH_BYTES])
{
    uint8_t after[KITH_RELAY_EPOCH_BYTES];
    reopen();
    read_epoch(after);
    return memcmp(before, after, sizeof after) == 0;
}

static void test_store_epoch__stays_while_marker_and_database_fit(void **state)
{
    (void)state;
    uint8_t epoch[KITH_RELAY_EPOCH_BYTES];
    read_epoch(epoch);
    assert_true(keeps_epoch(epoch));
    assert_ok(kithd_store_mark(store, folder));
    assert_true(keeps_epoch(epoch));
}

static void test_store_epoch__is_new_without_the_marker(void **state)
{
    (void)state;
    char path[500];
    uint8_t epoch[KITH_RELAY_EPOCH_BYTES];
    read_epoch(epoch);
    path_of("marker", path);
    assert_int_equal(unlink(path), 0);
    assert_false(keeps_epoch(epoch));
    read_epoch(epoch);
    assert_true(keeps_epoch(epoch));
}

static void test_store_epoch__is_new_with_half_a_marker(void **state)
{
    (void)state;
    char path[500];
    uint8_t epoch[KITH_RELAY_EPOCH_BYTES];
    read_epoch(epoch);
    path_of("marker", path);
    assert_int_equal(truncate(path, 8), 0);
    assert_false(keeps_epoch(epoch));
}

static void test_store_backup__fits_no_marker(void **state)
{
    (void)state;
    char backup[500];
    char database[500];
    uint8_t epoch[KITH_RELAY_EPOCH_BYTES];
    read_epoch(epoch);
    put_space(field, 7);
    path_of("backup.db", backup);
    path_of("relay.db", database);
    assert_ok(kithd_store_backup(store, backup));
    assert_status(kithd_store_backup(store, backup), KITH_E_EXISTS);
    kithd_store_close(store);
    store = NULL;
    assert_int_equal(rename(backup, database), 0);
    assert_ok(kithd_store_open(test_context(), folder, false, &store));
    assert_false(keeps_epoch(epoch));
    kithd_space row;
    assert_ok(kithd_space_get(store, field, &row));
    assert_int_equal(row.position, 7);
}

static kith_status count_spaces(void *user, kith_space_id space, const kithd_space *row)
{
    (void)space;
    *(uint64_t *)user += row->position;
    return KITH_OK;
}

static void test_space__is_what_was_put_last(void **state)
{
    (void)state;
    kithd_space row;
    uint64_t positions = 0;
    assert_status(kithd_space_get(store, field, &row), KITH_E_NOT_FOUND);
    assert_int_equal(row.position, 0);
    put_space(field, 1);
    put_space(other, 40);
    put_space(field, 2);
    reopen();
    assert_ok(kithd_space_get(store, field, &row));
    assert_true(row.position == 2 && row.bytes == 10 && row.quota == 20 && row.entry_count == 3);
    assert_ok(kithd_space_scan(store, count_spaces, &positions));
    assert_int_equal(positions, 42);
}

/* Entries of a space, as one text. */
static kith_status add_entry(void *user, uint32_t number, uint64_t joined, kith_slice bytes)
{
    kith_buf_format(user, "%u@%u:", number, (unsigned)joined);
    kith_buf_append_slice(user, bytes);
    kith_buf_append_text(user, " ");
    return kith_buf_status(user);
}

static void test_entry__is_read_back_in_order(void **state)
{
    (void)state;
    kith_buf text;
    kith_buf_init(&text, test_context(), 1000);
    assert_ok(kithd_entry_put(store, field, 1, 0, KITH_SLICE("found")));
    assert_ok(kithd_entry_put(store, other, 1, 5, KITH_SLICE("other")));
    assert_ok(kithd_entry_put(store, field, 3, 9, KITH_SLICE("admit")));
    assert_ok(kithd_entry_put(store, field, 2, 9, KITH_SLICE("invite")));
    assert_ok(kithd_entry_scan(store, field, 0, add_entry, &text));
    assert_slice(kith_buf_slice(&text), "1@0:found 2@9:invite 3@9:admit ");
    kith_buf_clear(&text);
    assert_ok(kithd_entry_scan(store, field, 2, add_entry, &text));
    assert_slice(kith_buf_slice(&text), "3@9:admit ");
    assert_true(kithd_entry_put(store, field, 2, 9, KITH_SLICE("a second one")) != KITH_OK);
    kith_buf_deinit(&text);
}

static void test_author_heads__are_of_one_space(void **state)
{
    (void)state;
    kith_buf heads;
    kithd_author row = {.number = 128, .header = "a header's hash"};
    kithd_author found;
    kith_buf_init(&heads, test_context(), 1000);
    assert_ok(kithd_author_get(store, field, asha, &found));
    assert_int_equal(found.number, 0);
    assert_ok(kithd_author_put(store, field, ben, &row));
    assert_ok(kithd_author_put(store, other, asha, &row));
    row.number = 2;
    assert_ok(kithd_author_put(store, field, asha, &row));
    assert_ok(kithd_author_get(store, field, asha, &found));
    assert_int_equal(found.number, 2);
    assert_memory_equal(found.header, row.header, sizeof row.header);
    assert_ok(kithd_author_heads(store, field, &heads));
    assert_slice(kith_buf_slice(&heads), "\x02"
                                         "author one\x02"
                                         "author two\x80\x01");
    kith_buf_deinit(&heads);
}

static void test_segment_next__goes_by_positions(void **state)
{
    (void)state;
    kithd_segment found;
    put_segment(2, 2, KITH_SLICE("second"));
    put_segment(1, 1, KITH_SLICE("first"));
    assert_ok(kithd_segment_next(store, field, 0, &found));
    assert_true(found.position == 1 && found.number == 1);
    assert_memory_equal(&found.author, &asha, sizeof asha);
    assert_slice(kith_slice_skip(found.bytes, KITH_HEADER_BYTES), "first");
    assert_ok(kithd_segment_next(store, field, 1, &found));
    assert_slice(kith_slice_skip(found.bytes, KITH_HEADER_BYTES), "second");
    assert_int_equal(kithd_segment_next(store, field, 2, &found), KITH_E_NOT_FOUND);
    assert_int_equal(kithd_segment_next(store, other, 0, &found), KITH_E_NOT_FOUND);
}

static void test_segment_put__takes_no_place_twice(void **state)
{
    (void)state;
    put_segment(1, 1, KITH_SLICE("first"));
    kithd_segment same_position = {1, ben, 1, KITH_SLICE("x")};
    kithd_segment same_number = {2, asha, 1, KITH_SLICE("x")};
    assert_true(kithd_segment_put(store, field, &same_position) != KITH_OK);
    assert_true(kithd_segment_put(store, field, &same_number) != KITH_OK);
}

static void test_staged__is_one_for_each_author_within_its_room(void **state)
{
    (void)state;
    uint64_t number = 0;
    kith_buf start;
    kith_buf_init(&start, test_context(), 1000);
    assert_ok(kithd_staged_put(store, field, asha, 1, 1000, KITH_SLICE("start"), 10));
    assert_ok(kithd_staged_put(store, field, asha, 2, 1000, KITH_SLICE("other one"), 10));
    assert_status(kithd_staged_put(store, field, ben, 1, 1000, KITH_SLICE("of"), 10), KITH_E_QUOTA);
    assert_ok(kithd_staged_put(store, other, ben, 1, 1000, KITH_SLICE("elsewhere"), 10));
    assert_ok(kithd_staged_get(store, field, asha, &number, &start));
    assert_int_equal(number, 2);
    assert_slice(kith_buf_slice(&start), "other one");
    assert_ok(kithd_staged_remove(store, field, asha));
    assert_int_equal(kithd_staged_get(store, field, asha, &number, &start), KITH_E_NOT_FOUND);
    kith_buf_deinit(&start);
}

static void test_staged_expire__forgets_what_is_old(void **state)
{
    (void)state;
    uint64_t number = 0;
    kith_buf start;
    kith_buf_init(&start, test_context(), 1000);
    assert_ok(kithd_staged_put(store, field, asha, 1, 999, KITH_SLICE("old"), 100));
    assert_ok(kithd_staged_put(store, field, ben, 1, 1000, KITH_SLICE("new"), 100));
    assert_ok(kithd_staged_expire(store, 1000));
    assert_int_equal(kithd_staged_get(store, field, asha, &number, &start), KITH_E_NOT_FOUND);
    assert_ok(kithd_staged_get(store, field, ben, &number, &start));
    kith_buf_deinit(&start);
}

static void test_held__has_its_room(void **state)
{
    (void)state;
    static const uint8_t first[KITH_HASH_BYTES] = {1};
    static const uint8_t second[KITH_HASH_BYTES] = {2};
    assert_ok(kithd_held_put(store, field, first, KITH_SLICE("six by"), 10));
    assert_ok(kithd_held_put(store, field, first, KITH_SLICE("six by"), 10)); /* the same */
    assert_status(kithd_held_put(store, field, second, KITH_SLICE("fives"), 10), KITH_E_QUOTA);
    assert_ok(kithd_held_put(store, field, second, KITH_SLICE("four"), 10));
    assert_ok(kithd_held_put(store, other, second, KITH_SLICE("elsewhere"), 10));
}

static void test_held_get__counts_a_space_and_a_device(void **state)
{
    (void)state;
    kithd_held held;
    uint8_t bytes[100] = {1};
    static const uint8_t header[KITH_HASH_BYTES] = {1};
    static const uint8_t nobody[KITH_KEY_BYTES] = {1};
    memcpy(bytes + 17, ashas_key(), KITH_KEY_BYTES);
    assert_ok(kithd_held_put(store, field, header, kith_slice_make(bytes, sizeof bytes), 1000));
    assert_ok(kithd_held_get(store, field, NULL, &held));
    assert_true(held.count == 1 && held.bytes == sizeof bytes);
    assert_ok(kithd_held_get(store, field, ashas_key(), &held));
    assert_true(held.count == 1 && held.bytes == sizeof bytes);
    assert_ok(kithd_held_get(store, field, nobody, &held));
    assert_true(held.count == 0 && held.bytes == 0);
    assert_ok(kithd_held_get(store, other, NULL, &held));
    assert_int_equal(held.count, 0);
}

static void test_device__is_of_one_space(void **state)
{
    (void)state;
    kithd_device found;
    kithd_device row = {.bytes = 7, .quota = 9};
    assert_ok(kithd_device_get(store, field, ashas_key(), &found));
    assert_true(found.bytes == 0 && found.quota == 0);
    assert_ok(kithd_device_put(store, field, ashas_key(), &row));
    assert_ok(kithd_device_get(store, field, ashas_key(), &found));
    assert_true(found.bytes == 7 && found.quota == 9);
    assert_ok(kithd_device_get(store, other, ashas_key(), &found));
    assert_int_equal(found.bytes, 0);
}

static void test_token__is_used_up(void **state)
{
    (void)state;
    assert_ok(kithd_token_put(store, KITH_SLICE("letters")));
    reopen();
    assert_status(kithd_token_take(store, KITH_SLICE("letter")), KITH_E_DENIED);
    assert_status(kithd_token_take(store, KITH_SLICE("")), KITH_E_DENIED);
    assert_ok(kithd_token_take(store, KITH_SLICE("letters")));
    assert_status(kithd_token_take(store, KITH_SLICE("letters")), KITH_E_DENIED);
}

static void test_txn__keeps_nothing_that_was_rolled_back(void **state)
{
    (void)state;
    kithd_space row;
    assert_ok(kithd_token_put(store, KITH_SLICE("letters")));
    assert_ok(kithd_txn_begin(store));
    put_space(field, 1);
    assert_ok(kithd_token_take(store, KITH_SLICE("letters")));
    kithd_txn_rollback(store);
    kithd_txn_rollback(store); /* none is open: fine */
    assert_status(kithd_space_get(store, field, &row), KITH_E_NOT_FOUND);
    assert_ok(kithd_token_take(store, KITH_SLICE("letters")));
}

static void test_store_check__counts_what_is_sound(void **state)
{
    (void)state;
    uint64_t count = 0;
    put_segment(1, 1, KITH_SLICE("first"));
    put_segment(2, 2, KITH_SLICE("second"));
    put_counts(2);
    assert_ok(kithd_store_check(store, &count));
    assert_int_equal(count, 2);
}

static void test_store_check__finds_what_is_missing(void **state)
{
    (void)state;
    uint64_t count = 0;
    put_segment(1, 1, KITH_SLICE("first"));
    put_segment(3, 2, KITH_SLICE("third"));
    put_counts(3);
    assert_status(kithd_store_check(store, &count), KITH_E_DAMAGED);
    put_segment(2, 3, KITH_SLICE("second"));
    put_counts(4);
    assert_status(kithd_store_check(store, &count), KITH_E_DAMAGED); /* the last one is not there */
    put_counts(3);
    assert_ok(kithd_store_check(store, &count));
}

static void test_store_check__finds_what_was_counted_wrong(void **state)
{
    (void)state;
    uint64_t count = 0;
    static const uint8_t nobody[KITH_KEY_BYTES] = {1};
    kithd_device device = {.bytes = 5};
    put_segment(1, 1, KITH_SLICE("first"));
    put_counts(1);
    assert_ok(kithd_device_put(store, field, nobody, &device)); /* has sent nothing */
    assert_status(kithd_store_check(store, &count), KITH_E_DAMAGED);
    device.bytes = 0;
    device.quota = 5;
    assert_ok(kithd_device_put(store, field, nobody, &device));
    assert_ok(kithd_store_check(store, &count));
    assert_ok(kithd_device_put(store, field, ashas_key(), &device)); /* has sent something */
    assert_status(kithd_store_check(store, &count), KITH_E_DAMAGED);
    put_counts(1);
    kithd_space space = {.position = 1, .bytes = put_bytes + 1};
    assert_ok(kithd_space_put(store, field, &space));
    assert_status(kithd_store_check(store, &count), KITH_E_DAMAGED);
}

static void run_raw(const char *sql)
{
    char path[500];
    sqlite3 *db = NULL;
    path_of("relay.db", path);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* A relay of before devices were counted. */
static void test_store_open__counts_devices_where_that_was_not_done(void **state)
{
    (void)state;
    uint64_t count = 0;
    kithd_device device;
    put_segment(1, 1, KITH_SLICE("first"));
    put_segment(2, 2, KITH_SLICE("second"));
    put_counts(2);
    kithd_store_close(store);
    run_raw("DROP TABLE device; PRAGMA user_version = 1");
    assert_ok(kithd_store_open(test_context(), folder, false, &store));
    assert_ok(kithd_device_get(store, field, ashas_key(), &device));
    assert_true(device.bytes == put_bytes && device.quota == 0);
    assert_ok(kithd_store_check(store, &count));
}

static void test_store_open__leaves_a_newer_relays_database_alone(void **state)
{
    (void)state;
    kithd_store *second = NULL;
    run_raw("PRAGMA user_version = 99");
    assert_status(kithd_store_open(test_context(), folder, false, &second), KITH_E_NEWER);
}

static void test_store_check__finds_what_is_no_segment(void **state)
{
    (void)state;
    uint64_t count = 0;
    kithd_segment wrong = {1, asha, 1, KITH_SLICE("\x01 no segment")};
    assert_ok(kithd_segment_put(store, field, &wrong));
    put_space(field, 1);
    assert_status(kithd_store_check(store, &count), KITH_E_DAMAGED);
}

static kith_status use_store(kith_context *cx, void *user)
{
    kith_buf heads;
    kithd_store *own = NULL;
    kithd_author row = {.number = 1};
    uint64_t count = 0;
    (void)user;
    KITH_TRY(kithd_store_open(cx, folder, false, &own));
    kith_buf_init(&heads, cx, 1000);
    kith_status status = kithd_author_put(own, field, asha, &row);
    if (status == KITH_OK) {
        status = kithd_author_heads(own, field, &heads);
    }
    if (status == KITH_OK) {
        status = kithd_store_check(own, &count);
    }
    kith_buf_deinit(&heads);
    kithd_store_close(own);
    return status;
}

static void test_store__reports_lack_of_memory(void **state)
{
    (void)state;
    put_segment(1, 1, KITH_SLICE("first"));
    put_counts(1);
    heap_fail_each_allocation(use_store, NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_store_open__makes_a_database_only_where_none_is),
        TEST(test_store_open__refuses_what_is_no_relays_database),
        TEST(test_store_open__counts_devices_where_that_was_not_done),
        TEST(test_store_open__leaves_a_newer_relays_database_alone),
        TEST(test_store_epoch__stays_while_marker_and_database_fit),
        TEST(test_store_epoch__is_new_without_the_marker),
        TEST(test_store_epoch__is_new_with_half_a_marker),
        TEST(test_store_backup__fits_no_marker),
        TEST(test_space__is_what_was_put_last),
        TEST(test_entry__is_read_back_in_order),
        TEST(test_author_heads__are_of_one_space),
        TEST(test_segment_next__goes_by_positions),
        TEST(test_segment_put__takes_no_place_twice),
        TEST(test_staged__is_one_for_each_author_within_its_room),
        TEST(test_staged_expire__forgets_what_is_old),
        TEST(test_held__has_its_room),
        TEST(test_held_get__counts_a_space_and_a_device),
        TEST(test_device__is_of_one_space),
        TEST(test_token__is_used_up),
        TEST(test_txn__keeps_nothing_that_was_rolled_back),
        TEST(test_store_check__counts_what_is_sound),
        TEST(test_store_check__finds_what_is_missing),
        TEST(test_store_check__finds_what_was_counted_wrong),
        TEST(test_store_check__finds_what_is_no_segment),
        TEST(test_store__reports_lack_of_memory),
    };
    return cmocka_run_group_tests_name("server/store", tests, NULL, NULL);
}
