/* SPDX-License-Identifier: Apache-2.0 */
#include "base/writer.h"

enum { VARINT_BYTES_MAX = 10 };

/* True if so many bytes can be written without growing: the usual case, and the reason why numbers
 * are written in place instead of being appended as bytes. */
static bool has_room(const kith_buf *buf, size_t length)
{
    return KITH_LIKELY(buf->status == KITH_OK && buf->capacity - buf->length >= length);
}

void kith_write_u8(kith_buf *buf, uint8_t value)
{
    if (has_room(buf, 1)) {
        buf->data[buf->length++] = value;
    } else {
        kith_buf_append(buf, &value, 1);
    }
}

void kith_write_varint(kith_buf *buf, uint64_t value)
{
    uint8_t bytes[VARINT_BYTES_MAX];
    bool in_place = has_room(buf, VARINT_BYTES_MAX);
    uint8_t *start = in_place ? buf->data + buf->length : bytes;
    uint8_t *at = start;
    while (value >= 0x80) {
        *at++ = (uint8_t)(value | 0x80);
        value >>= 7;
    }
    *at++ = (uint8_t)value;
    if (in_place) {
        buf->length += (size_t)(at - start);
    } else {
        kith_buf_append(buf, bytes, (size_t)(at - start));
    }
}

void kith_write_zigzag(kith_buf *buf, int64_t value)
{
    kith_write_varint(buf, kith_zigzag(value));
}

void kith_write_slice(kith_buf *buf, kith_slice slice)
{
    kith_write_varint(buf, slice.length);
    kith_buf_append_slice(buf, slice);
}

size_t kith_varint_bytes(uint64_t value)
{
    size_t length = 1;
    while (value >= 0x80) {
        value >>= 7;
        length++;
    }
    return length;
}
