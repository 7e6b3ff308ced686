/* What bundles have beyond the frames of sync: their first bytes, and the frames that say whose a
 * part is, what the writer holds, and that the file is whole (proto/spec/bundle.md §1).
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_WIRE_BUNDLE_H
#define KITH_WIRE_BUNDLE_H

#include "wire/frame.h"

enum { KITH_BUNDLE_MAGIC_BYTES = 8 };

/** Writes the first bytes of a bundle. */
void kith_bundle_write_magic(kith_buf *out);

/** Judges the first bytes. KITH_OK; KITH_E_NEWER for a later version; KITH_E_SYNTAX if it is no
 *  bundle. */
KITH_MUST_USE kith_status kith_bundle_read_magic(kith_context *cx,
                                                 const uint8_t bytes[KITH_BUNDLE_MAGIC_BYTES]);

void kith_frame_write_carry(kith_buf *out, kith_space_id space);
bool kith_frame_read_carry(kith_slice payload, kith_space_id *space_out);

/** How far a device's log of an author goes. */
typedef struct kith_held_head {
    kith_author_id author;
    uint64_t number;
    uint8_t header[KITH_HASH_BYTES];
} kith_held_head;

typedef struct kith_holds_frame {
    uint8_t device[KITH_KEY_BYTES];
    kith_slice heads; /* as kith_holds_next() reads them */
} kith_holds_frame;

/** Writes what the device of a seed holds, signed. At most KITH_HOLDS_MAX heads are told. */
void kith_frame_write_holds(kith_buf *out, kith_space_id space, const uint8_t seed[KITH_SEED_BYTES],
                            const kith_held_head *heads, size_t count);

/** False if it is not exactly one, or not signed by its device for the space. */
bool kith_frame_read_holds(kith_slice payload, kith_space_id space, kith_holds_frame *holds_out);

/** How many heads a list has, and the next of them. The list comes from a frame that was read, or
 *  must be checked with kith_holds_are_sound(). */
size_t kith_holds_begin(kith_slice heads, kith_reader *reader_out);
kith_held_head kith_holds_next(kith_reader *reader);
bool kith_holds_are_sound(kith_slice heads);

/** What a whole bundle comes to. */
typedef struct kith_sum_frame {
    uint64_t part_count;
    uint64_t entry_count;
    uint64_t segment_count;
    uint8_t hash[KITH_HASH_BYTES];
} kith_sum_frame;

/** For the hash over a bundle: kith_hash_begin() with this. */
extern const char kith_bundle_purpose[];

void kith_frame_write_sum(kith_buf *out, const kith_sum_frame *sum);
bool kith_frame_read_sum(kith_slice payload, kith_sum_frame *sum_out);

#endif
