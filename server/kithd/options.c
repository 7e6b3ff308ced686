/* SPDX-License-Identifier: Apache-2.0 */
#include "server/kithd/options.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A space's room unless said otherwise: a large district's text for decades. */
static const uint64_t QUOTA_DEFAULT = UINT64_C(1) << 30;

/* A device's room in it: no phone, lost or gone wrong, takes the others'. */
static const uint64_t DEVICE_QUOTA_DEFAULT = UINT64_C(1) << 28;

/* Seconds: a phone between two cells finds the next one in less. */
enum { TIMEOUT_DEFAULT = 60 };

int say_error(int code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)fputs("kithd: ", stderr);
    (void)vfprintf(stderr, format, arguments);
    (void)fputc('\n', stderr);
    va_end(arguments);
    return code;
}

static bool set_text(char out[TEXT_MAX], const char *value)
{
    size_t length = strlen(value);
    if (length >= TEXT_MAX) {
        return false;
    }
    memcpy(out, value, length + 1);
    return true;
}

static bool read_number(const char *text, uint64_t max, uint64_t *number_out)
{
    char *end = NULL;
    errno = 0;
    unsigned long long number = strtoull(text, &end, 10);
    *number_out = number;
    return text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0 && number <= max;
}

/* ADDR:PORT, [ADDR]:PORT for IPv6. */
static bool read_listen(const char *value, server_options *options)
{
    const char *colon = strrchr(value, ':');
    uint64_t port = 0;
    if (colon == NULL || colon == value || !read_number(colon + 1, UINT16_MAX, &port)) {
        return false;
    }
    size_t length = (size_t)(colon - value);
    bool has_brackets = value[0] == '[' && value[length - 1] == ']';
    if (has_brackets) {
        value++;
        length -= 2;
    }
    if (length == 0 || length >= TEXT_MAX) {
        return false;
    }
    memcpy(options->address, value, length);
    options->address[length] = '\0';
    options->port = (uint16_t)port;
    return true;
}

typedef bool (*option_reader)(const char *value, server_options *options);

static bool read_data(const char *value, server_options *options)
{
    return value[0] != '\0' && set_text(options->data, value);
}

static bool read_tls(const char *value, server_options *options)
{
    bool is_known =
        strcmp(value, "auto") == 0 || strcmp(value, "off") == 0 || strchr(value, ',') != NULL;
    return is_known && set_text(options->tls, value);
}

static bool read_quota(const char *value, server_options *options)
{
    return read_number(value, INT64_MAX, &options->quota) && options->quota > 0;
}

static bool read_device_quota(const char *value, server_options *options)
{
    return read_number(value, INT64_MAX, &options->device_quota);
}

static bool read_threads(const char *value, server_options *options)
{
    uint64_t number = 0;
    bool is_number = read_number(value, 60, &number);
    options->threads = (unsigned)number;
    return is_number;
}

static bool read_timeout(const char *value, server_options *options)
{
    uint64_t number = 0;
    bool is_number = read_number(value, 3600, &number);
    options->timeout = (unsigned)number;
    return is_number && number > 0;
}

static bool read_open(const char *value, server_options *options)
{
    options->is_open = strcmp(value, "yes") == 0;
    return options->is_open || strcmp(value, "no") == 0;
}

typedef struct option {
    const char *name;
    option_reader read;
    const char *accepted;
    bool is_flag; /* on the command line it takes nothing, and means yes */
} option;

static const option known[] = {
    {"data", read_data, "a folder", false},
    {"listen", read_listen, "ADDRESS:PORT with a numeric address, such as 127.0.0.1:8443", false},
    {"tls", read_tls, "auto, off, or CERTIFICATE,KEY", false},
    {"quota", read_quota, "a number of bytes", false},
    {"device-quota", read_device_quota, "a number of bytes; 0 for no limit", false},
    {"timeout", read_timeout, "a number of seconds up to 3600", false},
    {"threads", read_threads, "a number up to 60", false},
    {"open", read_open, "yes or no", true},
};

static const option *find_option(const char *name, size_t length)
{
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strlen(known[i].name) == length && memcmp(known[i].name, name, length) == 0) {
            return &known[i];
        }
    }
    return NULL;
}

static char *trim(char *text)
{
    while (*text == ' ' || *text == '\t') {
        text++;
    }
    size_t length = strlen(text);
    while (length > 0 && strchr(" \t\r\n", text[length - 1]) != NULL) {
        text[--length] = '\0';
    }
    return text;
}

/* One line of a file of options: name = value. */
static int read_line(char *line, const char *path, int number, server_options *options)
{
    char *text = trim(line);
    char *equals = strchr(text, '=');
    if (text[0] == '\0' || text[0] == '#') {
        return 0;
    }
    if (equals == NULL) {
        return say_error(EXIT_USAGE, "%s:%d: a line is: name = value", path, number);
    }
    *equals = '\0';
    char *name = trim(text);
    const option *found = find_option(name, strlen(name));
    if (found == NULL) {
        return say_error(EXIT_USAGE, "%s:%d: there is no option of that name", path, number);
    }
    if (!found->read(trim(equals + 1), options)) {
        return say_error(EXIT_USAGE, "%s:%d: %s takes %s", path, number, found->name,
                         found->accepted);
    }
    return 0;
}

static int read_file(const char *path, server_options *options)
{
    char line[2 * TEXT_MAX];
    int code = 0;
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        return say_error(EXIT_NOT_FOUND, "%s: %s", path, strerror(errno));
    }
    for (int number = 1; code == 0 && fgets(line, sizeof line, file) != NULL; number++) {
        bool is_whole = strchr(line, '\n') != NULL || feof(file);
        code = is_whole ? read_line(line, path, number, options)
                        : say_error(EXIT_USAGE, "%s:%d: the line is too long", path, number);
    }
    (void)fclose(file);
    return code;
}

/* Gives the value of an option at `*index`, in the same argument or the next. */
static const char *value_of(int argument_count, char **arguments, int *index, const char *equals)
{
    if (equals != NULL) {
        return equals + 1;
    }
    return *index + 1 < argument_count ? arguments[++*index] : NULL;
}

static int read_argument(int argument_count, char **arguments, int *index, bool configs,
                         server_options *options)
{
    const char *text = arguments[*index] + 2;
    const char *equals = strchr(text, '=');
    size_t length = equals == NULL ? strlen(text) : (size_t)(equals - text);
    bool is_config = length == 6 && memcmp(text, "config", 6) == 0;
    const option *found = find_option(text, length);
    if (strcmp(text, "help") == 0 || strcmp(text, "version") == 0) {
        options->wants_help = options->wants_help || text[0] == 'h';
        options->wants_version = options->wants_version || text[0] == 'v';
        return 0;
    }
    if (found == NULL && !is_config) {
        return say_error(EXIT_USAGE, "there is no option --%.*s; see kithd --help", (int)length,
                         text);
    }
    bool is_flag = found != NULL && found->is_flag && equals == NULL;
    const char *value = is_flag ? "yes" : value_of(argument_count, arguments, index, equals);
    if (value == NULL) {
        return say_error(EXIT_USAGE, "--%.*s takes %s", (int)length, text,
                         is_config ? "a file" : found->accepted);
    }
    if (is_config) {
        return configs ? read_file(value, options) : 0;
    }
    if (!configs && !found->read(value, options)) {
        return say_error(EXIT_USAGE, "--%s takes %s", found->name, found->accepted);
    }
    return 0;
}

/* One pass over the line: for the file it names, or for everything else. */
static int read_arguments(int argument_count, char **arguments, bool configs,
                          server_options *options)
{
    for (int i = 1; i < argument_count; i++) {
        int code = 0;
        if (strncmp(arguments[i], "--", 2) == 0) {
            code = read_argument(argument_count, arguments, &i, configs, options);
        } else if (!configs && options->word_count == WORDS_MAX) {
            code = say_error(EXIT_USAGE, "too many words; see kithd --help");
        } else if (!configs) {
            options->words[options->word_count++] = arguments[i];
        }
        if (code != 0) {
            return code;
        }
    }
    return 0;
}

int read_options(int argument_count, char **arguments, server_options *options)
{
    *options = (server_options){.data = "/var/lib/kithd",
                                .address = "127.0.0.1",
                                .port = 8443,
                                .tls = "auto",
                                .quota = QUOTA_DEFAULT,
                                .device_quota = DEVICE_QUOTA_DEFAULT,
                                .timeout = TIMEOUT_DEFAULT};
    int code = read_arguments(argument_count, arguments, true, options);
    return code != 0 ? code : read_arguments(argument_count, arguments, false, options);
}
