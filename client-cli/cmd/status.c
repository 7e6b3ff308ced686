/* kith status: what is here. SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>

#include <kith/bundle.h>

#include "commands.h"
#include "term/output.h"
#include "term/report.h"
#include "term/text.h"

static const char *standing(const kith_space_status *space)
{
    return space->is_revoked != 0   ? "which this device was taken out of"
           : space->is_joining != 0 ? "not joined yet"
           : space->role == 0       ? "no member"
                                    : role_name(space->role);
}

static void print_space(const kith_space_status *space)
{
    char when[TIME_TEXT_SIZE] = "never";
    if (space->synced_ms > 0) {
        format_time(space->synced_ms, when);
    }
    print("  space %s, %s; %" PRIu32 " devices, last synced: %s\n",
          space->name[0] == '\0' ? space->id : space->name, standing(space), space->member_count,
          when);
    print("  %" PRIu64 " changes not sent yet\n", space->unsent_count);
    if (space->is_behind != 0) {
        print("  " WARNING "put back from a backup" PLAIN
              ": sync, or take in a bundle of somebody who has had one of this device\n");
    }
    if (space->waiting_count > 0) {
        print("  " WARNING "%" PRIu64 " segments set aside" PLAIN
              ": they wait for others, or could not be read\n",
              space->waiting_count);
    }
}

static json_value *space_json(const kith_space_status *space)
{
    json_value *object = json_object();
    json_put_text(object, "id", space->id);
    json_put_text(object, "name", space->name);
    json_put_text(object, "relay", space->relay);
    json_put_text(object, "role", role_name(space->role));
    json_put_bool(object, "joining", space->is_joining != 0);
    json_put_bool(object, "revoked", space->is_revoked != 0);
    json_put_bool(object, "behind", space->is_behind != 0);
    json_put_integer(object, "members", space->member_count);
    json_put_integer(object, "epoch", space->epoch);
    json_put_integer(object, "unsent", (int64_t)space->unsent_count);
    json_put_integer(object, "set_aside", (int64_t)space->waiting_count);
    if (space->synced_ms > 0) {
        json_put_time(object, "synced", space->synced_ms, 2);
    }
    return object;
}

static void print_status(const cli *app, const kith_replica_status *s,
                         const kith_space_status *space, const kith_bundle_carried *carried)
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
    if (space != NULL) {
        print_space(space);
    }
    if (carried->space_count > 0) {
        print("  carries %" PRIu64 " segments, %.1f MB, of %" PRIu32
              " other spaces, unread; `kith bundle export` hands them on\n",
              carried->segment_count, (double)carried->byte_count / 1e6, carried->space_count);
    }
}

static json_value *carried_json(const kith_bundle_carried *carried)
{
    json_value *object = json_object();
    json_put_integer(object, "spaces", carried->space_count);
    json_put_integer(object, "segments", (int64_t)carried->segment_count);
    json_put_integer(object, "bytes", (int64_t)carried->byte_count);
    return object;
}

static void print_status_json(const cli *app, const kith_replica_status *s,
                              const kith_space_status *space, const kith_bundle_carried *carried)
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
    if (space != NULL) {
        json_put(object, "space", space_json(space));
    }
    json_put(object, "carried", carried_json(carried));
    json_print(stdout, object);
}

static exit_code show_replica(const cli *app, kith_replica *replica)
{
    kith_replica_status figures = {.struct_size = sizeof figures};
    kith_space_status space = {.struct_size = sizeof space};
    kith_bundle_carried carried = {.struct_size = sizeof carried};
    kith_status status = kith_replica_read_status(replica, &figures);
    if (status == KITH_OK) {
        status = kith_bundle_read_carried(replica, &carried);
    }
    if (status == KITH_OK) {
        status = kith_space_read_status(replica, &space);
    }
    if (status != KITH_OK && status != KITH_E_NOT_FOUND) {
        return report_error(app, kith_replica_error(replica), app->home);
    }
    const kith_space_status *shown = status == KITH_OK ? &space : NULL;
    if (app->is_json) {
        print_status_json(app, &figures, shown, &carried);
    } else {
        print_status(app, &figures, shown, &carried);
    }
    return EXIT_DONE;
}

exit_code run_status(cli *app, const call *given)
{
    (void)given;
    exit_code code = open_replicas(app);
    for (size_t i = 0; code == EXIT_DONE && i < app->replica_count; i++) {
        code = show_replica(app, app->replicas[i]);
    }
    return code;
}
