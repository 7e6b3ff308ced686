/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "stores.h"

/* What a scan visited, as text, and where it is to stop. */
typedef struct visits {
    char text[512];
    size_t count;
    size_t last;      /* the visit that ends the scan; 0 for none */
    kith_status with; /* what that visit answers */
} visits;

static kith_status note(visits *v, const char *text)
{
    size_t length = strlen(v->text);
    (void)snprintf(v->text + length, sizeof v->text - length, "%s%s", v->count > 0 ? " " : "",
                   text);
    return ++v->count == v->last ? v->with : KITH_OK;
}

static kith_status note_name(void *user, uint32_t ordinal, kith_slice name)
{
    char text[64];
    (void)snprintf(text, sizeof text, "%u:%.*s", ordinal, KITH_SLICE_ARGUMENTS(name));
    return note(user, text);
}

static kith_status note_author(void *user, uint32_t ordinal, const kith_author *author, bool is_own)
{
    char text[64];
    (void)snprintf(text, sizeof text, "%u:%u:%u:%llu%s", ordinal, author->id.bytes[9],
                   author->space, (unsigned long long)author->head, is_own ? ":own" : "");
    return note(user, text);
}

static kith_status note_tail(void *user, int64_t position, kith_slice block)
{
    char text[64];
    (void)snprintf(text, sizeof text, "%lld:%.*s", (long long)position,
                   KITH_SLICE_ARGUMENTS(block));
    return note(user, text);
}

static kith_status note_pack(void *user, const kith_pack *pack)
{
    char text[64];
    (void)snprintf(text, sizeof text, "%u:%llu-%llu:%.*s", pack->author,
                   (unsigned long long)pack->first, (unsigned long long)pack->last,
                   KITH_SLICE_ARGUMENTS(pack->bytes));
    return note(user, text);
}

static void put_pack(kith_store *store, uint32_t author, uint64_t first, uint64_t last,
                     const char *bytes)
{
    kith_pack pack = {author, first, last, kith_slice_of(bytes)};
    store_ok(store, kith_pack_put(store, &pack));
}

static void put_some_packs(kith_store *store)
{
    put_pack(store, 2, 11, 20, "c");
    put_pack(store, 1, 1, 5, "a");
    put_pack(store, 2, 1, 10, "b");
    put_pack(store, 2, 21, 21, "d");
}

static void put_some_tail(kith_store *store)
{
    store_ok(store, kith_tail_append(store, 3, kith_slice_of("three")));
    store_ok(store, kith_tail_append(store, 1, kith_slice_of("one")));
    store_ok(store, kith_tail_append(store, 2, kith_slice_of("two")));
}

static void test_meta__keeps_numbers_and_bytes_by_name(void **state)
{
    kith_store *store = *state;
    int64_t value = 7;
    kith_buf bytes;
    kith_buf_init(&bytes, test_context(), 64);
    assert_store(store, kith_meta_get(store, "folded", &value), KITH_E_NOT_FOUND);
    assert_int_equal(value, 0);
    assert_store(store, kith_meta_get_bytes(store, "clock", &bytes), KITH_E_NOT_FOUND);
    store_ok(store, kith_meta_set(store, "folded", INT64_MIN));
    store_ok(store, kith_meta_set_bytes(store, "clock", KITH_SLICE("\0\xff")));
    store_ok(store, kith_meta_set_bytes(store, "clock", KITH_SLICE("\1\0\xfe")));
    store_ok(store, kith_meta_get(store, "folded", &value));
    assert_true(value == INT64_MIN);
    store_ok(store, kith_meta_get_bytes(store, "clock", &bytes));
    assert_true(kith_slice_equal(kith_buf_slice(&bytes), KITH_SLICE("\1\0\xfe")));
    kith_buf_deinit(&bytes);
}

static void test_meta_get_bytes__stops_at_the_room_there_is(void **state)
{
    kith_store *store = *state;
    kith_buf bytes;
    kith_buf_init(&bytes, test_context(), 2);
    store_ok(store, kith_meta_set_bytes(store, "clock", KITH_SLICE("abc")));
    assert_store(store, kith_meta_get_bytes(store, "clock", &bytes), KITH_E_LIMIT);
    kith_buf_deinit(&bytes);
}

static void test_name_scan__goes_by_ordinal(void **state)
{
    kith_store *store = *state;
    visits v = {.count = 0};
    store_ok(store, kith_name_put(store, 3, kith_slice_of("c")));
    store_ok(store, kith_name_put(store, 1, kith_slice_of("b")));
    store_ok(store, kith_name_put(store, 2, kith_slice_of("a")));
    store_ok(store, kith_name_scan(store, note_name, &v));
    assert_string_equal(v.text, "1:b 2:a 3:c");
}

static void test_author_scan__goes_by_ordinal(void **state)
{
    kith_store *store = *state;
    visits v = {.count = 0};
    kith_author first = {.id = {{[9] = 7}}, .head = 0, .space = 1};
    kith_author second = {.id = {{[9] = 5}}, .head = 12, .space = 2};
    store_ok(store, kith_author_put(store, 2, &second));
    store_ok(store, kith_author_put(store, 1, &first));
    store_ok(store, kith_author_set_head(store, 1, 99));
    store_ok(store, kith_author_scan(store, note_author, &v));
    assert_string_equal(v.text, "1:7:1:99 2:5:2:12");
}

static void test_author_set_own__leaves_just_one(void **state)
{
    kith_store *store = *state;
    visits v = {.count = 0};
    kith_author first = {.id = {{[9] = 7}}};
    kith_author second = {.id = {{[9] = 5}}};
    store_ok(store, kith_author_put(store, 1, &first));
    store_ok(store, kith_author_put(store, 2, &second));
    store_ok(store, kith_author_set_own(store, 1));
    store_ok(store, kith_author_set_own(store, 2));
    store_ok(store, kith_author_scan(store, note_author, &v));
    assert_string_equal(v.text, "1:7:0:0 2:5:0:0:own");
}

static void test_author_scan__refuses_an_id_of_another_length(void **state)
{
    kith_store *store = *state;
    visits v = {.count = 0};
    store_run(store, "INSERT INTO author(ordinal, id, space, head, own) VALUES(1, x'00', 0, 0, 0)");
    assert_store(store, kith_author_scan(store, note_author, &v), KITH_E_DAMAGED);
    assert_int_equal(v.count, 0);
}

static void test_tail_scan__goes_by_position_from_one_on(void **state)
{
    kith_store *store = *state;
    static const char *const expected[] = {"1:one 2:two 3:three", "2:two 3:three", "3:three", ""};
    put_some_tail(store);
    for (int64_t after = 0; after < 4; after++) {
        visits v = {.count = 0};
        store_ok(store, kith_tail_scan(store, after, note_tail, &v));
        assert_string_equal(v.text, expected[after]);
    }
}

static void test_tail_clear__leaves_nothing(void **state)
{
    kith_store *store = *state;
    visits v = {.count = 0};
    put_some_tail(store);
    store_ok(store, kith_tail_clear(store));
    store_ok(store, kith_tail_scan(store, 0, note_tail, &v));
    assert_int_equal(v.count, 0);
}

static void test_pack_scan__goes_by_number_from_one_on(void **state)
{
    kith_store *store = *state;
    static const struct {
        uint32_t author;
        uint64_t after;
        const char *expected;
    } cases[] = {{1, 0, "1:1-5:a"},
                 {2, 0, "2:1-10:b 2:11-20:c 2:21-21:d"},
                 {2, 9, "2:1-10:b 2:11-20:c 2:21-21:d"},
                 {2, 10, "2:11-20:c 2:21-21:d"},
                 {2, 20, "2:21-21:d"},
                 {2, 21, ""},
                 {3, 0, ""}};
    put_some_packs(store);
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(cases); i++) {
        visits v = {.count = 0};
        store_ok(store, kith_pack_scan(store, cases[i].author, cases[i].after, note_pack, &v));
        assert_string_equal(v.text, cases[i].expected);
    }
}

static void test_pack_find__gives_the_pack_that_holds_a_change(void **state)
{
    kith_store *store = *state;
    kith_buf bytes;
    kith_pack pack;
    kith_buf_init(&bytes, test_context(), 1024);
    put_some_packs(store);
    static const uint64_t numbers[] = {1, 10, 11, 20, 21};
    static const char *const expected[] = {"b", "b", "c", "c", "d"};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(numbers); i++) {
        kith_buf_clear(&bytes);
        store_ok(store, kith_pack_find(store, (kith_dot){2, numbers[i]}, &bytes, &pack));
        assert_slice(pack.bytes, expected[i]);
        assert_true(pack.first <= numbers[i] && numbers[i] <= pack.last);
    }
    kith_buf_deinit(&bytes);
}

static void test_pack_find__finds_none_for_what_no_pack_holds(void **state)
{
    kith_store *store = *state;
    static const kith_dot dots[] = {{2, 22}, {1, 6}, {3, 1}, {2, 0}};
    kith_buf bytes;
    kith_pack pack;
    kith_buf_init(&bytes, test_context(), 1024);
    put_some_packs(store);
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(dots); i++) {
        assert_store(store, kith_pack_find(store, dots[i], &bytes, &pack), KITH_E_NOT_FOUND);
    }
    kith_buf_deinit(&bytes);
}

static void test_scans__end_with_what_the_visitor_answers(void **state)
{
    kith_store *store = *state;
    static const kith_status statuses[] = {KITH_E_STOPPED, KITH_E_MEMORY};
    put_some_tail(store);
    put_some_packs(store);
    store_ok(store, kith_name_put(store, 1, kith_slice_of("a")));
    store_ok(store, kith_name_put(store, 2, kith_slice_of("b")));
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(statuses); i++) {
        visits tail = {.last = 2, .with = statuses[i]};
        visits packs = {.last = 2, .with = statuses[i]};
        visits names = {.last = 1, .with = statuses[i]};
        assert_store(store, kith_tail_scan(store, 0, note_tail, &tail), statuses[i]);
        assert_store(store, kith_pack_scan(store, 2, 0, note_pack, &packs), statuses[i]);
        assert_store(store, kith_name_scan(store, note_name, &names), statuses[i]);
        assert_int_equal(tail.count, 2);
        assert_int_equal(packs.count, 2);
        assert_int_equal(names.count, 1);
    }
}

static void test_scans__notice_rows_that_are_not_what_was_written(void **state)
{
    static const char *const faults[] = {
        "UPDATE tail SET block = CAST('twO' AS BLOB) WHERE position = 2",
        "UPDATE tail SET checksum = checksum + 1 WHERE position = 2",
        "UPDATE tail SET position = 7 WHERE position = 2",
        "UPDATE tail SET block = x'' WHERE position = 2",
        "UPDATE pack SET bytes = x'00' WHERE first = 11",
        "UPDATE pack SET last = 19 WHERE first = 11",
        "UPDATE pack SET first = 12 WHERE first = 11",
        "UPDATE pack SET author = 1 WHERE first = 11",
        "UPDATE pack SET checksum = 0 WHERE first = 11"};
    kith_store *store = *state;
    put_some_tail(store);
    put_some_packs(store);
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(faults); i++) {
        visits v = {.count = 0};
        store_run(store, "SAVEPOINT sound");
        store_run(store, faults[i]);
        kith_status status = strstr(faults[i], "tail") != NULL
                                 ? kith_tail_scan(store, 0, note_tail, &v)
                                 : kith_pack_scan(store, 1, 0, note_pack, &v);
        if (status == KITH_OK) {
            status = kith_pack_scan(store, 2, 0, note_pack, &v);
        }
        if (status != KITH_E_DAMAGED) {
            fail_msg("%s", faults[i]);
        }
        assert_int_equal(store_busy_statements(store), 0);
        store_run(store, "ROLLBACK TO sound; RELEASE sound");
    }
}

static void test_pack_find__notices_a_pack_that_is_not_what_was_written(void **state)
{
    kith_store *store = *state;
    kith_buf bytes;
    kith_pack pack;
    kith_buf_init(&bytes, test_context(), 1024);
    put_some_packs(store);
    store_run(store, "UPDATE pack SET bytes = x'00' WHERE first = 11");
    assert_store(store, kith_pack_find(store, (kith_dot){2, 15}, &bytes, &pack), KITH_E_DAMAGED);
    kith_buf_deinit(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        store_test(test_meta__keeps_numbers_and_bytes_by_name),
        store_test(test_meta_get_bytes__stops_at_the_room_there_is),
        store_test(test_name_scan__goes_by_ordinal),
        store_test(test_author_scan__goes_by_ordinal),
        store_test(test_author_set_own__leaves_just_one),
        store_test(test_author_scan__refuses_an_id_of_another_length),
        store_test(test_tail_scan__goes_by_position_from_one_on),
        store_test(test_tail_clear__leaves_nothing),
        store_test(test_pack_scan__goes_by_number_from_one_on),
        store_test(test_pack_find__gives_the_pack_that_holds_a_change),
        store_test(test_pack_find__finds_none_for_what_no_pack_holds),
        store_test(test_scans__end_with_what_the_visitor_answers),
        store_test(test_scans__notice_rows_that_are_not_what_was_written),
        store_test(test_pack_find__notices_a_pack_that_is_not_what_was_written),
    };
    return cmocka_run_group_tests_name("store/log_rows", tests, NULL, NULL);
}
