/* SPDX-License-Identifier: Apache-2.0 */
#include "segment/header.h"

#include "base/limits.h"
#include "base/reader.h"

enum { VERSION = 1, SIGNED_BYTES = KITH_HEADER_BYTES - KITH_SIGNATURE_BYTES };

static const char signed_purpose[] = "kith segment";

static uint8_t *put(uint8_t *at, const void *bytes, size_t length)
{
    memcpy(at, bytes, length);
    return at + length;
}

static uint8_t *put_number(uint8_t *at, uint64_t number, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        at[i] = (uint8_t)(number >> (8 * (length - 1 - i)));
    }
    return at + length;
}

void kith_header_write_bound(const kith_segment_header *header,
                             uint8_t bytes[KITH_HEADER_BOUND_BYTES])
{
    uint8_t *at = put_number(bytes, VERSION, 1);
    at = put(at, header->space.bytes, sizeof header->space.bytes);
    at = put(at, header->sign, sizeof header->sign);
    at = put(at, header->incarnation, sizeof header->incarnation);
    at = put_number(at, header->number, 6);
    at = put_number(at, header->epoch, 4);
    at = put(at, header->previous, sizeof header->previous);
    at = put(at, header->seen, sizeof header->seen);
    KITH_ASSERT(at == bytes + KITH_HEADER_BOUND_BYTES);
}

void kith_header_sign(const kith_segment_header *header, const uint8_t seed[KITH_SEED_BYTES],
                      uint8_t bytes[KITH_HEADER_BYTES])
{
    kith_header_write_bound(header, bytes);
    (void)put(bytes + KITH_HEADER_BOUND_BYTES, header->body, sizeof header->body);
    kith_device_sign(seed, signed_purpose, kith_slice_make(bytes, SIGNED_BYTES),
                     bytes + SIGNED_BYTES);
}

static uint64_t read_number(kith_reader *reader, size_t length)
{
    uint64_t number = 0;
    for (size_t i = 0; i < length; i++) {
        number = number << 8 | kith_read_u8(reader);
    }
    return number;
}

kith_status kith_header_read(kith_context *cx, kith_slice bytes, kith_segment_header *header_out)
{
    kith_segment_header header = {0};
    *header_out = header;
    KITH_ENSURE(bytes.length > 0 && bytes.data[0] <= VERSION,
                kith_fail(cx, bytes.length > 0 ? KITH_E_NEWER : KITH_E_DAMAGED,
                          "a segment has a version that is not known here"));
    KITH_ENSURE(bytes.length == KITH_HEADER_BYTES && bytes.data[0] == VERSION,
                kith_fail(cx, KITH_E_DAMAGED, "a segment's header is damaged"));
    kith_reader reader = kith_reader_of(kith_slice_skip(bytes, 1));
    kith_read_into(&reader, header.space.bytes, sizeof header.space.bytes);
    kith_read_into(&reader, header.sign, sizeof header.sign);
    kith_read_into(&reader, header.incarnation, sizeof header.incarnation);
    header.number = read_number(&reader, 6);
    header.epoch = (uint32_t)read_number(&reader, 4);
    kith_read_into(&reader, header.previous, sizeof header.previous);
    kith_read_into(&reader, header.seen, sizeof header.seen);
    kith_read_into(&reader, header.body, sizeof header.body);
    KITH_ENSURE(header.number > 0 && header.number <= KITH_NUMBER_MAX && header.epoch > 0,
                kith_fail(cx, KITH_E_DAMAGED, "a segment's header is damaged"));
    KITH_ENSURE(kith_signature_is_good(header.sign, signed_purpose,
                                       kith_slice_head(bytes, SIGNED_BYTES),
                                       bytes.data + SIGNED_BYTES),
                kith_fail(cx, KITH_E_DAMAGED, "a segment's signature is not its device's"));
    *header_out = header;
    return KITH_OK;
}

kith_author_id kith_header_author(const kith_segment_header *header)
{
    return kith_author_derive(header->sign, header->incarnation);
}

void kith_header_hash(kith_slice header_bytes, uint8_t hash[KITH_HASH_BYTES])
{
    kith_hash("kith header", header_bytes, hash);
}

void kith_body_hash(kith_slice sealed, uint8_t hash[KITH_HASH_BYTES])
{
    kith_hash("kith body", sealed, hash);
}
