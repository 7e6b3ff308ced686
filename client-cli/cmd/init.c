/* kith init: make this device's replica. SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "commands.h"
#include "term/output.h"
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
        print("made a replica in %s; this device is %s\n", app->home, device);
    }
    return EXIT_DONE;
}

exit_code run_init(cli *app, const call *given)
{
    char host[256] = "device";
    const char *name = option_value(given, "--name");
    kith_open_options options = KITH_OPEN_OPTIONS_INIT;
    (void)gethostname(host, sizeof host - 1);
    options.create = 1;
    options.device_name = name != NULL ? name : host;
    if (app->home != NULL && !make_folders(app->home)) {
        return report_file(app, app->home);
    }
    exit_code code = open_folder(app, app->home, &options, &app->replica);
    if (code != EXIT_DONE) {
        return code;
    }
    app->replicas[app->replica_count++] = app->replica;
    return print_made(app);
}
