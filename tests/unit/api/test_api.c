/* What every public function owes its caller: sizes are checked, outs are zeroed on failure, status
 * and detail agree, ending functions take NULL. SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include <kith/transfer.h>

#include "device.h"

#define NOWHERE ((kith_id){{9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 0, 0, 0, 0, 0, 7}})

/* A handle that is none, to see it zeroed. */
#define DIRTY(type) ((type *)(void *)test_context())

static void assert_not_opened(const char *path, const kith_open_options *options,
                              kith_status expected)
{
    kith_error error = {.status = KITH_OK};
    kith_replica *replica = DIRTY(kith_replica);
    assert_int_equal(kith_replica_open(path, options, &replica, &error), expected);
    assert_null(replica);
    assert_int_equal(error.status, expected);
    assert_true(error.message[0] != '\0');
    replica = DIRTY(kith_replica);
    assert_int_equal(kith_replica_open(path, options, &replica, NULL), expected);
    assert_null(replica);
}

static void test_open__checks_its_arguments(void **state)
{
    (void)state;
    kith_open_options options = KITH_OPEN_OPTIONS_INIT;
    options.create = 1;
    assert_not_opened(NULL, &options, KITH_E_ARGUMENT);
    assert_not_opened("", &options, KITH_E_ARGUMENT);
    options.struct_size--;
    assert_not_opened(DEVICE_IN_MEMORY, &options, KITH_E_ARGUMENT);
    options.struct_size = 0;
    assert_not_opened(DEVICE_IN_MEMORY, &options, KITH_E_ARGUMENT);
}

static void test_open__checks_the_environment(void **state)
{
    (void)state;
    kith_env env = kith_env_default();
    kith_open_options options = KITH_OPEN_OPTIONS_INIT;
    options.create = 1;
    options.env = &env;
    env.struct_size += 8;
    assert_not_opened(DEVICE_IN_MEMORY, &options, KITH_E_ARGUMENT);
    env = (kith_env)KITH_ENV_INIT;
    env.storage = "no such storage";
    kith_replica *replica = DIRTY(kith_replica);
    assert_int_not_equal(kith_replica_open(DEVICE_IN_MEMORY, &options, &replica, NULL), KITH_OK);
    assert_null(replica);
}

static void test_open__checks_the_name_of_the_device(void **state)
{
    (void)state;
    static const char *const names[] = {"two\x01words", "\xff", NULL};
    char name[202];
    kith_open_options options = KITH_OPEN_OPTIONS_INIT;
    options.create = 1;
    for (size_t i = 0; names[i] != NULL; i++) {
        options.device_name = names[i];
        assert_not_opened(DEVICE_IN_MEMORY, &options, KITH_E_ARGUMENT);
    }
    memset(name, 'a', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    options.device_name = name;
    assert_not_opened(DEVICE_IN_MEMORY, &options, KITH_E_ARGUMENT);
    kith_replica *replica = NULL;
    options.device_name = name + 1;
    assert_int_equal(kith_replica_open(DEVICE_IN_MEMORY, &options, &replica, NULL), KITH_OK);
    kith_replica_close(replica);
}

static void test_open__tells_what_is_there(void **state)
{
    (void)state;
    char path[400];
    test_device asha;
    kith_replica *replica = NULL;
    kith_open_options options = KITH_OPEN_OPTIONS_INIT;
    (void)snprintf(path, sizeof path, "%s/k.db", test_folder());
    assert_not_opened(path, &options, KITH_E_NOT_FOUND);
    assert_not_opened(path, NULL, KITH_E_NOT_FOUND);
    device_init_at(&asha, path);
    options.create = 1;
    assert_not_opened(path, &options, KITH_E_EXISTS);
    assert_int_equal(kith_replica_open(path, NULL, &replica, NULL), KITH_OK);
    kith_replica_close(replica);
    device_close(&asha);
}

static void test_ending_functions__take_null(void **state)
{
    (void)state;
    kith_replica_close(NULL);
    kith_edit_free(NULL);
    kith_record_free(NULL);
    kith_list_free(NULL);
    kith_history_free(NULL);
}

static void test_structures__need_their_size(void **state)
{
    test_device *asha = *state;
    kith_list *list = DIRTY(kith_list);
    kith_list_options query = KITH_LIST_OPTIONS_INIT;
    kith_replica_status figures = {.struct_size = 8};
    kith_check_report check = {.struct_size = sizeof check + 1};
    kith_import_options import = KITH_IMPORT_OPTIONS_INIT;
    kith_import_report report = {.struct_size = sizeof report};
    kith_export_options export = KITH_EXPORT_OPTIONS_INIT;
    query.struct_size = 0;
    assert_answer(asha, kith_list_records(asha->replica, &query, &list), KITH_E_ARGUMENT);
    assert_null(list);
    assert_answer(asha, kith_replica_read_status(asha->replica, &figures), KITH_E_ARGUMENT);
    assert_answer(asha, kith_replica_check(asha->replica, 0, NULL, NULL, &check), KITH_E_ARGUMENT);
    /* No function to read with, or to write with. */
    assert_answer(asha, kith_import_jsonl(asha->replica, &import, &report), KITH_E_ARGUMENT);
    assert_answer(asha, kith_import_csv(asha->replica, &import, &report), KITH_E_ARGUMENT);
    assert_answer(asha, kith_export_jsonl(asha->replica, &export, NULL), KITH_E_ARGUMENT);
    assert_answer(asha, kith_export_csv(asha->replica, &export, NULL), KITH_E_ARGUMENT);
}

static kith_status read_nothing(void *user, uint8_t *buffer, size_t capacity, size_t *length_out)
{
    (void)user;
    (void)buffer;
    (void)capacity;
    *length_out = 0;
    return KITH_OK;
}

static kith_status write_nothing(void *user, kith_slice bytes)
{
    (void)user;
    (void)bytes;
    return KITH_OK;
}

static void test_transfers__need_their_sizes(void **state)
{
    test_device *asha = *state;
    uint64_t count = 7;
    kith_import_options import = KITH_IMPORT_OPTIONS_INIT;
    kith_import_report report = {.struct_size = sizeof report - 8};
    kith_export_options export = KITH_EXPORT_OPTIONS_INIT;
    import.read = read_nothing;
    export.write = write_nothing;
    assert_answer(asha, kith_import_jsonl(asha->replica, &import, &report), KITH_E_ARGUMENT);
    report.struct_size = sizeof report;
    import.struct_size++;
    assert_answer(asha, kith_import_jsonl(asha->replica, &import, &report), KITH_E_ARGUMENT);
    export.struct_size = 0;
    assert_answer(asha, kith_export_jsonl(asha->replica, &export, &count), KITH_E_ARGUMENT);
    assert_int_equal(count, 0);
}

static void test_arguments__may_be_null_where_the_header_says_so(void **state)
{
    test_device *devices = *state;
    kith_replica *replica = devices[0].replica;
    kith_list *list = NULL;
    kith_record *record = NULL;
    kith_slice json;
    kith_slice none = {NULL, 0};
    kith_check_report check = {.struct_size = sizeof check};
    kith_import_options import = KITH_IMPORT_OPTIONS_INIT;
    kith_import_report report = {.struct_size = sizeof report};
    kith_export_options export = KITH_EXPORT_OPTIONS_INIT;
    kith_id place = device_add_place(&devices[0], "Nongriat");
    import.read = read_nothing;
    export.write = write_nothing;
    must(&devices[0], kith_replica_check(replica, 1, NULL, NULL, &check));
    must(&devices[0], kith_import_jsonl(replica, &import, &report));
    must(&devices[0], kith_export_jsonl(replica, &export, NULL));
    must(&devices[0], kith_record_get(replica, place, NULL, &record));
    kith_record_free(record);
    must(&devices[0], kith_find_records(replica, kith_slice_of("nongriat"), none, 0, NULL, &list));
    kith_list_free(list);
    must(&devices[0], kith_schema_json(replica, none, NULL, &json));
    assert_true(json.length > 0);
    kith_replica_watch(replica, NULL, NULL);
}

static void test_outs__are_zeroed_on_failure(void **state)
{
    test_device *asha = *state;
    kith_replica *replica = asha->replica;
    kith_record *record = DIRTY(kith_record);
    kith_history *history = DIRTY(kith_history);
    kith_list *list = DIRTY(kith_list);
    kith_id id = NOWHERE;
    kith_slice json = kith_slice_of("x");
    uint32_t number = 7;
    assert_answer(asha, kith_record_get(replica, NOWHERE, NULL, &record), KITH_E_NOT_FOUND);
    assert_null(record);
    assert_answer(asha, kith_history_get(replica, NOWHERE, 0, &history), KITH_E_NOT_FOUND);
    assert_null(history);
    assert_answer(asha,
                  kith_find_records(replica, kith_slice_of(""), kith_slice_of(""), 0, NULL, &list),
                  KITH_E_ARGUMENT);
    assert_null(list);
    assert_answer(asha, kith_id_resolve(replica, kith_slice_of("99"), &id), KITH_E_NOT_FOUND);
    assert_true(kith_id_is_zero(id));
    assert_answer(asha, kith_schema_json(replica, kith_slice_of("palace"), NULL, &json),
                  KITH_E_NOT_FOUND);
    assert_int_equal(json.length, 0);
    kith_edit *edit = device_edit(asha);
    assert_answer(asha, kith_edit_open(edit, NOWHERE, &number), KITH_E_NOT_FOUND);
    assert_int_equal(number, 0);
    kith_edit_free(edit);
}

static void test_details__belong_to_their_handle(void **state)
{
    test_device *devices = *state;
    kith_id id;
    kith_record *record = NULL;
    assert_answer(&devices[0], kith_id_resolve(devices[0].replica, kith_slice_of("x y"), &id),
                  KITH_E_SYNTAX);
    assert_answer(&devices[1], kith_record_get(devices[1].replica, NOWHERE, NULL, &record),
                  KITH_E_NOT_FOUND);
    assert_int_equal(kith_replica_error(devices[0].replica)->status, KITH_E_SYNTAX);
    assert_non_null(kith_replica_error(devices[2].replica)->message);
}

static void test_details__are_one_line_without_what_the_user_wrote(void **state)
{
    test_device *asha = *state;
    kith_edit *edit = device_edit(asha);
    (void)edit_create(asha, edit, "person", "full_name=Asha of Shella", "roles=migrant",
                      "sex=female", "status=at_home", "age_at=seventeen secrets");
    assert_answer(asha, kith_edit_commit(edit), KITH_E_REFUSED);
    const char *message = kith_replica_error(asha->replica)->message;
    assert_null(strstr(message, "secrets"));
    assert_null(strchr(message, '\n'));
    assert_non_null(strstr(message, "age_at"));
    kith_edit_free(edit);
}

static void test_names__are_there_for_every_status(void **state)
{
    (void)state;
    static const kith_status statuses[] = {
        KITH_OK,       KITH_E_ARGUMENT, KITH_E_REFUSED, KITH_E_NOT_FOUND, KITH_E_LIMIT,
        KITH_E_EXISTS, KITH_E_STATE,    KITH_E_STOPPED, KITH_E_SYNTAX,    KITH_E_AMBIGUOUS,
        KITH_E_BUSY,   KITH_E_MEMORY,   KITH_E_FULL,    KITH_E_READ_ONLY, KITH_E_IO,
        KITH_E_NEWER,  KITH_E_DAMAGED,  KITH_E_INTERNAL};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(statuses); i++) {
        assert_int_equal(strncmp(kith_status_name(statuses[i]), "KITH_", 5), 0);
        for (size_t j = 0; j < i; j++) {
            assert_string_not_equal(kith_status_name(statuses[i]), kith_status_name(statuses[j]));
        }
    }
    assert_string_equal(kith_status_name((kith_status)77), "unknown status");
    assert_true(kith_version()[0] >= '0' && kith_version()[0] <= '9');
}

static kith_status no_chance(void *user, uint8_t *out, size_t length)
{
    (void)user;
    (void)out;
    (void)length;
    return KITH_E_IO;
}

static void test_open__makes_no_replica_without_chance(void **state)
{
    (void)state;
    kith_env env = kith_env_default();
    kith_open_options options = KITH_OPEN_OPTIONS_INIT;
    env.random = no_chance;
    options.create = 1;
    options.env = &env;
    assert_not_opened(DEVICE_IN_MEMORY, &options, KITH_E_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_open__checks_its_arguments),
        cmocka_unit_test(test_open__checks_the_environment),
        cmocka_unit_test(test_open__checks_the_name_of_the_device),
        cmocka_unit_test(test_open__tells_what_is_there),
        cmocka_unit_test(test_open__makes_no_replica_without_chance),
        cmocka_unit_test(test_ending_functions__take_null),
        device_test(test_structures__need_their_size),
        device_test(test_transfers__need_their_sizes),
        devices_test(test_arguments__may_be_null_where_the_header_says_so),
        device_test(test_outs__are_zeroed_on_failure),
        devices_test(test_details__belong_to_their_handle),
        device_test(test_details__are_one_line_without_what_the_user_wrote),
        cmocka_unit_test(test_names__are_there_for_every_status),
    };
    return cmocka_run_group_tests_name("api", tests, NULL, NULL);
}
