/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "device.h"

enum { CONDITIONS_MAX = 4 };

/* Options for a kind, with conditions written as "field=text". */
typedef struct query {
    kith_list_options options;
    kith_where where[CONDITIONS_MAX];
} query;

static void set_query(query *q, const char *kind, const char *const *conditions)
{
    *q = (query){.options = KITH_LIST_OPTIONS_INIT};
    q->options.kind = kith_slice_of(kind);
    q->options.where = q->where;
    for (; *conditions != NULL; conditions++) {
        kith_slice whole = kith_slice_of(*conditions);
        size_t equals = kith_slice_find(whole, '=');
        q->where[q->options.where_count++] =
            (kith_where){kith_slice_head(whole, equals), kith_slice_skip(whole, equals + 1)};
    }
}

static const char *list_titles(test_device *device, const query *q)
{
    kith_list *list = NULL;
    must(device, kith_list_records(device->replica, &q->options, &list));
    return device_titles(list);
}

static void assert_listed_at(test_device *device, const char *kind, const char *const *conditions,
                             const char *titles, int line)
{
    query q;
    set_query(&q, kind, conditions);
    const char *found = list_titles(device, &q);
    if (strcmp(found, titles) != 0) {
        print_error("\"%s\" is not \"%s\"\n", found, titles);
        _fail(__FILE__, line);
    }
}

/* Fails unless the records of a kind that meet the conditions have these titles. */
#define assert_listed(device, kind, titles, ...) \
    assert_listed_at((device), (kind), DEVICE_LIST(__VA_ARGS__), (titles), __LINE__)

static void assert_refused(test_device *device, const char *kind, const char *condition,
                           const char *word)
{
    query q;
    kith_list *list = NULL;
    set_query(&q, kind, DEVICE_LIST(condition));
    assert_answer(device, kith_list_records(device->replica, &q.options, &list), KITH_E_ARGUMENT);
    assert_null(list);
    assert_non_null(strstr(kith_replica_error(device->replica)->message, word));
}

/* Places a second apart, the first made first. */
static void add_places(test_device *device)
{
    (void)device_add(device, "place", "name=Nongriat", "type=village", "households=7",
                     "livelihoods=forest;jhum", "lat_lon=25.25,91.67");
    device_wait(device, 1000);
    (void)device_add(device, "place", "name=Pynursla", "type=block", "households=900");
    device_wait(device, 1000);
    (void)device_add(device, "place", "name=Shella", "type=village", "households=40",
                     "livelihoods=fishing", "parent=3");
    device_wait(device, 1000);
}

static void test_list__has_the_records_of_a_kind_last_changed_first(void **state)
{
    test_device *asha = *state;
    add_places(asha);
    (void)device_add_person(asha, "Asha");
    query q;
    set_query(&q, "place", DEVICE_LIST(NULL));
    assert_string_equal(list_titles(asha, &q), "Shella; Pynursla; Nongriat");
    q.options.limit = 2;
    assert_string_equal(list_titles(asha, &q), "Shella; Pynursla");
}

static void test_list__keeps_to_what_a_field_holds(void **state)
{
    test_device *asha = *state;
    add_places(asha);
    assert_listed(asha, "place", "Shella; Nongriat", "type=village");
    assert_listed(asha, "place", "Pynursla", "households=900");
    assert_listed(asha, "place", "Nongriat", "name=Nongriat");
    assert_listed(asha, "place", "", "name=nongriat");
    assert_listed(asha, "place", "Nongriat", "livelihoods=jhum");
    assert_listed(asha, "place", "Nongriat", "lat_lon=25.25000,91.67000");
    assert_listed(asha, "place", "Shella", "parent=3");
    assert_listed(asha, "place", "", "households=8");
}

static void test_list__wants_all_conditions(void **state)
{
    test_device *asha = *state;
    add_places(asha);
    assert_listed(asha, "place", "Nongriat", "type=village", "households=7");
    assert_listed(asha, "place", "", "type=village", "households=900");
}

static void test_list__finds_what_holds_nothing(void **state)
{
    test_device *asha = *state;
    add_places(asha);
    assert_listed(asha, "place", "Pynursla; Nongriat", "parent=");
    assert_listed(asha, "place", "Pynursla", "livelihoods=");
    assert_listed(asha, "place", "Shella; Pynursla; Nongriat", "census_code= ");
    device_set(asha, device_add_place(asha, "Mawlynnong"), "households=3");
    device_wait(asha, 1000);
    kith_id place = device_add(asha, "place", "name=Mawsynram", "type=village", "households=3");
    device_wait(asha, 1000);
    device_set(asha, place, "households=");
    assert_listed(asha, "place", "Mawsynram", "households=");
}

static void test_list__finds_a_record_by_either_value_of_a_conflict(void **state)
{
    test_device *devices = *state;
    kith_id place = device_add_place(&devices[0], "Nongriat");
    device_exchange(&devices[0], &devices[1]);
    device_set(&devices[0], place, "households=1");
    device_set(&devices[1], place, "households=2");
    device_exchange(&devices[0], &devices[1]);
    assert_listed(&devices[0], "place", "Nongriat", "households=1");
    assert_listed(&devices[0], "place", "Nongriat", "households=2");
    assert_listed(&devices[0], "place", "", "households=3");
}

static void assert_sorted(test_device *device, const char *kind, const char *field,
                          const char *rising, const char *falling)
{
    query q;
    set_query(&q, kind, DEVICE_LIST(NULL));
    q.options.sort = kith_slice_of(field);
    assert_string_equal(list_titles(device, &q), rising);
    q.options.descending = 1;
    assert_string_equal(list_titles(device, &q), falling);
}

static void test_list__sorts_by_number(void **state)
{
    test_device *asha = *state;
    add_places(asha);
    (void)device_add_place(asha, "Mawlynnong");
    assert_sorted(asha, "place", "households", "Nongriat; Shella; Pynursla; Mawlynnong",
                  "Pynursla; Shella; Nongriat; Mawlynnong");
}

static void test_list__sorts_by_text_whatever_its_case(void **state)
{
    test_device *asha = *state;
    static const char *const names[] = {"shella", "Álla", "Nongriat", "nongriang", "Zunheboto"};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(names); i++) {
        (void)device_add_place(asha, names[i]);
    }
    assert_sorted(asha, "place", "name", "Álla; nongriang; Nongriat; shella; Zunheboto",
                  "Zunheboto; shella; Nongriat; nongriang; Álla");
}

static void test_list__sorts_by_date(void **state)
{
    test_device *asha = *state;
    static const char *const births[] = {"birth=2009-03-14", "birth=1890", "birth=~2010",
                                         "birth=2009-02..2009-06"};
    static const char *const names[] = {"Asha", "Bina", "Chando", "Dini"};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(births); i++) {
        device_set(asha, device_add_person(asha, names[i]), births[i]);
    }
    assert_sorted(asha, "person", "birth", "Bina; Dini; Asha; Chando", "Chando; Asha; Dini; Bina");
}

static void test_list__sorts_by_decimals(void **state)
{
    test_device *asha = *state;
    static const char *const lengths[] = {"length=10", "length=-2.5", "length=9.75",
                                          "length=-2.05"};
    static const char *const names[] = {"name=A", "name=B", "name=C", "name=D"};
    must(asha, kith_schema_add(asha->replica, kith_slice_of("boats"),
                               kith_slice_of("{\"kinds\":{\"boat\":{\"label\":\"Boat\","
                                             "\"title_fields\":[\"name\"],\"fields\":["
                                             "{\"name\":\"name\",\"label\":\"Name\",\"type\":"
                                             "\"text\"},{\"name\":\"length\",\"label\":\"Length\","
                                             "\"type\":\"decimal\"}]}}}")));
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(lengths); i++) {
        (void)device_add(asha, "boat", names[i], lengths[i]);
    }
    assert_sorted(asha, "boat", "length", "B; D; C; A", "A; C; D; B");
}

static void test_list__keeps_to_what_was_changed_since(void **state)
{
    test_device *asha = *state;
    add_places(asha);
    query q;
    set_query(&q, "place", DEVICE_LIST(NULL));
    q.options.changed_since_ms = DEVICE_START_MS + 1000;
    assert_string_equal(list_titles(asha, &q), "Shella; Pynursla");
    q.options.changed_since_ms = DEVICE_START_MS + 2001;
    assert_string_equal(list_titles(asha, &q), "");
}

static void test_list__judges_changes_by_corrected_time(void **state)
{
    test_device *asha = *state;
    device_set_clock(asha, 0);
    (void)device_add_place(asha, "Nongriat");
    query q;
    set_query(&q, "place", DEVICE_LIST(NULL));
    q.options.changed_since_ms = DEVICE_START_MS;
    assert_string_equal(list_titles(asha, &q), "");
    must(asha, kith_replica_learn_time(asha->replica, DEVICE_START_MS));
    assert_string_equal(list_titles(asha, &q), "Nongriat");
}

static void test_list__has_removed_records_if_asked(void **state)
{
    test_device *asha = *state;
    add_places(asha);
    kith_id id = {{0}};
    must(asha, kith_id_resolve(asha->replica, kith_slice_of("2"), &id));
    device_remove(asha, id);
    query q;
    set_query(&q, "place", DEVICE_LIST(NULL));
    assert_string_equal(list_titles(asha, &q), "Shella; Pynursla");
    q.options.with_removed = 1;
    kith_list *list = NULL;
    must(asha, kith_list_records(asha->replica, &q.options, &list));
    assert_int_equal(kith_list_count(list), 3);
    assert_int_equal(kith_list_row_at(list, 0)->is_removed, 1);
    assert_int_equal(kith_list_row_at(list, 1)->is_removed, 0);
    kith_list_free(list);
}

static void test_list__has_kinds_that_only_a_newer_version_knows(void **state)
{
    test_device *asha = *state;
    query q;
    kith_list *list = NULL;
    kith_id id = device_add_newer(asha, "drone", "range", (kith_value){99, KITH_SLICE("x")});
    set_query(&q, "drone", DEVICE_LIST(NULL));
    must(asha, kith_list_records(asha->replica, &q.options, &list));
    assert_int_equal(kith_list_count(list), 1);
    assert_true(kith_id_equal(kith_list_row_at(list, 0)->id, id));
    assert_string_equal(kith_list_row_at(list, 0)->kind, "drone");
    kith_list_free(list);
}

static void test_list__has_no_kind_that_nobody_knows(void **state)
{
    test_device *asha = *state;
    static const char *const kinds[] = {"", "palace", "households", "full_name"};
    add_places(asha);
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(kinds); i++) {
        query q;
        kith_list *list = NULL;
        set_query(&q, kinds[i], DEVICE_LIST("name=x"));
        assert_answer(asha, kith_list_records(asha->replica, &q.options, &list), KITH_E_NOT_FOUND);
        assert_null(list);
    }
}

static void test_list__is_empty_for_a_kind_without_records(void **state)
{
    assert_listed(*state, "case", "", NULL);
    assert_listed(*state, "case", "", "status=open");
}

static void test_list__says_what_is_wrong_with_a_condition(void **state)
{
    test_device *asha = *state;
    add_places(asha);
    assert_refused(asha, "place", "nam=Nongriat", "nam");
    assert_refused(asha, "place", "full_name=Asha", "full_name");
    assert_refused(asha, "place", "households=many", "households");
    assert_refused(asha, "place", "type=palace", "type");
    assert_refused(asha, "place", "parent=99", "parent");
    assert_refused(asha, "place", "parent=there", "parent");
    query q;
    kith_list *list = NULL;
    set_query(&q, "place", DEVICE_LIST(NULL));
    q.options.sort = kith_slice_of("size");
    assert_answer(asha, kith_list_records(asha->replica, &q.options, &list), KITH_E_ARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        device_test(test_list__has_the_records_of_a_kind_last_changed_first),
        device_test(test_list__keeps_to_what_a_field_holds),
        device_test(test_list__wants_all_conditions),
        device_test(test_list__finds_what_holds_nothing),
        devices_test(test_list__finds_a_record_by_either_value_of_a_conflict),
        device_test(test_list__sorts_by_number),
        device_test(test_list__sorts_by_text_whatever_its_case),
        device_test(test_list__sorts_by_date),
        device_test(test_list__sorts_by_decimals),
        device_test(test_list__keeps_to_what_was_changed_since),
        device_test(test_list__judges_changes_by_corrected_time),
        device_test(test_list__has_removed_records_if_asked),
        device_test(test_list__has_kinds_that_only_a_newer_version_knows),
        device_test(test_list__has_no_kind_that_nobody_knows),
        device_test(test_list__is_empty_for_a_kind_without_records),
        device_test(test_list__says_what_is_wrong_with_a_condition),
    };
    return cmocka_run_group_tests_name("engine/list_kind", tests, NULL, NULL);
}
