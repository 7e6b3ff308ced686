/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "codec/json.h"
#include "harness.h"
#include "heap.h"
#include "schema/schema.h"
#include "text/utf8.h"

static kith_schema schema;

static int open_schema(void **state)
{
    (void)state;
    assert_ok(kith_schema_init(&schema, test_context()));
    return 0;
}

static int close_schema(void **state)
{
    (void)state;
    kith_schema_deinit(&schema);
    return 0;
}

static const kith_kind *kind_named(const char *name)
{
    const kith_kind *kind = kith_schema_find_kind(&schema, kith_slice_of(name));
    assert_non_null(kind);
    return kind;
}

static const char *field_label(const char *kind_name, const char *name, const char *language)
{
    const kith_kind *kind = kind_named(kind_name);
    const kith_field *field = kith_kind_find_field(kind, kith_slice_of(name));
    assert_non_null(field);
    return kith_field_label(&schema, kind, field, language);
}

static void test_language__counts_english_first(void **state)
{
    (void)state;
    assert_string_equal(kith_language(0), "eng");
    assert_null(kith_language(kith_label_pack_count));
    assert_null(kith_language(SIZE_MAX));
}

static void test_language__counts_each_once_by_its_three_letters(void **state)
{
    (void)state;
    for (size_t i = 0; i < kith_label_pack_count; i++) {
        assert_int_equal(strlen(kith_language(i)), 3);
        for (size_t j = 0; j < i; j++) {
            assert_string_not_equal(kith_language(i), kith_language(j));
        }
    }
}

/* Compares what a language's file says of one sort with what is found under the same keys. */
static void check_part(const char *language, const char *sort, const kith_json *part)
{
    assert_non_null(kith_json_first(part));
    for (const kith_json *m = kith_json_first(part); m != NULL; m = kith_json_next(m)) {
        char key[200];
        (void)snprintf(key, sizeof key, "%s:%.*s", sort, KITH_SLICE_ARGUMENTS(kith_json_name(m)));
        const char *found = kith_labels_find(schema.labels, language, key);
        assert_non_null(found);
        assert_slice(kith_json_text(m), found);
    }
}

static void test_labels_find__says_what_the_languages_files_say(void **state)
{
    (void)state;
    assert_true(kith_label_pack_count > 1);
    for (size_t i = 1; i < kith_label_pack_count; i++) {
        char name[64];
        size_t length = 0;
        kith_json *json = NULL;
        (void)snprintf(name, sizeof name, "../../proto/translations/%s.json", kith_language(i));
        uint8_t *bytes = test_read_file(name, &length);
        assert_ok(kith_json_parse(test_context(), kith_slice_make(bytes, length), &json));
        check_part(kith_language(i), "kind", kith_json_get(json, "kinds"));
        check_part(kith_language(i), "field", kith_json_get(json, "fields"));
        check_part(kith_language(i), "code", kith_json_get(json, "codes"));
        kith_json_free(json);
        free(bytes);
    }
}

static void test_labels_find__finds_nothing_under_other_keys(void **state)
{
    (void)state;
    static const char *const keys[] = {"",       "a",        "kind:", "kind:perso", "kind:persons",
                                       "person", "kind:zzz", "zzz",   "field:*.",   "code:sex."};
    for (size_t i = 0; i < kith_label_pack_count; i++) {
        for (size_t j = 0; j < KITH_ARRAY_LENGTH(keys); j++) {
            assert_null(kith_labels_find(schema.labels, kith_language(i), keys[j]));
        }
    }
}

static void test_kind_label__is_the_languages(void **state)
{
    (void)state;
    assert_string_equal(kith_kind_label(&schema, kind_named("person"), "hin"), "व्यक्ति");
    assert_string_equal(kith_kind_label(&schema, kind_named("person"), "asm"), "মানুহ");
}

static void test_field_label__of_its_kind_goes_before_the_one_of_every_kind(void **state)
{
    (void)state;
    assert_string_equal(field_label("case_person", "person", "hin"), "व्यक्ति");
    assert_string_equal(field_label("journey", "person", "hin"), "कौन गया");
}

static void test_code_label__is_the_languages(void **state)
{
    (void)state;
    const kith_code_list *sex = kith_schema_find_list(&schema, KITH_SLICE("sex"));
    const kith_code *female = kith_list_find_code(sex, KITH_SLICE("female"));
    assert_string_equal(kith_code_label(&schema, sex, female, "ben"), "মহিলা");
}

static void check_text(const char *label)
{
    kith_slice text = kith_slice_of(label);
    assert_true(text.length > 0);
    assert_int_equal(kith_utf8_valid_bytes(text), text.length);
    assert_false(kith_utf8_has_control(text));
}

static void test_labels__are_text_that_can_be_shown(void **state)
{
    (void)state;
    for (size_t i = 0; i < kith_label_pack_count; i++) {
        const char *language = kith_language(i);
        for (size_t j = 0; j < kith_schema_kind_count(&schema); j++) {
            const kith_kind *kind = kith_schema_kind(&schema, j);
            check_text(kith_kind_label(&schema, kind, language));
            for (size_t k = 0; k < kind->field_count; k++) {
                check_text(kith_field_label(&schema, kind, &kind->fields[k], language));
            }
        }
        for (size_t j = 0; j < schema.list_count; j++) {
            const kith_code_list *list = schema.lists[j];
            for (size_t k = 0; k < list->code_count; k++) {
                check_text(kith_code_label(&schema, list, &list->codes[k], language));
            }
        }
    }
}

static void test_labels__are_english_where_a_language_has_none(void **state)
{
    (void)state;
    static const char *const without[] = {"eng", NULL, "", "xxx", "as", "english"};
    const kith_kind *person = kind_named("person");
    const kith_code_list *sex = kith_schema_find_list(&schema, KITH_SLICE("sex"));
    const kith_code *female = kith_list_find_code(sex, KITH_SLICE("female"));
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(without); i++) {
        assert_string_equal(kith_kind_label(&schema, person, without[i]), "Person");
        assert_string_equal(field_label("person", "sex", without[i]), "Sex");
        assert_string_equal(kith_code_label(&schema, sex, female, without[i]), "Female");
    }
}

static void test_labels__stay_when_another_language_is_asked_for(void **state)
{
    (void)state;
    const char *hindi = kith_kind_label(&schema, kind_named("place"), "hin");
    const char *nepali = kith_kind_label(&schema, kind_named("place"), "nep");
    assert_string_not_equal(hindi, nepali);
    assert_ptr_equal(kith_kind_label(&schema, kind_named("place"), "hin"), hindi);
    assert_ptr_equal(kith_kind_label(&schema, kind_named("place"), "nep"), nepali);
}

static void test_labels__are_an_extensions_own_in_every_language(void **state)
{
    (void)state;
    kith_field field = {.name = "hull", .label = "Hull"};
    kith_kind kind = {.name = "boat", .label = "Boat", .fields = &field, .field_count = 1};
    kith_code code = {"ferry", "Ferry"};
    kith_code_list list = {"boat_use", &code, 1};
    for (size_t i = 0; i < kith_label_pack_count; i++) {
        assert_string_equal(kith_kind_label(&schema, &kind, kith_language(i)), "Boat");
        assert_string_equal(kith_field_label(&schema, &kind, &field, kith_language(i)), "Hull");
        assert_string_equal(kith_code_label(&schema, &list, &code, kith_language(i)), "Ferry");
    }
}

static void test_labels__take_names_of_any_length(void **state)
{
    (void)state;
    char name[1000];
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    kith_field field = {.name = name, .label = "Field"};
    kith_kind kind = {.name = name, .label = "Kind"};
    for (size_t i = 0; i < kith_label_pack_count; i++) {
        assert_string_equal(kith_kind_label(&schema, &kind, kith_language(i)), "Kind");
        assert_string_equal(kith_field_label(&schema, &kind, &field, kith_language(i)), "Field");
    }
}

/* What the first question for a label answers while memory is short, and the next one after. */
static kith_status ask_twice(kith_context *cx, void *user)
{
    (void)user;
    kith_schema scarce;
    KITH_TRY(kith_schema_init(&scarce, cx));
    const kith_kind *person = kith_schema_find_kind(&scarce, KITH_SLICE("person"));
    const char *first = kith_kind_label(&scarce, person, "hin");
    bool is_english = strcmp(first, "Person") == 0;
    assert_true(is_english || strcmp(first, "व्यक्ति") == 0);
    assert_string_equal(kith_kind_label(&scarce, person, "hin"), "व्यक्ति");
    kith_schema_deinit(&scarce);
    return is_english ? KITH_E_MEMORY : KITH_OK;
}

static void test_labels__are_english_for_as_long_as_memory_is_short(void **state)
{
    (void)state;
    heap_fail_each_allocation(ask_twice, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_language__counts_english_first),
        cmocka_unit_test(test_language__counts_each_once_by_its_three_letters),
        cmocka_unit_test(test_labels_find__says_what_the_languages_files_say),
        cmocka_unit_test(test_labels_find__finds_nothing_under_other_keys),
        cmocka_unit_test(test_kind_label__is_the_languages),
        cmocka_unit_test(test_field_label__of_its_kind_goes_before_the_one_of_every_kind),
        cmocka_unit_test(test_code_label__is_the_languages),
        cmocka_unit_test(test_labels__are_text_that_can_be_shown),
        cmocka_unit_test(test_labels__are_english_where_a_language_has_none),
        cmocka_unit_test(test_labels__stay_when_another_language_is_asked_for),
        cmocka_unit_test(test_labels__are_an_extensions_own_in_every_language),
        cmocka_unit_test(test_labels__take_names_of_any_length),
        cmocka_unit_test(test_labels__are_english_for_as_long_as_memory_is_short),
    };
    return cmocka_run_group_tests_name("schema/labels", tests, open_schema, close_schema);
}
