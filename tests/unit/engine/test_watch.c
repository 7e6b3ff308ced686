/* What a watcher is told: kith_replica_watch(). SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "device.h"
#include "engine/replica.h"

/* What was told, in all calls together. */
typedef struct watcher {
    kith_id ids[KITH_WATCH_IDS_MAX];
    size_t id_count;
    size_t call_count;
    size_t too_many_count;
} watcher;

static void note(void *user, const kith_id *ids, size_t count)
{
    watcher *w = user;
    assert_true(w->id_count + count <= KITH_WATCH_IDS_MAX);
    for (size_t i = 0; i < count; i++) {
        w->ids[w->id_count++] = ids[i];
    }
    w->call_count++;
    w->too_many_count += count == 0;
}

static void watch(test_device *device, watcher *w)
{
    kith_replica_watch(device->replica, note, w);
}

static void assert_told(const watcher *w, size_t call_count, const kith_id *ids, size_t id_count)
{
    assert_int_equal(w->call_count, call_count);
    assert_int_equal(w->too_many_count, 0);
    assert_int_equal(w->id_count, id_count);
    for (size_t i = 0; i < id_count; i++) {
        assert_true(kith_id_equal(w->ids[i], ids[i]));
    }
}

static void add_places(test_device *device, size_t count)
{
    kith_edit *edit = device_edit(device);
    for (size_t i = 0; i < count; i++) {
        (void)edit_create(device, edit, "place", "name=Nongriat", "type=village");
    }
    must(device, kith_edit_commit(edit));
    kith_edit_free(edit);
}

static void test_watch__is_told_of_the_records_of_an_edit(void **state)
{
    test_device *asha = *state;
    watcher w = {.call_count = 0};
    kith_id old = device_add_place(asha, "Nongriat");
    watch(asha, &w);
    kith_edit *edit = device_edit(asha);
    (void)edit_create(asha, edit, "place", "name=Shella", "type=village");
    edit_assign(asha, edit, edit_open(asha, edit, old), "households=7");
    must(asha, kith_edit_commit(edit));
    kith_id ids[] = {kith_edit_record_id(edit, 0), old};
    assert_told(&w, 1, ids, KITH_ARRAY_LENGTH(ids));
    kith_edit_free(edit);
}

static void test_watch__is_told_nothing_when_nothing_changed(void **state)
{
    test_device *asha = *state;
    watcher w = {.call_count = 0};
    kith_id place = device_add_place(asha, "Nongriat");
    watch(asha, &w);
    device_set(asha, place, "name=Nongriat");
    kith_edit *edit = device_edit(asha);
    (void)edit_create(asha, edit, "place", "name=Shella");
    assert_answer(asha, kith_edit_commit(edit), KITH_E_REFUSED);
    kith_edit_free(edit);
    (void)device_text(asha, place, "name");
    assert_told(&w, 0, NULL, 0);
}

static void test_watch__is_told_of_what_an_undo_changed(void **state)
{
    test_device *asha = *state;
    watcher w = {.call_count = 0};
    kith_id place = device_add_place(asha, "Nongriat");
    watch(asha, &w);
    kith_edit *edit = device_edit(asha);
    must(asha, kith_edit_undo(edit));
    kith_edit_free(edit);
    assert_told(&w, 1, &place, 1);
}

static void test_watch__is_told_on_both_sides_of_an_exchange(void **state)
{
    test_device *devices = *state;
    watcher first = {.call_count = 0};
    watcher second = {.call_count = 0};
    device_exchange(&devices[0], &devices[1]);
    kith_id sent = device_add_place(&devices[0], "Nongriat");
    kith_id received = device_add_place(&devices[1], "Shella");
    watch(&devices[0], &first);
    watch(&devices[1], &second);
    device_exchange(&devices[0], &devices[1]);
    assert_told(&first, 1, &received, 1);
    assert_told(&second, 1, &sent, 1);
}

static void test_watch__is_told_of_a_batch_at_its_end(void **state)
{
    test_device *asha = *state;
    watcher w = {.call_count = 0};
    watch(asha, &w);
    must(asha, kith_batch_begin(asha->replica));
    kith_id ids[] = {device_add_place(asha, "Nongriat"), device_add_place(asha, "Shella")};
    assert_told(&w, 0, NULL, 0);
    must(asha, kith_batch_end(asha->replica));
    assert_told(&w, 1, ids, KITH_ARRAY_LENGTH(ids));
}

static void test_watch__is_told_of_no_record_of_a_cancelled_batch(void **state)
{
    test_device *asha = *state;
    watcher w = {.call_count = 0};
    watch(asha, &w);
    must(asha, kith_batch_begin(asha->replica));
    (void)device_add_place(asha, "Nongriat");
    kith_batch_cancel(asha->replica);
    assert_told(&w, 0, NULL, 0);
    (void)device_status(asha);
    assert_int_equal(w.id_count, 0);
}

static void test_watch__is_told_of_so_many_and_no_more(void **state)
{
    test_device *asha = *state;
    watcher w = {.call_count = 0};
    watch(asha, &w);
    add_places(asha, KITH_WATCH_IDS_MAX);
    assert_int_equal(w.call_count, 1);
    assert_int_equal(w.id_count, KITH_WATCH_IDS_MAX);
    add_places(asha, KITH_WATCH_IDS_MAX + 1);
    assert_int_equal(w.call_count, 2);
    assert_int_equal(w.id_count, KITH_WATCH_IDS_MAX);
    assert_int_equal(w.too_many_count, 1);
}

static void test_watch__notices_what_another_handle_wrote(void **state)
{
    (void)state;
    char path[400];
    test_device asha;
    test_device other;
    watcher w = {.call_count = 0};
    (void)snprintf(path, sizeof path, "%s/k.db", test_folder());
    device_init_at(&asha, path);
    device_open(&other, path);
    watch(&asha, &w);
    kith_id place = device_add_place(&other, "Nongriat");
    assert_int_equal(w.call_count, 0);
    assert_field(&asha, place, "name", "Nongriat");
    assert_int_equal(w.call_count, 1);
    assert_int_equal(w.too_many_count, 1);
    (void)device_text(&asha, place, "name");
    assert_int_equal(w.call_count, 1);
    device_close(&other);
    device_close(&asha);
}

/* A watcher that reads and writes: notes each new place beside it. */
typedef struct noter {
    test_device *device;
    size_t call_count;
    kith_id note;
} noter;

static void write_note(void *user, const kith_id *ids, size_t count)
{
    noter *n = user;
    if (n->call_count++ > 0) {
        return;
    }
    char of[64] = "of=";
    assert_int_equal(count, 1);
    assert_field(n->device, ids[0], "name", "Nongriat");
    kith_id_format(ids[0], of + strlen(of));
    n->note = device_add(n->device, "note", of, "kind=note", "text=new");
}

static void test_watch__may_read_and_write(void **state)
{
    test_device *asha = *state;
    noter n = {.device = asha};
    kith_replica_watch(asha->replica, write_note, &n);
    kith_id place = device_add_place(asha, "Nongriat");
    assert_int_equal(n.call_count, 2);
    char id[KITH_ID_TEXT_SIZE];
    kith_id_format(place, id);
    assert_field(asha, n.note, "of", id);
}

static void fail_to_read(void *user, const kith_id *ids, size_t count)
{
    (void)ids;
    (void)count;
    kith_record *record = NULL;
    kith_id nothing = {{0}};
    test_device *device = user;
    assert_answer(device, kith_record_get(device->replica, nothing, NULL, &record),
                  KITH_E_NOT_FOUND);
}

static void test_watch__leaves_the_detail_of_the_call_alone(void **state)
{
    (void)state;
    char path[400];
    test_device asha;
    test_device other;
    (void)snprintf(path, sizeof path, "%s/k.db", test_folder());
    device_init_at(&asha, path);
    device_open(&other, path);
    kith_id place = device_add_place(&asha, "Nongriat");
    kith_edit *edit = device_edit(&asha);
    edit_assign(&asha, edit, edit_open(&asha, edit, place), "households=7");
    kith_replica_watch(asha.replica, fail_to_read, &asha);
    /* The commit notices the other's removal, is refused, and tells the watcher. */
    device_remove(&other, place);
    assert_answer(&asha, kith_edit_commit(edit), KITH_E_REFUSED);
    kith_edit_free(edit);
    kith_replica_watch(asha.replica, NULL, NULL);
    device_close(&other);
    device_close(&asha);
}

static void test_watch__ends_with_no_function(void **state)
{
    test_device *asha = *state;
    watcher w = {.call_count = 0};
    watch(asha, &w);
    kith_replica_watch(asha->replica, NULL, NULL);
    (void)device_add_place(asha, "Nongriat");
    assert_told(&w, 0, NULL, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        device_test(test_watch__is_told_of_the_records_of_an_edit),
        device_test(test_watch__is_told_nothing_when_nothing_changed),
        device_test(test_watch__is_told_of_what_an_undo_changed),
        devices_test(test_watch__is_told_on_both_sides_of_an_exchange),
        device_test(test_watch__is_told_of_a_batch_at_its_end),
        device_test(test_watch__is_told_of_no_record_of_a_cancelled_batch),
        device_test(test_watch__is_told_of_so_many_and_no_more),
        cmocka_unit_test(test_watch__notices_what_another_handle_wrote),
        device_test(test_watch__may_read_and_write),
        cmocka_unit_test(test_watch__leaves_the_detail_of_the_call_alone),
        device_test(test_watch__ends_with_no_function),
    };
    return cmocka_run_group_tests_name("engine/watch", tests, NULL, NULL);
}
