/* kith log: what happened to a record, or lately. SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cmd/assign.h"
#include "cmd/rows.h"
#include "term/output.h"
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

static void print_entry(const kith_history_entry *entry)
{
    char when[WHEN_TEXT_SIZE];
    char id[SHORT_ID_SIZE];
    format_when(entry->written.unix_ms, entry->written.trust, when);
    format_short_id(entry->record, id);
    print(BOLD "%s" PLAIN "  %s %s %s %s%s\n", when, writer_name(&entry->written),
          deeds[entry->did], entry->kind, id,
          entry->takes_back != 0 ? " (taking a change back)" : "");
    for (uint32_t i = 0; i < entry->op_count; i++) {
        const kith_history_op *op = &entry->ops[i];
        print("    %s%s", op->field, signs[op->did]);
        print_value_text(op->text, "        ");
        print("\n");
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
    for (size_t i = 0; i < kith_history_count(history) && !has_output_failed(); i++) {
        const kith_history_entry *entry = kith_history_entry_at(history, i);
        if (app->is_json) {
            print_entry_json(entry);
        } else {
            print_entry(entry);
        }
    }
    kith_history_free(history);
    return EXIT_DONE;
}

exit_code run_log(cli *app, const call *given)
{
    kith_id id = {{0}};
    uint32_t limit = 0;
    exit_code code = read_limit(app, given, &limit);
    if (code == EXIT_DONE) {
        code = open_replica(app);
    }
    if (code == EXIT_DONE && given->word_count > 0) {
        code = resolve_id(app, given->words[0], &id);
    }
    return code == EXIT_DONE ? print_history(app, id, limit) : code;
}
