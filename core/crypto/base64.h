/* base64url (RFC 4648 §5), without padding. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_CRYPTO_BASE64_H
#define KITH_CRYPTO_BASE64_H

#include "base/slice.h"

/** Letters for so many bytes, with the terminator. */
#define KITH_BASE64_SIZE(bytes) (((bytes)*4 + 2) / 3 + 1)

/** Writes bytes as text, NUL-terminated; `size` is at least KITH_BASE64_SIZE(bytes.length). */
void kith_base64_write(kith_slice bytes, char *text, size_t size);

/** Reads text; false unless it is just the letters of at most `capacity` bytes. */
bool kith_base64_read(kith_slice text, uint8_t *bytes, size_t capacity, size_t *length_out);

#endif
