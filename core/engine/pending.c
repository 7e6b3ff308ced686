/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/pending.h"

#include <stdlib.h>

enum { FIRST_PLACES = 64 };

void kith_pending_init(kith_pending_set *set, kith_context *cx)
{
    *set = (kith_pending_set){.cx = cx};
}

void kith_pending_clear(kith_pending_set *set)
{
    for (size_t i = 0; i < set->count; i++) {
        kith_free(set->cx, set->items[i].state);
    }
    set->count = 0;
    set->state_bytes = 0;
    if (set->place_count > 0) {
        memset(set->places, 0, set->place_count * sizeof *set->places);
    }
}

void kith_pending_deinit(kith_pending_set *set)
{
    if (set->cx != NULL) {
        kith_pending_clear(set);
        kith_free(set->cx, set->items);
        kith_free(set->cx, set->places);
    }
    *set = (kith_pending_set){0};
}

/* Where the record's position stands, or the free place where it would go. */
static uint32_t *find_place(const kith_pending_set *set, kith_dot id)
{
    size_t mask = set->place_count - 1;
    size_t place = (size_t)kith_dot_hash(id) & mask;
    while (set->places[place] != 0 && !kith_dot_equal(set->items[set->places[place] - 1].id, id)) {
        place = (place + 1) & mask;
    }
    return &set->places[place];
}

static void place_all(kith_pending_set *set)
{
    memset(set->places, 0, set->place_count * sizeof *set->places);
    for (size_t i = 0; i < set->count; i++) {
        *find_place(set, set->items[i].id) = (uint32_t)i + 1;
    }
}

static kith_status grow_places(kith_pending_set *set)
{
    if (set->count * 2 < set->place_count) {
        return KITH_OK;
    }
    size_t count = set->place_count == 0 ? FIRST_PLACES : set->place_count * 2;
    uint32_t *places = kith_allocate_array(set->cx, count, sizeof *places);
    KITH_ENSURE(places != NULL, KITH_E_MEMORY);
    kith_free(set->cx, set->places);
    set->places = places;
    set->place_count = count;
    place_all(set);
    return KITH_OK;
}

kith_pending *kith_pending_find(const kith_pending_set *set, kith_dot id)
{
    uint32_t position = set->count == 0 ? 0 : *find_place(set, id);
    return position == 0 ? NULL : &set->items[position - 1];
}

static kith_status add_entry(kith_pending_set *set, kith_dot id, kith_pending **entry_out)
{
    KITH_TRY(grow_places(set));
    kith_pending *items = kith_grow(set->cx, set->items, set->count, &set->capacity, sizeof *items);
    KITH_ENSURE(items != NULL, KITH_E_MEMORY);
    set->items = items;
    uint32_t *place = find_place(set, id);
    items[set->count] = (kith_pending){.id = id};
    *entry_out = &items[set->count++];
    *place = (uint32_t)set->count;
    return KITH_OK;
}

kith_status kith_pending_put(kith_pending_set *set, kith_dot id, kith_slice state,
                             kith_pending **entry_out)
{
    kith_pending *entry = kith_pending_find(set, id);
    *entry_out = NULL;
    uint8_t *copy = kith_allocate(set->cx, state.length);
    KITH_ENSURE(copy != NULL, KITH_E_MEMORY);
    memcpy(copy, state.data, state.length);
    if (entry == NULL) {
        kith_status status = add_entry(set, id, &entry);
        if (status != KITH_OK) {
            kith_free(set->cx, copy);
            return status;
        }
    }
    set->state_bytes += state.length - entry->state_bytes;
    kith_free(set->cx, entry->state);
    entry->state = copy;
    entry->state_bytes = state.length;
    *entry_out = entry;
    return KITH_OK;
}

static int compare_ids(const void *a, const void *b)
{
    return kith_dot_compare(((const kith_pending *)a)->id, ((const kith_pending *)b)->id);
}

void kith_pending_sort(kith_pending_set *set)
{
    if (set->count > 1) {
        qsort(set->items, set->count, sizeof *set->items, compare_ids);
        place_all(set);
    }
}
