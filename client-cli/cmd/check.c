/* kith check: is the replica sound? SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>

#include "commands.h"
#include "term/output.h"
#include "term/progress.h"
#include "term/report.h"

static void format_hash(const uint8_t hash[32], char text[65])
{
    for (size_t i = 0; i < 32; i++) {
        (void)snprintf(text + 2 * i, 3, "%02x", hash[i]);
    }
}

static void print_check(const cli *app, const kith_check_report *report, bool rebuild)
{
    char hash[65];
    format_hash(report->state_hash, hash);
    if (app->is_json) {
        json_value *object = json_object();
        json_put_integer(object, "changes", (int64_t)report->change_count);
        json_put_integer(object, "records", (int64_t)report->record_count);
        json_put_bool(object, "rebuilt", rebuild);
        json_put_bool(object, "repaired", report->rebuilt_differs != 0);
        json_put_text(object, "state", hash);
        json_print(stdout, object);
        return;
    }
    print("%" PRIu64 " changes and %" PRIu64 " records are sound; state %s\n", report->change_count,
          report->record_count, hash);
    if (rebuild) {
        print("%s\n", report->rebuilt_differs != 0
                          ? "the state was not what the log says; it has been made anew"
                          : "folding the log anew gives the same state, byte for byte");
    }
}

static exit_code check(const cli *app, kith_replica *replica, bool rebuild)
{
    kith_check_report report = {.struct_size = sizeof report};
    progress bar = begin_progress(app, "checking");
    kith_status status = kith_replica_check(replica, rebuild, show_progress, &bar, &report);
    hide_progress(&bar);
    if (status != KITH_OK) {
        return report_error(app, kith_replica_error(replica), app->home);
    }
    print_check(app, &report, rebuild);
    /* What had to be repaired was damaged: scripts should hear of it. */
    return report.rebuilt_differs != 0 ? EXIT_DAMAGED : EXIT_DONE;
}

exit_code run_check(cli *app, const call *given)
{
    exit_code worst = EXIT_DONE;
    exit_code code = open_replicas(app);
    for (size_t i = 0; code == EXIT_DONE && i < app->replica_count; i++) {
        exit_code found = check(app, app->replicas[i], has_option(given, "--rebuild"));
        worst = worst == EXIT_DONE ? found : worst;
    }
    return code == EXIT_DONE ? worst : code;
}
