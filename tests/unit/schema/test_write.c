/* SPDX-License-Identifier: Apache-2.0 */
#include "base/limits.h"
#include "codec/json.h"
#include "harness.h"
#include "heap.h"
#include "schema/schema.h"

/* Everything that a schema file can say and a schema keeps, in the form that writing gives. */
static const char boats[] =
    "{\"kinds\":{\"boat\":{\"label\":\"Boat\",\"description\":\"Carries people over rivers\","
    "\"default_sensitivity\":\"internal\",\"hidden\":true,\"title_fields\":[\"name\",\"use\"],"
    "\"fields\":["
    "{\"name\":\"name\",\"label\":\"Name\",\"type\":\"text\",\"default\":\"নৌকা\","
    "\"sensitivity\":\"sealed\",\"required\":true,\"quick\":true,\"pii\":true,"
    "\"multiline\":true,\"auto\":true},"
    "{\"name\":\"use\",\"label\":\"Used for\",\"type\":\"multi-code\",\"list\":\"boat_use\"},"
    "{\"name\":\"owner\",\"label\":\"Owner\",\"type\":\"ref\",\"to\":[\"person\",\"agency\"]},"
    "{\"name\":\"seats\",\"label\":\"Seats\",\"type\":\"int\",\"min\":-9007199254740992,"
    "\"max\":9007199254740992},"
    "{\"name\":\"hull\",\"label\":\"Hull\",\"type\":\"int\",\"min\":\"-9223372036854775807\","
    "\"max\":\"9007199254740993\"},"
    "{\"name\":\"built\",\"label\":\"Built\",\"type\":\"date\",\"exact\":true}]}},"
    "\"code_lists\":{\"boat_use\":{\"items\":[{\"code\":\"fishing\",\"label\":\"Fishing\"},"
    "{\"code\":\"ferry\",\"label\":\"Ferry \\\"over\\\"\"}]}}}";

static kith_schema schema;
static kith_buf text;

static int open_schema(void **state)
{
    (void)state;
    assert_ok(kith_schema_init(&schema, test_context()));
    kith_buf_init(&text, test_context(), KITH_JSON_BYTES_MAX);
    return 0;
}

static int close_schema(void **state)
{
    (void)state;
    kith_schema_deinit(&schema);
    kith_buf_deinit(&text);
    return 0;
}

/* Without the common fields, which every kind gets: the text says what the kind adds. */
static kith_kind without_common_fields(const kith_kind *kind)
{
    kith_kind own = *kind;
    own.field_count -= (uint32_t)kith_common_field_count;
    return own;
}

static void test_schema_write__gives_what_extend_reads(void **state)
{
    (void)state;
    assert_ok(kith_schema_extend(&schema, kith_slice_of(boats), KITH_SCHEMA_STRICT));
    /* A schema of this kind alone, and of the lists that it uses. */
    kith_kind boat = without_common_fields(kith_schema_find_kind(&schema, KITH_SLICE("boat")));
    const kith_kind *kinds[] = {&boat};
    kith_schema only = schema;
    only.kinds = kinds;
    only.kind_count = 1;
    assert_ok(kith_schema_write(&only, &boat, "eng", &text));
    assert_string_equal(test_text(&text), boats);
}

static void assert_reads_to_the_same(const kith_schema *written)
{
    kith_schema back;
    kith_buf again;
    assert_ok(kith_schema_write(written, NULL, NULL, &text));
    assert_ok(kith_schema_init(&back, test_context()));
    assert_ok(kith_schema_extend(&back, kith_buf_slice(&text), KITH_SCHEMA_STRICT));
    kith_buf_init(&again, test_context(), KITH_JSON_BYTES_MAX);
    assert_ok(kith_schema_write(&back, NULL, NULL, &again));
    assert_true(kith_slice_equal(kith_buf_slice(&text), kith_buf_slice(&again)));
    kith_buf_deinit(&again);
    kith_schema_deinit(&back);
}

static void test_schema_write__gives_a_whole_schema_that_reads_to_the_same(void **state)
{
    (void)state;
    assert_reads_to_the_same(&schema);
}

static void test_schema_write__gives_extensions_that_read_to_the_same(void **state)
{
    (void)state;
    assert_ok(kith_schema_extend(&schema, kith_slice_of(boats), KITH_SCHEMA_STRICT));
    assert_ok(kith_schema_extend(
        &schema,
        KITH_SLICE("{\"kinds\":{\"person\":{\"fields\":[{\"name\":\"church\",\"type\":\"text\"}]}},"
                   "\"code_lists\":{\"sex\":{\"items\":[{\"code\":\"hijra\"}]}}}"),
        KITH_SCHEMA_STRICT));
    assert_reads_to_the_same(&schema);
}

static size_t count_members(const kith_json *json)
{
    size_t count = 0;
    for (const kith_json *m = kith_json_first(json); m != NULL; m = kith_json_next(m)) {
        count++;
    }
    return count;
}

static void test_schema_write__holds_every_kind_and_list(void **state)
{
    (void)state;
    kith_json *json = NULL;
    assert_ok(kith_schema_write(&schema, NULL, "eng", &text));
    assert_ok(kith_json_parse(test_context(), kith_buf_slice(&text), &json));
    assert_int_equal(count_members(kith_json_get(json, "kinds")), kith_builtin_kind_count);
    assert_int_equal(count_members(kith_json_get(json, "code_lists")), kith_builtin_list_count);
    kith_json_free(json);
}

static void test_schema_write__holds_one_kind_with_the_lists_it_uses(void **state)
{
    (void)state;
    kith_json *json = NULL;
    const kith_kind *kind = kith_schema_find_kind(&schema, KITH_SLICE("device"));
    assert_ok(kith_schema_write(&schema, kind, "eng", &text));
    assert_ok(kith_json_parse(test_context(), kith_buf_slice(&text), &json));
    const kith_json *kinds = kith_json_get(json, "kinds");
    assert_int_equal(count_members(kinds), 1);
    assert_non_null(kith_json_get(kinds, "device"));
    const kith_json *list = kith_json_first(kith_json_get(json, "code_lists"));
    for (; list != NULL; list = kith_json_next(list)) {
        bool is_used = false;
        for (size_t i = 0; i < kind->field_count; i++) {
            const kith_code_list *of_field = kind->fields[i].list;
            is_used = is_used ||
                      (of_field != NULL && kith_slice_is(kith_json_name(list), of_field->name));
        }
        assert_true(is_used);
    }
    kith_json_free(json);
}

static void test_schema_write__labels_in_the_language_asked_for(void **state)
{
    (void)state;
    const kith_kind *person = kith_schema_find_kind(&schema, KITH_SLICE("person"));
    for (size_t i = 0; i < kith_label_pack_count; i++) {
        kith_json *json = NULL;
        kith_buf_clear(&text);
        assert_ok(kith_schema_write(&schema, person, kith_language(i), &text));
        assert_ok(kith_json_parse(test_context(), kith_buf_slice(&text), &json));
        const kith_json *kind = kith_json_get(kith_json_get(json, "kinds"), "person");
        assert_slice(kith_json_text(kith_json_get(kind, "label")),
                     kith_kind_label(&schema, person, kith_language(i)));
        const kith_json *field = kith_json_first(kith_json_get(kind, "fields"));
        assert_slice(kith_json_text(kith_json_get(field, "label")),
                     kith_field_label(&schema, person, &person->fields[0], kith_language(i)));
        kith_json_free(json);
    }
}

static void test_schema_write__fails_past_the_room(void **state)
{
    (void)state;
    kith_buf small;
    kith_buf_init(&small, test_context(), 100);
    assert_status(kith_schema_write(&schema, NULL, "eng", &small), KITH_E_LIMIT);
    assert_int_equal(small.length, 0);
    kith_buf_deinit(&small);
}

static kith_status write_with_little_memory(kith_context *cx, void *user)
{
    (void)user;
    kith_schema scarce;
    kith_buf out;
    kith_buf_init(&out, cx, KITH_JSON_BYTES_MAX);
    kith_status status = kith_schema_init(&scarce, cx);
    if (status == KITH_OK) {
        status = kith_schema_write(&scarce, NULL, "eng", &out);
    }
    kith_schema_deinit(&scarce);
    kith_buf_deinit(&out);
    return status;
}

static void test_schema_write__reports_lack_of_memory(void **state)
{
    (void)state;
    heap_fail_each_allocation(write_with_little_memory, NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_schema, close_schema)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_schema_write__gives_what_extend_reads),
        TEST(test_schema_write__gives_a_whole_schema_that_reads_to_the_same),
        TEST(test_schema_write__gives_extensions_that_read_to_the_same),
        TEST(test_schema_write__holds_every_kind_and_list),
        TEST(test_schema_write__holds_one_kind_with_the_lists_it_uses),
        TEST(test_schema_write__labels_in_the_language_asked_for),
        TEST(test_schema_write__fails_past_the_room),
        TEST(test_schema_write__reports_lack_of_memory),
    };
    return cmocka_run_group_tests_name("schema/write", tests, NULL, NULL);
}
