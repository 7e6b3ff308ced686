/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/present.h"

#include <stdio.h>

#include "base/limits.h"
#include "device.h"

/* A record's title in a language, valid until the next call. */
static const char *title_in(test_device *device, kith_id id, const char *language)
{
    static char text[8192];
    kith_record *record = NULL;
    must(device, kith_record_get(device->replica, id, language, &record));
    (void)snprintf(text, sizeof text, "%s", kith_record_title(record));
    kith_record_free(record);
    return text;
}

#define assert_title(device, id, text) assert_string_equal(title_in((device), (id), NULL), (text))

static void assign_ref(char assignment[64], const char *field, kith_id id)
{
    char id_text[KITH_ID_TEXT_SIZE];
    kith_id_format(id, id_text);
    (void)snprintf(assignment, 64, "%s=%s", field, id_text);
}

static void test_title__joins_the_title_fields(void **state)
{
    test_device *asha = *state;
    kith_id id =
        device_add(asha, "case", "type=missing_child", "title=girl from the hills",
                   "reported_on=2026-11-20", "stage=reporting", "status=open", "priority=high");
    assert_non_null(strstr(title_in(asha, id, NULL), "girl from the hills, "));
}

static void test_title__leaves_out_what_is_empty(void **state)
{
    test_device *asha = *state;
    assert_title(asha, device_add_person(asha, "Asha"), "Asha");
    kith_value value = kith_value_of_text(KITH_TYPE_TEXT, kith_slice_of("x"));
    assert_title(asha, device_add_newer(asha, "place", "altitude", value), "");
    assert_title(asha, device_add_newer(asha, "drone", "range", value), "");
}

static void test_title__has_labels_of_codes_in_the_language_asked_for(void **state)
{
    test_device *asha = *state;
    kith_id place = device_add_place(asha, "Nongriat");
    char of[64];
    assign_ref(of, "of", place);
    kith_id note = device_add(asha, "note", of, "kind=call", "text=x");
    const kith_schema *schema = kith_replica_schema(asha->replica);
    const kith_code_list *list = kith_schema_find_list(schema, kith_slice_of("note_kind"));
    const kith_code *code = kith_list_find_code(list, kith_slice_of("call"));
    char expected[256];
    (void)snprintf(expected, sizeof expected, "%s, 2026-11-24", code->label);
    assert_title(asha, note, expected);
    assert_string_not_equal(title_in(asha, note, "hin"), expected);
}

static void test_title__shows_the_record_referred_to(void **state)
{
    test_device *asha = *state;
    kith_id place = device_add_place(asha, "Nongriat");
    kith_id person = device_add_person(asha, "Asha");
    char home[64];
    assign_ref(home, "home_place", place);
    device_set(asha, person, home);
    assert_title(asha, person, "Asha, Nongriat");
    device_set(asha, place, "name=Shella");
    assert_title(asha, person, "Asha, Shella");
}

/* A person in a case is titled by the person, whose own reference is not followed. */
static void test_title__follows_references_one_step(void **state)
{
    test_device *asha = *state;
    char assignment[64];
    char whole[64];
    kith_id person = device_add_person(asha, "Asha");
    assign_ref(assignment, "home_place", device_add_place(asha, "Nongriat"));
    device_set(asha, person, assignment);
    kith_id found = device_add(asha, "case", "type=missing_child", "reported_on=2026-11-20",
                               "stage=reporting", "status=open", "priority=high");
    assign_ref(assignment, "person", person);
    assign_ref(whole, "case", found);
    kith_id link = device_add(asha, "case_person", assignment, whole, "role=victim");
    assert_non_null(strstr(title_in(asha, link, NULL), "Asha, "));
    assert_null(strstr(title_in(asha, link, NULL), "Nongriat"));
}

static void test_title__passes_over_references_to_what_is_not_here(void **state)
{
    test_device *devices = *state;
    kith_arena arena;
    kith_value value;
    kith_arena_init(&arena, &devices[0].replica->cx);
    kith_id elsewhere = device_add_place(&devices[1], "Nongriat");
    assert_ok(kith_value_of_id(elsewhere, &arena, &value));
    kith_id person = device_add_newer(&devices[0], "person", "home_place", value);
    assert_title(&devices[0], person, "");
    kith_arena_deinit(&arena);
}

static void test_title__is_one_line(void **state)
{
    test_device *asha = *state;
    kith_id place = device_add(asha, "place", "name=Nongriat\nby the\triver", "type=village");
    assert_title(asha, place, "Nongriat by the river");
}

static void test_title__is_cut_between_characters(void **state)
{
    test_device *asha = *state;
    static char name[] = "name=";
    static char text[3 * 20000 + sizeof name];
    (void)strcpy(text, name);
    for (size_t i = 0; i < 20000; i++) {
        memcpy(text + strlen(name) + 3 * i, "র", 3);
    }
    kith_id place = device_add(asha, "place", text, "type=village");
    const char *title = title_in(asha, place, NULL);
    assert_true(strlen(title) > 0 && strlen(title) <= 4096);
    assert_int_equal(strlen(title) % 3, 0);
}

static void test_present_value__has_a_form_for_types_of_a_newer_version(void **state)
{
    test_device *asha = *state;
    const char *text = NULL;
    kith_arena arena;
    kith_arena_init(&arena, &asha->replica->cx);
    must(asha, kith_present_value((kith_value){99, KITH_SLICE("\x0a\xff")}, &arena, &text));
    assert_string_equal(text, "type-99:0aff");
    must(asha, kith_present_value((kith_value){0}, &arena, &text));
    assert_string_equal(text, "");
    kith_arena_deinit(&arena);
}

static void test_present_value__keeps_a_long_text_whole(void **state)
{
    test_device *asha = *state;
    static char text[KITH_VALUE_BYTES_MAX + 1];
    memset(text, 'a', sizeof text - 1);
    const char *shown = NULL;
    kith_arena arena;
    kith_arena_init(&arena, &asha->replica->cx);
    kith_value value = kith_value_of_text(KITH_TYPE_TEXT, kith_slice_of(text));
    must(asha, kith_present_value(value, &arena, &shown));
    assert_int_equal(strlen(shown), KITH_VALUE_BYTES_MAX);
    kith_value unknown = {99, kith_slice_of(text)};
    must(asha, kith_present_value(unknown, &arena, &shown));
    assert_int_equal(strlen(shown), strlen("type-99:") + 2 * KITH_VALUE_BYTES_MAX);
    kith_arena_deinit(&arena);
}

static void test_device_name__is_what_its_record_says_now(void **state)
{
    test_device *asha = *state;
    kith_record *record = NULL;
    kith_id place = device_add_place(asha, "Nongriat");
    device_set(asha, device_status(asha).device, "name=Asha's phone");
    must(asha, kith_record_get(asha->replica, place, NULL, &record));
    assert_string_equal(kith_record_created(record)->device_name, "Asha's phone");
    kith_record_free(record);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        device_test(test_title__joins_the_title_fields),
        device_test(test_title__leaves_out_what_is_empty),
        device_test(test_title__has_labels_of_codes_in_the_language_asked_for),
        device_test(test_title__shows_the_record_referred_to),
        device_test(test_title__follows_references_one_step),
        devices_test(test_title__passes_over_references_to_what_is_not_here),
        device_test(test_title__is_one_line),
        device_test(test_title__is_cut_between_characters),
        device_test(test_present_value__has_a_form_for_types_of_a_newer_version),
        device_test(test_present_value__keeps_a_long_text_whole),
        device_test(test_device_name__is_what_its_record_says_now),
    };
    return cmocka_run_group_tests_name("engine/present", tests, NULL, NULL);
}
