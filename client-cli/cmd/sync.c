/* kith sync: bring this replica and its relay level. SPDX-License-Identifier: Apache-2.0 */
#include "cmd/sync.h"

#include <inttypes.h>
#include <stdio.h>

#include "commands.h"
#include "term/output.h"
#include "term/progress.h"
#include "term/report.h"

/* Two bars one after the other: what goes out, then what comes in. */
typedef struct sync_bar {
    progress bar;
    bool is_sending;
    time_t begun;
    uint64_t first; /* bytes out or positions in when it began: what the time left is judged by */
} sync_bar;

static void begin_way(sync_bar *bar, bool is_sending, uint64_t first)
{
    hide_progress(&bar->bar);
    bar->bar.what = is_sending ? "sending" : "receiving";
    bar->is_sending = is_sending;
    bar->begun = time(NULL);
    bar->first = first;
}

/* What stands behind the bar. The time left is as what is done took, once that says anything. */
static void format_words(const sync_bar *bar, const kith_sync_progress *p, double done, double left,
                         char *out, size_t size)
{
    double taken = (double)(time(NULL) - bar->begun);
    int length = bar->is_sending
                     ? snprintf(out, size, ", %.1f of %.1f KB", (double)p->sent_bytes / 1e3,
                                (double)p->to_send_bytes / 1e3)
                     : snprintf(out, size, ", %" PRIu64 " changes in %.1f KB", p->received_changes,
                                (double)p->received_bytes / 1e3);
    if (taken >= 2 && done > 0 && left > 0 && length > 0 && (size_t)length < size) {
        (void)snprintf(out + length, size - (size_t)length, ", %.0f s left", taken * left / done);
    }
}

static kith_status show_sync(void *user, const kith_sync_progress *p)
{
    char words[100];
    sync_bar *bar = user;
    if (was_interrupted()) {
        return KITH_E_STOPPED;
    }
    bool sends = p->sent_bytes < p->to_send_bytes;
    uint64_t at = sends ? p->sent_bytes : p->position;
    uint64_t end = sends ? p->to_send_bytes : p->last_position;
    if (at == 0 || at > end) {
        return KITH_OK; /* nothing has moved yet */
    }
    if (bar->begun == 0 || bar->is_sending != sends) {
        begin_way(bar, sends, at - 1);
    }
    uint64_t done = at < bar->first ? 0 : at - bar->first; /* the first positions came long ago */
    format_words(bar, p, (double)done, (double)(end - at), words, sizeof words);
    draw_progress(&bar->bar, sends ? at : done, sends ? end : done + end - at, words);
    return KITH_OK;
}

kith_status try_sync(const cli *app, kith_sync_progress *progress_out)
{
    kith_sync_options options = KITH_SYNC_OPTIONS_INIT;
    sync_bar bar = {.bar = begin_progress(app, "syncing")};
    options.progress = show_sync;
    options.user = &bar;
    kith_status status = kith_sync_run(&app->replica, 1, &options, progress_out);
    hide_progress(&bar.bar);
    return status;
}

exit_code sync_now(const cli *app, kith_sync_progress *progress_out)
{
    kith_status status = try_sync(app, progress_out);
    return status == KITH_OK ? EXIT_DONE : report_status(app, status, "sync");
}

void print_synced(const cli *app, const kith_sync_progress *synced)
{
    if (app->is_json) {
        json_value *object = json_object();
        json_put_integer(object, "requests", synced->request_count);
        json_put_integer(object, "sent_bytes", (int64_t)synced->sent_bytes);
        json_put_integer(object, "received_bytes", (int64_t)synced->received_bytes);
        json_put_integer(object, "received_changes", (int64_t)synced->received_changes);
        json_put_integer(object, "set_aside", (int64_t)synced->set_aside_count);
        json_print(stdout, object);
        return;
    }
    if (app->is_quiet) {
        return;
    }
    print("sent %.1f KB, received %" PRIu64 " changes in %.1f KB\n",
          (double)synced->sent_bytes / 1e3, synced->received_changes,
          (double)synced->received_bytes / 1e3);
    if (synced->set_aside_count > 0) {
        print(WARNING "%" PRIu64 " segments were set aside" PLAIN "; `kith status` says more\n",
              synced->set_aside_count);
    }
    flush_output();
}

exit_code run_sync(cli *app, const call *given)
{
    kith_sync_progress synced = {.struct_size = sizeof synced};
    exit_code code = open_replica(app);
    if (code != EXIT_DONE) {
        return code;
    }
    if (has_option(given, "--watch")) {
        return watch(app);
    }
    code = sync_now(app, &synced);
    if (code == EXIT_DONE) {
        print_synced(app, &synced);
    }
    return code;
}
