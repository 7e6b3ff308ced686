/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/bundle.h"

#include "base/limits.h"
#include "base/writer.h"

const char kith_bundle_purpose[] = "kith bundle";

static const char magic[] = "KITHBDL1";
static const char holds_purpose[] = "kith holds";

enum { HEAD_BYTES_MIN = KITH_AUTHOR_BYTES + 1 + KITH_HASH_BYTES };

_Static_assert(KITH_HOLDS_MAX *(KITH_AUTHOR_BYTES + 6 + KITH_HASH_BYTES) + KITH_KEY_BYTES +
                       KITH_SIGNATURE_BYTES + 8 <
                   KITH_FRAME_BYTES_MAX,
               "a frame holds all heads that are told");

void kith_bundle_write_magic(kith_buf *out)
{
    kith_buf_append(out, magic, KITH_BUNDLE_MAGIC_BYTES);
}

kith_status kith_bundle_read_magic(kith_context *cx, const uint8_t bytes[KITH_BUNDLE_MAGIC_BYTES])
{
    uint8_t version = bytes[KITH_BUNDLE_MAGIC_BYTES - 1];
    KITH_ENSURE(memcmp(bytes, magic, KITH_BUNDLE_MAGIC_BYTES - 1) == 0,
                kith_fail(cx, KITH_E_SYNTAX, "this is no bundle"));
    KITH_ENSURE(version <= '1', kith_fail(cx, KITH_E_NEWER, "the bundle is of a later version"));
    KITH_ENSURE(version == '1', kith_fail(cx, KITH_E_SYNTAX, "this is no bundle"));
    return KITH_OK;
}

void kith_frame_write_carry(kith_buf *out, kith_space_id space)
{
    kith_frame_write(out, KITH_FRAME_CARRY, kith_slice_make(space.bytes, sizeof space.bytes));
}

bool kith_frame_read_carry(kith_slice payload, kith_space_id *space_out)
{
    kith_reader reader = kith_reader_of(payload);
    kith_read_into(&reader, space_out->bytes, sizeof space_out->bytes);
    return kith_reader_finished(&reader);
}

/* What a device signs: the hash of the space and of what the frame says. */
static void hash_held(kith_space_id space, kith_slice text, uint8_t hash[KITH_HASH_BYTES])
{
    kith_hasher hasher;
    kith_hash_begin(&hasher, "kith held");
    kith_hash_add(&hasher, kith_slice_make(space.bytes, sizeof space.bytes));
    kith_hash_add(&hasher, text);
    kith_hash_end(&hasher, hash);
}

static void write_held(kith_buf *out, const uint8_t *sign, const kith_held_head *heads,
                       size_t count)
{
    kith_buf_append(out, sign, KITH_KEY_BYTES);
    kith_write_varint(out, count);
    for (size_t i = 0; i < count; i++) {
        kith_buf_append(out, heads[i].author.bytes, sizeof heads[i].author.bytes);
        kith_write_varint(out, heads[i].number);
        kith_buf_append(out, heads[i].header, sizeof heads[i].header);
    }
}

void kith_frame_write_holds(kith_buf *out, kith_space_id space, const uint8_t seed[KITH_SEED_BYTES],
                            const kith_held_head *heads, size_t count)
{
    kith_buf text;
    kith_device_keys keys;
    uint8_t hash[KITH_HASH_BYTES];
    uint8_t signature[KITH_SIGNATURE_BYTES];
    kith_device_keys_derive(seed, &keys);
    kith_buf_init(&text, out->cx, KITH_FRAME_BYTES_MAX);
    write_held(&text, keys.sign, heads, count < KITH_HOLDS_MAX ? count : KITH_HOLDS_MAX);
    hash_held(space, kith_buf_slice(&text), hash);
    kith_device_sign(seed, holds_purpose, kith_slice_make(hash, sizeof hash), signature);
    kith_buf_append(&text, signature, sizeof signature);
    if (kith_buf_status(&text) == KITH_OK) {
        kith_frame_write(out, KITH_FRAME_HOLDS, kith_buf_slice(&text));
    } else {
        kith_buf_spoil(out, kith_buf_status(&text));
    }
    kith_buf_deinit(&text);
}

size_t kith_holds_begin(kith_slice heads, kith_reader *reader_out)
{
    *reader_out = kith_reader_of(heads);
    return kith_read_count(reader_out, HEAD_BYTES_MIN);
}

kith_held_head kith_holds_next(kith_reader *reader)
{
    kith_held_head head = {.number = 0};
    kith_read_into(reader, head.author.bytes, sizeof head.author.bytes);
    head.number = kith_read_varint_max(reader, KITH_NUMBER_MAX);
    kith_read_into(reader, head.header, sizeof head.header);
    return head;
}

bool kith_holds_are_sound(kith_slice heads)
{
    kith_reader reader;
    size_t count = kith_holds_begin(heads, &reader);
    for (size_t i = 0; i < count && !reader.failed; i++) {
        (void)kith_holds_next(&reader);
    }
    return kith_reader_finished(&reader) && count <= KITH_HOLDS_MAX;
}

bool kith_frame_read_holds(kith_slice payload, kith_space_id space, kith_holds_frame *holds_out)
{
    uint8_t hash[KITH_HASH_BYTES];
    *holds_out = (kith_holds_frame){.heads = {NULL, 0}};
    if (payload.length < KITH_KEY_BYTES + 1 + KITH_SIGNATURE_BYTES) {
        return false;
    }
    kith_slice text = kith_slice_head(payload, payload.length - KITH_SIGNATURE_BYTES);
    memcpy(holds_out->device, text.data, KITH_KEY_BYTES);
    holds_out->heads = kith_slice_skip(text, KITH_KEY_BYTES);
    hash_held(space, text, hash);
    return kith_holds_are_sound(holds_out->heads) &&
           kith_signature_is_good(holds_out->device, holds_purpose,
                                  kith_slice_make(hash, sizeof hash), payload.data + text.length);
}

static void write_sum(kith_buf *out, const kith_sum_frame *sum)
{
    kith_write_varint(out, sum->part_count);
    kith_write_varint(out, sum->entry_count);
    kith_write_varint(out, sum->segment_count);
    kith_buf_append(out, sum->hash, sizeof sum->hash);
}

void kith_frame_write_sum(kith_buf *out, const kith_sum_frame *sum)
{
    kith_buf payload;
    kith_buf_init(&payload, out->cx, 3 * 10 + KITH_HASH_BYTES);
    write_sum(&payload, sum);
    if (kith_buf_status(&payload) == KITH_OK) {
        kith_frame_write(out, KITH_FRAME_SUM, kith_buf_slice(&payload));
    } else {
        kith_buf_spoil(out, kith_buf_status(&payload));
    }
    kith_buf_deinit(&payload);
}

bool kith_frame_read_sum(kith_slice payload, kith_sum_frame *sum_out)
{
    kith_reader reader = kith_reader_of(payload);
    *sum_out = (kith_sum_frame){.part_count = kith_read_varint(&reader)};
    sum_out->entry_count = kith_read_varint(&reader);
    sum_out->segment_count = kith_read_varint(&reader);
    kith_read_into(&reader, sum_out->hash, sizeof sum_out->hash);
    return kith_reader_finished(&reader);
}
