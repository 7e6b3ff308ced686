/* kith list: the records of a kind. SPDX-License-Identifier: Apache-2.0 */
#include <getopt.h>
#include <stdio.h>
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

static bool read_where(char *text, kith_where *where)
{
    char *equals = strchr(text, '=');
    if (equals == NULL || equals == text) {
        return false;
    }
    where->field = (kith_slice){(const uint8_t *)text, (size_t)(equals - text)};
    where->text = kith_slice_of(equals + 1);
    return true;
}

/* Reads the options; EXIT_DONE, or EXIT_USAGE after saying what is wrong. */
static exit_code read_options(const cli *app, int argument_count, char **arguments,
                              kith_list_options *list, kith_where *where)
{
    enum { WHERE = 1, SINCE, SORT, DESC, LIMIT, REMOVED };
    static const struct option options[] = {{"where", required_argument, NULL, WHERE},
                                            {"changed-since", required_argument, NULL, SINCE},
                                            {"sort", required_argument, NULL, SORT},
                                            {"desc", no_argument, NULL, DESC},
                                            {"limit", required_argument, NULL, LIMIT},
                                            {"removed", no_argument, NULL, REMOVED},
                                            {NULL, 0, NULL, 0}};
    int option = 0;
    while ((option = getopt_long(argument_count, arguments, "", options, NULL)) != -1) {
        switch (option) {
        case WHERE:
            if (list->where_count == WHERE_MAX || !read_where(optarg, &where[list->where_count])) {
                return usage_error(app, "--where takes FIELD=VALUE, up to %d times", WHERE_MAX);
            }
            list->where_count++;
            break;
        case SINCE:
            if (!read_since(optarg, &list->changed_since_ms)) {
                return usage_error(app, "--changed-since takes a day (2026-11-24) or a time (7d)");
            }
            break;
        case SORT:
            list->sort = kith_slice_of(optarg);
            break;
        case DESC:
            list->descending = 1;
            break;
        case LIMIT:
            if (!read_limit(optarg, &list->limit)) {
                return usage_error(app, "--limit takes a number");
            }
            break;
        case REMOVED:
            list->with_removed = 1;
            break;
        default:
            return usage_error(app, "unknown or incomplete option %s", arguments[optind - 1]);
        }
    }
    return EXIT_DONE;
}

exit_code run_list(cli *app, int argument_count, char **arguments)
{
    kith_where where[WHERE_MAX];
    kith_list_options options = KITH_LIST_OPTIONS_INIT;
    kith_list *list = NULL;
    options.where = where;
    options.language = app->language;
    exit_code code = read_options(app, argument_count, arguments, &options, where);
    if (code != EXIT_DONE) {
        return code;
    }
    if (optind != argument_count - 1) {
        return usage_error(app, "one KIND is needed; `kith schema show` lists them");
    }
    options.kind = kith_slice_of(arguments[optind]);
    code = open_replica(app);
    if (code != EXIT_DONE) {
        return code;
    }
    kith_status status = kith_list_records(app->replica, &options, &list);
    if (status != KITH_OK) {
        return report_status(app, status, arguments[optind]);
    }
    code = print_rows(app, list);
    kith_list_free(list);
    return code;
}
