/* kith space: found a space, say where its relay is. SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <string.h>

#include "cmd/space.h"
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

static json_value *space_json(const kith_space_status *space, bool is_used)
{
    json_value *object = json_object();
    json_put_text(object, "id", space->id);
    json_put_text(object, "name", space->name);
    json_put_text(object, "relay", space->relay);
    json_put_integer(object, "members", space->member_count);
    json_put_bool(object, "in_use", is_used);
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
        json_print(stdout, space_json(&space, true));
    } else if (!app->is_quiet) {
        print("founded %s; its fingerprint is %s\n", space.name, space.id);
    }
}

/* The replica of a space by its name or fingerprint; NULL if it is not here. */
static kith_replica *find_space(const cli *app, const char *name)
{
    for (size_t i = 0; i < app->replica_count; i++) {
        kith_space_status space = {.struct_size = sizeof space};
        if (kith_space_read_status(app->replicas[i], &space) == KITH_OK &&
            (strcmp(space.name, name) == 0 || strcmp(space.id, name) == 0)) {
            return app->replicas[i];
        }
    }
    return NULL;
}

exit_code prepare_replica(cli *app, bool *is_added_out)
{
    kith_space_status space = {.struct_size = sizeof space};
    *is_added_out = false;
    app->space = NULL; /* which space it is to be, the command itself says */
    exit_code code = open_replicas(app);
    for (size_t i = 0; code == EXIT_DONE && i < app->replica_count; i++) {
        kith_status status = kith_space_read_status(app->replicas[i], &space);
        if (status == KITH_E_NOT_FOUND || (status == KITH_OK && space.is_joining != 0)) {
            app->replica = app->replicas[i];
            return EXIT_DONE;
        }
    }
    *is_added_out = code == EXIT_DONE;
    return code == EXIT_DONE ? add_replica(app) : code;
}

exit_code give_up_replica(cli *app, bool is_added, exit_code code)
{
    if (is_added) {
        drop_replica(app);
    }
    return code;
}

static exit_code create(cli *app, const call *given, const char *name)
{
    uint8_t pin[PIN_BYTES];
    kith_relay relay;
    bool is_added = false;
    const char *url = option_value(given, "--relay");
    exit_code code = read_relay(app, given, url, pin, &relay);
    if (code == EXIT_DONE) {
        code = prepare_replica(app, &is_added);
    }
    if (code != EXIT_DONE) {
        return code;
    }
    if (find_space(app, name) != NULL) {
        return give_up_replica(app, is_added,
                               report_failure(app, KITH_E_EXISTS, name,
                                              "there is such a space here", "choose another name"));
    }
    kith_status status =
        kith_space_found(app->replica, kith_slice_of(name), &relay, option_value(given, "--token"));
    if (status != KITH_OK) {
        return give_up_replica(app, is_added, report_status(app, status, name));
    }
    code = use_replica(app);
    if (code == EXIT_DONE && url != NULL) {
        code = sync_now(app, NULL);
    }
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
    if (code == EXIT_DONE) {
        code = open_replica(app);
    }
    if (code != EXIT_DONE) {
        return code;
    }
    kith_status status = kith_space_set_relay(app->replica, &relay, option_value(given, "--token"));
    return status == KITH_OK ? EXIT_DONE : report_status(app, status, url);
}

static exit_code list(cli *app)
{
    exit_code code = open_replicas(app);
    for (size_t i = 0; code == EXIT_DONE && i < app->replica_count; i++) {
        kith_space_status space = {.struct_size = sizeof space};
        kith_status status = kith_space_read_status(app->replicas[i], &space);
        bool is_used = app->replicas[i] == app->replica;
        if (status == KITH_E_NOT_FOUND) {
            continue; /* it is of no space yet */
        }
        if (status != KITH_OK) {
            code = report_error(app, kith_replica_error(app->replicas[i]), "space");
        } else if (app->is_json) {
            json_print(stdout, space_json(&space, is_used));
        } else {
            print("%s " BOLD "%s" PLAIN "  %s  %s  %" PRIu32 " devices\n", is_used ? "*" : " ",
                  space.name, space.id, space.relay, space.member_count);
        }
    }
    return code;
}

static exit_code use(cli *app, const char *name)
{
    app->space = NULL;
    exit_code code = open_replicas(app);
    if (code != EXIT_DONE) {
        return code;
    }
    kith_replica *replica = find_space(app, name);
    if (replica == NULL) {
        return report_failure(app, KITH_E_NOT_FOUND, name, "there is no such space",
                              "`kith space list` shows those there are");
    }
    app->replica = replica;
    return use_replica(app);
}

exit_code run_space(cli *app, const call *given)
{
    const char *verb = given->words[0];
    const char *word = given->word_count == 2 ? given->words[1] : NULL;
    if (strcmp(verb, "list") == 0 && given->word_count == 1) {
        return list(app);
    }
    if (strcmp(verb, "create") == 0 && word != NULL) {
        return create(app, given, word);
    }
    if (strcmp(verb, "use") == 0 && word != NULL) {
        return use(app, word);
    }
    if (strcmp(verb, "relay") == 0 && word != NULL) {
        return set_relay(app, given, word);
    }
    return usage_error(app, "create NAME, list, use NAME or relay URL is needed");
}
