/* Makes proto/vectors/bundle.json, or with a file's name checks that it holds just what is made
 * today. Each bundle is read by a device that is no member of its space, so that what counts can be
 * told without keys; tools/gen/bundle.py reads the same file without any code of ours.
 * SPDX-License-Identifier: Apache-2.0 */
#include "vectors.h"

#include "base/limits.h"
#include "base/writer.h"
#include "bundles.h"
#include "charters.h"
#include "segment/header.h"
#include "wire/bundle.h"

enum { BODY_BYTES = 48, BYTES_MAX = 1 << 20, PIECE = 333 };

static kith_context cx;
static test_random chance; /* vectors are the same each time they are made */
static kith_buf *text;     /* the file */
static kith_buf bundle;    /* being made */
static charters_space space;
static kith_sum_frame sum; /* of what was put into it */
static uint8_t last_headers[CHARTERS_DEVICES][KITH_HASH_BYTES];

static void begin_bundle(void)
{
    kith_buf_clear(&bundle);
    kith_bundle_write_magic(&bundle);
    sum = (kith_sum_frame){0};
    memset(last_headers, 0, sizeof last_headers);
}

static void put_carry(void)
{
    sum.part_count++;
    kith_frame_write_carry(&bundle, space.charter.space);
}

static void put_entries(uint32_t first, uint32_t last)
{
    for (uint32_t number = first; number <= last; number++) {
        sum.entry_count++;
        kith_frame_write(&bundle, KITH_FRAME_ENTRY, charters_entry(&space, number));
    }
}

/* A segment whose body is no body: who is not a member cannot tell. */
static void put_segment(charters_device by, uint64_t number)
{
    uint8_t seed[KITH_SEED_BYTES];
    uint8_t header_bytes[KITH_HEADER_BYTES];
    uint8_t segment[KITH_HEADER_BYTES + BODY_BYTES];
    uint8_t *body = segment + KITH_HEADER_BYTES;
    const kith_device_keys keys = charters_keys(by);
    kith_segment_header header = {.space = space.charter.space, .number = number, .epoch = 1};
    charters_seed(by, seed);
    memcpy(header.sign, keys.sign, sizeof header.sign);
    memset(header.incarnation, 'i', sizeof header.incarnation);
    memcpy(header.previous, last_headers[by], sizeof header.previous);
    memset(body, (int)('0' + number), BODY_BYTES);
    kith_body_hash(kith_slice_make(body, BODY_BYTES), header.body);
    kith_header_sign(&header, seed, header_bytes);
    kith_header_hash(kith_slice_make(header_bytes, sizeof header_bytes), last_headers[by]);
    memcpy(segment, header_bytes, sizeof header_bytes);
    sum.segment_count++;
    kith_frame_write(&bundle, KITH_FRAME_SEGMENT, kith_slice_make(segment, sizeof segment));
}

static void put_holds(charters_device by, uint64_t number)
{
    uint8_t seed[KITH_SEED_BYTES];
    uint8_t incarnation[KITH_INCARNATION_BYTES];
    const kith_device_keys keys = charters_keys(by);
    kith_held_head head = {.number = number};
    charters_seed(by, seed);
    memset(incarnation, 'i', sizeof incarnation);
    head.author = kith_author_derive(keys.sign, incarnation);
    memset(head.header, 'h', sizeof head.header);
    kith_frame_write_holds(&bundle, space.charter.space, seed, &head, 1);
}

static void put_sum(void)
{
    kith_hash(kith_bundle_purpose, kith_buf_slice(&bundle), sum.hash);
    kith_frame_write_sum(&bundle, &sum);
}

/* Reads the bundle as a stranger does, and writes down what comes of it. */
static void put_case(const char *name)
{
    test_device stranger;
    kith_bundle_taken taken;
    device_init(&stranger);
    kith_status status = bundle_read(&stranger, kith_buf_slice(&bundle), PIECE, &taken);
    device_close(&stranger);
    kith_json_writer json = vectors_begin_item(text);
    kith_json_put_text(&json, "name", kith_slice_of(name));
    kith_json_put_text(&json, "status", kith_slice_of(kith_status_name(status)));
    if (taken.is_damaged != 0) {
        kith_json_put_integer(&json, "damaged_at", (int64_t)taken.damaged_at);
    }
    kith_json_put_integer(&json, "kept", (int64_t)taken.carried_count);
    kith_json_put_integer(&json, "refused", (int64_t)taken.refused_count);
    vectors_put_hex(&json, "bundle", bundle.data, bundle.length);
    vectors_end_item(&json, text);
}

/* A whole bundle but for its sum. */
static void put_whole(void)
{
    begin_bundle();
    put_carry();
    put_entries(1, CHARTERS_STORY_ENTRIES);
    put_holds(ASHA, 2);
    put_segment(ASHA, 1);
    put_segment(ASHA, 2);
    put_segment(BEN, 1);
}

static void put_whole_cases(void)
{
    put_whole();
    put_sum();
    put_case("a whole bundle");
    begin_bundle();
    put_sum();
    put_case("a bundle of nothing");
    put_whole();
    put_carry();
    put_entries(1, 4);
    put_segment(DEVI, 1);
    put_sum();
    put_case("a space that is carried twice, the second time with less of its charter");
    begin_bundle();
    put_carry();
    put_entries(1, 4);
    put_segment(CHITRA, 1);
    put_sum();
    put_case("a segment of one who was not revoked yet");
    put_whole();
    put_segment(CHITRA, 1);
    put_segment(ELA, 1);
    put_sum();
    put_case("segments of one who was revoked, and of a stranger");
}

static void put_cut_cases(void)
{
    put_whole();
    bundle.length -= 10;
    put_case("a bundle that ends in a segment");
    put_whole();
    put_case("a bundle without its end");
    put_whole();
    put_sum();
    bundle.length--;
    put_case("a bundle that ends in its sum");
    put_whole();
    put_sum();
    kith_frame_write_carry(&bundle, space.charter.space);
    put_case("a frame behind the sum");
    put_whole();
    put_sum();
    bundle.length = KITH_BUNDLE_MAGIC_BYTES - 1;
    put_case("a magic that is cut short");
}

static void put_changed_cases(void)
{
    put_whole();
    bundle.data[bundle.length - 1] ^= 1;
    put_sum();
    put_case("a segment with another body");
    put_whole();
    bundle.data[bundle.length - BODY_BYTES - 1] ^= 1;
    put_segment(ASHA, 3);
    put_sum();
    put_case("a segment with another signature, and one behind it");
    put_whole();
    sum.segment_count++;
    put_sum();
    put_case("a sum that counts more");
    put_whole();
    put_sum();
    bundle.data[bundle.length - 1] ^= 1;
    put_case("a sum of other bytes");
    put_whole();
    put_sum();
    bundle.data[KITH_BUNDLE_MAGIC_BYTES - 1] = '2';
    put_case("a later version");
    put_whole();
    bundle.data[0] = 'k';
    put_case("no bundle");
}

static void put_misplaced_cases(void)
{
    begin_bundle();
    put_entries(1, 1);
    put_sum();
    put_case("an entry of no space");
    begin_bundle();
    put_carry();
    put_entries(2, 4);
    put_segment(ASHA, 1);
    put_sum();
    put_case("a charter without its beginning");
    put_whole();
    kith_frame_write(&bundle, KITH_FRAME_END, KITH_SLICE("\x01"));
    put_sum();
    put_case("a frame of sync");
    begin_bundle();
    kith_frame_write(&bundle, KITH_FRAME_CARRY, KITH_SLICE("fifteen bytes.."));
    put_sum();
    put_case("a space that is too short");
    begin_bundle();
    kith_write_u8(&bundle, KITH_FRAME_CARRY);
    kith_write_u8(&bundle, 0x90);
    kith_write_u8(&bundle, 0x00);
    put_case("a length in a longer form");
    begin_bundle();
    kith_write_u8(&bundle, KITH_FRAME_SEGMENT);
    kith_write_varint(&bundle, KITH_FRAME_BYTES_MAX + 1);
    put_case("a frame that is too long");
}

static void begin(void)
{
    chance = test_random_of(1);
    charters_context(&cx, &chance);
    kith_buf_init(&bundle, &cx, BYTES_MAX);
    charters_begin(&space, &cx);
    assert_ok(charters_play(&space, CHARTERS_STORY_ENTRIES));
}

static void end(void)
{
    charters_end(&space);
    kith_buf_deinit(&bundle);
}

static void make(kith_buf *file)
{
    text = file;
    begin();
    kith_buf_append_text(text,
                         "{\"about\": \"Bundles (proto/spec/bundle.md), as a device reads them "
                         "that is no member of the space: the status, where damage shows first, "
                         "how many entries and segments are kept, how many segments refused. The "
                         "charter is that of charter.json; what is in the segments is nothing. "
                         "Bytes in hexadecimal.\",\n\"bundles\": [");
    put_whole_cases();
    put_cut_cases();
    put_changed_cases();
    put_misplaced_cases();
    kith_buf_append_text(text, "]\n}\n");
    end();
}

int main(int argument_count, char **arguments)
{
    return vectors_main(argument_count, arguments, "vectors/bundle", make);
}
