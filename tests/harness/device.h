/* A device of a worker, whole inside a test: a replica whose clocks stand still until told, whose
 * chance comes from a seed, whose memory runs out when asked to.
 *
 * Records are given as people type them: device_add(&asha, "place", "name=Nongriat",
 * "type=village"); "roles+=migrant" adds to a set and "roles-=migrant" takes out of it.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_TESTS_DEVICE_H
#define KITH_TESTS_DEVICE_H

#include <kith/edit.h>
#include <kith/history.h>
#include <kith/query.h>
#include <kith/space.h>

#include "harness.h"
#include "value/value.h"

/** When devices are made, as their clocks have it: 24 November 2026, 08:00 UTC. */
#define DEVICE_START_MS INT64_C(1795507200000)

#define DEVICE_MINUTE_MS INT64_C(60000)
#define DEVICE_DAY_MS INT64_C(86400000)
#define DEVICE_YEAR_MS INT64_C(31556952000)

/** SQLite's name for a database that is gone when it is closed. */
#define DEVICE_IN_MEMORY ":memory:"

/** How far others have seen what an author wrote: what a backup does not bring back. */
typedef struct test_mark {
    char author[20];
    uint64_t number;
} test_mark;

enum { TEST_MARKS_MAX = 32 };

typedef struct test_device {
    kith_env env; /* has a pointer to the device, which therefore stays where it is */
    kith_replica *replica;
    char path[320];
    int64_t wall_ms;
    int64_t monotonic_ms;
    test_random random;
    size_t allocation_count;   /* since it was last set to 0 */
    size_t failing_allocation; /* by that count, from 1; 0 for none */
    test_mark marks[TEST_MARKS_MAX];
    size_t mark_count;
    bool has_no_marks; /* they can be neither read nor kept */
} test_device;

/** Tests that find one fresh device in `*state`, or an array of three. */
#define device_test(function) \
    cmocka_unit_test_setup_teardown(function, device_make_one, device_close_all)
#define devices_test(function) \
    cmocka_unit_test_setup_teardown(function, device_make_three, device_close_all)
int device_make_one(void **state);
int device_make_three(void **state);
int device_close_all(void **state);

/** Makes a device and its replica: in memory, or at a path. Each has a seed of its own. */
void device_init(test_device *device);
void device_init_at(test_device *device, const char *path);

/** Makes another replica of a device, in memory, for a space of its own. */
void device_init_beside(test_device *device, test_device *first);

/** The same from a seed, so that a case with it can be replayed. */
void device_init_seeded(test_device *device, const char *path, uint64_t seed);

/** The same on a disk of its own, by the name of its VFS. */
void device_init_on(test_device *device, const char *storage, const char *path, uint64_t seed);

/** Opens the replica again after it was closed by hand. */
void device_open_again(test_device *device);

/** Opens a replica that is there, as another process would. */
void device_open(test_device *device, const char *path);

/** Closes the replica and opens it again, as after a restart. */
void device_reopen(test_device *device);

void device_close(test_device *device);

/** Runs SQL on a database file, behind everybody's back. */
void spoil_file(const char *path, const char *sql);

/** Lets time pass: both clocks go on. */
void device_wait(test_device *device, int64_t ms);

/** Sets the wall clock, as a person does or a reset. */
void device_set_clock(test_device *device, int64_t wall_ms);

/** Fails unless a call on the device's replica answered so, and unless a failure is the one that
 *  the replica's detail tells of. */
#define assert_answer(device, actual, expected) \
    device_assert_answer((device), (actual), (expected), #actual, __FILE__, __LINE__)
#define must(device, actual) assert_answer(device, actual, KITH_OK)
void device_assert_answer(const test_device *device, kith_status actual, kith_status expected,
                          const char *expression, const char *file, int line);

/* Assignments as a list that ends with NULL. */
#define DEVICE_LIST(...) ((const char *const[]){__VA_ARGS__, NULL})

/** Makes a record, or changes one, in a commit of its own; it must not be refused. */
#define device_add(device, kind, ...) device_add_list((device), (kind), DEVICE_LIST(__VA_ARGS__))
kith_id device_add_list(test_device *device, const char *kind, const char *const *assignments);
#define device_set(device, id, ...) device_set_list((device), (id), DEVICE_LIST(__VA_ARGS__))
void device_set_list(test_device *device, kith_id id, const char *const *assignments);

void device_remove(test_device *device, kith_id id);
void device_keep(test_device *device, kith_id id);
void device_settle(test_device *device, kith_id id, const char *field, const char *text);

/** Records that are enough for most tests. */
kith_id device_add_place(test_device *device, const char *name);
kith_id device_add_person(test_device *device, const char *name);

/** Puts a new record, or assignments to one, into an edit; faults become its problems. */
#define edit_create(device, edit, kind, ...) \
    edit_create_list((device), (edit), (kind), DEVICE_LIST(__VA_ARGS__))
uint32_t edit_create_list(test_device *device, kith_edit *edit, const char *kind,
                          const char *const *assignments);
uint32_t edit_open(test_device *device, kith_edit *edit, kith_id id);
void edit_assign(test_device *device, kith_edit *edit, uint32_t record, const char *assignment);

/** A new edit; free it with kith_edit_free(). */
kith_edit *device_edit(test_device *device);

/** Fails unless the edit has a problem with the field of the record, "" for the record as a whole,
 *  that says and accepts something with these words in it. */
#define assert_problem(edit, record, field, says, accepts) \
    edit_assert_problem((edit), (record), (field), (says), (accepts), __FILE__, __LINE__)
void edit_assert_problem(const kith_edit *edit, uint32_t record, const char *field,
                         const char *says, const char *accepts, const char *file, int line);

/** Fails unless a commit is refused for one problem, as above. */
#define assert_refused_for(device, edit, record, field, says, accepts)   \
    do {                                                                 \
        assert_answer((device), kith_edit_commit(edit), KITH_E_REFUSED); \
        assert_problem((edit), (record), (field), (says), (accepts));    \
        assert_int_equal(kith_edit_problem_count(edit), 1);              \
    } while (0)

/** A record as a newer version of the program writes it: neither kind, field nor the value's type
 *  need be known to the schema. */
kith_id device_add_newer(test_device *device, const char *kind, const char *field,
                         kith_value value);

/** What a field holds, a set's values with "; " between them; "" for nothing. Valid until the next
 *  call, as are the other texts. */
const char *device_text(test_device *device, kith_id id, const char *field);

/** The field's rivals, the one shown first; "" unless it is in conflict. */
const char *device_rivals(test_device *device, kith_id id, const char *field);

/** The record as JSON; "" if it is not here. */
const char *device_json(test_device *device, kith_id id);

#define assert_field(device, id, field, text) \
    assert_string_equal(device_text((device), (id), (field)), (text))

bool device_is_removed(test_device *device, kith_id id);
bool device_is_revived(test_device *device, kith_id id);

/** The figures and the check of a device, that must not fail. */
kith_replica_status device_status(test_device *device);
kith_check_report device_check(test_device *device, bool rebuild);

/** The device's space and what the device is in it; reading that must not fail. */
kith_space_status device_space(test_device *device);

/** Fails unless both have the same changes and the same records, which are those that their logs
 *  come to. */
void device_assert_same(test_device *a, test_device *b);

/** The same, and no segment is set aside at either. */
void device_assert_level(test_device *a, test_device *b);

/** A device's key as its space lists it; "" if it has no space. Valid until the next call. */
const char *device_key(test_device *device);

/** Has an admin take a device out of their space. */
kith_status device_revoke(test_device *admin, test_device *device);

/** Brings two devices to the same changes. */
void device_exchange(test_device *device, test_device *other);

/** The names of all places, in order, with "; " between them. */
const char *device_places(test_device *device);

/** The titles of a list's rows with "; " between them. Frees the list. */
const char *device_titles(kith_list *list);

#endif
