/* SPDX-License-Identifier: Apache-2.0 */
#include "fleet.h"

enum { OPS_MAX = 16, YEARS_WRONG_MAX = 50 };

static const int64_t START_MS = INT64_C(1790000000000);
static const int64_t YEAR_MS = INT64_C(31556952000);

/* What the author of a change is writing; as the change builder of core/engine/commit.c. */
typedef struct draft {
    fleet_history *fleet;
    const fleet_replica *view;
    const kith_state *state; /* NULL for a new record */
    kith_op ops[OPS_MAX];
    size_t op_count;
} draft;

kith_value fleet_value(size_t index)
{
    /* A text, an integer, a type that only a newer version knows. */
    static const uint8_t one[] = {2};
    const kith_value values[FLEET_VALUES] = {{KITH_TYPE_TEXT, KITH_SLICE("a")},
                                             {KITH_TYPE_TEXT, KITH_SLICE("b")},
                                             {KITH_TYPE_INT, {one, sizeof one}},
                                             {99, KITH_SLICE("?")}};
    return values[index];
}

size_t fleet_record_place(const fleet_history *fleet, kith_dot record)
{
    size_t place = 0;
    while (place < fleet->record_count && !kith_dot_equal(fleet->records[place], record)) {
        place++;
    }
    return place;
}

void *fleet_array(fleet_history *fleet, size_t count, size_t item_size)
{
    void *items = kith_arena_array(&fleet->arena, count, item_size);
    assert_non_null(items);
    return items;
}

/* Drafts: what a write replaces is read off the view, as in core/engine/commit.c. */

static bool is_element_op(const kith_op *op)
{
    return op->action == KITH_ACTION_ADD || op->action == KITH_ACTION_REMOVE;
}

static void drop_earlier_op(draft *d, uint32_t field, kith_value element)
{
    for (size_t i = 0; i < d->op_count; i++) {
        kith_op *op = &d->ops[i];
        bool same = is_element_op(op) ? kith_value_equal(op->value, element)
                                      : element.type == KITH_TYPE_NONE;
        if (op->field == field && same) {
            d->op_count--;
            memmove(op, op + 1, (d->op_count - i) * sizeof *op);
            return;
        }
    }
}

static void add_op(draft *d, const kith_cell *cell, uint32_t field, kith_action action,
                   kith_value value)
{
    size_t count = cell == NULL ? 0 : cell->head_count;
    kith_dot *dots = fleet_array(d->fleet, count, sizeof *dots);
    for (size_t i = 0; i < count; i++) {
        dots[i] = fleet_dot_there(d->view, cell->heads[i].id);
    }
    assert_true(d->op_count < OPS_MAX);
    d->ops[d->op_count++] = (kith_op){field, (uint8_t)action, value, dots, count};
}

static void set_register(draft *d, uint32_t field, kith_value value)
{
    const kith_cell *cell =
        d->state == NULL ? NULL : kith_state_find(d->state, d->view->name_here[field]);
    drop_earlier_op(d, field, (kith_value){0});
    bool is_empty = cell == NULL || cell->head_count == 0;
    bool is_clear = value.type == KITH_TYPE_NONE;
    if ((is_empty && is_clear) || (!is_empty && !kith_cell_in_conflict(cell) &&
                                   kith_value_equal(cell->heads[0].value, value))) {
        return;
    }
    add_op(d, cell, field, is_clear ? KITH_ACTION_CLEAR : KITH_ACTION_SET, value);
}

static void set_element(draft *d, uint32_t field, kith_value value, bool present)
{
    const kith_cell *cell =
        d->state == NULL ? NULL
                         : kith_state_find_element(d->state, d->view->name_here[field], value);
    drop_earlier_op(d, field, value);
    bool is_present = cell != NULL && cell->head_count > 0;
    if (is_present != present) {
        add_op(d, cell, field, present ? KITH_ACTION_ADD : KITH_ACTION_REMOVE, value);
    }
}

/* The whole set becomes one value. */
static void replace_set(draft *d, uint32_t field, size_t kept)
{
    for (size_t i = 0; i < FLEET_VALUES; i++) {
        set_element(d, field, fleet_value(i), i == kept);
    }
}

static void draft_op(draft *d)
{
    test_random *random = &d->fleet->random;
    uint64_t fields = FLEET_FIELD_LAST - FLEET_FIELD_FIRST + 1;
    uint32_t field = FLEET_FIELD_FIRST + (uint32_t)test_below(random, fields);
    size_t value = test_below(random, FLEET_VALUES);
    bool is_set = field >= FLEET_SET_FIRST && field <= FLEET_SET_LAST;
    if (field == FLEET_ODD) {
        is_set = test_below(random, 2) == 0;
    }
    if (!is_set) {
        bool clears = test_below(random, 5) == 0;
        set_register(d, field, clears ? (kith_value){0} : fleet_value(value));
        return;
    }
    switch (test_below(random, 5)) {
    case 0:
        replace_set(d, field, value);
        break;
    case 1:
    case 2:
        set_element(d, field, fleet_value(value), false);
        break;
    default:
        set_element(d, field, fleet_value(value), true);
        break;
    }
}

/* Histories. */

static kith_stamp next_stamp(fleet_history *fleet, uint32_t author)
{
    test_random *random = &fleet->random;
    uint64_t span_ms = 2 * YEARS_WRONG_MAX * (uint64_t)YEAR_MS;
    if (test_below(random, 8) == 0) {
        bool is_right = test_below(random, 3) == 0;
        fleet->clock_fault_ms[author] =
            is_right ? 0 : (int64_t)test_below(random, span_ms) - YEARS_WRONG_MAX * YEAR_MS;
    }
    /* Steps this coarse let stamps of different authors tie. */
    int64_t now_ms = START_MS + (int64_t)(fleet->change_count / 4) * 1000;
    uint64_t trust = test_below(random, KITH_TRUST_CONFIRMED + 1);
    return (kith_stamp){now_ms + fleet->clock_fault_ms[author], (uint32_t)test_below(random, 2),
                        (uint8_t)trust};
}

/* The change is made: it joins the history and its author's view. */
static void publish(fleet_history *fleet, kith_change change)
{
    uint32_t author = change.id.author;
    fleet_change *made = &fleet->changes[fleet->change_count];
    bool same_commit = change.id.number > 1 && test_below(&fleet->random, 4) == 0;
    size_t before = fleet->by_number[author][change.id.number - 1];
    assert_true(fleet->change_count < FLEET_CHANGES_ROOM);
    change.stamp = same_commit ? fleet->changes[before].change.stamp : next_stamp(fleet, author);
    *made = (fleet_change){.change = change};
    for (uint32_t other = 1; other <= FLEET_AUTHORS; other++) {
        made->saw[other] = fleet_replica_head(&fleet->views[author], other);
    }
    if (change.deed == KITH_DEED_CREATE) {
        fleet->records[fleet->record_count++] = change.id;
    }
    fleet->by_number[author][change.id.number] = fleet->change_count++;
    fleet->heads[author]++;
    (void)fleet_replica_apply(fleet, &fleet->views[author], author);
}

/* A change that never was, is elsewhere, or is yet to come; of one's own only earlier ones. */
static const kith_dot *add_wrong_dot(fleet_history *fleet, kith_dot writer, const kith_dot *dots,
                                     size_t *count)
{
    kith_dot *more = fleet_array(fleet, *count + 1, sizeof *more);
    kith_dot wrong = {1 + (uint32_t)test_below(&fleet->random, FLEET_AUTHORS), 0};
    uint64_t bound = wrong.author == writer.author ? writer.number - 1 : 12;
    if (bound == 0) {
        return dots;
    }
    wrong.number = 1 + test_below(&fleet->random, bound);
    memcpy(more, dots, *count * sizeof *more);
    more[(*count)++] = wrong;
    return more;
}

static void name_wrong_places(fleet_history *fleet, kith_change *change, kith_op *ops)
{
    for (size_t i = 0; i < change->op_count; i++) {
        if (test_below(&fleet->random, 3) == 0) {
            ops[i].replaces =
                add_wrong_dot(fleet, change->id, ops[i].replaces, &ops[i].replaces_count);
        }
    }
    if (change->replaces != NULL && test_below(&fleet->random, 3) == 0) {
        change->replaces =
            add_wrong_dot(fleet, change->id, change->replaces, &change->replaces_count);
    }
    if (change->seen != NULL && test_below(&fleet->random, 3) == 0) {
        change->seen = add_wrong_dot(fleet, change->id, change->seen, &change->seen_count);
    }
}

static void publish_draft(fleet_history *fleet, kith_change change, draft *d)
{
    kith_op *ops = fleet_array(fleet, d->op_count, sizeof *ops);
    memcpy(ops, d->ops, d->op_count * sizeof *ops);
    change.ops = ops;
    change.op_count = d->op_count;
    if (fleet->manner == FLEET_WRONG_PLACES) {
        name_wrong_places(fleet, &change, ops);
    }
    publish(fleet, change);
}

static kith_change next_change(const fleet_history *fleet, uint32_t author, kith_deed deed)
{
    kith_dot id = {author, fleet->heads[author] + 1};
    return (kith_change){.id = id, .record = id, .deed = (uint8_t)deed};
}

static void create_record(fleet_history *fleet, uint32_t author)
{
    kith_change change = next_change(fleet, author, KITH_DEED_CREATE);
    draft d = {.fleet = fleet, .view = &fleet->views[author]};
    uint64_t kinds = FLEET_KIND_LAST - FLEET_KIND_FIRST + 1;
    change.kind = FLEET_KIND_FIRST + (uint32_t)test_below(&fleet->random, kinds);
    for (uint64_t count = test_below(&fleet->random, 4); count > 0; count--) {
        draft_op(&d);
    }
    publish_draft(fleet, change, &d);
}

static void remove_or_keep(fleet_history *fleet, uint32_t author, size_t record, kith_deed deed)
{
    const fleet_replica *view = &fleet->views[author];
    const kith_state *state = &view->records[record];
    kith_change change = next_change(fleet, author, deed);
    draft d = {.fleet = fleet, .view = view};
    kith_dot *replaces = fleet_array(fleet, state->removal_count, sizeof *replaces);
    kith_dot *seen = fleet_array(fleet, state->changes.count, sizeof *seen);
    change.record = fleet->records[record];
    for (size_t i = 0; i < state->removal_count; i++) {
        replaces[i] = fleet_dot_there(view, state->removals[i].id);
    }
    change.replaces = replaces;
    change.replaces_count = state->removal_count;
    if (deed == KITH_DEED_REMOVE) {
        change.seen_count = kith_state_frontier(state, seen);
        for (size_t i = 0; i < change.seen_count; i++) {
            seen[i] = fleet_dot_there(view, seen[i]);
        }
        change.seen = seen;
    }
    publish_draft(fleet, change, &d);
}

static bool publish_edit(fleet_history *fleet, uint32_t author, size_t record, draft *d)
{
    kith_change change = next_change(fleet, author, KITH_DEED_EDIT);
    change.record = fleet->records[record];
    if (d->op_count == 0) {
        return false;
    }
    publish_draft(fleet, change, d);
    return true;
}

static draft draft_of(fleet_history *fleet, uint32_t author, size_t record)
{
    const fleet_replica *view = &fleet->views[author];
    assert_true(view->has_record[record]);
    return (draft){.fleet = fleet, .view = view, .state = &view->records[record]};
}

bool fleet_set(fleet_history *fleet, uint32_t author, size_t record, uint32_t field,
               kith_value value)
{
    draft d = draft_of(fleet, author, record);
    set_register(&d, field, value);
    return publish_edit(fleet, author, record, &d);
}

bool fleet_take(fleet_history *fleet, uint32_t author, size_t record, uint32_t field,
                kith_value value)
{
    draft d = draft_of(fleet, author, record);
    set_element(&d, field, value, false);
    return publish_edit(fleet, author, record, &d);
}

/* An edit of a removed record is refused until it is kept, as the engine does. */
static void change_record(fleet_history *fleet, uint32_t author, size_t record)
{
    const kith_state *state = &fleet->views[author].records[record];
    uint64_t choice = test_below(&fleet->random, 8);
    if (kith_state_is_removed(state) || (choice == 0 && kith_state_is_revived(state))) {
        if (choice < 5) {
            remove_or_keep(fleet, author, record, KITH_DEED_KEEP);
        }
        return;
    }
    if (choice <= 1) {
        remove_or_keep(fleet, author, record, KITH_DEED_REMOVE);
        return;
    }
    draft d = draft_of(fleet, author, record);
    for (uint64_t count = 1 + test_below(&fleet->random, 3); count > 0; count--) {
        draft_op(&d);
    }
    (void)publish_edit(fleet, author, record, &d);
}

static void receive(fleet_history *fleet, uint32_t author)
{
    fleet_replica *view = &fleet->views[author];
    uint32_t other = 1 + (uint32_t)test_below(&fleet->random, fleet->active_count);
    uint64_t lacking = fleet->heads[other] - fleet_replica_head(view, other);
    if (lacking == 0) {
        return;
    }
    for (uint64_t count = 1 + test_below(&fleet->random, lacking); count > 0; count--) {
        (void)fleet_replica_apply(fleet, view, other);
    }
}

void fleet_catch_up(fleet_history *fleet, uint32_t author)
{
    fleet_replica_deliver(fleet, &fleet->views[author], fleet->heads, false);
}

static void act(fleet_history *fleet, uint32_t author)
{
    size_t record = test_below(&fleet->random, FLEET_RECORDS);
    if (test_below(&fleet->random, 3) == 0) {
        receive(fleet, author);
    } else if (record < fleet->record_count) {
        if (fleet->views[author].has_record[record]) {
            change_record(fleet, author, record);
        }
    } else if (fleet->record_count == 0 || test_below(&fleet->random, 4) == 0) {
        create_record(fleet, author);
    }
}

static void correct_clocks(fleet_history *fleet)
{
    test_random *random = &fleet->random;
    size_t count = test_below(random, FLEET_CORRECTIONS + 1);
    for (size_t i = 0; i < count; i++) {
        uint32_t author = 1 + (uint32_t)test_below(random, fleet->active_count);
        uint64_t first = 1 + test_below(random, fleet->heads[author] + 1);
        uint64_t last = first + test_below(random, 8);
        int64_t offset_ms = test_below(random, 3) == 0
                                ? (int64_t)test_below(random, 100) * YEAR_MS - 50 * YEAR_MS
                                : -fleet->clock_fault_ms[author];
        fleet->corrections[fleet->correction_count++] =
            (kith_correction){author, first, last, offset_ms};
    }
}

void fleet_init(fleet_history *fleet, uint64_t seed, fleet_manner manner)
{
    memset(fleet, 0, sizeof *fleet);
    fleet->random = test_random_of(seed);
    fleet->manner = manner;
    kith_arena_init(&fleet->arena, test_context());
    for (uint32_t author = 1; author <= FLEET_AUTHORS; author++) {
        fleet_replica_init(fleet, &fleet->views[author]);
    }
    uint64_t span = FLEET_CHANGES_MAX - FLEET_CHANGES_MIN + 1;
    size_t wanted = FLEET_CHANGES_MIN + test_below(&fleet->random, span);
    fleet->active_count = 2 + (uint32_t)test_below(&fleet->random, FLEET_AUTHORS - 1);
    while (fleet->change_count < wanted) {
        act(fleet, 1 + (uint32_t)test_below(&fleet->random, fleet->active_count));
    }
    correct_clocks(fleet);
}

void fleet_deinit(fleet_history *fleet)
{
    kith_arena_deinit(&fleet->arena);
}
