/* Properties of core/merge/state.c and canonical.c on random histories (fleet.h), against an oracle
 * that is computed from the history alone: all writes without those that some write replaced.
 * SPDX-License-Identifier: Apache-2.0 */
#include "cases.h"
#include "fleet.h"

#include "base/limits.h"

enum { CASES = 10000 };

/* One field, or one element of a set, of one record. */
typedef struct place {
    size_t record;
    uint32_t field;
    kith_value element;
} place;

static bool writes_to(const fleet_history *fleet, const kith_change *change, const kith_op *op,
                      const place *at)
{
    bool is_element = op->action == KITH_ACTION_ADD || op->action == KITH_ACTION_REMOVE;
    kith_value element = is_element ? op->value : (kith_value){0};
    return op->field == at->field && kith_value_equal(element, at->element) &&
           kith_dot_equal(change->record, fleet->records[at->record]);
}

/* The change's operation on the place, or NULL. */
static const kith_op *find_op(const fleet_history *fleet, const kith_change *change,
                              const place *at)
{
    for (size_t i = 0; i < change->op_count; i++) {
        if (writes_to(fleet, change, &change->ops[i], at)) {
            return &change->ops[i];
        }
    }
    return NULL;
}

static bool names(const kith_dot *dots, size_t count, kith_dot dot)
{
    for (size_t i = 0; i < count; i++) {
        if (kith_dot_equal(dots[i], dot)) {
            return true;
        }
    }
    return false;
}

static bool is_delivered(const fleet_replica *replica, kith_dot dot)
{
    return dot.number <= fleet_replica_head(replica, dot.author);
}

static bool is_replaced(const fleet_history *fleet, const fleet_replica *replica, kith_dot write,
                        const place *at)
{
    for (size_t i = 0; i < fleet->change_count; i++) {
        const kith_change *change = &fleet->changes[i].change;
        const kith_op *op = find_op(fleet, change, at);
        if (op != NULL && is_delivered(replica, change->id) &&
            names(op->replaces, op->replaces_count, write)) {
            return true;
        }
    }
    return false;
}

/* The changes that stand at a place: the oracle's heads. Returns how many. */
static size_t standing(const fleet_history *fleet, const fleet_replica *replica, const place *at,
                       const kith_change *heads_out[FLEET_CHANGES_ROOM])
{
    size_t count = 0;
    for (size_t i = 0; i < fleet->change_count; i++) {
        const kith_change *change = &fleet->changes[i].change;
        const kith_op *op = find_op(fleet, change, at);
        if (op != NULL && op->action != KITH_ACTION_REMOVE && is_delivered(replica, change->id) &&
            !is_replaced(fleet, replica, change->id, at)) {
            heads_out[count++] = change;
        }
    }
    return count;
}

static const kith_cell *find_cell(const fleet_replica *replica, const place *at)
{
    const kith_cell *cell = kith_state_find_element(&replica->records[at->record],
                                                    replica->name_here[at->field], at->element);
    return cell == NULL || cell->head_count == 0 ? NULL : cell;
}

/* Calls a check for every place where something could stand. */
typedef void (*place_check)(fleet_history *fleet, const fleet_replica *replica, const place *at);

static void for_each_place(fleet_history *fleet, const fleet_replica *replica, place_check check)
{
    for (size_t record = 0; record < fleet->record_count; record++) {
        for (uint32_t field = FLEET_FIELD_FIRST; field <= FLEET_FIELD_LAST; field++) {
            if (!replica->has_record[record]) {
                continue;
            }
            place at = {.record = record, .field = field};
            check(fleet, replica, &at);
            for (size_t i = 0; i < FLEET_VALUES && field >= FLEET_SET_FIRST; i++) {
                at.element = fleet_value(i);
                check(fleet, replica, &at);
            }
        }
    }
}

static void random_heads(fleet_history *fleet, uint64_t heads_out[FLEET_AUTHORS + 1])
{
    for (uint32_t author = 0; author <= FLEET_AUTHORS; author++) {
        heads_out[author] = test_below(&fleet->random, fleet->heads[author] + 1);
    }
}

static void assert_same_state(const fleet_history *fleet, const fleet_replica *a,
                              const fleet_replica *b)
{
    kith_buf first;
    kith_buf second;
    kith_buf_init(&first, test_context(), KITH_RECORD_BYTES_MAX);
    kith_buf_init(&second, test_context(), KITH_RECORD_BYTES_MAX);
    fleet_replica_write(fleet, a, &first);
    fleet_replica_write(fleet, b, &second);
    assert_ok(kith_buf_status(&first));
    assert_ok(kith_buf_status(&second));
    assert_true(first.length > 0 || fleet->record_count == 0 || !a->has_record[0]);
    assert_true(kith_slice_equal(kith_buf_slice(&first), kith_buf_slice(&second)));
    kith_buf_deinit(&first);
    kith_buf_deinit(&second);
}

/* Three replicas, one of which packs, by their own orders to the same part of the history, then to
 * the whole of it. */
static void check_orders(uint64_t seed, fleet_manner manner)
{
    fleet_history fleet;
    fleet_replica replicas[3];
    uint64_t heads[FLEET_AUTHORS + 1];
    fleet_init(&fleet, seed, manner);
    random_heads(&fleet, heads);
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(replicas); i++) {
        fleet_replica_init(&fleet, &replicas[i]);
        fleet_replica_deliver(&fleet, &replicas[i], heads, i == 1);
        assert_same_state(&fleet, &replicas[0], &replicas[i]);
    }
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(replicas); i++) {
        fleet_replica_deliver(&fleet, &replicas[i], fleet.heads, i == 1);
        assert_same_state(&fleet, &replicas[0], &replicas[i]);
    }
    fleet_deinit(&fleet);
}

static void check_honest_orders(uint64_t seed)
{
    check_orders(seed, FLEET_HONEST);
}

static void test_merge__gives_one_state_in_any_order_and_grouping(void **state)
{
    (void)state;
    cases_run(CASES, check_honest_orders);
}

static void check_wrong_places(uint64_t seed)
{
    check_orders(seed, FLEET_WRONG_PLACES);
}

static void test_merge__gives_one_state_though_changes_name_wrong_places(void **state)
{
    (void)state;
    cases_run(CASES, check_wrong_places);
}

/* Stretches of authors' changes in any order, most of them known in part or too early: the replica
 * takes what comes next and drops the rest. */
static void deliver_again_and_again(fleet_history *fleet, fleet_replica *replica)
{
    for (size_t i = 0; i < 40; i++) {
        uint32_t author = 1 + (uint32_t)test_below(&fleet->random, FLEET_AUTHORS);
        uint64_t from = test_below(&fleet->random, fleet->heads[author] + 1);
        uint64_t to = from + test_below(&fleet->random, fleet->heads[author] - from + 1);
        for (uint64_t number = from + 1; number <= to; number++) {
            kith_known known = fleet_replica_known(replica);
            kith_dot dot = {replica->author_here[author], number};
            bool is_next = number == fleet_replica_head(replica, author) + 1;
            assert_int_equal(kith_known_has(&known, dot),
                             is_delivered(replica, (kith_dot){author, number}));
            if (is_next && !kith_known_has(&known, dot)) {
                (void)fleet_replica_apply(fleet, replica, author);
            }
        }
    }
}

static void check_duplicates(uint64_t seed)
{
    fleet_history fleet;
    fleet_replica plain;
    fleet_replica repeated;
    fleet_init(&fleet, seed, FLEET_HONEST);
    fleet_replica_init(&fleet, &plain);
    fleet_replica_init(&fleet, &repeated);
    fleet_replica_deliver(&fleet, &plain, fleet.heads, false);
    deliver_again_and_again(&fleet, &repeated);
    fleet_replica_deliver(&fleet, &repeated, fleet.heads, true);
    deliver_again_and_again(&fleet, &repeated);
    assert_same_state(&fleet, &plain, &repeated);
    fleet_deinit(&fleet);
}

static void test_merge__is_unmoved_by_what_is_delivered_twice(void **state)
{
    (void)state;
    cases_run(CASES, check_duplicates);
}

/* Whatever their `replaces` say: what an author had applied when it wrote does not stand. */
static void check_seen_at_place(fleet_history *fleet, const fleet_replica *replica, const place *at)
{
    const kith_cell *cell = find_cell(replica, at);
    for (size_t i = 0; cell != NULL && i < cell->head_count; i++) {
        kith_dot head = fleet_dot_there(replica, cell->heads[i].id);
        for (size_t j = 0; j < fleet->change_count; j++) {
            const fleet_change *later = &fleet->changes[j];
            bool saw = later->saw[head.author] >= head.number;
            assert_false(saw && find_op(fleet, &later->change, at) != NULL);
        }
    }
}

static void check_seen(uint64_t seed)
{
    fleet_history fleet;
    fleet_replica replica;
    fleet_init(&fleet, seed, FLEET_HONEST);
    fleet_replica_init(&fleet, &replica);
    fleet_replica_deliver(&fleet, &replica, fleet.heads, false);
    for_each_place(&fleet, &replica, check_seen_at_place);
    fleet_deinit(&fleet);
}

static void test_merge__never_shows_a_write_that_another_write_saw(void **state)
{
    (void)state;
    cases_run(CASES, check_seen);
}

static void check_heads_at_place(fleet_history *fleet, const fleet_replica *replica,
                                 const place *at)
{
    const kith_change *heads[FLEET_CHANGES_ROOM];
    size_t count = standing(fleet, replica, at, heads);
    const kith_cell *cell = find_cell(replica, at);
    assert_int_equal(cell == NULL ? 0 : cell->head_count, count);
    bool differ = false;
    for (size_t i = 0; i < count; i++) {
        const kith_op *op = find_op(fleet, heads[i], at);
        const kith_op *first = find_op(fleet, heads[0], at);
        const kith_head *merged = NULL;
        for (size_t j = 0; j < count; j++) {
            bool same = kith_dot_equal(fleet_dot_there(replica, cell->heads[j].id), heads[i]->id);
            merged = same ? &cell->heads[j] : merged;
        }
        assert_non_null(merged);
        assert_int_equal(kith_stamp_compare(merged->stamp, heads[i]->stamp), 0);
        assert_int_equal(merged->stamp.trust, heads[i]->stamp.trust);
        if (op->action != KITH_ACTION_ADD) {
            assert_true(kith_value_equal(merged->value, op->value));
            differ = differ || !kith_value_equal(op->value, first->value);
        }
    }
    if (cell != NULL) {
        assert_int_equal(kith_cell_in_conflict(cell), differ);
    }
}

static void check_heads(uint64_t seed)
{
    fleet_history fleet;
    fleet_replica replica;
    uint64_t heads[FLEET_AUTHORS + 1];
    fleet_init(&fleet, seed, seed % 4 == 0 ? FLEET_WRONG_PLACES : FLEET_HONEST);
    fleet_replica_init(&fleet, &replica);
    random_heads(&fleet, heads);
    fleet_replica_deliver(&fleet, &replica, heads, true);
    for_each_place(&fleet, &replica, check_heads_at_place);
    fleet_replica_deliver(&fleet, &replica, fleet.heads, false);
    for_each_place(&fleet, &replica, check_heads_at_place);
    fleet_deinit(&fleet);
}

static void test_merge__shows_all_writes_that_none_replaced_and_no_others(void **state)
{
    (void)state;
    cases_run(CASES, check_heads);
}

/* A removal counts until a removal or a keep replaces it. */
static bool counts(const fleet_history *fleet, const fleet_replica *replica,
                   const kith_change *removal)
{
    for (size_t i = 0; i < fleet->change_count; i++) {
        const kith_change *change = &fleet->changes[i].change;
        if (is_delivered(replica, change->id) && kith_dot_equal(change->record, removal->record) &&
            names(change->replaces, change->replaces_count, removal->id)) {
            return false;
        }
    }
    return removal->deed == KITH_DEED_REMOVE && is_delivered(replica, removal->id);
}

/* By what the authors of removals had applied, not by what the removals say. */
static bool is_covered(const fleet_history *fleet, const fleet_replica *replica,
                       const kith_change *change)
{
    for (size_t i = 0; i < fleet->change_count; i++) {
        const fleet_change *removal = &fleet->changes[i];
        bool saw = removal->saw[change->id.author] >= change->id.number ||
                   kith_dot_equal(removal->change.id, change->id);
        if (saw && kith_dot_equal(removal->change.record, change->record) &&
            counts(fleet, replica, &removal->change)) {
            return true;
        }
    }
    return false;
}

static void check_removal_of(const fleet_history *fleet, const fleet_replica *replica,
                             size_t record)
{
    size_t removals = 0;
    size_t uncovered = 0;
    for (size_t i = 0; i < fleet->change_count; i++) {
        const kith_change *change = &fleet->changes[i].change;
        if (kith_dot_equal(change->record, fleet->records[record]) &&
            is_delivered(replica, change->id)) {
            removals += counts(fleet, replica, change);
            uncovered += !is_covered(fleet, replica, change);
        }
    }
    const kith_state *state = &replica->records[record];
    assert_int_equal(state->removal_count, removals);
    assert_int_equal(kith_state_is_removed(state), removals > 0 && uncovered == 0);
    assert_int_equal(kith_state_is_revived(state), removals > 0 && uncovered > 0);
}

static void check_removals(uint64_t seed)
{
    fleet_history fleet;
    fleet_replica replica;
    uint64_t heads[FLEET_AUTHORS + 1];
    fleet_init(&fleet, seed, FLEET_HONEST);
    fleet_replica_init(&fleet, &replica);
    random_heads(&fleet, heads);
    for (size_t round = 0; round < 2; round++) {
        fleet_replica_deliver(&fleet, &replica, round == 0 ? heads : fleet.heads, round == 0);
        for (size_t i = 0; i < fleet.record_count; i++) {
            if (replica.has_record[i]) {
                check_removal_of(&fleet, &replica, i);
            }
        }
    }
    fleet_deinit(&fleet);
}

static void test_merge__removes_a_record_if_removals_saw_all_its_changes(void **state)
{
    (void)state;
    cases_run(CASES, check_removals);
}

static kith_stamp corrected(const fleet_history *fleet, const kith_change *change)
{
    kith_stamp stamp = change->stamp;
    for (size_t i = 0; i < fleet->correction_count; i++) {
        const kith_correction *correction = &fleet->corrections[i];
        if (correction->author == change->id.author && change->id.number >= correction->first &&
            change->id.number <= correction->last) {
            stamp.ms = change->stamp.ms + correction->offset_ms;
        }
    }
    return stamp;
}

static bool is_shown_before(const fleet_history *fleet, const fleet_replica *replica,
                            const kith_change *a, const kith_change *b)
{
    kith_known known = fleet_replica_known(replica);
    kith_stamp first = corrected(fleet, a);
    kith_stamp second = corrected(fleet, b);
    kith_dot first_here = {replica->author_here[a->id.author], a->id.number};
    kith_dot second_here = {replica->author_here[b->id.author], b->id.number};
    if (first.ms != second.ms) {
        return first.ms > second.ms;
    }
    if (first.counter != second.counter) {
        return first.counter > second.counter;
    }
    return kith_id_compare(kith_known_id(&known, first_here), kith_known_id(&known, second_here)) >
           0;
}

static void check_winner_at_place(fleet_history *fleet, const fleet_replica *replica,
                                  const place *at)
{
    const kith_change *heads[FLEET_CHANGES_ROOM];
    size_t count = standing(fleet, replica, at, heads);
    const kith_cell *cell = find_cell(replica, at);
    if (cell == NULL) {
        return;
    }
    const kith_change *best = heads[0];
    for (size_t i = 1; i < count; i++) {
        best = is_shown_before(fleet, replica, heads[i], best) ? heads[i] : best;
    }
    kith_known known = fleet_replica_known(replica);
    const kith_head *winner = kith_cell_winner(cell, &known);
    assert_true(count > 0);
    assert_true(kith_dot_equal(fleet_dot_there(replica, winner->id), best->id));
}

static void check_winners(uint64_t seed)
{
    fleet_history fleet;
    fleet_replica replicas[2];
    fleet_init(&fleet, seed, FLEET_HONEST);
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(replicas); i++) {
        fleet_replica_init(&fleet, &replicas[i]);
        fleet_replica_deliver(&fleet, &replicas[i], fleet.heads, i == 1);
        for_each_place(&fleet, &replicas[i], check_winner_at_place);
    }
    fleet_deinit(&fleet);
}

static void test_merge__shows_the_latest_by_corrected_time_on_every_replica(void **state)
{
    (void)state;
    cases_run(CASES, check_winners);
}

typedef struct conflict_list {
    bool is_in[FLEET_RECORDS][FLEET_FIELD_LAST + 1];
} conflict_list;

static conflict_list find_conflicts(const fleet_history *fleet, const fleet_replica *replica)
{
    conflict_list found = {{{false}}};
    for (size_t record = 0; record < fleet->record_count; record++) {
        for (uint32_t field = FLEET_REGISTER_FIRST; field <= FLEET_REGISTER_LAST; field++) {
            place at = {.record = record, .field = field};
            const kith_cell *cell = find_cell(replica, &at);
            found.is_in[record][field] = cell != NULL && kith_cell_in_conflict(cell);
        }
    }
    return found;
}

/* An author that has seen everything writes, its clock as wrong as ever. */
static void settle(fleet_history *fleet, uint32_t author, const conflict_list *conflicts)
{
    for (size_t record = 0; record < fleet->record_count; record++) {
        for (uint32_t field = FLEET_REGISTER_FIRST; field <= FLEET_REGISTER_LAST; field++) {
            kith_value value = fleet_value(test_below(&fleet->random, FLEET_VALUES));
            if (conflicts->is_in[record][field]) {
                assert_true(fleet_set(fleet, author, record, field, value));
            }
        }
    }
}

static void assert_settled(const fleet_history *fleet, const fleet_replica *replica,
                           uint32_t author, const conflict_list *settled)
{
    for (size_t record = 0; record < fleet->record_count; record++) {
        for (uint32_t field = FLEET_REGISTER_FIRST; field <= FLEET_REGISTER_LAST; field++) {
            place at = {.record = record, .field = field};
            const kith_cell *cell = find_cell(replica, &at);
            if (settled->is_in[record][field]) {
                assert_non_null(cell);
                assert_int_equal(cell->head_count, 1);
                assert_int_equal(fleet_dot_there(replica, cell->heads[0].id).author, author);
            }
            assert_false(cell != NULL && kith_cell_in_conflict(cell));
        }
    }
}

static void check_settled(uint64_t seed)
{
    fleet_history fleet;
    fleet_replica replica;
    fleet_replica late;
    fleet_init(&fleet, seed, FLEET_HONEST);
    uint32_t author = 1 + (uint32_t)test_below(&fleet.random, FLEET_AUTHORS);
    fleet_replica_init(&fleet, &replica);
    fleet_replica_init(&fleet, &late);
    fleet_replica_deliver(&fleet, &replica, fleet.heads, true);
    fleet_catch_up(&fleet, author);
    conflict_list conflicts = find_conflicts(&fleet, &replica);
    settle(&fleet, author, &conflicts);
    fleet_replica_deliver(&fleet, &replica, fleet.heads, true);
    fleet_replica_deliver(&fleet, &late, fleet.heads, false);
    assert_same_state(&fleet, &replica, &late);
    assert_settled(&fleet, &replica, author, &conflicts);
    fleet_deinit(&fleet);
}

static void test_merge__ends_a_conflict_by_a_write_that_saw_all_of_it(void **state)
{
    (void)state;
    cases_run(CASES, check_settled);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        property_test(test_merge__gives_one_state_in_any_order_and_grouping),
        property_test(test_merge__is_unmoved_by_what_is_delivered_twice),
        property_test(test_merge__never_shows_a_write_that_another_write_saw),
        property_test(test_merge__shows_all_writes_that_none_replaced_and_no_others),
        property_test(test_merge__removes_a_record_if_removals_saw_all_its_changes),
        property_test(test_merge__shows_the_latest_by_corrected_time_on_every_replica),
        property_test(test_merge__ends_a_conflict_by_a_write_that_saw_all_of_it),
        property_test(test_merge__gives_one_state_though_changes_name_wrong_places),
    };
    return cmocka_run_group_tests_name("prop/merge", tests, NULL, NULL);
}
