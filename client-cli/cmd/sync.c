/* kith sync: bring this replica and its relay level. SPDX-License-Identifier: Apache-2.0 */
#include "cmd/sync.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "commands.h"
#include "term/output.h"
#include "term/progress.h"
#include "term/report.h"

/* How long one request waits for news, and the pause after a failure, while watching. */
enum { WAIT_SECONDS = 120, RETRY_SECONDS = 10 };

typedef struct sync_bar {
    progress bar; /* first, so that show_progress() can be given the whole */
    time_t begun;
    bool is_shown;
} sync_bar;

/* Seconds that what is left will take, as what is done took; -1 while that cannot be said. */
static int seconds_left(const sync_bar *bar, uint64_t done, uint64_t total)
{
    time_t taken = time(NULL) - bar->begun;
    return done == 0 || taken < 2 ? -1
                                  : (int)((double)taken * (double)(total - done) / (double)done);
}

static kith_status show_sync(void *user, const kith_sync_progress *p)
{
    sync_bar *bar = user;
    if (was_interrupted()) {
        return KITH_E_STOPPED;
    }
    bool sends = p->sent_bytes < p->to_send_bytes;
    uint64_t done = sends ? p->sent_bytes : p->position;
    uint64_t total = sends ? p->to_send_bytes : p->last_position;
    if (!bar->is_shown || total == 0 || done > total) {
        return KITH_OK;
    }
    int left = seconds_left(bar, done, total);
    (void)fprintf(stderr, "\r%s %.1f KB sent, %.1f KB received, %" PRIu64 " changes",
                  sends ? "sending:  " : "receiving:", (double)p->sent_bytes / 1e3,
                  (double)p->received_bytes / 1e3, p->received_changes);
    if (left >= 0) {
        (void)fprintf(stderr, ", %d s left", left);
    }
    (void)fputs("\033[K", stderr);
    return KITH_OK;
}

exit_code sync_now(const cli *app, kith_sync_progress *progress_out)
{
    kith_sync_options options = KITH_SYNC_OPTIONS_INIT;
    sync_bar bar = {.bar = begin_progress(app, "syncing"), .begun = time(NULL)};
    bar.is_shown = bar.bar.is_shown;
    options.progress = show_sync;
    options.user = &bar;
    kith_status status = kith_sync_run(app->replica, &options, progress_out);
    if (bar.is_shown) {
        (void)fputs("\r\033[K", stderr);
    }
    return status == KITH_OK ? EXIT_DONE : report_status(app, status, "sync");
}

static void print_result(const cli *app, const kith_sync_progress *p)
{
    if (app->is_json) {
        json_value *object = json_object();
        json_put_integer(object, "requests", p->request_count);
        json_put_integer(object, "sent_bytes", (int64_t)p->sent_bytes);
        json_put_integer(object, "received_bytes", (int64_t)p->received_bytes);
        json_put_integer(object, "received_changes", (int64_t)p->received_changes);
        json_put_integer(object, "set_aside", (int64_t)p->set_aside_count);
        json_print(stdout, object);
        return;
    }
    if (app->is_quiet) {
        return;
    }
    print("sent %.1f KB, received %" PRIu64 " changes in %.1f KB\n", (double)p->sent_bytes / 1e3,
          p->received_changes, (double)p->received_bytes / 1e3);
    if (p->set_aside_count > 0) {
        print(WARNING "%" PRIu64 " segments were set aside" PLAIN "; `kith status` says more\n",
              p->set_aside_count);
    }
    flush_output();
}

static kith_status keep_waiting(void *user, const kith_sync_progress *p)
{
    (void)user;
    (void)p;
    return was_interrupted() ? KITH_E_STOPPED : KITH_OK;
}

/* Waits for news, or a while if there is no network. */
static void wait_for_news(const cli *app)
{
    uint32_t is_new = 0;
    kith_status status = kith_sync_wait(app->replica, WAIT_SECONDS, keep_waiting, NULL, &is_new);
    for (int i = 0; status != KITH_OK && i < RETRY_SECONDS && !was_interrupted(); i++) {
        (void)sleep(1);
    }
}

/* Own changes go out when there is news, or the wait is over. */
static exit_code watch(const cli *app)
{
    while (!was_interrupted()) {
        kith_sync_progress result = {.struct_size = sizeof result};
        exit_code code = sync_now(app, &result);
        if (code != EXIT_DONE && code != EXIT_NETWORK && !was_interrupted()) {
            return code;
        }
        if (code == EXIT_DONE) {
            print_result(app, &result);
        }
        wait_for_news(app);
    }
    return EXIT_DONE;
}

exit_code run_sync(cli *app, const call *given)
{
    kith_sync_progress result = {.struct_size = sizeof result};
    exit_code code = open_replica(app);
    if (code != EXIT_DONE) {
        return code;
    }
    if (has_option(given, "--watch")) {
        return watch(app);
    }
    code = sync_now(app, &result);
    if (code == EXIT_DONE) {
        print_result(app, &result);
    }
    return code;
}
