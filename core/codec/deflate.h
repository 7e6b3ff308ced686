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

/** Appends the bytes as a raw deflate stream (RFC 1951), by the strategy that makes it smallest.
 *
 *  @param dictionary    preset, known to the reader; may be empty; at most 32 KiB
 *  @param deflated_out  false if no strategy makes it smaller than it is: then nothing is appended
 */
KITH_MUST_USE kith_status kith_deflate_smallest(kith_context *cx, kith_slice bytes,
                                                kith_slice dictionary, kith_buf *out,
                                                bool *deflated_out);

/** Appends what such a stream holds, which must be exactly `length` bytes and end with the stream.
 *
 *  @return KITH_OK; KITH_E_DAMAGED or KITH_E_LIMIT if it holds less or more, or is no such stream;
 *          `out` then holds what was there before */
KITH_MUST_USE kith_status kith_inflate_exact(kith_context *cx, kith_slice stream,
                                             kith_slice dictionary, size_t length, kith_buf *out);

#endif
