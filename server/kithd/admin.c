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

static void print_held(const kithd_held *held)
{
    (void)printf(" held %llu held-bytes %llu\n", (unsigned long long)held->count,
                 (unsigned long long)held->bytes);
}

static kith_status print_space(void *user, kith_space_id space, const kithd_space *row)
{
    kithd_held held;
    KITH_TRY(kithd_held_get(user, space, NULL, &held));
    print_hex(space.bytes, sizeof space.bytes);
    (void)printf(" segments %llu bytes %llu quota %llu entries %u",
                 (unsigned long long)row->position, (unsigned long long)row->bytes,
                 (unsigned long long)row->quota, row->entry_count);
    print_held(&held);
    return KITH_OK;
}

static kith_status list_spaces(kith_context *cx, kithd_store *store, const server_options *options)
{
    (void)cx;
    (void)options;
    return kithd_space_scan(store, print_space, store);
}

int run_space(kith_context *cx, const server_options *options)
{
    if (options->word_count != 2 || strcmp(options->words[1], "list") != 0) {
        return say_error(EXIT_USAGE, "it is: kithd space list");
    }
    return with_store(cx, options, list_spaces);
}

static bool read_hex(const char *text, uint8_t *out, size_t length)
{
    if (strlen(text) != 2 * length || strspn(text, "0123456789abcdef") != 2 * length) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        char digits[3] = {text[2 * i], text[2 * i + 1], '\0'};
        out[i] = (uint8_t)strtoul(digits, NULL, 16);
    }
    return true;
}

static kith_status read_space_id(kith_context *cx, const char *text, kith_space_id *space)
{
    KITH_ENSURE(read_hex(text, space->bytes, sizeof space->bytes),
                kith_fail(cx, KITH_E_NOT_FOUND, "a space is 32 hexadecimal digits"));
    return KITH_OK;
}

static kith_status apply_entry(void *user, uint32_t number, uint64_t joined, kith_slice bytes)
{
    (void)number;
    (void)joined;
    return kith_charter_apply(user, bytes);
}

static kith_status print_member(kithd_store *store, kith_space_id space, const kith_member *member)
{
    static const char *const roles[] = {"", "reader", "worker", "supervisor", "admin"};
    kithd_device device;
    kithd_held held;
    KITH_TRY(kithd_device_get(store, space, member->sign, &device));
    KITH_TRY(kithd_held_get(store, space, member->sign, &held));
    print_hex(member->sign, sizeof member->sign);
    (void)printf(" %s admitted by entry %u%s; bytes %llu quota %llu", roles[member->role],
                 member->admitted, member->revoked != 0 ? ", revoked" : "",
                 (unsigned long long)device.bytes, (unsigned long long)device.quota);
    print_held(&held);
    return KITH_OK;
}

static kith_status list_devices(kith_context *cx, kithd_store *store, const server_options *options)
{
    kith_charter charter;
    kith_space_id space;
    kithd_space row;
    KITH_TRY(read_space_id(cx, options->words[2], &space));
    KITH_TRY(kithd_space_get(store, space, &row));
    kith_charter_init(&charter, cx, &space);
    kith_status status = kithd_entry_scan(store, space, 0, apply_entry, &charter);
    for (size_t i = 0; status == KITH_OK && i < charter.member_count; i++) {
        status = print_member(store, space, &charter.members[i]);
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

static kith_status read_quota(kith_context *cx, const char *text, uint64_t *quota_out)
{
    char *end = NULL;
    *quota_out = strtoull(text, &end, 10);
    KITH_ENSURE(text[0] >= '0' && text[0] <= '9' && *end == '\0' && *quota_out <= INT64_MAX,
                kith_fail(cx, KITH_E_ARGUMENT,
                          "a quota is a number of bytes; 0 for the relay's own; a device is 64 "
                          "hexadecimal digits"));
    return KITH_OK;
}

static kith_status space_quota(kith_context *cx, kithd_store *store, kith_space_id space,
                               const char *quota)
{
    kithd_space row;
    KITH_TRY(kithd_space_get(store, space, &row));
    if (quota != NULL) {
        KITH_TRY(read_quota(cx, quota, &row.quota));
        KITH_TRY(kithd_space_put(store, space, &row));
    }
    return print_space(store, space, &row);
}

static kith_status device_quota(kith_context *cx, kithd_store *store, kith_space_id space,
                                const uint8_t key[KITH_KEY_BYTES], const char *quota)
{
    kithd_space row;
    kithd_device device;
    KITH_TRY(kithd_space_get(store, space, &row));
    KITH_TRY(kithd_device_get(store, space, key, &device));
    if (quota != NULL) {
        KITH_TRY(read_quota(cx, quota, &device.quota));
        KITH_TRY(kithd_device_put(store, space, key, &device));
    }
    print_hex(key, KITH_KEY_BYTES);
    (void)printf(" bytes %llu quota %llu\n", (unsigned long long)device.bytes,
                 (unsigned long long)device.quota);
    return KITH_OK;
}

/* SPACE [DEVICE] [BYTES]: no number of bytes has as many digits as a device's key. */
static kith_status quota(kith_context *cx, kithd_store *store, const server_options *options)
{
    kith_space_id space;
    uint8_t key[KITH_KEY_BYTES];
    int count = options->word_count;
    bool is_of_device = count > 2 && read_hex(options->words[2], key, sizeof key);
    const char *bytes = count > 2 + is_of_device ? options->words[2 + is_of_device] : NULL;
    KITH_TRY(read_space_id(cx, options->words[1], &space));
    KITH_TRY(kithd_txn_begin(store));
    kith_status status = is_of_device ? device_quota(cx, store, space, key, bytes)
                                      : space_quota(cx, store, space, bytes);
    if (status == KITH_OK) {
        status = kithd_txn_commit(store);
    }
    kithd_txn_rollback(store);
    return status;
}

int run_quota(kith_context *cx, const server_options *options)
{
    uint8_t key[KITH_KEY_BYTES];
    int count = options->word_count;
    if (count < 2 || (count == 4 && !read_hex(options->words[2], key, sizeof key))) {
        return say_error(EXIT_USAGE, "it is: kithd quota SPACE [DEVICE] [BYTES]");
    }
    return with_store(cx, options, quota);
}
