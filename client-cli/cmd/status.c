/* kith status: what is here. SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "term/report.h"
#include "term/text.h"

static void print_status(const cli *app, const kith_replica_status *s)
{
    char device[KITH_ID_TEXT_SIZE];
    kith_id_format(s->device, device);
    (void)printf("%s\n  device %s\n  %llu records, %llu removed, in %.1f MB\n"
                 "  %llu changes by %u devices, %llu of them made here\n",
                 app->home, device, (unsigned long long)s->record_count,
                 (unsigned long long)s->removed_count, (double)s->file_bytes / 1e6,
                 (unsigned long long)s->change_count, s->author_count,
                 (unsigned long long)s->own_count);
    if (s->attention_count > 0) {
        (void)printf("  %s%llu records need a decision%s; `kith conflicts` lists them\n",
                     warning(app), (unsigned long long)s->attention_count, plain(app));
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

exit_code run_status(cli *app, int argument_count, char **arguments)
{
    kith_replica_status figures = {.struct_size = sizeof figures};
    if (argument_count > 1) {
        return usage_error(app, "%s is too much", arguments[1]);
    }
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
