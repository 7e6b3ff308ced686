/* A fleet: five authors who write to a few records without always seeing each other, and replicas
 * that their changes are delivered to. One seed determines a whole history.
 *
 * A history is made causally: each author has a view, the changes that it has applied, writes
 * against that as core/engine/commit.c does, and now and then takes in the next changes of another
 * author. What those changes build on may still be missing, so that views are closed for each
 * author alone. Clocks are wrong by up to fifty years and jump.
 *
 * Dots and names in a history are the fleet's own ordinals; each replica gives out others.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_TESTS_PROP_FLEET_H
#define KITH_TESTS_PROP_FLEET_H

#include "harness.h"
#include "merge/state.h"

enum {
    FLEET_AUTHORS = 5,
    FLEET_RECORDS = 4,
    FLEET_CHANGES_MIN = 5,
    FLEET_CHANGES_MAX = 40,
    FLEET_CHANGES_ROOM = 80, /* with those that settle conflicts afterwards */
    FLEET_CORRECTIONS = 3,
    FLEET_VALUES = 4
};

/** Ordinals of the fleet's names. The odd field is one value to some programs, a set to others. */
enum {
    FLEET_KIND_FIRST = 1,
    FLEET_KIND_LAST = 2,
    FLEET_FIELD_FIRST = 3,
    FLEET_REGISTER_FIRST = FLEET_FIELD_FIRST,
    FLEET_REGISTER_LAST = 5,
    FLEET_SET_FIRST = 6,
    FLEET_SET_LAST = 7,
    FLEET_ODD = 8,
    FLEET_FIELD_LAST = FLEET_ODD,
    FLEET_NAMES = 9 /* with none */
};

/** How well its programs behave. */
typedef enum fleet_manner {
    FLEET_HONEST,
    FLEET_WRONG_PLACES /* some changes say that they replace what is elsewhere or nowhere */
} fleet_manner;

typedef struct fleet_change {
    kith_change change;
    uint64_t saw[FLEET_AUTHORS + 1]; /* how far its author had applied each author's changes */
} fleet_change;

typedef struct fleet_replica {
    kith_author authors[FLEET_AUTHORS + 1]; /* by this replica's ordinals; as are all below */
    kith_slice names[FLEET_NAMES];
    kith_correction corrections[FLEET_CORRECTIONS];
    size_t correction_count;
    uint32_t author_here[FLEET_AUTHORS + 1];  /* by the fleet's ordinal */
    uint32_t author_there[FLEET_AUTHORS + 1]; /* back */
    uint32_t name_here[FLEET_NAMES];
    kith_state records[FLEET_RECORDS]; /* in the fleet's order */
    bool has_record[FLEET_RECORDS];
} fleet_replica;

typedef struct fleet_history {
    kith_arena arena; /* of everything */
    test_random random;
    fleet_manner manner;
    uint32_t active_count; /* authors 1 to this write */
    fleet_change changes[FLEET_CHANGES_ROOM];
    size_t change_count;
    size_t by_number[FLEET_AUTHORS + 1][FLEET_CHANGES_ROOM + 1]; /* places in `changes` */
    uint64_t heads[FLEET_AUTHORS + 1];
    kith_dot records[FLEET_RECORDS];
    size_t record_count;
    kith_correction corrections[FLEET_CORRECTIONS];
    size_t correction_count;
    int64_t clock_fault_ms[FLEET_AUTHORS + 1];
    fleet_replica views[FLEET_AUTHORS + 1];
} fleet_history;

/** Makes the history that a seed determines. */
void fleet_init(fleet_history *fleet, uint64_t seed, fleet_manner manner);
void fleet_deinit(fleet_history *fleet);

/** One of the few values that fields hold. */
kith_value fleet_value(size_t index);

/** Which record a dot names, by the fleet's ordinals. */
size_t fleet_record_place(const fleet_history *fleet, kith_dot record);

/** Zeroed items that live as long as the fleet. */
void *fleet_array(fleet_history *fleet, size_t count, size_t item_size);

/** Gives an author everything there is. */
void fleet_catch_up(fleet_history *fleet, uint32_t author);

/** The author writes one value into a field, or none; or takes a value out of a set. False if that
 *  changes nothing. */
bool fleet_set(fleet_history *fleet, uint32_t author, size_t record, uint32_t field,
               kith_value value);
bool fleet_take(fleet_history *fleet, uint32_t author, size_t record, uint32_t field,
                kith_value value);

/** A replica that has nothing yet; its ordinals are shuffled. It has the fleet's corrections. */
void fleet_replica_init(fleet_history *fleet, fleet_replica *replica);

kith_known fleet_replica_known(const fleet_replica *replica);

/** How far the replica has applied an author's changes. */
uint64_t fleet_replica_head(const fleet_replica *replica, uint32_t author);

/** A change by the replica's ordinals, as the fleet's. */
kith_dot fleet_dot_there(const fleet_replica *replica, kith_dot dot);

/** Applies the author's next change. Returns which record it changed. */
size_t fleet_replica_apply(fleet_history *fleet, fleet_replica *replica, uint32_t author);

/** Packs a record and goes on with what unpacking gives. */
void fleet_replica_repack(fleet_history *fleet, fleet_replica *replica, size_t record);

/** Applies changes up to `heads`, authors interleaved at random; in groups with repacking between
 *  them if wanted. */
void fleet_replica_deliver(fleet_history *fleet, fleet_replica *replica,
                           const uint64_t heads[FLEET_AUTHORS + 1], bool in_groups);

/** Appends the canonical state of a record, or of all records that the replica has, by id. */
void fleet_replica_write_record(const fleet_replica *replica, size_t record, kith_buf *out);
void fleet_replica_write(const fleet_history *fleet, const fleet_replica *replica, kith_buf *out);

#endif
