/* A device's clock: a hybrid logical clock, and what is known of how wrong the wall clock was.
 *
 * Kulkarni et al., "Logical Physical Clocks" (OPODIS 2014), with two differences. A peer pulls the
 * logical clock forward by a bounded step only, so that one phone in 2076 does not take the
 * district there. And the time shown to people stays the wall clock's: the logical clock is kept
 * beside it as a lead.
 *
 * A run is a stretch of changes during which the wall clock was not set. When a trusted time is
 * learned, the offset of the current run is known, and through the steps between runs those of the
 * earlier ones; engine/clock_records.c writes them to the log as corrections. Pure: no clock is
 * read here. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_ENGINE_CLOCK_H
#define KITH_ENGINE_CLOCK_H

#include "base/buf.h"
#include "base/reader.h"
#include "merge/change.h"

/* How far a peer may pull the logical clock beyond our wall clock: as much as two phones that set
 * themselves by the network ever differ. */
#define KITH_CLOCK_PULL_MS_MAX INT64_C(60000)

/* The wall clock was set, rather than adjusted, when it moves by more than this against the time
 * that passed. */
#define KITH_CLOCK_STEP_MS INT64_C(120000)

/* Before this a wall clock cannot be right: 1 January 2026, when this program was young. */
#define KITH_CLOCK_FLOOR_MS INT64_C(1767225600000)

/* Runs remembered until a trusted time comes; a phone that resets at each boot for three weeks. */
#define KITH_CLOCK_RUNS_MAX 24

typedef struct kith_clock_run {
    uint64_t first;  /* number of its first change */
    int64_t step_ms; /* how far the wall clock was set at its start; 0 for the first */
} kith_clock_run;

typedef struct kith_clock {
    int64_t logical_ms; /* of the last stamp made or seen */
    uint32_t counter;
    int64_t wall_ms;      /* at the last reading */
    int64_t monotonic_ms; /* at the last reading, if is_running */
    bool is_running;      /* a reading was made by this process */
    bool is_confirmed;    /* the current run's offset was found to be nil */
    kith_clock_run runs[KITH_CLOCK_RUNS_MAX];
    size_t run_count;
} kith_clock;

/** Makes the stamp of the next change, whose number is `number`.
 *
 *  @param ahead_ms_out  how far the logical clock is ahead of the stamp */
kith_stamp kith_clock_tick(kith_clock *clock, int64_t wall_ms, int64_t monotonic_ms,
                           uint64_t number, int64_t *ahead_ms_out);

/** Takes a reading: starts a run with change `number`, the next one, if the clock was set. */
void kith_clock_notice(kith_clock *clock, int64_t wall_ms, int64_t monotonic_ms, uint64_t number);

/** Takes notice of a peer's logical time. */
void kith_clock_observe(kith_clock *clock, int64_t logical_ms, int64_t wall_ms);

/** How wrong each remembered run was, given that it is `true_ms` while the wall clock shows
 *  `wall_ms`: run i needs offsets_out[i] added. The last run is the current one. */
void kith_clock_offsets(const kith_clock *clock, int64_t true_ms, int64_t wall_ms,
                        int64_t offsets_out[KITH_CLOCK_RUNS_MAX]);

/** Forgets all runs but the current one, which starts anew at `number`: the others are settled. */
void kith_clock_settle(kith_clock *clock, uint64_t number, bool is_confirmed);

/** The clock as bytes, for the next start; and back. False if the bytes are none. */
void kith_clock_write(const kith_clock *clock, kith_buf *out);
bool kith_clock_read(kith_slice bytes, kith_clock *clock_out);

#endif
