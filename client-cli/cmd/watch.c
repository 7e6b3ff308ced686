/* kith sync --watch: stay level with the relay. News of others wake it at once, through a request
 * that waits at the relay. What other processes write into this replica it sees by the files, and
 * sends when they have been quiet for a moment, so that one segment goes out and not one for each
 * change. SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/sync.h"
#include "term/output.h"
#include "term/progress.h"
#include "term/report.h"

/* How long one request waits, and the pause after a failure. */
enum { WAIT_SECONDS = 120, RETRY_SECONDS = 10, QUIET_SECONDS = 2 };

/* What of a file changes when it is written. */
typedef struct file_state {
    off_t bytes;
    struct timespec written;
} file_state;

/* A database and its log for each replica. */
enum { FILES_MAX = 2 * KITH_SYNC_SPACES_MAX };

typedef struct watcher {
    const cli *app;
    kith_replica *replicas[KITH_SYNC_SPACES_MAX]; /* that are synced */
    size_t replica_count;
    char *paths[FILES_MAX];
    file_state states[FILES_MAX];
    size_t file_count;
    bool is_written; /* by another process, and not sent yet */
    time_t written;  /* when that was last noticed */
    uint64_t left;   /* own changes that the last sync could not send: the role may forbid it */
    bool is_cut_off; /* no network; it has been said */
} watcher;

static void name_files(watcher *w)
{
    for (size_t i = 0; i < w->app->replica_count; i++) {
        char *path = replica_path(w->app->home, i);
        w->paths[w->file_count++] = path;
        if (asprintf(&w->paths[w->file_count++], "%s-wal", path) < 0) {
            end_without_memory();
        }
    }
}

/* True if a file was written since it was last looked at. */
static bool look(watcher *w)
{
    bool is_written = false;
    for (size_t i = 0; i < w->file_count; i++) {
        struct stat info = {0};
        (void)stat(w->paths[i], &info); /* without the file, zeros: that is a state too */
        const file_state state = {info.st_size, info.st_mtim};
        is_written = is_written || state.bytes != w->states[i].bytes ||
                     state.written.tv_sec != w->states[i].written.tv_sec ||
                     state.written.tv_nsec != w->states[i].written.tv_nsec;
        w->states[i] = state;
    }
    return is_written;
}

/* Called about once a second: stops waiting when there is something to do here. */
static kith_status keep_waiting(void *user, const kith_sync_progress *nothing)
{
    watcher *w = user;
    (void)nothing;
    if (look(w)) {
        w->is_written = true;
        w->written = time(NULL);
    }
    bool is_quiet = w->is_written && time(NULL) - w->written >= QUIET_SECONDS;
    return is_quiet || was_interrupted() ? KITH_E_STOPPED : KITH_OK;
}

static uint64_t count_unsent(const watcher *w)
{
    uint64_t count = 0;
    for (size_t i = 0; i < w->replica_count; i++) {
        kith_space_status space = {.struct_size = sizeof space};
        kith_status status = kith_space_read_status(w->replicas[i], &space);
        count += status == KITH_OK ? space.unsent_count : 0;
    }
    return count;
}

static void pause_without_network(void)
{
    for (int i = 0; i < RETRY_SECONDS && !was_interrupted(); i++) {
        (void)sleep(1);
    }
}

/* Waits until a sync has something to do: news, changes of our own, or a network that is back. */
static void wait_for_work(watcher *w)
{
    bool has_work = false;
    while (!has_work && !was_interrupted()) {
        uint32_t is_new = 0;
        w->is_written = false;
        kith_status status =
            kith_sync_wait(w->replicas, w->replica_count, WAIT_SECONDS, keep_waiting, w, &is_new);
        if (status == KITH_E_NETWORK) {
            pause_without_network();
        }
        uint64_t unsent = count_unsent(w);
        bool is_over = status == KITH_OK; /* a while has passed: what was left is tried again */
        bool is_refused = !is_over && status != KITH_E_STOPPED; /* a sync hears why, and says it */
        has_work = is_new != 0 || is_refused || unsent > (is_over ? 0 : w->left);
    }
}

/* EXIT_DONE to go on: also without a network, which will be back. */
static exit_code sync_once(watcher *w)
{
    kith_sync_progress synced = {.struct_size = sizeof synced};
    kith_replica *failed = NULL;
    kith_status status = try_sync(w->app, &synced, &failed);
    if (status == KITH_OK) {
        print_synced(w->app, &synced);
        w->is_cut_off = false;
        return EXIT_DONE;
    }
    if (was_interrupted()) {
        return EXIT_DONE;
    }
    bool will_pass = exit_code_of(status) == EXIT_NETWORK;
    exit_code code =
        will_pass && w->is_cut_off ? EXIT_NETWORK : report_sync(w->app, status, failed);
    w->is_cut_off = will_pass;
    if (will_pass) {
        pause_without_network();
    }
    return will_pass ? EXIT_DONE : code;
}

exit_code watch(const cli *app)
{
    watcher w = {.app = app};
    exit_code code = EXIT_DONE;
    name_files(&w);
    w.replica_count = replicas_to_sync(app, w.replicas);
    while (code == EXIT_DONE && !was_interrupted() && !has_output_failed()) {
        code = sync_once(&w);
        (void)look(&w); /* what the sync itself wrote is no news */
        w.left = count_unsent(&w);
        if (code == EXIT_DONE && !w.is_cut_off) {
            wait_for_work(&w);
        }
    }
    for (size_t i = 0; i < w.file_count; i++) {
        free(w.paths[i]);
    }
    return code;
}
