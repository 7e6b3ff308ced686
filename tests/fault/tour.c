/* SPDX-License-Identifier: Apache-2.0 */
#include "tour.h"

#include <stdio.h>
#include <stdlib.h>

#include "cases.h"
#include "dump.h"

enum { STEPS_MAX = 96, REPLICAS = 2, SEED = 20261124 };

/* A tour in the taking: what is still to be tried, and what it must come to. */
typedef struct walk {
    const tour_route *route;
    const tour_fault *fault;         /* NULL: none, to see what it comes to */
    uint64_t next_chance[STEPS_MAX]; /* of each step; 0 when all were tried */
    char *expected[REPLICAS];        /* dumps */
    uint64_t struck_count;
} walk;

static const tour_step *const parts_of_all[] = {
    tour_begin_steps, tour_place_steps,    tour_edit_steps,
    tour_batch_steps, tour_transfer_steps, tour_read_steps,
    tour_share_steps, tour_end_steps,      NULL};
static const tour_step *const parts_of_full_log[] = {tour_begin_steps, tour_place_steps,
                                                     tour_log_steps, NULL};

const tour_route tour_of_all = {parts_of_all, 0};
const tour_route tour_of_full_log = {parts_of_full_log, 2};

/* The detail must tell of the failure that was answered. */
static void check_failure(const tour *t, const walk *w, kith_status status)
{
    const kith_error *error = t->detail;
    if (!w->fault->explains(status)) {
        fail_msg("the answer is %s (%s, native code %d)", kith_status_name(status), error->message,
                 (int)error->native_code);
    }
    if (error->status != status || error->message[0] == '\0') {
        fail_msg("the answer is %s, but its detail says %s (%s)", kith_status_name(status),
                 kith_status_name(error->status), error->message);
    }
}

static void must(const tour *t, kith_status status)
{
    if (status != KITH_OK) {
        fail_msg("without a fault the answer is %s (%s)", kith_status_name(status),
                 t->detail->message);
    }
}

static kith_status take(tour *t, const tour_step *step)
{
    outside_begin_step(&t->outside, t->outside.step);
    t->detail = t->a != NULL ? kith_replica_error(t->a) : &t->open_error;
    return step->take(t);
}

/* Takes a step with the fault at each chance that was not tried; true if that was the last. */
static bool try_chances(tour *t, walk *w, const tour_step *step, uint64_t *next_chance)
{
    for (;;) {
        cases_note("in step %s, %s, chance %llu", step->name, w->fault->name,
                   (unsigned long long)*next_chance);
        w->fault->arm(t, *next_chance);
        kith_status status = take(t, step);
        if (!w->fault->disarm(t)) {
            must(t, status);
            return true;
        }
        w->struck_count++;
        *next_chance += w->fault->stride;
        if (status != KITH_OK) {
            check_failure(t, w, status);
        } else if (!step->is_repeatable) {
            return false; /* the work is done; later chances come with the next tour */
        }
    }
}

static void take_step(tour *t, walk *w, const tour_step *step)
{
    t->outside.step++;
    assert_in_range(t->outside.step, 1, STEPS_MAX);
    uint64_t *next_chance = &w->next_chance[t->outside.step - 1];
    if (*next_chance != 0) {
        *next_chance = try_chances(t, w, step, next_chance) ? 0 : *next_chance;
        return;
    }
    cases_note("in step %s", step->name);
    must(t, take(t, step));
}

static void compare(kith_replica *replica, char **expected)
{
    char *text = NULL;
    kith_check_report report = {.struct_size = sizeof report};
    assert_ok(kith_replica_check(replica, 1, NULL, NULL, &report));
    assert_int_equal(report.rebuilt_differs, 0);
    assert_ok(dump_replica(replica, &text));
    if (*expected == NULL) {
        *expected = text;
        return;
    }
    dump_assert_equal(text, *expected);
    free(text);
}

static void take_once(walk *w)
{
    tour t = {.disk = disk_new(SEED)};
    outside_init(&t.outside, disk_name(t.disk), SEED);
    for (const tour_step *const *part = w->route->parts; *part != NULL; part++) {
        for (const tour_step *step = *part; step->name != NULL; step++) {
            take_step(&t, w, step);
        }
    }
    cases_note("at the end of the tour");
    compare(t.a, &w->expected[0]);
    compare(t.b, &w->expected[1]);
    kith_replica_close(t.a);
    kith_replica_close(t.b);
    assert_int_equal(t.outside.pieces_out, 0);
    disk_free(t.disk);
}

static bool is_done(const walk *w)
{
    for (size_t i = 0; i < STEPS_MAX; i++) {
        if (w->next_chance[i] != 0) {
            return false;
        }
    }
    return true;
}

/* The first chance of each step that is not spared. */
static void begin_walk(walk *w)
{
    size_t step_count = 0;
    for (size_t part = 0; w->route->parts[part] != NULL; part++) {
        for (const tour_step *step = w->route->parts[part]; step->name != NULL; step++) {
            w->next_chance[step_count++] = part < w->route->spared_count ? 0 : 1;
        }
    }
}

void tour_take(const tour_route *route, const tour_fault *fault)
{
    walk w = {.route = route};
    size_t tour_count = 0;
    take_once(&w);
    w.fault = fault;
    begin_walk(&w);
    for (; !is_done(&w); tour_count++) {
        take_once(&w);
    }
    print_message("%s: %llu faults in %zu tours\n", fault->name, (unsigned long long)w.struck_count,
                  tour_count);
    cases_done();
    assert_true(w.struck_count > 0);
    for (size_t i = 0; i < REPLICAS; i++) {
        free(w.expected[i]);
    }
}

kith_status tour_set(kith_edit *edit, uint32_t record, const tour_value *values)
{
    for (; values->field != NULL; values++) {
        KITH_TRY(
            kith_edit_set(edit, record, kith_slice_of(values->field), kith_slice_of(values->text)));
    }
    return KITH_OK;
}

kith_status tour_change(kith_replica *replica, kith_id id, const tour_value *values)
{
    kith_edit *edit = NULL;
    uint32_t record = 0;
    KITH_TRY(kith_edit_begin(replica, &edit));
    kith_status status = kith_edit_open(edit, id, &record);
    if (status == KITH_OK) {
        status = tour_set(edit, record, values);
    }
    if (status == KITH_OK) {
        status = kith_edit_commit(edit);
    }
    kith_edit_free(edit);
    return status;
}

kith_status tour_read(kith_replica *replica, kith_id id, const char *field, char *text, size_t size)
{
    kith_record *record = NULL;
    KITH_TRY(kith_record_get(replica, id, NULL, &record));
    const kith_record_field *found = kith_record_find_field(record, kith_slice_of(field));
    bool has_text = found != NULL && found->text_count > 0;
    (void)snprintf(text, size, "%s", has_text ? found->texts[0] : "");
    kith_record_free(record);
    return KITH_OK;
}
