/* kith log: what happened to a record, or lately. SPDX-License-Identifier: Apache-2.0 */
#include <getopt.h>
#include <stdio.h>

#include "cmd/assign.h"
#include "cmd/rows.h"
#include "term/report.h"
#include "term/text.h"

static const char *const deeds[] = {[KITH_DID_CREATE] = "made",
                                    [KITH_DID_EDIT] = "changed",
                                    [KITH_DID_REMOVE] = "removed",
                                    [KITH_DID_KEEP] = "kept"};

static const char *const signs[] = {[KITH_FIELD_WAS_SET] = "=",
                                    [KITH_FIELD_WAS_CLEARED] = " cleared",
                                    [KITH_VALUE_ADDED] = "+=",
                                    [KITH_VALUE_TAKEN] = "-="};

static void print_entry(const cli *app, const kith_history_entry *entry)
{
    char when[WHEN_TEXT_SIZE];
    char id[SHORT_ID_SIZE];
    const kith_written *written = &entry->written;
    format_when(written->unix_ms, written->trust, when);
    format_short_id(entry->record, id);
    (void)printf("%s%s%s  %s %s %s %s%s\n", bold(app), when, plain(app),
                 written->device_name[0] == '\0' ? written->author : written->device_name,
                 deeds[entry->did], entry->kind, id,
                 entry->takes_back != 0 ? " (taking a change back)" : "");
    for (uint32_t i = 0; i < entry->op_count; i++) {
        const kith_history_op *op = &entry->ops[i];
        (void)printf("    %s%s%s\n", op->field, signs[op->did], op->text);
    }
}

static json_value *ops_json(const kith_history_entry *entry)
{
    static const char *const dids[] = {"set", "clear", "add", "remove"};
    json_value *ops = json_array();
    for (uint32_t i = 0; i < entry->op_count; i++) {
        const kith_history_op *op = &entry->ops[i];
        json_value *object = json_object();
        json_put_text(object, "field", op->field);
        json_put_text(object, "did", dids[op->did]);
        if (op->did != KITH_FIELD_WAS_CLEARED) {
            json_put_text(object, "value", op->text);
        }
        json_add(ops, object);
    }
    return ops;
}

static void print_entry_json(const kith_history_entry *entry)
{
    static const char *const dids[] = {"create", "edit", "remove", "keep"};
    json_value *object = json_object();
    json_put_id(object, "change", entry->id);
    json_put_id(object, "id", entry->record);
    json_put_text(object, "kind", entry->kind);
    json_put_text(object, "did", dids[entry->did]);
    json_put_bool(object, "undo", entry->takes_back != 0);
    json_put_text(object, "author", entry->written.author);
    json_put_text(object, "device", entry->written.device_name);
    json_put_time(object, "time", entry->written.unix_ms, entry->written.trust);
    json_put(object, "ops", ops_json(entry));
    json_print(stdout, object);
}

static exit_code print_history(const cli *app, kith_id id, uint32_t limit)
{
    kith_history *history = NULL;
    kith_status status = kith_history_get(app->replica, id, limit, &history);
    if (status != KITH_OK) {
        return report_status(app, status, app->command);
    }
    for (size_t i = 0; i < kith_history_count(history); i++) {
        const kith_history_entry *entry = kith_history_entry_at(history, i);
        if (app->is_json) {
            print_entry_json(entry);
        } else {
            print_entry(app, entry);
        }
    }
    kith_history_free(history);
    return EXIT_DONE;
}

exit_code run_log(cli *app, int argument_count, char **arguments)
{
    static const struct option options[] = {{"limit", required_argument, NULL, 'l'},
                                            {NULL, 0, NULL, 0}};
    kith_id id = {{0}};
    uint32_t limit = 0;
    int option = 0;
    while ((option = getopt_long(argument_count, arguments, "", options, NULL)) != -1) {
        if (option != 'l' || !read_limit(optarg, &limit)) {
            return usage_error(app, "unknown or incomplete option %s", arguments[optind - 1]);
        }
    }
    if (argument_count - optind > 1) {
        return usage_error(app, "%s is too much", arguments[optind + 1]);
    }
    exit_code code = open_replica(app);
    if (code == EXIT_DONE && optind < argument_count) {
        code = resolve_id(app, arguments[optind], &id);
    }
    return code == EXIT_DONE ? print_history(app, id, limit) : code;
}
