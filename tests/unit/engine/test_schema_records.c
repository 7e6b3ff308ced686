/* Extensions of the schema as records; what a definition may say is in tests/unit/schema.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/schema_records.h"

#include <stdio.h>

#include "base/limits.h"
#include "device.h"

static const char boats[] = "{\"kinds\":{\"boat\":{\"label\":\"Boat\",\"title_fields\":[\"name\"],"
                            "\"fields\":[{\"name\":\"name\",\"label\":\"Name\",\"type\":\"text\","
                            "\"required\":true},{\"name\":\"use\",\"label\":\"Use\",\"type\":"
                            "\"code\",\"list\":\"boat_use\"}]}},\"code_lists\":{\"boat_use\":"
                            "{\"items\":[{\"code\":\"ferry\",\"label\":\"Ferry\"}]}}}";

static const char harbours[] =
    "{\"kinds\":{\"harbour\":{\"label\":\"Harbour\",\"title_fields\":[\"name\"],\"fields\":["
    "{\"name\":\"name\",\"label\":\"Name\",\"type\":\"text\"},"
    "{\"name\":\"boats\",\"label\":\"Boats\",\"type\":\"multi-ref\",\"to\":[\"boat\"]},"
    "{\"name\":\"use\",\"label\":\"Use\",\"type\":\"code\",\"list\":\"boat_use\"}]}}}";

static kith_status add(test_device *device, const char *name, const char *definition)
{
    return kith_schema_add(device->replica, kith_slice_of(name), kith_slice_of(definition));
}

static bool has_field(test_device *device, const char *kind, const char *field)
{
    const kith_schema *schema = kith_replica_schema(device->replica);
    const kith_kind *found = kith_schema_find_kind(schema, kith_slice_of(kind));
    return found != NULL && kith_kind_find_field(found, kith_slice_of(field)) != NULL;
}

static void assert_detail(test_device *device, const char *word)
{
    if (strstr(kith_replica_error(device->replica)->message, word) == NULL) {
        fail_msg("\"%s\" is not in \"%s\"", word, kith_replica_error(device->replica)->message);
    }
}

static void test_schema_add__lets_new_kinds_and_fields_be_used(void **state)
{
    test_device *asha = *state;
    must(asha, add(asha, "boats", boats));
    kith_id boat = device_add(asha, "boat", "name=Ka Jingshai", "use=ferry");
    assert_field(asha, boat, "use", "ferry");
}

static void test_schema_add__outlives_a_restart(void **state)
{
    (void)state;
    char path[400];
    test_device asha;
    (void)snprintf(path, sizeof path, "%s/k.db", test_folder());
    device_init_at(&asha, path);
    must(&asha, add(&asha, "boats", boats));
    device_reopen(&asha);
    assert_true(has_field(&asha, "boat", "use"));
    device_close(&asha);
}

static void test_schema_add__is_seen_by_other_handles(void **state)
{
    (void)state;
    char path[400];
    test_device asha;
    test_device other;
    (void)snprintf(path, sizeof path, "%s/k.db", test_folder());
    device_init_at(&asha, path);
    device_open(&other, path);
    must(&asha, add(&asha, "boats", boats));
    assert_field(&other, device_add(&other, "boat", "name=Ka Jingshai"), "name", "Ka Jingshai");
    device_close(&other);
    device_close(&asha);
}

static void test_schema_add__travels_to_other_devices(void **state)
{
    test_device *devices = *state;
    must(&devices[0], add(&devices[0], "boats", boats));
    device_exchange(&devices[0], &devices[1]);
    device_exchange(&devices[1], &devices[2]);
    assert_true(has_field(&devices[2], "boat", "use"));
}

static void test_schema_add__replaces_the_definition_of_that_name(void **state)
{
    test_device *asha = *state;
    must(asha, add(asha, "boats", boats));
    uint64_t record_count = device_status(asha).record_count;
    must(asha, add(asha, "boats",
                   "{\"kinds\":{\"boat\":{\"label\":\"Boat\",\"fields\":[{\"name\":\"name\","
                   "\"label\":\"Name\",\"type\":\"text\"},{\"name\":\"use\",\"label\":\"Use\","
                   "\"type\":\"text\"},{\"name\":\"length\",\"label\":\"Length\",\"type\":\"int\"}"
                   "]}}}"));
    assert_true(has_field(asha, "boat", "length"));
    assert_int_equal(device_status(asha).record_count, record_count);
    kith_id boat = device_add(asha, "boat", "use=anything");
    assert_field(asha, boat, "use", "anything");
}

static void test_schema_add__builds_on_extensions_that_are_there(void **state)
{
    test_device *asha = *state;
    assert_answer(asha, add(asha, "harbours", harbours), KITH_E_REFUSED);
    must(asha, add(asha, "boats", boats));
    must(asha, add(asha, "harbours", harbours));
    assert_true(has_field(asha, "harbour", "use"));
    assert_answer(asha,
                  add(asha, "more",
                      "{\"kinds\":{\"boat\":{\"fields\":[{\"name\":\"use\","
                      "\"label\":\"Use\",\"type\":\"text\"}]}}}"),
                  KITH_E_REFUSED);
    assert_detail(asha, "use");
}

/* Whichever of the devices' ids sorts first, one of the two extends what sorts behind it. */
static void test_schema_add__builds_on_extensions_of_other_devices(void **state)
{
    test_device *devices = *state;
    for (size_t i = 0; i < 3; i++) {
        test_device pair[2];
        device_init(&pair[0]);
        device_init(&pair[1]);
        must(&pair[0], add(&pair[0], "boats", boats));
        device_exchange(&pair[0], &pair[1]);
        must(&pair[1], add(&pair[1], "harbours", harbours));
        device_exchange(&pair[0], &pair[1]);
        device_exchange(&pair[1], &devices[i]);
        assert_true(has_field(&pair[0], "harbour", "use"));
        assert_true(has_field(&devices[i], "harbour", "use"));
        device_close(&pair[0]);
        device_close(&pair[1]);
    }
}

static void test_schema_add__comes_to_the_same_on_all_devices(void **state)
{
    test_device *devices = *state;
    must(&devices[0], add(&devices[0], "a",
                          "{\"kinds\":{\"place\":{\"fields\":[{\"name\":\"x\","
                          "\"label\":\"X\",\"type\":\"text\"}]}}}"));
    must(&devices[1], add(&devices[1], "b",
                          "{\"kinds\":{\"place\":{\"fields\":[{\"name\":\"x\","
                          "\"label\":\"X\",\"type\":\"int\"}]}}}"));
    device_exchange(&devices[0], &devices[1]);
    device_exchange(&devices[0], &devices[2]);
    kith_slice json;
    char texts[3][65536];
    for (size_t i = 0; i < 3; i++) {
        must(&devices[i],
             kith_schema_json(devices[i].replica, kith_slice_of("place"), NULL, &json));
        (void)snprintf(texts[i], sizeof texts[i], "%.*s", KITH_SLICE_ARGUMENTS(json));
    }
    assert_non_null(strstr(texts[0], "\"name\":\"x\""));
    assert_string_equal(texts[0], texts[1]);
    assert_string_equal(texts[0], texts[2]);
}

static void test_schema_records__of_a_newer_version_count_as_far_as_they_are_understood(
    void **state)
{
    test_device *asha = *state;
    kith_id id = device_add_newer(
        asha, "schema", "definition",
        kith_value_of_text(KITH_TYPE_TEXT,
                           kith_slice_of("{\"orbit\":7,\"kinds\":{\"boat\":{\"label\":\"Boat\","
                                         "\"fields\":[{\"name\":\"name\",\"label\":\"Name\","
                                         "\"type\":\"text\",\"colour\":\"red\"},{\"name\":\"path\","
                                         "\"label\":\"Path\",\"type\":\"curve\"}]}}}")));
    assert_true(has_field(asha, "boat", "name"));
    assert_false(has_field(asha, "boat", "path"));
    device_remove(asha, id);
    assert_false(has_field(asha, "boat", "name"));
}

static void test_schema_records__that_are_nonsense_are_passed_over(void **state)
{
    test_device *asha = *state;
    (void)device_add_newer(asha, "schema", "definition",
                           kith_value_of_text(KITH_TYPE_TEXT, kith_slice_of("{")));
    (void)device_add_newer(asha, "schema", "definition", (kith_value){99, KITH_SLICE("{}")});
    assert_field(asha, device_add_place(asha, "Nongriat"), "name", "Nongriat");
    must(asha, add(asha, "boats", boats));
}

static void test_schema_add__says_what_is_wrong(void **state)
{
    test_device *asha = *state;
    uint64_t change_count = device_status(asha).change_count;
    assert_answer(asha, add(asha, "my boats", boats), KITH_E_REFUSED);
    assert_detail(asha, "name");
    assert_answer(asha, add(asha, "", boats), KITH_E_REFUSED);
    assert_answer(asha, add(asha, "boats", "{\"kinds\":"), KITH_E_SYNTAX);
    assert_answer(asha,
                  add(asha, "boats",
                      "{\"kinds\":{\"boat\":{\"label\":\"Boat\",\"fields\":["
                      "{\"name\":\"path\",\"type\":\"curve\"}]}}}"),
                  KITH_E_REFUSED);
    assert_detail(asha, "path");
    assert_int_equal(device_status(asha).change_count, change_count);
    assert_false(has_field(asha, "boat", "name"));
}

static void test_schema_add__stops_at_the_length_of_a_value(void **state)
{
    test_device *asha = *state;
    static char text[KITH_VALUE_BYTES_MAX + 2];
    memset(text, ' ', sizeof text - 1);
    memcpy(text, "{}", 2);
    assert_answer(asha, add(asha, "boats", text), KITH_E_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        device_test(test_schema_add__lets_new_kinds_and_fields_be_used),
        cmocka_unit_test(test_schema_add__outlives_a_restart),
        cmocka_unit_test(test_schema_add__is_seen_by_other_handles),
        devices_test(test_schema_add__travels_to_other_devices),
        device_test(test_schema_add__replaces_the_definition_of_that_name),
        device_test(test_schema_add__builds_on_extensions_that_are_there),
        devices_test(test_schema_add__builds_on_extensions_of_other_devices),
        devices_test(test_schema_add__comes_to_the_same_on_all_devices),
        device_test(test_schema_records__of_a_newer_version_count_as_far_as_they_are_understood),
        device_test(test_schema_records__that_are_nonsense_are_passed_over),
        device_test(test_schema_add__says_what_is_wrong),
        device_test(test_schema_add__stops_at_the_length_of_a_value),
    };
    return cmocka_run_group_tests_name("engine/schema_records", tests, NULL, NULL);
}
