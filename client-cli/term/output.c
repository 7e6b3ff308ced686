/* SPDX-License-Identifier: Apache-2.0 */
#include "term/output.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "term/legible.h"
#include "term/report.h"

/* Why standard output could not be written: errno of the first failure; 0 while all is well. Like
 * the stream itself there is one for the process. */
static int output_failure;

static void note_failure(const FILE *file, bool failed)
{
    if (failed && file == stdout && output_failure == 0) {
        output_failure = errno;
    }
}

static bool has_color(FILE *file)
{
    return isatty(fileno(file)) != 0 && getenv("NO_COLOR") == NULL;
}

/* The length of the emphasis that begins here, 0 if none does. */
static size_t emphasis_bytes(const char *text)
{
    static const char *const all[] = {BOLD, DIM, WARNING, PLAIN};
    for (size_t i = 0; *text == '\033' && i < sizeof all / sizeof all[0]; i++) {
        if (strncmp(text, all[i], strlen(all[i])) == 0) {
            return strlen(all[i]);
        }
    }
    return 0;
}

/* Appends bytes to the text that is being made legible; it has room for an escape a byte. */
static char *append(char *end, const char *bytes, size_t count)
{
    memcpy(end, bytes, count);
    return end + count;
}

/* Writes a text. On one line, which has no emphasis, line ends and tabs are escaped too. */
static void write_legibly(FILE *file, const char *text, bool on_one_line)
{
    char *legible = malloc((strlen(text) + 1) * (ESCAPED_BYTE_SIZE - 1));
    if (legible == NULL) {
        end_without_memory();
    }
    bool color = strchr(text, '\033') != NULL && has_color(file);
    char *end = legible;
    while (*text != '\0') {
        size_t emphasis = on_one_line ? 0 : emphasis_bytes(text);
        size_t bytes = character_bytes(text);
        bool is_layout = !on_one_line && (*text == '\n' || *text == '\t');
        if (emphasis > 0) {
            end = append(end, text, color ? emphasis : 0);
            text += emphasis;
        } else if (bytes > 0 && (is_layout || !is_control(text))) {
            end = append(end, text, bytes);
            text += bytes;
        } else {
            char escaped[ESCAPED_BYTE_SIZE];
            escape_byte(*text++, escaped);
            end = append(end, escaped, ESCAPED_BYTE_SIZE - 1);
        }
    }
    end = append(end, "\n", on_one_line ? 1 : 0);
    size_t length = (size_t)(end - legible);
    note_failure(file, fwrite(legible, 1, length, file) != length);
    free(legible);
}

static void write_formatted(FILE *file, bool on_one_line, const char *format, va_list arguments)
    __attribute__((format(printf, 3, 0)));

static void write_formatted(FILE *file, bool on_one_line, const char *format, va_list arguments)
{
    char *text = NULL;
    if (vasprintf(&text, format, arguments) < 0) {
        end_without_memory();
    }
    write_legibly(file, text, on_one_line);
    free(text);
}

void print(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    write_formatted(stdout, false, format, arguments);
    va_end(arguments);
}

void print_to(FILE *file, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    write_formatted(file, false, format, arguments);
    va_end(arguments);
}

void complain(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)fputs("kith: ", stderr);
    write_formatted(stderr, true, format, arguments);
    va_end(arguments);
}

void print_bytes(kith_slice bytes)
{
    note_failure(stdout, fwrite(bytes.data, 1, bytes.length, stdout) != bytes.length);
}

/* U+007F and U+0080 to U+009F, which JSON lets stand and a terminal might obey. */
static bool is_late_control(const uint8_t *at, size_t length)
{
    return at[0] == 0x7f || (at[0] == 0xc2 && length > 1 && at[1] >= 0x80 && at[1] <= 0x9f);
}

void print_json_text(FILE *file, kith_slice json)
{
    size_t written = 0;
    bool failed = false;
    for (size_t i = 0; i < json.length; i++) {
        if (!is_late_control(json.data + i, json.length - i)) {
            continue;
        }
        size_t bytes = json.data[i] == 0x7f ? 1 : 2;
        unsigned character = json.data[i + bytes - 1];
        failed = fwrite(json.data + written, 1, i - written, file) != i - written || failed;
        failed = fprintf(file, "\\u%04x", character) < 0 || failed;
        written = i + bytes;
        i = written - 1;
    }
    size_t rest = json.length - written;
    failed = fwrite(json.data + written, 1, rest, file) != rest || failed;
    failed = fputc('\n', file) == EOF || fflush(file) != 0 || failed;
    note_failure(file, failed);
}

void flush_output(void)
{
    note_failure(stdout, fflush(stdout) != 0);
}

bool has_output_failed(void)
{
    return output_failure != 0;
}

exit_code end_output(const cli *app, exit_code code)
{
    flush_output();
    if (!has_output_failed()) {
        return code;
    }
    errno = output_failure;
    exit_code failed = report_file(app, "standard output");
    return code == EXIT_DONE ? failed : code;
}

_Noreturn void end_without_memory(void)
{
    (void)fputs("kith: memory: there is none left; close other programs\n", stderr);
    exit(EXIT_REFUSED);
}
