/* kith space: found a space, say where its relay is. SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <string.h>

#include "cmd/sync.h"
#include "commands.h"
#include "term/output.h"
#include "term/report.h"

enum { PIN_BYTES = 32 };

static exit_code read_pin(const cli *app, const char *text, uint8_t pin[PIN_BYTES])
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    if (strlen(text) != 2 * (size_t)PIN_BYTES || strspn(text, digits) != strlen(text)) {
        return report_failure(app, KITH_E_ARGUMENT, text, "that is no pin",
                              "give the 64 hexadecimal digits that `kithd` prints");
    }
    for (size_t i = 0; i < PIN_BYTES; i++) {
        ptrdiff_t high = (strchr(digits, text[2 * i]) - digits) % 16;
        ptrdiff_t low = (strchr(digits, text[2 * i + 1]) - digits) % 16;
        pin[i] = (uint8_t)(high << 4 | low);
    }
    return EXIT_DONE;
}

static exit_code read_relay(const cli *app, const call *given, const char *url,
                            uint8_t pin[PIN_BYTES], kith_relay *relay_out)
{
    const char *text = option_value(given, "--pin");
    *relay_out = (kith_relay){.struct_size = sizeof *relay_out, .url = url};
    if (text == NULL) {
        return EXIT_DONE;
    }
    relay_out->pin = pin;
    return read_pin(app, text, pin);
}

static json_value *space_json(const kith_space_status *space)
{
    json_value *object = json_object();
    json_put_text(object, "id", space->id);
    json_put_text(object, "name", space->name);
    json_put_text(object, "relay", space->relay);
    json_put_integer(object, "members", space->member_count);
    return object;
}

/* Says what was founded. */
static void print_founded(const cli *app)
{
    kith_space_status space = {.struct_size = sizeof space};
    if (kith_space_read_status(app->replica, &space) != KITH_OK) {
        return;
    }
    if (app->is_json) {
        json_print(stdout, space_json(&space));
    } else if (!app->is_quiet) {
        print("founded %s; its fingerprint is %s\n", space.name, space.id);
    }
}

static exit_code create(cli *app, const call *given, const char *name)
{
    uint8_t pin[PIN_BYTES];
    kith_relay relay;
    const char *url = option_value(given, "--relay");
    exit_code code = read_relay(app, given, url, pin, &relay);
    if (code != EXIT_DONE) {
        return code;
    }
    kith_status status =
        kith_space_found(app->replica, kith_slice_of(name), &relay, option_value(given, "--token"));
    if (status != KITH_OK) {
        return report_status(app, status, name);
    }
    code = url == NULL ? EXIT_DONE : sync_now(app, NULL);
    if (code == EXIT_DONE) {
        print_founded(app);
    }
    return code;
}

static exit_code set_relay(cli *app, const call *given, const char *url)
{
    uint8_t pin[PIN_BYTES];
    kith_relay relay;
    exit_code code = read_relay(app, given, url, pin, &relay);
    if (code != EXIT_DONE) {
        return code;
    }
    kith_status status = kith_space_set_relay(app->replica, &relay, option_value(given, "--token"));
    return status == KITH_OK ? EXIT_DONE : report_status(app, status, url);
}

static exit_code list(const cli *app)
{
    kith_space_status space = {.struct_size = sizeof space};
    kith_status status = kith_space_read_status(app->replica, &space);
    if (status == KITH_E_NOT_FOUND) {
        return EXIT_DONE; /* an empty list */
    }
    if (status != KITH_OK) {
        return report_status(app, status, "space");
    }
    if (app->is_json) {
        json_print(stdout, space_json(&space));
    } else {
        print(BOLD "%s" PLAIN "  %s  %s  %" PRIu32 " devices\n", space.name, space.id, space.relay,
              space.member_count);
    }
    return EXIT_DONE;
}

static exit_code use(const cli *app, const char *name)
{
    kith_space_status space = {.struct_size = sizeof space};
    kith_status status = kith_space_read_status(app->replica, &space);
    bool is_it = status == KITH_OK && strcmp(space.name, name) == 0;
    return is_it ? EXIT_DONE
                 : report_failure(app, KITH_E_NOT_FOUND, name, "there is no such space",
                                  "`kith space list` shows the one there is");
}

exit_code run_space(cli *app, const call *given)
{
    const char *verb = given->words[0];
    bool is_list = strcmp(verb, "list") == 0 && given->word_count == 1;
    bool has_word = given->word_count == 2;
    bool is_create = strcmp(verb, "create") == 0 && has_word;
    bool is_use = strcmp(verb, "use") == 0 && has_word;
    bool is_relay = strcmp(verb, "relay") == 0 && has_word;
    if (!is_list && !is_create && !is_use && !is_relay) {
        return usage_error(app, "create NAME, list, use NAME or relay URL is needed");
    }
    exit_code code = open_replica(app);
    if (code != EXIT_DONE) {
        return code;
    }
    return is_list     ? list(app)
           : is_create ? create(app, given, given->words[1])
           : is_use    ? use(app, given->words[1])
                       : set_relay(app, given, given->words[1]);
}
