/* Writing cursor: the encodings of proto/spec/encoding.md onto the end of a buffer. Failure sticks
 * to the buffer. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_BASE_WRITER_H
#define KITH_BASE_WRITER_H

#include "base/buf.h"

/** One byte. */
void kith_write_u8(kith_buf *buf, uint8_t value);

/** Unsigned LEB128: seven bits a byte, least first, the top bit set on all but the last. */
void kith_write_varint(kith_buf *buf, uint64_t value);

/** A signed number folded onto the unsigned ones (0, -1, 1, -2 … as 0, 1, 2, 3 …), as a varint. */
void kith_write_zigzag(kith_buf *buf, int64_t value);

/** A length as a varint, then the bytes. */
void kith_write_slice(kith_buf *buf, kith_slice slice);

/** How many bytes kith_write_varint() takes for a value, 1 to 10. */
size_t kith_varint_bytes(uint64_t value);

static inline uint64_t kith_zigzag(int64_t value)
{
    return ((uint64_t)value << 1) ^ (value < 0 ? UINT64_MAX : 0);
}

static inline int64_t kith_unzigzag(uint64_t value)
{
    return (int64_t)((value >> 1) ^ ((value & 1) != 0 ? UINT64_MAX : 0));
}

#endif
