/* kith init: make this device's replica. SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app.h"
#include "term/json.h"
#include "term/report.h"

/* Makes a folder and those above it; only its owner may look inside. */
static bool make_folders(const char *path)
{
    char part[4096];
    size_t length = strlen(path);
    if (length == 0 || length >= sizeof part) {
        errno = ENAMETOOLONG;
        return false;
    }
    memcpy(part, path, length + 1);
    for (size_t i = 1; i <= length; i++) {
        if (part[i] != '/' && part[i] != '\0') {
            continue;
        }
        char end = part[i];
        part[i] = '\0';
        if (mkdir(part, S_IRWXU) != 0 && errno != EEXIST) {
            return false;
        }
        part[i] = end;
    }
    return true;
}

static exit_code print_made(cli *app)
{
    kith_replica_status figures = {.struct_size = sizeof figures};
    kith_status status = kith_replica_read_status(app->replica, &figures);
    if (status != KITH_OK) {
        return report_status(app, status, app->command);
    }
    char device[KITH_ID_TEXT_SIZE];
    kith_id_format(figures.device, device);
    if (app->is_json) {
        json_value *object = json_object();
        json_put_text(object, "home", app->home);
        json_put_text(object, "device", device);
        json_print(stdout, object);
    } else {
        (void)printf("made a replica in %s; this device is %s\n", app->home, device);
    }
    return EXIT_DONE;
}

exit_code run_init(cli *app, int argument_count, char **arguments)
{
    static const struct option options[] = {{"name", required_argument, NULL, 'n'},
                                            {NULL, 0, NULL, 0}};
    char host[256] = "device";
    char path[4096];
    kith_open_options open = KITH_OPEN_OPTIONS_INIT;
    kith_error error = {0};
    (void)gethostname(host, sizeof host - 1);
    open.create = 1;
    open.device_name = host;
    int option = 0;
    while ((option = getopt_long(argument_count, arguments, "", options, NULL)) != -1) {
        if (option != 'n') {
            return usage_error(app, "unknown option %s", arguments[optind - 1]);
        }
        open.device_name = optarg;
    }
    if (optind != argument_count) {
        return usage_error(app, "%s is too much", arguments[optind]);
    }
    int length = snprintf(path, sizeof path, "%s/kith.db", app->home);
    if (length < 0 || (size_t)length >= sizeof path || !make_folders(app->home)) {
        return report_file(app, app->home);
    }
    kith_status status = kith_replica_open(path, &open, &app->replica, &error);
    return status == KITH_OK ? print_made(app) : report_error(app, &error, app->home);
}
