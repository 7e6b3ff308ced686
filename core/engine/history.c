/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/history.h"

#include <stdlib.h>

#include "engine/present.h"

/* What is shown of all records when no limit is given. */
enum { LATEST_DEFAULT = 50 };

struct kith_history {
    kith_replica *replica;
    kith_arena arena; /* holds all it points to */
    kith_history_entry *entries;
    size_t entry_count;
    size_t entry_capacity;
};

void kith_engine_history_free(kith_history *history)
{
    if (history != NULL) {
        kith_context *cx = history->arena.cx;
        kith_free(cx, history->entries);
        kith_arena_deinit(&history->arena);
        kith_free(cx, history);
    }
}

static kith_status copy_name(kith_history *history, uint32_t ordinal, const char **text_out)
{
    kith_slice copy;
    KITH_TRY(kith_arena_copy(&history->arena, history->replica->directory.names[ordinal], &copy));
    *text_out = (const char *)copy.data;
    return KITH_OK;
}

static kith_status kind_name(kith_history *history, kith_dot record, const char **text_out)
{
    uint32_t kind = 0;
    *text_out = "";
    kith_status status = kith_engine_peek(history->replica, record, &kind, NULL);
    KITH_ENSURE(status == KITH_OK, status == KITH_E_NOT_FOUND ? KITH_OK : status);
    return copy_name(history, kind, text_out);
}

static kith_status add_ops(kith_history *history, const kith_change *change,
                           kith_history_entry *entry)
{
    kith_history_op *ops = kith_arena_array(&history->arena, change->op_count, sizeof *ops);
    KITH_ENSURE(ops != NULL, KITH_E_MEMORY);
    for (size_t i = 0; i < change->op_count; i++) {
        const kith_op *op = &change->ops[i];
        ops[i].did = op->action; /* the numbers of kith_action are those of kith/history.h */
        KITH_TRY(copy_name(history, op->field, &ops[i].field));
        KITH_TRY(kith_present_value(op->value, &history->arena, &ops[i].text));
    }
    entry->ops = ops;
    entry->op_count = (uint32_t)change->op_count;
    return KITH_OK;
}

static kith_status add_entry(kith_history *history, const kith_commit *commit,
                             const kith_change *change)
{
    kith_replica *replica = history->replica;
    kith_history_entry *entries = kith_grow(&replica->cx, history->entries, history->entry_count,
                                            &history->entry_capacity, sizeof *entries);
    KITH_ENSURE(entries != NULL, KITH_E_MEMORY);
    history->entries = entries;
    kith_history_entry entry = {.id = kith_engine_id(replica, change->id),
                                .record = kith_engine_id(replica, change->record),
                                .did = change->deed,
                                .takes_back = commit->undoes != 0};
    KITH_TRY(
        kith_present_written(replica, change->id, change->stamp, &history->arena, &entry.written));
    KITH_TRY(kind_name(history, change->record, &entry.kind));
    KITH_TRY(add_ops(history, change, &entry));
    entries[history->entry_count++] = entry;
    return KITH_OK;
}

static kith_status add_record(kith_history *history, kith_dot id)
{
    kith_replica *replica = history->replica;
    kith_status status = KITH_OK;
    kith_state state;
    kith_commit commit;
    kith_arena states;
    kith_arena commits;
    kith_arena_init(&states, &replica->cx);
    kith_arena_init(&commits, &replica->cx);
    KITH_TRY_OUT(kith_engine_read(replica, id, &states, &state, NULL));
    for (size_t i = 0; i < state.changes.count; i++) {
        kith_dot dot = state.changes.items[i];
        kith_arena_reset(&commits);
        KITH_TRY_OUT(kith_log_read(&replica->log, dot, &commits, &commit));
        KITH_TRY_OUT(
            add_entry(history, &commit, &commit.changes[dot.number - commit.first.number]));
    }
out:
    kith_arena_deinit(&commits);
    kith_arena_deinit(&states);
    return status;
}

static kith_status add_commit(void *user, const kith_commit *commit, kith_arena *arena)
{
    (void)arena;
    for (size_t i = 0; i < commit->change_count; i++) {
        KITH_TRY(add_entry(user, commit, &commit->changes[i]));
    }
    return KITH_OK;
}

/* The last changes of each author hold the last of all. */
static kith_status add_latest(kith_history *history, size_t limit)
{
    kith_replica *replica = history->replica;
    for (uint32_t author = 1; author < replica->directory.author_count; author++) {
        uint64_t head = replica->directory.authors[author].head;
        uint64_t after = head > limit ? head - limit : 0;
        KITH_TRY(kith_log_scan(&replica->log, author, after, add_commit, history));
    }
    return KITH_OK;
}

static int latest_first(const void *a, const void *b)
{
    const kith_history_entry *first = a;
    const kith_history_entry *second = b;
    if (first->written.unix_ms != second->written.unix_ms) {
        return first->written.unix_ms > second->written.unix_ms ? -1 : 1;
    }
    return kith_id_compare(second->id, first->id);
}

kith_status kith_engine_history(kith_replica *replica, kith_dot id, size_t limit,
                                kith_history **history_out)
{
    *history_out = NULL;
    kith_history *history = kith_allocate(&replica->cx, sizeof *history);
    KITH_ENSURE(history != NULL, KITH_E_MEMORY);
    history->replica = replica;
    kith_arena_init(&history->arena, &replica->cx);
    bool all = id.author == 0;
    limit = limit == 0 && all ? LATEST_DEFAULT : limit;
    kith_status status = all ? add_latest(history, limit) : add_record(history, id);
    if (status != KITH_OK) {
        kith_engine_history_free(history);
        return status;
    }
    if (history->entry_count > 1) {
        qsort(history->entries, history->entry_count, sizeof *history->entries, latest_first);
    }
    if (limit > 0 && history->entry_count > limit) {
        history->entry_count = limit;
    }
    *history_out = history;
    return KITH_OK;
}

size_t kith_history_count(const kith_history *history)
{
    return history->entry_count;
}

const kith_history_entry *kith_history_entry_at(const kith_history *history, size_t index)
{
    return index < history->entry_count ? &history->entries[index] : NULL;
}
