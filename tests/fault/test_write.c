/* Every write, sync and truncation that the tour leads to fails once, and every read. A call says
 * so clearly, what was acknowledged stays, and when the disk is well again the next call works on
 * the same handle. SPDX-License-Identifier: Apache-2.0 */
#include "cases.h"
#include "tour.h"

static void arm_error(tour *t, uint64_t nth)
{
    disk_fail(t->disk, DISK_IO_ERROR, nth, false);
}

static void arm_errors(tour *t, uint64_t nth)
{
    disk_fail(t->disk, DISK_IO_ERROR, nth, true);
}

static void arm_full(tour *t, uint64_t nth)
{
    disk_fail(t->disk, DISK_FULL, nth, false);
}

static void arm_full_for_now(tour *t, uint64_t nth)
{
    disk_fail(t->disk, DISK_FULL, nth, true);
}

/* A replica that was just opened has read next to nothing yet. */
static void arm_read_error(tour *t, uint64_t nth)
{
    if (t->a != NULL) {
        assert_ok(tour_reopen(t));
    }
    disk_fail_read(t->disk, nth);
}

static bool disarm(tour *t)
{
    return disk_mend(t->disk);
}

static bool is_io(kith_status status)
{
    return status == KITH_E_IO;
}

static bool is_full(kith_status status)
{
    return status == KITH_E_FULL;
}

static void test_every_write_failing_once__loses_nothing(void **state)
{
    (void)state;
    tour_take(&tour_of_all, &(tour_fault){"an I/O error", arm_error, disarm, is_io, 1});
}

static void test_every_write_failing_from_then_on__loses_nothing(void **state)
{
    (void)state;
    tour_take(&tour_of_all, &(tour_fault){"I/O errors", arm_errors, disarm, is_io, 1});
}

static void test_a_disk_full_at_every_write__loses_nothing(void **state)
{
    (void)state;
    tour_take(&tour_of_all, &(tour_fault){"a full disk", arm_full, disarm, is_full, 1});
}

static void test_a_disk_full_from_every_write_on__loses_nothing(void **state)
{
    (void)state;
    tour_take(&tour_of_all,
              &(tour_fault){"a disk that stays full", arm_full_for_now, disarm, is_full, 1});
}

static void test_every_read_failing_once__loses_nothing(void **state)
{
    (void)state;
    tour_take(&tour_of_all, &(tour_fault){"a read error", arm_read_error, disarm, is_io, 1});
}

/* Long loops of like operations: some of them stand for the others. */
enum { STRIDE = 7 };

static void test_a_write_failing_while_the_log_is_packed__loses_nothing(void **state)
{
    (void)state;
    tour_take(&tour_of_full_log, &(tour_fault){"an I/O error", arm_error, disarm, is_io, STRIDE});
}

static void test_a_disk_full_while_the_log_is_packed__loses_nothing(void **state)
{
    (void)state;
    tour_take(&tour_of_full_log,
              &(tour_fault){"a disk that stays full", arm_full_for_now, disarm, is_full, STRIDE});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        property_test(test_every_write_failing_once__loses_nothing),
        property_test(test_every_write_failing_from_then_on__loses_nothing),
        property_test(test_a_disk_full_at_every_write__loses_nothing),
        property_test(test_a_disk_full_from_every_write_on__loses_nothing),
        property_test(test_every_read_failing_once__loses_nothing),
        property_test(test_a_write_failing_while_the_log_is_packed__loses_nothing),
        property_test(test_a_disk_full_while_the_log_is_packed__loses_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
