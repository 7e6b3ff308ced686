/* SPDX-License-Identifier: Apache-2.0 */
#include "segment/predict.h"

/* In this order no room is lost between the members: a segment may have many. */
struct kith_predict_entry {
    kith_dot record;
    uint64_t number;    /* of the change that wrote it last; 0 if that took it away */
    kith_value element; /* none for a field of one value */
    uint32_t field;
};

kith_status kith_predictor_init(kith_predictor *predictor, kith_arena *arena, size_t op_count)
{
    size_t places = 2;
    while (places < 2 * op_count) {
        places *= 2;
    }
    *predictor = (kith_predictor){.place_count = places};
    predictor->places = kith_arena_array(arena, places, sizeof *predictor->places);
    predictor->entries = kith_arena_array(arena, op_count, sizeof *predictor->entries);
    bool has_both = predictor->places != NULL && predictor->entries != NULL;
    return has_both ? KITH_OK : KITH_E_MEMORY;
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

/* The entry for the place that `wanted` is about; a new one if there was none. */
static kith_predict_entry *find(kith_predictor *predictor, const kith_predict_entry *wanted)
{
    size_t mask = predictor->place_count - 1;
    size_t at = (size_t)hash_of(wanted) & mask;
    while (predictor->places[at] != 0) {
        kith_predict_entry *entry = &predictor->entries[predictor->places[at] - 1];
        if (is_same_place(entry, wanted)) {
            return entry;
        }
        at = (at + 1) & mask;
    }
    kith_predict_entry *entry = &predictor->entries[predictor->entry_count++];
    *entry = *wanted;
    predictor->places[at] = predictor->entry_count;
    return entry;
}

uint64_t kith_predict(kith_predictor *predictor, kith_dot record, const kith_op *op,
                      uint64_t number)
{
    bool is_element = op->action == KITH_ACTION_ADD || op->action == KITH_ACTION_REMOVE;
    kith_predict_entry wanted = {.record = record, .field = op->field};
    if (is_element) {
        wanted.element = op->value;
    }
    kith_predict_entry *entry = find(predictor, &wanted);
    uint64_t replaced = entry->number;
    entry->number = op->action == KITH_ACTION_REMOVE ? 0 : number;
    return replaced;
}
