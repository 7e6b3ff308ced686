/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "base/limits.h"
#include "stores.h"

/* What a scan visited, as text, and where it is to stop. */
typedef struct visits {
    char text[512];
    size_t count;
    size_t last;      /* the visit that ends the scan; 0 for none */
    kith_status with; /* what that visit answers */
} visits;

static kith_status note_dot(visits *v, kith_dot id)
{
    size_t length = strlen(v->text);
    (void)snprintf(v->text + length, sizeof v->text - length, "%s%u/%llu", v->count > 0 ? " " : "",
                   id.author, (unsigned long long)id.number);
    return ++v->count == v->last ? v->with : KITH_OK;
}

static kith_status note_row(void *user, const kith_row *row)
{
    return note_dot(user, row->id);
}

static kith_status note_link(void *user, const kith_link *link)
{
    return note_dot(user, link->source);
}

static kith_status note_origin(void *user, kith_dot id)
{
    return note_dot(user, id);
}

static kith_row row_of(uint32_t author, uint64_t number, uint32_t kind, uint32_t marks,
                       int64_t changed_ms)
{
    return (kith_row){.id = {author, number},
                      .kind = kind,
                      .marks = marks,
                      .changed_ms = changed_ms,
                      .state = KITH_SLICE("state")};
}

static void put(kith_store *store, kith_row row)
{
    store_ok(store, kith_row_put(store, &row, true));
}

static void put_some_rows(kith_store *store)
{
    put(store, row_of(2, 1, 5, 0, 300));
    put(store, row_of(1, 9, 5, KITH_MARK_CONFLICT, 100));
    put(store, row_of(1, 2, 5, KITH_MARK_REMOVED, 200));
    put(store, row_of(1, 3, 6, KITH_MARK_REVIVED, -7));
    put(store, row_of(2, 4, 0, KITH_MARK_WAITING, 50));
    put(store, row_of(3, 1, 6, 0, 50));
    put(store, row_of(3, 2, 6, KITH_MARK_REMOVED | KITH_MARK_CONFLICT, 60));
}

static void test_row_get__gives_what_was_put(void **state)
{
    kith_store *store = *state;
    kith_row row;
    kith_buf bytes;
    kith_buf_init(&bytes, test_context(), 64);
    kith_buf_append_text(&bytes, "before ");
    put(store, row_of(KITH_AUTHORS_MAX, KITH_NUMBER_MAX, 7, 12, INT64_MIN));
    kith_dot id = {KITH_AUTHORS_MAX, KITH_NUMBER_MAX};
    store_ok(store, kith_row_get(store, id, &row, &bytes));
    assert_true(kith_dot_equal(row.id, id));
    assert_int_equal(row.kind, 7);
    assert_int_equal(row.marks, 12);
    assert_true(row.changed_ms == INT64_MIN);
    assert_slice(row.state, "state");
    assert_slice(kith_buf_slice(&bytes), "before state");
    kith_buf_deinit(&bytes);
}

static void test_row_put__replaces_a_row_that_is_there(void **state)
{
    kith_store *store = *state;
    kith_row row = row_of(1, 2, 7, 0, 100);
    kith_row back;
    kith_buf bytes;
    kith_buf_init(&bytes, test_context(), 64);
    put(store, row);
    assert_store(store, kith_row_put(store, &row, true), KITH_E_INTERNAL);
    row.state = KITH_SLICE("");
    row.marks = KITH_MARK_REMOVED;
    row.kind = 8;
    row.changed_ms = 101;
    store_ok(store, kith_row_put(store, &row, false));
    store_ok(store, kith_row_get(store, row.id, &back, &bytes));
    assert_int_equal(back.kind, 8);
    assert_int_equal(back.marks, KITH_MARK_REMOVED);
    assert_int_equal(back.changed_ms, 101);
    assert_int_equal(back.state.length, 0);
    kith_buf_deinit(&bytes);
}

static void test_row_get__finds_no_row_that_is_not_there(void **state)
{
    kith_store *store = *state;
    kith_row row;
    kith_buf bytes;
    kith_buf_init(&bytes, test_context(), 64);
    put_some_rows(store);
    assert_store(store, kith_row_get(store, (kith_dot){1, 1}, &row, &bytes), KITH_E_NOT_FOUND);
    assert_int_equal(row.kind, 0);
    assert_int_equal(row.state.length, 0);
    kith_buf_deinit(&bytes);
}

static void test_row_scan_kind__has_the_last_changed_first(void **state)
{
    kith_store *store = *state;
    visits v = {.count = 0};
    put_some_rows(store);
    store_ok(store, kith_row_scan_kind(store, 5, note_row, &v));
    assert_string_equal(v.text, "2/1 1/2 1/9");
    v = (visits){.count = 0};
    store_ok(store, kith_row_scan_kind(store, 7, note_row, &v));
    assert_string_equal(v.text, "");
}

static void test_row_scan__goes_by_id(void **state)
{
    kith_store *store = *state;
    visits v = {.count = 0};
    put_some_rows(store);
    store_ok(store, kith_row_scan(store, note_row, &v));
    assert_string_equal(v.text, "1/2 1/3 1/9 2/1 2/4 3/1 3/2");
}

static void test_row_scan_author__keeps_to_an_author(void **state)
{
    kith_store *store = *state;
    static const char *const expected[] = {"", "1/2 1/3 1/9", "2/1 2/4", "3/1 3/2", ""};
    put_some_rows(store);
    for (uint32_t author = 0; author < KITH_ARRAY_LENGTH(expected); author++) {
        visits v = {.count = 0};
        store_ok(store, kith_row_scan_author(store, author, note_row, &v));
        assert_string_equal(v.text, expected[author]);
    }
}

static void test_row_scan_marked__has_what_is_not_as_it_should_be(void **state)
{
    kith_store *store = *state;
    visits v = {.count = 0};
    put_some_rows(store);
    store_ok(store, kith_row_scan_marked(store, note_row, &v));
    assert_int_equal(v.count, 4);
    static const char *const expected[] = {"1/9", "1/3", "2/4", "3/2"};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(expected); i++) {
        assert_non_null(strstr(v.text, expected[i]));
    }
}

static void test_row_figures__count_rows_by_their_marks(void **state)
{
    kith_store *store = *state;
    uint64_t count = 7;
    uint64_t removed = 7;
    uint64_t attention = 7;
    store_ok(store, kith_row_figures(store, &count, &removed, &attention));
    assert_int_equal(count + removed + attention, 0);
    put_some_rows(store);
    store_ok(store, kith_row_figures(store, &count, &removed, &attention));
    assert_int_equal(count, 4);
    assert_int_equal(removed, 2);
    assert_int_equal(attention, 3);
}

static void test_link_scan__has_who_points_to_a_record(void **state)
{
    kith_store *store = *state;
    static const kith_link links[] = {{{1, 1}, {2, 5}, 3},
                                      {{1, 1}, {1, 4}, 3},
                                      {{1, 1}, {2, 5}, 2},
                                      {{1, 2}, {2, 5}, 3},
                                      {{1, 1}, {1, 4}, 3}};
    visits v = {.count = 0};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(links); i++) {
        store_ok(store, kith_link_put(store, &links[i]));
    }
    store_ok(store, kith_link_scan(store, (kith_dot){1, 1}, note_link, &v));
    assert_string_equal(v.text, "1/4 2/5 2/5");
    store_ok(store, kith_link_remove(store, &links[0]));
    store_ok(store, kith_link_remove(store, &links[0]));
    v = (visits){.count = 0};
    store_ok(store, kith_link_scan(store, (kith_dot){1, 1}, note_link, &v));
    assert_string_equal(v.text, "1/4 2/5");
}

static void test_origin_scan__has_who_carries_a_key(void **state)
{
    kith_store *store = *state;
    bool exists = true;
    visits v = {.count = 0};
    store_ok(store, kith_origin_exists(store, &exists));
    assert_false(exists);
    store_ok(store, kith_origin_put(store, INT64_MIN, (kith_dot){2, 5}));
    store_ok(store, kith_origin_put(store, INT64_MIN, (kith_dot){1, 7}));
    store_ok(store, kith_origin_put(store, INT64_MIN, (kith_dot){1, 7}));
    store_ok(store, kith_origin_put(store, INT64_MAX, (kith_dot){1, 7}));
    store_ok(store, kith_origin_exists(store, &exists));
    assert_true(exists);
    store_ok(store, kith_origin_scan(store, INT64_MIN, note_origin, &v));
    assert_string_equal(v.text, "1/7 2/5");
    store_ok(store, kith_origin_remove(store, INT64_MIN, (kith_dot){1, 7}));
    v = (visits){.count = 0};
    store_ok(store, kith_origin_scan(store, INT64_MIN, note_origin, &v));
    assert_string_equal(v.text, "2/5");
}

/* The ids that an expression finds, as text. */
static const char *match(kith_store *store, const char *expression, size_t limit)
{
    static visits v;
    kith_dot ids[16];
    size_t count = 0;
    v = (visits){.count = 0};
    assert_true(limit <= KITH_ARRAY_LENGTH(ids));
    store_ok(store, kith_search_match(store, expression, limit, ids, &count));
    for (size_t i = 0; i < count; i++) {
        assert_ok(note_dot(&v, ids[i]));
    }
    return v.text;
}

static void put_some_words(kith_store *store)
{
    store_ok(store, kith_search_put(store, (kith_dot){1, 2}, kith_slice_of("rina das =rn ")));
    store_ok(store, kith_search_put(store, (kith_dot){2, 1}, kith_slice_of("rina ")));
    store_ok(store, kith_search_put(store, (kith_dot){1, 9}, kith_slice_of("reena =rn ")));
}

static void test_search_match__has_the_newest_first(void **state)
{
    kith_store *store = *state;
    put_some_words(store);
    assert_string_equal(match(store, "\"rina\"", 16), "2/1 1/2");
    assert_string_equal(match(store, "\"=rn\"", 16), "1/9 1/2");
    assert_string_equal(match(store, "\"rina\" AND \"das\"", 16), "1/2");
    assert_string_equal(match(store, "\"r\"*", 16), "2/1 1/9 1/2");
    assert_string_equal(match(store, "\"ri\"", 16), "");
}

static void test_search_match__stops_at_the_limit(void **state)
{
    kith_store *store = *state;
    put_some_words(store);
    assert_string_equal(match(store, "\"r\"*", 2), "2/1 1/9");
    assert_string_equal(match(store, "\"r\"*", 1), "2/1");
}

static void test_search_remove__takes_the_words_out(void **state)
{
    kith_store *store = *state;
    put_some_words(store);
    store_ok(store, kith_search_remove(store, (kith_dot){1, 2}, kith_slice_of("rina das =rn ")));
    assert_string_equal(match(store, "\"rina\"", 16), "2/1");
    assert_string_equal(match(store, "\"das\"", 16), "");
}

static void test_search_match__refuses_what_is_no_expression(void **state)
{
    kith_store *store = *state;
    kith_dot ids[4];
    size_t count = 7;
    assert_store(store, kith_search_match(store, "\"rina", 4, ids, &count), KITH_E_INTERNAL);
    assert_int_equal(count, 0);
}

static void test_clear_fold__leaves_the_log(void **state)
{
    kith_store *store = *state;
    visits v = {.count = 0};
    bool exists = true;
    put_some_rows(store);
    put_some_words(store);
    store_ok(store, kith_link_put(store, &(kith_link){{1, 1}, {2, 5}, 3}));
    store_ok(store, kith_origin_put(store, 7, (kith_dot){1, 7}));
    store_ok(store, kith_tail_append(store, 1, kith_slice_of("block")));
    store_ok(store, kith_store_clear_fold(store));
    store_ok(store, kith_row_scan(store, note_row, &v));
    store_ok(store, kith_link_scan(store, (kith_dot){1, 1}, note_link, &v));
    store_ok(store, kith_origin_exists(store, &exists));
    assert_int_equal(v.count, 0);
    assert_false(exists);
    assert_string_equal(match(store, "\"rina\"", 16), "");
    assert_int_equal(store_number(store, "SELECT count(*) FROM tail"), 1);
}

static void test_row_scans__end_where_the_visitor_stops_them(void **state)
{
    kith_store *store = *state;
    put_some_rows(store);
    visits v = {.last = 2, .with = KITH_E_STOPPED};
    store_ok(store, kith_row_scan(store, note_row, &v));
    assert_string_equal(v.text, "1/2 1/3");
    v = (visits){.last = 1, .with = KITH_E_STOPPED};
    store_ok(store, kith_row_scan_kind(store, 5, note_row, &v));
    assert_string_equal(v.text, "2/1");
    v = (visits){.last = 1, .with = KITH_E_STOPPED};
    store_ok(store, kith_row_scan_author(store, 1, note_row, &v));
    assert_string_equal(v.text, "1/2");
    v = (visits){.last = 1, .with = KITH_E_STOPPED};
    store_ok(store, kith_row_scan_marked(store, note_row, &v));
    assert_int_equal(v.count, 1);
}

static void test_scans__end_with_what_the_visitor_answers(void **state)
{
    kith_store *store = *state;
    put_some_rows(store);
    store_ok(store, kith_link_put(store, &(kith_link){{1, 1}, {2, 5}, 3}));
    store_ok(store, kith_origin_put(store, 7, (kith_dot){1, 7}));
    visits v = {.last = 1, .with = KITH_E_MEMORY};
    assert_store(store, kith_row_scan(store, note_row, &v), KITH_E_MEMORY);
    v = (visits){.last = 1, .with = KITH_E_MEMORY};
    assert_store(store, kith_link_scan(store, (kith_dot){1, 1}, note_link, &v), KITH_E_MEMORY);
    v = (visits){.last = 1, .with = KITH_E_MEMORY};
    assert_store(store, kith_origin_scan(store, 7, note_origin, &v), KITH_E_MEMORY);
}

static void test_rows__notice_what_is_not_what_was_written(void **state)
{
    static const char *const faults[] = {"kind = 6",       "marks = 1",   "changed = 301",
                                         "state = x'73'",  "state = x''", "checksum = -1",
                                         "checksum = 'x'", "id = id + 1"};
    kith_store *store = *state;
    kith_row row;
    kith_buf bytes;
    kith_buf_init(&bytes, test_context(), 64);
    put(store, row_of(2, 1, 5, 0, 300));
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(faults); i++) {
        char sql[128];
        visits v = {.count = 0};
        (void)snprintf(sql, sizeof sql, "UPDATE record SET %s", faults[i]);
        store_run(store, "SAVEPOINT sound");
        store_run(store, sql);
        bool moved = strstr(faults[i], "id =") == faults[i];
        kith_dot id = {2, moved ? 2 : 1};
        assert_store(store, kith_row_get(store, id, &row, &bytes), KITH_E_DAMAGED);
        assert_store(store, kith_row_scan(store, note_row, &v), KITH_E_DAMAGED);
        assert_int_equal(v.count, 0);
        store_run(store, "ROLLBACK TO sound; RELEASE sound");
    }
    store_ok(store, kith_row_get(store, (kith_dot){2, 1}, &row, &bytes));
    kith_buf_deinit(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        store_test(test_row_get__gives_what_was_put),
        store_test(test_row_put__replaces_a_row_that_is_there),
        store_test(test_row_get__finds_no_row_that_is_not_there),
        store_test(test_row_scan_kind__has_the_last_changed_first),
        store_test(test_row_scan__goes_by_id),
        store_test(test_row_scan_author__keeps_to_an_author),
        store_test(test_row_scan_marked__has_what_is_not_as_it_should_be),
        store_test(test_row_figures__count_rows_by_their_marks),
        store_test(test_link_scan__has_who_points_to_a_record),
        store_test(test_origin_scan__has_who_carries_a_key),
        store_test(test_search_match__has_the_newest_first),
        store_test(test_search_match__stops_at_the_limit),
        store_test(test_search_remove__takes_the_words_out),
        store_test(test_search_match__refuses_what_is_no_expression),
        store_test(test_clear_fold__leaves_the_log),
        store_test(test_row_scans__end_where_the_visitor_stops_them),
        store_test(test_scans__end_with_what_the_visitor_answers),
        store_test(test_rows__notice_what_is_not_what_was_written),
    };
    return cmocka_run_group_tests_name("store/record_rows", tests, NULL, NULL);
}
