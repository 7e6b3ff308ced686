/* What the relay does with requests, without HTTP. tests/e2e/test_kithd.py asks it the rest by
 * words of its own; here stands what needs threads, many spaces, or memory that ends.
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/api/session.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/limits.h"
#include "harness.h"
#include "offices.h"

static kithd_relay *relay;

static kithd_relay *open_relay(uint64_t quota)
{
    kithd_options options = {.folder = office_folder, .is_open = true, .quota = quota};
    return office_relay_open(&options);
}

static int begin(void **state)
{
    (void)state;
    office_folder_make();
    relay = open_relay(UINT64_C(1) << 30);
    return 0;
}

static int end(void **state)
{
    (void)state;
    kithd_relay_close(relay);
    return 0;
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
        office_write_founding(&offices[i], &p.request);
        office_exchange(relay, &offices[i], &p.request, &p.found);
    }
    for (size_t i = 0; i < SPACES; i++) {
        office_write_ask(&offices[i], &p.request, 0);
        office_write_segment(&offices[i], &p.request, KITH_SLICE("sealed"));
        office_exchange(relay, &offices[i], &p.request, &p.found);
        assert_int_equal(office_accepted_in(&p.found), 1);
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
        office_write_ask(w->office, &p.request, 0);
        office_write_segment(w->office, &p.request, KITH_SLICE("sealed"));
        kith_buf_clear(&p.found);
        if (office_answer(relay, w->office->keys.sign, &p.request, &p.found) == KITH_OK &&
            office_accepted_in(&p.found) == w->office->number) {
            w->accepted++;
        }
        kith_buf_clear(&p.request);
    }
    pair_deinit(&p);
    return NULL;
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
        office_write_founding(&offices[i], &p.request);
        office_exchange(relay, &offices[i], &p.request, &p.found);
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
        office_check_positions(relay, &offices[i], tries * ROUNDS);
        office_deinit(&offices[i]);
    }
    pair_deinit(&p);
}

/* Who handed its batch in, and is called when that is stored. */
typedef struct waiting {
    pthread_mutex_t lock;
    pthread_cond_t called;
    bool is_called;
} waiting;

static void note_done(void *user)
{
    waiting *w = user;
    (void)pthread_mutex_lock(&w->lock);
    w->is_called = true;
    (void)pthread_cond_signal(&w->called);
    (void)pthread_mutex_unlock(&w->lock);
}

static void await(waiting *w)
{
    (void)pthread_mutex_lock(&w->lock);
    while (!w->is_called) {
        (void)pthread_cond_wait(&w->called, &w->lock);
    }
    (void)pthread_mutex_unlock(&w->lock);
}

static void test_session_hand_in__stores_without_its_thread(void **state)
{
    (void)state;
    waiting w = {.is_called = false};
    office o;
    pair p;
    kithd_session *session = NULL;
    (void)pthread_mutex_init(&w.lock, NULL);
    (void)pthread_cond_init(&w.called, NULL);
    office_init(&o, 1);
    pair_init(&p);
    office_write_founding(&o, &p.request);
    office_exchange(relay, &o, &p.request, &p.found);
    office_write_ask(&o, &p.request, 0);
    office_write_segment(&o, &p.request, KITH_SLICE("sealed"));
    assert_ok(kithd_session_open(relay, o.keys.sign, &session));
    assert_false(kithd_session_has_unstored(session));
    assert_ok(kithd_session_put(session, kith_buf_slice(&p.request)));
    assert_true(kithd_session_has_unstored(session));
    assert_false(kithd_session_hand_in(session, note_done, &w)); /* no thread stores it */
    assert_ok(kithd_relay_start(relay));
    assert_true(kithd_session_hand_in(session, note_done, &w));
    await(&w);
    office_check_positions(relay, &o, 1);
    kithd_session_finish(session);
    assert_false(kithd_session_has_unstored(session));
    kithd_session_close(session);
    kithd_relay_stop(relay);
    assert_int_equal(kithd_relay_figures(relay).segments_accepted, 1);
    pair_deinit(&p);
    office_deinit(&o);
    (void)pthread_cond_destroy(&w.called);
    (void)pthread_mutex_destroy(&w.lock);
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
    office_write_founding(&o, &p.request);
    office_exchange(relay, &o, &p.request, &p.found);
    assert_int_equal(news, 1);
    office_write_ask(&o, &p.request, 0);
    office_exchange(relay, &o, &p.request, &p.found);
    assert_int_equal(news, 1);
    office_write_ask(&o, &p.request, 0);
    office_write_segment(&o, &p.request, KITH_SLICE("one"));
    office_write_segment(&o, &p.request, KITH_SLICE("two"));
    office_exchange(relay, &o, &p.request, &p.found);
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
    office_write_ask(&o, &p.request, 0);
    office_exchange(relay, &o, &p.request, &p.found);
    kithd_relay *second = open_relay(1 << 20);
    office_write_founding(&o, &p.request);
    assert_ok(office_answer(second, o.keys.sign, &p.request, &p.found));
    kithd_relay_close(second);
    kith_buf_clear(&p.request);
    office_write_ask(&o, &p.request, 0);
    office_exchange(relay, &o, &p.request, &p.found);
    assert_int_equal(office_count_frames(&p.found, KITH_FRAME_GIVEN_ENTRY, &frame), 1);
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
    office_write_founding(&o, &p.request);
    office_exchange(relay, &o, &p.request, &p.found);
    kith_heads_write(&list, heads, HEADS);
    kith_ask ask = {.space = o.space, .flags = KITH_ASK_HEADS, .heads = kith_buf_slice(&list)};
    kith_frame_write_ask(&p.request, &ask);
    kith_buf_clear(&p.found);
    assert_ok(office_answer(relay, stranger, &p.request, &p.found));
    assert_int_equal(office_count_frames(&p.found, KITH_FRAME_GIVEN_ENTRY, &frame), 1);
    assert_int_equal(office_count_frames(&p.found, KITH_FRAME_FAILURE, &frame), 0);
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
    kithd_options options = {
        .folder = office_folder, .is_open = true, .quota = 1 << 20, .env = &env};
    office_init(&o, 1);
    pair_init(&p);
    kithd_relay_close(relay);
    assert_ok(kithd_relay_open(&options, &relay, NULL));
    office_write_founding(&o, &p.request);
    office_exchange(relay, &o, &p.request, &p.found);
    office_write_ask(&o, &p.request, 0);
    office_write_segment(&o, &p.request, KITH_SLICE("sealed"));
    uint64_t accepted = 0;
    size_t given = 0;
    for (; accepted == 0; given++) {
        kith_buf_clear(&p.found);
        memory.left = given;
        kith_status status = office_answer(relay, o.keys.sign, &p.request, &p.found);
        memory.left = SIZE_MAX;
        accepted = status == KITH_OK ? office_accepted_in(&p.found) : 0;
        assert_true(status == KITH_OK || status == KITH_E_MEMORY);
    }
    assert_in_range(given, 5, 1000);
    office_check_positions(relay, &o, 1);
    pair_deinit(&p);
    office_deinit(&o);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_relay__serves_more_spaces_than_it_remembers),
        TEST(test_relay__commits_what_comes_at_once_together),
        TEST(test_session_hand_in__stores_without_its_thread),
        TEST(test_relay__tells_who_watches_when_a_space_grows),
        TEST(test_relay__sees_what_others_wrote),
        TEST(test_session_open__is_refused_when_there_are_too_many),
        TEST(test_session__keeps_little_for_strangers),
        TEST(test_session__loses_nothing_when_memory_ends),
    };
    return cmocka_run_group_tests_name("server/session", tests, NULL, NULL);
}
