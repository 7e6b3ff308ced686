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

size_t replicas_to_sync(const cli *app, kith_replica *replicas[KITH_SYNC_SPACES_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < app->replica_count; i++) {
        kith_space_status space = {.struct_size = sizeof space};
        kith_status status = kith_space_read_status(app->replicas[i], &space);
        if (status != KITH_E_NOT_FOUND && (status != KITH_OK || space.relay[0] != '\0')) {
            replicas[count++] = app->replicas[i];
        }
    }
    if (count == 0) {
        replicas[count++] = app->replica; /* which says what is missing */
    }
    return count;
}

kith_status try_sync(const cli *app, kith_sync_progress *progress_out, kith_replica **failed_out)
{
    kith_replica *replicas[KITH_SYNC_SPACES_MAX];
    size_t count = replicas_to_sync(app, replicas);
    kith_sync_options options = KITH_SYNC_OPTIONS_INIT;
    sync_bar bar = {.bar = begin_progress(app, "syncing")};
    options.progress = show_sync;
    options.user = &bar;
    kith_status status = kith_sync_run(replicas, count, &options, progress_out);
    hide_progress(&bar.bar);
    *failed_out = status == KITH_OK ? NULL : replicas[progress_out->first_failed];
    return status;
}

exit_code report_sync(const cli *app, kith_status status, kith_replica *failed)
{
    char what[300] = "sync";
    const kith_error error = *kith_replica_error(failed);
    kith_space_status space = {.struct_size = sizeof space};
    bool is_one_of_many = app->replica_count > 1 && exit_code_of(status) != EXIT_NETWORK;
    if (is_one_of_many && kith_space_read_status(failed, &space) == KITH_OK) {
        (void)snprintf(what, sizeof what, "sync of %s", space.name);
    }
    return report_error(app, &error, what);
}

exit_code sync_now(const cli *app, kith_sync_progress *progress_out)
{
    kith_sync_progress own = {.struct_size = sizeof own};
    kith_replica *failed = NULL;
    kith_status status = try_sync(app, progress_out == NULL ? &own : progress_out, &failed);
    return status == KITH_OK ? EXIT_DONE : report_sync(app, status, failed);
}

exit_code sync_if_relay(const cli *app, kith_sync_progress *progress_out)
{
    kith_space_status space = {.struct_size = sizeof space};
    bool has_none =
        kith_space_read_status(app->replica, &space) == KITH_OK && space.relay[0] == '\0';
    return has_none ? EXIT_DONE : sync_now(app, progress_out);
}

void print_restored(void)
{
    print(WARNING
          "this device was put back from a backup, or copied" PLAIN
          ": what it sends from now on is kept apart from what it had sent; nothing is lost\n");
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
        json_put_bool(object, "was_restored", synced->was_restored != 0);
        json_put_bool(object, "had_relay_lost", synced->had_relay_lost != 0);
        json_print(stdout, object);
        return;
    }
    if (app->is_quiet) {
        return;
    }
    print("sent %.1f KB, received %" PRIu64 " changes in %.1f KB\n",
          (double)synced->sent_bytes / 1e3, synced->received_changes,
          (double)synced->received_bytes / 1e3);
    if (synced->was_restored != 0) {
        print_restored();
    }
    if (synced->had_relay_lost != 0) {
        print(WARNING "the relay had lost something" PLAIN ": it was given what is here\n");
    }
    if (synced->set_aside_count > 0) {
        print(WARNING "%" PRIu64 " segments were set aside" PLAIN "; `kith status` says more\n",
              synced->set_aside_count);
    }
    flush_output();
}

exit_code run_sync(cli *app, const call *given)
{
    kith_sync_progress synced = {.struct_size = sizeof synced};
    exit_code code = open_replicas(app);
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
