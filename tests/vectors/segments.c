/* Makes proto/vectors/segments.json, or with a file's name checks that it holds just what is made
 * today and that it reads as it says. tools/gen/segments.py reads the same file without any code of
 * ours. SPDX-License-Identifier: Apache-2.0 */
#include "vectors.h"

#include "base/limits.h"
#include "segment/seal.h"
#include "segments.h"

enum { US = 1, BEN = 2, CHITRA = 3 }; /* authors */
enum { PERSON = 1, NAME = 2, NOTE = 3, ALIASES = 4, NAME_IN_BENGALI = 5 };

static kith_context cx;
static kith_buf *text; /* the file */
static uint8_t epoch_key[KITH_AEAD_KEY_BYTES];
static uint8_t seed[KITH_SEED_BYTES];
static kith_segment_header header;

/* Vectors are the same each time they are made. */
static kith_status no_chance(void *user, uint8_t *bytes, size_t length)
{
    (void)user;
    for (size_t i = 0; i < length; i++) {
        bytes[i] = (uint8_t)(0xa0 + i);
    }
    return KITH_OK;
}

static void begin(void)
{
    kith_env env = KITH_ENV_INIT;
    env.random = no_chance;
    assert_ok(kith_context_init(&cx, &env));
    assert_ok(kith_crypto_init(&cx));
    segments_header(seed, epoch_key, &header);
}

static void put_hex(const char *name, kith_slice bytes)
{
    kith_buf_append_text(text, ",\n   \"");
    kith_buf_append_text(text, name);
    kith_buf_append_text(text, "\": \"");
    vectors_append_hex(text, bytes.data, bytes.length);
    kith_buf_append_text(text, "\"");
}

static void put_name(const char *name)
{
    const char *last = text->length > 0 && text->data[text->length - 1] == '[' ? "" : ",";
    kith_buf_append_text(text, last);
    kith_buf_append_text(text, "\n  {\"name\": \"");
    kith_buf_append_text(text, name);
    kith_buf_append_text(text, "\"");
}

/* Opens a segment as whoever receives it and reads it to its end. */
static kith_status read_segment(kith_slice segment)
{
    kith_segment_header read;
    kith_buf body;
    kith_arena arena;
    kith_body opened;
    kith_commit commit;
    KITH_TRY(kith_header_read(&cx, kith_slice_head(segment, KITH_HEADER_BYTES), &read));
    kith_buf_init(&body, &cx, KITH_SEGMENT_SEALED_MAX);
    kith_arena_init(&arena, &cx);
    kith_status status = kith_segment_open(&cx, epoch_key, &read,
                                           kith_slice_skip(segment, KITH_HEADER_BYTES), &body);
    if (status == KITH_OK) {
        status =
            kith_body_open(&cx, kith_buf_slice(&body), kith_header_author(&read), &arena, &opened);
    }
    for (size_t i = 0; status == KITH_OK && i < opened.name_count; i++) {
        opened.name_ordinals[i] = (uint32_t)i + 1;
    }
    while (status == KITH_OK) {
        status = kith_body_next(&opened, &arena, &commit);
    }
    kith_arena_deinit(&arena);
    kith_buf_deinit(&body);
    return status == KITH_E_NOT_FOUND ? KITH_OK : status;
}

/* A segment with the commits it holds, as a block of the log. Its author is the header's. */
static void put_sealed(const char *name, const kith_commit *commits, size_t count)
{
    kith_author authors[BLOCKS_AUTHORS];
    kith_body_source source = segments_source(commits, count);
    const kith_seen_head heads[] = {{blocks_authors[BEN].id, 7}};
    kith_block_writer writer;
    kith_buf bytes[3]; /* body, segment, block */
    memcpy(authors, blocks_authors, sizeof authors);
    authors[US].id = kith_header_author(&header);
    source.authors = authors;
    source.heads = heads;
    source.head_count = 1;
    kith_block_writer_init(&writer, &cx, US);
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(bytes); i++) {
        kith_buf_init(&bytes[i], &cx, KITH_SEGMENT_INFLATED_MAX);
    }
    assert_ok(kith_body_write(&cx, &source, &bytes[0]));
    assert_ok(
        kith_segment_seal(&cx, epoch_key, seed, &header, kith_buf_slice(&bytes[0]), &bytes[1]));
    for (size_t i = 0; i < count; i++) {
        assert_ok(kith_block_writer_add(&writer, &commits[i]));
    }
    assert_ok(kith_block_writer_finish(&writer, authors, blocks_names, &bytes[2]));
    assert_ok(read_segment(kith_buf_slice(&bytes[1])));
    put_name(name);
    put_hex("segment", kith_buf_slice(&bytes[1]));
    put_hex("body", kith_buf_slice(&bytes[0]));
    put_hex("block", kith_buf_slice(&bytes[2]));
    kith_buf_append_text(text, "}");
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(bytes); i++) {
        kith_buf_deinit(&bytes[i]);
    }
    kith_block_writer_deinit(&writer);
}

static void put_refused(const char *name, kith_slice segment)
{
    kith_status status = read_segment(segment);
    if (status != KITH_E_DAMAGED) {
        fail_msg("%s: %s", name, kith_status_name(status));
    }
    put_name(name);
    put_hex("segment", segment);
    kith_buf_append_text(text, "}");
}

static kith_value value_of(int32_t type, const char *shown, kith_arena *arena)
{
    kith_value value;
    const char *why = NULL;
    assert_ok(kith_value_parse(type, kith_slice_of(shown), arena, &value, &why));
    return value;
}

static void put_every_type(kith_arena *arena)
{
    static const struct {
        int32_t type;
        const char *shown;
    } values[] = {
        {KITH_TYPE_TEXT, "রানী"},
        {KITH_TYPE_TEXT, "Rani Das"},
        {KITH_TYPE_INT, "-42"},
        {KITH_TYPE_INT, "9223372036854775807"},
        {KITH_TYPE_DECIMAL, "12.5"},
        {KITH_TYPE_DECIMAL, "-0.001"},
        {KITH_TYPE_BOOL, "yes"},
        {KITH_TYPE_DATE, "2009-03-14"},
        {KITH_TYPE_DATE, "~2009"},
        {KITH_TYPE_DATE, "2009-01..2009-06"},
        {KITH_TYPE_CODE, "missing_child"},
        {KITH_TYPE_GEO, "25.57880,91.89330"},
        {KITH_TYPE_GEO, "-33.00000,-70.50000"},
        {KITH_TYPE_PHONE, "+919863012345"},
        {KITH_TYPE_PHONE, "0361123"},
        {KITH_TYPE_BLOB, "sha256-"
                         "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    };
    kith_op ops[KITH_ARRAY_LENGTH(values) + 3];
    size_t count = 0;
    for (; count < KITH_ARRAY_LENGTH(values); count++) {
        ops[count] = (kith_op){.field = ALIASES, .action = KITH_ACTION_ADD};
        ops[count].value = value_of(values[count].type, values[count].shown, arena);
    }
    ops[count] = (kith_op){.field = NAME, .action = KITH_ACTION_SET};
    assert_ok(
        kith_value_of_id(kith_id_make(blocks_authors[BEN].id, 300), arena, &ops[count++].value));
    ops[count] = (kith_op){.field = NOTE, .action = KITH_ACTION_SET};
    assert_ok(
        kith_value_of_id(kith_id_make(kith_header_author(&header), 2), arena, &ops[count++].value));
    ops[count++] = (kith_op){
        .field = NAME_IN_BENGALI, .action = KITH_ACTION_SET, .value = {99, KITH_SLICE("\x00\xff")}};
    kith_change change = {.kind = PERSON, .ops = ops, .op_count = count};
    kith_commit commit = blocks_commit(7, &change, 1);
    put_sealed("a value of every type", &commit, 1);
}

static void put_every_deed(kith_arena *arena)
{
    const kith_dot seen[] = {{US, 10}, {BEN, 400}, {CHITRA, 1}};
    const kith_value rani = value_of(KITH_TYPE_TEXT, "Rani", arena);
    const kith_op created[] = {{NAME, KITH_ACTION_SET, rani, NULL, 0},
                               {ALIASES, KITH_ACTION_ADD, rani, NULL, 0}};
    const kith_op edited[] = {{NAME, KITH_ACTION_SET, rani, seen, 3},
                              {NOTE, KITH_ACTION_CLEAR, {0}, seen, 1},
                              {ALIASES, KITH_ACTION_REMOVE, rani, seen + 1, 2}};
    kith_change first[] = {
        {.deed = KITH_DEED_CREATE, .kind = PERSON, .ops = created, .op_count = 2},
        {.deed = KITH_DEED_EDIT, .record = {US, 10}, .ops = edited, .op_count = 3}};
    kith_change second[] = {{.deed = KITH_DEED_REMOVE,
                             .record = {BEN, 7},
                             .replaces = seen,
                             .replaces_count = 2,
                             .seen = seen,
                             .seen_count = 3},
                            {.deed = KITH_DEED_KEEP, .record = {CHITRA, 9}, .replaces = seen}};
    kith_change third = {.deed = KITH_DEED_EDIT, .record = {US, 12}};
    kith_commit commits[] = {blocks_commit(12, first, 2), blocks_commit(14, second, 2),
                             blocks_commit(16, &third, 1)};
    second[1].replaces_count = 1;
    commits[1].undoes = 12;
    commits[1].stamp = (kith_stamp){-1, 5, KITH_TRUST_NONE}; /* a clock that was reset */
    commits[1].ahead_ms = INT64_C(1795507200002);
    commits[2].stamp = (kith_stamp){INT64_C(1795507300000), 0, KITH_TRUST_CONFIRMED};
    put_sealed("every deed and action, clocks that jump", commits, 3);
}

/* A person whose name, note and aliases are written again and again. */
static void put_foreseen(kith_arena *arena)
{
    static const char *const names[] = {"Rani", "Rani Das", "Rani", "Rani D.", "Rani Das"};
    kith_dot replaced[10];
    kith_op ops[10];
    kith_change changes[6] = {{.kind = PERSON}};
    kith_commit commits[6];
    for (size_t i = 0; i < 5; i++) {
        replaced[2 * i] = (kith_dot){i == 3 ? BEN : US, i == 0 ? 30 : 30 + i};
        replaced[2 * i + 1] = (kith_dot){US, 29 + i};
        ops[2 * i] = (kith_op){NAME, KITH_ACTION_SET, value_of(KITH_TYPE_TEXT, names[i], arena),
                               &replaced[2 * i], i > 0};
        ops[2 * i + 1] =
            (kith_op){ALIASES, i == 2 ? KITH_ACTION_REMOVE : KITH_ACTION_ADD,
                      value_of(KITH_TYPE_TEXT, "R", arena), &replaced[2 * i + 1], i == 1 || i == 2};
        changes[i + 1] = (kith_change){
            .deed = KITH_DEED_EDIT, .record = {US, 30}, .ops = &ops[2 * i], .op_count = 2};
    }
    for (size_t i = 0; i < 6; i++) {
        commits[i] = blocks_commit(30 + i, &changes[i], 1);
    }
    put_sealed("writes that replace what is foreseen, and not", commits, 6);
}

/* A note of words in some order: what is worth a dictionary. */
static kith_value note_of(test_random *random, kith_arena *arena)
{
    static const char *const words[] = {"mother", "says",   "she",  "left",  "with",    "the",
                                        "agent",  "for",    "12",   "phone", "off",     "since",
                                        "told",   "salary", "9000", "news",  "village", "রানী"};
    static const char *const gaps[] = {" ", " ", " ", ", ", ". ", "-", "/"};
    kith_buf note;
    kith_buf_init(&note, &cx, 1000);
    for (size_t i = 0; i < 16; i++) {
        kith_buf_append_text(&note, words[test_below(random, KITH_ARRAY_LENGTH(words))]);
        kith_buf_append_text(&note, gaps[test_below(random, KITH_ARRAY_LENGTH(gaps))]);
    }
    kith_value value = value_of(KITH_TYPE_TEXT, test_text(&note), arena);
    kith_buf_deinit(&note);
    return value;
}

/* Notes, and villages of which there are few. */
static void put_texts(kith_arena *arena)
{
    enum { COUNT = 48 };
    static const char *const villages[] = {"Nongriat", "Mawlynnong", "Nongriat"};
    kith_op ops[2 * COUNT];
    kith_change changes[COUNT];
    test_random random = test_random_of(1);
    for (size_t i = 0; i < COUNT; i++) {
        ops[2 * i] = (kith_op){.field = NOTE, .action = KITH_ACTION_SET};
        ops[2 * i].value = note_of(&random, arena);
        ops[2 * i + 1] = (kith_op){.field = NAME, .action = KITH_ACTION_SET};
        ops[2 * i + 1].value = value_of(KITH_TYPE_CODE, villages[i % 5 % 3], arena);
        changes[i] = (kith_change){.kind = PERSON, .ops = &ops[2 * i], .op_count = 2};
    }
    kith_commit commit = blocks_commit(1, changes, COUNT);
    put_sealed("texts by words and texts that repeat", &commit, 1);
}

/* Seals bytes that are no padded body, as only a broken program would. */
static void seal_padded(kith_slice padded, kith_buf *out)
{
    uint8_t key[KITH_AEAD_KEY_BYTES];
    uint8_t bound[KITH_HEADER_BOUND_BYTES];
    size_t sealed_bytes = KITH_AEAD_NONCE_BYTES + padded.length + KITH_AEAD_TAG_BYTES;
    kith_buf_clear(out);
    uint8_t *segment = kith_buf_extend(out, KITH_HEADER_BYTES + sealed_bytes);
    assert_non_null(segment);
    uint8_t *sealed = segment + KITH_HEADER_BYTES;
    assert_ok(no_chance(NULL, sealed, KITH_AEAD_NONCE_BYTES));
    kith_hash("kith segment key", kith_slice_make(epoch_key, sizeof epoch_key), key);
    kith_header_write_bound(&header, bound);
    kith_aead_seal(key, sealed, kith_slice_make(bound, sizeof bound), padded,
                   sealed + KITH_AEAD_NONCE_BYTES);
    kith_body_hash(kith_slice_make(sealed, sealed_bytes), header.body);
    kith_header_sign(&header, seed, segment);
}

static void put_refused_bodies(kith_buf *segment)
{
    static const struct {
        const char *name;
        kith_slice body;
    } bodies[] = {
        {"body of nothing", BYTES("")},
        {"body of layout 0", BYTES("\x00\x00\x01\x00\x01\x00")},
        {"body without commits", BYTES("\x01\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00")},
        {"body from change 0", BYTES("\x01\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00")},
    };
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(bodies); i++) {
        kith_buf_clear(segment);
        assert_ok(kith_segment_seal(&cx, epoch_key, seed, &header, bodies[i].body, segment));
        put_refused(bodies[i].name, kith_buf_slice(segment));
    }
}

static void put_all_refused(void)
{
    kith_change change = {.kind = PERSON};
    kith_commit commit = blocks_commit(1, &change, 1);
    kith_buf body;
    kith_buf segment;
    kith_buf_init(&body, &cx, 10000);
    kith_buf_init(&segment, &cx, 10000);
    segments_write(&commit, 1, &body);
    kith_buf_append(&body, "", 1);
    assert_ok(kith_segment_seal(&cx, epoch_key, seed, &header, kith_buf_slice(&body), &segment));
    put_refused("a byte behind the body", kith_buf_slice(&segment));
    body.length--;
    kith_buf_clear(&segment);
    assert_ok(kith_segment_seal(&cx, epoch_key, seed, &header, kith_buf_slice(&body), &segment));
    put_refused("cut short by a byte",
                kith_slice_head(kith_buf_slice(&segment), segment.length - 1));
    segment.data[segment.length - 1] ^= 1;
    put_refused("a bit of the sealed body", kith_buf_slice(&segment));
    segment.data[segment.length - 1] ^= 1;
    segment.data[KITH_HEADER_BYTES - 1] ^= 1;
    put_refused("a bit of the signature", kith_buf_slice(&segment));
    segment.data[KITH_HEADER_BYTES - 1] ^= 1;
    segment.data[70] ^= 1;
    put_refused("a bit of the segment's number", kith_buf_slice(&segment));
    seal_padded(KITH_SLICE("\x00\x00\x00\x01\x01\x00\x00\x01"), &segment);
    put_refused("padding that is not zero", kith_buf_slice(&segment));
    seal_padded(KITH_SLICE("\x00\x00\x00\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"),
                &segment);
    put_refused("padding of another length", kith_buf_slice(&segment));
    seal_padded(KITH_SLICE("\x00\x00\x00\x05\x01\x00\x00\x01"), &segment);
    put_refused("a length past the end", kith_buf_slice(&segment));
    put_refused_bodies(&segment);
    kith_buf_deinit(&segment);
    kith_buf_deinit(&body);
}

static void make(kith_buf *file)
{
    kith_arena arena;
    text = file;
    begin();
    kith_arena_init(&arena, &cx);
    kith_buf_append_text(text,
                         "{\n   \"about\": \"Segments (proto/spec/segment.md): sealed ones with "
                         "the block of the log that holds the same commits, and such as "
                         "must be refused. Bytes in hexadecimal.\"");
    put_hex("epoch_key", kith_slice_make(epoch_key, sizeof epoch_key));
    put_hex("seed", kith_slice_make(seed, sizeof seed));
    kith_buf_append_text(text, ",\n   \"sealed\": [");
    put_every_type(&arena);
    put_every_deed(&arena);
    put_foreseen(&arena);
    put_texts(&arena);
    kith_buf_append_text(text, "],\n   \"refused\": [");
    put_all_refused();
    kith_buf_append_text(text, "]\n}\n");
    kith_arena_deinit(&arena);
}

int main(int argument_count, char **arguments)
{
    return vectors_main(argument_count, arguments, "vectors/segments", make);
}
