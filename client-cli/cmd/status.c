/* kith status: what is here. SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>

#include "commands.h"
#include "term/output.h"
#include "term/report.h"

static void print_status(const cli *app, const kith_replica_status *s)
{
    char device[KITH_ID_TEXT_SIZE];
    kith_id_format(s->device, device);
    print("%s\n  device %s\n", app->home, device);
    print("  %" PRIu64 " records, %" PRIu64 " removed, in %.1f MB\n", s->record_count,
          s->removed_count, (double)s->file_bytes / 1e6);
    print("  %" PRIu64 " changes by %" PRIu32 " devices, %" PRIu64 " of them made here\n",
          s->change_count, s->author_count, s->own_count);
    if (s->attention_count > 0) {
        print("  " WARNING "%" PRIu64 " in need of a decision" PLAIN
              "; `kith conflicts` lists them\n",
              s->attention_count);
    }
}

static void print_status_json(const cli *app, const kith_replica_status *s)
{
    json_value *object = json_object();
    json_put_text(object, "home", app->home);
    json_put_id(object, "device", s->device);
    json_put_integer(object, "records", (int64_t)s->record_count);
    json_put_integer(object, "removed", (int64_t)s->removed_count);
    json_put_integer(object, "conflicts", (int64_t)s->attention_count);
    json_put_integer(object, "changes", (int64_t)s->change_count);
    json_put_integer(object, "own_changes", (int64_t)s->own_count);
    json_put_integer(object, "devices", s->author_count);
    json_put_integer(object, "bytes", (int64_t)s->file_bytes);
    json_print(stdout, object);
}

exit_code run_status(cli *app, const call *given)
{
    (void)given;
    kith_replica_status figures = {.struct_size = sizeof figures};
    exit_code code = open_replica(app);
    if (code != EXIT_DONE) {
        return code;
    }
    kith_status status = kith_replica_read_status(app->replica, &figures);
    if (status != KITH_OK) {
        return report_status(app, status, app->home);
    }
    if (app->is_json) {
        print_status_json(app, &figures);
    } else {
        print_status(app, &figures);
    }
    return EXIT_DONE;
}
