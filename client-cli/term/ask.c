/* SPDX-License-Identifier: Apache-2.0 */
#include "term/ask.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "term/file.h"
#include "term/output.h"
#include "term/report.h"

enum { CODES_SHOWN_MAX = 60 };

typedef struct questions {
    const cli *app;
    const call *given;
    kith_edit *edit;
    kith_edit *trial; /* on which answers are tried, so that a wrong one can be asked for again */
    const kith_kind *kind; /* stays: neither edit takes in what other processes write meanwhile */
    line_reader answer;
    bool is_over; /* the input ended */
} questions;

/* Whether a word of the call has the field already: "name=…", "roles+=…". */
static bool is_given(const questions *q, const kith_field *field)
{
    size_t length = strlen(field->name);
    for (int i = 1; i < q->given->word_count; i++) {
        const char *word = q->given->words[i];
        if (strncmp(word, field->name, length) == 0 &&
            (word[length] == '=' || strncmp(word + length, "+=", 2) == 0)) {
            return true;
        }
    }
    return false;
}

/* Whether the record cannot be saved without an answer. */
static bool is_needed(const questions *q, const kith_field *field)
{
    bool is_required = (field->flags & KITH_FIELD_REQUIRED) != 0;
    return is_required && field->default_text == NULL && !is_given(q, field);
}

/* Questions go to standard error, so that standard output stays the answer. */
static void show_question(const questions *q, const kith_field *field)
{
    const char *language = q->app->language;
    const kith_schema *schema = kith_replica_schema(q->app->replica);
    uint32_t code_count = field->list == NULL ? 0 : field->list->code_count;
    for (uint32_t i = 0; i < code_count && i < CODES_SHOWN_MAX; i++) {
        const kith_code *code = kith_list_code(field->list, i);
        print_to(stderr, "    %2u  %s\n", i + 1,
                 kith_code_label(schema, field->list, code, language));
    }
    print_to(stderr, "%s%s: ", kith_field_label(schema, q->kind, field, language),
             is_needed(q, field) ? " *" : "");
    (void)fflush(stderr);
}

/* The code that a part of an answer picks by its number in the list shown, or NULL. */
static const kith_code *code_by_number(const kith_code_list *list, const char *part, size_t length)
{
    char *end = NULL;
    unsigned long number = strtoul(part, &end, 10);
    bool is_number = part[0] >= '0' && part[0] <= '9' && end == part + length;
    return is_number && number > 0 ? kith_list_code(list, number - 1) : NULL;
}

/* Numbers of the list shown become codes: people answer "2" or "1, 3". The text is freed by the
 * caller. */
static char *numbers_to_codes(const kith_code_list *list, const char *answer)
{
    const char *separator = "";
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    if (stream == NULL) {
        end_without_memory();
    }
    while (*(answer += strspn(answer, ",; \t")) != '\0') {
        size_t length = strcspn(answer, ",;");
        size_t tail = length;
        while (answer[tail - 1] == ' ' || answer[tail - 1] == '\t') {
            tail--;
        }
        const kith_code *code = code_by_number(list, answer, tail);
        if (code != NULL) {
            (void)fprintf(stream, "%s%s", separator, code->code);
        } else {
            (void)fprintf(stream, "%s%.*s", separator, (int)tail, answer);
        }
        separator = ";";
        answer += length;
    }
    if (fclose(stream) != 0) {
        end_without_memory();
    }
    return text;
}

/* Tries an answer by itself: what other fields lack is said at the end. */
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

/* Takes the answer at hand, if it is fine. */
static exit_code take_answer(questions *q, const kith_field *field, bool *fine_out)
{
    kith_slice text = {(const uint8_t *)q->answer.text, q->answer.length};
    char *codes = NULL;
    if (field->list != NULL && strlen(q->answer.text) == q->answer.length) {
        codes = numbers_to_codes(field->list, q->answer.text);
        text = kith_slice_of(codes);
    }
    exit_code code = try_answer(q, field, text, fine_out);
    if (code == EXIT_DONE && *fine_out) {
        kith_status status = kith_edit_set(q->edit, 0, kith_slice_of(field->name), text);
        code = status == KITH_OK ? EXIT_DONE : report_status(q->app, status, field->name);
    }
    free(codes);
    return code;
}

static exit_code ask_field(questions *q, const kith_field *field)
{
    exit_code code = EXIT_DONE;
    bool is_fine = false;
    while (code == EXIT_DONE && !is_fine) {
        show_question(q, field);
        q->is_over = !read_line(&q->answer);
        if (q->is_over) {
            print_to(stderr, "\n"); /* nobody ended the line of the question */
            return EXIT_DONE;       /* what is missing is said at the end, all at once */
        }
        if (strspn(q->answer.text, " \t") < q->answer.length) {
            code = take_answer(q, field, &is_fine);
        } else if (is_needed(q, field)) {
            print_fault(q->app->command, &(fault){field->name, "is required", ""});
        } else {
            return EXIT_DONE;
        }
    }
    return code;
}

static bool is_asked(const kith_field *field, ask_scope scope)
{
    bool is_short = (field->flags & (KITH_FIELD_REQUIRED | KITH_FIELD_QUICK)) != 0;
    bool is_typed = (field->flags & KITH_FIELD_AUTO) == 0 && field->type != KITH_TYPE_BLOB;
    return is_typed && (scope == ASK_ALL || is_short);
}

static exit_code ask_each(questions *q, ask_scope scope)
{
    exit_code code = EXIT_DONE;
    print_to(stderr, BOLD "%s" PLAIN " (* = needed; empty = leave out)\n",
             kith_kind_label(kith_replica_schema(q->app->replica), q->kind, q->app->language));
    for (uint32_t i = 0; i < q->kind->field_count && code == EXIT_DONE && !q->is_over; i++) {
        const kith_field *field = kith_kind_field(q->kind, i);
        if (is_asked(field, scope)) {
            code = ask_field(q, field);
        }
    }
    return code;
}

exit_code ask_fields(const cli *app, kith_edit *edit, const call *given, ask_scope scope)
{
    questions q = {.app = app, .given = given, .edit = edit, .answer = {.file = stdin}};
    kith_status status = kith_edit_begin(app->replica, &q.trial);
    if (status != KITH_OK) {
        return report_status(app, status, app->command);
    }
    q.kind =
        kith_schema_find_kind(kith_replica_schema(app->replica), kith_slice_of(given->words[0]));
    /* Of an unknown kind nothing can be asked; the commit says so. */
    exit_code code = q.kind == NULL ? EXIT_DONE : ask_each(&q, scope);
    free(q.answer.text);
    kith_edit_free(q.trial);
    return code;
}
