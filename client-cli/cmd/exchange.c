/* kith exchange: bring this replica and another on this machine level. Provisional: sync and
 * bundles replace it. SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "term/report.h"

exit_code run_exchange(cli *app, int argument_count, char **arguments)
{
    char path[4096];
    kith_error error = {0};
    kith_replica *other = NULL;
    uint64_t received = 0;
    uint64_t sent = 0;
    if (argument_count != 2) {
        return usage_error(app, "the FOLDER of the other replica is needed");
    }
    exit_code code = open_replica(app);
    if (code != EXIT_DONE) {
        return code;
    }
    (void)snprintf(path, sizeof path, "%s/kith.db", arguments[1]);
    kith_status status = kith_replica_open(path, NULL, &other, &error);
    if (status != KITH_OK) {
        return report_error(app, &error, arguments[1]);
    }
    status = kith_replica_exchange(app->replica, other, &received, &sent);
    kith_replica_close(other);
    if (status != KITH_OK) {
        return report_status(app, status, arguments[1]);
    }
    if (app->is_json) {
        json_value *object = json_object();
        json_put_integer(object, "received", (int64_t)received);
        json_put_integer(object, "sent", (int64_t)sent);
        json_print(stdout, object);
    } else if (!app->is_quiet) {
        (void)printf("received %llu changes, sent %llu\n", (unsigned long long)received,
                     (unsigned long long)sent);
    }
    return EXIT_DONE;
}
