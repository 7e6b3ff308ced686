/* SPDX-License-Identifier: Apache-2.0 */
#include "workday.h"

#include <stdio.h>

#include "exchange.h"
#include "tour.h"

enum { LONG_TEXT_BYTES = 40000, LONG_TEXTS_MAX = 2, ROWS_MAX = 30, PATH_BYTES = 8 };

typedef kith_status (*deed_function)(workday *day, kith_replica *replica);

static uint64_t below(workday *day, uint64_t bound)
{
    return test_below(&day->random, bound);
}

void workday_begin(workday *day, uint64_t seed)
{
    *day = (workday){.seed = seed, .disk = disk_new(seed)};
    outside_init(&day->outside, disk_name(day->disk), seed);
}

void workday_close(workday *day)
{
    for (size_t i = 0; i < WORKDAY_REPLICAS; i++) {
        kith_replica_close(day->replicas[i]);
        day->replicas[i] = NULL;
    }
}

void workday_end(workday *day)
{
    workday_close(day);
    assert_int_equal(day->outside.pieces_out, 0);
    disk_free(day->disk);
}

kith_status workday_open(workday *day, size_t which, bool create)
{
    char path[PATH_BYTES];
    kith_open_options options = KITH_OPEN_OPTIONS_INIT;
    options.create = create;
    options.env = &day->outside.env;
    options.device_name = which == 0 ? "Asha's phone" : "office";
    (void)snprintf(path, sizeof path, "%zu", which);
    return kith_replica_open(path, &options, &day->replicas[which], NULL);
}

static void remember(workday *day, const kith_edit *edit)
{
    for (uint32_t i = 0; i < kith_edit_record_count(edit); i++) {
        assert_in_range(day->record_count, 0, WORKDAY_RECORDS_MAX - 1);
        day->records[day->record_count++] = kith_edit_record_id(edit, i);
    }
}

static kith_status put_places(workday *day, kith_edit *edit, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char name[32];
        uint32_t record = 0;
        (void)snprintf(name, sizeof name, "Nongriat %u", (unsigned)below(day, 1000000));
        KITH_TRY(kith_edit_create(edit, kith_slice_of("place"), &record));
        KITH_TRY(tour_set(edit, record,
                          (const tour_value[]){{"name", name}, {"type", "village"}, {NULL, NULL}}));
    }
    return kith_edit_commit(edit);
}

static kith_status add_places(workday *day, kith_replica *replica)
{
    kith_edit *edit = NULL;
    KITH_TRY(kith_edit_begin(replica, &edit));
    kith_status status = put_places(day, edit, 1 + below(day, 3));
    if (status == KITH_OK) {
        remember(day, edit);
    }
    kith_edit_free(edit);
    return status;
}

/* What a worker may be told without anything being wrong: the record is not on this replica, was
 * removed, was changed since. */
static kith_status or_nothing(kith_status status)
{
    return status == KITH_E_NOT_FOUND || status == KITH_E_REFUSED ? KITH_OK : status;
}

/* Changes one field of some record, and reads it back. */
static kith_status change(workday *day, kith_replica *replica, const char *field, const char *text)
{
    char held[LONG_TEXT_BYTES + 1];
    kith_id id = day->records[below(day, day->record_count)];
    kith_status status =
        tour_change(replica, id, (const tour_value[]){{field, text}, {NULL, NULL}});
    if (status == KITH_OK && tour_read(replica, id, field, held, sizeof held) == KITH_OK) {
        assert_string_equal(held, text);
    }
    return or_nothing(status);
}

static kith_status change_number(workday *day, kith_replica *replica)
{
    static const char *const fields[] = {"households", "population", "distance_road_km"};
    char number[16];
    (void)snprintf(number, sizeof number, "%u", (unsigned)below(day, 5000));
    return change(day, replica, fields[below(day, KITH_ARRAY_LENGTH(fields))], number);
}

static kith_status change_text(workday *day, kith_replica *replica)
{
    char text[LONG_TEXT_BYTES + 1];
    bool is_long = day->is_wordy || (below(day, 3) == 0 && day->long_text_count < LONG_TEXTS_MAX);
    size_t length = is_long ? LONG_TEXT_BYTES : 1 + below(day, 200);
    day->long_text_count += is_long;
    for (size_t i = 0; i < length; i++) {
        text[i] = (char)('!' + below(day, 90));
    }
    text[length] = '\0';
    return change(day, replica, "remarks", text);
}

static kith_status change_set(workday *day, kith_replica *replica)
{
    static const char *const codes[] = {"forest", "jhum", "tea", "weaving"};
    kith_slice code = kith_slice_of(codes[below(day, KITH_ARRAY_LENGTH(codes))]);
    kith_slice field = kith_slice_of("livelihoods");
    kith_id id = day->records[below(day, day->record_count)];
    bool takes = below(day, 3) == 0;
    kith_edit *edit = NULL;
    uint32_t record = 0;
    KITH_TRY(kith_edit_begin(replica, &edit));
    kith_status status = kith_edit_open(edit, id, &record);
    if (status == KITH_OK) {
        status = takes ? kith_edit_take(edit, record, field, code)
                       : kith_edit_add(edit, record, field, code);
    }
    if (status == KITH_OK) {
        status = kith_edit_commit(edit);
    }
    kith_edit_free(edit);
    return or_nothing(status);
}

static kith_status remove_or_keep(workday *day, kith_replica *replica)
{
    kith_id id = day->records[below(day, day->record_count)];
    bool keeps = below(day, 2) == 0;
    kith_edit *edit = NULL;
    uint32_t record = 0;
    KITH_TRY(kith_edit_begin(replica, &edit));
    kith_status status = kith_edit_open(edit, id, &record);
    if (status == KITH_OK) {
        status = keeps ? kith_edit_keep(edit, record) : kith_edit_remove(edit, record);
    }
    if (status == KITH_OK) {
        status = kith_edit_commit(edit);
    }
    kith_edit_free(edit);
    return or_nothing(status);
}

static kith_status undo(workday *day, kith_replica *replica)
{
    (void)day;
    kith_edit *edit = NULL;
    KITH_TRY(kith_edit_begin(replica, &edit));
    kith_status status = kith_edit_undo(edit);
    kith_edit_free(edit);
    return or_nothing(status);
}

static kith_status work_in_batch(workday *day, kith_replica *replica)
{
    static const deed_function deeds[] = {add_places,  change_number, change_number,
                                          change_text, change_set,    remove_or_keep};
    for (uint64_t count = 2 + below(day, 8); count > 0; count--) {
        KITH_TRY(deeds[below(day, KITH_ARRAY_LENGTH(deeds))](day, replica));
    }
    return KITH_OK;
}

static kith_status batch(workday *day, kith_replica *replica)
{
    size_t before = day->record_count;
    KITH_TRY(kith_batch_begin(replica));
    kith_status status = work_in_batch(day, replica);
    bool cancels = below(day, 8) == 0;
    if (status == KITH_OK && !cancels) {
        return kith_batch_end(replica);
    }
    kith_batch_cancel(replica);
    day->record_count = before;
    return status;
}

static kith_status read_lines(void *user, uint8_t *buffer, size_t capacity, size_t *length_out)
{
    kith_slice *left = user;
    kith_slice part = kith_slice_head(*left, capacity);
    if (part.length > 0) {
        memcpy(buffer, part.data, part.length);
    }
    *left = kith_slice_skip(*left, part.length);
    *length_out = part.length;
    return KITH_OK;
}

/* Rows with keys, of which some were imported before, perhaps on the other replica. */
static kith_status import(workday *day, kith_replica *replica)
{
    char lines[ROWS_MAX * 120];
    size_t length = 0;
    for (uint64_t count = 1 + below(day, ROWS_MAX); count > 0; count--) {
        unsigned key = (unsigned)below(day, 60);
        length += (size_t)snprintf(lines + length, sizeof lines - length,
                                   "{\"kind\":\"place\",\"key\":\"%u\",\"fields\":{\"name\":"
                                   "\"Village %u\",\"type\":\"village\"}}\n",
                                   key, key);
    }
    kith_slice left = kith_slice_make(lines, length);
    kith_import_report report = {.struct_size = sizeof report};
    kith_import_options options = KITH_IMPORT_OPTIONS_INIT;
    options.read = read_lines;
    options.user = &left;
    return kith_import_jsonl(replica, &options, &report);
}

static kith_status exchange(workday *day, kith_replica *replica)
{
    (void)replica;
    return exchange_changes(day->replicas[0], day->replicas[1], NULL, NULL);
}

static kith_status learn_time(workday *day, kith_replica *replica)
{
    int64_t wall_ms = day->outside.env.wall_ms(day->outside.env.user);
    return kith_replica_learn_time(replica, wall_ms + (int64_t)below(day, 100) * 60000);
}

static kith_status add_schema(workday *day, kith_replica *replica)
{
    char json[200];
    (void)snprintf(json, sizeof json,
                   "{\"schema\":\"x\",\"version\":\"1\",\"kinds\":{\"place\":{\"fields\":["
                   "{\"name\":\"extra%u\",\"label\":\"Extra\",\"type\":\"text\"}]}}}",
                   (unsigned)below(day, 3));
    return kith_schema_add(replica, kith_slice_of("x"), kith_slice_of(json));
}

static kith_status list(workday *day, kith_replica *replica)
{
    (void)day;
    kith_list *rows = NULL;
    kith_list_options options = KITH_LIST_OPTIONS_INIT;
    options.kind = kith_slice_of("place");
    kith_status status = kith_list_records(replica, &options, &rows);
    kith_list_free(rows);
    return status;
}

static kith_status check(workday *day, kith_replica *replica)
{
    kith_check_report report = {.struct_size = sizeof report};
    KITH_TRY(kith_replica_check(replica, (uint32_t)below(day, 2), NULL, NULL, &report));
    assert_int_equal(report.rebuilt_differs, 0);
    return KITH_OK;
}

static kith_status reopen(workday *day, kith_replica *replica)
{
    size_t which = replica == day->replicas[0] ? 0 : 1;
    kith_replica_close(replica);
    day->replicas[which] = NULL;
    return workday_open(day, which, false);
}

enum { ADD_PLACES = 0, CHANGE_TEXT = 5 }; /* where they stand */

/* The more often a deed stands here, the more often it is done. */
static const struct {
    const char *name;
    deed_function function;
} deeds[] = {
    {"add places", add_places},
    {"add places", add_places},
    {"change a number", change_number},
    {"change a number", change_number},
    {"change a number", change_number},
    {"change a text", change_text},
    {"change a text", change_text},
    {"change a set", change_set},
    {"change a set", change_set},
    {"remove or keep", remove_or_keep},
    {"undo", undo},
    {"batch", batch},
    {"batch", batch},
    {"import", import},
    {"exchange", exchange},
    {"exchange", exchange},
    {"learn the time", learn_time},
    {"add a schema", add_schema},
    {"list", list},
    {"check", check},
    {"reopen", reopen},
};

/* Steele et al., as in cases.c: numbers that follow each other give unlike deeds. */
static test_random random_of(const workday *day, uint64_t number)
{
    uint64_t mixed = day->seed + number * UINT64_C(0x9e3779b97f4a7c15);
    mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94d049bb133111eb);
    return test_random_of(mixed ^ (mixed >> 31));
}

/* Before there are records, some are made. */
static size_t choose(const workday *day, uint64_t number)
{
    test_random random = random_of(day, number);
    return day->record_count == 0 ? ADD_PLACES
           : day->is_wordy        ? CHANGE_TEXT
                                  : test_below(&random, KITH_ARRAY_LENGTH(deeds));
}

const char *workday_name(const workday *day, uint64_t number)
{
    return number < WORKDAY_REPLICAS ? "make a replica" : deeds[choose(day, number)].name;
}

kith_status workday_do(workday *day, uint64_t number)
{
    outside_begin_step(&day->outside, number);
    if (number < WORKDAY_REPLICAS) {
        return workday_open(day, (size_t)number, true);
    }
    size_t deed = choose(day, number);
    day->random = random_of(day, ~number);
    kith_replica *replica = day->replicas[below(day, WORKDAY_REPLICAS)];
    return deeds[deed].function(day, replica);
}
