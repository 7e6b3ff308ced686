/* The built-in tables, and finding one's way in them. SPDX-License-Identifier: Apache-2.0 */
#include "schema/schema.h"

#include "harness.h"
#include "heap.h"
#include "text/utf8.h"
#include "value/value.h"

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

/* Calls a check for each field of each built-in kind. */
static void for_each_field(void (*check)(const kith_kind *kind, const kith_field *field))
{
    for (size_t i = 0; i < kith_builtin_kind_count; i++) {
        const kith_kind *kind = &kith_builtin_kinds[i];
        for (size_t j = 0; j < kind->field_count; j++) {
            check(kind, &kind->fields[j]);
        }
    }
}

static void test_builtin_kinds__stand_in_the_order_of_their_names(void **state)
{
    (void)state;
    assert_true(kith_builtin_kind_count > 0);
    for (size_t i = 1; i < kith_builtin_kind_count; i++) {
        assert_true(strcmp(kith_builtin_kinds[i - 1].name, kith_builtin_kinds[i].name) < 0);
    }
}

static void test_builtin_lists__stand_in_the_order_of_their_names(void **state)
{
    (void)state;
    assert_true(kith_builtin_list_count > 0);
    for (size_t i = 1; i < kith_builtin_list_count; i++) {
        assert_true(strcmp(kith_builtin_lists[i - 1].name, kith_builtin_lists[i].name) < 0);
    }
}

static void test_builtin_lists__hold_each_code_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < kith_builtin_list_count; i++) {
        const kith_code_list *list = &kith_builtin_lists[i];
        assert_true(list->code_count > 0);
        for (size_t j = 0; j < list->code_count; j++) {
            const kith_code *code = &list->codes[j];
            assert_true(code->code[0] != '\0' && code->label[0] != '\0');
            assert_ptr_equal(kith_list_find_code(list, kith_slice_of(code->code)), code);
        }
    }
}

/* A code that reading would change could never be entered. */
static void test_builtin_lists__hold_codes_that_read_as_they_stand(void **state)
{
    (void)state;
    kith_arena arena;
    kith_arena_init(&arena, test_context());
    for (size_t i = 0; i < kith_builtin_list_count; i++) {
        for (size_t j = 0; j < kith_builtin_lists[i].code_count; j++) {
            kith_value value;
            const char *why = NULL;
            const char *code = kith_builtin_lists[i].codes[j].code;
            assert_ok(kith_value_parse(KITH_TYPE_CODE, kith_slice_of(code), &arena, &value, &why));
            assert_slice(value.bytes, code);
            assert_null(strpbrk(code, " \t\n;,"));
        }
    }
    kith_arena_deinit(&arena);
}

static void check_names(const kith_kind *kind, const kith_field *field)
{
    assert_true(kith_name_is_valid(kith_slice_of(kind->name)));
    assert_true(kith_name_is_valid(kith_slice_of(field->name)));
    assert_true(kind->label[0] != '\0' && field->label[0] != '\0');
    /* The first of a name is found, so this is the only one. */
    assert_ptr_equal(kith_kind_find_field(kind, kith_slice_of(field->name)), field);
}

static void test_builtin_fields__have_labels_and_a_name_of_their_own(void **state)
{
    (void)state;
    for_each_field(check_names);
}

static void check_list(const kith_kind *kind, const kith_field *field)
{
    (void)kind;
    assert_int_equal(field->list != NULL, field->type == KITH_TYPE_CODE);
    if (field->list != NULL) {
        ptrdiff_t place = field->list - kith_builtin_lists;
        assert_true(place >= 0 && (size_t)place < kith_builtin_list_count);
    }
}

static void test_builtin_fields__have_a_list_if_they_hold_codes(void **state)
{
    (void)state;
    for_each_field(check_list);
}

static void check_targets(const kith_kind *kind, const kith_field *field)
{
    (void)kind;
    assert_int_equal(field->targets != NULL, field->type == KITH_TYPE_REF);
    if (field->targets != NULL) {
        assert_non_null(field->targets[0]);
        for (size_t i = 0; field->targets[i] != NULL; i++) {
            assert_non_null(kith_schema_find_kind(&schema, kith_slice_of(field->targets[i])));
        }
    }
}

static void test_builtin_fields__point_to_kinds_that_exist(void **state)
{
    (void)state;
    for_each_field(check_targets);
}

static void check_visibility(const kith_kind *kind, const kith_field *field)
{
    const kith_code_list *classes = kith_schema_find_list(&schema, KITH_SLICE("sensitivity"));
    assert_non_null(classes);
    assert_non_null(kith_list_find_code(classes, kith_slice_of(kind->sensitivity)));
    if (field->sensitivity != NULL) {
        assert_non_null(kith_list_find_code(classes, kith_slice_of(field->sensitivity)));
    }
}

static void test_builtin_fields__are_seen_by_a_class_that_exists(void **state)
{
    (void)state;
    for_each_field(check_visibility);
}

static void check_bounds(const kith_kind *kind, const kith_field *field)
{
    (void)kind;
    bool is_number = field->type == KITH_TYPE_INT || field->type == KITH_TYPE_DECIMAL;
    bool is_bounded = field->min != INT64_MIN || field->max != INT64_MAX;
    assert_true(is_number || !is_bounded);
    assert_true(field->min <= field->max);
}

static void test_builtin_fields__have_bounds_that_numbers_fit(void **state)
{
    (void)state;
    for_each_field(check_bounds);
}

static void check_default(const kith_kind *kind, const kith_field *field)
{
    (void)kind;
    kith_arena arena;
    kith_value value;
    const char *why = NULL;
    bool is_today = field->type == KITH_TYPE_DATE && field->default_text != NULL &&
                    strcmp(field->default_text, "today") == 0;
    if (field->default_text == NULL || is_today) {
        return;
    }
    kith_arena_init(&arena, test_context());
    kith_slice text = kith_slice_of(field->default_text);
    assert_ok(kith_value_parse(field->type, text, &arena, &value, &why));
    assert_true(field->list == NULL || kith_list_find_code(field->list, value.bytes) != NULL);
    kith_arena_deinit(&arena);
}

static void test_builtin_fields__have_defaults_that_they_take(void **state)
{
    (void)state;
    for_each_field(check_default);
}

static void test_builtin_kinds__have_titles_of_their_own_fields(void **state)
{
    (void)state;
    for (size_t i = 0; i < kith_builtin_kind_count; i++) {
        const kith_kind *kind = &kith_builtin_kinds[i];
        assert_non_null(kind->title_fields[0]);
        for (size_t j = 0; kind->title_fields[j] != NULL; j++) {
            assert_non_null(kith_kind_find_field(kind, kith_slice_of(kind->title_fields[j])));
        }
    }
}

/* Programs write these themselves; nobody imports or shares them. */
static bool is_of_programs(const kith_kind *kind)
{
    return (kind->flags & KITH_KIND_HIDDEN) != 0 || strcmp(kind->name, "device") == 0;
}

static void test_builtin_kinds__have_the_common_fields(void **state)
{
    (void)state;
    assert_true(kith_common_field_count > 0);
    for (size_t i = 0; i < kith_builtin_kind_count; i++) {
        const kith_kind *kind = &kith_builtin_kinds[i];
        for (size_t j = 0; j < kith_common_field_count && !is_of_programs(kind); j++) {
            const kith_field *common = &kith_common_fields[j];
            const kith_field *field = kith_kind_find_field(kind, kith_slice_of(common->name));
            assert_non_null(field);
            assert_int_equal(field->type, common->type);
        }
    }
}

/* What core/engine reads and writes by name (proto/spec/model.md §1, 4 and 5). */
static void test_builtin_kinds__have_what_the_core_itself_writes(void **state)
{
    (void)state;
    static const struct {
        const char *kind;
        const char *field;
        int32_t type;
    } needed[] = {{"device", "name", KITH_TYPE_TEXT},       {"schema", "name", KITH_TYPE_TEXT},
                  {"schema", "definition", KITH_TYPE_TEXT}, {"clock", "first", KITH_TYPE_INT},
                  {"clock", "last", KITH_TYPE_INT},         {"clock", "offset_ms", KITH_TYPE_INT}};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(needed); i++) {
        const kith_kind *kind = kith_schema_find_kind(&schema, kith_slice_of(needed[i].kind));
        assert_non_null(kind);
        const kith_field *field = kith_kind_find_field(kind, kith_slice_of(needed[i].field));
        assert_non_null(field);
        assert_int_equal(field->type, needed[i].type);
        assert_int_equal(field->flags & KITH_FIELD_MULTI, 0);
    }
}

static void test_schema_find_kind__finds_each_by_its_whole_name(void **state)
{
    (void)state;
    assert_int_equal(kith_schema_kind_count(&schema), kith_builtin_kind_count);
    for (size_t i = 0; i < kith_builtin_kind_count; i++) {
        const kith_kind *kind = &kith_builtin_kinds[i];
        assert_ptr_equal(kith_schema_find_kind(&schema, kith_slice_of(kind->name)), kind);
        assert_ptr_equal(kith_schema_kind(&schema, i), kind);
    }
    assert_null(kith_schema_kind(&schema, kith_builtin_kind_count));
}

static void test_schema_find_kind__finds_nothing_by_other_names(void **state)
{
    (void)state;
    static const char *const names[] = {"", "perso", "persons", "Person", "aaaa", "zzzz"};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(names); i++) {
        assert_null(kith_schema_find_kind(&schema, kith_slice_of(names[i])));
    }
}

static void test_schema_find_list__finds_each_by_its_whole_name(void **state)
{
    (void)state;
    for (size_t i = 0; i < kith_builtin_list_count; i++) {
        const kith_code_list *list = &kith_builtin_lists[i];
        assert_ptr_equal(kith_schema_find_list(&schema, kith_slice_of(list->name)), list);
    }
    assert_null(kith_schema_find_list(&schema, KITH_SLICE("")));
    assert_null(kith_schema_find_list(&schema, KITH_SLICE("sexe")));
}

static void test_kind_field__counts_in_the_order_to_ask(void **state)
{
    (void)state;
    const kith_kind *kind = kith_schema_find_kind(&schema, KITH_SLICE("clock"));
    assert_string_equal(kith_kind_field(kind, 0)->name, "first");
    assert_string_equal(kith_kind_field(kind, 2)->name, "offset_ms");
    assert_null(kith_kind_field(kind, 3));
    assert_null(kith_kind_find_field(kind, KITH_SLICE("firs")));
}

static void test_list_code__counts_in_the_order_to_show(void **state)
{
    (void)state;
    const kith_code_list *list = kith_schema_find_list(&schema, KITH_SLICE("sensitivity"));
    assert_string_equal(kith_list_code(list, 0)->code, "public");
    assert_string_equal(kith_list_code(list, 4)->code, "sealed");
    assert_null(kith_list_code(list, 5));
    assert_null(kith_list_find_code(list, KITH_SLICE("Public")));
}

static void test_name_is_valid__takes_letters_digits_and_underscores(void **state)
{
    (void)state;
    static const char *const names[] = {
        "a", "Z", "person_2", "A_",
        "a234567890123456789012345678901234567890123456789012345678901234"};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(names); i++) {
        assert_true(kith_name_is_valid(kith_slice_of(names[i])));
    }
}

static void test_name_is_valid__refuses_all_else(void **state)
{
    (void)state;
    static const char *const names[] = {
        "",    "_a",     "2nd",
        "a b", "a-b",    "é",
        "a.b", "name\n", "a2345678901234567890123456789012345678901234567890123456789012345"};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(names); i++) {
        assert_false(kith_name_is_valid(kith_slice_of(names[i])));
    }
    assert_false(kith_name_is_valid(KITH_SLICE("a\0b")));
}

static void test_type_by_name__reads_what_type_name_gives(void **state)
{
    (void)state;
    for (int32_t type = KITH_TYPE_TEXT; type <= KITH_TYPE_BLOB; type++) {
        for (int multi = 0; multi <= 1; multi++) {
            int32_t back = 0;
            bool is_multi = false;
            kith_field field = {.type = type, .flags = multi == 1 ? KITH_FIELD_MULTI : 0u};
            kith_slice name = kith_slice_of(kith_field_type_name(&field));
            assert_true(kith_type_by_name(name, &back, &is_multi));
            assert_int_equal(back, type);
            assert_int_equal(is_multi, multi);
        }
    }
}

static void test_type_by_name__refuses_all_else(void **state)
{
    (void)state;
    static const char *const names[] = {"", "multi-", "Text", "multi", "multi-multi-text", "blob"};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(names); i++) {
        int32_t type = 0;
        bool is_multi = false;
        assert_false(kith_type_by_name(kith_slice_of(names[i]), &type, &is_multi));
    }
}

static void assert_accepted(const kith_field *field, const char *expected)
{
    char text[400];
    kith_field_accepted(field, text, sizeof text);
    assert_string_equal(text, expected);
}

static void assert_accepted_of(int32_t type, const char *expected)
{
    kith_field field = {.type = type, .min = INT64_MIN, .max = INT64_MAX};
    assert_accepted(&field, expected);
}

static void test_field_accepted__tells_what_each_type_takes(void **state)
{
    (void)state;
    assert_accepted_of(KITH_TYPE_TEXT, "text without control characters");
    assert_accepted_of(KITH_TYPE_INT, "a whole number");
    assert_accepted_of(KITH_TYPE_DECIMAL, "a number such as 12.5");
    assert_accepted_of(KITH_TYPE_BOOL, "yes or no");
    assert_accepted_of(KITH_TYPE_DATE,
                       "a date such as 2009-03-14, 2009-03, 2009, ~2009, 2009-01..2009-06");
    assert_accepted_of(KITH_TYPE_GEO, "degrees north and east such as 25.57880,91.89330");
    assert_accepted_of(KITH_TYPE_PHONE, "a phone number such as +91 98630 12345");
    assert_accepted_of(KITH_TYPE_BLOB, "sha256- and the 64 hexadecimal digits of a file's SHA-256");
}

static void test_field_accepted__asks_for_a_day_where_deadlines_run_from_it(void **state)
{
    (void)state;
    kith_field field = {.type = KITH_TYPE_DATE, .flags = KITH_FIELD_EXACT};
    assert_accepted(&field, "a day such as 2009-03-14");
}

static void test_field_accepted__gives_the_bounds_of_numbers(void **state)
{
    (void)state;
    kith_field both = {.type = KITH_TYPE_INT, .min = -5, .max = 120};
    kith_field least = {.type = KITH_TYPE_INT, .min = 0, .max = INT64_MAX};
    kith_field most = {.type = KITH_TYPE_DECIMAL, .min = INT64_MIN, .max = 9007199254740993};
    assert_accepted(&both, "a whole number from -5 to 120");
    assert_accepted(&least, "a whole number, 0 or more");
    assert_accepted(&most, "a number such as 12.5, 9007199254740993 or less");
}

static void test_field_accepted__lists_codes(void **state)
{
    (void)state;
    kith_field field = {.type = KITH_TYPE_CODE,
                        .list = kith_schema_find_list(&schema, KITH_SLICE("sensitivity"))};
    assert_accepted(&field, "one of public, internal, district, case_team, sealed");
}

static void test_field_accepted__names_the_kinds_to_point_to(void **state)
{
    (void)state;
    static const char *const one[] = {"person", NULL};
    static const char *const two[] = {"person", "household", NULL};
    kith_field field = {.type = KITH_TYPE_REF, .targets = one};
    assert_accepted(&field, "the id of a person");
    field.targets = two;
    assert_accepted(&field, "the id of a person or household");
}

static void test_field_accepted__shows_where_it_was_cut(void **state)
{
    (void)state;
    static const kith_code codes[] = {{"fish", ""}, {"ferry", ""}, {"sand", ""}};
    static const kith_code_list list = {"use", codes, KITH_ARRAY_LENGTH(codes)};
    kith_field field = {.type = KITH_TYPE_CODE, .list = &list};
    char text[] = "one of fish, ferry, sand";
    kith_field_accepted(&field, text, sizeof text);
    assert_string_equal(text, "one of fish, ferry, sand");
    kith_field_accepted(&field, text, sizeof text - 1);
    assert_string_equal(text, "one of fish, ferry, ...");
    kith_field_accepted(&field, text, 5);
    assert_string_equal(text, "o...");
    kith_field_accepted(&field, text, 1);
    assert_string_equal(text, "");
}

static void test_field_accepted__cuts_between_characters(void **state)
{
    (void)state;
    static const kith_code codes[] = {{"নৌকা", ""}, {"é", ""}, {"𑄌", ""}};
    static const kith_code_list list = {"use", codes, KITH_ARRAY_LENGTH(codes)};
    kith_field field = {.type = KITH_TYPE_CODE, .list = &list};
    char whole[80];
    kith_field_accepted(&field, whole, sizeof whole);
    assert_string_equal(whole, "one of নৌকা, é, 𑄌");
    for (size_t size = 1; size <= strlen(whole); size++) {
        char text[80];
        kith_field_accepted(&field, text, size);
        kith_slice cut = kith_slice_of(text);
        assert_int_equal(kith_utf8_valid_bytes(cut), cut.length);
        assert_true(cut.length < size);
        assert_true(size <= 4 || strcmp(text + cut.length - 3, "...") == 0);
    }
}

static void test_field_accepted__writes_nothing_where_there_is_no_room(void **state)
{
    (void)state;
    char text[] = "before";
    kith_field field = {.type = KITH_TYPE_TEXT};
    kith_field_accepted(&field, text, 0);
    assert_string_equal(text, "before");
}

static kith_status init_with_little_memory(kith_context *cx, void *user)
{
    (void)user;
    kith_schema scarce;
    kith_status status = kith_schema_init(&scarce, cx);
    kith_schema_deinit(&scarce);
    return status;
}

static void test_schema_init__reports_lack_of_memory(void **state)
{
    (void)state;
    heap_fail_each_allocation(init_with_little_memory, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_builtin_kinds__stand_in_the_order_of_their_names),
        cmocka_unit_test(test_builtin_lists__stand_in_the_order_of_their_names),
        cmocka_unit_test(test_builtin_lists__hold_each_code_once),
        cmocka_unit_test(test_builtin_lists__hold_codes_that_read_as_they_stand),
        cmocka_unit_test(test_builtin_fields__have_labels_and_a_name_of_their_own),
        cmocka_unit_test(test_builtin_fields__have_a_list_if_they_hold_codes),
        cmocka_unit_test(test_builtin_fields__point_to_kinds_that_exist),
        cmocka_unit_test(test_builtin_fields__are_seen_by_a_class_that_exists),
        cmocka_unit_test(test_builtin_fields__have_bounds_that_numbers_fit),
        cmocka_unit_test(test_builtin_fields__have_defaults_that_they_take),
        cmocka_unit_test(test_builtin_kinds__have_titles_of_their_own_fields),
        cmocka_unit_test(test_builtin_kinds__have_the_common_fields),
        cmocka_unit_test(test_builtin_kinds__have_what_the_core_itself_writes),
        cmocka_unit_test(test_schema_find_kind__finds_each_by_its_whole_name),
        cmocka_unit_test(test_schema_find_kind__finds_nothing_by_other_names),
        cmocka_unit_test(test_schema_find_list__finds_each_by_its_whole_name),
        cmocka_unit_test(test_kind_field__counts_in_the_order_to_ask),
        cmocka_unit_test(test_list_code__counts_in_the_order_to_show),
        cmocka_unit_test(test_name_is_valid__takes_letters_digits_and_underscores),
        cmocka_unit_test(test_name_is_valid__refuses_all_else),
        cmocka_unit_test(test_type_by_name__reads_what_type_name_gives),
        cmocka_unit_test(test_type_by_name__refuses_all_else),
        cmocka_unit_test(test_field_accepted__tells_what_each_type_takes),
        cmocka_unit_test(test_field_accepted__asks_for_a_day_where_deadlines_run_from_it),
        cmocka_unit_test(test_field_accepted__gives_the_bounds_of_numbers),
        cmocka_unit_test(test_field_accepted__lists_codes),
        cmocka_unit_test(test_field_accepted__names_the_kinds_to_point_to),
        cmocka_unit_test(test_field_accepted__shows_where_it_was_cut),
        cmocka_unit_test(test_field_accepted__cuts_between_characters),
        cmocka_unit_test(test_field_accepted__writes_nothing_where_there_is_no_room),
        cmocka_unit_test(test_schema_init__reports_lack_of_memory),
    };
    return cmocka_run_group_tests_name("schema/schema", tests, open_schema, close_schema);
}
