/* Reading cursor over bytes from outside. Failure sticks: after the first bad read everything reads
 * as zero or empty, so that a run of reads needs one check, and a loop over a count that came from
 * outside must check in its condition. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_BASE_READER_H
#define KITH_BASE_READER_H

#include "base/slice.h"

typedef struct kith_reader {
    const uint8_t *at;
    const uint8_t *end;
    bool failed;
} kith_reader;

static inline kith_reader kith_reader_of(kith_slice slice)
{
    return (kith_reader){slice.data, slice.data == NULL ? NULL : slice.data + slice.length, false};
}

/** Bytes not read yet. */
static inline size_t kith_reader_left(const kith_reader *reader)
{
    return reader->at == reader->end ? 0 : (size_t)(reader->end - reader->at);
}

/** True if every read so far fitted and nothing is left over. */
static inline bool kith_reader_finished(const kith_reader *reader)
{
    return !reader->failed && reader->at == reader->end;
}

/** Marks the input as bad and reads nothing more of it. */
void kith_reader_spoil(kith_reader *reader);

uint8_t kith_read_u8(kith_reader *reader);

/** An unsigned LEB128 number in its shortest form; a longer form is bad, so that a value has one
 *  encoding. */
uint64_t kith_read_varint(kith_reader *reader);

/** A varint that must not pass `max`. */
uint64_t kith_read_varint_max(kith_reader *reader, uint64_t max);

/** How many items follow, each at least `item_bytes` long: bad if they could not fit, so that no
 *  memory is promised for what is not there. */
size_t kith_read_count(kith_reader *reader, size_t item_bytes);

int64_t kith_read_zigzag(kith_reader *reader);

/** The next `length` bytes, borrowed from the input. */
kith_slice kith_read_bytes(kith_reader *reader, size_t length);

/** Copies the next `length` bytes; what lacks leaves `out` as it is. */
void kith_read_into(kith_reader *reader, void *out, size_t length);

/** A length as a varint, then so many bytes, borrowed from the input. */
kith_slice kith_read_slice(kith_reader *reader);

#endif
