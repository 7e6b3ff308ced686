/* What a replica holds is what its log says, whatever was done to it, and replicas with the same
 * changes hold and show the same.
 *
 * A seed determines a history of ROUNDS rounds on two to five devices, most of them in memory, some
 * in files that two handles share and that are closed and opened again on the way. A round is a
 * case: some operations through the public functions, some exchanges, and then a check. After most
 * rounds one device's state is compared with its log folded anew; after every third or so all
 * devices are brought to the same changes, and all of them are checked and compared with each
 * other. Clocks are wrong by up to fifty years, jump, and are corrected.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cases.h"
#include "device.h"

enum {
    HISTORIES = 1250,
    ROUNDS = 8, /* 10,000 cases */
    DEVICES_MAX = 5,
    HANDLES_MAX = 2,
    OPERATIONS_MAX = 6,
    RECORDS_MAX = 400,
    JSON_BYTES = 16384
};

/* One device: its replica, through one handle or two. */
typedef struct worker {
    test_device handles[HANDLES_MAX];
    size_t handle_count;
} worker;

typedef struct history {
    test_random random;
    int64_t true_ms;
    bool is_in_files;
    worker workers[DEVICES_MAX];
    size_t worker_count;
    kith_id records[RECORDS_MAX]; /* made so far, on whatever device */
    size_t record_count;
} history;

static uint64_t below(history *h, uint64_t bound)
{
    return test_below(&h->random, bound);
}

static test_device *any_handle(history *h, size_t place)
{
    worker *w = &h->workers[place];
    return &w->handles[below(h, w->handle_count)];
}

/* Sets the clock of all a device's handles wrong by up to fifty years, or right. */
static void set_clock(history *h, size_t place)
{
    int64_t fault_ms = (int64_t)below(h, 100 * DEVICE_YEAR_MS) - 50 * DEVICE_YEAR_MS;
    int64_t wall_ms = h->true_ms + (below(h, 3) == 0 ? 0 : fault_ms);
    for (size_t i = 0; i < h->workers[place].handle_count; i++) {
        device_set_clock(&h->workers[place].handles[i], wall_ms);
    }
}

static void open_worker(history *h, size_t place)
{
    char path[400] = DEVICE_IN_MEMORY;
    worker *w = &h->workers[place];
    if (h->is_in_files) {
        (void)snprintf(path, sizeof path, "%s/k.db", test_folder());
    }
    device_init_seeded(&w->handles[0], path, test_next(&h->random));
    w->handle_count = 1;
    if (h->is_in_files) {
        device_open(&w->handles[1], path);
        w->handle_count = 2;
    }
    set_clock(h, place);
}

static void begin_history(history *h, uint64_t seed)
{
    memset(h, 0, sizeof *h);
    h->random = test_random_of(seed);
    h->true_ms = DEVICE_START_MS;
    h->is_in_files = below(h, 32) == 0;
    h->worker_count = 2 + below(h, below(h, 3) == 0 ? DEVICES_MAX - 1 : 2);
    for (size_t i = 0; i < h->worker_count; i++) {
        open_worker(h, i);
    }
}

static void end_history(history *h)
{
    for (size_t i = 0; i < h->worker_count; i++) {
        for (size_t j = 0; j < h->workers[i].handle_count; j++) {
            device_close(&h->workers[i].handles[j]);
        }
    }
}

static void pass_time(history *h)
{
    int64_t ms = (int64_t)(below(h, 2) == 0 ? below(h, 3) : below(h, 3 * DEVICE_DAY_MS));
    h->true_ms += ms;
    for (size_t i = 0; i < h->worker_count; i++) {
        for (size_t j = 0; j < h->workers[i].handle_count; j++) {
            device_wait(&h->workers[i].handles[j], ms);
        }
    }
}

/* What an operation may answer: it is random, so it may ask for what cannot be. */
static void expect_answer(test_device *device, kith_status status)
{
    if (status != KITH_E_REFUSED && status != KITH_E_NOT_FOUND) {
        must(device, status);
    }
}

static kith_id any_record(history *h)
{
    return h->record_count == 0 ? (kith_id){{0}} : h->records[below(h, h->record_count)];
}

static void note_record(history *h, kith_id id)
{
    for (size_t i = 0; i < h->record_count; i++) {
        if (kith_id_equal(h->records[i], id)) {
            return;
        }
    }
    if (h->record_count < RECORDS_MAX) {
        h->records[h->record_count++] = id;
    }
}

/* A field of a place and texts for it; for a reference, any record's id is a text too. */
typedef struct field_choice {
    const char *field;
    const char *texts[4];
} field_choice;

static const field_choice choices[] = {
    {"name", {"Nongriat", "Shella", "নংৰিয়াট", ""}},
    {"source_key", {"n-1", "n-2", "n-3", ""}},
    {"households", {"1", "2", "3", ""}},
    {"population", {"1", "-1", "3", ""}},
    {"expiry", {"2029", "~2030-05", "2031-01..2032", ""}},
    {"sensitivity", {"public", "internal", "sealed", ""}},
    {"livelihoods", {"forest", "jhum;tea", "fishing", ""}},
    {"livelihoods", {"forest", "forest;fishing", "tea", ""}},
    {"parent", {NULL, NULL, NULL, ""}},
    {"district", {NULL, NULL, "@0", ""}},
    {"orbit", {"7", "8", "9", ""}},
};

static void assign_something(history *h, test_device *device, kith_edit *edit, uint32_t record)
{
    char id[KITH_ID_TEXT_SIZE];
    const field_choice *choice = &choices[below(h, KITH_ARRAY_LENGTH(choices))];
    const char *text = choice->texts[below(h, KITH_ARRAY_LENGTH(choice->texts))];
    if (text == NULL) {
        kith_id_format(any_record(h), id);
        text = id;
    }
    kith_slice field = kith_slice_of(choice->field);
    kith_slice value = kith_slice_of(text);
    bool is_set = strcmp(choice->field, "livelihoods") == 0;
    switch (below(h, is_set ? 3 : 1)) {
    case 1:
        must(device, kith_edit_add(edit, record, field, value));
        break;
    case 2:
        must(device, kith_edit_take(edit, record, field, value));
        break;
    default:
        must(device, kith_edit_set(edit, record, field, value));
        break;
    }
}

static void commit(history *h, test_device *device, kith_edit *edit)
{
    kith_status status = kith_edit_commit(edit);
    expect_answer(device, status);
    for (uint32_t i = 0; status == KITH_OK && i < kith_edit_record_count(edit); i++) {
        note_record(h, kith_edit_record_id(edit, i));
    }
}

/* An edit of one to three records, new ones and old ones. */
static void edit_something(history *h, test_device *device)
{
    kith_edit *edit = device_edit(device);
    for (uint64_t records = 1 + below(h, 3); records > 0; records--) {
        uint32_t record = 0;
        bool is_old = below(h, 3) > 0 && kith_edit_open(edit, any_record(h), &record) == KITH_OK;
        if (!is_old) {
            record = edit_create(device, edit, "place", "name=Nongriat", "type=village");
        }
        for (uint64_t fields = below(h, 4); fields > 0; fields--) {
            assign_something(h, device, edit, record);
        }
    }
    commit(h, device, edit);
    kith_edit_free(edit);
}

static void remove_or_keep(history *h, test_device *device)
{
    uint32_t record = 0;
    kith_edit *edit = device_edit(device);
    if (kith_edit_open(edit, any_record(h), &record) == KITH_OK) {
        bool removes = below(h, 2) == 0;
        must(device, removes ? kith_edit_remove(edit, record) : kith_edit_keep(edit, record));
        commit(h, device, edit);
    }
    kith_edit_free(edit);
}

/* Settles a record's conflicts by the second value of each. */
static void settle_record(history *h, test_device *device, kith_id id)
{
    kith_record *record = NULL;
    kith_edit *edit = device_edit(device);
    uint32_t draft = edit_open(device, edit, id);
    must(device, kith_record_get(device->replica, id, NULL, &record));
    for (uint32_t i = 0; i < kith_record_field_count(record); i++) {
        const kith_record_field *field = kith_record_field_at(record, i);
        if (field->rival_count > 0) {
            must(device, kith_edit_settle(edit, draft, kith_slice_of(field->name),
                                          kith_slice_of(field->rivals[1].text)));
        }
    }
    commit(h, device, edit);
    kith_record_free(record);
    kith_edit_free(edit);
}

static void settle_something(history *h, test_device *device)
{
    kith_list *list = NULL;
    must(device, kith_list_conflicts(device->replica, NULL, &list));
    if (kith_list_count(list) > 0) {
        settle_record(h, device, kith_list_row_at(list, 0)->id);
    }
    kith_list_free(list);
}

static void undo_something(test_device *device)
{
    kith_edit *edit = device_edit(device);
    expect_answer(device, kith_edit_undo(edit));
    kith_edit_free(edit);
}

static void add_something_newer(history *h, test_device *device)
{
    static const char *const kinds[] = {"drone", "place", "schema", "clock"};
    static const char *const fields[] = {"range", "altitude", "definition", "first"};
    size_t place = below(h, KITH_ARRAY_LENGTH(kinds));
    kith_value value = {99, KITH_SLICE("\x01\xfe")};
    note_record(h, device_add_newer(device, kinds[place], fields[place], value));
}

/* Two definitions that give one field different types. */
static void extend_schema(history *h, test_device *device)
{
    static const char *const definitions[] = {
        "{\"kinds\":{\"place\":{\"fields\":[{\"name\":\"orbit\",\"label\":\"Orbit\",\"type\":"
        "\"int\"}]}}}",
        "{\"kinds\":{\"place\":{\"fields\":[{\"name\":\"orbit\",\"label\":\"Orbit\",\"type\":"
        "\"multi-text\"}]}}}"};
    static const char *const names[] = {"orbits", "paths"};
    expect_answer(device, kith_schema_add(device->replica, kith_slice_of(names[below(h, 2)]),
                                          kith_slice_of(definitions[below(h, 2)])));
}

/* Edits in a batch that is kept or not. What a batch that is taken back made is forgotten. */
static void edit_in_batch(history *h, test_device *device)
{
    size_t record_count = h->record_count;
    must(device, kith_batch_begin(device->replica));
    for (uint64_t edits = 1 + below(h, 4); edits > 0; edits--) {
        edit_something(h, device);
    }
    if (below(h, 3) > 0) {
        must(device, kith_batch_end(device->replica));
    } else {
        kith_batch_cancel(device->replica);
        h->record_count = record_count;
    }
}

static void operate(history *h)
{
    size_t place = below(h, h->worker_count);
    test_device *device = any_handle(h, place);
    pass_time(h);
    switch (below(h, 16)) {
    case 0:
        set_clock(h, place);
        break;
    case 1:
        must(device, kith_replica_learn_time(device->replica, h->true_ms));
        break;
    case 2:
        edit_in_batch(h, device);
        break;
    case 3:
        add_something_newer(h, device);
        break;
    case 4:
        undo_something(device);
        break;
    case 5:
        settle_something(h, device);
        break;
    case 6:
    case 7:
        remove_or_keep(h, device);
        break;
    case 8:
        if (h->is_in_files) {
            device_reopen(device);
        } else if (below(h, 4) == 0) {
            extend_schema(h, device);
        }
        break;
    default:
        edit_something(h, device);
        break;
    }
}

static void meet(history *h, size_t a, size_t b)
{
    if (a != b) {
        device_exchange(any_handle(h, a), any_handle(h, b));
    }
}

static kith_check_report check_device(history *h, size_t place)
{
    kith_check_report report = device_check(any_handle(h, place), true);
    assert_int_equal(report.rebuilt_differs, 0);
    return report;
}

static void assert_same_records(history *h, size_t place)
{
    static char json[JSON_BYTES];
    for (size_t i = 0; i < h->record_count; i++) {
        (void)snprintf(json, sizeof json, "%s", device_json(any_handle(h, 0), h->records[i]));
        assert_true(json[0] != '\0');
        assert_string_equal(device_json(any_handle(h, place), h->records[i]), json);
    }
}

/* Everybody has everything: then all must be the same, and nothing be lost. */
static void meet_all(history *h)
{
    uint64_t change_count = 0;
    for (size_t i = 0; i < 2 * h->worker_count; i++) {
        meet(h, 0, i % h->worker_count);
    }
    kith_check_report first = check_device(h, 0);
    for (size_t i = 0; i < h->worker_count; i++) {
        change_count += device_status(any_handle(h, i)).own_count;
    }
    assert_int_equal(first.change_count, change_count);
    for (size_t i = 1; i < h->worker_count; i++) {
        kith_check_report other = check_device(h, i);
        assert_int_equal(other.change_count, change_count);
        assert_int_equal(other.record_count, first.record_count);
        assert_memory_equal(other.state_hash, first.state_hash, sizeof first.state_hash);
        assert_same_records(h, i);
    }
}

static void check_history(uint64_t seed)
{
    static history h;
    begin_history(&h, seed);
    for (size_t round = 1; round <= ROUNDS; round++) {
        for (uint64_t operations = 1 + below(&h, OPERATIONS_MAX); operations > 0; operations--) {
            operate(&h);
        }
        for (uint64_t exchanges = below(&h, 3); exchanges > 0; exchanges--) {
            meet(&h, below(&h, h.worker_count), below(&h, h.worker_count));
        }
        if (round == ROUNDS || below(&h, 3) == 0) {
            meet_all(&h);
        } else {
            (void)check_device(&h, below(&h, h.worker_count));
        }
    }
    end_history(&h);
}

static void test_replica__holds_what_its_log_says_and_what_all_others_hold(void **state)
{
    (void)state;
    cases_run(HISTORIES, check_history);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        property_test(test_replica__holds_what_its_log_says_and_what_all_others_hold),
    };
    return cmocka_run_group_tests_name("prop/rebuild", tests, NULL, NULL);
}
