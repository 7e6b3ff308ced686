/* SPDX-License-Identifier: Apache-2.0 */
#include "segment/predict.h"

enum { FIRST_PLACES = 256 };

struct kith_predict_entry {
    bool is_used;
    kith_dot record;
    uint32_t field;
    kith_value element; /* none for a field of one value */
    uint64_t number;    /* of the change that wrote it last; 0 if that took it away */
};

void kith_predictor_init(kith_predictor *predictor, kith_arena *arena)
{
    *predictor = (kith_predictor){.arena = arena};
}

static uint64_t mix(uint64_t hash, uint64_t part)
{
    hash = (hash ^ part) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ hash >> 29;
}

static uint64_t hash_of(const kith_predict_entry *entry)
{
    uint64_t hash = mix(kith_dot_hash(entry->record), entry->field);
    hash = mix(hash, entry->element.type);
    return mix(hash, kith_slice_hash(entry->element.bytes));
}

static bool is_same_place(const kith_predict_entry *a, const kith_predict_entry *b)
{
    return kith_dot_equal(a->record, b->record) && a->field == b->field &&
           kith_value_equal(a->element, b->element);
}

static kith_predict_entry *find(const kith_predictor *predictor, const kith_predict_entry *wanted)
{
    size_t mask = predictor->entry_count - 1;
    size_t place = (size_t)hash_of(wanted) & mask;
    while (predictor->entries[place].is_used &&
           !is_same_place(&predictor->entries[place], wanted)) {
        place = (place + 1) & mask;
    }
    return &predictor->entries[place];
}

static kith_status grow(kith_predictor *predictor)
{
    if (predictor->used * 2 < predictor->entry_count) {
        return KITH_OK;
    }
    kith_predictor larger = {.arena = predictor->arena, .used = predictor->used};
    larger.entry_count = predictor->entry_count == 0 ? FIRST_PLACES : predictor->entry_count * 2;
    larger.entries = kith_arena_array(predictor->arena, larger.entry_count, sizeof *larger.entries);
    KITH_ENSURE(larger.entries != NULL, KITH_E_MEMORY);
    for (size_t i = 0; i < predictor->entry_count; i++) {
        if (predictor->entries[i].is_used) {
            *find(&larger, &predictor->entries[i]) = predictor->entries[i];
        }
    }
    *predictor = larger;
    return KITH_OK;
}

kith_status kith_predict(kith_predictor *predictor, kith_dot record, const kith_op *op,
                         uint64_t number, uint64_t *replaced_out)
{
    bool is_element = op->action == KITH_ACTION_ADD || op->action == KITH_ACTION_REMOVE;
    kith_predict_entry wanted = {.is_used = true, .record = record, .field = op->field};
    *replaced_out = 0;
    if (is_element) {
        wanted.element = op->value;
    }
    KITH_TRY(grow(predictor));
    kith_predict_entry *entry = find(predictor, &wanted);
    *replaced_out = entry->number;
    predictor->used += !entry->is_used;
    wanted.number = op->action == KITH_ACTION_REMOVE ? 0 : number;
    *entry = wanted;
    return KITH_OK;
}
