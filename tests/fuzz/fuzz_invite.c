/* An invite as a person hands it over. What can be read is written again to the same letters; so
 * that more can be read, the input is also taken as what stands before the hash.
 * SPDX-License-Identifier: Apache-2.0 */
#include "crypto/base64.h"
#include "fuzz.h"
#include "space/invite.h"

enum { CONTENT_MAX = 300, HASH_BYTES = 4 };

static void read_text(kith_context *cx, kith_slice text)
{
    kith_invite invite;
    char again[KITH_INVITE_TEXT_SIZE];
    kith_status status = kith_invite_parse(cx, text, &invite);
    FUZZ_ENSURE(status == KITH_OK || status == KITH_E_SYNTAX || status == KITH_E_NEWER);
    if (status == KITH_OK) {
        kith_invite_format(&invite, again);
        FUZZ_ENSURE(kith_slice_is(kith_slice_trim(text), again));
    }
}

static void read_letters(kith_slice text)
{
    uint8_t bytes[CONTENT_MAX];
    char again[KITH_BASE64_SIZE(sizeof bytes)];
    size_t length = 0;
    if (kith_base64_read(text, bytes, sizeof bytes, &length)) {
        kith_base64_write(kith_slice_make(bytes, length), again, sizeof again);
        FUZZ_ENSURE(kith_slice_is(text, again));
    }
}

static void read_content(kith_context *cx, kith_slice content)
{
    uint8_t bytes[CONTENT_MAX + HASH_BYTES];
    uint8_t hash[KITH_HASH_BYTES];
    char text[5 + KITH_BASE64_SIZE(sizeof bytes)] = "kith:";
    content = kith_slice_head(content, CONTENT_MAX);
    kith_hash("kith invite text", content, hash);
    if (content.length > 0) {
        memcpy(bytes, content.data, content.length);
    }
    memcpy(bytes + content.length, hash, HASH_BYTES);
    kith_base64_write(kith_slice_make(bytes, content.length + HASH_BYTES), text + 5,
                      sizeof text - 5);
    read_text(cx, kith_slice_of(text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static kith_context cx;
    kith_slice bytes = {data, size};
    FUZZ_ENSURE(kith_context_init(&cx, NULL) == KITH_OK && kith_crypto_init(&cx) == KITH_OK);
    read_text(&cx, bytes);
    read_letters(bytes);
    read_content(&cx, bytes);
    return 0;
}
