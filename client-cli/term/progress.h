/* Long work: a bar that shows how far it is, and stopping it. SPDX-License-Identifier: Apache-2.0
 */
#ifndef KITH_CLI_PROGRESS_H
#define KITH_CLI_PROGRESS_H

#include <time.h>

#include "app.h"

/** A progress bar on standard error, if that is a terminal and neither --quiet nor --json was
 *  given. */
typedef struct progress {
    const char *what; /* "importing" */
    bool is_shown;
    bool is_drawn;
    int last_percent;
    time_t last_drawn; /* when; words behind the bar change once a second */
} progress;

/** Begins long work: from here on an interrupt asks it to stop instead of killing the program. */
progress begin_progress(const cli *app, const char *what);

/** A kith_progress_function over a struct progress; stops when the user interrupts. */
kith_status show_progress(void *user, uint64_t done, uint64_t total);

/** Draws the bar where it is shown and has changed.
 *
 *  @param words  to stand behind it, or "" */
void draw_progress(progress *bar, uint64_t done, uint64_t total, const char *words);

/** Takes the bar off the terminal, until there is more progress. */
void hide_progress(progress *bar);

/** True once the user asked to stop. */
bool was_interrupted(void);

#endif
