/* SPDX-License-Identifier: Apache-2.0 */
#include "call.h"

#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "term/output.h"

bool is_option(const char *word)
{
    return word[0] == '-' && word[1] != '\0';
}

static void note_fault(call *given, const char *fault, const char *word)
{
    if (given->fault == NULL) {
        given->fault = fault;
        given->fault_word = word;
    }
}

/* The option of a table whose name is the text up to its end or "=". */
static const usage_line *find_line(const usage_line *lines, const char *text)
{
    size_t length = strcspn(text, "=");
    for (; lines != NULL && lines->word != NULL; lines++) {
        if (is_option(lines->word) && strlen(lines->word) == length &&
            strncmp(lines->word, text, length) == 0) {
            return lines;
        }
    }
    return NULL;
}

static void take_word(call *given, char *word)
{
    if (given->name != NULL) {
        given->words[given->word_count++] = word;
        return;
    }
    given->name = word;
    given->command = find_command(word);
    if (given->command == NULL) {
        note_fault(given, "there is no command ", word);
    }
}

/* Takes an option and, where it is the next text, its value. Returns how many texts that were. */
static int take_option(call *given, const char *text, const char *next)
{
    const usage_line *own = given->command == NULL ? NULL : find_line(given->command->lines, text);
    const usage_line *line = own != NULL ? own : find_line(global_options, text);
    const char *equals = strchr(text, '=');
    if (line == NULL) {
        note_fault(given, "there is no option ", text);
        return 1;
    }
    given_option *option = &given->options[given->option_count++];
    *option = (given_option){.name = line->word};
    if (line->value == NULL) {
        if (equals != NULL) {
            note_fault(given, "no value is taken by ", text);
        }
        return 1;
    }
    option->value = equals != NULL ? equals + 1 : next;
    if (option->value == NULL) {
        option->value = "";
        given->incomplete = line;
        note_fault(given, "a value is missing behind ", text);
    }
    return equals != NULL ? 1 : 2;
}

call begin_call(int text_count, char **texts)
{
    call given = {.words = texts};
    given.options = calloc((size_t)text_count + 1, sizeof *given.options);
    if (given.options == NULL) {
        end_without_memory();
    }
    for (int i = 1; i < text_count;) {
        if (!given.has_ended_options && strcmp(texts[i], "--") == 0) {
            given.has_ended_options = true;
            i++;
        } else if (!given.has_ended_options && is_option(texts[i])) {
            i += take_option(&given, texts[i], i + 1 < text_count ? texts[i + 1] : NULL);
        } else {
            take_word(&given, texts[i++]);
        }
    }
    return given;
}

void end_call(call *given)
{
    free(given->options);
    *given = (call){0};
}

bool has_option(const call *given, const char *name)
{
    for (int i = 0; i < given->option_count; i++) {
        if (strcmp(given->options[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

const char *option_value(const call *given, const char *name)
{
    const char *value = NULL;
    for (int i = 0; i < given->option_count; i++) {
        if (strcmp(given->options[i].name, name) == 0) {
            value = given->options[i].value;
        }
    }
    return value;
}
