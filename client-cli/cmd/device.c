/* kith device, kith key: who is in the space, and taking somebody out.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "cmd/sync.h"
#include "commands.h"
#include "term/output.h"
#include "term/report.h"
#include "term/text.h"

static void print_device_json(const kith_space_device *device)
{
    json_value *object = json_object();
    if (!kith_id_is_zero(device->record)) {
        json_put_id(object, "id", device->record);
    }
    json_put_text(object, "name", device->name);
    json_put_text(object, "role", role_name(device->role));
    json_put_bool(object, "revoked", device->is_revoked != 0);
    json_put_bool(object, "own", device->is_own != 0);
    json_put_integer(object, "invite", device->invite);
    json_put_text(object, "key", device->key);
    json_print(stdout, object);
}

static kith_status print_device(void *user, const kith_space_device *device)
{
    const cli *app = user;
    char id[SHORT_ID_SIZE] = "-";
    if (app->is_json) {
        print_device_json(device);
        return KITH_OK;
    }
    if (!kith_id_is_zero(device->record)) {
        format_short_id(device->record, id);
    }
    print("%-10s " BOLD "%s" PLAIN "  %s%s%s\n", id,
          device->name[0] == '\0' ? "(nothing received yet)" : device->name,
          role_name(device->role), device->is_revoked != 0 ? ", taken out" : "",
          device->is_own != 0 ? ", this device" : "");
    return KITH_OK;
}

static exit_code list(cli *app)
{
    kith_status status = kith_space_list_devices(app->replica, print_device, app);
    return status == KITH_OK ? EXIT_DONE : report_status(app, status, "device");
}

static exit_code revoke(cli *app, const char *word, bool wipe)
{
    kith_id id;
    exit_code code = sync_if_relay(app);
    if (code != EXIT_DONE) {
        return code;
    }
    kith_status status = kith_id_resolve(app->replica, kith_slice_of(word), &id);
    if (status == KITH_OK) {
        status = kith_space_revoke(app->replica, id, wipe);
    }
    return status == KITH_OK ? sync_if_relay(app) : report_status(app, status, word);
}

exit_code run_device(cli *app, const call *given)
{
    bool is_list = strcmp(given->words[0], "list") == 0 && given->word_count == 1;
    bool is_revoke = strcmp(given->words[0], "revoke") == 0 && given->word_count == 2;
    if (!is_list && !is_revoke) {
        return usage_error(app, "list or revoke ID is needed");
    }
    exit_code code = open_replica(app);
    if (code != EXIT_DONE) {
        return code;
    }
    return is_list ? list(app) : revoke(app, given->words[1], has_option(given, "--wipe"));
}

exit_code run_key(cli *app, const call *given)
{
    if (strcmp(given->words[0], "rotate") != 0) {
        return usage_error(app, "rotate is needed");
    }
    exit_code code = open_replica(app);
    if (code == EXIT_DONE) {
        code = sync_if_relay(app);
    }
    if (code != EXIT_DONE) {
        return code;
    }
    kith_status status = kith_space_rotate(app->replica);
    return status == KITH_OK ? sync_if_relay(app) : report_status(app, status, "key");
}
