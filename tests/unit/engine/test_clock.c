/* The laws of the clock; test_clock_records.c has what a replica makes of them.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/clock.h"

#include "base/limits.h"
#include "harness.h"

#define NOW_MS INT64_C(1795507200000) /* 24 November 2026 */
#define DAY_MS INT64_C(86400000)
#define YEAR_MS INT64_C(31556952000)

/* A clock and the world around it: the true time, and what the device's wall clock shows. */
typedef struct world {
    kith_clock clock;
    int64_t true_ms;
    int64_t fault_ms; /* wall clock - true time */
    uint64_t number;  /* of the last change */
    int64_t ahead_ms;
} world;

static world world_of(int64_t true_ms, int64_t fault_ms)
{
    return (world){.true_ms = true_ms, .fault_ms = fault_ms};
}

static int64_t wall_of(const world *w)
{
    return w->true_ms + w->fault_ms;
}

static kith_stamp tick(world *w)
{
    /* The monotonic clock counts from the boot, wherever that was. */
    int64_t monotonic_ms = w->true_ms - NOW_MS;
    return kith_clock_tick(&w->clock, wall_of(w), monotonic_ms, ++w->number, &w->ahead_ms);
}

static void observe(world *w, int64_t logical_ms)
{
    kith_clock_observe(&w->clock, logical_ms, wall_of(w));
}

/* A restart: what is kept is what was written. */
static void restart(world *w)
{
    kith_buf bytes;
    kith_buf_init(&bytes, test_context(), 1024);
    kith_clock_write(&w->clock, &bytes);
    assert_ok(kith_buf_status(&bytes));
    assert_true(kith_clock_read(kith_buf_slice(&bytes), &w->clock));
    kith_buf_deinit(&bytes);
}

/* A world in which the device's clock is set again and again, by up to fifty years. Each run gets a
 * change or more; the fault of run i is put into faults_out[i]. */
static world reset_clock(test_random *random, size_t run_count, int64_t *faults_out)
{
    world w = world_of(NOW_MS, 0);
    for (size_t i = 0; i < run_count; i++) {
        do {
            w.fault_ms = (int64_t)test_below(random, 2 * 50 * YEAR_MS) - 50 * YEAR_MS;
        } while (i > 0 && w.fault_ms - faults_out[i - 1] <= KITH_CLOCK_STEP_MS &&
                 faults_out[i - 1] - w.fault_ms <= KITH_CLOCK_STEP_MS);
        faults_out[i] = w.fault_ms;
        for (uint64_t changes = 1 + test_below(random, 5); changes > 0; changes--) {
            w.true_ms += (int64_t)test_below(random, 3 * DAY_MS);
            (void)tick(&w);
        }
    }
    return w;
}

static void test_clock_tick__shows_what_the_wall_clock_showed(void **state)
{
    (void)state;
    static const int64_t years[] = {0, -56, 50, 0, -20};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(years); i++) {
        world w = world_of(NOW_MS, years[i] * YEAR_MS);
        observe(&w, NOW_MS + 90 * YEAR_MS);
        assert_true(tick(&w).ms == wall_of(&w));
    }
}

static void test_clock_tick__never_runs_backwards(void **state)
{
    (void)state;
    test_random random = test_random_of(test_seed());
    world w = world_of(NOW_MS, 0);
    int64_t logical_ms = INT64_MIN;
    uint32_t counter = 0;
    for (size_t i = 0; i < 20000; i++) {
        uint64_t chance = test_below(&random, 8);
        w.true_ms += chance < 5 ? (int64_t)test_below(&random, 3) : 0;
        if (chance == 5) {
            w.fault_ms = (int64_t)test_below(&random, 100 * YEAR_MS) - 50 * YEAR_MS;
        } else if (chance == 6) {
            observe(&w, NOW_MS + (int64_t)test_below(&random, 100 * YEAR_MS) - 50 * YEAR_MS);
        } else if (chance == 7) {
            restart(&w);
        }
        kith_stamp stamp = tick(&w);
        int64_t next_ms = stamp.ms + w.ahead_ms;
        assert_true(next_ms > logical_ms || (next_ms == logical_ms && stamp.counter > counter));
        logical_ms = next_ms;
        counter = stamp.counter;
    }
}

static void test_clock_tick__counts_the_changes_of_one_millisecond(void **state)
{
    (void)state;
    world w = world_of(NOW_MS, 0);
    for (uint32_t i = 0; i < 5; i++) {
        assert_int_equal(tick(&w).counter, i);
    }
    w.true_ms++;
    assert_int_equal(tick(&w).counter, 0);
}

static void test_clock_tick__goes_on_when_the_counter_is_used_up(void **state)
{
    (void)state;
    world w = world_of(NOW_MS, 0);
    (void)tick(&w);
    w.clock.counter = UINT32_MAX;
    assert_int_equal(tick(&w).counter, 0);
    assert_int_equal(w.ahead_ms, 1);
}

static void test_clock_tick__keeps_its_lead_over_a_clock_that_was_set_back(void **state)
{
    (void)state;
    world w = world_of(NOW_MS, 50 * YEAR_MS);
    (void)tick(&w);
    w.fault_ms = 0;
    kith_stamp stamp = tick(&w);
    assert_true(stamp.ms == NOW_MS);
    assert_true(w.ahead_ms == 50 * YEAR_MS);
    w.true_ms += DAY_MS;
    (void)tick(&w);
    assert_true(w.ahead_ms == 50 * YEAR_MS - DAY_MS);
}

static void test_clock_tick__takes_any_reading(void **state)
{
    (void)state;
    static const int64_t readings[] = {INT64_MAX, INT64_MIN, 0, INT64_MAX, -1};
    kith_clock clock = {0};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(readings); i++) {
        int64_t ahead_ms = -1;
        kith_stamp stamp = kith_clock_tick(&clock, readings[i], 0, i + 1, &ahead_ms);
        assert_true(stamp.ms >= -KITH_TIME_MS_MAX && stamp.ms <= KITH_TIME_MS_MAX);
        assert_true(ahead_ms >= 0);
    }
}

static void test_clock_observe__is_pulled_by_a_minute_at_most(void **state)
{
    (void)state;
    world w = world_of(NOW_MS, 0);
    (void)tick(&w);
    for (size_t i = 0; i < 3; i++) {
        observe(&w, NOW_MS + 50 * YEAR_MS);
    }
    (void)tick(&w);
    assert_true(w.ahead_ms == KITH_CLOCK_PULL_MS_MAX);
}

static void test_clock_observe__follows_a_peer_that_is_a_little_ahead(void **state)
{
    (void)state;
    world w = world_of(NOW_MS, 0);
    (void)tick(&w);
    observe(&w, NOW_MS + 1500);
    (void)tick(&w);
    assert_int_equal(w.ahead_ms, 1500);
}

static void test_clock_observe__is_not_pulled_back(void **state)
{
    (void)state;
    world w = world_of(NOW_MS, 0);
    (void)tick(&w);
    observe(&w, 0);
    kith_stamp stamp = tick(&w);
    assert_int_equal(w.ahead_ms, 0);
    assert_int_equal(stamp.counter, 1);
}

static void test_clock_observe__takes_any_time(void **state)
{
    (void)state;
    kith_clock clock = {0};
    kith_clock_observe(&clock, INT64_MAX, INT64_MAX);
    assert_true(clock.logical_ms == KITH_TIME_MS_MAX);
    kith_clock_observe(&clock, INT64_MIN, INT64_MIN);
    assert_true(clock.logical_ms > 0);
}

static void test_clock_tick__trusts_no_clock_from_before_2026(void **state)
{
    (void)state;
    world early = world_of(KITH_CLOCK_FLOOR_MS - 1, 0);
    assert_int_equal(tick(&early).trust, KITH_TRUST_NONE);
    early.true_ms++;
    assert_int_equal(tick(&early).trust, KITH_TRUST_CLAIMED);
    world confirmed = world_of(NOW_MS, -56 * YEAR_MS);
    (void)tick(&confirmed);
    kith_clock_settle(&confirmed.clock, 2, true);
    assert_int_equal(tick(&confirmed).trust, KITH_TRUST_NONE);
}

static void test_clock_tick__is_confirmed_until_the_clock_is_set(void **state)
{
    (void)state;
    world w = world_of(NOW_MS, 0);
    (void)tick(&w);
    kith_clock_settle(&w.clock, 2, true);
    w.true_ms += 30 * DAY_MS;
    assert_int_equal(tick(&w).trust, KITH_TRUST_CONFIRMED);
    w.fault_ms = DAY_MS;
    assert_int_equal(tick(&w).trust, KITH_TRUST_CLAIMED);
}

static void test_clock_tick__starts_a_run_when_the_clock_is_set(void **state)
{
    (void)state;
    static const int64_t steps[] = {KITH_CLOCK_STEP_MS + 1, -KITH_CLOCK_STEP_MS - 1, YEAR_MS};
    world w = world_of(NOW_MS, 0);
    (void)tick(&w);
    assert_int_equal(w.clock.run_count, 1);
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(steps); i++) {
        w.fault_ms += steps[i];
        (void)tick(&w);
        const kith_clock_run *run = &w.clock.runs[w.clock.run_count - 1];
        assert_int_equal(w.clock.run_count, i + 2);
        assert_int_equal(run->first, w.number);
        assert_true(run->step_ms == steps[i]);
    }
}

static void test_clock_tick__goes_on_with_a_run_when_the_clock_is_adjusted(void **state)
{
    (void)state;
    static const int64_t steps[] = {KITH_CLOCK_STEP_MS, -KITH_CLOCK_STEP_MS, 1000, -1000};
    world w = world_of(NOW_MS, 0);
    (void)tick(&w);
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(steps); i++) {
        w.fault_ms += steps[i];
        (void)tick(&w);
    }
    assert_int_equal(w.clock.run_count, 1);
}

static void test_clock_tick__goes_on_with_a_run_over_weeks_without_a_change(void **state)
{
    (void)state;
    world w = world_of(NOW_MS, 0);
    (void)tick(&w);
    w.true_ms += 60 * DAY_MS;
    (void)tick(&w);
    assert_int_equal(w.clock.run_count, 1);
}

static void test_clock_tick__sees_a_clock_set_back_across_a_restart(void **state)
{
    (void)state;
    world w = world_of(NOW_MS, 0);
    (void)tick(&w);
    restart(&w);
    w.fault_ms = -56 * YEAR_MS;
    (void)tick(&w);
    assert_int_equal(w.clock.run_count, 2);
}

static void test_clock_tick__takes_a_later_clock_after_a_restart_for_time_passed(void **state)
{
    (void)state;
    world w = world_of(NOW_MS, 0);
    (void)tick(&w);
    restart(&w);
    w.true_ms += YEAR_MS;
    (void)tick(&w);
    assert_int_equal(w.clock.run_count, 1);
}

static void test_clock_notice__starts_a_run_before_the_next_change(void **state)
{
    (void)state;
    world w = world_of(NOW_MS, -56 * YEAR_MS);
    (void)tick(&w);
    w.fault_ms = 0;
    kith_clock_notice(&w.clock, wall_of(&w), 0, w.number + 1);
    assert_int_equal(w.clock.run_count, 2);
    assert_int_equal(w.clock.runs[1].first, w.number + 1);
    (void)tick(&w);
    assert_int_equal(w.clock.run_count, 2);
}

static void test_clock_offsets__gives_the_fault_of_each_run(void **state)
{
    (void)state;
    test_random random = test_random_of(test_seed());
    for (size_t i = 0; i < 500; i++) {
        int64_t faults[KITH_CLOCK_RUNS_MAX];
        int64_t offsets[KITH_CLOCK_RUNS_MAX];
        size_t run_count = 1 + test_below(&random, KITH_CLOCK_RUNS_MAX);
        world w = reset_clock(&random, run_count, faults);
        w.true_ms += (int64_t)test_below(&random, DAY_MS);
        kith_clock_offsets(&w.clock, w.true_ms, wall_of(&w), offsets);
        assert_int_equal(w.clock.run_count, run_count);
        for (size_t j = 0; j < run_count; j++) {
            assert_true(offsets[j] == -faults[j]);
        }
    }
}

static void test_clock_offsets__remembers_the_last_runs(void **state)
{
    (void)state;
    enum { RUNS = KITH_CLOCK_RUNS_MAX + 6 };
    test_random random = test_random_of(test_seed());
    int64_t faults[RUNS];
    int64_t offsets[KITH_CLOCK_RUNS_MAX];
    world w = reset_clock(&random, RUNS, faults);
    kith_clock_offsets(&w.clock, w.true_ms, wall_of(&w), offsets);
    assert_int_equal(w.clock.run_count, KITH_CLOCK_RUNS_MAX);
    for (size_t i = 0; i < KITH_CLOCK_RUNS_MAX; i++) {
        assert_true(offsets[i] == -faults[i + RUNS - KITH_CLOCK_RUNS_MAX]);
    }
}

static void test_clock_offsets__stays_within_the_years_there_are(void **state)
{
    (void)state;
    int64_t offsets[KITH_CLOCK_RUNS_MAX];
    kith_clock clock = {.run_count = KITH_CLOCK_RUNS_MAX};
    for (size_t i = 0; i < clock.run_count; i++) {
        clock.runs[i].step_ms = 2 * KITH_TIME_MS_MAX;
    }
    kith_clock_offsets(&clock, INT64_MAX, INT64_MIN, offsets);
    for (size_t i = 0; i < clock.run_count; i++) {
        assert_true(offsets[i] == KITH_TIME_MS_MAX);
    }
}

static void test_clock_settle__leaves_the_current_run_from_a_number_on(void **state)
{
    (void)state;
    test_random random = test_random_of(test_seed());
    int64_t faults[5];
    world w = reset_clock(&random, 5, faults);
    kith_clock_settle(&w.clock, w.number + 1, false);
    assert_int_equal(w.clock.run_count, 1);
    assert_int_equal(w.clock.runs[0].first, w.number + 1);
    (void)tick(&w);
    assert_int_equal(w.clock.run_count, 1);
}

/* Writes, reads back and compares. The readings of a process are not kept. */
static void assert_reads_back(const kith_clock *clock)
{
    kith_clock back;
    kith_buf bytes;
    kith_buf_init(&bytes, test_context(), 1024);
    kith_clock_write(clock, &bytes);
    assert_true(kith_clock_read(kith_buf_slice(&bytes), &back));
    assert_true(back.logical_ms == clock->logical_ms && back.counter == clock->counter);
    assert_true(back.wall_ms == clock->wall_ms && back.is_confirmed == clock->is_confirmed);
    assert_false(back.is_running);
    assert_int_equal(back.run_count, clock->run_count);
    for (size_t i = 0; i < clock->run_count; i++) {
        assert_true(back.runs[i].first == clock->runs[i].first);
        assert_true(back.runs[i].step_ms == clock->runs[i].step_ms);
    }
    kith_buf_deinit(&bytes);
}

static void test_clock_read__gives_what_was_written(void **state)
{
    (void)state;
    test_random random = test_random_of(test_seed());
    kith_clock fresh = {0};
    assert_reads_back(&fresh);
    for (size_t i = 0; i < 500; i++) {
        int64_t faults[KITH_CLOCK_RUNS_MAX];
        world w = reset_clock(&random, 1 + test_below(&random, KITH_CLOCK_RUNS_MAX), faults);
        if (i % 3 == 0) {
            kith_clock_settle(&w.clock, w.number + 1, i % 2 == 0);
        }
        assert_reads_back(&w.clock);
    }
}

/* A clock's bytes, of a device whose clock was set a few times. */
static void write_some_clock(kith_buf *bytes)
{
    test_random random = test_random_of(7);
    int64_t faults[4];
    world w = reset_clock(&random, 4, faults);
    kith_buf_init(bytes, test_context(), 1024);
    kith_clock_write(&w.clock, bytes);
    assert_ok(kith_buf_status(bytes));
}

static void assert_unreadable(kith_slice bytes)
{
    static const kith_clock zero;
    kith_clock clock;
    memset(&clock, 0xff, sizeof clock);
    assert_false(kith_clock_read(bytes, &clock));
    assert_memory_equal(&clock.runs, &zero.runs, sizeof zero.runs);
    assert_true(clock.logical_ms == 0 && clock.wall_ms == 0 && clock.run_count == 0);
}

static void test_clock_read__refuses_bytes_that_end_early_or_late(void **state)
{
    (void)state;
    kith_buf bytes;
    write_some_clock(&bytes);
    for (size_t i = 0; i < bytes.length; i++) {
        assert_unreadable(kith_slice_head(kith_buf_slice(&bytes), i));
    }
    kith_buf_append(&bytes, "", 1);
    assert_unreadable(kith_buf_slice(&bytes));
    kith_buf_deinit(&bytes);
}

static void test_clock_read__refuses_times_that_cannot_be(void **state)
{
    (void)state;
    static const kith_clock clocks[] = {{.logical_ms = KITH_TIME_MS_MAX + 1},
                                        {.wall_ms = -KITH_TIME_MS_MAX - 1},
                                        {.wall_ms = INT64_MIN},
                                        {.run_count = 1, .runs = {{1, INT64_MAX}}},
                                        {.run_count = 2, .runs = {{1, 0}, {2, INT64_MIN}}}};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(clocks); i++) {
        kith_buf bytes;
        kith_buf_init(&bytes, test_context(), 1024);
        kith_clock_write(&clocks[i], &bytes);
        assert_unreadable(kith_buf_slice(&bytes));
        kith_buf_deinit(&bytes);
    }
}

static void test_clock_read__refuses_more_runs_than_are_remembered(void **state)
{
    (void)state;
    kith_buf bytes;
    kith_buf_init(&bytes, test_context(), 1024);
    kith_clock_write(&(kith_clock){.run_count = 0}, &bytes);
    bytes.data[bytes.length - 1] = KITH_CLOCK_RUNS_MAX + 1;
    for (size_t i = 0; i < KITH_CLOCK_RUNS_MAX + 1; i++) {
        kith_buf_append(&bytes, "\1\0", 2);
    }
    assert_unreadable(kith_buf_slice(&bytes));
    kith_buf_deinit(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clock_tick__shows_what_the_wall_clock_showed),
        cmocka_unit_test(test_clock_tick__never_runs_backwards),
        cmocka_unit_test(test_clock_tick__counts_the_changes_of_one_millisecond),
        cmocka_unit_test(test_clock_tick__goes_on_when_the_counter_is_used_up),
        cmocka_unit_test(test_clock_tick__keeps_its_lead_over_a_clock_that_was_set_back),
        cmocka_unit_test(test_clock_tick__takes_any_reading),
        cmocka_unit_test(test_clock_observe__is_pulled_by_a_minute_at_most),
        cmocka_unit_test(test_clock_observe__follows_a_peer_that_is_a_little_ahead),
        cmocka_unit_test(test_clock_observe__is_not_pulled_back),
        cmocka_unit_test(test_clock_observe__takes_any_time),
        cmocka_unit_test(test_clock_tick__trusts_no_clock_from_before_2026),
        cmocka_unit_test(test_clock_tick__is_confirmed_until_the_clock_is_set),
        cmocka_unit_test(test_clock_tick__starts_a_run_when_the_clock_is_set),
        cmocka_unit_test(test_clock_tick__goes_on_with_a_run_when_the_clock_is_adjusted),
        cmocka_unit_test(test_clock_tick__goes_on_with_a_run_over_weeks_without_a_change),
        cmocka_unit_test(test_clock_tick__sees_a_clock_set_back_across_a_restart),
        cmocka_unit_test(test_clock_tick__takes_a_later_clock_after_a_restart_for_time_passed),
        cmocka_unit_test(test_clock_notice__starts_a_run_before_the_next_change),
        cmocka_unit_test(test_clock_offsets__gives_the_fault_of_each_run),
        cmocka_unit_test(test_clock_offsets__remembers_the_last_runs),
        cmocka_unit_test(test_clock_offsets__stays_within_the_years_there_are),
        cmocka_unit_test(test_clock_settle__leaves_the_current_run_from_a_number_on),
        cmocka_unit_test(test_clock_read__gives_what_was_written),
        cmocka_unit_test(test_clock_read__refuses_bytes_that_end_early_or_late),
        cmocka_unit_test(test_clock_read__refuses_times_that_cannot_be),
        cmocka_unit_test(test_clock_read__refuses_more_runs_than_are_remembered),
    };
    return cmocka_run_group_tests_name("engine/clock", tests, NULL, NULL);
}
