/* SPDX-License-Identifier: Apache-2.0 */
#include "base/context.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

kith_status kith_context_init(kith_context *cx, const kith_env *env)
{
    memset(cx, 0, sizeof *cx);
    cx->env = kith_env_default();
    if (env == NULL) {
        return KITH_OK;
    }
    KITH_ENSURE(env->struct_size == sizeof *env,
                kith_fail(cx, KITH_E_ARGUMENT, "kith_env has an unknown size; use KITH_ENV_INIT"));
    cx->env.user = env->user;
    cx->env.storage = env->storage;
    if (env->wall_ms != NULL) {
        cx->env.wall_ms = env->wall_ms;
    }
    if (env->monotonic_ms != NULL) {
        cx->env.monotonic_ms = env->monotonic_ms;
    }
    if (env->random != NULL) {
        cx->env.random = env->random;
    }
    if (env->reallocate != NULL) {
        cx->env.reallocate = env->reallocate;
    }
    if (env->log != NULL) {
        cx->env.log = env->log;
    }
    return KITH_OK;
}

void kith_note(kith_context *cx, int32_t level, const char *format, ...)
{
    char line[256];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    cx->env.log(cx->env.user, level, line);
}

void *kith_allocate(kith_context *cx, size_t size)
{
    size_t bytes = size == 0 ? 1 : size;
    void *pointer = cx->env.reallocate(cx->env.user, NULL, bytes);
    if (pointer == NULL) {
        (void)kith_fail(cx, KITH_E_MEMORY, "no memory for %zu bytes", bytes);
        return NULL;
    }
    memset(pointer, 0, bytes);
    return pointer;
}

void *kith_allocate_array(kith_context *cx, size_t count, size_t item_size)
{
    if (item_size != 0 && count > SIZE_MAX / item_size) {
        (void)kith_fail(cx, KITH_E_MEMORY, "no memory for %zu items", count);
        return NULL;
    }
    return kith_allocate(cx, count * item_size);
}

void *kith_grow(kith_context *cx, void *items, size_t count, size_t *capacity, size_t item_size)
{
    if (count < *capacity) {
        return items;
    }
    size_t wanted = *capacity < 8 ? 8 : *capacity;
    while (wanted <= count && wanted <= SIZE_MAX / 2) {
        wanted *= 2;
    }
    void *grown = NULL;
    if (wanted > count && wanted <= SIZE_MAX / item_size) {
        grown = cx->env.reallocate(cx->env.user, items, wanted * item_size);
    }
    if (grown == NULL) {
        (void)kith_fail(cx, KITH_E_MEMORY, "no memory for %zu items", count + 1);
        return NULL;
    }
    *capacity = wanted;
    return grown;
}

void kith_free(kith_context *cx, void *pointer)
{
    if (pointer != NULL) {
        (void)cx->env.reallocate(cx->env.user, pointer, 0);
    }
}
