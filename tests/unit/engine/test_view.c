/* A record as it is handed out: fields, conflicts, JSON. SPDX-License-Identifier: Apache-2.0 */
#include "engine/view.h"

#include <stdio.h>
#include <stdlib.h>

#include <cjson/cJSON.h>

#include "device.h"

static kith_record *read_record(test_device *device, kith_id id)
{
    kith_record *record = NULL;
    must(device, kith_record_get(device->replica, id, NULL, &record));
    return record;
}

static cJSON *read_json(test_device *device, kith_id id)
{
    cJSON *json = cJSON_Parse(device_json(device, id));
    assert_non_null(json);
    return json;
}

/* A place with two values of "households" and none agreed; the second one is shown. */
static kith_id add_conflict(test_device *devices)
{
    kith_id place = device_add_place(&devices[0], "Nongriat");
    device_exchange(&devices[0], &devices[1]);
    device_set(&devices[0], place, "households=1");
    device_wait(&devices[1], 1000);
    device_set(&devices[1], place, "households=2");
    device_exchange(&devices[0], &devices[1]);
    return place;
}

static void test_view__has_fields_in_the_order_of_the_schema(void **state)
{
    test_device *asha = *state;
    static const char *const fields[] = {
        "full_name",          "roles",      "sex",     "birth", "citizenship", "status",
        "identity_protected", "source_key", "altitude"};
    kith_id id = device_add_newer(asha, "person", "altitude",
                                  kith_value_of_text(KITH_TYPE_TEXT, kith_slice_of("x")));
    device_set(asha, id, "source_key=k", "status=at_home", "birth=2009", "sex=female",
               "roles=migrant", "full_name=Asha", "citizenship=IN", "identity_protected=yes");
    kith_record *record = read_record(asha, id);
    assert_int_equal(kith_record_field_count(record), KITH_ARRAY_LENGTH(fields));
    for (uint32_t i = 0; i < KITH_ARRAY_LENGTH(fields); i++) {
        const kith_record_field *field = kith_record_field_at(record, i);
        assert_string_equal(field->name, fields[i]);
        assert_int_equal(field->field == NULL, strcmp(fields[i], "altitude") == 0);
    }
    assert_null(kith_record_field_at(record, KITH_ARRAY_LENGTH(fields)));
    kith_record_free(record);
}

static void test_view__leaves_out_fields_that_hold_nothing(void **state)
{
    test_device *asha = *state;
    kith_id place = device_add(asha, "place", "name=Nongriat", "type=village", "households=7",
                               "livelihoods=jhum");
    device_set(asha, place, "households=", "livelihoods=");
    kith_record *record = read_record(asha, place);
    assert_null(kith_record_find_field(record, kith_slice_of("households")));
    assert_null(kith_record_find_field(record, kith_slice_of("livelihoods")));
    assert_null(kith_record_find_field(record, kith_slice_of("population")));
    assert_non_null(kith_record_find_field(record, kith_slice_of("name")));
    kith_record_free(record);
}

static void test_view__ends_the_values_of_a_field_with_null(void **state)
{
    test_device *asha = *state;
    kith_id person = device_add_person(asha, "Asha");
    device_set(asha, person, "roles=migrant;missing");
    kith_record *record = read_record(asha, person);
    const kith_record_field *field = kith_record_find_field(record, kith_slice_of("roles"));
    assert_int_equal(field->text_count, 2);
    assert_null(field->texts[2]);
    assert_int_equal(field->rival_count, 0);
    kith_record_free(record);
}

static void test_view__shows_rivals_with_the_shown_one_first(void **state)
{
    test_device *devices = *state;
    kith_id place = add_conflict(devices);
    kith_record *record = read_record(&devices[0], place);
    const kith_record_field *field = kith_record_find_field(record, kith_slice_of("households"));
    assert_int_equal(field->rival_count, 2);
    assert_string_equal(field->texts[0], "2");
    assert_string_equal(field->rivals[0].text, "2");
    assert_string_equal(field->rivals[1].text, "1");
    assert_true(field->rivals[0].written.unix_ms == DEVICE_START_MS + 1000);
    assert_string_equal(field->rivals[1].written.device_name, "phone");
    kith_record_free(record);
}

static void test_view__shows_equal_rivals_once(void **state)
{
    test_device *devices = *state;
    kith_id place = device_add_place(&devices[0], "Nongriat");
    device_exchange(&devices[0], &devices[1]);
    device_exchange(&devices[0], &devices[2]);
    device_set(&devices[0], place, "households=1");
    device_set(&devices[1], place, "households=1");
    device_set(&devices[2], place, "households=3");
    device_exchange(&devices[0], &devices[1]);
    device_exchange(&devices[0], &devices[2]);
    kith_record *record = read_record(&devices[0], place);
    const kith_record_field *field = kith_record_find_field(record, kith_slice_of("households"));
    assert_int_equal(field->rival_count, 2);
    kith_record_free(record);
}

static void test_view__shows_a_field_that_was_cleared_by_one_and_set_by_another(void **state)
{
    test_device *devices = *state;
    kith_id place =
        device_add(&devices[0], "place", "name=Nongriat", "type=village", "households=7");
    device_exchange(&devices[0], &devices[1]);
    device_set(&devices[0], place, "households=8");
    device_wait(&devices[1], 1000);
    device_set(&devices[1], place, "households=");
    device_exchange(&devices[0], &devices[1]);
    kith_record *record = read_record(&devices[0], place);
    const kith_record_field *field = kith_record_find_field(record, kith_slice_of("households"));
    assert_non_null(field);
    assert_int_equal(field->text_count, 0);
    assert_int_equal(field->rival_count, 2);
    assert_string_equal(field->rivals[0].text, "");
    assert_string_equal(field->rivals[1].text, "8");
    kith_record_free(record);
}

static void test_view__says_when_a_record_was_made_and_changed(void **state)
{
    test_device *devices = *state;
    kith_id place = device_add_place(&devices[0], "Nongriat");
    device_exchange(&devices[0], &devices[1]);
    device_wait(&devices[1], DEVICE_DAY_MS);
    device_set(&devices[1], place, "households=7");
    device_exchange(&devices[0], &devices[1]);
    kith_record *record = read_record(&devices[0], place);
    assert_true(kith_record_created(record)->unix_ms == DEVICE_START_MS);
    assert_true(kith_record_updated(record)->unix_ms == DEVICE_START_MS + DEVICE_DAY_MS);
    assert_string_not_equal(kith_record_created(record)->author,
                            kith_record_updated(record)->author);
    assert_int_equal(strlen(kith_record_created(record)->author), 16);
    kith_record_free(record);
}

static void test_view__shows_removed_records(void **state)
{
    test_device *asha = *state;
    kith_id place = device_add_place(asha, "Nongriat");
    assert_false(device_is_removed(asha, place));
    assert_null(strstr(device_json(asha, place), "removed"));
    device_remove(asha, place);
    assert_true(device_is_removed(asha, place));
    assert_field(asha, place, "name", "Nongriat");
    assert_non_null(strstr(device_json(asha, place), "\"removed\":true"));
}

static void test_view__has_no_record_that_is_not_here(void **state)
{
    test_device *devices = *state;
    kith_record *record = NULL;
    kith_id elsewhere = device_add_place(&devices[1], "Nongriat");
    kith_id nothing = {{0}};
    assert_answer(&devices[0], kith_record_get(devices[0].replica, elsewhere, NULL, &record),
                  KITH_E_NOT_FOUND);
    assert_null(record);
    assert_answer(&devices[0], kith_record_get(devices[0].replica, nothing, NULL, &record),
                  KITH_E_NOT_FOUND);
    assert_null(record);
}

static void test_view_json__has_what_the_record_is(void **state)
{
    test_device *asha = *state;
    char id[KITH_ID_TEXT_SIZE];
    kith_id place = device_add_place(asha, "Nongriat");
    kith_id_format(place, id);
    cJSON *json = read_json(asha, place);
    assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(json, "id")), id);
    assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(json, "kind")), "place");
    assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(json, "title")), "Nongriat");
    assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(json, "space")), "local");
    assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(json, "created")),
                        "2026-11-24T08:00:00Z");
    assert_true(cJSON_IsObject(cJSON_GetObjectItem(json, "conflicts")));
    assert_null(cJSON_GetObjectItem(json, "revived"));
    cJSON_Delete(json);
}

static void test_view_json__gives_each_type_its_form(void **state)
{
    test_device *asha = *state;
    kith_id person = device_add(asha, "person", "full_name=Asha \"Ash\"", "roles=migrant",
                                "sex=female", "status=at_home", "age_at=17", "birth=~2009",
                                "phone=9863012345", "remarks=one\ntwo", "identity_protected=no");
    cJSON *json = read_json(asha, person);
    const cJSON *fields = cJSON_GetObjectItem(json, "fields");
    assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(fields, "full_name")),
                        "Asha \"Ash\"");
    assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(fields, "remarks")), "one\ntwo");
    assert_int_equal(cJSON_GetObjectItem(fields, "age_at")->valueint, 17);
    assert_true(cJSON_IsFalse(cJSON_GetObjectItem(fields, "identity_protected")));
    assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(fields, "birth")), "~2009");
    /* A set is a list, also of one value. */
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(fields, "roles")), 1);
    assert_true(cJSON_IsArray(cJSON_GetObjectItem(fields, "phone")));
    cJSON_Delete(json);
}

static void test_view_json__keeps_numbers_to_the_last_digit(void **state)
{
    test_device *asha = *state;
    kith_id figure =
        device_add(asha, "figure", "measure=missing", "period=2023", "count=9007199254740993");
    assert_non_null(strstr(device_json(asha, figure), "\"count\":\"9007199254740993\""));
    device_set(asha, figure, "count=9007199254740991");
    assert_non_null(strstr(device_json(asha, figure), "\"count\":9007199254740991"));
}

static void test_view_json__has_conflicts_beside_the_fields(void **state)
{
    test_device *devices = *state;
    cJSON *json = read_json(&devices[0], add_conflict(devices));
    const cJSON *fields = cJSON_GetObjectItem(json, "fields");
    const cJSON *rivals = cJSON_GetObjectItem(cJSON_GetObjectItem(json, "conflicts"), "households");
    assert_int_equal(cJSON_GetObjectItem(fields, "households")->valueint, 2);
    assert_int_equal(cJSON_GetArraySize(rivals), 2);
    const cJSON *second = cJSON_GetArrayItem(rivals, 1);
    assert_int_equal(cJSON_GetObjectItem(second, "value")->valueint, 1);
    assert_int_equal(strlen(cJSON_GetStringValue(cJSON_GetObjectItem(second, "author"))), 16);
    assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(second, "device")), "phone");
    assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(second, "time")),
                        "2026-11-24T08:00:00Z");
    cJSON_Delete(json);
}

static void test_view_json__has_no_time_that_is_not_known(void **state)
{
    test_device *asha = *state;
    device_set_clock(asha, 0);
    cJSON *json = read_json(asha, device_add_place(asha, "Nongriat"));
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(json, "created")));
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(json, "updated")));
    cJSON_Delete(json);
}

static void test_view_json__can_be_written_twice(void **state)
{
    test_device *asha = *state;
    kith_slice first;
    kith_slice second;
    kith_record *record = read_record(asha, device_add_place(asha, "Nongriat"));
    must(asha, kith_record_json(record, &first));
    char *copy = strndup((const char *)first.data, first.length);
    must(asha, kith_record_json(record, &second));
    assert_slice(second, copy);
    free(copy);
    kith_record_free(record);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        device_test(test_view__has_fields_in_the_order_of_the_schema),
        device_test(test_view__leaves_out_fields_that_hold_nothing),
        device_test(test_view__ends_the_values_of_a_field_with_null),
        devices_test(test_view__shows_rivals_with_the_shown_one_first),
        devices_test(test_view__shows_equal_rivals_once),
        devices_test(test_view__shows_a_field_that_was_cleared_by_one_and_set_by_another),
        devices_test(test_view__says_when_a_record_was_made_and_changed),
        device_test(test_view__shows_removed_records),
        devices_test(test_view__has_no_record_that_is_not_here),
        device_test(test_view_json__has_what_the_record_is),
        device_test(test_view_json__gives_each_type_its_form),
        device_test(test_view_json__keeps_numbers_to_the_last_digit),
        devices_test(test_view_json__has_conflicts_beside_the_fields),
        device_test(test_view_json__has_no_time_that_is_not_known),
        device_test(test_view_json__can_be_written_twice),
    };
    return cmocka_run_group_tests_name("engine/view", tests, NULL, NULL);
}
