/* kith find: records by words. SPDX-License-Identifier: Apache-2.0 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "cmd/rows.h"
#include "term/report.h"

exit_code run_find(cli *app, int argument_count, char **arguments)
{
    static const struct option options[] = {{"kind", required_argument, NULL, 'k'},
                                            {"limit", required_argument, NULL, 'l'},
                                            {NULL, 0, NULL, 0}};
    char words[1024] = "";
    kith_slice kind = {NULL, 0};
    kith_list *list = NULL;
    uint32_t limit = 0;
    int option = 0;
    while ((option = getopt_long(argument_count, arguments, "", options, NULL)) != -1) {
        if (option == 'k') {
            kind = kith_slice_of(optarg);
        } else if (option != 'l' || !read_limit(optarg, &limit)) {
            return usage_error(app, "unknown or incomplete option %s", arguments[optind - 1]);
        }
    }
    for (int i = optind; i < argument_count; i++) {
        size_t used = strlen(words);
        int added =
            snprintf(words + used, sizeof words - used, "%s%s", used > 0 ? " " : "", arguments[i]);
        if (added < 0 || (size_t)added >= sizeof words - used) {
            return usage_error(app, "those are too many words");
        }
    }
    if (words[0] == '\0') {
        return usage_error(app, "a WORD is needed");
    }
    exit_code code = open_replica(app);
    if (code != EXIT_DONE) {
        return code;
    }
    kith_status status =
        kith_find_records(app->replica, kith_slice_of(words), kind, limit, app->language, &list);
    if (status != KITH_OK) {
        return report_status(app, status, words);
    }
    code = print_rows(app, list);
    kith_list_free(list);
    return code;
}
