/* Text for people: colours, short ids, times, progress. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_CLI_TEXT_H
#define KITH_CLI_TEXT_H

#include "app.h"

/** Starts and ends of emphasis; empty where colour is not wanted. */
const char *bold(const cli *app);
const char *dim(const cli *app);
const char *warning(const cli *app);
const char *plain(const cli *app);

/** A moment as "2026-11-24T03:22:00Z". */
#define TIME_TEXT_SIZE 32
void format_time(int64_t unix_ms, char text[TIME_TEXT_SIZE]);

/** When, for people: "2026-11-24 03:22", with what to think of it. */
#define WHEN_TEXT_SIZE 80
void format_when(int64_t unix_ms, int32_t trust, char text[WHEN_TEXT_SIZE]);

/** An id with four letters of its author, such as "7m3k-37": enough to type. */
#define SHORT_ID_SIZE 24
void format_short_id(kith_id id, char text[SHORT_ID_SIZE]);

/** A progress bar on standard error, if that is a terminal and neither --quiet nor --json was
 *  given. */
typedef struct progress {
    const cli *app;
    const char *what; /* "importing" */
    int last_percent;
} progress;

/** A kith_progress_function over a struct progress; stops when the user interrupts. */
kith_status show_progress(void *user, uint64_t done, uint64_t total);
/** Removes the bar. */
void end_progress(const progress *bar);

/** From here on an interrupt asks the running work to stop instead of killing the program. */
void catch_interrupt(void);
bool was_interrupted(void);

#endif
