/* The power goes at any moment of a random day (workday.h), and perhaps again while the replicas
 * are opened afterwards. Whatever was answered with KITH_OK is there, exactly as it was; the deed
 * that was under way is done as a whole or not at all; and work goes on.
 *
 * The day is lived twice: up to some deed on a sound disk, to see what the replicas tell before and
 * after it, then on one whose power goes in that deed. SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "cases.h"
#include "dump.h"
#include "exchange.h"
#include "workday.h"

enum { CASES = 400, DEEDS_MAX = 20, RECOVERY_OPERATIONS_MAX = 40 };

/* Days that are long enough for the write-ahead log to be moved into the database meanwhile. */
enum { WORDY_CASES = 10, WORDY_DEEDS = 60 };

/* What each replica must tell: the first before the deed, the second after it. "" is none. */
typedef struct prospect {
    bool is_wordy;
    uint64_t deed;
    char *told[2][WORKDAY_REPLICAS];
    uint64_t operations; /* of the disk in that deed */
} prospect;

/* Where the test is: whatever else is done to replicas must not fail. */
static void must(kith_replica *replica, kith_status status, const char *what)
{
    if (status != KITH_OK) {
        fail_msg("%s: %s (%s)", what, kith_status_name(status),
                 replica == NULL ? "" : kith_replica_error(replica)->message);
    }
}

static char *tell(kith_replica *replica)
{
    char *text = NULL;
    if (replica == NULL) {
        text = strdup("");
        assert_non_null(text);
        return text;
    }
    must(replica, dump_replica(replica, &text), "reading all");
    return text;
}

static void live_until(workday *day, uint64_t deed)
{
    for (uint64_t number = 0; number < deed; number++) {
        must(day->replicas[0], workday_do(day, number), workday_name(day, number));
    }
}

static void foresee(prospect *p, uint64_t seed)
{
    workday day;
    workday_begin(&day, seed);
    day.is_wordy = p->is_wordy;
    live_until(&day, p->deed);
    for (size_t i = 0; i < WORKDAY_REPLICAS; i++) {
        p->told[0][i] = tell(day.replicas[i]);
    }
    uint64_t before = disk_operations(day.disk);
    must(day.replicas[0], workday_do(&day, p->deed), workday_name(&day, p->deed));
    p->operations = disk_operations(day.disk) - before;
    for (size_t i = 0; i < WORKDAY_REPLICAS; i++) {
        p->told[1][i] = tell(day.replicas[i]);
    }
    workday_end(&day);
}

static void forget(prospect *p)
{
    for (size_t i = 0; i < WORKDAY_REPLICAS; i++) {
        free(p->told[0][i]);
        free(p->told[1][i]);
    }
}

/* Opens what there is. */
static kith_status open_all(workday *day)
{
    for (size_t i = 0; i < WORKDAY_REPLICAS; i++) {
        kith_status status = workday_open(day, i, false);
        KITH_ENSURE(status == KITH_OK || status == KITH_E_NOT_FOUND, status);
    }
    return KITH_OK;
}

/* Power comes back and goes again before all is as it was. */
static void lose_power_again(workday *day, test_random *random)
{
    disk_fail(day->disk, DISK_POWER_CUT, 1 + test_below(random, RECOVERY_OPERATIONS_MAX), true);
    kith_status status = open_all(day);
    if (status == KITH_OK && day->replicas[0] != NULL) {
        kith_replica_status figures = {.struct_size = sizeof figures};
        status = kith_replica_read_status(day->replicas[0], &figures);
    }
    assert_true(status == KITH_OK || status == KITH_E_IO);
    workday_close(day);
    disk_restart(day->disk);
}

static void check_sound(kith_replica *replica, uint8_t hash_out[32])
{
    kith_check_report report = {.struct_size = sizeof report};
    must(replica, kith_replica_check(replica, 1, NULL, NULL, &report), "checking");
    assert_int_equal(report.rebuilt_differs, 0);
    memcpy(hash_out, report.state_hash, sizeof report.state_hash);
}

/* Nothing of a deed that was answered may lack; one that was not may be there, but whole. */
static void check_replica(kith_replica *replica, const prospect *p, size_t which, bool was_answered)
{
    char *told = tell(replica);
    bool is_before = strcmp(told, p->told[0][which]) == 0;
    if (!is_before || was_answered) {
        dump_assert_equal(told, p->told[1][which]);
    }
    free(told);
}

/* Makes what is not there, works and exchanges. In the end both have the same. */
static void go_on(workday *day, uint64_t deed)
{
    uint8_t hashes[WORKDAY_REPLICAS][32];
    outside_begin_step(&day->outside, deed + 1);
    for (size_t i = 0; i < WORKDAY_REPLICAS; i++) {
        if (day->replicas[i] == NULL) {
            must(NULL, workday_open(day, i, true), "making a replica");
        }
    }
    for (uint64_t number = deed + 1; number < deed + 4; number++) {
        if (number >= WORKDAY_REPLICAS) {
            must(day->replicas[0], workday_do(day, number), workday_name(day, number));
        }
    }
    must(day->replicas[0], exchange_changes(day->replicas[0], day->replicas[1], NULL, NULL),
         "exchanging");
    for (size_t i = 0; i < WORKDAY_REPLICAS; i++) {
        check_sound(day->replicas[i], hashes[i]);
    }
    assert_memory_equal(hashes[0], hashes[1], sizeof hashes[0]);
}

static void cut_power_in_deed(workday *day, prospect *p, test_random *random)
{
    live_until(day, p->deed);
    /* After the last operation of the deed: it is answered, and then the power goes. */
    disk_fail(day->disk, DISK_POWER_CUT, 1 + test_below(random, p->operations + 1), true);
    bool was_answered = workday_do(day, p->deed) == KITH_OK;
    workday_close(day);
    disk_restart(day->disk);
    while (test_below(random, 2) == 0) {
        lose_power_again(day, random);
    }
    must(NULL, open_all(day), "opening");
    for (size_t i = 0; i < WORKDAY_REPLICAS; i++) {
        uint8_t hash[32];
        check_replica(day->replicas[i], p, i, was_answered);
        if (day->replicas[i] != NULL) {
            check_sound(day->replicas[i], hash);
        }
    }
}

static void check_deed(prospect *p, uint64_t seed, test_random *random)
{
    workday day;
    foresee(p, seed);
    workday_begin(&day, seed);
    day.is_wordy = p->is_wordy;
    cut_power_in_deed(&day, p, random);
    go_on(&day, p->deed);
    workday_end(&day);
    forget(p);
}

static void check_day(uint64_t seed)
{
    test_random random = test_random_of(seed ^ UINT64_C(0x5bd1e9955bd1e995));
    prospect p = {.deed = test_below(&random, DEEDS_MAX)};
    check_deed(&p, seed, &random);
}

/* The deed after which the write-ahead log is moved writes most. */
static uint64_t find_greatest_deed(uint64_t seed)
{
    workday day;
    uint64_t greatest = 0;
    uint64_t greatest_operations = 0;
    workday_begin(&day, seed);
    day.is_wordy = true;
    for (uint64_t number = 0; number < WORDY_DEEDS; number++) {
        uint64_t before = disk_operations(day.disk);
        must(day.replicas[0], workday_do(&day, number), workday_name(&day, number));
        if (disk_operations(day.disk) - before > greatest_operations) {
            greatest_operations = disk_operations(day.disk) - before;
            greatest = number;
        }
    }
    workday_end(&day);
    return greatest;
}

static void check_wordy_day(uint64_t seed)
{
    test_random random = test_random_of(seed);
    prospect p = {.is_wordy = true, .deed = find_greatest_deed(seed)};
    check_deed(&p, seed, &random);
}

static void test_a_power_cut_at_any_moment__loses_nothing_that_was_answered(void **state)
{
    (void)state;
    cases_run(CASES, check_day);
}

static void test_a_power_cut_while_the_log_is_moved__loses_nothing_that_was_answered(void **state)
{
    (void)state;
    cases_run(WORDY_CASES, check_wordy_day);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        property_test(test_a_power_cut_at_any_moment__loses_nothing_that_was_answered),
        property_test(test_a_power_cut_while_the_log_is_moved__loses_nothing_that_was_answered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
