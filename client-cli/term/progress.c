/* SPDX-License-Identifier: Apache-2.0 */
#include "term/progress.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static volatile sig_atomic_t interrupted;

static void note_interrupt(int signal)
{
    (void)signal;
    interrupted = 1;
}

static void catch_interrupt(void)
{
    struct sigaction action = {.sa_handler = note_interrupt};
    (void)sigemptyset(&action.sa_mask);
    action.sa_flags = (int)SA_RESETHAND; /* a second one kills */
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
}

bool was_interrupted(void)
{
    return interrupted != 0;
}

progress begin_progress(const cli *app, const char *what)
{
    catch_interrupt();
    bool is_shown = !app->is_quiet && !app->is_json && isatty(STDERR_FILENO) != 0;
    return (progress){.what = what, .is_shown = is_shown};
}

void draw_progress(progress *bar, uint64_t done, uint64_t total, const char *words)
{
    enum { WIDTH = 40 };
    char filled[WIDTH + 1];
    if (!bar->is_shown || total == 0) {
        return;
    }
    int percent = (int)((double)(done < total ? done : total) * 100.0 / (double)total);
    time_t now = words[0] == '\0' ? bar->last_drawn : time(NULL);
    if (percent == bar->last_percent && now == bar->last_drawn) {
        return;
    }
    memset(filled, ' ', WIDTH);
    memset(filled, '#', (size_t)percent * WIDTH / 100);
    filled[WIDTH] = '\0';
    bar->last_percent = percent;
    bar->last_drawn = now;
    bar->is_drawn = true;
    (void)fprintf(stderr, "\r%s [%s] %3d %%%s\033[K", bar->what, filled, percent, words);
}

kith_status show_progress(void *user, uint64_t done, uint64_t total)
{
    if (was_interrupted()) {
        return KITH_E_STOPPED;
    }
    draw_progress(user, done, total, "");
    return KITH_OK;
}

void hide_progress(progress *bar)
{
    if (bar->is_drawn) {
        (void)fputs("\r\033[K", stderr);
        bar->is_drawn = false;
        bar->last_percent = 0;
    }
}
