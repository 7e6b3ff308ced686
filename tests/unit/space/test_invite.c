/* Expected texts were made with Python's hashlib and base64 from the table of
 * proto/spec/charter.md, §4: space 00 01 …, entry 258, secret 10 11 …, pin 20 21 …
 * SPDX-License-Identifier: Apache-2.0 */
#include "space/invite.h"

#include <stdio.h>

#include "base/buf.h"
#include "crypto/base64.h"
#include "harness.h"

static const char short_text[] = "kith:AQABAgMEBQYHCAkKCwwNDg8AAAECEBESExQVFhcYGRobHB0eHwDNnKZF";
static const char long_text[] =
    "kith:AQABAgMEBQYHCAkKCwwNDg8AAAECEBESExQVFhcYGRobHB0eHwEgISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7"
    "PD0-P2h0dHBzOi8vcmVsYXkuZXhhbXBsZTo4NDQzFbVDIw";

static int ready_crypto(void **state)
{
    (void)state;
    assert_ok(kith_crypto_init(test_context()));
    return 0;
}

static kith_invite example(bool has_pin, const char *relay)
{
    kith_invite invite = {.entry = 258, .has_pin = has_pin};
    for (size_t i = 0; i < 16; i++) {
        invite.space.bytes[i] = (uint8_t)i;
        invite.secret[i] = (uint8_t)(0x10 + i);
    }
    for (size_t i = 0; has_pin && i < KITH_PIN_BYTES; i++) {
        invite.pin[i] = (uint8_t)(0x20 + i);
    }
    (void)snprintf(invite.relay, sizeof invite.relay, "%s", relay);
    return invite;
}

static void assert_same(const kith_invite *read, const kith_invite *expected)
{
    assert_true(kith_space_id_equal(read->space, expected->space));
    assert_int_equal(read->entry, expected->entry);
    assert_memory_equal(read->secret, expected->secret, sizeof read->secret);
    assert_int_equal(read->has_pin, expected->has_pin);
    assert_memory_equal(read->pin, expected->pin, sizeof read->pin);
    assert_string_equal(read->relay, expected->relay);
}

static void assert_reads(kith_slice text, const kith_invite *expected)
{
    kith_invite read;
    memset(&read, 0xaa, sizeof read);
    assert_ok(kith_invite_parse(test_context(), text, &read));
    assert_same(&read, expected);
}

static void assert_refused(kith_slice text, kith_status expected)
{
    static const kith_invite nothing;
    kith_invite read;
    memset(&read, 0xaa, sizeof read);
    kith_status status = kith_invite_parse(test_context(), text, &read);
    if (status != expected) {
        fail_msg("\"%.*s\": %s", KITH_SLICE_ARGUMENTS(text), kith_status_name(status));
    }
    assert_same(&read, &nothing);
}

static void test_invite_format__follows_the_specification(void **state)
{
    (void)state;
    char text[KITH_INVITE_TEXT_SIZE];
    kith_invite invite = example(false, "");
    kith_invite_format(&invite, text);
    assert_string_equal(text, short_text);
    invite = example(true, "https://relay.example:8443");
    kith_invite_format(&invite, text);
    assert_string_equal(text, long_text);
}

static void test_invite_parse__reads_what_was_written(void **state)
{
    (void)state;
    kith_invite invite = example(false, "");
    assert_reads(kith_slice_of(short_text), &invite);
    invite = example(true, "https://relay.example:8443");
    assert_reads(kith_slice_of(long_text), &invite);
}

static void test_invite_parse__does_not_mind_blanks_around(void **state)
{
    (void)state;
    char text[KITH_INVITE_TEXT_SIZE + 8];
    kith_invite invite = example(false, "");
    (void)snprintf(text, sizeof text, " \t%s\r\n\n", short_text);
    assert_reads(kith_slice_of(text), &invite);
}

static void test_invite__has_room_for_the_longest_address(void **state)
{
    (void)state;
    char text[KITH_INVITE_TEXT_SIZE];
    kith_invite invite = example(true, "http://");
    for (size_t i = strlen(invite.relay); i < KITH_RELAY_URL_BYTES_MAX; i++) {
        invite.relay[i] = 'r';
    }
    invite.entry = UINT32_MAX;
    kith_invite_format(&invite, text);
    assert_reads(kith_slice_of(text), &invite);
}

/* Typed by hand, read from a creased paper: no letter may be wrong or missing unnoticed. */
static void test_invite_parse__refuses_any_other_letter(void **state)
{
    (void)state;
    static const char letters[] = "AQgw-_09z";
    char text[sizeof long_text];
    memcpy(text, long_text, sizeof text);
    for (size_t i = 0; i < sizeof text - 1; i++) {
        for (size_t j = 0; j < sizeof letters - 1; j++) {
            text[i] = letters[j];
            if (letters[j] != long_text[i]) {
                assert_refused(kith_slice_of(text), KITH_E_SYNTAX);
            }
        }
        text[i] = long_text[i];
    }
}

static void test_invite_parse__refuses_text_cut_short(void **state)
{
    (void)state;
    for (size_t length = 0; length < sizeof long_text - 1; length++) {
        assert_refused(kith_slice_make(long_text, length), KITH_E_SYNTAX);
        assert_refused(kith_slice_make(long_text + sizeof long_text - 1 - length, length),
                       KITH_E_SYNTAX);
    }
}

static void test_invite_parse__refuses_what_is_none(void **state)
{
    (void)state;
    static const kith_slice wrong[] = {BYTES("kith"),
                                       BYTES("kith:"),
                                       BYTES("kith:A"),
                                       BYTES("kith:AAAA"),
                                       BYTES("kith:AAAAAA"),
                                       BYTES("https://relay.example"),
                                       BYTES("KITH:AQABAgMEBQYHCAkKCwwNDg8AAAECEBESExQVFhcYGR"),
                                       BYTES("kith :AQ"),
                                       BYTES("kith:\0\0\0\0\0\0\0\0")};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(wrong); i++) {
        assert_refused(wrong[i], KITH_E_SYNTAX);
    }
}

enum { CONTENT_FLAGS = 37, CONTENT_MAX = 300 };

/* The text of any content, with the hash that belongs to it. */
static void assert_content(const uint8_t *content, size_t length, kith_status expected)
{
    uint8_t bytes[CONTENT_MAX + 4];
    uint8_t hash[KITH_HASH_BYTES];
    char text[5 + KITH_BASE64_SIZE(sizeof bytes)] = "kith:";
    kith_hash("kith invite text", kith_slice_make(content, length), hash);
    memcpy(bytes, content, length);
    memcpy(bytes + length, hash, 4);
    kith_base64_write(kith_slice_make(bytes, length + 4), text + 5, sizeof text - 5);
    if (expected != KITH_OK) {
        assert_refused(kith_slice_of(text), expected);
        return;
    }
    kith_invite read;
    assert_ok(kith_invite_parse(test_context(), kith_slice_of(text), &read));
    assert_memory_equal(read.relay, content + CONTENT_FLAGS + 1, length - CONTENT_FLAGS - 1);
}

static void test_invite_parse__knows_one_version(void **state)
{
    (void)state;
    uint8_t content[CONTENT_FLAGS + 1] = {1};
    assert_content(content, sizeof content, KITH_OK);
    content[0] = 0;
    assert_content(content, sizeof content, KITH_E_SYNTAX);
    content[0] = 2;
    assert_content(content, sizeof content, KITH_E_NEWER);
    assert_content(content, 1, KITH_E_NEWER);
}

static void test_invite_parse__needs_every_part(void **state)
{
    (void)state;
    uint8_t content[CONTENT_FLAGS + 1 + KITH_PIN_BYTES] = {1};
    for (size_t length = 1; length <= CONTENT_FLAGS; length++) {
        assert_content(content, length, KITH_E_SYNTAX);
    }
    content[CONTENT_FLAGS] = 1;
    for (size_t length = CONTENT_FLAGS + 1; length < sizeof content; length++) {
        assert_content(content, length, KITH_E_SYNTAX);
    }
    for (unsigned flags = 2; flags < 256; flags++) {
        content[CONTENT_FLAGS] = (uint8_t)flags;
        assert_content(content, sizeof content, KITH_E_SYNTAX);
    }
}

static void assert_relay(kith_slice relay, kith_status expected)
{
    uint8_t content[CONTENT_MAX] = {1};
    assert_in_range(relay.length, 1, sizeof content - CONTENT_FLAGS - 1);
    memcpy(content + CONTENT_FLAGS + 1, relay.data, relay.length);
    assert_content(content, CONTENT_FLAGS + 1 + relay.length, expected);
}

static void test_invite_parse__takes_addresses_only(void **state)
{
    (void)state;
    static const kith_slice wrong[] = {
        BYTES("ftp://relay"),    BYTES("relay"),        BYTES("https://"),
        BYTES("http://"),        BYTES("https:/relay"), BYTES("HTTPS://relay"),
        BYTES("https://a b"),    BYTES("https://a\n"),  BYTES("https://\x1b[2J"),
        BYTES("https://a\0b"),   BYTES("https://\x7f"), BYTES("https://\xc3\xa9"),
        BYTES(" https://relay"),
    };
    uint8_t longest[KITH_RELAY_URL_BYTES_MAX + 1];
    memset(longest, 'r', sizeof longest);
    memcpy(longest, "https://", 8);
    assert_relay(kith_slice_make(longest, sizeof longest - 1), KITH_OK);
    assert_relay(kith_slice_make(longest, sizeof longest), KITH_E_SYNTAX);
    assert_relay(KITH_SLICE("http://r"), KITH_OK);
    assert_relay(KITH_SLICE("http://!~"), KITH_OK);
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(wrong); i++) {
        assert_relay(wrong[i], KITH_E_SYNTAX);
    }
}

static void test_invite_seed__follows_the_specification(void **state)
{
    (void)state;
    static const uint8_t expected[KITH_SEED_BYTES] = {
        0x88, 0x00, 0xe6, 0x1d, 0x4e, 0x0a, 0x16, 0x1c, 0xf7, 0xf0, 0x0e,
        0x9c, 0x2c, 0x17, 0x65, 0x35, 0xd6, 0xcf, 0x3c, 0x2e, 0x16, 0xd7,
        0xb1, 0x35, 0xf2, 0xcd, 0xa7, 0xc7, 0xde, 0xbe, 0x26, 0xf7};
    kith_invite invite = example(false, "");
    uint8_t seed[KITH_SEED_BYTES];
    kith_invite_seed(invite.secret, seed);
    assert_memory_equal(seed, expected, sizeof seed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_invite_format__follows_the_specification),
        cmocka_unit_test(test_invite_parse__reads_what_was_written),
        cmocka_unit_test(test_invite_parse__does_not_mind_blanks_around),
        cmocka_unit_test(test_invite__has_room_for_the_longest_address),
        cmocka_unit_test(test_invite_parse__refuses_any_other_letter),
        cmocka_unit_test(test_invite_parse__refuses_text_cut_short),
        cmocka_unit_test(test_invite_parse__refuses_what_is_none),
        cmocka_unit_test(test_invite_parse__knows_one_version),
        cmocka_unit_test(test_invite_parse__needs_every_part),
        cmocka_unit_test(test_invite_parse__takes_addresses_only),
        cmocka_unit_test(test_invite_seed__follows_the_specification),
    };
    return cmocka_run_group_tests_name("space/invite", tests, ready_crypto, NULL);
}
