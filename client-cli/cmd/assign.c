/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/assign.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "term/report.h"
#include "term/text.h"

/* A value from a file: longer than the longest that is accepted, so that the refusal names the real
 * limit, and no longer, so that a wrong file does not fill the memory. */
enum { FILE_VALUE_BYTES_MAX = 1 << 20 };

exit_code resolve_id(const cli *app, const char *text, kith_id *id_out)
{
    kith_status status = kith_id_resolve(app->replica, kith_slice_of(text), id_out);
    return status == KITH_OK
               ? EXIT_DONE
               : report_failure(app, status, text, kith_replica_error(app->replica)->message, NULL);
}

/* Reads a file into memory that the caller frees; NULL after reporting. */
static char *read_value_file(const cli *app, const char *path, size_t *length_out)
{
    FILE *file = fopen(path, "rb");
    char *bytes = malloc(FILE_VALUE_BYTES_MAX);
    if (file == NULL || bytes == NULL) {
        (void)report_file(app, path);
        free(bytes);
        if (file != NULL) {
            (void)fclose(file);
        }
        return NULL;
    }
    *length_out = fread(bytes, 1, FILE_VALUE_BYTES_MAX, file);
    if (ferror(file) != 0) {
        (void)report_file(app, path);
        free(bytes);
        bytes = NULL;
    }
    (void)fclose(file);
    return bytes;
}

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
    char *bytes = NULL;
    if (value.length > 0 && value.data[0] == '@') {
        bytes = read_value_file(app, equals + 2, &value.length);
        if (bytes == NULL) {
            return errno == ENOENT ? EXIT_NOT_FOUND : EXIT_REFUSED;
        }
        value.data = (const uint8_t *)bytes;
    }
    kith_status status = put(edit, record, field, sign, value, mode);
    free(bytes);
    return status == KITH_OK ? EXIT_DONE : report_status(app, status, word);
}

void print_ids(const cli *app, const kith_edit *edit)
{
    uint32_t count = kith_edit_record_count(edit);
    for (uint32_t i = 0; i < count; i++) {
        char text[KITH_ID_TEXT_SIZE];
        kith_id_format(kith_edit_record_id(edit, i), text);
        if (app->is_json) {
            json_value *object = json_object();
            json_put_text(object, "id", text);
            json_print(stdout, object);
        } else {
            (void)printf("%s\n", text);
        }
    }
}

/* In JSON each line of input has one line of output, also where it was refused. */
static void answer_json(const cli *app, const kith_edit *edit, kith_status status,
                        uint64_t line_number)
{
    json_value *object = json_object();
    json_put_integer(object, "line", (int64_t)line_number);
    json_put_text(object, "status", kith_status_name(status));
    if (status == KITH_OK) {
        uint32_t count = kith_edit_record_count(edit);
        json_value *ids = json_array();
        for (uint32_t i = 0; i < count; i++) {
            json_value *entry = json_object();
            json_put_id(entry, "id", kith_edit_record_id(edit, i));
            json_add(ids, entry);
        }
        if (count > 0) {
            json_put_id(object, "id", kith_edit_record_id(edit, 0));
        }
        json_put(object, "records", ids);
    } else {
        json_put_text(object, "why", kith_replica_error(app->replica)->message);
        json_put(object, "problems", problems_json(edit));
    }
    json_print(stdout, object);
}

static void answer_text(const cli *app, const kith_edit *edit, kith_status status,
                        uint64_t line_number)
{
    if (status == KITH_OK) {
        print_ids(app, edit);
        (void)fflush(stdout);
        return;
    }
    char where[40];
    (void)snprintf(where, sizeof where, "line %llu", (unsigned long long)line_number);
    print_problems(where, edit);
    if (kith_edit_problem_count(edit) == 0) {
        (void)fprintf(stderr, "kith: %s: %s\n", where, kith_replica_error(app->replica)->message);
    }
}

/* Statuses that say something of the line; others end the work. */
static bool concerns_line(kith_status status)
{
    return status == KITH_E_REFUSED || status == KITH_E_SYNTAX || status == KITH_E_LIMIT ||
           status == KITH_E_NOT_FOUND || status == KITH_E_AMBIGUOUS || status == KITH_E_ARGUMENT;
}

static exit_code edit_each_line(const cli *app, kith_edit *edit, char **line, size_t *capacity)
{
    exit_code code = EXIT_DONE;
    ssize_t length = 0;
    for (uint64_t number = 1; (length = getline(line, capacity, stdin)) >= 0; number++) {
        kith_slice text = {(const uint8_t *)*line, (size_t)length};
        if (strspn(*line, " \t\r\n") == (size_t)length) {
            continue;
        }
        kith_edit_reset(edit);
        kith_status status = kith_edit_json(edit, text);
        if (status == KITH_OK) {
            status = kith_edit_commit(edit);
        }
        if (status != KITH_OK && !concerns_line(status)) {
            return report_status(app, status, app->command);
        }
        code = status == KITH_OK ? code : EXIT_REFUSED;
        if (app->is_json) {
            answer_json(app, edit, status, number);
        } else {
            answer_text(app, edit, status, number);
        }
    }
    return ferror(stdin) != 0 ? report_file(app, "standard input") : code;
}

static exit_code edit_lines_with(cli *app, kith_edit *edit, int word_count, char **words)
{
    (void)word_count;
    (void)words;
    char *line = NULL;
    size_t capacity = 0;
    exit_code code = edit_each_line(app, edit, &line, &capacity);
    free(line);
    return code;
}

exit_code edit_lines(cli *app)
{
    return with_edit(app, edit_lines_with, 0, NULL);
}

exit_code with_edit(cli *app, edit_work work, int word_count, char **words)
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
    code = work(app, edit, word_count, words);
    kith_edit_free(edit);
    return code;
}

exit_code commit(const cli *app, kith_edit *edit)
{
    kith_status status = kith_edit_commit(edit);
    return status == KITH_OK ? EXIT_DONE : report_edit(app, status, edit);
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
