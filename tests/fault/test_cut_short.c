/* Work that is cut short: by a limit that is met late, by its caller, or because its caller may not
 * do it now. SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "engine/replica.h"
#include "ground.h"

/* A record may grow so large, in these tests. */
enum { SMALL_RECORD_BYTES = 1000, LONG_TEXT_BYTES = 2000 };

/* More commits than there are between two calls of a progress function. */
enum { COMMITS = 1200 };

static const char *long_text(char text[LONG_TEXT_BYTES + 1])
{
    memset(text, 'x', LONG_TEXT_BYTES);
    text[LONG_TEXT_BYTES] = '\0';
    return text;
}

/* The limit is met when the change is applied: it is in the log by then. */
static void test_an_edit_that_is_too_large_when_applied__changes_nothing(void **state)
{
    (void)state;
    ground g;
    char text[LONG_TEXT_BYTES + 1];
    ground_begin(&g, 1);
    size_t before = g.replica->fold.packed.max_bytes;
    g.replica->fold.packed.max_bytes = SMALL_RECORD_BYTES;
    assert_int_equal(ground_set(&g, "remarks", long_text(text)), KITH_E_LIMIT);
    g.replica->fold.packed.max_bytes = before;
    assert_ok(ground_set(&g, "households", "12"));
    ground_assert_holds(&g, "remarks", "");
    ground_assert_holds(&g, "households", "12");
    ground_end(&g);
}

static void test_an_edit_that_is_too_large_when_applied__takes_its_batch_back(void **state)
{
    (void)state;
    ground g;
    char text[LONG_TEXT_BYTES + 1];
    ground_begin(&g, 1);
    size_t before = g.replica->fold.packed.max_bytes;
    assert_ok(kith_batch_begin(g.replica));
    assert_ok(ground_set(&g, "population", "70"));
    g.replica->fold.packed.max_bytes = SMALL_RECORD_BYTES;
    assert_int_equal(ground_set(&g, "remarks", long_text(text)), KITH_E_LIMIT);
    g.replica->fold.packed.max_bytes = before;
    assert_int_equal(ground_set(&g, "households", "12"), KITH_E_LIMIT);
    assert_int_equal(kith_batch_end(g.replica), KITH_E_LIMIT);
    ground_assert_holds(&g, "population", "");
    assert_ok(ground_set(&g, "households", "13"));
    ground_assert_holds(&g, "households", "13");
    ground_end(&g);
}

static kith_status stop(void *user, uint64_t done, uint64_t total)
{
    (void)user;
    (void)done;
    (void)total;
    return KITH_E_STOPPED;
}

/* So many commits that their check has a progress to tell of, and so long that they make a pack. */
static void make_commits(ground *g)
{
    assert_ok(kith_batch_begin(g->replica));
    for (unsigned i = 1; i <= COMMITS; i++) {
        char text[64];
        (void)snprintf(text, sizeof text, "%060u", i);
        assert_ok(ground_set(g, "remarks", text));
    }
    assert_ok(kith_batch_end(g->replica));
}

static void test_a_rebuild_that_is_stopped__leaves_the_state_alone(void **state)
{
    (void)state;
    ground g;
    kith_check_report report = {.struct_size = sizeof report};
    ground_begin(&g, 1);
    make_commits(&g);
    assert_int_equal(kith_replica_check(g.replica, 1, stop, NULL, &report), KITH_E_STOPPED);
    ground_assert_holds(&g, "type", "village");
    ground_end(&g);
}

/* What a progress function was answered when it used the replica. */
typedef struct intrusion {
    ground *ground;
    kith_status status;
} intrusion;

static kith_status intrude(void *user, uint64_t done, uint64_t total)
{
    intrusion *i = user;
    (void)done;
    (void)total;
    i->status = ground_set(i->ground, "households", "3");
    return KITH_OK;
}

static void test_a_callback_that_uses_its_replica__is_refused(void **state)
{
    (void)state;
    ground g;
    intrusion i = {.ground = &g, .status = KITH_OK};
    kith_check_report report = {.struct_size = sizeof report};
    ground_begin(&g, 1);
    make_commits(&g);
    assert_ok(kith_replica_check(g.replica, 0, intrude, &i, &report));
    assert_int_equal(i.status, KITH_E_STATE);
    ground_assert_holds(&g, "households", "");
    ground_end(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_edit_that_is_too_large_when_applied__changes_nothing),
        cmocka_unit_test(test_an_edit_that_is_too_large_when_applied__takes_its_batch_back),
        cmocka_unit_test(test_a_rebuild_that_is_stopped__leaves_the_state_alone),
        cmocka_unit_test(test_a_callback_that_uses_its_replica__is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
