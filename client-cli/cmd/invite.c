/* kith invite, kith join: how a device comes into a space. SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <kith/bundle.h>

#include "cmd/space.h"
#include "cmd/sync.h"
#include "commands.h"
#include "term/duration.h"
#include "term/output.h"
#include "term/qr.h"
#include "term/report.h"
#include "term/text.h"

enum { USES_MAX = 65535, EXPIRES_DAYS = 7 };

/* Digits and nothing else, not too many and not 0. */
static bool read_number(const char *text, uint32_t max, uint32_t *number_out)
{
    bool is_number = text[0] != '\0' && strspn(text, "0123456789") == strlen(text);
    unsigned long number = is_number ? strtoul(text, NULL, 10) : 0;
    *number_out = number <= max ? (uint32_t)number : 0;
    return *number_out > 0;
}

typedef struct invite_terms {
    uint32_t role;
    uint32_t uses;
    int64_t length_ms;
} invite_terms;

static exit_code read_terms(const cli *app, const call *given, invite_terms *out)
{
    const char *role = option_value(given, "--role");
    const char *uses = option_value(given, "--uses");
    const char *expires = option_value(given, "--expires");
    *out = (invite_terms){
        .role = KITH_MAY_WRITE, .uses = 1, .length_ms = (int64_t)EXPIRES_DAYS * 86400000};
    if (role != NULL && !read_role(role, &out->role)) {
        return usage_error(app, "--role is reader, worker, supervisor or admin");
    }
    if (uses != NULL && !read_number(uses, USES_MAX, &out->uses)) {
        return usage_error(app, "--uses is a number from 1 to %d", USES_MAX);
    }
    if (expires != NULL && !read_duration(expires, &out->length_ms)) {
        return usage_error(app, "--expires is a time such as 7d, 12h or 30m");
    }
    return EXIT_DONE;
}

static exit_code show(const cli *app, const char *text, bool as_qr)
{
    if (app->is_json) {
        json_value *object = json_object();
        json_put_text(object, "invite", text);
        json_print(stdout, object);
        return EXIT_DONE;
    }
    if (as_qr && !print_qr(text)) {
        return report_failure(app, KITH_E_LIMIT, "invite", "it does not fit a QR code",
                              "show the text instead");
    }
    print("%s\n", text);
    return EXIT_DONE;
}

static exit_code make(cli *app, const call *given, const invite_terms *invite)
{
    char text[KITH_INVITE_SIZE];
    kith_sync_progress synced = {.struct_size = sizeof synced};
    /* Before, so that it follows what others added; after, so that it holds when it is shown. */
    exit_code code = sync_if_relay(app, &synced);
    if (code != EXIT_DONE) {
        return code;
    }
    /* The relay's clock judges it, and this device's may be wrong. */
    int64_t now_ms = synced.relay_time_ms == 0 ? (int64_t)time(NULL) * 1000 : synced.relay_time_ms;
    kith_status status = kith_space_invite(app->replica, invite->role, now_ms + invite->length_ms,
                                           invite->uses, text);
    if (status != KITH_OK) {
        return report_status(app, status, "invite");
    }
    code = sync_if_relay(app, NULL);
    return code == EXIT_DONE ? show(app, text, has_option(given, "--qr")) : code;
}

static void print_invitation_json(const kith_space_invitation *invitation)
{
    json_value *object = json_object();
    json_put_integer(object, "invite", invitation->entry);
    json_put_text(object, "role", role_name(invitation->role));
    json_put_integer(object, "uses_left", invitation->uses_left);
    if (invitation->expires_ms != 0) {
        json_put_time(object, "expires", invitation->expires_ms, 2);
    }
    json_print(stdout, object);
}

static kith_status print_invitation(void *user, const kith_space_invitation *invitation)
{
    char when[TIME_TEXT_SIZE] = "never";
    const cli *app = user;
    if (app->is_json) {
        print_invitation_json(invitation);
        return KITH_OK;
    }
    if (invitation->expires_ms != 0) {
        format_time(invitation->expires_ms, when);
    }
    print("%-4" PRIu32 " " BOLD "%s" PLAIN "  uses left: %" PRIu32 ", expires: %s\n",
          invitation->entry, role_name(invitation->role), invitation->uses_left, when);
    return KITH_OK;
}

static exit_code list(cli *app)
{
    kith_status status = kith_space_list_invitations(app->replica, print_invitation, app);
    return status == KITH_OK ? EXIT_DONE : report_status(app, status, "invite");
}

static exit_code withdraw(const cli *app, uint32_t entry)
{
    exit_code code = sync_if_relay(app, NULL);
    if (code != EXIT_DONE) {
        return code;
    }
    kith_status status = kith_space_withdraw(app->replica, entry);
    return status == KITH_OK ? sync_if_relay(app, NULL) : report_status(app, status, "invite");
}

exit_code run_invite(cli *app, const call *given)
{
    uint32_t entry = 0;
    invite_terms invite;
    const char *verb = given->word_count == 0 ? "" : given->words[0];
    bool is_list = strcmp(verb, "list") == 0 && given->word_count == 1;
    bool is_withdraw = strcmp(verb, "withdraw") == 0 && given->word_count == 2 &&
                       read_number(given->words[1], UINT32_MAX, &entry);
    exit_code code = read_terms(app, given, &invite);
    if (code == EXIT_DONE && given->word_count > 0 && !is_list && !is_withdraw) {
        code = usage_error(app, "list or withdraw NUMBER is needed, or nothing");
    }
    if (code == EXIT_DONE) {
        code = open_replica(app);
    }
    if (code != EXIT_DONE) {
        return code;
    }
    return is_list ? list(app) : is_withdraw ? withdraw(app, entry) : make(app, given, &invite);
}

/* True if this device is in the space already, or on its way into it. */
static bool is_here(const cli *app, const char *id)
{
    for (size_t i = 0; i < app->replica_count; i++) {
        kith_space_status space = {.struct_size = sizeof space};
        if (app->replicas[i] != app->replica &&
            kith_space_read_status(app->replicas[i], &space) == KITH_OK &&
            strcmp(space.id, id) == 0) {
            return true;
        }
    }
    return false;
}

static exit_code begin_join(cli *app, const char *invite)
{
    kith_space_status space = {.struct_size = sizeof space};
    kith_status status = kith_space_join(app->replica, kith_slice_of(invite));
    if (status == KITH_OK) {
        status = kith_space_read_status(app->replica, &space);
    }
    if (status != KITH_OK) {
        return report_status(app, status, "join");
    }
    return is_here(app, space.id)
               ? report_failure(app, KITH_E_EXISTS, "join", "this device is in that space already",
                                "select it with `kith space use`")
               : EXIT_DONE;
}

static exit_code print_joined(const cli *app)
{
    kith_space_status space = {.struct_size = sizeof space};
    kith_status status = kith_space_read_status(app->replica, &space);
    if (status != KITH_OK) {
        return report_status(app, status, "join");
    }
    if (app->is_json) {
        json_value *object = json_object();
        json_put_text(object, "space", space.id);
        json_put_text(object, "name", space.name);
        json_put_text(object, "role", role_name(space.role));
        json_print(stdout, object);
    } else if (space.is_joining != 0 && !app->is_quiet) {
        print("the space has no relay: take in a bundle of a member's, and hand yours back\n");
    } else if (!app->is_quiet) {
        print("joined %s as %s\n", space.name, role_name(space.role));
    }
    return EXIT_DONE;
}

/* Without a network joining goes on with the next sync; what the relay refused is over. */
static bool is_refused(const cli *app, exit_code code)
{
    kith_space_status space = {.struct_size = sizeof space};
    kith_status status = kith_space_read_status(app->replica, &space);
    return code != EXIT_DONE && code != EXIT_NETWORK && status == KITH_OK && space.is_joining != 0;
}

exit_code run_join(cli *app, const call *given)
{
    bool is_added = false;
    exit_code code = prepare_replica(app, &is_added);
    if (code != EXIT_DONE) {
        return code;
    }
    code = begin_join(app, given->words[0]);
    if (code != EXIT_DONE) {
        return give_up_replica(app, is_added, code);
    }
    code = sync_if_relay(app, NULL);
    if (is_refused(app, code)) {
        return give_up_replica(app, is_added, code);
    }
    /* What this device carried of the space, unread, can be read now. */
    if (kith_bundle_adopt_carried(app->replicas, app->replica_count) != KITH_OK) {
        return report_error(app, kith_replica_error(app->replicas[0]), "join");
    }
    exit_code used = use_replica(app);
    code = code == EXIT_DONE ? used : code;
    return code == EXIT_DONE ? print_joined(app) : code;
}
