/* SPDX-License-Identifier: Apache-2.0 */
#include "space/invite.h"

#include "base/reader.h"
#include "crypto/base64.h"

static const char prefix[] = "kith:";

enum {
    VERSION = 1,
    HAS_PIN = 1,
    CHECK_BYTES = 4,
    BYTES_MAX = 1 + KITH_SPACE_ID_BYTES + 4 + KITH_INVITE_SECRET_BYTES + 1 + KITH_PIN_BYTES +
                (int)KITH_RELAY_URL_BYTES_MAX + CHECK_BYTES
};

_Static_assert(sizeof prefix + KITH_BASE64_SIZE(BYTES_MAX) <= KITH_INVITE_TEXT_SIZE,
               "an invite's text has room");

void kith_invite_seed(const uint8_t secret[KITH_INVITE_SECRET_BYTES], uint8_t seed[KITH_SEED_BYTES])
{
    kith_hash("kith invite", kith_slice_make(secret, KITH_INVITE_SECRET_BYTES), seed);
}

static uint8_t *put(uint8_t *at, const void *bytes, size_t length)
{
    memcpy(at, bytes, length);
    return at + length;
}

void kith_invite_format(const kith_invite *invite, char text[KITH_INVITE_TEXT_SIZE])
{
    uint8_t bytes[BYTES_MAX];
    uint8_t check[KITH_HASH_BYTES];
    uint8_t *at = bytes;
    *at++ = VERSION;
    at = put(at, invite->space.bytes, sizeof invite->space.bytes);
    for (int shift = 24; shift >= 0; shift -= 8) {
        *at++ = (uint8_t)(invite->entry >> shift);
    }
    at = put(at, invite->secret, sizeof invite->secret);
    *at++ = invite->has_pin ? HAS_PIN : 0;
    if (invite->has_pin) {
        at = put(at, invite->pin, sizeof invite->pin);
    }
    at = put(at, invite->relay, strlen(invite->relay));
    kith_hash("kith invite text", kith_slice_make(bytes, (size_t)(at - bytes)), check);
    at = put(at, check, CHECK_BYTES);
    memcpy(text, prefix, sizeof prefix);
    kith_base64_write(kith_slice_make(bytes, (size_t)(at - bytes)), text + sizeof prefix - 1,
                      KITH_INVITE_TEXT_SIZE - sizeof prefix + 1);
    kith_wipe(bytes, sizeof bytes);
}

static kith_status malformed(kith_context *cx, const char *what)
{
    return kith_fail(cx, KITH_E_SYNTAX, "that is no invite: %s", what);
}

/* A relay's address is printable ASCII: it goes onto a terminal and into requests. */
static bool is_address(kith_slice relay)
{
    static const char *const schemes[] = {"https://", "http://"};
    bool has_scheme = false;
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(schemes); i++) {
        kith_slice scheme = kith_slice_of(schemes[i]);
        has_scheme =
            has_scheme || (relay.length > scheme.length &&
                           kith_slice_equal(kith_slice_head(relay, scheme.length), scheme));
    }
    for (size_t i = 0; i < relay.length; i++) {
        if (relay.data[i] <= ' ' || relay.data[i] > '~') {
            return false;
        }
    }
    return has_scheme && relay.length <= KITH_RELAY_URL_BYTES_MAX;
}

static kith_status read_parts(kith_context *cx, kith_slice bytes, kith_invite *invite)
{
    kith_reader reader = kith_reader_of(bytes);
    uint8_t version = kith_read_u8(&reader);
    KITH_ENSURE(version <= VERSION,
                kith_fail(cx, KITH_E_NEWER, "the invite is of a newer version of Kith"));
    kith_read_into(&reader, invite->space.bytes, sizeof invite->space.bytes);
    for (size_t i = 0; i < 4; i++) {
        invite->entry = invite->entry << 8 | kith_read_u8(&reader);
    }
    kith_read_into(&reader, invite->secret, sizeof invite->secret);
    uint8_t flags = kith_read_u8(&reader);
    invite->has_pin = flags == HAS_PIN;
    if (invite->has_pin) {
        kith_read_into(&reader, invite->pin, sizeof invite->pin);
    }
    KITH_ENSURE(!reader.failed, malformed(cx, "it is too short"));
    KITH_ENSURE(version == VERSION && flags <= HAS_PIN, malformed(cx, "its parts are unknown"));
    kith_slice relay = kith_read_bytes(&reader, kith_reader_left(&reader));
    KITH_ENSURE(relay.length == 0 || is_address(relay), malformed(cx, "its relay is no address"));
    if (relay.length > 0) {
        memcpy(invite->relay, relay.data, relay.length);
    }
    return KITH_OK;
}

/* Its bytes, which hold a secret, are the caller's to wipe. */
static kith_status read_text(kith_context *cx, kith_slice text, uint8_t bytes[BYTES_MAX],
                             kith_invite *invite)
{
    uint8_t check[KITH_HASH_BYTES];
    size_t length = 0;
    kith_slice start = kith_slice_make(prefix, sizeof prefix - 1);
    KITH_ENSURE(kith_slice_equal(kith_slice_head(text, start.length), start),
                malformed(cx, "it begins with \"kith:\""));
    bool is_text = kith_base64_read(kith_slice_skip(text, start.length), bytes, BYTES_MAX, &length);
    KITH_ENSURE(is_text && length > CHECK_BYTES, malformed(cx, "letters are missing or wrong"));
    kith_slice content = kith_slice_make(bytes, length - CHECK_BYTES);
    kith_hash("kith invite text", content, check);
    KITH_ENSURE(memcmp(check, bytes + content.length, CHECK_BYTES) == 0,
                malformed(cx, "letters are missing or wrong"));
    return read_parts(cx, content, invite);
}

kith_status kith_invite_parse(kith_context *cx, kith_slice text, kith_invite *invite_out)
{
    uint8_t bytes[BYTES_MAX];
    *invite_out = (kith_invite){.entry = 0};
    kith_status status = read_text(cx, kith_slice_trim(text), bytes, invite_out);
    kith_wipe(bytes, sizeof bytes);
    if (status != KITH_OK) {
        kith_wipe(invite_out, sizeof *invite_out);
    }
    return status;
}
