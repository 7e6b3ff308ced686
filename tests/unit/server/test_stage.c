/* Starts of segments, kept while they come and gone on with. SPDX-License-Identifier: Apache-2.0 */
#include "server/api/stage.h"

#include "base/limits.h"
#include "harness.h"
#include "offices.h"
#include "segment/header.h"

static kithd_relay *relay;

/* A segment that comes slowly, by a clock that stands still by itself. */
typedef struct slow {
    int64_t now_ms;
    office office;
    pair pair;
    kith_buf body;   /* of the request: an ask and the segment's frame */
    size_t frame_at; /* where the segment's bytes begin */
} slow;

static int64_t slow_clock(void *user)
{
    return ((slow *)user)->now_ms;
}

static void slow_init(slow *s)
{
    static uint8_t noise[OFFICE_BODY_BYTES];
    kith_env env = KITH_ENV_INIT;
    env.user = s;
    env.monotonic_ms = slow_clock;
    kithd_options options = {
        .folder = office_folder, .is_open = true, .quota = 1 << 20, .env = &env};
    *s = (slow){.now_ms = 1000000};
    office_folder_make();
    relay = office_relay_open(&options);
    office_init(&s->office, 1);
    pair_init(&s->pair);
    kith_buf_init(&s->body, test_context(), KITH_FRAME_BYTES_MAX);
    office_write_founding(&s->office, &s->pair.request);
    office_exchange(relay, &s->office, &s->pair.request, &s->pair.found);
    office_write_ask(&s->office, &s->body, 0);
    office_write_segment(&s->office, &s->body, kith_slice_make(noise, sizeof noise));
    s->frame_at = s->body.length - sizeof noise - KITH_HEADER_BYTES;
}

static void slow_deinit(slow *s)
{
    kith_buf_deinit(&s->body);
    pair_deinit(&s->pair);
    office_deinit(&s->office);
    kithd_relay_close(relay);
}

/* Puts the request's bytes up to so many of the segment, from where it was. */
static void put_until(slow *s, kithd_session *session, size_t *done, size_t count)
{
    size_t until = s->frame_at + count;
    kith_slice all = kith_buf_slice(&s->body);
    assert_ok(kithd_session_put(session, kith_slice_skip(kith_slice_head(all, until), *done)));
    *done = until;
}

/* How much of the segment is staged, as another session is told. */
static uint64_t staged_now(slow *s)
{
    kith_frame frame;
    kith_staged_frame staged = {.offset = 0};
    office_write_ask(&s->office, &s->pair.request, 0);
    office_exchange(relay, &s->office, &s->pair.request, &s->pair.found);
    if (office_count_frames(&s->pair.found, KITH_FRAME_STAGED, &frame) > 0) {
        assert_true(kith_frame_read_staged(frame.payload, &staged));
        assert_memory_equal(staged.header, s->office.header, sizeof staged.header);
    }
    return staged.offset;
}

/* Puts the start of the segment in a session that ends there. */
static void break_at(slow *s, size_t count)
{
    size_t done = 0;
    kithd_session *session = NULL;
    assert_ok(kithd_session_open(relay, s->office.keys.sign, &session));
    put_until(s, session, &done, count);
    kithd_session_break(session);
    kithd_session_close(session);
}

static void test_session__stores_a_slow_segment_while_it_comes(void **state)
{
    (void)state;
    slow s;
    size_t done = 0;
    kithd_session *session = NULL;
    slow_init(&s);
    assert_ok(kithd_session_open(relay, s.office.keys.sign, &session));
    put_until(&s, session, &done, 2000);
    assert_int_equal(staged_now(&s), 0);
    s.now_ms += 1999;
    put_until(&s, session, &done, 2500);
    assert_int_equal(staged_now(&s), 0);
    s.now_ms += 1;
    put_until(&s, session, &done, 3000);
    assert_int_equal(staged_now(&s), 3000);
    s.now_ms += 1999;
    put_until(&s, session, &done, 5000);
    assert_int_equal(staged_now(&s), 3000);
    s.now_ms += 5000;
    put_until(&s, session, &done, 7000);
    assert_int_equal(staged_now(&s), 7000);
    s.now_ms += 5000;
    put_until(&s, session, &done, 7100); /* not worth it */
    assert_int_equal(staged_now(&s), 7000);
    put_until(&s, session, &done, KITH_HEADER_BYTES + OFFICE_BODY_BYTES);
    kithd_session_finish(session);
    kithd_session_close(session);
    assert_int_equal(staged_now(&s), 0);
    office_check_positions(relay, &s.office, 1);
    slow_deinit(&s);
}

/* What came of a connection that was given up, and is cut long after, is less than what is here. */
static void test_stage_start__keeps_the_longest(void **state)
{
    (void)state;
    slow s;
    slow_init(&s);
    break_at(&s, 3000);
    assert_int_equal(staged_now(&s), 3000);
    break_at(&s, 2000);
    assert_int_equal(staged_now(&s), 3000);
    break_at(&s, 3001);
    assert_int_equal(staged_now(&s), 3001);
    slow_deinit(&s);
}

static void test_stage_join__counts_a_rest_from_where_it_begins(void **state)
{
    (void)state;
    slow s;
    slow_init(&s);
    kith_slice segment = kith_slice_skip(kith_buf_slice(&s.body), s.frame_at);
    kith_rest_frame rest = {.offset = 2000, .bytes = kith_slice_skip(segment, 2000)};
    memcpy(rest.header, s.office.header, sizeof rest.header);
    break_at(&s, 3000); /* more than the device was told */
    office_write_ask(&s.office, &s.pair.request, 0);
    kith_frame_write_rest(&s.pair.request, &rest);
    office_exchange(relay, &s.office, &s.pair.request, &s.pair.found);
    assert_int_equal(office_accepted_in(&s.pair.found), 1);
    assert_int_equal(staged_now(&s), 0);
    slow_deinit(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_session__stores_a_slow_segment_while_it_comes),
        cmocka_unit_test(test_stage_start__keeps_the_longest),
        cmocka_unit_test(test_stage_join__counts_a_rest_from_where_it_begins),
    };
    return cmocka_run_group_tests_name("server/stage", tests, NULL, NULL);
}
