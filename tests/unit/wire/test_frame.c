/* The parts of frames. Expected bytes were written down by hand from proto/spec/sync.md §2.
 * SPDX-License-Identifier: Apache-2.0 */
#include "wire/frame.h"

#include "base/limits.h"
#include "harness.h"
#include "heap.h"

static kith_buf out;

static int begin(void **state)
{
    (void)state;
    kith_buf_init(&out, test_context(), 4 * KITH_FRAME_BYTES_MAX);
    return 0;
}

static int end(void **state)
{
    (void)state;
    kith_buf_deinit(&out);
    return 0;
}

/* Each kind of frame, with all of its parts. */
static const kith_ask ask = {.space = {"space of the ask"},
                             .cursor = 300,
                             .relay_epoch = "the relays epoch",
                             .charter_count = 5,
                             .charter_head = "head of the charter: thirty two",
                             .incarnation = "an incarnation !",
                             .own_head = 1,
                             .flags = KITH_ASK_ALL,
                             .heads = BYTES("\x02"
                                            "author one\x80\x01"
                                            "author two\x07"),
                             .partial_header = "hash of the header: thirty two!",
                             .partial_offset = 200};
static const kith_rest_frame rest = {
    .header = "hash of the header: thirty two!", .offset = 200, .bytes = BYTES("to the end")};
static const kith_relay_frame relay = {
    .protocol = 1, .relay_epoch = "the relays epoch", .time_ms = 0x0102030405ff};
static const kith_space_frame space = {.space = {"space of the ask"},
                                       .position = 128,
                                       .charter_count = 2,
                                       .charter_head = "head of the charter: thirty two",
                                       .flags = KITH_SPACE_REVOKED};
static const kith_accepted_frame accepted = {
    .author = {"author one"}, .number = 9, .header = "hash of the header: thirty two!"};
static const kith_refused_frame refused = {
    .author = {"author one"}, .number = 9, .status = KITH_E_GAP, .text = BYTES("no, no")};
static const kith_staged_frame staged = {.author = {"author one"},
                                         .number = 9,
                                         .header = "hash of the header: thirty two!",
                                         .offset = 1000};
static const kith_given_frame given = {.position = 200, .bytes = BYTES("a segment")};
static const kith_given_frame given_rest = {
    .position = 200, .offset = 130, .bytes = BYTES("its end")};
static const kith_slice heads = BYTES("\x01"
                                      "author one\x80\x01");

static void write_ask(kith_buf *to)
{
    kith_frame_write_ask(to, &ask);
}

static void write_rest(kith_buf *to)
{
    kith_frame_write_rest(to, &rest);
}

static void write_relay(kith_buf *to)
{
    kith_frame_write_relay(to, &relay);
}

static void write_space(kith_buf *to)
{
    kith_frame_write_space(to, &space);
}

static void write_accepted(kith_buf *to)
{
    kith_frame_write_accepted(to, &accepted);
}

static void write_refused(kith_buf *to)
{
    kith_frame_write_refused(to, &refused);
}

static void write_staged(kith_buf *to)
{
    kith_frame_write_staged(to, &staged);
}

static void write_heads(kith_buf *to)
{
    kith_frame_write_heads(to, heads);
}

static void write_given(kith_buf *to)
{
    kith_frame_write_given(to, &given);
}

static void write_given_rest(kith_buf *to)
{
    kith_frame_write_given(to, &given_rest);
}

static void write_end(kith_buf *to)
{
    kith_frame_write_end(to, 300);
}

static void write_failure(kith_buf *to)
{
    kith_frame_write_failure(to, KITH_E_BUSY, "later");
}

static bool read_ask(kith_slice payload)
{
    kith_ask found;
    return kith_frame_read_ask(payload, &found);
}

static bool read_rest(kith_slice payload)
{
    kith_rest_frame found;
    return kith_frame_read_rest(payload, &found);
}

static bool read_relay(kith_slice payload)
{
    kith_relay_frame found;
    return kith_frame_read_relay(payload, &found);
}

static bool read_space(kith_slice payload)
{
    kith_space_frame found;
    return kith_frame_read_space(payload, &found);
}

static bool read_accepted(kith_slice payload)
{
    kith_accepted_frame found;
    return kith_frame_read_accepted(payload, &found);
}

static bool read_refused(kith_slice payload)
{
    kith_refused_frame found;
    return kith_frame_read_refused(payload, &found);
}

static bool read_staged(kith_slice payload)
{
    kith_staged_frame found;
    return kith_frame_read_staged(payload, &found);
}

static bool read_heads(kith_slice payload)
{
    kith_slice found;
    return kith_frame_read_heads(payload, &found);
}

static bool read_given(kith_slice payload)
{
    kith_given_frame found;
    return kith_frame_read_given(payload, &found);
}

static bool read_given_rest(kith_slice payload)
{
    kith_given_frame found;
    return kith_frame_read_given_rest(payload, &found);
}

static bool read_end(kith_slice payload)
{
    uint64_t cursor = 0;
    return kith_frame_read_end(payload, &cursor);
}

static bool read_failure(kith_slice payload)
{
    kith_status status = KITH_OK;
    kith_slice text;
    return kith_frame_read_failure(payload, &status, &text);
}

#define AUTHOR "author one"
#define HEADER "hash of the header: thirty two!\0"
#define CHARTER "head of the charter: thirty two\0"

/* `least` is the length of the shortest payload that is one of the kind: shorter ones are not, and
 * where `is_open` bytes go on to the end of the frame, longer ones are. */
static const struct {
    const char *name;
    void (*write)(kith_buf *out);
    bool (*read)(kith_slice payload);
    kith_slice bytes;
    size_t least;
    bool is_open;
} kinds[] = {
    {"ask", write_ask, read_ask,
     BYTES("\x01\x8f\x01"
           "space of the ask\xac\x02the relays epoch\x05" CHARTER "an incarnation !\x01\x0f\x02"
           "author one\x80\x01"
           "author two\x07" HEADER "\xc8\x01"),
     143, false},
    {"rest", write_rest, read_rest, BYTES("\x04\x2c" HEADER "\xc8\x01to the end"), 35, true},
    {"relay", write_relay, read_relay,
     BYTES("\x10\x17\x01the relays epoch\x01\x02\x03\x04\x05\xff"), 23, false},
    {"space", write_space, read_space, BYTES("\x11\x34space of the ask\x80\x01\x02" CHARTER "\x04"),
     52, false},
    {"accepted", write_accepted, read_accepted, BYTES("\x13\x2b" AUTHOR "\x09" HEADER), 43, false},
    {"refused", write_refused, read_refused, BYTES("\x14\x12" AUTHOR "\x09\x0bno, no"), 12, true},
    {"staged", write_staged, read_staged, BYTES("\x15\x2d" AUTHOR "\x09" HEADER "\xe8\x07"), 45,
     false},
    {"heads", write_heads, read_heads, BYTES("\x16\x0d\x01" AUTHOR "\x80\x01"), 13, false},
    {"given segment", write_given, read_given,
     BYTES("\x17\x0b\xc8\x01"
           "a segment"),
     2, true},
    {"given rest", write_given_rest, read_given_rest, BYTES("\x18\x0b\xc8\x01\x82\x01its end"), 4,
     true},
    {"end", write_end, read_end, BYTES("\x19\x02\xac\x02"), 2, false},
    {"failure", write_failure, read_failure, BYTES("\x1a\x06\x20later"), 1, true},
};

static size_t head_bytes(kith_slice frame)
{
    return (frame.data[1] & 0x80) != 0 ? 3 : 2;
}

static void test_frame_write__makes_the_bytes_of_the_specification(void **state)
{
    (void)state;
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(kinds); i++) {
        kith_buf_clear(&out);
        kinds[i].write(&out);
        assert_ok(kith_buf_status(&out));
        if (!kith_slice_equal(kith_buf_slice(&out), kinds[i].bytes)) {
            fail_msg("%s: %zu bytes instead of %zu, or others", kinds[i].name, out.length,
                     kinds[i].bytes.length);
        }
    }
}

static bool (*reading)(kith_slice);

static kith_status read_one(kith_slice payload)
{
    return reading(payload) ? KITH_OK : KITH_E_SYNTAX;
}

static bool reads(size_t kind, kith_slice payload)
{
    reading = kinds[kind].read;

    return test_read_tightly(payload, read_one) == KITH_OK;
}

static void test_frame_read__takes_its_own_kind_whole(void **state)
{
    (void)state;
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(kinds); i++) {
        kith_slice payload = kith_slice_skip(kinds[i].bytes, head_bytes(kinds[i].bytes));
        if (!reads(i, payload)) {
            fail_msg("%s was not read", kinds[i].name);
        }
    }
}

static void test_frame_read__refuses_what_is_shorter_than_its_parts(void **state)
{
    (void)state;
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(kinds); i++) {
        kith_slice payload = kith_slice_skip(kinds[i].bytes, head_bytes(kinds[i].bytes));
        for (size_t length = 0; length < payload.length; length++) {
            if (reads(i, kith_slice_head(payload, length)) != (length >= kinds[i].least)) {
                fail_msg("%s of %zu bytes", kinds[i].name, length);
            }
        }
    }
}

static void test_frame_read__refuses_what_has_bytes_left_over(void **state)
{
    (void)state;
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(kinds); i++) {
        kith_buf_clear(&out);
        kith_buf_append_slice(&out, kith_slice_skip(kinds[i].bytes, head_bytes(kinds[i].bytes)));
        kith_buf_append_text(&out, " ");
        if (reads(i, kith_buf_slice(&out)) != kinds[i].is_open) {
            fail_msg("%s with a byte left over", kinds[i].name);
        }
    }
}

static kith_slice payload_of(void (*write)(kith_buf *))
{
    kith_buf_clear(&out);
    write(&out);
    kith_slice frame = kith_buf_slice(&out);
    return kith_slice_skip(frame, head_bytes(frame));
}

static void test_frame_read_ask__gives_every_part_back(void **state)
{
    (void)state;
    kith_ask found;
    assert_true(kith_frame_read_ask(payload_of(write_ask), &found));
    assert_memory_equal(&found.space, &ask.space, sizeof ask.space);
    assert_int_equal(found.cursor, ask.cursor);
    assert_memory_equal(found.relay_epoch, ask.relay_epoch, sizeof ask.relay_epoch);
    assert_int_equal(found.charter_count, ask.charter_count);
    assert_memory_equal(found.charter_head, ask.charter_head, sizeof ask.charter_head);
    assert_memory_equal(found.incarnation, ask.incarnation, sizeof ask.incarnation);
    assert_int_equal(found.own_head, ask.own_head);
    assert_int_equal(found.flags, ask.flags);
    assert_true(kith_slice_equal(found.heads, ask.heads));
    assert_memory_equal(found.partial_header, ask.partial_header, sizeof ask.partial_header);
    assert_int_equal(found.partial_offset, ask.partial_offset);
}

static void test_frame_read_answers__give_every_part_back(void **state)
{
    (void)state;
    kith_relay_frame a_relay;
    kith_space_frame a_space;
    kith_refused_frame a_refusal;
    kith_staged_frame a_start;
    kith_given_frame a_rest;
    assert_true(kith_frame_read_relay(payload_of(write_relay), &a_relay));
    assert_true(a_relay.protocol == 1 && a_relay.time_ms == relay.time_ms);
    assert_memory_equal(a_relay.relay_epoch, relay.relay_epoch, sizeof relay.relay_epoch);
    assert_true(kith_frame_read_space(payload_of(write_space), &a_space));
    assert_true(a_space.position == 128 && a_space.charter_count == 2 && a_space.flags == 4);
    assert_memory_equal(a_space.charter_head, space.charter_head, sizeof space.charter_head);
    assert_true(kith_frame_read_refused(payload_of(write_refused), &a_refusal));
    assert_true(a_refusal.number == 9 && a_refusal.status == KITH_E_GAP);
    assert_slice(a_refusal.text, "no, no");
    assert_true(kith_frame_read_staged(payload_of(write_staged), &a_start));
    assert_true(a_start.number == 9 && a_start.offset == 1000);
    assert_memory_equal(a_start.header, staged.header, sizeof staged.header);
    assert_true(kith_frame_read_given_rest(payload_of(write_given_rest), &a_rest));
    assert_true(a_rest.position == 200 && a_rest.offset == 130);
    assert_slice(a_rest.bytes, "its end");
}

static void test_heads__are_read_back_one_by_one(void **state)
{
    (void)state;
    kith_reader reader;
    assert_int_equal(kith_heads_begin(ask.heads, &reader), 2);
    kith_segment_head first = kith_heads_next(&reader);
    kith_segment_head second = kith_heads_next(&reader);
    assert_memory_equal(&first.author, "author one", 10);
    assert_int_equal(first.number, 128);
    assert_memory_equal(&second.author, "author two", 10);
    assert_int_equal(second.number, 7);
    assert_true(kith_reader_finished(&reader));
    kith_segment_head both[] = {first, second};
    kith_heads_write(&out, both, 2);
    assert_true(kith_slice_equal(kith_buf_slice(&out), ask.heads));
}

static void test_frame_read__refuses_values_that_nothing_has(void **state)
{
    (void)state;
    static const kith_slice promised = BYTES("\x05"
                                             "author one\x07");
    static const kith_slice position_zero = BYTES("\x00"
                                                  "a segment");
    static const kith_slice offset_zero = BYTES("\x01\x00"
                                                "a segment");
    static const kith_slice unknown_flag = BYTES("space of the ask\x00\x00" CHARTER "\x08");
    static const kith_slice beyond_numbers =
        BYTES(AUTHOR "\x80\x80\x80\x80\x80\x20" HEADER); /* 2 to the 40th */
    kith_rest_frame whole = rest;
    assert_false(read_heads(promised));
    assert_false(read_given(position_zero));
    assert_false(read_given_rest(offset_zero));
    assert_false(read_space(unknown_flag));
    assert_false(read_accepted(beyond_numbers));
    whole.offset = 0;
    kith_frame_write_rest(&out, &whole);
    assert_false(read_rest(kith_slice_skip(kith_buf_slice(&out), 2)));
}

/* A relay's words are shown to people: they cannot steer their terminal. */
static void test_frame_read_text__is_printable_and_short(void **state)
{
    (void)state;
    static const kith_slice escape = BYTES("\x01\x1b[2J");
    static const kith_slice line = BYTES("\x01one\ntwo");
    static const kith_slice high = BYTES("\x01\xc3\xa9");
    static char long_text[400];
    memset(long_text, 'a', sizeof long_text - 1);
    assert_false(read_failure(escape));
    assert_false(read_failure(line));
    assert_false(read_failure(high));
    kith_frame_write_failure(&out, KITH_E_BUSY, long_text);
    kith_slice written = kith_slice_skip(kith_buf_slice(&out), 3);
    assert_true(read_failure(written));
    assert_int_equal(written.length, 201);
    kith_buf_append_text(&out, "a");
    assert_false(read_failure(kith_slice_skip(kith_buf_slice(&out), 3)));
}

static kith_status write_all(kith_context *cx, void *user)
{
    kith_buf to;
    (void)user;
    kith_buf_init(&to, cx, KITH_FRAME_BYTES_MAX);
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(kinds); i++) {
        kinds[i].write(&to);
    }
    kith_status status = kith_buf_status(&to);
    kith_buf_deinit(&to);
    return status;
}

static void test_frame_write__reports_lack_of_memory(void **state)
{
    (void)state;
    heap_fail_each_allocation(write_all, NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_frame_write__makes_the_bytes_of_the_specification),
        TEST(test_frame_read__takes_its_own_kind_whole),
        TEST(test_frame_read__refuses_what_is_shorter_than_its_parts),
        TEST(test_frame_read__refuses_what_has_bytes_left_over),
        TEST(test_frame_read_ask__gives_every_part_back),
        TEST(test_frame_read_answers__give_every_part_back),
        TEST(test_heads__are_read_back_one_by_one),
        TEST(test_frame_read__refuses_values_that_nothing_has),
        TEST(test_frame_read_text__is_printable_and_short),
        TEST(test_frame_write__reports_lack_of_memory),
    };
    return cmocka_run_group_tests_name("wire/frame", tests, NULL, NULL);
}
