/* What a person types, judged against the schema. SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "base/limits.h"
#include "device.h"

/* A new record of which only the field at hand is wrong, if anything. */
static kith_edit *edit_person(test_device *device, const char *assignment)
{
    kith_edit *edit = device_edit(device);
    (void)edit_create(device, edit, "person", "full_name=Asha", "roles=migrant", "sex=female",
                      "status=at_home");
    edit_assign(device, edit, 0, assignment);
    return edit;
}

static kith_edit *edit_visit(test_device *device, kith_id place, const char *assignment)
{
    char ref[64] = "place=";
    kith_id_format(place, ref + strlen(ref));
    kith_edit *edit = device_edit(device);
    (void)edit_create(device, edit, "visit", ref, "purpose=mapping", "result=done");
    edit_assign(device, edit, 0, assignment);
    return edit;
}

static void assert_person_refused(test_device *device, const char *assignment, const char *field,
                                  const char *says, const char *accepts)
{
    kith_edit *edit = edit_person(device, assignment);
    assert_refused_for(device, edit, 0, field, says, accepts);
    kith_edit_free(edit);
}

static kith_id commit(test_device *device, kith_edit *edit)
{
    must(device, kith_edit_commit(edit));
    kith_id id = kith_edit_record_id(edit, 0);
    kith_edit_free(edit);
    return id;
}

/* Assigns `field=` and the text of an id. */
static void assign_id(test_device *device, kith_edit *edit, const char *field, kith_id id)
{
    char text[128];
    char id_text[KITH_ID_TEXT_SIZE];
    kith_id_format(id, id_text);
    (void)snprintf(text, sizeof text, "%s=%s", field, id_text);
    edit_assign(device, edit, 0, text);
}

static void test_edit_set__says_what_is_wrong_with_each_type(void **state)
{
    static const struct {
        const char *assignment, *field, *says, *accepts;
    } cases[] = {
        {"age_at=twelve", "age_at", "whole number", "0 to 120"},
        {"age_at=121", "age_at", "range", "0 to 120"},
        {"age_at=-1", "age_at", "range", "0 to 120"},
        {"birth=31 February", "birth", "not a date", "2009-03-14"},
        {"birth=2009-02-30", "birth", "calendar", "2009-03-14"},
        {"sex=woman", "sex", "not in the list", "female"},
        {"phone=call me", "phone", "phone number", "+91"},
        {"identity_protected=perhaps", "identity_protected", "yes", "yes or no"},
        {"photo=photo.jpg", "photo", "content", "sha256-"},
        {"home_place=there", "home_place", "not an id", "place"},
        {"full_name=a\x01z", "full_name", "control", "control"},
        {"full_name=\xff", "full_name", "UTF-8", ""},
    };
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(cases); i++) {
        assert_person_refused(*state, cases[i].assignment, cases[i].field, cases[i].says,
                              cases[i].accepts);
    }
}

static void test_edit_set__takes_the_bounds_of_a_number(void **state)
{
    test_device *asha = *state;
    assert_field(asha, commit(asha, edit_person(asha, "age_at=0")), "age_at", "0");
    assert_field(asha, commit(asha, edit_person(asha, "age_at=120")), "age_at", "120");
}

static void test_edit_set__holds_decimals_to_their_bounds(void **state)
{
    test_device *asha = *state;
    static const char *const fine[] = {"-1", "0", "2", "1.999999999999999999"};
    static const char *const wrong[] = {"-1.500000001", "-2", "2.000000000000000001", "3"};
    must(asha, kith_schema_add(asha->replica, kith_slice_of("boats"),
                               kith_slice_of("{\"kinds\":{\"boat\":{\"label\":\"Boat\",\"fields\":"
                                             "[{\"name\":\"draught\",\"label\":\"Draught\","
                                             "\"type\":\"decimal\",\"min\":-1,\"max\":2}]}}}")));
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(fine); i++) {
        char assignment[64];
        (void)snprintf(assignment, sizeof assignment, "draught=%s", fine[i]);
        assert_field(asha, device_add(asha, "boat", assignment), "draught", fine[i]);
    }
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(wrong); i++) {
        char assignment[64];
        kith_edit *edit = device_edit(asha);
        (void)snprintf(assignment, sizeof assignment, "draught=%s", wrong[i]);
        (void)edit_create(asha, edit, "boat", assignment);
        assert_refused_for(asha, edit, 0, "draught", "range", "-1 to 2");
        kith_edit_free(edit);
    }
}

static void test_edit_set__takes_a_text_as_long_as_a_value_may_be(void **state)
{
    test_device *asha = *state;
    static char text[KITH_VALUE_BYTES_MAX + 2];
    memset(text, 'a', sizeof text - 1);
    kith_edit *edit = edit_person(asha, "build=slim");
    kith_slice whole = kith_slice_of(text);
    kith_slice field = kith_slice_of("remarks");
    must(asha, kith_edit_set(edit, 0, field, kith_slice_head(whole, KITH_VALUE_BYTES_MAX)));
    assert_int_equal(kith_edit_problem_count(edit), 0);
    must(asha, kith_edit_set(edit, 0, field, whole));
    assert_refused_for(asha, edit, 0, "remarks", "long", "");
    kith_edit_free(edit);
}

static void test_edit_set__names_the_nearest_field(void **state)
{
    assert_person_refused(*state, "fullname=Asha", "fullname", "no field", "full_name");
    assert_person_refused(*state, "hom_plac=7", "hom_plac", "no field", "home_place");
    assert_person_refused(*state, "telephone_of_aunt=7", "telephone_of_aunt", "no field",
                          "schema show person");
}

static void test_edit_set__cuts_the_name_of_an_unknown_field(void **state)
{
    test_device *asha = *state;
    static const char name[] =
        "a_name_of_a_field_that_goes_on_and_on_until_nobody_can_read_it_any_more";
    kith_edit *edit = edit_person(asha, "build=slim");
    must(asha, kith_edit_set(edit, 0, kith_slice_of(name), kith_slice_of("x")));
    assert_answer(asha, kith_edit_commit(edit), KITH_E_REFUSED);
    const kith_problem *problem = kith_edit_problem(edit, 0);
    assert_int_equal(strlen(problem->field), KITH_NAME_BYTES_MAX);
    assert_memory_equal(problem->field, name, KITH_NAME_BYTES_MAX);
    kith_edit_free(edit);
}

static void test_edit_commit__asks_for_required_fields(void **state)
{
    test_device *asha = *state;
    kith_edit *edit = device_edit(asha);
    (void)edit_create(asha, edit, "person", "full_name=  ", "sex=woman");
    assert_answer(asha, kith_edit_commit(edit), KITH_E_REFUSED);
    assert_problem(edit, 0, "full_name", "required", "text");
    assert_problem(edit, 0, "roles", "required", "migrant");
    assert_problem(edit, 0, "status", "required", "at_home");
    /* What is wrong is not called missing too. */
    assert_problem(edit, 0, "sex", "not in the list", "female");
    assert_int_equal(kith_edit_problem_count(edit), 4);
    kith_edit_free(edit);
}

static void test_edit_commit__keeps_required_fields_from_being_cleared(void **state)
{
    test_device *asha = *state;
    static const char *const assignments[] = {"full_name=", "roles=", "roles-=migrant"};
    static const char *const fields[] = {"full_name", "roles", "roles"};
    kith_id person = device_add_person(asha, "Asha");
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(assignments); i++) {
        kith_edit *edit = device_edit(asha);
        edit_assign(asha, edit, edit_open(asha, edit, person), assignments[i]);
        assert_refused_for(asha, edit, 0, fields[i], "required", "");
        kith_edit_free(edit);
    }
    device_set(asha, person, "roles+=survivor", "roles-=migrant");
    assert_field(asha, person, "roles", "survivor");
}

static void test_edit_commit__fills_in_defaults(void **state)
{
    test_device *asha = *state;
    kith_id person = device_add_person(asha, "Asha");
    assert_field(asha, person, "citizenship", "IN");
    assert_field(asha, person, "identity_protected", "yes");
    kith_id place = device_add_place(asha, "Nongriat");
    device_wait(asha, 3 * DEVICE_DAY_MS);
    kith_id visit = commit(asha, edit_visit(asha, place, "news_missing=1"));
    assert_field(asha, visit, "date", "2026-11-27");
}

static void test_edit_commit__leaves_a_default_out_that_was_emptied_or_given(void **state)
{
    test_device *asha = *state;
    assert_field(asha, commit(asha, edit_person(asha, "citizenship=")), "citizenship", "");
    assert_field(asha, commit(asha, edit_person(asha, "citizenship=NP")), "citizenship", "NP");
}

static void test_edit_commit__fills_in_no_defaults_of_old_records(void **state)
{
    test_device *asha = *state;
    kith_id person = commit(asha, edit_person(asha, "citizenship="));
    device_set(asha, person, "build=slim");
    assert_field(asha, person, "citizenship", "");
}

static void test_edit_set__takes_one_day_where_deadlines_run_from_it(void **state)
{
    test_device *asha = *state;
    static const char *const wrong[] = {"date=2026-11", "date=2026", "date=~2026-11-24",
                                        "date=2026-11-20..2026-11-24"};
    kith_id place = device_add_place(asha, "Nongriat");
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(wrong); i++) {
        kith_edit *edit = edit_visit(asha, place, wrong[i]);
        assert_refused_for(asha, edit, 0, "date", "one day", "a day");
        kith_edit_free(edit);
    }
    kith_id visit = commit(asha, edit_visit(asha, place, "date=2026-11-20"));
    assert_field(asha, visit, "date", "2026-11-20");
}

static void test_edit_set__takes_vague_dates_elsewhere(void **state)
{
    test_device *asha = *state;
    static const char *const dates[] = {"2009", "2009-03", "~2009", "2009-01..2009-06"};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(dates); i++) {
        char assignment[64];
        (void)snprintf(assignment, sizeof assignment, "birth=%s", dates[i]);
        assert_field(asha, commit(asha, edit_person(asha, assignment)), "birth", dates[i]);
    }
}

static void test_edit_set__refers_to_records_by_short_ids(void **state)
{
    test_device *asha = *state;
    char assignment[64];
    char id[KITH_ID_TEXT_SIZE];
    kith_id place = device_add_place(asha, "Nongriat");
    kith_id_format(place, id);
    assert_field(asha, commit(asha, edit_person(asha, "home_place=2")), "home_place", id);
    (void)snprintf(assignment, sizeof assignment, "home_place= %.5s-2", id);
    assert_field(asha, commit(asha, edit_person(asha, assignment)), "home_place", id);
}

static void test_edit_set__refuses_references_to_other_kinds(void **state)
{
    test_device *asha = *state;
    kith_id person = device_add_person(asha, "Bina");
    kith_edit *edit = edit_person(asha, "build=slim");
    assign_id(asha, edit, "home_place", person);
    assert_refused_for(asha, edit, 0, "home_place", "another kind", "place");
    kith_edit_free(edit);
}

static void test_edit_set__refuses_references_to_removed_records(void **state)
{
    test_device *asha = *state;
    kith_id place = device_add_place(asha, "Nongriat");
    device_remove(asha, place);
    kith_edit *edit = edit_person(asha, "build=slim");
    assign_id(asha, edit, "home_place", place);
    assert_refused_for(asha, edit, 0, "home_place", "removed", "place");
    kith_edit_free(edit);
}

static void test_edit_set__refuses_references_to_nothing(void **state)
{
    assert_person_refused(*state, "home_place=999", "home_place", "no record", "place");
    assert_person_refused(*state, "home_place=0000000000000000-1", "home_place", "no record", "");
}

static void test_edit_set__takes_a_bare_number_for_a_record_of_this_device(void **state)
{
    test_device *devices = *state;
    (void)device_add_place(&devices[1], "Nongriat");
    (void)device_add_place(&devices[2], "Mawlynnong");
    device_exchange(&devices[0], &devices[1]);
    device_exchange(&devices[0], &devices[2]);
    kith_edit *edit = edit_person(&devices[0], "home_place=2");
    assert_refused_for(&devices[0], edit, 0, "home_place", "no record", "place");
    kith_edit_free(edit);
}

static void test_edit_set__refers_to_new_records_of_the_edit(void **state)
{
    test_device *asha = *state;
    char id[KITH_ID_TEXT_SIZE];
    kith_edit *edit = edit_person(asha, "build=slim");
    uint32_t place = edit_create(asha, edit, "place", "name=Nongriat", "type=village");
    assert_int_equal(place, 1);
    edit_assign(asha, edit, 0, "home_place=@1");
    must(asha, kith_edit_commit(edit));
    kith_id_format(kith_edit_record_id(edit, 1), id);
    assert_field(asha, kith_edit_record_id(edit, 0), "home_place", id);
    kith_edit_free(edit);
}

static void test_edit_set__refuses_references_to_what_the_edit_does_not_make(void **state)
{
    test_device *asha = *state;
    static const char *const malformed[] = {"home_place=@", "home_place=@x", "home_place=@-1",
                                            "home_place=@00001"};
    assert_person_refused(asha, "home_place=@1", "home_place", "does not make", "place");
    assert_person_refused(asha, "home_place=@9999", "home_place", "does not make", "place");
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(malformed); i++) {
        assert_person_refused(asha, malformed[i], "home_place", "not an id", "place");
    }
    kith_edit *edit = edit_person(asha, "build=slim");
    uint32_t place = edit_open(asha, edit, device_add_place(asha, "Nongriat"));
    assert_int_equal(place, 1);
    edit_assign(asha, edit, 0, "home_place=@1");
    assert_refused_for(asha, edit, 0, "home_place", "does not make", "place");
    kith_edit_free(edit);
}

static void test_edit_set__refuses_a_new_record_of_another_kind(void **state)
{
    assert_person_refused(*state, "home_place=@0", "home_place", "another kind", "place");
}

static void test_edit_set__cuts_sets_at_semicolons_and_codes_at_commas_too(void **state)
{
    test_device *asha = *state;
    kith_id person = commit(asha, edit_person(asha, "roles=migrant, missing; victim ;"));
    assert_field(asha, person, "roles", "migrant; missing; victim");
    device_set(asha, person, "phone=+91 98630 12345,9863012346", "other_names=Asha, of Shella; As");
    assert_field(asha, person, "phone", "+919863012345; 9863012346");
    assert_field(asha, person, "other_names", "As; Asha, of Shella");
}

static void test_edit_set__keeps_a_value_of_a_set_once(void **state)
{
    test_device *asha = *state;
    kith_id person = commit(asha, edit_person(asha, "roles=migrant;migrant"));
    assert_field(asha, person, "roles", "migrant");
}

static void test_edit_set__replaces_a_set_as_a_whole(void **state)
{
    test_device *asha = *state;
    kith_id person = commit(asha, edit_person(asha, "roles=migrant;missing"));
    device_set(asha, person, "roles=missing;survivor");
    assert_field(asha, person, "roles", "missing; survivor");
}

static void test_edit_add__adds_to_a_set_and_takes_out_of_it(void **state)
{
    test_device *asha = *state;
    kith_id person = device_add_person(asha, "Asha");
    device_set(asha, person, "roles+=missing;victim", "roles-=migrant;witness");
    assert_field(asha, person, "roles", "missing; victim");
}

static void test_edit_add__is_for_sets_only(void **state)
{
    assert_person_refused(*state, "build+=slim", "build", "not a set", "text");
    assert_person_refused(*state, "build-=slim", "build", "not a set", "text");
}

static void test_edit_add__refuses_more_values_than_a_change_holds(void **state)
{
    test_device *asha = *state;
    static char text[3 * KITH_CHANGE_OPS_MAX];
    for (size_t i = 0; i <= KITH_CHANGE_OPS_MAX / 2; i++) {
        memcpy(text + 2 * i, "a;", 2);
    }
    kith_edit *edit = edit_person(asha, "build=slim");
    must(asha, kith_edit_add(edit, 0, kith_slice_of("other_names"), kith_slice_of(text)));
    assert_refused_for(asha, edit, 0, "other_names", "too many", "");
    kith_edit_free(edit);
}

static void test_edit_set__leaves_kinds_of_a_newer_version_alone(void **state)
{
    test_device *asha = *state;
    kith_value value = kith_value_of_text(KITH_TYPE_TEXT, kith_slice_of("x"));
    kith_id id = device_add_newer(asha, "drone", "range", value);
    kith_edit *edit = device_edit(asha);
    edit_assign(asha, edit, edit_open(asha, edit, id), "range=7");
    assert_refused_for(asha, edit, 0, "range", "does not know", "newer version");
    kith_edit_free(edit);
}

static void test_edit_set__changes_known_fields_beside_unknown_ones(void **state)
{
    test_device *asha = *state;
    kith_value value = {99, KITH_SLICE("\x01\xfe")};
    kith_id id = device_add_newer(asha, "place", "altitude", value);
    device_set(asha, id, "name=Nongriat", "type=village");
    assert_field(asha, id, "name", "Nongriat");
    assert_field(asha, id, "altitude", "type-99:01fe");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        device_test(test_edit_set__says_what_is_wrong_with_each_type),
        device_test(test_edit_set__takes_the_bounds_of_a_number),
        device_test(test_edit_set__holds_decimals_to_their_bounds),
        device_test(test_edit_set__takes_a_text_as_long_as_a_value_may_be),
        device_test(test_edit_set__names_the_nearest_field),
        device_test(test_edit_set__cuts_the_name_of_an_unknown_field),
        device_test(test_edit_commit__asks_for_required_fields),
        device_test(test_edit_commit__keeps_required_fields_from_being_cleared),
        device_test(test_edit_commit__fills_in_defaults),
        device_test(test_edit_commit__leaves_a_default_out_that_was_emptied_or_given),
        device_test(test_edit_commit__fills_in_no_defaults_of_old_records),
        device_test(test_edit_set__takes_one_day_where_deadlines_run_from_it),
        device_test(test_edit_set__takes_vague_dates_elsewhere),
        device_test(test_edit_set__refers_to_records_by_short_ids),
        device_test(test_edit_set__refuses_references_to_other_kinds),
        device_test(test_edit_set__refuses_references_to_removed_records),
        device_test(test_edit_set__refuses_references_to_nothing),
        devices_test(test_edit_set__takes_a_bare_number_for_a_record_of_this_device),
        device_test(test_edit_set__refers_to_new_records_of_the_edit),
        device_test(test_edit_set__refuses_references_to_what_the_edit_does_not_make),
        device_test(test_edit_set__refuses_a_new_record_of_another_kind),
        device_test(test_edit_set__cuts_sets_at_semicolons_and_codes_at_commas_too),
        device_test(test_edit_set__keeps_a_value_of_a_set_once),
        device_test(test_edit_set__replaces_a_set_as_a_whole),
        device_test(test_edit_add__adds_to_a_set_and_takes_out_of_it),
        device_test(test_edit_add__is_for_sets_only),
        device_test(test_edit_add__refuses_more_values_than_a_change_holds),
        device_test(test_edit_set__leaves_kinds_of_a_newer_version_alone),
        device_test(test_edit_set__changes_known_fields_beside_unknown_ones),
    };
    return cmocka_run_group_tests_name("engine/edit_value", tests, NULL, NULL);
}
