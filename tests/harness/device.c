/* SPDX-License-Identifier: Apache-2.0 */
#include "device.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

#include "exchange.h"

enum { TEXT_BYTES = 65536 };

static int64_t wall_ms(void *user)
{
    return ((test_device *)user)->wall_ms;
}

static int64_t monotonic_ms(void *user)
{
    return ((test_device *)user)->monotonic_ms;
}

static kith_status fill_random(void *user, uint8_t *out, size_t length)
{
    test_device *device = user;
    for (size_t i = 0; i < length; i++) {
        out[i] = (uint8_t)(test_next(&device->random) >> 56);
    }
    return KITH_OK;
}

static void *reallocate(void *user, void *pointer, size_t size)
{
    test_device *device = user;
    if (size == 0) {
        free(pointer);
        return NULL;
    }
    device->allocation_count++;
    bool fails = device->allocation_count == device->failing_allocation;
    return fails ? NULL : realloc(pointer, size);
}

static test_mark *find_mark(test_device *device, const char *author)
{
    for (size_t i = 0; i < device->mark_count; i++) {
        if (strcmp(device->marks[i].author, author) == 0) {
            return &device->marks[i];
        }
    }
    return NULL;
}

static kith_status get_mark(void *user, const char *author, uint64_t *number_out)
{
    test_device *device = user;
    const test_mark *mark = find_mark(device, author);
    *number_out = mark == NULL ? 0 : mark->number;
    return device->has_no_marks ? KITH_E_IO : KITH_OK;
}

static kith_status set_mark(void *user, const char *author, uint64_t number)
{
    test_device *device = user;
    test_mark *mark = find_mark(device, author);
    if (device->has_no_marks) {
        return KITH_E_IO;
    }
    if (mark == NULL) {
        assert_true(device->mark_count < TEST_MARKS_MAX);
        mark = &device->marks[device->mark_count++];
        (void)snprintf(mark->author, sizeof mark->author, "%s", author);
    }
    mark->number = number;
    return KITH_OK;
}

/* A device as it lies there, switched off. */
static void set_up(test_device *device, const char *path, uint64_t seed)
{
    *device = (test_device){.wall_ms = DEVICE_START_MS, .random = test_random_of(seed)};
    (void)snprintf(device->path, sizeof device->path, "%s", path);
    device->env = kith_env_default();
    device->env.user = device;
    device->env.wall_ms = wall_ms;
    device->env.monotonic_ms = monotonic_ms;
    device->env.random = fill_random;
    device->env.reallocate = reallocate;
}

static void open_with(test_device *device, bool create, kith_replica *device_of)
{
    kith_open_options options = KITH_OPEN_OPTIONS_INIT;
    kith_mark mark = {get_mark, set_mark, device};
    kith_error error;
    options.create = create;
    options.mark = &mark;
    options.env = &device->env;
    options.device_of = device_of;
    options.device_name = "phone";
    if (kith_replica_open(device->path, &options, &device->replica, &error) != KITH_OK) {
        fail_msg("%s: %s (%s)", device->path, kith_status_name(error.status), error.message);
    }
}

static void open_replica(test_device *device, bool create)
{
    open_with(device, create, NULL);
}

void device_init_beside(test_device *device, test_device *first)
{
    set_up(device, DEVICE_IN_MEMORY, test_next(&first->random));
    open_with(device, true, first->replica);
}

void device_init_seeded(test_device *device, const char *path, uint64_t seed)
{
    set_up(device, path, seed);
    open_replica(device, true);
}

void device_init_on(test_device *device, const char *storage, const char *path, uint64_t seed)
{
    set_up(device, path, seed);
    device->env.storage = storage;
    open_replica(device, true);
}

void device_open_again(test_device *device)
{
    /* A boot starts the monotonic clock anew. */
    device->monotonic_ms = 0;
    open_replica(device, false);
}

void device_init_at(test_device *device, const char *path)
{
    static uint64_t seed;
    device_init_seeded(device, path, ++seed << 32);
}

void device_init(test_device *device)
{
    device_init_at(device, DEVICE_IN_MEMORY);
}

void device_open(test_device *device, const char *path)
{
    set_up(device, path, 0);
    open_replica(device, false);
}

static test_device devices[3];

static int make_devices(void **state, size_t count)
{
    memset(devices, 0, sizeof devices);
    for (size_t i = 0; i < count; i++) {
        device_init(&devices[i]);
    }
    *state = devices;
    return 0;
}

int device_make_one(void **state)
{
    return make_devices(state, 1);
}

int device_make_three(void **state)
{
    return make_devices(state, KITH_ARRAY_LENGTH(devices));
}

int device_close_all(void **state)
{
    (void)state;
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(devices); i++) {
        device_close(&devices[i]);
    }
    return 0;
}

void device_reopen(test_device *device)
{
    kith_replica_close(device->replica);
    device_open_again(device);
}

void device_close(test_device *device)
{
    kith_replica_close(device->replica);
    device->replica = NULL;
}

void spoil_file(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) {
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    }
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

void device_wait(test_device *device, int64_t ms)
{
    device->wall_ms += ms;
    device->monotonic_ms += ms;
}

void device_set_clock(test_device *device, int64_t set_to_ms)
{
    device->wall_ms = set_to_ms;
}

void device_assert_answer(const test_device *device, kith_status actual, kith_status expected,
                          const char *expression, const char *file, int line)
{
    const kith_error *error = kith_replica_error(device->replica);
    if (actual != expected) {
        print_error("%s is %s (%s), not %s\n", expression, kith_status_name(actual),
                    actual == KITH_OK ? "" : error->message, kith_status_name(expected));
        _fail(file, line);
    }
    if (actual != KITH_OK && (error->status != actual || error->message[0] == '\0')) {
        print_error("%s is %s, but its detail says %s (%s)\n", expression, kith_status_name(actual),
                    kith_status_name(error->status), error->message);
        _fail(file, line);
    }
}

kith_edit *device_edit(test_device *device)
{
    kith_edit *edit = NULL;
    must(device, kith_edit_begin(device->replica, &edit));
    return edit;
}

void edit_assign(test_device *device, kith_edit *edit, uint32_t record, const char *assignment)
{
    kith_slice whole = kith_slice_of(assignment);
    size_t equals = kith_slice_find(whole, '=');
    assert_true(equals > 0 && equals < whole.length);
    kith_slice text = kith_slice_skip(whole, equals + 1);
    kith_slice field = kith_slice_head(whole, equals);
    uint8_t last = field.data[field.length - 1];
    if (last == '+') {
        must(device, kith_edit_add(edit, record, kith_slice_head(field, equals - 1), text));
    } else if (last == '-') {
        must(device, kith_edit_take(edit, record, kith_slice_head(field, equals - 1), text));
    } else {
        must(device, kith_edit_set(edit, record, field, text));
    }
}

uint32_t edit_create_list(test_device *device, kith_edit *edit, const char *kind,
                          const char *const *assignments)
{
    uint32_t record = 0;
    must(device, kith_edit_create(edit, kith_slice_of(kind), &record));
    for (; *assignments != NULL; assignments++) {
        edit_assign(device, edit, record, *assignments);
    }
    return record;
}

uint32_t edit_open(test_device *device, kith_edit *edit, kith_id id)
{
    uint32_t record = 0;
    must(device, kith_edit_open(edit, id, &record));
    return record;
}

/* Commits and frees an edit; tells what was wrong with it. */
static kith_id commit(test_device *device, kith_edit *edit)
{
    kith_status status = kith_edit_commit(edit);
    for (size_t i = 0; i < kith_edit_problem_count(edit); i++) {
        const kith_problem *problem = kith_edit_problem(edit, i);
        print_error("%s %s; %s\n", problem->field, problem->message, problem->accepted);
    }
    must(device, status);
    kith_id id = kith_edit_record_id(edit, 0);
    kith_edit_free(edit);
    return id;
}

kith_id device_add_list(test_device *device, const char *kind, const char *const *assignments)
{
    kith_edit *edit = device_edit(device);
    (void)edit_create_list(device, edit, kind, assignments);
    return commit(device, edit);
}

void device_set_list(test_device *device, kith_id id, const char *const *assignments)
{
    kith_edit *edit = device_edit(device);
    uint32_t record = edit_open(device, edit, id);
    for (; *assignments != NULL; assignments++) {
        edit_assign(device, edit, record, *assignments);
    }
    (void)commit(device, edit);
}

void device_remove(test_device *device, kith_id id)
{
    kith_edit *edit = device_edit(device);
    must(device, kith_edit_remove(edit, edit_open(device, edit, id)));
    (void)commit(device, edit);
}

void device_keep(test_device *device, kith_id id)
{
    kith_edit *edit = device_edit(device);
    must(device, kith_edit_keep(edit, edit_open(device, edit, id)));
    (void)commit(device, edit);
}

void device_settle(test_device *device, kith_id id, const char *field, const char *text)
{
    kith_edit *edit = device_edit(device);
    uint32_t record = edit_open(device, edit, id);
    must(device, kith_edit_settle(edit, record, kith_slice_of(field), kith_slice_of(text)));
    (void)commit(device, edit);
}

kith_id device_add_place(test_device *device, const char *name)
{
    char assignment[128];
    (void)snprintf(assignment, sizeof assignment, "name=%s", name);
    return device_add(device, "place", assignment, "type=village");
}

kith_id device_add_person(test_device *device, const char *name)
{
    char assignment[128];
    (void)snprintf(assignment, sizeof assignment, "full_name=%s", name);
    return device_add(device, "person", assignment, "roles=migrant", "sex=female",
                      "status=at_home");
}

void edit_assert_problem(const kith_edit *edit, uint32_t record, const char *field,
                         const char *says, const char *accepts, const char *file, int line)
{
    for (size_t i = 0; i < kith_edit_problem_count(edit); i++) {
        const kith_problem *problem = kith_edit_problem(edit, i);
        if (problem->record == record && strcmp(problem->field, field) == 0 &&
            strstr(problem->message, says) != NULL && strstr(problem->accepted, accepts) != NULL) {
            return;
        }
    }
    print_error("no problem with %u \"%s\" says \"%s\" and \"%s\", but\n", record, field, says,
                accepts);
    for (size_t i = 0; i < kith_edit_problem_count(edit); i++) {
        const kith_problem *problem = kith_edit_problem(edit, i);
        print_error("%u \"%s\" \"%s\" \"%s\"\n", problem->record, problem->field, problem->message,
                    problem->accepted);
    }
    _fail(file, line);
}

kith_id device_add_newer(test_device *device, const char *kind, const char *field, kith_value value)
{
    kith_replica *replica = device->replica;
    kith_op op = {.action = KITH_ACTION_SET, .value = value};
    kith_change change = {.deed = KITH_DEED_CREATE, .ops = &op, .op_count = 1};
    kith_commit written = {.changes = &change, .change_count = 1};
    must(device, kith_engine_begin(replica));
    must(device, kith_engine_name(replica, kind, &change.kind));
    must(device, kith_engine_name(replica, field, &op.field));
    must(device, kith_engine_append(replica, &written));
    must(device, kith_engine_end(replica, KITH_OK));
    return kith_engine_id(replica, change.id);
}

static kith_record *read_record(test_device *device, kith_id id)
{
    kith_record *record = NULL;
    must(device, kith_record_get(device->replica, id, NULL, &record));
    return record;
}

/* Appends to a text, with "; " where something stands before. */
static void append(char *text, const char *part, bool is_first)
{
    size_t length = strlen(text);
    (void)snprintf(text + length, TEXT_BYTES - length, "%s%s", is_first ? "" : "; ", part);
}

const char *device_text(test_device *device, kith_id id, const char *field_name)
{
    static char text[TEXT_BYTES];
    kith_record *record = read_record(device, id);
    const kith_record_field *field = kith_record_find_field(record, kith_slice_of(field_name));
    text[0] = '\0';
    for (uint32_t i = 0; field != NULL && i < field->text_count; i++) {
        append(text, field->texts[i], i == 0);
    }
    kith_record_free(record);
    return text;
}

const char *device_rivals(test_device *device, kith_id id, const char *field_name)
{
    static char text[TEXT_BYTES];
    kith_record *record = read_record(device, id);
    const kith_record_field *field = kith_record_find_field(record, kith_slice_of(field_name));
    text[0] = '\0';
    for (uint32_t i = 0; field != NULL && i < field->rival_count; i++) {
        append(text, field->rivals[i].text, i == 0);
    }
    kith_record_free(record);
    return text;
}

const char *device_json(test_device *device, kith_id id)
{
    static char text[TEXT_BYTES];
    kith_record *record = NULL;
    kith_slice json;
    text[0] = '\0';
    kith_status status = kith_record_get(device->replica, id, NULL, &record);
    if (status == KITH_E_NOT_FOUND) {
        return text;
    }
    must(device, status);
    must(device, kith_record_json(record, &json));
    (void)snprintf(text, sizeof text, "%.*s", KITH_SLICE_ARGUMENTS(json));
    kith_record_free(record);
    return text;
}

bool device_is_removed(test_device *device, kith_id id)
{
    kith_record *record = read_record(device, id);
    bool is_removed = kith_record_is_removed(record) != 0;
    kith_record_free(record);
    return is_removed;
}

bool device_is_revived(test_device *device, kith_id id)
{
    kith_record *record = read_record(device, id);
    bool is_revived = kith_record_is_revived(record) != 0;
    kith_record_free(record);
    return is_revived;
}

kith_replica_status device_status(test_device *device)
{
    kith_replica_status figures = {.struct_size = sizeof figures};
    must(device, kith_replica_read_status(device->replica, &figures));
    return figures;
}

kith_check_report device_check(test_device *device, bool rebuild)
{
    kith_check_report report = {.struct_size = sizeof report};
    must(device, kith_replica_check(device->replica, rebuild, NULL, NULL, &report));
    return report;
}

kith_space_status device_space(test_device *device)
{
    kith_space_status status = {.struct_size = sizeof status};
    must(device, kith_space_read_status(device->replica, &status));
    return status;
}

void device_assert_same(test_device *a, test_device *b)
{
    kith_check_report first = device_check(a, true);
    kith_check_report second = device_check(b, true);
    assert_int_equal(first.rebuilt_differs, 0);
    assert_int_equal(second.rebuilt_differs, 0);
    assert_int_equal(first.change_count, second.change_count);
    assert_memory_equal(first.state_hash, second.state_hash, sizeof first.state_hash);
}

void device_assert_level(test_device *a, test_device *b)
{
    device_assert_same(a, b);
    assert_int_equal(device_space(a).waiting_count, 0);
    assert_int_equal(device_space(b).waiting_count, 0);
}

static kith_status copy_own_key(void *user, const kith_space_device *device)
{
    char *key = user;
    if (device->is_own != 0) {
        memcpy(key, device->key, strlen(device->key) + 1);
    }
    return KITH_OK;
}

const char *device_key(test_device *device)
{
    static char key[KITH_DEVICE_KEY_SIZE];
    key[0] = '\0';
    kith_status status = kith_space_list_devices(device->replica, copy_own_key, key);
    assert_true(status == KITH_OK || status == KITH_E_STATE);
    return key;
}

kith_status device_revoke(test_device *admin, test_device *device)
{
    return kith_space_revoke(admin->replica, kith_slice_of(device_key(device)), 0);
}

void device_exchange(test_device *device, test_device *other)
{
    must(device, exchange_changes(device->replica, other->replica, NULL, NULL));
}

const char *device_titles(kith_list *list)
{
    static char text[TEXT_BYTES];
    text[0] = '\0';
    for (size_t i = 0; i < kith_list_count(list); i++) {
        append(text, kith_list_row_at(list, i)->title, i == 0);
    }
    kith_list_free(list);
    return text;
}

const char *device_places(test_device *device)
{
    kith_list *list = NULL;
    kith_list_options options = KITH_LIST_OPTIONS_INIT;
    options.kind = kith_slice_of("place");
    options.sort = kith_slice_of("name");
    must(device, kith_list_records(device->replica, &options, &list));
    return device_titles(list);
}
