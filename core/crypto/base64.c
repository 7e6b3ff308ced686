/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/base64.h"

#include <sodium.h>

#include "base/status.h"

enum { FORM = sodium_base64_VARIANT_URLSAFE_NO_PADDING };

void kith_base64_write(kith_slice bytes, char *text, size_t size)
{
    KITH_ASSERT(size >= KITH_BASE64_SIZE(bytes.length));
    (void)sodium_bin2base64(text, size, bytes.data, bytes.length, FORM);
}

/* Where char is signed, libsodium 1.0.18 takes every byte above 127 for a letter. */
static bool is_ascii(kith_slice text)
{
    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] >= 0x80) {
            return false;
        }
    }
    return true;
}

bool kith_base64_read(kith_slice text, uint8_t *bytes, size_t capacity, size_t *length_out)
{
    const char *end = NULL;
    *length_out = 0;
    if (!is_ascii(text)) {
        return false;
    }
    int code = sodium_base642bin(bytes, capacity, (const char *)text.data, text.length, NULL,
                                 length_out, &end, FORM);
    bool is_whole = code == 0 && end == (const char *)text.data + text.length;
    *length_out = is_whole ? *length_out : 0;
    return is_whole;
}
