/* kith exchange: bring this replica and another on this machine level. Provisional: sync and
 * bundles replace it. SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>

#include "commands.h"
#include "term/output.h"
#include "term/report.h"

exit_code run_exchange(cli *app, const call *given)
{
    kith_replica *other = NULL;
    uint64_t received = 0;
    uint64_t sent = 0;
    exit_code code = open_replica(app);
    if (code == EXIT_DONE) {
        code = open_folder(app, given->words[0], NULL, &other);
    }
    if (code != EXIT_DONE) {
        return code;
    }
    kith_status status = kith_replica_exchange(app->replica, other, &received, &sent);
    kith_replica_close(other);
    if (status != KITH_OK) {
        return report_status(app, status, given->words[0]);
    }
    if (app->is_json) {
        json_value *object = json_object();
        json_put_integer(object, "received", (int64_t)received);
        json_put_integer(object, "sent", (int64_t)sent);
        json_print(stdout, object);
    } else if (!app->is_quiet) {
        print("received %" PRIu64 " changes, sent %" PRIu64 "\n", received, sent);
    }
    return EXIT_DONE;
}
