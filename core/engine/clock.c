/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/clock.h"

#include "base/limits.h"

static int64_t bounded(int64_t ms)
{
    return ms < -KITH_TIME_MS_MAX  ? -KITH_TIME_MS_MAX
           : ms > KITH_TIME_MS_MAX ? KITH_TIME_MS_MAX
                                   : ms;
}

static void start_run(kith_clock *clock, uint64_t first, int64_t step_ms)
{
    if (clock->run_count == KITH_CLOCK_RUNS_MAX) {
        /* The oldest is given up: its changes stay as the device claimed them. */
        memmove(clock->runs, clock->runs + 1, sizeof clock->runs - sizeof clock->runs[0]);
        clock->run_count--;
    }
    clock->runs[clock->run_count++] = (kith_clock_run){first, step_ms};
    clock->is_confirmed = false;
}

/* How far the wall clock was set since the last reading. Across a restart the time that passed is
 * not known, and only a clock that went backwards shows. */
static int64_t step_since(const kith_clock *clock, int64_t wall_ms, int64_t monotonic_ms)
{
    int64_t moved = wall_ms - clock->wall_ms;
    int64_t step = clock->is_running ? moved - (monotonic_ms - clock->monotonic_ms) : moved;
    bool backwards = step < -KITH_CLOCK_STEP_MS;
    bool forwards = clock->is_running && step > KITH_CLOCK_STEP_MS;
    return backwards || forwards ? step : 0;
}

void kith_clock_notice(kith_clock *clock, int64_t wall_ms, int64_t monotonic_ms, uint64_t number)
{
    wall_ms = bounded(wall_ms);
    int64_t step = clock->run_count == 0 ? 0 : step_since(clock, wall_ms, monotonic_ms);
    if (clock->run_count == 0 || step != 0) {
        start_run(clock, number, step);
    }
    clock->wall_ms = wall_ms;
    clock->monotonic_ms = monotonic_ms;
    clock->is_running = true;
}

kith_stamp kith_clock_tick(kith_clock *clock, int64_t wall_ms, int64_t monotonic_ms,
                           uint64_t number, int64_t *ahead_ms_out)
{
    kith_clock_notice(clock, wall_ms, monotonic_ms, number);
    wall_ms = bounded(wall_ms);
    if (wall_ms > clock->logical_ms) {
        clock->logical_ms = wall_ms;
        clock->counter = 0;
    } else if (clock->counter < UINT32_MAX) {
        clock->counter++;
    } else {
        clock->logical_ms++;
        clock->counter = 0;
    }
    *ahead_ms_out = clock->logical_ms - wall_ms;
    kith_trust trust = wall_ms < KITH_CLOCK_FLOOR_MS ? KITH_TRUST_NONE
                       : clock->is_confirmed         ? KITH_TRUST_CONFIRMED
                                                     : KITH_TRUST_CLAIMED;
    return (kith_stamp){wall_ms, clock->counter, (uint8_t)trust};
}

void kith_clock_observe(kith_clock *clock, int64_t logical_ms, int64_t wall_ms)
{
    int64_t limit = bounded(bounded(wall_ms) + KITH_CLOCK_PULL_MS_MAX);
    int64_t pulled = logical_ms < limit ? logical_ms : limit;
    if (pulled > clock->logical_ms) {
        clock->logical_ms = pulled;
        clock->counter = 0;
    }
}

void kith_clock_offsets(const kith_clock *clock, int64_t true_ms, int64_t wall_ms,
                        int64_t offsets_out[KITH_CLOCK_RUNS_MAX])
{
    int64_t offset = bounded(bounded(true_ms) - bounded(wall_ms));
    for (size_t i = clock->run_count; i > 0; i--) {
        offsets_out[i - 1] = offset;
        /* At the step the old clock showed a reading and the new one that reading plus the step,
         * and both meant the same moment. */
        offset = bounded(offset + clock->runs[i - 1].step_ms);
    }
}

void kith_clock_settle(kith_clock *clock, uint64_t number, bool is_confirmed)
{
    clock->runs[0] = (kith_clock_run){number, 0};
    clock->run_count = 1;
    clock->is_confirmed = is_confirmed;
}

void kith_clock_write(const kith_clock *clock, kith_buf *out)
{
    kith_write_zigzag(out, clock->logical_ms);
    kith_write_varint(out, clock->counter);
    kith_write_zigzag(out, clock->wall_ms);
    kith_write_u8(out, clock->is_confirmed);
    kith_write_varint(out, clock->run_count);
    for (size_t i = 0; i < clock->run_count; i++) {
        kith_write_varint(out, clock->runs[i].first);
        kith_write_zigzag(out, clock->runs[i].step_ms);
    }
}

/* No clock can be set further than from one end of time to the other. */
static bool is_step(int64_t ms)
{
    return ms >= -2 * KITH_TIME_MS_MAX && ms <= 2 * KITH_TIME_MS_MAX;
}

bool kith_clock_read(kith_slice bytes, kith_clock *clock_out)
{
    bool is_sound = true;
    kith_clock clock = {0};
    *clock_out = clock;
    kith_reader reader = kith_reader_of(bytes);
    clock.logical_ms = kith_read_zigzag(&reader);
    clock.counter = (uint32_t)kith_read_varint_max(&reader, UINT32_MAX);
    clock.wall_ms = kith_read_zigzag(&reader);
    clock.is_confirmed = kith_read_u8(&reader) != 0;
    clock.run_count = (size_t)kith_read_varint_max(&reader, KITH_CLOCK_RUNS_MAX);
    for (size_t i = 0; i < clock.run_count; i++) {
        clock.runs[i].first = kith_read_varint(&reader);
        clock.runs[i].step_ms = kith_read_zigzag(&reader);
        is_sound = is_sound && is_step(clock.runs[i].step_ms);
    }
    if (!kith_reader_finished(&reader) || !is_sound ||
        clock.logical_ms != bounded(clock.logical_ms) || clock.wall_ms != bounded(clock.wall_ms)) {
        return false;
    }
    *clock_out = clock;
    return true;
}
