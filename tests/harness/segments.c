/* SPDX-License-Identifier: Apache-2.0 */
#include "segments.h"

void segments_header(uint8_t seed[KITH_SEED_BYTES], uint8_t epoch_key[KITH_AEAD_KEY_BYTES],
                     kith_segment_header *header)
{
    kith_device_keys keys;
    for (size_t i = 0; i < KITH_SEED_BYTES; i++) {
        seed[i] = (uint8_t)i;
        epoch_key[i] = (uint8_t)(0x40 + i);
    }
    kith_device_keys_derive(seed, &keys);
    *header = (kith_segment_header){.number = 258, .epoch = 3};
    memcpy(header->sign, keys.sign, sizeof header->sign);
    memset(header->space.bytes, 's', sizeof header->space.bytes);
    memset(header->incarnation, 'i', sizeof header->incarnation);
    memset(header->previous, 'p', sizeof header->previous);
    memset(header->seen, 'h', sizeof header->seen);
}

kith_body_source segments_source(const kith_commit *commits, size_t count)
{
    return (kith_body_source){.authors = blocks_authors,
                              .names = blocks_names,
                              .author = 1,
                              .commits = commits,
                              .commit_count = count};
}

void segments_write(const kith_commit *commits, size_t count, kith_buf *out)
{
    kith_body_source source = segments_source(commits, count);
    assert_ok(kith_body_write(test_context(), &source, out));
}

kith_status segments_open(kith_slice bytes, kith_arena *arena, kith_body *body_out)
{
    KITH_TRY(kith_body_open(arena->cx, bytes, blocks_authors[1].id, arena, body_out));
    for (size_t i = 0; i < body_out->authors.count; i++) {
        body_out->author_ordinals[i] = blocks_author_ordinal(body_out->authors.ids[i], i);
    }
    for (size_t i = 0; i < body_out->name_count; i++) {
        body_out->name_ordinals[i] = blocks_name_ordinal(body_out->names[i], i);
    }
    return KITH_OK;
}

kith_status segments_read(kith_slice bytes)
{
    kith_arena arena;
    kith_body body;
    kith_commit commit;
    kith_arena_init(&arena, test_context());
    kith_status status = segments_open(bytes, &arena, &body);
    while (status == KITH_OK) {
        status = kith_body_next(&body, &arena, &commit);
    }
    kith_arena_deinit(&arena);
    return status == KITH_E_NOT_FOUND ? KITH_OK : status;
}

void segments_assert(kith_slice bytes, const kith_commit *commits, size_t count)
{
    kith_arena arena;
    kith_body body;
    kith_commit commit;
    kith_arena_init(&arena, test_context());
    assert_ok(segments_open(bytes, &arena, &body));
    assert_int_equal(body.first, commits[0].first.number);
    assert_int_equal(body.commit_count, count);
    for (size_t i = 0; i < count; i++) {
        assert_ok(kith_body_next(&body, &arena, &commit));
        assert_same_commit(&commit, &commits[i]);
    }
    assert_status(kith_body_next(&body, &arena, &commit), KITH_E_NOT_FOUND);
    kith_arena_deinit(&arena);
}
