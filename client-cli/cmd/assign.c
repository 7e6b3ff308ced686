/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/assign.h"

#include <stdlib.h>
#include <string.h>

#include "term/file.h"
#include "term/output.h"
#include "term/report.h"

static kith_status put(kith_edit *edit, uint32_t record, kith_slice field, char sign,
                       kith_slice value, assign_mode mode)
{
    if (sign == '+') {
        return kith_edit_add(edit, record, field, value);
    }
    if (sign == '-') {
        return kith_edit_take(edit, record, field, value);
    }
    return mode == ASSIGN_TO_SETTLE ? kith_edit_settle(edit, record, field, value)
                                    : kith_edit_set(edit, record, field, value);
}

exit_code assign(const cli *app, kith_edit *edit, uint32_t record, const char *word,
                 assign_mode mode)
{
    const char *equals = strchr(word, '=');
    if (equals == NULL || equals == word) {
        return usage_error(app, "%s is not FIELD=VALUE", word);
    }
    size_t name_length = (size_t)(equals - word);
    char sign = word[name_length - 1];
    name_length -= sign == '+' || sign == '-';
    kith_slice field = {(const uint8_t *)word, name_length};
    kith_slice value = kith_slice_of(equals + 1);
    uint8_t *content = NULL;
    if (equals[1] == '@' && equals[2] == '\0') {
        return report_failure(app, KITH_E_NOT_FOUND, word, "no file is named behind the @", NULL);
    }
    if (equals[1] == '@') {
        exit_code code = read_file(app, equals + 2, &content, &value.length);
        if (code != EXIT_DONE) {
            return code;
        }
        value.data = content;
    }
    kith_status status = put(edit, record, field, sign, value, mode);
    free(content);
    return status == KITH_OK ? EXIT_DONE : report_status(app, status, word);
}

exit_code assign_words(const cli *app, kith_edit *edit, uint32_t record, const call *given,
                       assign_mode mode)
{
    exit_code code = EXIT_DONE;
    for (int i = 1; code == EXIT_DONE && i < given->word_count; i++) {
        code = assign(app, edit, record, given->words[i], mode);
    }
    return code;
}

exit_code resolve_id(const cli *app, const char *text, kith_id *id_out)
{
    kith_status status = kith_id_resolve(app->replica, kith_slice_of(text), id_out);
    return status == KITH_OK ? EXIT_DONE : report_status(app, status, text);
}

exit_code open_record(const cli *app, kith_edit *edit, const char *id_text, uint32_t *record_out)
{
    kith_id id;
    exit_code code = resolve_id(app, id_text, &id);
    if (code != EXIT_DONE) {
        return code;
    }
    kith_status status = kith_edit_open(edit, id, record_out);
    return status == KITH_OK ? EXIT_DONE : report_status(app, status, id_text);
}

exit_code commit(const cli *app, kith_edit *edit)
{
    kith_status status = kith_edit_commit(edit);
    return status == KITH_OK ? EXIT_DONE : report_edit(app, status, edit);
}

exit_code with_edit(cli *app, edit_work work, const call *given)
{
    kith_edit *edit = NULL;
    exit_code code = open_replica(app);
    if (code != EXIT_DONE) {
        return code;
    }
    kith_status status = kith_edit_begin(app->replica, &edit);
    if (status != KITH_OK) {
        return report_status(app, status, app->command);
    }
    code = work(app, edit, given);
    kith_edit_free(edit);
    return code;
}

json_value *ids_json(const kith_edit *edit)
{
    json_value *ids = json_array();
    for (uint32_t i = 0; i < kith_edit_record_count(edit); i++) {
        json_value *entry = json_object();
        json_put_id(entry, "id", kith_edit_record_id(edit, i));
        json_add(ids, entry);
    }
    return ids;
}

void print_ids(const cli *app, const kith_edit *edit)
{
    for (uint32_t i = 0; i < kith_edit_record_count(edit); i++) {
        char text[KITH_ID_TEXT_SIZE];
        kith_id_format(kith_edit_record_id(edit, i), text);
        if (app->is_json) {
            json_value *object = json_object();
            json_put_text(object, "id", text);
            json_print(stdout, object);
        } else {
            print("%s\n", text);
        }
    }
}
