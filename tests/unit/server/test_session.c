/* What the relay does with requests, without HTTP. tests/e2e/test_kithd.py asks it the rest by
 * words of its own; here stands what needs threads, many spaces, or memory that ends.
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/api/session.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/limits.h"
#include "base/writer.h"
#include "harness.h"
#include "segment/header.h"

static char folder[400];
static kithd_relay *relay;

static void make_folder(void)
{
    static unsigned count;
    kithd_store *store = NULL;
    (void)snprintf(folder, sizeof folder, "%s/relay-%u", test_folder(), ++count);
    assert_int_equal(mkdir(folder, 0700), 0);
    assert_ok(kithd_store_open(test_context(), folder, true, &store));
    kithd_store_close(store);
}

static kithd_relay *open_relay(uint64_t quota)
{
    kithd_relay *opened = NULL;
    kithd_options options = {.folder = folder, .is_open = true, .quota = quota};
    assert_ok(kithd_relay_open(&options, &opened, NULL));
    return opened;
}

static int begin(void **state)
{
    (void)state;
    assert_ok(kith_crypto_init(test_context()));
    make_folder();
    relay = open_relay(UINT64_C(1) << 30);
    return 0;
}

static int end(void **state)
{
    (void)state;
    kithd_relay_close(relay);
    return 0;
}

/* A space and its founder, whose author writes in it. */
typedef struct office {
    uint8_t seed[KITH_SEED_BYTES];
    kith_device_keys keys;
    kith_space_id space;
    kith_buf entry;
    uint64_t number; /* of the author's last segment */
    uint8_t header[KITH_HASH_BYTES];
} office;

static void office_init(office *o, uint32_t which)
{
    uint8_t key[KITH_KEY_BYTES];
    kith_charter charter;
    *o = (office){.number = 0};
    memcpy(o->seed, &which, sizeof which);
    kith_device_keys_derive(o->seed, &o->keys);
    kith_buf_init(&o->entry, test_context(), KITH_ENTRY_BYTES_MAX);
    assert_ok(
        kith_charter_write_found(test_context(), o->seed, KITH_SLICE("Field"), &o->entry, key));
    kith_charter_init(&charter, test_context(), NULL);
    assert_ok(kith_charter_apply(&charter, kith_buf_slice(&o->entry)));
    o->space = charter.space;
    kith_charter_deinit(&charter);
}

static void office_deinit(office *o)
{
    kith_buf_deinit(&o->entry);
}

static void write_ask(const office *o, kith_buf *request, uint64_t cursor)
{
    kith_ask ask = {.space = o->space, .cursor = cursor};
    kith_frame_write_ask(request, &ask);
}

static void write_founding(const office *o, kith_buf *request)
{
    write_ask(o, request, 0);
    kith_frame_write(request, KITH_FRAME_ENTRY, kith_buf_slice(&o->entry));
}

/* Writes the author's next segment to the request. */
static void write_segment(office *o, kith_buf *request, kith_slice body)
{
    uint8_t bytes[KITH_HEADER_BYTES + 64];
    kith_segment_header header = {.space = o->space, .number = ++o->number, .epoch = 1};
    memcpy(header.sign, o->keys.sign, sizeof header.sign);
    memcpy(header.previous, o->header, sizeof header.previous);
    kith_body_hash(body, header.body);
    kith_header_sign(&header, o->seed, bytes);
    kith_header_hash(kith_slice_make(bytes, KITH_HEADER_BYTES), o->header);
    memcpy(bytes + KITH_HEADER_BYTES, body.data, body.length);
    kith_frame_write(request, KITH_FRAME_SEGMENT,
                     kith_slice_make(bytes, KITH_HEADER_BYTES + body.length));
}

/* Has a relay answer a request whole. */
static kith_status answer(kithd_relay *at, const uint8_t key[KITH_KEY_BYTES],
                          const kith_buf *request, kith_buf *answer_out)
{
    uint8_t bytes[1000];
    size_t length = 1;
    kithd_session *session = NULL;
    KITH_TRY(kithd_session_open(at, key, &session));
    kith_status status = kithd_session_put(session, kith_buf_slice(request));
    if (status == KITH_OK) {
        kithd_session_finish(session);
    }
    while (status == KITH_OK && length > 0) {
        status = kithd_session_read(session, bytes, sizeof bytes, &length);
        kith_buf_append(answer_out, bytes, length);
    }
    kithd_session_close(session);
    return status;
}

/* The frames of a type in an answer, and the last one's payload. */
static size_t count_frames(const kith_buf *found, kith_frame_type type, kith_frame *last_out)
{
    size_t count = 0;
    kith_reader reader = kith_reader_of(kith_buf_slice(found));
    *last_out = (kith_frame){0};
    while (kith_reader_left(&reader) > 0) {
        uint8_t of = kith_read_u8(&reader);
        kith_slice payload = kith_read_slice(&reader);
        assert_false(reader.failed);
        if (of == type) {
            *last_out = (kith_frame){of, payload};
            count++;
        }
    }
    return count;
}

static void exchange(const office *o, kith_buf *request, kith_buf *found)
{
    assert_ok(kith_buf_status(request));
    kith_buf_clear(found);
    assert_ok(answer(relay, o->keys.sign, request, found));
    kith_buf_clear(request);
}

static uint64_t accepted_in(const kith_buf *found)
{
    kith_frame frame;
    kith_accepted_frame accepted = {.number = 0};
    if (count_frames(found, KITH_FRAME_ACCEPTED, &frame) > 0) {
        assert_true(kith_frame_read_accepted(frame.payload, &accepted));
    }
    return accepted.number;
}

typedef struct pair {
    kith_buf request;
    kith_buf found;
} pair;

static void pair_init(pair *p)
{
    kith_buf_init(&p->request, test_context(), 8 * KITH_FRAME_BYTES_MAX);
    kith_buf_init(&p->found, test_context(), 8 * KITH_FRAME_BYTES_MAX);
}

static void pair_deinit(pair *p)
{
    kith_buf_deinit(&p->request);
    kith_buf_deinit(&p->found);
}

/* More spaces than charters are kept in memory. */
static void test_relay__serves_more_spaces_than_it_remembers(void **state)
{
    (void)state;
    enum { SPACES = 300 };
    pair p;
    static office offices[SPACES];
    pair_init(&p);
    for (uint32_t i = 0; i < SPACES; i++) {
        office_init(&offices[i], i + 1);
        write_founding(&offices[i], &p.request);
        exchange(&offices[i], &p.request, &p.found);
    }
    for (size_t i = 0; i < SPACES; i++) {
        write_ask(&offices[i], &p.request, 0);
        write_segment(&offices[i], &p.request, KITH_SLICE("sealed"));
        exchange(&offices[i], &p.request, &p.found);
        assert_int_equal(accepted_in(&p.found), 1);
        office_deinit(&offices[i]);
    }
    pair_deinit(&p);
}

enum { CROWD = 8, ROUNDS = 40 };

typedef struct worker {
    office *office;
    size_t accepted;
} worker;

static void *push_all(void *user)
{
    worker *w = user;
    pair p;
    pair_init(&p);
    for (size_t i = 0; i < ROUNDS; i++) {
        write_ask(w->office, &p.request, 0);
        write_segment(w->office, &p.request, KITH_SLICE("sealed"));
        kith_buf_clear(&p.found);
        if (answer(relay, w->office->keys.sign, &p.request, &p.found) == KITH_OK &&
            accepted_in(&p.found) == w->office->number) {
            w->accepted++;
        }
        kith_buf_clear(&p.request);
    }
    pair_deinit(&p);
    return NULL;
}

/* Positions of a space without gaps, from 1, and each author's numbers in order. */
static void check_positions(const office *o, uint64_t count)
{
    kithd_store *store = NULL;
    kithd_segment segment = {.position = 0};
    kith_context *cx = test_context();
    assert_ok(kithd_relay_borrow(relay, cx, &store));
    for (uint64_t i = 1; i <= count; i++) {
        assert_ok(kithd_segment_next(store, o->space, i - 1, &segment));
        assert_int_equal(segment.position, i);
        assert_int_equal(segment.number, i);
    }
    assert_int_equal(kithd_segment_next(store, o->space, count, &segment), KITH_E_NOT_FOUND);
    kithd_relay_return(relay, store);
}

/* Each pushes its segments at the same time as the others. */
static void push_at_once(worker workers[CROWD])
{
    pthread_t threads[CROWD];
    for (size_t i = 0; i < CROWD; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, push_all, &workers[i]), 0);
    }
    for (size_t i = 0; i < CROWD; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
}

static void test_relay__commits_what_comes_at_once_together(void **state)
{
    (void)state;
    enum { TRIES = 50 }; /* on one processor it may be long until two meet */
    pair p;
    static office offices[CROWD];
    worker workers[CROWD];
    kithd_figures figures = {0};
    pair_init(&p);
    for (uint32_t i = 0; i < CROWD; i++) {
        office_init(&offices[i], i + 1);
        write_founding(&offices[i], &p.request);
        exchange(&offices[i], &p.request, &p.found);
        workers[i] = (worker){.office = &offices[i]};
    }
    size_t tries = 0;
    for (; tries < TRIES && figures.commits == figures.segments_accepted; tries++) {
        push_at_once(workers);
        figures = kithd_relay_figures(relay);
    }
    assert_int_equal(figures.segments_accepted, tries * CROWD * ROUNDS);
    assert_in_range(figures.commits, 1, figures.segments_accepted - 1);
    for (size_t i = 0; i < CROWD; i++) {
        assert_int_equal(workers[i].accepted, tries * ROUNDS);
        check_positions(&offices[i], tries * ROUNDS);
        office_deinit(&offices[i]);
    }
    pair_deinit(&p);
}

static void note_space(void *user, kith_space_id space)
{
    (void)space;
    ++*(unsigned *)user;
}

static void test_relay__tells_who_watches_when_a_space_grows(void **state)
{
    (void)state;
    unsigned news = 0;
    office o;
    pair p;
    office_init(&o, 1);
    pair_init(&p);
    kithd_relay_watch(relay, note_space, &news);
    write_founding(&o, &p.request);
    exchange(&o, &p.request, &p.found);
    assert_int_equal(news, 1);
    write_ask(&o, &p.request, 0);
    exchange(&o, &p.request, &p.found);
    assert_int_equal(news, 1);
    write_ask(&o, &p.request, 0);
    write_segment(&o, &p.request, KITH_SLICE("one"));
    write_segment(&o, &p.request, KITH_SLICE("two"));
    exchange(&o, &p.request, &p.found);
    assert_int_equal(news, 2);
    pair_deinit(&p);
    office_deinit(&o);
}

/* Entries that another relay's process, or the command, has put into the database. */
static void test_relay__sees_what_others_wrote(void **state)
{
    (void)state;
    office o;
    pair p;
    kith_frame frame;
    office_init(&o, 1);
    pair_init(&p);
    write_ask(&o, &p.request, 0);
    exchange(&o, &p.request, &p.found);
    kithd_relay *second = open_relay(1 << 20);
    write_founding(&o, &p.request);
    assert_ok(answer(second, o.keys.sign, &p.request, &p.found));
    kithd_relay_close(second);
    kith_buf_clear(&p.request);
    write_ask(&o, &p.request, 0);
    exchange(&o, &p.request, &p.found);
    assert_int_equal(count_frames(&p.found, KITH_FRAME_GIVEN_ENTRY, &frame), 1);
    pair_deinit(&p);
    office_deinit(&o);
}

static void test_session_open__is_refused_when_there_are_too_many(void **state)
{
    (void)state;
    enum { MANY = 1000 };
    static const uint8_t key[KITH_KEY_BYTES] = {1};
    static kithd_session *sessions[MANY + 1];
    for (size_t i = 0; i < MANY; i++) {
        assert_ok(kithd_session_open(relay, key, &sessions[i]));
    }
    assert_status(kithd_session_open(relay, key, &sessions[MANY]), KITH_E_BUSY);
    assert_null(sessions[MANY]);
    kithd_session_close(sessions[0]);
    assert_ok(kithd_session_open(relay, key, &sessions[0]));
    for (size_t i = 0; i < MANY; i++) {
        kithd_session_close(sessions[i]);
    }
}

/* A stranger's heads are nothing to keep: a request of sixteen spaces could hold megabytes. */
static void test_session__keeps_little_for_strangers(void **state)
{
    (void)state;
    enum { HEADS = 50000 };
    static kith_segment_head heads[HEADS];
    static const uint8_t stranger[KITH_KEY_BYTES] = {9};
    office o;
    pair p;
    kith_buf list;
    kith_frame frame;
    office_init(&o, 1);
    pair_init(&p);
    kith_buf_init(&list, test_context(), KITH_FRAME_BYTES_MAX);
    write_founding(&o, &p.request);
    exchange(&o, &p.request, &p.found);
    kith_heads_write(&list, heads, HEADS);
    kith_ask ask = {.space = o.space, .flags = KITH_ASK_HEADS, .heads = kith_buf_slice(&list)};
    kith_frame_write_ask(&p.request, &ask);
    kith_buf_clear(&p.found);
    assert_ok(answer(relay, stranger, &p.request, &p.found));
    assert_int_equal(count_frames(&p.found, KITH_FRAME_GIVEN_ENTRY, &frame), 1);
    assert_int_equal(count_frames(&p.found, KITH_FRAME_FAILURE, &frame), 0);
    kith_buf_deinit(&list);
    pair_deinit(&p);
    office_deinit(&o);
}

/* Whatever allocation fails, what was accepted is there, and what was not is not. */
typedef struct short_of_memory {
    size_t left; /* allocations that still succeed */
} short_of_memory;

static void *reallocate(void *user, void *pointer, size_t size)
{
    short_of_memory *memory = user;
    if (size > 0) {
        if (memory->left == 0) {
            return NULL;
        }
        memory->left--;
    }
    if (size == 0) {
        free(pointer);
        return NULL;
    }
    return realloc(pointer, size);
}

static void test_session__loses_nothing_when_memory_ends(void **state)
{
    (void)state;
    office o;
    pair p;
    short_of_memory memory = {.left = SIZE_MAX};
    kith_env env = KITH_ENV_INIT;
    env.user = &memory;
    env.reallocate = reallocate;
    kithd_options options = {.folder = folder, .is_open = true, .quota = 1 << 20, .env = &env};
    office_init(&o, 1);
    pair_init(&p);
    kithd_relay_close(relay);
    assert_ok(kithd_relay_open(&options, &relay, NULL));
    write_founding(&o, &p.request);
    exchange(&o, &p.request, &p.found);
    write_ask(&o, &p.request, 0);
    write_segment(&o, &p.request, KITH_SLICE("sealed"));
    uint64_t accepted = 0;
    size_t given = 0;
    for (; accepted == 0; given++) {
        kith_buf_clear(&p.found);
        memory.left = given;
        kith_status status = answer(relay, o.keys.sign, &p.request, &p.found);
        memory.left = SIZE_MAX;
        accepted = status == KITH_OK ? accepted_in(&p.found) : 0;
        assert_true(status == KITH_OK || status == KITH_E_MEMORY);
    }
    assert_in_range(given, 5, 1000);
    check_positions(&o, 1);
    pair_deinit(&p);
    office_deinit(&o);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_relay__serves_more_spaces_than_it_remembers),
        TEST(test_relay__commits_what_comes_at_once_together),
        TEST(test_relay__tells_who_watches_when_a_space_grows),
        TEST(test_relay__sees_what_others_wrote),
        TEST(test_session_open__is_refused_when_there_are_too_many),
        TEST(test_session__keeps_little_for_strangers),
        TEST(test_session__loses_nothing_when_memory_ends),
    };
    return cmocka_run_group_tests_name("server/session", tests, NULL, NULL);
}
