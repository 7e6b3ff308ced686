/* SPDX-License-Identifier: Apache-2.0 */
#include "server/kithd/admin.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "crypto/base64.h"
#include "server/http/certificate.h"
#include "server/store/store.h"
#include "space/charter.h"

enum { TOKEN_BYTES = 18, PATH_BYTES = 2 * TEXT_MAX };

int report(const kith_context *cx, kith_status status, const char *what)
{
    int code = status == KITH_E_NOT_FOUND                           ? EXIT_NOT_FOUND
               : status == KITH_E_DAMAGED || status == KITH_E_NEWER ? EXIT_DAMAGED
                                                                    : EXIT_REFUSED;
    return say_error(code, "%s: %s", what, cx->error.message);
}

static void print_hex(const uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        (void)printf("%02x", bytes[i]);
    }
}

static kith_status make_token(kith_context *cx, kithd_store *store,
                              char text[KITH_BASE64_SIZE(TOKEN_BYTES)])
{
    uint8_t bytes[TOKEN_BYTES];
    KITH_ENSURE(cx->env.random(cx->env.user, bytes, sizeof bytes) == KITH_OK,
                kith_fail(cx, KITH_E_IO, "the system gave no random bytes"));
    kith_base64_write(kith_slice_make(bytes, sizeof bytes), text, KITH_BASE64_SIZE(TOKEN_BYTES));
    KITH_TRY(kithd_txn_begin(store));
    kith_status status = kithd_token_put(store, kith_slice_of(text));
    if (status != KITH_OK) {
        kithd_txn_rollback(store);
        return status;
    }
    return kithd_txn_commit(store);
}

static kith_status make_certificate(kith_context *cx, const server_options *options,
                                    kithd_certificate *certificate)
{
    char certificate_path[PATH_BYTES];
    char key_path[PATH_BYTES];
    (void)snprintf(certificate_path, sizeof certificate_path, "%s/tls.crt", options->data);
    (void)snprintf(key_path, sizeof key_path, "%s/tls.key", options->data);
    KITH_TRY(kithd_certificate_make(cx, certificate_path, key_path));
    return kithd_certificate_read(cx, certificate_path, key_path, certificate);
}

int run_init(kith_context *cx, const server_options *options)
{
    char token[KITH_BASE64_SIZE(TOKEN_BYTES)];
    kithd_store *store = NULL;
    kithd_certificate certificate = {.pin = {0}};
    if (mkdir(options->data, 0700) != 0 && errno != EEXIST) {
        return say_error(EXIT_REFUSED, "%s: %s", options->data, strerror(errno));
    }
    kith_status status = kithd_store_open(cx, options->data, true, &store);
    if (status == KITH_OK) {
        status = make_certificate(cx, options, &certificate);
    }
    if (status == KITH_OK) {
        status = make_token(cx, store, token);
    }
    kithd_store_close(store);
    if (status != KITH_OK) {
        kithd_certificate_deinit(&certificate);
        return report(cx, status, options->data);
    }
    (void)printf("token %s\npin ", token);
    print_hex(certificate.pin, sizeof certificate.pin);
    (void)printf("\n");
    kithd_certificate_deinit(&certificate);
    return 0;
}

/* Opens the store for a command; what it needs beside that stands in `work`. */
typedef kith_status (*store_work)(kith_context *cx, kithd_store *store,
                                  const server_options *options);

static int with_store(kith_context *cx, const server_options *options, store_work work)
{
    kithd_store *store = NULL;
    kith_status status = kithd_store_open(cx, options->data, false, &store);
    if (status == KITH_OK) {
        status = work(cx, store, options);
    }
    kithd_store_close(store);
    return status == KITH_OK ? 0 : report(cx, status, options->data);
}

static kith_status print_token(kith_context *cx, kithd_store *store, const server_options *options)
{
    char token[KITH_BASE64_SIZE(TOKEN_BYTES)];
    (void)options;
    KITH_TRY(make_token(cx, store, token));
    (void)printf("token %s\n", token);
    return KITH_OK;
}

int run_token(kith_context *cx, const server_options *options)
{
    return with_store(cx, options, print_token);
}

static kith_status check(kith_context *cx, kithd_store *store, const server_options *options)
{
    uint64_t count = 0;
    (void)cx;
    (void)options;
    KITH_TRY(kithd_store_check(store, &count));
    (void)printf("%llu segments are sound\n", (unsigned long long)count);
    return KITH_OK;
}

int run_check(kith_context *cx, const server_options *options)
{
    return with_store(cx, options, check);
}

static kith_status back_up(kith_context *cx, kithd_store *store, const server_options *options)
{
    (void)cx;
    return kithd_store_backup(store, options->words[1]);
}

int run_backup(kith_context *cx, const server_options *options)
{
    if (options->word_count != 2) {
        return say_error(EXIT_USAGE, "backup takes the name of a new file");
    }
    return with_store(cx, options, back_up);
}

static kith_status print_space(void *user, kith_space_id space, const kithd_space *row)
{
    (void)user;
    print_hex(space.bytes, sizeof space.bytes);
    (void)printf(" segments %llu bytes %llu quota %llu entries %u\n",
                 (unsigned long long)row->position, (unsigned long long)row->bytes,
                 (unsigned long long)row->quota, row->entry_count);
    return KITH_OK;
}

static kith_status list_spaces(kith_context *cx, kithd_store *store, const server_options *options)
{
    (void)cx;
    (void)options;
    return kithd_space_scan(store, print_space, NULL);
}

int run_space(kith_context *cx, const server_options *options)
{
    if (options->word_count != 2 || strcmp(options->words[1], "list") != 0) {
        return say_error(EXIT_USAGE, "it is: kithd space list");
    }
    return with_store(cx, options, list_spaces);
}

static bool read_space_id(const char *text, kith_space_id *space)
{
    if (strlen(text) != 2 * KITH_SPACE_ID_BYTES ||
        strspn(text, "0123456789abcdef") != 2 * KITH_SPACE_ID_BYTES) {
        return false;
    }
    for (size_t i = 0; i < KITH_SPACE_ID_BYTES; i++) {
        char digits[3] = {text[2 * i], text[2 * i + 1], '\0'};
        space->bytes[i] = (uint8_t)strtoul(digits, NULL, 16);
    }
    return true;
}

static kith_status apply_entry(void *user, uint32_t number, uint64_t joined, kith_slice bytes)
{
    (void)number;
    (void)joined;
    return kith_charter_apply(user, bytes);
}

static void print_member(const kith_member *member)
{
    static const char *const roles[] = {"", "reader", "worker", "supervisor", "admin"};
    print_hex(member->sign, sizeof member->sign);
    (void)printf(" %s admitted by entry %u%s\n", roles[member->role], member->admitted,
                 member->revoked != 0 ? ", revoked" : "");
}

static kith_status list_devices(kith_context *cx, kithd_store *store, const server_options *options)
{
    kith_charter charter;
    kith_space_id space;
    kithd_space row;
    KITH_ENSURE(read_space_id(options->words[2], &space),
                kith_fail(cx, KITH_E_NOT_FOUND, "a space is 32 hexadecimal digits"));
    KITH_TRY(kithd_space_get(store, space, &row));
    kith_charter_init(&charter, cx, &space);
    kith_status status = kithd_entry_scan(store, space, 0, apply_entry, &charter);
    for (size_t i = 0; status == KITH_OK && i < charter.member_count; i++) {
        print_member(&charter.members[i]);
    }
    kith_charter_deinit(&charter);
    return status;
}

int run_device(kith_context *cx, const server_options *options)
{
    if (options->word_count != 3 || strcmp(options->words[1], "list") != 0) {
        return say_error(EXIT_USAGE, "it is: kithd device list SPACE");
    }
    return with_store(cx, options, list_devices);
}

static kith_status set_quota(kith_context *cx, kithd_store *store, const server_options *options)
{
    kith_space_id space;
    kithd_space row;
    char *end = NULL;
    KITH_ENSURE(read_space_id(options->words[1], &space),
                kith_fail(cx, KITH_E_NOT_FOUND, "a space is 32 hexadecimal digits"));
    KITH_TRY(kithd_txn_begin(store));
    KITH_TRY(kithd_space_get(store, space, &row));
    if (options->word_count == 3) {
        row.quota = strtoull(options->words[2], &end, 10);
        KITH_ENSURE(end != options->words[2] && *end == '\0' && row.quota <= INT64_MAX,
                    kith_fail(cx, KITH_E_ARGUMENT,
                              "a quota is a number of bytes; 0 for the "
                              "relay's own"));
        KITH_TRY(kithd_space_put(store, space, &row));
    }
    KITH_TRY(kithd_txn_commit(store));
    return print_space(NULL, space, &row);
}

int run_quota(kith_context *cx, const server_options *options)
{
    if (options->word_count < 2 || options->word_count > 3) {
        return say_error(EXIT_USAGE, "it is: kithd quota SPACE [BYTES]");
    }
    return with_store(cx, options, set_quota);
}
