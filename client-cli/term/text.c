/* SPDX-License-Identifier: Apache-2.0 */
#include "term/text.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

const char *bold(const cli *app)
{
    return app->has_color ? "\033[1m" : "";
}

const char *dim(const cli *app)
{
    return app->has_color ? "\033[2m" : "";
}

const char *warning(const cli *app)
{
    return app->has_color ? "\033[33m" : "";
}

const char *plain(const cli *app)
{
    return app->has_color ? "\033[0m" : "";
}

/* The moment's parts; false if the calendar cannot tell them. */
static bool calendar_of(int64_t unix_ms, struct tm *calendar)
{
    time_t seconds = (time_t)(unix_ms / 1000 - (unix_ms % 1000 < 0));
    memset(calendar, 0, sizeof *calendar);
    return gmtime_r(&seconds, calendar) != NULL;
}

void format_time(int64_t unix_ms, char text[TIME_TEXT_SIZE])
{
    struct tm calendar;
    if (!calendar_of(unix_ms, &calendar) ||
        strftime(text, TIME_TEXT_SIZE, "%Y-%m-%dT%H:%M:%SZ", &calendar) == 0) {
        (void)snprintf(text, TIME_TEXT_SIZE, "unknown");
    }
}

void format_when(int64_t unix_ms, int32_t trust, char text[WHEN_TEXT_SIZE])
{
    struct tm calendar;
    char moment[TIME_TEXT_SIZE];
    if (!calendar_of(unix_ms, &calendar) ||
        strftime(moment, sizeof moment, "%Y-%m-%d %H:%M", &calendar) == 0) {
        (void)snprintf(moment, sizeof moment, "unknown");
    }
    if (trust == KITH_TIME_UNKNOWN) {
        (void)snprintf(text, WHEN_TEXT_SIZE, "time unknown (the device's clock said %s)", moment);
    } else {
        (void)snprintf(text, WHEN_TEXT_SIZE, "%s", moment);
    }
}

void format_short_id(kith_id id, char text[SHORT_ID_SIZE])
{
    char whole[KITH_ID_TEXT_SIZE];
    kith_id_format(id, whole);
    (void)snprintf(text, SHORT_ID_SIZE, "%.4s%.19s", whole, strchr(whole, '-'));
}

static volatile sig_atomic_t interrupted;

static void note_interrupt(int signal)
{
    (void)signal;
    interrupted = 1;
}

void catch_interrupt(void)
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

static bool has_bar(const cli *app)
{
    return !app->is_quiet && !app->is_json && isatty(STDERR_FILENO) != 0;
}

kith_status show_progress(void *user, uint64_t done, uint64_t total)
{
    progress *bar = user;
    if (was_interrupted()) {
        return KITH_E_STOPPED;
    }
    if (!has_bar(bar->app) || total == 0) {
        return KITH_OK;
    }
    int percent = (int)((double)(done < total ? done : total) * 100.0 / (double)total);
    if (percent == bar->last_percent) {
        return KITH_OK;
    }
    enum { WIDTH = 40 };
    char filled[WIDTH + 1];
    memset(filled, ' ', WIDTH);
    memset(filled, '#', (size_t)percent * WIDTH / 100);
    filled[WIDTH] = '\0';
    bar->last_percent = percent;
    (void)fprintf(stderr, "\r%s [%s] %3d %%", bar->what, filled, percent);
    return KITH_OK;
}

void end_progress(const progress *bar)
{
    if (has_bar(bar->app) && bar->last_percent > 0) {
        (void)fputs("\r\033[K", stderr);
    }
}
