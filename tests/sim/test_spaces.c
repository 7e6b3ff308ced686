/* Devices that are in several spaces each, and sync them in one request, over links that break at
 * any byte: hundreds of districts, each from one seed. Afterwards all members of a space are equal
 * and have what was recorded in it, once, and nothing of another. SPDX-License-Identifier:
 * Apache-2.0 */
#include <stdio.h>

#include "cases.h"
#include "relays.h"

enum { DISTRICTS = 200, DEVICES_MAX = 5, SPACES = 3, ROUNDS = 3 };

/* A replica for each space that the device is in; the others are all zero. */
typedef struct worker {
    test_device replicas[SPACES];
} worker;

typedef struct district {
    test_random random;
    test_relay relay;
    worker workers[DEVICES_MAX];
    size_t worker_count;
    size_t record_counts[SPACES];
} district;

static bool is_in(const worker *w, size_t space)
{
    return w->replicas[space].replica != NULL;
}

/* The replicas of a device, from one of them on. */
static size_t replicas_of(worker *w, size_t first, test_device *out[SPACES])
{
    size_t count = 0;
    for (size_t i = 0; i < SPACES; i++) {
        size_t space = (first + i) % SPACES;
        if (is_in(w, space)) {
            out[count++] = &w->replicas[space];
        }
    }
    return count;
}

/* Makes a replica for one more space. */
static test_device *equip(district *d, worker *w, size_t space)
{
    test_device *others[SPACES];
    size_t count = replicas_of(w, 0, others);
    test_device *device = &w->replicas[space];
    if (count > 0) {
        device_init_beside(device, others[0]);
    } else {
        device_init_seeded(device, DEVICE_IN_MEMORY, test_next(&d->random));
    }
    return device;
}

static worker *founder_of(district *d, size_t space)
{
    return &d->workers[space % d->worker_count];
}

static void found(district *d, size_t space)
{
    worker *founder = founder_of(d, space);
    relay_found(&d->relay, equip(d, founder, space));
    for (size_t i = 0; i < d->worker_count; i++) {
        worker *w = &d->workers[i];
        if (w != founder && test_below(&d->random, 3) > 0) {
            relay_admit(&d->relay, &founder->replicas[space], equip(d, w, space), KITH_MAY_WRITE);
        }
    }
}

static void begin(district *d, uint64_t seed)
{
    *d = (district){.random = test_random_of(seed)};
    d->worker_count = 2 + (size_t)test_below(&d->random, DEVICES_MAX - 1);
    relay_init(&d->relay);
    for (size_t space = 0; space < SPACES; space++) {
        found(d, space);
    }
}

static void end(district *d)
{
    for (size_t i = 0; i < d->worker_count; i++) {
        for (size_t space = 0; space < SPACES; space++) {
            device_close(&d->workers[i].replicas[space]);
        }
    }
    relay_close(&d->relay);
}

static void sync_all(district *d, worker *w, test_link *link)
{
    test_device *replicas[SPACES];
    size_t count = replicas_of(w, (size_t)test_below(&d->random, SPACES), replicas);
    if (count > 0) {
        must(replicas[0], relay_sync_all(&d->relay, replicas, count, link));
    }
}

static void record(district *d, worker *w, size_t space)
{
    char name[64];
    if (is_in(w, space)) {
        (void)snprintf(name, sizeof name, "Village %zu of %zu", ++d->record_counts[space], space);
        (void)device_add_place(&w->replicas[space], name);
    }
}

static void rotate_key(district *d, size_t space)
{
    worker *founder = founder_of(d, space);
    test_device *admin = &founder->replicas[space];
    sync_all(d, founder, NULL);
    must(admin, kith_space_rotate(admin->replica));
}

static void step(district *d)
{
    worker *w = &d->workers[test_below(&d->random, d->worker_count)];
    size_t space = (size_t)test_below(&d->random, SPACES);
    uint64_t what = test_below(&d->random, 100);
    if (what < 55) {
        record(d, w, space);
    } else if (what < 93) {
        test_link link = link_draw(&d->random);
        sync_all(d, w, &link);
    } else if (what < 97) {
        rotate_key(d, space);
    } else {
        relay_reopen(&d->relay);
    }
}

static void check_space(district *d, size_t space)
{
    test_device *first = &founder_of(d, space)->replicas[space];
    kith_list *list = NULL;
    kith_list_options options = KITH_LIST_OPTIONS_INIT;
    options.kind = kith_slice_of("place");
    must(first, kith_list_records(first->replica, &options, &list));
    assert_int_equal(kith_list_count(list), d->record_counts[space]);
    kith_list_free(list);
    for (size_t i = 0; i < d->worker_count; i++) {
        if (is_in(&d->workers[i], space)) {
            device_assert_level(first, &d->workers[i].replicas[space]);
        }
    }
}

static void check_district(uint64_t seed)
{
    static district d;
    begin(&d, seed);
    for (int i = 0; i < 40; i++) {
        cases_note("seed %llu, step %d", (unsigned long long)seed, i);
        step(&d);
    }
    cases_note("seed %llu, healing", (unsigned long long)seed);
    for (size_t i = 0; i < ROUNDS * d.worker_count; i++) {
        sync_all(&d, &d.workers[i % d.worker_count], NULL);
    }
    for (size_t space = 0; space < SPACES; space++) {
        check_space(&d, space);
    }
    end(&d);
}

static void test_district__ends_with_the_members_of_each_space_equal(void **state)
{
    (void)state;
    cases_run(DISTRICTS, check_district);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        property_test(test_district__ends_with_the_members_of_each_space_equal),
    };
    return cmocka_run_group_tests_name("sim/spaces", tests, NULL, NULL);
}
