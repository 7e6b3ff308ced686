/* SPDX-License-Identifier: Apache-2.0 */
#include "base/reader.h"

#include "base/writer.h"

void kith_reader_spoil(kith_reader *reader)
{
    reader->failed = true;
    reader->at = reader->end;
}

uint8_t kith_read_u8(kith_reader *reader)
{
    if (kith_reader_left(reader) == 0) {
        kith_reader_spoil(reader);
        return 0;
    }
    return *reader->at++;
}

uint64_t kith_read_varint(kith_reader *reader)
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        if (kith_reader_left(reader) == 0) {
            break;
        }
        uint8_t byte = *reader->at++;
        if (shift == 63 && byte > 1) {
            break; /* past 64 bits */
        }
        value |= (uint64_t)(byte & 0x7f) << shift;
        if ((byte & 0x80) == 0) {
            if (byte == 0 && shift > 0) {
                break; /* not the shortest form */
            }
            return value;
        }
    }
    kith_reader_spoil(reader);
    return 0;
}

uint64_t kith_read_varint_max(kith_reader *reader, uint64_t max)
{
    uint64_t value = kith_read_varint(reader);
    if (value > max) {
        kith_reader_spoil(reader);
        return 0;
    }
    return value;
}

size_t kith_read_count(kith_reader *reader, size_t item_bytes)
{
    uint64_t count = kith_read_varint(reader);
    if (count > kith_reader_left(reader) / item_bytes) {
        kith_reader_spoil(reader);
        return 0;
    }
    return (size_t)count;
}

int64_t kith_read_zigzag(kith_reader *reader)
{
    return kith_unzigzag(kith_read_varint(reader));
}

kith_slice kith_read_bytes(kith_reader *reader, size_t length)
{
    if (length > kith_reader_left(reader)) {
        kith_reader_spoil(reader);
        return (kith_slice){NULL, 0};
    }
    kith_slice bytes = {reader->at, length};
    if (length > 0) {
        reader->at += length;
    }
    return bytes;
}

void kith_read_into(kith_reader *reader, void *out, size_t length)
{
    kith_slice bytes = kith_read_bytes(reader, length);
    if (bytes.length == length && length > 0) {
        memcpy(out, bytes.data, length);
    }
}

kith_slice kith_read_slice(kith_reader *reader)
{
    uint64_t length = kith_read_varint(reader);
    if (length > kith_reader_left(reader)) {
        kith_reader_spoil(reader);
        return (kith_slice){NULL, 0};
    }
    return kith_read_bytes(reader, (size_t)length);
}
