/* One typed value, as it is merged and stored: a tag and canonical bytes, so that equal values are
 * equal bytes and unknown types pass through untouched. proto/spec/encoding.md gives the bytes of
 * each type. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_VALUE_VALUE_H
#define KITH_VALUE_VALUE_H

#include <kith/schema.h>

#include "base/arena.h"
#include "base/reader.h"
#include "base/writer.h"

/* Nothing: what a cleared field holds. Real types start at 1. */
enum { KITH_TYPE_NONE = 0, KITH_TYPE_MAX = 127 };

typedef struct kith_value {
    uint8_t type; /* KITH_TYPE_… or one that a newer version knows */
    kith_slice bytes;
} kith_value;

int kith_value_compare(kith_value a, kith_value b);

static inline bool kith_value_equal(kith_value a, kith_value b)
{
    return a.type == b.type && kith_slice_equal(a.bytes, b.bytes);
}

/** Appends a value: type and length as one varint (length << 7 | type would cost two bytes for
 *  short texts, so: length << 4 | type for types below 15; type 15 announces a varint of its own),
 *  then the bytes. */
void kith_value_write(kith_buf *buf, kith_value value);

/** Reads a value and checks that a known type's bytes are in canonical form. */
kith_value kith_value_read(kith_reader *reader);

/** True if the bytes are the one canonical form of some value of the type, or the type is unknown.
 */
bool kith_value_is_canonical(kith_value value);

/** Reads the text form of a type.
 *
 *  @param arena    holds the bytes of the value
 *  @param why_out  on KITH_E_REFUSED what is wrong with the text, static; else NULL
 *  @return KITH_OK; KITH_E_REFUSED if the text is no such value; KITH_E_MEMORY */
KITH_MUST_USE kith_status kith_value_parse(int32_t type, kith_slice text, kith_arena *arena,
                                           kith_value *value_out, const char **why_out);

/** Appends a value's text form; "type-99:<hexadecimal>" for a type of a newer version. */
void kith_value_format(kith_value value, kith_buf *out);

/* Values of types whose content the core looks into. Each needs a canonical value of the type. */
int64_t kith_value_integer(kith_value value);
bool kith_value_is_yes(kith_value value);
kith_id kith_value_id(kith_value value);

/** Makes a reference. */
KITH_MUST_USE kith_status kith_value_of_id(kith_id id, kith_arena *arena, kith_value *value_out);

/** Makes a number. */
KITH_MUST_USE kith_status kith_value_of_integer(int64_t number, kith_arena *arena,
                                                kith_value *value_out);

/** Makes a text or code; the bytes are borrowed. */
kith_value kith_value_of_text(uint8_t type, kith_slice text);

#endif
