/* Every allocation that the tour leads to fails once: Kith's own, those of the JSON library, those
 * of SQLite. A call says so clearly, what was acknowledged stays, the next call works on the same
 * handle, and nothing is left behind. SPDX-License-Identifier: Apache-2.0 */
#include <cjson/cJSON.h>
#include <sqlite3.h>
#include <stdlib.h>

#include "cases.h"
#include "ground.h"
#include "tour.h"

/* A heap that the whole process shares; hooks have no place for a context. */
typedef struct shared_heap {
    size_t allocation_count;
    size_t failing_allocation; /* by that count; 0 for none */
    bool stays;
    bool has_failed;
    size_t pieces_out;
} shared_heap;

/* Where the chances are those of long loops, some of them stand for the others. */
enum { STRIDE = 11 };

static shared_heap json_heap;
static shared_heap sqlite_heap;
static sqlite3_mem_methods sqlite_methods; /* SQLite's own */

static bool fails(shared_heap *heap)
{
    heap->allocation_count++;
    bool is_due = heap->failing_allocation != 0 &&
                  (heap->allocation_count == heap->failing_allocation ||
                   (heap->stays && heap->allocation_count > heap->failing_allocation));
    heap->has_failed = heap->has_failed || is_due;
    return is_due;
}

static void arm_heap(shared_heap *heap, uint64_t nth, bool stays)
{
    heap->failing_allocation = heap->allocation_count + nth;
    heap->stays = stays;
    heap->has_failed = false;
}

static bool disarm_heap(shared_heap *heap)
{
    heap->failing_allocation = 0;
    return heap->has_failed;
}

static void *json_allocate(size_t size)
{
    void *piece = fails(&json_heap) ? NULL : malloc(size);
    json_heap.pieces_out += piece != NULL;
    return piece;
}

static void json_free(void *piece)
{
    json_heap.pieces_out -= piece != NULL;
    free(piece);
}

static void *sqlite_allocate(int size)
{
    void *piece = fails(&sqlite_heap) ? NULL : sqlite_methods.xMalloc(size);
    sqlite_heap.pieces_out += piece != NULL;
    return piece;
}

static void *sqlite_reallocate(void *piece, int size)
{
    return fails(&sqlite_heap) ? NULL : sqlite_methods.xRealloc(piece, size);
}

static void sqlite_free(void *piece)
{
    sqlite_heap.pieces_out -= piece != NULL;
    sqlite_methods.xFree(piece);
}

/* Before SQLite is used for the first time. Without small pieces set aside for each connection,
 * every allocation comes here. */
static void take_heaps(void)
{
    cJSON_Hooks hooks = {json_allocate, json_free};
    cJSON_InitHooks(&hooks);
    (void)sqlite3_config(SQLITE_CONFIG_GETMALLOC, &sqlite_methods);
    sqlite3_mem_methods methods = sqlite_methods;
    methods.xMalloc = sqlite_allocate;
    methods.xRealloc = sqlite_reallocate;
    methods.xFree = sqlite_free;
    (void)sqlite3_config(SQLITE_CONFIG_MALLOC, &methods);
    (void)sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0);
}

static void arm_own(tour *t, uint64_t nth)
{
    outside_fail_allocation(&t->outside, nth, false);
}

static void arm_own_from_then_on(tour *t, uint64_t nth)
{
    outside_fail_allocation(&t->outside, nth, true);
}

static bool disarm_own(tour *t)
{
    return outside_mend(&t->outside);
}

static void arm_json(tour *t, uint64_t nth)
{
    (void)t;
    arm_heap(&json_heap, nth, false);
}

static bool disarm_json(tour *t)
{
    (void)t;
    return disarm_heap(&json_heap);
}

static void arm_sqlite(tour *t, uint64_t nth)
{
    (void)t;
    arm_heap(&sqlite_heap, nth, false);
}

static void arm_sqlite_from_then_on(tour *t, uint64_t nth)
{
    (void)t;
    arm_heap(&sqlite_heap, nth, true);
}

static bool disarm_sqlite(tour *t)
{
    (void)t;
    return disarm_heap(&sqlite_heap);
}

static bool is_memory(kith_status status)
{
    return status == KITH_E_MEMORY;
}

static void test_every_allocation_failing_once__loses_nothing(void **state)
{
    (void)state;
    tour_take(&tour_of_all, &(tour_fault){"no memory", arm_own, disarm_own, is_memory, 1});
}

static void test_every_allocation_failing_from_then_on__loses_nothing(void **state)
{
    (void)state;
    tour_take(&tour_of_all,
              &(tour_fault){"no memory for now", arm_own_from_then_on, disarm_own, is_memory, 1});
}

static void test_every_allocation_of_json_failing_once__loses_nothing(void **state)
{
    (void)state;
    size_t before = json_heap.pieces_out;
    tour_take(&tour_of_all,
              &(tour_fault){"no memory for JSON", arm_json, disarm_json, is_memory, 1});
    assert_int_equal(json_heap.pieces_out, before);
}

static void test_every_allocation_of_sqlite_failing_once__loses_nothing(void **state)
{
    (void)state;
    size_t before = sqlite_heap.pieces_out;
    tour_take(&tour_of_all,
              &(tour_fault){"no memory for SQLite", arm_sqlite, disarm_sqlite, is_memory, 1});
    assert_int_equal(sqlite_heap.pieces_out, before);
}

static void test_every_allocation_of_sqlite_failing_from_then_on__loses_nothing(void **state)
{
    (void)state;
    tour_take(&tour_of_all, &(tour_fault){"no memory for SQLite for now", arm_sqlite_from_then_on,
                                          disarm_sqlite, is_memory, STRIDE});
}

static void test_memory_lacking_while_the_log_is_packed__loses_nothing(void **state)
{
    (void)state;
    tour_take(&tour_of_full_log,
              &(tour_fault){"no memory", arm_own, disarm_own, is_memory, STRIDE});
    tour_take(&tour_of_full_log,
              &(tour_fault){"no memory for SQLite", arm_sqlite, disarm_sqlite, is_memory, STRIDE});
}

/* Figures are read from what was put off until then: a flush, that power may take. The edit after
 * it is one that power may not take, whatever became of the flush. */
static void test_an_edit_after_a_flush_that_lacked_memory__survives_a_power_cut(void **state)
{
    (void)state;
    bool has_failed = true;
    for (uint64_t nth = 1; has_failed; nth++) {
        ground g;
        kith_replica_status figures = {.struct_size = sizeof figures};
        ground_begin(&g, nth);
        cases_note("with allocation %llu failing", (unsigned long long)nth);
        arm_heap(&sqlite_heap, nth, false);
        kith_status status = kith_replica_read_status(g.replica, &figures);
        has_failed = disarm_heap(&sqlite_heap);
        assert_true(status == KITH_OK || status == KITH_E_MEMORY);
        assert_ok(ground_set(&g, "households", "12"));
        ground_cut_power(&g);
        ground_assert_holds(&g, "households", "12");
        ground_end(&g);
    }
    cases_done();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        property_test(test_every_allocation_failing_once__loses_nothing),
        property_test(test_every_allocation_failing_from_then_on__loses_nothing),
        property_test(test_every_allocation_of_json_failing_once__loses_nothing),
        property_test(test_every_allocation_of_sqlite_failing_once__loses_nothing),
        property_test(test_every_allocation_of_sqlite_failing_from_then_on__loses_nothing),
        property_test(test_an_edit_after_a_flush_that_lacked_memory__survives_a_power_cut),
        property_test(test_memory_lacking_while_the_log_is_packed__loses_nothing),
    };
    take_heaps();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
