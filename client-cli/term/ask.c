/* SPDX-License-Identifier: Apache-2.0 */
#include "term/ask.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "term/report.h"
#include "term/text.h"

enum { CODES_SHOWN_MAX = 60, ACCEPTED_BYTES = 200 };

typedef struct questions {
    const cli *app;
    kith_edit *edit;
    kith_edit *trial; /* on which answers are tried, so that a wrong one can be asked for again */
    const kith_kind *kind; /* stays: neither edit takes in what other processes write meanwhile */
    char *line;
    size_t capacity;
    bool is_over; /* the input ended */
} questions;

/* Questions go to standard error, so that standard output stays the answer. */
static void show_codes(const questions *q, const kith_code_list *list)
{
    for (uint32_t i = 0; i < list->code_count && i < CODES_SHOWN_MAX; i++) {
        const kith_code *code = kith_list_code(list, i);
        (void)fprintf(stderr, "    %2u  %s\n", i + 1,
                      kith_code_label(list, code, q->app->language));
    }
}

static void show_question(const questions *q, const kith_field *field)
{
    bool required = (field->flags & KITH_FIELD_REQUIRED) != 0;
    if (field->list != NULL) {
        show_codes(q, field->list);
    }
    (void)fprintf(stderr, "%s%s: ", kith_field_label(q->kind, field, q->app->language),
                  required ? " *" : "");
}

/* Numbers of the list shown become codes: people answer "2" or "1, 3". */
static void numbers_to_codes(const kith_field *field, const char *answer, char *text, size_t size)
{
    const char *at = answer;
    text[0] = '\0';
    while (*at != '\0') {
        size_t gap = strspn(at, ",; \t");
        at += gap;
        size_t length = strcspn(at, ",;");
        char *end = NULL;
        unsigned long number = strtoul(at, &end, 10);
        const kith_code *code = end == at + strcspn(at, ",; \t") && number > 0
                                    ? kith_list_code(field->list, (size_t)number - 1)
                                    : NULL;
        size_t used = strlen(text);
        if (length > 0) {
            (void)snprintf(text + used, size - used, "%s%.*s", used > 0 ? ";" : "",
                           code != NULL ? (int)strlen(code->code) : (int)length,
                           code != NULL ? code->code : at);
        }
        at += length;
    }
}

/* Reads one line without its end; false at the end of the input. */
static bool read_answer(questions *q)
{
    (void)fflush(stderr);
    ssize_t length = getline(&q->line, &q->capacity, stdin);
    if (length < 0) {
        q->is_over = true;
        return false;
    }
    q->line[strcspn(q->line, "\r\n")] = '\0';
    return true;
}

static exit_code try_answer(questions *q, const kith_field *field, kith_slice text, bool *fine_out)
{
    uint32_t record = 0;
    kith_edit_reset(q->trial);
    kith_status status = kith_edit_create(q->trial, kith_slice_of(q->kind->name), &record);
    if (status == KITH_OK) {
        status = kith_edit_set(q->trial, record, kith_slice_of(field->name), text);
    }
    *fine_out = status == KITH_OK && kith_edit_problem_count(q->trial) == 0;
    if (status == KITH_OK && !*fine_out) {
        print_problems(q->app->command, q->trial);
    }
    return status == KITH_OK ? EXIT_DONE : report_status(q->app, status, field->name);
}

static exit_code ask_field(questions *q, const kith_field *field)
{
    char codes[4096];
    bool fine = false;
    while (!fine && !q->is_over) {
        show_question(q, field);
        if (!read_answer(q) || q->line[strspn(q->line, " \t")] == '\0') {
            return EXIT_DONE; /* what is required and missing is said at the end, all at once */
        }
        kith_slice text = kith_slice_of(q->line);
        if (field->list != NULL) {
            numbers_to_codes(field, q->line, codes, sizeof codes);
            text = kith_slice_of(codes);
        }
        exit_code code = try_answer(q, field, text, &fine);
        if (code != EXIT_DONE) {
            return code;
        }
        if (fine) {
            kith_status status = kith_edit_set(q->edit, 0, kith_slice_of(field->name), text);
            if (status != KITH_OK) {
                return report_status(q->app, status, field->name);
            }
        }
    }
    return EXIT_DONE;
}

static bool is_asked(const kith_field *field, ask_scope scope)
{
    bool is_short = (field->flags & (KITH_FIELD_REQUIRED | KITH_FIELD_QUICK)) != 0;
    bool is_typed = (field->flags & KITH_FIELD_AUTO) == 0 && field->type != KITH_TYPE_BLOB;
    return is_typed && (scope == ASK_ALL || is_short);
}

exit_code ask_fields(const cli *app, kith_edit *edit, const char *kind, ask_scope scope)
{
    questions q = {.app = app, .edit = edit};
    exit_code code = EXIT_DONE;
    kith_status status = kith_edit_begin(app->replica, &q.trial);
    if (status != KITH_OK) {
        return report_status(app, status, app->command);
    }
    q.kind = kith_schema_find_kind(kith_replica_schema(app->replica), kith_slice_of(kind));
    if (q.kind == NULL) {
        kith_edit_free(q.trial);
        return EXIT_DONE; /* the commit says so */
    }
    (void)fprintf(stderr, "%s%s%s (* = needed; empty = leave out)\n", bold(app),
                  kith_kind_label(q.kind, app->language), plain(app));
    for (uint32_t i = 0; i < q.kind->field_count && code == EXIT_DONE && !q.is_over; i++) {
        const kith_field *field = kith_kind_field(q.kind, i);
        if (is_asked(field, scope)) {
            code = ask_field(&q, field);
        }
    }
    free(q.line);
    kith_edit_free(q.trial);
    return code;
}
