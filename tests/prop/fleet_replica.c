/* The replicas of a fleet (fleet.h). SPDX-License-Identifier: Apache-2.0 */
#include "fleet.h"

#include "base/limits.h"

static const char *const name_texts[FLEET_NAMES] = {"",     "person", "visit", "name", "age",
                                                    "note", "alias",  "risk",  "odd"};

static kith_author_id author_id(uint32_t author)
{
    /* Ids that differ late or early, and do not sort as the ordinals do. */
    kith_author_id id = {{7, 7, 7, 7, 7, 7, 7, 7, 7, 7}};
    id.bytes[author % 2 == 0 ? 0 : KITH_AUTHOR_BYTES - 1] = (uint8_t)(author * 101);
    return id;
}

static void shuffle(test_random *random, uint32_t *items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        items[i] = (uint32_t)i;
    }
    for (size_t i = count - 1; i > 1; i--) { /* nobody and none stay first */
        size_t other = 1 + test_below(random, i);
        uint32_t item = items[i];
        items[i] = items[other];
        items[other] = item;
    }
}

void fleet_replica_init(fleet_history *fleet, fleet_replica *replica)
{
    *replica = (fleet_replica){.correction_count = fleet->correction_count};
    shuffle(&fleet->random, replica->author_here, FLEET_AUTHORS + 1);
    shuffle(&fleet->random, replica->name_here, FLEET_NAMES);
    for (uint32_t author = 1; author <= FLEET_AUTHORS; author++) {
        uint32_t here = replica->author_here[author];
        replica->author_there[here] = author;
        replica->authors[here].id = author_id(author);
    }
    for (size_t name = 0; name < FLEET_NAMES; name++) {
        replica->names[replica->name_here[name]] = kith_slice_of(name_texts[name]);
    }
    for (size_t i = 0; i < fleet->correction_count; i++) {
        replica->corrections[i] = fleet->corrections[i];
        replica->corrections[i].author = replica->author_here[fleet->corrections[i].author];
    }
}

kith_known fleet_replica_known(const fleet_replica *replica)
{
    return (kith_known){replica->authors, FLEET_AUTHORS + 1, replica->corrections,
                        replica->correction_count};
}

uint64_t fleet_replica_head(const fleet_replica *replica, uint32_t author)
{
    return replica->authors[replica->author_here[author]].head;
}

kith_dot fleet_dot_there(const fleet_replica *replica, kith_dot dot)
{
    return (kith_dot){replica->author_there[dot.author], dot.number};
}

static kith_dot dot_here(const fleet_replica *replica, kith_dot dot)
{
    return (kith_dot){replica->author_here[dot.author], dot.number};
}

static const kith_dot *dots_here(fleet_history *fleet, const fleet_replica *replica,
                                 const kith_dot *dots, size_t count)
{
    kith_dot *here = fleet_array(fleet, count, sizeof *here);
    for (size_t i = 0; i < count; i++) {
        here[i] = dot_here(replica, dots[i]);
    }
    return here;
}

static kith_change change_here(fleet_history *fleet, const fleet_replica *replica,
                               kith_change change)
{
    kith_op *ops = fleet_array(fleet, change.op_count, sizeof *ops);
    for (size_t i = 0; i < change.op_count; i++) {
        ops[i] = change.ops[i];
        ops[i].field = replica->name_here[ops[i].field];
        ops[i].replaces = dots_here(fleet, replica, ops[i].replaces, ops[i].replaces_count);
    }
    change.id = dot_here(replica, change.id);
    change.record = dot_here(replica, change.record);
    change.kind = replica->name_here[change.kind];
    change.ops = ops;
    change.replaces = dots_here(fleet, replica, change.replaces, change.replaces_count);
    change.seen = dots_here(fleet, replica, change.seen, change.seen_count);
    return change;
}

size_t fleet_replica_apply(fleet_history *fleet, fleet_replica *replica, uint32_t author)
{
    kith_author *here = &replica->authors[replica->author_here[author]];
    const fleet_change *next = &fleet->changes[fleet->by_number[author][here->head + 1]];
    kith_change change = change_here(fleet, replica, next->change);
    size_t place = fleet_record_place(fleet, next->change.record);
    kith_known known = fleet_replica_known(replica);
    if (!replica->has_record[place]) {
        kith_state_init(&replica->records[place], &fleet->arena, change.record);
        replica->has_record[place] = true;
    }
    assert_ok(kith_state_apply(&replica->records[place], &change, &known));
    here->head++;
    return place;
}

void fleet_replica_repack(fleet_history *fleet, fleet_replica *replica, size_t record)
{
    kith_state *state = &replica->records[record];
    kith_buf packed;
    kith_slice copy;
    kith_buf_init(&packed, test_context(), KITH_RECORD_BYTES_MAX);
    kith_state_pack(state, &packed);
    assert_ok(kith_buf_status(&packed));
    assert_ok(kith_arena_copy(&fleet->arena, kith_buf_slice(&packed), &copy));
    kith_buf_deinit(&packed);
    assert_ok(kith_state_unpack(copy, &fleet->arena, state->id, state->kind, state));
}

static void repack_touched(fleet_history *fleet, fleet_replica *replica,
                           bool touched[FLEET_RECORDS])
{
    for (size_t i = 0; i < FLEET_RECORDS; i++) {
        if (touched[i]) {
            fleet_replica_repack(fleet, replica, i);
            touched[i] = false;
        }
    }
}

/* An author of whom the replica lacks changes up to `heads`, or 0. */
static uint32_t next_author(fleet_history *fleet, const fleet_replica *replica,
                            const uint64_t heads[FLEET_AUTHORS + 1])
{
    uint32_t first = (uint32_t)test_below(&fleet->random, FLEET_AUTHORS);
    for (uint32_t i = 0; i < FLEET_AUTHORS; i++) {
        uint32_t author = (first + i) % FLEET_AUTHORS + 1;
        if (fleet_replica_head(replica, author) < heads[author]) {
            return author;
        }
    }
    return 0;
}

void fleet_replica_deliver(fleet_history *fleet, fleet_replica *replica,
                           const uint64_t heads[FLEET_AUTHORS + 1], bool in_groups)
{
    bool touched[FLEET_RECORDS] = {false};
    uint32_t author = next_author(fleet, replica, heads);
    while (author != 0) {
        uint64_t run = 1 + test_below(&fleet->random, 4);
        for (; run > 0 && fleet_replica_head(replica, author) < heads[author]; run--) {
            touched[fleet_replica_apply(fleet, replica, author)] = true;
        }
        if (in_groups && test_below(&fleet->random, 2) == 0) {
            repack_touched(fleet, replica, touched);
        }
        author = next_author(fleet, replica, heads);
    }
    if (in_groups) {
        repack_touched(fleet, replica, touched);
    }
}

void fleet_replica_write_record(const fleet_replica *replica, size_t record, kith_buf *out)
{
    kith_known known = fleet_replica_known(replica);
    kith_state_write_canonical(&replica->records[record], &known, replica->names, out);
}

/* Records stand in the order in which they were made: few enough to look for the next id. */
void fleet_replica_write(const fleet_history *fleet, const fleet_replica *replica, kith_buf *out)
{
    kith_id last = {{0}};
    for (size_t round = 0; round < fleet->record_count; round++) {
        size_t best = fleet->record_count;
        kith_id best_id = {{0}};
        for (size_t i = 0; i < fleet->record_count; i++) {
            kith_id id =
                kith_id_make(author_id(fleet->records[i].author), fleet->records[i].number);
            bool later = round == 0 || kith_id_compare(id, last) > 0;
            if (later && (best == fleet->record_count || kith_id_compare(id, best_id) < 0)) {
                best = i;
                best_id = id;
            }
        }
        if (replica->has_record[best]) {
            fleet_replica_write_record(replica, best, out);
        }
        last = best_id;
    }
}
