/* kith device, kith key: who is in the space, and taking somebody out.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "cmd/device.h"
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

/* How a device is called that has no record yet: this and the first digits of its key. */
static const char key_mark[] = "key:";
enum { KEY_DIGITS = 10 };

static kith_status print_device(void *user, const kith_space_device *device)
{
    const cli *app = user;
    char id[SHORT_ID_SIZE + sizeof key_mark + KEY_DIGITS];
    if (app->is_json) {
        print_device_json(device);
        return KITH_OK;
    }
    if (kith_id_is_zero(device->record)) {
        (void)snprintf(id, sizeof id, "%s%.*s", key_mark, KEY_DIGITS, device->key);
    } else {
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

typedef struct device_search {
    kith_id record;
    const char *digits; /* NULL if it is the record */
    char key[KITH_DEVICE_KEY_SIZE];
    size_t count; /* found */
} device_search;

static kith_status compare_device(void *user, const kith_space_device *device)
{
    device_search *search = user;
    const char *digits = search->digits;
    bool is_it = digits == NULL ? kith_id_equal(device->record, search->record)
                                : strncmp(device->key, digits, strlen(digits)) == 0;
    if (is_it) {
        (void)snprintf(search->key, sizeof search->key, "%s", device->key);
        search->count++;
    }
    return KITH_OK;
}

exit_code find_device_key(const cli *app, const char *word, char key_out[KITH_DEVICE_KEY_SIZE])
{
    bool is_key = strncmp(word, key_mark, strlen(key_mark)) == 0;
    device_search search = {.digits = is_key ? word + strlen(key_mark) : NULL};
    kith_status status =
        is_key ? KITH_OK : kith_id_resolve(app->replica, kith_slice_of(word), &search.record);
    if (status == KITH_OK) {
        status = kith_space_list_devices(app->replica, compare_device, &search);
    }
    if (status != KITH_OK) {
        return report_status(app, status, word);
    }
    if (search.count > 1) {
        return report_failure(app, KITH_E_ARGUMENT, word, "several devices are called so",
                              "give more of the key; `kith device list --json` has it");
    }
    if (search.count == 0) {
        return report_failure(app, KITH_E_NOT_FOUND, word, "no such device",
                              "`kith device list` has them");
    }
    (void)snprintf(key_out, KITH_DEVICE_KEY_SIZE, "%s", search.key);
    return EXIT_DONE;
}

static exit_code revoke(cli *app, const char *word, bool wipe)
{
    char key[KITH_DEVICE_KEY_SIZE] = "";
    exit_code code = sync_if_relay(app, NULL);
    if (code == EXIT_DONE) {
        code = find_device_key(app, word, key);
    }
    if (code != EXIT_DONE) {
        return code;
    }
    kith_status status = kith_space_revoke(app->replica, kith_slice_of(key), wipe);
    return status == KITH_OK ? sync_if_relay(app, NULL) : report_status(app, status, word);
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
        code = sync_if_relay(app, NULL);
    }
    if (code != EXIT_DONE) {
        return code;
    }
    kith_status status = kith_space_rotate(app->replica);
    return status == KITH_OK ? sync_if_relay(app, NULL) : report_status(app, status, "key");
}
