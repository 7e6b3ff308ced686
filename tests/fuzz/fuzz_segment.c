/* What came from other devices: a segment's header and its body. What can be read is the same after
 * it was written and read again. SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"
#include "log/block.h"
#include "segment/body.h"
#include "segment/header.h"

enum { US = 1 }; /* the author's ordinal; others follow */

static const kith_author_id our_id = {{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}};

/* All that a body holds. */
typedef struct content {
    kith_body body;
    kith_author *authors; /* by ordinal */
    kith_slice *names;    /* by ordinal */
    kith_commit *commits;
    size_t commit_count;
} content;

static void name_things(content *c)
{
    kith_arena *arena = c->body.arena;
    c->authors = kith_arena_array(arena, c->body.authors.count + 1, sizeof *c->authors);
    c->names = kith_arena_array(arena, c->body.name_count + 1, sizeof *c->names);
    c->commits = kith_arena_array(arena, c->body.commit_count, sizeof *c->commits);
    FUZZ_ENSURE(c->authors != NULL && c->names != NULL && c->commits != NULL);
    for (size_t i = 0; i < c->body.authors.count; i++) {
        c->body.author_ordinals[i] = (uint32_t)i + US;
        c->authors[i + US].id = c->body.authors.ids[i];
    }
    for (size_t i = 0; i < c->body.name_count; i++) {
        c->body.name_ordinals[i] = (uint32_t)i + 1;
        c->names[i + 1] = c->body.names[i];
    }
}

static kith_status read_body(kith_slice bytes, kith_arena *arena, content *c)
{
    *c = (content){.commits = NULL};
    kith_status status = kith_body_open(arena->cx, bytes, our_id, arena, &c->body);
    if (status == KITH_OK) {
        name_things(c);
    }
    while (status == KITH_OK) {
        kith_commit commit;
        uint64_t next = c->body.next;
        status = kith_body_next(&c->body, arena, &commit);
        if (status == KITH_OK) {
            FUZZ_ENSURE(commit.first.number == next && commit.first.author == US);
            c->commits[c->commit_count++] = commit;
        }
    }
    FUZZ_ENSURE(status == KITH_E_NOT_FOUND || status == KITH_E_DAMAGED || status == KITH_E_NEWER);
    FUZZ_ENSURE(status != KITH_E_NOT_FOUND || c->commit_count == c->body.commit_count);
    return status == KITH_E_NOT_FOUND ? KITH_OK : status;
}

/* The commits in the form of the log, where what is equal is equal in bytes. */
static bool write_block(kith_context *cx, const content *c, kith_buf *out)
{
    kith_block_writer writer;
    kith_status status = KITH_OK;
    kith_block_writer_init(&writer, cx, US);
    for (size_t i = 0; status == KITH_OK && i < c->commit_count; i++) {
        status = kith_block_writer_add(&writer, &c->commits[i]);
    }
    if (status == KITH_OK) {
        status = kith_block_writer_finish(&writer, c->authors, c->names, out);
    }
    kith_block_writer_deinit(&writer);
    FUZZ_ENSURE(status == KITH_OK || status == KITH_E_LIMIT);
    return status == KITH_OK;
}

static void assert_same_again(kith_context *cx, const content *c)
{
    kith_arena arena;
    kith_buf body;
    kith_buf blocks[2];
    content again;
    kith_body_source source = {.authors = c->authors,
                               .names = c->names,
                               .author = US,
                               .commits = c->commits,
                               .commit_count = c->commit_count,
                               .heads = c->body.heads,
                               .head_count = c->body.head_count};
    kith_arena_init(&arena, cx);
    kith_buf_init(&body, cx, 16 << 20);
    kith_buf_init(&blocks[0], cx, 16 << 20);
    kith_buf_init(&blocks[1], cx, 16 << 20);
    if (write_block(cx, c, &blocks[0])) {
        FUZZ_ENSURE(kith_body_write(cx, &source, &body) == KITH_OK);
        FUZZ_ENSURE(read_body(kith_buf_slice(&body), &arena, &again) == KITH_OK);
        FUZZ_ENSURE(write_block(cx, &again, &blocks[1]));
        FUZZ_ENSURE(kith_slice_equal(kith_buf_slice(&blocks[0]), kith_buf_slice(&blocks[1])));
    }
    kith_buf_deinit(&blocks[1]);
    kith_buf_deinit(&blocks[0]);
    kith_buf_deinit(&body);
    kith_arena_deinit(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static kith_context cx;
    kith_arena arena;
    content c;
    kith_segment_header header;
    kith_slice bytes = {data, size};
    FUZZ_ENSURE(kith_context_init(&cx, NULL) == KITH_OK && kith_crypto_init(&cx) == KITH_OK);
    kith_status status = kith_header_read(&cx, bytes, &header);
    FUZZ_ENSURE(status == KITH_OK || status == KITH_E_DAMAGED || status == KITH_E_NEWER);
    kith_arena_init(&arena, &cx);
    if (read_body(bytes, &arena, &c) == KITH_OK) {
        assert_same_again(&cx, &c);
    }
    kith_arena_deinit(&arena);
    return 0;
}
