/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include <stdalign.h>

struct kith_arena_chunk {
    kith_arena_chunk *older;
    size_t size;
    alignas(max_align_t) uint8_t bytes[];
};

enum { FIRST_CHUNK_BYTES = 2048, LARGEST_STEP_BYTES = 32 * 1024 };

void kith_arena_init(kith_arena *arena, kith_context *cx)
{
    *arena = (kith_arena){.cx = cx};
}

static void free_chunks(kith_arena *arena, kith_arena_chunk *chunk)
{
    while (chunk != NULL) {
        kith_arena_chunk *older = chunk->older;
        kith_free(arena->cx, chunk);
        chunk = older;
    }
}

void kith_arena_deinit(kith_arena *arena)
{
    free_chunks(arena, arena->chunk);
    *arena = (kith_arena){.cx = arena->cx};
}

void kith_arena_reset(kith_arena *arena)
{
    if (arena->chunk != NULL) {
        /* Chunks only get larger, so the one in use is the one worth keeping. */
        free_chunks(arena, arena->chunk->older);
        arena->chunk->older = NULL;
    }
    arena->used = 0;
}

static kith_arena_chunk *add_chunk(kith_arena *arena, size_t needed)
{
    size_t size = arena->chunk == NULL ? FIRST_CHUNK_BYTES : arena->chunk->size * 2;
    if (size > LARGEST_STEP_BYTES) {
        size = arena->chunk->size > LARGEST_STEP_BYTES ? arena->chunk->size : LARGEST_STEP_BYTES;
    }
    size = size < needed ? needed : size;
    if (size > SIZE_MAX - sizeof(kith_arena_chunk)) {
        (void)kith_fail(arena->cx, KITH_E_MEMORY, "no memory for %zu bytes", size);
        return NULL;
    }
    kith_env *env = &arena->cx->env;
    kith_arena_chunk *chunk = env->reallocate(env->user, NULL, sizeof(kith_arena_chunk) + size);
    if (chunk == NULL) {
        (void)kith_fail(arena->cx, KITH_E_MEMORY, "no memory for %zu bytes", size);
        return NULL;
    }
    *chunk = (kith_arena_chunk){.older = arena->chunk, .size = size};
    arena->chunk = chunk;
    arena->used = 0;
    return chunk;
}

void *kith_arena_allocate(kith_arena *arena, size_t size)
{
    size_t step = alignof(max_align_t);
    if (size > SIZE_MAX - step) {
        (void)kith_fail(arena->cx, KITH_E_MEMORY, "no memory for %zu bytes", size);
        return NULL;
    }
    size_t bytes = (size + step - 1) / step * step;
    kith_arena_chunk *chunk = arena->chunk;
    if (chunk == NULL || bytes > chunk->size - arena->used) {
        chunk = add_chunk(arena, bytes);
        if (chunk == NULL) {
            return NULL;
        }
    }
    uint8_t *place = chunk->bytes + arena->used;
    arena->used += bytes;
    memset(place, 0, bytes);
    return place;
}

void *kith_arena_array(kith_arena *arena, size_t count, size_t item_size)
{
    if (item_size != 0 && count > SIZE_MAX / item_size) {
        (void)kith_fail(arena->cx, KITH_E_MEMORY, "no memory for %zu items", count);
        return NULL;
    }
    return kith_arena_allocate(arena, count * item_size);
}

void *kith_arena_grow(kith_arena *arena, void *items, size_t count, size_t *capacity,
                      size_t item_size)
{
    if (count < *capacity) {
        return items;
    }
    size_t wanted = *capacity < 8 ? 8 : *capacity * 2;
    void *grown = kith_arena_array(arena, wanted, item_size);
    if (grown == NULL) {
        return NULL;
    }
    if (count > 0) {
        memcpy(grown, items, count * item_size);
    }
    *capacity = wanted;
    return grown;
}

kith_status kith_arena_join(kith_arena *arena, const kith_slice *parts, size_t part_count,
                            kith_slice *joined_out)
{
    size_t length = 0;
    *joined_out = (kith_slice){NULL, 0};
    for (size_t i = 0; i < part_count; i++) {
        KITH_ENSURE(parts[i].length < SIZE_MAX - length,
                    kith_fail(arena->cx, KITH_E_MEMORY, "no memory for a copy"));
        length += parts[i].length;
    }
    uint8_t *joined = kith_arena_allocate(arena, length + 1);
    KITH_ENSURE(joined != NULL, KITH_E_MEMORY);
    *joined_out = (kith_slice){joined, length};
    for (size_t i = 0; i < part_count; i++) {
        if (parts[i].length > 0) {
            memcpy(joined, parts[i].data, parts[i].length);
        }
        joined += parts[i].length;
    }
    return KITH_OK;
}

kith_status kith_arena_copy(kith_arena *arena, kith_slice slice, kith_slice *copy_out)
{
    return kith_arena_join(arena, &slice, 1, copy_out);
}
