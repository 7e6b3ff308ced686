/* SPDX-License-Identifier: Apache-2.0 */
#include "segment/predict.h"

/* A segment may have many of them, and most fields have one value: elements stand apart. */
struct kith_predict_entry {
    uint64_t record; /* its number … */
    uint32_t author; /* … and author */
    uint32_t field;
    uint64_t number;  /* of the change that wrote it last; 0 if that took it away */
    uint32_t element; /* index of it and 1; 0 for a field of one value */
};

kith_status kith_predictor_init(kith_predictor *predictor, kith_arena *arena, size_t op_count,
                                size_t element_count)
{
    size_t places = 2;
    while (places < 2 * op_count) {
        places *= 2;
    }
    *predictor = (kith_predictor){.place_count = places};
    predictor->places = kith_arena_array(arena, places, sizeof *predictor->places);
    predictor->entries = kith_arena_array(arena, op_count, sizeof *predictor->entries);
    predictor->elements = kith_arena_array(arena, element_count, sizeof *predictor->elements);
    bool has_all =
        predictor->places != NULL && predictor->entries != NULL && predictor->elements != NULL;
    return has_all ? KITH_OK : KITH_E_MEMORY;
}

/* A field of a record, or an element of it. */
typedef struct place {
    kith_dot record;
    uint32_t field;
    kith_value element; /* none for a field of one value */
} place;

static uint64_t mix(uint64_t hash, uint64_t part)
{
    hash = (hash ^ part) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ hash >> 29;
}

static uint64_t hash_of(const place *wanted)
{
    uint64_t hash = mix(kith_dot_hash(wanted->record), wanted->field);
    hash = mix(hash, wanted->element.type);
    return mix(hash, kith_slice_hash(wanted->element.bytes));
}

static bool is_at(const kith_predictor *predictor, const kith_predict_entry *entry,
                  const place *wanted)
{
    kith_value element = {0};
    if (entry->element != 0) {
        element = predictor->elements[entry->element - 1];
    }
    return entry->record == wanted->record.number && entry->author == wanted->record.author &&
           entry->field == wanted->field && kith_value_equal(element, wanted->element);
}

static kith_predict_entry *add(kith_predictor *predictor, const place *wanted)
{
    kith_predict_entry *entry = &predictor->entries[predictor->entry_count++];
    *entry = (kith_predict_entry){
        .record = wanted->record.number, .author = wanted->record.author, .field = wanted->field};
    if (wanted->element.type != KITH_TYPE_NONE) {
        predictor->elements[predictor->element_count++] = wanted->element;
        entry->element = predictor->element_count;
    }
    return entry;
}

/* The entry for a place; a new one if there was none. */
static kith_predict_entry *find(kith_predictor *predictor, const place *wanted)
{
    size_t mask = predictor->place_count - 1;
    size_t at = (size_t)hash_of(wanted) & mask;
    while (predictor->places[at] != 0) {
        kith_predict_entry *entry = &predictor->entries[predictor->places[at] - 1];
        if (is_at(predictor, entry, wanted)) {
            return entry;
        }
        at = (at + 1) & mask;
    }
    kith_predict_entry *entry = add(predictor, wanted);
    predictor->places[at] = predictor->entry_count;
    return entry;
}

uint64_t kith_predict(kith_predictor *predictor, kith_dot record, const kith_op *op,
                      uint64_t number)
{
    place wanted = {.record = record, .field = op->field};
    if (kith_action_is_of_element(op->action)) {
        wanted.element = op->value;
    }
    kith_predict_entry *entry = find(predictor, &wanted);
    uint64_t replaced = entry->number;
    entry->number = op->action == KITH_ACTION_REMOVE ? 0 : number;
    return replaced;
}
