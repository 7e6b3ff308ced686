/* SPDX-License-Identifier: Apache-2.0 */
#include "ground.h"

#include "tour.h"

enum { TEXT_BYTES = 4096 };

static kith_replica *open_replica(ground *g, uint32_t create)
{
    kith_replica *replica = NULL;
    kith_open_options options = KITH_OPEN_OPTIONS_INIT;
    kith_error error;
    options.create = create;
    options.env = &g->outside.env;
    options.device_name = "phone";
    if (kith_replica_open("a", &options, &replica, &error) != KITH_OK) {
        fail_msg("opening: %s (%s)", kith_status_name(error.status), error.message);
    }
    return replica;
}

kith_replica *ground_open_again(ground *g)
{
    return open_replica(g, 0);
}

static kith_id add_place(ground *g)
{
    kith_edit *edit = NULL;
    uint32_t record = 0;
    const tour_value values[] = {{"name", "Nongriat"}, {"type", "village"}, {NULL, NULL}};
    assert_ok(kith_edit_begin(g->replica, &edit));
    assert_ok(kith_edit_create(edit, kith_slice_of("place"), &record));
    assert_ok(tour_set(edit, record, values));
    assert_ok(kith_edit_commit(edit));
    kith_id id = kith_edit_record_id(edit, record);
    kith_edit_free(edit);
    return id;
}

void ground_begin(ground *g, uint64_t seed)
{
    *g = (ground){.disk = disk_new(seed)};
    outside_init(&g->outside, disk_name(g->disk), seed);
    g->replica = open_replica(g, 1);
    g->place = add_place(g);
}

void ground_end(ground *g)
{
    kith_check_report report = {.struct_size = sizeof report};
    assert_ok(kith_replica_check(g->replica, 1, NULL, NULL, &report));
    assert_int_equal(report.rebuilt_differs, 0);
    kith_replica_close(g->replica);
    assert_int_equal(g->outside.pieces_out, 0);
    disk_free(g->disk);
}

void ground_cut_power(ground *g)
{
    disk_fail(g->disk, DISK_POWER_CUT, 1, true);
    kith_replica_close(g->replica);
    disk_restart(g->disk);
    g->replica = open_replica(g, 0);
}

kith_status ground_set(ground *g, const char *field, const char *text)
{
    return tour_change(g->replica, g->place, (const tour_value[]){{field, text}, {NULL, NULL}});
}

void ground_assert_holds(ground *g, const char *field, const char *text)
{
    char held[TEXT_BYTES];
    assert_ok(tour_read(g->replica, g->place, field, held, sizeof held));
    assert_string_equal(held, text);
}
