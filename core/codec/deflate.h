/* Bounded deflate. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_CODEC_DEFLATE_H
#define KITH_CODEC_DEFLATE_H

#include "base/buf.h"

/** Most bytes that go in or come out in one call: zlib counts in 32 bits, and nothing of ours comes
 *  near it. */
#define KITH_DEFLATE_BYTES_MAX ((size_t)64 * 1024 * 1024)

/** Appends the bytes as a zlib stream (RFC 1950), at the level that is worth its time on a phone.
 */
KITH_MUST_USE kith_status kith_deflate(kith_context *cx, kith_slice bytes, kith_buf *out);

/** Appends what a zlib stream holds, which must end exactly at its end.
 *
 *  @param max_bytes  the most that may come out; there is no way to leave it away
 *  @return KITH_OK; KITH_E_LIMIT past `max_bytes`; KITH_E_DAMAGED if it is no sound zlib stream;
 *          `out` then holds what was there before */
KITH_MUST_USE kith_status kith_inflate(kith_context *cx, kith_slice stream, size_t max_bytes,
                                       kith_buf *out);

#endif
