/* Drafts, problems and short ids; what a draft's values may be is in test_edit_value.c.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/edit.h"

#include <stdio.h>

#include "base/limits.h"
#include "device.h"

static void test_edit_commit__tells_all_problems_of_all_records_at_once(void **state)
{
    test_device *asha = *state;
    kith_edit *edit = device_edit(asha);
    (void)edit_create(asha, edit, "place", "nam=Nongriat", "type=palace");
    (void)edit_create(asha, edit, "person", "full_name=Asha", "roles=migrant;stranger",
                      "sex=female", "status=at_home", "home_place=99", "age_at=200");
    assert_answer(asha, kith_edit_commit(edit), KITH_E_REFUSED);
    assert_problem(edit, 0, "nam", "no field", "name");
    assert_problem(edit, 0, "type", "not in the list", "village");
    assert_problem(edit, 0, "name", "required", "text");
    assert_problem(edit, 1, "roles", "not in the list", "migrant");
    assert_problem(edit, 1, "home_place", "no record", "place");
    assert_problem(edit, 1, "age_at", "range", "0 to 120");
    assert_int_equal(kith_edit_problem_count(edit), 6);
    assert_null(kith_edit_problem(edit, 6));
    kith_edit_free(edit);
}

static void test_edit_commit__changes_nothing_when_it_is_refused(void **state)
{
    test_device *asha = *state;
    uint64_t change_count = device_status(asha).change_count;
    kith_edit *edit = device_edit(asha);
    (void)edit_create(asha, edit, "place", "name=Nongriat", "type=village");
    (void)edit_create(asha, edit, "place", "name=Mawlynnong");
    assert_answer(asha, kith_edit_commit(edit), KITH_E_REFUSED);
    assert_int_equal(kith_edit_has_changed(edit), 0);
    assert_true(kith_id_is_zero(kith_edit_record_id(edit, 0)));
    assert_int_equal(device_status(asha).change_count, change_count);
    kith_edit_free(edit);
}

static void test_edit_create__takes_an_unknown_kind_for_a_problem(void **state)
{
    test_device *asha = *state;
    kith_edit *edit = device_edit(asha);
    (void)edit_create(asha, edit, "preson", "full_name=Asha");
    assert_refused_for(asha, edit, 0, "", "known kind", "schema show");
    kith_edit_free(edit);
}

static void test_edit_create__stops_at_the_limit(void **state)
{
    test_device *asha = *state;
    uint32_t record = 7;
    kith_edit *edit = device_edit(asha);
    for (uint32_t i = 0; i < KITH_COMMIT_CHANGES_MAX; i++) {
        must(asha, kith_edit_create(edit, kith_slice_of("place"), &record));
        assert_int_equal(record, i);
    }
    assert_answer(asha, kith_edit_create(edit, kith_slice_of("place"), &record), KITH_E_LIMIT);
    assert_int_equal(record, 0);
    assert_int_equal(kith_edit_record_count(edit), KITH_COMMIT_CHANGES_MAX);
    kith_edit_free(edit);
}

static void test_edit_open__gives_a_record_one_number(void **state)
{
    test_device *asha = *state;
    kith_id first = device_add_place(asha, "Nongriat");
    kith_id second = device_add_place(asha, "Mawlynnong");
    kith_edit *edit = device_edit(asha);
    assert_int_equal(edit_open(asha, edit, first), 0);
    assert_int_equal(edit_open(asha, edit, second), 1);
    assert_int_equal(edit_open(asha, edit, first), 0);
    assert_int_equal(kith_edit_record_count(edit), 2);
    assert_true(kith_id_equal(kith_edit_record_id(edit, 1), second));
    kith_edit_free(edit);
}

static void test_edit_open__finds_no_record_that_is_not_here(void **state)
{
    test_device *devices = *state;
    kith_id elsewhere = device_add_place(&devices[1], "Nongriat");
    kith_id nothing = {{0}};
    uint32_t record = 7;
    kith_edit *edit = device_edit(&devices[0]);
    assert_answer(&devices[0], kith_edit_open(edit, elsewhere, &record), KITH_E_NOT_FOUND);
    assert_int_equal(record, 0);
    assert_answer(&devices[0], kith_edit_open(edit, nothing, &record), KITH_E_NOT_FOUND);
    assert_int_equal(kith_edit_record_count(edit), 0);
    kith_edit_free(edit);
}

static void test_edit_set__needs_a_record_of_the_edit(void **state)
{
    test_device *asha = *state;
    kith_slice name = kith_slice_of("name");
    kith_edit *edit = device_edit(asha);
    (void)edit_create(asha, edit, "place", "name=Nongriat", "type=village");
    assert_answer(asha, kith_edit_set(edit, 1, name, name), KITH_E_ARGUMENT);
    assert_answer(asha, kith_edit_add(edit, 1, name, name), KITH_E_ARGUMENT);
    assert_answer(asha, kith_edit_take(edit, 1, name, name), KITH_E_ARGUMENT);
    assert_answer(asha, kith_edit_settle(edit, 1, name, name), KITH_E_ARGUMENT);
    assert_answer(asha, kith_edit_remove(edit, 1), KITH_E_ARGUMENT);
    assert_answer(asha, kith_edit_keep(edit, UINT32_MAX), KITH_E_ARGUMENT);
    must(asha, kith_edit_commit(edit));
    kith_edit_free(edit);
}

static void test_edit_remove__is_not_for_new_records(void **state)
{
    test_device *asha = *state;
    kith_edit *edit = device_edit(asha);
    (void)edit_create(asha, edit, "place", "name=Nongriat", "type=village");
    assert_answer(asha, kith_edit_remove(edit, 0), KITH_E_ARGUMENT);
    assert_answer(asha, kith_edit_keep(edit, 0), KITH_E_ARGUMENT);
    kith_edit_free(edit);
}

static void test_edit_reset__empties_an_edit_for_the_next_use(void **state)
{
    test_device *asha = *state;
    kith_edit *edit = device_edit(asha);
    (void)edit_create(asha, edit, "preson", "full_name=Asha");
    assert_answer(asha, kith_edit_commit(edit), KITH_E_REFUSED);
    kith_edit_reset(edit);
    assert_int_equal(kith_edit_record_count(edit), 0);
    assert_int_equal(kith_edit_problem_count(edit), 0);
    (void)edit_create(asha, edit, "place", "name=Nongriat", "type=village");
    must(asha, kith_edit_commit(edit));
    assert_field(asha, kith_edit_record_id(edit, 0), "name", "Nongriat");
    kith_edit_free(edit);
}

static void test_edit_commit__of_nothing_writes_nothing(void **state)
{
    test_device *asha = *state;
    uint64_t change_count = device_status(asha).change_count;
    kith_edit *edit = device_edit(asha);
    must(asha, kith_edit_commit(edit));
    assert_int_equal(kith_edit_has_changed(edit), 0);
    assert_int_equal(device_status(asha).change_count, change_count);
    kith_edit_free(edit);
}

static void test_edit_record_id__is_known_after_the_commit(void **state)
{
    test_device *asha = *state;
    kith_edit *edit = device_edit(asha);
    (void)edit_create(asha, edit, "place", "name=Nongriat", "type=village");
    assert_true(kith_id_is_zero(kith_edit_record_id(edit, 0)));
    must(asha, kith_edit_commit(edit));
    assert_field(asha, kith_edit_record_id(edit, 0), "name", "Nongriat");
    assert_true(kith_id_is_zero(kith_edit_record_id(edit, 1)));
    kith_edit_free(edit);
}

static kith_status resolve(test_device *device, const char *text, kith_id *id_out)
{
    return kith_id_resolve(device->replica, kith_slice_of(text), id_out);
}

static void test_id_resolve__takes_a_bare_number_for_a_record_of_this_device(void **state)
{
    test_device *devices = *state;
    kith_id id;
    kith_id own = device_add_place(&devices[0], "Nongriat");
    (void)device_add_place(&devices[1], "Mawlynnong");
    (void)device_add_place(&devices[1], "Shella");
    device_exchange(&devices[0], &devices[1]);
    must(&devices[0], resolve(&devices[0], "2", &id));
    assert_true(kith_id_equal(id, own));
    must(&devices[0], resolve(&devices[0], "-2", &id));
    assert_true(kith_id_equal(id, own));
    assert_answer(&devices[0], resolve(&devices[0], "3", &id), KITH_E_NOT_FOUND);
    assert_true(kith_id_is_zero(id));
}

/* Makes devices until one has the same first letter as the first, and one has another. */
static void test_id_resolve__needs_as_many_letters_as_tell_authors_apart(void **state)
{
    test_device *asha = *state;
    char own[KITH_ID_TEXT_SIZE];
    char other[KITH_ID_TEXT_SIZE];
    char text[KITH_ID_TEXT_SIZE];
    kith_id id;
    kith_id_format(device_add_place(asha, "Nongriat"), own);
    size_t alike = 0;
    while (alike == 0) {
        test_device bina;
        device_init(&bina);
        kith_id_format(device_add_place(&bina, "Mawlynnong"), other);
        if (other[0] == own[0]) {
            device_exchange(asha, &bina);
            while (other[alike] == own[alike]) {
                alike++;
            }
        }
        device_close(&bina);
    }
    (void)snprintf(text, sizeof text, "%.*s-2", (int)alike, own);
    assert_answer(asha, resolve(asha, text, &id), KITH_E_AMBIGUOUS);
    (void)snprintf(text, sizeof text, "%.*s-2", (int)alike + 1, other);
    must(asha, resolve(asha, text, &id));
    kith_id_format(id, text);
    assert_string_equal(text, other);
}

static void test_id_resolve__refuses_what_is_no_id(void **state)
{
    test_device *asha = *state;
    static const char *const texts[] = {"", "-", "Nongriat", "0", "7m3k", "2 3", "@0"};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(texts); i++) {
        kith_id id;
        assert_answer(asha, resolve(asha, texts[i], &id), KITH_E_SYNTAX);
        assert_true(kith_id_is_zero(id));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        device_test(test_edit_commit__tells_all_problems_of_all_records_at_once),
        device_test(test_edit_commit__changes_nothing_when_it_is_refused),
        device_test(test_edit_create__takes_an_unknown_kind_for_a_problem),
        device_test(test_edit_create__stops_at_the_limit),
        device_test(test_edit_open__gives_a_record_one_number),
        devices_test(test_edit_open__finds_no_record_that_is_not_here),
        device_test(test_edit_set__needs_a_record_of_the_edit),
        device_test(test_edit_remove__is_not_for_new_records),
        device_test(test_edit_reset__empties_an_edit_for_the_next_use),
        device_test(test_edit_commit__of_nothing_writes_nothing),
        device_test(test_edit_record_id__is_known_after_the_commit),
        devices_test(test_id_resolve__takes_a_bare_number_for_a_record_of_this_device),
        device_test(test_id_resolve__needs_as_many_letters_as_tell_authors_apart),
        device_test(test_id_resolve__refuses_what_is_no_id),
    };
    return cmocka_run_group_tests_name("engine/edit", tests, NULL, NULL);
}
