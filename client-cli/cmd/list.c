/* kith list: the records of a kind. SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cmd/rows.h"
#include "term/report.h"

enum { WHERE_MAX = 32, DAY_MS = 86400000 };

/* "7d" back from now, or a day. False if it is neither. */
static bool read_since(const char *text, int64_t *since_ms_out)
{
    char *end = NULL;
    long days = strtol(text, &end, 10);
    struct tm calendar = {0};
    if (end != text && strcmp(end, "d") == 0 && days >= 0 && days < 100000) {
        *since_ms_out = ((int64_t)time(NULL) * 1000) - (int64_t)days * DAY_MS;
        return true;
    }
    const char *rest = strptime(text, "%Y-%m-%d", &calendar);
    *since_ms_out = (int64_t)timegm(&calendar) * 1000;
    return rest != NULL && *rest == '\0';
}

/* Reads the options; EXIT_DONE, or EXIT_USAGE after saying what is wrong. */
static exit_code read_options(const cli *app, const call *given, kith_list_options *list,
                              kith_where where[WHERE_MAX])
{
    const char *since = option_value(given, "--changed-since");
    for (int i = 0; i < given->option_count; i++) {
        if (strcmp(given->options[i].name, "--where") != 0) {
            continue;
        }
        const char *text = given->options[i].value;
        const char *equals = strchr(text, '=');
        if (equals == NULL || equals == text || list->where_count == WHERE_MAX) {
            return usage_error(app, "--where takes FIELD=VALUE, up to %d times", WHERE_MAX);
        }
        where[list->where_count++] = (kith_where){{(const uint8_t *)text, (size_t)(equals - text)},
                                                  kith_slice_of(equals + 1)};
    }
    if (since != NULL && !read_since(since, &list->changed_since_ms)) {
        return usage_error(app, "--changed-since takes a day (2026-11-24) or a time (7d)");
    }
    list->sort = kith_slice_of(option_value(given, "--sort"));
    list->descending = has_option(given, "--desc");
    list->with_removed = has_option(given, "--removed");
    return read_limit(app, given, &list->limit);
}

exit_code run_list(cli *app, const call *given)
{
    kith_where where[WHERE_MAX];
    kith_list_options options = KITH_LIST_OPTIONS_INIT;
    kith_list *list = NULL;
    options.kind = kith_slice_of(given->words[0]);
    options.where = where;
    options.language = app->language;
    exit_code code = read_options(app, given, &options, where);
    if (code == EXIT_DONE) {
        code = open_replica(app);
    }
    if (code != EXIT_DONE) {
        return code;
    }
    kith_status status = kith_list_records(app->replica, &options, &list);
    if (status != KITH_OK) {
        return report_status(app, status, given->words[0]);
    }
    code = print_rows(app, list);
    kith_list_free(list);
    return code;
}
