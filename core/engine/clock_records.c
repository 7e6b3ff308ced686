/* Corrections of clocks: records of kind "clock" that devices write about themselves, so that
 * corrected times are the same on all replicas. SPDX-License-Identifier: Apache-2.0 */
#include "engine/clock_records.h"

#include "base/limits.h"

/* Smaller faults of a clock are not worth a record: people do not date things to the second. */
enum { OFFSET_MS_MIN = 2000 };

/* A number that the device itself wrote: others cannot say how wrong its clock was. */
static bool read_field(const kith_replica *replica, const kith_state *record, const char *name,
                       int64_t *number_out)
{
    uint32_t field = kith_directory_find_name(&replica->directory, kith_slice_of(name));
    const kith_cell *cell = field == 0 ? NULL : kith_state_find(record, field);
    for (size_t i = 0; cell != NULL && i < cell->head_count; i++) {
        const kith_head *head = &cell->heads[i];
        if (head->id.author == record->id.author && head->value.type == KITH_TYPE_INT) {
            *number_out = kith_value_integer(head->value);
            return true;
        }
    }
    return false;
}

/* False if the record says nothing that can be used. */
static bool read_correction(const kith_replica *replica, const kith_state *record,
                            kith_correction *correction_out)
{
    int64_t first = 0;
    int64_t last = 0;
    int64_t offset_ms = 0;
    bool is_whole = read_field(replica, record, "first", &first) &&
                    read_field(replica, record, "last", &last) &&
                    read_field(replica, record, "offset_ms", &offset_ms);
    *correction_out =
        (kith_correction){record->id.author, (uint64_t)first, (uint64_t)last, offset_ms};
    return is_whole && first > 0 && last >= first && offset_ms >= -2 * KITH_TIME_MS_MAX &&
           offset_ms <= 2 * KITH_TIME_MS_MAX;
}

static kith_status add_correction(void *user, kith_dot id)
{
    kith_replica *replica = user;
    kith_directory *directory = &replica->directory;
    kith_arena arena;
    kith_state record;
    kith_correction correction;
    uint32_t marks = 0;
    kith_arena_init(&arena, &replica->cx);
    kith_status status = kith_engine_read(replica, id, &arena, &record, &marks);
    bool counts = status == KITH_OK && (marks & KITH_MARK_REMOVED) == 0 &&
                  read_correction(replica, &record, &correction);
    kith_arena_deinit(&arena);
    if (!counts) {
        return status;
    }
    kith_correction *items =
        kith_grow(&replica->cx, directory->corrections, directory->correction_count,
                  &directory->correction_capacity, sizeof *items);
    KITH_ENSURE(items != NULL, KITH_E_MEMORY);
    items[directory->correction_count++] = correction;
    directory->corrections = items;
    return KITH_OK;
}

kith_status kith_engine_load_corrections(kith_replica *replica)
{
    replica->directory.correction_count = 0;
    return kith_engine_scan_ids(replica, KITH_SLICE("clock"), add_correction, replica);
}

static kith_status append_correction(kith_replica *replica, uint64_t first, uint64_t last,
                                     int64_t offset_ms)
{
    static const char *const names[] = {"first", "last", "offset_ms"};
    const int64_t numbers[] = {(int64_t)first, (int64_t)last, offset_ms};
    kith_op ops[KITH_ARRAY_LENGTH(names)] = {{0}};
    kith_change change = {.deed = KITH_DEED_CREATE, .ops = ops, .op_count = KITH_ARRAY_LENGTH(ops)};
    kith_commit commit = {.changes = &change, .change_count = 1};
    kith_arena arena;
    kith_arena_init(&arena, &replica->cx);
    kith_status status = kith_engine_name(replica, "clock", &change.kind);
    for (size_t i = 0; status == KITH_OK && i < KITH_ARRAY_LENGTH(ops); i++) {
        ops[i].action = KITH_ACTION_SET;
        status = kith_engine_name(replica, names[i], &ops[i].field);
        if (status == KITH_OK) {
            status = kith_value_of_integer(numbers[i], &arena, &ops[i].value);
        }
    }
    if (status == KITH_OK) {
        status = kith_engine_append(replica, &commit);
    }
    kith_arena_deinit(&arena);
    return status;
}

static uint64_t own_head(const kith_replica *replica)
{
    return replica->directory.authors[replica->directory.own].head;
}

static kith_status append_corrections(kith_replica *replica, int64_t true_ms)
{
    const kith_env *env = &replica->cx.env;
    int64_t wall_ms = env->wall_ms(env->user);
    int64_t offsets[KITH_CLOCK_RUNS_MAX];
    bool is_right = true;
    /* Since the last change the clock may have been set: most often by what tells the time now. */
    kith_clock_notice(&replica->clock, wall_ms, env->monotonic_ms(env->user),
                      own_head(replica) + 1);
    const kith_clock before = replica->clock;
    kith_clock_offsets(&before, true_ms, wall_ms, offsets);
    for (size_t i = 0; i < before.run_count; i++) {
        bool is_current = i + 1 == before.run_count;
        uint64_t last = is_current ? own_head(replica) : before.runs[i + 1].first - 1;
        is_right = offsets[i] > -OFFSET_MS_MIN && offsets[i] < OFFSET_MS_MIN;
        if (!is_right && last >= before.runs[i].first) {
            /* The current run's correction is made by the same clock and corrects itself too. */
            KITH_TRY(
                append_correction(replica, before.runs[i].first, last + is_current, offsets[i]));
        }
    }
    /* What follows in this run is as wrong as what came before it: a wrong clock's changes will
     * need another correction, a right one's are confirmed. */
    replica->is_touched = true;
    kith_clock_settle(&replica->clock, own_head(replica) + 1, is_right);
    return kith_engine_save_clock(replica);
}

kith_status kith_engine_learn_time(kith_replica *replica, int64_t true_ms)
{
    KITH_ENSURE(true_ms >= KITH_CLOCK_FLOOR_MS && true_ms <= KITH_TIME_MS_MAX,
                kith_fail(&replica->cx, KITH_E_ARGUMENT, "that time cannot be right"));
    KITH_TRY(kith_engine_begin(replica));
    kith_status status = append_corrections(replica, true_ms);
    if (status == KITH_OK) {
        status = kith_engine_load_corrections(replica);
    }
    return kith_engine_end(replica, status);
}
